package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"skylab/sim/machine/shell"
	"skylab/sim/machine/tool"
)

// Console is a place where commands are typed: a stack of shells, of which the
// first is on the console's own machine and each further one was reached from
// the one below it by ssh. Commands go to the last.
type Console struct {
	lab  *Lab
	id   string
	home string
	// Title is what the person calls it; "" if nothing.
	Title string
	// stack is never empty.
	stack []level
}

// level is one shell of a console.
type level struct {
	login   tool.Login // how it was reached; of the first, its machine and user
	session shell.Session
	rest    string // what the shell below runs when this one has ended
}

// level and console as a snapshot keeps them.
type (
	levelState struct {
		Login tool.Login      `json:"login"`
		Shell json.RawMessage `json:"shell"`
		Rest  string          `json:"rest,omitempty"`
	}
	consoleState struct {
		ID    string       `json:"id"`
		Home  string       `json:"home"`
		Title string       `json:"title,omitempty"`
		Stack []levelState `json:"stack"`
	}
)

// ID names the console in its lab; the first console of a machine has the
// machine's name.
func (c *Console) ID() string { return c.id }

// Home is the machine that the console was opened on.
func (c *Console) Home() string { return c.home }

// Machine is the machine on which the next command runs.
func (c *Console) Machine() string { return c.top().login.Machine }

// Depth is how many ssh connections lie between the console and its shell.
func (c *Console) Depth() int { return len(c.stack) - 1 }

// Shell is the name of the shell that takes the next command.
func (c *Console) Shell() string {
	l := c.top().login
	if m := c.lab.machineNamed(l.Machine); l.Shell == "" && m != nil {
		return m.Shells[0].Name
	}
	return l.Shell
}

// Session is the shell that takes the next command.
func (c *Console) Session() shell.Session { return c.top().session }

func (c *Console) top() level { return c.stack[len(c.stack)-1] }

// Run runs a complete command text in the last shell. Exited in its result says
// that the first shell ended, and the console with it.
func (c *Console) Run(ctx context.Context, text string, s shell.Streams) shell.Result {
	s.Out, s.Err = orDiscard(s.Out), orDiscard(s.Err)
	if at := slices.IndexFunc(c.stack, func(l level) bool { return !c.lab.up(l.login.Machine) }); at > 0 {
		hangUp(s.Err, c.stack[at].login.Host)
		c.pop(at, sshFailed)
		return shell.Result{Status: sshFailed}
	}
	r := c.Session().Run(ctx, text, s)
	switch {
	case r.Exited && len(c.stack) > 1:
		if l := c.top().login; !l.Nested {
			fmt.Fprintf(s.Err, "Connection to %s closed.\n", l.Host)
		}
		rest := c.top().rest
		c.pop(len(c.stack)-1, r.Status)
		r.Exited = false
		if rest != "" && ctx.Err() == nil {
			s.Resumed = true
			return c.Run(ctx, rest, s)
		}
	case r.Login != nil:
		session, err := c.lab.login(*r.Login)
		if err != nil {
			fmt.Fprintln(s.Err, err)
			r.Status = sshFailed
			break
		}
		c.stack = append(c.stack, level{*r.Login, session, r.Rest})
	}
	return r
}

// sshFailed is the status of an ssh that lost its connection.
const sshFailed = 255

// pop leaves the shells from a level on; the one below goes on with ssh's status.
func (c *Console) pop(at, status int) {
	c.stack = c.stack[:at]
	if r, ok := c.Session().(shell.Returner); ok {
		r.Return(status)
	}
}

func (c *Console) state() (consoleState, error) {
	st := consoleState{ID: c.id, Home: c.home, Title: c.Title}
	for _, l := range c.stack {
		raw, err := l.session.State()
		if err != nil {
			return st, fmt.Errorf("keep the shell on %s: %w", l.login.Machine, err)
		}
		st.Stack = append(st.Stack, levelState{l.login, raw, l.rest})
	}
	return st, nil
}

// restoreConsole adds a console from a snapshot.
func (l *Lab) restoreConsole(st consoleState) error {
	if _, ok := l.Console(st.ID); ok || st.ID == "" || len(st.Stack) == 0 || st.Stack[0].Login.Machine != st.Home {
		return fmt.Errorf("its console %q is broken", st.ID)
	}
	c := &Console{lab: l, id: st.ID, home: st.Home, Title: st.Title}
	for _, x := range st.Stack {
		session, err := l.login(x.Login)
		if err == nil {
			err = session.Restore(x.Shell)
		}
		if err != nil {
			return err
		}
		c.stack = append(c.stack, level{x.Login, session, x.Rest})
	}
	l.consoles = append(l.consoles, c)
	return nil
}

// Consoles returns the open consoles in the order in which they were opened.
func (l *Lab) Consoles() []*Console { return slices.Clone(l.consoles) }

// Console returns an open console.
func (l *Lab) Console(id string) (*Console, bool) {
	i := slices.IndexFunc(l.consoles, func(c *Console) bool { return c.id == id })
	if i < 0 {
		return nil, false
	}
	return l.consoles[i], true
}

// Open opens one more console on a machine, with the machine's own shell.
func (l *Lab) Open(machineName string) (*Console, error) { return l.OpenIn(machineName, "") }

// OpenIn opens one more console on a machine with a shell of a name; "" is the
// machine's own.
func (l *Lab) OpenIn(machineName, shellName string) (*Console, error) {
	id := machineName
	for n := 2; ; n++ {
		if _, taken := l.Console(id); !taken {
			return l.openAs(id, machineName, shellName)
		}
		id = machineName + "-" + strconv.Itoa(n)
	}
}

func (l *Lab) openAs(id, machineName, shellName string) (*Console, error) {
	m, ok := l.machines[machineName]
	if !ok {
		return nil, fmt.Errorf("no machine %q in scenario %s; there are %s", machineName, l.scenario.Name, strings.Join(l.MachineNames(), ", "))
	}
	at := tool.Login{Machine: machineName, User: m.Users[0].Name, Shell: shellName}
	session, err := l.login(at)
	if err != nil {
		return nil, err
	}
	c := &Console{lab: l, id: id, home: machineName, stack: []level{{at, session, ""}}}
	l.consoles = append(l.consoles, c)
	return c, nil
}

// At returns the first console of a machine, opening it when it is first asked
// for.
func (l *Lab) At(machineName string) (*Console, error) {
	if c, ok := l.Console(machineName); ok {
		return c, nil
	}
	return l.openAs(machineName, machineName, "")
}

// Close forgets a console, as after exit.
func (l *Lab) Close(id string) {
	l.consoles = slices.DeleteFunc(l.consoles, func(c *Console) bool { return c.id == id })
}
