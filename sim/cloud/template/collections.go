package template

import (
	"slices"
	"strings"

	"skylab/sim/ojson"
)

// maxRange is how many integers range gives at most.
const maxRange = 10000

func collectionFunctions() []Function {
	// edge is the first or last element.
	edge := func(at func(n int) int) func(*call) (any, error) {
		return func(c *call) (any, error) {
			switch v := c.args[0].(type) {
			case []any:
				if len(v) == 0 {
					return nil, nil
				}
				return v[at(len(v))], nil
			case string:
				u := units(v)
				if len(u) == 0 {
					return "", nil
				}
				i := at(len(u))
				return fromUnits(u[i : i+1]), nil
			}
			return nil, c.expects(0, "an array or a string")
		}
	}
	// part is what is left when a number of elements is cut off.
	part := func(cut func(n, length int) (from, to int)) func(*call) (any, error) {
		return func(c *call) (any, error) {
			n, err := c.integer(1)
			if err != nil {
				return nil, err
			}
			clamp := func(length int) (int, int) { return cut(int(min(max(n, 0), int64(length))), length) }
			switch v := c.args[0].(type) {
			case []any:
				from, to := clamp(len(v))
				return slices.Clone(v[from:to]), nil
			case string:
				u := units(v)
				from, to := clamp(len(u))
				return fromUnits(u[from:to]), nil
			}
			return nil, c.expects(0, "an array or a string")
		}
	}
	return []Function{
		{Name: "array", Min: 1, Max: 1, Usage: "(value)", Doc: "a value as an array", eval: func(c *call) (any, error) {
			if list, ok := c.args[0].([]any); ok {
				return list, nil
			}
			return []any{c.args[0]}, nil
		}},
		{Name: "createArray", Min: 0, Max: -1, Usage: "(arg1, arg2, ...)", Doc: "an array of the arguments", eval: func(c *call) (any, error) { return append([]any{}, c.args...), nil }},
		{Name: "createObject", Min: 0, Max: -1, Usage: "(key1, value1, ...)", Doc: "an object of names and values", eval: func(c *call) (any, error) {
			if len(c.args)%2 != 0 {
				return nil, c.invalid("expects an even number of parameters: a value for each key.")
			}
			o := &ojson.Object{}
			for i := 0; i < len(c.args); i += 2 {
				key, err := c.str(i)
				if err != nil {
					return nil, err
				}
				o.Set(key, c.args[i+1])
			}
			return o, nil
		}},
		{Name: "contains", Min: 2, Max: 2, Usage: "(container, itemToFind)", Doc: "whether something is in an array, object or string", eval: contains},
		{Name: "empty", Min: 1, Max: 1, Usage: "(value)", Doc: "whether an array, object or string is empty", eval: func(c *call) (any, error) {
			n, ok := length(c.args[0])
			if !ok && c.args[0] != nil {
				return nil, c.expects(0, "an object, an array or a string")
			}
			return n == 0, nil
		}},
		{Name: "length", Min: 1, Max: 1, Usage: "(value)", Doc: "how many elements, members or characters", eval: func(c *call) (any, error) {
			n, ok := length(c.args[0])
			if !ok {
				return nil, c.expects(0, "an array, object, or a string")
			}
			return int64(n), nil
		}},
		{Name: "first", Min: 1, Max: 1, Usage: "(array or string)", Doc: "the first element", eval: edge(func(int) int { return 0 })},
		{Name: "last", Min: 1, Max: 1, Usage: "(array or string)", Doc: "the last element", eval: edge(func(n int) int { return n - 1 })},
		{Name: "skip", Min: 2, Max: 2, Usage: "(array or string, number)", Doc: "what is behind the first ones", eval: part(func(n, length int) (int, int) { return n, length })},
		{Name: "take", Min: 2, Max: 2, Usage: "(array or string, number)", Doc: "the first ones", eval: part(func(n, _ int) (int, int) { return 0, n })},
		{Name: "range", Min: 2, Max: 2, Usage: "(start, count)", Doc: "integers in a row", eval: func(c *call) (any, error) {
			start, err := c.integer(0)
			if err != nil {
				return nil, err
			}
			n, err := c.integer(1)
			if err != nil {
				return nil, err
			}
			if n < 0 || n > maxRange || start > 1<<31-1-n {
				return nil, c.invalid("parameters are not valid: the count must lie between 0 and %d, and the numbers below 2147483648.", maxRange)
			}
			out := make([]any, n)
			for i := range out {
				out[i] = start + int64(i)
			}
			return out, nil
		}},
		{Name: "union", Min: 2, Max: -1, Usage: "(arg1, arg2, ...)", Doc: "what is in one of arrays or objects", eval: union},
		{Name: "intersection", Min: 2, Max: -1, Usage: "(arg1, arg2, ...)", Doc: "what is in all of arrays or objects", eval: intersection},
		{Name: "shallowMerge", Min: 1, Max: 1, Usage: "(array of objects)", Doc: "one object of many", eval: func(c *call) (any, error) {
			list, err := c.array(0)
			if err != nil {
				return nil, err
			}
			out := &ojson.Object{}
			for _, v := range list {
				o, ok := v.(*ojson.Object)
				if !ok {
					return nil, c.expects(0, "an array of objects")
				}
				for _, m := range o.Members() {
					out.Set(m.Key, m.Value)
				}
			}
			return out, nil
		}},
		{Name: "flatten", Min: 1, Max: 1, Usage: "(array of arrays)", Doc: "one array of many", eval: func(c *call) (any, error) {
			list, err := c.array(0)
			if err != nil {
				return nil, err
			}
			out := []any{}
			for _, v := range list {
				inner, ok := v.([]any)
				if !ok {
					return nil, c.expects(0, "an array of arrays")
				}
				out = append(out, inner...)
			}
			return out, nil
		}},
		{Name: "items", Min: 1, Max: 1, Usage: "(object)", Doc: "the members as an array, by name", eval: func(c *call) (any, error) {
			o, err := c.object(0)
			if err != nil {
				return nil, err
			}
			out := []any{}
			for _, m := range sorted(o) {
				out = append(out, ojson.Obj("key", m.Key, "value", m.Value))
			}
			return out, nil
		}},
		{Name: "objectKeys", Min: 1, Max: 1, Usage: "(object)", Doc: "the names of the members", eval: func(c *call) (any, error) {
			o, err := c.object(0)
			if err != nil {
				return nil, err
			}
			out := []any{}
			for _, m := range sorted(o) {
				out = append(out, m.Key)
			}
			return out, nil
		}},
		{Name: "tryGet", Min: 2, Max: -1, Usage: "(container, item, ...)", Doc: "a member or element, or null", eval: tryGet},
		{Name: "tryIndexFromEnd", Min: 2, Max: 2, Usage: "(array, index)", Doc: "an element counted from the end, or null", eval: func(c *call) (any, error) {
			v, _, err := fromEnd(c)
			return v, err
		}},
		{Name: "indexFromEnd", Min: 2, Max: 2, Usage: "(array, index)", Doc: "an element counted from the end", eval: func(c *call) (any, error) {
			v, ok, err := fromEnd(c)
			if err == nil && !ok {
				return nil, failf("The language expression property array index '%s' is out of bounds."+usage, printed(c.args[1]))
			}
			return v, err
		}},
	}
}

func sorted(o *ojson.Object) []ojson.Member {
	out := slices.Clone(o.Members())
	slices.SortFunc(out, func(a, b ojson.Member) int { return strings.Compare(strings.ToLower(a.Key), strings.ToLower(b.Key)) })
	return out
}

func length(v any) (int, bool) {
	switch v := v.(type) {
	case []any:
		return len(v), true
	case *ojson.Object:
		return v.Len(), true
	case string:
		return len(units(v)), true
	}
	return 0, false
}

func contains(c *call) (any, error) {
	switch v := c.args[0].(type) {
	case []any:
		return slices.ContainsFunc(v, func(e any) bool { return equal(e, c.args[1]) }), nil
	case *ojson.Object:
		key, err := c.str(1)
		if err != nil {
			return nil, err
		}
		_, ok := v.GetFold(key)
		return ok, nil
	case string:
		switch c.args[1].(type) {
		case string, int64:
			return strings.Contains(v, printed(c.args[1])), nil
		}
		return nil, c.expects(1, "a string")
	}
	return nil, c.expects(0, "an object, an array or a string")
}

func union(c *call) (any, error) {
	if _, ok := c.args[0].(*ojson.Object); ok {
		out := &ojson.Object{}
		for i := range c.args {
			o, err := c.object(i)
			if err != nil {
				return nil, err
			}
			out = deepUnion(out, o)
		}
		return out, nil
	}
	out := []any{}
	for i := range c.args {
		list, err := c.array(i)
		if err != nil {
			return nil, c.expects(i, "an array or an object")
		}
		for _, v := range list {
			if !slices.ContainsFunc(out, func(e any) bool { return equal(e, v) }) {
				out = append(out, v)
			}
		}
	}
	return out, nil
}

// deepUnion merges objects; what is no object on both sides is the later one's.
func deepUnion(a, b *ojson.Object) *ojson.Object {
	out := ojson.New(a.Members()...)
	for _, m := range b.Members() {
		was, _ := out.Get(m.Key)
		if x, ok := was.(*ojson.Object); ok {
			if y, ok := m.Value.(*ojson.Object); ok {
				out.Set(m.Key, deepUnion(x, y))
				continue
			}
		}
		out.Set(m.Key, m.Value)
	}
	return out
}

func intersection(c *call) (any, error) {
	if _, ok := c.args[0].(*ojson.Object); ok {
		out := &ojson.Object{}
		first, _ := c.object(0)
		for _, m := range first.Members() {
			everywhere := true
			for i := range c.args {
				o, err := c.object(i)
				if err != nil {
					return nil, err
				}
				v, there := o.Get(m.Key)
				everywhere = everywhere && there && equal(v, m.Value)
			}
			if everywhere {
				out.Set(m.Key, m.Value)
			}
		}
		return out, nil
	}
	first, err := c.array(0)
	if err != nil {
		return nil, c.expects(0, "an array or an object")
	}
	out := []any{}
	for _, v := range first {
		everywhere := !slices.ContainsFunc(out, func(e any) bool { return equal(e, v) })
		for i := range c.args {
			list, err := c.array(i)
			if err != nil {
				return nil, err
			}
			everywhere = everywhere && slices.ContainsFunc(list, func(e any) bool { return equal(e, v) })
		}
		if everywhere {
			out = append(out, v)
		}
	}
	return out, nil
}

func tryGet(c *call) (any, error) {
	v := c.args[0]
	for i := 1; i < len(c.args); i++ {
		switch of := v.(type) {
		case *ojson.Object:
			key, err := c.str(i)
			if err != nil {
				return nil, err
			}
			v, _ = of.GetFold(key)
		case []any:
			n, err := c.integer(i)
			if err != nil {
				return nil, err
			}
			v = nil
			if n >= 0 && n < int64(len(of)) {
				v = of[n]
			}
		case nil:
			return nil, nil
		default:
			return nil, c.expects(0, "an object or an array")
		}
	}
	return v, nil
}

func fromEnd(c *call) (any, bool, error) {
	list, err := c.array(0)
	if err != nil {
		return nil, false, err
	}
	n, err := c.integer(1)
	if err != nil || n < 1 || n > int64(len(list)) {
		return nil, false, err
	}
	return list[int64(len(list))-n], true, nil
}
