package az

import (
	"strings"

	"skylab/sim/machine/az/table"
	"skylab/sim/ojson"
)

// resourceID is an ARM id taken apart.
type resourceID struct {
	sub, group, namespace, typ, name string
	children                         [][2]string // type and name below the resource
}

// parseID takes an id apart; ok is false if it is none. Names may stand without
// regard to case.
func parseID(id string) (r resourceID, ok bool) {
	parts := strings.Split(id, "/")
	if len(parts) < 3 || parts[0] != "" || !strings.EqualFold(parts[1], "subscriptions") || parts[2] == "" {
		return r, false
	}
	r.sub = parts[2]
	rest := parts[3:]
	if len(rest) >= 2 && strings.EqualFold(rest[0], "resourcegroups") && rest[1] != "" {
		r.group, rest = rest[1], rest[2:]
	}
	if len(rest) == 0 {
		return r, true
	}
	if len(rest) < 4 || !strings.EqualFold(rest[0], "providers") || rest[3] == "" {
		return r, false
	}
	r.namespace, r.typ, r.name = rest[1], rest[2], rest[3]
	for rest = rest[4:]; len(rest) >= 2; rest = rest[2:] {
		if strings.EqualFold(rest[0], "providers") { // an extension, such as a role assignment
			if len(rest) < 4 {
				return r, false
			}
			rest = rest[2:]
		}
		r.children = append(r.children, [2]string{rest[0], rest[1]})
	}
	return r, len(rest) == 0
}

// part is a part of the id as arguments name them.
func (r resourceID) part(name string) string {
	switch name {
	case "resource_group":
		return r.group
	case "name":
		return r.name
	case "namespace":
		return r.namespace
	case "type":
		return r.typ
	case "resource_name":
		if n := len(r.children); n > 0 {
			return r.children[n-1][1]
		}
		return r.name
	case "child_name_1", "child_name_2":
		i := int(name[len(name)-1] - '1')
		if i < len(r.children) {
			return r.children[i][1]
		}
	}
	return ""
}

// targets are what the command is about: the ids of --ids one by one, or what the
// other arguments name.
func (c *call) targets() ([]target, error) {
	byID := c.cmd.ByID()
	if len(byID) == 0 {
		return []target{{}}, nil
	}
	given := c.line.Words("_ids")
	if len(given) == 0 {
		var missing []string
		for _, a := range byID {
			if !c.line.Has(a.Dest) && c.config.defaults()[a.Config] == "" && a.Required == c.anyRequired(byID) {
				missing = append(missing, a.Names[0])
			}
		}
		if len(missing) > 0 {
			return nil, failf("(%s | --ids) are required", strings.Join(missing, " "))
		}
		return []target{{}}, nil
	}
	for _, a := range byID {
		if c.line.Has(a.Dest) {
			c.warn("option '%s' will be ignored due to use of '--ids'.", a.Names[0])
		}
	}
	var out []target
	for _, id := range idsOf(given) {
		r, ok := parseID(id)
		if !ok || r.name == "" && r.group == "" {
			return nil, failf("invalid resource ID: %s", id)
		}
		t := target{id: id, values: map[string]string{}, sub: r.sub}
		for _, a := range byID {
			v := r.part(a.IDPart)
			if v == "" {
				return nil, failf("Argument %s cannot be derived from ID %s. Please provide a complete resource ID containing all information of 'Resource Id' arguments. ", a.Names[0], id)
			}
			t.values[a.Dest] = v
		}
		out = append(out, t)
	}
	if len(out) == 0 {
		return []target{{}}, nil
	}
	return out, nil
}

// anyRequired reports whether the table marks some of the arguments as required.
func (c *call) anyRequired(args []*table.Arg) bool {
	for _, a := range args {
		if a.Required {
			return true
		}
	}
	return false
}

// idsOf are the ids in words: words may be JSON with ids in it, or hold several
// lines.
func idsOf(words []string) []string {
	text := strings.Join(words, "")
	if strings.HasPrefix(text, "[") || strings.HasPrefix(text, "{") {
		if v, err := ojson.Decode([]byte(text)); err == nil {
			list, ok := v.([]any)
			if !ok {
				list = []any{v}
			}
			var out []string
			for _, e := range list {
				switch e := e.(type) {
				case *ojson.Object:
					if id := e.Str("id"); id != "" {
						out = append(out, id)
					}
				case string:
					out = append(out, e)
				}
			}
			return out
		}
	}
	var out []string
	for _, w := range words {
		out = append(out, strings.Fields(w)...)
	}
	return out
}
