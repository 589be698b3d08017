package member

import (
	"encoding/base64"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"skylab/sim/machine/powershell/culture"
	"skylab/sim/machine/powershell/datetime"
	"skylab/sim/machine/powershell/decimal"
	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/operator"
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

// static calls a static method; name is in lower case.
func (e *Env) static(t *object.Type, name string, a []any) (any, bool, error) {
	switch t.Name {
	case "System.String":
		return e.staticString(name, a)
	case "System.Char":
		return staticChar(name, a)
	case "System.Math":
		return staticMath(name, a)
	case "System.Convert":
		return e.staticConvert(name, a)
	case "System.DateTime", "System.DateTimeOffset", "System.TimeSpan":
		return e.staticTime(t, name, a)
	case "System.Text.RegularExpressions.Regex":
		return e.staticRegex(name, a)
	case "System.Array":
		return e.staticArray(name, a)
	case "System.Enum":
		return e.staticEnum(name, a)
	case "System.IO.Path":
		return staticPath(name, a)
	case "System.Text.Encoding":
		switch name {
		case "getencoding":
			if enc, ok := encodingNamed(e.String(a[0])); ok {
				return enc, true, nil
			}
			return nil, true, object.Throw("System.ArgumentException", "'%s' is not a supported encoding name. For information on defining a custom encoding, see the documentation for the Encoding.RegisterProvider method. (Parameter 'name')", e.String(a[0]))
		}
	case "System.Guid":
		switch name {
		case "newguid":
			var g object.Guid
			for i := 0; i < 16; i += 8 {
				n := e.random()
				for j := range 8 {
					g[i+j] = byte(n >> (8 * j))
				}
			}
			g[6] = g[6]&0x0f | 0x40
			g[8] = g[8]&0x3f | 0x80
			return g, true, nil
		}
	case "System.Uri":
		switch name {
		case "escapedatastring":
			return escapeData(textOf(a[0]), ""), true, nil
		case "escapeuristring":
			return escapeData(textOf(a[0]), ":/?#[]@!$&'()*+,;="), true, nil
		case "unescapedatastring":
			return unescapeData(textOf(a[0])), true, nil
		case "iswellformeduristring":
			u, err := url.Parse(textOf(a[0]))
			return err == nil && u.Scheme != "" && !strings.ContainsAny(textOf(a[0]), " <>"), true, nil
		case "trycreate":
			u := &object.URI{Original: textOf(a[0])}
			if _, abs := parts(u); abs || intOf(a[1]) != 1 {
				if r, ok := a[2].(*object.Ref); ok {
					return true, true, r.Set(u)
				}
			}
			return false, true, nil
		}
	case "System.Net.WebUtility":
		return staticWebUtility(name, a)
	case "System.Environment":
		switch name {
		case "getenvironmentvariable":
			if e.Getenv != nil {
				if v, ok := e.Getenv(textOf(a[0])); ok {
					return v, true, nil
				}
			}
			return nil, true, nil
		}
	case "System.Management.Automation.ScriptBlock":
		if name == "create" && e.Parse != nil {
			sb, err := e.Parse(textOf(a[0]))
			return sb, true, err
		}
	case "System.Activator":
		if name == "createinstance" {
			if ty, ok := a[0].(*object.Type); ok {
				v, err := e.Construct(ty, a[1:])
				return v, true, err
			}
		}
	case "System.GC":
		return Void{}, true, nil
	case "System.Management.Automation.WildcardPattern":
		switch name {
		case "containswildcardcharacters":
			return object.HasWildcard(textOf(a[0])), true, nil
		case "escape":
			r := strings.NewReplacer("*", "`*", "?", "`?", "[", "`[", "]", "`]")
			return r.Replace(textOf(a[0])), true, nil
		case "unescape":
			return object.UnescapeWildcard(textOf(a[0])), true, nil
		}
	case "System.Globalization.CultureInfo":
		if name == "getcultureinfo" || name == "createspecificculture" {
			return e.cultureInfo(textOf(a[0])), true, nil
		}
	}
	switch name {
	case "parse", "tryparse":
		return e.parse(t, name == "tryparse", a)
	case "equals", "referenceequals":
		if len(a) == 2 {
			return e.Ops.Equal(a[0], a[1], false), true, nil
		}
	case "compare":
		if len(a) == 2 {
			c, err := e.Ops.Compare(a[0], a[1], false)
			return int32(c), true, err
		}
	case "isnan":
		f, _ := object.Float(a[0])
		return math.IsNaN(f), true, nil
	case "isinfinity":
		f, _ := object.Float(a[0])
		return math.IsInf(f, 0), true, nil
	case "pow":
		if b, ok := a[0].(*big.Int); ok {
			return new(big.Int).Exp(b, big.NewInt(int64(intOf(a[1]))), nil), true, nil
		}
	}
	if t.Name == "System.Decimal" {
		return e.staticDecimal(name, a)
	}
	return nil, false, nil
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

func (e *Env) random() uint64 {
	if e.Random != nil {
		return e.Random()
	}
	return rand.Uint64()
}

func (e *Env) staticString(name string, a []any) (any, bool, error) {
	switch name {
	case "isnullorempty":
		return textOf(a[0]) == "", true, nil
	case "isnullorwhitespace":
		return strings.TrimSpace(textOf(a[0])) == "", true, nil
	case "join":
		var parts []string
		for _, x := range a[1:] {
			if items, many := object.Items(x); many {
				for _, y := range items {
					parts = append(parts, e.Display(y))
				}
				continue
			}
			parts = append(parts, e.Display(x))
		}
		return strings.Join(parts, textOf(a[0])), true, nil
	case "concat":
		var b strings.Builder
		for _, x := range a {
			if items, many := object.Items(x); many {
				for _, y := range items {
					b.WriteString(e.Display(y))
				}
				continue
			}
			b.WriteString(e.Display(x))
		}
		return b.String(), true, nil
	case "format":
		f, args := textOf(a[0]), a[1:]
		if len(a) == 2 {
			if arr, ok := a[1].(*object.Array); ok {
				args = arr.Items
			}
		}
		s, msg := e.Composite(f, args, e.Culture)
		if msg != "" {
			return nil, true, object.Throw("System.FormatException", "%s", msg)
		}
		return s, true, nil
	case "compare":
		return int32(operator.CompareText(textOf(a[0]), textOf(a[1]), ignoring(a[2:]))), true, nil
	case "compareordinal":
		return int32(strings.Compare(textOf(a[0]), textOf(a[1]))), true, nil
	case "equals":
		return fold(textOf(a[0]), ignoring(a[2:])) == fold(textOf(a[1]), ignoring(a[2:])), true, nil
	case "copy", "intern":
		return a[0], true, nil
	}
	return nil, false, nil
}

func staticChar(name string, a []any) (any, bool, error) {
	c, ok := object.Base(a[0]).(object.Char)
	if !ok {
		u := object.Units(textOf(a[0]))
		i := 0
		if len(a) > 1 {
			i = intOf(a[1])
		}
		if i >= len(u) {
			return nil, true, outOfRange("index", "Index was out of range. Must be non-negative and less than the size of the collection.")
		}
		c = object.Char(u[i])
	}
	r := rune(c)
	switch name {
	case "toupper", "toupperinvariant":
		return object.Char(unicode.ToUpper(r)), true, nil
	case "tolower", "tolowerinvariant":
		return object.Char(unicode.ToLower(r)), true, nil
	case "isdigit":
		return unicode.IsDigit(r), true, nil
	case "isnumber":
		return unicode.IsNumber(r), true, nil
	case "isletter":
		return unicode.IsLetter(r), true, nil
	case "isletterordigit":
		return unicode.IsLetter(r) || unicode.IsDigit(r), true, nil
	case "isupper":
		return unicode.IsUpper(r), true, nil
	case "islower":
		return unicode.IsLower(r), true, nil
	case "iswhitespace":
		return unicode.IsSpace(r), true, nil
	case "ispunctuation":
		return unicode.IsPunct(r), true, nil
	case "issymbol":
		return unicode.IsSymbol(r), true, nil
	case "iscontrol":
		return unicode.IsControl(r), true, nil
	case "getnumericvalue":
		if r >= '0' && r <= '9' {
			return float64(r - '0'), true, nil
		}
		return float64(-1), true, nil
	case "convertfromutf32":
		return string(rune(intOf(a[0]))), true, nil
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

var convertTo = map[string]*object.Type{
	"toint32": object.Int32Type, "toint64": object.Int64Type, "toint16": object.Int16Type, "tobyte": object.ByteType, "tosbyte": object.SByteType,
	"touint16": object.UInt16Type, "touint32": object.UInt32Type, "touint64": object.UInt64Type, "todouble": object.DoubleType, "tosingle": object.SingleType,
	"todecimal": object.DecimalType, "toboolean": object.BoolType, "tochar": object.CharType, "todatetime": object.DateTimeType,
}

func bytesOf(v any) []byte {
	items, _ := object.Items(v)
	out := make([]byte, len(items))
	for i, x := range items {
		n, _, _ := object.Integer(object.Base(x))
		out[i] = byte(n)
	}
	return out
}

func byteArray(b []byte) *object.Array {
	a := &object.Array{Elem: object.ByteType, Items: make([]any, len(b))}
	for i, x := range b {
		a.Items[i] = x
	}
	return a
}

func (e *Env) staticConvert(name string, a []any) (any, bool, error) {
	switch name {
	case "tobase64string":
		b := bytesOf(a[0])
		s := base64.StdEncoding.EncodeToString(b)
		if len(a) > 1 {
			if en, ok := a[len(a)-1].(object.Enum); ok && en.Value == 1 {
				var lines []string
				for len(s) > 76 {
					lines, s = append(lines, s[:76]), s[76:]
				}
				s = strings.Join(append(lines, s), "\r\n")
			}
		}
		return s, true, nil
	case "frombase64string":
		clean := strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) {
				return -1
			}
			return r
		}, textOf(a[0]))
		b, err := base64.StdEncoding.DecodeString(clean)
		if err != nil {
			return nil, true, object.Throw("System.FormatException", "The input is not a valid Base-64 string as it contains a non-base 64 character, more than two padding characters, or an illegal character among the padding characters.")
		}
		return byteArray(b), true, nil
	case "tohexstring":
		return strings.ToUpper(fmt.Sprintf("%x", bytesOf(a[0]))), true, nil
	case "fromhexstring":
		s := textOf(a[0])
		var out []byte
		for i := 0; i+1 < len(s); i += 2 {
			n, err := strconv.ParseUint(s[i:i+2], 16, 8)
			if err != nil {
				return nil, true, object.Throw("System.FormatException", "The input is not a valid hex string as it contains a non-hex character.")
			}
			out = append(out, byte(n))
		}
		return byteArray(out), true, nil
	case "tostring":
		if len(a) == 2 {
			if base, ok := a[1].(int32); ok && (base == 2 || base == 8 || base == 16) {
				n, _, _ := object.Integer(a[0])
				switch a[0].(type) {
				case int32:
					return strconv.FormatUint(uint64(uint32(n)), int(base)), true, nil
				case int16:
					return strconv.FormatUint(uint64(uint16(n)), int(base)), true, nil
				}
				return strconv.FormatUint(uint64(n), int(base)), true, nil
			}
		}
		return e.Display(a[0]), true, nil
	case "changetype":
		if t, ok := a[1].(*object.Type); ok {
			v, err := e.Convert(a[0], t)
			return v, true, err
		}
	case "isdbnull":
		return false, true, nil
	}
	t, ok := convertTo[name]
	if !ok {
		return nil, false, nil
	}
	if len(a) == 2 {
		if base, isBase := a[1].(int32); isBase {
			s := strings.TrimSpace(textOf(a[0]))
			if base == 16 {
				s = strings.TrimPrefix(strings.TrimPrefix(s, "0x"), "0X")
			}
			n, err := strconv.ParseUint(s, int(base), 64)
			if err != nil {
				return nil, true, object.Throw("System.FormatException", "Could not find any recognizable digits.")
			}
			switch t {
			case object.Int32Type:
				return int32(uint32(n)), true, nil
			case object.Int64Type:
				return int64(n), true, nil
			case object.Int16Type:
				return int16(uint16(n)), true, nil
			}
			v, msg := object.ToNumber(new(big.Int).SetUint64(n), t)
			if msg != "" {
				return nil, true, object.Throw("System.OverflowException", "%s", msg)
			}
			return v, true, nil
		}
	}
	if s, isText := a[0].(string); isText {
		if t == object.BoolType {
			switch strings.ToLower(strings.TrimSpace(s)) {
			case "true":
				return true, true, nil
			case "false":
				return false, true, nil
			}
			return nil, true, object.Throw("System.FormatException", "String '%s' was not recognized as a valid Boolean.", s)
		}
		return e.parse(t, false, a[:1])
	}
	if t == object.BoolType {
		return object.Truth(a[0]), true, nil
	}
	if _, isNum := object.Float(a[0]); isNum && t.IsNumeric() {
		v, msg := object.ToNumber(a[0], t)
		if msg != "" {
			return nil, true, object.Throw("System.OverflowException", "%s", msg)
		}
		return v, true, nil
	}
	v, err := e.Convert(a[0], t)
	return v, true, err
}

// parse is Parse and TryParse of a type.
func (e *Env) parse(t *object.Type, try bool, a []any) (any, bool, error) {
	s := textOf(a[0])
	var v any
	var err error
	bad := func(format string, args ...any) { err = object.Throw("System.FormatException", format, args...) }
	cul := e.Culture
	switch {
	case t.IsInteger() || t == object.BigIntType:
		style := culture.Sign
		for _, x := range a[1:] {
			if en, ok := x.(object.Enum); ok && en.Value&512 != 0 {
				n, perr := strconv.ParseUint(s, 16, 64)
				if perr != nil {
					bad("The input string '%s' was not in a correct format.", s)
				} else {
					v, _ = object.ToNumber(new(big.Int).SetUint64(n), t)
				}
				style = 0
			}
		}
		if style == 0 {
			break
		}
		if c, ok := cul.Clean(s, style); ok {
			b, _ := new(big.Int).SetString(strings.TrimPrefix(c, "+"), 10)
			var msg string
			if v, msg = object.ToNumber(b, t); msg != "" {
				err = object.Throw("System.OverflowException", "%s", msg)
			}
		} else if t == object.BigIntType {
			bad("The value could not be parsed.")
		} else {
			bad("The input string '%s' was not in a correct format.", s)
		}
	case t == object.DoubleType || t == object.SingleType:
		f, ok := cul.ParseFloat(s, culture.Float|culture.Thousands)
		if !ok {
			bad("The input string '%s' was not in a correct format.", s)
		}
		v = f
		if t == object.SingleType {
			v = float32(f)
		}
	case t == object.DecimalType:
		c, ok := cul.Clean(s, culture.Sign|culture.Thousands|culture.Point)
		d, good := decimal.Parse(c)
		if !ok || !good {
			bad("The input string '%s' was not in a correct format.", s)
		}
		v = d
	case t == object.BoolType:
		switch strings.ToLower(strings.TrimSpace(s)) {
		case "true":
			v = true
		case "false":
			v = false
		default:
			bad("String '%s' was not recognized as a valid Boolean.", s)
		}
	case t == object.GuidType:
		g, ok := object.ParseGuid(s)
		if !ok {
			bad("Unrecognized Guid format.")
		}
		v = g
	case t == object.VersionType:
		x, msg := object.ParseVersion(s)
		if msg != "" {
			err = object.Throw("System.ArgumentException", "%s", msg)
		}
		v = x
	case t == object.CharType:
		u := object.Units(s)
		if len(u) != 1 {
			bad("String must be exactly one character long.")
		} else {
			v = object.Char(u[0])
		}
	case t == object.TimeSpanType:
		x, msg := datetime.ParseSpan(s)
		if msg != "" {
			bad("%s", msg)
		}
		v = x
	case t == object.DateTimeType || t == object.DateTimeOffsetType:
		now := e.Now()
		p, perr := datetime.Parse(s, now-now%datetime.TicksPerDay)
		if perr != nil {
			bad("%s", perr)
			break
		}
		if t == object.DateTimeType {
			v = p.DateTime()
			for _, x := range a[1:] {
				if en, ok := x.(object.Enum); ok && p.HasZone && (en.Value&16 != 0 || en.Value&128 != 0 && p.Minutes == 0) {
					d := v.(datetime.DateTime)
					d.Kind = datetime.UTC
					v = d
				}
			}
		} else {
			v = datetime.Offset{Ticks: p.Ticks, Minutes: p.Minutes}
		}
	default:
		x, cerr := e.Convert(s, t)
		if cerr != nil {
			bad("%s", cerr)
		}
		v = x
	}
	if !try {
		return v, true, err
	}
	r, ok := a[len(a)-1].(*object.Ref)
	if !ok {
		return nil, false, nil
	}
	if err != nil {
		zero, _ := e.Convert(nil, t)
		if zero == nil && t.IsValue() {
			zero = defaultOf(t)
		}
		return false, true, r.Set(zero)
	}
	return true, true, r.Set(v)
}

func defaultOf(t *object.Type) any {
	switch t {
	case object.DateTimeType:
		return datetime.DateTime{}
	case object.DateTimeOffsetType:
		return datetime.Offset{}
	case object.TimeSpanType:
		return datetime.Span(0)
	case object.GuidType:
		return object.Guid{}
	case object.BigIntType:
		return big.NewInt(0)
	}
	return nil
}

func (e *Env) staticTime(t *object.Type, name string, a []any) (any, bool, error) {
	switch name {
	case "daysinmonth":
		y, m := intOf(a[0]), intOf(a[1])
		if m < 1 || m > 12 {
			return nil, true, outOfRange("month", "Month must be between one and twelve.")
		}
		return int32(datetime.DaysIn(y, m)), true, nil
	case "isleapyear":
		return datetime.IsLeap(intOf(a[0])), true, nil
	case "fromunixtimeseconds":
		n, _, _ := object.Integer(a[0])
		return datetime.Offset{Ticks: datetime.FromUnix(n, 0)}, true, nil
	case "fromunixtimemilliseconds":
		n, _, _ := object.Integer(a[0])
		return datetime.Offset{Ticks: datetime.UnixEpoch + n*datetime.TicksPerMillisecond}, true, nil
	case "fromfiletime", "fromfiletimeutc":
		n, _, _ := object.Integer(a[0])
		return datetime.DateTime{Ticks: n + 504911232000000000, Kind: datetime.Local}, true, nil
	case "fromoadate":
		f, _ := object.Float(a[0])
		return datetime.DateTime{Ticks: 599264352000000000 + int64(f*datetime.TicksPerDay)}, true, nil
	case "specifykind":
		d := a[0].(datetime.DateTime)
		d.Kind = datetime.Kind(a[1].(object.Enum).Value)
		return d, true, nil
	case "fromdays", "fromhours", "fromminutes", "fromseconds", "frommilliseconds":
		unit := map[string]float64{"fromdays": datetime.TicksPerDay, "fromhours": datetime.TicksPerHour, "fromminutes": datetime.TicksPerMinute, "fromseconds": datetime.TicksPerSecond, "frommilliseconds": datetime.TicksPerMillisecond}[name]
		f, _ := object.Float(a[0])
		return datetime.Span(math.Round(f * unit)), true, nil
	case "fromticks":
		n, _, _ := object.Integer(a[0])
		return datetime.Span(n), true, nil
	case "parse", "tryparse":
		return e.parse(t, name == "tryparse", a)
	case "parseexact", "tryparseexact":
		return e.parseExact(t, name == "tryparseexact", a)
	case "compare":
		c, err := e.Ops.Compare(a[0], a[1], false)
		return int32(c), true, err
	}
	return nil, false, nil
}

func (e *Env) parseExact(t *object.Type, try bool, a []any) (any, bool, error) {
	s := textOf(a[0])
	formats := []string{textOf(a[1])}
	if items, many := object.Items(a[1]); many {
		formats = nil
		for _, x := range items {
			formats = append(formats, textOf(x))
		}
	}
	for _, f := range formats {
		if d, ok := datetime.ParseExact(s, f, e.Culture); ok {
			var v any = d.DateTime()
			if t == object.DateTimeOffsetType {
				v = datetime.Offset{Ticks: d.Ticks, Minutes: d.Minutes}
			}
			if try {
				return true, true, a[len(a)-1].(*object.Ref).Set(v)
			}
			return v, true, nil
		}
	}
	if try {
		return false, true, a[len(a)-1].(*object.Ref).Set(defaultOf(t))
	}
	return nil, true, object.Throw("System.FormatException", "String '%s' was not recognized as a valid DateTime.", s)
}

func (e *Env) staticArray(name string, a []any) (any, bool, error) {
	arr, _ := object.Base(a[0]).(*object.Array)
	switch name {
	case "indexof":
		if arr != nil {
			return int32(e.find(arr.Items, a[1])), true, nil
		}
	case "reverse":
		if arr != nil {
			for i, j := 0, len(arr.Items)-1; i < j; i, j = i+1, j-1 {
				arr.Items[i], arr.Items[j] = arr.Items[j], arr.Items[i]
			}
		}
		return Void{}, true, nil
	case "sort":
		if arr != nil {
			return Void{}, true, e.sort(arr.Items)
		}
	case "createinstance":
		if t, ok := a[0].(*object.Type); ok {
			return newArray(t, intOf(a[1])), true, nil
		}
	case "copy":
		if dst, ok := object.Base(a[1]).(*object.Array); ok && arr != nil {
			copy(dst.Items, arr.Items[:min(intOf(a[2]), len(arr.Items))])
		}
		return Void{}, true, nil
	case "clear":
		if arr != nil {
			for i := range arr.Items {
				arr.Items[i] = nil
			}
		}
		return Void{}, true, nil
	}
	return nil, false, nil
}

func (e *Env) staticEnum(name string, a []any) (any, bool, error) {
	t, ok := object.Base(a[0]).(*object.Type)
	if !ok || !t.IsEnum {
		return nil, false, nil
	}
	switch name {
	case "getnames":
		var names []string
		for _, v := range t.Values {
			names = append(names, v.Name)
		}
		return object.Strings(names), true, nil
	case "getvalues":
		arr := &object.Array{Elem: t}
		for _, v := range t.Values {
			arr.Items = append(arr.Items, object.Enum{Type: t, Value: v.Value})
		}
		return arr, true, nil
	case "getname":
		n, _, _ := object.Integer(object.Base(a[1]))
		for _, v := range t.Values {
			if v.Value == n {
				return v.Name, true, nil
			}
		}
		return nil, true, nil
	case "isdefined":
		for _, v := range t.Values {
			if n, _, isInt := object.Integer(object.Base(a[1])); isInt && v.Value == n || v.Name == textOf(a[1]) {
				return true, true, nil
			}
		}
		return false, true, nil
	case "parse":
		ignore := len(a) > 2 && object.Truth(a[2])
		total := int64(0)
		for _, p := range strings.Split(textOf(a[1]), ",") {
			p = strings.TrimSpace(p)
			found := false
			for _, v := range t.Values {
				if v.Name == p || ignore && strings.EqualFold(v.Name, p) {
					total |= v.Value
					found = true
				}
			}
			if n, err := strconv.ParseInt(p, 10, 64); err == nil {
				total, found = n, true
			}
			if !found {
				return nil, true, object.Throw("System.ArgumentException", "Requested value '%s' was not found.", p)
			}
		}
		return object.Enum{Type: t, Value: total}, true, nil
	case "toobject":
		n, _, _ := object.Integer(object.Base(a[1]))
		return object.Enum{Type: t, Value: n}, true, nil
	}
	return nil, false, nil
}

func staticPath(name string, a []any) (any, bool, error) {
	p := textOf(a[0])
	slash := strings.LastIndexAny(p, "/\\")
	file := p[slash+1:]
	dot := strings.LastIndexByte(file, '.')
	switch name {
	case "getextension":
		if dot < 0 || dot == len(file)-1 {
			return "", true, nil
		}
		return file[dot:], true, nil
	case "getfilename":
		return file, true, nil
	case "getfilenamewithoutextension":
		if dot < 0 {
			return file, true, nil
		}
		return file[:dot], true, nil
	case "getdirectoryname":
		if slash < 0 {
			return "", true, nil
		}
		if slash == 0 {
			return "/", true, nil
		}
		return p[:slash], true, nil
	case "combine":
		var list []string
		for _, x := range a {
			if items, many := object.Items(x); many {
				for _, y := range items {
					list = append(list, textOf(y))
				}
				continue
			}
			list = append(list, textOf(x))
		}
		out := ""
		for _, x := range list {
			switch {
			case x == "":
			case out == "" || strings.HasPrefix(x, "/"):
				out = x
			case strings.HasSuffix(out, "/") || strings.HasSuffix(out, "\\"):
				out += x
			default:
				out += "/" + x
			}
		}
		return out, true, nil
	case "changeextension":
		base := p
		if dot >= 0 {
			base = p[:slash+1+dot]
		}
		ext := textOf(a[1])
		if ext != "" && !strings.HasPrefix(ext, ".") {
			ext = "." + ext
		}
		return base + ext, true, nil
	case "hasextension":
		return dot >= 0 && dot < len(file)-1, true, nil
	case "ispathrooted":
		return strings.HasPrefix(p, "/") || strings.HasPrefix(p, "\\"), true, nil
	case "gettemppath":
		return "/tmp/", true, nil
	case "join":
		return staticPath("combine", a)
	}
	return nil, false, nil
}

var htmlNames = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\"", "&quot;", "'", "&#39;")

func staticWebUtility(name string, a []any) (any, bool, error) {
	s := textOf(a[0])
	switch name {
	case "urlencode":
		if a[0] == nil {
			return nil, true, nil
		}
		return strings.ReplaceAll(strings.ReplaceAll(escapeData(s, " !*()"), " ", "+"), "~", "%7E"), true, nil
	case "urldecode":
		return unescapeData(strings.ReplaceAll(s, "+", " ")), true, nil
	case "htmlencode":
		var b strings.Builder
		for _, r := range htmlNames.Replace(s) {
			if r >= 160 && r < 256 {
				fmt.Fprintf(&b, "&#%d;", r)
				continue
			}
			b.WriteRune(r)
		}
		return b.String(), true, nil
	case "htmldecode":
		return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", "\"", "&#39;", "'", "&amp;", "&", "&nbsp;", "\u00a0").Replace(s), true, nil
	}
	return nil, false, nil
}
