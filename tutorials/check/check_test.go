package check

import (
	"strings"
	"testing"

	"skylab/sim/view"
	"skylab/tutorials/lesson"
)

func sample() *lesson.Lesson {
	return &lesson.Lesson{ID: "x", Placeholders: []lesson.Placeholder{{Name: "N", Value: `.scenario`}, {Name: "M", Value: "null"}}, Steps: []lesson.Step{
		{ID: "once", Kind: "edge", Done: `any(.exchanges[]; .status == 200)`, Result: `\(.exchanges | length) so far`, Missing: []lesson.Message{{When: ".exchanges | length > 0", Say: "one, but not well: \\(.exchanges[-1].status)"}, {Say: `nothing "yet"`}},
			Mistakes: []lesson.Mistake{{ID: "bad", When: `$last != null and $last.status == 1 and ($last.exchanges | length) == 1`, Say: "failed: \\($last.text)"}}},
		{ID: "now", Kind: "level", Done: `.assignments | length > 0`, Missing: []lesson.Message{{Say: "nobody has a role"}}},
	}}
}

func TestEdgesStayAndLevelsDoNot(t *testing.T) {
	c, err := New(sample())
	if err != nil {
		t.Fatal(err)
	}
	v := view.View{Scenario: "s"}
	p, err := c.Update(v)
	if err != nil || p.Done || p.Steps[0].Missing != `nothing "yet"` || p.Steps[1].Missing != "" {
		t.Fatalf("%+v, %v", p, err)
	}
	v.Exchanges = []view.Exchange{{ID: 1, Status: 404}}
	v.Commands = []view.Command{{Text: "curl x", Status: 1, First: 1, Last: 1}}
	if p, _ = c.Update(v); p.Steps[0].Missing != "one, but not well: 404" || p.Steps[0].MistakeID != "bad" || p.Steps[0].Mistake != "failed: curl x" {
		t.Errorf("%+v", p)
	}
	v.Exchanges = append(v.Exchanges, view.Exchange{ID: 2, Status: 200})
	v.Assigns = []view.Assignment{{}}
	if p, _ = c.Update(v); !p.Done || p.Steps[0].Result != "2 so far" {
		t.Errorf("%+v", p)
	}
	before := c.State()
	v.Exchanges, v.Assigns = nil, nil
	if p, _ = c.Update(v); !p.Steps[0].Done || p.Steps[1].Done || p.Steps[1].Missing != "nobody has a role" {
		t.Errorf("the edge must stay and the level go: %+v", p)
	}
	c.Restore(State{})
	if p, _ = c.Update(v); p.Steps[0].Done {
		t.Error("undo does not take an edge back")
	}
	c.Restore(before)
	if p, _ = c.Update(v); !p.Steps[0].Done {
		t.Error("a restored edge is lost")
	}
	if values, err := c.Values(v); err != nil || values["N"] != "s" || len(values) != 1 {
		t.Errorf("%v, %v", values, err)
	}
}

func TestFaultsAreNamed(t *testing.T) {
	for want, change := range map[string]func(*lesson.Lesson){
		"step once: done":        func(l *lesson.Lesson) { l.Steps[0].Done = "(" },
		"step once: mistake bad": func(l *lesson.Lesson) { l.Steps[0].Mistakes[0].When = "nosuch" },
		"step once: missing 1":   func(l *lesson.Lesson) { l.Steps[0].Missing[0].Say = `\(` },
		"step now: missing 1":    func(l *lesson.Lesson) { l.Steps[1].Missing[0].When = "$other" },
		"placeholder N":          func(l *lesson.Lesson) { l.Placeholders[0].Value = "|" },
	} {
		l := sample()
		change(l)
		if _, err := New(l); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func BenchmarkUpdate(b *testing.B) {
	c, err := New(sample())
	if err != nil {
		b.Fatal(err)
	}
	v := view.View{}
	for i := range 500 {
		v.Exchanges = append(v.Exchanges, view.Exchange{ID: i + 1, Status: 404, URL: "https://management.azure.com/", Headers: map[string]string{"a": "b"}})
	}
	for b.Loop() {
		if _, err := c.Update(v); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	f.Add(`a \(1 + (2)) b "c"`)
	f.Fuzz(func(t *testing.T, in string) {
		if strings.Contains(in, `\(`) {
			_, _ = Template(in)
			return
		}
		expression, err := Template(in)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Compile(expression); err != nil {
			t.Fatalf("%q: %v", in, err)
		}
	})
}
