package entra

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"skylab/sim/exchange"
	"skylab/sim/network"
	"skylab/sim/ojson"
)

// ShellApp is Cloud Shell's own application, in whose tokens it acts for the
// person who is signed in.
const ShellApp = "b677c290-cf4b-4a8e-a60e-91ba650a4abe"

// ShellPort is where Cloud Shell's endpoint for tokens listens on the shell's
// own machine.
const ShellPort = "50342"

// ShellHost is the endpoint that a Cloud Shell finds at MSI_ENDPOINT
// (facts/azure-wire.md §2): it hands out tokens of the user whose name is given,
// in the form of the metadata service, and knows no identities to choose from.
// Only the machine that is named reaches it.
func (e *Entra) ShellHost(machine string, user func() string) network.Host {
	return network.Host{Pattern: "localhost", Machine: machine, Port: ShellPort, Service: "Cloud Shell tokens", Schemes: []string{"http"}, Latency: time.Millisecond,
		Header: network.HeaderTable{"Content-Type", "Date", "Content-Length"}, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { e.serveShell(w, r, user()) })}
}

func (e *Entra) serveShell(w http.ResponseWriter, r *http.Request, user string) {
	note := func(text string) {
		network.AddNote(r.Context(), exchange.Note{Kind: "cloudshell.token", Text: text})
	}
	refuse := func(status int, code, text string) {
		writeJSON(w, status, "", ojson.Obj("error", ojson.Obj("code", code, "message", text)))
	}
	_ = r.ParseForm() // what cannot be read is not there
	resource := r.Form.Get("resource")
	p, signedIn := e.userByName(user)
	switch {
	case r.URL.Path != "/oauth2/token":
		refuse(http.StatusNotFound, "not_found", "No endpoint "+r.URL.Path)
		return
	case !strings.EqualFold(strings.TrimSpace(r.Header.Get("Metadata")), "true"):
		note("The request does not carry the header Metadata: true.")
		refuse(http.StatusBadRequest, "invalid_request", "Required metadata header not specified")
		return
	case resource == "":
		refuse(http.StatusBadRequest, "invalid_request", "Required parameter 'resource' is missing")
		return
	case !signedIn:
		refuse(http.StatusUnauthorized, "unauthorized", "Nobody is signed in to this shell")
		return
	}
	for _, name := range []string{"client_id", "object_id", "msi_res_id", "mi_res_id"} {
		if r.Form.Has(name) {
			note("The request names an identity, but a Cloud Shell has none: it acts for the person who is signed in.")
			refuse(http.StatusBadRequest, "invalid_request", "User-assigned managed identity is not supported by Cloud Shell")
			return
		}
	}
	res, ok := e.findResource(resource)
	if !ok {
		x := e.unknownResource(resource)
		refuse(x.status, x.id, fmt.Sprintf("AADSTS%d: %s", x.code, x.text))
		return
	}
	granted, problem := e.permit(&client{id: ShellApp, name: "Azure Cloud Shell"}, res, nil)
	if problem != nil {
		refuse(problem.status, problem.id, fmt.Sprintf("AADSTS%d: %s", problem.code, problem.text))
		return
	}
	token, fresh, err := e.shellToken(p.ID, resource, granted)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	now, end := e.clock.Now().Truncate(time.Second), token.Issued.Add(appLifetime)
	if fresh {
		note(fmt.Sprintf("A token for %s was issued, in which Cloud Shell acts for %s.", res.name, p.DisplayName))
	} else {
		note(fmt.Sprintf("The token for %s was handed out again; it was issued at %s.", res.name, token.Issued.Format(time.TimeOnly)))
	}
	writeJSON(w, http.StatusOK, "", ojson.Obj("access_token", token.Text, "refresh_token", "", "expires_in", strconv.Itoa(int(end.Sub(now)/time.Second)), "expires_on", strconv.FormatInt(end.Unix(), 10),
		"not_before", strconv.FormatInt(token.Issued.Add(-backdated).Unix(), 10), "resource", resource, "token_type", "Bearer"))
}

// ShellToken is a token of Cloud Shell's endpoint.
type ShellToken struct {
	Text   string    `json:"text"`
	Issued time.Time `json:"issued"`
	Scopes string    `json:"scopes,omitempty"`
}

// shellEarly is how long before its end a token is not handed out any more.
const shellEarly = 5 * time.Minute

// shellToken is the user's token for a resource: the one that was issued before,
// as long as it lives and nothing else was granted, or a fresh one.
func (e *Entra) shellToken(user, resource string, scopes []string) (t ShellToken, fresh bool, err error) {
	key, granted, now := user+" "+resource, strings.Join(scopes, " "), e.clock.Now().Truncate(time.Second)
	e.mu.RLock()
	t, ok := e.state.Shell[key]
	e.mu.RUnlock()
	if ok && t.Scopes == granted && now.Before(t.Issued.Add(appLifetime-shellEarly)) && !now.Before(t.Issued) {
		return t, false, nil
	}
	text, err := e.UserToken(user, ShellApp, resource, scopes...)
	if err != nil {
		return t, false, err
	}
	t = ShellToken{Text: text, Issued: now, Scopes: granted}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.state.Shell = orEmpty(e.state.Shell)
	e.state.Shell[key] = t
	return t, true, nil
}
