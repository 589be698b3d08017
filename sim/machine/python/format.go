package python

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ascii escapes what is not ASCII, as \x, \u or \U.
func ascii(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r < 128:
			b.WriteRune(r)
		case r < 256:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}

// format is format(v, spec).
func (in *interp) format(v any, spec string) (string, error) {
	if spec == "" {
		return str(v), nil
	}
	if o, ok := v.(*object); ok {
		if t, ok := o.attrs["strftime"].(*builtin); ok {
			s, err := in.call(t, &args{pos: []any{spec}})
			return str(s), err
		}
	}
	rest := spec
	fill, align := " ", byte(0)
	if r, n := utf8.DecodeRuneInString(rest); len(rest) > n && strings.IndexByte("<>=^", rest[n]) >= 0 {
		fill, align, rest = string(r), rest[n], rest[n+1:]
	} else if strings.IndexByte("<>=^", rest[0]) >= 0 {
		align, rest = rest[0], rest[1:]
	}
	take := func(set string) string {
		if rest != "" && strings.IndexByte(set, rest[0]) >= 0 {
			c := rest[:1]
			rest = rest[1:]
			return c
		}
		return ""
	}
	digits := func() int {
		i := 0
		for i < len(rest) && rest[i] >= '0' && rest[i] <= '9' {
			i++
		}
		n, err := strconv.Atoi(rest[:i])
		rest = rest[i:]
		if err != nil {
			return -1
		}
		return n
	}
	sign := take("+- ")
	alt := take("#") != ""
	if take("0") != "" && align == 0 {
		fill, align = "0", '='
	}
	width := digits()
	comma := take(",_")
	precision := -1
	if take(".") != "" {
		if precision = digits(); precision < 0 {
			return "", raisef(valueError, "Format specifier missing precision")
		}
	}
	if width > maxSize || precision > 1000 {
		return "", raisef(valueError, "Too many decimal digits in format string")
	}
	kind := take("bcdeEfFgGnosxX%")
	if rest != "" {
		return "", raisef(valueError, "Invalid format specifier")
	}
	unknown := func() (string, error) {
		return "", raisef(valueError, "Unknown format code '%s' for object of type '%s'", kind, typeName(v))
	}
	body := ""
	n, numeric := number(v)
	if _, isBool := v.(bool); isBool && kind == "" {
		numeric = false
	}
	switch {
	case numeric && kind != "s":
		text, err := formatNumber(n, kind, precision, alt, comma, v)
		if err != nil {
			return "", err
		}
		if text == "" {
			return unknown()
		}
		switch {
		case strings.HasPrefix(text, "-"):
			sign, text = "-", text[1:]
		case sign == "-":
			sign = ""
		}
		body = text
		if align == 0 {
			align = '>'
		}
	case kind != "" && kind != "s":
		return unknown()
	default:
		switch v.(type) {
		case string, bool:
		default:
			return "", raisef(typeError, "unsupported format string passed to %s.__format__", typeName(v))
		}
		sign = ""
		body = str(v)
		if r := []rune(body); precision >= 0 && len(r) > precision {
			body = string(r[:precision])
		}
		if align == 0 {
			align = '<'
		}
	}
	gap := max(width-utf8.RuneCountInString(body)-len(sign), 0)
	switch align {
	case '<':
		return sign + body + strings.Repeat(fill, gap), nil
	case '^':
		return strings.Repeat(fill, gap/2) + sign + body + strings.Repeat(fill, gap-gap/2), nil
	case '=':
		return sign + strings.Repeat(fill, gap) + body, nil
	}
	return strings.Repeat(fill, gap) + sign + body, nil
}

// formatNumber returns "" for a kind that does not fit.
func formatNumber(n any, kind string, precision int, alt bool, comma string, v any) (string, error) {
	group := func(s string) string {
		if comma == "" {
			return s
		}
		head, tail, dot := strings.Cut(s, ".")
		neg := strings.HasPrefix(head, "-")
		head = strings.TrimPrefix(head, "-")
		for i := len(head) - 3; i > 0; i -= 3 {
			head = head[:i] + comma + head[i:]
		}
		if neg {
			head = "-" + head
		}
		if dot {
			head += "." + tail
		}
		return head
	}
	if i, ok := n.(*big.Int); ok {
		base, prefix := 10, ""
		switch kind {
		case "", "d", "n":
			return group(i.String()), nil
		case "b":
			base, prefix = 2, "0b"
		case "o":
			base, prefix = 8, "0o"
		case "x", "X":
			base, prefix = 16, "0x"
		case "c":
			return string(rune(i.Int64())), nil
		default:
			base = 0
		}
		if base > 0 {
			s := new(big.Int).Abs(i).Text(base)
			if alt {
				s = prefix + s
			}
			if kind == "X" {
				s = strings.ToUpper(s)
			}
			if i.Sign() < 0 {
				s = "-" + s
			}
			return s, nil
		}
	}
	f := toFloat(n)
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return floatRepr(f), nil
	}
	p := precision
	if p < 0 {
		p = 6
	}
	switch kind {
	case "f", "F":
		return group(strconv.FormatFloat(f, 'f', p, 64)), nil
	case "e", "E":
		return strconv.FormatFloat(f, kind[0], p, 64), nil
	case "%":
		return group(strconv.FormatFloat(f*100, 'f', p, 64)) + "%", nil
	case "":
		if precision < 0 {
			return group(floatRepr(f)), nil
		}
		fallthrough
	case "g", "G":
		s := strconv.FormatFloat(f, 'g', max(p, 1), 64)
		return group(s), nil
	}
	return "", nil
}

// percent is the % operator of strings.
func (in *interp) percent(s string, v any) (any, error) {
	items, isTuple := v.(tuple)
	if !isTuple {
		items = tuple{v}
	}
	used := 0
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i++; i >= len(s) {
			return nil, raisef(valueError, "incomplete format")
		}
		var arg any
		named := false
		if s[i] == '(' {
			end := strings.IndexByte(s[i:], ')')
			d, ok := v.(*dict)
			if end < 0 || !ok {
				return nil, raisef(typeError, "format requires a mapping")
			}
			x, ok, _ := d.get(s[i+1 : i+end])
			if !ok {
				return nil, &exception{class: keyError, args: []any{s[i+1 : i+end]}}
			}
			arg, named = x, true
			i += end + 1
		}
		start := i
		for i < len(s) && strings.IndexByte("#0- +123456789.", s[i]) >= 0 {
			i++
		}
		if i >= len(s) {
			return nil, raisef(valueError, "incomplete format")
		}
		if s[i] == '%' {
			b.WriteByte('%')
			continue
		}
		if !named {
			if used >= len(items) {
				return nil, raisef(typeError, "not enough arguments for format string")
			}
			arg = items[used]
			used++
		}
		flags := s[start:i]
		spec := ""
		switch {
		case strings.HasPrefix(flags, "-"):
			spec = "<" + flags[1:]
		case s[i] == 's' || s[i] == 'r' || s[i] == 'a':
			spec = ">" + flags
		default:
			spec = flags
		}
		switch s[i] {
		case 's':
			arg = str(arg)
		case 'r', 'a':
			arg = repr(arg)
		case 'd', 'i', 'u':
			n, ok := number(arg)
			if !ok {
				return nil, raisef(typeError, "%%%c format: a real number is required, not %s", s[i], typeName(arg))
			}
			arg, _ = toInt(in, &args{pos: []any{n}})
			spec += "d"
		case 'x', 'X', 'o', 'e', 'E', 'f', 'F', 'g', 'G', 'c':
			if _, ok := number(arg); !ok && s[i] != 'c' {
				return nil, raisef(typeError, "must be real number, not %s", typeName(arg))
			}
			spec += string(s[i])
		default:
			return nil, raisef(valueError, "unsupported format character '%c' (0x%x) at index %d", s[i], s[i], i)
		}
		text, err := in.format(arg, spec)
		if err != nil {
			return nil, err
		}
		b.WriteString(text)
	}
	if _, isDict := v.(*dict); used < len(items) && !isDict {
		return nil, raisef(typeError, "not all arguments converted during string formatting")
	}
	return b.String(), nil
}

// strFormat is str.format.
func (in *interp) strFormat(s string, a *args) (any, error) {
	var b strings.Builder
	auto := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case (c == '{' || c == '}') && i+1 < len(s) && s[i+1] == c:
			b.WriteByte(c)
			i++
			continue
		case c == '}':
			return nil, raisef(valueError, "Single '}' encountered in format string")
		case c != '{':
			b.WriteByte(c)
			continue
		}
		end := strings.IndexByte(s[i:], '}')
		if end < 0 {
			return nil, raisef(valueError, "Single '{' encountered in format string")
		}
		field, spec, _ := strings.Cut(s[i+1:i+end], ":")
		i += end
		field, conv, _ := strings.Cut(field, "!")
		name := field
		if at := strings.IndexAny(field, ".["); at >= 0 {
			name = field[:at]
		}
		path := field[len(name):]
		if name == "" {
			name = strconv.Itoa(auto)
			auto++
		}
		var v any
		if n, err := strconv.Atoi(name); err == nil {
			if n < 0 || n >= len(a.pos) {
				return nil, raisef(indexError, "Replacement index %d out of range for positional args tuple", n)
			}
			v = a.pos[n]
		} else {
			x, ok := a.named[name]
			if !ok {
				return nil, &exception{class: keyError, args: []any{name}}
			}
			v = x
		}
		for path != "" {
			var err error
			if path[0] == '.' {
				n := strings.IndexAny(path[1:]+".", ".[")
				v, err = in.attr(v, path[1:1+n])
				path = path[1+n:]
			} else {
				n := strings.IndexByte(path, ']')
				if n < 0 {
					return nil, raisef(valueError, "Missing ']' in format string")
				}
				var key any = path[1:n]
				if k, bad := strconv.Atoi(path[1:n]); bad == nil {
					key = mk(k)
				}
				v, err = in.index(v, key)
				path = path[n+1:]
			}
			if err != nil {
				return nil, err
			}
		}
		switch conv {
		case "r":
			v = repr(v)
		case "s":
			v = str(v)
		}
		text, err := in.format(v, spec)
		if err != nil {
			return nil, err
		}
		b.WriteString(text)
	}
	return b.String(), nil
}
