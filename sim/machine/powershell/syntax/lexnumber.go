package syntax

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"skylab/sim/machine/powershell/decimal"
)

// literal is a number as it is written.
type literal struct {
	digits     string // with its sign, a 0 before hexadecimal ones
	base       int
	suffix     string // "", or in lower case u, s, us, l, ul, y, uy, d, n
	real       bool
	multiplier int64
}

func (l *lexer) number(first rune) *token {
	n, ok := l.scanNumber(first)
	if !ok {
		l.cur = l.start
		return l.generic("")
	}
	v, ok := n.value()
	if !ok {
		if l.mode != expressionMode {
			l.cur = l.start
			return l.generic("")
		}
		l.report(l.span(l.start, l.cur), false, "BadNumericConstant", l.slice(l.start, l.cur))
	}
	t := l.token(Number)
	t.Number = v
	return t
}

func (l *lexer) digits(b *strings.Builder, is func(rune) bool) int {
	n := 0
	for is(l.peek()) {
		b.WriteRune(l.next())
		n++
	}
	return n
}

func (l *lexer) scanNumber(c rune) (n literal, ok bool) {
	var b strings.Builder
	bad := false
	n.base, n.multiplier = 10, 1
	if isDash(c) || c == '+' {
		if c != '+' {
			b.WriteByte('-')
		} else {
			b.WriteByte('+')
		}
		c = l.next()
	}
	exponent := func() {
		b.WriteRune(l.next())
		if s := l.peek(); s == '+' || isDash(s) {
			if l.next(); s == '+' {
				b.WriteByte('+')
			} else {
				b.WriteByte('-')
			}
		}
		bad = bad || l.digits(&b, isDigit) == 0
	}
	afterDot := func() {
		n.real = true
		l.digits(&b, isDigit)
		if e := l.peek(); e == 'e' || e == 'E' {
			exponent()
		}
	}
	switch p := l.peek(); {
	case c == '.':
		b.WriteByte('.')
		afterDot()
	case c == '0' && (p == 'x' || p == 'X'):
		l.next()
		n.base = 16
		b.WriteByte('0')
		l.digits(&b, isHex)
	case c == '0' && (p == 'b' || p == 'B') && !l.opt.V5:
		l.next()
		n.base = 2
		bad = l.digits(&b, func(c rune) bool { return c == '0' || c == '1' }) == 0
	default:
		b.WriteRune(c)
		l.digits(&b, isDigit)
		switch l.peek() {
		case '.':
			l.next()
			if l.peek() == '.' {
				l.back()
			} else {
				b.WriteByte('.')
				afterDot()
			}
		case 'e', 'E':
			n.real = true
			exponent()
		}
	}
	suffixes := "uslydn"
	if l.opt.V5 {
		suffixes = "ld"
	}
	lower := func(c rune) string { return strings.ToLower(string(c)) }
	if c := l.peek(); c != 0 && strings.Contains(suffixes, lower(c)) {
		n.suffix = lower(l.next())
		if c := l.peek(); c != 0 && strings.Contains(suffixes, lower(c)) {
			n.suffix += lower(l.next())
			bad = bad || n.suffix != "ul" && n.suffix != "us" && n.suffix != "uy"
		}
	}
	if i := strings.IndexRune("kmgtp", l.peek()|0x20); i >= 0 && l.peek() != 0 {
		l.next()
		n.multiplier = 1 << (10 * (i + 1))
		if c := l.peek(); c == 'b' || c == 'B' {
			l.next()
		} else {
			bad = true
		}
	}
	if c := l.peek(); !endsToken(c) && (l.mode != expressionMode || !endsNumber(c, l.ternary)) {
		bad = true
	}
	n.digits = b.String()
	return n, !bad
}

// value computes the number; false if it does not fit its type.
func (n literal) value() (any, bool) {
	if n.real {
		if n.suffix == "d" {
			d, ok := decimal.Parse(n.digits)
			if !ok {
				return nil, false
			}
			d, err := d.Mul(decimal.FromInt(n.multiplier))
			return d, err == nil
		}
		f, err := strconv.ParseFloat(n.digits, 64)
		if err != nil && !math.IsInf(f, 0) {
			return nil, false
		}
		f *= float64(n.multiplier)
		if n.suffix == "" {
			return f, true
		}
		if math.IsInf(f, 0) || math.IsNaN(f) {
			return nil, false
		}
		i, _ := big.NewFloat(math.RoundToEven(f)).Int(nil)
		return n.fit(i)
	}
	i := new(big.Int)
	digits, m := n.digits, big.NewInt(n.multiplier)
	if n.base != 10 {
		if c := digits[0]; c == '-' || c == '+' {
			if c == '-' {
				m.Neg(m)
			}
			digits = digits[1:]
		}
	}
	switch n.base {
	case 16:
		if !strings.Contains(n.suffix, "u") {
			want := map[string]int{"y": 2, "s": 4, "l": 16}[n.suffix]
			if want == 0 {
				if want = 16; len(digits) < 16 {
					want = 8
				}
			}
			if len(digits) == want+1 {
				digits = digits[1:]
			}
		}
		i.SetString(digits, 16)
		if digits[0] >= '8' {
			i.Sub(i, new(big.Int).Lsh(big.NewInt(1), uint(4*len(digits))))
		}
		if len(digits) == 16 && (n.suffix == "" || n.suffix == "u") {
			n.suffix += "l"
		}
	case 2:
		i.SetString(digits, 2)
		w := len(digits)
		if !strings.Contains(n.suffix, "u") && digits[0] == '1' && (w == 8 || w == 16 || w == 32 || w == 64 || w == 96 || w >= 128) {
			i.Sub(i, new(big.Int).Lsh(big.NewInt(1), uint(w)))
		}
		if w == 64 && (n.suffix == "" || n.suffix == "u") {
			n.suffix += "l"
		}
	default:
		if _, ok := i.SetString(digits, 10); !ok {
			return nil, false
		}
	}
	return n.fit(i.Mul(i, m))
}

// fit gives an integer the type that its suffix or size asks for.
func (n literal) fit(i *big.Int) (any, bool) {
	is, iu := i.IsInt64(), i.IsUint64()
	s, u := i.Int64(), i.Uint64()
	switch n.suffix {
	case "y":
		return int8(s), is && s >= math.MinInt8 && s <= math.MaxInt8
	case "uy":
		return uint8(u), iu && u <= math.MaxUint8
	case "s":
		return int16(s), is && s >= math.MinInt16 && s <= math.MaxInt16
	case "us":
		return uint16(u), iu && u <= math.MaxUint16
	case "u":
		if iu && u <= math.MaxUint32 {
			return uint32(u), true
		}
		return u, iu
	case "l":
		return s, is
	case "ul":
		return u, iu
	case "n":
		return i, true
	case "d":
		d, err := decimal.FromBig(i)
		return d, err == nil
	}
	switch {
	case is && s >= math.MinInt32 && s <= math.MaxInt32:
		return int32(s), true
	case is:
		return s, true
	case n.base != 10:
		return nil, false
	}
	if d, err := decimal.FromBig(i); err == nil {
		return d, true
	}
	f, _ := new(big.Float).SetInt(i).Float64()
	return f, !math.IsInf(f, 0)
}
