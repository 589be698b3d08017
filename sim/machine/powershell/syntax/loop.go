package syntax

import (
	"strings"
)

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
