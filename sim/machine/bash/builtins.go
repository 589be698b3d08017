package bash

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

// builtins are the shell's own commands, by name.
var builtins map[string]func(f *frame, ctx context.Context, args []string) int

// usages are what the builtins say after a wrong option, as bash does.
var usages = map[string]string{
	"alias": "[-p] [name[=value] ... ]", "cd": "[-L|[-P [-e]] [-@]] [dir]", "command": "[-pVv] command [arg ...]", "declare": "[-aAfFgiIlnrtux] [-p] [name[=value] ...]", "dirs": "[-clpv] [+N] [-N]",
	"export": "[-fn] [name[=value] ...] or export -p", "fc": "[-e ename] [-lnr] [first] [last] or fc -s [pat=rep] [command]", "hash": "[-lr] [-p pathname] [-dt] [name ...]",
	"history": "[-c] [-d offset] [n] or history -anrw [filename] or history -ps arg [arg...]", "local": "[option] name[=value] ...", "mapfile": "[-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]",
	"popd": "[-n] [+N | -N]", "printf": "[-v var] format [arguments]", "pushd": "[-n] [+N | -N | dir]", "pwd": "[-LP]", "read": "[-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]",
	"readarray": "[-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]", "readonly": "[-aAf] [name[=value] ...] or readonly -p", "set": "[-abefhkmnptuvxBCHP] [-o option-name] [--] [arg ...]",
	"shopt": "[-pqsu] [-o] [optname ...]", "trap": "[-lp] [[arg] signal_spec ...]", "type": "[-afptP] name [name ...]", "typeset": "[-aAfFgiIlnrtux] [-p] name[=value] ...", "ulimit": "[-SHabcdefiklmnpqrstuvxPT] [limit]",
	"umask": "[-p] [-S] [mode]", "unalias": "[-a] name [name ...]", "unset": "[-f] [-v] [-n] [name ...]", "getopts": "optstring name [arg ...]", "let": "arg [arg ...]", "source": "filename [arguments]", ".": "filename [arguments]",
}

func init() {
	builtins = map[string]func(f *frame, ctx context.Context, args []string) int{
		":": succeed, "true": succeed, "false": func(*frame, context.Context, []string) int { return 1 },
		"[": testBuiltin, "test": testBuiltin, "echo": echoBuiltin, "printf": printfBuiltin, "read": readBuiltin, "mapfile": mapfileBuiltin, "readarray": mapfileBuiltin,
		"cd": cdBuiltin, "pwd": pwdBuiltin, "pushd": pushdBuiltin, "popd": popdBuiltin, "dirs": dirsBuiltin,
		"declare": declBuiltin, "typeset": declBuiltin, "local": declBuiltin, "export": declBuiltin, "readonly": declBuiltin, "unset": unsetBuiltin, "shift": shiftBuiltin, "getopts": getoptsBuiltin, "let": letBuiltin,
		"set": setBuiltin, "shopt": shoptBuiltin, "trap": trapBuiltin, "eval": evalBuiltin, "source": sourceBuiltin, ".": sourceBuiltin, "command": commandBuiltin, "builtin": builtinBuiltin, "exec": execBuiltin,
		"break": breakBuiltin, "continue": breakBuiltin, "return": returnBuiltin, "exit": exitBuiltin, "logout": exitBuiltin,
		"alias": aliasBuiltin, "unalias": unaliasBuiltin, "type": typeBuiltin, "hash": hashBuiltin, "history": historyBuiltin, "fc": fcBuiltin, "help": helpBuiltin,
		"jobs": jobsBuiltin, "wait": waitBuiltin, "fg": fgBuiltin, "bg": fgBuiltin, "kill": killBuiltin, "disown": disownBuiltin,
		"umask": umaskBuiltin, "ulimit": ulimitBuiltin, "times": timesBuiltin, "caller": callerBuiltin,
		"bind": absent, "complete": absent, "compgen": absent, "compopt": absent, "enable": absent, "suspend": absent,
	}
}

func succeed(*frame, context.Context, []string) int { return 0 }

// absent is a builtin that exists in bash and not here.
func absent(f *frame, _ context.Context, args []string) int {
	fmt.Fprintln(f.err(), tool.NotSimulated(args[0]))
	return 2
}

// wrongOption reports an option that a builtin does not have.
func (f *frame) wrongOption(name, option string) int {
	f.complain("%s: %s: invalid option\n%s: usage: %s %s", name, option, name, name, usages[name])
	return 2
}

// letters takes a builtin's options of one letter from its arguments.
func (f *frame) letters(args []string, known string) (given map[byte]bool, rest []string, ok bool) {
	name, rest := args[0], args[1:]
	given = map[byte]bool{}
	for len(rest) > 0 && len(rest[0]) > 1 && rest[0][0] == '-' {
		a := rest[0]
		if a == "--" {
			return given, rest[1:], true
		}
		for i := 1; i < len(a); i++ {
			if strings.IndexByte(known, a[i]) < 0 {
				f.wrongOption(name, "-"+a[i:i+1])
				return nil, nil, false
			}
			given[a[i]] = true
		}
		rest = rest[1:]
	}
	return given, rest, true
}

// count reads the number that break, shift or exit takes.
func (f *frame) count(name string, args []string, otherwise int) (int, bool) {
	if len(args) == 0 {
		return otherwise, true
	}
	n, err := strconv.Atoi(args[0])
	if err != nil {
		f.complain("%s: %s: numeric argument required", name, args[0])
		return 0, false
	}
	if len(args) > 1 {
		f.complain("%s: too many arguments", name)
		return 0, false
	}
	return n, true
}

func breakBuiltin(f *frame, _ context.Context, args []string) int {
	if f.loops == 0 {
		f.complain("%s: only meaningful in a `for', `while', or `until' loop", args[0])
		return 0
	}
	n, ok := f.count(args[0], args[1:], 1)
	f.jump = breaking
	switch {
	case !ok:
		f.levels = f.loops
		return 128
	case n < 1:
		f.complain("%s: %s: loop count out of range", args[0], args[1])
		f.levels = f.loops
		return 1
	case args[0] == "continue":
		f.jump = continuing
	}
	f.levels = min(n, f.loops)
	return 0
}

func returnBuiltin(f *frame, _ context.Context, args []string) int {
	if len(f.calls) == 0 && f.sourced == 0 {
		f.complain("return: can only `return' from a function or sourced script")
		return 2
	}
	n, ok := f.count("return", args[1:], f.status)
	f.jump = returning
	if !ok {
		return 2
	}
	return n & 0xff
}

func exitBuiltin(f *frame, _ context.Context, args []string) int {
	if args[0] == "logout" && f.name != "-bash" {
		f.complain("logout: not login shell: use `exit'")
		return 1
	}
	if f.interactive && f.depth == 0 {
		if f.name == "-bash" {
			fmt.Fprintln(f.err(), "logout")
		} else {
			fmt.Fprintln(f.err(), "exit")
		}
	}
	n := f.status
	if len(args) > 1 {
		var err error
		if n, err = strconv.Atoi(args[1]); err != nil {
			f.complain("%s: %s: numeric argument required", args[0], args[1])
			n = 2
		} else if len(args) > 2 {
			f.complain("%s: too many arguments", args[0])
			if n = 1; f.interactive {
				return 1
			}
		}
	}
	f.jump = exiting
	return n & 0xff
}

func shiftBuiltin(f *frame, _ context.Context, args []string) int {
	n, ok := f.count("shift", args[1:], 1)
	switch {
	case !ok:
		return 1
	case n < 0:
		f.complain("shift: %d: shift count out of range", n)
		return 1
	case n > len(f.params):
		if f.shopts["shift_verbose"] {
			f.complain("shift: %d: shift count out of range", n)
		}
		return 1
	}
	f.params = f.params[n:]
	return 0
}

func evalBuiltin(f *frame, ctx context.Context, args []string) int {
	args = args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	text := strings.Join(args, " ")
	if strings.TrimSpace(text) == "" {
		return 0
	}
	line := f.line
	f.evals++
	f.script(ctx, text)
	f.evals--
	f.line = line
	return f.status
}

func sourceBuiltin(f *frame, ctx context.Context, args []string) int {
	name := args[0]
	if len(args) < 2 {
		f.complain("%s: filename argument required\n%s: usage: %s filename [arguments]", name, name, name)
		return 2
	}
	file := args[1]
	full := f.abs(file)
	if !strings.Contains(file, "/") {
		if found, ok := f.lookPath(file); ok {
			full = found
		}
	}
	if i, err := f.files().Stat(full); err == nil && i.IsDir() {
		f.complain("%s: %s: is a directory", name, file)
		return 1
	}
	data, err := f.files().ReadFile(full)
	if err != nil {
		f.complain("%s: %s", file, vfs.Errno(err))
		return 1
	}
	if f.sourced > 200 {
		f.complain("%s: maximum source nesting level exceeded", file)
		return 1
	}
	params, line, arg0, loops := f.params, f.line, f.arg0, f.loops
	if len(args) > 2 {
		f.params = args[2:]
	}
	f.sourced++
	f.arg0, f.loops = file, 0
	f.script(ctx, string(data))
	f.sourced--
	f.line, f.arg0, f.loops = line, arg0, loops
	if len(args) > 2 {
		f.params = params
	}
	if f.jump == returning {
		f.jump = goOn
	}
	return f.status
}

func builtinBuiltin(f *frame, ctx context.Context, args []string) int {
	if args = args[1:]; len(args) == 0 {
		return 0
	}
	f.invoke(ctx, args, onlyBuiltins)
	return f.status
}

// execBuiltin is exec behind command or builtin.
func execBuiltin(f *frame, ctx context.Context, args []string) int {
	f.exec(ctx, args, nil)
	return f.status
}

func commandBuiltin(f *frame, ctx context.Context, args []string) int {
	given, rest, ok := f.letters(args, "pvV")
	if !ok {
		return 2
	}
	if len(rest) == 0 {
		return 0
	}
	if !given['v'] && !given['V'] {
		f.invoke(ctx, rest, noFunctions)
		return f.status
	}
	status := 1
	for _, name := range rest {
		kind, where := f.findName(name)
		switch {
		case kind == "":
			if given['V'] {
				f.complain("command: %s: not found", name)
			}
			continue
		case given['V']:
			f.tell(name, kind, where)
		case kind == "alias":
			fmt.Fprintf(f.out(), "alias %s=%s\n", name, quoted(f.aliases[name]))
		case kind == "file":
			fmt.Fprintln(f.out(), where)
		default:
			fmt.Fprintln(f.out(), name)
		}
		status = 0
	}
	return status
}

var keywords = strings.Fields("! [[ ]] case coproc do done elif else esac fi for function if in select then time until while { }")

// findName says what a name is (alias, keyword, function, builtin, file) and
// where a file stands.
func (f *frame) findName(name string) (kind, where string) {
	if _, ok := f.aliases[name]; ok && f.shopts["expand_aliases"] {
		return "alias", ""
	}
	switch _, isFunction := f.funcs[name]; {
	case slices.Contains(keywords, name):
		return "keyword", ""
	case isFunction:
		return "function", ""
	case builtins[name] != nil:
		return "builtin", ""
	}
	return f.findFile(name)
}

func (f *frame) findFile(name string) (kind, where string) {
	if strings.Contains(name, "/") {
		if i, err := f.files().Stat(f.abs(name)); err == nil && !i.IsDir() && f.files().Access(f.abs(name), vfs.Exec) == nil {
			return "file", name
		}
		return "", ""
	}
	if _, ok := f.m.Program(name); ok && name != "" {
		return "file", "/usr/bin/" + name
	}
	if full, ok := f.lookPath(name); ok {
		return "file", full
	}
	return "", ""
}

func (f *frame) tell(name, kind, where string) {
	switch kind {
	case "alias":
		fmt.Fprintf(f.out(), "%s is aliased to `%s'\n", name, f.aliases[name])
	case "keyword":
		fmt.Fprintf(f.out(), "%s is a shell keyword\n", name)
	case "function":
		fmt.Fprintf(f.out(), "%s is a function\n%s", name, f.functionText(name))
	case "builtin":
		fmt.Fprintf(f.out(), "%s is a shell builtin\n", name)
	default:
		fmt.Fprintf(f.out(), "%s is %s\n", name, where)
	}
}

// functionText is a function as declare -f prints it.
func (f *frame) functionText(name string) string {
	var b strings.Builder
	file, err := newParser().Parse(strings.NewReader(f.funcs[name].source()), "")
	if err != nil || len(file.Stmts) != 1 {
		return ""
	}
	decl, ok := file.Stmts[0].Cmd.(*syntax.FuncDecl)
	if !ok {
		return ""
	}
	var body strings.Builder
	if err := syntax.NewPrinter(syntax.Indent(4)).Print(&body, decl.Body); err != nil {
		return ""
	}
	text := strings.TrimSpace(body.String())
	if inner, ok := strings.CutPrefix(text, "{"); ok {
		inner = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(inner), "}"))
		lines := strings.Split(inner, "\n")
		if len(lines) == 1 {
			inner = strings.ReplaceAll(strings.TrimSuffix(inner, ";"), "; ", ";\n    ")
		} else {
			for i, l := range lines {
				l = strings.TrimPrefix(l, "    ")
				if i+1 < len(lines) && l != "" && !strings.HasSuffix(l, "then") && !strings.HasSuffix(l, "do") && !strings.HasSuffix(l, "{") && !strings.HasSuffix(l, "else") {
					l += ";"
				}
				lines[i] = "    " + strings.TrimSuffix(strings.ReplaceAll(l, ";;", ";"), "")
			}
			inner = strings.TrimPrefix(strings.Join(lines, "\n"), "    ")
		}
		text = "{ \n    " + inner + "\n}"
	}
	fmt.Fprintf(&b, "%s () \n%s\n", name, text)
	return b.String()
}

func typeBuiltin(f *frame, _ context.Context, args []string) int {
	given, rest, ok := f.letters(args, "afptP")
	if !ok {
		return 2
	}
	status := 0
	for _, name := range rest {
		kind, where := f.findName(name)
		if given['P'] || given['f'] && kind == "function" {
			kind, where = f.findFile(name)
		}
		if given['p'] && kind != "file" {
			if kind == "" {
				status = 1
			}
			continue
		}
		switch {
		case kind == "":
			if !given['t'] && !given['p'] && !given['P'] {
				f.complain("type: %s: not found", name)
			}
			status = 1
		case given['t']:
			fmt.Fprintln(f.out(), kind)
		case given['p'], given['P']:
			fmt.Fprintln(f.out(), where)
		default:
			f.tell(name, kind, where)
			if given['a'] && kind != "file" {
				if kind, where := f.findFile(name); kind == "file" {
					f.tell(name, kind, where)
					f.tell(name, kind, strings.TrimPrefix(where, "/usr"))
				}
			}
		}
	}
	return status
}

func hashBuiltin(f *frame, _ context.Context, args []string) int {
	given, rest, ok := f.letters(args, "lrpdt")
	if !ok {
		return 2
	}
	status := 0
	for _, name := range rest {
		if kind, where := f.findFile(name); kind != "file" && builtins[name] == nil && f.funcs[name].decl == nil {
			f.complain("hash: %s: not found", name)
			status = 1
		} else if given['t'] {
			fmt.Fprintln(f.out(), where)
		}
	}
	if len(rest) == 0 && len(given) == 0 {
		fmt.Fprintln(f.out(), "hash: hash table empty")
	}
	return status
}

func helpBuiltin(f *frame, _ context.Context, args []string) int {
	names := slices.Sorted(maps.Keys(builtins))
	if len(args) == 1 {
		fmt.Fprint(f.out(), "GNU bash, version "+bashVersion+" (x86_64-pc-linux-gnu)\nThese shell commands are defined internally.  Type `help NAME' for one of them,\n`man NAME' for a program.\n\n")
		for _, name := range names {
			fmt.Fprintln(f.out(), strings.TrimSpace(" "+name+" "+usages[name]))
		}
		return 0
	}
	status := 0
	for _, name := range args[1:] {
		if builtins[name] == nil {
			f.complain("help: no help topics match `%s'.  Try `help help' or `man -k %s' or `info %s'.", name, name, name)
			status = 1
			continue
		}
		fmt.Fprintf(f.out(), "%s: %s\n", name, strings.TrimSpace(name+" "+usages[name]))
	}
	return status
}

func aliasBuiltin(f *frame, _ context.Context, args []string) int {
	_, rest, ok := f.letters(args, "p")
	if !ok {
		return 2
	}
	if len(rest) == 0 {
		for _, name := range slices.Sorted(maps.Keys(f.aliases)) {
			fmt.Fprintf(f.out(), "alias %s=%s\n", name, quoted(f.aliases[name]))
		}
		return 0
	}
	status := 0
	for _, a := range rest {
		name, value, set := strings.Cut(a, "=")
		switch old, ok := f.aliases[name]; {
		case set:
			f.aliases[name] = value
		case ok:
			fmt.Fprintf(f.out(), "alias %s=%s\n", name, quoted(old))
		default:
			f.complain("alias: %s: not found", name)
			status = 1
		}
	}
	return status
}

func unaliasBuiltin(f *frame, _ context.Context, args []string) int {
	given, rest, ok := f.letters(args, "a")
	if !ok {
		return 2
	}
	if given['a'] {
		clear(f.aliases)
		return 0
	}
	if len(rest) == 0 {
		fmt.Fprintln(f.err(), "unalias: usage: unalias "+usages["unalias"])
		return 2
	}
	status := 0
	for _, name := range rest {
		if _, ok := f.aliases[name]; !ok {
			f.complain("unalias: %s: not found", name)
			status = 1
		}
		delete(f.aliases, name)
	}
	return status
}

func disownBuiltin(f *frame, _ context.Context, args []string) int {
	if len(args) == 1 {
		args = append(args, "%+")
	}
	for _, a := range args[1:] {
		if a == "-a" || a == "-h" || a == "-r" {
			continue
		}
		j, ok := f.job(a)
		if !ok {
			f.complain("disown: %s: no such job", strings.Replace(a, "%+", "current", 1))
			return 1
		}
		j.told = true
	}
	return 0
}

func umaskBuiltin(f *frame, _ context.Context, args []string) int {
	given, rest, ok := f.letters(args, "pS")
	if !ok {
		return 2
	}
	if len(rest) > 0 {
		n, err := strconv.ParseUint(rest[0], 8, 32)
		if err != nil && rest[0][0] >= '0' && rest[0][0] <= '9' || n > 0o777 {
			f.complain("umask: %s: octal number out of range", rest[0])
			return 1
		}
		if err != nil {
			mode, err := vfsMode(rest[0], 0o777&^f.umask)
			if err != nil {
				f.complain("umask: `%s': invalid symbolic mode operator", rest[0][:1])
				return 1
			}
			n = uint64(0o777 &^ mode)
		}
		f.umask = uint32(n)
		return 0
	}
	lead := ""
	if given['p'] {
		lead = "umask "
	}
	if given['S'] {
		var parts []string
		for i, who := range []string{"u", "g", "o"} {
			bits := (0o777 &^ f.umask) >> (6 - 3*i) & 7
			s := ""
			for j, c := range []string{"r", "w", "x"} {
				if bits>>(2-j)&1 == 1 {
					s += c
				}
			}
			parts = append(parts, who+"="+s)
		}
		if given['p'] {
			lead += "-S "
		}
		fmt.Fprintln(f.out(), lead+strings.Join(parts, ","))
		return 0
	}
	fmt.Fprintf(f.out(), "%s%04o\n", lead, f.umask)
	return 0
}

// vfsMode reads a symbolic mode such as u=rwx,g-w.
func vfsMode(text string, mode uint32) (uint32, error) {
	for _, part := range strings.Split(text, ",") {
		at := strings.IndexAny(part, "=+-")
		if at < 0 {
			return 0, strconv.ErrSyntax
		}
		who, bits := part[:at], uint32(0)
		for _, c := range part[at+1:] {
			i := strings.IndexRune("xwr", c)
			if i < 0 {
				return 0, strconv.ErrSyntax
			}
			bits |= 1 << i
		}
		if who == "" || strings.Contains(who, "a") {
			who = "ugo"
		}
		for _, c := range who {
			i := strings.IndexRune("ogu", c)
			if i < 0 {
				return 0, strconv.ErrSyntax
			}
			shift := 3 * i
			switch part[at] {
			case '=':
				mode = mode&^(7<<shift) | bits<<shift
			case '+':
				mode |= bits << shift
			case '-':
				mode &^= bits << shift
			}
		}
	}
	return mode, nil
}

// limits are what ulimit shows of an Ubuntu VM.
var limits = []struct {
	letter      byte
	name, unit  string
	value, hard string
}{
	{'c', "core file size", "(blocks, -c)", "0", "unlimited"}, {'d', "data seg size", "(kbytes, -d)", "unlimited", "unlimited"}, {'e', "scheduling priority", "(-e)", "0", "0"}, {'f', "file size", "(blocks, -f)", "unlimited", "unlimited"},
	{'i', "pending signals", "(-i)", "3808", "3808"}, {'l', "max locked memory", "(kbytes, -l)", "125848", "125848"}, {'m', "max memory size", "(kbytes, -m)", "unlimited", "unlimited"}, {'n', "open files", "(-n)", "1024", "1048576"},
	{'p', "pipe size", "(512 bytes, -p)", "8", "8"}, {'q', "POSIX message queues", "(bytes, -q)", "819200", "819200"}, {'r', "real-time priority", "(-r)", "0", "0"}, {'s', "stack size", "(kbytes, -s)", "8192", "unlimited"},
	{'t', "cpu time", "(seconds, -t)", "unlimited", "unlimited"}, {'u', "max user processes", "(-u)", "3808", "3808"}, {'v', "virtual memory", "(kbytes, -v)", "unlimited", "unlimited"}, {'x', "file locks", "(-x)", "unlimited", "unlimited"},
}

func ulimitBuiltin(f *frame, _ context.Context, args []string) int {
	given, rest, ok := f.letters(args, "SHabcdefiklmnpqrstuvxPT")
	if !ok {
		return 2
	}
	if len(rest) > 0 {
		if _, err := strconv.Atoi(rest[0]); err != nil && rest[0] != "unlimited" && rest[0] != "hard" && rest[0] != "soft" {
			f.complain("ulimit: %s: invalid number", rest[0])
			return 1
		}
		fmt.Fprintln(f.err(), tool.NotSimulated("ulimit "+strings.Join(args[1:], " ")))
		return 1
	}
	value := func(i int) string {
		if given['H'] {
			return limits[i].hard
		}
		return limits[i].value
	}
	if given['a'] {
		for i, l := range limits {
			fmt.Fprintf(f.out(), "%-23s %s %s\n", l.name, fmt.Sprintf("%*s", 20-len(l.unit)+len(l.unit)-3, l.unit), value(i))
		}
		return 0
	}
	shown := 0
	for i, l := range limits {
		if given[l.letter] {
			fmt.Fprintln(f.out(), value(i))
			shown++
		}
	}
	if shown == 0 {
		fmt.Fprintln(f.out(), value(3))
	}
	return 0
}

func timesBuiltin(f *frame, _ context.Context, _ []string) int {
	fmt.Fprint(f.out(), "0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n")
	return 0
}

func callerBuiltin(f *frame, _ context.Context, _ []string) int {
	if len(f.calls) == 0 {
		return 1
	}
	from := path.Base(f.arg0)
	if f.hasC {
		from = "NULL"
	}
	fmt.Fprintf(f.out(), "%d %s\n", f.line, from)
	return 0
}

func letBuiltin(f *frame, ctx context.Context, args []string) int {
	if len(args) == 1 {
		f.complain("let: expression expected")
		return 1
	}
	var n int64
	for _, a := range args[1:] {
		var err error
		if n, err = f.evaluate(ctx, a); err != nil {
			f.complain("let: %v", err)
			return 1
		}
	}
	return int(truth(n == 0))
}
