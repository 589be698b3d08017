package graph

import (
	"net/http"
	"slices"
	"strings"

	"skylab/sim/ojson"
)

// route answers what the path behind the version names.
func (c *call) route(path string) (answer, error) {
	segments := strings.Split(path, "/")
	name, key, err := keyOf(segments[0])
	if err != nil {
		return answer{}, err
	}
	rest := segments[1:]
	if key == "" && len(rest) > 0 && !strings.HasPrefix(rest[0], "$") && !isAction(rest[0]) {
		key, rest = rest[0], rest[1:]
		if key == "" {
			return answer{}, noSegment(key)
		}
	}
	for _, s := range sets {
		if strings.EqualFold(name, s.name) {
			return c.inSet(s, key, rest)
		}
	}
	switch strings.ToLower(name) {
	case "me":
		if key != "" {
			rest = append([]string{key}, rest...)
		}
		return c.me(rest)
	case "directoryobjects":
		return c.directoryObjects(key, rest)
	case "organization":
		return c.theOrganization(key, rest)
	case "directory":
		return c.directory(key, rest)
	case "$batch":
		return c.batch()
	}
	if slices.ContainsFunc(elsewhere, func(s string) bool { return strings.EqualFold(s, name) }) {
		return answer{}, notSimulated("/" + name + " of Microsoft Graph")
	}
	return answer{}, noSegment(name)
}

// actions are the segments behind a collection that are no keys.
var actions = []string{"getByIds", "delta", "validateProperties", "getAvailableExtensionProperties", "microsoft.graph.delta", "microsoft.graph.getByIds"}

func isAction(s string) bool {
	name, _, _ := strings.Cut(s, "(")
	return slices.ContainsFunc(actions, func(a string) bool { return strings.EqualFold(a, name) })
}

// keyOf splits name('key') and name(property='key'); the key keeps its property
// as "property=key".
func keyOf(segment string) (name, key string, err error) {
	name, inside, found := strings.Cut(segment, "(")
	if !found {
		return name, "", nil
	}
	inside, ok := strings.CutSuffix(inside, ")")
	property, value, named := strings.Cut(inside, "=")
	if !named {
		property, value = "", inside
	}
	if !ok || len(value) < 3 || value[0] != '\'' || value[len(value)-1] != '\'' {
		return "", "", badRequest("Bad Request - Error in query syntax.")
	}
	value = strings.ReplaceAll(value[1:len(value)-1], "''", "'")
	if named {
		return name, property + "=" + value, nil
	}
	return name, value, nil
}

func (c *call) method(allowed string, real ...string) error {
	switch {
	case c.r.Method == allowed:
		return nil
	case slices.Contains(real, c.r.Method):
		return notSimulated(c.r.Method + " " + c.r.URL.Path + " of Microsoft Graph")
	}
	return notAllowed()
}

func (c *call) inSet(s *set, key string, rest []string) (answer, error) {
	if key == "" {
		if len(rest) > 0 && rest[0] != "$count" {
			return answer{}, c.action(s.name, rest[0])
		}
		if c.r.Method == http.MethodPost && len(rest) == 0 {
			return c.create(s)
		}
		if err := c.method(http.MethodGet); err != nil {
			return answer{}, err
		}
		if err := c.need(s.read); err != nil {
			return answer{}, err
		}
		return c.page(s, s.list(c.Graph), s.name, false)
	}
	o, err := c.lookup(s, key)
	if err != nil {
		return answer{}, err
	}
	return c.below(o, rest)
}

func (c *call) action(set, name string) error {
	if isAction(name) {
		return notSimulated("/" + set + "/" + name + " of Microsoft Graph")
	}
	return noSegment(name)
}

// one answers with a single object.
func (c *call) one(o object) (answer, error) {
	may := o.set.read
	if o.id == c.claims.ObjectID && !c.claims.App {
		may = meAccess
	}
	if err := c.need(may); err != nil {
		return answer{}, err
	}
	chosen, err := c.choose(o.set)
	if err != nil {
		return answer{}, err
	}
	context := metadata + o.set.name
	if len(c.query.selected) > 0 {
		context += "(" + strings.Join(c.query.selected, ",") + ")"
	}
	return answer{body: with(ojson.Obj("@odata.context", context+"/$entity"), c.show(o, chosen, false))}, nil
}

func with(first, then *ojson.Object) *ojson.Object {
	for _, m := range then.Members() {
		first.Set(m.Key, m.Value)
	}
	return first
}

// lookup finds an object of a set by its id or by another key.
func (c *call) lookup(s *set, key string) (object, error) {
	list := s.list(c.Graph)
	at := func(property, value string) (object, bool) {
		i := slices.IndexFunc(list, func(o object) bool { return strings.EqualFold(s.properties(c.Graph, o).Str(property), value) })
		if i < 0 {
			return object{}, false
		}
		return list[i], true
	}
	property, value, named := strings.Cut(key, "=")
	if named && !strings.Contains(property, "@") {
		i := slices.IndexFunc(s.keys, func(k string) bool { return strings.EqualFold(k, property) })
		if i < 0 && !strings.EqualFold(property, "id") {
			return object{}, badRequest("The key property '%s' does not exist on type 'microsoft.graph.%s'.", property, s.typeName)
		}
		if o, ok := at(property, value); ok {
			return o, nil
		}
		if i >= 0 {
			if o, ok := at(s.keys[i], value); ok {
				return o, nil
			}
		}
		return object{}, notFound(value)
	}
	if o, ok := at("id", key); ok {
		return o, nil
	}
	if s == users {
		if o, ok := at("userPrincipalName", key); ok {
			return o, nil
		}
	} else if !guidForm.MatchString(key) {
		return object{}, requestBad("Invalid object identifier '%s'.", key)
	}
	return object{}, notFound(key)
}

// below answers for an object, or for what stands below it in the path.
func (c *call) below(o object, rest []string) (answer, error) {
	if len(rest) > 0 {
		return c.related(o, rest)
	}
	switch c.r.Method {
	case http.MethodPatch:
		return c.update(o)
	case http.MethodDelete:
		return c.remove(o)
	}
	if err := c.method(http.MethodGet); err != nil {
		return answer{}, err
	}
	return c.one(o)
}

func (c *call) me(rest []string) (answer, error) {
	if c.claims.App {
		return answer{}, badRequest("/me request is only valid with delegated authentication flow.")
	}
	o, err := c.lookup(users, c.claims.ObjectID)
	if err != nil {
		return answer{}, err
	}
	return c.below(o, rest)
}
