package app

import (
	"maps"

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
	call(w.client, labapi.OpPortal, a, func(ctx goapp.Context, b blade.Blade) {
		w.blade, w.pointed = b, ""
		w.keeping.restored = w.keeping.restored && a.Target == ""
		clear(w.values)
	})
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
		return goapp.P().Class("starting").Text(texts.starting)
	}
	return goapp.Div().Class("portal").Body(
		goapp.Nav().Class("crumbs").Aria("label", texts.crumbs).Body(goapp.Range(b.Breadcrumb).Slice(func(i int) goapp.UI { return w.renderLink(b.Breadcrumb[i]) })),
		goapp.H2().Text(b.Title),
		when(b.Subtitle != "", func() goapp.UI { return goapp.P().Class("who").Text(b.Subtitle) }),
		goapp.Div().Role("status").Body(goapp.Range(b.Notices).Slice(func(i int) goapp.UI {
			n := b.Notices[i]
			return goapp.P().Class("notice "+n.Kind).Body(goapp.B().Text(n.Title+" "), goapp.Text(n.Text))
		})),
		goapp.Div().Class("columns").Body(
			when(len(b.Menu) > 0, func() goapp.UI {
				return goapp.Nav().Class("menu").Aria("label", texts.menu).Body(goapp.Range(b.Menu).Slice(func(i int) goapp.UI { return w.renderLink(b.Menu[i]) }))
			}),
			goapp.Div().Class("content").Body(
				w.renderCommands(b.Commands),
				when(b.Panel == nil, func() goapp.UI { return w.renderSections(b.Sections) }, func() goapp.UI { return w.renderPanel(*b.Panel) }),
				renderEquiv(b.Equivalents),
			),
		),
	)
}

func (w *Workspace) renderPanel(p blade.Panel) goapp.UI {
	return goapp.Div().Class("panel").Role("dialog").Aria("label", p.Title).Body(
		goapp.H3().Text(p.Title),
		goapp.Div().Class("wizard").Body(goapp.Range(p.Steps).Slice(func(i int) goapp.UI { return w.renderLink(p.Steps[i]) })),
		w.renderSections(p.Sections),
		w.renderCommands(p.Commands),
	)
}

func (w *Workspace) renderLink(l blade.Link) goapp.UI {
	b := button(l.Text, "link"+w.pointAt(l.Target), w.choose(l.Target), l.Target).DataSet("target", l.Target)
	if l.Current {
		b = b.Aria("current", "page")
	}
	return b
}

func (w *Workspace) renderCommands(list []blade.Command) goapp.UI {
	return goapp.Div().Class("commands").Body(goapp.Range(list).Slice(func(i int) goapp.UI {
		c := list[i]
		class := ""
		if c.Primary {
			class = "run"
		}
		return goapp.Span().Class("command").Body(
			button(c.Text, class+w.pointAt(c.Target), w.choose(c.Target), c.Target).DataSet("target", c.Target).Disabled(c.Disabled != "").Title(c.Disabled),
			renderEquiv(c.Equivalents),
		)
	}))
}

// renderEquiv shows the same command in other tools.
func renderEquiv(e *blade.Equiv) goapp.UI {
	if e == nil {
		return nil
	}
	var lines [][2]string
	for _, l := range [][2]string{{"Azure CLI", e.CLI}, {"PowerShell", e.PowerShell}, {"REST", e.REST}} {
		if l[1] != "" {
			lines = append(lines, l)
		}
	}
	return goapp.Details().Class("equiv").Body(goapp.Summary().Text(texts.equivalents), goapp.Range(lines).Slice(func(i int) goapp.UI {
		return goapp.Div().Body(goapp.B().Text(lines[i][0]), goapp.Pre().Text(lines[i][1]))
	}))
}

func (w *Workspace) renderSections(list []blade.Section) goapp.UI {
	return goapp.Div().Body(goapp.Range(list).Slice(func(i int) goapp.UI {
		s := list[i]
		return goapp.Div().Class("section").Body(
			when(len(s.Tabs) > 0, func() goapp.UI {
				return goapp.Nav().Class("wizard").Body(goapp.Range(s.Tabs).Slice(func(i int) goapp.UI { return w.renderLink(s.Tabs[i]) }))
			}),
			when(s.Title != "", func() goapp.UI { return goapp.H3().Text(s.Title) }),
			when(s.Text != "", func() goapp.UI { return goapp.P().Text(s.Text) }),
			when(len(s.Facts) > 0, func() goapp.UI {
				return goapp.Dl().Body(goapp.Range(s.Facts).Slice(func(i int) goapp.UI {
					return goapp.Div().Body(goapp.Dt().Text(s.Facts[i].Name), goapp.Dd().Text(s.Facts[i].Value))
				}))
			}),
			goapp.Range(s.Choices).Slice(func(i int) goapp.UI { return w.renderChoice(s.Choices[i]) }),
			when(s.Table != nil, func() goapp.UI { return w.renderTable(*s.Table) }),
			when(s.Code != "", func() goapp.UI { return goapp.Pre().Text(s.Code) }),
		)
	}))
}

// renderChoice draws a field. Choices among few options are buttons whose
// targets are the field's with the option behind it.
func (w *Workspace) renderChoice(c blade.Choice) goapp.UI {
	if c.Kind == "area" {
		return goapp.Div().Class("choice").Body(
			goapp.Label().For(c.Target).Text(c.Label),
			goapp.Textarea().ID(c.Target).Rows(12).Spellcheck(false).Text(c.Value).OnInput(func(ctx goapp.Context, _ goapp.Event) {
				w.values[c.Name] = ctx.JSSrc().Get("value").String()
			}, c.Name),
			when(c.Error != "", func() goapp.UI { return goapp.P().Class("notice error").Text(c.Error) }),
		)
	}
	if c.Kind == "text" || c.Kind == "search" || c.Kind == "password" {
		typed := "text"
		if c.Kind == "password" {
			typed = c.Kind
		}
		return goapp.Div().Class("choice").Body(
			goapp.Label().For(c.Target).Text(c.Label),
			goapp.Input().ID(c.Target).Type(typed).Value(c.Value).OnInput(func(ctx goapp.Context, _ goapp.Event) {
				w.values[c.Name] = ctx.JSSrc().Get("value").String()
			}, c.Name).OnKeyDown(func(ctx goapp.Context, e goapp.Event) {
				if e.Get("key").String() == "Enter" {
					w.choose(c.Target)(ctx)
				}
			}, c.Target),
			when(c.Error != "", func() goapp.UI { return goapp.P().Class("notice error").Text(c.Error) }),
		)
	}
	return goapp.Div().Class("choice").Role("radiogroup").Aria("label", c.Label).Body(
		goapp.Span().Text(c.Label),
		goapp.Range(c.Options).Slice(func(i int) goapp.UI {
			o := c.Options[i]
			target := c.Target + "." + o.Value
			return button(o.Text, "option"+w.pointAt(target), w.choose(target), target).Role("radio").Aria("checked", o.Value == c.Value).DataSet("target", target)
		}),
	)
}

func (w *Workspace) renderTable(t blade.Table) goapp.UI {
	if len(t.Rows) == 0 {
		return goapp.P().Class("empty").Text(t.Empty)
	}
	return goapp.Div().Class("scroll").Body(goapp.Table().Body(
		goapp.THead().Body(goapp.Tr().Body(goapp.Range(t.Columns).Slice(func(i int) goapp.UI { return goapp.Th().Scope("col").Text(t.Columns[i]) }))),
		goapp.TBody().Body(goapp.Range(t.Rows).Slice(func(i int) goapp.UI { return w.renderRow(t, t.Rows[i]) })),
	))
}

func (w *Workspace) renderRow(t blade.Table, r blade.Row) goapp.UI {
	cells := []goapp.UI{}
	for i, text := range r.Cells {
		switch {
		case i > 0 || t.Select == "" && r.Path == "":
			cells = append(cells, goapp.Td().Text(text))
		default:
			b := button(text, "link"+w.pointAt(r.Target), w.choose(r.Target), r.Target).DataSet("target", r.Target)
			if t.Select != "" {
				b = b.Aria("pressed", r.Selected)
			}
			cells = append(cells, goapp.Td().Body(b))
		}
	}
	if len(r.Commands) > 0 {
		cells = append(cells, goapp.Td().Body(w.renderCommands(r.Commands)))
	}
	class := ""
	if r.Selected {
		class = "selected"
	}
	return goapp.Tr().Class(class).Body(cells...)
}
