package jq

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/big"
	"slices"
	"sort"
	"strconv"
	"strings"

	"skylab/sim/ojson"
)

// orders remembers in which order the keys of objects came.
type orders struct {
	exact map[string][]string // by the sorted keys, joined with zero bytes
	list  [][]string          // as they came, without repetition
}

func newOrders() *orders { return &orders{exact: map[string][]string{}} }

func signature(keys []string) string {
	s := slices.Clone(keys)
	sort.Strings(s)
	return strings.Join(s, "\x00")
}

// learn remembers an order of keys; the first that is learnt for a set wins.
func (o *orders) learn(keys []string) {
	sig := signature(keys)
	if _, ok := o.exact[sig]; ok || len(keys) == 0 {
		return
	}
	o.exact[sig] = keys
	o.list = append(o.list, keys)
}

// keys returns the keys of an object in their order: as an object with just
// these came, otherwise as in those that share most with it.
func (o *orders) keys(m map[string]any) []string {
	left := make([]string, 0, len(m))
	for k := range m {
		left = append(left, k)
	}
	sort.Strings(left)
	if known, ok := o.exact[strings.Join(left, "\x00")]; ok {
		return known
	}
	var out []string
	for len(left) > 0 {
		best, shared := []string(nil), 0
		for _, known := range o.list {
			n := 0
			for _, k := range known {
				if slices.Contains(left, k) {
					n++
				}
			}
			if n > shared {
				best, shared = known, n
			}
		}
		if best == nil {
			break
		}
		for _, k := range best {
			if i := slices.Index(left, k); i >= 0 {
				out = append(out, k)
				left = slices.Delete(left, i, i+1)
			}
		}
	}
	return append(out, left...)
}

// value turns decoded JSON into gojq's values and learns its orders.
func (o *orders) value(v any) any {
	switch v := v.(type) {
	case *ojson.Object:
		o.learn(v.Keys())
		m := make(map[string]any, v.Len())
		for _, x := range v.Members() {
			m[x.Key] = o.value(x.Value)
		}
		return m
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = o.value(x)
		}
		return out
	case json.Number:
		return number(string(v))
	}
	return v
}

// number is a JSON number as jq 1.6 knows it: a double, kept whole where it is
// an integer that a double holds.
func number(s string) any {
	if n, err := strconv.Atoi(s); err == nil && n > -1<<53 && n < 1<<53 {
		return n
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && math.IsInf(f, 0) {
		return math.Copysign(math.MaxFloat64, f)
	}
	return f
}

func (o *orders) decodeAll(data []byte) ([]any, error) {
	d := ojson.NewDecoder(bytes.NewReader(data))
	list := []any{}
	for {
		v, err := d.Next()
		if err == io.EOF {
			return list, nil
		}
		if err != nil {
			return list, err
		}
		list = append(list, o.value(v))
	}
}

// print is a result as it goes out.
func (c *command) print(v any) string {
	if s, ok := v.(string); ok && (c.flags["raw-output"] || c.flags["join-output"]) {
		if c.flags["join-output"] {
			return s
		}
		return s + "\n"
	}
	var b strings.Builder
	nl := "\n"
	if c.flags["compact-output"] || c.indent == "" {
		nl = ""
	}
	c.write(&b, v, nl)
	if !c.flags["join-output"] {
		b.WriteByte('\n')
	}
	return b.String()
}

// maxText is how long a value's text may become, in bytes: values share their
// parts, so a small one may be written without end.
const maxText = 64 << 20

// write prints a value; nl is a newline with the current indentation, or "".
func (c *command) write(b *strings.Builder, v any, nl string) {
	if b.Len() > maxText {
		return
	}
	deeper := nl
	if nl != "" {
		deeper += c.indent
	}
	switch v := v.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case int:
		b.WriteString(strconv.Itoa(v))
	case *big.Int:
		f, _ := new(big.Float).SetInt(v).Float64()
		b.WriteString(double(f))
	case float64:
		b.WriteString(double(v))
	case string:
		b.WriteString(c.quote(v))
	case []any:
		if len(v) == 0 {
			b.WriteString("[]")
			return
		}
		for i, x := range v {
			b.WriteByte("[,"[min(i, 1)])
			b.WriteString(deeper)
			c.write(b, x, deeper)
		}
		b.WriteString(nl + "]")
	case map[string]any:
		if len(v) == 0 {
			b.WriteString("{}")
			return
		}
		keys := c.order.keys(v)
		if c.flags["sort-keys"] {
			keys = slices.Clone(keys)
			sort.Strings(keys)
		}
		for i, k := range keys {
			b.WriteByte("{,"[min(i, 1)])
			b.WriteString(deeper + c.quote(k) + ":")
			if nl != "" {
				b.WriteByte(' ')
			}
			c.write(b, v[k], deeper)
		}
		b.WriteString(nl + "}")
	default:
		fmt.Fprint(b, v)
	}
}

// double prints a number with the 17 digits of jq 1.6.
func double(f float64) string {
	switch {
	case math.IsNaN(f):
		return "null"
	case math.IsInf(f, 0):
		f = math.Copysign(math.MaxFloat64, f)
	}
	if f == math.Trunc(f) && math.Abs(f) < 1e17 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	s := strconv.FormatFloat(f, 'g', 17, 64)
	if short := strconv.FormatFloat(f, 'g', -1, 64); len(short) < len(s) {
		s = short
	}
	mantissa, exponent, ok := strings.Cut(s, "e")
	if !ok {
		return s
	}
	n, _ := strconv.Atoi(exponent)
	if n >= -5 && n < 17 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	sign := "+"
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%se%s%02d", mantissa, sign, n)
}

func (c *command) quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\b':
			b.WriteString(`\b`)
		case r == '\f':
			b.WriteString(`\f`)
		case r < 32 || r == 127 || c.flags["ascii-output"] && r > 127 && r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		case c.flags["ascii-output"] && r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
