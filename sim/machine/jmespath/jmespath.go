// Package jmespath evaluates JMESPath as Python's jmespath 1.0 does, which is
// what az speaks (facts/bash.md §C3): members keep their order, strings can be
// compared, and errors have its texts. Input is never changed. The package must
// not know az.
package jmespath

import (
	"fmt"
	"slices"
	"strings"

	"skylab/sim/ojson"
)

// Expression is a parsed expression.
type Expression struct{ root *node }

// Error is an expression that parses and cannot be evaluated: a function that
// does not exist, or one called with what it does not take.
type Error struct{ Text string }

func (e *Error) Error() string { return e.Text }

// TypeError is what Python itself raises, as for a number compared with a
// string; its text is Python's.
type TypeError struct{ Text string }

func (e *TypeError) Error() string { return e.Text }

// expref is a function argument that begins with &.
type expref struct{ n *node }

// Search evaluates the expression over a value as ojson decodes them. Objects in
// the result that are in the input are the same pointers, not copies. Its error
// is an *Error or a *TypeError.
func (e *Expression) Search(v any) (any, error) { return eval(e.root, v) }

func eval(n *node, v any) (any, error) {
	switch n.op {
	case opCurrent:
		return v, nil
	case opField:
		o, ok := v.(*ojson.Object)
		if !ok {
			return nil, nil
		}
		f, _ := o.Get(n.value.(string))
		return f, nil
	case opLiteral:
		return n.value, nil
	case opIndex:
		list, _ := v.([]any)
		i := n.value.(int)
		if i < 0 {
			i += len(list)
		}
		if i < 0 || i >= len(list) {
			return nil, nil
		}
		return list[i], nil
	case opSlice:
		return evalSlice(n.slice, v)
	case opChain:
		left, err := eval(n.kids[0], v)
		if err != nil {
			return nil, err
		}
		return eval(n.kids[1], left)
	case opProject, opValues, opFilter:
		return evalProjection(n, v)
	case opFlatten:
		base, err := eval(n.kids[0], v)
		list, ok := base.([]any)
		if err != nil || !ok {
			return nil, err
		}
		out := []any{}
		for _, e := range list {
			if inner, ok := e.([]any); ok {
				out = append(out, inner...)
			} else {
				out = append(out, e)
			}
		}
		return out, nil
	case opCompare:
		return evalCompare(n, v)
	case opAnd, opOr:
		left, err := eval(n.kids[0], v)
		if err != nil || isFalse(left) == (n.op == opAnd) {
			return left, err
		}
		return eval(n.kids[1], v)
	case opNot:
		r, err := eval(n.kids[0], v)
		return isFalse(r), err
	case opExpref:
		return expref{n.kids[0]}, nil
	case opCall:
		args := make([]any, len(n.kids))
		for i, k := range n.kids {
			var err error
			if args[i], err = eval(k, v); err != nil {
				return nil, err
			}
		}
		return call(n.value.(string), args)
	case opSelectList:
		if v == nil {
			return nil, nil
		}
		out := make([]any, len(n.kids))
		for i, k := range n.kids {
			var err error
			if out[i], err = eval(k, v); err != nil {
				return nil, err
			}
		}
		return out, nil
	case opSelectHash:
		if v == nil {
			return nil, nil
		}
		o := ojson.New()
		for i, k := range n.kids {
			m, err := eval(k, v)
			if err != nil {
				return nil, err
			}
			o.Set(n.keys[i], m)
		}
		return o, nil
	}
	return nil, fmt.Errorf("jmespath: node %q", n.op)
}

func evalProjection(n *node, v any) (any, error) {
	base, err := eval(n.kids[0], v)
	if err != nil {
		return nil, err
	}
	var list []any
	switch b := base.(type) {
	case []any:
		if n.op == opValues {
			return nil, nil
		}
		list = b
	case *ojson.Object:
		if n.op != opValues {
			return nil, nil
		}
		for _, m := range b.Members() {
			list = append(list, m.Value)
		}
	default:
		return nil, nil
	}
	out := []any{}
	for _, e := range list {
		if n.op == opFilter {
			keep, err := eval(n.kids[2], e)
			if err != nil {
				return nil, err
			}
			if isFalse(keep) {
				continue
			}
		}
		r, err := eval(n.kids[1], e)
		if err != nil {
			return nil, err
		}
		if r != nil {
			out = append(out, r)
		}
	}
	return out, nil
}

func evalSlice(part [3]*int, v any) (any, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, nil
	}
	step, n := 1, len(list)
	if part[2] != nil {
		step = *part[2]
	}
	if step == 0 {
		return nil, &TypeError{"ValueError: slice step cannot be zero"}
	}
	low, high := 0, n
	if step < 0 {
		low, high = -1, n-1
	}
	bound := func(p *int, absent int) int {
		if p == nil {
			return absent
		}
		i := *p
		if i < 0 {
			i += n
		}
		return max(low, min(high, i))
	}
	out := []any{}
	if step > 0 {
		for i, end := bound(part[0], low), bound(part[1], high); i < end; i += step {
			out = append(out, list[i])
			if step > n {
				break
			}
		}
		return out, nil
	}
	for i, end := bound(part[0], high), bound(part[1], low); i > end; i += step {
		out = append(out, list[i])
		if step < -n {
			break
		}
	}
	return out, nil
}

// isFalse is what counts as false: null, false, and what is empty.
func isFalse(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case *ojson.Object:
		return v.Len() == 0
	}
	return false
}

func evalCompare(n *node, v any) (any, error) {
	a, err := eval(n.kids[0], v)
	if err != nil {
		return nil, err
	}
	b, err := eval(n.kids[1], v)
	if err != nil {
		return nil, err
	}
	op := n.value.(kind)
	if op == tokEQ || op == tokNE {
		return Equal(a, b) == (op == tokEQ), nil
	}
	ta, tb := typeName(a), typeName(b)
	comparable := func(t string) bool { return t == "str" || t == "int" || t == "float" }
	if !comparable(ta) || !comparable(tb) {
		return nil, nil
	}
	if (ta == "str") != (tb == "str") {
		return nil, &TypeError{fmt.Sprintf("TypeError: '%s' not supported between instances of '%s' and '%s'", op, ta, tb)}
	}
	c := compare(a, b)
	switch op {
	case tokLT:
		return c < 0, nil
	case tokLE:
		return c <= 0, nil
	case tokGT:
		return c > 0, nil
	}
	return c >= 0, nil
}

// compare orders two numbers or two strings.
func compare(a, b any) int {
	if s, ok := a.(string); ok {
		return strings.Compare(s, b.(string))
	}
	return toNumber(a).cmp(toNumber(b))
}

// Equal reports whether two values are the same JSON value, however their
// members are ordered.
func Equal(a, b any) bool {
	switch x := a.(type) {
	case []any:
		y, ok := b.([]any)
		return ok && slices.EqualFunc(x, y, Equal)
	case *ojson.Object:
		y, ok := b.(*ojson.Object)
		if !ok || x.Len() != y.Len() {
			return false
		}
		for _, m := range x.Members() {
			other, ok := y.Get(m.Key)
			if !ok || !Equal(m.Value, other) {
				return false
			}
		}
		return true
	case nil, bool, string:
		switch b.(type) {
		case nil, bool, string:
			return a == b
		}
		return false
	case expref:
		return false
	}
	switch typeName(b) {
	case "int", "float":
		return toNumber(a).cmp(toNumber(b)) == 0
	}
	return false
}
