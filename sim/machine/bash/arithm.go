package bash

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// arithmError is a mistake in an expression, from the node where it was seen.
type arithmError struct {
	text string
	at   syntax.Node // its text is the error token; nil for the whole
}

func (e *arithmError) Error() string { return e.text }

// inExpression words a mistake as bash does, with the expression and what of it
// is wrong.
func (f *frame) inExpression(whole syntax.Node, err error) error {
	var a *arithmError
	if !errors.As(err, &a) {
		return err
	}
	text := f.textOf(whole.Pos(), whole.End())
	token := text
	if a.at != nil {
		token = f.textOf(a.at.Pos(), whole.End())
	}
	return assignError(fmt.Sprintf(`%s: %s (error token is "%s")`, text, a.text, token))
}

// textOf is a part of the source, its parameters expanded as bash shows it.
func (f *frame) textOf(from, to syntax.Pos) string {
	a, b := int(from.Offset()), int(to.Offset())
	if a > b || b > len(f.source) {
		return ""
	}
	text := f.source[a:b]
	if strings.Contains(text, "$") {
		if w, err := newParser().Document(strings.NewReader(text)); err == nil {
			prepare(w)
			if out, err := expand.Document(f.config(), w); err == nil {
				return out
			}
		}
	}
	return text
}

// evaluate computes an expression that is known only now.
func (f *frame) evaluate(ctx context.Context, text string) (int64, error) {
	t := strings.TrimSpace(text)
	if t == "" {
		return 0, nil
	}
	if n, ok := number(t); ok {
		return n, nil
	}
	x, err := newParser().Arithmetic(strings.NewReader(t))
	if err != nil {
		at := t
		if i := strings.IndexAny(t, " \t"); i > 0 && syntax.ValidName(t[:i]) {
			at = strings.TrimLeft(t[i:], " \t")
			return 0, assignError(fmt.Sprintf(`%s: syntax error in expression (error token is "%s")`, t, at))
		}
		if i := strings.IndexFunc(t, func(r rune) bool {
			return !(r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
		}); i > 0 {
			at = t[i:]
		}
		kind := "syntax error: invalid arithmetic operator"
		if strings.HasSuffix(t, at) && strings.ContainsAny(at[:1], "+-*/%<>=&|^!~(") {
			kind = "syntax error: operand expected"
		}
		return 0, assignError(fmt.Sprintf(`%s: %s (error token is "%s")`, t, kind, at))
	}
	prepare(x)
	old := f.source
	f.source = t
	defer func() { f.source = old }()
	n, err := f.arithm(ctx, x)
	if err != nil {
		err = f.inExpression(x, err)
	}
	return n, err
}

// number reads a constant: decimal, octal, hexadecimal or BASE#DIGITS.
func number(s string) (int64, bool) {
	base := 10
	digits := s
	switch {
	case strings.HasPrefix(s, "0x"), strings.HasPrefix(s, "0X"):
		base, digits = 16, s[2:]
	case strings.Contains(s, "#"):
		b, rest, _ := strings.Cut(s, "#")
		n, err := strconv.Atoi(b)
		if err != nil || n < 2 || n > 64 {
			return 0, false
		}
		base, digits = n, rest
	case len(s) > 1 && s[0] == '0':
		base, digits = 8, s[1:]
	}
	if digits == "" {
		return 0, false
	}
	var n int64
	for i := 0; i < len(digits); i++ {
		d := -1
		switch c := digits[i]; {
		case c >= '0' && c <= '9':
			d = int(c - '0')
		case c >= 'a' && c <= 'z':
			d = int(c-'a') + 10
		case c >= 'A' && c <= 'Z' && base <= 36:
			d = int(c-'A') + 10
		case c >= 'A' && c <= 'Z':
			d = int(c-'A') + 36
		case c == '@':
			d = 62
		case c == '_':
			d = 63
		}
		if d < 0 || d >= base {
			return 0, false
		}
		n = n*int64(base) + int64(d)
	}
	return n, true
}

// maxArithmDepth bounds variables whose values name variables.
const maxArithmDepth = 1024

// arithm computes an expression.
func (f *frame) arithm(ctx context.Context, x syntax.ArithmExpr) (int64, error) {
	defer f.during(ctx)()
	n, err := f.value(x)
	if err == errTextual { // the expression is what its text expands to
		f.textual = true
		defer func() { f.textual = false }()
		return f.evaluate(ctx, f.textOf(x.Pos(), x.End()))
	}
	return n, err
}

// errTextual says that an expansion gave more than a number.
var errTextual = errors.New("not a number")

func (f *frame) value(x syntax.ArithmExpr) (int64, error) {
	switch x := x.(type) {
	case nil:
		return 0, nil
	case *syntax.Word:
		return f.operand(x)
	case *syntax.ParenArithm:
		return f.value(x.X)
	case *syntax.UnaryArithm:
		return f.unary(x)
	case *syntax.BinaryArithm:
		return f.binary(x)
	}
	return 0, errors.New("syntax error in expression")
}

// target is the variable that a word of an expression names, or "".
func (f *frame) target(x syntax.ArithmExpr) (string, error) {
	w, ok := x.(*syntax.Word)
	if !ok || len(w.Parts) != 1 {
		return "", nil
	}
	switch p := w.Parts[0].(type) {
	case *syntax.Lit:
		if syntax.ValidName(p.Value) {
			return p.Value, nil
		}
	case *syntax.ParamExp:
		if !p.Short || p.Dollar.IsValid() || p.Index == nil {
			break
		}
		if f.vars[p.Param.Value].Kind == expand.Associative {
			key, err := f.key(p.Index)
			return p.Param.Value + "[" + key + "]", err
		}
		n, err := f.value(p.Index)
		return p.Param.Value + "[" + strconv.FormatInt(n, 10) + "]", err
	}
	return "", nil
}

// key is the index of an associative array.
func (f *frame) key(x syntax.ArithmExpr) (string, error) {
	if w, ok := x.(*syntax.Word); ok {
		return expand.Literal(f.config(), w)
	}
	return f.textOf(x.Pos(), x.End()), nil
}

func (f *frame) operand(w *syntax.Word) (int64, error) {
	name, err := f.target(w)
	if err != nil {
		return 0, err
	}
	text := ""
	if name != "" {
		if base, index, element := strings.Cut(name, "["); element {
			text = f.element(base, strings.TrimSuffix(index, "]"))
		} else {
			v := f.get(name)
			if !v.IsSet() && f.options["nounset"] {
				return 0, expand.UnsetParameterError{Node: &syntax.ParamExp{Param: &syntax.Lit{Value: name}}, Message: "unbound variable"}
			}
			text = v.String()
		}
	} else if text, err = expand.Literal(f.config(), w); err != nil {
		return 0, err
	}
	if n, ok := number(text); ok {
		return n, nil
	}
	if text == "" {
		return 0, nil
	}
	if name == "" && !f.textual && strings.ContainsAny(text, "+-*/%<>=&|^!~?:, ") {
		return 0, errTextual
	}
	if name == "" && text[0] >= '0' && text[0] <= '9' && !strings.ContainsAny(text, " +-*/%<>=&|^!~()?:,") {
		return 0, f.badNumber(text)
	}
	if f.recursion++; f.recursion > maxArithmDepth {
		f.recursion = 0
		return 0, &arithmError{"expression recursion level exceeded", w}
	}
	defer func() { f.recursion = max(f.recursion-1, 0) }()
	return f.evaluate(f.ctx, text)
}

func (f *frame) badNumber(text string) error {
	kind := "value too great for base"
	if i := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' }); i > 0 && text[0] != '0' {
		kind = "value too great for base"
	}
	return assignError(fmt.Sprintf(`%s: %s (error token is "%s")`, text, kind, text))
}

// element reads one element of an array.
func (f *frame) element(name, index string) string {
	v := f.get(name)
	switch v.Kind {
	case expand.Associative:
		return v.Map[index]
	case expand.Indexed:
		n, _ := strconv.Atoi(index)
		if v.Indexes == nil {
			if n < 0 {
				n += len(v.List)
			}
			if n >= 0 && n < len(v.List) {
				return v.List[n]
			}
			return ""
		}
		for i, at := range v.Indexes {
			if at == n {
				return v.List[i]
			}
		}
		return ""
	}
	if index == "0" {
		return v.Str
	}
	return ""
}

func (f *frame) assign(x syntax.ArithmExpr, n int64) error {
	name, err := f.target(x)
	if err != nil {
		return err
	}
	if name == "" {
		return &arithmError{"attempted assignment to non-variable", x}
	}
	return f.setText(name, strconv.FormatInt(n, 10))
}

func (f *frame) unary(x *syntax.UnaryArithm) (int64, error) {
	n, err := f.value(x.X)
	if err != nil {
		return 0, err
	}
	switch x.Op {
	case syntax.Inc, syntax.Dec:
		next := n + 1
		if x.Op == syntax.Dec {
			next = n - 1
		}
		if err := f.assign(x.X, next); err != nil {
			return 0, err
		}
		if x.Post {
			return n, nil
		}
		return next, nil
	case syntax.Not:
		return truth(n == 0), nil
	case syntax.BitNegation:
		return ^n, nil
	case syntax.Minus:
		return -n, nil
	}
	return n, nil
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// assigning are the operators that also set their left side.
var assigning = map[syntax.BinAritOperator]syntax.BinAritOperator{
	syntax.AddAssgn: syntax.Add, syntax.SubAssgn: syntax.Sub, syntax.MulAssgn: syntax.Mul, syntax.QuoAssgn: syntax.Quo, syntax.RemAssgn: syntax.Rem,
	syntax.AndAssgn: syntax.And, syntax.OrAssgn: syntax.Or, syntax.XorAssgn: syntax.Xor, syntax.ShlAssgn: syntax.Shl, syntax.ShrAssgn: syntax.Shr,
}

func (f *frame) binary(x *syntax.BinaryArithm) (int64, error) {
	switch x.Op {
	case syntax.Assgn:
		n, err := f.value(x.Y)
		if err != nil {
			return 0, err
		}
		return n, f.assign(x.X, n)
	case syntax.TernQuest:
		n, err := f.value(x.X)
		branches, ok := x.Y.(*syntax.BinaryArithm)
		if err != nil || !ok {
			return 0, err
		}
		if n != 0 {
			return f.value(branches.X)
		}
		return f.value(branches.Y)
	case syntax.AndArit, syntax.OrArit:
		n, err := f.value(x.X)
		if err != nil || (n != 0) == (x.Op == syntax.OrArit) {
			return truth(n != 0), err
		}
		n, err = f.value(x.Y)
		return truth(n != 0), err
	case syntax.Comma:
		if _, err := f.value(x.X); err != nil {
			return 0, err
		}
		return f.value(x.Y)
	}
	a, err := f.value(x.X)
	if err != nil {
		return 0, err
	}
	b, err := f.value(x.Y)
	if err != nil {
		return 0, err
	}
	op, sets := assigning[x.Op]
	if !sets {
		op = x.Op
	}
	n, err := compute(op, a, b, x.Y)
	if err != nil || !sets {
		return n, err
	}
	return n, f.assign(x.X, n)
}

func compute(op syntax.BinAritOperator, a, b int64, right syntax.Node) (int64, error) {
	switch op {
	case syntax.Add:
		return a + b, nil
	case syntax.Sub:
		return a - b, nil
	case syntax.Mul:
		return a * b, nil
	case syntax.Quo, syntax.Rem:
		if b == 0 {
			return 0, &arithmError{"division by 0", right}
		}
		if b == -1 { // which overflows for the smallest number
			if op == syntax.Rem {
				return 0, nil
			}
			return -a, nil
		}
		if op == syntax.Rem {
			return a % b, nil
		}
		return a / b, nil
	case syntax.Pow:
		if b < 0 {
			if u, ok := right.(*syntax.UnaryArithm); ok {
				right = u.X
			}
			return 0, &arithmError{"exponent less than 0", right}
		}
		n := int64(1)
		for ; b > 0; b >>= 1 {
			if b&1 == 1 {
				n *= a
			}
			a *= a
		}
		return n, nil
	case syntax.And:
		return a & b, nil
	case syntax.Or:
		return a | b, nil
	case syntax.Xor:
		return a ^ b, nil
	case syntax.Shl:
		return a << uint(b&63), nil
	case syntax.Shr:
		return a >> uint(b&63), nil
	case syntax.Eql:
		return truth(a == b), nil
	case syntax.Neq:
		return truth(a != b), nil
	case syntax.Lss:
		return truth(a < b), nil
	case syntax.Leq:
		return truth(a <= b), nil
	case syntax.Gtr:
		return truth(a > b), nil
	case syntax.Geq:
		return truth(a >= b), nil
	}
	return 0, errors.New("syntax error in expression")
}
