package syntax

// expression reads an expression; nil if none follows. With ternary a number
// ends before ? and :.
func (p *parser) expression(ternary bool) Expr {
	defer p.enter()()
	defer p.in(expressionMode)()
	cond := p.binaryExpr(ternary)
	if cond == nil {
		return nil
	}
	question := p.accept(QuestionMark)
	if question == nil {
		return cond
	}
	branch := func(t *token) Expr {
		p.newlines()
		e := p.expression(true)
		if e == nil {
			p.missing(after(t), "ExpectedValueExpression", t.Text)
			e = &ErrorExpr{Span: after(t)}
		}
		return e
	}
	then := branch(question)
	p.newlines()
	colon := p.nextTok()
	if colon.Kind != Colon {
		p.unget(colon)
		if _, bad := then.(*ErrorExpr); !bad {
			p.missing(colon.Span, "MissingColonInTernaryExpression")
		}
		return &ErrorExpr{cond.Pos().To(before(colon)), []Node{cond, then}}
	}
	other := branch(colon)
	return &TernaryExpr{cond.Pos().To(other.Pos()), cond, then, other}
}

func (p *parser) binaryExpr(ternary bool) Expr {
	defer p.enter()()
	defer p.in(expressionMode)()
	e := p.arrayLiteral(ternary)
	if e == nil {
		return nil
	}
	op := p.peekTok()
	prec := op.Kind.binary()
	if prec == 0 {
		if op.Kind == Parameter {
			return p.strayParameter(op, e)
		}
		return e
	}
	p.skipTok()
	operands, ops := []Expr{e}, []*token{op}
	fold := func() {
		n := len(operands)
		l, r, o := operands[n-2], operands[n-1], ops[n-2]
		operands, ops = append(operands[:n-2], &BinaryExpr{l.Pos().To(r.Pos()), l, o.Kind, r, o.Span}), ops[:n-2]
	}
	for {
		p.newlines()
		if e = p.arrayLiteral(true); e == nil {
			at := after(op)
			p.missing(at, "ExpectedValueExpression", op.Text)
			e = &ErrorExpr{Span: at}
		}
		operands = append(operands, e)
		op = p.nextTok()
		next := op.Kind.binary()
		if next == 0 {
			p.unget(op)
			break
		}
		for len(ops) > 0 && next <= ops[len(ops)-1].Kind.binary() {
			fold()
		}
		ops = append(ops, op)
	}
	for len(ops) > 0 {
		fold()
	}
	if op.Kind == Parameter {
		return p.strayParameter(op, operands[0])
	}
	return operands[0]
}

func (p *parser) strayParameter(t *token, e Expr) Expr {
	p.error(t.Span, "UnexpectedToken", t.Text)
	p.skipTok()
	return &ErrorExpr{e.Pos().To(t.Span), []Node{e}}
}

func (p *parser) arrayLiteral(ternary bool) Expr {
	first := p.unaryExpr(ternary)
	if first == nil {
		return nil
	}
	comma := p.peekTok()
	if comma.Kind != Comma || p.noComma {
		return first
	}
	list := []Expr{first}
	for comma.Kind == Comma {
		p.skipTok()
		p.newlines()
		e := p.unaryExpr(true)
		if e == nil {
			p.missing(after(comma), "MissingExpressionAfterToken", comma.Text)
			list = append(list, &ErrorExpr{Span: comma.Span})
			break
		}
		list = append(list, e)
		comma = p.peekTok()
	}
	return &ArrayLiteral{first.Pos().To(list[len(list)-1].Pos()), list}
}

func (p *parser) unaryExpr(ternary bool) Expr {
	defer p.enter()()
	signed, oldTernary := p.signed, p.ternary
	p.signed, p.ternary = true, ternary
	if p.ungot != nil && (p.ungot.Kind == Minus || ternary && p.ungot.Kind == Generic) {
		p.resync(p.ungot.Start)
	}
	t := p.peekTok()
	p.signed, p.ternary = signed, oldTernary
	var e Expr
	switch {
	case t.Kind.unary():
		if p.noComma && t.Kind == Comma {
			return nil
		}
		p.skipTok()
		p.newlines()
		child := p.unaryExpr(true)
		if child == nil {
			p.missing(after(t), "MissingExpressionAfterOperator", t.Text)
			return &ErrorExpr{Span: t.Span}
		}
		if t.Kind == Comma {
			e = &ArrayLiteral{t.To(child.Pos()), []Expr{child}}
		} else {
			e = &UnaryExpr{t.To(child.Pos()), t.Kind, child}
		}
	case t.Kind == LBracket:
		if e = p.typed(t); e == nil {
			return nil
		}
	default:
		e = p.primary(true)
	}
	if e == nil {
		return nil
	}
	switch t := p.peekTok(); t.Kind {
	case PlusPlus:
		p.skipTok()
		return &UnaryExpr{e.Pos().To(t.Span), PostfixPlusPlus, e}
	case MinusMinus:
		p.skipTok()
		return &UnaryExpr{e.Pos().To(t.Span), PostfixMinusMinus, e}
	}
	return e
}

// typed reads what begins with [: a type, a conversion or an attribute.
func (p *parser) typed(open *token) Expr {
	attrs := p.attributes(true)
	if attrs == nil {
		return nil
	}
	n := len(attrs) - 1
	last := attrs[n]
	var e Expr
	if !last.Constraint {
		p.newlines()
		child := p.unaryExpr(true)
		if child == nil {
			p.missing(last.Span, "UnexpectedAttribute", last.Type.String())
			return &ErrorExpr{Span: open.To(last.Span)}
		}
		e = &AttributedExpr{last.To(child.Pos()), last, child}
	} else {
		var access *token
		if p.ungot == nil {
			access = p.memberAccess(false)
		}
		if access != nil {
			e = p.members(access, &TypeExpr{last.Span, last.Type})
		} else if k := p.peekTok().Kind; k != NewLine && k != Comma {
			if child := p.unaryExpr(true); child != nil {
				e = &ConvertExpr{last.To(child.Pos()), last, child}
			}
		}
		if e == nil {
			e = &TypeExpr{last.Span, last.Type}
		}
	}
	for i := n - 1; i >= 0; i-- {
		if a := attrs[i]; a.Constraint {
			e = &ConvertExpr{a.To(e.Pos()), a, e}
		} else {
			e = &AttributedExpr{a.To(e.Pos()), a, e}
		}
	}
	return e
}

// primary reads an expression without operators, with its members if asked.
func (p *parser) primary(members bool) Expr {
	t := p.nextTok()
	var e Expr
	switch t.Kind {
	case SplattedVariable, Variable:
		e = p.variableRule(t, members)
	case Number:
		e = &ConstantExpr{t.Span, t.Number}
	case HereStringExpandable, StringExpandable, HereStringLiteral, StringLiteral:
		e = p.stringExpr(t)
	case LParen:
		e = p.paren(t)
	case AtParen, DollarParen:
		e = p.subExpr(t)
	case AtCurly:
		e = p.hashtable(t)
	case LCurly:
		e = p.scriptBlockExpr(t)
	default:
		p.unget(t)
		return nil
	}
	if !members {
		return e
	}
	var access *token
	if p.ungot == nil {
		access = p.memberAccess(true)
	}
	return p.members(access, e)
}

// members reads the members and indexes after an expression, the first operator
// given.
func (p *parser) members(t *token, e Expr) Expr {
	for t != nil {
		p.newlines()
		switch t.Kind {
		case LBracket, QuestionLBracket:
			e = p.index(t, e)
		default:
			e = p.member(t, e)
		}
		if p.ungot != nil {
			return e
		}
		t = p.memberAccess(true)
	}
	return e
}

func (p *parser) memberName() Expr {
	if n := p.simpleName(); n != nil {
		return n
	}
	if k := p.peekTok().Kind; k.unary() || k == LBracket {
		return p.unaryExpr(false)
	}
	return p.primary(false)
}

func (p *parser) member(op *token, target Expr) Expr {
	m := MemberExpr{Target: target, Static: op.Kind == ColonColon, Conditional: op.Kind == QuestionDot}
	m.Member = p.memberName()
	if m.Member == nil {
		p.missing(after(op), "MissingPropertyName")
		if m.Member = p.argument1(commandArgument); m.Member == nil {
			m.Member = &ErrorExpr{Span: target.Pos().To(op.Span)}
		}
	} else if p.ungot == nil {
		at := p.mark()
		types, close := p.typeArguments(at)
		if open := p.invokeParen(); open != nil {
			inv := &InvokeExpr{MemberExpr: m, TypeArgs: types}
			var end Span
			if open.Kind == LParen {
				inv.Args, end = p.arguments(open)
			} else {
				p.newlines()
				b := p.scriptBlockExpr(open)
				inv.Args, end = []Expr{b}, b.Pos()
			}
			inv.Span = target.Pos().To(end)
			return inv
		} else if close != nil {
			p.resync(at)
		}
	}
	m.Span = target.Pos().To(m.Member.Pos())
	return &m
}

// typeArguments reads [Type, Type] between a method's name and its parenthesis.
func (p *parser) typeArguments(at int) (types []*TypeName, close *token) {
	if p.opt.V5 {
		return nil, nil
	}
	if t := p.nextTok(); t.Kind != LBracket {
		p.resync(at)
		return nil, nil
	}
	back := p.in(typeNameMode)
	p.newlines()
	first := p.nextTok()
	if first.Kind != Identifier {
		back()
		p.resync(at)
		return nil, nil
	}
	types, close = p.genericArgs(first)
	if close.Kind != RBracket {
		p.unget(close)
		p.missing(before(close), "EndSquareBracketExpectedAtEndOfType")
		close = nil
	}
	back()
	return types, close
}

// arguments reads the arguments of a method up to its closing parenthesis.
func (p *parser) arguments(open *token) (args []Expr, end Span) {
	defer p.commas(true)()
	end = open.Span
	reported := false
	var comma *token
	for {
		p.newlines()
		a := p.expression(false)
		if a == nil {
			if comma != nil {
				p.missing(after(comma), "MissingExpressionAfterToken", Comma)
				reported = true
				end = comma.Span
			}
			break
		}
		args = append(args, a)
		end = a.Pos()
		p.newlines()
		if comma = p.accept(Comma); comma == nil {
			break
		}
	}
	p.newlines()
	if c := p.accept(RParen); c != nil {
		return args, c.Span
	}
	if !reported {
		at := open.Span
		if n := len(args); n > 0 {
			at = args[n-1].Pos()
		}
		p.missing(after(at), "MissingEndParenthesisInMethodCall")
	}
	return args, end
}

func (p *parser) index(open *token, target Expr) Expr {
	p.newlines()
	back := p.commas(false)
	i := p.expression(false)
	back()
	bad := i == nil
	if bad {
		p.missing(after(open), "MissingArrayIndexExpression")
		i = &ErrorExpr{Span: open.Span}
	}
	p.newlines()
	end := i.Pos()
	if c := p.accept(RBracket); c != nil {
		end = c.Span
	} else if _, isErr := i.(*ErrorExpr); !isErr {
		p.missing(after(i), "MissingEndSquareBracket")
	}
	return &IndexExpr{target.Pos().To(end), target, i, open.Kind == QuestionLBracket}
}

func (p *parser) hashtable(open *token) Expr {
	h := &HashtableExpr{}
	p.newlines()
	for {
		key, value := p.hashPair()
		if key == nil {
			break
		}
		h.Pairs = append(h.Pairs, HashPair{key, value})
		if k := p.peekTok().Kind; k != NewLine && k != Semi {
			break
		}
		p.separators()
	}
	t := p.nextTok()
	if t.Kind == RCurly {
		h.Span = open.To(t.Span)
		return h
	}
	p.unget(t)
	p.missingBefore(after(open), t.Span, "MissingEndCurlyBrace")
	h.Span = open.To(before(t))
	return h
}

func (p *parser) hashPair() (Expr, Statement) {
	back := p.in(expressionMode)
	key := p.labelOrKey()
	if key == nil {
		back()
		return nil, nil
	}
	eq := p.nextTok()
	back()
	if eq.Kind != Equals {
		p.unget(eq)
		p.error(after(key), "MissingEqualsInHashLiteral")
		p.sync(false, RCurly, Semi, NewLine)
		return key, &ErrorStatement{Span: after(key)}
	}
	defer p.in(commandMode)()
	p.newlines()
	value := p.statement()
	if value == nil {
		p.missing(after(eq), "MissingStatementInHashLiteral")
		value = &ErrorStatement{Span: after(eq)}
	}
	return key, value
}

func (p *parser) scriptBlockExpr(open *token) Expr {
	defer p.commas(false)()
	defer p.in(commandMode)()
	p.newlines()
	sb := p.scriptBlock(open, nil)
	return &ScriptBlockExpr{sb.Span, sb}
}

func (p *parser) subExpr(open *token) Expr {
	defer p.commas(false)()
	defer p.in(commandMode)()
	p.newlines()
	b := &Block{}
	b.Span = p.statements(b)
	p.newlines()
	end := b.Span
	if end.IsZero() {
		end = open.Span
	}
	t := p.nextTok()
	if t.Kind == RParen {
		end = t.Span
	} else {
		p.unget(t)
		p.missing(t.Span, "MissingEndParenthesisInSubexpression")
	}
	if open.Kind == AtParen {
		return &ArrayExpr{open.To(end), b}
	}
	return &SubExpr{open.To(end), b}
}

func (p *parser) paren(open *token) Expr {
	defer p.commas(false)()
	defer p.in(commandMode)()
	p.newlines()
	s := p.chain()
	if s == nil {
		p.missing(after(open), "ExpectedExpression")
		s = &ErrorStatement{Span: after(open)}
	}
	p.newlines()
	end := s.Pos()
	if c := p.accept(RParen); c != nil {
		end = c.Span
	} else {
		p.missing(after(s), "MissingEndParenthesisInExpression")
	}
	return &ParenExpr{open.To(end), s}
}
