package curl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"skylab/sim/network"
)

// patience is how long the options let a transfer wait; 0 is without end.
func (c *command) patience() time.Duration {
	var least time.Duration
	for _, name := range []string{"connect-timeout", "max-time"} {
		if d := c.fraction(name); d > 0 && (least == 0 || d < least) {
			least = d
		}
	}
	return least
}

// fraction is the value of an option that takes seconds with a fraction.
func (c *command) fraction(name string) time.Duration {
	v, _ := c.lookup(name)
	f, _ := strconv.ParseFloat(v, 64)
	return time.Duration(min(f, 1<<30) * float64(time.Second))
}

// send does one exchange and reads the answer whole.
func (c *command) send(ctx context.Context, r *request) (*http.Response, []byte, error) {
	began := c.p.Clock.Now()
	if r.proxy != nil && r.proxy.from != "" {
		c.infof(began, "Uses proxy env variable %s == '%s'", r.proxy.from, r.proxy.text)
	}
	ways := []destination{{}}
	if r.proxy == nil {
		var err error
		if ways, err = c.destination(r, began); err != nil {
			return nil, nil, err
		}
	} else {
		ways[0].host, ways[0].port = r.proxy.url.Hostname(), r.proxy.url.Port()
	}
	var err error
	for i, to := range ways {
		r.to, r.another = to, i > 0
		var res *http.Response
		if res, err = c.exchange(ctx, r, began); err == nil {
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err != nil {
				return nil, nil, failf(56, "Recv failure: Connection reset by peer")
			}
			return res, body, nil
		}
		if !c.narrateRefusal(r, err) {
			break
		}
	}
	err = c.unreachable(err, r, c.p.Clock.Now().Sub(began))
	c.narrateFailure(r, err.Error())
	return nil, nil, err
}

// narrateRefusal tells that an address cannot be reached, and reports whether
// the next one is worth trying.
func (c *command) narrateRefusal(r *request, err error) bool {
	var ne *network.Error
	if !errors.As(err, &ne) || ne.Kind != network.Refused && ne.Kind != network.TimedOut {
		return false
	}
	now := c.p.Clock.Now()
	address := c.trying(r, now)
	switch {
	case ne.Kind == network.Refused:
		c.infof(now, "connect to %s port %s failed: Connection refused", address, r.to.port)
	case ne.Elapsed < network.SilenceAfter:
		c.infof(now, "ipv4 connect timeout after %dms, move on!", ne.Elapsed.Milliseconds())
	default:
		c.infof(now, "connect to %s port %s failed: Connection timed out", address, r.to.port)
	}
	return true
}

// exchange sends the request to where r.to says, and narrates it.
func (c *command) exchange(ctx context.Context, r *request, began time.Time) (*http.Response, error) {
	ctx = network.WithPatience(ctx, c.patience())
	dial := *r.url
	if r.to.instead || r.to.cached && !c.isAddressOf(r.to.host, r.url.Hostname()) {
		dial.Host = r.to.place()
	}
	req, err := http.NewRequestWithContext(network.WithFields(ctx, r.fields), r.method, dial.String(), bytes.NewReader(r.body))
	if err != nil {
		return nil, failf(3, "URL using bad/illegal format or missing URL")
	}
	switch {
	case r.proxy != nil && r.url.Scheme == "https":
		if err := c.tunnel(ctx, r); err != nil {
			return nil, err
		}
	case r.proxy != nil:
		u := *r.proxy.url
		u.Opaque = "//" + r.url.Host + r.url.RequestURI()
		req.URL = &u
	case r.target != "":
		u, err := url.Parse(r.target)
		if err != nil || u.IsAbs() || !strings.HasPrefix(r.target, "/") {
			u = &url.URL{Opaque: r.target}
		}
		u.Scheme, u.Host = dial.Scheme, dial.Host
		req.URL = u
	}
	if r.url.Scheme == "https" && !c.has("insecure") && !strings.EqualFold(dial.Hostname(), r.url.Hostname()) {
		return nil, c.wrongCertificate(r.url.Hostname(), dial.Hostname())
	}
	res, err := c.p.Card.RoundTrip(req)
	var ne *network.Error
	if err == nil || errors.As(err, &ne) && ne.Kind == network.Reset {
		c.narrateRequest(r, began)
	}
	return res, err
}

// isAddressOf reports whether a host's name has that address.
func (c *command) isAddressOf(address, host string) bool {
	a, err := c.p.Card.Resolve(host)
	return err == nil && a == address
}

// wrongCertificate is the failure of a server that shows another name's
// certificate.
func (c *command) wrongCertificate(host, shown string) error {
	if _, err := c.p.Card.Resolve(shown); err != nil {
		return err
	}
	return failf(60, "SSL: no alternative certificate subject name matches target host name '%s'\nMore details here: https://curl.se/docs/sslcerts.html\n\ncurl failed to verify the legitimacy of the server and therefore could not\nestablish a secure connection to it. To learn more about this situation and\nhow to fix it, please visit the web page mentioned above.", host)
}

// pool is what curl remembers for all its transfers.
type pool struct {
	open map[string]int  // number of a connection by where it leads
	next int             // number of the next
	told map[string]bool // entries of --resolve that were read, names that were resolved
}

// key names where a request's connection leads.
func (r *request) key() string { return r.url.Scheme + " " + r.url.Host + " " + r.to.place() }

// named is the host that curl says a connection is for. With --connect-to it
// has none at hand, and prints what C prints for that.
func (r *request) named() string {
	switch {
	case r.proxy != nil:
		return r.proxy.url.Hostname()
	case r.to.instead:
		return "(nil)"
	default:
		return r.url.Hostname()
	}
}

// connect narrates how the connection came about, and returns its number.
func (c *command) connect(r *request, at time.Time) int {
	p := c.connections
	if n, ok := p.open[r.key()]; ok {
		h := fnv.New32a()
		io.WriteString(h, r.key())
		c.infof(at, "Found bundle for host: 0x55%08x0 [serially]", h.Sum32())
		c.infof(at, "Can not multiplex, even if we wanted to")
		c.infof(at, "Re-using existing connection #%d with host %s", n, r.named())
		return n
	}
	address := c.trying(r, at)
	n := p.next
	p.next++
	p.open[r.key()] = n
	c.infof(at, "Connected to %s (%s) port %s (#%d)", r.named(), address, r.to.port, n)
	if r.url.Scheme == "https" {
		c.infof(at, "ALPN: offers h2,http/1.1")
		c.infof(at, "SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384")
		c.infof(at, "ALPN: server accepted http/1.1")
		c.infof(at, "Server certificate:")
		c.infof(at, " subject: CN=%s", r.url.Hostname())
		c.infof(at, " issuer: CN=Skylab simulated network")
		c.infof(at, " SSL certificate verify ok.")
		c.infof(at, "using HTTP/1.1")
	}
	return n
}

// trying says which address curl tries, and returns it.
func (c *command) trying(r *request, at time.Time) string {
	address := r.to.host
	name := r.to.host
	if r.to.cached {
		name = r.url.Hostname()
	}
	if !r.another && (r.to.cached || c.connections.told[name]) {
		c.infof(at, "Hostname %s was found in DNS cache", name)
	}
	c.connections.told[name] = true
	if a, err := c.p.Card.Resolve(r.to.host); err == nil {
		address = a
	}
	c.infof(at, "  Trying %s...", net.JoinHostPort(address, r.to.port))
	return address
}

// credentialsUser is whose Basic credentials a request carries, or "".
func (c *command) credentialsUser(r *request) string {
	switch v, ok := c.lookup("user"); {
	case ok:
		name, _, _ := strings.Cut(v, ":")
		return name
	case r.url.User != nil:
		return r.url.User.Username()
	}
	return ""
}

// narrateRequest tells the conversation as far as the server's answer.
func (c *command) narrateRequest(r *request, at time.Time) {
	r.connection = c.connect(r, at)
	line := r.url.RequestURI()
	switch {
	case r.target != "":
		line = r.target
	case r.proxy != nil && r.url.Scheme == "http":
		line = r.raw
	}
	if user := c.credentialsUser(r); user != "" && r.fields.Get("Authorization") != "" {
		c.infof(at, "Server auth using Basic with user '%s'", user)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", r.method, line)
	for _, f := range r.fields {
		b.WriteString(c.spelling(f) + "\r\n")
	}
	b.WriteString("\r\n")
	c.event(at, headerOut, b.String())
	if r.waits() {
		c.event(at, headerIn, "HTTP/1.1 100 Continue\r\n")
	}
	if len(r.body) > 0 {
		c.event(at, dataOut, string(r.body))
	}
	if r.waits() || r.kind != "" {
		c.infof(at, "We are completely uploaded and fine")
	}
}

// waits reports whether the body goes out only after the server's 100 Continue.
func (r *request) waits() bool { return strings.EqualFold(r.fields.Get("Expect"), "100-continue") }

// narrateAnswer tells what came back.
func (c *command) narrateAnswer(r *request, head string, body []byte, following bool, refusal error) {
	now := c.p.Clock.Now()
	for _, line := range strings.SplitAfter(head, "\n") {
		switch {
		case line == "\r\n" && refusal != nil && refusal.(*failure).code != 33:
			c.narrateFailure(r, refusal.Error())
			return
		case line == "\r\n" && following && (r.upload || r.kind != ""):
			c.infof(now, "Keep sending data to get tossed away")
		case following && len(r.body) > 0 && strings.HasPrefix(line, "Location:"):
			c.infof(now, "Please rewind output before next send")
		}
		if line != "" {
			c.event(now, headerIn, line)
		}
	}
	if refusal != nil {
		c.narrateFailure(r, refusal.Error())
		return
	}
	if len(body) > 0 {
		if following {
			c.infof(now, "Ignoring the response-body")
		}
		c.event(now, dataIn, string(body))
	}
}

// narrateEnd tells what became of the connection.
func (c *command) narrateEnd(r *request, answer *http.Response) {
	now := c.p.Clock.Now()
	if strings.EqualFold(answer.Header.Get("Connection"), "close") {
		c.infof(now, "Closing connection %d", r.connection)
		delete(c.connections.open, r.key())
		return
	}
	c.infof(now, "Connection #%d to host %s left intact", r.connection, r.named())
}

// narrateFailure tells why a transfer failed, and that its connection is closed.
func (c *command) narrateFailure(r *request, text string) {
	c.infof(c.p.Clock.Now(), "%s", text)
	c.narrateClose(r)
}

// narrateClose tells that the connection is closed.
func (c *command) narrateClose(r *request) {
	n, ok := c.connections.open[r.key()]
	if !ok {
		n = c.connections.next
		c.connections.next++
	}
	delete(c.connections.open, r.key())
	c.infof(c.p.Clock.Now(), "Closing connection %d", n)
}
