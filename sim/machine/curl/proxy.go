package curl

import (
	"encoding/base64"
	"net"
	"net/url"
	"strings"
)

// proxy is an HTTP proxy that a request goes through.
type proxy struct {
	url  *url.URL
	user string // "user:password"; "" sends nothing
	from string // the environment's variable it came from
	text string // as it was given
}

// proxyFor finds the proxy for a URL: -x, otherwise the environment, unless
// --noproxy or no_proxy names the host. Lower case wins, and http_proxy exists
// in lower case only.
func (c *command) proxyFor(u *url.URL) (*proxy, error) {
	text, given := c.lookup("proxy")
	from := ""
	if !given {
		names := []string{"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}
		if u.Scheme == "http" {
			names = []string{"http_proxy", "all_proxy", "ALL_PROXY"}
		}
		for _, n := range names {
			if text = c.p.Getenv(n); text != "" {
				from = n
				break
			}
		}
	}
	if text == "" {
		return nil, nil
	}
	spared, ok := c.lookup("noproxy")
	if !ok {
		if spared = c.p.Getenv("no_proxy"); spared == "" {
			spared = c.p.Getenv("NO_PROXY")
		}
	}
	if spares(spared, u.Hostname()) {
		return nil, nil
	}
	scheme, _, has := strings.Cut(text, "://")
	full := text
	if !has {
		scheme, full = "http", "http://"+text
	}
	switch scheme = strings.ToLower(scheme); scheme {
	case "http":
	case "https", "socks4", "socks4a", "socks5", "socks5h", "socks":
		return nil, failf(7, "skylab: curl through a %s:// proxy is real but not simulated here", scheme)
	default:
		return nil, failf(7, "Unsupported proxy scheme for '%s'", text)
	}
	p, err := url.Parse(full)
	if err != nil || p.Hostname() == "" {
		return nil, failf(5, "Unsupported proxy syntax in '%s'", text)
	}
	if p.Port() == "" {
		p.Host = net.JoinHostPort(p.Hostname(), "1080")
	}
	x := &proxy{url: &url.URL{Scheme: "http", Host: p.Host}, from: from, text: text}
	if p.User != nil {
		password, _ := p.User.Password()
		x.user = p.User.Username() + ":" + password
	}
	if v, ok := c.lookup("proxy-user"); ok {
		x.user = v
	}
	return x, nil
}

// credentials is the value of Proxy-Authorization.
func (p *proxy) credentials() string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(p.user))
}

// spares reports whether a no_proxy list names a host: itself, a domain above
// it, a network of addresses, or "*".
func spares(list, host string) bool {
	if list == "*" {
		return true
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	ip := net.ParseIP(host)
	for _, item := range strings.FieldsFunc(strings.ToLower(list), func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
		if ip != nil {
			if _, n, err := net.ParseCIDR(item); err == nil && n.Contains(ip) || item == host {
				return true
			}
			continue
		}
		if item = strings.Trim(item, "."); item != "" && (host == item || strings.HasSuffix(host, "."+item)) {
			return true
		}
	}
	return false
}
