package coreutils

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

const sedUsage = "Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]..."

func sedManual() tool.Program {
	return tool.Program{Name: "sed", Usage: "[OPTION]... SCRIPT [FILE]...", Summary: "Change lines by a script", Options: []tool.Option{
		{Short: "n", Long: "quiet", Help: "print only what the script prints"}, {Long: "silent", Help: "same as -n"},
		{Short: "e", Long: "expression", Arg: "SCRIPT", Help: "add SCRIPT to the commands"}, {Short: "f", Long: "file", Arg: "FILE", Help: "add the script in FILE"},
		{Short: "E", Long: "regexp-extended", Help: "extended regular expressions"}, {Short: "r", Help: "same as -E"},
		{Short: "i", Long: "in-place", Arg: "SUFFIX", Optional: true, Help: "change the files themselves, keeping copies with SUFFIX"},
		{Short: "s", Long: "separate", Help: "each file by itself"}, {Short: "u", Long: "unbuffered", Help: "taken, without effect"},
		{Short: "z", Long: "null-data", Help: "lines end with a zero byte"}, {Long: "follow-symlinks", Help: "taken, without effect"}, {Long: "sandbox", Real: true}, {Long: "posix", Real: true}, {Long: "debug", Real: true}, {Short: "l", Long: "line-length", Arg: "N", Real: true},
	}, Manual: "The script's commands are s///, d, D, p, P, q, Q, a, i, c, y, n, N, h, H, g, G, x, =, l, z, F, r, R, w, W, b, t, T and {}; before each may stand a line's number, $, /PATTERN/ or two of them with a comma between."}
}

// sedAddress is a line's number, the last line, or a pattern.
type sedAddress struct {
	line int // 0 for others; -1 is $
	re   *regexp.Regexp
	step int
	plus bool // +N behind a comma
	last bool // the pattern that was used last
}

type sedCommand struct {
	name     byte
	from, to *sedAddress
	not      bool
	re       *regexp.Regexp
	text     string // of a, i, c; the replacement of s; a label
	nth      int
	global   bool
	print    bool
	table    map[rune]rune
	end      int // of {, where its } is; of b and t, where to go
	active   bool
	done     bool // 0,/re/ has begun
	started  int
	file     string // of r, R, w and W, and of the w flag of s
	empty    bool   // the pattern is the one that was used last
}

type sedState struct {
	*call
	cmds   []*sedCommand
	out    *sedOutput
	in     *sedInput
	hold   string
	files  map[string]*sedOutput // written by w
	reads  map[string]*source    // read by R
	used   *regexp.Regexp        // the pattern that was used last
	delim  string                // what ends a line
	at     int                   // of the current line, from 0
	hasEnd bool                  // the current line has a newline
	quit   bool
	code   int
	after  []string
	quiet  bool
	steps  int
}

func sed(ctx context.Context, c *call) int {
	var parts []string
	for _, o := range c.Opts {
		switch o.Name {
		case "expression":
			parts = append(parts, o.Value)
		case "file":
			data, err := c.read(o.Value)
			if err != nil {
				c.fail("couldn't open file %s: %s", o.Value, vfs.Errno(err))
				return 4
			}
			parts = append(parts, strings.TrimSuffix(string(data), "\n"))
		}
	}
	names := c.Args
	if len(parts) == 0 {
		if len(names) == 0 {
			return c.usage("")
		}
		parts, names = names[:1], names[1:]
	}
	p := &sedParser{src: strings.Join(parts, "\n"), extended: c.Has("regexp-extended") || c.Has("r")}
	cmds, err := p.parse()
	if err != nil {
		if strings.HasPrefix(err.Error(), "skylab: ") {
			fmt.Fprintln(c.Stderr, err)
			return 1
		}
		if errors.Is(err, errLabel) {
			c.fail("%v", err)
			return 4
		}
		return c.fail("-e expression #1, char %d: %v", p.i, err)
	}
	s := &sedState{call: c, cmds: cmds, quiet: p.quiet || c.Has("quiet") || c.Has("silent"), at: -1, files: map[string]*sedOutput{}, reads: map[string]*source{}, delim: "\n"}
	if c.Has("null-data") {
		s.delim = "\x00"
	}
	suffix, inPlace := c.Lookup("in-place")
	if len(names) == 0 {
		names = []string{"-"}
	}
	if !inPlace && !c.Has("separate") {
		s.in, s.out = &sedInput{c: c, names: names}, &sedOutput{w: c.Stdout}
		s.run(ctx)
		return max(s.code, c.status)
	}
	for _, name := range names {
		var b bytes.Buffer
		s.in, s.at, s.out = &sedInput{c: c, names: []string{name}, inPlace: inPlace}, -1, &sedOutput{w: c.Stdout}
		if inPlace {
			s.out.w = &b
		}
		status := c.status
		s.run(ctx)
		if !inPlace || c.status != status {
			continue
		}
		if suffix != "" {
			data, err := c.FS.ReadFile(c.abs(name))
			if err == nil {
				err = c.FS.WriteFile(c.abs(name+suffix), data, 0o644)
			}
			if err != nil {
				return c.fail("cannot rename %s: %s", name, vfs.Errno(err))
			}
		}
		f, err := c.FS.OpenFile(c.abs(name), os.O_WRONLY|os.O_TRUNC, 0o644)
		if err == nil {
			_, err = f.Write(b.Bytes())
		}
		if err != nil {
			return c.fail("couldn't open file %s: %s", name, vfs.Errno(err))
		}
		if s.quit {
			break
		}
	}
	return max(s.code, c.status)
}

func (s *sedState) last() bool { return !s.in.look() }

// read takes the next line, and reports whether there is one.
func (s *sedState) read() (string, bool) {
	l, ok := s.in.next()
	if ok {
		s.at++
		s.hasEnd = l.ended
	}
	return l.text, ok
}

func (s *sedState) write(text string) {
	if s.hasEnd {
		text += s.delim
	}
	io.WriteString(s.out, text)
	if !s.hasEnd {
		s.out.lacks = s.delim
	}
}

func (s *sedState) flush() {
	for _, t := range s.after {
		io.WriteString(s.out, t)
	}
	s.after = nil
}

func (s *sedState) matches(a *sedAddress, space string) bool {
	switch {
	case a.last:
		return s.used != nil && s.used.MatchString(space)
	case a.re != nil:
		s.used = a.re
		return a.re.MatchString(space)
	case a.step > 0:
		return s.at+1 >= a.line && (s.at+1-a.line)%a.step == 0
	case a.line < 0:
		return s.last()
	}
	return s.at+1 == a.line
}

func (s *sedState) selected(c *sedCommand, space string) bool {
	if c.from == nil {
		return true
	}
	if c.to == nil {
		return s.matches(c.from, space)
	}
	end := func() int {
		if c.to.plus {
			return c.started + c.to.line
		}
		return c.to.line
	}
	if !c.active {
		if zero := c.from.line == 0 && c.from.re == nil && !c.from.last; zero && s.at == 0 && c.to.re != nil && !c.done {
			// 0,/re/: the pattern may match the first line already
			s.used = c.to.re
			c.active, c.done = !c.to.re.MatchString(space), true
			return true
		} else if zero || !s.matches(c.from, space) {
			return false
		}
		c.started = s.at + 1
		c.active = c.to.re != nil || c.to.last || c.to.line < 0 || end() > s.at+1
		return true
	}
	switch {
	case c.to.re != nil || c.to.last:
		c.active = !s.matches(c.to, space)
	case c.to.line < 0:
		c.active = !s.last()
	default:
		if s.at+1 > end() {
			c.active = false
			return s.matches(c.from, space)
		}
		c.active = s.at+1 < end()
	}
	return true
}

// maxSpace bounds the pattern and hold spaces, in bytes.
const maxSpace = 4 << 20

// run does the script for every line.
func (s *sedState) run(ctx context.Context) {
	space, restart := "", false
	for !s.quit && !s.out.broken && ctx.Err() == nil {
		if !restart {
			line, ok := s.read()
			if !ok {
				return
			}
			space = line
		}
		restart = false
		replaced, deleted := false, false
	script:
		for pc := 0; pc < len(s.cmds); pc++ {
			if s.steps++; s.steps%512 == 0 && s.ended(ctx) || len(space)+len(s.hold) > maxSpace {
				if s.quit, s.code = true, 1; len(space)+len(s.hold) > maxSpace {
					s.code = 4
					fmt.Fprintf(s.Stderr, "sed: %v\n", errMemory)
				}
				return
			}
			c := s.cmds[pc]
			if s.selected(c, space) == c.not {
				if c.name == '{' {
					pc = c.end
				}
				continue
			}
			switch c.name {
			case 's':
				if !c.empty {
					s.used = c.re
				}
				if s.used == nil {
					fmt.Fprintln(s.Stderr, "sed: no previous regular expression")
					s.quit, s.code = true, 1
					return
				}
				out, n := s.replace(c, space)
				if n {
					space, replaced = out, true
					if c.print {
						s.write(space)
					}
					if c.file != "" {
						s.writeFile(c.file, space)
					}
				}
			case 'y':
				space = strings.Map(func(r rune) rune {
					if to, ok := c.table[r]; ok {
						return to
					}
					return r
				}, space)
			case 'd':
				deleted = true
				break script
			case 'D':
				if i := strings.IndexByte(space, '\n'); i >= 0 {
					space, restart = space[i+1:], true
				}
				deleted = true
				break script
			case 'p':
				s.write(space)
			case 'P':
				io.WriteString(s.out, strings.SplitN(space, "\n", 2)[0]+"\n")
			case '=':
				fmt.Fprintln(s.out, s.at+1)
			case 'q', 'Q':
				s.quit = true
				s.code, _ = strconv.Atoi(c.text)
				deleted = c.name == 'Q'
				break script
			case 'a':
				s.after = append(s.after, c.text+"\n")
			case 'i':
				io.WriteString(s.out, c.text+"\n")
			case 'c':
				if c.to == nil || !c.active || c.not {
					io.WriteString(s.out, c.text+"\n")
				}
				deleted = true
				break script
			case 'n', 'N':
				if s.last() {
					s.quit = true
					break script
				}
				if c.name == 'n' {
					if !s.quiet {
						s.write(space)
					}
					s.flush()
					space, _ = s.read()
				} else {
					s.flush()
					line, _ := s.read()
					space += "\n" + line
				}
			case 'h':
				s.hold = space
			case 'H':
				s.hold += "\n" + space
			case 'g':
				space = s.hold
			case 'G':
				space += "\n" + s.hold
			case 'x':
				space, s.hold = s.hold, space
			case 'b':
				pc = c.end
			case 'T':
				if !replaced {
					pc = c.end
				}
				replaced = false
			case 'z':
				space = ""
			case 'F':
				io.WriteString(s.out, s.in.name()+"\n")
			case 'l':
				io.WriteString(s.out, sedVisible(space))
			case 'w':
				s.writeFile(c.file, space)
			case 'W':
				s.writeFile(c.file, strings.SplitN(space, "\n", 2)[0])
			case 'r':
				if data, err := s.call.read(c.file); err == nil {
					s.after = append(s.after, string(data))
				}
			case 'R':
				s.readLine(c.file)
			case 't':
				if replaced {
					replaced = false
					pc = c.end
				}
			}
		}
		if !deleted && !s.quiet {
			s.write(space)
		}
		s.flush()
	}
}

// replace does one s command.
func (s *sedState) replace(c *sedCommand, space string) (string, bool) {
	var b strings.Builder
	last, n, done := 0, 0, false
	for _, m := range s.used.FindAllStringSubmatchIndex(space, -1) {
		if n++; n < c.nth || !c.global && done {
			continue
		}
		b.WriteString(space[last:m[0]])
		b.WriteString(sedExpand(c.text, space, m))
		last, done = m[1], true
		if b.Len() > maxSpace {
			break
		}
	}
	b.WriteString(space[last:])
	return b.String(), done
}

// sedExpand puts groups into a replacement and changes case as \U, \L, \u, \l
// and \E ask.
func sedExpand(text, space string, m []int) string {
	var b strings.Builder
	mode, once := byte('E'), byte(0)
	put := func(t string) {
		switch mode {
		case 'U':
			t = strings.ToUpper(t)
		case 'L':
			t = strings.ToLower(t)
		}
		if once != 0 && t != "" {
			if once == 'u' {
				t = strings.ToUpper(t[:1]) + t[1:]
			} else {
				t = strings.ToLower(t[:1]) + t[1:]
			}
			once = 0
		}
		b.WriteString(t)
	}
	group := func(i int) {
		if 2*i+1 < len(m) && m[2*i] >= 0 {
			put(space[m[2*i]:m[2*i+1]])
		}
	}
	for i := 0; i < len(text); i++ {
		switch ch := text[i]; {
		case ch == '&':
			group(0)
		case ch != '\\' || i+1 == len(text):
			put(string(ch))
		default:
			i++
			switch ch = text[i]; {
			case ch >= '0' && ch <= '9':
				group(int(ch - '0'))
			case ch == 'n':
				put("\n")
			case ch == 't':
				put("\t")
			case ch == 'x' && i+2 < len(text) && len(pairs(text[i+1:i+3])) == 1:
				put(string(rune(pairs(text[i+1 : i+3])[0])))
				i += 2
			case strings.IndexByte("ULE", ch) >= 0:
				mode = ch
			case ch == 'u' || ch == 'l':
				once = ch
			default:
				put(string(ch))
			}
		}
	}
	return b.String()
}
