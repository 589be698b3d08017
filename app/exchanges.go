package app

import (
	"fmt"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"

	"skylab/sim/exchange"
)

func (w *Workspace) renderExchanges() goapp.UI {
	return goapp.Section().Class("exchanges").Aria("label", texts.exchanges).Body(
		goapp.H2().Text(texts.exchanges),
		when(len(w.exchanges) == 0, func() goapp.UI { return goapp.P().Text(texts.noExchanges) }),
		goapp.Range(w.exchanges).Slice(func(i int) goapp.UI { return renderExchange(w.exchanges[len(w.exchanges)-1-i]) }),
	)
}

func renderExchange(e exchange.Exchange) goapp.UI {
	status, class := e.Failure, "bad"
	if e.Response != nil {
		status = fmt.Sprintf("%d %s", e.Response.Status, e.Response.Reason)
		if e.Response.Status < 400 {
			class = "good"
		}
	}
	return goapp.Details().Class("exchange").Body(
		goapp.Summary().Body(
			goapp.Span().Class("who").Text(e.Caller.Machine+" → "+e.Service),
			goapp.Span().Class("what").Text(e.Request.Method+" "+e.Request.URL),
			goapp.Span().Class("status "+class).Text(status),
		),
		when(len(e.Notes) > 0, func() goapp.UI {
			return goapp.Div().Body(goapp.H3().Text(texts.notes), goapp.Ul().Body(goapp.Range(e.Notes).Slice(func(i int) goapp.UI { return goapp.Li().Text(e.Notes[i].Text) })))
		}),
		goapp.H3().Text(texts.request), goapp.Pre().Text(message(e.Request.Method+" "+e.Request.URL, e.Request.Fields, e.Request.Body)),
		when(e.Response != nil, func() goapp.UI {
			return goapp.Div().Body(goapp.H3().Text(texts.response), goapp.Pre().Text(message(status, e.Response.Fields, e.Response.Body)))
		}),
	)
}

// message is a request or an answer as text.
func message(first string, fields exchange.Fields, body exchange.Body) string {
	var b strings.Builder
	b.WriteString(first + "\n")
	for _, f := range fields {
		b.WriteString(f.Name + ": " + f.Value + "\n")
	}
	if len(body) > 0 {
		b.WriteString("\n" + string(body))
	}
	return b.String()
}
