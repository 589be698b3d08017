// Package python is Python 3.11 on a simulated machine, as far as one-liners and
// small scripts go: a part of the language with Python's own tracebacks, the
// modules that the articles use, and python3 -m json.tool (facts/bash.md §C3).
// What Python has and this lacks says so. The package must not know any shell.
package python

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"skylab/sim/machine/python/manual"
	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

var options = manual.Program().Options

// Program returns the program.
func Program() tool.Program {
	p := manual.Program()
	p.Run = run
	return p
}

const exe = "/usr/bin/python3"

func run(ctx context.Context, p *tool.Process) int {
	args := p.Args[1:]
	usage := func(format string, a ...any) int {
		fmt.Fprintf(p.Stderr, format+"\nusage: "+exe+" [option] ... [-c cmd | -m mod | file | -] [arg] ...\nTry `python -h' for more information.\n", a...)
		return 2
	}
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		a := args[0]
		args = args[1:]
		switch {
		case a == "--":
		case a == "--version":
			fmt.Fprintln(p.Stdout, "Python 3.11.2")
			return 0
		case a == "--help":
			tool.Help(p.Stdout, Program())
			return 0
		case strings.HasPrefix(a, "--"):
			return usage("unknown option %s", a)
		default:
			for i, r := range a[1:] {
				rest := a[2+i:]
				if r == 'c' || r == 'm' {
					if rest == "" {
						if len(args) == 0 {
							return usage("Argument expected for the -%c option", r)
						}
						rest, args = args[0], args[1:]
					}
					if r == 'c' {
						return execute(ctx, p, rest, &program{file: "<string>"}, append([]string{"-c"}, args...), false)
					}
					return runModule(p, rest, args)
				}
				o, ok := tool.Option{}, false
				for _, x := range options {
					if x.Short == string(r) {
						o, ok = x, true
					}
				}
				switch {
				case r == 'V':
					fmt.Fprintln(p.Stdout, "Python 3.11.2")
					return 0
				case r == 'h':
					tool.Help(p.Stdout, Program())
					return 0
				case !ok:
					return usage("Unknown option: -%c", r)
				case o.Real:
					fmt.Fprintln(p.Stderr, tool.NotSimulated("python3 -"+o.Short))
					return 2
				}
			}
		}
	}
	if len(args) > 0 && args[0] != "-" {
		name := args[0]
		full := name
		if !path.IsAbs(full) {
			full = p.Dir + "/" + name
		}
		data, err := p.FS.ReadFile(full)
		if errors.Is(err, vfs.ErrIsDir) {
			fmt.Fprintf(p.Stderr, "%s: can't find '__main__' module in '%s'\n", exe, path.Clean(full))
			return 1
		} else if err != nil {
			fmt.Fprintf(p.Stderr, "%s: can't open file '%s': [Errno %d] %s\n", exe, path.Clean(full), map[bool]int{true: 13, false: 2}[vfs.Errno(err) == "Permission denied"], vfs.Errno(err))
			return 2
		}
		src := string(data)
		return execute(ctx, p, src, &program{file: path.Clean(full), lines: strings.Split(src, "\n")}, args, false)
	}
	if p.TTY.In {
		fmt.Fprintln(p.Stderr, tool.NotSimulated("python3 at a prompt"))
		return 1
	}
	data, err := io.ReadAll(p.Stdin)
	if err != nil {
		return 1
	}
	if len(args) == 0 {
		args = []string{""}
	}
	return execute(ctx, p, string(data), &program{file: "<stdin>"}, args, true)
}

func runModule(p *tool.Process, name string, args []string) int {
	if name == "json.tool" {
		return jsonTool(p, args)
	}
	for _, r := range append([]string{"json", "base64", "pip"}, realModules...) {
		if r == name || strings.HasPrefix(name, r+".") || name == "http.server" {
			fmt.Fprintln(p.Stderr, tool.NotSimulated("python3 -m "+name))
			return 1
		}
	}
	fmt.Fprintf(p.Stderr, "%s: No module named %s\n", exe, name)
	return 1
}

// execute runs a source and returns python's exit status.
func execute(ctx context.Context, p *tool.Process, src string, prog *program, argv []string, drained bool) int {
	body, bad := parse(src)
	if bad != nil {
		io.WriteString(p.Stderr, explain(src, prog.file, bad))
		return 1
	}
	in := &interp{ctx: ctx, p: p, prog: prog, modules: map[string]*module{}, argv: argv}
	in.globals = &scope{vars: map[string]any{"__name__": "__main__"}, name: "<module>"}
	in.stdin = &file{name: "<stdin>", mode: "r", r: p.Stdin, ended: drained}
	in.stdout, in.stderr = &file{name: "<stdout>", mode: "w", w: p.Stdout}, &file{name: "<stderr>", mode: "w", w: p.Stderr}
	err := in.block(body, in.globals)
	var gone *absent
	var e *exception
	switch {
	case err == nil:
		return 0
	case ctx.Err() != nil:
		return 130
	case errors.As(err, &gone):
		fmt.Fprintln(p.Stderr, gone.Error())
		return 1
	case errors.Is(err, errPipe):
		return 141
	case !errors.As(err, &e):
		return 1
	}
	if e.class != systemExit {
		io.WriteString(p.Stderr, prog.traceback(e))
		return 1
	}
	if len(e.args) == 0 || e.args[0] == nil {
		return 0
	}
	if n, ok := asInt(e.args[0]); ok {
		return int(n.Int64()) & 0xff
	}
	fmt.Fprintln(p.Stderr, str(e.args[0]))
	return 1
}
