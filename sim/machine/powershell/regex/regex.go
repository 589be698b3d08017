// Package regex is .NET's regular expressions: their syntax, their parse errors
// with offsets, captures that remember each time they matched, lookbehind that
// reads backwards, balancing groups. It works on UTF-16 units, as .NET does, and
// counts its steps, so that no pattern runs for ever. (The field's Go port,
// dlclark/regexp2, costs 210 KB of compressed wasm, gives no offsets of errors
// and bounds itself by the wall clock alone, which stands still in a tab.)
package regex

import (
	"errors"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Options are RegexOptions.
type Options uint16

// The options that have a meaning here.
const (
	IgnoreCase     Options = 1
	Multiline      Options = 2
	ExplicitOnly   Options = 4
	Singleline     Options = 16
	IgnoreBlanks   Options = 32
	RightToLeft    Options = 64
	ECMAScript     Options = 256
	mutableOptions         = IgnoreCase | Multiline | ExplicitOnly | Singleline | IgnoreBlanks
)

// MaxSteps bounds a match: about a second's work.
const MaxSteps = 20_000_000

// ErrSteps says that a match took too many steps.
var ErrSteps = errors.New("regex: too many steps")

// ParseError is .NET's RegexParseException.
type ParseError struct {
	Pattern string
	Offset  int
	Reason  string
}

func (e *ParseError) Error() string {
	return "Invalid pattern '" + e.Pattern + "' at offset " + strconv.Itoa(e.Offset) + ". " + e.Reason
}

// Regexp is a compiled pattern. It may be used by several at once.
type Regexp struct {
	Pattern string
	Options Options
	prog    matcher
	groups  int // slots, group 0 included
	numbers []int
	names   []string
	slot    map[string]int
	rtl     bool
	first   *charSet // what a match must begin with, nil if not known
	anchor  bool     // begins with \A or, not multiline, ^
}

// Compile reads a pattern.
func Compile(pattern string, opt Options) (*Regexp, error) {
	return parse(pattern, opt)
}

// Groups returns the numbers and names of the groups, 0 first.
func (re *Regexp) Groups() (numbers []int, names []string) { return re.numbers, re.names }

// Text is a string to search, in UTF-16 units.
type Text struct {
	s     string
	units []uint16
	ascii bool
}

// NewText prepares a string.
func NewText(s string) *Text {
	t := &Text{s: s, ascii: true}
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			t.ascii = false
			break
		}
	}
	if t.ascii {
		t.units = make([]uint16, len(s))
		for i := 0; i < len(s); i++ {
			t.units[i] = uint16(s[i])
		}
	} else {
		t.units = utf16.Encode([]rune(s))
	}
	return t
}

// Len returns the length in units.
func (t *Text) Len() int { return len(t.units) }

// Slice returns units i to j as a string.
func (t *Text) Slice(i, j int) string {
	if t.ascii {
		return t.s[i:j]
	}
	return string(utf16.Decode(t.units[i:j]))
}

// Span is a place of a text, in units.
type Span struct{ Start, End int }

// Match is a match: for each group of Regexp.Groups what it captured, the last
// capture last.
type Match struct {
	Text   *Text
	Groups [][]Span
	re     *Regexp
}

// Span returns the place of the whole match.
func (m *Match) Span() Span { return m.Groups[0][0] }

// String returns the text of the whole match.
func (m *Match) String() string { s := m.Span(); return m.Text.Slice(s.Start, s.End) }

// Group returns the last capture of group i; ok is false if it took no part.
func (m *Match) Group(i int) (s string, ok bool) {
	g := m.Groups[i]
	if len(g) == 0 {
		return "", false
	}
	return m.Text.Slice(g[len(g)-1].Start, g[len(g)-1].End), true
}

type machine struct {
	u     []uint16
	caps  [][]Span
	steps int
	depth int
}

type tooMany struct{}

func (m *machine) step() {
	if m.steps++; m.steps > MaxSteps {
		panic(tooMany{})
	}
}

// matcher matches at pos and calls k with where it ended; it returns what k
// does, or false after trying every way.
type matcher func(m *machine, pos int, k func(int) bool) bool

// Find returns the first match at or after start (or, from right to left, at or
// before it), nil if there is none.
func (re *Regexp) Find(t *Text, start int) (match *Match, err error) {
	m := &machine{u: t.units, caps: make([][]Span, re.groups)}
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(tooMany); !ok {
				panic(r)
			}
			match, err = nil, ErrSteps
		}
	}()
	end := -1
	done := func(p int) bool { end = p; return true }
	step, last := 1, len(m.u)
	if re.rtl {
		step, last = -1, 0
	}
	for pos := start; ; pos += step {
		if re.first != nil && !re.rtl {
			for pos < last && !re.first.has(rune(m.u[pos])) {
				pos++
			}
			if pos >= last {
				return nil, nil
			}
		}
		if re.prog(m, pos, done) {
			s := Span{pos, end}
			if re.rtl {
				s = Span{end, pos}
			}
			m.caps[0] = []Span{s}
			return &Match{t, m.caps, re}, nil
		}
		if pos == last || re.anchor && pos > start {
			return nil, nil
		}
		m.step()
	}
}

// Next returns the match after m.
func (re *Regexp) Next(m *Match) (*Match, error) {
	s := m.Span()
	pos := s.End
	if re.rtl {
		pos = s.Start
	}
	if s.Start == s.End {
		if re.rtl {
			pos--
		} else {
			pos++
		}
		if pos < 0 || pos > m.Text.Len() {
			return nil, nil
		}
	}
	return re.Find(m.Text, pos)
}

// All calls f for each match until it returns false.
func (re *Regexp) All(t *Text, f func(*Match) bool) error {
	start := 0
	if re.rtl {
		start = t.Len()
	}
	m, err := re.Find(t, start)
	for m != nil && err == nil && f(m) {
		m, err = re.Next(m)
	}
	return err
}

// Escape puts a backslash before what a pattern would give a meaning.
func Escape(s string) string {
	var b []byte
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '\\', '*', '+', '?', '|', '{', '[', '(', ')', '^', '$', '.', '#', ' ':
			b = append(b, '\\', c)
		case '\t':
			b = append(b, '\\', 't')
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\f':
			b = append(b, '\\', 'f')
		default:
			b = append(b, c)
		}
	}
	return string(b)
}
