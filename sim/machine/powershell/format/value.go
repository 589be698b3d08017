package format

import (
	"strings"

	"skylab/sim/machine/powershell/decimal"
	"skylab/sim/machine/powershell/object"
)

var errorRecordType = object.MustType("System.Management.Automation.ErrorRecord")

// isScalar reports whether a value is shown as its text.
func isScalar(v any) bool {
	t := object.TypeOf(v)
	if t == nil {
		return false
	}
	if _, ok := object.Base(v).(object.Enum); ok {
		return true
	}
	switch t {
	case object.StringType:
		return true
	}
	return number2(t)
}

func number2(t *object.Type) bool {
	switch t {
	case object.BoolType, object.CharType, object.SByteType, object.ByteType, object.Int16Type, object.UInt16Type, object.Int32Type, object.UInt32Type, object.Int64Type, object.UInt64Type, object.SingleType, object.DoubleType, object.DecimalType, object.BigIntType:
		return true
	}
	return false
}

func rightAligned(v any) bool {
	t := object.TypeOf(v)
	if t == nil {
		return false
	}
	if _, ok := object.Base(v).(object.Enum); ok {
		return true
	}
	return number2(t)
}

// number shortens a fraction as a console does: 15 digits.
func number(f *Shaper, v any) any {
	switch x := object.Base(v).(type) {
	case float64:
		if t, ok := f.composite("{0:G15}", x); ok {
			return t
		}
	case float32:
		if t, ok := f.composite("{0:G7}", x); ok {
			return t
		}
	}
	return v
}

// cell is a value in a table: fractions have the culture's decimals.
func (f *Shaper) cell(v any) string {
	switch x := object.Base(v).(type) {
	case float64, float32, decimal.Decimal:
		if t, ok := f.composite("{0:F}", x); ok {
			return t
		}
	}
	return f.display(v)
}

// display is a value in a list: lists are cut after $FormatEnumerationLimit.
func (f *Shaper) display(v any) string {
	c := f.s.Objects()
	switch object.Base(v).(type) {
	case nil:
		return ""
	case string:
		return c.String(v)
	}
	items, many := enumerable(v)
	if !many {
		return c.Display(number(f, v))
	}
	limit := 4
	if l, ok := f.s.Variable("FormatEnumerationLimit"); ok {
		if n, _, ok := object.Integer(object.Base(l)); ok {
			limit = int(n)
		}
	}
	var b strings.Builder
	b.WriteByte('{')
	for i, x := range items {
		if i > 0 {
			b.WriteString(", ")
		}
		if limit >= 0 && i == limit {
			s := b.String()
			return strings.TrimSuffix(s, ", ") + f.s.Ellipsis() + "}"
		}
		if e, ok := x.(object.Entry); ok {
			b.WriteString("[" + c.Display(e.Key) + ", " + c.Display(e.Value) + "]")
			continue
		}
		b.WriteString(c.Display(number(f, x)))
	}
	return b.String() + "}"
}

// custom is the text of objects with a view of their own.
func (f *Shaper) custom(v any) string {
	t, ok, _ := f.s.Members().Get(v, "DateTime")
	if ok {
		return f.s.Objects().String(t)
	}
	return f.s.Objects().Display(v)
}

// composite formats one value; ok is false if the format is wrong.
func (f *Shaper) composite(spec string, v any) (string, bool) {
	c := f.s.Objects()
	t, msg := c.Composite(spec, []any{v}, c.Culture)
	return t, msg == ""
}
