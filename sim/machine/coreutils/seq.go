package coreutils

import (
	"bufio"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"skylab/sim/machine/tool"
)

func seqProgram() tool.Program {
	p := program(tool.Program{Name: "seq", Usage: "[OPTION]... [FIRST [INCREMENT]] LAST", Summary: "Print numbers in a row", Options: []tool.Option{
		{Short: "s", Long: "separator", Arg: "STRING", Help: "what separates them (a newline)"},
		{Short: "w", Long: "equal-width", Help: "pad with zeros to the same width"},
		{Short: "f", Long: "format", Arg: "FORMAT", Help: "print each as printf does: %.2f"},
	}}, tool.FirstArg, seq)
	inner := p.Run
	p.Run = func(ctx context.Context, proc *tool.Process) int {
		for i := 1; i < len(proc.Args) && strings.HasPrefix(proc.Args[i], "-") && proc.Args[i] != "--"; i++ {
			a := proc.Args[i]
			if a == "-s" || a == "-f" {
				i++
			} else if len(a) > 1 && (isDigit(a[1]) || a[1] == '.') {
				again := *proc
				again.Args = slices.Insert(slices.Clone(proc.Args), i, "--")
				return inner(ctx, &again)
			}
		}
		return inner(ctx, proc)
	}
	return p
}

// seqNumber is an operand of seq.
type seqNumber struct {
	value    float64
	whole    int64
	isWhole  bool
	width    int // how many characters it is written with
	decimals int
}

func readSeqNumber(a string) (n seqNumber, ok bool) {
	f, err := strconv.ParseFloat(strings.TrimPrefix(a, "+"), 64)
	if err != nil {
		i, err := strconv.ParseInt(strings.TrimPrefix(a, "+"), 0, 64)
		if err != nil {
			return n, false
		}
		f = float64(i)
	}
	n.value, n.width = f, len(a)
	mantissa, exponent, scientific := strings.Cut(strings.ToLower(a), "e")
	if strings.HasPrefix(strings.ToLower(a), "0x") {
		mantissa, scientific = strconv.FormatFloat(f, 'f', -1, 64), false
	}
	if i := strings.IndexByte(mantissa, '.'); i >= 0 {
		n.decimals = len(mantissa) - i - 1
	}
	if scientific {
		e, _ := strconv.Atoi(exponent)
		n.decimals = min(max(n.decimals-e, 0), 100)
		n.width = len(strconv.FormatFloat(f, 'f', n.decimals, 64))
	}
	if i, err := strconv.ParseInt(strings.TrimPrefix(a, "+"), 10, 64); err == nil {
		n.whole, n.isWhole = i, i > math.MinInt64/4 && i < math.MaxInt64/4
	} else if n.decimals == 0 && math.Abs(f) < 1<<53 {
		n.whole, n.isWhole = int64(f), true
	}
	return n, true
}

// seqFormat checks the FORMAT of seq -f and returns it as Go takes it.
func seqFormat(f string) (string, error) {
	count := 0
	for i := 0; i < len(f); i++ {
		if f[i] != '%' {
			continue
		}
		if i+1 < len(f) && f[i+1] == '%' {
			i++
			continue
		}
		j := i + 1
		for j < len(f) && strings.IndexByte("-+#0 '0123456789.", f[j]) >= 0 {
			j++
		}
		if j == len(f) {
			return "", fmt.Errorf("format ‘%s’ ends in %%", f)
		}
		if strings.IndexByte("efgaEFGA", f[j]) < 0 {
			return "", fmt.Errorf("format ‘%s’ has unknown %%%c directive", f, f[j])
		}
		for _, digits := range strings.Split(f[i+1:j], ".") {
			if n, _ := strconv.Atoi(strings.Trim(digits, "-+#0 '")); n > maxField {
				return "", errMemory
			}
		}
		if count++; count > 1 {
			return "", fmt.Errorf("format ‘%s’ has too many %% directives", f)
		}
		i = j
	}
	if count == 0 {
		return "", fmt.Errorf("format ‘%s’ has no %% directive", f)
	}
	return f, nil
}

// maxField bounds the width of a printed number.
const maxField = 1 << 20

func seq(ctx context.Context, c *call) int {
	if len(c.Args) == 0 {
		return c.missing("operand")
	}
	if len(c.Args) > 3 {
		return c.usage(fmt.Sprintf("extra operand ‘%s’", c.Args[3]))
	}
	var nums []seqNumber
	for _, a := range c.Args {
		n, ok := readSeqNumber(a)
		switch {
		case !ok:
			return c.usage(fmt.Sprintf("invalid floating point argument: ‘%s’", a))
		case math.IsNaN(n.value):
			return c.usage(fmt.Sprintf("invalid ‘not-a-number’ argument: ‘%s’", a))
		}
		nums = append(nums, n)
	}
	one := seqNumber{value: 1, whole: 1, isWhole: true, width: 1}
	first, step, last := one, one, nums[len(nums)-1]
	if len(nums) > 1 {
		first = nums[0]
	}
	if len(nums) > 2 {
		step = nums[1]
	}
	if step.value == 0 {
		return c.usage(fmt.Sprintf("invalid Zero increment value: ‘%s’", c.Args[1]))
	}
	format, formatted := c.Lookup("format")
	if formatted {
		if c.Has("equal-width") {
			return c.usage("format string may not be specified when printing equal width strings")
		}
		var err error
		if format, err = seqFormat(format); err != nil {
			return c.fail("%v", err)
		}
	}
	decimals := max(first.decimals, step.decimals)
	width := 0
	if c.Has("equal-width") {
		for _, n := range []seqNumber{first, last} {
			w := n.width - n.decimals
			if n.decimals > 0 {
				w--
			}
			if decimals > 0 {
				w += decimals + 1
			}
			width = max(width, w)
		}
	}
	sep := "\n"
	if v, ok := c.Lookup("separator"); ok {
		sep = v
	}
	text := func(i int64) (string, bool) {
		if first.isWhole && step.isWhole && !formatted && (last.isWhole || math.IsInf(last.value, 0)) {
			x := first.whole + i*step.whole
			past := !math.IsInf(last.value, 0) && (step.whole > 0 && x > last.whole || step.whole < 0 && x < last.whole) || math.IsInf(last.value, int(-step.whole))
			if width > 0 {
				return fmt.Sprintf("%0*d", width, x), past
			}
			return strconv.FormatInt(x, 10), past
		}
		x := first.value + float64(i)*step.value
		slack := math.Abs(step.value) * 1e-9
		past := step.value > 0 && x > last.value+slack || step.value < 0 && x < last.value-slack
		switch {
		case formatted:
			return fmt.Sprintf(format, x), past
		case width > 0:
			return fmt.Sprintf("%0*.*f", width, decimals, x), past
		}
		return strconv.FormatFloat(x, 'f', decimals, 64), past
	}
	w := bufio.NewWriterSize(c.Stdout, 4<<10)
	for i := int64(0); ; i++ {
		s, past := text(i)
		if past {
			if i > 0 {
				w.WriteString("\n")
			}
			break
		}
		if i > 0 {
			w.WriteString(sep)
		}
		if _, err := w.WriteString(s); err != nil {
			_ = c.unwritten(ctx, err)
			return c.status
		}
		if ctx.Err() != nil || i%1024 == 1023 && c.ended(ctx) {
			return 141
		}
	}
	if err := w.Flush(); err != nil {
		_ = c.unwritten(ctx, err)
	}
	return c.status
}
