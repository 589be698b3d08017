package coreutils

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

func searchPrograms() []tool.Program {
	grep := grepProgram()
	list := []tool.Program{grep}
	for name, letter := range map[string]string{"egrep": "-E", "fgrep": "-F"} {
		p := grep
		p.Name, p.Summary = name, "Same as grep "+letter
		p.Run = func(ctx context.Context, proc *tool.Process) int {
			again := *proc
			again.Args = append([]string{"grep", letter}, proc.Args[1:]...)
			return grep.Run(ctx, &again)
		}
		list = append(list, p)
	}
	return list
}

func grepProgram() tool.Program {
	return withContext(program(tool.Program{Name: "grep", Usage: "[OPTION]... PATTERN [FILE]...", Summary: "Print lines that match a pattern", Options: []tool.Option{
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
		{Short: "a", Long: "text", Help: "take binary files as text"}, {Short: "b", Long: "byte-offset", Help: "print where in the file each line begins, or each match with -o"}, {Short: "y", Help: "same as -i"}, {Short: "z", Long: "null-data", Real: true}, {Short: "Z", Long: "null", Real: true},
		{Short: "T", Long: "initial-tab", Real: true}, {Long: "include", Arg: "GLOB", Help: "with -r, only files of such names"}, {Long: "exclude", Arg: "GLOB", Help: "with -r, no files of such names"}, {Long: "exclude-dir", Arg: "GLOB", Real: true},
		{Short: "f", Long: "file", Arg: "FILE", Help: "take the patterns from FILE, one a line"}, {Long: "line-buffered", Help: "taken, without effect"}, {Long: "silent", Help: "same as -q"},
		{Long: "color", Arg: "WHEN", Optional: true, Help: "taken, without effect"},
	}}, tool.Permute, grep))
}

// withContext lets grep take -NUM for -C NUM.
func withContext(p tool.Program) tool.Program {
	inner := p.Run
	p.Run = func(ctx context.Context, proc *tool.Process) int {
		again := *proc
		again.Args = slices.Clone(proc.Args)
		for i, a := range again.Args {
			if a == "--" {
				break
			}
			if _, err := strconv.ParseUint(strings.TrimPrefix(a, "-"), 10, 31); err == nil && a[0] == '-' {
				again.Args[i] = "-C" + a[1:]
			}
		}
		return inner(ctx, &again)
	}
	return p
}

const grepUsage = "Usage: grep [OPTION]... PATTERNS [FILE]..."

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
	case strings.Contains(s, "invalid character class range: `[:"):
		return "Invalid character class name"
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
	if len(parts) == 0 {
		parts = []string{`[^\s\S]`} // no pattern matches nothing
	}
	all := strings.Join(parts, "|")
	if c.Has("ignore-case") || c.Has("y") {
		all = "(?i)" + all
	}
	return compile(all, false)
}

// misuse is a bracket expression that holds nothing but the name of a class.
var misuse = regexp.MustCompile(`^\[:[a-z]+:\]$`)

func grep(ctx context.Context, c *call) int {
	patterns, args := c.Values("regexp"), c.Args
	for _, name := range c.Values("file") {
		data, err := c.read(name)
		if err != nil {
			return c.fail("%s: %s", name, vfs.Errno(err)) + 1
		}
		patterns = append(patterns, lines(data)...)
	}
	if len(patterns) == 0 && !c.Has("file") {
		if len(args) == 0 {
			return c.usage("")
		}
		patterns, args = args[:1], args[1:]
	}
	for _, p := range patterns {
		if misuse.MatchString(p) && !c.Has("fixed-strings") {
			return c.fail("character class syntax is [[:space:]], not [:space:]") + 1
		}
	}
	re, err := c.matcher(patterns)
	if err != nil {
		return c.fail("%v", err) + 1
	}
	g := &grepper{call: c, re: re, max: -1}
	if v, ok := c.Lookup("max-count"); ok {
		if g.max, err = strconv.Atoi(v); err != nil {
			return c.fail("invalid max count") + 1
		}
	}
	for name, at := range map[string][]*int{"after-context": {&g.after}, "before-context": {&g.before}} {
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
		if c.quiet() && g.found {
			return 0
		}
		if i, err := c.FS.Stat(c.abs(a)); a != "-" && err == nil && i.IsDir() {
			if !recursive {
				g.failed = true
				if !c.Has("no-messages") {
					fmt.Fprintf(c.Stderr, "grep: %s: Is a directory\n", a)
				}
				continue
			}
			c.walkTree(a, true, func(name string) {
				if i, err := c.FS.Lstat(c.abs(name)); err == nil && !i.IsDir() && (i.Target == "" || c.Has("R")) && c.wanted(name) {
					g.file(ctx, name)
				}
			})
			continue
		}
		g.file(ctx, a)
	}
	switch {
	case g.failed && !(c.quiet() && g.found):
		return 2
	case g.found:
		return 0
	}
	return 1
}

func (c *call) quiet() bool { return c.Has("quiet") || c.Has("silent") }

// wanted reports whether grep -r searches a file of that name.
func (c *call) wanted(name string) bool {
	any := func(globs []string) bool {
		return slices.ContainsFunc(globs, func(glob string) bool { ok, _ := path.Match(glob, path.Base(name)); return ok })
	}
	include := c.Values("include")
	return (len(include) == 0 || any(include)) && !any(c.Values("exclude"))
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
	offset             int // of the current line in its file
}

// ahead is how much of a file grep looks at to see whether it is text.
const ahead = 32 << 10

func (g *grepper) file(ctx context.Context, name string) {
	src, err := g.open(name)
	shown := name
	if name == "-" {
		shown = "(standard input)"
	}
	count := 0
	if err == nil {
		count, err = g.search(ctx, src, shown)
	}
	if err != nil && err != io.EOF && err != errEnough {
		g.failed = true
		switch {
		case ctx.Err() != nil || g.Has("no-messages"):
		case err == errMemory:
			fmt.Fprintf(g.Stderr, "grep: %v\n", err)
		default:
			fmt.Fprintf(g.Stderr, "grep: %s: %s\n", name, vfs.Errno(err))
		}
		return
	}
	g.found = g.found || count > 0 != g.Has("files-without-match")
	switch {
	case g.quiet():
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

// search prints what matches in one file and counts the lines.
func (g *grepper) search(ctx context.Context, src *source, shown string) (count int, err error) {
	first := g.quiet() || g.Has("files-with-matches") || g.Has("files-without-match")
	quietly := first || g.Has("count")
	start, err := src.Peek(ahead)
	if err != nil && err != io.EOF {
		return 0, err
	}
	binary := isBinary(start) && !g.Has("text")
	if g.max == 0 {
		return 0, nil
	}
	var before []string
	line, printed, after := -1, -1, 0
	g.offset = 0
	err = src.lines(ctx, g.call, func(text string, ended bool) bool {
		line++
		defer func() { g.offset += len(text) + len(newline(ended)) }()
		if g.re.MatchString(text) == g.Has("invert-match") || g.max >= 0 && count >= g.max {
			switch {
			case after > 0:
				g.print(shown, line, "-", text)
				printed = line
				after--
			case g.max >= 0 && count >= g.max:
				return false
			case g.before > 0:
				if before = append(before, text); len(before) > g.before {
					before = before[1:]
				}
			}
			return !(g.max >= 0 && count >= g.max && after == 0)
		}
		count++
		switch {
		case first:
			return false
		case quietly:
			return g.max < 0 || count < g.max
		case binary:
			fmt.Fprintf(g.Stderr, "grep: %s: binary file matches\n", shown)
			return false
		case g.Has("only-matching"):
			if !g.Has("invert-match") {
				for _, m := range g.re.FindAllStringIndex(text, -1) {
					if m[0] < m[1] {
						g.offset += m[0]
						g.print(shown, line, ":", text[m[0]:m[1]])
						g.offset -= m[0]
					}
				}
			}
		default:
			from := line - len(before)
			if g.before+g.after > 0 && g.printed && from > printed+1 {
				fmt.Fprintln(g.Stdout, "--")
			}
			for _, l := range before {
				g.offset -= len(l) + 1
			}
			for i, l := range before {
				g.print(shown, from+i, "-", l)
				g.offset += len(l) + 1
			}
			before = nil
			g.print(shown, line, ":", text)
			printed, after = line, g.after
		}
		return g.max < 0 || count < g.max || after > 0
	})
	return count, err
}

func (g *grepper) print(name string, line int, sep, text string) {
	g.printed = true
	if g.names {
		fmt.Fprint(g.Stdout, name, sep)
	}
	if g.Has("line-number") {
		fmt.Fprint(g.Stdout, line+1, sep)
	}
	if g.Has("byte-offset") {
		fmt.Fprint(g.Stdout, g.offset, sep)
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
