package powershell

import (
	"strconv"
	"strings"

	"skylab/sim/machine/powershell/member"
	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/syntax"
)

func noOverload(name string, n int) error {
	return &object.Error{Type: object.MustType("System.Management.Automation.MethodException"), ID: "MethodCountCouldNotFindBest", Category: "NotSpecified", Message: `Cannot find an overload for "` + name + `" and the argument count: "` + strconv.Itoa(n) + `".`}
}

func (cl *class) resolve(name string, list []*classMethod, args []any) (*classMethod, []any, error) {
	overloads := make([]member.Overload, len(list))
	for i, m := range list {
		overloads[i] = m.overload
	}
	i, conv, err := cl.s.active.members().Resolve(name, overloads, args)
	if err != nil {
		return nil, nil, err
	}
	return list[i], conv, nil
}

// run runs a method; first, if set, runs before its body.
func (cl *class) run(m *classMethod, this *object.Object, args []any, first func(*ctx) error) (any, error) {
	c := cl.s.active
	n := cl.body(c, this)
	if err := n.deeper(); err != nil {
		return nil, err
	}
	k := &call{c: c, src: c.src, at: cl.s.invoking, out: n.out, name: m.def.Name, shown: m.def.Name, block: &object.ScriptBlock{Body: m.def.Method.Body, Class: cl.t}}
	n.call = k
	for i, d := range m.def.Method.Params {
		va := &Variable{Name: d.Name.Name, Value: args[i], Type: m.overload.Types[i]}
		if va.Type == object.ObjectType {
			va.Type = nil
		}
		n.scope.vars[d.Name.Key] = va
	}
	if first != nil {
		if err := first(n); err != nil {
			return nil, err
		}
	}
	var result any = member.Void{}
	n.returns = func(v any) { result = v }
	old := cl.s.active
	cl.s.active = n
	err := n.block(m.def.Method.Body.End)
	cl.s.active = old
	if _, ret := err.(returnFlow); ret {
		err = nil
	}
	if err != nil {
		return nil, err
	}
	if _, none := result.(member.Void); none || m.result == object.VoidType || cl.constructor(m) || m.result == nil && m.def.Type == nil && none {
		return member.Void{}, nil
	}
	if m.result != nil && m.result != object.ObjectType {
		v, err := cl.s.obj.Convert(result, m.result)
		if err != nil {
			return nil, n.positioned(err, m.def.Method.Body.Span)
		}
		return v, nil
	}
	return result, nil
}

// CallOn implements member.Class.
func (cl *class) CallOn(o *object.Object, name string, args []any) (any, bool, error) {
	var list []*classMethod
	owner := cl
	for k := cl; k != nil; k = k.base() {
		own := k.named(name, false)
		if equalFold(name, k.def.Name) {
			own = nil
		}
		if len(list) == 0 && len(own) > 0 {
			owner = k
		}
		for _, m := range own {
			if !overrides(list, m) {
				list = append(list, m)
			}
		}
	}
	if len(list) == 0 {
		return nil, false, nil
	}
	m, conv, err := owner.resolve(name, list, args)
	if err != nil {
		return nil, true, err
	}
	for k := cl; k != nil; k = k.base() {
		for _, x := range k.methods {
			if x == m {
				owner = k
			}
		}
	}
	v, err := owner.run(m, o, conv, nil)
	return v, true, err
}

// overrides reports whether one of the methods takes the same types.
func overrides(list []*classMethod, m *classMethod) bool {
	for _, x := range list {
		if len(x.overload.Types) != len(m.overload.Types) {
			continue
		}
		same := true
		for i, t := range x.overload.Types {
			same = same && t == m.overload.Types[i]
		}
		if same {
			return true
		}
	}
	return false
}

// Static implements member.Class.
func (cl *class) Static(name string) (any, bool, error) {
	for k := cl; k != nil; k = k.base() {
		if v, ok := k.statics[object.Fold(name)]; ok {
			return v, true, nil
		}
	}
	return nil, false, nil
}

// SetStatic implements member.Class.
func (cl *class) SetStatic(name string, v any) (bool, error) {
	for k := cl; k != nil; k = k.base() {
		for _, p := range k.props {
			if p.def.Static && equalFold(p.def.Name, name) {
				x, err := k.checked(p, v)
				if err != nil {
					return true, &object.Error{Type: object.MustType("System.Management.Automation.SetValueInvocationException"), ID: "ExceptionWhenSetting", Category: "NotSpecified", Message: `Exception setting "` + name + `": "` + err.Error() + `"`}
				}
				k.statics[object.Fold(name)] = x
				return true, nil
			}
		}
	}
	return false, nil
}

// CallStatic implements member.Class.
func (cl *class) CallStatic(name string, args []any) (any, bool, error) {
	for k := cl; k != nil; k = k.base() {
		if list := k.named(name, true); len(list) > 0 {
			m, conv, err := k.resolve(name, list, args)
			if err != nil {
				return nil, true, err
			}
			v, err := k.run(m, nil, conv, nil)
			return v, true, err
		}
	}
	return nil, false, nil
}

// Overloads implements member.Class.
func (cl *class) Overloads(name string, static bool) (out []string) {
	if equalFold(name, "new") && static {
		for _, m := range cl.named(cl.def.Name, false) {
			out = append(out, cl.definition(m))
		}
		return out
	}
	for _, m := range cl.named(name, static) {
		if !cl.constructor(m) {
			out = append(out, cl.definition(m))
		}
	}
	return out
}

// Single implements member.Class.
func (cl *class) Single() (out []*object.Type) {
	for _, m := range cl.named(cl.def.Name, false) {
		if len(m.overload.Types) == 1 {
			out = append(out, m.overload.Types[0])
		}
	}
	return out
}

// Methods implements member.Class.
func (cl *class) Methods(static bool) (out [][2]string) {
	for _, m := range cl.methods {
		if m.def.Static == static && !m.def.Hidden && !cl.constructor(m) {
			out = append(out, [2]string{m.def.Name, cl.definition(m)})
		}
	}
	return out
}

func (cl *class) definition(m *classMethod) string {
	var b strings.Builder
	if m.def.Static {
		b.WriteString("static ")
	}
	switch {
	case cl.constructor(m):
		b.WriteString(cl.def.Name + " new")
	case m.def.Type == nil:
		b.WriteString("System.Object " + m.def.Name)
	default:
		b.WriteString(m.result.ScriptName() + " " + m.def.Name)
	}
	b.WriteByte('(')
	for i, t := range m.overload.Types {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(t.ScriptName() + " " + m.overload.Names[i])
	}
	return b.String() + ")"
}

// baseMethod calls a method as a base class has it: ([Base]$this).Method().
func (c *ctx) baseMethod(e *syntax.InvokeExpr, name string, args []any) (v any, found bool, err error) {
	o, ok := c.this.(*object.Object)
	if !ok || c.class == nil {
		return nil, false, nil
	}
	target := e.Target
	if p, ok := target.(*syntax.ParenExpr); ok {
		if pl, ok := p.Pipeline.(*syntax.Pipeline); ok && len(pl.Elements) == 1 {
			if x, ok := pl.Elements[0].(*syntax.CommandExpr); ok {
				target = x.Expr
			}
		}
	}
	conv, ok := target.(*syntax.ConvertExpr)
	if !ok {
		return nil, false, nil
	}
	if v, ok := conv.Operand.(*syntax.VariableExpr); !ok || v.Key != "this" {
		return nil, false, nil
	}
	t := c.s.lookupType(conv.Type.Type, c.scope)
	if t == nil || !o.Type.Is(t) {
		return nil, false, nil
	}
	if cl, ok := t.Class.(*class); ok {
		c.s.active = c
		return cl.CallOn(o, name, args)
	}
	if o.Base == nil {
		plain := &object.Object{Type: t, Members: o.Members}
		return c.members().Call(plain, name, args)
	}
	return nil, false, nil
}

// TextOf returns what the class's own ToString gives.
func (cl *class) TextOf(o *object.Object) (string, bool) {
	for k := cl; k != nil; k = k.base() {
		if list := k.named("ToString", false); len(list) > 0 && cl.s.active != nil {
			v, found, err := k.CallOn(o, "ToString", nil)
			if found && err == nil {
				return cl.s.obj.String(v), true
			}
		}
	}
	return "", false
}
