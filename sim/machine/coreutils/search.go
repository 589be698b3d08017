package coreutils

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

func searchPrograms() []tool.Program {
	return []tool.Program{
		program(tool.Program{Name: "grep", Usage: "[OPTION]... PATTERN [FILE]...", Summary: "Print lines that match a pattern", Options: []tool.Option{
			{Short: "E", Long: "extended-regexp", Help: "the pattern is an extended regular expression"},
			{Short: "F", Long: "fixed-strings", Help: "the pattern is plain text"},
			{Short: "G", Long: "basic-regexp", Help: "the pattern is a basic regular expression"},
			{Short: "P", Long: "perl-regexp", Help: "the pattern is a Perl regular expression, without look-around"},
			{Short: "e", Long: "regexp", Arg: "PATTERN", Help: "use PATTERN; may be repeated"},
			{Short: "i", Long: "ignore-case", Help: "do not tell upper from lower case"},
			{Short: "v", Long: "invert-match", Help: "print lines that do not match"},
			{Short: "w", Long: "word-regexp", Help: "match whole words only"},
			{Short: "x", Long: "line-regexp", Help: "match whole lines only"},
			{Short: "o", Long: "only-matching", Help: "print only what matched"},
			{Short: "c", Long: "count", Help: "print how many lines matched"},
			{Short: "n", Long: "line-number", Help: "print the numbers of lines"},
			{Short: "l", Long: "files-with-matches", Help: "print names of files that match"},
			{Short: "L", Long: "files-without-match", Help: "print names of files that do not match"},
			{Short: "h", Long: "no-filename", Help: "never print names of files"},
			{Short: "H", Long: "with-filename", Help: "always print names of files"},
			{Short: "q", Long: "quiet", Help: "print nothing; the status tells"},
			{Short: "s", Long: "no-messages", Help: "do not complain about files"},
			{Short: "r", Long: "recursive", Help: "search directories"},
			{Short: "R", Help: "same as -r"},
			{Short: "m", Long: "max-count", Arg: "NUM", Help: "stop after NUM lines of a file"},
			{Short: "A", Long: "after-context", Arg: "NUM", Help: "print NUM lines behind a match"},
			{Short: "B", Long: "before-context", Arg: "NUM", Help: "print NUM lines before a match"},
			{Short: "C", Long: "context", Arg: "NUM", Help: "print NUM lines around a match"},
			{Long: "color", Arg: "WHEN", Optional: true, Help: "taken, without effect"},
		}}, tool.Permute, grep),
	}
}

// errTooBig is in GNU's words.
var errTooBig = errors.New("regular expression too big")

// maxPattern bounds what a regular expression may be: Go's run in linear time,
// but a huge one takes long to compile.
const maxPattern = 10_000

// compile turns a POSIX pattern into one of Go's.
func compile(pattern string, basic bool) (*regexp.Regexp, error) {
	if len(pattern) > maxPattern {
		return nil, errTooBig
	}
	if basic {
		pattern = basicToExtended(pattern)
	}
	re, err := regexp.Compile(posixClasses.Replace(pattern))
	if err != nil {
		return nil, fmt.Errorf("%s", regexError(err))
	}
	return re, nil
}

// posixClasses spells GNU's escapes the way Go does.
var posixClasses = strings.NewReplacer(`\<`, `\b`, `\>`, `\b`)

func regexError(err error) string {
	s := err.Error()
	switch {
	case strings.Contains(s, "missing closing ]"):
		return "Unmatched [, [^, [:, [., or [="
	case strings.Contains(s, "missing closing )"):
		return "Unmatched ( or \\("
	case strings.Contains(s, "unexpected )"):
		return "Unmatched ) or \\)"
	case strings.Contains(s, "invalid repeat count"):
		return "Invalid content of \\{\\}"
	case strings.Contains(s, "missing argument to repetition"):
		return "Invalid preceding regular expression"
	case strings.Contains(s, "invalid escape"):
		return tool.NotSimulated("a back-reference in a pattern")
	}
	return "Invalid regular expression"
}

// basicToExtended swaps the meaning of \( \) \{ \} \| \+ \? and their plain
// forms, as basic regular expressions have it.
func basicToExtended(p string) string {
	var b strings.Builder
	inClass := false
	for i := 0; i < len(p); i++ {
		ch := p[i]
		switch {
		case inClass:
			if ch == ']' && i > 0 && p[i-1] != '[' && p[i-1] != '^' {
				inClass = false
			}
			b.WriteByte(ch)
		case ch == '[':
			inClass = true
			b.WriteByte(ch)
		case ch == '\\' && i+1 < len(p):
			i++
			if !strings.ContainsRune("(){}|+?", rune(p[i])) {
				b.WriteByte('\\')
			}
			b.WriteByte(p[i])
		case strings.ContainsRune("(){}|+?", rune(ch)):
			b.WriteString(`\` + string(ch))
		case ch == '*' && (i == 0 || strings.HasSuffix(p[:i], `\(`) || p[:i] == "^"):
			b.WriteString(`\*`)
		default:
			b.WriteByte(ch)
		}
	}
	return b.String()
}

// matcher makes the pattern of a grep call.
func (c *call) matcher(patterns []string) (*regexp.Regexp, error) {
	basic := !c.Has("extended-regexp") && !c.Has("perl-regexp")
	var parts []string
	for _, p := range patterns {
		for _, line := range strings.Split(p, "\n") {
			switch {
			case c.Has("fixed-strings"):
				line = regexp.QuoteMeta(line)
			case basic:
				line = basicToExtended(line)
			}
			if c.Has("word-regexp") {
				line = `\b(?:` + line + `)\b`
			}
			if c.Has("line-regexp") {
				line = `^(?:` + line + `)$`
			}
			parts = append(parts, line)
		}
	}
	all := strings.Join(parts, "|")
	if c.Has("ignore-case") {
		all = "(?i)" + all
	}
	return compile(all, false)
}

func grep(_ context.Context, c *call) int {
	patterns, args := c.Values("regexp"), c.Args
	if len(patterns) == 0 {
		if len(args) == 0 {
			fmt.Fprintln(c.Stderr, "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.")
			return 2
		}
		patterns, args = args[:1], args[1:]
	}
	re, err := c.matcher(patterns)
	if err != nil {
		return c.fail("%v", err) + 1
	}
	g := &grepper{call: c, re: re, max: -1}
	for name, at := range map[string][]*int{"max-count": {&g.max}, "after-context": {&g.after}, "before-context": {&g.before}} {
		if err := c.number(name, at...); err != nil {
			return c.fail("%v", err) + 1
		}
	}
	if c.Has("context") {
		if err := c.number("context", &g.after, &g.before); err != nil {
			return c.fail("%v", err) + 1
		}
	}
	recursive := c.Has("recursive") || c.Has("R")
	if len(args) == 0 {
		args = []string{"-"}
		if recursive {
			args = []string{"."}
		}
	}
	g.names = (len(args) > 1 || recursive || c.Has("with-filename")) && !c.Has("no-filename")
	for _, a := range args {
		if i, err := c.FS.Stat(c.abs(a)); a != "-" && err == nil && i.IsDir() {
			if !recursive {
				if !c.Has("no-messages") {
					fmt.Fprintf(c.Stderr, "grep: %s: Is a directory\n", a)
				}
				continue
			}
			c.walkTree(a, true, func(name string) {
				if i, err := c.FS.Stat(c.abs(name)); err == nil && !i.IsDir() {
					g.file(name)
				}
			})
			continue
		}
		g.file(a)
	}
	switch {
	case g.failed && !(c.Has("quiet") && g.found):
		return 2
	case g.found:
		return 0
	}
	return 1
}

func (c *call) number(name string, into ...*int) error {
	v, ok := c.Lookup(name)
	if !ok {
		return nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 {
		return fmt.Errorf("%s: invalid context length argument", v)
	}
	for _, p := range into {
		*p = n
	}
	return nil
}

type grepper struct {
	*call
	re                 *regexp.Regexp
	names              bool
	max, before, after int
	found, failed      bool
	printed            bool
}

func (g *grepper) file(name string) {
	data, err := g.read(name)
	if err != nil {
		g.failed = true
		if !g.Has("no-messages") {
			fmt.Fprintf(g.Stderr, "grep: %s: %s\n", name, vfs.Errno(err))
		}
		return
	}
	shown := name
	if name == "-" {
		shown = "(standard input)"
	}
	all := lines(data)
	count, last := 0, -1
	quietly := g.Has("quiet") || g.Has("count") || g.Has("files-with-matches") || g.Has("files-without-match")
	for i, line := range all {
		if g.max >= 0 && count >= g.max {
			break
		}
		if g.re.MatchString(line) == g.Has("invert-match") {
			continue
		}
		count++
		if quietly {
			continue
		}
		if isBinary(data) {
			fmt.Fprintf(g.Stdout, "grep: %s: binary file matches\n", shown)
			break
		}
		if g.Has("only-matching") {
			if !g.Has("invert-match") {
				for _, m := range g.re.FindAllString(line, -1) {
					if m != "" {
						g.print(shown, i, ":", m)
					}
				}
			}
			continue
		}
		from := max(last+1, i-g.before)
		if g.before+g.after > 0 && g.printed && from > last+1 {
			fmt.Fprintln(g.Stdout, "--")
		}
		for j := from; j < i; j++ {
			g.print(shown, j, "-", all[j])
		}
		g.print(shown, i, ":", line)
		last = i
		for j := i + 1; j <= i+g.after && j < len(all) && g.re.MatchString(all[j]) == g.Has("invert-match"); j++ {
			g.print(shown, j, "-", all[j])
			last = j
		}
	}
	g.found = g.found || count > 0 != g.Has("files-without-match")
	switch {
	case g.Has("quiet"):
	case g.Has("files-with-matches"):
		if count > 0 {
			fmt.Fprintln(g.Stdout, shown)
		}
	case g.Has("files-without-match"):
		if count == 0 {
			fmt.Fprintln(g.Stdout, shown)
		}
	case g.Has("count"):
		if g.names {
			fmt.Fprintf(g.Stdout, "%s:", shown)
		}
		fmt.Fprintln(g.Stdout, count)
	}
}

func (g *grepper) print(name string, line int, sep, text string) {
	g.printed = true
	if g.names {
		fmt.Fprint(g.Stdout, name, sep)
	}
	if g.Has("line-number") {
		fmt.Fprint(g.Stdout, line+1, sep)
	}
	fmt.Fprintln(g.Stdout, text)
}

func find(list []tool.Program, name string) (tool.Program, bool) {
	for _, p := range list {
		if p.Name == name {
			return p, true
		}
	}
	return tool.Program{}, false
}
