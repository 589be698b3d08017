package bash

import (
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// ownPrefix marks the builtins that this package provides; no word that a
// person can type begins so.
const ownPrefix = "\x00"

// own are the builtins that this package provides.
var own = map[string]func(s *Session, hc interp.HandlerContext, args []string) int{}

func init() {
	own[ownPrefix+"history"] = (*Session).historyBuiltin
	own[ownPrefix+"command"] = (*Session).commandBuiltin
	own[ownPrefix+"type"] = (*Session).typeBuiltin
	own[ownPrefix+"alias"] = (*Session).aliasBuiltin
	own[ownPrefix+"unalias"] = (*Session).unaliasBuiltin
	own[ownPrefix+"time"] = (*Session).timeBuiltin
	own[ownPrefix+"jobs"] = func(*Session, interp.HandlerContext, []string) int { return 0 }
	own[ownPrefix+"umask"] = func(_ *Session, hc interp.HandlerContext, args []string) int {
		if len(args) == 1 {
			fmt.Fprintln(hc.Stdout, "0022")
		}
		return 0
	}
	own[ownPrefix+"ulimit"] = func(_ *Session, hc interp.HandlerContext, _ []string) int {
		fmt.Fprintln(hc.Stdout, "unlimited")
		return 0
	}
}

func (s *Session) historyBuiltin(hc interp.HandlerContext, args []string) int {
	if len(args) > 1 && args[1] == "-c" {
		s.history = nil
		return 0
	}
	for i, h := range s.history {
		fmt.Fprintf(hc.Stdout, "%5d  %s\n", i+1, h)
	}
	return 0
}

// timeBuiltin begins and ends what time measures, on the lab's clock.
func (s *Session) timeBuiltin(hc interp.HandlerContext, args []string) int {
	now := s.m.Clock.Now()
	if len(args) > 1 && args[1] == "begin" {
		s.timing = append(s.timing, now)
		return 0
	}
	n := len(s.timing)
	if n == 0 {
		return int(hc.LastExitStatus)
	}
	took := now.Sub(s.timing[n-1])
	s.timing = s.timing[:n-1]
	if len(args) > 1 && args[1] == "posix" {
		fmt.Fprintf(hc.Stderr, "real %.2f\nuser 0.00\nsys 0.00\n", took.Seconds())
	} else {
		fmt.Fprintf(hc.Stderr, "\nreal\t%dm%.3fs\nuser\t0m0.000s\nsys\t0m0.000s\n", int(took.Minutes()), took.Seconds()-60*float64(int(took.Minutes())))
	}
	return int(hc.LastExitStatus)
}

// find says what a name is: "alias", "keyword", "function", "builtin", "file".
func (s *Session) find(name string) string {
	_, isAlias := s.aliases[name]
	_, isProgram := s.m.Program(name)
	_, isOwn := own[ownPrefix+name]
	switch {
	case isAlias:
		return "alias"
	case slices.Contains(keywords, name):
		return "keyword"
	case s.runner.Funcs[name] != nil:
		return "function"
	case isOwn || interp.IsBuiltin(name):
		return "builtin"
	case isProgram:
		return "file"
	}
	return ""
}

var keywords = strings.Fields("! [[ ]] case coproc do done elif else esac fi for function if in select then time until while { }")

func (s *Session) commandBuiltin(hc interp.HandlerContext, args []string) int {
	status := 0
	for _, name := range args[2:] {
		switch kind := s.find(name); {
		case kind == "":
			if args[1] == "-V" {
				fmt.Fprintf(hc.Stderr, "%scommand: %s: not found\n", s.prefix(hc.Pos), name)
			}
			status = 1
		case args[1] == "-V":
			s.describe(hc, name, kind)
		case kind == "alias":
			fmt.Fprintf(hc.Stdout, "alias %s=%s\n", name, quote(s.aliases[name]))
		case kind == "file":
			fmt.Fprintln(hc.Stdout, "/usr/bin/"+name)
		default:
			fmt.Fprintln(hc.Stdout, name)
		}
	}
	return status
}

func (s *Session) typeBuiltin(hc interp.HandlerContext, args []string) int {
	status, short := 0, false
	for _, name := range args[1:] {
		if name == "-t" {
			short = true
			continue
		}
		kind := s.find(name)
		switch {
		case kind == "" && !short:
			fmt.Fprintf(hc.Stderr, "%stype: %s: not found\n", s.prefix(hc.Pos), name)
			status = 1
		case kind == "":
			status = 1
		case short:
			fmt.Fprintln(hc.Stdout, kind)
		default:
			s.describe(hc, name, kind)
		}
	}
	return status
}

func (s *Session) describe(hc interp.HandlerContext, name, kind string) {
	switch kind {
	case "alias":
		fmt.Fprintf(hc.Stdout, "%s is aliased to `%s'\n", name, s.aliases[name])
	case "keyword":
		fmt.Fprintf(hc.Stdout, "%s is a shell keyword\n", name)
	case "function":
		fmt.Fprintf(hc.Stdout, "%s is a function\n", name)
	case "builtin":
		fmt.Fprintf(hc.Stdout, "%s is a shell builtin\n", name)
	default:
		fmt.Fprintf(hc.Stdout, "%s is /usr/bin/%s\n", name, name)
	}
}

func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

func (s *Session) aliasBuiltin(hc interp.HandlerContext, args []string) int {
	status := 0
	if len(args) == 1 {
		names := make([]string, 0, len(s.aliases))
		for n := range s.aliases {
			names = append(names, n)
		}
		slices.Sort(names)
		args = append(args, names...)
	}
	for _, a := range args[1:] {
		name, value, set := strings.Cut(a, "=")
		switch old, ok := s.aliases[name]; {
		case set:
			s.aliases[name] = value
		case ok:
			fmt.Fprintf(hc.Stdout, "alias %s=%s\n", name, quote(old))
		default:
			fmt.Fprintf(hc.Stderr, "%salias: %s: not found\n", s.prefix(hc.Pos), name)
			status = 1
		}
	}
	return status
}

func (s *Session) unaliasBuiltin(hc interp.HandlerContext, args []string) int {
	status := 0
	for _, name := range args[1:] {
		if name == "-a" {
			clear(s.aliases)
			continue
		}
		if _, ok := s.aliases[name]; !ok {
			fmt.Fprintf(hc.Stderr, "%sunalias: %s: not found\n", s.prefix(hc.Pos), name)
			status = 1
		}
		delete(s.aliases, name)
	}
	return status
}

// expandAliases replaces aliases where a command begins, as an interactive bash
// does. An alias whose text is more than words is left alone: the interpreter
// has no place for it.
func (s *Session) expandAliases(f *syntax.File) {
	if !s.interactive || len(s.aliases) == 0 {
		return
	}
	syntax.Walk(f, func(n syntax.Node) bool {
		c, ok := n.(*syntax.CallExpr)
		if !ok || len(c.Args) == 0 {
			return true
		}
		for seen := map[string]bool{}; ; {
			name := c.Args[0].Lit()
			text, ok := s.aliases[name]
			if !ok || seen[name] {
				return true
			}
			seen[name] = true
			words := aliasWords(text)
			if words == nil {
				return true
			}
			c.Args = append(words, c.Args[1:]...)
		}
	})
}

func aliasWords(text string) []*syntax.Word {
	f, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil || len(f.Stmts) != 1 || len(f.Stmts[0].Redirs) > 0 {
		return nil
	}
	c, ok := f.Stmts[0].Cmd.(*syntax.CallExpr)
	if !ok || len(c.Assigns) > 0 {
		return nil
	}
	return c.Args
}
