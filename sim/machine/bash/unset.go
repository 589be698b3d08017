package bash

import (
	"fmt"
	"io"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// unsetWriter words the interpreter's complaints of unset parameters as bash
// does, and remembers that there was one.
type unsetWriter struct {
	w     io.Writer
	s     *Session
	names map[string]parameter // of the text
	seen  bool
}

// parameter is where a text uses one first, and what ${name?} says by itself.
type parameter struct {
	line  uint
	asks  bool
	empty string
}

// watchUnset returns a writer for the error output of a text.
func (s *Session) watchUnset(w io.Writer, f *syntax.File) *unsetWriter {
	u := &unsetWriter{w: w, s: s, names: map[string]parameter{}}
	u.collect(f)
	for _, body := range s.runner.Funcs {
		u.collect(body)
	}
	return u
}

func (u *unsetWriter) collect(n syntax.Node) {
	syntax.Walk(n, func(n syntax.Node) bool {
		p, ok := n.(*syntax.ParamExp)
		if !ok || p.Param == nil {
			return true
		}
		x, known := u.names[p.Param.Value]
		if !known {
			x.line = p.Pos().Line()
		}
		if p.Exp != nil && (p.Exp.Op == syntax.ErrorUnset || p.Exp.Op == syntax.ErrorUnsetOrNull) && !x.asks {
			x.asks, x.line, x.empty = true, p.Pos().Line(), "parameter not set\n"
			if p.Exp.Op == syntax.ErrorUnsetOrNull {
				x.empty = "parameter null or not set\n"
			}
		}
		u.names[p.Param.Value] = x
		return true
	})
}

func (u *unsetWriter) Write(p []byte) (int, error) {
	name, message, ok := strings.Cut(string(p), ": ")
	x, known := u.names[name]
	if !ok || !known || strings.Count(message, "\n") != 1 || !strings.HasSuffix(message, "\n") || !x.asks && message != "unbound variable\n" {
		return u.w.Write(p)
	}
	u.seen = true
	if message == "\n" {
		message = x.empty
	}
	prefix := u.s.name + ": "
	if !u.s.interactive {
		prefix += fmt.Sprintf("line %d: ", max(x.line, 1))
	}
	if _, err := io.WriteString(u.w, prefix+name+": "+message); err != nil {
		return 0, err
	}
	return len(p), nil
}
