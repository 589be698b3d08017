package cmdlet

import (
	"sort"
	"strings"

	"skylab/sim/machine/powershell/object"
)

// sortKey is an object with the values it is sorted by.
type sortKey struct {
	v    any
	keys []any
	n    int
}

func (i2 *sortKey) less(i *invocation, o *sortKey, props []property, descending, exact bool) bool {
	e := i.Session().Operators()
	for n := range i2.keys {
		a, b := i2.keys[n], o.keys[n]
		c, err := e.Compare(a, b, !exact)
		if err != nil {
			c = 0
			if x, y := e.String(a), e.String(b); x != y {
				c = strings.Compare(strings.ToLower(x), strings.ToLower(y))
			}
		}
		if c == 0 {
			continue
		}
		desc := descending
		if n < len(props) && props[n].descending != nil {
			desc = *props[n].descending
		}
		return (c < 0) != desc
	}
	return false
}

func sortEnd(i *invocation) error {
	items := gathered(i)
	props := properties(i, i.List("Property"))
	keys := make([]*sortKey, len(items))
	for n, v := range items {
		k := &sortKey{v: v, n: n}
		if len(props) == 0 {
			k.keys = []any{v}
		}
		for _, p := range props {
			k.keys = append(k.keys, p.value(i, v))
		}
		keys[n] = k
	}
	desc, exact := i.Switch("Descending"), i.Switch("CaseSensitive")
	sort.SliceStable(keys, func(a, b int) bool { return keys[a].less(i, keys[b], props, desc, exact) })
	if i.Switch("Unique") {
		var out []*sortKey
		for _, k := range keys {
			if n := len(out); n > 0 && !out[n-1].less(i, k, props, desc, exact) && !k.less(i, out[n-1], props, desc, exact) {
				continue
			}
			out = append(out, k)
		}
		keys = out
	}
	top, bottom := i.Int("Top", -1), i.Int("Bottom", -1)
	switch {
	case top >= 0:
		keys = keys[:min(top, len(keys))]
	case bottom >= 0:
		keys = keys[max(0, len(keys)-bottom):]
	}
	for _, k := range keys {
		if err := i.Write(k.v); err != nil {
			return err
		}
	}
	return nil
}

func groupEnd(i *invocation) error {
	items := gathered(i)
	props := properties(i, i.List("Property"))
	type group struct {
		keys  []any
		items []any
		name  string
	}
	var groups []*group
	index := map[string]*group{}
	c := i.Session().Objects()
	for _, v := range items {
		keys := []any{v}
		if len(props) > 0 {
			keys = nil
			for _, p := range props {
				keys = append(keys, p.value(i, v))
			}
		}
		var names []string
		for _, k := range keys {
			names = append(names, c.String(k))
		}
		name := strings.Join(names, ", ")
		id := name
		if !i.Switch("CaseSensitive") {
			id = strings.ToLower(name)
		}
		g := index[id]
		if g == nil {
			g = &group{keys: keys, name: name}
			index[id] = g
			groups = append(groups, g)
		}
		g.items = append(g.items, v)
	}
	if i.Switch("AsHashTable") {
		d := object.NewHashtable()
		for _, g := range groups {
			key := any(g.name)
			if !i.Switch("AsString") && len(g.keys) == 1 {
				key = g.keys[0]
			}
			d.Set(key, &object.List{Type: object.Generic("System.Collections.ObjectModel.Collection`1", object.PSObjectType), Items: g.items})
		}
		return i.Write(d)
	}
	sorted := true
	sort.SliceStable(groups, func(a, b int) bool {
		x, y := &sortKey{keys: groups[a].keys}, &sortKey{keys: groups[b].keys}
		return sorted && x.less(i, y, nil, false, false)
	})
	typ := "Microsoft.PowerShell.Commands.GroupInfo"
	if i.Switch("NoElement") {
		typ = "Microsoft.PowerShell.Commands.GroupInfoNoElement"
	}
	for _, g := range groups {
		o := &object.Object{Type: object.MustType(typ)}
		values := &object.List{Type: object.ArrayListType, Items: g.keys}
		o.SetProperty("Values", values)
		o.SetProperty("Count", int32(len(g.items)))
		members := &object.List{Type: object.Generic("System.Collections.ObjectModel.Collection`1", object.PSObjectType)}
		if !i.Switch("NoElement") {
			members.Items = g.items
		}
		o.SetProperty("Group", members)
		o.SetProperty("Name", g.name)
		o.SetText(typ)
		if err := i.Write(o); err != nil {
			return err
		}
	}
	return nil
}

func getUnique(i *invocation) error {
	v := i.Value("InputObject")
	last, had := i.State.([]any)
	if had && len(last) == 1 {
		if i.Switch("OnType") && object.TypeOf(last[0]) == object.TypeOf(v) {
			return nil
		}
		if !i.Switch("OnType") && i.Session().Objects().String(last[0]) == i.Session().Objects().String(v) {
			return nil
		}
	}
	i.State = []any{v}
	return i.Write(v)
}

func compareGather(i *invocation) error {
	list, _ := i.State.([]any)
	i.State = append(list, i.List("DifferenceObject")...)
	return nil
}

func compareEnd(i *invocation) error {
	diff := gathered(i)
	ref := i.List("ReferenceObject")
	props := properties(i, i.List("Property"))
	fold := !i.Switch("CaseSensitive")
	equal := func(a, b any) bool {
		if len(props) == 0 {
			if object.IsNumber(object.Base(a)) || object.TypeOf(a) != object.TypeOf(b) {
				return i.Session().Operators().Equal(a, b, fold)
			}
			x, y := i.Session().Objects().String(a), i.Session().Objects().String(b)
			return x == y || fold && strings.EqualFold(x, y)
		}
		for _, p := range props {
			if !i.Session().Operators().Equal(p.value(i, a), p.value(i, b), fold) {
				return false
			}
		}
		return true
	}
	emit := func(v any, side string) error {
		if side == "==" && !i.Switch("IncludeEqual") || side != "==" && i.Switch("ExcludeDifferent") {
			return nil
		}
		if i.Switch("PassThru") {
			o, ok := v.(*object.Object)
			if !ok {
				o = &object.Object{Type: object.TypeOf(v), Base: v}
			}
			o.Members.Add(&object.Member{Name: "SideIndicator", Value: side, Hidden: o.Base != nil})
			return i.Write(o)
		}
		o := object.NewCustom()
		if len(props) == 0 {
			o.Set("InputObject", v)
		}
		for _, p := range props {
			o.Set(p.name, p.value(i, v))
		}
		o.Set("SideIndicator", side)
		return i.Write(o)
	}
	used := make([]bool, len(diff))
	var left []any
	for _, r := range ref {
		found := false
		for n, d := range diff {
			if !used[n] && equal(r, d) {
				used[n], found = true, true
				if err := emit(r, "=="); err != nil {
					return err
				}
				break
			}
		}
		if !found {
			left = append(left, r)
		}
	}
	for n, d := range diff {
		if !used[n] {
			if err := emit(d, "=>"); err != nil {
				return err
			}
		}
	}
	for _, r := range left {
		if err := emit(r, "<="); err != nil {
			return err
		}
	}
	return nil
}
