package regex

import "strings"

// Replace replaces each match by a replacement pattern: $1, ${name}, $&, $`, $',
// $+, $_ and $$.
func (re *Regexp) Replace(s, replacement string) (string, error) {
	if !strings.Contains(replacement, "$") {
		return re.ReplaceFunc(s, -1, func(*Match) (string, error) { return replacement, nil })
	}
	return re.ReplaceFunc(s, -1, func(m *Match) (string, error) { return m.Expand(replacement), nil })
}

// ReplaceFunc replaces up to count matches (all if negative) by what f returns.
func (re *Regexp) ReplaceFunc(s string, count int, f func(*Match) (string, error)) (string, error) {
	t := NewText(s)
	type piece struct {
		span Span
		text string
	}
	var list []piece
	var failed error
	err := re.All(t, func(m *Match) bool {
		if count == 0 {
			return false
		}
		count--
		text, err := f(m)
		if err != nil {
			failed = err
			return false
		}
		list = append(list, piece{m.Span(), text})
		return true
	})
	if err == nil {
		err = failed
	}
	if err != nil || len(list) == 0 {
		return s, err
	}
	if re.rtl {
		for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
			list[i], list[j] = list[j], list[i]
		}
	}
	var b strings.Builder
	at := 0
	for _, p := range list {
		b.WriteString(t.Slice(at, p.span.Start))
		b.WriteString(p.text)
		at = p.span.End
	}
	b.WriteString(t.Slice(at, t.Len()))
	return b.String(), nil
}

// Expand fills a replacement pattern.
func (m *Match) Expand(r string) string {
	var b strings.Builder
	for i := 0; i < len(r); i++ {
		if r[i] != '$' || i+1 >= len(r) {
			b.WriteByte(r[i])
			continue
		}
		sp := m.Span()
		n := 2
		switch c := r[i+1]; {
		case c == '$':
			b.WriteByte('$')
		case c == '&':
			b.WriteString(m.String())
		case c == '`':
			b.WriteString(m.Text.Slice(0, sp.Start))
		case c == '\'':
			b.WriteString(m.Text.Slice(sp.End, m.Text.Len()))
		case c == '_':
			b.WriteString(m.Text.Slice(0, m.Text.Len()))
		case c == '+':
			for g := len(m.Groups) - 1; g >= 0; g-- {
				if s, ok := m.Group(g); ok {
					b.WriteString(s)
					break
				}
			}
		case c == '{':
			j := strings.IndexByte(r[i:], '}')
			slot, ok := -1, false
			if j > 2 {
				slot, ok = m.re.slot[r[i+2:i+j]]
			}
			if !ok {
				b.WriteByte('$')
				continue
			}
			s, _ := m.Group(slot)
			b.WriteString(s)
			n = j + 1
		case c >= '0' && c <= '9':
			// The longest number that is a group.
			found := false
			end := i + 1
			for end < len(r) && r[end] >= '0' && r[end] <= '9' {
				end++
			}
			for ; end > i+1; end-- {
				if slot, ok := m.re.slot[r[i+1:end]]; ok {
					s, _ := m.Group(slot)
					b.WriteString(s)
					n, found = end-i, true
					break
				}
			}
			if !found {
				b.WriteByte('$')
				continue
			}
		default:
			b.WriteByte('$')
			continue
		}
		i += n - 1
	}
	return b.String()
}

// Split splits a string at the matches; captures are parts too. At most max
// parts if max > 0.
func (re *Regexp) Split(s string, max int) ([]string, error) {
	t := NewText(s)
	var out []string
	at := 0
	n := 1
	err := re.All(t, func(m *Match) bool {
		if max > 0 && n >= max {
			return false
		}
		n++
		sp := m.Span()
		out = append(out, t.Slice(at, sp.Start))
		for g := 1; g < len(m.Groups); g++ {
			if s, ok := m.Group(g); ok {
				out = append(out, s)
			}
		}
		at = sp.End
		return true
	})
	return append(out, t.Slice(at, t.Len())), err
}
