// Package authorization is Microsoft.Authorization in Resource Manager: role
// assignments at every scope, and role definitions (facts/azure-wire.md §4.9).
// What they mean is sim/cloud/rbac's matter; this package only speaks it.
package authorization

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"skylab/sim/cloud/arm"
	"skylab/sim/cloud/rbac"
	"skylab/sim/ojson"
)

const namespace = "Microsoft.Authorization"

// Types returns the resource types of the namespace.
func Types() []*arm.Type {
	return []*arm.Type{
		{Namespace: namespace, Name: "roleAssignments", Extension: true, Serve: serveAssignments,
			Versions: strings.Fields("2022-04-01 2020-10-01-preview 2020-08-01-preview 2020-04-01-preview 2020-03-01-preview 2018-12-01-preview 2018-09-01-preview 2018-07-01 2018-01-01-preview 2017-10-01-preview 2017-09-01 2017-05-01 2016-07-01 2015-07-01 2015-06-01 2015-05-01-preview 2014-10-01-preview 2014-07-01-preview 2014-04-01-preview")},
		{Namespace: namespace, Name: "roleDefinitions", Extension: true, Serve: serveDefinitions,
			Versions: strings.Fields("2022-05-01-preview 2022-04-01 2018-07-01 2018-01-01-preview 2017-09-01 2017-05-01 2016-07-01 2015-07-01 2015-06-01 2015-05-01-preview 2014-10-01-preview 2014-07-01-preview 2014-04-01-preview")},
		{Namespace: namespace, Name: "permissions", Extension: true, Serve: servePermissions, Versions: strings.Fields("2022-05-01-preview 2022-04-01 2018-07-01 2018-01-01-preview 2016-07-01 2015-07-01 2015-06-01")},
		{Namespace: namespace, Name: "denyAssignments", Extension: true, Serve: serveDenyAssignments, Versions: strings.Fields("2022-04-01 2018-07-01-preview 2018-07-01")},
	}
}

func fail(status int, code, format string, args ...any) error {
	return &arm.Error{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// timeForm is how these answers print times: seven decimals.
const timeForm = "2006-01-02T15:04:05.0000000Z"

// subscriptionOf returns "/subscriptions/{id}" of a scope, or "".
func subscriptionOf(scope string) string {
	parts := strings.Split(scope, "/")
	if len(parts) < 3 || !strings.EqualFold(parts[1], "subscriptions") {
		return ""
	}
	return "/subscriptions/" + parts[2]
}

// assignmentBody is an assignment at an api-version. fresh is the answer to the
// PUT that made it, in which createdBy is null.
func assignmentBody(x rbac.Assignment, version string, fresh bool) *ojson.Object {
	p := ojson.Obj("roleDefinitionId", subscriptionOf(x.Scope)+"/providers/Microsoft.Authorization/roleDefinitions/"+x.RoleID, "principalId", x.PrincipalID)
	if version >= "2018-01-01-preview" {
		p.Set("principalType", x.PrincipalType)
	}
	p.Set("scope", x.Scope)
	full := version >= "2020-03-01-preview"
	if full {
		p.Set("condition", orNil(x.Condition, x.Condition != ""))
		p.Set("conditionVersion", orNil(x.ConditionVersion, x.ConditionVersion != ""))
	}
	p.Set("createdOn", x.CreatedOn.Format(timeForm))
	p.Set("updatedOn", x.UpdatedOn.Format(timeForm))
	p.Set("createdBy", orNil(x.CreatedBy, !fresh))
	p.Set("updatedBy", x.UpdatedBy)
	if full {
		p.Set("delegatedManagedIdentityResourceId", nil)
		p.Set("description", orNil(x.Description, x.Description != ""))
	}
	return ojson.Obj("properties", p, "id", x.ID(), "type", "Microsoft.Authorization/roleAssignments", "name", x.Name)
}

func orNil(s string, show bool) any {
	if show {
		return s
	}
	return nil
}

var guid = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)

func serveAssignments(a *arm.ARM, x *arm.Request) error {
	x.W.Header().Set("Set-Cookie", "x-ms-gateway-slice=Production; path=/; secure; samesite=none; httponly")
	const full = namespace + "/roleAssignments"
	id := strings.TrimSuffix(x.Scope, "/") + "/providers/" + full + "/" + x.Name
	if len(x.Rest) > 0 {
		return fail(http.StatusNotFound, "NotFound", "The requested path was not found.")
	}
	switch {
	case x.Name == "" && x.Method == http.MethodGet:
		if err := a.Authorize(x, full+"/read", x.Scope); err != nil {
			return err
		}
		return listAssignments(a, x)
	case x.Name == "":
	case !guid.MatchString(x.Name):
		return fail(http.StatusBadRequest, "InvalidRoleAssignmentId", "The role assignment ID '%s' is not valid. The role assignment ID must be a GUID.", x.Name)
	case x.Method == http.MethodGet:
		if err := a.Authorize(x, full+"/read", x.Scope); err != nil {
			return err
		}
		for _, y := range a.Access.Assignments() {
			if strings.EqualFold(y.ID(), id) {
				x.Answer(http.StatusOK, assignmentBody(y, x.Version, false))
				return nil
			}
		}
		return fail(http.StatusNotFound, "RoleAssignmentNotFound", "The role assignment '%s' is not found.", x.Name)
	case x.Method == http.MethodPut:
		if err := a.Authorize(x, full+"/write", x.Scope); err != nil {
			return err
		}
		return putAssignment(a, x)
	case x.Method == http.MethodDelete:
		if err := a.Authorize(x, full+"/delete", x.Scope); err != nil {
			return err
		}
		y, ok := a.Access.Unassign(x.Scope, x.Name)
		if !ok {
			x.W.WriteHeader(http.StatusNoContent)
			return nil
		}
		x.Answer(http.StatusOK, assignmentBody(y, x.Version, false))
		return nil
	}
	return fail(http.StatusMethodNotAllowed, "HttpMethodNotAllowed", "The HTTP method is not allowed for this resource.")
}

// kinds are the types of principals that an assignment may name.
var kinds = []string{"User", "Group", "ServicePrincipal", "ForeignGroup", "Device"}

func putAssignment(a *arm.ARM, x *arm.Request) error {
	// A group that does not exist, a name with a blank at its end among them, has
	// no assignments (facts/snippets.md §A2, line 3749).
	if err := a.CheckGroup(x.Scope); err != nil {
		return err
	}
	body, err := x.Body()
	if err != nil {
		return err
	}
	p := body.Obj("properties")
	role, principal := p.Str("roleDefinitionId"), p.Str("principalId")
	switch {
	case role == "" || principal == "":
		return fail(http.StatusBadRequest, "InvalidRequestContent", "The request content was invalid: 'properties.roleDefinitionId' and 'properties.principalId' are required.")
	case !guid.MatchString(principal):
		return fail(http.StatusBadRequest, "InvalidPrincipalId", "A valid principal ID must be provided for role assignment.")
	}
	want := rbac.Assignment{Name: x.Name, Scope: a.Spelled(x.Scope), RoleID: strings.ToLower(role[strings.LastIndexByte(role, '/')+1:]), PrincipalID: strings.ToLower(principal),
		PrincipalType: p.Str("principalType"), Description: p.Str("description"), Condition: p.Str("condition"), ConditionVersion: p.Str("conditionVersion")}
	if k := want.PrincipalType; k != "" {
		i := slices.IndexFunc(kinds, func(s string) bool { return strings.EqualFold(s, k) })
		if i < 0 {
			return fail(http.StatusBadRequest, "InvalidPrincipalType", "The principal type '%s' is not valid. It must be one of %s.", k, strings.Join(kinds, ", "))
		}
		want.PrincipalType = kinds[i]
	}
	before := len(a.Access.Assignments())
	got, err := a.Access.Assign(want, x.Claims.ObjectID)
	if err != nil {
		return refused(err)
	}
	status := http.StatusOK
	if len(a.Access.Assignments()) > before {
		status = http.StatusCreated
	}
	x.Answer(status, assignmentBody(got, x.Version, true))
	return nil
}

var (
	byPrincipal = regexp.MustCompile(`(?i)^principalId\s+eq\s+'([^']*)'$`)
	assignedTo  = regexp.MustCompile(`(?i)^assignedTo\('([^']*)'\)$`)
	atScope     = regexp.MustCompile(`(?i)^atScope\(\)$`)
	atAndBelow  = regexp.MustCompile(`(?i)^atScopeAndBelow\(\)$`)
	roleName    = regexp.MustCompile(`(?i)^roleName\s+eq\s+'((?:[^']|'')*)'$`)
	roleType    = regexp.MustCompile(`(?i)^type\s+eq\s+'([^']*)'$`)
	and         = regexp.MustCompile(`(?i)\s+and\s+`)
)

// listAssignments lists what is at, above and below the scope; atScope() leaves
// out what is below (facts/recorded.md §5.4).
func listAssignments(a *arm.ARM, x *arm.Request) error {
	var keep []func(rbac.Assignment) bool
	for _, clause := range clauses(x) {
		switch {
		case atScope.MatchString(clause):
			keep = append(keep, func(y rbac.Assignment) bool { return rbac.Contains(y.Scope, x.Scope) })
		case byPrincipal.MatchString(clause):
			id := byPrincipal.FindStringSubmatch(clause)[1]
			keep = append(keep, func(y rbac.Assignment) bool { return strings.EqualFold(y.PrincipalID, id) })
		case assignedTo.MatchString(clause):
			id := assignedTo.FindStringSubmatch(clause)[1]
			groups := a.Directory.Groups(id)
			keep = append(keep, func(y rbac.Assignment) bool {
				return strings.EqualFold(y.PrincipalID, id) || slices.Contains(groups, strings.ToLower(y.PrincipalID))
			})
		default:
			return badFilter(clause)
		}
	}
	list := []any{}
	for _, y := range a.Access.Assignments() {
		ok := rbac.Contains(y.Scope, x.Scope) || rbac.Contains(x.Scope, y.Scope)
		for _, k := range keep {
			ok = ok && k(y)
		}
		if ok {
			list = append(list, assignmentBody(y, x.Version, false))
		}
	}
	x.Answer(http.StatusOK, ojson.Obj("value", list))
	return nil
}

// clauses returns the parts of $filter that are joined by "and".
func clauses(x *arm.Request) []string {
	f := strings.TrimSpace(x.URL.Query().Get("$filter"))
	if f == "" {
		return nil
	}
	return and.Split(f, -1)
}

func badFilter(clause string) error {
	return fail(http.StatusBadRequest, "BadRequestFormat", "The filter '%s' is not supported. Supported filters are either 'atScope()' or 'principalId eq '{value}' or assignedTo('{value}')'.", clause)
}
