package graph

import (
	"slices"
	"time"

	"skylab/sim/cloud/entra"
	"skylab/sim/cloud/identity"
	"skylab/sim/ojson"
)

// object is an object of the directory: a principal or an application.
type object struct {
	id        string
	set       *set
	principal entra.Principal
	app       entra.Application
	deleted   time.Time // zero unless it is in the recycle bin
}

// owners are the object ids of those who own an object.
func (o object) owners() []string {
	if o.set == applications {
		return o.app.Owners
	}
	return o.principal.Owners
}

// set is an entity set: a kind of objects with a collection of its own.
type set struct {
	name     string // "users"
	typeName string // "user", as in "#microsoft.graph.user"
	resource string // "User", as errors call it
	// properties are all that an object has, in the service's order.
	properties func(*Graph, object) *ojson.Object
	// defaults are the properties without $select; nil means all.
	defaults []string
	// filters are the properties that $filter takes; sorts those of $orderby;
	// searches those of $search.
	filters, sorts, searches []string
	// keys are the properties that can stand in parentheses instead of an id.
	keys []string
	read access
	// fields are the properties that can be written; required those without
	// which there is no new object; create and change who may.
	fields         []field
	required       []string
	create, change right
	// kind is that of the set's principals; "" means the applications.
	kind string
}

// Permissions that read everything in the directory.
var (
	directoryDelegated   = []string{"Directory.Read.All", "Directory.ReadWrite.All", "Directory.AccessAsUser.All"}
	directoryApplication = []string{"Directory.Read.All", "Directory.ReadWrite.All"}
)

var usersAccess = access{"users",
	append([]string{"User.Read.All", "User.ReadWrite.All", "User.ReadBasic.All"}, directoryDelegated...),
	append([]string{"User.Read.All", "User.ReadWrite.All", "User.ReadBasic.All"}, directoryApplication...)}

var fullUsersAccess = access{"whole profiles of users",
	append([]string{"User.Read.All", "User.ReadWrite.All"}, directoryDelegated...),
	append([]string{"User.Read.All", "User.ReadWrite.All"}, directoryApplication...)}

var groupsAccess = access{"groups",
	append([]string{"GroupMember.Read.All", "GroupMember.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All"}, directoryDelegated...),
	append([]string{"GroupMember.Read.All", "GroupMember.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All"}, directoryApplication...)}

var applicationsAccess = access{"applications and service principals",
	append([]string{"Application.Read.All", "Application.ReadWrite.All"}, directoryDelegated...),
	append([]string{"Application.Read.All", "Application.ReadWrite.All", "Application.ReadWrite.OwnedBy"}, directoryApplication...)}

var meAccess = access{"the signed-in user", append([]string{"User.Read", "User.ReadWrite"}, usersAccess.delegated...), nil}

var organizationAccess = access{"the organization",
	append([]string{"User.Read", "Organization.Read.All", "Organization.ReadWrite.All"}, directoryDelegated...),
	append([]string{"Organization.Read.All", "Organization.ReadWrite.All"}, directoryApplication...)}

var roleAssignmentsAccess = access{"app role assignments", slices.Concat(applicationsAccess.delegated, []string{"AppRoleAssignment.ReadWrite.All"}), slices.Concat(applicationsAccess.application, []string{"AppRoleAssignment.ReadWrite.All"})}

// anyAccess reads directory objects of some kind.
var anyAccess = access{"directory objects",
	slices.Concat(directoryDelegated, []string{"User.Read.All", "User.ReadWrite.All", "User.ReadBasic.All", "Group.Read.All", "Group.ReadWrite.All", "GroupMember.Read.All", "Application.Read.All", "Application.ReadWrite.All"}),
	slices.Concat(directoryApplication, []string{"User.Read.All", "User.ReadWrite.All", "User.ReadBasic.All", "Group.Read.All", "Group.ReadWrite.All", "GroupMember.Read.All", "Application.Read.All", "Application.ReadWrite.All"})}

var users = &set{
	name: "users", typeName: "user", resource: "User", properties: (*Graph).user,
	defaults: []string{"businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation", "preferredLanguage", "surname", "userPrincipalName", "id"},
	filters:  []string{"accountEnabled", "city", "companyName", "country", "createdDateTime", "department", "displayName", "employeeId", "givenName", "id", "jobTitle", "mail", "mailNickname", "onPremisesSyncEnabled", "otherMails", "proxyAddresses", "surname", "usageLocation", "userPrincipalName", "userType"},
	sorts:    []string{"displayName", "userPrincipalName"}, searches: []string{"displayName", "mail", "userPrincipalName", "givenName", "surname"},
	keys: []string{"userPrincipalName"}, read: usersAccess, kind: identity.KindUser,
	fields: userFields, required: []string{"accountEnabled", "displayName", "mailNickname", "passwordProfile", "userPrincipalName"}, create: usersRight, change: usersRight,
}

var groups = &set{
	name: "groups", typeName: "group", resource: "Group", properties: (*Graph).group,
	filters: []string{"createdDateTime", "description", "displayName", "groupTypes", "id", "isAssignableToRole", "mail", "mailEnabled", "mailNickname", "onPremisesSyncEnabled", "proxyAddresses", "securityEnabled", "visibility"},
	sorts:   []string{"displayName"}, searches: []string{"displayName", "description"}, read: groupsAccess, kind: identity.KindGroup,
	fields: groupFields, required: []string{"displayName", "mailEnabled", "mailNickname", "securityEnabled"}, create: newGroupRight, change: groupsRight,
}

var servicePrincipals = &set{
	name: "servicePrincipals", typeName: "servicePrincipal", resource: "ServicePrincipal", properties: (*Graph).servicePrincipal,
	filters: []string{"accountEnabled", "alternativeNames", "appDisplayName", "appId", "appOwnerOrganizationId", "createdDateTime", "displayName", "homepage", "id", "servicePrincipalNames", "servicePrincipalType", "tags"},
	sorts:   []string{"displayName"}, searches: []string{"displayName"}, keys: []string{"appId"}, read: applicationsAccess, kind: identity.KindServicePrincipal,
	fields: servicePrincipalFields, required: []string{"appId"}, create: newApplicationRight, change: applicationsRight,
}

var applications = &set{
	name: "applications", typeName: "application", resource: "Application", properties: (*Graph).application,
	filters: []string{"appId", "createdDateTime", "displayName", "id", "identifierUris", "publisherDomain", "signInAudience", "tags"},
	sorts:   []string{"displayName"}, searches: []string{"displayName"}, keys: []string{"appId"}, read: applicationsAccess,
	fields: applicationFields, required: []string{"displayName"}, create: newApplicationRight, change: applicationsRight,
}

// sets are the collections with objects of one kind.
var sets = []*set{users, groups, servicePrincipals, applications}

// list returns the objects of a set, ordered by their ids.
func (s *set) list(g *Graph) []object {
	var out []object
	if s.kind == "" {
		for _, a := range g.Directory.Applications() {
			out = append(out, applicationObject(a))
		}
		return out
	}
	for _, p := range g.Directory.Principals(s.kind) {
		out = append(out, principalObject(p))
	}
	return out
}

func principalObject(p entra.Principal) object {
	s := users
	switch p.Kind {
	case identity.KindGroup:
		s = groups
	case identity.KindServicePrincipal:
		s = servicePrincipals
	}
	return object{id: p.ID, set: s, principal: p}
}

func applicationObject(a entra.Application) object {
	return object{id: a.ID, set: applications, app: a}
}

// find returns any object of the directory by its id.
func (g *Graph) find(id string) (object, bool) {
	if p, ok := g.Directory.Principal(id); ok {
		return principalObject(p), true
	}
	for _, o := range applications.list(g) {
		if o.id == id {
			return o, true
		}
	}
	return object{}, false
}

// elsewhere are first segments that Graph has and we have not.
var elsewhere = []string{
	"$metadata", "admin", "agreements", "appCatalogs", "applicationTemplates", "appRoleAssignments", "auditLogs", "authenticationMethodsPolicy", "chats", "communications",
	"contacts", "contracts", "datapolicyOperations", "deviceAppManagement", "deviceManagement", "devices", "directoryRoles", "directoryRoleTemplates", "domains", "drive", "drives",
	"education", "external", "groupLifecyclePolicies", "groupSettings", "identity", "identityGovernance", "identityProtection", "identityProviders", "informationProtection", "oauth2PermissionGrants",
	"permissionGrants", "places", "planner", "policies", "print", "reports", "roleManagement", "scopedRoleMemberships", "search", "security", "servicePrincipalsDelta", "shares", "sites", "solutions",
	"subscribedSkus", "subscriptions", "teams", "teamwork", "tenantRelationships",
}

// further are second segments that objects have and we have not.
var further = []string{
	"acceptedSenders", "activities", "addKey", "agreementAcceptances", "appManagementPolicies", "assignLicense", "authentication", "calendar", "calendars", "calendarView", "changePassword",
	"chats", "claimsMappingPolicies", "contacts", "conversations", "createdObjects", "createdOnBehalfOf", "delegatedPermissionClassifications", "directReports", "drive", "drives", "endpoints", "events", "extensionProperties",
	"extensions", "followedSites", "homeRealmDiscoveryPolicies", "insights", "joinedTeams", "licenseDetails", "logo", "mailboxSettings", "mailFolders", "manager", "messages",
	"oauth2PermissionGrants", "onenote", "onlineMeetings", "outlook", "ownedDevices", "people", "permissionGrants", "photo", "photos", "planner", "presence", "registeredDevices", "rejectedSenders",
	"removeKey", "restore", "revokeSignInSessions", "scopedRoleMemberOf", "sendMail", "settings", "sites", "synchronization", "team", "teamwork", "threads", "todo", "tokenIssuancePolicies",
	"tokenLifetimePolicies", "assignedLicenses", "validateProperties", "sponsors",
}
