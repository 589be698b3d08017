package sim

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"

	"skylab/sim/cloud/compute"
	"skylab/sim/exchange"
	"skylab/sim/ids"
	"skylab/sim/machine"
	"skylab/sim/machine/shell"
	"skylab/sim/machine/ssh"
	"skylab/sim/machine/tool"
	"skylab/sim/network"
)

// adminKey is the key pair of the learner, which every machine's administrator
// has in authorized_keys. It depends on the seed alone.
func adminKey(s *ids.Source) ssh.Key {
	return ssh.NewKey(s.Named("ssh.key", "learner", 32), "learner@"+Laptop)
}

// check is the number in a private key file.
func check(s *ids.Source, name string) uint32 {
	return binary.BigEndian.Uint32(s.Named("ssh.check", name, 4))
}

// giveKey puts the learner's key pair on a machine of theirs.
func (l *Lab) giveKey(m *machine.Machine) error {
	u := m.Users[0]
	if err := ssh.WriteKey(m.Files(u), u.Home+"/.ssh/id_ed25519", adminKey(l.ids), check(l.ids, "learner")); err != nil {
		return fmt.Errorf("give %s its key: %w", m.Name, err)
	}
	return nil
}

// rootLogin is what Ubuntu's image answers who logs in as root.
const rootLogin = `no-port-forwarding,no-agent-forwarding,no-X11-forwarding,command="echo 'Please login as the user \"%[1]s\" rather than the user \"root\".';echo;sleep 10;exit 142" `

// serveKeys makes a VM's host key and lets its administrator in.
func (l *Lab) serveKeys(m *machine.Machine, vm compute.VM) error {
	u := m.Users[0]
	root := m.Files(ssh.Root)
	host := ssh.NewKey(l.ids.Named("ssh.host", strings.ToLower(vm.ID), 32), "root@"+m.Hostname)
	keys, forced := "", ""
	for _, k := range vm.Compute.PublicKeys {
		keys += k + "\n"
		forced += fmt.Sprintf(rootLogin, u.Name) + k + "\n"
	}
	for _, err := range []error{
		root.MkdirAll("/etc/ssh", 0o755), ssh.WriteKey(root, ssh.HostKeyFile, host, check(l.ids, vm.ID)),
		root.MkdirAll("/root/.ssh", 0o700), root.WriteFile("/root/.ssh/authorized_keys", []byte(forced), 0o600),
		m.Files(u).WriteFile(u.Home+"/.ssh/authorized_keys", []byte(keys), 0o600),
	} {
		if err != nil {
			return fmt.Errorf("make the ssh keys of %s: %w", m.Name, err)
		}
	}
	return nil
}

// places tells the network where the VMs are: at their addresses of now, while
// they run.
type places struct{ lab *Lab }

// Address implements network.Directory.
func (p places) Address(name string) (string, bool) {
	for _, vm := range p.lab.cloud.VMs().All() {
		if vm.FQDN != "" && strings.EqualFold(vm.FQDN, name) && vm.Address != "" {
			return vm.Address, true
		}
	}
	return "", false
}

// Listener implements network.Directory. Private addresses are reached from
// VMs alone.
func (p places) Listener(caller exchange.Caller, address, port string) (network.Listener, bool, bool) {
	for _, vm := range p.lab.cloud.VMs().All() {
		if vm.Power != "running" {
			continue
		}
		m, err := p.lab.machineOf(vm)
		if m == nil || err != nil { // nobody is there
			continue
		}
		own := strings.EqualFold(caller.Resource, vm.ID) && (address == "127.0.0.1" || address == "127.0.1.1")
		l, open := door(m)
		if port != open {
			l = network.Listener{Service: m.Name}
		}
		if !own {
			reached, admitted, why := p.lab.cloud.VMs().Admits(vm, caller, address, port)
			if !reached {
				continue
			}
			if l.Why = why; !admitted {
				l.Silent = true
				return l, true, true
			}
		}
		return l, port == open, true
	}
	return network.Listener{}, false, false
}

// door is the service by which people get into a machine, and its port.
func door(m *machine.Machine) (network.Listener, string) {
	if m.OS == machine.Windows {
		return network.Listener{Protocol: "rdp", Service: "Remote Desktop on " + m.Name, Serve: func(ctx context.Context, c net.Conn, _ exchange.Caller) {
			user := m.Users[0].Name
			network.AddNote(ctx, exchange.Note{Kind: "rdp.session", Text: "The desktop of " + m.Name + " was opened for " + user + ".", Data: map[string]any{"machine": m.Name, "user": user}})
			_ = c.Close() // nothing of the protocol follows
		}}, "3389"
	}
	server := &ssh.Server{Machine: m, Run: runRemote(m)}
	return network.Listener{Protocol: "ssh", Service: "ssh on " + m.Name, Serve: server.Serve}, "22"
}

// runRemote runs what comes over ssh in a shell of a machine.
func runRemote(m *machine.Machine) func(context.Context, tool.User, []string, string, shell.Streams) int {
	return func(ctx context.Context, u tool.User, environ []string, text string, s shell.Streams) int {
		session, err := m.Start("", machine.ShellOptions{User: u, Environ: environ})
		if err != nil {
			fmt.Fprintln(s.Err, err)
			return 1
		}
		return session.Run(ctx, text, s).Status
	}
}

// login starts the shell to which a program connected a console.
func (l *Lab) login(g tool.Login) (shell.Session, error) {
	m := l.machineNamed(g.Machine)
	if m == nil {
		return nil, fmt.Errorf("no machine %q", g.Machine)
	}
	u, ok := m.User(g.User)
	if g.User == ssh.Root.Name {
		u, ok = ssh.Root, true
	}
	if !ok {
		return nil, fmt.Errorf("no user %q on %s", g.User, g.Machine)
	}
	return m.Start(g.Shell, machine.ShellOptions{User: u, Interactive: true, Nested: g.Nested, Connect: l.login, Dir: g.Dir, Environ: append(l.environ(g.Machine), g.Environ...)})
}

// hangUp tells that a machine at the other end has gone.
func hangUp(w io.Writer, host string) {
	fmt.Fprintf(w, "Connection to %s closed by remote host.\nConnection to %s closed.\n", host, host)
}
