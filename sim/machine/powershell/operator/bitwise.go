package operator

import (
	"fmt"
	"math"
	"math/big"

	"skylab/sim/machine/powershell/culture"
	"skylab/sim/machine/powershell/datetime"
	"skylab/sim/machine/powershell/decimal"
	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/syntax"
)

// whole makes an operand of a bitwise operator an integer.
func (e *Env) whole(v, other any, op syntax.Kind) (any, bool, error) {
	switch x := v.(type) {
	case nil:
		return int32(0), true, nil
	case bool:
		return int32(number(x)), true, nil
	case string:
		n, err := e.textNumber(x, other)
		if err != nil {
			return nil, false, err
		}
		return e.whole(n, other, op)
	case object.Char:
		return int32(x), true, nil
	case float64, float32, decimal.Decimal:
		return v, true, nil
	case *big.Int:
		return x, false, nil
	}
	return v, plain(v), nil
}

func (e *Env) bitwise(op syntax.Kind, l, r any) (any, error) {
	l, r = object.Base(l), object.Base(r)
	if op != syntax.Shl && op != syntax.Shr {
		if en, ok := l.(object.Enum); ok {
			return e.enumBits(op, en, r)
		}
		if en, ok := r.(object.Enum); ok {
			return e.enumBits(op, en, l)
		}
	}
	if op == syntax.Shl || op == syntax.Shr {
		return e.shiftBy(op, l, r)
	}
	a, okA, err := e.whole(l, r, op)
	if err != nil {
		return nil, err
	}
	b, okB, err := e.whole(r, l, op)
	if err != nil {
		return nil, err
	}
	real := inexact(a) || inexact(b)
	if !okA || !okB {
		if real {
			return nil, object.Throw("System.NullReferenceException", "Object reference not set to an instance of an object.")
		}
		return e.method(op, l, r)
	}
	if real {
		if a, b, err = e.reals(a, b); err != nil {
			return nil, err
		}
	}
	k := max(rank(a), rank(b))
	x, y := bits(a), bits(b)
	var u uint64
	switch op {
	case syntax.Band:
		u = x & y
	case syntax.Bor:
		u = x | y
	default:
		u = x ^ y
	}
	switch {
	case k == 1:
		return int32(u), nil
	case k == 2 && !signed(a) && !signed(b):
		return uint32(u), nil
	case k <= 3:
		return int64(u), nil
	}
	return u, nil
}

// inexact reports whether a number is a double, a single or a decimal.
func inexact(v any) bool {
	switch v.(type) {
	case float64, float32, decimal.Decimal:
		return true
	}
	return false
}

// reals makes two numbers, one of them inexact, ulongs, or longs if one is
// negative.
func (e *Env) reals(a, b any) (any, any, error) {
	t := object.UInt64Type
	for _, v := range []any{a, b} {
		if f, _ := object.Float(v); f < 0 {
			t = object.Int64Type
		}
	}
	var out [2]any
	for i, v := range []any{a, b} {
		if f, _ := object.Float(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, nil, &object.Error{Type: object.InvalidCastType, ID: "InvalidCastIConvertible", Category: "InvalidArgument", Message: fmt.Sprintf(`Cannot convert value "%s" to type "%s". Error: "Arithmetic operation resulted in an overflow."`, e.Display(v), t.FullName())}
		}
		n, err := e.Convert(v, t)
		if err != nil {
			return nil, nil, err
		}
		out[i] = n
	}
	return out[0], out[1], nil
}

// shiftBy is -shl and -shr.
func (e *Env) shiftBy(op syntax.Kind, l, r any) (any, error) {
	switch x := l.(type) {
	case nil:
		return int32(0), nil
	case object.Enum:
		l = enumNumber(x)
	case string:
		n, err := e.textNumber(x, r)
		if err != nil {
			return nil, err
		}
		l = n
	}
	if s, ok := r.(string); ok {
		n, err := e.textNumber(s, l)
		if err != nil {
			return nil, err
		}
		r = n
	}
	if !plain(l) {
		return e.method(op, l, r)
	}
	n, err := e.Convert(r, object.Int32Type)
	if err != nil {
		return nil, err
	}
	if inexact(l) {
		f, _ := object.Float(l)
		f = math.RoundToEven(f)
		fits := false
		for _, t := range []*object.Type{object.Int32Type, object.UInt32Type, object.Int64Type, object.UInt64Type} {
			if n, msg := object.ToNumber(f, t); msg == "" && !math.IsNaN(f) {
				l, fits = n, true
				break
			}
		}
		if !fits {
			return nil, &object.Error{Type: object.InvalidCastType, ID: "ConvertToFinalInvalidCastException", Category: "InvalidArgument", Message: fmt.Sprintf(`Cannot convert the "%s" value of type "%s" to type "System.UInt64".`, e.Display(l), object.TypeOf(l).FullName())}
		}
	}
	return shift(op, l, int(n.(int32))), nil
}

func bits(v any) uint64 {
	i, b, _ := object.Integer(v)
	if b != nil {
		return b.Uint64()
	}
	return uint64(i)
}

func shift(op syntax.Kind, v any, n int) any {
	left := op == syntax.Shl
	switch x := v.(type) {
	case int64:
		if left {
			return x << (n & 63)
		}
		return x >> (n & 63)
	case uint64:
		if left {
			return x << (n & 63)
		}
		return x >> (n & 63)
	case uint32:
		if left {
			return x << (n & 31)
		}
		return x >> (n & 31)
	}
	i, _, _ := object.Integer(v)
	if left {
		return int32(i) << (n & 31)
	}
	return int32(i) >> (n & 31)
}

func (e *Env) enumBits(op syntax.Kind, en object.Enum, other any) (any, error) {
	var n int64
	if o, ok := other.(object.Enum); ok && o.Type == en.Type {
		n = o.Value
	} else {
		v, err := e.Convert(other, en.Type)
		if err != nil {
			if i, _, ok := object.Integer(other); ok {
				n = i
			} else {
				return nil, err
			}
		} else {
			n = v.(object.Enum).Value
		}
	}
	switch op {
	case syntax.Band:
		n &= en.Value
	case syntax.Bor:
		n |= en.Value
	default:
		n ^= en.Value
	}
	return object.Enum{Type: en.Type, Value: n}, nil
}

func (e *Env) bnot(v any) (any, error) {
	v = object.Base(v)
	if en, ok := v.(object.Enum); ok {
		return object.Enum{Type: en.Type, Value: ^en.Value}, nil
	}
	if b, isBig := v.(*big.Int); isBig {
		return new(big.Int).Not(b), nil
	}
	n, ok, err := e.whole(v, int32(0), syntax.Bnot)
	if err != nil {
		return nil, err
	}
	if ok && inexact(n) {
		f, _ := object.Float(n)
		f = math.RoundToEven(f)
		ok = false
		for _, t := range []*object.Type{object.Int32Type, object.UInt32Type, object.Int64Type, object.UInt64Type} {
			if m, msg := object.ToNumber(f, t); msg == "" && !math.IsNaN(f) {
				n, ok = m, true
				break
			}
		}
	}
	if !ok {
		m, err := e.Convert(v, object.Int32Type)
		if err != nil {
			return nil, err
		}
		n = m
	}
	switch x := n.(type) {
	case int64:
		return ^x, nil
	case uint64:
		return ^x, nil
	case uint32:
		return ^x, nil
	}
	i, _, _ := object.Integer(n)
	return ^int32(i), nil
}

// rangeOf is the .. operator: numbers up or down, or characters.
func (e *Env) rangeOf(l, r any) (any, error) {
	l, r = object.Base(l), object.Base(r)
	if a, ok := charOf(l); ok {
		if b, ok := charOf(r); ok {
			out := object.NewArray()
			for c := int(a); ; c += step(int(a), int(b)) {
				out.Items = append(out.Items, object.Char(c))
				if c == int(b) {
					return out, nil
				}
			}
		}
	}
	a, err := e.rangeEnd(l)
	if err != nil {
		return nil, err
	}
	b, err := e.rangeEnd(r)
	if err != nil {
		return nil, err
	}
	n := b - a
	if n < 0 {
		n = -n
	}
	if n > 1<<26 {
		return nil, object.Throw("System.OutOfMemoryException", "Array dimensions exceeded supported range.")
	}
	out := &object.Array{Elem: object.ObjectType, Items: make([]any, 0, n+1)}
	for i := a; ; i += int64(step(int(a), int(b))) {
		out.Items = append(out.Items, int32(i))
		if i == b {
			return out, nil
		}
	}
}

func step(a, b int) int {
	if a > b {
		return -1
	}
	return 1
}

// charOf returns a Char, or a string of one that is no digit.
func charOf(v any) (object.Char, bool) {
	switch x := v.(type) {
	case object.Char:
		return x, true
	case string:
		if u := object.Units(x); len(u) == 1 && (u[0] < '0' || u[0] > '9') {
			return object.Char(u[0]), true
		}
	}
	return 0, false
}

func (e *Env) rangeEnd(v any) (int64, error) {
	switch x := v.(type) {
	case nil:
		return 0, nil
	case string:
		if t, ok := culture.Invariant.Clean(x, culture.Sign); ok && t != "" {
			if n, msg := object.ParseNumber(x, object.Int32Type); msg == "" {
				return int64(n.(int32)), nil
			}
		}
		return 0, object.Throw("System.FormatException", "The input string '%s' was not in a correct format.", x)
	case datetime.DateTime:
		return 0, object.Throw("System.InvalidCastException", "Invalid cast from 'DateTime' to 'Int32'.")
	}
	if _, ok := object.Float(v); !ok {
		if _, isBool := v.(bool); !isBool {
			t := object.TypeOf(v)
			if t == object.CustomType {
				t = object.PSObjectType
			}
			return 0, object.Throw("System.InvalidCastException", "Unable to cast object of type '%s' to type 'System.IConvertible'.", t.FullName())
		}
	}
	n, msg := object.ToNumber(v, object.Int32Type)
	if msg != "" {
		return 0, object.Throw("System.OverflowException", "%s", msg)
	}
	return int64(n.(int32)), nil
}
