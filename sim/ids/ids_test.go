package ids

import (
	"regexp"
	"testing"
)

func TestStreamsAreIndependentAndRepeatable(t *testing.T) {
	a, b := New("seed"), New("seed")
	first := a.GUID("x")
	b.GUID("other")
	if got := b.GUID("x"); got != first {
		t.Errorf("another stream changed x: %s, %s", first, got)
	}
	if a.GUID("x") == first {
		t.Error("a stream repeated itself")
	}
	if New("other").GUID("x") == first {
		t.Error("another seed gave the same id")
	}
	named, again := a.NamedGUID("n", "a"), a.NamedGUID("n", "a")
	if named != again || named == a.NamedGUID("n", "b") {
		t.Error("named ids do not depend on their name alone")
	}
}

func TestGUIDForm(t *testing.T) {
	re := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	s := New("")
	for range 100 {
		if g := s.GUID("g"); !re.MatchString(g) {
			t.Fatalf("GUID %q", g)
		}
	}
	if n := len(s.Bytes("b", 100)); n != 100 {
		t.Errorf("Bytes gave %d", n)
	}
}

func TestRestoreContinuesTheStreams(t *testing.T) {
	a := New("seed")
	a.GUID("x")
	st := a.State()
	want := a.GUID("x")
	b := New("")
	b.Restore(st)
	if got := b.GUID("x"); got != want {
		t.Errorf("after Restore %s, want %s", got, want)
	}
}
