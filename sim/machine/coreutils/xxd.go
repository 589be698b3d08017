package coreutils

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

func xxdManual() tool.Program {
	return tool.Program{Name: "xxd", Usage: "[OPTION]... [FILE]", Summary: "Print bytes as hex", Options: []tool.Option{
		{Short: "p", Help: "only hex digits; also -ps"}, {Short: "r", Help: "turn hex back into bytes"}, {Short: "l", Arg: "LEN", Help: "stop after LEN bytes"},
		{Short: "c", Arg: "COLS", Help: "bytes a line (16; with -p 30)"}, {Short: "g", Arg: "BYTES", Help: "bytes a group (2); 0 for one group"}, {Short: "u", Help: "upper-case digits"},
		{Short: "s", Arg: "SEEK", Help: "begin at this byte; with -, counted from the end"}, {Short: "o", Arg: "OFF", Help: "add to the printed positions"},
		{Short: "b", Real: true}, {Short: "i", Real: true}, {Short: "e", Real: true}, {Short: "a", Real: true}, {Short: "E", Real: true}, {Short: "d", Real: true}, {Short: "C", Real: true}, {Short: "n", Arg: "NAME", Real: true},
	}}
}

func xxdProgram() tool.Program {
	p := program(xxdManual(), tool.Permute, xxd)
	inner := p.Run
	p.Run = func(ctx context.Context, proc *tool.Process) int {
		again := *proc
		again.Args = nil
		for _, a := range proc.Args {
			if a == "-ps" || a == "-plain" {
				a = "-p"
			}
			again.Args = append(again.Args, a)
		}
		return inner(ctx, &again)
	}
	return p
}

// maxColumns is the most that xxd prints on a line.
const maxColumns = 256

func xxd(ctx context.Context, c *call) int {
	name := "-"
	if len(c.Args) > 0 {
		name = c.Args[0]
	}
	if c.Has("r") {
		return c.unhex(name)
	}
	plain := c.Has("p")
	number := func(option string, fallback int64) int64 {
		v, ok := c.Lookup(option)
		if !ok {
			return fallback
		}
		n, _ := strconv.ParseInt(strings.TrimPrefix(v, "+"), 0, 64)
		return n
	}
	width := int(min(number("c", 0), maxColumns+1))
	switch {
	case width > maxColumns && !plain:
		return c.fail("invalid number of columns (max. %d).", maxColumns)
	case width < 1 && plain:
		width = 30
	case width < 1:
		width = 16
	}
	group := int(number("g", 2))
	if group < 1 || group > width {
		group = width
	}
	digit := "%02x"
	if c.Has("u") {
		digit = "%02X"
	}
	src, err := c.open(name)
	if err != nil {
		c.fail("%s: %s", name, vfs.Errno(err))
		return 2
	}
	at := number("s", 0)
	if at < 0 {
		data, err := c.read(name)
		if err != nil {
			return c.fail("%s: %s", name, vfs.Errno(err))
		}
		at = max(0, int64(len(data))+at)
		src.Reader.Reset(bytes.NewReader(data))
	}
	if _, err := io.CopyN(io.Discard, src, at); err != nil {
		return 0
	}
	if n := number("l", -1); n >= 0 {
		src.Reader = limit(src.Reader, n)
	}
	field := 2*width + (width-1)/group
	row := make([]byte, width)
	for i := 0; ; i++ {
		n, err := io.ReadFull(src, row)
		if n == 0 {
			if err != io.EOF {
				c.failRead(ctx, name, err)
			}
			return c.status
		}
		var digits, text strings.Builder
		for i, b := range row[:n] {
			if i > 0 && i%group == 0 && !plain {
				digits.WriteByte(' ')
			}
			fmt.Fprintf(&digits, digit, b)
			if b < 32 || b > 126 {
				b = '.'
			}
			text.WriteByte(b)
		}
		line := digits.String() + "\n"
		if !plain {
			line = fmt.Sprintf("%08x: %-*s  %s\n", at+number("o", 0), field, digits.String(), text.String())
		}
		if _, err := io.WriteString(c.Stdout, line); err != nil {
			_ = c.unwritten(ctx, err)
			return c.status
		}
		at += int64(n)
		if ctx.Err() != nil || i%256 == 255 && c.ended(ctx) {
			return c.status
		}
	}
}

// unhex is xxd -r: hex digits back into bytes, with -p bare ones, otherwise
// those behind the position that begins each line.
func (c *call) unhex(name string) int {
	data, err := c.read(name)
	if err != nil {
		c.fail("%s: %s", name, vfs.Errno(err))
		return 2
	}
	if c.Has("p") {
		c.Stdout.Write(pairs(string(data)))
		return 0
	}
	var out []byte
	for _, l := range lines(data) {
		position, rest, ok := strings.Cut(l, ":")
		at, err := strconv.ParseInt(strings.TrimSpace(position), 16, 64)
		if !ok || err != nil {
			continue
		}
		if digits, _, ok := strings.Cut(strings.TrimPrefix(rest, " "), "  "); ok {
			rest = digits
		}
		if at > maxKept {
			return c.fail("%v", errMemory)
		}
		for int64(len(out)) < at {
			out = append(out, 0)
		}
		out = append(out[:at], pairs(rest)...)
	}
	c.Stdout.Write(out)
	return 0
}

// pairs reads pairs of hex digits and passes over what is none.
func pairs(text string) []byte {
	var out []byte
	high := -1
	for i := 0; i < len(text); i++ {
		d := strings.IndexByte("0123456789abcdef", text[i]|0x20)
		switch {
		case text[i] == ' ' || text[i] == '\n' || text[i] == '\r' || d < 0:
			high = -1
		case high < 0:
			high = d
		default:
			out = append(out, byte(high<<4|d))
			high = -1
		}
	}
	return out
}
