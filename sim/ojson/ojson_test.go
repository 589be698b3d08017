package ojson

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
)

func TestOrderSurvives(t *testing.T) {
	for _, in := range []string{
		`{"b":1,"a":{"z":[],"y":{}},"c":[1,2.50,"<&>",null,true]}`,
		`[]`, `"x"`, `12345678901234567890`, `null`,
	} {
		v, err := Decode([]byte(in))
		if err != nil {
			t.Fatalf("%s: %v", in, err)
		}
		out, err := Marshal(v)
		if err != nil || string(out) != in {
			t.Errorf("Marshal(Decode(%s)) = %s, %v", in, out, err)
		}
	}
}

func TestIndent(t *testing.T) {
	v, _ := Decode([]byte(`{"a":{"b":[1,{}]},"c":[]}`))
	out, _ := Indent(v, "  ", "\r\n")
	want := "{\r\n  \"a\": {\r\n    \"b\": [\r\n      1,\r\n      {}\r\n    ]\r\n  },\r\n  \"c\": []\r\n}"
	if string(out) != want {
		t.Errorf("got %q", out)
	}
	out, err := Marshal(map[string]any{"b": []string{"x"}, "a": 1})
	if err != nil || string(out) != `{"a":1,"b":["x"]}` {
		t.Errorf("a Go map printed as %s, %v", out, err)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, in := range []string{``, `{`, `{"a":`, `[1`, `{"a" 1}`, `1 2`, `{"a":1}}`, `nul`} {
		if v, err := Decode([]byte(in)); err == nil {
			t.Errorf("Decode(%q) = %v", in, v)
		}
	}
	deep := strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1)
	if _, err := Decode([]byte(deep)); !errors.Is(err, ErrDepth) {
		t.Errorf("deep nesting: %v", err)
	}
	if _, err := Decode([]byte(`{"a":[`)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut short: %v", err)
	}
}

func TestObject(t *testing.T) {
	o := Obj("Name", "x", "tags", Obj("a", "b"), "n", 1)
	if o.Str("name") != "x" || o.Str("tags", "a") != "b" || o.Obj("none").Len() != 0 {
		t.Error("paths do not read")
	}
	c := o.Clone()
	c.Obj("tags").Set("a", "changed")
	if o.Str("tags", "a") != "b" {
		t.Error("Clone is shallow")
	}
	if !o.Delete("Name") || o.Delete("Name") || strings.Join(o.Keys(), ",") != "tags,n" {
		t.Errorf("after Delete %v", o.Keys())
	}
	o.Set("n", 2)
	if v, _ := o.Get("n"); v != 2 {
		t.Errorf("n = %v", v)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"a":[1,"x",null]}`))
	f.Add([]byte(" { \"a\\u0041\" :\t-1.5e+3 , \"b\":{} , \"b\" : [ ] ,\"c\":\"\xff\\\\\" , \"d\":true,\"e\":false}\n"))
	f.Add([]byte(`"\ud800"`))
	f.Fuzz(func(t *testing.T, in []byte) {
		v, err := Decode(in)
		d := NewDecoder(bytes.NewReader(in))
		slow, wrong := d.Next()
		if err != nil {
			return
		}
		if wrong != nil || !reflect.DeepEqual(v, slow) {
			t.Fatalf("%q: %v, by tokens %v %v", in, v, slow, wrong)
		}
		out, err := Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(out); err != nil {
			t.Fatalf("%q printed as %q: %v", in, out, err)
		}
	})
}

func TestListsOfObjectsAndDefaults(t *testing.T) {
	o := &Object{}
	if err := o.UnmarshalJSON([]byte(`{"a":{"List":[{"n":1},"x",null,{"n":2}]},"B":1}`)); err != nil {
		t.Fatal(err)
	}
	if got := o.Objects("a", "list"); len(got) != 2 || len(o.Objects("b")) != 0 || len((*Object)(nil).Objects("a")) != 0 {
		t.Errorf("%v", got)
	}
	o.Fill("b", 2, "c", 3)
	if b, _ := Marshal(o); string(b) != `{"a":{"List":[{"n":1},"x",null,{"n":2}]},"B":1,"c":3}` {
		t.Errorf("%s", b)
	}
}

func TestScalarsPrintAsEncodingJSONDoes(t *testing.T) {
	for _, v := range []any{"", "plain ~", "quote \" and \\", "tab\t", "\x00\x1f\x7f", "é 日本", "\u2028", "\xff", true, false, 0, -12, int64(1) << 62, 2.5, json.Number("1e3")} {
		var want bytes.Buffer
		e := json.NewEncoder(&want)
		e.SetEscapeHTML(false)
		if err := e.Encode(v); err != nil {
			t.Fatal(err)
		}
		if got, err := Marshal(v); err != nil || string(got)+"\n" != want.String() {
			t.Errorf("%#v: %s, %v, want %s", v, got, err, want.String())
		}
	}
}
