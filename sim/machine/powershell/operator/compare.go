package operator

import (
	"fmt"
	"math"
	"math/big"
	"strings"
	"unicode"

	"skylab/sim/machine/powershell/datetime"
	"skylab/sim/machine/powershell/decimal"
	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/syntax"
)

// Equal is -eq between two values: the right one becomes what the left one is.
func (e *Env) Equal(l, r any, ignoreCase bool) bool {
	l, r = object.Base(l), object.Base(r)
	switch x := l.(type) {
	case nil:
		return r == nil
	case string:
		if r == nil {
			return false
		}
		s, ok := r.(string)
		if !ok {
			s = e.String(r)
		}
		return x == s || ignoreCase && strings.EqualFold(x, s)
	case int32:
		if y, ok := r.(int32); ok {
			return x == y
		}
	case bool:
		return r != nil && x == object.Truth(r)
	case object.Switch:
		return bool(x) == object.Truth(r)
	case object.Char:
		if y, ok := r.(object.Char); ok {
			return x == y || ignoreCase && unicode.ToLower(rune(x)) == unicode.ToLower(rune(y))
		}
		if s, ok := r.(string); ok {
			return x.String() == s || ignoreCase && strings.EqualFold(x.String(), s)
		}
	}
	if r == nil {
		return false
	}
	if object.IsNumber(l) && object.IsNumber(r) {
		c, ok := compareNumbers(l, r)
		return ok && c == 0
	}
	lt := object.TypeOf(l)
	if v, found, err := e.classMethod(l, "Equals", false, r); found {
		return err == nil && object.Truth(v)
	}
	if object.TypeOf(r) == lt {
		return same(l, r)
	}
	v, err := e.Convert(r, lt)
	return err == nil && v != nil && object.TypeOf(v) == lt && same(l, v)
}

// classMethod calls a method of a script's class, if the value is of one.
func (e *Env) classMethod(v any, name string, static bool, args ...any) (any, bool, error) {
	if o, ok := v.(*object.Object); !ok || e.Method == nil || o.Type == nil || o.Type.Class == nil {
		return nil, false, nil
	}
	return e.Method(v, name, static, args)
}

// same is Equals between two values of one type.
func same(l, r any) bool {
	switch x := l.(type) {
	case decimal.Decimal:
		return x.Cmp(r.(decimal.Decimal)) == 0
	case *big.Int:
		return x.Cmp(r.(*big.Int)) == 0
	case *object.Version:
		return *x == *r.(*object.Version)
	case *object.URI:
		return x.Original == r.(*object.URI).Original
	case *object.IPAddress:
		return x.Text == r.(*object.IPAddress).Text
	case datetime.DateTime:
		return x.Ticks == r.(datetime.DateTime).Ticks
	case datetime.Offset:
		return x.UTCTicks() == r.(datetime.Offset).UTCTicks()
	case object.Entry:
		return false
	case float64:
		return x == r.(float64)
	}
	return l == r
}

// compareNumbers orders numbers of any types; ok is false for a NaN.
func compareNumbers(l, r any) (c int, ok bool) {
	_, lf := l.(float64)
	_, rf := r.(float64)
	_, ls := l.(float32)
	_, rs := r.(float32)
	if lf || rf || ls || rs {
		a, _ := object.Float(l)
		b, _ := object.Float(r)
		if math.IsNaN(a) || math.IsNaN(b) {
			return 0, false
		}
		switch {
		case a < b:
			return -1, true
		case a > b:
			return 1, true
		}
		return 0, true
	}
	_, ld := l.(decimal.Decimal)
	_, rd := r.(decimal.Decimal)
	if ld || rd {
		x, m1 := object.ToNumber(l, object.DecimalType)
		y, m2 := object.ToNumber(r, object.DecimalType)
		if m1+m2 == "" {
			return x.(decimal.Decimal).Cmp(y.(decimal.Decimal)), true
		}
	}
	return object.Big(l).Cmp(object.Big(r)), true
}

func (e *Env) order(op syntax.Kind, l, r any) (bool, error) {
	ignore := op <= syntax.Ile
	lb, rb := object.Base(l), object.Base(r)
	if object.IsNumber(lb) && object.IsNumber(rb) {
		c, ok := compareNumbers(lb, rb)
		return ok && holds(op, c), nil
	}
	if object.IsNumber(lb) {
		if s, ok := rb.(string); ok {
			n, err := e.textNumber(s, lb)
			if err != nil {
				return false, err
			}
			c, ok := compareNumbers(lb, n)
			return ok && holds(op, c), nil
		}
	}
	c, err := e.Compare(l, r, ignore)
	return err == nil && holds(op, c), err
}

func holds(op syntax.Kind, c int) bool {
	switch op {
	case syntax.Ilt, syntax.Clt:
		return c < 0
	case syntax.Ile, syntax.Cle:
		return c <= 0
	case syntax.Igt, syntax.Cgt:
		return c > 0
	}
	return c >= 0
}

// Compare orders two values: the right one becomes what the left one is.
func (e *Env) Compare(l, r any, ignoreCase bool) (int, error) {
	lb, rb := object.Base(l), object.Base(r)
	if v, found, err := e.classMethod(l, "CompareTo", false, r); found {
		n, _, _ := object.Integer(v)
		return int(n), err
	}
	if lb == nil {
		if rb == nil {
			return 0, nil
		}
		if f, ok := object.Float(rb); ok && object.IsNumber(rb) && f < 0 {
			return 1, nil
		}
		return -1, nil
	}
	if rb == nil {
		if f, ok := object.Float(lb); ok && object.IsNumber(lb) && f < 0 {
			return -1, nil
		}
		return 1, nil
	}
	if s, ok := lb.(string); ok {
		return CompareText(s, e.String(rb), ignoreCase), nil
	}
	if object.IsNumber(lb) && object.IsNumber(rb) {
		c, ok := compareNumbers(lb, rb)
		if !ok {
			if f, _ := object.Float(lb); math.IsNaN(f) {
				if g, _ := object.Float(rb); math.IsNaN(g) {
					return 0, nil
				}
				return -1, nil
			}
			return 1, nil
		}
		return c, nil
	}
	lt := object.TypeOf(lb)
	v := rb
	if lt == object.CustomType {
		return 0, &object.Error{Type: object.RuntimeExceptionType, ID: "PSObjectCompareTo", Message: fmt.Sprintf(`Cannot compare "%s" to "%s" because the objects are not the same type or the object "%s" does not implement "IComparable".`, e.String(l), e.String(r), e.String(l))}
	}
	if _, ordered := lb.(Comparable); !ordered && !lt.Is(comparableType) {
		if object.TypeOf(rb) == lt && same(lb, rb) {
			return 0, nil
		}
		return 0, &object.Error{Type: object.RuntimeExceptionType, ID: "NotIcomparable", Message: fmt.Sprintf(`Cannot compare "%s" because it is not IComparable.`, e.Display(lb))}
	}
	if object.TypeOf(rb) != lt {
		var err error
		if v, err = e.Convert(r, lt); err != nil {
			return 0, &object.Error{Type: object.RuntimeExceptionType, ID: "ComparisonFailure", Message: fmt.Sprintf(`Could not compare "%s" to "%s". Error: "%s"`, e.String(lb), e.String(rb), err)}
		}
	}
	switch x := lb.(type) {
	case object.Char:
		y := v.(object.Char)
		if ignoreCase {
			return int(unicode.ToLower(rune(x))) - int(unicode.ToLower(rune(y))), nil
		}
		return int(x) - int(y), nil
	case bool:
		return number(x) - number(v.(bool)), nil
	case object.Switch:
		return number(bool(x)) - number(bool(v.(object.Switch))), nil
	case datetime.DateTime:
		return compareInt(x.Ticks, v.(datetime.DateTime).Ticks), nil
	case datetime.Offset:
		return compareInt(x.UTCTicks(), v.(datetime.Offset).UTCTicks()), nil
	case datetime.Span:
		return compareInt(int64(x), int64(v.(datetime.Span))), nil
	case object.Enum:
		return compareInt(x.Value, v.(object.Enum).Value), nil
	case object.Guid:
		return strings.Compare(x.String(), v.(object.Guid).String()), nil
	case *object.Version:
		return x.Compare(v.(*object.Version)), nil
	case Comparable:
		return x.CompareTo(v), nil
	}
	if object.IsNumber(lb) {
		c, ok := compareNumbers(lb, v)
		if !ok {
			return 1, nil
		}
		return c, nil
	}
	return 0, &object.Error{Type: object.RuntimeExceptionType, ID: "NotIcomparable", Message: fmt.Sprintf(`Cannot compare "%s" because it is not IComparable.`, e.Display(lb))}
}

var comparableType = object.MustType("System.IComparable")

// Comparable is a value of another package that has an order.
type Comparable interface{ CompareTo(other any) int }

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

func compareInt(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// punctuation is the order of the root collation before digits and letters.
const punctuation = "_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$"

// primary returns where a character stands in the alphabet, its accents and
// case aside.
func primary(c rune) int {
	switch {
	case c < 128 && unicode.IsLetter(c):
		return 0x10000 + int(unicode.ToLower(c))*16
	case c >= '0' && c <= '9':
		return 0x8000 + int(c)
	case c < ' ' && c != '\t' && c != '\n' && c != '\r':
		return 0
	case unicode.IsSpace(c):
		return 1 + int(c&0xff)
	}
	if i := strings.IndexRune(punctuation, c); i >= 0 {
		return 0x1000 + i
	}
	if i := strings.IndexRune(accented, unicode.ToLower(c)); i >= 0 {
		return 0x10000 + int(plainOf[len([]rune(accented[:i]))])*16
	}
	if unicode.IsLetter(c) {
		return 0x20000 + int(unicode.ToLower(c))
	}
	return 0x2000 + int(c)&0x5fff
}

const (
	accented = "àáâãäåçèéêëìíîïñòóôõöùúûüýÿ"
	plainOf  = "aaaaaaceeeeiiiinooooouuuuyy"
)

// CompareText orders strings as the en-US culture does: letters by the
// alphabet, then by accents, then lower case first.
func CompareText(a, b string, ignoreCase bool) int {
	ra, rb := []rune(a), []rune(b)
	second := 0
	third := 0
	for i := 0; i < len(ra) && i < len(rb); i++ {
		x, y := ra[i], rb[i]
		if x == y {
			continue
		}
		if p, q := primary(x), primary(y); p != q {
			return compareInt(int64(p), int64(q))
		}
		lx, ly := unicode.ToLower(x), unicode.ToLower(y)
		if lx != ly && second == 0 {
			second = compareInt(int64(lx), int64(ly))
		} else if third == 0 && x != lx {
			third = 1
		} else if third == 0 && y != ly {
			third = -1
		}
	}
	switch {
	case len(ra) != len(rb):
		return compareInt(int64(len(ra)), int64(len(rb)))
	case second != 0:
		return second
	case ignoreCase:
		return 0
	}
	return third
}
