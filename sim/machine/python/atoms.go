package python

import "math/big"

var constants = map[string]any{"None": nil, "True": true, "False": false}

func (p *parser) atom() *node {
	p.enter()
	defer p.leave()
	t := p.peek()
	switch t.kind {
	case tNumber:
		p.next()
		return &node{op: "const", value: t.value, at: t.at}
	case tString:
		return p.stringAtom()
	case tName:
		if v, ok := constants[t.text]; ok {
			p.next()
			return &node{op: "const", value: v, at: t.at, name: t.text}
		}
		if keywords[t.text] {
			if t.text == "yield" || t.text == "await" {
				panic(bad(t.at, "%s", notSimulated(t.text)))
			}
			p.wrong(t)
		}
		p.next()
		return &node{op: "name", name: t.text, at: t.at}
	case tOp:
		switch t.text {
		case "(":
			return p.paren()
		case "[":
			p.next()
			n := p.elements("list", "listcomp", "]", t.at)
			p.need("]")
			n.at = p.from(t.at)
			return n
		case "{":
			return p.braces()
		case "...":
			p.next()
			return &node{op: "const", value: ellipsis{}, at: t.at}
		}
	}
	p.wrong(t)
	return nil
}

func (p *parser) stringAtom() *node {
	first := p.next()
	n := &node{op: "const", value: first.value, at: first.at}
	for p.peek().kind == tString {
		t := p.next()
		_, firstBytes := n.value.(bytesValue)
		_, bytes := t.value.(bytesValue)
		if firstBytes != bytes {
			panic(bad(p.from(first.at), "cannot mix bytes and nonbytes literals"))
		}
		if bytes {
			n.value = n.value.(bytesValue) + t.value.(bytesValue)
			continue
		}
		a, plain := n.value.(string)
		b, alsoPlain := t.value.(string)
		if plain && alsoPlain {
			n.value = a + b
			continue
		}
		n.value = append(pieces(n.value), pieces(t.value)...)
	}
	if _, ok := n.value.([]piece); ok {
		n.op = "fstring"
	}
	n.at = p.from(first.at)
	return n
}

func pieces(v any) []piece {
	if s, ok := v.(string); ok {
		return []piece{{text: s}}
	}
	return append([]piece{}, v.([]piece)...)
}

func (p *parser) paren() *node {
	open := p.next().at
	if p.take(")") {
		return &node{op: "tuple", at: p.from(open)}
	}
	start := p.peek().at
	x := p.starred()
	switch {
	case p.is("for"):
		x = p.comprehension("generator", x, nil, start)
	case p.is(","):
		list := []*node{x}
		for p.take(",") && !p.is(")") {
			list = append(list, p.starred())
		}
		x = &node{op: "tuple", list: list}
	}
	if !p.is(")") {
		list := []*node{x}
		if x.op == "tuple" {
			list = x.list
		}
		p.comma(list)
	}
	p.need(")")
	if x.op == "tuple" || x.op == "generator" {
		x.at = p.from(open)
	}
	return x
}

func (p *parser) elements(op, comp, end string, start span) *node {
	n := &node{op: op}
	for !p.is(end) {
		x := p.starred()
		if len(n.list) == 0 && p.is("for") {
			return p.comprehension(comp, x, nil, start)
		}
		n.list = append(n.list, x)
		if !p.take(",") {
			break
		}
	}
	if !p.is(end) {
		p.comma(n.list)
	}
	return n
}

// braces reads a set or a dict; a dict's list holds keys and values in turn.
func (p *parser) braces() *node {
	open := p.next().at
	n := &node{op: "dict"}
	if p.take("}") {
		n.at = p.from(open)
		return n
	}
	if !p.is("**") {
		save := p.i
		first := p.starred()
		if !p.is(":") {
			p.i = save
			n = p.elements("set", "setcomp", "}", open)
			p.need("}")
			n.at = p.from(open)
			return n
		}
		p.next()
		value := p.expr()
		if p.is("for") {
			n = p.comprehension("dictcomp", first, value, open)
			p.need("}")
			n.at = p.from(open)
			return n
		}
		n.list = append(n.list, first, value)
		if !p.is("}") {
			if !p.is(",") {
				p.comma([]*node{value})
			}
			p.need(",")
		}
	}
	for !p.is("}") {
		if p.take("**") {
			n.list = append(n.list, nil, p.binary(0))
		} else {
			k := p.expr()
			if !p.is(":") {
				panic(bad(k.at, "':' expected after dictionary key"))
			}
			p.next()
			n.list = append(n.list, k, p.expr())
		}
		if !p.take(",") {
			break
		}
	}
	p.need("}")
	n.at = p.from(open)
	return n
}

func mk(n int) *big.Int { return big.NewInt(int64(n)) }
