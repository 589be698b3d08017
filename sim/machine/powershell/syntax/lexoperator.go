package syntax

import (
	"unicode"
)

func (l *lexer) at() *token {
	c := l.next()
	switch {
	case c == '{':
		return l.token(AtCurly)
	case c == '(':
		return l.token(AtParen)
	case isSingleQuote(c):
		return l.hereString(false)
	case isDoubleQuote(c):
		return l.hereString(true)
	}
	l.back()
	if isVariableStart(c) {
		return l.variable(true, false)
	}
	l.err(l.cur-1, l.cur, "UnrecognizedToken")
	return l.token(Unknown)
}

// operator returns an operator, or in command mode the word that begins with it.
func (l *lexer) operator(k Kind) *token {
	if l.mode == commandMode && !endsToken(l.peek()) {
		return l.generic(l.slice(l.start, l.cur))
	}
	return l.token(k)
}

func (l *lexer) dash(c rune) *token {
	switch c1 := l.peek(); {
	case isDash(c1):
		l.next()
		return l.operator(MinusMinus)
	case c1 == '=':
		l.next()
		return l.operator(MinusEquals)
	case unicode.IsLetter(c1) || c1 == '_' || c1 == '?':
		return l.parameter()
	case l.signed && (isDigit(c1) || c1 == '.'):
		return l.number(c)
	}
	return l.operator(Minus)
}

// redirection reads what follows the > of "*>" or ">".
func (l *lexer) redirection(from int) *token {
	if from == 0 {
		return l.redirectionFrom(0)
	}
	t := func() *token { t := l.token(Redirection); t.from = 1; return t }
	if l.peek() == '>' {
		l.next()
		r := t()
		r.Append = true
		return r
	}
	return t()
}

func (l *lexer) redirectionFrom(from int) *token {
	appends, to := false, 0
	switch l.peek() {
	case '>':
		l.next()
		appends = true
	case '&':
		l.next()
		if c := l.peek(); c == '1' || c == '2' && from != 0 {
			l.next()
			to = int(c - '0')
		} else {
			l.back()
		}
	}
	t := l.token(Redirection)
	t.from, t.to, t.Append = from, to, appends
	return t
}

func (l *lexer) bang() *token {
	c := l.peek()
	if l.mode == commandMode && !endsToken(c) || l.mode == expressionMode && isIdentifierStart(c) {
		return l.generic("!")
	}
	if l.mode == expressionMode && (isDigit(c) || c == '.') {
		_, ok := l.scanNumber(l.next())
		l.cur = l.start
		l.next()
		if !ok {
			return l.generic("!")
		}
	}
	return l.token(Exclaim)
}

func (l *lexer) colon() *token {
	if l.peek() == ':' {
		l.next()
		if l.mode == commandMode && !l.simple && !endsToken(l.peek()) {
			return l.generic("::")
		}
		return l.token(ColonColon)
	}
	if l.mode != commandMode {
		return l.token(Colon)
	}
	c := l.next()
	if !isIdentifierStart(c) {
		l.back()
		if c == 0 {
			return l.valueToken(Generic, ":")
		}
		return l.generic(":")
	}
	for isIdentifierFollow(c) {
		c = l.next()
	}
	l.back()
	if !endsToken(c) {
		return l.generic(l.slice(l.start, l.cur))
	}
	return l.valueToken(Label, l.slice(l.start+1, l.cur))
}

func (l *lexer) dot() *token {
	c := l.peek()
	switch {
	case c == '.':
		l.next()
		if l.mode == commandMode && !endsToken(l.peek()) {
			l.back()
			return l.generic(".")
		}
		return l.token(DotDot)
	case isDigit(c):
		return l.number('.')
	case l.mode == commandMode && !endsToken(c) && c != '$' && c != '"' && c != '\'':
		return l.generic(".")
	}
	return l.token(Dot)
}

// memberAccess reads the operator right after an expression: . :: [ ?. ?[; nil
// if there is none.
func (l *lexer) memberAccess(bracket bool) *token {
	c := l.peek()
	for c == '<' {
		l.start = l.cur
		l.next()
		if l.peek() != '#' {
			l.back()
			return nil
		}
		l.next()
		l.skipBlock()
		c = l.peek()
	}
	l.start = l.cur
	detached := func(c rune) bool {
		return l.mode == commandMode && (isSpace(c) || c == 0 || c == '\r' || c == '\n')
	}
	switch {
	case c == '.':
		l.next()
		if c = l.peek(); c != '.' && !detached(c) {
			return l.token(Dot)
		}
	case c == ':':
		l.next()
		if l.peek() == ':' {
			l.next()
			if !detached(l.peek()) {
				return l.token(ColonColon)
			}
		}
	case c == '[' && bracket:
		l.next()
		return l.token(LBracket)
	case c == '?' && !l.opt.V5:
		l.next()
		switch c = l.peek(); {
		case c == '.':
			l.next()
			return l.token(QuestionDot)
		case c == '[' && bracket:
			l.next()
			return l.token(QuestionLBracket)
		}
	}
	l.cur = l.start
	return nil
}

// invokeParen reads the ( or { right after a member's name.
func (l *lexer) invokeParen() *token {
	l.start = l.cur
	switch l.peek() {
	case '(':
		l.next()
		return l.token(LParen)
	case '{':
		l.next()
		return l.token(LCurly)
	}
	return nil
}

// bracket reads a [ after blanks and comments.
func (l *lexer) bracket() *token {
	at, spaced := l.cur, false
	for {
		l.start = l.cur
		switch c := l.next(); {
		case isSpace(c):
			spaced = true
			l.skipSpace()
			continue
		case c == '#':
			spaced = true
			l.skipLine()
			continue
		case c == '<' && l.peek() == '#':
			spaced = false
			l.next()
			l.skipBlock()
			continue
		case c == '[':
			return l.token(LBracket)
		case (c == '.' || c == ':') && spaced:
			l.cur = at
			return nil
		}
		l.back()
		return nil
	}
}
