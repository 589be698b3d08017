// Package argparse reads a command line by az's command table as Python's
// argparse does, with az's own error texts: abbreviations of long options, values
// that may follow, and the order in which mistakes are found. The package must
// not know what commands do.
package argparse

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"skylab/sim/machine/az/table"
	"skylab/sim/machine/jmespath"
)

// Error is a wrong command line. Prog is the command or group whose parser found
// it, after "az "; Suggestion is what az adds below.
type Error struct {
	Text       string
	Prog       string // "group list"; "" for the tool itself
	Inferred   string // what a misspelt command line would be, for its examples
	Suggestion string
	Query      bool // it is about --query
	// Unknown says that the command itself was not found.
	Unknown bool
}

func (e *Error) Error() string { return e.Text }

// Use is one use of an argument: the words that belong to it.
type Use struct {
	Arg    *table.Arg
	Option string // as it stands in the table; "" for a positional argument
	Words  []string
}

// Line is a command line that was read.
type Line struct {
	Command *table.Command // nil where only help was asked for
	Group   *table.Group   // the group whose help was asked for
	Help    bool
	Uses    []Use // in order
	kept    map[string]string
}

// Has reports whether an argument was given.
func (l *Line) Has(dest string) bool { return l.last(dest) != nil }

func (l *Line) last(dest string) *Use {
	for i := len(l.Uses) - 1; i >= 0; i-- {
		if l.Uses[i].Arg.Dest == dest {
			return &l.Uses[i]
		}
	}
	return nil
}

// Words returns the words of an argument: those of its last use, or of all its
// uses if they add up.
func (l *Line) Words(dest string) []string {
	u := l.last(dest)
	if u == nil {
		return nil
	}
	if !u.Arg.Append {
		return u.Words
	}
	var out []string
	for _, use := range l.Uses {
		if use.Arg.Dest == dest {
			out = append(out, use.Words...)
		}
	}
	return out
}

// Parse reads the words behind "az". Arguments for which kept holds a default, by
// the name of the default, are not required. Its error is an *Error.
func Parse(t *table.Table, words []string, kept map[string]string) (*Line, error) {
	line := &Line{kept: kept}
	extras, err := descend(t, line, "", words)
	if err != nil {
		return nil, err
	}
	if len(extras) > 0 && !line.Help {
		return nil, &Error{Text: "unrecognized arguments: " + strings.Join(extras, " ")}
	}
	return line, nil
}

var help = table.Global(nil)[1]

// descend reads words by a group's parser, which knows --help and its own
// children, and gives the rest to the child's.
func descend(t *table.Table, line *Line, path string, words []string) (extras []string, err error) {
	g, _ := t.Group(path)
	p := &parser{args: []*table.Arg{help}, prog: path}
	for i, w := range words {
		if w == "--" {
			continue
		}
		o, err := p.option(w)
		if err != nil {
			return nil, err
		}
		switch {
		case o == nil: // the child
			name, err := child(t, g, w, words)
			if err != nil {
				return nil, err
			}
			next := strings.TrimSpace(path + " " + name)
			var more []string
			if c, ok := t.Command(next); ok {
				more, err = command(line, c, words[i+1:])
			} else {
				more, err = descend(t, line, next, words[i+1:])
			}
			return append(extras, more...), err
		case o.arg == help:
			line.Help, line.Group = true, g
			return nil, nil
		default:
			extras = append(extras, w)
		}
	}
	missing := "_subcommand"
	if path == "" {
		missing = "_command_package"
	}
	return nil, &Error{Text: "the following arguments are required: " + missing, Prog: path}
}

// child finds a group or command by name; the case does not matter.
func child(t *table.Table, g *table.Group, word string, words []string) (string, error) {
	names := slices.Concat(g.Groups, g.Commands)
	if slices.Contains(names, strings.ToLower(word)) {
		return strings.ToLower(word), nil
	}
	e := &Error{Text: fmt.Sprintf("'%s' is misspelled or not recognized by the system.", word), Prog: g.Path, Unknown: true}
	if close := Closest(word, names); close != "" {
		e.Suggestion = fmt.Sprintf("Did you mean '%s' ?", close)
		inferred := strings.Fields(g.Path)
		for _, w := range words {
			if w == word {
				w = close
			}
			inferred = append(inferred, w)
		}
		text := strings.Join(inferred, " ")
		text, _, _ = strings.Cut(text, "-")
		e.Inferred = strings.TrimSpace(text)
	}
	return "", e
}

// parser is the parser of one group or command.
type parser struct {
	args []*table.Arg
	prog string
}

// option is an option as it was found: its argument (nil if none is known) and
// what was attached to it.
type option struct {
	arg      *table.Arg
	name     string
	attached *string
}

func names(a *table.Arg) []string { return slices.Concat(a.Names, a.Old) }

func (p *parser) find(name string) *table.Arg {
	for _, a := range p.args {
		if slices.Contains(names(a), name) {
			return a
		}
	}
	return nil
}

// option says whether a word is an option, and which; nil means it is a value.
func (p *parser) option(w string) (*option, error) {
	if len(w) < 2 || w[0] != '-' {
		return nil, nil
	}
	if a := p.find(w); a != nil {
		return &option{arg: a, name: w}, nil
	}
	if name, value, ok := strings.Cut(w, "="); ok {
		if a := p.find(name); a != nil {
			return &option{a, name, &value}, nil
		}
	}
	var found []option
	if strings.HasPrefix(w, "--") {
		name, value, attached := strings.Cut(w, "=")
		for _, a := range p.args {
			for _, n := range names(a) {
				if strings.HasPrefix(n, name) {
					o := option{arg: a, name: n}
					if attached {
						o.attached = &value
					}
					found = append(found, o)
				}
			}
		}
	} else {
		rest := w[2:]
		for _, a := range p.args {
			for _, n := range names(a) {
				switch {
				case n == w[:2]:
					found = append(found, option{a, n, &rest})
				case strings.HasPrefix(n, w):
					found = append(found, option{arg: a, name: n})
				}
			}
		}
	}
	switch {
	case len(found) == 1:
		return &found[0], nil
	case len(found) > 1:
		var list []string
		for _, o := range found {
			list = append(list, o.name)
		}
		return nil, &Error{Text: fmt.Sprintf("ambiguous option: %s could match %s", w, strings.Join(list, ", ")), Prog: p.prog}
	case number(w), strings.Contains(w, " "):
		return nil, nil
	}
	return &option{}, nil
}

// number reports whether a word is a negative number.
func number(w string) bool {
	_, err := strconv.ParseFloat(w, 64)
	return err == nil && !strings.ContainsAny(w, "eExXnN_")
}

// command reads words by a command's parser.
func command(line *Line, c *table.Command, words []string) (extras []string, err error) {
	line.Command = c
	if !c.Simulated {
		line.Help = slices.Contains(words, "-h") || slices.Contains(words, "--help")
		return nil, nil
	}
	p := &parser{args: slices.Concat(table.Global(c), c.Args), prog: c.Path}
	options := make([]*option, len(words))
	pattern := []byte(strings.Repeat("A", len(words)))
	last := -1
	for i, w := range words {
		if w == "--" {
			pattern[i] = '-'
			break
		}
		o, err := p.option(w)
		if err != nil {
			return nil, err
		}
		if o != nil {
			options[i], pattern[i], last = o, 'O', i
		}
	}
	var positional []*table.Arg
	for _, a := range c.Args {
		if len(a.Names) == 0 {
			positional = append(positional, a)
		}
	}
	take := func(a *table.Arg, name string, values []string) error {
		values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "--" })
		if a.Dest == "_help" {
			line.Help = true
		}
		checked, err := p.check(a, name, values)
		line.Uses = append(line.Uses, Use{a, name, checked})
		return err
	}
	positionals := func(at int) (int, error) {
		for len(positional) > 0 {
			a := positional[0]
			n := match(a.Nargs, pattern[at:])
			if n < 0 || n == 0 && at <= last && a.Nargs != '*' && a.Nargs != '?' {
				return at, nil
			}
			if n == 0 && at <= last {
				return at, nil // it may stand behind the options still
			}
			if n > 0 {
				if err := take(a, "", words[at:at+n]); err != nil {
					return at, err
				}
			}
			at += n
			positional = positional[1:]
		}
		return at, nil
	}
	at := 0
	for at <= last && !line.Help {
		next := at
		for pattern[next] != 'O' {
			next++
		}
		if at != next {
			end, err := positionals(at)
			if err != nil {
				return nil, err
			}
			if end > at {
				at = end
				continue
			}
			extras = append(extras, words[at:next]...)
			at = next
		}
		o := options[at]
		if o.arg == nil {
			extras = append(extras, words[at])
			at++
			continue
		}
		if at, err = p.consume(o, words, pattern, at, take); err != nil {
			return nil, err
		}
	}
	if line.Help {
		return nil, nil
	}
	if at, err = positionals(at); err != nil {
		return nil, err
	}
	extras = append(extras, words[at:]...)
	return extras, required(line, c)
}

// consume takes an option with its values and returns where the next word is.
func (p *parser) consume(o *option, words []string, pattern []byte, at int, take func(*table.Arg, string, []string) error) (int, error) {
	fail := func(a *table.Arg, format string, args ...any) error {
		return &Error{Text: "argument " + label(a) + ": " + fmt.Sprintf(format, args...), Prog: p.prog, Query: a.Dest == "_jmespath_query"}
	}
	a, name, attached := o.arg, o.name, o.attached
	for attached != nil {
		switch n := match(a.Nargs, []byte("A")); {
		case n == 1:
			return at + 1, take(a, name, []string{*attached})
		case n == 0 && !strings.HasPrefix(name, "--") && *attached != "":
			if err := take(a, name, nil); err != nil {
				return at, err
			}
			next := "-" + (*attached)[:1]
			b := p.find(next)
			if b == nil {
				return at, fail(a, "ignored explicit argument %s", jmespath.Repr(*attached))
			}
			rest := (*attached)[1:]
			a, name, attached = b, next, &rest
			if rest == "" {
				attached = nil
			}
		default:
			return at, fail(a, "ignored explicit argument %s", jmespath.Repr(*attached))
		}
	}
	n := match(a.Nargs, pattern[at+1:])
	if n < 0 {
		switch a.Nargs {
		case '+':
			return at, fail(a, "expected at least one argument")
		case '1':
			return at, fail(a, "expected 1 argument")
		}
		return at, fail(a, "expected one argument")
	}
	return at + 1 + n, take(a, name, words[at+1:at+1+n])
}

// match says how many of the words that a pattern describes an argument takes;
// -1 if there are not enough.
func match(nargs byte, pattern []byte) int {
	least, most := 1, 1
	switch nargs {
	case '0':
		return 0
	case '?', '3':
		least = 0
	case '*':
		least, most = 0, len(pattern)
	case '+':
		most = len(pattern)
	}
	n, taken := 0, 0
	for n < len(pattern) && pattern[n] != 'O' && taken < most {
		if pattern[n] == 'A' {
			taken++
		}
		n++
	}
	if taken < least {
		return -1
	}
	if taken == 0 {
		return 0
	}
	return n
}

// label is how errors call an argument.
func label(a *table.Arg) string {
	if len(a.Names) > 0 {
		return strings.Join(names(a), "/")
	}
	return a.Holder
}

// check converts and checks the values of an argument.
func (p *parser) check(a *table.Arg, name string, values []string) ([]string, error) {
	choices := a.Choices
	if a.Nargs == '3' {
		choices = []string{"true", "false"}
	}
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = v
		bad := func(kind string) error {
			return &Error{Text: fmt.Sprintf("argument %s: invalid %s value: %s", label(a), kind, jmespath.Repr(v)), Prog: p.prog, Query: a.Dest == "_jmespath_query"}
		}
		switch a.Type {
		case 'i':
			if _, ok := new(big.Int).SetString(strings.TrimSpace(v), 10); !ok {
				return nil, bad("int")
			}
			out[i] = strings.TrimSpace(v)
		case 'd':
			if _, err := strconv.ParseFloat(strings.TrimSpace(v), 64); err != nil {
				return nil, bad("float")
			}
		case 'l':
			if v != "" && strings.Contains(v, " ") { // a place's name as people read it
				out[i] = strings.ToLower(strings.ReplaceAll(v, " ", ""))
			}
		}
		if a.Dest == "_jmespath_query" {
			if _, err := jmespath.Parse(v); err != nil {
				return nil, bad("jmespath_type")
			}
		}
		if len(choices) == 0 {
			continue
		}
		at := slices.IndexFunc(choices, func(c string) bool { return strings.EqualFold(c, v) })
		if at >= 0 {
			out[i] = choices[at]
			continue
		}
		option := a.Dest
		if len(a.Names) > 0 {
			option = a.Names[0]
		}
		if a.Dest == "_output_format" {
			v = strings.ToLower(v)
		}
		e := &Error{Text: fmt.Sprintf("az %s: '%s' is not a valid value for '%s'. Allowed values: %s.", p.prog, v, option, strings.Join(choices, ", ")), Prog: p.prog}
		if close := Closest(v, choices); close != "" {
			e.Suggestion = fmt.Sprintf("Did you mean '%s' ?", close)
		}
		return nil, e
	}
	return out, nil
}

// required finds arguments that are missing.
func required(line *Line, c *table.Command) error {
	var missing []string
	ids := c.ByID()
	for _, a := range c.Args {
		if a.Required && !line.Has(a.Dest) && !slices.Contains(ids, a) && line.kept[a.Config] == "" {
			missing = append(missing, label(a))
		}
	}
	if len(missing) > 0 {
		return &Error{Text: "the following arguments are required: " + strings.Join(missing, ", "), Prog: c.Path}
	}
	return nil
}
