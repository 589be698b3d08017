package portal

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"skylab/sim/machine/portal/blade"
	"skylab/sim/ojson"
)

// forms is the table of forms by path.
var forms = map[string]func(*Portal, context.Context) (*formSpec, error){
	"/create/group": (*Portal).groupForm, "/create/identity": (*Portal).identityForm, "/create/deployment": (*Portal).deploymentForm,
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

var identityName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)

func (p *Portal) identityForm(ctx context.Context) (*formSpec, error) {
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
		return sub + "/resourceGroups/" + v["group"] + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/" + v["name"]
	}
	body := func(v map[string]string) *ojson.Object { return withTags(ojson.Obj("location", v["region"]), v) }
	back := blade.Link{Target: "nav.identities", Text: "Managed Identities", Path: "/identities"}
	return &formSpec{
		title: "Create User Assigned Managed Identity", back: back, crumbs: []blade.Link{homeLink, back}, steps: []menuEntry{basics, tagsStep}, button: "Create",
		note: func(step string) []blade.Section {
			if step != "basics" {
				return nil
			}
			return []blade.Section{{Title: "Project details", Facts: []blade.Fact{{Name: "Subscription", Value: subName}}}}
		},
		inputs: append([]input{
			{step: "basics", name: "group", label: "Resource group", kind: "select", required: true, options: groups},
			{step: "basics", name: "region", label: "Region", kind: "select", required: true, value: "eastus", options: regions},
			{step: "basics", name: "name", label: "Name", kind: "text", required: true, check: func(v string) string {
				switch {
				case len(v) < 3 || len(v) > 128:
					return "The value must have a length between 3 and 128."
				case !identityName.MatchString(v):
					return "The name must begin with a letter or a number and can only contain letters, numbers, hyphens and underscores."
				}
				return ""
			}},
		}, tagInputs()...),
		equiv: func(v map[string]string) *blade.Equiv {
			return &blade.Equiv{CLI: fmt.Sprintf("az identity create -g %s -n %s -l %s", v["group"], v["name"], v["region"]) + tagFlag(v, " --tags %s='%s'"),
				PowerShell: fmt.Sprintf("New-AzUserAssignedIdentity -ResourceGroupName %s -Name %s -Location %s", v["group"], v["name"], v["region"]) + tagFlag(v, " -Tag @{'%s'='%s'}"),
				REST:       curl(http.MethodPut, id(v), identityV, mustJSON(body(v)))}
		},
		create: func(ctx context.Context, v map[string]string) (string, error) {
			o, err := p.operate(ctx, http.MethodPut, id(v), identityV, body(v), words{"Creating user assigned managed identity '" + v["name"] + "'", "Created user assigned managed identity '" + v["name"] + "'", "Failed to create user assigned managed identity '" + v["name"] + "'"})
			if err != nil {
				return "", err
			}
			return o.Str("id") + "/-/overview", nil
		},
	}, nil
}
