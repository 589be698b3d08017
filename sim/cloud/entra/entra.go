// Package entra is Microsoft Entra ID as managed identities meet it: a tenant's
// principals, the tokens they get, and the keys by which services verify them.
//
// It implements the seams of sim/cloud/identity. It must not know what a token
// is used for: role assignments and services are other packages' matter.
//
// Where the facts are silent: a federated assertion is compared with the
// application's credentials before its signature is checked, and what has no
// match is named by today's codes (AADSTS700211 issuer, 700213 subject, 700212
// audience), with AADSTS70021 where there is no credential at all; a device code
// that is not known is AADSTS70018; a device that polls too fast is not told so;
// id tokens of version 1 are signed as well. The pages of sign-in know who is
// signed in by login_hint.
//
// Tokens are RS256 JWTs whose claims stand in the order in which Entra issues
// them (facts/azure-wire.md §3). The key of a lab in a tab is public and
// worthless by design; a server for real clients passes a key of its own.
package entra

import (
	"crypto/rsa"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"skylab/sim/clock"
	"skylab/sim/cloud/identity"
	"skylab/sim/edition"
	"skylab/sim/ids"
	"skylab/sim/network"
	"skylab/sim/ojson"
)

// State is a tenant as a snapshot keeps it.
type State struct {
	TenantID   string               `json:"tenantId"`
	Domain     string               `json:"domain"` // "contoso.onmicrosoft.com"
	Created    time.Time            `json:"created"`
	Principals map[string]Principal `json:"principals"`        // by object id
	Codes      map[string]Grant     `json:"codes"`             // authorization codes that were not used
	Refresh    map[string]Grant     `json:"refresh"`           // refresh tokens
	Devices    map[string]Device    `json:"devices,omitempty"` // sign-ins under way, by device code
	// Applications are the tenant's own registrations, by object id.
	Applications map[string]Application `json:"applications,omitempty"`
	// AppRoles are the application permissions that were given, oldest first.
	AppRoles []AppRoleAssignment `json:"appRoles,omitempty"`
	// Deleted are the objects in the recycle bin, by object id.
	Deleted map[string]Deleted `json:"deleted,omitempty"`
	// Shell are the tokens that Cloud Shell's endpoint hands out until they end, by
	// user and resource.
	Shell map[string]ShellToken `json:"shell,omitempty"`
}

// Principal is a user, a group or a service principal of the tenant.
type Principal struct {
	ID          string   `json:"id"`
	Kind        string   `json:"kind"` // identity.KindUser, …
	DisplayName string   `json:"displayName"`
	UPN         string   `json:"upn,omitempty"`
	AppID       string   `json:"appId,omitempty"`
	SPType      string   `json:"servicePrincipalType,omitempty"`
	ResourceID  string   `json:"resourceId,omitempty"`
	Explicit    bool     `json:"explicit,omitempty"` // a user-assigned managed identity
	Members     []string `json:"members,omitempty"`  // of a group: object ids
	Profile
	// Owner is the tenant in which a service principal's application is
	// registered; "" for a managed identity, which has none.
	Owner string `json:"owner,omitempty"`
	// Federated are the issuers whose assertions a managed identity accepts.
	Federated []FederatedCredential `json:"federated,omitempty"`
	// Nickname is the mail alias of a user or a group, where it is not the one
	// that its name or id gives.
	Nickname string   `json:"mailNickname,omitempty"`
	Owners   []string `json:"owners,omitempty"` // object ids
	// Passwords and Keys are a service principal's own, beside those of its
	// application.
	Passwords []PasswordCredential `json:"passwords,omitempty"`
	Keys      []KeyCredential      `json:"keys,omitempty"`
	// Extra are the properties that have no effect here, as they were sent to
	// Graph, by their names there.
	Extra *ojson.Object `json:"extra,omitempty"`
}

// Options make a tenant.
type Options struct {
	Clock *clock.Clock
	IDs   *ids.Source
	// Key signs tokens; nil means the public simulation key.
	Key *Key
	// Domain is the tenant's first domain name; "" means contoso.onmicrosoft.com.
	Domain string
	// Transport reaches the issuers of federated credentials, to read their
	// keys; nil reaches none.
	Transport http.RoundTripper
}

// Entra is a tenant and its token service. It is safe for concurrent use.
type Entra struct {
	clock  *clock.Clock
	ids    *ids.Source
	key    *Key
	fabric *rsa.PublicKey
	reach  http.RoundTripper

	mu    edition.Mutex
	text  edition.Text
	state State
}

// New returns an empty tenant.
func New(o Options) (*Entra, error) {
	key := o.Key
	if key == nil {
		var err error
		if key, err = SimulationKey(); err != nil {
			return nil, err
		}
	}
	fabric, err := FabricKey()
	if err != nil {
		return nil, err
	}
	if o.Domain == "" {
		o.Domain = "contoso.onmicrosoft.com"
	}
	e := &Entra{clock: o.Clock, ids: o.IDs, key: key, fabric: &fabric.Private.PublicKey, reach: o.Transport, state: State{
		TenantID: o.IDs.GUID("entra.tenant"), Domain: o.Domain, Created: o.Clock.Now().AddDate(-2, 0, 0), Principals: map[string]Principal{}, Codes: map[string]Grant{}, Refresh: map[string]Grant{},
		Applications: map[string]Application{}, Devices: map[string]Device{},
	}}
	e.addFirstParty()
	return e, nil
}

// State returns the tenant as plain data.
func (e *Entra) State() State {
	e.mu.RLock()
	defer e.mu.RUnlock()
	s := e.state
	s.Principals, s.Codes, s.Refresh = maps.Clone(s.Principals), maps.Clone(s.Codes), maps.Clone(s.Refresh)
	for id, p := range s.Principals {
		s.Principals[id] = p.clone()
	}
	s.Devices, s.Applications, s.AppRoles = maps.Clone(s.Devices), maps.Clone(s.Applications), slices.Clone(s.AppRoles)
	for id, a := range s.Applications {
		s.Applications[id] = a.clone()
	}
	s.Deleted, s.Shell = maps.Clone(s.Deleted), maps.Clone(s.Shell)
	return s
}

// JSON returns [Entra.State] as JSON, which must not be changed.
func (e *Entra) JSON() ([]byte, error) {
	return e.text.JSON(&e.mu, func() any { return e.State() })
}

// Restore sets the tenant to a saved state.
func (e *Entra) Restore(s State) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.state = s
	e.state.Principals, e.state.Codes, e.state.Refresh = orEmpty(s.Principals), orEmpty(s.Codes), orEmpty(s.Refresh)
	e.state.Devices, e.state.Applications, e.state.AppRoles = orEmpty(s.Devices), orEmpty(s.Applications), slices.Clone(s.AppRoles)
	e.state.Deleted, e.state.Shell = maps.Clone(s.Deleted), orEmpty(s.Shell)
}

func orEmpty[V any](m map[string]V) map[string]V {
	if m == nil {
		return map[string]V{}
	}
	return maps.Clone(m)
}

// TenantID implements identity.Directory.
func (e *Entra) TenantID() string {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.state.TenantID
}

// Lookup implements identity.Directory.
func (e *Entra) Lookup(objectID string) (identity.Principal, bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	p, ok := e.state.Principals[strings.ToLower(objectID)]
	return p.public(), ok
}

func (p Principal) public() identity.Principal {
	return identity.Principal{ID: p.ID, Kind: p.Kind, DisplayName: p.DisplayName, AppID: p.AppID, UPN: p.UPN, SPType: p.SPType, ResourceID: p.ResourceID}
}

// Groups implements identity.Directory.
func (e *Entra) Groups(objectID string) []string {
	e.mu.RLock()
	defer e.mu.RUnlock()
	var found []string
	for wave := []string{strings.ToLower(objectID)}; len(wave) > 0; {
		var next []string
		for id, g := range e.state.Principals {
			if g.Kind == identity.KindGroup && !slices.Contains(found, id) && slices.ContainsFunc(wave, func(m string) bool { return slices.Contains(g.Members, m) }) {
				next = append(next, id)
			}
		}
		found = append(found, next...)
		wave = next
	}
	slices.Sort(found)
	return found
}

// CreateManagedIdentity implements identity.Directory.
func (e *Entra) CreateManagedIdentity(name, resourceID string, explicit bool) (identity.Principal, error) {
	if name == "" || resourceID == "" {
		return identity.Principal{}, fmt.Errorf("create a managed identity: it needs a name and a resource")
	}
	p := Principal{
		ID: e.ids.GUID("entra.object"), AppID: e.ids.GUID("entra.app"), Kind: identity.KindServicePrincipal,
		DisplayName: name, SPType: managedType, ResourceID: resourceID, Explicit: explicit, Profile: Profile{Created: e.clock.Now()},
	}
	e.put(p)
	return p.public(), nil
}

func (e *Entra) put(p Principal) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.state.Principals[p.ID] = p
}

// DeletePrincipal implements identity.Directory.
func (e *Entra) DeletePrincipal(objectID string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.state.Principals, objectID)
	e.state.AppRoles = slices.DeleteFunc(slices.Clone(e.state.AppRoles), func(a AppRoleAssignment) bool { return a.PrincipalID == objectID || a.ResourceID == objectID })
	for id, g := range e.state.Principals {
		if i := slices.Index(g.Members, objectID); i >= 0 {
			g.Members = slices.Delete(slices.Clone(g.Members), i, i+1)
			e.state.Principals[id] = g
		}
	}
}

// principalByApp finds a service principal by its application's id.
func (e *Entra) principalByApp(appID string) (Principal, bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	for _, p := range e.state.Principals {
		if p.AppID != "" && strings.EqualFold(p.AppID, appID) {
			return p, true
		}
	}
	return Principal{}, false
}

// Hosts are the host names of the token service, as the network attaches them.
func (e *Entra) Hosts() []network.Host {
	var out []network.Host
	for _, name := range []string{"login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"} {
		out = append(out, network.Host{Pattern: name, Service: "Entra", Schemes: []string{"https"}, Handler: e.Handler(), Header: headers})
	}
	// Where people are sent to enter the code of a device.
	for _, name := range []string{"microsoft.com", "www.microsoft.com"} {
		out = append(out, network.Host{Pattern: name, Service: "Microsoft", Schemes: []string{"https"}, Handler: http.HandlerFunc(serveDeviceLink), Header: headers})
	}
	return out
}

// headers is facts/azure-wire.md §3.3, in Entra's spelling.
var headers = network.HeaderTable{
	"Cache-Control", "Pragma", "Content-Type", "Expires", "Location", "Strict-Transport-Security", "X-Content-Type-Options", "Access-Control-Allow-Origin",
	"P3P", "x-ms-request-id", "x-ms-ests-server", "Set-Cookie", "Date", "Content-Length",
}
