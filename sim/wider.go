package sim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"skylab/sim/machine"
	"skylab/sim/machine/shell"
	"skylab/sim/machine/tool"
)

// ErrWider is returned for what needs more than the lab's kit has. The lab is as
// it was before: one with the whole kit can do the same from there, to the byte.
var ErrWider = errors.New("this needs the wider lab")

// absent is told when something is reached that the lab's kit only names. It
// ends what is being done.
type absent struct {
	mu      sync.Mutex
	name    string // what was reached; "" for nothing
	cancels []context.CancelFunc
}

// need notes that something is not there, and ends all that is being done.
func (a *absent) need(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.name == "" {
		a.name = name
	}
	for _, cancel := range a.cancels {
		cancel()
	}
}

func (a *absent) reached() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.name != ""
}

// watch begins something that may reach what is not there; inner is true for
// what is done while something else waits. end tells whether it did.
func (a *absent) watch(ctx context.Context) (watched context.Context, inner bool, end func() bool) {
	ctx, cancel := context.WithCancel(ctx)
	a.mu.Lock()
	defer a.mu.Unlock()
	at := len(a.cancels)
	a.cancels = append(a.cancels, cancel)
	return ctx, at > 0, func() bool {
		cancel()
		a.mu.Lock()
		defer a.mu.Unlock()
		reached := a.name != ""
		a.cancels = slices.Delete(a.cancels, at, at+1)
		if at == 0 {
			a.name = ""
		}
		return reached
	}
}

// until passes on what is written until something is reached that is not there.
func (a *absent) until(w io.Writer) io.Writer { return untilAbsent{a, w} }

type untilAbsent struct {
	absent *absent
	w      io.Writer
}

func (u untilAbsent) Write(p []byte) (int, error) {
	if u.absent.reached() {
		return len(p), nil
	}
	return u.w.Write(p)
}

// programs are those of the kit; what it only names ends the command.
func (l *Lab) programs() []tool.Program {
	list := slices.Clone(l.kit.Programs)
	need := l.absent.need
	for i, p := range list {
		if p.Run == nil {
			list[i].Run = func(context.Context, *tool.Process) int {
				need(p.Name)
				return interrupted
			}
		}
	}
	return list
}

// shells are those of the kit with the names; what it only names ends the
// command, and cannot be started.
func (l *Lab) shells(names ...string) (list []machine.Shell) {
	for _, s := range l.kit.Shells {
		if !slices.Contains(names, s.Name) {
			continue
		}
		if s.Start == nil {
			s.Start = func(machine.ShellOptions) (shell.Session, error) { return nil, ErrWider }
			s.Main = func(context.Context, *machine.Machine, tool.User, *tool.Process) int {
				l.absent.need(s.Name)
				return interrupted
			}
		}
		list = append(list, s)
	}
	return list
}

// interrupted is the status of a program that was ended by Ctrl-C.
const interrupted = 130

// extraWider is where a lab keeps that it needed the whole kit once.
const extraWider = "wider"

// holdsAbsent tells whether a snapshot holds what the kit only names, or needed
// such a thing before.
func (l *Lab) holdsAbsent(s snapshot) bool {
	if _, before := s.Extra[extraWider]; before && !l.kit.Whole() {
		return true
	}
	for _, t := range l.kit.Types {
		if t.Serve != nil {
			continue
		}
		for _, r := range s.Cloud.ARM.Resources {
			if strings.EqualFold(r.Type, t.Namespace+"/"+t.Name) {
				return true
			}
		}
	}
	return false
}

// attempt does something, which can be taken back where undoable says so. If it
// reaches what is not there, the lab becomes what it was.
func (l *Lab) attempt(ctx context.Context, what string, undoable bool, do func(context.Context) error) error {
	if !undoable && l.kit.Whole() { // then nothing can be asked back
		return do(ctx)
	}
	before, err := l.moment()
	if err != nil {
		return fmt.Errorf("remember the lab before %q: %w", what, err)
	}
	undo, redo := slices.Clone(l.undo), slices.Clone(l.redo)
	if undoable {
		l.push(what, before)
	}
	ctx, inner, end := l.absent.watch(ctx)
	if err = do(ctx); !end() {
		return err
	}
	if !inner { // otherwise what it is part of becomes that
		if err := l.become(before); err != nil {
			return err
		}
		l.undo, l.redo = undo, redo
	}
	return ErrWider
}
