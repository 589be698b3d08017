//go:build !js

package bash

import (
	"bufio"
	"io"
	"os"
	"strings"
)

// pipe is how the interpreter reads: outside of js it insists on a file.
type pipe struct{ r, w *os.File }

// open returns what the interpreter is given.
func (in *input) open() (io.Reader, error) {
	var err error
	in.pipe.r, in.pipe.w, err = os.Pipe()
	return in.pipe.r, err
}

// is reports whether a handler's input is this one.
func (in *input) is(r io.Reader) bool { return in != nil && r == io.Reader(in.pipe.r) }

func (in *input) close() {
	in.pipe.w.Close()
	in.pipe.r.Close()
}

// feedAll gives all there is.
func (p *pipe) feedAll(from *bufio.Reader) {
	go func() {
		io.Copy(p.w, from)
		p.w.Close()
	}()
}

// maxFed is what a pipe surely holds.
const maxFed = 32 << 10

// feedLine gives one line, and those that it is continued on unless raw.
func (p *pipe) feedLine(from *bufio.Reader, raw bool) {
	var text strings.Builder
	var err error
	for {
		var line string
		line, err = from.ReadString('\n')
		text.WriteString(line)
		if err != nil || raw || !strings.HasSuffix(line, "\\\n") {
			break
		}
	}
	write := func() {
		io.WriteString(p.w, text.String())
		if err != nil {
			p.w.Close()
		}
	}
	if text.Len() > maxFed {
		go write()
		return
	}
	write()
}
