package app

import (
	"fmt"
	"slices"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"

	"skylab/sim/labapi"
)

// keeping is what the page knows of the place where its lab is kept.
type keeping struct {
	elsewhere, taken bool // another tab has the lab, or took it
	restored         bool
	asking           bool   // whether to start over
	problem          string // why nothing is kept
	unreadable       string // why the kept lab could not be read
}

// progressKey is where the list of lessons finds how far one is.
const progressKey = "skylab.progress."

// labKey names the place where the lab of this page is kept.
func (w *Workspace) labKey() string {
	switch scenario := w.sandbox(); {
	case w.sharing.copy != "":
		return "copy/" + w.sharing.copy
	case w.lesson != nil:
		return "lesson/" + w.lesson.ID
	case scenario != "":
		return "sandbox/" + scenario
	}
	return "sandbox"
}

// sandbox is the scenario that the address names; "" where it names none.
func (w *Workspace) sandbox() string {
	scenario, _ := strings.CutPrefix(w.path, "/sandbox/")
	if scenario == w.path {
		return ""
	}
	return scenario
}

// opens is what to ask for the lab of the page, and the machine to show first.
func (w *Workspace) opens(open labapi.Open) (_ labapi.Open, machine string) {
	open.Key, open.Snapshot, open.Scenario = w.labKey(), w.sharing.begun, w.sandbox()
	open.Take = open.Take || w.revival.ours // a browser lets go of the lock of a worker late
	w.revival.ours = false
	if w.revival.spare != nil && !open.Fresh {
		open.Snapshot = w.revival.spare
	}
	if w.lesson != nil {
		v := w.lesson.Variants[0]
		open.Lesson, open.Variant, open.Scenario, open.Data = w.lesson.ID, v.ID, v.Scenario, w.data
		machine = v.Machine
	}
	return open, machine
}

// openLab opens the lab of the page: the one that was kept, unless open says
// otherwise.
func (w *Workspace) openLab(open labapi.Open) {
	open, machine := w.opens(open)
	ask(w.client, labapi.OpOpen, open, func(ctx goapp.Context, l labapi.Lab, problem string) {
		switch {
		case problem != "" && w.sharing.copy != "":
			w.refuse(problem)
			return
		case problem != "":
			w.client.onFail(ctx, problem)
			return
		}
		if w.keeping = (keeping{problem: w.keeping.problem, elsewhere: l.Elsewhere, restored: l.Kept, unreadable: l.Unreadable}); l.Elsewhere {
			return
		}
		w.noteWider(ctx, l.Wider)
		w.lab, w.exchanges = l, nil
		w.consoles, w.netRev, w.tab = nil, w.netRev+1, ""
		clear(w.hints)
		if l.Progress != nil {
			w.progress = *l.Progress
		}
		if !slices.ContainsFunc(l.Machines, func(m labapi.Machine) bool { return m.Name == machine }) {
			machine = l.Machines[0].Name
		}
		w.openTabs(ctx, l, machine)
		w.readExchanges(nil)
	})
}

// forgetAll deletes all labs and all that is known of them, and begins anew.
func (w *Workspace) forgetAll(ctx goapp.Context) {
	w.client.close()
	w.sharing, w.revival = sharing{}, revival{}
	then(ctx, goapp.Window().Call("skylabForget", progressKey), func(ctx goapp.Context, _ goapp.Value, problem string) {
		if problem != "" {
			w.problem = fmt.Sprintf(texts.notForgotten, strings.TrimSuffix(problem, "."))
		}
		w.readProgress(ctx)
		w.ready = true
		w.startWorker(ctx)
	})
}

// noteProgress writes down for the list of lessons how far this one is.
func (w *Workspace) noteProgress(ctx goapp.Context) {
	if w.lesson == nil {
		return
	}
	done := 0
	for _, s := range w.progress.Steps {
		if s.Done {
			done++
		}
	}
	text := ""
	switch {
	case w.progress.Done:
		text = texts.complete
	case done > 0:
		text = fmt.Sprintf(texts.progress, done, len(w.progress.Steps))
	}
	if !storageWorks() {
		return
	}
	if text == "" {
		ctx.LocalStorage().Del(progressKey + w.lesson.ID)
		return
	}
	// A storage that refuses is told of by the lab, which keeps far more.
	_ = ctx.LocalStorage().Set(progressKey+w.lesson.ID, text)
}

// readProgress reads how far the lessons of the list are.
func (w *Workspace) readProgress(ctx goapp.Context) {
	w.done = map[string]string{}
	if !storageWorks() {
		return
	}
	for _, l := range w.lessons {
		var text string
		if ctx.LocalStorage().Get(progressKey+l.ID, &text) == nil {
			w.done[l.ID] = text
		}
	}
}

// storageWorks tells whether the page may use the browser's storage: where it
// is forbidden, touching it throws.
func storageWorks() (works bool) {
	defer func() { works = works && recover() == nil }()
	return goapp.Window().Get("localStorage").Truthy()
}

// renderKeeping says what happened to the lab that was kept, and asks what the
// page cannot decide.
func (w *Workspace) renderKeeping() goapp.UI {
	k := w.keeping
	var text string
	var buttons []goapp.UI
	role := "status"
	switch take := button(texts.takeOver, "run", func(goapp.Context) { w.openLab(labapi.Open{Take: true}) }); {
	case k.elsewhere:
		text, buttons, role = texts.elsewhere, append(buttons, take), "alert"
	case k.taken:
		text, buttons, role = texts.taken, append(buttons, take), "alert"
	case k.asking:
		text, buttons, role = texts.startOverAsk, append(buttons,
			button(texts.startOverYes, "run", func(goapp.Context) { w.openLab(labapi.Open{Fresh: true}) }),
			button(texts.startOverAll, "", w.forgetAll),
			button(texts.no, "", func(goapp.Context) { w.keeping.asking = false })), "alert"
	case k.unreadable != "":
		text, buttons = fmt.Sprintf(texts.unreadable, strings.TrimSuffix(k.unreadable, ".")), append(buttons, button(texts.saveCopy, "", func(goapp.Context) {
			call(w.client, labapi.OpUnreadable, struct{}{}, func(_ goapp.Context, data string) { downloadText("skylab-lab.json", data) })
		}))
	case k.problem != "":
		text = fmt.Sprintf(texts.notKept, strings.TrimSuffix(k.problem, "."))
	case k.restored:
		text = texts.goesOn
	default:
		return nil
	}
	return el("div", "keeping", say("p", "", text), el("div", "commands", buttons...)).Attr("role", role)
}
