package portal

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"skylab/sim/machine/portal/blade"
	"skylab/sim/ojson"
)

// own is the table of the portal's own blades, by path. Those of kinds and of
// forms stand in their tables.
var own = map[string]func(*Portal, context.Context, *page) error{
	"/": (*Portal).home, "/devicelogin": (*Portal).deviceLogin, "/notifications": (*Portal).notifications,
}

// ofResource is the table of blades that a resource has, by the end of its path
// behind "/-/".
var ofResource = map[string]func(*Portal, context.Context, *page, string) error{
	"overview": (*Portal).overview, "access": (*Portal).access, "check-access": (*Portal).checkAccess, "roles": (*Portal).rolesTab, "deny": denied("Deny assignments"), "classic": denied("Classic administrators"),
	"identity": (*Portal).identity, "identity-user": (*Portal).identityUser, "connect": (*Portal).connect, "activity": (*Portal).activity, "tags": (*Portal).tags,
	"azure-roles": (*Portal).azureRoles, "associated": (*Portal).associated, "federated": (*Portal).trusted, "federated-add": (*Portal).addTrusted, "deployments": (*Portal).deployments,
}

// portalAbsent are entries of the portal's own menu that lead to the honest
// sentence.
var portalAbsent = []string{"App Services", "Cost Management", "Monitor", "Policy", "SQL databases", "Virtual networks"}

// isAbsent tells whether the portal has a blade of its own that is not here.
func isAbsent(name string) bool {
	return slices.Contains(portalAbsent, name) || slices.ContainsFunc(resourceKinds, func(k kind) bool { return k.path != "" && k.form == "" && k.creation() == name })
}

// withMenu are blades that belong to an entry of the menu without being it.
var withMenu = map[string]string{"check-access": "access", "roles": "access", "deny": "access", "classic": "access", "identity-user": "identity", "federated-add": "federated"}

func (p *Portal) fill(ctx context.Context, pg *page) error {
	path := p.state.Path
	if load, ok := own[path]; ok {
		return load(p, ctx, pg)
	}
	for i := range resourceKinds {
		if k := &resourceKinds[i]; k.path != "" && k.path == path {
			return p.list(ctx, pg, k)
		}
	}
	if make, ok := forms[path]; ok {
		return p.form(ctx, pg, make)
	}
	if rest, ok := strings.CutPrefix(path, "/directory/"); ok {
		return p.directoryBlade(ctx, pg, rest)
	}
	if name, ok := strings.CutPrefix(path, "/absent/"); ok && isAbsent(name) {
		pg.Title, pg.Breadcrumb = name, []blade.Link{homeLink}
		absent(pg, name)
		return nil
	}
	id, name, ok := strings.Cut(path, "/-/")
	if !ok || !strings.HasPrefix(strings.ToLower(id), "/subscriptions/") {
		return notFound(pg, path)
	}
	return p.resourceBlade(ctx, pg, id, name)
}

func notFound(pg *page, path string) error {
	pg.Title = "Not found"
	pg.Breadcrumb = []blade.Link{homeLink}
	pg.Sections = []blade.Section{{Text: fmt.Sprintf("The portal has no blade at %s. Go to Home and find your way from there.", path)}}
	return nil
}

// resourceBlade is one of the blades of a resource, with its menu.
func (p *Portal) resourceBlade(ctx context.Context, pg *page, id, name string) error {
	k := kindOf(id)
	pg.Breadcrumb = crumbs(id)
	entry := name
	if e, ok := withMenu[name]; ok {
		entry = e
	}
	if strings.HasPrefix(name, "deployments/") {
		entry = "deployments"
	}
	for _, e := range slices.Concat(menuBase, k.menu) {
		pg.Menu = append(pg.Menu, blade.Link{Target: "menu." + e.name, Text: e.text, Path: id + "/-/" + e.name, Current: e.name == entry})
		if e.name == entry {
			pg.Title = nameOf(id) + " | " + e.text
		}
	}
	for _, text := range k.absent {
		pg.Menu = append(pg.Menu, blade.Link{Target: "menu." + slug(text), Text: text, Path: id + "/-/" + slug(text), Current: slug(text) == name})
		if slug(text) == name {
			pg.Title = nameOf(id) + " | " + text
			absent(pg, text)
			return nil
		}
	}
	if deployment, ok := strings.CutPrefix(name, "deployments/"); ok {
		return p.deployment(ctx, pg, id, deployment)
	}
	load, known := ofResource[name]
	if !known {
		pg.Menu, pg.Breadcrumb = nil, nil
		return notFound(pg, p.state.Path)
	}
	return load(p, ctx, pg, id)
}

func nameOf(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }

func groupOf(id string) string {
	if parts := strings.Split(id, "/"); len(parts) > 4 {
		return parts[4]
	}
	return ""
}

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

// home is the portal's own menu: the kinds with a list, the directory, and what
// the portal has beside them.
func (p *Portal) home(_ context.Context, pg *page) error {
	pg.Title = "Home"
	pg.Subtitle = p.Account
	for _, k := range resourceKinds {
		if k.path != "" {
			pg.Menu = append(pg.Menu, blade.Link{Target: "nav." + k.nav, Text: k.many, Path: k.path})
		}
	}
	pg.Menu = append(pg.Menu, blade.Link{Target: "nav.deploy", Text: "Deploy a custom template", Path: "/create/deployment"})
	for _, k := range directoryKinds {
		pg.Menu = append(pg.Menu, blade.Link{Target: "nav." + k.nav, Text: k.many, Path: "/directory/" + k.name})
	}
	pg.Menu = append(pg.Menu, blade.Link{Target: "nav.notifications", Text: "Notifications", Path: "/notifications"})
	for _, text := range portalAbsent {
		pg.Menu = append(pg.Menu, blade.Link{Target: "nav." + slug(text), Text: text, Path: "/absent/" + text})
	}
	return nil
}

// subscription returns the ARM id of the first subscription of the account.
func (p *Portal) subscription(ctx context.Context) (id, name string, err error) {
	o, err := p.arm(ctx, http.MethodGet, "/subscriptions", resourcesV, nil, nil)
	if err != nil {
		return "", "", err
	}
	list := items(o)
	if len(list) == 0 {
		return "", "", fmt.Errorf("%s has no subscription", p.Account)
	}
	return list[0].Str("id"), list[0].Str("displayName"), nil
}

// table lists what a request gives: a row each.
func (p *Portal) table(ctx context.Context, path, version string, columns []column, row func(*ojson.Object) blade.Row) (*blade.Table, error) {
	o, err := p.arm(ctx, http.MethodGet, path, version, nil, nil)
	if err != nil {
		return nil, err
	}
	t := &blade.Table{Columns: titles(columns), Rows: []blade.Row{}}
	for _, x := range items(o) {
		t.Rows = append(t.Rows, row(x))
	}
	return t, nil
}

func titles(columns []column) []string {
	out := []string{}
	for _, c := range columns {
		out = append(out, c.title)
	}
	return out
}

// curl is a request as a command of curl, with $token for the token.
func curl(method, path, version, body string) string {
	s := "curl"
	if method != http.MethodGet {
		s += " -X " + method
	}
	s += fmt.Sprintf(" 'https://management.azure.com%s?api-version=%s' -H \"Authorization: Bearer $token\"", path, version)
	if body != "" {
		s += " -H 'Content-Type: application/json' -d " + quoted(body)
	}
	return s
}

// quoted is a text as a word of a shell.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
