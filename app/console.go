package app

import (
	"fmt"
	"slices"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"

	"skylab/sim/labapi"
)

// console is a shell session as the page shows it.
type console struct {
	labapi.Console
	blocks  []*block
	earlier int // blocks that are not drawn until they are asked for
	prompt  string
	pending string // lines of an incomplete command
	running bool
	waits   *labapi.Prompt // set while the running command waits for a line
	given   []labapi.Input // for the running command
	replay  []labapi.Input // what was typed for the same command before
	repeats bool           // the command is run again: what it prints takes the place of what it printed
	queue   []string       // pasted lines that have not had their turn
	draft   string         // what stood at the prompt when another tab was shown
	recall  int            // how far back in the history
	menu    *menu
	finder  *finder
	folder  *labapi.Folder // the files that are shown
	naming  bool           // its tab is being renamed
}

const (
	inputID = "prompt"
	logID   = "log"
)

// drawnBlocks is how many blocks are in the page at once; those before them are
// drawn when they are asked for.
const drawnBlocks = 60

// show replaces what a console shows.
func (c *console) show(blocks []labapi.Block) {
	c.blocks, c.earlier, c.finder = nil, 0, nil
	for _, b := range blocks {
		c.append(newBlock(newID(), b))
	}
}

func (c *console) append(b *block) *block {
	c.blocks = append(c.blocks, b)
	if over := len(c.blocks) - c.earlier - drawnBlocks; over > drawnBlocks/2 { // some at a time, for all that follow move up
		c.earlier += over
	}
	return b
}

// newID numbers the page's blocks.
var newID = func() func() int {
	n := 0
	return func() int { n++; return n }
}()

func (c *console) lastBlock() *block {
	if len(c.blocks) == 0 {
		return nil
	}
	return c.blocks[len(c.blocks)-1]
}

// transcript is all that a console shows, as text.
func (c *console) transcript() string {
	var b strings.Builder
	for _, x := range c.blocks {
		b.WriteString(x.String())
	}
	return b.String()
}

// name is what a console's tab says.
func (c *console) name() string {
	switch {
	case c.Title != "":
		return c.Title
	case c.Machine != c.Home:
		return c.Home + " → " + c.Machine
	}
	return c.ID
}

// current is the console that is shown; nil while the portal is.
func (w *Workspace) current() *console { return w.console(w.tab) }

// console is the console with an id.
func (w *Workspace) console(id string) *console {
	if i := slices.IndexFunc(w.consoles, func(c *console) bool { return c.ID == id }); i >= 0 {
		return w.consoles[i]
	}
	return nil
}

// focus puts the keyboard at the prompt and shows the end of the log.
func (w *Workspace) focus(ctx goapp.Context) {
	ctx.Defer(func(goapp.Context) {
		if input := byID(inputID); input.Truthy() {
			input.Call("focus")
		}
		toEnd()
	})
}

// toEnd scrolls the log to its end.
func toEnd() {
	if log := byID(logID); log.Truthy() {
		log.Set("scrollTop", log.Get("scrollHeight"))
	}
}

func byID(id string) goapp.Value { return goapp.Window().GetElementByID(id) }

// atPrompt is what stands at the prompt.
func atPrompt() string {
	if input := byID(inputID); input.Truthy() {
		return input.Get("value").String()
	}
	return ""
}

// setPrompt puts a text at the prompt.
func setPrompt(text string) {
	if input := byID(inputID); input.Truthy() {
		input.Set("value", text)
		fit(input)
	}
}

// fit gives the prompt as many rows as it has lines.
func fit(input goapp.Value) {
	input.Set("rows", min(12, 1+strings.Count(input.Get("value").String(), "\n")))
}

// showTab shows a tab: a console by its id, or the portal.
func (w *Workspace) showTab(ctx goapp.Context, tab string) {
	if c := w.current(); c != nil {
		c.draft, c.menu = atPrompt(), nil
	}
	w.tab, w.room = tab, roomWork
	if tab == portalTab {
		w.openPortal(ctx)
		return
	}
	ctx.Defer(func(goapp.Context) {
		if c := w.current(); c != nil {
			setPrompt(c.draft)
		}
	})
}

// openConsole shows a console of a machine, with a shell of a kind if one is
// named, and opens one where there is none that is free.
func (w *Workspace) openConsole(ctx goapp.Context, machine, shell string, then func(goapp.Context, *console)) {
	for _, x := range append([]*console{w.current()}, w.consoles...) {
		if x != nil && x.Home == machine && x.Machine == machine && (shell == "" || x.Shell == shell) && !x.running {
			w.showTab(ctx, x.ID)
			if then != nil {
				then(ctx, x)
			}
			return
		}
	}
	w.addConsole(ctx, labapi.NewConsole{Machine: machine, Shell: shell}, then)
}

// addConsole opens one more console and shows it.
func (w *Workspace) addConsole(ctx goapp.Context, n labapi.NewConsole, then func(goapp.Context, *console)) {
	call(w.client, labapi.OpConsole, n, func(ctx goapp.Context, x labapi.Console) {
		c := w.take(x)
		w.showTab(ctx, c.ID)
		if then != nil {
			then(ctx, c)
		}
		w.focus(ctx)
	})
}

// take takes a console from the lab, in place of what the page had of it.
func (w *Workspace) take(x labapi.Console) *console {
	c := w.console(x.ID)
	if c == nil {
		c = &console{}
		w.consoles = append(w.consoles, c)
	}
	c.Console, c.prompt, c.pending = x, x.Prompt, ""
	c.show(x.Blocks)
	c.Blocks = nil
	return c
}

// closeConsole ends a console; the tab beside it is shown.
func (w *Workspace) closeConsole(ctx goapp.Context, c *console) {
	if c.running {
		w.stop(c)
	}
	call[any](w.client, labapi.OpClose, labapi.ConsoleRef{Console: c.ID}, nil)
	w.drop(ctx, c)
}

func (w *Workspace) drop(ctx goapp.Context, c *console) {
	i := slices.Index(w.consoles, c)
	w.consoles = slices.Delete(w.consoles, i, i+1)
	if w.tab != c.ID {
		return
	}
	next := portalTab
	if n := len(w.consoles); n > 0 {
		next = w.consoles[min(i, n-1)].ID
	}
	w.tab = ""
	w.showTab(ctx, next)
	w.focus(ctx)
}

// rename gives a console a name; "" takes it away.
func (w *Workspace) rename(ctx goapp.Context, c *console, title string) {
	if !c.naming {
		return
	}
	c.naming, c.Title = false, strings.TrimSpace(title)
	call[any](w.client, labapi.OpRename, labapi.Rename{Console: c.ID, Title: c.Title}, nil)
	ctx.Defer(func(goapp.Context) { focusOn(`[role="tab"][aria-selected="true"]`) })
}

// focusOn puts the keyboard on the first element that a selector names.
func focusOn(selector string) {
	if at := goapp.Window().Get("document").Call("querySelector", selector); at.Truthy() {
		at.Call("focus")
	}
}

// maxCommand is how many bytes a command may have: it stands in the console, in
// the history, in the log and in each undo step.
const maxCommand = 256 << 10

// submit takes a line that was typed: a command, or what the running command
// reads.
func (w *Workspace) submit(ctx goapp.Context, c *console, text string) {
	if w.problem = ""; len(text) > maxCommand {
		w.problem = fmt.Sprintf(texts.tooLong, len(text)>>10, maxCommand>>10)
		setPrompt(text)
		return
	}
	c.recall, c.menu = 0, nil
	if c.running {
		w.give(ctx, c, text)
		return
	}
	w.run(ctx, c, text)
}

// give gives a line to the command that runs.
func (w *Workspace) give(ctx goapp.Context, c *console, text string) {
	w.input(c, labapi.Input{Console: c.ID, Text: text})
	w.focus(ctx)
}

// input gives a line, or the end of its input, to the command that runs.
func (w *Workspace) input(c *console, given labapi.Input) {
	switch {
	case given.End:
	case c.waits == nil || !c.waits.Secret:
		c.lastBlock().add("in", given.Text+"\n")
	default:
		c.lastBlock().add("in", "\n")
	}
	c.waits, c.given = nil, append(c.given, given)
	call[any](w.client, labapi.OpInput, given, nil)
}

// run runs a text in a console, as another line of an incomplete command if
// there is one.
func (w *Workspace) run(ctx goapp.Context, c *console, text string) {
	w.keeping.restored = false // it is plain by now
	if c.pending == "" {
		b := c.append(newBlock(newID(), labapi.Block{Prompt: c.prompt, Text: text}))
		b.first = w.lastExchange() + 1
	} else {
		b := c.lastBlock()
		b.text += "\n" + text
		b.rev++
		text = c.pending + "\n" + text
	}
	c.running, c.given, c.replay, w.said = true, nil, nil, ""
	call(w.client, labapi.OpRun, labapi.Run{Console: c.ID, Text: text, Columns: 100}, func(ctx goapp.Context, r labapi.Result) { w.ended(ctx, c, text, r) })
	w.focus(ctx)
}

func (w *Workspace) ended(ctx goapp.Context, c *console, text string, r labapi.Result) {
	c.repeat()
	c.running, c.waits, c.given, c.replay = false, nil, nil, nil // secrets among it
	b := c.lastBlock()
	if r.Incomplete {
		c.pending, c.prompt = text, r.Prompt
		w.next(ctx, c)
		return
	}
	c.pending = ""
	b.done, b.status, b.took, b.last = true, r.Status, r.Duration, w.lastExchange()
	b.mistake = w.mistakeOf(b)
	b.rev++
	w.announce(b)
	if r.Clear {
		c.show(nil)
	}
	if r.Lab != nil {
		w.lab = *r.Lab
	}
	if strings.TrimSpace(text) != "" {
		c.History = append(c.History, text)
	}
	if r.Closed { // the shell ended: open another, below what was shown
		if slices.ContainsFunc(w.consoles, func(x *console) bool { return x != c && x.Home == c.Home }) {
			w.drop(ctx, c)
			return
		}
		call(w.client, labapi.OpConsole, labapi.NewConsole{Machine: c.Home, New: true}, func(ctx goapp.Context, x labapi.Console) {
			if w.tab == c.ID {
				w.tab = x.ID
			}
			c.Console, c.prompt = x, x.Prompt
			w.next(ctx, c)
		})
		return
	}
	c.prompt, c.Machine = r.Prompt, r.Machine
	if c.folder != nil {
		w.list(c, c.folder.Path)
	}
	w.next(ctx, c)
}

// next goes on with what was pasted, if there is more.
func (w *Workspace) next(ctx goapp.Context, c *console) {
	if len(c.queue) > 0 {
		text := c.queue[0]
		c.queue = c.queue[1:]
		w.submit(ctx, c, text)
		return
	}
	if c == w.current() && (w.currentRoom() == roomWork || !narrow()) {
		w.focusPrompt(ctx)
	}
}

// focusPrompt puts the keyboard at the prompt unless the person is elsewhere.
func (w *Workspace) focusPrompt(ctx goapp.Context) {
	ctx.Defer(func(goapp.Context) {
		at := goapp.Window().Get("document").Get("activeElement")
		if input := byID(inputID); input.Truthy() && (!at.Truthy() || at.Get("tagName").String() == "BODY" || at.Call("closest", ".console").Truthy() || !at.Get("isConnected").Bool()) {
			input.Call("focus")
		}
		toEnd()
	})
}

// paste takes a text of several lines as a shell does: each line that has an end
// runs in its turn, and the last stays at the prompt.
func (w *Workspace) paste(ctx goapp.Context, c *console, lines []string) {
	c.queue = append(c.queue, lines...)
	if !c.running || c.waits != nil {
		w.next(ctx, c)
	}
}

func (w *Workspace) stop(c *console) {
	c.queue = nil
	if c.running {
		w.interrupt(c)
	} else if c.pending != "" {
		b := c.lastBlock()
		b.done, b.status = true, 130
		b.rev++
		c.pending, c.prompt = "", c.Prompt
	}
}

// end is Ctrl-D: the end of a command's input, or of the shell.
func (w *Workspace) end(ctx goapp.Context, c *console) {
	if c.running {
		w.input(c, labapi.Input{Console: c.ID, End: true})
	} else if c.pending == "" {
		w.run(ctx, c, "exit")
	}
}

// put puts a text at the prompt without running it.
func (w *Workspace) put(ctx goapp.Context, text string) {
	ctx.Defer(func(goapp.Context) {
		setPrompt(text)
		if input := byID(inputID); input.Truthy() {
			input.Call("focus")
		}
		toEnd()
	})
}

// renderConsole draws a console: what was said, and where to say more.
func (w *Workspace) renderConsole(c *console) goapp.UI {
	if c == nil {
		return say("p", "starting", texts.starting)
	}
	drawn := c.blocks[min(c.earlier, len(c.blocks)):]
	return el("div", "console",
		el("div", "panels",
			when(c.finder != nil, func() goapp.UI { return w.renderFinder(c) }),
			when(c.folder != nil, func() goapp.UI { return w.renderFolder(c) })),
		el("div", "scroll-log",
			el("div", "earlier", when(c.earlier > 0, func() goapp.UI {
				return button(fmt.Sprintf(texts.earlier, c.earlier), "quiet", func(goapp.Context) { c.earlier = max(0, c.earlier-drawnBlocks) }, c.ID)
			})),
			el("div", "log", each(drawn, func(_ int, b *block) goapp.UI {
				return &blockView{W: w, C: c, B: b, Rev: b.rev}
			})...).Attr("role", "log").Attr("aria-live", "off").Attr("aria-label", texts.console+" "+c.name()),
			w.renderLine(c),
		).ID(logID).Attr("tabindex", 0).Attr("role", "region").Attr("aria-label", texts.console+" "+c.name()),
		el("div", "hint", say("p", "", texts.hint),
			el("span", "tools",
				iconButton("find", texts.find, "quiet small", false, func(ctx goapp.Context) { w.openFinder(ctx) }),
				iconButton("file", texts.files, "quiet small", false, func(goapp.Context) {
					if c.folder != nil {
						c.folder = nil
						return
					}
					w.list(c, "")
				}, c.ID).Attr("aria-expanded", c.folder != nil),
				button(texts.copyAll, "quiet small", func(goapp.Context) { copyText(w.current().transcript()) }),
				button(texts.saveAll, "quiet small", func(goapp.Context) { downloadText(w.current().Home+".txt", w.current().transcript()) }),
				when(len(w.consoles) > 1, func() goapp.UI {
					return button(texts.close, "quiet small shut", func(ctx goapp.Context) { w.closeConsole(ctx, c) }, c.ID).Attr("aria-label", fmt.Sprintf(texts.closeTab, c.name()))
				}),
			)),
	)
}

// renderLine draws the prompt. While a command runs, it is the command's input,
// behind what the command printed last.
func (w *Workspace) renderLine(c *console) goapp.UI {
	class, prompt, name := "line", c.prompt, texts.command
	secret := false
	if c.running {
		class, prompt, name = "line reads", "", texts.reads
		if c.waits != nil {
			secret = c.waits.Secret
			prompt = c.lastBlock().unended()
		}
	}
	field := goapp.UI(nil)
	if secret {
		field = input("password", "", strings.TrimSpace(prompt+" "+texts.secret)).ID(inputID)
	} else {
		box := goapp.Elem("textarea").ID(inputID).Attr("rows", 1).Attr("aria-label", name).Attr("spellcheck", false).Attr("autocomplete", "off").Attr("autocapitalize", "off").
			Attr("aria-autocomplete", "list")
		if c.menu != nil && len(c.menu.items) > 0 {
			box = box.Attr("aria-controls", menuID).Attr("aria-activedescendant", fmt.Sprint(menuID, c.menu.at))
		}
		field = box
	}
	return el("div", class,
		el("div", "lists", when(c.menu != nil, func() goapp.UI { return w.renderMenu(c) })),
		say("label", "prompt", prompt).Attr("for", inputID),
		field,
		when(c.running, func() goapp.UI { return button(texts.stop, "stop", func(goapp.Context) { w.stop(w.current()) }) },
			func() goapp.UI {
				return button(texts.run, "run go", func(ctx goapp.Context) {
					text := atPrompt()
					setPrompt("")
					w.submit(ctx, w.current(), text)
				})
			}),
	)
}
