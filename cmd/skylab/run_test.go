package main

import (
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"skylab/sim/machine/portal/blade"
	"skylab/tutorials"
	"skylab/tutorials/check"
	"skylab/tutorials/prove"
)

const first = "../../tutorials/lessons/linux-vm-access-arm"

// broken is the first lesson in a folder, with a text replaced in lab.yaml.
func broken(t *testing.T, old, new string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "linux-vm-access-arm")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"article.md", "lab.yaml"} {
		data, err := os.ReadFile(filepath.Join(first, name))
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		if name == "lab.yaml" {
			if !strings.Contains(text, old) {
				t.Fatalf("lab.yaml has no %q", old)
			}
			text = strings.Replace(text, old, new, 1)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestTheFirstLessonIsProved(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rows.json")
	out, errs, code := skylab(t, "", "run", "--prove", "--json", file, "linux-vm-access-arm")
	if code != 0 || errs != "" || strings.Contains(out, "FAIL") {
		t.Fatalf("%d %s\n%s", code, errs, out)
	}
	for _, want := range []string{"identity", "access", "connected", "mistake wrong-user", "mistake host-key", "mistake wrong-address", "token", "call", "mistake no-header", "mistake wrong-header", "mistake wrong-resource", "mistake no-role", "mistake other-principal", "mistake other-scope", "mistake expired", "mistake other-group", "mistake placeholder", "mistake no-version"} {
		if !strings.Contains(out, want) {
			t.Errorf("no row for %s in\n%s", want, out)
		}
	}
	data, err := os.ReadFile(file)
	var rows []struct{ OK bool }
	if err != nil || json.Unmarshal(data, &rows) != nil || len(rows) != strings.Count(out, "\n") {
		t.Errorf("%v: %d rows of %d", err, len(rows), strings.Count(out, "\n"))
	}
}

func TestABrokenLessonFails(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"a solution line":  {"- choose: role.Reader\n          - choose: wizard.next\n          - choose: members.kind.identity\n          - choose: members.select\n          - choose: member.myVM\n          - choose: members.done\n          - choose: wizard.next\n          - choose: review.assign\n      - kind: bash", "- choose: role.AcrPull\n          - choose: wizard.next\n          - choose: members.kind.identity\n          - choose: members.select\n          - choose: member.myVM\n          - choose: members.done\n          - choose: wizard.next\n          - choose: review.assign\n      - kind: bash", "solution on portal"},
		"a condition":      {".status == 200 and (.issued.claims // {} | for_arm))'", ".status == 201 and (.issued.claims // {} | for_arm))'", "solution on bash"},
		"a mistake's when": {".headers.metadata == null)'", ".headers.metadata == \"x\")'", "mistake no-header"},
		"a loose step":     {"done: 'any(assigned(principal(\"myVM\"); group(\"myResourceGroup\")); reads)'", "done: 'true'", "start does not satisfy it"},
	} {
		out, _, code := skylab(t, "", "run", "--prove", broken(t, c.old, c.new))
		if code != exitFailed || !strings.Contains(out, "FAIL") || !strings.Contains(out[strings.Index(out, "FAIL"):], c.want) {
			t.Errorf("%s: %d\n%s", name, code, out)
		}
	}
}

func TestRunUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"run"}, "name a lesson"},
		{[]string{"run", "none"}, "no such lesson: \"none\"; there are "},
		{[]string{"run", "--all", "x"}, "exclude each other"},
		{[]string{"run", broken(t, "minutes: 10", "minuten: 10")}, "lab.yaml:4:1: unknown field"},
	} {
		if out, errs, code := skylab(t, "", c.args...); code != exitUsage || !strings.Contains(errs, c.want) || out != "" {
			t.Errorf("%v: %q %q %d", c.args, out, errs, code)
		}
	}
	steps := 0
	for _, id := range tutorials.IDs() {
		l, err := tutorials.Find(id)
		if err != nil {
			t.Fatal(err)
		}
		steps += len(l.Steps) * len(l.Variants)
	}
	if out, _, code := skylab(t, "", "run", "--all"); code != 0 || strings.Count(out, "solution on") != steps {
		t.Errorf("%d %s", code, out)
	}
}

// What an article leaves to be filled in is known by the time that its solution
// is through.
func TestPlaceholdersFillThemselves(t *testing.T) {
	for _, id := range tutorials.IDs() {
		l, err := tutorials.Find(id)
		if err != nil {
			t.Fatal(err)
		}
		c, err := check.New(l)
		if err != nil {
			t.Fatal(err)
		}
		w, err := newWorld(t.Context(), l.Variants[0].Scenario)
		if err != nil {
			t.Fatal(err)
		}
		known := map[string]string{}
		for _, s := range l.Steps {
			for _, a := range s.Surfaces[0].Solution {
				on := cmp.Or(a.Machine, s.Surfaces[0].Machine, l.Variants[0].Machine)
				switch {
				case a.Run != "":
					err = w.Run(t.Context(), on, a.Run)
				case a.Advance != "":
					var d time.Duration
					d, err = time.ParseDuration(a.Advance)
					w.Advance(d)
				default:
					err = w.Click(t.Context(), blade.Action{Path: a.Open, Target: a.Choose, Values: a.Values})
				}
				if err != nil {
					t.Fatalf("%s, step %s: %v", id, s.ID, err)
				}
			}
			values, err := c.Values(w.View())
			if err != nil {
				t.Fatalf("%s, step %s: %v", id, s.ID, err)
			}
			maps.Copy(known, values)
		}
		for _, p := range l.Placeholders {
			if known[p.Name] == "" {
				t.Errorf("%s: %s was never known", id, p.Name)
			}
		}
	}
}

func BenchmarkRunLesson(b *testing.B) {
	l, err := findLesson("linux-vm-access-arm")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := prove.Play(b.Context(), l, newWorld); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRunAll is run --all: every lesson's solution, played once. On two cores
// it shall take 60 s at most.
func BenchmarkRunAll(b *testing.B) {
	for b.Loop() {
		if status := run(b.Context(), []string{"run", "--all"}, streams{in: strings.NewReader(""), out: io.Discard, err: io.Discard}); status != 0 {
			b.Fatal(status)
		}
	}
}
