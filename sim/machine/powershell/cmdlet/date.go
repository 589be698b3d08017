package cmdlet

import (
	"fmt"
	"strings"
	"time"

	"skylab/sim/machine/powershell/datetime"
	"skylab/sim/machine/powershell/object"
)

var dateBodies = map[string]body{
	"Get-Date":     {process: getDate},
	"New-TimeSpan": {process: newTimeSpan},
}

func getDate(i *invocation) error {
	d := datetime.DateTime{Ticks: i.Session().Objects().Now(), Kind: datetime.Local}
	if v, ok := object.Base(i.Value("Date")).(datetime.DateTime); ok {
		d = v
	}
	if i.Has("UnixTimeSeconds") {
		n, _, _ := object.Integer(i.Value("UnixTimeSeconds"))
		d = datetime.DateTime{Ticks: datetime.FromUnix(n, 0), Kind: datetime.Local}
	}
	y, m, day, _ := datetime.Civil(d.Ticks)
	h, mi, s, frac := datetime.Clock(d.Ticks)
	y, m, day = i.Int("Year", y), i.Int("Month", m), i.Int("Day", day)
	h, mi, s = i.Int("Hour", h), i.Int("Minute", mi), i.Int("Second", s)
	if i.Has("Millisecond") {
		frac = i.Int("Millisecond", 0) * datetime.TicksPerMillisecond
	}
	ticks, ok := datetime.Date(y, m, day)
	if !ok {
		e := object.Throw("System.ArgumentOutOfRangeException", "Day must be between 1 and %d for month %d. (Parameter 'day')", datetime.DaysIn(y, max(1, min(m, 12))), m)
		return e
	}
	d.Ticks = ticks + int64(h)*datetime.TicksPerHour + int64(mi)*datetime.TicksPerMinute + int64(s)*datetime.TicksPerSecond + int64(frac)
	if i.Switch("AsUTC") {
		d.Kind = datetime.UTC
	}
	switch {
	case i.Has("Format"):
		f := i.Text("Format")
		switch f {
		case "FileDate":
			f = "yyyyMMdd"
		case "FileDateUniversal":
			f = "yyyyMMddZ"
		case "FileDateTime":
			f = "yyyyMMddTHHmmssffff"
		case "FileDateTimeUniversal":
			f = "yyyyMMddTHHmmssffffZ"
		}
		t, err := d.Format(f, i.Session().Objects().Culture)
		if err != nil {
			return object.Throw("System.FormatException", "Input string was not in a correct format.")
		}
		return i.Write(t)
	case i.Has("UFormat"):
		return i.Write(uformat(i, d, i.Text("UFormat")))
	}
	o := &object.Object{Type: object.DateTimeType, Base: d}
	hint := object.Enum{Type: object.MustType("Microsoft.PowerShell.Commands.DisplayHintType"), Value: 2}
	if en, ok := i.Value("DisplayHint").(object.Enum); ok {
		hint = en
	}
	o.Members.Add(&object.Member{Name: "DisplayHint", Value: hint})
	return i.Write(o)
}

// uformat writes a date by a Unix format string.
func uformat(i *invocation, d datetime.DateTime, f string) string {
	f = strings.TrimPrefix(f, "+")
	y, m, day, yday := datetime.Civil(d.Ticks)
	h, _, _, _ := datetime.Clock(d.Ticks)
	wd := datetime.Weekday(d.Ticks)
	t := time.Date(y, time.Month(m), day, 0, 0, 0, 0, time.UTC)
	isoYear, isoWeek := t.ISOWeek()
	net := func(spec string) string {
		s, _ := d.Format(spec, i.Session().Objects().Culture)
		return s
	}
	var b strings.Builder
	for n := 0; n < len(f); n++ {
		if f[n] != '%' || n+1 >= len(f) {
			b.WriteByte(f[n])
			continue
		}
		n++
		switch f[n] {
		case 'A':
			b.WriteString(net("dddd"))
		case 'a':
			b.WriteString(net("ddd"))
		case 'B':
			b.WriteString(net("MMMM"))
		case 'b', 'h':
			b.WriteString(net("MMM"))
		case 'C':
			fmt.Fprintf(&b, "%02d", y/100)
		case 'c':
			b.WriteString(net("ddd dd MMM yyyy HH:mm:ss"))
		case 'D':
			b.WriteString(net("MM/dd/yy"))
		case 'd':
			b.WriteString(net("dd"))
		case 'e':
			fmt.Fprintf(&b, "%2d", day)
		case 'F':
			b.WriteString(net("yyyy-MM-dd"))
		case 'G':
			fmt.Fprintf(&b, "%04d", isoYear)
		case 'g':
			fmt.Fprintf(&b, "%02d", isoYear%100)
		case 'H':
			b.WriteString(net("HH"))
		case 'I':
			b.WriteString(net("hh"))
		case 'j':
			fmt.Fprintf(&b, "%03d", yday)
		case 'k':
			fmt.Fprintf(&b, "%2d", h)
		case 'l':
			fmt.Fprintf(&b, "%2d", (h+11)%12+1)
		case 'M':
			b.WriteString(net("mm"))
		case 'm':
			b.WriteString(net("MM"))
		case 'n':
			b.WriteByte('\n')
		case 'p':
			b.WriteString(net("tt"))
		case 'R':
			b.WriteString(net("HH:mm"))
		case 'r':
			b.WriteString(net("hh:mm:ss tt"))
		case 'S':
			b.WriteString(net("ss"))
		case 's':
			fmt.Fprint(&b, datetime.UnixSeconds(d.Ticks))
		case 'T', 'X':
			b.WriteString(net("HH:mm:ss"))
		case 't':
			b.WriteByte('\t')
		case 'U', 'W':
			fmt.Fprintf(&b, "%d", (yday-1)/7)
		case 'u':
			fmt.Fprint(&b, (wd+6)%7+1)
		case 'V':
			fmt.Fprintf(&b, "%02d", isoWeek)
		case 'w':
			fmt.Fprint(&b, wd)
		case 'x':
			b.WriteString(net("MM/dd/yy"))
		case 'Y':
			fmt.Fprintf(&b, "%04d", y)
		case 'y':
			fmt.Fprintf(&b, "%02d", y%100)
		case 'Z':
			b.WriteString("+00")
		case '%':
			b.WriteByte('%')
		default:
			b.WriteByte(f[n])
		}
	}
	return b.String()
}

func newTimeSpan(i *invocation) error {
	if i.Has("Start") || i.Has("End") || i.Piped {
		now := datetime.DateTime{Ticks: i.Session().Objects().Now()}
		start, end := now, now
		if v, ok := object.Base(i.Value("Start")).(datetime.DateTime); ok {
			start = v
		}
		if v, ok := object.Base(i.Value("End")).(datetime.DateTime); ok {
			end = v
		}
		return i.Write(datetime.Span(end.Ticks - start.Ticks))
	}
	t := int64(i.Int("Days", 0))*datetime.TicksPerDay + int64(i.Int("Hours", 0))*datetime.TicksPerHour + int64(i.Int("Minutes", 0))*datetime.TicksPerMinute + int64(i.Int("Seconds", 0))*datetime.TicksPerSecond + int64(i.Int("Milliseconds", 0))*datetime.TicksPerMillisecond
	return i.Write(datetime.Span(t))
}

func startSleep(i *invocation) error {
	d := time.Duration(i.Int("Milliseconds", 0)) * time.Millisecond
	if f, ok := object.Float(object.Base(i.Value("Seconds"))); ok {
		d = time.Duration(f * float64(time.Second))
	}
	if c := i.Session().Config().Clock; c != nil {
		return c.Sleep(i.Context(), d)
	}
	return nil
}
