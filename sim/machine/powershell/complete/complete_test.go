package complete_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"skylab/sim/clock"
	"skylab/sim/machine/powershell"
	"skylab/sim/machine/powershell/cmdlet"
	"skylab/sim/machine/powershell/complete"
	"skylab/sim/machine/powershell/format"
	"skylab/sim/machine/powershell/internal/oracle"
)

type recorded struct {
	Input                      string
	ReplaceFrom, ReplaceLength int
	Matches                    []struct{ Text, List, Kind string }
}

func session(t testing.TB) *powershell.Session {
	t.Helper()
	s := powershell.New(powershell.Config{
		Commands: cmdlet.All(powershell.Core), Format: format.New, Dir: "/tmp", Home: "/root", Clock: clock.New(time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)), Environ: []string{"PSModulePath=/opt"},
	})
	text, err := os.ReadFile("../testdata/completion-setup.ps1")
	if err != nil {
		t.Fatal(err)
	}
	if o := s.Run(context.Background(), string(text), powershell.Run{Out: func(t string) { fmt.Print(t) }}); o.Failed {
		t.Fatal("the setup failed")
	}
	return s
}

// TestOracleCompletion compares with what a real PowerShell offers: what is
// offered must have been recorded, in the recorded order and form, and something
// must be offered where something was.
func TestOracleCompletion(t *testing.T) {
	s := session(t)
	score := oracle.NewScore(t, "completion.jsonl")
	for _, r := range oracle.Load[recorded](t, "completion.jsonl") {
		got := complete.At(s, r.Input, len(r.Input))
		ok := (len(got.Matches) > 0) == (len(r.Matches) > 0) && (len(r.Matches) == 0 || got.Start == r.ReplaceFrom && got.End-got.Start == r.ReplaceLength)
		at := 0
		for _, m := range got.Matches {
			for at < len(r.Matches) && r.Matches[at] != (struct{ Text, List, Kind string }{m.Text, m.List, m.Kind}) {
				at++
			}
			if at == len(r.Matches) {
				ok = false
				break
			}
			at++
		}
		score.Add("completion", r.Input, ok, func() string {
			return fmt.Sprintf(" got %d %v\nwant %d %v", got.Start, got.Matches, r.ReplaceFrom, r.Matches)
		})
	}
	score.Done()
}

// FuzzAt completes damaged texts at every place: none may panic or change what
// is there.
func FuzzAt(f *testing.F) {
	for _, x := range []string{"$map[\"", "\"$($rg.", "gci -", "[Color]::", "${r", "@{ a = 'x'; b", "$rg | select N"} {
		f.Add(x, len(x))
	}
	s := session(f)
	f.Fuzz(func(t *testing.T, text string, pos int) {
		r := complete.At(s, text, pos)
		if r.Start > r.End || r.Start < 0 || r.End > len(text) {
			t.Errorf("%d-%d of %q", r.Start, r.End, text)
		}
		if v, ok := s.Peek("$map.token_type"); !ok || v != "Bearer" {
			t.Errorf("%q changed a variable: %v", text, v)
		}
	})
}
