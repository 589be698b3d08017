// Package decimal is .NET's System.Decimal: 96 bits of coefficient, a scale of
// 0 to 28 and a sign, rounding half to even. It knows nothing of PowerShell.
package decimal

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// ErrOverflow says that a value does not fit: .NET's OverflowException.
var ErrOverflow = errors.New("decimal: overflow")

// ErrZero is .NET's DivideByZeroException.
var ErrZero = errors.New("decimal: division by zero")

const maxScale = 28

// Decimal is a number. The zero value is 0; equal numbers may differ in scale
// (1.0 and 1.00), so compare with Cmp.
type Decimal struct {
	lo    uint64
	hi    uint32
	scale uint8
	neg   bool
}

var (
	maxCoef = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 96), big.NewInt(1))
	ten     = big.NewInt(10)
	// Max and Min are the largest and the smallest value.
	Max = Decimal{lo: math.MaxUint64, hi: math.MaxUint32}
	Min = Decimal{lo: math.MaxUint64, hi: math.MaxUint32, neg: true}
)

func pow10(n int) *big.Int { return new(big.Int).Exp(ten, big.NewInt(int64(n)), nil) }

func (d Decimal) coef() *big.Int {
	b := new(big.Int).SetUint64(uint64(d.hi))
	return b.Lsh(b, 64).Or(b, new(big.Int).SetUint64(d.lo))
}

// signed returns the coefficient with its sign.
func (d Decimal) signed() *big.Int {
	c := d.coef()
	if d.neg {
		c.Neg(c)
	}
	return c
}

// halfEven returns a/b rounded half to even, for a, b >= 0.
func halfEven(a, b *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(a, b, new(big.Int))
	switch r.Lsh(r, 1).Cmp(b) {
	case 1:
		q.Add(q, big.NewInt(1))
	case 0:
		if q.Bit(0) == 1 {
			q.Add(q, big.NewInt(1))
		}
	}
	return q
}

// build makes a decimal of ±c/10^scale, giving up digits until it fits.
func build(c *big.Int, scale int) (Decimal, error) {
	neg := c.Sign() < 0
	a := new(big.Int).Abs(c)
	drop := max(0, scale-maxScale)
	if a.Cmp(maxCoef) > 0 {
		drop = max(drop, len(a.String())-29)
	}
	for {
		q := a
		if drop > 0 {
			q = halfEven(a, pow10(drop))
		}
		if scale-drop < 0 {
			return Decimal{}, ErrOverflow
		}
		if q.Cmp(maxCoef) <= 0 {
			lo := new(big.Int).And(q, new(big.Int).SetUint64(math.MaxUint64)).Uint64()
			hi := new(big.Int).Rsh(q, 64).Uint64()
			return Decimal{lo, uint32(hi), uint8(scale - drop), neg && q.Sign() != 0}, nil
		}
		drop++
	}
}

// FromInt returns n.
func FromInt(n int64) Decimal {
	if n < 0 {
		return Decimal{lo: -uint64(n), neg: true}
	}
	return Decimal{lo: uint64(n)}
}

// FromUint returns n.
func FromUint(n uint64) Decimal { return Decimal{lo: n} }

// FromBig returns n.
func FromBig(n *big.Int) (Decimal, error) { return build(n, 0) }

// FromFloat returns f rounded to digits significant digits: 15 for a double, 7
// for a single, as .NET converts them.
func FromFloat(f float64, digits int) (Decimal, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) || math.Abs(f) >= 7.922816251426434e28 {
		return Decimal{}, ErrOverflow
	}
	if math.Abs(f) < 1e-28 {
		return Decimal{}, nil
	}
	d, ok := Parse(strconv.FormatFloat(f, 'e', digits-1, 64))
	if !ok {
		return Decimal{}, ErrOverflow
	}
	return d.Trim(), nil
}

// Parse reads [-+]digits[.digits][e[-+]digits] without anything around it. It
// keeps the scale of the text.
func Parse(s string) (Decimal, bool) {
	mant, exp := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e, err := strconv.Atoi(s[i+1:])
		if err != nil || e > 1000 || e < -1000 {
			return Decimal{}, false
		}
		mant, exp = s[:i], e
	}
	scale := 0
	if i := strings.IndexByte(mant, '.'); i >= 0 {
		scale = len(mant) - i - 1
		mant = mant[:i] + mant[i+1:]
	}
	digits := strings.TrimLeft(mant, "+-")
	if digits == "" || len(mant)-len(digits) > 1 {
		return Decimal{}, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return Decimal{}, false
		}
	}
	c, ok := new(big.Int).SetString(digits, 10)
	if !ok {
		return Decimal{}, false
	}
	if mant[0] == '-' {
		c.Neg(c)
	}
	scale -= exp
	if scale < 0 {
		c.Mul(c, pow10(-scale))
		scale = 0
	}
	d, err := build(c, scale)
	return d, err == nil
}

// Trim returns d without trailing zeros after the point.
func (d Decimal) Trim() Decimal {
	c, scale := d.signed(), int(d.scale)
	for scale > 0 {
		q, r := new(big.Int).QuoRem(c, ten, new(big.Int))
		if r.Sign() != 0 {
			break
		}
		c, scale = q, scale-1
	}
	t, _ := build(c, scale)
	return t
}

// Scale returns how many digits stand after the point.
func (d Decimal) Scale() int { return int(d.scale) }

// Sign returns -1, 0 or 1.
func (d Decimal) Sign() int {
	switch {
	case d.lo == 0 && d.hi == 0:
		return 0
	case d.neg:
		return -1
	}
	return 1
}

// String returns all digits, trailing zeros included.
func (d Decimal) String() string {
	s := d.coef().String()
	if n := int(d.scale); n > 0 {
		if len(s) <= n {
			s = strings.Repeat("0", n-len(s)+1) + s
		}
		s = s[:len(s)-n] + "." + s[len(s)-n:]
	}
	if d.neg && d.Sign() != 0 {
		s = "-" + s
	}
	return s
}

// MarshalText writes the digits.
func (d Decimal) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Decimal) UnmarshalText(b []byte) error {
	v, ok := Parse(string(b))
	if !ok {
		return errors.New("not a decimal: " + string(b))
	}
	*d = v
	return nil
}

// Float returns the nearest double.
func (d Decimal) Float() float64 {
	f, _ := strconv.ParseFloat(d.String(), 64)
	return f
}

// Big returns the integer part.
func (d Decimal) Big() *big.Int { return new(big.Int).Quo(d.signed(), pow10(int(d.scale))) }

// RoundBig returns the nearest integer, half to even.
func (d Decimal) RoundBig() *big.Int {
	q := halfEven(d.coef(), pow10(int(d.scale)))
	if d.neg {
		q.Neg(q)
	}
	return q
}

// IsInt reports whether nothing but zeros stands after the point.
func (d Decimal) IsInt() bool { return d.Trim().scale == 0 }

// Round rounds to n digits after the point, half to even or away from zero.
func (d Decimal) Round(n int, away bool) Decimal {
	drop := int(d.scale) - n
	if drop <= 0 {
		return d
	}
	c, p := d.coef(), pow10(drop)
	var q *big.Int
	if away {
		q = c.Quo(c.Add(c, new(big.Int).Rsh(p, 1)), p)
	} else {
		q = halfEven(c, p)
	}
	if d.neg {
		q.Neg(q)
	}
	r, _ := build(q, n)
	return r
}

// Truncate returns the integer part.
func (d Decimal) Truncate() Decimal { r, _ := build(d.Big(), 0); return r }

// Floor returns the largest integer not above d.
func (d Decimal) Floor() Decimal {
	t := d.Truncate()
	if d.Sign() < 0 && t.Cmp(d) != 0 {
		t, _ = t.Sub(FromInt(1))
	}
	return t
}

// Ceiling returns the smallest integer not below d.
func (d Decimal) Ceiling() Decimal { return d.Neg().Floor().Neg() }

// Neg returns -d.
func (d Decimal) Neg() Decimal { d.neg = !d.neg && d.Sign() != 0; return d }

// Abs returns |d|.
func (d Decimal) Abs() Decimal { d.neg = false; return d }

func align(a, b Decimal) (x, y *big.Int, scale int) {
	x, y = a.signed(), b.signed()
	switch n := int(a.scale) - int(b.scale); {
	case n > 0:
		y.Mul(y, pow10(n))
		return x, y, int(a.scale)
	case n < 0:
		x.Mul(x, pow10(-n))
	}
	return x, y, int(b.scale)
}

// Cmp compares the values.
func (d Decimal) Cmp(e Decimal) int { x, y, _ := align(d, e); return x.Cmp(y) }

// Add returns d+e.
func (d Decimal) Add(e Decimal) (Decimal, error) {
	x, y, s := align(d, e)
	return build(x.Add(x, y), s)
}

// Sub returns d-e.
func (d Decimal) Sub(e Decimal) (Decimal, error) { return d.Add(e.Neg()) }

// Mul returns d*e.
func (d Decimal) Mul(e Decimal) (Decimal, error) {
	return build(new(big.Int).Mul(d.signed(), e.signed()), int(d.scale)+int(e.scale))
}

// Div returns d/e with as many digits as fit, trailing zeros cut where digits
// had to be added.
func (d Decimal) Div(e Decimal) (Decimal, error) {
	if e.Sign() == 0 {
		return Decimal{}, ErrZero
	}
	a, b, scale := d.coef(), e.coef(), int(d.scale)-int(e.scale)
	if scale < 0 {
		a.Mul(a, pow10(-scale))
		scale = 0
	}
	q, r := new(big.Int).QuoRem(a, b, new(big.Int))
	added := false
	for r.Sign() != 0 && scale < maxScale {
		t, u := new(big.Int).QuoRem(new(big.Int).Mul(r, ten), b, new(big.Int))
		n := t.Add(t, new(big.Int).Mul(q, ten))
		if n.Cmp(maxCoef) > 0 {
			break
		}
		q, r, scale, added = n, u, scale+1, true
	}
	if r.Sign() != 0 {
		if c := r.Lsh(r, 1).Cmp(b); c > 0 || c == 0 && q.Bit(0) == 1 {
			q.Add(q, big.NewInt(1))
		}
	}
	if d.neg != e.neg {
		q.Neg(q)
	}
	v, err := build(q, scale)
	if added && err == nil {
		v = v.Trim()
	}
	return v, err
}

// Rem returns what is left of d after dividing by e, with the sign of d.
func (d Decimal) Rem(e Decimal) (Decimal, error) {
	if e.Sign() == 0 {
		return Decimal{}, ErrZero
	}
	x, y, s := align(d, e)
	return build(x.Rem(x, y), s)
}
