package operator

import (
	"fmt"
	"strings"
	"unicode"

	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/regex"
)

func (e *Env) like(l, r any, ignoreCase, negated bool) (any, error) {
	pattern := e.String(r)
	w, ok := object.NewWildcard(pattern, ignoreCase)
	if !ok {
		return nil, &object.Error{Type: object.MustType("System.Management.Automation.WildcardPatternException"), ID: "RuntimeException", Message: "The specified wildcard character pattern is not valid: " + pattern}
	}
	if items, many := object.Items(l); many {
		texts := object.NewArray()
		for _, x := range items {
			texts.Items = append(texts.Items, e.String(x))
		}
		l = texts
	}
	return e.filter(l, func(x any) (bool, error) { return w.Match(e.String(x)) != negated, nil })
}

// regexOperand returns the right side of -match and its like.
func (e *Env) regexOperand(r any, ignoreCase bool) (*object.Regex, *object.Error) {
	if re, ok := object.Base(r).(*object.Regex); ok {
		return re, nil
	}
	opt := regex.Options(0)
	if ignoreCase {
		opt = regex.IgnoreCase
	}
	return e.Regex(e.String(r), opt)
}

func tooLong(re *object.Regex) error {
	return object.Throw("System.Text.RegularExpressions.RegexMatchTimeoutException", "The Regex engine has timed out while trying to match a pattern to an input string. This can occur for many reasons, including very large inputs or excessive backtracking caused by nested quantifiers, back-references and other factors.")
}

func (e *Env) match(l, r any, ignoreCase, negated bool) (any, error) {
	re, bad := e.regexOperand(r, ignoreCase)
	if bad != nil {
		return nil, bad
	}
	if _, many := object.Items(l); many {
		return e.filter(l, func(x any) (bool, error) {
			m, err := re.Find(regex.NewText(e.String(x)), 0)
			if err != nil {
				return false, tooLong(re)
			}
			return (m != nil) != negated, nil
		})
	}
	m, err := re.Find(regex.NewText(e.String(l)), 0)
	if err != nil {
		return nil, tooLong(re)
	}
	if m != nil && e.Matches != nil {
		h := object.NewHashtable()
		_, names := re.Groups()
		nums, _ := re.Groups()
		for i := range names {
			if s, ok := m.Group(i); ok {
				if names[i] == fmt.Sprint(nums[i]) {
					h.Set(int32(nums[i]), s)
				} else {
					h.Set(names[i], s)
				}
			}
		}
		e.Matches(h)
	}
	return (m != nil) != negated, nil
}

func (e *Env) replace(l, r any, ignoreCase bool) (any, error) {
	var pattern, with any = r, ""
	if items, many := object.Items(r); many {
		if len(items) > 2 {
			return nil, object.Fail("BadReplaceArgument", "The %s operator allows only two elements to follow it, not %d.", map[bool]string{true: "-replace", false: "-creplace"}[ignoreCase], len(items))
		}
		pattern = nil
		if len(items) > 0 {
			pattern = items[0]
		}
		if len(items) > 1 {
			with = items[1]
		}
	}
	re, bad := e.regexOperand(pattern, ignoreCase)
	if bad != nil {
		f := object.Fail("InvalidRegularExpression", "The regular expression pattern %s is not valid.", e.String(pattern))
		f.Target = e.String(pattern)
		f.Inner = bad
		return nil, f
	}
	one := func(x any) (string, error) {
		s := e.String(x)
		if sb, ok := object.Base(with).(*object.ScriptBlock); ok && e.Invoke != nil {
			out, err := re.ReplaceFunc(s, -1, func(m *regex.Match) (string, error) {
				mo := &object.Match{Regex: re, M: m}
				v, err := e.Invoke(sb, mo, []any{mo})
				return e.String(v), err
			})
			return out, err
		}
		out, err := re.Replace(s, e.String(with))
		if err != nil {
			return "", tooLong(re)
		}
		return out, nil
	}
	items, many := object.Items(l)
	if !many {
		return one(l)
	}
	out := object.NewArray()
	for _, x := range items {
		s, err := one(x)
		if err != nil {
			return nil, err
		}
		out.Items = append(out.Items, s)
	}
	return out, nil
}

func (e *Env) texts(v any) []string {
	items, many := object.Items(v)
	if !many {
		return []string{e.String(v)}
	}
	var out []string
	for _, x := range items {
		out = append(out, e.String(x))
	}
	return out
}

func (e *Env) splitBlanks(v any) (any, error) {
	var out []string
	for _, s := range e.texts(v) {
		f := strings.FieldsFunc(s, unicode.IsSpace)
		if len(f) == 0 {
			f = []string{""}
		}
		out = append(out, f...)
	}
	return object.Strings(out), nil
}

const (
	simpleMatch = 1
	regexMatch  = 2
)

func (e *Env) split(l, r any, ignoreCase bool) (any, error) {
	args, many := object.Items(r)
	if !many {
		args = []any{r}
	}
	if len(args) == 0 {
		return nil, object.Fail("BadOperatorArgument", "The argument to operator '-split' is not valid: %s.", e.Display(r))
	}
	limit, opts := 0, int64(0)
	if len(args) > 1 {
		n, err := e.Convert(args[1], object.Int32Type)
		if err != nil {
			return nil, object.Fail("RuntimeException", "%s", err)
		}
		limit = int(n.(int32))
	}
	if len(args) > 2 && args[2] != nil {
		o, err := e.Convert(args[2], object.MustType("System.Management.Automation.SplitOptions"))
		if err != nil {
			if i, _, ok := object.Integer(args[2]); ok {
				o = object.Enum{Value: i}
			} else {
				return nil, err
			}
		}
		opts = o.(object.Enum).Value
		if opts&simpleMatch != 0 && opts&^(simpleMatch|64) != 0 {
			return nil, object.Fail("InvalidSplitOptionCombination", "The combination of options with the -split operator is not valid.")
		}
	}
	texts := e.texts(l)
	if sb, ok := object.Base(args[0]).(*object.ScriptBlock); ok {
		return e.splitBy(texts, limit, sb)
	}
	pattern := e.String(args[0])
	opt := regex.Options(0)
	switch {
	case opts&simpleMatch != 0:
		pattern = regex.Escape(pattern)
	case opts&8 != 0:
		opt |= regex.IgnoreBlanks
	}
	if opts&16 != 0 {
		opt |= regex.Multiline
	}
	if opts&32 != 0 {
		opt |= regex.Singleline
	}
	if opts&128 != 0 {
		opt |= regex.ExplicitOnly
	}
	if ignoreCase || opts&64 != 0 {
		opt |= regex.IgnoreCase
	}
	if limit < 0 {
		opt |= regex.RightToLeft
	}
	re, bad := e.Regex(pattern, opt)
	if bad != nil {
		return nil, bad
	}
	var out []string
	for _, s := range texts {
		parts, err := splitText(re, s, limit)
		if err != nil {
			return nil, tooLong(re)
		}
		out = append(out, parts...)
	}
	return object.Strings(out), nil
}

func splitText(re *object.Regex, s string, limit int) ([]string, error) {
	if limit >= 0 {
		return re.Split(s, limit)
	}
	// From the right: split backwards and turn the parts round.
	t := regex.NewText(s)
	var rev []string
	at, n := t.Len(), 1
	err := re.All(t, func(m *regex.Match) bool {
		if n >= -limit {
			return false
		}
		n++
		sp := m.Span()
		rev = append(rev, t.Slice(sp.End, at))
		for g := len(m.Groups) - 1; g > 0; g-- {
			if c, ok := m.Group(g); ok {
				rev = append(rev, c)
			}
		}
		at = sp.Start
		return true
	})
	rev = append(rev, t.Slice(0, at))
	out := make([]string, len(rev))
	for i, p := range rev {
		out[len(rev)-1-i] = p
	}
	return out, err
}

// splitBy splits where a script block says so of a character.
func (e *Env) splitBy(texts []string, limit int, sb *object.ScriptBlock) (any, error) {
	var out []string
	for _, s := range texts {
		u := object.Units(s)
		from, n := 0, 1
		for i, c := range u {
			if limit > 0 && n >= limit {
				break
			}
			v, err := e.Invoke(sb, object.Char(c).String(), []any{s, int32(i)})
			if err != nil {
				return nil, err
			}
			if object.Truth(v) {
				out = append(out, object.FromUnits(u[from:i]))
				from = i + 1
				n++
			}
		}
		out = append(out, object.FromUnits(u[from:]))
	}
	return object.Strings(out), nil
}
