package python

import "strings"

// statement reads one statement, or several with semicolons between.
func (p *parser) statement() []*node {
	p.enter()
	defer p.leave()
	t := p.peek()
	if t.kind == tIndent {
		p.wrong(t)
	}
	if t.kind == tName {
		switch t.text {
		case "if", "while", "for", "try", "with", "def":
			return []*node{p.compound(t)}
		case "class", "async":
			panic(bad(t.at, "%s", notSimulated(t.text)))
		}
	}
	if t.kind == tOp && t.text == "@" {
		panic(bad(t.at, "%s", notSimulated("decorators")))
	}
	var out []*node
	for {
		out = append(out, p.simple())
		if !p.take(";") {
			break
		}
		if p.peek().kind == tNewline {
			break
		}
	}
	if p.peek().kind != tNewline {
		p.wrong(p.peek())
	}
	p.next()
	return out
}

func notSimulated(what string) string {
	return "skylab: python3 " + what + " is real but not simulated here"
}

func (p *parser) compound(t token) *node {
	p.next()
	n := &node{op: t.text}
	switch t.text {
	case "if":
		return p.ifStatement(n, t)
	case "while":
		n.a = p.named()
		p.loops++
		n.body = p.block("'while' statement", t)
		p.loops--
	case "for":
		n.a = p.targets()
		p.need("in")
		n.b = p.tupleOrExpr()
		p.loops++
		n.body = p.block("'for' statement", t)
		p.loops--
	case "with":
		for {
			item := &node{op: "item", a: p.expr()}
			if p.take("as") {
				item.b = p.primary()
				p.target(item.b)
			}
			n.list = append(n.list, item)
			if !p.take(",") {
				break
			}
		}
		n.body = p.block("'with' statement", t)
		n.at = p.from(t.at)
		return n
	case "def":
		name := p.next()
		if name.kind != tName || keywords[name.text] {
			p.wrong(name)
		}
		n.name = name.text
		p.need("(")
		n.params = p.parameters(")")
		p.need(")")
		if p.take("->") {
			p.expr()
		}
		loops := p.loops
		p.loops = 0
		p.funcs++
		n.body = p.block("function definition", t)
		p.funcs--
		p.loops = loops
		n.at = t.at
		return n
	case "try":
		return p.try(n, t)
	}
	if e := p.peek(); p.take("else") {
		n.orelse = p.block("'else' statement", e)
	}
	n.at = p.from(t.at)
	return n
}

func (p *parser) ifStatement(n *node, t token) *node {
	n.a = p.named()
	if p.is("=") {
		p.next()
		p.binary(-3)
		panic(bad(p.from(n.a.at), "invalid syntax. Maybe you meant '==' or ':=' instead of '='?"))
	}
	n.op = "if"
	n.body = p.block("'"+t.text+"' statement", t)
	e := p.peek()
	switch {
	case p.take("elif"):
		n.orelse = []*node{p.ifStatement(&node{}, e)}
	case p.take("else"):
		n.orelse = p.block("'else' statement", e)
	}
	n.at = t.at
	return n
}

// try holds its handlers in list: a is the class, name what it is called.
func (p *parser) try(n *node, t token) *node {
	n.body = p.block("'try' statement", t)
	for {
		e := p.peek()
		if !p.take("except") {
			break
		}
		h := &node{op: "except", at: e.at}
		if !p.is(":") {
			h.a = p.expr()
			if p.take("as") {
				h.name = p.next().text
			}
		}
		h.body = p.block("'except' statement", e)
		n.list = append(n.list, h)
	}
	if e := p.peek(); p.take("else") {
		n.orelse = p.block("'else' statement", e)
	}
	if e := p.peek(); p.take("finally") {
		n.final = p.block("'finally' statement", e)
	} else if len(n.list) == 0 {
		panic(bad(p.peek().at, "expected 'except' or 'finally' block"))
	}
	n.at = t.at
	return n
}

func (p *parser) block(what string, t token) []*node {
	if !p.is(":") {
		if k := p.peek(); k.kind == tNewline {
			panic(bad(k.at, "expected ':'"))
		}
		p.wrong(p.peek())
	}
	p.next()
	if p.peek().kind != tNewline {
		if k := p.peek(); k.kind == tName && contains([]string{"if", "while", "for", "try", "with", "def", "class"}, k.text) {
			p.wrong(k)
		}
		return p.statement()
	}
	p.next()
	if k := p.peek(); k.kind != tIndent {
		e := bad(span{k.at.line, k.at.col, k.at.line, k.at.col + 1}, "expected an indented block after %s on line %d", what, t.at.line)
		e.class = "IndentationError"
		panic(e)
	}
	p.next()
	var out []*node
	for p.peek().kind != tDedent && p.peek().kind != tEnd {
		out = append(out, p.statement()...)
	}
	p.next()
	return out
}

func (p *parser) parameters(end string) []param {
	var out []param
	only := false
	for !p.is(end) {
		x := param{only: only}
		switch {
		case p.take("**"):
			x.star = 2
		case p.take("*"):
			only = true
			if p.is(",") {
				p.next()
				continue
			}
			x.star = 1
		case p.take("/"):
			p.take(",")
			continue
		}
		t := p.next()
		if t.kind != tName || keywords[t.text] {
			p.wrong(t)
		}
		x.name = t.text
		if end == ")" && p.take(":") {
			p.expr()
		}
		if p.take("=") {
			x.fallback = p.expr()
		}
		out = append(out, x)
		if !p.take(",") {
			break
		}
	}
	return out
}

var augmented = "+= -= *= /= //= %= **= &= |= ^= <<= >>= @="

func (p *parser) simple() *node {
	t := p.peek()
	if t.kind == tName {
		switch t.text {
		case "pass":
			p.next()
			return &node{op: "pass", at: t.at}
		case "break", "continue":
			p.next()
			if p.loops == 0 {
				if t.text == "break" {
					panic(bad(t.at, "'break' outside loop").unseen())
				}
				panic(bad(t.at, "'continue' not properly in loop").unseen())
			}
			return &node{op: t.text, at: t.at}
		case "return":
			p.next()
			n := &node{op: "return"}
			if !p.endsStatement() {
				n.a = p.tupleOrExpr()
			}
			n.at = p.from(t.at)
			if p.funcs == 0 {
				panic(bad(n.at, "'return' outside function").unseen())
			}
			return n
		case "raise":
			p.next()
			n := &node{op: "raise"}
			if !p.endsStatement() {
				n.a = p.expr()
				if p.take("from") {
					n.b = p.expr()
				}
			}
			n.at = p.from(t.at)
			return n
		case "import", "from":
			return p.importStatement(t)
		case "global", "nonlocal":
			p.next()
			n := &node{op: t.text, at: t.at}
			for {
				n.list = append(n.list, &node{name: p.next().text})
				if !p.take(",") {
					return n
				}
			}
		case "del":
			p.next()
			n := &node{op: "del", a: p.tupleOrExpr()}
			n.at = p.from(t.at)
			return n
		case "assert":
			p.next()
			n := &node{op: "assert", a: p.expr()}
			if p.take(",") {
				n.b = p.expr()
			}
			n.at = p.from(t.at)
			return n
		}
	}
	return p.assignment(t)
}

func (p *parser) endsStatement() bool {
	t := p.peek()
	return t.kind == tNewline || t.kind == tEnd || t.kind == tOp && t.text == ";"
}

func (p *parser) assignment(t token) *node {
	x := p.tupleOrExpr()
	op := p.peek()
	switch {
	case op.kind == tOp && op.text == "=":
		n := &node{op: "assign"}
		for p.take("=") {
			p.target(x)
			n.list = append(n.list, x)
			x = p.tupleOrExpr()
		}
		n.a = x
		n.at = p.from(t.at)
		return n
	case op.kind == tOp && len(op.text) > 1 && contains(strings.Fields(augmented), op.text):
		if x.op != "name" && x.op != "attr" && x.op != "index" {
			panic(bad(x.at, "'%s' is an illegal expression for augmented assignment", describe(x)))
		}
		p.next()
		n := &node{op: "augmented", name: strings.TrimSuffix(op.text, "="), a: x, b: p.tupleOrExpr(), mark: op.at}
		n.at = p.from(t.at)
		return n
	case op.kind == tOp && op.text == ":" && x.op == "name":
		p.next()
		p.expr()
		n := &node{op: "pass"}
		if p.take("=") {
			n = &node{op: "assign", list: []*node{x}, a: p.tupleOrExpr()}
		}
		n.at = p.from(t.at)
		return n
	}
	if x.op == "name" && (x.name == "print" || x.name == "exec") && !p.endsStatement() && op.kind != tOp {
		p.tupleOrExpr()
		panic(bad(p.from(t.at), "Missing parentheses in call to '%s'. Did you mean %s(...)?", x.name, x.name))
	}
	return &node{op: "expr", a: x, at: x.at}
}

// target refuses what cannot be assigned to.
func (p *parser) target(x *node) {
	switch x.op {
	case "name", "attr", "index":
		return
	case "star":
		p.target(x.a)
		return
	case "tuple", "list":
		for _, y := range x.list {
			p.target(y)
		}
		return
	}
	what := describe(x)
	if what == "True" || what == "False" || what == "None" {
		panic(bad(x.at, "cannot assign to %s", what))
	}
	panic(bad(x.at, "cannot assign to %s here. Maybe you meant '==' instead of '='?", what))
}

func describe(x *node) string {
	switch x.op {
	case "const":
		if x.name != "" {
			return x.name
		}
		if _, ok := x.value.(ellipsis); ok {
			return "ellipsis"
		}
		return "literal"
	case "call":
		return "function call"
	case "compare":
		return "comparison"
	case "fstring":
		return "f-string expression"
	case "lambda":
		return "lambda"
	case "dict":
		return "dict literal"
	case "set":
		return "set display"
	case "listcomp":
		return "list comprehension"
	case "ifelse":
		return "conditional expression"
	case "tuple", "list":
		return x.op
	}
	return "expression"
}

// importStatement holds modules in list: name is the module, value what it is
// called; with from, name is the module and list the names.
func (p *parser) importStatement(t token) *node {
	p.next()
	n := &node{op: t.text}
	dotted := func() string {
		k := p.next()
		if k.kind != tName || keywords[k.text] {
			p.wrong(k)
		}
		s := k.text
		for p.take(".") {
			s += "." + p.next().text
		}
		return s
	}
	alias := func(name string) *node {
		x := &node{name: name}
		if p.take("as") {
			x.value = p.next().text
		}
		return x
	}
	if t.text == "from" {
		n.name = dotted()
		p.need("import")
		if p.take("*") {
			panic(bad(t.at, "%s", notSimulated("from "+n.name+" import *")))
		}
		paren := p.take("(")
		for {
			k := p.next()
			if k.kind != tName || keywords[k.text] {
				p.wrong(k)
			}
			n.list = append(n.list, alias(k.text))
			if !p.take(",") || paren && p.is(")") {
				break
			}
		}
		if paren {
			p.need(")")
		}
	} else {
		for {
			n.list = append(n.list, alias(dotted()))
			if !p.take(",") {
				break
			}
		}
	}
	n.at = p.from(t.at)
	return n
}
