package portal

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"skylab/sim/machine/portal/blade"
	"skylab/sim/ojson"
)

// Wizard is the open "Add role assignment", as far as it is filled in.
type Wizard struct {
	Step      string   `json:"step"` // "role", "members", "review"
	RoleID    string   `json:"roleId,omitempty"`
	Role      string   `json:"role,omitempty"`
	AssignTo  string   `json:"assignTo"`          // "user" or "identity"
	Kind      string   `json:"kind,omitempty"`    // of managed identity: "vm", "user-assigned"
	Selecting bool     `json:"selecting"`         // the panel Select members is open
	Members   []Member `json:"members,omitempty"` // chosen
	Search    string   `json:"search,omitempty"`  // in the names of roles
	Who       string   `json:"who,omitempty"`     // search in the names of members
}

// Member is a principal that gets the role.
type Member struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Kind string `json:"kind,omitempty"` // "User", "Group" or "ServicePrincipal", if known
}

const roles = "/providers/Microsoft.Authorization/roleDefinitions"

// accessTabs are the tabs of Access control (IAM), by the ends of their paths.
var accessTabs = []menuEntry{{"check-access", "Check access"}, {"access", "Role assignments"}, {"roles", "Roles"}, {"deny", "Deny assignments"}, {"classic", "Classic administrators"}}

// accessPage is what the tabs of Access control (IAM) have in common.
func (p *Portal) accessPage(ctx context.Context, pg *page, scope, tab string) error {
	s := blade.Section{}
	for _, e := range accessTabs {
		target := "access.tab." + map[string]string{"check-access": "check", "access": "assignments"}[e.name]
		if target == "access.tab." {
			target += e.name
		}
		s.Tabs = append(s.Tabs, blade.Link{Target: target, Text: e.text, Path: scope + "/-/" + e.name, Current: e.name == tab})
	}
	pg.Sections = []blade.Section{s}
	pg.Commands = []blade.Command{{Target: "access.add", Text: "Add role assignment", Primary: true, Equivalents: p.grantEquiv(scope)}}
	pg.on("access.add", func(context.Context, map[string]string) error {
		p.state.Wizard = &Wizard{Step: "role", AssignTo: "user"}
		return nil
	})
	if p.state.Wizard == nil {
		return nil
	}
	definitions, err := p.arm(ctx, "GET", scope+roles, assignmentV, nil, nil)
	if err != nil {
		return err
	}
	return p.wizard(ctx, pg, scope, inOrder(items(definitions)))
}

func denied(text string) func(*Portal, context.Context, *page, string) error {
	return func(p *Portal, ctx context.Context, pg *page, scope string) error {
		tab := "deny"
		if text != "Deny assignments" {
			tab = "classic"
		}
		if err := p.accessPage(ctx, pg, scope, tab); err != nil {
			return err
		}
		s := pg.Sections
		absent(pg, text)
		pg.Sections = append(s, pg.Sections...)
		return nil
	}
}

// roleNames are the names of the roles at a scope, by their GUIDs.
func (p *Portal) roleNames(ctx context.Context, scope string) (map[string]string, error) {
	definitions, err := p.arm(ctx, "GET", scope+roles, assignmentV, nil, nil)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, r := range items(definitions) {
		names[strings.ToLower(r.Str("name"))] = r.Str("properties", "roleName")
	}
	return names, nil
}

// access is the tab Role assignments, the same at every scope: grouped by role.
func (p *Portal) access(ctx context.Context, pg *page, scope string) error {
	if err := p.accessPage(ctx, pg, scope, "access"); err != nil {
		return err
	}
	assigned, err := p.arm(ctx, "GET", scope+"/providers/Microsoft.Authorization/roleAssignments", assignmentV, url.Values{"$filter": {"atScope()"}}, nil)
	if err != nil {
		return err
	}
	names, err := p.roleNames(ctx, scope)
	if err != nil {
		return err
	}
	var ids []string
	for _, a := range items(assigned) {
		ids = append(ids, a.Str("properties", "principalId"))
	}
	people, err := p.people(ctx, ids)
	if err != nil { // the assignments are still worth showing
		p.notice("info", "Names of principals", err.Error())
	}
	search, wanted := p.filter(pg, "access.search", "search", "Search by name or email", "")
	byRole := map[string]*blade.Table{}
	var order []string
	for _, a := range items(assigned) {
		props := a.Obj("properties")
		where := "This resource"
		if !strings.EqualFold(props.Str("scope"), scope) {
			where = "Inherited from " + props.Str("scope")
		}
		principal, kind := props.Str("principalId"), props.Str("principalType")
		if x, ok := people[strings.ToLower(principal)]; ok {
			principal, kind = x.Name, x.shown
			if x.by != "" {
				principal += " (" + x.by + ")"
			}
		} else if err == nil {
			principal, kind = "Identity not found. "+principal, "Unknown"
		}
		role := names[strings.ToLower(nameOf(props.Str("roleDefinitionId")))]
		row := blade.Row{Target: "assignment." + a.Str("name"), Key: a.Str("id"), Cells: []string{principal, kind, role, where}}
		if where == "This resource" {
			remove := "assignment.remove." + a.Str("name")
			row.Commands = []blade.Command{{Target: remove, Text: "Remove", Danger: true, Equivalents: &blade.Equiv{CLI: "az role assignment delete --ids " + a.Str("id"),
				PowerShell: fmt.Sprintf("Remove-AzRoleAssignment -ObjectId %s -RoleDefinitionName '%s' -Scope %s", props.Str("principalId"), role, scope), REST: curl("DELETE", a.Str("id"), assignmentV, "")}}}
			p.ask(pg, remove, question{"Remove role assignments", "Do you want to remove the selected role assignments?\n" + principal + ": " + role, "Yes"}, func(ctx context.Context, _ map[string]string) error {
				if _, err := p.arm(ctx, "DELETE", a.Str("id"), assignmentV, nil, nil); err != nil {
					return err
				}
				p.notice("done", "Removed role assignment", "The role "+role+" was taken away at "+nameOf(scope)+".")
				return nil
			})
		}
		if wanted != "" && !has(principal, wanted) {
			continue
		}
		t := byRole[role]
		if t == nil {
			t = &blade.Table{Columns: []string{"Principal", "Type", "Role", "Scope"}, Rows: []blade.Row{}}
			byRole[role], order = t, append(order, role)
		}
		t.Rows = append(t.Rows, row)
	}
	slices.Sort(order)
	title := fmt.Sprintf("All (%d)", len(items(assigned)))
	pg.Sections = append(pg.Sections, blade.Section{Title: title, Choices: []blade.Choice{search}})
	if len(order) == 0 {
		pg.Sections = append(pg.Sections, blade.Section{Table: &blade.Table{Columns: []string{"Principal"}, Rows: []blade.Row{}, Empty: "Nobody has a role here."}})
	}
	for _, role := range order {
		pg.Sections = append(pg.Sections, blade.Section{Title: fmt.Sprintf("%s (%d)", role, len(byRole[role].Rows)), Table: byRole[role]})
	}
	pg.Equivalents = &blade.Equiv{CLI: "az role assignment list --scope " + scope, PowerShell: "Get-AzRoleAssignment -Scope " + scope, REST: curl("GET", scope+"/providers/Microsoft.Authorization/roleAssignments", assignmentV, "")}
	return nil
}

// grantEquiv is the open wizard said to other tools, with what is chosen so far.
func (p *Portal) grantEquiv(scope string) *blade.Equiv {
	role, roleID, principal := "ROLE", "ROLE-ID", "PRINCIPAL-ID"
	if w := p.state.Wizard; w != nil {
		if w.RoleID != "" {
			role, roleID = w.Role, w.RoleID
		}
		if len(w.Members) > 0 {
			principal = w.Members[0].ID
		}
	}
	sub := strings.Join(strings.Split(scope, "/")[:3], "/")
	return &blade.Equiv{
		CLI:        fmt.Sprintf("az role assignment create --assignee %s --role '%s' --scope %s", principal, role, scope),
		PowerShell: fmt.Sprintf("New-AzRoleAssignment -ObjectId %s -RoleDefinitionName '%s' -Scope %s", principal, role, scope),
		REST:       curl("PUT", scope+"/providers/Microsoft.Authorization/roleAssignments/$(uuidgen)", assignmentV, fmt.Sprintf(`{"properties":{"roleDefinitionId":"%s%s/%s","principalId":"%s"}}`, sub, roles, roleID, principal)),
	}
}

// wizardSteps are the tabs of today's portal, in order.
var wizardSteps = []menuEntry{{"role", "Role"}, {"members", "Members"}, {"review", "Review + assign"}}

func (p *Portal) wizard(ctx context.Context, pg *page, scope string, definitions []*ojson.Object) error {
	w := p.state.Wizard
	panel := &blade.Panel{Title: "Add role assignment"}
	to := func(step string) func(context.Context, map[string]string) error {
		return func(_ context.Context, values map[string]string) error {
			w.take(values)
			w.Step, w.Selecting = step, false
			return nil
		}
	}
	for i, s := range wizardSteps {
		panel.Steps = append(panel.Steps, blade.Link{Target: "step." + s.name, Text: s.text, Current: w.Step == s.name})
		pg.on("step."+s.name, to(s.name))
		if s.name != w.Step {
			continue
		}
		if i > 0 {
			panel.Commands = append(panel.Commands, blade.Command{Target: "wizard.back", Text: "Previous"})
			pg.on("wizard.back", to(wizardSteps[i-1].name))
		}
		if i+1 < len(wizardSteps) {
			panel.Commands = append(panel.Commands, blade.Command{Target: "wizard.next", Text: "Next", Primary: true})
			pg.on("wizard.next", to(wizardSteps[i+1].name))
		}
	}
	panel.Commands = append(panel.Commands, blade.Command{Target: "wizard.cancel", Text: "Cancel"})
	pg.on("wizard.cancel", func(context.Context, map[string]string) error { p.state.Wizard = nil; return nil })
	pg.Panel = panel
	switch w.Step {
	case "role":
		p.roleStep(pg, definitions)
	case "members":
		return p.memberStep(ctx, pg)
	default:
		p.reviewStep(pg, scope)
	}
	return nil
}

// take keeps the values of the wizard's fields.
func (w *Wizard) take(values map[string]string) {
	if v, ok := values["search"]; ok {
		w.Search = v
	}
	if v, ok := values["who"]; ok {
		w.Who = v
	}
	if v, ok := values["assignTo"]; ok && (v == "user" || v == "identity") && v != w.AssignTo {
		w.AssignTo, w.Members = v, nil
	}
}

func (p *Portal) roleStep(pg *page, definitions []*ojson.Object) {
	w := p.state.Wizard
	t := &blade.Table{Columns: []string{"Name", "Description", "Type"}, Rows: []blade.Row{}, Select: "one", Field: "role", Empty: "No role has this in its name."}
	for _, r := range definitions {
		name := r.Str("properties", "roleName")
		target := "role." + name
		pg.on(target, func(context.Context, map[string]string) error {
			w.RoleID, w.Role = r.Str("name"), name
			return nil
		})
		if w.Search != "" && !strings.Contains(strings.ToLower(name), strings.ToLower(w.Search)) {
			continue
		}
		t.Rows = append(t.Rows, blade.Row{Target: target, Key: r.Str("name"), Cells: []string{name, r.Str("properties", "description"), r.Str("properties", "type")}, Selected: w.RoleID == r.Str("name")})
	}
	search := blade.Choice{Target: "role.search", Name: "search", Label: "Search by role name", Kind: "search", Value: w.Search}
	pg.Panel.Sections = []blade.Section{{Choices: []blade.Choice{search}}, {Table: t}}
	pg.on("role.search", func(_ context.Context, values map[string]string) error { w.take(values); return nil })
}

func (p *Portal) memberStep(ctx context.Context, pg *page) error {
	w := p.state.Wizard
	kind := blade.Choice{Target: "members.kind", Name: "assignTo", Label: "Assign access to", Kind: "radio", Value: w.AssignTo, Options: []blade.Option{{Value: "user", Text: "User, group, or service principal"}, {Value: "identity", Text: "Managed identity"}}}
	pg.on("members.kind", func(_ context.Context, values map[string]string) error { w.take(values); return nil })
	for _, o := range kind.Options {
		pg.on("members.kind."+o.Value, func(context.Context, map[string]string) error {
			w.take(map[string]string{"assignTo": o.Value})
			return nil
		})
	}
	chosen := &blade.Table{Columns: []string{"Name", "Object ID"}, Rows: []blade.Row{}, Empty: "No members selected"}
	for _, m := range w.Members {
		chosen.Rows = append(chosen.Rows, blade.Row{Target: "chosen." + m.Name, Key: m.ID, Cells: []string{m.Name, m.ID}})
	}
	pg.Panel.Sections = []blade.Section{{Facts: []blade.Fact{{Name: "Selected role", Value: orNone(w.Role)}}, Choices: []blade.Choice{kind}}, {Title: "Members", Table: chosen}}
	pg.Panel.Commands = append([]blade.Command{{Target: "members.select", Text: "+ Select members"}}, pg.Panel.Commands...)
	pg.on("members.select", func(_ context.Context, values map[string]string) error {
		w.take(values)
		w.Selecting = true
		if w.Kind == "" {
			w.Kind = "vm"
		}
		return nil
	})
	if !w.Selecting {
		return nil
	}
	return p.selectMembers(ctx, pg)
}

func orNone(s string) string {
	if s == "" {
		return "None"
	}
	return s
}

// selectMembers is the side panel with the principals to choose from.
func (p *Portal) selectMembers(ctx context.Context, pg *page) error {
	w := p.state.Wizard
	t := &blade.Table{Columns: []string{"Name", "Type", "Object ID"}, Rows: []blade.Row{}, Select: "many", Field: "members", Empty: "There is nobody of this kind."}
	section := blade.Section{Title: "Select members", Table: t}
	var candidates []person
	var err error
	if w.AssignTo == "user" {
		t.Empty = "Nobody has this at the beginning of the name."
		section.Choices = []blade.Choice{{Target: "members.search", Name: "who", Label: "Search by name or email address", Kind: "search", Value: w.Who}}
		pg.on("members.search", func(_ context.Context, values map[string]string) error { w.take(values); return nil })
		if candidates, err = p.choosable(ctx, w.Who); err != nil {
			return err
		}
	} else {
		sub, name, err := p.subscription(ctx)
		if err != nil {
			return err
		}
		section.Facts = []blade.Fact{{Name: "Subscription", Value: name}}
		section.Choices = []blade.Choice{{Target: "members.type", Name: "kind", Label: "Managed identity", Kind: "select", Value: w.Kind, Options: []blade.Option{{Value: "vm", Text: "Virtual machine"}, {Value: "user-assigned", Text: "User-assigned managed identity"}}}}
		for _, o := range section.Choices[0].Options {
			pg.on("members.type."+o.Value, func(context.Context, map[string]string) error { w.Kind = o.Value; return nil })
		}
		pg.on("members.type", func(_ context.Context, values map[string]string) error {
			if v := values["kind"]; v == "vm" || v == "user-assigned" {
				w.Kind = v
			}
			return nil
		})
		if candidates, err = p.identitiesOf(ctx, sub, w.Kind); err != nil {
			return err
		}
	}
	for _, x := range candidates {
		m := x.Member
		at := slices.IndexFunc(w.Members, func(x Member) bool { return x.ID == m.ID })
		target, name := "member."+m.Name, m.Name
		if _, taken := pg.does[target]; taken {
			target += "." + m.ID
		}
		if x.by != "" {
			name += " (" + x.by + ")"
		}
		t.Rows = append(t.Rows, blade.Row{Target: target, Key: m.ID, Cells: []string{name, x.shown, m.ID}, Selected: at >= 0})
		pg.on(target, func(context.Context, map[string]string) error {
			if at >= 0 {
				w.Members = slices.Delete(w.Members, at, at+1)
			} else {
				w.Members = append(w.Members, m)
			}
			return nil
		})
	}
	pg.Panel.Sections = append(pg.Panel.Sections, section)
	pg.Panel.Commands = append([]blade.Command{{Target: "members.done", Text: "Select", Primary: true, Equivalents: peopleEquiv}}, pg.Panel.Commands...)
	pg.on("members.done", func(context.Context, map[string]string) error { w.Selecting = false; return nil })
	return nil
}

// identitiesOf lists the managed identities of a kind in a subscription.
func (p *Portal) identitiesOf(ctx context.Context, sub, kind string) ([]person, error) {
	path, version, at := "/providers/Microsoft.Compute/virtualMachines", computeV, []string{"identity", "principalId"}
	if kind == "user-assigned" {
		path, version, at = "/providers/Microsoft.ManagedIdentity/userAssignedIdentities", identityV, []string{"properties", "principalId"}
	}
	o, err := p.arm(ctx, "GET", sub+path, version, nil, nil)
	if err != nil {
		return nil, err
	}
	var out []person
	for _, x := range items(o) {
		if id := x.Str(at...); id != "" {
			out = append(out, person{Member: Member{ID: id, Name: x.Str("name"), Kind: "ServicePrincipal"}, shown: "Managed identity"})
		}
	}
	return out, nil
}

func (p *Portal) reviewStep(pg *page, scope string) {
	w := p.state.Wizard
	var names []string
	for _, m := range w.Members {
		names = append(names, m.Name)
	}
	pg.Panel.Sections = []blade.Section{{Facts: []blade.Fact{{Name: "Role", Value: orNone(w.Role)}, {Name: "Scope", Value: scope}, {Name: "Members", Value: orNone(strings.Join(names, ", "))}}}}
	assign := blade.Command{Target: "review.assign", Text: "Review + assign", Primary: true, Equivalents: p.grantEquiv(scope)}
	switch {
	case w.RoleID == "":
		assign.Disabled = "Choose a role first, on the tab Role."
	case len(w.Members) == 0:
		assign.Disabled = "Choose at least one member first, on the tab Members."
	}
	pg.Panel.Commands = append([]blade.Command{assign}, pg.Panel.Commands...)
	pg.on("review.assign", func(ctx context.Context, _ map[string]string) error {
		if assign.Disabled != "" {
			return fmt.Errorf("%s", assign.Disabled)
		}
		sub := strings.Join(strings.Split(scope, "/")[:3], "/")
		for _, m := range w.Members {
			body := ojson.Obj("properties", ojson.Obj("roleDefinitionId", sub+roles+"/"+w.RoleID, "principalId", m.ID))
			if m.Kind != "" {
				body.Obj("properties").Set("principalType", m.Kind)
			}
			if _, err := p.arm(ctx, "PUT", scope+"/providers/Microsoft.Authorization/roleAssignments/"+p.IDs.GUID("portal.assignment"), assignmentV, nil, body); err != nil {
				return fmt.Errorf("%s: %w", m.Name, err)
			}
			p.notice("done", "Added Role assignment", fmt.Sprintf("%s was added as %s for %s.", m.Name, w.Role, nameOf(scope)))
		}
		p.state.Wizard = nil
		return nil
	})
}
