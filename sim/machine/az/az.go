// Package az is the Azure CLI 2.45.0 on a simulated machine: its commands,
// output, help, errors and files (facts/az-cli.md). It reaches the cloud by HTTP
// over the machine's card only, and must not know any server.
package az

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"skylab/sim/machine/az/argparse"
	"skylab/sim/machine/az/help"
	"skylab/sim/machine/az/output"
	"skylab/sim/machine/az/table"
	"skylab/sim/machine/jmespath"
	"skylab/sim/machine/tool"
	"skylab/sim/ojson"
)

// Version is the version of the tool that is simulated.
const Version = "2.45.0"

// Program returns the program.
func Program() tool.Program {
	return tool.Program{
		Name: "az", Usage: "[GROUP]... COMMAND [ARGUMENT]...", Summary: "Manage what is in Azure", Run: run, Complete: complete,
		Manual: "az is the Azure CLI. 'az --help' lists its groups and commands, 'az GROUP --help' and 'az GROUP COMMAND --help' tell more.\n\nIt keeps who is signed in and its settings in ~/.azure.",
	}
}

func run(ctx context.Context, p *tool.Process) int {
	c, began := newCall(ctx, p), p.Clock.Now()
	status := c.report(c.main(p.Args[1:]))
	took := p.Clock.Now().Sub(began).Seconds()
	c.info("Command ran in %.3f seconds (init: 0.000, invoke: %.3f)", took, took)
	if ctx.Err() != nil {
		return 130
	}
	return status
}

// verbosity are the words that are not arguments of a command.
var verbosity = []string{"--debug", "--verbose", "--only-show-errors"}

// main does what a command line says.
func (c *call) main(words []string) error {
	if err := c.expand(words); err != nil {
		return err
	}
	words = c.words
	c.debug, c.quiet = slices.Contains(words, "--debug"), slices.Contains(words, "--only-show-errors") || c.config.flag("core", "only_show_errors")
	c.verbose = c.debug || slices.Contains(words, "--verbose")
	t := table.Load()
	switch rest := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(verbosity, w) }); {
	case len(rest) == 0:
		c.welcome(t)
		return nil
	case rest[0] == "--version" || rest[0] == "-v":
		c.printVersions()
		return nil
	case strings.EqualFold(words[0], "help"):
		words = append([]string{"--help"}, words[1:]...)
	}
	line, err := argparse.Parse(t, words, c.config.defaults())
	if err != nil {
		return err
	}
	if c.cmd = line.Command; c.cmd != nil && !c.cmd.Simulated {
		return notSimulated("az " + c.cmd.Path)
	}
	switch {
	case line.Help && c.cmd != nil:
		help.Command(c.p.Stdout, c.cmd, c.config.defaults())
		return nil
	case line.Help:
		help.Group(c.p.Stdout, t, line.Group)
		return nil
	}
	return c.dispatch(line)
}

// dispatch runs the command of a line and prints its result.
func (c *call) dispatch(line *argparse.Line) error {
	c.line = line
	for _, u := range line.Uses {
		if u.Arg.Real {
			return notSimulated("az " + c.cmd.Path + " " + u.Option)
		}
	}
	c.deprecations()
	targets, err := c.targets()
	if err != nil {
		return err
	}
	if err := c.confirm(); err != nil {
		return err
	}
	var results []any
	var problems []error
	for _, t := range targets {
		c.target = t
		v, err := c.perform()
		switch {
		case c.ctx.Err() != nil:
			return errInterrupted
		case err != nil && len(targets) == 1:
			return err
		case err != nil:
			problems = append(problems, err)
			c.warn("%s: \"%s\"", t.id, strings.SplitN(err.Error(), "\n", 2)[0])
		default:
			results = append(results, v)
		}
	}
	if len(problems) > 0 {
		if len(results) == 0 {
			return failf("Encountered more than one exception.")
		}
		c.warn("Encountered more than one exception.")
	}
	var v any = results
	if len(results) == 1 {
		v = results[0]
	}
	return c.print(v)
}

// perform runs the command once.
func (c *call) perform() (any, error) {
	if f := handlers[c.cmd.Path]; f != nil {
		return f(c)
	}
	if c.cmd.Request.Kind != "" {
		return c.request()
	}
	return nil, notSimulated("az " + c.cmd.Path)
}

// print prints a result in the form that is asked for.
func (c *call) print(v any) error {
	if !c.raw {
		v = withGroups(v)
	}
	r := output.Result{Value: v}
	if q := c.str("_jmespath_query"); q != "" {
		e, err := jmespath.Parse(q)
		if err != nil {
			return err
		}
		r.Plain = map[*ojson.Object]bool{}
		objects(v, r.Plain)
		if r.Value, err = e.Search(v); err != nil {
			var wrong *jmespath.TypeError
			if errors.As(err, &wrong) {
				return unexpected(wrong.Text)
			}
			return &fault{text: "Invalid jmespath query supplied for `--query`: " + err.Error(), exit: 1, advice: []string{queryAdvice}}
		}
		r.Queried = true
	}
	if c.cmd.Table != "" {
		r.Table = func(v any) (any, error) {
			e, err := jmespath.Parse(c.cmd.Table)
			if err != nil {
				return nil, err
			}
			return e.Search(v)
		}
	}
	format := c.str("_output_format")
	if format == "" {
		if format = strings.ToLower(c.config.get("core", "output")); format == "" {
			format = "json"
		}
	}
	if c.ordered && !r.Queried {
		r.Queried = format == "tsv"
	}
	err := output.Print(c.p.Stdout, format, r, c.p.TTY.Out && !c.config.flag("core", "no_color"))
	if errors.Is(err, output.ErrTable) {
		return failf("Table output unavailable. Use the --query option to specify an appropriate query. Use --debug for more info.")
	}
	return err
}

// objects collects the objects of a value.
func objects(v any, into map[*ojson.Object]bool) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			objects(e, into)
		}
	case *ojson.Object:
		into[v] = true
		for _, m := range v.Members() {
			objects(m.Value, into)
		}
	}
}

// withGroups adds the resource group to each object whose id names one.
func withGroups(v any) any {
	switch v := v.(type) {
	case []any:
		for i, e := range v {
			v[i] = withGroups(e)
		}
	case *ojson.Object:
		for _, m := range v.Members() {
			v.Set(m.Key, withGroups(m.Value))
		}
		if id, ok := v.Get("id"); ok {
			if s, ok := id.(string); ok {
				if r, ok := parseID(s); ok && r.group != "" && r.name != "" {
					if _, has := v.Get("resourceGroup"); !has {
						v.Set("resourceGroup", r.group)
					}
				}
			}
		}
	}
	return v
}

func (c *call) welcome(t *table.Table) {
	if c.config.get("core", "first_run") == "" {
		fmt.Fprint(c.p.Stdout, help.Privacy)
		c.config.set("core", "first_run", "yes")
		c.config.save(c)
	}
	help.Welcome(c.p.Stdout, t)
}
