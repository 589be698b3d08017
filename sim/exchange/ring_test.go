package exchange

import (
	"encoding/json"
	"testing"
)

// TestRingAsJSON compares what a ring writes, from what it wrote before, with its
// state.
func TestRingAsJSON(t *testing.T) {
	r := NewRing(3)
	for i := range 6 {
		r.Add(Exchange{ID: r.NextID(), Request: Request{Method: "GET", URL: "https://x/<é>", Body: Body("\x00")}})
		if i == 4 {
			r.Restore(r.State())
		}
		got, err := r.Record().JSON()
		if err != nil {
			t.Fatal(err)
		}
		if want, _ := json.Marshal(r.State()); string(got) != string(want) {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}

// TestARecordIsOfItsMoment changes the ring after a record was taken, and sets it
// back.
func TestARecordIsOfItsMoment(t *testing.T) {
	r := NewRing(2)
	add := func() { r.Add(Exchange{ID: r.NextID()}) }
	add()
	add()
	then := r.Record()
	before, _ := then.JSON()
	add()
	if after, _ := then.JSON(); string(after) != string(before) || r.Last() != 3 || r.Record().Dropped != 1 {
		t.Errorf("%s became %s", before, after)
	}
	r.SetRecord(then)
	add()
	if got := r.Record(); got.Last != 3 || got.Dropped != 1 || got.Exchanges[0] != then.Exchanges[1] {
		t.Errorf("%+v", got)
	}
	text, _ := then.Exchanges[0].JSON()
	if x, err := ReadRecorded(text); err != nil || x.ID != 1 {
		t.Errorf("%+v, %v", x, err)
	}
	if _, err := ReadRecorded([]byte("{")); err == nil {
		t.Error("half an exchange was read")
	}
	if e := then.Empty(); e.Last != 2 || e.Dropped != 2 || e.Exchanges != nil {
		t.Errorf("%+v", e)
	}
}
