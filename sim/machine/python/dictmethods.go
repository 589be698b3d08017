package python

import "sort"

func setMethod(op string) method {
	return func(in *interp, self any, a *args) (any, error) {
		v, _ := a.at(0, "")
		items, err := in.all(v)
		if err != nil {
			return nil, err
		}
		s, err := newSet(items)
		if err != nil {
			return nil, err
		}
		return setOperation(op, self, s)
	}
}

var dictMethods = map[string]method{
	"get": func(_ *interp, self any, a *args) (any, error) {
		k, _ := a.at(0, "key")
		v, ok, err := self.(*dict).get(k)
		if !ok && err == nil {
			v, _ = a.at(1, "default")
		}
		return v, err
	},
	"keys":   func(_ *interp, self any, _ *args) (any, error) { return view("dict_keys", self.(*dict).list()), nil },
	"values": func(_ *interp, self any, _ *args) (any, error) { return view("dict_values", vals(self.(*dict))), nil },
	"items":  func(_ *interp, self any, _ *args) (any, error) { return view("dict_items", pairs(self.(*dict))), nil },
	"pop": func(_ *interp, self any, a *args) (any, error) {
		k, _ := a.at(0, "")
		v, ok, err := self.(*dict).del(k)
		if err == nil && !ok {
			if v, ok = a.at(1, ""); !ok {
				err = &exception{class: keyError, args: []any{k}}
			}
		}
		return v, err
	},
	"setdefault": func(_ *interp, self any, a *args) (any, error) {
		k, _ := a.at(0, "")
		v, ok, err := self.(*dict).get(k)
		if err == nil && !ok {
			v, _ = a.at(1, "")
			err = self.(*dict).set(k, v)
		}
		return v, err
	},
	"update": func(_ *interp, self any, a *args) (any, error) {
		d := self.(*dict)
		if v, ok := a.at(0, ""); ok {
			from, ok := v.(*dict)
			if !ok {
				return nil, &absent{"dict.update with a list"}
			}
			from.each(func(k, v any) bool { return d.set(k, v) == nil })
		}
		for _, n := range a.order {
			_ = d.set(n, a.named[n])
		}
		return nil, nil
	},
	"copy": func(_ *interp, self any, _ *args) (any, error) {
		d := newDict()
		self.(*dict).each(func(k, v any) bool { return d.set(k, v) == nil })
		return d, nil
	},
	"clear": func(_ *interp, self any, _ *args) (any, error) {
		d := self.(*dict)
		d.index, d.keys, d.vals, d.dead = map[string]int{}, nil, nil, 0
		return nil, nil
	},
}

func vals(d *dict) []any {
	var out []any
	d.each(func(_, v any) bool { out = append(out, v); return true })
	return out
}

func pairs(d *dict) []any {
	var out []any
	d.each(func(k, v any) bool { out = append(out, tuple{k, v}); return true })
	return out
}

// view is what keys(), values() and items() give.
func view(name string, items []any) *object {
	l := &list{items}
	return &object{class: &class{name: name}, attrs: map[string]any{"view": l, "__repr__": name + "(" + repr(l) + ")"}}
}

// sorted sorts a copy by key= and reverse=.
func (in *interp) sorted(items []any, a *args) ([]any, error) {
	keys := append([]any{}, items...)
	if f, ok := a.named["key"]; ok && f != nil {
		for i, v := range items {
			k, err := in.call(f, &args{pos: []any{v}})
			if err != nil {
				return nil, err
			}
			keys[i] = k
		}
	}
	at := make([]int, len(items))
	for i := range at {
		at[i] = i
	}
	back := truth(a.named["reverse"])
	var failed error
	sort.SliceStable(at, func(i, j int) bool {
		x, y := keys[at[i]], keys[at[j]]
		if back {
			x, y = y, x
		}
		c, ok := order(x, y)
		if !ok && failed == nil {
			failed = raisef(typeError, "'<' not supported between instances of '%s' and '%s'", typeName(x), typeName(y))
		}
		return c < 0
	})
	return pick(items, at), failed
}
