// Package msi is Microsoft.ManagedIdentity in Resource Manager: user-assigned
// managed identities, their federated credentials, and what a resource's
// system-assigned identity is (facts/azure-wire.md §4.8).
//
// The texts about federated credentials are those of the public page "Important
// considerations and restrictions for federated identity credentials" and of
// recorded refusals; that of the limit is in no public source and is ours.
package msi

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"skylab/sim/cloud/arm"
	"skylab/sim/cloud/identity"
	"skylab/sim/ojson"
)

const namespace = "Microsoft.ManagedIdentity"

// FullType is the type of user-assigned identities.
const FullType = namespace + "/userAssignedIdentities"

const federatedType = FullType + "/federatedIdentityCredentials"

// MaxFederated is how many federated credentials an identity has at most.
const MaxFederated = 20

var (
	name          = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{2,127}$`)
	federatedName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{2,119}$`)
)

// Types returns the resource types of the namespace.
func Types() []*arm.Type {
	return []*arm.Type{
		{
			Namespace: namespace, Name: "userAssignedIdentities", LowerGroups: true,
			Versions: strings.Fields("2024-11-30 2023-07-31-preview 2023-01-31 2022-01-31-preview 2021-09-30-preview 2018-11-30 2015-08-31-preview"),
			Put:      put, Render: render, Gone: func(a *arm.ARM, r arm.Resource) { a.Directory.DeletePrincipal(r.Properties.Str("principalId")) },
			Actions: map[string]arm.Action{"listassociatedresources": {Name: "listAssociatedResources", Reads: true, Do: listAssociated}},
			Below:   "revokeTokens",
		},
		{
			Namespace: namespace, Name: "userAssignedIdentities/federatedIdentityCredentials", LowerGroups: true, Proxy: true,
			Versions: strings.Fields("2024-11-30 2023-07-31-preview 2023-01-31 2022-01-31-preview"),
			Put:      putFederated, After: func(a *arm.ARM, _ *arm.Request, _ *arm.Resource, r arm.Resource) { trust(a, r) }, Gone: trust,
		},
		{
			Namespace: namespace, Name: "identities", Extension: true, Serve: serveSystem,
			Versions: strings.Fields("2024-11-30 2023-07-31-preview 2023-01-31 2022-01-31-preview 2021-09-30-preview 2018-11-30"),
		},
		{
			Namespace: namespace, Name: "operations", Extension: true, Serve: serveOperations,
			Versions: strings.Fields("2024-11-30 2023-07-31-preview 2023-01-31 2022-01-31-preview 2021-09-30-preview 2018-11-30 2015-08-31-preview"),
		},
	}
}

func fail(status int, code, format string, args ...any) error {
	return &arm.Error{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

func put(a *arm.ARM, x *arm.Request, old, r *arm.Resource) error {
	if !name.MatchString(r.Name) {
		return fail(http.StatusBadRequest, "InvalidResourceName", "The resource name '%s' is invalid. It must start with a letter or number, have 3 to 128 characters, and contain only letters, numbers, '-' and '_'.", r.Name)
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
	switch {
	case x.Version >= "2024-11-30":
		p = ojson.New(append([]ojson.Member{{Key: "isolationScope", Value: "None"}}, p.Members()...)...)
	case x.Version == "2015-08-31-preview":
		p.Set("clientSecretUrl", secretURL(r.ID, r.Location, p.Str("tenantId"), p.Str("principalId"), p.Str("clientId")))
	}
	if x.Version < "2023-01-31" {
		return ojson.Obj("id", r.ID, "name", r.Name, "type", r.Type, "location", r.Location, "tags", r.Tags, "properties", p)
	}
	return ojson.Obj("location", r.Location, "tags", r.Tags, "id", r.ID, "name", r.Name, "type", r.Type, "properties", p)
}

// secretURL is where the platform fetches an identity's certificate.
func secretURL(id, location, tenant, principal, client string) string {
	return "https://control-" + location + ".identity.azure.net" + id + "/credentials?tid=" + tenant + "&oid=" + principal + "&aid=" + client
}

// listAssociated lists the resources that use an identity, $skip and $top of
// them.
func listAssociated(a *arm.ARM, x *arm.Request, r *arm.Resource) error {
	list := []any{}
	for _, other := range a.Resources() {
		for _, id := range other.Identity.Obj("userAssignedIdentities").Keys() {
			if strings.EqualFold(id, r.ID) {
				parts := strings.Split(other.ID, "/")
				list = append(list, ojson.Obj("id", other.ID, "name", other.Name, "type", strings.ToLower(other.Type), "resourceGroup", strings.ToLower(parts[4]), "subscriptionId", parts[2], "subscriptionDisplayName", x.Subscription().Name))
			}
		}
	}
	total := len(list)
	for _, q := range []string{"$skip", "$top"} {
		s := x.URL.Query().Get(q)
		if s == "" {
			continue
		}
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return fail(http.StatusBadRequest, "BadRequest", "The value '%s' of '%s' is not a number of resources.", s, q)
		}
		if n = min(n, len(list)); q == "$skip" {
			list = list[n:]
		} else {
			list = list[:n]
		}
	}
	x.Answer(http.StatusOK, ojson.Obj("totalCount", total, "value", list))
	return nil
}

// putFederated checks a federated credential.
func putFederated(a *arm.ARM, x *arm.Request, old, r *arm.Resource) error {
	p := r.Properties
	audiences, _ := p.At("audiences").([]any)
	switch {
	case !federatedName.MatchString(r.Name):
		return fail(http.StatusBadRequest, "BadRequest", "Federated Identity Credential name '%s' is invalid.", r.Name)
	case p.Str("issuer") == "" || p.Str("subject") == "" || len(audiences) == 0:
		return fail(http.StatusBadRequest, "BadRequest", "The request format was unexpected. Federated Identity Credential must specify 'issuer', 'subject' and 'audience'.")
	case len(audiences) > 1:
		return fail(http.StatusBadRequest, "BadRequest", "Federated identity credentials must have exactly one audience.")
	}
	audience, ok := audiences[0].(string)
	if !ok || audience == "" {
		return fail(http.StatusBadRequest, "BadRequest", "Federated Identity Credential from HTTP body has empty properties")
	}
	parent := parentOf(r.ID)
	others := credentials(a, parent)
	for _, o := range others {
		if !strings.EqualFold(o.ID, r.ID) && o.Properties.Str("issuer") == p.Str("issuer") && o.Properties.Str("subject") == p.Str("subject") {
			return fail(http.StatusConflict, "Conflict", "Issuer and subject combination already exists for this Managed Identity.")
		}
	}
	if old == nil && len(others) >= MaxFederated {
		return fail(http.StatusBadRequest, "BadRequest", "Too many Federated Identity Credentials have been created for the managed identity '%s'. The limit is %d.", parent, MaxFederated)
	}
	r.Properties = ojson.Obj("issuer", p.Str("issuer"), "subject", p.Str("subject"), "audiences", []any{audience})
	x.W.Header().Set("Location", r.ID)
	return nil
}

func parentOf(id string) string {
	return id[:strings.LastIndex(strings.ToLower(id), "/federatedidentitycredentials/")]
}

// credentials are the federated credentials of an identity.
func credentials(a *arm.ARM, parent string) []arm.Resource {
	var out []arm.Resource
	for _, r := range a.ResourcesOf(federatedType) {
		if strings.EqualFold(parentOf(r.ID), parent) {
			out = append(out, r)
		}
	}
	return out
}

// trust tells the directory which assertions the identity of a credential that
// came or went takes now. The identity itself may be gone, and then nothing is
// left to tell.
func trust(a *arm.ARM, r arm.Resource) {
	parent, ok := a.Resource(parentOf(r.ID))
	if !ok {
		return
	}
	var list []identity.Federated
	for _, c := range credentials(a, parent.ID) {
		audiences, _ := c.Properties.At("audiences").([]any)
		f := identity.Federated{ID: a.IDs.NamedGUID("msi.federated", strings.ToLower(c.ID)), Name: c.Name, Issuer: c.Properties.Str("issuer"), Subject: c.Properties.Str("subject")}
		if len(audiences) > 0 {
			f.Audience, _ = audiences[0].(string)
		}
		list = append(list, f)
	}
	// The principal lives as long as its resource, so there is no error to tell.
	_ = a.Directory.SetFederated(parent.Properties.Str("principalId"), list...)
}

// serveSystem tells of the system-assigned identity of a resource.
func serveSystem(a *arm.ARM, x *arm.Request) error {
	switch {
	case x.Name == "" || len(x.Rest) > 0 || !strings.EqualFold(x.Name, "default"):
		return fail(http.StatusNotFound, "NotFound", "A resource has one system-assigned identity, 'default'.")
	case x.Method != http.MethodGet:
		return fail(http.StatusMethodNotAllowed, "HttpMethodNotAllowed", "The HTTP method is not allowed for this resource.")
	}
	if err := a.Authorize(x, namespace+"/identities/read", x.Scope); err != nil {
		return err
	}
	r, ok := a.Resource(x.Scope)
	if !ok {
		return fail(http.StatusNotFound, "ResourceNotFound", "The resource '%s' was not found.", x.Scope)
	}
	id := r.Identity.Str("principalId")
	if id == "" {
		return fail(http.StatusNotFound, "ResourceNotFound", "The resource '%s' has no system-assigned identity.", x.Scope)
	}
	principal, _ := a.Directory.Lookup(id)
	tenant := a.Directory.TenantID()
	o := ojson.Obj("id", r.ID+"/providers/"+namespace+"/identities/default", "name", "default", "type", namespace+"/identities", "location", r.Location)
	if r.Tags != nil {
		o.Set("tags", r.Tags)
	}
	o.Set("properties", ojson.Obj("tenantId", tenant, "principalId", id, "clientId", principal.AppID, "clientSecretUrl", secretURL(r.ID, r.Location, tenant, id, principal.AppID)))
	x.Answer(http.StatusOK, o)
	return nil
}
