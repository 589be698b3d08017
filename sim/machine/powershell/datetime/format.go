package datetime

import (
	"fmt"
	"strconv"
	"strings"

	"skylab/sim/machine/powershell/culture"
)

// ErrFormat is .NET's FormatException for a format string that is none.
var ErrFormat = culture.ErrFormat

var (
	dayNames   = [...]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
	monthNames = [...]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
)

// Format writes a DateTime; "" is G.
func (t DateTime) Format(spec string, c *culture.Culture) (string, error) {
	zone, fold := "", t.Ticks
	switch t.Kind {
	case UTC:
		zone = "Z"
	case Local:
		zone = "+00:00"
	}
	return format(fold, zone, "+00:00", spec, c, false)
}

// Format writes a DateTimeOffset; "" is G with the offset.
func (o Offset) Format(spec string, c *culture.Culture) (string, error) {
	z := zone(o.Minutes)
	switch spec {
	case "":
		spec = c.ShortDate + " " + c.LongTime + " zzz"
	case "r", "R", "u", "U":
		return format(o.UTCTicks(), z, z, spec, c, true)
	}
	return format(o.Ticks, z, z, spec, c, true)
}

func zone(m int) string {
	s := "+"
	if m < 0 {
		s, m = "-", -m
	}
	return fmt.Sprintf("%s%02d:%02d", s, m/60, m%60)
}

func format(ticks int64, k, z, spec string, c *culture.Culture, offset bool) (string, error) {
	if spec == "" {
		spec = "G"
	}
	if len(spec) == 1 {
		long := c.Pattern(spec)
		if long == "" || offset && spec == "U" {
			return "", ErrFormat
		}
		spec = long
	}
	return pattern(ticks, k, z, spec)
}

// pattern writes by a custom format string. k stands for K, z for zzz.
func pattern(ticks int64, k, z, spec string) (string, error) {
	y, mo, d, _ := Civil(ticks)
	h, mi, s, frac := Clock(ticks)
	var b strings.Builder
	for i := 0; i < len(spec); {
		ch := spec[i]
		n := 1
		for i+n < len(spec) && spec[i+n] == ch {
			n++
		}
		switch ch {
		case 'd':
			switch {
			case n <= 2:
				pad(&b, d, n)
			case n == 3:
				b.WriteString(dayNames[Weekday(ticks)][:3])
			default:
				b.WriteString(dayNames[Weekday(ticks)])
			}
		case 'M':
			switch {
			case n <= 2:
				pad(&b, mo, n)
			case n == 3:
				b.WriteString(monthNames[mo-1][:3])
			default:
				b.WriteString(monthNames[mo-1])
			}
		case 'y':
			if n <= 2 {
				pad(&b, y%100, n)
			} else {
				pad(&b, y, n)
			}
		case 'h':
			pad(&b, (h+11)%12+1, min(n, 2))
		case 'H':
			pad(&b, h, min(n, 2))
		case 'm':
			pad(&b, mi, min(n, 2))
		case 's':
			pad(&b, s, min(n, 2))
		case 'f', 'F':
			if n > 7 {
				return "", ErrFormat
			}
			t := fmt.Sprintf("%07d", frac)[:n]
			if ch == 'F' {
				t = strings.TrimRight(t, "0")
				if out := b.String(); t == "" && strings.HasSuffix(out, ".") {
					b.Reset()
					b.WriteString(out[:len(out)-1])
				}
			}
			b.WriteString(t)
		case 't':
			t := "AM"
			if h >= 12 {
				t = "PM"
			}
			b.WriteString(t[:min(n, 2)])
		case 'z':
			hours, _ := strconv.Atoi(z[1:3])
			b.WriteByte(z[0])
			switch n {
			case 1:
				pad(&b, hours, 1)
			case 2:
				pad(&b, hours, 2)
			default:
				b.WriteString(z[1:])
			}
		case 'K':
			n = 1
			b.WriteString(k)
		case 'g':
			b.WriteString("A.D.")
		case '\'', '"':
			j := i + 1
			for ; j < len(spec) && spec[j] != ch; j++ {
				if spec[j] == '\\' && j+1 < len(spec) {
					j++
				}
				b.WriteByte(spec[j])
			}
			if j >= len(spec) {
				return "", ErrFormat
			}
			n = j - i + 1
		case '\\':
			if i+1 >= len(spec) {
				return "", ErrFormat
			}
			b.WriteByte(spec[i+1])
			n = 2
		case '%':
			if i+1 >= len(spec) || spec[i+1] == '%' {
				return "", ErrFormat
			}
			t, err := pattern(ticks, k, z, " "+spec[i+1:i+2])
			if err != nil {
				return "", err
			}
			b.WriteString(t[1:])
			n = 2
		default:
			b.WriteString(spec[i : i+n])
		}
		i += n
	}
	return b.String(), nil
}

func pad(b *strings.Builder, v, n int) {
	s := strconv.Itoa(v)
	b.WriteString(strings.Repeat("0", max(0, n-len(s))) + s)
}

// String writes the span as c does: [-][d.]hh:mm:ss[.fffffff].
func (s Span) String() string { t, _ := s.Format("c"); return t }

// Parts returns days, hours, minutes, seconds and ticks of the second, all of
// the sign of the span.
func (s Span) Parts() (d, h, m, sec, frac int64) {
	t := int64(s)
	return t / TicksPerDay, t / TicksPerHour % 24, t / TicksPerMinute % 60, t / TicksPerSecond % 60, t % TicksPerSecond
}

// Format writes a TimeSpan; "" is c.
func (s Span) Format(spec string) (string, error) {
	d, h, m, sec, frac := s.Parts()
	sign := ""
	if s < 0 {
		sign = "-"
		d, h, m, sec, frac = -d, -h, -m, -sec, -frac
	}
	switch spec {
	case "", "c", "t", "T":
		t := fmt.Sprintf("%02d:%02d:%02d", h, m, sec)
		if d != 0 {
			t = fmt.Sprintf("%d.%s", d, t)
		}
		if frac != 0 {
			t += fmt.Sprintf(".%07d", frac)
		}
		return sign + t, nil
	case "g":
		t := fmt.Sprintf("%d:%02d:%02d", h, m, sec)
		if d != 0 {
			t = fmt.Sprintf("%d:%s", d, t)
		}
		if frac != 0 {
			t += "." + strings.TrimRight(fmt.Sprintf("%07d", frac), "0")
		}
		return sign + t, nil
	case "G":
		return fmt.Sprintf("%s%d:%02d:%02d:%02d.%07d", sign, d, h, m, sec, frac), nil
	}
	if len(spec) == 1 {
		return "", ErrFormat
	}
	var b strings.Builder
	for i := 0; i < len(spec); {
		ch, n := spec[i], 1
		for i+n < len(spec) && spec[i+n] == ch {
			n++
		}
		switch ch {
		case 'd':
			if n > 8 {
				return "", ErrFormat
			}
			pad(&b, int(d), n)
		case 'h', 'm', 's':
			if n > 2 {
				return "", ErrFormat
			}
			pad(&b, int(map[byte]int64{'h': h, 'm': m, 's': sec}[ch]), n)
		case 'f', 'F':
			if n > 7 {
				return "", ErrFormat
			}
			t := fmt.Sprintf("%07d", frac)[:n]
			if ch == 'F' {
				t = strings.TrimRight(t, "0")
			}
			b.WriteString(t)
		case '\'', '"':
			j := strings.IndexByte(spec[i+1:], ch)
			if j < 0 {
				return "", ErrFormat
			}
			b.WriteString(spec[i+1 : i+1+j])
			n = j + 2
		case '\\':
			if i+1 >= len(spec) {
				return "", ErrFormat
			}
			b.WriteByte(spec[i+1])
			n = 2
		case '%':
			if i+1 >= len(spec) || spec[i+1] == '%' {
				return "", ErrFormat
			}
			n = 1
		default:
			return "", ErrFormat
		}
		i += n
	}
	return b.String(), nil
}
