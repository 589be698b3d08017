package culture

import (
	"math"
	"strconv"
	"strings"
)

// Style says what a number's text may hold.
type Style uint8

// The styles; blanks around a number are always allowed.
const (
	Sign      Style = 1 << iota // a sign before it
	Thousands                   // commas among the digits
	Point                       // digits after a point
	Exponent
	Currency // a currency sign and parentheses
	Any      = Sign | Thousands | Point | Exponent | Currency
	Float    = Sign | Point | Exponent
)

// Clean returns the text of a number as plain digits with sign, point and
// exponent; false if it is none.
func (c *Culture) Clean(s string, style Style) (string, bool) {
	s = strings.Trim(s, " \t\n\v\f\r\x00")
	neg, signed := false, false
	if style&Currency != 0 {
		if strings.HasPrefix(s, "(") && strings.HasSuffix(s, ")") {
			s, neg, signed = s[1:len(s)-1], true, true
		}
		s = strings.Replace(s, c.Currency, "", 1)
	}
	if style&Sign != 0 && !signed {
		for _, m := range []string{"-", "−", "+"} {
			if strings.HasPrefix(s, m) {
				s, neg, signed = s[len(m):], m != "+", true
				break
			}
		}
		if !signed && style&Currency != 0 && strings.HasSuffix(s, "-") {
			s, neg = s[:len(s)-1], true
		}
	}
	var b strings.Builder
	if neg {
		b.WriteByte('-')
	}
	digits, point := 0, false
	for i := 0; i < len(s); i++ {
		switch ch := s[i]; {
		case ch >= '0' && ch <= '9':
			digits++
			b.WriteByte(ch)
		case ch == ',' && style&Thousands != 0 && digits > 0 && !point:
		case ch == '.' && style&Point != 0 && !point:
			point = true
			b.WriteByte(ch)
		case (ch == 'e' || ch == 'E') && style&Exponent != 0 && digits > 0:
			e := strings.TrimPrefix(s[i+1:], "+")
			if _, err := strconv.Atoi(e); err != nil {
				return "", false
			}
			b.WriteString("e" + e)
			return b.String(), true
		default:
			return "", false
		}
	}
	return b.String(), digits > 0
}

// ParseFloat reads a double.
func (c *Culture) ParseFloat(s string, style Style) (float64, bool) {
	switch t := strings.ToLower(strings.TrimSpace(s)); t {
	case strings.ToLower(c.Infinity), "+" + strings.ToLower(c.Infinity):
		return math.Inf(1), true
	case "-" + strings.ToLower(c.Infinity):
		return math.Inf(-1), true
	case "nan", "-nan", "+nan":
		return math.NaN(), true
	}
	t, ok := c.Clean(s, style)
	if !ok {
		return 0, false
	}
	f, err := strconv.ParseFloat(t, 64)
	return f, err == nil || math.IsInf(f, 0)
}
