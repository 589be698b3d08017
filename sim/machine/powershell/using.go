package powershell

import (
	"slices"
	"strings"

	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/syntax"
)

// prepare does what comes before a script's first statement: its using
// statements, and the types that it defines.
func (c *ctx) prepare(tree *syntax.ScriptBlock) error {
	for _, u := range tree.Using {
		if err := c.using(u); err != nil {
			return c.positioned(err, u.Span)
		}
	}
	if tree.End == nil {
		return nil
	}
	var defs []*syntax.TypeDef
	for _, st := range tree.End.Statements {
		if d, ok := st.(*syntax.TypeDef); ok {
			defs = append(defs, d)
		}
	}
	if len(defs) == 0 {
		return nil
	}
	c.hoisted = map[*syntax.TypeDef]bool{}
	for _, d := range defs {
		c.hoisted[d] = true
	}
	return c.declareTypes(defs)
}

// using does a using statement. Namespaces stay for the session, as they do at
// a prompt.
func (c *ctx) using(u *syntax.UsingStatement) error {
	if u.Kind != syntax.Namespace {
		return object.Fail("NotSimulated", "skylab: using %s is real but not simulated here", strings.ToLower(u.Kind.String()))
	}
	if !slices.ContainsFunc(c.s.namespaces, func(n string) bool { return strings.EqualFold(n, u.Name) }) {
		c.s.namespaces = append(c.s.namespaces, u.Name)
	}
	return nil
}

// typeNamedHere finds a type by a script's classes and by the namespaces in use.
func (s *Session) typeNamedHere(name string) *object.Type {
	if t := s.classes[object.Fold(name)]; t != nil {
		return t
	}
	if strings.Contains(name, ".") {
		return nil
	}
	for _, n := range s.namespaces {
		if t := object.TypeByName(n+"."+name, nil); t != nil {
			return t
		}
	}
	return nil
}
