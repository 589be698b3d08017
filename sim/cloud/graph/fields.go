package graph

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"skylab/sim/cloud/entra"
	"skylab/sim/ojson"
)

// field is a property that can be written. Without set it is kept as it was
// sent and shown again, but has no effect.
type field struct {
	name string
	form form
	set  func(*draft, any) error
}

// form is what the value of a property has to be. null is allowed everywhere.
type form int

const (
	text form = iota
	flag
	number
	several // texts
	complex // an object
	many    // objects
)

// edm are the names of the forms in errors.
var edm = map[form]string{text: "Edm.String", flag: "Edm.Boolean", number: "Edm.Int32"}

// longestText is the most characters a property takes.
const longestText = 1024

func (f field) check(s *set, v any) error {
	ok := v == nil
	switch x := v.(type) {
	case string:
		ok = f.form == text && len(x) <= longestText
	case bool:
		ok = f.form == flag
	case *ojson.Object:
		ok = f.form == complex
	case []any:
		ok = f.form == many || f.form == several
		for _, item := range x {
			_, isText := item.(string)
			_, isObject := item.(*ojson.Object)
			ok = ok && (f.form == several && isText || f.form == many && isObject)
		}
	case interface{ Int64() (int64, error) }:
		_, err := x.Int64()
		ok = f.form == number && err == nil
	}
	if ok {
		return nil
	}
	if name, primitive := edm[f.form]; primitive {
		if s, isText := v.(string); !isText || f.form != text || s == "" {
			return requestBad("Cannot convert a primitive value to the expected type '%s'. See the inner exception for more details.", name)
		}
	}
	return (&draft{set: s}).invalidValue(f.name)
}

func strings1(v any) string { s, _ := v.(string); return s }

// list is the texts of a value.
func list(v any) []string {
	items, _ := v.([]any)
	var out []string
	for _, x := range items {
		out = append(out, strings1(x))
	}
	return out
}

// profile writes a text of a principal's.
func profile(name string, at func(*entra.Principal) *string) field {
	return field{name, text, func(d *draft, v any) error {
		*at(&d.p) = strings1(v)
		return nil
	}}
}

// plain are properties that are kept alone.
func plain(f form, names ...string) []field {
	var out []field
	for _, n := range names {
		out = append(out, field{name: n, form: f})
	}
	return out
}

var (
	displayName = field{"displayName", text, func(d *draft, v any) error {
		name := strings1(v)
		if strings.TrimSpace(name) == "" || len([]rune(name)) > 256 {
			return d.invalidValue("displayName")
		}
		d.p.DisplayName, d.a.DisplayName = name, name
		return nil
	}}
	accountEnabled = field{"accountEnabled", flag, func(d *draft, v any) error { d.p.Disabled = v == false; return nil }}
	mailNickname   = field{"mailNickname", text, func(d *draft, v any) error {
		name := strings1(v)
		if name == "" || len(name) > 64 || strings.ContainsAny(name, `@()\[]";:<>, `) {
			return d.invalidValue("mailNickname")
		}
		d.p.Nickname = name
		return nil
	}}
)

// userFields are what can be written of a user.
var userFields = slices.Concat([]field{
	accountEnabled, displayName, mailNickname,
	profile("givenName", func(p *entra.Principal) *string { return &p.GivenName }), profile("surname", func(p *entra.Principal) *string { return &p.Surname }),
	profile("jobTitle", func(p *entra.Principal) *string { return &p.JobTitle }), profile("mail", func(p *entra.Principal) *string { return &p.Mail }),
	{"userPrincipalName", text, (*draft).setUPN}, {"passwordProfile", complex, (*draft).setPassword},
}, plain(text, "city", "companyName", "country", "department", "employeeId", "employeeType", "faxNumber", "mobilePhone", "officeLocation", "onPremisesImmutableId", "passwordPolicies", "postalCode", "preferredLanguage", "state", "streetAddress", "usageLocation", "userType"),
	plain(several, "businessPhones", "otherMails"))

var upnForm = regexp.MustCompile(`^[A-Za-z0-9!#^~'._-]+@([A-Za-z0-9.-]+)$`)

func (d *draft) setUPN(v any) error {
	upn := strings1(v)
	m := upnForm.FindStringSubmatch(upn)
	if m == nil {
		return d.invalidValue("userPrincipalName")
	}
	if !strings.EqualFold(m[1], d.domain) {
		return requestBad("The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.")
	}
	for _, p := range d.objects.Principals {
		if p.ID != d.p.ID && strings.EqualFold(p.UPN, upn) {
			return conflict("userPrincipalName")
		}
	}
	d.p.UPN = upn
	return nil
}

// setPassword judges a password; people sign in without one here, so it is not
// kept.
func (d *draft) setPassword(v any) error {
	o, _ := v.(*ojson.Object)
	password := o.Str("password")
	if password == "" {
		if d.fresh {
			return requestBad("A value is required for property 'passwordProfile' of resource 'User'.")
		}
		return nil
	}
	kinds := map[string]bool{}
	for _, r := range password {
		switch {
		case unicode.IsLower(r):
			kinds["lower"] = true
		case unicode.IsUpper(r):
			kinds["upper"] = true
		case unicode.IsDigit(r):
			kinds["digit"] = true
		default:
			kinds["symbol"] = true
		}
	}
	if n := len([]rune(password)); n < 8 || n > 256 || len(kinds) < 3 {
		return requestBad("The specified password does not comply with password complexity requirements. Please provide a different password.")
	}
	return nil
}

// groupFields are what can be written of a group.
var groupFields = slices.Concat([]field{
	displayName, mailNickname, profile("description", func(p *entra.Principal) *string { return &p.Description }),
	{"mailEnabled", flag, func(_ *draft, v any) error { return securityOnly(v == false) }},
	{"securityEnabled", flag, func(_ *draft, v any) error { return securityOnly(v == true) }},
	{"groupTypes", several, func(_ *draft, v any) error {
		if kinds := list(v); len(kinds) > 0 {
			return notSimulated("a group of the type " + kinds[0])
		}
		return nil
	}},
	{"members@odata.bind", several, func(d *draft, v any) error { return d.bind(&d.p.Members, "members", v) }},
	{"owners@odata.bind", several, func(d *draft, v any) error { return d.bind(&d.p.Owners, "owners", v) }},
}, plain(text, "classification", "visibility", "preferredLanguage", "theme"), plain(flag, "isAssignableToRole"))

func securityOnly(ok bool) error {
	if ok {
		return nil
	}
	return requestBad("The service does not currently support writes of mail-enabled groups. Please ensure that the mail-enablement property is unset and the security-enablement property is set to true.")
}

// bind adds references to objects by their addresses.
func (d *draft) bind(to *[]string, what string, v any) error {
	for _, address := range list(v) {
		id := idIn(address)
		if id == "" {
			return requestBad("Invalid URL format specified in payload.")
		}
		if _, ok := d.objects.Principals[id]; !ok {
			return notFound(id)
		}
		switch {
		case !slices.Contains(*to, id):
			*to = append(slices.Clone(*to), id)
		case what == "members" || !d.fresh:
			return requestBad("One or more added object references already exist for the following modified properties: '%s'.", what)
		}
	}
	return nil
}

// servicePrincipalFields are what can be written of a service principal.
var servicePrincipalFields = slices.Concat([]field{
	{"appId", text, (*draft).setAppID}, accountEnabled, displayName,
	{"keyCredentials", many, func(d *draft, v any) error { return d.setKeys(&d.p.Keys, v) }},
	{"passwordCredentials", many, func(d *draft, v any) error { return d.setPasswords(&d.p.Passwords, v) }},
}, plain(text, "description", "homepage", "loginUrl", "logoutUrl", "notes", "preferredSingleSignOnMode", "preferredTokenSigningKeyThumbprint", "servicePrincipalType", "tokenEncryptionKeyId"),
	plain(flag, "appRoleAssignmentRequired"), plain(several, "alternativeNames", "notificationEmailAddresses", "replyUrls", "servicePrincipalNames", "tags"), plain(complex, "info", "samlSingleSignOnSettings"), plain(many, "addIns"))

// setAppID makes a new service principal that of an application.
func (d *draft) setAppID(v any) error {
	id := strings.ToLower(strings1(v))
	if !d.fresh {
		if id != d.p.AppID {
			return requestBad("Property 'appId' is read-only and cannot be set.")
		}
		return nil
	}
	if !guidForm.MatchString(id) {
		return d.invalidValue("appId")
	}
	for _, p := range d.objects.Principals {
		if p.AppID == id {
			return refuse(409, "Request_MultipleObjectsWithSameKeyValue", "The service principal cannot be created, updated, or restored because the service principal name %s is already in use.", id)
		}
	}
	for _, a := range d.objects.Applications {
		if a.AppID == id {
			d.p.AppID, d.p.SPType, d.p.Owner = id, "Application", d.tenant
			if d.p.DisplayName == "" {
				d.p.DisplayName = a.DisplayName
			}
			return nil
		}
	}
	return &refusal{400, "Request_BadRequest", "The appId '" + id + "' of the service principal does not reference a valid application object.", "NoBackingApplicationObject", "appId"}
}
