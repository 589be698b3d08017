package app

import (
	"encoding/json"
	"slices"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"

	"skylab/tutorials/lesson"
)

// Placeholders of snippets are fields. Each has a value of its own, shared by
// all snippets of the lesson: what the person put in, or else what the lab
// knows.

// fieldsKey is where the values that the person put in are kept.
const fieldsKey = "skylab.fields."

// value is what a placeholder stands for; "" while that is not known.
func (w *Workspace) value(name string) string {
	if v := w.fields[name]; v != "" {
		return v
	}
	return w.lab.Values[name]
}

// filled is a snippet's text with the placeholders that are known.
func (w *Workspace) filled(sn lesson.Snippet) string { return fill(sn.Parts, w.value) }

func fill(parts []lesson.Part, value func(string) string) string {
	var b strings.Builder
	for _, p := range parts {
		if v := ""; p.Field != "" {
			if v = value(p.Field); v != "" {
				b.WriteString(v)
				continue
			}
		}
		b.WriteString(p.Text)
	}
	return b.String()
}

// setField puts a value into a placeholder; "" gives it back to the lab.
func (w *Workspace) setField(ctx goapp.Context, name, value string) {
	value = strings.TrimSpace(value)
	if value == w.lab.Values[name] {
		value = ""
	}
	if w.fields[name] = value; value == "" {
		delete(w.fields, name)
	}
	if data, err := json.Marshal(w.fields); err == nil && storageWorks() {
		_ = ctx.LocalStorage().Set(fieldsKey+w.lesson.ID, string(data)) // the lab tells of a storage that refuses
	}
}

// readFields reads what the person put in at an earlier visit.
func (w *Workspace) readFields(ctx goapp.Context) {
	w.fields = map[string]string{}
	var text string
	if w.lesson != nil && storageWorks() && ctx.LocalStorage().Get(fieldsKey+w.lesson.ID, &text) == nil {
		_ = json.Unmarshal([]byte(text), &w.fields) // what cannot be read is as if nothing was put in
	}
}

// placeholder is what the lesson says of a field.
func (w *Workspace) placeholder(name string) lesson.Placeholder {
	if i := slices.IndexFunc(w.lesson.Placeholders, func(p lesson.Placeholder) bool { return p.Name == name }); i >= 0 {
		return w.lesson.Placeholders[i]
	}
	return lesson.Placeholder{Name: name, Label: name}
}

// widest is how many characters of a value a field shows at once.
const widest = 38

// renderPart draws a run of a snippet: text, or a field.
func (w *Workspace) renderPart(p lesson.Part, where string) goapp.UI {
	if p.Field == "" {
		if p.Class == "" {
			return goapp.Text(p.Text)
		}
		return say("span", p.Class, p.Text)
	}
	about, v := w.placeholder(p.Field), w.value(p.Field)
	own := w.fields[p.Field] != ""
	class := "field"
	switch {
	case own:
		class = "field known own"
	case v != "":
		class = "field known"
	}
	if about.Secret && v != "" {
		if t := readToken(v); t != nil {
			return el("span", class, w.chip(*t, w.openField == where, func(goapp.Context) {
				if w.openField == where {
					w.openField = ""
				} else {
					w.openField = where
				}
			}, where))
		}
	}
	kind := "text"
	if about.Secret {
		kind = "password"
	}
	body := []goapp.UI{input(kind, "", about.Label).Attr("size", max(4, min(widest, max(len(v), len(p.Text))))).Attr("placeholder", p.Text).Attr("value", v).Attr("data-field", p.Field).
		On("change", func(ctx goapp.Context, _ goapp.Event) { w.setField(ctx, p.Field, ctx.JSSrc().Get("value").String()) }, where)}
	if own {
		body = append(body, iconButton("undo", texts.resetField, "quiet small", true, func(ctx goapp.Context) { w.setField(ctx, p.Field, "") }, where))
	}
	return el("span", class, body...)
}

// renderOpenField shows the token of the field that is open, and takes another.
func (w *Workspace) renderOpenField(sn lesson.Snippet, id string) goapp.UI {
	for i, p := range sn.Parts {
		if p.Field == "" || w.openField != fieldPlace(id, i) {
			continue
		}
		t := readToken(w.value(p.Field))
		if t == nil {
			return nil
		}
		return el("div", "openfield", w.renderToken(*t), el("p", "commands",
			say("label", "", texts.otherToken).Attr("for", "other-token"),
			input("password", "", texts.otherToken).ID("other-token").On("change", func(ctx goapp.Context, _ goapp.Event) {
				w.setField(ctx, p.Field, ctx.JSSrc().Get("value").String())
			}, id),
			when(w.fields[p.Field] != "", func() goapp.UI {
				return button(texts.resetField, "quiet", func(ctx goapp.Context) { w.setField(ctx, p.Field, "") }, id)
			})))
	}
	return nil
}
