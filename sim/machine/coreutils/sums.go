package coreutils

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"regexp"
	"strings"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

// sum is a program that prints checksums.
type sum struct {
	name, tag string
	new       func() hash.Hash
}

var sums = []sum{{"md5sum", "MD5", md5.New}, {"sha1sum", "SHA1", sha1.New}, {"sha224sum", "SHA224", sha256.New224}, {"sha256sum", "SHA256", sha256.New}, {"sha384sum", "SHA384", sha512.New384}, {"sha512sum", "SHA512", sha512.New}}

func sumProgram(s sum) tool.Program {
	return program(tool.Program{Name: s.name, Usage: "[OPTION]... [FILE]...", Summary: "Print checksums of files, or check them", Options: []tool.Option{
		{Short: "c", Long: "check", Help: "check the sums that the files list"}, {Short: "b", Long: "binary", Help: "mark the files as binary"}, {Short: "t", Long: "text", Help: "mark the files as text, as without it"}, {Long: "tag", Help: "print BSD's form"},
		{Short: "z", Long: "zero", Help: "end each with a zero byte"}, {Long: "quiet", Help: "with -c, do not print OK"}, {Long: "status", Help: "with -c, print nothing; the status tells"}, {Short: "w", Long: "warn", Help: "with -c, warn of lines that are no sums"},
		{Long: "strict", Help: "with -c, fail on lines that are no sums"}, {Long: "ignore-missing", Help: "with -c, pass over files that are not there"},
	}}, tool.Permute, func(ctx context.Context, c *call) int {
		if c.Has("check") {
			return c.checkSums(ctx, s)
		}
		mark := " "
		if c.Has("binary") {
			mark = "*"
		}
		c.sources(ctx, c.Args, func(src *source) error {
			digest, err := c.digest(ctx, s, src)
			switch {
			case err != nil:
				return err
			case c.Has("tag"):
				fmt.Fprintf(c.Stdout, "%s (%s) = %s%s", s.tag, src.name, digest, c.lineEnd())
			default:
				fmt.Fprintf(c.Stdout, "%s %s%s%s", digest, mark, src.name, c.lineEnd())
			}
			return nil
		})
		return c.status
	})
}

func (c *call) digest(ctx context.Context, s sum, src *source) (string, error) {
	h := s.new()
	if err := src.copyTo(ctx, c, h); err != io.EOF {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

var (
	sumLine = regexp.MustCompile(`^\\?([0-9A-Fa-f]+) [ *](.+)$`)
	tagLine = regexp.MustCompile(`^([A-Z0-9]+) \((.+)\) = ([0-9a-f]+)$`)
)

// checkSums is -c.
func (c *call) checkSums(ctx context.Context, s sum) int {
	size := 2 * s.new().Size()
	c.sources(ctx, c.Args, func(list *source) error {
		wrong, missing, differ, right, lineNumber := 0, 0, 0, 0, 0
		err := list.lines(ctx, c, func(line string, _ bool) bool {
			lineNumber++
			if strings.HasPrefix(line, "#") {
				return true
			}
			want, name := "", ""
			if m := sumLine.FindStringSubmatch(line); m != nil {
				want, name = m[1], m[2]
			} else if m := tagLine.FindStringSubmatch(line); m != nil && m[1] == s.tag {
				want, name = m[3], m[2]
			}
			if len(want) != size {
				if wrong++; c.Has("warn") {
					fmt.Fprintf(c.Stderr, "%s: %s: %d: improperly formatted %s checksum line\n", s.name, list.name, lineNumber, s.tag)
				}
				return true
			}
			src, err := c.open(name)
			got := ""
			if err == nil {
				got, err = c.digest(ctx, s, src)
			}
			switch {
			case err != nil && c.Has("ignore-missing"):
				return true
			case err != nil:
				missing++
				c.fail("%s: %s", name, vfs.Errno(err))
				if !c.Has("status") {
					fmt.Fprintf(c.Stdout, "%s: FAILED open or read\n", name)
				}
				return true
			case !strings.EqualFold(got, want):
				if differ++; !c.Has("status") {
					fmt.Fprintf(c.Stdout, "%s: FAILED\n", name)
				}
				return true
			}
			if right++; !c.Has("quiet") && !c.Has("status") {
				fmt.Fprintf(c.Stdout, "%s: OK\n", name)
			}
			return true
		})
		if err != nil {
			return err
		}
		if right+differ+missing == 0 && wrong > 0 || lineNumber == 0 {
			c.fail("%s: no properly formatted checksum lines found", list.name)
			return nil
		}
		for _, w := range []struct {
			n         int
			one, many string
		}{{wrong, "line is improperly formatted", "lines are improperly formatted"}, {missing, "listed file could not be read", "listed files could not be read"}, {differ, "computed checksum did NOT match", "computed checksums did NOT match"}} {
			text := w.many
			if w.n == 1 {
				text = w.one
			}
			if w.n > 0 && !c.Has("status") {
				fmt.Fprintf(c.Stderr, "%s: WARNING: %d %s\n", s.name, w.n, text)
			}
		}
		if missing+differ > 0 || wrong > 0 && c.Has("strict") {
			c.status = 1
		}
		return nil
	})
	return c.status
}
