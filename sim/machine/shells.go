package machine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"skylab/sim/machine/shell"
	"skylab/sim/machine/tool"
)

// ShellOptions start a shell on a machine.
type ShellOptions struct {
	Machine *Machine
	User    tool.User
	// Interactive shells have a prompt and a history; the others run one text.
	Interactive bool
	// Nested shells were started from another.
	Nested bool
	// Dir is where the session begins; "" is the user's home.
	Dir string
	// Environ adds variables to the environment that a login gives.
	Environ []string
	// Connect starts the shell to which a program connected the terminal, where
	// the console cannot be handed over; nil if that is not to be had.
	Connect func(tool.Login) (shell.Session, error)
}

// Shell is a kind of shell.
type Shell struct {
	Name string // "bash", "pwsh", "powershell", "cmd"
	// Start starts one that takes commands; nil for a shell that is only named.
	Start func(ShellOptions) (shell.Session, error)
	// Program, if it has a Main, describes the shell as a program of the machine.
	Program tool.Program
	Main    func(ctx context.Context, m *Machine, u tool.User, p *tool.Process) int
}

// shellPrograms are the machine's shells that can be run as programs.
func (m *Machine) shellPrograms() (list []tool.Program) {
	for _, k := range m.Shells {
		if k.Main == nil {
			continue
		}
		p := k.Program
		p.Name = k.Name
		p.Run = func(ctx context.Context, x *tool.Process) int {
			u, ok := m.User(x.FS.Who().User)
			if !ok {
				u = tool.User{Name: "root", Groups: []string{"root"}, Home: "/root", Shell: "/bin/bash"}
			}
			return k.Main(ctx, m, u, x)
		}
		list = append(list, p)
	}
	return list
}

// ShellNames are the names of the machine's shells, its own first.
func (m *Machine) ShellNames() []string {
	var names []string
	for _, s := range m.Shells {
		names = append(names, s.Name)
	}
	return names
}

// ErrShell is returned for a shell that the machine has not.
var ErrShell = errors.New("there is no shell")

// Start starts a shell by name; "" is the machine's own.
func (m *Machine) Start(name string, o ShellOptions) (shell.Session, error) {
	i := slices.IndexFunc(m.Shells, func(s Shell) bool { return name == "" || s.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("%w %q on %s; it has %s", ErrShell, name, m.Name, strings.Join(m.ShellNames(), ", "))
	}
	o.Machine = m
	return m.Shells[i].Start(o)
}
