package az

import (
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"skylab/sim/ojson"
)

// API versions of Microsoft.Authorization that az speaks.
const (
	assignmentsVersion = "2020-04-01-preview"
	definitionsVersion = "2018-01-01-preview"
)

var roleCommands = map[string]command{
	"role assignment create": cmdAssignmentCreate, "role assignment list": cmdAssignmentList, "role assignment delete": cmdAssignmentDelete,
}

// scope is the scope of the command: --scope, the resource group, or the
// subscription.
func (c *call) scope() (string, error) {
	scope, group := c.str("scope"), c.group()
	if scope != "" {
		if group != "" {
			return "", failf("Resource group \"%s\" is redundant because scope is supplied", group)
		}
		if strings.HasPrefix(scope, "/subscriptions/") {
			if _, ok := parseID(scope); !ok {
				return "", failf("Invalid scope. Please use --help to view the valid format.")
			}
		}
		return scope, nil
	}
	sub, err := c.subscriptionPath()
	if group != "" {
		sub += "/resourceGroups/" + group
	}
	return sub, err
}

// scoped is a path below a scope.
func scoped(version, scope, rest string) string {
	return join(version, strings.TrimRight(scope, "/"), rest)
}

var roleIDPattern = regexp.MustCompile(`(?i)^/subscriptions/.+/providers/Microsoft.Authorization/roleDefinitions/`)

// roleID is the id of a role that is given by name, GUID or id.
func (c *call) roleID(role, scope string) (string, error) {
	if roleIDPattern.MatchString(role) {
		return role, nil
	}
	sub, err := c.subscriptionPath()
	if err != nil {
		return "", err
	}
	if isGUID(role) {
		return sub + "/providers/Microsoft.Authorization/roleDefinitions/" + role, nil
	}
	list, err := c.all(scoped(definitionsVersion, or(scope, sub), "/providers/Microsoft.Authorization/roleDefinitions") + "&$filter=" + queryEscape("roleName eq '"+strings.ReplaceAll(role, "'", "''")+"'"))
	if err != nil {
		return "", err
	}
	var ids []any
	for _, e := range list {
		ids = append(ids, e.(*ojson.Object).Str("id"))
	}
	switch len(ids) {
	case 0:
		return "", failf("Role '%s' doesn't exist.", role)
	case 1:
		return ids[0].(string), nil
	}
	return "", failf("More than one role matches the given name '%s'. Please pick a value from '%v'", role, ids)
}

// principal is the object id and kind of who is meant by a sign-in name, an
// application's id or an object id.
func (c *call) principal(assignee string) (id, kind string, err error) {
	fail := func(err error) (string, string, error) {
		if statusOf(err) == 0 {
			return "", "", err
		}
		c.warn("Failed to query %s by invoking Graph API. If you don't have permission to query Graph API, please specify --assignee-object-id and --assignee-principal-type.", assignee)
		if isGUID(assignee) {
			c.warn("Assuming %s as an object ID.", assignee)
			return assignee, "", nil
		}
		return "", "", err
	}
	quoted := strings.ReplaceAll(assignee, "'", "''")
	if strings.Contains(assignee, "@") {
		list, err := c.graphList("/users?$filter=" + queryEscape("userPrincipalName eq '"+quoted+"'"))
		if err != nil {
			return fail(err)
		}
		if len(list) > 0 {
			return list[0].Str("id"), "User", nil
		}
	}
	list, err := c.graphList("/servicePrincipals?$filter=" + queryEscape("servicePrincipalNames/any(c:c eq '"+quoted+"')"))
	if err != nil {
		return fail(err)
	}
	if len(list) > 0 {
		return list[0].Str("id"), "ServicePrincipal", nil
	}
	if isGUID(assignee) {
		stubs, err := c.stubs([]string{assignee})
		if err != nil {
			return fail(err)
		}
		if len(stubs) > 0 {
			return stubs[0].Str("id"), principalKind(stubs[0].Str("@odata.type")), nil
		}
	}
	return "", "", failf("Cannot find user or service principal in graph database for '%s'. If the assignee is an appId, make sure the corresponding service principal is created with 'az ad sp create --id %s'.", assignee, assignee)
}

// principalKind is Graph's type of an object as Resource Manager names it.
func principalKind(odata string) string {
	switch odata {
	case "#microsoft.graph.user":
		return "User"
	case "#microsoft.graph.group":
		return "Group"
	case "#microsoft.graph.servicePrincipal":
		return "ServicePrincipal"
	}
	return ""
}

func cmdAssignmentCreate(c *call) (any, error) {
	assignee, object, kind := c.str("assignee"), c.str("assignee_object_id"), c.str("assignee_principal_type")
	condition, version := c.str("condition"), c.str("condition_version")
	if condition != "" && version == "" {
		version = "2.0"
	}
	switch {
	case (assignee != "") == (object != ""):
		return nil, usage("usage error: --assignee STRING | --assignee-object-id GUID")
	case kind != "" && object == "":
		return nil, usage("usage error: --assignee-object-id GUID --assignee-principal-type TYPE")
	case version != "" && condition == "":
		return nil, usage("usage error: When --condition-version is set, --condition must be set as well.")
	}
	var err error
	switch {
	case assignee != "":
		if object, kind, err = c.principal(assignee); err != nil {
			return nil, err
		}
	case kind == "":
		c.warn("RBAC service might reject creating role assignment without --assignee-principal-type in the future. Better to specify --assignee-principal-type manually.")
		stubs, err := c.stubs([]string{object})
		if err == nil && len(stubs) > 0 {
			kind = principalKind(stubs[0].Str("@odata.type"))
		}
	}
	scope, err := c.scope()
	if err != nil {
		return nil, err
	}
	o, err := c.assign(c.str("role"), object, kind, scope, c.str("assignment_name"), func(p *ojson.Object) {
		for _, m := range [][2]string{{"description", c.str("description")}, {"condition", condition}, {"conditionVersion", version}} {
			if m[1] != "" {
				p.Set(m[0], m[1])
			}
		}
	})
	if f, ok := err.(*fault); ok && f.status == http.StatusConflict && f.code == "RoleAssignmentExists" {
		list, listErr := c.searchAssignments(scope, or(assignee, object), c.str("role"), false, false)
		if listErr == nil && len(list) > 0 {
			return c.described(list[:1], scope)
		}
	}
	return o, err
}

// assign gives a role; more may add to what is sent.
func (c *call) assign(role, principal, kind, scope, name string, more func(*ojson.Object)) (any, error) {
	id, err := c.roleID(role, scope)
	if err != nil {
		return nil, err
	}
	properties := ojson.Obj("roleDefinitionId", id, "principalId", principal)
	if kind != "" {
		properties.Set("principalType", kind)
	}
	if more != nil {
		more(properties)
	}
	if name == "" {
		name = c.p.IDs.GUID("az.assignment")
	}
	res, err := c.arm(http.MethodPut, scoped(assignmentsVersion, scope, "/providers/Microsoft.Authorization/roleAssignments/"+name), ojson.Obj("properties", properties))
	if err != nil {
		return nil, err
	}
	return c.view("RoleAssignment", res.json()), nil
}

// searchAssignments lists the assignments at a scope, or of an assignee anywhere
// if scope is "".
func (c *call) searchAssignments(scope, assignee, role string, inherited, groups bool) ([]*ojson.Object, error) {
	object := ""
	if assignee != "" {
		var err error
		if object, _, err = c.principal(assignee); err != nil {
			return nil, err
		}
	}
	sub, err := c.subscriptionPath()
	if err != nil {
		return nil, err
	}
	const list = "/providers/Microsoft.Authorization/roleAssignments"
	path := scoped(assignmentsVersion, or(scope, sub), list)
	switch {
	case scope != "" && groups && object != "":
		path += "&$filter=" + queryEscape("atScope() and assignedTo('"+object+"')")
	case scope != "":
		path += "&$filter=" + queryEscape("atScope()")
	case groups && object != "":
		path += "&$filter=" + queryEscape("assignedTo('"+object+"')")
	case object != "":
		path += "&$filter=" + queryEscape("principalId eq '"+object+"'")
	}
	all, err := c.all(path)
	if err != nil {
		return nil, err
	}
	roleID := ""
	if role != "" && len(all) > 0 {
		if roleID, err = c.roleID(role, scope); err != nil {
			return nil, err
		}
	}
	var out []*ojson.Object
	for _, e := range all {
		a, ok := c.view("RoleAssignment", e).(*ojson.Object)
		if !ok {
			continue
		}
		at := a.Str("scope")
		switch {
		case scope != "" && !strings.EqualFold(at, scope) && !(inherited && len(at) <= len(scope) && strings.EqualFold(at, scope[:len(at)])):
		case roleID != "" && a.Str("roleDefinitionId") != roleID:
		case object != "" && !groups && a.Str("principalId") != object:
		default:
			out = append(out, a)
		}
	}
	return out, nil
}

// described adds the names of roles and principals to assignments.
func (c *call) described(list []*ojson.Object, scope string) (any, error) {
	out := []any{}
	if len(list) == 0 {
		return out, nil
	}
	sub, err := c.subscriptionPath()
	if err != nil {
		return nil, err
	}
	roles, err := c.all(scoped(definitionsVersion, or(scope, sub), "/providers/Microsoft.Authorization/roleDefinitions"))
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, r := range roles {
		r := r.(*ojson.Object)
		names[strings.ToLower(r.Str("id"))] = r.Str("properties", "roleName")
	}
	var ids []string
	for _, a := range list {
		if id := a.Str("principalId"); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	principals := map[string]string{}
	stubs, err := c.stubs(ids)
	if err != nil {
		c.info("Failed to resolve graph object information per error '%s'", err)
	}
	for _, s := range stubs {
		principals[s.Str("id")] = displayable(s)
	}
	for _, a := range list {
		a.Set("roleDefinitionName", none(names[strings.ToLower(a.Str("roleDefinitionId"))]))
		a.Set("principalName", principals[a.Str("principalId")])
		out = append(out, a)
	}
	return out, nil
}

// displayable is the name by which people know an object of Graph.
func displayable(o *ojson.Object) string {
	if u := o.Str("userPrincipalName"); u != "" {
		return u
	}
	if names, _ := o.At("servicePrincipalNames").([]any); len(names) > 0 {
		s, _ := names[0].(string)
		return s
	}
	return o.Str("displayName")
}

func cmdAssignmentList(c *call) (any, error) {
	scope := ""
	if c.flag("show_all") {
		if c.str("scope") != "" || c.group() != "" {
			return nil, failf("group or scope are not required when --all is used")
		}
	} else {
		var err error
		if scope, err = c.scope(); err != nil {
			return nil, err
		}
	}
	list, err := c.searchAssignments(scope, c.str("assignee"), c.str("role"), c.flag("include_inherited"), c.flag("include_groups"))
	if err != nil {
		return nil, err
	}
	return c.described(list, scope)
}

func cmdAssignmentDelete(c *call) (any, error) {
	if ids := c.list("ids"); len(ids) > 0 {
		for _, dest := range []string{"assignee", "role", "resource_group_name", "scope", "include_inherited"} {
			if c.line.Has(dest) {
				c.warn("option '%s' will be ignored due to use of '--ids'.", c.cmd.Arg(dest).Names[0])
			}
		}
		for _, id := range ids {
			if _, err := c.arm(http.MethodDelete, join(assignmentsVersion, id), nil); err != nil {
				return nil, err
			}
		}
		return nil, nil
	}
	if c.str("assignee") == "" && c.str("role") == "" && c.group() == "" && c.str("scope") == "" && !c.flag("yes") {
		sure, err := c.either("This will delete all role assignments under the subscription. Are you sure?", "", 'y', 'n', 'n')
		if err != nil {
			return nil, errNoTTY
		}
		if !sure {
			return nil, nil
		}
	}
	scope, err := c.scope()
	if err != nil {
		return nil, err
	}
	list, err := c.searchAssignments(scope, c.str("assignee"), c.str("role"), c.flag("include_inherited"), false)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, failf("No matched assignments were found to delete")
	}
	for _, a := range list {
		if _, err := c.arm(http.MethodDelete, join(assignmentsVersion, a.Str("id")), nil); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// assignNew gives a role to a principal that was just made, again and again until
// the directory knows it. there says that it has the role already.
func (c *call) assignNew(role, principal, kind, scope, name string, warn func(format string, args ...any)) (there bool, err error) {
	const times = 36
	for n := 1; ; n++ {
		_, err := c.assign(role, principal, kind, scope, name, nil)
		var f *fault
		switch {
		case err == nil:
			return false, nil
		case errors.As(err, &f) && f.code == "RoleAssignmentExists":
			return true, nil
		case n == times || f == nil || !strings.Contains(f.text, " does not exist in the directory "):
			return false, err
		}
		if err := c.p.Clock.Sleep(c.ctx, 5*time.Second); err != nil {
			return false, err
		}
		warn("Retrying role assignment creation: %d/%d", n, times)
	}
}

// assignIdentityRole gives a role to a machine's identity that was just made.
func (c *call) assignIdentityRole(role, principal, scope string) error {
	there, err := c.assignNew(role, principal, "", scope, c.p.IDs.GUID("az.assignment"), c.warn)
	if there {
		c.info("Role assignment already exists")
	}
	return err
}
