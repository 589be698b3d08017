package az

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"skylab/sim/machine/jmespath"
	"skylab/sim/network"
	"skylab/sim/ojson"
)

// Hosts and resources of the public cloud.
const (
	armHost     = "https://management.azure.com"
	armResource = "https://management.core.windows.net/"
	graphHost   = "https://graph.microsoft.com"
	loginHost   = "https://login.microsoftonline.com"
)

// userAgent is how the tool names itself, as Debian's package does.
const userAgent = "AZURECLI/" + Version + " (DEB)"

// response is an answer that was read.
type response struct {
	status int
	reason string
	header http.Header
	body   []byte
	url    string
	method string
}

// json is the answer's body as JSON; nil if it has none.
func (r *response) json() any {
	v, err := ojson.Decode(bytes.TrimPrefix(r.body, []byte("\xef\xbb\xbf")))
	if err != nil {
		return nil
	}
	return v
}

func (r *response) object() *ojson.Object {
	o, _ := r.json().(*ojson.Object)
	return o
}

func (r *response) ok() bool { return r.status < 400 }

// request is a request as commands make them.
type request struct {
	method, url string
	body        []byte
	header      http.Header
}

// send sends a request as it is. What kept it from being answered is a
// *network.Error or the context's error.
func (c *call) send(r request) (*response, error) {
	if err := c.ctx.Err(); err != nil {
		return nil, err
	}
	var body io.Reader
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(c.ctx, r.method, r.url, body)
	if err != nil {
		return nil, failf("%s", err)
	}
	for k, v := range r.header {
		req.Header[k] = v
	}
	set := func(k, v string) {
		if req.Header.Get(k) == "" {
			req.Header.Set(k, v)
		}
	}
	set("User-Agent", userAgent)
	set("Accept-Encoding", "gzip, deflate")
	set("Accept", "*/*")
	set("Connection", "keep-alive")
	if r.body == nil && (r.method == http.MethodPost || r.method == http.MethodPut || r.method == http.MethodPatch || r.method == http.MethodDelete) {
		req.ContentLength = 0
		req.Header.Set("Content-Length", "0")
	}
	c.logRequest(req, r.body)
	res, err := c.p.Card.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	out := &response{status: res.StatusCode, header: res.Header, body: data, url: r.url, method: r.method}
	_, out.reason, _ = strings.Cut(res.Status, " ")
	if out.reason == "" {
		out.reason = http.StatusText(res.StatusCode)
	}
	c.logResponse(out)
	return out, nil
}

// logRequest shows a request where --debug was given.
func (c *call) logRequest(r *http.Request, body []byte) {
	if !c.debug {
		return
	}
	c.trace("cli.azure.cli.core.sdk.policies: Request URL: %s", jmespath.Repr(r.URL.String()))
	c.trace("cli.azure.cli.core.sdk.policies: Request method: %s", jmespath.Repr(r.Method))
	c.trace("cli.azure.cli.core.sdk.policies: Request headers:")
	var names []string
	for k := range r.Header {
		names = append(names, k)
	}
	slices.Sort(names)
	for _, k := range names {
		v := r.Header.Get(k)
		if k == "Authorization" {
			v = v[:min(len(v)/2, 20)] + "..."
		}
		c.trace("cli.azure.cli.core.sdk.policies:     %s: %s", jmespath.Repr(k), jmespath.Repr(v))
	}
	c.trace("cli.azure.cli.core.sdk.policies: Request body:")
	if body == nil {
		c.trace("cli.azure.cli.core.sdk.policies: This request has no body")
	} else if strings.Contains(r.URL.Host, "login.microsoftonline.com") {
		c.trace("cli.azure.cli.core.sdk.policies: [hidden]")
	} else {
		c.trace("cli.azure.cli.core.sdk.policies: %s", body)
	}
}

func (c *call) logResponse(r *response) {
	if !c.debug {
		return
	}
	c.trace("cli.azure.cli.core.sdk.policies: Response status: %d", r.status)
	c.trace("cli.azure.cli.core.sdk.policies: Response headers:")
	var names []string
	for k := range r.header {
		names = append(names, k)
	}
	slices.Sort(names)
	for _, k := range names {
		c.trace("cli.azure.cli.core.sdk.policies:     %s: %s", jmespath.Repr(k), jmespath.Repr(r.header.Get(k)))
	}
	c.trace("cli.azure.cli.core.sdk.policies: Response content:")
	if strings.Contains(r.url, "/oauth2/") {
		c.trace("cli.azure.cli.core.sdk.policies: [hidden]")
	} else {
		c.trace("cli.azure.cli.core.sdk.policies: %s", r.body)
	}
}

// connection is the error for a host that could not be reached, in the words of
// Python's requests.
func connection(err error, rawURL string) error {
	var ne *network.Error
	if !errors.As(err, &ne) {
		return err
	}
	return failf("%s", connectionText(ne, rawURL))
}

func connectionText(ne *network.Error, rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		u = &url.URL{}
	}
	class, port := "HTTPSConnectionPool", ne.Port
	if u.Scheme == "http" {
		class = "HTTPConnectionPool"
	}
	what := "NewConnectionError('<urllib3.connection." + strings.TrimSuffix(class, "Pool") + " object at 0x7f3b5c0b5d50>: Failed to establish a new connection: "
	switch ne.Kind {
	case network.NoSuchHost:
		what += "[Errno -2] Name or service not known')"
	case network.Refused:
		what += "[Errno 111] Connection refused')"
	case network.TimedOut:
		what += "[Errno 110] Connection timed out')"
	default:
		return "('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))"
	}
	return fmt.Sprintf("%s(host='%s', port=%s): Max retries exceeded with url: %s (Caused by %s)", class, ne.Host, port, u.RequestURI(), what)
}

// authorised sends a request with the token of a resource.
func (c *call) authorised(resource string, r request) (*response, error) {
	tok, err := c.token(resource, c.subscriptionOption(), "")
	if err != nil {
		return nil, err
	}
	if r.header == nil {
		r.header = http.Header{}
	}
	r.header.Set("Authorization", "Bearer "+tok.access)
	r.header.Set("x-ms-client-request-id", c.p.IDs.GUID("az.request"))
	if c.cmd != nil {
		r.header.Set("CommandName", c.cmd.Path)
		r.header.Set("ParameterSetName", strings.Join(parameterNames(c.words), " "))
	}
	res, err := c.send(r)
	if err != nil {
		return nil, connection(err, r.url)
	}
	return res, nil
}

// parameterNames are the options of a command line without their values.
func parameterNames(words []string) []string {
	var out []string
	for _, w := range words {
		switch {
		case strings.HasPrefix(w, "---") || len(w) < 2 || w[0] != '-':
		case strings.HasPrefix(w, "--"):
			w, _, _ = strings.Cut(w, "=")
			out = append(out, w)
		default:
			out = append(out, w[:2])
		}
	}
	return out
}

// jsonRequest is a request with a body as Python writes it, if there is one.
func jsonRequest(method, url string, body any) (request, error) {
	r := request{method: method, url: url, header: http.Header{}}
	if body != nil {
		data, err := ojson.Marshal(body)
		if err != nil {
			return r, failf("%s", err)
		}
		r.body = pythonJSON(data)
		r.header.Set("Content-Type", "application/json")
	}
	return r, nil
}

// arm sends a request to Resource Manager; path begins with a slash and has its
// version. body may be nil. An answer of 400 and above is an error.
func (c *call) arm(method, path string, body any) (*response, error) {
	r, err := jsonRequest(method, armHost+escape(path), body)
	if err != nil {
		return nil, err
	}
	r.header.Set("Accept", "application/json")
	res, err := c.authorised(armResource, r)
	if err != nil {
		return nil, err
	}
	if !res.ok() {
		return res, serviceError(res)
	}
	return res, nil
}

// escape writes a path as Python's clients do: a blank or a percent sign inside
// it is encoded, what is encoded already stays.
func escape(path string) string {
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		c := path[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"<>\^`+"`{|}", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// pathSegment is a value within a path.
func pathSegment(s string) string {
	return strings.ReplaceAll(url.PathEscape(s), "%5B", "[")
}

// pythonJSON puts blanks where Python's json.dumps has them.
func pythonJSON(data []byte) []byte {
	var b bytes.Buffer
	inside := false
	for i := 0; i < len(data); i++ {
		ch := data[i]
		b.WriteByte(ch)
		switch {
		case inside && ch == '\\':
			i++
			b.WriteByte(data[i])
		case ch == '"':
			inside = !inside
		case !inside && (ch == ',' || ch == ':'):
			b.WriteByte(' ')
		}
	}
	return b.Bytes()
}

// serviceError is the error of an answer, worded as azure-core words it.
func serviceError(r *response) error {
	f := &fault{exit: 1, status: r.status}
	if r.status == http.StatusNotFound {
		f.exit = 3
	}
	o := r.object()
	if inner := o.Obj("error"); inner.Len() > 0 {
		o = inner
	}
	if o.Str("message") == "" && o.Str("code") == "" {
		f.text = fmt.Sprintf("Operation returned an invalid status '%s'", r.reason)
		if len(r.body) > 0 {
			f.text += "\nContent: " + string(r.body)
		}
		if text := strings.TrimSpace(string(r.body)); strings.HasPrefix(text, "skylab: ") {
			f.text, f.plain = text, true
		}
		return f
	}
	f.code = o.Str("code")
	if strings.HasPrefix(o.Str("message"), "skylab: ") {
		f.text, f.plain = o.Str("message"), true
		return f
	}
	f.text = odataError(o)
	return f
}

func odataError(o *ojson.Object) string {
	code, message := o.Str("code"), o.Str("message")
	text := fmt.Sprintf("(%s) %s\nCode: %s\nMessage: %s", code, message, code, message)
	if t := o.Str("target"); t != "" {
		text += "\nTarget: " + t
	}
	if details, _ := o.At("details").([]any); len(details) > 0 {
		text += "\nException Details:"
		for _, d := range details {
			if d, ok := d.(*ojson.Object); ok {
				var lines []string
				for _, l := range strings.Split(odataError(d), "\n") {
					lines = append(lines, "\t"+l)
				}
				text += strings.Join(lines, "\n")
			}
		}
	}
	if info, _ := o.At("additionalInfo").([]any); len(info) > 0 {
		text += "\nAdditional Information:"
		for _, i := range info {
			if i, ok := i.(*ojson.Object); ok {
				data, _ := ojson.Indent(i.At("info"), "    ", "\n")
				text += "Type: " + i.Str("type") + "\nInfo: " + string(data)
			}
		}
	}
	return text
}

// get gets from Resource Manager and returns the body.
func (c *call) get(path string) (any, error) {
	res, err := c.arm(http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	return res.json(), nil
}

// all gets a list, page by page.
func (c *call) all(path string) ([]any, error) {
	out := []any{}
	for path != "" {
		res, err := c.arm(http.MethodGet, path, nil)
		if err != nil {
			return nil, err
		}
		o := res.object()
		list, _ := o.At("value").([]any)
		out = append(out, list...)
		path = strings.TrimPrefix(o.Str("nextLink"), armHost)
	}
	return out, nil
}
