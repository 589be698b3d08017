package authorization

import (
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"skylab/sim/cloud/arm"
	"skylab/sim/cloud/rbac"
	"skylab/sim/ojson"
)

func roleBody(r rbac.Role, scope string) *ojson.Object {
	kind, scopes := "BuiltInRole", []any{"/"}
	if r.Custom {
		kind, scopes = "CustomRole", anys(r.Scopes)
	}
	return ojson.Obj("properties", ojson.Obj("roleName", r.Name, "type", kind, "description", r.Description, "assignableScopes", scopes, "permissions", []any{permissionBody(r.Permissions)},
		"createdOn", r.CreatedOn.Format(timeForm), "updatedOn", r.UpdatedOn.Format(timeForm), "createdBy", orNil(r.CreatedBy, r.CreatedBy != ""), "updatedBy", orNil(r.UpdatedBy, r.UpdatedBy != "")),
		"id", subscriptionOf(scope)+"/providers/Microsoft.Authorization/roleDefinitions/"+r.ID, "type", "Microsoft.Authorization/roleDefinitions", "name", r.ID)
}

func permissionBody(p rbac.Permissions) *ojson.Object {
	return ojson.Obj("actions", anys(p.Actions), "notActions", anys(p.NotActions), "dataActions", anys(p.DataActions), "notDataActions", anys(p.NotDataActions))
}

func anys(list []string) []any {
	out := []any{}
	for _, s := range list {
		out = append(out, s)
	}
	return out
}

func serveDefinitions(a *arm.ARM, x *arm.Request) error {
	const full = namespace + "/roleDefinitions"
	if len(x.Rest) > 0 {
		return fail(http.StatusNotFound, "NotFound", "The requested path was not found.")
	}
	verb, ok := map[string]string{http.MethodGet: "read", http.MethodPut: "write", http.MethodDelete: "delete"}[x.Method]
	if !ok || x.Name == "" && verb != "read" {
		return fail(http.StatusMethodNotAllowed, "HttpMethodNotAllowed", "The HTTP method is not allowed for this resource.")
	}
	if err := a.Authorize(x, full+"/"+verb, x.Scope); err != nil {
		return err
	}
	switch {
	case x.Name == "":
		return listDefinitions(a, x)
	case verb == "write":
		return putDefinition(a, x)
	case verb == "delete":
		r, there, err := a.Access.DeleteRole(x.Name)
		switch {
		case err != nil:
			return refused(err)
		case !there:
			x.W.WriteHeader(http.StatusNoContent)
			return nil
		}
		x.Answer(http.StatusOK, roleBody(r, x.Scope))
		return nil
	}
	r, ok := a.Access.Role(x.Name)
	if !ok {
		return fail(http.StatusNotFound, "RoleDefinitionDoesNotExist", "The specified role definition with ID '%s' does not exist.", x.Name)
	}
	x.Answer(http.StatusOK, roleBody(r, x.Scope))
	return nil
}

// listDefinitions lists the roles that can be given at the scope; with
// atScopeAndBelow() those, too, that can be given somewhere below it.
func listDefinitions(a *arm.ARM, x *arm.Request) error {
	list := []any{}
	below := false
	var keep []func(rbac.Role) bool
	for _, clause := range clauses(x) {
		switch {
		case roleName.MatchString(clause):
			name := strings.ReplaceAll(roleName.FindStringSubmatch(clause)[1], "''", "'")
			keep = append(keep, func(r rbac.Role) bool { return strings.EqualFold(r.Name, name) })
		case roleType.MatchString(clause):
			kind := roleType.FindStringSubmatch(clause)[1]
			keep = append(keep, func(r rbac.Role) bool { return strings.EqualFold(kind, "CustomRole") == r.Custom })
		case atScope.MatchString(clause):
		case atAndBelow.MatchString(clause):
			below = true
		default:
			return badFilter(clause)
		}
	}
	for _, r := range a.Access.Roles() {
		ok := !r.Custom || slices.ContainsFunc(r.Scopes, func(s string) bool {
			return rbac.Contains(s, x.Scope) || below && rbac.Contains(x.Scope, s)
		})
		for _, k := range keep {
			ok = ok && k(r)
		}
		if ok {
			list = append(list, roleBody(r, x.Scope))
		}
	}
	x.Answer(http.StatusOK, ojson.Obj("value", list))
	return nil
}

// refused makes the service's error of a problem.
func refused(err error) error {
	var p *rbac.Problem
	if !errors.As(err, &p) {
		return err
	}
	status := http.StatusBadRequest
	switch p.Code {
	case "RoleDefinitionWithSameNameExists", "RoleAssignmentExists":
		status = http.StatusConflict
	}
	return fail(status, p.Code, "%s", p.Text)
}

// putDefinition writes a custom role. Its texts: public troubleshooting pages of
// Azure RBAC.
func putDefinition(a *arm.ARM, x *arm.Request) error {
	if !guid.MatchString(x.Name) {
		return fail(http.StatusBadRequest, "InvalidRoleDefinitionId", "The role definition ID '%s' is not valid. The role definition ID must be a GUID.", x.Name)
	}
	body, err := x.Body()
	if err != nil {
		return err
	}
	p := body.Obj("properties")
	r := rbac.Role{ID: x.Name, Name: p.Str("roleName"), Description: p.Str("description"), Scopes: texts(p.At("assignableScopes"))}
	kind := p.Str("type")
	permissions, _ := p.At("permissions").([]any)
	switch {
	case r.Name == "" || len(permissions) == 0:
		return fail(http.StatusBadRequest, "InvalidRequestContent", "The request content was invalid: 'properties.roleName' and 'properties.permissions' are required.")
	case kind != "" && !strings.EqualFold(kind, "CustomRole"):
		return fail(http.StatusBadRequest, "InvalidRoleDefinitionType", "The role type '%s' is not valid: only a 'CustomRole' can be written.", kind)
	case len(permissions) > 1:
		return fail(http.StatusBadRequest, "InvalidRequestContent", "The request content was invalid: a custom role has one set of permissions.")
	case len(r.Scopes) == 0:
		return fail(http.StatusBadRequest, "InvalidRequestContent", "The request content was invalid: 'properties.assignableScopes' must name at least one scope.")
	}
	one, _ := permissions[0].(*ojson.Object)
	r.Permissions = rbac.Permissions{Actions: texts(one.At("actions")), NotActions: texts(one.At("notActions")), DataActions: texts(one.At("dataActions")), NotDataActions: texts(one.At("notDataActions"))}
	if len(r.Permissions.Actions)+len(r.Permissions.DataActions) == 0 {
		return fail(http.StatusBadRequest, "InvalidRequestContent", "The request content was invalid: a custom role has at least one action.")
	}
	if err := checkActions(r.Permissions); err != nil {
		return err
	}
	for i, s := range r.Scopes {
		if !assignable.MatchString(s) {
			return fail(http.StatusBadRequest, "LinkedInvalidPropertyId", "Property id '%s' at path 'properties.assignableScopes[%d]' is invalid. Expect fully qualified resource Id that start with '/subscriptions/{subscriptionId}' or '/providers/{resourceProviderNamespace}/'.", s, i)
		}
		r.Scopes[i] = a.Spelled(s)
		if err := a.Join(x, namespace+"/roleDefinitions/write", r.Scopes[i]); err != nil {
			return err
		}
	}
	r, created, err := a.Access.PutRole(r, x.Claims.ObjectID)
	if err != nil {
		return refused(err)
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	x.Answer(status, roleBody(r, x.Scope))
	return nil
}

// assignable are the scopes that a custom role may name.
var assignable = regexp.MustCompile(`(?i)^(/subscriptions/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(/.+)?|/providers/Microsoft\.Management/managementGroups/[^/]+)$`)

func texts(v any) []string {
	list, _ := v.([]any)
	out := []string{}
	for _, e := range list {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// checkActions refuses actions that no provider of Azure can have.
func checkActions(p rbac.Permissions) error {
	for _, c := range []struct {
		code string
		list []string
	}{{"InvalidActionOrNotAction", slices.Concat(p.Actions, p.NotActions)}, {"InvalidDataActionOrNotDataAction", slices.Concat(p.DataActions, p.NotDataActions)}} {
		for _, action := range c.list {
			provider, rest, ok := strings.Cut(action, "/")
			last := strings.ToLower(rest[strings.LastIndexByte(rest, '/')+1:])
			known := strings.Contains(provider, "*") || arm.KnownNamespace(provider)
			verb := strings.Contains(last, "*") || slices.Contains([]string{"read", "write", "delete", "action"}, last)
			if action != "*" && !(ok && known && verb) {
				return fail(http.StatusBadRequest, c.code, "'%s' does not match any of the actions supported by the providers.", action)
			}
		}
	}
	return nil
}

// servePermissions tells what the caller may do at a scope.
func servePermissions(a *arm.ARM, x *arm.Request) error {
	if x.Method != http.MethodGet || x.Name != "" {
		return fail(http.StatusMethodNotAllowed, "HttpMethodNotAllowed", "The HTTP method is not allowed for this resource.")
	}
	list := []any{}
	for _, p := range a.Access.Effective(x.Claims.ObjectID, x.Scope) {
		list = append(list, permissionBody(p))
	}
	x.Answer(http.StatusOK, ojson.Obj("value", list))
	return nil
}

// serveDenyAssignments lists deny assignments: there are none, for only Azure
// itself makes them.
func serveDenyAssignments(a *arm.ARM, x *arm.Request) error {
	if x.Method != http.MethodGet {
		return fail(http.StatusMethodNotAllowed, "HttpMethodNotAllowed", "The HTTP method is not allowed for this resource.")
	}
	if err := a.Authorize(x, namespace+"/denyAssignments/read", x.Scope); err != nil {
		return err
	}
	if x.Name != "" {
		return fail(http.StatusNotFound, "DenyAssignmentNotFound", "The deny assignment '%s' is not found.", x.Name)
	}
	x.Answer(http.StatusOK, ojson.Obj("value", []any{}))
	return nil
}
