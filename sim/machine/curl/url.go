package curl

import (
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

var errURL = failf(3, "URL using bad/illegal format or missing URL")

// otherSchemes are what curl speaks besides HTTP.
var otherSchemes = map[string]bool{"ftp": true, "ftps": true, "file": true, "ws": true, "wss": true, "ldap": true, "ldaps": true, "smtp": true, "smtps": true, "imap": true, "imaps": true, "pop3": true, "pop3s": true, "telnet": true, "dict": true, "gopher": true, "gophers": true, "mqtt": true, "sftp": true, "scp": true, "tftp": true, "rtsp": true, "rtmp": true, "smb": true, "smbs": true}

var (
	schemed   = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*):/{1,3}`)
	badEscape = regexp.MustCompile(`%([^0-9A-Fa-f]|[0-9A-Fa-f][^0-9A-Fa-f]|[0-9A-Fa-f]?$)`)
	hostBytes = regexp.MustCompile("^[^\r\n\t/:#?!@{}\\[\\]\\\\$'\"^`*<>=;,+&() ]+$")
)

// parseURL reads a URL the way curl does: without a scheme it is http, one to
// three slashes may stand behind the scheme, and an address may be written as
// one number. It returns the URL with its scheme, too.
func parseURL(raw string) (*url.URL, string, error) {
	if raw == "" || strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r == 127 }) {
		return nil, raw, errURL
	}
	scheme, rest := "http", raw
	if m := schemed.FindStringSubmatch(raw); m != nil {
		scheme, rest = strings.ToLower(m[1]), raw[len(m[0]):]
	}
	switch {
	case scheme == "http" || scheme == "https":
	case otherSchemes[scheme]:
		return nil, raw, failf(1, "skylab: curl %s:// is real but not simulated here", scheme)
	default:
		if !strings.Contains(rest, "/") {
			raw += "/"
		}
		return nil, raw, failf(1, "Protocol \"%s\" not supported or disabled in libcurl", scheme)
	}
	authority, tail := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority, tail = rest[:i], rest[i:]
	}
	user, host := "", authority
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		user, host = authority[:i+1], authority[i+1:]
	}
	name, port, err := splitAuthority(host)
	if err != nil || strings.Contains(strings.TrimSuffix(user, "@"), "@") {
		return nil, raw, errURL
	}
	if port != "" {
		name += ":" + port
	}
	if !strings.HasPrefix(tail, "/") {
		tail = "/" + tail
	}
	raw = scheme + "://" + user + name + tail
	// What is no escape is sent as it stands.
	u, err := url.Parse(badEscape.ReplaceAllStringFunc(raw, func(s string) string { return "%25" + s[1:] }))
	if err != nil || u.Hostname() == "" {
		return nil, raw, errURL
	}
	u.Fragment = ""
	if u.Path == "" {
		u.Path = "/"
	}
	return u, raw, nil
}

// splitAuthority checks a host and its port, and writes an address in its usual
// form.
func splitAuthority(host string) (name, port string, err error) {
	name = host
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		name, port = host[:i], host[i+1:]
		if port != "" {
			n, err := strconv.ParseUint(port, 10, 16)
			if err != nil {
				return "", "", errURL
			}
			port = strconv.FormatUint(n, 10)
		}
	}
	if inner, ok := strings.CutPrefix(name, "["); ok {
		inner, closed := strings.CutSuffix(inner, "]")
		if ip := net.ParseIP(inner); !closed || ip == nil || !strings.Contains(inner, ":") {
			return "", "", errURL
		}
		return name, port, nil
	}
	if decoded, err := url.PathUnescape(name); err == nil {
		name = decoded
	}
	if !hostBytes.MatchString(name) {
		return "", "", errURL
	}
	return address(name), port, nil
}

// address writes an IPv4 address of one to four numbers, each decimal, octal or
// hexadecimal, as four; another host stays as it is.
func address(host string) string {
	parts := strings.Split(host, ".")
	if len(parts) > 4 {
		return host
	}
	var n uint64
	for i, p := range parts {
		if p == "" || p[0] < '0' || p[0] > '9' || strings.ContainsAny(p, "_bBoO") && !strings.HasPrefix(strings.ToLower(p), "0x") {
			return host
		}
		v, err := strconv.ParseUint(p, 0, 32)
		last := i == len(parts)-1
		if err != nil || !last && v > 255 {
			return host
		}
		if last {
			left := uint(4-i) * 8
			if left < 32 && v>>left != 0 {
				return host
			}
			n = n<<left | v
		} else {
			n = n<<8 | v
		}
	}
	return net.IPv4(byte(n>>24), byte(n>>16), byte(n>>8), byte(n)).String()
}
