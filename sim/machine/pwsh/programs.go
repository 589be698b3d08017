package pwsh

import (
	"bytes"
	"context"
	"path"
	"strings"

	"skylab/sim/machine/tool"
)

// programs are the machine's programs as PowerShell sees them.
type programs struct{ s *Session }

// Find implements powershell.Programs.
func (p programs) Find(name string) string {
	s := p.s
	name = strings.ReplaceAll(name, `\`, "/")
	base := path.Base(name)
	if s.windows() {
		if low := strings.ToLower(base); strings.HasSuffix(low, ".exe") {
			base = base[:len(base)-4]
		}
		base = strings.ToLower(base)
	}
	prog, ok := s.m.Program(base)
	if !ok || prog.Run == nil {
		return ""
	}
	dir := "/usr/bin/"
	if s.windows() {
		return `C:\Windows\system32\` + base + ".exe"
	}
	if strings.Contains(name, "/") && path.Dir(name)+"/" != dir {
		return ""
	}
	return dir + base
}

// Run implements powershell.Programs.
func (p programs) Run(ctx context.Context, name string, args []string, stdin []byte, out, err func(string)) (int, error) {
	s := p.s
	base := path.Base(strings.ReplaceAll(name, `\`, "/"))
	if s.windows() {
		base = strings.TrimSuffix(base, ".exe")
	}
	var environ []string
	for _, k := range s.ps.Environ() {
		v, _ := s.ps.Getenv(k)
		environ = append(environ, k+"="+v)
	}
	stdout, stderr := &lines{to: out}, &lines{to: err}
	q := &tool.Process{
		Args: append([]string{base}, args...), Environ: environ, Dir: s.Dir(), Stdin: bytes.NewReader(stdin), Stdout: stdout, Stderr: stderr, Yield: s.yield,
		TTY: tool.Terminal{Columns: s.width(), Rows: 24},
	}
	q.Exec = func(ctx context.Context, r *tool.Process) int {
		status, _ := s.m.Exec(ctx, s.o.User, r)
		return status
	}
	status, _ := s.m.Exec(ctx, s.o.User, q)
	stdout.end()
	stderr.end()
	return status, ctx.Err()
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
