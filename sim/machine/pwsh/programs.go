package pwsh

import (
	"bytes"
	"context"
	"io"
	"path"
	"strings"
	"time"

	"skylab/sim/machine/powershell"
	"skylab/sim/machine/tool"
)

// programs are the machine's programs as PowerShell sees them.
type programs struct{ s *Session }

// Find implements powershell.Programs.
func (p programs) Find(name string) string {
	s := p.s
	if s.windows() {
		name = strings.ReplaceAll(name, `\`, "/")
		base := strings.TrimSuffix(strings.ToLower(path.Base(name)), ".exe")
		if strings.Contains(name, "/") && !strings.EqualFold(path.Dir(name), "C:/Windows/System32") && !strings.EqualFold(name, "./"+base) {
			return ""
		}
		if prog, ok := s.m.Program(base); ok && prog.Run != nil {
			return s.native("C:/Windows/system32/" + base + ".exe")
		}
		return ""
	}
	base, dir := path.Base(name), path.Dir(name)
	if strings.Contains(name, "/") && dir != "/usr/bin" && dir != "/bin" {
		return ""
	}
	if prog, ok := s.m.Program(base); ok && (prog.Run != nil || base == "bash" || base == "sh") {
		return "/usr/bin/" + base
	}
	return ""
}

// programCost is what running a program takes on the lab's clock.
const programCost = 2 * time.Millisecond

// Run implements powershell.Programs.
func (p programs) Run(ctx context.Context, x powershell.Process) (int, error) {
	s := p.s
	s.m.Clock.Spend(programCost)
	name := x.Path
	if s.windows() {
		name = strings.TrimSuffix(strings.ToLower(strings.ReplaceAll(name, `\`, "/")), ".exe")
	}
	args := append([]string{path.Base(name)}, x.Args...)
	if args[0] == "cmd" { // reads its line itself
		args = []string{"cmd", x.Line}
	}
	stdout := &lines{to: x.Out}
	var stderr io.Writer
	var errLines *lines
	if x.Err != nil {
		errLines = &lines{to: x.Err}
		stderr = errLines
	} else {
		stderr = textWriter(s.errs)
	}
	q := &tool.Process{
		Args: args, Environ: s.environ(), Dir: s.Dir(), Stdin: bytes.NewReader(x.Stdin), Stdout: stdout, Stderr: stderr, Yield: s.yield,
		TTY: tool.Terminal{Err: s.keyboard != nil && x.Err == nil, Columns: s.width(), Rows: 24},
	}
	if s.keyboard != nil {
		q.Person, q.Edit, q.Elsewhere = s.keyboard, s.streams.Edit, s.streams.Elsewhere
		if !x.Piped {
			q.Stdin, q.TTY.In = s.keyboard, true
			if s.o.Interactive {
				q.Login = func(l tool.Login) { s.login = &l }
			}
		}
	} else if !x.Piped && s.streams.In != nil {
		q.Stdin = s.streams.In
	}
	status := s.exec(ctx, q)
	stdout.end()
	if errLines != nil {
		errLines.end()
	}
	return status, nil
}

// exec runs a program, or what that runs in turn.
func (s *Session) exec(ctx context.Context, q *tool.Process) int {
	q.Exec = func(ctx context.Context, r *tool.Process) int { return s.exec(ctx, r) }
	if q.Args[0] == "bash" || q.Args[0] == "sh" {
		return s.bash(ctx, q)
	}
	status, _ := s.m.Exec(ctx, s.o.User, q)
	return status
}

func (s *Session) environ() (list []string) {
	for _, k := range s.ps.Environ() {
		v, _ := s.ps.Getenv(k)
		list = append(list, k+"="+v)
	}
	return list
}

// textWriter is a function that takes text as a writer.
type textWriter func(string)

func (w textWriter) Write(p []byte) (int, error) {
	if w != nil {
		w(string(p))
	}
	return len(p), nil
}

// lines takes text apart into lines.
type lines struct {
	to   func(string)
	rest []byte
}

func (l *lines) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		i := bytes.IndexByte(l.rest, '\n')
		if i < 0 {
			return len(p), nil
		}
		l.to(strings.TrimSuffix(string(l.rest[:i]), "\r"))
		l.rest = l.rest[i+1:]
	}
}

func (l *lines) end() {
	if len(l.rest) > 0 {
		l.to(string(l.rest))
		l.rest = nil
	}
}
