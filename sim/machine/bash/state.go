package bash

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// state is a session as a snapshot keeps it.
type state struct {
	Dir     string                     `json:"dir"`
	Vars    map[string]expand.Variable `json:"vars"`
	Funcs   map[string]string          `json:"funcs,omitempty"` // source of each
	Aliases map[string]string          `json:"aliases,omitempty"`
	History []string                   `json:"history,omitempty"`
	Traps   map[string]string          `json:"traps,omitempty"`
	Options string                     `json:"options,omitempty"` // commands that set them again
}

// State implements shell.Session.
func (s *Session) State() (json.RawMessage, error) {
	st := state{Dir: s.runner.Dir, Vars: map[string]expand.Variable{}, Funcs: map[string]string{}, Aliases: s.aliases, History: s.history, Traps: s.traps, Options: s.optionCommands()}
	for name, v := range s.runner.Vars {
		if !readOnlyVars[name] {
			st.Vars[name] = v
		}
	}
	printer := syntax.NewPrinter()
	for name, body := range s.runner.Funcs {
		var b strings.Builder
		if err := printer.Print(&b, body); err != nil {
			return nil, fmt.Errorf("keep the function %s: %w", name, err)
		}
		st.Funcs[name] = b.String()
	}
	return json.Marshal(st)
}

// optionCommands are the commands that set the shell's options as they are, where they
// differ from those of a fresh shell.
func (s *Session) optionCommands() string {
	var text strings.Builder
	sub := s.runner.Subshell()
	if err := interp.StdIO(nil, &text, io.Discard)(sub); err != nil {
		return ""
	}
	f, err := syntax.NewParser().Parse(strings.NewReader("set +o; shopt"), "")
	if err != nil {
		return ""
	}
	for _, stmt := range f.Stmts {
		_ = sub.Run(context.Background(), stmt) // shopt may end with 1
	}
	var out strings.Builder
	for _, line := range strings.Split(text.String(), "\n") {
		name, rest, _ := strings.Cut(line, "\t")
		state, _, _ := strings.Cut(rest, " ")
		switch {
		case strings.HasPrefix(line, "set -o "):
			out.WriteString(line + "\n")
		case state == "on" && name != "expand_aliases":
			out.WriteString("shopt -s " + name + "\n")
		}
	}
	return out.String()
}

// readOnlyVars belong to the interpreter, which sets them itself.
var readOnlyVars = map[string]bool{"UID": true, "EUID": true, "GID": true, "PPID": true, "BASHPID": true, "PWD": true, "OLDPWD": true, "LINENO": true, "RANDOM": true, "SECONDS": true}

// Restore implements shell.Session.
func (s *Session) Restore(raw json.RawMessage) error {
	var st state
	if err := json.Unmarshal(raw, &st); err != nil {
		return fmt.Errorf("restore a bash session: %w", err)
	}
	first := s.initial
	var env []string
	for name, v := range st.Vars {
		if v.Exported && v.Kind == expand.String {
			env = append(env, name+"="+v.Str)
		}
	}
	slices.Sort(env)
	if err := s.start(env, st.Dir); err != nil {
		return err
	}
	s.aliases, s.history = maps.Clone(st.Aliases), st.History
	if s.aliases == nil {
		s.aliases = map[string]string{}
	}
	s.traps = maps.Clone(st.Traps)
	if s.traps == nil {
		s.traps = map[string]string{}
	}
	var script strings.Builder
	for _, name := range slices.Sorted(maps.Keys(st.Vars)) {
		v := st.Vars[name]
		if text := declaration(name, v); text != "" && !(v.Exported && v.Kind == expand.String) {
			script.WriteString(text + "\n")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(st.Funcs)) {
		script.WriteString(name + "() " + st.Funcs[name] + "\n")
	}
	for _, signal := range slices.Sorted(maps.Keys(s.traps)) {
		script.WriteString("trap -- " + ansi(s.traps[signal]) + " " + ansi(signal) + "\n")
	}
	if err := s.quiet(context.Background(), script.String()+st.Options); err != nil {
		return fmt.Errorf("restore a bash session: %w", err)
	}
	s.initial = first
	return nil
}

// declaration is the command that gives a variable its value again.
func declaration(name string, v expand.Variable) string {
	if v.Kind == expand.String && !v.IsSet() || !syntax.ValidName(name) {
		return ""
	}
	switch v.Kind {
	case expand.String:
		return name + "=" + ansi(v.Str)
	case expand.Indexed:
		parts := make([]string, len(v.List))
		for i, x := range v.List {
			at := i
			if v.Indexes != nil {
				at = v.Indexes[i]
			}
			parts[i] = fmt.Sprintf("[%d]=%s", at, ansi(x))
		}
		return name + "=(" + strings.Join(parts, " ") + ")"
	case expand.Associative:
		text := "declare -A " + name
		for _, k := range slices.Sorted(maps.Keys(v.Map)) {
			text += fmt.Sprintf("\n%s[%s]=%s", name, ansi(k), ansi(v.Map[k]))
		}
		return text
	}
	return ""
}

// ansi quotes any text for bash.
func ansi(text string) string {
	q, err := syntax.Quote(text, syntax.LangBash)
	if err != nil { // a zero byte, which bash cannot hold either
		return "''"
	}
	return q
}
