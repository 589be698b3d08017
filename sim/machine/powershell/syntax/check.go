package syntax

import (
	"fmt"
	"strings"
)

// checkTree reports what is well formed but makes no sense.
func (p *parser) checkTree(tree *ScriptBlock) {
	if p.opt.TypeExists != nil {
		p.checkClassTypes(tree)
	}
	Walk(tree, func(n Node, up []Node) bool {
		switch n := n.(type) {
		case *ScriptBlock:
			if n.HasParam {
				p.checkParams(n.Params)
			}
		case *FunctionDef:
			switch {
			case n.HasParams && n.Body.HasParam:
				if _, method := up[len(up)-1].(*MemberDef); !method {
					p.error(n.Body.ParamSpan, "OnlyOneParameterListAllowed")
				}
			case n.HasParams:
				p.checkParams(n.Params)
			}
			if n.Workflow && !p.opt.V5 {
				p.error(n.Span, "WorkflowNotSupportedInPowerShellCore")
			}
		case *Attribute:
			p.checkAttribute(n)
		case *ParamDecl:
			for _, a := range n.Attributes {
				if a.Constraint && strings.EqualFold(a.Type.String(), "ordered") {
					p.error(a.Span, "OrderedAttributeOnlyOnHashLiteralNode", a.Type.String())
				}
			}
		case *MemberDef:
			if n.Method != nil {
				p.checkMethod(n, up)
			}
		case *SwitchStatement:
			if n.Parallel {
				p.error(n.Span, "KeywordParameterReservedForFutureUse", "switch", "parallel")
			}
		case *ForEachStatement:
			if n.Parallel {
				p.error(n.Span, "KeywordParameterReservedForFutureUse", "foreach", "parallel")
			}
			if n.Throttle != nil && !n.Parallel {
				p.error(n.Span, "ThrottleLimitRequiresParallelFlag")
			}
		case *TryStatement:
			p.checkCatches(n)
		case *FlowStatement:
			p.checkFlow(n, up)
		case *Assignment:
			p.checkTarget(n.Target, n.Op == Equals, func(e Node) { p.error(e.Pos(), "InvalidLeftHandSide") })
		case *UnaryExpr:
			switch n.Op {
			case PlusPlus, MinusMinus, PostfixPlusPlus, PostfixMinusMinus:
				p.checkTarget(n.Operand, false, func(e Node) { p.error(e.Pos(), "OperatorRequiresVariableOrProperty", n.Op) })
			}
		case *ConvertExpr:
			if strings.EqualFold(n.Type.Type.String(), "ordered") {
				if _, ok := n.Operand.(*HashtableExpr); !ok {
					p.error(n.Span, "OrderedAttributeOnlyOnHashLiteralNode", n.Type.Type.String())
				}
			}
		case *VariableExpr:
			p.checkSplat(n, up)
		case *HashtableExpr:
			p.checkKeys(n)
		case *AttributedExpr:
			e := Expr(n)
			for {
				switch x := e.(type) {
				case *AttributedExpr:
					e = x.Operand
					continue
				case *ConvertExpr:
					e = x.Operand
					continue
				}
				break
			}
			if _, ok := e.(*VariableExpr); !ok {
				p.error(n.Attribute.Span, "UnexpectedAttribute", n.Attribute.Type.String())
			}
		case *UsingExpr:
			if bad := badUsing(n.Expr); bad != nil {
				p.error(bad.Pos(), "InvalidUsingExpression")
			}
		case *BlockStatement:
			p.error(n.KindSpan, "UnexpectedKeyword", n.Kind)
		}
		return true
	})
}

func isVoid(t *TypeName) bool {
	s := strings.ToLower(t.String())
	return s == "void" || s == "system.void"
}

func isRef(t *TypeName) bool {
	s := strings.ToLower(t.String())
	return s == "ref" || s == "psreference" || s == "system.management.automation.psreference"
}

func (p *parser) checkParams(params []*ParamDecl) {
	seen := map[string]bool{}
	for _, d := range params {
		name := strings.ToLower(d.Name.Name)
		if seen[name] {
			p.error(d.Name.Span, "DuplicateFormalParameter", d.Name.Name)
		}
		seen[name] = true
		for _, a := range d.Attributes {
			if a.Constraint && isVoid(a.Type) {
				p.error(a.Span, "VoidTypeConstraintNotAllowed")
				break
			}
		}
	}
}

func (p *parser) checkAttribute(a *Attribute) {
	names := map[string]bool{}
	for _, n := range a.Named {
		key := strings.ToLower(n.Name)
		if names[key] {
			p.error(n.Span, "DuplicateNamedArgument", n.Name)
		} else if n.Value != nil && !constant(n.Value) {
			p.error(n.Value.Pos(), "ParameterAttributeArgumentNeedsToBeConstantOrScriptBlock")
		}
		names[key] = true
	}
	for _, e := range a.Positional {
		if !constant(e) {
			p.error(e.Pos(), "ParameterAttributeArgumentNeedsToBeConstantOrScriptBlock")
		}
	}
}

// constant reports whether an attribute may have the argument.
func constant(e Node) bool {
	all := func(list ...Expr) bool {
		for _, x := range list {
			if !constant(x) {
				return false
			}
		}
		return true
	}
	switch e := e.(type) {
	case *ConstantExpr, *StringExpr, *TypeExpr, *ScriptBlockExpr:
		return true
	case *VariableExpr:
		switch strings.ToLower(e.Name) {
		case "true", "false", "null":
			return true
		}
	case *ArrayLiteral:
		return all(e.Elements...)
	case *ParenExpr:
		return constantPipe(e.Pipeline)
	case *SubExpr:
		return len(e.Body.Statements) == 1 && constantPipe(e.Body.Statements[0])
	case *ArrayExpr:
		return len(e.Body.Statements) == 0 || len(e.Body.Statements) == 1 && constantPipe(e.Body.Statements[0])
	case *UnaryExpr:
		return (e.Op == Plus || e.Op == Minus || e.Op == Not || e.Op == Exclaim || e.Op == Bnot) && constant(e.Operand)
	case *BinaryExpr:
		return (e.Op.binary() >= 9 && e.Op != Format && e.Op != DotDot || e.Op.binary() > 0 && e.Op.binary() < 3 || e.Op == Shl || e.Op == Shr) && all(e.Left, e.Right)
	case *ConvertExpr:
		return constant(e.Operand)
	case *MemberExpr:
		_, isType := e.Target.(*TypeExpr)
		_, named := e.Member.(*StringExpr)
		return e.Static && isType && named
	case *HashtableExpr:
		for _, pair := range e.Pairs {
			if !constant(pair.Key) || !constantPipe(pair.Value) {
				return false
			}
		}
		return true
	}
	return false
}

func constantPipe(s Statement) bool {
	pl, ok := s.(*Pipeline)
	if !ok || len(pl.Elements) != 1 {
		return false
	}
	c, ok := pl.Elements[0].(*CommandExpr)
	return ok && constant(c.Expr)
}

func (p *parser) checkCatches(t *TryStatement) {
	for i, c := range t.Catches {
		for _, later := range t.Catches[i+1:] {
			if len(c.Types) == 0 {
				p.error(before(later), "EmptyCatchNotLast")
				break
			}
			for _, a := range c.Types {
				for _, b := range later.Types {
					if strings.EqualFold(a.Type.String(), b.Type.String()) {
						p.error(b.Span, "ExceptionTypeAlreadyCaught", b.Type.String())
					}
				}
			}
		}
	}
}

func (p *parser) checkFlow(f *FlowStatement, up []Node) {
	label := ""
	if s, ok := f.Label.(*StringExpr); ok {
		label = s.Value
	}
	loops := f.Kind == Break || f.Kind == Continue
	for i := len(up) - 1; i >= 0; i-- {
		switch n := up[i].(type) {
		case *TryStatement:
			if i+1 < len(up) && n.Finally != nil && up[i+1] == Node(n.Finally) && (loops || f.Kind == Return) {
				p.error(f.Span, "ControlLeavingFinally")
				return
			}
		case *ForEachStatement, *ForStatement, *LoopStatement, *SwitchStatement:
			if loops && (label == "" || strings.EqualFold(label, labelOf(n))) {
				return
			}
		case *TrapStatement, *ScriptBlock:
			if f.Kind == Return {
				p.checkReturn(f, up[:i])
			}
			return
		}
	}
}

func labelOf(n Node) string {
	switch n := n.(type) {
	case *ForEachStatement:
		return n.Label
	case *ForStatement:
		return n.Label
	case *LoopStatement:
		return n.Label
	case *SwitchStatement:
		return n.Label
	}
	return ""
}

func (p *parser) checkReturn(f *FlowStatement, up []Node) {
	if len(up) < 2 {
		return
	}
	m, ok := up[len(up)-2].(*MemberDef)
	if !ok || m.Method != up[len(up)-1] {
		return
	}
	void := m.Type == nil || isVoid(m.Type)
	switch {
	case f.Value != nil && void:
		p.error(f.Span, "VoidMethodHasReturn")
	case f.Value == nil && !void:
		p.error(f.Span, "NonVoidMethodMissingReturnValue")
	}
}

// checkTarget reports what cannot be assigned to.
func (p *parser) checkTarget(e Expr, simple bool, bad func(Node)) {
	converts := 0
	var ref *Attribute
	for {
		switch x := e.(type) {
		case *AttributedExpr:
			e = x.Operand
			continue
		case *ConvertExpr:
			converts++
			if isRef(x.Type.Type) {
				ref = x.Type
			} else if isVoid(x.Type.Type) {
				p.error(x.Type.Span, "VoidTypeConstraintNotAllowed")
			}
			e = x.Operand
			continue
		}
		break
	}
	if ref != nil && converts > 1 {
		p.error(ref.Span, "ReferenceNeedsToBeByItselfInTypeConstraint")
		return
	}
	switch x := e.(type) {
	case *VariableExpr, *IndexExpr:
		if i, ok := x.(*IndexExpr); ok && i.Conditional {
			bad(x)
		}
	case *MemberExpr:
		if x.Conditional {
			bad(x)
		}
	case *ArrayLiteral:
		if !simple {
			bad(x)
			return
		}
		for _, el := range x.Elements {
			p.checkTarget(el, true, bad)
		}
	case *ParenExpr:
		if pl, ok := x.Pipeline.(*Pipeline); ok && len(pl.Elements) == 1 {
			if c, ok := pl.Elements[0].(*CommandExpr); ok {
				p.checkTarget(c.Expr, simple, bad)
				return
			}
		}
		bad(x.Pipeline)
	default:
		bad(e)
	}
}

func (p *parser) checkSplat(v *VariableExpr, up []Node) {
	if !v.Splatted || len(up) == 0 {
		return
	}
	switch up[len(up)-1].(type) {
	case *CommandCall, *UsingExpr:
		return
	case *ArrayLiteral:
		if len(up) > 1 {
			if _, ok := up[len(up)-2].(*CommandCall); ok {
				p.error(v.Span, "SplattingNotPermittedInArgumentList", v.Name)
				return
			}
		}
	}
	p.error(v.Span, "SplattingNotPermitted", v.Name)
}

func (p *parser) checkKeys(h *HashtableExpr) {
	seen := map[string]bool{}
	for _, pair := range h.Pairs {
		key := ""
		switch k := pair.Key.(type) {
		case *StringExpr:
			key = k.Value
		case *ConstantExpr:
			key = fmt.Sprint(k.Value)
		default:
			continue
		}
		fold := strings.ToLower(key)
		if seen[fold] {
			p.error(pair.Key.Pos(), "DuplicateKeyInHashLiteral", key)
		}
		seen[fold] = true
	}
}

func badUsing(e Expr) Expr {
	switch e := e.(type) {
	case *VariableExpr:
		return nil
	case *MemberExpr:
		if _, ok := e.Member.(*StringExpr); ok {
			return badUsing(e.Target)
		}
	case *IndexExpr:
		if !constant(e.Index) {
			return e.Index
		}
		return badUsing(e.Target)
	}
	return e
}

// checkClassTypes reports the types that classes name and nobody knows.
