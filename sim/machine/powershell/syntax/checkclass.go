package syntax

import "strings"

// visible are the variables of the surroundings that a method may read.
var visible = map[string]bool{
	"true": true, "false": true, "null": true,
	"_": true, "args": true, "this": true, "input": true, "pscmdlet": true, "psboundparameters": true, "myinvocation": true, "psscriptroot": true, "pscommandpath": true,
	"lastexitcode": true, "error": true, "stacktrace": true, "outputencoding": true, "nestedpromptlevel": true, "pwd": true, "matches": true, "psapplicationoutputencoding": true,
	"foreach": true, "switch": true,
}

// checkLocals reports variables of a method that nothing in it assigns: methods
// do not see the variables of who calls them. What nested script blocks do is
// their own affair.
func (p *parser) checkLocals(m *MemberDef) {
	local := map[string]bool{}
	for _, d := range m.Method.Params {
		local[d.Name.Key] = true
	}
	assigned := map[*VariableExpr]bool{}
	var note func(e Node)
	note = func(e Node) {
		switch e := e.(type) {
		case *VariableExpr:
			if e.Scope == "" || e.Scope == "local" || e.Scope == "private" {
				local[e.Key] = true
			}
			assigned[e] = true
		case *ConvertExpr:
			note(e.Operand)
		case *AttributedExpr:
			note(e.Operand)
		case *ParenExpr:
			if pl, ok := e.Pipeline.(*Pipeline); ok && len(pl.Elements) == 1 {
				if x, ok := pl.Elements[0].(*CommandExpr); ok {
					note(x.Expr)
				}
			}
		case *ArrayLiteral:
			for _, x := range e.Elements {
				note(x)
			}
		}
	}
	inside := func(f func(n Node)) {
		Walk(m.Method.Body, func(n Node, _ []Node) bool {
			if _, nested := n.(*ScriptBlock); nested && n != Node(m.Method.Body) {
				return false
			}
			f(n)
			return true
		})
	}
	inside(func(n Node) {
		switch n := n.(type) {
		case *Assignment:
			note(n.Target)
		case *UnaryExpr:
			switch n.Op {
			case PlusPlus, MinusMinus, PostfixPlusPlus, PostfixMinusMinus:
				note(n.Operand)
			}
		case *ForEachStatement:
			note(n.Variable)
		case *DataStatement:
			local[strings.ToLower(n.Variable)] = true
		case *CommandCall:
			noteVariables(n, local)
		}
	})
	inside(func(n Node) {
		v, ok := n.(*VariableExpr)
		if !ok || assigned[v] || local[v.Key] || visible[v.Key] {
			return
		}
		if v.Scope == "" || v.Scope == "local" || v.Scope == "private" {
			p.error(v.Span, "VariableNotLocal")
		}
	})
}

// noteVariables adds the variables that a command's parameters name.
func noteVariables(c *CommandCall, local map[string]bool) {
	for i, e := range c.Elements {
		x, ok := e.(*CommandParam)
		if !ok {
			continue
		}
		switch strings.ToLower(x.Name) {
		case "outvariable", "ov", "errorvariable", "ev", "warningvariable", "wv", "informationvariable", "iv", "pipelinevariable", "pv":
			arg := Node(x.Arg)
			if arg == nil && i+1 < len(c.Elements) {
				arg = c.Elements[i+1]
			}
			if s, ok := arg.(*StringExpr); ok {
				local[strings.ToLower(strings.TrimPrefix(s.Value, "+"))] = true
			}
		}
	}
}

func (p *parser) checkMethod(m *MemberDef, up []Node) {
	class, _ := up[len(up)-1].(*TypeDef)
	body := m.Method.Body
	ctor := class != nil && strings.EqualFold(m.Name, class.Name)
	if body.HasParam {
		p.error(body.ParamSpan, "ParamBlockNotAllowedInMethod")
	}
	if !body.Unnamed {
		for _, b := range []*Block{body.DynamicParam, body.Begin, body.Process, body.End} {
			if b != nil {
				p.error(b.Span, "NamedBlockNotAllowedInMethod")
				break
			}
		}
	}
	if ctor && m.Type != nil {
		p.error(m.TypeSpan, "ConstructorCantHaveReturnType")
	}
	p.checkLocals(m)
	if m.Type != nil && !isVoid(m.Type) && body.End != nil && !returns(body.End) {
		p.error(m.Method.NameSpan, "MethodHasCodePathNotReturn")
	}
}

// returns reports whether every way through the block ends in a return, a throw
// or an exit.
func returns(b *Block) bool {
	for _, s := range b.Statements {
		switch s := s.(type) {
		case *FlowStatement:
			switch s.Kind {
			case Return, Throw, Exit:
				return true
			}
		case *IfStatement:
			all := s.Else != nil && returns(s.Else)
			for _, c := range s.Clauses {
				all = all && returns(c.Body)
			}
			if all {
				return true
			}
		case *SwitchStatement:
			all := s.Default != nil && returns(s.Default)
			for _, c := range s.Clauses {
				all = all && returns(c.Body)
			}
			if all {
				return true
			}
		case *TryStatement:
			all := returns(s.Body)
			for _, c := range s.Catches {
				all = all && returns(c.Body)
			}
			if all || s.Finally != nil && returns(s.Finally) {
				return true
			}
		case *LoopStatement:
			if s.Do && returns(s.Body) || endless(s.Cond) && s.Kind == While {
				return true
			}
		case *ForStatement:
			if s.Cond == nil {
				return true
			}
		}
	}
	return false
}

func endless(cond Statement) bool {
	if pl, ok := cond.(*Pipeline); ok && len(pl.Elements) == 1 {
		if c, ok := pl.Elements[0].(*CommandExpr); ok {
			v, ok := c.Expr.(*VariableExpr)
			return ok && strings.EqualFold(v.Name, "true")
		}
	}
	return false
}

func (p *parser) checkClassTypes(tree *ScriptBlock) {
	own := map[string]bool{}
	Walk(tree, func(n Node, _ []Node) bool {
		if d, ok := n.(*TypeDef); ok {
			own[strings.ToLower(d.Name)] = true
		}
		return true
	})
	var check func(t *TypeName)
	check = func(t *TypeName) {
		if t.Elem != nil {
			check(t.Elem)
			return
		}
		for _, a := range t.Args {
			check(a)
		}
		if len(t.Args) == 0 && !own[strings.ToLower(t.Name)] && !p.opt.TypeExists(t.Name) {
			p.error(t.Span, "TypeNotFound", t.Name)
		}
	}
	Walk(tree, func(n Node, up []Node) bool {
		inClass := false
		for _, u := range up {
			if _, ok := u.(*TypeDef); ok {
				inClass = true
			}
		}
		switch n := n.(type) {
		case *TypeDef:
			for _, b := range n.Bases {
				check(b)
			}
		case *MemberDef:
			if n.Type != nil {
				check(n.Type)
			}
		case *TypeExpr:
			if inClass {
				check(n.Type)
			}
		case *Attribute:
			if inClass && n.Constraint {
				check(n.Type)
			}
		}
		return true
	})
}
