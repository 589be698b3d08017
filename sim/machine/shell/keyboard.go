package shell

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"time"
)

// ErrTimeout is what a read gets that nobody answered in time.
var ErrTimeout = errors.New("nothing was typed in time")

// typed is a line with its end, or the end of the input (Ctrl-D).
type typed struct {
	text string
	err  error
}

// Keyboard is what the person at a terminal types, line by line. Programs read
// from it as from any input; it tells when one waits for a line. One command at
// a time reads.
type Keyboard struct {
	waits func(secret bool)
	more  func() (string, error)

	mu      sync.Mutex
	queue   []typed
	arrived chan struct{}
	asking  bool // more is being asked

	ctx     context.Context
	secret  bool
	timeout time.Duration
	timed   bool
	rest    string // of a line that was read in part
}

// NewKeyboard returns a keyboard. Each time a command begins to wait for a line,
// waits is called (secret: what is typed must not be shown); it may be nil.
// Lines come by [Keyboard.Type], or from more, which is called when one is
// wanted and none was typed ahead; it may be nil too.
func NewKeyboard(more func() (string, error), waits func(secret bool)) *Keyboard {
	return &Keyboard{waits: waits, more: more, arrived: make(chan struct{}, 1), ctx: context.Background()}
}

// Type gives a line, without its end.
func (k *Keyboard) Type(line string) { k.push(typed{text: line + "\n"}) }

// End is Ctrl-D: whoever reads next finds the end of its input, once.
func (k *Keyboard) End() { k.push(typed{err: io.EOF}) }

func (k *Keyboard) push(t typed) {
	k.mu.Lock()
	k.queue = append(k.queue, t)
	k.mu.Unlock()
	select {
	case k.arrived <- struct{}{}:
	default:
	}
}

// During makes reads end with ctx, until the function that it returns is called.
func (k *Keyboard) During(ctx context.Context) func() {
	old := k.ctx
	k.ctx = ctx
	return func() { k.ctx = old }
}

// Expect says how the next reads are to wait, until the function that it returns
// is called: secretly, and if timed for so long in real time.
func (k *Keyboard) Expect(secret bool, timeout time.Duration, timed bool) func() {
	k.secret, k.timeout, k.timed = secret, timeout, timed
	return func() { k.secret, k.timed = false, false }
}

// Read implements io.Reader; it returns no more than one line.
func (k *Keyboard) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if k.rest == "" {
		line, err := k.line()
		if line == "" {
			return 0, err
		}
		k.rest = line
	}
	n := copy(p, k.rest)
	k.rest = k.rest[n:]
	return n, nil
}

// Secret reads a line, without its end, that must not be shown.
func (k *Keyboard) Secret() (string, error) {
	defer k.Expect(true, 0, false)()
	return k.Line()
}

// Line reads a line without its end.
func (k *Keyboard) Line() (string, error) {
	line := k.rest
	k.rest = ""
	var err error
	if line == "" {
		line, err = k.line()
	}
	return strings.TrimSuffix(line, "\n"), err
}

// line waits for the next line, with its end.
func (k *Keyboard) line() (string, error) {
	var late <-chan time.Time
	for told := false; ; told = true {
		k.mu.Lock()
		if len(k.queue) > 0 {
			t := k.queue[0]
			k.queue = k.queue[1:]
			k.mu.Unlock()
			return t.text, t.err
		}
		ask := k.more != nil && !k.asking
		k.asking = k.asking || ask
		k.mu.Unlock()
		if err := k.ctx.Err(); err != nil {
			return "", err
		}
		if !told && k.waits != nil {
			k.waits(k.secret)
		}
		if ask {
			go func() {
				text, err := k.more()
				k.mu.Lock()
				k.asking = false
				k.mu.Unlock()
				if text != "" {
					k.push(typed{text: text})
				}
				if err != nil {
					k.push(typed{err: err})
				}
			}()
		}
		if k.timed && late == nil {
			t := time.NewTimer(k.timeout)
			defer t.Stop()
			late = t.C
		}
		select {
		case <-k.arrived:
		case <-k.ctx.Done():
			return "", k.ctx.Err()
		case <-late:
			return "", ErrTimeout
		}
	}
}
