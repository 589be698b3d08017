package syntax

import "strings"

// block reads { statements }; nil if no { follows.
func (p *parser) block() *Block {
	p.newlines()
	open := p.accept(LCurly)
	if open == nil {
		return nil
	}
	b := &Block{}
	sp := p.statements(b)
	t := p.nextTok()
	if t.Kind == RCurly {
		b.Span = open.To(t.Span)
		return b
	}
	p.unget(t)
	if sp.IsZero() {
		sp = open.Span
	}
	b.Span = open.To(sp)
	p.missingBefore(open.Span, t.Span, "MissingEndCurlyBrace")
	return b
}

// statements reads into b and returns the place of what it read.
func (p *parser) statements(b *Block) (sp Span) {
	p.separators()
	for {
		s := p.statement()
		if s == nil {
			return sp
		}
		if t, ok := s.(*TrapStatement); ok {
			b.Traps = append(b.Traps, t)
		} else {
			b.Statements = append(b.Statements, s)
		}
		if sp.IsZero() {
			sp = s.Pos()
		}
		sp.End = s.Pos().End
		p.separators()
		if k := p.peekTok().Kind; k == RParen || k == RCurly {
			return sp
		}
	}
}

// statement reads one; nil if none follows.
func (p *parser) statement() Statement {
	defer p.enter()()
	t := p.nextTok()
	var attrs []*Attribute
	at := t.Start
	if t.Kind == Generic && t.Text[0] == '[' {
		p.resync(at)
		attrs = p.attributes(false)
		t = p.nextTok()
		constraint := -1
		for i, a := range attrs {
			if a.Constraint {
				constraint = i
				break
			}
		}
		switch {
		case attrs == nil:
		case t.Kind.noAttributes() && constraint < 0:
			p.error(attrs[0].Span, "UnexpectedAttribute", attrs[0].Type.String())
		case t.Kind.keyword() && !t.Kind.noAttributes():
			if constraint >= 0 {
				p.error(attrs[constraint].Span, "TypeNotAllowedBeforeStatement", attrs[constraint].Type.String())
			}
		default:
			p.resync(at)
			t = p.nextTok()
		}
	}
	switch t.Kind {
	case If:
		return p.ifStatement(t)
	case Switch, Foreach, For, While, Do:
		return p.loop(nil, t)
	case Function, Filter, Workflow:
		return p.functionDef(t)
	case Return, Throw, Exit:
		f := &FlowStatement{Span: t.Span, Kind: t.Kind, Value: p.chain()}
		if f.Value != nil {
			f.End = f.Value.Pos().End
		}
		return f
	case Break, Continue:
		f := &FlowStatement{Span: t.Span, Kind: t.Kind, Label: p.labelOrKey()}
		if f.Label != nil {
			f.End = f.Label.Pos().End
		}
		return f
	case Trap:
		return p.trap(t)
	case Try:
		return p.try(t)
	case Data:
		return p.data(t)
	case Parallel, Sequence:
		b := p.block()
		if b == nil {
			p.missing(after(t), "MissingStatementAfterKeyword", t.Text)
			return &ErrorStatement{Span: t.Span}
		}
		return &BlockStatement{Span: t.To(b.Span), Kind: t.Kind, KindSpan: t.Span, Body: b}
	case From, Define, Var:
		p.error(t.Span, "ReservedKeywordNotAllowed", t.Kind)
		return &ErrorStatement{Span: t.Span}
	case Label:
		p.newlines()
		return p.labeled(t)
	case Class:
		return p.class(attrs, t)
	case Enum:
		return p.enum(attrs, t)
	case Using:
		u := p.usingStatement(t)
		p.error(u.Pos(), "UsingMustBeAtStartOfScript")
		return u
	case EndOfInput:
		if attrs == nil {
			p.unget(t)
			return nil
		}
	case Else, ElseIf, Catch, Until:
		if len(p.errs) > 0 {
			p.newlines()
			return p.statement()
		}
	}
	if attrs != nil {
		p.resync(at)
	} else {
		p.unget(t)
	}
	return p.chain()
}

// simpleName reads a name, keywords included; nil if none follows.
func (p *parser) simpleName() *StringExpr {
	p.simple = true
	t := p.peekTok()
	p.simple = false
	if t.Kind != Identifier {
		return nil
	}
	p.skipTok()
	return &StringExpr{Span: t.Span, Value: t.Text, Bare: true}
}

func (p *parser) labelOrKey() Expr {
	if n := p.simpleName(); n != nil {
		return n
	}
	if k := p.peekTok().Kind; k == NewLine || k == Semi {
		return nil
	}
	defer p.commas(true)()
	return p.unaryExpr(false)
}

func (p *parser) labeled(label *token) Statement {
	t := p.nextTok()
	switch t.Kind {
	case Switch, Foreach, For, While, Do:
		return p.loop(label, t)
	}
	p.resync(label.Start)
	return p.chain()
}

func (p *parser) loop(label, t *token) Statement {
	switch t.Kind {
	case Switch:
		return p.switchStatement(label, t)
	case Foreach:
		return p.foreachStatement(label, t)
	case For:
		return p.forStatement(label, t)
	case While:
		return p.whileStatement(label, t)
	}
	return p.doStatement(label, t)
}

// firstOf returns the label's place or else the keyword's, and the label.
func firstOf(label, t *token) (Span, string) {
	if label != nil {
		return label.Span, label.Value
	}
	return t.Span, ""
}

func nodes(list ...Node) (out []Node) {
	for _, n := range list {
		switch v := n.(type) {
		case nil:
			continue
		case *Block:
			if v == nil {
				continue
			}
		case *ErrorStatement:
			if v == nil {
				continue
			}
		}
		out = append(out, n)
	}
	return out
}

func (p *parser) ifStatement(t *token) Statement {
	s := &IfStatement{}
	var parts []Node
	keyword := t
	for {
		p.newlines()
		open := p.accept(LParen)
		if open == nil {
			p.missing(after(keyword), "MissingOpenParenthesisInIfStatement", keyword.Text)
			return &ErrorStatement{t.To(keyword.Span), parts}
		}
		p.newlines()
		cond := p.chain()
		bad := cond == nil
		if bad {
			p.missing(after(open), "IfStatementMissingCondition", keyword.Text)
			cond = &ErrorStatement{Span: after(open)}
		} else {
			parts = append(parts, cond)
		}
		p.newlines()
		end := p.nextTok()
		if end.Kind != RParen {
			p.unget(end)
			if _, isErr := cond.(*ErrorStatement); !isErr {
				p.missing(end.Span, "MissingEndParenthesisAfterStatement", keyword.Text)
			}
			return &ErrorStatement{t.To(before(end)), parts}
		}
		p.newlines()
		body := p.block()
		if body == nil {
			p.missing(end.Span, "MissingStatementBlock", keyword.Text)
			return &ErrorStatement{t.To(end.Span), parts}
		}
		parts = append(parts, body)
		s.Clauses = append(s.Clauses, IfClause{cond, body})
		s.Span = t.To(body.Span)
		at := 0
		if p.ungot != nil {
			at = p.ungot.Start
		} else {
			at = p.mark()
		}
		p.newlines()
		keyword = p.peekTok()
		switch keyword.Kind {
		case ElseIf:
			p.skipTok()
			continue
		case Else:
			p.skipTok()
			p.newlines()
			if s.Else = p.block(); s.Else == nil {
				p.missing(after(keyword), "MissingStatementBlockAfterElse")
				return &ErrorStatement{t.To(keyword.Span), parts}
			}
			s.Span.End = s.Else.Span.End
		default:
			p.resync(at)
		}
		return s
	}
}

func isFlag(t *token, name string) bool {
	return strings.HasPrefix(name, strings.ToLower(t.Value))
}

func (p *parser) switchStatement(label, t *token) Statement {
	start, text := firstOf(label, t)
	s := &SwitchStatement{Label: text}
	end, failed, incomplete := start, false, false
	var parts []Node
	p.newlines()
	for {
		f := p.peekTok()
		if f.Kind != Parameter {
			break
		}
		p.skipTok()
		end = f.Span
		switch {
		case isFlag(f, "regex"):
			s.Regex, s.Wildcard = true, false
		case isFlag(f, "wildcard"):
			s.Wildcard, s.Regex = true, false
		case isFlag(f, "exact"):
			s.Regex, s.Wildcard = false, false
		case isFlag(f, "casesensitive"):
			s.CaseSensitive = true
		case isFlag(f, "parallel"):
			s.Parallel = true
		case isFlag(f, "file"):
			s.File = true
			p.newlines()
			name := p.argument1(fileName)
			if name == nil {
				failed = true
				incomplete = p.missing(after(f), "MissingFilenameOption")
			} else {
				end = name.Pos()
				s.Cond = &Pipeline{Span: end, Elements: []Node{&CommandExpr{Span: end, Expr: name}}}
			}
		default:
			failed = true
			p.error(f.Span, "InvalidSwitchFlag", f.Value)
		}
	}
	if open := p.accept(LParen); open != nil {
		end = open.Span
		if s.File {
			failed = true
			p.error(open.Span, "PipelineValueRequired")
		}
		p.newlines()
		s.Cond = p.chain()
		if s.Cond == nil {
			failed = true
			incomplete = p.missing(after(open), "PipelineValueRequired")
		} else {
			end = s.Cond.Pos()
			parts = append(parts, s.Cond)
		}
		p.newlines()
		if c := p.accept(RParen); c != nil {
			end = c.Span
		} else if !incomplete {
			failed = true
			incomplete = p.missing(after(end), "MissingEndParenthesisInSwitchStatement")
		}
	} else if s.Cond == nil && !s.File {
		failed = true
		incomplete = p.missing(after(end), "PipelineValueRequired")
	}
	p.newlines()
	open := p.accept(LCurly)
	if open == nil {
		if !incomplete {
			failed = true
			p.missing(after(end), "MissingCurlyBraceInSwitchStatement")
		}
	} else {
		end = open.Span
		p.newlines()
		for {
			k := p.peekTok()
			var cond Expr
			if k.Kind == Default {
				p.skipTok()
				cond = &StringExpr{Span: k.Span, Value: k.Text, Bare: true}
			} else if cond = p.argument1(switchCondition); cond == nil {
				failed = true
				p.missing(after(end), "MissingSwitchConditionExpression")
				p.accept(RCurly)
				break
			}
			parts = append(parts, cond)
			end = cond.Pos()
			body := p.block()
			switch {
			case body == nil:
				failed = true
				incomplete = p.missing(after(end), "MissingSwitchStatementClause")
			case k.Kind == Default:
				if s.Default != nil {
					failed = true
					p.error(cond.Pos(), "MultipleSwitchDefaultClauses")
				}
				s.Default = body
			default:
				s.Clauses = append(s.Clauses, SwitchClause{cond, body})
			}
			if body != nil {
				parts = append(parts, body)
				end = body.Span
			}
			p.separators()
			if c := p.peekTok(); c.Kind == RCurly {
				p.skipTok()
				end = c.Span
				break
			} else if c.Kind == EndOfInput {
				if !incomplete {
					failed = true
					p.missingBefore(open.Span, c.Span, "MissingEndCurlyBrace")
				}
				break
			}
		}
	}
	s.Span = start.To(end)
	if failed || incomplete {
		return &ErrorStatement{s.Span, parts}
	}
	return s
}

func (p *parser) foreachStatement(label, t *token) Statement {
	start, text := firstOf(label, t)
	s := &ForEachStatement{Label: text}
	bad := Span{}
	p.newlines()
	for {
		f := p.peekTok()
		if f.Kind != Parameter {
			break
		}
		p.skipTok()
		switch {
		case isFlag(f, "parallel"):
			s.Parallel = true
		case isFlag(f, "throttlelimit"):
			p.newlines()
			if s.Throttle = p.argument1(commandArgument); s.Throttle == nil {
				p.missing(after(f), "MissingThrottleLimit")
			}
		default:
			bad = f.Span
			p.error(f.Span, "InvalidForeachFlag", f.Value)
		}
		p.newlines()
	}
	open := p.accept(LParen)
	if open == nil {
		p.missing(after(t), "MissingOpenParenthesisAfterKeyword", t.Kind)
		return &ErrorStatement{Span: start.To(t.Span)}
	}
	p.newlines()
	v := p.nextTok()
	if v.Kind != Variable && v.Kind != SplattedVariable {
		p.unget(v)
		p.missing(after(open), "MissingVariableNameAfterForeach")
		return &ErrorStatement{Span: start.To(open.Span)}
	}
	s.Variable = variableExpr(v)
	fail := func(sp Span, id string) {
		bad = sp
		p.missing(after(sp), id)
	}
	p.newlines()
	if in := p.accept(In); in == nil {
		fail(v.Span, "MissingInInForeach")
	} else {
		p.newlines()
		if s.Cond = p.chain(); s.Cond == nil {
			fail(in.Span, "MissingForeachExpression")
		} else {
			p.newlines()
			if end := p.accept(RParen); end == nil {
				fail(s.Cond.Pos(), "MissingEndParenthesisAfterForeach")
			} else if s.Body = p.block(); s.Body == nil {
				fail(end.Span, "MissingForeachStatement")
			}
		}
	}
	if !bad.IsZero() {
		return &ErrorStatement{start.To(bad), nodes(s.Variable, s.Cond, s.Body)}
	}
	s.Span = start.To(s.Body.Span)
	return s
}

func (p *parser) forStatement(label, t *token) Statement {
	start, text := firstOf(label, t)
	s := &ForStatement{Label: text}
	p.newlines()
	open := p.accept(LParen)
	if open == nil {
		p.missing(after(t), "MissingOpenParenthesisAfterKeyword", t.Kind)
		return &ErrorStatement{Span: start.To(t.Span)}
	}
	end := open.Span
	for i, part := range []*Statement{&s.Init, &s.Cond, &s.Iter} {
		p.newlines()
		if *part = p.chain(); *part != nil {
			end = (*part).Pos()
		}
		if i < 2 {
			if semi := p.accept(Semi); semi != nil {
				end = semi.Span
			}
		}
	}
	p.newlines()
	if c := p.accept(RParen); c == nil {
		p.missing(after(end), "MissingEndParenthesisAfterStatement", t.Kind)
	} else if s.Body = p.block(); s.Body == nil {
		end = c.Span
		p.missing(after(end), "MissingLoopStatement", t.Kind)
	}
	if s.Body == nil {
		return &ErrorStatement{start.To(end), nodes(s.Init, s.Cond, s.Iter)}
	}
	s.Span = start.To(s.Body.Span)
	return s
}

func (p *parser) whileStatement(label, t *token) Statement {
	start, text := firstOf(label, t)
	s := &LoopStatement{Label: text, Kind: While}
	p.newlines()
	open := p.accept(LParen)
	if open == nil {
		p.missing(after(t), "MissingOpenParenthesisAfterKeyword", t.Text)
		return &ErrorStatement{Span: start.To(t.Span)}
	}
	p.newlines()
	cond := p.chain()
	parts := nodes(cond)
	if cond == nil {
		p.missing(after(open), "MissingExpressionAfterKeyword", t.Kind)
		cond = &ErrorStatement{Span: after(open)}
	}
	p.newlines()
	end := p.accept(RParen)
	if end == nil {
		if _, isErr := cond.(*ErrorStatement); !isErr {
			p.missing(after(cond), "MissingEndParenthesisAfterStatement", t.Kind)
		}
		return &ErrorStatement{start.To(cond.Pos()), parts}
	}
	p.newlines()
	if s.Body = p.block(); s.Body == nil {
		p.missing(after(end), "MissingLoopStatement", t.Kind)
		return &ErrorStatement{start.To(end.Span), parts}
	}
	s.Cond, s.Span = cond, start.To(s.Body.Span)
	return s
}

func (p *parser) doStatement(label, t *token) Statement {
	start, text := firstOf(label, t)
	s := &LoopStatement{Label: text, Do: true}
	bad := Span{}
	fail := func(sp Span, id string, args ...any) {
		bad = sp
		p.missing(after(sp), id, args...)
	}
	end := t.Span
	if s.Body = p.block(); s.Body == nil {
		fail(t.Span, "MissingLoopStatement", Do)
	} else {
		p.newlines()
		word := p.nextTok()
		if word.Kind != While && word.Kind != Until {
			p.unget(word)
			fail(s.Body.Span, "MissingWhileOrUntilInDoWhile")
		} else {
			s.Kind = word.Kind
			p.newlines()
			if open := p.accept(LParen); open == nil {
				fail(word.Span, "MissingOpenParenthesisAfterKeyword", word.Kind)
			} else {
				p.newlines()
				if s.Cond = p.chain(); s.Cond == nil {
					fail(open.Span, "MissingExpressionAfterKeyword", word.Kind)
				}
				p.newlines()
				if c := p.accept(RParen); c != nil {
					end = c.Span
				} else if s.Cond != nil {
					fail(s.Cond.Pos(), "MissingEndParenthesisAfterStatement", word.Kind)
				}
			}
		}
	}
	if !bad.IsZero() {
		return &ErrorStatement{start.To(bad), nodes(s.Body, s.Cond)}
	}
	s.Span = start.To(end)
	return s
}

func (p *parser) functionDef(t *token) Statement {
	p.newlines()
	name := p.nextTok()
	switch name.Kind {
	case Pipe, LParen, LCurly, AtParen, AtCurly, RCurly, RParen, EndOfInput, Semi, Redirection, RedirectInStd, AndAnd, OrOr,
		Ampersand, Variable, SplattedVariable, HereStringExpandable, HereStringLiteral, StringLiteral, StringExpandable:
		p.unget(name)
		p.missing(after(t), "MissingNameAfterKeyword", t.Text)
		return &ErrorStatement{Span: t.Span}
	}
	f := &FunctionDef{Name: name.Text, NameSpan: name.Span, Filter: t.Kind == Filter, Workflow: t.Kind == Workflow}
	if name.Kind == Generic {
		f.Name = name.Value
	}
	end, bad := p.functionParams(f, name)
	open := p.accept(LCurly)
	if open == nil && bad.IsZero() {
		bad = end
		p.missing(after(end), "MissingFunctionBody")
	}
	if !bad.IsZero() {
		e := &ErrorStatement{Span: t.To(bad)}
		for _, d := range f.Params {
			e.Nested = append(e.Nested, d)
		}
		return e
	}
	f.Body = p.scriptBlock(open, nil)
	f.Body.Filter = f.Filter
	f.Span = t.To(f.Body.Span)
	return f
}

// functionParams reads the ( ) after a function's name. It returns the end of
// what was read and, if it is broken, that place.
func (p *parser) functionParams(f *FunctionDef, name *token) (end, bad Span) {
	end = name.Span
	p.newlines()
	open := p.accept(LParen)
	if open == nil {
		return end, bad
	}
	f.Params, f.HasParams = p.paramList(), true
	p.newlines()
	if c := p.accept(RParen); c != nil {
		end = c.Span
	} else {
		bad = open.Span
		if n := len(f.Params); n > 0 {
			bad = f.Params[n-1].Span
		}
		p.missing(after(bad), "MissingEndParenthesisInFunctionParameterList")
	}
	p.newlines()
	return end, bad
}

func (p *parser) trap(t *token) Statement {
	s := &TrapStatement{}
	at := p.mark()
	p.newlines()
	end := t.Span
	if a := p.attribute(); a != nil && a.Constraint {
		s.Type = a
		end = a.Span
	} else if a != nil {
		p.resync(at)
	}
	if s.Body = p.block(); s.Body == nil {
		p.missing(after(end), "MissingTrapStatement")
		return &ErrorStatement{Span: t.To(end)}
	}
	s.Span = t.To(s.Body.Span)
	return s
}

func (p *parser) try(t *token) Statement {
	s := &TryStatement{}
	p.newlines()
	if s.Body = p.block(); s.Body == nil {
		p.missing(after(t), "MissingTryStatementBlock")
		return &ErrorStatement{Span: t.Span}
	}
	s.Span = t.To(s.Body.Span)
	bad := Span{}
	for {
		c := p.catch(&bad)
		if c == nil {
			break
		}
		s.Catches = append(s.Catches, c)
		s.Span.End = c.Span.End
	}
	p.newlines()
	if f := p.accept(Finally); f != nil {
		if s.Finally = p.block(); s.Finally == nil {
			bad = f.Span
			p.missing(after(bad), "MissingFinallyStatementBlock", f.Kind)
		} else {
			s.Span.End = s.Finally.Span.End
		}
	}
	if len(s.Catches) == 0 && s.Finally == nil && bad.IsZero() {
		bad = s.Body.Span
		p.missing(after(bad), "MissingCatchOrFinally")
	}
	if !bad.IsZero() {
		e := &ErrorStatement{t.To(bad), nodes(s.Body)}
		for _, c := range s.Catches {
			e.Nested = append(e.Nested, c.Body)
		}
		return e
	}
	return s
}

func (p *parser) catch(bad *Span) *CatchClause {
	p.newlines()
	t := p.accept(Catch)
	if t == nil {
		return nil
	}
	c := &CatchClause{}
	var comma *token
	for {
		at := p.mark()
		p.newlines()
		a := p.attribute()
		if a == nil {
			if comma != nil {
				*bad = comma.Span
				p.missing(after(comma), "MissingTypeLiteralToken")
			}
			break
		}
		if !a.Constraint {
			p.resync(at)
			break
		}
		c.Types = append(c.Types, a)
		p.newlines()
		if comma = p.accept(Comma); comma == nil {
			break
		}
	}
	if c.Body = p.block(); c.Body == nil {
		if comma == nil || *bad != comma.Span {
			*bad = t.Span
			if n := len(c.Types); n > 0 {
				*bad = c.Types[n-1].Span
			}
			p.missing(after(*bad), "MissingCatchHandlerBlock")
		}
		return nil
	}
	c.Span = t.To(c.Body.Span)
	return c
}

func (p *parser) data(t *token) Statement {
	s := &DataStatement{}
	end, bad := t.Span, Span{}
	p.newlines()
	if n := p.simpleName(); n != nil {
		s.Variable, end = n.Value, n.Span
	}
	p.newlines()
	if f := p.accept(Parameter); f != nil {
		if !isFlag(f, "supportedcommand") {
			bad = f.Span
			p.error(bad, "InvalidParameterForDataSectionStatement", f.Value)
		}
		last := f
		for {
			p.newlines()
			c := p.argument1(commandName)
			if c == nil {
				if bad.IsZero() {
					p.missing(after(last), "MissingValueForSupportedCommandInDataSectionStatement")
				}
				bad = last.Span
				break
			}
			s.Commands = append(s.Commands, c)
			end = c.Pos()
			comma := p.accept(Comma)
			if comma == nil {
				break
			}
			last = comma
		}
	}
	if bad.IsZero() {
		if s.Body = p.block(); s.Body == nil {
			bad = end
			p.missing(after(bad), "MissingStatementBlockForDataSection")
		}
	}
	if !bad.IsZero() {
		return &ErrorStatement{Span: t.To(bad)}
	}
	s.Span = t.To(s.Body.Span)
	return s
}
