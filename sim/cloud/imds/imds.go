// Package imds is the Instance Metadata Service at 169.254.169.254: tokens of a
// VM's managed identities, and what a VM can learn of itself
// (facts/azure-wire.md §1). It knows which machine asks by the card the request
// came from, and asks Entra for tokens over the network as the real service
// does. It must not know lessons, shells, or how a VM's resource is kept.
//
// Where the facts leave a form open, this package answers so:
//   - X-Forwarded-For: 400 in the category's dialect with the text that the
//     missing header has, that being the only refusal known.
//   - a method that a category lacks: 405, method_not_allowed on the identity
//     path, "Method not allowed" elsewhere; the text that is documented for the
//     load balancer.
//   - a repeated query parameter: 400 in the category's dialect.
//   - two selectors at once: 400 invalid_request.
//   - api-version missing, unknown, or older than its category: 400 with the
//     body that /metadata gives, on the identity path too.
//   - over the rate: 429, too_many_requests on the identity path, "Too many
//     requests" elsewhere. The limit of five token requests at a time is not
//     kept: on a logical clock requests take no time beside each other.
//   - identity/info of a VM without an identity: the tenant all the same.
//   - a nonce that is no word of up to 32 letters and digits: 400.
//   - an attested document has its fields in alphabetical order, its algorithms
//     named and its content signed as in one recorded in 2023 (the collection
//     sap.sap_operations); unlike that one it carries the issuing authority's
//     certificate beside the signer's, for nobody serves it in a lab.
//   - scheduled events: an empty document, its incarnation 1; an acknowledgement
//     of an event that is not there is 400.
//
// Categories that exist and are not simulated answer 501 with the sentence that
// says so.
package imds

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"skylab/sim/clock"
	"skylab/sim/edition"
	"skylab/sim/exchange"
	"skylab/sim/ids"
	"skylab/sim/network"
	"skylab/sim/ojson"
)

// Identity is a managed identity as its VM's metadata service knows it.
type Identity struct {
	ResourceID  string // of a user-assigned identity; "" for the system-assigned one
	PrincipalID string
	ClientID    string
}

// VM is a virtual machine as the metadata service knows it.
type VM struct {
	ID       string // ARM id
	TenantID string
	System   *Identity
	User     []Identity
	Compute  Compute
	Network  []Interface
}

// Source finds the VM that owns a card.
type Source interface {
	VM(id string) (VM, bool)
}

// Issuer gets a token for an identity of a VM from Entra. It returns Entra's
// status and body, both for success and for refusal.
type Issuer interface {
	Token(r *http.Request, vm VM, id Identity, resource string) (status int, body *ojson.Object, err error)
}

// State is the service as a snapshot keeps it.
type State struct {
	Cache map[string]Cached   `json:"cache"`           // by VM, client id and resource, joined with blanks
	Calls map[string][]string `json:"calls,omitempty"` // instants of the last second's requests: of tokens by VM, of all else by VM and " other"
}

// Cached is a token kept until it expires.
type Cached struct {
	Token     string `json:"token"`
	Resource  string `json:"resource"`
	NotBefore int64  `json:"notBefore"` // epoch seconds
	ExpiresOn int64  `json:"expiresOn"` // epoch seconds
}

// Rates are how many requests a VM may make in a second: of tokens, and of all
// other categories together (facts/azure-wire.md §1.1).
const (
	Rate      = 20
	OtherRate = 5
)

// Options make a service.
type Options struct {
	Clock  *clock.Clock
	IDs    *ids.Source
	Source Source
	Issuer Issuer
	// NeverThrottle keeps the service from refusing for its rate.
	NeverThrottle bool
}

// IMDS is the metadata service of all VMs of a lab. It is safe for concurrent use.
type IMDS struct {
	Options
	mu    edition.Mutex
	text  edition.Text
	state State
}

// New returns a service with an empty cache.
func New(o Options) *IMDS {
	return &IMDS{Options: o, state: State{Cache: map[string]Cached{}, Calls: map[string][]string{}}}
}

// State returns the service as plain data.
func (s *IMDS) State() State {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return State{Cache: maps.Clone(s.state.Cache), Calls: maps.Clone(s.state.Calls)}
}

// JSON returns [IMDS.State] as JSON, which must not be changed.
func (s *IMDS) JSON() ([]byte, error) {
	return s.text.JSON(&s.mu, func() any { return s.State() })
}

// Restore sets the service to a saved state.
func (s *IMDS) Restore(st State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = State{Cache: maps.Clone(st.Cache), Calls: maps.Clone(st.Calls)}
	if s.state.Cache == nil {
		s.state.Cache = map[string]Cached{}
	}
	if s.state.Calls == nil {
		s.state.Calls = map[string][]string{}
	}
}

// Host is the service's place in the network: reachable from VMs' cards alone.
func (s *IMDS) Host() network.Host {
	return network.Host{
		Pattern: "169.254.169.254", Service: "Metadata service", Schemes: []string{"http"}, Handler: s, Latency: 5 * time.Millisecond,
		Header: network.HeaderTable{"Content-Type", "Server", "x-ms-request-id", "Date", "Content-Length"},
		Admit:  func(c exchange.Caller) bool { return c.Resource != "" },
	}
}

// server is the build that the facts have for late 2025.
const server = "IMDS/150.870.65.1854"

// ServeHTTP implements http.Handler.
func (s *IMDS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Server", server)
	w.Header().Set("x-ms-request-id", s.IDs.GUID("imds.request"))
	identity := strings.HasPrefix(strings.ToLower(r.URL.Path), "/metadata/identity")
	if !strings.EqualFold(strings.TrimSpace(r.Header.Get("Metadata")), "true") || r.Header.Get("X-Forwarded-For") != "" {
		note(r, "imds.header", "The request does not carry the header Metadata: true, so it is refused before anything else is looked at.", map[string]any{"sent": r.Header.Get("Metadata")})
		if identity {
			refuse(w, http.StatusBadRequest, "invalid_request", "Required metadata header not specified")
		} else {
			plain(w, http.StatusBadRequest, "Bad request: . Required metadata header not specified")
		}
		return
	}
	vm, ok := s.Source.VM(network.CallerOf(r.Context()).Resource)
	if !ok {
		plain(w, http.StatusGone, "Gone")
		return
	}
	path := strings.Trim(strings.ToLower(r.URL.Path), "/")
	events, balancer := path == "metadata/scheduledevents", path == "metadata/loadbalancer"
	if r.Method != http.MethodGet && !balancer && !(events && r.Method == http.MethodPost) {
		if identity {
			refuse(w, http.StatusMethodNotAllowed, "method_not_allowed", "The request method is not supported.")
		} else {
			plain(w, http.StatusMethodNotAllowed, "Method not allowed")
		}
		return
	}
	if !identity && !s.NeverThrottle && s.throttled(vm.ID+" other", OtherRate) {
		note(r, "imds.throttle", fmt.Sprintf("More than %d requests came from this VM within a second.", OtherRate), nil)
		plain(w, http.StatusTooManyRequests, "Too many requests")
		return
	}
	if path == "metadata/versions" {
		list := make([]any, len(versions))
		for i, v := range versions {
			list[i] = v
		}
		answer(w, http.StatusOK, ojson.Obj("apiVersions", list))
		return
	}
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		malformed(w, identity, "Query is malformed")
		return
	}
	for _, name := range slices.Sorted(maps.Keys(q)) {
		if len(q[name]) > 1 {
			malformed(w, identity, fmt.Sprintf("Query parameter '%s' is duplicated", name))
			return
		}
	}
	version := q.Get("api-version")
	if events {
		s.scheduledEvents(w, r, version)
		return
	}
	if !slices.Contains(versions, version) {
		badVersion(w)
		return
	}
	category, rest, _ := strings.Cut(strings.TrimPrefix(path, "metadata/"), "/")
	if since, ok := categories[category]; ok && version < since {
		badVersion(w)
		return
	}
	switch {
	case path == "metadata/identity/oauth2/token":
		s.token(w, r, vm, q)
	case path == "metadata/identity/info":
		answer(w, http.StatusOK, ojson.Obj("tenantId", vm.TenantID))
	case slices.Contains(notSimulated, path):
		plain(w, http.StatusNotImplemented, "skylab: /"+path+" is real but not simulated here")
	case path == "metadata/identity":
		plain(w, http.StatusNotFound, "Not Found") // recorded; elsewhere it is "Not found"
	case category == "instance":
		s.instance(w, r, vm, q)
	case category == "attested" && rest == "document":
		s.attested(w, r, vm, q)
	case category == "loadbalancer":
		s.loadBalancer(w, r, vm, q)
	default:
		plain(w, http.StatusNotFound, "Not found")
	}
}

// categories are the first api-versions of the categories
// (facts/azure-wire.md §1.5).
var categories = map[string]string{"instance": "2017-04-02", "identity": "2018-02-01", "attested": "2018-10-01", "loadbalancer": "2020-10-01"}

// notSimulated are paths that the service has and this package does not: those
// with which clients get tokens bound to a certificate, and those for
// confidential machines.
var notSimulated = []string{"metadata/identity/getplatformmetadata", "metadata/identity/issuecredential", "metadata/thim/amd/certification", "metadata/thim/tee/v2.1/certification", "metadata/acc/certification"}

// malformed refuses a query in the category's dialect.
func malformed(w http.ResponseWriter, identity bool, text string) {
	if identity {
		refuse(w, http.StatusBadRequest, "invalid_request", text)
	} else {
		plain(w, http.StatusBadRequest, "Bad request. "+text)
	}
}

func note(r *http.Request, kind, text string, data map[string]any) {
	network.AddNote(r.Context(), exchange.Note{Kind: kind, Text: text, Data: data})
}

func answer(w http.ResponseWriter, status int, v any) {
	b, err := ojson.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("imds: marshal an answer: %v", err)) // our own data
	}
	write(w, status, b)
}

func write(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	w.Write(body)
}

// refuse answers in the identity category's dialect.
func refuse(w http.ResponseWriter, status int, id, text string) {
	answer(w, status, ojson.Obj("error", id, "error_description", text))
}

// plain answers in the dialect of all other categories.
func plain(w http.ResponseWriter, status int, text string) {
	quoted, _ := ojson.Marshal(text)
	write(w, status, []byte(`{ "error": `+string(quoted)+` }`))
}

func badVersion(w http.ResponseWriter) {
	n := len(versions)
	write(w, http.StatusBadRequest, []byte(fmt.Sprintf(`{ "error": "Bad request. api-version is invalid or was not specified in the request. For more information refer to aka.ms/azureimds", "newest-versions": [ "%s", "%s", "%s" ] }`,
		versions[n-1], versions[n-2], versions[n-3])))
}

// versions is what /metadata/versions lists, ascending (facts/azure-wire.md §1.5).
var versions = strings.Fields(`2017-03-01 2017-04-02 2017-08-01 2017-10-01 2017-12-01 2018-02-01 2018-04-02 2018-10-01
	2019-02-01 2019-03-11 2019-04-30 2019-06-01 2019-06-04 2019-08-01 2019-08-15 2019-11-01 2020-06-01 2020-07-15 2020-09-01 2020-10-01
	2020-12-01 2021-01-01 2021-02-01 2021-03-01 2021-05-01 2021-08-01 2021-10-01 2021-11-01 2021-11-15 2021-12-13 2023-07-01 2023-11-15
	2024-03-15 2024-07-17 2025-04-07`)
