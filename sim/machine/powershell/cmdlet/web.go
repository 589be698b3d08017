package cmdlet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"skylab/sim/exchange"
	"skylab/sim/machine/powershell/object"
	"skylab/sim/network"
)

var webBodies = map[string]body{
	"Invoke-WebRequest": {process: webRequest},
	"Invoke-RestMethod": {process: restMethod},
}

// maxWebBody is the largest answer that is read, in bytes.
const maxWebBody = 32 << 20

// webCall is one call of a web cmdlet.
type webCall struct {
	*invocation
	old     bool
	url     *url.URL
	method  string
	fields  exchange.Fields // the header of the request, as it goes out
	body    []byte
	hasBody bool
	target  *object.Object // what error records name
}

// webAnswer is the answer that counts.
type webAnswer struct {
	status int
	reason string
	fields exchange.Fields
	body   []byte
	url    *url.URL // that was asked last
}

func webRequest(i *invocation) error {
	w, err := newWebCall(i)
	if err != nil {
		return err
	}
	a, err := w.exchange()
	if err != nil {
		return err
	}
	if done, err := w.outFile(a); err != nil || done {
		return err
	}
	return i.Write(w.response(a))
}

func restMethod(i *invocation) error {
	w, err := newWebCall(i)
	if err != nil {
		return err
	}
	for pages := i.Int("MaximumFollowRelLink", 1<<20); ; pages-- {
		a, err := w.exchange()
		if err != nil {
			return err
		}
		if done, err := w.outFile(a); err != nil || done {
			return err
		}
		for name, v := range map[string]any{"ResponseHeadersVariable": w.headers(a), "StatusCodeVariable": int32(a.status)} {
			if i.Has(name) {
				if err := i.SetVariable(i.Text(name), "", v); err != nil {
					return err
				}
			}
		}
		if err := w.writeParsed(a); err != nil {
			return err
		}
		next := relations(a)["next"]
		if !i.Switch("FollowRelLink") || next == "" || pages <= 0 {
			return nil
		}
		if w.url, err = webURL(next); err != nil {
			return err
		}
	}
}

// conflict is a wrong combination of parameters.
func (w *webCall) conflict(id, message string) error {
	e := &object.Error{Type: object.MustType("System.Management.Automation.ValidationMetadataException"), Message: message}
	return w.ErrorRecord(e, id, "InvalidArgument", w.Session().Objects().String(w.Value("Uri")))
}

func newWebCall(i *invocation) (*webCall, error) {
	w := &webCall{invocation: i, old: i.Session().Old(), method: "GET"}
	text := ""
	if u, ok := object.Base(i.Value("Uri")).(*object.URI); ok {
		text = u.Original
	}
	if scheme, rest, ok := strings.Cut(text, ":"); !ok || strings.ContainsAny(scheme, "/.?") && !strings.HasPrefix(rest, "//") {
		text = "http://" + text
	}
	var err error
	if w.url, err = webURL(text); err != nil {
		return nil, i.ErrorRecord(&object.Error{Type: object.MustType("System.UriFormatException"), Message: "Invalid URI: The hostname could not be parsed."}, "System.UriFormatException", "NotSpecified", nil)
	}
	if s := w.url.Scheme; s != "http" && s != "https" {
		if w.old {
			return nil, i.ErrorRecord(&object.Error{Type: object.MustType("System.NotSupportedException"), Message: "The URI prefix is not recognized."}, "System.NotSupportedException", "NotImplemented", nil)
		}
		return nil, i.ErrorRecord(&object.Error{Type: object.MustType("System.NotSupportedException"), Message: "The '" + s + "' scheme is not supported."}, "WebCmdletIEDomNotSupportedException", "NotImplemented", nil)
	}
	switch {
	case i.Has("CustomMethod"):
		w.method = strings.ToUpper(i.Text("CustomMethod"))
	case i.Has("Method"):
		if m := strings.ToUpper(i.Text("Method")); m != "DEFAULT" {
			w.method = m
		}
	}
	switch {
	case i.Has("MaximumRedirection") && i.Int("MaximumRedirection", 0) < 0:
		return nil, i.ErrorRecord(&object.Error{Type: object.MustType("System.Management.Automation.ParameterBindingException"), Message: fmt.Sprintf("Cannot validate argument on parameter 'MaximumRedirection'. The %d argument is less than the minimum allowed range of 0. Supply an argument that is greater than or equal to 0 and then try the command again.", i.Int("MaximumRedirection", 0))}, "ParameterArgumentValidationError", "InvalidData", nil)
	case i.Has("Body") && i.Has("InFile"):
		return nil, w.conflict("WebCmdletBodyConflictException", "The cmdlet cannot run because the following conflicting parameters are specified: Body and InFile. Specify either Body or Infile, then retry.  ")
	case i.Switch("PassThru") && !i.Has("OutFile"):
		return nil, w.conflict("WebCmdletOutFileMissingException", "The cmdlet cannot run because the following parameter is missing: OutFile. Provide a valid OutFile parameter value when using the PassThru parameter, then retry.")
	}
	for _, absent := range []string{"UnixSocket", "Certificate", "CertificateThumbprint", "Resume", "WebSession", "SessionVariable", "Form", "Token", "Credential", "Authentication", "Proxy", "HttpVersion"} {
		if i.Has(absent) {
			return nil, i.ErrorRecord(object.Fail("", "skylab: %s -%s is real but not simulated here", i.Cmdlet.Name, absent), "NotSimulated", "NotImplemented", absent)
		}
	}
	kind, err := w.content()
	if err != nil {
		return nil, err
	}
	return w, w.head(kind)
}

// content reads the body; kind is its media type, "" for none.
func (w *webCall) content() (kind string, err error) {
	kind = w.Text("ContentType")
	if kind != "" && !w.old && !w.Switch("SkipHeaderValidation") {
		if _, _, err := mime.ParseMediaType(kind); err != nil || !strings.Contains(kind, "/") {
			return "", w.conflict("WebCmdletContentTypeException", "The cmdlet cannot run because the -ContentType parameter is not a valid Content-Type header. Specify a valid Content-Type for -ContentType, then retry. To suppress header validation, supply the -SkipHeaderValidation parameter.")
		}
	}
	if kind == "" && w.method == "POST" {
		kind = "application/x-www-form-urlencoded"
	}
	if w.Has("InFile") {
		p := w.Session().Path(w.Text("InFile"))
		if w.body, err = files(w.invocation).ReadFile(p); err != nil {
			return "", notFound(w.invocation, w.Session().Native(p))
		}
		w.hasBody = true
		return kind, nil
	}
	switch b := object.Base(w.Value("Body")).(type) {
	case nil:
	case *object.Dict:
		form := w.form(b)
		if w.method == "GET" || w.method == "HEAD" {
			if w.url.RawQuery != "" {
				form = w.url.RawQuery + "&" + form
			}
			w.url.RawQuery = form
			return kind, nil
		}
		w.body, w.hasBody = []byte(form), true
	case *object.Array:
		if b.Elem.FullName() == "System.Byte" {
			for _, x := range b.Items {
				n, _, _ := object.Integer(x)
				w.body = append(w.body, byte(n))
			}
			w.hasBody = true
			break
		}
		w.body, w.hasBody = w.encoded(w.Text("Body"), kind), true
	default:
		w.body, w.hasBody = w.encoded(w.Text("Body"), kind), true
	}
	return kind, nil
}

// form writes a dictionary as a form is sent.
func (w *webCall) form(d *object.Dict) string {
	var parts []string
	for _, e := range d.Entries() {
		parts = append(parts, formEscape(w.text(e.Key))+"="+formEscape(w.text(e.Value)))
	}
	return strings.Join(parts, "&")
}

func (w *webCall) text(v any) string { return w.Session().Objects().String(v) }

func formEscape(s string) string {
	return strings.NewReplacer("%21", "!", "%28", "(", "%29", ")", "%2A", "*").Replace(url.QueryEscape(s))
}

// encoded is a text as bytes: in the type's charset, otherwise in the edition's own.
func (w *webCall) encoded(text, kind string) []byte {
	_, params, _ := mime.ParseMediaType(kind)
	charset := strings.ToLower(params["charset"])
	if charset == "" && w.old || charset == "iso-8859-1" {
		out := make([]byte, 0, len(text))
		for _, r := range text {
			if r > 255 {
				r = '?'
			}
			out = append(out, byte(r))
		}
		return out
	}
	return []byte(text)
}

// head makes the header of the request.
func (w *webCall) head(kind string) error {
	add := func(name, value string) { w.fields = append(w.fields, exchange.Field{Name: name, Value: value}) }
	agent := w.userAgent()
	if w.Has("UserAgent") {
		agent = w.Text("UserAgent")
	}
	accept := false
	given := map[string]bool{}
	if d, ok := object.Base(w.Value("Headers")).(*object.Dict); ok {
		for _, e := range d.Entries() {
			name, value := w.text(e.Key), w.text(e.Value)
			if object.Base(e.Value) == nil && !w.old {
				continue
			}
			if _, list := object.Items(e.Value); list {
				value = "System.Object[]"
			}
			if strings.ContainsAny(name, "\r\n: ") || strings.ContainsAny(value, "\r\n") || name == "" {
				return w.badHeader(name, value)
			}
			switch lower := strings.ToLower(name); lower {
			case "user-agent":
				agent = value
				continue
			case "content-type":
				kind = value
				continue
			case "accept-encoding":
				accept = true
			}
			given[strings.ToLower(name)] = true
			add(name, value)
		}
	}
	add("User-Agent", agent)
	if !w.old && !accept {
		add("Accept-Encoding", "gzip, deflate, br")
	}
	if kind != "" && !given["content-type"] && (w.hasBody || w.method == "POST" || w.old && w.Has("ContentType")) {
		add("Content-Type", kind)
	}
	host := exchange.Field{Name: "Host", Value: w.url.Host}
	if w.old { // .NET Framework puts its own behind the caller's
		w.fields = append(w.fields, host)
	} else {
		w.fields = append(exchange.Fields{host}, w.fields...)
	}
	if w.hasBody || w.method != "GET" && w.method != "HEAD" {
		add("Content-Length", fmt.Sprint(len(w.body)))
	}
	if w.old {
		add("Connection", "Keep-Alive")
	}
	w.describe()
	return nil
}

func (w *webCall) badHeader(name, value string) error {
	if w.old {
		return w.ErrorRecord(&object.Error{Type: object.MustType("System.ArgumentException"), Message: "Specified value has invalid HTTP Header characters.\r\nParameter name: " + map[bool]string{true: "name", false: "value"}[strings.ContainsAny(name, "\r\n: ") || name == ""]}, "System.ArgumentException", "InvalidArgument", nil)
	}
	message := fmt.Sprintf("The header name '%s' has an invalid format.", name)
	if strings.ContainsAny(value, "\r\n") {
		message = "New-line characters are not allowed in header values."
	}
	return w.ErrorRecord(&object.Error{Type: object.MustType("System.FormatException"), Message: message}, "System.FormatException", "NotSpecified", nil)
}

// userAgent is how PowerShell names itself to servers.
func (w *webCall) userAgent() string {
	if w.old {
		return "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/" + w.version()
	}
	system := "Linux; Ubuntu 22.04.5 LTS"
	if w.Session().Config().Windows {
		system = "Windows NT 10.0; Microsoft Windows 10.0.20348"
	}
	return "Mozilla/5.0 (" + system + "; en-US) PowerShell/" + w.version()
}

// version is the session's, as $PSVersionTable has it.
func (w *webCall) version() string {
	v := w.Variable("PSVersionTable", "")
	if v == nil {
		return ""
	}
	version, err := w.Property(v.Value, "PSVersion")
	if err != nil {
		return ""
	}
	return w.text(version)
}

// describe makes what error records name as their target.
func (w *webCall) describe() {
	if w.old {
		w.target = &object.Object{Type: object.MustType("System.Net.HttpWebRequest")}
		w.target.SetText("System.Net.HttpWebRequest")
		return
	}
	var b strings.Builder
	content := "<null>"
	if w.hasBody {
		content = "System.Net.Http.StringContent"
	}
	line := w.newline()
	fmt.Fprintf(&b, "Method: %s, RequestUri: '%s', Version: 1.1, Content: %s, Headers:%s{%s", w.method, w.url, content, line, line)
	for _, f := range w.fields {
		if f.Name != "Host" && f.Name != "Content-Length" {
			fmt.Fprintf(&b, "  %s: %s%s", f.Name, f.Value, line)
		}
	}
	w.target = &object.Object{Type: object.MustType("System.Net.Http.HttpRequestMessage")}
	w.target.SetProperty("Method", w.method)
	w.target.SetProperty("RequestUri", &object.URI{Original: w.url.String()})
	w.target.SetText(b.String() + "}")
}

func (w *webCall) newline() string {
	if w.Session().Config().Windows {
		return "\r\n"
	}
	return "\n"
}

// webURL reads an address as .NET does: what may not stand in one is escaped.
func webURL(text string) (*url.URL, error) {
	head, _, _ := strings.Cut(text, "#") // what is behind is not sent
	before, query, asks := strings.Cut(head, "?")
	escape := func(s string) string {
		var b strings.Builder
		for n := 0; n < len(s); n++ {
			switch c := s[n]; {
			case c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0:
				fmt.Fprintf(&b, "%%%02X", c)
			case c == '%' && (n+2 >= len(s) || !isHex(s[n+1]) || !isHex(s[n+2])):
				b.WriteString("%25")
			default:
				b.WriteByte(c)
			}
		}
		return b.String()
	}
	scheme, rest, ok := strings.Cut(before, "://")
	if ok {
		authority, path, slash := strings.Cut(rest, "/")
		before = scheme + "://" + authority
		if slash {
			before += escape("/" + path)
		}
	}
	u, err := url.Parse(before)
	if err != nil || u.Host == "" && (u.Scheme == "http" || u.Scheme == "https") {
		return nil, errors.New("not an address")
	}
	if u.Path == "" && u.Opaque == "" {
		u.Path = "/"
	}
	if asks {
		u.RawQuery = escape(query)
	}
	return u, nil
}

func isHex(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' }

// exchange asks, follows redirections, and returns the last answer, if it is not
// an error.
func (w *webCall) exchange() (*webAnswer, error) {
	left := w.Int("MaximumRedirection", 50)
	for retries := w.Int("MaximumRetryCount", 0); ; {
		a, err := w.ask()
		if err != nil {
			return nil, err
		}
		location := a.get("Location")
		switch follows := redirects(a.status) && location != ""; {
		case follows && left > 0:
			left--
			if err := w.follow(a, location); err != nil {
				return nil, err
			}
			continue
		case follows && w.old && w.Int("MaximumRedirection", 50) > 0:
			return nil, w.webException("Too many automatic redirections were attempted.", a)
		case follows && w.old && a.status != http.StatusMovedPermanently && a.status != http.StatusFound:
			return a, nil
		case follows && (w.old || w.Switch("SkipHttpErrorCheck") || a.status < 400):
			f := w.ErrorRecord(&object.Error{Type: object.MustType("System.InvalidOperationException"), Message: "The maximum redirection count has been exceeded. To increase the number of redirections allowed, supply a higher value to the -MaximumRedirection parameter."}, "MaximumRedirectExceeded", "InvalidOperation", w.target)
			if !w.old && !w.Switch("SkipHttpErrorCheck") {
				return nil, w.statusError(a)
			}
			return a, w.WriteError(f)
		case a.status >= 400 && retries > 0:
			retries--
			if err := w.Session().Config().Clock.Sleep(w.Context(), time.Duration(w.Int("RetryIntervalSec", 5))*time.Second); err != nil {
				return nil, err
			}
			continue
		case a.status >= 400 && !w.Switch("SkipHttpErrorCheck"):
			return nil, w.statusError(a)
		}
		return a, nil
	}
}

func redirects(status int) bool {
	switch status {
	case 300, 301, 302, 303, 307, 308:
		return true
	}
	return false
}

// follow makes the request that a redirection asks for.
func (w *webCall) follow(a *webAnswer, location string) error {
	next, err := w.url.Parse(location)
	if err != nil {
		return w.statusError(a)
	}
	w.url = next
	keep := exchange.Fields{}
	turns := w.method == "POST" && a.status != 307 && a.status != 308 || a.status == 303 && w.method != "HEAD"
	if turns && !w.Switch("PreserveHttpMethodOnRedirect") {
		w.method, w.body, w.hasBody = "GET", nil, false
	}
	for _, f := range w.fields {
		switch name := strings.ToLower(f.Name); {
		case name == "host":
			f.Value = next.Host
		case name == "authorization" && !w.Switch("PreserveAuthorizationOnRedirect"):
			continue
		case (name == "content-type" || name == "content-length") && w.method == "GET":
			continue
		}
		keep = append(keep, f)
	}
	w.fields = keep
	w.describe()
	return nil
}

// ask sends the request once.
func (w *webCall) ask() (*webAnswer, error) {
	card := w.Session().Config().Card
	if card == nil {
		return nil, w.transportError(&network.Error{Kind: network.NoSuchHost, Host: w.url.Hostname()})
	}
	var body io.Reader
	if w.hasBody {
		body = bytes.NewReader(w.body)
	}
	req, err := http.NewRequestWithContext(network.WithFields(w.Context(), w.fields), w.method, w.url.String(), body)
	if err != nil {
		return nil, w.transportError(err)
	}
	for _, f := range w.fields {
		if f.Name != "Host" {
			req.Header.Add(f.Name, f.Value)
		}
	}
	res, err := card.RoundTrip(req)
	if err != nil {
		if w.Context().Err() != nil {
			return nil, w.Context().Err()
		}
		return nil, w.transportError(err)
	}
	defer res.Body.Close()
	a := &webAnswer{status: res.StatusCode, fields: network.ResponseFields(res), url: w.url}
	if _, reason, ok := strings.Cut(res.Status, " "); ok {
		a.reason = reason
	}
	if a.reason == "" {
		a.reason = http.StatusText(a.status)
	}
	if a.body, err = io.ReadAll(io.LimitReader(res.Body, maxWebBody)); err != nil {
		return nil, w.transportError(err)
	}
	return a, nil
}

// get is the first value of a header field.
func (a *webAnswer) get(name string) string {
	for _, f := range a.fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// outFile writes the answer to the file that was asked for; done tells that
// nothing is to be shown.
func (w *webCall) outFile(a *webAnswer) (done bool, err error) {
	if !w.Has("OutFile") {
		return false, nil
	}
	p := w.Session().Path(w.Text("OutFile"))
	if err := files(w.invocation).WriteFile(p, a.body); err != nil {
		native := w.Session().Native(p)
		return true, w.ErrorRecord(&object.Error{Type: object.MustType("System.IO.DirectoryNotFoundException"), Message: "Could not find a part of the path '" + native + "'."}, "System.IO.DirectoryNotFoundException", "NotSpecified", nil)
	}
	return !w.Switch("PassThru"), nil
}
