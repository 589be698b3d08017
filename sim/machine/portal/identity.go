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

// identityTabs are the tabs of a machine's blade Identity.
func identityTabs(id, tab string) blade.Section {
	return blade.Section{Tabs: []blade.Link{
		{Target: "identity.tab.system", Text: "System assigned", Path: id + "/-/identity", Current: tab == "identity"},
		{Target: "identity.tab.user", Text: "User assigned", Path: id + "/-/identity-user", Current: tab == "identity-user"},
	}}
}

// identityType is the type that Resource Manager wants for what is on.
func identityType(system, user bool) string {
	switch {
	case system && user:
		return "SystemAssigned, UserAssigned"
	case system:
		return "SystemAssigned"
	case user:
		return "UserAssigned"
	}
	return "None"
}

func (p *Portal) readVM(ctx context.Context, id string) (vm *ojson.Object, system bool, attached []string, err error) {
	vm, err = p.arm(ctx, http.MethodGet, id, computeV, nil, nil)
	return vm, strings.Contains(vm.Str("identity", "type"), "SystemAssigned"), vm.Obj("identity", "userAssignedIdentities").Keys(), err
}

// identity is the tab System assigned of a machine's blade Identity.
func (p *Portal) identity(ctx context.Context, pg *page, id string) error {
	o, system, attached, err := p.readVM(ctx, id)
	if err != nil {
		return err
	}
	now := map[bool]string{true: "on", false: "off"}[system]
	chosen := now
	if v := p.state.Pending["system"]; v != "" {
		chosen = v
	}
	section := blade.Section{Title: "System assigned", Text: "A system-assigned managed identity belongs to this machine alone and goes when the machine goes.",
		Choices: []blade.Choice{{Target: "identity", Name: "system", Label: "Status", Kind: "toggle", Value: chosen, Options: []blade.Option{{Value: "off", Text: "Off"}, {Value: "on", Text: "On"}}}}}
	pg.Sections = []blade.Section{identityTabs(id, "identity"), section}
	if principal := o.Str("identity", "principalId"); principal != "" {
		pg.Sections[1].Facts = []blade.Fact{{Target: "identity.principal", Name: "Object (principal) ID", Value: principal, Copy: true}}
		if p.state.Pending["roles"] != "" {
			if err := p.roleList(ctx, pg, principal); err != nil {
				return err
			}
		}
	}
	for _, v := range []string{"on", "off"} {
		pg.on("identity."+v, func(context.Context, map[string]string) error {
			p.state.Pending = map[string]string{"system": v}
			return nil
		})
	}
	want := func(values map[string]string) string {
		if v := values["system"]; v == "on" || v == "off" {
			return v
		}
		return chosen
	}
	next := identityType(chosen == "on", len(attached) > 0)
	flag := map[string]string{"on": "assign", "off": "remove"}[chosen]
	group, name := groupOf(id), nameOf(id)
	save := blade.Command{Target: "identity.save", Text: "Save", Primary: true, Equivalents: &blade.Equiv{
		CLI:        fmt.Sprintf("az vm identity %s -g %s -n %s", flag, group, name),
		PowerShell: fmt.Sprintf("Update-AzVM -ResourceGroupName %s -VM (Get-AzVM -ResourceGroupName %s -Name %s) -IdentityType %s", group, group, name, strings.ReplaceAll(next, ", ", "")),
		REST:       curl(http.MethodPatch, id, computeV, mustJSON(ojson.Obj("identity", ojson.Obj("type", next))))}}
	discard := blade.Command{Target: "identity.discard", Text: "Discard"}
	if chosen == now {
		save.Disabled, discard.Disabled = "Nothing was changed.", "Nothing was changed."
	}
	pg.Commands = []blade.Command{save, discard}
	if system {
		pg.Commands = append(pg.Commands, blade.Command{Target: "identity.roles", Text: "Azure role assignments", Equivalents: &blade.Equiv{CLI: "az role assignment list --all --assignee " + o.Str("identity", "principalId"),
			PowerShell: "Get-AzRoleAssignment -ObjectId " + o.Str("identity", "principalId"), REST: curl(http.MethodGet, strings.Join(strings.Split(id, "/")[:3], "/")+"/providers/Microsoft.Authorization/roleAssignments", assignmentV, "")}})
		pg.on("identity.roles", func(context.Context, map[string]string) error {
			p.state.Pending = map[string]string{"roles": "shown"}
			return nil
		})
	}
	pg.on("identity.discard", func(context.Context, map[string]string) error { p.state.Pending = nil; return nil })
	pg.on("identity.save", func(ctx context.Context, values map[string]string) error {
		on := want(values)
		if on == now {
			return fmt.Errorf("nothing was changed")
		}
		p.state.Pending = nil
		say := words{"Registering " + name + " with Microsoft Entra ID", "Registered " + name + " with Microsoft Entra ID", "Failed to register " + name + " with Microsoft Entra ID"}
		if on == "off" {
			say = words{"Unregistering " + name + " from Microsoft Entra ID", "Unregistered " + name + " from Microsoft Entra ID", "Failed to unregister " + name + " from Microsoft Entra ID"}
		}
		_, err := p.operate(ctx, http.MethodPatch, id, computeV, ojson.Obj("identity", ojson.Obj("type", identityType(on == "on", len(attached) > 0))), say)
		return err
	})
	pg.Equivalents = &blade.Equiv{CLI: fmt.Sprintf("az vm identity show -g %s -n %s", group, name), PowerShell: fmt.Sprintf("(Get-AzVM -ResourceGroupName %s -Name %s).Identity", group, name), REST: curl(http.MethodGet, id, computeV, "")}
	return nil
}

// identityUser is the tab User assigned of a machine's blade Identity.
func (p *Portal) identityUser(ctx context.Context, pg *page, id string) error {
	_, system, attached, err := p.readVM(ctx, id)
	if err != nil {
		return err
	}
	group, name := groupOf(id), nameOf(id)
	t := &blade.Table{Columns: []string{"Name", "Resource group"}, Rows: []blade.Row{}, Empty: "No user-assigned managed identity is attached."}
	pg.Sections = []blade.Section{identityTabs(id, "identity-user"), {Title: "User assigned", Text: "A user-assigned managed identity is a resource of its own, which several machines can share.", Table: t}}
	for _, key := range attached {
		remove := "identity.remove." + nameOf(key)
		body := ojson.Obj("identity", ojson.Obj("type", identityType(system, len(attached) > 1), "userAssignedIdentities", ojson.Obj(key, nil)))
		if len(attached) == 1 {
			body.Obj("identity").Delete("userAssignedIdentities")
		}
		t.Rows = append(t.Rows, blade.Row{Target: "identity." + nameOf(key), Key: key, Cells: []string{nameOf(key), groupOf(key)}, Path: key + "/-/overview",
			Commands: []blade.Command{{Target: remove, Text: "Remove", Danger: true, Equivalents: &blade.Equiv{CLI: fmt.Sprintf("az vm identity remove -g %s -n %s --identities %s", group, name, key),
				PowerShell: fmt.Sprintf("Update-AzVM -ResourceGroupName %s -VM (Get-AzVM -ResourceGroupName %s -Name %s) -IdentityType %s", group, group, name, strings.ReplaceAll(identityType(system, len(attached) > 1), ", ", "")),
				REST:       curl(http.MethodPatch, id, computeV, mustJSON(body))}}}})
		p.ask(pg, remove, question{"Remove user assigned managed identity", "Do you want to remove '" + nameOf(key) + "' from '" + name + "'? The identity itself stays.", "Yes"}, func(ctx context.Context, _ map[string]string) error {
			_, err := p.operate(ctx, http.MethodPatch, id, computeV, body, words{"Removing user assigned identity", "Removed user assigned managed identity '" + nameOf(key) + "' from '" + name + "'", "Failed to remove user assigned managed identity"})
			return err
		})
	}
	pg.Commands = []blade.Command{{Target: "identity.add", Text: "Add", Primary: true, Equivalents: &blade.Equiv{CLI: fmt.Sprintf("az vm identity assign -g %s -n %s --identities NAME", group, name)}}}
	pg.on("identity.add", func(context.Context, map[string]string) error {
		p.state.Pending = map[string]string{"adding": "yes"}
		return nil
	})
	pg.Equivalents = &blade.Equiv{CLI: fmt.Sprintf("az vm identity show -g %s -n %s", group, name), REST: curl(http.MethodGet, id, computeV, "")}
	if p.state.Pending["adding"] == "" || pg.Panel != nil {
		return nil
	}
	return p.pickIdentity(ctx, pg, id, system, attached)
}

// pickIdentity is the side panel from which a user-assigned identity is added.
func (p *Portal) pickIdentity(ctx context.Context, pg *page, id string, system bool, attached []string) error {
	sub, subName, err := p.subscription(ctx)
	if err != nil {
		return err
	}
	o, err := p.arm(ctx, http.MethodGet, sub+"/providers/Microsoft.ManagedIdentity/userAssignedIdentities", identityV, nil, nil)
	if err != nil {
		return err
	}
	search, wanted := p.filter(pg, "identity.search", "search", "Filter by identity name and/or resource group name", "")
	t := &blade.Table{Columns: []string{"Name", "Resource group"}, Rows: []blade.Row{}, Select: "one", Empty: "No user assigned managed identities found"}
	picked := p.state.Pending["picked"]
	for _, x := range items(o) {
		key := strings.Replace(x.Str("id"), "/resourcegroups/", "/resourceGroups/", 1)
		if has(strings.Join(attached, "\n")+"\n", key+"\n") || wanted != "" && !has(nameOf(key), wanted) && !has(groupOf(key), wanted) {
			continue
		}
		target := "identity.pick." + nameOf(key)
		if _, taken := pg.does[target]; taken {
			target += "." + groupOf(key)
		}
		t.Rows = append(t.Rows, blade.Row{Target: target, Key: key, Cells: []string{nameOf(key), groupOf(key)}, Selected: key == picked})
		pg.on(target, func(context.Context, map[string]string) error {
			p.state.Pending = map[string]string{"adding": "yes", "picked": key, "search": wanted}
			return nil
		})
	}
	group, name := groupOf(id), nameOf(id)
	body := ojson.Obj("identity", ojson.Obj("type", identityType(system, true), "userAssignedIdentities", ojson.Obj(picked, ojson.New())))
	add := blade.Command{Target: "identity.attach", Text: "Add", Primary: true, Equivalents: &blade.Equiv{CLI: fmt.Sprintf("az vm identity assign -g %s -n %s --identities %s", group, name, picked),
		PowerShell: fmt.Sprintf("Update-AzVM -ResourceGroupName %s -VM (Get-AzVM -ResourceGroupName %s -Name %s) -IdentityType %s -IdentityId %s", group, group, name, strings.ReplaceAll(identityType(system, true), ", ", ""), picked),
		REST:       curl(http.MethodPatch, id, computeV, mustJSON(body))}}
	if picked == "" {
		add.Disabled, add.Equivalents = "Choose an identity first.", nil
	}
	pg.Panel = &blade.Panel{Title: "Add user assigned managed identity", Sections: []blade.Section{{Facts: []blade.Fact{{Name: "Subscription", Value: subName}}, Choices: []blade.Choice{search}, Table: t}},
		Commands: []blade.Command{add, {Target: "identity.cancel", Text: "Cancel"}}}
	pg.on("identity.cancel", func(context.Context, map[string]string) error { p.state.Pending = nil; return nil })
	pg.on("identity.attach", func(ctx context.Context, _ map[string]string) error {
		if picked == "" {
			return fmt.Errorf("choose an identity first")
		}
		p.state.Pending = nil
		_, err := p.operate(ctx, http.MethodPatch, id, computeV, body, words{"Adding user assigned identity", "Added user assigned managed identity '" + nameOf(picked) + "' to '" + name + "'", "Failed to add user assigned managed identity"})
		return err
	})
	return nil
}

// roleRows are the roles that a principal was given in the subscription.
func (p *Portal) roleRows(ctx context.Context, principal string) (*blade.Table, error) {
	sub, _, err := p.subscription(ctx)
	if err != nil {
		return nil, err
	}
	o, err := p.arm(ctx, http.MethodGet, sub+"/providers/Microsoft.Authorization/roleAssignments", assignmentV, url.Values{"$filter": {"principalId eq '" + principal + "'"}}, nil)
	if err != nil {
		return nil, err
	}
	names, err := p.roleNames(ctx, sub)
	if err != nil {
		return nil, err
	}
	t := &blade.Table{Columns: []string{"Role", "Resource Name", "Resource Type", "Scope"}, Rows: []blade.Row{}, Empty: "No role assignments found for the selected subscription."}
	for _, a := range items(o) {
		at := a.Str("properties", "scope")
		shown := kindOf(at).one
		t.Rows = append(t.Rows, blade.Row{Target: "assignment." + a.Str("name"), Key: a.Str("id"), Cells: []string{names[strings.ToLower(nameOf(a.Str("properties", "roleDefinitionId")))], nameOf(at), shown, at}, Path: at + "/-/access"})
	}
	return t, nil
}

// roleList is the side panel with the roles of a machine's identity.
func (p *Portal) roleList(ctx context.Context, pg *page, principal string) error {
	t, err := p.roleRows(ctx, principal)
	if err != nil {
		return err
	}
	pg.Panel = &blade.Panel{Title: "Azure role assignments", Sections: []blade.Section{{Text: "What this identity may, in the subscription. A role is given at its scope, in Access control (IAM).", Table: t}}, Commands: []blade.Command{{Target: "identity.close", Text: "Close"}}}
	pg.on("identity.close", func(context.Context, map[string]string) error { p.state.Pending = nil; return nil })
	return nil
}

// azureRoles is the blade of a user-assigned identity with its roles.
func (p *Portal) azureRoles(ctx context.Context, pg *page, id string) error {
	o, err := p.arm(ctx, http.MethodGet, id, identityV, nil, nil)
	if err != nil {
		return err
	}
	principal := o.Str("properties", "principalId")
	t, err := p.roleRows(ctx, principal)
	if err != nil {
		return err
	}
	pg.Sections = []blade.Section{{Text: "If this identity has role assignments that you don't have permission to read, they won't be shown in the list.", Table: t}}
	pg.Equivalents = &blade.Equiv{CLI: "az role assignment list --all --assignee " + principal, PowerShell: "Get-AzRoleAssignment -ObjectId " + principal, REST: curl(http.MethodGet, strings.Join(strings.Split(id, "/")[:3], "/")+"/providers/Microsoft.Authorization/roleAssignments", assignmentV, "")}
	return nil
}

// associatedV is the last api-version with which identities list who uses them.
const associatedV = "2022-01-31-preview"

// associated is the blade of a user-assigned identity with the resources that
// use it.
func (p *Portal) associated(ctx context.Context, pg *page, id string) error {
	o, err := p.arm(ctx, http.MethodPost, id+"/listAssociatedResources", associatedV, nil, nil)
	if err != nil {
		return err
	}
	t := &blade.Table{Columns: []string{"Name", "Type", "Resource group"}, Rows: []blade.Row{}, Empty: "No resources use this identity."}
	for _, x := range items(o) {
		t.Rows = append(t.Rows, blade.Row{Target: "resource." + x.Str("name"), Key: x.Str("id"), Cells: []string{x.Str("name"), x.Str("type"), x.Str("resourceGroup")}, Path: x.Str("id") + "/-/overview"})
	}
	pg.Sections = []blade.Section{{Table: t}}
	pg.Equivalents = &blade.Equiv{CLI: fmt.Sprintf("az identity list-resources -g %s -n %s", groupOf(id), nameOf(id)), PowerShell: fmt.Sprintf("Get-AzUserAssignedIdentityAssociatedResource -ResourceGroupName %s -Name %s", groupOf(id), nameOf(id)),
		REST: curl(http.MethodPost, id+"/listAssociatedResources", associatedV, "") + " -d ''"}
	return nil
}
