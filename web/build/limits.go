package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"skylab/sim"
	"skylab/sim/kit/full"
	"skylab/sim/machine/az/table"
	"skylab/sim/machine/powershell"
	"skylab/sim/machine/powershell/cmdlet"
	"skylab/tutorials/learn"
	"skylab/web"
)

// simulated are the sections of the page of limits that tell what is there, made
// from the tables by which the lab works.
func simulated() ([]web.Section, error) {
	var text strings.Builder
	linux, err := inventory("linux-vm")
	if err != nil {
		return nil, err
	}
	windows, err := inventory("windows-vm")
	if err != nil {
		return nil, err
	}
	fmt.Fprint(&text, "## Resource types\n\nResource Manager serves these; of the others it says that they are not simulated.\n\n")
	listByGroup(&text, linux.Types, "/")
	fmt.Fprint(&text, "## The Azure CLI\n\nThese commands of version 2.45.0 do what they say; of the others only the names are known.\n\n")
	var commands []string
	for _, path := range table.Load().Commands() {
		if c, ok := table.Load().Command(path); ok && c.Simulated {
			commands = append(commands, path)
		}
	}
	listByGroup(&text, commands, " ")
	for _, x := range []struct{ heading, machine string }{{"Programs of a Linux machine", "myVM"}, {"Programs of a Windows machine", "myVM"}} {
		from := linux
		if strings.Contains(x.heading, "Windows") {
			from = windows
		}
		var names []string
		for _, p := range from.Programs[x.machine] {
			names = append(names, p.Name)
		}
		fmt.Fprintf(&text, "## %s\n\n%s\n\n", x.heading, code(names))
	}
	var cmdlets []string
	for _, c := range cmdlet.All(powershell.Desktop) {
		cmdlets = append(cmdlets, c.Name)
	}
	slices.Sort(cmdlets)
	fmt.Fprintf(&text, "## Commands of PowerShell\n\n%s\n", code(cmdlets))
	a, err := learn.Parse([]byte(text.String()))
	if err != nil {
		return nil, err
	}
	var sections []web.Section
	for _, s := range a.Sections {
		sections = append(sections, web.Section{Heading: s.Heading, Blocks: s.Blocks})
	}
	return sections, nil
}

func inventory(scenario string) (sim.Inventory, error) {
	l, err := sim.New(context.Background(), sim.Options{Scenario: scenario, Seed: "limits", Kit: full.Kit()})
	if err != nil {
		return sim.Inventory{}, err
	}
	return l.Inventory(), nil
}

// listByGroup writes a list of groups, each with its names: what stands before
// the first or, of two words and more, the last separator is the group.
func listByGroup(w *strings.Builder, names []string, separator string) {
	groups := map[string][]string{}
	for _, name := range names {
		at := strings.Index(name, separator)
		if separator == " " {
			at = strings.LastIndex(name, separator)
		}
		groups[name[:max(at, 0)]] = append(groups[name[:max(at, 0)]], name[at+1:])
	}
	for _, group := range slices.Sorted(maps.Keys(groups)) {
		if group == "" {
			fmt.Fprintf(w, "- %s\n", code(groups[group]))
			continue
		}
		fmt.Fprintf(w, "- **%s**: %s\n", group, code(groups[group]))
	}
	fmt.Fprintln(w)
}

func code(names []string) string { return "`" + strings.Join(names, "`, `") + "`" }
