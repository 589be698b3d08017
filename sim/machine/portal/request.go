package portal

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"skylab/sim/machine/portal/blade"
	"skylab/sim/ojson"
)

// ServiceError is a refusal of a service, in its own words.
type ServiceError struct {
	Status        int
	Code, Message string
	// Details are the errors below it, outermost first, as "code: message".
	Details []string
}

func (e *ServiceError) Error() string {
	return strings.Join(append([]string{e.Code + ": " + e.Message}, e.Details...), "\n")
}

// refusalOf reads {"error":{…}}, Graph's and Resource Manager's, or OAuth's.
func refusalOf(status int, o *ojson.Object) *ServiceError {
	e := &ServiceError{Status: status, Code: o.Str("error", "code"), Message: o.Str("error", "message")}
	if e.Code == "" {
		e.Code, e.Message = o.Str("error"), o.Str("error_description")
	}
	if e.Code == "" {
		e.Code, e.Message = strconv.Itoa(status), http.StatusText(status)
	}
	e.addDetails(o.At("error", "details"), 0)
	return e
}

// deepest is how many levels of details are read.
const deepest = 5

func (e *ServiceError) addDetails(v any, depth int) {
	list, _ := v.([]any)
	for _, x := range list {
		if d, ok := x.(*ojson.Object); ok && depth < deepest && d.Str("message") != e.Message {
			e.Details = append(e.Details, d.Str("code")+": "+d.Str("message"))
			e.addDetails(d.At("details"), depth+1)
		}
	}
}

// reply is an answer; body is nil when it is empty.
type reply struct {
	status int
	header http.Header
	body   *ojson.Object
}

// arm sends a request to Resource Manager; body may be nil. The answer's body
// is nil when it is empty.
func (p *Portal) arm(ctx context.Context, method, path, version string, query url.Values, body any) (*ojson.Object, error) {
	r, err := p.request(ctx, managementHost+"/", method, armURL(path, version, query), body)
	return r.body, err
}

func armURL(path, version string, query url.Values) string {
	if query == nil {
		query = url.Values{}
	}
	query.Set("api-version", version)
	return managementHost + (&url.URL{Path: path}).EscapedPath() + "?" + query.Encode()
}

// request sends a request with a token for a resource; body may be nil.
func (p *Portal) request(ctx context.Context, resource, method, address string, body any) (reply, error) {
	token, err := p.token(ctx, resource)
	if err != nil {
		return reply{}, err
	}
	var data []byte
	if body != nil {
		if data, err = ojson.Marshal(body); err != nil {
			return reply{}, fmt.Errorf("write the request: %w", err)
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(data))
	if err != nil {
		return reply{}, fmt.Errorf("write the request: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Length", strconv.Itoa(len(data)))
	}
	return p.send(req)
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 16 << 20

func (p *Portal) send(req *http.Request) (reply, error) {
	res, err := p.Transport.RoundTrip(req)
	if err != nil {
		return reply{}, fmt.Errorf("reach %s: %w", req.URL.Host, err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return reply{}, fmt.Errorf("read the answer of %s: %w", req.URL.Host, err)
	}
	r := reply{status: res.StatusCode, header: res.Header}
	if len(bytes.TrimSpace(data)) > 0 && res.Header.Get("Content-Type") != "text/plain" {
		r.body = &ojson.Object{}
		if err := r.body.UnmarshalJSON(data); err != nil {
			return reply{}, fmt.Errorf("read the answer of %s: %w", req.URL.Host, err)
		}
	}
	if res.StatusCode >= 400 {
		return reply{}, refusalOf(res.StatusCode, r.body)
	}
	return r, nil
}

// Notification is an entry of the portal's notifications: something that was
// done, and how long it took on the lab's clock.
type Notification struct {
	Kind  string    `json:"kind"` // as a notice's
	Title string    `json:"title"`
	Text  string    `json:"text"`
	Began time.Time `json:"began"`
	Ended time.Time `json:"ended"`
}

// mostHistory is how many notifications are kept.
const mostHistory = 50

// words are what the portal says of a change: while it runs, when it went well
// and when it did not.
type words struct{ doing, did, failed string }

// operate sends a change to Resource Manager, waits on the lab's clock while it
// goes on, and tells in a notice how it ended.
func (p *Portal) operate(ctx context.Context, method, path, version string, body any, say words) (*ojson.Object, error) {
	n := Notification{Kind: "done", Title: say.did, Began: p.Clock.Now()}
	o, err := p.run(ctx, method, armURL(path, version, nil), body)
	n.Ended = p.Clock.Now()
	n.Text = "Successfully " + lowerFirst(say.did) + "."
	if took := n.Ended.Sub(n.Began).Round(time.Second); took >= time.Second {
		n.Text = fmt.Sprintf("%s It took %s.", n.Text, took)
	}
	if err != nil {
		n.Kind, n.Title, n.Text = "error", say.failed, err.Error()
		err = &failure{say.failed, err}
	}
	p.remember(n)
	return o, err
}

// failure is a change that did not work, with the notice's title.
type failure struct {
	title string
	err   error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// remember shows a notification and keeps it.
func (p *Portal) remember(n Notification) {
	p.state.History = append(p.state.History, n)
	if extra := len(p.state.History) - mostHistory; extra > 0 {
		p.state.History = append([]Notification(nil), p.state.History[extra:]...)
	}
	if n.Kind != "error" { // what failed is told by Do
		p.notice(n.Kind, n.Title, n.Text)
	}
}

func lowerFirst(s string) string { return strings.ToLower(s[:min(1, len(s))]) + s[min(1, len(s)):] }

// Bounds of polling: how often, and how long between when the service does not
// say.
const (
	mostPolls  = 1000
	pollPeriod = 10 * time.Second
)

// run sends a change and follows it to its end (facts/azure-wire.md §4.6).
func (p *Portal) run(ctx context.Context, method, address string, body any) (*ojson.Object, error) {
	first, err := p.request(ctx, managementHost+"/", method, address, body)
	if err != nil {
		return nil, err
	}
	poll, byStatus := first.header.Get("Azure-AsyncOperation"), true
	if poll == "" {
		if first.status != http.StatusAccepted || first.header.Get("Location") == "" {
			return first.body, nil
		}
		poll, byStatus = first.header.Get("Location"), false
	}
	if u, err := url.Parse(poll); err != nil || "https://"+u.Host != managementHost {
		return first.body, fmt.Errorf("follow the operation: %s is not an address of Resource Manager", poll)
	}
	last := first
	for range mostPolls {
		wait := pollPeriod
		if s, err := strconv.Atoi(last.header.Get("Retry-After")); err == nil && s > 0 {
			wait = time.Duration(s) * time.Second
		}
		if err := p.Clock.Sleep(ctx, wait); err != nil {
			return first.body, fmt.Errorf("wait for the operation: %w", err)
		}
		if last, err = p.request(ctx, managementHost+"/", http.MethodGet, poll, nil); err != nil {
			return first.body, err
		}
		if !byStatus {
			if last.status != http.StatusAccepted {
				return last.body, nil
			}
			continue
		}
		switch strings.ToLower(last.body.Str("status")) {
		case "succeeded":
			return first.body, nil
		case "failed", "canceled", "cancelled":
			return first.body, refusalOf(http.StatusConflict, last.body)
		}
	}
	return first.body, fmt.Errorf("wait for the operation: it goes on after %d looks", mostPolls)
}

// notifications is the list behind the bell.
func (p *Portal) notifications(_ context.Context, pg *page) error {
	pg.Title, pg.Breadcrumb = "Notifications", []blade.Link{homeLink}
	t := &blade.Table{Columns: []string{"Notification", "Status", "Details", "Began", "Took"}, Rows: []blade.Row{}, Empty: "No new notifications from this session"}
	for i := len(p.state.History) - 1; i >= 0; i-- {
		n := p.state.History[i]
		status := map[string]string{"done": "Succeeded", "error": "Failed"}[n.Kind]
		t.Rows = append(t.Rows, blade.Row{Target: "notification." + strconv.Itoa(i), Key: strconv.Itoa(i),
			Cells: []string{n.Title, status, n.Text, n.Began.Format(time.DateTime), n.Ended.Sub(n.Began).Round(time.Second).String()}})
	}
	pg.Sections = []blade.Section{{Table: t}}
	return nil
}
