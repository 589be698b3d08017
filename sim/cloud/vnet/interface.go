package vnet

import (
	"fmt"
	"net/netip"
	"strings"

	"skylab/sim/cloud/arm"
	"skylab/sim/ojson"
)

// Configurations returns the IP configurations of an interface.
func Configurations(r arm.Resource) []*ojson.Object {
	return r.Properties.Objects("ipConfigurations")
}

// Machine returns the ARM id of the virtual machine that an interface belongs
// to; "" if it belongs to none.
func Machine(nic arm.Resource) string { return nic.Private.Str("machine") }

// Attach gives an interface to a virtual machine, or with "" takes it away.
func Attach(a *arm.ARM, nicID, machine string) {
	nic, ok := a.Resource(nicID)
	if !ok {
		return
	}
	if nic.Private == nil {
		nic.Private = &ojson.Object{}
	}
	nic.Private.Set("machine", machine)
	a.Keep(nic)
}

// putInterface gives each configuration an address of its subnet: the first
// four are Azure's own, so an empty 10.0.0.0/24 begins with 10.0.0.4.
func putInterface(a *arm.ARM, x *arm.Request, old, r *arm.Resource) error {
	configs := Configurations(*r)
	if len(configs) == 0 {
		return fail("NetworkInterfaceMustHaveAtleastOneIpConfiguration", "Network interface %s must have one or more IP configurations.", r.ID)
	}
	had := &ojson.Object{}
	var before []*ojson.Object
	if old != nil {
		had, before = old.Properties, Configurations(*old)
	}
	uses := usesOf(a)
	taken := addresses(a, r.ID)
	for _, c := range configs {
		if c.Str("name") == "" {
			return fail("InvalidRequestFormat", "An IP configuration of the network interface '%s' has no name.", r.Name)
		}
		id := r.ID + "/ipConfigurations/" + c.Str("name")
		was := named(before, c.Str("name")).Obj("properties")
		p := c.Obj("properties")
		if p.Str("subnet", "id") == "" {
			return fail("SubnetIsRequired", "Subnet is required in IP configuration %s.", id)
		}
		subnet, err := reference(a, r.ID, p.Str("subnet", "id"), SubnetType)
		if err != nil {
			return err
		}
		if network, ok := a.Resource(strings.Split(subnet.ID, "/subnets/")[0]); !ok || network.Location != r.Location {
			return fail("InvalidResourceReference", "Resource %s referenced by resource %s was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.", subnet.ID, r.ID)
		}
		if !strings.EqualFold(was.Str("subnet", "id"), subnet.ID) {
			if err := a.Join(x, SubnetType+"/join/action", subnet.ID); err != nil {
				return err
			}
		}
		if ip := p.Str("publicIPAddress", "id"); ip != "" {
			if err := joinAddress(a, x, r.ID, id, ip, was.Str("publicIPAddress", "id"), uses); err != nil {
				return err
			}
		}
		if err := give(a, p, was, subnet, id, taken); err != nil {
			return err
		}
		c.Set("id", id)
		p.Fill("primary", len(configs) == 1 || c == configs[0], "privateIPAddressVersion", "IPv4")
		p.Delete("provisioningState")
	}
	if id := r.Properties.Str("networkSecurityGroup", "id"); id != "" {
		group, err := reference(a, r.ID, id, GroupType)
		if err != nil {
			return err
		}
		if !strings.EqualFold(had.Str("networkSecurityGroup", "id"), id) {
			if err := a.Join(x, GroupType+"/join/action", group.ID); err != nil {
				return err
			}
		}
	}
	r.Properties.Delete("virtualMachine")
	if mac := had.Str("macAddress"); mac != "" {
		r.Properties.Set("macAddress", mac)
	} else {
		hex := strings.ToUpper(a.IDs.Hex("vnet.mac", 3))
		r.Properties.Set("macAddress", "00-0D-3A-"+hex[:2]+"-"+hex[2:4]+"-"+hex[4:])
	}
	r.Properties.Fill("dnsSettings", ojson.Obj("dnsServers", []any{}, "appliedDnsServers", []any{}), "enableAcceleratedNetworking", false, "enableIPForwarding", false, "nicType", "Standard")
	r.Kind = "Regular"
	settled(a, old, r)
	return nil
}

// joinAddress checks the public address of a configuration.
func joinAddress(a *arm.ARM, x *arm.Request, nic, config, id, was string, uses map[string][]string) error {
	r, err := reference(a, nic, id, AddressType)
	if err != nil {
		return err
	}
	for _, by := range uses[strings.ToLower(r.ID)] {
		if !strings.EqualFold(by, config) {
			return fail("PublicIPAddressInUse", "Resource %s is referencing public IP address %s that is already allocated to resource %s.", config, r.ID, by)
		}
	}
	if strings.EqualFold(was, id) {
		return nil
	}
	return a.Join(x, AddressType+"/join/action", r.ID)
}

// addresses are the private addresses of all other interfaces, by subnet and
// address.
func addresses(a *arm.ARM, but string) map[string]string {
	out := map[string]string{}
	for _, other := range a.ResourcesOf(InterfaceType) {
		for _, c := range Configurations(other) {
			if !strings.EqualFold(other.ID, but) {
				out[network(c.Str("properties", "subnet", "id"))+" "+c.Str("properties", "privateIPAddress")] = other.ID + "/ipConfigurations/" + c.Str("name")
			}
		}
	}
	return out
}

// network is the id of a subnet's network in lower case.
func network(subnet string) string {
	id, _, _ := strings.Cut(strings.ToLower(subnet), "/subnets/")
	return id
}

// give chooses or checks the private address of a configuration.
func give(a *arm.ARM, p, was *ojson.Object, subnet arm.Resource, config string, taken map[string]string) error {
	prefix, _ := Subnet(a, subnet.ID)
	key := func(ip string) string { return network(subnet.ID) + " " + ip }
	low := prefix.Masked().Addr()
	for range 4 {
		low = low.Next()
	}
	static := strings.EqualFold(p.Str("privateIPAllocationMethod"), "Static")
	switch want := p.Str("privateIPAddress"); {
	case static && want == "":
		return fail("PrivateIPAddressRequired", "A static IP configuration needs an address: %s.", config)
	case static:
		ip, err := netip.ParseAddr(want)
		if err != nil || !prefix.Contains(ip) {
			return fail("PrivateIPAddressNotInSubnet", "Private static IP address %s does not belong to the range of subnet prefix %s.", want, prefix)
		}
		if ip.Less(low) {
			return fail("PrivateIPAddressInReservedRange", "Private static IP address %s falls within reserved IP range of subnet prefix %s.", want, prefix)
		}
		if by := taken[key(want)]; by != "" {
			return fail("PrivateIPAddressInUse", "IP configuration %s is using the private IP address %s which is already allocated to resource %s.", config, want, by)
		}
	case strings.EqualFold(was.Str("subnet", "id"), subnet.ID) && was.Str("privateIPAddress") != "":
		p.Set("privateIPAddress", was.Str("privateIPAddress"))
		p.Set("privateIPAllocationMethod", "Dynamic")
	default:
		ip := low
		for taken[key(ip.String())] != "" {
			ip = ip.Next()
		}
		if !prefix.Contains(ip) || !prefix.Contains(ip.Next()) { // the last is the broadcast's
			return fail("SubnetIsFull", "Subnet %s with address prefix %s does not have enough capacity for 1 IP addresses.", subnet.Name, prefix)
		}
		p.Set("privateIPAddress", ip.String())
		p.Set("privateIPAllocationMethod", "Dynamic")
	}
	taken[key(p.Str("privateIPAddress"))] = config
	return nil
}

func deleteInterface(_ *arm.ARM, _ *arm.Request, r arm.Resource) error {
	if by := Machine(r); by != "" {
		return fail("NicInUse", "Network Interface %s is used by existing resource %s. In order to delete the network interface, it must be dissociated from the resource. To learn more, see aka.ms/deletenic.", r.ID, by)
	}
	return nil
}

// goneInterface takes the public addresses along that are to go with it.
func goneInterface(a *arm.ARM, r arm.Resource) {
	for _, c := range Configurations(r) {
		if ip := c.Obj("properties", "publicIPAddress"); strings.EqualFold(ip.Str("properties", "deleteOption"), "Delete") {
			a.Remove(ip.Str("id"))
		}
	}
}

func renderInterface(a *arm.ARM, _ *arm.Request, r arm.Resource) *ojson.Object {
	p := r.Properties.Clone()
	list := []any{}
	for _, c := range Configurations(r) {
		cp := c.Obj("properties").Clone()
		cp.Set("provisioningState", p.Str("provisioningState"))
		list = append(list, ojson.Obj("name", c.Str("name"), "id", c.Str("id"), "etag", etag(a, r), "type", InterfaceType+"/ipConfigurations",
			"properties", first(cp, "provisioningState", "privateIPAddress", "privateIPAllocationMethod", "publicIPAddress", "subnet", "primary", "privateIPAddressVersion")))
	}
	p.Set("ipConfigurations", list)
	if id := Machine(r); id != "" {
		p.Set("primary", true)
		p.Set("virtualMachine", ojson.Obj("id", id))
	}
	p.Fill("hostedWorkloads", []any{}, "tapConfigurations", []any{})
	return body(a, r, first(p, "provisioningState", "resourceGuid", "ipConfigurations", "dnsSettings", "macAddress", "enableAcceleratedNetworking", "enableIPForwarding", "networkSecurityGroup", "primary", "virtualMachine", "hostedWorkloads", "tapConfigurations", "nicType"),
		"name id etag tags properties type location kind")
}

// putAddress gives a public address and, with a label, its name.
func putAddress(a *arm.ARM, _ *arm.Request, old, r *arm.Resource) error {
	if r.SKU == nil {
		r.SKU = &ojson.Object{}
		if old != nil {
			r.SKU = old.SKU
		}
	}
	r.SKU.Fill("name", "Basic", "tier", "Regional")
	p := r.Properties
	p.Fill("publicIPAllocationMethod", "Dynamic")
	if strings.EqualFold(r.SKU.Str("name"), "Standard") && !strings.EqualFold(p.Str("publicIPAllocationMethod"), "Static") {
		return fail("StandardSkuPublicIPAddressMustBeStatic", "Standard sku publicIp %s must have AllocationMethod set to Static.", r.ID)
	}
	p.Fill("publicIPAddressVersion", "IPv4", "idleTimeoutInMinutes", 4, "ipTags", []any{})
	p.Delete("ipConfiguration")
	if old != nil && old.Properties.Str("ipAddress") != "" {
		p.Set("ipAddress", old.Properties.Str("ipAddress"))
	} else {
		b := a.IDs.Bytes("vnet.address", 2)
		p.Set("ipAddress", fmt.Sprintf("13.64.%d.%d", b[0], b[1]|1))
	}
	if dns := p.Obj("dnsSettings"); dns.Str("domainNameLabel") != "" {
		label := dns.Str("domainNameLabel")
		fqdn := label + "." + r.Location + ".cloudapp.azure.com"
		for _, other := range a.ResourcesOf(AddressType) {
			if !strings.EqualFold(other.ID, r.ID) && strings.EqualFold(other.Properties.Str("dnsSettings", "fqdn"), fqdn) {
				return fail("DnsRecordInUse", "DNS record %s is already used by another public IP.", fqdn)
			}
		}
		dns.Set("fqdn", fqdn)
	}
	settled(a, old, r)
	return nil
}

func deleteAddress(a *arm.ARM, _ *arm.Request, r arm.Resource) error {
	if by := usesOf(a)[strings.ToLower(r.ID)]; len(by) > 0 {
		return fail("PublicIPAddressCannotBeDeleted", "Public IP address %s can not be deleted since it is still allocated to resource %s. In order to delete the public IP, disassociate/detach the Public IP address from the resource.  To learn how to do this, see aka.ms/deletepublicip.", r.ID, by[0])
	}
	return nil
}

func renderAddress(a *arm.ARM, _ *arm.Request, r arm.Resource) *ojson.Object {
	p := r.Properties.Clone()
	by := usesOf(a)[strings.ToLower(r.ID)]
	if len(by) > 0 {
		p.Set("ipConfiguration", ojson.Obj("id", by[0]))
	} else if strings.EqualFold(p.Str("publicIPAllocationMethod"), "Dynamic") {
		p.Delete("ipAddress") // it gets one when something uses it
	}
	return body(a, r, first(p, "provisioningState", "resourceGuid", "ipAddress", "publicIPAddressVersion", "publicIPAllocationMethod", "idleTimeoutInMinutes", "dnsSettings", "ipTags", "ipConfiguration"),
		"name id etag location zones tags properties type sku")
}
