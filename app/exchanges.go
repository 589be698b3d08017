package app

import (
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
	"time"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"

	"skylab/sim/exchange"
	"skylab/sim/labapi"
)

// portalCaller is the machine's name under which the portal calls.
const portalCaller = "portal"

// inspector is what the list of exchanges shows.
type inspector struct {
	chosen int  // the exchange whose details are shown; 0 for the last that a machine began
	reads  bool // the portal's own reads, too
}

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

func (w *Workspace) renderExchanges() goapp.UI {
	list, hidden := w.flow()
	lanes := w.lanes(list)
	var shown *exchange.Exchange
	for i, e := range list {
		if e.ID == w.inspector.chosen || w.inspector.chosen == 0 && e.Parent == 0 {
			shown = &list[i]
		}
	}
	return goapp.Section().Class("exchanges").Aria("label", texts.exchanges).Body(
		goapp.Div().Class("bar").Body(
			goapp.H2().Text(texts.exchanges),
			when(hidden > 0 || w.inspector.reads, func() goapp.UI {
				return button(fmt.Sprintf("%s (%d)", texts.portalReads, hidden), "quiet small", func(goapp.Context) { w.inspector.reads = !w.inspector.reads }).Aria("pressed", w.inspector.reads)
			}),
			when(len(list) > 0, func() goapp.UI {
				return button(texts.saveHAR, "quiet small", func(goapp.Context) {
					call(w.client, labapi.OpHAR, labapi.HAR{}, func(_ goapp.Context, data json.RawMessage) { download("skylab.har", string(data)) })
				})
			}),
		),
		when(len(list) == 0, func() goapp.UI {
			if hidden > 0 {
				return goapp.P().Class("empty").Text(texts.onlyReads)
			}
			return goapp.P().Class("empty").Text(texts.noExchanges)
		}, func() goapp.UI {
			return goapp.Div().Class("inspect").Body(
				goapp.Div().Class("flow").Body(
					goapp.Raw(laneNames(lanes)),
					goapp.Ol().Body(goapp.Range(list).Slice(func(i int) goapp.UI { return w.renderExchange(list[len(list)-1-i], lanes, shown) })),
				),
				goapp.Div().Class("detail").Body(when(shown != nil, func() goapp.UI { return w.renderDetail(*shown) }, func() goapp.UI { return goapp.P().Class("empty").Text(texts.noDetail) })),
			)
		}),
	)
}

// laneWidth is how far apart so many lanes are drawn, in CSS pixels.
func laneWidth(lanes int) int { return max(40, min(66, 380/max(1, lanes))) }

func laneX(i, lanes int) int { return laneWidth(lanes)/2 + i*laneWidth(lanes) }

// laneNames is the line above the lanes.
func laneNames(lanes []string) string {
	n := len(lanes)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="lanes" width="%d" height="18" aria-hidden="true">`, laneWidth(n)*n)
	for i, name := range lanes {
		if r, fits := []rune(name), laneWidth(n)/7; len(r) > fits {
			name = string(r[:fits-1]) + "…"
		}
		fmt.Fprintf(&b, `<text x="%d" y="13" text-anchor="middle">%s</text>`, laneX(i, n), html.EscapeString(name))
	}
	return b.String() + "</svg>"
}

// arrow draws an exchange on its way between two lanes.
func arrow(lanes int, from, to int, class string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="lanes %s" width="%d" height="26" aria-hidden="true">`, class, laneWidth(lanes)*lanes)
	for i := range lanes {
		fmt.Fprintf(&b, `<line class="lane" x1="%d" y1="0" x2="%d" y2="26"/>`, laneX(i, lanes), laneX(i, lanes))
	}
	x1, x2, d := laneX(from, lanes), laneX(to, lanes), 6
	if to < from {
		d = -d
	}
	fmt.Fprintf(&b, `<line class="way" x1="%d" y1="13" x2="%d" y2="13"/><path d="M%d 9l%d 4l%d 4z"/></svg>`, x1, x2-d, x2-d, d, -d)
	return b.String()
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

func (w *Workspace) renderExchange(e exchange.Exchange, lanes []string, shown *exchange.Exchange) goapp.UI {
	from, to := w.ends(e)
	status, class := outcome(e)
	return goapp.Li().Class("exchange").Body(
		goapp.Button().Type("button").Aria("pressed", shown != nil && shown.ID == e.ID).Body(
			goapp.Raw(arrow(len(lanes), slices.Index(lanes, from), slices.Index(lanes, to), class)),
			goapp.Span().Class("status "+class).Text(status),
			goapp.Span().Class("who").Text(from+" → "+to),
			goapp.Span().Class("what").Text(strings.TrimSpace(e.Request.Method+" "+short(e.Request.URL))),
		).OnClick(func(goapp.Context, goapp.Event) { w.inspector.chosen = e.ID }, e.ID),
	)
}

// renderDetail tells one exchange: why, then what went over the wire.
func (w *Workspace) renderDetail(e exchange.Exchange) goapp.UI {
	status, class := outcome(e)
	title := texts.why
	if class == "bad" {
		title = texts.whyNot
	}
	first := strings.TrimSpace(e.Request.Method + " " + e.Request.URL)
	if e.Response != nil {
		status = fmt.Sprintf("%d %s", e.Response.Status, e.Response.Reason)
	}
	return goapp.Div().Body(
		goapp.H3().Body(goapp.Span().Class("status "+class).Text(status), goapp.Text(" "+title)),
		when(e.Failure != "", func() goapp.UI { return goapp.P().Text(e.Failure) }),
		when(len(e.Notes) > 0, func() goapp.UI {
			return goapp.Ul().Class("notes").Body(goapp.Range(e.Notes).Slice(func(i int) goapp.UI { return goapp.Li().Text(e.Notes[i].Text) }))
		}),
		goapp.P().Class("who").Text(fmt.Sprintf(texts.fromTo, e.Caller.Machine, e.Caller.Address, e.Service, e.Duration.Round(100*time.Microsecond))),
		goapp.P().Class("label").Text(texts.request), goapp.Pre().Body(painted(message(first, e.Request.Fields, e.Request.Body))),
		when(e.Response != nil, func() goapp.UI {
			return goapp.Div().Body(goapp.P().Class("label").Text(texts.response), goapp.Pre().Body(painted(message(status, e.Response.Fields, e.Response.Body))))
		}),
		when(e.Request.URL != "" && (e.Protocol == "http" || e.Protocol == "https"), func() goapp.UI {
			return button(texts.copyCurl, "quiet small", func(goapp.Context) { copyText(asCurl(e)) }, e.ID, e.Start)
		}),
	)
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
