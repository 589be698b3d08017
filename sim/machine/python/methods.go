package python

import (
	"bytes"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"
)

type method func(in *interp, self any, a *args) (any, error)

// methods are those of each type.
var methods = map[string]map[string]method{}

func (a *args) text(i int, name, fallback string) (string, error) {
	v, ok := a.at(i, name)
	if !ok || v == nil {
		return fallback, nil
	}
	switch s := v.(type) {
	case string:
		return s, nil
	case bytesValue:
		return string(s), nil
	}
	return "", raisef(typeError, "must be str, not %s", typeName(v))
}

func (a *args) number(i int, name string, fallback int) (int, error) {
	v, ok := a.at(i, name)
	if !ok || v == nil {
		return fallback, nil
	}
	n, ok := asInt(v)
	if !ok {
		return 0, raisef(typeError, "'%s' object cannot be interpreted as an integer", typeName(v))
	}
	if !n.IsInt64() || n.BitLen() > 40 {
		return 0, raisef(overflow, "Python int too large to convert to C ssize_t")
	}
	return int(n.Int64()), nil
}

func plain(f func(string) any) method {
	return func(_ *interp, self any, a *args) (any, error) { return f(self.(string)), nil }
}

func is(f func(rune) bool) method {
	return plain(func(s string) any {
		return s != "" && strings.IndexFunc(s, func(r rune) bool { return !f(r) }) < 0
	})
}

// two takes up to two strings.
func two(f func(s, x, y string, given int) (any, error)) method {
	return func(_ *interp, self any, a *args) (any, error) {
		x, err := a.text(0, "", "")
		if err != nil {
			return nil, err
		}
		y, err := a.text(1, "", "")
		if err != nil {
			return nil, err
		}
		return f(self.(string), x, y, len(a.pos))
	}
}

func splitter(right bool) method {
	return func(_ *interp, self any, a *args) (any, error) {
		isBytes := false
		var s string
		switch x := self.(type) {
		case string:
			s = x
		case bytesValue:
			s, isBytes = string(x), true
		}
		sep, err := a.text(0, "sep", "")
		if err != nil {
			return nil, err
		}
		limit, err := a.number(1, "maxsplit", -1)
		if err != nil {
			return nil, err
		}
		v, given := a.at(0, "sep")
		if given && v != nil && sep == "" {
			return nil, raisef(valueError, "empty separator")
		}
		var parts []string
		switch {
		case sep == "" && limit < 0:
			parts = strings.Fields(s)
		case sep == "" && !right:
			for rest := strings.TrimSpace(s); rest != ""; {
				i := strings.IndexFunc(rest, unicode.IsSpace)
				if i < 0 || len(parts) == limit {
					parts = append(parts, rest)
					break
				}
				parts, rest = append(parts, rest[:i]), strings.TrimLeftFunc(rest[i:], unicode.IsSpace)
			}
		case sep == "":
			return nil, &absent{"rsplit by blanks with a limit"}
		case limit < 0:
			parts = strings.Split(s, sep)
		case right:
			for ; limit > 0; limit-- {
				i := strings.LastIndex(s, sep)
				if i < 0 {
					break
				}
				parts = append([]string{s[i+len(sep):]}, parts...)
				s = s[:i]
			}
			parts = append([]string{s}, parts...)
		default:
			parts = strings.SplitN(s, sep, limit+1)
		}
		out := make([]any, len(parts))
		for i, p := range parts {
			if out[i] = p; isBytes {
				out[i] = bytesValue(p)
			}
		}
		return &list{out}, nil
	}
}

func strip(left, right bool) method {
	return func(_ *interp, self any, a *args) (any, error) {
		s, isStr := self.(string)
		if !isStr {
			s = string(self.(bytesValue))
		}
		cut, err := a.text(0, "", "")
		if err != nil {
			return nil, err
		}
		f := func(r rune) bool { return strings.ContainsRune(cut, r) }
		if v, ok := a.at(0, ""); !ok || v == nil {
			f = unicode.IsSpace
		}
		if left {
			s = strings.TrimLeftFunc(s, f)
		}
		if right {
			s = strings.TrimRightFunc(s, f)
		}
		if isStr {
			return s, nil
		}
		return bytesValue(s), nil
	}
}

func affix(has func(s, x string) bool) method {
	return func(_ *interp, self any, a *args) (any, error) {
		s, isStr := self.(string)
		if !isStr {
			s = string(self.(bytesValue))
		}
		v, _ := a.at(0, "")
		many, ok := v.(tuple)
		if !ok {
			many = tuple{v}
		}
		for _, x := range many {
			t, ok := x.(string)
			if b, isBytes := x.(bytesValue); isBytes && !isStr {
				t, ok = string(b), true
			}
			if !ok {
				return nil, raisef(typeError, "first arg must be str or a tuple of str, not %s", typeName(x))
			}
			if has(s, t) {
				return true, nil
			}
		}
		return false, nil
	}
}

func pad(where int) method {
	return func(_ *interp, self any, a *args) (any, error) {
		s := self.(string)
		n, err := a.number(0, "", 0)
		if err != nil {
			return nil, err
		}
		fill, err := a.text(1, "", " ")
		if err != nil {
			return nil, err
		}
		gap := n - utf8.RuneCountInString(s)
		if gap <= 0 {
			return s, nil
		}
		if gap > maxSize {
			return nil, &exception{class: memoryError}
		}
		if utf8.RuneCountInString(fill) != 1 {
			return nil, raisef(typeError, "The fill character must be exactly one character long")
		}
		left := map[int]int{-1: 0, 0: gap/2 + gap&n&1, 1: gap}[where]
		return strings.Repeat(fill, left) + s + strings.Repeat(fill, gap-left), nil
	}
}

func finder(last, must bool) method {
	return two(func(s, x, _ string, given int) (any, error) {
		if given > 1 {
			return nil, &absent{"find with a start"}
		}
		i := strings.Index(s, x)
		if last {
			i = strings.LastIndex(s, x)
		}
		if i < 0 {
			if must {
				return nil, raisef(valueError, "substring not found")
			}
			return mk(-1), nil
		}
		return mk(utf8.RuneCountInString(s[:i])), nil
	})
}

func partition(last bool) method {
	return two(func(s, sep, _ string, _ int) (any, error) {
		if sep == "" {
			return nil, raisef(valueError, "empty separator")
		}
		i := strings.Index(s, sep)
		if last {
			i = strings.LastIndex(s, sep)
		}
		switch {
		case i >= 0:
			return tuple{s[:i], sep, s[i+len(sep):]}, nil
		case last:
			return tuple{"", "", s}, nil
		}
		return tuple{s, "", ""}, nil
	})
}

func title(s string) any {
	start := true
	return strings.Map(func(r rune) rune {
		defer func() { start = !unicode.IsLetter(r) }()
		if start {
			return unicode.ToTitle(r)
		}
		return unicode.ToLower(r)
	}, s)
}

func init() {
	methods["str"] = map[string]method{
		"upper": plain(func(s string) any { return strings.ToUpper(s) }), "lower": plain(func(s string) any { return strings.ToLower(s) }), "casefold": plain(func(s string) any { return strings.ToLower(s) }), "title": plain(title),
		"capitalize": plain(func(s string) any {
			_, n := utf8.DecodeRuneInString(s)
			return strings.ToUpper(s[:n]) + strings.ToLower(s[n:])
		}),
		"swapcase": plain(func(s string) any {
			return strings.Map(func(r rune) rune {
				if unicode.IsUpper(r) {
					return unicode.ToLower(r)
				}
				return unicode.ToUpper(r)
			}, s)
		}),
		"isdigit": is(unicode.IsDigit), "isdecimal": is(unicode.IsDigit), "isnumeric": is(unicode.IsNumber), "isalpha": is(unicode.IsLetter), "isspace": is(unicode.IsSpace),
		"isalnum": is(func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }),
		"isupper": plain(func(s string) any { return strings.ToUpper(s) == s && strings.ToLower(s) != s }), "islower": plain(func(s string) any { return strings.ToLower(s) == s && strings.ToUpper(s) != s }),
		"split": splitter(false), "rsplit": splitter(true), "strip": strip(true, true), "lstrip": strip(true, false), "rstrip": strip(false, true),
		"startswith": affix(strings.HasPrefix), "endswith": affix(strings.HasSuffix), "ljust": pad(-1), "rjust": pad(1), "center": pad(0),
		"find": finder(false, false), "rfind": finder(true, false), "index": finder(false, true), "rindex": finder(true, true), "partition": partition(false), "rpartition": partition(true),
		"count":        two(func(s, x, _ string, _ int) (any, error) { return mk(strings.Count(s, x)), nil }),
		"removeprefix": two(func(s, x, _ string, _ int) (any, error) { return strings.TrimPrefix(s, x), nil }),
		"removesuffix": two(func(s, x, _ string, _ int) (any, error) { return strings.TrimSuffix(s, x), nil }),
		"replace": func(_ *interp, self any, a *args) (any, error) {
			if len(a.pos) < 2 {
				return nil, raisef(typeError, "replace expected at least 2 arguments, got %d", len(a.pos))
			}
			x, err := a.text(0, "", "")
			if err != nil {
				return nil, err
			}
			y, err := a.text(1, "", "")
			if err != nil {
				return nil, err
			}
			n, err := a.number(2, "", -1)
			if err != nil {
				return nil, err
			}
			s := self.(string)
			if (strings.Count(s, x)+1)*len(y) > maxSize {
				return nil, &exception{class: memoryError}
			}
			return strings.Replace(s, x, y, n), nil
		},
		"splitlines": plain(func(s string) any {
			var out []any
			for _, l := range strings.Split(strings.TrimSuffix(strings.ReplaceAll(s, "\r\n", "\n"), "\n"), "\n") {
				if s != "" {
					out = append(out, l)
				}
			}
			return &list{out}
		}),
		"zfill": func(_ *interp, self any, a *args) (any, error) {
			n, err := a.number(0, "", 0)
			s := self.(string)
			sign := ""
			if s != "" && (s[0] == '-' || s[0] == '+') {
				sign, s = s[:1], s[1:]
			}
			if n > maxSize {
				return nil, &exception{class: memoryError}
			}
			return sign + strings.Repeat("0", max(n-len(s)-len(sign), 0)) + s, err
		},
		"join": func(in *interp, self any, a *args) (any, error) {
			v, _ := a.at(0, "")
			items, err := in.all(v)
			if err != nil {
				return nil, raisef(typeError, "can only join an iterable")
			}
			var parts []string
			size := 0
			for i, x := range items {
				s, ok := x.(string)
				if !ok {
					return nil, raisef(typeError, "sequence item %d: expected str instance, %s found", i, typeName(x))
				}
				parts = append(parts, s)
				if size += len(s) + len(self.(string)); size > maxSize {
					return nil, &exception{class: memoryError}
				}
			}
			return strings.Join(parts, self.(string)), nil
		},
		"encode": func(_ *interp, self any, a *args) (any, error) { return bytesValue(self.(string)), nil },
		"format": func(in *interp, self any, a *args) (any, error) { return in.strFormat(self.(string), a) },
	}
	methods["bytes"] = map[string]method{
		"decode": func(_ *interp, self any, a *args) (any, error) {
			s := string(self.(bytesValue))
			how, _ := a.text(1, "errors", "strict")
			for i := 0; i < len(s) && how == "strict"; {
				r, n := utf8.DecodeRuneInString(s[i:])
				if r == utf8.RuneError && n == 1 {
					why := "invalid start byte"
					if s[i] >= 0xc2 && s[i] < 0xf5 {
						if why = "invalid continuation byte"; i+1 == len(s) {
							why = "unexpected end of data"
						}
					}
					return nil, raisef(unicodeDecode, "'utf-8' codec can't decode byte 0x%02x in position %d: %s", s[i], i, why)
				}
				i += n
			}
			if how == "ignore" {
				return strings.ToValidUTF8(s, ""), nil
			}
			return strings.ToValidUTF8(s, "\ufffd"), nil
		},
		"hex": func(_ *interp, self any, _ *args) (any, error) {
			return hex.EncodeToString([]byte(self.(bytesValue))), nil
		},
		"split": splitter(false), "strip": strip(true, true), "startswith": affix(strings.HasPrefix), "endswith": affix(strings.HasSuffix),
		"find": func(_ *interp, self any, a *args) (any, error) {
			x, err := a.text(0, "", "")
			return mk(strings.Index(string(self.(bytesValue)), x)), err
		},
		"replace": func(_ *interp, self any, a *args) (any, error) {
			x, err := a.text(0, "", "")
			if err != nil {
				return nil, err
			}
			y, err := a.text(1, "", "")
			return bytesValue(bytes.ReplaceAll([]byte(self.(bytesValue)), []byte(x), []byte(y))), err
		},
	}
	methods["list"] = map[string]method{
		"append": func(_ *interp, self any, a *args) (any, error) {
			v, ok := a.at(0, "")
			if !ok || len(a.pos) > 1 {
				return nil, raisef(typeError, "list.append() takes exactly one argument (%d given)", len(a.pos))
			}
			self.(*list).items = append(self.(*list).items, v)
			return nil, nil
		},
		"extend": func(in *interp, self any, a *args) (any, error) {
			v, _ := a.at(0, "")
			more, err := in.all(v)
			self.(*list).items = append(self.(*list).items, more...)
			return nil, err
		},
		"insert": func(_ *interp, self any, a *args) (any, error) {
			l := self.(*list)
			n, err := a.number(0, "", 0)
			if v, ok := a.at(1, ""); ok && err == nil {
				if n < 0 {
					n = max(n+len(l.items), 0)
				}
				n = min(n, len(l.items))
				l.items = append(l.items[:n:n], append([]any{v}, l.items[n:]...)...)
			}
			return nil, err
		},
		"pop": func(_ *interp, self any, a *args) (any, error) {
			l := self.(*list)
			if len(l.items) == 0 {
				return nil, raisef(indexError, "pop from empty list")
			}
			n, err := a.number(0, "", -1)
			if err != nil {
				return nil, err
			}
			at, ok := place(mk(n), len(l.items))
			if !ok {
				return nil, raisef(indexError, "pop index out of range")
			}
			v := l.items[at]
			l.items = append(l.items[:at:at], l.items[at+1:]...)
			return v, nil
		},
		"remove": func(_ *interp, self any, a *args) (any, error) {
			l := self.(*list)
			v, _ := a.at(0, "")
			for i, x := range l.items {
				if equal(x, v) {
					l.items = append(l.items[:i:i], l.items[i+1:]...)
					return nil, nil
				}
			}
			return nil, raisef(valueError, "list.remove(x): x not in list")
		},
		"index": func(_ *interp, self any, a *args) (any, error) {
			v, _ := a.at(0, "")
			for i, x := range self.(*list).items {
				if equal(x, v) {
					return mk(i), nil
				}
			}
			return nil, raisef(valueError, "%s is not in list", repr(v))
		},
		"count": func(_ *interp, self any, a *args) (any, error) {
			v, _ := a.at(0, "")
			n := 0
			for _, x := range self.(*list).items {
				if equal(x, v) {
					n++
				}
			}
			return mk(n), nil
		},
		"sort": func(in *interp, self any, a *args) (any, error) {
			out, err := in.sorted(self.(*list).items, a)
			if err == nil {
				self.(*list).items = out
			}
			return nil, err
		},
		"reverse": func(_ *interp, self any, _ *args) (any, error) {
			l := self.(*list).items
			for i, j := 0, len(l)-1; i < j; i, j = i+1, j-1 {
				l[i], l[j] = l[j], l[i]
			}
			return nil, nil
		},
		"copy": func(_ *interp, self any, _ *args) (any, error) {
			return &list{append([]any{}, self.(*list).items...)}, nil
		},
		"clear": func(_ *interp, self any, _ *args) (any, error) { self.(*list).items = nil; return nil, nil },
	}
	methods["dict"] = dictMethods
	methods["set"] = map[string]method{
		"add": func(_ *interp, self any, a *args) (any, error) {
			v, _ := a.at(0, "")
			return nil, self.(*set).set(v, nil)
		},
		"discard": func(_ *interp, self any, a *args) (any, error) {
			v, _ := a.at(0, "")
			_, _, err := self.(*set).del(v)
			return nil, err
		},
		"union": setMethod("|"), "intersection": setMethod("&"), "difference": setMethod("-"),
	}
}
