package exchange

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
)

// DefaultRing is how many exchanges a lab keeps.
const DefaultRing = 500

// Ring keeps the last exchanges of a lab. It is safe for concurrent use.
type Ring struct {
	mu    sync.Mutex
	size  int
	state RingState
	watch func(Exchange)
	// texts are exchanges as JSON, by id, once they were asked for: they never
	// change, and a lab is saved after each command.
	texts map[int][]byte
}

// RingState is a ring as a snapshot keeps it. Dropped counts the exchanges that
// were recorded and are no longer there.
type RingState struct {
	Last      int        `json:"last"`
	Dropped   int        `json:"dropped"`
	Exchanges []Exchange `json:"exchanges"`
}

// NewRing returns a ring of at most size exchanges; size must be positive.
func NewRing(size int) *Ring { return &Ring{size: size} }

// Watch calls f for each exchange when it has ended; nil stops that. f must not
// call the ring.
func (r *Ring) Watch(f func(Exchange)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.watch = f
}

// NextID reserves the number of an exchange that begins now.
func (r *Ring) NextID() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state.Last++
	return r.state.Last
}

// Add records an exchange that has ended, in the order of the ids.
func (r *Ring) Add(e Exchange) {
	r.mu.Lock()
	at := len(r.state.Exchanges)
	for at > 0 && r.state.Exchanges[at-1].ID > e.ID {
		at--
	}
	r.state.Exchanges = slices.Insert(r.state.Exchanges, at, e)
	if over := len(r.state.Exchanges) - r.size; over > 0 {
		r.state.Dropped += over
		for _, gone := range r.state.Exchanges[:over] {
			delete(r.texts, gone.ID)
		}
		r.state.Exchanges = slices.Delete(r.state.Exchanges, 0, over)
	}
	watch := r.watch
	r.mu.Unlock()
	if watch != nil {
		watch(e)
	}
}

// State returns the ring as plain data; what it shares with the ring is never
// changed after it was recorded.
func (r *Ring) State() RingState {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.state
	s.Exchanges = slices.Clone(s.Exchanges)
	return s
}

// Restore sets the ring to a saved state.
func (r *Ring) Restore(s RingState) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state = s
	r.state.Exchanges, r.texts = slices.Clone(s.Exchanges), nil
}

// JSON returns [Ring.State] as JSON.
func (r *Ring) JSON() ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.texts == nil {
		r.texts = map[int][]byte{}
	}
	out := fmt.Appendf(nil, `{"last":%d,"dropped":%d,"exchanges":[`, r.state.Last, r.state.Dropped)
	for i, e := range r.state.Exchanges {
		text := r.texts[e.ID]
		if text == nil {
			var err error
			if text, err = json.Marshal(e); err != nil {
				return nil, fmt.Errorf("write exchange %d: %w", e.ID, err)
			}
			r.texts[e.ID] = text
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, text...)
	}
	return append(out, "]}"...), nil
}

// Since returns the exchanges with an id above last, oldest first.
func (r *Ring) Since(last int) []Exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []Exchange
	for _, e := range r.state.Exchanges {
		if e.ID > last {
			out = append(out, e)
		}
	}
	return out
}
