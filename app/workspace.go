package app

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"

	"skylab/sim/exchange"
	"skylab/sim/labapi"
	"skylab/sim/machine/portal/blade"
	"skylab/tutorials/lesson"
)

// portalTab is the tab of the portal; the others are named by their machines.
const portalTab = "\x00portal"

// Workspace is a lab with its consoles, its portal and its exchanges; beside it
// stands the lesson, if one is open.
type Workspace struct {
	goapp.Compo
	client    *client
	build     string // that the page and its lab are of
	path      string // of the address that is shown, below the site's root
	place     string // the path with what stands behind #
	lab       labapi.Lab
	lesson    *lesson.Lesson
	data      json.RawMessage // the lesson as it was loaded
	lessons   []lesson.Entry  // where no lesson is open
	progress  labapi.Progress
	consoles  map[string]*console
	tab       string
	blade     blade.Blade
	values    map[string]string // of the portal's fields that were changed
	exchanges []exchange.Exchange
	hints     map[string]int  // how many hints of a step are shown
	chosen    map[string]bool // tabs of the lesson's text, by id
	problem   string
	ready     bool
	keeping   keeping
	news      siteNews
	sharing   sharing
	given     string // a lab from a file, on its way to being opened
	revival   revival
	inspector inspector
	room      string            // the room that a phone shows; "" for the first
	dragging  string            // the splitter that the mouse holds
	pointed   string            // the portal's target that Show me points at
	done      map[string]string // how far each lesson of the list is, in words
}

// OnNav loads the lesson that the address names, and starts a lab for it: when
// the page is shown first, and when a link leads to another address.
func (w *Workspace) OnNav(ctx goapp.Context) {
	address := ctx.Page().URL()
	path := "/" + strings.Trim(strings.TrimPrefix(address.Path, at("")), "/")
	place := path + "#" + address.Fragment
	if w.client != nil && place == w.place {
		return
	}
	if w.client != nil {
		w.client.close()
	}
	w.place, w.sharing, w.revival = place, takeFragment(address.Fragment), revival{}
	w.readNews(ctx)
	w.path, w.lab, w.lesson, w.data, w.progress = path, labapi.Lab{}, nil, nil, labapi.Progress{}
	w.tab, w.blade, w.exchanges, w.problem, w.ready, w.keeping = "", blade.Blade{}, nil, "", false, keeping{}
	w.inspector, w.room, w.pointed = inspector{}, "", ""
	placeSplitters(ctx)
	w.consoles, w.hints, w.values, w.chosen = map[string]*console{}, map[string]int{}, map[string]string{}, map[string]bool{}
	w.startWorker(ctx)
	id, ok := strings.CutPrefix(strings.Trim(path, "/"), "lessons/")
	if !ok {
		fetch(ctx, lessonData("index.json"), func(ctx goapp.Context, text string, ok bool) {
			if !ok || json.Unmarshal([]byte(text), &w.lessons) != nil {
				w.problem = texts.lessonFailed
			}
			w.readProgress(ctx)
		})
		w.start(ctx)
		return
	}
	fetch(ctx, lessonData(id+".json"), func(ctx goapp.Context, text string, ok bool) {
		if w.place != place { // a link led on meanwhile
			return
		}
		var l lesson.Lesson
		if !ok || json.Unmarshal([]byte(text), &l) != nil {
			w.problem = texts.lessonFailed
		} else {
			ctx.Page().SetTitle(l.Title + " · " + texts.name)
			w.lesson, w.data = &l, json.RawMessage(text)
		}
		w.start(ctx)
	})
}

// fetch reads a file of the site.
func fetch(ctx goapp.Context, address string, done func(goapp.Context, string, bool)) {
	goapp.Window().Call("fetch", address).Then(func(answer goapp.Value) {
		if !answer.Get("ok").Bool() {
			ctx.Dispatch(func(ctx goapp.Context) { done(ctx, "", false) })
			return
		}
		answer.Call("text").Then(func(text goapp.Value) {
			s := text.String()
			ctx.Dispatch(func(ctx goapp.Context) { done(ctx, s, true) })
		})
	})
}

// start opens the lab once both the worker and the lesson are there.
func (w *Workspace) start(ctx goapp.Context) {
	if !w.ready {
		w.ready = true
		return
	}
	w.openFirst(ctx)
}

func (w *Workspace) onEvent(ctx goapp.Context, e labapi.Event) {
	switch {
	case e.Ready != nil:
		w.start(ctx)
	case e.Output != nil:
		for _, c := range w.consoles {
			if c.ID == e.Output.Console {
				c.output(*e.Output)
			}
		}
	case e.Steps != nil:
		w.progress = *e.Steps
		w.noteProgress(ctx)
	case e.Kept != nil:
		if w.keeping.taken = w.keeping.taken || e.Kept.Taken; e.Kept.Problem != "" {
			w.keeping.problem = e.Kept.Problem
		}
	case e.Exchange != nil:
		// One that a server made for another ends before it, but began after.
		at := len(w.exchanges)
		for at > 0 && w.exchanges[at-1].ID > e.Exchange.ID {
			at--
		}
		w.exchanges = slices.Insert(w.exchanges, at, *e.Exchange)
	}
}

// current is the console that is shown.
func (w *Workspace) current() *console { return w.consoles[w.tab] }

// move takes the last command or click back, or does it again.
func (w *Workspace) move(op string) func(goapp.Context) {
	return func(ctx goapp.Context) {
		call(w.client, op, struct{}{}, func(ctx goapp.Context, l labapi.Lab) {
			w.lab = l
			for _, c := range w.consoles { // their shells are others now
				for _, x := range l.Consoles {
					if x.ID == c.ID {
						c.prompt, c.History = x.Prompt, x.History
						c.show(x.Blocks)
					}
				}
			}
			if l.Progress != nil {
				w.progress = *l.Progress
			}
			w.readExchanges()
			if w.tab == portalTab {
				w.openPortal(ctx)
			}
		})
	}
}

// readExchanges takes all exchanges anew.
func (w *Workspace) readExchanges() {
	call(w.client, labapi.OpExchanges, labapi.Since{}, func(_ goapp.Context, list []exchange.Exchange) { w.exchanges = list })
}

// Render draws the workspace.
func (w *Workspace) Render() goapp.UI {
	class := "page full"
	if w.lesson == nil {
		class = "page front"
	}
	return goapp.Div().Class(class).Body(
		w.renderTop(),
		// In a place of their own: what comes and goes must not move its
		// neighbours, for then go-app makes those anew, and focus is lost.
		goapp.Div().Class("notices").Body(
			when(w.problem != "", func() goapp.UI { return goapp.P().Class("problem").Role("alert").Text(w.problem) }),
			w.renderNews(), w.renderSharing(), w.renderRevival(), w.renderKeeping(),
		),
		when(w.lesson == nil, w.renderLessons),
		goapp.Main().ID(roomsID).Class("work in-"+w.currentRoom()).OnMouseMove(w.drag).Body(
			when(w.lesson != nil, func() goapp.UI { return w.renderLesson() }),
			when(w.lesson != nil, func() goapp.UI { return w.renderSplitter("side") }),
			goapp.Section().Class("room").Aria("label", texts.machines).Body(w.renderTabs(), w.renderRoom()),
			when(w.lesson != nil, func() goapp.UI { return w.renderSplitter("low") }),
			w.renderExchanges(),
		),
		w.renderRooms(),
	)
}

// renderTop is the bar at the top: where one is, how far, and what can be taken
// back.
func (w *Workspace) renderTop() goapp.UI {
	return goapp.Header().Class("top").Body(
		goapp.A().Class("logo").Href(at("/")).Text(texts.name),
		when(w.lesson != nil, func() goapp.UI { return goapp.H1().Class("crumb").Text(w.lesson.Title) }, func() goapp.UI { return goapp.P().Text(texts.lead) }),
		when(w.lesson != nil && len(w.progress.Steps) > 0, w.renderProgress),
		when(w.lab.Undo != "", func() goapp.UI {
			return button("↶ "+texts.undo, "undo", w.move(labapi.OpUndo), labapi.OpUndo).Title(w.lab.Undo)
		}),
		when(w.lab.Redo != "", func() goapp.UI {
			return button("↷ "+texts.redo, "redo", w.move(labapi.OpRedo), labapi.OpRedo).Title(w.lab.Redo)
		}),
		when(w.lab.Scenario != "", func() goapp.UI {
			return button(texts.share, "quiet", w.share)
		}),
		when(w.lab.Scenario != "", func() goapp.UI {
			return button(texts.startOver, "quiet over", func(goapp.Context) { w.keeping.asking = true })
		}),
	)
}

// renderProgress is a mark for each step.
func (w *Workspace) renderProgress() goapp.UI {
	n, now := 0, w.currentStep()
	for _, s := range w.progress.Steps {
		if s.Done {
			n++
		}
	}
	return goapp.P().Class("progress").Body(goapp.Range(w.lesson.Steps).Slice(func(i int) goapp.UI {
		class := ""
		switch id := w.lesson.Steps[i].ID; {
		case w.step(id).Done:
			class = "done"
		case id == now:
			class = "now"
		}
		return goapp.I().Class(class).Aria("hidden", true)
	}), goapp.Text(" "+fmt.Sprintf(texts.steps, n, len(w.lesson.Steps))))
}

// renderLessons is the first page's list.
func (w *Workspace) renderLessons() goapp.UI {
	return goapp.Nav().Class("lessons").Aria("label", texts.lessons).Body(goapp.H1().Text(texts.heading),
		goapp.Ul().Body(goapp.Range(w.lessons).Slice(func(i int) goapp.UI {
			l := w.lessons[i]
			return goapp.Li().Body(goapp.A().Href(at("/lessons/"+l.ID)).Text(l.Title), goapp.Text(" "+l.Description),
				when(w.done[l.ID] != "", func() goapp.UI { return goapp.Span().Class("word").Text(" " + w.done[l.ID]) }))
		})))
}

func (w *Workspace) renderTabs() goapp.UI {
	names := []string{}
	for _, m := range w.lab.Machines {
		names = append(names, m.Name)
	}
	if len(names) > 0 {
		names = append(names, portalTab)
	}
	return goapp.Div().Class("tabs").Role("tablist").Body(goapp.Range(names).Slice(func(i int) goapp.UI {
		name, text := names[i], names[i]
		open := func(ctx goapp.Context) { w.openConsole(ctx, name, nil); w.focus(ctx) }
		if name == portalTab {
			text, open = texts.portal, w.openPortal
		}
		return button(text, "tab", func(ctx goapp.Context) { w.room = roomWork; open(ctx) }, name).Role("tab").Aria("selected", w.tab == name).DataSet("tab", text)
	}))
}

func (w *Workspace) renderRoom() goapp.UI {
	if w.tab == portalTab {
		return w.renderPortal()
	}
	return w.renderConsole(w.current())
}
