package tool

import (
	"fmt"
	"io"
	"strings"
)

// Opt is an option that was given. Name is the long name where the option has
// one, otherwise the short one.
type Opt struct {
	Name  string
	Value string
}

// Parsed is a command line taken apart.
type Parsed struct {
	Opts []Opt // in the order given
	Args []string
}

// Has reports whether an option was given, by its short or long name as in
// [Opt].
func (p Parsed) Has(name string) bool {
	_, ok := p.Lookup(name)
	return ok
}

// Lookup returns the value that was given last for an option.
func (p Parsed) Lookup(name string) (string, bool) {
	for i := len(p.Opts) - 1; i >= 0; i-- {
		if p.Opts[i].Name == name {
			return p.Opts[i].Value, true
		}
	}
	return "", false
}

// Values returns all values given for an option.
func (p Parsed) Values(name string) []string {
	var out []string
	for _, o := range p.Opts {
		if o.Name == name {
			out = append(out, o.Value)
		}
	}
	return out
}

// Stop tells [Parse] where options end.
type Stop int

const (
	Permute  Stop = iota // options may stand behind arguments, as GNU tools take them
	FirstArg             // options end at the first argument, as in sudo, env, xargs
)

// UsageError is a wrong command line, worded as GNU getopt words it.
type UsageError struct{ Text string }

func (e *UsageError) Error() string { return e.Text }

// Parse takes a command line apart by a table of options, in the manner of GNU
// getopt_long. Its error is a *UsageError.
func Parse(options []Option, args []string, stop Stop) (Parsed, error) {
	var p Parsed
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "--":
			p.Args = append(p.Args, args[i+1:]...)
			return p, nil
		case strings.HasPrefix(a, "--"):
			name, value, attached := strings.Cut(a[2:], "=")
			o, err := findLong(options, name)
			if err != nil {
				return p, err
			}
			if err := real(o, "--"+o.Long); err != nil {
				return p, err
			}
			switch {
			case o.Arg == "" && attached:
				return p, &UsageError{fmt.Sprintf("option '--%s' doesn't allow an argument", o.Long)}
			case o.Arg != "" && !attached && !o.Optional:
				if i++; i >= len(args) {
					return p, &UsageError{fmt.Sprintf("option '--%s' requires an argument", o.Long)}
				}
				value = args[i]
			}
			p.Opts = append(p.Opts, Opt{o.name(), value})
		case len(a) > 1 && a[0] == '-':
			used, err := parseShort(options, a[1:], args[i+1:], &p)
			if err != nil {
				return p, err
			}
			i += used
		case stop == FirstArg:
			p.Args = append(p.Args, args[i:]...)
			return p, nil
		default:
			p.Args = append(p.Args, a)
		}
	}
	return p, nil
}

func (o Option) name() string {
	if o.Long != "" {
		return o.Long
	}
	return o.Short
}

func real(o Option, as string) error {
	if o.Real {
		return &UsageError{NotSimulated(as)}
	}
	return nil
}

// parseShort takes a cluster of short options and reports how many of the
// following words it used.
func parseShort(options []Option, cluster string, rest []string, p *Parsed) (int, error) {
	for j, r := range cluster {
		letter := string(r)
		var o *Option
		for k := range options {
			if options[k].Short == letter {
				o = &options[k]
			}
		}
		if o == nil {
			return 0, &UsageError{fmt.Sprintf("invalid option -- '%s'", letter)}
		}
		if err := real(*o, "-"+letter); err != nil {
			return 0, err
		}
		if o.Arg == "" {
			p.Opts = append(p.Opts, Opt{o.name(), ""})
			continue
		}
		value := cluster[j+len(letter):]
		if value != "" || o.Optional {
			p.Opts = append(p.Opts, Opt{o.name(), value})
			return 0, nil
		}
		if len(rest) == 0 {
			return 0, &UsageError{fmt.Sprintf("option requires an argument -- '%s'", letter)}
		}
		p.Opts = append(p.Opts, Opt{o.name(), rest[0]})
		return 1, nil
	}
	return 0, nil
}

func findLong(options []Option, name string) (Option, error) {
	var found []Option
	for _, o := range options {
		if o.Long == name {
			return o, nil
		}
		if o.Long != "" && strings.HasPrefix(o.Long, name) {
			found = append(found, o)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return Option{}, &UsageError{fmt.Sprintf("unrecognized option '--%s'", name)}
	}
	var names []string
	for _, o := range found {
		names = append(names, "'--"+o.Long+"'")
	}
	return Option{}, &UsageError{fmt.Sprintf("option '--%s' is ambiguous; possibilities: %s", name, strings.Join(names, " "))}
}

// Help prints a program's --help from its table.
func Help(w io.Writer, p Program) {
	fmt.Fprintf(w, "Usage: %s\n%s.\n", strings.TrimSpace(p.Name+" "+p.Usage), p.Summary)
	if len(p.Options) > 0 {
		fmt.Fprintln(w)
		OptionTable(w, p.Options)
	}
}

// OptionTable prints the options with what they do, aligned; those that are
// real but not simulated are named together at the end.
func OptionTable(w io.Writer, options []Option) {
	var absent []string
	for _, o := range options {
		left := o.left()
		if o.Real {
			absent = append(absent, strings.TrimSpace(left))
			continue
		}
		if len(left) > 28 {
			fmt.Fprintf(w, "%s\n%30s%s\n", left, "", o.Help)
			continue
		}
		fmt.Fprintf(w, "%-28s  %s\n", left, o.Help)
	}
	if len(absent) > 0 {
		fmt.Fprintf(w, "\nReal but not simulated here: %s\n", strings.Join(absent, "; "))
	}
}

func (o Option) left() string {
	s := "      "
	if o.Short != "" {
		s = "  -" + o.Short
		if o.Long != "" {
			s += ", "
		} else if o.Arg != "" {
			s += " " + o.Arg
		}
	}
	if o.Long == "" {
		return s
	}
	s += "--" + o.Long
	switch {
	case o.Arg != "" && o.Optional:
		s += "[=" + o.Arg + "]"
	case o.Arg != "":
		s += "=" + o.Arg
	}
	return s
}

// Manual prints a program's man page from its table.
func Manual(w io.Writer, p Program) {
	fmt.Fprintf(w, "NAME\n       %s - %s\n\nSYNOPSIS\n       %s\n", p.Name, p.Summary, strings.TrimSpace(p.Name+" "+p.Usage))
	if p.Manual != "" {
		fmt.Fprint(w, "\nDESCRIPTION\n")
		for _, par := range strings.Split(strings.TrimSpace(p.Manual), "\n\n") {
			for _, line := range wrap(strings.Join(strings.Fields(par), " "), 72) {
				fmt.Fprintf(w, "       %s\n", line)
			}
			fmt.Fprintln(w)
		}
	}
	if len(p.Options) > 0 {
		fmt.Fprint(w, "\nOPTIONS\n")
		OptionTable(w, p.Options)
	}
}

func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
