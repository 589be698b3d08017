package culture

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"skylab/sim/machine/powershell/decimal"
)

// digits is a number as its decimal digits: 0.d1d2d3… × 10^exp.
type digits struct {
	neg bool
	d   string
	exp int
}

// kind is how a number behaves when it is formatted.
type kind uint8

const (
	integer kind = iota
	fixed        // decimal
	floating
)

func trimZeros(s string) string { return strings.TrimRight(s, "0") }

// split returns the digits of a decimal string like -12.340.
func split(s string) digits {
	var n digits
	if strings.HasPrefix(s, "-") {
		n.neg, s = true, s[1:]
	}
	whole, frac, _ := strings.Cut(s, ".")
	whole = strings.TrimLeft(whole, "0")
	n.exp = len(whole)
	n.d = whole + frac
	if whole == "" {
		t := strings.TrimLeft(frac, "0")
		n.exp = len(t) - len(frac)
		n.d = t
	}
	if n.d == "" {
		n.exp = 0
	}
	return n
}

func fromFloat(f float64, prec, bits int) digits {
	s := strconv.FormatFloat(f, 'e', prec, bits)
	mant, e, _ := strings.Cut(s, "e")
	exp, _ := strconv.Atoi(e)
	n := digits{neg: strings.HasPrefix(mant, "-")}
	n.d = trimZeros(strings.Replace(strings.TrimPrefix(mant, "-"), ".", "", 1))
	n.exp = exp + 1
	if n.d == "" {
		n.exp = 0
	}
	return n
}

// round rounds to n digits, half away from zero, and drops trailing zeros.
func (n digits) round(count int) digits {
	if count < 0 {
		return digits{neg: n.neg}
	}
	if count >= len(n.d) {
		n.d = trimZeros(n.d)
		if n.d == "" {
			n.exp = 0
		}
		return n
	}
	up := n.d[count] >= '5'
	b := []byte(n.d[:count])
	if up {
		i := count - 1
		for ; i >= 0; i-- {
			if b[i] != '9' {
				b[i]++
				break
			}
			b[i] = '0'
		}
		if i < 0 {
			return digits{n.neg, "1", n.exp + 1}
		}
	}
	n.d = trimZeros(string(b))
	if n.d == "" {
		n.exp = 0
	}
	return n
}

// at returns the digit at a position: 1 is the first after the point.
func (n digits) at(pos int) byte {
	i := n.exp + pos - 1
	if i >= 0 && i < len(n.d) {
		return n.d[i]
	}
	return '0'
}

// fixedPoint writes the number with prec digits after the point, in groups of
// three if asked.
func (n digits) fixedPoint(prec int, group bool) string {
	var b strings.Builder
	if n.exp <= 0 {
		b.WriteByte('0')
	}
	for i := 0; i < n.exp; i++ {
		if group && i > 0 && (n.exp-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(n.at(i - n.exp + 1))
	}
	if prec > 0 {
		b.WriteByte('.')
		for i := 1; i <= prec; i++ {
			b.WriteByte(n.at(i))
		}
	}
	return b.String()
}

// scientific writes the number with its exponent of at least width digits.
func (n digits) scientific(prec int, e byte, width int) string {
	var b strings.Builder
	d := n.d
	if d == "" {
		d = "0"
	}
	b.WriteByte(d[0])
	if prec > 0 {
		b.WriteByte('.')
		for i := 1; i <= prec; i++ {
			if i < len(d) {
				b.WriteByte(d[i])
			} else {
				b.WriteByte('0')
			}
		}
	}
	exp := n.exp - 1
	if n.d == "" {
		exp = 0
	}
	b.WriteByte(e)
	b.WriteString(exponent(exp, true, width))
	return b.String()
}

func exponent(exp int, plus bool, width int) string {
	sign := ""
	if exp < 0 {
		sign, exp = "-", -exp
	} else if plus {
		sign = "+"
	}
	s := strconv.Itoa(exp)
	return sign + strings.Repeat("0", max(0, width-len(s))) + s
}

// Special returns the text of a NaN or an infinity.
func (c *Culture) Special(f float64) (string, bool) {
	switch {
	case math.IsNaN(f):
		return "NaN", true
	case math.IsInf(f, 1):
		return c.Infinity, true
	case math.IsInf(f, -1):
		return "-" + c.Infinity, true
	}
	return "", false
}

// Format writes a number: any integer of Go, *big.Int, decimal.Decimal, float32
// or float64.
func (c *Culture) Format(v any, spec string) (string, error) {
	var n digits
	k, bits, prec15 := integer, 0, 0
	var f float64
	switch v := v.(type) {
	case float64:
		f, k, bits, prec15 = v, floating, 64, 15
	case float32:
		f, k, bits, prec15 = float64(v), floating, 32, 7
	case decimal.Decimal:
		k = fixed
		n = split(v.String())
	case *big.Int:
		n = split(v.String())
	default:
		n = split(intText(v))
	}
	if k == floating {
		if s, ok := c.Special(f); ok {
			return s, nil
		}
	}
	letter, prec, standard := parseSpec(spec)
	if !standard {
		if k == floating {
			n = fromFloat(f, prec15-1, bits)
		}
		return c.custom(n, spec), nil
	}
	if k == floating {
		switch up := letter &^ 0x20; {
		case up == 'R' || up == 'G' && prec < 0:
			n = fromFloat(f, -1, bits)
			return sign(n, general(n, max(len(n.d), map[int]int{64: 17, 32: 9}[bits]), letter)), nil
		case up == 'G':
			n = fromFloat(f, max(prec, 1)-1, bits)
		case up == 'E':
			if prec < 0 {
				prec = 6
			}
			n = fromFloat(f, prec, bits)
		default:
			// The exact value, rounded half to even at the digit asked for.
			p := prec
			switch {
			case p >= 0:
			case up == 'C':
				p = 2
			case up == 'P':
				p = c.PercentDecimals
			default:
				p = c.Decimals
			}
			if up == 'P' {
				p += 2
			}
			n = split(strconv.FormatFloat(f, 'f', p, bits))
			n.d = trimZeros(n.d)
			if n.d == "" {
				n.exp = 0
			}
		}
	}
	return c.standard(v, n, k, letter, prec)
}

func sign(n digits, s string) string {
	if n.neg {
		return "-" + s
	}
	return s
}

func parseSpec(spec string) (letter byte, prec int, ok bool) {
	if spec == "" {
		return 'G', -1, true
	}
	c := spec[0]
	if c|0x20 < 'a' || c|0x20 > 'z' || len(spec) > 10 {
		return 0, 0, false
	}
	if len(spec) == 1 {
		return c, -1, true
	}
	p, err := strconv.Atoi(spec[1:])
	if err != nil || spec[1] == '-' || spec[1] == '+' {
		return 0, 0, false
	}
	return c, p, true
}

func intText(v any) string {
	switch v := v.(type) {
	case uint8:
		return strconv.FormatUint(uint64(v), 10)
	case uint16:
		return strconv.FormatUint(uint64(v), 10)
	case uint32:
		return strconv.FormatUint(uint64(v), 10)
	case uint64:
		return strconv.FormatUint(v, 10)
	case int8:
		return strconv.Itoa(int(v))
	case int16:
		return strconv.Itoa(int(v))
	case int32:
		return strconv.Itoa(int(v))
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return "0"
}

// bitsOf returns an integer as its two's complement and its width; 0 for a
// BigInteger.
func bitsOf(v any) (u uint64, width int) {
	switch v := v.(type) {
	case uint8:
		return uint64(v), 8
	case int8:
		return uint64(uint8(v)), 8
	case uint16:
		return uint64(v), 16
	case int16:
		return uint64(uint16(v)), 16
	case uint32:
		return uint64(v), 32
	case int32:
		return uint64(uint32(v)), 32
	case uint64:
		return v, 64
	case int64:
		return uint64(v), 64
	}
	return 0, 0
}

func bigHex(b *big.Int, base int) string {
	if b.Sign() >= 0 {
		s := b.Text(base)
		if base == 16 && s[0] >= '8' {
			s = "0" + s
		}
		return s
	}
	n := b.BitLen()/8 + 1
	m := new(big.Int).Lsh(big.NewInt(1), uint(n*8))
	return m.Add(m, b).Text(base)
}

func (c *Culture) standard(v any, n digits, k kind, letter byte, prec int) (string, error) {
	switch letter &^ 0x20 {
	case 'G':
		if k == fixed && prec < 0 {
			return v.(decimal.Decimal).String(), nil
		}
		if prec <= 0 {
			if k != floating {
				return sign(n, n.fixedPoint(0, false)), nil
			}
			prec = 15
		}
		n = n.round(prec)
		return sign(n, general(n, prec, letter)), nil
	case 'R':
		if k == integer {
			if _, big := v.(*big.Int); big {
				return sign(n, n.fixedPoint(0, false)), nil
			}
		}
		return "", ErrFormat
	case 'D':
		if k != integer {
			return "", ErrFormat
		}
		s := n.fixedPoint(0, false)
		return sign(n, strings.Repeat("0", max(0, prec-len(s)))+s), nil
	case 'X', 'B':
		if k != integer {
			return "", ErrFormat
		}
		base := map[byte]int{'X': 16, 'B': 2}[letter&^0x20]
		s := ""
		if b, ok := v.(*big.Int); ok {
			s = bigHex(b, base)
		} else {
			u, _ := bitsOf(v)
			s = strconv.FormatUint(u, base)
		}
		if letter == 'X' {
			s = strings.ToUpper(s)
		}
		return strings.Repeat("0", max(0, prec-len(s))) + s, nil
	case 'E':
		if prec < 0 {
			prec = 6
		}
		n = n.round(prec + 1)
		return sign(n, n.scientific(prec, letter, 3)), nil
	case 'F':
		if prec < 0 {
			prec = c.Decimals
		}
		n = n.round(n.exp + prec)
		return sign(n.quiet(k), n.fixedPoint(prec, false)), nil
	case 'N':
		if prec < 0 {
			prec = c.Decimals
		}
		n = n.round(n.exp + prec)
		return sign(n.quiet(k), n.fixedPoint(prec, true)), nil
	case 'C':
		if prec < 0 {
			prec = 2
		}
		n = n.round(n.exp + prec)
		p := c.CurrencyPositive
		if n.quiet(k).neg {
			p = c.CurrencyNegative
		}
		return fill(p, n.fixedPoint(prec, true), c.Currency), nil
	case 'P':
		if prec < 0 {
			prec = c.PercentDecimals
		}
		if n.d != "" {
			n.exp += 2
		}
		n = n.round(n.exp + prec)
		p := c.PercentPositive
		if n.quiet(k).neg {
			p = c.PercentNegative
		}
		return fill(p, n.fixedPoint(prec, true), c.Currency), nil
	}
	return "", ErrFormat
}

// quiet drops the sign of a zero that is no double's.
func (n digits) quiet(k kind) digits {
	if n.d == "" && k != floating {
		n.neg = false
	}
	return n
}

func fill(pattern, num, currency string) string {
	var b strings.Builder
	for _, r := range pattern {
		switch r {
		case '$':
			b.WriteString(currency)
		case 'n':
			b.WriteString(num)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// general writes the shorter of the two forms of G.
func general(n digits, prec int, letter byte) string {
	if n.exp > prec || n.exp < -3 && n.d != "" {
		e := byte('E')
		if letter == 'g' || letter == 'r' {
			e = 'e'
		}
		return n.scientific(max(0, len(n.d)-1), e, 2)
	}
	return n.fixedPoint(max(0, len(n.d)-n.exp), false)
}
