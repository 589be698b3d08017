package graph

import (
	"strings"

	"skylab/sim/ojson"
)

// parser reads the filter language of OData as far as the directory takes it:
// and, or, not, parentheses, eq, ne, gt, ge, lt, le, in, startswith, endswith
// and any.
type parser struct {
	text     string
	at       int // position of token
	next     int // behind token
	token    string
	kind     kind
	set      *set
	sample   *ojson.Object
	variable string // of the any() that is being read
	advanced bool   // the caller asked for advanced queries
	depth    int
}

type kind int

const (
	end kind = iota
	word
	quoted // token is the text without its quotes
	mark   // ( ) , / :
)

// Bounds of what a filter may be.
const (
	longestFilter = 15000
	deepestFilter = 100
)

func invalid(format string, args ...any) error {
	return badRequest("Invalid filter clause: "+format, args...)
}

func (p *parser) syntax() error {
	return invalid("Syntax error at position %d in '%s'.", p.at, p.text)
}

func isWord(b byte) bool {
	return b == '_' || b == '-' || b == '.' || b == '$' || b == '@' || b == '+' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}

// advance reads the next token.
func (p *parser) advance() error {
	for p.next < len(p.text) && (p.text[p.next] == ' ' || p.text[p.next] == '\t') {
		p.next++
	}
	p.at = p.next
	if p.at == len(p.text) {
		p.kind, p.token = end, ""
		return nil
	}
	b := p.text[p.at]
	switch {
	case b == '\'':
		var s strings.Builder
		for i := p.at + 1; i < len(p.text); i++ {
			if p.text[i] != '\'' {
				s.WriteByte(p.text[i])
				continue
			}
			if i+1 < len(p.text) && p.text[i+1] == '\'' {
				s.WriteByte('\'')
				i++
				continue
			}
			p.kind, p.token, p.next = quoted, s.String(), i+1
			return nil
		}
		return invalid("There is an unterminated string literal at position %d in '%s'.", len(p.text), p.text)
	case strings.IndexByte("(),/:", b) >= 0:
		p.kind, p.token, p.next = mark, string(b), p.at+1
	case isWord(b):
		i := p.at
		number := b >= '0' && b <= '9' // a time has colons
		for i < len(p.text) && (isWord(p.text[i]) || number && p.text[i] == ':') {
			i++
		}
		p.kind, p.token, p.next = word, p.text[p.at:i], i
	default:
		return invalid("Syntax error: character '%s' is not valid at position %d in '%s'.", firstRune(p.text[p.at:]), p.at, p.text)
	}
	return nil
}

func (p *parser) is(k kind, token string) bool { return p.kind == k && p.token == token }

func (p *parser) expect(token string) error {
	if !p.is(mark, token) {
		return p.syntax()
	}
	return p.advance()
}
