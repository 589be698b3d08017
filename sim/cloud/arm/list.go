package arm

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"skylab/sim/cloud/rbac"
	"skylab/sim/ojson"
	"skylab/sim/sorting"
)

// visible tells whether a caller may do a reading action at a scope.
func (a *ARM) visible(c *call, action, scope string) bool {
	return a.Access.Check(c.claims.ObjectID, action, scope).Allowed
}

// listable checks a list over a subscription or group: who may read the whole
// scope sees all, who has a role somewhere below sees what that role reads, and
// who has none is refused.
func (a *ARM) listable(c *call, action, scope string) (all bool, err error) {
	if a.visible(c, action, scope) {
		return true, a.authorize(c, action, scope)
	}
	if groups := a.Directory.Groups(c.claims.ObjectID); slices.ContainsFunc(a.Access.Assignments(), func(x rbac.Assignment) bool {
		mine := strings.EqualFold(x.PrincipalID, c.claims.ObjectID) || slices.Contains(groups, strings.ToLower(x.PrincipalID))
		return mine && rbac.Contains(scope, x.Scope)
	}) {
		note(c.Context(), "arm.access", "The principal may not read all of "+scope+", so the list has only what its roles below reach.", map[string]any{"action": action, "scope": scope, "allowed": true, "principalId": c.claims.ObjectID, "partial": true})
		return false, nil
	}
	return false, a.authorize(c, action, scope)
}

// listResources is the list of a subscription's or a group's resources.
func (a *ARM) listResources(c *call) error {
	scope := "/subscriptions/" + c.sub.ID
	action := "Microsoft.Resources/subscriptions/resources/read"
	if g, ok := c.vars["group"]; ok {
		scope += "/resourceGroups/" + g
		action = "Microsoft.Resources/subscriptions/resourceGroups/resources/read"
	}
	all, err := a.listable(c, action, scope)
	if err != nil {
		return err
	}
	if _, ok := c.vars["group"]; ok {
		if _, err := a.group(c); err != nil {
			return err
		}
	}
	text := queryFold(c.Request, "$filter")
	keep, err := parseFilter(text)
	if err != nil {
		return err
	}
	var found []Resource
	for _, r := range a.Resources() {
		t := a.types[strings.ToLower(r.Type)]
		if rbac.Contains(scope, r.ID) && (t == nil || !t.Proxy) && keep(r.values) && (all || a.visible(c, r.Type+"/read", r.ID)) {
			found = append(found, r)
		}
	}
	// A search by name always has a further page, which is empty
	// (facts/recorded.md §5.4).
	byName := strings.Contains(strings.ToLower(text), "name eq") && !strings.Contains(strings.ToLower(text), "tagname eq")
	expand := strings.Split(strings.ToLower(queryFold(c.Request, "$expand")), ",")
	body, err := a.pageOf(c, found, byName, func(r Resource) any { return r.listed(expand) })
	if err != nil {
		return err
	}
	writeJSON(c.w, http.StatusOK, body)
	return nil
}

// Resources returns copies of all resources, by id.
func (a *ARM) Resources() []Resource {
	a.Settle()
	a.mu.RLock()
	defer a.mu.RUnlock()
	out := make([]Resource, 0, len(a.state.Resources))
	for _, r := range a.state.Resources {
		out = append(out, r.clone())
	}
	sorting.By(out, func(x, y Resource) int { return strings.Compare(strings.ToLower(x.ID), strings.ToLower(y.ID)) })
	return out
}

// listed is a resource as lists have it: without properties.
func (r Resource) listed(expand []string) *ojson.Object {
	o := ojson.Obj("id", r.ID, "name", r.Name, "type", r.Type)
	r.header(o)
	if r.Identity != nil && o.Delete("tags") { // here, tags stand behind the identity
		o.Set("tags", r.Tags)
	}
	at := func(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.9999999Z") }
	for _, e := range expand {
		switch strings.TrimSpace(e) {
		case "createdtime":
			o.Set("createdTime", at(r.Created))
		case "changedtime":
			o.Set("changedTime", at(r.Changed))
		case "provisioningstate":
			s := r.Properties.Str("provisioningState")
			if s == "" {
				s = "Succeeded"
			}
			o.Set("provisioningState", s)
		}
	}
	return o
}

// maxPage is how many resources an answer has at most.
const maxPage = 1000

// pageOf is a page of a list: $top items behind those that $skiptoken names.
func (a *ARM) pageOf(c *call, all []Resource, more bool, print func(Resource) any) (*ojson.Object, error) {
	top := maxPage
	if s := queryFold(c.Request, "$top"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return nil, failf(http.StatusBadRequest, "InvalidTopInQueryString", "Invalid $top '%s' specified in the query string.", s)
		}
		top = min(n, maxPage)
	}
	start := 0
	token := queryFold(c.Request, "$skiptoken")
	if token != "" {
		last, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil {
			return nil, failf(http.StatusBadRequest, "InvalidSkipTokenInQueryString", "Invalid $skiptoken '%s' specified in the query string.", token)
		}
		for start < len(all) && strings.ToLower(all[start].ID) <= string(last) {
			start++
		}
	}
	end := min(start+top, len(all))
	list := []any{}
	for _, r := range all[start:end] {
		list = append(list, print(r))
	}
	body := value(list)
	if end > start && (end < len(all) || more && token == "") {
		q := url.Values{}
		for k, v := range c.URL.Query() {
			if !strings.EqualFold(k, "$skiptoken") {
				q[k] = v
			}
		}
		q.Set("$skiptoken", base64.RawURLEncoding.EncodeToString([]byte(strings.ToLower(all[end-1].ID))))
		body.Set("nextLink", "https://management.azure.com"+c.URL.EscapedPath()+"?"+q.Encode())
	}
	return body, nil
}
