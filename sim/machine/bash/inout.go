package bash

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"mvdan.cc/sh/v3/syntax"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"skylab/sim/machine/coreutils"
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
	if errors.Is(err, strconv.ErrRange) {
		p.f.complain("printf: warning: %s: Numerical result out of range", a)
		return n
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
