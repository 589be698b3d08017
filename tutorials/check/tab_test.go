package check_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"skylab/sim"
	"skylab/sim/kit/full"
	"skylab/sim/labapi"
	"skylab/tutorials"
	"skylab/tutorials/check"
)

// shelf keeps labs in memory.
type shelf map[string][]byte

func (shelf) Claim(context.Context, string, bool, func()) (bool, error) { return true, nil }

func (s shelf) Load(_ context.Context, keys ...string) ([][]byte, error) {
	out := make([][]byte, len(keys))
	for i, key := range keys {
		out[i] = s[key]
	}
	return out, nil
}

func (s shelf) Save(_ context.Context, data map[string][]byte, done func(error)) {
	for key, text := range data {
		s[key] = append(s[key][:0], text...)
	}
	done(nil)
}

// BenchmarkTab is a command in a lesson as the tab runs it, from the page's
// request to the reply: the command, the check of the lesson, the events and what
// is kept for undo and for a reload.
func BenchmarkTab(b *testing.B) {
	for _, text := range []string{"true", "az group list", "az ad sp list --all -o none"} {
		b.Run(text, func(b *testing.B) {
			l, err := tutorials.Find("user-assigned-cli")
			if err != nil {
				b.Fatal(err)
			}
			data, err := json.Marshal(l)
			if err != nil {
				b.Fatal(err)
			}
			replies := make(chan labapi.Message, 1)
			service := sim.NewService(full.Kit(), time.Now, func(data json.RawMessage) (sim.Follower, error) { return check.Follow(data) }, func(m labapi.Message) {
				if _, err := json.Marshal(m); err != nil {
					b.Error(err)
				}
				if m.Event == nil {
					replies <- m
				}
			})
			service.KeepIn(shelf{})
			ask := func(op string, args any) {
				raw, err := json.Marshal(args)
				if err != nil {
					b.Fatal(err)
				}
				service.Handle(labapi.Request{ID: 1, Op: op, Args: raw})
				if m := <-replies; m.Error != "" {
					b.Fatal(m.Error)
				}
			}
			ask(labapi.OpOpen, labapi.Open{Key: "a", Seed: "a", Data: data})
			ask(labapi.OpConsole, labapi.NewConsole{Machine: sim.CloudShell})
			run := func(text string) { ask(labapi.OpRun, labapi.Run{Console: sim.CloudShell, Text: text}) }
			for range 10 { // a lab that was used for a while
				run("az group list; az identity list -o table; az role assignment list --all -o table")
			}
			for b.Loop() {
				run(text)
			}
		})
	}
}
