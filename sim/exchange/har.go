package exchange

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// HAR returns exchanges as HAR 1.2 (the W3C draft "HTTP Archive"), with the
// servers' notes in the field "_notes". Tokens, secrets and keys are masked
// unless tokens is true. Connections to ports that are not HTTP have no place
// in a HAR and are left out.
func HAR(list []Exchange, tokens bool) ([]byte, error) {
	log := harLog{Version: "1.2", Creator: harName{"skylab", "1"}, Entries: []harEntry{}}
	for _, e := range list {
		if e.Protocol != "http" && e.Protocol != "https" {
			continue
		}
		if !tokens {
			e = Masked(e)
		}
		log.Entries = append(log.Entries, entry(e))
	}
	return json.MarshalIndent(struct {
		Log harLog `json:"log"`
	}{log}, "", "  ")
}

type harLog struct {
	Version string     `json:"version"`
	Creator harName    `json:"creator"`
	Entries []harEntry `json:"entries"`
}

type harName struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type harEntry struct {
	Started  string             `json:"startedDateTime"`
	Time     float64            `json:"time"` // milliseconds
	Request  harRequest         `json:"request"`
	Response harResponse        `json:"response"`
	Cache    struct{}           `json:"cache"`
	Timings  map[string]float64 `json:"timings"`
	Address  string             `json:"serverIPAddress,omitempty"`
	Comment  string             `json:"comment,omitempty"`
	Caller   string             `json:"_caller,omitempty"`
	Service  string             `json:"_service,omitempty"`
	Notes    []Note             `json:"_notes,omitempty"`
	Error    string             `json:"_error,omitempty"`
}

type harRequest struct {
	Method      string   `json:"method"`
	URL         string   `json:"url"`
	HTTPVersion string   `json:"httpVersion"`
	Cookies     []string `json:"cookies"`
	Headers     Fields   `json:"headers"`
	Query       Fields   `json:"queryString"`
	PostData    *harPost `json:"postData,omitempty"`
	HeadersSize int      `json:"headersSize"`
	BodySize    int      `json:"bodySize"`
}

type harPost struct {
	MimeType string `json:"mimeType"`
	Text     string `json:"text"`
	Encoding string `json:"_encoding,omitempty"`
}

type harResponse struct {
	Status      int        `json:"status"`
	StatusText  string     `json:"statusText"`
	HTTPVersion string     `json:"httpVersion"`
	Cookies     []string   `json:"cookies"`
	Headers     Fields     `json:"headers"`
	Content     harContent `json:"content"`
	RedirectURL string     `json:"redirectURL"`
	HeadersSize int        `json:"headersSize"`
	BodySize    int        `json:"bodySize"`
}

type harContent struct {
	Size     int    `json:"size"`
	MimeType string `json:"mimeType"`
	Text     string `json:"text,omitempty"`
	Encoding string `json:"encoding,omitempty"`
}

func entry(e Exchange) harEntry {
	ms := float64(e.Duration) / float64(time.Millisecond)
	address := e.Address
	if i := strings.LastIndexByte(address, ':'); i > 0 {
		address = address[:i]
	}
	h := harEntry{
		Started: e.Start.UTC().Format("2006-01-02T15:04:05.000Z"), Time: ms,
		Request: harRequest{
			Method: e.Request.Method, URL: e.Request.URL, HTTPVersion: "HTTP/1.1", Cookies: []string{},
			Headers: nonNil(e.Request.Fields), Query: query(e.Request.URL), HeadersSize: -1, BodySize: len(e.Request.Body),
		},
		Response: harResponse{HTTPVersion: "HTTP/1.1", Cookies: []string{}, Headers: Fields{}, HeadersSize: -1, BodySize: -1},
		Timings:  map[string]float64{"send": 0, "wait": ms, "receive": 0},
		Address:  address, Caller: e.Caller.Machine, Service: e.Service, Notes: e.Notes, Error: e.Failure,
	}
	if len(e.Request.Body) > 0 {
		text, encoding := harText(e.Request.Body)
		h.Request.PostData = &harPost{e.Request.Fields.Get("Content-Type"), text, encoding}
	}
	if r := e.Response; r != nil {
		text, encoding := harText(r.Body)
		h.Response.Status, h.Response.StatusText, h.Response.Headers = r.Status, r.Reason, nonNil(r.Fields)
		h.Response.Content = harContent{len(r.Body), r.Fields.Get("Content-Type"), text, encoding}
		h.Response.RedirectURL, h.Response.BodySize = r.Fields.Get("Location"), len(r.Body)
	}
	return h
}

func harText(b []byte) (text, encoding string) {
	if utf8.Valid(b) {
		return string(b), ""
	}
	return base64.StdEncoding.EncodeToString(b), "base64"
}

func nonNil(f Fields) Fields {
	if f == nil {
		return Fields{}
	}
	return f
}

func query(raw string) Fields {
	out := Fields{}
	u, err := url.Parse(raw)
	if err != nil {
		return out
	}
	for _, pair := range strings.Split(u.RawQuery, "&") {
		if pair == "" {
			continue
		}
		k, v, _ := strings.Cut(pair, "=")
		out = append(out, Field{unescape(k), unescape(v)})
	}
	return out
}

func unescape(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}

// secrets finds what must not leave a lab unasked: JWTs wherever they stand,
// and the values of JSON members and form fields that hold secrets. The first
// group is kept.
var secrets = []*regexp.Regexp{
	regexp.MustCompile(`()eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*`),
	regexp.MustCompile(`("(?:access_token|refresh_token|id_token|client_secret|primaryMasterKey|secondaryMasterKey|primaryReadonlyMasterKey|secondaryReadonlyMasterKey|adminPassword|password|secretText)"\s*:\s*")[^"]+`),
	regexp.MustCompile(`((?:^|[?&])(?:access_token|refresh_token|id_token|client_secret|client_assertion|assertion|code|device_code|code_verifier|sig)=)[^&\s"]+`),
}

// Hidden is what stands in place of a secret.
const Hidden = "(masked)"

func mask(s string) string {
	for _, re := range secrets {
		s = re.ReplaceAllString(s, "${1}"+Hidden)
	}
	return s
}

// Masked returns a copy of an exchange in which tokens, secrets and keys are
// replaced by "(masked)".
func Masked(e Exchange) Exchange {
	e.Request.URL = mask(e.Request.URL)
	e.Request.Fields = maskFields(e.Request.Fields)
	e.Request.Body = maskBody(e.Request.Body)
	if e.Response != nil {
		r := *e.Response
		r.Fields = maskFields(r.Fields)
		r.Body = maskBody(r.Body)
		e.Response = &r
	}
	return e
}

func maskBody(b Body) Body {
	if len(b) == 0 {
		return b
	}
	return Body(mask(string(b)))
}

func maskFields(f Fields) Fields {
	out := make(Fields, len(f))
	for i, h := range f {
		switch strings.ToLower(h.Name) {
		case "authorization":
			scheme, _, found := strings.Cut(h.Value, " ")
			h.Value = Hidden
			if found {
				h.Value = scheme + " " + Hidden
			}
		case "cookie", "set-cookie", "secret", "x-identity-header":
			h.Value = Hidden
		default:
			h.Value = mask(h.Value)
		}
		out[i] = h
	}
	return out
}
