package curl

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"skylab/sim/exchange"
)

// request is what one transfer sends.
type request struct {
	method string
	url    *url.URL
	raw    string // the URL as given, with a scheme
	fields exchange.Fields
	body   []byte
	upload bool   // -T
	kind   string // content type of a form
	proxy  *proxy
	target string // what stands in the request line; "" is the URL's path

	to         destination // where the connection goes
	another    bool        // it is not the first that was tried
	connection int         // its number
	from       int64       // -C: the byte that the transfer goes on at
}

// data joins what -d and its kin name; json tells whether --json was used.
func (c *command) data() (body []byte, given, json bool, err error) {
	var parts []string
	for _, o := range c.opts {
		value := o.Value
		switch o.Name {
		case "data", "data-ascii", "data-binary", "json":
			if name, isFile := strings.CutPrefix(value, "@"); isFile {
				content, err := c.readArg(name)
				if err != nil && !c.has("silent") {
					fmt.Fprintf(c.p.Stderr, "Warning: Couldn't read data from file \"%s\", this makes \nWarning: an empty POST.\n", name)
				}
				value = string(content)
				if o.Name == "data" || o.Name == "data-ascii" {
					value = strings.NewReplacer("\r", "", "\n", "", "\x00", "").Replace(value)
				}
			}
			if o.Name == "json" {
				json = true
				if len(parts) > 0 {
					parts[len(parts)-1] += value
					given = true
					continue
				}
			}
		case "data-raw":
		case "data-urlencode":
			if value, err = c.urlencode(value); err != nil {
				return nil, false, false, err
			}
		default:
			continue
		}
		given = true
		parts = append(parts, value)
	}
	return []byte(strings.Join(parts, "&")), given, json, nil
}

// urlencode is --data-urlencode: content, =content, name=content, @file, name@file.
func (c *command) urlencode(v string) (string, error) {
	i := strings.IndexAny(v, "=@")
	if i < 0 {
		return percent(v), nil
	}
	name, content := v[:i], v[i+1:]
	if v[i] == '@' {
		data, err := c.readArg(content)
		if err != nil {
			return "", failf(26, "Failed to open %s", content)
		}
		content = string(data)
	}
	if name == "" {
		return percent(content), nil
	}
	return name + "=" + percent(content), nil
}

// percent encodes as for a form: a blank becomes "+".
func percent(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		ch := s[i]
		if ch >= 'a' && ch <= 'z' || ch >= 'A' && ch <= 'Z' || ch >= '0' && ch <= '9' || strings.IndexByte("-._~", ch) >= 0 {
			b.WriteByte(ch)
		} else if ch == ' ' {
			b.WriteByte('+')
		} else {
			fmt.Fprintf(&b, "%%%02X", ch)
		}
	}
	return b.String()
}

var escapes = regexp.MustCompile("%[0-9A-F]{2}")

// lowerDigits spells percent-encodings as curl 7.88 does when it puts data into
// a URL.
func lowerDigits(s string) string { return escapes.ReplaceAllStringFunc(s, strings.ToLower) }

// build makes the request for a URL.
func (c *command) build(raw string) (*request, error) {
	u, full, err := parseURL(raw)
	if err != nil {
		return nil, err
	}
	r := &request{method: "GET", url: u, raw: full}
	body, given, json, err := c.data()
	if err != nil {
		return nil, err
	}
	switch {
	case given && c.has("get"):
		if err := r.query(lowerDigits(string(body))); err != nil {
			return nil, err
		}
		given = false
	case given:
		r.method, r.body = "POST", body
	}
	if data, kind, ok, err := c.form(); err != nil {
		return nil, err
	} else if ok {
		r.method, r.body, r.kind, given = "POST", data, kind, true
	}
	for _, q := range c.values("url-query") {
		if rest, ok := strings.CutPrefix(q, "+"); ok {
			q = rest
		} else if q, err = c.urlencode(q); err != nil {
			return nil, err
		}
		if err := r.query(lowerDigits(q)); err != nil {
			return nil, err
		}
	}
	if !c.has("path-as-is") {
		r.squash()
	}
	if c.has("head") {
		r.method = "HEAD"
	}
	if name, ok := c.lookup("upload-file"); ok {
		data, err := c.readArg(name)
		if err != nil {
			fmt.Fprintf(c.p.Stderr, "curl: Can't open '%s'!\n%s\n", name, again)
			return nil, failf(26, "Failed to open/read local data from file/application")
		}
		r.method, r.body, r.upload = "PUT", data, true
		if strings.HasSuffix(r.url.Path, "/") {
			r.url.Path += path.Base(name)
			r.raw += path.Base(name)
		}
	}
	c.noteMethod(r, r.method)
	if m, ok := c.lookup("request"); ok {
		r.method = m
	}
	r.target, _ = c.lookup("request-target")
	if r.proxy, err = c.proxyFor(r.url); err != nil {
		return nil, err
	}
	r.fields, err = c.fields(r, given, json)
	return r, err
}

// query adds to the URL's query.
func (r *request) query(text string) (err error) {
	sep := "?"
	if r.url.RawQuery != "" || strings.HasSuffix(r.raw, "?") {
		sep = "&"
	}
	r.raw += sep + text
	r.url, _, err = parseURL(r.raw)
	return err
}

// squash takes "." and ".." out of the URL's path as it was given.
func (r *request) squash() {
	start := strings.Index(r.raw, "://") + 3
	start += strings.IndexByte(r.raw[start:], '/')
	end := len(r.raw)
	if i := strings.IndexAny(r.raw[start:], "?#"); i >= 0 {
		end = start + i
	}
	old := r.raw[start:end]
	if !strings.Contains(old, "/.") {
		return
	}
	var out []string
	parts := strings.Split(old, "/")
	for i, p := range parts[1:] {
		last := i == len(parts)-2
		switch {
		case p == ".." && len(out) > 0:
			out = out[:len(out)-1]
		case p != "." && p != "..":
			out = append(out, p)
			continue
		}
		if last {
			out = append(out, "")
		}
	}
	if u, raw, err := parseURL(r.raw[:start] + "/" + strings.Join(out, "/") + r.raw[end:]); err == nil {
		r.url, r.raw = u, raw
	}
}

// custom is a field given by -H: name, the text to send, and whether it takes a
// field of curl's own away.
type custom struct {
	name, line string
	remove     bool
}

func (c *command) customs() ([]custom, error) {
	var out []custom
	var texts []string
	for _, h := range c.values("header") {
		if name, ok := strings.CutPrefix(h, "@"); ok {
			data, err := c.readArg(name)
			if err != nil {
				return nil, failf(26, "Failed to open %s", name)
			}
			texts = append(texts, strings.Split(strings.ReplaceAll(string(data), "\r", ""), "\n")...)
			continue
		}
		texts = append(texts, h)
	}
	// A line break within a field makes two of it, as it does on the wire.
	lines := regexp.MustCompile(`\r?\n`)
	for _, h := range slices.Clone(texts) {
		if all := lines.Split(strings.TrimRight(h, "\r\n"), -1); len(all) > 1 {
			texts = append(texts, all[1:]...)
		}
	}
	for _, h := range texts {
		h = lines.Split(h, 2)[0]
		i := strings.IndexAny(h, ":;")
		if i <= 0 {
			continue
		}
		name, value := h[:i], h[i+1:]
		switch {
		case h[i] == ';' && strings.TrimSpace(value) == "":
			out = append(out, custom{name, "", false})
		case h[i] == ';':
		case strings.TrimSpace(value) == "":
			out = append(out, custom{name, "", true})
		default:
			out = append(out, custom{name, value, false})
		}
	}
	return out, nil
}

// fields puts the header into curl's order (facts/curl.md): what curl sends of
// itself, then -H in order, then the body's length and type.
func (c *command) fields(r *request, form, json bool) (exchange.Fields, error) {
	customs, err := c.customs()
	if err != nil {
		return nil, err
	}
	var out exchange.Fields
	own := func(name, value string) {
		for _, x := range customs {
			if strings.EqualFold(x.name, name) {
				return
			}
		}
		out = append(out, exchange.Field{Name: name, Value: value})
	}
	host := r.url.Host
	for i, x := range customs {
		if strings.EqualFold(x.name, "Host") && !x.remove {
			host = strings.TrimSpace(x.line)
			customs = append(customs[:i:i], customs[i+1:]...)
			break
		}
	}
	out = append(out, exchange.Field{Name: "Host", Value: host})
	if r.proxy != nil && r.proxy.user != "" && r.url.Scheme == "http" {
		own("Proxy-Authorization", r.proxy.credentials())
	}
	if v, ok := c.lookup("user"); ok {
		if !strings.Contains(v, ":") {
			v += ":" + c.password(v)
		}
		own("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(v)))
	} else if login, password, ok := c.netrc(r.url.Hostname()); ok {
		own("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(login+":"+password)))
	} else if r.url.User != nil {
		password, _ := r.url.User.Password()
		own("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(r.url.User.Username()+":"+password)))
	} else if v, ok := c.lookup("oauth2-bearer"); ok {
		own("Authorization", "Bearer "+v)
	}
	if v, ok := c.lookup("range"); ok && !c.has("continue-at") {
		own("Range", "bytes="+v)
	}
	agent := "curl/7.88.1"
	if v, ok := c.lookup("user-agent"); ok {
		agent = v
	}
	if agent != "" {
		own("User-Agent", agent)
	}
	if json {
		own("Content-Type", "application/json")
		own("Accept", "application/json")
	} else {
		own("Accept", "*/*")
	}
	if c.has("compressed") {
		own("Accept-Encoding", "deflate, gzip, br, zstd")
	}
	if v, ok := c.lookup("referer"); ok {
		own("Referer", v)
	}
	if r.proxy != nil && r.url.Scheme == "http" {
		own("Proxy-Connection", "Keep-Alive")
	}
	if v := c.cookieHeader(r.url); v != "" {
		own("Cookie", v)
	}
	if name, value, ok := c.timeCondition(); ok {
		own(name, value)
	}
	for _, x := range customs {
		if !x.remove {
			out = append(out, exchange.Field{Name: x.name, Value: strings.TrimLeft(x.line, " \t")})
		}
	}
	if form || r.upload {
		own("Content-Length", strconv.Itoa(len(r.body)))
		if r.kind != "" {
			own("Content-Type", r.kind)
		} else if !json && !r.upload {
			own("Content-Type", "application/x-www-form-urlencoded")
		}
		if r.upload && len(r.body) > 0 || len(r.body) > 1<<20 {
			own("Expect", "100-continue")
		}
	}
	return out, nil
}

// password asks the person for what -u leaves out.
func (c *command) password(user string) string {
	fmt.Fprintf(c.p.Stderr, "Enter host password for user '%s':", user)
	line := ""
	if c.p.Person != nil {
		line, _ = c.p.Person.Secret()
	} else {
		line, _ = bufio.NewReader(c.p.Stdin).ReadString('\n')
	}
	fmt.Fprintln(c.p.Stderr)
	return strings.TrimRight(line, "\r\n")
}

// spelling is the header line as it goes out: -H Metadata:true stays as typed.
func (c *command) spelling(f exchange.Field) string {
	for _, h := range c.values("header") {
		if name, value, ok := strings.Cut(h, ":"); ok && name == f.Name && strings.TrimLeft(value, " \t") == f.Value {
			return h
		}
	}
	if f.Value == "" {
		return f.Name + ":"
	}
	return f.Name + ": " + f.Value
}
