package template

import (
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"skylab/sim/ojson"
)

// mix is the service's 64-bit hash: a Murmur of two halves with constants of its
// own (published with its source; checked against recorded values).
func mix(data []byte) uint64 {
	const c1, c2 = 597399067, 2869860233
	first := func(k uint32) uint32 { return bits.RotateLeft32(k*c1, 15) * c2 }
	second := func(k uint32) uint32 { return bits.RotateLeft32(k*c2, 17) * c1 }
	var h1, h2 uint32
	n := uint32(len(data))
	for ; len(data) >= 8; data = data[8:] {
		h1 ^= first(binary.LittleEndian.Uint32(data))
		h1 = (bits.RotateLeft32(h1, 19)+h2)*5 + 1444728091
		h2 ^= second(binary.LittleEndian.Uint32(data[4:]))
		h2 = (bits.RotateLeft32(h2, 13)+h1)*5 + 197830471
	}
	if len(data) > 0 {
		var rest [8]byte
		copy(rest[:], data)
		h1 ^= first(binary.LittleEndian.Uint32(rest[:]))
		if len(data) > 4 {
			h2 ^= second(binary.LittleEndian.Uint32(rest[4:]))
		}
	}
	last := func(h uint32) uint32 {
		h = (h ^ h>>16) * 2246822507
		h = (h ^ h>>13) * 3266489909
		return h ^ h>>16
	}
	h1, h2 = h1^n, h2^n
	h1 += h2
	h2 += h1
	h1, h2 = last(h1), last(h2)
	h1 += h2
	h2 += h1
	return uint64(h2)<<32 | uint64(h1)
}

// uniqueString is the hash of the strings, joined by hyphens, as 13 characters
// of base 32.
func uniqueString(parts []string) string {
	const digits = "abcdefghijklmnopqrstuvwxyz234567"
	h := mix([]byte(strings.Join(parts, "-")))
	var b strings.Builder
	for range 13 {
		b.WriteByte(digits[h>>59])
		h <<= 5
	}
	return b.String()
}

// guidNamespace is the namespace of the function guid (Microsoft's reference of
// the function): the names are UUIDs of version 5 in it.
var guidNamespace = []byte{0x11, 0xfb, 0x06, 0xfb, 0x71, 0x2d, 0x4d, 0xdd, 0x98, 0xc7, 0xe7, 0x1b, 0xbd, 0x58, 0x88, 0x30}

func guid(parts []string) string {
	h := sha1.New()
	h.Write(guidNamespace)
	h.Write([]byte(strings.Join(parts, "-")))
	b := h.Sum(nil)[:16]
	b[6] = b[6]&0x0f | 0x50
	b[8] = b[8]&0x3f | 0x80
	s := hex.EncodeToString(b)
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// Minify returns a template as its hash sees it: compact and in capitals.
func Minify(n *Node) (string, error) {
	b, err := ojson.Marshal(n.Plain())
	if err != nil {
		return "", fmt.Errorf("print a template: %w", err)
	}
	return strings.ToUpper(string(b)), nil
}

// Hash is the service's hash of a template, as the decimal number that it shows
// as templateHash.
func Hash(n *Node) (string, error) {
	s, err := Minify(n)
	if err != nil {
		return "", err
	}
	return strconv.FormatUint(mix([]byte(s)), 10), nil
}
