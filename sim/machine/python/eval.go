package python

import (
	"context"
	"strings"

	"skylab/sim/machine/tool"
)

// scope is where names stand; a function's scope has the module's above it.
type scope struct {
	vars   map[string]any
	up     *scope
	local  map[string]bool // names that belong here, of a function
	global map[string]bool
	name   string
}

// interp is one run of Python.
type interp struct {
	ctx     context.Context
	p       *tool.Process
	prog    *program
	globals *scope
	modules map[string]*module
	argv    []string
	stdin   *file
	stdout  *file
	stderr  *file
	depth   int
	steps   int
	handled *exception // what an except block handles now
}

// maxCalls is how deep functions may call each other.
const maxCalls = 950

// args are the arguments of a call of a builtin.
type args struct {
	pos   []any
	named map[string]any
	order []string
}

// at returns an argument by place or name.
func (a *args) at(i int, name string) (any, bool) {
	if i >= 0 && i < len(a.pos) {
		return a.pos[i], true
	}
	v, ok := a.named[name]
	return v, ok
}

func (in *interp) tick() error {
	if in.steps++; in.steps%256 == 0 {
		if in.p.Yield != nil {
			return in.p.Yield(in.ctx)
		}
		return in.ctx.Err()
	}
	return nil
}

// both evaluates the two operands of a node, the left one first.
func (in *interp) both(n *node, s *scope) (a, b any, err error) {
	if a, err = in.eval(n.a, s); err == nil {
		b, err = in.eval(n.b, s)
	}
	return a, b, err
}

// eval evaluates an expression; an exception learns here where it arose.
func (in *interp) eval(n *node, s *scope) (any, error) {
	v, err := in.value(n, s)
	if e, ok := err.(*exception); ok && !e.placed {
		in.place(e, n.at, n.mark, s)
	}
	return v, err
}

func (in *interp) place(e *exception, at, mark span, s *scope) {
	e.frames = append(e.frames, frame{file: in.prog.file, name: s.name, at: at, mark: mark})
	e.placed = true
	if e.context == nil && in.handled != nil && in.handled != e {
		e.context = in.handled
	}
}

func (in *interp) value(n *node, s *scope) (any, error) {
	if err := in.tick(); err != nil {
		return nil, err
	}
	switch n.op {
	case "const":
		return n.value, nil
	case "name":
		return in.lookup(n.name, s)
	case "fstring":
		return in.fstring(n.value.([]piece), s)
	case "tuple", "list", "set":
		items, err := in.items(n.list, s)
		if err != nil {
			return nil, err
		}
		switch n.op {
		case "tuple":
			return tuple(items), nil
		case "set":
			return newSet(items)
		}
		return &list{items}, nil
	case "dict":
		return in.dict(n, s)
	case "and", "or":
		v, err := in.eval(n.a, s)
		if err != nil || truth(v) == (n.op == "or") {
			return v, err
		}
		return in.eval(n.b, s)
	case "not":
		v, err := in.eval(n.a, s)
		return !truth(v), err
	case "ifelse":
		v, err := in.eval(n.a, s)
		if err != nil {
			return nil, err
		}
		if truth(v) {
			return in.eval(n.b, s)
		}
		return in.eval(n.c, s)
	case "walrus":
		v, err := in.eval(n.b, s)
		if err == nil {
			err = in.assign(n.a, v, s)
		}
		return v, err
	case "unary":
		v, err := in.eval(n.a, s)
		if err != nil {
			return nil, err
		}
		return unary(n.name, v)
	case "binary":
		a, b, err := in.both(n, s)
		if err != nil {
			return nil, err
		}
		return in.binary(n.name, a, b, n.name)
	case "compare":
		return in.compare(n, s)
	case "attr":
		v, err := in.eval(n.a, s)
		if err != nil {
			return nil, err
		}
		return in.attr(v, n.name)
	case "index":
		v, i, err := in.both(n, s)
		if err != nil {
			return nil, err
		}
		return in.index(v, i)
	case "slice":
		var parts [3]any
		for i, x := range []*node{n.a, n.b, n.c} {
			if x == nil {
				continue
			}
			v, err := in.eval(x, s)
			if err != nil {
				return nil, err
			}
			parts[i] = v
		}
		return slice{parts[0], parts[1], parts[2]}, nil
	case "call":
		return in.callNode(n, s)
	case "lambda":
		return in.function("<lambda>", n, s)
	case "listcomp", "setcomp", "dictcomp", "generator":
		return in.comprehension(n, s)
	case "star":
		return nil, raisef(syntaxClass, "can't use starred expression here")
	}
	return nil, &absent{n.op}
}

func (in *interp) lookup(name string, s *scope) (any, error) {
	for at := s; at != nil; at = at.up {
		if at.global[name] {
			at = in.globals
		}
		if v, ok := at.vars[name]; ok {
			return v, nil
		}
		if at.local[name] {
			return nil, raisef(unboundLocal, "cannot access local variable '%s' where it is not associated with a value", name)
		}
	}
	if v, ok := builtins[name]; ok {
		return v, nil
	}
	if c, ok := classes[name]; ok {
		return c, nil
	}
	if realBuiltins[name] {
		return nil, &absent{name + "()"}
	}
	e := raisef(nameError, "name '%s' is not defined", name)
	var names []string
	for at := s; at != nil; at = at.up {
		for n := range at.vars {
			names = append(names, n)
		}
	}
	for n := range builtins {
		names = append(names, n)
	}
	for n := range classes {
		names = append(names, n)
	}
	sortStrings(names)
	if near := suggest(name, names); near != "" {
		e.hint = ". Did you mean: '" + near + "'?"
	}
	return nil, e
}

func (in *interp) items(nodes []*node, s *scope) ([]any, error) {
	out := make([]any, 0, len(nodes))
	for _, x := range nodes {
		if x.op == "star" {
			v, err := in.eval(x.a, s)
			if err != nil {
				return nil, err
			}
			more, err := in.all(v)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
			continue
		}
		v, err := in.eval(x, s)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (in *interp) dict(n *node, s *scope) (any, error) {
	d := newDict()
	for i := 0; i < len(n.list); i += 2 {
		v, err := in.eval(n.list[i+1], s)
		if err != nil {
			return nil, err
		}
		if n.list[i] == nil {
			other, ok := v.(*dict)
			if !ok {
				return nil, raisef(typeError, "'%s' object is not a mapping", typeName(v))
			}
			other.each(func(k, v any) bool { return d.set(k, v) == nil })
			continue
		}
		k, err := in.eval(n.list[i], s)
		if err != nil {
			return nil, err
		}
		if err := d.set(k, v); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func (in *interp) fstring(parts []piece, s *scope) (any, error) {
	var b strings.Builder
	for _, p := range parts {
		if p.expr == nil {
			b.WriteString(p.text)
			continue
		}
		v, err := in.eval(p.expr, s)
		if err != nil {
			return nil, err
		}
		switch p.conv {
		case 'r':
			v = repr(v)
		case 's':
			v = str(v)
		case 'a':
			v = ascii(repr(v))
		}
		spec := ""
		if p.format != nil {
			f, err := in.fstring(p.format, s)
			if err != nil {
				return nil, err
			}
			spec = f.(string)
		}
		text, err := in.format(v, spec)
		if err != nil {
			return nil, err
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

func (in *interp) compare(n *node, s *scope) (any, error) {
	left, err := in.eval(n.a, s)
	if err != nil {
		return nil, err
	}
	for i, x := range n.list {
		right, err := in.eval(x.a, s)
		if err != nil {
			return nil, err
		}
		ok, err := in.test(x.op, left, right)
		if err != nil || !ok || i == len(n.list)-1 {
			return ok, err
		}
		left = right
	}
	return true, nil
}

func (in *interp) comprehension(n *node, outer *scope) (any, error) {
	name := map[string]string{"listcomp": "<listcomp>", "setcomp": "<setcomp>", "dictcomp": "<dictcomp>", "generator": "<genexpr>"}[n.op]
	s := &scope{vars: map[string]any{}, up: outer, name: name}
	first, err := in.eval(n.fors[0].iter, outer)
	if err != nil {
		return nil, err
	}
	it, err := in.iter(first)
	if err != nil {
		return nil, err
	}
	var out []any
	d := newDict()
	var walk func(i int, it *iterator) error
	walk = func(i int, it *iterator) error {
		for {
			v, ok, err := it.next()
			if err != nil || !ok {
				return err
			}
			if err := in.assign(n.fors[i].target, v, s); err != nil {
				return err
			}
			pass := true
			for _, c := range n.fors[i].ifs {
				v, err := in.eval(c, s)
				if err != nil {
					return err
				}
				if pass = truth(v); !pass {
					break
				}
			}
			if !pass {
				continue
			}
			if i+1 < len(n.fors) {
				v, err := in.eval(n.fors[i+1].iter, s)
				if err != nil {
					return err
				}
				next, err := in.iter(v)
				if err == nil {
					err = walk(i+1, next)
				}
				if err != nil {
					return err
				}
				continue
			}
			v, err = in.eval(n.a, s)
			if err != nil {
				return err
			}
			if n.op == "dictcomp" {
				w, err := in.eval(n.b, s)
				if err == nil {
					err = d.set(v, w)
				}
				if err != nil {
					return err
				}
				continue
			}
			out = append(out, v)
		}
	}
	err = walk(0, it)
	if e, ok := err.(*exception); ok { // a frame of its own
		if !e.placed {
			in.place(e, n.at, span{}, s)
		}
		e.placed = false
	}
	if err != nil {
		return nil, err
	}
	switch n.op {
	case "dictcomp":
		return d, nil
	case "setcomp":
		return newSet(out)
	case "generator":
		i := over("generator", out)
		return i, nil
	}
	return &list{out}, nil
}

func over(name string, items []any) *iterator {
	i := 0
	return &iterator{name, func() (any, bool, error) {
		if i >= len(items) {
			return nil, false, nil
		}
		i++
		return items[i-1], true, nil
	}}
}
