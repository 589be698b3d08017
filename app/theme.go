package app

import goapp "github.com/maxence-charriere/go-app/v9/pkg/app"

// themeKey is where the theme that was chosen is kept; the script that starts
// the page reads it, too, before anything is drawn.
const themeKey = "skylab.theme"

// nextThemes is what the button goes on to: as the system says, light, dark.
var nextThemes = map[string]string{"": "light", "light": "dark", "dark": ""}

func (w *Workspace) readTheme(goapp.Context) {
	if !storageWorks() {
		return
	}
	if v := goapp.Window().Get("localStorage").Call("getItem", themeKey); v.Truthy() {
		w.theme = v.String()
	}
	w.showTheme()
}

func (w *Workspace) nextTheme(goapp.Context) {
	w.theme = nextThemes[w.theme]
	w.showTheme()
	if storageWorks() {
		goapp.Window().Get("localStorage").Call("setItem", themeKey, w.theme)
	}
}

func (w *Workspace) showTheme() {
	goapp.Window().Get("document").Get("documentElement").Get("dataset").Set("theme", w.theme)
}
