package member

import (
	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/regex"
)

func regexProperty(b any, name string) (any, bool, error) {
	switch x := b.(type) {
	case *object.Regex:
		switch name {
		case "options":
			return enum("System.Text.RegularExpressions.RegexOptions", int64(x.Options)), true, nil
		case "righttoleft":
			return x.Options&regex.RightToLeft != 0, true, nil
		}
	case *object.Match:
		switch name {
		case "success":
			return x.M != nil, true, nil
		case "groups":
			return groupsOf(x), true, nil
		}
		return regexProperty(x.Groups()[0], name)
	case *object.Group:
		s, ok := x.Last()
		switch name {
		case "success":
			return ok, !x.Single, nil
		case "name":
			return x.Name, !x.Single, nil
		case "index":
			return int32(s.Start), true, nil
		case "length":
			return int32(s.End - s.Start), true, nil
		case "value":
			return x.ToString(nil), true, nil
		case "captures":
			l := &object.GroupList{Type: object.MustType("System.Text.RegularExpressions.CaptureCollection")}
			for _, sp := range x.Spans {
				l.List = append(l.List, &object.Group{Text: x.Text, Name: x.Name, Spans: []regex.Span{sp}, Single: true})
			}
			return l, true, nil
		}
	case *object.GroupList:
		switch name {
		case "count":
			return int32(len(x.List)), true, nil
		case "keys":
			var names []string
			for _, g := range x.List {
				if gr, ok := g.(*object.Group); ok {
					names = append(names, gr.Name)
				}
			}
			return object.Strings(names), true, nil
		}
	}
	return nil, false, nil
}

func groupsOf(m *object.Match) *object.GroupList {
	l := &object.GroupList{Type: object.MustType("System.Text.RegularExpressions.GroupCollection"), Match: m}
	for i, g := range m.Groups() {
		if i == 0 {
			l.List = append(l.List, g)
			continue
		}
		l.List = append(l.List, g)
	}
	return l
}

func timedOut() error {
	return object.Throw("System.Text.RegularExpressions.RegexMatchTimeoutException", "The Regex engine has timed out while trying to match a pattern to an input string. This can occur for many reasons, including very large inputs or excessive backtracking caused by nested quantifiers, back-references and other factors.")
}

// regexMethod is a method of a Regex or of what it found.
func (e *Env) regexMethod(b any, name string, a []any) (any, bool, error) {
	switch x := b.(type) {
	case *object.Match:
		switch name {
		case "nextmatch":
			if x.M == nil {
				return x, true, nil
			}
			m, err := x.Regex.Next(x.M)
			if err != nil {
				return nil, true, timedOut()
			}
			return &object.Match{Regex: x.Regex, M: m}, true, nil
		case "result":
			return x.M.Expand(textOf(a[0])), true, nil
		}
	case *object.GroupList:
		if name == "item" || name == "get_item" {
			return e.groupItem(x, a[0]), true, nil
		}
	case *object.Regex:
		return e.regexCall(x, name, a)
	}
	return nil, false, nil
}

func (e *Env) groupItem(l *object.GroupList, key any) any {
	if n, _, ok := object.Integer(object.Base(key)); ok {
		if n >= 0 && int(n) < len(l.List) {
			return l.List[n]
		}
	} else {
		name := e.String(key)
		for _, g := range l.List {
			if gr, ok := g.(*object.Group); ok && gr.Name == name {
				return gr
			}
		}
	}
	if l.Match != nil {
		return &object.Group{Name: e.String(key)}
	}
	return nil
}

// regexCall runs a method of a compiled pattern; a[0] is the input.
func (e *Env) regexCall(re *object.Regex, name string, a []any) (any, bool, error) {
	text := func(i int) string {
		if i < len(a) {
			return e.String(a[i])
		}
		return ""
	}
	start := 0
	if len(a) > 1 {
		if n, ok := a[1].(int32); ok {
			start = int(n)
		}
	}
	if len(a) > 0 && a[0] == nil {
		switch name {
		case "match", "ismatch", "matches", "replace", "split":
			return nil, true, argumentNull("input")
		}
	}
	t := func() (*regex.Text, int) {
		x := regex.NewText(text(0))
		at := start
		if re.Options&regex.RightToLeft != 0 && len(a) < 2 {
			at = x.Len()
		}
		return x, min(at, x.Len())
	}
	switch name {
	case "match":
		x, at := t()
		m, err := re.Find(x, at)
		if err != nil {
			return nil, true, timedOut()
		}
		return &object.Match{Regex: re, M: m}, true, nil
	case "ismatch":
		x, at := t()
		m, err := re.Find(x, at)
		if err != nil {
			return nil, true, timedOut()
		}
		return m != nil, true, nil
	case "matches":
		l := &object.GroupList{Type: object.MustType("System.Text.RegularExpressions.MatchCollection")}
		x, at := t()
		m, err := re.Find(x, at)
		for m != nil && err == nil {
			l.List = append(l.List, &object.Match{Regex: re, M: m})
			m, err = re.Next(m)
		}
		if err != nil {
			return nil, true, timedOut()
		}
		return l, true, nil
	case "replace":
		count := -1
		if len(a) > 2 {
			if n, ok := a[2].(int32); ok {
				count = int(n)
			}
		}
		with := a[1]
		out, err := re.ReplaceFunc(text(0), count, func(m *regex.Match) (string, error) {
			sb, ok := object.Base(with).(*object.ScriptBlock)
			if d, isDelegate := object.Base(with).(*Delegate); isDelegate {
				sb, ok = d.Block, true
			}
			if ok && e.Ops.Invoke != nil {
				mo := &object.Match{Regex: re, M: m}
				v, err := e.Ops.Invoke(sb, mo, []any{mo})
				return e.String(v), err
			}
			return m.Expand(e.String(with)), nil
		})
		if err == regex.ErrSteps {
			err = timedOut()
		}
		return out, true, err
	case "split":
		limit := 0
		if len(a) > 1 {
			limit = intOf(a[1])
		}
		out, err := re.Split(text(0), limit)
		if err != nil {
			return nil, true, timedOut()
		}
		return object.Strings(out), true, nil
	case "getgroupnames":
		_, names := re.Groups()
		return object.Strings(names), true, nil
	case "getgroupnumbers":
		nums, _ := re.Groups()
		arr := &object.Array{Elem: object.Int32Type}
		for _, n := range nums {
			arr.Items = append(arr.Items, int32(n))
		}
		return arr, true, nil
	case "tostring":
		return re.Pattern, true, nil
	}
	return nil, false, nil
}

// staticRegex is a static method of Regex: the pattern is the second argument,
// options come last.
func (e *Env) staticRegex(name string, a []any) (any, bool, error) {
	switch name {
	case "escape":
		return regex.Escape(textOf(a[0])), true, nil
	case "unescape":
		re, err := object.CompileRegex(textOf(a[0]), 0)
		_ = re
		if err != nil {
			return nil, true, err
		}
		return unescapePattern(textOf(a[0])), true, nil
	case "match", "matches", "ismatch", "replace", "split":
	default:
		return nil, false, nil
	}
	opt := regex.Options(0)
	var rest []any
	for i, x := range a {
		if en, ok := x.(object.Enum); ok && i > 1 {
			opt = regex.Options(en.Value)
			continue
		}
		if i != 1 {
			rest = append(rest, x)
		}
	}
	if a[1] == nil {
		return nil, true, argumentNull("pattern")
	}
	re, bad := e.Ops.Regex(e.String(a[1]), opt)
	if bad != nil {
		return nil, true, bad
	}
	return e.regexCall(re, name, rest)
}

func unescapePattern(s string) string {
	var b []byte
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
			switch s[i] {
			case 'n':
				b = append(b, '\n')
				continue
			case 't':
				b = append(b, '\t')
				continue
			case 'r':
				b = append(b, '\r')
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}
