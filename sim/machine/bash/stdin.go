package bash

import (
	"bufio"
	"io"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// input is what a command text reads. Programs take it as they need it; what
// nobody reads stays with whoever gave it.
type input struct {
	*bufio.Reader
	pipe pipe
}

func newInput(r io.Reader) *input {
	if in, ok := r.(*input); ok {
		r = in.Reader
	}
	if b, ok := r.(*bufio.Reader); ok {
		return &input{Reader: b}
	}
	return &input{Reader: bufio.NewReader(r)}
}

// beforeRead gives the interpreter's own builtins that read what they will ask
// for.
func (in *input) beforeRead(args []string) {
	switch args[0] {
	case "mapfile", "readarray":
		in.pipe.feedAll(in.Reader)
	case "read":
		if slices.ContainsFunc(args[1:], func(a string) bool { return strings.HasPrefix(a, "-") && strings.Contains(a, "d") }) {
			in.pipe.feedAll(in.Reader)
			return
		}
		raw := slices.ContainsFunc(args[1:], func(a string) bool { return strings.HasPrefix(a, "-") && strings.Contains(a, "r") })
		in.pipe.feedLine(in.Reader, raw)
	}
}

// selects reports whether a text has a select loop, which reads by itself.
func selects(f *syntax.File) bool {
	found := false
	syntax.Walk(f, func(n syntax.Node) bool {
		if c, ok := n.(*syntax.ForClause); ok && c.Select {
			found = true
		}
		return !found
	})
	return found
}
