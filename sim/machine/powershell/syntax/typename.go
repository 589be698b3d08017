package syntax

import "strings"

// attributes reads attributes and type constraints; nil if none follows.
func (p *parser) attributes(inExpression bool) []*Attribute {
	var list []*Attribute
	for {
		a := p.attribute()
		if a == nil {
			return list
		}
		list = append(list, a)
		if !inExpression || !a.Constraint {
			p.newlines()
		}
	}
}

func (p *parser) nextBracket() *token {
	if p.ungot == nil {
		return p.bracket()
	}
	return p.accept(LBracket)
}

func (p *parser) attribute() *Attribute {
	open := p.nextBracket()
	if open == nil {
		return nil
	}
	p.newlines()
	t := p.typeNameRule(true)
	if t == nil {
		p.resync(open.Start)
		p.missing(after(open), "MissingTypename")
		return nil
	}
	a := &Attribute{Type: t}
	next := p.nextTok()
	if next.Kind == LParen {
		p.newlines()
		last := next.Span
		back := p.in(expressionMode)
		p.attributeArgs(a, &last)
		back()
		p.newlines()
		end := last
		paren := p.accept(RParen)
		if paren == nil {
			p.missing(after(last), "MissingEndParenthesisInExpression")
		} else {
			end = paren.Span
		}
		p.newlines()
		if c := p.accept(RBracket); c != nil {
			end = c.Span
		} else if paren != nil {
			p.missing(after(paren), "EndSquareBracketExpectedAtEndOfAttribute")
		}
		a.Span = open.To(end)
		return a
	}
	a.Constraint = true
	a.Span = open.To(t.Span)
	if next.Kind == RBracket {
		a.Span = open.To(next.Span)
	} else {
		p.unget(next)
		p.error(before(next), "EndSquareBracketExpectedAtEndOfAttribute")
	}
	return a
}

func (p *parser) attributeArgs(a *Attribute, last *Span) {
	defer p.commas(true)()
	var comma *token
	for {
		p.newlines()
		name := p.simpleName()
		switch {
		case name != nil:
			n := NamedArg{Span: name.Span, Name: name.Value}
			if eq := p.accept(Equals); eq != nil {
				p.newlines()
				if n.Value = p.expression(false); n.Value == nil {
					p.missing(after(eq), "MissingExpressionInNamedArgument")
					n.Value = &ErrorExpr{Span: after(eq)}
					p.sync(true, Comma, RParen, RBracket, NewLine)
				}
				*last = n.Value.Pos()
				n.End = last.End
			}
			a.Named = append(a.Named, n)
		default:
			if e := p.expression(false); e != nil {
				a.Positional = append(a.Positional, e)
				*last = e.Pos()
			} else if comma != nil {
				at := after(comma)
				p.missing(at, "MissingExpressionAfterToken", Comma)
				a.Positional = append(a.Positional, &ErrorExpr{Span: at})
				*last = at
			}
		}
		p.newlines()
		if comma = p.accept(Comma); comma == nil {
			return
		}
		*last = comma.Span
	}
}

// typeNameRule reads a type's name; nil if none follows.
func (p *parser) typeNameRule(assembly bool) *TypeName {
	defer p.in(typeNameMode)()
	t := p.accept(Identifier)
	if t == nil {
		return nil
	}
	return p.finishType(t, false, assembly)
}

func plainType(t *token) *TypeName { return &TypeName{Span: t.Span, Name: t.Text} }

// finishType reads what follows a type's name. In a bare generic argument a
// comma ends it.
func (p *parser) finishType(name *token, bare, assembly bool) *TypeName {
	if open := p.accept(LBracket); open != nil {
		p.newlines()
		t := p.nextTok()
		switch t.Kind {
		case RBracket, Comma:
			n := plainType(name)
			return p.arrayType(n, n, t, bare)
		case LBracket, Identifier:
			return p.genericType(name, t, bare)
		case EndOfInput:
			p.unget(t)
			p.missing(after(open), "MissingTypename")
		default:
			p.error(t.Span, "UnexpectedToken", t.Text)
			p.sync(true, RBracket)
		}
		return plainType(name)
	}
	n := plainType(name)
	if assembly && !bare {
		p.assembly(n)
	}
	return n
}

func (p *parser) assembly(n *TypeName) bool {
	comma := p.accept(Comma)
	if comma == nil {
		return false
	}
	if n.Assembly = p.assemblyName(); strings.TrimSpace(n.Assembly) == "" {
		p.error(after(comma), "MissingAssemblyNameSpecification")
	} else {
		n.End = p.span(p.cur, p.cur).End
	}
	return true
}

func (p *parser) genericArg(first *token) *TypeName {
	if first.Kind == Identifier {
		return p.finishType(first, true, true)
	}
	t := p.nextTok()
	if t.Kind != Identifier {
		p.unget(t)
		p.missing(after(t), "MissingTypename")
		return &TypeName{Span: first.Span, Name: ":ErrorTypeName:"}
	}
	n := p.finishType(t, false, true)
	if c := p.nextTok(); c.Kind != RBracket {
		p.unget(c)
		p.missing(before(c), "EndSquareBracketExpectedAtEndOfType")
	}
	return n
}

// genericArgs reads the arguments of a generic and the token after them.
func (p *parser) genericArgs(first *token) (args []*TypeName, last *token) {
	defer p.enter()()
	args = append(args, p.genericArg(first))
	for {
		p.newlines()
		if last = p.nextTok(); last.Kind != Comma {
			return args, last
		}
		p.newlines()
		if t := p.peekTok(); t.Kind == Identifier || t.Kind == LBracket {
			p.skipTok()
			args = append(args, p.genericArg(t))
		} else {
			p.missing(after(last), "MissingTypename")
			args = append(args, &TypeName{Span: last.Span, Name: ":ErrorTypeName:"})
		}
	}
}

func (p *parser) genericType(name, first *token, bare bool) *TypeName {
	n := plainType(name)
	var close *token
	n.Args, close = p.genericArgs(first)
	if close.Kind == RBracket {
		n.End = close.End
	} else {
		p.unget(close)
		p.missing(before(close), "EndSquareBracketExpectedAtEndOfAttribute")
		n.End = n.Args[len(n.Args)-1].End
	}
	if p.accept(LBracket) != nil {
		return p.arrayType(n, n, p.nextTok(), bare)
	}
	if !bare {
		p.assembly(n)
	}
	return n
}

func (p *parser) arrayType(elem, named *TypeName, t *token, bare bool) *TypeName {
	for {
		switch t.Kind {
		case Comma:
			rank, last := 1, t
			first := t
			for t.Kind == Comma {
				last = t
				rank++
				t = p.nextTok()
			}
			if rank > 32 {
				if t.Kind != RBracket {
					p.unget(t)
				}
				p.error(first.To(last.Span), "ArrayHasTooManyDimensions", itoa(rank))
				break
			}
			if t.Kind != RBracket {
				p.unget(t)
				p.error(after(last), "EndSquareBracketExpectedAtEndOfAttribute")
			}
			elem = &TypeName{Span: elem.To(t.Span), Elem: elem, Rank: rank}
		case RBracket:
			elem = &TypeName{Span: elem.To(t.Span), Elem: elem, Rank: 1}
		case EndOfInput:
			p.unget(t)
			p.error(before(t), "EndSquareBracketExpectedAtEndOfAttribute")
		default:
			p.error(t.Span, "UnexpectedToken", t.Text)
			p.sync(true, RBracket)
		}
		if !bare && p.assembly(named) {
			return elem
		}
		if p.accept(LBracket) == nil {
			return elem
		}
		t = p.nextTok()
	}
}
