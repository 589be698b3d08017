package coreutils

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

func textPrograms() []tool.Program {
	return []tool.Program{
		program(tool.Program{Name: "cat", Usage: "[OPTION]... [FILE]...", Summary: "Print files one after the other", Options: []tool.Option{
			{Short: "n", Long: "number", Help: "number all lines"},
			{Short: "b", Long: "number-nonblank", Help: "number lines that are not empty"},
			{Short: "E", Long: "show-ends", Help: "print $ at the end of each line"},
			{Short: "T", Long: "show-tabs", Help: "print a tab as ^I"},
			{Short: "A", Long: "show-all", Help: "same as -vET"},
			{Short: "v", Long: "show-nonprinting", Help: "print control characters as ^X"},
			{Short: "s", Long: "squeeze-blank", Help: "print one empty line for several"},
		}}, tool.Permute, cat),
		withCount(program(tool.Program{Name: "head", Usage: "[OPTION]... [FILE]...", Summary: "Print the first lines of files", Options: []tool.Option{
			{Short: "n", Long: "lines", Arg: "NUM", Help: "how many lines (10); with -, all but the last NUM"},
			{Short: "c", Long: "bytes", Arg: "NUM", Help: "how many bytes; with -, all but the last NUM"},
			{Short: "q", Long: "quiet", Help: "never print the names of files"},
			{Short: "v", Long: "verbose", Help: "always print the names of files"},
		}}, tool.Permute, func(_ context.Context, c *call) int { return c.ends(true) })),
		withCount(program(tool.Program{Name: "tail", Usage: "[OPTION]... [FILE]...", Summary: "Print the last lines of files", Options: []tool.Option{
			{Short: "n", Long: "lines", Arg: "NUM", Help: "how many lines (10); with +, from line NUM on"},
			{Short: "c", Long: "bytes", Arg: "NUM", Help: "how many bytes; with +, from byte NUM on"},
			{Short: "q", Long: "quiet", Help: "never print the names of files"},
			{Short: "v", Long: "verbose", Help: "always print the names of files"},
			{Short: "f", Long: "follow", Real: true},
		}}, tool.Permute, func(_ context.Context, c *call) int { return c.ends(false) })),
		program(tool.Program{Name: "wc", Usage: "[OPTION]... [FILE]...", Summary: "Count lines, words and bytes", Options: []tool.Option{
			{Short: "l", Long: "lines", Help: "count newlines"},
			{Short: "w", Long: "words", Help: "count words"},
			{Short: "c", Long: "bytes", Help: "count bytes"},
			{Short: "m", Long: "chars", Help: "count characters"},
			{Short: "L", Long: "max-line-length", Help: "the width of the longest line"},
		}}, tool.Permute, wc),
		program(tool.Program{Name: "tee", Usage: "[OPTION]... [FILE]...", Summary: "Copy standard input to files and to standard output", Options: []tool.Option{
			{Short: "a", Long: "append", Help: "add to the files instead of replacing them"},
		}}, tool.Permute, tee),
		program(tool.Program{Name: "tr", Usage: "[OPTION]... SET1 [SET2]", Summary: "Translate, squeeze or delete characters", Options: []tool.Option{
			{Short: "d", Long: "delete", Help: "delete the characters of SET1"},
			{Short: "s", Long: "squeeze-repeats", Help: "one for several of the last SET named"},
			{Short: "c", Long: "complement", Help: "use all characters that are not in SET1"},
			{Short: "C", Help: "same as -c"},
		}}, tool.FirstArg, tr),
		program(tool.Program{Name: "rev", Usage: "[FILE]...", Summary: "Print each line backwards"}, tool.Permute, func(_ context.Context, c *call) int {
			c.eachLine(func(l string) {
				r := []rune(l)
				for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
					r[i], r[j] = r[j], r[i]
				}
				fmt.Fprintln(c.Stdout, string(r))
			})
			return 0
		}),
		program(tool.Program{Name: "tac", Usage: "[FILE]...", Summary: "Print files with their last line first"}, tool.Permute, func(_ context.Context, c *call) int {
			c.inputs(c.Args, func(_ string, data []byte) {
				all := lines(data)
				for i := len(all) - 1; i >= 0; i-- {
					fmt.Fprintln(c.Stdout, all[i])
				}
			})
			return 0
		}),
	}
}

// withCount lets a program take the old form of its count: head -5.
func withCount(p tool.Program) tool.Program {
	inner := p.Run
	p.Run = func(ctx context.Context, proc *tool.Process) int {
		if len(proc.Args) > 1 && len(proc.Args[1]) > 1 && proc.Args[1][0] == '-' {
			if _, err := strconv.ParseUint(proc.Args[1][1:], 10, 31); err == nil {
				again := *proc
				again.Args = append([]string{proc.Args[0], "-n", proc.Args[1][1:]}, proc.Args[2:]...)
				proc = &again
			}
		}
		return inner(ctx, proc)
	}
	return p
}

func cat(_ context.Context, c *call) int {
	all := c.Has("show-all")
	visible, ends, tabs := all || c.Has("show-nonprinting"), all || c.Has("show-ends"), all || c.Has("show-tabs")
	plain := !visible && !ends && !tabs && !c.Has("number") && !c.Has("number-nonblank") && !c.Has("squeeze-blank")
	n, blank := 0, false
	if plain && (len(c.Args) == 0 || len(c.Args) == 1 && c.Args[0] == "-") {
		if _, err := io.Copy(c.Stdout, c.Stdin); err != nil {
			return c.fail("-: %s", vfs.Errno(err))
		}
		return 0
	}
	c.buffered(func(w *bufio.Writer) {
		c.inputs(c.Args, func(_ string, data []byte) {
			if plain {
				w.Write(data)
				return
			}
			for _, line := range strings.SplitAfter(string(data), "\n") {
				if line == "" {
					continue
				}
				body, newline := strings.CutSuffix(line, "\n")
				if c.Has("squeeze-blank") && blank && body == "" {
					continue
				}
				blank = body == ""
				if c.Has("number-nonblank") && body != "" || c.Has("number") && !c.Has("number-nonblank") {
					n++
					fmt.Fprintf(w, "%6d\t", n)
				}
				w.WriteString(show(body, visible, tabs))
				if newline {
					if ends {
						w.WriteByte('$')
					}
					w.WriteByte('\n')
				}
			}
		})
	})
	return 0
}

func show(s string, visible, tabs bool) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		ch := s[i]
		switch {
		case ch == '\t' && !tabs:
			b.WriteByte(ch)
		case ch == '\t':
			b.WriteString("^I")
		case !visible:
			b.WriteByte(ch)
		default:
			if ch >= 128 {
				b.WriteString("M-")
				ch -= 128
			}
			switch {
			case ch < 32:
				b.WriteString("^" + string(rune(ch+64)))
			case ch == 127:
				b.WriteString("^?")
			default:
				b.WriteByte(ch)
			}
		}
	}
	return b.String()
}

// ends is head and tail.
func (c *call) ends(head bool) int {
	unit, text := "lines", "10"
	args := c.Args
	for _, o := range c.Opts {
		if o.Name == "lines" || o.Name == "bytes" {
			unit, text = o.Name, o.Value
		}
	}
	sign := byte(0)
	num := text
	if num != "" && (num[0] == '-' || num[0] == '+') {
		sign, num = num[0], num[1:]
	}
	n, err := strconv.Atoi(strings.TrimRight(num, "kKMb"))
	if err != nil || n < 0 {
		return c.fail("invalid number of %s: '%s'", unit, text)
	}
	titles := (len(args) > 1 || c.Has("verbose")) && !c.Has("quiet")
	first := true
	if head && sign == 0 && !titles && (len(args) == 0 || len(args) == 1 && args[0] == "-") {
		return c.start(n, unit == "bytes")
	}
	c.inputs(args, func(name string, data []byte) {
		if titles {
			if !first {
				fmt.Fprintln(c.Stdout)
			}
			if name == "-" {
				name = "standard input"
			}
			fmt.Fprintf(c.Stdout, "==> %s <==\n", name)
		}
		first = false
		var parts []string
		if unit == "bytes" {
			parts = strings.Split(string(data), "")
			if !utf8.Valid(data) || len(parts) != len(data) {
				parts = make([]string, len(data))
				for i := range data {
					parts[i] = string(data[i : i+1])
				}
			}
		} else if parts = strings.SplitAfter(string(data), "\n"); parts[len(parts)-1] == "" {
			parts = parts[:len(parts)-1]
		}
		from, to := 0, len(parts)
		switch {
		case head && sign == '-':
			to = max(0, len(parts)-n)
		case head:
			to = min(n, len(parts))
		case sign == '+':
			from = min(max(n-1, 0), len(parts))
		default:
			from = max(0, len(parts)-n)
		}
		io.WriteString(c.Stdout, strings.Join(parts[from:to], ""))
	})
	return 0
}

// start prints the first lines or bytes of standard input and reads no more of it.
func (c *call) start(n int, bytes bool) int {
	in, ok := c.Stdin.(io.ByteReader)
	if !ok {
		in = bufio.NewReader(c.Stdin)
	}
	c.buffered(func(w *bufio.Writer) {
		for n > 0 {
			b, err := in.ReadByte()
			if err != nil {
				if err != io.EOF {
					c.fail("error reading 'standard input': %s", vfs.Errno(err))
				}
				return
			}
			if w.WriteByte(b); bytes || b == '\n' {
				n--
			}
		}
	})
	return 0
}

func wc(_ context.Context, c *call) int {
	type counts struct{ lines, words, chars, bytes, width int }
	var rows []counts
	var names []string
	var total counts
	c.inputs(c.Args, func(name string, data []byte) {
		s := string(data)
		n := counts{strings.Count(s, "\n"), len(strings.FieldsFunc(s, unicode.IsSpace)), utf8.RuneCountInString(s), len(s), 0}
		for _, l := range lines(data) {
			n.width = max(n.width, utf8.RuneCountInString(l))
		}
		total.lines, total.words, total.chars, total.bytes = total.lines+n.lines, total.words+n.words, total.chars+n.chars, total.bytes+n.bytes
		total.width = max(total.width, n.width)
		if len(c.Args) == 0 {
			name = ""
		}
		rows, names = append(rows, n), append(names, name)
	})
	if len(c.Args) > 1 {
		rows, names = append(rows, total), append(names, "total")
	}
	none := len(c.Opts) == 0
	pick := func(n counts) []int {
		var out []int
		for _, f := range []struct {
			on bool
			v  int
		}{{none || c.Has("lines"), n.lines}, {none || c.Has("words"), n.words}, {c.Has("chars"), n.chars}, {none || c.Has("bytes"), n.bytes}, {c.Has("max-line-length"), n.width}} {
			if f.on {
				out = append(out, f.v)
			}
		}
		return out
	}
	width := len(strconv.Itoa(total.bytes))
	if len(c.Args) == 0 || slices.Contains(c.Args, "-") {
		width = max(width, 7)
	}
	if len(rows) == 1 && len(pick(total)) == 1 {
		width = 1
	}
	for i, n := range rows {
		var cells []string
		for _, v := range pick(n) {
			cells = append(cells, fmt.Sprintf("%*d", width, v))
		}
		fmt.Fprintln(c.Stdout, strings.TrimRight(strings.Join(cells, " ")+" "+names[i], " "))
	}
	return 0
}

func tee(_ context.Context, c *call) int {
	data, err := io.ReadAll(c.Stdin)
	if err != nil {
		return c.fail("read error: %s", vfs.Errno(err))
	}
	flag := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if c.Has("append") {
		flag = os.O_WRONLY | os.O_CREATE | os.O_APPEND
	}
	c.Stdout.Write(data)
	for _, name := range c.Args {
		f, err := c.FS.OpenFile(c.abs(name), flag, 0o644)
		if err == nil {
			_, err = f.Write(data)
		}
		if err != nil {
			c.fail("%s: %s", name, vfs.Errno(err))
		}
	}
	return 0
}

func tr(_ context.Context, c *call) int {
	del, squeeze := c.Has("delete"), c.Has("squeeze-repeats")
	complement := c.Has("complement") || c.Has("C")
	want := 2
	if del != squeeze {
		want = 1
	}
	switch {
	case len(c.Args) == 0:
		return c.missing("operand")
	case len(c.Args) < want && !(squeeze && len(c.Args) == 1):
		text := fmt.Sprintf("missing operand after '%s'", c.Args[0])
		if !del && !squeeze {
			text += "\nTwo strings must be given when translating."
		}
		return c.usage(text)
	case len(c.Args) > 2 || del && !squeeze && len(c.Args) > 1:
		return c.usage(fmt.Sprintf("extra operand '%s'", c.Args[len(c.Args)-1]))
	}
	set1, err := trSet(c.Args[0])
	if err != nil {
		return c.fail("%v", err)
	}
	var set2 []rune
	if len(c.Args) > 1 {
		if set2, err = trSet(c.Args[1]); err != nil {
			return c.fail("%v", err)
		}
		if len(set2) == 0 && !del {
			return c.fail("when not truncating set1, string2 must be non-empty")
		}
	}
	data, _ := io.ReadAll(c.Stdin)
	in := func(r rune) int {
		for i, x := range set1 {
			if x == r {
				if complement {
					return -1
				}
				return i
			}
		}
		if complement {
			return len(set2) // the last character of SET2 stands for all others
		}
		return -1
	}
	squeezed := set1
	if len(set2) > 0 {
		squeezed = set2
	}
	var b strings.Builder
	last := rune(-1)
	for _, r := range string(data) {
		i := in(r)
		switch {
		case del && i >= 0:
			continue
		case !del && i >= 0 && len(set2) > 0:
			r = set2[min(i, len(set2)-1)]
		}
		if squeeze && r == last {
			member := strings.ContainsRune(string(squeezed), r)
			if complement && len(set2) == 0 {
				member = !member
			}
			if member {
				continue
			}
		}
		last = r
		b.WriteRune(r)
	}
	io.WriteString(c.Stdout, b.String())
	return 0
}

var trClasses = map[string]func(rune) bool{
	"alpha": unicode.IsLetter, "digit": unicode.IsDigit, "space": unicode.IsSpace, "upper": unicode.IsUpper, "lower": unicode.IsLower,
	"alnum": func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) },
	"punct": func(r rune) bool { return r > 32 && r < 127 && !unicode.IsLetter(r) && !unicode.IsDigit(r) },
	"blank": func(r rune) bool { return r == ' ' || r == '\t' },
	"cntrl": unicode.IsControl, "print": func(r rune) bool { return r >= 32 && r < 127 }, "graph": func(r rune) bool { return r > 32 && r < 127 },
	"xdigit": func(r rune) bool { return strings.ContainsRune("0123456789abcdefABCDEF", r) },
}

// trSet expands a SET of tr: escapes, ranges and classes.
func trSet(s string) ([]rune, error) {
	var out []rune
	r := []rune(s)
	for i := 0; i < len(r); i++ {
		if r[i] == '[' && i+1 < len(r) && r[i+1] == ':' {
			if end := strings.Index(string(r[i:]), ":]"); end > 0 {
				name := string([]rune(string(r[i:])[2:end]))
				class, ok := trClasses[name]
				if !ok {
					return nil, fmt.Errorf("invalid character class '%s'", name)
				}
				for x := rune(0); x < 128; x++ {
					if class(x) {
						out = append(out, x)
					}
				}
				i += len([]rune(name)) + 3
				continue
			}
		}
		ch, used := trEscape(r[i:])
		i += used - 1
		if i+2 < len(r) && r[i+1] == '-' {
			to, used := trEscape(r[i+2:])
			if to < ch {
				return nil, fmt.Errorf("range-endpoints of '%c-%c' are in reverse collating sequence order", ch, to)
			}
			for x := ch; x <= to; x++ {
				out = append(out, x)
			}
			i += 1 + used
			continue
		}
		out = append(out, ch)
	}
	return out, nil
}

func trEscape(r []rune) (rune, int) {
	if r[0] != '\\' || len(r) == 1 {
		return r[0], 1
	}
	n, used := rune(0), 1
	for used < len(r) && used < 4 && r[used] >= '0' && r[used] <= '7' {
		n = n*8 + r[used] - '0'
		used++
	}
	if used > 1 {
		return n, used
	}
	if i := strings.IndexRune("abfnrtv\\", r[1]); i >= 0 {
		return []rune("\a\b\f\n\r\t\v\\")[i], 2
	}
	return r[1], 2
}
