package argparse

import (
	"os"
	"strings"
	"testing"

	"skylab/sim/machine/az/table"
)

// TestAzureCLI compares with what azure-cli 2.45.0 says to command lines: "ok"
// where its parser found nothing wrong.
func TestAzureCLI(t *testing.T) {
	data, err := os.ReadFile("testdata/azure-cli-2.45.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	for i := 0; i+1 < len(lines); i += 2 {
		words := strings.Fields(strings.TrimPrefix(lines[i], "$ az"))
		got := "ok"
		if _, err := Parse(table.Load(), words, nil); err != nil {
			got = "ERROR: " + err.Error()
			if s := err.(*Error).Suggestion; s != "" {
				got += " | " + s
			}
		}
		if got != lines[i+1] {
			t.Errorf("%s\n%s\nwant %s", lines[i], got, lines[i+1])
		}
	}
}

func TestValues(t *testing.T) {
	for _, c := range []struct{ in, dest, want string }{
		{"group create --nam x --loc westus", "rg_name", "x"},
		{"group create -nx -l West+US", "location", "westus"},
		{"vm identity assign -g a -n b --identities [system] c", "assign_identity", "[system] c"},
		{"vm list -dgx", "resource_group_name", "x"},
		{"vm update -g a -n b --set x=1 --set y=2", "properties_to_set", "x=1 y=2"},
		{"deployment group create -g a -p x=1 -p y=2", "parameters", "x=1 y=2"},
		{"config set a.b=1 c.d=2 --local", "key_value", "a.b=1 c.d=2"},
		{"vm create -g a -n b --nsg-rule ssh", "nsg_rule", "SSH"},
	} {
		words := strings.Fields(c.in)
		for i := range words {
			words[i] = strings.ReplaceAll(words[i], "+", " ")
		}
		l, err := Parse(table.Load(), words, nil)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		if got := strings.Join(l.Words(c.dest), " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.in, got, c.want)
		}
	}
	if _, err := Parse(table.Load(), []string{"vm", "list-sizes"}, map[string]string{"location": "westus"}); err != nil {
		t.Errorf("with a default: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("vm create -g a --n b --tags x=1 -- y")
	f.Fuzz(func(t *testing.T, in string) { _, _ = Parse(table.Load(), strings.Split(in, " "), nil) })
}
