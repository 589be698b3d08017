package main

import (
	"os"
	"strings"
	"testing"
)

func TestStoredTable(t *testing.T) {
	for _, want := range []struct {
		kind string
		rows int
	}{{"curl", 65}, {"az", 76}} {
		n := 0
		for line := range strings.Lines(stored) {
			f := strings.Fields(line)
			if len(f) > 1 && f[0] == want.kind && strings.Trim(f[1], "0123456789") == "" {
				n++
			}
		}
		if n != want.rows {
			t.Errorf("%d rows of %s, there are %d snippets", n, want.kind, want.rows)
		}
	}
	if strings.Contains(stored, "FAILS") {
		t.Error("a snippet is broken that is not known to be")
	}
}

func TestTheStoredTableIsWhatRuns(t *testing.T) {
	facts, err := os.ReadFile("../../../shared/facts/snippets.md")
	if err != nil {
		t.Skip("../shared is not here")
	}
	var out strings.Builder
	if good, err := run(t.Context(), &out, string(facts), "../../../shared"); err != nil || !good {
		t.Errorf("%v %v", good, err)
	}
	if out.String() != stored {
		t.Errorf("table.txt is not what runs today; if that is right, store it\n%s", out.String())
	}
}

func TestAnUnknownFlawFails(t *testing.T) {
	facts := "## A2\n| 20-30 | W | many curl blocks 40-50 | |\n| 60 | T | x | y |\n## A3\n"
	k := mistakes(facts)
	for _, c := range []struct {
		b    block
		want string
	}{{block{kind: "az", first: 25, last: 26}, "W"}, {block{kind: "az", first: 45, last: 45}, ""}, {block{kind: "curl", first: 45, last: 45}, "W"}, {block{kind: "az", first: 59, last: 61}, "T"}, {block{kind: "az", first: 70, last: 70}, ""}} {
		if class, _ := k.of(c.b); class != c.want {
			t.Errorf("%+v: %q, want %q", c.b, class, c.want)
		}
	}
}
