package compute

import (
	"net/netip"
	"strconv"
	"strings"

	"skylab/sim/cloud/arm"
	"skylab/sim/cloud/imds"
	"skylab/sim/cloud/vnet"
	"skylab/sim/exchange"
	"skylab/sim/ojson"
)

// VM is a virtual machine as the lab that runs it and the metadata service see
// it.
type VM struct {
	imds.VM
	Power   string // "running", "stopped", "deallocated"
	FQDN    string // "" without a label
	Address string // public; "" without one
}

// VMs reads the virtual machines of a Resource Manager. It implements
// imds.Source.
type VMs struct{ ARM *arm.ARM }

// VM implements imds.Source.
func (v VMs) VM(id string) (imds.VM, bool) {
	r, ok := v.ARM.Resource(id)
	if !ok || !strings.EqualFold(r.Type, FullType) {
		return imds.VM{}, false
	}
	return v.read(r).VM, true
}

// All returns all virtual machines, by id.
func (v VMs) All() []VM {
	var out []VM
	for _, r := range v.ARM.ResourcesOf(FullType) {
		out = append(out, v.read(r))
	}
	return out
}

func (v VMs) read(r arm.Resource) VM {
	parts := strings.Split(r.ID, "/")
	p := r.Properties
	image := p.Obj("storageProfile", "imageReference")
	vm := VM{Power: r.Private.Str("power"), VM: imds.VM{ID: r.ID, TenantID: v.ARM.Directory.TenantID(), Compute: imds.Compute{
		Name: r.Name, Location: r.Location, ResourceGroup: parts[4], SubscriptionID: parts[2], VMID: p.Str("vmId"), Size: p.Str("hardwareProfile", "vmSize"), OSType: osType(r),
		Publisher: image.Str("publisher"), Offer: image.Str("offer"), SKU: image.Str("sku"), Version: image.Str("version"),
		AdminUser: p.Str("osProfile", "adminUsername"), ComputerName: p.Str("osProfile", "computerName"),
		LicenseType: p.Str("licenseType"), Priority: p.Str("priority"), EvictionPolicy: p.Str("evictionPolicy"), UserData: p.Str("userData"),
		HostID: p.Str("host", "id"), HostGroupID: p.Str("hostGroup", "id"), ScaleSetID: p.Str("virtualMachineScaleSet", "id"), Storage: p.Obj("storageProfile"),
		SecurityType: p.Str("securityProfile", "securityType"), EncryptionAtHost: isTrue(p, "securityProfile", "encryptionAtHost"),
		SecureBoot: isTrue(p, "securityProfile", "uefiSettings", "secureBootEnabled"), VTPM: isTrue(p, "securityProfile", "uefiSettings", "vTpmEnabled"),
		Hibernation: isTrue(p, "additionalCapabilities", "hibernationEnabled"),
	}}}
	for _, t := range r.Tags.Members() {
		if s, ok := t.Value.(string); ok {
			vm.Compute.Tags = append(vm.Compute.Tags, [2]string{t.Key, s})
		}
	}
	keys, _ := p.At("osProfile", "linuxConfiguration", "ssh", "publicKeys").([]any)
	for _, k := range keys {
		if o := asObject(k); o.Str("keyData") != "" {
			vm.Compute.PublicKeys = append(vm.Compute.PublicKeys, o.Str("keyData"))
		}
	}
	if id := r.Identity.Str("principalId"); id != "" {
		principal, _ := v.ARM.Directory.Lookup(id)
		vm.System = &imds.Identity{PrincipalID: id, ClientID: principal.AppID}
	}
	for _, m := range r.Identity.Obj("userAssignedIdentities").Members() {
		o := asObject(m.Value)
		if o.Str("principalId") == "" { // it is being attached
			continue
		}
		vm.User = append(vm.User, imds.Identity{ResourceID: m.Key, PrincipalID: o.Str("principalId"), ClientID: o.Str("clientId")})
	}
	for _, id := range nicIDs(p) {
		nic, _ := v.ARM.Resource(id)
		for _, c := range vnet.Configurations(nic) {
			prefix, _ := vnet.Subnet(v.ARM, c.Str("properties", "subnet", "id"))
			n := imds.Interface{PrivateIP: c.Str("properties", "privateIPAddress"), MAC: strings.ReplaceAll(nic.Properties.Str("macAddress"), "-", "")}
			if prefix.IsValid() {
				n.Subnet, n.Prefix = prefix.Masked().Addr().String(), strings.TrimPrefix(prefix.String()[strings.IndexByte(prefix.String(), '/'):], "/")
			}
			if address, ok := v.ARM.Resource(c.Str("properties", "publicIPAddress", "id")); ok {
				vm.Address, vm.FQDN = address.Properties.Str("ipAddress"), address.Properties.Str("dnsSettings", "fqdn")
				n.PublicIP, n.Standard = vm.Address, true // the Basic SKU was retired on 30 September 2025
			}
			vm.Network = append(vm.Network, n)
		}
	}
	return vm
}

// Admits tells whether a caller's connection to a port of an address reaches a
// machine by one of its interfaces, and whether the network's rules let it
// through, with the rule that did or did not. Private addresses are reached from
// the machines of the same virtual network alone.
func (v VMs) Admits(vm VM, caller exchange.Caller, address, port string) (reached, admitted bool, why string) {
	r, _ := v.ARM.Resource(vm.ID)
	n, err := strconv.Atoi(port)
	if err != nil {
		return false, false, ""
	}
	from, _ := netip.ParseAddr(caller.Address)
	for _, id := range nicIDs(r.Properties) {
		nic, _ := v.ARM.Resource(id)
		for _, c := range vnet.Configurations(nic) {
			private := c.Str("properties", "privateIPAddress")
			public, _ := v.ARM.Resource(c.Str("properties", "publicIPAddress", "id"))
			inside := private == address && v.shareNetwork(caller.Resource, c.Str("properties", "subnet", "id"))
			if !inside && (address == "" || public.Properties.Str("ipAddress") != address) {
				continue
			}
			to, _ := netip.ParseAddr(private)
			admitted, why = vnet.Admits(v.ARM, nic, vnet.Connection{From: from, Inside: inside, Cloud: caller.Resource != "", To: to, Port: n})
			return true, admitted, why
		}
	}
	return false, false, ""
}

// shareNetwork tells whether a machine has an interface in the virtual network of
// a subnet.
func (v VMs) shareNetwork(machine, subnet string) bool {
	r, ok := v.ARM.Resource(machine)
	if !ok {
		return false
	}
	network, _, _ := strings.Cut(strings.ToLower(subnet), "/subnets/")
	for _, id := range nicIDs(r.Properties) {
		nic, _ := v.ARM.Resource(id)
		for _, c := range vnet.Configurations(nic) {
			if strings.HasPrefix(strings.ToLower(c.Str("properties", "subnet", "id")), network+"/") {
				return true
			}
		}
	}
	return false
}

func isTrue(p *ojson.Object, path ...string) bool {
	b, _ := p.At(path...).(bool)
	return b
}

// asObject reads a value as an object; anything else as an empty one.
func asObject(v any) *ojson.Object {
	o, _ := v.(*ojson.Object)
	return o
}
