// Package edition tells whether data changed since it was last written as JSON, so
// that a snapshot costs what changed and not what there is. It must not know whose
// data it is.
package edition

import (
	"encoding/json"
	"sync"
	"sync/atomic"
)

// Mutex counts how often it was locked for writing: what it guards is the same as
// long as the count is.
type Mutex struct {
	sync.RWMutex
	count atomic.Uint64
}

// Lock locks for writing.
func (m *Mutex) Lock() {
	m.RWMutex.Lock()
	m.count.Add(1)
}

// Edition is the count.
func (m *Mutex) Edition() uint64 { return m.count.Load() }

// Text is what a Mutex guards, as JSON.
type Text struct {
	mu   sync.Mutex
	at   uint64
	text []byte
}

// JSON writes what state returns, or returns what it wrote before if that is
// still the same. state takes the lock itself. The result must not be changed.
func (t *Text) JSON(m *Mutex, state func() any) ([]byte, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	// A change that comes while the state is read is written the next time.
	at := m.Edition()
	if t.text != nil && t.at == at {
		return t.text, nil
	}
	text, err := json.Marshal(state())
	if err != nil {
		return nil, err
	}
	t.at, t.text = at, text
	return text, nil
}
