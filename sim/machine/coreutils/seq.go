package coreutils

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// maxSeq bounds what one seq prints, for a machine's output is kept.
const maxSeq = 1_000_000

func seq(ctx context.Context, c *call) int {
	nums := []float64{}
	decimals, width := 0, 0
	for _, a := range c.Args {
		f, err := strconv.ParseFloat(a, 64)
		if err != nil {
			return c.usage(fmt.Sprintf("invalid floating point argument: '%s'", a))
		}
		if i := strings.IndexByte(a, '.'); i >= 0 {
			decimals = max(decimals, len(a)-i-1)
		}
		width = max(width, len(a))
		nums = append(nums, f)
	}
	first, step, last := 1.0, 1.0, 0.0
	switch len(nums) {
	case 0:
		return c.missing("operand")
	case 1:
		last = nums[0]
	case 2:
		first, last = nums[0], nums[1]
	case 3:
		first, step, last = nums[0], nums[1], nums[2]
	default:
		return c.usage(fmt.Sprintf("extra operand '%s'", c.Args[3]))
	}
	if step == 0 {
		return c.usage(fmt.Sprintf("invalid Zero increment value: '%s'", c.Args[1]))
	}
	sep := "\n"
	if v, ok := c.Lookup("separator"); ok {
		sep = v
	}
	count := 0
	for i := 0; i < maxSeq; i++ {
		x := first + float64(i)*step
		if step > 0 && x > last+1e-9 || step < 0 && x < last-1e-9 {
			break
		}
		if i > 0 {
			io.WriteString(c.Stdout, sep)
		}
		s := strconv.FormatFloat(x, 'f', decimals, 64)
		if c.Has("equal-width") {
			s = fmt.Sprintf("%0*s", width, s)
		}
		if _, err := io.WriteString(c.Stdout, s); err != nil || i%1024 == 0 && c.ended(ctx) {
			return 141
		}
		count++
	}
	if count > 0 {
		io.WriteString(c.Stdout, "\n")
	}
	return 0
}
