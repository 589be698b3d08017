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

// api-versions that the portal sends.
const (
	resourcesV  = "2021-04-01"
	computeV    = "2024-07-01"
	networkV    = "2023-09-01"
	identityV   = "2023-01-31"
	assignmentV = "2022-04-01"
	storageV    = "2023-01-01"
	vaultV      = "2022-07-01"
	diskV       = "2023-10-02"
)

// kind is a kind of resource as the portal shows it: its list, its menu and its
// essentials.
type kind struct {
	// resource is its full type; "" for resource groups, "/" for subscriptions.
	resource  string
	target    string // begins the targets of its rows: "vm"
	path      string // of its list; "" if it has none
	nav       string // name in the portal's own menu: "vms"
	one, many string
	version   string
	cli       string // the group of az: "vm"
	cmdlet    string // "AzVM", behind Get-
	columns   []column
	essential []column
	menu      []menuEntry // between Tags and the end
	empty     string
	form      string // path of the form that makes one
	// absent are entries of its menu that lead to the honest sentence.
	absent []string
}

// column is a title and where its text stands in a body: a path with dots, or
// @group, @subscription, @id.
type column struct{ title, at string }

// menuEntry is an entry of a menu.
type menuEntry struct{ name, text string }

// menuBase begins the menu of every resource.
var menuBase = []menuEntry{{"overview", "Overview"}, {"activity", "Activity log"}, {"access", "Access control (IAM)"}, {"tags", "Tags"}}

var (
	placeColumns = []column{{"Name", "name"}, {"Resource group", "@group"}, {"Location", "location"}}
	stateFact    = column{"Provisioning state", "properties.provisioningState"}
)

// resourceKinds is the table of them.
var resourceKinds = []kind{
	{resource: "", target: "group", path: "/groups", nav: "groups", one: "resource group", many: "Resource groups", version: resourcesV, cli: "group", cmdlet: "AzResourceGroup",
		columns: []column{{"Name", "name"}, {"Subscription", "@subscription"}, {"Location", "location"}}, empty: "There is no resource group yet.", form: "/create/group",
		menu: []menuEntry{{"deployments", "Deployments"}}, absent: []string{"Resource visualizer", "Policies", "Locks", "Cost analysis"}},
	{resource: "/", target: "subscription", path: "/subscriptions", nav: "subscriptions", one: "subscription", many: "Subscriptions", version: resourcesV, cli: "account", cmdlet: "AzSubscription",
		columns: []column{{"Subscription name", "displayName"}, {"Subscription ID", "subscriptionId"}, {"Status", "state"}}, essential: []column{{"Subscription name", "displayName"}, {"Status", "state"}, {"Directory ID", "tenantId"}},
		empty: "This account has no subscription.", absent: []string{"Cost analysis", "Policies", "Resource providers"}},
	{resource: "Microsoft.Compute/virtualMachines", target: "vm", path: "/vms", nav: "vms", one: "virtual machine", many: "Virtual machines", version: computeV, cli: "vm", cmdlet: "AzVM",
		columns: append(slices.Clone(placeColumns), column{"Size", "properties.hardwareProfile.vmSize"}), empty: "There is no virtual machine yet.", form: "/create/vm",
		menu: []menuEntry{{"connect", "Connect"}, {"identity", "Identity"}}, absent: []string{"Disks", "Extensions + applications", "Network settings", "Size"}},
	{resource: "Microsoft.ManagedIdentity/userAssignedIdentities", target: "identity", path: "/identities", nav: "identities", one: "user assigned managed identity", many: "Managed Identities", version: identityV, cli: "identity", cmdlet: "AzUserAssignedIdentity",
		columns: placeColumns, essential: []column{{"Client ID", "properties.clientId"}, {"Object (principal) ID", "properties.principalId"}, {"Type", "type"}}, empty: "There is no user-assigned managed identity yet.", form: "/create/identity",
		menu: []menuEntry{{"azure-roles", "Azure role assignments"}, {"associated", "Associated resources"}, {"federated", "Federated credentials"}}, absent: []string{"Locks"}},
	{resource: "Microsoft.Storage/storageAccounts", target: "storage", path: "/storage", nav: "storage", one: "storage account", many: "Storage accounts", version: storageV, cli: "storage account", cmdlet: "AzStorageAccount",
		columns: append(slices.Clone(placeColumns), column{"Kind", "kind"}), essential: []column{{"Performance", "sku.tier"}, {"Replication", "sku.name"}, {"Account kind", "kind"}, stateFact, {"Created", "properties.creationTime"}, {"Blob service", "properties.primaryEndpoints.blob"}},
		empty: "There is no storage account yet.", form: "/create/storage", absent: []string{"Storage browser", "Containers", "Access keys", "Networking"}},
	{resource: "Microsoft.KeyVault/vaults", target: "vault", path: "/vaults", nav: "vaults", one: "key vault", many: "Key vaults", version: vaultV, cli: "keyvault", cmdlet: "AzKeyVault",
		columns: placeColumns, essential: []column{{"Vault URI", "properties.vaultUri"}, {"SKU (Pricing tier)", "properties.sku.name"}, {"Directory ID", "properties.tenantId"}, {"Azure role-based access control", "properties.enableRbacAuthorization"}, stateFact},
		empty: "There is no key vault yet.", form: "/create/vault", absent: []string{"Access policies", "Keys", "Secrets", "Certificates", "Networking"}},
	{resource: "Microsoft.Network/", target: "resource", one: "network resource", version: networkV, essential: []column{{"Type", "type"}, stateFact, {"IP address", "properties.ipAddress"}}},
	{resource: "Microsoft.Compute/disks", target: "resource", one: "disk", version: diskV, essential: []column{{"Disk state", "properties.diskState"}, {"Size (GiB)", "properties.diskSizeGB"}, {"Storage type", "sku.name"}, {"Managed by", "managedBy"}}},
}

// moreOf adds to the overviews of kinds what takes further requests, and what can
// be done with them.
var moreOf = map[string]func(p *Portal, ctx context.Context, pg *page, id string, o *ojson.Object, add func(name, value string)) error{
	"": (*Portal).groupMore, "Microsoft.Compute/virtualMachines": (*Portal).vmMore, "Microsoft.ManagedIdentity/userAssignedIdentities": (*Portal).identityMore,
	"Microsoft.Storage/storageAccounts": (*Portal).storageMore, "Microsoft.KeyVault/vaults": (*Portal).vaultMore,
}

// otherKind is a resource without a row of its own: its api-version is asked of
// its provider.
var otherKind = kind{target: "resource", one: "resource", essential: []column{{"Type", "type"}, stateFact}}

// versionOf is the api-version with which the portal reads a resource.
func (p *Portal) versionOf(ctx context.Context, id string) (string, error) {
	if k := kindOf(id); k.version != "" {
		return k.version, nil
	}
	namespace, name, _ := strings.Cut(typeOf(id), "/")
	o, err := p.arm(ctx, http.MethodGet, strings.Join(strings.Split(id, "/")[:3], "/")+"/providers/"+namespace, resourcesV, nil, nil)
	if err != nil {
		return "", err
	}
	types, _ := o.At("resourceTypes").([]any)
	for _, v := range types {
		x, _ := v.(*ojson.Object)
		if versions, ok := x.At("apiVersions").([]any); ok && len(versions) > 0 && strings.EqualFold(x.Str("resourceType"), name) {
			s, _ := versions[0].(string)
			return s, nil
		}
	}
	return resourcesV, nil
}

// typeOf is the full type in an ARM id: "" for a resource group, "/" for a
// subscription.
func typeOf(id string) string {
	parts := strings.Split(strings.Trim(id, "/"), "/")
	at := slices.IndexFunc(parts, func(s string) bool { return strings.EqualFold(s, "providers") })
	switch {
	case at < 0 && len(parts) <= 2:
		return "/"
	case at < 0:
		return ""
	}
	out := ""
	for i := at + 1; i < len(parts); i += 2 {
		out += "/" + parts[i]
		if i == at+1 {
			i--
		}
	}
	return strings.TrimPrefix(out, "/")
}

// kindOf finds the kind of an ARM id. A row that ends in a slash is for all other
// types of its namespace.
func kindOf(id string) *kind {
	t := typeOf(id)
	for i := range resourceKinds {
		k := &resourceKinds[i]
		namespace, whole := strings.CutSuffix(k.resource, "/")
		if strings.EqualFold(k.resource, t) || whole && namespace != "" && has(t+"/", namespace+"/") {
			return k
		}
	}
	return &otherKind
}

// cell is what a column shows of a body.
func cell(o *ojson.Object, at string, subscription string) string {
	switch at {
	case "@group":
		return groupOf(o.Str("id"))
	case "@subscription":
		return subscription
	case "@id":
		return o.Str("id")
	}
	switch v := o.At(strings.Split(at, ".")...).(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return map[bool]string{true: "Yes", false: "No"}[v]
	default:
		return fmt.Sprint(v)
	}
}

// creation is the title of the form that makes one.
func (k *kind) creation() string { return "Create a " + k.one }

// listPath is where Resource Manager lists a kind.
func (k *kind) listPath(sub string) string {
	switch k.resource {
	case "":
		return sub + "/resourcegroups"
	case "/":
		return "/subscriptions"
	}
	return sub + "/providers/" + k.resource
}

// list is the blade with all resources of a kind.
func (p *Portal) list(ctx context.Context, pg *page, k *kind) error {
	sub, name, err := p.subscription(ctx)
	if err != nil {
		return err
	}
	pg.Title, pg.Breadcrumb = k.many, []blade.Link{homeLink}
	t, err := p.table(ctx, k.listPath(sub), k.version, k.columns, func(x *ojson.Object) blade.Row {
		row := blade.Row{Target: k.target + "." + x.Str("name"), Key: x.Str("id"), Path: x.Str("id") + "/-/overview"}
		if k.resource == "/" {
			row.Target = k.target + "." + x.Str("displayName")
		}
		for _, c := range k.columns {
			row.Cells = append(row.Cells, cell(x, c.at, name))
		}
		return row
	})
	if err != nil {
		return err
	}
	t.Empty = k.empty
	pg.Sections = []blade.Section{{Table: t}}
	form := k.form
	if form == "" {
		form = "/absent/" + k.creation()
	}
	pg.Commands = []blade.Command{{Target: k.target + ".create", Text: "Create", Primary: true}}
	pg.on(k.target+".create", func(context.Context, map[string]string) error { p.open(form); return nil })
	pg.Equivalents = &blade.Equiv{CLI: "az " + k.cli + " list -o table", PowerShell: "Get-" + k.cmdlet, REST: curl(http.MethodGet, k.listPath(sub), k.version, "")}
	return nil
}

// overview is a resource's first blade: its essentials and what can be done.
func (p *Portal) overview(ctx context.Context, pg *page, id string) error {
	k := kindOf(id)
	version, err := p.versionOf(ctx, id)
	if err != nil {
		return err
	}
	o, err := p.arm(ctx, http.MethodGet, id, version, nil, nil)
	if err != nil {
		return err
	}
	pg.Title = nameOf(id)
	if k.resource == "/" {
		pg.Title = o.Str("displayName")
	}
	facts := []blade.Fact{}
	add := func(name, value string) {
		if value != "" {
			facts = append(facts, blade.Fact{Target: "fact." + strings.ToLower(strings.ReplaceAll(name, " ", "-")), Name: name, Value: value, Copy: true})
		}
	}
	add("Resource group", groupOf(id))
	add("Location", o.Str("location"))
	add("Subscription ID", strings.Split(id, "/")[2])
	for _, c := range k.essential {
		add(c.title, cell(o, c.at, ""))
	}
	if more := moreOf[k.resource]; more != nil && k != &otherKind {
		if err := more(p, ctx, pg, id, o, add); err != nil {
			return err
		}
	}
	if tags := o.Obj("tags"); tags.Len() > 0 {
		var list []string
		for _, m := range tags.Members() {
			list = append(list, fmt.Sprintf("%s : %v", m.Key, m.Value))
		}
		add("Tags", strings.Join(list, ", "))
	}
	pg.Sections = append([]blade.Section{{Title: "Essentials", Facts: facts}}, pg.Sections...)
	pg.Equivalents = &blade.Equiv{CLI: "az resource show --ids " + id, PowerShell: "Get-AzResource -ResourceId " + id, REST: curl(http.MethodGet, id, version, "")}
	switch k.resource {
	case "", "/":
		pg.Equivalents.CLI, pg.Equivalents.PowerShell = "az "+k.cli+" show -n "+nameOf(id), "Get-"+k.cmdlet+" -Name "+nameOf(id)
		if k.resource == "/" {
			pg.Equivalents.CLI, pg.Equivalents.PowerShell = "az account show -s "+nameOf(id), "Get-AzSubscription -SubscriptionId "+nameOf(id)
		}
	}
	return nil
}

// deletion is the command that deletes a resource, with its question.
func (p *Portal) deletion(pg *page, id, target, text string, e *blade.Equiv, q question) {
	pg.Commands = append(pg.Commands, blade.Command{Target: target, Text: text, Danger: true, Equivalents: e})
	k := kindOf(id)
	p.ask(pg, target, q, func(ctx context.Context, _ map[string]string) error {
		if _, err := p.operate(ctx, http.MethodDelete, id, k.version, nil, words{"Deleting " + k.one + " '" + nameOf(id) + "'", "Deleted " + k.one + " '" + nameOf(id) + "'", "Failed to delete " + k.one + " '" + nameOf(id) + "'"}); err != nil {
			return err
		}
		notices := p.state.Notices
		p.open(k.path)
		p.state.Notices = notices
		return nil
	})
}

// groupMore lists what is in a resource group.
func (p *Portal) groupMore(ctx context.Context, pg *page, id string, _ *ojson.Object, _ func(name, value string)) error {
	t, err := p.table(ctx, id+"/resources", resourcesV, []column{{title: "Name"}, {title: "Type"}, {title: "Location"}}, func(x *ojson.Object) blade.Row {
		return blade.Row{Target: "resource." + x.Str("name"), Key: x.Str("id"), Cells: []string{x.Str("name"), x.Str("type"), x.Str("location")}, Path: x.Str("id") + "/-/overview"}
	})
	if err != nil {
		return err
	}
	t.Empty = "No resources to display"
	pg.Sections = append(pg.Sections, blade.Section{Title: "Resources", Table: t})
	name := nameOf(id)
	typed := p.state.Pending["name"]
	pg.Commands = append(pg.Commands, blade.Command{Target: "group.delete", Text: "Delete resource group", Danger: true, Equivalents: &blade.Equiv{CLI: "az group delete -n " + name, PowerShell: "Remove-AzResourceGroup -Name " + name, REST: curl(http.MethodDelete, id, resourcesV, "")}})
	p.ask(pg, "group.delete", question{"Delete a resource group", "All resources in '" + name + "' are deleted with it. This cannot be undone. To confirm, enter the name of the resource group.", "Delete"}, func(ctx context.Context, values map[string]string) error {
		if v, ok := values["name"]; ok {
			typed = v
		}
		if typed != name {
			return fmt.Errorf("the name that was entered is not %q", name)
		}
		if _, err := p.operate(ctx, http.MethodDelete, id, resourcesV, nil, words{"Deleting resource group '" + name + "'", "Deleted resource group '" + name + "'", "Failed to delete resource group '" + name + "'"}); err != nil {
			return err
		}
		notices := p.state.Notices
		p.open("/groups")
		p.state.Notices = notices
		return nil
	})
	if p.state.Asked == "group.delete" {
		pg.Panel.Sections = append(pg.Panel.Sections, blade.Section{Choices: []blade.Choice{{Target: "confirm.name", Name: "name", Label: "Enter resource group name to confirm deletion", Kind: "text", Value: typed, Required: true}}})
		pg.on("confirm.name", func(_ context.Context, values map[string]string) error {
			p.state.Asked, p.state.Pending = "group.delete", map[string]string{"name": values["name"]}
			return nil
		})
	}
	return nil
}

func (p *Portal) identityMore(_ context.Context, pg *page, id string, _ *ojson.Object, _ func(name, value string)) error {
	p.deletion(pg, id, "identity.delete", "Delete", &blade.Equiv{CLI: fmt.Sprintf("az identity delete -g %s -n %s", groupOf(id), nameOf(id)),
		PowerShell: fmt.Sprintf("Remove-AzUserAssignedIdentity -ResourceGroupName %s -Name %s", groupOf(id), nameOf(id)), REST: curl(http.MethodDelete, id, identityV, "")},
		question{"Delete user assigned managed identity", "Resources that use '" + nameOf(id) + "' can no longer get tokens with it, and its role assignments remain without a principal. Do you want to delete it?", "Yes"})
	return nil
}

func (p *Portal) storageMore(_ context.Context, pg *page, id string, _ *ojson.Object, _ func(name, value string)) error {
	p.deletion(pg, id, "storage.delete", "Delete", &blade.Equiv{CLI: fmt.Sprintf("az storage account delete -g %s -n %s", groupOf(id), nameOf(id)),
		PowerShell: fmt.Sprintf("Remove-AzStorageAccount -ResourceGroupName %s -Name %s", groupOf(id), nameOf(id)), REST: curl(http.MethodDelete, id, storageV, "")},
		question{"Delete storage account", "'" + nameOf(id) + "' and everything in it is deleted. Do you want to delete it?", "Delete"})
	return nil
}

func (p *Portal) vaultMore(_ context.Context, pg *page, id string, _ *ojson.Object, _ func(name, value string)) error {
	p.deletion(pg, id, "vault.delete", "Delete", &blade.Equiv{CLI: fmt.Sprintf("az keyvault delete -g %s -n %s", groupOf(id), nameOf(id)),
		PowerShell: fmt.Sprintf("Remove-AzKeyVault -ResourceGroupName %s -VaultName %s", groupOf(id), nameOf(id)), REST: curl(http.MethodDelete, id, vaultV, "")},
		question{"Delete key vault", "'" + nameOf(id) + "' is deleted. Until its retention ends it can be recovered, and its name stays taken. Do you want to delete it?", "Delete"})
	return nil
}

// absent says honestly that the portal has a blade which is not here.
func absent(pg *page, text string) {
	pg.Sections = []blade.Section{{Text: "skylab: the blade " + text + " of the Azure portal is real but not simulated here"}}
}

// slug is an entry's text as a target has it.
func slug(text string) string {
	return strings.Trim(strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }), "-"), "-")
}
