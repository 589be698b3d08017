// Package bash is bash on a simulated machine: mvdan.cc/sh's interpreter over
// the machine's files and programs, with the differences from bash 5.2 that
// learners meet mended (facts/bash.md §C1). It must not know consoles, lessons
// or the cloud.
package bash

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"skylab/sim/machine"
	"skylab/sim/machine/shell"
	"skylab/sim/machine/tool"
)

// Session is one bash at work. It implements shell.Session.
type Session struct {
	m           *machine.Machine
	user        tool.User
	interactive bool
	name        string // what stands before its messages: "-bash", "bash"
	runner      *interp.Runner
	initial     map[string]expand.Variable
	history     []string
	aliases     map[string]string
	streams     shell.Streams
	in          *input // of the text that runs
	clear       bool
	login       *tool.Login // what a program of the text asked of the console
	traps       map[string]string
	timing      []time.Time // when the commands under time began
	budget      *yielder
}

// Options make a session.
type Options struct {
	Machine *machine.Machine
	User    tool.User
	// Interactive shells have a prompt and a history; the others are bash -c.
	Interactive bool
	// Nested shells were started from another and are no login shells.
	Nested bool
	// Dir is where the session begins; "" is the user's home.
	Dir string
	// Environ adds variables to the environment that a login gives.
	Environ []string
}

// New starts a session.
func New(o Options) (*Session, error) {
	if o.Dir == "" {
		o.Dir = o.User.Home
	}
	s := &Session{m: o.Machine, user: o.User, interactive: o.Interactive, name: "bash", aliases: map[string]string{}, traps: map[string]string{}, budget: &yielder{}}
	if o.Interactive && !o.Nested {
		s.name = "-bash"
	}
	env := append([]string{
		"HOME=" + o.User.Home, "USER=" + o.User.Name, "LOGNAME=" + o.User.Name, "SHELL=/bin/bash", "HOSTNAME=" + o.Machine.Hostname,
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "PWD=" + o.Dir, "TERM=xterm-256color", "BASH_VERSION=5.1.16(1)-release",
	}, o.Environ...)
	if err := s.start(env, o.Dir); err != nil {
		return nil, err
	}
	return s, nil
}

// start makes the interpreter and remembers what it begins with.
func (s *Session) start(env []string, dir string) error {
	opts := []interp.RunnerOption{
		interp.Env(expand.ListEnviron(env...)), interp.CallHandler(s.call), interp.OpenHandler(s.open), interp.StatHandler(s.stat),
		interp.ReadDirHandler2(s.readDir), interp.AccessHandler(s.access), interp.StdIO(nil, io.Discard, io.Discard),
		interp.ExecHandlers(func(interp.ExecHandlerFunc) interp.ExecHandlerFunc { return s.exec }),
	}
	if s.interactive {
		opts = append(opts, interp.Interactive(true))
	}
	r, err := interp.New(opts...)
	if err != nil {
		return fmt.Errorf("start bash: %w", err)
	}
	r.Dir = dir
	s.runner = r
	if err := s.quiet(context.Background(), ":"); err != nil {
		return fmt.Errorf("start bash: %w", err)
	}
	s.initial = maps.Clone(r.Vars)
	return nil
}

// quiet runs a text without showing what it prints.
func (s *Session) quiet(ctx context.Context, text string) error {
	f, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), s.name)
	if err != nil {
		return err
	}
	if err := interp.StdIO(nil, io.Discard, io.Discard)(s.runner); err != nil {
		return err
	}
	for _, stmt := range f.Stmts {
		if err := s.runner.Run(ctx, stmt); err != nil {
			if !errors.As(err, new(interp.ExitStatus)) {
				return err
			}
		}
	}
	return nil
}

// Prompt implements shell.Session with Ubuntu's PS1.
func (s *Session) Prompt() string {
	dir := s.runner.Dir
	if rest, ok := strings.CutPrefix(dir, s.user.Home); ok && (rest == "" || rest[0] == '/') {
		dir = "~" + rest
	}
	mark := "$"
	if s.user.UID == 0 {
		mark = "#"
	}
	return fmt.Sprintf("%s@%s:%s%s ", s.user.Name, s.m.Hostname, dir, mark)
}

// Incomplete implements shell.Session.
func (s *Session) Incomplete(text string) (string, bool) {
	_, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), s.name)
	if syntax.IsIncomplete(err) || err != nil && strings.Contains(err.Error(), "unclosed here-document") || strings.HasSuffix(text, "\\") && !strings.HasSuffix(text, `\\`) {
		return "> ", true
	}
	return "", false
}

// maxOutput bounds what one command text may print, in bytes.
const maxOutput = 8 << 20

// Run implements shell.Session.
func (s *Session) Run(ctx context.Context, text string, st shell.Streams) (result shell.Result) {
	defer func() {
		if v := recover(); v != nil { // a fault of the interpreter must not end the lab
			fmt.Fprintf(st.Err, "%s: skylab: the shell failed on this command: %v\n", s.name, v)
			result = shell.Result{Status: 1}
		}
	}()
	if s.interactive && !st.Resumed {
		expanded, changed, err := s.expandHistory(text)
		if err != nil {
			fmt.Fprintf(st.Err, "%s: %v\n", s.name, err)
			return shell.Result{Status: 1}
		}
		if text = expanded; changed {
			fmt.Fprintln(st.Err, text)
		}
	}
	if s.interactive && !st.Resumed && strings.TrimSpace(text) != "" {
		s.history = append(s.history, strings.TrimRight(text, "\n"))
	}
	if st.In == nil {
		st.In = strings.NewReader("")
	}
	out := &limited{w: st.Out, left: maxOutput}
	errs := &limited{w: st.Err, left: maxOutput}
	st.Out, st.Err = out, errs
	in := newInput(st.In)
	st.In = in
	s.streams, s.clear, s.in, s.login, s.timing = st, false, in, nil, nil
	f, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), s.name)
	if err != nil {
		fmt.Fprintln(st.Err, s.syntaxError(text, err))
		status := 2
		if s.interactive {
			s.setStatus(ctx, 2)
		}
		return shell.Result{Status: status}
	}
	s.expandAliases(f)
	rewrite(f)
	timed(f)
	unset := s.watchUnset(st.Err, f)
	st.Err, s.streams.Err = unset, unset
	file, err := in.open()
	if err == nil {
		defer in.close()
		err = interp.StdIO(file, st.Out, st.Err)(s.runner)
	}
	if err != nil {
		fmt.Fprintf(st.Err, "%s: %v\n", s.name, err)
		return shell.Result{Status: 1}
	}
	if selects(f) {
		in.pipe.feedAll(in.Reader)
	}
	status := 0
	nodes := s.nodes(f)
	for i, node := range nodes {
		err := s.runner.Run(ctx, node)
		var code interp.ExitStatus
		isStatus := errors.As(err, &code)
		switch {
		case ctx.Err() != nil:
			return shell.Result{Status: 130, Clear: s.clear}
		case err == nil:
			status = 0
		case isStatus:
			status = int(code)
		case errors.Is(err, errOutput):
			return shell.Result{Status: 141, Clear: s.clear}
		default:
			fmt.Fprintf(st.Err, "%s: %v\n", s.name, err)
			status = 1
		}
		if unset.seen && s.interactive { // the line ends, the shell does not
			return shell.Result{Status: status, Clear: s.clear}
		}
		if unset.seen && s.name == "bash" && s.runner.Exited() {
			status = 127
		}
		if s.runner.Exited() {
			return shell.Result{Status: status, Exited: true, Clear: s.clear}
		}
		if s.login != nil && i+1 < len(nodes) {
			if at := int(nodes[i+1].Pos().Offset()); at < len(text) {
				return shell.Result{Status: status, Clear: s.clear, Login: s.login, Rest: text[at:]}
			}
		}
	}
	return shell.Result{Status: status, Clear: s.clear, Login: s.login}
}

// nodes are what the interpreter is given one after the other: at a prompt each
// statement, otherwise the whole text, at whose end the shell ends.
func (s *Session) nodes(f *syntax.File) []syntax.Node {
	if !s.interactive {
		return []syntax.Node{f}
	}
	out := make([]syntax.Node, len(f.Stmts))
	for i, stmt := range f.Stmts {
		out[i] = stmt
	}
	return out
}

func (s *Session) setStatus(ctx context.Context, n int) {
	_ = s.quiet(ctx, fmt.Sprintf("(exit %d)", n))
}

// errOutput ends a command that prints without end.
var errOutput = errors.New("too much output")

// limited passes on at most left bytes.
type limited struct {
	mu   sync.Mutex
	w    io.Writer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.left <= 0 {
		return 0, errOutput
	}
	if len(p) >= l.left {
		l.w.Write(p[:l.left])
		l.left = 0
		io.WriteString(l.w, "\nskylab: the command printed too much; the rest is left out\n")
		return 0, errOutput
	}
	l.left -= len(p)
	return l.w.Write(p)
}

// yielder parks a goroutine every few milliseconds of work, so that the rest of
// a wasm program can run.
type yielder struct {
	mu    sync.Mutex
	calls int
	last  time.Time
}

// An interpreter works for yieldEvery and then parks for pause, of real time.
const (
	yieldEvery = 16 * time.Millisecond
	pause      = time.Millisecond
)

func (y *yielder) yield(ctx context.Context) error {
	y.mu.Lock()
	y.calls++
	due := y.calls%16 == 0 && time.Since(y.last) > yieldEvery
	y.mu.Unlock()
	if due {
		// A sleep, for a timer that has already run out does not park.
		time.Sleep(pause)
		y.mu.Lock()
		y.last = time.Now()
		y.mu.Unlock()
	}
	return ctx.Err()
}

// exec runs a program of the machine.
func (s *Session) exec(ctx context.Context, args []string) error {
	hc := interp.HandlerCtx(ctx)
	if err := s.budget.yield(ctx); err != nil {
		return err
	}
	name := args[0]
	if run, ok := own[name]; ok {
		return exitStatus(run(s, hc, args))
	}
	s.m.Clock.Spend(commandCost)
	p := &tool.Process{
		Args: args, Dir: hc.Dir, Stdin: hc.Stdin, Stdout: hc.Stdout, Stderr: hc.Stderr, FS: s.m.Files(s.user), Yield: s.budget.yield,
		TTY: tool.Terminal{In: s.streams.Terminal && s.in.is(hc.Stdin), Out: s.streams.Terminal && hc.Stdout == s.streams.Out, Err: s.streams.Terminal && hc.Stderr == s.streams.Err, Columns: s.streams.Columns, Rows: 24},
	}
	switch {
	case s.in.is(hc.Stdin):
		p.Stdin = s.in
	case p.Stdin == nil:
		p.Stdin = strings.NewReader("")
	}
	if s.streams.Terminal {
		p.Person, p.Edit = s.in, s.streams.Edit
	}
	if s.interactive && s.in.is(hc.Stdin) && hc.Stdout == s.streams.Out {
		p.Login = func(l tool.Login) { s.login = &l }
	}
	hc.Env.Each(func(n string, v expand.Variable) bool {
		if v.Exported && v.Kind == expand.String {
			p.Environ = append(p.Environ, n+"="+v.Str)
		}
		return true
	})
	slices.Sort(p.Environ)
	p.Exec = func(ctx context.Context, q *tool.Process) int {
		q.Args = slices.Clone(q.Args)
		if isBash(q.Args[0]) {
			return s.nested(ctx, q)
		}
		q.Args[0] = path.Base(q.Args[0])
		status, ok := s.m.Exec(ctx, s.user, q)
		if !ok {
			fmt.Fprintf(q.Stderr, "%s: ‘%s’: No such file or directory\n", args[0], q.Args[0])
		}
		return status
	}
	if isBash(name) {
		return exitStatus(s.nested(ctx, p))
	}
	if strings.Contains(name, "/") {
		return s.execFile(ctx, hc, p)
	}
	status, ok := s.m.Exec(ctx, s.user, p)
	if !ok {
		fmt.Fprintf(hc.Stderr, "%s%s: command not found\n", s.prefix(hc.Pos), name)
		return exitStatus(127)
	}
	if name == "clear" {
		s.clear = true
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return exitStatus(status)
}

// exitStatus is a program's status as the interpreter takes it: nil for 0.
func exitStatus(n int) error {
	if n&0xff == 0 {
		return nil
	}
	return interp.ExitStatus(uint8(n))
}

// commandCost is what running a program takes on the lab's clock.
const commandCost = 2 * time.Millisecond

// prefix stands before bash's own messages: "-bash: " at a prompt, otherwise
// with the line.
func (s *Session) prefix(pos syntax.Pos) string {
	if s.interactive {
		return s.name + ": "
	}
	return fmt.Sprintf("%s: line %d: ", s.name, max(pos.Line(), 1))
}

// Dir implements shell.Session.
func (s *Session) Dir() string { return s.runner.Dir }

// User implements shell.Session.
func (s *Session) User() string { return s.user.Name }

// Return sets the status that a program left behind which had the console to
// itself.
func (s *Session) Return(status int) { s.setStatus(context.Background(), status) }

// History implements shell.Session.
func (s *Session) History() []string { return slices.Clone(s.history) }

// Vars implements shell.Session.
func (s *Session) Vars() map[string]string {
	out := map[string]string{}
	for name, v := range s.runner.Vars {
		old, known := s.initial[name]
		if v.Kind == expand.String && v.IsSet() && !(known && old.Str == v.Str) && !internal[name] {
			out[name] = v.Str
		}
	}
	return out
}

// internal are variables that the shell itself keeps.
var internal = map[string]bool{"PWD": true, "OLDPWD": true, "IFS": true, "OPTIND": true, "PPID": true, "UID": true, "EUID": true, "GID": true, "BASHPID": true, "RANDOM": true, "SECONDS": true, "LINENO": true, "_": true, "SSH_CLIENT": true, "SSH_CONNECTION": true, "SSH_TTY": true}
