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
		got, err := r.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if want, _ := json.Marshal(r.State()); string(got) != string(want) {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}
