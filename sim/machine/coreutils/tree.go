package coreutils

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

func treePrograms() []tool.Program {
	return []tool.Program{
		program(tool.Program{Name: "ls", Usage: "[OPTION]... [FILE]...", Summary: "List files", Options: []tool.Option{
			{Short: "a", Long: "all", Help: "with names that begin with ."},
			{Short: "A", Long: "almost-all", Help: "the same without . and .."},
			{Short: "l", Help: "with modes, owners, sizes and times"},
			{Short: "1", Help: "one name a line"},
			{Short: "d", Long: "directory", Help: "directories themselves, not what is in them"},
			{Short: "h", Long: "human-readable", Help: "sizes as 1.2K, 3.4M"},
			{Short: "R", Long: "recursive", Help: "with all that is below"},
			{Short: "t", Help: "newest first"},
			{Short: "S", Help: "largest first"},
			{Short: "r", Long: "reverse", Help: "the other way round"},
			{Short: "F", Long: "classify", Help: "mark directories (/), programs (*) and links (@)"},
			{Long: "color", Arg: "WHEN", Optional: true, Help: "taken, without effect"},
			{Short: "n", Long: "numeric-uid-gid", Real: true},
			{Short: "i", Long: "inode", Real: true},
		}}, tool.Permute, ls),
		{Name: "find", Usage: "[PATH]... [EXPRESSION]", Summary: "Find files below directories", Run: findFiles,
			Manual: "Tests: -name PATTERN, -iname PATTERN, -path PATTERN, -type f|d|l, -empty, -maxdepth N, -mindepth N, -newer FILE, ! and -not. Actions: -print, -delete, -print0."},
		program(tool.Program{Name: "stat", Usage: "[OPTION]... FILE...", Summary: "Show what is known of files", Options: []tool.Option{
			{Short: "c", Long: "format", Arg: "FORMAT", Help: "print FORMAT: %n name, %s size, %a octal mode, %A mode, %U owner, %G group, %Y time, %F type"},
		}}, tool.Permute, stat),
		program(tool.Program{Name: "du", Usage: "[OPTION]... [FILE]...", Summary: "Count the space files take", Options: []tool.Option{
			{Short: "s", Long: "summarize", Help: "only the sum of each argument"},
			{Short: "h", Long: "human-readable", Help: "sizes as 1.2K, 3.4M"},
		}}, tool.Permute, du),
		program(tool.Program{Name: "df", Usage: "[OPTION]...", Summary: "Show how full the disk is", Options: []tool.Option{
			{Short: "h", Long: "human-readable", Help: "sizes as 1.2K, 3.4M"},
		}}, tool.Permute, df),
		pathProgram("basename", "NAME [SUFFIX]", "Print a path's last part", func(c *call) int {
			if len(c.Args) > 2 {
				return c.usage(fmt.Sprintf("extra operand '%s'", c.Args[2]))
			}
			base := path.Base(c.Args[0])
			if len(c.Args) == 2 && base != c.Args[1] {
				base = strings.TrimSuffix(base, c.Args[1])
			}
			fmt.Fprintln(c.Stdout, base)
			return 0
		}),
		pathProgram("dirname", "NAME...", "Print a path without its last part", func(c *call) int {
			for _, a := range c.Args {
				fmt.Fprintln(c.Stdout, path.Dir(strings.TrimRight(a, "/")+map[bool]string{true: "/", false: ""}[strings.Trim(a, "/") == ""]))
			}
			return 0
		}),
		program(tool.Program{Name: "readlink", Usage: "[OPTION]... FILE...", Summary: "Print where a symbolic link points", Options: []tool.Option{
			{Short: "f", Long: "canonicalize", Help: "print the whole path without links"},
		}}, tool.Permute, func(_ context.Context, c *call) int {
			if len(c.Args) == 0 {
				return c.missing("operand")
			}
			for _, a := range c.Args {
				if c.Has("canonicalize") {
					fmt.Fprintln(c.Stdout, c.real(a))
					continue
				}
				i, err := c.FS.Lstat(c.abs(a))
				if err != nil || i.Target == "" {
					c.status = 1
					continue
				}
				fmt.Fprintln(c.Stdout, i.Target)
			}
			return 0
		}),
		pathProgram("realpath", "FILE...", "Print whole paths without links", func(c *call) int {
			for _, a := range c.Args {
				if _, err := c.FS.Stat(c.abs(path.Dir(c.abs(a)))); err != nil {
					c.fail("%s: %s", a, vfs.Errno(err))
					continue
				}
				fmt.Fprintln(c.Stdout, c.real(a))
			}
			return 0
		}),
	}
}

func pathProgram(name, usage, summary string, run func(*call) int) tool.Program {
	return program(tool.Program{Name: name, Usage: usage, Summary: summary}, tool.Permute, func(_ context.Context, c *call) int {
		if len(c.Args) == 0 {
			return c.missing("operand")
		}
		return run(c)
	})
}

// real resolves the links of a path as far as it exists.
func (c *call) real(name string) string {
	full := path.Clean(c.abs(name))
	out := "/"
	links := 0
	parts := strings.Split(strings.Trim(full, "/"), "/")
	for len(parts) > 0 {
		p := parts[0]
		parts = parts[1:]
		next := path.Join(out, p)
		if i, err := c.FS.Lstat(next); err == nil && i.Target != "" && links < 40 {
			links++
			target := i.Target
			if path.IsAbs(target) {
				out = "/"
			}
			parts = append(strings.Split(strings.Trim(target, "/"), "/"), parts...)
			continue
		}
		out = next
	}
	return out
}

func ls(_ context.Context, c *call) int {
	names := c.Args
	if len(names) == 0 {
		names = []string{"."}
	}
	var files, dirs []string
	infos := map[string]*vfs.Info{}
	for _, n := range names {
		i, err := c.FS.Lstat(c.abs(n))
		if err == nil && i.Target != "" && !c.Has("l") {
			if t, e := c.FS.Stat(c.abs(n)); e == nil {
				i = t
			}
		}
		if err != nil {
			c.fail("cannot access '%s': %s", n, vfs.Errno(err))
			c.status = 2
			continue
		}
		infos[n] = i
		if i.IsDir() && !c.Has("directory") {
			dirs = append(dirs, n)
		} else {
			files = append(files, n)
		}
	}
	slices.Sort(dirs)
	if len(files) > 0 {
		list := make([]entry, 0, len(files))
		for _, f := range files {
			list = append(list, entry{f, infos[f]})
		}
		c.list(list)
	}
	titles := len(names) > 1 || c.Has("recursive")
	for i, d := range dirs {
		if titles && (i > 0 || len(files) > 0) {
			fmt.Fprintln(c.Stdout)
		}
		c.listDir(d, titles)
	}
	return 0
}

type entry struct {
	name string
	info *vfs.Info
}

func (c *call) listDir(dir string, title bool) {
	list, err := c.FS.ReadDir(c.abs(dir))
	if err != nil {
		c.fail("cannot open directory '%s': %s", dir, vfs.Errno(err))
		c.status = 2
		return
	}
	if title {
		fmt.Fprintf(c.Stdout, "%s:\n", dir)
	}
	var out []entry
	if c.Has("all") {
		for _, dot := range []string{".", ".."} {
			if i, err := c.FS.Stat(c.abs(dir) + "/" + dot); err == nil {
				out = append(out, entry{dot, i})
			}
		}
	}
	var blocks int64
	for _, i := range list {
		if strings.HasPrefix(i.Name(), ".") && !c.Has("all") && !c.Has("almost-all") {
			continue
		}
		out = append(out, entry{i.Name(), i})
	}
	for _, e := range out {
		blocks += (e.info.Size() + 4095) / 4096 * 4
	}
	if c.Has("l") {
		fmt.Fprintf(c.Stdout, "total %s\n", c.size(blocks*1024, 1024))
	}
	c.list(out)
	if c.Has("recursive") {
		for _, e := range out {
			if e.info.IsDir() && e.name != "." && e.name != ".." {
				fmt.Fprintln(c.Stdout)
				c.listDir(dir+"/"+e.name, true)
			}
		}
	}
}

// size prints bytes: in units of unit, or rounded up with a letter for -h.
func (c *call) size(n, unit int64) string {
	if !c.Has("human-readable") {
		return strconv.FormatInt(n/unit, 10)
	}
	return human(n)
}

func human(n int64) string {
	if n < 1024 {
		return strconv.FormatInt(n, 10)
	}
	f := float64(n)
	for _, u := range "KMGTP" {
		f /= 1024
		if f < 9.95 {
			return fmt.Sprintf("%.1f%c", ceil(f*10)/10, u)
		}
		if f < 1023.5 {
			return fmt.Sprintf("%.0f%c", ceil(f), u)
		}
	}
	return fmt.Sprintf("%.0fE", f)
}

func ceil(f float64) float64 {
	if i := float64(int64(f)); i < f {
		return i + 1
	}
	return f
}

func (c *call) list(entries []entry) {
	slices.SortStableFunc(entries, func(a, b entry) int {
		switch {
		case c.Has("t"):
			if r := b.info.ModTime().Compare(a.info.ModTime()); r != 0 {
				return r
			}
		case c.Has("S"):
			if r := cmp.Compare(b.info.Size(), a.info.Size()); r != 0 {
				return r
			}
		}
		return lsCompare(a.name, b.name)
	})
	if c.Has("reverse") {
		slices.Reverse(entries)
	}
	if c.Has("l") {
		c.listLong(entries)
		return
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = quoteName(e.name, c.TTY.Out) + c.mark(e)
	}
	if c.TTY.Out && !c.Has("1") {
		for _, row := range columns(names, c.TTY.Columns) {
			fmt.Fprintln(c.Stdout, row)
		}
		return
	}
	for _, n := range names {
		fmt.Fprintln(c.Stdout, n)
	}
}

// lsCompare orders names as in the C.UTF-8 locale of Azure's images: by bytes.
func lsCompare(a, b string) int { return strings.Compare(a, b) }

func quoteName(name string, tty bool) string {
	if tty && strings.ContainsAny(name, " \t\n'\"$&*?[](){}<>|;\\`!#~") {
		return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
	}
	return name
}

// columns lays names out down the columns of a terminal, as ls does.
func columns(names []string, width int) []string {
	if width <= 0 {
		width = 80
	}
	for rows := 1; ; rows++ {
		var widths []int
		total := 0
		for start := 0; start < len(names); start += rows {
			w := 0
			for _, n := range names[start:min(start+rows, len(names))] {
				w = max(w, len([]rune(n)))
			}
			widths = append(widths, w+2)
			total += w + 2
		}
		if total-2 > width && rows < len(names) {
			continue
		}
		out := make([]string, 0, rows)
		for r := 0; r < rows && r < len(names); r++ {
			var b strings.Builder
			for col, w := range widths {
				i := col*rows + r
				if i >= len(names) {
					continue
				}
				if i+rows < len(names) {
					fmt.Fprintf(&b, "%-*s", w, names[i])
				} else {
					b.WriteString(names[i])
				}
			}
			out = append(out, b.String())
		}
		return out
	}
}

func (c *call) mark(e entry) string {
	if !c.Has("classify") {
		return ""
	}
	switch {
	case e.info.IsDir():
		return "/"
	case e.info.Mode()&fs.ModeSymlink != 0:
		return "@"
	case e.info.Mode()&0o111 != 0:
		return "*"
	}
	return ""
}

func (c *call) listLong(entries []entry) {
	var links, owner, group, size int
	for _, e := range entries {
		links = max(links, len(strconv.Itoa(e.info.Links)))
		owner, group = max(owner, len(e.info.Owner)), max(group, len(e.info.Group))
		size = max(size, len(c.size(e.info.Size(), 1)))
	}
	now := c.Clock.Now()
	for _, e := range entries {
		t := e.info.ModTime()
		when := t.Format("Jan _2 15:04")
		if age := now.Sub(t); age > recent || age < 0 {
			when = t.Format("Jan _2  2006")
		}
		name := quoteName(e.name, c.TTY.Out) + c.mark(e)
		if e.info.Target != "" {
			name += " -> " + e.info.Target
		}
		fmt.Fprintf(c.Stdout, "%s %*d %-*s %-*s %*s %s %s\n", modeString(e.info.Mode()), links, e.info.Links, owner, e.info.Owner, group, e.info.Group,
			size, c.size(e.info.Size(), 1), when, name)
	}
}

// modeString prints a mode as ls -l does.
func modeString(m fs.FileMode) string {
	kind := "-"
	switch {
	case m.IsDir():
		kind = "d"
	case m&fs.ModeSymlink != 0:
		kind = "l"
	case m&fs.ModeCharDevice != 0:
		kind = "c"
	}
	perm := []byte(m.Perm().String()[1:])
	if m&fs.ModeSticky != 0 {
		if perm[8] == 'x' {
			perm[8] = 't'
		} else {
			perm[8] = 'T'
		}
	}
	return kind + string(perm)
}

func stat(_ context.Context, c *call) int {
	if len(c.Args) == 0 {
		return c.missing("operand")
	}
	format, given := c.Lookup("format")
	for _, name := range c.Args {
		i, err := c.FS.Lstat(c.abs(name))
		if err != nil {
			c.fail("cannot statx '%s': %s", name, vfs.Errno(err))
			continue
		}
		kind := map[byte]string{'-': "regular file", 'd': "directory", 'l': "symbolic link", 'c': "character special file"}[modeString(i.Mode())[0]]
		if kind == "regular file" && i.Size() == 0 {
			kind = "regular empty file"
		}
		octal := strconv.FormatUint(uint64(i.Mode().Perm()), 8)
		if given {
			r := strings.NewReplacer("%n", name, "%s", strconv.FormatInt(i.Size(), 10), "%a", octal, "%A", modeString(i.Mode()), "%U", i.Owner, "%G", i.Group,
				"%Y", strconv.FormatInt(i.ModTime().Unix(), 10), "%y", i.ModTime().Format("2006-01-02 15:04:05.000000000 -0700"), "%F", kind, "%h", strconv.Itoa(i.Links), "%%", "%")
			fmt.Fprintln(c.Stdout, r.Replace(format))
			continue
		}
		fmt.Fprintf(c.Stdout, "  File: %s\n  Size: %-10d\tBlocks: %-10d IO Block: 4096   %s\nAccess: (0%s/%s)  Uid: (%8s)   Gid: (%8s)\nModify: %s\n",
			name, i.Size(), (i.Size()+511)/512, kind, octal, modeString(i.Mode()), i.Owner, i.Group, i.ModTime().Format("2006-01-02 15:04:05.000000000 -0700"))
	}
	return 0
}

func du(_ context.Context, c *call) int {
	names := c.Args
	if len(names) == 0 {
		names = []string{"."}
	}
	for _, name := range names {
		if _, err := c.FS.Lstat(c.abs(name)); err != nil {
			c.fail("cannot access '%s': %s", name, vfs.Errno(err))
			continue
		}
		total := c.usage4k(name, !c.Has("summarize"))
		if c.Has("summarize") {
			fmt.Fprintf(c.Stdout, "%s\t%s\n", c.size(total, 1024), name)
		}
	}
	return 0
}

func (c *call) usage4k(name string, print bool) int64 {
	i, err := c.FS.Lstat(c.abs(name))
	if err != nil {
		return 0
	}
	total := (i.Size() + 4095) / 4096 * 4096
	if i.IsDir() {
		list, _ := c.FS.ReadDir(c.abs(name))
		for _, e := range list {
			total += c.usage4k(name+"/"+e.Name(), print && e.IsDir())
		}
	}
	if print {
		fmt.Fprintf(c.Stdout, "%s\t%s\n", c.size(total, 1024), name)
	}
	return total
}

func df(_ context.Context, c *call) int {
	used, total := c.FS.FS().Used(), c.FS.FS().Quota()
	head, unit := "1K-blocks", int64(1024)
	if c.Has("human-readable") {
		head, unit = "Size", 1
	}
	percent := (used*100 + total - 1) / total
	fmt.Fprintf(c.Stdout, "Filesystem     %9s %9s %9s Use%% Mounted on\n/dev/root      %9s %9s %9s %3d%% /\n", head, "Used", "Available",
		c.size(total, unit), c.size(used, unit), c.size(total-used, unit), percent)
	return 0
}
