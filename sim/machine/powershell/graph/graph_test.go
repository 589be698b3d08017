package graph

import (
	"encoding/json"
	"reflect"
	"testing"
)

type thing struct {
	name   string
	other  *thing
	any    any
	list   []any
	byName map[string]*thing
	cache  []int `keep:"-"`
}

type number int

type world struct{ First, Second *thing }

func kinds() *Kinds {
	k := NewKinds((*thing)(nil), number(0))
	k.Lost = func(what string) any { return "lost " + what }
	return k
}

func TestSharedStaysShared(t *testing.T) {
	a := &thing{name: "a", cache: []int{1}}
	a.other, a.any = a, number(3)
	b := &thing{name: "b\xff", any: a, list: []any{nil, true, "x", int64(1) << 60, 1.5, a, number(1), []byte{1}}, byName: map[string]*thing{"a": a}}
	b.list = append(b.list, b, struct{}{}, func() {})
	b.list = b.list[:9]
	data, err := kinds().Marshal(&world{a, b})
	if err != nil {
		t.Fatal(err)
	}
	var w world
	if err := kinds().Unmarshal(data, &w); err != nil {
		t.Fatal(err)
	}
	switch x, y := w.First, w.Second; {
	case x.other != x, y.any != any(x), y.list[5] != any(x), y.list[8] != any(y), y.byName["a"] != x:
		t.Errorf("what was shared is not: %s", data)
	case x.any != any(number(3)), x.cache != nil, y.name != "b\xff", !reflect.DeepEqual(y.list[:5], []any{nil, true, "x", int64(1) << 60, 1.5}), !reflect.DeepEqual(y.list[7], []byte{1}):
		t.Errorf("values changed: %s", data)
	}
}

func TestWhatCannotBeKept(t *testing.T) {
	type secret struct{ _ func() }
	a := &thing{name: "a", any: &secret{}}
	data, err := kinds().Marshal(&world{First: a, Second: &thing{any: &thing{any: func() {}}}})
	if err != nil {
		t.Fatal(err)
	}
	var w world
	if err := kinds().Unmarshal(data, &w); err != nil {
		t.Fatal(err)
	}
	if w.First.name != "a" || w.First.any != any("lost *graph.secret") || w.Second.any != any("lost *graph.thing") {
		t.Errorf("%+v %+v", w.First, w.Second)
	}
}

func TestLongChains(t *testing.T) {
	first := &thing{}
	for range 50_000 {
		first = &thing{other: first}
	}
	data, err := kinds().Marshal(&world{First: first})
	if err != nil {
		t.Fatal(err)
	}
	var w world
	if err := kinds().Unmarshal(data, &w); err != nil {
		t.Fatal(err)
	}
	n := 0
	for x := w.First; x != nil; x = x.other {
		n++
	}
	if n != 50_001 {
		t.Errorf("%d of a chain", n)
	}
}

// FuzzUnmarshal reads damaged documents: an error, never a panic.
func FuzzUnmarshal(f *testing.F) {
	a := &thing{name: "a", list: []any{int32(1), number(2)}, byName: map[string]*thing{"x": {}}}
	a.other = a
	data, err := kinds().Marshal(&world{First: a})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"nodes":[{"t":"*graph.thing","v":{"any":["[]interface {}",[0,["string","x"]]]}}],"root":{"First":0}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var w world
		if kinds().Unmarshal(data, &w) == nil && json.Valid(data) {
			_, _ = kinds().Marshal(&w)
		}
	})
}
