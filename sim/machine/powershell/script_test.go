package powershell_test

import (
	"fmt"
	"strings"
	"testing"

	"skylab/sim/machine/powershell/internal/oracle"
)

type script struct {
	ID, Area, Edition, Script, Output, Concise string
	Incomplete                                 bool
}

// TestOracleScripts runs the recorded scripts and compares what they show, in
// both error views.
func TestOracleScripts(t *testing.T) {
	for _, file := range []string{"language.jsonl", "cmdlets.jsonl", "sessions.jsonl", "mistakes.jsonl"} {
		t.Run(file, func(t *testing.T) {
			score := oracle.NewScore(t, file)
			for _, x := range oracle.Load[script](t, file) {
				got := strings.ReplaceAll(play(x.Script, "NormalView"), "/tmp/run", "<DIR>")
				want := x.Output
				ok := got == want
				if ok && x.Concise != "" {
					got, want = strings.ReplaceAll(play(x.Script, "ConciseView"), "/tmp/run", "<DIR>"), x.Concise
					ok = got == want
				}
				if inc := newSession().Incomplete(x.Script); inc != x.Incomplete {
					ok = false
					got += fmt.Sprintf("incomplete: %v\n", inc)
				}
				score.Add(x.Area, x.ID, ok, func() string {
					return fmt.Sprintf("%s\n--- got\n%s--- want\n%s---", x.Script, got, want)
				})
			}
			score.Done()
		})
	}
}

func play(text, view string) string { return playOn(newSession(), text, view) }
