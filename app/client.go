package app

import (
	"encoding/json"
	"fmt"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"

	"skylab/sim/labapi"
)

// client speaks to the lab in its worker. Its methods are called on the page's
// own goroutine; replies and events come back on it, too.
type client struct {
	worker  goapp.Value
	ctx     goapp.Context
	last    int
	closed  bool
	waiting map[int]func(goapp.Context, labapi.Message)
	onEvent func(goapp.Context, labapi.Event)
	onFail  func(goapp.Context, string)
}

// newClient starts the worker that a script's address names.
func newClient(ctx goapp.Context, script string, onEvent func(goapp.Context, labapi.Event), onFail func(goapp.Context, string)) *client {
	c := &client{ctx: ctx, waiting: map[int]func(goapp.Context, labapi.Message){}, onEvent: onEvent, onFail: onFail}
	c.worker = goapp.Window().Get("Worker").New(script)
	c.worker.Set("onmessage", goapp.FuncOf(func(_ goapp.Value, args []goapp.Value) any {
		text := args[0].Get("data").String()
		ctx.Dispatch(func(ctx goapp.Context) { c.receive(ctx, text) })
		return nil
	}))
	c.worker.Set("onerror", goapp.FuncOf(func(_ goapp.Value, args []goapp.Value) any {
		text := args[0].Get("message").String()
		ctx.Dispatch(func(ctx goapp.Context) { c.onFail(ctx, fmt.Sprintf(texts.workerFailed, text)) })
		return nil
	}))
	return c
}

// close ends the worker; what it still sends is not heard.
func (c *client) close() {
	c.worker.Call("terminate")
	c.closed = true
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
		c.onEvent(ctx, *m.Event)
		return
	}
	if f := c.waiting[m.ID]; f != nil {
		delete(c.waiting, m.ID)
		f(ctx, m)
		return
	}
	if m.Error != "" {
		c.onFail(ctx, m.Error)
	}
}

// call asks the lab for something. done gets the result, or nothing if the lab
// refused, which goes to onFail.
func call[T any](c *client, op string, args any, done func(goapp.Context, T)) {
	raw, err := json.Marshal(args)
	if err == nil {
		var data []byte
		c.last++
		if data, err = json.Marshal(labapi.Request{ID: c.last, Op: op, Args: raw}); err == nil {
			c.waiting[c.last] = func(ctx goapp.Context, m labapi.Message) {
				var v T
				if m.Error == "" && len(m.Result) > 0 {
					if err := json.Unmarshal(m.Result, &v); err != nil {
						m.Error = fmt.Sprintf(texts.badMessage, err)
					}
				}
				if m.Error != "" {
					c.onFail(ctx, m.Error)
					return
				}
				if done != nil {
					done(ctx, v)
				}
			}
			c.worker.Call("postMessage", string(data))
		}
	}
	if err != nil {
		c.onFail(c.ctx, fmt.Sprintf(texts.badMessage, err))
	}
}
