package template

import (
	"regexp"
	"strings"

	"skylab/sim/ojson"
)

func resourceFunctions() []Function {
	return []Function{
		{Name: "resourceId", Min: 2, Max: -1, Usage: "([subscriptionId], [resourceGroupName], resourceType, resourceName1, ...)", Doc: "the id of a resource", eval: func(c *call) (any, error) {
			s, err := c.strs()
			if err != nil {
				return nil, err
			}
			return anyOf(c.resourceID(s))
		}},
		{Name: "subscriptionResourceId", Min: 2, Max: -1, Usage: "([subscriptionId], resourceType, resourceName1, ...)", Doc: "the id of a resource of a subscription", eval: func(c *call) (any, error) {
			s, err := c.strs()
			if err != nil {
				return nil, err
			}
			scope := subscriptionOf(c.world.Scope)
			if !strings.Contains(s[0], "/") {
				if scope, err = c.subscriptionScope(s[0]); err != nil {
					return nil, err
				}
				s = s[1:]
			}
			return anyOf(c.typed(scope, s))
		}},
		{Name: "tenantResourceId", Min: 2, Max: -1, Usage: "(resourceType, resourceName1, ...)", Doc: "the id of a resource of the tenant", eval: func(c *call) (any, error) {
			s, err := c.strs()
			if err != nil {
				return nil, err
			}
			return anyOf(c.typed("", s))
		}},
		{Name: "managementGroupResourceId", Min: 2, Max: -1, Usage: "([managementGroupName], resourceType, resourceName1, ...)", Doc: "the id of a resource of a management group", eval: func(c *call) (any, error) {
			s, err := c.strs()
			if err != nil {
				return nil, err
			}
			if strings.Contains(s[0], "/") {
				return nil, notExpected(c.f.Name)
			}
			return anyOf(c.typed("/providers/Microsoft.Management/managementGroups/"+s[0], s[1:]))
		}},
		{Name: "extensionResourceId", Min: 3, Max: -1, Usage: "(resourceId, resourceType, resourceName1, ...)", Doc: "the id of a resource that extends another", eval: func(c *call) (any, error) {
			s, err := c.strs()
			if err != nil {
				return nil, err
			}
			return anyOf(c.typed(strings.TrimSuffix(s[0], "/"), s[1:]))
		}},
		{Name: "reference", Min: 1, Max: 3, Usage: "(resourceName or id, [apiVersion], ['Full'])", Doc: "what a resource has at run time", eval: reference},
	}
}

var guidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)

func subscriptionOf(scope string) string {
	parts := strings.Split(scope, "/")
	if len(parts) < 3 || !strings.EqualFold(parts[1], "subscriptions") {
		return ""
	}
	return "/subscriptions/" + parts[2]
}

func (c *call) subscriptionScope(id string) (string, error) {
	if !guidForm.MatchString(id) {
		return "", failf("The provided value '%s' is not valid subscription identifier. Please see https://aka.ms/arm-functions#%s for usage details.", id, strings.ToLower(c.f.Name))
	}
	return "/subscriptions/" + id, nil
}

func (c *call) resourceID(s []string) (string, error) {
	scope := c.world.Scope
	typeAt := 0
	for typeAt < len(s) && typeAt < 3 && !strings.Contains(s[typeAt], "/") {
		typeAt++
	}
	switch typeAt {
	case 0:
	case 1:
		if scope == subscriptionOf(scope) && guidForm.MatchString(s[0]) {
			scope = "/subscriptions/" + s[0]
		} else {
			scope = subscriptionOf(scope) + "/resourceGroups/" + s[0]
		}
	case 2:
		sub, err := c.subscriptionScope(s[0])
		if err != nil {
			return "", err
		}
		scope = sub + "/resourceGroups/" + s[1]
	default:
		return "", c.invalid("expects fully qualified resource type as a parameter: none of '%s' contains a namespace.", strings.Join(s, ", "))
	}
	return c.typed(scope, s[typeAt:])
}

// typed joins a type and names to an id below a scope. A slash behind the type
// does not count.
func (c *call) typed(scope string, s []string) (string, error) {
	if len(s) == 0 {
		return "", c.f.arity(len(c.args))
	}
	typ := strings.Trim(s[0], "/")
	kinds := strings.Split(typ, "/")
	if len(kinds) < 2 {
		return "", c.invalid("expects fully qualified resource type as a parameter. The provided value is '%s'.", s[0])
	}
	if len(s)-1 != len(kinds)-1 {
		return "", failf("Unable to evaluate template language function '%s': the type '%s' requires '%d' resource name argument(s). Please see https://aka.ms/arm-functions#%s for usage details.", c.f.Name, typ, len(kinds)-1, strings.ToLower(c.f.Name))
	}
	return scope + "/providers/" + kinds[0] + interleave(kinds[1:], s[1:]), nil
}

// interleave is "/kind/name" for each kind and name.
func interleave(kinds, names []string) string {
	var b strings.Builder
	for i, k := range kinds {
		b.WriteString("/" + k)
		if i < len(names) {
			b.WriteString("/" + names[i])
		}
	}
	return b.String()
}

func (c *call) runs() bool { return c.place == inBody || c.place == inOutput }

func reference(c *call) (any, error) {
	s, err := c.strs()
	if err != nil {
		return nil, err
	}
	if !c.runs() || c.world.Reference == nil {
		return nil, notExpected(c.f.Name)
	}
	id, version, own := c.refer(s[0])
	if len(s) > 1 {
		version = s[1]
	}
	if id == "" || version == "" && !own {
		return nil, failf("The template reference '%s' is not valid: could not find template resource or resource copy with this name. Please see https://aka.ms/arm-function-reference for usage details.", s[0])
	}
	full := false
	if len(s) == 3 {
		if full = strings.EqualFold(s[2], "Full"); !full {
			return nil, c.invalid("expects its third parameter to be 'Full'. The provided value is '%s'.", s[2])
		}
	}
	v, err := c.world.Reference(id, version, full)
	return Normal(v), err
}

// listFunction is a function that calls an action of a resource: listKeys.
func listFunction(name string) (*Function, bool) {
	if len(name) < 4 || !strings.EqualFold(name[:4], "list") {
		return nil, false
	}
	return &Function{Name: name, Min: 2, Max: 3, Usage: "(resourceName or id, apiVersion, [functionValues])", Doc: "what an action of a resource answers", eval: func(c *call) (any, error) {
		target, err := c.str(0)
		if err != nil {
			return nil, err
		}
		version, err := c.str(1)
		if err != nil {
			return nil, err
		}
		if !c.runs() || c.world.List == nil {
			return nil, notExpected(c.f.Name)
		}
		var body *ojson.Object
		if len(c.args) == 3 {
			if body, err = c.object(2); err != nil {
				return nil, err
			}
		}
		id, _, _ := c.refer(target)
		if id == "" {
			return nil, failf("The template reference '%s' is not valid: could not find template resource or resource copy with this name. Please see https://aka.ms/arm-function-reference for usage details.", target)
		}
		v, err := c.world.List(c.f.Name, id, version, body)
		return Normal(v), err
	}}, true
}
