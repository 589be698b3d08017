package template

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"skylab/sim/ojson"
)

// format is .NET's composite formatting: {index[,width][:format]}.
func format(c *call) (any, error) {
	layout, err := c.str(0)
	if err != nil {
		return nil, err
	}
	bad := func(why string) error {
		return failf("Unable to evaluate language function 'format': the format is invalid: '%s'. Please see https://aka.ms/arm-function-format for usage details.", why)
	}
	const wrong = "Input string was not in a correct format."
	var b strings.Builder
	for i := 0; i < len(layout); i++ {
		ch := layout[i]
		if ch != '{' && ch != '}' {
			b.WriteByte(ch)
			continue
		}
		if i+1 < len(layout) && layout[i+1] == ch {
			b.WriteByte(ch)
			i++
			continue
		}
		end := strings.IndexByte(layout[i:], '}')
		if ch == '}' || end < 0 {
			return nil, bad(wrong)
		}
		item, spec, _ := strings.Cut(layout[i+1:i+end], ":")
		i += end
		item, width, padded := strings.Cut(item, ",")
		n, err := strconv.Atoi(strings.TrimSpace(item))
		if err != nil || n < 0 {
			return nil, bad(wrong)
		}
		if n+1 >= len(c.args) {
			return nil, bad("Index (zero based) must be greater than or equal to zero and less than the size of the argument list.")
		}
		s, ok := formatted(c.args[n+1], spec)
		if !ok {
			if known, real := numberSpec(spec); real {
				return nil, &Error{Code: NotSimulated, Message: "skylab: the format '" + known + "' of the template function format is real but not simulated here"}
			}
			return nil, bad("Format specifier was invalid.")
		}
		if padded {
			w, err := strconv.Atoi(strings.TrimSpace(width))
			if err != nil || w > maxPad || w < -maxPad {
				return nil, bad(wrong)
			}
			gap := strings.Repeat(" ", max(0, int(math.Abs(float64(w)))-len(units(s))))
			if w < 0 {
				s += gap
			} else {
				s = gap + s
			}
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

// formatted prints one value; objects and arrays are JSON in single quotes.
func formatted(v any, spec string) (string, bool) {
	switch v := v.(type) {
	case int64:
		return formatInt(v, spec)
	case json.Number:
		f, err := v.Float64()
		if err != nil || spec == "" {
			return v.String(), err == nil
		}
		return formatFloat(f, spec)
	case []any, *ojson.Object:
		return strings.ReplaceAll(printed(v), `"`, `'`), true
	}
	return printed(v), true
}

// numberSpec tells .NET's formats of a letter and a precision.
func numberSpec(spec string) (string, bool) {
	if spec == "" || !strings.ContainsRune("cCeEpPrR", rune(spec[0])) {
		return spec, false
	}
	_, err := strconv.Atoi("0" + spec[1:])
	return spec, err == nil
}

func formatInt(n int64, spec string) (string, bool) {
	if spec == "" {
		return strconv.FormatInt(n, 10), true
	}
	precision, err := strconv.Atoi("0" + spec[1:])
	if letter := spec[0]; err == nil && precision <= 99 {
		sign, digits := "", strconv.FormatInt(n, 10)
		if n < 0 {
			sign, digits = "-", digits[1:]
		}
		switch letter {
		case 'd', 'D':
			return sign + strings.Repeat("0", max(0, precision-len(digits))) + digits, true
		case 'x', 'X':
			s := strconv.FormatUint(uint64(n), 16)
			if n < 0 && n >= math.MinInt32 {
				s = strconv.FormatUint(uint64(uint32(n)), 16)
			}
			s = strings.Repeat("0", max(0, precision-len(s))) + s
			if letter == 'X' {
				s = strings.ToUpper(s)
			}
			return s, true
		case 'g', 'G':
			return sign + digits, true
		}
	}
	return formatFloat(float64(n), spec)
}

func formatFloat(f float64, spec string) (string, bool) {
	precision, err := strconv.Atoi(spec[1:])
	if err != nil {
		precision = 2
	}
	if (err == nil || len(spec) == 1) && precision >= 0 && precision <= 99 {
		switch spec[0] {
		case 'f', 'F':
			return strconv.FormatFloat(f, 'f', precision, 64), true
		case 'n', 'N':
			return grouped3(strconv.FormatFloat(f, 'f', precision, 64)), true
		case 'g', 'G':
			if err != nil || precision == 0 {
				precision = -1
			}
			return strconv.FormatFloat(f, 'g', precision, 64), true
		}
	}
	return picture(f, spec)
}

// grouped3 puts a comma before each three digits.
func grouped3(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	whole, frac, dotted := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if dotted {
		whole += "." + frac
	}
	return sign + whole
}

// picture prints a number in a format of 0, #, a comma and a point.
func picture(f float64, spec string) (string, bool) {
	if strings.Trim(spec, "0#,.") != "" || strings.Count(spec, ".") > 1 || !strings.ContainsAny(spec, "0#") {
		return "", false
	}
	whole, frac, _ := strings.Cut(spec, ".")
	s := strconv.FormatFloat(math.Abs(f), 'f', len(frac), 64)
	digits, decimals, _ := strings.Cut(s, ".")
	places := strings.ReplaceAll(whole, ",", "")
	if at := strings.IndexByte(places, '0'); at >= 0 {
		digits = strings.Repeat("0", max(0, len(places)-at-len(digits))) + digits
	} else if digits == "0" {
		digits = ""
	}
	if strings.Contains(whole, ",") {
		digits = grouped3(digits)
	}
	for strings.HasSuffix(decimals, "0") && strings.HasSuffix(frac[:len(decimals)], "#") {
		decimals = decimals[:len(decimals)-1]
	}
	if decimals != "" {
		digits += "." + decimals
	}
	if f < 0 {
		digits = "-" + digits
	}
	return digits, true
}
