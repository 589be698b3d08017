package check

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"skylab/sim/ojson"
	"skylab/sim/view"
)

// TestPlainIsWhatATextWouldBe converts views both ways.
func TestPlainIsWhatATextWouldBe(t *testing.T) {
	type odd struct {
		When  time.Time `json:"when"`
		Bytes []byte    `json:"bytes"`
		Short int8      `json:"short,string"`
		Other string
	}
	token := &view.Token{Header: ojson.Obj("alg", "none"), Claims: ojson.Obj("exp", json.Number("1790000000"), "f", json.Number("1.5e3"), "list", []any{nil, true, "x", ojson.Obj()})}
	for _, v := range []any{
		view.View{}, nil, "\xffa\xfe", 7, []any{}, (*ojson.Object)(nil), map[string]string(nil), map[int]string{1: "x"}, odd{Bytes: []byte("x"), Short: 3}, &odd{}, [2]int{1, 2}, uint8(3), 2.5,
		view.View{
			Now: 1, Scenario: "s", Resources: map[string]any{"/a": ojson.Obj("tags", ojson.Obj("a", 1), "none", (*ojson.Object)(nil)), "\xff": "x"},
			Exchanges: []view.Exchange{
				{ID: 1, Parent: 2, Query: map[string]string{"a": "b"}, Body: "text", Response: []any{json.Number("0"), "\xff"}, Token: token, Notes: []view.Note{{Kind: "k"}, {Data: map[string]any{"n": 1, "when": time.Unix(0, 0).UTC(), "b": true, "list": []string{"x"}, "id": int64(5)}}}},
				{Issued: &view.Token{}},
			},
			Assigns: []view.Assignment{{ID: "x"}}, Principals: map[string]view.Principal{"p": {Groups: []string{"g"}}, "q": {}},
			Machines: map[string]view.Machine{"m": {Files: map[string]string{"/f": "text"}, Consoles: []view.Console{{ID: "c", Vars: map[string]string{"x": "1"}}}}},
			Commands: []view.Command{{Text: "x", Status: 1, First: 1, Last: 2}},
		},
	} {
		got, err := newConverter().plain(v)
		if err != nil {
			t.Fatalf("%#v: %v", v, err)
		}
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var want any
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatal(err)
		}
		if got = floats(got); !reflect.DeepEqual(got, want) {
			t.Errorf("%#v\n is %#v\nnot %#v", v, got, want)
		}
	}
	if _, err := newConverter().plain(map[string]any{"f": func() {}}); err == nil {
		t.Error("a function was converted")
	}
}

// floats is a value with all numbers as encoding/json reads them.
func floats(v any) any {
	switch v := v.(type) {
	case int:
		return float64(v)
	case []any:
		for i := range v {
			v[i] = floats(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = floats(v[k])
		}
	}
	return v
}
