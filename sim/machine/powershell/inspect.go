package powershell

import (
	"context"
	"maps"
	"slices"
	"strings"
)

// CommandNames returns the names of the cmdlets, functions and aliases that
// there are, sorted.
func (s *Session) CommandNames() []string {
	names := map[string]bool{}
	for _, c := range s.cmds {
		names[c.Name] = true
	}
	for _, f := range s.global.functions {
		names[f.Name] = true
	}
	for _, a := range s.global.aliases {
		names[a.Name] = true
	}
	return slices.SortedFunc(maps.Keys(names), func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
}

// Parameters returns the parameters of a command, by its name or an alias, and
// the common ones that it takes too.
func (s *Session) Parameters(name string) (list []*Param, common []string, ok bool) {
	c := &ctx{s: s, go_: context.Background(), scope: s.global, caught: true}
	f, ok := c.lookup(name)
	b := &binder{}
	switch {
	case !ok:
		return nil, nil, false
	case f.cmdlet != nil:
		cm := f.cmdlet.ready()
		b.params, b.advanced, b.supportsShouldProcess = cm.Params, true, cm.ShouldProcess
	case f.fn != nil:
		params, meta, err := c.declared(f.fn.Block.Body, f.fn)
		if err != nil {
			return nil, nil, false
		}
		b.params, b.advanced, b.supportsShouldProcess = params, meta.advanced, meta.shouldProcess
	}
	for i, cp := range commonParams {
		if b.hasCommon(i) && !(s.Old() && cp.name == "ProgressAction") {
			common = append(common, cp.name)
		}
	}
	return b.params, common, true
}

// VariableNames returns the names of the global variables, sorted.
func (s *Session) VariableNames() (names []string) {
	for _, v := range s.global.vars {
		names = append(names, v.Name)
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return names
}

// Peek returns the value of a text that only reads (variables, properties,
// elements by constant index, types), and whether it is one and has a value.
// Nothing that scripts can see changes.
func (s *Session) Peek(text string) (any, bool) {
	if !strings.HasPrefix(text, "$") && !strings.HasPrefix(text, "[") || strings.ContainsAny(text, "({;|&=+-\n`") {
		return nil, false
	}
	success, code, errors := s.success, s.exitCode, len(s.errors.Items)
	out, err := s.Values(context.Background(), ",("+text+")")
	s.success, s.exitCode = success, code
	s.errors.Items = s.errors.Items[max(0, len(s.errors.Items)-errors):]
	if err != nil || len(out) != 1 {
		return nil, false
	}
	return out[0], true
}

// CommandOf returns the name of the command that a name or an alias calls; ""
// if there is none.
func (s *Session) CommandOf(name string) string {
	c := &ctx{s: s, scope: s.global}
	f, ok := c.lookup(name)
	switch {
	case ok && f.cmdlet != nil:
		return f.cmdlet.Name
	case ok && f.fn != nil:
		return f.fn.Name
	}
	return ""
}
