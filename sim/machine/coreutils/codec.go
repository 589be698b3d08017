package coreutils

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

func codecPrograms() []tool.Program {
	list := []tool.Program{
		program(tool.Program{Name: "base64", Usage: "[OPTION]... [FILE]", Summary: "Encode or decode base64", Options: []tool.Option{
			{Short: "d", Long: "decode", Help: "decode"}, {Short: "w", Long: "wrap", Arg: "COLS", Help: "break lines at COLS (76); 0 for never"},
			{Short: "i", Long: "ignore-garbage", Help: "pass over characters that are not base64"},
		}}, tool.Permute, base64Program),
		program(tool.Program{Name: "xxd", Usage: "[OPTION]... [FILE]", Summary: "Print bytes as hex", Options: []tool.Option{
			{Short: "p", Help: "only hex digits"}, {Short: "r", Help: "turn hex back into bytes; with -p"}, {Short: "l", Arg: "LEN", Help: "stop after LEN bytes"},
		}}, tool.Permute, xxd),
	}
	for _, s := range []struct {
		name string
		new  func() hash.Hash
	}{{"md5sum", md5.New}, {"sha1sum", sha1.New}, {"sha256sum", sha256.New}, {"sha512sum", sha512.New}} {
		list = append(list, program(tool.Program{Name: s.name, Usage: "[FILE]...", Summary: "Print checksums of files", Options: []tool.Option{{Short: "c", Long: "check", Real: true}}}, tool.Permute, func(_ context.Context, c *call) int {
			c.inputs(c.Args, func(name string, data []byte) {
				h := s.new()
				h.Write(data)
				fmt.Fprintf(c.Stdout, "%x  %s\n", h.Sum(nil), name)
			})
			return 0
		}))
	}
	return list
}

func base64Program(_ context.Context, c *call) int {
	if len(c.Args) > 1 {
		return c.usage(fmt.Sprintf("extra operand '%s'", c.Args[1]))
	}
	name := "-"
	if len(c.Args) == 1 {
		name = c.Args[0]
	}
	data, err := c.read(name)
	if err != nil {
		return c.fail("%s: %s", name, vfs.Errno(err))
	}
	if c.Has("decode") {
		return c.decodeBase64(data)
	}
	width := 76
	if v, ok := c.Lookup("wrap"); ok {
		if width, err = strconv.Atoi(v); err != nil || width < 0 {
			return c.fail("invalid wrap size: '%s'", v)
		}
	}
	s := base64.StdEncoding.EncodeToString(data)
	for width > 0 && len(s) > width {
		fmt.Fprintln(c.Stdout, s[:width])
		s = s[width:]
	}
	io.WriteString(c.Stdout, s)
	if width > 0 && s != "" {
		fmt.Fprintln(c.Stdout)
	}
	return 0
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
	body := bytes.TrimRight(clean, "=")
	padding := len(clean) - len(body)
	if bytes.IndexByte(body, '=') >= 0 || (len(body)+padding)%4 != 0 {
		ok = false
	}
	whole := len(body) / 4 * 4
	out, err := base64.RawStdEncoding.DecodeString(string(body[:whole]))
	if rest := body[whole:]; err == nil && len(rest) > 1 {
		tail, _ := base64.RawStdEncoding.DecodeString(string(rest))
		out = append(out, tail...)
	}
	c.Stdout.Write(out)
	if !ok || err != nil {
		return c.fail("invalid input")
	}
	return 0
}

func xxd(_ context.Context, c *call) int {
	name := "-"
	if len(c.Args) > 0 {
		name = c.Args[0]
	}
	data, err := c.read(name)
	if err != nil {
		return c.fail("%s: %s", name, vfs.Errno(err))
	}
	if c.Has("r") {
		out, _ := hex.DecodeString(strings.Join(strings.Fields(string(data)), ""))
		c.Stdout.Write(out)
		return 0
	}
	if v, ok := c.Lookup("l"); ok {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 {
			return c.fail("invalid length '%s'", v)
		}
		data = data[:min(n, len(data))]
	}
	width := 16
	if c.Has("p") {
		width = 30
	}
	for at := 0; at < len(data); at += width {
		row := data[at:min(at+width, len(data))]
		if c.Has("p") {
			fmt.Fprintf(c.Stdout, "%x\n", row)
			continue
		}
		var digits, text strings.Builder
		for i, b := range row {
			fmt.Fprintf(&digits, "%02x", b)
			if i%2 == 1 {
				digits.WriteByte(' ')
			}
			if b < 32 || b > 126 {
				b = '.'
			}
			text.WriteByte(b)
		}
		fmt.Fprintf(c.Stdout, "%08x: %-40s %s\n", at, digits.String(), text.String())
	}
	return 0
}
