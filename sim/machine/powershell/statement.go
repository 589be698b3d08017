package powershell

import (
	"errors"
	"strings"

	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/regex"
	"skylab/sim/machine/powershell/syntax"
)

// block runs the statements of a block, reporting what goes wrong in one of
// them and going on, unless somebody around will handle it.
func (c *ctx) block(b *syntax.Block) error {
	if b == nil {
		return nil
	}
	if len(b.Traps) > 0 {
		return c.trapped(b)
	}
	for _, st := range b.Statements {
		if err := c.statement(st); err != nil {
			if err = c.failed(err, st); err != nil {
				return err
			}
		}
	}
	return nil
}

// failed decides what becomes of a statement's error: nil goes on.
func (c *ctx) failed(err error, st syntax.Node) error {
	f := c.failure(err, st.Pos())
	if f == nil {
		return err // control flow
	}
	c.s.success = false
	if c.caught || f.fatal {
		return f
	}
	switch c.preference("erroractionpreference") {
	case "Stop":
		f.fatal = true
		return f
	case "SilentlyContinue":
		c.remember(f)
		return nil
	case "Ignore":
		return nil
	}
	c.remember(f)
	return c.showError(f)
}

// remember puts a record into $Error, once.
func (c *ctx) remember(f *Failure) {
	if !f.recorded {
		f.recorded = true
		c.s.remember(f.Record)
	}
}

// showError sends a record down the error stream.
func (c *ctx) showError(f *Failure) error {
	if c.streams != nil && c.streams[errorStream] != nil {
		return c.streams[errorStream](f.Record)
	}
	return c.s.hostError(f.Record)
}

func (c *ctx) statement(st syntax.Statement) error {
	if err := c.tick(); err != nil {
		return err
	}
	switch st := st.(type) {
	case *syntax.Pipeline:
		return c.pipeline(st)
	case *syntax.Assignment:
		_, err := c.assignment(st)
		if err != nil {
			return c.positioned(err, st.Span)
		}
		if _, direct := st.Value.(*syntax.Pipeline); !direct || !isCommand(st.Value) {
			c.s.success = true
		}
		return nil
	case *syntax.IfStatement:
		for _, cl := range st.Clauses {
			ok, err := c.condition(cl.Cond)
			if err != nil {
				return err
			}
			if ok {
				return c.block(cl.Body)
			}
		}
		return c.block(st.Else)
	case *syntax.ForEachStatement:
		return c.foreach(st)
	case *syntax.ForStatement:
		return c.forLoop(st)
	case *syntax.LoopStatement:
		return c.while(st)
	case *syntax.SwitchStatement:
		return c.switchOn(st)
	case *syntax.FlowStatement:
		return c.flow(st)
	case *syntax.TryStatement:
		return c.try(st)
	case *syntax.FunctionDef:
		c.define(st)
		return nil
	case *syntax.Chain:
		return c.chain(st)
	case *syntax.TypeDef:
		if len(c.hoisted) > 0 && c.hoisted[st] {
			return nil
		}
		return c.declareTypes([]*syntax.TypeDef{st})
	case *syntax.DataStatement:
		if st.Variable == "" {
			return c.block(st.Body)
		}
		v, err := c.gather(st.Body)
		if err == nil {
			c.scope.setLocal(st.Variable, null(v))
		}
		return err
	case *syntax.UsingStatement, *syntax.TrapStatement:
		return nil
	}
	return object.Fail("NotImplemented", "skylab: %T is real but not simulated here", st)
}

func isCommand(st syntax.Statement) bool {
	p, ok := st.(*syntax.Pipeline)
	if !ok {
		return false
	}
	_, expr := p.Elements[0].(*syntax.CommandExpr)
	return !expr
}

func (c *ctx) condition(st syntax.Statement) (bool, error) {
	v, err := c.statementValue(st)
	if err != nil {
		return false, c.positioned(err, st.Pos())
	}
	return object.Truth(v), nil
}

// loopFlow handles break and continue of a loop: stop ends it.
func loopFlow(err error, label string) (stop bool, out error) {
	switch f := err.(type) {
	case breakFlow:
		if f.label == "" || equalFold(f.label, label) {
			return true, nil
		}
	case continueFlow:
		if f.label == "" || equalFold(f.label, label) {
			return false, nil
		}
	}
	return err != nil, err
}

func (c *ctx) foreach(st *syntax.ForEachStatement) error {
	v, err := c.loopValue(st.Cond)
	if err != nil {
		return c.positioned(err, st.Cond.Pos())
	}
	stopped := errors.New("stopped")
	check := unchanged(v)
	body := func(x any) error {
		if err := check(); err != nil {
			return c.positioned(err, st.Variable.Span)
		}
		if err := c.assignVariable(st.Variable, x); err != nil {
			return err
		}
		if err := c.tick(); err != nil {
			return err
		}
		stop, err := loopFlow(c.block(st.Body), st.Label)
		if err == nil && stop {
			return stopped
		}
		return err
	}
	if v == nil {
		return nil
	}
	run := func() error {
		if err := enumerate(v, func(x any) error {
			err := body(x)
			if err == nil || err == stopped {
				return err
			}
			return err
		}); err != stopped {
			return err
		}
		return nil
	}
	return run()
}

// unchanged returns a test that a collection is what it was: .NET's do not bear
// change while they are enumerated.
func unchanged(v any) func() error {
	var count func() int
	switch x := object.Base(v).(type) {
	case object.Changing:
		if _, dict := x.(*object.Dict); !dict {
			count = x.Changes
		}
	case *object.List:
		count = func() int { return len(x.Items) }
	}
	if count == nil {
		return func() error { return nil }
	}
	was := count()
	return func() error {
		if count() != was {
			return object.Throw("System.InvalidOperationException", "Collection was modified; enumeration operation may not execute.")
		}
		return nil
	}
}

// loopValue is the value of foreach's collection: nothing iterates not at all.
func (c *ctx) loopValue(st syntax.Statement) (any, error) {
	if p, ok := st.(*syntax.Pipeline); ok && len(p.Elements) == 1 {
		if x, ok := p.Elements[0].(*syntax.CommandExpr); ok && len(x.Redirections) == 0 {
			v, err := c.raw(x.Expr)
			if _, none := v.(nothing); none {
				return nil, err
			}
			return v, err
		}
	}
	var out []any
	err := c.with(func(n *ctx) { n.out = func(v any) error { out = append(out, v); return nil } }).statement(st)
	return object.NewArray(out...), err
}

func (c *ctx) quiet(st syntax.Statement) error {
	if st == nil {
		return nil
	}
	err := c.with(func(n *ctx) { n.out = func(any) error { return nil } }).statement(st)
	if err != nil {
		return c.positioned(err, st.Pos())
	}
	return nil
}

func (c *ctx) forLoop(st *syntax.ForStatement) error {
	if err := c.quiet(st.Init); err != nil {
		return err
	}
	for {
		if st.Cond != nil {
			ok, err := c.condition(st.Cond)
			if err != nil {
				return err
			}
			if !ok {
				return nil
			}
		}
		if err := c.tick(); err != nil {
			return err
		}
		if err := c.block(st.Body); err != nil {
			stop, err := loopFlow(err, st.Label)
			if stop || err != nil {
				return err
			}
		}
		if err := c.quiet(st.Iter); err != nil {
			return err
		}
	}
}

func (c *ctx) while(st *syntax.LoopStatement) error {
	for first := true; ; first = false {
		if !first || !st.Do {
			ok, err := c.condition(st.Cond)
			if err != nil {
				return err
			}
			if ok == (st.Kind == syntax.Until) {
				return nil
			}
		}
		if err := c.tick(); err != nil {
			return err
		}
		if err := c.block(st.Body); err != nil {
			stop, err := loopFlow(err, st.Label)
			if stop || err != nil {
				return err
			}
		}
	}
}

func (c *ctx) switchOn(st *syntax.SwitchStatement) error {
	v, err := c.loopValue(st.Cond)
	if err != nil {
		return c.positioned(err, st.Cond.Pos())
	}
	items := []any{v}
	if many, ok := object.Items(v); ok {
		items = many
	}
	if st.File {
		data, err := c.s.readLines(c.text(v))
		if err != nil {
			return err
		}
		items = nil
		for _, l := range data {
			items = append(items, l)
		}
	}
	saved := c.scope.vars["_"]
	defer func() {
		if saved == nil {
			delete(c.scope.vars, "_")
		} else {
			c.scope.vars["_"] = saved
		}
	}()
	for _, x := range items {
		c.scope.vars["_"] = &Variable{Name: "_", Value: x}
		matched := false
		next := false
		for _, cl := range st.Clauses {
			ok, err := c.clause(st, cl.Cond, x)
			if err != nil {
				return c.positioned(err, cl.Cond.Pos())
			}
			if !ok {
				continue
			}
			matched = true
			if err := c.block(cl.Body); err != nil {
				stop, err := loopFlow(err, st.Label)
				if stop || err != nil {
					return err
				}
				next = true
				break
			}
		}
		if !matched && !next && st.Default != nil {
			if err := c.block(st.Default); err != nil {
				stop, err := loopFlow(err, st.Label)
				if stop || err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (c *ctx) clause(st *syntax.SwitchStatement, cond syntax.Expr, x any) (bool, error) {
	if sb, ok := cond.(*syntax.ScriptBlockExpr); ok {
		v, err := c.blockValues(&object.ScriptBlock{Body: sb.Body}, x)
		return object.Truth(null(collected(v))), err
	}
	v, err := c.value(cond)
	if err != nil {
		return false, err
	}
	c.s.active = c
	switch {
	case st.Regex:
		opt := regex.IgnoreCase
		if st.CaseSensitive {
			opt = 0
		}
		if re, ok := object.Base(v).(*object.Regex); ok {
			opt = re.Options
			v = re.Pattern
		}
		op := syntax.Imatch
		if opt&regex.IgnoreCase == 0 {
			op = syntax.Cmatch
		}
		r, err := c.s.ops.Binary(op, c.text(x), v)
		return object.Truth(r), err
	case st.Wildcard:
		op := syntax.Ilike
		if st.CaseSensitive {
			op = syntax.Clike
		}
		r, err := c.s.ops.Binary(op, c.text(x), v)
		return object.Truth(r), err
	}
	if _, text := object.Base(v).(string); text && x != nil {
		if _, isText := object.Base(x).(string); !isText {
			return c.s.ops.Equal(x, v, !st.CaseSensitive) || c.s.ops.Equal(v, x, !st.CaseSensitive), nil
		}
	}
	return c.s.ops.Equal(x, v, !st.CaseSensitive), nil
}

func (c *ctx) flow(st *syntax.FlowStatement) error {
	switch st.Kind {
	case syntax.Break, syntax.Continue:
		label := ""
		if st.Label != nil {
			v, err := c.value(st.Label)
			if err != nil {
				return err
			}
			label = c.text(v)
		}
		if st.Kind == syntax.Break {
			return breakFlow{label}
		}
		return continueFlow{label}
	case syntax.Return:
		if c.returns != nil {
			if st.Value != nil {
				v, err := c.statementValue(st.Value)
				if err != nil {
					return err
				}
				c.returns(v)
			}
			return returnFlow{}
		}
		if st.Value != nil {
			if err := c.statement(st.Value); err != nil {
				return err
			}
		}
		return returnFlow{}
	case syntax.Exit:
		code := 0
		if st.Value != nil {
			v, err := c.statementValue(st.Value)
			if err != nil {
				return err
			}
			if n, err := c.s.obj.Convert(v, object.Int32Type); err == nil {
				code = int(n.(int32))
			}
		}
		return exitFlow{code}
	}
	return c.throw(st)
}

func (c *ctx) throw(st *syntax.FlowStatement) error {
	var v any
	if st.Value != nil {
		var err error
		if v, err = c.statementValue(st.Value); err != nil {
			return err
		}
	} else if cur := c.scope.find("\x00caught"); cur != nil {
		f := cur.Value.(*Failure)
		return &Failure{Record: f.Record, call: f.call, fatal: true, recorded: f.recorded}
	}
	f := c.thrown(v, st.Span)
	f.fatal = true
	return f
}

func (c *ctx) try(st *syntax.TryStatement) (err error) {
	if st.Finally != nil {
		defer func() {
			if ferr := c.block(st.Finally); ferr != nil && err == nil {
				err = ferr
			} else if _, failed := ferr.(*Failure); failed {
				err = ferr
			}
		}()
	}
	inner := c
	if len(st.Catches) > 0 {
		inner = c.with(func(n *ctx) { n.caught = true })
	}
	err = inner.block(st.Body)
	if err == nil || len(st.Catches) == 0 {
		return err
	}
	f := c.failure(err, st.Body.Span)
	if f == nil {
		return err
	}
	for _, cl := range st.Catches {
		if c.catches(cl, f) {
			return c.catch(cl.Body, f)
		}
	}
	return f
}

// catches reports whether a catch is for the failure.
func (c *ctx) catches(cl *syntax.CatchClause, f *Failure) bool {
	if len(cl.Types) == 0 {
		return true
	}
	for _, a := range cl.Types {
		if c.isA(f, a.Type) {
			return true
		}
	}
	return false
}

// isA reports whether the failure's exception, or the one inside of it, is of a
// type.
func (c *ctx) isA(f *Failure, n *syntax.TypeName) bool {
	t := c.s.lookupType(n, c.scope)
	ex, _ := f.Record.Value("Exception")
	for depth := 0; depth < 3; depth++ {
		o, ok := object.Base(ex).(*object.Object)
		if !ok {
			return false
		}
		if t != nil && o.Type.Is(t) || t == nil && strings.EqualFold(o.Type.Name, n.String()) {
			return true
		}
		ex, _ = o.Value("InnerException")
	}
	return false
}

// catch runs a handler with $_ being the record.
func (c *ctx) catch(body *syntax.Block, f *Failure) error {
	c.remember(f)
	old, caught := c.scope.vars["_"], c.scope.vars["\x00caught"]
	c.scope.vars["_"] = &Variable{Name: "_", Value: f.Record}
	c.scope.vars["\x00caught"] = &Variable{Name: "\x00caught", Value: f}
	defer func() {
		restore(c.scope, "_", old)
		restore(c.scope, "\x00caught", caught)
	}()
	return c.block(body)
}

func restore(s *scope, key string, v *Variable) {
	if v == nil {
		delete(s.vars, key)
	} else {
		s.vars[key] = v
	}
}

// trapped runs a block that has traps.
func (c *ctx) trapped(b *syntax.Block) error {
	inner := c.with(func(n *ctx) { n.caught = true })
	for _, st := range b.Statements {
		err := inner.statement(st)
		if err == nil {
			continue
		}
		f := c.failure(err, st.Pos())
		if f == nil {
			return err
		}
		c.s.success = false
		var handler *syntax.TrapStatement
		for _, t := range b.Traps {
			if t.Type == nil && handler == nil || t.Type != nil && c.isA(f, t.Type.Type) {
				handler = t
				if t.Type != nil {
					break
				}
			}
		}
		if handler == nil {
			if err := c.failed(f, st); err != nil {
				return err
			}
			continue
		}
		scoped := c.with(func(n *ctx) { n.scope = newScope(c.scope) })
		switch herr := scoped.catch(handler.Body, f).(type) {
		case nil:
			// The error is shown, and the next statement runs.
			if err := c.showError(f); err != nil {
				return err
			}
			if f.fatal && false {
				return f
			}
		case continueFlow:
			continue
		case breakFlow:
			f.fatal = true
			return f
		default:
			return herr
		}
	}
	return nil
}

func (c *ctx) chain(st *syntax.Chain) error {
	if err := c.statement(st.Left); err != nil {
		if err = c.failed(err, st.Left); err != nil {
			return err
		}
	}
	if c.s.success == (st.Op == syntax.AndAnd) {
		return c.statement(st.Right)
	}
	return nil
}

func (c *ctx) define(f *syntax.FunctionDef) {
	sc := c.scope
	name := f.Name
	if scope, rest := syntax.SplitPath(name); syntax.IsScope(scope) {
		sc, name = c.scope.named(strings.ToLower(scope)), rest
	}
	fn := &Function{Name: name, Block: &object.ScriptBlock{Body: f.Body, Scope: c.blockModule()}, Filter: f.Filter, def: f}
	sc.setFunction(fn)
}
