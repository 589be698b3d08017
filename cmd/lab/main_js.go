// Command lab is the wasm module that holds a learner's lab. It runs in a Web
// Worker and speaks the messages of sim/labapi, as JSON text: those of the page
// come to the global function skylabReceive, those of the lab go out by
// postMessage.
package main

import (
	"encoding/json"
	"syscall/js"
	"time"

	"skylab/sim"
	"skylab/sim/labapi"
	"skylab/tutorials/check"
)

// build names the build that page and lab must share; the linker sets it.
var build = "dev"

func main() {
	send := func(m labapi.Message) {
		data, err := json.Marshal(m)
		if err != nil { // a result that cannot be told is an error that can
			data, _ = json.Marshal(labapi.Message{ID: m.ID, Error: err.Error()})
		}
		js.Global().Call("postMessage", string(data))
	}
	follow := func(data json.RawMessage) (sim.Follower, error) { return check.Follow(data) }
	service := sim.NewService(has(), time.Now, follow, send)
	service.KeepIn(&store{ours: map[string]bool{}})
	js.Global().Set("skylabReceive", js.FuncOf(func(_ js.Value, args []js.Value) any {
		var r labapi.Request
		if err := json.Unmarshal([]byte(args[0].String()), &r); err != nil {
			send(labapi.Message{Error: "a message of the page cannot be read: " + err.Error()})
			return nil
		}
		service.Handle(r)
		return nil
	}))
	send(labapi.Message{Event: &labapi.Event{Ready: &labapi.Ready{Version: labapi.Version, Build: build}}})
	select {}
}
