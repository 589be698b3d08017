package app

import (
	"strings"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"
)

// el is an element with its class. All are of go-app's one general kind, for
// each special one links its hundred methods into the module.
func el(tag, class string, body ...goapp.UI) goapp.HTMLElem {
	return goapp.Elem(tag).Class(class).Body(body...)
}

// say is an element that holds a text.
func say(tag, class, text string) goapp.HTMLElem { return el(tag, class, goapp.Text(text)) }

// input is a field of one line.
func input(kind, class, label string) goapp.HTMLElemSelfClosing {
	return goapp.ElemSelfClosing("input").Attr("type", kind).Class(class).Attr("aria-label", label).Attr("autocomplete", "off").Attr("spellcheck", false)
}

// each draws the items of a list.
func each[T any](list []T, draw func(i int, x T) goapp.UI) []goapp.UI {
	out := make([]goapp.UI, 0, len(list))
	for i, x := range list {
		if ui := draw(i, x); ui != nil {
			out = append(out, ui)
		}
	}
	return out
}

// when draws one of two things; without the second, nothing. Only the one that
// is shown is made.
func when(shown bool, yes func() goapp.UI, no ...func() goapp.UI) goapp.UI {
	switch {
	case shown:
		return yes()
	case len(no) > 0:
		return no[0]()
	}
	return nil
}

// button is a button that does something. go-app tells handlers apart by their
// code alone, so what a handler closes over stands in scope, too.
func button(text, class string, do func(goapp.Context), scope ...any) goapp.HTMLElem {
	return say("button", class, text).Attr("type", "button").On("click", func(ctx goapp.Context, _ goapp.Event) { do(ctx); redraw(ctx) }, append([]any{text, class}, scope...)...)
}

// choices is a row of buttons of which one is chosen.
func choices[T any](label string, list []T, of func(T) (id, text string), now string, choose func(goapp.Context, string)) goapp.UI {
	return el("div", "seg", each(list, func(_ int, x T) goapp.UI {
		id, text := of(x)
		return button(text, "", func(ctx goapp.Context) { choose(ctx, id) }, id, label).Attr("aria-pressed", id == now)
	})...).Attr("role", "group").Attr("aria-label", label)
}

// drawings are the page's icons: paths in a square of 16.
var drawings = map[string]string{
	"logo":  `<circle cx="8" cy="8" r="2.8" fill="currentColor" stroke="none"/><ellipse cx="8" cy="8" rx="7" ry="3" transform="rotate(-28 8 8)"/>`,
	"check": `<path d="M3.5 8.5l3 3 6-7"/>`,
	"cross": `<path d="M4 4l8 8M12 4l-8 8"/>`,
	"plus":  `<path d="M8 3v10M3 8h10"/>`,
	"theme": `<circle cx="8" cy="8" r="6"/><path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor"/>`,
	"wait":  `<circle cx="8" cy="8" r="6"/><path d="M8 4.5V8l2.5 1.5"/>`,
	"find":  `<circle cx="7" cy="7" r="4"/><path d="M10 10l3.5 3.5"/>`,
	"undo":  `<path d="M6 3L3 6l3 3M3 6h6a4 4 0 0 1 0 8H6"/>`,
	"redo":  `<path d="M10 3l3 3-3 3M13 6H7a4 4 0 0 0 0 8h3"/>`,
	"file":  `<path d="M4 2h5l3 3v9H4zM9 2v3h3"/>`,
	"dir":   `<path d="M2 4h4l1.5 2H14v7H2z"/>`,
}

// icon draws one of the page's icons; it says nothing to a screen reader.
func icon(name string) goapp.UI {
	return goapp.Raw(`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">` + drawings[name] + `</svg>`)
}

// iconButton is a button with an icon before its text, or alone; then the text
// is its name.
func iconButton(name, text, class string, alone bool, do func(goapp.Context), scope ...any) goapp.HTMLElem {
	b := el("button", strings.TrimSpace("withicon "+class), icon(name)).Attr("type", "button").On("click", func(ctx goapp.Context, _ goapp.Event) { do(ctx); redraw(ctx) }, append([]any{text, class}, scope...)...)
	if alone {
		return b.Attr("aria-label", text).Attr("title", text)
	}
	return b.Body(icon(name), say("span", "", text))
}
