package powershell

import (
	"strings"

	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/syntax"
)

// stage is a command of a pipeline at work.
type stage interface {
	begin() error
	process(v any) error
	end() error
}

func (c *ctx) pipeline(p *syntax.Pipeline) error {
	if p.Background {
		return c.newError("System.Management.Automation.PSNotSupportedException", "NotSupported", "NotImplemented", "skylab: & as a job is real but not simulated here", nil, p.Span, nil)
	}
	first, isExpr := p.Elements[0].(*syntax.CommandExpr)
	if isExpr && len(p.Elements) == 1 {
		if len(first.Redirections) == 0 {
			return c.expression(first)
		}
	}
	return c.run(p)
}

// expression runs an expression that is a statement.
func (c *ctx) expression(x *syntax.CommandExpr) error {
	if u, ok := x.Expr.(*syntax.UnaryExpr); ok {
		switch u.Op {
		case syntax.PlusPlus, syntax.MinusMinus, syntax.PostfixPlusPlus, syntax.PostfixMinusMinus:
			_, err := c.increment(u)
			if err != nil {
				return c.positioned(err, x.Span)
			}
			c.s.success = true
			return nil
		}
	}
	v, err := c.raw(x.Expr)
	if err != nil {
		return c.positioned(err, x.Span)
	}
	if _, paren := x.Expr.(*syntax.ParenExpr); !paren {
		c.s.success = true
	}
	if isVoid(v) {
		return nil
	}
	return enumerate(v, c.out)
}

// run runs a pipeline of commands.
func (c *ctx) run(p *syntax.Pipeline) error {
	n := len(p.Elements)
	stages := make([]stage, n)
	calls := make([]*call, n)
	out := c.out
	c.s.success = true
	for i := n - 1; i >= 0; i-- {
		var err error
		switch e := p.Elements[i].(type) {
		case *syntax.CommandExpr:
			calls[i] = &call{c: c, node: nil, src: c.src, at: e.Span, out: out}
			var done func() error
			cc, done, err := c.redirect(e.Redirections, calls[i])
			if err != nil {
				return err
			}
			stages[i] = &exprStage{at: p.Span, c: cc, x: e, out: calls[i].write, done: done}
		case *syntax.CommandCall:
			calls[i] = &call{c: c, node: e, src: c.src, at: e.Span, out: out, piped: i > 0, position: i}
			if stages[i], err = c.command(e, calls[i]); err != nil {
				return c.positioned(err, e.Span)
			}
		}
		next := stages[i]
		out = func(v any) error { return next.process(v) }
	}
	return c.drive(stages, calls)
}

// drive begins the stages, feeds the first and ends them in order. What stops
// the pipeline early ends only the stages before it.
func (c *ctx) drive(stages []stage, calls []*call) error {
	stopped := -1 // stages up to here were stopped by one after them
	handle := func(err error) error {
		if s, ok := err.(*stopUpstream); ok {
			for i, k := range calls {
				if k == s.by {
					stopped = max(stopped, i-1)
					return nil
				}
			}
		}
		return err
	}
	began := 0
	finish := func() {
		for i := began - 1; i >= 0; i-- {
			if cl, ok := stages[i].(interface{ cleanup() }); ok {
				cl.cleanup()
			}
		}
	}
	defer finish()
	for _, s := range stages {
		began++
		if err := handle(s.begin()); err != nil {
			return err
		}
	}
	if stopped < 0 {
		if f, ok := stages[0].(interface{ feed() error }); ok {
			if err := handle(f.feed()); err != nil {
				return err
			}
		}
	}
	for i, s := range stages {
		if i <= stopped {
			continue
		}
		if err := handle(s.end()); err != nil {
			return err
		}
	}
	return nil
}

// exprStage is the expression at the head of a pipeline.
type exprStage struct {
	at   syntax.Span // of the pipeline
	c    *ctx
	x    *syntax.CommandExpr
	out  Sink
	done func() error
}

func (e *exprStage) begin() error      { return nil }
func (e *exprStage) process(any) error { return nil }
func (e *exprStage) feed() error {
	v, err := e.c.raw(e.x.Expr)
	if err != nil {
		return e.c.positioned(err, e.at)
	}
	if isVoid(v) {
		return nil
	}
	return enumerate(v, e.out)
}
func (e *exprStage) end() error { return e.done() }

// redirect applies redirections to a context and a call: the call's out is
// changed for stream 1, the returned context's streams for the others. done
// must be called at the end.
func (c *ctx) redirect(list []*syntax.RedirectionNode, k *call) (*ctx, func() error, error) {
	if len(list) == 0 {
		return c, func() error { return nil }, nil
	}
	streams := [7]Sink{}
	if c.streams != nil {
		streams = *c.streams
	}
	var closers []func() error
	for _, r := range list {
		var target Sink
		if r.To != 0 {
			target = k.out
		} else {
			nv, err := c.value(r.File)
			if err != nil {
				return nil, nil, err
			}
			var done func() error
			if nv == nil {
				target = func(any) error { return nil }
			} else {
				name := c.text(nv)
				if target, done, err = c.s.fileSink(c, name, r.Append, r.Span, k); err != nil {
					return nil, nil, err
				}
				closers = append(closers, done)
			}
		}
		switch r.From {
		case 0:
			for i := range streams {
				streams[i] = target
			}
			k.out = target
		case 1:
			k.out = target
		default:
			streams[r.From] = target
		}
	}
	n := c.with(func(n *ctx) { n.streams = &streams })
	return n, func() error {
		var first error
		for _, f := range closers {
			if err := f(); err != nil && first == nil {
				first = err
			}
		}
		return first
	}, nil
}

// preference returns the value of a preference variable as its enum's name.
func (c *ctx) preference(name string) string {
	v := c.scope.find(name)
	if v == nil {
		return "Continue"
	}
	return c.actionName(v.Value)
}

func (c *ctx) actionName(v any) string {
	switch x := object.Base(v).(type) {
	case object.Enum:
		return x.String()
	case nil:
		return "Continue"
	default:
		e, err := c.s.obj.Convert(x, actionType)
		if err != nil {
			return "Continue"
		}
		return e.(object.Enum).String()
	}
}

var actionType = object.MustType("System.Management.Automation.ActionPreference")

var streamVariables = map[int]string{warningStream: "warningpreference", verboseStream: "verbosepreference", debugStream: "debugpreference", informationStream: "informationpreference"}

var streamRecords = map[int]*object.Type{
	warningStream: object.MustType("System.Management.Automation.WarningRecord"),
	verboseStream: object.MustType("System.Management.Automation.VerboseRecord"),
	debugStream:   object.MustType("System.Management.Automation.DebugRecord"),
}

// variableSinks are the variables that -WarningVariable and its like of a
// command and of the function around it fill from stream n.
func (c *ctx) variableSinks(k *call, n int) (out []Sink) {
	if k != nil && k.vars[n] != nil {
		out = append(out, k.vars[n])
	}
	if f := c.call; f != nil && f != k && f.vars[n] != nil {
		out = append(out, f.vars[n])
	}
	return out
}

// stream writes a message to the warning, verbose or debug stream.
func (c *ctx) stream(k *call, n int, text string) error {
	pref := c.preference(streamVariables[n])
	if k != nil {
		if p, ok := k.actions[n]; ok {
			pref = p
		}
	}
	sinks := c.variableSinks(k, n)
	if pref == "Ignore" || pref == "SilentlyContinue" && len(sinks) == 0 {
		return nil
	}
	r := &object.Object{Type: streamRecords[n]}
	r.SetProperty("Message", text)
	r.SetProperty("InvocationInfo", nil)
	r.SetText(text)
	for _, sink := range sinks {
		if err := sink(r); err != nil {
			return err
		}
	}
	if pref == "SilentlyContinue" {
		return nil
	}
	var err error
	if c.streams != nil && c.streams[n] != nil {
		err = c.streams[n](r)
	} else {
		label := map[int]string{warningStream: "WARNING: ", verboseStream: "VERBOSE: ", debugStream: "DEBUG: "}[n]
		err = c.s.hostLine(n, label+text)
	}
	if err == nil && pref == "Stop" {
		f := c.newError("System.Management.Automation.ActionPreferenceStopException", "ActionPreferenceStop", "OperationStopped", "The running command stopped because the preference variable \""+map[int]string{warningStream: "WarningPreference", verboseStream: "VerbosePreference", debugStream: "DebugPreference"}[n]+"\" or common parameter is set to Stop: "+text, nil, k.span(), k)
		f.fatal = true
		return f
	}
	return err
}

// information writes an information record; a HostInformationMessage is shown
// by the host whatever the preference.
func (c *ctx) information(k *call, record any) error {
	r := record.(*object.Object)
	data, _ := r.Value("MessageData")
	shown := false
	if m, ok := data.(*object.Object); ok && strings.HasSuffix(m.Type.Name, "HostInformationMessage") {
		shown = true
	}
	pref := c.preference("informationpreference")
	if k != nil {
		if p, ok := k.actions[informationStream]; ok {
			pref = p
		}
		if k.vars[informationStream] != nil {
			if err := k.vars[informationStream](r); err != nil {
				return err
			}
		}
	}
	if c.streams != nil && c.streams[informationStream] != nil {
		if shown || pref != "Ignore" {
			return c.streams[informationStream](r)
		}
		return nil
	}
	if shown {
		if pref == "Ignore" {
			return nil
		}
		m := data.(*object.Object)
		text, _ := m.Value("Message")
		noNewline, _ := m.Value("NoNewLine")
		return c.s.hostText(c.s.obj.String(text), !object.Truth(noNewline))
	}
	if pref == "SilentlyContinue" || pref == "Ignore" {
		return nil
	}
	return c.s.hostLine(informationStream, c.s.obj.String(data))
}
