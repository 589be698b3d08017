package app

import (
	"fmt"
	"strings"
	"time"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"

	"skylab/sim/labapi"
)

// drawn is an output taken apart, kept while it stays the same.
type drawn struct {
	size  int // of the output it was made from
	tidy  bool
	spans []span
}

// piece is an output by its block and its place in it.
type piece struct{ block, output int }

// Outputs longer than these lines show their beginning and their end.
const (
	foldOver  = 60
	foldShows = 20
)

// show replaces what a console shows.
func (c *console) show(blocks []labapi.Block) {
	c.blocks, c.chip = blocks, ""
	c.drawn, c.open, c.tidy = map[piece]drawn{}, map[int]bool{}, map[int]bool{}
}

// transcript is all that a console shows, as text.
func (c *console) transcript() string {
	var b strings.Builder
	for _, x := range c.blocks {
		b.WriteString(blockText(x))
	}
	return b.String()
}

func blockText(x labapi.Block) string {
	var b strings.Builder
	b.WriteString(x.Prompt + x.Text + "\n")
	for _, o := range x.Output {
		b.WriteString(o.Text)
	}
	if s := b.String(); !strings.HasSuffix(s, "\n") {
		b.WriteByte('\n')
	}
	return b.String()
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

func (w *Workspace) renderBlock(c *console, i int) goapp.UI {
	b := c.blocks[i]
	state := ""
	if b.Done {
		if state = texts.ok; b.Status != 0 {
			state = fmt.Sprintf(texts.failed, b.Status)
		}
		if b.Duration >= time.Millisecond {
			state += " · " + b.Duration.Round(time.Millisecond).String()
		}
	}
	class := "block"
	if b.Done && b.Status != 0 {
		class = "block failed"
	}
	return goapp.Div().Class(class).Body(
		goapp.Div().Class("said").Body(goapp.Span().Class("prompt").Text(b.Prompt), goapp.Code().Text(b.Text), goapp.Span().Class("state").Text(state),
			when(b.Done, func() goapp.UI {
				return button(texts.copyText, "quiet small", func(goapp.Context) { copyText(blockText(c.blocks[i])) }, c.ID, i)
			})),
		goapp.Range(b.Output).Slice(func(n int) goapp.UI { return w.renderOutput(c, i, n) }),
	)
}

// renderOutput draws a piece of a command's output.
func (w *Workspace) renderOutput(c *console, i, n int) goapp.UI {
	o := c.blocks[i].Output[n]
	text := o.Text
	pretty, can := "", false
	if c.blocks[i].Done {
		if pretty, can = indented(text); can && c.tidy[i] {
			text = pretty
		}
	}
	cut := ""
	if lines := strings.Count(text, "\n"); lines > foldOver && !c.open[i] {
		head, tail := nth(text, foldShows), len(text)
		for range foldShows + 1 {
			tail = strings.LastIndexByte(text[:tail], '\n')
		}
		cut, text = fmt.Sprintf(texts.folded, lines-2*foldShows), text[:head]+"\x00"+text[tail+1:]
	}
	head, tail, _ := strings.Cut(text, "\x00")
	return goapp.Div().Class("piece").Body(
		w.renderSpans(c, i, n, head),
		when(cut != "", func() goapp.UI {
			return button(cut, "quiet fold", func(goapp.Context) { c.open[i] = true }, c.ID, i)
		}),
		when(cut != "", func() goapp.UI { return goapp.Pre().Class("out " + o.Stream).Text(tail) }),
		when(can, func() goapp.UI {
			label := texts.indent
			if c.tidy[i] {
				label = texts.asPrinted
			}
			return button(label, "quiet small", func(goapp.Context) { c.tidy[i] = !c.tidy[i] }, c.ID, i)
		}),
	)
}

// nth is the place behind a text's nth line.
func nth(text string, n int) int {
	at := 0
	for range n {
		at += strings.IndexByte(text[at:], '\n') + 1
	}
	return at
}

func (w *Workspace) renderSpans(c *console, i, n int, text string) goapp.UI {
	class := "out " + c.blocks[i].Output[n].Stream
	if !c.blocks[i].Done { // it may be half of something yet
		return goapp.Pre().Class(class).Text(text)
	}
	key := piece{i, n}
	d, ok := c.drawn[key]
	if !ok || d.size != len(text) || d.tidy != c.tidy[i] {
		d = drawn{len(text), c.tidy[i], paint(text)}
		c.drawn[key] = d
	}
	var open *token
	pre := goapp.Pre().Class(class).Body(goapp.Range(d.spans).Slice(func(k int) goapp.UI {
		s := d.spans[k]
		if s.token == nil {
			return goapp.Span().Class(s.class).Text(s.text)
		}
		id := fmt.Sprint(i, "/", n, "/", k)
		if c.chip == id {
			open = s.token
		}
		return goapp.Button().Type("button").Class("chip").Title(texts.token).Aria("expanded", c.chip == id).
			Body(goapp.Text(s.text[:min(14, len(s.text))]+"… "), goapp.Small().Text(w.tokenLabel(*s.token))).
			OnClick(func(goapp.Context, goapp.Event) {
				if c.chip == id {
					c.chip = ""
				} else {
					c.chip = id
				}
			}, c.ID, id)
	}))
	return goapp.Div().Body(pre, when(c.chip != "" && open != nil, func() goapp.UI { return w.renderToken(*open) }))
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
	return goapp.Div().Class("token").Role("group").Aria("label", texts.token).Body(
		goapp.P().Text(says), goapp.P().Class("who").Text(texts.worthless),
		goapp.P().Class("label").Text(texts.tokenHeader), goapp.Pre().Body(painted(t.header)),
		goapp.P().Class("label").Text(texts.tokenClaims), goapp.Pre().Body(painted(t.claims)),
		button(texts.copyToken, "quiet", func(goapp.Context) { copyText(t.raw) }, t.raw),
	)
}

// painted is a text with its JSON coloured.
func painted(text string) goapp.UI {
	spans := paint(text)
	return goapp.Span().Body(goapp.Range(spans).Slice(func(i int) goapp.UI { return goapp.Span().Class(spans[i].class).Text(spans[i].text) }))
}
