package coreutils

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
	"skylab/sim/sorting"
)

func treePrograms() []tool.Program {
	return append(pathPrograms(), []tool.Program{
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
			{Short: "C", Help: "in columns"}, {Short: "x", Help: "in columns, along the lines"}, {Short: "m", Help: "with commas between"},
			{Short: "p", Help: "mark directories (/)"}, {Short: "Q", Long: "quote-name", Help: "names in double quotes"}, {Short: "N", Long: "literal", Help: "names as they are"}, {Short: "b", Long: "escape", Help: "odd characters as \\ooo"},
			{Short: "X", Help: "in the order of what is behind the last ."}, {Short: "U", Help: "as they come"}, {Short: "w", Long: "width", Arg: "COLS", Help: "as if the terminal were so wide"}, {Short: "L", Long: "dereference", Help: "what links point to"},
			{Short: "B", Long: "ignore-backups", Help: "without names that end in ~"}, {Short: "I", Long: "ignore", Arg: "PATTERN", Help: "without names of this pattern"}, {Short: "g", Help: "as -l, without owners"}, {Short: "o", Help: "as -l, without groups"}, {Short: "G", Long: "no-group", Help: "no groups in -l"},
			{Long: "group-directories-first", Help: "directories before files"}, {Long: "full-time", Help: "as -l, with whole times"}, {Long: "time-style", Arg: "STYLE", Help: "full-iso, long-iso, iso or +FORMAT"}, {Short: "v", Help: "in the order of versions"}, {Short: "k", Help: "taken, without effect"},
			{Short: "s", Long: "size", Real: true}, {Short: "c", Real: true}, {Short: "u", Real: true}, {Short: "f", Real: true}, {Short: "q", Real: true}, {Short: "T", Arg: "COLS", Real: true}, {Short: "H", Real: true}, {Short: "D", Real: true}, {Short: "Z", Real: true},
			{Short: "n", Long: "numeric-uid-gid", Real: true},
			{Short: "i", Long: "inode", Real: true},
		}}, tool.Permute, ls),
		statProgram(),
		program(tool.Program{Name: "du", Usage: "[OPTION]... [FILE]...", Summary: "Count the space files take", Options: []tool.Option{
			{Short: "s", Long: "summarize", Help: "only the sum of each argument"},
			{Short: "h", Long: "human-readable", Help: "sizes as 1.2K, 3.4M"},
		}}, tool.Permute, du),
		program(tool.Program{Name: "df", Usage: "[OPTION]...", Summary: "Show how full the disk is", Options: []tool.Option{
			{Short: "h", Long: "human-readable", Help: "sizes as 1.2K, 3.4M"},
		}}, tool.Permute, df),
	}...)
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
		if err == nil && strings.HasSuffix(n, "/") && !i.IsDir() && i.Target == "" {
			err = vfs.ErrNotDir
		}
		if err == nil && i.Target != "" && (!c.long() && !c.Has("classify") && !c.Has("directory") || c.Has("dereference") || strings.HasSuffix(n, "/")) {
			if t, e := c.FS.Stat(c.abs(n)); e == nil && (t.IsDir() || c.Has("dereference") || strings.HasSuffix(n, "/")) {
				i = t
			} else if c.Has("dereference") || strings.HasSuffix(n, "/") {
				err = e
				if err == nil {
					err = vfs.ErrNotDir
				}
			}
		}
		if err != nil {
			c.fail("cannot access %s: %s", shellQuote(n), vfs.Errno(err))
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
	slices.SortStableFunc(dirs, func(a, b string) int { return c.order(entry{a, infos[a]}, entry{b, infos[b]}) })
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
		if c.hidden(i.Name()) {
			continue
		}
		out = append(out, entry{i.Name(), i})
	}
	for _, e := range out {
		blocks += (e.info.Size() + 4095) / 4096 * 4
	}
	if c.long() {
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

// long reports whether each file gets a line with all that is known of it.
func (c *call) long() bool { return c.Has("l") || c.Has("g") || c.Has("o") || c.Has("full-time") }

// hidden reports whether a name is left out of a directory's list.
func (c *call) hidden(name string) bool {
	if strings.HasPrefix(name, ".") && !c.Has("all") && !c.Has("almost-all") || c.Has("ignore-backups") && strings.HasSuffix(name, "~") {
		return true
	}
	return slices.ContainsFunc(c.Values("ignore"), func(glob string) bool { ok, _ := path.Match(glob, name); return ok })
}

// order compares entries as the options ask, names by bytes as in the C.UTF-8
// locale of Azure's images.
func (c *call) order(a, b entry) int {
	sign := 1
	if c.Has("reverse") {
		sign = -1
	}
	r := 0
	switch {
	case c.Has("group-directories-first") && a.info.IsDir() != b.info.IsDir():
		return cmp.Compare(btoi(b.info.IsDir()), btoi(a.info.IsDir()))
	case c.Has("U"):
		return 0
	case c.Has("t"):
		r = b.info.ModTime().Compare(a.info.ModTime())
	case c.Has("S"):
		r = cmp.Compare(b.info.Size(), a.info.Size())
	case c.Has("X"):
		r = strings.Compare(path.Ext(a.name), path.Ext(b.name))
	case c.Has("v"):
		r = compareVersions(a.name, b.name)
	}
	if r == 0 {
		r = strings.Compare(a.name, b.name)
	}
	return r * sign
}

func (c *call) list(entries []entry) {
	sorting.By(entries, c.order)
	last := ""
	for _, o := range c.Opts {
		if strings.Contains("l 1 C x m g o full-time", o.Name) {
			last = o.Name
		}
	}
	if c.long() && last != "C" && last != "x" && last != "m" {
		c.listLong(entries)
		return
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = c.shown(e.name) + c.mark(e)
	}
	width := c.TTY.Columns
	if v, ok := c.Lookup("width"); ok {
		width, _ = strconv.Atoi(v)
	}
	if width <= 0 {
		width = 80
	}
	switch {
	case last == "m":
		commas(c.Stdout, names, width)
	case last == "C" || last == "x" || last == "" && c.TTY.Out:
		tabs := !c.TTY.Out
		for _, row := range columns(names, width, last == "x", tabs) {
			fmt.Fprintln(c.Stdout, row)
		}
	default:
		for _, n := range names {
			fmt.Fprintln(c.Stdout, n)
		}
	}
}

// commas prints names with commas between, broken before the width.
func commas(w io.Writer, names []string, width int) {
	at := 0
	for i, n := range names {
		size := utf8.RuneCountInString(n) + 2
		switch {
		case i == 0:
		case at+size > width:
			io.WriteString(w, ",\n")
			at = 0
		default:
			io.WriteString(w, ", ")
		}
		io.WriteString(w, n)
		at += size
	}
	fmt.Fprintln(w)
}

// shown is a name as ls prints it.
func (c *call) shown(name string) string {
	switch {
	case c.Has("literal"):
		return name
	case c.Has("quote-name"):
		return strconv.Quote(name)
	case c.Has("escape"):
		q := strconv.Quote(strings.ReplaceAll(name, `"`, "\x00"))
		return strings.ReplaceAll(strings.ReplaceAll(q[1:len(q)-1], `\x00`, `"`), " ", `\ `)
	}
	return quoteName(name, c.TTY.Out)
}

// shellQuote is a name in messages, as a shell would take it.
func shellQuote(name string) string {
	if name == "''" || strings.Contains(name, "'") && !strings.ContainsAny(name, "\"$`\\!*?[") {
		return `"` + name + `"`
	}
	return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
}

func quoteName(name string, tty bool) string {
	if tty && strings.ContainsAny(name, " \t\n'\"$&*?[](){}<>|;\\`!#~") {
		return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
	}
	return name
}

// columns lays names out down the columns of a terminal, or across its lines,
// with as few lines as fit. Where no terminal is, ls fills up with tabs.
func columns(names []string, width int, across, tabs bool) []string {
	n := len(names)
	place := func(i, rows, cols int) (row, col int) {
		if across {
			return i / cols, i % cols
		}
		return i % rows, i / rows
	}
	for cols := max(1, min(n, width/3)); n > 0; cols-- {
		rows := (n + cols - 1) / cols
		widths := make([]int, cols)
		for i, name := range names {
			_, col := place(i, rows, cols)
			size := utf8.RuneCountInString(name)
			if col < cols-1 {
				size += 2
			}
			widths[col] = max(widths[col], size)
		}
		total := 0
		for _, w := range widths {
			total += w
		}
		if total >= width && cols > 1 || !across && cols > 1 && (n+rows-1)/rows != cols {
			continue
		}
		lines := make([]strings.Builder, rows)
		at := make([]int, rows)
		starts := make([]int, cols)
		for i := 1; i < cols; i++ {
			starts[i] = starts[i-1] + widths[i-1]
		}
		for i := range n {
			row, col := i, 0
			row, col = place(i, rows, cols)
			pad(&lines[row], at[row], starts[col], tabs)
			lines[row].WriteString(names[i])
			at[row] = starts[col] + utf8.RuneCountInString(names[i])
		}
		out := make([]string, rows)
		for i := range lines {
			out[i] = lines[i].String()
		}
		return out
	}
	return nil
}

// pad goes on from one column to another.
func pad(b *strings.Builder, from, to int, tabs bool) {
	for from < to {
		if tabs && to/8 > (from+1)/8 {
			b.WriteByte('\t')
			from += 8 - from%8
		} else {
			b.WriteByte(' ')
			from++
		}
	}
}

func (c *call) mark(e entry) string {
	if !c.Has("classify") && !c.Has("p") {
		return ""
	}
	switch {
	case e.info.IsDir():
		return "/"
	case !c.Has("classify"):
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
		style, _ := c.Lookup("time-style")
		switch {
		case strings.HasPrefix(style, "+"):
			when = Strftime(style[1:], t)
		case style == "full-iso" || c.Has("full-time"):
			when = t.Format("2006-01-02 15:04:05.000000000 -0700")
		case style == "long-iso":
			when = t.Format("2006-01-02 15:04")
		}
		name := c.shown(e.name) + c.mark(e)
		if e.info.Target != "" {
			name += " -> " + e.info.Target
		}
		owners := ""
		if !c.Has("g") {
			owners += fmt.Sprintf("%-*s ", owner, e.info.Owner)
		}
		if !c.Has("o") && !c.Has("no-group") {
			owners += fmt.Sprintf("%-*s ", group, e.info.Group)
		}
		fmt.Fprintf(c.Stdout, "%s %*d %s%*s %s %s\n", modeString(e.info.Mode()), links, e.info.Links, owners, size, c.size(e.info.Size(), 1), when, name)
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
