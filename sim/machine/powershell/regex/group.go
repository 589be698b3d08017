package regex

import (
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf16"
)

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
