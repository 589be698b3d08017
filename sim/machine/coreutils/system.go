package coreutils

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"skylab/sim/machine/tool"
)

func systemPrograms() []tool.Program {
	return []tool.Program{
		dateProgram(),
		simple("whoami", "Print your user name", func(c *call) { fmt.Fprintln(c.Stdout, c.FS.Who().User) }),
		simple("hostname", "Print the machine's name", func(c *call) { fmt.Fprintln(c.Stdout, c.Host.Hostname) }),
		simple("arch", "Print the machine's architecture", func(c *call) { fmt.Fprintln(c.Stdout, "x86_64") }),
		simple("tty", "Print the terminal's name", func(c *call) {
			if !c.TTY.In {
				c.status = 1
				fmt.Fprintln(c.Stdout, "not a tty")
				return
			}
			fmt.Fprintln(c.Stdout, "/dev/pts/0")
		}),
		simple("clear", "Clear the screen", func(c *call) { io.WriteString(c.Stdout, "\x1b[H\x1b[2J\x1b[3J") }),
		simple("uptime", "Print how long the machine has run", func(c *call) {
			fmt.Fprintf(c.Stdout, " %s up 1 day,  1 user,  load average: 0.00, 0.00, 0.00\n", c.Clock.Now().Format("15:04:05"))
		}),
		program(tool.Program{Name: "uuidgen", Usage: "[OPTION]...", Summary: "Print a new UUID", Options: []tool.Option{
			{Short: "r", Long: "random", Help: "made of random numbers, as without the option"}, {Short: "t", Long: "time", Real: true},
			{Short: "n", Long: "namespace", Arg: "NS", Real: true}, {Short: "N", Long: "name", Arg: "NAME", Real: true}, {Short: "m", Long: "md5", Real: true}, {Short: "s", Long: "sha1", Real: true},
		}}, tool.Permute, func(_ context.Context, c *call) int {
			if len(c.Args) > 0 {
				return c.usage("unexpected argument " + c.Args[0])
			}
			fmt.Fprintln(c.Stdout, c.IDs.GUID("uuidgen"))
			return 0
		}),
		program(tool.Program{Name: "id", Usage: "[OPTION]... [USER]", Summary: "Print a user's number and groups", Options: []tool.Option{
			{Short: "u", Long: "user", Help: "only the user's number"}, {Short: "g", Long: "group", Help: "only the group's number"},
			{Short: "G", Long: "groups", Help: "only the groups"}, {Short: "n", Long: "name", Help: "names instead of numbers"},
		}}, tool.Permute, id),
		program(tool.Program{Name: "groups", Usage: "[USER]...", Summary: "Print your groups, or a user's"}, tool.Permute, func(_ context.Context, c *call) int {
			if len(c.Args) == 0 {
				fmt.Fprintln(c.Stdout, strings.Join(c.FS.Who().Groups, " "))
			}
			for _, name := range c.Args {
				i := slices.IndexFunc(c.Host.Users, func(u tool.User) bool { return u.Name == name })
				switch {
				case i >= 0:
					fmt.Fprintf(c.Stdout, "%s : %s\n", name, strings.Join(c.Host.Users[i].Groups, " "))
				case name == "root":
					fmt.Fprintln(c.Stdout, "root : root")
				default:
					c.fail("‘%s’: no such user", name)
				}
			}
			return 0
		}),
		program(tool.Program{Name: "uname", Usage: "[OPTION]...", Summary: "Print the system's name", Options: []tool.Option{
			{Short: "a", Long: "all", Help: "all of it"}, {Short: "s", Long: "kernel-name", Help: "the kernel"}, {Short: "n", Long: "nodename", Help: "the machine's name"},
			{Short: "r", Long: "kernel-release", Help: "the kernel's release"}, {Short: "v", Long: "kernel-version", Help: "the kernel's build"},
			{Short: "m", Long: "machine", Help: "the architecture"}, {Short: "o", Long: "operating-system", Help: "the operating system"},
		}}, tool.Permute, uname),
		program(tool.Program{Name: "printenv", Usage: "[VARIABLE]...", Summary: "Print environment variables"}, tool.Permute, func(_ context.Context, c *call) int {
			if len(c.Args) == 0 {
				for _, kv := range c.Environ {
					fmt.Fprintln(c.Stdout, kv)
				}
				return 0
			}
			for _, a := range c.Args {
				i := slices.IndexFunc(c.Environ, func(kv string) bool { return strings.HasPrefix(kv, a+"=") })
				if i < 0 {
					c.status = 1
					continue
				}
				fmt.Fprintln(c.Stdout, c.Environ[i][len(a)+1:])
			}
			return 0
		}),
		program(tool.Program{Name: "ps", Usage: "[OPTION]...", Summary: "List processes", Options: []tool.Option{{Short: "e", Help: "all of them"}, {Short: "f", Help: "with more columns"}}}, tool.Permute, func(_ context.Context, c *call) int {
			fmt.Fprintf(c.Stdout, "    PID TTY          TIME CMD\n   1021 pts/0    00:00:00 bash\n   1042 pts/0    00:00:00 ps\n")
			return 0
		}),
	}
}

func simple(name, summary string, run func(*call)) tool.Program {
	return program(tool.Program{Name: name, Summary: summary}, tool.Permute, func(_ context.Context, c *call) int {
		if len(c.Args) > 0 {
			return c.usage(fmt.Sprintf("extra operand ‘%s’", c.Args[0]))
		}
		run(c)
		return 0
	})
}

func id(_ context.Context, c *call) int {
	who := c.FS.Who()
	name, u := who.User, tool.User{Name: who.User, Groups: who.Groups}
	if len(c.Args) > 0 {
		name, u = c.Args[0], tool.User{Name: c.Args[0], Groups: []string{c.Args[0]}}
	}
	found := name == "root"
	for _, x := range c.Host.Users {
		if x.Name == name {
			u, found = x, true
		}
	}
	if !found {
		return c.fail("‘%s’: no such user", name)
	}
	group := name
	if len(u.Groups) > 0 {
		group = u.Groups[0]
	}
	switch {
	case c.Has("user") && c.Has("name"):
		fmt.Fprintln(c.Stdout, name)
	case c.Has("user"):
		fmt.Fprintln(c.Stdout, u.UID)
	case c.Has("group") && c.Has("name"):
		fmt.Fprintln(c.Stdout, group)
	case c.Has("group"):
		fmt.Fprintln(c.Stdout, u.GID)
	case c.Has("groups") && c.Has("name"):
		fmt.Fprintln(c.Stdout, strings.Join(u.Groups, " "))
	default:
		var groups []string
		for i, g := range u.Groups {
			groups = append(groups, fmt.Sprintf("%d(%s)", groupID(u, i), g))
		}
		if c.Has("groups") {
			for i := range groups {
				groups[i], _, _ = strings.Cut(groups[i], "(")
			}
			fmt.Fprintln(c.Stdout, strings.Join(groups, " "))
			return 0
		}
		fmt.Fprintf(c.Stdout, "uid=%d(%s) gid=%d(%s) groups=%s\n", u.UID, name, u.GID, group, strings.Join(groups, ","))
	}
	return 0
}

// systemGroups are the numbers Debian and Ubuntu give these groups.
var systemGroups = map[string]int{"root": 0, "adm": 4, "dialout": 20, "cdrom": 24, "sudo": 27, "plugdev": 46, "lxd": 116}

func groupID(u tool.User, i int) int {
	if n, ok := systemGroups[u.Groups[i]]; ok {
		return n
	}
	return u.GID
}

func uname(_ context.Context, c *call) int {
	if len(c.Args) > 0 {
		return c.usage(fmt.Sprintf("extra operand ‘%s’", c.Args[0]))
	}
	parts := []struct{ option, value string }{
		{"kernel-name", "Linux"}, {"nodename", c.Host.Hostname}, {"kernel-release", "6.8.0-1015-azure"},
		{"kernel-version", "#17-Ubuntu SMP"}, {"machine", "x86_64"}, {"operating-system", "GNU/Linux"},
	}
	var out []string
	for _, p := range parts {
		if c.Has(p.option) || c.Has("all") || len(c.Opts) == 0 && p.option == "kernel-name" {
			out = append(out, p.value)
		}
	}
	fmt.Fprintln(c.Stdout, strings.Join(out, " "))
	return 0
}
