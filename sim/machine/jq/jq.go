// Package jq is jq 1.6 on a simulated machine: gojq's language with jq's
// options, its order of keys and its messages (facts/bash.md §C3). It must not
// know where its input comes from.
//
// gojq keeps objects in Go maps, so this package remembers in which order the
// keys of each object came, rewrites iteration to follow it, and prints by it.
// Where an object is made by an operator (add, +, *, from_entries) its keys
// stand in the order of the objects they resemble most.
package jq

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/itchyny/gojq"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

var options = []tool.Option{
	{Short: "r", Long: "raw-output", Help: "print strings without quotes"},
	{Short: "j", Long: "join-output", Help: "same as -r, without newlines"},
	{Short: "a", Long: "ascii-output", Help: "print only ASCII, the rest as \\u escapes"},
	{Short: "c", Long: "compact-output", Help: "print each value on one line"},
	{Short: "C", Long: "color-output", Help: "taken, without effect"},
	{Short: "M", Long: "monochrome-output", Help: "no colours"},
	{Short: "S", Long: "sort-keys", Help: "print keys in order"},
	{Long: "tab", Help: "indent with tabs"},
	{Long: "indent", Arg: "N", Help: "indent with N spaces, up to 7"},
	{Short: "e", Long: "exit-status", Help: "end with 1 when the last value is false or null, 4 when there is none"},
	{Short: "s", Long: "slurp", Help: "read all values into one array"},
	{Short: "n", Long: "null-input", Help: "read nothing; . is null"},
	{Short: "R", Long: "raw-input", Help: "each line is a string"},
	{Short: "f", Long: "from-file", Help: "the first argument names a file with the program"},
	{Long: "arg", Arg: "NAME VALUE", Help: "set $NAME to a string"},
	{Long: "argjson", Arg: "NAME JSON", Help: "set $NAME to a value"},
	{Long: "args", Help: "the arguments behind are $ARGS.positional"},
	{Long: "slurpfile", Arg: "NAME FILE", Help: "set $NAME to the values of a file"},
	{Long: "rawfile", Arg: "NAME FILE", Help: "set $NAME to the text of a file"},
	{Short: "h", Long: "help", Help: "print this help"},
	{Short: "V", Long: "version", Help: "print the version"},
	{Long: "stream", Real: true}, {Long: "seq", Real: true}, {Long: "unbuffered", Help: "taken, without effect"}, {Long: "jsonargs", Real: true},
}

// Program returns the program.
func Program() tool.Program {
	return tool.Program{Name: "jq", Usage: "[OPTION]... FILTER [FILE]...", Summary: "Read and change JSON", Options: options, Run: run,
		Manual: "FILTER says what to do with each value of the input: . is the value itself, .name a member, .[] all elements, | passes on. jq prints what comes out."}
}

// command is a command line taken apart.
type command struct {
	p         *tool.Process
	flags     map[string]bool
	indent    string
	filter    string
	files     []string
	names     []string // of variables, with $
	values    []any
	order     *orders
	positions []any
	source    *source
}

func (c *command) fail(code int, format string, args ...any) int {
	fmt.Fprintf(c.p.Stderr, "jq: "+format+"\n", args...)
	return code
}

const usageHint = "Use jq --help for help with command-line options,\nor see the jq manpage, or online docs  at https://stedolan.github.io/jq"

func run(ctx context.Context, p *tool.Process) int {
	c := &command{p: p, flags: map[string]bool{}, indent: "  ", order: newOrders()}
	if code, ok := c.parse(); !ok {
		return code
	}
	switch {
	case c.flags["help"]:
		tool.Help(p.Stdout, Program())
		return 0
	case c.flags["version"]:
		fmt.Fprintln(p.Stdout, "jq-1.6")
		return 0
	case c.filter == "" && len(p.Args) == 1:
		fmt.Fprintf(p.Stderr, "Usage:\tjq [OPTIONS] FILTER [FILES...]\n%s\n", usageHint)
		return 2
	}
	code, err := c.compile()
	if err != nil {
		fmt.Fprintf(p.Stderr, "jq: error: %s\njq: 1 compile error\n", err)
		return 3
	}
	return c.each(ctx, code)
}

// parse reads the command line; ok is false when it is over, with the status.
func (c *command) parse() (status int, ok bool) {
	args := c.p.Args[1:]
	haveFilter, rest := false, false
	next := func(i *int) (string, bool) {
		if *i++; *i < len(args) {
			return args[*i], true
		}
		return "", false
	}
	for i := 0; i < len(args); i++ {
		a := args[i]
		names := []string{}
		switch {
		case !rest && a == "--":
			rest = true
			continue
		case !rest && strings.HasPrefix(a, "--"):
			names = append(names, a[2:])
		case !rest && len(a) > 1 && a[0] == '-':
			for _, r := range a[1:] {
				long, known := "", false
				for _, o := range options {
					if o.Short == string(r) {
						long, known = o.Long, true
					}
				}
				if !known {
					return c.usage(a), false
				}
				names = append(names, long)
			}
		case !haveFilter:
			c.filter, haveFilter = a, true
			continue
		case c.flags["args"]:
			c.positions = append(c.positions, a)
			continue
		default:
			c.files = append(c.files, a)
			continue
		}
		for _, name := range names {
			if status, ok := c.option(name, a, &i, next); !ok {
				return status, false
			}
		}
	}
	if c.flags["from-file"] {
		data, err := c.read(c.filter)
		if err != nil {
			return c.fail(2, "error: Could not open %s: %s", c.filter, vfs.Errno(err)), false
		}
		c.filter = string(data)
	}
	return 0, true
}

func (c *command) usage(a string) int {
	return c.fail(2, "Unknown option %s\n%s", a, usageHint)
}

func (c *command) option(name, as string, i *int, next func(*int) (string, bool)) (int, bool) {
	known := false
	for _, o := range options {
		if o.Long != name {
			continue
		}
		known = true
		if o.Real {
			return c.fail(2, "%s", tool.NotSimulated("jq --"+name)), false
		}
	}
	if !known {
		return c.usage(as), false
	}
	c.flags[name] = true
	switch name {
	case "tab":
		c.indent = "\t"
	case "indent":
		v, ok := next(i)
		n, err := strconv.Atoi(v)
		switch {
		case !ok:
			return c.fail(2, "--indent takes one parameter\n%s", usageHint), false
		case err != nil || n < 0 || n > 7:
			return c.fail(2, "--indent takes a number between -1 and 7\n%s", usageHint), false
		}
		c.indent = strings.Repeat(" ", n)
	case "arg", "argjson", "slurpfile", "rawfile":
		key, ok1 := next(i)
		text, ok2 := next(i)
		if !ok1 || !ok2 {
			what := map[string]string{"arg": "--arg varname value", "argjson": "--argjson varname text", "slurpfile": "--slurpfile varname filename", "rawfile": "--rawfile varname filename"}[name]
			return c.fail(2, "--%s takes two parameters (e.g. %s)\n%s", name, what, usageHint), false
		}
		value, status, ok := c.variable(name, key, text)
		if !ok {
			return status, false
		}
		c.names, c.values = append(c.names, "$"+key), append(c.values, value)
	}
	return 0, true
}

func (c *command) variable(kind, key, text string) (any, int, bool) {
	switch kind {
	case "arg":
		return text, 0, true
	case "argjson":
		list, err := c.order.decodeAll([]byte(text))
		if err != nil || len(list) != 1 {
			return nil, c.fail(2, "Invalid JSON text passed to --argjson\n%s", usageHint), false
		}
		return list[0], 0, true
	}
	data, err := c.read(text)
	if err != nil {
		return nil, c.fail(2, "Bad JSON in --%s %s %s: Could not open %s: %s", kind, key, text, text, vfs.Errno(err)), false
	}
	if kind == "rawfile" {
		return string(data), 0, true
	}
	list, err := c.order.decodeAll(data)
	if err != nil {
		return nil, c.fail(2, "Bad JSON in --%s %s %s: %v", kind, key, text, err), false
	}
	return list, 0, true
}

func (c *command) read(name string) ([]byte, error) {
	if name == "" || name[0] != '/' {
		name = c.p.Dir + "/" + name
	}
	return c.p.FS.ReadFile(name)
}

// badInput is the status of jq when the input is not JSON.
const badInput = 4

// each runs the program over the inputs and returns the exit status.
func (c *command) each(ctx context.Context, code *gojq.Code) int {
	in, status := c.inputs()
	var last any
	printed := false
	values := c.values
	run := func(v any) bool {
		iter := code.RunWithContext(c.p.Parking(ctx), v, values...)
		for {
			if c.p.Yield != nil && c.p.Yield(ctx) != nil {
				status = 130
				return false
			}
			out, ok := iter.Next()
			if !ok {
				return true
			}
			if err, isErr := out.(error); isErr && (ctx.Err() != nil || c.p.Yield != nil && c.p.Yield(ctx) != nil) {
				status = 130 // the shell says what ended it
				return false
			} else if isErr {
				var halt *gojq.HaltError
				if errors.As(err, &halt) {
					status = halt.ExitCode()
					if s, ok := halt.Value().(string); ok && status != 0 {
						io.WriteString(c.p.Stderr, s)
					}
					return false
				}
				status = 5
				fmt.Fprintf(c.p.Stderr, "jq: error (at %s): %s\n", in.where(), c.message(err))
				return true
			}
			last, printed = out, true
			if _, err := io.WriteString(c.p.Stdout, c.print(out)); err != nil {
				return false
			}
		}
	}
	c.source = in
	if c.flags["null-input"] {
		run(nil)
	} else {
		for {
			v, ok := in.Next()
			if !ok {
				break
			}
			if err, isErr := v.(error); isErr {
				fmt.Fprintf(c.p.Stderr, "%v\n", err)
				status = badInput
				break
			}
			if !run(v) {
				break
			}
		}
	}
	if c.flags["exit-status"] && status == 0 {
		switch {
		case !printed:
			return 4
		case last == nil || last == false:
			return 1
		}
	}
	return status
}
