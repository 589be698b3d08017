package coreutils

import (
	"cmp"
	"errors"
	"strconv"
	"strings"
)

func (o sortOrder) compare(a, b string) int {
	switch o.kind {
	case 'n':
		return compareNumbers(a, b)
	case 'g':
		x, okX := generalNumber(a)
		y, okY := generalNumber(b)
		if okX != okY {
			return cmp.Compare(btoi(okX), btoi(okY))
		}
		return cmp.Compare(x, y)
	case 'h':
		if r := cmp.Compare(unitOf(a), unitOf(b)); r != 0 {
			return r
		}
		return compareNumbers(a, b)
	case 'M':
		return cmp.Compare(monthOf(a), monthOf(b))
	}
	if o.dict || o.printable || o.fold {
		a, b = o.seen(a), o.seen(b)
	}
	if o.kind == 'V' {
		return compareVersions(a, b)
	}
	return strings.Compare(a, b)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// seen is what of a text is looked at.
func (o sortOrder) seen(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		b := s[i]
		if o.dict && !isAlpha(b) && !isDigit(b) && b != ' ' && b != '\t' || o.printable && (b < ' ' || b > '~') {
			continue
		}
		if o.fold && b >= 'a' && b <= 'z' {
			b -= 'a' - 'A'
		}
		out.WriteByte(b)
	}
	return out.String()
}

// number takes the decimal number at the start of a text apart.
func number(s string) (negative bool, whole, fraction string) {
	s = strings.TrimLeft(s, " \t")
	s, negative = strings.CutPrefix(s, "-")
	end := len(s) - len(strings.TrimLeft(s, "0123456789"))
	whole = strings.TrimLeft(s[:end], "0")
	if rest, ok := strings.CutPrefix(s[end:], "."); ok {
		fraction = strings.TrimRight(rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))], "0")
	}
	return negative && whole+fraction != "", whole, fraction
}

// compareNumbers compares numbers of any length.
func compareNumbers(a, b string) int {
	na, wa, fa := number(a)
	nb, wb, fb := number(b)
	if na != nb {
		return cmp.Compare(btoi(nb), btoi(na))
	}
	r := cmp.Compare(len(wa), len(wb))
	if r == 0 {
		r = strings.Compare(wa, wb)
	}
	if r == 0 {
		r = strings.Compare(fa, fb)
	}
	if na {
		return -r
	}
	return r
}

func generalNumber(s string) (float64, bool) {
	s = strings.TrimLeft(s, " \t")
	for end := len(s); end > 0; end-- {
		if f, err := strconv.ParseFloat(s[:end], 64); err == nil || errors.Is(err, strconv.ErrRange) {
			return f, true
		}
	}
	return 0, false
}

// unitOf is the order of the letter behind a size, negative for a negative one.
func unitOf(s string) int {
	negative, whole, fraction := number(s)
	t := strings.TrimLeft(strings.TrimPrefix(strings.TrimLeft(s, " \t"), "-"), "0123456789.")
	if t == "" || whole+fraction == "" {
		return 0
	}
	n := strings.IndexByte("KMGTPEZY", t[0]) + 1
	if t[0] == 'k' {
		n = 1
	}
	if negative {
		return -n
	}
	return n
}

func monthOf(s string) int {
	s = strings.ToUpper(strings.TrimLeft(s, " \t"))
	for i, m := range []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"} {
		if strings.HasPrefix(s, m) {
			return i + 1
		}
	}
	return 0
}

// compareVersions compares runs of digits as numbers and the rest by letters
// before other signs, with ~ before all, as Debian's versions are.
func compareVersions(a, b string) int {
	weight := func(s string, i int) int {
		switch {
		case i >= len(s) || isDigit(s[i]):
			return 0
		case s[i] == '~':
			return -1
		case isAlpha(s[i]):
			return int(s[i])
		}
		return int(s[i]) + 256
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		for i < len(a) && !isDigit(a[i]) || j < len(b) && !isDigit(b[j]) {
			if r := cmp.Compare(weight(a, i), weight(b, j)); r != 0 {
				return r
			}
			i++
			j++
		}
		digits := func(s string, at int) string {
			if at >= len(s) {
				return ""
			}
			s = s[at:]
			return s[:len(s)-len(strings.TrimLeft(s, "0123456789"))]
		}
		x, y := digits(a, i), digits(b, j)
		if r := compareNumbers(x, y); r != 0 {
			return r
		}
		i, j = i+len(x), j+len(y)
	}
	return 0
}
