package datetime

import (
	"testing"

	"skylab/sim/machine/powershell/culture"
)

func TestParse(t *testing.T) {
	today, _ := Date(2026, 1, 2)
	for in, want := range map[string]string{
		"2018-05-08": "2018-05-08T00:00:00.0000000", "5/8/18": "2018-05-08T00:00:00.0000000", "8 May 2018": "2018-05-08T00:00:00.0000000",
		"Tuesday, May 8, 2018": "2018-05-08T00:00:00.0000000", "2018-05-08T10:11:12.123456Z": "2018-05-08T10:11:12.1234560+00:00",
		"2018-05-08T10:11:12+02:00": "2018-05-08T08:11:12.0000000+00:00", "2018-05-08 10:11 PM": "2018-05-08T22:11:00.0000000",
		"10:11": "2026-01-02T10:11:00.0000000", "8.5.2018": "2018-08-05T00:00:00.0000000", "May 2018": "2018-05-01T00:00:00.0000000",
		"Tue, 08 May 2018 10:11:12 GMT": "2018-05-08T10:11:12.0000000+00:00", "2018-05": "2018-05-01T00:00:00.0000000",
		"0x1F":             "!The string '0x1F' was not recognized as a valid DateTime. There is an unknown word starting at index '1'.",
		"now":              "!The string 'now' was not recognized as a valid DateTime. There is an unknown word starting at index '0'.",
		"90":               "!String '90' was not recognized as a valid DateTime.",
		"1.2.3.4":          "!String '1.2.3.4' was not recognized as a valid DateTime.",
		"20180508":         "!String '20180508' was not recognized as a valid DateTime.",
		"2018-05-08T10":    "!String '2018-05-08T10' was not recognized as a valid DateTime.",
		"2018-W19-2":       "!The string '2018-W19-2' was not recognized as a valid DateTime. There is an unknown word starting at index '5'.",
		"Monday":           "!String 'Monday' was not recognized as a valid DateTime.",
		"2018-05-08 25:00": "!The DateTime represented by the string '2018-05-08 25:00' is not supported in calendar 'System.Globalization.GregorianCalendar'.",
		"1.02:03:04":       "!String '1.02:03:04' was not recognized as a valid DateTime.",
		"":                 "!String '' was not recognized as a valid DateTime.",
	} {
		p, err := Parse(in, today)
		got := ""
		if err != nil {
			got = "!" + err.Error()
		} else {
			got, _ = p.DateTime().Format("o", culture.Invariant)
		}
		if got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestFormat(t *testing.T) {
	ticks, _ := Date(2018, 11, 30)
	d := DateTime{ticks + 23*TicksPerHour + 5*TicksPerMinute + 9*TicksPerSecond + 123*TicksPerMillisecond, UTC}
	for in, want := range map[string]string{
		"": "11/30/2018 11:05:09 PM", "f": "Friday, November 30, 2018 11:05 PM", "o": "2018-11-30T23:05:09.1230000Z", "%d": "30",
		"R": "Fri, 30 Nov 2018 23:05:09 GMT", "yy'y'\\d FFF": "18yd 123", "u": "2018-11-30 23:05:09Z", "M": "November 30",
	} {
		if got, err := d.Format(in, culture.Linux); err != nil || got != want {
			t.Errorf("%q: %s %v, want %s", in, got, err, want)
		}
	}
	if _, err := d.Format("K", culture.Linux); err == nil {
		t.Error("K alone is no format")
	}
	if e, _ := d.AddMonths(3); func() string { s, _ := e.Format("s", culture.Linux); return s }() != "2019-02-28T23:05:09" {
		t.Error("AddMonths")
	}
}

func TestSpan(t *testing.T) {
	for in, want := range map[string]string{"1.02:03:04": "1.02:03:04", "7": "7.00:00:00", "-0:00:01.5": "-00:00:01.5000000", "1:2": "01:02:00"} {
		if s, msg := ParseSpan(in); msg != "" || s.String() != want {
			t.Errorf("%q: %s %s, want %s", in, s, msg, want)
		}
	}
	if s, _ := Span(-15000000).Format("G"); s != "-0:00:00:01.5000000" {
		t.Error(s)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("2018-05-08T10:11:12+02:00", "yyyy'x'")
	f.Add("1.2:3:4.5", "%d\\")
	f.Fuzz(func(t *testing.T, s, spec string) {
		p, err := Parse(s, 0)
		if err == nil {
			p.DateTime().Format(spec, culture.Linux)
		}
		if sp, msg := ParseSpan(s); msg == "" {
			sp.Format(spec)
		}
	})
}
