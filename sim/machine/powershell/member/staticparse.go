package member

import (
	"encoding/base64"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"

	"skylab/sim/machine/powershell/culture"
	"skylab/sim/machine/powershell/datetime"
	"skylab/sim/machine/powershell/decimal"
	"skylab/sim/machine/powershell/object"
)

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
	if try && len(a) > 1 && !e.refers(a[len(a)-1], t) {
		return nil, false, &object.Error{Type: object.MustType("System.Management.Automation.MethodException"), ID: "MethodCountCouldNotFindBest", Category: "NotSpecified", Message: fmt.Sprintf(`Cannot find an overload for "TryParse" and the argument count: "%d".`, len(a))}
	}
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
