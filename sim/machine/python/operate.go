package python

import (
	"math"
	"math/big"
	"strings"
)

func unary(op string, v any) (any, error) {
	n, ok := number(v)
	if !ok {
		return nil, raisef(typeError, "bad operand type for unary %s: '%s'", op, typeName(v))
	}
	switch x := n.(type) {
	case *big.Int:
		switch op {
		case "-":
			return new(big.Int).Neg(x), nil
		case "~":
			return new(big.Int).Not(x), nil
		}
	case float64:
		switch op {
		case "-":
			return -x, nil
		case "~":
			return nil, raisef(typeError, "bad operand type for unary ~: 'float'")
		}
	}
	return n, nil
}

// maxSize bounds how large a value an operator may make: bytes, items or bits.
const maxSize = 16 << 20

// binary applies an operator; shown is how messages spell it.
func (in *interp) binary(op string, a, b any, shown string) (any, error) {
	if x, ok := number(a); ok {
		if y, ok := number(b); ok {
			return arithmeticOf(op, x, y, shown, a, b)
		}
	}
	switch op {
	case "+":
		switch x := a.(type) {
		case string:
			if y, ok := b.(string); ok {
				return checked(x+y, len(x)+len(y))
			}
			return nil, raisef(typeError, "can only concatenate str (not \"%s\") to str", typeName(b))
		case bytesValue:
			if y, ok := b.(bytesValue); ok {
				return checked(x+y, len(x)+len(y))
			}
			return nil, raisef(typeError, "can't concat %s to bytes", typeName(b))
		case *list:
			if y, ok := b.(*list); ok {
				return checked(&list{append(append([]any{}, x.items...), y.items...)}, len(x.items)+len(y.items))
			}
			return nil, raisef(typeError, "can only concatenate list (not \"%s\") to list", typeName(b))
		case tuple:
			if y, ok := b.(tuple); ok {
				return append(append(tuple{}, x...), y...), nil
			}
			return nil, raisef(typeError, "can only concatenate tuple (not \"%s\") to tuple", typeName(b))
		}
	case "*":
		if n, ok := asInt(a); ok {
			a, b = b, n
		}
		if n, ok := asInt(b); ok {
			return repeat(a, n, b)
		}
		switch a.(type) {
		case string, bytesValue, *list, tuple:
			return nil, raisef(typeError, "can't multiply sequence by non-int of type '%s'", typeName(b))
		}
	case "%":
		if s, ok := a.(string); ok {
			return in.percent(s, b)
		}
	case "|", "&", "-", "^":
		if v, err := setOperation(op, a, b); v != nil || err != nil {
			return v, err
		}
	}
	if op == "**" {
		shown = "** or pow()"
	}
	return nil, raisef(typeError, "unsupported operand type(s) for %s: '%s' and '%s'", shown, typeName(a), typeName(b))
}

func checked(v any, size int) (any, error) {
	if size > maxSize {
		return nil, &exception{class: memoryError}
	}
	return v, nil
}

func repeat(a any, n *big.Int, b any) (any, error) {
	k := 0
	if n.Sign() > 0 {
		if !n.IsInt64() || n.Int64() > maxSize {
			return nil, &exception{class: memoryError}
		}
		k = int(n.Int64())
	}
	size := func(l int) error {
		if l*k > maxSize {
			return &exception{class: memoryError}
		}
		return nil
	}
	switch x := a.(type) {
	case string:
		if err := size(len(x)); err != nil {
			return nil, err
		}
		return strings.Repeat(x, k), nil
	case bytesValue:
		if err := size(len(x)); err != nil {
			return nil, err
		}
		return bytesValue(strings.Repeat(string(x), k)), nil
	case *list, tuple:
		items, isTuple := a.(tuple)
		if !isTuple {
			items = a.(*list).items
		}
		if err := size(16 * len(items)); err != nil {
			return nil, err
		}
		var out []any
		for range k {
			out = append(out, items...)
		}
		if isTuple {
			return tuple(out), nil
		}
		return &list{out}, nil
	}
	return nil, raisef(typeError, "unsupported operand type(s) for *: '%s' and '%s'", typeName(a), typeName(b))
}

func arithmeticOf(op string, x, y any, shown string, a, b any) (any, error) {
	i, ok := x.(*big.Int)
	j, both := y.(*big.Int)
	if !ok || !both {
		return floatOf(op, toFloat(x), toFloat(y), shown, a, b)
	}
	z := new(big.Int)
	switch op {
	case "+":
		return z.Add(i, j), nil
	case "-":
		return z.Sub(i, j), nil
	case "*":
		if i.BitLen()+j.BitLen() > maxSize {
			return nil, &exception{class: memoryError}
		}
		return z.Mul(i, j), nil
	case "/":
		if j.Sign() == 0 {
			return nil, raisef(zeroDivision, "division by zero")
		}
		f, _ := new(big.Rat).SetFrac(i, j).Float64()
		return f, nil
	case "//", "%":
		if j.Sign() == 0 {
			if op == "%" {
				return nil, raisef(zeroDivision, "integer modulo by zero")
			}
			return nil, raisef(zeroDivision, "integer division or modulo by zero")
		}
		q, r := new(big.Int).QuoRem(i, j, z)
		if r.Sign() != 0 && r.Sign() != j.Sign() {
			q.Sub(q, big.NewInt(1))
			r.Add(r, j)
		}
		if op == "//" {
			return q, nil
		}
		return r, nil
	case "**":
		if j.Sign() < 0 {
			return floatOf(op, toFloat(i), toFloat(j), shown, a, b)
		}
		if i.BitLen() > 1 && (!j.IsInt64() || int64(i.BitLen())*j.Int64() > maxSize) {
			return nil, &exception{class: memoryError}
		}
		return z.Exp(i, j, nil), nil
	case "<<", ">>":
		if j.Sign() < 0 {
			return nil, raisef(valueError, "negative shift count")
		}
		if !j.IsInt64() || j.Int64() > maxSize {
			if op == ">>" {
				return mk(0), nil
			}
			return nil, &exception{class: memoryError}
		}
		if op == "<<" {
			return z.Lsh(i, uint(j.Int64())), nil
		}
		return z.Rsh(i, uint(j.Int64())), nil
	}
	switch op {
	case "&":
		z.And(i, j)
	case "|":
		z.Or(i, j)
	case "^":
		z.Xor(i, j)
	default:
		return nil, raisef(typeError, "unsupported operand type(s) for %s: '%s' and '%s'", shown, typeName(a), typeName(b))
	}
	_, p := a.(bool)
	if _, q := b.(bool); p && q {
		return z.Sign() != 0, nil
	}
	return z, nil
}

func floatOf(op string, x, y float64, shown string, a, b any) (any, error) {
	switch op {
	case "+":
		return x + y, nil
	case "-":
		return x - y, nil
	case "*":
		return x * y, nil
	case "/", "//", "%":
		if y == 0 {
			return nil, raisef(zeroDivision, "%s", map[string]string{"/": "float division by zero", "//": "float floor division by zero", "%": "float modulo"}[op])
		}
		switch op {
		case "/":
			return x / y, nil
		case "//":
			return math.Floor(x / y), nil
		}
		r := math.Mod(x, y)
		if r != 0 && (r < 0) != (y < 0) {
			r += y
		}
		return r, nil
	case "**":
		if x == 0 && y < 0 {
			return nil, raisef(zeroDivision, "0.0 cannot be raised to a negative power")
		}
		return math.Pow(x, y), nil
	}
	return nil, raisef(typeError, "unsupported operand type(s) for %s: '%s' and '%s'", shown, typeName(a), typeName(b))
}

func setOperation(op string, a, b any) (any, error) {
	if x, ok := a.(*dict); ok && op == "|" {
		y, ok := b.(*dict)
		if !ok {
			return nil, nil
		}
		d := newDict()
		for _, from := range []*dict{x, y} {
			from.each(func(k, v any) bool { return d.set(k, v) == nil })
		}
		return d, nil
	}
	x, ok := a.(*set)
	y, both := b.(*set)
	if !ok || !both {
		return nil, nil
	}
	var out []any
	keep := func(from, other *set, want bool) {
		for _, v := range from.list() {
			if _, has, _ := other.get(v); has == want {
				out = append(out, v)
			}
		}
	}
	switch op {
	case "|":
		out = append(x.list(), y.list()...)
	case "&":
		keep(x, y, true)
	case "-":
		keep(x, y, false)
	case "^":
		keep(x, y, false)
		keep(y, x, false)
	}
	return newSet(out)
}

func newSet(items []any) (*set, error) {
	s := &set{*newDict()}
	for _, v := range items {
		if err := s.set(v, nil); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// equal is a == b.
func equal(a, b any) bool {
	if x, ok := number(a); ok {
		y, ok := number(b)
		if !ok {
			return false
		}
		i, isInt := x.(*big.Int)
		j, both := y.(*big.Int)
		if isInt && both {
			return i.Cmp(j) == 0
		}
		return toFloat(x) == toFloat(y)
	}
	all := func(x, y []any) bool {
		if len(x) != len(y) {
			return false
		}
		for i := range x {
			if !equal(x[i], y[i]) {
				return false
			}
		}
		return true
	}
	switch x := a.(type) {
	case nil:
		return b == nil
	case string:
		y, ok := b.(string)
		return ok && x == y
	case bytesValue:
		y, ok := b.(bytesValue)
		return ok && x == y
	case *list:
		y, ok := b.(*list)
		return ok && all(x.items, y.items)
	case tuple:
		y, ok := b.(tuple)
		return ok && all(x, y)
	case *dict:
		y, ok := b.(*dict)
		if !ok || x.length() != y.length() {
			return false
		}
		same := true
		x.each(func(k, v any) bool {
			w, has, _ := y.get(k)
			same = has && equal(v, w)
			return same
		})
		return same
	case *set:
		y, ok := b.(*set)
		if !ok || x.length() != y.length() {
			return false
		}
		for _, v := range x.list() {
			if _, has, _ := y.get(v); !has {
				return false
			}
		}
		return true
	case slice:
		return false
	case *object:
		y, ok := b.(*object)
		return ok && (x == y || x.text != "" && x.text == y.text && x.class == y.class)
	}
	return identical(a, b)
}

func identical(a, b any) bool {
	switch a.(type) {
	case tuple, slice, gone:
		return false
	}
	switch b.(type) {
	case tuple, slice, gone:
		return false
	}
	return a == b
}
