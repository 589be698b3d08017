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
	ctx       goapp.Context // of the component, for what comes from outside
	client    *client
	build     string // that the page and its lab are of
	path      string // of the address that is shown, below the site's root
	place     string // the path with what stands behind #
	lab       labapi.Lab
	lesson    *lesson.Lesson
	data      json.RawMessage // the lesson as it was loaded
	lessons   []lesson.Entry
	scenarios []Scenario
	progress  labapi.Progress
	consoles  []*console // in the order of their tabs
	tab       string     // the console's id, or portalTab
	opening   int        // consoles that are being opened with the lab
	tidy      bool       // JSON is shown indented
	said      string     // what a screen reader is to say

	blade         blade.Blade
	values        map[string]string // of the portal's fields that were changed
	acting        bool              // the portal waits for an answer
	pointed       string            // the portal's target that Show me points at
	portalMistake string            // what went wrong by the last click

	exchanges []exchange.Exchange
	netRev    int // changes when the exchanges do
	inspector inspector

	hints     map[string]int    // how many hints of a step are shown
	solved    string            // the step whose solution is shown
	chosen    map[string]bool   // tabs of the lesson's text, by id
	fields    map[string]string // values of placeholders that the person put in
	openField string            // the field whose token is open
	mistake   string            // what the last command got wrong

	problem    string
	ready      bool
	keeping    keeping
	news       siteNews
	sharing    sharing
	given      string // a lab from a file, on its way to being opened
	revival    revival
	room       string            // the room that a phone shows; "" for the first
	dragging   string            // the splitter that the pointer holds
	escaped    bool              // Escape was pressed at the prompt: Tab leaves it
	theme      string            // "", "light" or "dark"
	done       map[string]string // how far each lesson of the list is, in words
	editing    *labapi.Edit
	editorSays string
}

// OnMount begins to hear of the keyboard and the pointer.
func (w *Workspace) OnMount(ctx goapp.Context) {
	w.ctx = ctx
	w.readTheme(ctx)
	w.listen()
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
	w.inspector, w.room, w.pointed, w.said, w.mistake, w.editing = inspector{}, "", "", "", "", nil
	w.consoles, w.netRev = nil, w.netRev+1
	w.hints, w.values, w.chosen, w.fields = map[string]int{}, map[string]string{}, map[string]bool{}, map[string]string{}
	placeSplitters(ctx)
	w.startWorker(ctx)
	fetch(ctx, lessonData("index.json"), func(ctx goapp.Context, text string, ok bool) {
		if !ok || json.Unmarshal([]byte(text), &w.lessons) != nil {
			w.problem = texts.listFailed
		}
		w.readProgress(ctx)
	})
	id, ok := strings.CutPrefix(strings.Trim(path, "/"), "lessons/")
	if !ok {
		fetch(ctx, lessonData("scenarios.json"), func(_ goapp.Context, text string, ok bool) {
			_ = ok && json.Unmarshal([]byte(text), &w.scenarios) == nil // without it, the list is empty
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
			w.readFields(ctx)
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
		if c := w.console(e.Output.Console); c != nil && c.lastBlock() != nil {
			c.repeat()
			c.lastBlock().add(e.Output.Stream, e.Output.Text)
			if c == w.current() {
				w.followLog(ctx)
			}
		}
	case e.Prompt != nil:
		if c := w.console(e.Prompt.Console); c != nil && c.running {
			c.repeat()
			if len(c.replay) > 0 {
				given := c.replay[0]
				c.replay, c.waits = c.replay[1:], e.Prompt
				w.input(c, given)
				return
			}
			c.waits = e.Prompt
			c.lastBlock().rev++
			if w.said = c.lastBlock().unended(); w.said == "" {
				w.said = texts.reads
			}
			w.next(ctx, c)
		}
	case e.Edit != nil:
		w.openEditor(ctx, *e.Edit)
	case e.Steps != nil:
		w.steps(ctx, *e.Steps)
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
		w.netRev++
		w.followFlow(ctx)
	}
}

// followLog keeps the end of the log in view if it was.
func (w *Workspace) followLog(ctx goapp.Context) {
	log := byID(logID)
	if !log.Truthy() || log.Get("scrollHeight").Float()-log.Get("scrollTop").Float()-log.Get("clientHeight").Float() > 80 {
		return
	}
	ctx.Defer(func(goapp.Context) { toEnd() })
}

// followFlow shows the last exchange.
func (w *Workspace) followFlow(ctx goapp.Context) {
	ctx.Defer(func(goapp.Context) {
		if flow := byID(flowID); flow.Truthy() {
			flow.Set("scrollTop", flow.Get("scrollHeight"))
		}
	})
}

// announce tells a screen reader how a command ended, with what it printed if
// that is short.
func (w *Workspace) announce(b *block) {
	text := texts.saysOK
	if b.status != 0 {
		text = fmt.Sprintf(texts.failed, b.status)
	}
	switch n := b.lines(); {
	case n == 0:
	case n <= 3 && len(b.parts) > 0 && len(b.parts[0].pieces[0]) < 300:
		for _, p := range b.parts {
			text += ". " + p.text()
		}
	default:
		text += ". " + fmt.Sprintf(texts.saysLines, n)
	}
	if b.mistake != "" {
		text += " " + texts.mistake + b.mistake
	}
	w.said = text
}

// openTabs shows a tab for each console of the lab, and for each machine that
// has none.
func (w *Workspace) openTabs(ctx goapp.Context, l labapi.Lab, machine string) {
	for _, x := range l.Consoles {
		w.take(x)
	}
	show := func(ctx goapp.Context) {
		for _, c := range w.consoles {
			if c.Home == machine && w.tab == "" {
				w.tab = c.ID
				w.focus(ctx)
			}
		}
	}
	w.opening = 0
	for _, m := range l.Machines {
		if !slices.ContainsFunc(w.consoles, func(c *console) bool { return c.Home == m.Name }) {
			w.opening++
			ask(w.client, labapi.OpConsole, labapi.NewConsole{Machine: m.Name}, func(ctx goapp.Context, x labapi.Console, problem string) {
				w.opening--
				if problem != "" {
					w.client.onFail(ctx, problem)
					return
				}
				w.take(x)
				show(ctx)
			})
		}
	}
	show(ctx)
}

// move takes the last command or click back, or does it again.
func (w *Workspace) move(op string) func(goapp.Context) {
	return func(ctx goapp.Context) {
		call(w.client, op, struct{}{}, func(ctx goapp.Context, l labapi.Lab) {
			w.lab = l
			for _, x := range l.Consoles { // their shells are others now
				w.take(x)
			}
			w.consoles = slices.DeleteFunc(w.consoles, func(c *console) bool {
				return !slices.ContainsFunc(l.Consoles, func(x labapi.Console) bool { return x.ID == c.ID })
			})
			if l.Progress != nil {
				w.progress = *l.Progress
			}
			w.readExchanges(nil)
			for _, c := range w.consoles {
				if c.folder != nil { // its files may be others now
					w.list(c, c.folder.Path)
				}
			}
			w.said = map[string]string{labapi.OpUndo: texts.saysUndone, labapi.OpRedo: texts.saysRedone}[op]
			if w.tab == portalTab {
				w.openPortal(ctx)
			} else if w.current() == nil && len(w.consoles) > 0 {
				w.tab = w.consoles[0].ID
			}
		})
	}
}

// readExchanges takes all exchanges anew; then is called when they are there, if
// it is not nil.
func (w *Workspace) readExchanges(then func()) {
	call(w.client, labapi.OpExchanges, labapi.Since{}, func(_ goapp.Context, list []exchange.Exchange) {
		w.exchanges, w.netRev = list, w.netRev+1
		if then != nil {
			then()
		}
	})
}

// Render draws the page.
func (w *Workspace) Render() goapp.UI {
	if w.path == "/" {
		return w.renderFront()
	}
	class := "work in-" + w.currentRoom()
	if w.lesson == nil {
		class += " alone"
	}
	return el("div", "page full",
		w.renderTop(),
		w.renderNotices(),
		el("main", class,
			when(w.lesson != nil, func() goapp.UI { return w.renderLesson() }, func() goapp.UI { return el("div", "nolesson") }),
			w.renderSplitter("side"),
			el("section", "room", w.renderTabs(), w.renderRoom()).Attr("aria-label", texts.machines).Attr("tabindex", -1),
			w.renderSplitter("low"),
			&inspectView{W: w, Rev: w.netRev},
		).ID(roomsID),
		w.renderRooms(),
		w.renderDialogs(),
	)
}

// renderNotices is what the page has to say as a whole, in a place of its own:
// what comes and goes must not move its neighbours, for then go-app makes those
// anew, and focus is lost.
func (w *Workspace) renderNotices() goapp.UI {
	return el("div", "notices",
		el("div", "", when(w.problem != "", func() goapp.UI {
			return el("p", "problem", goapp.Text(w.problem), iconButton("cross", texts.close, "quiet", true, func(goapp.Context) { w.problem = "" })).Attr("role", "alert")
		})),
		el("div", "", w.renderNews(), w.renderSharing(), w.renderRevival(), w.renderWidening(), w.renderKeeping()),
		say("p", "sr says", w.said).Attr("role", "status").Attr("aria-live", "polite"),
	)
}

// renderDialogs are what lies over the page when it is asked for.
func (w *Workspace) renderDialogs() goapp.UI {
	return el("div", "", w.renderEditor(), renderKeys())
}

// renderKeys lists what the keyboard does.
func renderKeys() goapp.UI {
	return el("dialog", "keys", say("h2", "", texts.keys),
		el("dl", "", each(texts.keyList, func(_ int, k [2]string) goapp.UI {
			return el("div", "", el("dt", "", each(strings.Split(k[0], "|"), func(_ int, x string) goapp.UI { return say("kbd", "", x) })...), say("dd", "", k[1]))
		})...),
		button(texts.close, "run", func(goapp.Context) { closeDialog(keysID) }),
	).ID(keysID).Attr("aria-label", texts.keys)
}

// renderTop is the bar at the top: where one is, how far, and what can be taken
// back.
func (w *Workspace) renderTop() goapp.UI {
	where := el("p", "crumb")
	switch {
	case w.lesson != nil:
		where = say("h1", "crumb", w.lesson.Title)
	case w.sandbox() != "":
		where = say("h1", "crumb", texts.sandbox+" "+w.sandbox())
	}
	return el("header", "top",
		el("a", "logo", icon("logo"), say("span", "", texts.name)).Attr("href", at("/")),
		where,
		el("div", "", when(w.lesson != nil && len(w.progress.Steps) > 0, w.renderProgress)),
		el("div", "tools",
			when(w.lab.Undo != "", func() goapp.UI {
				return iconButton("undo", texts.undo, "quiet undo", false, w.move(labapi.OpUndo), labapi.OpUndo).Attr("title", w.lab.Undo)
			}),
			when(w.lab.Redo != "", func() goapp.UI {
				return iconButton("redo", texts.redo, "quiet redo", false, w.move(labapi.OpRedo), labapi.OpRedo).Attr("title", w.lab.Redo)
			}),
			when(w.lab.Scenario != "", func() goapp.UI {
				return button(texts.share, "quiet", w.share)
			}),
			when(w.lab.Scenario != "", func() goapp.UI {
				return button(texts.startOver, "quiet over", func(goapp.Context) { w.keeping.asking = true })
			}),
			button("?", "quiet help-keys", func(goapp.Context) { openDialog(keysID) }).Attr("aria-label", texts.keys).Attr("title", texts.keys),
			iconButton("theme", fmt.Sprintf(texts.theme, texts.themes[w.theme]), "quiet theme", true, w.nextTheme, w.theme),
		),
	)
}

// renderProgress is a mark for each step.
func (w *Workspace) renderProgress() goapp.UI {
	n, now := 0, w.currentStep()
	marks := each(w.lesson.Steps, func(_ int, s lesson.Step) goapp.UI {
		class := ""
		switch {
		case w.step(s.ID).Done:
			class = "done"
			n++
		case s.ID == now:
			class = "now"
		}
		return el("i", class).Attr("aria-hidden", true)
	})
	return el("p", "progress", append(marks, say("span", "", fmt.Sprintf(texts.steps, n, len(w.lesson.Steps))))...)
}

func (w *Workspace) renderRoom() goapp.UI {
	if w.tab == portalTab {
		return w.renderPortal()
	}
	return w.renderConsole(w.current())
}

// runNow runs the snippet of the current step, as its button does.
func (w *Workspace) runNow(goapp.Context) {
	if b := goapp.Window().Get("document").Call("querySelector", ".step.now .snippet .run"); b.Truthy() {
		b.Call("click")
	}
}
