package portal

import (
	"context"
	"fmt"
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

func (p *Portal) vmFacts(ctx context.Context, id string, vm *ojson.Object, add func(name, value string)) error {
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
	return nil
}

func (p *Portal) vmCommands(pg *page, id string) {
	cli := func(verb string) string { return fmt.Sprintf("az vm %s -g %s -n %s", verb, groupOf(id), nameOf(id)) }
	for _, c := range []struct{ target, text, action, verb, shell string }{
		{"vm.start", "Start", "start", "start", "Start-AzVM"}, {"vm.restart", "Restart", "restart", "restart", "Restart-AzVM"}, {"vm.stop", "Stop", "deallocate", "deallocate", "Stop-AzVM"},
	} {
		pg.Commands = append(pg.Commands, blade.Command{Target: c.target, Text: c.text, Equivalents: &blade.Equiv{CLI: cli(c.verb),
			PowerShell: fmt.Sprintf("%s -ResourceGroupName %s -Name %s", c.shell, groupOf(id), nameOf(id)), REST: curl("POST", id+"/"+c.action, computeV, "") + " -d ''"}})
		pg.on(c.target, func(ctx context.Context, _ map[string]string) error {
			if _, err := p.arm(ctx, "POST", id+"/"+c.action, computeV, nil, nil); err != nil {
				return err
			}
			p.notice("done", c.text+" "+nameOf(id), "Done.")
			return nil
		})
	}
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
	pg.Sections = []blade.Section{{Title: "SSH", Text: "Open a terminal on your computer and type:", Facts: []blade.Fact{
		{Target: "connect.command", Name: "Command", Value: "ssh " + user + "@" + public, Copy: true}, {Name: "User name", Value: user}, {Name: "Address", Value: public, Copy: true},
	}}}
	pg.Equivalents = &blade.Equiv{CLI: fmt.Sprintf("az vm show -d -g %s -n %s --query publicIps -o tsv", groupOf(id), nameOf(id)), REST: curl("GET", id, computeV, "")}
	return nil
}

// identity is the blade Identity of a VM with its two tabs.
func (p *Portal) identity(ctx context.Context, pg *page, id string) error {
	o, err := p.arm(ctx, "GET", id, computeV, nil, nil)
	if err != nil {
		return err
	}
	kind := o.Str("identity", "type")
	now := map[bool]string{true: "on", false: "off"}[strings.Contains(kind, "SystemAssigned")]
	chosen := now
	if v := p.state.Pending["system"]; v != "" {
		chosen = v
	}
	section := blade.Section{Title: "System assigned", Text: "A system-assigned managed identity belongs to this machine alone and goes when the machine goes.",
		Choices: []blade.Choice{{Target: "identity", Name: "system", Label: "Status", Kind: "toggle", Value: chosen, Options: []blade.Option{{Value: "off", Text: "Off"}, {Value: "on", Text: "On"}}}}}
	if principal := o.Str("identity", "principalId"); principal != "" {
		section.Facts = []blade.Fact{{Target: "identity.principal", Name: "Object (principal) ID", Value: principal, Copy: true}}
	}
	user := blade.Section{Title: "User assigned", Table: &blade.Table{Columns: []string{"Name", "Resource group"}, Rows: []blade.Row{}, Empty: "No user-assigned managed identity is attached."}}
	for _, key := range o.Obj("identity", "userAssignedIdentities").Keys() {
		user.Table.Rows = append(user.Table.Rows, blade.Row{Target: "identity." + nameOf(key), Key: key, Cells: []string{nameOf(key), groupOf(key)}, Path: key + "/-/overview"})
	}
	pg.Sections = []blade.Section{section, user}
	for _, v := range []string{"on", "off"} {
		pg.on("identity."+v, func(context.Context, map[string]string) error {
			p.state.Pending = map[string]string{"system": v}
			return nil
		})
	}
	save := blade.Command{Target: "identity.save", Text: "Save", Primary: true, Equivalents: &blade.Equiv{
		CLI:        fmt.Sprintf("az vm identity assign -g %s -n %s", groupOf(id), nameOf(id)),
		PowerShell: fmt.Sprintf("Update-AzVM -ResourceGroupName %s -VM (Get-AzVM -ResourceGroupName %s -Name %s) -IdentityType SystemAssigned", groupOf(id), groupOf(id), nameOf(id)),
		REST:       curl("PATCH", id, computeV, `{"identity":{"type":"SystemAssigned"}}`)}}
	if chosen == now {
		save.Disabled = "Nothing was changed."
	}
	pg.Commands = []blade.Command{save}
	pg.on("identity.save", func(ctx context.Context, values map[string]string) error {
		want := chosen
		if v := values["system"]; v != "" {
			want = v
		}
		if want == now {
			return fmt.Errorf("nothing was changed")
		}
		hasUser := strings.Contains(kind, "UserAssigned")
		next := map[[2]bool]string{{true, true}: "SystemAssigned, UserAssigned", {true, false}: "SystemAssigned", {false, true}: "UserAssigned", {false, false}: "None"}[[2]bool{want == "on", hasUser}]
		_, err := p.arm(ctx, "PATCH", id, computeV, nil, ojson.Obj("identity", ojson.Obj("type", next)))
		p.state.Pending = nil
		if err == nil {
			p.notice("done", "Identity of "+nameOf(id), "The system-assigned managed identity is "+want+".")
		}
		return err
	})
	return nil
}
