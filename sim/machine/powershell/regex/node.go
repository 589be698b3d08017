package regex

import "unicode"

// The matchers. Those that take one character know their direction; the rest
// leave it to their parts.

func seq(list []matcher) matcher {
	switch len(list) {
	case 0:
		return func(_ *machine, pos int, k func(int) bool) bool { return k(pos) }
	case 1:
		return list[0]
	}
	first, rest := list[0], seq(list[1:])
	return func(m *machine, pos int, k func(int) bool) bool {
		return first(m, pos, func(p int) bool { return rest(m, p, k) })
	}
}

func alt(list []matcher) matcher {
	if len(list) == 1 {
		return list[0]
	}
	return func(m *machine, pos int, k func(int) bool) bool {
		for _, f := range list {
			if m.step(); f(m, pos, k) {
				return true
			}
		}
		return false
	}
}

func one(s *charSet, rtl bool) matcher {
	if rtl {
		return func(m *machine, pos int, k func(int) bool) bool {
			return pos > 0 && s.has(rune(m.u[pos-1])) && k(pos-1)
		}
	}
	return func(m *machine, pos int, k func(int) bool) bool {
		return pos < len(m.u) && s.has(rune(m.u[pos])) && k(pos+1)
	}
}

func literal(text []uint16, fold, rtl bool) matcher {
	eq := func(a, b uint16) bool {
		return a == b || fold && unicode.ToLower(rune(a)) == unicode.ToLower(rune(b))
	}
	n := len(text)
	return func(m *machine, pos int, k func(int) bool) bool {
		at := pos
		if rtl {
			at = pos - n
		}
		if at < 0 || at+n > len(m.u) {
			return false
		}
		for i, c := range text {
			if !eq(m.u[at+i], c) {
				return false
			}
		}
		if rtl {
			return k(at)
		}
		return k(at + n)
	}
}

// repeatOne repeats a set without recursion.
func repeatOne(s *charSet, lo, hi int, lazy, rtl bool) matcher {
	return func(m *machine, pos int, k func(int) bool) bool {
		fits := func(n int) bool {
			if rtl {
				return pos-n > 0 && s.has(rune(m.u[pos-n-1]))
			}
			return pos+n < len(m.u) && s.has(rune(m.u[pos+n]))
		}
		at := func(n int) int {
			if rtl {
				return pos - n
			}
			return pos + n
		}
		n := 0
		if lazy {
			for ; n < lo; n++ {
				if !fits(n) {
					return false
				}
			}
			for {
				if m.step(); k(at(n)) {
					return true
				}
				if n == hi || !fits(n) {
					return false
				}
				n++
			}
		}
		for n != hi && fits(n) {
			n++
		}
		m.steps += n
		for ; n >= lo; n-- {
			if m.step(); k(at(n)) {
				return true
			}
		}
		return false
	}
}

// maxDepth bounds how deep repeated groups may nest their calls.
const maxDepth = 50_000

func repeat(f matcher, lo, hi int, lazy bool) matcher {
	return func(m *machine, pos int, k func(int) bool) bool {
		var try func(n, pos int) bool
		try = func(n, pos int) bool {
			m.step()
			if m.depth++; m.depth > maxDepth {
				panic(tooMany{})
			}
			defer func() { m.depth-- }()
			more := func() bool {
				return (hi < 0 || n < hi) && f(m, pos, func(p int) bool {
					if p == pos && n >= lo {
						return false // an empty turn changes nothing
					}
					return try(n+1, p)
				})
			}
			switch {
			case n < lo:
				return more()
			case lazy:
				return k(pos) || more()
			}
			return more() || k(pos)
		}
		return try(0, pos)
	}
}

func capture(slot int, f matcher) matcher {
	return func(m *machine, pos int, k func(int) bool) bool {
		return f(m, pos, func(p int) bool {
			s := Span{min(pos, p), max(pos, p)}
			m.caps[slot] = append(m.caps[slot], s)
			if k(p) {
				return true
			}
			m.caps[slot] = m.caps[slot][:len(m.caps[slot])-1]
			return false
		})
	}
}

// balance takes the last capture of pop away and, with slot >= 0, captures what
// lies between.
func balance(slot, pop int, f matcher) matcher {
	return func(m *machine, pos int, k func(int) bool) bool {
		return f(m, pos, func(p int) bool {
			old := m.caps[pop]
			if len(old) == 0 {
				return false
			}
			last := old[len(old)-1]
			m.caps[pop] = old[: len(old)-1 : len(old)-1]
			if slot >= 0 {
				m.caps[slot] = append(m.caps[slot], Span{last.End, max(last.End, pos)})
			}
			if k(p) {
				return true
			}
			if slot >= 0 {
				m.caps[slot] = m.caps[slot][:len(m.caps[slot])-1]
			}
			m.caps[pop] = old
			return false
		})
	}
}

func backReference(slot int, fold, rtl, ecma bool) matcher {
	return func(m *machine, pos int, k func(int) bool) bool {
		g := m.caps[slot]
		if len(g) == 0 {
			return ecma && k(pos)
		}
		s := g[len(g)-1]
		return literal(m.u[s.Start:s.End], fold, rtl)(m, pos, k)
	}
}

// atomic matches f once: what it found is not given back.
func atomic(f matcher) matcher {
	return func(m *machine, pos int, k func(int) bool) bool {
		end := -1
		saved := m.save()
		if !f(m, pos, func(p int) bool { end = p; return true }) {
			return false
		}
		if k(end) {
			return true
		}
		m.caps = saved
		return false
	}
}

func (m *machine) save() [][]Span {
	c := make([][]Span, len(m.caps))
	for i, g := range m.caps {
		c[i] = g[:len(g):len(g)]
	}
	return c
}

func look(f matcher, negated bool) matcher {
	return func(m *machine, pos int, k func(int) bool) bool {
		saved := m.save()
		ok := f(m, pos, func(int) bool { return true })
		if negated {
			m.caps = saved
			return !ok && k(pos)
		}
		if ok && k(pos) {
			return true
		}
		m.caps = saved
		return false
	}
}

func conditional(test func(m *machine, pos int) bool, yes, no matcher) matcher {
	return func(m *machine, pos int, k func(int) bool) bool {
		if test(m, pos) {
			return yes(m, pos, k)
		}
		return no(m, pos, k)
	}
}

func assert(test func(u []uint16, pos int) bool) matcher {
	return func(m *machine, pos int, k func(int) bool) bool { return test(m.u, pos) && k(pos) }
}

func atStart(_ []uint16, pos int) bool { return pos == 0 }
func atEnd(u []uint16, pos int) bool   { return pos == len(u) }
func atLastLine(u []uint16, pos int) bool {
	return pos == len(u) || pos == len(u)-1 && u[pos] == '\n'
}
func atLineStart(u []uint16, pos int) bool { return pos == 0 || u[pos-1] == '\n' }
func atLineEnd(u []uint16, pos int) bool   { return pos == len(u) || u[pos] == '\n' }

func atBoundary(u []uint16, pos int) bool {
	word := func(i int) bool {
		return i >= 0 && i < len(u) && (isWord(rune(u[i])) || u[i] == 0x200c || u[i] == 0x200d)
	}
	return word(pos-1) != word(pos)
}
