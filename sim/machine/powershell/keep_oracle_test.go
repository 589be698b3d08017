package powershell_test

import (
	"bytes"
	"context"
	"testing"

	"skylab/sim/machine/powershell"
	"skylab/sim/machine/powershell/internal/oracle"
)

// TestKeepsOracle keeps the session after every recorded script: what is read
// back must be written the same again, and answer the same questions.
func TestKeepsOracle(t *testing.T) {
	// What runs sets $MyInvocation anew.
	const questions = "Get-Variable | ForEach-Object { $_.Name } | Where-Object { $_ -ne 'MyInvocation' } | Sort-Object; $Error.Count; \"$PWD\"; $a; $x; $r; $list; $map"
	answer := func(s *powershell.Session) string {
		var b bytes.Buffer
		s.Run(context.Background(), questions, powershell.Run{Out: func(t string) { b.WriteString(t) }})
		return b.String()
	}
	for _, file := range []string{"language.jsonl", "cmdlets.jsonl", "sessions.jsonl", "mistakes.jsonl"} {
		for _, x := range oracle.Load[script](t, file) {
			s := newSession()
			s.Run(context.Background(), x.Script, powershell.Run{Out: func(string) {}})
			first, err := s.MarshalState()
			if err != nil {
				t.Errorf("%s: %v", x.ID, err)
				continue
			}
			read := newSession()
			if err := read.UnmarshalState(first); err != nil {
				t.Errorf("%s: %v", x.ID, err)
				continue
			}
			second, err := read.MarshalState()
			if err != nil || !bytes.Equal(first, second) {
				t.Errorf("%s: what was read is written otherwise: %v\n%.1500s\n%.1500s", x.ID, err, first, second)
				continue
			}
			if got, want := answer(read), answer(s); got != want {
				t.Errorf("%s answers otherwise\n--- got\n%s--- want\n%s", x.ID, got, want)
			}
		}
	}
}
