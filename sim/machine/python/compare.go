package python

import (
	"math/big"
	"strings"
)

// test is one comparison.
func (in *interp) test(op string, a, b any) (bool, error) {
	switch op {
	case "==":
		return equal(a, b), nil
	case "!=":
		return !equal(a, b), nil
	case "is", "is not":
		same := identical(a, b)
		if i, ok := a.(*big.Int); ok && !same {
			if j, ok := b.(*big.Int); ok {
				same = i.Cmp(j) == 0 && i.IsInt64() && i.Int64() >= -5 && i.Int64() <= 256
			}
		}
		return same == (op == "is"), nil
	case "in", "not in":
		has, err := in.contains(b, a)
		return has == (op == "in"), err
	}
	c, ok := order(a, b)
	if !ok {
		return false, raisef(typeError, "'%s' not supported between instances of '%s' and '%s'", op, typeName(a), typeName(b))
	}
	switch op {
	case "<":
		return c < 0, nil
	case ">":
		return c > 0, nil
	case "<=":
		return c <= 0, nil
	}
	return c >= 0, nil
}

// order compares values of a kind that has an order.
func order(a, b any) (int, bool) {
	if x, ok := number(a); ok {
		y, ok := number(b)
		if !ok {
			return 0, false
		}
		i, isInt := x.(*big.Int)
		j, both := y.(*big.Int)
		if isInt && both {
			return i.Cmp(j), true
		}
		f, g := toFloat(x), toFloat(y)
		switch {
		case f < g:
			return -1, true
		case f > g:
			return 1, true
		}
		return 0, true
	}
	switch x := a.(type) {
	case string:
		y, ok := b.(string)
		return strings.Compare(x, y), ok
	case bytesValue:
		y, ok := b.(bytesValue)
		return strings.Compare(string(x), string(y)), ok
	case *list:
		if y, ok := b.(*list); ok {
			return orderAll(x.items, y.items)
		}
	case tuple:
		if y, ok := b.(tuple); ok {
			return orderAll(x, y)
		}
	}
	return 0, false
}

func orderAll(x, y []any) (int, bool) {
	for i := range min(len(x), len(y)) {
		if !equal(x[i], y[i]) {
			return order(x[i], y[i])
		}
	}
	return len(x) - len(y), true
}

func (in *interp) contains(where, what any) (bool, error) {
	switch x := where.(type) {
	case string:
		s, ok := what.(string)
		if !ok {
			return false, raisef(typeError, "'in <string>' requires string as left operand, not %s", typeName(what))
		}
		return strings.Contains(x, s), nil
	case bytesValue:
		if s, ok := what.(bytesValue); ok {
			return strings.Contains(string(x), string(s)), nil
		}
	case *dict:
		_, ok, err := x.get(what)
		return ok, err
	case *set:
		_, ok, err := x.get(what)
		return ok, err
	case *object:
		if d, ok := x.attrs["data"].(*dict); ok {
			_, ok, err := d.get(what)
			return ok, err
		}
	}
	items, err := in.all(where)
	if err != nil {
		return false, raisef(typeError, "argument of type '%s' is not iterable", typeName(where))
	}
	for _, v := range items {
		if equal(v, what) {
			return true, nil
		}
	}
	return false, nil
}
