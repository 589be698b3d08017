package jmespath

import (
	"encoding/json"
	"fmt"
	"strings"

	"skylab/sim/ojson"
)

// kind is the kind of a token.
type kind string

const (
	tokEOF      kind = "eof"
	tokName     kind = "name"
	tokQuoted   kind = "quoted"
	tokLiteral  kind = "literal"
	tokNumber   kind = "number"
	tokFlatten  kind = "[]"
	tokFilter   kind = "[?"
	tokLBracket kind = "["
	tokRBracket kind = "]"
	tokLBrace   kind = "{"
	tokRBrace   kind = "}"
	tokLParen   kind = "("
	tokRParen   kind = ")"
	tokStar     kind = "*"
	tokDot      kind = "."
	tokComma    kind = ","
	tokColon    kind = ":"
	tokCurrent  kind = "@"
	tokExpref   kind = "&"
	tokPipe     kind = "|"
	tokAnd      kind = "&&"
	tokOr       kind = "||"
	tokNot      kind = "!"
	tokEQ       kind = "=="
	tokNE       kind = "!="
	tokLT       kind = "<"
	tokLE       kind = "<="
	tokGT       kind = ">"
	tokGE       kind = ">="
)

// token is one token; value is a name, a number or a literal's value.
type token struct {
	kind  kind
	value any
	at    int
}

// SyntaxError is an expression that does not parse. At is a byte offset.
type SyntaxError struct {
	Text string
	At   int
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("%s at column %d", e.Text, e.At) }

// operators are tried in order, the longer first.
var operators = []kind{tokFlatten, tokFilter, tokAnd, tokOr, tokEQ, tokNE, tokLE, tokGE, tokLBracket, tokRBracket, tokLBrace, tokRBrace,
	tokLParen, tokRParen, tokStar, tokDot, tokComma, tokColon, tokCurrent, tokExpref, tokPipe, tokNot, tokLT, tokGT}

func lex(s string) ([]token, error) {
	var out []token
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case strings.IndexByte(" \t\n\r", c) >= 0:
			i++
			continue
		case letter(c):
			j := i + 1
			for j < len(s) && (letter(s[j]) || digit(s[j])) {
				j++
			}
			out = append(out, token{tokName, s[i:j], i})
			i = j
			continue
		case digit(c) || c == '-':
			j := i + 1
			for j < len(s) && digit(s[j]) {
				j++
			}
			if s[i:j] == "-" {
				return nil, &SyntaxError{"a number was expected behind -", i}
			}
			out = append(out, token{tokNumber, s[i:j], i})
			i = j
			continue
		case c == '\'' || c == '"' || c == '`':
			j := i + 1
			for j < len(s) && s[j] != c {
				if s[j] == '\\' {
					j++
				}
				j++
			}
			if j >= len(s) {
				return nil, &SyntaxError{fmt.Sprintf("the %c is not closed", c), i}
			}
			t, err := quoted(c, s[i+1:j])
			if err != nil {
				return nil, &SyntaxError{err.Error(), i}
			}
			t.at = i
			out = append(out, t)
			i = j + 1
			continue
		}
		found := false
		for _, op := range operators {
			if strings.HasPrefix(s[i:], string(op)) {
				out = append(out, token{op, nil, i})
				i += len(op)
				found = true
				break
			}
		}
		if !found {
			return nil, &SyntaxError{fmt.Sprintf("unknown character %q", c), i}
		}
	}
	return append(out, token{tokEOF, nil, len(s)}), nil
}

func letter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }

// quoted reads what stands between quotation marks of a kind.
func quoted(mark byte, text string) (token, error) {
	switch mark {
	case '\'':
		return token{kind: tokLiteral, value: strings.ReplaceAll(text, `\'`, "'")}, nil
	case '"':
		var s string
		if err := json.Unmarshal([]byte(`"`+text+`"`), &s); err != nil {
			return token{}, fmt.Errorf("the quoted name cannot be read")
		}
		return token{kind: tokQuoted, value: s}, nil
	}
	text = strings.ReplaceAll(text, "\\`", "`")
	v, err := ojson.Decode([]byte(text))
	if err != nil { // what is not JSON is taken as a string without its marks
		if v, err = ojson.Decode([]byte(`"` + strings.TrimLeft(text, " \t\n\r") + `"`)); err != nil {
			return token{}, fmt.Errorf("the literal is not JSON")
		}
	}
	return token{kind: tokLiteral, value: v}, nil
}
