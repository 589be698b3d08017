package coreutils

import (
	"context"
	"errors"
	"fmt"
	"io"
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
		program(tool.Program{Name: "timeout", Options: []tool.Option{{Short: "k", Long: "kill-after", Arg: "DURATION", Help: "taken, without effect"}, {Short: "s", Long: "signal", Arg: "SIGNAL", Help: "taken, without effect"}, {Long: "foreground", Help: "taken, without effect"}, {Long: "preserve-status", Help: "taken, without effect"}, {Short: "v", Long: "verbose", Help: "taken, without effect"}}, Usage: "[OPTION]... DURATION COMMAND [ARG]...", Summary: "Run a program, taking the time limit as kept"}, tool.FirstArg, func(ctx context.Context, c *call) int {
			if len(c.Args) < 2 {
				return c.usage("")
			}
			if _, ok := interval(c.Args[0]); !ok {
				return c.usage(fmt.Sprintf("invalid time interval ‘%s’", c.Args[0]))
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
			if len(c.Args) == 0 {
				return 1
			}
			for _, name := range c.Args {
				if p, ok := find(c.Host.Programs(), name); ok && !p.Builtin {
					fmt.Fprintln(c.Stdout, "/usr/bin/"+name)
				} else {
					c.status = 1
				}
			}
			return 0
		}),
		pager("less"), pager("more"),
		program(tool.Program{Name: "apt", Usage: "COMMAND", Summary: "Install packages, which this machine cannot"}, tool.FirstArg, packages),
		program(tool.Program{Name: "apt-get", Usage: "COMMAND", Summary: "Install packages, which this machine cannot"}, tool.FirstArg, packages),
	}
}

func packages(_ context.Context, c *call) int {
	return c.fail("%s", tool.NotSimulated(strings.Join(append([]string{c.prog.Name}, c.Args...), " ")))
}

func pager(name string) tool.Program {
	return program(tool.Program{Name: name, Usage: "[FILE]...", Summary: "Print files; the console scrolls by itself"}, tool.Permute, func(ctx context.Context, c *call) int {
		c.sources(ctx, c.Args, func(s *source) error { return s.copyTo(ctx, c, c.Stdout) })
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
	status := c.Exec(ctx, &p)
	if status >= 0 {
		return status
	}
	switch c.prog.Name {
	case "sudo":
		return c.fail("%s: command not found", args[0])
	case "xargs":
		c.fail("%s: No such file or directory", args[0])
	case "timeout":
		c.fail("failed to run command ‘%s’: No such file or directory", args[0])
	default:
		c.fail("‘%s’: No such file or directory", args[0])
	}
	return 127
}

// interval reads a time interval: a number and s, m, h or d.
func interval(a string) (time.Duration, bool) {
	unit, num := time.Second, a
	if a == "" {
		return 0, false
	}
	if i := strings.IndexByte("smhd", a[len(a)-1]); i >= 0 {
		unit = []time.Duration{time.Second, time.Minute, time.Hour, 24 * time.Hour}[i]
		num = a[:len(a)-1]
	}
	f, err := strconv.ParseFloat(num, 64)
	if err != nil || f < 0 || f > 1e9 || f != f {
		return 0, false
	}
	return time.Duration(f * float64(unit)), true
}

func sleep(ctx context.Context, c *call) int {
	if len(c.Args) == 0 {
		return c.missing("operand")
	}
	var total time.Duration
	for _, a := range c.Args {
		d, ok := interval(a)
		if !ok {
			return c.usage(fmt.Sprintf("invalid time interval ‘%s’", a))
		}
		total += d
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
