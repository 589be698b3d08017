// Package datetime is .NET's DateTime, DateTimeOffset and TimeSpan: their
// arithmetic, format strings and the forgiving way in which they read text. The
// local time zone is UTC, as on Azure's machines. It knows no clock: who needs
// today's date passes it.
package datetime

import "errors"

// Units of time in ticks of 100 ns.
const (
	TicksPerMillisecond = 10_000
	TicksPerSecond      = 1000 * TicksPerMillisecond
	TicksPerMinute      = 60 * TicksPerSecond
	TicksPerHour        = 60 * TicksPerMinute
	TicksPerDay         = 24 * TicksPerHour
	// UnixEpoch is 1970-01-01 in ticks.
	UnixEpoch = 719162 * TicksPerDay
	// MaxTicks is the last tick of year 9999.
	MaxTicks = 3652059*TicksPerDay - 1
)

// ErrRange says that a time lies outside of the years 1 to 9999.
var ErrRange = errors.New("datetime: out of range")

// Kind is DateTimeKind.
type Kind uint8

// The kinds.
const (
	Unspecified Kind = iota
	UTC
	Local
)

// DateTime is a point in time: ticks since the beginning of year 1.
type DateTime struct {
	Ticks int64
	Kind  Kind
}

// Offset is a DateTimeOffset: Ticks are those of its own clock, Minutes what that is ahead of UTC.
type Offset struct {
	Ticks   int64
	Minutes int
}

// UTCTicks returns the ticks of the same point in time in UTC.
func (o Offset) UTCTicks() int64 { return o.Ticks - int64(o.Minutes)*TicksPerMinute }

// Span is a TimeSpan, in ticks.
type Span int64

// Date returns a day's first tick; ok is false if there is no such day.
func Date(y, m, d int) (ticks int64, ok bool) {
	if y < 1 || y > 9999 || m < 1 || m > 12 || d < 1 || d > DaysIn(y, m) {
		return 0, false
	}
	y--
	n := y*365 + y/4 - y/100 + y/400 + daysBefore(y+1, m) + d - 1
	return int64(n) * TicksPerDay, true
}

// IsLeap reports whether a year has 366 days.
func IsLeap(y int) bool { return y%4 == 0 && (y%100 != 0 || y%400 == 0) }

var monthDays = [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// DaysIn returns how many days a month has.
func DaysIn(y, m int) int {
	if m == 2 && IsLeap(y) {
		return 29
	}
	return monthDays[m-1]
}

func daysBefore(y, m int) int {
	n := 0
	for i := 1; i < m; i++ {
		n += DaysIn(y, i)
	}
	return n
}

// Civil returns year, month, day and day of the year.
func Civil(ticks int64) (y, m, d, yday int) {
	n := int(ticks / TicksPerDay)
	y400, n := n/146097, n%146097
	y100 := min(n/36524, 3)
	n -= y100 * 36524
	y4, n := n/1461, n%1461
	y1 := min(n/365, 3)
	n -= y1 * 365
	y = y400*400 + y100*100 + y4*4 + y1 + 1
	yday = n + 1
	m = 1
	for n >= DaysIn(y, m) {
		n -= DaysIn(y, m)
		m++
	}
	return y, m, n + 1, yday
}

// Clock returns hour, minute, second and the ticks of the second.
func Clock(ticks int64) (h, m, s, frac int) {
	t := ticks % TicksPerDay
	return int(t / TicksPerHour), int(t / TicksPerMinute % 60), int(t / TicksPerSecond % 60), int(t % TicksPerSecond)
}

// Weekday returns 0 for Sunday to 6.
func Weekday(ticks int64) int { return int((ticks/TicksPerDay + 1) % 7) }

// Add returns the time n ticks later.
func (t DateTime) Add(n int64) (DateTime, error) {
	t.Ticks += n
	if t.Ticks < 0 || t.Ticks > MaxTicks {
		return t, ErrRange
	}
	return t, nil
}

// AddMonths returns the same day some months later, or the last of that month.
func (t DateTime) AddMonths(n int) (DateTime, error) {
	y, m, d, _ := Civil(t.Ticks)
	i := y*12 + m - 1 + n
	if i < 12 {
		return t, ErrRange
	}
	y, m = i/12, i%12+1
	if y > 9999 {
		return t, ErrRange
	}
	day, _ := Date(y, m, min(d, DaysIn(y, m)))
	t.Ticks = day + t.Ticks%TicksPerDay
	return t, nil
}

// FromUnix returns seconds and nanoseconds since 1970 as ticks.
func FromUnix(sec int64, nsec int) int64 { return UnixEpoch + sec*TicksPerSecond + int64(nsec)/100 }

// FloorDiv divides rounding down.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// UnixSeconds returns whole seconds since 1970.
func UnixSeconds(ticks int64) int64 { return floorDiv(ticks-UnixEpoch, TicksPerSecond) }
