package regex

import (
	"strings"
	"unicode/utf16"
)

func class(f func(rune) bool) node {
	return node{set: (&charSet{classes: []func(rune) bool{f}}).prepare()}
}

// shorthand returns the class of \d and its like.
func (p *parser) shorthand(c uint16) (func(rune) bool, bool) {
	switch c {
	case 'd':
		return isDigit, true
	case 'D':
		return not(isDigit), true
	case 'w':
		return isWord, true
	case 'W':
		return not(isWord), true
	case 's':
		return isSpace, true
	case 'S':
		return not(isSpace), true
	case 'p', 'P':
		if !p.accept("{") {
			p.fail("Incomplete \\p{X} character escape.")
		}
		from := p.i
		for p.more() && p.peek() != '}' {
			p.i++
		}
		if !p.more() {
			p.fail("Incomplete \\p{X} character escape.")
		}
		name := string(utf16.Decode(p.u[from:p.i]))
		p.i++
		f, ok := category(name)
		if !ok {
			p.fail("Unknown property '" + name + "'.")
		}
		if p.opt&IgnoreCase != 0 && (name == "Lu" || name == "Ll" || name == "Lt") {
			f = isCased
		}
		if c == 'P' {
			f = not(f)
		}
		return f, true
	}
	return nil, false
}

func (p *parser) escape() node {
	if !p.more() {
		p.fail("Illegal \\ at end of pattern.")
	}
	c := p.peek()
	p.i++
	if f, ok := p.shorthand(c); ok {
		return class(f)
	}
	switch c {
	case 'b':
		return node{m: assert(atBoundary)}
	case 'B':
		return node{m: assert(func(u []uint16, pos int) bool { return !atBoundary(u, pos) })}
	case 'A':
		return node{m: assert(atStart)}
	case 'G':
		return node{m: assert(atStart)}
	case 'z':
		return node{m: assert(atEnd)}
	case 'Z':
		return node{m: assert(atLastLine)}
	case 'k':
		open := p.peek()
		if open != '<' && open != '\'' {
			p.fail("Malformed \\k<...> named back reference.")
		}
		p.i++
		n := p.name()
		end := map[uint16]uint16{'<': '>', '\'': '\''}[open]
		if n == "" || p.peek() != end {
			p.fail("Malformed \\k<...> named back reference.")
		}
		p.i++
		s, ok := p.re.slot[n]
		if !ok {
			p.fail("Reference to undefined group name '" + n + "'.")
		}
		return p.reference(s)
	}
	if c >= '1' && c <= '9' {
		from := p.i - 1
		for p.peek() >= '0' && p.peek() <= '9' {
			p.i++
		}
		text := string(utf16.Decode(p.u[from:p.i]))
		if s, ok := p.re.slot[text]; ok {
			return p.reference(s)
		}
		if len(text) == 1 {
			p.fail("Reference to undefined group number " + text + ".")
		}
		p.i = from + 1
	}
	return node{lit: p.charEscape(c), isL: true}
}

func (p *parser) reference(slot int) node {
	return node{m: backReference(slot, p.opt&IgnoreCase != 0, p.rtl, p.opt&ECMAScript != 0)}
}

func (p *parser) hex(n int) uint16 {
	v := 0
	for ; n > 0; n-- {
		d := strings.IndexRune("0123456789abcdef", rune(p.peek()|0x20))
		if c := p.peek(); c >= '0' && c <= '9' {
			d = int(c - '0')
		}
		if d < 0 || !p.more() {
			p.fail("Insufficient or invalid hexadecimal digits.")
		}
		v = v<<4 | d
		p.i++
	}
	return uint16(v)
}

// charEscape returns the character that \c stands for.
func (p *parser) charEscape(c uint16) uint16 {
	switch c {
	case 'a':
		return 7
	case 'b':
		return 8
	case 'e':
		return 27
	case 'f':
		return 12
	case 'n':
		return 10
	case 'r':
		return 13
	case 't':
		return 9
	case 'v':
		return 11
	case 'x':
		return p.hex(2)
	case 'u':
		return p.hex(4)
	case 'c':
		if !p.more() {
			p.fail("Missing control character.")
		}
		d := p.peek()
		p.i++
		if d >= 'a' && d <= 'z' {
			d -= 32
		}
		if d -= '@'; d >= 32 {
			p.fail("Unrecognized control character.")
		}
		return d
	}
	if c >= '0' && c <= '7' {
		v := c - '0'
		for n := 0; n < 2 && p.peek() >= '0' && p.peek() <= '7'; n++ {
			v = v*8 + p.peek() - '0'
			p.i++
		}
		return v & 0xff
	}
	if isWord(rune(c)) {
		p.fail("Unrecognized escape sequence \\" + string(rune(c)) + ".")
	}
	return c
}

// class reads what follows a [.
func (p *parser) class(fold bool) *charSet {
	s := &charSet{fold: fold}
	s.negated = p.accept("^")
	if p.opt&ECMAScript != 0 && p.accept("]") {
		return s
	}
	for first := true; ; first = false {
		if !p.more() {
			p.fail("Unterminated [] set.")
		}
		c := p.peek()
		p.i++
		if c == ']' && !first {
			return s
		}
		if c == '\\' && p.more() {
			d := p.peek()
			p.i++
			if f, ok := p.shorthand(d); ok {
				s.classes = append(s.classes, f)
				if p.peek() == '-' && p.i+1 < len(p.u) && p.u[p.i+1] != ']' && p.u[p.i+1] != '[' {
					p.fail("Cannot include class \\" + string(rune(d)) + " in character range.")
				}
				continue
			}
			if d == '-' {
				s.add('-', '-')
				continue
			}
			c = p.charEscape(d)
		} else if c == '[' && p.peek() == ':' {
			if j := strings.Index(string(utf16.Decode(p.u[p.i:])), ":]"); j > 0 {
				p.i += j + 2
				continue
			}
		}
		if c == '-' && p.peek() == '[' && !first {
			p.i++
			s.minus = p.class(fold)
			if p.peek() != ']' {
				p.fail("A subtraction must be the last element in a character class.")
			}
			continue
		}
		from, to := c, c
		if p.peek() == '-' && p.i+1 < len(p.u) && p.u[p.i+1] != ']' {
			if p.u[p.i+1] == '[' {
				s.add(rune(from), rune(from))
				p.i += 2
				s.minus = p.class(fold)
				if p.more() && p.peek() != ']' {
					p.fail("A subtraction must be the last element in a character class.")
				}
				continue
			}
			p.i++
			to = p.peek()
			p.i++
			if to == '\\' && p.more() {
				d := p.peek()
				p.i++
				if _, ok := p.shorthand(d); ok {
					p.fail("Cannot include class \\" + string(rune(d)) + " in character range.")
				}
				to = p.charEscape(d)
			}
			if to < from {
				p.fail("[" + string(rune(from)) + "-" + string(rune(to)) + "] range in reverse order.")
			}
		}
		s.add(rune(from), rune(to))
	}
}
