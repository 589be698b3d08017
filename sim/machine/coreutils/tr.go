package coreutils

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// tr works on bytes, as GNU's does.
func tr(ctx context.Context, c *call) int {
	del, squeeze := c.Has("delete"), c.Has("squeeze-repeats")
	complement := c.Has("complement") || c.Has("C")
	want := 2
	if del || squeeze {
		want = 1
	}
	switch {
	case len(c.Args) == 0:
		return c.missing("operand")
	case len(c.Args) < want || del && squeeze && len(c.Args) == 1:
		text := fmt.Sprintf("missing operand after ‘%s’", c.Args[0])
		switch {
		case del && squeeze:
			text += "\nTwo strings must be given when both deleting and squeezing repeats."
		case !del && !squeeze:
			text += "\nTwo strings must be given when translating."
		}
		return c.usage(text)
	case len(c.Args) > 2:
		return c.usage(fmt.Sprintf("extra operand ‘%s’", c.Args[2]))
	case del && !squeeze && len(c.Args) > 1:
		return c.usage(fmt.Sprintf("extra operand ‘%s’\nOnly one string may be given when deleting without squeezing repeats.", c.Args[1]))
	}
	set1, err := trSet(c.Args[0], -1)
	if err != nil {
		return c.fail("%v", err)
	}
	if complement {
		set1 = others(set1)
	}
	translate := len(c.Args) > 1 && !del
	var set2 []byte
	if len(c.Args) > 1 {
		if set2, err = trSet(c.Args[1], len(set1)); err != nil {
			return c.fail("%v", err)
		}
		if translate && len(set2) == 0 && !c.Has("truncate-set1") {
			return c.fail("when not truncating set1, string2 must be non-empty")
		}
	}
	var out [256]byte
	var gone, once [256]bool
	for i := range out {
		out[i] = byte(i)
	}
	for i, b := range set1 {
		switch {
		case del:
			gone[b] = true
		case translate && i < len(set2):
			out[b] = set2[i]
		case translate && !c.Has("truncate-set1"):
			out[b] = set2[len(set2)-1]
		}
	}
	if squeeze {
		last := set1
		if len(c.Args) > 1 {
			last = set2
		}
		for _, b := range last {
			once[b] = true
		}
	}
	s, err := c.open("-")
	if err == nil {
		before := -1
		err = s.copyTo(ctx, c, writerFunc(func(p []byte) (int, error) {
			n := 0
			for _, b := range p {
				if gone[b] {
					continue
				}
				if b = out[b]; once[b] && int(b) == before {
					continue
				}
				before = int(b)
				p[n] = b
				n++
			}
			_, err := c.Stdout.Write(p[:n])
			return len(p), err
		}))
	}
	if err != nil && err != io.EOF && err != errEnough && ctx.Err() == nil {
		c.fail("read error: %v", err)
	}
	return c.status
}

// others are the bytes that a set lacks.
func others(set []byte) []byte {
	var in [256]bool
	for _, b := range set {
		in[b] = true
	}
	var out []byte
	for i := range 256 {
		if !in[i] {
			out = append(out, byte(i))
		}
	}
	return out
}

// trClasses are the classes of the C locale.
var trClasses = map[string]func(b byte) bool{
	"alpha": isAlpha, "digit": isDigit, "alnum": func(b byte) bool { return isAlpha(b) || isDigit(b) },
	"space": func(b byte) bool { return b == ' ' || b >= '\t' && b <= '\r' }, "blank": func(b byte) bool { return b == ' ' || b == '\t' },
	"upper": func(b byte) bool { return b >= 'A' && b <= 'Z' }, "lower": func(b byte) bool { return b >= 'a' && b <= 'z' },
	"punct": func(b byte) bool { return b > ' ' && b < 127 && !isAlpha(b) && !isDigit(b) }, "cntrl": func(b byte) bool { return b < ' ' || b == 127 },
	"print": func(b byte) bool { return b >= ' ' && b < 127 }, "graph": func(b byte) bool { return b > ' ' && b < 127 },
	"xdigit": func(b byte) bool { return isDigit(b) || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F' },
}

func isAlpha(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }
func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// trSet expands a SET of tr: escapes, ranges, classes and repeats. A repeat
// without a number fills up to the length of the other set, which is negative
// where no repeat may stand.
func trSet(s string, other int) ([]byte, error) {
	var out []byte
	fill := -1 // where a repeat without a number stands
	var filler byte
	for len(s) > 0 {
		if strings.HasPrefix(s, "[:") {
			if end := strings.Index(s[2:], ":]"); end >= 0 {
				name := s[2 : end+2]
				class, ok := trClasses[name]
				if !ok {
					return nil, fmt.Errorf("invalid character class ‘%s’", name)
				}
				for i := range 256 {
					if class(byte(i)) {
						out = append(out, byte(i))
					}
				}
				s = s[end+4:]
				continue
			}
		}
		if strings.HasPrefix(s, "[=") && len(s) >= 5 && s[3:5] == "=]" {
			out, s = append(out, s[2]), s[5:]
			continue
		}
		if s[0] == '[' && len(s) > 3 {
			b, used := trEscape(s[1:])
			if end := strings.IndexByte(s, ']'); 1+used < len(s) && s[1+used] == '*' && end > 1+used {
				if other < 0 {
					return nil, errors.New("the [c*] repeat construct may not appear in string1")
				}
				digits := s[2+used : end]
				base := 10
				if strings.HasPrefix(digits, "0") {
					base = 8
				}
				n, err := strconv.ParseUint(digits, base, 31)
				if digits != "" && err != nil {
					return nil, fmt.Errorf("invalid repeat count ‘%s’ in [c*n] construct", digits)
				}
				if n == 0 {
					if fill >= 0 {
						return nil, errors.New("only one [c*] repeat construct may appear in string2")
					}
					fill, filler = len(out), b
				}
				if n > maxLine {
					return nil, errMemory
				}
				for range n {
					out = append(out, b)
				}
				s = s[end+1:]
				continue
			}
		}
		from, used := trEscape(s)
		if len(s) > used+1 && s[used] == '-' {
			to, more := trEscape(s[used+1:])
			if to < from {
				return nil, fmt.Errorf("range-endpoints of '%s' are in reverse collating sequence order", s[:used+1+more])
			}
			for b := int(from); b <= int(to); b++ {
				out = append(out, byte(b))
			}
			s = s[used+1+more:]
			continue
		}
		out, s = append(out, from), s[used:]
	}
	if fill >= 0 && other > len(out) {
		all := append([]byte{}, out[:fill]...)
		for range other - len(out) {
			all = append(all, filler)
		}
		out = append(all, out[fill:]...)
	}
	return out, nil
}

// trEscape reads one byte of a SET and tells how long it is written.
func trEscape(s string) (b byte, used int) {
	if s[0] != '\\' || len(s) == 1 {
		return s[0], 1
	}
	n := 0
	for used = 1; used < len(s) && used < 4 && s[used] >= '0' && s[used] <= '7' && n*8+int(s[used]-'0') < 256; used++ {
		n = n*8 + int(s[used]-'0')
	}
	if used > 1 {
		return byte(n), used
	}
	if i := strings.IndexByte("abfnrtv\\", s[1]); i >= 0 {
		return "\a\b\f\n\r\t\v\\"[i], 2
	}
	return s[1], 2
}
