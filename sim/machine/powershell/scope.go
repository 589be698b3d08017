package powershell

import (
	"strings"

	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/syntax"
)

// Variable is a variable: its value, and the type and tests that assignments
// obey.
type Variable struct {
	Name        string
	Value       any
	Type        *object.Type
	Validate    []Validator
	ReadOnly    bool
	Constant    bool
	Private     bool
	AllScope    bool
	Description string
	// get, if set, computes an automatic variable.
	get func() any
	set func(any) error
}

// Function is a function or a filter.
type Function struct {
	Name   string
	Block  *object.ScriptBlock
	Filter bool
	Module *module
	def    *syntax.FunctionDef
}

// Alias is an alias.
type Alias struct {
	Name, Target string
	ReadOnly     bool
	Description  string
}

type module struct {
	Name    string
	Version string
	Path    string
}

// scope holds the variables, functions and aliases of a function, a script or
// the session.
type scope struct {
	parent    *scope
	vars      map[string]*Variable
	functions map[string]*Function
	aliases   map[string]*Alias
	// script says that $script: means this one.
	script bool
	module *module
}

func newScope(parent *scope) *scope { return &scope{parent: parent, vars: map[string]*Variable{}} }

func (s *scope) find(key string) *Variable {
	for sc := s; sc != nil; sc = sc.parent {
		if v := sc.vars[key]; v != nil && (!v.Private || sc == s) {
			return v
		}
	}
	return nil
}

func (s *scope) root() *scope {
	for s.parent != nil {
		s = s.parent
	}
	return s
}

func (s *scope) scriptScope() *scope {
	for s.parent != nil && !s.script {
		s = s.parent
	}
	return s
}

// named returns the scope that a qualifier names.
func (s *scope) named(name string) *scope {
	switch name {
	case "global":
		return s.root()
	case "script":
		return s.scriptScope()
	}
	return s
}

// at returns the scope n levels up.
func (s *scope) at(n int) *scope {
	for ; n > 0 && s.parent != nil; n-- {
		s = s.parent
	}
	return s
}

func (s *scope) setLocal(name string, v any) *Variable {
	key := strings.ToLower(name)
	if old := s.vars[key]; old != nil {
		old.Value = v
		return old
	}
	n := &Variable{Name: name, Value: v}
	s.vars[key] = n
	return n
}

func (s *scope) function(name string) *Function {
	key := strings.ToLower(name)
	for sc := s; sc != nil; sc = sc.parent {
		if f := sc.functions[key]; f != nil {
			return f
		}
	}
	return nil
}

func (s *scope) alias(name string) *Alias {
	key := strings.ToLower(name)
	for sc := s; sc != nil; sc = sc.parent {
		if a := sc.aliases[key]; a != nil {
			return a
		}
	}
	return nil
}

func (s *scope) setFunction(f *Function) {
	if s.functions == nil {
		s.functions = map[string]*Function{}
	}
	s.functions[strings.ToLower(f.Name)] = f
}

func (s *scope) setAlias(a *Alias) {
	if s.aliases == nil {
		s.aliases = map[string]*Alias{}
	}
	s.aliases[strings.ToLower(a.Name)] = a
}
