package network

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"skylab/sim/exchange"
)

// MaxBody is the most bytes of a request's body that the network carries; a
// larger one gets 413 from it, as from the front ends of Azure.
const MaxBody = 4 << 20

// Card is a machine's way into the network: an http.RoundTripper that records
// every exchange, and connections to ports. It is safe for concurrent use.
type Card struct {
	net    *Network
	caller exchange.Caller
}

// Card returns a card for a caller.
func (n *Network) Card(c exchange.Caller) *Card { return &Card{net: n, caller: c} }

// Caller returns whose card it is.
func (c *Card) Caller() exchange.Caller { return c.caller }

// Resolve returns the address of a host name; see [Network.Resolve].
func (c *Card) Resolve(host string) (string, error) { return c.net.Resolve(host) }

type contextKey struct{}

// inFlight is an exchange that is being answered.
type inFlight struct {
	mu     sync.Mutex
	id     int
	caller exchange.Caller
	notes  []exchange.Note
	body   exchange.Body // of the request, as it is recorded; nil for as it was
}

// CallerOf tells a server which card a request came from.
func CallerOf(ctx context.Context) exchange.Caller {
	if f, ok := ctx.Value(contextKey{}).(*inFlight); ok {
		return f.caller
	}
	return exchange.Caller{}
}

// WithCaller returns a context in which [CallerOf] gives c: for servers that
// stand on a real socket and know their caller in another way.
func WithCaller(ctx context.Context, c exchange.Caller) context.Context {
	return context.WithValue(ctx, contextKey{}, &inFlight{caller: c})
}

// AddNote adds a note to the exchange that a server is answering. Outside an
// exchange it does nothing.
func AddNote(ctx context.Context, n exchange.Note) {
	if f, ok := ctx.Value(contextKey{}).(*inFlight); ok {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.notes = append(f.notes, n)
	}
}

// RecordBody makes the record keep another request body than the one that was
// sent to the server that is answering, for that one holds secrets. Outside an
// exchange it does nothing.
func RecordBody(ctx context.Context, body []byte) {
	if f, ok := ctx.Value(contextKey{}).(*inFlight); ok {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.body = body
	}
}

// Reasoner is implemented by the ResponseWriter of this network: SetReason
// replaces the standard reason phrase of the status line.
type Reasoner interface{ SetReason(phrase string) }

// RoundTrip sends a request to the host that its URL names. A failure to reach
// it is an *[Error]. The request's body is read whole and closed.
func (c *Card) RoundTrip(r *http.Request) (*http.Response, error) {
	n := c.net
	body, tooLarge, err := readBody(r)
	if err != nil {
		return nil, fmt.Errorf("read the request's body: %w", err)
	}
	fields := RequestFields(r)
	e := exchange.Exchange{
		ID: n.ring.NextID(), Start: n.clock.Now(), Caller: c.caller, Protocol: r.URL.Scheme,
		Request: exchange.Request{Method: r.Method, URL: r.URL.String(), Fields: fields, Body: body},
	}
	if parent, ok := r.Context().Value(contextKey{}).(*inFlight); ok {
		e.Parent = parent.id
	}
	flight := &inFlight{id: e.ID, caller: c.caller}
	finish := func() {
		e.Duration = n.clock.Now().Sub(e.Start)
		e.Notes = flight.notes
		if flight.body != nil {
			e.Request.Body = flight.body
		}
		n.ring.Add(e)
	}
	host, port := splitHost(r.URL)
	h, address, err := n.route(c.caller, host, port, r.URL.Scheme)
	e.Service, e.Address = h.Service, net.JoinHostPort(address, port)
	if err == nil && r.Context().Err() != nil {
		err = r.Context().Err()
	}
	if err != nil {
		var ne *Error
		if errors.As(err, &ne) {
			n.spendOnFailure(r.Context(), ne)
		}
		e.Failure = err.Error()
		finish()
		return nil, err
	}
	w := &recorder{header: http.Header{}}
	if tooLarge {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	} else if !serve(h.Handler, w, serverRequest(r, flight, fields, body, c.caller)) {
		err := &Error{Kind: Reset, Host: host, Port: port}
		e.Failure = err.Error()
		finish()
		return nil, err
	}
	latency := h.Latency
	if latency == 0 {
		latency = Latency
	}
	n.clock.Spend(latency)
	e.Response = w.finish(r.Method, h.Header, n.clock.Now())
	finish()
	return response(r, e.Response), nil
}

type deadlineKey struct{}

// WithPatience returns a context whose caller waits no longer than d of the
// lab's time for a host that does not answer.
func WithPatience(ctx context.Context, d time.Duration) context.Context {
	return context.WithValue(ctx, deadlineKey{}, d)
}

func (n *Network) spendOnFailure(ctx context.Context, e *Error) {
	if e.Kind == TimedOut {
		e.Elapsed = SilenceAfter
		if d, ok := ctx.Value(deadlineKey{}).(time.Duration); ok && d > 0 && d < e.Elapsed {
			e.Elapsed = d
		}
	}
	n.clock.Spend(e.Elapsed)
}

// route finds the host for a name and port and says why not if there is none.
func (n *Network) route(caller exchange.Caller, host, port, scheme string) (Host, string, error) {
	address, err := n.Resolve(host)
	if err != nil {
		return Host{}, "", err
	}
	n.mu.RLock()
	defer n.mu.RUnlock()
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	if isLocal(name, caller) {
		if h, ok := n.hosts[localPlace(caller.Machine, port)]; ok {
			if !slices.Contains(h.Schemes, scheme) {
				return h, address, &Error{Kind: WrongScheme, Host: host, Port: port}
			}
			return h, address, nil
		}
	}
	h, ok := n.find(name)
	if !ok {
		l, listens := n.listeners[net.JoinHostPort(name, port)]
		up := false
		if !listens && n.directory != nil {
			l, listens, up = n.directory.Listener(caller, address, port)
		}
		switch {
		case l.Silent:
			return Host{}, address, &Error{Kind: TimedOut, Host: host, Port: port}
		case listens:
			return Host{}, address, &Error{Kind: Reset, Host: host, Port: port}
		case up || n.listens(name) || isLocal(name, caller):
			return Host{}, address, &Error{Kind: Refused, Host: host, Port: port}
		default: // an address where nobody is
			return Host{}, address, &Error{Kind: TimedOut, Host: host, Port: port}
		}
	}
	if h.Admit != nil && !h.Admit(caller) {
		return h, address, &Error{Kind: TimedOut, Host: host, Port: port}
	}
	open := slices.ContainsFunc(h.Schemes, func(s string) bool { return schemePort(s) == port })
	if !open {
		return h, address, &Error{Kind: Refused, Host: host, Port: port}
	}
	if schemePort(scheme) != port {
		return h, address, &Error{Kind: WrongScheme, Host: host, Port: port}
	}
	return h, address, nil
}

func isLocal(host string, caller exchange.Caller) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || host == caller.Address || ip != nil && ip.IsLoopback()
}

func splitHost(u *url.URL) (host, port string) {
	if port = u.Port(); port == "" {
		port = schemePort(u.Scheme)
	}
	return u.Hostname(), port
}

func schemePort(scheme string) string {
	switch scheme {
	case "http":
		return "80"
	case "https":
		return "443"
	default:
		return ""
	}
}

func readBody(r *http.Request) (body []byte, tooLarge bool, err error) {
	if r.Body == nil {
		return nil, false, nil
	}
	defer r.Body.Close()
	body, err = io.ReadAll(io.LimitReader(r.Body, MaxBody+1))
	if len(body) > MaxBody {
		return nil, true, err
	}
	return body, false, err
}

func serverRequest(r *http.Request, flight *inFlight, fields exchange.Fields, body []byte, caller exchange.Caller) *http.Request {
	// What a client asked of its own request must not reach those that the
	// server makes on its behalf.
	ctx := WithPatience(WithFields(context.WithValue(r.Context(), contextKey{}, flight), nil), 0)
	s := r.WithContext(ctx)
	u := *r.URL
	s.URL = &u
	s.Header = headerOf(fields)
	if s.Host = fields.Get("Host"); s.Host == "" {
		s.Host = r.URL.Host
	}
	s.RequestURI = u.RequestURI()
	s.Proto, s.ProtoMajor, s.ProtoMinor = "HTTP/1.1", 1, 1
	s.RemoteAddr = net.JoinHostPort(caller.Address, "49152")
	s.Body = io.NopCloser(bytes.NewReader(body))
	s.ContentLength = int64(len(body))
	if len(body) == 0 && fields.Get("Content-Length") == "" && fields.Get("Transfer-Encoding") == "" {
		s.ContentLength = 0
		s.Header.Del("Content-Length")
	}
	return s
}

// serve runs a handler and reports whether it came to its end: a panic is a
// connection that breaks.
func serve(h http.Handler, w http.ResponseWriter, r *http.Request) (ok bool) {
	defer func() {
		if v := recover(); v != nil {
			AddNote(r.Context(), exchange.Note{Kind: "network.panic", Text: fmt.Sprintf("the server failed: %v", v)})
			ok = false
		}
	}()
	h.ServeHTTP(w, r)
	return true
}

// recorder is the ResponseWriter of the network.
type recorder struct {
	header http.Header
	sent   http.Header // as it was when WriteHeader was called
	status int
	reason string
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header         { return w.header }
func (w *recorder) SetReason(phrase string)     { w.reason = phrase }
func (w *recorder) Write(b []byte) (int, error) { w.WriteHeader(http.StatusOK); return w.body.Write(b) }
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status, w.sent = status, w.header.Clone()
	}
}

func (w *recorder) finish(method string, table HeaderTable, now time.Time) *exchange.Response {
	w.WriteHeader(http.StatusOK)
	h, body := w.sent, w.body.Bytes()
	if h.Get("Date") == "" {
		h.Set("Date", now.Format(http.TimeFormat))
	}
	bodyless := w.status == http.StatusNoContent || w.status == http.StatusNotModified
	if h.Get("Content-Length") == "" && !bodyless && h.Get("Transfer-Encoding") == "" {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	if method == http.MethodHead || bodyless {
		body = nil
	}
	reason := w.reason
	if reason == "" {
		reason = http.StatusText(w.status)
	}
	return &exchange.Response{Status: w.status, Reason: reason, Fields: table.Fields(h), Body: slices.Clone(body)}
}

// wireBody is the body of a card's response.
type wireBody struct {
	*bytes.Reader
	fields exchange.Fields
}

func (wireBody) Close() error                  { return nil }
func (b wireBody) wireFields() exchange.Fields { return b.fields }

func response(r *http.Request, x *exchange.Response) *http.Response {
	return &http.Response{
		Status: strconv.Itoa(x.Status) + " " + x.Reason, StatusCode: x.Status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: headerOf(x.Fields), ContentLength: int64(len(x.Body)),
		Body: wireBody{bytes.NewReader(x.Body), x.Fields}, Request: r,
	}
}

// Dial opens a connection to a port that is not HTTP. The attempt is recorded;
// a failure is an *[Error]. The server's end runs until it closes the
// connection or ctx ends.
func (c *Card) Dial(ctx context.Context, host, port string) (net.Conn, error) {
	n := c.net
	e := exchange.Exchange{
		ID: n.ring.NextID(), Start: n.clock.Now(), Caller: c.caller, Protocol: "tcp",
		Request: exchange.Request{Method: "CONNECT", URL: net.JoinHostPort(host, port)},
	}
	l, address, err := n.listener(c.caller, host, port)
	e.Service, e.Address = l.Service, net.JoinHostPort(address, port)
	if l.Protocol != "" {
		e.Protocol = l.Protocol
	}
	if l.Why != "" {
		e.Notes = []exchange.Note{{Kind: "network.rule", Text: l.Why}}
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		var ne *Error
		if errors.As(err, &ne) {
			n.spendOnFailure(ctx, ne)
		}
		e.Failure = err.Error()
	} else {
		n.clock.Spend(Latency)
	}
	e.Duration = n.clock.Now().Sub(e.Start)
	if err != nil {
		n.ring.Add(e)
		return nil, err
	}
	flight := &inFlight{id: e.ID, caller: c.caller, notes: e.Notes}
	near, far := net.Pipe()
	var once sync.Once
	record := func() {
		once.Do(func() {
			flight.mu.Lock()
			e.Notes = flight.notes
			flight.mu.Unlock()
			n.ring.Add(e)
		})
	}
	go func() {
		defer record()
		defer far.Close()
		l.Serve(context.WithValue(ctx, contextKey{}, flight), far, c.caller)
	}()
	return &recordedConn{Conn: near, record: record}, nil
}

// recordedConn records its exchange when the client closes it, too: a server
// may outlive the snapshot that must show the connection.
type recordedConn struct {
	net.Conn
	record func()
}

func (c *recordedConn) Close() error {
	err := c.Conn.Close()
	c.record()
	return err
}

func (n *Network) listener(caller exchange.Caller, host, port string) (Listener, string, error) {
	address, err := n.Resolve(host)
	if err != nil {
		return Listener{}, "", err
	}
	n.mu.RLock()
	defer n.mu.RUnlock()
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	if real, ok := n.names[name]; ok {
		name = real
	}
	l, ok := n.listeners[net.JoinHostPort(name, port)]
	up := false
	if !ok && n.directory != nil {
		l, ok, up = n.directory.Listener(caller, address, port)
	}
	if !ok {
		_, known := n.find(name)
		known = known || up
		if known || n.listens(name) || isLocal(name, caller) {
			return l, address, &Error{Kind: Refused, Host: host, Port: port}
		}
		return l, address, &Error{Kind: TimedOut, Host: host, Port: port}
	}
	if l.Silent {
		return l, address, &Error{Kind: TimedOut, Host: host, Port: port}
	}
	return l, address, nil
}
