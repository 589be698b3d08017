package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"

	"golang.org/x/term"

	"skylab/sim"
	"skylab/sim/machine/shell"
)

// interact is a prompt in this terminal. What is typed while a command runs goes
// to the command; Ctrl-C ends the command and not the shell.
func interact(ctx context.Context, lab *sim.Lab, machine, shellName string, std streams) (int, error) {
	c, err := console(lab, machine, shellName)
	if err != nil {
		return 0, err
	}
	t := newTerminal(std.in)
	if t.fd >= 0 {
		ctx = context.WithoutCancel(ctx)
		interrupts := make(chan os.Signal, 1)
		signal.Notify(interrupts, os.Interrupt)
		defer signal.Stop(interrupts)
		t.interrupts = interrupts
	}
	fmt.Fprint(std.out, c.Banner())
	text, prompt, status := "", c.Session().Prompt(), 0
	for {
		fmt.Fprint(std.out, prompt)
		line, err := t.line(ctx)
		switch {
		case errors.Is(err, context.Canceled) && ctx.Err() == nil: // Ctrl-C: another prompt
			fmt.Fprintln(std.out)
			text, prompt, status = "", c.Session().Prompt(), 130
			continue
		case err != nil && line == "":
			fmt.Fprintln(std.out)
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return status, err
		}
		text += line
		if more, incomplete := c.Session().Incomplete(text); incomplete {
			text, prompt = text+"\n", more
			continue
		}
		r := t.run(ctx, func(ctx context.Context) shell.Result {
			return c.Run(ctx, text, shell.Streams{In: t.keyboard, Out: std.out, Err: std.err, Terminal: true, Columns: t.columns()})
		})
		status = r.Status
		if r.Exited {
			lab.Close(c.ID())
			return status, nil
		}
		if ctx.Err() != nil {
			return 130, nil
		}
		text, prompt = "", c.Session().Prompt()
	}
}

// console returns a console of a machine with a shell: the one that is there, or
// a new one.
func console(lab *sim.Lab, machine, shellName string) (*sim.Console, error) {
	if shellName == "" {
		return lab.At(machine)
	}
	for _, c := range lab.Consoles() {
		if c.Home() == machine && c.Depth() == 0 && c.Shell() == shellName {
			return c, nil
		}
	}
	return lab.OpenIn(machine, shellName)
}

// terminal is where the person types.
type terminal struct {
	keyboard   *shell.Keyboard
	fd         int // -1 where it is no terminal
	state      *term.State
	secret     atomic.Bool
	interrupts <-chan os.Signal
}

func newTerminal(in io.Reader) *terminal {
	t := &terminal{fd: -1}
	if f, ok := in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		t.fd = int(f.Fd())
		t.state, _ = term.GetState(t.fd)
	}
	lines := bufio.NewReader(in)
	t.keyboard = shell.NewKeyboard(func() (string, error) {
		if t.fd >= 0 && t.secret.Load() && lines.Buffered() == 0 {
			data, err := term.ReadPassword(t.fd)
			if err != nil {
				return "", err
			}
			return string(data) + "\n", nil
		}
		return lines.ReadString('\n')
	}, t.secret.Store)
	return t
}

// line reads a line at the prompt.
func (t *terminal) line(ctx context.Context) (string, error) {
	ctx, cancel := t.interruptible(ctx)
	defer cancel()
	defer t.keyboard.During(ctx)()
	line, err := t.keyboard.Line()
	return strings.TrimSuffix(line, "\r"), err
}

// run runs a command until it ends or is interrupted.
func (t *terminal) run(ctx context.Context, command func(context.Context) shell.Result) shell.Result {
	ctx, cancel := t.interruptible(ctx)
	defer cancel()
	r := command(ctx)
	if ctx.Err() != nil && t.state != nil { // what was to be hidden is not any more
		_ = term.Restore(t.fd, t.state)
	}
	return r
}

// interruptible returns a context that Ctrl-C ends.
func (t *terminal) interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if t.interrupts != nil {
		go func() {
			select {
			case <-t.interrupts:
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	return ctx, cancel
}

func (t *terminal) columns() int {
	if w, _, err := term.GetSize(t.fd); err == nil && w > 0 {
		return w
	}
	return 80
}
