package bash

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"syscall"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"

	"skylab/sim/machine/shell"
	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

// simple runs a command of words: a function, a builtin or a program; or only
// assignments.
func (f *frame) simple(ctx context.Context, c *syntax.CallExpr, redirs []*syntax.Redirect) {
	f.substs = -1
	args, ok := f.fields(ctx, c.Args...)
	if !ok {
		return
	}
	if len(args) == 0 {
		f.assignments(ctx, c, redirs)
		return
	}
	f.command = f.textOfRaw(c.Pos(), c.End())
	if text := f.traps["DEBUG"]; text != "" && !f.quiet {
		f.trap(ctx, text)
	}
	if args[0] == "exec" && f.funcs["exec"].decl == nil {
		f.exec(ctx, args, redirs)
		return
	}
	if len(c.Assigns) == 0 {
		f.trace(nil, args)
	}
	undo, ok := f.redirect(ctx, redirs)
	if !ok {
		f.pipes = []int{f.status}
		return
	}
	defer undo()
	restore, ok := f.temporary(ctx, c.Assigns)
	if !ok {
		return
	}
	if len(c.Assigns) > 0 {
		f.trace(c.Assigns, args)
	}
	f.invoke(ctx, args, callAll)
	restore()
	f.last = args[len(args)-1]
	if f.jump == goOn || f.jump == returning {
		f.pipes = []int{f.status}
	}
}

// assignments runs a command without words.
func (f *frame) assignments(ctx context.Context, c *syntax.CallExpr, redirs []*syntax.Redirect) {
	for _, a := range c.Assigns {
		if !f.assignment(ctx, a, nil) {
			f.pipes = []int{f.status}
			if f.jump == goOn { // bash gives the line up
				f.jump = abandoning
				if !f.interactive {
					f.jump = exiting
				}
			}
			return
		}
	}
	undo, ok := f.redirect(ctx, redirs)
	if !ok {
		return
	}
	undo()
	f.status = max(f.substs, 0)
	f.pipes = []int{f.status}
}

// temporary sets variables for one command and returns what takes them back.
func (f *frame) temporary(ctx context.Context, assigns []*syntax.Assign) (restore func(), ok bool) {
	type old struct {
		name string
		v    variable
		had  bool
	}
	var olds []old
	restore = func() {
		for _, o := range slices.Backward(olds) {
			if o.had {
				f.vars[o.name] = o.v
			} else {
				delete(f.vars, o.name)
			}
		}
	}
	for _, a := range assigns {
		name := a.Name.Value
		v, had := f.vars[name]
		olds = append(olds, old{name, v, had})
		if !f.assignment(ctx, a, nil) {
			if f.jump != goOn {
				restore()
				return nil, false
			}
			continue
		}
		x := f.vars[name]
		x.Exported = true
		f.vars[name] = x
	}
	return restore, true
}

// trace prints a command as set -x does.
func (f *frame) trace(assigns []*syntax.Assign, args []string) {
	if !f.options["xtrace"] {
		return
	}
	var words []string
	for _, a := range assigns {
		words = append(words, a.Name.Value+"="+bare(f.vars[a.Name.Value].Str))
	}
	for _, a := range args {
		words = append(words, bare(a))
	}
	f.traceLine(strings.Join(words, " "))
}

func (f *frame) traceLine(text string) {
	f.options["xtrace"] = false
	ps4 := f.prompt(f.text("PS4"))
	f.options["xtrace"] = true
	if ps4 != "" && f.depth > 0 {
		n := f.substDepth
		ps4 = strings.Repeat(ps4[:1], n) + ps4
	}
	fmt.Fprintf(f.err(), "%s%s\n", ps4, text)
}

// assignment does NAME=VALUE. Where the name already has attributes of a
// declaration they are in as.
func (f *frame) assignment(ctx context.Context, a *syntax.Assign, as *variable) bool {
	fail := func(err error) bool {
		if err == nil {
			return true
		}
		if f.jump == goOn {
			if strings.HasPrefix(err.Error(), "x") && strings.Contains(err.Error(), "alloc: cannot") {
				f.expansionFailed(err)
				return false
			}
			f.complain("%v", err)
			f.status = 1
		}
		return false
	}
	name := a.Name.Value
	if a.Array != nil {
		return fail(f.arrayAssignment(ctx, a))
	}
	value, ok := f.literal(ctx, a.Value)
	if !ok {
		return false
	}
	defer f.during(ctx)()
	if a.Index != nil {
		index, err := f.index(name, a.Index)
		if err != nil {
			return fail(err)
		}
		if a.Append {
			value = f.appended(f.vars[name], f.element(name, index), value)
		}
		if f.options["xtrace"] {
			f.traceLine(name + "[" + index + "]=" + bare(value))
		}
		return fail(f.setElement(name, index, value))
	}
	if a.Append {
		old := f.vars[name]
		current := old.String()
		value = f.appended(old, current, value)
	}
	if f.options["xtrace"] && as == nil && len(f.command) >= 0 {
		f.traceLine(name + "=" + bare(value))
	}
	return fail(f.setText(name, value))
}

// appended is what += makes of a value.
func (f *frame) appended(v variable, old, value string) string {
	if v.Integer {
		return "(" + orZero(old) + ")+(" + orZero(value) + ")"
	}
	return old + value
}

func orZero(s string) string {
	if s == "" {
		return "0"
	}
	return s
}

// index is the index of an element: a key, or a number as text.
func (f *frame) index(name string, x syntax.ArithmExpr) (string, error) {
	if f.vars[name].Kind == expand.Associative {
		return f.key(x)
	}
	n, err := f.value(x)
	if err != nil {
		return "", f.inExpression(x, err)
	}
	return fmt.Sprint(n), nil
}

func (f *frame) arrayAssignment(ctx context.Context, a *syntax.Assign) error {
	name := a.Name.Value
	if v := f.vars[name]; v.Kind == expand.NameRef && v.Str != "" {
		name = v.Str
	}
	old := f.vars[name]
	if old.ReadOnly {
		return assignError(name + ": readonly variable")
	}
	v := old
	if !a.Append {
		v.List, v.Indexes, v.Map, v.Str = nil, nil, nil, ""
	}
	if v.Kind == expand.String && v.IsSet() && a.Append {
		v.List, v.Str = []string{v.Str}, ""
	}
	if v.Kind != expand.Associative {
		v.Kind = expand.Indexed
	} else if v.Map == nil {
		v.Map = map[string]string{}
	}
	v.Set = true
	if v.Kind == expand.Indexed && v.List == nil {
		v.List = []string{}
	}
	next := 0
	if n := len(v.List); n > 0 {
		next = n
		if v.Indexes != nil {
			next = v.Indexes[n-1] + 1
		}
	}
	var pairs []string // of an associative array without [KEY]=
	for _, e := range a.Array.Elems {
		if e.Index == nil {
			words, ok := f.fields(ctx, e.Value)
			if !ok {
				return assignError("")
			}
			if v.Kind == expand.Associative {
				pairs = append(pairs, words...)
				continue
			}
			for _, w := range words {
				w, err := f.shape(v, w)
				if err != nil {
					return err
				}
				place(&v, next, w)
				next++
			}
			continue
		}
		value, ok := f.literal(ctx, e.Value)
		if !ok {
			return assignError("")
		}
		done := f.during(ctx)
		var err error
		value, err = f.shape(v, value)
		if err == nil && v.Kind == expand.Associative {
			var key string
			if key, err = f.key(e.Index); err == nil {
				v.Map[key] = value
			}
		} else if err == nil {
			var n int64
			if n, err = f.value(e.Index); err == nil {
				if n < 0 {
					err = assignError(fmt.Sprintf("%s[%d]: bad array subscript", name, n))
				} else {
					place(&v, int(n), value)
					next = int(n) + 1
				}
			}
		}
		done()
		if err != nil {
			return err
		}
	}
	for i := 0; i < len(pairs); i += 2 {
		value := ""
		if i+1 < len(pairs) {
			value = pairs[i+1]
		}
		v.Map[pairs[i]] = value
	}
	if err := f.grow(size(v) - size(old)); err != nil {
		return err
	}
	if f.options["allexport"] {
		v.Exported = true
	}
	f.vars[name] = v
	return nil
}

// How a command's name is looked up.
type lookUp int

const (
	callAll      lookUp = iota
	noFunctions         // command
	onlyBuiltins        // builtin
)

// invoke runs a command whose words are known.
func (f *frame) invoke(ctx context.Context, args []string, how lookUp) {
	if f.interrupted(ctx) {
		return
	}
	name := args[0]
	if fn, ok := f.funcs[name]; ok && how == callAll {
		f.callFunction(ctx, name, fn, args[1:])
		return
	}
	if run, ok := builtins[name]; ok {
		f.ctx = ctx
		status := run(f, ctx, args)
		if f.jump != exiting || args[0] != "kill" { // whose trap may have ended the shell
			f.status = status
		}
		if err := ctx.Err(); err != nil && f.jump == goOn {
			f.interrupted(ctx)
		}
		return
	}
	if how == onlyBuiltins {
		f.complain("builtin: %s: not a shell builtin", name)
		f.status = 1
		return
	}
	f.status = f.program(ctx, args)
	if ctx.Err() != nil {
		f.interrupted(ctx)
	}
}

// output ends a program that writes to where nobody reads, as SIGPIPE does.
type output struct {
	to     *file
	cancel context.CancelFunc
	broken bool
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.to.Write(p)
	if errors.Is(err, errPipe) && !o.broken {
		o.broken = true
		o.cancel()
	}
	return n, err
}

// maxInput is how many bytes of input a program may take: many keep all of it.
const maxInput = 48 << 20

// input is a program's standard input.
type input struct {
	*file
	left int
}

func (i *input) Read(p []byte) (int, error) {
	if i.left <= 0 {
		return 0, syscall.ENOMEM
	}
	n, err := i.file.Read(p[:min(len(p), i.left)])
	i.left -= n
	return n, err
}

// Streaming implements what [tool.Streaming] asks for.
func (i *input) Streaming() io.Reader { return i.file }

// program runs a program of the machine and returns its status.
func (f *frame) program(ctx context.Context, args []string) int {
	name := args[0]
	f.m.Clock.Spend(commandCost)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	in, out, errs := f.in(), f.out(), f.err()
	outW, errW := &output{to: out, cancel: cancel}, &output{to: errs, cancel: cancel}
	p := &tool.Process{
		Args: args, Environ: f.exported(), Dir: f.dir, Stdin: &input{in, maxInput}, Stdout: outW, Stderr: errW, FS: f.files(), Yield: f.budget.yield,
		TTY: tool.Terminal{In: in.tty, Out: out.tty, Err: errs.tty, Columns: f.streams.Columns, Rows: 24},
	}
	if out == errs {
		p.Stderr = outW
	}
	if f.streams.Terminal && f.keyboard != nil {
		p.Person, p.Edit, p.Elsewhere = f.keyboard, f.streams.Edit, f.streams.Elsewhere
	}
	var host *tool.Login
	if f.interactive && in.tty && out.tty {
		if f.direct && f.depth == 0 && len(f.calls) == 0 && f.sourced == 0 {
			p.Login = func(l tool.Login) { f.login = &l }
		} else if f.connect != nil {
			p.Login = func(l tool.Login) { host = &l }
		}
	}
	p.Exec = func(ctx context.Context, q *tool.Process) int {
		q.Args = slices.Clone(q.Args)
		if isBash(q.Args[0]) {
			return f.nested(ctx, q)
		}
		if strings.Contains(q.Args[0], "/") {
			return f.execFile(ctx, q)
		}
		if status, ok := f.m.Exec(ctx, f.user, q); ok {
			return status
		}
		if status, ok := f.found(ctx, q.Args[0], q); ok {
			return status
		}
		if tool.IsReal(q.Args[0]) {
			fmt.Fprintln(q.Stderr, tool.NotSimulated(q.Args[0]))
			return 127
		}
		return -1
	}
	status := f.runProcess(ctx, name, p)
	if outW.broken || errW.broken {
		return 141
	}
	if host != nil {
		return f.visit(ctx, *host)
	}
	return status
}

func (f *frame) runProcess(ctx context.Context, name string, p *tool.Process) int {
	if isBash(name) {
		return f.nested(ctx, p)
	}
	if strings.Contains(name, "/") {
		return f.execFile(ctx, p)
	}
	if name != "" {
		if status, ok := f.m.Exec(ctx, f.user, p); ok {
			if name == "clear" && p.TTY.Out {
				f.clear = true
			}
			return status
		}
		if status, ok := f.found(ctx, name, p); ok {
			return status
		}
	}
	if fn, ok := f.funcs["command_not_found_handle"]; ok {
		sub := f.subshell()
		sub.run(ctx, func() { sub.callFunction(ctx, "command_not_found_handle", fn, p.Args) })
		return sub.status
	}
	if tool.IsReal(name) {
		fmt.Fprintln(p.Stderr, tool.NotSimulated(name))
		return 127
	}
	f.complain("%s: command not found", name)
	return 127
}

// found runs a file of the directories in PATH that the machine did not bring.
func (f *frame) found(ctx context.Context, name string, p *tool.Process) (int, bool) {
	full, ok := f.lookPath(name)
	if !ok {
		return 0, false
	}
	p.Args[0] = full
	return f.execFile(ctx, p), true
}

// lookPath finds a command in the directories of PATH.
func (f *frame) lookPath(name string) (string, bool) {
	for _, dir := range strings.Split(f.text("PATH"), ":") {
		if dir == "" {
			dir = "."
		}
		full := path.Join(f.abs(dir), name)
		if i, err := f.files().Stat(full); err == nil && !i.IsDir() && f.files().Access(full, vfs.Exec) == nil {
			return path.Join(dir, name), true
		}
	}
	return "", false
}

// execFile runs a script by its path, or a program of the machine.
func (f *frame) execFile(ctx context.Context, p *tool.Process) int {
	name := p.Args[0]
	full := path.Clean(f.abs(name))
	fail := func(status int, text string) int {
		f.complain("%s: %s", name, text)
		return status
	}
	i, err := p.FS.Stat(full)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fail(127, "No such file or directory")
	case err != nil:
		return fail(126, vfs.Errno(err))
	case i.IsDir():
		return fail(126, "Is a directory")
	case p.FS.Access(full, vfs.Exec) != nil:
		return fail(126, "Permission denied")
	}
	if _, ok := f.m.Program(path.Base(full)); ok && (path.Dir(full) == "/usr/bin" || path.Dir(full) == "/bin") {
		if isBash(full) {
			return f.nested(ctx, p)
		}
		p.Args[0] = path.Base(full)
		status, _ := f.m.Exec(ctx, f.user, p)
		return status
	}
	data, err := p.FS.ReadFile(full)
	if err != nil {
		return fail(126, vfs.Errno(err))
	}
	text := string(data)
	if first, ok := strings.CutPrefix(strings.SplitN(text, "\n", 2)[0], "#!"); ok {
		words := strings.Fields(first)
		if len(words) > 1 && path.Base(words[0]) == "env" {
			words = words[1:]
		}
		if len(words) > 0 && !isBash(words[0]) {
			program := path.Base(words[0])
			if _, ok := f.m.Program(program); !ok {
				return fail(126, fmt.Sprintf("%s: bad interpreter: No such file or directory", words[0]))
			}
			p.Args = append(append([]string{program}, words[1:]...), p.Args...)
			status, _ := f.m.Exec(ctx, f.user, p)
			return status
		}
	}
	return f.scriptWith(ctx, p, name, text, p.Args[1:], nil)
}

// exec replaces the shell by a program, or its files by others.
func (f *frame) exec(ctx context.Context, args []string, redirs []*syntax.Redirect) {
	old := f.fds
	if _, ok := f.redirect(ctx, redirs); !ok {
		if !f.interactive {
			f.jump = exiting
		}
		return
	}
	if len(redirs) > 0 {
		for _, x := range old {
			x.release()
		}
	}
	args = args[1:]
	for len(args) > 0 && strings.HasPrefix(args[0], "-") && args[0] != "-" {
		switch args[0] {
		case "--":
		case "-c", "-l":
		case "-a":
			args = args[1:]
		default:
			f.complain("exec: %s: invalid option\nexec: usage: exec [-cl] [-a name] [command [argument ...]] [redirection ...]", args[0])
			f.status = 2
			return
		}
		if len(args) > 0 {
			args = args[1:]
		}
	}
	f.status = 0
	if len(args) == 0 {
		return
	}
	name := args[0]
	if _, isProgram := f.m.Program(name); !isProgram && !strings.Contains(name, "/") && !isBash(name) {
		if _, ok := f.lookPath(name); !ok {
			f.complain("exec: %s: not found", name)
			f.status = 127
			if !f.interactive {
				f.jump = exiting
			}
			return
		}
	}
	f.status = f.program(ctx, args)
	f.jump, f.traps = exiting, map[string]string{}
}

// visit lets the person work in another shell until it ends, where the console
// cannot be handed over.
func (f *frame) visit(ctx context.Context, l tool.Login) int {
	session, err := f.connect(l)
	if err != nil {
		fmt.Fprintln(f.err(), err)
		return 255
	}
	text, prompt, status := "", session.Prompt(), 0
	for ctx.Err() == nil {
		io.WriteString(f.out(), prompt)
		line, err := f.in().r.ReadString('\n')
		if err != nil && line == "" {
			io.WriteString(f.out(), "\n")
			break
		}
		text += strings.TrimSuffix(line, "\n")
		if more, incomplete := session.Incomplete(text); incomplete {
			text, prompt = text+"\n", more
			continue
		}
		r := session.Run(ctx, text, shell.Streams{In: f.keyboard, Out: f.out(), Err: f.err(), Terminal: true, Columns: f.streams.Columns})
		if status = r.Status; r.Exited {
			break
		}
		text, prompt = "", session.Prompt()
	}
	if !l.Nested {
		fmt.Fprintf(f.err(), "Connection to %s closed.\n", l.Host)
	}
	return status
}
