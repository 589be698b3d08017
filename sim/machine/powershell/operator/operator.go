// Package operator says what PowerShell's operators make of values: promotions
// and overflow, comparison by the left operand's type, filters over collections,
// the string and regular expression operators. Operators that decide whether
// their right side runs at all (-and, ??, ? :) and assignment are the
// evaluator's.
package operator

import (
	"fmt"
	"strings"

	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/regex"
	"skylab/sim/machine/powershell/syntax"
)

// Env is what operators need of a session.
type Env struct {
	*object.Context
	// Matches gets what -match found, for $Matches.
	Matches func(*object.Dict)
	// Invoke runs a script block with arguments and $_, for -replace and -split.
	Invoke func(sb *object.ScriptBlock, dollar any, args []any) (any, error)
	// Method calls a method of an instance of a script's class, static for an
	// operator; found is false if it has none.
	Method func(v any, name string, static bool, args []any) (r any, found bool, err error)
	cache  map[string]*object.Regex
}

// New returns an Env over a context.
func New(c *object.Context) *Env { return &Env{Context: c, cache: map[string]*object.Regex{}} }

// Regex compiles a pattern, remembering the last few.
func (e *Env) Regex(pattern string, opt regex.Options) (*object.Regex, *object.Error) {
	key := fmt.Sprint(opt, ":", pattern)
	if re, ok := e.cache[key]; ok {
		return re, nil
	}
	re, err := object.CompileRegex(pattern, opt)
	if err != nil {
		return nil, err
	}
	if len(e.cache) > 100 {
		clear(e.cache)
	}
	e.cache[key] = re
	return re, nil
}

// Binary applies a binary operator.
func (e *Env) Binary(op syntax.Kind, l, r any) (any, error) {
	switch op {
	case syntax.Plus:
		return e.add(l, r)
	case syntax.Minus, syntax.Divide, syntax.Rem:
		return e.arithmetic(op, l, r)
	case syntax.Multiply:
		return e.multiply(l, r)
	case syntax.Ieq, syntax.Ceq, syntax.Ine, syntax.Cne:
		return e.filter(l, func(x any) (bool, error) {
			eq := e.Equal(x, r, op == syntax.Ieq || op == syntax.Ine)
			return eq == (op == syntax.Ieq || op == syntax.Ceq), nil
		})
	case syntax.Ilt, syntax.Ile, syntax.Igt, syntax.Ige, syntax.Clt, syntax.Cle, syntax.Cgt, syntax.Cge:
		return e.filter(l, func(x any) (bool, error) { return e.order(op, x, r) })
	case syntax.Band, syntax.Bor, syntax.Bxor, syntax.Shl, syntax.Shr:
		return e.bitwise(op, l, r)
	case syntax.And:
		return object.Truth(l) && object.Truth(r), nil
	case syntax.Or:
		return object.Truth(l) || object.Truth(r), nil
	case syntax.Xor:
		return object.Truth(l) != object.Truth(r), nil
	case syntax.DotDot:
		return e.rangeOf(l, r)
	case syntax.Format:
		return e.format(l, r)
	case syntax.Ilike, syntax.Clike, syntax.Inotlike, syntax.Cnotlike:
		return e.like(l, r, op == syntax.Ilike || op == syntax.Inotlike, op == syntax.Inotlike || op == syntax.Cnotlike)
	case syntax.Imatch, syntax.Cmatch, syntax.Inotmatch, syntax.Cnotmatch:
		return e.match(l, r, op == syntax.Imatch || op == syntax.Inotmatch, op == syntax.Inotmatch || op == syntax.Cnotmatch)
	case syntax.Ireplace, syntax.Creplace:
		return e.replace(l, r, op == syntax.Ireplace)
	case syntax.Isplit, syntax.Csplit:
		return e.split(l, r, op == syntax.Isplit)
	case syntax.Join:
		return e.join(l, r), nil
	case syntax.Icontains, syntax.Ccontains:
		return e.contains(l, r, op == syntax.Icontains), nil
	case syntax.Inotcontains, syntax.Cnotcontains:
		return !e.contains(l, r, op == syntax.Inotcontains), nil
	case syntax.Iin, syntax.Cin:
		return e.contains(r, l, op == syntax.Iin), nil
	case syntax.Inotin, syntax.Cnotin:
		return !e.contains(r, l, op == syntax.Inotin), nil
	case syntax.Is, syntax.IsNot:
		is, err := e.is(l, r, op)
		return is == (op == syntax.Is), err
	case syntax.As:
		return e.as(l, r)
	}
	return nil, fmt.Errorf("operator: %s is no binary operator", op)
}

// Unary applies an operator of one operand, -join and -split included.
func (e *Env) Unary(op syntax.Kind, v any) (any, error) {
	switch op {
	case syntax.Not, syntax.Exclaim:
		return !object.Truth(v), nil
	case syntax.Plus:
		return e.add(int32(0), v)
	case syntax.Minus:
		return e.arithmetic(syntax.Minus, int32(0), v)
	case syntax.Bnot:
		return e.bnot(v)
	case syntax.Join:
		return e.join(v, ""), nil
	case syntax.Isplit, syntax.Csplit:
		return e.splitBlanks(v)
	}
	return nil, fmt.Errorf("operator: %s is no unary operator", op)
}

// filter applies a test to a value, or keeps those of a collection that pass.
func (e *Env) filter(l any, test func(any) (bool, error)) (any, error) {
	items, many := object.Items(l)
	if !many {
		return test(l)
	}
	out := []any{}
	for _, x := range items {
		ok, err := test(x)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, x)
		}
	}
	return object.NewArray(out...), nil
}

func (e *Env) contains(list, v any, ignoreCase bool) bool {
	items, many := object.Items(list)
	if !many {
		return e.Equal(list, v, ignoreCase)
	}
	for _, x := range items {
		if e.Equal(x, v, ignoreCase) {
			return true
		}
	}
	return false
}

func (e *Env) join(v, sep any) any {
	items, many := object.Items(v)
	if !many {
		return e.String(v)
	}
	parts := make([]string, len(items))
	for i, x := range items {
		parts[i] = e.String(x)
	}
	return strings.Join(parts, e.String(sep))
}

func (e *Env) format(l, r any) (any, error) {
	args := []any{r}
	if a, ok := object.Base(r).(*object.Array); ok {
		args = a.Items
	}
	s, msg := e.Composite(e.String(l), args, e.Culture)
	if msg != "" {
		f := object.Fail("FormatError", "Error formatting a string: %s.", msg)
		f.Target = l
		return nil, f
	}
	return s, nil
}

func (e *Env) typeOperand(r any, op syntax.Kind) (*object.Type, error) {
	b := object.Base(r)
	if t, ok := b.(*object.Type); ok {
		return t, nil
	}
	if b == nil {
		id := "IsOperatorRequiresType"
		if op == syntax.As {
			id = "AsOperatorRequiresType"
		}
		name := "-is"
		if op == syntax.As {
			name = "-as"
		}
		return nil, object.Fail(id, "The right operand of '%s' must be a type.", name)
	}
	t, err := e.Convert(b, object.TypeType)
	if err != nil {
		if op != syntax.As {
			return nil, object.Fail("RuntimeException", "%s", err)
		}
		return nil, err
	}
	return t.(*object.Type), nil
}

func (e *Env) is(l, r any, op syntax.Kind) (bool, error) {
	t, err := e.typeOperand(r, op)
	if err != nil {
		return false, err
	}
	if l == nil {
		return false, nil
	}
	if t == object.CustomType || t == object.PSObjectType {
		_, wrapped := l.(*object.Object)
		return wrapped, nil
	}
	return object.TypeOf(l).Is(t), nil
}

func (e *Env) as(l, r any) (any, error) {
	t, err := e.typeOperand(r, syntax.As)
	if err != nil {
		return nil, err
	}
	return e.ConvertAs(l, t), nil
}
