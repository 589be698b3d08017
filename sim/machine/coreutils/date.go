package coreutils

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

func dateProgram() tool.Program {
	return program(tool.Program{Name: "date", Usage: "[OPTION]... [+FORMAT]", Summary: "Print the time", Options: []tool.Option{
		{Short: "u", Long: "utc", Help: "in UTC, as the machine's time always is"}, {Long: "universal", Help: "same as -u"},
		{Short: "d", Long: "date", Arg: "STRING", Help: "this time instead of now: @SECONDS, a date, '2 hours ago'"},
		{Short: "r", Long: "reference", Arg: "FILE", Help: "the time of FILE instead of now"},
		{Short: "I", Long: "iso-8601", Arg: "FMT", Optional: true, Help: "as 2006-01-02; FMT: date, hours, minutes, seconds, ns"},
		{Long: "rfc-3339", Arg: "FMT", Help: "as 2006-01-02 15:04:05+00:00; FMT: date, seconds, ns"},
		{Short: "R", Long: "rfc-email", Help: "as in a mail"},
		{Short: "s", Long: "set", Arg: "STRING", Real: true}, {Short: "f", Long: "file", Arg: "FILE", Real: true},
	}}, tool.Permute, date)
}

// isoForms are the forms of -I, and the words that GNU names them by.
var isoForms = map[string]string{"": "%F", "date": "%F", "hours": "%FT%H%:z", "minutes": "%FT%H:%M%:z", "seconds": "%FT%H:%M:%S%:z", "ns": "%FT%H:%M:%S,%N%:z"}

var rfcForms = map[string]string{"date": "%F", "seconds": "%F %T%:z", "ns": "%F %T.%N%:z"}

func date(_ context.Context, c *call) int {
	t := c.Clock.Now()
	if v, ok := c.Lookup("date"); ok {
		parsed, err := parseDate(v, t)
		if err != nil {
			return c.fail("invalid date ‘%s’", v)
		}
		t = parsed
	} else if v, ok := c.Lookup("reference"); ok {
		i, err := c.FS.Stat(c.abs(v))
		if err != nil {
			return c.fail("%s: %s", v, vfs.Errno(err))
		}
		t = i.ModTime()
	}
	format := "%a %b %e %H:%M:%S %Z %Y"
	if c.Has("rfc-email") {
		format = "%a, %d %b %Y %H:%M:%S %z"
	}
	for _, o := range []struct {
		name  string
		forms map[string]string
		words []string
	}{{"iso-8601", isoForms, []string{"hours", "minutes", "date", "seconds", "ns"}}, {"rfc-3339", rfcForms, []string{"date", "seconds", "ns"}}} {
		v, ok := c.Lookup(o.name)
		if !ok {
			continue
		}
		if format = o.forms[v]; format == "" {
			text := fmt.Sprintf("invalid argument ‘%s’ for ‘--%s’\nValid arguments are:", v, o.name)
			for _, w := range o.words {
				text += "\n  - ‘" + w + "’"
			}
			return c.usage(text)
		}
	}
	switch {
	case len(c.Args) > 1:
		return c.usage(fmt.Sprintf("extra operand ‘%s’", c.Args[1]))
	case len(c.Args) == 1 && strings.HasPrefix(c.Args[0], "+"):
		format = c.Args[0][1:]
	case len(c.Args) == 1 && strings.Trim(c.Args[0], "0123456789.") == "":
		return c.fail("cannot set date: Operation not permitted")
	case len(c.Args) == 1:
		return c.fail("invalid date ‘%s’", c.Args[0])
	}
	fmt.Fprintln(c.Stdout, Strftime(format, t))
	return 0
}

var errDate = errors.New("no such date")

// dateParser reads the words of a date one after the other, as GNU's does: a
// day, a time of day, a zone, and distances from them, in any order.
type dateParser struct {
	words []string
	t     time.Time // the day, and the time of day when clock is set
	zone  *time.Location
	day   bool
	clock bool
	moves []func(time.Time) time.Time
}

var dayForms = []string{"2006-01-02", "20060102", "2006/01/02", "01/02/2006", "1/2/2006", "02-Jan-2006", "2-Jan-2006"}

var clockForms = []string{"15:04:05.999999999", "15:04:05", "15:04", "3:04pm", "3:04:05pm", "3pm"}

// maxDistance bounds how far a date may be moved, in any unit.
const maxDistance = 1 << 31

func parseDate(s string, now time.Time) (time.Time, error) {
	if sec, ok := strings.CutPrefix(strings.TrimSpace(s), "@"); ok {
		whole, fraction, _ := strings.Cut(sec, ".")
		n, err := strconv.ParseInt(whole, 10, 64)
		if err != nil || strings.Trim(fraction, "0123456789") != "" || n > 1<<55 || n < -1<<55 {
			return now, errDate
		}
		nanos, _ := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
		return time.Unix(n, nanos).UTC(), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.RFC1123, time.RFC1123Z, time.ANSIC, time.UnixDate} {
		if t, err := time.Parse(layout, strings.TrimSpace(s)); err == nil {
			return t.UTC(), nil
		}
	}
	p := &dateParser{words: dateWords(s), t: now, zone: time.UTC}
	for len(p.words) > 0 {
		if !p.next() {
			return now, errDate
		}
	}
	if p.day && !p.clock {
		p.t = time.Date(p.t.Year(), p.t.Month(), p.t.Day(), 0, 0, 0, 0, time.UTC)
	}
	if p.zone != time.UTC {
		_, offset := p.t.In(p.zone).Zone()
		p.t = p.t.Add(-time.Duration(offset) * time.Second)
	}
	for _, move := range p.moves {
		p.t = move(p.t)
	}
	return p.t, nil
}

// dateWords splits a date at blanks and commas, and between a number and the
// unit behind it.
func dateWords(s string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == ' ' || r == '\t' || r == ',' }) {
		i := strings.IndexFunc(w, unicode.IsLetter)
		if i > 0 && units[strings.TrimSuffix(w[i:], "s")] != nil {
			out = append(out, w[:i], w[i:])
			continue
		}
		out = append(out, w)
	}
	return out
}

// units move a time by so many of each.
var units = map[string]func(t time.Time, n int) time.Time{
	"sec": seconds(1), "second": seconds(1), "min": seconds(60), "minute": seconds(60), "hour": seconds(3600),
	"day": func(t time.Time, n int) time.Time { return t.AddDate(0, 0, n) }, "week": func(t time.Time, n int) time.Time { return t.AddDate(0, 0, 7*n) }, "fortnight": func(t time.Time, n int) time.Time { return t.AddDate(0, 0, 14*n) },
	"month": func(t time.Time, n int) time.Time { return t.AddDate(0, n, 0) }, "year": func(t time.Time, n int) time.Time { return t.AddDate(n, 0, 0) },
}

func seconds(each int) func(time.Time, int) time.Time {
	return func(t time.Time, n int) time.Time { return t.Add(time.Duration(n) * time.Duration(each) * time.Second) }
}

func (p *dateParser) setDay(t time.Time) {
	p.t = time.Date(t.Year(), t.Month(), t.Day(), p.t.Hour(), p.t.Minute(), p.t.Second(), p.t.Nanosecond(), time.UTC)
	p.day = true
}

func (p *dateParser) setClock(t time.Time) {
	p.t = time.Date(p.t.Year(), p.t.Month(), p.t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	p.clock = true
}

// next takes what the next words say.
func (p *dateParser) next() bool {
	w := p.words[0]
	rest := p.words[1:]
	p.words = rest
	switch w {
	case "now", "today", "utc", "z", "gmt", "at":
		return true
	case "yesterday":
		return p.move("day", -1)
	case "tomorrow":
		return p.move("day", 1)
	case "midnight":
		p.setClock(time.Time{})
		return true
	case "noon":
		p.setClock(time.Date(1, 1, 1, 12, 0, 0, 0, time.UTC))
		return true
	case "next", "last", "this":
		n := map[string]int{"next": 1, "last": -1}[w]
		if len(rest) == 0 {
			return false
		}
		p.words = rest[1:]
		if day, ok := weekday(rest[0]); ok {
			return p.weekday(day, n)
		}
		return p.move(rest[0], n)
	}
	if day, ok := weekday(w); ok {
		return p.weekday(day, 0)
	}
	for _, form := range dayForms {
		if t, err := time.Parse(form, title(w)); err == nil {
			p.setDay(t)
			return true
		}
	}
	for _, form := range clockForms {
		if t, err := time.Parse(form, w); err == nil {
			p.setClock(t)
			return true
		}
		if len(rest) > 0 && (rest[0] == "am" || rest[0] == "pm") {
			if t, err := time.Parse(form, w+rest[0]); err == nil {
				p.setClock(t)
				p.words = rest[1:]
				return true
			}
		}
	}
	if t, err := time.Parse("-07:00", w); err == nil && p.clock {
		_, offset := t.Zone()
		p.zone = time.FixedZone("", offset)
		return true
	}
	if p.named(w, rest) {
		return true
	}
	return p.distance(w, rest)
}

func title(w string) string {
	if i := strings.IndexFunc(w, unicode.IsLetter); i >= 0 {
		return w[:i] + strings.ToUpper(w[i:i+1]) + w[i+1:]
	}
	return w
}

// named takes a day with its month's name: 5 Jan 2024, Jan 5 2024, Jan 5.
func (p *dateParser) named(w string, rest []string) bool {
	for n := 2; n >= 1; n-- {
		if len(rest) < n {
			continue
		}
		text := title(w)
		for _, r := range rest[:n] {
			text += " " + title(r)
		}
		for _, form := range []string{"2 Jan 2006", "Jan 2 2006", "2 January 2006", "January 2 2006", "2 Jan", "Jan 2", "2 January", "January 2"} {
			if t, err := time.Parse(form, text); err == nil {
				if t.Year() == 0 {
					t = t.AddDate(p.t.Year(), 0, 0)
				}
				p.setDay(t)
				p.words = rest[n:]
				return true
			}
		}
	}
	return false
}

// distance takes a number and a unit, or a unit alone.
func (p *dateParser) distance(w string, rest []string) bool {
	n, unit := 1, w
	if v, err := strconv.Atoi(strings.TrimPrefix(w, "+")); err == nil {
		if len(rest) == 0 || v > maxDistance || v < -maxDistance {
			return false
		}
		n, unit = v, rest[0]
		p.words = rest[1:]
	}
	if len(p.words) > 0 && p.words[0] == "ago" {
		n = -n
		p.words = p.words[1:]
	}
	return p.move(unit, n)
}

func (p *dateParser) move(unit string, n int) bool {
	f := units[strings.TrimSuffix(unit, "s")]
	if f == nil {
		return false
	}
	p.moves = append(p.moves, func(t time.Time) time.Time { return f(t, n) })
	return true
}

func weekday(w string) (time.Weekday, bool) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		name := strings.ToLower(d.String())
		if w == name || w == name[:3] {
			return d, true
		}
	}
	return 0, false
}

func (p *dateParser) weekday(d time.Weekday, n int) bool {
	p.setDay(p.t)
	ahead := (int(d) - int(p.t.Weekday()) + 7) % 7
	if n != 0 && ahead > 0 && n < 0 || n > 0 && ahead == 0 {
		ahead += 7 * n
	}
	return p.move("day", ahead)
}

// conversion is what a letter of strftime stands for: a number with its width
// and padding, a layout of Go's, or text.
type conversion struct {
	layout string
	number func(t time.Time) int
	width  int
	blank  bool // padded with blanks
}

var conversions = map[byte]conversion{
	'Y': {number: time.Time.Year, width: 4}, 'm': {number: func(t time.Time) int { return int(t.Month()) }, width: 2}, 'd': {number: time.Time.Day, width: 2}, 'e': {number: time.Time.Day, width: 2, blank: true},
	'H': {number: time.Time.Hour, width: 2}, 'k': {number: time.Time.Hour, width: 2, blank: true}, 'I': {number: hour12, width: 2}, 'l': {number: hour12, width: 2, blank: true},
	'M': {number: time.Time.Minute, width: 2}, 'S': {number: time.Time.Second, width: 2}, 'j': {number: time.Time.YearDay, width: 3}, 'y': {number: func(t time.Time) int { return t.Year() % 100 }, width: 2}, 'C': {number: func(t time.Time) int { return t.Year() / 100 }, width: 2},
	's': {number: func(t time.Time) int { return int(t.Unix()) }, width: 1}, 'u': {number: func(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }, width: 1}, 'w': {number: func(t time.Time) int { return int(t.Weekday()) }, width: 1},
	'U': {number: func(t time.Time) int { return (t.YearDay() + 6 - int(t.Weekday())) / 7 }, width: 2}, 'W': {number: func(t time.Time) int { return (t.YearDay() + 6 - (int(t.Weekday())+6)%7) / 7 }, width: 2},
	'V': {number: func(t time.Time) int { _, w := t.ISOWeek(); return w }, width: 2}, 'G': {number: func(t time.Time) int { y, _ := t.ISOWeek(); return y }, width: 4}, 'g': {number: func(t time.Time) int { y, _ := t.ISOWeek(); return y % 100 }, width: 2},
	'q': {number: func(t time.Time) int { return (int(t.Month()) + 2) / 3 }, width: 1},
	'a': {layout: "Mon"}, 'A': {layout: "Monday"}, 'b': {layout: "Jan"}, 'h': {layout: "Jan"}, 'B': {layout: "January"}, 'p': {layout: "PM"}, 'P': {layout: "pm"}, 'Z': {layout: "MST"}, 'z': {layout: "-0700"},
	'F': {layout: "2006-01-02"}, 'T': {layout: "15:04:05"}, 'R': {layout: "15:04"}, 'D': {layout: "01/02/06"}, 'x': {layout: "01/02/06"}, 'X': {layout: "15:04:05"}, 'r': {layout: "03:04:05 PM"}, 'c': {layout: "Mon Jan _2 15:04:05 2006"},
}

func hour12(t time.Time) int { return (t.Hour()+11)%12 + 1 }

// Strftime prints a time as the date program does for a FORMAT without its "+".
func Strftime(format string, t time.Time) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 >= len(format) {
			b.WriteByte(format[i])
			continue
		}
		start := i
		flags, colons, width := "", 0, 0
		for i++; i < len(format) && strings.IndexByte("-_0^#+", format[i]) >= 0; i++ {
			flags += format[i : i+1]
		}
		for ; i < len(format) && isDigit(format[i]) && width < 1000; i++ {
			width = width*10 + int(format[i]-'0')
		}
		for ; i < len(format) && format[i] == ':'; i++ {
			colons++
		}
		if i >= len(format) {
			b.WriteString(format[start:])
			break
		}
		text, ok := convert(format[i], flags, colons, width, t)
		if !ok {
			text = format[start : i+1]
		}
		b.WriteString(text)
	}
	return b.String()
}

func convert(letter byte, flags string, colons, width int, t time.Time) (string, bool) {
	switch letter {
	case '%':
		return "%", true
	case 'n':
		return "\n", true
	case 't':
		return "\t", true
	case 'N':
		nanos := fmt.Sprintf("%09d", t.Nanosecond())
		if strings.Contains(flags, "-") {
			return strings.TrimRight(nanos[:8], "0") + strings.TrimRight(nanos[8:], "0"), true
		}
		if width > 0 && width < 9 {
			nanos = nanos[:width]
		}
		return nanos, true
	}
	c, ok := conversions[letter]
	if !ok || colons > 0 && letter != 'z' {
		return "", false
	}
	if c.number != nil {
		n := c.number(t)
		switch {
		case strings.Contains(flags, "-"):
			return strconv.Itoa(n), true
		case strings.Contains(flags, "_"), c.blank && !strings.Contains(flags, "0"):
			return fmt.Sprintf("%*d", max(width, c.width), n), true
		}
		return fmt.Sprintf("%0*d", max(width, c.width), n), true
	}
	layout := c.layout
	if colons > 0 {
		layout = []string{"", "-07:00", "-07:00:00"}[min(colons, 2)]
	}
	text := t.Format(layout)
	switch {
	case strings.Contains(flags, "^"):
		text = strings.ToUpper(text)
	case strings.Contains(flags, "#") && (letter == 'Z' || letter == 'p'):
		text = strings.ToLower(text)
	case strings.Contains(flags, "#"):
		text = strings.ToUpper(text)
	}
	padding := " "
	if strings.Contains(flags, "0") {
		padding = "0"
	}
	return strings.Repeat(padding, max(0, width-len(text))) + text, true
}
