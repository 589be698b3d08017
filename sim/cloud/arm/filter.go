package arm

import (
	"fmt"
	"net/http"
	"strings"
)

// A filter is an OData expression of $filter over named text values: eq and ne,
// and, or, parentheses, substringof('x', name) and startswith(name, 'x').
// Comparison does not look at case.
type filter func(get func(name string) []string) bool

type filterParser struct {
	tokens []string
	text   string
	depth  int
}

// maxFilterDepth is how deep parentheses may go.
const maxFilterDepth = 50

// parseFilter reads a filter; an empty text lets everything through.
func parseFilter(text string) (filter, error) {
	p := &filterParser{text: text}
	if err := p.scan(); err != nil {
		return nil, err
	}
	if len(p.tokens) == 0 {
		return func(func(string) []string) bool { return true }, nil
	}
	f, err := p.or()
	if err == nil && len(p.tokens) > 0 {
		err = p.bad()
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (p *filterParser) bad() error {
	return failf(http.StatusBadRequest, "InvalidFilterInQueryString", "Invalid $filter '%s' specified in the query string.", p.text)
}

// scan takes the text apart; a string keeps its first quote.
func (p *filterParser) scan() error {
	s := p.text
	for s = strings.TrimLeft(s, " \t\r\n"); s != ""; s = strings.TrimLeft(s, " \t\r\n") {
		switch {
		case strings.ContainsRune("(),", rune(s[0])):
			p.tokens, s = append(p.tokens, s[:1]), s[1:]
		case s[0] == '\'':
			var b strings.Builder
			b.WriteByte('\'')
			i := 1
			for ; i < len(s); i++ {
				if s[i] != '\'' {
					b.WriteByte(s[i])
				} else if i+1 < len(s) && s[i+1] == '\'' {
					b.WriteByte('\'')
					i++
				} else {
					break
				}
			}
			if i >= len(s) {
				return p.bad()
			}
			p.tokens, s = append(p.tokens, b.String()), s[i+1:]
		default:
			i := strings.IndexAny(s, " \t\r\n(),'")
			if i < 0 {
				i = len(s)
			}
			p.tokens, s = append(p.tokens, s[:i]), s[i:]
		}
	}
	return nil
}

func (p *filterParser) next() string {
	if len(p.tokens) == 0 {
		return ""
	}
	t := p.tokens[0]
	p.tokens = p.tokens[1:]
	return t
}

func (p *filterParser) take(word string) bool {
	if len(p.tokens) > 0 && strings.EqualFold(p.tokens[0], word) {
		p.next()
		return true
	}
	return false
}

func (p *filterParser) or() (filter, error) {
	left, err := p.and()
	for err == nil && p.take("or") {
		l := left
		var right filter
		right, err = p.and()
		left = func(get func(string) []string) bool { return l(get) || right(get) }
	}
	return left, err
}

func (p *filterParser) and() (filter, error) {
	left, err := p.term()
	for err == nil && p.take("and") {
		l := left
		var right filter
		right, err = p.term()
		left = func(get func(string) []string) bool { return l(get) && right(get) }
	}
	return left, err
}

func isString(t string) bool { return strings.HasPrefix(t, "'") }

func (p *filterParser) term() (filter, error) {
	if p.depth++; p.depth > maxFilterDepth {
		return nil, p.bad()
	}
	defer func() { p.depth-- }()
	if p.take("(") {
		f, err := p.or()
		if err == nil && !p.take(")") {
			err = p.bad()
		}
		return f, err
	}
	word := p.next()
	if word == "" || isString(word) || strings.ContainsAny(word, "(),") {
		return nil, p.bad()
	}
	if p.take("(") {
		return p.function(word)
	}
	op, v := strings.ToLower(p.next()), p.next()
	if op != "eq" && op != "ne" || !isString(v) && !strings.EqualFold(v, "null") {
		return nil, p.bad()
	}
	want := strings.TrimPrefix(v, "'")
	if !isString(v) {
		want = "" // what is null has no text
	}
	return func(get func(string) []string) bool {
		values := get(strings.ToLower(word))
		if len(values) == 0 {
			values = []string{""}
		}
		for _, x := range values {
			if strings.EqualFold(x, want) {
				return op == "eq"
			}
		}
		return op == "ne"
	}, nil
}

func (p *filterParser) function(name string) (filter, error) {
	a := p.next()
	comma := p.take(",")
	b := p.next()
	if !comma || !p.take(")") {
		return nil, p.bad()
	}
	var test func(value, part string) bool
	switch strings.ToLower(name) {
	case "substringof":
		test, a, b = strings.Contains, b, a
	case "startswith":
		test = strings.HasPrefix
	default:
		return nil, p.bad()
	}
	if isString(a) || !isString(b) {
		return nil, p.bad()
	}
	want := strings.ToLower(b[1:])
	return func(get func(string) []string) bool {
		for _, x := range get(strings.ToLower(a)) {
			if test(strings.ToLower(x), want) {
				return true
			}
		}
		return false
	}, nil
}

// values are what a filter of resources or groups may ask for.
func (r Resource) values(name string) []string {
	switch name {
	case "name":
		return []string{r.Name}
	case "resourcetype":
		return []string{r.Type}
	case "location":
		return []string{r.Location}
	case "resourcegroup":
		return []string{groupOf(r.ID)}
	case "kind":
		return []string{r.Kind}
	case "identity/principalid":
		return []string{r.Identity.Str("principalId")}
	case "tagname":
		return r.Tags.Keys()
	case "tagvalue":
		var out []string
		for _, m := range r.Tags.Members() {
			out = append(out, fmt.Sprint(m.Value))
		}
		return out
	}
	return nil
}
