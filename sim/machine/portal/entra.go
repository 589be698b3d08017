package portal

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"skylab/sim/machine/portal/blade"
	"skylab/sim/ojson"
)

// directoryKind is a kind of directory objects as the portal shows it.
type directoryKind struct {
	name, nav, target string // in paths, in the menu, before the names of rows
	set               string // Graph's collection
	one, many         string
	cli, cmdlet       string
	columns           []column
	facts             []column
	menu              []menuEntry // behind Overview
	empty             string
	form              string // path of the form that makes one; "" if there is none
	absent            []string
}

// directoryKinds is the table of them.
var directoryKinds = []directoryKind{
	{name: "users", nav: "users", target: "user", set: "/users", one: "user", many: "Users", cli: "ad user", cmdlet: "AzADUser", columns: []column{{"Display name", "displayName"}, {"User principal name", "userPrincipalName"}, {"Job title", "jobTitle"}},
		facts: []column{{"User principal name", "userPrincipalName"}, {"Object ID", "id"}, {"First name", "givenName"}, {"Last name", "surname"}, {"Job title", "jobTitle"}, {"Email", "mail"}}, menu: []menuEntry{{"memberships", "Groups"}}, empty: "No users found", absent: []string{"Assigned roles", "Sign-in logs"}},
	{name: "groups", nav: "directory-groups", target: "team", set: "/groups", one: "group", many: "Groups", cli: "ad group", cmdlet: "AzADGroup", columns: []column{{"Name", "displayName"}, {"Object ID", "id"}, {"Description", "description"}},
		facts: []column{{"Object ID", "id"}, {"Description", "description"}, {"Security identifier", "securityIdentifier"}, {"Created on", "createdDateTime"}}, menu: []menuEntry{{"members", "Members"}, {"owners", "Owners"}, {"memberships", "Group memberships"}}, empty: "No groups found", form: "/create/directory-group", absent: []string{"Licenses", "Dynamic membership rules"}},
	{name: "enterprise", nav: "enterprise", target: "app", set: "/servicePrincipals", one: "enterprise application", many: "Enterprise applications", cli: "ad sp", cmdlet: "AzADServicePrincipal",
		columns: []column{{"Name", "displayName"}, {"Object ID", "id"}, {"Application ID", "appId"}, {"Created on", "createdDateTime"}}, facts: []column{{"Name", "displayName"}, {"Application ID", "appId"}, {"Object ID", "id"}, {"Type", "servicePrincipalType"}, {"Enabled for users to sign-in?", "accountEnabled"}, {"Assignment required?", "appRoleAssignmentRequired"}},
		menu: []menuEntry{{"owners", "Owners"}, {"permissions", "Permissions"}}, empty: "No applications found", absent: []string{"Users and groups", "Single sign-on", "Sign-in logs"}},
	{name: "applications", nav: "applications", target: "app", set: "/applications", one: "app registration", many: "App registrations", cli: "ad app", cmdlet: "AzADApplication",
		columns: []column{{"Display name", "displayName"}, {"Application (client) ID", "appId"}, {"Created on", "createdDateTime"}}, facts: []column{{"Display name", "displayName"}, {"Application (client) ID", "appId"}, {"Object ID", "id"}, {"Supported account types", "signInAudience"}, {"Publisher domain", "publisherDomain"}},
		menu: []menuEntry{{"credentials", "Certificates & secrets"}, {"owners", "Owners"}}, empty: "This account isn't listed as an owner of any applications in this directory.", absent: []string{"Authentication", "API permissions", "Expose an API", "Manifest"}},
}

// ofDirectory is the table of blades that a directory object has.
var ofDirectory = map[string]func(*Portal, context.Context, *page, *directoryKind, *ojson.Object) error{
	"overview": (*Portal).objectOverview, "members": (*Portal).groupMembers, "memberships": related("memberOf", "Not a member of any group"), "owners": related("owners", "No owners found"),
	"permissions": (*Portal).permissions, "credentials": (*Portal).credentials,
}

// directoryBlade is a list of the directory, or a blade of one of its objects:
// "KIND" or "KIND/ID/-/NAME".
func (p *Portal) directoryBlade(ctx context.Context, pg *page, path string) error {
	object, name, single := strings.Cut(path, "/-/")
	kindName, id, _ := strings.Cut(object, "/")
	for i := range directoryKinds {
		k := &directoryKinds[i]
		switch {
		case k.name != kindName:
		case !single && id == "":
			return p.directoryList(ctx, pg, k)
		case single && id != "" && !strings.ContainsAny(id, "/?#"):
			return p.objectBlade(ctx, pg, k, id, name)
		}
	}
	return notFound(pg, p.state.Path)
}

// applicationTypes are the options of the filter "Application type", with what
// Graph is asked for.
var applicationTypes = []struct{ value, text, filter string }{
	{"enterprise", "Enterprise Applications", "servicePrincipalType eq 'Application'"}, {"microsoft", "Microsoft Applications", "appOwnerOrganizationId eq " + microsoftTenant},
	{"managed", "Managed Identities", "servicePrincipalType eq 'ManagedIdentity'"}, {"all", "All Applications", ""},
}

func (p *Portal) directoryList(ctx context.Context, pg *page, k *directoryKind) error {
	pg.Title, pg.Breadcrumb = k.many, []blade.Link{homeLink}
	search, wanted := p.filter(pg, k.nav+".search", "search", "Search by name", "")
	section := blade.Section{Choices: []blade.Choice{search}}
	var clauses []string
	kindOfApp := ""
	if k.name == "enterprise" {
		var options []blade.Option
		for _, a := range applicationTypes {
			options = append(options, blade.Option{Value: a.value, Text: a.text})
		}
		choice, value := p.filter(pg, "enterprise.type", "type", "Application type", "enterprise", options...)
		section.Choices, kindOfApp = append(section.Choices, choice), value
		for _, a := range applicationTypes {
			if a.value == value && a.filter != "" {
				clauses = append(clauses, a.filter)
			}
		}
	}
	if wanted != "" {
		clauses = append(clauses, "startswith(displayName,'"+strings.ReplaceAll(wanted, "'", "''")+"')")
	}
	q := url.Values{"$top": {"100"}}
	filter := strings.Join(clauses, " and ")
	if filter != "" {
		q.Set("$filter", filter)
	}
	o, err := p.graph(ctx, http.MethodGet, k.set, q, nil)
	if err != nil {
		return err
	}
	t := &blade.Table{Columns: titles(k.columns), Rows: []blade.Row{}, Empty: k.empty}
	for _, x := range items(o) {
		if kindOfApp == "enterprise" && x.Str("appOwnerOrganizationId") == microsoftTenant {
			continue
		}
		t.Rows = append(t.Rows, p.objectRow(k, x, k.columns))
	}
	section.Table = t
	pg.Sections = []blade.Section{section}
	if k.form != "" {
		pg.Commands = []blade.Command{{Target: k.target + ".create", Text: "New " + k.one, Primary: true}}
		pg.on(k.target+".create", func(context.Context, map[string]string) error { p.open(k.form); return nil })
	}
	pg.Equivalents = &blade.Equiv{CLI: "az " + k.cli + " list", PowerShell: "Get-" + k.cmdlet, REST: "curl '" + graphHost + "/v1.0" + k.set + "' -H \"Authorization: Bearer $token\""}
	if filter != "" {
		pg.Equivalents.CLI += fmt.Sprintf(" --filter %q", filter)
		pg.Equivalents.PowerShell += fmt.Sprintf(" -Filter %q", filter)
		pg.Equivalents.REST = fmt.Sprintf("curl -G '%s/v1.0%s' --data-urlencode \"\\$filter=%s\" -H \"Authorization: Bearer $token\"", graphHost, k.set, filter)
	}
	return nil
}

// objectRow is an object's row in a list.
func (p *Portal) objectRow(k *directoryKind, x *ojson.Object, columns []column) blade.Row {
	row := blade.Row{Target: k.target + "." + x.Str("displayName"), Key: x.Str("id"), Path: "/directory/" + k.name + "/" + x.Str("id") + "/-/overview"}
	for _, c := range columns {
		row.Cells = append(row.Cells, cell(x, c.at, ""))
	}
	return row
}

// kindOfObject finds the kind of an object by its type in Graph.
func kindOfObject(x *ojson.Object) *directoryKind {
	at := map[string]int{"#microsoft.graph.user": 0, "#microsoft.graph.group": 1, "#microsoft.graph.servicePrincipal": 2, "#microsoft.graph.application": 3}
	i, ok := at[x.Str("@odata.type")]
	if !ok {
		return nil
	}
	return &directoryKinds[i]
}

func (p *Portal) objectBlade(ctx context.Context, pg *page, k *directoryKind, id, name string) error {
	o, err := p.graph(ctx, http.MethodGet, k.set+"/"+url.PathEscape(id), nil, nil)
	if err != nil {
		return err
	}
	path := "/directory/" + k.name
	pg.Breadcrumb = []blade.Link{homeLink, {Target: "nav." + k.nav, Text: k.many, Path: path}}
	pg.Title = o.Str("displayName")
	for _, e := range append([]menuEntry{{"overview", "Overview"}}, k.menu...) {
		pg.Menu = append(pg.Menu, blade.Link{Target: "menu." + e.name, Text: e.text, Path: path + "/" + id + "/-/" + e.name, Current: e.name == name})
		if e.name == name {
			if name != "overview" {
				pg.Title += " | " + e.text
			}
			defer func() {
				if pg.Equivalents == nil {
					pg.Equivalents = &blade.Equiv{CLI: "az " + k.cli + " show --id " + id, PowerShell: "Get-" + k.cmdlet + " -ObjectId " + id, REST: "curl '" + graphHost + "/v1.0" + k.set + "/" + id + "' -H \"Authorization: Bearer $token\""}
				}
			}()
		}
	}
	for _, text := range k.absent {
		pg.Menu = append(pg.Menu, blade.Link{Target: "menu." + slug(text), Text: text, Path: path + "/" + id + "/-/" + slug(text), Current: slug(text) == name})
		if slug(text) == name {
			pg.Title += " | " + text
			absent(pg, text)
			return nil
		}
	}
	for _, l := range pg.Menu {
		if l.Current {
			return ofDirectory[name](p, ctx, pg, k, o)
		}
	}
	pg.Menu = nil
	return notFound(pg, p.state.Path)
}

func (p *Portal) objectOverview(_ context.Context, pg *page, k *directoryKind, o *ojson.Object) error {
	facts := []blade.Fact{}
	for _, c := range k.facts {
		if v := cell(o, c.at, ""); v != "" {
			facts = append(facts, blade.Fact{Target: "fact." + slug(c.title), Name: c.title, Value: v, Copy: true})
		}
	}
	if names, ok := o.At("alternativeNames").([]any); ok {
		for _, n := range names {
			if s, _ := n.(string); strings.HasPrefix(s, "/subscriptions/") {
				facts = append(facts, blade.Fact{Target: "fact.resource", Name: "Managed identity resource ID", Value: s, Path: s + "/-/overview", Copy: true})
			}
		}
	}
	pg.Sections = []blade.Section{{Title: "Properties", Facts: facts}}
	return nil
}

// related is a blade that lists objects behind an object.
func related(what, empty string) func(*Portal, context.Context, *page, *directoryKind, *ojson.Object) error {
	return func(p *Portal, ctx context.Context, pg *page, k *directoryKind, o *ojson.Object) error {
		found, err := p.graph(ctx, http.MethodGet, k.set+"/"+o.Str("id")+"/"+what, nil, nil)
		if err != nil {
			return err
		}
		pg.Sections = []blade.Section{{Table: p.objectTable(found, empty)}}
		pg.Equivalents = &blade.Equiv{REST: "curl '" + graphHost + "/v1.0" + k.set + "/" + o.Str("id") + "/" + what + "' -H \"Authorization: Bearer $token\""}
		if what == "owners" {
			pg.Equivalents.CLI = "az " + k.cli + " owner list --id " + o.Str("id")
		}
		return nil
	}
}

func (p *Portal) objectTable(found *ojson.Object, empty string) *blade.Table {
	t := &blade.Table{Columns: []string{"Name", "Type", "Object ID"}, Rows: []blade.Row{}, Empty: empty}
	for _, x := range items(found) {
		if k := kindOfObject(x); k != nil {
			row := p.objectRow(k, x, nil)
			row.Target, row.Cells = "member."+x.Str("displayName"), []string{x.Str("displayName"), k.one, x.Str("id")}
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

// groupMembers is the blade Members of a group.
func (p *Portal) groupMembers(ctx context.Context, pg *page, k *directoryKind, o *ojson.Object) error {
	id, name := o.Str("id"), o.Str("displayName")
	path := "/groups/" + id + "/members"
	found, err := p.graph(ctx, http.MethodGet, path, nil, nil)
	if err != nil {
		return err
	}
	t := p.objectTable(found, "No members found")
	rest := func(method, address, body string) string {
		s := "curl -X " + method + " '" + graphHost + "/v1.0" + address + "' -H \"Authorization: Bearer $token\""
		if body != "" {
			s += " -H 'Content-Type: application/json' -d " + quoted(body)
		}
		return s
	}
	for i := range t.Rows {
		row := &t.Rows[i]
		remove := "members.remove." + row.Cells[0]
		if _, taken := pg.does[remove]; taken {
			remove += "." + row.Key
		}
		row.Commands = []blade.Command{{Target: remove, Text: "Remove", Danger: true, Equivalents: &blade.Equiv{CLI: "az ad group member remove -g " + id + " --member-id " + row.Key, PowerShell: "Remove-AzADGroupMember -GroupObjectId " + id + " -MemberObjectId " + row.Key, REST: rest(http.MethodDelete, path+"/"+row.Key+"/$ref", "")}}}
		p.ask(pg, remove, question{"Remove members", "Are you sure you want to remove '" + row.Cells[0] + "' from the group?", "Yes"}, func(ctx context.Context, _ map[string]string) error {
			if _, err := p.graph(ctx, http.MethodDelete, path+"/"+row.Key+"/$ref", nil, nil); err != nil {
				return &failure{"Failed to remove group member", err}
			}
			p.remember(Notification{Kind: "done", Title: "Group members removed", Text: "Successfully removed '" + row.Cells[0] + "' from group '" + name + "'.", Began: p.Clock.Now(), Ended: p.Clock.Now()})
			return nil
		})
	}
	pg.Sections = []blade.Section{{Title: "Direct members", Table: t}}
	pg.Commands = []blade.Command{{Target: "members.add", Text: "Add members", Primary: true, Equivalents: &blade.Equiv{CLI: "az ad group member add -g " + id + " --member-id OBJECT-ID"}}}
	pg.on("members.add", func(context.Context, map[string]string) error {
		p.state.Pending = map[string]string{"adding": "yes"}
		return nil
	})
	pg.Equivalents = &blade.Equiv{CLI: "az ad group member list -g " + id, PowerShell: "Get-AzADGroupMember -GroupObjectId " + id, REST: "curl '" + graphHost + "/v1.0" + path + "' -H \"Authorization: Bearer $token\""}
	if p.state.Pending["adding"] == "" || pg.Panel != nil {
		return nil
	}
	search, who := p.filter(pg, "members.search", "who", "Search", "")
	candidates, err := p.choosable(ctx, who)
	if err != nil {
		return err
	}
	managed, err := p.managed(ctx, who)
	if err != nil {
		return err
	}
	picked, chosen := p.state.Pending["picked"], ""
	list := &blade.Table{Columns: []string{"Name", "Type", "Object ID"}, Rows: []blade.Row{}, Select: "one", Empty: "Nobody has this at the beginning of the name."}
	for _, x := range append(candidates, managed...) {
		if x.ID == id {
			continue
		}
		target := "pick." + x.Name
		if _, taken := pg.does[target]; taken {
			target += "." + x.ID
		}
		list.Rows = append(list.Rows, blade.Row{Target: target, Key: x.ID, Cells: []string{x.Name, x.shown, x.ID}, Selected: x.ID == picked})
		if x.ID == picked {
			chosen = x.Name
		}
		pg.on(target, func(context.Context, map[string]string) error {
			p.state.Pending = map[string]string{"adding": "yes", "who": who, "picked": x.ID}
			return nil
		})
	}
	body := ojson.Obj("@odata.id", graphHost+"/v1.0/directoryObjects/"+picked)
	add := blade.Command{Target: "members.select", Text: "Select", Primary: true, Equivalents: &blade.Equiv{CLI: "az ad group member add -g " + id + " --member-id " + picked, PowerShell: "Add-AzADGroupMember -TargetGroupObjectId " + id + " -MemberObjectId " + picked, REST: rest(http.MethodPost, path+"/$ref", mustJSON(body))}}
	if picked == "" {
		add.Disabled, add.Equivalents = "Choose a member first.", nil
	}
	pg.Panel = &blade.Panel{Title: "Add members", Sections: []blade.Section{{Choices: []blade.Choice{search}, Table: list}}, Commands: []blade.Command{add, {Target: "members.cancel", Text: "Cancel"}}}
	pg.on("members.cancel", func(context.Context, map[string]string) error { p.state.Pending = nil; return nil })
	pg.on("members.select", func(ctx context.Context, _ map[string]string) error {
		if picked == "" {
			return fmt.Errorf("choose a member first")
		}
		p.state.Pending = nil
		if _, err := p.graph(ctx, http.MethodPost, path+"/$ref", nil, body); err != nil {
			return &failure{"Failed to add group member", err}
		}
		p.remember(Notification{Kind: "done", Title: "Group members added", Text: "Successfully added '" + chosen + "' to group '" + name + "'.", Began: p.Clock.Now(), Ended: p.Clock.Now()})
		return nil
	})
	return nil
}

// notNick are the characters that a mail nickname cannot have.
var notNick = regexp.MustCompile(`[^A-Za-z0-9_.-]`)

// directoryGroupForm is "New group".
func (p *Portal) directoryGroupForm(context.Context) (*formSpec, error) {
	back := blade.Link{Target: "nav.directory-groups", Text: "Groups", Path: "/directory/groups"}
	body := func(v map[string]string) *ojson.Object {
		o := ojson.Obj("displayName", v["name"], "mailEnabled", false, "mailNickname", notNick.ReplaceAllString(v["name"], ""), "securityEnabled", true)
		if v["description"] != "" {
			o.Set("description", v["description"])
		}
		return o
	}
	return &formSpec{
		title: "New Group", back: back, crumbs: []blade.Link{homeLink, back}, steps: []menuEntry{basics}, flat: true, button: "Create",
		note: func(string) []blade.Section {
			return []blade.Section{{Facts: []blade.Fact{{Name: "Group type", Value: "Security"}, {Name: "Membership type", Value: "Assigned"}}}}
		},
		inputs: []input{
			{step: "basics", name: "name", label: "Group name", kind: "text", required: true, check: func(v string) string {
				switch {
				case len([]rune(v)) > 256:
					return "The value must have a length of at most 256."
				case notNick.ReplaceAllString(v, "") == "":
					return "The name must have a letter or a number."
				}
				return ""
			}},
			{step: "basics", name: "description", label: "Group description", kind: "text"},
		},
		equiv: func(v map[string]string) *blade.Equiv {
			nick := notNick.ReplaceAllString(v["name"], "")
			return &blade.Equiv{CLI: fmt.Sprintf("az ad group create --display-name %s --mail-nickname %s", quoted(v["name"]), nick), PowerShell: fmt.Sprintf("New-AzADGroup -DisplayName '%s' -MailNickname %s", strings.ReplaceAll(v["name"], "'", "''"), nick),
				REST: "curl -X POST '" + graphHost + "/v1.0/groups' -H \"Authorization: Bearer $token\" -H 'Content-Type: application/json' -d " + quoted(mustJSON(body(v)))}
		},
		create: func(ctx context.Context, v map[string]string) (string, error) {
			o, err := p.graph(ctx, http.MethodPost, "/groups", nil, body(v))
			if err != nil {
				return "", &failure{"Failed to create group '" + v["name"] + "'", err}
			}
			p.remember(Notification{Kind: "done", Title: "Created group '" + v["name"] + "'", Text: "Successfully created group '" + v["name"] + "'.", Began: p.Clock.Now(), Ended: p.Clock.Now()})
			return "/directory/groups/" + o.Str("id") + "/-/overview", nil
		},
	}, nil
}

// permissions is the blade with the application permissions that a service
// principal was given.
func (p *Portal) permissions(ctx context.Context, pg *page, _ *directoryKind, o *ojson.Object) error {
	path := "/servicePrincipals/" + o.Str("id") + "/appRoleAssignments"
	given, err := p.graph(ctx, http.MethodGet, path, nil, nil)
	if err != nil {
		return err
	}
	t := &blade.Table{Columns: []string{"API name", "Claim value", "Permission", "Type"}, Rows: []blade.Row{}, Empty: "No admin consented permissions found for the application"}
	apis := map[string]*ojson.Object{}
	for _, x := range items(given) {
		resource := x.Str("resourceId")
		if apis[resource] == nil {
			if apis[resource], err = p.graph(ctx, http.MethodGet, "/servicePrincipals/"+resource, url.Values{"$select": {"id,appRoles"}}, nil); err != nil {
				return err
			}
		}
		value, text := "", "Default access"
		offered, _ := apis[resource].At("appRoles").([]any)
		for _, v := range offered {
			if r, ok := v.(*ojson.Object); ok && r.Str("id") == x.Str("appRoleId") {
				value, text = r.Str("value"), r.Str("displayName")
			}
		}
		t.Rows = append(t.Rows, blade.Row{Target: "permission." + value, Key: x.Str("id"), Cells: []string{x.Str("resourceDisplayName"), value, text, "Application"}})
	}
	pg.Sections = []blade.Section{{Title: "Admin consent", Table: t}}
	pg.Equivalents = &blade.Equiv{CLI: "az rest --url " + graphHost + "/v1.0" + path, PowerShell: "Get-AzADServicePrincipalAppRoleAssignment -ServicePrincipalId " + o.Str("id"), REST: "curl '" + graphHost + "/v1.0" + path + "' -H \"Authorization: Bearer $token\""}
	return nil
}

// credentials is the blade Certificates & secrets of an application.
func (p *Portal) credentials(ctx context.Context, pg *page, _ *directoryKind, o *ojson.Object) error {
	federated, err := p.graph(ctx, http.MethodGet, "/applications/"+o.Str("id")+"/federatedIdentityCredentials", nil, nil)
	if err != nil {
		return err
	}
	rows := func(list []*ojson.Object, columns ...string) []blade.Row {
		out := []blade.Row{}
		for _, x := range list {
			r := blade.Row{Target: "credential." + x.Str(columns[0]), Key: x.Str(columns[0])}
			for _, c := range columns {
				r.Cells = append(r.Cells, cell(x, c, ""))
			}
			out = append(out, r)
		}
		return out
	}
	objects := func(name string) []*ojson.Object { return items(ojson.Obj("value", o.At(name))) }
	pg.Sections = []blade.Section{
		{Title: fmt.Sprintf("Certificates (%d)", len(objects("keyCredentials"))), Table: &blade.Table{Columns: []string{"Certificate ID", "Thumbprint", "Description", "Start date", "Expires"}, Rows: rows(objects("keyCredentials"), "keyId", "customKeyIdentifier", "displayName", "startDateTime", "endDateTime"), Empty: "No certificates have been added for this application."}},
		{Title: fmt.Sprintf("Client secrets (%d)", len(objects("passwordCredentials"))), Table: &blade.Table{Columns: []string{"Secret ID", "Description", "Value", "Expires"}, Rows: rows(objects("passwordCredentials"), "keyId", "displayName", "hint", "endDateTime"), Empty: "No client secrets have been created for this application."}},
		{Title: fmt.Sprintf("Federated credentials (%d)", len(items(federated))), Table: &blade.Table{Columns: []string{"Name", "Issuer", "Subject identifier", "Description"}, Rows: rows(items(federated), "name", "issuer", "subject", "description"), Empty: "No credentials have been added for this application."}},
	}
	pg.Equivalents = &blade.Equiv{CLI: "az ad app credential list --id " + o.Str("appId"), PowerShell: "Get-AzADAppCredential -ApplicationId " + o.Str("appId"), REST: "curl '" + graphHost + "/v1.0/applications/" + o.Str("id") + "' -H \"Authorization: Bearer $token\""}
	return nil
}
