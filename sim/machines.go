package sim

import (
	"slices"
	"sync"

	"skylab/sim/cloud/compute"
	"skylab/sim/exchange"
	"skylab/sim/machine"
	"skylab/sim/machine/az"
	"skylab/sim/machine/bash"
	"skylab/sim/machine/coreutils"
	"skylab/sim/machine/curl"
	"skylab/sim/machine/editor"
	"skylab/sim/machine/jq"
	"skylab/sim/machine/portal"
	"skylab/sim/machine/ssh"
	"skylab/sim/machine/tool"
)

// newMachine makes a machine with one user, who administers it.
func (l *Lab) newMachine(name, os, user string, caller exchange.Caller) (*machine.Machine, error) {
	c := machine.Config{Name: name, OS: os, Card: l.network.Card(caller), Clock: l.clock, IDs: l.ids}
	if os == machine.Windows {
		c.Users = []tool.User{{Name: user, UID: 500, GID: 513, Groups: []string{"Administrators"}, Home: "/C:/Users/" + user, Sudo: true}}
		c.Programs = append(slices.Clone(l.kit.WindowsPrograms), curl.Program())
		if c.Shells = l.shells("powershell", "cmd"); len(l.kit.WindowsPrograms) == 0 {
			l.absent.need("powershell")
			return nil, ErrWider
		}
		return machine.New(c)
	}
	c.Programs = slices.Concat(coreutils.Programs(), []tool.Program{curl.Program(), jq.Program(), az.Program(), editor.Nano()}, ssh.Programs(), bash.Programs(), l.programs())
	c.Shells = []machine.Shell{bash.Shell()}
	if name == CloudShell {
		c.Programs = append(c.Programs, editor.Code())
		c.Shells = append(c.Shells, l.shells("pwsh")...)
	}
	c.Users = []tool.User{{Name: user, UID: 1000, GID: 1000, Groups: []string{user, "adm", "sudo"}, Home: "/home/" + user, Shell: "/bin/bash", Sudo: true}}
	return machine.New(c)
}

// settle makes the machines: the learner's own and one for each VM of the cloud.
func (l *Lab) settle() error {
	card := l.network.Card(exchange.Caller{Machine: "portal", Address: "192.168.1.21"})
	l.portal = portal.New(portal.Config{Transport: card, Dial: card.Dial, Clock: l.clock, IDs: l.ids, Account: l.cloud.Admin()})
	for _, own := range []struct{ name, user, address string }{{Laptop, "learner", "192.168.1.20"}, {CloudShell, "admin", "10.244.0.7"}} {
		m, err := l.newMachine(own.name, "Linux", own.user, exchange.Caller{Machine: own.name, Address: own.address})
		if err != nil {
			return err
		}
		l.machines[own.name] = m
		if err := l.prepareOwn(m); err != nil {
			return err
		}
	}
	l.network.Consult(places{l})
	return l.provision()
}

// births are the machines of VMs that were made while a command runs: they can
// be reached at once, and are the lab's own when the command has ended.
type births struct {
	mu       sync.Mutex
	machines map[string]born // by name
}

type born struct {
	vm      string // vmId
	machine *machine.Machine
}

// provision makes the machines of VMs that have none yet. Those whose VM was
// deleted stay, switched off, for their consoles; a new VM of their name takes
// their place.
func (l *Lab) provision() error {
	now := l.cloud.ARM.Edition()
	if now == l.provisioned {
		return nil
	}
	for _, vm := range l.cloud.VMs().All() {
		name := vm.Compute.Name
		m, err := l.machineOf(vm)
		if err != nil {
			return err
		}
		if m != nil && l.machines[name] != m {
			l.machines[name] = m
			for _, c := range slices.Clone(l.consoles) { // they were the old machine's
				if c.Home() == name {
					l.Close(c.ID())
				}
			}
		}
		if m != nil {
			l.vms[name] = vm.Compute.VMID
		}
	}
	l.births.mu.Lock()
	defer l.births.mu.Unlock()
	l.births.machines = nil
	l.provisioned = now
	return nil
}

// machineOf returns the machine of a VM, making it when it is first asked for.
func (l *Lab) machineOf(vm compute.VM) (*machine.Machine, error) {
	name := vm.Compute.Name
	if m := l.machines[name]; m != nil && (l.vms[name] == "" || l.vms[name] == vm.Compute.VMID) {
		return m, nil
	}
	l.births.mu.Lock()
	defer l.births.mu.Unlock()
	if b, ok := l.births.machines[name]; ok && b.vm == vm.Compute.VMID {
		return b.machine, nil
	}
	address := "10.0.0.4"
	if len(vm.Network) > 0 {
		address = vm.Network[0].PrivateIP
	}
	m, err := l.newMachine(name, vm.Compute.OSType, vm.Compute.AdminUser, exchange.Caller{Machine: name, Address: address, Resource: vm.ID})
	if err != nil {
		return nil, err
	}
	if m.OS != machine.Windows {
		if err := l.serveKeys(m, vm); err != nil {
			return nil, err
		}
	}
	if l.births.machines == nil {
		l.births.machines = map[string]born{}
	}
	l.births.machines[name] = born{vm.Compute.VMID, m}
	return m, nil
}

// machineNamed returns a machine of the lab, or one that was born in the command
// that runs; nil if there is none.
func (l *Lab) machineNamed(name string) *machine.Machine {
	l.births.mu.Lock()
	defer l.births.mu.Unlock()
	if b, ok := l.births.machines[name]; ok {
		return b.machine
	}
	return l.machines[name]
}

// up reports whether a machine runs; the learner's own always do.
func (l *Lab) up(name string) bool {
	for _, vm := range l.cloud.VMs().All() {
		if vm.Compute.Name == name {
			return vm.Power == "running"
		}
	}
	return name == Laptop || name == CloudShell
}
