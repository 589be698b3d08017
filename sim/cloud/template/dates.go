package template

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

func dateFunctions() []Function {
	return []Function{
		{Name: "utcNow", Min: 0, Max: 1, Usage: "([format])", Doc: "the time, in default values of parameters only", eval: func(c *call) (any, error) {
			if c.place != inDefault {
				return nil, notExpected(c.f.Name)
			}
			layout := "yyyyMMddTHHmmssZ"
			if len(c.args) == 1 {
				var err error
				if layout, err = c.str(0); err != nil {
					return nil, err
				}
			}
			return c.dated(c.world.Now, layout)
		}},
		{Name: "dateTimeAdd", Min: 2, Max: 3, Usage: "(base, duration, [format])", Doc: "a time and an ISO 8601 duration", eval: func(c *call) (any, error) {
			s, err := c.strs()
			if err != nil {
				return nil, err
			}
			at, ok := parseTime(s[0])
			if !ok {
				return nil, failf("The template function 'dateTimeAdd' has an invalid parameter. The first parameter '%s' is not a valid DateTime string. Please see https://aka.ms/arm-syntax-functions .", s[0])
			}
			at, ok = addDuration(at, s[1])
			if !ok {
				return nil, failf("The template function 'dateTimeAdd' has an invalid parameter. The second parameter '%s' is not a valid ISO8601 Duration string. Please see https://aka.ms/arm-syntax-functions .", s[1])
			}
			layout := "G"
			if len(s) == 3 {
				layout = s[2]
			}
			return c.dated(at, layout)
		}},
		{Name: "dateTimeFromEpoch", Min: 1, Max: 1, Usage: "(seconds)", Doc: "the time of a number of seconds since 1970", eval: func(c *call) (any, error) {
			n, err := c.integer(0)
			if err != nil {
				return nil, err
			}
			t := time.Unix(n, 0).UTC()
			if t.Year() < 1 || t.Year() > 9999 {
				return nil, c.invalid("parameter '%d' is out of range.", n)
			}
			return t.Format("2006-01-02T15:04:05Z"), nil
		}},
		{Name: "dateTimeToEpoch", Min: 1, Max: 1, Usage: "(time)", Doc: "the number of seconds since 1970", eval: func(c *call) (any, error) {
			s, err := c.str(0)
			if err != nil {
				return nil, err
			}
			t, ok := parseTime(s)
			if !ok {
				return nil, c.invalid("parameter '%s' is not a valid DateTime string.", s)
			}
			return t.Unix(), nil
		}},
	}
}

func (c *call) dated(t time.Time, layout string) (any, error) {
	s, ok := formatTime(t.UTC(), layout)
	if !ok {
		return nil, failf("The template function '%s' has an invalid parameter. The format '%s' is not valid. Please see https://aka.ms/arm-syntax-functions .", c.f.Name, layout)
	}
	return s, nil
}

// timeForms are how a time may be written.
var timeForms = []string{time.RFC3339Nano, "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "20060102T150405Z", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02",
	"1/2/2006 3:04:05 PM", "1/2/2006 15:04:05", "1/2/2006", time.RFC1123}

func parseTime(s string) (time.Time, bool) {
	for _, form := range timeForms {
		if t, err := time.Parse(form, strings.TrimSpace(s)); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

var duration = regexp.MustCompile(`^(-)?P(?:(\d{1,5})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,7})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.(\d{1,9}))?S)?)?$`)

// addDuration adds an ISO 8601 duration to a time. A day that a month does not
// have is its last one, as in .NET.
func addDuration(t time.Time, iso string) (time.Time, bool) {
	m := duration.FindStringSubmatch(iso)
	if m == nil || strings.HasSuffix(iso, "P") || strings.HasSuffix(iso, "T") {
		return t, false
	}
	sign := 1
	if m[1] == "-" {
		sign = -1
	}
	n := func(i int) int { v, _ := strconv.Atoi(m[i]); return v * sign }
	first := time.Date(t.Year(), t.Month(), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC).AddDate(n(2), n(3), 0)
	t = first.AddDate(0, 0, min(t.Day(), first.AddDate(0, 1, -1).Day())-1)
	t = t.AddDate(0, 0, 7*n(4)+n(5)).Add(time.Duration(n(6))*time.Hour + time.Duration(n(7))*time.Minute + time.Duration(n(8))*time.Second)
	if frac := m[9]; frac != "" {
		ns, _ := strconv.Atoi((frac + "000000000")[:9])
		t = t.Add(time.Duration(ns * sign))
	}
	return t, t.Year() >= 1 && t.Year() <= 9999
}

// standardTimes are .NET's formats of one letter, in the invariant culture's
// patterns but for those of en-US that the service prints.
var standardTimes = map[string]string{
	"d": "M/d/yyyy", "D": "dddd, MMMM d, yyyy", "t": "h:mm tt", "T": "h:mm:ss tt", "f": "dddd, MMMM d, yyyy h:mm tt", "F": "dddd, MMMM d, yyyy h:mm:ss tt",
	"g": "M/d/yyyy h:mm tt", "G": "M/d/yyyy h:mm:ss tt", "m": "MMMM d", "M": "MMMM d", "y": "MMMM yyyy", "Y": "MMMM yyyy",
	"o": "yyyy-MM-ddTHH:mm:ss.fffffffZ", "O": "yyyy-MM-ddTHH:mm:ss.fffffffZ", "r": "ddd, dd MMM yyyy HH:mm:ss 'GMT'", "R": "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
	"s": "yyyy-MM-ddTHH:mm:ss", "u": "yyyy-MM-dd HH:mm:ssZ", "U": "dddd, MMMM d, yyyy h:mm:ss tt",
}

// timeLetters are Go's forms of .NET's custom format letters.
var timeLetters = map[string]string{
	"yyyy": "2006", "yyy": "2006", "yy": "06", "y": "6", "MMMM": "January", "MMM": "Jan", "MM": "01", "M": "1", "dddd": "Monday", "ddd": "Mon", "dd": "02", "d": "2",
	"HH": "15", "hh": "03", "h": "3", "mm": "04", "m": "4", "ss": "05", "s": "5", "tt": "PM", "K": "Z07:00", "zzz": "-07:00", "zz": "-07",
}

// formatTime prints a time in a .NET format.
func formatTime(t time.Time, layout string) (string, bool) {
	if len(layout) == 1 {
		var ok bool
		if layout, ok = standardTimes[layout]; !ok {
			return "", false
		}
	}
	var b strings.Builder
	for i := 0; i < len(layout); {
		c := layout[i]
		n := 1
		for i+n < len(layout) && layout[i+n] == c {
			n++
		}
		switch {
		case c == '\'' || c == '"':
			end := strings.IndexByte(layout[i+1:], c)
			if end < 0 {
				return "", false
			}
			b.WriteString(layout[i+1 : i+1+end])
			i += end + 2
			continue
		case c == '\\':
			if i+1 == len(layout) {
				return "", false
			}
			b.WriteByte(layout[i+1])
			i += 2
			continue
		case c == '%':
			i++
			continue
		case c == 'f' || c == 'F':
			digits := (strconv.Itoa(1_000_000_000 + t.Nanosecond()))[1:][:min(n, 7)]
			if c == 'F' {
				digits = strings.TrimRight(digits, "0")
			}
			b.WriteString(digits)
		case c == 'H' && n == 1:
			b.WriteString(strconv.Itoa(t.Hour()))
		case c == 'y' && n == 1:
			b.WriteString(strconv.Itoa(t.Year() % 100))
		case c == 't' && n == 1:
			b.WriteString(t.Format("PM")[:1])
		case timeLetters[layout[i:i+n]] != "":
			b.WriteString(t.Format(timeLetters[layout[i:i+n]]))
		case timeLetters[strings.Repeat(string(c), min(n, 4))] != "":
			b.WriteString(t.Format(timeLetters[strings.Repeat(string(c), min(n, 4))]))
		default:
			b.WriteString(layout[i : i+n])
		}
		i += n
	}
	return b.String(), true
}
