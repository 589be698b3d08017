package member

import (
	"fmt"
	"strings"

	"skylab/sim/machine/powershell/object"
)

// Class is what the Class of a type holds that a script defined.
type Class interface {
	// New makes an instance.
	New(args []any) (any, error)
	// Static returns a static property, SetStatic sets it, CallStatic calls a
	// static method; ok is false if there is none of the name.
	Static(name string) (v any, ok bool, err error)
	SetStatic(name string, v any) (ok bool, err error)
	CallStatic(name string, args []any) (v any, ok bool, err error)
	// CallOn calls a method of an instance, as the class has it.
	CallOn(o *object.Object, name string, args []any) (v any, ok bool, err error)
	// Check converts and tests a value for a property.
	Check(name string, v any) (any, error)
	// Overloads are the definitions of a method.
	Overloads(name string, static bool) []string
	// Single are the types of the parameters of constructors that take one.
	Single() []*object.Type
	// Methods are the definitions of all methods, by name.
	Methods(static bool) [][2]string
}

func classOf(t *object.Type) Class {
	c, _ := t.Class.(Class)
	return c
}

// classIn returns the class that a type is or derives from.
func classIn(t *object.Type) Class {
	for ; t != nil; t = t.Base {
		if c := classOf(t); c != nil {
			return c
		}
	}
	return nil
}

// Overload is a method or a constructor of a script's class.
type Overload struct {
	Names []string
	Types []*object.Type
}

// Resolve picks an overload for arguments and converts them to its types.
func (e *Env) Resolve(name string, list []Overload, args []any) (int, []any, error) {
	sigs := make([]signature, len(list))
	for i, o := range list {
		sigs[i] = signature{names: o.Names, types: o.Types, ref: make([]bool, len(o.Types))}
	}
	s, conv, err := e.choose(name, sigs, args)
	if err != nil {
		return 0, nil, err
	}
	for i := range sigs {
		if &sigs[i] == s {
			return i, conv, nil
		}
	}
	return 0, nil, fmt.Errorf("member: no overload of %s", name)
}

// makeClass converts to a script's class by a constructor that takes the value.
func (e *Env) makeClass(_ *object.Context, v any, t *object.Type) (any, bool, error) {
	from := object.TypeOf(v)
	for _, p := range classOf(t).Single() {
		if from.Is(p) {
			o, err := e.Construct(t, []any{v})
			return o, true, err
		}
	}
	return nil, false, nil
}

// Settable lists the properties of an object that can be set, as the error of a
// hashtable that names another one does.
func Settable(o *object.Object) string {
	var out []string
	for _, m := range o.Members.List {
		if m.Hidden || m.Fixed || m.Kind != object.Property {
			continue
		}
		t := m.Type
		if t == nil {
			t = object.ObjectType
		}
		out = append(out, "["+m.Name+" <"+t.String()+">]")
	}
	return strings.Join(out, ", ")
}
