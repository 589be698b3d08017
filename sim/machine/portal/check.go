package portal

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"skylab/sim/machine/portal/blade"
	"skylab/sim/ojson"
)

// checkAccess is the tab Check access: what a principal may at a scope, directly
// or by a group.
func (p *Portal) checkAccess(ctx context.Context, pg *page, scope string) error {
	if err := p.accessPage(ctx, pg, scope, "check-access"); err != nil {
		return err
	}
	mine := blade.Command{Target: "check.mine", Text: "View my access", Equivalents: &blade.Equiv{CLI: "az role assignment list --assignee " + p.Account + " --include-inherited --include-groups --scope " + scope,
		PowerShell: "Get-AzRoleAssignment -SignInName " + p.Account + " -ExpandPrincipalGroups -Scope " + scope}}
	pg.Commands = append(pg.Commands, mine)
	show := func(id, name string) func(context.Context, map[string]string) error {
		return func(context.Context, map[string]string) error {
			p.state.Pending = map[string]string{"who": p.state.Pending["who"], "checked": id, "checkedName": name}
			return nil
		}
	}
	pg.on("check.mine", func(ctx context.Context, values map[string]string) error {
		me, err := p.graph(ctx, http.MethodGet, "/me", nil, nil)
		if err != nil {
			return err
		}
		return show(me.Str("id"), me.Str("displayName"))(ctx, values)
	})
	search, who := p.filter(pg, "check.search", "who", "Find (user, group, or service principal)", "")
	s := blade.Section{Title: "Check access", Text: "Review the level of access a user, group, service principal, or managed identity has to this resource.", Choices: []blade.Choice{search}}
	if who != "" {
		found, err := p.choosable(ctx, who)
		if err != nil {
			return err
		}
		managed, err := p.managed(ctx, who)
		if err != nil {
			return err
		}
		s.Table = &blade.Table{Columns: []string{"Name", "Type", "Object ID"}, Rows: []blade.Row{}, Select: "one", Empty: "Nobody has this at the beginning of the name."}
		for _, x := range append(found, managed...) {
			name := x.Name
			if x.by != "" {
				name += " (" + x.by + ")"
			}
			target := "check." + x.Name
			if _, taken := pg.does[target]; taken {
				target += "." + x.ID
			}
			s.Table.Rows = append(s.Table.Rows, blade.Row{Target: target, Key: x.ID, Cells: []string{name, x.shown, x.ID}, Selected: p.state.Pending["checked"] == x.ID})
			pg.on(target, show(x.ID, x.Name))
		}
	}
	pg.Sections = append(pg.Sections, s)
	id := p.state.Pending["checked"]
	if id == "" || pg.Panel != nil {
		return nil
	}
	rows, err := p.assignmentsOf(ctx, scope, id)
	if err != nil {
		return err
	}
	t := &blade.Table{Columns: []string{"Role", "Scope", "Group assignment"}, Rows: rows, Empty: "No role assignments found"}
	pg.Panel = &blade.Panel{Title: p.state.Pending["checkedName"] + " assignments - " + nameOf(scope), Sections: []blade.Section{{Title: fmt.Sprintf("Current role assignments (%d)", len(rows)), Table: t}},
		Commands: []blade.Command{{Target: "check.close", Text: "Close"}}}
	pg.on("check.close", func(context.Context, map[string]string) error {
		p.state.Pending = map[string]string{"who": p.state.Pending["who"]}
		return nil
	})
	return nil
}

// managed lists the managed identities whose names begin with a text.
func (p *Portal) managed(ctx context.Context, search string) ([]person, error) {
	o, err := p.graph(ctx, http.MethodGet, "/servicePrincipals", url.Values{"$filter": {"servicePrincipalType eq 'ManagedIdentity' and startswith(displayName,'" + strings.ReplaceAll(search, "'", "''") + "')"}, "$top": {"100"}}, nil)
	if err != nil {
		return nil, err
	}
	var out []person
	for _, x := range items(o) {
		out = append(out, personOf(x, "ServicePrincipal"))
	}
	return out, nil
}

// assignmentsOf are the roles that a principal has at a scope and above it, by
// itself and by its groups.
func (p *Portal) assignmentsOf(ctx context.Context, scope, id string) ([]blade.Row, error) {
	o, err := p.arm(ctx, http.MethodGet, scope+"/providers/Microsoft.Authorization/roleAssignments", assignmentV, url.Values{"$filter": {"assignedTo('" + id + "')"}}, nil)
	if err != nil {
		return nil, err
	}
	names, err := p.roleNames(ctx, scope)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, a := range items(o) {
		ids = append(ids, a.Str("properties", "principalId"))
	}
	people, err := p.people(ctx, ids)
	if err != nil {
		return nil, err
	}
	rows := []blade.Row{}
	for _, a := range items(o) {
		at, holder := a.Str("properties", "scope"), a.Str("properties", "principalId")
		if !has(scope+"/", at+"/") {
			continue // below the scope
		}
		group := "--"
		if holder != id {
			group = people[holder].Name
		}
		where := "This resource"
		if !strings.EqualFold(at, scope) {
			where = at + " (Inherited)"
		}
		rows = append(rows, blade.Row{Target: "assignment." + a.Str("name"), Key: a.Str("id"), Cells: []string{names[strings.ToLower(nameOf(a.Str("properties", "roleDefinitionId")))], where, group}})
	}
	return rows, nil
}

// rolesTab is the tab Roles: all definitions, each with its permissions.
func (p *Portal) rolesTab(ctx context.Context, pg *page, scope string) error {
	if err := p.accessPage(ctx, pg, scope, "roles"); err != nil {
		return err
	}
	o, err := p.arm(ctx, http.MethodGet, scope+roles, assignmentV, nil, nil)
	if err != nil {
		return err
	}
	search, wanted := p.filter(pg, "roles.search", "search", "Search by role name or description", "")
	kind, only := p.filter(pg, "roles.type", "type", "Type", "all", blade.Option{Value: "all", Text: "All"}, blade.Option{Value: "BuiltInRole", Text: "Built-in"}, blade.Option{Value: "CustomRole", Text: "Custom"})
	t := &blade.Table{Columns: []string{"Name", "Description", "Type", "Details"}, Rows: []blade.Row{}, Select: "one", Empty: "No role has this in its name or description."}
	var chosen *ojson.Object
	for _, r := range inOrder(items(o)) {
		name, text, of := r.Str("properties", "roleName"), r.Str("properties", "description"), r.Str("properties", "type")
		target := "definition." + name
		pg.on(target, func(context.Context, map[string]string) error {
			p.state.Pending = map[string]string{"search": wanted, "type": only, "role": r.Str("name")}
			return nil
		})
		if p.state.Pending["role"] == r.Str("name") {
			chosen = r
		}
		if wanted != "" && !has(name, wanted) && !has(text, wanted) || only != "all" && of != only {
			continue
		}
		t.Rows = append(t.Rows, blade.Row{Target: target, Key: r.Str("name"), Cells: []string{name, text, of, "View"}})
	}
	pg.Sections = append(pg.Sections, blade.Section{Choices: []blade.Choice{search, kind}, Table: t})
	pg.Equivalents = &blade.Equiv{CLI: "az role definition list --scope " + scope + " -o table", PowerShell: "Get-AzRoleDefinition -Scope " + scope, REST: curl(http.MethodGet, scope+roles, assignmentV, "")}
	if chosen == nil || pg.Panel != nil {
		return nil
	}
	permissions := &blade.Table{Columns: []string{"Type", "Permission"}, Rows: []blade.Row{}}
	list, _ := chosen.At("properties", "permissions").([]any)
	for _, v := range list {
		x, _ := v.(*ojson.Object)
		for _, k := range []string{"actions", "notActions", "dataActions", "notDataActions"} {
			values, _ := x.At(k).([]any)
			for _, action := range values {
				permissions.Rows = append(permissions.Rows, blade.Row{Target: fmt.Sprint(k, ".", action), Key: fmt.Sprint(k, action), Cells: []string{k, fmt.Sprint(action)}})
			}
		}
	}
	code, err := ojson.Indent(chosen, "  ", "\n")
	if err != nil {
		return fmt.Errorf("print the role: %w", err)
	}
	pg.Panel = &blade.Panel{Title: chosen.Str("properties", "roleName"), Sections: []blade.Section{{Text: chosen.Str("properties", "description")}, {Title: "Permissions", Table: permissions}, {Title: "JSON", Code: string(code)}},
		Commands: []blade.Command{{Target: "definition.close", Text: "Close"}}}
	pg.on("definition.close", func(context.Context, map[string]string) error {
		p.state.Pending = map[string]string{"search": wanted, "type": only}
		return nil
	})
	return nil
}
