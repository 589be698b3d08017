package arm

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"skylab/sim/cloud/identity"
	"skylab/sim/ojson"
)

// Call is a request that a resource makes of Resource Manager for whoever asked
// for it, as a deployment does for the resources of its template. It is plain
// data, so it may wait in a snapshot.
type Call struct {
	Method string `json:"method"`
	// Path is an ARM id, with the name of an action behind it for a POST. It is
	// not escaped.
	Path    string        `json:"path"`
	Version string        `json:"version"` // api-version
	Body    *ojson.Object `json:"body,omitempty"`
	As      Caller        `json:"as"`
	// Correlation joins the events of one piece of work; "" is the call alone.
	Correlation string `json:"correlation,omitempty"`
	// At is when the call is made, if that is not now: a resource that goes on
	// when an operation has ended (see [Type.Continue]) calls at the time of that
	// end, for the clock may have moved far beyond it in one step.
	At time.Time `json:"at,omitzero"`
}

// Outcome is the answer to a [Call].
type Outcome struct {
	Status int
	Header http.Header
	Body   *ojson.Object // nil if there is none
	Err    *Error        // what refused the call; nil if nothing did
	// Operation is the ID of what goes on; "" if all is done. [ARM.Operation]
	// tells when it ends, and how.
	Operation string
}

// Do carries out a call by the way that requests take, access check and activity
// log included. It is not counted against the rate limits.
func (a *ARM) Do(ctx context.Context, q Call) Outcome {
	a.Settle()
	w := &answer{header: http.Header{}, status: http.StatusOK}
	id := a.IDs.GUID("arm.request")
	w.header.Set("x-ms-request-id", id)
	w.header.Set("x-ms-correlation-request-id", id)
	if q.Correlation != "" {
		w.header.Set("x-ms-correlation-request-id", q.Correlation)
	}
	c := callOf(ctx, q, w)
	if q.At.IsZero() {
		c.at = a.Clock.Now()
	}
	out := Outcome{Header: w.header, Err: a.answer(c)}
	out.Operation, out.Status = c.op, w.status
	switch {
	case out.Err != nil:
		out.Status, out.Operation = out.Err.Status, ""
	case w.body.Len() > 0:
		out.Body = &ojson.Object{}
		if err := out.Body.UnmarshalJSON([]byte(w.body.String())); err != nil {
			out.Body = nil // a list or a text: its caller asked for no object
		}
	}
	return out
}

func callOf(ctx context.Context, q Call, w http.ResponseWriter) *call {
	body := ""
	if q.Body != nil {
		if data, err := ojson.Marshal(q.Body); err == nil {
			body = string(data)
		}
	}
	u := &url.URL{Scheme: "https", Host: "management.azure.com", Path: q.Path, RawQuery: url.Values{"api-version": {q.Version}}.Encode()}
	r := (&http.Request{Method: q.Method, URL: u, Host: u.Host, Header: http.Header{}, Body: http.NoBody, ContentLength: int64(len(body)), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}).WithContext(ctx)
	if body != "" {
		r.Body = readCloser{strings.NewReader(body)}
	}
	return &call{Request: r, w: w, at: q.At, inner: true, claims: q.As.claims()}
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

// claims are a caller's claims as far as they are known of it.
func (c Caller) claims() *identity.Claims {
	return &identity.Claims{ObjectID: c.ObjectID, AppID: c.AppID, UPN: c.UPN, Name: c.Name, Issuer: c.Issuer, Audience: c.Audience}
}

// Caller returns who makes a request, as plain data for calls in its name.
func (x *Request) Caller() Caller { return callerOf(x.Claims) }

// Correlation returns the correlation id of a request.
func (x *Request) Correlation() string { return x.W.Header().Get("x-ms-correlation-request-id") }

// Subscription returns the subscription that a request is about.
func (x *Request) Subscription() Subscription { return x.call.sub }

// At is when a request was made: now, or, of a [Call], its own time.
func (x *Request) At() time.Time { return x.call.at }

// answer is a ResponseWriter that keeps what it is given.
type answer struct {
	header http.Header
	status int
	body   strings.Builder
}

func (w *answer) Header() http.Header         { return w.header }
func (w *answer) WriteHeader(s int)           { w.status = s }
func (w *answer) Write(b []byte) (int, error) { return w.body.Write(b) }
