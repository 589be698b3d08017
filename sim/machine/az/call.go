package az

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"skylab/sim/machine/az/argparse"
	"skylab/sim/machine/az/model"
	"skylab/sim/machine/az/table"
	"skylab/sim/machine/tool"
	"skylab/sim/ojson"
)

// call is one run of az.
type call struct {
	ctx    context.Context
	p      *tool.Process
	config *config
	words  []string // of the command line, files read in
	cmd    *table.Command
	line   *argparse.Line
	target target // what --ids names, or nothing

	debug, verbose, quiet bool
	// raw results are printed as they are, without resourceGroup.
	raw bool
	// ordered results keep the order of their members in tsv.
	ordered bool

	profile *profile // read at first use
	tokens  map[string]token
}

func newCall(ctx context.Context, p *tool.Process) *call {
	c := &call{ctx: ctx, p: p, tokens: map[string]token{}}
	c.config = c.loadConfig()
	return c
}

// target is a resource that --ids names: its parts by the arguments they replace.
type target struct {
	id     string
	values map[string]string // by dest
	sub    string
}

// command does what a command is for and returns its result.
type command func(*call) (any, error)

// handlers are the commands that are more than a request, by path.
var handlers map[string]command

func init() { // the functions refer to what refers to the table
	handlers = map[string]command{}
	for _, part := range []map[string]command{accountCommands, groupCommands, identityCommands, roleCommands, definitionCommands, vmCommands, resourceCommands,
		networkCommands, deploymentCommands, storageCommands, keyvaultCommands, adCommands, appCommands, credentialCommands, configCommands, miscCommands} {
		for path, f := range part {
			handlers[path] = f
		}
	}
}

// expand replaces @FILE by what is in the file, also behind an option's =.
func (c *call) expand(words []string) error {
	for _, w := range words {
		option, name := "", w
		if strings.HasPrefix(w, "--") {
			if o, v, ok := strings.Cut(w, "="); ok {
				option, name = o+"=", v
			}
		}
		if !strings.HasPrefix(name, "@") || len(name) < 2 {
			c.words = append(c.words, w)
			continue
		}
		text, err := c.readText(name[1:])
		if err != nil {
			c.words = append(c.words, w) // az takes the word as it is then
			continue
		}
		c.words = append(c.words, option+text)
	}
	return nil
}

// readText reads a file's text, - being standard input.
func (c *call) readText(name string) (string, error) {
	if name == "-" {
		data, err := io.ReadAll(c.p.Stdin)
		return strings.TrimRight(string(data), "\n"), err
	}
	data, err := c.p.FS.ReadFile(c.path(name))
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(string(data), "\ufeff"), nil
}

// json reads an argument that is JSON or a file that holds it.
func (c *call) json(text string) (*ojson.Object, error) {
	if data, err := c.readText(text); err == nil && len(text) < 1000 {
		text = data
	}
	o, ok := model.Literal(text).(*ojson.Object)
	if !ok {
		return nil, failf("Failed to parse string as JSON:\n%s\nError detail: Expecting value: line 1 column 1 (char 0)\nThe provided JSON string may have been parsed by the shell. See https://docs.microsoft.com/cli/azure/use-cli-effectively#use-quotation-marks-in-arguments", text)
	}
	return o, nil
}

// str is an argument's value: what --ids says, what was given, what is kept as a
// default, what the table says.
func (c *call) str(dest string) string {
	if v, ok := c.target.values[dest]; ok {
		return v
	}
	if w := c.line.Words(dest); len(w) > 0 {
		return w[len(w)-1]
	}
	for _, a := range slices.Concat(table.Global(c.cmd), c.cmd.Args) {
		if a.Dest != dest || c.line.Has(dest) {
			continue
		}
		if v := c.config.defaults()[a.Config]; v != "" && a.Config != "" {
			return v
		}
		if a.Dest != "_output_format" {
			return a.Default
		}
	}
	return ""
}

// list is an argument's words.
func (c *call) list(dest string) []string { return c.line.Words(dest) }

// flag is an argument that is given or not, or true or false.
func (c *call) flag(dest string) bool {
	if !c.line.Has(dest) {
		return false
	}
	w := c.line.Words(dest)
	return len(w) == 0 || strings.EqualFold(w[0], "true")
}

// number is an argument's integer, or def.
func (c *call) number(dest string, def int) int {
	if n, err := strconv.Atoi(c.str(dest)); err == nil {
		return n
	}
	return def
}

// tags are --tags as an object; ok is false where it was not given.
func (c *call) tags() (o *ojson.Object, ok bool) {
	if !c.line.Has("tags") {
		return nil, false
	}
	return pairs(c.list("tags")), true
}

// pairs reads KEY[=VALUE] words.
func pairs(words []string) *ojson.Object {
	o := ojson.New()
	for _, w := range words {
		if w == "" {
			continue
		}
		k, v, _ := strings.Cut(w, "=")
		o.Set(k, v)
	}
	return o
}

// group is the resource group of the command.
func (c *call) group() string {
	if g := c.str("resource_group_name"); g != "" {
		return g
	}
	return c.str("resource_group")
}

// deprecations warns of arguments and commands that are in preview or will go.
func (c *call) deprecations() {
	say := func(text string) {
		if !c.quiet {
			fmt.Fprintln(c.p.Stderr, "WARNING: "+text)
		}
	}
	const stage = " is in preview and under development. Reference and support levels: https://aka.ms/CLI_refstatus"
	const going = " has been deprecated and will be removed in a future release."
	seen := map[string]bool{}
	for _, u := range c.line.Uses {
		name := u.Arg.Dest
		if len(u.Arg.Names) > 0 {
			name = u.Arg.Names[0]
		}
		if seen[name] {
			continue
		}
		seen[name] = true
		switch u.Arg.Mark {
		case table.Preview:
			say("Argument '" + name + "'" + stage)
		case table.Deprecated, table.Hidden:
			say("Option '" + strings.Join(u.Arg.Names, "/") + "'" + going)
		}
	}
	switch c.cmd.Mark {
	case table.Preview:
		say("This command" + stage)
	case table.Deprecated, table.Hidden:
		say("This command" + going)
	}
}

// confirm asks before a command that destroys.
func (c *call) confirm() error {
	if !c.cmd.Confirm || c.line.Has("yes") || c.config.flag("core", "disable_confirm_prompt") {
		return nil
	}
	return c.ask("Are you sure you want to perform this operation?")
}

var errNoTTY = failf("Unable to prompt for confirmation as no tty available. Use --yes.")

// ask asks a question that y answers.
func (c *call) ask(question string) error {
	yes, err := c.either(question, "", 'y', 'n', 0)
	switch {
	case err != nil:
		return errNoTTY
	case !yes:
		return failf("Operation cancelled.")
	}
	return nil
}

// join is a path of an API with its version.
func join(version string, parts ...string) string {
	return strings.Join(parts, "") + "?api-version=" + version
}
