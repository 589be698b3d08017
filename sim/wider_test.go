package sim

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"skylab/sim/cloud"
	"skylab/sim/kit"
	"skylab/sim/kit/full"
	"skylab/sim/labapi"
	"skylab/sim/machine/portal/blade"
	"skylab/sim/machine/shell"
)

// visitWith is a page whose lab has a kit.
func visitWith(t testing.TB, on *shelf, k kit.Kit) *client {
	c := visit(t, on)
	c.s.kit = k
	return c
}

// deploy deploys an empty template.
const deploy = `echo '{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0", "resources": []}' > t.json; az deployment group create -g myResourceGroup -n d --template-file t.json -o none --query x; az deployment group show -g myResourceGroup -n d --query properties.provisioningState -o tsv`

func TestWhatNeedsTheWiderLabRunsThereAsIfItHadBegunThere(t *testing.T) {
	for name, c := range map[string]struct{ machine, text, want string }{
		"alone":        {"", "python3 -c 'print(1+1)'", "2\n"},
		"in a pipe":    {"", "curl -s " + imdsURL + " -H Metadata:true | python3 -c 'import sys; print(len(sys.stdin.read()) > 900)'", "True\n"},
		"in a loop":    {"", "for i in 1 2; do echo $i | awk '{print $1+1}'; done", "2\n3\n"},
		"behind &":     {"", "echo one; python3 -c 'print(2)' & wait; echo three", "one\n[1] "},
		"in a trap":    {"", "trap 'python3 -c \"print(5)\"' DEBUG; true; trap - DEBUG", "5\n"},
		"over ssh":     {Laptop, "ssh -o StrictHostKeyChecking=no azureuser@myvm.westus.cloudapp.azure.com \"awk 'BEGIN{print 7}'\"", "7\n"},
		"sudo":         {"", "cd /; sudo python3 -c 'print(6)'", "6\n"},
		"manual":       {"", "man python3 | head -2", "NAME\n"},
		"template":     {CloudShell, deploy, "Succeeded\n"},
		"in a script":  {"", "printf 'x=1\\npython3 -c \"print(4)\"\\n' > s.sh; bash s.sh", "4\n"},
		"substitution": {"", "x=$(python3 -c 'print(8)'); echo got $x", "got 8\n"},
	} {
		t.Run(name, func(t *testing.T) {
			prepare := func(c *client, con labapi.Console) {
				do[labapi.Result](c, labapi.OpRun, labapi.Run{Console: con.ID, Text: "x=5; cd /tmp; echo before > f"})
			}
			open := labapi.Open{Key: "k", Seed: "wider"}
			on := newShelf()
			small := visitWith(t, on, kit.Named())
			do[labapi.Lab](small, labapi.OpOpen, open)
			con := do[labapi.Console](small, labapi.OpConsole, labapi.NewConsole{Machine: c.machine})
			prepare(small, con)
			was := string(on.data["k"])
			m := small.wait(small.start(labapi.OpRun, labapi.Run{Console: con.ID, Text: c.text}))
			last := small
			if name != "manual" { // which is named, and so is there
				if !m.Wider || m.Error != "" || len(m.Result) > 0 {
					t.Fatalf("the small lab answered %+v, printed %q", m, small.output.String())
				}
				if now := string(on.data["k"]); now != was {
					t.Errorf("the lab is not as it was:\n%s\n%s", was, now)
				}
				last = visitWith(t, on, full.Kit())
				open.Take, open.Wider = true, true
				if l := do[labapi.Lab](last, labapi.OpOpen, open); !l.Kept || !l.Wider {
					t.Errorf("%+v", l)
				}
				decode[labapi.Result](t, last.wait(last.start(labapi.OpRun, labapi.Run{Console: con.ID, Text: c.text})))
			}
			if got := last.output.String(); !strings.Contains(got, c.want) {
				t.Errorf("printed %q", got)
			}
			whole := visitWith(t, newShelf(), full.Kit())
			do[labapi.Lab](whole, labapi.OpOpen, labapi.Open{Key: "k", Seed: "wider", Wider: last != small})
			prepare(whole, do[labapi.Console](whole, labapi.OpConsole, labapi.NewConsole{Machine: c.machine}))
			do[labapi.Result](whole, labapi.OpRun, labapi.Run{Console: con.ID, Text: c.text})
			if a, b := last.output.String(), whole.output.String(); a != b {
				t.Errorf("printed %q, from the beginning %q", a, b)
			}
			if a, b := do[json.RawMessage](last, labapi.OpSnapshot, nil), do[json.RawMessage](whole, labapi.OpSnapshot, nil); string(a) != string(b) {
				t.Errorf("the lab is\n%s\nfrom the beginning\n%s", a, b)
			}
			if last == small {
				return
			}
			again := visitWith(t, on, kit.Named())
			if m := again.wait(again.start(labapi.OpOpen, labapi.Open{Key: "k", Take: true})); !m.Wider {
				t.Errorf("the small lab opened what the wider one kept: %+v", m)
			}
			for range 2 { // both commands
				do[labapi.Lab](last, labapi.OpUndo, nil)
			}
			if l := do[labapi.Lab](last, labapi.OpRedo, nil); l.Undo == "" || l.Redo != c.text {
				t.Errorf("undo and redo know %q and %q", l.Undo, l.Redo)
			}
		})
	}
}

// TestTheSmallLabGoesOn is what happens where the wider one cannot be had.
func TestTheSmallLabGoesOn(t *testing.T) {
	c := visitWith(t, newShelf(), kit.Named())
	do[labapi.Lab](c, labapi.OpOpen, labapi.Open{Key: "k"})
	con := do[labapi.Console](c, labapi.OpConsole, labapi.NewConsole{})
	run := func(text string) labapi.Message {
		return c.wait(c.start(labapi.OpRun, labapi.Run{Console: con.ID, Text: text}))
	}
	run("echo first")
	run("echo second")
	do[labapi.Lab](c, labapi.OpUndo, nil)
	if m := run("x=3; echo shown; python3 -V; echo never"); !m.Wider {
		t.Fatalf("%+v", m)
	}
	if got := c.output.String(); !strings.HasSuffix(got, "shown\n") {
		t.Errorf("printed %q", got)
	}
	l := do[labapi.Lab](c, labapi.OpRedo, nil)
	if l.Undo != "echo second" || l.Redo != "" || len(l.Consoles) != 1 || len(l.Consoles[0].Blocks) != 2 {
		t.Errorf("what was undone cannot be done again: %+v", l)
	}
	c.output.Reset()
	if decode[labapi.Result](t, run("echo $x-")).Status != 0 || c.output.String() != "-\n" {
		t.Errorf("printed %q", c.output.String())
	}
}

func TestDeploymentsInThePortalNeedTheWiderLab(t *testing.T) {
	c := visitWith(t, newShelf(), kit.Named())
	do[labapi.Lab](c, labapi.OpOpen, labapi.Open{Key: "k"})
	subscription := ""
	for id := range c.s.lab.cloud.ARM.State().Subscriptions {
		subscription = id
	}
	if m := c.wait(c.start(labapi.OpPortal, blade.Action{Path: "/subscriptions/" + subscription + "/resourceGroups/myResourceGroup/-/deployments"})); !m.Wider {
		t.Errorf("%s %s", m.Result, m.Error)
	}
}

func TestAScriptSaysThatItNeedsTheWiderLab(t *testing.T) {
	l, err := New(context.Background(), Options{At: instant, Kit: kit.Named()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Script(context.Background(), l.DefaultMachine(), "python3 -V", shell.Streams{}); err != ErrWider {
		t.Error(err)
	}
}

func TestAShellThatIsOnlyNamedNeedsTheWiderLab(t *testing.T) {
	open := labapi.Open{Key: "k", Seed: "wider"}
	createsWindows := "az vm create -g myResourceGroup -n win --image Win2022Datacenter --admin-username azureuser --admin-password 'Simulated-Pa55word' -o none"
	for name, c := range map[string]struct{ machine, shell, text, want string }{
		"as a program":     {CloudShell, "", "pwsh -c '1+1'", "2\n"},
		"as a console":     {CloudShell, "pwsh", "2+2", "4\n"},
		"of a new machine": {CloudShell, "", createsWindows + "; echo $?", "0\n"},
	} {
		t.Run(name, func(t *testing.T) {
			on := newShelf()
			small := visitWith(t, on, kit.Named())
			do[labapi.Lab](small, labapi.OpOpen, open)
			console := labapi.NewConsole{Machine: c.machine, Shell: c.shell, New: c.shell != ""}
			if m := small.wait(small.start(labapi.OpConsole, console)); m.Wider != (c.shell != "") {
				t.Fatalf("the small lab answered %+v", m)
			}
			if c.shell == "" {
				if m := small.wait(small.start(labapi.OpRun, labapi.Run{Console: CloudShell, Text: c.text})); !m.Wider {
					t.Fatalf("the small lab answered %+v, printed %q", m, small.output.String())
				}
			}
			wide := visitWith(t, on, full.Kit())
			again := open
			again.Take, again.Wider = true, true
			do[labapi.Lab](wide, labapi.OpOpen, again)
			con := do[labapi.Console](wide, labapi.OpConsole, console)
			do[labapi.Result](wide, labapi.OpRun, labapi.Run{Console: con.ID, Text: c.text})
			if got := wide.output.String(); !strings.HasSuffix(got, c.want) {
				t.Errorf("printed %q", got)
			}
			small = visitWith(t, on, kit.Named())
			if m := small.wait(small.start(labapi.OpOpen, labapi.Open{Key: "k", Take: true})); !m.Wider {
				t.Errorf("the small lab opened what the wider one kept: %+v", m)
			}
		})
	}
}

func TestScenariosSayWhetherTheyNeedTheWiderLab(t *testing.T) {
	for _, s := range cloud.Scenarios {
		if _, err := New(context.Background(), Options{Scenario: s.Name, Seed: "wide", Kit: kit.Named()}); errors.Is(err, ErrWider) != s.Wide || !s.Wide && err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
	l, err := New(context.Background(), Options{Scenario: "windows-vm", Seed: "wide", At: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), Kit: full.Kit()})
	if err != nil {
		t.Fatal(err)
	}
	data, err := l.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Load(data, kit.Named()); !errors.Is(err, ErrWider) {
		t.Errorf("the small lab loads a Windows machine: %v", err)
	}
}
