package syntax

// Walk calls f for n and then, if f returns true, for what it holds, in the
// order of the text. Up are the nodes around n, the nearest last.
func Walk(n Node, f func(n Node, up []Node) bool) { walk(n, nil, f) }

func walk(n Node, up []Node, f func(Node, []Node) bool) {
	if n == nil || !f(n, up) {
		return
	}
	up = append(up, n)
	each := func(list ...Node) {
		for _, c := range list {
			walk(c, up, f)
		}
	}
	block := func(list ...*Block) {
		for _, b := range list {
			if b != nil {
				walk(b, up, f)
			}
		}
	}
	switch n := n.(type) {
	case *ScriptBlock:
		for _, a := range n.Attributes {
			each(a)
		}
		for _, d := range n.Params {
			each(d)
		}
		block(n.DynamicParam, n.Begin, n.Process, n.End, n.Clean)
	case *Block:
		for _, t := range n.Traps {
			each(t)
		}
		for _, s := range n.Statements {
			each(s)
		}
	case *ParamDecl:
		for _, a := range n.Attributes {
			each(a)
		}
		each(n.Name, n.Default)
	case *Attribute:
		for _, e := range n.Positional {
			each(e)
		}
		for _, a := range n.Named {
			each(a.Value)
		}
	case *Pipeline:
		each(n.Elements...)
	case *Chain:
		each(n.Left, n.Right)
	case *Assignment:
		each(n.Target, n.Value)
	case *IfStatement:
		for _, c := range n.Clauses {
			each(c.Cond, c.Body)
		}
		block(n.Else)
	case *SwitchStatement:
		each(n.Cond)
		for _, c := range n.Clauses {
			each(c.Cond, c.Body)
		}
		block(n.Default)
	case *ForEachStatement:
		each(n.Variable, n.Cond, n.Body)
	case *ForStatement:
		each(n.Init, n.Cond, n.Iter, n.Body)
	case *LoopStatement:
		each(n.Cond, n.Body)
	case *FunctionDef:
		for _, d := range n.Params {
			each(d)
		}
		each(n.Body)
	case *FlowStatement:
		each(n.Value, n.Label)
	case *TrapStatement:
		if n.Type != nil {
			each(n.Type)
		}
		each(n.Body)
	case *TryStatement:
		each(n.Body)
		for _, c := range n.Catches {
			each(c)
		}
		block(n.Finally)
	case *CatchClause:
		for _, t := range n.Types {
			each(t)
		}
		each(n.Body)
	case *DataStatement:
		block(n.Body)
	case *BlockStatement:
		block(n.Body)
	case *TypeDef:
		for _, a := range n.Attributes {
			each(a)
		}
		for _, m := range n.Members {
			each(m)
		}
	case *MemberDef:
		for _, a := range n.Attributes {
			each(a)
		}
		each(n.Value)
		for _, e := range n.BaseArgs {
			each(e)
		}
		if n.Method != nil {
			each(n.Method)
		}
	case *ErrorStatement:
		each(n.Nested...)
	case *CommandExpr:
		each(n.Expr)
		redirections(n.Redirections, each)
	case *CommandCall:
		each(n.Elements...)
		redirections(n.Redirections, each)
	case *CommandParam:
		each(n.Arg)
	case *BinaryExpr:
		each(n.Left, n.Right)
	case *UnaryExpr:
		each(n.Operand)
	case *TernaryExpr:
		each(n.Cond, n.Then, n.Else)
	case *ConvertExpr:
		each(n.Type, n.Operand)
	case *AttributedExpr:
		each(n.Attribute, n.Operand)
	case *ExpandExpr:
		for _, part := range n.Parts {
			each(part.Expr)
		}
	case *MemberExpr:
		each(n.Target, n.Member)
	case *InvokeExpr:
		each(n.Target, n.Member)
		for _, a := range n.Args {
			each(a)
		}
	case *IndexExpr:
		each(n.Target, n.Index)
	case *ArrayLiteral:
		for _, e := range n.Elements {
			each(e)
		}
	case *ArrayExpr:
		each(n.Body)
	case *SubExpr:
		each(n.Body)
	case *ParenExpr:
		each(n.Pipeline)
	case *HashtableExpr:
		for _, p := range n.Pairs {
			each(p.Key, p.Value)
		}
	case *ScriptBlockExpr:
		each(n.Body)
	case *UsingExpr:
		each(n.Expr)
	case *ErrorExpr:
		each(n.Nested...)
	}
}

func redirections(list []*RedirectionNode, each func(...Node)) {
	for _, r := range list {
		each(r.File)
	}
}
