package bash

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"

	"skylab/sim/machine/coreutils"
	"skylab/sim/machine/shell"
)

func emptyReader() *bufio.Reader { return bufio.NewReader(strings.NewReader("")) }

// print writes a builtin's output; a failure is the builtin's.
func (f *frame) print(name, text string) int {
	_, err := io.WriteString(f.out(), text)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errPipe):
		f.jump = exiting
		return 141
	case errors.Is(err, errOutput):
		f.jump = exiting
		return 141
	case errors.Is(err, errBadFD):
		f.complain("%s: write error: Bad file descriptor", name)
	case f.ctx.Err() == nil:
		f.complain("%s: write error: No space left on device", name)
	}
	return 1
}

func echoBuiltin(f *frame, _ context.Context, args []string) int {
	args = args[1:]
	end, escapes := "\n", f.shopts["xpg_echo"]
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && strings.Trim(args[0][1:], "neE") == "" {
		for _, c := range args[0][1:] {
			switch c {
			case 'n':
				end = ""
			case 'e':
				escapes = true
			case 'E':
				escapes = false
			}
		}
		args = args[1:]
	}
	text := strings.Join(args, " ")
	if escapes {
		out, stop := unescape(text, true)
		if text = out; stop {
			end = ""
		}
	}
	return f.print("echo", text+end)
}

// unescape replaces backslash sequences; stop says that \c ended the text.
// octalZero says that octal numbers begin with 0, as in echo and %b.
func unescape(s string, octalZero bool) (out string, stop bool) {
	if !strings.Contains(s, `\`) {
		return s, false
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		digits := func(most int, base string) string {
			j := i + 1
			for j < len(s) && j-i <= most && strings.IndexByte(base, s[j]) >= 0 {
				j++
			}
			d := s[i+1 : j]
			i = j - 1
			return d
		}
		switch c := s[i]; c {
		case 'a':
			b.WriteByte('\a')
		case 'b':
			b.WriteByte('\b')
		case 'e', 'E':
			b.WriteByte(0x1b)
		case 'f':
			b.WriteByte('\f')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'v':
			b.WriteByte('\v')
		case '\\':
			b.WriteByte('\\')
		case '\'', '"', '?':
			if octalZero {
				b.WriteByte('\\')
			}
			b.WriteByte(c)
		case 'c':
			return b.String(), true
		case '0', '1', '2', '3', '4', '5', '6', '7':
			if octalZero && c != '0' {
				b.WriteString(s[i-1 : i+1])
				continue
			}
			most := 3
			if !octalZero {
				i--
			}
			n, _ := strconv.ParseUint("0"+digits(most, "01234567"), 8, 32)
			b.WriteByte(byte(n))
		case 'x':
			d := digits(2, "0123456789abcdefABCDEF")
			if d == "" {
				b.WriteString(`\x`)
				continue
			}
			n, _ := strconv.ParseUint(d, 16, 32)
			b.WriteByte(byte(n))
		case 'u', 'U':
			most := 4
			if c == 'U' {
				most = 8
			}
			d := digits(most, "0123456789abcdefABCDEF")
			if d == "" {
				b.WriteString(`\` + string(c))
				continue
			}
			n, _ := strconv.ParseUint(d, 16, 32)
			b.WriteRune(rune(n))
		default:
			b.WriteString(s[i-1 : i+1])
		}
	}
	return b.String(), false
}

func printfBuiltin(f *frame, _ context.Context, args []string) int {
	args = args[1:]
	into := ""
	for len(args) > 0 && strings.HasPrefix(args[0], "-") && len(args[0]) > 1 {
		switch {
		case args[0] == "--":
		case args[0] == "-v" && len(args) > 1:
			if into = args[1]; !syntax.ValidName(strings.SplitN(into, "[", 2)[0]) {
				f.complain("printf: `%s': not a valid identifier", into)
				return 2
			}
			args = args[1:]
		case strings.HasPrefix(args[0], "-v") && len(args[0]) > 2:
			into = args[0][2:]
		case args[0] == "-v":
			f.complain("printf: -v: option requires an argument\nprintf: usage: printf %s", usages["printf"])
			return 2
		default:
			return f.wrongOption("printf", args[0][:2])
		}
		stop := args[0] == "--"
		args = args[1:]
		if stop {
			break
		}
	}
	if len(args) == 0 {
		fmt.Fprintln(f.err(), "printf: usage: printf "+usages["printf"])
		return 2
	}
	p := &printer{f: f, format: args[0], args: args[1:]}
	for {
		before := len(p.args)
		if !p.once() || len(p.args) == 0 || len(p.args) == before || p.out.Len() > maxValue {
			break
		}
	}
	status := p.status
	if into != "" {
		if err := f.setText(into, p.out.String()); err != nil {
			f.complain("printf: %v", err)
			return 1
		}
		return status
	}
	return max(f.print("printf", p.out.String()), status)
}

// printer formats as printf does.
type printer struct {
	f      *frame
	format string
	args   []string
	out    strings.Builder
	status int
}

func (p *printer) next() (string, bool) {
	if len(p.args) == 0 {
		return "", false
	}
	a := p.args[0]
	p.args = p.args[1:]
	return a, true
}

// integer reads an argument as printf does: a number, or 'c for a character.
func (p *printer) integer() int64 {
	a, ok := p.next()
	if !ok || a == "" {
		return 0
	}
	if a[0] == '\'' || a[0] == '"' {
		r, _ := utf8.DecodeRuneInString(a[1:])
		if len(a) == 1 {
			return 0
		}
		return int64(r)
	}
	t := strings.TrimLeft(a, " \t")
	n, err := strconv.ParseInt(t, 0, 64)
	if err == nil && !strings.ContainsAny(t, "_oOB") {
		return n
	}
	if u, err := strconv.ParseUint(t, 0, 64); err == nil && !strings.ContainsAny(t, "_oO") {
		return int64(u)
	}
	end := 0
	for end < len(t) && (t[end] >= '0' && t[end] <= '9' || end == 0 && (t[end] == '-' || t[end] == '+')) {
		end++
	}
	if t != "" && t[0] == '0' && end > 1 {
		for i := 1; i < end; i++ {
			if t[i] > '7' {
				end = i
				break
			}
		}
		p.f.complain("printf: %s: invalid octal number", a)
	} else {
		p.f.complain("printf: %s: invalid number", a)
	}
	p.status = 1
	n, _ = strconv.ParseInt(t[:end], 0, 64)
	return n
}

// once goes over the format; it is false when printing has to stop.
func (p *printer) once() bool {
	s := p.format
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			j := i + 2
			for j < len(s) && j < i+10 && strings.IndexByte("0123456789abcdefABCDEF", s[j]) >= 0 {
				j++
			}
			j = min(j, len(s))
			text := s[i:j]
			// Only as much as the sequence takes is its own.
			for n := min(2, len(text)); n <= len(text); n++ {
				a, _ := unescape(text[:n], false)
				if n == len(text) {
					p.out.WriteString(a)
					i += n - 1
					break
				}
				b, _ := unescape(text[:n+1], false)
				if b == a+text[n:n+1] {
					p.out.WriteString(a)
					i += n - 1
					break
				}
			}
			if strings.HasPrefix(text, `\c`) {
				return false
			}
		case s[i] == '%':
			n, ok := p.directive(s[i:])
			if !ok {
				return false
			}
			i += n - 1
		default:
			p.out.WriteByte(s[i])
		}
	}
	return true
}

// directive formats what stands behind a %, and returns its length.
func (p *printer) directive(s string) (int, bool) {
	i := 1
	flags := ""
	for i < len(s) && strings.IndexByte("-+ #0'", s[i]) >= 0 {
		flags += s[i : i+1]
		i++
	}
	num := func() (int, bool) {
		if i < len(s) && s[i] == '*' {
			i++
			return int(p.integer()), true
		}
		from := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		n, err := strconv.Atoi(s[from:i])
		return n, err == nil
	}
	width, _ := num()
	if width < 0 {
		flags += "-"
		width = -width
	}
	width = min(width, 1<<16)
	precision := -1
	if i < len(s) && s[i] == '.' {
		i++
		precision, _ = num()
		precision = min(precision, 1<<16)
	}
	for i < len(s) && strings.IndexByte("hlLqjzt", s[i]) >= 0 && !(s[i] == 'q') {
		i++
	}
	if i == len(s) {
		p.f.complain("printf: `%s': missing format character", s)
		p.status = 1
		return 0, false
	}
	verb := s[i]
	pad := func(t string) {
		n := width - utf8.RuneCountInString(t)
		switch {
		case n <= 0:
			p.out.WriteString(t)
		case strings.Contains(flags, "-"):
			p.out.WriteString(t + strings.Repeat(" ", n))
		default:
			p.out.WriteString(strings.Repeat(" ", n) + t)
		}
	}
	cut := func(t string) string {
		if precision >= 0 && precision < len(t) {
			return t[:precision]
		}
		return t
	}
	switch verb {
	case '%':
		p.out.WriteByte('%')
	case 's':
		a, _ := p.next()
		pad(cut(a))
	case 'b':
		a, _ := p.next()
		t, stop := unescape(a, true)
		pad(cut(t))
		if stop {
			return 0, false
		}
	case 'q':
		a, _ := p.next()
		t := backslashed(a)
		pad(t)
	case 'c':
		a, _ := p.next()
		if a != "" {
			a = a[:1]
		}
		pad(a)
	case 'd', 'i', 'u', 'o', 'x', 'X':
		n := p.integer()
		pad(formatInteger(n, verb, flags, width, precision))
	case 'e', 'E', 'f', 'F', 'g', 'G', 'a', 'A':
		a, _ := p.next()
		x, err := strconv.ParseFloat(strings.TrimSpace(orZero(a)), 64)
		if err != nil {
			p.f.complain("printf: %s: invalid number", a)
			p.status = 1
		}
		spec := "%" + strings.ReplaceAll(flags, "'", "")
		if width > 0 {
			spec += strconv.Itoa(width)
		}
		if precision >= 0 {
			spec += "." + strconv.Itoa(precision)
		}
		if verb == 'a' || verb == 'A' {
			verb += 'x' - 'a'
		}
		if (verb == 'g' || verb == 'G') && precision < 0 {
			spec += ".6"
		}
		fmt.Fprintf(&p.out, spec+string(verb), x)
	case '(':
		end := strings.Index(s[i:], ")T")
		if end < 0 {
			p.f.complain("printf: warning: `%c': invalid time format specification", s[min(i+1, len(s)-1)])
			p.out.WriteString(s[:i+1])
			return i + 1, true
		}
		format := s[i+1 : i+end]
		if format == "" {
			format = "%X"
		}
		at := p.f.m.Clock.Now()
		if a, ok := p.next(); ok {
			p.args = append([]string{a}, p.args...)
			switch n := p.integer(); n {
			case -1:
			case -2:
				at = p.f.began
			default:
				at = time.Unix(n, 0).UTC()
			}
		}
		pad(cut(coreutils.Strftime(format, at)))
		i += end + 1
	default:
		p.f.complain("printf: `%c': invalid format character", verb)
		p.status = 1
		return 0, false
	}
	return i + 1, true
}

func formatInteger(n int64, verb byte, flags string, width, precision int) string {
	var digits, sign string
	switch verb {
	case 'd', 'i':
		digits = strconv.FormatUint(uint64(n), 10)
		if n < 0 {
			digits, sign = strconv.FormatUint(uint64(-n), 10), "-"
		} else if strings.Contains(flags, "+") {
			sign = "+"
		} else if strings.Contains(flags, " ") {
			sign = " "
		}
	case 'u':
		digits = strconv.FormatUint(uint64(n), 10)
	case 'o':
		digits = strconv.FormatUint(uint64(n), 8)
		if strings.Contains(flags, "#") {
			sign = "0"
		}
	default:
		digits = strconv.FormatUint(uint64(n), 16)
		if strings.Contains(flags, "#") && n != 0 {
			sign = "0x"
		}
		if verb == 'X' {
			digits, sign = strings.ToUpper(digits), strings.ToUpper(sign)
		}
	}
	if precision == 0 && n == 0 {
		digits = ""
	}
	if len(digits) < precision {
		digits = strings.Repeat("0", precision-len(digits)) + digits
	}
	if strings.Contains(flags, "0") && !strings.Contains(flags, "-") && precision < 0 && len(sign)+len(digits) < width {
		digits = strings.Repeat("0", width-len(sign)-len(digits)) + digits
	}
	return sign + digits
}

// backslashed quotes a text as printf %q does.
func backslashed(s string) string {
	if s == "" {
		return "''"
	}
	if control(s) {
		return dollarQuoted(s)
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if strings.IndexByte(" \t'\"\\|&;()<>!{}*[]?^$`,", c) >= 0 || (c == '#' || c == '~') && i == 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
	return b.String()
}

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
