package culture

import "strings"

// section is one of the parts of a custom format string, parted by semicolons.
func sections(spec string) []string {
	var out []string
	start := 0
	for i := 0; i < len(spec); i++ {
		switch c := spec[i]; c {
		case '\\':
			i++
		case '\'', '"':
			if j := strings.IndexByte(spec[i+1:], c); j >= 0 {
				i += j + 1
			} else {
				i = len(spec)
			}
		case ';':
			out = append(out, spec[start:i])
			start = i + 1
		}
	}
	return append(out, spec[start:])
}

// shape is what the placeholders of a section ask for.
type shape struct {
	count, point        int // placeholders, and how many of them before the point
	firstZero, lastZero int // positions of the first and last 0; -1 if none
	groups              bool
	scale               int // powers of ten by which to multiply
	exponent            bool
}

func scan(s string) (sh shape) {
	sh.point, sh.firstZero, sh.lastZero = -1, -1, -1
	commaAt, commas := -1, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '#':
			sh.count++
		case '0':
			if sh.firstZero < 0 {
				sh.firstZero = sh.count
			}
			sh.count++
			sh.lastZero = sh.count
		case '.':
			if sh.point < 0 {
				sh.point = sh.count
			}
		case ',':
			if sh.count > 0 && sh.point < 0 {
				if commaAt >= 0 {
					if commaAt == sh.count {
						commas++
						continue
					}
					sh.groups = true
				}
				commaAt, commas = sh.count, 1
			}
		case '%':
			sh.scale += 2
		case '\'', '"':
			if j := strings.IndexByte(s[i+1:], c); j >= 0 {
				i += j + 1
			} else {
				i = len(s)
			}
		case '\\':
			i++
		case 'E', 'e':
			if i+1 < len(s) && s[i+1] == '0' || i+2 < len(s) && (s[i+1] == '+' || s[i+1] == '-') && s[i+2] == '0' {
				for i++; i+1 < len(s) && s[i+1] == '0'; i++ {
				}
				sh.exponent = true
			}
		default:
			if strings.HasPrefix(s[i:], "‰") {
				sh.scale += 3
			}
		}
	}
	if sh.point < 0 {
		sh.point = sh.count
	}
	if commaAt >= 0 {
		if commaAt == sh.point {
			sh.scale -= commas * 3
		} else {
			sh.groups = true
		}
	}
	return sh
}

// custom writes a number by a custom format string.
func (c *Culture) custom(n digits, spec string) string {
	secs := sections(spec)
	pick := func(n digits) int {
		switch {
		case n.d == "" && len(secs) > 2 && secs[2] != "":
			return 2
		case n.neg && n.d != "" && len(secs) > 1 && secs[1] != "":
			return 1
		}
		return 0
	}
	i := pick(n)
	for {
		sh := scan(secs[i])
		m := n
		if m.d != "" {
			m.exp += sh.scale
		}
		if sh.exponent {
			m = m.round(sh.count)
		} else {
			m = m.round(m.exp + sh.count - sh.point)
		}
		if m.d == "" && i != 2 {
			if j := pick(m); j != i && j == 2 {
				i, n = j, m
				continue
			}
		}
		neg := m.neg && (i == 0)
		out := c.fillSection(m, secs[i], sh)
		if neg && (m.d != "" || n.d != "") && (len(secs) < 2 || secs[1] == "" || m.d != "") {
			out = "-" + out
		}
		return out
	}
}

func (c *Culture) fillSection(n digits, s string, sh shape) string {
	var b strings.Builder
	first, last := sh.point-sh.firstZero, sh.point-sh.lastZero
	if sh.firstZero < 0 || sh.firstZero >= sh.point {
		first = 0
	}
	if sh.lastZero < 0 || sh.lastZero <= sh.point {
		last = 0
	}
	minInt, minFrac := max(first, 0), max(-last, 0)
	exp := 0
	intDigits := n.exp
	if sh.exponent {
		if n.d != "" {
			exp = n.exp - sh.point
		}
		n.exp = sh.point
		intDigits = sh.point
	}
	// left counts placeholders still to come before the point.
	left, wrotePoint, frac := sh.point, false, 0
	started := false
	put := func(pos int, d byte) { // pos digits stand before the point, this one included
		b.WriteByte(d)
		started = true
		if sh.groups && pos > 1 && (pos-1)%3 == 0 {
			b.WriteByte(',')
		}
	}
	integer := func() {
		if !started {
			for p := max(intDigits, minInt); p > left; p-- {
				put(p, digitOf(n, p))
			}
		}
		if left <= max(intDigits, minInt) {
			put(left, digitOf(n, left))
		}
		left--
	}
	fracDigits := max(minFrac, len(n.d)-n.exp)
	for i := 0; i < len(s); i++ {
		ch := s[i]
		switch ch {
		case '#', '0':
			if left > 0 {
				integer()
				continue
			}
			frac++
			if frac <= fracDigits {
				if !wrotePoint {
					b.WriteByte('.')
					wrotePoint = true
				}
				b.WriteByte(n.at(frac))
			}
		case '.':
			if sh.point == 0 && intDigits > 0 && !started {
				for p := intDigits; p > 0; p-- {
					put(p, digitOf(n, p))
				}
			}
		case ',':
		case '\'', '"':
			for i++; i < len(s) && s[i] != ch; i++ {
				b.WriteByte(s[i])
			}
		case '\\':
			if i++; i < len(s) {
				b.WriteByte(s[i])
			}
		case 'E', 'e':
			plus, j := false, i+1
			if j < len(s) && (s[j] == '+' || s[j] == '-') && j+1 < len(s) && s[j+1] == '0' {
				plus = s[j] == '+'
				j++
			}
			if sh.exponent && j < len(s) && s[j] == '0' {
				width := 0
				for j < len(s) && s[j] == '0' {
					width++
					j++
				}
				b.WriteByte(ch)
				b.WriteString(exponent(exp, plus, width))
				i = j - 1
				continue
			}
			b.WriteByte(ch)
		default:
			b.WriteByte(ch)
		}
	}
	return b.String()
}

// digitOf returns the digit with p digits before the point from it on.
func digitOf(n digits, p int) byte { return n.at(1 - p) }
