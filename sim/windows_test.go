package sim_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"skylab/sim"
	_ "skylab/sim/machine/pwsh"
	"skylab/sim/machine/shell"
)

// windowsLab returns a lab of the scenario windows-vm.
func windowsLab(t *testing.T) *sim.Lab {
	t.Helper()
	l, err := sim.New(context.Background(), sim.Options{Scenario: "windows-vm", At: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// script runs a text as powershell -Command does.
func script(t *testing.T, l *sim.Lab, machine, shellName, text string) (out, errs string, status int) {
	t.Helper()
	var o, e bytes.Buffer
	status, err := l.ScriptIn(context.Background(), machine, shellName, text, shell.Streams{Out: &o, Err: &e})
	if err != nil {
		t.Fatal(err)
	}
	return o.String(), e.String(), status
}

func TestWindowsScripts(t *testing.T) {
	l := windowsLab(t)
	for _, c := range []struct {
		text, out, errs string
		status          int
	}{
		{`@{Metadata:"true"}`, "", "At line:1 char:11\n+ @{Metadata:\"true\"}\n+           ~\nMissing '=' operator after key in hash literal.\n    + CategoryInfo          : ParserError: (:) [], ParentContainsErrorRecordException\n    + FullyQualifiedErrorId : MissingEqualsInHashLiteral\n \n", 1},
		{`"$PWD $env:USERNAME"`, "C:\\Users\\azureuser azureuser\n", "", 0},
		{`exit 3`, "", "", 3},
		{`'a' > X.txt; (Get-Item x.TXT).Length`, "8\n", "", 0},
	} {
		out, errs, status := script(t, l, "myVM", "", c.text)
		if out != c.out || errs != c.errs || status != c.status {
			t.Errorf("%s: %d\n%s%s", c.text, status, out, errs)
		}
	}
}
