package template

import (
	"encoding/json"
	"math"
	"net/netip"
	"strconv"
	"strings"

	"skylab/sim/ojson"
)

func numberFunctions() []Function {
	two := func(f func(c *call, a, b int64) (any, error)) func(*call) (any, error) {
		return func(c *call) (any, error) {
			a, err := c.integer(0)
			if err != nil {
				return nil, err
			}
			b, err := c.integer(1)
			if err != nil {
				return nil, err
			}
			return f(c, a, b)
		}
	}
	plain := func(f func(a, b int64) int64) func(*call) (any, error) {
		return two(func(_ *call, a, b int64) (any, error) { return f(a, b), nil })
	}
	divide := func(f func(a, b int64) int64) func(*call) (any, error) {
		return two(func(c *call, a, b int64) (any, error) {
			if b == 0 {
				return nil, c.invalid("cannot divide by zero.")
			}
			if a == math.MinInt64 && b == -1 {
				return nil, c.invalid("overflows.")
			}
			return f(a, b), nil
		})
	}
	extreme := func(better func(a, b int64) bool) func(*call) (any, error) {
		return func(c *call) (any, error) {
			if list, ok := c.args[0].([]any); ok && len(c.args) == 1 {
				c.args = list
			}
			if len(c.args) == 0 {
				return nil, c.f.arity(0)
			}
			best, err := c.integer(0)
			for i := range c.args {
				n, bad := c.integer(i)
				if bad != nil {
					return nil, bad
				}
				if better(n, best) {
					best = n
				}
			}
			return best, err
		}
	}
	return []Function{
		{Name: "add", Min: 2, Max: 2, Usage: "(operand1, operand2)", Doc: "the sum", eval: plain(func(a, b int64) int64 { return a + b })},
		{Name: "sub", Min: 2, Max: 2, Usage: "(operand1, operand2)", Doc: "the difference", eval: plain(func(a, b int64) int64 { return a - b })},
		{Name: "mul", Min: 2, Max: 2, Usage: "(operand1, operand2)", Doc: "the product", eval: plain(func(a, b int64) int64 { return a * b })},
		{Name: "div", Min: 2, Max: 2, Usage: "(operand1, operand2)", Doc: "the whole quotient", eval: divide(func(a, b int64) int64 { return a / b })},
		{Name: "mod", Min: 2, Max: 2, Usage: "(operand1, operand2)", Doc: "the rest of a division", eval: divide(func(a, b int64) int64 { return a % b })},
		{Name: "min", Min: 1, Max: -1, Usage: "(arg1, ...)", Doc: "the least of integers or of an array of them", eval: extreme(func(a, b int64) bool { return a < b })},
		{Name: "max", Min: 1, Max: -1, Usage: "(arg1, ...)", Doc: "the greatest of integers or of an array of them", eval: extreme(func(a, b int64) bool { return a > b })},
		{Name: "int", Min: 1, Max: 1, Usage: "(value)", Doc: "an integer of a string", eval: func(c *call) (any, error) {
			switch v := c.args[0].(type) {
			case int64:
				return v, nil
			case json.Number:
				f, err := v.Float64()
				return int64(f), err
			case string:
				if n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64); err == nil {
					return n, nil
				}
				return nil, c.invalid("was invoked with a parameter that is not valid. The value '%s' cannot be converted to an integer.", v)
			}
			return nil, c.expects(0, "a string or an integer")
		}},
		{Name: "float", Min: 1, Max: 1, Usage: "(value)", Doc: "a number with decimals, for parameters of Logic Apps", eval: func(c *call) (any, error) {
			switch c.args[0].(type) {
			case int64, json.Number, string:
			default:
				return nil, c.expects(0, "a string or a number")
			}
			s := printed(c.args[0])
			f, err := strconv.ParseFloat(s, 64)
			if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
				return nil, c.invalid("was invoked with a parameter that is not valid. The value '%s' cannot be converted to a number.", s)
			}
			return json.Number(strconv.FormatFloat(f, 'f', -1, 64)), nil
		}},
		{Name: "parseCidr", Min: 1, Max: 1, Usage: "(network)", Doc: "what an address prefix comes to", eval: func(c *call) (any, error) {
			p, err := c.prefix(0)
			if err != nil {
				return nil, err
			}
			first, last := p.Masked().Addr(), lastOf(p)
			o := ojson.Obj("network", first.String(), "netmask", mask(p), "broadcast", last.String(), "firstUsable", first.Next().String(), "lastUsable", last.Prev().String(), "cidr", int64(p.Bits()))
			if !first.Is4() {
				o.Delete("broadcast")
			}
			return o, nil
		}},
		{Name: "cidrSubnet", Min: 3, Max: 3, Usage: "(network, newCIDR, subnetIndex)", Doc: "a part of an address prefix", eval: cidrSubnet},
		{Name: "cidrHost", Min: 2, Max: 2, Usage: "(network, hostIndex)", Doc: "a usable address of a prefix", eval: func(c *call) (any, error) {
			p, err := c.prefix(0)
			if err != nil {
				return nil, err
			}
			n, err := c.integer(1)
			if err != nil {
				return nil, err
			}
			a, ok := advance(p.Masked().Addr(), n+1, 0)
			if !ok || !p.Contains(a) {
				return nil, c.invalid("has no host '%d' in the network '%s'.", n, p)
			}
			return a.String(), nil
		}},
	}
}

func (c *call) prefix(i int) (netip.Prefix, error) {
	s, err := c.str(i)
	if err != nil {
		return netip.Prefix{}, err
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, c.invalid("expects a network in CIDR notation. The provided value is '%s'.", s)
	}
	return p, nil
}

// advance adds n·2^shift to an address.
func advance(a netip.Addr, n int64, shift int) (netip.Addr, bool) {
	if n < 0 {
		return a, false
	}
	b := a.AsSlice()
	carry := uint64(n)
	for i := len(b) - 1 - shift/8; i >= 0 && carry > 0; i-- {
		add := carry
		if i == len(b)-1-shift/8 {
			add = carry << (shift % 8)
		}
		sum := uint64(b[i]) + add
		b[i] = byte(sum)
		carry = sum >> 8
	}
	out, ok := netip.AddrFromSlice(b)
	return out, ok && carry == 0
}

func lastOf(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

func mask(p netip.Prefix) string {
	b := make([]byte, len(p.Addr().AsSlice()))
	for i := range p.Bits() {
		b[i/8] |= 1 << (7 - i%8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a.String()
}

func cidrSubnet(c *call) (any, error) {
	p, err := c.prefix(0)
	if err != nil {
		return nil, err
	}
	bits, err := c.integer(1)
	if err != nil {
		return nil, err
	}
	index, err := c.integer(2)
	if err != nil {
		return nil, err
	}
	total := p.Addr().BitLen()
	if bits < int64(p.Bits()) || bits > int64(total) || index < 0 || bits-int64(p.Bits()) < 62 && index >= 1<<(bits-int64(p.Bits())) {
		return nil, c.invalid("has no subnet '%d' of '/%d' in the network '%s'.", index, bits, p)
	}
	a, ok := advance(p.Masked().Addr(), index, total-int(bits))
	if !ok {
		return nil, c.invalid("has no subnet '%d' of '/%d' in the network '%s'.", index, bits, p)
	}
	return netip.PrefixFrom(a, int(bits)).String(), nil
}
