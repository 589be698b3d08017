package app

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"skylab/sim/exchange"
)

// portalCaller is the machine's name under which the portal calls.
const portalCaller = "portal"

// inspector is what the list of exchanges shows.
type inspector struct {
	chosen  int  // the exchange whose details are shown; 0 for the last that a machine began
	reads   bool // the portal's own reads, too
	base    int  // the exchange that another is compared with; 0 for none
	asText  bool // the list as text
	earlier int  // how many more than drawnExchanges are drawn
}

// drawnExchanges is how many of the last exchanges are drawn at first.
const drawnExchanges = 60

// isPortalRead tells the exchanges that a blade makes to draw itself, and those
// on their behalf.
func (w *Workspace) isPortalRead(e exchange.Exchange) bool {
	if e.Parent != 0 {
		i := slices.IndexFunc(w.exchanges, func(x exchange.Exchange) bool { return x.ID == e.Parent })
		return i >= 0 && w.isPortalRead(w.exchanges[i])
	}
	asks := e.Request.Method == "GET" || e.Service == "Entra" || strings.HasSuffix(e.Request.URL, "/getByIds")
	return e.Caller.Machine == portalCaller && asks
}

// flow is the exchanges that are shown, oldest first, with how many are not.
func (w *Workspace) flow() (list []exchange.Exchange, hidden int) {
	for _, e := range w.exchanges {
		if !w.inspector.reads && w.isPortalRead(e) {
			hidden++
			continue
		}
		list = append(list, e)
	}
	return list, hidden
}

// ends are where an exchange starts and where it goes, by name.
func (w *Workspace) ends(e exchange.Exchange) (from, to string) {
	from = e.Caller.Machine
	if e.Parent != 0 {
		if i := slices.IndexFunc(w.exchanges, func(x exchange.Exchange) bool { return x.ID == e.Parent }); i >= 0 {
			from = w.exchanges[i].Service
		}
	}
	return from, e.Service
}

// lanes are the names between which exchanges go: those that call first, then
// those that only answer.
func (w *Workspace) lanes(list []exchange.Exchange) []string {
	var callers, servers []string
	for _, e := range list {
		if from, _ := w.ends(e); e.Parent == 0 && !slices.Contains(callers, from) {
			callers = append(callers, from)
		}
	}
	for _, e := range list {
		if _, to := w.ends(e); !slices.Contains(callers, to) && !slices.Contains(servers, to) {
			servers = append(servers, to)
		}
	}
	return append(callers, servers...)
}

// outcome is how an exchange ended, in words, with its class.
func outcome(e exchange.Exchange) (text, class string) {
	switch {
	case e.Response == nil && e.Failure == "":
		return texts.connected, "good"
	case e.Response == nil:
		return texts.noAnswer, "bad"
	case e.Response.Status < 400:
		return fmt.Sprint(e.Response.Status), "good"
	}
	return fmt.Sprint(e.Response.Status), "bad"
}

// short is an address without what every exchange has alike.
func short(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Path == "" {
		return address
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(parts) > 2 {
		parts = append([]string{"…"}, parts[len(parts)-2:]...)
	}
	return strings.Join(parts, "/")
}

// asCurl is an exchange's request as a command for a shell.
func asCurl(e exchange.Exchange) string {
	quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
	var b strings.Builder
	b.WriteString("curl " + quote(e.Request.URL))
	if e.Request.Method != "GET" {
		b.WriteString(" -X " + e.Request.Method)
	}
	for _, f := range e.Request.Fields {
		switch strings.ToLower(f.Name) {
		case "host", "content-length", "user-agent", "accept":
		default:
			b.WriteString(" \\\n  -H " + quote(f.Name+": "+f.Value))
		}
	}
	if len(e.Request.Body) > 0 {
		b.WriteString(" \\\n  --data-raw " + quote(string(e.Request.Body)))
	}
	return b.String()
}

// message is a request or an answer as text.
func message(first string, fields exchange.Fields, body exchange.Body) string {
	var b strings.Builder
	b.WriteString(first + "\n")
	for _, f := range fields {
		b.WriteString(f.Name + ": " + f.Value + "\n")
	}
	if len(body) > 0 {
		b.WriteString("\n")
		text, _ := indented(string(body))
		b.WriteString(text)
	}
	return b.String()
}

// lastExchange is the id of the last exchange that was told.
func (w *Workspace) lastExchange() int {
	if n := len(w.exchanges); n > 0 {
		return w.exchanges[n-1].ID
	}
	return 0
}

// exchange is an exchange by its id.
func (w *Workspace) exchange(id int) *exchange.Exchange {
	if i := slices.IndexFunc(w.exchanges, func(e exchange.Exchange) bool { return e.ID == id }); i >= 0 {
		return &w.exchanges[i]
	}
	return nil
}

// refusedBy is the last exchange of a command if it was refused or failed.
func (w *Workspace) refusedBy(b *block) *exchange.Exchange {
	for i := len(w.exchanges) - 1; i >= 0; i-- {
		e := &w.exchanges[i]
		if e.ID > b.last || e.ID < b.first || e.Parent != 0 || e.Caller.Machine == portalCaller {
			continue
		}
		if _, class := outcome(*e); class == "bad" {
			return e
		}
		return nil
	}
	return nil
}

// refusal says in a sentence who refused, and why.
func refusal(e exchange.Exchange) string {
	if e.Response == nil {
		return e.Failure
	}
	text := fmt.Sprintf(texts.answered, e.Service, e.Response.Status, e.Response.Reason)
	if n := len(e.Notes); n > 0 {
		text += " " + e.Notes[n-1].Text
	}
	return text
}

// flowText is a list of exchanges as text, a line for each with its notes below.
func (w *Workspace) flowText(list []exchange.Exchange) string {
	var b strings.Builder
	for _, e := range list {
		from, to := w.ends(e)
		status, _ := outcome(e)
		indent := ""
		if e.Parent != 0 {
			indent = "  "
		}
		fmt.Fprintf(&b, "%s%s %s → %s: %s → %s, %v\n", indent, e.Start.UTC().Format("15:04:05.000"), from, to, strings.TrimSpace(e.Request.Method+" "+e.Request.URL), status, e.Duration.Round(100*time.Microsecond))
		for _, n := range e.Notes {
			fmt.Fprintf(&b, "%s    %s\n", indent, n.Text)
		}
	}
	return b.String()
}

// tokensOf are the tokens that an exchange carries: the one it shows, and the
// one it was given.
func tokensOf(e exchange.Exchange) (list []token) {
	texts := []string{e.Request.Fields.Get("Authorization")}
	if e.Response != nil {
		texts = append(texts, string(e.Response.Body))
	}
	for _, text := range texts {
		for _, s := range withTokens(nil, text, "") {
			if s.token != nil {
				list = append(list, *s.token)
			}
		}
	}
	return list
}

// wire is an exchange as text, for people and for comparing.
func wire(e exchange.Exchange) string {
	text := message(strings.TrimSpace(e.Request.Method+" "+e.Request.URL), e.Request.Fields, e.Request.Body)
	if r := e.Response; r != nil {
		text += "\n\n" + message(fmt.Sprintf("%d %s", r.Status, r.Reason), r.Fields, r.Body)
	} else if e.Failure != "" {
		text += "\n\n" + e.Failure
	}
	for _, t := range tokensOf(e) {
		text += "\n\n" + texts.tokenClaims + "\n" + t.claims
	}
	return strings.TrimRight(text, "\n") + "\n"
}
