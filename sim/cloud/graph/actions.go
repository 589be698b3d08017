package graph

import (
	"io"
	"net/http"
	"slices"
	"strings"

	"skylab/sim/cloud/entra"
	"skylab/sim/ojson"
)

// maxBody bounds the body of an action.
const maxBody = 256 << 10

func (c *call) body() (*ojson.Object, error) {
	data, err := io.ReadAll(io.LimitReader(c.r.Body, maxBody+1))
	if err != nil || len(data) > maxBody {
		return nil, refuse(http.StatusRequestEntityTooLarge, "BadRequest", "The request body is too large.")
	}
	if len(data) == 0 {
		return nil, badRequest("Empty Payload. JSON content expected.")
	}
	v, err := ojson.Decode(data)
	o, ok := v.(*ojson.Object)
	if err != nil || !ok {
		return nil, badRequest("Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.")
	}
	return o, nil
}

// most is how many ids an action takes.
const most = 1000

func idsOf(body *ojson.Object, name string) ([]string, error) {
	list, ok := body.At(name).([]any)
	if !ok || len(list) == 0 {
		return nil, requestBad("One or more parameters of the operation '%s' are missing from the request payload. The missing parameters are: %s.", "getByIds", name)
	}
	if len(list) > most {
		return nil, requestBad("Number of included ids cannot exceed '%d'.", most)
	}
	var out []string
	for _, v := range list {
		s, _ := v.(string)
		if !guidForm.MatchString(s) {
			return nil, requestBad("Invalid GUID:%s", s)
		}
		out = append(out, strings.ToLower(s))
	}
	return out, nil
}

// memberships answers getMemberGroups and its like with ids.
func (c *call) memberships(o object, name string, rest []string) (answer, error) {
	if len(rest) > 0 {
		return answer{}, noSegment(rest[0])
	}
	if err := c.method(http.MethodPost); err != nil {
		return answer{}, err
	}
	if err := c.need(membershipAccess(o)); err != nil {
		return answer{}, err
	}
	body, err := c.body()
	if err != nil {
		return answer{}, err
	}
	mine := c.Directory.Groups(o.id)
	if strings.HasPrefix(name, "check") {
		field := "groupIds"
		if name == "checkMemberObjects" {
			field = "ids"
		}
		asked, err := idsOf(body, field)
		if err != nil {
			return answer{}, err
		}
		mine = slices.DeleteFunc(mine, func(id string) bool { return !slices.Contains(asked, id) })
	} else {
		switch v := body.At("securityEnabledOnly"); v {
		case true, false, "true", "false", nil:
		default:
			return answer{}, badRequest("Cannot convert the literal '%v' to the expected type 'Edm.Boolean'.", v)
		}
	}
	return acted(ojson.Obj("@odata.context", metadata+"Collection(Edm.String)", "value", texts(mine...))), nil
}

func (c *call) directoryObjects(key string, rest []string) (answer, error) {
	if key == "" {
		switch {
		case len(rest) == 1 && strings.EqualFold(strings.TrimPrefix(rest[0], "microsoft.graph."), "getByIds"):
			return c.getByIDs()
		case len(rest) > 0:
			return answer{}, c.action("directoryObjects", rest[0])
		}
		return answer{}, notSimulated("listing /directoryObjects of Microsoft Graph")
	}
	if !guidForm.MatchString(key) {
		return answer{}, requestBad("Invalid object identifier '%s'.", key)
	}
	o, ok := c.find(strings.ToLower(key))
	if !ok {
		return answer{}, notFound(key)
	}
	if len(rest) > 0 {
		return c.related(o, rest)
	}
	if c.r.Method == http.MethodDelete {
		return c.remove(o)
	}
	if err := c.method(http.MethodGet); err != nil {
		return answer{}, err
	}
	if err := c.need(o.set.read); err != nil {
		return answer{}, err
	}
	return answer{body: with(ojson.Obj("@odata.context", metadata+"directoryObjects/$entity"), c.show(o, nil, true))}, nil
}

// getByIDs answers with those objects that there are, in the order asked for.
func (c *call) getByIDs() (answer, error) {
	if err := c.method(http.MethodPost); err != nil {
		return answer{}, err
	}
	if err := c.need(anyAccess); err != nil {
		return answer{}, err
	}
	body, err := c.body()
	if err != nil {
		return answer{}, err
	}
	asked, err := idsOf(body, "ids")
	if err != nil {
		return answer{}, err
	}
	types, _ := body.At("types").([]any)
	wanted := func(s *set) bool {
		return len(types) == 0 || slices.ContainsFunc(types, func(t any) bool {
			name, _ := t.(string)
			return strings.EqualFold(name, s.typeName) || strings.EqualFold(name, "directoryObject")
		})
	}
	value := []any{}
	for _, id := range asked {
		if o, ok := c.find(id); ok && wanted(o.set) {
			value = append(value, c.show(o, nil, true))
		}
	}
	return acted(ojson.Obj("@odata.context", metadata+"directoryObjects", "value", value)), nil
}

func (c *call) theOrganization(key string, rest []string) (answer, error) {
	if len(rest) > 0 {
		return answer{}, notSimulated("/organization/{id}/" + rest[0] + " of Microsoft Graph")
	}
	if err := c.method(http.MethodGet, http.MethodPatch); err != nil {
		return answer{}, err
	}
	if err := c.need(organizationAccess); err != nil {
		return answer{}, err
	}
	o, context := c.organization(), metadata+"organization"
	if len(c.query.selected) > 0 {
		context += "(" + strings.Join(c.query.selected, ",") + ")"
		for _, name := range c.query.selected {
			if _, ok := canonical(o, name); !ok {
				return answer{}, badRequest("Parsing OData Select and Expand failed: Could not find a property named '%s' on type 'microsoft.graph.organization'.", name)
			}
		}
		for _, k := range o.Keys() {
			if !slices.ContainsFunc(c.query.selected, func(s string) bool { return strings.EqualFold(s, k) }) {
				o.Delete(k)
			}
		}
	}
	if key == "" {
		return answer{body: ojson.Obj("@odata.context", context, "value", []any{o})}, nil
	}
	if !strings.EqualFold(key, c.Directory.TenantID()) {
		return answer{}, notFound(key)
	}
	return answer{body: with(ojson.Obj("@odata.context", context+"/$entity"), o)}, nil
}

var _ Directory = (*entra.Entra)(nil)
