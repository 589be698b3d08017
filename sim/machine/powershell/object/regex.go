package object

import (
	"skylab/sim/machine/powershell/regex"
)

// Regex is System.Text.RegularExpressions.Regex.
type Regex struct{ *regex.Regexp }

// NetType implements Typed.
func (*Regex) NetType() *Type { return RegexType }

// ToString returns the pattern.
func (r *Regex) ToString(*Context) string { return r.Pattern }

// CompileRegex compiles a pattern; the error is .NET's RegexParseException.
func CompileRegex(pattern string, opt regex.Options) (*Regex, *Error) {
	re, err := regex.Compile(pattern, opt)
	if err != nil {
		return nil, Throw("System.Text.RegularExpressions.RegexParseException", "%s", err)
	}
	return &Regex{re}, nil
}

// Match is System.Text.RegularExpressions.Match: a match, or what Match returns
// where there is none.
type Match struct {
	Regex *Regex
	M     *regex.Match // nil if there is none
}

// Group is System.Text.RegularExpressions.Group: a group's captures of a match.
// With Single set it is a Capture.
type Group struct {
	Text   *regex.Text
	Name   string
	Spans  []regex.Span
	Single bool
}

// GroupList is a GroupCollection, a MatchCollection or a CaptureCollection.
type GroupList struct {
	Type  *Type
	Match *Match // of groups
	List  []any
}

// NetType implements Typed.
func (*Match) NetType() *Type { return MustType("System.Text.RegularExpressions.Match") }

// ToString returns the text matched.
func (m *Match) ToString(*Context) string {
	if m.M == nil {
		return ""
	}
	return m.M.String()
}

// NetType implements Typed.
func (g *Group) NetType() *Type {
	if g.Single {
		return MustType("System.Text.RegularExpressions.Capture")
	}
	return MustType("System.Text.RegularExpressions.Group")
}

// Last returns the place of the last capture.
func (g *Group) Last() (s regex.Span, ok bool) {
	if len(g.Spans) == 0 {
		return s, false
	}
	return g.Spans[len(g.Spans)-1], true
}

// ToString returns the text captured.
func (g *Group) ToString(*Context) string {
	s, ok := g.Last()
	if !ok {
		return ""
	}
	return g.Text.Slice(s.Start, s.End)
}

// NetType implements Typed.
func (l *GroupList) NetType() *Type { return l.Type }

// Items implements Enumerable.
func (l *GroupList) Items() []any { return l.List }

// Groups returns the groups of a match, group 0 first.
func (m *Match) Groups() []*Group {
	_, names := m.Regex.Groups()
	if m.M == nil {
		names = names[:1] // a failed match has the whole only
	}
	out := make([]*Group, len(names))
	for i, n := range names {
		out[i] = &Group{Name: n}
		if m.M != nil {
			out[i].Text, out[i].Spans = m.M.Text, m.M.Groups[i]
		}
	}
	return out
}
