package syntax

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
