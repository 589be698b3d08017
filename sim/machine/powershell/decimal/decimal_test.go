package decimal

import (
	"errors"
	"math/big"
	"testing"
)

func dec(t testing.TB, s string) Decimal {
	t.Helper()
	d, ok := Parse(s)
	if !ok {
		t.Fatalf("Parse(%q) failed", s)
	}
	return d
}

func TestArithmetic(t *testing.T) {
	for _, c := range []struct{ a, op, b, want string }{
		{"1.10", "+", "2.205", "3.305"},
		{"1.10", "-", "1.1", "0.00"},
		{"0.1", "*", "0.20", "0.020"},
		{"10.0", "/", "2", "5.0"},
		{"7", "/", "2", "3.5"},
		{"1", "/", "3", "0.3333333333333333333333333333"},
		{"2", "/", "3", "0.6666666666666666666666666667"},
		{"1", "/", "0.1", "10"},
		{"-10.50", "%", "3", "-1.50"},
		{"79228162514264337593543950335", "-", "0.5", "79228162514264337593543950334"},
		{"0.0000000000000000000000000005", "*", "0.5", "0.0000000000000000000000000002"},
	} {
		a, b := dec(t, c.a), dec(t, c.b)
		ops := map[string]func(Decimal) (Decimal, error){"+": a.Add, "-": a.Sub, "*": a.Mul, "/": a.Div, "%": a.Rem}
		got, err := ops[c.op](b)
		if err != nil || got.String() != c.want {
			t.Errorf("%s %s %s = %s, %v; want %s", c.a, c.op, c.b, got, err, c.want)
		}
	}
	if _, err := Max.Add(FromInt(1)); !errors.Is(err, ErrOverflow) {
		t.Errorf("Max+1: %v", err)
	}
	if _, err := FromInt(1).Div(Decimal{}); !errors.Is(err, ErrZero) {
		t.Errorf("1/0: %v", err)
	}
}

func TestRounding(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{dec(t, "2.5").Round(0, false).String(), "2"},
		{dec(t, "2.5").Round(0, true).String(), "3"},
		{dec(t, "-2.345").Round(2, false).String(), "-2.34"},
		{dec(t, "-2.1").Floor().String(), "-3"},
		{dec(t, "-2.1").Ceiling().String(), "-2"},
		{dec(t, "3.500").Trim().String(), "3.5"},
		{dec(t, "3.5").RoundBig().String(), "4"},
		{dec(t, "1e3").String(), "1000"},
		{dec(t, "1.5e-3").String(), "0.0015"},
		{Min.String(), "-79228162514264337593543950335"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
	f, err := FromFloat(0.1+0.2, 15)
	if err != nil || f.String() != "0.3" {
		t.Errorf("FromFloat(0.1+0.2) = %s, %v", f, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1", "-0.50", "1e5", "79228162514264337593543950336", "0.00000000000000000000000000000001", "."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, ok := Parse(s)
		if !ok {
			return
		}
		if again := dec(t, d.String()); again.Cmp(d) != 0 {
			t.Errorf("%q: %s reads back as %s", s, d, again)
		}
		if sum, err := d.Add(FromInt(1)); err == nil {
			if back, err := sum.Sub(FromInt(1)); err != nil || new(big.Int).Sub(back.Big(), d.Big()).CmpAbs(big.NewInt(1)) > 0 {
				t.Errorf("%s+1-1 = %s, %v", d, back, err)
			}
		}
	})
}
