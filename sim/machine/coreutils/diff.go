package coreutils

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

func diffManual() tool.Program {
	return tool.Program{Name: "diff", Usage: "[OPTION]... FILE1 FILE2", Summary: "Compare two files line by line", Options: []tool.Option{
		{Short: "u", Help: "show lines around each change, with + and -"}, {Short: "U", Long: "unified", Arg: "NUM", Help: "same, with NUM lines around"},
		{Short: "q", Long: "brief", Help: "tell only whether they differ"}, {Short: "s", Long: "report-identical-files", Help: "tell also when they do not"},
		{Short: "r", Long: "recursive", Help: "compare directories"}, {Short: "i", Long: "ignore-case", Help: "do not tell upper from lower case"},
		{Short: "w", Long: "ignore-all-space", Help: "pass over blanks"}, {Short: "N", Long: "new-file", Help: "a missing file is empty"},
		{Short: "y", Long: "side-by-side", Real: true}, {Short: "c", Real: true}, {Short: "b", Long: "ignore-space-change", Real: true}, {Short: "B", Long: "ignore-blank-lines", Real: true}, {Long: "color", Arg: "WHEN", Optional: true, Help: "taken, without effect"},
	}}
}

func diff(_ context.Context, c *call) int {
	switch {
	case len(c.Args) == 0:
		return c.missing("operand after 'diff'")
	case len(c.Args) == 1:
		return c.missing("operand after '" + c.Args[0] + "'")
	case len(c.Args) > 2:
		return c.usage("extra operand '" + c.Args[2] + "'")
	}
	return c.diff(c.Args[0], c.Args[1], false)
}

func (c *call) trouble(name string, err error) int {
	fmt.Fprintf(c.Stderr, "diff: %s: %s\n", name, vfs.Errno(err))
	return 2
}

// diff compares two places and returns diff's status.
func (c *call) diff(a, b string, nested bool) int {
	isDir := func(name string) bool {
		i, err := c.FS.Stat(c.abs(name))
		return err == nil && name != "-" && i.IsDir()
	}
	base := func(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }
	switch x, y := isDir(a), isDir(b); {
	case x && y:
		return c.diffDirs(a, b)
	case nested && x != y:
		kinds := map[bool]string{true: "directory", false: "regular file"}
		fmt.Fprintf(c.Stdout, "File %s is a %s while file %s is a %s\n", a, kinds[x], b, kinds[y])
		return 1
	case x:
		a = strings.TrimSuffix(a, "/") + "/" + base(b)
	case y:
		b = strings.TrimSuffix(b, "/") + "/" + base(a)
	}
	worst := 0
	read := func(name string) []byte {
		data, err := c.read(name)
		if err != nil && !c.Has("new-file") {
			worst = c.trouble(name, err)
		}
		return data
	}
	one, two := read(a), read(b)
	if worst > 0 {
		return worst
	}
	x, y := diffLines(one), diffLines(two)
	edits := c.edits(x, y)
	if len(edits) == 0 {
		if c.Has("report-identical-files") {
			fmt.Fprintf(c.Stdout, "Files %s and %s are identical\n", a, b)
		}
		return 0
	}
	if c.Has("brief") {
		fmt.Fprintf(c.Stdout, "Files %s and %s differ\n", a, b)
		return 1
	}
	if isBinary(one) || isBinary(two) {
		fmt.Fprintf(c.Stdout, "Binary files %s and %s differ\n", a, b)
		return 1
	}
	if nested {
		fmt.Fprintln(c.Stdout, strings.Join(append(append([]string{"diff"}, c.optionsGiven()...), a, b), " "))
	}
	context := 3
	if c.Has("unified") {
		if err := c.number("unified", &context); err != nil {
			return c.usage("invalid context length")
		}
	}
	if c.Has("u") || c.Has("unified") {
		c.unified(a, b, x, y, edits, context)
	} else {
		c.normal(x, y, edits)
	}
	return 1
}

func (c *call) optionsGiven() []string {
	var out []string
	for _, a := range c.Process.Args[1:] {
		if len(a) > 1 && a[0] == '-' {
			out = append(out, a)
		}
	}
	return out
}

func (c *call) diffDirs(a, b string) int {
	list := func(dir string) ([]string, error) {
		entries, err := c.FS.ReadDir(c.abs(dir))
		var out []string
		for _, e := range entries {
			out = append(out, e.Name())
		}
		return out, err
	}
	x, err := list(a)
	if err != nil {
		return c.trouble(a, err)
	}
	y, err := list(b)
	if err != nil {
		return c.trouble(b, err)
	}
	all := slices.Concat(x, y)
	slices.Sort(all)
	worst := 0
	for _, name := range slices.Compact(all) {
		inX, inY := slices.Contains(x, name), slices.Contains(y, name)
		p, q := strings.TrimSuffix(a, "/")+"/"+name, strings.TrimSuffix(b, "/")+"/"+name
		status := 0
		switch {
		case inX != inY && !c.Has("new-file"):
			dir := a
			if inY {
				dir = b
			}
			fmt.Fprintf(c.Stdout, "Only in %s: %s\n", strings.TrimSuffix(dir, "/"), name)
			status = 1
		default:
			i, e1 := c.FS.Stat(c.abs(p))
			j, e2 := c.FS.Stat(c.abs(q))
			if e1 == nil && e2 == nil && i.IsDir() && j.IsDir() && !c.Has("recursive") {
				fmt.Fprintf(c.Stdout, "Common subdirectories: %s and %s\n", p, q)
				continue
			}
			status = c.diff(p, q, true)
		}
		worst = max(worst, status)
	}
	return worst
}

// diffLines splits into lines with their ends.
func diffLines(data []byte) []string {
	out := strings.SplitAfter(string(data), "\n")
	if out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}

// edit replaces lines a1 to a2 of the first file by b1 to b2 of the second.
type edit struct{ a1, a2, b1, b2 int }

// maxEdits bounds the work that two files without likeness would make.
const maxEdits = 2000

// edits finds what differs (Myers' greedy algorithm).
func (c *call) edits(x, y []string) []edit {
	key := func(list []string) []string {
		out := slices.Clone(list)
		for i, s := range out {
			if c.Has("ignore-case") {
				s = strings.ToLower(s)
			}
			if c.Has("ignore-all-space") {
				s = strings.Join(strings.Fields(s), "")
			}
			out[i] = s
		}
		return out
	}
	a, b := key(x), key(y)
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	n, m := len(a), len(b)
	for n > head && m > head && a[n-1] == b[m-1] {
		n, m = n-1, m-1
	}
	a, b = a[head:n], b[head:m]
	if len(a)+len(b) == 0 {
		return nil
	}
	limit := min(len(a)+len(b), maxEdits)
	v := make([]int, 2*limit+3)
	var trace [][]int
	found := false
search:
	for d := 0; d <= limit; d++ {
		trace = append(trace, slices.Clone(v[limit+1-d-1:limit+1+d+2]))
		for k := -d; k <= d; k += 2 {
			at := limit + 1 + k
			i := v[at-1] + 1
			if k == -d || k != d && v[at-1] < v[at+1] {
				i = v[at+1]
			}
			for i < len(a) && i-k < len(b) && i-k >= 0 && a[i] == b[i-k] {
				i++
			}
			if v[at] = i; i >= len(a) && i-k >= len(b) {
				found = true
				break search
			}
		}
	}
	if !found {
		return []edit{{head, n, head, m}}
	}
	goneA, newB := make([]bool, len(a)), make([]bool, len(b))
	i, j := len(a), len(b)
	for d := len(trace) - 1; d > 0; d-- {
		t := trace[d]
		get := func(k int) int { return t[k+d+1] }
		k := i - j
		down := k == -d || k != d && get(k-1) < get(k+1)
		prev := k - 1
		if down {
			prev = k + 1
		}
		pi := get(prev)
		pj := pi - prev
		if down {
			newB[pj] = true
		} else {
			goneA[pi] = true
		}
		i, j = pi, pj
	}
	var out []edit
	for i, j := 0, 0; i < len(a) || j < len(b); {
		if !(i < len(a) && goneA[i]) && !(j < len(b) && newB[j]) {
			i, j = i+1, j+1
			continue
		}
		e := edit{a1: head + i, b1: head + j}
		for i < len(a) && goneA[i] {
			i++
		}
		for j < len(b) && newB[j] {
			j++
		}
		e.a2, e.b2 = head+i, head+j
		out = append(out, e)
	}
	return out
}

// show prints a line with what stands before it.
func (c *call) show(prefix, line string) {
	fmt.Fprint(c.Stdout, prefix+line)
	if !strings.HasSuffix(line, "\n") {
		fmt.Fprint(c.Stdout, "\n\\ No newline at end of file\n")
	}
}

func (c *call) normal(x, y []string, edits []edit) {
	span := func(from, to int) string {
		if to-from <= 1 {
			return fmt.Sprint(to)
		}
		return fmt.Sprintf("%d,%d", from+1, to)
	}
	for _, e := range edits {
		kind := "c"
		switch {
		case e.a1 == e.a2:
			kind = "a"
		case e.b1 == e.b2:
			kind = "d"
		}
		fmt.Fprintln(c.Stdout, span(e.a1, e.a2)+kind+span(e.b1, e.b2))
		for _, l := range x[e.a1:e.a2] {
			c.show("< ", l)
		}
		if kind == "c" {
			fmt.Fprintln(c.Stdout, "---")
		}
		for _, l := range y[e.b1:e.b2] {
			c.show("> ", l)
		}
	}
}

func (c *call) unified(a, b string, x, y []string, edits []edit, around int) {
	for i, name := range []string{a, b} {
		stamp := c.Clock.Now()
		if info, err := c.FS.Stat(c.abs(name)); err == nil && name != "-" {
			stamp = info.ModTime()
		}
		fmt.Fprintf(c.Stdout, "%s %s\t%s\n", []string{"---", "+++"}[i], name, stamp.UTC().Format("2006-01-02 15:04:05.000000000 -0700"))
	}
	span := func(from, to int) string {
		switch to - from {
		case 0:
			return fmt.Sprintf("%d,0", from)
		case 1:
			return fmt.Sprint(from + 1)
		}
		return fmt.Sprintf("%d,%d", from+1, to-from)
	}
	for len(edits) > 0 {
		n := 1
		for n < len(edits) && edits[n].a1-edits[n-1].a2 <= 2*around {
			n++
		}
		first, last := edits[0], edits[n-1]
		before, behind := min(around, first.a1), min(around, len(x)-last.a2)
		fmt.Fprintf(c.Stdout, "@@ -%s +%s @@\n", span(first.a1-before, last.a2+behind), span(first.b1-before, last.b2+behind))
		at := first.a1 - before
		for _, e := range edits[:n] {
			for _, l := range x[at:e.a1] {
				c.show(" ", l)
			}
			for _, l := range x[e.a1:e.a2] {
				c.show("-", l)
			}
			for _, l := range y[e.b1:e.b2] {
				c.show("+", l)
			}
			at = e.a2
		}
		for _, l := range x[at : last.a2+behind] {
			c.show(" ", l)
		}
		edits = edits[n:]
	}
}
