package python

import (
	"math/big"
	"strings"
)

func (in *interp) callNode(n *node, s *scope) (any, error) {
	f, err := in.eval(n.a, s)
	if err != nil {
		return nil, err
	}
	a := &args{named: map[string]any{}}
	name := func(k string, v any) error {
		if _, twice := a.named[k]; twice {
			return raisef(typeError, "%s() got multiple values for keyword argument '%s'", n.a.name, k)
		}
		a.named[k] = v
		a.order = append(a.order, k)
		return nil
	}
	for _, x := range n.list {
		switch x.op {
		case "keyword":
			v, err := in.eval(x.a, s)
			if err == nil {
				err = name(x.name, v)
			}
			if err != nil {
				return nil, err
			}
		case "kwstar":
			v, err := in.eval(x.a, s)
			if err != nil {
				return nil, err
			}
			d, ok := v.(*dict)
			if !ok {
				return nil, raisef(typeError, "argument after ** must be a mapping, not %s", typeName(v))
			}
			d.each(func(k, v any) bool { err = name(str(k), v); return err == nil })
			if err != nil {
				return nil, err
			}
		default:
			more, err := in.items([]*node{x}, s)
			if err != nil {
				return nil, err
			}
			a.pos = append(a.pos, more...)
		}
	}
	return in.call(f, a)
}

func (in *interp) call(f any, a *args) (any, error) {
	if a.named == nil {
		a.named = map[string]any{}
	}
	switch x := f.(type) {
	case *builtin:
		return x.fn(in, a)
	case *class:
		if x.made == nil {
			return nil, &absent{"making a " + x.name}
		}
		return x.made(in, a)
	case *function:
		return in.run(x, a)
	}
	return nil, raisef(typeError, "'%s' object is not callable", typeName(f))
}

func (in *interp) function(name string, n *node, s *scope) (any, error) {
	f := &function{name: name, params: n.params, body: n.body, scope: s, local: map[string]bool{}}
	if n.op == "lambda" {
		f.expr = n.a
	}
	assigned(n.body, f.local)
	for _, p := range n.params {
		var v any = gone{}
		if p.fallback != nil {
			var err error
			if v, err = in.eval(p.fallback, s); err != nil {
				return nil, err
			}
		}
		f.defaults = append(f.defaults, v)
	}
	return f, nil
}

// run calls a function of the program.
func (in *interp) run(f *function, a *args) (any, error) {
	if in.depth++; in.depth > maxCalls {
		in.depth--
		return nil, raisef(recursionError, "maximum recursion depth exceeded")
	}
	defer func() { in.depth-- }()
	s := &scope{vars: map[string]any{}, up: f.scope, local: f.local, name: f.name}
	if err := bind(f, a, s); err != nil {
		return nil, err
	}
	if f.expr != nil {
		v, err := in.eval(f.expr, s)
		if e, ok := err.(*exception); ok {
			e.placed = false
		}
		return v, err
	}
	err := in.block(f.body, s)
	switch e := err.(type) {
	case *returned:
		return e.value, nil
	case *exception:
		e.placed = false // the caller's frame comes next
	}
	return nil, err
}

func bind(f *function, a *args, s *scope) error {
	i, places := 0, 0
	for _, p := range f.params {
		if p.star == 0 && !p.only {
			places++
		}
	}
	used := map[string]bool{}
	var missing []string
	for k, p := range f.params {
		switch {
		case p.star == 1:
			s.vars[p.name] = append(tuple{}, a.pos[min(i, len(a.pos)):]...)
			i = len(a.pos)
		case p.star == 2:
			d := newDict()
			for _, n := range a.order {
				if !used[n] {
					_ = d.set(n, a.named[n])
					used[n] = true
				}
			}
			s.vars[p.name] = d
		case !p.only && i < len(a.pos):
			if _, twice := a.named[p.name]; twice {
				return raisef(typeError, "%s() got multiple values for argument '%s'", f.name, p.name)
			}
			s.vars[p.name] = a.pos[i]
			i++
		default:
			v, ok := a.named[p.name]
			used[p.name] = true
			if !ok {
				if v = f.defaults[k]; v == (gone{}) {
					missing = append(missing, "'"+p.name+"'")
					continue
				}
			}
			s.vars[p.name] = v
		}
	}
	for _, n := range a.order {
		if !used[n] {
			return raisef(typeError, "%s() got an unexpected keyword argument '%s'", f.name, n)
		}
	}
	if i < len(a.pos) {
		plural, was := "s", "were"
		if places == 1 {
			plural = ""
		}
		if len(a.pos) == 1 {
			was = "was"
		}
		return raisef(typeError, "%s() takes %d positional argument%s but %d %s given", f.name, places, plural, len(a.pos), was)
	}
	if n := len(missing); n > 0 {
		text := missing[n-1]
		if n > 1 {
			text = strings.Join(missing[:n-1], ", ") + " and " + text
			return raisef(typeError, "%s() missing %d required positional arguments: %s", f.name, n, text)
		}
		return raisef(typeError, "%s() missing 1 required positional argument: %s", f.name, text)
	}
	return nil
}

func asInt(v any) (*big.Int, bool) {
	n, ok := number(v)
	if !ok {
		return nil, false
	}
	i, ok := n.(*big.Int)
	return i, ok
}
