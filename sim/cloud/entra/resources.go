package entra

import (
	"slices"
	"strings"

	"skylab/sim/cloud/identity"
)

// resource is an application that tokens can be meant for.
type resource struct {
	name  string
	appID string
	// uris are its identifiers; with any of them, with or without a slash at the
	// end, the audience of the token is the string as it was asked for.
	uris   []string
	roles  []AppRole
	scopes []PermissionScope
}

// Application ids of resources that other packages name.
const (
	GraphApp    = "00000003-0000-0000-c000-000000000000" // Microsoft Graph
	oldGraphApp = "00000002-0000-0000-c000-000000000000" // Azure AD Graph
	armApp      = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
)

// MicrosoftTenant is the tenant in which Microsoft's own applications are
// registered.
const MicrosoftTenant = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"

// actFor is the one delegated permission of most resources.
func actFor(id, service string) []PermissionScope {
	return []PermissionScope{{id, "user_impersonation", "Access " + service + " as the signed-in user", false}}
}

// resources is the table of first-party resources (facts/azure-wire.md §3.4 and
// the public list of first-party application ids; the ids of permissions are
// public too).
var resources = []resource{
	{name: "Windows Azure Service Management API", appID: armApp, uris: []string{"https://management.azure.com", "https://management.core.windows.net"}, scopes: actFor("41094075-9dad-400e-a0bd-54e686782033", "Azure Service Management")},
	{name: "Azure Key Vault", appID: "cfa8b339-82a2-471a-a3c9-0fc0be7a4093", uris: []string{"https://vault.azure.net"}, scopes: actFor("f53da476-18e3-4152-8e01-aec403e6edc0", "Azure Key Vault")},
	{name: "Azure Storage", appID: "e406a681-f3d4-42a8-90b6-c2b029497af1", uris: []string{"https://storage.azure.com"}, scopes: actFor("03e0da56-190b-40ad-a80c-ea378c433f7f", "Azure Storage")},
	{name: "Azure SQL Database", appID: "022907d3-0f1b-48f7-badc-1ba6abab6d66", uris: []string{"https://database.windows.net"}, scopes: actFor("c39ef2d1-04ce-46dc-8b5f-e9a5c60f0fc9", "Azure SQL Database")},
	{name: "Azure Data Lake", appID: "e9f49c6b-5ce5-44c8-925d-015017e9f7ad", uris: []string{"https://datalake.azure.net"}, scopes: actFor("9f15d22d-3cdf-430f-ba48-f75401c0408e", "Azure Data Lake")},
	{name: "Windows Azure Active Directory", appID: oldGraphApp, uris: []string{"https://graph.windows.net"}, roles: oldGraphRoles, scopes: []PermissionScope{{"311a71cc-e848-46a1-bdf8-97ff7156d8e6", "User.Read", "Sign in and read user profile", false}}},
	{name: "Microsoft Graph", appID: GraphApp, uris: []string{"https://graph.microsoft.com"}, roles: graphRoles, scopes: graphScopes},
	{name: "Microsoft.ServiceBus", appID: "80a10ef9-8168-493d-abf9-3297c4ef6e3c", uris: []string{"https://servicebus.azure.net"}},
	{name: "Microsoft.EventHubs", appID: "80369ed6-5f11-4dd9-bef3-692475845e77", uris: []string{"https://eventhubs.azure.net"}},
	{name: "Azure Cosmos DB", appID: "a232010e-820c-4083-83bb-3ace5fc29d0b", uris: []string{"https://cosmos.azure.com"}},
	{name: "Azure Container Registry", appID: "6a0ec4d3-30cb-4a83-91c0-ae56bc0e3d26", uris: []string{"https://containerregistry.azure.net"}},
}

var oldGraphRoles = []AppRole{
	{"5778995a-e1bf-45b8-affa-663a9f3f4d04", "Directory.Read.All", "Read directory data"},
	{"78c8a3c8-a07e-4b9e-af1b-b5ccab50a175", "Directory.ReadWrite.All", "Read and write directory data"},
}

// graphRoles are those application permissions of Microsoft Graph that have to
// do with the directory.
var graphRoles = []AppRole{
	{"7ab1d382-f21e-4acd-a863-ba3e13f7da61", "Directory.Read.All", "Read directory data"},
	{"19dbc75e-c2e2-444c-a770-ec69d8559fc7", "Directory.ReadWrite.All", "Read and write directory data"},
	{"df021288-bdef-4463-88db-98f22de89214", "User.Read.All", "Read all users' full profiles"},
	{"741f803b-c850-494e-b5df-cde7c675a1ca", "User.ReadWrite.All", "Read and write all users' full profiles"},
	{"97235f07-e226-4f63-ace3-39588e11d3a1", "User.ReadBasic.All", "Read all users' basic profiles"},
	{"5b567255-7703-4780-807c-7be8301ae99b", "Group.Read.All", "Read all groups"},
	{"62a82d76-70ea-41e2-9197-370581804d09", "Group.ReadWrite.All", "Read and write all groups"},
	{"98830695-27a2-44f7-8c18-0c3ebc9698f6", "GroupMember.Read.All", "Read all group memberships"},
	{"dbaae8cf-10b5-4b86-a4a1-f871c94c6695", "GroupMember.ReadWrite.All", "Read and write all group memberships"},
	{"9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30", "Application.Read.All", "Read all applications"},
	{"1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9", "Application.ReadWrite.All", "Read and write all applications"},
	{"18a4783c-866b-4cc7-a460-3d5e5662c884", "Application.ReadWrite.OwnedBy", "Manage apps that this app creates or owns"},
	{"06b708a9-e830-4db3-a914-8e69da51d44f", "AppRoleAssignment.ReadWrite.All", "Manage app permission grants and app role assignments"},
	{"bf7b1a76-6e77-406b-b258-bf5c7720e98f", "Group.Create", "Create groups"},
	{"498476ce-e0fe-48b0-b801-37ba7e2685c6", "Organization.Read.All", "Read organization information"},
	{"810c84a8-4a9e-49e6-bf7d-12d183f40d01", "Mail.Read", "Read mail in all mailboxes"},
}

// graphScopes are those delegated permissions of Microsoft Graph that have to do
// with the directory.
var graphScopes = []PermissionScope{
	{"e1fe6dd8-ba31-4d61-89e7-88639da4683d", "User.Read", "Sign in and read user profile", false},
	{"b340eb25-3456-403f-be2f-af7a0d370277", "User.ReadBasic.All", "Read all users' basic profiles", false},
	{"a154be20-db9c-4678-8ab7-66f6cc099a59", "User.Read.All", "Read all users' full profiles", true},
	{"204e0828-b5ca-4ad8-b9f3-f32a958e7cc4", "User.ReadWrite.All", "Read and write all users' full profiles", true},
	{"06da0dbc-49e2-44d2-8312-53f166ab848a", "Directory.Read.All", "Read directory data", true},
	{"c5366453-9fb0-48a5-a156-24f0c49a4b84", "Directory.ReadWrite.All", "Read and write directory data", true},
	{"0e263e50-5827-48a4-b97c-d940288653c7", "Directory.AccessAsUser.All", "Access directory as the signed in user", true},
	{"5f8c59db-677d-491f-a6b8-5f174b11ec1d", "Group.Read.All", "Read all groups", true},
	{"4e46008b-f24c-477d-8fff-7bb4ec7aafe0", "Group.ReadWrite.All", "Read and write all groups", true},
	{"bc024368-1153-4739-b217-4326f2e966d0", "GroupMember.Read.All", "Read group memberships", true},
	{"f81125ac-d3b7-4573-a3b2-7099cc39df9e", "GroupMember.ReadWrite.All", "Read and write group memberships", true},
	{"c79f8feb-a9db-4090-85f9-90d820caa0eb", "Application.Read.All", "Read applications", true},
	{"bdfbf15f-ee85-4955-8675-146e8e5296b5", "Application.ReadWrite.All", "Read and write all applications", true},
	{"84bccea3-f856-4a8a-967b-dbe0a3d53a64", "AppRoleAssignment.ReadWrite.All", "Manage app permission grants and app role assignments", true},
	{"4908d5b9-3fb2-4b1e-9336-1888b7937185", "Organization.Read.All", "Read organization information", true},
	{"37f7f235-527c-4136-accd-4a02d197296e", "openid", "Sign users in", false},
	{"14dad69e-099b-42c9-810b-d002981feec1", "profile", "View users' basic profile", false},
	{"64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0", "email", "View users' email address", false},
	{"7427e0e9-2fba-42fe-b0c0-848c9e6a8182", "offline_access", "Maintain access to data you have given it access to", false},
}

// firstParty returns a resource of Microsoft's own by its application id.
func firstParty(appID string) (resource, bool) {
	i := slices.IndexFunc(resources, func(r resource) bool { return strings.EqualFold(r.appID, appID) })
	if i < 0 {
		return resource{}, false
	}
	return resources[i], true
}

// addFirstParty puts the service principals of Microsoft's resources into a new
// tenant. Their ids belong to the seed, so they draw none from other streams.
func (e *Entra) addFirstParty() {
	for _, r := range resources {
		e.put(Principal{ID: e.ids.NamedGUID("entra.firstparty", r.appID), Kind: identity.KindServicePrincipal, DisplayName: r.name, AppID: r.appID, SPType: applicationType, Owner: MicrosoftTenant, Profile: Profile{Created: e.state.Created}})
	}
}

// IdentifiersOf returns the identifier URIs of a resource, by its application
// id.
func (e *Entra) IdentifiersOf(appID string) []string {
	if r, ok := firstParty(appID); ok {
		return slices.Clone(r.uris)
	}
	a, _ := e.applicationByApp(appID)
	return a.IdentifierURIs
}

// hostResources are the host patterns under which every account is an audience
// of its service.
var hostResources = []string{".blob.core.windows.net", ".queue.core.windows.net", ".table.core.windows.net", ".file.core.windows.net", ".dfs.core.windows.net", ".documents.azure.com", ".servicebus.windows.net"}

// findResource finds what a token is asked for, however it is spelled.
func (e *Entra) findResource(asked string) (resource, bool) {
	bare := strings.ToLower(strings.TrimSuffix(asked, "/"))
	for _, r := range resources {
		if bare == r.appID || slices.Contains(r.uris, bare) {
			return r, true
		}
	}
	if host, isURL := strings.CutPrefix(bare, "https://"); isURL && !strings.Contains(host, "/") {
		for _, suffix := range hostResources {
			if strings.HasSuffix(host, suffix) && len(host) > len(suffix) {
				return resource{name: "the service of " + host, scopes: actFor("", "the service")}, true
			}
		}
	}
	for _, a := range e.Applications() {
		if bare == a.AppID || slices.ContainsFunc(a.IdentifierURIs, func(u string) bool { return strings.EqualFold(strings.TrimSuffix(u, "/"), bare) }) {
			return resource{name: a.DisplayName, appID: a.AppID, uris: a.IdentifierURIs, roles: a.Roles, scopes: a.Scopes}, true
		}
	}
	return resource{}, false
}
