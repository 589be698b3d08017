package syntax

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// lexer reads tokens. A $( ) inside a string is read by a lexer state of its
// own over the text without the string's escapes; base and skips lead back to
// offsets of the source.
type lexer struct {
	lexState
	src     *Source
	opt     Options
	report  func(sp Span, incomplete bool, id string, args ...any)
	mode    mode
	signed  bool // a number may begin with a sign
	ternary bool // ? and : end a number
	simple  bool // a name is wanted, keywords included
}

type lexState struct {
	text  string
	cur   int // byte offset in text; goes past the end when the end was read
	start int // of the token being read
	base  int // offset of text in the source
	skips []int
}

func (l *lexer) next() rune {
	if l.cur >= len(l.text) {
		l.cur++
		return 0
	}
	c := l.text[l.cur]
	if c < utf8.RuneSelf {
		l.cur++
		return rune(c)
	}
	r, w := utf8.DecodeRuneInString(l.text[l.cur:])
	l.cur += w
	return r
}

func (l *lexer) back() {
	if l.cur > len(l.text) || l.cur == 0 {
		l.cur = max(0, l.cur-1)
		return
	}
	_, w := utf8.DecodeLastRuneInString(l.text[:l.cur])
	l.cur -= w
}

func (l *lexer) peek() rune {
	if l.cur >= len(l.text) {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(l.text[l.cur:])
	return r
}

func (l *lexer) atEnd() bool { return l.cur > len(l.text) }

// span returns the place of text[a:b] in the source.
func (l *lexer) span(a, b int) Span {
	a, b = a+l.base, b+l.base
	for _, s := range l.skips {
		if s < l.base {
			continue
		}
		if s < a {
			a++
			b++
		} else if s < b {
			b++
		}
	}
	return Span{a, b}
}

func (l *lexer) token(k Kind) *token {
	return &token{Span: l.span(l.start, l.cur), Kind: k, Text: l.slice(l.start, l.cur)}
}

func (l *lexer) slice(a, b int) string {
	n := len(l.text)
	return l.text[min(a, n):min(b, n)]
}

func (l *lexer) valueToken(k Kind, v string) *token {
	t := l.token(k)
	t.Value = v
	return t
}

// seek makes the lexer read again from an offset of the source.
func (l *lexer) seek(off int) {
	adjust := l.base
	for _, s := range l.skips {
		if s >= l.base && s < off-1 {
			adjust++
		}
	}
	l.cur = max(0, min(off-adjust, len(l.text)+1))
}

// mark returns where the lexer stands, for seek.
func (l *lexer) mark() int {
	l.start = l.cur
	return l.span(l.cur, l.cur).Start
}

func (l *lexer) err(a, b int, id string, args ...any) {
	l.report(Span{a + l.base, b + l.base}, false, id, args...)
}

// unfinished reports an error from offset a to here: more input could mend it.
func (l *lexer) unfinished(a int, id string, args ...any) {
	l.report(Span{a + l.base, l.cur + l.base}, l.ends(l.cur+l.base), id, args...)
}

// ends reports whether nothing but blanks and comments follows an offset.
func (l *lexer) ends(off int) bool {
	for i := off; i < len(l.text); i++ {
		switch c := l.text[i]; {
		case c == '#':
			i = lineComment(l.text, i+1) - 1
		case c == '<' && i+1 < len(l.text) && l.text[i+1] == '#':
			i = blockComment(l.text, i+2) - 1
		case c < utf8.RuneSelf && !isSpace(rune(c)):
			return false
		case c >= utf8.RuneSelf:
			r, w := utf8.DecodeRuneInString(l.text[i:])
			if !isSpace(r) {
				return false
			}
			i += w - 1
		}
	}
	return true
}

func lineComment(s string, i int) int {
	for i < len(s) && s[i] != '\r' && s[i] != '\n' {
		i++
	}
	return i
}

func blockComment(s string, i int) int {
	if n := strings.Index(s[min(i, len(s)):], "#>"); n >= 0 {
		return i + n + 2
	}
	return len(s)
}

// pipeFollows reports whether the first thing on one of the next lines is a |,
// with nothing but comments between.
func (l *lexer) pipeFollows(off int) bool {
	s, blank := l.text, true
	for i := off; i < len(s); {
		switch c := s[i]; {
		case isSpace(rune(c)):
			i++
		case c == '\n' || c == '\r':
			if blank {
				return false
			}
			blank = true
			if i++; c == '\r' && i < len(s) && s[i] == '\n' {
				i++
			}
		case c == '#':
			blank = false
			i = lineComment(s, i+1)
		case c == '<' && i+1 < len(s) && s[i+1] == '#':
			blank = false
			i = blockComment(s, i+2)
		default:
			return c == '|'
		}
	}
	return false
}

func (l *lexer) skipSpace() {
	for isSpace(l.peek()) {
		l.next()
	}
}

func (l *lexer) skipLine() { l.cur = lineComment(l.text, l.cur) }

func (l *lexer) skipBlock() {
	l.cur = blockComment(l.text, l.cur)
	if l.cur == len(l.text) && !strings.HasSuffix(l.text, "#>") {
		l.unfinished(l.start, "MissingTerminatorMultiLineComment")
	}
}

// skipNewlines skips blanks, comments and line ends, and semicolons if asked.
func (l *lexer) skipNewlines(semis bool) {
	for {
		switch c := l.next(); {
		case isSpace(c), c == '\n', c == '\r', c == ';' && semis:
			continue
		case c == '#':
			l.skipLine()
			continue
		case c == '<' && l.peek() == '#':
			l.start = l.cur - 1
			l.next()
			l.skipBlock()
			continue
		case c == '`':
			switch c := l.next(); {
			case c == '\r':
				if l.peek() == '\n' {
					l.next()
				}
				continue
			case c == '\n':
				continue
			case unicode.IsSpace(c):
				l.skipSpace()
				continue
			}
			l.back()
		}
		l.back()
		return
	}
}

// nextToken reads one token in the present mode.
func (l *lexer) nextToken() *token {
again:
	l.start = l.cur
	c := l.next()
	switch c {
	case '@':
		return l.at()
	case '#':
		l.skipLine()
		goto again
	case '\r':
		if l.peek() == '\n' {
			l.next()
		}
		return l.token(NewLine)
	case '\n':
		return l.token(NewLine)
	case '`':
		c1 := l.next()
		switch {
		case c1 == '\r':
			if l.peek() == '\n' {
				l.next()
			}
			goto again
		case c1 == '\n':
			goto again
		case unicode.IsSpace(c1):
			l.skipSpace()
			goto again
		case c1 == 0 && l.atEnd():
			l.unfinished(l.cur, "IncompleteString")
			l.back()
			goto again
		}
		return l.generic(l.backtick(c1))
	case '=':
		return l.operator(Equals)
	case '+':
		switch c1 := l.peek(); {
		case c1 == '+':
			l.next()
			return l.operator(PlusPlus)
		case c1 == '=':
			l.next()
			return l.operator(PlusEquals)
		case l.signed && (isDigit(c1) || c1 == '.'):
			return l.number(c)
		}
		return l.operator(Plus)
	case '*':
		switch l.peek() {
		case '=':
			l.next()
			return l.operator(MultiplyEquals)
		case '>':
			l.next()
			return l.redirection(0)
		}
		return l.operator(Multiply)
	case '/':
		if l.peek() == '=' {
			l.next()
			return l.operator(DivideEquals)
		}
		return l.operator(Divide)
	case '%':
		if l.peek() == '=' {
			l.next()
			return l.operator(RemainderEquals)
		}
		return l.operator(Rem)
	case '$':
		if l.peek() == '(' {
			l.next()
			return l.token(DollarParen)
		}
		return l.variable(false, false)
	case '<':
		if l.peek() == '#' {
			l.next()
			l.skipBlock()
			goto again
		}
		return l.token(RedirectInStd)
	case '>':
		return l.redirection(1)
	case '(':
		return l.token(LParen)
	case ')':
		return l.token(RParen)
	case '[':
		if l.mode == commandMode && !endsToken(l.peek()) {
			return l.generic("[")
		}
		return l.token(LBracket)
	case ']':
		return l.token(RBracket)
	case '{':
		return l.token(LCurly)
	case '}':
		return l.token(RCurly)
	case '.':
		return l.dot()
	case ';':
		return l.token(Semi)
	case ',':
		return l.token(Comma)
	case '&':
		if l.peek() == '&' {
			l.next()
			return l.token(AndAnd)
		}
		return l.token(Ampersand)
	case '|':
		if l.peek() == '|' {
			l.next()
			return l.token(OrOr)
		}
		return l.token(Pipe)
	case '!':
		return l.bang()
	case ':':
		return l.colon()
	case '?':
		if l.mode != expressionMode || l.opt.V5 {
			break
		}
		if l.peek() != '?' {
			return l.token(QuestionMark)
		}
		l.next()
		if l.peek() == '=' {
			l.next()
			return l.token(QuestionQuestionEquals)
		}
		return l.token(QuestionQuestion)
	case 0:
		if l.atEnd() {
			return &token{Span: Span{l.start + 1 + l.base, l.start + 1 + l.base}, Kind: EndOfInput}
		}
	}
	switch {
	case isSpace(c):
		l.skipSpace()
		goto again
	case isSingleQuote(c):
		return l.literalString()
	case isDoubleQuote(c):
		return l.expandableString()
	case isDash(c):
		return l.dash(c)
	case isDigit(c):
		if c >= '1' && c <= '6' && l.peek() == '>' {
			rest := l.slice(l.cur+1, l.cur+3)
			if l.mode == expressionMode && rest != "&1" && rest != "&2" {
				t := l.token(Number)
				t.Number = int32(c - '0')
				return t
			}
			l.next()
			return l.redirectionFrom(int(c - '0'))
		}
		return l.number(c)
	case c == '_' || unicode.IsLetter(c):
		return l.identifier()
	}
	return l.generic(string(c))
}

func isIdentifierStart(c rune) bool { return c == '_' || unicode.IsLetter(c) }

func isIdentifierFollow(c rune) bool {
	return c == '_' || unicode.IsLetter(c) || unicode.IsDigit(c)
}

func (l *lexer) identifier() *token {
	c := l.next()
	for isIdentifierFollow(c) {
		c = l.next()
	}
	l.back()
	if l.mode == typeNameMode {
		return l.typeName()
	}
	if !l.simple && l.mode == commandMode && !endsToken(c) {
		return l.generic(l.slice(l.start, l.cur))
	}
	if !l.simple && (l.mode == commandMode || l.mode == signatureMode) {
		if k, ok := keywords[strings.ToLower(l.slice(l.start, l.cur))]; ok && (k != Clean || !l.opt.V5) {
			return l.token(k)
		}
	}
	return l.token(Identifier)
}

func (l *lexer) typeName() *token {
	for {
		switch c := l.next(); {
		case c == '.', c == '`', c == '_', c == '+', c == '#', c == '\\', unicode.IsLetter(c), unicode.IsDigit(c):
			continue
		}
		l.back()
		return l.token(Identifier)
	}
}

// assemblyName reads what follows the comma of an assembly-qualified name.
func (l *lexer) assemblyName() string {
	word := func() string {
		l.skipSpace()
		from := l.cur
		for c := l.next(); c != 0 && c != ',' && c != '=' && c != ']' && c != '\n' && c != '\r' && !isSpace(c); {
			c = l.next()
		}
		l.back()
		s := l.slice(from, l.cur)
		l.skipSpace()
		return s
	}
	s := word()
	for l.peek() == ',' {
		l.next()
		s += ", " + word()
		if l.peek() == '=' {
			l.next()
			s += "=" + word()
		}
	}
	return s
}
