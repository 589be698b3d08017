package app

import (
	"fmt"
	"strings"
	"time"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"
)

// blockView draws a block. It is a component so that a block that has not
// changed costs nothing when the page is drawn again.
type blockView struct {
	goapp.Compo
	W   *Workspace
	C   *console
	B   *block
	Rev int
}

// Render draws the block.
func (v *blockView) Render() goapp.UI {
	w, c, b := v.W, v.C, v.B
	class, state := "block", ""
	if b.done {
		if state = texts.ok; b.status != 0 {
			class, state = "block failed", fmt.Sprintf(texts.failed, b.status)
		}
		if b.took >= time.Millisecond {
			state += " · " + b.took.Round(time.Millisecond).String()
		}
	}
	list, cut := b.runs()
	body := []goapp.UI{el("div", "said",
		say("span", "prompt", b.prompt), say("code", "", b.text),
		el("span", "meta", say("span", "state", state),
			when(b.done, func() goapp.UI {
				return button(texts.copyText, "quiet small", func(goapp.Context) { copyText(b.String()) }, b.id).Attr("aria-label", texts.copyBlock)
			})))}
	for i := range list {
		body = append(body, v.renderRun(list[i]))
	}
	if cut > 0 {
		body = append(body, v.renderCut(cut))
	}
	if b.open && b.lines() > foldOver {
		body = append(body, button(texts.foldAgain, "quiet small", func(goapp.Context) { b.open = false; b.rev++ }, b.id))
	}
	if e := w.refusedBy(b); b.done && e != nil {
		text := refusal(*e)
		id := e.ID
		body = append(body, el("p", "why", goapp.Text(text+" "), button(texts.showWhy, "quiet", func(ctx goapp.Context) { w.inspectExchange(ctx, id) }, id)))
	}
	if b.mistake != "" {
		body = append(body, el("p", "mistake", say("b", "", texts.mistake), goapp.Text(b.mistake)))
	}
	_ = c
	return el("div", class, body...).Attr("role", "group").Attr("aria-label", strings.TrimSpace(b.text+" "+state))
}

// renderCut stands for lines that are not shown.
func (v *blockView) renderCut(lines int) goapp.UI {
	b := v.B
	return button(fmt.Sprintf(texts.folded, lines), "quiet fold", func(goapp.Context) { b.open = true; b.rev++ }, b.id)
}

// renderRun draws lines of one part of the output.
func (v *blockView) renderRun(r run) goapp.UI {
	b := v.B
	p := &b.parts[r.part]
	class := "out " + p.stream
	if r.part+1 < len(b.parts) && b.parts[r.part+1].stream == "in" && p.lines == 1 { // a question is no error
		class = "out asks"
	}
	var body []goapp.UI
	if r.cut > 0 {
		body = append(body, v.renderCut(r.cut))
	}
	query := ""
	if f := v.C.finder; f != nil {
		query = f.query
	}
	all := r.from == 0 && r.to == p.lines
	switch {
	case query != "":
		now := -1
		if b.hit >= r.first && b.hit < r.first+r.to-r.from {
			now = b.hit - r.first
		}
		body = append(body, v.pre(class, marked(p.slice(r.from, r.to), query, now), r.part))
	case all && p.lines > foldOver && len(p.pieces) > 1:
		for _, piece := range p.pieces { // the browser lays out only those it shows
			body = append(body, say("pre", class+" chunk", piece))
		}
	case !b.done || !all || p.stream == "in": // it may be half of something
		text := p.slice(r.from, r.to)
		if !b.done && r.part == len(b.parts)-1 && v.C.waits != nil { // the input stands behind it
			text = strings.TrimSuffix(text, b.unended())
		}
		body = append(body, say("pre", class, text))
	default:
		body = append(body, v.renderWhole(p, r.part, class)...)
	}
	return el("div", "piece", body...)
}

// renderWhole draws a part with what is known of its text: JSON, tokens.
func (v *blockView) renderWhole(p *part, n int, class string) []goapp.UI {
	w := v.W
	text := p.text()
	pretty, can := indented(text)
	if can && w.tidy {
		text = pretty
	}
	start := -1
	if len(text) <= longestPainted {
		start = jsonStart(text)
	}
	var body []goapp.UI
	if start >= 0 && strings.Count(text[start:], "\n") > 3 {
		if start > 0 {
			body = append(body, v.pre(class, withTokens(nil, text[:start], ""), n))
		}
		at := 0
		body = append(body, el("div", class+" json", v.renderNodes(folds(text[start:]), n, &at)...))
	} else {
		body = append(body, v.pre(class, paint(text), n))
	}
	if can {
		label := texts.indent
		if w.tidy {
			label = texts.asPrinted
		}
		body = append(body, button(label, "quiet small", func(goapp.Context) {
			w.tidy = !w.tidy
			for _, c := range w.consoles {
				for _, b := range c.blocks {
					b.rev++
				}
			}
		}, v.B.id))
	}
	if t := v.openToken(text); t != nil {
		body = append(body, w.renderToken(*t))
	}
	return body
}

// openToken is the token of a text whose chip is open.
func (v *blockView) openToken(text string) *token {
	if v.B.chip == "" || !strings.Contains(text, v.B.chip) {
		return nil
	}
	return readToken(v.B.chip)
}

// renderNodes draws JSON whose parts fold.
func (v *blockView) renderNodes(nodes []node, n int, at *int) []goapp.UI {
	return each(nodes, func(_ int, x node) goapp.UI {
		if x.inner == nil {
			return el("div", "jl", v.spans(paintJSON(nil, x.line), n)...)
		}
		return el("details", "fold-json",
			append([]goapp.UI{el("summary", "jl", v.spans(paintJSON(nil, x.line), n)...)}, v.renderNodes(x.inner, n, at)...)...,
		).Attr("open", true)
	})
}

func (v *blockView) pre(class string, spans []span, n int) goapp.UI {
	return el("pre", class, v.spans(spans, n)...)
}

// spans draws runs of text; a token is a chip.
func (v *blockView) spans(spans []span, _ int) []goapp.UI {
	b := v.B
	return each(spans, func(_ int, s span) goapp.UI {
		switch {
		case s.mark:
			return say("mark", s.class, s.text)
		case s.token != nil:
			raw := s.token.raw
			return v.W.chip(*s.token, b.chip == raw, func(goapp.Context) {
				if b.chip == raw {
					b.chip = ""
				} else {
					b.chip = raw
				}
			}, b.id)
		case s.class == "":
			return goapp.Text(s.text)
		}
		return say("span", s.class, s.text)
	})
}

// chip is a token as a button.
func (w *Workspace) chip(t token, open bool, do func(goapp.Context), scope ...any) goapp.UI {
	return el("button", "chip", goapp.Text(t.raw[:min(14, len(t.raw))]+"… "), say("small", "", w.tokenLabel(t))).
		Attr("type", "button").Attr("title", texts.token).Attr("aria-expanded", open).
		On("click", func(ctx goapp.Context, _ goapp.Event) { do(ctx) }, append([]any{t.raw}, scope...)...)
}

// tokenLabel says what a token is good for.
func (w *Workspace) tokenLabel(t token) string {
	parts := []string{texts.tokenShort}
	if s := t.service(); s != "" {
		parts = append(parts, s)
	}
	if t.expires > 0 {
		if left := time.Unix(t.expires, 0).Sub(w.lab.Now); left <= 0 {
			parts = append(parts, texts.expired)
		} else {
			parts = append(parts, timeLeft(left))
		}
	}
	return strings.Join(parts, " · ")
}

// timeLeft is a time in hours and minutes.
func timeLeft(d time.Duration) string {
	d = d.Round(time.Minute)
	if h := int(d.Hours()); h > 0 {
		return fmt.Sprintf(texts.hours, h, int(d.Minutes())%60)
	}
	return fmt.Sprintf(texts.mins, int(d.Minutes()))
}

// renderToken opens a token.
func (w *Workspace) renderToken(t token) goapp.UI {
	says := fmt.Sprintf(texts.accepted, t.service())
	if t.expires > 0 {
		end := time.Unix(t.expires, 0).UTC().Format(time.RFC1123)
		if says += " " + fmt.Sprintf(texts.until, end); t.expires <= w.lab.Now.Unix() {
			says = fmt.Sprintf(texts.nobody, end)
		}
	}
	return el("div", "token",
		say("p", "", says), say("p", "who", texts.worthless),
		say("p", "label", texts.tokenHeader), el("pre", "", painted(t.header)...),
		say("p", "label", texts.tokenClaims), el("pre", "", painted(t.claims)...),
		button(texts.copyToken, "quiet", func(goapp.Context) { copyText(t.raw) }, t.raw),
	).Attr("role", "group").Attr("aria-label", texts.token)
}

// painted is a text with its JSON coloured.
func painted(text string) []goapp.UI {
	return each(paint(text), func(_ int, s span) goapp.UI {
		if s.class == "" {
			return goapp.Text(s.text)
		}
		return say("span", s.class, s.text)
	})
}

// copyText puts a text on the clipboard; where the page may not, as on plain
// http, by way of a field and the old command.
func copyText(text string) {
	if board := goapp.Window().Get("navigator").Get("clipboard"); board.Truthy() {
		board.Call("writeText", text)
		return
	}
	doc := goapp.Window().Get("document")
	field := doc.Call("createElement", "textarea")
	field.Set("value", text)
	doc.Get("body").Call("appendChild", field)
	field.Call("select")
	doc.Call("execCommand", "copy")
	field.Call("remove")
}
