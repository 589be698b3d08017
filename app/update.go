package app

import (
	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"
)

// siteNews is what the page says of the site itself.
type siteNews struct {
	update bool // a new version is there
	later  bool // the person wants to go on with this one
	read   bool // that nothing is kept for use offline here
}

// plainKey is where the browser keeps that the person knows what plain http
// lacks.
const plainKey = "skylab.plain"

// OnAppUpdate is called when a new version of the site is there.
func (w *Workspace) OnAppUpdate(goapp.Context) { w.news.update, w.news.later = true, false }

// readNews learns what came before the page's program was there.
func (w *Workspace) readNews(ctx goapp.Context) {
	if s := goapp.Window().Get("skylab"); s.Truthy() && s.Get("update").Bool() {
		w.news.update = true
	}
	if storageWorks() {
		_ = ctx.LocalStorage().Get(plainKey, &w.news.read) // unreadable is not read
	}
}

// renderNews offers a new version, and says what is not there over plain http.
func (w *Workspace) renderNews() goapp.UI {
	if w.news.update && !w.news.later {
		return notice("update", "status", texts.update,
			button(texts.updateNow, "run", func(goapp.Context) { goapp.Window().Get("skylab").Call("accept") }),
			button(texts.updateLater, "", func(goapp.Context) { w.news.later = true }))
	}
	if secure := goapp.Window().Get("isSecureContext"); !w.news.read && secure.Truthy() != goapp.IsClient {
		return notice("plain", "status", texts.plainHTTP, button(texts.understood, "", func(ctx goapp.Context) {
			if w.news.read = true; storageWorks() {
				_ = ctx.LocalStorage().Set(plainKey, true) // it is said again otherwise
			}
		}))
	}
	return nil
}

// notice is something said at the top of the page, with what can be done.
func notice(class, role, text string, buttons ...goapp.UI) goapp.UI {
	return el("div", "keeping "+class, say("p", "", text), el("div", "commands", buttons...)).Attr("role", role)
}
