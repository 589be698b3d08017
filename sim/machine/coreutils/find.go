package coreutils

import (
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

func findManual() tool.Program {
	return tool.Program{Name: "find", Usage: "[PATH]... [EXPRESSION]", Summary: "Find files below directories",
		Manual: "Tests: -name PATTERN, -iname PATTERN, -path PATTERN, -ipath PATTERN, -type f|d|l|c, -empty, -size N[ckMG], -perm MODE, -user NAME, -group NAME, -newer FILE, -mtime N, -mmin N, -true, -false. Options: -maxdepth N, -mindepth N, -depth.\n\nOperators: ! and -not, -a and -and, -o and -or, ( and ).\n\nActions: -print, -print0, -printf FORMAT, -delete, -exec COMMAND ;, -exec COMMAND {} +, -prune, -quit."}
}

// found is a file that find looks at.
type found struct {
	name, root string
	info       *vfs.Info
	depth      int
}

// findNode is a part of find's expression.
type findNode func(ctx context.Context, x *found) bool

// finder is one run of find.
type finder struct {
	*call
	args      []string
	i         int
	min, max  int
	depth     bool // what a directory holds before itself
	acts      bool // the expression prints or does something itself
	pruned    bool
	quit      bool
	pending   []*batch
	exitsWith int
}

// batch collects names for -exec ... +.
type batch struct {
	cmd   []string
	names []string
}

// absentTests are real and not simulated here.
var absentTests = map[string]bool{"-regex": true, "-iregex": true, "-regextype": true, "-ls": true, "-fls": true, "-fprint": true, "-fprintf": true, "-lname": true, "-ilname": true, "-inum": true, "-links": true, "-atime": true, "-ctime": true, "-amin": true, "-cmin": true, "-anewer": true, "-cnewer": true, "-ok": true, "-okdir": true, "-execdir": true, "-samefile": true, "-fstype": true, "-readable": true, "-writable": true, "-executable": true, "-daystart": true, "-follow": true, "-mount": true, "-xdev": true, "-nouser": true, "-nogroup": true, "-uid": true, "-gid": true, "-newermt": true}

func findFiles(ctx context.Context, p *tool.Process) int {
	c := &call{Process: p, prog: findManual()}
	args := p.Args[1:]
	if len(args) == 1 && (args[0] == "--help" || args[0] == "-help") {
		tool.Help(p.Stdout, c.prog)
		return 0
	}
	var roots []string
	for len(args) > 0 && !strings.HasPrefix(args[0], "-") && args[0] != "!" && args[0] != "(" {
		roots, args = append(roots, args[0]), args[1:]
	}
	if len(roots) == 0 {
		roots = []string{"."}
	}
	f := &finder{call: c, args: args, max: 1 << 30}
	expr, err := f.parse()
	if err != nil {
		return c.fail("%v", err)
	}
	for _, r := range roots {
		f.visit(ctx, expr, &found{name: r, root: r})
	}
	for _, b := range f.pending {
		f.flush(ctx, b)
	}
	return max(c.status, f.exitsWith)
}

func (f *finder) visit(ctx context.Context, expr findNode, x *found) {
	if f.quit || ctx.Err() != nil || f.ended(ctx) {
		return
	}
	var err error
	if x.info, err = f.FS.Lstat(f.abs(x.name)); err != nil {
		f.fail("‘%s’: %s", x.name, vfs.Errno(err))
		return
	}
	f.pruned = false
	if x.depth >= f.min && !f.depth {
		expr(ctx, x)
	}
	if x.info.IsDir() && x.depth < f.max && !f.pruned {
		list, err := f.FS.ReadDir(f.abs(x.name))
		if err != nil {
			f.fail("‘%s’: %s", x.name, vfs.Errno(err))
		}
		for _, e := range list {
			f.visit(ctx, expr, &found{name: strings.TrimSuffix(x.name, "/") + "/" + e.Name(), root: x.root, depth: x.depth + 1})
		}
	}
	if x.depth >= f.min && f.depth && !f.quit {
		expr(ctx, x)
	}
}

func (f *finder) parse() (findNode, error) {
	if len(f.args) == 0 {
		return f.print("\n"), nil
	}
	expr, err := f.or()
	switch {
	case err != nil:
		return nil, err
	case f.i < len(f.args) && f.args[f.i] == ")":
		return nil, wrongf("you have too many ')'")
	case f.acts:
		return expr, nil
	}
	print := f.print("\n")
	return func(ctx context.Context, x *found) bool { return expr(ctx, x) && print(ctx, x) }, nil
}

func (f *finder) peek() string {
	if f.i < len(f.args) {
		return f.args[f.i]
	}
	return ""
}

func (f *finder) or() (findNode, error) {
	left, err := f.and()
	for err == nil && (f.peek() == "-o" || f.peek() == "-or") {
		f.i++
		var right findNode
		if right, err = f.and(); err == nil {
			a := left
			left = func(ctx context.Context, x *found) bool { return a(ctx, x) || right(ctx, x) }
		}
	}
	return left, err
}

func (f *finder) and() (findNode, error) {
	left, err := f.not()
	for err == nil && f.i < len(f.args) && f.peek() != "-o" && f.peek() != "-or" && f.peek() != ")" {
		if f.peek() == "-a" || f.peek() == "-and" {
			f.i++
		}
		var right findNode
		if right, err = f.not(); err == nil {
			a := left
			left = func(ctx context.Context, x *found) bool { return a(ctx, x) && right(ctx, x) }
		}
	}
	return left, err
}

func (f *finder) not() (findNode, error) {
	switch word := f.peek(); word {
	case "!", "-not":
		f.i++
		n, err := f.not()
		return func(ctx context.Context, x *found) bool { return !n(ctx, x) }, err
	case "(":
		f.i++
		if f.peek() == ")" {
			return nil, wrongf("invalid expression; empty parentheses are not allowed.")
		}
		n, err := f.or()
		if err == nil && f.peek() != ")" {
			err = wrongf("invalid expression; I was expecting to find a ')' somewhere but did not see one.")
		}
		f.i++
		return n, err
	case "":
		if f.i > 0 && f.i >= len(f.args) {
			return nil, wrongf("expected an expression after '%s'", f.args[f.i-1])
		}
		return nil, wrongf("invalid expression")
	case ")":
		return nil, wrongf("invalid expression; you have used a binary operator '%s' with nothing before it.", word)
	default:
		f.i++
		return f.primary(word)
	}
}

// argument is what stands behind a test.
func (f *finder) argument(name string) (string, error) {
	if f.i >= len(f.args) {
		return "", wrongf("missing argument to `%s'", name)
	}
	f.i++
	return f.args[f.i-1], nil
}

// wrong is an error in GNU's own words.
type wrong string

func (w wrong) Error() string { return string(w) }

func wrongf(format string, args ...any) error { return wrong(fmt.Sprintf(format, args...)) }

func yes(context.Context, *found) bool { return true }

func (f *finder) primary(name string) (findNode, error) {
	switch name {
	case "-true":
		return yes, nil
	case "-false":
		return func(context.Context, *found) bool { return false }, nil
	case "-print":
		f.acts = true
		return f.print("\n"), nil
	case "-print0":
		f.acts = true
		return f.print("\x00"), nil
	case "-depth", "-d":
		f.depth = true
		return yes, nil
	case "-prune":
		return func(context.Context, *found) bool { f.pruned = true; return true }, nil
	case "-quit":
		f.acts = true
		return func(context.Context, *found) bool { f.quit = true; return true }, nil
	case "-delete":
		f.acts, f.depth = true, true
		return f.remove, nil
	case "-empty":
		return func(_ context.Context, x *found) bool {
			if x.info.IsDir() {
				list, _ := f.FS.ReadDir(f.abs(x.name))
				return len(list) == 0
			}
			return x.info.Mode().IsRegular() && x.info.Size() == 0
		}, nil
	case "-exec":
		f.acts = true
		return f.exec()
	case "-maxdepth", "-mindepth", "-name", "-iname", "-path", "-wholename", "-ipath", "-type", "-newer", "-size", "-perm", "-user", "-group", "-mtime", "-mmin", "-printf":
		arg, err := f.argument(name)
		if err != nil {
			return nil, err
		}
		return f.test(name, arg)
	}
	switch {
	case absentTests[name]:
		return nil, wrongf("%s", tool.NotSimulated("find "+name))
	case strings.HasPrefix(name, "-"):
		return nil, wrongf("unknown predicate `%s'", name)
	}
	return nil, wrongf("paths must precede expression: `%s'", name)
}

func (f *finder) test(name, arg string) (findNode, error) {
	switch name {
	case "-maxdepth", "-mindepth":
		n, err := strconv.Atoi(arg)
		if err != nil || n < 0 {
			return nil, wrongf("Expected a positive decimal integer argument to %s, but got ‘%s’", name, arg)
		}
		if name == "-maxdepth" {
			f.max = n
		} else {
			f.min = n
		}
		return yes, nil
	case "-name", "-iname":
		return func(_ context.Context, x *found) bool { return matchName(arg, path.Base(x.name), name == "-iname") }, nil
	case "-path", "-wholename", "-ipath":
		return func(_ context.Context, x *found) bool {
			return matchName(strings.ReplaceAll(arg, "/", "\x01"), strings.ReplaceAll(x.name, "/", "\x01"), name == "-ipath")
		}, nil
	case "-type":
		return findType(arg)
	case "-newer":
		ref, err := f.FS.Stat(f.abs(arg))
		if err != nil {
			return nil, wrongf("‘%s’: %s", arg, vfs.Errno(err))
		}
		return func(_ context.Context, x *found) bool { return x.info.ModTime().After(ref.ModTime()) }, nil
	case "-user", "-group":
		known := arg == "root" || slices.ContainsFunc(f.Host.Users, func(u tool.User) bool { return u.Name == arg || slices.Contains(u.Groups, arg) })
		if !known {
			return nil, wrongf("‘%s’ is not the name of a known %s", arg, strings.TrimPrefix(name, "-"))
		}
		return func(_ context.Context, x *found) bool {
			return name == "-user" && x.info.Owner == arg || name == "-group" && x.info.Group == arg
		}, nil
	case "-size":
		return findSize(arg)
	case "-perm":
		return findPerm(arg)
	case "-mtime", "-mmin":
		unit := time.Minute
		if name == "-mtime" {
			unit = 24 * time.Hour
		}
		compare, err := findNumber(name, arg)
		return func(_ context.Context, x *found) bool {
			age := f.Clock.Now().Sub(x.info.ModTime())
			n := int64(age / unit)
			if name == "-mmin" && age%unit > 0 {
				n++
			}
			return compare(n)
		}, err
	}
	f.acts = true // -printf
	return func(_ context.Context, x *found) bool {
		io.WriteString(f.Stdout, findFormat(arg, x))
		return true
	}, nil
}

// matchName matches a pattern that may begin with what hides a file.
func matchName(pattern, name string, fold bool) bool {
	if fold {
		pattern, name = strings.ToLower(pattern), strings.ToLower(name)
	}
	ok, _ := path.Match(pattern, name)
	return ok
}

// findNumber reads N, +N or -N.
func findNumber(name, arg string) (func(n int64) bool, error) {
	want, err := strconv.ParseInt(strings.TrimLeft(arg, "+-"), 10, 64)
	if err != nil {
		return nil, wrongf("invalid argument `%s' to `%s'", arg, name)
	}
	return func(n int64) bool {
		switch arg[0] {
		case '+':
			return n > want
		case '-':
			return n < want
		}
		return n == want
	}, nil
}

func findType(arg string) (findNode, error) {
	letters := strings.Split(arg, ",")
	for _, l := range letters {
		if len(l) != 1 || !strings.Contains("bcdflps", l) {
			return nil, wrongf("Unknown argument to -type: %s", strings.TrimLeft(arg, "bcdflps"))
		}
	}
	return func(_ context.Context, x *found) bool {
		kind := modeString(x.info.Mode())[:1]
		if kind == "-" {
			kind = "f"
		}
		return slices.Contains(letters, kind)
	}, nil
}

func findSize(arg string) (findNode, error) {
	unit := int64(512)
	number := arg
	if arg != "" {
		if u, ok := map[byte]int64{'c': 1, 'w': 2, 'b': 512, 'k': 1 << 10, 'M': 1 << 20, 'G': 1 << 30}[arg[len(arg)-1]]; ok {
			unit, number = u, arg[:len(arg)-1]
		}
	}
	compare, err := findNumber("-size", number)
	if err != nil {
		return nil, wrongf("Invalid argument `%s' to -size", arg)
	}
	return func(_ context.Context, x *found) bool { return compare((x.info.Size() + unit - 1) / unit) }, nil
}

func findPerm(arg string) (findNode, error) {
	mode, err := parseMode(strings.TrimLeft(arg, "-/"), 0)
	if err != nil || arg == "" {
		return nil, wrongf("invalid mode ‘%s’", arg)
	}
	mode = mode.Perm()
	return func(_ context.Context, x *found) bool {
		has := x.info.Mode().Perm()
		switch arg[0] {
		case '-':
			return has&mode == mode
		case '/':
			return mode == 0 || has&mode != 0
		}
		return has == mode
	}, nil
}

// findFormat is what -printf prints.
func findFormat(format string, x *found) string {
	kind := modeString(x.info.Mode())[:1]
	if kind == "-" {
		kind = "f"
	}
	below := strings.TrimPrefix(strings.TrimPrefix(x.name, x.root), "/")
	t := x.info.ModTime()
	fields := map[byte]string{
		'p': x.name, 'f': path.Base(x.name), 'h': path.Dir(x.name), 'P': below, 'H': x.root, 's': strconv.FormatInt(x.info.Size(), 10), 'd': strconv.Itoa(x.depth), 'y': kind, 'u': x.info.Owner, 'g': x.info.Group,
		'm': strconv.FormatUint(uint64(x.info.Mode().Perm()), 8), 'M': modeString(x.info.Mode()), 'l': x.info.Target, 't': t.Format("Mon Jan _2 15:04:05.0000000000 2006"), 'n': strconv.Itoa(x.info.Links), '%': "%",
	}
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		switch {
		case format[i] == '\\' && i+1 < len(format):
			i++
			if k := strings.IndexByte(`abfnrtv\0`, format[i]); k >= 0 {
				b.WriteByte("\a\b\f\n\r\t\v\\\x00"[k])
			} else {
				b.WriteString(format[i-1 : i+1])
			}
		case format[i] == '%' && i+1 < len(format):
			i++
			if format[i] == 'T' && i+1 < len(format) {
				i++
				if format[i] == '@' {
					fmt.Fprintf(&b, "%d.%010d", t.Unix(), int64(t.Nanosecond())*10)
				} else {
					b.WriteString(Strftime("%"+format[i:i+1], t))
				}
				continue
			}
			if v, ok := fields[format[i]]; ok {
				b.WriteString(v)
			} else {
				b.WriteString(format[i-1 : i+1])
			}
		default:
			b.WriteByte(format[i])
		}
	}
	return b.String()
}

func (f *finder) print(end string) findNode {
	return func(_ context.Context, x *found) bool {
		io.WriteString(f.Stdout, x.name+end)
		return true
	}
}

func (f *finder) remove(_ context.Context, x *found) bool {
	if x.name == "." {
		return true
	}
	if err := f.FS.Remove(f.abs(x.name)); err != nil {
		f.fail("cannot delete ‘%s’: %s", x.name, vfs.Errno(err))
		return false
	}
	return true
}

// exec reads -exec and what it runs.
func (f *finder) exec() (findNode, error) {
	var cmd []string
	for f.i < len(f.args) && f.args[f.i] != ";" && !(f.args[f.i] == "+" && len(cmd) > 0 && cmd[len(cmd)-1] == "{}") {
		cmd = append(cmd, f.args[f.i])
		f.i++
	}
	if f.i >= len(f.args) || len(cmd) == 0 {
		return nil, wrongf("missing argument to `-exec'")
	}
	end := f.args[f.i]
	f.i++
	if end == "+" {
		b := &batch{cmd: cmd[:len(cmd)-1]}
		f.pending = append(f.pending, b)
		return func(ctx context.Context, x *found) bool {
			if b.names = append(b.names, x.name); len(strings.Join(b.names, " ")) > maxCommand {
				f.flush(ctx, b)
			}
			return true
		}, nil
	}
	return func(ctx context.Context, x *found) bool {
		args := make([]string, len(cmd))
		for i, a := range cmd {
			args[i] = strings.ReplaceAll(a, "{}", x.name)
		}
		return f.call.exec(ctx, args, f.Stdin, nil) == 0
	}, nil
}

func (f *finder) flush(ctx context.Context, b *batch) {
	if len(b.names) == 0 {
		return
	}
	if f.call.exec(ctx, append(slices.Clone(b.cmd), b.names...), f.Stdin, nil) != 0 {
		f.exitsWith = 1
	}
	b.names = nil
}
