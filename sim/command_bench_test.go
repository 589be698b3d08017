package sim

import (
	"testing"

	"skylab/sim/kit"
	"skylab/sim/labapi"
)

// BenchmarkCommand is what a command costs from the page's request to the reply,
// with all that is kept for undo and reload.
func BenchmarkCommand(b *testing.B) {
	for _, text := range []string{"true", "az ad sp list --all"} {
		b.Run(text, func(b *testing.B) {
			c := visitWith(b, newShelf(), kit.Named())
			do[labapi.Lab](c, labapi.OpOpen, labapi.Open{Key: "k", Seed: "bench"})
			con := do[labapi.Console](c, labapi.OpConsole, labapi.NewConsole{Machine: CloudShell})
			for b.Loop() {
				do[labapi.Result](c, labapi.OpRun, labapi.Run{Console: con.ID, Text: text})
			}
		})
	}
}
