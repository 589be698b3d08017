package app

import (
	"fmt"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"

	"skylab/sim/labapi"
	"skylab/tutorials/lesson"
)

// step returns how far a step is.
func (w *Workspace) step(id string) labapi.Step {
	for _, s := range w.progress.Steps {
		if s.ID == id {
			return s
		}
	}
	return labapi.Step{ID: id}
}

// currentStep is the first that is not done; "" when all are.
func (w *Workspace) currentStep() string {
	for _, s := range w.lesson.Steps {
		if !w.step(s.ID).Done {
			return s.ID
		}
	}
	return ""
}

// steps takes in how far the lesson is, and says what is new.
func (w *Workspace) steps(ctx goapp.Context, p labapi.Progress) {
	old := w.progress
	w.progress = p
	w.noteProgress(ctx)
	if w.lesson == nil || len(old.Steps) != len(p.Steps) {
		return
	}
	for i, s := range p.Steps {
		if s.Done && !old.Steps[i].Done {
			w.said = fmt.Sprintf(texts.saysDone, w.lesson.Steps[i].Title)
			if p.Done {
				w.said += " " + texts.finished
			}
			ctx.Defer(func(goapp.Context) { toStep() })
		}
	}
}

// toStep brings the step that is next into view.
func toStep() {
	if at := goapp.Window().Get("document").Call("querySelector", ".step.now, .finished"); at.Truthy() {
		at.Call("scrollIntoView", map[string]any{"block": "nearest"})
	}
}

// mistakeOf is what the lesson says against the command that has just ended. A
// mistake whose condition looks at the last command is of that command;
// another, only if it was not there before.
func (w *Workspace) mistakeOf(b *block) string {
	if w.lesson == nil {
		return ""
	}
	text := ""
	for _, s := range w.lesson.Steps {
		state := w.step(s.ID)
		for _, m := range s.Mistakes {
			if m.ID == state.MistakeID && state.Mistake != "" && (strings.Contains(m.When, "$last") || w.mistake != state.Mistake) {
				text = state.Mistake
			}
		}
	}
	w.mistake = text
	return text
}

func (w *Workspace) renderLesson() goapp.UI {
	l := w.lesson
	now := w.currentStep()
	return el("article", "lesson",
		say("h2", "title", l.Title),
		say("p", "lead", l.Description+" "+fmt.Sprintf(texts.minutes, l.Minutes)),
		el("div", "versions", when(len(l.Pivots) > 1, w.renderPivots)),
		el("details", "intro",
			say("summary", "", texts.about), w.renderBlocks(l.Intro, lesson.Step{}, "intro")).Attr("open", now != "" && len(l.Steps) > 0 && now == l.Steps[0].ID),
		el("ol", "steps", each(l.Steps, func(i int, s lesson.Step) goapp.UI { return w.renderStep(s, i, now) })...),
		el("div", "end", when(w.progress.Done, w.renderFinished)),
	).Attr("tabindex", -1)
}

// renderFinished is what is said at the end, and what to do next.
func (w *Workspace) renderFinished() goapp.UI {
	l := w.lesson
	links := l.Next
	for i, e := range w.lessons {
		if e.ID == l.ID && i+1 < len(w.lessons) {
			links = append([]lesson.Link{{Text: fmt.Sprintf(texts.nextLesson, w.lessons[i+1].Title), URL: at("/lessons/" + w.lessons[i+1].ID)}}, links...)
		}
	}
	links = append(links, lesson.Link{Text: texts.allLessons, URL: at("/")})
	return el("section", "finished",
		say("h2", "", texts.finishedTitle), say("p", "", texts.finished), w.renderBlocks(l.Outro, lesson.Step{}, "outro"),
		say("h3", "", texts.whatNext),
		el("ul", "", each(links, func(_ int, x lesson.Link) goapp.UI { return el("li", "", say("a", "", x.Text).Attr("href", x.URL)) })...),
	).Attr("aria-label", texts.finishedTitle)
}

func (w *Workspace) renderStep(s lesson.Step, i int, now string) goapp.UI {
	state := w.step(s.ID)
	class, word := "todo", texts.stepTodo
	mark := goapp.UI(goapp.Text(fmt.Sprint(i + 1)))
	switch {
	case state.Done:
		class, word, mark = "done", texts.stepDone, icon("check")
	case s.ID == now:
		class, word = "now", texts.stepNow
	}
	return el("li", "step "+class,
		el("details", "",
			el("summary", "", el("span", "mark", mark).Attr("aria-hidden", true), say("h2", "", s.Title), say("span", "word", word)),
			el("div", "inside",
				w.renderBlocks(s.Blocks, s, s.ID),
				when(s.ID == now, func() goapp.UI { return w.renderHelp(s, state) })),
		).Attr("open", s.ID == now),
		el("div", "result", when(state.Done && state.Result != "", func() goapp.UI { return say("p", "after", state.Result) })),
	).Attr("data-step", s.ID)
}

// renderHelp says what is missing, what went wrong, and gives the hints one by
// one; the solution comes when it is asked for.
func (w *Workspace) renderHelp(s lesson.Step, state labapi.Step) goapp.UI {
	shown := min(w.hints[s.ID], len(s.Hints))
	return el("div", "help",
		el("div", "", when(state.Mistake != "", func() goapp.UI {
			return el("p", "mistake", say("b", "", texts.mistake), goapp.Text(state.Mistake)).Attr("data-mistake", state.MistakeID)
		}, func() goapp.UI {
			if state.Missing == "" { // the lab has not said anything yet
				return nil
			}
			return el("p", "notyet", icon("wait"), el("span", "", say("b", "", texts.notYet), goapp.Text(state.Missing)))
		})),
		el("div", "hints", each(s.Hints[:shown], func(i int, h string) goapp.UI { return goapp.Raw("<div class=\"hinted\">" + h + "</div>") })...).Attr("role", "status"),
		el("div", "commands",
			when(shown < len(s.Hints), func() goapp.UI {
				return button(fmt.Sprintf(texts.hints, shown+1, len(s.Hints)), "quiet hint-button", func(goapp.Context) { w.hints[s.ID]++ }, s.ID)
			}),
			when(len(s.Surfaces) > 0, func() goapp.UI {
				return button(texts.showMe, "quiet showme", func(ctx goapp.Context) { w.showMe(ctx, s) }, s.ID)
			}),
			when(len(s.Surfaces) > 0, func() goapp.UI {
				label := texts.solution
				if w.solved == s.ID {
					label = texts.hideSolution
				}
				return button(label, "quiet solution-button", func(goapp.Context) {
					if w.solved == s.ID {
						w.solved = ""
					} else {
						w.solved = s.ID
					}
				}, s.ID).Attr("aria-expanded", w.solved == s.ID)
			}),
		),
		el("div", "", when(w.solved == s.ID, func() goapp.UI { return w.renderSolution(s) })),
	)
}

// renderSolution shows how a step is done, on each of its surfaces.
func (w *Workspace) renderSolution(s lesson.Step) goapp.UI {
	return el("div", "solution", each(s.Surfaces, func(i int, x lesson.Surface) goapp.UI {
		body := []goapp.UI{say("h3", "", x.Title)}
		var clicks []goapp.UI
		for k, a := range x.Solution {
			machine := x.Machine
			if a.Machine != "" {
				machine = a.Machine
			}
			switch {
			case a.Run != "":
				lang := x.Kind
				if lang == "portal" {
					lang = "bash"
				}
				body = append(body, w.renderSnippet(lesson.Snippet{Lang: lang, Surface: lang, Machine: machine, Parts: []lesson.Part{{Text: a.Run}}}, s, fmt.Sprint("solution", i, k)))
			case a.Advance != "":
				clicks = append(clicks, el("li", "", goapp.Text(fmt.Sprintf(texts.advance, a.Advance))))
			default:
				text := texts.choose
				name := a.Choose
				if a.Open != "" {
					text, name = texts.open, a.Open
				}
				clicks = append(clicks, el("li", "", goapp.Text(text+" "), say("code", "", name)))
			}
		}
		if len(clicks) > 0 {
			body = append(body, el("ol", "", clicks...), say("p", "word", texts.solutionPortal))
		}
		return el("div", "", body...)
	})...)
}

func (w *Workspace) renderBlocks(blocks []lesson.Block, s lesson.Step, id string) goapp.UI {
	return el("div", "text", each(blocks, func(i int, b lesson.Block) goapp.UI {
		id := fmt.Sprint(id, ".", i)
		switch {
		case !b.Shown(w.pivot()):
			return nil
		case b.List != nil:
			return w.renderList(*b.List, s, id)
		case b.Snippet != nil:
			return w.renderSnippet(*b.Snippet, s, id)
		case len(b.Tabs) > 0:
			return w.renderChoices(b.Tabs, s, id)
		}
		return goapp.Raw("<div>" + b.HTML + "</div>")
	})...)
}

// renderList draws a list whose items hold snippets.
func (w *Workspace) renderList(l lesson.List, s lesson.Step, id string) goapp.UI {
	tag := "ul"
	if l.Ordered {
		tag = "ol"
	}
	list := el(tag, "", each(l.Items, func(i int, blocks []lesson.Block) goapp.UI {
		return el("li", "", w.renderBlocks(blocks, s, fmt.Sprint(id, ".", i)))
	})...)
	if l.Ordered {
		list = list.Attr("start", l.Start)
	}
	return list
}

// pivot is the version of the text that is shown.
func (w *Workspace) pivot() string {
	for _, p := range w.lesson.Pivots {
		if w.chosen[pivotChoice+p.ID] {
			return p.ID
		}
	}
	if len(w.lesson.Pivots) > 0 {
		return w.lesson.Pivots[0].ID
	}
	return ""
}

// pivotChoice begins the names of versions among the choices.
const pivotChoice = "\x00pivot "

// renderPivots offers the versions of the text.
func (w *Workspace) renderPivots() goapp.UI {
	return choices(texts.versions, w.lesson.Pivots, func(p lesson.Pivot) (string, string) { return p.ID, p.Title }, w.pivot(), func(_ goapp.Context, id string) {
		for _, p := range w.lesson.Pivots {
			w.chosen[pivotChoice+p.ID] = p.ID == id
		}
	})
}

// renderChoices shows one of several ways to do a thing. The choice holds for
// every group that offers it.
func (w *Workspace) renderChoices(tabs []lesson.Tab, s lesson.Step, id string) goapp.UI {
	shown := tabs[0]
	for _, t := range tabs {
		if w.chosen[t.ID] {
			shown = t
		}
	}
	return el("div", "ways",
		choices(texts.ways, tabs, func(t lesson.Tab) (string, string) { return t.ID, t.Title }, shown.ID, func(_ goapp.Context, id string) {
			for _, t := range tabs {
				w.chosen[t.ID] = t.ID == id
			}
		}),
		w.renderBlocks(shown.Blocks, s, id+"."+shown.ID),
	)
}

// place is where a snippet runs: a machine, and the kind of its shell. Without a
// machine it is only to be read.
func place(sn lesson.Snippet, s lesson.Step) (machine, shell string) {
	shell = sn.Surface
	if shell == "" {
		switch sn.Lang {
		case "bash", "azurecli", "sh":
			shell = "bash"
		case "powershell", "azurepowershell", "pwsh":
			shell = "powershell"
		}
	}
	machine = sn.Machine
	for _, x := range s.Surfaces {
		if machine == "" && shell != "" && x.Kind == shell {
			machine = x.Machine
		}
	}
	return machine, shell
}

func (w *Workspace) renderSnippet(sn lesson.Snippet, s lesson.Step, id string) goapp.UI {
	machine, shell := place(sn, s)
	label := sn.Lang
	if machine != "" {
		label = machine + " · " + shell
	}
	return el("div", "snippet",
		el("div", "bar",
			say("span", "", label),
			button(texts.copyText, "quiet small", func(goapp.Context) { copyText(w.filled(sn)) }, id),
			when(machine != "", func() goapp.UI {
				return button(texts.run, "run", func(ctx goapp.Context) {
					w.openConsole(ctx, machine, w.shellOf(machine, shell), func(ctx goapp.Context, c *console) {
						if !c.running {
							w.run(ctx, c, strings.TrimRight(w.filled(sn), "\n"))
						}
					})
				}, id)
			}),
		),
		el("pre", "", el("code", "", each(sn.Parts, func(i int, p lesson.Part) goapp.UI { return w.renderPart(p, fieldPlace(id, i)) })...)),
		el("div", "", w.renderOpenField(sn, id)),
	)
}

// fieldPlace names a part of a snippet.
func fieldPlace(id string, i int) string { return fmt.Sprint(id, "/", i) }

// shellOf is the shell of a machine that fits a kind: its PowerShell may be the
// new one.
func (w *Workspace) shellOf(machine, kind string) string {
	for _, m := range w.lab.Machines {
		if m.Name != machine {
			continue
		}
		for _, s := range m.Shells {
			if s == kind || kind == "powershell" && s == "pwsh" {
				return s
			}
		}
	}
	return ""
}
