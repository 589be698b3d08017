package az

import (
	"net/http"
	"strings"

	"skylab/sim/ojson"
)

var definitionCommands = map[string]command{
	"role definition list": cmdDefinitionList, "role definition show": cmdDefinitionShow, "role definition create": cmdDefinitionPut, "role definition update": cmdDefinitionPut, "role definition delete": cmdDefinitionDelete,
}

// definitions lists the roles at a scope by name or GUID.
func (c *call) definitions(scope, name string, custom bool) ([]*ojson.Object, error) {
	all, err := c.all(scoped(definitionsVersion, scope, "/providers/Microsoft.Authorization/roleDefinitions"))
	if err != nil {
		return nil, err
	}
	var out []*ojson.Object
	for _, e := range all {
		r := c.view("RoleDefinition", e).(*ojson.Object)
		if (name == "" || r.Str("name") == name || r.Str("roleName") == name) && (!custom || r.Str("roleType") == "CustomRole") {
			out = append(out, r)
		}
	}
	return out, nil
}

// meant lists the roles that the command's options name.
func (c *call) meant() ([]*ojson.Object, error) {
	scope, err := c.scope()
	if err != nil {
		return nil, err
	}
	return c.definitions(scope, c.str("name"), c.flag("custom_role_only"))
}

func cmdDefinitionList(c *call) (any, error) {
	list, err := c.meant()
	if err != nil {
		return nil, err
	}
	out := []any{}
	for _, r := range list {
		out = append(out, r)
	}
	return out, nil
}

// cmdDefinitionShow shows a role by its GUID or id, as newer versions do.
func cmdDefinitionShow(c *call) (any, error) {
	id := c.str("role_id")
	switch name := c.str("name"); {
	case (id == "") == (name == ""):
		return nil, usage("usage error: --id ID | --name GUID [--scope SCOPE]")
	case id == "":
		scope, err := c.scope()
		if err != nil {
			return nil, err
		}
		id = strings.TrimSuffix(scope, "/") + "/providers/Microsoft.Authorization/roleDefinitions/" + pathSegment(name)
	}
	v, err := c.get(join(definitionsVersion, id))
	return c.view("RoleDefinition", v), err
}

// cmdDefinitionPut creates a role or changes one.
func cmdDefinitionPut(c *call) (any, error) {
	in, err := c.json(c.str("role_definition"))
	if err != nil {
		return nil, err
	}
	scopes, _ := in.At("assignableScopes").([]any)
	if len(scopes) == 0 {
		return nil, failf("please provide 'assignableScopes'")
	}
	scope, _ := scopes[0].(string)
	name, display := in.Str("name"), or(in.Str("roleName"), in.Str("name"))
	if c.cmd.Name() == "update" {
		var found []*ojson.Object
		for _, s := range scopes {
			s, _ := s.(string)
			if found, err = c.definitions(s, name, true); err != nil {
				return nil, err
			}
			if len(found) > 0 {
				break
			}
		}
		switch len(found) {
		case 0:
			return nil, failf("Role 'roleName = \"%s\"' not found", name)
		case 1:
			name = found[0].Str("name")
			if in.Str("roleName") == "" {
				display = found[0].Str("roleName")
			}
		}
	} else {
		name = c.p.IDs.GUID("az.role")
	}
	list := func(key string) []any {
		l, _ := in.At(key).([]any)
		if l == nil {
			return []any{}
		}
		return l
	}
	body := ojson.Obj("roleName", display, "description", in.Str("description"), "type", "CustomRole", "assignableScopes", scopes,
		"permissions", []any{ojson.Obj("actions", list("actions"), "notActions", list("notActions"), "dataActions", list("dataActions"), "notDataActions", list("notDataActions"))})
	res, err := c.arm(http.MethodPut, scoped(definitionsVersion, scope, "/providers/Microsoft.Authorization/roleDefinitions/"+pathSegment(name)), ojson.Obj("properties", body))
	if err != nil {
		return nil, err
	}
	return c.view("RoleDefinition", res.json()), nil
}

func cmdDefinitionDelete(c *call) (any, error) {
	scope, err := c.scope()
	if err != nil {
		return nil, err
	}
	list, err := c.meant()
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		if _, err := c.arm(http.MethodDelete, scoped(definitionsVersion, scope, "/providers/Microsoft.Authorization/roleDefinitions/"+r.Str("name")), nil); err != nil {
			return nil, err
		}
	}
	return nil, nil
}
