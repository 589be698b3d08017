// Package table is az's command table as data: groups, commands, arguments,
// requests, table forms and examples, read from the text files in commands/.
// Names and layout are the tool's (azure-cli 2.45.0), descriptions ours. Parsing,
// help, completion and documentation derive from it. The package must not know
// how commands are run.
package table

import (
	"slices"
	"strings"
)

// Mark is a stage of a group, command or argument that help and warnings name.
type Mark byte

const (
	Preview      Mark = '^'
	Experimental Mark = '*'
	Deprecated   Mark = '~'
	Hidden       Mark = '!' // deprecated, and not in help
)

// Arg is an argument of a command.
type Arg struct {
	Names  []string // "--name", "-n"; empty for a positional argument
	Old    []string // deprecated names that are still taken
	Dest   string   // the tool's own name of the value
	Holder string   // how a positional argument is called in help
	// Nargs is how many words it takes: 0 one, '0' none, '?', '*', '+', '1' a list
	// of one, '3' none or true or false.
	Nargs    byte
	Append   bool // each use adds a list
	Type     byte // 0 text, 'i' integer, 'd' number, 'l' a place's name
	Required bool
	Choices  []string
	Default  string
	Group    string // heading in help, without " Arguments"
	IDPart   string // part of a resource ID that it is: "name", "resource_group"
	Config   string // name of the default that az configure keeps for it
	Help     string
	Mark     Mark
	Real     bool // exists in reality and is not simulated here
}

// Example is a command line and what it is for.
type Example struct{ Text, Command string }

// Command is a command of the tool.
type Command struct {
	Path     string
	Summary  string
	Long     string
	Args     []*Arg
	Examples []Example
	// Request says what a command does that is one request: its kind, the shape of
	// its result and its path.
	Request Request
	Table   string // JMESPath of its table
	Confirm bool
	NoSub   bool // has no --subscription
	Mark    Mark
	// Simulated is false for a command of which only the name is known.
	Simulated bool
}

// Request is a request that a command consists of.
type Request struct {
	// Kind is "" for a command that is more than a request; otherwise "show",
	// "list", "root" (a list that is not in a subscription), "flat" and "flatlist"
	// (bodies whose properties are lifted, without nulls), "delete", "post",
	// "postshow", "update" or "wait".
	Kind    string
	Shape   string
	Path    string // {dest} stands for a value, [..] is left out if a value is missing
	Version string
}

// Group is a group of commands.
type Group struct {
	Path     string
	Summary  string
	Groups   []string // names, sorted
	Commands []string // names, sorted
	Mark     Mark
}

// Arg returns an argument by the tool's own name of its value.
func (c *Command) Arg(dest string) *Arg {
	i := slices.IndexFunc(c.Args, func(a *Arg) bool { return a.Dest == dest })
	if i < 0 {
		return nil
	}
	return c.Args[i]
}

// Name is the last word of the command's path.
func (c *Command) Name() string { return c.Path[strings.LastIndexByte(c.Path, ' ')+1:] }

// HasIDs reports whether the command takes --ids in place of names.
func (c *Command) HasIDs() bool { return c.Arg("_ids") != nil }

// ByID are the arguments that --ids stands for.
func (c *Command) ByID() []*Arg {
	var out []*Arg
	if c.HasIDs() {
		for _, a := range c.Args {
			if a.IDPart != "" {
				out = append(out, a)
			}
		}
	}
	return out
}

// Global are the arguments that every command has, sorted as help lists them.
func Global(c *Command) []*Arg {
	return slices.DeleteFunc(slices.Clone(global), func(a *Arg) bool {
		return a.Dest == "_subscription" && (c == nil || c.NoSub || c.Arg("subscription") != nil)
	})
}

var global = []*Arg{
	{Names: []string{"--debug"}, Dest: "_debug", Nargs: '0', Help: "Show all that the tool does."},
	{Names: []string{"--help", "-h"}, Dest: "_help", Nargs: '0', Help: "Show this help."},
	{Names: []string{"--only-show-errors"}, Dest: "_only_show_errors", Nargs: '0', Help: "Show errors only, no warnings."},
	{Names: []string{"--output", "-o"}, Dest: "_output_format", Choices: []string{"json", "jsonc", "yaml", "yamlc", "table", "tsv", "none"}, Default: "json", Help: "Form of the output."},
	{Names: []string{"--query"}, Dest: "_jmespath_query", Holder: "JMESPATH", Help: "JMESPath expression that picks from the result. See http://jmespath.org/."},
	{Names: []string{"--subscription"}, Dest: "_subscription", Help: "Name or ID of the subscription. `az account set -s NAME_OR_ID` sets the current one.", Config: "subscription"},
	{Names: []string{"--verbose"}, Dest: "_verbose", Nargs: '0', Help: "Show more. --debug shows everything."},
}
