package member

import (
	"strings"
	"unicode"

	"skylab/sim/machine/powershell/culture"
	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/operator"
)

func argumentNull(name string) error {
	return object.Throw("System.ArgumentNullException", "Value cannot be null. (Parameter '%s')", name)
}

func outOfRange(name, why string) error {
	return object.Throw("System.ArgumentOutOfRangeException", "%s (Parameter '%s')", why, name)
}

func textOf(v any) string {
	switch x := object.Base(v).(type) {
	case string:
		return x
	case object.Char:
		return x.String()
	}
	return ""
}

func intOf(v any) int {
	n, _, _ := object.Integer(object.Base(v))
	return int(n)
}

// ignoring reports whether a StringComparison or a flag among the arguments
// ignores case.
func ignoring(a []any) bool {
	for _, x := range a {
		switch y := x.(type) {
		case object.Enum:
			if y.Type.Name == "System.StringComparison" {
				return y.Value%2 == 1
			}
		case bool:
			return y
		}
	}
	return false
}

func chars(v any) string {
	a, ok := v.(*object.Array)
	if !ok {
		return textOf(v)
	}
	var b strings.Builder
	for _, x := range a.Items {
		b.WriteString(textOf(x))
	}
	return b.String()
}

// units works on a string's UTF-16 units.
type units []uint16

func (u units) slice(i, n int) string { return object.FromUnits(u[i : i+n]) }

func fold(s string, ignore bool) string {
	if ignore {
		return strings.ToLower(s)
	}
	return s
}

// indexOf finds a string's first or last place between units, -1 if none.
func indexOf(s, what string, from, count int, last, ignore bool) int {
	u, w := object.Units(fold(s, ignore)), object.Units(fold(what, ignore))
	if last {
		for i := min(from+1, len(u)) - len(w); i >= 0 && i > from-count; i-- {
			if equalUnits(u[i:i+len(w)], w) {
				return i
			}
		}
		return -1
	}
	for i := from; i+len(w) <= min(len(u), from+count); i++ {
		if equalUnits(u[i:i+len(w)], w) {
			return i
		}
	}
	return -1
}

func equalUnits(a, b []uint16) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// stringMethod is a method of a string; arguments have the types of its
// signature.
func (e *Env) stringMethod(s, name string, a []any) (v any, ok bool, err error) {
	n := object.Len(s)
	switch name {
	case "toupper", "toupperinvariant":
		return strings.ToUpper(s), true, nil
	case "tolower", "tolowerinvariant":
		return strings.ToLower(s), true, nil
	case "trim", "trimstart", "trimend":
		isBlank := unicode.IsSpace
		if len(a) > 0 {
			if set := chars(a[0]); set != "" {
				isBlank = func(r rune) bool { return strings.ContainsRune(set, r) }
			}
		}
		if name != "trimend" {
			s = strings.TrimLeftFunc(s, isBlank)
		}
		if name != "trimstart" {
			s = strings.TrimRightFunc(s, isBlank)
		}
		return s, true, nil
	case "substring":
		i := intOf(a[0])
		if len(a) == 1 {
			if i > n {
				return nil, true, outOfRange("startIndex", "startIndex cannot be larger than length of string.")
			}
			if i < 0 {
				return nil, true, outOfRange("startIndex", "StartIndex cannot be less than zero.")
			}
			return e.cut(s, i, n-i), true, nil
		}
		l := intOf(a[1])
		switch {
		case i < 0:
			return nil, true, outOfRange("startIndex", "StartIndex cannot be less than zero.")
		case i > n:
			return nil, true, outOfRange("startIndex", "startIndex cannot be larger than length of string.")
		case l < 0:
			return nil, true, outOfRange("length", "Length cannot be less than zero.")
		case i+l > n:
			return nil, true, outOfRange("length", "Index and length must refer to a location within the string.")
		}
		return e.cut(s, i, l), true, nil
	case "replace":
		old := textOf(a[0])
		if old == "" {
			return nil, true, object.Throw("System.ArgumentException", "The value cannot be an empty string. (Parameter 'oldValue')")
		}
		if len(a) > 2 && ignoring(a[2:]) {
			return replaceFold(s, old, textOf(a[1])), true, nil
		}
		return strings.ReplaceAll(s, old, textOf(a[1])), true, nil
	case "split":
		return e.splitString(s, a), true, nil
	case "contains":
		return strings.Contains(fold(s, ignoring(a)), fold(textOf(a[0]), ignoring(a))), true, nil
	case "startswith":
		return strings.HasPrefix(fold(s, ignoring(a)), fold(textOf(a[0]), ignoring(a))), true, nil
	case "endswith":
		return strings.HasSuffix(fold(s, ignoring(a)), fold(textOf(a[0]), ignoring(a))), true, nil
	case "indexof", "lastindexof":
		last := name == "lastindexof"
		from, count := 0, n
		if last {
			from = n - 1
		}
		nums := 0
		for _, x := range a[1:] {
			if i, ok := x.(int32); ok {
				if nums == 0 {
					from = int(i)
					if last {
						count = from + 1
					} else {
						count = n - from
					}
				} else {
					count = int(i)
				}
				nums++
			}
		}
		if from < 0 && !(last && n == 0) || from > n {
			return nil, true, outOfRange("startIndex", "Index was out of range. Must be non-negative and less than or equal to the size of the collection.")
		}
		w := textOf(a[0])
		if w == "" {
			if last {
				return int32(n), true, nil
			}
			return int32(from), true, nil
		}
		return int32(indexOf(s, w, from, count, last, ignoring(a[1:]))), true, nil
	case "indexofany", "lastindexofany":
		set := chars(a[0])
		u := object.Units(s)
		best := -1
		for i, c := range u {
			if strings.ContainsRune(set, rune(c)) {
				best = i
				if name == "indexofany" {
					break
				}
			}
		}
		return int32(best), true, nil
	case "padleft", "padright":
		w, fill := intOf(a[0]), " "
		if w < 0 {
			return nil, true, outOfRange("totalWidth", "Non-negative number required.")
		}
		if len(a) > 1 {
			fill = textOf(a[1])
		}
		pad := strings.Repeat(fill, max(0, w-n))
		if name == "padleft" {
			return pad + s, true, nil
		}
		return s + pad, true, nil
	case "insert":
		i := intOf(a[0])
		if i < 0 || i > n {
			return nil, true, outOfRange("startIndex", "Specified argument was out of the range of valid values.")
		}
		return e.cut(s, 0, i) + textOf(a[1]) + e.cut(s, i, n-i), true, nil
	case "remove":
		i := intOf(a[0])
		l := n - i
		if i < 0 {
			return nil, true, outOfRange("startIndex", "StartIndex cannot be less than zero.")
		}
		if len(a) > 1 {
			if l = intOf(a[1]); l < 0 {
				return nil, true, outOfRange("count", "Count cannot be less than zero.")
			}
			if i+l > n {
				return nil, true, outOfRange("count", "Index and count must refer to a location within the string.")
			}
		} else if i > n {
			return nil, true, outOfRange("startIndex", "startIndex must be less than length of string.")
		}
		return e.cut(s, 0, i) + e.cut(s, i+l, n-i-l), true, nil
	case "chars", "get_chars":
		i := intOf(a[0])
		u := object.Units(s)
		if i < 0 || i >= len(u) {
			return nil, true, object.Throw("System.IndexOutOfRangeException", "Index was outside the bounds of the array.")
		}
		return object.Char(u[i]), true, nil
	case "tochararray":
		u := object.Units(s)
		if len(a) == 2 {
			i, l := intOf(a[0]), intOf(a[1])
			if i < 0 || l < 0 || i+l > len(u) {
				return nil, true, outOfRange("startIndex", "Index was out of range. Must be non-negative and less than or equal to the size of the collection.")
			}
			u = u[i : i+l]
		}
		arr := &object.Array{Elem: object.CharType}
		for _, c := range u {
			arr.Items = append(arr.Items, object.Char(c))
		}
		return arr, true, nil
	case "compareto":
		return int32(operator.CompareText(s, textOf(a[0]), false)), true, nil
	case "equals":
		t, isText := object.Base(a[0]).(string)
		return isText && fold(s, ignoring(a[1:])) == fold(t, ignoring(a[1:])), true, nil
	case "isnormalized":
		return true, true, nil
	case "normalize", "clone", "tostring":
		return s, true, nil
	case "getenumerator":
		en := &enumerator{typ: object.MustType("System.CharEnumerator")}
		for _, c := range object.Units(s) {
			en.items = append(en.items, object.Char(c))
		}
		return en, true, nil
	case "gettypecode":
		return enum("System.TypeCode", 18), true, nil
	case "replacelineendings":
		nl := "\n"
		if len(a) > 0 {
			nl = textOf(a[0])
		}
		return strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"), "\n", nl), true, nil
	}
	return nil, false, nil
}

func (e *Env) cut(s string, i, n int) string {
	if object.IsASCII(s) {
		return s[i : i+n]
	}
	return units(object.Units(s)).slice(i, n)
}

func replaceFold(s, old, with string) string {
	l, o := strings.ToLower(s), strings.ToLower(old)
	var b strings.Builder
	for {
		i := strings.Index(l, o)
		if i < 0 {
			return b.String() + s
		}
		b.WriteString(s[:i] + with)
		s, l = s[i+len(o):], l[i+len(o):]
	}
}

func (e *Env) splitString(s string, a []any) any {
	var seps []string
	limit, opts := 0, int64(0)
	for i, x := range a {
		switch y := x.(type) {
		case object.Enum:
			opts = y.Value
		case int32:
			if i > 0 {
				limit = int(y)
			}
		case *object.Array:
			for _, z := range y.Items {
				seps = append(seps, textOf(z))
			}
		default:
			if x != nil {
				seps = append(seps, textOf(x))
			}
		}
	}
	if len(seps) == 0 {
		seps = []string{" ", "\t", "\n", "\r", "\v", "\f", "\u0085", "\u00a0"}
	}
	trim := func(p string) string {
		if opts&2 != 0 {
			return strings.TrimSpace(p)
		}
		return p
	}
	var out []string
	add := func(p string) {
		if p = trim(p); p != "" || opts&1 == 0 {
			out = append(out, p)
		}
	}
	rest := s
	for limit == 0 || len(out) < limit-1 {
		at, width := -1, 0
		for _, sep := range seps {
			if sep == "" {
				continue
			}
			if i := strings.Index(rest, sep); i >= 0 && (at < 0 || i < at) {
				at, width = i, len(sep)
			}
		}
		if at < 0 {
			break
		}
		add(rest[:at])
		rest = rest[at+width:]
	}
	add(rest)
	return object.Strings(out)
}

// formatted is ToString with a format.
func (e *Env) formatted(v any, a []any) (any, bool, error) {
	cul, spec := e.Culture, ""
	for _, x := range a {
		switch y := object.Base(x).(type) {
		case string:
			spec = y
		case *object.Object:
			if n, ok := y.Value("Name"); ok && n == "" {
				cul = culture.Invariant
			}
		}
	}
	s, msg := e.FormatValue(v, spec, cul)
	if msg != "" {
		return nil, true, object.Throw("System.FormatException", "%s", msg)
	}
	return s, true, nil
}

// enumerator is an IEnumerator over items.
type enumerator struct {
	typ   *object.Type
	items []any
	at    int
	begun bool
}

// NetType implements object.Typed.
func (en *enumerator) NetType() *object.Type { return en.typ }

// Items implements object.Enumerable.
func (en *enumerator) Items() []any { return en.items }

// GetMember implements Dynamic.
func (en *enumerator) GetMember(name string) (any, bool) {
	if strings.EqualFold(name, "Current") {
		if en.begun && en.at < len(en.items) {
			return en.items[en.at], true
		}
		return nil, true
	}
	if en.begun && en.at < len(en.items) {
		if d, ok := en.items[en.at].(object.Entry); ok {
			switch strings.ToLower(name) {
			case "key":
				return d.Key, true
			case "value":
				return d.Value, true
			}
		}
	}
	return nil, false
}

// CallMember implements Dynamic.
func (en *enumerator) CallMember(name string, _ []any) (any, bool, error) {
	switch strings.ToLower(name) {
	case "movenext":
		if en.begun {
			en.at++
		}
		en.begun = true
		return en.at < len(en.items), true, nil
	case "reset":
		en.at, en.begun = 0, false
		return Void{}, true, nil
	}
	return nil, false, nil
}
