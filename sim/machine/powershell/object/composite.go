package object

import (
	"math/big"
	"strconv"
	"strings"

	"skylab/sim/machine/powershell/culture"
	"skylab/sim/machine/powershell/datetime"
	"skylab/sim/machine/powershell/decimal"
)

// The texts of .NET's FormatExceptions.
const (
	badSpecifier = "Format specifier was invalid."
	badInput     = "Input string was not in a correct format."
	badIndex     = "Index (zero based) must be greater than or equal to zero and less than the size of the argument list."
)

// Formattable is a Typed value that format strings apply to.
type Formattable interface {
	FormatValue(spec string, cul *culture.Culture) (string, bool)
}

// FormatValue writes a value by a format string, as ToString(spec) and {0:spec}
// do; msg is .NET's text if the string is none. Values that know no format
// strings read as always.
func (c *Context) FormatValue(v any, spec string, cul *culture.Culture) (s, msg string) {
	v = Base(v)
	var err error
	switch x := v.(type) {
	case int32, int64, float64, float32, decimal.Decimal, int8, int16, uint8, uint16, uint32, uint64, *big.Int:
		if s, err = cul.Format(x, spec); err != nil {
			return "", badSpecifier
		}
		return s, ""
	case datetime.DateTime:
		s, err = x.Format(spec, cul)
	case datetime.Offset:
		s, err = x.Format(spec, cul)
	case datetime.Span:
		s, err = x.Format(spec)
	case Guid:
		var ok bool
		if s, ok = x.Format(spec); !ok {
			return "", `Format string can be only "D", "d", "N", "n", "P", "p", "B", "b", "X" or "x".`
		}
		return s, ""
	case Enum:
		switch strings.ToLower(spec) {
		case "", "g", "f":
			return x.String(), ""
		case "d":
			return itoa(x.Value), ""
		case "x":
			s, _ = cul.Format(int32(x.Value), "X8")
			return s, ""
		}
		return "", `Format string can be only "G", "g", "X", "x", "F", "f", "D" or "d".`
	case Formattable:
		s, ok := x.FormatValue(spec, cul)
		if !ok {
			return "", badSpecifier
		}
		return s, ""
	default:
		return c.ToString(v, cul), ""
	}
	if err != nil {
		return "", badInput
	}
	return s, ""
}

// Composite is String.Format: {index,width:spec} stands for an argument, doubled
// braces for one.
func (c *Context) Composite(format string, args []any, cul *culture.Culture) (out, msg string) {
	var b strings.Builder
	fail := func(at int, why string) (string, string) {
		return "", badInput + " Failure to parse near offset " + strconv.Itoa(Len(format[:min(at, len(format))])) + ". " + why
	}
	for i := 0; i < len(format); {
		ch := format[i]
		if ch != '{' && ch != '}' {
			b.WriteByte(ch)
			i++
			continue
		}
		if i+1 < len(format) && format[i+1] == ch {
			b.WriteByte(ch)
			i += 2
			continue
		}
		if ch == '}' {
			return fail(i+1, "Unexpected closing brace without a corresponding opening brace.")
		}
		i++
		start := i
		for i < len(format) && format[i] >= '0' && format[i] <= '9' {
			i++
		}
		if i == start {
			if i >= len(format) {
				return fail(i, "Format item ends prematurely.")
			}
			return fail(i+1, "Expected an ASCII digit.")
		}
		n, err := strconv.Atoi(format[start:i])
		if err != nil || n > 1000000 {
			return "", badIndex
		}
		blanks := func() {
			for i < len(format) && format[i] == ' ' {
				i++
			}
		}
		blanks()
		width, left := 0, false
		if i < len(format) && format[i] == ',' {
			i++
			blanks()
			if i < len(format) && format[i] == '-' {
				left = true
				i++
			}
			start = i
			for i < len(format) && format[i] >= '0' && format[i] <= '9' {
				i++
			}
			if i == start {
				return fail(i+1, "Expected an ASCII digit.")
			}
			width, err = strconv.Atoi(format[start:i])
			if err != nil || width > 1000000 {
				return "", badInput
			}
			blanks()
		}
		spec := ""
		if i < len(format) && format[i] == ':' {
			start = i + 1
			j := strings.IndexAny(format[start:], "{}")
			if j < 0 {
				return fail(len(format), "Format item ends prematurely.")
			}
			if format[start+j] == '{' {
				return fail(start+j+1, "Unexpected opening brace inside a format item.")
			}
			spec = format[start : start+j]
			i = start + j
		}
		if i >= len(format) {
			return fail(i, "Format item ends prematurely.")
		}
		if format[i] != '}' {
			return fail(i+1, "Unexpected character.")
		}
		i++
		if n >= len(args) {
			return "", badIndex
		}
		s, msg := c.FormatValue(args[n], spec, cul)
		if msg != "" {
			return "", msg
		}
		pad := strings.Repeat(" ", max(0, width-Len(s)))
		if left {
			s += pad
		} else {
			s = pad + s
		}
		b.WriteString(s)
	}
	return b.String(), ""
}
