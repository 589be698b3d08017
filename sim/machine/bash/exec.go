package bash

import (
	"context"
	"fmt"
	"strings"
	"time"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"

	"skylab/sim/machine/tool"
)

// stmts runs commands one after the other until one makes the shell go on
// elsewhere.
func (f *frame) stmts(ctx context.Context, list []*syntax.Stmt) {
	for _, s := range list {
		if f.stmt(ctx, s); f.jump != goOn {
			return
		}
	}
}

// interrupted gives the line up when ctx has ended, and parks now and then.
func (f *frame) interrupted(ctx context.Context) bool {
	if f.budget.yield(ctx) == nil && !f.flooded {
		return false
	}
	f.jump, f.status = abandoning, 130
	if f.flooded {
		f.status = 141
	}
	if !f.interactive || f.depth > 0 {
		f.jump = exiting
	}
	return true
}

func (f *frame) stmt(ctx context.Context, s *syntax.Stmt) {
	if f.interrupted(ctx) {
		return
	}
	f.ctx = ctx
	if !f.quiet {
		f.line = s.Pos().Line()
	}
	if s.Background {
		f.background(ctx, s)
		return
	}
	after := f.after
	f.after = nil
	if s.Negated {
		f.lenient++
	}
	call, simple := s.Cmd.(*syntax.CallExpr)
	switch {
	case simple:
		f.simple(ctx, call, s.Redirs)
	case s.Cmd == nil:
		f.simple(ctx, &syntax.CallExpr{}, s.Redirs)
	default:
		direct := f.direct
		f.direct = false
		if undo, ok := f.redirect(ctx, s.Redirs); ok {
			f.command1(ctx, s.Cmd)
			undo()
		}
		f.direct = direct
	}
	for _, then := range f.after {
		then()
	}
	f.after = after
	if s.Negated {
		f.lenient--
		if f.jump == goOn {
			f.status = int(truth(f.status == 0))
		}
		return
	}
	if f.jump != goOn || f.status == 0 {
		return
	}
	switch c := s.Cmd.(type) {
	case *syntax.CallExpr, *syntax.Subshell, *syntax.TestClause, *syntax.ArithmCmd, *syntax.LetClause, *syntax.DeclClause, nil:
		f.failed(ctx)
	case *syntax.BinaryCmd:
		if c.Op == syntax.Pipe || c.Op == syntax.PipeAll {
			f.failed(ctx)
		}
	}
}

// failed acts on a command that failed where nobody asks whether it did.
func (f *frame) failed(ctx context.Context) {
	if f.lenient > 0 {
		return
	}
	if text := f.traps["ERR"]; text != "" && !f.quiet && (len(f.calls) == 0 || f.options["errtrace"]) {
		f.trap(ctx, text)
	}
	if f.options["errexit"] && f.jump == goOn {
		f.jump = exiting
	}
}

// trap runs what a trap says; $? stays.
func (f *frame) trap(ctx context.Context, text string) {
	status, line := f.status, f.line
	f.quiet = true
	f.script(ctx, text)
	f.quiet = false
	f.line = line
	if f.jump == goOn {
		f.status = status
	}
}

func (f *frame) command1(ctx context.Context, c syntax.Command) {
	switch c := c.(type) {
	case *syntax.Block:
		f.stmts(ctx, c.Stmts)
	case *syntax.Subshell:
		sub := f.subshell()
		held := f.held
		sub.lenient = f.lenient
		sub.run(ctx, func() { sub.stmts(ctx, c.Stmts) })
		f.held, f.status, f.pipes = held, sub.status, []int{sub.status}
	case *syntax.BinaryCmd:
		f.binaryCommand(ctx, c)
	case *syntax.IfClause:
		f.ifClause(ctx, c)
	case *syntax.WhileClause:
		f.while(ctx, c)
	case *syntax.ForClause:
		f.forClause(ctx, c)
	case *syntax.CaseClause:
		f.caseClause(ctx, c)
	case *syntax.FuncDecl:
		f.funcs[c.Name.Value] = function{f.source, c}
		f.status = 0
	case *syntax.ArithmCmd:
		f.arithmStatus(ctx, "((", c.X)
	case *syntax.LetClause:
		for _, x := range c.Exprs {
			if !f.arithmStatus(ctx, "let", x) {
				return
			}
		}
	case *syntax.TestClause:
		f.testClause(ctx, c)
	case *syntax.DeclClause:
		f.declClause(ctx, c)
	case *syntax.TimeClause:
		f.time(ctx, c)
	default:
		f.complain("%s", tool.NotSimulated("coproc"))
		f.status = 2
	}
}

// arithmStatus is an expression as a command: it succeeds unless it is 0.
func (f *frame) arithmStatus(ctx context.Context, name string, x syntax.ArithmExpr) bool {
	n, err := f.arithm(ctx, x)
	if err != nil {
		if _, ok := err.(expand.UnsetParameterError); ok {
			f.expansionFailed(err)
			return false
		}
		f.complain("%s: %v", name, f.inExpression(x, err))
		f.status = 1
		return false
	}
	f.status = int(truth(n == 0))
	f.pipes = []int{f.status}
	return true
}

func (f *frame) binaryCommand(ctx context.Context, c *syntax.BinaryCmd) {
	switch c.Op {
	case syntax.AndStmt, syntax.OrStmt:
		f.lenient++
		f.stmt(ctx, c.X)
		f.lenient--
		if f.jump == goOn && (f.status == 0) == (c.Op == syntax.AndStmt) {
			f.stmt(ctx, c.Y)
		}
	default:
		f.pipeline(ctx, c)
	}
}

// pipeline runs commands whose output is the input of the next.
func (f *frame) pipeline(ctx context.Context, c *syntax.BinaryCmd) {
	var parts []*syntax.Stmt
	both := map[*syntax.Stmt]bool{} // whose standard error goes into the pipe too
	var flatten func(s *syntax.Stmt, op syntax.BinCmdOperator)
	flatten = func(s *syntax.Stmt, op syntax.BinCmdOperator) {
		if b, ok := s.Cmd.(*syntax.BinaryCmd); ok && (b.Op == syntax.Pipe || b.Op == syntax.PipeAll) && len(s.Redirs) == 0 && !s.Negated {
			flatten(b.X, b.Op)
			flatten(b.Y, op)
			return
		}
		both[s] = op == syntax.PipeAll
		parts = append(parts, s)
	}
	flatten(c.X, c.Op)
	flatten(c.Y, 0)
	held := f.held
	statuses := make([]int, len(parts))
	left := len(parts)
	var in *file
	for i, s := range parts {
		sub := f.subshell()
		sub.lenient = 0
		if in != nil {
			sub.replace(0, in)
		}
		if i+1 < len(parts) {
			r, w := newPipe(ctx, f.turns)
			sub.replace(1, w)
			if both[s] {
				sub.replace(2, w.retain())
			}
			in = r
		}
		if i+1 == len(parts) && f.shopts["lastpipe"] && !f.interactive {
			left--
			statuses[i] = f.lastHere(ctx, sub, s)
			continue
		}
		f.turns.start(func() {
			sub.run(ctx, func() { sub.stmt(ctx, s) })
			statuses[i] = sub.status
			left--
			f.turns.wake()
		})
	}
	_ = f.turns.wait(context.WithoutCancel(ctx), func() bool { return left == 0 })
	if f.interrupted(ctx) {
		return
	}
	f.held, f.pipes = held, statuses
	f.status = statuses[len(statuses)-1]
	if f.options["pipefail"] {
		for _, n := range statuses {
			if n != 0 {
				f.status = n
			}
		}
	}
}

// lastHere runs the last command of a pipeline in the shell itself.
func (f *frame) lastHere(ctx context.Context, sub *frame, s *syntax.Stmt) int {
	old := f.fds
	f.fds = sub.fds
	f.lenient++
	f.stmt(ctx, s)
	f.lenient--
	sub.fds, f.fds = f.fds, old
	sub.end()
	return f.status
}

func (f *frame) condition(ctx context.Context, list []*syntax.Stmt) bool {
	f.lenient++
	f.stmts(ctx, list)
	f.lenient--
	return f.jump == goOn && f.status == 0
}

func (f *frame) ifClause(ctx context.Context, c *syntax.IfClause) {
	for ; c != nil; c = c.Else {
		if len(c.Cond) == 0 { // else
			f.stmts(ctx, c.Then)
			return
		}
		if f.condition(ctx, c.Cond) {
			f.stmts(ctx, c.Then)
			return
		}
		if f.jump != goOn {
			return
		}
	}
	f.status = 0
}

// body runs a loop's commands once and reports whether the loop goes on.
func (f *frame) body(ctx context.Context, list []*syntax.Stmt) bool {
	f.stmts(ctx, list)
	switch f.jump {
	case goOn:
		return !f.interrupted(ctx)
	case breaking, continuing:
		if f.levels > 1 {
			f.levels--
			return false
		}
		again := f.jump == continuing
		f.jump, f.levels = goOn, 0
		return again
	}
	return false
}

func (f *frame) while(ctx context.Context, c *syntax.WhileClause) {
	f.loops++
	defer func() { f.loops-- }()
	status := 0
	for {
		if f.condition(ctx, c.Cond) == c.Until || f.jump != goOn {
			if f.jump == breaking || f.jump == continuing {
				if f.levels > 1 {
					f.levels--
					return
				}
				again := f.jump == continuing
				f.jump, f.levels = goOn, 0
				if again {
					continue
				}
			}
			break
		}
		ok := f.body(ctx, c.Do)
		if status = f.status; !ok {
			break
		}
	}
	if f.jump == goOn {
		f.status = status
	}
}

func (f *frame) forClause(ctx context.Context, c *syntax.ForClause) {
	f.loops++
	defer func() { f.loops-- }()
	if loop, ok := c.Loop.(*syntax.CStyleLoop); ok {
		f.countingLoop(ctx, loop, c.Do)
		return
	}
	loop := c.Loop.(*syntax.WordIter)
	words := f.params
	if loop.InPos.IsValid() {
		var ok bool
		if words, ok = f.fields(ctx, loop.Items...); !ok {
			return
		}
	}
	if c.Select {
		f.selectLoop(ctx, loop.Name.Value, words, c.Do)
		return
	}
	f.status = 0
	for _, w := range words {
		if f.options["xtrace"] {
			f.traceLine("for " + loop.Name.Value + " in " + f.textOfRaw(loop.InPos, loop.End())[min(3, len(f.textOfRaw(loop.InPos, loop.End()))):])
		}
		if err := f.setText(loop.Name.Value, w); err != nil {
			f.complain("%v", err)
			f.status = 1
			return
		}
		if !f.body(ctx, c.Do) {
			return
		}
	}
}

func (f *frame) countingLoop(ctx context.Context, loop *syntax.CStyleLoop, do []*syntax.Stmt) {
	step := func(x syntax.ArithmExpr, otherwise bool) (truthful, ok bool) {
		if x == nil {
			return otherwise, true
		}
		n, err := f.arithm(ctx, x)
		if err != nil {
			f.complain("((: %v", f.inExpression(x, err))
			f.status = 1
			return false, false
		}
		return n != 0, true
	}
	if _, ok := step(loop.Init, true); !ok {
		return
	}
	status := 0
	for {
		more, ok := step(loop.Cond, true)
		if !ok {
			return
		}
		if !more {
			break
		}
		ok = f.body(ctx, do)
		if status = f.status; !ok {
			break
		}
		if _, ok := step(loop.Post, true); !ok {
			return
		}
	}
	if f.jump == goOn {
		f.status = status
	}
}

func (f *frame) selectLoop(ctx context.Context, name string, words []string, do []*syntax.Stmt) {
	if len(words) == 0 {
		f.status = 0
		return
	}
	menu := func() {
		width := len(fmt.Sprint(len(words)))
		for i, w := range words {
			fmt.Fprintf(f.err(), "%*d) %s\n", width, i+1, w)
		}
	}
	menu()
	for {
		ps3 := "#? "
		if v := f.get("PS3"); v.IsSet() {
			ps3 = v.Str
		}
		fmt.Fprint(f.err(), ps3)
		line, err := f.in().r.ReadString('\n')
		if err != nil && line == "" {
			fmt.Fprintln(f.out())
			f.status = 1
			return
		}
		line = strings.TrimSuffix(line, "\n")
		f.put("REPLY", line)
		if strings.TrimSpace(line) == "" {
			menu()
			continue
		}
		choice := ""
		if n, ok := number(strings.TrimSpace(line)); ok && n >= 1 && int(n) <= len(words) {
			choice = words[n-1]
		}
		f.put(name, choice)
		if !f.body(ctx, do) {
			return
		}
	}
}

func (f *frame) caseClause(ctx context.Context, c *syntax.CaseClause) {
	word, ok := f.literal(ctx, c.Word)
	if !ok {
		return
	}
	f.status = 0
	fall := false
	for _, item := range c.Items {
		hit := fall
		for _, p := range item.Patterns {
			if hit {
				break
			}
			pat, err := expand.Pattern(f.config(), p)
			if err != nil {
				f.expansionFailed(err)
				return
			}
			hit = f.matches(pat, word)
		}
		if !hit {
			continue
		}
		f.stmts(ctx, item.Stmts)
		if f.jump != goOn || item.Op == syntax.Break {
			return
		}
		fall = item.Op == syntax.Fallthrough
	}
}

// time tells how long a command took by the lab's clock.
func (f *frame) time(ctx context.Context, c *syntax.TimeClause) {
	began := f.m.Clock.Now()
	if c.Stmt != nil {
		f.stmt(ctx, c.Stmt)
	}
	took := f.m.Clock.Now().Sub(began)
	if f.ctx.Err() != nil {
		return
	}
	layout := "\nreal\t%3lR\nuser\t%3lU\nsys\t%3lS"
	if v := f.get("TIMEFORMAT"); v.IsSet() {
		layout = v.String()
	}
	if c.PosixFormat {
		layout = "real %2R\nuser %2U\nsys %2S"
	}
	if text, ok := f.timeText(layout, took); ok && layout != "" {
		fmt.Fprintln(f.err(), text)
	}
}

// timeText writes a time as TIMEFORMAT says: %R, %U and %S are seconds, with the
// number of decimals and an l for minutes before the letter; %P is the share of
// the processor. Only what passed is known, for programs here cost none.
func (f *frame) timeText(layout string, took time.Duration) (text string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(layout); i++ {
		if layout[i] != '%' {
			b.WriteByte(layout[i])
			continue
		}
		i++
		decimals, long := 3, false
		if i < len(layout) && layout[i] >= '0' && layout[i] <= '9' {
			decimals = min(int(layout[i]-'0'), 3)
			i++
		}
		if i < len(layout) && layout[i] == 'l' {
			long = true
			i++
		}
		if i == len(layout) {
			b.WriteByte('%')
			break
		}
		value := time.Duration(0)
		switch layout[i] {
		case '%':
			b.WriteByte('%')
			continue
		case 'P':
			b.WriteString("0.00")
			continue
		case 'R':
			value = took
		case 'U', 'S':
		default:
			f.complain("TIMEFORMAT: `%c': invalid format character", layout[i])
			return "", false
		}
		if long {
			minutes := value / time.Minute
			fmt.Fprintf(&b, "%dm%.*fs", minutes, decimals, (value - minutes*time.Minute).Seconds())
			continue
		}
		fmt.Fprintf(&b, "%.*f", decimals, value.Seconds())
	}
	return b.String(), true
}

// maxCalls is how deep functions may call each other.
const maxCalls = 1000

// callFunction runs a function with its arguments.
func (f *frame) callFunction(ctx context.Context, name string, fn function, args []string) {
	if len(f.calls) >= maxCalls {
		f.complain("%s: maximum function nesting level exceeded (%d)", name, maxCalls)
		f.status, f.jump = 1, abandoning
		return
	}
	params, source, loops, line := f.params, f.source, f.loops, f.line
	f.params, f.source, f.loops = args, fn.text, 0
	f.calls = append(f.calls, name)
	f.locals = append(f.locals, map[string]*variable{})
	f.stmt(ctx, fn.decl.Body)
	for name, old := range f.locals[len(f.locals)-1] {
		f.held -= size(f.vars[name])
		if old == nil {
			delete(f.vars, name)
		} else {
			f.vars[name] = *old
			f.held += size(*old)
		}
	}
	f.locals = f.locals[:len(f.locals)-1]
	f.calls = f.calls[:len(f.calls)-1]
	f.params, f.source, f.loops, f.line = params, source, loops, line
	if f.jump == returning {
		f.jump = goOn
		f.pipes = []int{f.status}
	}
}
