package object

import (
	"strings"
	"unicode"
)

// Wildcard is a compiled wildcard pattern: * ? [a-z] and ` before one of them.
type Wildcard struct {
	parts []wildPart
	fold  bool
}

type wildPart struct {
	kind byte // 0 a character, '?', '*', '['
	c    rune
	set  []rune // pairs: from, to
}

// NewWildcard compiles a pattern; ok is false if a bracket is not closed.
func NewWildcard(pattern string, ignoreCase bool) (w *Wildcard, ok bool) {
	w = &Wildcard{fold: ignoreCase}
	r := []rune(pattern)
	for i := 0; i < len(r); i++ {
		switch c := r[i]; c {
		case '`':
			if i+1 < len(r) {
				i++
				w.parts = append(w.parts, wildPart{c: r[i]})
			} else {
				w.parts = append(w.parts, wildPart{c: c})
			}
		case '*', '?':
			w.parts = append(w.parts, wildPart{kind: byte(c)})
		case '[':
			p := wildPart{kind: '['}
			j := i + 1
			closed := false
			var chars []rune
			var escaped []bool
			for ; j < len(r); j++ {
				if r[j] == ']' && len(chars) > 0 {
					closed = true
					break
				}
				if r[j] == '`' && j+1 < len(r) {
					j++
					chars, escaped = append(chars, r[j]), append(escaped, true)
					continue
				}
				chars, escaped = append(chars, r[j]), append(escaped, false)
			}
			if !closed {
				return nil, false
			}
			for k := 0; k < len(chars); k++ {
				if k+2 < len(chars) && chars[k+1] == '-' && !escaped[k+1] {
					p.set = append(p.set, chars[k], chars[k+2])
					k += 2
					continue
				}
				p.set = append(p.set, chars[k], chars[k])
			}
			w.parts = append(w.parts, p)
			i = j
		default:
			w.parts = append(w.parts, wildPart{c: c})
		}
	}
	return w, true
}

// HasWildcard reports whether a text holds characters that a pattern gives a
// meaning.
func HasWildcard(s string) bool {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '`':
			i++
		case '*', '?', '[':
			return true
		}
	}
	return false
}

// UnescapeWildcard takes the escapes out of a pattern.
func UnescapeWildcard(s string) string {
	if !strings.Contains(s, "`") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '`' && i+1 < len(s) && strings.IndexByte("*?[]`", s[i+1]) >= 0 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func (p wildPart) match(c rune, fold bool) bool {
	switch p.kind {
	case '?':
		return true
	case '[':
		for i := 0; i < len(p.set); i += 2 {
			from, to := p.set[i], p.set[i+1]
			if c >= from && c <= to {
				return true
			}
			if fold {
				l, u := unicode.ToLower(c), unicode.ToUpper(c)
				if l >= unicode.ToLower(from) && l <= unicode.ToLower(to) || u >= unicode.ToUpper(from) && u <= unicode.ToUpper(to) {
					return true
				}
			}
		}
		return false
	}
	return c == p.c || fold && (unicode.ToLower(c) == unicode.ToLower(p.c))
}

// Match reports whether the pattern matches the whole text.
func (w *Wildcard) Match(s string) bool {
	r := []rune(s)
	i, j, star, mark := 0, 0, -1, 0
	for i < len(r) {
		switch {
		case j < len(w.parts) && w.parts[j].kind == '*':
			star, mark = j, i
			j++
		case j < len(w.parts) && w.parts[j].match(r[i], w.fold):
			i++
			j++
		case star >= 0:
			mark++
			i, j = mark, star+1
		default:
			return false
		}
	}
	for j < len(w.parts) && w.parts[j].kind == '*' {
		j++
	}
	return j == len(w.parts)
}
