package table

import (
	"strings"
	"testing"
)

// TestEveryCommandReads reads the whole table and checks what a mistake in its
// text would break.
func TestEveryCommandReads(t *testing.T) {
	tab := Load()
	n := 0
	for _, path := range tab.Commands() {
		c, _ := tab.Command(path)
		if !c.Simulated {
			continue
		}
		n++
		if c.Summary == "" || !strings.HasSuffix(c.Summary, ".") {
			t.Errorf("%s: summary %q", path, c.Summary)
		}
		seen := map[string]string{}
		for _, a := range append(Global(c), c.Args...) {
			if a.Dest == "" || len(a.Names) == 0 && a.Holder == "" || a.Help == "" && !a.Real && a.Mark == 0 || a.Help == "?" {
				t.Errorf("%s: argument %+v", path, a)
			}
			for _, name := range a.Names {
				if other, twice := seen[name]; twice {
					t.Errorf("%s: %s is %s and %s", path, name, other, a.Dest)
				}
				seen[name] = a.Dest
			}
		}
		for _, e := range c.Examples {
			if !strings.HasPrefix(e.Command, "az "+path) {
				t.Errorf("%s: example %q", path, e.Command)
			}
		}
		for rest := c.Request.Path; ; {
			_, after, ok := strings.Cut(rest, "{")
			if !ok {
				break
			}
			var dest string
			dest, rest, _ = strings.Cut(after, "}")
			if dest == "rg" {
				dest = "resource_group_name"
				if c.Arg(dest) == nil {
					dest = "resource_group"
				}
			}
			if c.Arg(dest) == nil {
				t.Errorf("%s: its request needs %q", path, dest)
			}
		}
	}
	if n < 150 {
		t.Errorf("%d commands are simulated", n)
	}
	for path, g := range tab.groups {
		if len(g.Groups)+len(g.Commands) == 0 {
			t.Errorf("group %q is empty", path)
		}
	}
}

func TestRealNames(t *testing.T) {
	tab := Load()
	for _, p := range []string{"aks create", "vmss identity assign", "webapp list", "storage blob upload", "acr login", "find", "interactive"} {
		if c, ok := tab.Command(p); !ok || c.Simulated {
			t.Errorf("%s: %v %+v", p, ok, c)
		}
	}
	if g, _ := tab.Group("afd"); g.Mark != Preview {
		t.Errorf("afd: %q", g.Mark)
	}
	if _, ok := tab.Command("vm assign-identity"); ok {
		t.Error("vm assign-identity exists")
	}
}

func BenchmarkLoad(b *testing.B) {
	for range b.N {
		t := &Table{groups: map[string]*Group{}, commands: map[string]*Command{}, text: map[string]string{}, shared: map[string]string{}}
		data, _ := files.ReadFile("commands/real.txt")
		t.readNames(string(data))
	}
}
