// Package portal is the Azure portal as a client: the browser session of the
// administrator, which reads and changes the cloud by requests to Resource
// Manager and the directory by requests to Microsoft Graph. It makes blades,
// which others draw; it must not know how.
//
// What there is stands in tables: the portal's own blades and a resource's
// (blades.go), the kinds of resources with their lists, menus and essentials
// (kinds.go), the kinds of directory objects (directory.go), and the forms
// (create.go). A new blade is a row in one of them. An operation that goes on is
// waited for on the lab's clock, and kept among the notifications.
//
// Everything that can be chosen has a stable target name:
//
//	nav.home, nav.groups, nav.vms, nav.identities, nav.storage, nav.vaults, nav.deploy,
//	nav.subscriptions, nav.users, nav.directory-groups, nav.applications, nav.enterprise, nav.notifications
//	group.NAME, vm.NAME, identity.NAME, storage.NAME, vault.NAME, resource.NAME, user.NAME, member.NAME, app.NAME   rows of lists
//	menu.NAME              an entry of a resource's menu: menu.access is Access control (IAM)
//	TABLE.create           the form that makes one: group.create, identity.create
//	create.FIELD, step.STEP, create.next, create.back, create.submit, create.cancel   on a form; create.FIELD.VALUE chooses an option
//	confirm.yes, confirm.no   of a question
//	access.add, access.tab.check, access.tab.assignments, access.tab.roles, assignment.remove.NAME
//	check.search, check.NAME, check.mine, definition.NAME
//	role.NAME, step.role, step.members, step.review, wizard.next, wizard.back, wizard.cancel
//	members.kind, members.select, members.search, member.NAME, review.assign
//	tags.add, tags.remove.NAME, tags.apply, tags.discard
//	activity.span.VALUE, activity.status.VALUE, activity.search, event.N
//	vm.connect, connect.rdp, vm.start, vm.restart, vm.stop, vm.delete, identity.on, identity.off, identity.save
//	identity.tab.system, identity.tab.user, identity.roles, identity.add, identity.pick.NAME, identity.remove.NAME
//	federated.add, federated.remove.NAME, storage.delete, vault.delete, team.create
//	deployment.NAME, enterprise.type.VALUE, members.add, members.remove.NAME
//	device.code, device.next, device.cancel   on /devicelogin
package portal

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
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
	// Dial opens a connection to a port, for remote desktops.
	Dial func(ctx context.Context, host, port string) (net.Conn, error)
}

// State is a portal session as a snapshot keeps it.
type State struct {
	Path    string            `json:"path"`
	Tokens  map[string]Token  `json:"tokens,omitempty"` // by resource
	Refresh string            `json:"refresh,omitempty"`
	Wizard  *Wizard           `json:"wizard,omitempty"`
	Notices []blade.Notice    `json:"notices,omitempty"`
	Pending map[string]string `json:"pending,omitempty"` // values chosen and not saved
	Form    *Form             `json:"form,omitempty"`
	Asked   string            `json:"asked,omitempty"`   // the target whose question is open
	History []Notification    `json:"history,omitempty"` // oldest first
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
	// desktop is the machine whose desktop the action opened that runs.
	desktop string
}

// New returns a session that is not signed in yet; it signs in when it first
// needs to.
func New(c Config) *Portal {
	return &Portal{Config: c, state: State{Path: "/", Tokens: map[string]Token{}}}
}

// State returns the session as plain data.
func (p *Portal) State() State {
	s := p.state
	s.Form = s.Form.kept()
	return s
}

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
	p.desktop = ""
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
	if p.state.Form != nil {
		p.state.Form.take(a.Values)
	}
	if a.Target != "confirm.yes" {
		p.state.Asked = ""
	}
	if path, ok := linkTo(pg.Blade, a.Target); ok {
		p.open(path)
		return p.load(ctx).Blade, nil
	}
	do, ok := pg.does[a.Target]
	if !ok {
		return pg.Blade, fmt.Errorf("there is nothing named %q on %s", a.Target, pg.Title)
	}
	if err := do(ctx, a.Values); err != nil {
		title := "It did not work"
		if f := (*failure)(nil); errors.As(err, &f) {
			title = f.title
		}
		p.notice("error", title, err.Error())
	}
	b := p.load(ctx).Blade
	b.Desktop = p.desktop
	return b, nil
}

// Blade returns the blade that is shown.
func (p *Portal) Blade(ctx context.Context) blade.Blade { return p.load(ctx).Blade }

func (p *Portal) open(path string) {
	p.state.Path, p.state.Wizard, p.state.Notices, p.state.Pending = path, nil, nil, nil
	p.state.Form, p.state.Asked = nil, ""
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
	r, err := p.send(req)
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	o := r.body
	n, _ := o.At("expires_in").(json.Number)
	life, _ := n.Int64()
	p.state.Refresh = o.Str("refresh_token")
	p.state.Tokens[resource] = Token{o.Str("access_token"), p.Clock.Now().Add(time.Duration(life) * time.Second)}
	return o.Str("access_token"), nil
}
