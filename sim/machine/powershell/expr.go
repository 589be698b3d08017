package powershell

import (
	"strings"

	"skylab/sim/machine/powershell/member"
	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/syntax"
)

// value evaluates an expression; a command without output is $null.
func (c *ctx) value(e syntax.Expr) (any, error) {
	v, err := c.raw(e)
	if _, ok := v.(nothing); ok {
		v = nil
	}
	return v, err
}

// raw evaluates an expression, telling nothing from $null.
func (c *ctx) raw(e syntax.Expr) (any, error) {
	switch e := e.(type) {
	case *syntax.VariableExpr:
		return c.variable(e)
	case *syntax.ConstantExpr:
		return e.Value, nil
	case *syntax.StringExpr:
		return e.Value, nil
	case *syntax.BinaryExpr:
		return c.binary(e)
	case *syntax.MemberExpr:
		return c.member(e)
	case *syntax.InvokeExpr:
		return c.invoke(e)
	case *syntax.IndexExpr:
		return c.index(e)
	case *syntax.ParenExpr:
		return c.paren(e)
	case *syntax.ExpandExpr:
		return c.expand(e)
	case *syntax.UnaryExpr:
		return c.unary(e)
	case *syntax.ArrayLiteral:
		a := &object.Array{Elem: object.ObjectType, Items: make([]any, len(e.Elements))}
		for i, x := range e.Elements {
			v, err := c.value(x)
			if err != nil {
				return nil, err
			}
			a.Items[i] = v
		}
		return a, nil
	case *syntax.ConvertExpr:
		return c.convert(e)
	case *syntax.TypeExpr:
		t, err := c.typeNamed(e.Type)
		if err != nil {
			return nil, c.positioned(err, e.Span)
		}
		return t, nil
	case *syntax.HashtableExpr:
		return c.hashtable(e, object.NewHashtable())
	case *syntax.SubExpr:
		return c.gather(e.Body)
	case *syntax.ArrayExpr:
		return c.arrayExpr(e)
	case *syntax.ScriptBlockExpr:
		return &object.ScriptBlock{Body: e.Body, Scope: c.blockModule()}, nil
	case *syntax.TernaryExpr:
		v, err := c.value(e.Cond)
		if err != nil {
			return nil, err
		}
		if object.Truth(v) {
			return c.raw(e.Then)
		}
		return c.raw(e.Else)
	case *syntax.AttributedExpr:
		return c.raw(e.Operand)
	case *syntax.UsingExpr:
		return nil, object.Fail("UsingWithoutInvokeCommand", "A Using variable cannot be retrieved. A Using variable can be used only with Invoke-Command, Start-Job, or InlineScript in the script workflow. When it is used with Invoke-Command, the Using variable is valid only if the script block is invoked on a remote computer.")
	}
	return nil, object.Fail("InvalidExpression", "%T is no expression", e)
}

func (c *ctx) typeNamed(n *syntax.TypeName) (any, error) {
	t := c.s.lookupType(n, c.scope)
	if t == nil {
		for n.Elem != nil {
			n = n.Elem
		}
		if len(n.Args) > 0 {
			n = c.unknownOf(n)
		}
		return nil, &object.Error{Type: object.RuntimeExceptionType, ID: "TypeNotFound", Category: "InvalidOperation", Target: typeTarget{n.String(), "TypeName"}, Message: "Unable to find type [" + n.String() + "]."}
	}
	return t, nil
}

// unknownOf returns the name in a generic one that no type has: an argument's,
// or else the generic type's own.
func (c *ctx) unknownOf(n *syntax.TypeName) *syntax.TypeName {
	for _, a := range n.Args {
		if c.s.lookupType(a, c.scope) == nil {
			for a.Elem != nil {
				a = a.Elem
			}
			return c.unknownOf(a)
		}
	}
	return &syntax.TypeName{Span: n.Span, Name: n.Name}
}

func (c *ctx) binary(e *syntax.BinaryExpr) (any, error) {
	l, err := c.value(e.Left)
	if err != nil {
		return nil, err
	}
	switch e.Op {
	case syntax.And:
		if !object.Truth(l) {
			return false, nil
		}
	case syntax.Or:
		if object.Truth(l) {
			return true, nil
		}
	case syntax.QuestionQuestion:
		if l != nil {
			return l, nil
		}
		return c.value(e.Right)
	case syntax.Is, syntax.IsNot, syntax.As:
		// A type is looked up here, that an unknown one says so.
	}
	r, err := c.value(e.Right)
	if err != nil {
		return nil, err
	}
	// Loops live on these.
	if x, ok := l.(int32); ok {
		if y, ok := r.(int32); ok {
			switch e.Op {
			case syntax.Ilt:
				return x < y, nil
			case syntax.Ile:
				return x <= y, nil
			case syntax.Igt:
				return x > y, nil
			case syntax.Ige:
				return x >= y, nil
			case syntax.Ieq:
				return x == y, nil
			case syntax.Ine:
				return x != y, nil
			}
		}
	}
	c.s.active = c
	return c.s.ops.Binary(e.Op, l, r)
}

func (c *ctx) unary(e *syntax.UnaryExpr) (any, error) {
	switch e.Op {
	case syntax.PlusPlus, syntax.MinusMinus, syntax.PostfixPlusPlus, syntax.PostfixMinusMinus:
		v, err := c.increment(e)
		if err != nil {
			return nil, err
		}
		return v, nil
	}
	v, err := c.value(e.Operand)
	if err != nil {
		return nil, err
	}
	return c.s.ops.Unary(e.Op, v)
}

// increment does ++ and --; it returns the value of the expression.
func (c *ctx) increment(e *syntax.UnaryExpr) (any, error) {
	old, err := c.value(e.Operand)
	if err != nil {
		return nil, err
	}
	op := syntax.Plus
	if e.Op == syntax.MinusMinus || e.Op == syntax.PostfixMinusMinus {
		op = syntax.Minus
	}
	b := object.Base(old)
	if b == nil {
		b = int32(0)
	}
	if _, ok := object.Float(b); !ok {
		return nil, &object.Error{Type: object.RuntimeExceptionType, ID: "OperatorRequiresNumber", Category: "InvalidOperation", Target: b, Message: "The '" + e.Op.String() + "' operator works only on numbers. The operand is a '" + object.TypeOf(b).FullName() + "'."}
	}
	v, err := c.s.ops.Binary(op, b, int32(1))
	if err != nil {
		return nil, err
	}
	if err := c.assignTo(e.Operand, v); err != nil {
		return nil, err
	}
	if e.Op == syntax.PostfixPlusPlus || e.Op == syntax.PostfixMinusMinus {
		return b, nil
	}
	return v, nil
}

func (c *ctx) expand(e *syntax.ExpandExpr) (any, error) {
	var b strings.Builder
	for _, p := range e.Parts {
		if p.Expr == nil {
			b.WriteString(p.Text)
			continue
		}
		v, err := c.value(p.Expr)
		if err != nil {
			return nil, err
		}
		c.s.active = c
		if s, ok := v.(string); ok {
			b.WriteString(s)
		} else {
			b.WriteString(c.text(v))
		}
	}
	return b.String(), nil
}

// text converts to a string as "$v" does, by $OFS.
func (c *ctx) text(v any) string {
	c.s.obj.OFS = " "
	if ofs := c.scope.find("ofs"); ofs != nil {
		c.s.obj.OFS = c.s.obj.String(ofs.Value)
	}
	return c.s.obj.String(v)
}

func (c *ctx) paren(e *syntax.ParenExpr) (any, error) {
	switch s := e.Pipeline.(type) {
	case *syntax.Pipeline:
		if len(s.Elements) == 1 {
			if x, ok := s.Elements[0].(*syntax.CommandExpr); ok && len(x.Redirections) == 0 && !s.Background {
				return c.raw(x.Expr)
			}
		}
	case *syntax.Assignment:
		return c.assignment(s)
	}
	var out []any
	err := c.with(func(n *ctx) { n.out = func(v any) error { out = append(out, v); return nil } }).statement(e.Pipeline)
	return collected(out), err
}

// gather runs a block and returns what it wrote.
func (c *ctx) gather(b *syntax.Block) (any, error) {
	var out []any
	err := c.with(func(n *ctx) { n.out = func(v any) error { out = append(out, v); return nil } }).block(b)
	if err != nil {
		return nil, err
	}
	return collected(out), nil
}

func (c *ctx) arrayExpr(e *syntax.ArrayExpr) (any, error) {
	if len(e.Body.Statements) == 1 && len(e.Body.Traps) == 0 {
		if p, ok := e.Body.Statements[0].(*syntax.Pipeline); ok && len(p.Elements) == 1 {
			if x, ok := p.Elements[0].(*syntax.CommandExpr); ok && len(x.Redirections) == 0 {
				if lit, ok := x.Expr.(*syntax.ArrayLiteral); ok {
					return c.raw(lit)
				}
			}
		}
	}
	out := []any{}
	err := c.with(func(n *ctx) { n.out = func(v any) error { out = append(out, v); return nil } }).block(e.Body)
	return object.NewArray(out...), err
}

func (c *ctx) hashtable(e *syntax.HashtableExpr, d *object.Dict) (any, error) {
	for _, p := range e.Pairs {
		k, err := c.value(p.Key)
		if err != nil {
			return nil, err
		}
		if k == nil {
			return nil, &object.Error{Type: object.RuntimeExceptionType, ID: "InvalidNullKey", Category: "InvalidOperation", Message: "A null key is not allowed in a hash literal."}
		}
		v, err := c.statementValue(p.Value)
		if err != nil {
			return nil, err
		}
		if _, dup := d.Get(k); dup {
			return nil, &object.Error{Type: object.RuntimeExceptionType, ID: "DuplicateKeyInHashLiteral", Category: "InvalidOperation", Message: "Duplicate keys '" + c.text(k) + "' are not allowed in hash literals."}
		}
		d.Set(object.Base(k), v)
	}
	return d, nil
}

// statementValue runs a statement and returns its output as a value.
func (c *ctx) statementValue(s syntax.Statement) (any, error) {
	if p, ok := s.(*syntax.Pipeline); ok && len(p.Elements) == 1 {
		if x, ok := p.Elements[0].(*syntax.CommandExpr); ok && len(x.Redirections) == 0 {
			return c.value(x.Expr)
		}
	}
	if a, ok := s.(*syntax.Assignment); ok {
		return c.assignment(a)
	}
	var out []any
	err := c.with(func(n *ctx) { n.out = func(v any) error { out = append(out, v); return nil } }).statement(s)
	if err != nil {
		return nil, err
	}
	return null(collected(out)), nil
}

func (c *ctx) convert(e *syntax.ConvertExpr) (any, error) {
	name := e.Type.Type.String()
	if h, ok := e.Operand.(*syntax.HashtableExpr); ok {
		switch strings.ToLower(name) {
		case "ordered":
			return c.hashtable(h, object.NewOrdered())
		case "pscustomobject", "management.automation.pscustomobject", "system.management.automation.pscustomobject":
			d, err := c.hashtable(h, object.NewOrdered())
			if err != nil {
				return nil, err
			}
			return c.s.customFrom(d.(*object.Dict)), nil
		}
	}
	if strings.EqualFold(name, "ref") {
		return c.reference(e.Operand)
	}
	tv, err := c.typeNamed(e.Type.Type)
	if err != nil {
		return nil, c.positioned(err, e.Type.Type.Span)
	}
	t := tv.(*object.Type)
	v, err := c.value(e.Operand)
	if err != nil {
		return nil, err
	}
	c.s.active = c
	if strings.EqualFold(name, "pscustomobject") || t == object.CustomType {
		if d, ok := object.Base(v).(*object.Dict); ok {
			return c.s.customFrom(d), nil
		}
		return v, nil
	}
	c.s.obj.OFS = " "
	if t == object.VoidType {
		return nothing{}, nil
	}
	if t == object.StringType {
		return c.text(v), nil
	}
	return c.s.obj.Convert(v, t)
}

// reference is [ref]$x.
func (c *ctx) reference(e syntax.Expr) (any, error) {
	ve, ok := e.(*syntax.VariableExpr)
	if !ok {
		v, err := c.value(e)
		return c.s.ref(&Variable{Value: v}), err
	}
	if ve.Key == "null" {
		return c.s.ref(&Variable{}), nil
	}
	va := c.scope.find(ve.Key)
	if va == nil {
		return nil, &object.Error{Type: object.RuntimeExceptionType, ID: "NonExistingVariableReference", Category: "InvalidOperation", Target: ve.Name, Message: "[ref] cannot be applied to a variable that does not exist."}
	}
	return c.s.ref(va), nil
}

// ref makes a reference to a variable.
func (s *Session) ref(va *Variable) *object.Ref {
	return &object.Ref{Var: va, Get: va.Get, Set: func(x any) error { return s.active.set(va, x) }}
}

// blockModule is the scope a script block literal belongs to.
func (c *ctx) blockModule() any {
	for sc := c.scope; sc != nil; sc = sc.parent {
		if sc.module != nil {
			return sc
		}
	}
	return nil
}

func (c *ctx) members() *member.Env {
	c.s.active = c
	return c.s.mem
}

func (c *ctx) memberName(e syntax.Expr) (any, error) {
	if s, ok := e.(*syntax.StringExpr); ok {
		return s.Value, nil
	}
	return c.value(e)
}

func (c *ctx) member(e *syntax.MemberExpr) (any, error) {
	target, err := c.value(e.Target)
	if err != nil {
		return nil, err
	}
	if e.Conditional && target == nil {
		return nil, nil
	}
	name, err := c.memberName(e.Member)
	if err != nil {
		return nil, err
	}
	n, ok := name.(string)
	if !ok {
		if sb, isBlock := name.(*object.ScriptBlock); isBlock {
			out, err := c.blockValues(sb, target)
			return null(collected(out)), err
		}
		n = c.text(name)
	}
	if e.Static {
		t, err := c.staticTarget(target)
		if err != nil {
			return nil, err
		}
		return c.members().Static(t, n)
	}
	return c.property(target, n)
}

func (c *ctx) staticTarget(v any) (*object.Type, error) {
	switch x := object.Base(v).(type) {
	case *object.Type:
		return x, nil
	case nil:
		return nil, object.Fail("InvokeMethodOnNull", "You cannot call a method on a null-valued expression.")
	default:
		return object.TypeOf(x), nil
	}
}

// property reads a property: of an object, or of each element of a collection
// that has none of the name itself.
func (c *ctx) property(target any, name string) (any, error) {
	strict := c.s.strict >= 2
	if target == nil {
		if strict {
			return nil, notFound(name, "object")
		}
		if equalFold(name, "Count") || equalFold(name, "Length") {
			return int32(0), nil
		}
		return nil, nil
	}
	v, ok, err := c.members().Get(target, name)
	if err != nil || ok {
		return v, err
	}
	if items, many := object.Items(target); many {
		var out []any
		found := false
		for _, x := range items {
			if x == nil {
				continue
			}
			v, ok, err := c.members().Get(x, name)
			if err != nil {
				return nil, err
			}
			if !ok {
				continue
			}
			found = true
			if more, many := object.Items(v); many {
				out = append(out, more...)
			} else {
				out = append(out, v)
			}
		}
		if found {
			return null(collected(out)), nil
		}
		if len(items) == 0 && !strict {
			return nil, nil
		}
	}
	if strict {
		return nil, notFound(name, "object")
	}
	return nil, nil
}

func notFound(name, of string) *object.Error {
	return &object.Error{Type: object.MustType("System.Management.Automation.PropertyNotFoundException"), ID: "PropertyNotFoundStrict", Category: "NotSpecified", Message: "The property '" + name + "' cannot be found on this " + of + ". Verify that the property exists."}
}

func (c *ctx) invoke(e *syntax.InvokeExpr) (any, error) {
	target, err := c.value(e.Target)
	if err != nil {
		return nil, err
	}
	if e.Conditional && target == nil {
		return nil, nil
	}
	nv, err := c.memberName(e.Member)
	if err != nil {
		return nil, err
	}
	args := make([]any, len(e.Args))
	for i, a := range e.Args {
		if args[i], err = c.value(a); err != nil {
			return nil, err
		}
	}
	name := c.s.obj.String(nv)
	c.s.invoking = e.Span
	if e.Static {
		t, err := c.staticTarget(target)
		if err != nil {
			return nil, err
		}
		return c.members().CallStatic(t, name, args)
	}
	if target == nil {
		return nil, &object.Error{Type: object.RuntimeExceptionType, ID: "InvokeMethodOnNull", Category: "InvalidOperation", Message: "You cannot call a method on a null-valued expression."}
	}
	if c.class != nil {
		if v, done, err := c.baseMethod(e, name, args); done {
			return v, err
		}
	}
	if sb, ok := object.Base(target).(*object.ScriptBlock); ok {
		if v, done, err := c.blockMethod(sb, name, args); done {
			return v, err
		}
	}
	v, found, err := c.members().Call(target, name, args)
	if found || err != nil {
		return v, err
	}
	if items, many := object.Items(target); many {
		switch strings.ToLower(name) {
		case "foreach":
			return c.forEachMethod(items, args)
		case "where":
			return c.whereMethod(items, args)
		}
		if len(items) > 0 {
			var out []any
			for _, x := range items {
				if x == nil {
					return nil, &object.Error{Type: object.RuntimeExceptionType, ID: "InvokeMethodOnNull", Category: "InvalidOperation", Message: "You cannot call a method on a null-valued expression."}
				}
				v, found, err := c.members().Call(x, name, args)
				if err != nil {
					return nil, err
				}
				if !found {
					return nil, member.NotFound(x, name)
				}
				if _, none := v.(member.Void); !none {
					out = append(out, v)
				}
			}
			return null(collected(out)), nil
		}
	} else {
		switch strings.ToLower(name) {
		case "foreach":
			return c.forEachMethod([]any{target}, args)
		case "where":
			return c.whereMethod([]any{target}, args)
		}
	}
	return nil, member.NotFound(target, name)
}

func (c *ctx) index(e *syntax.IndexExpr) (any, error) {
	target, err := c.value(e.Target)
	if err != nil {
		return nil, err
	}
	if e.Conditional && target == nil {
		return nil, nil
	}
	i, err := c.value(e.Index)
	if err != nil {
		return nil, err
	}
	if a, ok := target.(*object.Array); ok && a.Dims == nil {
		if n, ok := i.(int32); ok {
			k := int(n)
			if k < 0 {
				k += len(a.Items)
			}
			if k >= 0 && k < len(a.Items) {
				return a.Items[k], nil
			}
		}
	}
	return c.members().Index(target, i, c.s.strict >= 3)
}
