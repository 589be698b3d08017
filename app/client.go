package app

import (
	"cmp"
	"encoding/json"
	"fmt"
	"sync/atomic"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"

	"skylab/sim/labapi"
)

// client speaks to the lab in its worker. Its methods are called on the page's
// own goroutine; replies and events come back on it, too.
type client struct {
	worker  goapp.Value
	build   string
	ready   bool
	ctx     goapp.Context
	last    int
	closed  bool
	waiting map[int]request
	// commands counts those that run.
	commands atomic.Int32
	onEvent  func(goapp.Context, labapi.Event)
	onFail   func(goapp.Context, string)
	onEnd    func(goapp.Context) // the worker that was there is no more
	onDone   func(op string)     // something was asked and done; may be nil
	// onWider takes what the lab refused for want of the wider module.
	onWider func(goapp.Context, request)
	pulse   pulse
	widening
}

// request is what was asked of a lab and is not answered yet.
type request struct {
	id   int
	op   string
	args json.RawMessage
	done func(goapp.Context, labapi.Message)
}

// newClient starts a worker, with the wider module of the lab or the one that all
// begin with. It must be of the build.
func newClient(ctx goapp.Context, wide bool, build string, onEvent func(goapp.Context, labapi.Event), onFail func(goapp.Context, string), onEnd func(goapp.Context)) *client {
	c := &client{ctx: ctx, build: build, waiting: map[int]request{}, onEvent: onEvent, onFail: onFail, onEnd: onEnd}
	options := map[string]any{}
	if c.wide = wide; wide {
		options["name"] = "wide"
	}
	c.worker = goapp.Window().Get("Worker").New(asset("worker.js"), options)
	c.worker.Set("onmessage", goapp.FuncOf(func(_ goapp.Value, args []goapp.Value) any {
		text := args[0].Get("data").String()
		if c.pulse.felt(text) {
			return nil
		}
		ctx.Dispatch(func(ctx goapp.Context) { c.receive(ctx, text) })
		return nil
	}))
	c.worker.Set("onerror", goapp.FuncOf(func(_ goapp.Value, args []goapp.Value) any {
		args[0].Call("preventDefault") // it is told to the person
		text := ""
		if m := args[0].Get("message"); m.Truthy() {
			text = m.String()
		}
		ctx.Dispatch(func(ctx goapp.Context) { c.ended(ctx, text) })
		return nil
	}))
	return c
}

// close ends the worker; what it still sends is not heard.
func (c *client) close() {
	c.worker.Call("terminate")
	c.closed = true
	c.pulse.stop()
	if c.next != nil {
		c.next.close()
	}
}

// ended tells that the worker's program is no more, or never was.
func (c *client) ended(ctx goapp.Context, why string) {
	switch {
	case c.closed:
	case c.ready:
		c.onEnd(ctx)
	default:
		c.close()
		c.onFail(ctx, fmt.Sprintf(texts.workerFailed, cmp.Or(why, texts.noScript)))
	}
}

// begun looks whether the lab that is ready is of the page's build.
func (c *client) begun(ctx goapp.Context, r labapi.Ready) bool {
	if r.Version != labapi.Version || r.Build != c.build {
		c.close()
		c.onFail(ctx, texts.otherBuild)
		return false
	}
	c.ready = true
	c.pulse.start(c)
	return true
}

func (c *client) receive(ctx goapp.Context, text string) {
	if c.closed {
		return
	}
	var m labapi.Message
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		c.onFail(ctx, fmt.Sprintf(texts.badMessage, err))
		return
	}
	if m.Event != nil {
		switch {
		case m.Event.Ended != nil:
			c.ended(ctx, *m.Event.Ended)
		case m.Event.Ready == nil || c.begun(ctx, *m.Event.Ready):
			c.onEvent(ctx, *m.Event)
		}
		return
	}
	if r, ok := c.waiting[m.ID]; ok {
		delete(c.waiting, m.ID)
		if r.op == labapi.OpRun {
			c.commands.Add(-1)
		}
		if m.Wider {
			c.onWider(ctx, r)
			return
		}
		r.done(ctx, m)
		if m.Error == "" && c.onDone != nil && !c.closed {
			c.onDone(r.op)
		}
		return
	}
	if m.Error != "" {
		c.onFail(ctx, m.Error)
	}
}

// call asks the lab for something. done gets the result, or nothing if the lab
// refused, which goes to onFail.
func call[T any](c *client, op string, args any, done func(goapp.Context, T)) {
	ask(c, op, args, func(ctx goapp.Context, v T, problem string) {
		if problem != "" {
			c.onFail(ctx, problem)
		} else if done != nil {
			done(ctx, v)
		}
	})
}

// ask asks the lab for something. done gets the result or a sentence that says
// what went wrong.
func ask[T any](c *client, op string, args any, done func(ctx goapp.Context, v T, problem string)) {
	raw, err := json.Marshal(args)
	if err != nil {
		c.onFail(c.ctx, fmt.Sprintf(texts.badMessage, err))
		return
	}
	c.send(request{op: op, args: raw, done: func(ctx goapp.Context, m labapi.Message) {
		var v T
		if m.Error == "" && len(m.Result) > 0 {
			if err := json.Unmarshal(m.Result, &v); err != nil {
				m.Error = fmt.Sprintf(texts.badMessage, err)
			}
		}
		done(ctx, v, m.Error)
	}})
}

// send sends a request, for the first time or again.
func (c *client) send(r request) {
	c.last++
	r.id = c.last
	data, err := json.Marshal(labapi.Request{ID: r.id, Op: r.op, Args: r.args})
	if err != nil {
		c.onFail(c.ctx, fmt.Sprintf(texts.badMessage, err))
		return
	}
	if r.op == labapi.OpRun {
		c.commands.Add(1)
	}
	c.waiting[r.id] = r
	c.worker.Call("postMessage", string(data))
}
