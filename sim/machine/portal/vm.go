package portal

import (
	"context"
	"fmt"
	"io"
	"strings"

	"skylab/sim/machine/portal/blade"
	"skylab/sim/ojson"
)

// address returns a VM's public address and private one, by way of its first
// interface.
func (p *Portal) address(ctx context.Context, vm *ojson.Object) (public, private string, err error) {
	nics, _ := vm.At("properties", "networkProfile", "networkInterfaces").([]any)
	if len(nics) == 0 {
		return "", "", nil
	}
	first, _ := nics[0].(*ojson.Object)
	nic, err := p.arm(ctx, "GET", first.Str("id"), networkV, nil, nil)
	if err != nil {
		return "", "", err
	}
	configs, _ := nic.At("properties", "ipConfigurations").([]any)
	if len(configs) == 0 {
		return "", "", nil
	}
	config, _ := configs[0].(*ojson.Object)
	private = config.Str("properties", "privateIPAddress")
	if id := config.Str("properties", "publicIPAddress", "id"); id != "" {
		o, err := p.arm(ctx, "GET", id, networkV, nil, nil)
		if err != nil {
			return "", private, err
		}
		public = o.Str("properties", "ipAddress")
	}
	return public, private, nil
}

// vmMore adds to a machine's overview its state, its addresses and its commands.
func (p *Portal) vmMore(ctx context.Context, pg *page, id string, vm *ojson.Object, add func(name, value string)) error {
	view, err := p.arm(ctx, "GET", id+"/instanceView", computeV, nil, nil)
	if err != nil {
		return err
	}
	statuses, _ := view.At("statuses").([]any)
	for _, s := range statuses {
		if o, ok := s.(*ojson.Object); ok && strings.HasPrefix(o.Str("code"), "PowerState/") {
			add("Status", strings.TrimPrefix(o.Str("displayStatus"), "VM "))
		}
	}
	public, private, err := p.address(ctx, vm)
	if err != nil {
		return err
	}
	add("Operating system", vm.Str("properties", "storageProfile", "osDisk", "osType"))
	add("Size", vm.Str("properties", "hardwareProfile", "vmSize"))
	add("Public IP address", public)
	add("Private IP address", private)
	p.vmCommands(pg, id)
	return nil
}

func (p *Portal) vmCommands(pg *page, id string) {
	name, group := nameOf(id), groupOf(id)
	cli := func(verb string) string { return fmt.Sprintf("az vm %s -g %s -n %s", verb, group, name) }
	pg.Commands = []blade.Command{{Target: "vm.connect", Text: "Connect", Equivalents: &blade.Equiv{CLI: cli("show -d") + " --query publicIps -o tsv"}}}
	pg.on("vm.connect", func(context.Context, map[string]string) error { p.open(id + "/-/connect"); return nil })
	for _, c := range []struct {
		target, text, action, shell string
		say                         words
	}{
		{"vm.start", "Start", "start", "Start-AzVM", words{"Starting virtual machine", "Started virtual machine", "Failed to start virtual machine"}},
		{"vm.restart", "Restart", "restart", "Restart-AzVM", words{"Restarting virtual machine", "Restarted virtual machine", "Failed to restart virtual machine"}},
		{"vm.stop", "Stop", "deallocate", "Stop-AzVM", words{"Stopping virtual machine", "Stopped virtual machine", "Failed to stop virtual machine"}},
	} {
		pg.Commands = append(pg.Commands, blade.Command{Target: c.target, Text: c.text, Equivalents: &blade.Equiv{CLI: cli(c.action),
			PowerShell: fmt.Sprintf("%s -ResourceGroupName %s -Name %s", c.shell, group, name), REST: curl("POST", id+"/"+c.action, computeV, "") + " -d ''"}})
		pg.on(c.target, func(ctx context.Context, _ map[string]string) error {
			_, err := p.operate(ctx, "POST", id+"/"+c.action, computeV, nil, words{c.say.doing + " '" + name + "'", c.say.did + " '" + name + "'", c.say.failed + " '" + name + "'"})
			return err
		})
	}
	p.deletion(pg, id, "vm.delete", "Delete", &blade.Equiv{CLI: cli("delete") + " --yes", PowerShell: fmt.Sprintf("Remove-AzVM -ResourceGroupName %s -Name %s -Force", group, name), REST: curl("DELETE", id, computeV, "")},
		question{"Delete " + name, "The virtual machine '" + name + "' and its system-assigned identity are deleted; its disks, network interface and addresses stay. Do you want to delete it?", "Delete"})
}

func (p *Portal) connect(ctx context.Context, pg *page, id string) error {
	o, err := p.arm(ctx, "GET", id, computeV, nil, nil)
	if err != nil {
		return err
	}
	public, _, err := p.address(ctx, o)
	if err != nil {
		return err
	}
	if public == "" {
		pg.Sections = []blade.Section{{Text: "The machine has no public address, so it cannot be reached from outside."}}
		return nil
	}
	user := o.Str("properties", "osProfile", "adminUsername")
	pg.Equivalents = &blade.Equiv{CLI: fmt.Sprintf("az vm show -d -g %s -n %s --query publicIps -o tsv", groupOf(id), nameOf(id)), REST: curl("GET", id, computeV, "")}
	if o.Str("properties", "storageProfile", "osDisk", "osType") == "Windows" {
		pg.Sections = []blade.Section{{Title: "RDP", Text: "Opens the desktop of the machine for its administrator. Of the desktop there is a PowerShell console here, and nothing more.", Facts: []blade.Fact{
			{Name: "Public IP address", Value: public, Copy: true}, {Name: "Port", Value: rdpPort}, {Name: "User name", Value: user},
		}}}
		pg.Commands = []blade.Command{{Target: "connect.rdp", Text: "Connect", Primary: true}}
		pg.on("connect.rdp", func(ctx context.Context, _ map[string]string) error { return p.desktopOf(ctx, nameOf(id), public) })
		return nil
	}
	pg.Sections = []blade.Section{{Title: "SSH", Text: "Open a terminal on your computer and type:", Facts: []blade.Fact{
		{Target: "connect.command", Name: "Command", Value: "ssh " + user + "@" + public, Copy: true}, {Name: "User name", Value: user}, {Name: "Address", Value: public, Copy: true},
	}}}
	return nil
}

const rdpPort = "3389"

// desktopOf opens the desktop of a machine.
func (p *Portal) desktopOf(ctx context.Context, name, address string) error {
	c, err := p.Dial(ctx, address, rdpPort)
	if err != nil {
		return &failure{title: "Remote Desktop can't connect to the remote computer", err: fmt.Errorf("connect to %s: %w. Is the machine running, and does a rule of its network security group admit port %s?", name, err, rdpPort)}
	}
	defer c.Close()
	if _, err := io.ReadAll(c); err != nil { // its end says that the session stands
		return fmt.Errorf("connect to %s: %w", name, err)
	}
	p.desktop = name
	p.notice("done", "Connected to "+name, "Its PowerShell console is open.")
	return nil
}
