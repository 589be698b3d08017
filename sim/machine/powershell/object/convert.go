package object

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"skylab/sim/machine/powershell/culture"
	"skylab/sim/machine/powershell/datetime"
	"skylab/sim/machine/powershell/decimal"
)

// Convert converts a value to a type as a cast does: in the invariant culture.
func (c *Context) Convert(v any, t *Type) (any, error) { return c.convert(v, t, culture.Invariant) }

// ConvertAs converts as -as does: in the present culture, $null if it cannot be.
func (c *Context) ConvertAs(v any, t *Type) any {
	if v == nil {
		if t.IsValue() || t == StringType {
			return nil
		}
	}
	if r, err := c.convert(v, t, c.Culture); err == nil {
		return r
	}
	return nil
}

// Truth is the value of a condition.
func Truth(v any) bool {
	switch v := Base(v).(type) {
	case nil:
		return false
	case bool:
		return v
	case Switch:
		return bool(v)
	case string:
		return v != ""
	case int32:
		return v != 0
	case *Array:
		return truthOf(v.Items)
	case *List:
		return truthOf(v.Items)
	case *Dict, *Object, *ScriptBlock, *Type:
		return true
	default:
		if f, ok := Float(v); ok {
			return f != 0 // NaN is true
		}
		if e, ok := v.(Enumerable); ok {
			return truthOf(e.Items())
		}
	}
	return true
}

func truthOf(items []any) bool {
	switch len(items) {
	case 0:
		return false
	case 1:
		switch x := Base(items[0]).(type) {
		case *Array:
			return len(x.Items) > 0
		case *List:
			return len(x.Items) > 0
		}
		return Truth(items[0])
	}
	return true
}

func (c *Context) nullTo(t *Type) (any, error) {
	switch {
	case t == StringType:
		return "", nil
	case t == BoolType:
		return false, nil
	case t == CharType:
		return Char(0), nil
	case t == SwitchType:
		return Switch(false), nil
	case t.IsNumeric() && t != BigIntType:
		n, _ := ToNumber(int32(0), t)
		return n, nil
	case t.IsNullable() || !t.IsValue():
		return nil, nil
	case t.IsEnum:
		return nil, castError("nullToEnumInvalidCast", `Cannot convert null to type "%s" due to enumeration values that are not valid. Specify one of the following enumeration values and try again. The possible enumeration values are "%s".`, t.FullName(), t.names(","))
	}
	return nil, castError("nullToObjectInvalidCast", `Cannot convert null to type "%s".`, t.FullName())
}

func (t *Type) names(sep string) string {
	var n []string
	for _, v := range t.Values {
		n = append(n, v.Name)
	}
	return strings.Join(n, sep)
}

// invalid is the error of a conversion that there is no way to make.
func (c *Context) invalid(v any, t *Type) *Error {
	return castError("ConvertToFinalInvalidCastException", `Cannot convert the "%s" value of type "%s" to type "%s".`, c.Display(v), TypeOf(v).String(), t.String())
}

// because is the error of a conversion that .NET refused.
func (c *Context) because(id string, v any, t *Type, msg string) *Error {
	e := castError(id, `Cannot convert value "%s" to type "%s". Error: "%s"`, c.Display(v), t.String(), msg)
	e.Inner = &Error{Type: MustType("System.FormatException"), Message: msg}
	return e
}

// convertible is Convert.ChangeType's refusal of an IConvertible value.
func (c *Context) convertible(v any, t *Type, full bool) *Error {
	from, to := TypeOf(v).Short(), t.Short()
	if full {
		from, to = TypeOf(v).FullName(), t.FullName()
	}
	return c.because("InvalidCastIConvertible", v, t, fmt.Sprintf("Invalid cast from '%s' to '%s'.", from, to))
}

// primitive reports whether Convert.ChangeType knows the type by its code.
func primitive(t *Type) bool {
	return t.IsNumeric() && t != BigIntType || t == CharType || t == BoolType || t == DateTimeType || t == StringType
}

func (c *Context) convert(v any, t *Type, cul *culture.Culture) (any, error) {
	if v == nil {
		return c.nullTo(t)
	}
	if t == ObjectType || t == PSObjectType {
		return v, nil
	}
	b := Base(v)
	from := TypeOf(b)
	if from == t {
		return b, nil
	}
	switch t {
	case StringType:
		return c.stringIn(v, cul), nil
	case BoolType:
		return Truth(b), nil
	case VoidType:
		return nil, nil
	case CustomType:
		return v, nil
	}
	if from.Is(t) {
		return b, nil
	}
	if r, ok := b.(*Ref); ok && t != RefType {
		return c.convert(r.Get(), t, cul)
	}
	switch {
	case t.IsNullable():
		return c.toNullable(v, b, t, cul)
	case t.IsEnum:
		return c.toEnum(b, t)
	case t.Elem != nil || t == ArrayType:
		return c.toArray(v, b, t, cul)
	case t.IsNumeric():
		return c.toNumber(b, t)
	}
	switch t {
	case CharType:
		return c.toChar(b)
	case SwitchType:
		if x, ok := b.(bool); ok {
			return Switch(x), nil
		}
	case DateTimeType, DateTimeOffsetType, TimeSpanType:
		if r, ok, err := c.toTime(b, t); ok || err != nil {
			return r, err
		}
	case HashtableType:
		if d, ok := b.(*Dict); ok {
			h := NewHashtable()
			for _, e := range d.Entries() {
				h.Set(e.Key, e.Value)
			}
			return h, nil
		}
	case RefType, MustType("System.Management.Automation.PSReference"):
		return &Ref{Get: func() any { return v }, Set: func(any) error { return nil }}, nil
	}
	if r, ok, err := c.toList(b, t, cul); ok || err != nil {
		return r, err
	}
	if r, ok, err := c.fromText(b, t); ok || err != nil {
		return r, err
	}
	if c.Make != nil {
		if r, ok, err := c.Make(c, b, t); ok || err != nil {
			return r, err
		}
	}
	switch x := b.(type) {
	case bool, Char, datetime.DateTime, Enum:
		return nil, c.convertible(b, t, !primitive(t) || t.IsNullable())
	case *Dict:
		return c.fromDict(x, t)
	case *Object:
		if x.Type == CustomType && creatable(t) {
			inner := c.invalid(v, t)
			return nil, c.because("InvalidCastConstructorException", v, t, inner.Message)
		}
	}
	return nil, c.invalid(v, t)
}

func (c *Context) stringIn(v any, cul *culture.Culture) string {
	if cul == culture.Invariant {
		return c.String(v)
	}
	switch b := Base(v).(type) {
	case *Array, *List, float64, float32:
		return c.String(v)
	default:
		return c.ToString(b, cul)
	}
}

func (c *Context) toNullable(v, b any, t *Type, cul *culture.Culture) (any, error) {
	switch b.(type) {
	case *Array, *List, *Type, *ScriptBlock, datetime.Span:
		if !TypeOf(b).Is(t.Args[0]) {
			return nil, c.invalid(v, t)
		}
	case *Dict, *Object:
		return nil, c.because("InvalidCastConstructorException", v, t, `Cannot process argument because the value of argument "obj" is null. Change the value of argument "obj" to a non-null value.`)
	}
	return c.convert(v, t.Args[0], cul)
}

func (c *Context) toNumber(b any, t *Type) (any, error) {
	id := "InvalidCastFromStringToInteger"
	switch t {
	case DoubleType, SingleType:
		id = "InvalidCastFromStringToDoubleOrSingle"
	case DecimalType:
		id = "InvalidCastFromStringToDecimal"
	}
	switch x := b.(type) {
	case string:
		n, msg := ParseNumber(x, t)
		if msg != "" {
			return nil, c.because(id, b, t, msg)
		}
		return n, nil
	case bool, Enum, Switch:
		if s, ok := b.(Switch); ok {
			b = bool(s)
		}
		n, msg := ToNumber(b, t)
		if msg == "" {
			return n, nil
		}
		return nil, c.because("InvalidCastIConvertible", b, t, msg)
	case Char:
		if t == DoubleType || t == SingleType {
			n, _ := ToNumber(b, t)
			return n, nil
		}
		n, msg := ToNumber(b, t)
		if msg == "" {
			return n, nil
		}
		return nil, c.because("InvalidCastIConvertible", b, t, msg)
	case datetime.DateTime:
		return nil, c.convertible(b, t, t == BigIntType)
	case *Dict:
		if t == DecimalType || t == BigIntType {
			return c.fromDict(x, t)
		}
	case *Object:
		if x.Type == CustomType && (t == DecimalType || t == BigIntType) {
			return nil, c.because("InvalidCastConstructorException", b, t, c.invalid(b, t).Message)
		}
	default:
		if IsNumber(b) {
			n, msg := ToNumber(b, t)
			if msg != "" {
				return nil, c.because("InvalidCastIConvertible", b, t, msg)
			}
			return n, nil
		}
	}
	return nil, c.invalid(b, t)
}

func (c *Context) toChar(b any) (any, error) {
	switch x := b.(type) {
	case string:
		if u := Units(x); len(u) == 1 {
			return Char(u[0]), nil
		}
		return nil, c.because("InvalidCastParseTargetInvocation", b, CharType, "String must be exactly one character long.")
	case bool, float64, float32, decimal.Decimal, datetime.DateTime:
		return nil, c.convertible(b, CharType, false)
	case Enum:
		return Char(x.Value), nil
	}
	if IsNumber(b) {
		n, msg := ToNumber(b, CharType)
		if msg != "" {
			return nil, c.because("InvalidCastIConvertible", b, CharType, msg)
		}
		return n, nil
	}
	return nil, c.invalid(b, CharType)
}

func (c *Context) toEnum(b any, t *Type) (any, error) {
	values := t.names(",")
	switch x := b.(type) {
	case bool, Char, datetime.DateTime:
		return nil, c.convertible(b, t, true)
	case Enum:
		return c.toEnum(x.Value, t)
	case float64, float32, decimal.Decimal:
		return c.enumFromText(b, c.String(b), t)
	case string:
		return c.enumFromText(b, x, t)
	case *Array:
		return c.enumFromText(b, strings.Join(c.texts(x.Items), ","), t)
	case *Dict:
		return nil, &Error{Type: InvalidCastType, ID: "ObjectCreationError", Message: fmt.Sprintf(`Cannot create object of type "%s". The property '%s' was not found for the '%s' object. The settable properties are: [value__ <System.Int32>].`, t.FullName(), c.firstKey(x), t.FullName())}
	case *Object:
		if x.Type == CustomType {
			return nil, c.because("InvalidCastConstructorException", b, t, c.invalid(b, t).Message)
		}
	}
	if i, big, ok := Integer(b); ok {
		if big == nil && t.defines(i) {
			return Enum{t, i}, nil
		}
		return nil, castError("UndefinedIntegerToEnum", `Cannot convert value "%s" to type "%s" due to enumeration values that are not valid. Specify one of the following enumeration values and try again. The possible enumeration values are "%s".`, c.Display(b), t.FullName(), values)
	}
	return nil, c.invalid(b, t)
}

func (c *Context) firstKey(d *Dict) string {
	for _, e := range d.Entries() {
		return c.String(e.Key)
	}
	return ""
}

func (c *Context) texts(items []any) (out []string) {
	for _, x := range items {
		out = append(out, c.String(x))
	}
	return out
}

func (t *Type) defines(n int64) bool {
	all := int64(0)
	for _, v := range t.Values {
		if v.Value == n {
			return true
		}
		all |= v.Value
	}
	return t.Flags && n&^all == 0 && n != 0
}

func (c *Context) enumFromText(orig any, s string, t *Type) (any, error) {
	trimmed := strings.TrimSpace(s)
	if n, err := strconv.ParseInt(trimmed, 10, 64); err == nil {
		if t.defines(n) {
			return Enum{t, n}, nil
		}
		return nil, castError("EnumParseUndefined", `Cannot convert value "%s" to type "%s" due to enumeration values that are not valid. Specify one of the following enumeration values and try again. The possible enumeration values are "%s".`, s, t.FullName(), t.names(","))
	}
	total := int64(0)
	for _, part := range strings.Split(trimmed, ",") {
		part = strings.TrimSpace(part)
		var hits []EnumValue
		for _, v := range t.Values {
			if strings.EqualFold(v.Name, part) {
				hits = []EnumValue{v}
				break
			}
			if len(part) <= len(v.Name) && strings.EqualFold(v.Name[:len(part)], part) {
				hits = append(hits, v)
			}
		}
		switch {
		case len(hits) == 0:
			msg := fmt.Sprintf("Unable to match the identifier name %s to a valid enumerator name. Specify one of the following enumerator names and try again:\n%s", part, t.names(", "))
			return nil, c.because("SubstringDisambiguationEnumParseThrewAnException", orig, t, msg)
		case len(hits) > 1:
			var names []string
			for _, h := range hits {
				names = append(names, h.Name)
			}
			msg := fmt.Sprintf("The identifier name %s cannot be processed because it is either too similar or identical to the following enumerator names: %s. Use a more specific identifier name.", part, strings.Join(names, ", "))
			return nil, c.because("SubstringDisambiguationEnumParseThrewAnException", orig, t, msg)
		}
		total |= hits[0].Value
	}
	return Enum{t, total}, nil
}

func (c *Context) toArray(v, b any, t *Type, cul *culture.Culture) (any, error) {
	elem := t.Elem
	if t == ArrayType {
		elem = ObjectType
	}
	if s, ok := b.(string); ok && elem == CharType {
		out := &Array{Elem: CharType}
		for _, u := range Units(s) {
			out.Items = append(out.Items, Char(u))
		}
		return out, nil
	}
	items, many := Items(b)
	if !many {
		switch b.(type) {
		case *Dict, *ScriptBlock, *Type, *Object, datetime.Span:
			if elem != ObjectType && elem != StringType && !TypeOf(b).Is(elem) {
				if o, ok := b.(*Object); !ok || o.Type != CustomType || elem != CustomType {
					if !creatable(elem) || elem.IsValue() {
						return nil, c.invalid(v, t)
					}
				}
			}
		case datetime.DateTime:
			if elem != ObjectType && elem != StringType && elem != DateTimeType {
				return nil, c.convertible(b, t, true)
			}
		}
		items = []any{v}
	}
	out := make([]any, len(items))
	for i, x := range items {
		r, err := c.convert(x, elem, cul)
		if err != nil {
			if !many {
				return nil, c.because("InvalidCastExceptionScalarToArray", v, t, err.Error())
			}
			e := castError("InvalidCastExceptionEnumerableToArray", `Cannot convert value "%s" to type "%s". Error: "%s"`, c.Display(v), t.String(), err.Error())
			return nil, e
		}
		out[i] = r
	}
	return &Array{Elem: elem, Items: out}, nil
}

func (c *Context) today() int64 { n := c.Now(); return n - n%datetime.TicksPerDay }

func (c *Context) toTime(b any, t *Type) (any, bool, error) {
	id := "InvalidCastParseTargetInvocationWithFormatProvider"
	switch x := b.(type) {
	case string, float64, float32, decimal.Decimal:
		s := c.String(x)
		if t == TimeSpanType {
			sp, msg := datetime.ParseSpan(s)
			if msg != "" {
				return nil, false, c.because(id, b, t, msg)
			}
			return sp, true, nil
		}
		p, err := datetime.Parse(s, c.today())
		if err != nil {
			return nil, false, c.because(id, b, t, err.Error())
		}
		if t == DateTimeType {
			return p.DateTime(), true, nil
		}
		return datetime.Offset{Ticks: p.Ticks, Minutes: p.Minutes}, true, nil
	case datetime.DateTime:
		if t == DateTimeOffsetType {
			return datetime.Offset{Ticks: x.Ticks}, true, nil
		}
	case datetime.Offset:
		if t == DateTimeType {
			return datetime.DateTime{Ticks: x.Ticks}, true, nil
		}
	case datetime.Span, bool, Enum:
	default:
		i, big, ok := Integer(b)
		if !ok || big != nil || t == DateTimeOffsetType {
			break
		}
		if t == TimeSpanType {
			return datetime.Span(i), true, nil
		}
		if i < 0 || i > datetime.MaxTicks {
			return nil, false, c.because("InvalidCastConstructorException", b, t, "Ticks must be between DateTime.MinValue.Ticks and DateTime.MaxValue.Ticks. (Parameter 'ticks')")
		}
		return datetime.DateTime{Ticks: i}, true, nil
	}
	return nil, false, nil
}

// toList converts to ArrayList, List`1 and the like.
func (c *Context) toList(b any, t *Type, cul *culture.Culture) (any, bool, error) {
	var elem *Type
	switch t.Name {
	case "System.Collections.ArrayList":
		switch x := b.(type) {
		case *Dict:
			l := &List{Type: t}
			for _, e := range x.Entries() {
				l.Items = append(l.Items, e)
			}
			return l, true, nil
		case Char:
			return &List{Type: t}, true, nil
		}
		if _, many := Items(b); !many {
			return nil, false, nil
		}
		elem = ObjectType
	case "System.Collections.Generic.List`1", "System.Collections.ObjectModel.Collection`1":
		if elem = t.Args[0]; elem == StringType {
			switch b.(type) {
			case bool, Char, datetime.DateTime:
				return nil, false, nil
			}
		}
	case "System.Collections.Generic.IEnumerable`1", "System.Collections.Generic.IList`1":
		r, err := c.toArray(b, b, t.Args[0].ArrayOf(1), cul)
		return r, err == nil, err
	case "System.Collections.IList", "System.Collections.ICollection", "System.Collections.IEnumerable":
		return NewArray(b), true, nil
	default:
		return nil, false, nil
	}
	items, many := Items(b)
	if !many {
		items = []any{b}
	}
	l := &List{Type: t}
	for _, x := range items {
		r, err := c.convert(x, elem, cul)
		if err != nil {
			return nil, false, c.because("InvalidCastConstructorException", b, t, err.Error())
		}
		l.Items = append(l.Items, r)
	}
	return l, true, nil
}

// fromText converts through a type's Parse or its constructor of a string.
func (c *Context) fromText(b any, t *Type) (any, bool, error) {
	s, isText := b.(string)
	if !isText {
		if !IsNumber(b) {
			return nil, false, nil
		}
		s = c.String(b)
	}
	switch t {
	case GuidType:
		g, ok := ParseGuid(s)
		if !ok {
			return nil, false, c.because("InvalidCastParseTargetInvocationWithFormatProvider", b, t, "Unrecognized Guid format.")
		}
		return g, true, nil
	case VersionType:
		v, msg := ParseVersion(s)
		if msg != "" {
			return nil, false, c.because("InvalidCastParseTargetInvocation", b, t, msg)
		}
		return v, true, nil
	case URIType:
		if msg := addressFault(s); msg != "" {
			return nil, false, c.because("InvalidCastConstructorException", b, t, msg)
		}
		return &URI{s}, true, nil
	case RegexType:
		r, err := CompileRegex(s, 0)
		if err != nil {
			return nil, false, c.because("InvalidCastConstructorException", b, t, err.Message)
		}
		return r, true, nil
	case TypeType, RuntimeType:
		if n, ok := parseType(s); ok {
			if r := Lookup(n, c.Type); r != nil {
				return r, true, nil
			}
		}
		return nil, false, castError("InvalidCastFromStringToType", `Cannot convert the "%s" value of type "System.String" to type "System.Type".`, s)
	case IPAddressType:
		ip, ok := parseIP(b, s)
		if !ok {
			return nil, false, c.because("InvalidCastParseTargetInvocation", b, t, "An invalid IP address was specified.")
		}
		return ip, true, nil
	}
	return nil, false, nil
}

// addressFault is why a text is no address of the web; one that names no host is
// not looked at.
func addressFault(s string) string {
	scheme, rest, ok := strings.Cut(s, "://")
	if lower := strings.ToLower(scheme); !ok || lower != "http" && lower != "https" {
		return ""
	}
	if n := strings.IndexAny(rest, "/?#"); n >= 0 {
		rest = rest[:n]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	host, port := rest, ""
	if n := strings.LastIndexByte(rest, ':'); n > strings.LastIndexByte(rest, ']') {
		host, port = rest[:n], rest[n+1:]
	}
	if host == "" || strings.HasPrefix(host, "[") != strings.HasSuffix(host, "]") || strings.ContainsAny(host, " <>\"\\") {
		return "Invalid URI: The hostname could not be parsed."
	}
	if n, err := strconv.Atoi(port); port != "" && (err != nil || n < 0 || n > 65535) {
		return "Invalid URI: Invalid port specified."
	}
	return ""
}

// ParseVersion reads a Version; msg is .NET's text if it is none.
func ParseVersion(s string) (v *Version, msg string) {
	f := strings.Split(s, ".")
	if len(f) < 2 || len(f) > 4 {
		return nil, "Version string portion was too short or too long. (Parameter 'input')"
	}
	n := [4]int{-1, -1, -1, -1}
	for i, part := range f {
		x, err := strconv.ParseInt(strings.TrimSpace(part), 10, 32)
		if err != nil {
			return nil, "The input string '" + part + "' was not in a correct format."
		}
		if x < 0 {
			return nil, fmt.Sprintf("input ('%d') must be a non-negative value. (Parameter 'input')\nActual value was %d.", x, x)
		}
		n[i] = int(x)
	}
	return &Version{n[0], n[1], n[2], n[3]}, ""
}

func parseIP(b any, s string) (*IPAddress, bool) {
	if i, _, ok := Integer(b); ok {
		return &IPAddress{fmt.Sprintf("%d.%d.%d.%d", i&255, i>>8&255, i>>16&255, i>>24&255)}, i >= 0
	}
	if n, err := strconv.ParseUint(s, 10, 32); err == nil {
		return &IPAddress{fmt.Sprintf("%d.%d.%d.%d", n>>24, n>>16&255, n>>8&255, n&255)}, true
	}
	parts := strings.Split(s, ".")
	if len(parts) != 4 {
		if strings.Count(s, ":") >= 2 && strings.Trim(strings.ToLower(s), "0123456789abcdef:.") == "" {
			return &IPAddress{strings.ToLower(s)}, true
		}
		return nil, false
	}
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 10, 8)
		if err != nil {
			return nil, false
		}
		parts[i] = strconv.Itoa(int(n))
	}
	return &IPAddress{strings.Join(parts, ".")}, true
}

// creatable reports whether the type has a constructor without parameters, so
// that a hashtable may set its properties.
func creatable(t *Type) bool {
	if t.IsValue() {
		return !t.IsNumeric() && t != CharType && t != BoolType || t == DecimalType || t == BigIntType
	}
	switch t {
	case StringType, URIType, RegexType, ScriptBlockType, TypeType, IPAddressType:
		return false
	}
	return t.Elem == nil
}

// fromDict makes an object whose properties are the dictionary's entries.
func (c *Context) fromDict(d *Dict, t *Type) (any, error) {
	if !creatable(t) {
		return nil, c.invalid(d, t)
	}
	if c.Construct != nil && !t.IsValue() {
		o, err := c.Construct(t, nil)
		if err != nil {
			return nil, c.invalid(d, t)
		}
		for _, e := range d.Entries() {
			name := c.String(e.Key)
			if err := c.SetMember(o, name, e.Value); err != nil {
				return nil, &Error{Type: InvalidCastType, ID: "ObjectCreationError", Message: fmt.Sprintf(`Cannot create object of type "%s". %s`, t.FullName(), err.Error())}
			}
		}
		return o, nil
	}
	return nil, &Error{Type: InvalidCastType, ID: "ObjectCreationError", Message: fmt.Sprintf(`Cannot create object of type "%s". The property '%s' was not found for the '%s' object. There is no settable property available.`, t.FullName(), c.firstKey(d), t.FullName())}
}

// CustomFrom makes a PSCustomObject of a dictionary's entries.
func (c *Context) CustomFrom(d *Dict) *Object {
	o := NewCustom()
	for _, e := range d.Entries() {
		o.Set(c.String(e.Key), e.Value)
	}
	return o
}

// Big returns an integer as a *big.Int.
func Big(v any) *big.Int {
	i, b, _ := Integer(v)
	if b != nil {
		return b
	}
	return big.NewInt(i)
}
