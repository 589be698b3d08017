// Package clock is the one source of time of a lab.
//
// A lab's clock is logical: it stands still until somebody advances it, so the
// same commands at the same instant give the same bytes. skylab cloud and live
// mode use the machine's time plus an offset instead. The package must not know
// what is being timed.
package clock

import (
	"context"
	"sync"
	"time"
)

// Clock tells and moves a lab's time. It is safe for concurrent use.
type Clock struct {
	mu     sync.Mutex
	now    time.Time     // the instant of a logical clock
	real   bool          // follow the machine's time
	offset time.Duration // added to the machine's time
}

// State is a logical clock as a snapshot keeps it.
type State struct {
	Now time.Time `json:"now"` // UTC
}

// New returns a logical clock that stands at the given instant.
func New(at time.Time) *Clock { return &Clock{now: at.UTC()} }

// Real returns a clock that follows the machine's time.
func Real() *Clock { return &Clock{real: true} }

// Now returns the current instant in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.real {
		return time.Now().UTC().Add(c.offset)
	}
	return c.now
}

// Advance moves the clock forward; a negative duration does nothing. On a real
// clock it grows the offset.
func (c *Clock) Advance(d time.Duration) {
	if d <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.real {
		c.offset += d
		return
	}
	c.now = c.now.Add(d)
}

// Spend accounts for work that took d in the simulated world. A logical clock
// advances; a real one does not, for real time passes by itself.
func (c *Clock) Spend(d time.Duration) {
	if !c.real {
		c.Advance(d)
	}
}

// Sleep lets d pass: at once on a logical clock, really on a real one. It
// returns the context's error when that ends first.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !c.real {
		c.Advance(d)
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// State returns the clock as plain data.
func (c *Clock) State() State { return State{Now: c.Now()} }

// Restore sets a logical clock to a saved state; a real clock keeps its time.
func (c *Clock) Restore(s State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = s.Now.UTC()
}
