package jmespath

import (
	"encoding/json"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"skylab/sim/ojson"
)

// typeName is Python's name of a value's type.
func typeName(v any) string {
	switch v := v.(type) {
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case string:
		return "str"
	case []any:
		return "list"
	case *ojson.Object:
		return "dict"
	case json.Number:
		if strings.ContainsAny(string(v), ".eE") {
			return "float"
		}
		return "int"
	case int, int64:
		return "int"
	case float64:
		return "float"
	}
	return "_Expression"
}

// number is a Python number: an int of any size, or a float.
type number struct {
	i *big.Int // nil for a float
	f float64
}

func toNumber(v any) number {
	switch v := v.(type) {
	case int:
		return number{i: big.NewInt(int64(v))}
	case int64:
		return number{i: big.NewInt(v)}
	case float64:
		return number{f: v}
	case json.Number:
		if i, ok := new(big.Int).SetString(string(v), 10); ok && typeName(v) == "int" {
			return number{i: i}
		}
		f, _ := strconv.ParseFloat(string(v), 64)
		return number{f: f}
	}
	return number{}
}

func (n number) float() float64 {
	if n.i == nil {
		return n.f
	}
	f, _ := new(big.Float).SetInt(n.i).Float64()
	return f
}

func (n number) cmp(m number) int {
	if n.i != nil && m.i != nil {
		return n.i.Cmp(m.i)
	}
	a, b := n.float(), m.float()
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// value is the number as JSON has it, a float as Python writes it.
func (n number) value() any {
	if n.i != nil {
		return json.Number(n.i.String())
	}
	return json.Number(Float(n.f))
}

// Float is a float as Python writes it: 2.0, 0.5, 1e+16, inf.
func Float(f float64) string {
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

// Str is a value as Python's str() gives it.
func Str(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return Repr(v)
}

// Repr is a value as Python's repr() gives it.
func Repr(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case string:
		return reprString(v)
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = Repr(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case *ojson.Object:
		var parts []string
		for _, m := range v.Members() {
			parts = append(parts, reprString(m.Key)+": "+Repr(m.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case json.Number, int, int64, float64:
		n := toNumber(v)
		if n.i == nil {
			return Float(n.f)
		}
		return n.i.String()
	}
	return "<jmespath.visitor._Expression object>"
}

func reprString(s string) string {
	quote := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = '"'
	}
	var b strings.Builder
	b.WriteByte(quote)
	for _, r := range s {
		switch {
		case r == rune(quote) || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7f:
			b.WriteString(`\x` + strconv.FormatInt(int64(r)+0x100, 16)[1:])
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte(quote)
	return b.String()
}

// compact is json.dumps with the shortest separators: what is not ASCII escaped.
func compact(v any) string {
	data, err := ojson.Marshal(plain(v))
	if err != nil {
		return ""
	}
	var b strings.Builder
	for s := string(data); s != ""; {
		r, n := utf8.DecodeRuneInString(s)
		s = s[n:]
		switch {
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		case r > 0xffff:
			hi, lo := (r-0x10000)>>10+0xd800, (r-0x10000)&0x3ff+0xdc00
			b.WriteString(`\u` + strconv.FormatInt(int64(hi), 16) + `\u` + strconv.FormatInt(int64(lo), 16))
		default:
			b.WriteString(`\u` + strconv.FormatInt(int64(r)+0x10000, 16)[1:])
		}
	}
	return b.String()
}

// plain replaces what is no JSON by its text.
func plain(v any) any {
	if _, ok := v.(expref); ok {
		return Repr(v)
	}
	return v
}
