package powershell

import (
	"strings"

	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/syntax"
)

// funcStage is a function, a filter or a script block of a pipeline.
type funcStage struct {
	c     *ctx // where the body runs
	k     *call
	body  *syntax.ScriptBlock
	fn    *Function
	bind  *binder
	input []any
	// process says that the body takes objects as they come.
	perObject bool
	returned  bool
	got       int
}

// blockStage makes a stage of a script block or function.
func (c *ctx) blockStage(sb *object.ScriptBlock, fn *Function, args []arg, k *call, dot bool) (stage, error) {
	n := *c
	if err := n.deeper(); err != nil {
		return nil, err
	}
	n.src, n.call, n.out, n.returns = sb.Body.Source, k, k.write, nil
	if !dot {
		parent := c.scope
		if sc, ok := sb.Scope.(*scope); ok && sc != nil {
			parent = sc
		}
		n.scope = newScope(parent)
	}
	st := &funcStage{c: &n, k: k, body: sb.Body, fn: fn}
	st.perObject = sb.Body.Process != nil || sb.Body.Unnamed && fn != nil && fn.Filter
	params, meta, err := n.declared(sb.Body, fn)
	if err != nil {
		return nil, err
	}
	k.block = sb
	b := &binder{c: c, k: k, params: params, set: meta.defaultSet, sets: meta.sets, advanced: meta.advanced, function: true, supportsShouldProcess: meta.shouldProcess, noPositional: meta.noPositional}
	st.bind = b
	if err := b.bind(args); err != nil {
		return nil, err
	}
	if meta.advanced {
		k.actions, k.vars, k.outVar = b.commonActions(&n)
	}
	return st, nil
}

func (f *funcStage) begin() error {
	n := f.c
	sc := n.scope
	b := f.bind
	if f.k.actions != nil {
		for stream, name := range map[int]string{errorStream: "ErrorActionPreference", warningStream: "WarningPreference", verboseStream: "VerbosePreference", debugStream: "DebugPreference", informationStream: "InformationPreference"} {
			if v, ok := f.k.actions[stream]; ok {
				e, _ := object.EnumOf(actionType, v)
				sc.vars[strings.ToLower(name)] = &Variable{Name: name, Value: e}
			}
		}
	}
	f.k.bound = object.NewHashtable()
	f.k.bound.Type = object.Generic("System.Collections.Generic.Dictionary`2", object.StringType, object.ObjectType)
	for _, p := range b.params {
		if v, ok := b.values[p]; ok {
			f.k.bound.Set(p.Name, v)
		}
	}
	sc.vars["psboundparameters"] = &Variable{Name: "PSBoundParameters", Value: f.k.bound}
	at := f.k.span()
	k := f.k
	outer := k.c
	sc.vars["myinvocation"] = &Variable{Name: "MyInvocation", get: func() any { return outer.invocationInfo(at, k) }}
	if b.advanced {
		sc.vars["pscmdlet"] = &Variable{Name: "PSCmdlet", Value: &psCmdlet{f: f}}
	} else {
		rest := append([]any{}, b.rest...)
		sc.vars["args"] = &Variable{Name: "args", Value: object.NewArray(rest...)}
	}
	if file := f.body.Source.File; file != "" {
		sc.vars["pscommandpath"] = &Variable{Name: "PSCommandPath", Value: file}
		if i := strings.LastIndexAny(file, "/\\"); i > 0 {
			sc.vars["psscriptroot"] = &Variable{Name: "PSScriptRoot", Value: file[:i]}
		}
	}
	if f.k.piped && b.advanced && !b.takesPipeline() {
		// Complained of when the first object comes.
		_ = at
	}
	if err := b.mandatory(f.k.piped); err != nil {
		return err
	}
	if err := f.setParams(); err != nil {
		return err
	}
	if f.body.Begin != nil {
		if !f.perObject {
			sc.setLocal("input", object.NewArray())
		}
		return f.runBlock(f.body.Begin)
	}
	return nil
}

// setParams puts parameters into variables: bound ones, then defaults.
func (f *funcStage) setParams() error {
	for _, p := range f.bind.params {
		if p.decl == nil {
			continue
		}
		va := &Variable{Name: p.Name, Validate: p.Validate}
		if len(p.types) > 0 {
			va.Type = p.types[0]
			if va.Type == object.ObjectType || va.Type == object.PSObjectType {
				va.Type = nil
			}
		}
		v, ok := f.bind.values[p]
		switch {
		case ok:
			va.Value = v
		case p.Default != nil:
			x, err := f.c.value(p.Default)
			if err != nil {
				return err
			}
			for i := len(p.types) - 1; i >= 0; i-- {
				if x == nil && !p.types[i].IsValue() {
					continue
				}
				if x, err = f.c.s.obj.Convert(x, p.types[i]); err != nil {
					return f.bind.transformation(p, err, f.k.span())
				}
			}
			va.Value = x
		case p.remaining():
			va.Value = &object.List{Type: object.Generic("System.Collections.Generic.List`1", object.ObjectType)}
		case va.Type != nil:
			va.Value = zero(f.c.s, va.Type)
		}
		f.c.scope.vars[p.decl.Name.Key] = va
	}
	return nil
}

// zero is what an unset parameter of a type holds.
func zero(s *Session, t *object.Type) any {
	if t.IsNullable() || !t.IsValue() && t != object.StringType {
		return nil
	}
	v, err := s.obj.Convert(nil, t)
	if err != nil {
		return nil
	}
	return v
}

func (f *funcStage) runBlock(b *syntax.Block) error {
	if b == nil || f.returned {
		return nil
	}
	err := f.c.block(b)
	if _, ret := err.(returnFlow); ret {
		return nil
	}
	return err
}

func (f *funcStage) process(v any) error {
	f.got++
	b := f.bind
	if b.advanced || b.takesPipeline() {
		if !b.takesPipeline() && b.advanced {
			return f.k.writeError(b.inputNotBound(v))
		}
		if b.takesPipeline() {
			ok, err := b.pipelineInput(v)
			if err != nil {
				if fl, isF := err.(*Failure); isF {
					return f.k.writeError(fl)
				}
				return err
			}
			if !ok {
				return f.k.writeError(b.inputNotBound(v))
			}
			if err := f.setParams(); err != nil {
				return err
			}
			for _, p := range b.params {
				if x, ok := b.values[p]; ok {
					f.k.bound.Set(p.Name, x)
				}
			}
		}
	}
	if !f.perObject {
		f.input = append(f.input, v)
		if b.advanced || b.takesPipeline() {
			return nil
		}
		return nil
	}
	f.c.scope.vars["_"] = &Variable{Name: "_", Value: v}
	f.c.scope.vars["input"] = &Variable{Name: "input", Value: object.NewArray(v)}
	return f.runBlock(f.processBlock())
}

func (f *funcStage) processBlock() *syntax.Block {
	if f.body.Process != nil {
		return f.body.Process
	}
	if f.perObject {
		return f.body.End
	}
	return nil
}

func (f *funcStage) end() error {
	if f.perObject {
		if !f.k.piped {
			if err := f.runBlock(f.processBlock()); err != nil {
				return err
			}
		}
		if f.body.Process == nil {
			return nil
		}
	}
	sc := f.c.scope
	if !f.perObject {
		sc.vars["input"] = &Variable{Name: "input", Value: &inputEnumerator{items: f.input}}
		if n := len(f.input); n > 0 && f.bind.takesPipeline() {
			sc.vars["_"] = &Variable{Name: "_", Value: f.input[n-1]}
		}
	} else {
		sc.vars["input"] = &Variable{Name: "input", Value: object.NewArray()}
	}
	return f.runBlock(f.body.End)
}

func (f *funcStage) cleanup() {
	if f.body.Clean != nil {
		c := f.c.with(func(n *ctx) { n.out = func(any) error { return nil } })
		_ = c.block(f.body.Clean)
	}
}

// inputEnumerator is $input: it can be read once.
type inputEnumerator struct{ items []any }

// NetType implements object.Typed.
func (*inputEnumerator) NetType() *object.Type {
	return object.MustType("System.Collections.ArrayListEnumeratorSimple")
}

// Items implements object.Enumerable.
func (i *inputEnumerator) Items() []any { return i.items }

// cmdStage is a cmdlet of a pipeline.
type cmdStage struct {
	inv  *Invocation
	bind *binder
	k    *call
}

func (c *ctx) cmdletStage(cm *Cmdlet, args []arg, k *call) (stage, error) {
	inv := &Invocation{Cmdlet: cm, Piped: k.piped, c: c, call: k, bound: map[string]any{}}
	b := &binder{c: c, k: k, params: cm.Params, set: cm.DefaultSet, sets: cm.Sets, advanced: true, supportsShouldProcess: cm.ShouldProcess}
	if err := b.bind(args); err != nil {
		return nil, err
	}
	k.actions, k.vars, k.outVar = b.commonActions(c)
	return &cmdStage{inv, b, k}, nil
}

func (s *cmdStage) sync() {
	for p, v := range s.bind.values {
		s.inv.bound[object.Fold(p.Name)] = v
	}
	s.inv.Set = s.bind.chosenSet()
}

func (s *cmdStage) call(f func(*Invocation) error) error {
	if f == nil {
		return nil
	}
	err := f(s.inv)
	if e, ok := err.(*object.Error); ok {
		if e.ID == "" {
			e.ID = e.Type.FullName()
		}
		fe := *e
		if s.inv.Cmdlet.Class != "" && !strings.Contains(fe.ID, ",") {
			fe.ID += "," + s.inv.Cmdlet.Class
		}
		return &Failure{Record: s.k.c.record(&fe, s.k.span(), s.k), call: s.k}
	}
	return err
}

// guard applies -ErrorAction to a terminating error.
func (s *cmdStage) guard(err error) error {
	f, ok := err.(*Failure)
	if !ok || f.call != s.k {
		return err
	}
	if s.k.vars[errorStream] != nil {
		_ = s.k.vars[errorStream](f.Record)
	}
	switch s.k.actions[errorStream] {
	case "SilentlyContinue", "Ignore":
		s.k.c.s.success = false
		if s.k.actions[errorStream] == "SilentlyContinue" {
			s.k.c.remember(f)
		}
		return nil
	case "Stop":
		f.fatal = true
	}
	return err
}

func (s *cmdStage) begin() error {
	if err := s.bind.mandatory(s.k.piped); err != nil {
		return err
	}
	s.sync()
	return s.guard(s.call(s.inv.Cmdlet.Begin))
}

func (s *cmdStage) process(v any) error {
	if s.bind.takesPipeline() {
		ok, err := s.bind.pipelineInput(v)
		if err != nil {
			if f, isF := err.(*Failure); isF {
				return s.k.writeError(f)
			}
			return err
		}
		if !ok {
			return s.k.writeError(s.bind.inputNotBound(v))
		}
		s.sync()
	} else {
		return s.k.writeError(s.bind.inputNotBound(v))
	}
	s.inv.Input = v
	return s.guard(s.call(s.inv.Cmdlet.Process))
}

func (s *cmdStage) end() error {
	if !s.k.piped {
		if err := s.guard(s.call(s.inv.Cmdlet.Process)); err != nil {
			return err
		}
	}
	return s.guard(s.call(s.inv.Cmdlet.End))
}
