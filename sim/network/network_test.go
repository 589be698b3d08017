package network_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"skylab/sim/clock"
	"skylab/sim/exchange"
	"skylab/sim/network"
)

var instant = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

func newNet(ring int) (*network.Network, *clock.Clock, *exchange.Ring) {
	c, r := clock.New(instant), exchange.NewRing(ring)
	return network.New(c, r), c, r
}

func TestRoundTripKeepsSpellingOrderAndNotes(t *testing.T) {
	n, c, ring := newNet(10)
	n.Attach(network.Host{
		Pattern: "*.example.net", Service: "Example", Schemes: []string{"https"},
		Header: network.HeaderTable{"x-ms-request-id", "Content-Type", "ETag"},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if network.CallerOf(r.Context()).Machine != "vm" {
				t.Error("the server does not know its caller")
			}
			network.AddNote(r.Context(), exchange.Note{Kind: "example", Text: "because"})
			w.Header().Set("ETag", "1")
			w.Header().Set("Content-Type", "text/plain")
			w.Header().Set("X-Ms-Request-Id", "id")
			w.(network.Reasoner).SetReason("Nothing There")
			w.WriteHeader(404)
			b, _ := io.ReadAll(r.Body)
			w.Write(append([]byte(r.Header.Get("Metadata")), b...))
		}),
	})
	card := n.Card(exchange.Caller{Machine: "vm", Address: "10.0.0.4"})
	ctx := network.WithFields(context.Background(), exchange.Fields{{Name: "Host", Value: "a.example.net"}, {Name: "metadata", Value: "true"}})
	req, _ := http.NewRequestWithContext(ctx, "POST", "https://a.example.net/x", strings.NewReader("!"))
	res, err := card.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	if res.Status != "404 Nothing There" || string(body) != "true!" {
		t.Errorf("%s %q", res.Status, body)
	}
	var names []string
	for _, f := range network.ResponseFields(res) {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "x-ms-request-id Content-Type ETag Content-Length Date" {
		t.Errorf("fields %s", got)
	}
	e := ring.State().Exchanges[0]
	if len(e.Notes) != 1 || e.Service != "Example" || e.Request.Fields[1].Name != "metadata" || e.Duration != network.Latency {
		t.Errorf("recorded %+v", e)
	}
	if c.Now().Sub(instant) != network.Latency {
		t.Errorf("the clock moved by %v", c.Now().Sub(instant))
	}
}

func TestAServersOwnRequestsCarryNothingOfItsClients(t *testing.T) {
	n, _, ring := newNet(5)
	inner := n.Card(exchange.Caller{Machine: "server"})
	n.Attach(network.Host{Pattern: "outer.test", Schemes: []string{"http"}, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		req, _ := http.NewRequestWithContext(r.Context(), "GET", "http://inner.test/", nil)
		req.Header.Set("Own", "1")
		if _, err := inner.RoundTrip(req); err != nil {
			t.Error(err)
		}
	})})
	n.Attach(network.Host{Pattern: "inner.test", Schemes: []string{"http"}, Handler: http.NotFoundHandler()})
	ctx := network.WithFields(context.Background(), exchange.Fields{{Name: "Secret", Value: "x"}})
	req, _ := http.NewRequestWithContext(ctx, "GET", "http://outer.test/", nil)
	if _, err := n.Card(exchange.Caller{Machine: "client"}).RoundTrip(req); err != nil {
		t.Fatal(err)
	}
	e := ring.State().Exchanges
	if len(e) != 2 || e[1].Parent != e[0].ID || e[1].Request.Fields.Get("Secret") != "" || e[1].Request.Fields.Get("Own") != "1" {
		t.Errorf("%+v", e)
	}
}

func TestFailures(t *testing.T) {
	n, _, ring := newNet(50)
	ok := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	n.Attach(network.Host{Pattern: "https.test", Schemes: []string{"https"}, Handler: ok})
	n.Attach(network.Host{Pattern: "broken.test", Schemes: []string{"http"}, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("x") })})
	n.Attach(network.Host{Pattern: "169.254.169.254", Schemes: []string{"http"}, Handler: ok,
		Admit: func(c exchange.Caller) bool { return c.Resource != "" }})
	n.Listen("vm.test", "22", network.Listener{Protocol: "ssh", Serve: func(_ context.Context, c net.Conn, _ exchange.Caller) {}})
	card := n.Card(exchange.Caller{Machine: "laptop", Address: "192.168.1.2"})
	for url, want := range map[string]network.Kind{
		"https://nosuch.test/":    network.NoSuchHost,
		"http://https.test/":      network.Refused,
		"https://https.test:80/":  network.Refused,
		"http://https.test:443/":  network.WrongScheme,
		"http://broken.test/":     network.Reset,
		"http://169.254.169.254/": network.TimedOut,
		"http://10.1.2.3/":        network.TimedOut,
		"http://localhost:8080/":  network.Refused,
		"http://vm.test/":         network.Refused,
	} {
		req, _ := http.NewRequest("GET", url, nil)
		_, err := card.RoundTrip(req)
		var ne *network.Error
		if !errors.As(err, &ne) || ne.Kind != want {
			t.Errorf("%s: %v, want kind %d", url, err, want)
		}
	}
	for _, e := range ring.State().Exchanges {
		if e.Failure == "" || e.Response != nil {
			t.Errorf("%s recorded without its failure", e.Request.URL)
		}
	}
}

func TestPatienceAndBodyLimit(t *testing.T) {
	n, c, _ := newNet(5)
	card := n.Card(exchange.Caller{})
	req, _ := http.NewRequestWithContext(network.WithPatience(context.Background(), 2*time.Second), "GET", "http://10.9.9.9/", nil)
	if _, err := card.RoundTrip(req); err == nil || c.Now().Sub(instant) != 2*time.Second {
		t.Errorf("err %v after %v", err, c.Now().Sub(instant))
	}
	n.Attach(network.Host{Pattern: "a.test", Schemes: []string{"http"}, Handler: http.NotFoundHandler()})
	req, _ = http.NewRequest("POST", "http://a.test/", strings.NewReader(strings.Repeat("x", network.MaxBody+1)))
	res, err := card.RoundTrip(req)
	if err != nil || res.StatusCode != 413 {
		t.Errorf("an oversized body: %v, %v", res, err)
	}
}

func TestDialReachesAListenerAndIsRecorded(t *testing.T) {
	n, _, ring := newNet(5)
	n.Listen("20.1.2.3", "22", network.Listener{Protocol: "ssh", Service: "sshd", Serve: func(ctx context.Context, c net.Conn, who exchange.Caller) {
		network.AddNote(ctx, exchange.Note{Kind: "ssh", Text: who.Machine})
		io.WriteString(c, "hello")
	}})
	n.Name("vm.westus.cloudapp.azure.com", "20.1.2.3")
	conn, err := n.Card(exchange.Caller{Machine: "laptop"}).Dial(context.Background(), "vm.westus.cloudapp.azure.com", "22")
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(conn)
	conn.Close()
	if e := ring.State().Exchanges; string(b) != "hello" || len(e) != 1 || e[0].Protocol != "ssh" || len(e[0].Notes) != 1 {
		t.Errorf("%q, %+v", b, e)
	}
	n.Close("20.1.2.3", "22")
	if _, err := n.Card(exchange.Caller{}).Dial(context.Background(), "20.1.2.3", "22"); err == nil {
		t.Error("a closed port was reached")
	}
}

// places is a directory with one host.
type places struct{ up bool }

func (p *places) Address(name string) (string, bool) { return "13.64.0.1", name == "vm.test" }

func (p *places) Listener(_ exchange.Caller, address, port string) (network.Listener, bool, bool) {
	up := p.up && address == "13.64.0.1"
	return network.Listener{Protocol: "ssh", Serve: func(_ context.Context, c net.Conn, _ exchange.Caller) { io.WriteString(c, "up") }}, up && port == "22", up
}

func TestADirectoryKnowsWhatComesAndGoes(t *testing.T) {
	n, _, ring := newNet(5)
	p := &places{up: true}
	n.Consult(p)
	card := n.Card(exchange.Caller{Machine: "laptop"})
	conn, err := card.Dial(context.Background(), "VM.test", "22")
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(conn)
	conn.Close()
	if string(b) != "up" || ring.State().Exchanges[0].Address != "13.64.0.1:22" {
		t.Errorf("%q %+v", b, ring.State().Exchanges)
	}
	kind := func(host, port string) network.Kind {
		var ne *network.Error
		_, err := card.Dial(context.Background(), host, port)
		errors.As(err, &ne)
		return ne.Kind
	}
	if k := kind("vm.test", "23"); k != network.Refused {
		t.Errorf("another port: %v", k)
	}
	if k := kind("other.test", "22"); k != network.NoSuchHost {
		t.Errorf("another name: %v", k)
	}
	p.up = false
	if k := kind("13.64.0.1", "22"); k != network.TimedOut {
		t.Errorf("a host that is down: %v", k)
	}
}

func TestRingSaysWhatItDropped(t *testing.T) {
	n, _, ring := newNet(3)
	for range 5 {
		req, _ := http.NewRequest("GET", "http://nosuch.test/", nil)
		n.Card(exchange.Caller{}).RoundTrip(req)
	}
	s := ring.State()
	if s.Dropped != 2 || len(s.Exchanges) != 3 || s.Exchanges[0].ID != 3 || len(ring.Since(4)) != 1 {
		t.Errorf("ring %d dropped, %d kept", s.Dropped, len(s.Exchanges))
	}
}
