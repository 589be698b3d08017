package cmdlet

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"skylab/sim/machine/powershell/datetime"
	"skylab/sim/machine/powershell/object"
)

// jsonReader reads JSON as Newtonsoft's reader does: comments, single quotes,
// bare names and a trailing comma are allowed, NaN too.
type jsonReader struct {
	s        string
	i        int
	line, at int // of the last line's start
	path     []string
	hash     bool // objects become hashtables
	depth    int
	max      int
}

type jsonError struct{ id, msg string }

func (r *jsonReader) fail(format string, a ...any) {
	panic(jsonError{"System.ArgumentException", "Conversion from JSON failed with error: " + fmt.Sprintf(format, a...)})
}

func (r *jsonReader) where() string {
	col := utf8.RuneCountInString(r.s[r.at:min(r.i, len(r.s))])
	return fmt.Sprintf("Path '%s', line %d, position %d.", r.pathText(), r.line+1, col)
}

func (r *jsonReader) pathText() string {
	var b strings.Builder
	for _, p := range r.path {
		if !strings.HasPrefix(p, "[") && b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(p)
	}
	return b.String()
}

func (r *jsonReader) space() {
	for r.i < len(r.s) {
		switch c := r.s[r.i]; {
		case c == '\n':
			r.line++
			r.at = r.i + 1
			r.i++
		case c == ' ' || c == '\t' || c == '\r' || c == 0xef && strings.HasPrefix(r.s[r.i:], "\ufeff"):
			r.i++
			if c == 0xef {
				r.i += 2
			}
		case c == '/' && r.i+1 < len(r.s) && r.s[r.i+1] == '*':
			j := strings.Index(r.s[r.i:], "*/")
			if j < 0 {
				r.i = len(r.s)
				r.fail("Unexpected end while parsing comment. %s", r.where())
			}
			r.i += j + 2
		case c == '/' && r.i+1 < len(r.s) && r.s[r.i+1] == '/':
			for r.i < len(r.s) && r.s[r.i] != '\n' {
				r.i++
			}
		default:
			return
		}
	}
}

func (r *jsonReader) char() string {
	if r.i >= len(r.s) {
		return ""
	}
	_, w := utf8.DecodeRuneInString(r.s[r.i:])
	return r.s[r.i : r.i+w]
}

func (r *jsonReader) value() any {
	r.space()
	if r.i >= len(r.s) {
		r.fail("Unexpected end when reading JSON. %s", r.where())
	}
	switch c := r.s[r.i]; {
	case c == '{':
		return r.object()
	case c == '[':
		return r.array()
	case c == '"' || c == '\'':
		return r.date(r.str())
	case c == '-' || c >= '0' && c <= '9':
		return r.number()
	}
	for _, w := range []struct {
		word string
		v    any
	}{{"true", true}, {"false", false}, {"null", nil}, {"undefined", nil}, {"NaN", nan}, {"Infinity", inf}} {
		if strings.HasPrefix(r.s[r.i:], w.word) {
			r.i += len(w.word)
			return w.v
		}
		if rest := r.s[r.i:]; strings.HasPrefix(w.word, rest) {
			r.i = len(r.s)
			r.fail("Unexpected end when reading JSON. %s", r.where())
		}
	}
	// The place counts what was read before the character.
	r.fail("Unexpected character encountered while parsing value: %s. %s", r.char(), strings.Replace(r.where(), "line 1, position 0.", "line 0, position 0.", 1))
	return nil
}

func (r *jsonReader) deeper() {
	if r.depth++; r.depth > r.max {
		r.fail("The reader's MaxDepth of %d has been exceeded. %s", r.max, r.where())
	}
}

func (r *jsonReader) array() any {
	r.deeper()
	defer func() { r.depth-- }()
	r.i++
	out := object.NewArray()
	for n := 0; ; n++ {
		r.space()
		if r.i >= len(r.s) {
			r.fail("Unexpected end when reading token. Path '%s'.", r.pathText())
		}
		if r.s[r.i] == ']' {
			r.i++
			return out
		}
		r.path = append(r.path, fmt.Sprintf("[%d]", n))
		out.Items = append(out.Items, r.value())
		r.space()
		if r.i >= len(r.s) {
			r.fail("Unexpected end when reading token. Path '%s'.", r.pathText())
		}
		switch r.s[r.i] {
		case ',':
			r.i++
		case ']':
		default:
			ch := r.char()
			r.fail("After parsing a value an unexpected character was encountered: %s. %s", ch, r.where())
		}
		r.path = r.path[:len(r.path)-1]
	}
}

func (r *jsonReader) object() any {
	r.deeper()
	defer func() { r.depth-- }()
	r.i++
	o := object.NewCustom()
	d := &object.Dict{Type: object.MustType("System.Management.Automation.OrderedHashtable"), Exact: true}
	for {
		r.space()
		if r.i >= len(r.s) {
			r.fail("Unexpected end when reading JSON. %s", r.where())
		}
		if r.s[r.i] == '}' {
			r.i++
			if r.hash {
				return d
			}
			return o
		}
		var name string
		switch c := r.s[r.i]; {
		case c == '"' || c == '\'':
			name = r.str()
		case c == '_' || c == '$' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80:
			from := r.i
			for r.i < len(r.s) && (r.s[r.i] == '_' || r.s[r.i] == '$' || r.s[r.i] >= '0' && r.s[r.i] <= '9' || r.s[r.i]|0x20 >= 'a' && r.s[r.i]|0x20 <= 'z' || r.s[r.i] >= 0x80) {
				r.i++
			}
			name = r.s[from:r.i]
		default:
			r.fail("Invalid property identifier character: %s. %s", r.char(), r.where())
		}
		r.space()
		if r.i >= len(r.s) {
			r.fail("Unexpected end when reading JSON. %s", r.where())
		}
		if r.s[r.i] != ':' {
			r.fail("Invalid character after parsing property name. Expected ':' but got: %s. %s", r.char(), r.where())
		}
		r.i++
		step := name
		if strings.ContainsAny(name, " .'[]") {
			step = "['" + strings.ReplaceAll(name, "'", `\'`) + "']"
		}
		r.path = append(r.path, step)
		v := r.value()
		if r.hash {
			d.Set(name, v)
		} else {
			if name == "" {
				panic(jsonError{"EmptyKeyInJsonString", "The provided JSON includes a property whose name is an empty string, this is only supported using the -AsHashTable switch."})
			}
			if m := o.Members.Get(name); m != nil && m.Name != name {
				panic(jsonError{"KeysWithDifferentCasingInJsonString", fmt.Sprintf("Cannot convert the JSON string because it contains keys with different casing. Please use the -AsHashTable switch instead. The key that was attempted to be added to the existing key '%s' was '%s'.", m.Name, name)})
			}
			o.Set(name, v)
		}
		r.space()
		if r.i >= len(r.s) {
			r.fail("Unexpected end when reading token. Path '%s'.", r.pathText())
		}
		switch r.s[r.i] {
		case ',':
			r.i++
		case '}':
		default:
			r.fail("After parsing a value an unexpected character was encountered: %s. %s", r.char(), r.where())
		}
		r.path = r.path[:len(r.path)-1]
	}
}

func (r *jsonReader) str() string {
	quote := r.s[r.i]
	r.i++
	var b strings.Builder
	var pending uint16
	for {
		if r.i >= len(r.s) {
			r.fail("Unterminated string. Expected delimiter: %c. %s", quote, r.where())
		}
		c := r.s[r.i]
		r.i++
		switch {
		case c == quote:
			return b.String()
		case c == '\\' && r.i < len(r.s):
			e := r.s[r.i]
			r.i++
			switch e {
			case 'b':
				b.WriteByte('\b')
			case 'f':
				b.WriteByte('\f')
			case 'n':
				b.WriteByte('\n')
			case 'r':
				b.WriteByte('\r')
			case 't':
				b.WriteByte('\t')
			case '"', '\'', '\\', '/':
				b.WriteByte(e)
			case 'u':
				if r.i+4 > len(r.s) {
					r.i = len(r.s)
					r.fail("Unexpected end while parsing Unicode escape sequence. %s", r.where())
				}
				n, err := strconv.ParseUint(r.s[r.i:r.i+4], 16, 16)
				if err != nil {
					r.fail("Invalid Unicode escape sequence: \\u%s. %s", r.s[r.i:r.i+4], r.where())
				}
				r.i += 4
				if n >= 0xd800 && n < 0xdc00 {
					pending = uint16(n)
					continue
				}
				if pending != 0 {
					b.WriteString(object.FromUnits([]uint16{pending, uint16(n)}))
					pending = 0
					continue
				}
				b.WriteRune(rune(n))
			default:
				r.fail("Bad JSON escape sequence: \\%c. %s", e, r.where())
			}
		case c == '\n':
			r.line++
			r.at = r.i
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
}

func (r *jsonReader) number() any {
	from := r.i
	for r.i < len(r.s) && strings.IndexByte("+-.eExXabcdefABCDEF0123456789", r.s[r.i]) >= 0 {
		r.i++
	}
	t := r.s[from:r.i]
	if strings.HasPrefix(t, "-") && strings.HasPrefix(r.s[r.i:], "Infinity") {
		r.i += len("Infinity")
		return -inf.(float64)
	}
	if n, err := strconv.ParseInt(t, 10, 64); err == nil {
		return n
	}
	if b, ok := new(big.Int).SetString(t, 10); ok {
		return b
	}
	f, err := strconv.ParseFloat(t, 64)
	if err != nil && !strings.Contains(err.Error(), "range") {
		r.fail("Input string '%s' is not a valid number. %s", t, r.where())
	}
	return f
}

// date makes a DateTime of a string that looks like one.
func (r *jsonReader) date(s string) any {
	if strings.HasPrefix(s, "/Date(") && strings.HasSuffix(s, ")/") {
		if n, err := strconv.ParseInt(s[6:len(s)-2], 10, 64); err == nil {
			return datetime.DateTime{Ticks: datetime.UnixEpoch + n*datetime.TicksPerMillisecond, Kind: datetime.UTC}
		}
	}
	if len(s) < 19 || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return s
	}
	p, err := datetime.Parse(s, 0)
	if err != nil {
		return s
	}
	d := p.DateTime()
	if p.HasZone && p.Minutes == 0 && strings.HasSuffix(s, "Z") {
		d.Kind = datetime.UTC
	}
	return d
}

// readJSON reads one document.
func readJSON(text string, hash bool, depth int) (v any, empty bool, err error) {
	r := &jsonReader{s: text, hash: hash, max: depth}
	defer func() {
		if p := recover(); p != nil {
			je, ok := p.(jsonError)
			if !ok {
				panic(p)
			}
			err = &object.Error{Type: object.MustType("System.ArgumentException"), ID: je.id, Message: je.msg}
			if je.id != "System.ArgumentException" {
				err.(*object.Error).Type = object.MustType("System.InvalidOperationException")
			}
		}
	}()
	r.space()
	if r.i >= len(r.s) {
		return nil, true, nil
	}
	v = r.value()
	r.space()
	if r.i < len(r.s) {
		r.fail("Additional text encountered after finished reading JSON content: %s. %s", r.char(), strings.Replace(r.where(), "Path '"+r.pathText()+"'", "Path ''", 1))
	}
	return v, false, nil
}
