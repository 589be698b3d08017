package app

import (
	"encoding/json"
	"fmt"
	"html"
	"slices"
	"strings"
	"time"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"

	"skylab/sim/exchange"
	"skylab/sim/labapi"
)

// inspectView draws the exchanges. It is a component so that they are drawn
// again only when there are others.
type inspectView struct {
	goapp.Compo
	W   *Workspace
	Rev int
}

// Render draws the exchanges.
func (v *inspectView) Render() goapp.UI { return v.W.renderExchanges() }

// inspectExchange shows an exchange.
func (w *Workspace) inspectExchange(ctx goapp.Context, id int) {
	w.inspector.chosen, w.inspector.base, w.room = id, 0, roomInspect
	w.netRev++
	ctx.Defer(func(goapp.Context) {
		if at := goapp.Window().Get("document").Call("querySelector", `.exchange [aria-pressed="true"]`); at.Truthy() {
			at.Call("scrollIntoView", map[string]any{"block": "nearest"})
			at.Call("focus", map[string]any{"preventScroll": true})
		}
	})
}

const flowID = "flow"

func (w *Workspace) renderExchanges() goapp.UI {
	all, hidden := w.flow()
	in := &w.inspector
	list := all[max(0, len(all)-drawnExchanges-in.earlier):]
	lanes := w.lanes(list)
	var shown *exchange.Exchange
	for i, e := range all {
		if e.ID == in.chosen || in.chosen == 0 && e.Parent == 0 {
			shown = &all[i]
		}
	}
	return el("section", "exchanges",
		el("div", "bar",
			say("h2", "", texts.exchanges),
			el("div", "tools",
				when(hidden > 0 || in.reads, func() goapp.UI {
					return button(fmt.Sprintf("%s (%d)", texts.portalReads, hidden), "quiet small", func(goapp.Context) { in.reads = !in.reads }).Attr("aria-pressed", in.reads)
				}),
				when(len(all) > 0, func() goapp.UI {
					return button(texts.asText, "quiet small astext", func(goapp.Context) { in.asText = !in.asText }).Attr("aria-pressed", in.asText)
				}),
				when(len(all) > 0, func() goapp.UI {
					return button(texts.saveHAR, "quiet small", func(goapp.Context) {
						call(w.client, labapi.OpHAR, labapi.HAR{}, func(_ goapp.Context, data json.RawMessage) { downloadText("skylab.har", string(data)) })
					})
				})),
		),
		when(len(all) == 0, func() goapp.UI {
			if hidden > 0 {
				return say("p", "empty", texts.onlyReads)
			}
			return say("p", "empty", texts.noExchanges)
		}, func() goapp.UI {
			return el("div", "inspect",
				when(in.asText, func() goapp.UI {
					text := w.flowText(all)
					return el("div", "flow text", button(texts.copyText, "quiet small", func(goapp.Context) { copyText(text) }), say("pre", "", text)).Attr("tabindex", 0)
				}, func() goapp.UI {
					class := "flow"
					if len(lanes) > 4 {
						class = "flow crowded" // what was asked stands below its way
					}
					return el("div", class,
						el("div", "lanehead", goapp.Raw(laneNames(lanes))),
						el("div", "", when(len(list) < len(all), func() goapp.UI {
							return button(fmt.Sprintf(texts.earlierExchanges, len(all)-len(list)), "quiet small", func(goapp.Context) { in.earlier += drawnExchanges })
						})),
						el("ol", "", each(list, func(i int, e exchange.Exchange) goapp.UI { return w.renderExchange(e, lanes, shown) })...),
					).ID(flowID)
				}),
				el("div", "detail", when(shown != nil, func() goapp.UI { return w.renderDetail(*shown) }, func() goapp.UI { return say("p", "empty", texts.noDetail) })).Attr("tabindex", 0).Attr("role", "region").Attr("aria-label", texts.detail),
			)
		}),
	).Attr("aria-label", texts.exchanges).Attr("tabindex", -1)
}

// laneWidth is how far apart so many lanes are drawn, in CSS pixels.
func laneWidth(lanes int) int { return max(62, min(84, 340/max(1, lanes))) }

func laneX(i, lanes int) int { return laneWidth(lanes)/2 + i*laneWidth(lanes) }

// laneNames is the line above the lanes; a long name takes two lines.
func laneNames(lanes []string) string {
	n := len(lanes)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="lanes" width="%d" height="30" aria-hidden="true">`, laneWidth(n)*n)
	for i, name := range lanes {
		first, second, two := strings.Cut(name, " ")
		if !two || len(name) <= laneWidth(n)/8 {
			first, second = "", name
		}
		for k, line := range []string{first, second} {
			fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle">%s</text>`, laneX(i, n), 12+13*k, html.EscapeString(line))
		}
	}
	return b.String() + "</svg>"
}

// arrows draws an exchange on its way between two lanes: the request there, and
// the answer back below it.
func arrows(lanes, from, to int, class string) string {
	const high = 34
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="lanes %s" width="%d" height="%d" aria-hidden="true">`, class, laneWidth(lanes)*lanes, high)
	for i := range lanes {
		fmt.Fprintf(&b, `<line class="lane" x1="%d" y1="0" x2="%d" y2="%d"/>`, laneX(i, lanes), laneX(i, lanes), high)
	}
	arrow := func(class string, x1, x2, y int) {
		d := 6
		if x2 < x1 {
			d = -d
		}
		fmt.Fprintf(&b, `<g class="%s"><path class="way" pathLength="1" d="M%d %dH%d"/><path class="tip" d="M%d %dl%d 4l%d 4z"/></g>`, class, x1, y, x2-d, x2-d, y-4, d, -d)
	}
	x1, x2 := laneX(from, lanes), laneX(to, lanes)
	arrow("there", x1, x2, 11)
	arrow("back", x2, x1, 24)
	return b.String() + "</svg>"
}

func (w *Workspace) renderExchange(e exchange.Exchange, lanes []string, shown *exchange.Exchange) goapp.UI {
	from, to := w.ends(e)
	status, class := outcome(e)
	row := "exchange"
	if e.Parent != 0 {
		row = "exchange inner"
	}
	if w.inspector.base == e.ID {
		row += " base"
	}
	return el("li", row,
		el("button", "", goapp.Raw(arrows(len(lanes), slices.Index(lanes, from), slices.Index(lanes, to), class)),
			say("span", "status "+class, status),
			say("span", "who", from+" → "+to),
			say("span", "what", strings.TrimSpace(e.Request.Method+" "+short(e.Request.URL))),
			say("span", "took", e.Duration.Round(time.Millisecond).String()),
		).Attr("type", "button").Attr("aria-pressed", shown != nil && shown.ID == e.ID).
			On("click", func(goapp.Context, goapp.Event) { w.inspector.chosen = e.ID }, e.ID),
	)
}

// renderDetail tells one exchange: why, then what went over the wire; or how it
// differs from another.
func (w *Workspace) renderDetail(e exchange.Exchange) goapp.UI {
	in := &w.inspector
	status, class := outcome(e)
	title := texts.why
	if class == "bad" {
		title = texts.whyNot
	}
	first := strings.TrimSpace(e.Request.Method + " " + e.Request.URL)
	if e.Response != nil {
		status = fmt.Sprintf("%d %s", e.Response.Status, e.Response.Reason)
	}
	web := e.Protocol == "http" || e.Protocol == "https"
	commands := el("div", "commands",
		when(e.Request.URL != "" && web, func() goapp.UI {
			return button(texts.copyCurl, "quiet small", func(goapp.Context) { copyText(asCurl(e)) }, e.ID, e.Start)
		}),
		button(texts.copyText, "quiet small", func(goapp.Context) { copyText(wire(e)) }, e.ID, e.Start),
		when(in.base == 0, func() goapp.UI {
			return button(texts.compare, "quiet small compare", func(goapp.Context) { in.base = e.ID }, e.ID)
		}, func() goapp.UI {
			return button(texts.compareEnd, "quiet small compare", func(goapp.Context) { in.base = 0 }, e.ID)
		}),
	)
	if base := w.exchange(in.base); base != nil {
		return el("div", "", el("h3", "", goapp.Text(fmt.Sprintf(texts.compared, base.ID, e.ID))), commands, w.renderDiff(*base, e))
	}
	body := []goapp.UI{
		el("h3", "", say("span", "badge "+class, status), goapp.Text(" "+title)),
		when(e.Failure != "", func() goapp.UI { return say("p", "", e.Failure) }),
		when(len(e.Notes) > 0, func() goapp.UI {
			return el("ul", "notes", each(e.Notes, func(i int, n exchange.Note) goapp.UI {
				bad := class == "bad" && i == len(e.Notes)-1
				return el("li", map[bool]string{true: "no", false: "yes"}[bad], goapp.Text(n.Text))
			})...)
		}),
		say("p", "who", fmt.Sprintf(texts.fromTo, e.Caller.Machine, e.Caller.Address, e.Service, e.Duration.Round(100*time.Microsecond))),
		commands,
		say("p", "label", texts.request), el("pre", "", painted(message(first, e.Request.Fields, e.Request.Body))...),
	}
	if e.Response != nil {
		body = append(body, say("p", "label", texts.response), el("pre", "", painted(message(status, e.Response.Fields, e.Response.Body))...))
	}
	for _, t := range tokensOf(e) {
		body = append(body, w.renderToken(t))
	}
	return el("div", "", body...)
}

// renderDiff shows how two exchanges differ.
func (w *Workspace) renderDiff(a, b exchange.Exchange) goapp.UI {
	if a.ID == b.ID {
		return say("p", "empty", texts.compareOther)
	}
	lines := diff(wire(a), wire(b))
	same := !slices.ContainsFunc(lines, func(c change) bool { return c.mark != ' ' })
	return el("div", "",
		when(same, func() goapp.UI { return say("p", "empty", texts.compareSame) }),
		el("pre", "diff", each(lines, func(_ int, c change) goapp.UI {
			switch c.mark {
			case '-':
				return say("del", "", "- "+c.line+"\n")
			case '+':
				return say("ins", "", "+ "+c.line+"\n")
			}
			return goapp.Text("  " + c.line + "\n")
		})...))
}
