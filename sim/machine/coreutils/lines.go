package coreutils

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
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
			{Short: "z", Long: "zero-terminated", Help: "lines end with a zero byte"}, {Short: "n", Help: "taken, without effect"},
			{Long: "complement", Help: "print what was not selected"},
			{Long: "output-delimiter", Arg: "STRING", Help: "what to print between fields"},
		}}, tool.Permute, cut),
		sortProgram(),
		program(tool.Program{Name: "uniq", Usage: "[OPTION]... [INPUT [OUTPUT]]", Summary: "Print repeated neighbouring lines once", Options: []tool.Option{
			{Short: "c", Long: "count", Help: "print how often each line came"},
			{Short: "d", Long: "repeated", Help: "only lines that came more than once"},
			{Short: "u", Long: "unique", Help: "only lines that came once"},
			{Short: "i", Long: "ignore-case", Help: "do not tell upper from lower case"},
			{Short: "D", Help: "all lines that came more than once"},
			{Short: "f", Long: "skip-fields", Arg: "N", Help: "do not compare the first N fields"},
			{Short: "s", Long: "skip-chars", Arg: "N", Help: "do not compare the first N characters"},
			{Short: "w", Long: "check-chars", Arg: "N", Help: "compare no more than N characters"},
			{Short: "z", Long: "zero-terminated", Real: true}, {Long: "group", Arg: "METHOD", Optional: true, Real: true},
		}}, tool.Permute, uniq),
		program(tool.Program{Name: "nl", Usage: "[OPTION]... [FILE]...", Summary: "Number the lines of files", Options: []tool.Option{
			{Short: "b", Long: "body-numbering", Arg: "STYLE", Help: "a: all lines, t: lines that are not empty"},
		}}, tool.Permute, func(ctx context.Context, c *call) int {
			style, _ := c.Lookup("body-numbering")
			n := 0
			c.eachLine(ctx, func(l string) {
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
		withWidth(program(tool.Program{Name: "fold", Usage: "[OPTION]... [FILE]...", Summary: "Break long lines", Options: []tool.Option{
			{Short: "w", Long: "width", Arg: "WIDTH", Help: "how many columns (80)"},
			{Short: "s", Long: "spaces", Help: "break at blanks"}, {Short: "b", Long: "bytes", Help: "count bytes, a tab as one"},
		}}, tool.Permute, fold)),
		seqProgram(),
	}
}

// span is a range of a LIST, counted from 1; to 0 means to the end.
type span struct{ from, to int }

// parseList reads the LIST of cut.
func parseList(list string, fields bool) ([]span, error) {
	value, zero := "byte/character offset", "byte/character positions are numbered from 1"
	wrong := "invalid byte/character position"
	if fields {
		value, zero, wrong = "field value", "fields are numbered from 1", "invalid field value"
	}
	number := func(text, part string) (int, error) {
		n, err := strconv.Atoi(text)
		switch {
		case errors.Is(err, strconv.ErrRange):
			return 0, fmt.Errorf("%s ‘%s’ is too large", value, text)
		case err != nil:
			return 0, fmt.Errorf("%s ‘%s’", wrong, part)
		case n == 0:
			return 0, errors.New(zero)
		}
		return n, nil
	}
	var out []span
	for _, part := range strings.FieldsFunc(list, func(r rune) bool { return r == ' ' || r == '\t' }) {
		for _, part := range strings.Split(part, ",") {
			a, b, isRange := strings.Cut(part, "-")
			s := span{1, 0}
			var err error
			switch {
			case part == "":
				return nil, errors.New(zero)
			case part == "-":
				return nil, fmt.Errorf("invalid range with no endpoint: -")
			case a != "":
				if s.from, err = number(a, part); err != nil {
					return nil, err
				}
			}
			if !isRange {
				s.to = s.from
			} else if b != "" {
				if s.to, err = number(b, part); err != nil {
					return nil, err
				}
			}
			if s.to != 0 && s.to < s.from {
				return nil, errors.New("invalid decreasing range")
			}
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return nil, errors.New(zero)
	}
	return out, nil
}

func selected(spans []span, i int) bool {
	return slices.ContainsFunc(spans, func(s span) bool { return i >= s.from && (s.to == 0 || i <= s.to) })
}

func cut(ctx context.Context, c *call) int {
	var list string
	unit := ""
	for _, u := range []string{"fields", "characters", "bytes"} {
		if v, ok := c.Lookup(u); ok {
			if unit != "" {
				return c.usage("only one list may be specified")
			}
			unit, list = u, v
		}
	}
	if unit == "" {
		return c.usage("you must specify a list of bytes, characters, or fields")
	}
	spans, err := parseList(list, unit == "fields")
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
	if c.Has("only-delimited") && unit != "fields" {
		return c.usage("suppressing non-delimited lines makes sense\n\tonly when operating on fields")
	}
	if len(delim) > 1 {
		return c.usage("the delimiter must be a single character")
	}
	if delim == "" {
		delim = "\x00"
	}
	end := "\n"
	if c.Has("zero-terminated") {
		end = "\x00"
	}
	join := delim
	if v, ok := c.Lookup("output-delimiter"); ok {
		join = v
	}
	show := func(line string) {
		parts, between := strings.Split(line, delim), join
		if unit != "fields" {
			parts, between = make([]string, len(line)), ""
			for i := range parts {
				parts[i] = line[i : i+1]
			}
		} else if len(parts) == 1 {
			if !c.Has("only-delimited") {
				io.WriteString(c.Stdout, line+end)
			}
			return
		}
		var out []string
		for i, p := range parts {
			if selected(spans, i+1) != c.Has("complement") {
				out = append(out, p)
			}
		}
		io.WriteString(c.Stdout, strings.Join(out, between)+end)
	}
	if end == "\x00" {
		c.inputs(c.Args, func(_ string, data []byte) {
			for _, l := range strings.SplitAfter(string(data), end) {
				if l != "" {
					show(strings.TrimSuffix(l, end))
				}
			}
		})
		return 0
	}
	c.eachLine(ctx, show)
	return 0
}

func uniq(ctx context.Context, c *call) int {
	if len(c.Args) > 2 {
		return c.usage(fmt.Sprintf("extra operand ‘%s’", c.Args[2]))
	}
	skip := map[string]int{"skip-fields": 0, "skip-chars": 0, "check-chars": -1}
	for _, o := range []struct{ name, what string }{{"skip-fields", "fields to skip"}, {"skip-chars", "bytes to skip"}, {"check-chars", "bytes to compare"}} {
		if v, ok := c.Lookup(o.name); ok {
			n, err := strconv.ParseUint(v, 10, 31)
			if err != nil {
				return c.fail("%s: invalid number of %s", v, o.what)
			}
			skip[o.name] = int(n)
		}
	}
	part := func(l string) string {
		for range skip["skip-fields"] {
			l = l[nextField(l, "", 0):]
		}
		l = l[min(skip["skip-chars"], len(l)):]
		if n := skip["check-chars"]; n >= 0 {
			l = l[:min(n, len(l))]
		}
		if c.Has("ignore-case") {
			l = strings.ToLower(l)
		}
		return l
	}
	out := c.Stdout
	if len(c.Args) == 2 {
		f, err := c.FS.OpenFile(c.abs(c.Args[1]), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
		if err != nil {
			return c.fail("%s: %s", c.Args[1], vfs.Errno(err))
		}
		out = f
	}
	flush := func(line string, n int) {
		if n == 0 || c.Has("D") || c.Has("repeated") && n == 1 || c.Has("unique") && n > 1 {
			return
		}
		count := ""
		if c.Has("count") {
			count = fmt.Sprintf("%7d ", n)
		}
		io.WriteString(out, count+line+"\n")
	}
	last, n := "", 0
	c.sources(ctx, c.Args[:min(1, len(c.Args))], func(s *source) error {
		return s.lines(ctx, c, func(l string, _ bool) bool {
			if n > 0 && part(l) == part(last) {
				if c.Has("D") {
					if n == 1 {
						fmt.Fprintln(out, last)
					}
					fmt.Fprintln(out, l)
				}
				n++
				return true
			}
			flush(last, n)
			last, n = l, 1
			return true
		})
	})
	flush(last, n)
	return 0
}

func paste(ctx context.Context, c *call) int {
	delims := []string{"\t"}
	if v, ok := c.Lookup("delimiters"); ok {
		delims = pasteDelimiters(v)
	}
	join := func(parts []string) bool {
		var b strings.Builder
		for i, p := range parts {
			if i > 0 {
				b.WriteString(delims[(i-1)%len(delims)])
			}
			b.WriteString(p)
		}
		_, err := io.WriteString(c.Stdout, b.String()+"\n")
		return err == nil
	}
	if c.Has("serial") {
		c.sources(ctx, c.Args, func(s *source) error {
			var all []string
			size := 0
			err := s.lines(ctx, c, func(l string, _ bool) bool {
				all = append(all, l)
				size += len(l) + 1
				return size <= maxKept
			})
			if size > maxKept {
				return errMemory
			}
			if err == nil {
				join(all)
			}
			return err
		})
		return 0
	}
	names := c.Args
	if len(names) == 0 {
		names = []string{"-"}
	}
	var columns []*source
	var in *source
	for _, name := range names {
		s := in
		var err error
		if name != "-" || in == nil {
			s, err = c.open(name)
		}
		if name == "-" {
			in = s
		}
		if err != nil {
			return c.fail("%s: %s", name, vfs.Errno(err))
		}
		columns = append(columns, s)
	}
	for i, more := 0, true; more && ctx.Err() == nil; i++ {
		more = false
		row := make([]string, len(columns))
		for j, s := range columns {
			l, _, err := s.line()
			switch {
			case err == nil:
				row[j], more = l, true
			case err != io.EOF:
				c.failRead(ctx, s.name, err)
				return c.status
			}
		}
		if more && !join(row) || i%256 == 0 && c.ended(ctx) {
			return c.status
		}
	}
	return 0
}

// pasteDelimiters reads the LIST of paste -d; \\0 is none at all.
func pasteDelimiters(list string) []string {
	var out []string
	r := []rune(list)
	for i := 0; i < len(r); i++ {
		if r[i] != '\\' || i+1 == len(r) {
			out = append(out, string(r[i]))
			continue
		}
		i++
		switch r[i] {
		case '0':
			out = append(out, "")
		case 'n':
			out = append(out, "\n")
		case 't':
			out = append(out, "\t")
		default:
			out = append(out, string(r[i]))
		}
	}
	if len(out) == 0 {
		out = []string{""}
	}
	return out
}

func fold(ctx context.Context, c *call) int {
	width := 80
	if v, ok := c.Lookup("width"); ok {
		n, err := strconv.Atoi(v)
		if err == nil && n == 0 {
			return c.fail("invalid number of columns: ‘%s’: Numerical result out of range", v)
		}
		if err != nil || n < 1 {
			return c.fail("invalid number of columns: ‘%s’", v)
		}
		width = n
	}
	c.sources(ctx, c.Args, func(src *source) error {
		return src.lines(ctx, c, func(l string, ended bool) bool {
			var b strings.Builder
			start, column := 0, 0
			for i := 0; i < len(l); i++ {
				next := foldColumn(column, l[i], c.Has("bytes"))
				if next > width && i > start {
					at := i
					if c.Has("spaces") {
						if k := strings.LastIndexAny(l[start:i], " \t"); k >= 0 {
							at = start + k + 1
						}
					}
					b.WriteString(l[start:at] + "\n")
					start, column = at, 0
					i = at - 1
					continue
				}
				column = next
			}
			_, err := io.WriteString(c.Stdout, b.String()+l[start:]+newline(ended))
			return err == nil
		})
	})
	return 0
}

// foldColumn is the column behind a byte.
func foldColumn(column int, b byte, bytes bool) int {
	switch {
	case bytes:
	case b == '\t':
		return column + 8 - column%8
	case b == '\r':
		return 0
	case b == '\b':
		return max(column-1, 0)
	}
	return column + 1
}

// withWidth lets fold take -NUM for -w NUM.
func withWidth(p tool.Program) tool.Program {
	inner := p.Run
	p.Run = func(ctx context.Context, proc *tool.Process) int {
		again := *proc
		again.Args = slices.Clone(proc.Args)
		for i, a := range again.Args {
			if _, err := strconv.ParseUint(strings.TrimPrefix(a, "-"), 10, 31); err == nil && a[0] == '-' {
				again.Args[i] = "-w" + a[1:]
			}
		}
		return inner(ctx, &again)
	}
	return p
}
