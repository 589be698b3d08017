package python

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonFault is where a text is no JSON; scan says that the value begins wrong.
type jsonFault struct {
	msg  string
	pos  int // in bytes
	kind int // what the traceback ends with
}

const (
	faultInside = iota // within a value
	faultValue         // no value where one must stand
	faultExtra         // something behind the value
)

// position words a place as JSONDecodeError does.
func (f *jsonFault) text(s string) string {
	pos := min(f.pos, len(s))
	line := strings.Count(s[:pos], "\n") + 1
	col := utf8.RuneCountInString(s[strings.LastIndexByte(s[:pos], '\n')+1:pos]) + 1
	return fmt.Sprintf("%s: line %d column %d (char %d)", f.msg, line, col, utf8.RuneCountInString(s[:pos]))
}

type decoder struct {
	s     string
	i     int
	depth int
}

func (d *decoder) blank() {
	for d.i < len(d.s) && strings.IndexByte(" \t\n\r", d.s[d.i]) >= 0 {
		d.i++
	}
}

func (d *decoder) fault(msg string, pos int) *jsonFault { return &jsonFault{msg: msg, pos: pos} }

// decodeJSON reads one value that is all of a text.
func decodeJSON(s string) (any, *jsonFault) {
	if strings.HasPrefix(s, "\ufeff") {
		return nil, &jsonFault{"Unexpected UTF-8 BOM (decode using utf-8-sig)", 0, faultValue}
	}
	d := &decoder{s: s}
	d.blank()
	v, f := d.value()
	if f != nil {
		return nil, f
	}
	d.blank()
	if d.i < len(s) {
		return nil, &jsonFault{"Extra data", d.i, faultExtra}
	}
	return v, nil
}

func (d *decoder) value() (any, *jsonFault) {
	none := &jsonFault{"Expecting value", d.i, faultValue}
	if d.depth++; d.depth > 900 {
		return nil, &jsonFault{"skylab: too deep", d.i, faultInside}
	}
	defer func() { d.depth-- }()
	if d.i >= len(d.s) {
		return nil, none
	}
	rest := d.s[d.i:]
	for text, v := range map[string]any{"null": nil, "true": true, "false": false} {
		if strings.HasPrefix(rest, text) {
			d.i += len(text)
			return v, nil
		}
	}
	switch rest[0] {
	case '"':
		d.i++
		return d.str()
	case '{':
		return d.object()
	case '[':
		return d.array()
	}
	n := 0
	if rest[0] == '-' {
		n++
	}
	start := n
	for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
		n++
		if rest[start] == '0' {
			break
		}
	}
	if n == start {
		return nil, none
	}
	float := false
	if m := digitsEnd(rest, n+1); n < len(rest) && rest[n] == '.' && m > n+1 {
		n, float = m, true
	}
	if n < len(rest) && (rest[n] == 'e' || rest[n] == 'E') {
		m := n + 1
		if m < len(rest) && (rest[m] == '+' || rest[m] == '-') {
			m++
		}
		if k := digitsEnd(rest, m); k > m {
			n, float = k, true
		}
	}
	d.i += n
	if float {
		f, _ := strconv.ParseFloat(rest[:n], 64)
		return f, nil
	}
	i, ok := new(big.Int).SetString(rest[:n], 10)
	if !ok {
		return nil, none
	}
	return i, nil
}

func digitsEnd(s string, i int) int {
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return min(i, len(s))
}

// more reads what stands behind an element: a comma, if another follows, or the
// end.
func (d *decoder) more(end byte) (bool, *jsonFault) {
	d.blank()
	switch {
	case d.i < len(d.s) && d.s[d.i] == end:
		d.i++
		return false, nil
	case d.i >= len(d.s) || d.s[d.i] != ',':
		return false, d.fault("Expecting ',' delimiter", d.i)
	}
	d.i++
	d.blank()
	return true, nil
}

func (d *decoder) object() (any, *jsonFault) {
	out := newDict()
	d.i++
	d.blank()
	if d.i < len(d.s) && d.s[d.i] == '}' {
		d.i++
		return out, nil
	}
	for {
		if d.i >= len(d.s) || d.s[d.i] != '"' {
			return nil, d.fault("Expecting property name enclosed in double quotes", d.i)
		}
		d.i++
		k, f := d.str()
		if f != nil {
			return nil, f
		}
		d.blank()
		if d.i >= len(d.s) || d.s[d.i] != ':' {
			return nil, d.fault("Expecting ':' delimiter", d.i)
		}
		d.i++
		d.blank()
		v, f := d.value()
		if f != nil {
			return nil, f
		}
		_ = out.set(k, v)
		if more, f := d.more('}'); f != nil || !more {
			return out, f
		}
	}
}

func (d *decoder) array() (any, *jsonFault) {
	out := &list{}
	d.i++
	d.blank()
	if d.i < len(d.s) && d.s[d.i] == ']' {
		d.i++
		return out, nil
	}
	for {
		v, f := d.value()
		if f != nil {
			return nil, f
		}
		out.items = append(out.items, v)
		if more, f := d.more(']'); f != nil || !more {
			return out, f
		}
	}
}

// str reads a string behind its opening quote.
func (d *decoder) str() (string, *jsonFault) {
	begin := d.i - 1
	var b strings.Builder
	for {
		if d.i >= len(d.s) {
			return "", d.fault("Unterminated string starting at", begin)
		}
		switch c := d.s[d.i]; {
		case c == '"':
			d.i++
			return b.String(), nil
		case c < ' ':
			return "", d.fault("Invalid control character at", d.i)
		case c != '\\':
			b.WriteByte(c)
			d.i++
			continue
		}
		at := d.i
		if d.i++; d.i >= len(d.s) {
			return "", d.fault("Unterminated string starting at", begin)
		}
		c := d.s[d.i]
		d.i++
		if k := strings.IndexByte(`"\/bfnrt`, c); k >= 0 {
			b.WriteByte("\"\\/\b\f\n\r\t"[k])
			continue
		}
		if c != 'u' {
			return "", d.fault("Invalid \\escape", at)
		}
		r, ok := hexRune(d.s[d.i:], 4)
		if !ok && !utf16.IsSurrogate(r) {
			return "", d.fault("Invalid \\uXXXX escape", at+1)
		}
		d.i += 4
		if utf16.IsSurrogate(r) && strings.HasPrefix(d.s[d.i:], `\u`) {
			if low, _ := hexRune(d.s[d.i+2:], 4); utf16.DecodeRune(r, low) != utf8.RuneError {
				r = utf16.DecodeRune(r, low)
				d.i += 6
			}
		}
		b.WriteRune(r)
	}
}

// encoder writes JSON as json.dumps does.
type encoder struct {
	indent      string
	lines       bool // one item a line
	item, key   string
	sort, ascii bool
	other       func(v any) (any, error)
	err         error
}

func (e *encoder) encode(b *strings.Builder, v any, level int) {
	if b.Len() > maxText {
		return
	}
	if e.err != nil || level > 500 {
		if e.err == nil {
			e.err = raisef(valueError, "Circular reference detected")
		}
		return
	}
	items := func(open, close string, n int, each func(i int)) {
		b.WriteString(open)
		for i := range n {
			if i > 0 {
				b.WriteString(e.item)
			}
			if e.lines {
				b.WriteString("\n" + strings.Repeat(e.indent, level+1))
			}
			each(i)
		}
		if e.lines && n > 0 {
			b.WriteString("\n" + strings.Repeat(e.indent, level))
		}
		b.WriteString(close)
	}
	switch x := v.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		b.WriteString(strconv.FormatBool(x))
	case *big.Int:
		b.WriteString(x.String())
	case float64:
		b.WriteString(strings.NewReplacer("inf", "Infinity", "nan", "NaN").Replace(floatRepr(x)))
	case string:
		b.WriteString(e.quote(x))
	case *list:
		items("[", "]", len(x.items), func(i int) { e.encode(b, x.items[i], level+1) })
	case tuple:
		items("[", "]", len(x), func(i int) { e.encode(b, x[i], level+1) })
	case *dict:
		keys := x.list()
		if e.sort {
			l, err := (&interp{}).sorted(keys, &args{named: map[string]any{}})
			if err != nil {
				e.err = err
				return
			}
			keys = l
		}
		items("{", "}", len(keys), func(i int) {
			w, _, _ := x.get(keys[i])
			k, ok := keys[i].(string)
			if !ok {
				switch keys[i].(type) {
				case nil, bool, *big.Int, float64:
					var kb strings.Builder
					e.encode(&kb, keys[i], 0)
					k = kb.String()
				default:
					e.err = raisef(typeError, "keys must be str, int, float, bool or None, not %s", typeName(keys[i]))
					return
				}
			}
			b.WriteString(e.quote(k) + e.key)
			e.encode(b, w, level+1)
		})
	default:
		if e.other == nil {
			f := libFrame("json/encoder.py", 180, "default", "raise TypeError(f'Object of type {o.__class__.__name__} '", "")
			e.err = raisef(typeError, "Object of type %s is not JSON serializable", typeName(v)).through(f)
			return
		}
		w, err := e.other(v)
		if err != nil {
			e.err = err
			return
		}
		e.encode(b, w, level+1)
	}
}

func (e *encoder) quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case strings.ContainsRune("\n\r\t\b\f", r):
			b.WriteString(`\` + string("nrtbf"[strings.IndexRune("\n\r\t\b\f", r)]))
		case r < ' ' || r > 126 && e.ascii && r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		case r >= 0x10000 && e.ascii:
			hi, lo := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, hi, lo)
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + `"`
}
