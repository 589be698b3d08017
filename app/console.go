package app

import (
	"fmt"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"

	"skylab/sim/labapi"
)

// console is a shell session as the page shows it.
type console struct {
	labapi.Console
	blocks  []labapi.Block
	prompt  string
	pending string // lines of an incomplete command
	running bool
	recall  int    // how far back in the history
	query   string // what Ctrl-R looks for; "" while it does not
	drawn   map[piece]drawn
	open    map[int]bool // blocks whose whole output is shown
	tidy    map[int]bool // blocks whose JSON is indented
	chip    string       // the token that is open, by where it stands
}

const (
	inputID = "prompt"
	logID   = "log"
)

// focus puts the keyboard at the prompt and shows the end of the log.
func (w *Workspace) focus(ctx goapp.Context) {
	ctx.Defer(func(goapp.Context) {
		if input := goapp.Window().GetElementByID(inputID); input.Truthy() {
			input.Call("focus")
			input.Call("scrollIntoView", map[string]any{"block": "nearest"})
		}
		if log := goapp.Window().GetElementByID(logID); log.Truthy() {
			log.Set("scrollTop", log.Get("scrollHeight"))
		}
	})
}

// openConsole shows the console of a machine, opening it the first time.
func (w *Workspace) openConsole(ctx goapp.Context, machine string, then func(goapp.Context, *console)) {
	w.tab = machine
	if c := w.consoles[machine]; c != nil {
		if then != nil {
			then(ctx, c)
		}
		return
	}
	call(w.client, labapi.OpConsole, labapi.NewConsole{Machine: machine}, func(ctx goapp.Context, x labapi.Console) {
		c := &console{Console: x, prompt: x.Prompt}
		c.show(x.Blocks)
		w.consoles[machine] = c
		if then != nil {
			then(ctx, c)
		}
		w.focus(ctx)
	})
}

// maxCommand is how many bytes a command may have: it stands in the console, in
// the history, in the log and in each undo step.
const maxCommand = 256 << 10

// submit takes what stands at the prompt.
func (w *Workspace) submit(ctx goapp.Context, c *console) {
	input := goapp.Window().GetElementByID(inputID)
	text := input.Get("value").String()
	redraw(ctx)
	if w.problem = ""; len(text) > maxCommand {
		w.problem = fmt.Sprintf(texts.tooLong, len(text)>>10, maxCommand>>10)
		return
	}
	input.Set("value", "")
	fit(input)
	c.recall, c.query = 0, ""
	if c.running { // a line for the command that runs
		call[any](w.client, labapi.OpInput, labapi.Input{Console: c.ID, Text: text}, nil)
		return
	}
	w.run(ctx, c, text)
}

// run runs a text in a console, as another line of an incomplete command if
// there is one.
func (w *Workspace) run(_ goapp.Context, c *console, text string) {
	w.keeping.restored = false // it is plain by now
	if c.pending == "" {
		c.blocks = append(c.blocks, labapi.Block{Prompt: c.prompt, Text: text})
	} else {
		c.blocks[len(c.blocks)-1].Text += "\n" + text
		text = c.pending + "\n" + text
	}
	c.running = true
	call(w.client, labapi.OpRun, labapi.Run{Console: c.ID, Text: text, Columns: 100}, func(ctx goapp.Context, r labapi.Result) { w.ended(ctx, c, text, r) })
}

func (w *Workspace) ended(ctx goapp.Context, c *console, text string, r labapi.Result) {
	c.running = false
	if r.Incomplete {
		c.pending, c.prompt = text, r.Prompt
		w.focus(ctx)
		return
	}
	c.pending = ""
	b := &c.blocks[len(c.blocks)-1]
	b.Done, b.Status, b.Duration = true, r.Status, r.Duration
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
		call(w.client, labapi.OpConsole, labapi.NewConsole{Machine: c.Machine}, func(ctx goapp.Context, x labapi.Console) {
			c.Console, c.prompt = x, x.Prompt
			w.focus(ctx)
		})
		return
	}
	c.prompt = r.Prompt
	w.focus(ctx)
}

func (w *Workspace) stop(c *console) {
	if c.running {
		w.interrupt(c)
	} else if c.pending != "" {
		c.pending, c.prompt = "", c.Prompt
	}
}

// key is what the keyboard does at the prompt.
func (w *Workspace) key(ctx goapp.Context, e goapp.Event, c *console) {
	input := ctx.JSSrc()
	ctrl := e.Get("ctrlKey").Bool()
	switch key := e.Get("key").String(); {
	case key == "Enter" && !e.Get("shiftKey").Bool():
		e.PreventDefault()
		w.submit(ctx, c)
	case ctrl && key == "c" && input.Get("selectionStart").Int() == input.Get("selectionEnd").Int():
		e.PreventDefault()
		input.Set("value", "")
		w.stop(c)
	case ctrl && key == "l":
		e.PreventDefault()
		c.show(nil)
	case ctrl && key == "d" && input.Get("value").String() == "":
		e.PreventDefault()
		if c.running {
			call[any](w.client, labapi.OpInput, labapi.Input{Console: c.ID, End: true}, nil)
		} else {
			w.run(ctx, c, "exit")
		}
	case ctrl && key == "r":
		e.PreventDefault()
		c.search(input)
	case (key == "ArrowUp" || key == "ArrowDown") && !strings.Contains(input.Get("value").String(), "\n"):
		e.PreventDefault()
		c.remember(input, key == "ArrowUp")
	case key == "Tab" && !e.Get("shiftKey").Bool() && input.Get("value").String() != "":
		e.PreventDefault()
		w.complete(input, c)
	default:
		ctx.PreventUpdate()
	}
}

// search puts the last earlier command at the prompt that has what stands there
// in it; asked again, the one before.
func (c *console) search(input goapp.Value) {
	if c.query == "" {
		c.query, c.recall = input.Get("value").String(), 0
	}
	for n := c.recall + 1; n <= len(c.History); n++ {
		if text := c.History[len(c.History)-n]; strings.Contains(text, c.query) && text != input.Get("value").String() {
			c.recall = n
			input.Set("value", text)
			fit(input)
			return
		}
	}
}

// remember puts an earlier command at the prompt, or a later one.
func (c *console) remember(input goapp.Value, back bool) {
	n := len(c.History)
	if back && c.recall < n {
		c.recall++
	} else if !back && c.recall > 0 {
		c.recall--
	}
	text := ""
	if c.recall > 0 {
		text = c.History[n-c.recall]
	}
	c.query = ""
	input.Set("value", text)
	fit(input)
}

func (w *Workspace) complete(input goapp.Value, c *console) {
	text := input.Get("value").String()
	call(w.client, labapi.OpComplete, labapi.Complete{Console: c.ID, Text: text, Pos: len(text)}, func(_ goapp.Context, x labapi.Completion) {
		if input.Get("value").String() != text || len(x.Words) == 0 {
			return
		}
		word := commonPrefix(x.Words)
		if len(x.Words) == 1 && !strings.HasSuffix(word, "/") {
			word += " "
		}
		if len(word) > x.End-x.Start {
			input.Set("value", text[:x.Start]+word)
			return
		}
		c.blocks = append(c.blocks, labapi.Block{Prompt: c.prompt, Text: text, Done: true, Output: []labapi.Output{{Stream: "out", Text: strings.Join(x.Words, "  ")}}})
	})
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

// output adds what a command printed to its block.
func (c *console) output(o labapi.Output) {
	if len(c.blocks) == 0 {
		return
	}
	b := &c.blocks[len(c.blocks)-1]
	if n := len(b.Output); n > 0 && b.Output[n-1].Stream == o.Stream {
		b.Output[n-1].Text += o.Text
		return
	}
	b.Output = append(b.Output, o)
}

// typed is what the person changed at the prompt: the page need not be drawn
// again for it.
func typed(ctx goapp.Context, _ goapp.Event) {
	ctx.PreventUpdate()
	fit(ctx.JSSrc())
}

// fit gives the prompt as many rows as it has lines.
func fit(input goapp.Value) {
	input.Set("rows", min(12, 1+strings.Count(input.Get("value").String(), "\n")))
}

// put puts a text at the prompt without running it.
func (w *Workspace) put(ctx goapp.Context, text string) {
	ctx.Defer(func(goapp.Context) {
		if input := goapp.Window().GetElementByID(inputID); input.Truthy() {
			input.Set("value", text)
			fit(input)
			input.Call("focus")
		}
	})
}

func (w *Workspace) renderConsole(c *console) goapp.UI {
	if c == nil {
		return goapp.P().Class("starting").Text(texts.starting)
	}
	return goapp.Div().Class("console").Body(
		goapp.Div().ID(logID).Class("log").TabIndex(0).Role("log").Aria("label", texts.console+" "+c.Machine).Body(goapp.Range(c.blocks).Slice(func(i int) goapp.UI { return w.renderBlock(c, i) })),
		goapp.Div().Class("line").Body(
			goapp.Label().Class("prompt").For(inputID).Text(c.prompt),
			goapp.Textarea().ID(inputID).Rows(1).Aria("label", texts.command).Spellcheck(false).Attr("autocomplete", "off").Attr("autocapitalize", "off").
				OnInput(typed).
				OnKeyDown(func(ctx goapp.Context, e goapp.Event) { w.key(ctx, e, w.current()) }),
			when(c.running, func() goapp.UI { return button(texts.stop, "", func(goapp.Context) { w.stop(w.current()) }) },
				func() goapp.UI {
					return button(texts.run, "run", func(ctx goapp.Context) { w.submit(ctx, w.current()) })
				}),
		),
		goapp.Div().Class("hint").Body(goapp.P().Text(texts.hint), when(len(c.blocks) > 0, func() goapp.UI {
			return goapp.Span().Body(
				button(texts.copyAll, "quiet", func(goapp.Context) { copyText(w.current().transcript()) }),
				button(texts.saveAll, "quiet", func(goapp.Context) { download(w.current().Machine+".txt", w.current().transcript()) }))
		})),
	)
}
