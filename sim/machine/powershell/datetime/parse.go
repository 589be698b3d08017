package datetime

import (
	"fmt"
	"strconv"
	"strings"
)

// ParseError is .NET's FormatException for a text that is no time.
type ParseError struct{ Message string }

func (e *ParseError) Error() string { return e.Message }

// Parsed is what a text said.
type Parsed struct {
	Ticks   int64 // as written
	HasZone bool
	Minutes int // ahead of UTC, with HasZone
}

// DateTime returns the time; one with a zone becomes local.
func (p Parsed) DateTime() DateTime {
	if p.HasZone {
		return DateTime{p.Ticks - int64(p.Minutes)*TicksPerMinute, Local}
	}
	return DateTime{p.Ticks, Unspecified}
}

// parts gathers what was read.
type parts struct {
	nums    []num // of the date, in order
	month   int   // by name
	monthAt int   // how many numbers stood before its name
	weekday int   // by name, -1 if none
	hasTime bool
	h, m, s int
	frac    int
	pm      int // 1 AM, 2 PM
	hasZone bool
	zone    int
	seps    int
}

type num struct{ v, digits int }

// Parse reads a time as DateTime.Parse does with the invariant culture or en-US.
// today is the first tick of the present day.
func Parse(text string, today int64) (Parsed, error) {
	bad := &ParseError{fmt.Sprintf("String '%s' was not recognized as a valid DateTime.", text)}
	p := parts{weekday: -1}
	s := text
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == ',' && len(p.nums)+p.month > 0 || c == ',' && p.weekday >= 0:
			i++
		case isNum(c):
			j := i
			for j < len(s) && isNum(s[j]) {
				j++
			}
			v, err := strconv.Atoi(s[i:j])
			if err != nil || j-i > 8 {
				return Parsed{}, bad
			}
			if j < len(s) && s[j] == ':' && !p.hasTime {
				n, ok := p.clock(s[i:])
				if !ok {
					return Parsed{}, bad
				}
				i += n
				continue
			}
			if k := skipBlanks(s, j); !p.hasTime && (strings.HasPrefix(strings.ToUpper(s[k:]), "AM") || strings.HasPrefix(strings.ToUpper(s[k:]), "PM")) {
				p.hasTime, p.h = true, v
				i = j
				continue
			}
			p.nums = append(p.nums, num{v, j - i})
			i = j
			if i < len(s) && (s[i] == '-' || s[i] == '/' || s[i] == '.') && len(p.nums) < 3 {
				if i+1 >= len(s) || !isNum(s[i+1]) && !isLetter(s[i+1]) {
					return Parsed{}, bad
				}
				p.seps++
				i++
			}
		case isLetter(c):
			j := i
			for j < len(s) && isLetter(s[j]) {
				j++
			}
			if !p.word(s[i:j], len(p.nums)) {
				return Parsed{}, &ParseError{fmt.Sprintf("The string '%s' was not recognized as a valid DateTime. There is an unknown word starting at index '%d'.", text, i)}
			}
			i = j
			if i < len(s) && (s[i] == '-' || s[i] == '/' || s[i] == '.') {
				i++
			}
		case (c == '+' || c == '-') && p.hasTime && !p.hasZone:
			n, ok := p.offset(s[i:])
			if !ok {
				return Parsed{}, bad
			}
			i += n
		default:
			return Parsed{}, bad
		}
	}
	day, ok := p.date(today)
	if !ok || !p.hasTime && len(p.nums) == 0 || p.month > 0 && len(p.nums) == 0 {
		return Parsed{}, bad
	}
	if p.h > 23 || p.m > 59 || p.s > 59 {
		return Parsed{}, &ParseError{fmt.Sprintf("The DateTime represented by the string '%s' is not supported in calendar 'System.Globalization.GregorianCalendar'.", text)}
	}
	switch p.pm {
	case 1, 2:
		if p.h > 12 {
			return Parsed{}, bad
		}
		p.h = p.h%12 + (p.pm-1)*12
	}
	if p.weekday >= 0 && Weekday(day) != p.weekday {
		return Parsed{}, &ParseError{fmt.Sprintf("String '%s' was not recognized as a valid DateTime because the day of week was incorrect.", text)}
	}
	t := day + int64(p.h)*TicksPerHour + int64(p.m)*TicksPerMinute + int64(p.s)*TicksPerSecond + int64(p.frac)
	return Parsed{t, p.hasZone, p.zone}, nil
}

func isNum(c byte) bool    { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func skipBlanks(s string, i int) int {
	for i < len(s) && s[i] == ' ' {
		i++
	}
	return i
}

// clock reads h:m[:s[.fffffff]] and returns its length.
func (p *parts) clock(s string) (n int, ok bool) {
	for i := 0; ; i++ {
		j := n
		for j < len(s) && isNum(s[j]) {
			j++
		}
		if j == n || j-n > 2 {
			return 0, false
		}
		v, _ := strconv.Atoi(s[n:j])
		*[]*int{&p.h, &p.m, &p.s}[i] = v
		n = j
		if i < 2 && n < len(s) && s[n] == ':' {
			n++
			continue
		}
		p.hasTime = true
		if i < 1 {
			return 0, false
		}
		if i == 2 && n < len(s) && (s[n] == '.' || s[n] == ',') {
			j = n + 1
			for j < len(s) && isNum(s[j]) {
				j++
			}
			d := (s[n+1:j] + "0000000")[:7]
			p.frac, _ = strconv.Atoi(d)
			n = j
		}
		return n, true
	}
}

func (p *parts) offset(s string) (n int, ok bool) {
	j := 1
	for j < len(s) && isNum(s[j]) {
		j++
	}
	h, m := 0, 0
	switch j - 1 {
	case 1, 2:
		h, _ = strconv.Atoi(s[1:j])
		if j+2 < len(s) && s[j] == ':' && isNum(s[j+1]) && isNum(s[j+2]) {
			m, _ = strconv.Atoi(s[j+1 : j+3])
			j += 3
		}
	case 4:
		h, _ = strconv.Atoi(s[1:3])
		m, _ = strconv.Atoi(s[3:5])
	default:
		return 0, false
	}
	if h > 14 || m > 59 {
		return 0, false
	}
	p.hasZone, p.zone = true, h*60+m
	if s[0] == '-' {
		p.zone = -p.zone
	}
	return j, true
}

func (p *parts) word(w string, before int) bool {
	u := strings.ToUpper(w)
	switch u {
	case "AM", "A":
		p.pm = 1
		return p.hasTime
	case "PM", "P":
		p.pm = 2
		return p.hasTime
	case "T":
		return len(p.nums) >= 2
	case "Z", "GMT", "UTC":
		p.hasZone = true
		return p.hasTime
	}
	for i, m := range monthNames {
		if m = strings.ToUpper(m); (u == m || u == m[:3]) && p.month == 0 {
			p.month, p.monthAt = i+1, before
			return true
		}
	}
	for i, d := range dayNames {
		if d = strings.ToUpper(d); u == d || u == d[:3] {
			p.weekday = i
			return true
		}
	}
	return false
}

func year(n num) (int, bool) {
	switch {
	case n.digits > 4:
		return 0, false
	case n.digits > 2:
		return n.v, true
	case n.v < 50:
		return 2000 + n.v, true
	}
	return 1900 + n.v, true
}

// date makes a day of the numbers and the month's name.
func (p *parts) date(today int64) (int64, bool) {
	ty, _, _, _ := Civil(today)
	ymd := func(y num, m, d int) (int64, bool) {
		yy, ok := year(y)
		if !ok {
			return 0, false
		}
		return Date(yy, m, d)
	}
	n := p.nums
	if p.month > 0 {
		switch len(n) {
		case 1:
			if n[0].digits > 2 {
				return ymd(n[0], p.month, 1)
			}
			return Date(ty, p.month, n[0].v)
		case 2:
			if n[0].digits > 2 {
				return ymd(n[0], p.month, n[1].v)
			}
			return ymd(n[1], p.month, n[0].v)
		}
		return 0, false
	}
	switch len(n) {
	case 0:
		return today, p.weekday < 0
	case 2:
		switch {
		case p.seps != 1:
			return 0, false
		case n[0].digits > 2:
			return ymd(n[0], n[1].v, 1)
		case n[1].digits > 2:
			return ymd(n[1], n[0].v, 1)
		}
		return Date(ty, n[0].v, n[1].v)
	case 3:
		switch {
		case p.seps != 2:
			return 0, false
		case n[0].digits > 2:
			return ymd(n[0], n[1].v, n[2].v)
		}
		return ymd(n[2], n[0].v, n[1].v)
	}
	return 0, false
}

// ParseSpan reads a TimeSpan: [-][d.]h:m[:s[.f]] or days; msg is .NET's text if
// it is none.
func ParseSpan(text string) (s Span, msg string) {
	bad := fmt.Sprintf("String '%s' was not recognized as a valid TimeSpan.", text)
	t := strings.TrimSpace(text)
	neg := strings.HasPrefix(t, "-")
	if neg {
		t = t[1:]
	}
	var v [5]int64 // d h m s f
	fields := strings.Split(t, ":")
	atoi := func(f string) (int64, bool) {
		if f == "" || len(f) > 10 {
			return 0, false
		}
		for i := 0; i < len(f); i++ {
			if !isNum(f[i]) {
				return 0, false
			}
		}
		n, err := strconv.ParseInt(f, 10, 64)
		return n, err == nil
	}
	ok := true
	set := func(i int, f string) {
		n, good := atoi(f)
		v[i], ok = n, ok && good
	}
	switch len(fields) {
	case 1:
		set(0, fields[0])
	case 2, 3, 4:
		i := 1
		if len(fields) == 4 {
			i = 0
		} else if d, h, cut := strings.Cut(fields[0], "."); cut {
			set(0, d)
			fields[0] = h
		}
		for j, f := range fields {
			if j == len(fields)-1 && i+j == 3 {
				if sec, frac, cut := strings.Cut(f, "."); cut {
					f = sec
					if len(frac) > 7 {
						ok = false
					} else {
						set(4, frac+strings.Repeat("0", 7-len(frac)))
					}
				}
			}
			set(i+j, f)
		}
	default:
		ok = false
	}
	if !ok {
		return 0, bad
	}
	if v[0] > 10675199 || v[1] > 23 || v[2] > 59 || v[3] > 59 {
		return 0, fmt.Sprintf("The TimeSpan string '%s' could not be parsed because at least one of the numeric components is out of range or contains too many digits.", text)
	}
	n := v[0]*TicksPerDay + v[1]*TicksPerHour + v[2]*TicksPerMinute + v[3]*TicksPerSecond + v[4]
	if neg {
		n = -n
	}
	return Span(n), ""
}

// ParseExact reads a text by a custom or standard format string.
func ParseExact(text, spec string, c interface{ Pattern(string) string }) (Parsed, bool) {
	if len(spec) == 1 {
		if spec = c.Pattern(spec); spec == "" {
			return Parsed{}, false
		}
	}
	y, mo, d, h, mi, s, frac, pm := 1, 1, 1, 0, 0, 0, 0, 0
	var p Parsed
	i := 0
	number := func(lo, hi int) (int, bool) {
		j := i
		for j < len(text) && j-i < hi && isNum(text[j]) {
			j++
		}
		if j-i < lo {
			return 0, false
		}
		n, err := strconv.Atoi(text[i:j])
		i = j
		return n, err == nil
	}
	name := func(list []string, short bool) (int, bool) {
		for n, w := range list {
			if short {
				w = w[:3]
			}
			if len(text)-i >= len(w) && strings.EqualFold(text[i:i+len(w)], w) {
				i += len(w)
				return n, true
			}
		}
		return 0, false
	}
	for j := 0; j < len(spec); {
		ch, n, ok := spec[j], 1, true
		for j+n < len(spec) && spec[j+n] == ch {
			n++
		}
		two := func(v *int) {
			if n == 1 {
				*v, ok = number(1, 2)
			} else {
				*v, ok = number(2, 2)
			}
		}
		switch ch {
		case 'y':
			if n <= 2 {
				two(&y)
				if y < 50 {
					y += 2000
				} else {
					y += 1900
				}
			} else {
				y, ok = number(n, n)
			}
		case 'M':
			if n <= 2 {
				two(&mo)
			} else {
				mo, ok = name(monthNames[:], n == 3)
				mo++
			}
		case 'd':
			if n <= 2 {
				two(&d)
			} else {
				_, ok = name(dayNames[:], n == 3)
			}
		case 'H', 'h':
			two(&h)
		case 'm':
			two(&mi)
		case 's':
			two(&s)
		case 'f', 'F':
			from := i
			_, ok = number(map[bool]int{true: n, false: 0}[ch == 'f'], n)
			frac, _ = strconv.Atoi((text[from:i] + "0000000")[:7])
			ok = ok || ch == 'F'
		case 't':
			if i < len(text) && (text[i]|0x20 == 'a' || text[i]|0x20 == 'p') {
				pm = map[bool]int{true: 2, false: 1}[text[i]|0x20 == 'p']
				i += min(n, 2, len(text)-i)
			} else {
				ok = false
			}
		case 'z', 'K':
			if ch == 'K' {
				n = 1
				if i >= len(text) {
					break
				}
				if text[i] == 'Z' {
					p.HasZone = true
					i++
					break
				}
			}
			var q parts
			q.hasTime = true
			if i >= len(text) || text[i] != '+' && text[i] != '-' {
				ok = false
				break
			}
			var used int
			used, ok = q.offset(text[i:])
			i += used
			p.HasZone, p.Minutes = true, q.zone
		case '\'', '"':
			k := strings.IndexByte(spec[j+1:], ch)
			if k < 0 {
				return p, false
			}
			lit := spec[j+1 : j+1+k]
			ok = strings.HasPrefix(text[i:], lit)
			i += len(lit)
			n = k + 2
		case '\\', '%':
			n = 1
			if ch == '\\' && j+1 < len(spec) {
				ok = i < len(text) && text[i] == spec[j+1]
				i++
				n = 2
			}
		default:
			lit := spec[j : j+n]
			ok = strings.HasPrefix(text[min(i, len(text)):], lit)
			i += len(lit)
		}
		if !ok || i > len(text) {
			return p, false
		}
		j += n
	}
	if pm > 0 {
		if h > 12 {
			return p, false
		}
		h = h%12 + (pm-1)*12
	}
	day, ok := Date(y, mo, d)
	if !ok || i != len(text) || h > 23 || mi > 59 || s > 59 {
		return p, false
	}
	p.Ticks = day + int64(h)*TicksPerHour + int64(mi)*TicksPerMinute + int64(s)*TicksPerSecond + int64(frac)
	return p, true
}
