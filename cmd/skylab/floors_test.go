package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// packages returns each package of this module with what it links, as go list
// tells for a target.
func packages(t *testing.T, env ...string) map[string][]string {
	t.Helper()
	cmd := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Deps \" \"}}", "skylab/...")
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	deps := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		f := strings.Fields(line)
		deps[f[0]] = f[1:]
	}
	return deps
}

// floor is how high a package stands; one may link only what lies below it, or
// beside it on the same floor.
func floor(p string) int {
	for i, prefixes := range [][]string{
		{"skylab/sim/clock", "skylab/sim/edition", "skylab/sim/sorting", "skylab/sim/ids", "skylab/sim/ojson", "skylab/sim/exchange", "skylab/sim/view", "skylab/sim/machine/portal/blade", "skylab/sim/labapi", "skylab/assets", "skylab/tutorials/lesson"},
		{"skylab/sim/network"},
		{"skylab/sim/machine", "skylab/sim/cloud"},
		{"skylab/sim"},
		{"skylab/tutorials"},
		{"skylab/app", "skylab/web"},
		{"skylab/cmd"},
	} {
		for _, x := range prefixes {
			if p == x || strings.HasPrefix(p, x+"/") {
				return i
			}
		}
	}
	return -1
}

func TestFloors(t *testing.T) {
	for p, deps := range packages(t) {
		if floor(p) < 0 {
			t.Errorf("%s stands on no floor", p)
		}
		for _, d := range deps {
			if !strings.HasPrefix(d, "skylab/") {
				continue
			}
			if floor(d) > floor(p) {
				t.Errorf("%s links %s, which lies above it", p, d)
			}
			machine, cloud := strings.HasPrefix(p, "skylab/sim/machine"), strings.HasPrefix(p, "skylab/sim/cloud")
			if machine && strings.HasPrefix(d, "skylab/sim/cloud") || cloud && strings.HasPrefix(d, "skylab/sim/machine") {
				t.Errorf("%s links %s: clients and servers must not know each other", p, d)
			}
		}
	}
}

func TestWhatTheModulesLink(t *testing.T) {
	deps := packages(t, "GOOS=js", "GOARCH=wasm")
	for _, c := range []struct{ module, not string }{
		{"skylab/cmd/ui", "github.com/yuin/goldmark"}, {"skylab/cmd/ui", "github.com/alecthomas/chroma"}, {"skylab/cmd/ui", "github.com/itchyny/gojq"},
		{"skylab/cmd/ui", "skylab/sim/cloud"}, {"skylab/cmd/ui", "skylab/sim/network"}, {"skylab/cmd/ui", "mvdan.cc/sh"},
		{"skylab/cmd/lab", "github.com/yuin/goldmark"}, {"skylab/cmd/lab", "github.com/alecthomas/chroma"}, {"skylab/cmd/lab", "github.com/maxence-charriere/go-app"},
		// What the wider module alone has.
		{"skylab/cmd/lab", "skylab/sim/kit/full"}, {"skylab/cmd/lab", "skylab/sim/cloud/template"}, {"skylab/cmd/lab", "github.com/benhoyt/goawk"}, {"skylab/cmd/lab", "skylab/sim/machine/powershell"}, {"skylab/cmd/lab", "skylab/sim/machine/windows"},
	} {
		if len(deps[c.module]) == 0 {
			t.Fatalf("%s was not listed", c.module)
		}
		for _, d := range deps[c.module] {
			if d == c.not || strings.HasPrefix(d, c.not+"/") {
				t.Errorf("%s links %s", c.module, d)
			}
		}
	}
}

// TestNoticeNamesWhatIsShipped holds every library that the command or one of
// the page's modules links against NOTICE.
func TestNoticeNamesWhatIsShipped(t *testing.T) {
	notice, err := os.ReadFile("../../NOTICE")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ env, targets []string }{
		{nil, []string{"skylab/cmd/skylab"}},
		{[]string{"GOOS=js", "GOARCH=wasm"}, []string{"skylab/cmd/ui", "skylab/cmd/lab"}},
	} {
		cmd := exec.Command("go", append([]string{"list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}"}, c.targets...)...)
		cmd.Env = append(os.Environ(), c.env...)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		for _, module := range strings.Fields(string(out)) {
			name := majorVersion.ReplaceAllString(module, "")
			if name != "skylab" && !strings.Contains(string(notice), name) {
				t.Errorf("NOTICE does not name %s", module)
			}
		}
	}
}

var majorVersion = regexp.MustCompile(`/v[2-9][0-9]*$`)
