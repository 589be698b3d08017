package member

import (
	"math"
	"math/big"
	"strings"

	"skylab/sim/machine/powershell/decimal"
	"skylab/sim/machine/powershell/object"
)

// numberLimit returns MinValue, MaxValue and the like of a numeric type.
func numberLimit(t *object.Type, name string) (any, bool) {
	pick := func(lo, hi any) (any, bool) {
		switch name {
		case "minvalue":
			return lo, true
		case "maxvalue":
			return hi, true
		}
		return nil, false
	}
	switch t {
	case object.SByteType:
		return pick(int8(math.MinInt8), int8(math.MaxInt8))
	case object.ByteType:
		return pick(uint8(0), uint8(math.MaxUint8))
	case object.Int16Type:
		return pick(int16(math.MinInt16), int16(math.MaxInt16))
	case object.UInt16Type:
		return pick(uint16(0), uint16(math.MaxUint16))
	case object.Int32Type:
		return pick(int32(math.MinInt32), int32(math.MaxInt32))
	case object.UInt32Type:
		return pick(uint32(0), uint32(math.MaxUint32))
	case object.Int64Type:
		return pick(int64(math.MinInt64), int64(math.MaxInt64))
	case object.UInt64Type:
		return pick(uint64(0), uint64(math.MaxUint64))
	case object.CharType:
		return pick(object.Char(0), object.Char(0xffff))
	case object.DecimalType:
		switch name {
		case "zero":
			return decimal.Decimal{}, true
		case "one":
			return decimal.FromInt(1), true
		case "minusone":
			return decimal.FromInt(-1), true
		}
		return pick(decimal.Min, decimal.Max)
	case object.DoubleType:
		switch name {
		case "nan":
			return math.NaN(), true
		case "positiveinfinity":
			return math.Inf(1), true
		case "negativeinfinity":
			return math.Inf(-1), true
		case "epsilon":
			return math.SmallestNonzeroFloat64, true
		}
		return pick(-math.MaxFloat64, math.MaxFloat64)
	case object.SingleType:
		switch name {
		case "nan":
			return float32(math.NaN()), true
		case "positiveinfinity":
			return float32(math.Inf(1)), true
		case "negativeinfinity":
			return float32(math.Inf(-1)), true
		case "epsilon":
			return float32(math.SmallestNonzeroFloat32), true
		}
		return pick(float32(-math.MaxFloat32), float32(math.MaxFloat32))
	case object.BigIntType:
		switch name {
		case "zero":
			return big.NewInt(0), true
		case "one":
			return big.NewInt(1), true
		case "minusone":
			return big.NewInt(-1), true
		}
	}
	if t.Name == "System.Math" {
		switch name {
		case "pi":
			return math.Pi, true
		case "e":
			return math.E, true
		case "tau":
			return 2 * math.Pi, true
		}
	}
	return nil, false
}

func (e *Env) staticDecimal(name string, a []any) (any, bool, error) {
	d, ok := a[0].(decimal.Decimal)
	if !ok {
		return nil, false, nil
	}
	switch name {
	case "round":
		n := 0
		if len(a) > 1 {
			n = intOf(a[1])
		}
		return d.Round(n, false), true, nil
	case "floor":
		return d.Floor(), true, nil
	case "ceiling":
		return d.Ceiling(), true, nil
	case "truncate":
		return d.Truncate(), true, nil
	case "negate":
		return d.Neg(), true, nil
	}
	return nil, false, nil
}

func staticMath(name string, a []any) (any, bool, error) {
	if d, ok := a[0].(decimal.Decimal); ok {
		switch name {
		case "abs":
			return d.Abs(), true, nil
		case "round":
			n, away := 0, false
			for _, x := range a[1:] {
				if en, ok := x.(object.Enum); ok {
					away = en.Value == 1
				} else {
					n = intOf(x)
				}
			}
			return d.Round(n, away), true, nil
		case "floor":
			return d.Floor(), true, nil
		case "ceiling":
			return d.Ceiling(), true, nil
		case "truncate":
			return d.Truncate(), true, nil
		case "sign":
			return int32(d.Sign()), true, nil
		case "max", "min":
			o := a[1].(decimal.Decimal)
			if (d.Cmp(o) >= 0) == (name == "max") {
				return d, true, nil
			}
			return o, true, nil
		}
	}
	if n, b, ok := object.Integer(a[0]); ok && b == nil {
		t := object.TypeOf(a[0])
		back := func(x int64) (any, bool, error) {
			v, msg := object.ToNumber(x, t)
			if msg != "" {
				return nil, true, object.Throw("System.OverflowException", "Negating the minimum value of a twos complement number is invalid.")
			}
			return v, true, nil
		}
		switch name {
		case "abs":
			if n < 0 {
				n = -n
			}
			return back(n)
		case "sign":
			switch {
			case n < 0:
				return int32(-1), true, nil
			case n > 0:
				return int32(1), true, nil
			}
			return int32(0), true, nil
		case "max", "min":
			m, _, _ := object.Integer(a[1])
			if (n >= m) == (name == "max") {
				return a[0], true, nil
			}
			return a[1], true, nil
		case "clamp":
			lo, _, _ := object.Integer(a[1])
			hi, _, _ := object.Integer(a[2])
			return back(max(lo, min(n, hi)))
		case "divrem":
			m, _, _ := object.Integer(a[1])
			if m == 0 {
				return nil, true, object.Throw("System.DivideByZeroException", "Attempted to divide by zero.")
			}
			if len(a) > 2 {
				if r, ok := a[2].(*object.Ref); ok {
					rem, _ := object.ToNumber(n%m, t)
					if err := r.Set(rem); err != nil {
						return nil, true, err
					}
				}
				return back(n / m)
			}
			q, _ := object.ToNumber(n/m, t)
			rem, _ := object.ToNumber(n%m, t)
			return &tuple{t, []any{q, rem}}, true, nil
		case "bigmul":
			m, _, _ := object.Integer(a[1])
			return n * m, true, nil
		}
	}
	f, _ := object.Float(a[0])
	single := object.TypeOf(a[0]) == object.SingleType
	ret := func(x float64) (any, bool, error) {
		if single {
			return float32(x), true, nil
		}
		return x, true, nil
	}
	g := 0.0
	if len(a) > 1 {
		g, _ = object.Float(a[1])
	}
	switch name {
	case "round":
		n, mode := 0, int64(0)
		for _, x := range a[1:] {
			if en, ok := x.(object.Enum); ok {
				mode = en.Value
			} else {
				n = intOf(x)
			}
		}
		return ret(roundTo(f, n, mode))
	case "abs":
		return ret(math.Abs(f))
	case "floor":
		return ret(math.Floor(f))
	case "ceiling":
		return ret(math.Ceil(f))
	case "truncate":
		return ret(math.Trunc(f))
	case "sqrt":
		return ret(math.Sqrt(f))
	case "cbrt":
		return ret(math.Cbrt(f))
	case "pow":
		return ret(math.Pow(f, g))
	case "exp":
		return ret(math.Exp(f))
	case "log":
		if len(a) > 1 {
			return ret(math.Log(f) / math.Log(g))
		}
		return ret(math.Log(f))
	case "log10":
		return ret(math.Log10(f))
	case "log2":
		return ret(math.Log2(f))
	case "sin":
		return ret(math.Sin(f))
	case "cos":
		return ret(math.Cos(f))
	case "tan":
		return ret(math.Tan(f))
	case "asin":
		return ret(math.Asin(f))
	case "acos":
		return ret(math.Acos(f))
	case "atan":
		return ret(math.Atan(f))
	case "atan2":
		return ret(math.Atan2(f, g))
	case "sinh":
		return ret(math.Sinh(f))
	case "cosh":
		return ret(math.Cosh(f))
	case "tanh":
		return ret(math.Tanh(f))
	case "max":
		return ret(math.Max(f, g))
	case "min":
		return ret(math.Min(f, g))
	case "sign":
		switch {
		case f < 0:
			return int32(-1), true, nil
		case f > 0:
			return int32(1), true, nil
		}
		return int32(0), true, nil
	case "clamp":
		h, _ := object.Float(a[2])
		return ret(math.Max(g, math.Min(f, h)))
	case "ieeeremainder":
		return ret(math.Remainder(f, g))
	}
	return nil, false, nil
}

// roundTo rounds a double to n digits; mode is MidpointRounding.
func roundTo(f float64, n int, mode int64) float64 {
	round := map[int64]func(float64) float64{0: math.RoundToEven, 1: math.Round, 2: math.Trunc, 3: math.Floor, 4: math.Ceil}[mode]
	if n == 0 || math.Abs(f) >= 1e16 || math.IsNaN(f) || math.IsInf(f, 0) {
		return round(f)
	}
	p := math.Pow(10, float64(n))
	return round(f*p) / p
}

// tuple is a ValueTuple of two.
type tuple struct {
	elem  *object.Type
	items []any
}

// NetType implements object.Typed.
func (t *tuple) NetType() *object.Type {
	return object.Generic("System.ValueTuple`2", t.elem, t.elem)
}

// ToString implements object.Stringer.
func (t *tuple) ToString(c *object.Context) string {
	return "(" + c.Display(t.items[0]) + ", " + c.Display(t.items[1]) + ")"
}

// GetMember implements Dynamic.
func (t *tuple) GetMember(name string) (any, bool) {
	switch strings.ToLower(name) {
	case "item1":
		return t.items[0], true
	case "item2":
		return t.items[1], true
	}
	return nil, false
}

// CallMember implements Dynamic.
func (t *tuple) CallMember(string, []any) (any, bool, error) { return nil, false, nil }
