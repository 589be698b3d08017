package syntax

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// Span is a part of a source: byte offsets, End exclusive. The offset one past
// the end of the text stands for the end of input.
type Span struct{ Start, End int }

// Pos returns the span itself; embedding a Span makes a [Node].
func (s Span) Pos() Span { return s }

// To returns the span from the start of s to the end of e.
func (s Span) To(e Span) Span { return Span{s.Start, e.End} }

// IsZero reports whether the span is no place at all.
func (s Span) IsZero() bool { return s == Span{} }

// Source is a text with the name of its file, "" for what was typed.
type Source struct {
	File  string `json:"file,omitempty"`
	Text  string `json:"text"`
	lines []int  // byte offset of each line's first character
	// Root is the tree that was made of it, nil before.
	Root *ScriptBlock `json:"-"`
}

// NewSource returns a source.
func NewSource(file, text string) *Source { return &Source{File: file, Text: text} }

func (s *Source) index() []int {
	if s.lines == nil {
		s.lines = []int{0}
		for i := 0; i < len(s.Text); i++ {
			switch s.Text[i] {
			case '\r':
				if i+1 < len(s.Text) && s.Text[i+1] == '\n' {
					i++
				}
				s.lines = append(s.lines, i+1)
			case '\n':
				s.lines = append(s.lines, i+1)
			}
		}
	}
	return s.lines
}

// Position returns line and column of an offset, both from 1; the column counts
// UTF-16 units, as .NET does.
func (s *Source) Position(off int) (line, col int) {
	lines := s.index()
	n := sort.SearchInts(lines, off+1)
	start := lines[n-1]
	return n, UTF16Len(s.slice(start, off)) + 1 + max(0, off-len(s.Text))
}

// Line returns the text of a line, from 1, without its end.
func (s *Source) Line(n int) string {
	lines := s.index()
	if n < 1 || n > len(lines) {
		return ""
	}
	end := len(s.Text)
	if n < len(lines) {
		end = lines[n]
	}
	return strings.TrimRight(s.slice(lines[n-1], end), "\r\n")
}

// Slice returns the text of a span.
func (s *Source) Slice(sp Span) string { return s.slice(sp.Start, sp.End) }

func (s *Source) slice(a, b int) string {
	n := len(s.Text)
	a, b = max(0, min(a, n)), max(0, min(b, n))
	if a >= b {
		return ""
	}
	return s.Text[a:b]
}

// UTF16Len returns how many UTF-16 units s has: the Length of a .NET string.
func UTF16Len(s string) int {
	n := 0
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			i++
			n++
			continue
		}
		r, w := utf8.DecodeRuneInString(s[i:])
		if n++; r >= 0x10000 {
			n++
		}
		i += w
	}
	return n
}

// Message returns the position lines of an error at sp: "At line:1 char:5", the
// source line and the squiggles below it, cut to 69 characters around them
// (ellipsis is "..." in 5.1 and "…" in 7). The lines are joined by "\n".
func (s *Source) Message(sp Span, ellipsis string) string {
	line, col := s.Position(sp.Start)
	endLine, endCol := s.Position(sp.End)
	name := s.File
	if name == "" {
		name = "line"
	}
	head := "At " + name + ":" + itoa(line) + " char:" + itoa(col)
	text := []rune(strings.TrimRight(s.Line(line), " \t\r\n\f\v\u00a0"))
	if len(text) == 0 {
		return head + "\n"
	}
	before := col - 1
	if before > len(text) {
		// Behind the end, where blanks or the end of the input were.
		return head + "\n+ " + string(text) + "\n+ " + strings.Repeat(" ", before) + "~"
	}
	length := len(text) - before
	if line == endLine && endCol <= len(text)+1 {
		length = max(0, endCol-col)
	}
	length = min(length, len(text)-before)
	if expanded := strings.ReplaceAll(string(text), "\t", "    "); len(expanded) != len(string(text)) {
		b := strings.ReplaceAll(string(text[:before]), "\t", "    ")
		e := strings.ReplaceAll(string(text[before:before+length]), "\t", "    ")
		text, before, length = []rune(expanded), utf8.RuneCountInString(b), utf8.RuneCountInString(e)
	}
	const width = 69
	prefixDots, suffixDots := false, false
	if len(text) > width {
		totalPrefix, totalSuffix := before, len(text)-length-before
		prefix, suffix := min(totalPrefix, 12), min(totalSuffix, 8)
		if want := prefix + length + suffix; want >= width {
			length = min(length, width-prefix)
			suffixDots = true
		} else {
			if more := totalPrefix - prefix; more > 0 {
				prefix += min(more, width-want)
				want = prefix + length + suffix
			}
			if want < width && totalSuffix > 0 {
				suffix += min(totalSuffix, width-want)
			}
			suffixDots = suffix < totalSuffix
		}
		prefixDots = prefix < totalPrefix
		start := max(before-prefix, 0)
		text = text[start:min(start+width, len(text))]
		before = min(before, prefix)
		length = min(length, width-before)
	}
	var b strings.Builder
	b.WriteString(head)
	b.WriteString("\n+ ")
	if prefixDots {
		b.WriteString(ellipsis + " ")
	}
	b.WriteString(string(text))
	if suffixDots {
		b.WriteString(" " + ellipsis)
	}
	b.WriteString("\n+ ")
	if prefixDots {
		b.WriteString(strings.Repeat(" ", utf8.RuneCountInString(ellipsis)+1))
	}
	b.WriteString(strings.Repeat(" ", before))
	b.WriteString(strings.Repeat("~", max(1, length)))
	return b.String()
}

func itoa(n int) string {
	if n < 0 {
		return "-" + itoa(-n)
	}
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}
