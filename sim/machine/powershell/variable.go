package powershell

import (
	"strings"

	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/syntax"
)

func (c *ctx) variable(e *syntax.VariableExpr) (any, error) {
	if e.Scope == "" {
		if v := c.scope.find(e.Key); v != nil {
			if v.get != nil {
				return v.get(), nil
			}
			return v.Value, nil
		}
		return c.special(e)
	}
	switch e.Scope {
	case "global", "script":
		if v := c.scope.named(e.Scope).vars[e.Key]; v != nil {
			return v.Value, nil
		}
	case "local", "private":
		if v := c.scope.vars[e.Key]; v != nil {
			return v.Value, nil
		}
	case "variable":
		if v := c.scope.find(e.Key); v != nil {
			return v.Value, nil
		}
	default:
		return c.driveGet(e)
	}
	return c.undefined(e)
}

func (c *ctx) special(e *syntax.VariableExpr) (any, error) {
	switch e.Key {
	case "psitem":
		if v := c.scope.find("_"); v != nil {
			return v.Value, nil
		}
		return nil, nil
	case "_", "args", "input", "this", "matches", "psdefaultparametervalues", "foreach", "switch", "lastexitcode", "psboundparameters", "myinvocation", "pscmdlet", "error":
		return nil, nil
	}
	return c.undefined(e)
}

func (c *ctx) undefined(e *syntax.VariableExpr) (any, error) {
	if c.s.strict >= 1 {
		return nil, c.positioned(&object.Error{Type: object.RuntimeExceptionType, ID: "VariableIsUndefined", Category: "InvalidOperation", Target: e.Name, Message: "The variable '$" + e.Name + "' cannot be retrieved because it has not been set."}, e.Span)
	}
	return nil, nil
}

// driveGet reads $env:X, $function:X and the like.
func (c *ctx) driveGet(e *syntax.VariableExpr) (any, error) {
	_, name := syntax.SplitPath(e.Name)
	switch e.Scope {
	case "env":
		if v, ok := c.s.Getenv(name); ok {
			return v, nil
		}
		return nil, nil
	case "function":
		if f := c.scope.function(name); f != nil {
			return f.Block, nil
		}
		return nil, nil
	case "alias":
		if a := c.scope.alias(name); a != nil {
			return a.Target, nil
		}
		return nil, nil
	}
	return nil, nil
}

// assignTo assigns a value to what stands left of =.
func (c *ctx) assignTo(target syntax.Expr, v any) error {
	switch t := target.(type) {
	case *syntax.VariableExpr:
		return c.assignVariable(t, v)
	case *syntax.MemberExpr:
		return c.assignMember(t, v)
	case *syntax.IndexExpr:
		obj, err := c.value(t.Target)
		if err != nil {
			return err
		}
		i, err := c.value(t.Index)
		if err != nil {
			return err
		}
		return c.members().SetIndex(obj, i, v)
	case *syntax.ArrayLiteral:
		return c.assignMany(t.Elements, v)
	case *syntax.ConvertExpr, *syntax.AttributedExpr:
		return c.assignTyped(target, v)
	case *syntax.ParenExpr:
		if p, ok := t.Pipeline.(*syntax.Pipeline); ok && len(p.Elements) == 1 {
			if x, ok := p.Elements[0].(*syntax.CommandExpr); ok {
				return c.assignTo(x.Expr, v)
			}
		}
	}
	return object.Fail("InvalidLeftHandSide", "%s", syntax.Message("InvalidLeftHandSide"))
}

func (c *ctx) assignMany(targets []syntax.Expr, v any) error {
	items, many := object.Items(v)
	if !many {
		items = []any{v}
	}
	for i, t := range targets {
		var x any
		switch {
		case i == len(targets)-1 && len(items) > len(targets):
			x = object.NewArray(append([]any{}, items[i:]...)...)
		case i < len(items):
			x = items[i]
		}
		if err := c.assignTo(t, x); err != nil {
			return err
		}
	}
	return nil
}

func (c *ctx) assignMember(t *syntax.MemberExpr, v any) error {
	obj, err := c.value(t.Target)
	if err != nil {
		return err
	}
	nv, err := c.memberName(t.Member)
	if err != nil {
		return err
	}
	name := c.s.obj.String(nv)
	if t.Static {
		ty, err := c.staticTarget(obj)
		if err != nil {
			return err
		}
		return c.members().SetStatic(ty, name, v)
	}
	return c.members().Set(obj, name, v)
}

func (c *ctx) assignVariable(t *syntax.VariableExpr, v any) error {
	switch t.Scope {
	case "":
		if va := c.scope.vars[t.Key]; va != nil {
			return c.set(va, v)
		}
		if va := c.scope.find(t.Key); va != nil && (va.AllScope || va.Constant || va.ReadOnly && va.AllScope) {
			return c.set(va, v)
		}
		c.scope.vars[t.Key] = &Variable{Name: t.Name, Value: v}
		return nil
	case "global", "script", "local", "private":
		sc := c.scope.named(t.Scope)
		if va := sc.vars[t.Key]; va != nil {
			return c.set(va, v)
		}
		_, name := syntax.SplitPath(t.Name)
		sc.vars[t.Key] = &Variable{Name: name, Value: v, Private: t.Scope == "private"}
		return nil
	case "variable":
		if va := c.scope.vars[t.Key]; va != nil {
			return c.set(va, v)
		}
		_, name := syntax.SplitPath(t.Name)
		c.scope.vars[t.Key] = &Variable{Name: name, Value: v}
		return nil
	}
	return c.driveSet(t, v)
}

// set assigns to a variable, by its type and tests.
func (c *ctx) set(va *Variable, v any) error {
	if va.Constant || va.ReadOnly {
		return &object.Error{Type: object.MustType("System.Management.Automation.SessionStateUnauthorizedAccessException"), ID: "VariableNotWritable", Category: "WriteError", Target: va.Name, Message: "Cannot overwrite variable " + va.Name + " because it is read-only or constant."}
	}
	if va.Type != nil {
		x, err := c.s.obj.Convert(v, va.Type)
		if err == nil && va.Type == object.BoolType {
			switch object.Base(v).(type) {
			case string:
				err = object.Fail("RuntimeException", "Cannot convert value \"%s\" to type \"System.Boolean\". Boolean parameters accept only Boolean values and numbers, such as $True, $False, 1 or 0.", object.TypeOf(v).FullName())
			}
		}
		if err != nil {
			e := &object.Error{Type: object.MustType("System.Management.Automation.ArgumentTransformationMetadataException"), ID: "RuntimeException", Category: "MetadataError", Message: err.Error()}
			if oe, ok := err.(*object.Error); ok {
				e.Inner = oe
			}
			return e
		}
		v = x
	}
	if len(va.Validate) > 0 {
		if msg := c.validate(va.Validate, v); msg != "" {
			return &object.Error{Type: object.MustType("System.Management.Automation.ValidationMetadataException"), ID: "ValidateSetFailure", Category: "MetadataError", Message: "The variable cannot be validated because the value " + c.s.obj.String(v) + " is not a valid value for the " + va.Name + " variable."}
		}
	}
	if va.set != nil {
		return va.set(v)
	}
	va.Value = v
	return nil
}

// assignTyped is [type]$x = v: the variable keeps the type.
func (c *ctx) assignTyped(target syntax.Expr, v any) error {
	var t *object.Type
	var validate []Validator
	for {
		switch x := target.(type) {
		case *syntax.ConvertExpr:
			if t == nil {
				tv, err := c.typeNamed(x.Type.Type)
				if err != nil {
					return err
				}
				t = tv.(*object.Type)
			}
			target = x.Operand
			continue
		case *syntax.AttributedExpr:
			val, err := c.validator(x.Attribute)
			if err != nil {
				return err
			}
			if val != nil {
				validate = append(validate, *val)
			}
			target = x.Operand
			continue
		}
		break
	}
	ve, ok := target.(*syntax.VariableExpr)
	if !ok {
		if t != nil {
			x, err := c.s.obj.Convert(v, t)
			if err != nil {
				return err
			}
			v = x
		}
		return c.assignTo(target, v)
	}
	sc := c.scope.named(ve.Scope)
	_, name := syntax.SplitPath(ve.Name)
	if va := sc.vars[ve.Key]; va != nil && (va.Constant || va.ReadOnly) {
		return c.set(va, v)
	}
	va := &Variable{Name: name, Type: t, Validate: validate}
	if t == object.PSObjectType || t == object.ObjectType {
		va.Type = nil
	}
	if err := c.set(va, v); err != nil {
		return err
	}
	sc.vars[ve.Key] = va
	return nil
}

func (c *ctx) driveSet(t *syntax.VariableExpr, v any) error {
	_, name := syntax.SplitPath(t.Name)
	switch t.Scope {
	case "env":
		if v == nil || c.s.obj.String(v) == "" {
			c.s.Unsetenv(name)
			return nil
		}
		c.s.Setenv(name, c.s.obj.String(v))
		return nil
	case "function":
		sb, ok := object.Base(v).(*object.ScriptBlock)
		if !ok {
			var err error
			if sb, err = c.s.parseBlock(c.s.obj.String(v)); err != nil {
				return err
			}
		}
		c.scope.setFunction(&Function{Name: name, Block: sb})
		return nil
	case "alias":
		c.scope.setAlias(&Alias{Name: name, Target: c.s.obj.String(v)})
		return nil
	}
	return &object.Error{Type: object.MustType("System.Management.Automation.DriveNotFoundException"), ID: "DriveNotFound", Category: "ObjectNotFound", Target: t.Scope, Message: "Cannot find drive. A drive with the name '" + t.Scope + "' does not exist."}
}

// assignment runs a = b and returns what was assigned.
func (c *ctx) assignment(a *syntax.Assignment) (any, error) {
	if a.Op == syntax.QuestionQuestionEquals {
		old, err := c.value(a.Target)
		if err != nil || old != nil {
			return old, err
		}
	}
	v, err := c.statementValue(a.Value)
	if err != nil {
		return nil, err
	}
	if a.Op != syntax.Equals && a.Op != syntax.QuestionQuestionEquals {
		old, err := c.value(a.Target)
		if err != nil {
			return nil, err
		}
		op := map[syntax.Kind]syntax.Kind{syntax.PlusEquals: syntax.Plus, syntax.MinusEquals: syntax.Minus, syntax.MultiplyEquals: syntax.Multiply, syntax.DivideEquals: syntax.Divide, syntax.RemainderEquals: syntax.Rem}[a.Op]
		if l, ok := object.Base(old).(*object.List); ok && op == syntax.Plus && l.Type != object.ArrayListType {
			old = object.NewArray(l.Items...)
		}
		if v, err = c.s.ops.Binary(op, old, v); err != nil {
			return nil, err
		}
	}
	if err := c.assignTo(a.Target, v); err != nil {
		return nil, err
	}
	return v, nil
}

// equalFold is strings.EqualFold, short.
func equalFold(a, b string) bool { return strings.EqualFold(a, b) }
