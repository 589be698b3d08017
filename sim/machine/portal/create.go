package portal

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"skylab/sim/machine/portal/blade"
	"skylab/sim/ojson"
)

// forms is the table of forms by path.
var forms = map[string]func(*Portal, context.Context) (*formSpec, error){
	"/create/group": (*Portal).groupForm, "/create/vm": (*Portal).vmForm, "/create/identity": (*Portal).identityForm, "/create/storage": (*Portal).storageForm, "/create/vault": (*Portal).vaultForm,
	"/create/deployment": (*Portal).deploymentForm, "/create/directory-group": (*Portal).directoryGroupForm,
}

func (p *Portal) form(ctx context.Context, pg *page, make func(*Portal, context.Context) (*formSpec, error)) error {
	s, err := make(p, ctx)
	if err != nil {
		return err
	}
	return p.draw(pg, s)
}

var groupName = regexp.MustCompile(`^[\pL\pN_().-]*[\pL\pN_()-]$`)

// regions lists the subscription's locations as options.
func (p *Portal) regions(ctx context.Context, sub string) ([]blade.Option, error) {
	o, err := p.arm(ctx, http.MethodGet, sub+"/locations", resourcesV, nil, nil)
	if err != nil {
		return nil, err
	}
	var out []blade.Option
	for _, x := range items(o) {
		out = append(out, blade.Option{Value: x.Str("name"), Text: x.Str("displayName")})
	}
	return out, nil
}

// groupsOf lists the names of the subscription's resource groups.
func (p *Portal) groupsOf(ctx context.Context, sub string) ([]blade.Option, error) {
	o, err := p.arm(ctx, http.MethodGet, sub+"/resourcegroups", resourcesV, nil, nil)
	if err != nil {
		return nil, err
	}
	out := []blade.Option{}
	for _, x := range items(o) {
		out = append(out, blade.Option{Value: x.Str("name"), Text: x.Str("name")})
	}
	return out, nil
}

var (
	basics   = menuEntry{"basics", "Basics"}
	tagsStep = menuEntry{"tags", "Tags"}
)

// tagInputs are the fields of a form's tags.
func tagInputs() []input {
	return []input{
		{step: "tags", name: "tagName", label: "Name", kind: "text", check: func(v string) string {
			if len(v) > 512 || strings.ContainsAny(v, `<>%&\?/`) {
				return `Tag names can't contain these characters: <, >, %, &, \, ?, /`
			}
			return ""
		}},
		{step: "tags", name: "tagValue", label: "Value", kind: "text", check: func(v string) string {
			if len(v) > 256 {
				return "Tag values can't be longer than 256 characters."
			}
			return ""
		}},
	}
}

// withTags puts a form's tags into a body.
func withTags(body *ojson.Object, v map[string]string) *ojson.Object {
	if v["tagName"] != "" {
		body.Set("tags", ojson.Obj(v["tagName"], v["tagValue"]))
	}
	return body
}

func mustJSON(v any) string {
	b, err := ojson.Marshal(v)
	if err != nil {
		return "{}"
	}
	return string(b)
}

// tagFlag is a form's tags as an option of a command.
func tagFlag(v map[string]string, format string) string {
	if v["tagName"] == "" {
		return ""
	}
	return fmt.Sprintf(format, v["tagName"], v["tagValue"])
}

func (p *Portal) groupForm(ctx context.Context) (*formSpec, error) {
	sub, subName, err := p.subscription(ctx)
	if err != nil {
		return nil, err
	}
	regions, err := p.regions(ctx, sub)
	if err != nil {
		return nil, err
	}
	taken, err := p.groupsOf(ctx, sub)
	if err != nil {
		return nil, err
	}
	body := func(v map[string]string) *ojson.Object { return withTags(ojson.Obj("location", v["region"]), v) }
	back := blade.Link{Target: "nav.groups", Text: "Resource groups", Path: "/groups"}
	return &formSpec{
		title: "Create a resource group", back: back, crumbs: []blade.Link{homeLink, back}, steps: []menuEntry{basics, tagsStep}, button: "Create",
		note: func(step string) []blade.Section {
			if step != "basics" {
				return nil
			}
			return []blade.Section{{Text: "A resource group holds related resources that live and go together.", Facts: []blade.Fact{{Name: "Subscription", Value: subName}}}}
		},
		inputs: append([]input{
			{step: "basics", name: "name", label: "Resource group name", kind: "text", required: true, check: func(v string) string {
				switch {
				case len([]rune(v)) > 90:
					return "The value must have a length of at most 90."
				case !groupName.MatchString(v):
					return "Resource group names only allow alphanumeric characters, periods, underscores, hyphens and parenthesis and cannot end in a period."
				}
				for _, o := range taken {
					if strings.EqualFold(o.Value, v) {
						return "A resource group with the same name already exists."
					}
				}
				return ""
			}},
			{step: "basics", name: "region", label: "Region", kind: "select", required: true, value: "eastus", options: regions},
		}, tagInputs()...),
		equiv: func(v map[string]string) *blade.Equiv {
			return &blade.Equiv{CLI: "az group create -n " + v["name"] + " -l " + v["region"] + tagFlag(v, " --tags %s='%s'"), PowerShell: "New-AzResourceGroup -Name " + v["name"] + " -Location " + v["region"] + tagFlag(v, " -Tag @{'%s'='%s'}"),
				REST: curl(http.MethodPut, sub+"/resourcegroups/"+v["name"], resourcesV, mustJSON(body(v)))}
		},
		create: func(ctx context.Context, v map[string]string) (string, error) {
			_, err := p.operate(ctx, http.MethodPut, sub+"/resourcegroups/"+v["name"], resourcesV, body(v), words{"Creating resource group '" + v["name"] + "'", "Created resource group '" + v["name"] + "'", "Failed to create resource group '" + v["name"] + "'"})
			if err != nil {
				return "", err
			}
			return sub + "/resourceGroups/" + v["name"] + "/-/overview", nil
		},
	}, nil
}

// resourceForm is a form that makes a resource by one request: a group, a region
// and a name, and what a kind of resource has beside them.
type resourceForm struct {
	resource string // its full type
	title    string
	name     string // label of its name
	steps    []menuEntry
	inputs   []input // of Basics behind the name, and of steps
	// check returns what is wrong with a name, in the portal's words.
	check  func(name string) string
	body   func(v map[string]string) *ojson.Object // without location and tags
	equiv  func(v map[string]string) (cli, powershell string)
	verify func(ctx context.Context, v map[string]string) error
}

func (p *Portal) resourceForm(ctx context.Context, r resourceForm) (*formSpec, error) {
	sub, subName, err := p.subscription(ctx)
	if err != nil {
		return nil, err
	}
	regions, err := p.regions(ctx, sub)
	if err != nil {
		return nil, err
	}
	groups, err := p.groupsOf(ctx, sub)
	if err != nil {
		return nil, err
	}
	id := func(v map[string]string) string {
		return sub + "/resourceGroups/" + v["group"] + "/providers/" + r.resource + "/" + v["name"]
	}
	k := kindOf(id(nil))
	body := func(v map[string]string) *ojson.Object {
		o := ojson.Obj("location", v["region"])
		for _, m := range r.body(v).Members() {
			o.Set(m.Key, m.Value)
		}
		return withTags(o, v)
	}
	back := blade.Link{Target: "nav." + k.nav, Text: k.many, Path: k.path}
	inputs := []input{
		{step: "basics", name: "group", label: "Resource group", kind: "select", required: true, options: groups},
		{step: "basics", name: "region", label: "Region", kind: "select", required: true, value: "eastus", options: regions},
		{step: "basics", name: "name", label: r.name, kind: "text", required: true, check: r.check},
	}
	return &formSpec{
		title: r.title, back: back, crumbs: []blade.Link{homeLink, back}, steps: slices.Concat([]menuEntry{basics}, r.steps, []menuEntry{tagsStep}), button: "Create",
		note: func(step string) []blade.Section {
			if step != "basics" {
				return nil
			}
			return []blade.Section{{Title: "Project details", Facts: []blade.Fact{{Name: "Subscription", Value: subName}}}}
		},
		inputs: slices.Concat(inputs, r.inputs, tagInputs()), verify: r.verify,
		equiv: func(v map[string]string) *blade.Equiv {
			cli, shell := r.equiv(v)
			return &blade.Equiv{CLI: cli + tagFlag(v, " --tags %s='%s'"), PowerShell: shell + tagFlag(v, " -Tag @{'%s'='%s'}"), REST: curl(http.MethodPut, id(v), k.version, mustJSON(body(v)))}
		},
		create: func(ctx context.Context, v map[string]string) (string, error) {
			what := k.one + " '" + v["name"] + "'"
			_, err := p.operate(ctx, http.MethodPut, id(v), k.version, body(v), words{"Creating " + what, "Created " + what, "Failed to create " + what})
			if err != nil {
				return "", err
			}
			return id(v) + "/-/overview", nil
		},
	}, nil
}

var identityName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)

func (p *Portal) identityForm(ctx context.Context) (*formSpec, error) {
	return p.resourceForm(ctx, resourceForm{resource: "Microsoft.ManagedIdentity/userAssignedIdentities", title: "Create User Assigned Managed Identity", name: "Name",
		check: func(v string) string {
			switch {
			case len(v) < 3 || len(v) > 128:
				return "The value must have a length between 3 and 128."
			case !identityName.MatchString(v):
				return "The name must begin with a letter or a number and can only contain letters, numbers, hyphens and underscores."
			}
			return ""
		},
		body: func(map[string]string) *ojson.Object { return ojson.New() },
		equiv: func(v map[string]string) (string, string) {
			return fmt.Sprintf("az identity create -g %s -n %s -l %s", v["group"], v["name"], v["region"]), fmt.Sprintf("New-AzUserAssignedIdentity -ResourceGroupName %s -Name %s -Location %s", v["group"], v["name"], v["region"])
		},
	})
}

var accountName = regexp.MustCompile(`^[a-z0-9]{3,24}$`)

// onOff are the options of a toggle.
var onOff = []blade.Option{{Value: "off", Text: "Off"}, {Value: "on", Text: "On"}}

func (p *Portal) storageForm(ctx context.Context) (*formSpec, error) {
	const resource = "Microsoft.Storage/storageAccounts"
	sub, _, err := p.subscription(ctx)
	if err != nil {
		return nil, err
	}
	return p.resourceForm(ctx, resourceForm{resource: resource, title: "Create a storage account", name: "Storage account name", steps: []menuEntry{{"advanced", "Advanced"}},
		check: func(v string) string {
			if !accountName.MatchString(v) {
				return "The name must be between 3 and 24 characters long and can only contain lowercase letters and numbers."
			}
			return ""
		},
		inputs: []input{
			{step: "basics", name: "sku", label: "Redundancy", kind: "select", required: true, value: "Standard_LRS", options: []blade.Option{
				{Value: "Standard_LRS", Text: "Locally-redundant storage (LRS)"}, {Value: "Standard_GRS", Text: "Geo-redundant storage (GRS)"}, {Value: "Standard_RAGRS", Text: "Geo-redundant storage with read access (RA-GRS)"}, {Value: "Standard_ZRS", Text: "Zone-redundant storage (ZRS)"}}},
			{step: "advanced", name: "anonymous", label: "Allow enabling anonymous access on individual containers", kind: "toggle", value: "off", options: onOff},
			{step: "advanced", name: "keys", label: "Enable storage account key access", kind: "toggle", value: "on", options: onOff},
		},
		body: func(v map[string]string) *ojson.Object {
			return ojson.Obj("kind", "StorageV2", "sku", ojson.Obj("name", v["sku"]), "properties", ojson.Obj("allowBlobPublicAccess", v["anonymous"] == "on", "allowSharedKeyAccess", v["keys"] == "on", "minimumTlsVersion", "TLS1_2", "supportsHttpsTrafficOnly", true))
		},
		equiv: func(v map[string]string) (string, string) {
			return fmt.Sprintf("az storage account create -g %s -n %s -l %s --sku %s --allow-blob-public-access %t --allow-shared-key-access %t", v["group"], v["name"], v["region"], v["sku"], v["anonymous"] == "on", v["keys"] == "on"),
				fmt.Sprintf("New-AzStorageAccount -ResourceGroupName %s -Name %s -Location %s -SkuName %s -Kind StorageV2 -AllowBlobPublicAccess $%t -AllowSharedKeyAccess $%t", v["group"], v["name"], v["region"], v["sku"], v["anonymous"] == "on", v["keys"] == "on")
		},
		verify: func(ctx context.Context, v map[string]string) error {
			return p.nameFree(ctx, sub+"/providers/Microsoft.Storage/checkNameAvailability", storageV, v["name"], resource)
		},
	})
}

// nameFree asks a provider whether a name can be taken.
func (p *Portal) nameFree(ctx context.Context, path, version, name, resource string) error {
	o, err := p.arm(ctx, http.MethodPost, path, version, nil, ojson.Obj("name", name, "type", resource))
	if err != nil {
		return err
	}
	if free, _ := o.At("nameAvailable").(bool); !free {
		return fmt.Errorf("%s", o.Str("message"))
	}
	return nil
}

var vaultName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$`)

func (p *Portal) vaultForm(ctx context.Context) (*formSpec, error) {
	const resource = "Microsoft.KeyVault/vaults"
	sub, _, err := p.subscription(ctx)
	if err != nil {
		return nil, err
	}
	o, err := p.arm(ctx, http.MethodGet, sub, resourcesV, nil, nil)
	if err != nil {
		return nil, err
	}
	me, err := p.graph(ctx, http.MethodGet, "/me", nil, nil)
	if err != nil {
		return nil, err
	}
	tenant := o.Str("tenantId")
	days := func(v string) string {
		if n, err := strconv.Atoi(v); err != nil || n < 7 || n > 90 {
			return "The value must be between 7 and 90."
		}
		return ""
	}
	return p.resourceForm(ctx, resourceForm{resource: resource, title: "Create a key vault", name: "Key vault name", steps: []menuEntry{{"access", "Access configuration"}},
		check: func(v string) string {
			switch {
			case len(v) < 3 || len(v) > 24:
				return "The name must be between 3 and 24 characters long."
			case !vaultName.MatchString(v):
				return "The name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens. It can only contain letters, digits and hyphens."
			}
			return ""
		},
		inputs: []input{
			{step: "basics", name: "sku", label: "Pricing tier", kind: "select", required: true, value: "standard", options: []blade.Option{{Value: "standard", Text: "Standard"}, {Value: "premium", Text: "Premium (includes support for HSM backed keys)"}}},
			{step: "basics", name: "days", label: "Days to retain deleted vaults", kind: "text", required: true, value: "90", check: days},
			{step: "basics", name: "purge", label: "Purge protection", kind: "toggle", value: "off", options: onOff},
			{step: "access", name: "model", label: "Permission model", kind: "radio", required: true, value: "rbac", options: []blade.Option{{Value: "rbac", Text: "Azure role-based access control (recommended)"}, {Value: "policy", Text: "Vault access policy"}}},
		},
		body: func(v map[string]string) *ojson.Object {
			properties := ojson.Obj("tenantId", tenant, "sku", ojson.Obj("family", "A", "name", v["sku"]), "enableSoftDelete", true, "enableRbacAuthorization", v["model"] == "rbac", "accessPolicies", []any{})
			if n, err := strconv.Atoi(v["days"]); err == nil {
				properties.Set("softDeleteRetentionInDays", n)
			}
			if v["purge"] == "on" {
				properties.Set("enablePurgeProtection", true)
			}
			if v["model"] != "rbac" { // as in the portal, who makes it may use it
				all := []any{"all"}
				properties.Set("accessPolicies", []any{ojson.Obj("tenantId", tenant, "objectId", me.Str("id"), "permissions", ojson.Obj("keys", all, "secrets", all, "certificates", all))})
			}
			return ojson.Obj("properties", properties)
		},
		equiv: func(v map[string]string) (string, string) {
			cli := fmt.Sprintf("az keyvault create -g %s -n %s -l %s --sku %s --retention-days %s --enable-rbac-authorization %t", v["group"], v["name"], v["region"], v["sku"], v["days"], v["model"] == "rbac")
			shell := fmt.Sprintf("New-AzKeyVault -ResourceGroupName %s -Name %s -Location %s -Sku %s -SoftDeleteRetentionInDays %s", v["group"], v["name"], v["region"], v["sku"], v["days"])
			if v["purge"] == "on" {
				cli, shell = cli+" --enable-purge-protection true", shell+" -EnablePurgeProtection"
			}
			if v["model"] == "rbac" {
				shell += " -EnableRbacAuthorization"
			}
			return cli, shell
		},
		verify: func(ctx context.Context, v map[string]string) error {
			return p.nameFree(ctx, sub+"/providers/Microsoft.KeyVault/checkNameAvailability", vaultV, v["name"], resource)
		},
	})
}
