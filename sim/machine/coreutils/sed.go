package coreutils

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

func sedProgram() tool.Program {
	return program(tool.Program{Name: "sed", Usage: "[OPTION]... SCRIPT [FILE]...", Summary: "Change lines by a script", Options: []tool.Option{
		{Short: "n", Long: "quiet", Help: "print only what the script prints"}, {Long: "silent", Help: "same as -n"},
		{Short: "e", Long: "expression", Arg: "SCRIPT", Help: "add SCRIPT to the commands"}, {Short: "f", Long: "file", Arg: "FILE", Help: "add the script in FILE"},
		{Short: "E", Long: "regexp-extended", Help: "extended regular expressions"}, {Short: "r", Help: "same as -E"},
		{Short: "i", Long: "in-place", Arg: "SUFFIX", Optional: true, Help: "change the files themselves, keeping copies with SUFFIX"},
		{Short: "s", Long: "separate", Help: "each file by itself"}, {Short: "u", Long: "unbuffered", Help: "taken, without effect"},
		{Short: "z", Long: "null-data", Real: true}, {Long: "posix", Real: true}, {Long: "debug", Real: true}, {Short: "l", Long: "line-length", Arg: "N", Real: true},
	}, Manual: "The script's commands are s///, d, D, p, P, q, Q, a, i, c, y, n, N, h, H, g, G, x, =, b, t and {}; before each may stand a line's number, $, /PATTERN/ or two of them with a comma between."}, tool.Permute, sed)
}

// sedAddress is a line's number, the last line, or a pattern.
type sedAddress struct {
	line int // 0 for others; -1 is $
	re   *regexp.Regexp
	step int
	plus bool // +N behind a comma
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
	started  int
}

type sedState struct {
	*call
	cmds  []*sedCommand
	out   io.Writer
	hold  string
	lines []string
	at    int  // of the current line
	noEnd bool // the last line has no newline
	quit  bool
	code  int
	after []string
	quiet bool
	steps int
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
				return c.fail("couldn't open file %s: %s", o.Value, vfs.Errno(err))
			}
			parts = append(parts, strings.TrimSuffix(string(data), "\n"))
		}
	}
	names := c.Args
	if len(parts) == 0 {
		if len(names) == 0 {
			fmt.Fprintf(c.Stderr, "Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n")
			return 1
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
		return c.fail("-e expression #1, char %d: %v", p.i, err)
	}
	s := &sedState{call: c, cmds: cmds, out: c.Stdout, quiet: p.quiet || c.Has("quiet") || c.Has("silent")}
	suffix, inPlace := c.Lookup("in-place")
	if len(names) == 0 {
		names = []string{"-"}
	}
	var all []byte
	for i, name := range names {
		data, err := c.read(name)
		if i2, e := c.FS.Stat(c.abs(name)); e == nil && i2.IsDir() && name != "-" {
			if inPlace {
				fmt.Fprintf(c.Stderr, "sed: couldn't edit %s: not a regular file\n", name)
				c.status = 4
			} else {
				fmt.Fprintf(c.Stderr, "sed: read error on %s: Is a directory\n", name)
				c.status = 4
			}
			continue
		}
		if err != nil {
			fmt.Fprintf(c.Stderr, "sed: can't read %s: %s\n", name, vfs.Errno(err))
			c.status = 2
			continue
		}
		if !inPlace && !c.Has("separate") {
			if len(all) > 0 && all[len(all)-1] != '\n' {
				all = append(all, '\n')
			}
			all = append(all, data...)
			if i < len(names)-1 {
				continue
			}
			break
		}
		var b bytes.Buffer
		if s.out = c.Stdout; inPlace {
			s.out = &b
		}
		s.lines, s.at, s.noEnd = lines(data), 0, len(data) > 0 && data[len(data)-1] != '\n'
		s.run(ctx)
		if inPlace {
			if suffix != "" {
				if err := c.FS.WriteFile(c.abs(name+suffix), data, 0o644); err != nil {
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
		}
		if s.quit {
			return max(s.code, c.status)
		}
	}
	if !inPlace && !c.Has("separate") {
		s.lines, s.noEnd = lines(all), len(all) > 0 && all[len(all)-1] != '\n'
		s.run(ctx)
	}
	return max(s.code, c.status)
}

func (s *sedState) last() bool { return s.at == len(s.lines)-1 }

func (s *sedState) write(text string) {
	end := "\n"
	if s.noEnd && s.last() {
		end = ""
	}
	io.WriteString(s.out, text+end)
}

func (s *sedState) flush() {
	for _, t := range s.after {
		io.WriteString(s.out, t+"\n")
	}
	s.after = nil
}

func (s *sedState) matches(a *sedAddress, space string) bool {
	switch {
	case a.re != nil:
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
		if !s.matches(c.from, space) && !(c.from.line == 0 && c.from.re == nil && s.at == 0) {
			return false
		}
		c.started = s.at + 1
		c.active = c.to.re != nil || c.to.line < 0 || end() > s.at+1
		return true
	}
	switch {
	case c.to.re != nil:
		c.active = !c.to.re.MatchString(space)
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
	for s.at = 0; s.at < len(s.lines) && !s.quit; s.at++ {
		if !restart {
			space = s.lines[s.at]
		}
		restart = false
		replaced, deleted := false, false
	script:
		for pc := 0; pc < len(s.cmds); pc++ {
			if s.steps++; s.steps%512 == 0 && s.ended(ctx) || len(space)+len(s.hold) > maxSpace {
				s.quit, s.code = true, 1
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
				out, n := s.replace(c, space)
				if n {
					space, replaced = out, true
					if c.print {
						s.write(space)
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
				s.after = append(s.after, c.text)
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
					s.at++
					space = s.lines[s.at]
				} else {
					s.flush()
					s.at++
					space += "\n" + s.lines[s.at]
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
		if restart {
			s.at--
		}
	}
}

// replace does one s command.
func (s *sedState) replace(c *sedCommand, space string) (string, bool) {
	var b strings.Builder
	last, n, done := 0, 0, false
	for _, m := range c.re.FindAllStringSubmatchIndex(space, -1) {
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
