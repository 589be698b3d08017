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

func (w *Workspace) renderLesson() goapp.UI {
	l := w.lesson
	now := w.currentStep()
	return goapp.Article().Class("lesson").Body(
		goapp.H2().Class("title").Text(l.Title),
		goapp.P().Class("lead").Text(l.Description+" "+fmt.Sprintf(texts.minutes, l.Minutes)),
		when(len(l.Pivots) > 1, w.renderPivots),
		goapp.Details().Class("intro").Open(now != "" && len(l.Steps) > 0 && now == l.Steps[0].ID).Body(
			goapp.Summary().Text(texts.about), w.renderBlocks(l.Intro, lesson.Step{})),
		goapp.Ol().Class("steps").Body(goapp.Range(l.Steps).Slice(func(i int) goapp.UI { return w.renderStep(l.Steps[i], i, now) })),
		when(w.progress.Done, func() goapp.UI {
			return goapp.Div().Class("finished").Role("status").Body(goapp.P().Text(texts.finished), w.renderBlocks(l.Outro, lesson.Step{}),
				goapp.Ul().Body(goapp.Range(l.Next).Slice(func(i int) goapp.UI {
					return goapp.Li().Body(goapp.A().Href(l.Next[i].URL).Text(l.Next[i].Text))
				})))
		}),
	)
}

func (w *Workspace) renderStep(s lesson.Step, i int, now string) goapp.UI {
	state := w.step(s.ID)
	class, word := "todo", texts.stepTodo
	switch {
	case state.Done:
		class, word = "done", texts.stepDone
	case s.ID == now:
		class, word = "now", texts.stepNow
	}
	return goapp.Li().Class("step "+class).DataSet("step", s.ID).Body(
		goapp.Details().Open(s.ID == now).Body(
			goapp.Summary().Body(goapp.Span().Class("mark").Aria("hidden", true).Text(map[bool]string{true: "✓", false: fmt.Sprint(i + 1)}[state.Done]), goapp.H2().Text(s.Title), goapp.Span().Class("word").Text(word)),
			w.renderBlocks(s.Blocks, s),
			when(s.ID == now, func() goapp.UI { return w.renderHelp(s, state) }),
		),
		when(state.Done && state.Result != "", func() goapp.UI { return goapp.P().Class("after").Text(state.Result) }),
	)
}

// renderHelp says what is missing, what went wrong, and gives the hints one by
// one.
func (w *Workspace) renderHelp(s lesson.Step, state labapi.Step) goapp.UI {
	shown := min(w.hints[s.ID], len(s.Hints))
	return goapp.Div().Class("help").Role("status").Body(
		when(state.Mistake != "", func() goapp.UI {
			return goapp.P().Class("mistake").DataSet("mistake", state.MistakeID).Body(goapp.B().Text(texts.mistake), goapp.Text(state.Mistake))
		}, func() goapp.UI {
			if state.Missing == "" { // the lab has not said anything yet
				return nil
			}
			return goapp.P().Class("notyet").Body(goapp.B().Text(texts.notYet), goapp.Text(state.Missing))
		}),
		goapp.Range(s.Hints[:shown]).Slice(func(i int) goapp.UI { return goapp.Raw("<div class=\"hinted\">" + s.Hints[i] + "</div>") }),
		goapp.Div().Class("commands").Body(
			when(shown < len(s.Hints), func() goapp.UI {
				return button(texts.hints, "quiet", func(goapp.Context) { w.hints[s.ID]++ }, s.ID)
			}),
			when(len(s.Surfaces) > 0, func() goapp.UI {
				return button(texts.showMe, "quiet showme", func(ctx goapp.Context) { w.showMe(ctx, s) }, s.ID)
			}),
		),
	)
}

func (w *Workspace) renderBlocks(blocks []lesson.Block, s lesson.Step) goapp.UI {
	return goapp.Div().Class("text").Body(goapp.Range(blocks).Slice(func(i int) goapp.UI {
		if !blocks[i].Shown(w.pivot()) {
			return nil
		}
		if list := blocks[i].List; list != nil {
			return w.renderList(*list, s)
		}
		if sn := blocks[i].Snippet; sn != nil {
			return w.renderSnippet(*sn, s)
		}
		if tabs := blocks[i].Tabs; len(tabs) > 0 {
			return w.renderChoices(tabs, s)
		}
		return goapp.Raw("<div>" + blocks[i].HTML + "</div>")
	}))
}

// renderList draws a list whose items hold snippets.
func (w *Workspace) renderList(l lesson.List, s lesson.Step) goapp.UI {
	items := goapp.Range(l.Items).Slice(func(i int) goapp.UI { return goapp.Li().Body(w.renderBlocks(l.Items[i], s)) })
	if l.Ordered {
		return goapp.Ol().Start(l.Start).Body(items)
	}
	return goapp.Ul().Body(items)
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
	list, now := w.lesson.Pivots, w.pivot()
	return goapp.Div().Class("pivots").Role("group").Aria("label", texts.versions).Body(
		goapp.Span().Text(texts.versions+": "),
		goapp.Range(list).Slice(func(i int) goapp.UI {
			id := list[i].ID
			return button(list[i].Title, "tab", func(goapp.Context) {
				for _, p := range list {
					w.chosen[pivotChoice+p.ID] = p.ID == id
				}
			}, id).Aria("pressed", id == now)
		}))
}

// renderChoices shows one of several ways to do a thing. The choice holds for
// every group that offers it.
func (w *Workspace) renderChoices(tabs []lesson.Tab, s lesson.Step) goapp.UI {
	shown := tabs[0]
	for _, t := range tabs {
		if w.chosen[t.ID] {
			shown = t
		}
	}
	return goapp.Div().Class("ways").Body(
		goapp.Div().Class("tabs").Role("tablist").Body(goapp.Range(tabs).Slice(func(i int) goapp.UI {
			id := tabs[i].ID
			return button(tabs[i].Title, "tab", func(goapp.Context) {
				for _, t := range tabs {
					w.chosen[t.ID] = t.ID == id
				}
			}, id, s.ID).Role("tab").Aria("selected", id == shown.ID)
		})),
		w.renderBlocks(shown.Blocks, s),
	)
}

// filled is a snippet's text with the placeholders that are known.
func (w *Workspace) filled(sn lesson.Snippet) string {
	var b strings.Builder
	for _, p := range sn.Parts {
		if v := w.lab.Values[p.Field]; p.Field != "" && v != "" {
			b.WriteString(v)
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

func (w *Workspace) renderSnippet(sn lesson.Snippet, s lesson.Step) goapp.UI {
	machine := ""
	for _, x := range s.Surfaces {
		if x.Kind == sn.Lang || x.Kind == "bash" && (sn.Lang == "bash" || sn.Lang == "azurecli") {
			machine = x.Machine
		}
	}
	return goapp.Div().Class("snippet").Body(
		goapp.Div().Class("bar").Body(
			goapp.Span().Text(strings.TrimSpace(machine+" "+sn.Lang)),
			button(texts.copyText, "quiet", func(goapp.Context) { copyText(w.filled(sn)) }, s.ID),
			when(machine != "", func() goapp.UI {
				return button(texts.run, "run", func(ctx goapp.Context) {
					w.room = roomWork
					w.openConsole(ctx, machine, func(ctx goapp.Context, c *console) {
						if !c.running {
							w.run(ctx, c, w.filled(sn))
						}
					})
				}, s.ID)
			}),
		),
		goapp.Pre().Body(goapp.Code().Body(goapp.Range(sn.Parts).Slice(func(i int) goapp.UI { return w.renderPart(sn.Parts[i]) }))),
	)
}

// longest is how much of a placeholder's value is shown.
const longest = 40

func (w *Workspace) renderPart(p lesson.Part) goapp.UI {
	if p.Field == "" {
		return goapp.Span().Class(p.Class).Text(p.Text)
	}
	text, class := p.Text, "field"
	if v := w.lab.Values[p.Field]; v != "" {
		text, class = v, "field known"
		if len(v) > longest {
			text = v[:longest] + "…"
		}
	}
	return goapp.Span().Class(class).Title(p.Field).Text(text)
}
