package coreutils

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

// maxKept is how many bytes a program keeps of what it reads, and maxLine how
// long a line may be. What needs more ends as it does where memory is short.
const (
	maxKept = 48 << 20
	maxLine = 16 << 20
)

var (
	errMemory = errors.New("memory exhausted")
	errEnough = errors.New("no more is needed")
)

// source is an input that is read bit by bit, so that one without an end does
// no harm.
type source struct {
	*bufio.Reader
	name  string
	ended bool // the last that was read ended a line
}

// open opens a file, or standard input for "-".
func (c *call) open(name string) (*source, error) {
	if name == "-" {
		return &source{bufio.NewReaderSize(tool.Streaming(c.Stdin), 32<<10), name, false}, nil
	}
	if r, _ := c.Stream(name); r != nil {
		return &source{bufio.NewReaderSize(tool.Streaming(r), 32<<10), name, false}, nil
	}
	f, err := c.FS.OpenFile(c.abs(name), os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	return &source{bufio.NewReaderSize(f, 32<<10), name, false}, nil
}

// readTexts are the words of the tools that have their own for an input that
// cannot be opened or read; NAME is its name and WHY the reason.
var readTexts = map[string]struct{ open, read string }{
	"head": {"cannot open 'NAME' for reading: WHY", "error reading 'NAME': WHY"}, "tail": {"cannot open 'NAME' for reading: WHY", "error reading 'NAME': WHY"},
	"tac": {"failed to open 'NAME' for reading: WHY", "NAME: read error: WHY"}, "rev": {"cannot open NAME: WHY", "NAME: WHY"},
	"uniq": {"NAME: WHY", "error reading 'NAME'"}, "sort": {"cannot read: NAME: WHY", "read failed: NAME: WHY"}, "base64": {"NAME: WHY", "read error: WHY"},
}

// sources calls f with each named input, or with standard input if none is
// named; one that cannot be read is reported and passed over.
func (c *call) sources(ctx context.Context, names []string, f func(s *source) error) {
	if len(names) == 0 {
		names = []string{"-"}
	}
	for _, name := range names {
		if ctx.Err() != nil {
			return
		}
		s, err := c.open(name)
		if err == nil {
			err = f(s)
		}
		c.failRead(ctx, name, err)
	}
}

// failRead reports why an input could not be read to its end, if so.
func (c *call) failRead(ctx context.Context, name string, err error) {
	switch {
	case err == nil || err == io.EOF || err == errEnough || ctx.Err() != nil:
	case err == errMemory:
		c.fail("%v", err)
	default:
		texts, ok := readTexts[c.prog.Name]
		format := texts.open
		if errors.Is(err, vfs.ErrIsDir) {
			format = texts.read
		}
		if !ok {
			format = "NAME: WHY"
		}
		c.fail("%s", strings.NewReplacer("NAME", name, "WHY", vfs.Errno(err)).Replace(format))
	}
}

// line reads a line without its end, and tells whether it had one. The error is
// io.EOF when there is none.
func (s *source) line() (text string, ended bool, err error) {
	var long []byte
	for {
		part, err := s.ReadSlice('\n')
		long = append(long, part...)
		switch {
		case err == nil:
			return string(long[:len(long)-1]), true, nil
		case err == io.EOF && len(long) > 0:
			return string(long), false, nil
		case err != bufio.ErrBufferFull:
			return "", false, err
		case len(long) > maxLine:
			return "", false, errMemory
		}
	}
}

// lines calls f for each line until f returns false or the process ends.
func (s *source) lines(ctx context.Context, c *call, f func(line string, ended bool) bool) error {
	for n := 1; ; n++ {
		line, ended, err := s.line()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if !f(line, ended) || ctx.Err() != nil || n%256 == 0 && c.ended(ctx) {
			return errEnough
		}
	}
}

// copyTo writes all that is left of an input.
func (s *source) copyTo(ctx context.Context, c *call, w io.Writer) error {
	buf := make([]byte, 32<<10)
	for n := 1; ; n++ {
		k, err := s.Read(buf)
		if k > 0 {
			if _, err := w.Write(buf[:k]); err != nil {
				return c.unwritten(ctx, err)
			}
		}
		if err != nil {
			return err
		}
		if n%16 == 0 && c.ended(ctx) {
			return errEnough
		}
	}
}

// unwritten reports an output that takes no more; it says nothing where nobody
// reads.
func (c *call) unwritten(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
	case err == errMemory:
		return err
	default:
		c.fail("write error: %s", vfs.Errno(err))
	}
	return errEnough
}

// eachLine calls f for every line of the inputs as one stream.
func (c *call) eachLine(ctx context.Context, f func(line string)) {
	c.sources(ctx, c.Args, func(s *source) error {
		return s.lines(ctx, c, func(line string, _ bool) bool { f(line); return true })
	})
}

// read returns the content of a file, or of standard input for "-".
func (c *call) read(name string) ([]byte, error) {
	s, err := c.open(name)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(io.LimitReader(s, maxKept+1)); err != nil {
		return nil, err
	}
	if b.Len() > maxKept {
		return nil, syscall.ENOMEM
	}
	return b.Bytes(), nil
}

// inputs calls f with the content of each named file, or of standard input if
// none is named; one that cannot be read is reported and passed over.
func (c *call) inputs(names []string, f func(name string, data []byte)) {
	if len(names) == 0 {
		names = []string{"-"}
	}
	for _, name := range names {
		data, err := c.read(name)
		if err != nil {
			c.failRead(context.Background(), name, err)
			continue
		}
		f(name, data)
	}
}

// limit reads at most n bytes.
func limit(r io.Reader, n int64) *bufio.Reader {
	return bufio.NewReaderSize(io.LimitReader(tool.Streaming(r), n), 32<<10)
}
