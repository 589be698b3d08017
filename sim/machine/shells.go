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
	// Start starts one that takes commands.
	Start func(ShellOptions) (shell.Session, error)
	// Program, if it has a Main, describes the shell as a program of the machine.
	Program tool.Program
	Main    func(ctx context.Context, m *Machine, u tool.User, p *tool.Process) int
}

// shells are the kinds of shells that this program has, by name. Packages of
// shells add theirs as they are initialised; nothing changes it later.
var shells = map[string]Shell{}

// Provide makes a kind of shell known by its name: "bash", "pwsh", "powershell".
func Provide(name string, s Shell) { shells[name] = s }

// shellPrograms are the machine's shells that can be run as programs.
func (m *Machine) shellPrograms() (list []tool.Program) {
	for _, name := range m.Shells {
		k := shells[name]
		if k.Main == nil {
			continue
		}
		p := k.Program
		p.Name = name
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

// ErrShell is returned for a shell that the machine, or this program, has not.
var ErrShell = errors.New("there is no shell")

// Start starts a shell by name; "" is the machine's own.
func (m *Machine) Start(name string, o ShellOptions) (shell.Session, error) {
	if name == "" {
		name = m.Shells[0]
	}
	if !slices.Contains(m.Shells, name) {
		return nil, fmt.Errorf("%w %q on %s; it has %s", ErrShell, name, m.Name, strings.Join(m.Shells, ", "))
	}
	start := shells[name].Start
	if start == nil {
		return nil, fmt.Errorf("%w %q in this program", ErrShell, name)
	}
	o.Machine = m
	return start(o)
}
