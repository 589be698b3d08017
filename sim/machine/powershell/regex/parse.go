package regex

import (
	"slices"
	"sort"
	"strconv"
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

// countGroups finds the numbers and names of all groups before they are used.
func (p *parser) countGroups() {
	var names []string
	numbers := map[int]bool{0: true}
	depthOpt := []Options{p.opt}
	n := 0
	for i := 0; i < len(p.u); i++ {
		opt := depthOpt[len(depthOpt)-1]
		switch p.u[i] {
		case '\\':
			i++
		case '#':
			if opt&IgnoreBlanks != 0 {
				for i < len(p.u) && p.u[i] != '\n' {
					i++
				}
			}
		case '[':
			i++
			if i < len(p.u) && p.u[i] == '^' {
				i++
			}
			for first := true; i < len(p.u) && (p.u[i] != ']' || first); i++ {
				first = false
				if p.u[i] == '\\' {
					i++
				}
			}
		case '(':
			rest := string(utf16.Decode(p.u[i+1:]))
			switch {
			case strings.HasPrefix(rest, "?#"):
				for i < len(p.u) && p.u[i] != ')' {
					i++
				}
				continue
			case strings.HasPrefix(rest, "?<") && !strings.HasPrefix(rest, "?<=") && !strings.HasPrefix(rest, "?<!"), strings.HasPrefix(rest, "?'"):
				name := rest[2:]
				if j := strings.IndexAny(name, ">'-"); j >= 0 {
					name = name[:j]
				}
				if x, err := strconv.Atoi(name); err == nil {
					numbers[x] = true
				} else if name != "" && !slices.Contains(names, name) {
					names = append(names, name)
				}
			case strings.HasPrefix(rest, "?("):
				// The test of a conditional captures nothing.
				depthOpt = append(depthOpt, opt)
				i += 2
			case strings.HasPrefix(rest, "?"):
				on := true
				for _, c := range rest[1:] {
					if c == '-' {
						on = false
					} else if o := optionOf(c); o == 0 {
						break
					} else if on {
						opt |= o
					} else {
						opt &^= o
					}
				}
			default:
				if opt&ExplicitOnly == 0 {
					n++
					numbers[n] = true
				}
			}
			depthOpt = append(depthOpt, opt)
		case ')':
			if len(depthOpt) > 1 {
				depthOpt = depthOpt[:len(depthOpt)-1]
			}
		}
	}
	re := p.re
	for x := range numbers {
		re.numbers = append(re.numbers, x)
	}
	sort.Ints(re.numbers)
	for _, x := range re.numbers {
		re.names = append(re.names, strconv.Itoa(x))
	}
	next := 1
	for _, name := range names {
		for numbers[next] {
			next++
		}
		numbers[next] = true
		re.numbers, re.names = append(re.numbers, next), append(re.names, name)
	}
	order := make([]int, len(re.numbers))
	for i := range order {
		order[i] = i
	}
	sort.Slice(order, func(a, b int) bool { return re.numbers[order[a]] < re.numbers[order[b]] })
	nums, nms := make([]int, len(order)), make([]string, len(order))
	for i, o := range order {
		nums[i], nms[i] = re.numbers[o], re.names[o]
		re.slot[nms[i]] = i
	}
	for i, x := range nums {
		re.slot[strconv.Itoa(x)] = i
	}
	re.numbers, re.names, re.groups = nums, nms, len(nums)
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

func optionOf(c rune) Options {
	switch c {
	case 'i':
		return IgnoreCase
	case 'm':
		return Multiline
	case 'n':
		return ExplicitOnly
	case 's':
		return Singleline
	case 'x':
		return IgnoreBlanks
	}
	return 0
}

func (p *parser) closeGroup() {
	if !p.accept(")") {
		p.fail("Not enough )'s.")
	}
}

func (p *parser) inner() matcher {
	m, _ := p.alternatives()
	p.closeGroup()
	return m
}

// direction parses with a direction, as lookarounds have their own.
func (p *parser) direction(rtl bool, negated bool) node {
	old := p.rtl
	p.rtl = rtl
	m := p.inner()
	p.rtl = old
	return node{m: look(m, negated)}
}

func (p *parser) group() node {
	if !p.accept("?") {
		opt := p.opt
		if opt&ExplicitOnly != 0 {
			return node{m: p.inner()}
		}
		p.autocap++
		n := p.re.slot[strconv.Itoa(p.autocap)]
		return node{m: capture(n, p.inner())}
	}
	if !p.more() {
		p.fail("Not enough )'s.")
	}
	switch {
	case p.accept(":"):
		return node{m: p.inner()}
	case p.accept("="):
		return p.direction(false, false)
	case p.accept("!"):
		return p.direction(false, true)
	case p.accept(">"):
		return node{m: atomic(p.inner())}
	case p.accept("<="):
		return p.direction(true, false)
	case p.accept("<!"):
		return p.direction(true, true)
	case p.accept("("):
		return p.conditionalGroup()
	case p.accept("<"):
		return p.named('>')
	case p.accept("'"):
		return p.named('\'')
	}
	saved, on := p.opt, true
	for p.more() {
		c := rune(p.peek())
		switch o := optionOf(c); {
		case c == '-':
			on = false
		case c == '+':
			on = true
		case o != 0 && on:
			p.opt |= o
		case o != 0:
			p.opt &^= o
		case c == ')':
			p.i++
			return node{}
		case c == ':':
			p.i++
			m := p.inner()
			p.opt = saved
			return node{m: m}
		default:
			p.i++
			p.fail("Unrecognized grouping construct.")
		}
		p.i++
	}
	p.fail("Unrecognized grouping construct.")
	return node{}
}

func (p *parser) name() string {
	from := p.i
	for p.more() && isWord(rune(p.peek())) {
		p.i++
	}
	return string(utf16.Decode(p.u[from:p.i]))
}

func (p *parser) named(end byte) node {
	if !p.more() {
		p.fail("Unrecognized grouping construct.")
	}
	c := p.peek()
	slot, pop := -1, -1
	switch {
	case c >= '0' && c <= '9':
		from := p.i
		for p.peek() >= '0' && p.peek() <= '9' {
			p.i++
		}
		if d := p.peek(); p.more() && d != uint16(end) && d != '-' {
			p.fail("Invalid group name: Group names must begin with a word character.")
		}
		num := string(utf16.Decode(p.u[from:p.i]))
		if num == "0" {
			p.fail("Capture number cannot be zero.")
		}
		slot = p.re.slot[strings.TrimLeft(num, "0")]
	case isWord(rune(c)):
		slot = p.re.slot[p.name()]
		if d := p.peek(); p.more() && d != uint16(end) && d != '-' {
			p.fail("Invalid group name: Group names must begin with a word character.")
		}
	case c != '-':
		p.fail("Invalid group name: Group names must begin with a word character.")
	}
	if p.accept("-") {
		n := p.name()
		s, ok := p.re.slot[n]
		if !ok {
			p.fail("Reference to undefined group name '" + n + "'.")
		}
		pop = s
	}
	if !p.more() {
		p.fail("Unrecognized grouping construct.")
	}
	if p.peek() != uint16(end) {
		p.fail("Invalid group name: Group names must begin with a word character.")
	}
	p.i++
	m := p.inner()
	if pop >= 0 {
		return node{m: balance(slot, pop, m)}
	}
	return node{m: capture(slot, m)}
}

func (p *parser) conditionalGroup() node {
	at := p.i
	var test func(*machine, int) bool
	if n := p.name(); n != "" && p.accept(")") {
		if s, ok := p.re.slot[n]; ok {
			test = func(m *machine, _ int) bool { return len(m.caps[s]) > 0 }
		}
	}
	if test == nil {
		p.i = at
		if p.accept("?") {
			p.i -= 2
		} else {
			p.i--
		}
		var l node
		if p.u[p.i+1] == '?' {
			p.i++
			l = p.group()
		} else {
			p.i++
			l = node{m: look(p.inner(), false)}
		}
		test = func(m *machine, pos int) bool { return l.m(m, pos, func(int) bool { return true }) }
	}
	var branch [2]matcher
	branch[0], _ = p.concat()
	branch[1] = seq(nil)
	if p.accept("|") {
		branch[1], _ = p.concat()
		if p.peek() == '|' {
			p.i++
			p.fail("Too many | in (?()|).")
		}
	}
	p.closeGroup()
	return node{m: conditional(test, branch[0], branch[1])}
}

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
