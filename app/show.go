package app

import (
	"strings"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"

	"skylab/sim/labapi"
	"skylab/sim/machine/portal/blade"
	"skylab/tutorials/lesson"
)

// showMe points at what a step asks for next: in the portal at a target, in a
// console by putting the command at the prompt, which nothing runs. The surface
// that the lesson names first is the one shown.
func (w *Workspace) showMe(ctx goapp.Context, s lesson.Step) {
	w.room = roomWork
	if x := s.Surfaces[0]; x.Kind != "portal" {
		w.openConsole(ctx, x.Machine, w.shellOf(x.Machine, x.Kind), func(ctx goapp.Context, _ *console) { w.put(ctx, w.command(s, x)) })
		return
	}
	call(w.client, labapi.OpPortal, blade.Action{}, func(ctx goapp.Context, b blade.Blade) {
		w.tab, w.blade = portalTab, b
		clear(w.values)
		w.pointed = next(b, s.Surfaces[0].Solution)
		ctx.Defer(func(goapp.Context) {
			if at := goapp.Window().Get("document").Call("querySelector", ".pointed"); at.Truthy() {
				at.Call("scrollIntoView", map[string]any{"block": "nearest"})
				at.Call("focus")
			}
		})
	})
}

// command is the text that does a step in a console.
func (w *Workspace) command(s lesson.Step, x lesson.Surface) string {
	for _, b := range s.Blocks {
		if b.Snippet != nil && (b.Snippet.Lang == x.Kind || x.Kind == "bash" && b.Snippet.Lang == "azurecli") {
			return w.filled(*b.Snippet)
		}
	}
	for _, a := range x.Solution {
		if a.Run != "" {
			return a.Run
		}
	}
	return ""
}

// next is the target that leads on from a blade: of a solution's acts the last
// that can be done on it and is not done yet.
func next(b blade.Blade, solution []lesson.Action) string {
	there := targets(b)
	for i := len(solution) - 1; i >= 0; i-- {
		a := solution[i]
		if a.Choose != "" && there[a.Choose] && onResource(b, solution[:i]) {
			return a.Choose
		}
		if a.Open != "" {
			for _, l := range append(b.Menu, b.Breadcrumb...) {
				if l.Path == a.Open {
					return l.Target
				}
			}
		}
	}
	return ""
}

// onResource tells whether a blade is of the resource that the acts so far chose:
// the menus of all resources have the same targets.
func onResource(b blade.Blade, so []lesson.Action) bool {
	for i := len(so) - 1; i >= 0; i-- {
		kind, name, _ := strings.Cut(so[i].Choose, ".")
		switch kind {
		case "group", "vm", "identity":
			return b.Title == name || strings.HasPrefix(b.Title, name+" |")
		}
		if so[i].Open != "" {
			break
		}
	}
	return true
}

// targets are all that can be chosen on a blade and is not chosen already.
func targets(b blade.Blade) map[string]bool {
	all := map[string]bool{}
	links := append(append([]blade.Link{}, b.Menu...), b.Breadcrumb...)
	commands, sections := b.Commands, b.Sections
	if p := b.Panel; p != nil {
		links, commands, sections = append(links, p.Steps...), append(append([]blade.Command{}, commands...), p.Commands...), p.Sections
	}
	for _, s := range sections {
		for _, c := range s.Choices {
			for _, o := range c.Options {
				all[c.Target+"."+o.Value] = o.Value != c.Value
			}
		}
		if s.Table != nil {
			for _, r := range s.Table.Rows {
				all[r.Target] = !r.Selected
				commands = append(commands, r.Commands...)
			}
		}
	}
	for _, l := range links {
		all[l.Target] = !l.Current
	}
	for _, c := range commands {
		all[c.Target] = c.Disabled == ""
	}
	return all
}
