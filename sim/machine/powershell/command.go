package powershell

import (
	"context"
	"maps"
	"slices"

	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/syntax"
)

// Cmdlet is a command made in Go, declared as data. Binding, help and
// completion come from Params; the functions do the work. Any of them may be
// nil. Process runs once per object of the pipeline, or once if nothing is piped
// in.
type Cmdlet struct {
	Name       string
	Module     string
	DefaultSet string
	// Sets are the parameter sets' names in order; nil for a single one.
	Sets    []string
	Params  []*Param
	Aliases []string
	// Class is the .NET class that error ids name after a comma.
	Class               string
	ShouldProcess       bool
	Begin, Process, End func(*Invocation) error
	// Load, if set, fills in Params before the command is first used.
	Load   func(*Cmdlet)
	loaded bool
}

func (c *Cmdlet) ready() *Cmdlet {
	if !c.loaded {
		c.loaded = true
		if c.Load != nil {
			c.Load(c)
		}
	}
	return c
}

// Param is a parameter of a cmdlet or a function.
type Param struct {
	Name    string
	Type    *object.Type // nil is object
	Aliases []string
	// In says what it is in each parameter set; the key "" is all sets.
	In       map[string]ParamIn
	Validate []Validator
	// AllowNull and the like lift what is forbidden of a mandatory parameter.
	AllowNull, AllowEmpty, AllowEmptyList bool
	// Default is a function's default value.
	Default syntax.Expr
	// decl is where a function declares it.
	decl *syntax.ParamDecl
	// Transform are a function's type constraints, outermost last.
	types    []*object.Type
	Wildcard bool
	Help     string
}

// remaining reports whether it takes what is left over.
func (p *Param) remaining() bool {
	for _, in := range p.In {
		if in.Remaining {
			return true
		}
	}
	return false
}

// ParamIn is what a parameter is in one set.
type ParamIn struct {
	Mandatory bool
	// Position from 0, -1 if it must be named.
	Position  int
	Pipeline  bool // takes the object piped in
	ByName    bool // takes the property of its name
	Remaining bool // takes what is left
}

// Validator is a Validate attribute: its name and arguments.
type Validator struct {
	Name string // "validateset"
	Args []any
	// Message is ErrorMessage, "" for the usual one.
	Message string
	Exact   bool // IgnoreCase = $false
}

// Invocation is a cmdlet that runs. Its methods are for the functions of Cmdlet.
type Invocation struct {
	Cmdlet *Cmdlet
	// State is the cmdlet's own, from Begin to End.
	State any
	// Set is the parameter set that was chosen.
	Set string
	// Piped says that objects are piped in, Input is the present one.
	Piped bool
	Input any

	c     *ctx
	call  *call
	bound map[string]any
}

// Session returns the session it runs in.
func (i *Invocation) Session() *Session { return i.c.s }

// Has reports whether a parameter was given.
func (i *Invocation) Has(name string) bool { _, ok := i.bound[object.Fold(name)]; return ok }

// Value returns a parameter's value, nil if it was not given.
func (i *Invocation) Value(name string) any { return i.bound[object.Fold(name)] }

// Text returns a parameter as a string.
func (i *Invocation) Text(name string) string { return i.c.s.obj.String(i.Value(name)) }

// Switch reports whether a switch is on.
func (i *Invocation) Switch(name string) bool { return object.Truth(i.Value(name)) }

// Int returns a parameter as an int, or def.
func (i *Invocation) Int(name string, def int) int {
	v := i.Value(name)
	if v == nil {
		return def
	}
	if n, _, ok := object.Integer(object.Base(v)); ok {
		return int(n)
	}
	return def
}

// List returns a parameter's values.
func (i *Invocation) List(name string) []any {
	v := i.Value(name)
	if items, ok := object.Items(v); ok {
		return items
	}
	if v == nil {
		return nil
	}
	return []any{v}
}

// Texts returns a parameter's values as strings.
func (i *Invocation) Texts(name string) (out []string) {
	for _, v := range i.List(name) {
		out = append(out, i.c.s.obj.String(v))
	}
	return out
}

// Write writes one object to the pipeline, as it is.
func (i *Invocation) Write(v any) error { return i.call.write(v) }

// WriteEach writes what a value is taken apart into.
func (i *Invocation) WriteEach(v any) error { return enumerate(v, i.call.write) }

// Run runs a script block with $_ and arguments; its output goes to out.
func (i *Invocation) Run(sb *object.ScriptBlock, dollar any, out Sink, args ...any) error {
	return i.c.runBlock(sb, blockArgs{dollar: dollar, hasDollar: true, args: args, out: out, inline: true})
}

// Values runs a script block and returns what it wrote.
func (i *Invocation) Values(sb *object.ScriptBlock, dollar any, args ...any) ([]any, error) {
	var out []any
	err := i.Run(sb, dollar, func(v any) error { out = append(out, v); return nil }, args...)
	return out, err
}

// Property returns a property of an object as "." does.
func (i *Invocation) Property(v any, name string) (any, error) { return i.c.property(v, name) }

// ErrorRecord makes a record for WriteError or to return as a terminating error.
// The id gets the cmdlet's class appended.
func (i *Invocation) ErrorRecord(e *object.Error, id, category string, target any) *Failure {
	f := *e
	f.ID, f.Category, f.Target = id, category, target
	if i.Cmdlet.Class != "" {
		f.ID += "," + i.Cmdlet.Class
	}
	return &Failure{Record: i.c.record(&f, i.call.span(), i.call), call: i.call}
}

// WriteError writes a record to the error stream and goes on, unless
// -ErrorAction says otherwise.
func (i *Invocation) WriteError(f *Failure) error { return i.call.writeError(f) }

// Warning, Verbose, Debug and Information write to those streams.
func (i *Invocation) Warning(text string) error { return i.c.stream(i.call, warningStream, text) }

// Verbose writes to the verbose stream.
func (i *Invocation) Verbose(text string) error { return i.c.stream(i.call, verboseStream, text) }

// Debug writes to the debug stream.
func (i *Invocation) Debug(text string) error { return i.c.stream(i.call, debugStream, text) }

// Information writes an information record; shown says that the host shows it.
func (i *Invocation) Information(record any) error {
	return i.c.information(i.call, record)
}

// StopUpstream ends the commands before this one, as Select-Object -First does.
func (i *Invocation) StopUpstream() error { return &stopUpstream{i.call} }

// Variable returns a variable that code at the command's place sees, nil if
// there is none. A scope is a name or a number of levels up; "" looks in all.
func (i *Invocation) Variable(name, scope string) *Variable {
	key := object.Fold(name)
	if scope == "" {
		return i.c.scope.find(key)
	}
	return i.scope(scope).vars[key]
}

func (i *Invocation) scope(name string) *scope {
	switch n := object.Fold(name); n {
	case "", "local":
		return i.c.scope
	case "0", "1", "2", "3", "4", "5", "6", "7", "8", "9":
		return i.c.scope.at(int(n[0] - '0'))
	default:
		return i.c.scope.named(n)
	}
}

// Variables returns the variables of a scope, or all that are seen.
func (i *Invocation) Variables(scope string) (list []*Variable) {
	if scope != "" {
		for _, v := range i.scope(scope).vars {
			list = append(list, v)
		}
		return list
	}
	seen := map[string]bool{}
	for sc := i.c.scope; sc != nil; sc = sc.parent {
		for k, v := range sc.vars {
			if !seen[k] {
				seen[k] = true
				list = append(list, v)
			}
		}
	}
	return list
}

// SetVariable sets a variable in a scope, as an assignment does.
func (i *Invocation) SetVariable(name, scope string, v any) error {
	sc := i.scope(scope)
	if old := sc.vars[object.Fold(name)]; old != nil {
		return i.c.set(old, v)
	}
	sc.vars[object.Fold(name)] = &Variable{Name: name, Value: v}
	return nil
}

// PutVariable puts a variable into a scope, whatever was there.
func (i *Invocation) PutVariable(v *Variable, scope string) {
	i.scope(scope).vars[object.Fold(v.Name)] = v
}

// RemoveVariable removes a variable of a scope.
func (i *Invocation) RemoveVariable(name, scope string) {
	delete(i.scope(scope).vars, object.Fold(name))
}

// Get returns the variable's value, computed if it is an automatic one.
func (v *Variable) Get() any {
	if v.get != nil {
		return v.get()
	}
	return v.Value
}

// Eval runs a text in the present scope; its output goes to the pipeline.
func (i *Invocation) Eval(text string) error {
	sb, err := i.c.s.parseBlock(text)
	if err != nil {
		return err
	}
	n := i.c.with(func(n *ctx) { n.src = sb.Body.Source; n.out = i.call.write })
	return n.script(sb.Body)
}

// Strict sets Set-StrictMode's version; 0 switches it off.
func (i *Invocation) Strict(version int) { i.c.s.strict = version }

// SetAlias defines an alias.
func (i *Invocation) SetAlias(a *Alias, scope string) { i.scope(scope).setAlias(a) }

// Aliases returns the aliases that are seen.
func (i *Invocation) Aliases() (list []*Alias) {
	seen := map[string]bool{}
	for sc := i.c.scope; sc != nil; sc = sc.parent {
		for k, a := range sc.aliases {
			if !seen[k] {
				seen[k] = true
				list = append(list, a)
			}
		}
	}
	return list
}

// Functions returns the functions that are seen.
func (i *Invocation) Functions() (list []*Function) {
	seen := map[string]bool{}
	for sc := i.c.scope; sc != nil; sc = sc.parent {
		for k, f := range sc.functions {
			if !seen[k] {
				seen[k] = true
				list = append(list, f)
			}
		}
	}
	return list
}

// Command returns the object that describes a command, nil if there is none.
func (i *Invocation) Command(name string) any {
	if a := i.c.scope.alias(name); a != nil {
		return i.c.s.aliasInfo(a)
	}
	f, ok := i.c.lookup(name)
	if !ok || f.cmdlet == nil && f.fn == nil {
		return nil
	}
	return i.c.s.commandInfo(f.cmdlet, f.fn)
}

// Formatter makes a formatter that writes elsewhere, as Out-String does.
func (i *Invocation) Formatter(width int, write func(string)) Formatter {
	s := i.c.s
	if s.cfg.Format == nil {
		return &plainFormat{s}
	}
	return s.cfg.Format(s, width, write)
}

// Default sends an object where the end of a pipeline does.
func (i *Invocation) Default(v any) error {
	if o, ok := v.(*object.Object); ok && o.Type == recordType {
		return i.c.s.format.Error(o)
	}
	return i.c.s.format.Object(v)
}

// Context is what ends when the command must stop.
func (i *Invocation) Context() context.Context { return i.c.go_ }

// RunScoped runs a script block in a scope of its own.
func (i *Invocation) RunScoped(sb *object.ScriptBlock, out Sink, args ...any) error {
	return i.c.runBlock(sb, blockArgs{args: args, out: out})
}

// WriteRecord writes a record that exists already.
func (i *Invocation) WriteRecord(r *object.Object) error {
	return i.call.writeError(&Failure{Record: r, call: i.call})
}

// WriteScriptError is Write-Error: the record is the script's own, and names the
// function that wrote it.
func (i *Invocation) WriteScriptError(e *object.Error, id, category string, target, action any) error {
	var by *call
	at := syntax.Span{}
	if f := i.c.call; f != nil && f.function() {
		by, at = f, f.span()
		if f.fn != nil {
			id += "," + f.name
		}
	}
	stop := i.call.actions[errorStream] == "Stop" || i.call.actions[errorStream] == "" && i.c.preference("erroractionpreference") == "Stop"
	if by == nil && stop {
		at = i.call.span()
	}
	r := i.c.newRecord(exception(e), id, category, target, at, by)
	set := func(of, name string, v any) {
		if x, _ := r.Value(of); x != nil {
			x.(*object.Object).SetProperty(name, v)
		}
	}
	r.SetProperty("ScriptStackTrace", i.c.stackTrace(i.call.span(), i.call))
	set("CategoryInfo", "Activity", "Write-Error")
	if by == nil && i.c.src != nil {
		// The script itself is what complains.
		sb := &object.ScriptBlock{Body: &syntax.ScriptBlock{Source: i.c.src, Span: syntax.Span{End: len(i.c.src.Text)}}}
		set("InvocationInfo", "MyCommand", i.c.s.scriptInfo(sb))
	}
	if e.Details != "" {
		d := &object.Object{Type: detailsType}
		d.SetProperty("Message", e.Details)
		d.SetProperty("RecommendedAction", action)
		d.SetText(e.Details)
		r.SetProperty("ErrorDetails", d)
	}
	return i.call.writeError(&Failure{Record: r, call: i.call})
}

// RemoveFunction removes the nearest function of a name.
func (i *Invocation) RemoveFunction(name string) {
	for sc := i.c.scope; sc != nil; sc = sc.parent {
		if _, ok := sc.functions[object.Fold(name)]; ok {
			delete(sc.functions, object.Fold(name))
			return
		}
	}
}

// RemoveAlias removes the nearest alias of a name.
func (i *Invocation) RemoveAlias(name string) {
	for sc := i.c.scope; sc != nil; sc = sc.parent {
		if _, ok := sc.aliases[object.Fold(name)]; ok {
			delete(sc.aliases, object.Fold(name))
			return
		}
	}
}

// Environ returns the names of the environment variables, sorted.
func (s *Session) Environ() []string { return slices.Sorted(maps.Keys(s.env)) }
