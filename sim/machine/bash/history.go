package bash

import (
	"fmt"
	"strconv"
	"strings"
)

// expandHistory replaces !!, !n, !-n, !text and !$ by what was typed before, as
// an interactive bash does; changed says whether it did.
func (s *Session) expandHistory(text string) (out string, changed bool, err error) {
	var b strings.Builder
	single, double := false, false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\' && !single && i+1 < len(text):
			b.WriteString(text[i : i+2])
			i++
			continue
		case c == '\'' && !double:
			single = !single
		case c == '"' && !single:
			double = !double
		case c == '!' && !single && i+1 < len(text) && !strings.ContainsRune(" \t\n=(\"", rune(text[i+1])):
			if i > 0 && (text[i-1] == '$' || text[i-1] == '{' || text[i-1] == '[') { // $!, ${!x}, [!a]
				break
			}
			n, value, ok := s.event(text[i+1:])
			if !ok {
				return "", false, fmt.Errorf("!%s: event not found", text[i+1:i+1+n])
			}
			b.WriteString(value)
			changed = true
			i += n
			continue
		}
		b.WriteByte(c)
	}
	return b.String(), changed, nil
}

// event finds what stands behind a !, and how long its name is.
func (s *Session) event(text string) (n int, value string, ok bool) {
	at := func(i int) (string, bool) {
		if i < 0 || i >= len(s.history) {
			return "", false
		}
		return s.history[i], true
	}
	switch {
	case text[0] == '!':
		value, ok = at(len(s.history) - 1)
		return 1, value, ok
	case text[0] == '$':
		last, ok := at(len(s.history) - 1)
		if f := strings.Fields(last); ok && len(f) > 0 {
			return 1, f[len(f)-1], true
		}
		return 1, "", false
	}
	n = strings.IndexAny(text, " \t\n;&|<>()\"'")
	if n < 0 {
		n = len(text)
	}
	name := text[:n]
	if i, err := strconv.Atoi(name); err == nil {
		if i < 0 {
			i += len(s.history) + 1
		}
		value, ok = at(i - 1)
		return n, value, ok
	}
	for i := len(s.history) - 1; i >= 0; i-- {
		if strings.HasPrefix(s.history[i], name) {
			return n, s.history[i], true
		}
	}
	return n, "", false
}
