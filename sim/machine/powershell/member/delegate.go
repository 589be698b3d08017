package member

import (
	"strings"

	"skylab/sim/machine/powershell/object"
)

var (
	delegateType  = object.MustType("System.Delegate")
	notEnumerable = "Collection was modified; enumeration operation may not execute."
)

// Delegate is a script block that became a delegate: a Predicate, a Func, an
// Action.
type Delegate struct {
	Type  *object.Type
	Block *object.ScriptBlock
	env   *Env
}

// NetType implements object.Typed.
func (d *Delegate) NetType() *object.Type { return d.Type }

// GetMember implements Dynamic.
func (d *Delegate) GetMember(name string) (any, bool) { return nil, false }

// CallMember implements Dynamic.
func (d *Delegate) CallMember(name string, args []any) (any, bool, error) {
	if !strings.EqualFold(name, "invoke") && !strings.EqualFold(name, "dynamicinvoke") {
		return nil, false, nil
	}
	v, err := d.env.Context.Call(d.Block, nil, args)
	if err == nil && strings.HasPrefix(d.Type.Name, "System.Func`") {
		v, err = d.env.Convert(v, d.Type.Args[len(d.Type.Args)-1])
	}
	return v, true, err
}

// invoke calls what was given for a delegate.
func (e *Env) invoke(f any, args ...any) (any, error) {
	switch x := object.Base(f).(type) {
	case *Delegate:
		return e.Context.Call(x.Block, nil, args)
	case *object.ScriptBlock:
		return e.Context.Call(x, nil, args)
	}
	return nil, argumentNull("match")
}

// listDelegate are the methods of List`1 that take a delegate.
func (e *Env) listDelegate(l *object.List, name string, a []any) (any, bool, error) {
	if len(a) == 0 {
		return nil, false, nil
	}
	f := a[len(a)-1]
	test := func(x any) (bool, error) {
		v, err := e.invoke(f, x)
		return object.Truth(v), err
	}
	n := len(l.Items)
	from, to := 0, n
	if len(a) > 1 && strings.HasPrefix(name, "findindex") {
		from = min(max(0, intOf(a[0])), n)
		if len(a) > 2 {
			to = min(n, from+intOf(a[1]))
		}
	}
	switch name {
	case "exists", "find", "findindex", "findlast", "findlastindex", "trueforall":
		last := strings.HasPrefix(name, "findlast")
		at := -1
		for i := from; i < to && at < 0; i++ {
			j := i
			if last {
				j = n - 1 - i
			}
			ok, err := test(l.Items[j])
			if err != nil {
				return nil, true, err
			}
			if ok != (name == "trueforall") {
				at = j
			}
		}
		switch name {
		case "exists":
			return at >= 0, true, nil
		case "trueforall":
			return at < 0, true, nil
		case "findindex", "findlastindex":
			return int32(at), true, nil
		}
		if at < 0 {
			return zeroOf(l.Type.Args[0]), true, nil
		}
		return l.Items[at], true, nil
	case "findall", "removeall":
		var in, out []any
		for _, x := range l.Items {
			ok, err := test(x)
			if err != nil {
				return nil, true, err
			}
			if ok {
				in = append(in, x)
			} else {
				out = append(out, x)
			}
		}
		if name == "removeall" {
			l.Items = out
			return int32(len(in)), true, nil
		}
		return &object.List{Type: l.Type, Items: in}, true, nil
	case "foreach":
		for _, x := range l.Items {
			if _, err := e.invoke(f, x); err != nil {
				return nil, true, err
			}
			if len(l.Items) != n {
				return nil, true, object.Throw("System.InvalidOperationException", "%s", notEnumerable)
			}
		}
		return Void{}, true, nil
	case "convertall":
		out := &object.List{Type: object.Generic("System.Collections.Generic.List`1", object.ObjectType)}
		for _, x := range l.Items {
			v, err := e.invoke(f, x)
			if err != nil {
				return nil, true, err
			}
			out.Items = append(out.Items, v)
		}
		return out, true, nil
	case "sort":
		switch object.Base(f).(type) {
		case *Delegate, *object.ScriptBlock:
		default:
			return nil, false, nil
		}
		var failed error
		sortStable(l.Items, func(x, y any) bool {
			v, err := e.invoke(f, x, y)
			if err != nil && failed == nil {
				failed = err
			}
			c, _, _ := object.Integer(object.Base(v))
			return c < 0
		})
		return Void{}, true, failed
	}
	return nil, false, nil
}
