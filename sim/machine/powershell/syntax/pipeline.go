package syntax

import "strings"

// chain reads a pipeline, a chain of them by && and ||, or an assignment; nil
// if none follows.
func (p *parser) chain() Statement {
	defer p.enter()()
	back := p.in(expressionMode)
	expr := p.expression(false)
	var assign *token
	if expr != nil && p.peekTok().Kind.assignment() {
		assign = p.nextTok()
	}
	back()
	if assign != nil {
		p.newlines()
		value := p.statement()
		if value == nil {
			p.missing(after(assign), "ExpectedValueExpression", assign.Kind)
			value = &ErrorStatement{Span: after(assign)}
		}
		return &Assignment{expr.Pos().To(value.Pos()), expr, assign.Kind, value, assign.Span}
	}
	var left Statement
	var op *token
	for {
		var first *token
		if expr == nil {
			first = p.peekTok()
		}
		pipe := p.pipeline(expr)
		expr = nil
		if pipe == nil {
			if op == nil {
				return nil
			}
			switch first.Kind {
			case EndOfInput:
				p.missing(after(op), "EmptyPipelineChainElement")
			case Dot, Ampersand:
			default:
				p.error(op.To(first.Span), "EmptyPipelineChainElement")
			}
			return &ErrorStatement{left.Pos().To(op.Span), []Node{left}}
		}
		join := func() Statement {
			if left == nil {
				return pipe
			}
			return &Chain{Span: left.Pos().To(pipe.Span), Left: left, Op: op.Kind, Right: pipe}
		}
		t := p.peekTok()
		switch t.Kind {
		case AndAnd, OrOr:
			if p.opt.V5 {
				p.error(t.Span, "InvalidEndOfLine", t.Kind)
			}
			p.skipTok()
			p.newlines()
		case Ampersand:
			p.skipTok()
			if t = p.peekTok(); t.Kind == AndAnd || t.Kind == OrOr {
				p.skipTok()
				p.error(t.Span, "BackgroundOperatorInPipelineChain")
				return &ErrorStatement{join().Pos().To(t.Span), nil}
			}
			if p.opt.V5 {
				p.error(t.Span, "AmpersandNotAllowed")
			}
			s := join()
			if c, ok := s.(*Chain); ok {
				c.Background = true
			} else {
				pipe.Background = true
			}
			return s
		default:
			return join()
		}
		left, op = join(), t
		if p.peekTok().Kind == EndOfInput {
			p.missing(after(t), "EmptyPipelineChainElement")
			return left
		}
	}
}

// pipeline reads commands joined by |, the first of them expr if that is set.
func (p *parser) pipeline(expr Expr) *Pipeline {
	pl := &Pipeline{}
	var bar *token
	for {
		if expr == nil {
			back := p.in(expressionMode)
			expr = p.expression(false)
			back()
		}
		var part Node
		if expr != nil {
			if len(pl.Elements) > 0 {
				p.error(expr.Pos(), "ExpressionsMustBeFirstInPipeline")
			}
			c := &CommandExpr{Span: expr.Pos(), Expr: expr}
			for {
				t := p.peekTok()
				if t.Kind != Redirection && t.Kind != RedirectInStd {
					break
				}
				p.skipTok()
				if r := p.redirect(t, &c.Redirections); r != nil {
					c.Span.End = r.End
				}
			}
			part = c
		} else if c := p.command(); c != nil {
			part = c
		}
		if part != nil {
			if len(pl.Elements) == 0 {
				pl.Span = part.Pos()
			}
			pl.Span.End = part.Pos().End
			pl.Elements = append(pl.Elements, part)
		} else if len(pl.Elements) > 0 || p.peekTok().Kind == Pipe {
			at := p.peekTok().Span
			if bar != nil {
				at = after(bar)
			}
			p.missing(at, "EmptyPipeElement")
		}
		expr = nil
		t := p.peekTok()
		if t.Kind == NewLine && !p.opt.V5 && p.pipeFollows(t.End) {
			p.newlines()
			t = p.peekTok()
		}
		bar = t
		switch t.Kind {
		case Semi, NewLine, RParen, RCurly, EndOfInput, AndAnd, OrOr, Ampersand:
		case Pipe:
			p.skipTok()
			p.newlines()
			if p.peekTok().Kind != EndOfInput {
				continue
			}
			p.missing(after(t), "EmptyPipeElement")
		default:
			p.error(t.Span, "UnexpectedToken", t.Text)
		}
		if len(pl.Elements) == 0 {
			return nil
		}
		return pl
	}
}

var streamNames = [...]string{"all streams", "output stream", "error stream", "warning stream", "verbose stream", "debug stream", "information stream"}

// redirect reads what follows a redirection operator and adds it to list.
func (p *parser) redirect(t *token, list *[]*RedirectionNode) *RedirectionNode {
	r := &RedirectionNode{Span: t.Span, From: t.from, To: t.to, Append: t.Append}
	switch {
	case t.Kind == RedirectInStd || t.to == 0:
		if r.File = p.argument1(fileName); r.File == nil {
			p.error(after(t), "MissingFileSpecification")
			r.File = &ErrorExpr{Span: t.Span}
		}
		r.End = r.File.Pos().End
		if t.Kind == RedirectInStd {
			p.error(t.Span, "RedirectionNotSupported", t.Text)
			return nil
		}
	case t.to != 1 || t.from == t.to:
		p.error(t.Span, "RedirectionNotSupported", t.Text)
		r.To = 1
	}
	for _, o := range *list {
		if o.From == r.From {
			p.error(r.Span, "StreamAlreadyRedirected", streamNames[r.From])
			return r
		}
	}
	*list = append(*list, r)
	return r
}

// argContext says what a word of a command is.
type argContext uint8

const (
	commandName argContext = iota
	invokedName            // after & or .
	fileName
	commandArgument
	switchCondition
)

// argument1 reads one word or value as of a command; nil if none follows.
func (p *parser) argument1(ctx argContext) Expr {
	if k := p.peekTok().Kind; k == Comma || k == EndOfInput {
		return nil
	}
	defer p.in(commandMode)()
	return p.argument(ctx, p.nextTok())
}

func (p *parser) argument(ctx argContext, t *token) Expr {
	var list []Expr
	var comma *token
	for {
		var e Expr
		verbatim := false
		switch t.Kind {
		case Pipe, RCurly, RParen, EndOfInput, NewLine, Semi, Redirection, RedirectInStd, AndAnd, OrOr, Ampersand, MinusMinus, Comma:
			p.unget(t)
			if comma == nil {
				return nil
			}
			p.missing(after(comma), "MissingExpression", ",")
			err := &ErrorExpr{Span: list[0].Pos().To(comma.Span)}
			for _, x := range list {
				err.Nested = append(err.Nested, x)
			}
			return err
		case SplattedVariable, Variable, Number, HereStringExpandable, StringExpandable, HereStringLiteral, StringLiteral,
			LParen, DollarParen, AtParen, AtCurly, LCurly:
			p.unget(t)
			e = p.primary(true)
		case Generic:
			if t.Parts != nil && ctx != commandName {
				x := p.stringExpr(t).(*ExpandExpr)
				x.Bare = true
				e = x
			} else {
				e = &StringExpr{Span: t.Span, Value: t.Value, Bare: true}
				verbatim = t.Value == "--%"
			}
		default:
			e = &StringExpr{Span: t.Span, Value: t.Text, Bare: true}
		}
		if ctx == commandArgument && !verbatim && p.peekTok().Kind == Comma {
			comma = p.nextTok()
			list = append(list, e)
			p.newlines()
			t = p.nextTok()
			continue
		}
		if list == nil {
			return e
		}
		list = append(list, e)
		return &ArrayLiteral{list[0].Pos().To(e.Pos()), list}
	}
}

// command reads a command with its arguments; nil if none follows.
func (p *parser) command() *CommandCall {
	back := p.in(commandMode)
	c := &CommandCall{}
	t := p.nextTok()
	first := t
	c.Span = t.Span
	ctx := commandName
	if t.Kind == Dot || t.Kind == Ampersand {
		c.Invocation, ctx = t.Kind, invokedName
		t = p.nextTok()
	}
	dashes := false
	add := func(n Node) { c.Elements = append(c.Elements, n); c.Span.End = n.Pos().End }
scan:
	for {
		named := ctx == commandName || ctx == invokedName
		switch t.Kind {
		case Pipe, RCurly, RParen, EndOfInput, NewLine, Semi, AndAnd, OrOr, Ampersand:
			p.unget(t)
			break scan
		case MinusMinus:
			if dashes {
				add(&StringExpr{Span: t.Span, Value: t.Text, Bare: true})
			} else {
				add(&CommandParam{Span: t.Span, Name: "-", NameSpan: t.Span})
			}
			dashes = true
		case Comma:
			c.Span.End = t.End
			p.error(t.Span, "MissingArgument")
			p.newlines()
		case Parameter:
			if named || dashes {
				add(&StringExpr{Span: t.Span, Value: t.Text, Bare: true})
				break
			}
			n := &CommandParam{Span: t.Span, Name: t.Value, NameSpan: t.Span}
			if t.Colon && p.peekTok().Kind != Comma {
				if n.Arg = p.argument(commandArgument, p.nextTok()); n.Arg == nil {
					p.error(after(t), "ParameterRequiresArgument", t.Text)
				} else {
					n.Span.End = n.Arg.Pos().End
				}
			}
			add(n)
		case Redirection, RedirectInStd:
			if named {
				add(&StringExpr{Span: t.Span, Value: t.Text, Bare: true})
			} else if r := p.redirect(t, &c.Redirections); r != nil {
				c.Span.End = r.End
			}
		default:
			add(p.argument(ctx, t))
			if t.Kind == Generic && t.Value == "--%" && (p.ungot == nil || p.ungot.Kind == Parameter) {
				p.ungot = nil
				v := p.verbatim()
				add(&StringExpr{Span: v.Span, Value: v.Value, Bare: true})
				break scan
			}
		}
		ctx = commandArgument
		t = p.nextTok()
	}
	back()
	if len(c.Elements) == 0 {
		if c.Invocation != Unknown {
			p.error(first.Span, "MissingExpression", first.Text)
		}
		return nil
	}
	return c
}

// stringExpr makes the expression of a string token.
func (p *parser) stringExpr(t *token) Expr {
	if t.Parts == nil {
		return &StringExpr{Span: t.Span, Value: t.Value}
	}
	e := &ExpandExpr{Span: t.Span, Value: t.Value}
	for _, part := range t.Parts {
		switch {
		case part.tok == nil:
			e.Parts = append(e.Parts, ExpandPart{Text: part.lit})
		case part.tok.nested:
			e.Parts = append(e.Parts, ExpandPart{Expr: p.nestedExpr(part.tok)})
		default:
			e.Parts = append(e.Parts, ExpandPart{Expr: p.variableRule(part.tok, false)})
		}
	}
	return e
}

// nestedExpr parses the text of a $( ) that stood in a string.
func (p *parser) nestedExpr(t *token) Expr {
	saved, ungot := p.lexState, p.ungot
	defer func() { p.lexState, p.ungot = saved, ungot }()
	p.ungot = nil
	p.lexState = lexState{text: t.Value, base: t.Start, skips: t.skips}
	if e := p.primary(true); e != nil {
		return e
	}
	return &ErrorExpr{Span: t.Span}
}

func (p *parser) variableRule(t *token, members bool) Expr {
	drive, rest := SplitPath(t.Value)
	if !strings.EqualFold(drive, "using") || rest == "" {
		return variableExpr(t)
	}
	var e Expr = newVariable(t.Span, rest, t.Kind == SplattedVariable)
	if members {
		e = p.members(p.memberAccess(true), e)
	}
	return &UsingExpr{e.Pos(), e}
}

func variableExpr(t *token) *VariableExpr {
	return newVariable(t.Span, t.Value, t.Kind == SplattedVariable)
}

func newVariable(sp Span, name string, splatted bool) *VariableExpr {
	scope, key := SplitPath(strings.ToLower(name))
	return &VariableExpr{Span: sp, Name: name, Splatted: splatted, Scope: scope, Key: key}
}
