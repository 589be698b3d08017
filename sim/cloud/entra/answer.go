package entra

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"skylab/sim/exchange"
	"skylab/sim/network"
	"skylab/sim/ojson"
)

// Application ids of Microsoft's own clients.
const (
	PortalApp     = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c"
	CLIApp        = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
	PowerShellApp = "1950a258-227b-4e31-a9cf-717495945fc2"
)

// client is an application that asks for tokens in which it acts for a person.
type client struct {
	id, name  string
	redirects []string
	public    bool // proves itself by nothing
	family    bool // of the clients that share refresh tokens
	// own is the registration of a client that is the tenant's; nil for
	// Microsoft's clients, which need no consent.
	own *Application
}

const nativeClient = "https://login.microsoftonline.com/common/oauth2/nativeclient"

// firstPartyClients are Microsoft's clients with the redirections they may ask
// for (public application ids).
var firstPartyClients = []client{
	{id: PortalApp, name: "Azure Portal", redirects: []string{"https://portal.azure.com/signin/index/"}, public: true},
	{id: CLIApp, name: "Microsoft Azure CLI", redirects: []string{"http://localhost", nativeClient}, public: true, family: true},
	{id: PowerShellApp, name: "Microsoft Azure PowerShell", redirects: []string{"http://localhost", nativeClient}, public: true, family: true},
}

// findClient returns the client of an application id; nil if there is none.
func (e *Entra) findClient(id string) *client {
	id = strings.ToLower(id)
	if i := slices.IndexFunc(firstPartyClients, func(c client) bool { return c.id == id }); i >= 0 {
		return &firstPartyClients[i]
	}
	a, ok := e.applicationByApp(id)
	if !ok {
		return nil
	}
	return &client{id: a.AppID, name: a.DisplayName, redirects: a.RedirectURIs, public: a.PublicClient, own: &a}
}

// mayReturnTo tells whether a redirection is registered; the port of localhost
// is free.
func (c *client) mayReturnTo(redirect string) bool {
	u, err := url.Parse(redirect)
	if err != nil || redirect == "" {
		return false
	}
	if u.Hostname() == "localhost" && u.Scheme == "http" {
		u.Host = "localhost"
		if u.Path == "/" {
			u.Path = ""
		}
		redirect = u.String()
	}
	return slices.Contains(c.redirects, redirect)
}

func (e *Entra) unknownClient(id string) oauthError {
	return oauthError{http.StatusBadRequest, "unauthorized_client", 700016, fmt.Sprintf("Application with identifier '%s' was not found in the directory '%s'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.", id, e.TenantID())}
}

func (e *Entra) unknownResource(asked string) oauthError {
	return oauthError{http.StatusBadRequest, "invalid_resource", 500011, fmt.Sprintf("The resource principal named %s was not found in the tenant named %s. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.", asked, e.TenantID())}
}

// delegated is what a resource lets Microsoft's own clients do for a person,
// where that is not all it offers.
var delegated = map[string][]string{
	GraphApp: {"AppRoleAssignment.ReadWrite.All", "Application.ReadWrite.All", "Directory.AccessAsUser.All", "Group.ReadWrite.All", "User.Read.All", "User.ReadWrite.All", "email", "openid", "profile"},
}

// identityScopes are those of OpenID Connect: they ask for no resource.
var identityScopes = []string{"openid", "profile", "email", "offline_access"}

// audienceOf finds the resource in v2 scopes (https://resource/permission), or
// takes v1's resource. asked are the permissions that are asked for, without
// those of OpenID Connect.
func audienceOf(scope, resource string) (audience string, asked []string) {
	if resource != "" {
		return resource, nil
	}
	audience = "https://graph.microsoft.com"
	for _, s := range strings.Fields(scope) {
		if slices.Contains(identityScopes, s) {
			continue
		}
		if i := strings.LastIndexByte(s, '/'); i > len("https://") || i > 0 && !strings.Contains(s[:i], "/") {
			audience, s = s[:i], s[i+1:]
		}
		asked = append(asked, s)
	}
	return audience, asked
}

// permit decides which delegated permissions of a resource a client gets.
func (e *Entra) permit(c *client, res resource, asked []string) ([]string, *oauthError) {
	var offered, granted []string
	for _, s := range res.scopes {
		offered = append(offered, s.Value)
	}
	if granted = offered; c.own == nil {
		if some, ok := delegated[res.appID]; ok {
			granted = some
		}
	} else {
		granted = c.own.Consented[res.appID]
	}
	for _, s := range asked {
		switch {
		case s == ".default":
		case !slices.Contains(offered, s):
			return nil, &oauthError{http.StatusBadRequest, "invalid_client", 650053, fmt.Sprintf("The application '%s' asked for scope '%s' that doesn't exist on the resource '%s'. Contact the app vendor.", c.name, s, res.appID)}
		case c.own == nil && !slices.Contains(granted, s):
			granted = append(slices.Clone(granted), s) // Microsoft's own clients are trusted
		case !slices.Contains(granted, s):
			return nil, e.noConsent(c)
		}
	}
	if c.own != nil && len(granted) == 0 {
		return nil, e.noConsent(c)
	}
	granted = slices.Sorted(slices.Values(granted))
	return slices.Compact(granted), nil
}

func (e *Entra) noConsent(c *client) *oauthError {
	return &oauthError{http.StatusBadRequest, "invalid_grant", 65001, fmt.Sprintf("The user or administrator has not consented to use the application with ID '%s' named '%s'. Send an interactive authorization request for this user and resource.", c.id, c.name)}
}

// answerGrant issues the tokens of a grant for the resource that is asked for.
// refreshable says whether the client gets a refresh token whatever its scope.
func (e *Entra) answerGrant(w http.ResponseWriter, r *http.Request, form url.Values, g Grant, refreshable bool) {
	v2 := isV2(r)
	scope, asIn := form.Get("scope"), form.Get("resource")
	if scope == "" {
		scope = g.Scope
	}
	if asIn == "" && (!v2 || form.Get("scope") == "") {
		asIn = g.Resource
	}
	c := e.findClient(g.Client)
	user, found := e.Principal(g.User)
	switch {
	case c == nil:
		e.fail(w, r, e.unknownClient(g.Client))
		return
	case !found:
		e.fail(w, r, invalidGrant(500341, "The user account {EUII Hidden} has been deleted from the "+e.TenantID()+" directory. To sign into this application, the account must be added to the directory."))
		return
	case user.Disabled:
		e.fail(w, r, invalidGrant(50057, "The user account is disabled."))
		return
	}
	if !c.public {
		if p, ok := e.principalByApp(c.id); ok {
			if _, problem := e.prove(r, p, form); problem != nil {
				e.fail(w, r, *problem)
				return
			}
		}
	}
	audience, asked := audienceOf(scope, asIn)
	res, ok := e.findResource(audience)
	if !ok {
		e.fail(w, r, e.unknownResource(audience))
		return
	}
	granted, problem := e.permit(c, res, asked)
	if problem != nil {
		e.fail(w, r, *problem)
		return
	}
	access, err := e.UserToken(g.User, c.id, audience, granted...)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	wants := func(s string) bool { return slices.Contains(strings.Fields(scope), s) }
	life := int(appLifetime / time.Second)
	body := ojson.Obj("token_type", "Bearer", "scope", strings.Join(granted, " "))
	if v2 {
		body.Set("scope", spelled(audience, granted, asked))
		set(body, "expires_in", life, "ext_expires_in", life, "access_token", access)
	} else {
		now := e.clock.Now().Truncate(time.Second)
		seconds := strconv.Itoa(life)
		set(body, "expires_in", seconds, "ext_expires_in", seconds, "expires_on", strconv.FormatInt(now.Add(appLifetime).Unix(), 10),
			"not_before", strconv.FormatInt(now.Add(-backdated).Unix(), 10), "resource", audience, "access_token", access)
	}
	if refreshable || !v2 || wants("offline_access") {
		body.Set("refresh_token", e.refreshToken(form.Get("refresh_token"), g))
		if c.family {
			body.Set("foci", "1")
		}
	}
	if !v2 || wants("openid") {
		id, err := e.idToken(user, c, g.Nonce, v2)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		body.Set("id_token", id)
	}
	if form.Get("client_info") == "1" {
		info, err := encode(ojson.Obj("uid", user.ID, "utid", e.TenantID()))
		if err == nil {
			body.Set("client_info", info)
		}
	}
	network.AddNote(r.Context(), exchange.Note{Kind: "entra.token", Text: fmt.Sprintf("A token for %s was issued, in which %s acts for %s.", res.name, c.name, user.DisplayName), Data: map[string]any{"principalId": g.User, "appId": c.id, "resource": audience}})
	writeJSON(w, http.StatusOK, "no-store, no-cache", body)
}

// spelled is v2's scope: each permission behind its resource, and what was asked
// for, by which clients find the token again.
func spelled(audience string, granted, asked []string) string {
	var out []string
	for _, s := range append(slices.Clone(granted), asked...) {
		if !slices.Contains(identityScopes, s) {
			s = audience + "/" + s
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return strings.Join(out, " ")
}

// refreshToken makes the refresh token of a grant in place of the one that was
// used, if one was.
func (e *Entra) refreshToken(used string, g Grant) string {
	g.Expires, g.Challenge, g.Redirect, g.Nonce = e.clock.Now().Add(refreshLifetime), "", "", ""
	token := "0." + e.ids.Base64URL("entra.refresh", 90)
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.state.Refresh, used)
	e.state.Refresh[token] = g
	return token
}

// idToken tells a client who signed in, in the order of claims of its version.
func (e *Entra) idToken(user Principal, c *client, nonce string, v2 bool) (string, error) {
	nbf := e.clock.Now().Truncate(time.Second).Add(-backdated)
	exp := nbf.Add(backdated + appLifetime)
	tid := e.TenantID()
	issuer := e.issuer()
	if v2 {
		issuer = "https://login.microsoftonline.com/" + tid + "/v2.0"
	}
	o := ojson.Obj("aud", c.id, "iss", issuer, "iat", nbf.Unix(), "nbf", nbf.Unix(), "exp", exp.Unix())
	if v2 {
		o.Set("aio", e.ids.Base64URL("entra.aio", 34))
	} else {
		o.Set("amr", strs("pwd", "mfa"))
		for _, m := range [][2]string{{"family_name", user.Surname}, {"given_name", user.GivenName}} {
			if m[1] != "" {
				o.Set(m[0], m[1])
			}
		}
	}
	if c.own != nil && c.own.GroupClaims != "" {
		e.addGroups(o, user.ID)
	}
	o.Set("name", user.DisplayName)
	if nonce != "" {
		o.Set("nonce", nonce)
	}
	o.Set("oid", user.ID)
	if v2 {
		o.Set("preferred_username", user.UPN)
	}
	o.Set("rh", "1."+e.ids.Base64URL("entra.rh", 45)+".")
	if roles := e.rolesIn(user.ID, c.id); len(roles) > 0 {
		o.Set("roles", strs(roles...))
	}
	set(o, "sub", e.pairwise(user.ID, c.id), "tid", tid)
	if v2 {
		set(o, "uti", e.ids.Base64URL("entra.uti", 16), "ver", "2.0")
		return e.key.sign(ojson.Obj("typ", "JWT", "alg", "RS256", "kid", e.key.ID), o)
	}
	set(o, "unique_name", user.UPN, "upn", user.UPN, "uti", e.ids.Base64URL("entra.uti", 16), "ver", "1.0")
	return e.key.Sign(o)
}

// basic reads a client's id and secret from an Authorization header, both of
// which are percent-encoded there.
func basic(r *http.Request) (id, secret string) {
	scheme, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	data, err := base64.StdEncoding.DecodeString(value)
	if err != nil || !strings.EqualFold(scheme, "Basic") {
		return "", ""
	}
	id, secret, _ = strings.Cut(string(data), ":")
	if s, err := url.QueryUnescape(id); err == nil {
		id = s
	}
	if s, err := url.QueryUnescape(secret); err == nil {
		secret = s
	}
	return id, secret
}
