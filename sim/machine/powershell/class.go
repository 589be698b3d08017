package powershell

import (
	"cmp"
	"skylab/sim/machine/powershell/member"
	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/syntax"
	"slices"
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
	slices.SortStableFunc(v, func(a, b object.EnumValue) int { return cmp.Compare(uint64(a.Value), uint64(b.Value)) })
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
