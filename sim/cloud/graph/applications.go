package graph

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"skylab/sim/cloud/entra"
	"skylab/sim/ojson"
)

// applicationFields are what can be written of an application.
var applicationFields = slices.Concat([]field{
	displayName, {"identifierUris", several, (*draft).setIdentifiers}, {"signInAudience", text, (*draft).setAudience},
	{"groupMembershipClaims", text, func(d *draft, v any) error { d.a.GroupClaims = strings1(v); return nil }},
	{"isFallbackPublicClient", flag, func(d *draft, v any) error { return d.setClient("isFallbackPublicClient", v) }},
	{"web", complex, func(d *draft, v any) error { return d.setClient("web", v) }},
	{"spa", complex, func(d *draft, v any) error { return d.setClient("spa", v) }},
	{"publicClient", complex, func(d *draft, v any) error { return d.setClient("publicClient", v) }},
	{"appRoles", many, (*draft).setRoles}, {"api", complex, (*draft).setAPI},
	{"keyCredentials", many, func(d *draft, v any) error { return d.setKeys(&d.a.Keys, v) }},
	{"passwordCredentials", many, func(d *draft, v any) error { return d.setPasswords(&d.a.Passwords, v) }},
}, plain(text, "defaultRedirectUri", "description", "notes", "samlMetadataUrl", "serviceManagementReference", "tokenEncryptionKeyId", "uniqueName"), plain(flag, "isDeviceOnlyAuthSupported"), plain(several, "tags"),
	plain(complex, "info", "optionalClaims", "parentalControlSettings", "requestSignatureVerification", "servicePrincipalLockConfiguration"), plain(many, "addIns", "requiredResourceAccess"))

// setAudience keeps who may sign in.
func (d *draft) setAudience(v any) error {
	if !slices.Contains([]string{"AzureADMyOrg", "AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount"}, strings1(v)) {
		return d.invalidValue("signInAudience")
	}
	d.keep("signInAudience", v)
	return nil
}

// setIdentifiers sets the identifier URIs: new ones stand on a domain of the
// tenant or contain the application's or the tenant's id.
func (d *draft) setIdentifiers(v any) error {
	uris := list(v)
	for _, uri := range uris {
		if slices.Contains(d.a.IdentifierURIs, uri) {
			continue
		}
		u, err := url.Parse(uri)
		if err != nil || u.Scheme == "" {
			return d.invalidValue("identifierUris")
		}
		ids := strings.Contains(uri, d.a.AppID) || strings.Contains(uri, d.tenant)
		host := strings.ToLower(u.Hostname())
		if !(u.Scheme == "api" && ids) && host != d.domain && !strings.HasSuffix(host, "."+d.domain) {
			return refuse(http.StatusBadRequest, "HostNameNotOnVerifiedDomain", "Values of identifierUris property must use a verified domain of the organization or its subdomain: '%s'", uri)
		}
		for _, a := range d.objects.Applications {
			if a.ID != d.a.ID && slices.Contains(a.IdentifierURIs, uri) {
				return conflict("identifierUris")
			}
		}
	}
	d.a.IdentifierURIs = uris
	return nil
}

// setClient sets one of the properties that say how people sign in, and works
// out of all of them where they may be sent back.
func (d *draft) setClient(name string, v any) error {
	if o, ok := v.(*ojson.Object); ok {
		for _, uri := range list(o.At("redirectUris")) {
			if u, err := url.Parse(uri); err != nil || u.Scheme == "" {
				return d.invalidValue("redirectUris")
			}
		}
		if had := d.a.Extra.Obj(name); had != nil {
			v = overlay(had.Clone(), o)
		}
	}
	if d.a.Extra == nil || d.a.Extra.Len() == 0 { // what it had otherwise stays
		d.adopt()
	}
	d.keep(name, v)
	public := list(d.a.Extra.At("publicClient", "redirectUris"))
	others := slices.Concat(list(d.a.Extra.At("web", "redirectUris")), list(d.a.Extra.At("spa", "redirectUris")))
	d.a.RedirectURIs = slices.Concat(others, public)
	fallback, _ := d.a.Extra.Get("isFallbackPublicClient")
	d.a.PublicClient = fallback == true || len(public) > 0 && len(others) == 0
	return nil
}

// adopt puts the redirections that an application was made with where Graph
// keeps them.
func (d *draft) adopt() {
	if len(d.a.RedirectURIs) == 0 {
		return
	}
	name := "web"
	if d.a.PublicClient {
		name = "publicClient"
	}
	d.keep(name, ojson.Obj("redirectUris", texts(d.a.RedirectURIs...)))
}

func (d *draft) notDisabled(had any, now []any) error {
	items, _ := had.([]any)
	for _, v := range items {
		old, _ := v.(*ojson.Object)
		enabled, _ := old.Get("isEnabled")
		if enabled == true && !slices.ContainsFunc(now, func(x any) bool { n, _ := x.(*ojson.Object); return n.Str("id") == old.Str("id") }) {
			return refuse(http.StatusBadRequest, "CannotDeleteOrUpdateEnabledEntitlement", "Permission (scope or role) cannot be deleted or updated unless disabled first.")
		}
	}
	return nil
}

// setRoles sets the permissions that the application offers to others.
func (d *draft) setRoles(v any) error {
	items, _ := v.([]any)
	if err := d.notDisabled(d.a.Extra.At("appRoles"), items); err != nil {
		return err
	}
	var roles []entra.AppRole
	var kept []any
	for _, x := range items {
		o := x.(*ojson.Object)
		id := strings.ToLower(o.Str("id"))
		if !guidForm.MatchString(id) || o.Str("displayName") == "" {
			return d.invalidValue("appRoles")
		}
		enabled := true
		if v, ok := o.Get("isEnabled"); ok {
			enabled = v == true
		}
		kept = append(kept, ojson.Obj("allowedMemberTypes", texts(list(o.At("allowedMemberTypes"))...), "description", o.At("description"), "displayName", o.At("displayName"), "id", id, "isEnabled", enabled, "origin", "Application", "value", o.At("value")))
		if enabled {
			roles = append(roles, entra.AppRole{ID: id, Value: o.Str("value"), DisplayName: o.Str("displayName")})
		}
	}
	d.a.Roles = roles
	d.keep("appRoles", orEmptyList(kept))
	return nil
}

// setAPI sets what the application is as a resource: its scopes and the form of
// its tokens.
func (d *draft) setAPI(v any) error {
	o, _ := v.(*ojson.Object)
	if scopes, ok := o.At("oauth2PermissionScopes").([]any); ok {
		if err := d.notDisabled(d.a.Extra.At("api", "oauth2PermissionScopes"), scopes); err != nil {
			return err
		}
		d.a.Scopes = nil
		for _, x := range scopes {
			s, _ := x.(*ojson.Object)
			if !guidForm.MatchString(s.Str("id")) || s.Str("value") == "" {
				return d.invalidValue("oauth2PermissionScopes")
			}
			if s.At("isEnabled") != false {
				d.a.Scopes = append(d.a.Scopes, entra.PermissionScope{ID: strings.ToLower(s.Str("id")), Value: s.Str("value"), DisplayName: s.Str("adminConsentDisplayName"), AdminOnly: s.Str("type") == "Admin"})
			}
		}
	}
	if had := d.a.Extra.Obj("api"); had != nil && o != nil {
		o = overlay(had.Clone(), o)
	}
	if o == nil {
		d.keep("api", nil)
		return nil
	}
	d.keep("api", o)
	return nil
}

// overlay puts properties that were sent over those that an object has anyway;
// objects within are merged.
func overlay(base, over *ojson.Object) *ojson.Object {
	for _, m := range over.Members() {
		had, _ := base.Get(m.Key)
		a, isObject := had.(*ojson.Object)
		b, both := m.Value.(*ojson.Object)
		if isObject && both {
			base.Set(m.Key, overlay(a, b))
			continue
		}
		base.Set(m.Key, m.Value)
	}
	return base
}
