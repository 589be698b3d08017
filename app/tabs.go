package app

import (
	"slices"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"

	"skylab/sim/labapi"
)

const renameID = "rename"

// renderTabs draws a tab for each console and the portal's, and what opens
// another. They come all at once: none moves away under somebody's hand.
func (w *Workspace) renderTabs() goapp.UI {
	if w.opening > 0 {
		return el("div", "tabs")
	}
	tabs := each(w.consoles, func(_ int, c *console) goapp.UI { return w.renderTab(c) })
	if len(w.lab.Machines) > 0 {
		tabs = append(tabs, el("span", "tabbed", w.tabButton(portalTab, texts.portal, texts.portal)))
	}
	return el("div", "tabs",
		el("div", "tablist", tabs...).Attr("role", "tablist").Attr("aria-label", texts.machines),
		el("div", "more", when(len(w.lab.Machines) > 0, w.renderMore)),
	)
}

// tabButton is the part of a tab that shows it. name is its name for tests and
// lessons.
func (w *Workspace) tabButton(id, name, text string) goapp.HTMLElem {
	at := -1
	if w.tab == id {
		at = 0
	}
	return button(text, "tab", func(ctx goapp.Context) {
		w.showTab(ctx, id)
		if id != portalTab {
			w.focus(ctx)
		}
	}, id).Attr("role", "tab").Attr("aria-selected", w.tab == id).Attr("tabindex", at).Attr("data-tab", name)
}

func (w *Workspace) renderTab(c *console) goapp.UI {
	if c.naming {
		return el("span", "tabbed", input("text", "rename", texts.renameTab).ID(renameID).Attr("value", c.name()).
			On("keydown", func(ctx goapp.Context, e goapp.Event) {
				if chord(e.Value) == "Escape" {
					c.naming = false
				}
			}, c.ID).
			On("blur", func(ctx goapp.Context, _ goapp.Event) { w.rename(ctx, c, ctx.JSSrc().Get("value").String()) }, c.ID))
	}
	class := "tabbed"
	if c.running {
		class = "tabbed busy"
	}
	text := c.name()
	if c.Shell != "bash" && c.Title == "" {
		text += " · " + c.Shell
	}
	return el("span", class,
		w.tabButton(c.ID, c.ID, text).Attr("title", texts.tabHint).On("dblclick", func(ctx goapp.Context, _ goapp.Event) { w.nameTab(ctx, c) }, c.ID))
}

// nameTab lets the person type a name for a tab.
func (w *Workspace) nameTab(ctx goapp.Context, c *console) {
	c.naming = true
	ctx.Defer(func(goapp.Context) { byID(renameID).Call("focus"); byID(renameID).Call("select") })
}

// renderMore offers another console on each machine, with each of its shells.
func (w *Workspace) renderMore() goapp.UI {
	type offer struct{ machine, shell string }
	var list []offer
	for _, m := range w.lab.Machines {
		for _, s := range m.Shells {
			list = append(list, offer{m.Name, s})
		}
	}
	return el("details", "plus",
		el("summary", "", icon("plus")).Attr("aria-label", texts.newConsole).Attr("title", texts.newConsole),
		el("div", "popup", each(list, func(_ int, o offer) goapp.UI {
			return button(o.machine+" · "+o.shell, "quiet", func(ctx goapp.Context) {
				shutMenu(ctx)
				w.addConsole(ctx, labapi.NewConsole{Machine: o.machine, Shell: o.shell, New: true}, nil)
			}, o.machine, o.shell).Attr("data-new", o.machine+"/"+o.shell)
		})...))
}

// shutMenu closes the list that the button of an event stands in.
func shutMenu(ctx goapp.Context) {
	if d := ctx.JSSrc().Call("closest", "details"); d.Truthy() {
		d.Set("open", false)
	}
}

// order is the tabs from left to right.
func (w *Workspace) order() []string {
	ids := []string{}
	for _, c := range w.consoles {
		ids = append(ids, c.ID)
	}
	return append(ids, portalTab)
}

// nextTab shows the tab beside the one that is shown.
func (w *Workspace) nextTab(ctx goapp.Context, by int) {
	ids := w.order()
	at := max(0, slices.Index(ids, w.tab))
	w.showTab(ctx, ids[(at+by+len(ids))%len(ids)])
	w.focus(ctx)
}

// tabKey is what a key does on a tab.
func (w *Workspace) tabKey(chord string) (do func(goapp.Context), ours bool) {
	ids := w.order()
	at := max(0, slices.Index(ids, w.tab))
	show := func(i int) (func(goapp.Context), bool) {
		return func(ctx goapp.Context) {
			w.showTab(ctx, ids[(i+len(ids))%len(ids)])
			ctx.Defer(func(goapp.Context) { focusOn(`[role="tab"][aria-selected="true"]`) })
		}, true
	}
	forth := 1
	if goapp.Window().Get("document").Get("dir").String() == "rtl" {
		forth = -1
	}
	switch chord {
	case "ArrowRight":
		return show(at + forth)
	case "ArrowLeft":
		return show(at - forth)
	case "Home":
		return show(0)
	case "End":
		return show(len(ids) - 1)
	}
	if c := w.current(); c != nil {
		switch chord {
		case "F2":
			return func(ctx goapp.Context) { w.nameTab(ctx, c) }, true
		case "Delete":
			if len(w.consoles) > 1 {
				return func(ctx goapp.Context) { w.closeConsole(ctx, c) }, true
			}
		}
	}
	return nil, false
}
