package regex

import (
	"slices"
	"strings"
	"unicode/utf16"
)

type parser struct {
	pattern string
	u       []uint16
	i       int
	opt     Options
	rtl     bool
	re      *Regexp
	autocap int
	nested  int
}

// node is a part of a pattern before it becomes a matcher.
type node struct {
	m   matcher
	set *charSet // of a single character
	lit uint16   // of a literal one
	isL bool
}

type failure struct{ err *ParseError }

func (p *parser) fail(reason string) {
	panic(failure{&ParseError{p.pattern, p.i, reason}})
}

func parse(pattern string, opt Options) (re *Regexp, err error) {
	p := &parser{pattern: pattern, u: utf16.Encode([]rune(pattern)), opt: opt, rtl: opt&RightToLeft != 0}
	p.re = &Regexp{Pattern: pattern, Options: opt, slot: map[string]int{}, rtl: p.rtl}
	defer func() {
		if r := recover(); r != nil {
			f, ok := r.(failure)
			if !ok {
				panic(r)
			}
			re, err = nil, f.err
		}
	}()
	p.countGroups()
	p.i, p.opt, p.autocap = 0, opt, 0
	prog, first := p.alternatives()
	if p.i < len(p.u) {
		p.i++
		p.fail("Too many )'s.")
	}
	p.re.prog, p.re.first = prog, first
	p.re.anchor = len(p.u) > 0 && !p.rtl && (strings.HasPrefix(pattern, `\A`) || pattern[0] == '^' && opt&Multiline == 0) && !strings.Contains(pattern, "|")
	return p.re, nil
}

func (p *parser) more() bool { return p.i < len(p.u) }

func (p *parser) peek() uint16 {
	if p.i < len(p.u) {
		return p.u[p.i]
	}
	return 0
}

func (p *parser) accept(s string) bool {
	for j := 0; j < len(s); j++ {
		if p.i+j >= len(p.u) || p.u[p.i+j] != uint16(s[j]) {
			return false
		}
	}
	p.i += len(s)
	return true
}

// alternatives reads up to ) or the end. first is what it must begin with.
func (p *parser) alternatives() (matcher, *charSet) {
	if p.nested++; p.nested > 1000 {
		p.fail("Insufficient stack to continue.")
	}
	defer func() { p.nested-- }()
	opt := p.opt
	var list []matcher
	var first *charSet
	for i := 0; ; i++ {
		m, f := p.concat()
		list = append(list, m)
		if first = f; i > 0 {
			first = nil
		}
		if !p.accept("|") {
			break
		}
	}
	if len(list) > 1 {
		first = nil
	}
	p.opt = opt
	return alt(list), first
}

func (p *parser) blanks() {
	for {
		switch {
		case p.accept("(?#"):
			for p.more() && p.peek() != ')' {
				p.i++
			}
			if !p.more() {
				p.fail("Unterminated (?#...) comment.")
			}
			p.i++
		case p.opt&IgnoreBlanks != 0 && p.more() && isSpace(rune(p.peek())):
			p.i++
		case p.opt&IgnoreBlanks != 0 && p.peek() == '#':
			for p.more() && p.peek() != '\n' {
				p.i++
			}
		default:
			return
		}
	}
}

func (p *parser) concat() (matcher, *charSet) {
	var list []matcher
	var run []uint16
	var runFold bool
	var first *charSet
	flush := func() {
		if len(run) > 0 {
			t := slices.Clone(run)
			list = append(list, literal(t, runFold, p.rtl))
			run = nil
		}
	}
	add := func(m matcher, f *charSet) {
		flush()
		if len(list) == 0 {
			first = f
		}
		list = append(list, m)
	}
	for {
		p.blanks()
		c := p.peek()
		if !p.more() || c == '|' || c == ')' {
			break
		}
		n := p.atom()
		p.blanks()
		lo, hi, lazy, quantified := p.quantifier()
		fold := p.opt&IgnoreCase != 0
		switch {
		case !quantified && n.isL && !p.rtl:
			if len(run) > 0 && runFold != fold {
				flush()
			}
			if len(list) == 0 && len(run) == 0 {
				first = (&charSet{ranges: []rune{rune(n.lit), rune(n.lit)}, fold: fold}).prepare()
			}
			run, runFold = append(run, n.lit), fold
		case n.m == nil && n.set == nil && !n.isL:
			continue // options
		default:
			set := n.set
			if n.isL {
				set = (&charSet{ranges: []rune{rune(n.lit), rune(n.lit)}, fold: fold}).prepare()
			}
			switch {
			case set != nil && quantified:
				f := set
				if lo == 0 {
					f = nil
				}
				add(repeatOne(set, lo, hi, lazy, p.rtl), f)
			case set != nil:
				add(one(set, p.rtl), set)
			case quantified:
				add(repeat(n.m, lo, hi, lazy), nil)
			default:
				add(n.m, nil)
			}
		}
	}
	flush()
	if p.rtl {
		slices.Reverse(list)
		first = nil
	}
	return seq(list), first
}

// isQuantifier reports whether a { begins {n}, {n,} or {n,m}.
func (p *parser) isQuantifier() bool {
	j := p.i + 1
	digits := func() bool {
		from := j
		for j < len(p.u) && p.u[j] >= '0' && p.u[j] <= '9' {
			j++
		}
		return j > from
	}
	if !digits() {
		return false
	}
	if j < len(p.u) && p.u[j] == ',' {
		j++
		digits()
	}
	return j < len(p.u) && p.u[j] == '}'
}

func (p *parser) quantifier() (lo, hi int, lazy, ok bool) {
	read := func() int {
		n := 0
		for p.peek() >= '0' && p.peek() <= '9' {
			if n = n*10 + int(p.peek()-'0'); n > 1<<31-1 {
				p.fail("Capture group numbers must be less than or equal to Int32.MaxValue.")
			}
			p.i++
		}
		return n
	}
	switch c := p.peek(); {
	case c == '*':
		p.i++
		hi = -1
	case c == '+':
		p.i++
		lo, hi = 1, -1
	case c == '?':
		p.i++
		hi = 1
	case c == '{' && p.isQuantifier():
		p.i++
		lo = read()
		hi = lo
		if p.accept(",") {
			hi = -1
			if p.peek() != '}' {
				hi = read()
			}
		}
		p.i++
		if hi >= 0 && hi < lo {
			p.fail("Illegal {x,y} with x > y.")
		}
	default:
		return 0, 0, false, false
	}
	p.blanks()
	lazy = p.accept("?")
	p.blanks()
	if c := p.peek(); c == '*' || c == '+' || c == '?' || c == '{' && p.isQuantifier() {
		p.i++
		p.fail("Nested quantifier '" + string(rune(c)) + "'.")
	}
	return lo, hi, lazy, true
}

func (p *parser) atom() node {
	c := p.peek()
	p.i++
	switch c {
	case '*', '+', '?':
		p.fail("Quantifier '" + string(rune(c)) + "' following nothing.")
	case '{':
		p.i--
		if p.isQuantifier() {
			p.i++
			p.fail("Quantifier '{' following nothing.")
		}
		p.i++
	case '[':
		return node{set: p.class(p.opt&IgnoreCase != 0).prepare()}
	case '.':
		s := &charSet{negated: true}
		if p.opt&Singleline == 0 {
			s.add('\n', '\n')
		}
		return node{set: s.prepare()}
	case '^':
		if p.opt&Multiline != 0 {
			return node{m: assert(atLineStart)}
		}
		return node{m: assert(atStart)}
	case '$':
		if p.opt&Multiline != 0 {
			return node{m: assert(atLineEnd)}
		}
		return node{m: assert(atLastLine)}
	case '(':
		return p.group()
	case '\\':
		return p.escape()
	}
	return node{lit: c, isL: true}
}
