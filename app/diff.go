package app

import "strings"

// change is a line of a comparison: in both texts, or in one of them.
type change struct {
	mark byte // ' ', '-' for the first alone, '+' for the second alone
	line string
}

// mostCompared is how many lines a text may have beyond what both begin and end
// with; of longer ones the rest counts as changed.
const mostCompared = 1500

// diff compares two texts by lines and keeps as many as it can.
func diff(a, b string) []change {
	x, y := strings.Split(strings.TrimSuffix(a, "\n"), "\n"), strings.Split(strings.TrimSuffix(b, "\n"), "\n")
	var out []change
	for len(x) > 0 && len(y) > 0 && x[0] == y[0] {
		out = append(out, change{' ', x[0]})
		x, y = x[1:], y[1:]
	}
	var tail []change
	for len(x) > 0 && len(y) > 0 && x[len(x)-1] == y[len(y)-1] {
		tail = append(tail, change{' ', x[len(x)-1]})
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	// keep[i][j] is how many lines x[i:] and y[j:] have in common, in order.
	keep := make([][]int, len(x)+1)
	small := len(x) <= mostCompared && len(y) <= mostCompared
	if small {
		for i := range keep {
			keep[i] = make([]int, len(y)+1)
		}
		for i := len(x) - 1; i >= 0; i-- {
			for j := len(y) - 1; j >= 0; j-- {
				if x[i] == y[j] {
					keep[i][j] = keep[i+1][j+1] + 1
				} else {
					keep[i][j] = max(keep[i+1][j], keep[i][j+1])
				}
			}
		}
	}
	i, j := 0, 0
	for i < len(x) || j < len(y) {
		switch {
		case small && i < len(x) && j < len(y) && x[i] == y[j]:
			out = append(out, change{' ', x[i]})
			i, j = i+1, j+1
		case i < len(x) && (j == len(y) || !small || keep[i+1][j] >= keep[i][j+1]):
			out = append(out, change{'-', x[i]})
			i++
		default:
			out = append(out, change{'+', y[j]})
			j++
		}
	}
	for k := len(tail) - 1; k >= 0; k-- {
		out = append(out, tail[k])
	}
	return out
}
