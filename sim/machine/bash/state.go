package bash

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"mvdan.cc/sh/v3/syntax"

	"skylab/sim/machine/shell"
)

// state is a session as a snapshot keeps it.
type state struct {
	Dir     string              `json:"dir"`
	Vars    map[string]variable `json:"vars"`
	Funcs   map[string]string   `json:"funcs,omitempty"` // source of each
	Aliases map[string]string   `json:"aliases,omitempty"`
	History []string            `json:"history,omitempty"`
	Traps   map[string]string   `json:"traps,omitempty"`
	Set     map[string]bool     `json:"set,omitempty"`
	Shopt   map[string]bool     `json:"shopt,omitempty"`
	Params  []string            `json:"params,omitempty"`
	Stack   []string            `json:"stack,omitempty"`
	Umask   uint32              `json:"umask"`
	Status  int                 `json:"status,omitempty"`
	Last    string              `json:"last,omitempty"`
	Random  *uint32             `json:"random,omitempty"`
	PID     int                 `json:"pid"`
	LastPID int                 `json:"lastPid"`
	Began   time.Time           `json:"began"`
	Initial map[string]string   `json:"initial,omitempty"`
	// Options are commands that set the options again, in snapshots of old.
	Options string `json:"options,omitempty"`
}

// State implements shell.Session.
func (s *Session) State() (json.RawMessage, error) {
	f := s.top
	st := state{
		Dir: f.dir, Vars: f.vars, Funcs: map[string]string{}, Aliases: s.aliases, History: s.history, Traps: f.traps, Set: f.options, Shopt: map[string]bool{}, Params: f.params, Stack: f.stack,
		Umask: f.umask, Status: f.status, Last: f.last, PID: s.pid, LastPID: s.lastPID, Began: s.began, Initial: s.initial,
	}
	for name, fn := range f.funcs {
		st.Funcs[name] = fn.source()
	}
	for name, on := range f.shopts {
		if shoptDefaults[name] != on {
			st.Shopt[name] = on
		}
	}
	if f.seeded {
		st.Random = &f.random
	}
	return json.Marshal(st)
}

// Restore implements shell.Session.
func (s *Session) Restore(raw json.RawMessage) error {
	var st state
	if err := json.Unmarshal(raw, &st); err != nil {
		return fmt.Errorf("restore a bash session: %w", err)
	}
	s.pid, s.lastPID = st.PID, st.LastPID
	s.start(nil, st.Dir)
	f := s.top
	if st.Vars != nil {
		f.vars = st.Vars
	}
	for name, text := range st.Funcs {
		if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "(") { // its body alone, as of old
			text = name + "() " + text
		}
		file, err := newParser().Parse(strings.NewReader(text), "")
		if err != nil || len(file.Stmts) != 1 {
			return fmt.Errorf("restore a bash session: its function %s cannot be read", name)
		}
		decl, ok := file.Stmts[0].Cmd.(*syntax.FuncDecl)
		if !ok {
			return fmt.Errorf("restore a bash session: its function %s cannot be read", name)
		}
		prepare(decl)
		f.funcs[name] = function{text, decl}
	}
	if st.Aliases != nil {
		s.aliases = st.Aliases
	}
	if st.Traps != nil {
		f.traps = st.Traps
	}
	if st.Set != nil {
		f.options = st.Set
	}
	maps.Copy(f.shopts, st.Shopt)
	if st.Random != nil {
		f.random, f.seeded = *st.Random, true
	}
	f.params, f.stack, f.umask, f.status, f.last = st.Params, st.Stack, st.Umask, st.Status, st.Last
	if st.Options != "" {
		s.runText(context.Background(), st.Options, shell.Streams{})
	}
	if st.Set == nil { // a snapshot of old: what the shell begins with is not in it
		fresh := s.newFrame(nil, st.Dir)
		for name, v := range fresh.vars {
			if _, ok := f.vars[name]; !ok {
				f.vars[name] = v
			}
		}
	}
	s.history, s.began, s.initial = st.History, st.Began, st.Initial
	if s.initial == nil {
		s.remember()
	}
	return nil
}
