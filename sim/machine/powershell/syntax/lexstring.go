package syntax

import (
	"strings"
	"unicode"
)

// builder gathers the parts of an expandable string and, beside them, its text
// as it would read unexpanded.
type builder struct {
	text  strings.Builder
	lit   strings.Builder
	parts []part
}

func (b *builder) add(s string) { b.text.WriteString(s); b.lit.WriteString(s) }

func (b *builder) expand(raw string, t *token) {
	b.text.WriteString(raw)
	b.flush()
	b.parts = append(b.parts, part{tok: t})
}

func (b *builder) flush() {
	if b.lit.Len() > 0 {
		b.parts = append(b.parts, part{lit: b.lit.String()})
		b.lit.Reset()
	}
}

func (l *lexer) expandable(k Kind, b *builder) *token {
	t := l.valueToken(k, b.text.String())
	if len(b.parts) > 0 {
		b.flush()
		t.Parts = b.parts
	}
	return t
}

// backtick returns what ` and c stand for.
func (l *lexer) backtick(c rune) string {
	switch c {
	case '0':
		return "\x00"
	case 'a':
		return "\a"
	case 'b':
		return "\b"
	case 'f':
		return "\f"
	case 'n':
		return "\n"
	case 'r':
		return "\r"
	case 't':
		return "\t"
	case 'v':
		return "\v"
	case 'e':
		if !l.opt.V5 {
			return "\x1b"
		}
	case 'u':
		if !l.opt.V5 {
			return l.unicodeEscape()
		}
	}
	return string(c)
}

func (l *lexer) unicodeEscape() string {
	from := l.cur - 2
	if l.next() != '{' {
		l.back()
		l.err(from, l.cur, "InvalidUnicodeEscapeSequence")
		return "\uffff"
	}
	n := rune(0)
	for i := 0; ; i++ {
		c := l.next()
		switch {
		case c == '}' && i == 0:
			l.err(from, l.cur, "InvalidUnicodeEscapeSequence")
			return "\uffff"
		case c == '}':
			if n > 0x10ffff {
				l.err(from+3, l.cur-1, "InvalidUnicodeEscapeSequenceValue")
				return "\uffff"
			}
			return string(n)
		case !isHex(c):
			l.back()
			id := "InvalidUnicodeEscapeSequence"
			if i >= 6 {
				id = "MissingUnicodeEscapeSequenceTerminator"
			}
			l.err(l.cur, l.cur+1, id)
			return "\uffff"
		case i == 6:
			l.back()
			l.err(l.cur, l.cur+1, "TooManyDigitsInUnicodeEscapeSequence")
			return "\uffff"
		}
		d := c | 0x20
		if d >= 'a' {
			d = d - 'a' + 10
		} else {
			d = c - '0'
		}
		n = n<<4 | d
	}
}

// singleQuoted reads up to the closing quote.
func (l *lexer) singleQuoted() string {
	from := l.cur - 1
	if c := l.text[from]; c >= 0x80 {
		from = l.cur - 3
	}
	var b strings.Builder
	for {
		c := l.next()
		if c == 0 && l.atEnd() {
			l.back()
			l.unfinished(from, "TerminatorExpectedAtEndOfString", "'")
			return b.String()
		}
		if isSingleQuote(c) {
			if !isSingleQuote(l.peek()) {
				return b.String()
			}
			c = l.next()
		}
		b.WriteRune(c)
	}
}

func (l *lexer) literalString() *token {
	s := l.singleQuoted()
	return l.valueToken(StringLiteral, s)
}

// doubleQuoted reads up to the closing quote into b.
func (l *lexer) doubleQuoted(b *builder) {
	from := l.cur - 1
	if c := l.text[from]; c >= 0x80 {
		from = l.cur - 3
	}
	for {
		c := l.next()
		switch {
		case c == 0 && l.atEnd():
			l.back()
			l.unfinished(from, "TerminatorExpectedAtEndOfString", "\"")
			return
		case isDoubleQuote(c):
			if !isDoubleQuote(l.peek()) {
				return
			}
			c = l.next()
		case c == '$':
			if l.dollar(b, false) {
				continue
			}
		case c == '`':
			if c1 := l.peek(); c1 != 0 {
				l.next()
				b.add(l.backtick(c1))
				continue
			}
		}
		b.add(string(c))
	}
}

func (l *lexer) expandableString() *token {
	var b builder
	l.doubleQuoted(&b)
	return l.expandable(StringExpandable, &b)
}

// dollar reads what follows a $ in a string; false if it stands for itself.
func (l *lexer) dollar(b *builder, here bool) bool {
	from, start, mode := l.cur-1, l.start, l.mode
	defer func() { l.start, l.mode = start, mode }()
	l.mode = expressionMode
	var t *token
	switch c := l.peek(); {
	case c == '(':
		l.next()
		t = l.subexpression(here)
	case isVariableStart(c) || c == '{':
		l.start = from
		t = l.variable(false, true)
	default:
		return false
	}
	b.expand(l.slice(from, l.cur), t)
	return true
}

// subexpression reads the text of a $( ) in a string, unscanned.
func (l *lexer) subexpression(here bool) *token {
	l.start = l.cur - 2
	var b strings.Builder
	b.WriteString("$(")
	var skips []int
	for depth := 1; depth > 0; {
		at := l.cur
		c := l.next()
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case (c == '`' || isDoubleQuote(c)) && !here && isDoubleQuote(l.peek()):
			for i := at; i < l.cur; i++ {
				skips = append(skips, i+l.base)
			}
			c = l.next()
		case c == 0 && l.atEnd():
			l.back()
			l.unfinished(l.start, "IncompleteDollarSubexpressionReference")
			depth = 0
			continue
		}
		b.WriteRune(c)
	}
	t := l.valueToken(DollarParen, b.String())
	t.nested, t.skips = true, skips
	if skips == nil {
		t.skips = l.skips
	}
	return t
}

// hereString reads what follows @' or @".
func (l *lexer) hereString(expand bool) *token {
	kind, quote, is := HereStringLiteral, "'@", isSingleQuote
	if expand {
		kind, quote, is = HereStringExpandable, "\"@", isDoubleQuote
	}
	header := l.start
	if !l.hereHeader(header, quote) {
		return l.valueToken(kind, "")
	}
	var b builder
	footer := -1
	if l.hereFooter(&b, is, &footer) {
		return l.expandable(kind, &b)
	}
	for {
		c := l.next()
		switch {
		case c == '\r' || c == '\n':
			text, lit := b.text.Len(), b.lit.Len()
			end := string(c)
			if c == '\r' && l.peek() == '\n' {
				l.next()
				end = "\r\n"
			}
			b.add(end)
			if l.hereFooter(&b, is, &footer) {
				truncate(&b.text, text)
				truncate(&b.lit, lit)
				return l.expandable(kind, &b)
			}
			continue
		case c == 0 && l.atEnd():
			l.back()
			if footer >= 0 {
				l.unfinished(footer, "WhitespaceBeforeHereStringFooter")
			} else {
				l.unfinished(header, "TerminatorExpectedAtEndOfString", quote)
			}
			return l.expandable(kind, &b)
		case c == '$' && expand:
			if l.dollar(&b, true) {
				continue
			}
		case c == '`' && expand:
			if c1 := l.peek(); c1 != 0 {
				l.next()
				b.add(l.backtick(c1))
				continue
			}
		}
		b.add(string(c))
	}
}

func truncate(b *strings.Builder, n int) {
	s := b.String()[:n]
	b.Reset()
	b.WriteString(s)
}

func (l *lexer) hereHeader(header int, quote string) bool {
	c := l.next()
	for isSpace(c) {
		c = l.next()
	}
	switch {
	case c == '\r':
		if l.peek() == '\n' {
			l.next()
		}
		return true
	case c == '\n':
		return true
	case c == 0 && l.atEnd():
		l.back()
		l.unfinished(header, "TerminatorExpectedAtEndOfString", quote)
		return false
	}
	l.back()
	l.err(l.cur, l.cur+1, "UnexpectedCharactersAfterHereStringHeader")
	for {
		c = l.next()
		if string(c) == quote[:1] && l.peek() == '@' {
			l.next()
			return false
		}
		if c == '\r' || c == '\n' || c == 0 && l.atEnd() {
			l.back()
			return false
		}
	}
}

func (l *lexer) hereFooter(b *builder, is func(rune) bool, footer *int) bool {
	c := l.next()
	if is(c) && l.peek() == '@' {
		l.next()
		return true
	}
	for isSpace(c) {
		b.add(string(c))
		c = l.next()
	}
	if is(c) && l.peek() == '@' {
		b.add(string(c))
		if *footer < 0 {
			*footer = l.cur - 1
		}
		b.add(string(l.next()))
		return false
	}
	l.back()
	return false
}

func isVariableStart(c rune) bool {
	return c == '$' || c == '?' || c == '^' || c == ':' || c == '_' || unicode.IsLetter(c) || unicode.IsDigit(c)
}

// variable reads what follows a $ or, splatted, an @.
func (l *lexer) variable(splatted, inString bool) *token {
	kind := Variable
	if splatted {
		kind = SplattedVariable
	}
	from := l.cur
	c := l.next()
	if c == '{' {
		return l.bracedVariable(from, inString)
	}
	if !isVariableStart(c) {
		l.back()
		return l.generic("$")
	}
	if c == '$' || c == '?' || c == '^' {
		if l.mode == commandMode && !endsToken(l.peek()) {
			l.cur = l.start
			return l.generic("")
		}
	} else {
	scan:
		for {
			c = l.next()
			switch {
			case c == '_' || c == '?' || unicode.IsLetter(c) || unicode.IsDigit(c):
			case c == ':':
				if l.peek() == ':' {
					l.back()
					break scan
				}
			case l.mode == commandMode && !endsToken(c) && c != '.' && c != '[' && c != '=':
				l.cur = l.start
				return l.generic("")
			default:
				l.back()
				break scan
			}
		}
	}
	name := l.slice(from, l.cur)
	t := l.valueToken(kind, name)
	l.checkPath(name)
	return t
}

// checkPath reports a variable whose name ends with its drive or scope.
func (l *lexer) checkPath(name string) {
	drive, rest := SplitPath(name)
	if rest != "" {
		return
	}
	id := "InvalidVariableReference"
	if drive != "" && !IsScope(drive) {
		id = "InvalidVariableReferenceWithDrive"
	}
	l.err(l.start, l.cur, id)
}

// SplitPath splits a variable's name at its first colon: scope or drive, and
// name.
func SplitPath(name string) (drive, rest string) {
	if i := strings.IndexByte(name, ':'); i > 0 {
		return name[:i], name[i+1:]
	}
	return "", name
}

// IsScope reports whether the part before a variable's colon names a scope, not
// a drive.
func IsScope(s string) bool {
	switch strings.ToLower(s) {
	case "global", "local", "private", "script", "variable":
		return true
	}
	return false
}

func (l *lexer) bracedVariable(from int, inString bool) *token {
	var b strings.Builder
	closed := false
scan:
	for {
		c := l.next()
		switch {
		case c == '}':
			closed = true
			break scan
		case c == '`':
			c1 := l.next()
			if c1 == 0 && l.atEnd() {
				l.back()
				break scan
			}
			b.WriteString(l.backtick(c1))
			continue
		case isDoubleQuote(c) && inString:
			c1 := l.next()
			if c1 == 0 && l.atEnd() {
				l.back()
				break scan
			}
			if isDoubleQuote(c1) {
				c = c1
			} else {
				l.back()
			}
		case c == '{':
			l.err(l.cur, l.cur+1, "OpenBraceNeedsToBeBackTickedInVariableName")
		case c == 0 && l.atEnd():
			l.back()
			break scan
		}
		b.WriteRune(c)
	}
	name := b.String()
	if !closed {
		l.unfinished(from, "IncompleteDollarVariableReference")
	}
	if name == "" {
		if closed {
			l.err(l.cur-1, l.cur, "EmptyVariableReference")
		}
		name = ":Error:"
	}
	if l.mode == commandMode {
		if c := l.peek(); !endsToken(c) && c != '.' && c != '[' {
			l.cur = l.start
			return l.generic("")
		}
	}
	if _, rest := SplitPath(name); rest == "" {
		l.err(l.start, l.cur, "InvalidBracedVariableReference")
	}
	return l.valueToken(Variable, name)
}

// parameter reads what follows a dash and a letter.
func (l *lexer) parameter() *token {
	var b strings.Builder
	colon := false
scan:
	for {
		c := l.next()
		if isSpace(c) {
			l.back()
			break
		}
		switch c {
		case '{', '}', '(', ')', ';', ',', '|', '&', '.', '[', '\r', '\n', 0:
			l.back()
			break scan
		case ':':
			colon = true
			if l.mode != commandMode {
				l.back()
			}
			break scan
		}
		switch {
		case isSingleQuote(c) || isDoubleQuote(c):
			l.back()
			if l.mode == commandMode {
				return l.generic(l.slice(l.start, l.cur))
			}
			break scan
		case c < 128 && unicode.IsLetter(c) || l.mode == commandMode:
			b.WriteRune(c)
		default:
			l.back()
			break scan
		}
	}
	name := b.String()
	if l.mode == expressionMode {
		if k, ok := operators[strings.ToLower(name)]; ok {
			return l.token(k)
		}
	}
	if name == "" {
		return l.token(Minus)
	}
	t := l.valueToken(Parameter, name)
	t.Colon = colon
	return t
}

// generic reads a word that began with what has been read already.
func (l *lexer) generic(read string) *token {
	var b builder
	b.add(read)
	for {
		c := l.next()
		if endsToken(c) {
			break
		}
		switch {
		case c == '`':
			if c1 := l.peek(); c1 != 0 {
				l.next()
				b.add(l.backtick(c1))
				continue
			}
		case isSingleQuote(c):
			b.add(l.singleQuoted())
			continue
		case isDoubleQuote(c):
			l.doubleQuoted(&b)
			continue
		case c == '$':
			if l.dollar(&b, false) {
				continue
			}
		}
		b.add(string(c))
	}
	l.back()
	return l.expandable(Generic, &b)
}

// verbatim reads what follows --%.
func (l *lexer) verbatim() *token {
	l.skipSpace()
	l.start = l.cur
	quoted := false
	for {
		c := l.next()
		if c == '\r' || c == '\n' || c == 0 && l.atEnd() || !quoted && (c == '|' || c == '&' && l.peek() == '&') {
			l.back()
			return l.valueToken(Generic, l.slice(l.start, l.cur))
		}
		if isDoubleQuote(c) {
			quoted = !quoted
		}
	}
}
