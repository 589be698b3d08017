// Package coreutils is the everyday programs of a Linux machine (files, text,
// the system's facts) over a simulated file system, with GNU's messages and
// exit statuses. It must not know any shell, nor reach the network.
package coreutils

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
	"skylab/sim/sorting"
)

// Programs returns all programs of the package, sorted by name.
func Programs() []tool.Program {
	all := slices.Concat(textPrograms(), linePrograms(), filePrograms(), treePrograms(), searchPrograms(), systemPrograms(), codecPrograms(), runPrograms())
	sorting.By(all, func(a, b tool.Program) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// helpOption is in every table.
var helpOption = tool.Option{Long: "help", Help: "print this help"}

// Named returns the larger programs without what runs them. A lab that must stay
// small only names them; [Wider] has them whole.
func Named() []tool.Program {
	find := findManual() // which takes its command line apart itself
	list := []tool.Program{find}
	for _, manual := range []func() tool.Program{sedManual, diffManual, cmpManual, xargsManual, xxdManual} {
		list = append(list, named(manual()))
	}
	return list
}

// Wider returns the programs that [Named] names.
func Wider() []tool.Program {
	find := findManual()
	find.Run = findFiles
	return []tool.Program{
		find, program(sedManual(), tool.Permute, sed), program(diffManual(), tool.Permute, diff),
		program(cmpManual(), tool.Permute, compare), program(xargsManual(), tool.FirstArg, xargs), xxdProgram(),
	}
}

// named gives a program the option that all have.
func named(p tool.Program) tool.Program {
	p.Options = append(slices.Clone(p.Options), helpOption)
	return p
}

// call is one run of a program: its process and its command line taken apart.
type call struct {
	*tool.Process
	tool.Parsed
	Args   []string // the operands; Process.Args still has the whole command line
	prog   tool.Program
	status int // the worst so far of what was reported
}

// program makes a program whose options are parsed by its table before run is
// called. stop says where options end.
func program(p tool.Program, stop tool.Stop, run func(ctx context.Context, c *call) int) tool.Program {
	p = named(p)
	p.Run = func(ctx context.Context, proc *tool.Process) int {
		c := &call{Process: proc, prog: p}
		var err error
		if c.Parsed, err = tool.Parse(p.Options, proc.Args[1:], stop); err != nil {
			return c.usage(err.Error())
		}
		c.Args = c.Parsed.Args
		if c.Has("help") {
			tool.Help(proc.Stdout, p)
			return 0
		}
		return max(run(ctx, c), c.status)
	}
	return p
}

// usageStatus is the exit status of a wrong command line; 1 where not listed.
var usageStatus = map[string]int{"ls": 2, "grep": 2, "sort": 2, "diff": 2, "cmp": 2, "env": 125, "printenv": 2, "xargs": 1, "sed": 1, "timeout": 125, "tty": 2}

// usage reports a wrong command line.
func (c *call) usage(text string) int {
	name := c.prog.Name
	status, ok := usageStatus[name]
	if !ok {
		status = 1
	}
	if rest, absent := strings.CutPrefix(text, "skylab: -"); absent {
		fmt.Fprintf(c.Stderr, "skylab: %s -%s\n", name, rest)
		return status
	}
	if text != "" {
		fmt.Fprintf(c.Stderr, "%s: %s\n", name, text)
	}
	lead := ""
	switch name {
	case "diff", "cmp": // which say everything in their names
		lead = name + ": "
	case "grep":
		fmt.Fprintln(c.Stderr, grepUsage)
	case "sed":
		fmt.Fprintln(c.Stderr, sedUsage)
	}
	fmt.Fprintf(c.Stderr, "%sTry '%s --help' for more information.\n", lead, name)
	return status
}

// fail reports an error and remembers status 1 for the end.
func (c *call) fail(format string, args ...any) int {
	text := fmt.Sprintf(format, args...)
	if !strings.HasPrefix(text, "skylab: ") {
		text = c.prog.Name + ": " + text
	}
	fmt.Fprintln(c.Stderr, text)
	c.status = max(c.status, 1)
	return 1
}

// abs makes a path absolute by the working directory.
func (c *call) abs(name string) string {
	if path.IsAbs(name) {
		return name
	}
	return c.Dir + "/" + name
}

// lines splits data into lines without their ends; a last line without an end
// counts as one.
func lines(data []byte) []string {
	if len(data) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}

// missing reports an operand that was left out.
func (c *call) missing(what string) int { return c.usage("missing " + what) }

// cannot reports what could not be done to a file, and why.
func (c *call) cannot(verb, name string, err error) int {
	return c.fail("%s %s: %s", verb, shellQuote(name), vfs.Errno(err))
}

// ended reports whether the process was told to end.
func (c *call) ended(ctx context.Context) bool {
	if c.Yield != nil {
		return c.Yield(ctx) != nil
	}
	return ctx.Err() != nil
}

func isBinary(data []byte) bool { return bytes.IndexByte(data, 0) >= 0 }
