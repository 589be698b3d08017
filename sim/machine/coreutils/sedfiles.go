package coreutils

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"skylab/sim/machine/vfs"
)

// sedInput is the lines of the files of one run, of which it looks one ahead
// where it must.
type sedInput struct {
	c       *call
	names   []string // still to be opened
	inPlace bool
	at      string // the file that was opened last
	src     *source
	ahead   *sedLine
}

type sedLine struct {
	text  string
	ended bool
}

// next takes the next line.
func (in *sedInput) next() (l sedLine, ok bool) {
	if in.ahead == nil && !in.look() {
		return l, false
	}
	l, in.ahead = *in.ahead, nil
	return l, true
}

// look reads one line ahead, and reports whether there is one.
func (in *sedInput) look() bool {
	for in.ahead == nil {
		if in.src == nil && !in.open() {
			return false
		}
		text, ended, err := in.line()
		if err == nil {
			in.ahead = &sedLine{text, ended}
			break
		}
		if err == errMemory {
			fmt.Fprintf(in.c.Stderr, "sed: %v\n", err)
			in.c.status = 4
			in.names = nil
		} else if err != io.EOF {
			fmt.Fprintf(in.c.Stderr, "sed: couldn't read %s: %s\n", in.src.name, vfs.Errno(err))
			in.c.status = 4
			in.names = nil
		}
		in.src = nil
	}
	return true
}

// line reads a line up to what ends lines.
func (in *sedInput) line() (string, bool, error) {
	if !in.c.Has("null-data") {
		return in.src.line()
	}
	text, err := in.src.ReadString(0)
	if len(text) > maxLine {
		return "", false, errMemory
	}
	if text, ended := strings.CutSuffix(text, "\x00"); ended || text != "" {
		return text, ended, nil
	}
	return "", false, err
}

// name is the file of the current line.
func (in *sedInput) name() string {
	if in.at == "" {
		return "-"
	}
	return in.at
}

// open opens the next file that can be read.
func (in *sedInput) open() bool {
	for len(in.names) > 0 {
		name := in.names[0]
		in.names = in.names[1:]
		src, err := in.c.open(name)
		switch {
		case err == nil:
			in.src, in.at = src, name
			return true
		case errors.Is(err, vfs.ErrIsDir) && in.inPlace:
			fmt.Fprintf(in.c.Stderr, "sed: couldn't edit %s: not a regular file\n", name)
			in.c.status = 4
		case errors.Is(err, vfs.ErrIsDir):
			fmt.Fprintf(in.c.Stderr, "sed: read error on %s: Is a directory\n", name)
			in.c.status = 4
		default:
			fmt.Fprintf(in.c.Stderr, "sed: can't read %s: %s\n", name, vfs.Errno(err))
			in.c.status = 2
		}
	}
	return false
}

// sedOutput writes a newline that the last line lacks before anything else
// follows it.
type sedOutput struct {
	w      io.Writer
	lacks  string // the end of a line that was not written
	broken bool
}

func (o *sedOutput) Write(p []byte) (int, error) {
	if o.lacks != "" {
		p = append([]byte(o.lacks), p...)
	}
	o.lacks = ""
	n, err := o.w.Write(p)
	o.broken = o.broken || err != nil
	return n, err
}

// writeFile is what w does; the file is made when the script first needs it.
func (s *sedState) writeFile(name, text string) {
	out := s.files[name]
	if out == nil {
		out = &sedOutput{w: io.Discard}
		switch name {
		case "/dev/stdout":
			out = s.out
		case "/dev/stderr":
			out.w = s.Stderr
		default:
			f, err := s.FS.OpenFile(s.abs(name), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
			if err != nil {
				fmt.Fprintf(s.Stderr, "sed: couldn't open file %s: %s\n", name, vfs.Errno(err))
				s.quit, s.code = true, 4
			} else {
				out.w = f
			}
		}
		s.files[name] = out
	}
	io.WriteString(out, text+"\n")
}

// readLine is what R does.
func (s *sedState) readLine(name string) {
	src, ok := s.reads[name]
	if !ok {
		src, _ = s.call.open(name)
		s.reads[name] = src
	}
	if src == nil {
		return
	}
	if text, _, err := src.line(); err == nil {
		s.after = append(s.after, text+"\n")
	}
}

// sedVisible is a space as l prints it: every character visible, in lines of at
// most 70.
func sedVisible(space string) string {
	const width = 69
	var b strings.Builder
	at := 0
	put := func(t string) {
		if at+len(t) > width {
			b.WriteString("\\\n")
			at = 0
		}
		b.WriteString(t)
		at += len(t)
	}
	for i := 0; i < len(space); i++ {
		switch ch := space[i]; {
		case ch == '\\':
			put(`\\`)
		case strings.IndexByte("\a\b\f\n\r\t\v", ch) >= 0:
			put(`\` + "abfnrtv"[strings.IndexByte("\a\b\f\n\r\t\v", ch):][:1])
		case ch < ' ' || ch > '~':
			put(fmt.Sprintf(`\%03o`, ch))
		default:
			put(string(ch))
		}
	}
	return b.String() + "$\n"
}
