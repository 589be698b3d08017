package pwsh

import (
	"encoding/json"
	"fmt"
)

// state is a session as a snapshot keeps it.
type state struct {
	History []string        `json:"history,omitempty"`
	Session json.RawMessage `json:"session"`
}

// State implements shell.Session.
func (s *Session) State() (json.RawMessage, error) {
	data, err := s.ps.MarshalState()
	if err != nil {
		return nil, err
	}
	return json.Marshal(state{s.history, data})
}

// Restore implements shell.Session.
func (s *Session) Restore(raw json.RawMessage) error {
	var st state
	if err := json.Unmarshal(raw, &st); err != nil {
		return fmt.Errorf("restore a PowerShell session: %w", err)
	}
	if err := s.ps.UnmarshalState(st.Session); err != nil {
		return err
	}
	s.history = st.History
	return nil
}

// Vars implements shell.Session.
func (s *Session) Vars() map[string]string { return s.ps.Texts() }
