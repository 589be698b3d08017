package app

import (
	"strings"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"

	"skylab/sim/labapi"
)

// listen hears of keys, of what is typed, pasted and dragged before the browser
// acts on it. go-app's own handlers come too late to prevent that, and each
// draws the page again; these draw it only when something changed.
func (w *Workspace) listen() {
	document := goapp.Window().Get("document")
	hear := func(event string, f func(e, target goapp.Value)) {
		document.Call("addEventListener", event, goapp.FuncOf(func(_ goapp.Value, args []goapp.Value) any {
			f(args[0], args[0].Get("target"))
			return nil
		}), map[string]any{"capture": true, "passive": false})
	}
	hear("keydown", func(e, target goapp.Value) {
		if e.Get("isComposing").Truthy() {
			return
		}
		if do, ours := w.key(chord(e), target); ours {
			e.Call("preventDefault")
			if do != nil {
				w.ctx.Dispatch(do)
			}
		}
	})
	hear("keypress", func(e, target goapp.Value) { // comes by itself where a program presses the keys
		if target.Get("id").String() == inputID && chord(e) == "Enter" {
			e.Call("preventDefault")
		}
	})
	hear("input", func(_, target goapp.Value) {
		if target.Get("id").String() != inputID {
			return
		}
		fit(target)
		w.escaped = false
		if c := w.current(); c != nil && c.menu != nil {
			text := target.Get("value").String()
			w.ctx.Dispatch(func(goapp.Context) { c.typed(text) })
		}
	})
	hear("paste", func(e, target goapp.Value) {
		c := w.current()
		if target.Get("id").String() != inputID || c == nil || target.Get("type").String() == "password" {
			return
		}
		lines := strings.Split(normal(e.Get("clipboardData").Call("getData", "text").String()), "\n")
		if len(lines) < 2 {
			return
		}
		e.Call("preventDefault")
		text, from, to := target.Get("value").String(), target.Get("selectionStart").Int(), target.Get("selectionEnd").Int()
		before, after := utf16Cut(text, from, to)
		lines[0] = before + lines[0]
		setPrompt(lines[len(lines)-1] + after)
		w.ctx.Dispatch(func(ctx goapp.Context) { w.paste(ctx, c, lines[:len(lines)-1]) })
	})
	hear("pointerdown", func(e, target goapp.Value) {
		if bar := target.Call("closest", "[data-split]"); bar.Truthy() {
			e.Call("preventDefault")
			bar.Call("setPointerCapture", e.Get("pointerId"))
			w.dragging = bar.Get("dataset").Get("which").String()
		}
	})
	hear("pointermove", func(e, _ goapp.Value) {
		if w.dragging != "" {
			e.Call("preventDefault")
			w.drag(e)
		}
	})
	for _, event := range []string{"pointerup", "pointercancel"} {
		hear(event, func(_, _ goapp.Value) { w.dragging = "" })
	}
}

// normal is a text as it is typed: with plain line ends, without what would
// only confuse a shell.
func normal(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, text)
}

// utf16Cut is what stands before and behind a selection, whose ends the browser
// counts in UTF-16.
func utf16Cut(text string, from, to int) (before, after string) {
	return text[:utf16At(text, from)], text[utf16At(text, to):]
}

func utf16At(text string, at int) int {
	n := 0
	for i, r := range text {
		if n >= at {
			return i
		}
		if n++; r > 0xffff {
			n++
		}
	}
	return len(text)
}

// chord names a key with what was held: "ctrl+shift+F", "Enter".
func chord(e goapp.Value) string {
	name := e.Get("key").String()
	if len(name) == 1 {
		name = strings.ToLower(name)
	}
	for _, m := range []string{"shift", "alt", "ctrl"} {
		if e.Get(m+"Key").Bool() && (m != "shift" || len(name) > 1 || e.Get("ctrlKey").Bool()) {
			name = m + "+" + name
		}
	}
	if e.Get("metaKey").Bool() {
		name = "meta+" + name
	}
	return name
}

// shortcuts work anywhere on the page; the dialog of keys lists them.
var shortcuts = map[string]func(*Workspace, goapp.Context){
	"F6":               func(w *Workspace, ctx goapp.Context) { w.nextRoom(ctx, 1) },
	"shift+F6":         func(w *Workspace, ctx goapp.Context) { w.nextRoom(ctx, -1) },
	"ctrl+shift+f":     func(w *Workspace, ctx goapp.Context) { w.openFinder(ctx) },
	"alt+PageDown":     func(w *Workspace, ctx goapp.Context) { w.nextTab(ctx, 1) },
	"alt+PageUp":       func(w *Workspace, ctx goapp.Context) { w.nextTab(ctx, -1) },
	"ctrl+shift+Enter": func(w *Workspace, ctx goapp.Context) { w.runNow(ctx) },
}

// key is what a key does where the keyboard is. It is false if that is the
// browser's matter; do, if any, changes what the page shows.
func (w *Workspace) key(chord string, target goapp.Value) (do func(goapp.Context), ours bool) {
	if s := shortcuts[chord]; s != nil {
		return func(ctx goapp.Context) { s(w, ctx) }, true
	}
	if target.Get("id").String() == inputID {
		if c := w.current(); c != nil {
			return w.promptKey(c, chord, target)
		}
	}
	switch tag := target.Get("tagName").String(); {
	case chord == "?" && tag != "INPUT" && tag != "TEXTAREA" && tag != "SELECT":
		return func(goapp.Context) { openDialog(keysID) }, true
	case chord == "Enter" && target.Get("id").String() == renameID:
		c, title := w.current(), target.Get("value").String()
		return func(ctx goapp.Context) { w.rename(ctx, c, title) }, true
	case chord == "ctrl+s" && target.Get("id").String() == editorID:
		text := target.Get("value").String()
		return func(ctx goapp.Context) { w.saveEditor(ctx, text, false) }, true
	}
	if target.Call("matches", `[role="tab"][data-tab]`).Truthy() {
		return w.tabKey(chord)
	}
	if which := target.Get("dataset"); which.Truthy() && which.Get("which").Truthy() {
		return nil, w.splitKey(which.Get("which").String(), chord)
	}
	return nil, false
}

// promptKey is what a key does at the prompt of a console.
func (w *Workspace) promptKey(c *console, chord string, input goapp.Value) (do func(goapp.Context), ours bool) {
	text := input.Get("value").String()
	if c.menu != nil {
		if do, ours := w.menuKey(c, chord, text); ours {
			return do, true
		}
	}
	single := !strings.Contains(text, "\n") && input.Get("tagName").String() == "TEXTAREA"
	switch {
	case chord == "Enter":
		setPrompt("")
		return func(ctx goapp.Context) { w.submit(ctx, c, text) }, true
	case chord == "ctrl+c" && input.Get("selectionStart").Int() == input.Get("selectionEnd").Int():
		setPrompt("")
		return func(goapp.Context) { w.stop(c) }, true
	case chord == "ctrl+l":
		return func(goapp.Context) { c.show(nil) }, true
	case chord == "ctrl+d" && text == "":
		return func(ctx goapp.Context) { w.end(ctx, c) }, true
	case chord == "ctrl+u" && single:
		_, after := utf16Cut(text, 0, input.Get("selectionStart").Int())
		setPrompt(after)
		input.Call("setSelectionRange", 0, 0)
		return nil, true
	case c.running:
		return nil, false
	case chord == "ctrl+r":
		return func(ctx goapp.Context) {
			c.search(text)
			ctx.Defer(func(goapp.Context) { toEnd() })
		}, true
	case (chord == "ArrowUp" || chord == "ArrowDown") && single:
		setPrompt(c.remember(chord == "ArrowUp"))
		return nil, true
	case chord == "Escape": // the next Tab leaves the prompt
		w.escaped = true
		return nil, true
	case chord == "Tab" && text != "" && single && !w.escaped:
		pos := utf16At(text, input.Get("selectionStart").Int())
		return func(goapp.Context) { w.complete(c, text, pos) }, true
	}
	return nil, false
}

// remember is an earlier command, or a later one.
func (c *console) remember(back bool) string {
	n := len(c.History)
	if back && c.recall < n {
		c.recall++
	} else if !back && c.recall > 0 {
		c.recall--
	}
	if c.recall == 0 {
		return ""
	}
	return c.History[n-c.recall]
}

// complete asks the lab what could stand at a place of the prompt.
func (w *Workspace) complete(c *console, text string, pos int) {
	call(w.client, labapi.OpComplete, labapi.Complete{Console: c.ID, Text: text, Pos: pos}, func(ctx goapp.Context, x labapi.Completion) {
		if atPrompt() != text {
			return
		}
		word, ok := completed(x)
		if ok {
			setPrompt(text[:x.Start] + word + text[x.End:])
			moveTo(text[:x.Start] + word)
			return
		}
		if len(x.Words) > 1 {
			c.menu = &menu{kind: menuWords, items: x.Words, before: text[:x.Start], after: text[x.End:], typed: text}
			ctx.Defer(func(goapp.Context) { toEnd() })
		}
	})
}

// completed is the word that a completion puts in at once; false if there are
// several that begin with what stands there already.
func completed(x labapi.Completion) (string, bool) {
	if len(x.Words) == 0 {
		return "", false
	}
	word := commonPrefix(x.Words)
	if len(x.Words) == 1 && !strings.HasSuffix(word, "/") && !strings.HasSuffix(word, "=") {
		word += " "
	}
	return word, len(word) > x.End-x.Start
}

func commonPrefix(words []string) string {
	p := words[0]
	for _, x := range words[1:] {
		for !strings.HasPrefix(x, p) {
			p = p[:len(p)-1]
		}
	}
	return p
}

// moveTo puts the caret behind a text that stands at the prompt.
func moveTo(before string) {
	n := 0
	for _, r := range before {
		if n++; r > 0xffff {
			n++
		}
	}
	byID(inputID).Call("setSelectionRange", n, n)
}

// nextRoom moves the keyboard to another room of the page.
func (w *Workspace) nextRoom(ctx goapp.Context, by int) {
	rooms := []string{roomLesson, roomWork, roomInspect}
	if w.lesson == nil {
		rooms = rooms[1:]
	}
	at := 0
	for i, r := range rooms {
		if here := goapp.Window().Get("document").Get("activeElement"); here.Truthy() && here.Call("closest", "."+roomClass[r]).Truthy() {
			at = i + by
		}
	}
	w.room = rooms[(at+len(rooms))%len(rooms)]
	ctx.Defer(func(goapp.Context) {
		if w.room == roomWork && byID(inputID).Truthy() {
			byID(inputID).Call("focus")
			return
		}
		focusOn("." + roomClass[w.room])
	})
}

// dialogs of the page, by their elements' ids.
const (
	keysID   = "keys"
	editorID = "editor-text"
)

// openDialog shows a dialog; the browser keeps the keyboard in it until Escape.
func openDialog(id string) {
	if d := byID(id); d.Truthy() && !d.Get("open").Bool() {
		d.Call("showModal")
	}
}

func closeDialog(id string) {
	if d := byID(id); d.Truthy() {
		d.Call("close")
	}
}
