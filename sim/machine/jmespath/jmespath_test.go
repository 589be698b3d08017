package jmespath

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"skylab/sim/ojson"
)

func decode(t testing.TB, text string) any {
	t.Helper()
	v, err := ojson.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestCompliance runs the public suite (testdata/compliance, see NOTICE).
func TestCompliance(t *testing.T) {
	files, err := filepath.Glob("testdata/compliance/*.json")
	if err != nil || len(files) < 16 {
		t.Fatalf("the suite is not whole: %v, %v", files, err)
	}
	n := 0
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, group := range decode(t, string(data)).([]any) {
			g := group.(*ojson.Object)
			given, _ := g.Get("given")
			before, _ := ojson.Marshal(given)
			cases, _ := g.Get("cases")
			for _, c := range cases.([]any) {
				c := c.(*ojson.Object)
				text := c.Str("expression")
				n++
				e, err := Parse(text)
				var got any
				if err == nil {
					got, err = e.Search(given)
				}
				if want := c.Str("error"); want != "" {
					if err == nil {
						t.Errorf("%s: %s: no error, want %s", filepath.Base(f), text, want)
					}
					var syntax *SyntaxError
					if want == "syntax" && err != nil && !errors.As(err, &syntax) {
						t.Errorf("%s: %s: %v is no syntax error", filepath.Base(f), text, err)
					}
					continue
				}
				want, _ := c.Get("result")
				if err != nil || !Equal(got, want) {
					t.Errorf("%s: %s: %s, %v; want %s", filepath.Base(f), text, Repr(got), err, Repr(want))
				}
			}
			if after, _ := ojson.Marshal(given); string(after) != string(before) {
				t.Errorf("%s: the input was changed", f)
			}
		}
	}
	if n < 700 {
		t.Errorf("only %d cases ran", n)
	}
}

// TestPython compares with what Python's jmespath 1.0.1 gave.
func TestPython(t *testing.T) {
	in := `{"n":[{"b":1,"a":"x"},{"b":2.5,"a":"é"}],"s":"abc","i":3,"o":{"z":1,"a":2},"big":12345678901234567890,"e":[]}`
	for _, c := range []struct{ query, want string }{
		{"n[].{b:b,a:a}[0]", "{'b': 1, 'a': 'x'}"},
		{"keys(o)", "['z', 'a']"},
		{"o.*", "[1, 2]"},
		{"avg(`[1,3]`)", "2.0"},
		{"sum(`[1,3]`)", "4"},
		{"sum(`[1,3.5]`)", "4.5"},
		{"ceil(`1.2`)", "2"},
		{"abs(`-5`)", "5"},
		{"big", "12345678901234567890"},
		{"n[?a > 'b'].a", "['x', 'é']"},
		{"s < `3`", "TypeError: '<' not supported between instances of 'str' and 'int'"},
		{"to_string(n[1])", `{"b":2.5,"a":"\u00e9"}`},
		{"to_number('1_0')", "10"},
		{"to_number('1.5')", "1.5"},
		{"to_number('x')", "None"},
		{"nofun(s)", "Unknown function: nofun()"},
		{"length()", "Expected 1 argument for function length(), received 0"},
		{"merge()", "Expected at least 1 argument for function merge(), received 0"},
		{"max(n)", `In function max(), invalid type for value: {'b': 1, 'a': 'x'}, expected one of: ['array-number', 'array-string'], received: "dict"`},
		{"length(i)", `In function length(), invalid type for value: 3, expected one of: ['string', 'array', 'object'], received: "number"`},
		{"sort_by(n, &nope)", `In function sort_by(), invalid type for value: {'b': 1, 'a': 'x'}, expected one of: ['string', 'number'], received: "null"`},
		{"sort_by(e, &nope)", "[]"},
		{"`foo`", "foo"},
		{`'it\'s'`, "it's"},
		{"n[::-1].b", "[2.5, 1]"},
		{"n[?b==`1`] | [0].a", "x"},
		{"i && s", "abc"},
		{"reverse(s)", "cba"},
		{"contains(s, `1`)", "TypeError: 'in <string>' requires string as left operand, not int"},
		{"type(&s)", "None"},
	} {
		e, err := Parse(c.query)
		if err != nil {
			t.Errorf("%s: %v", c.query, err)
			continue
		}
		got, err := e.Search(decode(t, in))
		s := Str(got)
		if err != nil {
			s = err.Error()
		}
		if s != c.want {
			t.Errorf("%s: %s, want %s", c.query, s, c.want)
		}
	}
}

func TestSyntaxErrors(t *testing.T) {
	for _, q := range []string{"", "[?bad", "a.", "a..b", "'open", "{a:}", "[1", "a[b]", "f(", "`", "\"a\"(b)", "a b", "#", "-", strings.Repeat("(", 5000), "a.b(c"} {
		if _, err := Parse(q); err == nil {
			t.Errorf("%.20q parses", q)
		}
	}
}

func FuzzSearch(f *testing.F) {
	for _, q := range []string{"a[?b>`1`].{c:d}", "sort_by(@,&a)[::2]", "a.*.b||c&&!d", "[][*][?@]|[0]"} {
		f.Add(q, `{"a":[{"b":2,"d":"x"}]}`)
	}
	f.Fuzz(func(t *testing.T, query, doc string) {
		v, err := ojson.Decode([]byte(doc))
		if err != nil {
			return
		}
		before, _ := ojson.Marshal(v)
		if e, err := Parse(query); err == nil {
			_, _ = e.Search(v)
		}
		if after, _ := ojson.Marshal(v); string(after) != string(before) {
			t.Fatal("the input was changed")
		}
	})
}
