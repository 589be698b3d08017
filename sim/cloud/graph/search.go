package graph

import (
	"slices"
	"strings"
	"unicode"

	"skylab/sim/ojson"
)

// searcher reads $search: quoted "property:words", joined by AND and OR. A word
// is found at the beginning of any word of the property.
func (c *call) searcher(s *set) (func(*ojson.Object) bool, error) {
	text := c.query.search
	if text == "" {
		return func(*ojson.Object) bool { return true }, nil
	}
	if !c.query.eventual {
		return nil, unsupported("Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'")
	}
	type clause struct{ name, words string }
	read, err := clauses(text)
	if err != nil {
		return nil, err
	}
	anyOf := make([][]clause, len(read))
	for i, all := range read {
		for _, quoted := range all {
			name, words, ok := strings.Cut(quoted, ":")
			full, known := canonical(s.sample(c.Graph), name)
			if !ok || !known || !slices.Contains(s.searches, full) {
				return nil, unsupported("Unrecognized search property '%s' of resource '%s'.", name, s.resource)
			}
			anyOf[i] = append(anyOf[i], clause{full, words})
		}
	}
	return func(o *ojson.Object) bool {
		return slices.ContainsFunc(anyOf, func(all []clause) bool {
			return len(all) > 0 && !slices.ContainsFunc(all, func(x clause) bool { return !foundIn(o.Str(x.name), x.words) })
		})
	}, nil
}

// clauses takes a $search apart: texts in quotation marks, each list of them an
// alternative. OR begins the next alternative; AND may be left out.
func clauses(text string) ([][]string, error) {
	anyOf := [][]string{nil}
	for rest := strings.TrimLeft(text, " "); rest != ""; {
		last := len(anyOf) - 1
		if last > 0 || len(anyOf[0]) > 0 {
			if after, ok := strings.CutPrefix(rest, "OR "); ok {
				anyOf, rest, last = append(anyOf, nil), after, last+1
			}
			rest = strings.TrimLeft(strings.TrimPrefix(rest, "AND "), " ")
		}
		end := -1
		if strings.HasPrefix(rest, `"`) {
			end = strings.IndexByte(rest[1:], '"')
		}
		if end < 0 {
			return nil, badRequest("Syntax error: character '%s' is not valid at position %d in '%s'.", firstRune(rest), len(text)-len(rest), text)
		}
		anyOf[last] = append(anyOf[last], rest[1:1+end])
		rest = strings.TrimLeft(rest[end+2:], " ")
	}
	return anyOf, nil
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

// foundIn tells whether each searched word begins a word of a text.
func foundIn(text, searched string) bool {
	split := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	}
	words := split(text)
	if strings.HasPrefix(strings.ToLower(text), strings.ToLower(searched)) {
		return true
	}
	wanted := split(searched)
	return len(wanted) > 0 && !slices.ContainsFunc(wanted, func(s string) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, s) })
	})
}
