package python

import (
	"math/big"
	"strings"
	"unicode/utf8"
)

// iter makes an iterator.
func (in *interp) iter(v any) (*iterator, error) {
	switch x := v.(type) {
	case *iterator:
		return x, nil
	case *list:
		i := 0
		return &iterator{"list_iterator", func() (any, bool, error) {
			if i >= len(x.items) {
				return nil, false, nil
			}
			i++
			return x.items[i-1], true, nil
		}}, nil
	case tuple:
		return over("tuple_iterator", x), nil
	case *dict:
		return over("dict_keyiterator", x.list()), nil
	case *set:
		return over("set_iterator", x.list()), nil
	case string:
		return over("str_iterator", runes(x)), nil
	case bytesValue:
		var out []any
		for i := range len(x) {
			out = append(out, mk(int(x[i])))
		}
		return over("bytes_iterator", out), nil
	case *file:
		return &iterator{"file", func() (any, bool, error) {
			line, err := x.line(in)
			return line, line != "", err
		}}, nil
	case *object:
		if r, ok := x.attrs["range"].([3]int64); ok {
			at := r[0]
			return &iterator{"range_iterator", func() (any, bool, error) {
				if r[2] > 0 && at >= r[1] || r[2] < 0 && at <= r[1] {
					return nil, false, nil
				}
				at += r[2]
				return big.NewInt(at - r[2]), true, in.tick()
			}}, nil
		}
		if d, ok := x.attrs["data"].(*dict); ok {
			return in.iter(d)
		}
		if l, ok := x.attrs["view"].(*list); ok {
			return in.iter(l)
		}
		if t, ok := x.attrs["tuple"].(tuple); ok {
			return in.iter(t)
		}
	}
	return nil, raisef(typeError, "'%s' object is not iterable", typeName(v))
}

func runes(s string) []any {
	out := make([]any, 0, len(s))
	for i := 0; i < len(s); {
		_, n := utf8.DecodeRuneInString(s[i:])
		out = append(out, s[i:i+n])
		i += n
	}
	return out
}

// all returns the items of what can be iterated over.
func (in *interp) all(v any) ([]any, error) {
	it, err := in.iter(v)
	if err != nil {
		return nil, err
	}
	var out []any
	for {
		x, ok, err := it.next()
		if err != nil || !ok {
			return out, err
		}
		if out = append(out, x); len(out) > maxSize/16 {
			return nil, &exception{class: memoryError}
		}
		if err := in.tick(); err != nil {
			return nil, err
		}
	}
}

// index is v[i].
func (in *interp) index(v, i any) (any, error) {
	switch x := v.(type) {
	case *dict:
		w, ok, err := x.get(i)
		if err == nil && !ok && x.make != nil {
			if w, err = in.call(x.make, &args{}); err == nil {
				err = x.set(i, w)
			}
			return w, err
		}
		if err == nil && !ok {
			err = &exception{class: keyError, args: []any{i}}
		}
		return w, err
	case *object:
		if d, ok := x.attrs["data"].(*dict); ok {
			w, ok, err := d.get(i)
			if err == nil && !ok {
				e := &exception{class: keyError, args: []any{i}}
				err = e.through(frame{file: "<frozen os>", name: "__getitem__", at: span{line: 679}})
			}
			return w, err
		}
		if g, ok := x.attrs["group"].(*builtin); ok {
			return in.call(g, &args{pos: []any{i}})
		}
		if t, ok := x.attrs["tuple"].(tuple); ok {
			return in.index(t, i)
		}
		if _, ok := x.attrs["range"]; ok {
			items, err := in.all(x)
			if err != nil {
				return nil, err
			}
			return in.index(&list{items}, i)
		}
	case string:
		if isASCII(x) {
			return sequence("string", len(x), i, func(at int) any { return x[at : at+1] }, func(ats []int) any {
				b := make([]byte, len(ats))
				for k, at := range ats {
					b[k] = x[at]
				}
				return string(b)
			})
		}
		r := runes(x)
		return sequence("string", len(r), i, func(at int) any { return r[at] }, func(ats []int) any {
			var b strings.Builder
			for _, at := range ats {
				b.WriteString(r[at].(string))
			}
			return b.String()
		})
	case bytesValue:
		return sequence("byte", len(x), i, func(at int) any { return mk(int(x[at])) }, func(ats []int) any {
			b := make([]byte, len(ats))
			for k, at := range ats {
				b[k] = x[at]
			}
			return bytesValue(b)
		})
	case *list:
		return sequence("list", len(x.items), i, func(at int) any { return x.items[at] }, func(ats []int) any { return &list{pick(x.items, ats)} })
	case tuple:
		return sequence("tuple", len(x), i, func(at int) any { return x[at] }, func(ats []int) any { return tuple(pick(x, ats)) })
	}
	return nil, raisef(typeError, "'%s' object is not subscriptable", typeName(v))
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 128 {
			return false
		}
	}
	return true
}

func pick(items []any, ats []int) []any {
	out := make([]any, len(ats))
	for k, at := range ats {
		out[k] = items[at]
	}
	return out
}

// sequence takes one item or a slice of what has a length.
func sequence(name string, length int, i any, one func(int) any, many func([]int) any) (any, error) {
	if s, ok := i.(slice); ok {
		ats, err := places(s, length)
		if err != nil {
			return nil, err
		}
		return many(ats), nil
	}
	n, ok := asInt(i)
	if !ok {
		what := name
		switch name {
		case "string":
			return nil, raisef(typeError, "string indices must be integers, not '%s'", typeName(i))
		case "byte":
			return nil, raisef(typeError, "byte indices must be integers or slices, not %s", typeName(i))
		}
		return nil, raisef(typeError, "%s indices must be integers or slices, not %s", what, typeName(i))
	}
	at, ok := place(n, length)
	if !ok {
		if name == "byte" {
			return nil, raisef(indexError, "index out of range")
		}
		return nil, raisef(indexError, "%s index out of range", name)
	}
	return one(at), nil
}

func places(s slice, length int) ([]int, error) {
	get := func(v any, fallback int) (int, error) {
		if v == nil {
			return fallback, nil
		}
		n, ok := asInt(v)
		if !ok {
			return 0, raisef(typeError, "slice indices must be integers or None or have an __index__ method")
		}
		switch {
		case !n.IsInt64() && n.Sign() > 0:
			return 1 << 40, nil
		case !n.IsInt64():
			return -1 << 40, nil
		}
		return int(max(min(n.Int64(), 1<<40), -1<<40)), nil
	}
	step, err := get(s.step, 1)
	if err != nil {
		return nil, err
	}
	if step == 0 {
		return nil, raisef(valueError, "slice step cannot be zero")
	}
	lo, hi := 0, length
	if step < 0 {
		lo, hi = length-1, -1
	}
	bound := func(v any, fallback int) (int, error) {
		n, err := get(v, fallback)
		if err != nil || v == nil {
			return n, err
		}
		if n < 0 {
			n += length
		}
		if step < 0 {
			return max(min(n, length-1), -1), nil
		}
		return max(min(n, length), 0), nil
	}
	if lo, err = bound(s.lo, lo); err != nil {
		return nil, err
	}
	if hi, err = bound(s.hi, hi); err != nil {
		return nil, err
	}
	var out []int
	for at := lo; step > 0 && at < hi || step < 0 && at > hi; at += step {
		out = append(out, at)
	}
	return out, nil
}

// attr is v.name.
func (in *interp) attr(v any, name string) (any, error) {
	var names []string
	switch x := v.(type) {
	case *module:
		if w, ok := x.attrs[name]; ok {
			return w, nil
		}
		if strings.Contains(realNames[x.name]+" ", " "+name+" ") {
			return nil, &absent{x.name + "." + name}
		}
		return nil, raisef(attributeError, "module '%s' has no attribute '%s'", x.name, name)
	case *object:
		if w, ok := x.attrs[name]; ok && name != "data" && name != "range" && name != "tuple" {
			return w, nil
		}
		if d, ok := x.attrs["data"].(*dict); ok {
			if m, ok := methods["dict"][name]; ok {
				return &builtin{name: name, self: d, fn: func(in *interp, a *args) (any, error) { return m(in, d, a) }}, nil
			}
		}
	case *exception:
		switch name {
		case "args":
			return tuple(x.args), nil
		case "code", "errno", "strerror":
			if i := map[string]int{"code": 0, "errno": 0, "strerror": 1}[name]; i < len(x.args) {
				return x.args[i], nil
			}
			return nil, nil
		}
		if w, ok := x.attrs[name]; ok {
			return w, nil
		}
	case *class:
		if name == "__name__" {
			return x.short(), nil
		}
		if x == strClass && name == "join" || methods[x.name][name] != nil {
			m := methods[x.name][name]
			return &builtin{name: name, fn: func(in *interp, a *args) (any, error) {
				if len(a.pos) == 0 {
					return nil, raisef(typeError, "unbound method %s.%s() needs an argument", x.name, name)
				}
				return m(in, a.pos[0], &args{a.pos[1:], a.named, a.order})
			}}, nil
		}
		if w, ok := statics[x.name+"."+name]; ok {
			return w, nil
		}
		if strings.Contains(realNames[x.name]+" ", " "+name+" ") {
			return nil, &absent{x.name + "." + name}
		}
		return nil, raisef(attributeError, "type object '%s' has no attribute '%s'", x.name, name)
	case *function:
		if name == "__name__" {
			return x.name, nil
		}
	}
	kind := typeName(v)
	if kind == "collections.defaultdict" {
		kind = "dict"
	}
	if name == "__class__" {
		return typeOf(v), nil
	}
	if m, ok := methods[kind][name]; ok {
		return &builtin{name: name, self: v, fn: func(in *interp, a *args) (any, error) { return m(in, v, a) }}, nil
	}
	if strings.Contains(realNames[kind]+" ", " "+name+" ") {
		return nil, &absent{kind + "." + name}
	}
	e := raisef(attributeError, "'%s' object has no attribute '%s'", typeName(v), name)
	for n := range methods[kind] {
		names = append(names, n)
	}
	names = append(names, strings.Fields(realNames[kind])...)
	sortStrings(names)
	if near := suggest(name, names); near != "" {
		e.hint = ". Did you mean: '" + near + "'?"
	}
	return nil, e
}

// realNames are what Python has and this package lacks, by module or type.
var realNames = map[string]string{
	"str": " encode format format_map isascii isidentifier isprintable istitle maketrans translate expandtabs", "dict": " fromkeys", "list": "",
	"bytes": " capitalize center count expandtabs fromhex index isalnum isalpha isdigit ljust lower maketrans partition removeprefix rfind rjust rsplit rstrip lstrip splitlines swapcase title translate upper zfill",
	"sys":   " modules flags getrecursionlimit getsizeof exc_info getdefaultencoding byteorder executable prefix", "os": " system popen mkdir makedirs remove rename walk stat chmod getpid kill fork execvp putenv unlink rmdir uname getuid",
	"json": " JSONEncoder JSONDecoder detect_encoding decoder encoder scanner tool", "base64": " b32encode b32decode b16encode b16decode b85encode b85decode a85encode a85decode encodebytes decodebytes",
	"datetime.datetime": " strptime combine today min max", "time": " localtime strptime mktime perf_counter monotonic process_time time_ns tzname", "re": " finditer escape subn purge template VERBOSE X ASCII A",
	"urllib.parse": " urlunparse urlunsplit urldefrag quote_from_bytes unquote_to_bytes", "hashlib": " blake2b blake2s sha3_256 new pbkdf2_hmac scrypt file_digest", "datetime": " time tzinfo MINYEAR MAXYEAR UTC",
}
