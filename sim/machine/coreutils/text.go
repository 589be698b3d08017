package coreutils

import (
	"bytes"
	"context"
	"errors"
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
			{Short: "e", Help: "same as -vE"}, {Short: "t", Help: "same as -vT"}, {Short: "u", Help: "taken, without effect"},
		}}, tool.Permute, cat),
		withCount(program(tool.Program{Name: "head", Usage: "[OPTION]... [FILE]...", Summary: "Print the first lines of files", Options: []tool.Option{
			{Short: "n", Long: "lines", Arg: "NUM", Help: "how many lines (10); with -, all but the last NUM"},
			{Short: "c", Long: "bytes", Arg: "NUM", Help: "how many bytes; with -, all but the last NUM"},
			{Short: "q", Long: "quiet", Help: "never print the names of files"}, {Long: "silent", Help: "same as -q"},
			{Short: "v", Long: "verbose", Help: "always print the names of files"}, {Short: "z", Long: "zero-terminated", Real: true},
		}}, tool.Permute, head)),
		withCount(program(tool.Program{Name: "tail", Usage: "[OPTION]... [FILE]...", Summary: "Print the last lines of files", Options: []tool.Option{
			{Short: "n", Long: "lines", Arg: "NUM", Help: "how many lines (10); with +, from line NUM on"},
			{Short: "c", Long: "bytes", Arg: "NUM", Help: "how many bytes; with +, from byte NUM on"},
			{Short: "q", Long: "quiet", Help: "never print the names of files"}, {Long: "silent", Help: "same as -q"},
			{Short: "v", Long: "verbose", Help: "always print the names of files"}, {Short: "z", Long: "zero-terminated", Real: true},
			{Short: "f", Long: "follow", Real: true},
		}}, tool.Permute, tail)),
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
			{Short: "t", Long: "truncate-set1", Help: "use no more of SET1 than SET2 is long"},
		}}, tool.FirstArg, tr),
		program(tool.Program{Name: "rev", Usage: "[FILE]...", Summary: "Print each line backwards"}, tool.Permute, func(ctx context.Context, c *call) int {
			c.sources(ctx, c.Args, func(s *source) error {
				return s.lines(ctx, c, func(l string, ended bool) bool {
					r := []rune(l)
					slices.Reverse(r)
					io.WriteString(c.Stdout, string(r)+newline(ended))
					return true
				})
			})
			return 0
		}),
		program(tool.Program{Name: "tac", Usage: "[FILE]...", Summary: "Print files with their last line first"}, tool.Permute, func(_ context.Context, c *call) int {
			c.inputs(c.Args, func(_ string, data []byte) {
				all := strings.SplitAfter(string(data), "\n")
				slices.Reverse(all)
				io.WriteString(c.Stdout, strings.Join(all, ""))
			})
			return 0
		}),
	}
}

// withCount lets a program take the old form of its count: head -5.
func withCount(p tool.Program) tool.Program {
	inner := p.Run
	p.Run = func(ctx context.Context, proc *tool.Process) int {
		if len(proc.Args) > 1 && len(proc.Args[1]) > 1 && (proc.Args[1][0] == '-' || proc.Args[1][0] == '+' && p.Name == "tail" && len(proc.Args) < 4) {
			if _, err := strconv.ParseUint(proc.Args[1][1:], 10, 31); err == nil {
				count := proc.Args[1][1:]
				if proc.Args[1][0] == '+' {
					count = proc.Args[1]
				}
				again := *proc
				again.Args = append([]string{proc.Args[0], "-n", count}, proc.Args[2:]...)
				proc = &again
			}
		}
		return inner(ctx, proc)
	}
	return p
}

// newline is the end of a line that may have none.
func newline(ended bool) string {
	if ended {
		return "\n"
	}
	return ""
}

func cat(ctx context.Context, c *call) int {
	all := c.Has("show-all")
	visible, ends, tabs := all || c.Has("show-nonprinting") || c.Has("e") || c.Has("t"), all || c.Has("show-ends") || c.Has("e"), all || c.Has("show-tabs") || c.Has("t")
	nonblank := c.Has("number-nonblank")
	plain := !visible && !ends && !tabs && !c.Has("number") && !nonblank && !c.Has("squeeze-blank")
	n, blank, within := 0, false, false
	c.sources(ctx, c.Args, func(s *source) error {
		if plain {
			return s.copyTo(ctx, c, c.Stdout)
		}
		return s.lines(ctx, c, func(body string, ended bool) bool {
			if c.Has("squeeze-blank") && blank && body == "" && !within {
				return true
			}
			blank = body == ""
			var b strings.Builder
			if (nonblank && body != "" || c.Has("number") && !nonblank) && !within {
				n++
				fmt.Fprintf(&b, "%6d\t", n)
			}
			b.WriteString(show(body, visible, tabs))
			if ended && ends {
				b.WriteByte('$')
			}
			within = !ended
			_, err := io.WriteString(c.Stdout, b.String()+newline(ended))
			return err == nil
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

// counts are what wc counts.
type counts struct{ lines, words, chars, bytes, width int }

// count counts what is left of an input.
func (c *call) count(ctx context.Context, s *source, n *counts) error {
	plain := !(len(c.Opts) == 0 || c.Has("words") || c.Has("chars") || c.Has("max-line-length"))
	if plain {
		buf := make([]byte, 32<<10)
		for i := 1; ; i++ {
			k, err := s.Read(buf)
			n.bytes += k
			n.lines += bytes.Count(buf[:k], []byte("\n"))
			if err != nil {
				return err
			}
			if i%64 == 0 && c.ended(ctx) {
				return errEnough
			}
		}
	}
	word, column := false, 0
	for i := 1; ; i++ {
		r, size, err := s.ReadRune()
		if err != nil {
			n.width = max(n.width, column)
			return err
		}
		n.bytes += size
		if r != utf8.RuneError || size > 1 {
			n.chars++
		}
		switch {
		case r == '\n':
			n.lines++
			fallthrough
		case r == '\r' || r == '\f':
			n.width, column = max(n.width, column), 0
		case r == '\t':
			column += 8 - column%8
		case unicode.IsPrint(r) && size > 0 && r != utf8.RuneError:
			column++
		}
		if space := unicode.IsSpace(r); space {
			word = false
		} else if !word && unicode.IsPrint(r) && (r != utf8.RuneError || size > 1) {
			word = true
			n.words++
		}
		if i%(1<<18) == 0 && c.ended(ctx) {
			return errEnough
		}
	}
}

func wc(ctx context.Context, c *call) int {
	var rows []counts
	var names []string
	var total counts
	unknown := false
	all := c.Args
	if len(all) == 0 {
		all = []string{"-"}
	}
	for _, name := range all {
		var n counts
		s, err := c.open(name)
		if err == nil {
			err = c.count(ctx, s, &n)
		}
		c.failRead(ctx, name, err)
		if err != nil && err != io.EOF && !errors.Is(err, vfs.ErrIsDir) {
			continue
		}
		if errors.Is(err, vfs.ErrIsDir) { // whose size is not known
			unknown = true
		}
		total.lines, total.words, total.chars, total.bytes = total.lines+n.lines, total.words+n.words, total.chars+n.chars, total.bytes+n.bytes
		total.width = max(total.width, n.width)
		if len(c.Args) == 0 {
			name = ""
		}
		rows, names = append(rows, n), append(names, name)
	}
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
	if len(c.Args) == 0 || slices.Contains(c.Args, "-") || unknown {
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

func tee(ctx context.Context, c *call) int {
	flag := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if c.Has("append") {
		flag = os.O_WRONLY | os.O_CREATE | os.O_APPEND
	}
	out := &copies{c: c, to: []io.Writer{c.Stdout}, names: []string{"standard output"}}
	for _, name := range c.Args {
		if _, w := c.Stream(name); w != nil {
			out.to, out.names = append(out.to, w), append(out.names, name)
			continue
		}
		f, err := c.FS.OpenFile(c.abs(name), flag, 0o644)
		if err != nil {
			c.fail("%s: %s", name, vfs.Errno(err))
			continue
		}
		out.to, out.names = append(out.to, f), append(out.names, name)
	}
	s, err := c.open("-")
	if err == nil {
		err = s.copyTo(ctx, c, out)
	}
	if err != nil && err != io.EOF && err != errEnough && ctx.Err() == nil {
		c.fail("read error: %s", vfs.Errno(err))
	}
	return 0
}

// copies writes to several places; one that takes no more is told of and left.
type copies struct {
	c     *call
	to    []io.Writer
	names []string
}

func (w *copies) Write(p []byte) (int, error) {
	for i := 0; i < len(w.to); i++ {
		if _, err := w.to[i].Write(p); err != nil {
			w.c.fail("%s: %s", w.names[i], vfs.Errno(err))
			w.to, w.names = slices.Delete(w.to, i, i+1), slices.Delete(w.names, i, i+1)
			i--
		}
	}
	if len(w.to) == 0 {
		return 0, errEnough
	}
	return len(p), nil
}
