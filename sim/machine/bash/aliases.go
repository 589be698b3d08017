package bash

import (
	"maps"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// maxAliased bounds what aliases may make of a text, in bytes.
const maxAliased = 64 << 10

// expandAliases replaces aliases where a command begins. Each name is replaced
// once; an alias that ends with a space lets the next word be one too.
func (f *frame) expandAliases(text string) string {
	done := map[int]map[string]bool{} // by offset: what has been replaced there
	for range 64 {
		file, err := newParser().Parse(strings.NewReader(text), "")
		if err != nil && !strings.ContainsAny(text, "\n") {
			return f.firstWordAlias(text)
		}
		if file == nil || len(text) > maxAliased {
			return text
		}
		at, name := -1, ""
		syntax.Walk(file, func(n syntax.Node) bool {
			c, ok := n.(*syntax.CallExpr)
			if at >= 0 || !ok || len(c.Args) == 0 {
				return at < 0
			}
			for _, w := range c.Args {
				word, pos := w.Lit(), int(w.Pos().Offset())
				value, isAlias := f.aliases[word]
				if isAlias && word != "" && !done[pos][word] {
					at, name = pos, word
					return false
				}
				if !isAlias || !strings.HasSuffix(value, " ") {
					// Behind what an alias with a space became, the next word may be one.
					if next, ok := f.behind(text, pos, done); ok && next {
						continue
					}
					break
				}
			}
			return true
		})
		if at < 0 {
			return text
		}
		value := f.aliases[name]
		text = text[:at] + value + text[at+len(name):]
		grown := len(value) - len(name)
		moved := map[int]map[string]bool{}
		for pos, names := range done {
			if pos > at {
				pos += grown
			}
			moved[pos] = names
		}
		names := maps.Clone(moved[at])
		if names == nil {
			names = map[string]bool{}
		}
		names[name] = true
		moved[at] = names
		done = moved
	}
	return text
}

// behind reports whether the word at an offset came from an alias that ends with
// a space.
func (f *frame) behind(_ string, pos int, done map[int]map[string]bool) (bool, bool) {
	for name := range done[pos] {
		if strings.HasSuffix(f.aliases[name], " ") {
			return true, true
		}
	}
	return false, len(done[pos]) > 0
}

// firstWordAlias replaces the first word of a text that is no command without it.
func (f *frame) firstWordAlias(text string) string {
	trimmed := strings.TrimLeft(text, " \t")
	name, rest, _ := strings.Cut(trimmed, " ")
	if value, ok := f.aliases[name]; ok {
		return value + " " + rest
	}
	return text
}
