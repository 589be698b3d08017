package entra

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"skylab/sim/clock"
	"skylab/sim/exchange"
	"skylab/sim/ids"
	"skylab/sim/network"
)

type signIn struct {
	*Entra
	clock *clock.Clock
	card  *network.Card
	upn   string
}

func newSignIn(t *testing.T) *signIn {
	t.Helper()
	s := &signIn{clock: clock.New(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))}
	var err error
	if s.Entra, err = New(Options{Clock: s.clock, IDs: ids.New("test")}); err != nil {
		t.Fatal(err)
	}
	s.upn = s.CreateUser("admin", "Lab Administrator").UPN
	n := network.New(s.clock, exchange.NewRing(20))
	for _, h := range s.Hosts() {
		n.Attach(h)
	}
	s.card = n.Card(exchange.Caller{Machine: "portal"})
	return s
}

func (s *signIn) do(t *testing.T, method, path string, values url.Values) (*http.Response, map[string]any) {
	t.Helper()
	address, body := "https://login.microsoftonline.com/organizations/oauth2/v2.0/"+path, ""
	if method == "GET" {
		address += "?" + values.Encode()
	} else {
		body = values.Encode()
	}
	req, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if method == "POST" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := s.card.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	data, _ := io.ReadAll(res.Body)
	var v map[string]any
	_ = json.Unmarshal(data, &v) // a redirection has no body
	return res, v
}

const verifier = "a-verifier-that-is-long-enough-for-the-rules-of-pkce"

func (s *signIn) authorize(t *testing.T, change url.Values) url.Values {
	t.Helper()
	sum := sha256.Sum256([]byte(verifier))
	v := url.Values{"client_id": {PortalApp}, "redirect_uri": {firstPartyClients[0].redirects[0]}, "response_type": {"code"}, "scope": {"https://management.azure.com//.default openid profile offline_access"},
		"state": {"st"}, "login_hint": {s.upn}, "code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"}}
	for k, x := range change {
		v[k] = x
	}
	res, body := s.do(t, "GET", "authorize", v)
	if res.StatusCode != 302 {
		return url.Values{"error": {"not redirected"}, "error_description": {body["error_description"].(string)}}
	}
	u, err := url.Parse(res.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

func (s *signIn) redeem(code string) url.Values {
	return url.Values{"grant_type": {"authorization_code"}, "client_id": {PortalApp}, "redirect_uri": {firstPartyClients[0].redirects[0]}, "code": {code}, "code_verifier": {verifier}}
}

func TestCodeWithPKCEAndRefresh(t *testing.T) {
	s := newSignIn(t)
	back := s.authorize(t, nil)
	if back.Get("state") != "st" || back.Get("code") == "" {
		t.Fatalf("%v", back)
	}
	res, tokens := s.do(t, "POST", "token", s.redeem(back.Get("code")))
	if res.StatusCode != 200 || tokens["expires_in"] != 3600.0 {
		t.Fatalf("%s %v", res.Status, tokens)
	}
	claims, err := s.Verify(t.Context(), tokens["access_token"].(string), []string{"https://management.azure.com/"})
	if err != nil || claims.UPN != s.upn || claims.App || strings.Join(claims.Scopes, " ") != "user_impersonation" {
		t.Errorf("%+v, %v", claims, err)
	}
	if res, v := s.do(t, "POST", "token", s.redeem(back.Get("code"))); res.StatusCode != 400 || !strings.HasPrefix(v["error_description"].(string), "AADSTS54005: ") {
		t.Errorf("a code worked twice: %v", v)
	}
	s.clock.Advance(2 * time.Hour)
	refresh := url.Values{"grant_type": {"refresh_token"}, "client_id": {PortalApp}, "refresh_token": {tokens["refresh_token"].(string)}, "scope": {"https://graph.microsoft.com/.default"}}
	res, again := s.do(t, "POST", "token", refresh)
	if res.StatusCode != 200 {
		t.Fatalf("%v", again)
	}
	if claims, err := s.Verify(t.Context(), again["access_token"].(string), []string{"https://graph.microsoft.com"}); err != nil || len(claims.Scopes) < 3 {
		t.Errorf("%+v, %v", claims, err)
	}
	s.clock.Advance(100 * 24 * time.Hour)
	refresh.Set("refresh_token", again["refresh_token"].(string))
	if _, v := s.do(t, "POST", "token", refresh); !strings.HasPrefix(v["error_description"].(string), "AADSTS700082: ") {
		t.Errorf("an old refresh token: %v", v)
	}
}

func TestSignInRefusals(t *testing.T) {
	s := newSignIn(t)
	for want, change := range map[string]url.Values{
		"AADSTS700016:":  {"client_id": {"nobody"}},
		"AADSTS50011:":   {"redirect_uri": {"https://evil.example/"}},
		"AADSTS700054:":  {"response_type": {"token"}},
		"AADSTS9002325:": {"code_challenge": {""}},
		"AADSTS50034:":   {"login_hint": {"nobody@contoso.onmicrosoft.com"}},
	} {
		if got := s.authorize(t, change); !strings.HasPrefix(got.Get("error_description"), want) || got.Get("code") != "" {
			t.Errorf("want %s, got %v", want, got)
		}
	}
	for want, change := range map[string]url.Values{
		"AADSTS501481:":  {"code_verifier": {"another"}},
		"AADSTS50011:":   {"redirect_uri": {"http://localhost"}},
		"AADSTS700005:":  {"client_id": {CLIApp}},
		"AADSTS900144:":  {"code": {""}},
		"AADSTS500011:":  {"scope": {"https://nosuch.example/.default"}},
		"AADSTS70003:":   {"grant_type": {"magic"}},
		"AADSTS9002313:": {"grant_type": {"refresh_token"}, "refresh_token": {"x"}},
	} {
		v := s.redeem(s.authorize(t, nil).Get("code"))
		for k, x := range change {
			v[k] = x
		}
		if res, body := s.do(t, "POST", "token", v); res.StatusCode != 400 || !strings.HasPrefix(body["error_description"].(string), want) {
			t.Errorf("want %s, got %v", want, body)
		}
	}
	late := s.authorize(t, nil).Get("code")
	s.clock.Advance(codeLifetime)
	if _, body := s.do(t, "POST", "token", s.redeem(late)); !strings.HasPrefix(body["error_description"].(string), "AADSTS70008: ") {
		t.Errorf("a late code: %v", body)
	}
}
