package app

import (
	"encoding/json"
	"sync/atomic"
	"time"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"

	"skylab/sim/labapi"
)

// pulse watches over a worker: a browser that ends one, for want of memory or on
// a phone that sleeps, tells nobody.
type pulse struct {
	end    chan struct{}
	heard  atomic.Int64 // answers to "ping"
	misses int          // beats in a row that were not answered
}

const (
	beat = 2 * time.Second
	// fatal is how many beats a worker with nothing to do may miss.
	fatal = 10
	// grace is how long a worker may take to hear that a command is to stop. One
	// whose program never lets go of the processor hears nothing.
	grace = 500 * time.Millisecond
)

// felt takes what a worker answers to a ping.
func (p *pulse) felt(text string) bool {
	if text != "pong" {
		return false
	}
	p.heard.Add(1)
	return true
}

// start asks a worker now and then, while it has nothing to do, whether it is
// still there.
func (p *pulse) start(c *client) {
	p.end = make(chan struct{})
	go func() {
		beats := time.NewTicker(beat)
		defer beats.Stop()
		for before := int64(-1); ; {
			select {
			case <-p.end:
				return
			case <-beats.C:
			}
			heard := p.heard.Load()
			switch {
			case c.commands.Load() > 0: // one may well take all of its time
				p.misses = 0
			case heard == before:
				p.misses++
			default:
				p.misses = 0
			}
			if p.misses >= fatal {
				c.ctx.Dispatch(func(ctx goapp.Context) { c.ended(ctx, "") })
				return
			}
			before = heard
			c.worker.Call("postMessage", "ping")
		}
	}()
}

func (p *pulse) stop() {
	if p.end != nil {
		close(p.end)
		p.end = nil
	}
}

// revival is what the page knows of workers that it had to begin anew.
type revival struct {
	said     string          // what is told to the person
	deaths   int             // since something was done last
	stopping string          // the console whose command was asked to stop
	spare    json.RawMessage // the lab as it was last, where the browser keeps none
	ours     bool            // the worker that ended had the lab: no other page has
}

// patient is how many workers in a row may end before the page gives up.
const patient = 3

// startWorker starts the worker of the lab.
func (w *Workspace) startWorker(ctx goapp.Context) {
	w.client = w.newWorker(ctx, w.beginsWider(ctx), w.onEvent, w.fail)
}

// newWorker starts a worker with one of the lab's modules.
func (w *Workspace) newWorker(ctx goapp.Context, wide bool, onEvent func(goapp.Context, labapi.Event), onFail func(goapp.Context, string)) *client {
	c := newClient(ctx, wide, w.build, onEvent, onFail, func(ctx goapp.Context) { w.revive(ctx, texts.revived) })
	c.onDone, c.onWider = w.changed, w.widen
	return c
}

// fail tells of what cannot be helped.
func (w *Workspace) fail(_ goapp.Context, text string) {
	w.problem, w.said = text, text
	for _, c := range w.consoles {
		c.running = false
	}
}

// revive begins a worker in the place of one that is no more, or that does not
// listen, with the lab as it was after the last thing done.
func (w *Workspace) revive(ctx goapp.Context, why string) {
	w.client.close()
	w.revival.stopping = ""
	if w.revival.deaths++; w.revival.deaths > patient {
		w.problem = texts.labGone
		return
	}
	w.revival.said, w.revival.ours = why, !w.keeping.elsewhere && !w.keeping.taken
	w.consoles, w.tab = nil, "" // until the lab is there again, nothing can be typed
	w.ready = true              // the lesson is there already
	w.startWorker(ctx)
}

// changed notes that something was done: the lab works. Where the browser keeps
// nothing, the page does, in case the worker ends.
func (w *Workspace) changed(op string) {
	switch op {
	case labapi.OpRun, labapi.OpPortal, labapi.OpUndo, labapi.OpRedo:
	default:
		return
	}
	w.revival.deaths, w.revival.stopping = 0, ""
	if w.keeping.problem != "" {
		ask(w.client, labapi.OpSnapshot, nil, func(_ goapp.Context, data json.RawMessage, problem string) {
			if problem == "" {
				w.revival.spare = data
			}
		})
	}
}

// interrupt asks the command of a console to stop. If the worker does not hear
// of it, or is asked again, it is ended, and the lab goes on as it was before the
// command.
func (w *Workspace) interrupt(c *console) {
	client := w.client
	if w.giveUp(c.ID) {
		return
	}
	if w.revival.stopping == c.ID {
		w.revive(client.ctx, texts.stopped)
		return
	}
	w.revival.stopping = c.ID
	call[any](client, labapi.OpInterrupt, labapi.ConsoleRef{Console: c.ID}, nil)
	before := client.pulse.heard.Load()
	client.worker.Call("postMessage", "ping")
	go func() {
		time.Sleep(grace)
		for range 2 { // once more, should the page itself have been busy
			if client.pulse.heard.Load() != before {
				return
			}
			time.Sleep(grace / 7)
		}
		client.ctx.Dispatch(func(ctx goapp.Context) {
			if w.client == client && c.running {
				w.revive(ctx, texts.stopped)
			}
		})
	}()
}

// renderRevival says that the lab was begun anew from what was kept.
func (w *Workspace) renderRevival() goapp.UI {
	if w.revival.said == "" {
		return nil
	}
	return notice("revived", "status", w.revival.said, button(texts.understood, "", func(goapp.Context) { w.revival.said = "" }))
}
