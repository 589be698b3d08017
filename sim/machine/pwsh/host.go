package pwsh

import (
	"context"
	"errors"
	"io"
	"runtime"
	"time"
)

// maxOutput bounds what one command text may print, in bytes; maxHeap is how
// much memory, in bytes, the whole program may take before a command is ended.
const (
	maxOutput = 8 << 20
	maxHeap   = 1 << 30
)

// A command works for yieldEvery and then parks for pause, of real time.
const (
	yieldEvery = 16 * time.Millisecond
	pause      = time.Millisecond
)

var (
	errFlooded = errors.New("too much output")
	errMemory  = errors.New("too much memory")
)

// limiter bounds what one text does: its output, its memory, and its time
// between two moments at which the rest of the program can run.
type limiter struct {
	used    int
	flooded bool
	last    time.Time
}

// of returns a bounded writer of text.
func (l *limiter) of(w io.Writer) func(string) {
	return func(t string) {
		if l.flooded {
			return
		}
		if l.used += len(t); l.used > maxOutput {
			l.flooded = true
			return
		}
		_, _ = io.WriteString(w, t) // nobody can be told
	}
}

// yield is powershell.Config.Yield.
func (s *Session) yield(ctx context.Context) error {
	l := s.limit
	if l == nil {
		return ctx.Err()
	}
	if l.flooded {
		return errFlooded
	}
	if time.Since(l.last) > yieldEvery {
		// A sleep, for a timer that has already run out does not park.
		time.Sleep(pause)
		var m runtime.MemStats
		if runtime.ReadMemStats(&m); m.HeapAlloc > maxHeap { // much of it may be long done with
			runtime.GC()
			if runtime.ReadMemStats(&m); m.HeapAlloc > maxHeap {
				return errMemory
			}
		}
		l.last = time.Now()
	}
	return ctx.Err()
}

// host is the console as PowerShell sees it.
type host struct{ s *Session }

// Interactive implements powershell.Host.
func (h host) Interactive() bool { return h.s.o.Interactive && h.s.keyboard != nil }

// Width implements powershell.Host.
func (h host) Width() int { return h.s.width() }

// ReadLine implements powershell.Host.
func (h host) ReadLine(prompt string, secret bool) (string, error) {
	if h.s.keyboard == nil {
		return "", io.EOF
	}
	_, _ = io.WriteString(orDiscard(h.s.streams.Out), prompt)
	if secret {
		return h.s.keyboard.Secret()
	}
	return h.s.keyboard.Line()
}

// Clear implements powershell.Host.
func (h host) Clear() { h.s.clear = true }
