// Package arm is the front of Azure Resource Manager: authentication,
// api-versions, authorisation, the errors and headers that all resource types
// share, and the resources of its own, subscriptions and resource groups
// (facts/azure-wire.md §4). It must not know who calls it nor over what.
//
// What a resource group or a resource is lies in [State] as plain data. A route
// is a row of a table: its path, its method, the action that the access check
// asks for, the api-versions, and a handler that runs only when all of those
// are right.
//
// A resource type is a [Type], a row of a table with a few hooks; the example
// ExampleType adds one. Writes that take their time are [Operation]s, which end
// as the lab's clock moves ([ARM.Settle]). A resource that makes others, as a
// deployment does, sends [Call]s by [ARM.Do] and goes on in [Type.Continue].
//
// Authentication, api-versions, existence of the subscription, provider
// registration and access are checked in this order, each before the type sees
// the request: a caller without rights learns nothing of what exists.
package arm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"skylab/sim/clock"
	"skylab/sim/cloud/identity"
	"skylab/sim/cloud/rbac"
	"skylab/sim/edition"
	"skylab/sim/exchange"
	"skylab/sim/ids"
	"skylab/sim/network"
	"skylab/sim/ojson"
)

// Audiences are what a token for Resource Manager may be meant for, in the
// order in which its error names them (facts/azure-wire.md §3.4).
var Audiences = []string{"https://management.core.windows.net/", "https://management.core.windows.net", "https://management.azure.com/", "https://management.azure.com"}

// Options make a Resource Manager.
type Options struct {
	Clock     *clock.Clock
	IDs       *ids.Source
	Verifier  identity.Verifier
	Directory identity.Directory
	Access    *rbac.Access
}

// State is Resource Manager as a snapshot keeps it.
type State struct {
	Subscriptions map[string]Subscription `json:"subscriptions"` // by id
	Groups        map[string]Group        `json:"groups"`        // by lower-case ARM id
	Resources     map[string]Resource     `json:"resources"`     // by lower-case ARM id
	Remaining     map[string]int          `json:"remaining"`     // rate-limit counters: "reads", "writes", "deletes"
	Operations    map[string]Operation    `json:"operations"`    // by id
	Log           []Event                 `json:"log,omitempty"` // the activity log, oldest first
	// Providers are the registrations that differ from the table's, by namespace
	// in lower case.
	Providers map[string]string `json:"providers,omitempty"`
}

// Subscription is a subscription of the tenant.
type Subscription struct {
	ID   string        `json:"id"`
	Name string        `json:"name"`
	Tags *ojson.Object `json:"tags,omitempty"`
	// TagNames are the tag names that were created before any use, each with its
	// proposed values.
	TagNames map[string][]string `json:"tagNames,omitempty"`
}

// Group is a resource group. ID and Name keep the spelling of its creation.
type Group struct {
	ID       string        `json:"id"`
	Name     string        `json:"name"`
	Location string        `json:"location"`
	Tags     *ojson.Object `json:"tags,omitempty"`
	Deleting bool          `json:"deleting,omitempty"`
}

// ARM is a Resource Manager. It is safe for concurrent use.
type ARM struct {
	Options
	types map[string]*Type // by lower-case full name
	mu    edition.Mutex
	text  edition.Text
	state State
	busy  map[string]bool // operations whose types continue them right now, by id
	due   atomic.Int64    // when the next operation ends, in Unix nanoseconds
}

// New returns a Resource Manager without subscriptions.
func New(o Options) *ARM {
	a := &ARM{Options: o, types: map[string]*Type{}, busy: map[string]bool{}}
	a.Restore(State{})
	a.Register(ownTypes()...)
	return a
}

// State returns Resource Manager as plain data.
func (a *ARM) State() State {
	a.Settle()
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.state.copied()
}

// Edition is another number whenever something may have changed.
func (a *ARM) Edition() uint64 {
	a.Settle()
	return a.mu.Edition()
}

// JSON returns [ARM.State] as JSON, which must not be changed.
func (a *ARM) JSON() ([]byte, error) {
	a.Settle()
	return a.text.JSON(&a.mu, func() any { return a.State() })
}

func (s State) copied() State {
	return State{orEmpty(s.Subscriptions), orEmpty(s.Groups), orEmpty(s.Resources), orEmpty(s.Remaining), orEmpty(s.Operations), slices.Clone(s.Log), orEmpty(s.Providers)}
}

// Restore sets Resource Manager to a saved state.
func (a *ARM) Restore(s State) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.state = s.copied()
	a.plan()
}

func orEmpty[V any](m map[string]V) map[string]V {
	if m == nil {
		return map[string]V{}
	}
	return maps.Clone(m)
}

// CreateSubscription adds a subscription.
func (a *ARM) CreateSubscription(name string) Subscription {
	s := Subscription{ID: a.IDs.GUID("arm.subscription"), Name: name}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.state.Subscriptions[s.ID] = s
	return s
}

// Host is Resource Manager's place in the network.
func (a *ARM) Host() network.Host {
	return network.Host{Pattern: "management.azure.com", Service: "Resource Manager", Schemes: []string{"https"}, Handler: a, Header: headers}
}

// headers is facts/azure-wire.md §4.1.
var headers = network.HeaderTable{
	"Cache-Control", "Pragma", "Content-Type", "Expires", "Location", "Azure-AsyncOperation", "Azure-AsyncNotification", "Retry-After", "Vary", "Server", "Set-Cookie", "Allow", "WWW-Authenticate", "x-ms-failure-cause",
	"x-ms-ratelimit-remaining-subscription-reads", "x-ms-ratelimit-remaining-subscription-writes", "x-ms-ratelimit-remaining-subscription-deletes", "x-ms-ratelimit-remaining-resource",
	"x-ms-keyvault-service-version", "x-ms-request-id", "x-ms-correlation-request-id", "x-ms-routing-request-id", "Strict-Transport-Security", "X-Content-Type-Options", "Date", "Content-Length",
}

// region is where the front that answers stands.
const region = "WESTUS"

// maxBody is the most bytes of a request's body: Resource Manager's 4 MB.
const maxBody = 4 << 20

// ServeHTTP implements http.Handler.
func (a *ARM) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("Pragma", "no-cache")
	h.Set("Expires", "-1")
	h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	h.Set("X-Content-Type-Options", "nosniff")
	id := a.IDs.GUID("arm.request")
	correlation := r.Header.Get("x-ms-correlation-request-id")
	if len(correlation) != 36 {
		correlation = id
	}
	h.Set("x-ms-request-id", id)
	h.Set("x-ms-correlation-request-id", correlation)
	h.Set("x-ms-routing-request-id", region+":"+a.Clock.Now().Format("20060102T150405Z")+":"+id)
	a.Settle()
	if refuseFrame(w, r) {
		return
	}
	if e := a.answer(&call{Request: r, w: w, at: a.Clock.Now()}); e != nil {
		h.Set("x-ms-failure-cause", "service")
		if e.by == nil {
			h.Set("x-ms-failure-cause", "gateway")
		} else if e.by.ContentType != "" {
			h.Set("Content-Type", e.by.ContentType)
		}
		if r.Method == http.MethodHead {
			w.WriteHeader(e.Status)
			return
		}
		printJSON(w, e.Status, e.by != nil && e.by.Pretty, ojson.Obj("error", e.Body()))
	}
}

// answer serves a request, tells the activity log of it and returns what
// refuses it.
func (a *ARM) answer(c *call) *Error {
	err := a.serve(c)
	a.tell(c, err)
	if err == nil {
		return nil
	}
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Status: http.StatusInternalServerError, Code: "InternalServerError", Message: "Encountered internal server error."}
		note(c.Context(), "arm.failure", err.Error(), nil)
	}
	return e
}

// Error is an answer that refuses, in the form of facts/azure-wire.md §4.2–4.4.
// Who makes one names its fields.
type Error struct {
	Status  int    `json:"status"` // of HTTP
	Code    string `json:"code"`
	Message string `json:"message"`
	// Target is the parameter or resource at fault; "" is none.
	Target  string   `json:"target,omitempty"`
	Details []*Error `json:"details,omitempty"`
	// Info is additionalInfo: objects with type and info.
	Info []any `json:"info,omitempty"`
	by   *Type // whose provider refuses; nil is Resource Manager itself
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Body is the object that stands under "error" in the answer.
func (e *Error) Body() *ojson.Object {
	o := ojson.Obj("code", e.Code, "message", e.Message)
	if e.Target != "" {
		o.Set("target", e.Target)
	}
	if len(e.Details) > 0 {
		list := []any{}
		for _, d := range e.Details {
			list = append(list, d.Body())
		}
		o.Set("details", list)
	}
	if len(e.Info) > 0 {
		o.Set("additionalInfo", e.Info)
	}
	return o
}

func failf(status int, code, format string, args ...any) error {
	return &Error{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

func note(ctx context.Context, kind, text string, data map[string]any) {
	network.AddNote(ctx, exchange.Note{Kind: kind, Text: text, Data: data})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	b, err := ojson.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("arm: marshal an answer: %v", err)) // our own data
	}
	jsonHeader(w.Header(), status)
	w.WriteHeader(status)
	w.Write(b)
}

// jsonHeader describes a body, unless its type says something else of it.
func jsonHeader(h http.Header, status int) {
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/json; charset=utf-8")
	}
	if status == http.StatusOK {
		h.Set("Vary", "Accept-Encoding")
	}
}

// call is a request that found its route.
type call struct {
	*http.Request
	w       http.ResponseWriter
	version string // api-version
	vars    map[string]string
	claims  *identity.Claims
	sub     Subscription
	at      time.Time // when it is made
	inner   bool      // made by [ARM.Do] for a request that was counted
	event   *Event    // what the activity log tells of it; nil for reads
	op      string    // the operation that tells of its end; "" if none does
}

// serve takes a request through the checks in Resource Manager's order.
func (a *ARM) serve(c *call) error {
	segments := spelledOut(splitPath(c.URL.Path))
	c.version = queryFold(c.Request, "api-version")
	if c.version == "" {
		return failf(http.StatusBadRequest, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.")
	}
	found, methods := match(segments, c.Method)
	if found != nil {
		c.vars = found.bind(segments)
	} else if len(segments) > 1 && strings.EqualFold(segments[0], "subscriptions") {
		c.vars = map[string]string{"subscription": segments[1]}
	}
	if found == nil || !found.open {
		if err := a.authenticate(c); err != nil {
			return err
		}
	}
	if id, ok := c.vars["subscription"]; ok {
		if err := a.findSubscription(c, id); err != nil {
			return err
		}
	}
	if found == nil {
		if p := a.locate(segments); p != nil {
			return a.serveType(c, p)
		}
		return unknownRoute(c, segments, methods)
	}
	if found.versions != nil && !slices.Contains(found.versions, c.version) {
		return failf(http.StatusBadRequest, "InvalidApiVersionParameter", "The api-version '%s' is invalid. The supported versions are '%s'.", c.version, strings.Join(found.versions, ","))
	}
	if found.action != "" {
		if err := a.authorize(c, found.action, found.scope(c.vars)); err != nil {
			return err
		}
	}
	if !found.open {
		a.count(c)
	}
	return found.handle(a, c)
}

func decisionData(d rbac.Decision, action, scope, principal string) map[string]any {
	data := map[string]any{"action": action, "scope": scope, "allowed": d.Allowed, "principalId": principal, "considered": len(d.Considered)}
	if d.By != nil {
		data["assignment"], data["role"] = d.By.Assignment.ID(), d.By.Role
	}
	return data
}

// client is what these errors call a caller: a user's principal name, or an
// application's id.
func client(c *identity.Claims) string {
	if c.UPN != "" {
		return c.UPN
	}
	return c.AppID
}

// forbidden is facts/azure-wire.md §4.3.
func (a *ARM) forbidden(c *identity.Claims, action, scope string) error {
	return failf(http.StatusForbidden, "AuthorizationFailed", "The client '%s' with object id '%s' does not have authorization to perform action '%s' over scope '%s' or the scope is invalid. If access was recently granted, please refresh your credentials.", client(c), c.ObjectID, action, scope)
}

func (a *ARM) findSubscription(c *call, id string) error {
	if len(id) != 36 || strings.Count(id, "-") != 4 {
		return failf(http.StatusBadRequest, "InvalidSubscriptionId", "The provided subscription identifier '%s' is malformed or invalid.", id)
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	s, ok := a.state.Subscriptions[strings.ToLower(id)]
	if !ok {
		return failf(http.StatusNotFound, "SubscriptionNotFound", "The subscription '%s' could not be found.", id)
	}
	c.sub = s
	return nil
}

// limits are how many requests of a kind a subscription starts with.
var limits = map[string]int{"reads": 11999, "writes": 1199, "deletes": 14999}

// count takes a request off the counter of its kind and shows what is left.
func (a *ARM) count(c *call) {
	if c.inner {
		return
	}
	kind := "writes"
	switch c.Method {
	case http.MethodGet, http.MethodHead:
		kind = "reads"
	case http.MethodDelete:
		kind = "deletes"
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	left, ok := a.state.Remaining[kind]
	if !ok || left == 0 {
		left = limits[kind]
	} else {
		left--
	}
	a.state.Remaining[kind] = left
	c.w.Header().Set("x-ms-ratelimit-remaining-subscription-"+kind, strconv.Itoa(left))
}

// body reads a JSON object from the request.
func (c *call) body() (*ojson.Object, error) {
	data, err := io.ReadAll(http.MaxBytesReader(c.w, c.Request.Body, maxBody))
	if err != nil {
		return nil, failf(http.StatusRequestEntityTooLarge, "RequestContentTooLarge", "The request content size exceeds the maximum size of 4 MB.")
	}
	o := &ojson.Object{}
	if err := o.UnmarshalJSON(data); err != nil || len(data) == 0 {
		return nil, failf(http.StatusBadRequest, "InvalidRequestContent", "The request content was invalid and could not be deserialized: '%s'.", reason(err))
	}
	return o, nil
}

func reason(err error) string {
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return "the content is empty"
	case errors.As(err, &syntax):
		return fmt.Sprintf("%v, position %d", syntax, syntax.Offset)
	}
	return err.Error()
}
