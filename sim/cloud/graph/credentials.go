package graph

import (
	"crypto/x509"
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"skylab/sim/cloud/entra"
	"skylab/sim/ojson"
)

// credentialLife is how long a credential works unless told otherwise.
const credentialYears = 2

// period reads startDateTime and endDateTime of a credential.
func (d *draft) period(o *ojson.Object, what string) (start, end time.Time, err error) {
	start = d.Clock.Now().Truncate(time.Second)
	if s := o.Str("startDateTime"); s != "" {
		if start, err = readTime(s); err != nil {
			return start, end, d.invalidValue("startDateTime")
		}
	}
	end = start.AddDate(credentialYears, 0, 0)
	if s := o.Str("endDateTime"); s != "" {
		if end, err = readTime(s); err != nil {
			return start, end, d.invalidValue("endDateTime")
		}
	}
	if !end.After(start) {
		err = &refusal{http.StatusBadRequest, "Request_BadRequest", what + " end date is invalid.", strings.ReplaceAll(what, " c", "C") + "sInvalidEndDate", strings.ToLower(what[:1]) + what[1:]}
	}
	return start.UTC(), end.UTC(), err
}

func (d *draft) newPassword(o *ojson.Object) (entra.PasswordCredential, error) {
	start, end, err := d.period(o, "Password credential")
	if err != nil {
		return entra.PasswordCredential{}, err
	}
	c, text := entra.NewPassword(d.IDs, o.Str("displayName"), start, end)
	d.secrets[c.KeyID] = text
	return c, nil
}

func passwordBody(c entra.PasswordCredential, secret any) *ojson.Object {
	return ojson.Obj("customKeyIdentifier", nil, "displayName", orNull(c.DisplayName), "endDateTime", stamp(c.End), "hint", c.Hint, "keyId", c.KeyID, "secretText", secret, "startDateTime", stamp(c.Start))
}

func keyBody(k entra.KeyCredential) *ojson.Object {
	return ojson.Obj("customKeyIdentifier", k.Thumbprint, "displayName", orNull(k.DisplayName), "endDateTime", stamp(k.End), "key", nil, "keyId", k.KeyID,
		"startDateTime", stamp(k.Start), "type", "AsymmetricX509Cert", "usage", "Verify")
}

// passwords is where an object keeps its secrets.
func (d *draft) passwords() *[]entra.PasswordCredential {
	if d.registers() {
		return &d.a.Passwords
	}
	return &d.p.Passwords
}

// actionOn checks that a request may act on an object's credentials and reads
// its body.
func (c *call) actionOn(o object, rest []string) (*ojson.Object, error) {
	if len(rest) > 0 {
		return nil, noSegment(rest[0])
	}
	if err := c.method(http.MethodPost); err != nil {
		return nil, err
	}
	if err := c.may(o.set.change, &o); err != nil {
		return nil, err
	}
	if o.protected() {
		return nil, denied()
	}
	return c.body()
}

// addPassword answers with a new secret, whose text is shown this once.
func (c *call) addPassword(o object, rest []string) (answer, error) {
	body, err := c.actionOn(o, rest)
	if err != nil {
		return answer{}, err
	}
	var made *ojson.Object
	err = c.edit(o, func(d *draft) error {
		p, err := d.newPassword(body.Obj("passwordCredential"))
		if err != nil {
			return err
		}
		to := d.passwords()
		*to = append(slices.Clone(*to), p)
		made = passwordBody(p, d.secrets[p.KeyID])
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	return acted(with(ojson.Obj("@odata.context", metadata+"microsoft.graph.passwordCredential"), made)), nil
}

func (c *call) removePassword(o object, rest []string) (answer, error) {
	body, err := c.actionOn(o, rest)
	if err != nil {
		return answer{}, err
	}
	id := strings.ToLower(body.Str("keyId"))
	return done, c.edit(o, func(d *draft) error {
		to := d.passwords()
		i := slices.IndexFunc(*to, func(p entra.PasswordCredential) bool { return p.KeyID == id })
		if i < 0 {
			return requestBad("No password credential found with keyId.")
		}
		*to = slices.Delete(slices.Clone(*to), i, i+1)
		return nil
	})
}

// setPasswords sets the secrets by PATCH: some of those there are may stay. New
// ones are made with a new application alone.
func (d *draft) setPasswords(to *[]entra.PasswordCredential, v any) error {
	var kept []entra.PasswordCredential
	items, _ := v.([]any)
	for _, x := range items {
		o := x.(*ojson.Object)
		i := slices.IndexFunc(*to, func(p entra.PasswordCredential) bool { return p.KeyID == strings.ToLower(o.Str("keyId")) })
		switch {
		case i >= 0:
			kept = append(kept, (*to)[i])
		case d.fresh && d.registers():
			p, err := d.newPassword(o)
			if err != nil {
				return err
			}
			kept = append(kept, p)
		default:
			return requestBad("New password credentials must be generated with service actions.")
		}
	}
	*to = kept
	return nil
}

// setKeys sets the certificates: one that is named by its key id without the
// certificate stays as it is.
func (d *draft) setKeys(to *[]entra.KeyCredential, v any) error {
	var kept []entra.KeyCredential
	items, _ := v.([]any)
	for _, x := range items {
		o := x.(*ojson.Object)
		id := strings.ToLower(o.Str("keyId"))
		i := slices.IndexFunc(*to, func(k entra.KeyCredential) bool { return k.KeyID == id })
		if i >= 0 && o.Str("key") == "" {
			kept = append(kept, (*to)[i])
			continue
		}
		k, err := d.newKey(o, id)
		if err != nil {
			return err
		}
		kept = append(kept, k)
	}
	*to = kept
	return nil
}

func (d *draft) newKey(o *ojson.Object, id string) (entra.KeyCredential, error) {
	if kind, use := o.Str("type"), o.Str("usage"); kind != "AsymmetricX509Cert" || use != "Verify" {
		return entra.KeyCredential{}, notSimulated("a key credential of the type " + kind + " for " + use)
	}
	der, err := base64.StdEncoding.DecodeString(o.Str("key"))
	if err != nil || len(der) == 0 {
		return entra.KeyCredential{}, requestBad("Key value is invalid certificate")
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return entra.KeyCredential{}, requestBad("Key value is invalid certificate")
	}
	if o.Str("startDateTime") == "" {
		o = o.Clone()
		o.Set("startDateTime", cert.NotBefore.UTC().Format(time.RFC3339))
	}
	if o.Str("endDateTime") == "" {
		o.Set("endDateTime", cert.NotAfter.UTC().Format(time.RFC3339))
	}
	start, end, err := d.period(o, "Key credential")
	switch {
	case err != nil:
		return entra.KeyCredential{}, err
	case end.After(cert.NotAfter):
		return entra.KeyCredential{}, &refusal{http.StatusBadRequest, "Request_BadRequest", "Key credential end date is invalid.", "KeyCredentialsInvalidEndDate", "keyCredentials"}
	case start.Before(cert.NotBefore.Truncate(time.Second)):
		return entra.KeyCredential{}, &refusal{http.StatusBadRequest, "Request_BadRequest", "Key credential start date is invalid.", "KeyCredentialsInvalidStartDate", "keyCredentials"}
	}
	if id == "" {
		id = d.IDs.GUID("entra.key")
	} else if !guidForm.MatchString(id) {
		return entra.KeyCredential{}, d.invalidValue("keyId")
	}
	name := o.Str("displayName")
	if name == "" {
		name = cert.Subject.String()
	}
	return entra.NewKey(id, name, der, start, end), nil
}

// mostFederated is how many federated credentials an application has.
const mostFederated = 20

var federatedName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{2,119}$`)

func federatedBad(format string, args ...any) error {
	return refuse(http.StatusBadRequest, "InvalidFederatedIdentityCredentialValue", format, args...)
}

func federatedBody(f entra.FederatedCredential) *ojson.Object {
	return ojson.Obj("id", f.ID, "name", f.Name, "issuer", f.Issuer, "subject", f.Subject, "description", orNull(f.Description), "audiences", texts(f.Audience))
}

// federated answers the issuers that an application trusts. One is named by its
// id or its name.
func (c *call) federated(o object, rest []string) (answer, error) {
	context := metadata + "applications('" + o.id + "')/federatedIdentityCredentials"
	if len(rest) > 1 {
		return answer{}, noSegment(rest[1])
	}
	at := func(list []entra.FederatedCredential) int {
		return slices.IndexFunc(list, func(f entra.FederatedCredential) bool {
			return strings.EqualFold(f.ID, rest[0]) || strings.EqualFold(f.Name, rest[0])
		})
	}
	switch c.r.Method {
	case http.MethodGet:
		if err := c.need(applicationsAccess); err != nil {
			return answer{}, err
		}
		if len(rest) == 1 {
			i := at(o.app.Federated)
			if i < 0 {
				return answer{}, notFound(rest[0])
			}
			return answer{body: with(ojson.Obj("@odata.context", context+"/$entity"), federatedBody(o.app.Federated[i]))}, nil
		}
		return c.federatedList(o, context)
	case http.MethodPost, http.MethodPatch, http.MethodDelete:
		if (c.r.Method == http.MethodPost) != (len(rest) == 0) {
			return answer{}, notAllowed()
		}
	default:
		return answer{}, notAllowed()
	}
	if err := c.may(applicationsRight, &o); err != nil {
		return answer{}, err
	}
	var body *ojson.Object
	if c.r.Method != http.MethodDelete {
		var err error
		if body, err = c.body(); err != nil {
			return answer{}, err
		}
	}
	var made entra.FederatedCredential
	err := c.edit(o, func(d *draft) error {
		list := slices.Clone(d.a.Federated)
		i := len(list)
		if len(rest) == 1 {
			if i = at(list); i < 0 {
				return notFound(rest[0])
			}
		} else {
			made.ID = c.IDs.GUID("entra.federated")
			list = append(list, made)
		}
		if body == nil {
			d.a.Federated = slices.Delete(list, i, i+1)
			return nil
		}
		if err := d.describe(&list[i], body, len(rest) == 0); err != nil {
			return err
		}
		for j, f := range list {
			switch {
			case j == i:
			case strings.EqualFold(f.Name, list[i].Name):
				return refuse(http.StatusConflict, "Request_MultipleObjectsWithSameKeyValue", "FederatedIdentityCredential with name %s already exists.", f.Name)
			case f.Issuer == list[i].Issuer && f.Subject == list[i].Subject:
				return federatedBad("The combination of issuer and subject must be unique for the application. Issuer %s and Subject: %s already exist. paramName: FederatedIdentityCredential.Subject, paramValue: %s, objectType: Microsoft.Online.DirectoryServices.Application", f.Issuer, f.Subject, f.Subject)
			}
		}
		if len(list) > mostFederated {
			return federatedBad("The number of federated identity credentials of an application cannot exceed %d.", mostFederated)
		}
		d.a.Federated, made = list, list[i]
		return nil
	})
	if err != nil || c.r.Method != http.MethodPost {
		return done, err
	}
	return answer{status: http.StatusCreated, location: c.v2() + "federatedIdentityCredentials/" + made.ID, body: with(ojson.Obj("@odata.context", context+"/$entity"), federatedBody(made))}, nil
}

func (c *call) federatedList(o object, context string) (answer, error) {
	p := &parser{text: c.query.filter, set: federatedSet, sample: federatedBody(entra.FederatedCredential{})}
	keep := condition(func(scope) bool { return true })
	if c.query.filter != "" {
		var err error
		if keep, err = p.parse(); err != nil {
			return answer{}, err
		}
	}
	value := []any{}
	for _, f := range o.app.Federated {
		if x := federatedBody(f); keep(scope{object: x}) {
			value = append(value, x)
		}
	}
	return answer{body: ojson.Obj("@odata.context", context, "value", value)}, nil
}

// federatedSet is what $filter takes of federated credentials.
var federatedSet = &set{typeName: "federatedIdentityCredential", resource: "FederatedIdentityCredential", filters: []string{"id", "issuer", "name", "subject"}}

// describe writes a body into a federated credential.
func (d *draft) describe(f *entra.FederatedCredential, body *ojson.Object, fresh bool) error {
	for _, m := range body.Members() {
		to := map[string]*string{"name": &f.Name, "issuer": &f.Issuer, "subject": &f.Subject, "description": &f.Description}[m.Key]
		value, isText := m.Value.(string)
		switch {
		case m.Key == "id" && value == f.ID, strings.HasPrefix(m.Key, "@odata."):
		case m.Key == "name" && !fresh && value != f.Name:
			return requestBad("Property 'name' is read-only and cannot be set.")
		case m.Key == "audiences":
			audiences := list(m.Value)
			if len(audiences) != 1 || audiences[0] == "" {
				return federatedBad("A federated identity credential must have exactly one audience.")
			}
			f.Audience = audiences[0]
		case to == nil:
			return requestBad("Invalid property '%s'.", m.Key)
		case m.Value != nil && !isText:
			return requestBad("Cannot convert a primitive value to the expected type 'Edm.String'. See the inner exception for more details.")
		default:
			*to = value
		}
	}
	for _, x := range [][2]string{{"name", f.Name}, {"issuer", f.Issuer}, {"subject", f.Subject}, {"audiences", f.Audience}} {
		if x[1] == "" {
			return requestBad("A value is required for property '%s' of resource 'FederatedIdentityCredential'.", x[0])
		}
		if len(x[1]) > 600 {
			return federatedBad("Invalid value specified for property '%s' of resource 'FederatedIdentityCredential'.", x[0])
		}
	}
	if u, err := url.Parse(f.Issuer); err != nil || u.Scheme != "https" || u.Host == "" {
		return federatedBad("Invalid value specified for property 'issuer' of resource 'FederatedIdentityCredential'.")
	}
	if !federatedName.MatchString(f.Name) {
		return federatedBad("Invalid value specified for property 'name' of resource 'FederatedIdentityCredential'.")
	}
	return nil
}
