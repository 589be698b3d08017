// Package app is Skylab's page, made of go-app components: a console, and the
// list of exchanges. It speaks to the lab by the messages of sim/labapi alone;
// it must not know how lessons are parsed, nor link the simulated cloud.
package app

import (
	"fmt"
	"slices"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"

	"skylab/sim/exchange"
	"skylab/sim/labapi"
)

// workerScript is the address of the script that starts the lab's worker: it
// stands beside the other files of this build.
func workerScript() string { return goapp.Getenv("SKYLAB_ASSETS") + "worker.js" }

// Route registers the page's components for its addresses.
func Route() {
	goapp.Route("/", &Workspace{})
}

// Workspace is a lab with one console and its exchanges.
type Workspace struct {
	goapp.Compo
	client    *client
	lab       labapi.Lab
	console   labapi.Console
	blocks    []labapi.Block
	exchanges []exchange.Exchange
	problem   string
	pending   string // lines of an incomplete command
	running   bool
	prompt    string
	recall    int // how far back in the history
}

// OnMount starts the lab.
func (w *Workspace) OnMount(ctx goapp.Context) {
	w.client = newClient(ctx, workerScript(), w.onEvent, func(_ goapp.Context, text string) { w.problem, w.running = text, false })
}

func (w *Workspace) onEvent(ctx goapp.Context, e labapi.Event) {
	switch {
	case e.Ready != nil:
		call(w.client, labapi.OpOpen, labapi.Open{}, func(ctx goapp.Context, l labapi.Lab) {
			w.lab = l
			call(w.client, labapi.OpConsole, labapi.NewConsole{}, func(ctx goapp.Context, c labapi.Console) {
				w.console, w.prompt = c, c.Prompt
				w.focus(ctx)
			})
		})
	case e.Output != nil && len(w.blocks) > 0:
		b := &w.blocks[len(w.blocks)-1]
		if n := len(b.Output); n > 0 && b.Output[n-1].Stream == e.Output.Stream {
			b.Output[n-1].Text += e.Output.Text
		} else {
			b.Output = append(b.Output, *e.Output)
		}
	case e.Exchange != nil:
		// One that a server made for another ends before it, but began after.
		at := len(w.exchanges)
		for at > 0 && w.exchanges[at-1].ID > e.Exchange.ID {
			at--
		}
		w.exchanges = slices.Insert(w.exchanges, at, *e.Exchange)
	}
}

// focus puts the keyboard at the prompt and shows the end of the log.
func (w *Workspace) focus(ctx goapp.Context) {
	ctx.Defer(func(goapp.Context) {
		if input := goapp.Window().GetElementByID(inputID); input.Truthy() {
			input.Call("focus")
			input.Call("scrollIntoView", map[string]any{"block": "nearest"})
		}
	})
}

const inputID = "prompt"

func (w *Workspace) submit(ctx goapp.Context) {
	input := goapp.Window().GetElementByID(inputID)
	text := input.Get("value").String()
	input.Set("value", "")
	w.recall = 0
	if w.running { // a line for the command that runs
		call[any](w.client, labapi.OpInput, labapi.Input{Console: w.console.ID, Text: text}, nil)
		return
	}
	if w.pending == "" {
		w.blocks = append(w.blocks, labapi.Block{Prompt: w.prompt, Text: text})
	} else {
		w.blocks[len(w.blocks)-1].Text += "\n" + text
		text = w.pending + "\n" + text
	}
	w.running = true
	call(w.client, labapi.OpRun, labapi.Run{Console: w.console.ID, Text: text, Columns: 100}, func(ctx goapp.Context, r labapi.Result) {
		w.ended(ctx, text, r)
	})
}

func (w *Workspace) ended(ctx goapp.Context, text string, r labapi.Result) {
	w.running = false
	if r.Incomplete {
		w.pending, w.prompt = text, r.Prompt
		w.focus(ctx)
		return
	}
	w.pending = ""
	b := &w.blocks[len(w.blocks)-1]
	b.Done, b.Status, b.Duration = true, r.Status, r.Duration
	if r.Clear {
		w.blocks = nil
	}
	if r.Lab != nil {
		w.lab = *r.Lab
	}
	if strings.TrimSpace(text) != "" {
		w.console.History = append(w.console.History, text)
	}
	if r.Closed { // the shell ended: open another
		call(w.client, labapi.OpConsole, labapi.NewConsole{}, func(ctx goapp.Context, c labapi.Console) { w.console, w.prompt = c, c.Prompt; w.focus(ctx) })
		return
	}
	w.prompt = r.Prompt
	w.focus(ctx)
}

func (w *Workspace) stop(goapp.Context) {
	if w.running {
		call[any](w.client, labapi.OpInterrupt, labapi.ConsoleRef{Console: w.console.ID}, nil)
	} else if w.pending != "" {
		w.pending, w.prompt = "", w.console.Prompt
	}
}

// key is what the keyboard does at the prompt.
func (w *Workspace) key(ctx goapp.Context, e goapp.Event) {
	input := ctx.JSSrc()
	ctrl := e.Get("ctrlKey").Bool()
	switch key := e.Get("key").String(); {
	case key == "Enter":
		e.PreventDefault()
		w.submit(ctx)
	case ctrl && key == "c" && input.Get("selectionStart").Int() == input.Get("selectionEnd").Int():
		e.PreventDefault()
		input.Set("value", "")
		w.stop(ctx)
	case ctrl && key == "l":
		e.PreventDefault()
		w.blocks = nil
	case key == "ArrowUp" || key == "ArrowDown":
		e.PreventDefault()
		w.remember(input, key == "ArrowUp")
	case key == "Tab" && !e.Get("shiftKey").Bool() && input.Get("value").String() != "":
		e.PreventDefault()
		w.complete(input)
	}
}

func (w *Workspace) remember(input goapp.Value, back bool) {
	n := len(w.console.History)
	if back && w.recall < n {
		w.recall++
	} else if !back && w.recall > 0 {
		w.recall--
	}
	text := ""
	if w.recall > 0 {
		text = w.console.History[n-w.recall]
	}
	input.Set("value", text)
}

func (w *Workspace) complete(input goapp.Value) {
	text := input.Get("value").String()
	call(w.client, labapi.OpComplete, labapi.Complete{Console: w.console.ID, Text: text, Pos: len(text)}, func(_ goapp.Context, c labapi.Completion) {
		if input.Get("value").String() != text || len(c.Words) == 0 {
			return
		}
		word := commonPrefix(c.Words)
		if len(c.Words) == 1 && !strings.HasSuffix(word, "/") {
			word += " "
		}
		if len(word) > c.End-c.Start {
			input.Set("value", text[:c.Start]+word)
		} else {
			w.blocks = append(w.blocks, labapi.Block{Prompt: w.prompt, Text: text, Done: true, Output: []labapi.Output{{Stream: "out", Text: strings.Join(c.Words, "  ")}}})
		}
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

// Render draws the workspace.
func (w *Workspace) Render() goapp.UI {
	return goapp.Div().Class("page").Body(
		goapp.Header().Class("top").Body(goapp.H1().Text(texts.name), goapp.P().Text(texts.lead)),
		when(w.problem != "", func() goapp.UI { return goapp.P().Class("problem").Aria("role", "alert").Text(w.problem) }),
		goapp.Main().Class("work").Body(w.renderConsole(), w.renderExchanges()),
	)
}

func (w *Workspace) renderConsole() goapp.UI {
	return goapp.Section().Class("console").Aria("label", texts.console).Body(
		goapp.Div().Class("log").Aria("live", "polite").Body(goapp.Range(w.blocks).Slice(func(i int) goapp.UI { return renderBlock(w.blocks[i]) })),
		when(w.console.ID == "", func() goapp.UI { return goapp.P().Class("starting").Text(texts.starting) }, func() goapp.UI {
			return goapp.Div().Class("line").Body(
				goapp.Label().Class("prompt").For(inputID).Text(w.prompt),
				goapp.Input().ID(inputID).Type("text").Aria("label", texts.command).AutoComplete(false).Spellcheck(false).Attr("autocapitalize", "off").OnKeyDown(w.key),
				when(w.running, func() goapp.UI {
					return goapp.Button().Text(texts.stop).OnClick(func(ctx goapp.Context, _ goapp.Event) { w.stop(ctx) })
				}, func() goapp.UI {
					return goapp.Button().Class("run").Text(texts.run).OnClick(func(ctx goapp.Context, _ goapp.Event) { w.submit(ctx) })
				}),
			)
		}),
		goapp.P().Class("hint").Text(texts.hint),
	)
}

func renderBlock(b labapi.Block) goapp.UI {
	state := ""
	if b.Done {
		if state = texts.ok; b.Status != 0 {
			state = fmt.Sprintf(texts.failed, b.Status)
		}
	}
	return goapp.Div().Class("block").Body(
		goapp.Div().Class("said").Body(goapp.Span().Class("prompt").Text(b.Prompt), goapp.Code().Text(b.Text), goapp.Span().Class("state").Text(state)),
		goapp.Range(b.Output).Slice(func(i int) goapp.UI { return goapp.Pre().Class("out " + b.Output[i].Stream).Text(b.Output[i].Text) }),
	)
}

func (w *Workspace) renderExchanges() goapp.UI {
	return goapp.Section().Class("exchanges").Aria("label", texts.exchanges).Body(
		goapp.H2().Text(texts.exchanges),
		when(len(w.exchanges) == 0, func() goapp.UI { return goapp.P().Text(texts.noExchanges) }),
		goapp.Range(w.exchanges).Slice(func(i int) goapp.UI { return renderExchange(w.exchanges[i]) }),
	)
}

func renderExchange(e exchange.Exchange) goapp.UI {
	status, class := e.Failure, "bad"
	if e.Response != nil {
		status = fmt.Sprintf("%d %s", e.Response.Status, e.Response.Reason)
		if e.Response.Status < 400 {
			class = "good"
		}
	}
	return goapp.Details().Class("exchange").Body(
		goapp.Summary().Body(
			goapp.Span().Class("who").Text(e.Caller.Machine+" → "+e.Service),
			goapp.Span().Class("what").Text(e.Request.Method+" "+e.Request.URL),
			goapp.Span().Class("status "+class).Text(status),
		),
		when(len(e.Notes) > 0, func() goapp.UI {
			return goapp.Div().Body(goapp.H3().Text(texts.notes), goapp.Ul().Body(goapp.Range(e.Notes).Slice(func(i int) goapp.UI { return goapp.Li().Text(e.Notes[i].Text) })))
		}),
		goapp.H3().Text(texts.request), goapp.Pre().Text(message(e.Request.Method+" "+e.Request.URL, e.Request.Fields, e.Request.Body)),
		when(e.Response != nil, func() goapp.UI {
			return goapp.Div().Body(goapp.H3().Text(texts.response), goapp.Pre().Text(message(status, e.Response.Fields, e.Response.Body)))
		}),
	)
}

// when draws one of two things; without the second, nothing. Only the one that
// is shown is made.
func when(shown bool, yes func() goapp.UI, no ...func() goapp.UI) goapp.UI {
	switch {
	case shown:
		return yes()
	case len(no) > 0:
		return no[0]()
	}
	return nil
}

// message is a request or an answer as text.
func message(first string, fields exchange.Fields, body exchange.Body) string {
	var b strings.Builder
	b.WriteString(first + "\n")
	for _, f := range fields {
		b.WriteString(f.Name + ": " + f.Value + "\n")
	}
	if len(body) > 0 {
		b.WriteString("\n" + string(body))
	}
	return b.String()
}
