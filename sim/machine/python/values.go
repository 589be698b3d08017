package python

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Values are nil (None), bool, *big.Int, float64, string, bytesValue, *list,
// tuple, *dict, *set, and the kinds below.
type (
	ellipsis   struct{}
	bytesValue string
	list       struct{ items []any }
	tuple      []any
	set        struct{ dict }
	slice      struct{ lo, hi, step any }
	// builtin is a function of Python's own; self is what a method belongs to.
	builtin struct {
		name string
		self any
		fn   func(in *interp, a *args) (any, error)
	}
	function struct {
		name     string
		params   []param
		defaults []any
		body     []*node
		expr     *node // of a lambda
		scope    *scope
		local    map[string]bool
	}
	module struct {
		name  string
		attrs map[string]any
	}
	// class is a type; made is what calling it does.
	class struct {
		name string // with its module, as tracebacks print it
		base *class
		made func(in *interp, a *args) (any, error)
	}
	object struct { // of a class without a kind of its own
		class *class
		attrs map[string]any
		text  string // its str
	}
	iterator struct {
		name string
		next func() (any, bool, error)
	}
)

// dict keeps its keys in order.
type dict struct {
	index map[string]int
	keys  []any
	vals  []any
	dead  int
	make  any // of a defaultdict
}

type gone struct{}

func newDict() *dict { return &dict{index: map[string]int{}} }

func (d *dict) length() int { return len(d.keys) - d.dead }

// at is where a key stands, with the hash under which it is found.
func (d *dict) at(key any) (k string, i int, ok bool, err error) {
	if k, err = hash(key); err == nil {
		i, ok = d.index[k]
	}
	return k, i, ok, err
}

func (d *dict) get(key any) (any, bool, error) {
	_, i, ok, err := d.at(key)
	if err != nil || !ok {
		return nil, false, err
	}
	return d.vals[i], true, nil
}

func (d *dict) set(key, val any) error {
	k, i, ok, err := d.at(key)
	if err != nil {
		return err
	}
	if ok {
		d.vals[i] = val
		return nil
	}
	d.index[k] = len(d.keys)
	d.keys, d.vals = append(d.keys, key), append(d.vals, val)
	return nil
}

func (d *dict) del(key any) (any, bool, error) {
	k, i, ok, err := d.at(key)
	if err != nil || !ok {
		return nil, false, err
	}
	v := d.vals[i]
	delete(d.index, k)
	d.keys[i], d.vals[i] = gone{}, nil
	d.dead++
	return v, true, nil
}

func (d *dict) each(f func(k, v any) bool) {
	for i := 0; i < len(d.keys); i++ {
		if _, dead := d.keys[i].(gone); !dead && !f(d.keys[i], d.vals[i]) {
			return
		}
	}
}

func (d *dict) list() []any {
	out := make([]any, 0, d.length())
	d.each(func(k, _ any) bool { out = append(out, k); return true })
	return out
}

// hash is a text that equal keys share.
func hash(v any) (string, error) {
	switch x := v.(type) {
	case nil:
		return "n", nil
	case bool:
		if x {
			return "i1", nil
		}
		return "i0", nil
	case *big.Int:
		return "i" + x.String(), nil
	case float64:
		if x == math.Trunc(x) && !math.IsInf(x, 0) {
			i, _ := big.NewFloat(x).Int(nil)
			return "i" + i.String(), nil
		}
		return "f" + strconv.FormatFloat(x, 'g', -1, 64), nil
	case string:
		return "s" + x, nil
	case bytesValue:
		return "b" + string(x), nil
	case tuple:
		var b strings.Builder
		b.WriteByte('t')
		for _, y := range x {
			h, err := hash(y)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(&b, "%d:%s", len(h), h)
		}
		return b.String(), nil
	case *list, *dict, *set:
		return "", raisef(typeError, "unhashable type: '%s'", typeName(v))
	}
	return fmt.Sprintf("p%p", v), nil
}

func typeName(v any) string {
	switch x := v.(type) {
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case *big.Int:
		return "int"
	case float64:
		return "float"
	case string:
		return "str"
	case bytesValue:
		return "bytes"
	case *list:
		return "list"
	case tuple:
		return "tuple"
	case *dict:
		if x.make != nil {
			return "collections.defaultdict"
		}
		return "dict"
	case *set:
		return "set"
	case slice:
		return "slice"
	case ellipsis:
		return "ellipsis"
	case *builtin:
		return "builtin_function_or_method"
	case *function:
		return "function"
	case *module:
		return "module"
	case *class:
		return "type"
	case *object:
		return x.class.name
	case *exception:
		return x.class.short()
	case *file:
		return "_io.TextIOWrapper"
	case *iterator:
		return x.name
	}
	return "object"
}

func truth(v any) bool {
	switch x := v.(type) {
	case nil:
		return false
	case bool:
		return x
	case *big.Int:
		return x.Sign() != 0
	case float64:
		return x != 0
	case string:
		return x != ""
	case bytesValue:
		return x != ""
	case *list:
		return len(x.items) > 0
	case tuple:
		return len(x) > 0
	case *dict:
		return x.length() > 0
	case *set:
		return x.length() > 0
	}
	return true
}

// str is str(v).
func str(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case *exception:
		return x.String()
	case *object:
		if x.text != "" {
			return x.text
		}
	}
	return repr(v)
}

const maxRepr = 200 // nesting

// maxText is where a value's text breaks off, in bytes: values share their parts,
// so a small one may be written without end.
const maxText = 2 * maxSize

func repr(v any) string { return reprAt(v, 0) }

func reprAt(v any, depth int) string {
	if depth > maxRepr {
		return "..."
	}
	many := func(open, close string, items []any) string {
		var b strings.Builder
		b.WriteString(open)
		for i, x := range items {
			if i > 0 {
				b.WriteString(", ")
			}
			if b.Len() > maxText {
				break
			}
			b.WriteString(reprAt(x, depth+1))
		}
		return b.String() + close
	}
	switch x := v.(type) {
	case nil:
		return "None"
	case bool:
		if x {
			return "True"
		}
		return "False"
	case *big.Int:
		return x.String()
	case float64:
		return floatRepr(x)
	case string:
		return quoteStr(x)
	case bytesValue:
		return quoteBytes(string(x))
	case *list:
		return many("[", "]", x.items)
	case tuple:
		if len(x) == 1 {
			return many("(", ",)", x)
		}
		return many("(", ")", x)
	case *set:
		if x.length() == 0 {
			return "set()"
		}
		return many("{", "}", x.list())
	case *dict:
		var b strings.Builder
		b.WriteString("{")
		x.each(func(k, v any) bool {
			if b.Len() > 1 {
				b.WriteString(", ")
			}
			b.WriteString(reprAt(k, depth+1) + ": " + reprAt(v, depth+1))
			return b.Len() <= maxText
		})
		if x.make != nil {
			return "defaultdict(" + reprAt(x.make, depth+1) + ", " + b.String() + "})"
		}
		return b.String() + "}"
	case ellipsis:
		return "Ellipsis"
	case *builtin:
		if x.self != nil {
			return fmt.Sprintf("<built-in method %s of %s object at 0x7f0000000000>", x.name, typeName(x.self))
		}
		return "<built-in function " + x.name + ">"
	case *function:
		return "<function " + x.name + " at 0x7f0000000000>"
	case *module:
		return "<module '" + x.name + "'>"
	case *class:
		return "<class '" + x.name + "'>"
	case *exception:
		if len(x.args) == 1 {
			return x.class.short() + "(" + reprAt(x.args[0], depth+1) + ")"
		}
		return x.class.short() + many("(", ")", x.args)
	case *object:
		if r, ok := x.attrs["__repr__"].(string); ok {
			return r
		}
	case *file:
		return "<_io.TextIOWrapper name=" + quoteStr(x.name) + " mode='" + x.mode + "' encoding='utf-8'>"
	}
	return "<" + typeName(v) + " object at 0x7f0000000000>"
}

func floatRepr(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	case math.IsNaN(f):
		return "nan"
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

func quoteStr(s string) string {
	q := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		q = '"'
	}
	var b strings.Builder
	b.WriteByte(q)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\udc%02x`, s[i])
		case r == rune(q) || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 127 || r < 256 && !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\x%02x`, r)
		case !unicode.IsPrint(r) && r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		case !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			b.WriteRune(r)
		}
		i += n
	}
	b.WriteByte(q)
	return b.String()
}

func quoteBytes(s string) string {
	q := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		q = '"'
	}
	var b strings.Builder
	b.WriteString("b" + string(q))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == q || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c < ' ' || c > 126:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte(q)
	return b.String()
}

// number turns a bool into an int; ok is false for what is no number.
func number(v any) (any, bool) {
	switch x := v.(type) {
	case bool:
		if x {
			return mk(1), true
		}
		return mk(0), true
	case *big.Int, float64:
		return x, true
	}
	return nil, false
}

func toFloat(v any) float64 {
	switch x := v.(type) {
	case *big.Int:
		f, _ := new(big.Float).SetInt(x).Float64()
		return f
	case float64:
		return x
	}
	return 0
}
