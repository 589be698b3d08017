package python

import (
	"math/big"
	"sort"
)

// What ends a block early, as errors.
type (
	returned struct{ value any }
	leaves   struct{ again bool } // break, continue
)

func (*returned) Error() string { return "return" }
func (*leaves) Error() string   { return "break" }

func sortStrings(s []string) { sort.Strings(s) }

func (in *interp) block(body []*node, s *scope) error {
	for _, n := range body {
		if err := in.exec(n, s); err != nil {
			if e, ok := err.(*exception); ok && !e.placed {
				in.place(e, n.at, n.mark, s)
			}
			return err
		}
	}
	return nil
}

func (in *interp) exec(n *node, s *scope) error {
	if err := in.tick(); err != nil {
		return err
	}
	switch n.op {
	case "expr":
		_, err := in.eval(n.a, s)
		return err
	case "assign":
		v, err := in.eval(n.a, s)
		if err != nil {
			return err
		}
		for _, t := range n.list {
			if err := in.assign(t, v, s); err != nil {
				return err
			}
		}
	case "augmented":
		a, b, err := in.both(n, s)
		if err != nil {
			return err
		}
		if l, ok := a.(*list); ok && n.name == "+" {
			more, err := in.all(b)
			if err == nil && len(l.items)+len(more) > maxSize/16 {
				err = &exception{class: memoryError}
			}
			if err == nil {
				l.items = append(l.items, more...)
			}
			return err
		}
		v, err := in.binary(n.name, a, b, n.name+"=")
		if err != nil {
			return err
		}
		return in.assign(n.a, v, s)
	case "if":
		v, err := in.eval(n.a, s)
		if err != nil {
			return err
		}
		if truth(v) {
			return in.block(n.body, s)
		}
		return in.block(n.orelse, s)
	case "while":
		for {
			v, err := in.eval(n.a, s)
			if err != nil {
				return err
			}
			if !truth(v) {
				return in.block(n.orelse, s)
			}
			if err := in.block(n.body, s); err != nil {
				if l, ok := err.(*leaves); !ok {
					return err
				} else if !l.again {
					return nil
				}
			}
		}
	case "for":
		return in.forLoop(n, s)
	case "def":
		f, err := in.function(n.name, n, s)
		if err == nil {
			in.bindName(n.name, f, s)
		}
		return err
	case "return":
		if n.a == nil {
			return &returned{}
		}
		v, err := in.eval(n.a, s)
		if err != nil {
			return err
		}
		return &returned{v}
	case "break":
		return &leaves{}
	case "continue":
		return &leaves{true}
	case "pass":
	case "global":
		for _, x := range n.list {
			if s.global == nil {
				s.global = map[string]bool{}
			}
			s.global[x.name] = true
		}
	case "nonlocal":
		return &absent{"nonlocal"}
	case "import", "from":
		return in.importNode(n, s)
	case "raise":
		return in.raise(n, s)
	case "try":
		return in.tryNode(n, s)
	case "with":
		return in.withNode(n, s)
	case "del":
		return in.del(n.a, s)
	case "assert":
		v, err := in.eval(n.a, s)
		if err != nil || truth(v) {
			return err
		}
		e := &exception{class: assertionError}
		if n.b != nil {
			if v, err = in.eval(n.b, s); err != nil {
				return err
			}
			e.args = []any{v}
		}
		in.place(e, n.a.at, span{}, s)
		return e
	default:
		return &absent{n.op}
	}
	return nil
}

func (in *interp) forLoop(n *node, s *scope) error {
	v, err := in.eval(n.b, s)
	if err != nil {
		return err
	}
	it, err := in.iter(v)
	if err != nil {
		if e, ok := err.(*exception); ok {
			in.place(e, n.b.at, span{}, s)
		}
		return err
	}
	for {
		v, ok, err := it.next()
		if err != nil {
			return err
		}
		if !ok {
			return in.block(n.orelse, s)
		}
		if err := in.assign(n.a, v, s); err != nil {
			return err
		}
		if err := in.block(n.body, s); err != nil {
			if l, ok := err.(*leaves); !ok {
				return err
			} else if !l.again {
				return nil
			}
		}
	}
}

func (in *interp) bindName(name string, v any, s *scope) {
	if s.global[name] {
		s = in.globals
	}
	s.vars[name] = v
}

// assign puts a value into a target.
func (in *interp) assign(t *node, v any, s *scope) error {
	err := in.assignTo(t, v, s)
	if e, ok := err.(*exception); ok && !e.placed {
		in.place(e, t.at, t.mark, s)
	}
	return err
}

func (in *interp) assignTo(t *node, v any, s *scope) error {
	switch t.op {
	case "name":
		in.bindName(t.name, v, s)
		return nil
	case "tuple", "list":
		if _, err := in.iter(v); err != nil {
			return raisef(typeError, "cannot unpack non-iterable %s object", typeName(v))
		}
		items, err := in.all(v)
		if err != nil {
			return err
		}
		star := -1
		for i, x := range t.list {
			if x.op == "star" {
				star = i
			}
		}
		want := len(t.list)
		switch {
		case star >= 0 && len(items) < want-1:
			return raisef(valueError, "not enough values to unpack (expected at least %d, got %d)", want-1, len(items))
		case star < 0 && len(items) < want:
			return raisef(valueError, "not enough values to unpack (expected %d, got %d)", want, len(items))
		case star < 0 && len(items) > want:
			return raisef(valueError, "too many values to unpack (expected %d)", want)
		}
		extra := len(items) - want + 1
		for i, x := range t.list {
			switch {
			case i == star:
				err = in.assign(x.a, &list{append([]any{}, items[i:i+extra]...)}, s)
			case star >= 0 && i > star:
				err = in.assign(x, items[i+extra-1], s)
			default:
				err = in.assign(x, items[i], s)
			}
			if err != nil {
				return err
			}
		}
		return nil
	case "index":
		o, i, err := in.both(t, s)
		if err != nil {
			return err
		}
		return in.store(o, i, v)
	case "attr":
		o, err := in.eval(t.a, s)
		if err != nil {
			return err
		}
		if m, ok := o.(*module); ok {
			m.attrs[t.name] = v
			return nil
		}
		return raisef(attributeError, "'%s' object has no attribute '%s'", typeName(o), t.name)
	}
	return &absent{"assigning to " + t.op}
}

func (in *interp) store(o, i, v any) error {
	switch x := o.(type) {
	case *dict:
		return x.set(i, v)
	case *list:
		if _, ok := i.(slice); ok {
			return &absent{"assigning to a slice"}
		}
		n, ok := asInt(i)
		if !ok {
			return raisef(typeError, "list indices must be integers or slices, not %s", typeName(i))
		}
		at, ok := place(n, len(x.items))
		if !ok {
			return raisef(indexError, "list assignment index out of range")
		}
		x.items[at] = v
		return nil
	case *object:
		if env, ok := x.attrs["data"].(*dict); ok {
			return env.set(i, v)
		}
	}
	return raisef(typeError, "'%s' object does not support item assignment", typeName(o))
}

func place(n *big.Int, length int) (int, bool) {
	if !n.IsInt64() {
		return 0, false
	}
	i := n.Int64()
	if i < 0 {
		i += int64(length)
	}
	return int(i), i >= 0 && i < int64(length)
}

func (in *interp) del(t *node, s *scope) error {
	switch t.op {
	case "tuple":
		for _, x := range t.list {
			if err := in.del(x, s); err != nil {
				return err
			}
		}
		return nil
	case "name":
		if _, ok := s.vars[t.name]; !ok {
			_, err := in.lookup(t.name+"", &scope{vars: map[string]any{}, name: s.name})
			return err
		}
		delete(s.vars, t.name)
		return nil
	case "index":
		o, i, err := in.both(t, s)
		if err != nil {
			return err
		}
		switch x := o.(type) {
		case *dict:
			if _, ok, err := x.del(i); err != nil || !ok {
				if err == nil {
					err = &exception{class: keyError, args: []any{i}}
				}
				return err
			}
			return nil
		case *list:
			if n, ok := asInt(i); ok {
				at, ok := place(n, len(x.items))
				if !ok {
					return raisef(indexError, "list assignment index out of range")
				}
				x.items = append(x.items[:at:at], x.items[at+1:]...)
				return nil
			}
		}
	}
	return &absent{"this del"}
}
