package bash

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"skylab/sim/machine/shell"
)

// readOptions are those of read.
type readOptions struct {
	raw, silent   bool
	prompt, array string
	delim         byte
	chars         int // at most so many
	exact         bool
	timeout       time.Duration
	timed         bool
	fd            int
	names         []string
}

func (f *frame) readArgs(args []string) (o readOptions, status int) {
	o.delim, o.chars = '\n', -1
	args = args[1:]
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		a := args[0]
		args = args[1:]
		if a == "--" {
			break
		}
		for i := 1; i < len(a); i++ {
			c := a[i]
			if strings.IndexByte("ers", c) >= 0 {
				o.raw = o.raw || c == 'r'
				o.silent = o.silent || c == 's'
				continue
			}
			if strings.IndexByte("adinNptu", c) < 0 {
				return o, f.wrongOption("read", "-"+string(c))
			}
			v := a[i+1:]
			if v == "" {
				if len(args) == 0 {
					f.complain("read: -%c: option requires an argument\nread: usage: read %s", c, usages["read"])
					return o, 2
				}
				v, args = args[0], args[1:]
			}
			switch c {
			case 'a':
				o.array = v
			case 'd':
				o.delim = 0
				if v != "" {
					o.delim = v[0]
				}
			case 'n', 'N':
				n, err := strconv.Atoi(v)
				if err != nil || n < 0 {
					f.complain("read: %s: invalid number", v)
					return o, 1
				}
				o.chars, o.exact = n, c == 'N'
			case 'p':
				o.prompt = v
			case 't':
				x, err := strconv.ParseFloat(v, 64)
				if err != nil || x < 0 || x > 1e9 {
					f.complain("read: %s: invalid timeout specification", v)
					return o, 1
				}
				o.timeout, o.timed = time.Duration(x*float64(time.Second)), true
			case 'u':
				n, err := strconv.Atoi(v)
				if err != nil || f.fds[n] == nil {
					f.complain("read: %s: invalid file descriptor: Bad file descriptor", v)
					return o, 1
				}
				o.fd = n
			}
			break
		}
	}
	o.names = args
	for _, name := range o.names {
		if !syntax.ValidName(strings.SplitN(name, "[", 2)[0]) {
			f.complain("read: `%s': not a valid identifier", name)
			return o, 1
		}
	}
	return o, 0
}

// timedOut is the status of a read that nobody answered in time.
const timedOut = 142

func readBuiltin(f *frame, ctx context.Context, args []string) int {
	o, status := f.readArgs(args)
	if status != 0 {
		return status
	}
	x := f.fd(o.fd)
	if x.r == nil {
		f.complain("read: read error: %d: Bad file descriptor", o.fd)
		return 1
	}
	if o.timed && o.timeout == 0 { // only asks whether there is something
		if x.r.Buffered() > 0 {
			return 0
		}
		if x.tty {
			return 1
		}
		if _, err := x.r.Peek(1); err != nil {
			return 1
		}
		return 0
	}
	if x.tty && f.keyboard != nil {
		io.WriteString(f.err(), o.prompt)
		defer f.keyboard.Expect(o.silent, o.timeout, o.timed)()
	}
	text, end := f.readText(x.r, o)
	switch {
	case errors.Is(end, shell.ErrTimeout):
		f.m.Clock.Spend(o.timeout)
		status = timedOut
	case ctx.Err() != nil:
		return 130
	case end != nil:
		status = 1
	}
	if !f.fill(o, text) {
		return 1
	}
	return status
}

// escaped marks a character that a backslash protects; no text holds it.
const escaped = '\x01'

// readText reads up to what ends the input; a backslash protects what follows
// it, and joins lines, unless -r is given.
func (f *frame) readText(r *bufio.Reader, o readOptions) (string, error) {
	var b strings.Builder
	n := 0
	for o.chars < 0 || n < o.chars {
		c, err := r.ReadByte()
		if err != nil {
			return b.String(), err
		}
		if b.Len() > maxValue {
			return b.String(), io.ErrShortBuffer
		}
		switch {
		case c == o.delim && !o.exact:
			return b.String(), nil
		case c == 0:
			continue
		case c == '\\' && !o.raw:
			next, err := r.ReadByte()
			if err != nil {
				return b.String(), err
			}
			if next == '\n' {
				continue
			}
			b.WriteByte(escaped)
			b.WriteByte(next)
		default:
			b.WriteByte(c)
		}
		if c < utf8.RuneSelf || c >= 0xc0 {
			n++
		}
		for c >= 0xc0 { // the rest of one character
			p, err := r.Peek(1)
			if err != nil || p[0]&0xc0 != 0x80 {
				break
			}
			next, _ := r.ReadByte()
			b.WriteByte(next)
		}
	}
	return b.String(), nil
}

// fill gives the variables of read their fields.
func (f *frame) fill(o readOptions, text string) bool {
	plain := func(s string) string { return strings.ReplaceAll(s, string(rune(escaped)), "") }
	put := func(name, value string) bool {
		if err := f.setText(name, value); err != nil {
			f.complain("read: %v", err)
			return false
		}
		return true
	}
	ifs := " \t\n"
	if v := f.get("IFS"); v.IsSet() {
		ifs = v.Str
	}
	if o.exact {
		name := "REPLY"
		if len(o.names) > 0 {
			name = o.names[0]
			for _, other := range o.names[1:] {
				if !put(other, "") {
					return false
				}
			}
		}
		return put(name, plain(text))
	}
	if o.array != "" {
		fields := splitFields(text, ifs, -1)
		for i := range fields {
			fields[i] = plain(fields[i])
		}
		if fields == nil {
			fields = []string{}
		}
		if err := f.set(o.array, expand.Variable{Set: true, Kind: expand.Indexed, List: fields}); err != nil {
			f.complain("read: %v", err)
			return false
		}
		return true
	}
	if len(o.names) == 0 {
		return put("REPLY", plain(text))
	}
	fields := splitFields(text, ifs, len(o.names))
	for i, name := range o.names {
		value := ""
		if i < len(fields) {
			value = plain(fields[i])
		}
		if !put(name, value) {
			return false
		}
	}
	return true
}

// splitFields splits a line by IFS into at most n fields, the last with the rest
// of the line; n < 0 is without end.
func splitFields(s, ifs string, n int) []string {
	isWhite := func(c byte) bool { return (c == ' ' || c == '\t' || c == '\n') && strings.IndexByte(ifs, c) >= 0 }
	isSep := func(c byte) bool { return strings.IndexByte(ifs, c) >= 0 }
	var out []string
	i := 0
	for i < len(s) && isWhite(s[i]) {
		i++
	}
	for i < len(s) {
		if n > 0 && len(out) == n-1 {
			rest := s[i:]
			end := len(rest)
			for end > 0 && isWhite(rest[end-1]) && !(end > 1 && rest[end-2] == escaped) {
				end--
			}
			rest = rest[:end]
			// One separator at the very end belongs to no field.
			if end > 0 && isSep(rest[end-1]) && !isWhite(rest[end-1]) && strings.IndexFunc(rest[:end-1], func(r rune) bool { return r < utf8.RuneSelf && isSep(byte(r)) && !isWhite(byte(r)) }) < 0 {
				if head := strings.TrimRightFunc(rest[:end-1], func(r rune) bool { return r < utf8.RuneSelf && isWhite(byte(r)) }); true {
					rest = head
				}
			}
			return append(out, rest)
		}
		from := i
		for i < len(s) && !isSep(s[i]) {
			if s[i] == escaped {
				i++
			}
			i++
		}
		i = min(i, len(s))
		out = append(out, s[from:i])
		for i < len(s) && isWhite(s[i]) {
			i++
		}
		if i < len(s) && isSep(s[i]) && !isWhite(s[i]) {
			i++
			for i < len(s) && isWhite(s[i]) {
				i++
			}
		}
	}
	return out
}

func mapfileBuiltin(f *frame, _ context.Context, args []string) int {
	name := args[0]
	delim, most, origin, skip, trim, fd := byte('\n'), 0, -1, 0, false, 0
	rest := args[1:]
	for len(rest) > 0 && len(rest[0]) > 1 && rest[0][0] == '-' {
		a := rest[0]
		rest = rest[1:]
		if a == "-t" {
			trim = true
			continue
		}
		c := a[1]
		if strings.IndexByte("dnOsuCct", c) < 0 {
			return f.wrongOption(name, a[:2])
		}
		if c == 't' {
			trim = true
			a = "-" + a[2:]
			c = a[1]
		}
		v := a[2:]
		if v == "" {
			if len(rest) == 0 {
				f.complain("%s: -%c: option requires an argument\n%s: usage: %s %s", name, c, name, name, usages[name])
				return 2
			}
			v, rest = rest[0], rest[1:]
		}
		n, err := strconv.Atoi(v)
		switch {
		case c == 'd':
			delim = 0
			if v != "" {
				delim = v[0]
			}
		case c == 'C', c == 'c':
			fmt.Fprintln(f.err(), "skylab: mapfile -C is real but not simulated here")
			return 2
		case err != nil || n < 0:
			f.complain("%s: %s: invalid line count", name, v)
			return 1
		case c == 'n':
			most = n
		case c == 'O':
			origin = n
		case c == 's':
			skip = n
		case c == 'u':
			fd = n
		}
	}
	array := "MAPFILE"
	if len(rest) > 0 {
		array = rest[0]
	}
	x := f.fd(fd)
	if x.r == nil {
		f.complain("%s: %d: invalid file descriptor: Bad file descriptor", name, fd)
		return 1
	}
	v := variable{Variable: expand.Variable{Set: true, Kind: expand.Indexed, List: []string{}}}
	if old, ok := f.vars[array]; ok && origin >= 0 && old.Kind == expand.Indexed {
		v.List, v.Indexes = append([]string{}, old.List...), append([]int(nil), old.Indexes...)
	}
	at, total := max(origin, 0), 0
	for n := 0; most == 0 || n < most; {
		line, err := x.r.ReadString(delim)
		if line == "" && err != nil {
			break
		}
		if skip > 0 {
			skip--
			continue
		}
		if trim {
			line = strings.TrimSuffix(line, string(rune(delim)))
		}
		place(&v, at, line)
		at, n = at+1, n+1
		if total += len(line) + 16; total > maxHeld {
			f.complain("%s: xmalloc: cannot allocate %d bytes", name, total)
			return 1
		}
	}
	if err := f.set(array, v.Variable); err != nil {
		f.complain("%s: %v", name, err)
		return 1
	}
	return 0
}
