package az

import (
	"net/http"
	"slices"
	"strings"

	"skylab/sim/ojson"
)

// computeVersion is the API version of Microsoft.Compute that az speaks, and
// networkVersion that of Microsoft.Network.
const (
	computeVersion = "2022-11-01"
	networkVersion = "2022-01-01"
	vms            = "/providers/Microsoft.Compute/virtualMachines"
	systemIdentity = "[system]"
)

var vmCommands = map[string]command{
	"vm list": cmdVMList, "vm image list": cmdImageList, "vm show": cmdVMShow, "vm create": cmdVMCreate, "vm update": cmdVMUpdate, "vm delete": cmdVMDelete, "vm stop": cmdVMStop, "vm restart": cmdVMRestart,
	"vm get-instance-view": cmdVMInstanceView, "vm list-ip-addresses": cmdVMAddresses,
	"vm identity show": cmdVMIdentityShow, "vm identity assign": cmdVMIdentityAssign, "vm identity remove": cmdVMIdentityRemove,
}

// vmPath is the path of the command's machine; rest stands before the version.
func (c *call) vmPath(rest string) (string, error) {
	group, err := c.groupPath()
	return join(computeVersion, group, vms, "/", pathSegment(c.str("vm_name")), rest), err
}

func cmdVMList(c *call) (any, error) {
	path, err := c.subscriptionPath()
	if c.group() != "" {
		path, err = c.groupPath()
	}
	if err != nil {
		return nil, err
	}
	list, err := c.all(join(computeVersion, path, vms))
	if err != nil {
		return nil, err
	}
	if !c.flag("show_details") {
		return c.views("VirtualMachine", list), nil
	}
	out := []any{}
	for _, e := range list {
		r, ok := parseID(e.(*ojson.Object).Str("id"))
		if !ok {
			continue
		}
		v, err := c.details(r.group, r.name)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func cmdVMShow(c *call) (any, error) {
	if c.flag("show_details") {
		return c.details(c.group(), c.str("vm_name"))
	}
	path, err := c.vmPath("")
	if err != nil {
		return nil, err
	}
	if c.flag("include_user_data") {
		path += "&$expand=userData"
	}
	v, err := c.get(path)
	return c.view("VirtualMachine", v), err
}

// details is a machine with its state and addresses.
func (c *call) details(group, name string) (*ojson.Object, error) {
	sub, err := c.subscriptionPath()
	if err != nil {
		return nil, err
	}
	v, err := c.get(join(computeVersion, sub, "/resourceGroups/", pathSegment(group), vms, "/", pathSegment(name)) + "&$expand=instanceView")
	if err != nil {
		return nil, err
	}
	vm, _ := c.view("VirtualMachine", v).(*ojson.Object)
	var public, fqdns, private, macs, power []string
	for _, n := range objectsAt(vm, "networkProfile", "networkInterfaces") {
		nic, err := c.get(join(networkVersion, n.Str("id")))
		if err != nil {
			return nil, err
		}
		o := nic.(*ojson.Object)
		if m := o.Str("properties", "macAddress"); m != "" {
			macs = append(macs, m)
		}
		for _, ip := range objectsAt(o, "properties", "ipConfigurations") {
			if a := ip.Str("properties", "privateIPAddress"); a != "" {
				private = append(private, a)
			}
			id := ip.Str("properties", "publicIPAddress", "id")
			if id == "" {
				continue
			}
			p, err := c.get(join(networkVersion, id))
			if err != nil {
				return nil, err
			}
			o := p.(*ojson.Object)
			if a := o.Str("properties", "ipAddress"); a != "" {
				public = append(public, a)
			}
			if f := o.Str("properties", "dnsSettings", "fqdn"); f != "" {
				fqdns = append(fqdns, f)
			}
		}
	}
	for _, s := range objectsAt(vm, "instanceView", "statuses") {
		if strings.HasPrefix(s.Str("code"), "PowerState/") {
			power = append(power, s.Str("displayStatus"))
		}
	}
	vm.Delete("instanceView")
	for _, m := range []struct {
		name  string
		words []string
	}{{"powerState", power}, {"publicIps", public}, {"fqdns", fqdns}, {"privateIps", private}, {"macAddresses", macs}} {
		vm.Set(m.name, strings.Join(m.words, ","))
	}
	return vm, nil
}

// objectsAt are the objects of a list.
func objectsAt(o *ojson.Object, path ...string) []*ojson.Object {
	list, _ := o.At(path...).([]any)
	var out []*ojson.Object
	for _, e := range list {
		if e, ok := e.(*ojson.Object); ok {
			out = append(out, e)
		}
	}
	return out
}

func cmdVMInstanceView(c *call) (any, error) {
	path, err := c.vmPath("")
	if err != nil {
		return nil, err
	}
	v, err := c.get(path + "&$expand=instanceView")
	return c.view("VirtualMachine", v), err
}

func cmdVMAddresses(c *call) (any, error) {
	sub, err := c.subscriptionPath()
	if err != nil {
		return nil, err
	}
	nics, err := c.all(join(networkVersion, sub, "/providers/Microsoft.Network/networkInterfaces"))
	if err != nil {
		return nil, err
	}
	ips, err := c.all(join(networkVersion, sub, "/providers/Microsoft.Network/publicIPAddresses"))
	if err != nil {
		return nil, err
	}
	byID := map[string]*ojson.Object{}
	for _, p := range ips {
		byID[strings.ToLower(p.(*ojson.Object).Str("id"))] = p.(*ojson.Object)
	}
	out := []any{}
	for _, n := range nics {
		n := n.(*ojson.Object)
		r, ok := parseID(n.Str("properties", "virtualMachine", "id"))
		if !ok || c.group() != "" && !strings.EqualFold(c.group(), r.group) || c.str("vm_name") != "" && !strings.EqualFold(c.str("vm_name"), r.name) {
			continue
		}
		private, public := []any{}, []any{}
		for _, ip := range objectsAt(n, "properties", "ipConfigurations") {
			private = append(private, none(ip.Str("properties", "privateIPAddress")))
			p := byID[strings.ToLower(ip.Str("properties", "publicIPAddress", "id"))]
			if p == nil {
				continue
			}
			info := ojson.Obj("id", p.Str("id"), "name", p.Str("name"), "ipAddress", none(p.Str("properties", "ipAddress")), "ipAllocationMethod", p.Str("properties", "publicIPAllocationMethod"))
			if zones, _ := p.At("zones").([]any); len(zones) > 0 {
				info.Set("zone", zones[0])
			}
			public = append(public, info)
		}
		out = append(out, ojson.Obj("virtualMachine", ojson.Obj("resourceGroup", r.group, "name", r.name, "network", ojson.Obj("privateIpAddresses", private, "publicIpAddresses", public))))
	}
	return out, nil
}

// vmWrite does something with the machine and waits for its end.
func (c *call) vmWrite(method, action, query string) (any, error) {
	path, err := c.vmPath(action)
	if err != nil {
		return nil, err
	}
	_, err = c.long(method, path+query, nil, c.flag("no_wait"))
	return nil, err
}

func cmdVMStop(c *call) (any, error) {
	if c.flag("skip_shutdown") {
		return c.vmWrite(http.MethodPost, "/powerOff", "&skipShutdown=true")
	}
	c.warn("About to power off the specified VM...\nIt will continue to be billed. To deallocate a VM, run: az vm deallocate.")
	return c.vmWrite(http.MethodPost, "/powerOff", "")
}

func cmdVMRestart(c *call) (any, error) {
	if c.flag("force") {
		return c.vmWrite(http.MethodPost, "/redeploy", "")
	}
	return c.vmWrite(http.MethodPost, "/restart", "")
}

func cmdVMDelete(c *call) (any, error) {
	if c.line.Has("force_deletion") {
		return c.vmWrite(http.MethodDelete, "", "&forceDeletion=true")
	}
	return c.vmWrite(http.MethodDelete, "", "")
}

func cmdVMUpdate(c *call) (any, error) {
	path, err := c.vmPath("")
	if err != nil {
		return nil, err
	}
	return c.update("VirtualMachine", path, func(vm *ojson.Object) error {
		vm.Set("resources", nil) // what lies below is not sent back
		if u := c.str("user_data"); u != "" {
			vm.Set("userData", base64Text(u))
		}
		return nil
	})
}

func cmdVMIdentityShow(c *call) (any, error) {
	v, err := cmdVMShow(c)
	vm, ok := v.(*ojson.Object)
	if err != nil || !ok {
		return nil, err
	}
	identity, _ := vm.Get("identity")
	return identity, nil
}

// identityIDs are identities of a command line as ids: names are those of the
// command's resource group. The machine's own stays [system].
func (c *call) identityIDs(words []string) ([]string, error) {
	sub, err := c.subscriptionPath()
	if err != nil {
		return nil, err
	}
	var out []string
	for _, w := range words {
		if _, ok := parseID(w); !ok && w != systemIdentity {
			w = sub + "/resourceGroups/" + c.group() + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/" + w
		}
		out = append(out, w)
	}
	return out, nil
}

// roleOfIdentity is the role that the machine's own identity gets; --role needs
// --scope.
func (c *call) roleOfIdentity(assigned []string) (role string, err error) {
	role = or(c.str("identity_role"), "Contributor")
	switch scope := c.str("identity_scope"); {
	case scope == "" && c.line.Has("identity_role"):
		return "", &fault{text: "usage error: '--role " + role + "' is not applicable as the '--scope' is not provided", exit: 2}
	case scope != "" && len(assigned) > 0 && !slices.Contains(assigned, systemIdentity):
		return "", &fault{text: "usage error: '--scope'/'--role' is only applicable when assign system identity", exit: 2}
	}
	return role, nil
}

func cmdVMIdentityAssign(c *call) (any, error) {
	given, err := c.identityIDs(c.list("assign_identity"))
	if err != nil {
		return nil, err
	}
	role, err := c.roleOfIdentity(given)
	if err != nil {
		return nil, err
	}
	scope := c.str("identity_scope")
	local := len(given) == 0 || slices.Contains(given, systemIdentity)
	external := slices.DeleteFunc(given, func(s string) bool { return s == systemIdentity })
	path, err := c.vmPath("")
	if err != nil {
		return nil, err
	}
	v, err := c.get(path)
	if err != nil {
		return nil, err
	}
	const system, user, both = "SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned"
	kind := v.(*ojson.Object).Str("identity", "type")
	switch {
	case kind == both, kind == system && len(external) > 0, kind == user && local, len(external) > 0 && local:
		kind = both
	case len(external) > 0:
		kind = user
	default:
		kind = system
	}
	identity := ojson.Obj("type", kind)
	if len(external) > 0 {
		ids := ojson.New()
		for _, id := range external {
			ids.Set(id, ojson.New())
		}
		identity.Set("userAssignedIdentities", ids)
	}
	res, err := c.long(http.MethodPatch, path, ojson.Obj("identity", identity), false)
	if err != nil {
		return nil, err
	}
	if scope != "" {
		if err := c.assignIdentityRole(role, res.object().Str("identity", "principalId"), scope); err != nil {
			return nil, err
		}
	}
	if v, err = c.get(path); err != nil {
		return nil, err
	}
	vm, _ := c.view("VirtualMachine", v).(*ojson.Object)
	return c.identityInfo(vm.Obj("identity"), scope, role), nil
}

// identityInfo is what commands tell of the identities that they assigned.
func (c *call) identityInfo(identity *ojson.Object, scope, role string) *ojson.Object {
	users, _ := identity.Get("userAssignedIdentities")
	if users == nil {
		users = ojson.New()
	}
	info := ojson.Obj("systemAssignedIdentity", identity.Str("principalId"), "userAssignedIdentities", users)
	if scope != "" {
		info.Set("scope", scope)
		info.Set("role", role)
	}
	return info
}

func cmdVMIdentityRemove(c *call) (any, error) {
	words := c.list("identities")
	if !c.line.Has("identities") {
		words = []string{systemIdentity}
	}
	given, err := c.identityIDs(words)
	if err != nil {
		return nil, err
	}
	path, err := c.vmPath("")
	if err != nil {
		return nil, err
	}
	v, err := c.get(path)
	if err != nil {
		return nil, err
	}
	identity := v.(*ojson.Object).Obj("identity")
	if identity == nil {
		return nil, nil
	}
	kind := identity.Str("type")
	external := slices.DeleteFunc(slices.Clone(given), func(s string) bool { return s == systemIdentity })
	var existing, gone []string
	for _, k := range identity.Obj("userAssignedIdentities").Keys() {
		existing = append(existing, strings.ToLower(k))
	}
	for _, id := range external {
		id = strings.ToLower(id)
		if !slices.Contains(existing, id) {
			return nil, failf("'%s' are not associated with '%s'", id, c.str("vm_name"))
		}
		gone = append(gone, id)
	}
	if len(gone) > 0 && len(gone) == len(existing) {
		switch kind {
		case "UserAssigned":
			kind = "None"
		case "SystemAssigned, UserAssigned":
			kind = "SystemAssigned"
		}
	}
	if slices.Contains(given, systemIdentity) {
		if kind == "SystemAssigned" {
			kind = "None"
		} else {
			kind = "UserAssigned"
		}
	}
	change := ojson.Obj("type", kind)
	if len(gone) > 0 && kind != "None" && kind != "SystemAssigned" {
		ids := ojson.New()
		for _, id := range gone {
			ids.Set(id, nil)
		}
		change.Set("userAssignedIdentities", ids)
	}
	res, err := c.long(http.MethodPatch, path, ojson.Obj("identity", change), false)
	if err != nil {
		return nil, err
	}
	vm, _ := c.view("VirtualMachine", res.json()).(*ojson.Object)
	left, _ := vm.Get("identity")
	return left, nil
}
