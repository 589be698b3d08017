package syntax

import "strings"

func (p *parser) class(attrs []*Attribute, t *token) Statement {
	p.newlines()
	name := p.simpleName()
	if name == nil {
		p.missing(after(t), "MissingNameAfterKeyword", t.Text)
		return &ErrorStatement{Span: t.Span}
	}
	d := &TypeDef{Name: name.Value}
	p.newlines()
	defer p.in(signatureMode)()
	last := name.Span
	if colon := p.accept(Colon); colon != nil {
		p.newlines()
		for sep := colon; ; {
			base := p.typeNameRule(false)
			if base == nil {
				p.missing(after(sep), "TypeNameExpected")
				break
			}
			d.Bases = append(d.Bases, base)
			last = base.Span
			p.newlines()
			if sep = p.accept(Comma); sep == nil {
				break
			}
			p.newlines()
		}
	}
	open := p.accept(LCurly)
	if open == nil {
		p.missing(after(last), "MissingTypeBody", t.Kind)
		return &ErrorStatement{Span: t.To(last)}
	}
	end, failed := open.Span, false
	for {
		m, bad := p.classMember(d.Name)
		if m == nil && !bad {
			break
		}
		if m != nil {
			d.Members = append(d.Members, m)
			end = m.Span
		}
		failed = failed || bad
	}
	end = p.closeType(open, end)
	return p.finishClass(d, attrs, t.Span, end, failed)
}

func (p *parser) closeType(open *token, end Span) Span {
	c := p.nextTok()
	if c.Kind == RCurly {
		return c.Span
	}
	p.unget(c)
	p.missingBefore(after(open), c.Span, "MissingEndCurlyBrace")
	return end
}

func (p *parser) finishClass(d *TypeDef, attrs []*Attribute, start, end Span, failed bool) Statement {
	for _, a := range attrs {
		failed = failed || a.Constraint
		d.Attributes = append(d.Attributes, a)
	}
	if attrs != nil {
		start = attrs[0].Span
	}
	d.Span = start.To(end)
	if failed {
		return &ErrorStatement{d.Span, []Node{d}}
	}
	return d
}

// classMember reads a member; nil and false at the end of the class.
func (p *parser) classMember(class string) (m *MemberDef, bad bool) {
	m = &MemberDef{}
	var start, last Span
	var t *token
	for {
		p.newlines()
		if a := p.attribute(); a != nil {
			if last = a.Span; start.IsZero() {
				start = a.Span
			}
			switch {
			case !a.Constraint:
				m.Attributes = append(m.Attributes, a)
			case m.Type == nil:
				m.Type, m.TypeSpan = a.Type, a.Span
			default:
				p.error(a.Span, "TooManyTypes")
			}
			continue
		}
		t = p.peekTok()
		if start.IsZero() {
			start = t.Span
		}
		flag := &m.Static
		if t.Kind == Hidden {
			flag = &m.Hidden
		} else if t.Kind != Static {
			break
		}
		if *flag {
			p.error(t.Span, "DuplicateQualifier", t.Text)
		}
		*flag, last = true, t.Span
		p.skipTok()
	}
	recorded := len(m.Attributes) > 0 || m.Type != nil
	switch {
	case t.Kind == Variable:
		p.skipTok()
		m.Name = t.Value
		end := t.Span
		if p.accept(Equals) != nil {
			p.newlines()
			if m.Value = p.expression(false); m.Value != nil {
				end = m.Value.Pos()
			}
		}
		m.Span = start.To(p.endOfProperty(end, true))
		return m, false
	case t.Kind == Identifier || t.Kind.keyword():
		p.skipTok()
		if !p.method(m, t, class) {
			p.sync(false, RCurly)
			return nil, recorded
		}
		m.Span = start.To(m.Method.Span)
		return m, false
	}
	if !last.IsZero() {
		p.missing(after(last), "IncompleteMemberDefinition")
		return nil, recorded
	}
	return nil, false
}

// endOfProperty reads the end of a property or an enum's value.
func (p *parser) endOfProperty(end Span, report bool) Span {
	t := p.peekTok()
	if report && t.Kind != NewLine && t.Kind != Semi && t.Kind != RCurly {
		p.missing(after(end), "MissingPropertyTerminator")
	}
	p.separators()
	if t.Kind == Semi {
		return t.Span
	}
	return end
}

func (p *parser) method(m *MemberDef, name *token, class string) bool {
	f := &FunctionDef{Name: name.Text, NameSpan: name.Span, HasParams: true}
	m.Name, m.Method = name.Text, f
	end, bad := name.Span, Span{}
	if p.peekTok().Kind == LParen {
		end, bad = p.functionParams(f, name)
	} else {
		p.missing(after(name), "MissingMethodParameterList")
	}
	if strings.EqualFold(name.Text, class) && !m.Static {
		p.newlines()
		back := p.in(signatureMode)
		if colon := p.accept(Colon); colon != nil {
			p.newlines()
			if base := p.accept(Base); base == nil {
				bad = colon.Span
				p.missing(after(colon), "MissingBaseCtorCall")
			} else {
				p.newlines()
				if open := p.accept(LParen); open == nil {
					bad = base.Span
					p.missing(after(base), "MissingMethodParameterList")
				} else {
					m.BaseCall = true
					m.BaseArgs, _ = p.arguments(open)
					p.newlines()
				}
			}
		}
		back()
	}
	open := p.accept(LCurly)
	if open == nil && bad.IsZero() {
		bad = end
		p.missing(after(end), "MissingFunctionBody")
	}
	if !bad.IsZero() {
		return false
	}
	defer p.in(commandMode)()
	f.Body = p.scriptBlock(open, nil)
	f.Span = name.To(f.Body.Span)
	return true
}

func (p *parser) enum(attrs []*Attribute, t *token) Statement {
	p.newlines()
	name := p.simpleName()
	if name == nil {
		p.missing(after(t), "MissingNameAfterKeyword", t.Text)
		return &ErrorStatement{Span: t.Span}
	}
	d := &TypeDef{Enum: true, Name: name.Value}
	defer p.in(signatureMode)()
	if colon := p.accept(Colon); colon != nil {
		p.newlines()
		if base := p.typeNameRule(false); base == nil {
			p.missing(after(colon), "TypeNameExpected")
		} else {
			switch n := strings.TrimPrefix(strings.ToLower(base.String()), "system."); n {
			case "byte", "sbyte", "short", "ushort", "int", "uint", "long", "ulong", "int16", "uint16", "int32", "uint32", "int64", "uint64":
			default:
				p.error(base.Span, "InvalidUnderlyingType", base.Name)
			}
			d.Bases = []*TypeName{base}
		}
	}
	p.newlines()
	open := p.accept(LCurly)
	if open == nil {
		p.missing(after(name), "MissingTypeBody", t.Kind)
		return &ErrorStatement{Span: t.To(name.Span)}
	}
	end := open.Span
	for {
		m := p.enumMember()
		if m == nil {
			break
		}
		d.Members = append(d.Members, m)
		end = m.Span
	}
	end = p.closeType(open, end)
	return p.finishClass(d, attrs, t.Span, end, false)
}

func (p *parser) enumMember() *MemberDef {
	p.newlines()
	name := p.simpleName()
	if name == nil {
		return nil
	}
	m := &MemberDef{Name: name.Value, Static: true}
	end, report := name.Span, true
	back := p.in(expressionMode)
	if eq := p.accept(Equals); eq != nil {
		if m.Value = p.expression(false); m.Value == nil {
			p.error(after(eq), "ExpectedValueExpression", eq.Kind)
			end, report = eq.Span, false
		} else {
			end = m.Value.Pos()
		}
	}
	back()
	m.Span = name.To(p.endOfProperty(end, report))
	return m
}

func (p *parser) usingStatement(t *token) Statement {
	word := p.nextTok()
	u := &UsingStatement{Kind: word.Kind}
	switch word.Kind {
	case Namespace, Type, Module, Command, Assembly:
	default:
		p.unget(word)
		p.missing(after(t), "MissingUsingStatementDirective")
		return &ErrorStatement{Span: t.Span}
	}
	item := p.nextTok()
	switch item.Kind {
	case EndOfInput, NewLine, Comma, Semi:
		p.unget(item)
		p.missing(after(word), "MissingUsingItemName")
		return &ErrorStatement{Span: t.To(word.Span)}
	}
	e := p.argument(commandArgument, item)
	switch v := e.(type) {
	case nil:
		p.error(item.Span, "InvalidValueForUsingItemName", item.Text)
		p.sync(true, Semi, NewLine)
		return &ErrorStatement{Span: t.To(item.Span)}
	case *StringExpr:
		u.Name = v.Value
	case *HashtableExpr:
		u.Spec = v
	}
	if u.Name == "" && (u.Spec == nil || word.Kind != Module) {
		p.error(e.Pos(), "InvalidValueForUsingItemName", p.src.Slice(e.Pos()))
		return &ErrorStatement{Span: t.To(e.Pos())}
	}
	u.Span = t.To(e.Pos())
	if word.Kind != Assembly && u.Spec == nil {
		if eq := p.accept(Equals); eq != nil {
			a := p.nextTok()
			switch a.Kind {
			case EndOfInput, NewLine, Semi:
				p.unget(a)
				p.missing(after(eq), "MissingNamespaceAlias")
				return &ErrorStatement{Span: t.To(eq.Span)}
			case Comma:
				p.error(a.Span, "UnexpectedUnaryOperator", a.Text)
				return &ErrorStatement{Span: t.To(a.Span)}
			}
			alias := p.argument(commandArgument, a)
			switch v := alias.(type) {
			case *StringExpr:
				u.Alias = v.Value
			case *HashtableExpr:
				u.Spec = v
			default:
				p.error(a.Span, "InvalidValueForUsingItemName", a.Text)
				return &ErrorStatement{Span: t.To(a.Span)}
			}
			u.Span = t.To(a.Span)
		} else if word.Kind == Type || word.Kind == Command {
			p.missing(after(item), "MissingEqualsInUsingAlias")
			return &ErrorStatement{Span: t.To(e.Pos())}
		}
	}
	if k := p.peekTok(); k.Kind == NewLine || k.Kind == Semi {
		p.skipTok()
	} else if k.Kind != EndOfInput {
		p.missing(k.Span, "MissingStatementTerminator")
	}
	return u
}
