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
	now   Record
	watch func(Exchange)
}

// RingState is a ring as a snapshot keeps it. Dropped counts the exchanges that
// were recorded and are no longer there.
type RingState struct {
	Last      int        `json:"last"`
	Dropped   int        `json:"dropped"`
	Exchanges []Exchange `json:"exchanges"`
}

// Record is a ring at one moment, as cheap as its length: the exchanges are
// shared, for they never change.
type Record struct {
	Last, Dropped int
	Exchanges     []*Recorded // in the order of the ids
}

// Recorded is an exchange that has ended. It never changes.
type Recorded struct {
	Exchange
	once sync.Once
	text []byte
	err  error
}

// JSON returns the exchange as JSON, which must not be changed.
func (x *Recorded) JSON() ([]byte, error) {
	x.once.Do(func() {
		if x.text, x.err = json.Marshal(x.Exchange); x.err != nil {
			x.err = fmt.Errorf("write exchange %d: %w", x.ID, x.err)
		}
	})
	return x.text, x.err
}

// ReadRecorded reads an exchange from what [Recorded.JSON] returned, which must
// not be changed.
func ReadRecorded(text []byte) (*Recorded, error) {
	x := &Recorded{text: text}
	if err := json.Unmarshal(text, &x.Exchange); err != nil {
		return nil, fmt.Errorf("read an exchange: %w", err)
	}
	x.once.Do(func() {})
	return x, nil
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
	r.now.Last++
	return r.now.Last
}

// Add records an exchange that has ended, in the order of the ids.
func (r *Ring) Add(e Exchange) {
	r.mu.Lock()
	at := len(r.now.Exchanges)
	for at > 0 && r.now.Exchanges[at-1].ID > e.ID {
		at--
	}
	r.now.Exchanges = slices.Insert(r.now.Exchanges, at, &Recorded{Exchange: e})
	if over := len(r.now.Exchanges) - r.size; over > 0 {
		r.now.Dropped += over
		r.now.Exchanges = slices.Delete(r.now.Exchanges, 0, over)
	}
	watch := r.watch
	r.mu.Unlock()
	if watch != nil {
		watch(e)
	}
}

// Record returns the ring as it is now.
func (r *Ring) Record() Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now
	now.Exchanges = slices.Clone(now.Exchanges)
	return now
}

// SetRecord sets the ring to what it was at another moment.
func (r *Ring) SetRecord(to Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = to
	r.now.Exchanges = slices.Clone(to.Exchanges)
}

// State returns the ring as plain data; what it shares with the ring is never
// changed after it was recorded.
func (r *Ring) State() RingState {
	now := r.Record()
	s := RingState{Last: now.Last, Dropped: now.Dropped}
	for _, x := range now.Exchanges {
		s.Exchanges = append(s.Exchanges, x.Exchange)
	}
	return s
}

// Restore sets the ring to a saved state.
func (r *Ring) Restore(s RingState) {
	to := Record{Last: s.Last, Dropped: s.Dropped}
	for _, e := range s.Exchanges {
		to.Exchanges = append(to.Exchanges, &Recorded{Exchange: e})
	}
	r.SetRecord(to)
}

// JSON returns the record as a [RingState] is written.
func (c Record) JSON() ([]byte, error) {
	out := fmt.Appendf(nil, `{"last":%d,"dropped":%d,"exchanges":[`, c.Last, c.Dropped)
	for i, x := range c.Exchanges {
		text, err := x.JSON()
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, text...)
	}
	return append(out, "]}"...), nil
}

// Empty is the record without its exchanges, as if all of them had been dropped.
func (c Record) Empty() Record {
	return Record{Last: c.Last, Dropped: c.Dropped + len(c.Exchanges)}
}

// Last is the number of the exchange that began last.
func (r *Ring) Last() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now.Last
}

// Since returns the exchanges with an id above last, oldest first.
func (r *Ring) Since(last int) []Exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []Exchange
	for _, x := range r.now.Exchanges {
		if x.ID > last {
			out = append(out, x.Exchange)
		}
	}
	return out
}
