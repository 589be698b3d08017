package sim_test

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"skylab/sim"
	"skylab/sim/kit/full"
	"skylab/sim/machine/portal/blade"
	"skylab/sim/machine/shell"
	"skylab/sim/view"
)

// windowsLab returns a lab of the scenario windows-vm.
func windowsLab(t *testing.T) *sim.Lab {
	t.Helper()
	l, err := sim.New(context.Background(), sim.Options{Kit: full.Kit(), Scenario: "windows-vm", At: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
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

// TestPowerShellConsole sees that a console keeps what it holds through undo,
// reload and fork.
func TestPowerShellConsole(t *testing.T) {
	l := windowsLab(t)
	run := func(l *sim.Lab, text string) string {
		t.Helper()
		var out bytes.Buffer
		if _, err := l.Run(context.Background(), "myVM", text, shell.Streams{Out: &out, Err: &out}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	c, err := l.At("myVM")
	if err != nil {
		t.Fatal(err)
	}
	if p := c.Session().Prompt(); p != `PS C:\Users\azureuser> ` || c.Shell() != "powershell" {
		t.Errorf("prompt %q of %s", p, c.Shell())
	}
	run(l, `$a = @{ n = 1 }; $b = $a; $text = 'x'`)
	run(l, `cd C:\Windows; $a.n = 2; function twice($x) { $x * 2 }`)
	loaded, err := l.Fork()
	if err != nil {
		t.Fatal(err)
	}
	if got := run(loaded, `$b.n; twice 4; "$PWD"`); got != "2\n8\nC:\\Windows\n" {
		t.Errorf("after a fork: %q", got)
	}
	if _, err := l.Undo(); err != nil {
		t.Fatal(err)
	}
	if got := run(l, `$b.n; "$PWD"; Get-Command twice -ErrorAction SilentlyContinue`); got != "1\nC:\\Users\\azureuser\n" {
		t.Errorf("after undo: %q", got)
	}
	v := l.View().Machines["myVM"]
	if v.OS != "Windows" || len(v.Consoles) != 1 || v.Consoles[0].Vars["text"] != "x" || v.Consoles[0].Shell != "powershell" {
		t.Errorf("conditions see %+v", v.Consoles)
	}
}

// TestRemoteDesktop sees that the portal opens the desktop of a Windows machine
// that runs, by a connection that is recorded, and says why it cannot.
func TestRemoteDesktop(t *testing.T) {
	l := windowsLab(t)
	click := func(a blade.Action) blade.Blade {
		t.Helper()
		b, err := l.Click(context.Background(), a)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	open := func() blade.Blade {
		t.Helper()
		click(blade.Action{Path: "/vms"})
		click(blade.Action{Target: "vm.myVM"})
		click(blade.Action{Target: "vm.connect"})
		return click(blade.Action{Target: "connect.rdp"})
	}
	if b := open(); b.Desktop != "myVM" || len(b.Notices) != 1 || b.Notices[0].Kind != "done" {
		t.Errorf("desktop %q, notices %+v", b.Desktop, b.Notices)
	}
	last := l.View().Exchanges
	if !slices.ContainsFunc(last, func(x view.Exchange) bool {
		return x.Protocol == "rdp" && x.Failure == "" && len(x.Notes) > 0 && x.Notes[len(x.Notes)-1].Kind == "rdp.session"
	}) {
		t.Error("the connection is not in the record")
	}
	click(blade.Action{Path: "/vms"})
	click(blade.Action{Target: "vm.myVM"})
	click(blade.Action{Target: "vm.stop"})
	if b := open(); b.Desktop != "" || len(b.Notices) != 1 || b.Notices[0].Kind != "error" {
		t.Errorf("of a machine that does not run: desktop %q, notices %+v", b.Desktop, b.Notices)
	}
}

func TestWindowsCompletion(t *testing.T) {
	c, err := windowsLab(t).At("myVM")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		text  string
		words []string
	}{
		{"Invoke-WebR", []string{"Invoke-WebRequest"}},
		{`cd C:\Prog`, []string{`'C:\Program Files'`, `'C:\Program Files (x86)'`, `C:\ProgramData`}},
		{"$env:USERN", []string{"$env:USERNAME"}},
	} {
		if got := c.Session().Complete(x.text, len(x.text)); !slices.Equal(got.Words, x.words) {
			t.Errorf("%s: %q", x.text, got.Words)
		}
	}
}
