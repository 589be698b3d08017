package app

import (
	"fmt"
	"path"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"

	"skylab/sim/labapi"
)

// list shows what lies in a directory of a console's machine.
func (w *Workspace) list(c *console, dir string) {
	call(w.client, labapi.OpList, labapi.File{Console: c.ID, Path: dir}, func(_ goapp.Context, f labapi.Folder) { c.folder = &f })
}

// largestUpload is how many bytes a file may have that is given to a machine.
const largestUpload = 8 << 20

// upload gives files of the person to a console's machine.
func (w *Workspace) upload(ctx goapp.Context, c *console, list goapp.Value) {
	dir := c.folder.Path
	for i := range list.Get("length").Int() {
		file := list.Index(i)
		name := file.Get("name").String()
		if file.Get("size").Int() > largestUpload {
			w.problem = fmt.Sprintf(texts.fileTooLarge, name, largestUpload>>20)
			continue
		}
		file.Call("arrayBuffer").Then(func(buffer goapp.Value) {
			data := make([]byte, buffer.Get("byteLength").Int())
			goapp.CopyBytesToGo(data, goapp.Window().Get("Uint8Array").New(buffer))
			ctx.Dispatch(func(goapp.Context) {
				call(w.client, labapi.OpWrite, labapi.File{Console: c.ID, Path: path.Join(dir, name), Data: data}, func(_ goapp.Context, l labapi.Lab) {
					w.lab = l
					w.list(c, dir)
				})
			})
		})
	}
}

const uploadID = "upload"

// renderFolder shows a directory: its files can be taken, and others given.
func (w *Workspace) renderFolder(c *console) goapp.UI {
	f := c.folder
	return el("section", "files",
		el("div", "bar",
			say("h3", "", fmt.Sprintf(texts.filesOf, c.Machine)), say("code", "", f.Path),
			when(f.Path != "/", func() goapp.UI {
				return button(texts.folderUp, "quiet small", func(goapp.Context) { w.list(c, path.Dir(f.Path)) }, c.ID, f.Path)
			}),
			say("label", "button", texts.upload).Attr("for", uploadID),
			input("file", "sr", texts.upload).ID(uploadID).Attr("multiple", true).On("change", func(ctx goapp.Context, _ goapp.Event) {
				w.upload(ctx, c, ctx.JSSrc().Get("files"))
			}, c.ID),
			iconButton("cross", texts.close, "quiet", true, func(goapp.Context) { c.folder = nil }, c.ID),
		),
		el("ul", "", each(f.Entries, func(_ int, e labapi.Entry) goapp.UI {
			full := path.Join(f.Path, e.Name)
			if e.Dir {
				return el("li", "", iconButton("dir", e.Name, "quiet small", false, func(goapp.Context) { w.list(c, full) }, c.ID, full))
			}
			return el("li", "", iconButton("file", e.Name, "quiet small", false, func(goapp.Context) {
				call(w.client, labapi.OpRead, labapi.File{Console: c.ID, Path: full}, func(_ goapp.Context, f labapi.File) { download(e.Name, f.Data) })
			}, c.ID, full).Attr("title", texts.save), say("span", "word", size(e.Size)))
		})...),
	).Attr("aria-label", fmt.Sprintf(texts.filesOf, c.Machine))
}

// size is a number of bytes for people.
func size(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f kB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d B", n)
}

// download gives data to the person as a file.
func download(name string, data []byte) {
	bytes := goapp.Window().Get("Uint8Array").New(len(data))
	goapp.CopyBytesToJS(bytes, data)
	give(name, bytes)
}

// downloadText gives a text to the person as a file.
func downloadText(name, text string) { give(name, text) }

func give(name string, content any) {
	blob := goapp.Window().Get("Blob").New([]any{content}, map[string]any{"type": "application/octet-stream"})
	urls := goapp.Window().Get("URL")
	address := urls.Call("createObjectURL", blob)
	a := goapp.Window().Get("document").Call("createElement", "a")
	a.Set("href", address)
	a.Set("download", name)
	a.Call("click")
	urls.Call("revokeObjectURL", address)
}

const editorDialogID = "editor"

// openEditor shows the file that a command opened.
func (w *Workspace) openEditor(ctx goapp.Context, e labapi.Edit) {
	w.editing, w.editorSays = &e, ""
	ctx.Defer(func(goapp.Context) {
		text := byID(editorID)
		text.Set("value", e.Text)
		openDialog(editorDialogID)
		text.Call("focus")
		text.Call("setSelectionRange", 0, 0)
	})
}

// saveEditor saves what is edited, and closes the editor if that worked.
func (w *Workspace) saveEditor(ctx goapp.Context, text string, shut bool) {
	e := w.editing
	if e == nil {
		return
	}
	ask(w.client, labapi.OpEdited, labapi.Edited{Console: e.Console, Text: text, Save: true, Close: shut}, func(ctx goapp.Context, _ any, problem string) {
		switch {
		case problem != "":
			w.editorSays = problem
		case shut:
			w.shutEditor(ctx)
		default:
			e.Text, w.editorSays = text, texts.saved
		}
	})
}

// leaveEditor closes the editor; what was not saved asks first.
func (w *Workspace) leaveEditor(ctx goapp.Context) {
	e := w.editing
	if e == nil {
		return
	}
	if byID(editorID).Get("value").String() != e.Text && w.editorSays != texts.unsaved {
		w.editorSays = texts.unsaved
		return
	}
	ask(w.client, labapi.OpEdited, labapi.Edited{Console: e.Console, Close: true}, func(ctx goapp.Context, _ any, _ string) { w.shutEditor(ctx) })
}

func (w *Workspace) shutEditor(ctx goapp.Context) {
	w.editing = nil
	closeDialog(editorDialogID)
	// The browser gives the prompt its focus back but not its caret.
	if input := byID(inputID); input.Truthy() {
		input.Call("blur")
	}
	w.focus(ctx)
}

// renderEditor is the dialog in which a file is edited.
func (w *Workspace) renderEditor() goapp.UI {
	title := ""
	if e := w.editing; e != nil {
		if title = e.Program + " " + e.Path; e.New {
			title += " " + texts.newFile
		}
	}
	return el("dialog", "editor",
		say("h2", "", title),
		goapp.Elem("textarea").ID(editorID).Attr("aria-label", texts.editorText).Attr("spellcheck", false),
		say("p", "word", w.editorSays).Attr("role", "status"),
		el("div", "commands",
			button(texts.saveClose, "run", func(ctx goapp.Context) { w.saveEditor(ctx, byID(editorID).Get("value").String(), true) }),
			button(texts.save, "", func(ctx goapp.Context) { w.saveEditor(ctx, byID(editorID).Get("value").String(), false) }),
			button(texts.close, "quiet", func(ctx goapp.Context) { w.leaveEditor(ctx) })),
	).ID(editorDialogID).Attr("aria-label", texts.editorText).
		On("cancel", func(ctx goapp.Context, e goapp.Event) { w.leaveEditor(ctx) })
}
