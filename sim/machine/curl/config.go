package curl

import (
	"io"
	"strings"

	"skylab/sim/machine/tool"
)

// maxNesting bounds how deep config files may name each other.
const maxNesting = 10

// config reads a file of options (-K): one a line, its argument behind blanks,
// "=" or ":", in quotes where it has blanks.
func (c *command) config(name, as string) error {
	var data []byte
	var err error
	if name == "-" {
		data, err = io.ReadAll(c.p.Stdin)
	} else {
		data, err = c.p.FS.ReadFile(c.abs(name))
	}
	if err != nil {
		c.complain("cannot read config from '%s'", name)
		return failf(26, "option %s: error encountered when reading a file", as)
	}
	nested := 0
	for _, o := range c.opts {
		if o.Name == "config" {
			nested++
		}
	}
	c.opts = append(c.opts, tool.Opt{Name: "config", Value: name})
	if nested > maxNesting {
		return failf(26, "option %s: error encountered when reading a file", as)
	}
	for n, line := range strings.Split(string(data), "\n") {
		if err := c.configLine(name, n+1, line); err != nil {
			return err
		}
	}
	return nil
}

// configLine takes one line of a config file.
func (c *command) configLine(file string, n int, line string) error {
	line = strings.TrimLeft(strings.TrimRight(line, "\r"), " \t")
	if line == "" || strings.ContainsRune("#/\r\n*\x00", rune(line[0])) {
		return nil
	}
	option, rest := line, ""
	dashed := line[0] == '-'
	ends := " \t=:"
	if dashed {
		ends = " \t"
	}
	if i := strings.IndexAny(line, ends); i >= 0 {
		option, rest = line[:i], strings.TrimLeft(line[i:], ends)
	}
	value := rest
	if strings.HasPrefix(rest, `"`) {
		value = unquote(rest[1:])
	} else if i := strings.IndexAny(rest, " \t"); i >= 0 {
		value = rest[:i]
		if tail := strings.TrimLeft(rest[i:], " \t"); tail != "" && tail[0] != '#' {
			c.warn("%s:%d: warning: '%s' uses unquoted whitespace in the line that may cause side-effects!", file, n, option)
		}
	}
	word := option
	if !dashed {
		word = "--" + option
	}
	var o realOption
	var negated bool
	var err error
	if strings.HasPrefix(word, "--") {
		o, negated, err = longOption(word)
	} else {
		var ok bool
		o, negated, ok = shortOption(word[1:])
		if !ok {
			err = failf(2, "option %s: is unknown", word)
		}
	}
	if err == nil && o.arg && value == "" && !strings.HasPrefix(rest, `"`) {
		c.warn("%s:%d: warning: '%s' requires parameter", file, n, option)
		return nil
	}
	if err != nil {
		what := err.Error()
		if i := strings.Index(what, ": "); i >= 0 {
			what = what[i+2:]
		}
		c.warn("%s:%d: warning: '%s' %s", file, n, option, what)
		return nil
	}
	if o.name == "next" {
		return failf(2, "%s", tool.NotSimulated("curl next in a config file"))
	}
	return c.add(o, negated, word, value)
}

// unquote reads a quoted argument up to its closing quote.
func unquote(text string) string {
	var b strings.Builder
	for i := 0; i < len(text) && text[i] != '"'; i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		i++
		switch text[i] {
		case 't':
			b.WriteByte('\t')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 'v':
			b.WriteByte('\v')
		default:
			b.WriteByte(text[i])
		}
	}
	return b.String()
}

// home reads ~/.curlrc, as curl does before all else unless -q comes first.
func (c *command) home() error {
	name := strings.TrimRight(c.p.Getenv("HOME"), "/") + "/.curlrc"
	if c.p.Getenv("HOME") == "" {
		return nil
	}
	data, err := c.p.FS.ReadFile(name)
	if err != nil { // none, or one that may not be read
		return nil
	}
	for n, line := range strings.Split(string(data), "\n") {
		if err := c.configLine(name, n+1, line); err != nil {
			return err
		}
	}
	return nil
}
