package powershell

import (
	"strconv"
	"strings"

	"skylab/sim/machine/powershell/member"
	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/syntax"
)

// class is a class of a script: the Class of its type. The methods' code is in
// the tree; what changes is in statics alone.
type class struct {
	s       *Session
	t       *object.Type
	def     *syntax.TypeDef
	src     *syntax.Source
	scope   *scope // of the module or closure it belongs to, nil for none
	props   []*classProperty
	methods []*classMethod // constructors included
	statics map[string]any // by folded name
}

// classProperty is a property as its class declares it.
type classProperty struct {
	def      *syntax.MemberDef
	t        *object.Type // nil is object
	validate []Validator
}

// classMethod is a method or a constructor.
type classMethod struct {
	def      *syntax.MemberDef
	overload member.Overload
	result   *object.Type // nil is object
}

// declareTypes makes the types first and their members then, so that classes
// can speak of each other.
func (c *ctx) declareTypes(defs []*syntax.TypeDef) error {
	var made []*class
	for _, d := range defs {
		t := &object.Type{Name: d.Name, Base: object.ObjectType}
		if d.Enum {
			if err := c.enumValues(t, d); err != nil {
				return err
			}
			c.s.classes[object.Fold(d.Name)] = t
			continue
		}
		cl := &class{s: c.s, t: t, def: d, src: c.src, statics: map[string]any{}}
		if sc, ok := c.blockModule().(*scope); ok {
			cl.scope = sc
		}
		t.Class = cl
		c.s.classes[object.Fold(d.Name)] = t
		made = append(made, cl)
	}
	for _, cl := range made {
		if err := cl.members(c); err != nil {
			return c.positioned(err, cl.def.Span)
		}
	}
	for _, cl := range made {
		if err := cl.initStatics(c); err != nil {
			return c.positioned(err, cl.def.Span)
		}
	}
	return nil
}

// enumValues reads an enum's values: each is the one before plus one.
func (c *ctx) enumValues(t *object.Type, d *syntax.TypeDef) error {
	t.IsEnum, t.Base = true, object.EnumType
	for _, a := range d.Attributes {
		t.Flags = t.Flags || lastName(a.Type) == "flags"
	}
	next := int64(0)
	// A value may name those before it.
	c.s.classes[object.Fold(d.Name)] = t
	for _, m := range d.Members {
		if m.Value != nil {
			v, err := c.value(m.Value)
			if err != nil {
				return c.positioned(err, m.Value.Pos())
			}
			if e, ok := v.(object.Enum); ok {
				v = e.Value
			}
			if x, err := c.s.obj.Convert(v, object.Int64Type); err == nil {
				next = x.(int64)
			}
		}
		t.Values = append(t.Values, object.EnumValue{Name: m.Name, Value: next})
		next++
	}
	sortEnum(t.Values)
	return nil
}

// sortEnum puts values in the order in which .NET lists them: by number, the
// negative ones last.
func sortEnum(v []object.EnumValue) {
	for i := 1; i < len(v); i++ {
		for j := i; j > 0 && uint64(v[j].Value) < uint64(v[j-1].Value); j-- {
			v[j], v[j-1] = v[j-1], v[j]
		}
	}
}

// members resolves the types that the class names.
func (cl *class) members(c *ctx) error {
	for i, b := range cl.def.Bases {
		v, err := c.typeNamed(b)
		if err != nil {
			return err
		}
		t := v.(*object.Type)
		if i == 0 && !t.IsInterface() {
			cl.t.Base = t
			continue
		}
		cl.t.Interfaces = append(cl.t.Interfaces, t.Name)
	}
	for _, m := range cl.def.Members {
		var t *object.Type
		if m.Type != nil {
			v, err := c.typeNamed(m.Type)
			if err != nil {
				return err
			}
			t = v.(*object.Type)
		}
		if m.Method == nil {
			p := &classProperty{def: m, t: t}
			for _, a := range m.Attributes {
				v, err := c.validator(a)
				if err != nil {
					return err
				}
				if v != nil {
					p.validate = append(p.validate, *v)
				}
			}
			cl.props = append(cl.props, p)
			continue
		}
		meth := &classMethod{def: m, result: t}
		for _, d := range m.Method.Params {
			pt := object.ObjectType
			for _, a := range d.Attributes {
				if a.Constraint {
					v, err := c.typeNamed(a.Type)
					if err != nil {
						return err
					}
					pt = v.(*object.Type)
				}
			}
			meth.overload.Names = append(meth.overload.Names, d.Name.Name)
			meth.overload.Types = append(meth.overload.Types, pt)
		}
		cl.methods = append(cl.methods, meth)
	}
	return nil
}

func (cl *class) initStatics(c *ctx) error {
	for _, p := range cl.props {
		if !p.def.Static {
			continue
		}
		v := zeroProperty(cl.s, p.t)
		cl.statics[object.Fold(p.def.Name)] = v
		if p.def.Value == nil {
			continue
		}
		x, err := cl.body(c, nil).value(p.def.Value)
		if err == nil {
			x, err = cl.checked(p, x)
		}
		if err != nil {
			return err
		}
		cl.statics[object.Fold(p.def.Name)] = x
	}
	for _, m := range cl.named(cl.def.Name, true) {
		if _, err := cl.run(m, nil, nil, nil); err != nil {
			return err
		}
	}
	return nil
}

// zeroProperty is what a property holds that was not set.
func zeroProperty(s *Session, t *object.Type) any {
	if t == nil || !t.IsValue() {
		return nil
	}
	return zero(s, t)
}

// body returns the context in which code of the class runs.
func (cl *class) body(c *ctx, this *object.Object) *ctx {
	n := *c
	parent := c.scope.root()
	if cl.scope != nil {
		parent = cl.scope
	}
	n.scope = newScope(parent)
	n.src, n.caught = cl.src, true
	n.out = func(any) error { return nil }
	n.class, n.returns = cl, nil
	if this != nil {
		n.this = this
		n.scope.vars["this"] = &Variable{Name: "this", Value: this}
	}
	return &n
}

// named returns the class's own methods of a name.
func (cl *class) named(name string, static bool) (out []*classMethod) {
	for _, m := range cl.methods {
		if m.def.Static == static && equalFold(m.def.Name, name) {
			out = append(out, m)
		}
	}
	return out
}

func (cl *class) constructor(m *classMethod) bool {
	return !m.def.Static && equalFold(m.def.Name, cl.def.Name)
}

// base is the class that this one derives from, if a script defined it.
func (cl *class) base() *class {
	b, _ := cl.t.Base.Class.(*class)
	return b
}

// New implements member.Class.
func (cl *class) New(args []any) (any, error) {
	o := &object.Object{Type: cl.t}
	return o, cl.construct(cl.s.active, o, args)
}

func (cl *class) construct(c *ctx, o *object.Object, args []any) error {
	list := cl.named(cl.def.Name, false)
	if len(list) == 0 && len(args) > 0 {
		return noOverload("new", len(args))
	}
	if len(list) == 0 {
		if err := cl.constructBase(c, o, nil); err != nil {
			return err
		}
		return cl.initialize(c, o)
	}
	m, conv, err := cl.resolve("new", list, args)
	if err != nil {
		return err
	}
	_, err = cl.run(m, o, conv, func(n *ctx) error {
		var base []any
		for _, e := range m.def.BaseArgs {
			v, err := n.value(e)
			if err != nil {
				return err
			}
			base = append(base, v)
		}
		if err := cl.constructBase(n, o, base); err != nil {
			return err
		}
		return cl.initialize(n, o)
	})
	return err
}

// constructBase runs the base's constructor on the object.
func (cl *class) constructBase(c *ctx, o *object.Object, args []any) error {
	if b := cl.base(); b != nil {
		return b.construct(c, o, args)
	}
	if cl.t.Base == object.ObjectType {
		if len(args) > 0 {
			return noOverload("new", len(args))
		}
		return nil
	}
	v, err := c.members().Construct(cl.t.Base, args)
	if err != nil {
		return err
	}
	switch x := v.(type) {
	case *object.Object:
		o.Members.List = append(o.Members.List, x.Members.List...)
		if m := o.Members.Get("Message"); m != nil && len(args) == 0 {
			m.Value = "Exception of type '" + o.Type.Name + "' was thrown."
		}
	case *object.List:
		x.Type = o.Type
		o.Base = x
	case *object.Dict:
		x.Type = o.Type
		o.Base = x
	default:
		o.Base = v
	}
	return nil
}

// initialize gives the properties their first values.
func (cl *class) initialize(c *ctx, o *object.Object) error {
	for _, p := range cl.props {
		if p.def.Static {
			continue
		}
		o.Members.Add(&object.Member{Name: p.def.Name, Kind: object.Property, Type: p.t, Value: zeroProperty(cl.s, p.t), Hidden: p.def.Hidden})
	}
	for _, p := range cl.props {
		if p.def.Static || p.def.Value == nil {
			continue
		}
		n := cl.body(c, o)
		v, err := n.value(p.def.Value)
		if err == nil {
			v, err = cl.converted(p, v)
		}
		if err != nil {
			return n.positioned(err, p.def.Value.Pos())
		}
		o.Members.Get(p.def.Name).Value = v
	}
	return nil
}

func (cl *class) converted(p *classProperty, v any) (any, error) {
	if p.t == nil || p.t == object.ObjectType {
		return v, nil
	}
	return cl.s.obj.Convert(v, p.t)
}

func (cl *class) checked(p *classProperty, v any) (any, error) {
	v, err := cl.converted(p, v)
	if err != nil {
		return nil, err
	}
	if msg := cl.s.active.validate(p.validate, v); msg != "" {
		return nil, object.Fail("ValidateSetFailure", "%s", msg)
	}
	return v, nil
}

// Check implements member.Class.
func (cl *class) Check(name string, v any) (any, error) {
	for k := cl; k != nil; k = k.base() {
		for _, p := range k.props {
			if !p.def.Static && equalFold(p.def.Name, name) {
				return k.checked(p, v)
			}
		}
	}
	return v, nil
}

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
