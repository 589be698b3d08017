package powershell

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"time"

	"skylab/sim/machine/powershell/datetime"
	"skylab/sim/machine/powershell/member"
	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/operator"
	"skylab/sim/machine/powershell/syntax"
)

// Session is a PowerShell at work: its variables, functions, drives and errors.
// It is not safe for use by several at once.
type Session struct {
	cfg       Config
	obj       *object.Context
	ops       *operator.Env
	mem       *member.Env
	cmds      map[string]*Cmdlet
	global    *scope
	env       map[string]string // by name as given
	errors    *object.List      // $Error
	dir       string
	success   bool // $?
	exitCode  int  // $LASTEXITCODE
	strict    int  // Set-StrictMode's version, 0 if off
	ticks     int
	historyID int
	modules   map[string]*module
	classes   map[string]*object.Type
	// namespaces are those of using namespace.
	namespaces []string
	initial    initial
	// active is where code runs just now, for members and conversions that call
	// back.
	active *ctx
	// invoking is where the method is called that is called just now.
	invoking syntax.Span
	// out is where the present command's text goes.
	format Formatter
	text   func(string)
	err    func(string) // gets errors; nil is text
	width  int
}

// New returns a session.
func New(cfg Config) *Session {
	s := &Session{cfg: cfg, cmds: map[string]*Cmdlet{}, env: map[string]string{}, dir: cfg.Dir, success: true, modules: map[string]*module{}, classes: map[string]*object.Type{}}
	s.obj = object.NewContext(cfg.culture())
	s.obj.V5 = cfg.Edition == Desktop
	s.obj.Now = s.now
	s.obj.Type = s.typeNamedHere
	s.obj.Parse = s.parseBlock
	s.obj.Call = func(sb *object.ScriptBlock, this any, args []any) (any, error) {
		var out []any
		err := s.active.runBlock(sb, blockArgs{this: this, args: args, out: func(v any) error { out = append(out, v); return nil }})
		return null(collected(out)), err
	}
	s.ops = operator.New(s.obj)
	s.ops.Matches = func(d *object.Dict) { s.active.scope.setLocal("Matches", d) }
	s.ops.Invoke = func(sb *object.ScriptBlock, dollar any, args []any) (any, error) {
		var out []any
		err := s.active.runBlock(sb, blockArgs{dollar: dollar, hasDollar: true, args: args, out: func(v any) error { out = append(out, v); return nil }})
		return null(collected(out)), err
	}
	s.ops.Method = func(v any, name string, static bool, args []any) (any, bool, error) {
		o := v.(*object.Object)
		cl, ok := o.Type.Class.(*class)
		switch {
		case !ok:
			return nil, false, nil
		case static:
			return cl.CallStatic(name, args)
		}
		return cl.CallOn(o, name, args)
	}
	s.mem = member.New(s.obj, s.ops)
	s.mem.Random = cfg.Random
	s.mem.Getenv = s.Getenv
	s.errors = &object.List{Type: object.ArrayListType}
	for _, c := range cfg.Commands {
		s.cmds[strings.ToLower(c.Name)] = c
	}
	for _, e := range cfg.Environ {
		if k, v, ok := strings.Cut(e, "="); ok {
			s.Setenv(k, v)
		}
	}
	s.globals()
	for _, c := range cfg.Commands {
		for _, a := range c.Aliases {
			s.global.setAlias(&Alias{Name: a, Target: c.Name})
		}
	}
	s.begun()
	return s
}

func (s *Session) now() int64 {
	t := time.Unix(0, 0)
	if s.cfg.Clock != nil {
		t = s.cfg.Clock.Now()
	}
	return datetime.FromUnix(t.Unix(), t.Nanosecond())
}

// globals sets the automatic and preference variables.
func (s *Session) globals() {
	s.global = newScope(nil)
	g := s.global
	g.script = true
	constant := func(name string, v any) {
		g.vars[strings.ToLower(name)] = &Variable{Name: name, Value: v, Constant: true, AllScope: true}
	}
	computed := func(name string, get func() any) {
		g.vars[strings.ToLower(name)] = &Variable{Name: name, get: get, AllScope: true, Constant: true}
	}
	constant("true", true)
	constant("false", false)
	g.vars["null"] = &Variable{Name: "null", AllScope: true, set: func(any) error { return nil }}
	computed("?", func() any { return s.success })
	g.setLocal("Error", s.errors)
	g.vars["lastexitcode"] = &Variable{Name: "LASTEXITCODE", get: func() any { return int32(s.exitCode) }, set: func(v any) error {
		n, err := s.obj.Convert(v, object.Int32Type)
		if err == nil {
			s.exitCode = int(n.(int32))
		}
		return nil
	}}
	pref := func(name, v string) {
		e, _ := object.EnumOf(actionType, v)
		g.vars[strings.ToLower(name)] = &Variable{Name: name, Value: e}
	}
	pref("ErrorActionPreference", "Continue")
	pref("WarningPreference", "Continue")
	pref("VerbosePreference", "SilentlyContinue")
	pref("DebugPreference", "SilentlyContinue")
	pref("InformationPreference", "SilentlyContinue")
	pref("ProgressPreference", "Continue")
	impact, _ := object.EnumOf(object.MustType("System.Management.Automation.ConfirmImpact"), "High")
	g.setLocal("ConfirmPreference", impact)
	g.setLocal("WhatIfPreference", false)
	g.setLocal("FormatEnumerationLimit", int32(4))
	g.setLocal("MaximumHistoryCount", int32(4096))
	g.setLocal("ErrorView", "ConciseView")
	g.setLocal("NestedPromptLevel", int32(0))
	g.setLocal("PSDefaultParameterValues", &object.Dict{Type: object.HashtableType})
	g.setLocal("PSNativeCommandUseErrorActionPreference", false)
	constant("HOME", s.cfg.Home)
	constant("PID", int32(4242))
	constant("ShellId", "Microsoft.PowerShell")
	core := s.cfg.Edition == Core
	if core {
		constant("IsWindows", s.cfg.Windows)
		constant("IsLinux", !s.cfg.Windows)
		constant("IsMacOS", false)
		constant("IsCoreCLR", true)
		constant("EnabledExperimentalFeatures", object.NewArray())
	}
	constant("PSEdition", map[bool]string{true: "Core", false: "Desktop"}[core])
	constant("PSVersionTable", s.versionTable())
	constant("PSCulture", "en-US")
	constant("PSUICulture", "en-US")
	g.vars["pwd"] = &Variable{Name: "PWD", AllScope: true, get: func() any { return s.pathInfo() }, set: func(any) error { return nil }}
}

func (s *Session) versionTable() *object.Dict {
	d := &object.Dict{Type: object.MustType("System.Management.Automation.PSVersionHashTable")}
	if s.cfg.Edition == Desktop {
		d.Set("PSVersion", &object.Version{Major: 5, Minor: 1, Build: 14393, Revision: 8422})
		d.Set("PSEdition", "Desktop")
		d.Set("PSCompatibleVersions", object.NewArray(&object.Version{Major: 1, Minor: 0, Build: -1, Revision: -1}))
		d.Set("BuildVersion", &object.Version{Major: 10, Minor: 0, Build: 14393, Revision: 8422})
		d.Set("CLRVersion", &object.Version{Major: 4, Minor: 0, Build: 30319, Revision: 42000})
		d.Set("WSManStackVersion", &object.Version{Major: 3, Minor: 0, Build: -1, Revision: -1})
		d.Set("PSRemotingProtocolVersion", &object.Version{Major: 2, Minor: 3, Build: -1, Revision: -1})
		d.Set("SerializationVersion", &object.Version{Major: 1, Minor: 1, Build: 0, Revision: 1})
		return d
	}
	sem := &object.Object{Type: object.MustType("System.Management.Automation.SemanticVersion")}
	sem.SetProperty("Major", int32(7))
	sem.SetProperty("Minor", int32(6))
	sem.SetProperty("Patch", int32(5))
	sem.SetProperty("PreReleaseLabel", nil)
	sem.SetProperty("BuildLabel", nil)
	sem.SetText("7.6.5")
	d.Set("PSVersion", sem)
	d.Set("PSEdition", "Core")
	d.Set("GitCommitId", "7.6.5")
	d.Set("OS", "Ubuntu 22.04.5 LTS")
	platform := "Unix"
	if s.cfg.Windows {
		platform = "Win32NT"
	}
	d.Set("Platform", platform)
	versions := object.NewArray()
	for _, v := range []string{"1.0", "2.0", "3.0", "4.0", "5.0", "5.1", "6.0", "7.0"} {
		x, _ := object.ParseVersion(v)
		versions.Items = append(versions.Items, x)
	}
	versions.Elem = object.VersionType
	d.Set("PSCompatibleVersions", versions)
	d.Set("PSRemotingProtocolVersion", &object.Version{Major: 2, Minor: 4, Build: -1, Revision: -1})
	d.Set("SerializationVersion", &object.Version{Major: 1, Minor: 1, Build: 0, Revision: 1})
	d.Set("WSManStackVersion", &object.Version{Major: 3, Minor: 0, Build: -1, Revision: -1})
	return d
}

// Config returns what the session was made with.
func (s *Session) Config() *Config { return &s.cfg }

// Objects returns the context of conversions and string forms.
func (s *Session) Objects() *object.Context { return s.obj }

// Operators returns the operators, for cmdlets that compare.
func (s *Session) Operators() *operator.Env { return s.ops }

// Members returns the members of values, for cmdlets and formatting.
func (s *Session) Members() *member.Env { return s.mem }

// Width is the width of what is shown, in columns.
func (s *Session) Width() int {
	if s.width == 0 {
		return 120
	}
	return s.width
}

// Columns is how many columns of the window are written to: 5.1 leaves the last
// one free, so that each line ends by itself.
func (s *Session) Columns() int {
	if s.Old() {
		return s.Width() - 1
	}
	return s.Width()
}

// Getenv returns an environment variable; on Windows case does not matter.
func (s *Session) Getenv(name string) (string, bool) {
	if v, ok := s.env[name]; ok {
		return v, true
	}
	if s.cfg.Windows {
		for k, v := range s.env {
			if strings.EqualFold(k, name) {
				return v, true
			}
		}
	}
	return "", false
}

// Setenv sets an environment variable.
func (s *Session) Setenv(name, value string) {
	if s.cfg.Windows {
		for k := range s.env {
			if strings.EqualFold(k, name) {
				name = k
			}
		}
	}
	s.env[name] = value
}

// Unsetenv removes an environment variable.
func (s *Session) Unsetenv(name string) {
	for k := range s.env {
		if k == name || s.cfg.Windows && strings.EqualFold(k, name) {
			delete(s.env, k)
		}
	}
}

// Variable returns a variable's value as code at the prompt sees it.
func (s *Session) Variable(name string) (any, bool) {
	sc := s.global
	if s.active != nil {
		sc = s.active.scope
	}
	v := sc.find(strings.ToLower(name))
	if v == nil {
		return nil, false
	}
	if v.get != nil {
		return v.get(), true
	}
	return v.Value, true
}

func (s *Session) ellipsis() string {
	if s.cfg.Edition == Desktop {
		return "..."
	}
	return "…"
}

func (s *Session) options() syntax.Options {
	return syntax.Options{V5: s.cfg.Edition == Desktop, TypeExists: func(name string) bool {
		return object.TypeByName(name, s.obj.Type) != nil
	}}
}

func (s *Session) lookupType(n *syntax.TypeName, sc *scope) *object.Type {
	return object.Lookup(n, s.obj.Type)
}

func (s *Session) parseBlock(text string) (*object.ScriptBlock, error) {
	src := syntax.NewSource("", text)
	tree, errs := syntax.Parse(src, s.options())
	if len(errs) > 0 {
		return nil, &object.Error{Type: object.MustType("System.Management.Automation.ParseException"), ID: errs[0].ID, Category: "ParserError", Message: s.parseMessage(src, errs)}
	}
	return &object.ScriptBlock{Body: tree}, nil
}

// parseMessage is what a ParseException says: each error with its place.
func (s *Session) parseMessage(src *syntax.Source, errs []syntax.Error) string {
	var b strings.Builder
	for i, e := range errs {
		if i > 0 {
			b.WriteString("\n\n")
		}
		if i == 10 {
			b.WriteString("Not all parse errors were reported.  Correct the reported errors and try again.")
			break
		}
		b.WriteString(src.Message(e.Span, s.ellipsis()) + "\n" + e.Message)
	}
	return b.String()
}

func (s *Session) remember(r *object.Object) {
	s.errors.Items = append([]any{r}, s.errors.Items...)
	if len(s.errors.Items) > 256 {
		s.errors.Items = s.errors.Items[:256]
	}
}

// Run is how a text is run and where its output goes.
type Run struct {
	// Out gets what is shown, in pieces that need not be lines. Err gets errors;
	// nil sends them to Out.
	Out, Err func(text string)
	Width    int
	File     string
	Args     []string
}

// Outcome is how it ended.
type Outcome struct {
	// Failed says that the last command failed or the script ended by an error.
	Failed bool
	Exited bool
	Code   int
	// Stopped says that it was stopped as by Ctrl-C.
	Stopped bool
}

// Incomplete reports whether the text needs more lines.
func (s *Session) Incomplete(text string) bool {
	_, errs := syntax.Parse(syntax.NewSource("", text), s.options())
	return len(errs) > 0 && errs[0].Incomplete
}

// Run runs a text at the prompt and shows what it leaves.
func (s *Session) Run(gc context.Context, text string, r Run) Outcome {
	s.text, s.err, s.width = r.Out, r.Err, r.Width
	if s.width == 0 {
		s.width = 120
	}
	s.newFormat()
	s.historyID++
	src := syntax.NewSource(r.File, text)
	c := &ctx{s: s, go_: gc, scope: s.global, src: src}
	c.out = s.format.Object
	s.active = c
	tree, errs := syntax.Parse(src, s.options())
	if len(errs) > 0 {
		s.success = false
		e := &object.Error{Type: object.MustType("System.Management.Automation.ParentContainsErrorRecordException"), Message: s.parseMessage(src, errs)}
		rec := c.newRecord(exception(e), errs[0].ID, "ParserError", nil, errs[0].Span, nil)
		s.remember(rec)
		_ = s.format.Error(rec)
		_ = s.format.Flush()
		return Outcome{Failed: true}
	}
	err := c.script(tree)
	if err == nil || errors.As(err, new(exitFlow)) {
		_ = s.format.Flush()
	}
	return s.outcome(c, err)
}

func (s *Session) newFormat() {
	s.format = &plainFormat{s}
	if s.cfg.Format != nil {
		s.format = s.cfg.Format(s, s.Columns(), s.text)
	}
	if f, ok := s.format.(interface{ ErrorsTo(func(string)) }); ok && s.err != nil {
		f.ErrorsTo(s.err)
	}
}

func (s *Session) outcome(c *ctx, err error) Outcome {
	switch e := err.(type) {
	case nil, returnFlow, breakFlow, continueFlow:
		return Outcome{Failed: !s.success}
	case exitFlow:
		return Outcome{Exited: true, Code: e.code, Failed: e.code != 0}
	}
	if err == errStopped {
		return Outcome{Stopped: true, Failed: true}
	}
	if f := c.failure(err, syntax.Span{}); f != nil {
		s.success = false
		c.remember(f)
		// What waits for its table's width is lost, as in a real console.
		s.newFormat()
		_ = s.hostError(f.Record)
		_ = s.format.Flush()
	}
	return Outcome{Failed: true}
}

// script runs a whole script in the present scope.
func (c *ctx) script(tree *syntax.ScriptBlock) error {
	if err := c.prepare(tree); err != nil {
		return err
	}
	for _, b := range []*syntax.Block{tree.Begin, tree.Process, tree.End} {
		if b == nil {
			continue
		}
		if err := c.block(b); err != nil {
			if _, ret := err.(returnFlow); ret {
				return nil
			}
			return err
		}
	}
	return nil
}

// Values evaluates a text and returns what it wrote, for tests and tools.
func (s *Session) Values(gc context.Context, text string) ([]any, error) {
	src := syntax.NewSource("", text)
	tree, errs := syntax.Parse(src, s.options())
	if len(errs) > 0 {
		return nil, &object.Error{Type: object.MustType("System.Management.Automation.ParseException"), ID: errs[0].ID, Message: errs[0].Message}
	}
	var out []any
	c := &ctx{s: s, go_: gc, scope: s.global, src: src, caught: true}
	c.out = func(v any) error { out = append(out, v); return nil }
	s.active = c
	s.text = func(string) {}
	if s.format == nil {
		s.format = &plainFormat{s}
	}
	err := c.script(tree)
	if err != nil {
		if f := c.failure(err, syntax.Span{}); f != nil {
			return out, f
		}
		return out, err
	}
	return out, nil
}

// ID returns the failure's FullyQualifiedErrorId.
func (f *Failure) ID() string {
	id, _ := f.Record.Value("FullyQualifiedErrorId")
	s, _ := id.(string)
	return s
}

// IsCommand reports whether a name is that of a command.
func (s *Session) IsCommand(name string) bool {
	c := s.active
	if c == nil {
		c = &ctx{s: s, scope: s.global}
	}
	_, ok := c.lookup(name)
	return ok
}

func (s *Session) hostError(r *object.Object) error { return s.format.Error(r) }

func (s *Session) hostLine(stream int, text string) error { return s.hostText(text, true) }

func (s *Session) hostText(text string, newline bool) error {
	if newline {
		text += "\n"
	}
	s.text(text)
	return nil
}

// plainFormat shows objects as their text, for where there is no formatter.
type plainFormat struct{ s *Session }

func (p *plainFormat) Object(v any) error { p.s.text(p.s.obj.Display(v) + "\n"); return nil }
func (p *plainFormat) Error(r *object.Object) error {
	p.s.text((&Failure{Record: r}).Error() + "\n")
	return nil
}
func (p *plainFormat) Flush() error { return nil }

func (s *Session) isModule(name string) bool {
	name = strings.ToLower(name)
	if s.modules[name] != nil {
		return true
	}
	for _, c := range s.cmds {
		if strings.EqualFold(c.Module, name) {
			return true
		}
	}
	return false
}

// notSimulated says whether a name is a real command that is not simulated, and
// the sentence for it.
func (s *Session) notSimulated(name string) (string, bool) { return "", false }

// ask asks the person for a mandatory parameter; asked is false where nobody is.
func (s *Session) ask(p *Param) (v any, asked bool, err error) {
	if s.cfg.Host == nil || !s.cfg.Host.Interactive() {
		return nil, false, nil
	}
	line, err := s.cfg.Host.ReadLine(p.Name+": ", false)
	return line, true, err
}

func (s *Session) findScript(name string) string {
	if s.cfg.Files == nil || !strings.HasSuffix(strings.ToLower(name), ".ps1") {
		return ""
	}
	p := s.Path(name)
	if i, err := s.cfg.Files.Stat(p); err == nil && !i.IsDir() {
		return p
	}
	return ""
}

// Path makes a name absolute, with slashes.
func (s *Session) Path(name string) string {
	name = strings.ReplaceAll(name, "\\", "/")
	switch {
	case strings.HasPrefix(name, "~"):
		name = strings.ReplaceAll(s.cfg.Home, "\\", "/") + name[1:]
	case strings.HasPrefix(name, "/"):
		if s.cfg.Windows {
			name = s.dir[:2] + name
		}
	case len(name) > 1 && name[1] == ':':
	default:
		name = strings.TrimSuffix(s.dir, "/") + "/" + name
	}
	var out []string
	for _, part := range strings.Split(name, "/") {
		switch part {
		case "", ".":
		case "..":
			if len(out) > 0 && !strings.HasSuffix(out[len(out)-1], ":") {
				out = out[:len(out)-1]
			}
		default:
			out = append(out, part)
		}
	}
	p := strings.Join(out, "/")
	if s.cfg.Windows {
		if len(p) == 2 {
			p += "/"
		}
		return p
	}
	return "/" + p
}

// Native returns a path as the system writes it.
func (s *Session) Native(p string) string {
	if s.cfg.Windows {
		return strings.ReplaceAll(p, "/", "\\")
	}
	return p
}

// Dir is the working directory, with slashes; SetDir changes it.
func (s *Session) Dir() string { return s.dir }

// SetDir changes the working directory.
func (s *Session) SetDir(p string) { s.dir = p }

func (s *Session) pathInfo() any {
	o := &object.Object{Type: object.MustType("System.Management.Automation.PathInfo")}
	p := s.Native(s.dir)
	o.SetProperty("Drive", nil)
	o.SetProperty("Provider", nil)
	o.SetProperty("ProviderPath", p)
	o.SetProperty("Path", p)
	o.SetText(p)
	return o
}

func (s *Session) readLines(name string) ([]string, error) {
	if s.cfg.Files == nil {
		return nil, fs.ErrNotExist
	}
	b, err := s.cfg.Files.ReadFile(s.Path(name))
	if err != nil {
		return nil, object.Throw("System.IO.FileNotFoundException", "Could not find file '%s'.", s.Native(s.Path(name)))
	}
	text := strings.TrimSuffix(strings.ReplaceAll(string(b), "\r\n", "\n"), "\n")
	return strings.Split(text, "\n"), nil
}
