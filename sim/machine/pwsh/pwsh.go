// Package pwsh is PowerShell on a simulated machine: Windows PowerShell 5.1
// ("powershell") on Windows, PowerShell 7 ("pwsh") on Linux. The language is
// package powershell's; this package gives it the machine's files, card, clock,
// programs and the console. It must not know consoles' stacks, lessons or the
// cloud.
package pwsh

import (
	"bufio"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"

	"skylab/sim/machine"
	"skylab/sim/machine/powershell"
	"skylab/sim/machine/powershell/cmdlet"
	"skylab/sim/machine/powershell/complete"
	"skylab/sim/machine/powershell/format"
	"skylab/sim/machine/shell"
	"skylab/sim/machine/tool"
)

// Shells are both editions as kinds of shells.
func Shells() []machine.Shell {
	return []machine.Shell{kind("pwsh", powershell.Core), kind("powershell", powershell.Desktop)}
}

func kind(name string, edition powershell.Edition) machine.Shell {
	return machine.Shell{
		Name:    name,
		Start:   func(o machine.ShellOptions) (shell.Session, error) { return newSession(o, edition), nil },
		Program: program(name, edition),
		Main: func(ctx context.Context, m *machine.Machine, u tool.User, p *tool.Process) int {
			return run(ctx, name, edition, m, u, p)
		},
	}
}

// Session is one PowerShell at work. It implements shell.Session.
type Session struct {
	o       machine.ShellOptions
	m       *machine.Machine
	edition powershell.Edition
	ps      *powershell.Session
	history []string

	// Of the text that runs.
	streams  shell.Streams
	keyboard *shell.Keyboard
	limit    *limiter
	errs     func(string)
	clear    bool
	login    *tool.Login
}

func newSession(o machine.ShellOptions, edition powershell.Edition) *Session {
	s := &Session{o: o, m: o.Machine, edition: edition}
	home, dir := s.own(o.User.Home), s.own(cmp.Or(o.Dir, o.User.Home))
	card := o.Machine.Card
	s.ps = powershell.New(powershell.Config{
		Edition: edition, Windows: s.windows(), Commands: cmdlet.All(edition), Format: format.New, Files: files{s}, Card: card, Clock: o.Machine.Clock, Host: host{s}, Programs: programs{s},
		Random: func() uint64 { return binary.BigEndian.Uint64(o.Machine.IDs.Bytes("powershell.random", 8)) }, Yield: s.yield,
		Environ: append(o.Machine.Environ(o.User), o.Environ...), Dir: dir, Home: s.native(home), User: o.User.Name, Computer: o.Machine.Hostname,
	})
	return s
}

func (s *Session) windows() bool { return s.m.OS == machine.Windows }

// own writes a path of the machine's files as package powershell does: with
// slashes, and on Windows with the drive first.
func (s *Session) own(name string) string {
	if s.windows() {
		name = strings.TrimPrefix(name, "/")
		if len(name) == 2 {
			name += "/"
		}
	}
	return name
}

// kept writes a path of package powershell as the machine's files do.
func (s *Session) kept(name string) string {
	if s.windows() {
		return "/" + name
	}
	return name
}

// native writes a path of package powershell as the system does.
func (s *Session) native(name string) string {
	if s.windows() {
		return machine.WindowsPath(name)
	}
	return name
}

// Prompt implements shell.Session.
func (s *Session) Prompt() string {
	return s.ps.Prompt()
}

// Incomplete implements shell.Session.
func (s *Session) Incomplete(text string) (string, bool) {
	if s.ps.Incomplete(text) {
		return ">> ", true
	}
	return "", false
}

// interrupted is the status of a command that was stopped, as bash has it.
const interrupted = 130

// Run implements shell.Session.
func (s *Session) Run(ctx context.Context, text string, st shell.Streams) (result shell.Result) {
	s.limit = &limiter{}
	defer func() {
		if v := recover(); v != nil { // a fault of the interpreter must not end the lab
			fmt.Fprintf(orDiscard(st.Err), "skylab: PowerShell failed on this command: %v\n", v)
			result = shell.Result{Status: 1}
		}
	}()
	if s.o.Interactive && !st.Resumed && strings.TrimSpace(text) != "" {
		s.history = append(s.history, strings.TrimRight(text, "\n"))
	}
	s.attach(st)
	if s.keyboard != nil {
		defer s.keyboard.During(ctx)()
	}
	s.clear, s.login = false, nil
	out := s.limit.of(orDiscard(st.Out))
	errs := out
	if st.Err != nil {
		errs = s.limit.of(st.Err)
	}
	s.errs = errs
	o := s.ps.Run(ctx, text, powershell.Run{Out: out, Err: errs, Width: s.width()})
	result = shell.Result{Clear: s.clear, Login: s.login, Status: o.Code}
	switch {
	case s.limit.flooded:
		fmt.Fprint(orDiscard(st.Err), "\nskylab: the command printed too much; the rest is left out\n")
		result.Status = 1
	case o.Stopped || ctx.Err() != nil:
		result.Status = interrupted
	case o.Exited:
		result.Exited = true
	case o.Failed:
		result.Status = 1
	}
	return result
}

// attach gives the session the streams of a text.
func (s *Session) attach(st shell.Streams) {
	s.keyboard = nil
	if st.Terminal {
		k, ok := st.In.(*shell.Keyboard)
		if !ok {
			in := st.In
			if in == nil {
				in = strings.NewReader("")
			}
			lines := bufio.NewReader(in)
			k = shell.NewKeyboard(func() (string, error) { return lines.ReadString('\n') }, nil)
		}
		s.keyboard = k
	}
	s.streams = st
}

func (s *Session) width() int {
	if s.streams.Columns > 0 {
		return s.streams.Columns
	}
	return 120
}

func orDiscard(w io.Writer) io.Writer {
	if w == nil {
		return io.Discard
	}
	return w
}

// Complete implements shell.Session.
func (s *Session) Complete(text string, pos int) shell.Completion {
	r := complete.At(s.ps, text, pos)
	c := shell.Completion{Start: r.Start, End: r.End}
	for _, m := range r.Matches {
		c.Words = append(c.Words, m.Text)
	}
	return c
}

// History implements shell.Session.
func (s *Session) History() []string { return slices.Clone(s.history) }

// Dir implements shell.Session.
func (s *Session) Dir() string { return s.kept(s.ps.Dir()) }

// User implements shell.Session.
func (s *Session) User() string { return s.o.User.Name }
