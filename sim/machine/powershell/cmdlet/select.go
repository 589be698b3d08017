package cmdlet

import (
	"fmt"
	"strings"

	"skylab/sim/machine/powershell/object"
)

// property is a property that a parameter names: a name, a script block, or a
// hashtable with name and expression.
type property struct {
	name       string
	block      *object.ScriptBlock
	path       string
	descending *bool
	entries    *object.Dict
}

func properties(i *invocation, list []any) (out []property) {
	c := i.Session().Objects()
	for _, v := range list {
		switch x := object.Base(v).(type) {
		case *object.ScriptBlock:
			out = append(out, property{name: x.Text(), block: x})
		case *object.Dict:
			p := property{entries: x}
			for _, e := range x.Entries() {
				key := strings.ToLower(c.String(e.Key))
				switch {
				case key != "" && (strings.HasPrefix("name", key) || strings.HasPrefix("label", key)):
					p.name = c.String(e.Value)
				case key != "" && strings.HasPrefix("expression", key):
					if sb := block(e.Value); sb != nil {
						p.block = sb
						if p.name == "" {
							p.name = sb.Text()
						}
					} else {
						p.path = c.String(e.Value)
						if p.name == "" {
							p.name = p.path
						}
					}
				case key != "" && strings.HasPrefix("descending", key):
					b := object.Truth(e.Value)
					p.descending = &b
				case key != "" && strings.HasPrefix("ascending", key):
					b := !object.Truth(e.Value)
					p.descending = &b
				}
			}
			out = append(out, p)
		default:
			n := c.String(v)
			out = append(out, property{name: n, path: n})
		}
	}
	return out
}

// value reads the property of an object; a block's error makes it $null.
func (p property) value(i *invocation, v any) any {
	if p.block != nil {
		out, err := i.Values(p.block, v)
		if err != nil {
			return nil
		}
		switch len(out) {
		case 0:
			return nil
		case 1:
			return out[0]
		}
		return object.NewArray(out...)
	}
	if d, ok := object.Base(v).(*object.Dict); ok {
		if x, has := d.Get(p.path); has {
			return x
		}
	}
	x, _ := i.Property(v, p.path)
	return x
}

// selection is the state of Select-Object.
type selection struct {
	props          []property
	exclude        []string
	first, skip, n int
	limited        bool
	last, skipLast int
	tail           []any
	unique         []any
	indexes        map[int]bool
}

func selectBegin(i *invocation) error {
	st := &selection{props: properties(i, i.List("Property")), exclude: i.Texts("ExcludeProperty"), skip: i.Int("Skip", 0), last: i.Int("Last", -1), skipLast: i.Int("SkipLast", 0)}
	st.first, st.limited = i.Int("First", 0), i.Has("First")
	if i.Has("Index") || i.Has("SkipIndex") {
		st.indexes = map[int]bool{}
		for _, v := range append(i.List("Index"), i.List("SkipIndex")...) {
			n, _, _ := object.Integer(object.Base(v))
			st.indexes[int(n)] = true
		}
	}
	i.State = st
	if st.limited && st.first == 0 && !i.Has("Last") {
		return i.StopUpstream()
	}
	return nil
}

func selectProcess(i *invocation) error {
	st := i.State.(*selection)
	if !i.Piped && !i.Has("InputObject") {
		return nil
	}
	v := i.Value("InputObject")
	at := st.n
	st.n++
	if st.indexes != nil {
		if st.indexes[at] == i.Has("SkipIndex") {
			return nil
		}
		return st.emit(i, v)
	}
	if st.last >= 0 || st.skipLast > 0 {
		if st.limited && at-st.skip < st.first && at >= st.skip {
			return st.emit(i, v)
		}
		st.tail = append(st.tail, v)
		return nil
	}
	if at < st.skip {
		return nil
	}
	if st.limited {
		if at-st.skip >= st.first {
			return nil
		}
		if err := st.emit(i, v); err != nil {
			return err
		}
		if at-st.skip == st.first-1 && !i.Switch("Wait") {
			return i.StopUpstream()
		}
		return nil
	}
	return st.emit(i, v)
}

func selectEnd(i *invocation) error {
	st := i.State.(*selection)
	tail := st.tail
	if st.skipLast > 0 {
		tail = tail[:max(0, len(tail)-st.skipLast)]
	} else if st.last >= 0 {
		if i.Has("Skip") && !st.limited {
			tail = tail[:max(0, len(tail)-st.skip)]
		}
		tail = tail[max(0, len(tail)-st.last):]
	}
	for _, v := range tail {
		if err := st.emit(i, v); err != nil {
			return err
		}
	}
	for _, v := range st.unique {
		if err := i.Write(v); err != nil {
			return err
		}
	}
	return nil
}

func (st *selection) emit(i *invocation, v any) error {
	out := v
	switch {
	case i.Has("ExpandProperty"):
		return st.expand(i, v)
	case len(st.props) > 0 || len(st.exclude) > 0:
		o, err := st.pick(i, v)
		if err != nil {
			return err
		}
		out = o
	}
	if i.Switch("Unique") {
		e := i.Session().Operators()
		for _, u := range st.unique {
			if same(i, u, out, i.Switch("CaseInsensitive")) {
				return nil
			}
		}
		_ = e
		st.unique = append(st.unique, out)
		return nil
	}
	return i.Write(out)
}

// same compares objects for -Unique: custom ones by their properties.
func same(i *invocation, a, b any, fold bool) bool {
	x, ok1 := a.(*object.Object)
	y, ok2 := b.(*object.Object)
	if ok1 && ok2 && x.Type == object.CustomType && y.Type == object.CustomType {
		if len(x.Members.List) != len(y.Members.List) {
			return false
		}
		for n, m := range x.Members.List {
			o := y.Members.List[n]
			if !strings.EqualFold(m.Name, o.Name) || !same(i, m.Value, o.Value, fold) {
				return false
			}
		}
		return true
	}
	return i.Session().Operators().Equal(a, b, fold)
}

// pick makes the object of the selected properties.
func (st *selection) pick(i *invocation, v any) (*object.Object, error) {
	m := i.Session().Members()
	o := object.NewCustom()
	for _, n := range object.TypeNames(v) {
		o.TypeNames = append(o.TypeNames, "Selected."+n)
		break
	}
	excluded := func(name string) bool { return matches(st.exclude, name) }
	props := st.props
	if len(props) == 0 {
		props = []property{{name: "*", path: "*"}}
	}
	for _, p := range props {
		if p.block == nil && p.entries == nil && object.HasWildcard(p.path) {
			w, _ := object.NewWildcard(p.path, true)
			for _, n := range m.PropertyNames(v) {
				if w != nil && w.Match(n) && !excluded(n) && o.Members.Get(n) == nil {
					x, _, _ := m.GetProperty(v, n)
					o.Set(n, x)
				}
			}
			continue
		}
		if excluded(p.name) {
			continue
		}
		name := p.name
		if p.block == nil && p.entries == nil {
			for _, n := range m.PropertyNames(v) {
				if strings.EqualFold(n, name) {
					name = n
				}
			}
		}
		if o.Members.Get(name) != nil {
			e := &object.Error{Type: object.MustType("System.Management.Automation.PSArgumentException"), Message: fmt.Sprintf("The property cannot be processed because the property \"%s\" already exists.", name)}
			if err := i.WriteError(i.ErrorRecord(e, "AlreadyExistingUserSpecifiedPropertyNoExpand", "InvalidOperation", v)); err != nil {
				return nil, err
			}
			continue
		}
		o.Set(name, p.value(i, v))
	}
	return o, nil
}

func (st *selection) expand(i *invocation, v any) error {
	name := i.Text("ExpandProperty")
	m := i.Session().Members()
	x, ok, err := m.GetProperty(v, name)
	if d, isDict := object.Base(v).(*object.Dict); isDict && !ok {
		x, ok = d.Get(name)
	}
	if err != nil {
		return err
	}
	if !ok {
		e := &object.Error{Type: object.MustType("System.Management.Automation.PSArgumentException"), Message: fmt.Sprintf("Property \"%s\" cannot be found.", name)}
		return i.WriteError(i.ErrorRecord(e, "ExpandPropertyNotFound", "InvalidArgument", v))
	}
	var extra *object.Object
	if len(st.props) > 0 {
		if extra, err = st.pick(i, v); err != nil {
			return err
		}
	}
	items, many := object.Items(x)
	if !many {
		items = []any{x}
	}
	for _, it := range items {
		if extra != nil {
			o, isObj := it.(*object.Object)
			if !isObj {
				o = &object.Object{Type: object.TypeOf(it), Base: it}
			}
			for _, mem := range extra.Members.List {
				o.Set(mem.Name, mem.Value)
			}
			it = o
		}
		if i.Switch("Unique") {
			dup := false
			for _, u := range st.unique {
				dup = dup || same(i, u, it, false)
			}
			if !dup {
				st.unique = append(st.unique, it)
			}
			continue
		}
		if err := i.Write(it); err != nil {
			return err
		}
	}
	return nil
}
