// Package member is what "." and "::" do: the properties and methods of .NET
// types, of instances and static, with overloads resolved as PowerShell resolves
// them, and the members that objects carry themselves.
//
// members.txt has the signatures, as Get-Member shows them; the bodies are Go,
// one file per family of types. A member that .NET has and that has no body here
// says so in one sentence.
package member

import (
	"fmt"
	"runtime"
	"slices"
	"strings"

	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/operator"
)

// Env is what members need of a session.
type Env struct {
	*object.Context
	Ops    *operator.Env
	Random func() uint64
	Getenv func(name string) (string, bool)
	// Statics are the static properties that were set: "System.Type::name".
	Statics map[string]any
	cache   map[sigKey][]signature
}

type sigKey struct {
	t      *object.Type
	name   string
	static bool
}

func (e *Env) signatures(t *object.Type, name string, static bool) []signature {
	k := sigKey{t, strings.ToLower(name), static}
	s, ok := e.cache[k]
	if !ok {
		s = signatures(t, name, static)
		if e.V5 && t == object.StringType && k.name == "split" {
			// .NET Framework splits at characters alone.
			s = slices.DeleteFunc(s, func(x signature) bool { return len(x.types) > 0 && x.types[0].Elem == nil })
		}
		e.cache[k] = s
	}
	return s
}

// New returns an Env.
func New(c *object.Context, ops *operator.Env) *Env {
	e := &Env{Context: c, Ops: ops, cache: map[sigKey][]signature{}, Statics: map[string]any{}}
	c.Make = e.make
	if c.Construct == nil {
		c.Construct = e.Construct
	}
	if c.SetMember == nil {
		c.SetMember = e.Set
	}
	return e
}

// Void is what a method without a result returns.
type Void struct{}

// IsVoid marks it.
func (Void) IsVoid() {}

// Dynamic is a value that answers for its own members.
type Dynamic interface {
	GetMember(name string) (v any, ok bool)
	CallMember(name string, args []any) (v any, found bool, err error)
}

// NotFound is the error of a method that is not there.
func NotFound(target any, name string) error {
	t := object.TypeOf(target)
	n := t.FullName()
	return &object.Error{Type: object.RuntimeExceptionType, ID: "MethodNotFound", Category: "InvalidOperation", Target: name, Message: fmt.Sprintf("Method invocation failed because [%s] does not contain a method named '%s'.", n, name)}
}

func notSimulated(t *object.Type, name string) error {
	return &object.Error{Type: object.RuntimeExceptionType, ID: "NotSimulated", Category: "NotImplemented", Message: fmt.Sprintf("skylab: [%s] %s is real but not simulated here", t.FullName(), name)}
}

// thrown wraps a .NET exception as PowerShell does when a method throws.
func thrown(name string, n int, err error) error {
	e, ok := err.(*object.Error)
	if !ok || !e.Native {
		return err
	}
	return &object.Error{
		Type: object.MustType("System.Management.Automation.MethodInvocationException"), ID: e.Type.Short(), Category: "NotSpecified",
		Message: fmt.Sprintf(`Exception calling "%s" with "%d" argument(s): "%s"`, name, n, e.Message), Inner: e,
	}
}

// Get returns a property; ok is false if there is none of the name.
func (e *Env) Get(target any, name string) (v any, ok bool, err error) {
	if v, ok, err := e.GetProperty(target, name); ok || err != nil {
		return v, ok, err
	}
	switch strings.ToLower(name) {
	case "psobject":
		return &psObject{env: e, v: target}, true, nil
	case "psbase":
		return &psBase{e, target}, true, nil
	case "psadapted", "psextended":
		return target, true, nil
	case "pstypenames":
		return e.typeNames(target), true, nil
	}
	if e.hasMethod(target, name) {
		return &method{e, target, name}, true, nil
	}
	switch strings.ToLower(name) {
	case "count", "length":
		if _, many := object.Items(target); !many {
			return int32(1), true, nil
		}
	}
	return nil, false, nil
}

// GetProperty is Get for properties alone.
func (e *Env) GetProperty(target any, name string) (v any, ok bool, err error) {
	if o, isObj := target.(*object.Object); isObj {
		if m := o.Members.Get(name); m != nil {
			return e.read(o, m)
		}
		if o.Base == nil {
			if o.Type == object.CustomType {
				return nil, false, nil
			}
			return e.extended(o, name)
		}
	}
	b := object.Base(target)
	if d, ok := b.(*object.Dict); ok {
		if v, has := d.Get(name); has {
			return v, true, nil
		}
	}
	if u, ok := b.(unusable); ok {
		return nil, true, u.Unusable()
	}
	if d, ok := b.(Dynamic); ok {
		if v, has := d.GetMember(name); has {
			return v, true, nil
		}
	}
	if v, has, err := e.property(b, strings.ToLower(name)); has || err != nil {
		return v, has, err
	}
	return e.extended(target, name)
}

func (e *Env) read(o *object.Object, m *object.Member) (any, bool, error) {
	switch m.Kind {
	case object.AliasProperty:
		target, _ := m.Value.(string)
		return e.GetProperty(o, target)
	case object.ScriptProperty, object.CodeProperty:
		if sb, ok := m.Value.(*object.ScriptBlock); ok && e.Context.Call != nil {
			v, err := e.Context.Call(sb, o, nil)
			if err != nil {
				return nil, true, nil
			}
			return v, true, nil
		}
		return nil, true, nil
	case object.ScriptMethod:
		return &method{e, o, m.Name}, true, nil
	}
	return m.Value, true, nil
}

// Set sets a property.
func (e *Env) Set(target any, name string, v any) error {
	if target == nil {
		return &object.Error{Type: object.RuntimeExceptionType, ID: "PropertyNotFound", Category: "InvalidOperation", Target: name, Message: fmt.Sprintf("The property '%s' cannot be found on this object. Verify that the property exists and can be set.", name)}
	}
	if o, ok := target.(*object.Object); ok {
		if m := o.Members.Get(name); m != nil {
			switch {
			case m.Kind == object.AliasProperty:
				return e.Set(o, m.Value.(string), v)
			case m.Kind == object.ScriptProperty && m.Setter != nil:
				_, err := e.Context.Call(m.Setter.(*object.ScriptBlock), o, []any{v})
				return err
			case m.Kind == object.ScriptProperty || m.Fixed:
				return readOnly(name)
			}
			if cl := classIn(o.Type); cl != nil && m.Kind == object.Property {
				x, err := cl.Check(name, v)
				if err != nil {
					return setFailed(m.Name, err)
				}
				v = x
			} else if m.Type != nil {
				x, err := e.Convert(v, m.Type)
				if err != nil {
					return setFailed(m.Name, err)
				}
				v = x
			}
			m.Value = v
			return nil
		}
	}
	b := object.Base(target)
	if d, ok := b.(*object.Dict); ok {
		return e.setKey(d, name, v)
	}
	if r, ok := b.(*object.Ref); ok && strings.EqualFold(name, "Value") {
		return r.Set(v)
	}
	if s, ok := b.(interface {
		SetMember(e *Env, name string, v any) (bool, error)
	}); ok {
		if done, err := s.SetMember(e, name, v); done || err != nil {
			return err
		}
	}
	if items, many := object.Items(b); many {
		set := false
		for _, x := range items {
			if _, ok, _ := e.GetProperty(x, name); ok {
				if err := e.Set(x, name, v); err != nil {
					return err
				}
				set = true
			}
		}
		if set {
			return nil
		}
	}
	if _, ok, _ := e.property(b, strings.ToLower(name)); ok {
		return readOnly(name)
	}
	missing := &object.Error{Type: object.RuntimeExceptionType, ID: "PropertyNotFound", Category: "InvalidOperation", Target: name, Message: fmt.Sprintf("The property '%s' cannot be found on this object. Verify that the property exists and can be set.", name)}
	if o, ok := target.(*object.Object); ok && o.Base == nil && o.Type == object.CustomType {
		return setFailed(name, missing)
	}
	return missing
}

func readOnly(name string) error {
	return &object.Error{Type: object.RuntimeExceptionType, ID: "PropertyAssignmentException", Category: "InvalidOperation", Target: name, Message: fmt.Sprintf("'%s' is a ReadOnly property.", name)}
}

func setFailed(name string, err error) error {
	return &object.Error{Type: object.MustType("System.Management.Automation.SetValueInvocationException"), ID: "ExceptionWhenSetting", Category: "NotSpecified", Message: fmt.Sprintf(`Exception setting "%s": "%s"`, name, err)}
}

// Call calls a method; found is false if there is none of the name.
func (e *Env) Call(target any, name string, args []any) (v any, found bool, err error) {
	defer arity(name, len(args), &err)
	if o, ok := target.(*object.Object); ok {
		if m := o.Members.Get(name); m != nil {
			switch x := m.Value.(type) {
			case *object.ScriptBlock:
				if m.Kind == object.ScriptMethod || m.Kind == object.NoteProperty {
					v, err := e.Context.Call(x, o, args)
					return v, true, err
				}
			}
		}
		if cl := classIn(o.Type); cl != nil {
			if v, found, err := cl.CallOn(o, name, args); found {
				return v, true, err
			}
		}
	}
	b := object.Base(target)
	if d, ok := b.(Dynamic); ok {
		if v, found, err := d.CallMember(name, args); found {
			return v, true, thrown(name, len(args), err)
		}
	}
	for t := object.TypeOf(b); t != nil; t = t.Base {
		sigs := e.signatures(t, name, false)
		if len(sigs) == 0 {
			continue
		}
		chosen, conv, err := e.choose(name, sigs, args)
		if err != nil {
			return nil, true, err
		}
		_ = chosen
		v, ok, err := e.method(b, strings.ToLower(name), conv)
		if !ok && err == nil {
			return nil, true, notSimulated(object.TypeOf(b), name)
		}
		return v, true, thrown(name, len(args), err)
	}
	v, found, err = e.method(b, strings.ToLower(name), args)
	if found || err != nil {
		return v, true, thrown(name, len(args), err)
	}
	return nil, false, nil
}

// hasMethod reports whether a value has a method of the name.
func (e *Env) hasMethod(target any, name string) bool {
	b := object.Base(target)
	if b == nil {
		return false
	}
	switch strings.ToLower(name) {
	case "gettype", "tostring", "equals", "gethashcode":
		return true
	}
	for t := object.TypeOf(target); t != nil; t = t.Base {
		if cl := classOf(t); cl != nil && len(cl.Overloads(name, false)) > 0 {
			return true
		}
		if len(e.signatures(t, name, false)) > 0 {
			return true
		}
	}
	return false
}

// Static returns a static property, field or enum value, or the method of that
// name.
func (e *Env) Static(t *object.Type, name string) (any, error) {
	if t.IsEnum {
		if v, ok := object.EnumOf(t, name); ok {
			return v, nil
		}
	}
	if cl := classIn(t); cl != nil {
		if v, ok, err := cl.Static(name); ok || err != nil {
			return v, err
		}
		if len(cl.Overloads(name, true)) > 0 {
			return &method{e, t, name}, nil
		}
	}
	if v, ok := e.Statics[t.Name+"::"+strings.ToLower(name)]; ok {
		return v, nil
	}
	if v, ok, err := e.staticProperty(t, strings.ToLower(name)); ok || err != nil {
		return v, err
	}
	if len(e.signatures(t, name, true)) > 0 || strings.EqualFold(name, "new") {
		return &method{e, t, name}, nil
	}
	return nil, nil
}

// settable are the static properties of .NET types that scripts set.
var settable = map[string]bool{
	"System.Net.ServicePointManager::securityprotocol": true, "System.Net.ServicePointManager::defaultconnectionlimit": true,
	"System.Net.ServicePointManager::servercertificatevalidationcallback": true, "System.Net.ServicePointManager::expect100continue": true,
	"System.Net.WebRequest::defaultwebproxy": true, "System.Console::outputencoding": true, "System.Console::inputencoding": true, "System.Console::title": true,
	"System.Environment::currentdirectory": true, "System.Environment::exitcode": true,
}

// SetStatic sets a static property.
func (e *Env) SetStatic(t *object.Type, name string, v any) error {
	if cl := classIn(t); cl != nil {
		if done, err := cl.SetStatic(name, v); done || err != nil {
			return err
		}
	}
	if settable[t.Name+"::"+strings.ToLower(name)] {
		old, _, _ := e.staticProperty(t, strings.ToLower(name))
		if ot := object.TypeOf(old); ot != nil {
			x, err := e.Convert(v, ot)
			if err != nil {
				return setFailed(name, err)
			}
			v = x
		}
		e.Statics[t.Name+"::"+strings.ToLower(name)] = v
		return nil
	}
	if _, ok, _ := e.staticProperty(t, strings.ToLower(name)); ok {
		return readOnly(name)
	}
	return &object.Error{Type: object.RuntimeExceptionType, ID: "PropertyNotFound", Category: "InvalidOperation", Message: fmt.Sprintf("The property '%s' cannot be found on this object. Verify that the property exists and can be set.", name)}
}

// CallStatic calls a static method or, as new, a constructor.
func (e *Env) CallStatic(t *object.Type, name string, args []any) (result any, err error) {
	defer arity(name, len(args), &err)
	if strings.EqualFold(name, "new") {
		return e.Construct(t, args)
	}
	if cl := classIn(t); cl != nil {
		if v, found, err := cl.CallStatic(name, args); found {
			return v, err
		}
	}
	for b := t; b != nil; b = b.Base {
		sigs := e.signatures(b, name, true)
		if len(sigs) == 0 {
			continue
		}
		_, conv, err := e.choose(name, sigs, args)
		if err != nil {
			return nil, err
		}
		v, ok, err := e.static(t, strings.ToLower(name), conv)
		if !ok && err == nil {
			return nil, notSimulated(t, name)
		}
		return v, thrown(name, len(args), err)
	}
	v, ok, err := e.static(t, strings.ToLower(name), args)
	if ok || err != nil {
		return v, thrown(name, len(args), err)
	}
	return nil, &object.Error{Type: object.RuntimeExceptionType, ID: "MethodNotFound", Category: "InvalidOperation", Target: name, Message: fmt.Sprintf("Method invocation failed because [%s] does not contain a method named '%s'.", t.FullName(), name)}
}

// method is a method that was named without being called.
type method struct {
	env    *Env
	target any
	name   string
}

// NetType implements object.Typed.
func (*method) NetType() *object.Type {
	return object.MustType("System.Management.Automation.PSMethod")
}

// ToString returns the overloads.
func (m *method) ToString(*object.Context) string {
	t, static := object.TypeOf(m.target), false
	if ty, ok := m.target.(*object.Type); ok {
		t, static = ty, true
	}
	var all []string
	for b := t; b != nil && len(all) == 0; b = b.Base {
		if cl := classOf(b); cl != nil {
			all = append(all, cl.Overloads(m.name, static)...)
		}
		for _, s := range m.env.signatures(b, m.name, static) {
			all = append(all, s.text)
		}
	}
	return strings.Join(all, ", ")
}

// GetMember implements Dynamic.
func (m *method) GetMember(name string) (any, bool) {
	switch strings.ToLower(name) {
	case "name":
		return m.name, true
	case "overloaddefinitions":
		return object.Strings(strings.Split(m.ToString(nil), ", ")), true
	}
	return nil, false
}

// CallMember implements Dynamic.
func (m *method) CallMember(name string, args []any) (any, bool, error) {
	if !strings.EqualFold(name, "invoke") {
		return nil, false, nil
	}
	if t, ok := m.target.(*object.Type); ok {
		v, err := m.env.CallStatic(t, m.name, args)
		return v, true, err
	}
	return m.env.Call(m.target, m.name, args)
}

// arity turns the panic of a body that was called with other arguments than it
// knows, which can only be for a type whose signatures are not in the table,
// into the error of an overload that is not there.
func arity(name string, n int, err *error) {
	r := recover()
	if r == nil {
		return
	}
	if _, ok := r.(runtime.Error); !ok {
		panic(r)
	}
	*err = &object.Error{Type: object.MustType("System.Management.Automation.MethodException"), ID: "MethodCountCouldNotFindBest", Category: "NotSpecified", Message: fmt.Sprintf(`Cannot find an overload for "%s" and the argument count: "%d".`, name, n)}
}
