package template

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// maxExpression is the longest expression in characters that the service takes.
const maxExpression = 24576

// Error is what the service says of a template that it refuses.
type Error struct {
	// Code is the service's; "" is InvalidTemplate.
	Code    string
	Message string
	// Line, Column and Path are the place in the template; all empty where the
	// service knows none.
	Line, Column int
	Path         string
	// Target is the parameter or output at fault.
	Target  string
	Details []*Error
	syntax  bool // of an expression that cannot be parsed
}

func (e *Error) Error() string { return e.Message }

func failf(format string, args ...any) error { return &Error{Message: fmt.Sprintf(format, args...)} }

func unparsed(format string, args ...any) error {
	return &Error{Message: fmt.Sprintf(format, args...), syntax: true}
}

// usage ends the messages of expressions.
const usage = " Please see https://aka.ms/arm-functions for usage details."

// Expr is a parsed expression.
type Expr interface{ expr() }

// The forms of an expression.
type (
	// Literal is a string, int64 or json.Number.
	Literal struct{ Value any }
	// Call calls a function; one with a namespace is the template's own.
	Call struct {
		Namespace, Name string
		Args            []Expr
	}
	// Property is a member or an element of a value.
	Property struct {
		Of   Expr
		Name string // of a member; otherwise Index is set
		At   Expr
	}
)

func (Literal) expr()   {}
func (*Call) expr()     {}
func (*Property) expr() {}

// IsExpression tells whether a string is an expression: one in brackets. Of a
// string that is not, text is what it stands for, for a doubled bracket at the
// beginning is one.
func IsExpression(s string) (text string, ok bool) {
	if !strings.HasPrefix(s, "[") || !strings.HasSuffix(s, "]") {
		return s, false
	}
	if strings.HasPrefix(s, "[[") {
		return s[1:], false
	}
	return s[1 : len(s)-1], true
}

// Parse parses an expression without its brackets.
func Parse(text string) (Expr, error) {
	if len(text) > maxExpression {
		return nil, failf("The language expression limit exceeded. Limit: '%d' and actual: '%d'."+usage, maxExpression, len(text))
	}
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{text: text, tokens: tokens}
	e, err := p.expr(0)
	if err != nil {
		return nil, err
	}
	if t := p.tokens[p.at]; t.kind != endOfData {
		return nil, p.unexpected(endOfData)
	}
	return e, nil
}

// Kinds of tokens, by the service's names.
const (
	identifier  = "Identifier"
	str         = "StringLiteral"
	number      = "NumberLiteral"
	leftParen   = "LeftParenthesis"
	rightParen  = "RightParenthesis"
	leftSquare  = "LeftSquareBracket"
	rightSquare = "RightSquareBracket"
	comma       = "Comma"
	dot         = "Dot"
	endOfData   = "EndOfData"
)

var marks = map[byte]string{'(': leftParen, ')': rightParen, '[': leftSquare, ']': rightSquare, ',': comma, '.': dot}

type token struct {
	kind  string
	text  string
	value any
}

func isWord(c byte) bool { return c == '_' || c == '$' || c >= 0x80 || isAlnum(c) }

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func lex(text string) ([]token, error) {
	var out []token
	for i := 0; i < len(text); {
		c := text[i]
		start := i
		switch {
		case unicode.IsSpace(rune(c)):
			i++
		case marks[c] != "":
			out = append(out, token{kind: marks[c]})
			i++
		case c == '\'':
			s, n, ok := quoted(text[i:])
			if !ok {
				return nil, unlexed(text, i)
			}
			out = append(out, token{str, s, s})
			i += n
		case c == '-' || c == '+' || c >= '0' && c <= '9':
			for i++; i < len(text) && (text[i] >= '0' && text[i] <= '9' || strings.IndexByte("eE.", text[i]) >= 0 || strings.IndexByte("+-", text[i]) >= 0 && strings.IndexByte("eE", text[i-1]) >= 0); i++ {
			}
			if i < len(text) && isWord(text[i]) {
				return nil, unlexed(text, i)
			}
			v, ok := numberOf(text[start:i])
			if !ok {
				return nil, unlexed(text, start)
			}
			out = append(out, token{number, text[start:i], v})
		case isWord(c):
			for ; i < len(text) && isWord(text[i]); i++ {
			}
			out = append(out, token{identifier, text[start:i], nil})
		default:
			return nil, unlexed(text, i)
		}
	}
	return append(out, token{kind: endOfData}), nil
}

func unlexed(text string, at int) error {
	c := []rune(text[at:])[0]
	return unparsed("The language expression '%s' is not valid: the string character '%c' at position '%d' is not expected.", text, c, len([]rune(text[:at])))
}

func numberOf(s string) (any, bool) {
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return i, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return nil, false
	}
	return json.Number(strconv.FormatFloat(f, 'g', -1, 64)), true
}

// quoted reads a string in single quotes, in which a doubled quote is one, and
// its length.
func quoted(s string) (text string, length int, ok bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			b.WriteByte(s[i])
			continue
		}
		if i+1 == len(s) || s[i+1] != '\'' {
			return b.String(), i + 1, true
		}
		b.WriteByte('\'')
		i++
	}
	return "", 0, false
}

type parser struct {
	text   string
	tokens []token
	at     int
}

func (p *parser) unexpected(want string) error {
	return unparsed("Unable to parse language expression '%s': expected token '%s' and actual '%s'.", p.text, want, p.tokens[p.at].kind)
}

func (p *parser) take(kind string) (token, error) {
	t := p.tokens[p.at]
	if t.kind != kind {
		return t, p.unexpected(kind)
	}
	if kind != endOfData {
		p.at++
	}
	return t, nil
}

func (p *parser) taken(kind string) bool {
	if p.tokens[p.at].kind != kind {
		return false
	}
	p.at++
	return true
}

func (p *parser) expr(depth int) (Expr, error) {
	if depth > maxDepth {
		return nil, unparsed("The language expression '%s' nests too deeply.", p.text)
	}
	e, err := p.primary(depth)
	for err == nil {
		switch {
		case p.taken(dot):
			var t token
			if t, err = p.take(identifier); err == nil {
				e = &Property{Of: e, Name: t.text}
			}
		case p.taken(leftSquare):
			var index Expr
			if index, err = p.expr(depth + 1); err == nil {
				_, err = p.take(rightSquare)
				e = &Property{Of: e, At: index}
			}
		default:
			return e, nil
		}
	}
	return nil, err
}

func (p *parser) primary(depth int) (Expr, error) {
	switch t := p.tokens[p.at]; t.kind {
	case str, number:
		p.at++
		return Literal{t.value}, nil
	}
	t, err := p.take(identifier)
	if err != nil {
		return nil, err
	}
	c := &Call{Name: t.text}
	if p.taken(dot) {
		member, err := p.take(identifier)
		if err != nil {
			return nil, err
		}
		c.Namespace, c.Name = c.Name, member.text
	}
	if _, err := p.take(leftParen); err != nil {
		return nil, err
	}
	if p.taken(rightParen) {
		return c, nil
	}
	for {
		arg, err := p.expr(depth + 1)
		if err != nil {
			return nil, err
		}
		c.Args = append(c.Args, arg)
		if p.taken(comma) {
			continue
		}
		_, err = p.take(rightParen)
		return c, err
	}
}
