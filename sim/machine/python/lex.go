package python

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

type kind int

const (
	tEnd kind = iota
	tNewline
	tIndent
	tDedent
	tName
	tNumber
	tString // value is a string, a bytesValue or a []piece of an f-string
	tOp
)

// span is a place in a source: lines from 1, columns in bytes from 0.
type span struct{ line, col, endLine, endCol int }

type token struct {
	kind  kind
	text  string
	value any
	at    span
}

// syntaxError is a text that is no Python, in Python's words.
type syntaxError struct {
	class, text string
	at          span
	bare        bool // without a mark under the line
	hidden      bool // without the line
}

func (e *syntaxError) Error() string { return e.class + ": " + e.text }

// unseen is an error that the compiler finds, which has no source to show.
func (e *syntaxError) unseen() *syntaxError {
	e.hidden = true
	return e
}

func bad(at span, format string, args ...any) *syntaxError {
	return &syntaxError{class: "SyntaxError", text: fmt.Sprintf(format, args...), at: at}
}

var keywords = map[string]bool{}

func init() {
	for _, k := range strings.Fields("False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield") {
		keywords[k] = true
	}
}

var operators = []string{"**=", "//=", ">>=", "<<=", "...", "!=", "==", "<=", ">=", "->", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", ":=", "**", "//", "<<", ">>", "@="}

type lexer struct {
	src     string
	pos     int
	line    int
	start   int // where the line begins
	open    []token
	indents []int
	out     []token
}

// lex takes a source apart.
func lex(src string) ([]token, *syntaxError) {
	l := &lexer{src: strings.ReplaceAll(src, "\r\n", "\n"), line: 1, indents: []int{0}}
	if err := l.run(); err != nil {
		return l.out, err
	}
	return l.out, nil
}

func (l *lexer) here(n int) span {
	return span{l.line, l.pos - l.start, l.line, l.pos - l.start + n}
}

func (l *lexer) add(k kind, n int, v any) {
	l.out = append(l.out, token{k, l.src[l.pos : l.pos+n], v, l.here(n)})
	l.pos += n
}

func (l *lexer) newline() {
	l.pos++
	l.line++
	l.start = l.pos
}

func (l *lexer) run() *syntaxError {
	fresh := true
	for {
		if fresh && len(l.open) == 0 {
			blank, err := l.indentation()
			if err != nil {
				return err
			}
			if blank {
				continue
			}
		}
		fresh = false
		for l.pos < len(l.src) && strings.IndexByte(" \t\f", l.src[l.pos]) >= 0 {
			l.pos++
		}
		if l.pos >= len(l.src) {
			break
		}
		c := l.src[l.pos]
		switch {
		case c == '\n':
			if len(l.open) > 0 {
				l.newline()
				continue
			}
			l.out = append(l.out, token{kind: tNewline, at: l.here(1)})
			l.newline()
			fresh = true
		case c == '#':
			for l.pos < len(l.src) && l.src[l.pos] != '\n' {
				l.pos++
			}
		case c == '\\' && strings.HasPrefix(l.src[l.pos:], "\\\n"):
			l.pos++
			l.newline()
		default:
			if err := l.token(c); err != nil {
				return err
			}
		}
	}
	if n := len(l.open); n > 0 {
		return bad(l.open[n-1].at, "'%s' was never closed", l.open[n-1].text)
	}
	if n := len(l.out); n > 0 && l.out[n-1].kind != tNewline {
		l.out = append(l.out, token{kind: tNewline, at: l.here(1)})
	}
	for range l.indents[1:] {
		l.out = append(l.out, token{kind: tDedent, at: l.here(0)})
	}
	l.out = append(l.out, token{kind: tEnd, at: l.here(0)})
	return nil
}

// indentation reads what stands before a line; blank lines have none.
func (l *lexer) indentation() (blank bool, err *syntaxError) {
	n, at := 0, l.pos
	for at < len(l.src) && (l.src[at] == ' ' || l.src[at] == '\t' || l.src[at] == '\f') {
		if l.src[at] == '\t' {
			n = n/8*8 + 8
		} else {
			n++
		}
		at++
	}
	if at >= len(l.src) {
		l.pos = at
		return false, nil
	}
	if l.src[at] == '\n' || l.src[at] == '#' {
		for at < len(l.src) && l.src[at] != '\n' {
			at++
		}
		if l.pos = at; at < len(l.src) {
			l.newline()
			return true, nil
		}
		return false, nil
	}
	l.pos = at
	top := l.indents[len(l.indents)-1]
	if n > top {
		l.indents = append(l.indents, n)
		l.out = append(l.out, token{kind: tIndent, at: l.here(0)})
	}
	for n < top {
		l.indents = l.indents[:len(l.indents)-1]
		if top = l.indents[len(l.indents)-1]; n > top {
			e := bad(l.here(0), "unindent does not match any outer indentation level")
			e.class = "IndentationError"
			return false, e
		}
		l.out = append(l.out, token{kind: tDedent, at: l.here(0)})
	}
	return false, nil
}

var closers = map[string]string{")": "(", "]": "[", "}": "{"}

func (l *lexer) token(c byte) *syntaxError {
	rest := l.src[l.pos:]
	if n := stringStart(rest); n >= 0 {
		return l.text(n)
	}
	r, size := utf8.DecodeRuneInString(rest)
	switch {
	case c == '_' || unicode.IsLetter(r):
		n := strings.IndexFunc(rest, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if n < 0 {
			n = len(rest)
		}
		l.add(tName, n, nil)
		return nil
	case c >= '0' && c <= '9' || c == '.' && len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9':
		return l.number(rest)
	}
	for _, op := range operators {
		if strings.HasPrefix(rest, op) {
			l.add(tOp, len(op), nil)
			return nil
		}
	}
	if strings.IndexByte("+-*/%@&|^~<>()[]{},:;.=", c) < 0 {
		switch {
		case c == '!' || c == '$' || c == '?' || c == '`' || c == '\\':
			if c == '\\' {
				return bad(span{l.line, l.pos - l.start + 1, l.line, l.pos - l.start + 2}, "unexpected character after line continuation character")
			}
			return bad(l.here(1), "invalid syntax")
		case unicode.IsPrint(r):
			return bad(l.here(size), "invalid character '%c' (U+%04X)", r, r)
		}
		return bad(l.here(size), "invalid non-printable character U+%04X", r)
	}
	text := string(c)
	switch text {
	case "(", "[", "{":
		if len(l.open) >= 100 {
			return bad(l.here(1), "too many nested parentheses")
		}
		l.open = append(l.open, token{kind: tOp, text: text, at: l.here(1)})
	case ")", "]", "}":
		n := len(l.open)
		if n == 0 {
			return bad(l.here(1), "unmatched '%s'", text)
		}
		if o := l.open[n-1]; o.text != closers[text] {
			if o.at.line != l.line {
				return bad(l.here(1), "closing parenthesis '%s' does not match opening parenthesis '%s' on line %d", text, o.text, o.at.line)
			}
			return bad(l.here(1), "closing parenthesis '%s' does not match opening parenthesis '%s'", text, o.text)
		}
		l.open = l.open[:n-1]
	}
	l.add(tOp, 1, nil)
	return nil
}

func (l *lexer) number(rest string) *syntaxError {
	lower := strings.ToLower(rest)
	base, digits := 10, "0123456789_"
	n := 0
	switch {
	case strings.HasPrefix(lower, "0x"):
		base, digits, n = 16, "0123456789abcdef_", 2
	case strings.HasPrefix(lower, "0o"):
		base, digits, n = 8, "01234567_", 2
	case strings.HasPrefix(lower, "0b"):
		base, digits, n = 2, "01_", 2
	}
	scan := func() {
		for n < len(lower) && strings.IndexByte(digits, lower[n]) >= 0 {
			n++
		}
	}
	scan()
	float := false
	if base == 10 {
		if n < len(lower) && lower[n] == '.' {
			float = true
			n++
			scan()
		}
		if n < len(lower) && lower[n] == 'e' {
			m := n + 1
			if m < len(lower) && (lower[m] == '+' || lower[m] == '-') {
				m++
			}
			if m < len(lower) && lower[m] >= '0' && lower[m] <= '9' {
				float, n = true, m
				scan()
			}
		}
	}
	clean := strings.ReplaceAll(lower[:n], "_", "")
	if n < len(lower) && (lower[n] == '_' || lower[n] >= 'a' && lower[n] <= 'z') && !keywordFollows(rest[n:]) {
		if base == 10 {
			return bad(span{l.line, l.pos - l.start + n - 1, l.line, l.pos - l.start + n}, "invalid decimal literal")
		}
		return bad(l.here(n), "invalid syntax")
	}
	if float {
		f, err := strconv.ParseFloat(clean, 64)
		if err != nil && f == 0 {
			return bad(l.here(n), "invalid decimal literal")
		}
		l.add(tNumber, n, f)
		return nil
	}
	if base == 10 && len(clean) > 1 && clean[0] == '0' && strings.Trim(clean, "0") != "" {
		return bad(l.here(1), "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers")
	}
	if base != 10 {
		clean = clean[2:]
	}
	i, ok := new(big.Int).SetString(clean, base)
	if !ok || len(clean) > 4300 {
		return bad(l.here(n), "invalid decimal literal")
	}
	l.add(tNumber, n, i)
	return nil
}

func keywordFollows(rest string) bool {
	for _, k := range []string{"and", "else", "for", "if", "in", "is", "not", "or"} {
		if strings.HasPrefix(rest, k) {
			return true
		}
	}
	return false
}
