package coreutils

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

func sortProgram() tool.Program {
	return program(tool.Program{Name: "sort", Usage: "[OPTION]... [FILE]...", Summary: "Print lines in order", Options: []tool.Option{
		{Short: "r", Long: "reverse", Help: "the other way round"},
		{Short: "n", Long: "numeric-sort", Help: "compare by the number at the start"},
		{Short: "g", Long: "general-numeric-sort", Help: "the same, with exponents: 1e3"},
		{Short: "h", Long: "human-numeric-sort", Help: "compare sizes: 2K, 1G"},
		{Short: "V", Long: "version-sort", Help: "compare versions: v1.9 before v1.10"},
		{Short: "M", Long: "month-sort", Help: "compare names of months"},
		{Short: "u", Long: "unique", Help: "print equal lines once"},
		{Short: "s", Long: "stable", Help: "leave equal lines in their order"},
		{Short: "f", Long: "ignore-case", Help: "take lower case as upper case"},
		{Short: "d", Long: "dictionary-order", Help: "look at blanks, letters and digits only"},
		{Short: "i", Long: "ignore-nonprinting", Help: "look at printable characters only"},
		{Short: "b", Long: "ignore-leading-blanks", Help: "pass over blanks at the start"},
		{Short: "k", Long: "key", Arg: "KEY", Help: "compare by these fields: 2, 2,3, 2n, 1.2,1.4"},
		{Short: "t", Long: "field-separator", Arg: "SEP", Help: "what separates fields (blanks)"},
		{Short: "o", Long: "output", Arg: "FILE", Help: "write to FILE"},
		{Short: "c", Long: "check", Help: "only say whether the lines are in order"},
		{Short: "C", Help: "the same, without a word"},
		{Short: "m", Long: "merge", Help: "the files are in order already"},
		{Short: "z", Long: "zero-terminated", Help: "lines end with a zero byte"},
		{Short: "R", Long: "random-sort", Real: true}, {Short: "S", Long: "buffer-size", Arg: "SIZE", Help: "taken, without effect"}, {Short: "T", Long: "temporary-directory", Arg: "DIR", Help: "taken, without effect"},
		{Long: "parallel", Arg: "N", Help: "taken, without effect"}, {Long: "debug", Real: true}, {Long: "files0-from", Arg: "F", Real: true},
	}}, tool.Permute, sortLines)
}

// sortKey is a part of each line and how it is compared. Fields and characters
// count from 1; 0 is the line's end.
type sortKey struct {
	from, fromChar, to, toChar int
	order                      sortOrder
	fromBlank, toBlank         bool // blanks at the start of the field do not count
}

// sortOrder is how parts are compared: kind is a letter of n, g, h, V and M, or 0.
type sortOrder struct {
	kind                           byte
	reverse, fold, dict, printable bool
	blank                          bool
}

func (o *sortOrder) set(letter byte) bool {
	switch letter {
	case 'n', 'g', 'h', 'V', 'M':
		o.kind = letter
	case 'r':
		o.reverse = true
	case 'f':
		o.fold = true
	case 'd':
		o.dict = true
	case 'i':
		o.printable = true
	case 'b':
		o.blank = true
	default:
		return false
	}
	return true
}

// sorter compares lines.
type sorter struct {
	keys     []sortKey
	sep      string
	reverse  bool
	lastWord bool // equal lines are compared whole
}

func (s *sorter) compare(a, b string) int {
	if r := s.byKeys(a, b); r != 0 || !s.lastWord {
		return r
	}
	r := strings.Compare(a, b)
	if s.reverse {
		return -r
	}
	return r
}

func (s *sorter) byKeys(a, b string) int {
	for _, k := range s.keys {
		r := k.order.compare(k.of(a, s.sep), k.of(b, s.sep))
		if k.order.reverse {
			r = -r
		}
		if r != 0 {
			return r
		}
	}
	return 0
}

// sorter makes what a sort call compares by.
func (c *call) sorter() (*sorter, error) {
	var base sortOrder
	for _, o := range c.Opts {
		for short, long := range map[byte]string{'n': "numeric-sort", 'g': "general-numeric-sort", 'h': "human-numeric-sort", 'V': "version-sort", 'M': "month-sort", 'r': "reverse", 'f': "ignore-case", 'd': "dictionary-order", 'i': "ignore-nonprinting", 'b': "ignore-leading-blanks"} {
			if o.Name == long {
				base.set(short)
			}
		}
	}
	s := &sorter{reverse: base.reverse, lastWord: !c.Has("stable") && !c.Has("unique")}
	for _, text := range c.Values("key") {
		k, own, err := parseKey(text)
		if err != nil {
			return nil, err
		}
		if !own {
			k.order, k.fromBlank, k.toBlank = base, base.blank, base.blank
		}
		s.keys = append(s.keys, k)
	}
	if len(s.keys) == 0 {
		s.keys = []sortKey{{order: base, from: 1, fromChar: 1, fromBlank: base.blank}}
	}
	sep, given := c.Lookup("field-separator")
	switch {
	case given && sep == "":
		return nil, errors.New("empty tab")
	case sep == `\0`:
		sep = "\x00"
	case len(sep) > 1:
		return nil, fmt.Errorf("multi-character tab ‘%s’", sep)
	}
	s.sep = sep
	return s, nil
}

// parseKey reads a KEY; own tells whether it says itself how to compare.
func parseKey(text string) (k sortKey, own bool, err error) {
	from, to, ranged := strings.Cut(text, ",")
	position := func(s, what string, blank *bool) (field, char int, err error) {
		end := len(s) - len(strings.TrimLeft(s, "0123456789"))
		if end == 0 {
			return 0, 0, fmt.Errorf("invalid number at field start: invalid count at start of ‘%s’", s)
		}
		field, _ = strconv.Atoi(s[:end])
		rest := s[end:]
		char = -1
		if r, ok := strings.CutPrefix(rest, "."); ok {
			end := len(r) - len(strings.TrimLeft(r, "0123456789"))
			if end == 0 {
				return 0, 0, fmt.Errorf("invalid number after ‘.’: invalid count at start of ‘%s’", r)
			}
			char, _ = strconv.Atoi(r[:end])
			rest = r[end:]
		}
		if field == 0 {
			return 0, 0, fmt.Errorf("field number is zero: invalid field specification ‘%s’", text)
		}
		for i := 0; i < len(rest); i++ {
			if !k.order.set(rest[i]) {
				return 0, 0, fmt.Errorf("stray character in field spec: invalid field specification ‘%s’", text)
			}
			own = true
			*blank = *blank || rest[i] == 'b'
		}
		return field, char, nil
	}
	if k.from, k.fromChar, err = position(from, "start", &k.fromBlank); err != nil {
		return k, own, err
	}
	switch {
	case k.fromChar == 0:
		return k, own, fmt.Errorf("character offset is zero: invalid field specification ‘%s’", text)
	case k.fromChar < 0:
		k.fromChar = 1
	}
	if ranged {
		if k.to, k.toChar, err = position(to, "end", &k.toBlank); err != nil {
			return k, own, err
		}
		k.toChar = max(k.toChar, 0)
	}
	return k, own, nil
}

// of returns the part of a line that a key looks at.
func (k sortKey) of(line, sep string) string {
	start := fieldStart(line, sep, k.from)
	if k.fromBlank {
		start += len(line[start:]) - len(strings.TrimLeft(line[start:], " \t"))
	}
	start = min(start+k.fromChar-1, len(line))
	end := len(line)
	if k.to > 0 {
		if k.toChar == 0 {
			end = fieldEnd(line, sep, k.to)
		} else {
			end = fieldStart(line, sep, k.to)
			if k.toBlank {
				end += len(line[end:]) - len(strings.TrimLeft(line[end:], " \t"))
			}
			end = min(end+k.toChar, len(line))
		}
	}
	return line[start:max(start, end)]
}

// fieldStart is where a field begins; blanks belong to the field behind them.
func fieldStart(line, sep string, field int) int {
	at := 0
	for ; field > 1 && at < len(line); field-- {
		at = nextField(line, sep, at)
		if sep != "" && at < len(line) {
			at++
		}
	}
	return at
}

func fieldEnd(line, sep string, field int) int {
	at := 0
	for ; field > 0 && at < len(line); field-- {
		at = nextField(line, sep, at)
		if sep != "" && at < len(line) && field > 1 {
			at++
		}
	}
	return at
}

// nextField is where the field ends that begins at a place.
func nextField(line, sep string, at int) int {
	if sep != "" {
		if i := strings.Index(line[at:], sep); i >= 0 {
			return at + i
		}
		return len(line)
	}
	blank := func() bool { return line[at] == ' ' || line[at] == '\t' }
	for at < len(line) && blank() {
		at++
	}
	for at < len(line) && !blank() {
		at++
	}
	return at
}

func sortLines(ctx context.Context, c *call) int {
	s, err := c.sorter()
	if err != nil {
		return c.fail("%v", err) + 1
	}
	end := "\n"
	if c.Has("zero-terminated") {
		end = "\x00"
	}
	names := c.Args
	if len(names) == 0 {
		names = []string{"-"}
	}
	checks := c.Has("check") || c.Has("C")
	if checks && len(names) > 1 {
		return c.fail("extra operand ‘%s’ not allowed with -%s", names[1], map[bool]string{true: "c", false: "C"}[c.Has("check")]) + 1
	}
	var all [][]string
	for _, name := range names {
		data, err := c.read(name)
		if err != nil {
			c.failRead(ctx, name, err)
			return 2
		}
		var list []string
		if len(data) > 0 {
			list = strings.Split(strings.TrimSuffix(string(data), end), end)
		}
		all = append(all, list)
	}
	if checks {
		for i := 1; i < len(all[0]); i++ {
			if r := s.compare(all[0][i-1], all[0][i]); r > 0 || r == 0 && c.Has("unique") {
				if c.Has("C") {
					return 1
				}
				return c.fail("%s:%d: disorder: %s", names[0], i+1, all[0][i])
			}
		}
		return 0
	}
	var sorted []string
	if c.Has("merge") {
		sorted = s.merge(all)
	} else {
		sorted = slices.Concat(all...)
		slices.SortStableFunc(sorted, s.compare)
	}
	if c.Has("unique") {
		sorted = slices.CompactFunc(sorted, func(a, b string) bool { return s.byKeys(a, b) == 0 })
	}
	var b strings.Builder
	for _, l := range sorted {
		b.WriteString(l + end)
	}
	if name, ok := c.Lookup("output"); ok {
		if err := c.FS.WriteFile(c.abs(name), []byte(b.String()), 0o644); err != nil {
			return c.fail("open failed: %s: %s", name, vfs.Errno(err)) + 1
		}
		return 0
	}
	if _, err := io.WriteString(c.Stdout, b.String()); err != nil {
		_ = c.unwritten(ctx, err)
		return 2
	}
	return 0
}

// merge takes from several lists always the least of their first lines.
func (s *sorter) merge(lists [][]string) []string {
	var out []string
	for {
		least := -1
		for i, l := range lists {
			if len(l) > 0 && (least < 0 || s.compare(l[0], lists[least][0]) < 0) {
				least = i
			}
		}
		if least < 0 {
			return out
		}
		out = append(out, lists[least][0])
		lists[least] = lists[least][1:]
	}
}
