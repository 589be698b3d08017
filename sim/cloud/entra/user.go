package entra

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"skylab/sim/cloud/identity"
	"skylab/sim/exchange"
	"skylab/sim/network"
)

// Grant is a person's consent that an application acts for them: behind an
// authorization code until that is used, behind a refresh token after.
type Grant struct {
	User      string    `json:"user"` // object id
	Client    string    `json:"client"`
	Redirect  string    `json:"redirect,omitempty"`
	Scope     string    `json:"scope"`
	Resource  string    `json:"resource,omitempty"`  // v1
	Challenge string    `json:"challenge,omitempty"` // PKCE, S256
	Nonce     string    `json:"nonce,omitempty"`
	Expires   time.Time `json:"expires"`
}

const (
	codeLifetime    = 10 * time.Minute
	refreshLifetime = 90 * 24 * time.Hour
)

// serveAuthorize is the page where a person signs in. Here the person that
// login_hint names is already signed in, so it answers with a code at once.
func (e *Entra) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	tid, ok := e.tenantOf(r)
	if !ok {
		e.fail(w, r, unknownTenant(tid))
		return
	}
	c, redirect := e.findClient(q.Get("client_id")), q.Get("redirect_uri")
	switch {
	case c == nil:
		e.fail(w, r, e.unknownClient(q.Get("client_id")))
		return
	case !c.mayReturnTo(redirect):
		e.fail(w, r, oauthError{http.StatusBadRequest, "invalid_request", 50011, fmt.Sprintf("The redirect URI '%s' specified in the request does not match the redirect URIs configured for the application '%s'. Make sure the redirect URI sent in the request matches one added to your application in the Azure portal. Navigate to https://aka.ms/redirectUriMismatchError to learn more about how to fix this.", redirect, c.id)})
		return
	}
	back, err := url.Parse(redirect)
	if err != nil {
		e.fail(w, r, missingParameter("redirect_uri"))
		return
	}
	answer := url.Values{"state": {q.Get("state")}}
	refuse := func(id, text string) { answer.Set("error", id); answer.Set("error_description", text) }
	user, found := e.userByName(q.Get("login_hint"))
	switch {
	case q.Get("response_type") != "code":
		refuse("unsupported_response_type", "AADSTS700054: response_type is not enabled for the application.")
	case (c.public || q.Get("code_challenge") != "") && (q.Get("code_challenge") == "" || q.Get("code_challenge_method") != "S256"):
		refuse("invalid_request", "AADSTS9002325: Proof Key for Code Exchange is required for cross-origin authorization code redemption.")
	case !found:
		refuse("login_required", fmt.Sprintf("AADSTS50034: The user account {EUII Hidden} does not exist in the %s directory. To sign into this application, the account must be added to the directory.", e.TenantID()))
	case user.Disabled:
		refuse("access_denied", "AADSTS50057: The user account is disabled.")
	default:
		code := "0." + e.ids.Base64URL("entra.code", 60)
		e.mu.Lock()
		e.state.Codes[code] = Grant{User: user.ID, Client: c.id, Redirect: redirect, Scope: q.Get("scope"), Resource: q.Get("resource"), Challenge: q.Get("code_challenge"), Nonce: q.Get("nonce"), Expires: e.clock.Now().Add(codeLifetime)}
		e.mu.Unlock()
		answer.Set("code", code)
		network.AddNote(r.Context(), exchange.Note{Kind: "entra.signin", Text: user.DisplayName + " is signed in, so the application gets a code that it can trade for tokens once."})
	}
	back.RawQuery = answer.Encode()
	w.Header().Set("Location", back.String())
	w.Header().Set("Cache-Control", "no-store, no-cache")
	w.WriteHeader(http.StatusFound)
}

func (e *Entra) userByName(upn string) (Principal, bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	for _, p := range e.state.Principals {
		if p.Kind == identity.KindUser && upn != "" && strings.EqualFold(p.UPN, upn) {
			return p, true
		}
	}
	return Principal{}, false
}

func invalidGrant(code int, text string) oauthError {
	return oauthError{http.StatusBadRequest, "invalid_grant", code, text}
}

// redeemCode trades a code for tokens; a code works once.
func (e *Entra) redeemCode(w http.ResponseWriter, r *http.Request, form url.Values) {
	e.mu.Lock()
	g, ok := e.state.Codes[form.Get("code")]
	delete(e.state.Codes, form.Get("code"))
	e.mu.Unlock()
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	switch {
	case form.Get("code") == "":
		e.fail(w, r, missingParameter("code"))
	case !ok:
		e.fail(w, r, invalidGrant(54005, "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token."))
	case !e.clock.Now().Before(g.Expires):
		e.fail(w, r, invalidGrant(70008, "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource."))
	case !strings.EqualFold(form.Get("client_id"), g.Client):
		e.fail(w, r, invalidGrant(700005, "Provided Authorization Code is intended to use against other tenant or application, thus rejected."))
	case form.Get("redirect_uri") != g.Redirect:
		e.fail(w, r, invalidGrant(50011, "The redirect URI specified in the request does not match the one that the code was issued for."))
	case g.Challenge != "" && base64.RawURLEncoding.EncodeToString(sum[:]) != g.Challenge:
		e.fail(w, r, invalidGrant(501481, "The Code_Verifier does not match the code_challenge supplied in the authorization request."))
	default:
		e.answerGrant(w, r, form, g, false)
	}
}

// redeemRefresh trades a refresh token for new tokens, for any resource.
func (e *Entra) redeemRefresh(w http.ResponseWriter, r *http.Request, form url.Values) {
	token := form.Get("refresh_token")
	e.mu.RLock()
	g, ok := e.state.Refresh[token]
	e.mu.RUnlock()
	switch {
	case token == "":
		e.fail(w, r, missingParameter("refresh_token"))
	case !ok:
		e.fail(w, r, invalidGrant(9002313, "Invalid request. Request is malformed or invalid."))
	case !e.clock.Now().Before(g.Expires):
		e.fail(w, r, invalidGrant(700082, "The refresh token has expired due to inactivity."))
	case !strings.EqualFold(form.Get("client_id"), g.Client):
		e.fail(w, r, invalidGrant(700005, "Provided refresh token is intended to use against other tenant or application, thus rejected."))
	default:
		e.answerGrant(w, r, form, g, true)
	}
}
