// Package portal is the Azure portal as a client: the browser session of the
// administrator, which reads and changes the cloud by requests to Resource
// Manager and reads the directory by requests to Microsoft Graph. It makes blades, which others draw; it must not know how.
//
// A blade is a row of the table in blades.go: a path and a loader. Everything
// that can be chosen has a stable target name:
//
//	nav.groups, nav.vms, nav.identities, nav.home   the portal's own menu
//	group.NAME, vm.NAME, resource.NAME, identity.NAME rows of lists
//	menu.overview, menu.access, menu.identity, menu.connect, menu.activity   a resource's menu
//	access.add, access.tab.assignments, access.tab.roles, assignment.remove.NAME
//	role.NAME, step.role, step.members, step.review, wizard.next, wizard.back, wizard.cancel
//	members.kind, members.select, members.search, member.NAME, review.assign
//	device.code, device.next, device.cancel   on /devicelogin
//	vm.start, vm.restart, vm.stop, identity.on, identity.off, identity.save
package portal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"skylab/sim/clock"
	"skylab/sim/ids"
	"skylab/sim/machine/portal/blade"
	"skylab/sim/ojson"
)

// Config makes a portal.
type Config struct {
	Transport http.RoundTripper
	Clock     *clock.Clock
	IDs       *ids.Source
	Account   string // user principal name of the administrator
}

// State is a portal session as a snapshot keeps it.
type State struct {
	Path    string            `json:"path"`
	Tokens  map[string]Token  `json:"tokens,omitempty"` // by resource
	Refresh string            `json:"refresh,omitempty"`
	Wizard  *Wizard           `json:"wizard,omitempty"`
	Notices []blade.Notice    `json:"notices,omitempty"`
	Pending map[string]string `json:"pending,omitempty"` // values chosen and not saved
}

// Token is an access token in the session.
type Token struct {
	Access  string    `json:"access"`
	Expires time.Time `json:"expires"`
}

// Portal is a session. Its methods are called one at a time.
type Portal struct {
	Config
	state State
	shown *page // what was loaded last, if the session is still as it was then
}

// New returns a session that is not signed in yet; it signs in when it first
// needs to.
func New(c Config) *Portal {
	return &Portal{Config: c, state: State{Path: "/", Tokens: map[string]Token{}}}
}

// State returns the session as plain data.
func (p *Portal) State() State { return p.state }

// Restore sets the session to a saved state.
func (p *Portal) Restore(s State) {
	p.state, p.shown = s, nil
	if p.state.Path == "" {
		p.state.Path = "/"
	}
	if p.state.Tokens == nil {
		p.state.Tokens = map[string]Token{}
	}
}

// page is a blade with what its targets do.
type page struct {
	blade.Blade
	does map[string]func(ctx context.Context, values map[string]string) error
}

func (pg *page) on(target string, do func(ctx context.Context, values map[string]string) error) {
	pg.does[target] = do
}

// Do opens a path or chooses a target and returns the blade that is shown then.
// What a service refuses becomes a notice on it; an error is returned for a
// target that is not there.
func (p *Portal) Do(ctx context.Context, a blade.Action) (blade.Blade, error) {
	if a.Path != "" {
		p.open(a.Path)
	}
	if a.Target == "" {
		return p.load(ctx).Blade, nil
	}
	pg := p.shown
	if pg == nil || a.Path != "" {
		pg = p.load(ctx)
	}
	p.state.Notices = nil
	if path, ok := linkTo(pg.Blade, a.Target); ok {
		p.open(path)
		return p.load(ctx).Blade, nil
	}
	do, ok := pg.does[a.Target]
	if !ok {
		return pg.Blade, fmt.Errorf("there is nothing named %q on %s", a.Target, pg.Title)
	}
	if err := do(ctx, a.Values); err != nil {
		p.notice("error", "It did not work", err.Error())
	}
	return p.load(ctx).Blade, nil
}

// Blade returns the blade that is shown.
func (p *Portal) Blade(ctx context.Context) blade.Blade { return p.load(ctx).Blade }

func (p *Portal) open(path string) {
	p.state.Path, p.state.Wizard, p.state.Notices, p.state.Pending = path, nil, nil, nil
}

func (p *Portal) notice(kind, title, text string) {
	p.state.Notices = append(p.state.Notices, blade.Notice{Kind: kind, Title: title, Text: text})
}

// linkTo finds the path that a link, a row or a fact leads to.
func linkTo(b blade.Blade, target string) (string, bool) {
	links := slices.Concat(b.Breadcrumb, b.Menu)
	sections := b.Sections
	if b.Panel != nil {
		sections = slices.Concat(sections, b.Panel.Sections)
	}
	for _, s := range sections {
		links = append(links, s.Tabs...)
		for _, f := range s.Facts {
			links = append(links, blade.Link{Target: f.Target, Path: f.Path})
		}
		if s.Table != nil {
			for _, r := range s.Table.Rows {
				links = append(links, blade.Link{Target: r.Target, Path: r.Path})
			}
		}
	}
	for _, l := range links {
		if l.Target == target && l.Path != "" {
			return l.Path, true
		}
	}
	return "", false
}

// load makes the blade of the current path.
func (p *Portal) load(ctx context.Context) *page {
	pg := &page{does: map[string]func(context.Context, map[string]string) error{}}
	pg.Path = p.state.Path
	err := p.fill(ctx, pg)
	if err != nil {
		pg.Title = "This blade cannot be shown"
		pg.Sections = []blade.Section{{Text: err.Error()}}
	}
	pg.Notices = p.state.Notices
	p.shown = pg
	return pg
}

const (
	managementHost = "https://management.azure.com"
	loginBase      = "https://login.microsoftonline.com/organizations/oauth2/v2.0/"
	clientID       = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c"
	redirect       = "https://portal.azure.com/signin/index/"
)

// ServiceError is a refusal of a service, in its own words.
type ServiceError struct {
	Status        int
	Code, Message string
}

func (e *ServiceError) Error() string { return e.Code + ": " + e.Message }

// arm sends a request to Resource Manager; body may be nil. The answer's body
// is nil when it is empty.
func (p *Portal) arm(ctx context.Context, method, path, version string, query url.Values, body any) (*ojson.Object, error) {
	if query == nil {
		query = url.Values{}
	}
	query.Set("api-version", version)
	return p.request(ctx, managementHost+"/", method, managementHost+path+"?"+query.Encode(), body)
}

// request sends a request with a token for a resource; body may be nil.
func (p *Portal) request(ctx context.Context, resource, method, address string, body any) (*ojson.Object, error) {
	token, err := p.token(ctx, resource)
	if err != nil {
		return nil, err
	}
	var data []byte
	if body != nil {
		if data, err = ojson.Marshal(body); err != nil {
			return nil, fmt.Errorf("write the request: %w", err)
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("write the request: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Length", strconv.Itoa(len(data)))
	}
	o, res, err := p.send(req)
	if err != nil || method == http.MethodGet {
		return o, err
	}
	return o, p.await(ctx, resource, res)
}

// await lets the lab's time pass until the operation has ended that an answer
// tells to follow; its failure is a *ServiceError.
func (p *Portal) await(ctx context.Context, resource string, res *http.Response) error {
	address := res.Header.Get("Azure-AsyncOperation")
	if address == "" && res.StatusCode == http.StatusAccepted {
		address = res.Header.Get("Location")
	}
	for address != "" {
		seconds, _ := strconv.Atoi(res.Header.Get("Retry-After"))
		if err := p.Clock.Sleep(ctx, time.Duration(max(seconds, 1))*time.Second); err != nil {
			return err
		}
		token, err := p.token(ctx, resource)
		if err != nil {
			return err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return fmt.Errorf("write the request: %w", err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		var o *ojson.Object
		if o, res, err = p.send(req); err != nil {
			return err
		}
		if fault := o.Obj("error"); fault != nil {
			return &ServiceError{Status: res.StatusCode, Code: fault.Str("code"), Message: fault.Str("message")}
		}
		if status := o.Str("status"); res.StatusCode != http.StatusAccepted && (status == "" || slices.Contains([]string{"Succeeded", "Failed", "Canceled"}, status)) {
			return nil
		}
	}
	return nil
}

// send sends a request and reads its answer, whose body is closed.
func (p *Portal) send(req *http.Request) (*ojson.Object, *http.Response, error) {
	res, err := p.Transport.RoundTrip(req)
	if err != nil {
		return nil, nil, fmt.Errorf("reach %s: %w", req.URL.Host, err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, nil, fmt.Errorf("read the answer of %s: %w", req.URL.Host, err)
	}
	var o *ojson.Object
	if len(data) > 0 {
		o = &ojson.Object{}
		if err := o.UnmarshalJSON(data); err != nil {
			return nil, nil, fmt.Errorf("read the answer of %s: %w", req.URL.Host, err)
		}
	}
	if res.StatusCode >= 400 {
		e := &ServiceError{Status: res.StatusCode, Code: o.Str("error", "code"), Message: o.Str("error", "message")}
		if e.Code == "" {
			e.Code, e.Message = o.Str("error"), o.Str("error_description")
		}
		return nil, nil, e
	}
	return o, res, nil
}

// items returns the members of an answer's list.
func items(o *ojson.Object) []*ojson.Object {
	list, _ := o.At("value").([]any)
	var out []*ojson.Object
	for _, v := range list {
		if x, ok := v.(*ojson.Object); ok {
			out = append(out, x)
		}
	}
	return out
}

// token returns an access token for a resource, signing in when there is none
// and renewing it shortly before it expires.
func (p *Portal) token(ctx context.Context, resource string) (string, error) {
	if t, ok := p.state.Tokens[resource]; ok && p.Clock.Now().Add(time.Minute).Before(t.Expires) {
		return t.Access, nil
	}
	form := url.Values{"client_id": {clientID}, "scope": {resource + "/.default openid profile offline_access"}}
	if p.state.Refresh != "" {
		form.Set("grant_type", "refresh_token")
		form.Set("refresh_token", p.state.Refresh)
		if access, err := p.redeem(ctx, resource, form); err == nil {
			return access, nil
		}
		p.state.Refresh = ""
		form.Del("refresh_token")
	}
	verifier := p.IDs.Base64URL("portal.verifier", 32)
	code, err := p.signIn(ctx, resource, verifier)
	if err != nil {
		return "", err
	}
	form.Set("grant_type", "authorization_code")
	form.Set("code", code)
	form.Set("code_verifier", verifier)
	form.Set("redirect_uri", redirect)
	return p.redeem(ctx, resource, form)
}

// signIn asks Entra for an authorization code, with PKCE.
func (p *Portal) signIn(ctx context.Context, resource, verifier string) (string, error) {
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"client_id": {clientID}, "redirect_uri": {redirect}, "response_type": {"code"}, "scope": {resource + "/.default openid profile offline_access"}, "login_hint": {p.Account},
		"state": {p.IDs.Base64URL("portal.state", 16)}, "code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, loginBase+"authorize?"+q.Encode(), nil)
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	res, err := p.Transport.RoundTrip(req)
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	res.Body.Close()
	back, err := url.Parse(res.Header.Get("Location"))
	if err != nil || back.Query().Get("state") != q.Get("state") {
		return "", fmt.Errorf("sign in: Entra answered %s", res.Status)
	}
	if code := back.Query().Get("code"); code != "" {
		return code, nil
	}
	return "", fmt.Errorf("sign in: %s", back.Query().Get("error_description"))
}

func (p *Portal) redeem(ctx context.Context, resource string, form url.Values) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, loginBase+"token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	o, _, err := p.send(req)
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	n, _ := o.At("expires_in").(json.Number)
	life, _ := n.Int64()
	p.state.Refresh = o.Str("refresh_token")
	p.state.Tokens[resource] = Token{o.Str("access_token"), p.Clock.Now().Add(time.Duration(life) * time.Second)}
	return o.Str("access_token"), nil
}
