package sim

import (
	"context"
	"fmt"
	"io"
	"slices"

	"skylab/sim/machine/portal/blade"
	"skylab/sim/machine/shell"
	"skylab/sim/view"
)

// maxUndo is how many steps back a lab remembers.
const maxUndo = 30

// step is something that can be taken back: what it was, and the lab before it.
type step struct {
	what   string
	before moment
	slot   int         // where the step is kept; 0 for nowhere yet
	record recordState // where its exchanges are, if it is kept
}

// Run runs a command text in the first console of a machine, wherever ssh has
// taken it; see [Lab.RunIn].
func (l *Lab) Run(ctx context.Context, machineName, text string, s shell.Streams) (shell.Result, error) {
	c, err := l.At(machineName)
	if err != nil {
		return shell.Result{}, err
	}
	return l.RunIn(ctx, c, text, s)
}

// RunIn runs a command text in a console and logs it. It can be undone. Its
// error is [ErrWider], and the lab as before, if the command needs more than the
// lab's kit has.
func (l *Lab) RunIn(ctx context.Context, c *Console, text string, s shell.Streams) (r shell.Result, err error) {
	id := c.ID()
	err = l.attempt(ctx, text, true, func(ctx context.Context) error {
		var out, errs head
		s.Out, s.Err = io.MultiWriter(&out, l.absent.until(orDiscard(s.Out))), io.MultiWriter(&errs, l.absent.until(orDiscard(s.Err)))
		first := l.ring.Last() + 1
		on := c.Machine()
		r = c.Run(ctx, text, s)
		l.log.add(view.Command{Console: id, Machine: on, Text: text, Status: r.Status, Stdout: out.String(), Stderr: errs.String(), First: first, Last: l.ring.Last()})
		if r.Exited {
			l.Close(id)
		}
		return l.provision()
	})
	return r, err
}

func orDiscard(w io.Writer) io.Writer {
	if w == nil {
		return io.Discard
	}
	return w
}

// head keeps the first bytes of what is written.
type head struct{ b []byte }

func (h *head) Write(p []byte) (int, error) {
	if room := maxLogged - len(h.b); room > 0 {
		h.b = append(h.b, p[:min(room, len(p))]...)
	}
	return len(p), nil
}

func (h *head) String() string { return string(h.b) }

// Click does something in the portal. Choosing a target can be undone. Its error
// is [ErrWider] as that of [Lab.RunIn].
func (l *Lab) Click(ctx context.Context, a blade.Action) (b blade.Blade, err error) {
	err = l.attempt(ctx, a.Target, a.Target != "", func(ctx context.Context) error {
		b, err = l.portal.Do(ctx, a)
		if err != nil {
			return err
		}
		return l.provision()
	})
	return b, err
}

// undoable does something that can be taken back if it succeeds.
func (l *Lab) undoable(what string, do func() error) error {
	before, err := l.moment()
	if err != nil {
		return fmt.Errorf("remember the lab before %q: %w", what, err)
	}
	if err := do(); err != nil {
		return err
	}
	l.push(what, before)
	return nil
}

// push makes what is done next something to take back.
func (l *Lab) push(what string, before moment) {
	l.undo = append(l.undo, step{what: what, before: before})
	if len(l.undo) > maxUndo {
		l.undo = slices.Delete(l.undo, 0, 1)
	}
	l.redo = nil
}

// Undo takes back the last command or click, the cloud included, and returns
// what it was; "" if there is nothing to take back.
func (l *Lab) Undo() (string, error) {
	before := l.consoles
	what, err := l.swap(&l.undo, &l.redo)
	if err != nil || what == "" {
		return what, err
	}
	// All that ran in a console opened since is undone: it is as when it opened.
	for _, c := range before {
		if _, ok := l.Console(c.id); !ok {
			if _, err := l.openAs(c.id, c.home, c.stack[0].login.Shell); err != nil {
				return what, err
			}
		}
	}
	return what, nil
}

// Redo does again what was taken back last.
func (l *Lab) Redo() (string, error) { return l.swap(&l.redo, &l.undo) }

func (l *Lab) swap(from, to *[]step) (string, error) {
	n := len(*from)
	if n == 0 {
		return "", nil
	}
	now, err := l.moment()
	if err != nil {
		return "", err
	}
	s := (*from)[n-1]
	undo, redo := l.undo, l.redo
	if err := l.become(s.before); err != nil {
		return "", err
	}
	l.undo, l.redo = undo, redo
	*from = (*from)[:n-1]
	*to = append(*to, step{what: s.what, before: now})
	return s.what, nil
}

// become makes the lab what it was once, without steps to take back.
func (l *Lab) become(m moment) error {
	loaded, err := m.lab(l.kit)
	if err != nil {
		return err
	}
	loaded.decoded = l.decoded
	*l = *loaded
	for _, c := range l.consoles {
		c.lab = l
	}
	return nil
}
