package bash

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// variable is a shell variable with the attributes that the library lacks.
type variable struct {
	expand.Variable
	Integer bool   `json:",omitempty"`
	Case    string `json:",omitempty"` // "u" or "l": what its values become
}

// function is a shell function: its text, of which its body is a part.
type function struct {
	text string // where it was declared, for messages and snapshots
	decl *syntax.FuncDecl
}

func (d function) source() string {
	from, to := int(d.decl.Pos().Offset()), int(d.decl.End().Offset())
	if from > to || to > len(d.text) {
		return ""
	}
	return d.text[from:to]
}

// jump is where a command makes the shell go on.
type jump int

const (
	goOn jump = iota
	breaking
	continuing
	returning
	exiting
	abandoning // the line is given up; a prompt goes on
)

// frame is a shell at work: a session's own, or a subshell with a copy of it.
type frame struct {
	*Session
	ctx        context.Context // of the command that runs, for what the library calls back
	vars       map[string]variable
	locals     []map[string]*variable // of each running function: what its locals hide
	funcs      map[string]function
	calls      []string // names of the functions that run, the innermost last
	params     []string
	arg0       string
	dir        string
	stack      []string // pushd's directories, the top last
	options    map[string]bool
	shopts     map[string]bool
	traps      map[string]string
	fds        map[int]*file
	umask      uint32
	source     string   // the text that runs
	line       uint     // of the command that runs
	depth      int      // of subshells
	loops      int      // loops around the command
	sourced    int      // files being read
	lenient    int      // > 0 where a failure does not end the shell: set -e
	direct     bool     // the command stands at the prompt by itself
	quiet      bool     // no error traps now
	after      []func() // what is to be done when the command has ended
	textual    bool     // the expression has been expanded to text
	substDepth int      // command substitutions around the command

	jump   jump
	levels int // of loops that a break leaves
	status int
	substs int // the status of the last command substitution; -1 if there was none
	pipes  []int
	last   string // $_
	opt    getopts
	bg     int // $!
	random uint32
	seeded bool
}

// set options by the letters of $-.
var optionLetters = []struct {
	letter byte
	name   string
}{
	{'a', "allexport"}, {'b', "notify"}, {'e', "errexit"}, {'f', "noglob"}, {'h', "hashall"}, {'i', ""}, {'k', "keyword"}, {'m', "monitor"}, {'n', "noexec"}, {'p', "privileged"}, {'t', "onecmd"},
	{'u', "nounset"}, {'v', "verbose"}, {'x', "xtrace"}, {'B', "braceexpand"}, {'C', "noclobber"}, {'E', "errtrace"}, {'H', "histexpand"}, {'P', "physical"}, {'T', "functrace"},
}

// longOptions have no letter.
var longOptions = []string{"emacs", "history", "ignoreeof", "interactive-comments", "nolog", "pipefail", "posix", "vi"}

// shoptNames are bash 5.1's shopt options with those that are on at first.
var shoptDefaults = map[string]bool{
	"assoc_expand_once": false, "autocd": false, "cdable_vars": false, "cdspell": false, "checkhash": false, "checkjobs": false, "checkwinsize": true, "cmdhist": true, "compat31": false, "compat32": false, "compat40": false,
	"compat41": false, "compat42": false, "compat43": false, "compat44": false, "complete_fullquote": true, "direxpand": false, "dirspell": false, "dotglob": false, "execfail": false, "expand_aliases": false, "extdebug": false,
	"extglob": false, "extquote": true, "failglob": false, "force_fignore": true, "globasciiranges": true, "globstar": false, "gnu_errfmt": false, "histappend": false, "histreedit": false, "histverify": false, "hostcomplete": true,
	"huponexit": false, "inherit_errexit": false, "interactive_comments": true, "lastpipe": false, "lithist": false, "localvar_inherit": false, "localvar_unset": false, "login_shell": false, "mailwarn": false,
	"no_empty_cmd_completion": false, "nocaseglob": false, "nocasematch": false, "nullglob": false, "progcomp": true, "progcomp_alias": false, "promptvars": true, "restricted_shell": false, "shift_verbose": false,
	"sourcepath": true, "xpg_echo": false,
}

func (s *Session) newFrame(environ []string, dir string) *frame {
	f := &frame{Session: s, vars: map[string]variable{}, funcs: map[string]function{}, arg0: s.name, dir: dir, shopts: maps.Clone(shoptDefaults), traps: map[string]string{}, fds: map[int]*file{}, umask: 0o022, substs: -1,
		options: map[string]bool{"hashall": true, "braceexpand": true, "interactive-comments": true}, opt: getopts{index: 1}}
	if s.interactive {
		for _, name := range []string{"monitor", "histexpand", "history", "emacs"} {
			f.options[name] = true
		}
		f.shopts["expand_aliases"] = true
		f.shopts["login_shell"] = s.name == "-bash"
	}
	put := func(name, value string, exported bool) {
		f.vars[name] = variable{Variable: expand.Variable{Set: true, Kind: expand.String, Str: value, Exported: exported}}
	}
	for _, kv := range environ {
		if name, value, ok := strings.Cut(kv, "="); ok && syntax.ValidName(name) {
			put(name, value, true)
		}
	}
	level, _ := strconv.Atoi(f.vars["SHLVL"].Str)
	put("SHLVL", strconv.Itoa(level+1), true)
	put("PWD", dir, true)
	put("IFS", " \t\n", false)
	put("PS4", "+ ", false)
	put("OPTIND", "1", false)
	put("BASH", "/usr/bin/bash", false)
	put("BASH_VERSION", bashVersion, false)
	put("HOSTNAME", s.m.Hostname, false)
	put("HOSTTYPE", "x86_64", false)
	put("MACHTYPE", "x86_64-pc-linux-gnu", false)
	put("OSTYPE", "linux-gnu", false)
	f.vars["BASH_VERSINFO"] = variable{Variable: expand.Variable{Set: true, Kind: expand.Indexed, ReadOnly: true, List: []string{"5", "1", "16", "1", "release", "x86_64-pc-linux-gnu"}}}
	for name, n := range map[string]int{"UID": s.user.UID, "EUID": s.user.UID, "PPID": s.pid - 1} {
		f.vars[name] = variable{Variable: expand.Variable{Set: true, Kind: expand.String, ReadOnly: true, Str: strconv.Itoa(n)}, Integer: true}
	}
	if s.interactive {
		put("PS1", `\u@\h:\w\$ `, false)
		put("PS2", "> ", false)
		put("HISTSIZE", "1000", false)
		put("HISTFILESIZE", "2000", false)
		put("HISTFILE", s.user.Home+"/.bash_history", false)
	}
	return f
}

// bashVersion is the bash of Ubuntu 22.04, the articles' image.
const bashVersion = "5.1.16(1)-release"

// subshell returns a copy of the shell that changes nothing of it.
func (f *frame) subshell() *frame {
	c := *f
	c.vars = make(map[string]variable, len(f.vars))
	for name, v := range f.vars {
		v.List, v.Indexes, v.Map = slices.Clone(v.List), slices.Clone(v.Indexes), maps.Clone(v.Map)
		c.vars[name] = v
	}
	c.locals = nil
	for _, m := range f.locals {
		c.locals = append(c.locals, maps.Clone(m))
	}
	c.funcs, c.options, c.shopts, c.stack, c.calls = maps.Clone(f.funcs), maps.Clone(f.options), maps.Clone(f.shopts), slices.Clone(f.stack), slices.Clone(f.calls)
	c.traps = map[string]string{}
	for signal, text := range f.traps {
		if text == "" || signal == "ERR" && f.options["errtrace"] || signal == "DEBUG" && f.options["functrace"] {
			c.traps[signal] = text
		}
	}
	c.fds = map[int]*file{}
	for n, x := range f.fds {
		c.fds[n] = x.retain()
	}
	c.depth++
	c.direct, c.seeded, c.jump, c.after = false, false, goOn, nil
	return &c
}

// end closes what a subshell has open.
func (f *frame) end() {
	for _, x := range f.fds {
		x.release()
	}
	f.fds = nil
}

// in, out and err are the standard streams.
func (f *frame) in() *file  { return f.fd(0) }
func (f *frame) out() *file { return f.fd(1) }
func (f *frame) err() *file { return f.fd(2) }

var closed = &file{}

func (f *frame) fd(n int) *file {
	if x := f.fds[n]; x != nil {
		return x
	}
	return closed
}

// prefix stands before bash's own messages: "-bash: " at a prompt, otherwise
// with the line.
func (f *frame) prefix() string {
	if f.interactive && f.sourced == 0 {
		return f.name + ": "
	}
	if f.hasC && len(f.calls) > 0 && f.sourced == 0 { // bash's name for what is no file
		return fmt.Sprintf("environment: line %d: ", max(f.line, 1))
	}
	return fmt.Sprintf("%s: line %d: ", f.arg0, max(f.line, 1))
}

// complain prints a message of the shell's own.
func (f *frame) complain(format string, args ...any) {
	fmt.Fprintf(f.err(), f.prefix()+format+"\n", args...)
}

// --- variables

// marked is before the name of an array that is expanded with a value for when
// it is unset.
const marked = "\x00"

// maxValue is the size, in bytes, beyond which a value is not kept.
const maxValue = 16 << 20

// get returns a variable or a special parameter.
func (f *frame) get(name string) expand.Variable {
	text := func(s string) expand.Variable { return expand.Variable{Set: true, Kind: expand.String, Str: s} }
	list := func(l []string) expand.Variable {
		return expand.Variable{Set: true, Kind: expand.Indexed, List: append([]string{}, l...)}
	}
	if name == "" {
		return expand.Variable{}
	}
	if name[0] == marked[0] {
		v := f.get(name[1:])
		if !v.IsSet() {
			v.Kind = expand.String
		}
		return v
	}
	switch name {
	case "#":
		return text(strconv.Itoa(len(f.params)))
	case "@", "*":
		return list(f.params)
	case "?":
		return text(strconv.Itoa(f.status))
	case "$":
		return text(strconv.Itoa(f.pid))
	case "!":
		if f.bg == 0 {
			return expand.Variable{}
		}
		return text(strconv.Itoa(f.bg))
	case "-":
		return text(f.flags())
	case "0":
		return text(f.arg0)
	case "_":
		return text(f.last)
	case "PIPESTATUS":
		out := make([]string, len(f.pipes))
		for i, n := range f.pipes {
			out[i] = strconv.Itoa(n)
		}
		return list(out)
	case "FUNCNAME":
		if len(f.calls) == 0 {
			return expand.Variable{}
		}
		names := slices.Clone(f.calls)
		slices.Reverse(names)
		if !f.interactive && !f.hasC {
			names = append(names, "main")
		}
		return list(names)
	case "DIRSTACK":
		return list(f.dirs())
	case "BASHPID":
		return text(strconv.Itoa(f.pid + f.depth))
	case "BASH_SUBSHELL":
		return text(strconv.Itoa(f.depth))
	case "RANDOM":
		return text(strconv.Itoa(f.nextRandom()))
	case "SRANDOM":
		return text(strconv.FormatUint(uint64(f.m.IDs.Intn("bash.random", 1<<31)), 10))
	case "SECONDS":
		return text(strconv.Itoa(int(f.m.Clock.Now().Sub(f.began) / time.Second)))
	case "EPOCHSECONDS":
		return text(strconv.FormatInt(f.m.Clock.Now().Unix(), 10))
	case "EPOCHREALTIME":
		return text(fmt.Sprintf("%.6f", float64(f.m.Clock.Now().UnixMicro())/1e6))
	case "HISTCMD":
		return text(strconv.Itoa(len(f.history)))
	case "LINENO":
		return text(strconv.Itoa(int(f.line)))
	case "BASH_COMMAND":
		return text(f.command)
	case "SHELLOPTS":
		return text(strings.Join(f.setOptions(), ":"))
	case "GROUPS":
		return list([]string{strconv.Itoa(f.user.GID)})
	}
	if user, ok := strings.CutPrefix(name, "HOME "); ok {
		if user == "root" {
			return text("/root")
		}
		u, ok := f.m.User(user)
		if !ok {
			return expand.Variable{}
		}
		return text(u.Home)
	}
	if name[0] >= '1' && name[0] <= '9' {
		if n, err := strconv.Atoi(name); err == nil && n <= len(f.params) {
			return text(f.params[n-1])
		}
		return expand.Variable{}
	}
	return f.vars[name].Variable
}

func (f *frame) text(name string) string { return f.get(name).String() }

// nextRandom is bash's generator where a seed was given, the lab's otherwise.
func (f *frame) nextRandom() int {
	if !f.seeded {
		return f.m.IDs.Intn("bash.random", 32768)
	}
	h, l := int64(f.random)/127773, int64(f.random)%127773
	t := 16807*l - 2836*h
	if t < 0 {
		t += 0x7fffffff
	}
	f.random = uint32(t)
	return int((f.random>>16 ^ f.random&0xffff) & 32767)
}

func (f *frame) flags() string {
	var b strings.Builder
	for _, o := range optionLetters {
		if o.name == "" && f.interactive || o.name != "" && f.options[o.name] {
			b.WriteByte(o.letter)
		}
	}
	if f.hasC {
		b.WriteByte('c')
	} else if f.interactive {
		b.WriteByte('s')
	}
	return b.String()
}

func (f *frame) setOptions() []string {
	var out []string
	for name, on := range f.options {
		if on {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// assignError is why a variable cannot be set, in bash's words.
type assignError string

func (e assignError) Error() string { return string(e) }

// set gives a variable a value and keeps its attributes.
func (f *frame) set(name string, v expand.Variable) error {
	for n := 0; f.vars[name].Kind == expand.NameRef && f.vars[name].Str != "" && n < 8; n++ {
		name = f.vars[name].Str
	}
	if base, index, ok := strings.Cut(name, "["); ok && strings.HasSuffix(index, "]") {
		return f.setElement(base, strings.TrimSuffix(index, "]"), v.Str)
	}
	old, known := f.vars[name]
	if old.ReadOnly {
		return assignError(name + ": readonly variable")
	}
	if len(v.Str) > maxValue || len(v.List) > maxValue/16 || len(v.Map) > maxValue/16 {
		return assignError(fmt.Sprintf("xrealloc: cannot allocate %d bytes", max(len(v.Str), 16*len(v.List), 16*len(v.Map))))
	}
	x := variable{Variable: v, Integer: old.Integer, Case: old.Case}
	x.Exported = v.Exported || known && old.Exported || f.options["allexport"]
	x.ReadOnly = v.ReadOnly
	if v.Kind == expand.String {
		var err error
		if x.Str, err = f.shape(x, v.Str); err != nil {
			return err
		}
		switch old.Kind { // a plain value for an array is its first element's
		case expand.Indexed:
			return f.setElement(name, "0", x.Str)
		case expand.Associative:
			return f.setElement(name, "0", x.Str)
		}
	}
	if err := f.grow(size(x) - size(old)); err != nil {
		return err
	}
	f.vars[name] = x
	f.noticed(name, x.Str)
	return nil
}

// size is about how many bytes a variable takes.
func size(v variable) int {
	n := len(v.Str)
	for _, s := range v.List {
		n += len(s) + 16
	}
	for k, s := range v.Map {
		n += len(k) + len(s) + 32
	}
	return n
}

// maxHeld is how many bytes all variables of a session may take.
const maxHeld = 64 << 20

func (s *Session) grow(n int) error {
	if s.held+n > maxHeld {
		return assignError(fmt.Sprintf("xmalloc: cannot allocate %d bytes", n))
	}
	s.held += n
	return nil
}

// shape makes a value what the variable's attributes ask for.
func (f *frame) shape(v variable, s string) (string, error) {
	if v.Integer {
		n, err := f.evaluate(f.ctx, s)
		if err != nil {
			return "", err
		}
		s = strconv.FormatInt(n, 10)
	}
	switch v.Case {
	case "u":
		s = strings.ToUpper(s)
	case "l":
		s = strings.ToLower(s)
	}
	return s, nil
}

// noticed acts on variables that mean something to the shell.
func (f *frame) noticed(name, value string) {
	switch name {
	case "RANDOM":
		n, _ := strconv.ParseInt(value, 10, 64)
		f.random, f.seeded = uint32(n), true
	case "OPTIND":
		n, _ := strconv.Atoi(value)
		f.opt = getopts{index: max(n, 1)}
	case "SECONDS":
		n, _ := strconv.Atoi(value)
		f.began = f.m.Clock.Now().Add(-time.Duration(n) * time.Second)
	}
}

func (f *frame) setText(name, value string) error {
	return f.set(name, expand.Variable{Set: true, Kind: expand.String, Str: value})
}

// put sets a variable of the shell's own, whatever it is.
func (f *frame) put(name, value string) {
	v := f.vars[name]
	v.Set, v.Kind, v.Str = true, expand.String, value
	f.vars[name] = v
}

// setElement sets one element of an array; the index is a key, or arithmetic.
func (f *frame) setElement(name, index, value string) error {
	v := f.vars[name]
	if v.ReadOnly {
		return assignError(name + ": readonly variable")
	}
	var err error
	if value, err = f.shape(v, value); err != nil {
		return err
	}
	if v.Kind == expand.Associative {
		if v.Map == nil {
			v.Map = map[string]string{}
		}
		v.Map[index] = value
		v.Set = true
		f.vars[name] = v
		return f.grow(len(index) + len(value))
	}
	n, err := f.evaluate(f.ctx, index)
	if err != nil {
		return err
	}
	if v.Kind == expand.String && v.IsSet() {
		v.List = []string{v.Str}
		v.Str = ""
	}
	v.Kind, v.Set = expand.Indexed, true
	if n < 0 {
		last := len(v.List)
		if len(v.Indexes) > 0 {
			last = v.Indexes[len(v.Indexes)-1] + 1
		}
		if n += int64(last); n < 0 {
			return assignError(fmt.Sprintf("%s[%s]: bad array subscript", name, index))
		}
	}
	delta := place(&v, int(n), value)
	f.vars[name] = v
	return f.grow(delta)
}

// place puts an element into an indexed array and returns by how many bytes that
// made it larger.
func place(v *variable, n int, value string) int {
	if v.Indexes == nil {
		switch {
		case n < len(v.List):
			delta := len(value) - len(v.List[n])
			v.List[n] = value
			return delta
		case n == len(v.List):
			v.List = append(v.List, value)
			return len(value) + 16
		}
		v.Indexes = make([]int, len(v.List))
		for i := range v.Indexes {
			v.Indexes[i] = i
		}
	}
	at, found := slices.BinarySearch(v.Indexes, n)
	if found {
		delta := len(value) - len(v.List[at])
		v.List[at] = value
		return delta
	}
	v.Indexes = slices.Insert(v.Indexes, at, n)
	v.List = slices.Insert(v.List, at, value)
	return len(value) + 24
}

// unset removes a variable or an element of an array.
func (f *frame) unset(name string) error {
	base, index, element := strings.Cut(name, "[")
	v, ok := f.vars[base]
	if !ok {
		return nil
	}
	if v.ReadOnly {
		return assignError(base + ": cannot unset: readonly variable")
	}
	if !element {
		f.held -= size(v)
		delete(f.vars, base)
		return nil
	}
	index = strings.TrimSuffix(index, "]")
	switch {
	case v.Kind == expand.Associative:
		delete(v.Map, strings.Trim(index, `"'`))
	case index == "@" || index == "*":
		v.List, v.Indexes = nil, nil
	case v.Kind == expand.Indexed:
		n, err := f.evaluate(f.ctx, index)
		if err != nil {
			return err
		}
		if v.Indexes == nil {
			v.Indexes = make([]int, len(v.List))
			for i := range v.Indexes {
				v.Indexes[i] = i
			}
		}
		if n < 0 && len(v.Indexes) > 0 {
			n += int64(v.Indexes[len(v.Indexes)-1] + 1)
		}
		if at, found := slices.BinarySearch(v.Indexes, int(n)); found {
			v.Indexes, v.List = slices.Delete(v.Indexes, at, at+1), slices.Delete(v.List, at, at+1)
		}
	default:
		return assignError(base + ": not an array variable")
	}
	f.vars[base] = v
	return nil
}

// local makes a variable a running function's own.
func (f *frame) local(name string) {
	top := f.locals[len(f.locals)-1]
	if _, done := top[name]; done {
		return
	}
	if old, ok := f.vars[name]; ok {
		top[name] = &old
		delete(f.vars, name)
		if old.Exported { // a local hides the value, not that it is exported
			f.vars[name] = variable{Variable: expand.Variable{Exported: true}}
		}
	} else {
		top[name] = nil
	}
}

// exported is the environment that programs get, sorted.
func (f *frame) exported() []string {
	var out []string
	for name, v := range f.vars {
		if v.Exported && v.Kind == expand.String && v.IsSet() {
			out = append(out, name+"="+v.Str)
		}
	}
	slices.Sort(out)
	return out
}

// environ is the frame as the library's expansions see it.
type environ struct{ f *frame }

func (e environ) Get(name string) expand.Variable { return e.f.get(name) }

func (e environ) Set(name string, v expand.Variable) error {
	if !v.IsSet() {
		return e.f.unset(name)
	}
	return e.f.set(name, v)
}

func (e environ) Each(f func(string, expand.Variable) bool) {
	for _, name := range slices.Sorted(maps.Keys(e.f.vars)) {
		if !f(name, e.f.vars[name].Variable) {
			return
		}
	}
}

// --- where the shell is

func (f *frame) abs(name string) string {
	if strings.HasPrefix(name, "/") {
		return name
	}
	return f.dir + "/" + name
}

var _ io.Writer = (*file)(nil)

// during runs f with another context, for what the library calls back.
func (f *frame) during(ctx context.Context) func() {
	old := f.ctx
	f.ctx = ctx
	return func() { f.ctx = old }
}
