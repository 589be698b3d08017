package app

import (
	"fmt"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"
)

// menu is a list at the prompt from which the keyboard chooses: what completes a
// word, or earlier commands.
type menu struct {
	kind          string
	items         []string
	at            int // the one that is chosen; -1 for none yet
	before, after string
	typed         string // what stands at the prompt
}

const (
	menuWords   = "words"
	menuHistory = "history"
)

// longestMenu is how many entries a list shows.
const longestMenu = 200

// search opens the list of earlier commands that contain a text, the last first.
func (c *console) search(text string) {
	m := &menu{kind: menuHistory, typed: text}
	seen := map[string]bool{}
	for i := len(c.History) - 1; i >= 0 && len(m.items) < longestMenu; i-- {
		if h := c.History[i]; !seen[h] && strings.Contains(strings.ToLower(h), strings.ToLower(text)) {
			seen[h] = true
			m.items = append(m.items, h)
		}
	}
	c.menu = m
}

// typed is what stands at the prompt while a list is open.
func (c *console) typed(text string) {
	switch {
	case c.menu == nil || c.menu.typed == text:
	case c.menu.kind == menuHistory:
		c.search(text)
	default:
		c.menu = nil
	}
}

// menuKey is what a key does while a list is open.
func (w *Workspace) menuKey(c *console, chord, text string) (do func(goapp.Context), ours bool) {
	m := c.menu
	move := func(by int) (func(goapp.Context), bool) {
		return func(ctx goapp.Context) {
			if n := len(m.items); n > 0 {
				m.at = (m.at + by + n) % n
			}
			ctx.Defer(func(goapp.Context) {
				if at := goapp.Window().Get("document").Call("querySelector", `.menu-list [aria-selected="true"]`); at.Truthy() {
					at.Call("scrollIntoView", map[string]any{"block": "nearest"})
				}
			})
		}, true
	}
	switch chord {
	case "ArrowDown", "Tab", "ctrl+r":
		return move(1)
	case "ArrowUp", "shift+Tab":
		return move(-1)
	case "Escape", "ctrl+c", "ctrl+g":
		return func(goapp.Context) { c.menu = nil }, true
	case "Enter", "ArrowRight":
		if len(m.items) == 0 {
			return func(goapp.Context) { c.menu = nil }, true
		}
		if chord == "ArrowRight" && m.kind == menuWords {
			return nil, false
		}
		return func(ctx goapp.Context) { w.pick(ctx, c, m.at) }, true
	}
	return nil, false
}

// pick puts an entry of the list at the prompt.
func (w *Workspace) pick(ctx goapp.Context, c *console, i int) {
	m := c.menu
	c.menu = nil
	if m == nil || i >= len(m.items) {
		return
	}
	text := m.items[i]
	if m.kind == menuWords {
		if !strings.HasSuffix(text, "/") && !strings.HasSuffix(text, "=") {
			text += " "
		}
		text = m.before + text
	}
	setPrompt(text + m.after)
	moveTo(text)
	byID(inputID).Call("focus")
}

const menuID = "menu"

// renderMenu draws the list above the prompt.
func (w *Workspace) renderMenu(c *console) goapp.UI {
	m := c.menu
	title := fmt.Sprintf(texts.completions, len(m.items))
	if m.kind == menuHistory {
		title = fmt.Sprintf(texts.earlierCommands, len(m.items))
	}
	shown := m.items[:min(len(m.items), longestMenu)]
	return el("div", "menu-list",
		say("p", "label", title),
		el("ul", m.kind, each(shown, func(i int, x string) goapp.UI {
			return say("li", "", x).ID("%s", fmt.Sprint(menuID, i)).Attr("role", "option").Attr("aria-selected", i == m.at).
				On("mousedown", func(ctx goapp.Context, e goapp.Event) { e.PreventDefault(); w.pick(ctx, c, i) }, c.ID, i, x)
		})...).ID(menuID).Attr("role", "listbox").Attr("aria-label", title),
	)
}
