package portal

import (
	"context"
	"fmt"
	"strings"

	"skylab/sim/machine/portal/blade"
	"skylab/sim/ojson"
)

// api-versions that the portal sends.
const (
	resourcesV  = "2021-04-01"
	computeV    = "2024-07-01"
	networkV    = "2023-09-01"
	identityV   = "2023-01-31"
	assignmentV = "2022-04-01"
)

// own is the table of the portal's own blades, by path.
var own = map[string]func(*Portal, context.Context, *page) error{
	"/": (*Portal).home, "/groups": (*Portal).groups, "/vms": (*Portal).vms, "/identities": (*Portal).identities,
	"/devicelogin": (*Portal).deviceLogin,
}

// ofResource is the table of blades that a resource has, by the end of its path
// behind "/-/". kinds is the menu's order of those that a resource type shows.
var ofResource = map[string]func(*Portal, context.Context, *page, string) error{
	"overview": (*Portal).overview, "access": (*Portal).access, "identity": (*Portal).identity, "connect": (*Portal).connect, "activity": (*Portal).activity,
}

// menuEntry is an entry of a resource's menu.
type menuEntry struct{ name, text string }

var (
	menuBase = []menuEntry{{"overview", "Overview"}, {"activity", "Activity log"}, {"access", "Access control (IAM)"}}
	menuVM   = []menuEntry{{"overview", "Overview"}, {"activity", "Activity log"}, {"access", "Access control (IAM)"}, {"connect", "Connect"}, {"identity", "Identity"}}
)

func (p *Portal) fill(ctx context.Context, pg *page) error {
	if load, ok := own[p.state.Path]; ok {
		return load(p, ctx, pg)
	}
	id, name, ok := strings.Cut(p.state.Path, "/-/")
	load, known := ofResource[name]
	if !ok || !known || !strings.HasPrefix(strings.ToLower(id), "/subscriptions/") {
		pg.Title = "Not found"
		pg.Breadcrumb = []blade.Link{homeLink}
		pg.Sections = []blade.Section{{Text: fmt.Sprintf("The portal has no blade at %s. Go to Home and find your way from there.", p.state.Path)}}
		return nil
	}
	pg.Breadcrumb = crumbs(id)
	entries := menuBase
	if isVM(id) {
		entries = menuVM
	}
	for _, e := range entries {
		pg.Menu = append(pg.Menu, blade.Link{Target: "menu." + e.name, Text: e.text, Path: id + "/-/" + e.name, Current: e.name == name})
		if e.name == name {
			pg.Title = nameOf(id) + " | " + e.text
		}
	}
	return load(p, ctx, pg, id)
}

func isVM(id string) bool {
	return strings.Contains(strings.ToLower(id), "/microsoft.compute/virtualmachines/")
}

func nameOf(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }

var homeLink = blade.Link{Target: "nav.home", Text: "Home", Path: "/"}

// crumbs leads from Home to a resource.
func crumbs(id string) []blade.Link {
	out := []blade.Link{homeLink}
	if parts := strings.Split(id, "/"); len(parts) > 4 {
		group := strings.Join(parts[:5], "/")
		out = append(out, blade.Link{Target: "nav.groups", Text: "Resource groups", Path: "/groups"}, blade.Link{Target: "group." + parts[4], Text: parts[4], Path: group + "/-/overview"})
	}
	return out
}

func (p *Portal) home(_ context.Context, pg *page) error {
	pg.Title = "Home"
	pg.Subtitle = p.Account
	pg.Menu = []blade.Link{{Target: "nav.groups", Text: "Resource groups", Path: "/groups"}, {Target: "nav.vms", Text: "Virtual machines", Path: "/vms"}, {Target: "nav.identities", Text: "Managed Identities", Path: "/identities"}}
	return nil
}

// subscription returns the ARM id of the first subscription of the account.
func (p *Portal) subscription(ctx context.Context) (id, name string, err error) {
	o, err := p.arm(ctx, "GET", "/subscriptions", resourcesV, nil, nil)
	if err != nil {
		return "", "", err
	}
	list := items(o)
	if len(list) == 0 {
		return "", "", fmt.Errorf("%s has no subscription", p.Account)
	}
	return list[0].Str("id"), list[0].Str("displayName"), nil
}

// table lists what a request gives: a row each, with its target, cells and path.
func (p *Portal) table(ctx context.Context, path, version string, columns []string, row func(*ojson.Object) blade.Row) (*blade.Table, error) {
	o, err := p.arm(ctx, "GET", path, version, nil, nil)
	if err != nil {
		return nil, err
	}
	t := &blade.Table{Columns: columns, Rows: []blade.Row{}}
	for _, x := range items(o) {
		t.Rows = append(t.Rows, row(x))
	}
	return t, nil
}

func (p *Portal) groups(ctx context.Context, pg *page) error {
	sub, name, err := p.subscription(ctx)
	if err != nil {
		return err
	}
	pg.Title, pg.Breadcrumb = "Resource groups", []blade.Link{homeLink}
	t, err := p.table(ctx, sub+"/resourcegroups", resourcesV, []string{"Name", "Subscription", "Location"}, func(x *ojson.Object) blade.Row {
		return blade.Row{Target: "group." + x.Str("name"), Key: x.Str("id"), Cells: []string{x.Str("name"), name, x.Str("location")}, Path: x.Str("id") + "/-/overview"}
	})
	if err != nil {
		return err
	}
	t.Empty = "There is no resource group yet."
	pg.Sections = []blade.Section{{Table: t}}
	pg.Equivalents = &blade.Equiv{CLI: "az group list -o table", PowerShell: "Get-AzResourceGroup", REST: curl("GET", sub+"/resourcegroups", resourcesV, "")}
	return nil
}

// curl is a request as a command of curl, with $token for the token.
func curl(method, path, version, body string) string {
	s := "curl"
	if method != "GET" {
		s += " -X " + method
	}
	s += fmt.Sprintf(" 'https://management.azure.com%s?api-version=%s' -H \"Authorization: Bearer $token\"", path, version)
	if body != "" {
		s += " -H 'Content-Type: application/json' -d '" + body + "'"
	}
	return s
}

func (p *Portal) vms(ctx context.Context, pg *page) error {
	sub, _, err := p.subscription(ctx)
	if err != nil {
		return err
	}
	pg.Title, pg.Breadcrumb = "Virtual machines", []blade.Link{homeLink}
	t, err := p.table(ctx, sub+"/providers/Microsoft.Compute/virtualMachines", computeV, []string{"Name", "Resource group", "Location", "Size"}, func(x *ojson.Object) blade.Row {
		return blade.Row{Target: "vm." + x.Str("name"), Key: x.Str("id"), Cells: []string{x.Str("name"), groupOf(x.Str("id")), x.Str("location"), x.Str("properties", "hardwareProfile", "vmSize")}, Path: x.Str("id") + "/-/overview"}
	})
	if err != nil {
		return err
	}
	t.Empty = "There is no virtual machine yet."
	pg.Sections = []blade.Section{{Table: t}}
	pg.Equivalents = &blade.Equiv{CLI: "az vm list -o table", PowerShell: "Get-AzVM", REST: curl("GET", sub+"/providers/Microsoft.Compute/virtualMachines", computeV, "")}
	return nil
}

func groupOf(id string) string {
	if parts := strings.Split(id, "/"); len(parts) > 4 {
		return parts[4]
	}
	return ""
}

func (p *Portal) identities(ctx context.Context, pg *page) error {
	sub, _, err := p.subscription(ctx)
	if err != nil {
		return err
	}
	pg.Title, pg.Breadcrumb = "Managed Identities", []blade.Link{homeLink}
	t, err := p.table(ctx, sub+"/providers/Microsoft.ManagedIdentity/userAssignedIdentities", identityV, []string{"Name", "Resource group", "Location"}, func(x *ojson.Object) blade.Row {
		return blade.Row{Target: "identity." + x.Str("name"), Key: x.Str("id"), Cells: []string{x.Str("name"), groupOf(x.Str("id")), x.Str("location")}, Path: x.Str("id") + "/-/overview"}
	})
	if err != nil {
		return err
	}
	t.Empty = "There is no user-assigned managed identity yet."
	pg.Sections = []blade.Section{{Table: t}}
	pg.Equivalents = &blade.Equiv{CLI: "az identity list -o table", PowerShell: "Get-AzUserAssignedIdentity", REST: curl("GET", sub+"/providers/Microsoft.ManagedIdentity/userAssignedIdentities", identityV, "")}
	return nil
}

// versionOf is the api-version with which the portal reads a resource.
func versionOf(id string) string {
	low := strings.ToLower(id)
	switch {
	case isVM(id):
		return computeV
	case strings.Contains(low, "/microsoft.managedidentity/"):
		return identityV
	case strings.Contains(low, "/microsoft.network/"):
		return networkV
	}
	return resourcesV
}

func (p *Portal) overview(ctx context.Context, pg *page, id string) error {
	o, err := p.arm(ctx, "GET", id, versionOf(id), nil, nil)
	if err != nil {
		return err
	}
	pg.Title = nameOf(id)
	facts := []blade.Fact{}
	add := func(name, value string) {
		if value != "" {
			facts = append(facts, blade.Fact{Target: "fact." + strings.ToLower(strings.ReplaceAll(name, " ", "-")), Name: name, Value: value, Copy: true})
		}
	}
	add("Resource group", groupOf(id))
	add("Location", o.Str("location"))
	add("Subscription ID", strings.Split(id, "/")[2])
	if isVM(id) {
		if err := p.vmFacts(ctx, id, o, add); err != nil {
			return err
		}
		p.vmCommands(pg, id)
	}
	add("Client ID", o.Str("properties", "clientId"))
	add("Object (principal) ID", o.Str("properties", "principalId"))
	pg.Sections = append(pg.Sections, blade.Section{Title: "Essentials", Facts: facts})
	pg.Equivalents = &blade.Equiv{CLI: "az resource show --ids " + id, PowerShell: "Get-AzResource -ResourceId " + id, REST: curl("GET", id, versionOf(id), "")}
	return nil
}

// activity says what the portal cannot show yet, in the honest form.
func (p *Portal) activity(_ context.Context, pg *page, _ string) error {
	pg.Sections = []blade.Section{{Text: "skylab: the activity log is real but not simulated here"}}
	return nil
}
