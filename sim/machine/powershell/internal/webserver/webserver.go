// Package webserver is the server against which PowerShell's web cmdlets were
// recorded, for tests: every answer is always the same.
package webserver

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"skylab/sim/exchange"
	"skylab/sim/network"
)

const (
	jsonType = "application/json; charset=utf-8"
	textType = "text/plain; charset=utf-8"
	client   = "66666666-7777-8888-9999-000000000000"
)

// Token is what the metadata service hands out: no server takes it for real.
var Token = part(`{"typ":"JWT","alg":"RS256","kid":"fake"}`) + "." +
	part(`{"aud":"https://management.azure.com/","iss":"https://sts.windows.net/11111111-2222-3333-4444-555555555555/","iat":1577847545,"nbf":1577847545,"exp":1577934245,"appid":"`+client+`","oid":"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"}`) + "." + part("not-a-real-signature")

func part(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// Header is the order in which the server sends its fields.
var Header = network.HeaderTable{"Date", "Server", "Content-Type", "Location", "X-Multi", "X-Num", "X-Empty", "x-lower", "X-Comma", "ETag", "Last-Modified", "Set-Cookie", "Link", "X-Body-Length", "X-Body-Hex", "X-Auth", "Pragma", "Cache-Control", "Expires", "Vary", "Retry-After", "Content-Length", "Transfer-Encoding"}

// plain are the answers with status 200 that are always the same.
var plain = map[string][2]string{
	"text": {textType, "Hello from the test server.\n"}, "text-nocharset": {"text/plain", "plain ascii\n"}, "noctype": {"", "no content type\n"},
	"lines": {textType, "line 1\nline 2\nline 3\nline 4\nline 5\n"}, "long": {textType, strings.Repeat("The quick brown fox jumps over the lazy dog. ", 12)},
	"xml":            {"application/xml; charset=utf-8", `<?xml version="1.0" encoding="utf-8"?>` + "\n" + `<root kind="test"><item id="1">one</item><item id="2">two</item><note>a &amp; b</note></root>` + "\n"},
	"rss":            {"application/rss+xml; charset=utf-8", `<?xml version="1.0" encoding="utf-8"?>` + "\n" + `<rss version="2.0"><channel><title>Feed</title><item><title>First</title><link>https://example.org/1</link></item><item><title>Second</title><link>https://example.org/2</link></item></channel></rss>` + "\n"},
	"bytes":          {"application/octet-stream", "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff"},
	"utf8":           {textType, "caf\u00e9 \u20ac \u65e5\u672c \U0001F600\n"},
	"utf8-nocharset": {"text/plain", "caf\u00e9 \u20ac\n"}, "utf8-json": {"application/json", `{"city":"Zürich","sign":"€"}`},
	"latin1": {"text/plain; charset=iso-8859-1", "caf\xe9 na\xefve\n"}, "bom-json": {jsonType, "\xef\xbb\xbf{\"bom\":true}"}, "badcharset": {"text/plain; charset=no-such-charset", "ascii only\n"},
	"empty": {textType, ""}, "empty-json": {jsonType, ""}, "badjson": {jsonType, `{"a": 1, "b": `}, "json-as-text": {"text/plain", `{"a":1}`}, "jsontext": {jsonType, "this is not json"},
	"vendor-json": {"application/vnd.test+json; charset=utf-8", `{"v":"vendor"}`}, "slow-body": {textType, "slow body\n"}, "reason": {textType, "odd reason\n"}, "noreason": {textType, "no reason\n"},
	"chunked": {textType, "first chunk,second chunk,last\n"}, "chunked-json": {jsonType, `{"a":[1,2],"b":"x"}`},
	"html": {"text/html; charset=utf-8", `<!DOCTYPE html>
<html>
<head><title>Sample &amp; page</title></head>
<body>
<h1 id="top">Hello</h1>
<p>A <b>bold</b> word.</p>
<a href="/text">Plain text</a>
<a id="second" class="ext" href="https://example.org/a?b=1&amp;c=2" title="Ex">Example <i>site</i></a>
<a name="anchor">No href</a>
<img src="/logo.png" alt="Logo">
<form id="login" name="login" action="/echo" method="post">
<input type="text" name="user" value="alice">
<input type="password" name="pass">
<input type="hidden" name="csrf" value="abc123">
<input type="submit" name="go" value="Go">
</form>
</body>
</html>
`},
}

var documents = map[string]string{
	"object": `{"name":"vm1","size":3,"ok":true,"none":null}`, "array": `[{"id":1,"name":"a"},{"id":2,"name":"b"},{"id":3,"name":"c"}]`,
	"nested": `{"value":[{"name":"sa1","properties":{"tier":"Hot","keys":["k1","k2"]}},{"name":"sa2","properties":{"tier":"Cool","keys":[]}}],"nextLink":null}`,
}

// failures are answers with another status.
var failures = map[string]struct {
	status     int
	kind, body string
	header     string
}{
	"400json":  {400, jsonType, `{"error":{"code":"InvalidParameter","message":"The value \"x\" is <bad>.","target":"size","details":[{"code":"A","message":"first"},{"code":"B","message":"second"}]}}`, ""},
	"400short": {400, jsonType, `{"error":"bad"}`, ""}, "403": {403, textType, "Forbidden zone\n", ""}, "404empty": {404, "", "", ""},
	"404html": {404, "text/html; charset=utf-8", "<html><head><title>404</title></head><body><h1>Not Found</h1><p>No <b>such</b> page.</p></body></html>\n", ""},
	"404xml":  {404, "application/xml", `<?xml version="1.0" encoding="utf-8"?><Error><Code>BlobNotFound</Code><Message>The specified blob does not exist.</Message></Error>`, ""},
	"405":     {405, textType, "Only POST\n", "Allow: POST"}, "409": {409, jsonType, `{"error":{"code":"RoleAssignmentExists","message":"The role assignment already exists."}}`, ""},
	"410": {410, jsonType, "", ""}, "429": {429, jsonType, `{"error":"too_many_requests","error_description":"Too many requests"}`, "Retry-After: 1"}, "500": {500, textType, "Internal failure: code 17\n", ""},
	"500html": {500, "text/html", "<html><body>Server <b>Error</b></body></html>\n", ""}, "503": {503, textType, "Try later\n", "Retry-After: 2"},
}

// Handler returns the server.
func Handler() http.Handler { return http.HandlerFunc(serve) }

type answer struct {
	w http.ResponseWriter
	r *http.Request
}

func (a answer) send(status int, kind, body string, fields ...string) {
	h := a.w.Header()
	h.Set("Date", "Thu, 02 Jan 2020 03:04:05 GMT")
	h.Set("Server", "TestServer/1.0")
	if kind != "" {
		h.Set("Content-Type", kind)
	} else {
		h["Content-Type"] = nil
	}
	for _, f := range fields {
		if name, value, ok := strings.Cut(f, ": "); ok {
			h.Add(name, value)
		}
	}
	if status != http.StatusNoContent && h.Get("Transfer-Encoding") == "" {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	a.w.WriteHeader(status)
	if a.r.Method != http.MethodHead {
		io.WriteString(a.w, body)
	}
}

func (a answer) json(status int, v any, fields ...string) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // what tests send is plain data
	}
	a.send(status, jsonType, strings.TrimSuffix(b.String(), "\n"), fields...)
}

type failure struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

func (a answer) fail(status int, code, message string, fields ...string) {
	var f failure
	f.Error.Code, f.Error.Message = code, message
	a.json(status, f, fields...)
}

func (a answer) base() string { return "http://" + a.r.Host }

func serve(w http.ResponseWriter, r *http.Request) {
	a := answer{w, r}
	raw, _ := io.ReadAll(r.Body)
	parts := strings.FieldsFunc(r.URL.Path, func(c rune) bool { return c == '/' })
	first, arg := "", ""
	if len(parts) > 0 {
		first = strings.ToLower(parts[0])
	}
	if len(parts) > 1 {
		arg = parts[1]
	}
	if p, ok := plain[first]; ok {
		var fields []string
		if strings.HasPrefix(first, "chunked") {
			fields = append(fields, "Transfer-Encoding: chunked")
		}
		a.send(200, p[0], p[1], fields...)
		return
	}
	if f, ok := failures[first]; ok {
		a.send(f.status, f.kind, f.body, f.header)
		return
	}
	switch first {
	case "":
		a.send(200, textType, "root\n")
	case "metadata":
		a.metadata()
	case "subscriptions":
		a.azure(parts, string(raw))
	case "upload":
		query := "?"
		if r.URL.RawQuery != "" {
			query += r.URL.RawQuery + "&"
		}
		a.send(307, "application/octet-stream", "", "Pragma: no-cache", "Cache-Control: no-cache, no-cache, no-store, max-age=0", "Expires: -1", "Location: "+a.base()+"/upload2"+r.URL.Path[len("/upload"):]+query+"write=true", "X-Content-Type-Options: nosniff")
	case "upload2":
		auth := "no"
		if r.Header.Get("Authorization") != "" {
			auth = "yes"
		}
		a.send(201, "", "", "Location: /files"+r.URL.Path[len("/upload2"):], fmt.Sprintf("X-Body-Length: %d", len(raw)), fmt.Sprintf("X-Body-Hex: %x", raw), "X-Auth: "+auth)
	case "echo":
		a.json(200, a.echo(string(raw)))
	case "empty204":
		a.send(204, "", "")
	case "created":
		a.send(201, jsonType, `{"id":7,"state":"Created"}`, "Location: /things/7")
	case "json":
		a.send(200, jsonType, documents[arg])
	case "redirect", "redirect-abs":
		n, _ := strconv.Atoi(arg)
		if n <= 0 {
			a.send(200, textType, "arrived\n")
			return
		}
		to := fmt.Sprintf("/%s/%d", first, n-1)
		if first == "redirect-abs" {
			to = a.base() + to
		}
		a.send(302, textType, fmt.Sprintf("moved %d\n", n), "Location: "+to)
	case "redirect-code":
		n, _ := strconv.Atoi(arg)
		a.send(n, "", "", "Location: /echo/after"+arg)
	case "status":
		n, _ := strconv.Atoi(arg)
		a.send(n, textType, fmt.Sprintf("status %d\n", n))
	case "headers":
		a.send(200, textType, "headers\n", "X-Multi: one", "X-Multi: two", "X-Num: 42", "X-Empty: ", "X-Lower: low", "X-Comma: a, b", `ETag: "v1"`, "Last-Modified: Wed, 01 Jan 2020 00:00:00 GMT", "Cache-Control: no-cache, no-store", "Vary: Accept", "Vary: Origin")
	case "cookies":
		a.send(200, textType, "cookies set\n", "Set-Cookie: sid=abc123; Path=/", "Set-Cookie: theme=dark; Path=/; HttpOnly")
	case "page":
		n, _ := strconv.Atoi(arg)
		var links []string
		if n < 3 {
			links = append(links, fmt.Sprintf(`<%s/page/%d>; rel="next"`, a.base(), n+1))
		}
		if n > 1 {
			links = append(links, fmt.Sprintf(`<%s/page/%d>; rel="prev"`, a.base(), n-1))
		}
		a.send(200, jsonType, fmt.Sprintf(`[{"page":%d,"item":1},{"page":%d,"item":2}]`, n, n), "Link: "+strings.Join(links, ", "))
	default:
		a.fail(404, "NotFound", "No such endpoint: "+r.URL.Path)
	}
}

type echoed struct {
	Method  string          `json:"method"`
	Path    string          `json:"path"`
	Query   string          `json:"query"`
	Headers json.RawMessage `json:"headers"`
	Body    string          `json:"body"`
	Length  int             `json:"bodyLength"`
}

var boundary = regexp.MustCompile(`boundary="?[^";]+"?`)

// headers are the request's fields, sorted, without what differs between runs.
func (a answer) headers() json.RawMessage {
	fields := append(network.HeaderTable(nil).Fields(a.r.Header), exchange.Field{Name: "Host", Value: a.r.Host})
	slices.SortStableFunc(fields, func(x, y exchange.Field) int {
		return strings.Compare(strings.ToLower(x.Name), strings.ToLower(y.Name))
	})
	var parts []string
	for _, f := range fields {
		v := f.Value
		switch strings.ToLower(f.Name) {
		case "host":
			v = "HOST"
		case "user-agent":
			if strings.Contains(v, "PowerShell/") {
				v = "PowerShell-UA"
			}
		case "content-type":
			v = boundary.ReplaceAllString(v, "boundary=BOUNDARY")
		case "authorization":
			if strings.Contains(a.r.URL.Path, "listKeys") {
				v = "Bearer ***"
			}
		}
		name, _ := json.Marshal(f.Name)
		value, _ := json.Marshal(v)
		parts = append(parts, string(name)+":"+string(value))
	}
	return json.RawMessage("{" + strings.Join(parts, ",") + "}")
}

func (a answer) echo(body string) echoed {
	return echoed{a.r.Method, a.r.URL.Path, a.r.URL.RawQuery, a.headers(), body, len(body)}
}

func (a answer) metadata() {
	q := a.r.URL.Query()
	bad := func(text string) {
		a.send(400, jsonType, `{"error":"invalid_request","error_description":"`+text+`"}`)
	}
	switch {
	case !strings.EqualFold(a.r.Header.Get("Metadata"), "true"):
		bad("Required metadata header not specified")
	case q.Get("resource") == "":
		bad("Required query variable 'resource' is missing")
	case q.Get("client_id") != "" && q.Get("client_id") != client:
		bad("Identity not found")
	default:
		a.send(200, jsonType, `{"access_token":"`+Token+`","client_id":"`+client+`","expires_in":"86399","expires_on":"1577934245","ext_expires_in":"86399","not_before":"1577847545","resource":"`+q.Get("resource")+`","token_type":"Bearer"}`)
	}
}

func (a answer) azure(parts []string, body string) {
	token, bearer := strings.CutPrefix(a.r.Header.Get("Authorization"), "Bearer ")
	switch {
	case a.r.Header.Get("Authorization") == "":
		a.fail(401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
	case !bearer:
		a.fail(401, "AuthenticationFailedInvalidHeader", "Authentication failed. The 'Authorization' header is provided in an invalid format.")
	case token != Token && token != "good-token":
		a.fail(401, "InvalidAuthenticationToken", "The access token is invalid.")
	case strings.EqualFold(parts[len(parts)-1], "listKeys"):
		request, _ := json.Marshal(struct {
			Method  string          `json:"method"`
			Body    string          `json:"body"`
			Headers json.RawMessage `json:"headers"`
		}{a.r.Method, body, a.headers()})
		a.send(200, jsonType, `{"keys":[{"keyName":"key1","value":"ZmFrZS1rZXktMQ==","permissions":"Full"},{"keyName":"key2","value":"ZmFrZS1rZXktMg==","permissions":"Full"}],"request":`+string(request)+`}`)
	case len(parts) == 3:
		a.send(200, jsonType, `{"value":[{"id":"/subscriptions/`+parts[1]+`/resourceGroups/myResourceGroup","name":"myResourceGroup","location":"westus"},{"id":"/subscriptions/`+parts[1]+`/resourceGroups/other-rg","name":"other-rg","location":"eastus2"}]}`)
	case parts[3] == "myResourceGroup":
		a.send(200, jsonType, `{"id":"/subscriptions/`+parts[1]+`/resourceGroups/myResourceGroup","name":"myResourceGroup","location":"westus","tags":{"env":"test"},"properties":{"provisioningState":"Succeeded"}}`)
	case parts[3] == "forbiddenGroup":
		a.fail(403, "AuthorizationFailed", "The client '"+client+"' with object id '"+client+"' does not have authorization to perform action 'Microsoft.Resources/subscriptions/resourceGroups/read' over scope '/subscriptions/"+parts[1]+"/resourceGroups/"+parts[3]+"' or the scope is invalid. If access was recently granted, please refresh your credentials.")
	default:
		a.fail(404, "ResourceGroupNotFound", "Resource group '"+parts[3]+"' could not be found.")
	}
}
