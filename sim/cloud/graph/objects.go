package graph

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"skylab/sim/cloud/entra"
	"skylab/sim/ojson"
)

// stamp is a time as the directory prints it.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Truncate(time.Second).Format(time.RFC3339)
}

// orNull is a text, or null where there is none.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func texts(list ...string) []any {
	out := []any{}
	for _, s := range list {
		out = append(out, s)
	}
	return out
}

func alias(upn string) string { name, _, _ := strings.Cut(upn, "@"); return name }

func (g *Graph) user(x object) *ojson.Object {
	p := x.principal
	return g.shown(p.Extra, "businessPhones", texts(), "displayName", p.DisplayName, "givenName", orNull(p.GivenName), "jobTitle", orNull(p.JobTitle), "mail", orNull(p.Mail),
		"mobilePhone", nil, "officeLocation", nil, "preferredLanguage", nil, "surname", orNull(p.Surname), "userPrincipalName", p.UPN, "id", p.ID,
		// Only with $select.
		"accountEnabled", !p.Disabled, "ageGroup", nil, "assignedLicenses", []any{}, "assignedPlans", []any{}, "city", nil, "companyName", nil, "consentProvidedForMinor", nil,
		"country", nil, "createdDateTime", stamp(p.Created), "creationType", nil, "deletedDateTime", stamp(x.deleted), "department", nil, "employeeHireDate", nil, "employeeId", nil, "employeeType", nil,
		"externalUserState", nil, "faxNumber", nil, "identities", []any{ojson.Obj("signInType", "userPrincipalName", "issuer", g.domain(), "issuerAssignedId", p.UPN)},
		"imAddresses", []any{}, "isResourceAccount", nil, "lastPasswordChangeDateTime", stamp(p.Created), "legalAgeGroupClassification", nil, "mailNickname", nicknameOr(p, alias(p.UPN)),
		"onPremisesDistinguishedName", nil, "onPremisesDomainName", nil, "onPremisesImmutableId", nil, "onPremisesLastSyncDateTime", nil, "onPremisesSamAccountName", nil, "onPremisesSecurityIdentifier", nil,
		"onPremisesSyncEnabled", nil, "onPremisesUserPrincipalName", nil, "otherMails", []any{}, "passwordPolicies", nil, "passwordProfile", nil, "postalCode", nil, "preferredDataLocation", nil, "provisionedPlans", []any{},
		"proxyAddresses", mailAddresses(p.Mail), "securityIdentifier", sid(p.ID), "showInAddressList", nil, "signInSessionsValidFromDateTime", stamp(p.Created), "state", nil, "streetAddress", nil, "usageLocation", nil, "userType", "Member")
}

func (g *Graph) domain() string { d, _ := g.Directory.Tenant(); return d }

func mailAddresses(mail string) []any {
	if mail == "" {
		return []any{}
	}
	return texts("SMTP:" + mail)
}

// sid is the security identifier that belongs to an object id: its sixteen
// bytes as four numbers, each with its lowest byte first.
func sid(id string) string {
	b, err := hex.DecodeString(strings.ReplaceAll(id, "-", ""))
	if err != nil || len(b) != 16 {
		return ""
	}
	// A GUID's first three fields are stored with their lowest byte first.
	b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7] = b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6]
	out := "S-1-12-1"
	for i := 0; i < 16; i += 4 {
		out += "-" + strconv.FormatUint(uint64(binary.LittleEndian.Uint32(b[i:])), 10)
	}
	return out
}

func (g *Graph) group(x object) *ojson.Object {
	p := x.principal
	return g.shown(p.Extra, "id", p.ID, "deletedDateTime", stamp(x.deleted), "classification", nil, "createdDateTime", stamp(p.Created), "creationOptions", []any{}, "description", orNull(p.Description), "displayName", p.DisplayName,
		"expirationDateTime", nil, "groupTypes", []any{}, "isAssignableToRole", nil, "mail", nil, "mailEnabled", false, "mailNickname", nicknameOr(p, p.ID[:8]+"-"+p.ID[9:10]), "membershipRule", nil, "membershipRuleProcessingState", nil,
		"onPremisesDomainName", nil, "onPremisesLastSyncDateTime", nil, "onPremisesNetBiosName", nil, "onPremisesSamAccountName", nil, "onPremisesSecurityIdentifier", nil, "onPremisesSyncEnabled", nil,
		"preferredDataLocation", nil, "preferredLanguage", nil, "proxyAddresses", []any{}, "renewedDateTime", stamp(p.Created), "resourceBehaviorOptions", []any{}, "resourceProvisioningOptions", []any{},
		"securityEnabled", true, "securityIdentifier", sid(p.ID), "theme", nil, "uniqueName", nil, "visibility", nil, "onPremisesProvisioningErrors", []any{}, "serviceProvisioningErrors", []any{})
}

// nicknameOr is the mail nickname that a principal was given, or the one that it
// has otherwise: of a security group the portal makes it of the id.
func nicknameOr(p entra.Principal, otherwise string) string {
	if p.Nickname != "" {
		return p.Nickname
	}
	return otherwise
}

// shown are an object's properties with those over them that are kept as they
// were sent.
func (g *Graph) shown(extra *ojson.Object, kv ...any) *ojson.Object {
	o := ojson.Obj(kv...)
	for _, m := range extra.Members() {
		if _, ok := o.Get(m.Key); ok {
			o = overlay(o, ojson.New(m))
		}
	}
	return o
}

func noInfo() *ojson.Object {
	return ojson.Obj("logoUrl", nil, "marketingUrl", nil, "privacyStatementUrl", nil, "supportUrl", nil, "termsOfServiceUrl", nil)
}

func noPublisher() *ojson.Object {
	return ojson.Obj("displayName", nil, "verifiedPublisherId", nil, "addedDateTime", nil)
}

func (g *Graph) servicePrincipal(x object) *ojson.Object {
	p := x.principal
	names, alternatives := append([]string{p.AppID}, g.Directory.IdentifiersOf(p.AppID)...), []any{}
	var appName, audience any = p.DisplayName, "AzureADMyOrg"
	keys, passwords := []any{}, []any{}
	for _, k := range p.Keys {
		keys = append(keys, keyBody(k))
	}
	for _, s := range p.Passwords {
		passwords = append(passwords, passwordBody(s, nil))
	}
	switch {
	case p.SPType == "ManagedIdentity":
		explicit := "isExplicit=False"
		if p.Explicit {
			explicit = "isExplicit=True"
		}
		alternatives = texts(explicit, p.ResourceID)
		names = append(names, "https://identity.azure.net/"+base64.RawURLEncoding.EncodeToString(g.IDs.Named("graph.identity", p.ID, 32)))
		appName, audience = nil, nil
	case p.Owner != g.Directory.TenantID():
		audience = "AzureADMultipleOrgs"
	}
	if a, ok := g.registration(p.AppID); ok {
		appName = a.DisplayName
		if s := a.Extra.Str("signInAudience"); s != "" {
			audience = s
		}
	}
	return g.shown(p.Extra, "id", p.ID, "deletedDateTime", stamp(x.deleted), "accountEnabled", !p.Disabled, "alternativeNames", alternatives, "appDisplayName", appName, "appDescription", nil, "appId", p.AppID,
		"applicationTemplateId", nil, "appOwnerOrganizationId", orNull(p.Owner), "appRoleAssignmentRequired", false, "createdDateTime", stamp(p.Created), "description", nil, "disabledByMicrosoftStatus", nil,
		"displayName", p.DisplayName, "homepage", nil, "loginUrl", nil, "logoutUrl", nil, "notes", nil, "notificationEmailAddresses", []any{}, "preferredSingleSignOnMode", nil,
		"preferredTokenSigningKeyThumbprint", nil, "replyUrls", []any{}, "servicePrincipalNames", texts(names...), "servicePrincipalType", p.SPType, "signInAudience", audience, "tags", []any{},
		"tokenEncryptionKeyId", nil, "samlSingleSignOnSettings", nil, "addIns", []any{}, "appRoles", g.roles(p.AppID), "info", noInfo(), "keyCredentials", keys,
		"oauth2PermissionScopes", g.scopes(p.AppID), "passwordCredentials", passwords, "resourceSpecificApplicationPermissions", []any{}, "verifiedPublisher", noPublisher())
}

func orEmptyList(list []any) []any {
	if list == nil {
		return []any{}
	}
	return list
}

// registration finds an application of the tenant by its application id.
func (g *Graph) registration(appID string) (entra.Application, bool) {
	for _, a := range g.Directory.Applications() {
		if appID != "" && a.AppID == appID {
			return a, true
		}
	}
	return entra.Application{}, false
}

func (g *Graph) roles(appID string) []any {
	if a, _ := g.registration(appID); a.Extra.At("appRoles") != nil {
		list, _ := a.Extra.At("appRoles").([]any)
		return list
	}
	out := []any{}
	for _, r := range g.Directory.RolesOf(appID) {
		out = append(out, ojson.Obj("allowedMemberTypes", texts("Application"), "description", r.DisplayName, "displayName", r.DisplayName, "id", r.ID, "isEnabled", true, "origin", "Application", "value", r.Value))
	}
	return out
}

func (g *Graph) scopes(appID string) []any {
	if a, _ := g.registration(appID); a.Extra.At("api", "oauth2PermissionScopes") != nil {
		list, _ := a.Extra.At("api", "oauth2PermissionScopes").([]any)
		return list
	}
	out := []any{}
	for _, s := range g.Directory.ScopesOf(appID) {
		kind := "User"
		if s.AdminOnly {
			kind = "Admin"
		}
		out = append(out, ojson.Obj("adminConsentDescription", s.DisplayName, "adminConsentDisplayName", s.DisplayName, "id", s.ID, "isEnabled", true, "type", kind,
			"userConsentDescription", s.DisplayName, "userConsentDisplayName", s.DisplayName, "value", s.Value))
	}
	return out
}

func (g *Graph) application(x object) *ojson.Object {
	a := x.app
	keys, passwords := []any{}, []any{}
	for _, k := range a.Keys {
		keys = append(keys, keyBody(k))
	}
	for _, s := range a.Passwords {
		passwords = append(passwords, passwordBody(s, nil))
	}
	redirects, public := []any{}, []any{}
	switch {
	case a.Extra.Len() > 0: // they stand there
	case a.PublicClient:
		public = texts(a.RedirectURIs...)
	default:
		redirects = texts(a.RedirectURIs...)
	}
	var fallback any
	if a.PublicClient && a.Extra.Len() == 0 {
		fallback = true
	}
	return g.shown(a.Extra, "id", a.ID, "deletedDateTime", stamp(x.deleted), "appId", a.AppID, "applicationTemplateId", nil, "disabledByMicrosoftStatus", nil, "createdDateTime", stamp(a.Created), "displayName", a.DisplayName,
		"description", nil, "groupMembershipClaims", orNull(a.GroupClaims), "identifierUris", texts(a.IdentifierURIs...), "isDeviceOnlyAuthSupported", nil, "isFallbackPublicClient", fallback, "notes", nil,
		"publisherDomain", g.domain(), "serviceManagementReference", nil, "signInAudience", "AzureADMyOrg", "tags", []any{}, "tokenEncryptionKeyId", nil, "uniqueName", nil, "samlMetadataUrl", nil,
		"defaultRedirectUri", nil, "certification", nil, "optionalClaims", nil, "servicePrincipalLockConfiguration", nil, "requestSignatureVerification", nil, "addIns", []any{},
		"api", ojson.Obj("acceptMappedClaims", nil, "knownClientApplications", []any{}, "requestedAccessTokenVersion", nil, "oauth2PermissionScopes", g.scopes(a.AppID), "preAuthorizedApplications", []any{}),
		"appRoles", g.roles(a.AppID), "info", noInfo(), "keyCredentials", keys, "parentalControlSettings", ojson.Obj("countriesBlockedForMinors", []any{}, "legalAgeGroupRule", "Allow"),
		"passwordCredentials", passwords, "publicClient", ojson.Obj("redirectUris", public), "requiredResourceAccess", []any{}, "verifiedPublisher", noPublisher(),
		"web", ojson.Obj("homePageUrl", nil, "logoutUrl", nil, "redirectUris", redirects, "implicitGrantSettings", ojson.Obj("enableAccessTokenIssuance", false, "enableIdTokenIssuance", false), "redirectUriSettings", []any{}),
		"spa", ojson.Obj("redirectUris", []any{}))
}

// organization is the tenant itself.
func (g *Graph) organization() *ojson.Object {
	domain, created := g.Directory.Tenant()
	name, _, _ := strings.Cut(domain, ".")
	name = strings.ToUpper(name[:1]) + name[1:]
	used := len(g.Directory.Applications())
	for _, s := range []*set{users, groups, servicePrincipals} {
		used += len(s.list(g))
	}
	return ojson.Obj("id", g.Directory.TenantID(), "deletedDateTime", nil, "businessPhones", []any{}, "city", nil, "country", nil, "countryLetterCode", "US", "createdDateTime", stamp(created), "defaultUsageLocation", nil,
		"displayName", name, "isMultipleDataLocationsForServicesEnabled", nil, "marketingNotificationEmails", []any{}, "onPremisesLastSyncDateTime", nil, "onPremisesSyncEnabled", nil, "partnerTenantType", nil,
		"postalCode", nil, "preferredLanguage", "en", "securityComplianceNotificationMails", []any{}, "securityComplianceNotificationPhones", []any{}, "state", nil, "street", nil,
		"technicalNotificationMails", texts("admin@"+domain), "tenantType", "AAD", "directorySizeQuota", ojson.Obj("used", used, "total", 50000), "assignedPlans", []any{}, "onPremisesSyncStatus", []any{},
		"privacyProfile", nil, "provisionedPlans", []any{}, "verifiedDomains", []any{ojson.Obj("capabilities", "Email, OfficeCommunicationsOnline", "isDefault", true, "isInitial", true, "name", domain, "type", "Managed")})
}

// roleAssignment is an app role that a principal was given.
func (g *Graph) roleAssignment(x entra.AppRoleAssignment) *ojson.Object {
	p, _ := g.Directory.Principal(x.PrincipalID)
	r, _ := g.Directory.Principal(x.ResourceID)
	return ojson.Obj("id", x.ID, "deletedDateTime", nil, "appRoleId", x.AppRoleID, "createdDateTime", stamp(x.Created), "principalDisplayName", p.DisplayName, "principalId", x.PrincipalID,
		"principalType", p.Kind, "resourceDisplayName", r.DisplayName, "resourceId", x.ResourceID)
}
