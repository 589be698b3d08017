package output

import (
	"os"
	"strings"
	"testing"

	"skylab/sim/ojson"
)

// TestKnack compares with what knack 0.10.1, PyYAML and tabulate printed
// (testdata/knack.json).
func TestKnack(t *testing.T) {
	data, err := os.ReadFile("testdata/knack.json")
	if err != nil {
		t.Fatal(err)
	}
	all, err := ojson.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range all.([]any) {
		c := c.(*ojson.Object)
		v, _ := c.Get("value")
		for _, format := range []string{"json", "yaml", "table", "tsv"} {
			var b strings.Builder
			if err := Print(&b, format, Result{Value: v}, false); err != nil {
				b.WriteString("! " + err.Error())
			}
			if want := c.Str(format); b.String() != want {
				t.Errorf("%d as %s:\n%s\nwant\n%s", i, format, b.String(), want)
			}
		}
	}
}

func TestQueriedKeepsItsOrder(t *testing.T) {
	plain := ojson.Obj("b", 1, "a", 2)
	made := ojson.Obj("b", 1, "a", 2, "id", "x")
	r := Result{Value: []any{made, plain}, Queried: true, Plain: map[*ojson.Object]bool{plain: true}}
	for format, want := range map[string]string{"tsv": "1\t2\tx\n2\t1\n", "table": "B    A\n---  ---\n1    2\n1    2\n"} {
		var b strings.Builder
		if err := Print(&b, format, r, false); err != nil || b.String() != want {
			t.Errorf("%s: %q, %v, want %q", format, b.String(), err, want)
		}
	}
}

func TestNullAndNonePrintNothing(t *testing.T) {
	var b strings.Builder
	for _, f := range Formats {
		if err := Print(&b, f, Result{}, false); err != nil {
			t.Error(f, err)
		}
	}
	if err := Print(&b, "none", Result{Value: "x"}, false); err != nil || b.Len() > 0 {
		t.Errorf("%q, %v", b.String(), err)
	}
}

func TestColours(t *testing.T) {
	v := ojson.Obj("a", "x y", "b", []any{1, nil, "2020-01-01"}, "c", ojson.Obj("d", true))
	for format, want := range map[string]string{
		"jsonc": "{\n  <94>\"a\"<>: <33>\"x y\"<>,\n  <94>\"b\"<>: [\n    <34>1<>,\n    <34>null<>,\n    <33>\"2020-01-01\"<>\n  ],\n  <94>\"c\"<>: {\n    <94>\"d\"<>: <34>true<>\n  }\n}\n",
		"yamlc": "<94>a<>: x y\n<94>b<>:\n- 1\n- null\n- <33>'2020-01-01'<>\n<94>c<>:\n  <94>d<>: true\n",
	} {
		var b strings.Builder
		if err := Print(&b, format, Result{Value: v}, true); err != nil {
			t.Fatal(err)
		}
		if got := strings.NewReplacer("\x1b[39;49;00m", "<>", "\x1b[", "<", "m", ">").Replace(b.String()); got != want {
			t.Errorf("%s: %s\nwant %s", format, got, want)
		}
	}
}

func FuzzYAML(f *testing.F) {
	f.Add("a: b\n#c")
	f.Fuzz(func(t *testing.T, s string) { YAML(ojson.Obj("k", s, s, []any{s, ojson.Obj(s, nil)})) })
}
