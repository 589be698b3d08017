// Package bash is bash on a simulated machine. The grammar and the expansions are
// mvdan.cc/sh's; running commands is this package's own, over the machine's files
// and programs, so that descriptors, jobs, traps, prompts and messages are bash's
// and nothing of a session hides from its snapshot. Commands that run at the same
// time take turns in a fixed order; a job in the background is done, at the
// latest, when the text ends that began it. Files that exec opened are not in a
// snapshot. The package must not know consoles, lessons or the cloud.
package bash

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"mvdan.cc/sh/v3/expand"
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
	hasC        bool   // started with -c
	name        string // what stands before its messages: "-bash", "bash"
	connect     func(tool.Login) (shell.Session, error)
	top         *frame
	initial     map[string]string // the variables that it began with
	history     []string
	aliases     map[string]string
	pid         int
	lastPID     int // of the last job
	began       time.Time

	// Of the text that runs.
	streams   shell.Streams
	keyboard  *shell.Keyboard
	standard  [3]*file // the streams that the shell was given
	terminal  *file    // nil where nobody looks
	clear     bool
	flooded   bool        // it printed too much
	login     *tool.Login // what a program of the text asked of the console
	rest      string      // what is to run when that has ended
	jobs      []*job
	procs     map[int]bool // numbers of process substitutions
	command   string       // $BASH_COMMAND
	evals     int
	recursion int // of arithmetic
	held      int // bytes of variables
	regexps   map[string]*regexp.Regexp
	turns     *turns
	budget    *yielder
	under     *tool.Process // what this shell runs as, where another started it
}

// Options make a session.
type Options = machine.ShellOptions

// Shell is bash as a kind of shell.
func Shell() machine.Shell {
	return machine.Shell{Name: "bash", Start: func(o machine.ShellOptions) (shell.Session, error) { return New(o) }}
}

// New starts a session.
func New(o Options) (*Session, error) {
	if o.Dir == "" {
		o.Dir = o.User.Home
	}
	s := &Session{m: o.Machine, user: o.User, interactive: o.Interactive, hasC: !o.Interactive, name: "bash", connect: o.Connect, turns: &turns{}, budget: &yielder{}}
	if o.Interactive && !o.Nested {
		s.name = "-bash"
	}
	o.User.Shell = "/bin/bash"
	s.start(append(o.Machine.Environ(o.User), o.Environ...), o.Dir)
	if o.Interactive {
		if data, err := o.Machine.Files(o.User).ReadFile(o.User.Home + "/.bashrc"); err == nil {
			s.runText(context.Background(), string(data), shell.Streams{})
		}
	}
	s.remember()
	return s, nil
}

// start gives the session what it begins with.
func (s *Session) start(env []string, dir string) {
	s.aliases, s.procs, s.regexps = map[string]string{}, map[int]bool{}, map[string]*regexp.Regexp{}
	s.began = s.m.Clock.Now()
	if s.pid == 0 {
		s.pid = 1200 + s.m.IDs.Intn("bash.pid", 800)
		s.lastPID = s.pid + 10
	}
	s.top = s.newFrame(env, dir)
	for n := range s.standard {
		s.standard[n] = &file{refs: 2}
		s.top.fds[n] = s.standard[n]
	}
}

// remember notes the variables that are not the person's.
func (s *Session) remember() {
	s.initial = map[string]string{}
	for name, v := range s.top.vars {
		s.initial[name] = v.Str
	}
}

// Prompt implements shell.Session.
func (s *Session) Prompt() string {
	s.top.ctx = context.Background()
	return s.top.prompt(s.top.text("PS1"))
}

// Incomplete implements shell.Session.
func (s *Session) Incomplete(text string) (string, bool) {
	_, err := newParser().Parse(strings.NewReader(text), s.name)
	if syntax.IsIncomplete(err) || err != nil && strings.Contains(err.Error(), "unclosed here-document") || strings.HasSuffix(text, "\\") && !strings.HasSuffix(text, `\\`) {
		return s.top.text("PS2"), true
	}
	return "", false
}

// maxOutput bounds what one command text may print, in bytes.
const maxOutput = 8 << 20

// Run implements shell.Session.
func (s *Session) Run(ctx context.Context, text string, st shell.Streams) shell.Result {
	s.turns.take()
	defer s.turns.leave()
	return s.runText(ctx, text, st)
}

// runText is Run for whoever has the turn.
func (s *Session) runText(ctx context.Context, text string, st shell.Streams) (result shell.Result) {
	f := s.top
	defer func() {
		if v := recover(); v != nil { // a fault of the interpreter must not end the lab
			fmt.Fprintf(orDiscard(st.Err), "%s: skylab: the shell failed on this command: %v\n", s.name, v)
			f.jump, f.status = goOn, 1
			result = shell.Result{Status: 1}
		}
	}()
	st.Out, st.Err = &limited{s: s, w: orDiscard(st.Out)}, &limited{s: s, w: orDiscard(st.Err)}
	if s.interactive && !st.Resumed && s.initial != nil {
		expanded, changed, err := s.expandHistory(text)
		if err != nil {
			fmt.Fprintf(st.Err, "%s: %v\n", s.name, err)
			return shell.Result{Status: 1}
		}
		if text = expanded; changed {
			fmt.Fprintln(st.Err, text)
		}
	}
	if s.interactive && !st.Resumed && strings.TrimSpace(text) != "" && s.initial != nil {
		s.history = append(s.history, strings.TrimRight(text, "\n"))
	}
	s.attach(st)
	if s.keyboard != nil {
		defer s.keyboard.During(ctx)()
	}
	s.clear, s.flooded, s.login, s.rest, s.command, s.evals, s.recursion = false, false, nil, "", "", 0, 0
	f.ctx, f.jump, f.loops, f.lenient, f.line = ctx, goOn, 0, 0, 1
	f.held = 0
	for _, v := range f.vars {
		f.held += size(v)
	}
	f.script(ctx, text)
	if ctx.Err() != nil {
		if trap := f.traps["INT"]; trap != "" {
			ctx := context.WithoutCancel(ctx)
			f.jump = goOn
			if s.keyboard != nil {
				s.keyboard.During(ctx)
			}
			f.trap(ctx, trap)
		}
		f.status = 130
	}
	if s.budget.dead() {
		fmt.Fprintln(st.Err, "Killed")
		f.status = 137
	}
	f.settle(ctx)
	if s.under == nil {
		s.budget.killed = false
	}
	exited := f.jump == exiting
	if exited || !s.interactive {
		f.finish(context.WithoutCancel(ctx))
	}
	f.jump = goOn
	return shell.Result{Status: f.status & 0xff, Exited: exited && ctx.Err() == nil && !s.flooded && f.status != 137, Clear: s.clear, Login: s.login, Rest: s.rest}
}

func orDiscard(w io.Writer) io.Writer {
	if w == nil {
		return io.Discard
	}
	return w
}

// attach gives the shell the streams of a text.
func (s *Session) attach(st shell.Streams) {
	s.streams, s.keyboard, s.terminal = st, nil, nil
	if st.In == nil {
		st.In = strings.NewReader("")
	}
	in := st.In
	if st.Terminal {
		k, ok := st.In.(*shell.Keyboard)
		if !ok {
			lines := bufio.NewReader(st.In)
			k = shell.NewKeyboard(func() (string, error) { return lines.ReadString('\n') }, nil)
		}
		s.keyboard, in = k, k
	}
	x := s.standard
	x[0].r, x[0].w = buffered(in), nil
	x[1].r, x[1].w = nil, st.Out
	x[2].r, x[2].w = nil, st.Err
	for _, f := range x {
		f.tty = st.Terminal
	}
	if st.Terminal {
		x[0].w, x[1].r, x[2].r = st.Out, x[0].r, x[0].r
		s.terminal = &file{r: x[0].r, w: st.Out, tty: true, refs: 1}
	}
	if p := s.under; p != nil {
		x[0].tty, x[1].tty, x[2].tty = p.TTY.In, p.TTY.Out, p.TTY.Err
		if k, ok := p.Person.(*shell.Keyboard); ok {
			s.keyboard = k
			s.streams.Terminal, s.streams.Columns = true, p.TTY.Columns
			s.terminal = &file{r: bufio.NewReader(k), w: p.Stderr, tty: true, refs: 1}
		}
	}
}

func buffered(r io.Reader) *bufio.Reader {
	switch r := r.(type) {
	case *bufio.Reader:
		return r
	case *input:
		if r.r != nil {
			return r.r
		}
	}
	return bufio.NewReader(r)
}

// script runs a text line by line, as bash reads it: what stands above a mistake
// has run when the mistake is found.
func (f *frame) script(ctx context.Context, text string) {
	if f.shopts["expand_aliases"] && len(f.aliases) > 0 {
		text = f.expandAliases(text)
	}
	old := f.source
	f.source = text
	defer func() { f.source = old }()
	outermost := f == f.top && f.evals == 0 && f.sourced == 0 && len(f.calls) == 0 && !f.quiet
	var group []*syntax.Stmt
	flush := func() bool {
		list := group
		group = nil
		for i, s := range list {
			if f.options["noexec"] && !f.interactive {
				continue
			}
			f.typed(ctx, s, outermost)
			if f.login != nil && outermost {
				if f.rest == "" {
					at := int(s.End().Offset())
					if i+1 < len(list) {
						at = int(list[i+1].Pos().Offset())
					}
					f.rest = strings.TrimLeft(text[min(at, len(text)):], " \t;\n")
				}
				return false
			}
			if f.jump != goOn {
				break
			}
		}
		if f.jump == abandoning && outermost && ctx.Err() == nil && !f.flooded {
			f.jump = goOn
		}
		return f.jump == goOn
	}
	end := uint(0)
	empty := true
	for s, err := range newParser().StmtsSeq(strings.NewReader(text)) {
		if err != nil {
			line := uint(1)
			var pe syntax.ParseError
			if errors.As(err, &pe) {
				line = pe.Pos.Line()
			}
			if len(group) > 0 && line > end && !flush() {
				return
			}
			if m := openDocument.FindStringSubmatch(err.Error()); m != nil && !f.interactive && !strings.HasSuffix(text, "\n"+m[1]) {
				group = nil
				last := strings.Count(strings.TrimRight(text, "\n"), "\n") + 1
				fmt.Fprintf(f.err(), "%s: line %d: warning: here-document at line %d delimited by end-of-file (wanted `%s')\n", f.arg0, last, line, m[1])
				f.script(ctx, strings.TrimSuffix(text, "\n")+"\n"+m[1])
				return
			}
			f.mistake(text, err)
			return
		}
		if word := misplaced(s); word != "" {
			if len(group) > 0 && s.Pos().Line() > end && !flush() {
				return
			}
			f.mistake(text, syntax.ParseError{Pos: s.Pos(), Text: "`" + word + "` is out of place"})
			return
		}
		empty = false
		if len(group) > 0 && s.Pos().Line() > end && !flush() {
			return
		}
		prepare(s)
		group = append(group, s)
		end = max(end, s.End().Line())
	}
	if empty {
		if f.evals > 0 || f.sourced > 0 {
			f.status = 0
		}
		return
	}
	flush()
}

// openDocument is a here-document that ends with the text.
var openDocument = regexp.MustCompile("unclosed here-document [`'\"]?([A-Za-z0-9_]+)")

// misplaced returns the word of the grammar that a command begins with though it
// cannot.
func misplaced(s *syntax.Stmt) string {
	c, ok := s.Cmd.(*syntax.CallExpr)
	if !ok || len(c.Args) == 0 || len(c.Assigns) > 0 {
		return ""
	}
	switch word := c.Args[0].Lit(); word {
	case "else", "elif", "then", "do", "esac", "in":
		if word != "in" {
			return word
		}
	}
	return ""
}

// typed runs a command of a text. One that stands at the prompt by itself may
// take the console away.
func (f *frame) typed(ctx context.Context, s *syntax.Stmt, outermost bool) {
	plain := outermost && f.interactive && !s.Negated && !s.Background
	if b, ok := s.Cmd.(*syntax.BinaryCmd); ok && plain && len(s.Redirs) == 0 && (b.Op == syntax.AndStmt || b.Op == syntax.OrStmt) {
		f.lenient++
		f.typed(ctx, b.X, true)
		f.lenient--
		if f.login != nil {
			if f.rest == "" {
				f.rest = "(exit $?) " + f.source[b.OpPos.Offset():]
			}
			return
		}
		if f.jump == goOn && (f.status == 0) == (b.Op == syntax.AndStmt) {
			f.typed(ctx, b.Y, true)
		}
		return
	}
	_, call := s.Cmd.(*syntax.CallExpr)
	f.direct = plain && call
	f.stmt(ctx, s)
	f.direct = false
}

// finish runs what is to run at the end of a shell.
func (f *frame) finish(ctx context.Context) {
	text := f.traps["EXIT"]
	delete(f.traps, "EXIT")
	if text == "" {
		return
	}
	status := f.status
	f.jump = goOn
	f.script(ctx, text)
	if f.jump != exiting {
		f.status = status
	}
}

// errOutput ends a command that prints without end.
var errOutput = errors.New("too much output")

// limited passes on a bounded number of bytes for each text.
type limited struct {
	s    *Session
	w    io.Writer
	used int
}

func (l *limited) Write(p []byte) (int, error) {
	if l.used >= maxOutput {
		return 0, errOutput
	}
	if l.used+len(p) >= maxOutput {
		l.w.Write(p[:maxOutput-l.used])
		l.used = maxOutput
		io.WriteString(l.w, "\nskylab: the command printed too much; the rest is left out\n")
		l.s.flooded = true
		return 0, errOutput
	}
	l.used += len(p)
	return l.w.Write(p)
}

// yielder parks a goroutine every few milliseconds of work, so that the rest of
// a wasm program can run.
type yielder struct {
	mu   sync.Mutex
	last time.Time
	// killed says that the commands took too much memory: all end.
	killed bool
}

// maxHeap is how much memory, in bytes, the whole program may take before a
// command is ended, as Linux does when there is none left.
const maxHeap = 512 << 20

var errKilled = errors.New("Killed")

// An interpreter works for yieldEvery and then parks for pause, of real time.
const (
	yieldEvery = 16 * time.Millisecond
	pause      = time.Millisecond
)

func (y *yielder) yield(ctx context.Context) error {
	y.mu.Lock()
	due := time.Since(y.last) > yieldEvery
	y.mu.Unlock()
	if due {
		// A sleep, for a timer that has already run out does not park.
		time.Sleep(pause)
		var m runtime.MemStats
		if runtime.ReadMemStats(&m); m.HeapAlloc > maxHeap { // much of it may be long done with
			runtime.GC()
			runtime.ReadMemStats(&m)
		}
		y.mu.Lock()
		y.last = time.Now()
		y.killed = y.killed || m.HeapAlloc > maxHeap
		y.mu.Unlock()
	}
	if y.dead() {
		return errKilled
	}
	return ctx.Err()
}

func (y *yielder) dead() bool {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.killed
}

// commandCost is what running a program takes on the lab's clock.
const commandCost = 2 * time.Millisecond

// Dir implements shell.Session.
func (s *Session) Dir() string { return s.top.dir }

// User implements shell.Session.
func (s *Session) User() string { return s.user.Name }

// Return sets the status that a program left behind which had the console to
// itself.
func (s *Session) Return(status int) { s.top.status, s.top.pipes = status, []int{status} }

// History implements shell.Session.
func (s *Session) History() []string { return slices.Clone(s.history) }

// Vars implements shell.Session.
func (s *Session) Vars() map[string]string {
	out := map[string]string{}
	for name, v := range s.top.vars {
		old, known := s.initial[name]
		if v.Kind == expand.String && v.IsSet() && !(known && old == v.Str) && !internal[name] {
			out[name] = v.Str
		}
	}
	return out
}

// internal are variables that the shell itself keeps.
var internal = map[string]bool{"PWD": true, "OLDPWD": true, "IFS": true, "OPTIND": true, "OPTARG": true, "RANDOM": true, "SECONDS": true, "SSH_CLIENT": true, "SSH_CONNECTION": true, "SSH_TTY": true}
