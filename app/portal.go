package app

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"

	"skylab/sim/labapi"
	"skylab/sim/machine/portal/blade"
)

// openPortal shows the portal where it was left.
func (w *Workspace) openPortal(ctx goapp.Context) {
	w.tab = portalTab
	w.act(ctx, blade.Action{})
}

// act does something in the portal and shows the blade that follows.
func (w *Workspace) act(_ goapp.Context, a blade.Action) {
	w.acting = true
	before := w.mistake
	ask(w.client, labapi.OpPortal, a, func(ctx goapp.Context, b blade.Blade, problem string) {
		w.acting = false
		if problem != "" {
			w.client.onFail(ctx, problem)
			return
		}
		w.blade, w.pointed = b, ""
		w.keeping.restored = w.keeping.restored && a.Target == ""
		clear(w.values)
		w.portalMistake = ""
		if a.Target != "" {
			if m := w.mistakeNow(); m != before {
				w.mistake, w.portalMistake = m, m
			}
		}
		for _, c := range w.consoles {
			if b.Desktop != "" && c.Home == b.Desktop {
				w.tab = c.ID
				w.focus(ctx)
				break
			}
		}
		for _, n := range b.Notices {
			w.said = strings.TrimSpace(n.Title + " " + n.Text)
		}
	})
}

// mistakeNow is the mistake that the lesson names now.
func (w *Workspace) mistakeNow() string {
	for _, s := range w.progress.Steps {
		if s.Mistake != "" {
			return s.Mistake
		}
	}
	return ""
}

// choose chooses a target with the fields as they stand.
func (w *Workspace) choose(target string) func(goapp.Context) {
	return func(ctx goapp.Context) { w.act(ctx, blade.Action{Target: target, Values: maps.Clone(w.values)}) }
}

// pointAt is the class of the target that Show me points at.
func (w *Workspace) pointAt(target string) string {
	if target != "" && target == w.pointed {
		return " pointed"
	}
	return ""
}

func (w *Workspace) renderPortal() goapp.UI {
	b := w.blade
	if b.Title == "" {
		return say("p", "starting", texts.starting)
	}
	class := "portal"
	if w.acting {
		class = "portal acting"
	}
	return el("div", class,
		el("nav", "crumbs", each(b.Breadcrumb, func(_ int, l blade.Link) goapp.UI { return w.renderLink(l) })...).Attr("aria-label", texts.crumbs),
		el("header", "bladehead", say("h2", "", b.Title), say("p", "who", b.Subtitle)),
		el("div", "noticed", append(each(b.Notices, func(_ int, n blade.Notice) goapp.UI {
			return el("p", "notice "+n.Kind, say("b", "", n.Title+" "), goapp.Text(n.Text))
		}), when(w.portalMistake != "", func() goapp.UI {
			return el("p", "mistake", say("b", "", texts.mistake), goapp.Text(w.portalMistake))
		}))...),
		el("div", "columns",
			el("nav", "menu", each(b.Menu, func(_ int, l blade.Link) goapp.UI { return w.renderLink(l) })...).Attr("aria-label", texts.menu),
			el("div", "content",
				w.renderCommands(b.Commands),
				when(b.Panel == nil, func() goapp.UI { return w.renderSections(b.Sections) }, func() goapp.UI { return w.renderPanel(*b.Panel) }),
				el("div", "", w.renderEquiv(b.Equivalents, texts.equivalentRead)),
			),
		),
	).Attr("aria-busy", w.acting)
}

func (w *Workspace) renderPanel(p blade.Panel) goapp.UI {
	return el("section", "panel",
		say("h3", "", p.Title),
		el("div", "wizard", each(p.Steps, func(_ int, l blade.Link) goapp.UI { return w.renderLink(l) })...),
		w.renderSections(p.Sections),
		w.renderCommands(p.Commands),
	).Attr("aria-label", p.Title)
}

func (w *Workspace) renderLink(l blade.Link) goapp.UI {
	b := button(l.Text, "link"+w.pointAt(l.Target), w.choose(l.Target), l.Target).Attr("data-target", l.Target)
	if l.Current {
		b = b.Attr("aria-current", "page")
	}
	return b
}

func (w *Workspace) renderCommands(list []blade.Command) goapp.UI {
	return el("div", "commands", each(list, func(_ int, c blade.Command) goapp.UI {
		class := ""
		switch {
		case c.Danger:
			class = "danger"
		case c.Primary:
			class = "run"
		}
		b := button(c.Text, class+w.pointAt(c.Target), w.choose(c.Target), c.Target).Attr("data-target", c.Target)
		if c.Disabled != "" {
			b = b.Attr("disabled", true).Attr("title", c.Disabled)
		}
		return el("span", "command", b, w.renderEquiv(c.Equivalents, texts.equivalents))
	})...)
}

// renderEquiv shows the same command in other tools; one can be put into a
// console that has the tool.
func (w *Workspace) renderEquiv(e *blade.Equiv, title string) goapp.UI {
	if e == nil {
		return nil
	}
	type line struct{ name, text, machine, shell string }
	az, azShell := w.has("az", "bash")
	pwsh, pwshShell := w.has("", "pwsh")
	if pwsh == "" {
		pwsh, pwshShell = w.has("", "powershell")
	}
	curl, curlShell := w.has("curl", "bash")
	lines := slices.DeleteFunc([]line{{"Azure CLI", e.CLI, az, azShell}, {"PowerShell", e.PowerShell, pwsh, pwshShell}, {"REST", e.REST, curl, curlShell}}, func(l line) bool { return l.text == "" })
	return el("details", "equiv", say("summary", "", title), el("div", "popup", each(lines, func(_ int, l line) goapp.UI {
		return el("div", "", el("div", "bar", say("b", "", l.name),
			button(texts.copyText, "quiet small", func(goapp.Context) { copyText(l.text) }, l.text),
			when(l.machine != "", func() goapp.UI {
				return button(fmt.Sprintf(texts.putInto, l.machine), "quiet small put", func(ctx goapp.Context) {
					w.openConsole(ctx, l.machine, l.shell, func(ctx goapp.Context, _ *console) { w.put(ctx, l.text) })
				}, l.text, l.machine)
			})), say("pre", "", l.text))
	})...))
}

// has is a machine that has a tool and a kind of shell: Cloud Shell rather than
// others, for it is signed in.
func (w *Workspace) has(tool, shell string) (machine, kind string) {
	for _, m := range w.lab.Machines {
		if (tool == "" || slices.Contains(m.Tools, tool)) && slices.Contains(m.Shells, shell) && (machine == "" || m.Name == cloudShell) {
			machine, kind = m.Name, shell
		}
	}
	return machine, kind
}

// cloudShell is the name of the machine that is signed in.
const cloudShell = "cloudshell"

func (w *Workspace) renderSections(list []blade.Section) goapp.UI {
	return el("div", "sections", each(list, func(_ int, s blade.Section) goapp.UI {
		var body []goapp.UI
		if s.Title != "" {
			body = append(body, say("h3", "", s.Title))
		}
		if len(s.Tabs) > 0 {
			body = append(body, el("div", "wizard", each(s.Tabs, func(_ int, l blade.Link) goapp.UI { return w.renderLink(l) })...))
		}
		if s.Text != "" {
			body = append(body, say("p", "", s.Text))
		}
		if len(s.Facts) > 0 {
			body = append(body, el("dl", "", each(s.Facts, func(_ int, f blade.Fact) goapp.UI { return w.renderFact(f) })...))
		}
		for _, c := range s.Choices {
			body = append(body, w.renderChoice(c))
		}
		if s.Table != nil {
			body = append(body, w.renderTable(*s.Table))
		}
		if s.Code != "" {
			body = append(body, el("pre", "code", painted(s.Code)...).Attr("tabindex", 0))
		}
		return el("section", "section", body...)
	})...)
}

func (w *Workspace) renderFact(f blade.Fact) goapp.UI {
	value := goapp.UI(goapp.Text(f.Value))
	if f.Target != "" && f.Path != "" {
		value = button(f.Value, "link"+w.pointAt(f.Target), w.choose(f.Target), f.Target).Attr("data-target", f.Target)
	}
	return el("div", "", say("dt", "", f.Name), el("dd", "", value, when(f.Copy, func() goapp.UI {
		return button(texts.copyText, "quiet small", func(goapp.Context) { copyText(f.Value) }, f.Name, f.Value).Attr("aria-label", texts.copyText+" "+f.Name)
	})))
}

// renderChoice draws a field. Choices among few options are buttons whose
// targets are the field's with the option behind it.
func (w *Workspace) renderChoice(c blade.Choice) goapp.UI {
	label := c.Label
	if c.Required {
		label += " *"
	}
	note := el("p", "word")
	switch {
	case c.Error != "":
		note = say("p", "bad", c.Error).Attr("role", "alert")
	case c.Help != "":
		note = say("p", "word", c.Help)
	}
	switch {
	case c.Kind == "area":
		return el("div", "choice",
			say("label", "", label).Attr("for", c.Target),
			goapp.Elem("textarea").ID(c.Target).Attr("rows", 12).Attr("spellcheck", false).Attr("value", c.Value).Attr("aria-invalid", c.Error != "").Attr("data-target", c.Target).
				On("input", func(ctx goapp.Context, _ goapp.Event) { w.values[c.Name] = ctx.JSSrc().Get("value").String() }, c.Name), note)
	case len(c.Options) == 0:
		kind := "text"
		if c.Kind == "search" || c.Kind == "password" {
			kind = c.Kind
		}
		return el("div", "choice",
			say("label", "", label).Attr("for", c.Target),
			input(kind, w.pointAt(c.Target), label).ID(c.Target).Attr("value", c.Value).Attr("aria-invalid", c.Error != "").Attr("data-target", c.Target).
				On("input", func(ctx goapp.Context, _ goapp.Event) { w.values[c.Name] = ctx.JSSrc().Get("value").String() }, c.Name).
				On("keydown", func(ctx goapp.Context, e goapp.Event) {
					if e.Get("key").String() == "Enter" {
						w.choose(c.Target)(ctx)
					}
				}, c.Target), note)
	case c.Kind == "select" && len(c.Options) > 6:
		return el("div", "choice",
			say("label", "", label).Attr("for", c.Target),
			el("select", "", each(c.Options, func(_ int, o blade.Option) goapp.UI {
				return say("option", "", o.Text).Attr("value", o.Value).Attr("selected", o.Value == c.Value)
			})...).ID(c.Target).Attr("data-target", c.Target).On("change", func(ctx goapp.Context, _ goapp.Event) {
				w.choose(c.Target + "." + ctx.JSSrc().Get("value").String())(ctx)
			}, c.Target), note)
	}
	return el("div", "choice",
		say("span", "", label),
		el("div", "seg", each(c.Options, func(_ int, o blade.Option) goapp.UI {
			target := c.Target + "." + o.Value
			return button(o.Text, "option"+w.pointAt(target), w.choose(target), target).Attr("role", "radio").Attr("aria-checked", o.Value == c.Value).Attr("data-target", target)
		})...), note,
	).Attr("role", "radiogroup").Attr("aria-label", label)
}

func (w *Workspace) renderTable(t blade.Table) goapp.UI {
	if len(t.Rows) == 0 {
		return say("p", "empty", t.Empty)
	}
	return el("div", "scroll", el("table", "",
		el("thead", "", el("tr", "", each(t.Columns, func(_ int, c string) goapp.UI { return say("th", "", c).Attr("scope", "col") })...)),
		el("tbody", "", each(t.Rows, func(_ int, r blade.Row) goapp.UI { return w.renderRow(t, r) })...),
	)).Attr("tabindex", 0).Attr("role", "region").Attr("aria-label", strings.Join(t.Columns, ", "))
}

func (w *Workspace) renderRow(t blade.Table, r blade.Row) goapp.UI {
	cells := each(r.Cells, func(i int, text string) goapp.UI {
		if i > 0 || t.Select == "" && r.Path == "" {
			return say("td", "", text)
		}
		b := button(text, "link"+w.pointAt(r.Target), w.choose(r.Target), r.Target).Attr("data-target", r.Target)
		if t.Select != "" {
			b = b.Attr("aria-pressed", r.Selected)
		}
		return el("td", "", b)
	})
	if len(r.Commands) > 0 {
		cells = append(cells, el("td", "", w.renderCommands(r.Commands)))
	}
	class := ""
	if r.Selected {
		class = "selected"
	}
	return el("tr", class, cells...)
}
