package operator

import (
	"fmt"
	"math"
	"math/big"

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
	case float64, float32:
		f, _ := object.Float(x)
		if math.IsNaN(f) || math.IsInf(f, 0) {
			n, err := e.Convert(x, object.Int32Type)
			return n, true, err
		}
		f = math.RoundToEven(f)
		for _, t := range []*object.Type{object.Int32Type, object.UInt32Type, object.Int64Type, object.UInt64Type} {
			if n, msg := object.ToNumber(f, t); msg == "" {
				return n, true, nil
			}
		}
		n, err := e.Convert(x, object.UInt64Type)
		return n, true, err
	case decimal.Decimal:
		n, err := e.Convert(x, object.UInt64Type)
		if err != nil {
			n, err = e.Convert(x, object.Int64Type)
		}
		return n, true, err
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
	if en, ok := l.(object.Enum); ok {
		l = enumNumber(en)
	}
	_, lf := l.(float64)
	_, rf := r.(float64)
	_, ld := l.(decimal.Decimal)
	_, rd := r.(decimal.Decimal)
	a, okA, err := e.whole(l, r, op)
	if err != nil {
		return nil, err
	}
	if op == syntax.Shl || op == syntax.Shr {
		if !okA {
			return e.method(op, l, r)
		}
		n, err := e.Convert(r, object.Int32Type)
		if err != nil {
			return nil, err
		}
		return shift(op, a, int(n.(int32))), nil
	}
	b, okB, err := e.whole(r, l, op)
	if err != nil {
		return nil, err
	}
	if !okA || !okB {
		if (lf || ld) && !okB || (rf || rd) && !okA {
			return nil, object.Throw("System.NullReferenceException", "Object reference not set to an instance of an object.")
		}
		return e.method(op, l, r)
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
	n, ok, err := e.whole(v, int32(0), syntax.Bnot)
	if err != nil {
		return nil, err
	}
	if !ok {
		if b, isBig := v.(*big.Int); isBig {
			return new(big.Int).Not(b), nil
		}
		t := object.TypeOf(v)
		name := t.String()
		if t == object.CustomType {
			name = "System.Management.Automation.PSObject"
		}
		return nil, &object.Error{Type: object.RuntimeExceptionType, ID: "MethodNotFound", Category: "InvalidOperation", Message: fmt.Sprintf("Method invocation failed because [%s] does not contain a method named 'op_OnesComplement'.", name)}
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
		n, msg := object.ParseNumber(x, object.Int32Type)
		if msg == "" && x != "" {
			if i, err := e.Convert(n, object.Int32Type); err == nil {
				return int64(i.(int32)), nil
			}
		}
		return 0, object.Throw("System.FormatException", "The input string '%s' was not in a correct format.", x)
	case datetime.DateTime:
		return 0, object.Throw("System.InvalidCastException", "Invalid cast from 'DateTime' to 'Int32'.")
	}
	if _, ok := object.Float(v); !ok {
		if _, isBool := v.(bool); !isBool {
			return 0, object.Throw("System.InvalidCastException", "Unable to cast object of type '%s' to type 'System.IConvertible'.", object.TypeOf(v).FullName())
		}
	}
	n, msg := object.ToNumber(v, object.Int32Type)
	if msg != "" {
		return 0, object.Throw("System.OverflowException", "%s", msg)
	}
	return int64(n.(int32)), nil
}
