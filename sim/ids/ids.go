// Package ids makes every identifier, key and name of a lab from its seed.
//
// Each use draws from a stream of its own name, so that drawing one more id in
// one place does not change the ids of another. The package must not know what
// its values stand for.
package ids

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"sync"
)

// Source is a seeded maker of identifiers. It is safe for concurrent use.
type Source struct {
	mu sync.Mutex
	st State
}

// State is a source as a snapshot keeps it: the seed and how many values each
// stream has given.
type State struct {
	Seed  string            `json:"seed"`
	Drawn map[string]uint64 `json:"drawn"`
}

// New returns a source for a seed; equal seeds give equal ids.
func New(seed string) *Source {
	return &Source{st: State{Seed: seed, Drawn: map[string]uint64{}}}
}

// State returns the source as plain data.
func (s *Source) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return State{Seed: s.st.Seed, Drawn: maps.Clone(s.st.Drawn)}
}

// Restore sets the source to a saved state.
func (s *Source) Restore(st State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.st = State{Seed: st.Seed, Drawn: maps.Clone(st.Drawn)}
	if s.st.Drawn == nil {
		s.st.Drawn = map[string]uint64{}
	}
}

// Bytes returns the next n bytes of a stream.
func (s *Source) Bytes(stream string, n int) []byte {
	s.mu.Lock()
	count := s.st.Drawn[stream]
	s.st.Drawn[stream] = count + 1
	seed := s.st.Seed
	s.mu.Unlock()
	return expand(seed, stream, count, n)
}

// Named returns n bytes that depend on the seed and the names alone: asking
// again gives the same bytes.
func (s *Source) Named(stream, name string, n int) []byte {
	s.mu.Lock()
	seed := s.st.Seed
	s.mu.Unlock()
	return expand(seed, stream+"\x00"+name, 0, n)
}

func expand(seed, label string, count uint64, n int) []byte {
	var out []byte
	for block := uint64(0); len(out) < n; block++ {
		h := hmac.New(sha256.New, []byte(seed))
		var b [16]byte
		binary.BigEndian.PutUint64(b[:8], count)
		binary.BigEndian.PutUint64(b[8:], block)
		h.Write(b[:])
		h.Write([]byte(label))
		out = h.Sum(out)
	}
	return out[:n]
}

// GUID returns the next GUID of a stream in lower case: version 4 by its form,
// though not random.
func (s *Source) GUID(stream string) string { return guid(s.Bytes(stream, 16)) }

// NamedGUID returns the GUID that belongs to a name; see [Source.Named].
func (s *Source) NamedGUID(stream, name string) string { return guid(s.Named(stream, name, 16)) }

func guid(b []byte) string {
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Hex returns the next n bytes of a stream as 2n lower-case hex digits.
func (s *Source) Hex(stream string, n int) string { return hex.EncodeToString(s.Bytes(stream, n)) }

// Base64URL returns the next n bytes of a stream as unpadded base64url.
func (s *Source) Base64URL(stream string, n int) string {
	return base64.RawURLEncoding.EncodeToString(s.Bytes(stream, n))
}

// Intn returns the next number of a stream, from 0 up to but not including n;
// n must be positive.
func (s *Source) Intn(stream string, n int) int {
	return int(binary.BigEndian.Uint64(s.Bytes(stream, 8)) % uint64(n))
}
