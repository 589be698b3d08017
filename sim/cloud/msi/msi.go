// Package msi is Microsoft.ManagedIdentity in Resource Manager: user-assigned
// managed identities (facts/azure-wire.md §4.8).
package msi

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"skylab/sim/cloud/arm"
	"skylab/sim/ojson"
)

// FullType is the type of user-assigned identities.
const FullType = "Microsoft.ManagedIdentity/userAssignedIdentities"

var name = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{2,127}$`)

// Types returns the resource types of the namespace.
func Types() []*arm.Type {
	return []*arm.Type{{
		Namespace: "Microsoft.ManagedIdentity", Name: "userAssignedIdentities", LowerGroups: true,
		Versions: strings.Fields("2024-11-30 2023-07-31-preview 2023-01-31 2022-01-31-preview 2021-09-30-preview 2018-11-30 2015-08-31-preview"),
		Put:      put, Render: render, Gone: func(a *arm.ARM, r arm.Resource) { a.Directory.DeletePrincipal(r.Properties.Str("principalId")) },
		Actions: map[string]arm.Action{"listassociatedresources": {Name: "listAssociatedResources", Do: listAssociated}},
	}}
}

func put(a *arm.ARM, x *arm.Request, old, r *arm.Resource) error {
	if !name.MatchString(r.Name) {
		return &arm.Error{Status: http.StatusBadRequest, Code: "InvalidResourceName", Message: fmt.Sprintf("The resource name '%s' is invalid. It must start with a letter or number, have 3 to 128 characters, and contain only letters, numbers, '-' and '_'.", r.Name)}
	}
	if r.Tags == nil {
		r.Tags = &ojson.Object{}
	}
	x.W.Header().Set("Location", r.ID)
	if old != nil {
		r.Properties = old.Properties
		return nil
	}
	p, err := a.Directory.CreateManagedIdentity(r.Name, r.ID, true)
	if err != nil {
		return fmt.Errorf("create the principal of %s: %w", r.ID, err)
	}
	r.Properties = ojson.Obj("tenantId", a.Directory.TenantID(), "principalId", p.ID, "clientId", p.AppID)
	return nil
}

// render orders the body as each generation does.
func render(_ *arm.ARM, x *arm.Request, r arm.Resource) *ojson.Object {
	p := r.Properties.Clone()
	if x.Version >= "2024-11-30" {
		p = ojson.New(append([]ojson.Member{{Key: "isolationScope", Value: "None"}}, p.Members()...)...)
	}
	if x.Version < "2023-01-31" {
		return ojson.Obj("id", r.ID, "name", r.Name, "type", r.Type, "location", r.Location, "tags", r.Tags, "properties", p)
	}
	return ojson.Obj("location", r.Location, "tags", r.Tags, "id", r.ID, "name", r.Name, "type", r.Type, "properties", p)
}

// listAssociated lists the resources that use an identity.
func listAssociated(a *arm.ARM, x *arm.Request, r *arm.Resource) error {
	list := []any{}
	for _, other := range a.ResourcesOf("Microsoft.Compute/virtualMachines") {
		for _, id := range other.Identity.Obj("userAssignedIdentities").Keys() {
			if strings.EqualFold(strings.Replace(id, "resourceGroups", "resourcegroups", 1), r.ID) {
				parts := strings.Split(other.ID, "/")
				list = append(list, ojson.Obj("id", other.ID, "name", other.Name, "type", strings.ToLower(other.Type), "resourceGroup", strings.ToLower(parts[4]), "subscriptionId", parts[2]))
			}
		}
	}
	x.Answer(http.StatusOK, ojson.Obj("totalCount", len(list), "value", list))
	return nil
}
