package sim

import (
	"io"
	"sync"
	"time"
	"unicode/utf8"

	"skylab/sim/labapi"
)

// printer sends what a command prints in pieces: one for each write would cost
// a message a line. Both of the command's streams go through it, in order.
type printer struct {
	s       *Service
	console string

	mu      sync.Mutex
	to      string // the stream of what waits
	waiting []byte
	timer   *time.Timer
}

// A piece is sent when it has this many bytes or waited this long.
const (
	pieceSize = 32 << 10
	pieceWait = 20 * time.Millisecond
)

// writer is one stream of a printer.
type writer struct {
	p    *printer
	name string
}

func (p *printer) stream(name string) io.Writer { return writer{p, name} }

func (w writer) Write(b []byte) (int, error) {
	p := w.p
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.to != w.name {
		p.send(len(p.waiting))
		p.to = w.name
	}
	p.waiting = append(p.waiting, b...)
	if len(p.waiting) >= pieceSize {
		p.send(whole(p.waiting))
	} else if p.timer == nil {
		p.timer = time.AfterFunc(pieceWait, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.send(whole(p.waiting))
		})
	}
	return len(b), nil
}

// flush sends all that waits: at the command's end, and before it asks for
// something.
func (p *printer) flush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.send(len(p.waiting))
}

// send sends the first n bytes. The printer is locked.
func (p *printer) send(n int) {
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	if n == 0 {
		return
	}
	text := string(p.waiting[:n])
	p.waiting = append(p.waiting[:0], p.waiting[n:]...)
	p.s.printed(p.console, p.to, text)
	p.s.send(labapi.Message{Event: &labapi.Event{Output: &labapi.Output{Console: p.console, Stream: p.to, Text: text}}})
}

// whole is how many bytes of a text end with a whole character.
func whole(b []byte) int {
	for n := 1; n <= min(len(b), utf8.UTFMax-1); n++ {
		if c := b[len(b)-n]; utf8.RuneStart(c) {
			if !utf8.FullRune(b[len(b)-n:]) {
				return len(b) - n
			}
			break
		}
	}
	return len(b)
}
