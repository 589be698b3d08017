package coreutils

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"skylab/sim/machine/vfs"
)

// amounts are the suffixes of numbers of lines and bytes.
var amounts = map[string]int64{"": 1, "b": 512, "kB": 1000, "k": 1 << 10, "K": 1 << 10, "KiB": 1 << 10, "MB": 1e6, "m": 1 << 20, "M": 1 << 20, "MiB": 1 << 20, "GB": 1e9, "G": 1 << 30, "GiB": 1 << 30, "TB": 1e12, "T": 1 << 40, "TiB": 1 << 40, "PB": 1e15, "P": 1 << 50, "EB": 1e18, "E": 1 << 60}

// tooLarge is why an amount is refused that has too many digits.
const tooLarge = "Value too large for defined data type"

// parseAmount reads a number with a suffix; what is too large is the largest.
func parseAmount(text string) (int64, bool) {
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	unit, ok := amounts[text[digits:]]
	if digits == 0 || !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(text[:digits], 10, 64)
	if err != nil || n > math.MaxInt64/unit {
		return math.MaxInt64, true
	}
	return n * unit, true
}

// part is which part of their inputs head and tail print.
type part struct {
	n      int64
	bytes  bool
	sign   byte // '-' or '+', or 0
	titles bool
}

// part reads the options of head and tail.
func (c *call) part() (p part, ok bool) {
	unit, text := "lines", "10"
	for _, o := range c.Opts {
		if o.Name == "lines" || o.Name == "bytes" {
			unit, text = o.Name, o.Value
		}
	}
	num := text
	if num != "" && (num[0] == '-' || num[0] == '+') {
		p.sign, num = num[0], num[1:]
	}
	if p.n, ok = parseAmount(num); !ok {
		c.fail("invalid number of %s: ‘%s’", unit, num)
		return p, false
	}
	if p.n == math.MaxInt64 {
		c.fail("invalid number of %s: ‘%s’: %s", unit, num, tooLarge)
		return p, false
	}
	p.bytes = unit == "bytes"
	quiet := c.Has("quiet") || c.Has("silent")
	p.titles = (len(c.Args) > 1 || c.Has("verbose")) && !quiet
	return p, true
}

// each calls f with every input, under its title where one is asked for.
func (c *call) each(ctx context.Context, p part, f func(s *source) error) {
	first := true
	title := func(name string) {
		if p.titles {
			if !first {
				fmt.Fprintln(c.Stdout)
			}
			if name == "-" {
				name = "standard input"
			}
			fmt.Fprintf(c.Stdout, "==> %s <==\n", name)
		}
		first = false
	}
	names := c.Args
	if len(names) == 0 {
		names = []string{"-"}
	}
	for _, name := range names {
		s, err := c.open(name)
		if errors.Is(err, vfs.ErrIsDir) { // which can be opened, and no more
			title(name)
		}
		if err == nil {
			title(name)
			err = f(s)
		}
		c.failRead(ctx, name, err)
	}
}

func head(ctx context.Context, c *call) int {
	p, ok := c.part()
	if !ok {
		return 1
	}
	if p.sign != '-' && !p.titles && (len(c.Args) == 0 || len(c.Args) == 1 && c.Args[0] == "-") {
		return c.start(ctx, p)
	}
	c.each(ctx, p, func(s *source) error {
		if p.sign == '-' {
			return s.allBut(ctx, c, p)
		}
		return s.first(ctx, c, p)
	})
	return c.status
}

// first prints the beginning of an input.
func (s *source) first(ctx context.Context, c *call, p part) error {
	if p.bytes {
		return (&source{Reader: limit(s, p.n), name: s.name}).copyTo(ctx, c, c.Stdout)
	}
	left := p.n
	if left == 0 {
		return nil
	}
	return s.lines(ctx, c, func(l string, ended bool) bool {
		io.WriteString(c.Stdout, l+newline(ended))
		left--
		return left > 0
	})
}

// start prints the beginning of standard input and takes no more of it, so that
// another command can go on there.
func (c *call) start(ctx context.Context, p part) int {
	in, ok := c.Stdin.(io.ByteReader)
	if p.bytes || !ok || p.n > 1<<16 {
		s, err := c.open("-")
		if err == nil {
			if p.bytes {
				s.Reader = limit(c.Stdin, p.n)
			}
			err = s.first(ctx, c, p)
		}
		c.failRead(ctx, "-", err)
		return c.status
	}
	for left := p.n; left > 0; left-- {
		var line []byte
		for {
			b, err := in.ReadByte()
			if err != nil {
				c.Stdout.Write(line)
				if err != io.EOF {
					c.failRead(ctx, "-", err)
				}
				return c.status
			}
			if line = append(line, b); b == '\n' {
				break
			}
			if len(line) > 32<<10 {
				c.Stdout.Write(line)
				line = line[:0]
				if c.ended(ctx) {
					return c.status
				}
			}
		}
		if _, err := c.Stdout.Write(line); err != nil || ctx.Err() != nil {
			return c.status
		}
	}
	return c.status
}

// allBut prints an input without its last lines or bytes.
func (s *source) allBut(ctx context.Context, c *call, p part) error {
	kept := &kept{n: p.n}
	err := s.pieces(ctx, c, p, func(piece string) error {
		out, err := kept.add(piece, p.bytes)
		io.WriteString(c.Stdout, out)
		return err
	})
	return err
}

func tail(ctx context.Context, c *call) int {
	p, ok := c.part()
	if !ok {
		return 1
	}
	c.each(ctx, p, func(s *source) error {
		if p.sign == '+' {
			left := p.n - 1
			return s.pieces(ctx, c, p, func(piece string) error {
				switch size := int64(len(piece)); {
				case !p.bytes && left > 0:
					left--
					return nil
				case p.bytes && left > 0:
					cut := min(left, size)
					left -= cut
					piece = piece[cut:]
				}
				if _, err := io.WriteString(c.Stdout, piece); err != nil {
					return c.unwritten(ctx, err)
				}
				return nil
			})
		}
		kept := &kept{n: p.n}
		err := s.pieces(ctx, c, p, func(piece string) error {
			_, err := kept.add(piece, p.bytes)
			return err
		})
		if err == nil || err == io.EOF {
			io.WriteString(c.Stdout, kept.rest())
		}
		return err
	})
	return c.status
}

// pieces calls f with each line, its end included, or with pieces of bytes.
func (s *source) pieces(ctx context.Context, c *call, p part, f func(piece string) error) (err error) {
	if !p.bytes {
		e := s.lines(ctx, c, func(l string, ended bool) bool {
			err = f(l + newline(ended))
			return err == nil
		})
		if err == nil {
			err = e
		}
		return err
	}
	return s.copyTo(ctx, c, writerFunc(func(b []byte) (int, error) {
		err = f(string(b))
		return len(b), err
	}))
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// pieceCost is what a piece takes besides its bytes.
const pieceCost = 24

// kept is the end of what has come: the last n lines or bytes.
type kept struct {
	n      int64
	pieces []string
	size   int64
}

// add keeps a piece, and returns what is no longer within the end.
func (k *kept) add(piece string, bytes bool) (out string, err error) {
	k.pieces = append(k.pieces, piece)
	k.size += int64(len(piece))
	var b strings.Builder
	for len(k.pieces) > 0 {
		first := k.pieces[0]
		over := int64(len(k.pieces)) - k.n
		if bytes {
			over = k.size - k.n
		}
		if over <= 0 {
			break
		}
		cut := int64(len(first))
		if bytes {
			cut = min(cut, over)
		}
		b.WriteString(first[:cut])
		k.size -= cut
		if k.pieces[0] = first[cut:]; k.pieces[0] == "" || !bytes {
			k.pieces = k.pieces[1:]
		}
	}
	if k.size+pieceCost*int64(len(k.pieces)) > maxKept {
		return b.String(), errMemory
	}
	return b.String(), nil
}

func (k *kept) rest() string { return strings.Join(k.pieces, "") }
