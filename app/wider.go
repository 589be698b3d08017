package app

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"

	"skylab/sim/labapi"
)

// widening is what a client knows of the wider module of its lab, which is
// loaded when something needs it: the lab is then what it was before, goes on in
// the wider one, and what it refused is asked again there.
type widening struct {
	wide  bool      // this is the wider module
	next  *client   // that is being started; nil while none is
	again []request // what waits for it, in order
	slow  bool      // it takes long: the person is told
}

const (
	// patience is how long a person waits without being told for what.
	patience = time.Second
	// widerKey is where the page remembers which labs begin with the wider module;
	// it is forgotten with the progress.
	widerKey = progressKey + "wider."
)

// beginsWider tells whether the lab of this address needs the wider module from
// its start, or needed it before.
func (w *Workspace) beginsWider(ctx goapp.Context) (wider bool) {
	if slices.Contains(strings.Fields(goapp.Getenv("SKYLAB_WIDE")), strings.Trim(w.path, "/")) {
		return true
	}
	return storageWorks() && ctx.LocalStorage().Get(widerKey+w.place, &wider) == nil && wider
}

// noteWider remembers it. A storage that refuses costs a moment at the next
// visit, for the lab itself knows it, too.
func (w *Workspace) noteWider(ctx goapp.Context, wider bool) {
	switch {
	case !storageWorks():
	case wider:
		_ = ctx.LocalStorage().Set(widerKey+w.place, true)
	default:
		ctx.LocalStorage().Del(widerKey + w.place)
	}
}

// widen takes a request that needs the wider module, and starts that.
func (w *Workspace) widen(ctx goapp.Context, r request) {
	old := w.client
	if old.wide { // a build whose modules do not fit together
		r.done(ctx, labapi.Message{Error: texts.notWider})
		return
	}
	old.again = append(old.again, r)
	if old.next != nil {
		return
	}
	var next *client
	next = w.newWorker(ctx, true, func(ctx goapp.Context, e labapi.Event) {
		if e.Ready != nil {
			w.goOnIn(next)
			return
		}
		w.onEvent(ctx, e)
	}, func(ctx goapp.Context, text string) {
		if w.client == next {
			w.fail(ctx, text)
			return
		}
		w.notWider()
	})
	old.next = next
	go func() {
		time.Sleep(patience)
		ctx.Dispatch(func(goapp.Context) {
			if old.next == next {
				old.slow, w.said = true, texts.widening
			}
		})
	}()
}

// goOnIn lets the lab go on in its wider module, which is ready, and asks again
// what waits for it.
func (w *Workspace) goOnIn(next *client) {
	old := w.client
	if old.next != next {
		return
	}
	if slices.ContainsFunc(old.again, func(r request) bool { return r.op == labapi.OpOpen }) {
		w.leave(next) // there is no lab yet
		for i, r := range next.again {
			var open labapi.Open
			if r.op == labapi.OpOpen && json.Unmarshal(r.args, &open) == nil {
				open.Take = true // from the worker that was just left
				if raw, err := json.Marshal(open); err == nil {
					next.again[i].args = raw
				}
			}
		}
		next.askAgain()
		return
	}
	// By then nothing else is being done in the old one.
	ask(old, labapi.OpSnapshot, nil, func(_ goapp.Context, lab json.RawMessage, _ string) {
		if old.next != next {
			return
		}
		w.leave(next)
		open, _ := w.opens(labapi.Open{Take: true, Wider: true})
		if len(lab) > 0 { // for browsers that keep nothing
			open.Snapshot = lab
		}
		ask(next, labapi.OpOpen, open, func(ctx goapp.Context, l labapi.Lab, problem string) {
			if problem != "" {
				w.fail(ctx, problem)
				return
			}
			w.lab = l
			w.noteWider(ctx, true)
			w.readExchanges(func() {
				for _, r := range next.again {
					if c := w.console(consoleOf(r)); c != nil {
						c.replay, c.given, c.repeats = c.given, nil, true
					}
				}
				next.askAgain()
			})
		})
	})
}

// leave ends the worker of the lab; what was asked of it is asked of the next.
func (w *Workspace) leave(next *client) {
	old := w.client
	next.again = append(old.again, slices.SortedFunc(maps.Values(old.waiting), func(a, b request) int { return cmp.Compare(a.id, b.id) })...)
	old.next, old.slow = nil, false
	old.close()
	w.client = next
}

func (c *client) askAgain() {
	again := c.again
	c.again = nil
	for _, r := range again {
		c.send(r)
	}
}

// notWider tells that the wider module cannot be had. The lab is as before.
func (w *Workspace) notWider() {
	c := w.client
	again := c.again
	c.next, c.again, c.slow = nil, nil, false
	w.problem, w.said = texts.notWider, texts.notWider
	for _, r := range again {
		if r.op == labapi.OpRun {
			w.abandon(r)
		} else {
			r.done(c.ctx, labapi.Message{Error: texts.notWider})
		}
	}
	if w.lab.Scenario != "" {
		w.readExchanges(nil)
	}
}

// giveUp ends the wait of a console's command for the wider module, if it waits.
func (w *Workspace) giveUp(console string) bool {
	c := w.client
	i := slices.IndexFunc(c.again, func(r request) bool { return consoleOf(r) == console })
	if i < 0 {
		return false
	}
	r := c.again[i]
	if c.again = slices.Delete(c.again, i, i+1); len(c.again) == 0 && c.next != nil {
		c.next.close()
		c.next, c.slow = nil, false
	}
	w.abandon(r)
	w.readExchanges(nil)
	return true
}

// abandon ends a command that waits, as Ctrl-C does.
func (w *Workspace) abandon(r request) {
	c := w.console(consoleOf(r))
	if c == nil {
		return
	}
	raw, err := json.Marshal(labapi.Result{Status: 130, Prompt: c.Prompt, Machine: c.Machine})
	if err == nil {
		r.done(w.client.ctx, labapi.Message{Result: raw})
	}
}

// consoleOf is the console of a request to run a command; "" of others.
func consoleOf(r request) string {
	var run labapi.Run
	if r.op != labapi.OpRun || json.Unmarshal(r.args, &run) != nil {
		return ""
	}
	return run.Console
}

// repeat begins what a console shows of its command anew, when a command that
// was begun in another module says something.
func (c *console) repeat() {
	if b := c.lastBlock(); c.repeats && b != nil {
		b.parts = nil
		b.rev++
	}
	c.repeats = false
}

// renderWidening says for what the person waits.
func (w *Workspace) renderWidening() goapp.UI {
	if w.client == nil || !w.client.slow {
		return nil
	}
	return el("div", "keeping wider", say("p", "", texts.widening)).Attr("role", "status")
}
