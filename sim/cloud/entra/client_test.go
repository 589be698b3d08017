package entra

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"skylab/sim/clock"
	"skylab/sim/exchange"
	"skylab/sim/ids"
	"skylab/sim/network"
	"skylab/sim/ojson"
)

const issuer = "https://issuer.example"

// clients is a tenant with an application that can prove itself in every way.
type clients struct {
	*signIn
	app      Application
	objectID string // of its service principal
	secret   string
	key      *Key // of its certificate
	issuer   *Key
}

func newClients(t testing.TB) *clients {
	t.Helper()
	s := &signIn{clock: clock.New(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))}
	n := network.New(s.clock, exchange.NewRing(50))
	var err error
	if s.Entra, err = New(Options{Clock: s.clock, IDs: ids.New("test"), Transport: n.Card(exchange.Caller{Machine: "Entra"})}); err != nil {
		t.Fatal(err)
	}
	s.upn = s.CreateUser("admin", "Lab Administrator", GlobalAdministrator).UPN
	for _, h := range s.Hosts() {
		n.Attach(h)
	}
	s.card = n.Card(exchange.Caller{Machine: "laptop"})
	c := &clients{signIn: s}
	a, public := s.CreateApplication("Pipeline", func(a *Application) {
		a.RedirectURIs = []string{"https://pipeline.example/back"}
		a.GroupClaims = "SecurityGroup"
		a.Consented = map[string][]string{GraphApp: {"User.Read"}}
	})
	c.app, c.objectID = a, public.ID
	if c.secret, err = s.AddPassword(a.ID, "ci", 30*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	if c.key, err = FabricKey(); err != nil {
		t.Fatal(err)
	}
	if err := s.AddCertificate(a.ID, "cert", c.key.Cert, s.clock.Now(), s.clock.Now().AddDate(0, 2, 0)); err != nil {
		t.Fatal(err)
	}
	if err := s.SetFederated(a.ID, FederatedCredential{Name: "main", Issuer: issuer, Subject: "repo:me/it:ref:refs/heads/main"}); err != nil {
		t.Fatal(err)
	}
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	c.issuer = &Key{Private: private, Cert: []byte("x"), ID: "issuer-key"}
	n.Attach(network.Host{Pattern: "issuer.example", Service: "issuer", Schemes: []string{"https"}, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/keys" {
			json.NewEncoder(w).Encode(map[string]any{"keys": []any{c.issuer.jwk("")}})
			return
		}
		json.NewEncoder(w).Encode(map[string]any{"issuer": issuer, "jwks_uri": issuer + "/keys"})
	})})
	return c
}

// post sends a form to an endpoint of the tenant.
func (c *clients) post(t testing.TB, path string, form url.Values) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequest("POST", "https://login.microsoftonline.com/"+c.TenantID()+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := c.card.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.NewDecoder(res.Body).Decode(&v); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, v
}

// assertion signs claims as the application would, changed by pairs.
func (c *clients) assertion(t testing.TB, key *Key, change ...any) string {
	t.Helper()
	now := c.clock.Now()
	o := ojson.Obj("aud", "https://login.microsoftonline.com/"+c.TenantID()+"/oauth2/v2.0/token", "iss", c.app.AppID, "sub", c.app.AppID, "nbf", now.Unix(), "exp", now.Add(10*time.Minute).Unix())
	if key == c.issuer {
		o.Set("aud", ExchangeAudience)
		o.Set("iss", issuer)
		o.Set("sub", "repo:me/it:ref:refs/heads/main")
	}
	for i := 0; i < len(change); i += 2 {
		o.Set(change[i].(string), change[i+1])
	}
	s, err := key.Sign(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (c *clients) form(change url.Values) url.Values {
	v := url.Values{"grant_type": {"client_credentials"}, "client_id": {c.app.AppID}, "scope": {"https://graph.microsoft.com/.default"}}
	for k, x := range change {
		v[k] = x
	}
	return v
}

func byAssertion(s string) url.Values {
	return url.Values{"client_assertion_type": {assertionType}, "client_assertion": {s}}
}

// verifyOutside checks a token by the standard library alone, with the keys that
// an address publishes, and returns its header and claims.
func (c *clients) verifyOutside(t testing.TB, token, keys string) (head, claims map[string]any) {
	t.Helper()
	req, _ := http.NewRequest("GET", keys, nil)
	res, err := c.card.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	data, _ := io.ReadAll(res.Body)
	var set struct {
		Keys []struct{ Kid, N, E string }
	}
	if err := json.Unmarshal(data, &set); err != nil || len(set.Keys) == 0 {
		t.Fatalf("%s: %s", keys, data)
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%q is no JWT", token)
	}
	var raw [3][]byte
	for i, p := range parts {
		if raw[i], err = base64.RawURLEncoding.DecodeString(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := json.Unmarshal(raw[0], &head); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw[1], &claims); err != nil {
		t.Fatal(err)
	}
	n, _ := base64.RawURLEncoding.DecodeString(set.Keys[0].N)
	x, _ := base64.RawURLEncoding.DecodeString(set.Keys[0].E)
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	public := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(x).Int64())}
	if err := rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], raw[2]); err != nil || head["kid"] != set.Keys[0].Kid {
		t.Fatalf("the token does not verify: %v, header %v", err, head)
	}
	return head, claims
}

func TestClientsProveThemselves(t *testing.T) {
	c := newClients(t)
	if err := c.AssignAppRole(c.objectID, GraphApp, "Directory.Read.All"); err != nil {
		t.Fatal(err)
	}
	thumb256 := sha256.Sum256(c.key.Cert)
	long, err := c.key.sign(ojson.Obj("typ", "JWT", "alg", "RS256", "x5t#S256", base64.RawURLEncoding.EncodeToString(thumb256[:])), ojson.Obj("aud", "https://login.microsoftonline.com/"+c.TenantID()+"/v2.0", "iss", c.app.AppID, "sub", c.app.AppID, "exp", c.clock.Now().Unix()+60))
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]struct {
		change url.Values
		acr    string
	}{
		"secret":                 {url.Values{"client_secret": {c.secret}}, "1"},
		"certificate":            {byAssertion(c.assertion(t, c.key)), "2"},
		"certificate by SHA-256": {byAssertion(long), "2"},
		"federated":              {byAssertion(c.assertion(t, c.issuer)), "2"},
	} {
		status, v := c.post(t, "/oauth2/v2.0/token", c.form(x.change))
		if status != 200 || v["expires_in"] != 3600.0 {
			t.Errorf("%s: %d %v", name, status, v)
			continue
		}
		_, claims := c.verifyOutside(t, v["access_token"].(string), "https://login.microsoftonline.com/common/discovery/keys")
		roles, _ := claims["roles"].([]any)
		if claims["appidacr"] != x.acr || claims["appid"] != c.app.AppID || claims["oid"] != c.objectID || claims["aud"] != "https://graph.microsoft.com" || claims["app_displayname"] != "Pipeline" || len(roles) != 1 || roles[0] != "Directory.Read.All" || claims["exp"].(float64)-claims["iat"].(float64) != 3900 {
			t.Errorf("%s: %v", name, claims)
		}
	}
	v1 := c.form(url.Values{"resource": {"https://management.azure.com/"}, "client_secret": {c.secret}})
	if status, v := c.post(t, "/oauth2/token", v1); status != 200 || v["expires_in"] != "3600" || v["resource"] != "https://management.azure.com/" {
		t.Errorf("v1: %d %v", status, v)
	}
	req, _ := http.NewRequest("POST", "https://login.microsoftonline.com/"+c.TenantID()+"/oauth2/v2.0/token", strings.NewReader("grant_type=client_credentials&scope=https://vault.azure.net/.default"))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(c.app.AppID, url.QueryEscape(c.secret))
	if res, err := c.card.RoundTrip(req); err != nil || res.StatusCode != 200 {
		t.Errorf("by a header: %v %v", res, err)
	}
}

func TestClientsThatAreRefused(t *testing.T) {
	c := newClients(t)
	now := c.clock.Now()
	stranger := &Key{Private: c.issuer.Private, Cert: []byte("y"), ID: c.key.ID}
	unknown := &Key{Private: c.issuer.Private, Cert: []byte("y"), ID: base64.RawURLEncoding.EncodeToString(make([]byte, 20))}
	noName, err := c.key.sign(ojson.Obj("typ", "JWT", "alg", "RS256"), ojson.Obj("iss", c.app.AppID))
	if err != nil {
		t.Fatal(err)
	}
	otherKey := &Key{Private: c.key.Private, ID: c.issuer.ID}
	lost := &Key{Private: c.issuer.Private, ID: "lost"}
	none := b64(`{"alg":"none","x5t":"`+c.key.ID+`"}`) + "." + b64(`{"iss":"`+c.app.AppID+`"}`) + "."
	bare, _ := c.CreateApplication("Bare", nil)
	for _, x := range []struct {
		name   string
		change url.Values
		status int
		id     string
		want   string
	}{
		{"no proof", nil, 401, "invalid_client", "AADSTS7000218: The request body must contain the following parameter: 'client_assertion' or 'client_secret'. Trace ID: "},
		{"nobody", url.Values{"client_id": {"99999999-1111-4111-8111-111111111111"}}, 400, "unauthorized_client", "AADSTS700016: Application with identifier '99999999-1111-4111-8111-111111111111' was not found in the directory '" + c.TenantID() + "'."},
		{"wrong secret", url.Values{"client_secret": {"wrong"}}, 401, "invalid_client", "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '" + c.app.AppID + "'. Trace ID: "},
		{"secret's hash", url.Values{"client_secret": {hashOf(c.secret)}}, 401, "invalid_client", "AADSTS7000215: "},
		{"no .default", url.Values{"client_secret": {c.secret}, "scope": {"https://graph.microsoft.com/User.Read"}}, 400, "invalid_scope", "AADSTS1002012: The provided value for scope https://graph.microsoft.com/User.Read is not valid."},
		{"unknown resource", url.Values{"client_secret": {c.secret}, "scope": {"https://nosuch.example/.default"}}, 400, "invalid_resource", "AADSTS500011: The resource principal named https://nosuch.example was not found"},
		{"no JWT", byAssertion("nonsense"), 400, "invalid_request", "AADSTS50027: JWT token is invalid or malformed."},
		{"no thumbprint", byAssertion(noName), 400, "invalid_request", "AADSTS50027: Invalid JWT token. No certificate thumbprint specified in token header."},
		{"unknown certificate", byAssertion(c.assertion(t, unknown)), 401, "invalid_client", "AADSTS700027: The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Thumbprint of key used by client: '0000000000000000000000000000000000000000', Please visit the Azure Portal"},
		{"another's signature", byAssertion(c.assertion(t, stranger)), 401, "invalid_client", "AADSTS700027: Client assertion failed signature validation. [Reason - The provided signature value did not match"},
		{"alg none", byAssertion(none), 401, "invalid_client", "AADSTS700027: "},
		{"wrong audience", byAssertion(c.assertion(t, c.key, "aud", "https://example.com")), 401, "invalid_client", "AADSTS700023: Client assertion audience claim does not match Realm issuer."},
		{"wrong subject", byAssertion(c.assertion(t, c.key, "sub", "me")), 401, "invalid_client", "AADSTS700021: Client assertion application identifier doesn't match 'client_id' parameter."},
		{"expired", byAssertion(c.assertion(t, c.key, "exp", now.Unix())), 401, "invalid_client", "AADSTS700024: Client assertion is not within its valid time range. Current time: 2026-11-24T00:00:0"},
		{"not yet", byAssertion(c.assertion(t, c.key, "nbf", now.Unix()+600)), 401, "invalid_client", "AADSTS700024: "},
		{"no exp", byAssertion(c.assertion(t, c.key, "exp", "soon")), 401, "invalid_client", "AADSTS700024: "},
		{"federated, nothing set up", url.Values{"client_id": {bare.AppID}, "client_assertion_type": {assertionType}, "client_assertion": {c.assertion(t, c.issuer)}}, 400, "invalid_request", "AADSTS70021: No matching federated identity record found for presented assertion. Assertion Issuer: '" + issuer + "'. Assertion Subject: 'repo:me/it:ref:refs/heads/main'. Assertion Audience: 'api://AzureADTokenExchange'. https://docs.microsoft.com/"},
		{"federated issuer", byAssertion(c.assertion(t, c.issuer, "iss", issuer+"/")), 401, "invalid_client", "AADSTS700211: No matching federated identity record found for presented assertion issuer '" + issuer + "/'. Check your federated"},
		{"federated subject", byAssertion(c.assertion(t, c.issuer, "sub", "Repo:me/it:ref:refs/heads/main")), 401, "invalid_client", "AADSTS700213: No matching federated identity record found for presented assertion subject 'Repo:me/it:ref:refs/heads/main'. Check"},
		{"federated audience", byAssertion(c.assertion(t, c.issuer, "aud", "other")), 401, "invalid_client", "AADSTS700212: "},
		{"federated signature", byAssertion(c.assertion(t, otherKey, "iss", issuer, "sub", "repo:me/it:ref:refs/heads/main", "aud", ExchangeAudience)), 401, "invalid_client", "AADSTS50013: Assertion failed signature validation. [Reason - The provided signature"},
		{"federated key", byAssertion(c.assertion(t, lost, "iss", issuer, "sub", "repo:me/it:ref:refs/heads/main", "aud", ExchangeAudience)), 401, "invalid_client", "AADSTS50013: Assertion failed signature validation. [Reason - The key was not found."},
		{"federated, expired", byAssertion(c.assertion(t, c.issuer, "exp", now.Unix()-1)), 401, "invalid_client", "AADSTS700024: "},
		{"password", url.Values{"grant_type": {"password"}}, 501, "not_simulated", "skylab: grant_type=password is real but not simulated here"},
	} {
		status, v := c.post(t, "/oauth2/v2.0/token", c.form(x.change))
		text, _ := v["error_description"].(string)
		if status != x.status || v["error"] != x.id || !strings.HasPrefix(text, x.want) {
			t.Errorf("%s: %d %v", x.name, status, v)
		}
	}
	if err := c.SetFederated(c.app.ID, FederatedCredential{Name: "away", Issuer: "https://away.example", Subject: "s"}); err != nil {
		t.Fatal(err)
	}
	if status, v := c.post(t, "/oauth2/v2.0/token", c.form(byAssertion(c.assertion(t, c.issuer, "iss", "https://away.example", "sub", "s")))); status != 400 || !strings.HasPrefix(v["error_description"].(string), "AADSTS501661: ") {
		t.Errorf("an issuer that cannot be reached: %v", v)
	}
	c.clock.Advance(31 * 24 * time.Hour)
	if status, v := c.post(t, "/oauth2/v2.0/token", c.form(url.Values{"client_secret": {c.secret}})); status != 401 || !strings.HasPrefix(v["error_description"].(string), "AADSTS7000222: The provided client secret keys for app '"+c.app.AppID+"' are expired.") {
		t.Errorf("an old secret: %v", v)
	}
	c.clock.Advance(40 * 24 * time.Hour)
	if status, v := c.post(t, "/oauth2/v2.0/token", c.form(byAssertion(c.assertion(t, c.key)))); status != 401 || !strings.Contains(v["error_description"].(string), "[Reason - The key used is expired.") {
		t.Errorf("an old certificate: %v", v)
	}
}

func (c *clients) page(t testing.TB, method, address string, form url.Values) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := c.card.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	data, _ := io.ReadAll(res.Body)
	return res, string(data)
}

func TestDeviceCode(t *testing.T) {
	c := newClients(t)
	const scope = "https://management.core.windows.net//.default offline_access openid profile"
	begin := func() (code, user string) {
		status, v := c.post(t, "/oauth2/v2.0/devicecode", url.Values{"client_id": {CLIApp}, "scope": {scope}})
		if status != 200 || v["verification_uri"] != "https://microsoft.com/devicelogin" || v["expires_in"] != 900.0 || v["interval"] != 5.0 ||
			v["message"] != "To sign in, use a web browser to open the page https://microsoft.com/devicelogin and enter the code "+v["user_code"].(string)+" to authenticate." || len(v["user_code"].(string)) != 9 {
			t.Fatalf("%d %v", status, v)
		}
		return v["device_code"].(string), v["user_code"].(string)
	}
	poll := func(code string) (int, map[string]any) {
		return c.post(t, "/oauth2/v2.0/token", url.Values{"grant_type": {deviceGrant}, "client_id": {CLIApp}, "device_code": {code}, "client_info": {"1"}})
	}
	refused := func(what, code, id, want string) {
		t.Helper()
		if status, v := poll(code); status != 400 || v["error"] != id || !strings.HasPrefix(v["error_description"].(string), want) {
			t.Errorf("%s: %d %v", what, status, v)
		}
	}
	code, user := begin()
	refused("at first", code, "authorization_pending", "AADSTS70016: OAuth 2.0 device flow error. Authorization is pending. Continue polling. Trace ID: ")
	res, _ := c.page(t, "GET", "https://microsoft.com/devicelogin", nil)
	there := res.Header.Get("Location")
	if res, body := c.page(t, "GET", there, nil); res.StatusCode != 200 || !strings.Contains(body, `name="otc"`) {
		t.Errorf("the page: %s", body)
	}
	for want, form := range map[string]url.Values{
		"AADSTS70018: ": {"otc": {"WRONGCODE"}, "login_hint": {c.upn}},
		"AADSTS50034: ": {"otc": {user}, "login_hint": {"nobody@contoso.onmicrosoft.com"}},
	} {
		if res, body := c.page(t, "POST", there, form); res.StatusCode != 400 || !strings.Contains(body, want) {
			t.Errorf("want %s: %s", want, body)
		}
	}
	if res, body := c.page(t, "POST", there, url.Values{"otc": {strings.ToLower(user)}, "login_hint": {c.upn}}); res.StatusCode != 200 || !strings.Contains(body, "Microsoft Azure CLI") {
		t.Errorf("entering the code: %s", body)
	}
	status, v := poll(code)
	if status != 200 || v["scope"] != "https://management.core.windows.net//user_impersonation https://management.core.windows.net//.default" || v["foci"] != "1" || v["refresh_token"] == nil {
		t.Fatalf("%d %v", status, v)
	}
	head, id := c.verifyOutside(t, v["id_token"].(string), "https://login.microsoftonline.com/common/discovery/v2.0/keys")
	if id["aud"] != CLIApp || id["iss"] != "https://login.microsoftonline.com/"+c.TenantID()+"/v2.0" || id["preferred_username"] != c.upn || id["ver"] != "2.0" || head["x5t"] != nil {
		t.Errorf("id token %v %v", head, id)
	}
	info, _ := base64.RawURLEncoding.DecodeString(v["client_info"].(string))
	if string(info) != `{"uid":"`+id["oid"].(string)+`","utid":"`+c.TenantID()+`"}` {
		t.Errorf("client info %s", info)
	}
	refused("once more", code, "bad_verification_code", "AADSTS70018: ")
	again := url.Values{"grant_type": {"refresh_token"}, "client_id": {CLIApp}, "refresh_token": {v["refresh_token"].(string)}, "scope": {"https://graph.microsoft.com/.default openid offline_access"}}
	if status, v := c.post(t, "/oauth2/v2.0/token", again); status != 200 || v["id_token"] == nil || !strings.HasPrefix(v["scope"].(string), "https://graph.microsoft.com/AppRoleAssignment.ReadWrite.All https://graph.microsoft.com/Application.ReadWrite.All ") {
		t.Errorf("refresh: %d %v", status, v)
	}
	code, user = begin()
	c.page(t, "POST", there, url.Values{"otc": {user}, "login_hint": {c.upn}, "decline": {"true"}})
	refused("declined", code, "authorization_declined", "AADSTS65004: ")
	code, user = begin()
	c.clock.Advance(deviceLifetime)
	refused("late", code, "expired_token", "AADSTS70020: The provided value for the input parameter 'device_code' is not valid. This device code has expired.")
	if res, _ := c.page(t, "POST", there, url.Values{"otc": {user}, "login_hint": {c.upn}}); res.StatusCode != 400 {
		t.Error("a code was entered too late")
	}
	for want, form := range map[string]url.Values{
		"AADSTS900144: ":  {"client_id": {CLIApp}},
		"AADSTS700016: ":  {"client_id": {"nobody"}, "scope": {"openid"}},
		"AADSTS7000218: ": {"client_id": {c.app.AppID}, "scope": {"openid"}},
	} {
		if _, v := c.post(t, "/oauth2/v2.0/devicecode", form); !strings.HasPrefix(v["error_description"].(string), want) {
			t.Errorf("want %s: %v", want, v)
		}
	}
	_, v = c.post(t, "/oauth2/devicecode", url.Values{"client_id": {CLIApp}, "resource": {"https://management.core.windows.net/"}})
	if v["expires_in"] != "900" || v["interval"] != "5" || v["verification_url"] == nil {
		t.Fatalf("v1: %v", v)
	}
	c.page(t, "POST", there, url.Values{"otc": {v["user_code"].(string)}, "login_hint": {c.upn}})
	status, v = c.post(t, "/oauth2/token", url.Values{"grant_type": {"device_code"}, "client_id": {CLIApp}, "code": {v["device_code"].(string)}, "resource": {"https://management.core.windows.net/"}})
	if status != 200 || v["resource"] != "https://management.core.windows.net/" || v["expires_in"] != "3600" || v["scope"] != "user_impersonation" || v["refresh_token"] == nil {
		t.Fatalf("v1: %d %v", status, v)
	}
	if _, id := c.verifyOutside(t, v["id_token"].(string), "https://login.microsoftonline.com/common/discovery/keys"); id["ver"] != "1.0" || id["upn"] != c.upn {
		t.Errorf("id token %v", id)
	}
}

func TestConsentAndGroupsOfAnOwnApplication(t *testing.T) {
	c := newClients(t)
	user, _ := c.userByName(c.upn)
	group := c.CreateGroup("Everybody", user.ID)
	code := func(scope string) string {
		res, _ := c.page(t, "GET", "https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize?"+url.Values{"client_id": {c.app.AppID}, "redirect_uri": {"https://pipeline.example/back"}, "response_type": {"code"}, "scope": {scope}, "login_hint": {c.upn}, "nonce": {"n"}}.Encode(), nil)
		u, err := url.Parse(res.Header.Get("Location"))
		if err != nil || u.Query().Get("code") == "" {
			t.Fatalf("%s %v", res.Status, u)
		}
		return u.Query().Get("code")
	}
	redeem := func(scope, secret string) (int, map[string]any) {
		return c.post(t, "/oauth2/v2.0/token", url.Values{"grant_type": {"authorization_code"}, "client_id": {c.app.AppID}, "client_secret": {secret}, "code": {code(scope)}, "redirect_uri": {"https://pipeline.example/back"}})
	}
	status, v := redeem("openid User.Read", c.secret)
	if status != 200 || v["refresh_token"] != nil {
		t.Fatalf("%d %v", status, v)
	}
	_, id := c.verifyOutside(t, v["id_token"].(string), "https://login.microsoftonline.com/common/discovery/keys")
	if groups, _ := id["groups"].([]any); len(groups) != 1 || groups[0] != group.ID || id["nonce"] != "n" {
		t.Errorf("id token %v", id)
	}
	if status, v := redeem("https://graph.microsoft.com/Directory.Read.All", c.secret); status != 400 || !strings.HasPrefix(v["error_description"].(string), "AADSTS65001: The user or administrator has not consented to use the application with ID '"+c.app.AppID+"' named 'Pipeline'.") {
		t.Errorf("%d %v", status, v)
	}
	if status, v := redeem("https://graph.microsoft.com/Nope.All", c.secret); status != 400 || !strings.HasPrefix(v["error_description"].(string), "AADSTS650053: ") {
		t.Errorf("%d %v", status, v)
	}
	if status, v := redeem("openid User.Read", ""); status != 401 || !strings.HasPrefix(v["error_description"].(string), "AADSTS7000218: ") {
		t.Errorf("%d %v", status, v)
	}
	token, err := c.UserToken(user.ID, CLIApp, armAudience, "user_impersonation")
	if err != nil {
		t.Fatal(err)
	}
	if _, claims := c.verifyOutside(t, token, "https://login.microsoftonline.com/common/discovery/keys"); len(claims["groups"].([]any)) != 1 || len(claims["wids"].([]any)) != 2 {
		t.Errorf("%v", claims)
	}
}

func FuzzTokenRequest(f *testing.F) {
	c := newClients(f)
	f.Add("client_credentials", "a.b.c", "https://graph.microsoft.com/.default")
	f.Add("client_credentials", b64(`{"alg":"RS256","kid":""}`)+"."+b64(`{"iss":1,"exp":1e400}`)+".x", "//.default")
	f.Add(deviceGrant, "x", "openid")
	f.Fuzz(func(t *testing.T, grant, assertion, scope string) {
		form := c.form(byAssertion(assertion))
		form.Set("grant_type", grant)
		form.Set("scope", scope)
		if status, v := c.post(t, "/oauth2/v2.0/token", form); status == 200 || v["access_token"] != nil {
			t.Fatalf("%q got a token: %v", form, v)
		}
	})
}
