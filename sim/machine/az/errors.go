package az

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"skylab/sim/machine/az/argparse"
	"skylab/sim/machine/az/model"
	"skylab/sim/machine/az/table"
	"skylab/sim/machine/tool"
	"skylab/sim/sorting"
)

// fault is an error as az reports it: what stands behind "ERROR: ", what is
// advised below, and the exit status.
type fault struct {
	text   string
	exit   int
	advice []string
	// plain is printed as it is, without "ERROR: ".
	plain bool
	// status is that of the answer that it tells of; 0 if it is none.
	status int
	code   string // of the service
	body   string // of the answer, where a long operation failed
}

func (f *fault) Error() string { return f.text }

func failf(format string, args ...any) error {
	return &fault{text: fmt.Sprintf(format, args...), exit: 1}
}

// usage is a wrong combination of arguments.
func usage(format string, args ...any) error {
	return &fault{text: fmt.Sprintf(format, args...), exit: 1}
}

func notSimulated(name string) error {
	return &fault{text: tool.NotSimulated(name), exit: 1, plain: true}
}

var errInterrupted = &fault{text: "Keyboard interrupt is captured.", exit: 1}

// queryAdvice is what az adds to mistakes in --query.
const queryAdvice = "To learn more about --query, please visit: 'https://docs.microsoft.com/cli/azure/query-azure-cli'"

// unexpected is what az says where its own code fails. Of Python's traceback only
// the last line is shown, "TypeError: ...".
func unexpected(text string) error {
	_, short, ok := strings.Cut(text, ": ")
	if !ok {
		short = text
	}
	return &fault{exit: 1, text: "The command failed with an unexpected error. Here is the traceback:\nERROR: " + short + "\nTraceback (most recent call last):\n" + text,
		advice: []string{"To check existing issues, please visit: https://github.com/Azure/azure-cli/issues", "To open a new issue, please run `az feedback`"}}
}

// statusOf is the answer's status that an error tells of; 0 if none.
func statusOf(err error) int {
	var f *fault
	if errors.As(err, &f) {
		return f.status
	}
	return 0
}

// report prints an error and returns the exit status.
func (c *call) report(err error) int {
	if err == nil {
		return 0
	}
	if c.ctx.Err() != nil {
		err = errInterrupted
	}
	var parse *argparse.Error
	if errors.As(err, &parse) {
		c.reportUsage(parse)
		return 2
	}
	var f *fault
	var update *model.Error
	switch {
	case errors.As(err, &f):
	case errors.As(err, &update):
		f = &fault{text: update.Text, exit: 1}
	default:
		f = &fault{text: err.Error(), exit: 1}
	}
	if f.plain {
		fmt.Fprintln(c.p.Stderr, f.text)
		return f.exit
	}
	c.log("ERROR", red, f.text)
	for _, line := range f.advice {
		fmt.Fprintln(c.p.Stderr, line)
	}
	return f.exit
}

// Colours of messages on a terminal.
const (
	red    = "\x1b[91m"
	yellow = "\x1b[33m"
	green  = "\x1b[32m"
	cyan   = "\x1b[36m"
	reset  = "\x1b[0m"
)

// log prints a message on stderr.
func (c *call) log(level, colour, text string) {
	if !c.p.TTY.Err || c.config.flag("core", "no_color") {
		fmt.Fprintf(c.p.Stderr, "%s: %s\n", level, text)
		return
	}
	fmt.Fprintf(c.p.Stderr, "%s%s%s\n", colour, text, reset)
}

func (c *call) warn(format string, args ...any) {
	if !c.quiet {
		c.log("WARNING", yellow, fmt.Sprintf(format, args...))
	}
}

func (c *call) info(format string, args ...any) {
	if c.verbose {
		c.log("INFO", green, fmt.Sprintf(format, args...))
	}
}

func (c *call) trace(format string, args ...any) {
	if c.debug {
		c.log("DEBUG", cyan, fmt.Sprintf(format, args...))
	}
}

// reportUsage prints a wrong command line with examples of the command.
func (c *call) reportUsage(e *argparse.Error) {
	c.log("ERROR", red, e.Text)
	if e.Suggestion != "" {
		fmt.Fprintln(c.p.Stderr, e.Suggestion)
	}
	if e.Query {
		fmt.Fprintln(c.p.Stderr, queryAdvice)
		return
	}
	if strings.EqualFold(c.config.get("core", "error_recommendation"), "off") {
		return
	}
	fmt.Fprintln(c.p.Stderr, "\nExamples from AI knowledge base:")
	path := e.Prog
	if e.Inferred != "" {
		path = e.Inferred
	}
	for _, x := range c.examples(path) {
		fmt.Fprintf(c.p.Stderr, "%s\n%s\n\n", x.Command, x.Text)
	}
	fmt.Fprintln(c.p.Stderr, "https://aka.ms/cli_ref\nRead more about the command in reference docs")
}

// examples are at most three of a command, those first that have more of the
// arguments given.
func (c *call) examples(path string) []table.Example {
	cmd, ok := table.Load().Command(path)
	if !ok {
		return nil
	}
	given := options(cmd, c.words)
	type scored struct {
		x              table.Example
		matches, count int
	}
	var list []scored
	for _, x := range cmd.Examples {
		has := options(cmd, strings.Fields(x.Command))
		s := scored{x: x, count: len(has)}
		for _, o := range has {
			if slices.Contains(given, o) {
				s.matches++
			}
		}
		list = append(list, s)
	}
	sorting.By(list, func(a, b scored) int {
		if a.matches != b.matches {
			return b.matches - a.matches
		}
		return a.count - b.count
	})
	var out []table.Example
	for _, s := range list[:min(3, len(list))] {
		out = append(out, s.x)
	}
	return out
}

// options are the arguments that words name.
func options(cmd *table.Command, words []string) []string {
	var out []string
	for _, w := range words {
		w, _, _ = strings.Cut(w, "=")
		for _, a := range cmd.Args {
			if slices.Contains(a.Names, w) {
				out = append(out, a.Dest)
			}
		}
	}
	return out
}
