package python

import (
	"io"
	"math"
	"math/big"
	"strings"
	"unicode/utf8"
)

func init() {
	define("print", func(in *interp, a *args) (any, error) {
		sep, err := a.text(-1, "sep", " ")
		if err != nil {
			return nil, err
		}
		end, err := a.text(-1, "end", "\n")
		if err != nil {
			return nil, err
		}
		out := in.stdout
		if f, ok := a.named["file"].(*file); ok {
			out = f
		}
		parts := make([]string, len(a.pos))
		for i, v := range a.pos {
			parts[i] = str(v)
		}
		if out.w == nil {
			return nil, raisef(newOSUnsupported, "not writable")
		}
		if _, err := io.WriteString(out.w, strings.Join(parts, sep)+end); err != nil {
			return nil, errPipe
		}
		return nil, nil
	})
	define("len", one(func(_ *interp, v any) (any, error) {
		n, ok := length(v)
		if !ok {
			return nil, raisef(typeError, "object of type '%s' has no len()", typeName(v))
		}
		return mk(n), nil
	}))
	define("repr", one(func(_ *interp, v any) (any, error) { return repr(v), nil }))
	define("ascii", one(func(_ *interp, v any) (any, error) { return ascii(repr(v)), nil }))
	define("sorted", func(in *interp, a *args) (any, error) {
		v, _ := a.at(0, "")
		items, err := in.all(v)
		if err != nil {
			return nil, err
		}
		out, err := in.sorted(items, a)
		if err != nil {
			return nil, err
		}
		return &list{out}, nil
	})
	define("reversed", one(func(in *interp, v any) (any, error) {
		items, err := in.all(v)
		out := make([]any, len(items))
		for i, x := range items {
			out[len(items)-1-i] = x
		}
		return over("list_reverseiterator", out), err
	}))
	define("enumerate", func(in *interp, a *args) (any, error) {
		v, _ := a.at(0, "iterable")
		it, err := in.iter(v)
		if err != nil {
			return nil, err
		}
		n, err := a.number(1, "start", 0)
		return &iterator{"enumerate", func() (any, bool, error) {
			v, ok, err := it.next()
			n++
			return tuple{mk(n - 1), v}, ok, err
		}}, err
	})
	define("zip", func(in *interp, a *args) (any, error) {
		var its []*iterator
		for _, v := range a.pos {
			it, err := in.iter(v)
			if err != nil {
				return nil, err
			}
			its = append(its, it)
		}
		return &iterator{"zip", func() (any, bool, error) {
			var row tuple
			for _, it := range its {
				v, ok, err := it.next()
				if err != nil || !ok {
					return nil, false, err
				}
				row = append(row, v)
			}
			return row, len(its) > 0, nil
		}}, nil
	})
	define("map", func(in *interp, a *args) (any, error) {
		if len(a.pos) != 2 {
			return nil, &absent{"map with this many arguments"}
		}
		it, err := in.iter(a.pos[1])
		return &iterator{"map", func() (any, bool, error) {
			v, ok, err := it.next()
			if err != nil || !ok {
				return nil, false, err
			}
			v, err = in.call(a.pos[0], &args{pos: []any{v}})
			return v, true, err
		}}, err
	})
	define("filter", func(in *interp, a *args) (any, error) {
		if len(a.pos) != 2 {
			return nil, raisef(typeError, "filter expected 2 arguments, got %d", len(a.pos))
		}
		it, err := in.iter(a.pos[1])
		return &iterator{"filter", func() (any, bool, error) {
			for {
				v, ok, err := it.next()
				if err != nil || !ok {
					return nil, false, err
				}
				keep := v
				if a.pos[0] != nil {
					if keep, err = in.call(a.pos[0], &args{pos: []any{v}}); err != nil {
						return nil, false, err
					}
				}
				if truth(keep) {
					return v, true, nil
				}
			}
		}}, err
	})
	define("sum", func(in *interp, a *args) (any, error) {
		v, _ := a.at(0, "")
		items, err := in.all(v)
		if err != nil {
			return nil, err
		}
		var total any = mk(0)
		if s, ok := a.at(1, "start"); ok {
			total = s
		}
		for _, x := range items {
			if total, err = in.binary("+", total, x, "+"); err != nil {
				return nil, err
			}
		}
		return total, nil
	})
	extreme("min", -1)
	extreme("max", 1)
	define("any", one(func(in *interp, v any) (any, error) {
		items, err := in.all(v)
		for _, x := range items {
			if truth(x) {
				return true, err
			}
		}
		return false, err
	}))
	define("all", one(func(in *interp, v any) (any, error) {
		items, err := in.all(v)
		for _, x := range items {
			if !truth(x) {
				return false, err
			}
		}
		return true, err
	}))
	define("abs", one(func(_ *interp, v any) (any, error) {
		switch x, _ := number(v); n := x.(type) {
		case *big.Int:
			return new(big.Int).Abs(n), nil
		case float64:
			return math.Abs(n), nil
		}
		return nil, raisef(typeError, "bad operand type for abs(): '%s'", typeName(v))
	}))
	define("round", func(in *interp, a *args) (any, error) {
		v, _ := a.at(0, "number")
		n, err := a.number(1, "ndigits", 0)
		if err != nil {
			return nil, err
		}
		if i, ok := asInt(v); ok {
			return i, nil
		}
		f, ok := v.(float64)
		if !ok {
			return nil, raisef(typeError, "type %s doesn't define __round__ method", typeName(v))
		}
		if _, digits := a.at(1, "ndigits"); !digits {
			return toInt(in, &args{pos: []any{math.RoundToEven(f)}})
		}
		text, err := in.format(f, "."+str(mk(min(max(n, 0), 300)))+"f")
		if err != nil {
			return nil, err
		}
		return toFloatType(in, &args{pos: []any{text}})
	})
	define("chr", one(func(_ *interp, v any) (any, error) {
		n, ok := asInt(v)
		if !ok || !n.IsInt64() || n.Int64() < 0 || n.Int64() > 0x10ffff {
			return nil, raisef(valueError, "chr() arg not in range(0x110000)")
		}
		return string(rune(n.Int64())), nil
	}))
	define("ord", one(func(_ *interp, v any) (any, error) {
		s, ok := v.(string)
		r, size := utf8.DecodeRuneInString(s)
		if !ok || size != len(s) || s == "" {
			return nil, raisef(typeError, "ord() expected a character, but string of length %d found", utf8.RuneCountInString(s))
		}
		return mk(int(r)), nil
	}))
	for name, verb := range map[string]string{"hex": "#x", "oct": "#o", "bin": "#b"} {
		define(name, one(func(in *interp, v any) (any, error) {
			if _, ok := asInt(v); !ok {
				return nil, raisef(typeError, "'%s' object cannot be interpreted as an integer", typeName(v))
			}
			return in.format(v, verb)
		}))
	}
	define("input", func(in *interp, a *args) (any, error) {
		if v, ok := a.at(0, ""); ok {
			io.WriteString(in.stdout.w, str(v))
		}
		line, err := in.stdin.line(in)
		if err == nil && line == "" {
			err = raisef(eofError, "EOF when reading a line")
		}
		return strings.TrimSuffix(line, "\n"), err
	})
	define("open", func(in *interp, a *args) (any, error) { return in.open(a) })
	define("iter", one(func(in *interp, v any) (any, error) { return in.iter(v) }))
	define("next", func(in *interp, a *args) (any, error) {
		v, _ := a.at(0, "")
		it, ok := v.(*iterator)
		if !ok {
			return nil, raisef(typeError, "'%s' object is not an iterator", typeName(v))
		}
		v, ok, err := it.next()
		if !ok && err == nil {
			if v, ok = a.at(1, ""); !ok {
				err = &exception{class: stopIteration}
			}
		}
		return v, err
	})
	define("isinstance", func(_ *interp, a *args) (any, error) {
		if len(a.pos) != 2 {
			return nil, raisef(typeError, "isinstance expected 2 arguments, got %d", len(a.pos))
		}
		many, ok := a.pos[1].(tuple)
		if !ok {
			many = tuple{a.pos[1]}
		}
		for _, c := range many {
			x, ok := c.(*class)
			if !ok {
				return nil, raisef(typeError, "isinstance() arg 2 must be a type, a tuple of types, or a union")
			}
			if _, isBool := a.pos[0].(bool); typeOf(a.pos[0]).isA(x) || isBool && x.name == "int" {
				return true, nil
			}
		}
		return false, nil
	})
	define("callable", one(func(_ *interp, v any) (any, error) {
		switch v.(type) {
		case *builtin, *function, *class:
			return true, nil
		}
		return false, nil
	}))
	define("getattr", func(in *interp, a *args) (any, error) {
		name, err := a.text(1, "", "")
		if err != nil || len(a.pos) < 2 {
			return nil, raisef(typeError, "getattr expected at least 2 arguments, got %d", len(a.pos))
		}
		v, err := in.attr(a.pos[0], name)
		if e, ok := err.(*exception); ok && e.class == attributeError && len(a.pos) > 2 {
			return a.pos[2], nil
		}
		return v, err
	})
	define("hasattr", func(in *interp, a *args) (any, error) {
		name, err := a.text(1, "", "")
		if err != nil || len(a.pos) < 2 {
			return nil, raisef(typeError, "hasattr expected 2 arguments, got %d", len(a.pos))
		}
		_, err = in.attr(a.pos[0], name)
		return err == nil, nil
	})
	define("divmod", func(in *interp, a *args) (any, error) {
		if len(a.pos) != 2 {
			return nil, raisef(typeError, "divmod expected 2 arguments, got %d", len(a.pos))
		}
		q, err := in.binary("//", a.pos[0], a.pos[1], "divmod()")
		if err != nil {
			return nil, err
		}
		r, err := in.binary("%", a.pos[0], a.pos[1], "divmod()")
		return tuple{q, r}, err
	})
	define("pow", func(in *interp, a *args) (any, error) {
		if len(a.pos) != 2 {
			return nil, &absent{"pow with this many arguments"}
		}
		return in.binary("**", a.pos[0], a.pos[1], "** or pow()")
	})
	for _, name := range []string{"exit", "quit"} {
		define(name, exit)
	}
	define("range", func(_ *interp, a *args) (any, error) {
		r := [3]int64{0, 0, 1}
		for i := range a.pos {
			n, err := a.number(i, "", 0)
			if err != nil {
				return nil, err
			}
			switch {
			case len(a.pos) == 1:
				r[1] = int64(n)
			case i < 3:
				r[i] = int64(n)
			}
		}
		if len(a.pos) == 0 || len(a.pos) > 3 {
			return nil, raisef(typeError, "range expected at least 1 argument, got %d", len(a.pos))
		}
		if r[2] == 0 {
			return nil, raisef(valueError, "range() arg 3 must not be zero")
		}
		text := "range(" + str(big.NewInt(r[0])) + ", " + str(big.NewInt(r[1]))
		if r[2] != 1 {
			text += ", " + str(big.NewInt(r[2]))
		}
		return &object{class: &class{name: "range"}, attrs: map[string]any{"range": r, "__repr__": text + ")"}}, nil
	})
	defineType("int", toInt)
	defineType("float", toFloatType)
	defineType("bool", func(_ *interp, a *args) (any, error) {
		v, _ := a.at(0, "")
		return truth(v), nil
	})
	defineType("list", gather(func(items []any) (any, error) { return &list{items}, nil }))
	defineType("tuple", gather(func(items []any) (any, error) { return tuple(items), nil }))
	defineType("set", gather(func(items []any) (any, error) { return newSet(items) }))
	defineType("type", func(_ *interp, a *args) (any, error) {
		v, _ := a.at(0, "")
		return typeOf(v), nil
	})
	defineType("bytes", func(in *interp, a *args) (any, error) {
		switch x, _ := a.at(0, ""); v := x.(type) {
		case nil:
			return bytesValue(""), nil
		case bytesValue:
			return v, nil
		case string:
			if len(a.pos)+len(a.named) < 2 {
				return nil, raisef(typeError, "string argument without an encoding")
			}
			return bytesValue(v), nil
		case *list:
			var b []byte
			for _, y := range v.items {
				n, ok := asInt(y)
				if !ok || n.Sign() < 0 || n.BitLen() > 8 {
					return nil, raisef(valueError, "bytes must be in range(0, 256)")
				}
				b = append(b, byte(n.Int64()))
			}
			return bytesValue(b), nil
		}
		return nil, &absent{"bytes of this"}
	})
	defineType("dict", func(in *interp, a *args) (any, error) {
		d := newDict()
		switch v, _ := a.at(0, ""); x := v.(type) {
		case nil:
		case *dict:
			x.each(func(k, v any) bool { return d.set(k, v) == nil })
		case *object:
			if e, ok := x.attrs["data"].(*dict); ok {
				e.each(func(k, v any) bool { return d.set(k, v) == nil })
			}
		default:
			items, err := in.all(x)
			if err != nil {
				return nil, err
			}
			for i, it := range items {
				kv, err := in.all(it)
				if err != nil || len(kv) != 2 {
					return nil, raisef(valueError, "dictionary update sequence element #%d has length %d; 2 is required", i, len(kv))
				}
				if err := d.set(kv[0], kv[1]); err != nil {
					return nil, err
				}
			}
		}
		for _, n := range a.order {
			_ = d.set(n, a.named[n])
		}
		return d, nil
	})
}

func exit(_ *interp, a *args) (any, error) { return nil, &exception{class: systemExit, args: a.pos} }
