package coreutils

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

func cmpManual() tool.Program {
	return tool.Program{Name: "cmp", Usage: "[OPTION]... FILE1 [FILE2]", Summary: "Compare two files byte by byte", Options: []tool.Option{
		{Short: "s", Long: "quiet", Help: "print nothing"}, {Long: "silent", Help: "same as -s"}, {Short: "l", Long: "verbose", Help: "print every byte that differs"}, {Short: "b", Long: "print-bytes", Real: true}, {Short: "i", Long: "ignore-initial", Arg: "SKIP", Real: true}, {Short: "n", Long: "bytes", Arg: "LIMIT", Help: "compare at most so many bytes"},
	}}
}

func compare(ctx context.Context, c *call) int {
	names := c.Args
	switch len(names) {
	case 0:
		return c.fault("missing operand after 'cmp'")
	case 1:
		names = append(names, "-")
	case 2:
	default:
		return c.fault("extra operand '%s'", names[2])
	}
	left := int64(-1)
	if v, ok := c.Lookup("bytes"); ok {
		if left, ok = parseAmount(v); !ok {
			return c.fault("invalid --bytes value '%s'", v)
		}
	}
	quiet := c.Has("quiet") || c.Has("silent")
	var src [2]*source
	for i, name := range names {
		var err error
		if src[i], err = c.open(name); err != nil {
			if !quiet {
				c.fail("%s: %s", name, vfs.Errno(err))
			}
			return 2
		}
	}
	differs := false
	for at, line := int64(1), 1; left < 0 || at <= left; at++ {
		a, errA := src[0].ReadByte()
		b, errB := src[1].ReadByte()
		for i, err := range []error{errA, errB} {
			if err != nil && err != io.EOF {
				return c.fail("%s: %s", names[i], vfs.Errno(err)) + 1
			}
		}
		switch {
		case errA != nil && errB != nil:
			if differs {
				return 1
			}
			return 0
		case errA != nil || errB != nil:
			short := names[0]
			if errB != nil {
				short = names[1]
			}
			switch {
			case quiet:
			case at == 1:
				fmt.Fprintf(c.Stderr, "cmp: EOF on %s which is empty\n", short)
			case c.Has("verbose"):
				fmt.Fprintf(c.Stderr, "cmp: EOF on %s after byte %d\n", short, at-1)
			case differs:
			default:
				where := fmt.Sprintf("in line %d", line)
				if src[0].ended {
					where = fmt.Sprintf("line %d", line-1)
				}
				fmt.Fprintf(c.Stderr, "cmp: EOF on %s after byte %d, %s\n", short, at-1, where)
			}
			return 1
		case a != b && c.Has("verbose") && !quiet:
			differs = true
			fmt.Fprintf(c.Stdout, "%*d %3o %3o\n", c.digits(names), at, a, b)
		case a != b:
			if !quiet {
				fmt.Fprintf(c.Stdout, "%s %s differ: byte %d, line %d\n", names[0], names[1], at, line)
			}
			return 1
		}
		if src[0].ended = a == '\n'; src[0].ended {
			line++
		}
		if at%(1<<16) == 0 && c.ended(ctx) {
			return 130
		}
	}
	if differs {
		return 1
	}
	return 0
}

// digits is how many digits the length of the shorter file has.
func (c *call) digits(names []string) int {
	least := int64(math.MaxInt64)
	for _, name := range names {
		if i, err := c.FS.Stat(c.abs(name)); err == nil && name != "-" {
			least = min(least, i.Size())
		}
	}
	if least == math.MaxInt64 {
		return 1
	}
	return len(strconv.FormatInt(least, 10))
}

// fault reports a wrong command line of cmp, which says everything in its name.
func (c *call) fault(format string, args ...any) int {
	return c.usage(fmt.Sprintf(format, args...))
}
