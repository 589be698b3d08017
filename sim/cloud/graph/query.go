package graph

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"skylab/sim/ojson"
	"skylab/sim/sorting"
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
	for _, name := range c.query.selected {
		if name == "*" {
			return all.Keys(), nil
		}
		if _, ok := canonical(all, name); !ok {
			return nil, badRequest("Parsing OData Select and Expand failed: Could not find a property named '%s' on type 'microsoft.graph.%s'.", name, s.typeName)
		}
	}
	return among(all, c.query.selected), nil
}

// among are those of an object's properties that are named, whatever the case.
func among(all *ojson.Object, names []string) []string {
	return slices.DeleteFunc(all.Keys(), func(k string) bool {
		return !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, k) })
	})
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
			chosen = among(all, c.query.selected)
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
	sorting.By(objects, func(a, b object) int {
		x := strings.Compare(strings.ToLower(a.set.properties(c.Graph, a).Str(name)), strings.ToLower(b.set.properties(c.Graph, b).Str(name)))
		if down {
			return -x
		}
		return x
	})
	return nil
}
