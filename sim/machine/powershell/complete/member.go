package complete

import (
	"slices"
	"strings"

	"skylab/sim/machine/powershell/member"
	"skylab/sim/machine/powershell/object"
)

// members finds the members of what an expression gives: properties, then
// methods, then those with parameters, then the keys of a hash table.
func (f finder) members(from, mark, typed string) Result {
	v, ok := f.s.Peek(from)
	if !ok || v == nil {
		return f.none()
	}
	var props, methods, indexed, keys []string
	take := func(name, text string) {
		switch {
		case strings.HasPrefix(name, "get_") || strings.HasPrefix(name, "set_") || strings.HasPrefix(name, "op_") || strings.HasPrefix(name, "add_") || strings.HasPrefix(name, "remove_"):
		case strings.Contains(text, "("):
			methods = append(methods, name)
		case strings.Contains(text, name+"["):
			indexed = append(indexed, name)
		default:
			props = append(props, name)
		}
	}
	t := object.TypeOf(v)
	static := mark == "::"
	if static {
		st, ok := object.Base(v).(*object.Type)
		if !ok {
			return f.none()
		}
		if t = st; t.IsEnum {
			for _, x := range t.Values {
				props = append(props, x.Name)
			}
		}
	}
	if o, ok := v.(*object.Object); ok && !static {
		for _, m := range o.Members.List {
			switch {
			case m.Hidden:
			case m.Kind == object.ScriptMethod:
				methods = append(methods, m.Name)
			default:
				props = append(props, m.Name)
			}
		}
	}
	if t == object.CustomType {
		methods = append(methods, "Equals", "GetHashCode", "GetType", "ToString")
	} else {
		for b := t; b != nil; b = b.Base {
			if list := member.Definitions(b, static); len(list) > 0 {
				for _, d := range list {
					take(d[0], d[1])
				}
				break
			}
		}
	}
	if d, ok := object.Base(v).(*object.Dict); ok {
		for _, e := range d.Entries() {
			if k, ok := e.Key.(string); ok {
				keys = append(keys, k)
			}
		}
	}
	var list []Match
	for _, group := range []struct {
		names    []string
		end      string
		kind     string
		unsorted bool
	}{{props, "", "Property", false}, {methods, "(", "Method", false}, {indexed, "(", "Method", false}, {keys, "", "Property", true}} {
		if !group.unsorted {
			slices.SortStableFunc(group.names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
			group.names = slices.Compact(group.names)
		}
		for _, n := range group.names {
			if begins(n, typed) {
				list = append(list, Match{n + group.end, n, group.kind})
			}
		}
	}
	return f.result(len(typed), list)
}
