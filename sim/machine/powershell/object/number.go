package object

import (
	"math"
	"math/big"
	"strings"

	"skylab/sim/machine/powershell/culture"
	"skylab/sim/machine/powershell/decimal"
	"skylab/sim/machine/powershell/syntax"
)

// IsNumber reports whether v is a number, other than a Char or an Enum.
func IsNumber(v any) bool {
	switch v.(type) {
	case int32, int64, float64, decimal.Decimal, int8, int16, uint8, uint16, uint32, uint64, float32, *big.Int:
		return true
	}
	return false
}

// Integer returns an integer (Char and Enum included) as an int64 or, beyond it,
// as a *big.Int.
func Integer(v any) (i int64, b *big.Int, ok bool) {
	switch v := v.(type) {
	case int32:
		return int64(v), nil, true
	case int64:
		return v, nil, true
	case int8:
		return int64(v), nil, true
	case int16:
		return int64(v), nil, true
	case uint8:
		return int64(v), nil, true
	case uint16:
		return int64(v), nil, true
	case uint32:
		return int64(v), nil, true
	case uint64:
		if v > math.MaxInt64 {
			return 0, new(big.Int).SetUint64(v), true
		}
		return int64(v), nil, true
	case Char:
		return int64(v), nil, true
	case Enum:
		return v.Value, nil, true
	case *big.Int:
		if v.IsInt64() {
			return v.Int64(), nil, true
		}
		return 0, v, true
	}
	return 0, nil, false
}

// Float returns any number as a double.
func Float(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case float32:
		return float64(v), true
	case decimal.Decimal:
		return v.Float(), true
	}
	i, b, ok := Integer(v)
	if b != nil {
		f, _ := new(big.Float).SetInt(b).Float64()
		return f, true
	}
	return float64(i), ok
}

type intRange struct {
	min, max int64
	make     func(int64) any
	over     string // .NET's words for what does not fit
}

var intRanges = map[*Type]intRange{
	SByteType:  {math.MinInt8, math.MaxInt8, func(i int64) any { return int8(i) }, "a signed byte"},
	ByteType:   {0, math.MaxUint8, func(i int64) any { return uint8(i) }, "an unsigned byte"},
	Int16Type:  {math.MinInt16, math.MaxInt16, func(i int64) any { return int16(i) }, "an Int16"},
	UInt16Type: {0, math.MaxUint16, func(i int64) any { return uint16(i) }, "a UInt16"},
	Int32Type:  {math.MinInt32, math.MaxInt32, func(i int64) any { return int32(i) }, "an Int32"},
	UInt32Type: {0, math.MaxUint32, func(i int64) any { return uint32(i) }, "a UInt32"},
	Int64Type:  {math.MinInt64, math.MaxInt64, func(i int64) any { return i }, "an Int64"},
	CharType:   {0, math.MaxUint16, func(i int64) any { return Char(i) }, "a character"},
}

// IsNumeric reports whether t is a number's type.
func (t *Type) IsNumeric() bool {
	switch t {
	case SByteType, ByteType, Int16Type, UInt16Type, Int32Type, UInt32Type, Int64Type, UInt64Type, SingleType, DoubleType, DecimalType, BigIntType:
		return true
	}
	return false
}

// IsInteger reports whether t is an integer's type, BigInteger excluded.
func (t *Type) IsInteger() bool { _, ok := intRanges[t]; return ok && t != CharType || t == UInt64Type }

// overflow is the text of .NET's OverflowException.
func overflow(t *Type) string {
	w := "a UInt64"
	switch {
	case t == DecimalType:
		w = "a Decimal"
	case t != UInt64Type:
		w = intRanges[t].over
	}
	return "Value was either too large or too small for " + w + "."
}

// ToNumber converts a number (or Char, bool) to another number's type, rounding
// half to even as Convert does; msg is .NET's text if it does not fit.
func ToNumber(v any, t *Type) (n any, msg string) {
	if b, ok := v.(bool); ok {
		v = int32(0)
		if b {
			v = int32(1)
		}
	}
	switch t {
	case DoubleType:
		f, _ := Float(v)
		return f, ""
	case SingleType:
		f, _ := Float(v)
		return float32(f), ""
	case DecimalType:
		switch x := v.(type) {
		case decimal.Decimal:
			return x, ""
		case float64:
			d, err := decimal.FromFloat(x, 15)
			if err != nil {
				return nil, overflow(t)
			}
			return d, ""
		case float32:
			d, err := decimal.FromFloat(float64(x), 7)
			if err != nil {
				return nil, overflow(t)
			}
			return d, ""
		}
		i, b, _ := Integer(v)
		if b == nil {
			return decimal.FromInt(i), ""
		}
		d, err := decimal.FromBig(b)
		if err != nil {
			return nil, overflow(t)
		}
		return d, ""
	}
	var whole *big.Int
	i, b, ok := Integer(v)
	switch {
	case ok && b != nil:
		whole = b
	case ok:
		whole = big.NewInt(i)
	default:
		switch x := v.(type) {
		case decimal.Decimal:
			if whole = x.RoundBig(); t == BigIntType {
				whole = x.Big()
			}
		default:
			f, _ := Float(v)
			if math.IsNaN(f) || math.IsInf(f, 0) {
				if t == BigIntType {
					if math.IsNaN(f) {
						return nil, "The value is not a number."
					}
					return nil, "BigInteger cannot represent infinity."
				}
				return nil, overflow(floatVia(t))
			}
			if t == BigIntType {
				f = math.Trunc(f)
			} else {
				f = math.RoundToEven(f)
			}
			whole, _ = new(big.Float).SetFloat64(f).Int(nil)
			if !whole.IsInt64() && floatVia(t) != t {
				return nil, overflow(floatVia(t))
			}
		}
	}
	if t == BigIntType {
		return whole, ""
	}
	if t == UInt64Type {
		if !whole.IsUint64() {
			return nil, overflow(t)
		}
		return whole.Uint64(), ""
	}
	r := intRanges[t]
	if !whole.IsInt64() || whole.Int64() < r.min || whole.Int64() > r.max {
		return nil, overflow(t)
	}
	return r.make(whole.Int64()), ""
}

// floatVia is the type through which .NET converts a double to a small integer.
func floatVia(t *Type) *Type {
	switch t {
	case SByteType, ByteType, Int16Type, UInt16Type:
		return Int32Type
	}
	return t
}

// ParseNumber reads a string as PowerShell does where a number is needed: as a
// literal (0x10, 1kb, 1e3) or as .NET would; "" is 0. The result has the
// literal's type unless t asks for another.
func ParseNumber(s string, t *Type) (n any, msg string) {
	bad := "The input string '" + s + "' was not in a correct format."
	trimmed := strings.TrimSpace(s)
	if trimmed == "" {
		return ToNumber(int32(0), t)
	}
	// .NET's own reading first: digits with sign and thousands.
	style := culture.Sign | culture.Thousands
	switch t {
	case DoubleType, SingleType:
		if f, ok := culture.Invariant.ParseFloat(trimmed, culture.Float|culture.Thousands); ok {
			if t == SingleType {
				return float32(f), ""
			}
			return f, ""
		}
	case DecimalType:
		if c, ok := culture.Invariant.Clean(trimmed, culture.Any); ok {
			if d, ok := decimal.Parse(c); ok {
				return d, ""
			}
			return nil, overflow(t)
		}
	default:
		if c, ok := culture.Invariant.Clean(trimmed, style); ok {
			b, _ := new(big.Int).SetString(strings.TrimPrefix(c, "+"), 10)
			return ToNumber(b, t)
		}
	}
	if v, ok := syntax.ParseNumber(trimmed); ok {
		return ToNumber(v, t)
	}
	if f, ok := culture.Invariant.ParseFloat(trimmed, culture.Float|culture.Thousands); ok {
		return ToNumber(f, t)
	}
	if t == BigIntType {
		bad = "The value could not be parsed."
	}
	return nil, bad
}
