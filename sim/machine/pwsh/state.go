package pwsh

import (
	"encoding/json"
	"fmt"
)

// state is a session as a snapshot keeps it.
type state struct {
	History []string `json:"history,omitempty"`
}

// State implements shell.Session.
func (s *Session) State() (json.RawMessage, error) {
	return json.Marshal(state{History: s.history})
}

// Restore implements shell.Session.
func (s *Session) Restore(raw json.RawMessage) error {
	var st state
	if err := json.Unmarshal(raw, &st); err != nil {
		return fmt.Errorf("restore a PowerShell session: %w", err)
	}
	s.history = st.History
	return nil
}

// Vars implements shell.Session.
func (s *Session) Vars() map[string]string { return map[string]string{} }
