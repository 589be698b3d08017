package python

import "strings"

// node is a part of a program; op says what it is and which fields it uses.
type node struct {
	op      string
	at      span
	mark    span // what ^ marks within ~, as of an operator; zero if nothing
	name    string
	value   any
	a, b, c *node
	list    []*node
	body    []*node
	orelse  []*node
	final   []*node
	params  []param
	fors    []clause
}

// param is a parameter of a function; star is 1 for *args, 2 for **kwargs.
type param struct {
	name     string
	star     int
	only     bool // by keyword only
	fallback *node
}

// clause is a for of a comprehension with its ifs.
type clause struct {
	target, iter *node
	ifs          []*node
}

type parser struct {
	toks  []token
	i     int
	depth int
	loops int
	funcs int
}

// parse reads a whole program.
func parse(src string) (body []*node, err *syntaxError) {
	toks, lexed := lex(src)
	if lexed != nil { // what stands before it may be wrong first
		if early := checkEarly(toks, lexed); early != nil {
			return nil, early
		}
		return nil, lexed
	}
	p := &parser{toks: toks}
	defer p.rescue(&err)
	for p.peek().kind != tEnd {
		body = append(body, p.statement()...)
	}
	return body, nil
}

// checkEarly parses the complete lines before a broken token.
func checkEarly(toks []token, lexed *syntaxError) (err *syntaxError) {
	last := -1
	for i, t := range toks {
		if t.kind == tNewline {
			last = i
		}
	}
	if last < 0 || strings.HasPrefix(lexed.text, "unindent") {
		return nil
	}
	p := &parser{toks: append(append([]token{}, toks[:last+1]...), token{kind: tEnd, at: lexed.at})}
	defer func() {
		if v := recover(); v != nil {
			e, ok := v.(*syntaxError)
			if !ok {
				panic(v)
			}
			if p.i < last {
				err = e
			}
		}
	}()
	for p.peek().kind != tEnd {
		p.statement()
	}
	return nil
}

func parseExpression(src string) (n *node, err *syntaxError) {
	toks, err := lex(src)
	if err != nil {
		return nil, err
	}
	p := &parser{toks: toks}
	defer p.rescue(&err)
	n = p.tupleOrExpr()
	if t := p.peek(); t.kind != tNewline {
		p.wrong(t)
	}
	return n, nil
}

// rescue turns the panic by which the parser leaves into its error.
func (p *parser) rescue(err **syntaxError) {
	if v := recover(); v != nil {
		e, ok := v.(*syntaxError)
		if !ok {
			panic(v)
		}
		*err = e
	}
}

func (p *parser) peek() token { return p.toks[min(p.i, len(p.toks)-1)] }

func (p *parser) next() token {
	t := p.peek()
	p.i++
	return t
}

func (p *parser) is(text string) bool {
	t := p.peek()
	return t.text == text && (t.kind == tOp || t.kind == tName)
}

func (p *parser) take(text string) bool {
	if p.is(text) {
		p.i++
		return true
	}
	return false
}

func (p *parser) wrong(t token) {
	e := bad(t.at, "invalid syntax")
	switch t.kind {
	case tIndent:
		e = bad(t.at, "unexpected indent")
		e.class, e.bare = "IndentationError", true
	}
	panic(e)
}

func (p *parser) need(text string) token {
	if !p.is(text) {
		p.wrong(p.peek())
	}
	return p.next()
}

func (p *parser) prev() span { return p.toks[max(p.i-1, 0)].at }

func (p *parser) from(start span) span {
	e := p.prev()
	return span{start.line, start.col, e.endLine, e.endCol}
}

func (p *parser) enter() {
	if p.depth++; p.depth > maxDepth {
		panic(bad(p.peek().at, "too many nested parentheses"))
	}
}

func (p *parser) leave() { p.depth-- }

// tupleOrExpr reads expressions with commas between.
func (p *parser) tupleOrExpr() *node {
	start := p.peek().at
	first := p.starred()
	if !p.is(",") {
		return first
	}
	list := []*node{first}
	for p.take(",") {
		if p.endsExpr() {
			break
		}
		list = append(list, p.starred())
	}
	return &node{op: "tuple", list: list, at: p.from(start)}
}

func (p *parser) endsExpr() bool {
	t := p.peek()
	return t.kind == tNewline || t.kind == tEnd || t.kind == tOp && strings.Contains(") ] } = : ;", t.text) || t.kind == tOp && strings.HasSuffix(t.text, "=") && len(t.text) > 1 || t.kind == tName && t.text == "in"
}

func (p *parser) starred() *node {
	if p.is("*") {
		start := p.next().at
		x := p.binary(0)
		return &node{op: "star", a: x, at: p.from(start)}
	}
	return p.named()
}

func (p *parser) named() *node {
	start := p.peek().at
	x := p.expr()
	if p.is(":=") && x.op == "name" {
		p.next()
		v := p.expr()
		return &node{op: "walrus", a: x, b: v, at: p.from(start)}
	}
	return x
}

func (p *parser) expr() *node {
	p.enter()
	defer p.leave()
	start := p.peek().at
	if p.take("lambda") {
		params := p.parameters(":")
		p.need(":")
		body := p.expr()
		return &node{op: "lambda", params: params, a: body, at: p.from(start)}
	}
	x := p.binary(-3)
	if p.is("if") {
		p.next()
		cond := p.binary(-3)
		if !p.is("else") {
			panic(bad(p.from(start), "expected 'else' after 'if' expression"))
		}
		p.next()
		other := p.expr()
		return &node{op: "ifelse", a: cond, b: x, c: other, at: p.from(start)}
	}
	return x
}

var levels = [][]string{{"|"}, {"^"}, {"&"}, {"<<", ">>"}, {"+", "-"}, {"*", "/", "//", "%", "@"}}

// binary reads operators by precedence: -3 or, -2 and, -1 not and comparisons,
// 0 and up those of levels.
func (p *parser) binary(level int) *node {
	start := p.peek().at
	switch {
	case level == -3 || level == -2:
		word := map[int]string{-3: "or", -2: "and"}[level]
		x := p.binary(level + 1)
		for p.is(word) {
			p.next()
			y := p.binary(level + 1)
			x = &node{op: word, a: x, b: y, at: p.from(start)}
		}
		return x
	case level == -1:
		if p.take("not") {
			p.enter()
			defer p.leave()
			x := p.binary(-1)
			return &node{op: "not", a: x, at: p.from(start)}
		}
		return p.comparison(start)
	case level == len(levels):
		return p.unary()
	}
	x := p.binary(level + 1)
	for {
		t := p.peek()
		if t.kind != tOp || !contains(levels[level], t.text) {
			return x
		}
		p.next()
		y := p.binary(level + 1)
		x = &node{op: "binary", name: t.text, a: x, b: y, at: p.from(start), mark: t.at}
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func (p *parser) comparison(start span) *node {
	x := p.binary(0)
	var n *node
	for {
		t := p.peek()
		op := t.text
		switch {
		case t.kind == tOp && contains([]string{"==", "!=", "<", ">", "<=", ">="}, op), t.kind == tName && op == "in":
			p.next()
		case t.kind == tName && op == "is":
			p.next()
			if p.take("not") {
				op = "is not"
			}
		case t.kind == tName && op == "not" && p.toks[p.i+1].text == "in":
			p.next()
			p.next()
			op = "not in"
		default:
			if n == nil {
				return x
			}
			n.at = p.from(start)
			return n
		}
		if n == nil {
			n = &node{op: "compare", a: x}
		}
		y := p.binary(0)
		n.list = append(n.list, &node{op: op, a: y})
	}
}

func (p *parser) unary() *node {
	p.enter()
	defer p.leave()
	t := p.peek()
	if t.kind == tOp && (t.text == "-" || t.text == "+" || t.text == "~") {
		p.next()
		x := p.unary()
		return &node{op: "unary", name: t.text, a: x, at: p.from(t.at)}
	}
	x := p.primary()
	if p.is("**") {
		op := p.next()
		y := p.unary()
		return &node{op: "binary", name: "**", a: x, b: y, at: p.from(t.at), mark: op.at}
	}
	return x
}

func (p *parser) primary() *node {
	start := p.peek().at
	x := p.atom()
	for {
		switch {
		case p.take("."):
			t := p.next()
			if t.kind != tName || keywords[t.text] {
				p.wrong(t)
			}
			x = &node{op: "attr", name: t.text, a: x, at: p.from(start)}
		case p.is("("):
			x = p.call(x, start)
		case p.is("["):
			open := p.next()
			i := p.subscript()
			p.need("]")
			x = &node{op: "index", a: x, b: i, at: p.from(start), mark: p.from(open.at)}
		default:
			return x
		}
	}
}

func (p *parser) subscript() *node {
	p.enter()
	defer p.leave()
	start := p.peek().at
	one := func() *node {
		begin := p.peek().at
		var parts [3]*node
		n, colons := 0, 0
		for !p.is("]") && !p.is(",") {
			if p.take(":") {
				colons++
				if n++; n > 2 {
					p.wrong(p.peek())
				}
				continue
			}
			parts[n] = p.named()
			if !p.is(":") {
				break
			}
		}
		if colons == 0 {
			if parts[0] == nil {
				p.wrong(p.peek())
			}
			return parts[0]
		}
		return &node{op: "slice", a: parts[0], b: parts[1], c: parts[2], at: p.from(begin)}
	}
	x := one()
	if !p.is(",") {
		return x
	}
	list := []*node{x}
	for p.take(",") && !p.is("]") {
		list = append(list, one())
	}
	return &node{op: "tuple", list: list, at: p.from(start)}
}

// call reads arguments; list holds them, a keyword's name stands in its node.
func (p *parser) call(f *node, start span) *node {
	p.enter()
	defer p.leave()
	p.next()
	n := &node{op: "call", a: f}
	for !p.is(")") {
		begin := p.peek().at
		switch {
		case p.take("**"):
			n.list = append(n.list, &node{op: "kwstar", a: p.expr(), at: p.from(begin)})
		case p.is("*"):
			n.list = append(n.list, p.starred())
		case p.peek().kind == tName && p.toks[p.i+1].kind == tOp && p.toks[p.i+1].text == "=":
			name := p.next().text
			p.next()
			n.list = append(n.list, &node{op: "keyword", name: name, a: p.expr(), at: p.from(begin)})
		default:
			x := p.named()
			if p.is("for") {
				x = p.comprehension("generator", x, nil, begin)
				x.at = p.from(begin)
			}
			n.list = append(n.list, x)
		}
		if !p.take(",") {
			break
		}
	}
	if !p.is(")") {
		p.comma(n.list)
	}
	p.need(")")
	n.at = p.from(start)
	return n
}

// comma complains of two expressions without a comma between, as Python does.
func (p *parser) comma(list []*node) {
	t := p.peek()
	if len(list) == 0 {
		return
	}
	last := list[len(list)-1]
	if t.kind == tName && !keywords[t.text] || t.kind == tNumber || t.kind == tString {
		if last.op != "keyword" {
			save := p.i
			x := func() (x *node) {
				defer func() {
					if recover() != nil {
						x = nil
					}
				}()
				return p.expr()
			}()
			p.i = save
			if x != nil {
				panic(bad(span{last.at.line, last.at.col, x.at.endLine, x.at.endCol}, "invalid syntax. Perhaps you forgot a comma?"))
			}
		}
	}
}

func (p *parser) comprehension(op string, value, second *node, start span) *node {
	n := &node{op: op, a: value, b: second}
	for p.take("for") {
		c := clause{}
		c.target = p.targets()
		p.need("in")
		c.iter = p.binary(-3)
		for p.take("if") {
			c.ifs = append(c.ifs, p.binary(-3))
		}
		n.fors = append(n.fors, c)
	}
	n.at = p.from(start)
	return n
}

func (p *parser) targets() *node {
	start := p.peek().at
	one := func() *node {
		if p.is("*") {
			s := p.next().at
			return &node{op: "star", a: p.primary(), at: p.from(s)}
		}
		return p.primary()
	}
	x := one()
	if p.is(",") {
		list := []*node{x}
		for p.take(",") && !p.is("in") {
			list = append(list, one())
		}
		x = &node{op: "tuple", list: list, at: p.from(start)}
	}
	p.target(x)
	return x
}
