package sim

import (
	"errors"

	"skylab/sim/labapi"
	"skylab/sim/machine/shell"
)

// keyboard is what a page types for a command that runs.
type keyboard struct {
	*shell.Keyboard
	out    *printer
	secret bool // what is typed next is not shown
}

// keyboard returns the keyboard of a console, which tells the page each time
// its command waits for a line.
func (s *Service) keyboard(console string, out *printer) *keyboard {
	k := &keyboard{out: out}
	k.Keyboard = shell.NewKeyboard(nil, func(secret bool) {
		s.mu.Lock()
		k.secret = secret
		s.mu.Unlock()
		out.flush()
		s.send(labapi.Message{Event: &labapi.Event{Prompt: &labapi.Prompt{Console: console, Secret: secret}}})
	})
	return k
}

// feed gives a running command a line, or the end of its input. The line stands
// in the console's log behind what asked for it, as on a terminal, unless it is
// secret.
func (s *Service) feed(a labapi.Input) error {
	s.mu.Lock()
	k := s.input[a.Console]
	secret := k != nil && k.secret
	if k != nil {
		k.secret = false
	}
	s.mu.Unlock()
	switch {
	case k == nil:
		return errors.New("no command waits for input")
	case a.End:
		k.End()
		return nil
	case !secret:
		k.out.flush()
		s.printed(a.Console, "in", a.Text+"\n") // the page shows it by itself
	}
	k.Type(a.Text)
	return nil
}
