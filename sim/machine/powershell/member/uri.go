package member

import (
	"net/url"
	"strconv"
	"strings"

	"skylab/sim/machine/powershell/object"
)

var defaultPorts = map[string]int{"http": 80, "https": 443, "ftp": 21, "ldap": 389, "ws": 80, "wss": 443}

// parts splits an absolute URI; ok is false for a relative one.
func parts(u *object.URI) (*url.URL, bool) {
	p, err := url.Parse(strings.TrimSpace(u.Original))
	if err != nil || p.Scheme == "" || p.Host == "" && p.Opaque == "" && p.Scheme != "file" {
		return nil, false
	}
	return p, true
}

func uriProperty(u *object.URI, name string) (any, bool, error) {
	p, abs := parts(u)
	switch name {
	case "originalstring":
		return u.Original, true, nil
	case "isabsoluteuri":
		return abs, true, nil
	case "userescaped":
		return false, true, nil
	case "scheme", "host", "dnssafehost", "idnhost", "port", "authority", "absolutepath", "localpath", "pathandquery", "query", "fragment", "segments", "absoluteuri", "userinfo", "isdefaultport", "isfile", "isloopback", "isunc", "hostnametype":
	default:
		return nil, false, nil
	}
	if !abs {
		return nil, true, nil
	}
	path := p.EscapedPath()
	if path == "" && p.Opaque == "" {
		path = "/"
	}
	query := ""
	if p.RawQuery != "" || p.ForceQuery {
		query = "?" + escapeURI(p.RawQuery)
	}
	fragment := ""
	if p.Fragment != "" {
		fragment = "#" + p.EscapedFragment()
	}
	port, _ := strconv.Atoi(p.Port())
	def := defaultPorts[p.Scheme]
	if port == 0 {
		port = def
		if port == 0 {
			port = -1
		}
	}
	authority := strings.ToLower(p.Hostname())
	if port != def && port > 0 {
		authority += ":" + strconv.Itoa(port)
	}
	switch name {
	case "scheme":
		return strings.ToLower(p.Scheme), true, nil
	case "host", "dnssafehost", "idnhost":
		return strings.ToLower(p.Hostname()), true, nil
	case "port":
		return int32(port), true, nil
	case "authority":
		return authority, true, nil
	case "absolutepath":
		return path, true, nil
	case "localpath":
		if p.Path == "" {
			return "/", true, nil
		}
		return p.Path, true, nil
	case "pathandquery":
		return path + query, true, nil
	case "query":
		return query, true, nil
	case "fragment":
		return fragment, true, nil
	case "segments":
		var segs []string
		start := 0
		for i := 0; i < len(path); i++ {
			if path[i] == '/' {
				segs = append(segs, path[start:i+1])
				start = i + 1
			}
		}
		if start < len(path) {
			segs = append(segs, path[start:])
		}
		return object.Strings(segs), true, nil
	case "absoluteuri":
		user := ""
		if p.User != nil {
			user = p.User.String() + "@"
		}
		if p.Opaque != "" {
			return p.Scheme + ":" + p.Opaque + query + fragment, true, nil
		}
		return p.Scheme + "://" + user + authority + path + query + fragment, true, nil
	case "userinfo":
		if p.User == nil {
			return "", true, nil
		}
		return p.User.String(), true, nil
	case "isdefaultport":
		return port == def, true, nil
	case "isfile":
		return p.Scheme == "file", true, nil
	case "isloopback":
		h := p.Hostname()
		return h == "localhost" || strings.HasPrefix(h, "127."), true, nil
	case "isunc":
		return false, true, nil
	case "hostnametype":
		k := int64(2)
		if strings.Trim(p.Hostname(), "0123456789.") == "" {
			k = 3
		}
		return enum("System.UriHostNameType", k), true, nil
	}
	return nil, false, nil
}

func escapeURI(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '<' || c == '>' || c == '`' || c == '{' || c == '}' || c == '|' || c == '\\' || c == '^' {
			b.WriteString("%" + strings.ToUpper(strconv.FormatUint(uint64(c)|0x100, 16)[1:]))
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func (e *Env) uriLeft(u *object.URI, a []any) string {
	p, abs := parts(u)
	if !abs {
		return ""
	}
	s := p.Scheme + "://"
	what := strings.ToLower(e.String(a[0]))
	if what == "scheme" {
		return s
	}
	host, _, _ := uriProperty(u, "authority")
	s += host.(string)
	if what == "path" || what == "query" {
		path, _, _ := uriProperty(u, "absolutepath")
		s += path.(string)
	}
	if what == "query" {
		q, _, _ := uriProperty(u, "query")
		s += q.(string)
	}
	return s
}

// escapeData is Uri.EscapeDataString; keep are further characters left alone.
func escapeData(s, keep string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.~"+keep, c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteString("%" + strings.ToUpper(strconv.FormatUint(uint64(c)|0x100, 16)[1:]))
	}
	return b.String()
}

func unescapeData(s string) string {
	var b []byte
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b = append(b, byte(n))
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}
