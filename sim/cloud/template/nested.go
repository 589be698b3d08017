package template

import (
	"strings"

	"skylab/sim/ojson"
)

// nested evaluates the properties of a nested deployment. Its template stays as
// it is if its expressions are its own (scope "inner"); otherwise it gets the
// parameters, variables and functions of this template that it speaks of.
func (s *scope) nested(n *Node) (any, error) {
	if n.Kind != Object {
		return s.node(n)
	}
	o := &ojson.Object{}
	for _, f := range n.Fields {
		if strings.EqualFold(f.Name, "template") {
			o.Set(f.Name, f.Value.Plain())
			continue
		}
		v, err := s.node(f.Value)
		if err != nil {
			return nil, err
		}
		o.Set(f.Name, v)
	}
	if strings.EqualFold(n.Get("expressionEvaluationOptions").Text("scope"), "inner") {
		return o, nil
	}
	t, ok := o.At("template").(*ojson.Object)
	if !ok {
		return o, nil
	}
	if err := s.lend(n.Get("template"), t, o); err != nil {
		return nil, err
	}
	return o, nil
}

// lend gives a nested template what it speaks of.
func (s *scope) lend(n *Node, t, properties *ojson.Object) error {
	used := map[string]bool{}
	all := map[string]bool{} // a name that is not a literal means any
	own := false
	walkCalls(n, func(c *Call) {
		switch name := strings.ToLower(c.Name); {
		case c.Namespace != "":
			own = true
		case (name == "parameters" || name == "variables") && len(c.Args) == 1:
			if l, ok := c.Args[0].(Literal); ok {
				used[name+" "+strings.ToLower(printed(l.Value))] = true
			} else {
				all[name] = true
			}
		}
	})
	if len(used) == 0 && len(all) == 0 && !own {
		return s.unroll(t)
	}
	wants := func(kind, name string) bool { return all[kind] || used[kind+" "+strings.ToLower(name)] }
	declared, given := &ojson.Object{}, &ojson.Object{}
	for _, p := range s.t.Parameters {
		if v, ok := s.params[strings.ToLower(p.Name)]; ok && v != nil && wants("parameters", p.Name) {
			declared.Set(p.Name, ojson.Obj("type", strings.ToLower(p.Type)))
			given.Set(p.Name, ojson.Obj("value", v))
		}
	}
	variables := &ojson.Object{}
	for _, name := range s.t.variableNames() {
		if !wants("variables", name) {
			continue
		}
		v, err := s.variable(name)
		if err != nil {
			return err
		}
		variables.Set(name, quote(v))
	}
	t.Set("parameters", declared)
	t.Set("variables", variables)
	if f := s.t.Node.Get("functions"); f != nil {
		t.Set("functions", f.Plain())
	}
	properties.Set("parameters", given)
	return s.unroll(t)
}

// quote makes a value one that evaluates to itself.
func quote(v any) any {
	switch v := v.(type) {
	case string:
		if strings.HasPrefix(v, "[") && strings.HasSuffix(v, "]") {
			return "[" + v
		}
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = quote(e)
		}
		return out
	case *ojson.Object:
		out := &ojson.Object{}
		for _, m := range v.Members() {
			key, _ := quote(m.Key).(string)
			out.Set(key, quote(m.Value))
		}
		return out
	}
	return v
}

// unroll puts the place of the copy loop around a nested deployment into its
// template, where that has no loop of its own.
func (s *scope) unroll(t *ojson.Object) error {
	if len(s.loops) == 0 {
		return nil
	}
	for _, m := range t.Members() {
		t.Set(m.Key, s.unrolled(m.Value))
	}
	return nil
}

func (s *scope) unrolled(v any) any {
	switch v := v.(type) {
	case string:
		inner, ok := IsExpression(v)
		if !ok {
			return v
		}
		e, err := Parse(inner)
		if err != nil {
			return v
		}
		loops := false
		walkExpr(e, func(c *Call) { loops = loops || strings.EqualFold(c.Name, "copyIndex") })
		if !loops {
			return v
		}
		if done, err := s.eval(e); err == nil {
			return quote(done)
		}
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = s.unrolled(e)
		}
		return out
	case *ojson.Object:
		if v.Obj("copy") != nil {
			return v
		}
		out := &ojson.Object{}
		for _, m := range v.Members() {
			out.Set(m.Key, s.unrolled(m.Value))
		}
		return out
	}
	return v
}
