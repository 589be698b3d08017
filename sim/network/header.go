package network

import (
	"context"
	"net/http"
	"net/textproto"
	"sort"
	"strconv"
	"strings"

	"skylab/sim/exchange"
)

// HeaderTable lists a service's header names in the spelling and the order in
// which it sends them. Names that it does not list follow in alphabetical order
// and Go's spelling.
type HeaderTable []string

// Fields puts a header into the table's spelling and order.
func (t HeaderTable) Fields(h http.Header) exchange.Fields {
	rank := make(map[string]int, len(t))
	for i, name := range t {
		rank[textproto.CanonicalMIMEHeaderKey(name)] = i
	}
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		a, okA := rank[names[i]]
		b, okB := rank[names[j]]
		switch {
		case okA && okB:
			return a < b
		case okA != okB:
			return okA
		default:
			return names[i] < names[j]
		}
	})
	var out exchange.Fields
	for _, name := range names {
		spelled := name
		if i, ok := rank[name]; ok {
			spelled = t[i]
		}
		for _, v := range h[name] {
			out = append(out, exchange.Field{Name: spelled, Value: v})
		}
	}
	return out
}

type fieldsKey struct{}

// WithFields returns a context for a request whose header fields must go out in
// just this order and spelling. The request's own Header is not looked at then,
// but for what the fields leave out nothing is added.
func WithFields(ctx context.Context, f exchange.Fields) context.Context {
	return context.WithValue(ctx, fieldsKey{}, f)
}

// RequestFields returns the header fields of a request in wire order: those of
// [WithFields], otherwise Host and then the header in alphabetical order, with
// the body's framing where the header does not give it. A client that sends a
// POST without any length, as curl -X POST does, says so by [WithFields].
func RequestFields(r *http.Request) exchange.Fields {
	if f, ok := r.Context().Value(fieldsKey{}).(exchange.Fields); ok && f != nil {
		return f
	}
	host := r.Host
	if host == "" {
		host = r.URL.Host
	}
	h := r.Header
	if n, tell := bodyLength(r); tell && h.Get("Content-Length") == "" && h.Get("Transfer-Encoding") == "" {
		if h = h.Clone(); h == nil {
			h = http.Header{}
		}
		if n < 0 {
			h.Set("Transfer-Encoding", "chunked")
		} else {
			h.Set("Content-Length", strconv.FormatInt(n, 10))
		}
	}
	return append(exchange.Fields{{Name: "Host", Value: host}}, HeaderTable(nil).Fields(h)...)
}

// bodyLength is what a client that leaves the framing to its library says of the
// body, as net/http's transport does: the length where it is known, -1 where it
// is not, and nothing for an empty body of a method that needs none.
func bodyLength(r *http.Request) (n int64, tell bool) {
	switch {
	case r.Body != nil && r.Body != http.NoBody:
		if r.ContentLength > 0 {
			return r.ContentLength, true
		}
		return -1, true
	case r.Method == http.MethodPost, r.Method == http.MethodPut, r.Method == http.MethodPatch:
		return 0, true
	}
	return 0, false
}

// headerOf makes Go's form of wire fields, without Host, which Go keeps apart.
func headerOf(f exchange.Fields) http.Header {
	h := http.Header{}
	for _, x := range f {
		if !strings.EqualFold(x.Name, "Host") {
			h.Add(x.Name, x.Value)
		}
	}
	return h
}

// fielder is a response body that remembers the header as it was on the wire.
type fielder interface{ wireFields() exchange.Fields }

// ResponseFields returns the header fields of a response in wire order and
// spelling where it came through a [Card], otherwise in alphabetical order.
func ResponseFields(r *http.Response) exchange.Fields {
	if f, ok := r.Body.(fielder); ok {
		return f.wireFields()
	}
	return HeaderTable(nil).Fields(r.Header)
}
