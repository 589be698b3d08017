package portal

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"skylab/sim/machine/portal/blade"
	"skylab/sim/ojson"
	"skylab/sim/sorting"
)

const graphHost = "https://graph.microsoft.com"

// graph sends a request to Microsoft Graph v1.0; body may be nil.
func (p *Portal) graph(ctx context.Context, method, path string, query url.Values, body any) (*ojson.Object, error) {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	r, err := p.request(ctx, graphHost, method, graphHost+"/v1.0"+path, body)
	return r.body, err
}

// microsoftTenant owns the applications that every tenant has.
const microsoftTenant = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"

// person is a principal of the directory as the portal shows it.
type person struct {
	Member
	shown string // the kind in the portal's words
	by    string // what else tells it from others: a user's principal name
	own   bool   // not an application of Microsoft's
}

// personOf reads a user, group or service principal of Graph's.
func personOf(o *ojson.Object, kind string) person {
	x := person{Member: Member{ID: o.Str("id"), Name: o.Str("displayName"), Kind: kind}, shown: kind, by: o.Str("userPrincipalName"), own: true}
	if kind == "ServicePrincipal" {
		x.shown, x.own = "App", o.Str("appOwnerOrganizationId") != microsoftTenant
		if o.Str("servicePrincipalType") == "ManagedIdentity" {
			x.shown = "Managed identity"
		}
	}
	return x
}

// kinds are Graph's types of principals by the names of role assignments.
var kinds = []struct{ kind, odata, set, search string }{
	{"User", "#microsoft.graph.user", "/users", "startswith(displayName,%) or startswith(userPrincipalName,%)"},
	{"Group", "#microsoft.graph.group", "/groups", "startswith(displayName,%)"},
	{"ServicePrincipal", "#microsoft.graph.servicePrincipal", "/servicePrincipals", "startswith(displayName,%)"},
}

// people looks principals up by their object ids; those that are gone are not
// among them.
func (p *Portal) people(ctx context.Context, ids []string) (map[string]person, error) {
	found := map[string]person{}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	if len(ids) == 0 {
		return found, nil
	}
	list := make([]any, len(ids))
	for i, id := range ids {
		list[i] = id
	}
	o, err := p.graph(ctx, http.MethodPost, "/directoryObjects/getByIds", nil, ojson.Obj("ids", list, "types", []any{"user", "group", "servicePrincipal"}))
	if err != nil {
		return found, err
	}
	for _, x := range items(o) {
		for _, k := range kinds {
			if x.Str("@odata.type") == k.odata {
				found[x.Str("id")] = personOf(x, k.kind)
			}
		}
	}
	return found, nil
}

// choosable lists users, groups and applications whose names begin with a text.
// Without one, Microsoft's own applications are left out.
func (p *Portal) choosable(ctx context.Context, search string) ([]person, error) {
	var out []person
	for _, k := range kinds {
		var clauses []string
		if k.kind == "ServicePrincipal" {
			clauses = append(clauses, "servicePrincipalType eq 'Application'")
		}
		if search != "" {
			quoted := "'" + strings.ReplaceAll(search, "'", "''") + "'"
			clauses = append(clauses, "("+strings.ReplaceAll(k.search, "%", quoted)+")")
		}
		q := url.Values{"$top": {"100"}}
		if len(clauses) > 0 {
			q.Set("$filter", strings.Join(clauses, " and "))
		}
		o, err := p.graph(ctx, http.MethodGet, k.set, q, nil)
		if err != nil {
			return nil, err
		}
		at := len(out)
		for _, x := range items(o) {
			if one := personOf(x, k.kind); one.own || search != "" {
				out = append(out, one)
			}
		}
		sorting.By(out[at:], func(a, b person) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	}
	return out, nil
}

// peopleEquiv is the list of those who can be chosen, said to other tools.
var peopleEquiv = &blade.Equiv{
	CLI:        "az ad user list; az ad group list; az ad sp list",
	PowerShell: "Get-AzADUser; Get-AzADGroup; Get-AzADServicePrincipal",
	REST:       "curl '" + graphHost + "/v1.0/users' -H \"Authorization: Bearer $token\"",
}

// commonRoles stand first in the list of roles.
var commonRoles = []string{"Reader", "Contributor", "Owner", "User Access Administrator", "Role Based Access Control Administrator"}

// inOrder puts role definitions into the order of the list.
func inOrder(definitions []*ojson.Object) []*ojson.Object {
	rank := func(o *ojson.Object) int {
		if i := slices.Index(commonRoles, o.Str("properties", "roleName")); i >= 0 {
			return i
		}
		return len(commonRoles)
	}
	out := slices.Clone(definitions)
	slices.SortStableFunc(out, func(a, b *ojson.Object) int { return rank(a) - rank(b) })
	return out
}
