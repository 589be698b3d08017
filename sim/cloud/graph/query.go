package graph

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"skylab/sim/ojson"
)

// query is what a request says behind the question mark.
type query struct {
	filter, search, orderBy string
	selected                []string
	top                     int // 0: not said
	skip                    int // from a $skiptoken
	count                   bool
	eventual                bool     // the header ConsistencyLevel: eventual
	rest                    []string // the query's parts without $skiptoken, for the next link
}

const (
	defaultPage = 100
	largestPage = 999
)

// options are the query options of OData that Graph knows.
var options = []string{"$filter", "$select", "$top", "$search", "$count", "$orderby", "$expand", "$skip", "$skiptoken", "$format"}

// readQuery reads the options, with or without their dollar signs.
func readQuery(r *http.Request) (query, error) {
	q := query{eventual: strings.EqualFold(r.Header.Get("ConsistencyLevel"), "eventual")}
	seen := map[string]bool{}
	for _, part := range strings.Split(r.URL.RawQuery, "&") {
		if part == "" {
			continue
		}
		key, value, _ := strings.Cut(part, "=")
		key, err1 := url.QueryUnescape(key)
		value, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil {
			return q, badRequest("The query string is not valid.")
		}
		name := strings.ToLower(key)
		if !strings.HasPrefix(name, "$") && slices.Contains(options, "$"+name) {
			name = "$" + name
		}
		if strings.HasPrefix(name, "$") {
			if !slices.Contains(options, name) {
				return q, badRequest("The query parameter '%s' is not supported.", key)
			}
			if seen[name] {
				return q, badRequest("Query option '%s' was specified more than once, but it must be specified at most once.", name)
			}
			seen[name] = true
		}
		if name != "$skiptoken" {
			q.rest = append(q.rest, part)
		}
		if err := q.take(name, strings.TrimSpace(value)); err != nil {
			return q, err
		}
	}
	return q, nil
}

func (q *query) take(name, value string) error {
	switch name {
	case "$filter":
		q.filter = value
	case "$search":
		q.search = value
	case "$orderby":
		q.orderBy = value
	case "$select":
		for _, s := range strings.Split(value, ",") {
			if s = strings.TrimSpace(s); s != "" {
				q.selected = append(q.selected, s)
			}
		}
	case "$top":
		n, err := strconv.Atoi(value)
		if err != nil {
			return badRequest("Invalid value '%s' for $top query option found. The $top query option requires a non-negative integer value.", value)
		}
		if n < 1 || n > largestPage {
			return unsupported("Invalid page size specified: '%d'. Must be between 1 and %d inclusive.", n, largestPage)
		}
		q.top = n
	case "$count":
		if value != "true" && value != "false" {
			return badRequest("Invalid value '%s' for $count query option found. Valid values are 'true' or 'false'.", value)
		}
		q.count = value == "true"
	case "$skiptoken":
		data, err := base64.RawURLEncoding.DecodeString(value)
		text, ok := strings.CutPrefix(string(data), tokenMark)
		n, err2 := strconv.Atoi(text)
		if err != nil || !ok || err2 != nil || n < 0 {
			return badRequest("Skip token is not valid.")
		}
		q.skip = n
	case "$skip":
		return unsupported("'$skip' is not supported by the service.")
	case "$expand":
		return notSimulated("$expand of Microsoft Graph")
	}
	return nil
}

// tokenMark begins a skip token, before its base64.
const tokenMark = "DSpt\x00"

// nextLink leads to the page that begins at an offset.
func (c *call) nextLink(at int) string {
	token := "$skiptoken=" + base64.RawURLEncoding.EncodeToString([]byte(tokenMark+strconv.Itoa(at)))
	return "https://" + hostName + c.r.URL.EscapedPath() + "?" + strings.Join(append(slices.Clone(c.query.rest), token), "&")
}

// choose checks $select against a set and returns the properties to show, in
// the service's order.
func (c *call) choose(s *set) ([]string, error) {
	if len(c.query.selected) == 0 {
		return s.defaults, nil
	}
	all := s.sample(c.Graph)
	var wanted []string
	for _, name := range c.query.selected {
		if name == "*" {
			return all.Keys(), nil
		}
		full, ok := canonical(all, name)
		if !ok {
			return nil, badRequest("Parsing OData Select and Expand failed: Could not find a property named '%s' on type 'microsoft.graph.%s'.", name, s.typeName)
		}
		wanted = append(wanted, full)
	}
	var out []string
	for _, k := range all.Keys() {
		if slices.Contains(wanted, k) {
			out = append(out, k)
		}
	}
	return out, nil
}

// canonical finds a property whatever the case of its name.
func canonical(all *ojson.Object, name string) (string, bool) {
	for _, k := range all.Keys() {
		if strings.EqualFold(k, name) {
			return k, true
		}
	}
	return "", false
}

// page answers with those of the objects that the query asks for. context is
// what the answer's @odata.context names; mixed objects say their types.
func (c *call) page(s *set, objects []object, context string, mixed bool) (answer, error) {
	var kept []object
	keep, err := c.filter(s)
	if err != nil {
		return answer{}, err
	}
	found, err := c.searcher(s)
	if err != nil {
		return answer{}, err
	}
	chosen, err := c.choose(s)
	if err != nil && !mixed {
		return answer{}, err
	}
	for _, o := range objects {
		all := o.set.properties(c.Graph, o)
		if keep(all) && found(all) {
			kept = append(kept, o)
		}
	}
	if err := c.sort(s, kept); err != nil {
		return answer{}, err
	}
	if strings.HasSuffix(c.r.URL.Path, "/$count") {
		if !c.query.eventual {
			return answer{}, requestBad("$count is not currently supported.")
		}
		return answer{text: strconv.Itoa(len(kept))}, nil
	}
	size := c.query.top
	if size == 0 {
		size = defaultPage
	}
	from := min(c.query.skip, len(kept))
	to := min(from+size, len(kept))
	if len(c.query.selected) > 0 {
		context += "(" + strings.Join(c.query.selected, ",") + ")"
	}
	body := ojson.Obj("@odata.context", metadata+context)
	if c.query.count && c.query.eventual {
		body.Set("@odata.count", len(kept))
	}
	if to < len(kept) {
		body.Set("@odata.nextLink", c.nextLink(to))
	}
	value := []any{}
	for _, o := range kept[from:to] {
		value = append(value, c.show(o, chosen, mixed))
	}
	body.Set("value", value)
	return answer{body: body}, nil
}

// basicProfile are the properties of a user that User.ReadBasic.All reads.
var basicProfile = []string{"displayName", "givenName", "mail", "surname", "userPrincipalName", "id"}

// show is an object as the caller may see it: what the caller's permissions do
// not reach is null. chosen is nil for all properties. A mixed object says its
// type, and its id stands first.
func (c *call) show(o object, chosen []string, mixed bool) *ojson.Object {
	all := o.set.properties(c.Graph, o)
	if mixed {
		chosen = o.set.defaults
		if len(c.query.selected) > 0 {
			chosen = nil
			for _, k := range all.Keys() {
				if slices.ContainsFunc(c.query.selected, func(s string) bool { return strings.EqualFold(s, k) }) {
					chosen = append(chosen, k)
				}
			}
		}
	}
	visible := func(string) bool { return true }
	switch self := !c.claims.App && o.id == c.claims.ObjectID; {
	case self:
	case c.held(o.set.read) == "":
		visible = func(k string) bool { return k == "id" }
	case o.set == users && c.held(fullUsersAccess) == "":
		visible = func(k string) bool { return slices.Contains(basicProfile, k) }
	}
	out := ojson.New()
	if mixed {
		out.Set("@odata.type", "#microsoft.graph."+o.set.typeName)
		if chosen == nil || slices.Contains(chosen, "id") {
			out.Set("id", o.id)
		}
	}
	for _, m := range all.Members() {
		if chosen != nil && !slices.Contains(chosen, m.Key) {
			continue
		}
		if !visible(m.Key) {
			m.Value = nil
		}
		out.Set(m.Key, m.Value)
	}
	return out
}

// sort orders objects as $orderby says.
func (c *call) sort(s *set, objects []object) error {
	if c.query.orderBy == "" {
		return nil
	}
	words := strings.Fields(c.query.orderBy)
	down := len(words) == 2 && words[1] == "desc"
	name, ok := canonical(s.sample(c.Graph), words[0])
	switch {
	case len(words) > 2 || len(words) == 2 && words[1] != "asc" && !down:
		return badRequest("Syntax error at position %d in '%s'.", len(words[0])+1, c.query.orderBy)
	case !ok:
		return badRequest("Could not find a property named '%s' on type 'microsoft.graph.%s'.", words[0], s.typeName)
	case !slices.Contains(s.sorts, name), c.query.filter != "" && !(c.query.eventual && c.query.count):
		return unsupported("Sorting not supported for current query.")
	}
	slices.SortStableFunc(objects, func(a, b object) int {
		x := strings.Compare(strings.ToLower(a.set.properties(c.Graph, a).Str(name)), strings.ToLower(b.set.properties(c.Graph, b).Str(name)))
		if down {
			return -x
		}
		return x
	})
	return nil
}

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
	anyOf := [][]clause{{}} // each is an AND of clauses
	for at, first := 0, true; at < len(text); first = false {
		rest := strings.TrimLeft(text[at:], " ")
		at = len(text) - len(rest)
		if !first {
			switch {
			case strings.HasPrefix(rest, "OR "):
				anyOf = append(anyOf, []clause{})
				rest, at = rest[3:], at+3
			case strings.HasPrefix(rest, "AND "):
				rest, at = rest[4:], at+4
			}
			trimmed := strings.TrimLeft(rest, " ")
			at += len(rest) - len(trimmed)
			rest = trimmed
		}
		end := -1
		if strings.HasPrefix(rest, `"`) {
			end = strings.IndexByte(rest[1:], '"')
		}
		if end < 0 {
			return nil, badRequest("Syntax error: character '%s' is not valid at position %d in '%s'.", firstRune(rest), at, text)
		}
		name, words, ok := strings.Cut(rest[1:1+end], ":")
		full, known := canonical(s.sample(c.Graph), name)
		if !ok || !known || !slices.Contains(s.searches, full) {
			return nil, unsupported("Unrecognized search property '%s' of resource '%s'.", name, s.resource)
		}
		last := len(anyOf) - 1
		anyOf[last] = append(anyOf[last], clause{full, words})
		at += end + 2
	}
	return func(o *ojson.Object) bool {
		return slices.ContainsFunc(anyOf, func(all []clause) bool {
			return len(all) > 0 && !slices.ContainsFunc(all, func(x clause) bool { return !foundIn(o.Str(x.name), x.words) })
		})
	}, nil
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
