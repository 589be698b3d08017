package app

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"

	"skylab/sim/labapi"
)

// sharing is what the page knows of labs that are given to others and taken from
// them. What comes from others is opened as a copy, in a place of its own beside
// the person's lab; nothing of it runs.
type sharing struct {
	open    bool            // the panel
	data    string          // the lab that is given, as text
	link    string          // "" while it is made, and where there is none
	why     string          // why there is no link
	packed  string          // the lab of the address, until it is unpacked
	copy    string          // names the copy that is open; "" for the person's own lab
	begun   json.RawMessage // what the copy began with
	refused string          // why what was given could not be opened
}

// Beginnings of what stands behind # in an address: a lab, or the name of a copy
// that this browser keeps.
const (
	labFragment  = "lab="
	copyFragment = "copy="
)

// maxLink is how many characters a link may have: what mail and chats still take.
const maxLink = 64 << 10

// takeFragment learns from the address which lab is to be opened.
func takeFragment(fragment string) (s sharing) {
	if packed, ok := strings.CutPrefix(fragment, labFragment); ok {
		s.packed = packed
	}
	if name, ok := strings.CutPrefix(fragment, copyFragment); ok && len(name) <= 32 {
		s.copy = name
	}
	return s
}

// copyName names a copy by what it began with.
func copyName(data string) string {
	h := fnv.New64a()
	h.Write([]byte(data))
	return fmt.Sprintf("%016x", h.Sum64())
}

// openFirst opens the lab that the address asks for.
func (w *Workspace) openFirst(ctx goapp.Context) {
	packed, client := w.sharing.packed, w.client
	if given := w.given; given != "" {
		w.given = ""
		w.openCopy(given)
		return
	}
	if packed == "" {
		w.openLab(labapi.Open{})
		return
	}
	then(ctx, goapp.Window().Call("skylabUnpack", packed), func(ctx goapp.Context, data goapp.Value, problem string) {
		if w.client != client { // a link led on meanwhile
			return
		}
		w.sharing.packed = ""
		if problem != "" {
			w.refuse(problem)
			return
		}
		w.openCopy(data.String())
	})
}

// openCopy opens a lab that was given, as a copy.
func (w *Workspace) openCopy(data string) {
	if !json.Valid([]byte(data)) {
		w.refuse(texts.notALab)
		return
	}
	w.sharing = sharing{copy: copyName(data), begun: json.RawMessage(data)}
	w.openLab(labapi.Open{})
}

// refuse opens the person's own lab in the place of one that cannot be opened.
func (w *Workspace) refuse(why string) {
	w.sharing = sharing{refused: strings.TrimSuffix(why, ".")}
	w.openLab(labapi.Open{})
}

// share makes a link of the lab as it is.
func (w *Workspace) share(goapp.Context) {
	w.sharing.open, w.sharing.link, w.sharing.why, w.sharing.data = true, "", "", ""
	call(w.client, labapi.OpSnapshot, nil, func(ctx goapp.Context, data json.RawMessage) {
		w.sharing.data = string(data)
		if !goapp.Window().Get("CompressionStream").Truthy() {
			w.sharing.why = texts.noPacking
			return
		}
		then(ctx, goapp.Window().Call("skylabPack", w.sharing.data), func(_ goapp.Context, packed goapp.Value, problem string) {
			if problem != "" {
				w.sharing.why = fmt.Sprintf(texts.notPacked, strings.TrimSuffix(problem, "."))
				return
			}
			link := goapp.Window().Get("location").Get("origin").String() + at(w.path) + "#" + labFragment + packed.String()
			if len(link) > maxLink {
				w.sharing.why = fmt.Sprintf(texts.tooLarge, len(link)>>10)
				return
			}
			w.sharing.link = link
		})
	})
}

// then waits for a promise; problem says why there is no value.
func then(ctx goapp.Context, promise goapp.Value, do func(ctx goapp.Context, v goapp.Value, problem string)) {
	var good, bad goapp.Func
	end := func(v goapp.Value, problem string) any {
		good.Release()
		bad.Release()
		ctx.Dispatch(func(ctx goapp.Context) { do(ctx, v, problem) })
		return nil
	}
	good = goapp.FuncOf(func(_ goapp.Value, args []goapp.Value) any { return end(args[0], "") })
	bad = goapp.FuncOf(func(_ goapp.Value, args []goapp.Value) any {
		return end(nil, args[0].Get("message").String())
	})
	promise.Call("then", good, bad)
}

const (
	fileID = "lab-file"
	linkID = "lab-link"
)

// openFile opens the lab of a file that the person chose.
func (w *Workspace) openFile(ctx goapp.Context, _ goapp.Event) {
	files := ctx.JSSrc().Get("files")
	if files.Get("length").Int() == 0 {
		return
	}
	then(ctx, files.Index(0).Call("text"), func(ctx goapp.Context, text goapp.Value, problem string) {
		if problem != "" {
			w.refuse(problem)
			return
		}
		// By its address, so that a reload finds it.
		w.given = text.String()
		goapp.Window().Call("goappNav", at(w.path)+"#"+copyFragment+copyName(w.given))
	})
}

// renderSharing shows the link, or says what came of one.
func (w *Workspace) renderSharing() goapp.UI {
	s := w.sharing
	own := button(texts.ownLab, "", func(goapp.Context) { goapp.Window().Call("goappNav", at(w.path)) })
	switch {
	case s.open:
		return w.renderShare()
	case s.refused != "":
		return notice("refused", "alert", fmt.Sprintf(texts.refused, s.refused), button(texts.understood, "", func(goapp.Context) { w.sharing.refused = "" }))
	case s.copy != "":
		return notice("copy", "status", texts.copyOpen, own)
	}
	return nil
}

func (w *Workspace) renderShare() goapp.UI {
	s, text := w.sharing, texts.shareMaking
	switch {
	case s.link != "":
		text = texts.shareText
	case s.why != "":
		text = s.why + " " + texts.shareFile
	}
	return el("div", "keeping share",
		say("p", "", text).Attr("role", "status"),
		when(s.link != "", func() goapp.UI {
			return el("div", "choice",
				say("label", "", texts.shareLink).Attr("for", linkID),
				input("text", "", texts.shareLink).ID(linkID).Attr("readonly", true).Attr("value", s.link),
				button(texts.copyText, "run", func(goapp.Context) { copyText(s.link) }, s.link))
		}),
		el("div", "commands",
			when(s.data != "", func() goapp.UI {
				return button(texts.shareSave, "", func(goapp.Context) { downloadText("skylab-lab.json", s.data) }, len(s.data))
			}),
			say("label", "", texts.shareOpen).Attr("for", fileID),
			input("file", "", texts.shareOpen).ID(fileID).Attr("accept", ".json,application/json").On("change", w.openFile),
			button(texts.closePanel, "", func(goapp.Context) { w.sharing.open = false }),
		),
	).Attr("role", "region").Attr("aria-label", texts.share)
}
