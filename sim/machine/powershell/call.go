package powershell

import (
	"strings"

	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/syntax"
)

// call is a command at work, of whatever kind.
type call struct {
	c        *ctx
	node     *syntax.CommandCall // nil for an expression
	src      *syntax.Source
	at       syntax.Span
	out      Sink
	piped    bool
	position int
	name     string // of the command itself
	shown    string // as it was called
	cmdlet   *Cmdlet
	fn       *Function
	block    *object.ScriptBlock
	script   string // the .ps1 file that runs
	// actions are preferences that common parameters set, by stream; vars and
	// outVar get copies of what is written.
	actions map[int]string
	vars    map[int]Sink
	outVar  Sink
	bound   *object.Dict // $PSBoundParameters
}

func (k *call) span() syntax.Span { return k.at }

func (k *call) function() bool { return k.fn != nil || k.block != nil }

// activity is what an error record calls the command.
func (k *call) activity() string {
	if k.cmdlet != nil {
		return k.cmdlet.Name
	}
	return k.name
}

// errorName is what error ids name after the comma.
func (k *call) errorName() string {
	if k.cmdlet != nil && k.cmdlet.Class != "" {
		return k.cmdlet.Class
	}
	return k.name
}

func (k *call) commandInfo() any {
	switch {
	case k.script != "":
		return k.c.s.scriptFileInfo(k.script)
	case k.cmdlet == nil && k.fn == nil && k.block != nil:
		return k.c.s.scriptInfo(k.block)
	case k.cmdlet == nil && k.fn == nil:
		return nil
	}
	return k.c.s.commandInfo(k.cmdlet, k.fn)
}

func (k *call) write(v any) error {
	if k.outVar != nil {
		if err := k.outVar(v); err != nil {
			return err
		}
	}
	return k.out(v)
}

// writeError reports a failure and goes on, unless the preference is to stop.
func (k *call) writeError(f *Failure) error {
	c := k.c
	pref, ok := k.actions[errorStream]
	if !ok {
		pref = c.preference("erroractionpreference")
	}
	c.s.success = false
	if pref != "Ignore" {
		c.remember(f)
		if k.vars[errorStream] != nil {
			if err := k.vars[errorStream](f.Record); err != nil {
				return err
			}
		}
	}
	switch pref {
	case "Ignore", "SilentlyContinue":
		return nil
	case "Stop":
		f.fatal = true
		return f
	}
	return c.showError(f)
}

// fail makes a record of an error of this command, as a terminating one.
func (k *call) fail(typ, id, category, message string, target any, at syntax.Span) *Failure {
	if at.IsZero() {
		at = k.at
	}
	return k.c.newError(typ, strings.TrimSuffix(id, ","), category, message, target, at, k)
}

// arg is an argument as it was given.
type arg struct {
	name  string // of a named one
	named bool
	value any
	given bool // a named one has its value
	text  string
	raw   bool        // text is what was written, for a number that is wanted as text
	node  syntax.Expr // where it is written, nil for what is splatted
	at    syntax.Span
	colon bool
	splat bool
	stray bool // a name that is no parameter's
}

// arguments evaluates a command's arguments.
func (c *ctx) arguments(e *syntax.CommandCall) ([]arg, error) {
	var args []arg
	dashes := false
	for _, el := range e.Elements[1:] {
		switch x := el.(type) {
		case *syntax.CommandParam:
			if x.Name == "-" {
				dashes = true
				args = append(args, arg{value: "--", at: x.Span, name: "-", named: true})
				continue
			}
			a := arg{name: x.Name, named: true, at: x.Span, text: "-" + x.Name}
			if x.Arg != nil {
				v, err := c.value(x.Arg)
				if err != nil {
					return nil, err
				}
				a.value, a.given, a.colon = v, true, true
			}
			args = append(args, a)
		case *syntax.VariableExpr:
			v, err := c.value(x)
			if err != nil {
				return nil, err
			}
			if !x.Splatted {
				args = append(args, arg{value: v, at: x.Span})
				continue
			}
			switch s := object.Base(v).(type) {
			case *object.Dict:
				for _, en := range s.Entries() {
					args = append(args, arg{name: c.text(en.Key), named: true, value: en.Value, given: true, at: x.Span, splat: true, colon: true})
				}
			case nil:
			default:
				if items, ok := object.Items(v); ok {
					for _, it := range items {
						if t, ok := it.(splatName); ok {
							args = append(args, arg{name: string(t), named: true, at: x.Span, splat: true})
							continue
						}
						args = append(args, arg{value: it, at: x.Span})
					}
				} else {
					args = append(args, arg{value: v, at: x.Span})
				}
			}
		default:
			v, err := c.value(x)
			if err != nil {
				return nil, err
			}
			a := arg{value: v, at: x.Pos(), node: x}
			if _, ok := x.(*syntax.ConstantExpr); ok {
				a.text, a.raw = c.src.Slice(x.Pos()), true
			}
			args = append(args, a)
		}
	}
	_ = dashes
	return args, nil
}

// splatName is a parameter's name among $args, so that @args passes it on.
type splatName string

// command finds what a call names and makes it a stage.
func (c *ctx) command(e *syntax.CommandCall, k *call) (stage, error) {
	cc, done, err := c.redirect(e.Redirections, k)
	if err != nil {
		return nil, err
	}
	k.c = cc
	st, err := cc.resolve(e, k)
	if err != nil {
		return nil, err
	}
	if len(e.Redirections) > 0 {
		return &closing{st, done}, nil
	}
	return st, nil
}

// closing is a stage with redirections to close.
type closing struct {
	stage
	done func() error
}

func (s *closing) feed() error {
	if f, ok := s.stage.(interface{ feed() error }); ok {
		return f.feed()
	}
	return nil
}

func (s *closing) end() error {
	err := s.stage.end()
	if derr := s.done(); err == nil {
		err = derr
	}
	return err
}

func (s *closing) cleanup() {
	if cl, ok := s.stage.(interface{ cleanup() }); ok {
		cl.cleanup()
	}
}

// likeMethod reports whether a command is written name(arguments).
func likeMethod(e *syntax.CommandCall) bool {
	if len(e.Elements) != 2 {
		return false
	}
	p, ok := e.Elements[1].(*syntax.ParenExpr)
	return ok && p.Start == e.Elements[0].Pos().End
}

func (c *ctx) resolve(e *syntax.CommandCall, k *call) (stage, error) {
	nv, err := c.commandName(e)
	if err != nil {
		return nil, err
	}
	if c.s.strict >= 2 && likeMethod(e) {
		return nil, c.newError("System.Management.Automation.RuntimeException", "StrictModeFunctionCallWithParens", "InvalidOperation", "The function or command was called as if it were a method. Parameters should be separated by spaces. For information about parameters, see the about_Parameters Help topic.", nil, e.Span, nil)
	}
	args, err := c.arguments(e)
	if err != nil {
		return nil, err
	}
	dot := e.Invocation == syntax.Dot
	switch x := object.Base(nv).(type) {
	case *object.ScriptBlock:
		k.block = x
		k.shown = "&"
		if dot {
			k.shown = "."
		}
		return c.blockStage(x, nil, args, k, dot)
	case nil:
		return nil, c.newError("System.Management.Automation.RuntimeException", "BadExpression", "InvalidOperation", "The expression after '"+e.Invocation.String()+"' in a pipeline element produced an object that was not valid. It must result in a command name, a script block, or a CommandInfo object.", nil, e.Elements[0].Pos(), nil)
	case *object.Object:
		if n, ok := x.Value("Name"); ok && x.Type.Is(commandInfoType) {
			return c.named(c.text(n), args, k, dot)
		}
	}
	name := c.text(nv)
	return c.named(name, args, k, dot)
}

func (c *ctx) commandName(e *syntax.CommandCall) (any, error) {
	if s, ok := e.Elements[0].(*syntax.StringExpr); ok {
		return s.Value, nil
	}
	return c.value(e.Elements[0])
}

// found is a command that a name stands for.
type found struct {
	cmdlet  *Cmdlet
	fn      *Function
	script  string // a .ps1 file
	program string
}

// lookup finds a command: alias, function, cmdlet, file, program.
func (c *ctx) lookup(name string) (f found, ok bool) {
	for range 10 {
		a := c.scope.alias(name)
		if a == nil {
			break
		}
		name = a.Target
	}
	plain := name
	if i := strings.IndexByte(name, '\\'); i > 0 && !strings.ContainsAny(name[:i], "/:.") {
		if m := name[:i]; c.s.isModule(m) {
			plain = name[i+1:]
		}
	}
	if scope, rest := syntax.SplitPath(plain); syntax.IsScope(scope) {
		if fn := c.scope.named(strings.ToLower(scope)).function(rest); fn != nil {
			return found{fn: fn}, true
		}
	}
	if fn := c.scope.function(plain); fn != nil {
		return found{fn: fn}, true
	}
	if cm := c.s.cmds[strings.ToLower(plain)]; cm != nil {
		return found{cmdlet: cm.ready()}, true
	}
	if p := c.s.findScript(name); p != "" {
		return found{script: p}, true
	}
	if c.s.cfg.Programs != nil {
		if p := c.s.cfg.Programs.Find(name); p != "" {
			return found{program: p}, true
		}
	}
	if !strings.Contains(name, "-") && !strings.HasPrefix(strings.ToLower(name), "get-") {
		if cm := c.s.cmds["get-"+strings.ToLower(name)]; cm != nil {
			return found{cmdlet: cm.ready()}, true
		}
		if fn := c.scope.function("get-" + name); fn != nil {
			return found{fn: fn}, true
		}
	}
	return f, false
}

func (c *ctx) named(name string, args []arg, k *call, dot bool) (stage, error) {
	k.name, k.shown = name, name
	f, ok := c.lookup(name)
	switch {
	case !ok:
		at := k.at
		if k.node != nil {
			at = k.node.Elements[0].Pos()
		}
		return nil, c.commandNotFound(name, at, k)
	case f.fn != nil:
		k.fn, k.name = f.fn, f.fn.Name
		return c.blockStage(f.fn.Block, f.fn, args, k, dot)
	case f.cmdlet != nil:
		k.cmdlet, k.name, k.shown = f.cmdlet, f.cmdlet.Name, f.cmdlet.Name
		return c.cmdletStage(f.cmdlet, args, k)
	case f.script != "":
		return c.scriptStage(f.script, args, k, dot)
	}
	return c.programStage(f.program, args, k)
}

func (c *ctx) commandNotFound(name string, at syntax.Span, k *call) error {
	if text, real := c.s.notSimulated(name); real {
		return c.newError("System.Management.Automation.CommandNotFoundException", "NotSimulated", "NotImplemented", text, name, at, k)
	}
	msg := "The term '" + name + "' is not recognized as a name of a cmdlet, function, script file, or executable program.\nCheck the spelling of the name, or if a path was included, verify that the path is correct and try again."
	if c.s.cfg.Edition == Desktop {
		msg = "The term '" + name + "' is not recognized as the name of a cmdlet, function, script file, or operable program. Check the spelling of the name, or if a path was included, verify that the path is correct and try again."
	}
	e := &object.Error{Type: object.MustType("System.Management.Automation.CommandNotFoundException"), Message: msg}
	e.Fields = []object.Entry{{Key: "CommandName", Value: name}}
	nk := *k
	nk.cmdlet, nk.fn = nil, nil
	nk.shown, nk.name = name, ""
	if k.node != nil && k.node.Invocation != 0 {
		nk.shown = map[bool]string{true: "&", false: "."}[k.node.Invocation == syntax.Ampersand]
	}
	return &Failure{Record: c.newRecord(exception(e), "CommandNotFoundException", "ObjectNotFound", name, at, &nk)}
}

// blockArgs says how a script block is run from Go.
type blockArgs struct {
	dollar    any
	hasDollar bool
	args      []any
	out       Sink
	// inline runs in the present scope, as ForEach-Object does; otherwise in a
	// new one.
	inline bool
	this   any
	input  []any
}

// runBlock runs a script block.
func (c *ctx) runBlock(sb *object.ScriptBlock, a blockArgs) error {
	n := *c
	if err := n.deeper(); err != nil {
		return err
	}
	n.out = a.out
	n.returns = nil
	n.src = sb.Body.Source
	if sc, ok := sb.Scope.(*scope); ok && sc != nil {
		n.scope = newScope(sc)
	} else if !a.inline {
		n.scope = newScope(c.scope)
	}
	if a.this != nil {
		n.this = a.this
		n.scope.setLocal("this", a.this)
	}
	if a.hasDollar {
		old := n.scope.vars["_"]
		n.scope.vars["_"] = &Variable{Name: "_", Value: a.dollar}
		defer restore(n.scope, "_", old)
	}
	if !a.inline || len(a.args) > 0 || sb.Body.HasParam {
		old := n.scope.vars["args"]
		rest := append([]any{}, a.args...)
		for _, d := range sb.Body.Params {
			var v any
			switch {
			case len(rest) > 0:
				v, rest = rest[0], rest[1:]
			case d.Default != nil:
				x, err := n.value(d.Default)
				if err != nil {
					return err
				}
				v = x
			}
			if err := n.declare(d, v); err != nil {
				return err
			}
		}
		n.scope.vars["args"] = &Variable{Name: "args", Value: object.NewArray(rest...)}
		defer restore(n.scope, "args", old)
	}
	if a.input != nil {
		n.scope.setLocal("input", object.NewArray(a.input...))
	}
	for _, b := range []*syntax.Block{sb.Body.Begin, sb.Body.Process, sb.Body.End} {
		if b == nil {
			continue
		}
		if err := n.block(b); err != nil {
			if _, ret := err.(returnFlow); ret {
				return nil
			}
			return err
		}
	}
	return nil
}

// declare sets a parameter as a local variable, converted to its type.
func (c *ctx) declare(d *syntax.ParamDecl, v any) error {
	va := &Variable{Name: d.Name.Name}
	for i := len(d.Attributes) - 1; i >= 0; i-- {
		if a := d.Attributes[i]; a.Constraint {
			t, err := c.typeNamed(a.Type)
			if err != nil {
				return err
			}
			if va.Type == nil {
				va.Type = t.(*object.Type)
			}
			if v == nil && va.Type != object.StringType && !va.Type.IsValue() {
				continue
			}
			if v, err = c.s.obj.Convert(v, t.(*object.Type)); err != nil {
				return err
			}
		}
	}
	va.Value = v
	c.scope.vars[d.Name.Key] = va
	return nil
}

// blockValues runs a script block with $_ in the present scope and returns what
// it wrote.
func (c *ctx) blockValues(sb *object.ScriptBlock, dollar any) ([]any, error) {
	var out []any
	err := c.runBlock(sb, blockArgs{dollar: dollar, hasDollar: true, inline: true, out: func(v any) error { out = append(out, v); return nil }})
	return out, err
}

func (c *ctx) deeper() error {
	if c.depth++; c.depth > maxDepth {
		return &object.Error{Type: object.MustType("System.Management.Automation.ScriptCallDepthException"), ID: "CallDepthOverflow", Category: "InvalidOperation", Message: "The script failed due to call depth overflow."}
	}
	return nil
}

// blockMethod is a method of a script block that needs the evaluator.
func (c *ctx) blockMethod(sb *object.ScriptBlock, name string, args []any) (v any, done bool, err error) {
	switch strings.ToLower(name) {
	case "invoke", "invokereturnasis":
		var out []any
		err := c.runBlock(sb, blockArgs{args: args, out: func(v any) error { out = append(out, v); return nil }})
		if strings.EqualFold(name, "invoke") {
			l := &object.List{Type: object.Generic("System.Collections.ObjectModel.Collection`1", object.PSObjectType), Items: out}
			return l, true, err
		}
		return null(collected(out)), true, err
	case "getnewclosure":
		sc := newScope(c.scope.root())
		for s := c.scope; s != nil && s.parent != nil; s = s.parent {
			for key, va := range s.vars {
				if _, ok := sc.vars[key]; !ok {
					cp := *va
					sc.vars[key] = &cp
				}
			}
			if s.module == nil {
				continue
			}
		}
		for key, va := range c.scope.vars {
			cp := *va
			if c.scope.parent == nil && va.get != nil {
				continue
			}
			sc.vars[key] = &cp
		}
		sc.module = &module{Name: "__DynamicModule"}
		return &object.ScriptBlock{Body: sb.Body, Scope: sc}, true, nil
	}
	return nil, false, nil
}

func (c *ctx) forEachMethod(items []any, args []any) (any, error) {
	l := &object.List{Type: object.Generic("System.Collections.ObjectModel.Collection`1", object.PSObjectType)}
	if len(args) == 0 {
		return l, nil
	}
	for _, x := range items {
		switch a := object.Base(args[0]).(type) {
		case *object.ScriptBlock:
			err := c.runBlock(a, blockArgs{dollar: x, hasDollar: true, args: args[1:], inline: true, out: func(v any) error { l.Items = append(l.Items, v); return nil }})
			if err != nil {
				return nil, err
			}
		case *object.Type:
			v, err := c.s.obj.Convert(x, a)
			if err != nil {
				return nil, err
			}
			l.Items = append(l.Items, v)
		default:
			name := c.text(a)
			v, err := c.property(x, name)
			if err == nil && v == nil || len(args) > 1 {
				if r, found, cerr := c.members().Call(x, name, args[1:]); found {
					v, err = r, cerr
				}
			}
			if err != nil {
				return nil, err
			}
			l.Items = append(l.Items, v)
		}
	}
	return l, nil
}

func (c *ctx) whereMethod(items []any, args []any) (any, error) {
	l := &object.List{Type: object.Generic("System.Collections.ObjectModel.Collection`1", object.PSObjectType)}
	if len(args) == 0 {
		return l, nil
	}
	mode, count := "default", 0
	if len(args) > 1 {
		mode = strings.ToLower(c.text(args[1]))
	}
	if len(args) > 2 {
		if n, _, ok := object.Integer(args[2]); ok {
			count = int(n)
		}
	}
	sb, ok := object.Base(args[0]).(*object.ScriptBlock)
	if !ok {
		return nil, object.Fail("MethodArgumentConversionInvalidCastArgument", "The argument of Where must be a script block.")
	}
	rest := &object.List{Type: l.Type}
	for i, x := range items {
		out, err := c.blockValues(sb, x)
		if err != nil {
			return nil, err
		}
		hit := object.Truth(null(collected(out)))
		switch mode {
		case "until":
			if hit || count > 0 && len(l.Items) >= count {
				return l, nil
			}
			l.Items = append(l.Items, x)
			continue
		case "skipuntil":
			if hit || len(l.Items) > 0 {
				l.Items = append(l.Items, items[i:]...)
				if count > 0 && len(l.Items) > count {
					l.Items = l.Items[:count]
				}
				return l, nil
			}
			continue
		case "split":
			if !hit {
				rest.Items = append(rest.Items, x)
				continue
			}
		}
		if !hit {
			continue
		}
		l.Items = append(l.Items, x)
		if mode == "first" && len(l.Items) >= max(1, count) || mode == "default" && count > 0 && len(l.Items) >= count {
			return l, nil
		}
	}
	switch mode {
	case "last":
		n := max(1, count)
		if len(l.Items) > n {
			l.Items = l.Items[len(l.Items)-n:]
		}
	case "split":
		return object.NewArray(l, rest), nil
	}
	return l, nil
}
