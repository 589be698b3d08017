// Package network is the only way from a lab's clients to its servers.
//
// Servers are http.Handlers attached to host names; a client has a [Card],
// which is an http.RoundTripper and opens connections to the few ports that are
// not HTTP. Names that nobody attached do not resolve; hosts refuse or stay
// silent as told. Every exchange is recorded, with the notes that the server
// adds while it answers. The package must not know what any server or client
// does.
package network

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"skylab/sim/clock"
	"skylab/sim/exchange"
)

// Latency is what an exchange costs on the lab's clock where its host names no
// figure of its own.
const Latency = 20 * time.Millisecond

// SilenceAfter is how long a client's system waits for a host that never
// answers before it gives up by itself: Linux's six SYN retries, about 127 s.
const SilenceAfter = 127 * time.Second

// Kind says why a host could not be reached.
type Kind int

const (
	NoSuchHost  Kind = iota + 1 // the name does not resolve
	Refused                     // nobody listens on the port
	TimedOut                    // the host never answers
	Reset                       // the connection broke before an answer
	WrongScheme                 // TLS spoken to a plain port
)

// Error is why no answer came. Elapsed is what the attempt cost on the lab's clock.
type Error struct {
	Kind    Kind
	Host    string
	Port    string
	Elapsed time.Duration
}

// Error says what happened in plain words; clients print their own tools' texts.
func (e *Error) Error() string {
	switch e.Kind {
	case NoSuchHost:
		return fmt.Sprintf("the name %s does not resolve", e.Host)
	case Refused:
		return fmt.Sprintf("%s refused the connection to port %s", e.Host, e.Port)
	case TimedOut:
		return fmt.Sprintf("%s did not answer on port %s", e.Host, e.Port)
	case WrongScheme:
		return fmt.Sprintf("%s does not speak TLS on port %s", e.Host, e.Port)
	default:
		return fmt.Sprintf("%s broke the connection to port %s", e.Host, e.Port)
	}
}

// Host is a server's place in the network.
type Host struct {
	// Pattern is a host name, an address, or a name whose first label is "*",
	// which stands for one label.
	Pattern string
	// Exists says which names of a wildcard there are; the others do not resolve.
	// nil is all.
	Exists func(name string) bool
	// Service is the server's name for people: "Resource Manager".
	Service string
	// Schemes are those it answers, "http" on port 80 and "https" on 443. With
	// none, every connection is refused.
	Schemes []string
	Handler http.Handler
	// Header spells and orders the answer's header fields.
	Header HeaderTable
	// Latency is what an exchange costs on the lab's clock; 0 means [Latency].
	Latency time.Duration
	// Admit says whether a card reaches the host; where it returns false the
	// host never answers. nil admits every card.
	Admit func(exchange.Caller) bool
	// Machine, if set, is the one machine that the host is on: its own card alone
	// reaches it, at localhost and its address, on Port.
	Machine, Port string
}

// place is where the network keeps a host.
func (h Host) place() string {
	if h.Machine != "" {
		return localPlace(h.Machine, h.Port)
	}
	return strings.ToLower(h.Pattern)
}

func localPlace(machine, port string) string { return "localhost:" + port + " on " + machine }

// Listener is a port that is not HTTP. Serve owns the connection.
type Listener struct {
	Protocol string // "ssh"
	Service  string
	Serve    func(ctx context.Context, conn net.Conn, caller exchange.Caller)
	// Silent makes the port swallow connections, as a firewall does.
	Silent bool
	// Why says in a sentence what let a connection through or swallowed it; the
	// exchange gets it as a note.
	Why string
}

// Directory knows hosts that come and go, as machines with their addresses and
// power do. What is attached or listens by itself is asked first.
type Directory interface {
	// Address returns the address of a name in lower case.
	Address(name string) (string, bool)
	// Listener returns what answers a caller on a port of an address; a host
	// that is up and has nothing there is up without a listener.
	Listener(caller exchange.Caller, address, port string) (l Listener, listens, up bool)
}

// Network joins cards and hosts. It is safe for concurrent use.
type Network struct {
	clock *clock.Clock
	ring  *exchange.Ring

	mu        sync.RWMutex
	hosts     map[string]Host
	listeners map[string]Listener // by host:port
	names     map[string]string   // further names of a host: name → host
	directory Directory           // may be nil
}

// New returns an empty network on the lab's clock that records into ring.
func New(c *clock.Clock, ring *exchange.Ring) *Network {
	return &Network{clock: c, ring: ring, hosts: map[string]Host{}, listeners: map[string]Listener{}, names: map[string]string{}}
}

// Attach puts a host on the network, in place of one with the same pattern.
func (n *Network) Attach(h Host) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hosts[h.place()] = h
}

// Detach takes a host off the network.
func (n *Network) Detach(pattern string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.hosts, strings.ToLower(pattern))
}

// Listen opens a port of a host, in place of an earlier listener there. A host
// that only listens resolves, too.
func (n *Network) Listen(host, port string, l Listener) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.listeners[net.JoinHostPort(strings.ToLower(host), port)] = l
}

// Close closes a port of a host.
func (n *Network) Close(host, port string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.listeners, net.JoinHostPort(strings.ToLower(host), port))
}

// Name gives a host a further name; with an empty host the name is forgotten.
func (n *Network) Name(name, host string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if host == "" {
		delete(n.names, strings.ToLower(name))
		return
	}
	n.names[strings.ToLower(name)] = strings.ToLower(host)
}

// Consult makes the network ask a directory for what it does not know itself.
func (n *Network) Consult(d Directory) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.directory = d
}

// Resolve returns the address of a host name as name servers would answer:
// addresses are made from the names, for hosts have none of their own.
func (n *Network) Resolve(host string) (string, error) {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if net.ParseIP(host) != nil {
		return host, nil
	}
	if host == "localhost" {
		return "127.0.0.1", nil
	}
	n.mu.RLock()
	defer n.mu.RUnlock()
	if real, ok := n.names[host]; ok {
		host = real
		if net.ParseIP(host) != nil {
			return host, nil
		}
	}
	if _, ok := n.find(host); ok || n.listens(host) {
		return publicAddress(host), nil
	}
	if n.directory != nil {
		if a, ok := n.directory.Address(host); ok {
			return a, nil
		}
	}
	return "", &Error{Kind: NoSuchHost, Host: host}
}

// find returns the host of a name; the caller holds mu.
func (n *Network) find(name string) (Host, bool) {
	if h, ok := n.hosts[name]; ok {
		return h, true
	}
	if _, rest, ok := strings.Cut(name, "."); ok {
		h, ok := n.hosts["*."+rest]
		return h, ok && (h.Exists == nil || h.Exists(name))
	}
	return Host{}, false
}

func (n *Network) listens(host string) bool {
	for at := range n.listeners {
		if h, _, _ := net.SplitHostPort(at); h == host {
			return true
		}
	}
	return false
}

// publicAddress makes an address of Azure's 20.0.0.0/8 from a name.
func publicAddress(name string) string {
	h := uint32(2166136261) // FNV-1a
	for i := 0; i < len(name); i++ {
		h = (h ^ uint32(name[i])) * 16777619
	}
	return fmt.Sprintf("20.%d.%d.%d", h>>16&0xff, h>>8&0xff, h&0xfe|1)
}
