package operator

import (
	"fmt"
	"math"
	"math/big"
	"strings"

	"skylab/sim/machine/powershell/datetime"
	"skylab/sim/machine/powershell/decimal"
	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/syntax"
)

var methods = map[syntax.Kind]string{
	syntax.Plus: "op_Addition", syntax.Minus: "op_Subtraction", syntax.Multiply: "op_Multiply", syntax.Divide: "op_Division", syntax.Rem: "op_Modulus",
	syntax.Band: "op_BitwiseAnd", syntax.Bor: "op_BitwiseOr", syntax.Bxor: "op_ExclusiveOr", syntax.Shl: "op_LeftShift", syntax.Shr: "op_RightShift",
	syntax.Bnot: "op_OnesComplement",
}

func divideByZero() error {
	return &object.Error{Type: object.RuntimeExceptionType, ID: "RuntimeException", Message: "Attempted to divide by zero.", Inner: &object.Error{Type: object.MustType("System.DivideByZeroException"), Message: "Attempted to divide by zero."}}
}

// plain reports whether a value is a number that the operators know themselves.
func plain(v any) bool {
	if _, big := v.(*big.Int); big {
		return false
	}
	return object.IsNumber(v)
}

func (e *Env) add(l, r any) (any, error) {
	// The everyday cases first.
	switch x := l.(type) {
	case int32:
		if y, ok := r.(int32); ok {
			if s := int64(x) + int64(y); s == int64(int32(s)) {
				return int32(s), nil
			}
		}
	case string:
		return x + e.String(r), nil
	case float64:
		if y, ok := r.(float64); ok {
			return x + y, nil
		}
	}
	lb, rb := object.Base(l), object.Base(r)
	switch x := lb.(type) {
	case nil:
		return r, nil
	case string:
		return x + e.String(r), nil
	case object.Char:
		return x.String() + e.String(r), nil
	case *object.Dict:
		y, ok := rb.(*object.Dict)
		if rb == nil {
			return x.Clone(), nil
		}
		if !ok {
			return nil, object.Fail("AddHashTableToNonHashTable", "A hash table can only be added to another hash table.")
		}
		sum := x.Clone()
		for _, en := range y.Entries() {
			if _, dup := sum.Get(en.Key); dup {
				return nil, object.Throw("System.ArgumentException", "Item has already been added. Key in dictionary: '%s'  Key being added: '%s'", e.String(en.Key), e.String(en.Key))
			}
			sum.Set(en.Key, en.Value)
		}
		return sum, nil
	}
	if items, many := object.Items(lb); many {
		out := append(make([]any, 0, len(items)+1), items...)
		if more, ok := object.Items(rb); ok {
			out = append(out, more...)
		} else {
			out = append(out, r)
		}
		return object.NewArray(out...), nil
	}
	return e.arithmetic(syntax.Plus, l, r)
}

func (e *Env) multiply(l, r any) (any, error) {
	switch x := object.Base(l).(type) {
	case nil:
		return nil, nil
	case string:
		n, err := e.Convert(r, object.Int32Type)
		if err != nil {
			return nil, err
		}
		times := int(n.(int32))
		if times < 0 {
			return nil, object.Throw("System.ArgumentOutOfRangeException", "times ('%d') must be a non-negative value. (Parameter 'times')\nActual value was %d.", times, times)
		}
		if times*len(x) > 1<<28 {
			return nil, object.Throw("System.OutOfMemoryException", "Insufficient memory to continue the execution of the program.")
		}
		return strings.Repeat(x, times), nil
	case object.Char:
		return e.multiply(x.String(), r)
	default:
		items, many := object.Items(x)
		if !many {
			break
		}
		if s, ok := object.Base(r).(string); ok {
			n, err := e.textNumber(s, nil)
			if err != nil {
				return nil, err
			}
			r = n
		}
		n, err := e.Convert(r, object.UInt32Type)
		if err != nil {
			return nil, err
		}
		times := int(n.(uint32))
		if times*len(items) > 1<<24 {
			return nil, object.Throw("System.OutOfMemoryException", "Array dimensions exceeded supported range.")
		}
		out := make([]any, 0, times*len(items))
		for ; times > 0; times-- {
			out = append(out, items...)
		}
		return object.NewArray(out...), nil
	}
	return e.arithmetic(syntax.Multiply, l, r)
}

// arithmetic applies an operator to numbers, to what reads as one, or to types
// with operators of their own.
func (e *Env) arithmetic(op syntax.Kind, l, r any) (any, error) {
	l, r = object.Base(l), object.Base(r)
	if s, ok := l.(string); ok && op != syntax.Plus {
		n, err := e.textNumber(s, r)
		if err != nil {
			return nil, err
		}
		l = n
	}
	lb, lbool := l.(bool)
	switch x := l.(type) {
	case nil:
		if op == syntax.Multiply {
			return nil, nil
		}
		l = int32(0)
	case object.Char:
		l = int32(x)
	case object.Enum:
		l = enumNumber(x)
	case bool:
		if op == syntax.Multiply {
			break
		}
		l = int32(0)
		if lb {
			l = int32(1)
		}
	}
	if !plain(l) {
		return e.method(op, l, r)
	}
	switch x := r.(type) {
	case nil:
		r = int32(0)
	case bool:
		r = int32(0)
		if x {
			r = int32(1)
		}
	case string:
		n, err := e.textNumber(x, l)
		if err != nil {
			return nil, err
		}
		r = n
	case object.Char:
		r = int32(x)
	case object.Enum:
		r = enumNumber(x)
	case decimal.Decimal:
		if lbool {
			return nil, object.Throw("System.InvalidOperationException", "No coercion operator is defined between types 'System.Boolean' and 'System.Decimal'.")
		}
	}
	if !plain(r) {
		if lbool {
			l = lb
		}
		return e.method(op, l, r)
	}
	return e.numbers(op, l, r)
}

func enumNumber(x object.Enum) any {
	if x.Value == int64(int32(x.Value)) {
		return int32(x.Value)
	}
	return x.Value
}

// textNumber reads a string where the other operand is a number: as a literal,
// else converted to the other's type.
func (e *Env) textNumber(s string, other any) (any, error) {
	t := object.Int32Type
	if plain(other) {
		t = object.TypeOf(other)
	}
	trimmed := strings.TrimSpace(s)
	if trimmed == "" {
		return int32(0), nil
	}
	if n, ok := syntax.ParseNumber(trimmed); ok {
		return n, nil
	}
	return e.Convert(s, t)
}

// rank orders numeric types as TypeCode does.
func rank(v any) int {
	switch v.(type) {
	case int8, uint8, int16, uint16, int32:
		return 1
	case uint32:
		return 2
	case int64:
		return 3
	case uint64:
		return 4
	case float32, float64:
		return 5
	}
	return 6 // decimal
}

func signed(v any) bool {
	switch v.(type) {
	case int8, int16, int32, int64:
		return true
	}
	return false
}

func (e *Env) numbers(op syntax.Kind, l, r any) (any, error) {
	k := max(rank(l), rank(r))
	switch k {
	case 6:
		return decimals(op, l, r)
	case 5:
		a, _ := object.Float(l)
		b, _ := object.Float(r)
		return floats(op, a, b), nil
	case 4:
		a, ab, _ := object.Integer(l)
		b, bb, _ := object.Integer(r)
		if ab == nil && a < 0 || bb == nil && b < 0 {
			x, _ := object.Float(l)
			y, _ := object.Float(r)
			return floats(op, x, y), nil
		}
	}
	if k < 4 {
		a, _, _ := object.Integer(l)
		b, _, _ := object.Integer(r)
		kind := object.Int32Type
		switch {
		case k == 2 && !signed(l) && !signed(r):
			kind = object.UInt32Type
		case k >= 2:
			kind = object.Int64Type
		}
		return ints(op, a, b, kind)
	}
	return bigInts(op, object.Big(l), object.Big(r))
}

func floats(op syntax.Kind, a, b float64) any {
	switch op {
	case syntax.Plus:
		return a + b
	case syntax.Minus:
		return a - b
	case syntax.Multiply:
		return a * b
	case syntax.Divide:
		return a / b
	}
	return math.Mod(a, b)
}

// ints computes in 64 bits; what does not fit the type becomes a double.
func ints(op syntax.Kind, a, b int64, t *object.Type) (any, error) {
	var n int64
	switch op {
	case syntax.Plus:
		if n = a + b; (n > a) != (b > 0) && b != 0 {
			return float64(a) + float64(b), nil
		}
	case syntax.Minus:
		if n = a - b; (n < a) != (b > 0) && b != 0 {
			return float64(a) - float64(b), nil
		}
	case syntax.Multiply:
		if n = a * b; a != 0 && (n/a != b || a == -1 && b == math.MinInt64) {
			return float64(a) * float64(b), nil
		}
	case syntax.Divide:
		switch {
		case b == 0:
			return nil, divideByZero()
		case a == math.MinInt64 && b == -1, a%b != 0:
			return float64(a) / float64(b), nil
		}
		n = a / b
	default:
		if b == 0 {
			return nil, divideByZero()
		}
		if b == -1 {
			n = 0
		} else {
			n = a % b
		}
	}
	v, msg := object.ToNumber(n, t)
	if msg != "" {
		return float64(n), nil
	}
	return v, nil
}

func bigInts(op syntax.Kind, a, b *big.Int) (any, error) {
	n := new(big.Int)
	switch op {
	case syntax.Plus:
		n.Add(a, b)
	case syntax.Minus:
		n.Sub(a, b)
	case syntax.Multiply:
		n.Mul(a, b)
	default:
		if b.Sign() == 0 {
			return nil, divideByZero()
		}
		q, m := new(big.Int).QuoRem(a, b, new(big.Int))
		if op == syntax.Rem {
			n = m
		} else if m.Sign() != 0 {
			x, _ := object.Float(a)
			y, _ := object.Float(b)
			return x / y, nil
		} else {
			n = q
		}
	}
	if n.IsUint64() {
		return n.Uint64(), nil
	}
	f, _ := new(big.Float).SetInt(n).Float64()
	return f, nil
}

func decimals(op syntax.Kind, l, r any) (any, error) {
	x, msg := object.ToNumber(l, object.DecimalType)
	y, msg2 := object.ToNumber(r, object.DecimalType)
	if msg+msg2 != "" {
		a, _ := object.Float(l)
		b, _ := object.Float(r)
		return floats(op, a, b), nil
	}
	a, b := x.(decimal.Decimal), y.(decimal.Decimal)
	var d decimal.Decimal
	var err error
	switch op {
	case syntax.Plus:
		d, err = a.Add(b)
	case syntax.Minus:
		d, err = a.Sub(b)
	case syntax.Multiply:
		d, err = a.Mul(b)
	case syntax.Divide:
		d, err = a.Div(b)
	default:
		d, err = a.Rem(b)
	}
	switch err {
	case nil:
		return d, nil
	case decimal.ErrZero:
		return nil, divideByZero()
	}
	return nil, object.Fail("RuntimeException", "Value was either too large or too small for a Decimal.")
}

// isPrimitive is .NET's Type.IsPrimitive.
func isPrimitive(v any) bool {
	switch v.(type) {
	case nil, bool, object.Char, int8, uint8, int16, uint16, int32, uint32, int64, uint64, float32, float64:
		return true
	}
	return false
}

// method calls an operator method of the left type or, where that is primitive,
// the right one.
func (e *Env) method(op syntax.Kind, l, r any) (any, error) {
	name := methods[op]
	for _, v := range []any{l, r} {
		if v, found, err := e.classMethod(v, name, true, l, r); found {
			return v, err
		}
	}
	owner := l
	bits := op == syntax.Band || op == syntax.Bor || op == syntax.Bxor
	if _, text := l.(string); text && bits && !isPrimitive(r) {
		owner = r
	}
	if isPrimitive(l) {
		if isPrimitive(r) {
			return nil, object.Fail("NotADefinedOperationForType", "The operation '[%s] %s [%s]' is not defined.", typeText(l), op, typeText(r))
		}
		owner = r
	}
	t := object.TypeOf(owner)
	var sigs [][2]*object.Type
	dt, ts := object.DateTimeType, object.TimeSpanType
	switch {
	case t == dt && op == syntax.Plus:
		sigs = [][2]*object.Type{{dt, ts}}
	case t == dt && op == syntax.Minus:
		sigs = [][2]*object.Type{{dt, ts}, {dt, dt}}
	case t == object.DateTimeOffsetType && op == syntax.Plus:
		sigs = [][2]*object.Type{{t, ts}}
	case t == object.DateTimeOffsetType && op == syntax.Minus:
		sigs = [][2]*object.Type{{t, ts}, {t, t}}
	case t == ts && (op == syntax.Plus || op == syntax.Minus):
		sigs = [][2]*object.Type{{ts, ts}}
	case t == ts && (op == syntax.Multiply || op == syntax.Divide):
		sigs = [][2]*object.Type{{ts, object.DoubleType}}
		if op == syntax.Divide {
			sigs = append(sigs, [2]*object.Type{ts, ts})
		} else {
			sigs = append(sigs, [2]*object.Type{object.DoubleType, ts})
		}
	case t == object.DecimalType && name < "op_BitwiseAnd" || t == object.DecimalType && (op == syntax.Minus || op == syntax.Multiply || op == syntax.Divide || op == syntax.Rem):
		sigs = [][2]*object.Type{{t, t}}
	case t == object.BigIntType:
		sigs = [][2]*object.Type{{t, t}}
	}
	if sigs == nil {
		n := t.String()
		if t == object.CustomType {
			n = "System.Management.Automation.PSObject"
		}
		return nil, &object.Error{Type: object.RuntimeExceptionType, ID: "MethodNotFound", Category: "InvalidOperation", Target: name, Message: fmt.Sprintf("Method invocation failed because [%s] does not contain a method named '%s'.", n, name)}
	}
	sig := sigs[0]
	if len(sigs) > 1 {
		exact := -1
		for i, s := range sigs {
			lt, rt := object.TypeOf(l), object.TypeOf(r)
			if lt == s[0] && rt == s[1] || s[0] == object.DoubleType && rt == s[1] && plain(l) || s[1] == object.DoubleType && lt == s[0] && plain(r) {
				exact = i
			}
		}
		if exact < 0 {
			_, text := r.(string)
			var fits []int
			for i, s := range sigs {
				if _, err := e.Convert(r, s[1]); err == nil || text {
					fits = append(fits, i)
				}
			}
			if len(fits) == 1 {
				exact = fits[0]
			} else if len(fits) == 0 {
				return nil, &object.Error{Type: object.MustType("System.Management.Automation.MethodException"), ID: "MethodCountCouldNotFindBest", Message: fmt.Sprintf(`Cannot find an overload for "%s" and the argument count: "2".`, name)}
			}
		}
		if exact < 0 {
			return nil, &object.Error{Type: object.MustType("System.Management.Automation.MethodException"), ID: "MethodCountCouldNotFindBest", Message: fmt.Sprintf(`Multiple ambiguous overloads found for "%s" and the argument count: "2".`, name)}
		}
		sig = sigs[exact]
	}
	args := [2]any{l, r}
	for i, a := range args {
		v, err := e.Convert(a, sig[i])
		if err != nil {
			return nil, &object.Error{Type: object.MustType("System.Management.Automation.MethodException"), ID: "MethodArgumentConversionInvalidCastArgument", Message: fmt.Sprintf(`Cannot convert argument "%d", with value: "%s", for "%s" to type "%s": "%s"`, i, e.Display(a), name, sig[i].FullName(), err)}
		}
		args[i] = v
	}
	return timeMath(op, args[0], args[1])
}

func typeText(v any) string {
	if v == nil {
		return "$null"
	}
	return object.TypeOf(v).FullName()
}

func timeMath(op syntax.Kind, l, r any) (any, error) {
	outOfRange := object.Throw("System.ArgumentOutOfRangeException", "The added or subtracted value results in an un-representable DateTime. (Parameter 'value')")
	switch a := l.(type) {
	case decimal.Decimal:
		return decimals(op, l, r)
	case *big.Int:
		return bigMath(op, a, r.(*big.Int))
	case datetime.DateTime:
		if b, ok := r.(datetime.DateTime); ok {
			return datetime.Span(a.Ticks - b.Ticks), nil
		}
		n := int64(r.(datetime.Span))
		if op == syntax.Minus {
			n = -n
		}
		d, err := a.Add(n)
		if err != nil {
			return nil, outOfRange
		}
		return d, nil
	case datetime.Offset:
		if b, ok := r.(datetime.Offset); ok {
			return datetime.Span(a.UTCTicks() - b.UTCTicks()), nil
		}
		n := int64(r.(datetime.Span))
		if op == syntax.Minus {
			n = -n
		}
		a.Ticks += n
		return a, nil
	case float64:
		return datetime.Span(math.RoundToEven(a * float64(r.(datetime.Span)))), nil
	case datetime.Span:
		switch b := r.(type) {
		case datetime.Span:
			switch op {
			case syntax.Plus:
				return a + b, nil
			case syntax.Minus:
				return a - b, nil
			}
			return float64(a) / float64(b), nil
		case float64:
			f := float64(a) * b
			if op == syntax.Divide {
				f = float64(a) / b
			}
			if math.IsNaN(f) || math.Abs(f) > math.MaxInt64 {
				return nil, object.Throw("System.OverflowException", "TimeSpan overflowed because the duration is too long.")
			}
			return datetime.Span(math.RoundToEven(f)), nil
		}
	}
	return nil, outOfRange
}

func bigMath(op syntax.Kind, a, b *big.Int) (any, error) {
	n := new(big.Int)
	switch op {
	case syntax.Plus:
		return n.Add(a, b), nil
	case syntax.Minus:
		return n.Sub(a, b), nil
	case syntax.Multiply:
		return n.Mul(a, b), nil
	case syntax.Band:
		return n.And(a, b), nil
	case syntax.Bor:
		return n.Or(a, b), nil
	case syntax.Bxor:
		return n.Xor(a, b), nil
	case syntax.Shl:
		return n.Lsh(a, uint(b.Int64()&0xffff)), nil
	case syntax.Shr:
		return n.Rsh(a, uint(b.Int64()&0xffff)), nil
	}
	if b.Sign() == 0 {
		return nil, divideByZero()
	}
	if op == syntax.Rem {
		return n.Rem(a, b), nil
	}
	return n.Quo(a, b), nil
}
