// Package machine is a machine of a lab: its files, users, programs and network
// card. A shell on it is a package below (bash); what the machine reaches is
// the card's matter alone. The package must not know the cloud.
package machine

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"skylab/sim/clock"
	"skylab/sim/ids"
	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
	"skylab/sim/sorting"
)

// Windows is the OS of a Windows machine.
const Windows = "Windows"

// Config makes a machine.
type Config struct {
	Name     string  // in the lab: "myVM"
	Hostname string  // "" means Name
	OS       string  // "Linux", "Windows"
	Shells   []Shell // its own first
	Users    []tool.User
	Programs []tool.Program
	Card     tool.Card
	Clock    *clock.Clock
	IDs      *ids.Source
	Quota    int64 // bytes of files; 0 means vfs.DefaultQuota
}

// Machine is one machine. Its card may be replaced; its files are its state.
type Machine struct {
	Config
	fs       *vfs.FS
	programs map[string]tool.Program
}

// State is a machine as a snapshot keeps it.
type State struct {
	OS    string      `json:"os,omitempty"` // "" is Linux
	Users []tool.User `json:"users"`
	Files *vfs.Node   `json:"files,omitempty"`
}

// New returns a machine with a fresh file system.
func New(c Config) (*Machine, error) {
	if c.Hostname == "" {
		c.Hostname = c.Name
	}
	m := &Machine{Config: c, fs: vfs.New(c.Clock.Now, c.Quota), programs: map[string]tool.Program{}}
	for _, p := range append(m.shellPrograms(), c.Programs...) {
		m.programs[p.Name] = p
	}
	layOut := m.layOut
	if c.OS == Windows {
		m.fs = vfs.NewWindows(c.Clock.Now, c.Quota)
		layOut = m.layOutWindows
	}
	if err := layOut(); err != nil {
		return nil, fmt.Errorf("lay out the files of %s: %w", c.Name, err)
	}
	return m, nil
}

// State returns the machine as plain data.
func (m *Machine) State() State {
	s := m.described()
	s.Files = m.fs.State()
	return s
}

// described is the state without the files.
func (m *Machine) described() State {
	s := State{Users: slices.Clone(m.Users)}
	if m.OS == Windows {
		s.OS = m.OS
	}
	return s
}

// Restore sets the machine to a saved state.
func (m *Machine) Restore(s State) {
	m.Users = slices.Clone(s.Users)
	m.fs.Restore(s.Files)
}

// JSON returns [Machine.State] as JSON. Files are not written anew if none changed.
func (m *Machine) JSON() ([]byte, error) {
	files, err := m.fs.JSON()
	if err != nil {
		return nil, fmt.Errorf("write the files of %s: %w", m.Name, err)
	}
	rest, err := json.Marshal(m.described())
	if err != nil {
		return nil, fmt.Errorf("write the users of %s: %w", m.Name, err)
	}
	return slices.Concat(rest[:len(rest)-1], []byte(`,"files":`), files, []byte("}")), nil
}

// User returns an account by name.
func (m *Machine) User(name string) (tool.User, bool) {
	i := slices.IndexFunc(m.Users, func(u tool.User) bool { return u.Name == name })
	if i < 0 {
		return tool.User{}, false
	}
	return m.Users[i], true
}

// Files returns the file system as a user sees it.
func (m *Machine) Files(u tool.User) *vfs.View {
	return m.fs.As(vfs.Who{User: u.Name, Groups: u.Groups, Root: u.UID == 0 || m.OS == Windows && u.Sudo})
}

// root is the view that may do all.
func (m *Machine) root() *vfs.View {
	return m.fs.As(vfs.Who{User: "root", Groups: []string{"root"}, Root: true})
}

// Program returns a program by name.
func (m *Machine) Program(name string) (tool.Program, bool) {
	p, ok := m.programs[name]
	return p, ok
}

// AllPrograms returns the programs sorted by name.
func (m *Machine) AllPrograms() []tool.Program {
	out := make([]tool.Program, 0, len(m.programs))
	for _, p := range m.programs {
		out = append(out, p)
	}
	sorting.By(out, func(a, b tool.Program) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Host is what a program run by a user can learn of the machine.
func (m *Machine) Host(u tool.User) tool.Host {
	return tool.Host{Hostname: m.Hostname, OS: m.OS, User: u, Users: m.Users, Programs: m.AllPrograms}
}

// layOut makes the tree that a fresh Ubuntu VM has, as far as learners look.
func (m *Machine) layOut() error {
	r := m.root()
	for _, dir := range []string{"/boot", "/dev", "/etc", "/home", "/opt", "/proc", "/root", "/run", "/srv", "/sys", "/tmp", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/share", "/var/log", "/var/tmp"} {
		if err := r.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	passwd := "root:x:0:0:root:/root:/bin/bash\n"
	for _, u := range m.Users {
		passwd += fmt.Sprintf("%s:x:%d:%d::%s:%s\n", u.Name, u.UID, u.GID, u.Home, u.Shell)
	}
	for name, text := range map[string]string{
		"/etc/hostname":   m.Hostname + "\n",
		"/etc/hosts":      "127.0.0.1 localhost\n127.0.1.1 " + m.Hostname + "\n",
		"/etc/os-release": "PRETTY_NAME=\"Ubuntu 22.04.5 LTS\"\nNAME=\"Ubuntu\"\nVERSION_ID=\"22.04\"\nVERSION_CODENAME=jammy\nID=ubuntu\nID_LIKE=debian\n",
		"/etc/passwd":     passwd,
		"/etc/shells":     "/bin/sh\n/bin/bash\n",
	} {
		if err := r.WriteFile(name, []byte(text), 0o644); err != nil {
			return err
		}
	}
	for name := range m.programs {
		if err := r.WriteFile("/usr/bin/"+name, nil, 0o755); err != nil {
			return err
		}
	}
	for _, err := range []error{
		r.Chmod("/tmp", fs.ModeSticky|0o777), r.Chmod("/var/tmp", fs.ModeSticky|0o777), r.Chmod("/root", 0o700),
		r.Mknod("/dev/null", vfs.Device{Kind: "null"}, 0o666), r.Mknod("/dev/zero", vfs.Device{Kind: "zero"}, 0o666), r.Mknod("/dev/full", vfs.Device{Kind: "full"}, 0o666), r.Mknod("/dev/tty", vfs.Device{Kind: "null"}, 0o666),
		r.Mknod("/dev/random", vfs.Device{Kind: "random", Seed: []byte(m.IDs.Hex("dev.random", 32))}, 0o666), r.Mknod("/dev/urandom", vfs.Device{Kind: "random", Seed: []byte(m.IDs.Hex("dev.urandom", 32))}, 0o666),
		r.Symlink("usr/bin", "/bin"), r.Symlink("usr/sbin", "/sbin"), r.Symlink("/proc/self/fd/0", "/dev/stdin"), r.Symlink("/proc/self/fd/1", "/dev/stdout"), r.Symlink("/proc/self/fd/2", "/dev/stderr"),
	} {
		if err != nil {
			return err
		}
	}
	for _, u := range m.Users {
		if err := m.layOutHome(u); err != nil {
			return err
		}
	}
	return nil
}

func (m *Machine) layOutHome(u tool.User) error {
	r := m.root()
	if err := r.MkdirAll(u.Home, 0o755); err != nil {
		return err
	}
	if err := r.Chown(u.Home, u.Name, u.Groups[0]); err != nil {
		return err
	}
	v := m.Files(u)
	if err := v.Mkdir(u.Home+"/.ssh", 0o700); err != nil {
		return err
	}
	return v.WriteFile(u.Home+"/.bashrc", []byte("# Read by interactive shells.\nalias ll='ls -alF'\nalias la='ls -A'\n"), 0o644)
}

// Exec runs a program of the machine as a process that already has its streams,
// and returns its exit status; ok is false when there is no such program.
func (m *Machine) Exec(ctx context.Context, u tool.User, p *tool.Process) (status int, ok bool) {
	prog, ok := m.programs[p.Args[0]]
	if !ok || prog.Run == nil {
		return 127, false
	}
	if p.FS == nil {
		p.FS = m.Files(u)
	}
	p.Card, p.Clock, p.IDs, p.Host = m.Card, m.Clock, m.IDs, m.Host(u)
	return prog.Run(ctx, p), true
}
