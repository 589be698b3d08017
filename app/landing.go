package app

import (
	"fmt"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"

	"skylab/tutorials/lesson"
)

// Scenario is a lab without a lesson, as the first page offers it.
type Scenario struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

// renderFront is the first page: what this is, a console to begin with at once,
// and the lessons.
func (w *Workspace) renderFront() goapp.UI {
	return el("div", "page front",
		w.renderTop(),
		w.renderNotices(),
		el("main", "frontmain",
			el("div", "hero",
				say("h1", "", texts.heading),
				say("p", "lead", texts.lead),
				el("p", "try", goapp.Text(texts.try), button(texts.tryRun, "run", func(ctx goapp.Context) {
					if c := w.current(); c != nil && !c.running {
						w.run(ctx, c, tryCommand)
					}
				}, "try")),
				say("pre", "trycode", tryCommand),
				when(len(w.lessons) > 0, func() goapp.UI {
					return el("p", "", say("a", "run button", texts.firstLesson).Attr("href", at("/lessons/"+w.lessons[0].ID)))
				}),
			),
			el("div", "frontlab",
				el("section", "room", w.renderTabs(), w.renderRoom()).Attr("aria-label", texts.machines),
				&inspectView{W: w, Rev: w.netRev},
			).ID(roomsID),
			w.renderLessons(),
			w.renderScenarios(),
		),
		renderFooter(),
		w.renderDialogs(),
	)
}

// tryCommand is what the first page offers to run.
const tryCommand = `curl -s -H Metadata:true 'http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.azure.com/'`

// renderLessons is the list of lessons with how far each is.
func (w *Workspace) renderLessons() goapp.UI {
	return el("nav", "lessons", say("h2", "", texts.lessons),
		el("ul", "cards", each(w.lessons, func(_ int, l lesson.Entry) goapp.UI {
			return el("li", "card",
				el("h3", "", say("a", "", l.Title).Attr("href", at("/lessons/"+l.ID))),
				say("p", "", l.Description),
				when(len(l.Teaches) > 0, func() goapp.UI {
					return el("ul", "teaches", each(l.Teaches, func(_ int, t string) goapp.UI { return say("li", "", t) })...)
				}),
				el("p", "facts",
					say("span", "word", strings.TrimSuffix(strings.Join(append([]string{fmt.Sprintf(texts.minutesShort, l.Minutes)}, l.Needs...), " · "), " · ")),
					when(w.done[l.ID] != "", func() goapp.UI { return say("span", "word progressed", w.done[l.ID]) })),
			)
		})...)).Attr("aria-label", texts.lessons)
}

// renderScenarios is the list of labs without a lesson.
func (w *Workspace) renderScenarios() goapp.UI {
	return el("nav", "sandboxes", say("h2", "", texts.sandboxes), say("p", "word", texts.sandboxLead),
		el("ul", "cards", each(w.scenarios, func(_ int, s Scenario) goapp.UI {
			return el("li", "card", el("h3", "", say("a", "", s.Name).Attr("href", at("/sandbox/"+s.Name))), say("p", "", s.Description))
		})...)).Attr("aria-label", texts.sandboxes)
}

func renderFooter() goapp.UI {
	return el("footer", "foot", each([][2]string{{"/about", texts.aboutPage}, {"/limits", texts.limitsPage}, {"/privacy", texts.privacyPage}}, func(_ int, l [2]string) goapp.UI {
		return say("a", "", l[1]).Attr("href", at(l[0]))
	})...)
}
