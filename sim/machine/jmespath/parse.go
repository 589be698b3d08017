package jmespath

import (
	"fmt"
	"strconv"
)

// op is what a node does.
type op string

const (
	opField      op = "field"
	opCurrent    op = "current"
	opLiteral    op = "literal"
	opIndex      op = "index"
	opSlice      op = "slice"
	opChain      op = "chain" // each of what the one before gave
	opProject    op = "project"
	opValues     op = "values" // projection of an object's values
	opFlatten    op = "flatten"
	opFilter     op = "filter"
	opCompare    op = "compare"
	opAnd        op = "and"
	opOr         op = "or"
	opNot        op = "not"
	opExpref     op = "expref"
	opCall       op = "call"
	opSelectList op = "list"
	opSelectHash op = "hash"
)

// node is a node of a parsed expression.
type node struct {
	op    op
	value any // a field's or function's name, a literal, an index, a comparison
	kids  []*node
	keys  []string // of a multi-select hash
	slice [3]*int
}

// Limits on expressions, which are untrusted text.
const (
	maxLength = 1 << 16
	maxDepth  = 200
)

// power is how strongly a token binds to what stands left of it, as the public
// grammar orders the operators.
var power = map[kind]int{tokPipe: 1, tokOr: 2, tokAnd: 3, tokEQ: 5, tokNE: 5, tokLT: 5, tokLE: 5, tokGT: 5, tokGE: 5,
	tokFlatten: 9, tokStar: 20, tokFilter: 21, tokDot: 40, tokNot: 45, tokLBrace: 50, tokLBracket: 55, tokLParen: 60}

// projectionStop is the power below which a projection ends.
const projectionStop = 10

type parser struct {
	tokens []token
	at     int
	depth  int
}

// Parse reads an expression. Its error is a *SyntaxError.
func Parse(text string) (*Expression, error) {
	if len(text) > maxLength {
		return nil, &SyntaxError{"the expression is too long", maxLength}
	}
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	if p.kind() == tokEOF {
		return nil, &SyntaxError{"the expression is empty", 0}
	}
	n, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if p.kind() != tokEOF {
		return nil, p.unexpected()
	}
	return &Expression{n}, nil
}

func (p *parser) kind() kind { return p.tokens[p.at].kind }

func (p *parser) ahead(n int) kind {
	if p.at+n < len(p.tokens) {
		return p.tokens[p.at+n].kind
	}
	return tokEOF
}

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != tokEOF {
		p.at++
	}
	return t
}

func (p *parser) unexpected() error {
	t := p.tokens[p.at]
	return &SyntaxError{fmt.Sprintf("unexpected %s", t.kind), t.at}
}

func (p *parser) want(k kind) error {
	if p.kind() != k {
		return p.unexpected()
	}
	p.next()
	return nil
}

func (p *parser) expression(right int) (*node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, &SyntaxError{"the expression nests too deeply", p.tokens[p.at].at}
	}
	defer func() { p.depth-- }()
	left, err := p.prefix()
	for err == nil && right < power[p.kind()] {
		left, err = p.infix(left)
	}
	return left, err
}

var current = &node{op: opCurrent}

// prefix reads what begins an expression.
func (p *parser) prefix() (*node, error) {
	t := p.next()
	switch t.kind {
	case tokLiteral:
		return &node{op: opLiteral, value: t.value}, nil
	case tokName:
		return &node{op: opField, value: t.value}, nil
	case tokQuoted:
		if p.kind() == tokLParen {
			return nil, &SyntaxError{"a quoted name is no function", t.at}
		}
		return &node{op: opField, value: t.value}, nil
	case tokStar:
		return p.project(opValues, current, power[tokStar])
	case tokFilter:
		return p.filter(current)
	case tokLBrace:
		return p.selectHash()
	case tokLParen:
		n, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		return n, p.want(tokRParen)
	case tokFlatten:
		return p.project(opProject, &node{op: opFlatten, kids: []*node{current}}, power[tokFlatten])
	case tokNot:
		n, err := p.expression(power[tokNot])
		return &node{op: opNot, kids: []*node{n}}, err
	case tokLBracket:
		switch {
		case p.kind() == tokNumber || p.kind() == tokColon:
			return p.index(current)
		case p.kind() == tokStar && p.ahead(1) == tokRBracket:
			p.at += 2
			return p.project(opProject, current, power[tokStar])
		}
		return p.selectList()
	case tokCurrent:
		return current, nil
	case tokExpref:
		n, err := p.expression(0)
		return &node{op: opExpref, kids: []*node{n}}, err
	}
	if t.kind != tokEOF {
		p.at--
	}
	return nil, p.unexpected()
}

// infix reads what follows left.
func (p *parser) infix(left *node) (*node, error) {
	t := p.next()
	switch t.kind {
	case tokDot:
		if p.kind() == tokStar {
			p.next()
			return p.project(opValues, left, power[tokDot])
		}
		right, err := p.afterDot(power[tokDot])
		return chain(left, right), err
	case tokPipe:
		right, err := p.expression(power[tokPipe])
		return &node{op: opChain, kids: []*node{left, right}}, err
	case tokOr, tokAnd:
		right, err := p.expression(power[t.kind])
		o := opOr
		if t.kind == tokAnd {
			o = opAnd
		}
		return &node{op: o, kids: []*node{left, right}}, err
	case tokEQ, tokNE, tokLT, tokLE, tokGT, tokGE:
		right, err := p.expression(power[t.kind])
		return &node{op: opCompare, value: t.kind, kids: []*node{left, right}}, err
	case tokLParen:
		if left.op != opField || p.tokens[p.at-2].kind != tokName {
			return nil, &SyntaxError{"only a name can be called", t.at}
		}
		call := &node{op: opCall, value: left.value}
		for p.kind() != tokRParen {
			arg, err := p.expression(0)
			if err != nil {
				return nil, err
			}
			call.kids = append(call.kids, arg)
			if p.kind() == tokComma {
				p.next()
			} else if p.kind() != tokRParen {
				return nil, p.unexpected()
			}
		}
		return call, p.want(tokRParen)
	case tokFilter:
		return p.filter(left)
	case tokFlatten:
		return p.project(opProject, &node{op: opFlatten, kids: []*node{left}}, power[tokFlatten])
	case tokLBracket:
		if p.kind() == tokNumber || p.kind() == tokColon {
			return p.index(left)
		}
		if err := p.want(tokStar); err != nil {
			return nil, err
		}
		if err := p.want(tokRBracket); err != nil {
			return nil, err
		}
		return p.project(opProject, left, power[tokStar])
	}
	p.at--
	return nil, p.unexpected()
}

func chain(left, right *node) *node { return &node{op: opChain, kids: []*node{left, right}} }

// project makes a projection of what left gives over what follows.
func (p *parser) project(o op, left *node, right int) (*node, error) {
	n, err := p.projected(right)
	return &node{op: o, kids: []*node{left, n}}, err
}

// projected reads what a projection applies to each element.
func (p *parser) projected(right int) (*node, error) {
	switch k := p.kind(); {
	case power[k] < projectionStop:
		return current, nil
	case k == tokLBracket || k == tokFilter:
		return p.expression(right)
	case k == tokDot:
		p.next()
		return p.afterDot(right)
	}
	return nil, p.unexpected()
}

func (p *parser) afterDot(right int) (*node, error) {
	switch p.kind() {
	case tokName, tokQuoted, tokStar:
		return p.expression(right)
	case tokLBracket:
		p.next()
		return p.selectList()
	case tokLBrace:
		p.next()
		return p.selectHash()
	}
	return nil, p.unexpected()
}

func (p *parser) filter(left *node) (*node, error) {
	cond, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if err := p.want(tokRBracket); err != nil {
		return nil, err
	}
	right := current
	if p.kind() != tokFlatten {
		if right, err = p.projected(power[tokFilter]); err != nil {
			return nil, err
		}
	}
	return &node{op: opFilter, kids: []*node{left, right, cond}}, nil
}

// index reads an index or a slice behind its bracket.
func (p *parser) index(left *node) (*node, error) {
	var parts [3]*int
	colons := 0
	for p.kind() != tokRBracket {
		t := p.next()
		switch t.kind {
		case tokColon:
			if colons++; colons > 2 {
				return nil, &SyntaxError{"a slice has three parts at most", t.at}
			}
		case tokNumber:
			n, err := strconv.Atoi(t.value.(string))
			if err != nil || parts[colons] != nil {
				return nil, &SyntaxError{"the index cannot be read", t.at}
			}
			parts[colons] = &n
		default:
			return nil, &SyntaxError{"an index was expected", t.at}
		}
	}
	p.next()
	if colons == 0 {
		if parts[0] == nil {
			return nil, &SyntaxError{"an index was expected", p.tokens[p.at-1].at}
		}
		return chain(left, &node{op: opIndex, value: *parts[0]}), nil
	}
	return p.project(opProject, chain(left, &node{op: opSlice, slice: parts}), power[tokStar])
}

func (p *parser) selectList() (*node, error) {
	n := &node{op: opSelectList}
	for {
		e, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		n.kids = append(n.kids, e)
		if p.kind() == tokRBracket {
			break
		}
		if err := p.want(tokComma); err != nil {
			return nil, err
		}
	}
	p.next()
	return n, nil
}

func (p *parser) selectHash() (*node, error) {
	n := &node{op: opSelectHash}
	for {
		t := p.tokens[p.at]
		if t.kind != tokName && t.kind != tokQuoted {
			return nil, p.unexpected()
		}
		p.next()
		if err := p.want(tokColon); err != nil {
			return nil, err
		}
		e, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		n.keys, n.kids = append(n.keys, t.value.(string)), append(n.kids, e)
		if p.kind() == tokRBrace {
			break
		}
		if err := p.want(tokComma); err != nil {
			return nil, err
		}
	}
	p.next()
	return n, nil
}
