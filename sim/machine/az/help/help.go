// Package help prints the help of az from its command table in knack's layout.
// It must not know what commands do.
package help

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"skylab/sim/machine/az/table"
	"skylab/sim/sorting"
)

const (
	width     = 100
	separator = " : "
)

// Privacy is what the tool says about telemetry when it runs for the first time.
// Nothing is collected here.
const Privacy = `
Welcome to Azure CLI!
---------------------
Use ` + "`az -h`" + ` to see available commands or go to https://aka.ms/cli.

Telemetry
---------
The real tool tells Microsoft which commands are used. This one tells nobody.


`

const welcome = `
     /\
    /  \    _____   _ _  ___ _
   / /\ \  |_  / | | | \'__/ _\
  / ____ \  / /| |_| | | |  __/
 /_/    \_\/___|\__,_|_|  \___|


Welcome to the cool new Azure CLI!

Use ` + "`az --version`" + ` to display the current version.
Here are the base commands:

`

// unsimulated is the description of what exists in reality only.
const unsimulated = "Real but not simulated here."

// item is a line of a list: a name with its marks, and what it is.
type item struct {
	name, tags, summary, long string
	group                     string
	required                  bool
}

// tagsOf are the marks of a name in help.
func tagsOf(m table.Mark, required bool) string {
	var out []string
	switch m {
	case table.Deprecated:
		out = append(out, "[Deprecated]")
	case table.Preview:
		out = append(out, "[Preview]")
	case table.Experimental:
		out = append(out, "[Experimental]")
	}
	if required {
		out = append(out, "[Required]")
	}
	return strings.Join(out, " ")
}

func (i item) length() int {
	n := len(i.name) + len(i.tags) + 1
	if i.tags != "" {
		n++
	}
	return n
}

// column is where the descriptions of a list begin.
func column(items []item) int {
	n := 0
	for _, i := range items {
		n = max(n, i.length())
	}
	return n
}

func (i item) print(w io.Writer, longest int) {
	pad := longest - i.length()
	if i.tags != "" {
		pad++
	}
	text := i.name + strings.Repeat(" ", pad) + i.tags
	if i.summary != "" {
		text += separator + i.summary
	}
	indent(w, text, 1, longest+4+len(separator)-1)
	if i.long != "" {
		indent(w, i.long, 2, -1)
	}
}

// indent prints a text by steps of four columns, folded; hanging is where its
// further lines begin, -1 for the same column.
func indent(w io.Writer, text string, steps, hanging int) {
	first := strings.Repeat("    ", steps)
	next := first
	if hanging >= 0 {
		next = strings.Repeat(" ", hanging)
	}
	for _, paragraph := range strings.Split(text, "\n") {
		fmt.Fprintln(w, Fill(paragraph, first, next, width))
	}
}

func header(w io.Writer, kind, path, summary, long string) {
	fmt.Fprintf(w, "\n%s\n", kind)
	line := strings.TrimSpace("az " + path)
	if summary != "" {
		line += separator + summary
	}
	indent(w, line, 1, -1)
	indent(w, long, 2, -1)
}

func find(w io.Writer, path string) {
	indent(w, "To search AI knowledge base for examples, use: az find \""+strings.TrimSpace("az "+path)+"\"\n", 0, -1)
}

// Command prints the help of a command. kept are the defaults that the tool keeps
// for arguments.
func Command(w io.Writer, c *table.Command, kept map[string]string) {
	long := c.Long
	switch c.Mark {
	case table.Preview:
		long = join(long, "This command is in preview and under development. Reference and support levels: https://aka.ms/CLI_refstatus")
	case table.Deprecated, table.Hidden:
		long = join(long, "This command has been deprecated and will be removed in a future release.")
	}
	header(w, "Command", c.Path, c.Summary, long)
	if long != "" {
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w, "Arguments")
	var items []item
	ids := c.ByID()
	for _, a := range c.Args {
		if a.Mark == table.Hidden {
			continue
		}
		i := argument(a, kept)
		if slices.Contains(ids, a) || a.Dest == "_ids" {
			i.group, i.required = "Resource Id Arguments", false
			i.tags = tagsOf(a.Mark, false)
		}
		items = append(items, i)
	}
	for _, a := range table.Global(c) {
		i := argument(a, kept)
		i.group = "Global Arguments"
		items = append(items, i)
	}
	order(items)
	longest := column(items)
	group := ""
	for _, i := range items {
		if i.group != group {
			fmt.Fprintf(w, "\n%s\n", i.group)
			group = i.group
		}
		i.print(w, longest)
	}
	fmt.Fprintln(w)
	if len(c.Examples) > 0 {
		fmt.Fprintln(w, "Examples")
		for _, x := range c.Examples {
			indent(w, x.Text, 1, -1)
			indent(w, x.Command, 2, -1)
			fmt.Fprintln(w)
		}
		fmt.Fprintln(w)
	}
	find(w, c.Path)
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "\n" + b
}

// order sorts arguments by their headings: none first, Global Arguments last;
// then those that are required; then by name.
func order(items []item) {
	rank := func(i item) string {
		switch i.group {
		case "":
			return "0"
		case "Global Arguments":
			return "2"
		}
		return "1" + i.group
	}
	sorting.By(items, func(a, b item) int {
		if c := strings.Compare(rank(a), rank(b)); c != 0 {
			return c
		}
		if a.required != b.required {
			if a.required {
				return -1
			}
			return 1
		}
		return strings.Compare(a.name, b.name)
	})
}

func argument(a *table.Arg, kept map[string]string) item {
	names := slices.Clone(a.Names)
	slices.Sort(names)
	i := item{name: strings.Join(names, " "), required: a.Required, summary: a.Help}
	if len(names) == 0 {
		i.name, i.group, i.required = a.Holder, "Positional", false
	}
	if a.Group != "" {
		i.group = a.Group + " Arguments"
	}
	value := a.Default
	if v := kept[a.Config]; v != "" && a.Config != "" {
		value, i.required = v, false
	}
	i.tags = tagsOf(a.Mark, i.required)
	if a.Real {
		i.summary = unsimulated
		return i
	}
	choices := slices.Clone(a.Choices)
	if a.Nargs == '3' {
		choices = []string{"false", "true"}
	}
	if len(choices) > 0 {
		slices.Sort(choices)
		i.summary += "  Allowed values: " + strings.Join(choices, ", ") + "."
	}
	if value != "" {
		i.summary += "  Default: " + value + "."
	}
	switch a.Mark {
	case table.Preview:
		i.long = "Argument '" + a.Names[0] + "' is in preview and under development. Reference and support levels: https://aka.ms/CLI_refstatus"
	case table.Deprecated:
		i.long = "Option '" + strings.Join(a.Names, "/") + "' has been deprecated and will be removed in a future release."
	}
	return i
}

// children are the groups and commands of a group that help shows.
func children(t *table.Table, g *table.Group) (groups, commands []item) {
	path := func(name string) string { return strings.TrimSpace(g.Path + " " + name) }
	for _, name := range g.Groups {
		sub, _ := t.Group(path(name))
		i := item{name: name, tags: tagsOf(sub.Mark, false), summary: sub.Summary}
		if i.summary == "" {
			i.summary = unsimulated
		}
		groups = append(groups, i)
	}
	for _, name := range g.Commands {
		c, _ := t.Command(path(name))
		if c.Mark == table.Hidden {
			continue
		}
		i := item{name: name, tags: tagsOf(c.Mark, false), summary: c.Summary}
		if !c.Simulated {
			i.summary = unsimulated
		}
		commands = append(commands, i)
	}
	return groups, commands
}

// Group prints the help of a group; the one without a path is the tool itself.
func Group(w io.Writer, t *table.Table, g *table.Group) {
	header(w, "Group", g.Path, g.Summary, "")
	groups, commands := children(t, g)
	longest := 0
	for _, part := range []struct {
		title string
		items []item
	}{{"Subgroups:", groups}, {"Commands:", commands}} {
		if len(part.items) == 0 {
			continue
		}
		longest = max(longest, column(part.items))
		fmt.Fprintln(w, part.title)
		for _, i := range part.items {
			i.print(w, longest)
		}
		fmt.Fprintln(w)
	}
	find(w, g.Path)
}

// Welcome prints what the tool says without arguments.
func Welcome(w io.Writer, t *table.Table) {
	fmt.Fprint(w, welcome)
	g, _ := t.Group("")
	groups, commands := children(t, g)
	all := append(groups, commands...)
	sorting.By(all, func(a, b item) int { return strings.Compare(a.name, b.name) })
	longest := 0
	for _, i := range all {
		longest = max(longest, len(i.name))
	}
	for _, i := range all {
		indent(w, i.name+strings.Repeat(" ", longest-len(i.name))+separator+i.summary, 1, longest+4+len(separator)-1)
	}
	fmt.Fprintln(w)
}
