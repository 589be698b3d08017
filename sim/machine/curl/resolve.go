package curl

import (
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
)

// destination is where a request's connection goes when it is not where its URL
// says.
type destination struct {
	host, port string
	instead    bool // --connect-to gave it
	cached     bool // --resolve gave the address
}

// place is the name or address and the port that a connection goes to.
func (d destination) place() string { return net.JoinHostPort(d.host, d.port) }

// destination finds where --connect-to and --resolve send a URL's connection.
func (c *command) destination(r *request, at time.Time) ([]destination, error) {
	d := destination{host: r.url.Hostname(), port: r.url.Port()}
	if d.port == "" {
		d.port = map[string]string{"http": "80", "https": "443"}[strings.ToLower(r.url.Scheme)]
	}
	for _, rule := range c.values("connect-to") {
		parts := splitColons(rule)
		for len(parts) < 4 {
			parts = append(parts, "")
		}
		if parts[0] != "" && !strings.EqualFold(parts[0], r.url.Hostname()) && !strings.EqualFold(strings.Trim(parts[0], "[]"), r.url.Hostname()) || parts[1] != "" && parts[1] != d.port {
			continue
		}
		to := destination{host: d.host, port: d.port, instead: true}
		if parts[2] != "" {
			to.host = strings.Trim(parts[2], "[]")
		}
		if parts[3] != "" {
			if n, err := strconv.Atoi(parts[3]); err != nil || n < 0 || n > 65535 {
				c.infof(at, "No valid port number in connect to host string (%s)", parts[3])
				c.infof(at, "Closing connection -1")
				return nil, failf(49, "No valid port number in connect to host string (%s)", parts[3])
			}
			to.port = parts[3]
		}
		if parts[2] != "" {
			c.infof(at, "Connecting to hostname: %s", to.host)
		}
		if parts[3] != "" {
			c.infof(at, "Connecting to port: %s", to.port)
		}
		if parts[2] != "" || parts[3] != "" {
			d = to
			break
		}
	}
	addresses, err := c.resolved(d.host, d.port, at)
	if err != nil || addresses == nil {
		return []destination{d}, err
	}
	var out []destination
	for _, a := range addresses {
		out = append(out, destination{host: a, port: d.port, instead: d.instead, cached: true})
	}
	return out, nil
}

// resolved looks a name up in what --resolve says.
func (c *command) resolved(host, port string, at time.Time) ([]string, error) {
	cache := map[string][]string{}
	for _, entry := range c.values("resolve") {
		bad := failf(49, "Couldn't parse CURLOPT_RESOLVE entry '%s'", entry)
		if rest, ok := strings.CutPrefix(entry, "-"); ok {
			delete(cache, strings.ToLower(rest))
			continue
		}
		text, passing := strings.CutPrefix(entry, "+")
		parts := strings.SplitN(text, ":", 3)
		if len(parts) < 3 || parts[0] == "" {
			c.infof(at, "%s", bad)
			return nil, bad
		}
		if n, err := strconv.Atoi(parts[1]); err != nil || n < 0 || n > 65535 {
			c.infof(at, "%s", bad)
			return nil, bad
		}
		var list []string
		for _, a := range strings.Split(parts[2], ",") {
			bare := strings.TrimSuffix(strings.TrimPrefix(a, "["), "]")
			if net.ParseIP(bare) == nil {
				c.infof(at, "Resolve address '%s' found illegal", a)
				c.infof(at, "%s", bad)
				return nil, bad
			}
			list = append(list, bare)
		}
		key := strings.ToLower(parts[0]) + ":" + parts[1]
		cache[key] = list
		if !c.connections.told[entry] {
			suffix := ""
			if passing {
				suffix = " (non-permanent)"
			}
			c.infof(at, "Added %s to DNS cache%s", text, suffix)
			if parts[0] == "*" {
				c.infof(at, "RESOLVE %s is wildcard, enabling wildcard checks", key)
			}
			c.connections.told[entry] = true
		}
	}
	for _, name := range []string{strings.ToLower(host), "*"} {
		if list, ok := cache[name+":"+port]; ok {
			return slices.Clone(list), nil
		}
	}
	return nil, nil
}

// splitColons splits HOST:PORT:HOST:PORT, in which an address may stand in
// brackets.
func splitColons(text string) []string {
	var parts []string
	depth, from := 0, 0
	for i, ch := range text {
		switch {
		case ch == '[':
			depth++
		case ch == ']':
			depth--
		case ch == ':' && depth <= 0 && len(parts) < 3:
			parts = append(parts, text[from:i])
			from = i + 1
		}
	}
	return append(parts, text[from:])
}
