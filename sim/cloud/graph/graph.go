// Package graph is Microsoft Graph v1.0 as far as it concerns a directory:
// people, groups, service principals and applications of a tenant are read and
// changed (facts/azure-wire.md §9, facts/recorded.md §5.4, and the recordings of
// azure-cli's module role). It must not know how tokens are made, nor role
// assignments and Azure resources.
//
// Where the facts are silent: a token of a principal that is gone is refused
// with Authorization_IdentityNotFound; objects come in the order of their ids;
// a signature that does not fit is refused as "Invalid signature"; properties
// chosen with $select come in the service's order, not in the query's. A new
// application is AzureADMyOrg, as the reference says today; groups are security
// groups alone; the service principals of managed identities and of Microsoft's
// applications cannot be deleted, which is Authorization_RequestDenied here; a
// person without a directory role may register applications, create groups, and
// change what they own, as in a tenant with default settings.
//
// An entity set is a row of the table in sets.go: its name, its properties, what
// can be filtered and written, and the permissions that read and change it. What
// stands behind an object in a path is a row of the table in relations.go.
package graph

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"skylab/sim/clock"
	"skylab/sim/cloud/entra"
	"skylab/sim/cloud/identity"
	"skylab/sim/exchange"
	"skylab/sim/ids"
	"skylab/sim/network"
	"skylab/sim/ojson"
)

// Directory is what Graph reads and changes.
type Directory interface {
	identity.Verifier
	TenantID() string
	Tenant() (domain string, created time.Time)
	Principals(kind string) []entra.Principal
	Principal(objectID string) (entra.Principal, bool)
	Groups(objectID string) []string
	Applications() []entra.Application
	AppRoleAssignments() []entra.AppRoleAssignment
	RolesOf(appID string) []entra.AppRole
	ScopesOf(appID string) []entra.PermissionScope
	IdentifiersOf(appID string) []string
	Change(do func(*entra.Objects) error) error
	Bin() map[string]entra.Deleted
}

// Options make a Graph.
type Options struct {
	Clock     *clock.Clock
	IDs       *ids.Source
	Directory Directory
}

// Graph serves Microsoft Graph. It has no state of its own.
type Graph struct{ Options }

// New returns a Graph over a directory.
func New(o Options) *Graph { return &Graph{o} }

const (
	hostName = "graph.microsoft.com"
	base     = "https://" + hostName + "/v1.0/"
	metadata = base + "$metadata#"
)

// audiences are those that Graph accepts in a token (facts/azure-wire.md §3.4).
var audiences = []string{"https://graph.microsoft.com", "https://graph.microsoft.com/", entra.GraphApp}

// headers is the order and spelling of facts/azure-wire.md §9.
var headers = network.HeaderTable{
	"Cache-Control", "Content-Type", "Vary", "Strict-Transport-Security", "request-id", "client-request-id", "x-ms-ags-diagnostic",
	"WWW-Authenticate", "Location", "x-ms-resource-unit", "OData-Version", "Allow", "Date", "Content-Length",
}

// Host is Graph's place in the network.
func (g *Graph) Host() network.Host {
	return network.Host{Pattern: hostName, Service: "Microsoft Graph", Schemes: []string{"https"}, Handler: g, Header: headers}
}

// refusal is an answer that refuses, by Graph's code and text.
type refusal struct {
	status     int
	code, text string
	// detail and target, if there are any, are the finer code and the property.
	detail, target string
}

func (x *refusal) Error() string { return x.code + ": " + x.text }

func refuse(status int, code, format string, args ...any) *refusal {
	return &refusal{status: status, code: code, text: fmt.Sprintf(format, args...)}
}

func badRequest(format string, args ...any) error {
	return refuse(http.StatusBadRequest, "BadRequest", format, args...)
}

func requestBad(format string, args ...any) error {
	return refuse(http.StatusBadRequest, "Request_BadRequest", format, args...)
}

func unsupported(format string, args ...any) error {
	return refuse(http.StatusBadRequest, "Request_UnsupportedQuery", format, args...)
}

func notFound(id string) error {
	return refuse(http.StatusNotFound, "Request_ResourceNotFound", "Resource '%s' does not exist or one of its queried reference-property objects are not present.", id)
}

func noSegment(name string) error {
	return badRequest("Resource not found for the segment '%s'.", name)
}

func notAllowed() error {
	return refuse(http.StatusMethodNotAllowed, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
}

// notSimulated says honestly that Graph has what is asked for and we have not.
func notSimulated(name string) error {
	return refuse(http.StatusNotImplemented, "NotSimulated", "skylab: %s is real but not simulated here", name)
}

// call is one request with what is known of its caller.
type call struct {
	*Graph
	r      *http.Request
	claims *identity.Claims
	query  query
}

// answer is what is ready to be sent.
type answer struct {
	status   int // 0 means 200
	location string
	body     *ojson.Object
	text     string // instead of a body: text/plain
}

// done answers a change that has nothing to show.
var done = answer{status: http.StatusNoContent}

// acted answers an action; the service sends this header with all of them.
func acted(body *ojson.Object) answer {
	return answer{location: "https://" + hostName, body: body}
}

// maxPath bounds a path, and what is read of it.
const maxPath = 4 << 10

// ServeHTTP implements http.Handler.
func (g *Graph) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := g.IDs.GUID("graph.request")
	client := r.Header.Get("client-request-id")
	if client == "" {
		client = id
	}
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("Vary", "Accept-Encoding")
	h.Set("Strict-Transport-Security", "max-age=31536000")
	h.Set("request-id", id)
	h.Set("client-request-id", client)
	h.Set("x-ms-ags-diagnostic", `{"ServerInfo":{"DataCenter":"West US","Slice":"E","Ring":"5","ScaleUnit":"003","RoleInstance":"BY3PEPF00012D5C"}}`)
	a, err := g.serve(w, r)
	var x *refusal
	switch {
	case errors.As(err, &x):
		h.Set("Content-Type", "application/json")
		o := ojson.Obj("code", x.code, "message", x.text)
		if x.detail != "" {
			o.Set("details", []any{ojson.Obj("code", x.detail, "message", x.text, "target", x.target)})
		}
		o.Set("innerError", ojson.Obj("date", g.Clock.Now().Format("2006-01-02T15:04:05"), "request-id", id, "client-request-id", client))
		g.write(w, x.status, ojson.Obj("error", o))
	case err != nil:
		h.Set("Content-Type", "application/json")
		g.write(w, http.StatusInternalServerError, ojson.Obj("error", ojson.Obj("code", "UnknownError", "message", err.Error())))
	case a.status == http.StatusNoContent:
		h.Del("Vary")
		h.Set("x-ms-resource-unit", "1")
		w.WriteHeader(a.status)
	case a.body == nil:
		h.Set("Content-Type", "text/plain")
		h.Set("x-ms-resource-unit", "1")
		h.Set("OData-Version", "4.0")
		w.Write([]byte(a.text))
	default:
		h.Set("Content-Type", "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8")
		h.Set("x-ms-resource-unit", "1")
		h.Set("OData-Version", "4.0")
		if a.location != "" {
			h.Set("Location", a.location)
		}
		g.write(w, max(a.status, http.StatusOK), a.body)
	}
}

func (g *Graph) write(w http.ResponseWriter, status int, body *ojson.Object) {
	b, err := ojson.Marshal(body)
	if err != nil { // our own data; an empty answer is all that is left
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.WriteHeader(status)
	w.Write(b)
}

func (g *Graph) serve(w http.ResponseWriter, r *http.Request) (answer, error) {
	if len(r.URL.Path) > maxPath {
		return answer{}, refuse(http.StatusRequestURITooLong, "BadRequest", "The request URI is too long.")
	}
	version, rest, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/")
	switch strings.ToLower(version) {
	case "v1.0":
	case "beta":
		return answer{}, notSimulated("Microsoft Graph beta")
	case "oidc":
		return answer{}, notSimulated("/oidc/userinfo of Microsoft Graph")
	default:
		return answer{}, badRequest("Invalid version: %s.", version)
	}
	claims, err := g.authenticate(w, r)
	if err != nil {
		return answer{}, err
	}
	q, err := readQuery(r)
	if err != nil {
		return answer{}, err
	}
	return (&call{g, r, claims, q}).route(rest)
}

// challenge is what a client without a token that works is told.
const challenge = `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="` + entra.GraphApp + `"`

const noDots = "IDX14100: JWT is not well formed, there are no dots (.).\nThe token needs to be in JWS or JWE Compact Serialization Format. (JWS): 'EncodedHeader.EncodedPayload.EncodedSignature'. (JWE): 'EncodedProtectedHeader.EncodedEncryptedKey.EncodedInitializationVector.EncodedCiphertext.EncodedAuthenticationTag'."

// authenticate checks the caller's token. Its errors are 401.
func (g *Graph) authenticate(w http.ResponseWriter, r *http.Request) (*identity.Claims, error) {
	deny := func(text string) (*identity.Claims, error) {
		w.Header().Set("WWW-Authenticate", challenge)
		return nil, refuse(http.StatusUnauthorized, "InvalidAuthenticationToken", "%s", text)
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return deny("Access token is empty.")
	}
	if !strings.Contains(token, ".") {
		return deny(noDots)
	}
	c, err := g.Directory.Verify(r.Context(), token, audiences)
	var x *identity.TokenError
	if !errors.As(err, &x) {
		return c, err
	}
	switch x.Reason {
	case identity.Malformed:
		return deny("CompactToken parsing failed with error code: 80049217")
	case identity.BadKey, identity.BadSign:
		return deny("Access token validation failure. Invalid signature.")
	case identity.BadIssuer:
		return deny("Access token validation failure. Invalid issuer.")
	case identity.BadAudience:
		return deny("Access token validation failure. Invalid audience.")
	case identity.Expired:
		return deny("Lifetime validation failed, the token is expired.")
	case identity.NoPrincipal:
		return nil, refuse(http.StatusUnauthorized, "Authorization_IdentityNotFound", "The identity of the calling application could not be established.")
	}
	return deny("Access token has expired or is not yet valid.")
}

// access are the permissions of which any one lets a caller read something.
type access struct {
	what        string // "users"
	delegated   []string
	application []string
}

// held returns the permission of a that the caller has; "" if none.
func (c *call) held(a access) string {
	has, accepted := c.claims.Scopes, a.delegated
	if c.claims.App {
		has, accepted = c.claims.Roles, a.application
	}
	if i := slices.IndexFunc(accepted, func(p string) bool { return slices.Contains(has, p) }); i >= 0 {
		return accepted[i]
	}
	return ""
}

// need refuses a caller who has none of the permissions, and tells the
// inspector which one it was or which there are.
func (c *call) need(a access) error {
	kind, accepted := "delegated", a.delegated
	if c.claims.App {
		kind, accepted = "application", a.application
	}
	if p := c.held(a); p != "" {
		network.AddNote(c.r.Context(), exchange.Note{Kind: "graph.permission", Text: fmt.Sprintf("The %s permission %s allows reading %s.", kind, p, a.what), Data: map[string]any{"permission": p, "kind": kind}})
		return nil
	}
	network.AddNote(c.r.Context(), exchange.Note{Kind: "graph.refused", Text: fmt.Sprintf("To read %s the token needs one of the %s permissions %s; it has %s.", a.what, kind, strings.Join(accepted, ", "), c.has()),
		Data: map[string]any{"needs": slices.Clone(accepted), "kind": kind}})
	return denied()
}

func denied() error {
	return refuse(http.StatusForbidden, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
}

func (c *call) has() string {
	list := c.claims.Scopes
	if c.claims.App {
		list = c.claims.Roles
	}
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}
