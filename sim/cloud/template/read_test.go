package template

import (
	"strings"
	"testing"

	"skylab/sim/ojson"
)

func TestRead(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{"a": 1, "b": [true, null, 'x'], c: {}, // comment` + "\n" + `/* and /* more */ "d": -1.5e3, }`, `{"a":1,"b":[true,null,"x"],"c":{},"d":-1.5e3}`},
		{`{"a":1,"a":2}`, `{"a":2}`},
		{"\ufeff[1,]", `[1]`},
		{`"a\u0041\ud83d\ude00\n\/"`, `"aA😀\n/"`},
		{`[0x1F, 12345678901234567890, 1.]`, `[31,12345678901234567890,1]`},
	} {
		n, err := Read([]byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got, _ := ojson.Marshal(n.Plain()); string(got) != c.want {
			t.Errorf("%s = %s, want %s", c.text, got, c.want)
		}
	}
}

func TestSyntaxErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"{\n  \"variables\": {}\n   \"x\": 1}", `After parsing a value an unexpected character was encountered: ". Path 'variables', line 3, position 3.`},
		{"{\n    \"resources\": [\n        arm-\n    ]}", `Unexpected character encountered while parsing value: a. Path 'resources', line 3, position 8.`},
		{`{"a": {"b": "\h"}}`, `Bad JSON escape sequence: \h. Path 'a.b', line 1, position 15.`},
		{`{"a": "x`, `Unterminated string. Expected delimiter: ". Path 'a', line 1, position 8.`},
		{`{"a": [1`, `Unexpected end when deserializing array. Path 'a[0]', line 1, position 8.`},
		{`{"a": 1`, `Unexpected end when deserializing object. Path 'a', line 1, position 7.`},
		{`{"a": 1]`, `JsonToken EndArray is not valid for closing JsonType Object. Path 'a', line 1, position 8.`},
		{`{"a" 1}`, `Invalid character after parsing property name. Expected ':' but got: 1. Path 'a', line 1, position 5.`},
		{`{"a": 1, ]`, `Invalid property identifier character: ]. Path 'a', line 1, position 9.`},
		{`{"a": 1} }`, `Additional text encountered after finished reading JSON content: }. Path '', line 1, position 9.`},
		{`{"a": nul}`, `Unexpected character encountered while parsing value: n. Path 'a', line 1, position 6.`},
		{`{"a": 12x4}`, `Input string '12x4' is not a valid number. Path 'a', line 1, position 10.`},
		{`{"a": 12y}`, `Unexpected character encountered while parsing number: y. Path 'a', line 1, position 8.`},
		{`/- {}`, `Error parsing comment. Expected: *, got -. Path '', line 1, position 1.`},
		{`{} /*`, `Unexpected end while parsing comment. Path '', line 1, position 5.`},
		{``, `Error reading JToken from JsonReader. Path '', line 1, position 0.`},
		{strings.Repeat("[", 200), `The reader's MaxDepth of 128 has been exceeded. Path '` + strings.Repeat("[0]", 128) + `', line 1, position 129.`},
	} {
		_, err := Read([]byte(c.text))
		if err == nil || err.Error() != c.want {
			t.Errorf("%.40s:\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

// The places are those of the service's errors: of an object its bracket's, of
// a member its colon's, of anything else its end's.
func TestPlaces(t *testing.T) {
	n, err := Read([]byte("{\r\n    \"parameters2\": {\n\t\"na.me\": [ \"ü😀\" ]\n}}"))
	if err != nil {
		t.Fatal(err)
	}
	f := n.field("PARAMETERS2")
	list := f.Value.Get("na.me")
	item := list.Items[0]
	for _, c := range []struct {
		what                 string
		line, column         int
		wantLine, wantColumn int
		path, wantPath       string
	}{
		{"root", n.Line, n.Column, 1, 1, n.Path, ""},
		{"colon", f.Line, f.Column, 2, 18, f.Value.Path, "parameters2"},
		{"object", f.Value.Line, f.Value.Column, 2, 20, f.Value.Path, "parameters2"},
		{"array", list.Line, list.Column, 3, 11, list.Path, "parameters2['na.me']"},
		{"string", item.Line, item.Column, 3, 17, item.Path, "parameters2['na.me'][0]"},
	} {
		if c.line != c.wantLine || c.column != c.wantColumn || c.path != c.wantPath {
			t.Errorf("%s: %d:%d %s, want %d:%d %s", c.what, c.line, c.column, c.path, c.wantLine, c.wantColumn, c.wantPath)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5,'x',null,true],/*c*/b:"\u0041",}`, "[[[{", `{"a":0x1,}`, "//\n[]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := Read([]byte(s))
		if err != nil {
			if n != nil {
				t.Error("a node beside an error")
			}
			return
		}
		b, err := ojson.Marshal(n.Plain())
		if err != nil {
			t.Fatal(err)
		}
		again, err := Read(b)
		if err != nil {
			t.Fatalf("printed %s: %v", b, err)
		}
		if c, err := ojson.Marshal(again.Plain()); err != nil || string(c) != string(b) {
			t.Fatalf("%s becomes %s", b, c)
		}
	})
}

func FuzzExpression(f *testing.F) {
	for _, s := range []string{"concat('a', 1)", "a.b(1)[2].c", "map(createArray(1,2), lambda('x', lambdaVariables('x')))", "format('{0:N2}', 5)", "range(1,-1)", "parameters(Location')", "padLeft('', 99999999999)", "dateTimeAdd('2020-01-01', 'P1M')", "cidrSubnet('10.0.0.0/8', 40, 1)", "substring('a', 9223372036854775807, 9223372036854775807)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := evaluate(t, inBody, "["+s+"]")
		if err == nil {
			if _, err := ojson.Marshal(v); err != nil {
				t.Fatal(err)
			}
		}
	})
}
