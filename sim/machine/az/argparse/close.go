package argparse

import "strings"

// cutoff is how like a word must be to what az proposes in its place.
const cutoff = 0.7

// Closest returns the candidate most like a word, as Python's difflib measures
// it; "" if none is like it. Of equals the greater one is taken, as there.
func Closest(word string, candidates []string) string {
	best, score := "", 0.0
	for _, c := range candidates {
		r := ratio(c, word)
		if r >= cutoff && (r > score || r == score && strings.Compare(c, best) > 0) {
			best, score = c, r
		}
	}
	return best
}

// ratio is difflib's SequenceMatcher(a, b).ratio() for short texts.
func ratio(a, b string) float64 {
	x, y := []rune(a), []rune(b)
	if len(x)+len(y) == 0 {
		return 1
	}
	return 2 * float64(matches(x, y)) / float64(len(x)+len(y))
}

// matches counts what the longest common runs have in common: the longest first,
// then left and right of it.
func matches(a, b []rune) int {
	bi, bj, size := 0, 0, 0
	lengths := map[int]int{}
	for i := range a {
		next := map[int]int{}
		for j := range b {
			if a[i] != b[j] {
				continue
			}
			k := lengths[j-1] + 1
			next[j] = k
			if k > size {
				bi, bj, size = i-k+1, j-k+1, k
			}
		}
		lengths = next
	}
	if size == 0 {
		return 0
	}
	return size + matches(a[:bi], b[:bj]) + matches(a[bi+size:], b[bj+size:])
}
