package coreutils

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"sort"
	"strconv"
	"strings"
	"time"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

func runPrograms() []tool.Program {
	return []tool.Program{
		{Name: "true", Summary: "Do nothing, well", Run: func(context.Context, *tool.Process) int { return 0 }},
		{Name: "false", Summary: "Do nothing, and fail", Run: func(context.Context, *tool.Process) int { return 1 }},
		{Name: "echo", Usage: "[-n] [STRING]...", Summary: "Print its arguments", Run: func(_ context.Context, p *tool.Process) int {
			args, end := p.Args[1:], "\n"
			if len(args) > 0 && args[0] == "-n" {
				args, end = args[1:], ""
			}
			io.WriteString(p.Stdout, strings.Join(args, " ")+end)
			return 0
		}},
		program(tool.Program{Name: "sleep", Usage: "NUMBER[smhd]...", Summary: "Let time pass on the machine's clock"}, tool.Permute, sleep),
		program(tool.Program{Name: "env", Usage: "[OPTION]... [NAME=VALUE]... [COMMAND [ARG]...]", Summary: "Run a program in another environment", Options: []tool.Option{
			{Short: "i", Long: "ignore-environment", Help: "start with an empty one"}, {Short: "u", Long: "unset", Arg: "NAME", Help: "take a variable out"},
		}}, tool.FirstArg, env),
		program(tool.Program{Name: "sudo", Usage: "[OPTION]... COMMAND [ARG]...", Summary: "Run a program as root", Options: []tool.Option{
			{Short: "u", Long: "user", Arg: "USER", Help: "as USER instead"}, {Short: "n", Long: "non-interactive", Help: "ask nothing"}, {Short: "i", Long: "login", Real: true}, {Short: "s", Long: "shell", Real: true},
		}}, tool.FirstArg, sudo),
		program(tool.Program{Name: "xargs", Usage: "[OPTION]... [COMMAND [ARG]...]", Summary: "Run a program with the words of standard input", Options: []tool.Option{
			{Short: "n", Long: "max-args", Arg: "NUM", Help: "at most NUM words a run"}, {Short: "I", Arg: "TEXT", Help: "once a line, with TEXT replaced by it"},
			{Short: "0", Long: "null", Help: "words end with a zero byte"}, {Short: "r", Long: "no-run-if-empty", Help: "do not run without words"},
		}}, tool.FirstArg, xargs),
		program(tool.Program{Name: "timeout", Usage: "DURATION COMMAND [ARG]...", Summary: "Run a program, taking the time limit as kept"}, tool.FirstArg, func(ctx context.Context, c *call) int {
			if len(c.Args) < 2 {
				return c.missing("operand") + 124
			}
			return c.exec(ctx, c.Args[1:], c.Stdin, nil)
		}),
		program(tool.Program{Name: "yes", Usage: "[STRING]...", Summary: "Print a line again and again until stopped"}, tool.FirstArg, func(ctx context.Context, c *call) int {
			line := "y\n"
			if len(c.Args) > 0 {
				line = strings.Join(c.Args, " ") + "\n"
			}
			for i := 0; ; i++ {
				_, err := io.WriteString(c.Stdout, line)
				if errors.Is(err, vfs.ErrNoSpace) {
					return c.fail("standard output: %s", vfs.Errno(err))
				}
				if err != nil || i%256 == 0 && c.ended(ctx) {
					return 141
				}
			}
		}),
		program(tool.Program{Name: "man", Usage: "[-k] NAME", Summary: "Show what a program does", Options: []tool.Option{{Short: "k", Long: "apropos", Help: "list programs whose summary has NAME in it"}}}, tool.Permute, man),
		program(tool.Program{Name: "which", Usage: "[-a] NAME...", Summary: "Print where programs stand", Options: []tool.Option{{Short: "a", Help: "all of them"}}}, tool.Permute, func(_ context.Context, c *call) int {
			for _, name := range c.Args {
				if p, ok := find(c.Host.Programs(), name); ok && !p.Builtin {
					fmt.Fprintln(c.Stdout, "/usr/bin/"+name)
				} else {
					c.status = 1
				}
			}
			return 0
		}),
		pager("less"), pager("more"), sedProgram(), diffProgram(),
		program(tool.Program{Name: "cmp", Usage: "[-s] FILE1 FILE2", Summary: "Compare two files byte by byte", Options: []tool.Option{{Short: "s", Long: "quiet", Help: "print nothing"}}}, tool.Permute, compare),
		program(tool.Program{Name: "apt", Usage: "COMMAND", Summary: "Install packages, which this machine cannot"}, tool.FirstArg, packages),
		program(tool.Program{Name: "apt-get", Usage: "COMMAND", Summary: "Install packages, which this machine cannot"}, tool.FirstArg, packages),
	}
}

func packages(_ context.Context, c *call) int {
	return c.fail("%s", tool.NotSimulated(strings.Join(append([]string{c.prog.Name}, c.Args...), " ")))
}

func pager(name string) tool.Program {
	return program(tool.Program{Name: name, Usage: "[FILE]...", Summary: "Print files; the console scrolls by itself"}, tool.Permute, func(_ context.Context, c *call) int {
		c.inputs(c.Args, func(_ string, data []byte) { c.Stdout.Write(data) })
		return 0
	})
}

// exec runs another program with this process's surroundings.
func (c *call) exec(ctx context.Context, args []string, in io.Reader, change func(*tool.Process)) int {
	p := *c.Process
	p.Args, p.Stdin = args, in
	if change != nil {
		change(&p)
	}
	return c.Exec(ctx, &p)
}

func sleep(ctx context.Context, c *call) int {
	if len(c.Args) == 0 {
		return c.missing("operand")
	}
	var total time.Duration
	for _, a := range c.Args {
		unit := time.Second
		num := a
		if i := strings.IndexByte("smhd", a[max(len(a)-1, 0):][0]); i >= 0 {
			unit = []time.Duration{time.Second, time.Minute, time.Hour, 24 * time.Hour}[i]
			num = a[:len(a)-1]
		}
		f, err := strconv.ParseFloat(num, 64)
		if err != nil || f < 0 || f > 1e9 {
			return c.usage(fmt.Sprintf("invalid time interval '%s'", a))
		}
		total += time.Duration(f * float64(unit))
	}
	if c.Clock.Sleep(ctx, total) != nil {
		return 130
	}
	return 0
}

func env(ctx context.Context, c *call) int {
	environ := c.Environ
	if c.Has("ignore-environment") {
		environ = nil
	}
	set := map[string]string{}
	for _, kv := range environ {
		k, v, _ := strings.Cut(kv, "=")
		set[k] = v
	}
	for _, k := range c.Values("unset") {
		delete(set, k)
	}
	args := c.Args
	for len(args) > 0 && strings.Contains(args[0], "=") {
		k, v, _ := strings.Cut(args[0], "=")
		set[k], args = v, args[1:]
	}
	out := make([]string, 0, len(set))
	for k, v := range set {
		out = append(out, k+"="+v)
	}
	sort.Strings(out)
	if len(args) == 0 {
		for _, kv := range out {
			fmt.Fprintln(c.Stdout, kv)
		}
		return 0
	}
	return c.exec(ctx, args, c.Stdin, func(p *tool.Process) { p.Environ = out })
}

func sudo(ctx context.Context, c *call) int {
	if len(c.Args) == 0 {
		fmt.Fprintln(c.Stderr, "usage: sudo [-u USER] COMMAND [ARG]...")
		return 1
	}
	user := "root"
	if v, ok := c.Lookup("user"); ok {
		user = v
	}
	allowed := c.Host.User.Sudo || c.FS.Who().Root
	who := vfs.Who{User: "root", Groups: []string{"root"}, Root: true}
	known := user == "root"
	for _, u := range c.Host.Users {
		if u.Name == user {
			known = true
			if user != "root" {
				who = vfs.Who{User: user, Groups: u.Groups}
			}
		}
	}
	switch {
	case !known:
		return c.fail("unknown user: %s", user)
	case !allowed:
		return c.fail("%s is not in the sudoers file.", c.FS.Who().User)
	}
	return c.exec(ctx, c.Args, c.Stdin, func(p *tool.Process) { p.FS = p.FS.As(who) })
}

func xargs(ctx context.Context, c *call) int {
	data, _ := io.ReadAll(c.Stdin)
	cmd := c.Args
	if len(cmd) == 0 {
		cmd = []string{"echo"}
	}
	status := 0
	run := func(args []string) bool {
		switch s := c.exec(ctx, args, bytes.NewReader(nil), nil); {
		case s == 127 || s == 126:
			status = s
			return false
		case s != 0:
			status = 123
		}
		return !c.ended(ctx)
	}
	if text, ok := c.Lookup("I"); ok {
		for _, l := range lines(data) {
			args := make([]string, len(cmd))
			for i, a := range cmd {
				args[i] = strings.ReplaceAll(a, text, strings.TrimLeft(l, " \t"))
			}
			if !run(args) {
				break
			}
		}
		return status
	}
	words := strings.Fields(string(data))
	if c.Has("null") {
		words = strings.Split(strings.TrimSuffix(string(data), "\x00"), "\x00")
	}
	per := max(len(words), 1)
	if v, ok := c.Lookup("max-args"); ok {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 {
			return c.fail("value %s for -n option should be >= 1", v)
		}
		per = n
	}
	if len(words) == 0 {
		if !c.Has("no-run-if-empty") {
			run(cmd)
		}
		return status
	}
	for len(words) > 0 {
		n := min(per, len(words))
		if !run(append(append([]string{}, cmd...), words[:n]...)) {
			break
		}
		words = words[n:]
	}
	return status
}

func man(_ context.Context, c *call) int {
	if len(c.Args) == 0 {
		fmt.Fprintln(c.Stderr, "What manual page do you want?\nFor example, try 'man man'.")
		return 1
	}
	all := c.Host.Programs()
	for _, name := range c.Args {
		if c.Has("apropos") {
			n := 0
			for _, p := range all {
				if strings.Contains(strings.ToLower(p.Name+" "+p.Summary), strings.ToLower(name)) {
					fmt.Fprintf(c.Stdout, "%-16s - %s\n", p.Name+" (1)", p.Summary)
					n++
				}
			}
			if n == 0 {
				fmt.Fprintf(c.Stderr, "%s: nothing appropriate.\n", name)
				c.status = 16
			}
			continue
		}
		p, ok := find(all, name)
		if !ok {
			fmt.Fprintf(c.Stderr, "No manual entry for %s\n", name)
			c.status = 16
			continue
		}
		tool.Manual(c.Stdout, p)
	}
	return 0
}

func compare(_ context.Context, c *call) int {
	if len(c.Args) != 2 {
		return c.missing("operand")
	}
	var data [2][]byte
	for i, name := range c.Args {
		var err error
		if data[i], err = c.read(name); err != nil {
			return c.fail("%s: %s", name, vfs.Errno(err)) + 1
		}
	}
	a, b := data[0], data[1]
	for i := range a {
		if i >= len(b) {
			break
		}
		if a[i] != b[i] {
			if !c.Has("quiet") {
				fmt.Fprintf(c.Stdout, "%s %s differ: byte %d, line %d\n", c.Args[0], c.Args[1], i+1, bytes.Count(a[:i], []byte("\n"))+1)
			}
			return 1
		}
	}
	if len(a) == len(b) {
		return 0
	}
	if !c.Has("quiet") {
		short, n := c.Args[0], len(a)
		if len(b) < len(a) {
			short, n = c.Args[1], len(b)
		}
		fmt.Fprintf(c.Stderr, "cmp: EOF on %s after byte %d\n", path.Clean(short), n)
	}
	return 1
}
