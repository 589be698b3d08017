package entra

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"skylab/sim/cloud/identity"
	"skylab/sim/ids"
	"skylab/sim/ojson"
	"skylab/sim/sorting"
)

// Types of service principals.
const (
	managedType     = "ManagedIdentity"
	applicationType = "Application"
)

// ErrNoObject is returned for an object that is not in the directory.
var ErrNoObject = errors.New("no such object in the directory")

// Profile is what a directory keeps of people and groups beside their names.
type Profile struct {
	GivenName   string    `json:"givenName,omitempty"`
	Surname     string    `json:"surname,omitempty"`
	JobTitle    string    `json:"jobTitle,omitempty"`
	Mail        string    `json:"mail,omitempty"`
	Description string    `json:"description,omitempty"` // of a group
	Disabled    bool      `json:"disabled,omitempty"`    // may not sign in
	Created     time.Time `json:"created,omitzero"`
	// DirectoryRoles are template ids of the directory roles of a user.
	DirectoryRoles []string `json:"directoryRoles,omitempty"`
}

func (p Principal) clone() Principal {
	p.Members, p.DirectoryRoles, p.Federated = slices.Clone(p.Members), slices.Clone(p.DirectoryRoles), slices.Clone(p.Federated)
	p.Owners, p.Passwords, p.Keys = slices.Clone(p.Owners), slices.Clone(p.Passwords), slices.Clone(p.Keys)
	if p.Extra != nil {
		p.Extra = p.Extra.Clone()
	}
	return p
}

// Application is a registration of the tenant's own. Its service principal is
// the [Principal] with the same AppID.
type Application struct {
	ID             string    `json:"id"` // object id
	AppID          string    `json:"appId"`
	DisplayName    string    `json:"displayName"`
	IdentifierURIs []string  `json:"identifierUris,omitempty"`
	Created        time.Time `json:"created"`
	// GroupClaims is groupMembershipClaims: "", "SecurityGroup" or "All" puts
	// the user's groups into tokens.
	GroupClaims  string            `json:"groupMembershipClaims,omitempty"`
	PublicClient bool              `json:"publicClient,omitempty"` // signs people in without a secret
	RedirectURIs []string          `json:"redirectUris,omitempty"`
	Roles        []AppRole         `json:"appRoles,omitempty"`
	Scopes       []PermissionScope `json:"scopes,omitempty"`
	// Consented are the delegated permissions that the administrator gave, by
	// the resource's application id.
	Consented map[string][]string   `json:"consented,omitempty"`
	Passwords []PasswordCredential  `json:"passwords,omitempty"`
	Keys      []KeyCredential       `json:"keys,omitempty"`
	Federated []FederatedCredential `json:"federated,omitempty"`
	Owners    []string              `json:"owners,omitempty"` // object ids
	// Extra are the properties that have no effect here, as they were sent to
	// Graph, by their names there.
	Extra *ojson.Object `json:"extra,omitempty"`
}

func (a Application) clone() Application {
	a.IdentifierURIs, a.RedirectURIs, a.Roles, a.Scopes = slices.Clone(a.IdentifierURIs), slices.Clone(a.RedirectURIs), slices.Clone(a.Roles), slices.Clone(a.Scopes)
	a.Passwords, a.Keys, a.Federated, a.Owners = slices.Clone(a.Passwords), slices.Clone(a.Keys), slices.Clone(a.Federated), slices.Clone(a.Owners)
	if a.Extra != nil {
		a.Extra = a.Extra.Clone()
	}
	consented := map[string][]string{}
	for id, list := range a.Consented {
		consented[id] = slices.Clone(list)
	}
	if a.Consented = consented; len(consented) == 0 {
		a.Consented = nil
	}
	return a
}

// AppRole is a permission that an application can be given for itself.
type AppRole struct {
	ID          string `json:"id"`
	Value       string `json:"value"` // as the claim roles names it: "Directory.Read.All"
	DisplayName string `json:"displayName"`
}

// PermissionScope is a permission that an application can use for a person.
type PermissionScope struct {
	ID          string `json:"id"`
	Value       string `json:"value"` // as the claim scp names it
	DisplayName string `json:"displayName"`
	AdminOnly   bool   `json:"adminOnly,omitempty"` // only an administrator may consent
}

// AppRoleAssignment gives a principal an app role of a resource.
type AppRoleAssignment struct {
	ID          string    `json:"id"`          // 43 characters of base64url
	PrincipalID string    `json:"principalId"` // object id
	ResourceID  string    `json:"resourceId"`  // object id of the resource's service principal
	AppRoleID   string    `json:"appRoleId"`
	Created     time.Time `json:"created"`
}

// PasswordCredential is a client secret; its text is not kept.
type PasswordCredential struct {
	KeyID       string    `json:"keyId"`
	DisplayName string    `json:"displayName"`
	Hint        string    `json:"hint"` // its first three characters
	Hash        string    `json:"hash"` // SHA-256, hex
	Start       time.Time `json:"start"`
	End         time.Time `json:"end"`
}

// KeyCredential is a certificate with which an application proves itself.
type KeyCredential struct {
	KeyID       string    `json:"keyId"`
	DisplayName string    `json:"displayName"`
	Thumbprint  string    `json:"thumbprint"` // SHA-1, upper-case hex
	Cert        []byte    `json:"cert"`       // DER
	Start       time.Time `json:"start"`
	End         time.Time `json:"end"`
}

// FederatedCredential is what an application trusts beside its own secrets.
type FederatedCredential = identity.Federated

// ExchangeAudience is the audience that federated credentials have unless told
// otherwise.
const ExchangeAudience = "api://AzureADTokenExchange"

// CreateUser adds a user of the tenant's domain, with an alias such as "admin".
// roles are template ids of directory roles.
func (e *Entra) CreateUser(alias, name string, roles ...string) identity.Principal {
	given, surname, _ := strings.Cut(name, " ")
	domain := e.domain()
	p := Principal{ID: e.ids.GUID("entra.object"), Kind: identity.KindUser, DisplayName: name, UPN: alias + "@" + domain,
		Profile: Profile{GivenName: given, Surname: surname, Mail: alias + "@" + domain, Created: e.clock.Now(), DirectoryRoles: slices.Clone(roles)}}
	e.put(p)
	return p.public()
}

// CreateGroup adds a security group with the given members, by object id.
func (e *Entra) CreateGroup(name string, members ...string) identity.Principal {
	p := Principal{ID: e.ids.GUID("entra.object"), Kind: identity.KindGroup, DisplayName: name, Members: slices.Clone(members), Profile: Profile{Created: e.clock.Now()}}
	e.put(p)
	return p.public()
}

// Describe changes what the directory keeps of a principal beside its name.
func (e *Entra) Describe(objectID string, change func(*Profile)) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	p, ok := e.state.Principals[objectID]
	if !ok {
		return fmt.Errorf("describe %s: %w", objectID, ErrNoObject)
	}
	p = p.clone()
	change(&p.Profile)
	e.state.Principals[objectID] = p
	return nil
}

// CreateApplication registers an application of the tenant with its service
// principal. change may be nil; it sees the registration before it is kept.
func (e *Entra) CreateApplication(name string, change func(*Application)) (Application, identity.Principal) {
	now := e.clock.Now()
	a := Application{ID: e.ids.GUID("entra.object"), AppID: e.ids.GUID("entra.app"), DisplayName: name, Created: now}
	if change != nil {
		change(&a)
	}
	p := Principal{ID: e.ids.GUID("entra.object"), Kind: identity.KindServicePrincipal, DisplayName: name, AppID: a.AppID, SPType: applicationType, Owner: e.TenantID(), Profile: Profile{Created: now}}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.state.Applications[a.ID], e.state.Principals[p.ID] = a.clone(), p
	return a, p.public()
}

// change replaces an application by a changed copy.
func (e *Entra) change(objectID string, do func(*Application)) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	a, ok := e.state.Applications[objectID]
	if !ok {
		return fmt.Errorf("change the application %s: %w", objectID, ErrNoObject)
	}
	a = a.clone()
	do(&a)
	e.state.Applications[objectID] = a
	return nil
}

// AddPassword gives an application, by object id, a client secret and returns
// its text, which cannot be read again.
func (e *Entra) AddPassword(objectID, name string, life time.Duration) (string, error) {
	now := e.clock.Now()
	c, secret := NewPassword(e.ids, name, now, now.Add(life))
	return secret, e.change(objectID, func(a *Application) { a.Passwords = append(a.Passwords, c) })
}

// NewPassword makes a client secret and returns it with its text, which is not
// kept: forty characters, of which the first three are its hint.
func NewPassword(source *ids.Source, name string, start, end time.Time) (c PasswordCredential, text string) {
	random := strings.ReplaceAll(source.Base64URL("entra.secret", 28), "-", ".")
	text = random[:3] + "8Q~" + random[3:37]
	return PasswordCredential{KeyID: source.GUID("entra.key"), DisplayName: name, Hint: text[:3], Hash: hashOf(text), Start: start, End: end}, text
}

// NewKey describes a certificate in DER with which an application proves itself.
func NewKey(keyID, name string, der []byte, start, end time.Time) KeyCredential {
	sum := sha1.Sum(der)
	return KeyCredential{KeyID: keyID, DisplayName: name, Thumbprint: strings.ToUpper(hex.EncodeToString(sum[:])), Cert: slices.Clone(der), Start: start, End: end}
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// AddCertificate lets an application, by object id, prove itself with the key
// of a certificate in DER, between start and end.
func (e *Entra) AddCertificate(objectID, name string, der []byte, start, end time.Time) error {
	c := NewKey(e.ids.GUID("entra.key"), name, der, start, end)
	return e.change(objectID, func(a *Application) { a.Keys = append(a.Keys, c) })
}

// SetFederated sets the federated credentials of an application or of a managed
// identity, by object id.
func (e *Entra) SetFederated(objectID string, list ...FederatedCredential) error {
	list = slices.Clone(list)
	for i := range list {
		if list[i].ID == "" {
			list[i].ID = e.ids.GUID("entra.federated")
		}
		if list[i].Audience == "" {
			list[i].Audience = ExchangeAudience
		}
	}
	e.mu.Lock()
	p, ok := e.state.Principals[objectID]
	if ok && p.SPType == managedType {
		p.Federated = list
		e.state.Principals[objectID] = p
		e.mu.Unlock()
		return nil
	}
	e.mu.Unlock()
	return e.change(objectID, func(a *Application) { a.Federated = list })
}

// AssignAppRole gives a principal the app role of a resource, which is named by
// its application id and the role's value ("Directory.Read.All").
func (e *Entra) AssignAppRole(principalID, resourceAppID, value string) error {
	resource, ok := e.principalByApp(resourceAppID)
	if !ok {
		return fmt.Errorf("give %s of %s: %w", value, resourceAppID, ErrNoObject)
	}
	roles := e.RolesOf(resourceAppID)
	i := slices.IndexFunc(roles, func(r AppRole) bool { return r.Value == value })
	if _, found := e.Lookup(principalID); !found || i < 0 {
		return fmt.Errorf("give %s of %s to %s: %w", value, resource.DisplayName, principalID, ErrNoObject)
	}
	x := AppRoleAssignment{ID: e.ids.Base64URL("entra.approle", 32), PrincipalID: principalID, ResourceID: resource.ID, AppRoleID: roles[i].ID, Created: e.clock.Now()}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.state.AppRoles = append(slices.Clone(e.state.AppRoles), x)
	return nil
}

// Principals returns the principals of a kind, ordered by object id.
func (e *Entra) Principals(kind string) []Principal {
	e.mu.RLock()
	defer e.mu.RUnlock()
	var out []Principal
	for _, p := range e.state.Principals {
		if p.Kind == kind {
			out = append(out, p.clone())
		}
	}
	sorting.By(out, func(a, b Principal) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// Principal returns a principal by its object id.
func (e *Entra) Principal(objectID string) (Principal, bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	p, ok := e.state.Principals[strings.ToLower(objectID)]
	return p.clone(), ok
}

// Applications returns the tenant's registrations, ordered by object id.
func (e *Entra) Applications() []Application {
	e.mu.RLock()
	defer e.mu.RUnlock()
	var out []Application
	for _, a := range e.state.Applications {
		out = append(out, a.clone())
	}
	sorting.By(out, func(a, b Application) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// AppRoleAssignments returns the app roles that were given, oldest first.
func (e *Entra) AppRoleAssignments() []AppRoleAssignment {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return slices.Clone(e.state.AppRoles)
}

// Tenant returns the tenant's first domain and the time of its creation.
func (e *Entra) Tenant() (domain string, created time.Time) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.state.Domain, e.state.Created
}

func (e *Entra) domain() string { d, _ := e.Tenant(); return d }

// applicationByApp finds a registration of the tenant by its application id.
func (e *Entra) applicationByApp(appID string) (Application, bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	for _, a := range e.state.Applications {
		if strings.EqualFold(a.AppID, appID) {
			return a.clone(), true
		}
	}
	return Application{}, false
}

// RolesOf returns the app roles that a resource offers, by its application id.
func (e *Entra) RolesOf(appID string) []AppRole {
	if r, ok := firstParty(appID); ok {
		return r.roles
	}
	a, _ := e.applicationByApp(appID)
	return a.Roles
}

// ScopesOf returns the delegated permissions that a resource offers, by its
// application id.
func (e *Entra) ScopesOf(appID string) []PermissionScope {
	if r, ok := firstParty(appID); ok {
		return r.scopes
	}
	a, _ := e.applicationByApp(appID)
	return a.Scopes
}

// rolesIn are the values of the app roles that a principal has of a resource.
func (e *Entra) rolesIn(principalID, resourceAppID string) []string {
	resource, ok := e.principalByApp(resourceAppID)
	if !ok {
		return nil
	}
	roles := e.RolesOf(resourceAppID)
	var out []string
	for _, x := range e.AppRoleAssignments() {
		if x.PrincipalID != principalID || x.ResourceID != resource.ID {
			continue
		}
		if i := slices.IndexFunc(roles, func(r AppRole) bool { return r.ID == x.AppRoleID }); i >= 0 && !slices.Contains(out, roles[i].Value) {
			out = append(out, roles[i].Value)
		}
	}
	slices.Sort(out)
	return out
}
