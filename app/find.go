package app

import (
	"fmt"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"
)

// finder looks for a text in what a console shows.
type finder struct {
	query string
	hits  []hit
	at    int
}

// hit is a line that has the text.
type hit struct {
	b    *block
	line int
}

const finderID = "find"

// openFinder opens the finder of the console that is shown.
func (w *Workspace) openFinder(ctx goapp.Context) {
	c := w.current()
	if c == nil {
		return
	}
	if c.finder == nil {
		c.finder = &finder{}
	}
	w.room = roomWork
	ctx.Defer(func(goapp.Context) { byID(finderID).Call("focus"); byID(finderID).Call("select") })
}

// look finds a text and goes to its last place.
func (c *console) look(query string) {
	f := c.finder
	if f == nil { // a field that Escape empties says so after it was closed
		return
	}
	c.unmark()
	f.query, f.hits = query, nil
	if query == "" {
		return
	}
	for _, b := range c.blocks {
		for _, line := range b.find(query) {
			f.hits = append(f.hits, hit{b, line})
		}
		b.open = false // marks in a hundred thousand lines would be too many
		b.rev++
	}
	c.turn(len(f.hits) - 1)
}

// unmark makes the blocks look as without a finder.
func (c *console) unmark() {
	for _, b := range c.blocks {
		if b.hit = -1; c.finder.query != "" {
			b.rev++
		}
	}
}

// turn goes to a place, counted around.
func (c *console) turn(to int) {
	f := c.finder
	n := len(f.hits)
	if n == 0 {
		return
	}
	old := f.hits[min(f.at, n-1)].b
	f.at = (to + n) % n
	now := f.hits[f.at]
	old.hit = -1
	old.rev++
	now.b.hit = now.line
	now.b.rev++
	for i, b := range c.blocks[:c.earlier] {
		if b == now.b {
			c.earlier = i
			break
		}
	}
}

// toHit scrolls to the place that was found.
func toHit(ctx goapp.Context) {
	ctx.Defer(func(goapp.Context) {
		if at := goapp.Window().Get("document").Call("querySelector", "mark.now"); at.Truthy() {
			at.Call("scrollIntoView", map[string]any{"block": "center"})
		}
	})
}

func (w *Workspace) closeFinder(ctx goapp.Context, c *console) {
	c.unmark()
	c.finder = nil
	w.focus(ctx)
}

func (w *Workspace) renderFinder(c *console) goapp.UI {
	f := c.finder
	count := ""
	switch {
	case f.query == "":
	case len(f.hits) == 0:
		count = texts.findNothing
	default:
		count = fmt.Sprintf(texts.findCount, f.at+1, len(f.hits))
	}
	turn := func(by int) func(goapp.Context) {
		return func(ctx goapp.Context) { c.turn(f.at + by); toHit(ctx) }
	}
	return el("div", "finder",
		input("search", "", texts.find).ID(finderID).
			On("input", func(ctx goapp.Context, _ goapp.Event) { c.look(ctx.JSSrc().Get("value").String()); toHit(ctx) }, c.ID).
			On("keydown", func(ctx goapp.Context, e goapp.Event) {
				switch chord(e.Value) {
				case "Enter":
					turn(-1)(ctx)
				case "shift+Enter":
					turn(1)(ctx)
				case "Escape":
					w.closeFinder(ctx, c)
				}
			}, c.ID),
		say("span", "word", count).Attr("role", "status"),
		button("↑", "quiet", turn(-1), c.ID, -1).Attr("aria-label", texts.findUp),
		button("↓", "quiet", turn(1), c.ID, 1).Attr("aria-label", texts.findDown),
		iconButton("cross", texts.close, "quiet", true, func(ctx goapp.Context) { w.closeFinder(ctx, c) }, c.ID),
	).Attr("role", "search")
}

// marked takes a text apart at the places of a query; now says that the line
// now, counted from 0, is the one that find looks at.
func marked(text, query string, now int) []span {
	var spans []span
	q := strings.ToLower(query)
	line := 0
	for l := range strings.Lines(text) {
		low := strings.ToLower(l)
		if len(low) != len(l) { // a letter whose small form has another length
			low = l
		}
		at := 0
		for {
			i := strings.Index(low[at:], q)
			if i < 0 {
				break
			}
			class := "hit"
			if line == now {
				class = "now"
			}
			spans = append(spans, span{text: l[at : at+i]}, span{text: l[at+i : at+i+len(q)], class: class, mark: true})
			at += i + len(q)
		}
		spans = append(spans, span{text: l[at:]})
		line++
	}
	return spans
}
