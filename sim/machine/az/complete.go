package az

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"skylab/sim/machine/az/table"
	"skylab/sim/machine/tool"
)

// complete proposes words for the last of words, which is being typed: groups and
// commands, options, and values of options that the table knows. nil means files.
func complete(p *tool.Process, words []string) []string {
	if len(words) == 0 {
		return nil
	}
	t := table.Load()
	typed, before := words[len(words)-1], words[:len(words)-1]
	path, rest := "", before
	for len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
		next := strings.TrimSpace(path + " " + strings.ToLower(rest[0]))
		if _, ok := t.Group(next); ok {
			path, rest = next, rest[1:]
			continue
		}
		if _, ok := t.Command(next); ok {
			path, rest = next, rest[1:]
		}
		break
	}
	var list []string
	cmd, isCommand := t.Command(path)
	switch {
	case !isCommand:
		g, ok := t.Group(path)
		if !ok || len(rest) > 0 { // a word before it is no group
			return []string{}
		}
		list = slices.Concat(g.Groups, g.Commands, []string{"--help", "-h"})
		for _, name := range g.Commands {
			if c, _ := t.Command(strings.TrimSpace(path + " " + name)); c.Mark == table.Hidden {
				list = slices.DeleteFunc(list, func(s string) bool { return s == name })
			}
		}
	case strings.HasPrefix(typed, "-"):
		for _, a := range slices.Concat(table.Global(cmd), cmd.Args) {
			if !slices.ContainsFunc(rest, func(w string) bool { return slices.Contains(a.Names, w) }) {
				list = append(list, a.Names...)
			}
		}
	default:
		a := option(cmd, rest)
		if a == nil {
			return []string{}
		}
		values := valuesOf(p, cmd, a, rest)
		if values == nil {
			return nil
		}
		list = values
	}
	out := []string{}
	for _, w := range list {
		if strings.HasPrefix(strings.ToLower(w), strings.ToLower(typed)) {
			out = append(out, w)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// option is the option whose value is being typed.
func option(cmd *table.Command, rest []string) *table.Arg {
	for i := len(rest) - 1; i >= 0; i-- {
		if !strings.HasPrefix(rest[i], "-") {
			continue
		}
		for _, a := range slices.Concat(table.Global(cmd), cmd.Args) {
			if slices.Contains(a.Names, rest[i]) {
				if i == len(rest)-1 || a.Nargs == '+' || a.Nargs == '*' {
					return a
				}
				return nil
			}
		}
		return nil
	}
	return nil
}

// valuesOf are the values that an option can have, as far as the table or the
// cloud tells; nil means files.
func valuesOf(p *tool.Process, cmd *table.Command, a *table.Arg, rest []string) []string {
	switch {
	case len(a.Choices) > 0:
		return a.Choices
	case a.Nargs == '3':
		return []string{"true", "false"}
	case a.Nargs == '0':
		return []string{}
	}
	var path, pick string
	switch a.Config {
	case "group":
		path, pick = "/resourcegroups?api-version="+resourcesVersion, "name"
	case "location":
		path, pick = "/locations?api-version="+subscriptionsVersion, "name"
	case "vm":
		path, pick = vms+"?api-version="+computeVersion, "name"
		if g := after(rest, "-g", "--resource-group"); g != "" {
			path = "/resourceGroups/" + pathSegment(g) + path
		}
	default:
		return nil
	}
	if p.Card == nil {
		return nil
	}
	c := newCall(context.Background(), p)
	c.cmd, c.quiet = cmd, true
	sub, err := c.subscription()
	if err != nil {
		return []string{}
	}
	res, err := c.arm(http.MethodGet, "/subscriptions/"+sub+path, nil)
	if err != nil {
		return []string{}
	}
	var out []string
	for _, e := range objectsAt(res.object(), "value") {
		out = append(out, e.Str(pick))
	}
	return out
}

func after(words []string, names ...string) string {
	for i, w := range words[:max(0, len(words)-1)] {
		if slices.Contains(names, w) {
			return words[i+1]
		}
	}
	return ""
}
