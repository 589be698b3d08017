package bash

import (
	"bufio"
	"context"
	"errors"
	"io"
	"sync"
	"syscall"
)

// turns lets the commands that run at the same time, such as those of a
// pipeline, work one after the other and in a fixed order: one goes on until it
// waits for another. So the same texts give the same bytes every time.
type turns struct {
	mu      sync.Mutex
	busy    bool            // somebody has the turn
	ready   []chan struct{} // who may go on, first come first served
	waiting []chan struct{} // who waits for another to do something
}

// take waits for the turn.
func (t *turns) take() {
	t.mu.Lock()
	if !t.busy {
		t.busy = true
		t.mu.Unlock()
		return
	}
	c := make(chan struct{})
	t.ready = append(t.ready, c)
	t.mu.Unlock()
	<-c
}

// leave gives the turn away for good.
func (t *turns) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.next()
}

// next gives the turn to whoever is ready first; mu is held.
func (t *turns) next() {
	if t.busy = len(t.ready) > 0; t.busy {
		close(t.ready[0])
		t.ready = t.ready[1:]
	}
}

// start runs f as one more command, when its turn comes.
func (t *turns) start(f func()) {
	c := make(chan struct{})
	t.mu.Lock()
	t.ready = append(t.ready, c)
	t.mu.Unlock()
	go func() {
		<-c
		defer t.leave()
		f()
	}()
}

// wake lets all who wait look again.
func (t *turns) wake() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ready = append(t.ready, t.waiting...)
	t.waiting = nil
	if !t.busy {
		t.next()
	}
}

// wait gives the turn to others until a condition holds or ctx ends.
func (t *turns) wait(ctx context.Context, done func() bool) error {
	if !done() && ctx.Err() == nil {
		defer context.AfterFunc(ctx, t.wake)()
	}
	for !done() {
		if err := ctx.Err(); err != nil {
			return err
		}
		c := make(chan struct{})
		t.mu.Lock()
		t.waiting = append(t.waiting, c)
		t.next()
		t.mu.Unlock()
		<-c
	}
	return nil
}

// pipeRoom is how many bytes a pipe holds, as on Linux.
const pipeRoom = 64 << 10

// pipe joins two commands.
type pipe struct {
	ctx      context.Context
	t        *turns
	buf      []byte
	sealed   bool // nobody writes any more
	deserted bool // nobody reads any more
}

// newPipe returns the two ends of a pipe.
func newPipe(ctx context.Context, t *turns) (r, w *file) {
	p := &pipe{ctx: ctx, t: t}
	r = &file{r: bufio.NewReader((*pipeReader)(p)), refs: 1, close: func() { p.deserted, p.buf = true, nil; t.wake() }}
	w = &file{w: (*pipeWriter)(p), refs: 1, close: func() { p.sealed = true; t.wake() }}
	return r, w
}

type (
	pipeReader pipe
	pipeWriter pipe
)

func (p *pipeReader) Read(b []byte) (int, error) {
	if err := p.t.wait(p.ctx, func() bool { return len(p.buf) > 0 || p.sealed }); err != nil {
		return 0, err
	}
	if len(p.buf) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.buf)
	p.buf = p.buf[n:]
	p.t.wake()
	return n, nil
}

// errPipe is what a command gets that writes to where nobody reads.
var errPipe error = syscall.EPIPE

func (p *pipeWriter) Write(b []byte) (int, error) {
	done := 0
	for done < len(b) {
		if err := p.t.wait(p.ctx, func() bool { return len(p.buf) < pipeRoom || p.deserted }); err != nil {
			return done, err
		}
		if p.deserted {
			return done, errPipe
		}
		n := min(pipeRoom-len(p.buf), len(b)-done)
		p.buf = append(p.buf, b[done:done+n]...)
		done += n
		p.t.wake()
	}
	return done, nil
}

// file is an open file of a shell, shared by those that have it open.
type file struct {
	r     *bufio.Reader // nil where it cannot be read
	w     io.Writer     // nil where it cannot be written
	tty   bool          // the person's terminal
	refs  int
	close func() // when the last has closed it; may be nil
}

func (f *file) retain() *file { f.refs++; return f }

func (f *file) release() {
	if f.refs--; f.refs == 0 && f.close != nil {
		f.close()
	}
}

var errBadFD = errors.New("Bad file descriptor") //lint:ignore ST1005 the system's own words

func (f *file) Write(p []byte) (int, error) {
	if f.w == nil {
		return 0, errBadFD
	}
	return f.w.Write(p)
}

func (f *file) Read(p []byte) (int, error) {
	if f.r == nil {
		return 0, errBadFD
	}
	return f.r.Read(p)
}

// ReadByte implements io.ByteReader.
func (f *file) ReadByte() (byte, error) {
	if f.r == nil {
		return 0, errBadFD
	}
	return f.r.ReadByte()
}
