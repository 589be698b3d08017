package sorting

import (
	"slices"
	"testing"
)

func TestBySortsAsSlicesDoes(t *testing.T) {
	type pair struct{ key, at int }
	for n := range 200 {
		var list []pair
		for i := range n {
			list = append(list, pair{(i * i * 31) % 17, i})
		}
		compare := func(a, b pair) int { return a.key - b.key }
		want := slices.Clone(list)
		slices.SortStableFunc(want, compare)
		if By(list, compare); !slices.Equal(list, want) {
			t.Fatalf("%d: %v", n, list)
		}
	}
}
