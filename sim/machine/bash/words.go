package bash

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/pattern"
	"mvdan.cc/sh/v3/syntax"

	"skylab/sim/machine/vfs"
)

func newParser() *syntax.Parser { return syntax.NewParser(syntax.Variant(syntax.LangBash)) }

// prepare wraps the expansions that the shell does by itself.
func prepare(n syntax.Node) {
	syntax.Walk(n, func(n syntax.Node) bool {
		switch x := n.(type) {
		case *syntax.CmdSubst:
			if x.TempFile {
				if call, ok := x.Stmts[0].Cmd.(*syntax.CallExpr); ok {
					if p := call.Args[0].Parts[1].(*syntax.ParamExp); p.Index != nil {
						prepare(p.Index)
					}
					return false
				}
			}
		case *syntax.Word:
			wrap(x.Parts)
		case *syntax.DblQuoted:
			wrap(x.Parts)
		}
		return true
	})
}

// wrap replaces parts of a word by command substitutions of a kind that bash's
// grammar does not make.
func wrap(parts []syntax.WordPart) {
	for i, part := range parts {
		switch x := part.(type) {
		case *syntax.ArithmExp:
			parts[i] = &syntax.CmdSubst{Left: x.Left, Right: x.Right, TempFile: true, Stmts: []*syntax.Stmt{{Position: x.Left, Cmd: &syntax.ArithmCmd{Left: x.Left, Right: x.Right, X: x.X}}}}
		case *syntax.ParamExp:
			if x.Param != nil && x.Exp != nil && indexAll(x.Index) && x.Exp.Op <= syntax.AssignUnsetOrNull && !strings.HasPrefix(x.Param.Value, marked) {
				param := *x.Param
				param.Value = marked + param.Value
				x.Param = &param
			}
			if x.Param != nil && x.Param.Value == "LINENO" {
				param := *x.Param
				param.Value = marked + "LINENO"
				x.Param = &param
			}
			if ours(x) {
				word := &syntax.Word{Parts: []syntax.WordPart{&syntax.SglQuoted{Left: x.Pos(), Right: x.End()}, x}}
				parts[i] = &syntax.CmdSubst{Left: x.Dollar, Right: x.Rbrace, TempFile: true, Stmts: []*syntax.Stmt{{Position: x.Dollar, Cmd: &syntax.CallExpr{Args: []*syntax.Word{word}}}}}
			}
		}
	}
}

// ours reports whether the shell does a parameter expansion by itself.
func ours(x *syntax.ParamExp) bool {
	if x.Param == nil || x.Short {
		return false
	}
	all := indexAll(x.Index)
	switch {
	case x.Repl != nil && !all && x.Param.Value != "@" && x.Param.Value != "*":
		return anchor(x.Repl.Orig) != 0
	case x.Length && all, x.Length && x.Param.Value == "@", x.Length && x.Param.Value == "*":
		return true
	case x.Exp != nil && x.Exp.Op == syntax.OtherParamOps:
		op := x.Exp.Word.Lit()
		return !all && x.Param.Value != "@" && strings.Contains("QAPK", op)
	}
	return false
}

func indexAll(x syntax.ArithmExpr) bool {
	w, ok := x.(*syntax.Word)
	return ok && (w.Lit() == "@" || w.Lit() == "*")
}

// anchor is the # or % that a pattern to be replaced begins with.
func anchor(w *syntax.Word) byte {
	if w == nil || len(w.Parts) == 0 {
		return 0
	}
	if lit, ok := w.Parts[0].(*syntax.Lit); ok && lit.Value != "" && (lit.Value[0] == '#' || lit.Value[0] == '%') {
		return lit.Value[0]
	}
	return 0
}

// replaceAnchored is ${x/#PATTERN/TEXT} and ${x/%PATTERN/TEXT}.
func (f *frame) replaceAnchored(r *syntax.Replace, value string) (string, error) {
	at := anchor(r.Orig)
	pat, err := expand.Pattern(f.config(), r.Orig)
	if err != nil {
		return "", err
	}
	with, err := expand.Literal(f.config(), r.With)
	if err != nil {
		return "", err
	}
	text, err := pattern.Regexp(pat[1:], pattern.ExtendedOperators)
	if err != nil {
		return value, nil
	}
	if at == '#' {
		text = "^(?:" + text + ")"
	} else {
		text = "(?:" + text + ")$"
	}
	rx, err := f.compiled("at:"+text, func() (*regexp.Regexp, error) { return regexp.Compile("(?s)" + text) })
	if err != nil {
		return value, nil
	}
	if loc := rx.FindStringIndex(value); loc != nil {
		return value[:loc[0]] + with + value[loc[1]:], nil
	}
	return value, nil
}

// hook does a wrapped expansion.
func (f *frame) hook(w io.Writer, stmt *syntax.Stmt) error {
	if x, ok := stmt.Cmd.(*syntax.ArithmCmd); ok {
		n, err := f.arithm(f.ctx, x.X)
		if err != nil {
			return f.inExpression(x.X, err)
		}
		_, err = io.WriteString(w, strconv.FormatInt(n, 10))
		return err
	}
	x := stmt.Cmd.(*syntax.CallExpr).Args[0].Parts[1].(*syntax.ParamExp)
	name := x.Param.Value
	v := f.get(name)
	if _, target := v.Resolve(environ{f}); v.Kind == expand.NameRef {
		v = target
	}
	if x.Length {
		n := len(v.List)
		switch v.Kind {
		case expand.Associative:
			n = len(v.Map)
		case expand.String:
			n = 1
		}
		_, err := io.WriteString(w, strconv.Itoa(n))
		return err
	}
	if !v.IsSet() {
		if f.options["nounset"] {
			return expand.UnsetParameterError{Node: x, Message: "unbound variable"}
		}
		return nil
	}
	value := v.String()
	if x.Index != nil {
		var err error
		if value, err = expand.Literal(f.config(), &syntax.Word{Parts: []syntax.WordPart{&syntax.ParamExp{Param: x.Param, Index: x.Index}}}); err != nil {
			return err
		}
	}
	if x.Repl != nil {
		value, err := f.replaceAnchored(x.Repl, value)
		if err == nil {
			_, err = io.WriteString(w, value)
		}
		return err
	}
	switch x.Exp.Word.Lit() {
	case "Q":
		value = quoted(value)
	case "A":
		value = strings.TrimSuffix(f.declaration(name, true), "\n")
	case "P":
		value = f.prompt(value)
	case "K":
		value = quoted(value)
	}
	_, err := io.WriteString(w, value)
	return err
}

// config is how words expand now.
func (f *frame) config() *expand.Config {
	c := &expand.Config{Env: environ{f}, CmdSubst: f.commandSubstitution, ProcSubst: f.processSubstitution, GlobStar: f.shopts["globstar"], DotGlob: f.shopts["dotglob"], NoCaseGlob: f.shopts["nocaseglob"], NullGlob: f.shopts["nullglob"], ExtGlob: f.shopts["extglob"], NoUnset: f.options["nounset"]}
	if !f.options["noglob"] {
		c.ReadDir2 = f.readDir
	}
	return c
}

func (f *frame) readDir(name string) ([]fs.DirEntry, error) {
	if err := f.budget.yield(f.ctx); err != nil {
		return nil, err
	}
	list, err := f.files().ReadDir(f.abs(name))
	if err != nil { // bash passes over what it cannot read
		return nil, nil
	}
	out := make([]fs.DirEntry, len(list))
	for i, e := range list {
		out[i] = e
	}
	return out, nil
}

// files is the machine's files as the shell may use them.
func (f *frame) files() *vfs.View { return f.m.Files(f.user).WithUmask(fs.FileMode(f.umask)) }

// wordCost is what a word takes besides its bytes.
const wordCost = 16

// fields expands words to a command's arguments.
func (f *frame) fields(ctx context.Context, words ...*syntax.Word) ([]string, bool) {
	defer f.during(ctx)()
	err := f.checkGrowth(words...)
	var out []string
	if err == nil {
		out, err = f.split(words)
	}
	if err != nil {
		f.expansionFailed(err)
		return nil, false
	}
	n := 0
	for _, w := range out {
		if n += len(w) + wordCost; n > maxValue {
			f.expansionFailed(assignError(fmt.Sprintf("xmalloc: cannot allocate %d bytes", n)))
			return nil, false
		}
	}
	return out, true
}

// split expands words to fields. Where IFS has more than blanks, a word that is
// one expansion is split here: the library drops its empty fields.
func (f *frame) split(words []*syntax.Word) ([]string, error) {
	ifs := f.get("IFS")
	if !ifs.IsSet() || strings.Trim(ifs.Str, " \t\n") == "" {
		return expand.Fields(f.config(), words...)
	}
	var out []string
	for _, w := range words {
		var more []string
		var err error
		if !splittable(w) {
			more, err = expand.Fields(f.config(), w)
		} else {
			var value string
			if value, err = expand.Literal(f.config(), w); err == nil {
				for _, field := range splitFields(value, ifs.Str, -1) {
					names := []string{field}
					if strings.ContainsAny(field, "*?[") {
						names, err = expand.Fields(f.config(), &syntax.Word{Parts: []syntax.WordPart{&syntax.Lit{Value: field}}})
					}
					more = append(more, names...)
				}
			}
		}
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// splittable reports whether a word is one unquoted expansion of one value.
func splittable(w *syntax.Word) bool {
	if len(w.Parts) != 1 {
		return false
	}
	switch p := w.Parts[0].(type) {
	case *syntax.CmdSubst:
		return true
	case *syntax.ParamExp:
		return p.Param != nil && p.Param.Value != "@" && p.Param.Value != "*" && !indexAll(p.Index) && !p.Excl
	}
	return false
}

// literal expands a word to one text, as the value of an assignment.
func (f *frame) literal(ctx context.Context, w *syntax.Word) (string, bool) {
	defer f.during(ctx)()
	err := f.checkGrowth(w)
	out := ""
	if err == nil {
		out, err = expand.Literal(f.config(), w)
	}
	if err != nil {
		f.expansionFailed(err)
		return "", false
	}
	return out, true
}

// expansionFailed tells why words could not be expanded; the line is given up,
// and by a missing parameter the shell that is no prompt.
func (f *frame) expansionFailed(err error) {
	var unset expand.UnsetParameterError
	f.status = 1
	switch {
	case f.ctx.Err() != nil:
		f.jump, f.status = abandoning, 130
	case errors.As(err, &unset):
		message := unset.Message
		if e := unset.Node.Exp; message == "" && e != nil {
			message = "parameter not set"
			if e.Op == syntax.ErrorUnsetOrNull {
				message = "parameter null or not set"
			}
		}
		name := strings.TrimPrefix(unset.Node.Param.Value, marked)
		if name != "" && name[0] >= '1' && name[0] <= '9' && unset.Message == "unbound variable" {
			name = "$" + name
		}
		f.complain("%s: %s", name, message)
		f.jump = abandoning
		if !f.interactive || f.depth > 0 {
			f.jump = exiting
			if f.hasC {
				f.status = 127
			}
		}
	case strings.HasPrefix(err.Error(), "xrealloc") || strings.HasPrefix(err.Error(), "xmalloc"):
		fmt.Fprintf(f.err(), "%s: %v\n", f.name, err)
		f.jump, f.status = abandoning, 2
		if !f.interactive || f.depth > 0 {
			f.jump = exiting
		}
	default:
		f.complain("%v", err)
		f.jump = abandoning
	}
}

// maxSubst is how deep substitutions of commands nest: each is a process.
const maxSubst = 500

// commandSubstitution implements expand.Config.
func (f *frame) commandSubstitution(w io.Writer, c *syntax.CmdSubst) error {
	if c.TempFile && len(c.Stmts) == 1 {
		return f.hook(w, c.Stmts[0])
	}
	if len(c.Stmts) == 0 {
		f.substs = 0
		return nil
	}
	var out bytes.Buffer
	if s := c.Stmts[0]; len(c.Stmts) == 1 && s.Cmd == nil && len(s.Redirs) == 1 && s.Redirs[0].Op == syntax.RdrIn { // $(<file)
		name, ok := f.literal(f.ctx, s.Redirs[0].Word)
		if !ok {
			return f.ctx.Err()
		}
		data, err := f.files().ReadFile(f.abs(name))
		if err != nil {
			f.complain("%s: %s", name, vfs.Errno(err))
			f.substs = 1
			return nil
		}
		out.Write(data)
		f.substs = 0
	} else if f.substDepth >= maxSubst {
		f.complain("fork: retry: Resource temporarily unavailable")
		f.substs = 254
		return nil
	} else {
		sub := f.subshell()
		if !f.options["posix"] && !f.shopts["inherit_errexit"] {
			sub.options["errexit"] = false
		}
		sub.substDepth++
		sub.replace(1, &file{w: &bounded{w: &out}, refs: 1})
		held := f.held
		sub.run(f.ctx, func() { sub.stmts(f.ctx, c.Stmts) })
		f.held = held
		f.substs, f.status = sub.status, sub.status
		if err := f.ctx.Err(); err != nil {
			return err
		}
	}
	if out.Len() > maxValue {
		return assignError(fmt.Sprintf("xrealloc: cannot allocate %d bytes", out.Len()))
	}
	data := bytes.ReplaceAll(out.Bytes(), []byte{0}, nil)
	if len(data) != out.Len() {
		f.complain("warning: command substitution: ignored null byte in input")
	}
	_, err := w.Write(bytes.TrimRight(data, "\n"))
	return err
}

// bounded takes a little more than the largest value, so that it can be seen to
// be too large.
type bounded struct{ w *bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	if b.w.Len() > maxValue {
		return 0, errPipe
	}
	return b.w.Write(p)
}

// run runs the commands of a subshell to its end.
func (f *frame) run(ctx context.Context, commands func()) {
	f.ctx = ctx
	commands()
	f.finish(ctx)
	f.end()
}

// processSubstitution implements expand.Config: the other side is a file, read
// after it was written.
func (f *frame) processSubstitution(p *syntax.ProcSubst) (string, error) {
	n := 63
	for f.procs[n] {
		n--
	}
	f.procs[n] = true
	name := "/dev/fd/" + strconv.Itoa(n)
	root := f.files().As(vfs.Who{User: "root", Groups: []string{"root"}, Root: true})
	err := root.MkdirAll("/dev/fd", 0o777)
	if err == nil {
		err = root.Chmod("/dev/fd", 0o777)
	}
	if err == nil {
		err = f.files().WriteFile(name, nil, 0o600)
	}
	if err != nil {
		return "", assignError("cannot make " + name + ": " + vfs.Errno(err))
	}
	ctx := f.ctx
	work := func(flag int, fd int) {
		sub := f.subshell()
		x, err := sub.openFile(name, flag, 0o600)
		if err == nil {
			sub.replace(fd, x)
		}
		sub.run(ctx, func() { sub.stmts(ctx, p.Stmts) })
		f.jump = goOn
	}
	if p.Op == syntax.CmdIn {
		work(openWrite, 1)
	}
	f.after = append(f.after, func() {
		if p.Op == syntax.CmdOut {
			work(openRead, 0)
		}
		delete(f.procs, n)
		_ = f.files().Remove(name)
	})
	return name, nil
}

// quoted writes a text so that bash reads it as one word again, always quoted.
func quoted(s string) string {
	if control(s) {
		return dollarQuoted(s)
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func control(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

func dollarQuoted(s string) string {
	var b strings.Builder
	b.WriteString("$'")
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '\n':
			b.WriteString(`\n`)
		case '\t':
			b.WriteString(`\t`)
		case '\r':
			b.WriteString(`\r`)
		case '\a':
			b.WriteString(`\a`)
		case '\b':
			b.WriteString(`\b`)
		case '\f':
			b.WriteString(`\f`)
		case '\v':
			b.WriteString(`\v`)
		case 0x1b:
			b.WriteString(`\E`)
		case '\\', '\'':
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			if c < ' ' || c == 0x7f {
				fmt.Fprintf(&b, `\%03o`, c)
			} else {
				b.WriteByte(c)
			}
		}
	}
	b.WriteByte('\'')
	return b.String()
}

// bare writes a text as set and xtrace do: quoted where it must be.
func bare(s string) string {
	switch {
	case s == "":
		return "''"
	case control(s):
		return dollarQuoted(s)
	case strings.ContainsAny(s, " \t\n'\"\\|&;()<>!{}*[]?^$`,") || s[0] == '#' || s[0] == '~':
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

// doubled writes a text in double quotes, as declare -p does.
func doubled(s string) string {
	if control(s) {
		return dollarQuoted(s)
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		if strings.IndexByte("\"$`\\", s[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	b.WriteByte('"')
	return b.String()
}

// declaration is the command that makes a variable what it is; with bash's
// quotes, for declare -p.
func (f *frame) declaration(name string, short bool) string {
	v, ok := f.vars[name]
	if !ok {
		return ""
	}
	flags := ""
	for _, a := range []struct {
		letter string
		is     bool
	}{{"a", v.Kind == expand.Indexed}, {"A", v.Kind == expand.Associative}, {"n", v.Kind == expand.NameRef}, {"i", v.Integer}, {"r", v.ReadOnly}, {"x", v.Exported}, {"l", v.Case == "l"}, {"u", v.Case == "u"}} {
		if a.is {
			flags += a.letter
		}
	}
	value := ""
	switch {
	case !v.IsSet():
	case v.Kind == expand.Indexed:
		parts := make([]string, len(v.List))
		for i, x := range v.List {
			at := i
			if v.Indexes != nil {
				at = v.Indexes[i]
			}
			parts[i] = fmt.Sprintf("[%d]=%s", at, doubled(x))
		}
		value = "=(" + strings.Join(parts, " ") + ")"
	case v.Kind == expand.Associative:
		var b strings.Builder
		for _, k := range slices.Sorted(maps.Keys(v.Map)) {
			key := k
			if bare(k) != k {
				key = doubled(k)
			}
			fmt.Fprintf(&b, "[%s]=%s ", key, doubled(v.Map[k]))
		}
		value = "=(" + b.String() + ")"
	case short:
		value = "=" + quoted(v.Str)
	default:
		value = "=" + doubled(v.Str)
	}
	switch {
	case flags == "" && short:
		return name + value + "\n"
	case flags == "":
		flags = "-"
	}
	return "declare -" + flags + " " + name + value + "\n"
}

// matches reports whether a text matches a pattern as a whole.
func (f *frame) matches(pat, s string) bool {
	mode := pattern.EntireString | pattern.ExtendedOperators
	if f.shopts["nocasematch"] {
		mode |= pattern.NoGlobCase
	}
	rx, err := f.regexp(pat, mode)
	return err == nil && rx.MatchString(s)
}

// prompt expands what PS1 holds.
func (f *frame) prompt(s string) string {
	if !strings.Contains(s, `\`) && !strings.ContainsAny(s, "$`") {
		return s
	}
	home := f.text("HOME")
	dir := f.dir
	if rest, ok := strings.CutPrefix(dir, home); ok && home != "" && home != "/" && (rest == "" || rest[0] == '/') {
		dir = "~" + rest
	}
	var b strings.Builder
	now := f.m.Clock.Now()
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case 'u':
			b.WriteString(f.user.Name)
		case 'h':
			h, _, _ := strings.Cut(f.m.Hostname, ".")
			b.WriteString(h)
		case 'H':
			b.WriteString(f.m.Hostname)
		case 'w':
			b.WriteString(dir)
		case 'W':
			if dir == "~" {
				b.WriteString(dir)
			} else {
				b.WriteString(path.Base(dir))
			}
		case '$':
			if f.user.UID == 0 {
				b.WriteByte('#')
			} else {
				b.WriteByte('$')
			}
		case 's':
			b.WriteString(strings.TrimPrefix(f.name, "-"))
		case 'n':
			b.WriteByte('\n')
		case 'a', '[', ']', 'r':
		case 'e', '0', 'E': // colours: the page has its own
			if j := strings.IndexByte(s[i:], 'm'); j > 0 && strings.HasPrefix(strings.TrimLeft(s[i:], "0123e"), "[") {
				i += j
			}
		case 't':
			b.WriteString(now.Format("15:04:05"))
		case 'T':
			b.WriteString(now.Format("03:04:05"))
		case 'A':
			b.WriteString(now.Format("15:04"))
		case '@':
			b.WriteString(now.Format("03:04 PM"))
		case 'd':
			b.WriteString(now.Format("Mon Jan 02"))
		case 'v':
			b.WriteString("5.1")
		case 'V':
			b.WriteString("5.1.16")
		case '!':
			b.WriteString(strconv.Itoa(len(f.history) + 1))
		case '#':
			b.WriteString(strconv.Itoa(len(f.history) + 1))
		case 'j':
			b.WriteString(strconv.Itoa(len(f.jobs)))
		case '\\':
			b.WriteByte('\\')
		default:
			b.WriteString(s[i-1 : i+1])
		}
	}
	out := b.String()
	if !f.shopts["promptvars"] || !strings.ContainsAny(out, "$`") {
		return out
	}
	w, err := newParser().Document(strings.NewReader(out))
	if err != nil {
		return out
	}
	prepare(w)
	status := f.status
	if expanded, err := expand.Document(f.config(), w); err == nil {
		out = expanded
	}
	f.status = status
	return out
}
