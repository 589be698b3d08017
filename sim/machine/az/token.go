package az

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"skylab/sim/network"
	"skylab/sim/ojson"
)

// token is an access token; expires is seconds since 1970.
type token struct {
	access  string
	expires int64
}

// cliApp is the application id of the tool itself.
const cliApp = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"

// token returns a token for a resource in the name of an account ("" is the
// current one), in its own tenant if tenant is "".
func (c *call) token(resource, account, tenant string) (token, error) {
	return c.tokenFor([]string{resource + "/.default"}, account, tenant)
}

func (c *call) tokenFor(scopes []string, account, tenant string) (token, error) {
	key := strings.Join(scopes, " ") + "|" + account + "|" + tenant
	if t, ok := c.tokens[key]; ok {
		return t, nil
	}
	a, err := c.account(account)
	if err != nil && account != "" && isGUID(account) {
		a, err = c.account("")
	}
	if err != nil {
		return token{}, err
	}
	var t token
	switch info := a.Str("user", "assignedIdentityInfo"); {
	case info != "":
		if tenant != "" {
			return token{}, failf("Tenant shouldn't be specified for managed identity account")
		}
		t, err = c.identityToken(info, resourceOf(scopes))
	case a.At("user", "cloudShellID") == true:
		if tenant != "" {
			return token{}, failf("Tenant shouldn't be specified for Cloud Shell account")
		}
		t, err = c.identityToken("MSI", resourceOf(scopes))
	case a.Str("user", "type") == "servicePrincipal":
		t, err = c.principalToken(a.Str("user", "name"), or(tenant, a.Str("tenantId")), scopes)
	default:
		t, err = c.userToken(a.Str("user", "name"), or(tenant, a.Str("tenantId")), scopes)
	}
	if err == nil {
		c.tokens[key] = t
	}
	return t, err
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// resourceOf is the resource of v2 scopes.
func resourceOf(scopes []string) string {
	if len(scopes) == 0 {
		return ""
	}
	for _, suffix := range []string{"/.default", "/user_impersonation"} {
		if r, ok := strings.CutSuffix(scopes[0], suffix); ok {
			return r
		}
	}
	return scopes[0]
}

// msiFailed is how az words that the endpoint of identities does not do what it
// is asked; identityToken asks the endpoint. info is the account's
// assignedIdentityInfo: MSI, MSIClient-ID, MSIObject-ID or MSIResource-ID.
const msiFailed = "Failed to connect to MSI. Please make sure MSI is configured correctly"

func (c *call) identityToken(info, resource string) (token, error) {
	kind, id, _ := strings.Cut(info, "-")
	q := url.Values{"resource": {resource}}
	param := map[string]string{"MSIClient": "client_id", "MSIObject": "object_id", "MSIResource": "msi_res_id"}[kind]
	if param != "" {
		q.Set(param, id)
	}
	r := request{method: http.MethodGet, header: http.Header{"Metadata": {"true"}}}
	switch endpoint := c.p.Getenv("MSI_ENDPOINT"); {
	case endpoint != "" && c.p.Getenv("MSI_SECRET") != "": // App Service
		if param == "client_id" {
			q.Del("client_id")
			q.Set("clientid", id)
		}
		q.Set("api-version", "2017-09-01")
		r.url = endpoint + "?" + q.Encode()
		r.header = http.Header{"Secret": {c.p.Getenv("MSI_SECRET")}}
	case endpoint != "": // Cloud Shell
		r.method, r.url, r.body = http.MethodPost, endpoint, []byte(q.Encode())
		r.header.Set("Content-Type", "application/x-www-form-urlencoded")
	default:
		text := "resource=" + url.QueryEscape(resource) + "&api-version=2018-02-01"
		if param != "" {
			text += "&" + param + "=" + url.QueryEscape(id)
		}
		r.url = "http://169.254.169.254/metadata/identity/oauth2/token?" + text
	}
	res, err := c.retried(r)
	if err != nil {
		var ne *network.Error
		if !errors.As(err, &ne) {
			return token{}, err
		}
		return token{}, failf("%s and check the network connection.\nError detail: %s", msiFailed, connectionText(ne, r.url))
	}
	if !res.ok() {
		return token{}, &fault{text: msiFailed + ".\nGet Token request returned http error: " + strconv.Itoa(res.status) + ", reason: " + res.reason, exit: 1, status: res.status}
	}
	o := res.object()
	t := token{access: o.Str("access_token")}
	if t.expires, err = strconv.ParseInt(text(o.At("expires_on")), 10, 64); err != nil {
		when, err := time.Parse("01/02/2006 15:04:05 -07:00", text(o.At("expires_on")))
		if err == nil {
			t.expires = when.Unix()
		}
	}
	return t, nil
}

// retried sends a request to the endpoint of identities as msrestazure does:
// again where it is busy, each time later.
func (c *call) retried(r request) (*response, error) {
	for n := 1; ; n++ {
		res, err := c.send(r)
		if err != nil || n > 5 || !slices.Contains([]int{404, 410, 429, 500, 502, 503, 504}, res.status) {
			return res, err
		}
		if err := c.p.Clock.Sleep(c.ctx, time.Duration(1<<n)*time.Second); err != nil {
			return nil, err
		}
	}
}

// text is a JSON value's text.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case interface{ String() string }:
		return v.String()
	}
	return ""
}

// cache is MSAL's cache of tokens in its unified form.
type cache struct {
	c    *call
	data *ojson.Object
}

const cacheFile = "msal_token_cache.json"

func (c *call) cache() *cache {
	k := &cache{c: c, data: ojson.New()}
	if data, err := c.p.FS.ReadFile(path.Join(c.configDir(), cacheFile)); err == nil {
		if v, err := ojson.Decode(data); err == nil {
			if o, ok := v.(*ojson.Object); ok {
				k.data = o
			}
		}
	}
	return k
}

func (k *cache) kind(name string) *ojson.Object {
	if o, ok := k.data.Get(name); ok {
		if o, ok := o.(*ojson.Object); ok {
			return o
		}
	}
	o := ojson.New()
	k.data.Set(name, o)
	return o
}

func (k *cache) save() error {
	data, err := ojson.Indent(k.data, "    ", "\n")
	if err != nil {
		return err
	}
	return k.c.writeFile(path.Join(k.c.configDir(), cacheFile), data)
}

const loginEnvironment = "login.microsoftonline.com"

// keep adds what the token service answered.
func (k *cache) keep(home, client, realm string, scopes []string, o *ojson.Object) token {
	now := k.c.p.Clock.Now().Unix()
	seconds, _ := strconv.ParseInt(text(o.At("expires_in")), 10, 64)
	target := o.Str("scope")
	if target == "" {
		target = strings.Join(scopes, " ")
	}
	access := ojson.Obj("credential_type", "AccessToken", "secret", o.Str("access_token"), "home_account_id", none(home), "environment", loginEnvironment,
		"client_id", client, "target", target, "realm", realm, "token_type", "Bearer", "cached_at", strconv.FormatInt(now, 10),
		"expires_on", strconv.FormatInt(now+seconds, 10), "extended_expires_on", strconv.FormatInt(now+seconds, 10))
	k.kind("AccessToken").Set(strings.ToLower(strings.Join([]string{home, loginEnvironment, "accesstoken", client, realm, target}, "-")), access)
	if r := o.Str("refresh_token"); r != "" {
		k.kind("RefreshToken").Set(strings.ToLower(strings.Join([]string{home, loginEnvironment, "refreshtoken", client, "", target}, "-")),
			ojson.Obj("credential_type", "RefreshToken", "secret", r, "home_account_id", home, "environment", loginEnvironment, "client_id", client, "target", target,
				"last_modification_time", strconv.FormatInt(now, 10), "family_id", none(o.Str("foci"))))
	}
	return token{o.Str("access_token"), now + seconds}
}

func none(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// early is how long before its end a token counts as expired, as in MSAL.
const early = 300

// find returns a token that is still good.
func (k *cache) find(home, client, realm string, scopes []string) (token, bool) {
	for _, m := range k.kind("AccessToken").Members() {
		o, _ := m.Value.(*ojson.Object)
		expires, _ := strconv.ParseInt(o.Str("expires_on"), 10, 64)
		if o.Str("home_account_id") != home || o.Str("client_id") != client || !strings.EqualFold(o.Str("realm"), realm) || expires-early <= k.c.p.Clock.Now().Unix() {
			continue
		}
		has := strings.Fields(o.Str("target"))
		if !slices.ContainsFunc(scopes, func(s string) bool { return !slices.Contains(has, s) }) {
			return token{o.Str("secret"), expires}, true
		}
	}
	return token{}, false
}

// home is the home account id of a user of the cache.
func (k *cache) home(username string) string {
	for _, m := range k.kind("Account").Members() {
		if o, _ := m.Value.(*ojson.Object); strings.EqualFold(o.Str("username"), username) {
			return o.Str("home_account_id")
		}
	}
	return ""
}

func (k *cache) refresh(home string) (key, secret string) {
	for _, m := range k.kind("RefreshToken").Members() {
		if o, _ := m.Value.(*ojson.Object); o.Str("home_account_id") == home {
			return m.Key, o.Str("secret")
		}
	}
	return "", ""
}

const signInAgain = "Interactive authentication is needed. Please run:\naz login"

// userToken is a user's token: of the cache, or by the refresh token.
func (c *call) userToken(username, tenant string, scopes []string) (token, error) {
	k := c.cache()
	home := k.home(username)
	if home == "" {
		return token{}, &fault{text: "User '" + username + "' does not exist in MSAL token cache. Run `az login`.", exit: 1}
	}
	if t, ok := k.find(home, cliApp, tenant, scopes); ok {
		return t, nil
	}
	key, secret := k.refresh(home)
	if secret == "" {
		return token{}, &fault{text: "Can't find token from MSAL cache.", exit: 1, advice: []string{"To re-authenticate, please run:\naz login"}}
	}
	o, err := c.redeem(tenant, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {secret}, "client_id": {cliApp}}, scopes)
	if err != nil {
		return token{}, err
	}
	if o.Str("refresh_token") != "" {
		k.kind("RefreshToken").Delete(key)
	}
	t := k.keep(home, cliApp, tenant, scopes, o)
	return t, k.save()
}

// redeem asks the token service, in the way of MSAL. extra scopes of OpenID
// Connect go with those of a person.
func (c *call) redeem(tenant string, form url.Values, scopes []string) (*ojson.Object, error) {
	asked := slices.Clone(scopes)
	if form.Get("grant_type") != "client_credentials" {
		asked = append(asked, "offline_access", "openid", "profile")
		form.Set("client_info", "1")
	}
	form.Set("scope", strings.Join(asked, " "))
	res, err := c.login(tenant, "/oauth2/v2.0/token", form)
	if err != nil {
		return nil, err
	}
	o := res.object()
	if !res.ok() || o.Str("error") != "" {
		advice := signInAgain
		if form.Get("grant_type") == "client_credentials" {
			advice = ""
		}
		return nil, tokenError(o, res, advice)
	}
	return o, nil
}

func tokenError(o *ojson.Object, res *response, advice string) error {
	f := &fault{text: o.Str("error_description"), exit: 1, code: o.Str("error"), status: res.status}
	if f.text == "" {
		f.text = string(res.body)
	}
	if advice != "" {
		f.advice = []string{advice}
	}
	return f
}

// login posts a form to the token service.
func (c *call) login(tenant, path string, form url.Values) (*response, error) {
	r := request{method: http.MethodPost, url: loginHost + "/" + tenant + path, body: []byte(form.Encode()), header: http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}, "User-Agent": {"python-requests/2.28.1"},
		"X-Client-Sku": {"MSAL.Python"}, "X-Client-Ver": {"1.21.0"}, "X-Client-Os": {"linux"}}}
	r.header.Set("client-request-id", c.p.IDs.GUID("az.request"))
	res, err := c.send(r)
	if err != nil {
		return nil, connection(err, r.url)
	}
	return res, nil
}

// claims are the claims of a token, unverified.
func claims(jwt string) *ojson.Object {
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return nil
	}
	data, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return nil
	}
	v, err := ojson.Decode(data)
	if err != nil {
		return nil
	}
	o, _ := v.(*ojson.Object)
	return o
}
