package coreutils

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"skylab/sim/machine/tool"
)

func xargsManual() tool.Program {
	return tool.Program{Name: "xargs", Usage: "[OPTION]... [COMMAND [ARG]...]", Summary: "Run a program with the words of standard input", Options: []tool.Option{
		{Short: "n", Long: "max-args", Arg: "NUM", Help: "at most NUM words a run"}, {Short: "I", Arg: "TEXT", Help: "once a line, with TEXT replaced by it"},
		{Short: "L", Arg: "NUM", Help: "at most NUM lines a run"}, {Short: "d", Long: "delimiter", Arg: "CHAR", Help: "words end with CHAR"},
		{Short: "0", Long: "null", Help: "words end with a zero byte"}, {Short: "r", Long: "no-run-if-empty", Help: "do not run without words"},
		{Short: "t", Long: "verbose", Help: "print each command before it runs"}, {Short: "P", Long: "max-procs", Arg: "NUM", Help: "taken; one after the other"},
		{Short: "a", Long: "arg-file", Arg: "FILE", Help: "take the words from FILE"}, {Short: "p", Long: "interactive", Real: true}, {Short: "x", Long: "exit", Real: true}, {Short: "s", Long: "max-chars", Arg: "NUM", Real: true}, {Short: "E", Arg: "TEXT", Real: true},
	}}
}

// maxCommand is how many characters of words one run gets, as GNU's xargs has it.
const maxCommand = 128 << 10

// wordReader reads the words of xargs.
type wordReader struct {
	s     *source
	until int  // the byte that ends words; -1 for blanks, with quotes
	whole bool // a line is one word (-I)
}

var errQuote = errors.New("by default quotes are special to xargs unless you use the -0 option")

// word reads the next word, and tells whether its line ends with it.
func (r *wordReader) word() (word string, lineEnds bool, err error) {
	var b bytes.Buffer
	given := false
	quote := byte(0)
	for {
		ch, err := r.s.ReadByte()
		if err != nil {
			if err == io.EOF && quote != 0 {
				return "", true, r.unmatched(quote)
			}
			if err == io.EOF && (given || b.Len() > 0) {
				return b.String(), true, nil
			}
			return "", true, err
		}
		if b.Len() > maxLine {
			return "", true, errMemory
		}
		switch {
		case r.until >= 0:
			if int(ch) == r.until {
				return b.String(), true, nil
			}
			b.WriteByte(ch)
			given = true
		case quote != 0 && ch == '\n':
			return "", true, r.unmatched(quote)
		case quote != 0:
			if ch == quote {
				quote = 0
			} else {
				b.WriteByte(ch)
			}
		case ch == '\'' || ch == '"':
			quote, given = ch, true
		case ch == '\\':
			if ch, err = r.s.ReadByte(); err == nil {
				b.WriteByte(ch)
				given = true
			}
		case ch == '\n' || !r.whole && (ch == ' ' || ch == '\t'):
			if given || b.Len() > 0 {
				return b.String(), ch == '\n', nil
			}
		case r.whole && b.Len() == 0 && (ch == ' ' || ch == '\t'):
		default:
			b.WriteByte(ch)
		}
	}
}

func (r *wordReader) unmatched(quote byte) error {
	kind := "double"
	if quote == '\'' {
		kind = "single"
	}
	return fmt.Errorf("unmatched %s quote; %w", kind, errQuote)
}

func xargs(ctx context.Context, c *call) int {
	cmd := c.Args
	if len(cmd) == 0 {
		cmd = []string{"echo"}
	}
	most := map[string]int{}
	for _, o := range []struct{ long, short string }{{"max-args", "n"}, {"L", "L"}} {
		v, ok := c.Lookup(o.long)
		if !ok {
			continue
		}
		n, err := strconv.Atoi(v)
		if err != nil {
			return c.usage(fmt.Sprintf("invalid number \"%s\" for -%s option", v, o.short))
		}
		if n < 1 {
			return c.usage(fmt.Sprintf("value %s for -%s option should be >= 1", v, o.short))
		}
		most[o.short] = n
	}
	name := "-"
	if v, ok := c.Lookup("arg-file"); ok {
		name = v
	}
	src, err := c.open(name)
	if err != nil {
		c.failRead(ctx, name, err)
		return 1
	}
	in := &wordReader{s: src, until: -1}
	replaced, each := c.Lookup("I")
	in.whole = each
	if v, ok := c.Lookup("delimiter"); ok {
		b, _ := trEscape(v + " ")
		in.until = int(b)
	}
	if c.Has("null") {
		in.until = 0
	}
	status, ran := 0, false
	run := func(words []string) bool {
		ran = true
		args := append(append([]string{}, cmd...), words...)
		if each {
			args = nil
			for _, a := range cmd {
				args = append(args, strings.ReplaceAll(a, replaced, words[0]))
			}
		}
		if c.Has("verbose") {
			fmt.Fprintln(c.Stderr, strings.Join(args, " "))
		}
		switch s := c.exec(ctx, args, bytes.NewReader(nil), nil); {
		case s == 127 || s == 126:
			status = s
			return false
		case s == 255:
			fmt.Fprintf(c.Stderr, "xargs: %s: exited with status 255; aborting\n", args[0])
			status = 124
			return false
		case s != 0:
			status = 123
		}
		return ctx.Err() == nil && !c.ended(ctx)
	}
	var words []string
	size, lineCount := 0, 0
	for {
		word, lineEnds, err := in.word()
		if err != nil {
			if err != io.EOF {
				if errors.Is(err, errQuote) {
					if len(words) > 0 && !each {
						run(words)
					}
					fmt.Fprintf(c.Stderr, "xargs: %v\n", err)
					return 1
				}
				c.failRead(ctx, name, err)
				return 1
			}
			break
		}
		if size+len(word)+1 > maxCommand && len(words) > 0 {
			if !run(words) {
				return status
			}
			words, size, lineCount = nil, 0, 0
		}
		words = append(words, word)
		size += len(word) + 1
		if lineEnds {
			lineCount++
		}
		if each || len(words) == most["n"] || most["L"] > 0 && lineCount == most["L"] {
			if !run(words) {
				return status
			}
			words, size, lineCount = nil, 0, 0
		}
	}
	if len(words) > 0 || !ran && !each && !c.Has("no-run-if-empty") {
		run(words)
	}
	return status
}
