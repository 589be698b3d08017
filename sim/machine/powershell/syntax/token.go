package syntax

// token is a piece of the text as the tokenizer reads it in one of its modes.
type token struct {
	Span
	Kind   Kind
	Text   string // as it stands in the source
	Value  string // what a string, word, variable, parameter or label says
	Parts  []part // of an expandable string; nil if nothing expands
	Number any    // the value of a number
	// Colon says that a parameter's name was followed by ':'.
	Colon bool
	// from and to are the streams of a redirection; to is 0 for a file.
	from, to int
	Append   bool
	nested   bool // an unscanned $( ): Value is its text, skips what was left out
	skips    []int
}

// part is a piece of an expandable string: text, or a token to expand.
type part struct {
	lit string
	tok *token
}

type mode uint8

const (
	commandMode mode = iota
	expressionMode
	typeNameMode
	signatureMode // a class's or a method's head
)

func isSpace(c rune) bool {
	if c < 128 {
		return c == ' ' || c == '\t' || c == '\f' || c == '\v'
	}
	return c == 0xa0 || c == 0x85 || c == 0x1680 || c >= 0x2000 && c <= 0x200a || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000
}

func isDash(c rune) bool { return c == '-' || c == 0x2013 || c == 0x2014 || c == 0x2015 }

func isSingleQuote(c rune) bool { return c == '\'' || c >= 0x2018 && c <= 0x201b }

func isDoubleQuote(c rune) bool { return c == '"' || c >= 0x201c && c <= 0x201e }

func isDigit(c rune) bool { return c >= '0' && c <= '9' }

func isHex(c rune) bool {
	return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// endsToken reports whether a word of command mode ends before c.
func endsToken(c rune) bool {
	switch c {
	case 0, '\n', '\r', '&', '(', ')', ',', ';', '{', '|', '}':
		return true
	}
	return isSpace(c)
}

// endsNumber reports whether a number of expression mode may end before c.
func endsNumber(c rune, ternary bool) bool {
	switch c {
	case '!', '#', '%', '*', '+', '-', '.', '/', '<', '=', '>', ']':
		return true
	case '?', ':':
		return ternary
	}
	return isDash(c)
}
