package entra

import (
	"encoding/base32"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"skylab/sim/exchange"
	"skylab/sim/network"
	"skylab/sim/ojson"
)

// Device is a sign-in on a device without a browser: it polls with its code
// until a person has entered the other code on a page.
type Device struct {
	UserCode string    `json:"userCode"`
	Client   string    `json:"client"`
	Scope    string    `json:"scope,omitempty"`
	Resource string    `json:"resource,omitempty"` // v1
	User     string    `json:"user,omitempty"`     // object id of who entered the code
	Declined bool      `json:"declined,omitempty"`
	Expires  time.Time `json:"expires"`
}

const (
	deviceGrant    = "urn:ietf:params:oauth:grant-type:device_code"
	deviceLifetime = 15 * time.Minute
	deviceInterval = 5 // seconds between two polls, as the client is told
	devicePage     = "https://microsoft.com/devicelogin"
)

// serveDeviceCode begins a sign-in by device code.
func (e *Entra) serveDeviceCode(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		e.fail(w, r, missingParameter("client_id"))
		return
	}
	tid, ok := e.tenantOf(r)
	c, v2 := e.findClient(r.Form.Get("client_id")), isV2(r)
	switch {
	case !ok:
		e.fail(w, r, unknownTenant(tid))
		return
	case r.Form.Get("client_id") == "":
		e.fail(w, r, missingParameter("client_id"))
		return
	case v2 && r.Form.Get("scope") == "":
		e.fail(w, r, missingParameter("scope"))
		return
	case c == nil:
		e.fail(w, r, e.unknownClient(r.Form.Get("client_id")))
		return
	case !c.public:
		e.fail(w, r, noProof())
		return
	}
	code := "0." + e.ids.Base64URL("entra.device", 60)
	d := Device{UserCode: e.userCode(), Client: c.id, Scope: r.Form.Get("scope"), Resource: r.Form.Get("resource"), Expires: e.clock.Now().Add(deviceLifetime)}
	e.mu.Lock()
	e.state.Devices[code] = d
	e.mu.Unlock()
	life := int(deviceLifetime / time.Second)
	message := "To sign in, use a web browser to open the page " + devicePage + " and enter the code " + d.UserCode + " to authenticate."
	network.AddNote(r.Context(), exchange.Note{Kind: "entra.device", Text: fmt.Sprintf("%s waits for a person to enter %s at %s.", c.name, d.UserCode, devicePage), Data: map[string]any{"userCode": d.UserCode}})
	if v2 {
		writeJSON(w, http.StatusOK, "no-store, no-cache", ojson.Obj("user_code", d.UserCode, "device_code", code, "verification_uri", devicePage, "expires_in", life, "interval", deviceInterval, "message", message))
		return
	}
	writeJSON(w, http.StatusOK, "no-store, no-cache", ojson.Obj("user_code", d.UserCode, "device_code", code, "verification_url", devicePage,
		"expires_in", fmt.Sprint(life), "interval", fmt.Sprint(deviceInterval), "message", message))
}

// userCode draws nine letters and digits that are hard to mistake.
func (e *Entra) userCode() string {
	return base32.NewEncoding("ABCDEFGHJKLMNPQRSTUVWXYZ23456789").WithPadding(base32.NoPadding).EncodeToString(e.ids.Bytes("entra.usercode", 6))[:9]
}

// redeemDevice answers a device that polls.
func (e *Entra) redeemDevice(w http.ResponseWriter, r *http.Request, form url.Values) {
	name := "device_code"
	if !isV2(r) && form.Get(name) == "" {
		name = "code"
	}
	code := form.Get(name)
	e.mu.RLock()
	d, ok := e.state.Devices[code]
	e.mu.RUnlock()
	bad := func(id string, code int, text string) {
		e.fail(w, r, oauthError{http.StatusBadRequest, id, code, text})
	}
	switch {
	case form.Get("client_id") == "":
		e.fail(w, r, missingParameter("client_id"))
		return
	case code == "":
		e.fail(w, r, missingParameter(name))
		return
	case !ok:
		bad("bad_verification_code", 70018, "Invalid verification code. The device code is not known; it may have been used already.")
		return
	case !strings.EqualFold(form.Get("client_id"), d.Client):
		e.fail(w, r, invalidGrant(700005, "Provided Authorization Code is intended to use against other tenant or application, thus rejected."))
		return
	case !e.clock.Now().Before(d.Expires):
		id := "expired_token"
		if !isV2(r) {
			id = "code_expired"
		}
		bad(id, 70020, "The provided value for the input parameter 'device_code' is not valid. This device code has expired.")
		return
	case d.Declined:
		bad("authorization_declined", 65004, "User declined to consent to access the app.")
		return
	case d.User == "":
		bad("authorization_pending", 70016, "OAuth 2.0 device flow error. Authorization is pending. Continue polling.")
		return
	}
	e.mu.Lock()
	delete(e.state.Devices, code)
	e.mu.Unlock()
	e.answerGrant(w, r, form, Grant{User: d.User, Client: d.Client, Scope: d.Scope, Resource: d.Resource}, false)
}

// serveDeviceLink leads from the short address that people are told to the page.
func serveDeviceLink(w http.ResponseWriter, r *http.Request) {
	if path := strings.ToLower(strings.Trim(r.URL.Path, "/")); path != "devicelogin" && path != "link" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusNotImplemented)
		fmt.Fprintf(w, "skylab: https://%s%s is real but not simulated here\n", r.Host, r.URL.Path)
		return
	}
	w.Header().Set("Location", "https://login.microsoftonline.com/common/oauth2/deviceauth")
	w.WriteHeader(http.StatusFound)
}

func writePage(w http.ResponseWriter, status int, title, body string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store, no-cache")
	w.Header().Set("Pragma", "no-cache")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>%s</title></head>\n<body>\n<h1>%s</h1>\n%s\n</body></html>\n", html.EscapeString(title), html.EscapeString(title), body)
}

// serveDevicePage is the page on which a person enters a device's code. As at
// the page of sign-in, login_hint names the person, who is signed in already.
func (e *Entra) serveDevicePage(w http.ResponseWriter, r *http.Request) {
	writePage(w, http.StatusOK, "Enter code", `<p>Enter the code that your app or device shows.</p>
<form method="post" action="/common/oauth2/deviceauth">
<label>Code <input name="otc" autocomplete="off"></label>
<label>Account <input name="login_hint" type="email" value="`+html.EscapeString(r.URL.Query().Get("login_hint"))+`"></label>
<button>Next</button>
<button name="decline" value="true">Cancel</button>
</form>`)
}

// enterCode takes a code that a signed-in person enters: otc is the code,
// login_hint the person's user principal name, decline=true refuses.
func (e *Entra) enterCode(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		writePage(w, http.StatusBadRequest, "Enter code", "<p>The form cannot be read.</p>")
		return
	}
	user, found := e.userByName(r.Form.Get("login_hint"))
	entered := strings.ToUpper(strings.TrimSpace(r.Form.Get("otc")))
	refuse := func(code int, text string) {
		network.AddNote(r.Context(), exchange.Note{Kind: "entra.refused", Text: fmt.Sprintf("AADSTS%d: %s", code, text), Data: map[string]any{"code": code}})
		writePage(w, http.StatusBadRequest, "Sorry, but we're having trouble signing you in.", fmt.Sprintf("<p>AADSTS%d: %s</p>", code, html.EscapeString(text)))
	}
	switch {
	case !found:
		refuse(50034, fmt.Sprintf("The user account {EUII Hidden} does not exist in the %s directory. To sign into this application, the account must be added to the directory.", e.TenantID()))
		return
	case user.Disabled:
		refuse(50057, "The user account is disabled.")
		return
	}
	name, ok := e.decide(entered, user.ID, r.Form.Get("decline") == "true")
	if !ok {
		refuse(70018, "Invalid verification code due to User typing in wrong user code for device code flow. Authorization is not approved.")
		return
	}
	if r.Form.Get("decline") == "true" {
		network.AddNote(r.Context(), exchange.Note{Kind: "entra.signin", Text: user.DisplayName + " declined the sign-in of " + name + "."})
		writePage(w, http.StatusOK, "Sign-in was cancelled", "<p>You can close this window.</p>")
		return
	}
	network.AddNote(r.Context(), exchange.Note{Kind: "entra.signin", Text: user.DisplayName + " entered the code, so " + name + " gets tokens with its next poll."})
	writePage(w, http.StatusOK, name, "<p>You have signed in to the "+html.EscapeString(name)+" application on your device. You may now close this window.</p>")
}

// decide keeps who entered a code that a device waits for, or that it was
// declined, and returns the name of the device's application.
func (e *Entra) decide(userCode, user string, declined bool) (string, bool) {
	now := e.clock.Now()
	e.mu.Lock()
	var waiting []string
	for code, d := range e.state.Devices {
		if d.UserCode == userCode && d.User == "" && !d.Declined && now.Before(d.Expires) {
			waiting = append(waiting, code)
		}
	}
	if len(waiting) == 0 || userCode == "" {
		e.mu.Unlock()
		return "", false
	}
	slices.Sort(waiting)
	d := e.state.Devices[waiting[0]]
	if d.Declined = declined; !declined {
		d.User = user
	}
	e.state.Devices[waiting[0]] = d
	e.mu.Unlock()
	c := e.findClient(d.Client)
	if c == nil {
		return "", false
	}
	return c.name, true
}
