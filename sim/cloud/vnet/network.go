package vnet

import (
	"net/netip"
	"slices"
	"strings"

	"skylab/sim/cloud/arm"
	"skylab/sim/ojson"
)

// putNetwork checks a network's prefixes and gives each subnet its ARM id. A
// body without subnets takes them all away, unless one is in use.
func putNetwork(a *arm.ARM, x *arm.Request, old, r *arm.Resource) error {
	var spaces []netip.Prefix
	list, _ := r.Properties.At("addressSpace", "addressPrefixes").([]any)
	for _, v := range list {
		s, _ := v.(string)
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return fail("InvalidAddressPrefixFormat", "Address prefix %s of resource %s is not formatted correctly. It should follow CIDR notation, for example 10.0.0.0/24.", s, r.ID)
		}
		spaces = append(spaces, p)
	}
	if len(spaces) == 0 {
		return fail("InvalidRequestFormat", "The address space of the virtual network '%s' must have at least one prefix.", r.Name)
	}
	var had []*ojson.Object
	if old != nil {
		had = old.Properties.Objects("subnets")
	}
	subnets := r.Properties.Objects("subnets")
	taken := map[string]netip.Prefix{}
	for _, s := range subnets {
		if s.Str("name") == "" {
			return fail("InvalidRequestFormat", "A subnet of the virtual network '%s' has no name.", r.Name)
		}
		p, err := subnetPrefix(r, s)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(spaces, func(space netip.Prefix) bool { return space.Bits() <= p.Bits() && space.Contains(p.Addr()) }) {
			return fail("NetcfgInvalidSubnet", "Subnet '%s' is not valid in virtual network '%s'.", s.Str("name"), r.Name)
		}
		for other, q := range taken {
			if strings.EqualFold(other, s.Str("name")) {
				return fail("InvalidRequestFormat", "The virtual network '%s' names the subnet '%s' twice.", r.Name, other)
			}
			if p.Overlaps(q) {
				return fail("NetcfgSubnetRangesOverlap", "Subnet '%s' is not valid because its IP address range overlaps with that of an existing subnet in virtual network '%s'.", s.Str("name"), r.Name)
			}
		}
		taken[s.Str("name")] = p
		before := named(had, s.Str("name"))
		if id := s.Str("properties", "networkSecurityGroup", "id"); id != "" {
			group, err := reference(a, r.ID+"/subnets/"+s.Str("name"), id, GroupType)
			if err != nil {
				return err
			}
			if !strings.EqualFold(before.Str("properties", "networkSecurityGroup", "id"), id) {
				if err := a.Join(x, GroupType+"/join/action", group.ID); err != nil {
					return err
				}
			}
		}
		s.Set("id", r.ID+"/subnets/"+s.Str("name"))
		s.Set("type", SubnetType)
		props := s.Obj("properties")
		for _, read := range []string{"provisioningState", "ipConfigurations", "purpose"} {
			props.Delete(read)
		}
		props.Fill("delegations", []any{}, "privateEndpointNetworkPolicies", "Disabled", "privateLinkServiceNetworkPolicies", "Enabled")
	}
	uses := usesOf(a)
	for _, s := range had {
		now := named(subnets, s.Str("name"))
		by := uses[strings.ToLower(old.ID+"/subnets/"+s.Str("name"))]
		if len(by) == 0 {
			continue
		}
		if now == nil {
			return inUse(s.Str("name"), by[0])
		}
		if was := s.Str("properties", "addressPrefix"); was != now.Str("properties", "addressPrefix") {
			return fail("InUsePrefixCannotBeDeleted", "IpPrefix %s on Subnet %s has active allocations and cannot be deleted.", was, s.Str("name"))
		}
	}
	if r.Properties.At("subnets") == nil {
		r.Properties.Set("subnets", []any{})
	}
	r.Properties.Fill("virtualNetworkPeerings", []any{}, "enableDdosProtection", false)
	settled(a, old, r)
	return nil
}

func subnetPrefix(r *arm.Resource, s *ojson.Object) (netip.Prefix, error) {
	text := s.Str("properties", "addressPrefix")
	if list, _ := s.At("properties", "addressPrefixes").([]any); text == "" && len(list) > 0 {
		text, _ = list[0].(string)
	}
	p, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		return p, fail("InvalidCIDRNotation", "The address prefix %s in resource %s/subnets/%s has an invalid CIDR notation. For the given prefix length, the address prefix should be %s.", text, r.ID, s.Str("name"), "a.b.c.d/n")
	case p != p.Masked():
		return p, fail("InvalidCIDRNotation", "The address prefix %s in resource %s/subnets/%s has an invalid CIDR notation. For the given prefix length, the address prefix should be %s.", text, r.ID, s.Str("name"), p.Masked())
	case p.Addr().Is4() && p.Bits() > 29:
		return p, fail("NetcfgInvalidSubnet", "Subnet '%s' is not valid in virtual network '%s'.", s.Str("name"), r.Name)
	}
	return p, nil
}

// named finds an object by its name.
func named(list []*ojson.Object, name string) *ojson.Object {
	for _, o := range list {
		if strings.EqualFold(o.Str("name"), name) {
			return o
		}
	}
	return nil
}

func inUse(subnet, by string) error {
	return fail("InUseSubnetCannotBeDeleted", "Subnet %s is in use by %s and cannot be deleted. In order to delete the subnet, delete all the resources within the subnet. See aka.ms/deletesubnet.", subnet, by)
}

func deleteNetwork(a *arm.ARM, _ *arm.Request, r arm.Resource) error {
	uses := usesOf(a)
	for _, s := range r.Properties.Objects("subnets") {
		if by := uses[strings.ToLower(r.ID+"/subnets/"+s.Str("name"))]; len(by) > 0 {
			return inUse(s.Str("name"), by[0])
		}
	}
	return nil
}

func deleteSubnet(a *arm.ARM, _ *arm.Request, r arm.Resource) error {
	if by := usesOf(a)[strings.ToLower(r.ID)]; len(by) > 0 {
		return inUse(r.Name, by[0])
	}
	return nil
}

// Subnet finds a subnet by its ARM id and returns its prefix.
func Subnet(a *arm.ARM, id string) (netip.Prefix, bool) {
	r, ok := a.Resource(id)
	if !ok || !strings.EqualFold(r.Type, SubnetType) {
		return netip.Prefix{}, false
	}
	p, err := subnetPrefix(&r, ojson.Obj("properties", r.Properties))
	return p, err == nil
}

func renderNetwork(a *arm.ARM, _ *arm.Request, r arm.Resource) *ojson.Object {
	uses := usesOf(a)
	list := []any{}
	for _, s := range r.Properties.Objects("subnets") {
		id := r.ID + "/subnets/" + s.Str("name")
		p := s.Obj("properties").Clone()
		p.Set("provisioningState", r.Properties.Str("provisioningState"))
		list = append(list, ojson.Obj("name", s.Str("name"), "id", id, "etag", etag(a, r), "properties", first(subnetBody(p, uses[strings.ToLower(id)]), "provisioningState"), "type", SubnetType))
	}
	p := r.Properties.Clone()
	p.Set("subnets", list)
	return body(a, r, first(p, "provisioningState", "resourceGuid", "addressSpace"), "name id etag type location tags properties")
}

// subnetBody are a subnet's properties with the configurations in it.
func subnetBody(p *ojson.Object, by []string) *ojson.Object {
	p = p.Clone()
	if len(by) > 0 {
		p.Set("ipConfigurations", ids(by))
	}
	return p
}

// usesOf tells by their lower-case ids which resources the interfaces and
// subnets use: of subnets and public addresses the configurations in them, of
// security groups the interfaces and subnets that have them.
func usesOf(a *arm.ARM) map[string][]string {
	out := map[string][]string{}
	add := func(id, by string) {
		if id != "" {
			out[strings.ToLower(id)] = append(out[strings.ToLower(id)], by)
		}
	}
	for _, nic := range a.ResourcesOf(InterfaceType) {
		add(nic.Properties.Str("networkSecurityGroup", "id"), nic.ID)
		for _, c := range Configurations(nic) {
			by := nic.ID + "/ipConfigurations/" + c.Str("name")
			add(c.Str("properties", "subnet", "id"), by)
			add(c.Str("properties", "publicIPAddress", "id"), by)
		}
	}
	for _, s := range a.ResourcesOf(SubnetType) {
		add(s.Properties.Str("networkSecurityGroup", "id"), s.ID)
	}
	return out
}
