package arm

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"skylab/sim/clock"
	"skylab/sim/cloud/identity"
	"skylab/sim/cloud/rbac"
	"skylab/sim/exchange"
	"skylab/sim/ids"
	"skylab/sim/network"
)

// entra is a directory of the principals "app" and "owner" whose tokens are
// their names, or the name of what is wrong with them.
type entra struct{ identity.Directory }

func (entra) TenantID() string { return "11111111-1111-4111-8111-111111111111" }
func (entra) Lookup(id string) (identity.Principal, bool) {
	return identity.Principal{ID: id, Kind: identity.KindServicePrincipal}, true
}
func (entra) Groups(string) []string { return nil }
func (entra) Verify(_ context.Context, raw string, _ []string) (*identity.Claims, error) {
	c := &identity.Claims{ObjectID: raw, AppID: raw + "-id", Audience: "https://vault.azure.net", Issuer: "https://sts.windows.net/other/", Expires: instant.Add(-time.Hour)}
	switch r := identity.Reason(raw); r {
	case identity.Expired, identity.BadAudience, identity.BadIssuer, identity.BadSign:
		return nil, &identity.TokenError{Reason: r, Claims: c}
	case "odd":
		return nil, errors.New("odd")
	}
	return c, nil
}

var instant = time.Date(2026, 11, 24, 13, 4, 5, 0, time.UTC)

type world struct {
	arm  *ARM
	ring *exchange.Ring
	card *network.Card
	sub  string
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w, err := makeWorld()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func makeWorld() (*world, error) {
	c := clock.New(instant)
	access := rbac.New(c, entra{})
	w := &world{ring: exchange.NewRing(50)}
	w.arm = New(Options{Clock: c, IDs: ids.New("test"), Verifier: entra{}, Directory: entra{}, Access: access})
	w.sub = w.arm.CreateSubscription("Pay-As-You-Go").ID
	if _, _, err := w.arm.CreateGroup(w.sub, "myResourceGroup", "westus", nil); err != nil {
		return nil, err
	}
	for who, role := range map[string]string{"owner": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"} {
		if _, err := access.Assign(rbac.Assignment{Name: who, Scope: "/subscriptions/" + w.sub, RoleID: role, PrincipalID: who}, who); err != nil {
			return nil, err
		}
	}
	n := network.New(c, w.ring)
	n.Attach(w.arm.Host())
	w.card = n.Card(exchange.Caller{Machine: "myVM"})
	return w, nil
}

func (w *world) do(t testing.TB, method, path, authorization, body string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, "https://management.azure.com"+strings.ReplaceAll(path, "{s}", w.sub), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	res, err := w.card.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(res.Body)
	return res, string(b)
}

const groupURL = "/subscriptions/{s}/resourceGroups/myResourceGroup?api-version=2016-09-01"

func TestRefusals(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		method, path, auth, body string
		status                   int
		code, text               string
	}{
		{"GET", "/subscriptions/{s}/resourceGroups/myResourceGroup", "Bearer owner", "", 400, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests."},
		{"GET", groupURL, "", "", 401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing."},
		{"GET", groupURL, "Basic eA==", "", 401, "AuthenticationFailedInvalidHeader", "Authentication failed. The 'Authorization' header is provided in an invalid format."},
		{"GET", groupURL, "Bearer", "", 401, "AuthenticationFailedInvalidHeader", "Authentication failed. The 'Authorization' header is provided in an invalid format."},
		{"GET", groupURL, "Bearer signature", "", 401, "InvalidAuthenticationToken", "The access token is invalid."},
		{"GET", groupURL, "Bearer expired", "", 401, "ExpiredAuthenticationToken", "The access token expiry UTC time '11/24/2026 12:04:05 PM' is earlier than current UTC time '"},
		{"GET", groupURL, "Bearer audience", "", 401, "InvalidAuthenticationTokenAudience", "The access token has been obtained for wrong audience or resource 'https://vault.azure.net'. It should exactly match with one of the allowed audiences 'https://management.core.windows.net/','https://management.core.windows.net','https://management.azure.com/','https://management.azure.com'."},
		{"GET", groupURL, "Bearer issuer", "", 401, "InvalidAuthenticationTokenTenant", "The access token is from the wrong issuer 'https://sts.windows.net/other/'."},
		{"GET", groupURL, "Bearer app", "", 403, "AuthorizationFailed", "The client 'app-id' with object id 'app' does not have authorization to perform action 'Microsoft.Resources/subscriptions/resourceGroups/read' over scope '/subscriptions/{s}/resourceGroups/myResourceGroup' or the scope is invalid. If access was recently granted, please refresh your credentials."},
		{"GET", "/subscriptions/{s}/resourceGroups/none?api-version=2016-09-01", "Bearer app", "", 403, "AuthorizationFailed", ""},
		{"GET", "/subscriptions/{s}/resourceGroups/none?api-version=2016-09-01", "Bearer owner", "", 404, "ResourceGroupNotFound", "Resource group 'none' could not be found."},
		{"GET", "/subscriptions/{s}/resourceGroups/myResourceGroup?api-version=2016-09-99", "Bearer owner", "", 400, "InvalidApiVersionParameter", "The api-version '2016-09-99' is invalid. The supported versions are '2024-11-01,"},
		{"GET", "/subscriptions/x/resourceGroups/y?api-version=2016-09-01", "Bearer owner", "", 400, "InvalidSubscriptionId", "The provided subscription identifier 'x' is malformed or invalid."},
		{"GET", "/subscriptions/00000000-0000-0000-0000-000000000000?api-version=2016-09-01", "Bearer owner", "", 404, "SubscriptionNotFound", "The subscription '00000000-0000-0000-0000-000000000000' could not be found."},
		{"POST", groupURL, "Bearer owner", "", 405, "HttpMethodNotAllowed", ""},
		{"GET", "/subscriptions/{s}/providers/Microsoft.Nowhere/x?api-version=2020-01-01", "Bearer owner", "", 404, "InvalidResourceNamespace", "The resource namespace 'Microsoft.Nowhere' is invalid."},
		{"GET", "/subscriptions/{s}/providers/Microsoft.Web/sites?api-version=2020-01-01", "Bearer owner", "", 501, "NotSimulated", "skylab: Microsoft.Web/sites is real but not simulated here"},
		{"PUT", "/subscriptions/{s}/resourceGroups/new?api-version=2021-04-01", "Bearer owner", `{}`, 400, "LocationRequired", "The location property is required for this definition."},
		{"PUT", "/subscriptions/{s}/resourceGroups/new?api-version=2021-04-01", "Bearer owner", `{`, 400, "InvalidRequestContent", ""},
		{"PUT", "/subscriptions/{s}/resourceGroups/new?api-version=2021-04-01", "Bearer owner", strings.Repeat("[", 2000), 400, "InvalidRequestContent", ""},
		{"PUT", "/subscriptions/{s}/resourceGroups/myResourceGroup?api-version=2021-04-01", "Bearer owner", `{"location":"eastus"}`, 409, "InvalidResourceGroupLocation", ""},
		{"PUT", "/subscriptions/{s}/resourceGroups/new.?api-version=2021-04-01", "Bearer owner", `{"location":"eastus"}`, 400, "InvalidResourceGroup", ""},
		{"GET", groupURL, "Bearer odd", "", 500, "InternalServerError", ""},
	} {
		res, body := w.do(t, c.method, c.path, c.auth, c.body)
		var e struct {
			Error struct{ Code, Message string }
		}
		if err := json.Unmarshal([]byte(body), &e); err != nil {
			t.Errorf("%s %s: %v: %s", c.method, c.path, err, body)
			continue
		}
		if res.StatusCode != c.status || e.Error.Code != c.code || !strings.HasPrefix(e.Error.Message, strings.ReplaceAll(c.text, "{s}", w.sub)) {
			t.Errorf("%s %s (%s): %d %s", c.method, c.path, c.auth, res.StatusCode, body)
		}
		challenge := res.Header.Get("WWW-Authenticate")
		if (res.StatusCode == 401) != strings.HasPrefix(challenge, `Bearer authorization_uri="https://login.windows.net/11111111-1111-4111-8111-111111111111", error="invalid_token"`) || res.Header.Get("X-Ms-Failure-Cause") != "gateway" {
			t.Errorf("%s %s: challenge %q", c.method, c.path, challenge)
		}
	}
}

func TestAGrantTurns403Into200(t *testing.T) {
	w := newWorld(t)
	res, _ := w.do(t, "GET", groupURL, "Bearer app", "")
	if res.StatusCode != 403 {
		t.Fatalf("before the grant: %s", res.Status)
	}
	if n := w.ring.State().Exchanges[0].Notes; len(n) != 1 || n[0].Kind != "arm.access" || n[0].Data["allowed"] != false {
		t.Errorf("notes %+v", n)
	}
	if _, err := w.arm.Access.Assign(rbac.Assignment{Name: "r", Scope: "/subscriptions/" + w.sub + "/resourceGroups/myResourceGroup", RoleID: "acdd72a7-3385-48ef-bd42-f606fba81ae7", PrincipalID: "app"}, "owner"); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{groupURL, "/SUBSCRIPTIONS/{s}//resourcegroups/MYRESOURCEGROUP/?API-version=2016-09-01"} {
		res, body := w.do(t, "GET", path, "bearer app", "")
		if res.StatusCode != 200 || body != `{"id":"/subscriptions/`+w.sub+`/resourceGroups/myResourceGroup","name":"myResourceGroup","location":"westus","properties":{"provisioningState":"Succeeded"}}` {
			t.Errorf("%s: %s %s", path, res.Status, body)
		}
	}
	res, body := w.do(t, "GET", strings.Replace(groupURL, "2016-09-01", "2021-04-01", 1), "Bearer app", "")
	if !strings.Contains(body, `"type":"Microsoft.Resources/resourceGroups"`) {
		t.Errorf("a late api-version lacks the type: %s", body)
	}
	var names []string
	for _, f := range network.ResponseFields(res) {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "Cache-Control Pragma Content-Type Expires Vary x-ms-ratelimit-remaining-subscription-reads x-ms-request-id x-ms-correlation-request-id x-ms-routing-request-id Strict-Transport-Security X-Content-Type-Options Date Content-Length" {
		t.Errorf("header fields %s", got)
	}
	if !regexp.MustCompile(`^WESTUS:20261124T\d{6}Z:[0-9a-f-]{36}$`).MatchString(res.Header.Get("X-Ms-Routing-Request-Id")) || res.Header.Get("X-Ms-Ratelimit-Remaining-Subscription-Reads") != "11997" {
		t.Errorf("header %v", res.Header)
	}
}

func TestGroupsAndSubscriptions(t *testing.T) {
	w := newWorld(t)
	const newGroup = "/subscriptions/{s}/resourceGroups/new?api-version=2021-04-01"
	if res, body := w.do(t, "PUT", newGroup, "Bearer owner", `{"location":"West US","tags":{"a":"b"}}`); res.StatusCode != 201 || !strings.Contains(body, `"location":"westus","tags":{"a":"b"}`) {
		t.Errorf("PUT: %s %s", res.Status, body)
	}
	if res, _ := w.do(t, "PUT", newGroup, "Bearer owner", `{"location":"westus"}`); res.StatusCode != 200 {
		t.Errorf("PUT again: %s", res.Status)
	}
	if res, body := w.do(t, "PATCH", newGroup, "Bearer owner", `{"tags":{"c":"d"}}`); res.StatusCode != 200 || !strings.Contains(body, `"tags":{"c":"d"}`) {
		t.Errorf("PATCH: %s %s", res.Status, body)
	}
	for path, want := range map[string]int{newGroup: 204, strings.Replace(newGroup, "new", "none", 1): 404} {
		if res, body := w.do(t, "HEAD", path, "Bearer owner", ""); res.StatusCode != want || body != "" {
			t.Errorf("HEAD %s: %s", path, res.Status)
		}
	}
	if _, body := w.do(t, "GET", "/subscriptions/{s}/resourcegroups?api-version=2021-04-01", "Bearer owner", ""); strings.Index(body, "myResourceGroup") > strings.Index(body, `"new"`) {
		t.Errorf("list %s", body)
	}
	for who, want := range map[string]string{"owner": `"count":{"type":"Total","value":1}`, "app": `{"value":[],"count":{"type":"Total","value":0}}`} {
		if res, body := w.do(t, "GET", "/subscriptions?api-version=2020-01-01", "Bearer "+who, ""); res.StatusCode != 200 || !strings.Contains(body, want) {
			t.Errorf("subscriptions of %s: %s", who, body)
		}
	}
	data, err := json.Marshal(w.arm.State())
	if err != nil {
		t.Fatal(err)
	}
	var s State
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	again := newWorld(t)
	again.arm.Restore(s)
	if res, body := again.do(t, "GET", newGroup, "Bearer owner", ""); res.StatusCode != 200 || !strings.Contains(body, `"c":"d"`) {
		t.Errorf("restored: %s %s", res.Status, body)
	}
}

func FuzzServe(f *testing.F) {
	f.Add("GET", "/subscriptions/x/resourceGroups/y", "api-version=2021-04-01", "Bearer owner", "{}")
	f.Fuzz(func(t *testing.T, method, path, query, auth, body string) {
		w := newWorld(t)
		req, err := http.NewRequest(method, "https://management.azure.com/", strings.NewReader(body))
		if err != nil {
			return
		}
		req.URL.Path, req.URL.RawQuery = "/"+path, query
		req.Header["Authorization"] = []string{auth}
		if res, err := w.card.RoundTrip(req); err != nil || res.StatusCode == 0 {
			t.Fatal(err)
		}
	})
}

func BenchmarkGetGroup(b *testing.B) {
	w := newWorld(b)
	for b.Loop() {
		if res, _ := w.do(b, "GET", groupURL, "Bearer owner", ""); res.StatusCode != 200 {
			b.Fatal(res.Status)
		}
	}
}

// BenchmarkBare is a handler of net/http alone that writes an answer as long,
// for comparison.
func BenchmarkBare(b *testing.B) {
	body := []byte(strings.Repeat("x", 400))
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(body) })
	for b.Loop() {
		req := httptest.NewRequest("GET", "http://x/", nil)
		h.ServeHTTP(httptest.NewRecorder(), req)
	}
}
