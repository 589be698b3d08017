package coreutils

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

func linePrograms() []tool.Program {
	return []tool.Program{
		program(tool.Program{Name: "cut", Usage: "OPTION... [FILE]...", Summary: "Print parts of each line", Options: []tool.Option{
			{Short: "d", Long: "delimiter", Arg: "DELIM", Help: "what separates fields (a tab)"},
			{Short: "f", Long: "fields", Arg: "LIST", Help: "these fields: 1,3-5,7-"},
			{Short: "c", Long: "characters", Arg: "LIST", Help: "these characters"},
			{Short: "b", Long: "bytes", Arg: "LIST", Help: "these bytes"},
			{Short: "s", Long: "only-delimited", Help: "leave out lines without a delimiter"},
			{Long: "complement", Help: "print what was not selected"},
			{Long: "output-delimiter", Arg: "STRING", Help: "what to print between fields"},
		}}, tool.Permute, cut),
		program(tool.Program{Name: "sort", Usage: "[OPTION]... [FILE]...", Summary: "Print lines in order", Options: []tool.Option{
			{Short: "r", Long: "reverse", Help: "the other way round"},
			{Short: "n", Long: "numeric-sort", Help: "compare by the number at the start"},
			{Short: "u", Long: "unique", Help: "print equal lines once"},
			{Short: "f", Long: "ignore-case", Help: "take lower case as upper case"},
			{Short: "b", Long: "ignore-leading-blanks", Help: "pass over blanks at the start"},
			{Short: "k", Long: "key", Arg: "KEY", Help: "compare by these fields: 2, 2,3, 2n"},
			{Short: "t", Long: "field-separator", Arg: "SEP", Help: "what separates fields (blanks)"},
			{Short: "o", Long: "output", Arg: "FILE", Help: "write to FILE"},
			{Short: "h", Long: "human-numeric-sort", Real: true},
			{Short: "V", Long: "version-sort", Real: true},
			{Short: "c", Long: "check", Help: "only say whether the lines are in order"},
		}}, tool.Permute, sortLines),
		program(tool.Program{Name: "uniq", Usage: "[OPTION]... [INPUT [OUTPUT]]", Summary: "Print repeated neighbouring lines once", Options: []tool.Option{
			{Short: "c", Long: "count", Help: "print how often each line came"},
			{Short: "d", Long: "repeated", Help: "only lines that came more than once"},
			{Short: "u", Long: "unique", Help: "only lines that came once"},
			{Short: "i", Long: "ignore-case", Help: "do not tell upper from lower case"},
		}}, tool.Permute, uniq),
		program(tool.Program{Name: "nl", Usage: "[OPTION]... [FILE]...", Summary: "Number the lines of files", Options: []tool.Option{
			{Short: "b", Long: "body-numbering", Arg: "STYLE", Help: "a: all lines, t: lines that are not empty"},
		}}, tool.Permute, func(_ context.Context, c *call) int {
			style, _ := c.Lookup("body-numbering")
			n := 0
			c.eachLine(func(l string) {
				if l == "" && style != "a" {
					fmt.Fprintln(c.Stdout, "       ")
					return
				}
				n++
				fmt.Fprintf(c.Stdout, "%6d\t%s\n", n, l)
			})
			return 0
		}),
		program(tool.Program{Name: "paste", Usage: "[OPTION]... [FILE]...", Summary: "Join lines of files side by side", Options: []tool.Option{
			{Short: "d", Long: "delimiters", Arg: "LIST", Help: "what to put between them (a tab)"},
			{Short: "s", Long: "serial", Help: "join the lines of each file"},
		}}, tool.Permute, paste),
		program(tool.Program{Name: "fold", Usage: "[OPTION]... [FILE]...", Summary: "Break long lines", Options: []tool.Option{
			{Short: "w", Long: "width", Arg: "WIDTH", Help: "how many columns (80)"},
			{Short: "s", Long: "spaces", Help: "break at blanks"},
		}}, tool.Permute, fold),
		program(tool.Program{Name: "seq", Usage: "[OPTION]... [FIRST [INCREMENT]] LAST", Summary: "Print numbers in a row", Options: []tool.Option{
			{Short: "s", Long: "separator", Arg: "STRING", Help: "what separates them (a newline)"},
			{Short: "w", Long: "equal-width", Help: "pad with zeros to the same width"},
		}}, tool.FirstArg, seq),
	}
}

// span is a range of a LIST, counted from 1; to 0 means to the end.
type span struct{ from, to int }

func parseList(list string) ([]span, error) {
	var out []span
	for _, part := range strings.Split(list, ",") {
		a, b, isRange := strings.Cut(part, "-")
		s := span{1, 0}
		var err error
		if a != "" {
			if s.from, err = strconv.Atoi(a); err != nil {
				return nil, fmt.Errorf("invalid field value '%s'", part)
			}
		}
		if !isRange {
			s.to = s.from
		} else if b != "" {
			if s.to, err = strconv.Atoi(b); err != nil {
				return nil, fmt.Errorf("invalid field value '%s'", part)
			}
		}
		switch {
		case part == "-":
			return nil, fmt.Errorf("invalid range with no endpoint: -")
		case s.from == 0:
			return nil, fmt.Errorf("fields are numbered from 1")
		case s.to != 0 && s.to < s.from:
			return nil, fmt.Errorf("invalid decreasing range")
		}
		out = append(out, s)
	}
	return out, nil
}

func selected(spans []span, i int) bool {
	return slices.ContainsFunc(spans, func(s span) bool { return i >= s.from && (s.to == 0 || i <= s.to) })
}

func cut(_ context.Context, c *call) int {
	var list string
	unit := ""
	for _, u := range []string{"fields", "characters", "bytes"} {
		if v, ok := c.Lookup(u); ok {
			if unit != "" {
				return c.usage("only one type of list may be specified")
			}
			unit, list = u, v
		}
	}
	if unit == "" {
		return c.usage("you must specify a list of bytes, characters, or fields")
	}
	spans, err := parseList(list)
	if err != nil {
		return c.usage(err.Error())
	}
	delim, given := c.Lookup("delimiter")
	if !given {
		delim = "\t"
	}
	if given && unit != "fields" {
		return c.usage("an input delimiter may be specified only when operating on fields")
	}
	if len([]rune(delim)) > 1 {
		return c.usage("the delimiter must be a single character")
	}
	if delim == "" {
		delim = "\x00"
	}
	join := delim
	if v, ok := c.Lookup("output-delimiter"); ok {
		join = v
	}
	c.eachLine(func(line string) {
		parts, between := strings.Split(line, delim), join
		if unit != "fields" {
			parts, between = strings.Split(line, ""), ""
		} else if len(parts) == 1 {
			if !c.Has("only-delimited") {
				fmt.Fprintln(c.Stdout, line)
			}
			return
		}
		var out []string
		for i, p := range parts {
			if selected(spans, i+1) != c.Has("complement") {
				out = append(out, p)
			}
		}
		fmt.Fprintln(c.Stdout, strings.Join(out, between))
	})
	return 0
}

// sortKey is how sort compares: by whole lines, or by some fields.
type sortKey struct {
	from, to                        int // fields counted from 1; to 0: to the end of the line
	numeric, reverse, fold, leading bool
}

func sortLines(_ context.Context, c *call) int {
	base := sortKey{numeric: c.Has("numeric-sort"), fold: c.Has("ignore-case"), leading: c.Has("ignore-leading-blanks")}
	keys := []sortKey{}
	for _, text := range c.Values("key") {
		k, err := parseKey(text, base)
		if err != nil {
			return c.fail("%v", err) + 1
		}
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		keys = []sortKey{base}
	}
	sep, _ := c.Lookup("field-separator")
	reverse := 1
	if c.Has("reverse") {
		reverse = -1
	}
	compare := func(a, b string) int {
		for _, k := range keys {
			r := k.compare(k.of(a, sep), k.of(b, sep))
			if k.reverse {
				r = -r
			}
			if r != 0 {
				return r * reverse
			}
		}
		return 0
	}
	var all []string
	names := c.Args
	if len(names) == 0 {
		names = []string{"-"}
	}
	for _, name := range names {
		data, err := c.read(name)
		if err != nil {
			return c.fail("cannot read: %s: %s", name, vfs.Errno(err)) + 1
		}
		all = append(all, lines(data)...)
	}
	if c.Has("check") {
		for i := 1; i < len(all); i++ {
			if compare(all[i-1], all[i]) > 0 {
				name := "-"
				if len(c.Args) > 0 {
					name = c.Args[0]
				}
				return c.fail("%s:%d: disorder: %s", name, i+1, all[i])
			}
		}
		return 0
	}
	slices.SortStableFunc(all, func(a, b string) int {
		if r := compare(a, b); r != 0 || c.Has("unique") {
			return r
		}
		return strings.Compare(a, b) * reverse
	})
	if c.Has("unique") {
		all = slices.CompactFunc(all, func(a, b string) bool { return compare(a, b) == 0 })
	}
	var b strings.Builder
	for _, l := range all {
		b.WriteString(l + "\n")
	}
	if name, ok := c.Lookup("output"); ok {
		if err := c.FS.WriteFile(c.abs(name), []byte(b.String()), 0o644); err != nil {
			return c.fail("open failed: %s: %s", name, vfs.Errno(err)) + 1
		}
		return 0
	}
	io.WriteString(c.Stdout, b.String())
	return 0
}

func parseKey(text string, base sortKey) (sortKey, error) {
	k := base
	from, to, ranged := strings.Cut(text, ",")
	read := func(s string) (int, error) {
		digits := strings.TrimRight(s, "nrfb")
		for _, f := range s[len(digits):] {
			switch f {
			case 'n':
				k.numeric = true
			case 'r':
				k.reverse = true
			case 'f':
				k.fold = true
			case 'b':
				k.leading = true
			}
		}
		field, _, _ := strings.Cut(digits, ".")
		n, err := strconv.Atoi(field)
		if err != nil || n < 1 {
			return 0, fmt.Errorf("invalid number at field start: invalid count at start of '%s'", s)
		}
		return n, nil
	}
	var err error
	if k.from, err = read(from); err == nil && ranged {
		k.to, err = read(to)
	}
	return k, err
}

// of returns the part of a line that a key looks at.
func (k sortKey) of(line, sep string) string {
	if k.from == 0 {
		return line
	}
	var fields []string
	if sep != "" {
		fields = strings.Split(line, sep)
	} else {
		fields = blankFields(line)
	}
	if k.from > len(fields) {
		return ""
	}
	end := len(fields)
	if k.to != 0 {
		end = max(min(k.to, end), k.from-1)
	}
	return strings.Join(fields[k.from-1:end], sep)
}

// blankFields splits where a blank follows a non-blank; the blanks belong to
// the field behind them.
func blankFields(line string) []string {
	var out []string
	start := 0
	for i := 1; i < len(line); i++ {
		blank := line[i] == ' ' || line[i] == '\t'
		before := line[i-1] == ' ' || line[i-1] == '\t'
		if blank && !before {
			out = append(out, line[start:i])
			start = i
		}
	}
	return append(out, line[start:])
}

func (k sortKey) compare(a, b string) int {
	if k.leading {
		a, b = strings.TrimLeft(a, " \t"), strings.TrimLeft(b, " \t")
	}
	if k.fold {
		a, b = strings.ToUpper(a), strings.ToUpper(b)
	}
	if k.numeric {
		return cmp.Compare(leadingNumber(a), leadingNumber(b))
	}
	return strings.Compare(a, b)
}

func leadingNumber(s string) float64 {
	s = strings.TrimLeft(s, " \t")
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == '.' || end == 0 && s[end] == '-') {
		end++
	}
	f, _ := strconv.ParseFloat(s[:end], 64)
	return f
}

func uniq(_ context.Context, c *call) int {
	if len(c.Args) > 2 {
		return c.usage(fmt.Sprintf("extra operand '%s'", c.Args[2]))
	}
	var out strings.Builder
	flush := func(line string, n int) {
		if n == 0 || c.Has("repeated") && n == 1 || c.Has("unique") && n > 1 {
			return
		}
		if c.Has("count") {
			fmt.Fprintf(&out, "%7d ", n)
		}
		out.WriteString(line + "\n")
	}
	last, n := "", 0
	c.inputs(c.Args[:min(1, len(c.Args))], func(_ string, data []byte) {
		for _, l := range lines(data) {
			if n > 0 && (l == last || c.Has("ignore-case") && strings.EqualFold(l, last)) {
				n++
				continue
			}
			flush(last, n)
			last, n = l, 1
		}
	})
	flush(last, n)
	if len(c.Args) == 2 {
		if err := c.FS.WriteFile(c.abs(c.Args[1]), []byte(out.String()), 0o644); err != nil {
			return c.fail("%s: %s", c.Args[1], vfs.Errno(err))
		}
		return 0
	}
	io.WriteString(c.Stdout, out.String())
	return 0
}

func paste(_ context.Context, c *call) int {
	delims := []rune("\t")
	if v, ok := c.Lookup("delimiters"); ok {
		set, err := trSet(v)
		if err != nil || len(set) == 0 {
			set = []rune{0}
		}
		delims = set
	}
	var columns [][]string
	c.inputs(c.Args, func(_ string, data []byte) { columns = append(columns, lines(data)) })
	join := func(parts []string) {
		var b strings.Builder
		for i, p := range parts {
			if i > 0 {
				b.WriteRune(delims[(i-1)%len(delims)])
			}
			b.WriteString(p)
		}
		fmt.Fprintln(c.Stdout, b.String())
	}
	if c.Has("serial") {
		for _, col := range columns {
			join(col)
		}
		return 0
	}
	for i, more := 0, true; more; i++ {
		more = false
		row := make([]string, len(columns))
		for j, col := range columns {
			if i < len(col) {
				row[j], more = col[i], true
			}
		}
		if more {
			join(row)
		}
	}
	return 0
}

func fold(_ context.Context, c *call) int {
	width := 80
	if v, ok := c.Lookup("width"); ok {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 {
			return c.fail("invalid number of columns: '%s'", v)
		}
		width = n
	}
	c.eachLine(func(l string) {
		r := []rune(l)
		for len(r) > width {
			at := width
			if c.Has("spaces") {
				if i := strings.LastIndexAny(string(r[:width]), " \t"); i > 0 {
					at = len([]rune(string(r[:width])[:i+1]))
				}
			}
			fmt.Fprintln(c.Stdout, string(r[:at]))
			r = r[at:]
		}
		fmt.Fprintln(c.Stdout, string(r))
	})
	return 0
}
