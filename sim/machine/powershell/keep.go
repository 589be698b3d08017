package powershell

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"skylab/sim/machine/powershell/datetime"
	"skylab/sim/machine/powershell/decimal"
	"skylab/sim/machine/powershell/graph"
	"skylab/sim/machine/powershell/member"
	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/operator"
	"skylab/sim/machine/powershell/regex"
	"skylab/sim/machine/powershell/syntax"
)

// kept is a session as plain data.
type kept struct {
	Global    *scope
	Env       map[string]string
	Errors    *object.List
	Dir       string
	Failed    bool // $? is false
	ExitCode  int
	Strict    int
	HistoryID int
	Modules   map[string]*module
	Classes   map[string]*object.Type
	// Namespaces are those of using namespace.
	Namespaces []string
	// Gone are the names of aliases that a session begins with and that were
	// removed.
	Gone []string
}

// keptScope is a scope without what is computed.
type keptScope struct {
	Parent    *scope
	Vars      []*Variable
	Functions map[string]*Function
	Aliases   map[string]*Alias
	Script    bool
	Module    *module
}

// place is a node of a source's tree, by its number in the order of the text.
type place struct {
	Source *syntax.Source
	N      int
}

type sourceText struct{ File, Text string }

// keptClass is a class: what it declares stands in its text, by number.
type keptClass struct {
	T       *object.Type
	Place   place
	Scope   *scope
	Statics map[string]any
	Props   []keptMember
	Methods []keptMember
}

// keptMember is a member of a class, by its number among those declared.
type keptMember struct {
	N        int
	T        *object.Type
	Validate []Validator
	Overload member.Overload
}

// MarshalState returns the session as JSON: variables, functions, aliases,
// modules, classes, $Error, the environment and the working directory. What is
// shared is shared again when it is restored. What cannot be kept is a [Lost]
// then.
func (s *Session) MarshalState() (json.RawMessage, error) {
	k := kept{Global: s.global, Env: s.env, Errors: s.errors, Dir: s.dir, Failed: !s.success, ExitCode: s.exitCode, Strict: s.strict, HistoryID: s.historyID, Modules: s.modules, Classes: s.classes, Namespaces: s.namespaces}
	for name := range s.initial.aliases {
		if s.global.aliases[name] == nil {
			k.Gone = append(k.Gone, name)
		}
	}
	data, err := s.kinds().Marshal(&k)
	if err != nil {
		return nil, fmt.Errorf("keep a PowerShell session: %w", err)
	}
	return data, nil
}

// UnmarshalState sets a new session to a kept state.
func (s *Session) UnmarshalState(data json.RawMessage) error {
	var k kept
	if err := s.kinds().Unmarshal(data, &k); err != nil {
		return fmt.Errorf("restore a PowerShell session: %w", err)
	}
	if k.Global == nil || k.Errors == nil {
		return fmt.Errorf("restore a PowerShell session: it has no variables")
	}
	old := s.global
	s.global = k.Global
	for name, v := range old.vars { // what is computed, and what it begins with
		if v.computed() || v.Constant || s.global.vars[name] == nil && s.initial.vars[name] {
			s.global.vars[name] = v
		}
	}
	for name, a := range s.initial.aliases {
		if s.global.aliases[name] == nil {
			s.global.setAlias(a)
		}
	}
	for _, name := range k.Gone {
		delete(s.global.aliases, name)
	}
	s.errors, s.dir, s.success, s.exitCode, s.strict, s.historyID = k.Errors, k.Dir, !k.Failed, k.ExitCode, k.Strict, k.HistoryID
	s.env, s.modules, s.classes, s.namespaces = k.Env, k.Modules, k.Classes, k.Namespaces
	if s.env == nil {
		s.env = map[string]string{}
	}
	if s.modules == nil {
		s.modules = map[string]*module{}
	}
	if s.classes == nil {
		s.classes = map[string]*object.Type{}
	}
	return nil
}

func (v *Variable) computed() bool { return v.get != nil || v.set != nil }

// initial is what a session begins with and need not be kept.
type initial struct {
	aliases map[string]*Alias
	vars    map[string]bool
}

// begun remembers what the session begins with.
func (s *Session) begun() {
	s.initial = initial{map[string]*Alias{}, map[string]bool{}}
	for name, a := range s.global.aliases {
		s.initial.aliases[name] = a
	}
	for name := range s.global.vars {
		s.initial.vars[name] = true
	}
}

// kinds are the types of what a session holds, and how those are kept that are
// not plain data.
func (s *Session) kinds() *graph.Kinds {
	k := graph.NewKinds(object.Kinds()...)
	k.Add(member.Kinds()...)
	k.Add(s.cfg.Kinds...)
	k.Add(datetime.DateTime{}, datetime.Span(0), datetime.Offset{}, decimal.Decimal{}, (*regex.Match)(nil), (*regex.Text)(nil), (*Variable)(nil), (*Function)(nil), (*Alias)(nil), (*module)(nil), (*inputEnumerator)(nil), (*Lost)(nil), typeTarget{})
	k.Describe = describe
	k.Lost = func(what string) any { return &Lost{What: what} }
	self := func(pointer any, v any) {
		k.Keep(pointer, graph.Custom{Plain: "", Save: func(any) (any, bool) { return "", true }, Load: func(any) (any, error) { return v, nil }})
	}
	self((*Session)(nil), s)
	self((*object.Context)(nil), s.obj)
	self((*operator.Env)(nil), s.ops)
	self((*member.Env)(nil), s.mem)
	k.Keep((*Cmdlet)(nil), graph.Custom{Plain: "", Save: func(v any) (any, bool) { return v.(*Cmdlet).Name, true }, Load: func(v any) (any, error) {
		if c := s.cmds[strings.ToLower(v.(string))]; c != nil {
			return c, nil
		}
		return nil, fmt.Errorf("there is no cmdlet %v", v)
	}})
	k.Keep((*object.Type)(nil), graph.Custom{Plain: object.TypeName{}, Save: func(v any) (any, bool) { t := v.(*object.Type); return t.Naming(), t.Elem != nil || t.Known() }, Load: func(v any) (any, error) {
		if t := v.(object.TypeName).Type(); t != nil {
			return t, nil
		}
		return nil, fmt.Errorf("there is no type %s", v.(object.TypeName).Name)
	}})
	k.Keep((*object.Dict)(nil), graph.Custom{Plain: object.DictContent{}, Save: func(v any) (any, bool) { return v.(*object.Dict).Content(), true }, Into: func(p, v any) error { p.(*object.Dict).Fill(v.(object.DictContent)); return nil }})
	k.Keep((*object.Ref)(nil), graph.Custom{Plain: (*Variable)(nil), Save: func(v any) (any, bool) { va, ok := v.(*object.Ref).Var.(*Variable); return va, ok && !va.computed() }, Into: func(p, v any) error {
		if va, ok := v.(*Variable); ok && va != nil {
			*p.(*object.Ref) = *s.ref(va)
			return nil
		}
		return fmt.Errorf("a reference has no variable")
	}})
	k.Keep((*big.Int)(nil), graph.Custom{Plain: "", Save: func(v any) (any, bool) { return v.(*big.Int).String(), true }, Load: func(v any) (any, error) {
		n, ok := new(big.Int).SetString(v.(string), 10)
		if !ok {
			return nil, fmt.Errorf("%v is no number", v)
		}
		return n, nil
	}})
	type pattern struct {
		Pattern string
		Options regex.Options
	}
	k.Keep((*regex.Regexp)(nil), graph.Custom{Plain: pattern{}, Save: func(v any) (any, bool) { r := v.(*regex.Regexp); return pattern{r.Pattern, r.Options}, true }, Load: func(v any) (any, error) {
		return regex.Compile(v.(pattern).Pattern, v.(pattern).Options)
	}})
	k.Keep((*scope)(nil), graph.Custom{Plain: keptScope{}, Save: func(v any) (any, bool) { return s.keepScope(v.(*scope)), true }, Into: func(p, v any) error { return fillScope(p.(*scope), v.(keptScope)) }})
	s.keepTrees(k)
	return k
}

func (s *Session) keepScope(sc *scope) keptScope {
	k := keptScope{Parent: sc.parent, Functions: sc.functions, Aliases: sc.aliases, Script: sc.script, Module: sc.module}
	for _, name := range slices.Sorted(maps.Keys(sc.vars)) {
		v := sc.vars[name]
		if v.computed() || sc == s.global && v.Constant && s.initial.vars[name] {
			continue
		}
		k.Vars = append(k.Vars, v)
	}
	if sc == s.global {
		k.Aliases = map[string]*Alias{}
		for name, a := range sc.aliases {
			if s.initial.aliases[name] != a {
				k.Aliases[name] = a
			}
		}
	}
	return k
}

func fillScope(sc *scope, k keptScope) error {
	*sc = scope{parent: k.Parent, vars: map[string]*Variable{}, functions: k.Functions, aliases: k.Aliases, script: k.Script, module: k.Module}
	for _, v := range k.Vars {
		if v == nil {
			return fmt.Errorf("a variable is missing")
		}
		sc.vars[strings.ToLower(v.Name)] = v
	}
	return nil
}

// keepTrees keeps pieces of code as places of their texts.
func (s *Session) keepTrees(k *graph.Kinds) {
	numbers, trees := map[*syntax.Source]map[syntax.Node]int{}, map[*syntax.Source][]syntax.Node{}
	walk := func(src *syntax.Source) []syntax.Node {
		if list, ok := trees[src]; ok || src.Root == nil {
			return list
		}
		var list []syntax.Node
		syntax.Walk(src.Root, func(n syntax.Node, _ []syntax.Node) bool { list = append(list, n); return true })
		trees[src], numbers[src] = list, map[syntax.Node]int{}
		for i, n := range list {
			numbers[src][n] = i
		}
		return list
	}
	save := func(src *syntax.Source, n syntax.Node) (any, bool) {
		walk(src)
		i, ok := numbers[src][n]
		return place{src, i}, ok
	}
	k.Keep((*syntax.Source)(nil), graph.Custom{Plain: sourceText{}, Save: func(v any) (any, bool) { src := v.(*syntax.Source); return sourceText{src.File, src.Text}, true }, Load: func(v any) (any, error) {
		src := syntax.NewSource(v.(sourceText).File, v.(sourceText).Text)
		_, _ = syntax.Parse(src, syntax.Options{V5: s.Old()})
		return src, nil
	}})
	load := func(v any) (syntax.Node, error) {
		p := v.(place)
		if p.Source == nil {
			return nil, fmt.Errorf("a piece of code has no text")
		}
		list := walk(p.Source)
		if p.N < 0 || p.N >= len(list) {
			return nil, fmt.Errorf("a piece of code is not in its text")
		}
		return list[p.N], nil
	}
	k.Keep((*syntax.ScriptBlock)(nil), graph.Custom{Plain: place{}, Save: func(v any) (any, bool) { b := v.(*syntax.ScriptBlock); return save(b.Source, b) }, Load: func(v any) (any, error) {
		n, err := load(v)
		if b, ok := n.(*syntax.ScriptBlock); ok {
			return b, nil
		}
		return nil, fmt.Errorf("a script block is not in its text: %w", err)
	}})
	k.Keep((*syntax.FunctionDef)(nil), graph.Custom{Plain: place{}, Save: func(v any) (any, bool) { f := v.(*syntax.FunctionDef); return save(f.Body.Source, f) }, Load: func(v any) (any, error) {
		n, err := load(v)
		if f, ok := n.(*syntax.FunctionDef); ok {
			return f, nil
		}
		return nil, fmt.Errorf("a function is not in its text: %w", err)
	}})
	k.Keep((*class)(nil), graph.Custom{Plain: keptClass{}, Save: func(v any) (any, bool) {
		cl := v.(*class)
		at, ok := save(cl.src, cl.def)
		if !ok {
			return nil, false
		}
		return cl.keep(at.(place)), true
	}, Into: func(p, v any) error {
		n, err := load(v.(keptClass).Place)
		if def, ok := n.(*syntax.TypeDef); ok {
			return p.(*class).fill(s, v.(keptClass), def)
		}
		return fmt.Errorf("a class is not in its text: %w", err)
	}})
}

// keep returns the class as plain data; at is the place of its definition.
func (cl *class) keep(at place) keptClass {
	k := keptClass{T: cl.t, Place: at, Scope: cl.scope, Statics: cl.statics}
	for _, p := range cl.props {
		k.Props = append(k.Props, keptMember{N: slices.Index(cl.def.Members, p.def), T: p.t, Validate: p.validate})
	}
	for _, m := range cl.methods {
		k.Methods = append(k.Methods, keptMember{N: slices.Index(cl.def.Members, m.def), T: m.result, Overload: m.overload})
	}
	return k
}

// fill makes the class what was kept.
func (cl *class) fill(s *Session, k keptClass, def *syntax.TypeDef) error {
	*cl = class{s: s, t: k.T, def: def, src: k.Place.Source, scope: k.Scope, statics: k.Statics}
	if cl.statics == nil {
		cl.statics = map[string]any{}
	}
	for _, list := range [][]keptMember{k.Props, k.Methods} {
		for _, x := range list {
			if x.N < 0 || x.N >= len(def.Members) || cl.t == nil {
				return fmt.Errorf("a class is not in its text")
			}
		}
	}
	for _, x := range k.Props {
		cl.props = append(cl.props, &classProperty{def: def.Members[x.N], t: x.T, validate: x.Validate})
	}
	for _, x := range k.Methods {
		if def.Members[x.N].Method == nil {
			return fmt.Errorf("a method is not in its text")
		}
		cl.methods = append(cl.methods, &classMethod{def: def.Members[x.N], overload: x.Overload, result: x.T})
	}
	return nil
}

// Lost stands for a value that could not be kept when the session was saved.
type Lost struct{ What string }

// NetType implements object.Typed.
func (*Lost) NetType() *object.Type { return object.ObjectType }

// sentence says what is lost.
func (l *Lost) sentence() string {
	return "skylab: " + l.What + " was here; it is not kept when a lab is saved, undone or loaded again"
}

// ToString implements object.Textual.
func (l *Lost) ToString(*object.Context) string { return l.sentence() }

// Unusable is the error of asking for any member.
func (l *Lost) Unusable() error { return object.Fail("NotKept", "%s", l.sentence()) }

// GetMember implements member.Dynamic.
func (l *Lost) GetMember(string) (any, bool) { return nil, false }

// CallMember implements member.Dynamic.
func (l *Lost) CallMember(string, []any) (v any, found bool, err error) {
	return nil, true, l.Unusable()
}

// describe names what cannot be kept.
func describe(v any) string {
	switch x := v.(type) {
	case *object.Ref:
		return "a reference to a variable"
	case object.Typed:
		return "a " + x.NetType().FullName()
	}
	return "a value"
}

// Texts returns the global variables that were set since the session began and
// that hold a string, by their names as given.
func (s *Session) Texts() map[string]string {
	out := map[string]string{}
	for key, v := range s.global.vars {
		if s.initial.vars[key] || v.computed() {
			continue
		}
		if text, ok := object.Base(v.Value).(string); ok {
			out[v.Name] = text
		}
	}
	return out
}
