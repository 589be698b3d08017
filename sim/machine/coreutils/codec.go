package coreutils

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	"skylab/sim/machine/tool"
)

func codecPrograms() []tool.Program {
	list := []tool.Program{
		program(tool.Program{Name: "base64", Usage: "[OPTION]... [FILE]", Summary: "Encode or decode base64", Options: []tool.Option{
			{Short: "d", Long: "decode", Help: "decode"}, {Short: "w", Long: "wrap", Arg: "COLS", Help: "break lines at COLS (76); 0 for never"},
			{Short: "i", Long: "ignore-garbage", Help: "pass over characters that are not base64"},
		}}, tool.Permute, base64Program),
	}
	for _, s := range sums {
		list = append(list, sumProgram(s))
	}
	return list
}

func base64Program(ctx context.Context, c *call) int {
	if len(c.Args) > 1 {
		return c.usage(fmt.Sprintf("extra operand ‘%s’", c.Args[1]))
	}
	name := "-"
	if len(c.Args) == 1 {
		name = c.Args[0]
	}
	if c.Has("decode") {
		data, err := c.read(name)
		if err != nil {
			c.failRead(ctx, name, err)
			return 1
		}
		return c.decodeBase64(data)
	}
	width := int64(76)
	if v, ok := c.Lookup("wrap"); ok {
		if width, ok = parseAmount(v); !ok || v != strings.TrimRight(v, "kKMGTPEBib") {
			return c.fail("invalid wrap size: ‘%s’", v)
		}
	}
	w := &wrapper{w: c.Stdout, width: width}
	c.sources(ctx, []string{name}, func(s *source) error {
		enc := base64.NewEncoder(base64.StdEncoding, w)
		err := s.copyTo(ctx, c, enc)
		if err == io.EOF {
			err = enc.Close()
		}
		return err
	})
	if width > 0 && w.column > 0 {
		fmt.Fprintln(c.Stdout)
	}
	return 0
}

// wrapper breaks what is written into lines.
type wrapper struct {
	w      io.Writer
	width  int64 // 0 is never
	column int64
}

func (w *wrapper) Write(p []byte) (int, error) {
	var b bytes.Buffer
	for rest := p; len(rest) > 0; {
		n := int64(len(rest))
		if w.width > 0 {
			if w.column == w.width {
				b.WriteByte('\n')
				w.column = 0
			}
			n = min(n, w.width-w.column)
		}
		b.Write(rest[:n])
		w.column += n
		rest = rest[n:]
	}
	if _, err := w.w.Write(b.Bytes()); err != nil {
		return 0, err
	}
	return len(p), nil
}

// decodeBase64 prints what decodes before it says that the rest does not, as
// the real tool does with the unpadded parts of a token.
func (c *call) decodeBase64(data []byte) int {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	var clean []byte
	ok := true
	for _, b := range data {
		switch {
		case b == '\n':
		case strings.IndexByte(alphabet, b) >= 0 || b == '=':
			clean = append(clean, b)
		case !c.Has("ignore-garbage"):
			ok = false
		}
		if !ok {
			break
		}
	}
	var out []byte
	for len(clean) > 0 {
		group := clean[:min(4, len(clean))]
		clean = clean[len(group):]
		digits := bytes.TrimRight(group, "=")
		part, err := base64.RawStdEncoding.DecodeString(string(digits))
		if bytes.IndexByte(digits, '=') >= 0 || len(digits) < 2 || len(group) < 4 || err != nil {
			ok = false
		}
		if len(digits) > 1 && err == nil {
			out = append(out, part...)
		}
		if !ok {
			break
		}
	}
	c.Stdout.Write(out)
	if !ok {
		return c.fail("invalid input")
	}
	return 0
}
