package coreutils

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"skylab/sim/machine/tool"
)

type sedParser struct {
	src      string
	i        int
	extended bool
	quiet    bool
	out      []*sedCommand
	open     []int
	labels   map[string]int
}

func (p *sedParser) peek() byte {
	if p.i < len(p.src) {
		return p.src[p.i]
	}
	return 0
}

func (p *sedParser) blanks(set string) {
	for p.i < len(p.src) && strings.IndexByte(set, p.src[p.i]) >= 0 {
		p.i++
	}
}

var errLabel = errors.New("can't find label for jump to")

// parse reads the script; p.i is then where it went wrong.
func (p *sedParser) parse() ([]*sedCommand, error) {
	p.labels = map[string]int{}
	if strings.HasPrefix(p.src, "#n\n") || p.src == "#n" {
		p.quiet = true
	}
	for {
		p.blanks(" \t\n;")
		if p.i >= len(p.src) {
			break
		}
		if err := p.command(); err != nil {
			return nil, err
		}
	}
	if len(p.open) > 0 {
		p.i = 0
		return nil, errors.New("unmatched `{'")
	}
	for _, c := range p.out {
		if c.name != 'b' && c.name != 't' && c.name != 'T' {
			continue
		}
		if c.end = len(p.out); c.text != "" {
			at, ok := p.labels[c.text]
			if !ok {
				return nil, fmt.Errorf("%w `%s'", errLabel, c.text)
			}
			c.end = at - 1
		}
	}
	return p.out, nil
}

func (p *sedParser) number() int {
	start := p.i
	for p.i < len(p.src) && p.src[p.i] >= '0' && p.src[p.i] <= '9' {
		p.i++
	}
	n, err := strconv.Atoi(p.src[start:p.i])
	if err != nil {
		return 1 << 40
	}
	return n
}

func (p *sedParser) address(second bool) (*sedAddress, error) {
	ch := p.peek()
	switch {
	case ch >= '0' && ch <= '9':
		a := &sedAddress{line: p.number()}
		if p.peek() == '~' {
			p.i++
			a.step = max(p.number(), 1)
		}
		return a, nil
	case ch == '+' && second:
		p.i++
		return &sedAddress{line: p.number(), plus: true}, nil
	case ch == '$':
		p.i++
		return &sedAddress{line: -1}, nil
	case ch == '/' || ch == '\\':
		if ch == '\\' {
			p.i++
		}
		mark := p.peek()
		p.i++
		text, ok := p.until(mark, true)
		if !ok {
			return nil, errors.New("unterminated address regex")
		}
		flags := ""
		for p.peek() == 'I' || p.peek() == 'M' {
			flags += strings.ToLower(string(p.peek()))
			p.i++
		}
		if text == "" {
			return &sedAddress{last: true}, nil
		}
		re, err := p.regexp(text, flags)
		return &sedAddress{re: re}, err
	}
	return nil, nil
}

// until reads up to a mark that no backslash protects.
func (p *sedParser) until(mark byte, pattern bool) (string, bool) {
	var b strings.Builder
	class := false
	for p.i < len(p.src) {
		ch := p.src[p.i]
		p.i++
		switch {
		case ch == '\\' && p.i < len(p.src):
			next := p.src[p.i]
			p.i++
			switch {
			case next == mark && mark != '\\':
				b.WriteByte(mark)
			case next == '\n' && !pattern:
				b.WriteByte('\n')
			default:
				b.WriteByte('\\')
				b.WriteByte(next)
			}
			continue
		case ch == '[' && pattern:
			class = true
		case ch == ']':
			class = false
		case ch == mark && !class:
			return b.String(), true
		case ch == '\n' && pattern:
			return "", false
		}
		b.WriteByte(ch)
	}
	return "", false
}

func (p *sedParser) command() error {
	c := &sedCommand{nth: 1}
	var err error
	if c.from, err = p.address(false); err != nil {
		return err
	}
	p.blanks(" \t")
	if c.from != nil && p.peek() == ',' {
		p.i++
		p.blanks(" \t")
		if c.to, err = p.address(true); err != nil {
			return err
		}
		if c.to == nil {
			p.i++
			return errors.New("unexpected `,'")
		}
	}
	if c.from != nil && c.from.line == 0 && c.from.re == nil && !c.from.last && c.from.step == 0 && (c.to == nil || c.to.re == nil) {
		p.i++
		return errors.New("invalid usage of line address 0")
	}
	p.blanks(" \t")
	if p.peek() == '!' {
		c.not = true
		p.i++
		if p.blanks(" \t"); p.peek() == '!' {
			p.i++
			return errors.New("multiple `!'s")
		}
	}
	if p.i >= len(p.src) || p.peek() == '\n' {
		return errors.New("missing command")
	}
	c.name = p.src[p.i]
	p.i++
	switch c.name {
	case '#':
		for p.i < len(p.src) && p.peek() != '\n' {
			p.i++
		}
		return nil
	case '{':
		p.open = append(p.open, len(p.out))
		p.out = append(p.out, c)
		return nil
	case '}':
		if len(p.open) == 0 {
			return errors.New("unexpected `}'")
		}
		p.out[p.open[len(p.open)-1]].end = len(p.out) - 1
		p.open = p.open[:len(p.open)-1]
		return p.end()
	case ':':
		label := p.word()
		if label == "" {
			return errors.New("\":\" lacks a label")
		}
		p.labels[label] = len(p.out)
		return nil
	case 's':
		err = p.substitute(c)
	case 'y':
		err = p.transliterate(c)
	case 'a', 'i', 'c':
		err = p.text(c)
		p.out = append(p.out, c)
		return err
	case 'b', 't', 'T':
		p.blanks(" \t")
		c.text = p.word()
	case 'q', 'Q':
		p.blanks(" \t")
		if ch := p.peek(); ch >= '0' && ch <= '9' {
			c.text = strconv.Itoa(p.number() & 0xff)
		}
	case 'd', 'D', 'p', 'P', 'n', 'N', 'h', 'H', 'g', 'G', 'x', '=':
	case 'F', 'z':
	case 'l':
		p.blanks(" \t")
		p.number()
	case 'v':
		p.blanks(" \t")
		p.word()
		return nil
	case 'r', 'R', 'w', 'W':
		if c.file, err = p.file(); err != nil {
			return err
		}
		p.out = append(p.out, c)
		return nil
	case 'e':
		return errors.New(tool.NotSimulated("sed's command " + string(c.name)))
	default:
		return fmt.Errorf("unknown command: `%c'", c.name)
	}
	if err != nil {
		return err
	}
	p.out = append(p.out, c)
	return p.end()
}

// file reads the name of a file, which goes on to the line's end.
func (p *sedParser) file() (string, error) {
	p.blanks(" \t")
	start := p.i
	for p.i < len(p.src) && p.src[p.i] != '\n' {
		p.i++
	}
	if p.i == start {
		return "", errors.New("missing filename in r/R/w/W commands")
	}
	return p.src[start:p.i], nil
}

func (p *sedParser) word() string {
	start := p.i
	for p.i < len(p.src) && strings.IndexByte(";\n}", p.src[p.i]) < 0 {
		p.i++
	}
	return strings.TrimSpace(p.src[start:p.i])
}

// end reads what may stand behind a command.
func (p *sedParser) end() error {
	p.blanks(" \t")
	switch p.peek() {
	case 0, ';', '\n', '}', '#':
		return nil
	}
	p.i++
	return errors.New("extra characters after command")
}

func (p *sedParser) substitute(c *sedCommand) error {
	mark := p.peek()
	p.i++
	pattern, ok := p.until(mark, true)
	if ok {
		c.text, ok = p.until(mark, false)
	}
	if !ok {
		p.i = len(p.src)
		return errors.New("unterminated `s' command")
	}
	flags := ""
	for {
		switch ch := p.peek(); {
		case ch == 'g' || ch == 'p':
			p.i++
			if ch == 'g' && c.global || ch == 'p' && c.print {
				return fmt.Errorf("multiple `%c' options to `s' command", ch)
			}
			c.global, c.print = c.global || ch == 'g', c.print || ch == 'p'
		case ch == 'i' || ch == 'I':
			flags += "i"
			p.i++
		case ch == 'm' || ch == 'M':
			flags += "m"
			p.i++
		case ch == 'w':
			p.i++
			var err error
			if c.file, err = p.file(); err != nil {
				return err
			}
		case ch == 'e':
			return errors.New(tool.NotSimulated("sed's flag " + string(ch)))
		case ch >= '0' && ch <= '9':
			if c.nth = p.number(); c.nth == 0 {
				return errors.New("number option to `s' command may not be zero")
			}
		case ch == 0 || strings.IndexByte("; \t\n}#", ch) >= 0:
			var err error
			if c.empty = pattern == ""; c.empty {
				return nil
			}
			if c.re, err = p.regexp(pattern, flags); err != nil {
				return err
			}
			for i := 0; i+1 < len(c.text); i++ {
				if c.text[i] != '\\' {
					continue
				}
				if i++; c.text[i] >= '1' && c.text[i] <= '9' && int(c.text[i]-'0') > c.re.NumSubexp() {
					return fmt.Errorf("invalid reference \\%c on `s' command's RHS", c.text[i])
				}
			}
			return nil
		default:
			p.i++
			return errors.New("unknown option to `s'")
		}
	}
}

func (p *sedParser) transliterate(c *sedCommand) error {
	mark := p.peek()
	p.i++
	from, ok := p.until(mark, false)
	to, also := "", false
	if ok {
		to, also = p.until(mark, false)
	}
	if !also {
		p.i = len(p.src)
		return errors.New("unterminated `y' command")
	}
	plain := strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\\`, `\`)
	a, b := []rune(plain.Replace(from)), []rune(plain.Replace(to))
	if len(a) != len(b) {
		return errors.New("strings for `y' command are different lengths")
	}
	c.table = map[rune]rune{}
	for i, r := range a {
		if _, ok := c.table[r]; !ok {
			c.table[r] = b[i]
		}
	}
	return nil
}

// text reads what a, i and c print: behind a backslash and a newline, or on the
// same line.
func (p *sedParser) text(c *sedCommand) error {
	p.blanks(" \t")
	if p.i >= len(p.src) {
		return errors.New("expected \\ after `a', `c' or `i'")
	}
	if p.peek() == '\\' {
		p.i++
		p.blanks(" \t")
		if p.peek() == '\n' {
			p.i++
		}
	}
	var b strings.Builder
	for p.i < len(p.src) && p.peek() != '\n' {
		if p.peek() == '\\' && p.i+1 < len(p.src) {
			p.i++
		}
		b.WriteByte(p.src[p.i])
		p.i++
	}
	c.text = b.String()
	return nil
}

func (p *sedParser) regexp(pattern, flags string) (*regexp.Regexp, error) {
	if !p.extended {
		pattern = basicToExtended(pattern)
	}
	if flags != "" {
		pattern = "(?" + flags + ")" + pattern
	}
	return compile(pattern, false)
}
