package culture

import (
	"math/big"
	"testing"

	"skylab/sim/machine/powershell/decimal"
)

func TestFormat(t *testing.T) {
	tenth := 0.1
	d, _ := decimal.Parse("1234.50")
	for _, c := range []struct {
		v         any
		spec, out string
	}{
		{int32(-7), "C", "-$7.00"}, {int32(7), "P", "700.000%"}, {int32(255), "X4", "00FF"}, {int32(-7), "x", "fffffff9"},
		{1234567.891, "N2", "1,234,567.89"}, {0.5, "0.00", "0.50"}, {-0.5, "(0)", "-(1)"}, {-0.5, "F0", "-0"}, {2.5, "N0", "2"}, {2.5, "0", "3"}, {1e15, "", "1000000000000000"},
		{1e20, "", "1E+20"}, {1234.5678, "G3", "1.23E+03"}, {0.000123, "0.0e+0", "1.2e-4"}, {1e15, "00.0%", "100000000000000000.0%"},
		{int32(0), "#", ""}, {int32(0), "#;(#);zero", "zero"}, {int32(-5), "#;(#);zero", "(5)"}, {d, "", "1234.50"}, {d, "#,##0", "1,235"},
		{int64(12345678), "0,,", "12"}, {int32(42), "D5", "00042"}, {2.55, "E", "2.550000E+000"}, {0.1, "F20", "0.10000000000000000555"},
		{big.NewInt(255), "X", "0FF"}, {float32(0.1), "", "0.1"}, {tenth + 0.2, "", "0.30000000000000004"}, {tenth + 0.2, "G15", "0.3"},
		{int32(1234567), "000-00-00", "123-45-67"}, {1234.5, "#,#.00", "1,234.50"}, {0.00001234, "", "1.234E-05"}, {int32(5), "00.00", "05.00"},
	} {
		if got, err := Linux.Format(c.v, c.spec); err != nil || got != c.out {
			t.Errorf("%v %q: %q %v, want %q", c.v, c.spec, got, err, c.out)
		}
	}
	if got, _ := Windows.Format(int32(-7), "C"); got != "($7.00)" {
		t.Errorf("Windows currency: %s", got)
	}
	if _, err := Linux.Format(0.5, "D"); err == nil {
		t.Error("D of a double is no format")
	}
}

func FuzzFormat(f *testing.F) {
	f.Add(1.5, int64(3), "0.0#;'x")
	f.Add(-1e300, int64(-3), "#,##0,,.00E+00%")
	f.Fuzz(func(t *testing.T, x float64, n int64, spec string) {
		if len(spec) > 20 {
			return
		}
		if _, p, ok := parseSpec(spec); ok && p > 1000 {
			return
		}
		Linux.Format(x, spec)
		Linux.Format(n, spec)
		Linux.ParseFloat(spec, Any)
	})
}
