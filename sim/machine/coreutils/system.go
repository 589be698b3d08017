package coreutils

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"skylab/sim/machine/tool"
)

func systemPrograms() []tool.Program {
	return []tool.Program{
		program(tool.Program{Name: "date", Usage: "[OPTION]... [+FORMAT]", Summary: "Print the time", Options: []tool.Option{
			{Short: "u", Long: "utc", Help: "in UTC, as the machine's time always is"},
			{Short: "d", Long: "date", Arg: "STRING", Help: "this time instead of now: @SECONDS, a date, '2 hours ago'"},
			{Short: "I", Long: "iso-8601", Arg: "FMT", Optional: true, Help: "as 2006-01-02; FMT: date, hours, minutes, seconds"},
			{Short: "R", Long: "rfc-email", Help: "as in a mail"},
			{Short: "s", Long: "set", Real: true},
		}}, tool.Permute, date),
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
		program(tool.Program{Name: "groups", Summary: "Print your groups"}, tool.Permute, func(_ context.Context, c *call) int {
			fmt.Fprintln(c.Stdout, strings.Join(c.FS.Who().Groups, " "))
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
			return c.usage(fmt.Sprintf("extra operand '%s'", c.Args[0]))
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
		return c.fail("'%s': no such user", name)
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

func date(_ context.Context, c *call) int {
	t := c.Clock.Now()
	if v, ok := c.Lookup("date"); ok {
		parsed, err := parseDate(v, t)
		if err != nil {
			return c.fail("invalid date '%s'", v)
		}
		t = parsed
	}
	format := "+%a %b %e %H:%M:%S UTC %Y"
	if c.Has("rfc-email") {
		format = "+%a, %d %b %Y %H:%M:%S +0000"
	}
	if v, ok := c.Lookup("iso-8601"); ok {
		format = map[string]string{"": "+%F", "date": "+%F", "hours": "+%FT%H+00:00", "minutes": "+%FT%H:%M+00:00", "seconds": "+%FT%H:%M:%S+00:00"}[v]
		if format == "" {
			return c.usage(fmt.Sprintf("invalid argument '%s' for '--iso-8601'", v))
		}
	}
	switch {
	case len(c.Args) > 1:
		return c.usage(fmt.Sprintf("extra operand '%s'", c.Args[1]))
	case len(c.Args) == 1 && strings.HasPrefix(c.Args[0], "+"):
		format = c.Args[0]
	case len(c.Args) == 1:
		return c.fail("cannot set date: Operation not permitted")
	}
	fmt.Fprintln(c.Stdout, Strftime(format[1:], t))
	return 0
}

func parseDate(s string, now time.Time) (time.Time, error) {
	s = strings.TrimSpace(s)
	if sec, ok := strings.CutPrefix(s, "@"); ok {
		n, err := strconv.ParseInt(sec, 10, 64)
		return time.Unix(n, 0).UTC(), err
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02", time.RFC1123, time.RFC1123Z} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	switch s {
	case "now", "today", "":
		return now, nil
	case "yesterday":
		return now.AddDate(0, 0, -1), nil
	case "tomorrow":
		return now.AddDate(0, 0, 1), nil
	}
	f := strings.Fields(strings.TrimPrefix(s, "now "))
	sign := 1
	if len(f) == 3 && f[2] == "ago" {
		sign, f = -1, f[:2]
	}
	if len(f) == 1 { // "+2hours"
		i := strings.IndexFunc(f[0], func(r rune) bool { return r >= 'a' && r <= 'z' })
		if i > 0 {
			f = []string{f[0][:i], f[0][i:]}
		}
	}
	if len(f) != 2 {
		return now, fmt.Errorf("no such date")
	}
	n, err := strconv.Atoi(f[0])
	if err != nil {
		return now, err
	}
	n *= sign
	switch strings.TrimSuffix(f[1], "s") {
	case "sec", "second":
		return now.Add(time.Duration(n) * time.Second), nil
	case "min", "minute":
		return now.Add(time.Duration(n) * time.Minute), nil
	case "hour":
		return now.Add(time.Duration(n) * time.Hour), nil
	case "day":
		return now.AddDate(0, 0, n), nil
	case "week":
		return now.AddDate(0, 0, 7*n), nil
	case "month":
		return now.AddDate(0, n, 0), nil
	case "year":
		return now.AddDate(n, 0, 0), nil
	}
	return now, fmt.Errorf("no such unit")
}

// strftimeLayouts maps conversions to Go's layouts; the rest stands in strftime.
var strftimeLayouts = map[byte]string{
	'Y': "2006", 'm': "01", 'd': "02", 'e': "_2", 'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "PM", 'a': "Mon", 'A': "Monday", 'b': "Jan", 'h': "Jan",
	'B': "January", 'y': "06", 'j': "002", 'F': "2006-01-02", 'T': "15:04:05", 'R': "15:04", 'D': "01/02/06", 'z': "-0700", 'Z': "MST", 'c': "Mon Jan _2 15:04:05 2006", 'x': "01/02/06", 'X': "15:04:05", 'r': "03:04:05 PM", 'N': "000000000",
}

func Strftime(format string, t time.Time) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 >= len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		if format[i] == '-' && i+1 < len(format) {
			i++
			b.WriteString(strings.TrimLeft(t.Format(strftimeLayouts[format[i]]), "0 "))
			continue
		}
		switch c := format[i]; c {
		case 's':
			b.WriteString(strconv.FormatInt(t.Unix(), 10))
		case 'N':
			fmt.Fprintf(&b, "%09d", t.Nanosecond())
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case '%':
			b.WriteByte('%')
		case 'u':
			b.WriteString(strconv.Itoa((int(t.Weekday())+6)%7 + 1))
		case 'w':
			b.WriteString(strconv.Itoa(int(t.Weekday())))
		default:
			if layout, ok := strftimeLayouts[c]; ok {
				b.WriteString(t.Format(layout))
			} else {
				b.WriteString("%" + string(rune(c)))
			}
		}
	}
	return b.String()
}
