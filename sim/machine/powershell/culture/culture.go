// Package culture writes and reads numbers as .NET does: standard and custom
// format strings, in the invariant culture and in en-US with the data of either
// system (ICU on Linux, its own on Windows). It knows numbers only as Go's,
// *big.Int and decimal.Decimal; dates are package datetime's.
package culture

import "errors"

// Culture holds what differs between cultures.
type Culture struct {
	Name string // "" is the invariant culture
	// Decimals are the default digits after the point of N, F and, without it, P.
	Decimals, PercentDecimals int
	Currency                  string
	// Patterns: $ is the currency sign, n the digits, % the percent sign.
	CurrencyPositive, CurrencyNegative string
	PercentPositive, PercentNegative   string
	Infinity                           string
	// ShortDate and the like are patterns of dates.
	ShortDate, LongDate, ShortTime, LongTime string
}

// The cultures. Linux and Windows are en-US on each system.
var (
	Invariant = &Culture{"", 2, 2, "¤", "$n", "($n)", "n %", "-n %", "Infinity", "MM/dd/yyyy", "dddd, dd MMMM yyyy", "HH:mm", "HH:mm:ss"}
	Linux     = &Culture{"en-US", 3, 3, "$", "$n", "-$n", "n%", "-n%", "∞", "M/d/yyyy", "dddd, MMMM d, yyyy", "h:mm tt", "h:mm:ss tt"}
	Windows   = &Culture{"en-US", 2, 2, "$", "$n", "($n)", "n %", "-n %", "∞", "M/d/yyyy", "dddd, MMMM d, yyyy", "h:mm tt", "h:mm:ss tt"}
)

// ErrFormat is .NET's FormatException for a format string that is none.
var ErrFormat = errors.New("culture: invalid format")

// Pattern returns the custom date format that a standard one letter stands for,
// "" if it is none.
func (c *Culture) Pattern(letter string) string {
	monthDay, yearMonth := "MMMM d", "MMMM yyyy"
	if c.Name == "" {
		monthDay, yearMonth = "MMMM dd", "yyyy MMMM"
	}
	switch letter {
	case "d":
		return c.ShortDate
	case "D":
		return c.LongDate
	case "f":
		return c.LongDate + " " + c.ShortTime
	case "F", "U":
		return c.LongDate + " " + c.LongTime
	case "g":
		return c.ShortDate + " " + c.ShortTime
	case "G":
		return c.ShortDate + " " + c.LongTime
	case "m", "M":
		return monthDay
	case "o", "O":
		return "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK"
	case "r", "R":
		return "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'"
	case "s":
		return "yyyy'-'MM'-'dd'T'HH':'mm':'ss"
	case "t":
		return c.ShortTime
	case "T":
		return c.LongTime
	case "u":
		return "yyyy'-'MM'-'dd HH':'mm':'ss'Z'"
	case "y", "Y":
		return yearMonth
	}
	return ""
}
