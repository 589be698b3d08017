package curl

import (
	"net/http"
	"strconv"
	"strings"

	"skylab/sim/exchange"
)

// redirect returns where an answer sends the client, or "".
func redirect(r *request, answer *http.Response) string {
	to := answer.Header.Get("Location")
	if answer.StatusCode < 300 || answer.StatusCode > 399 || to == "" {
		return ""
	}
	u, err := r.url.Parse(to)
	if err != nil {
		return ""
	}
	return u.String()
}

// follow makes the request that a redirection asks for: 301, 302 and 303 turn a
// POST into a GET unless -X fixes the method, and credentials stay with their
// host.
func (c *command) follow(r *request, status int, target string) (*request, error) {
	u, raw, err := parseURL(target)
	if err != nil {
		return nil, err
	}
	next := &request{method: r.method, url: u, raw: raw, body: r.body, upload: r.upload, kind: r.kind, from: r.from}
	_, fixed := c.lookup("request")
	kept := c.has("post" + strconv.Itoa(status))
	drop := !kept && (r.method == http.MethodPost && status <= 302 || status == 303 && r.method != http.MethodHead)
	if drop {
		if r.method == http.MethodPost || fixed && len(r.body) > 0 {
			c.infof(c.p.Clock.Now(), "Switch from POST to GET")
		}
		next.body, next.upload = nil, false
		if !fixed {
			next.method = http.MethodGet
		}
	}
	for _, f := range r.fields {
		switch strings.ToLower(f.Name) {
		case "host":
			f.Value = u.Host
		case "authorization", "cookie":
			if !strings.EqualFold(u.Hostname(), r.url.Hostname()) && !c.has("location-trusted") || strings.EqualFold(f.Name, "cookie") && c.keeps {
				continue
			}
		case "content-length", "content-type", "expect":
			if drop {
				continue
			}
		}
		next.fields = append(next.fields, f)
	}
	if next.proxy, err = c.proxyFor(u); err != nil {
		return nil, err
	}
	if v := c.cookieHeader(u); c.keeps && v != "" {
		next.fields = append(next.fields, exchange.Field{Name: "Cookie", Value: v})
	}
	return next, nil
}
