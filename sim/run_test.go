package sim

import (
	"encoding/json"
	"strings"
	"testing"

	"skylab/sim/machine/shell"
)

func TestUndoTakesBackFilesVariablesAndTheCloud(t *testing.T) {
	l := newLab(t, "a")
	do := func(text string) string {
		t.Helper()
		var out strings.Builder
		if _, err := l.Run(t.Context(), "myVM", text, shell.Streams{Out: &out}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	do("x=1")
	do("x=2; echo data > f")
	for _, c := range grant {
		if _, err := l.Click(t.Context(), action(c)); err != nil {
			t.Fatal(err)
		}
	}
	granted := func() bool {
		for _, a := range l.View().Assigns {
			if a.Role == "Reader" {
				return true
			}
		}
		return false
	}
	if !granted() {
		t.Fatal("no role was given")
	}
	if what, err := l.Undo(); err != nil || what != "review.assign" || granted() {
		t.Errorf("%q, %v: the role stays", what, err)
	}
	if what, err := l.Redo(); err != nil || what != "review.assign" || !granted() {
		t.Errorf("%q, %v: the role is not back", what, err)
	}
	for l.undo[len(l.undo)-1].what != "x=2; echo data > f" {
		if _, err := l.Undo(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Undo(); err != nil {
		t.Fatal(err)
	}
	if got := do("echo $x; cat f 2>&1"); got != "1\ncat: f: No such file or directory\n" {
		t.Errorf("after undo: %q", got)
	}
	if what, err := l.Redo(); what != "" || err != nil {
		t.Errorf("a new command must end what could be done again: %q, %v", what, err)
	}
}

func TestTheView(t *testing.T) {
	l := newLab(t, "a")
	if _, err := l.Run(t.Context(), "myVM", "token=$("+getToken+"); curl -s -H \"Authorization: Bearer $(echo $token | cut -d'\"' -f4)\" https://management.azure.com/subscriptions?api-version=2020-01-01; false", shell.Streams{}); err != nil {
		t.Fatal(err)
	}
	v := l.View()
	var vm, arm bool
	for _, e := range v.Exchanges {
		if e.Service == "Metadata service" && e.Issued != nil && e.Issued.Claims.Str("idtyp") == "app" && e.Query["resource"] == "https://management.azure.com/" && e.Headers["metadata"] == "true" {
			vm = true
		}
		if e.Service == "Resource Manager" && e.Token != nil && e.Status == 200 {
			arm = true
		}
	}
	if !vm || !arm || len(v.Commands) != 1 || v.Commands[0].Status != 1 || v.Commands[0].Last-v.Commands[0].First != 2 {
		t.Errorf("%+v", v.Commands)
	}
	if m := v.Machines["myVM"]; m.Power != "running" || !strings.Contains(m.Consoles[0].Vars["token"], "access_token") {
		t.Errorf("%+v", m)
	}
	if data, err := json.Marshal(v); err != nil || len(data) == 0 {
		t.Error(err)
	}
}

func BenchmarkSnapshot(b *testing.B) {
	l := newLab(b, "a")
	for b.Loop() {
		if _, err := l.Snapshot(); err != nil {
			b.Fatal(err)
		}
	}
}
