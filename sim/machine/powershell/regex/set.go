package regex

import "unicode"

// charSet is a set of characters: ranges, classes, both perhaps negated, less
// another set.
type charSet struct {
	ranges  []rune // pairs
	classes []func(rune) bool
	negated bool
	minus   *charSet
	fold    bool
	ascii   [2]uint64
	ready   bool
}

func (s *charSet) add(from, to rune) { s.ranges = append(s.ranges, from, to) }

func (s *charSet) in(c rune) bool {
	for i := 0; i < len(s.ranges); i += 2 {
		if c >= s.ranges[i] && c <= s.ranges[i+1] {
			return true
		}
	}
	for _, f := range s.classes {
		if f(c) {
			return true
		}
	}
	return false
}

func (s *charSet) slow(c rune) bool {
	in := s.in(c)
	if !in && s.fold {
		l, u := unicode.ToLower(c), unicode.ToUpper(c)
		in = l != c && s.in(l) || u != c && s.in(u)
	}
	return in != s.negated && (s.minus == nil || !s.minus.slow(c))
}

// prepare fills the table of ASCII characters.
func (s *charSet) prepare() *charSet {
	for c := rune(0); c < 128; c++ {
		if s.slow(c) {
			s.ascii[c>>6] |= 1 << (c & 63)
		}
	}
	s.ready = true
	return s
}

func (s *charSet) has(c rune) bool {
	if c < 128 && s.ready {
		return s.ascii[c>>6]>>(c&63)&1 == 1
	}
	return s.slow(c)
}

func isWord(c rune) bool {
	if c < 128 {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
	}
	return unicode.In(c, unicode.L, unicode.Mn, unicode.Nd, unicode.Pc)
}

func isDigit(c rune) bool { return c >= '0' && c <= '9' || c >= 128 && unicode.Is(unicode.Nd, c) }

func isSpace(c rune) bool {
	return c == ' ' || c >= 9 && c <= 13 || c >= 0x85 && unicode.IsSpace(c)
}

func not(f func(rune) bool) func(rune) bool { return func(c rune) bool { return !f(c) } }

var blocks = map[string][2]rune{
	"IsBasicLatin": {0, 0x7f}, "IsLatin-1Supplement": {0x80, 0xff}, "IsLatinExtended-A": {0x100, 0x17f}, "IsLatinExtended-B": {0x180, 0x24f},
	"IsGreek": {0x370, 0x3ff}, "IsGreekandCoptic": {0x370, 0x3ff}, "IsCyrillic": {0x400, 0x4ff}, "IsHebrew": {0x590, 0x5ff}, "IsArabic": {0x600, 0x6ff},
	"IsGeneralPunctuation": {0x2000, 0x206f}, "IsHiragana": {0x3040, 0x309f}, "IsKatakana": {0x30a0, 0x30ff}, "IsCJKUnifiedIdeographs": {0x4e00, 0x9fff},
}

// isCased is what \p{Lu}, \p{Ll} and \p{Lt} match where case is ignored.
func isCased(c rune) bool { return unicode.In(c, unicode.Lu, unicode.Ll, unicode.Lt) }

// category returns the class of \p{name}.
func category(name string) (func(rune) bool, bool) {
	tables := map[string]*unicode.RangeTable{
		"L": unicode.L, "Lu": unicode.Lu, "Ll": unicode.Ll, "Lt": unicode.Lt, "Lm": unicode.Lm, "Lo": unicode.Lo, "M": unicode.M, "Mn": unicode.Mn,
		"Mc": unicode.Mc, "Me": unicode.Me, "N": unicode.N, "Nd": unicode.Nd, "Nl": unicode.Nl, "No": unicode.No, "P": unicode.P, "Pc": unicode.Pc,
		"Pd": unicode.Pd, "Ps": unicode.Ps, "Pe": unicode.Pe, "Pi": unicode.Pi, "Pf": unicode.Pf, "Po": unicode.Po, "S": unicode.S, "Sm": unicode.Sm,
		"Sc": unicode.Sc, "Sk": unicode.Sk, "So": unicode.So, "Z": unicode.Z, "Zs": unicode.Zs, "Zl": unicode.Zl, "Zp": unicode.Zp, "C": unicode.C,
		"Cc": unicode.Cc, "Cf": unicode.Cf,
	}
	if t, ok := tables[name]; ok {
		return func(c rune) bool { return unicode.Is(t, c) }, true
	}
	if b, ok := blocks[name]; ok {
		return func(c rune) bool { return c >= b[0] && c <= b[1] }, true
	}
	return nil, false
}
