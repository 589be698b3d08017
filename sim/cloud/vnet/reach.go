package vnet

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"skylab/sim/cloud/arm"
	"skylab/sim/ojson"
)

// Connection is an attempt to reach an interface by TCP.
type Connection struct {
	From   netip.Addr
	Inside bool // it comes from within the virtual network, not by a public address
	Cloud  bool // it comes from Azure's own machines outside the network, as Cloud Shell does
	To     netip.Addr
	Port   int
}

// sourcePort stands for the port that a client's system chooses.
const sourcePort = 49152

// Admits tells whether a connection gets through to an interface, and in a
// sentence why: the security groups of its subnet and of the interface itself
// must both allow it. Without any group, a Standard public address is closed and
// a Basic one open.
func Admits(a *arm.ARM, nic arm.Resource, c Connection) (bool, string) {
	var groups []string
	standard := false
	for _, config := range Configurations(nic) {
		if ip := config.Str("properties", "privateIPAddress"); ip != c.To.String() {
			continue
		}
		if s, ok := a.Resource(config.Str("properties", "subnet", "id")); ok {
			groups = append(groups, s.Properties.Str("networkSecurityGroup", "id"))
		}
		if ip, ok := a.Resource(config.Str("properties", "publicIPAddress", "id")); ok {
			standard = strings.EqualFold(ip.SKU.Str("name"), "Standard")
		}
	}
	groups = append(groups, nic.Properties.Str("networkSecurityGroup", "id"))
	why := ""
	for _, id := range groups {
		g, ok := a.Resource(id)
		if !ok {
			continue
		}
		rule := decide(g, c)
		name := rule.Str("name")
		if !strings.EqualFold(rule.Str("properties", "access"), "Allow") {
			return false, fmt.Sprintf("The rule %s of the network security group %s denies port %d.", name, g.Name, c.Port)
		}
		why = fmt.Sprintf("The rule %s of the network security group %s allows port %d.", name, g.Name, c.Port)
	}
	switch {
	case why != "":
		return true, why
	case c.Inside:
		return true, "No network security group stands between two addresses of the virtual network."
	case standard:
		return false, "A Standard public address lets nothing in without a network security group."
	}
	return true, "A Basic public address without a network security group is open."
}

// decide returns the first inbound rule of a group that fits, by priority; the
// last default rule fits all.
func decide(group arm.Resource, c Connection) *ojson.Object {
	rules := slices.Concat(group.Properties.Objects("securityRules"), defaultsOf(group.ID))
	slices.SortStableFunc(rules, func(x, y *ojson.Object) int {
		a, _ := whole(x.At("properties", "priority"))
		b, _ := whole(y.At("properties", "priority"))
		return cmp.Compare(a, b)
	})
	for _, r := range rules {
		p := r.Obj("properties")
		protocol := p.Str("protocol")
		if strings.EqualFold(p.Str("direction"), "Inbound") && (protocol == "*" || strings.EqualFold(protocol, "Tcp")) &&
			onPort(p, "sourcePortRange", sourcePort) && onPort(p, "destinationPortRange", c.Port) && fits(p, "sourceAddressPrefix", c, c.From, c.Inside) && fits(p, "destinationAddressPrefix", c, c.To, true) {
			return r
		}
	}
	return nil
}

func onPort(p *ojson.Object, name string, port int) bool {
	return slices.ContainsFunc(both(p, name), func(s string) bool {
		low, high, ok := ports(s)
		return ok && low <= port && port <= high
	})
}

// fits tells whether an address is one that a rule speaks of: in a prefix, or
// under one of the service tags that can be told here. inside says that it lies
// in the virtual network.
func fits(p *ojson.Object, name string, c Connection, ip netip.Addr, inside bool) bool {
	return slices.ContainsFunc(both(p, name), func(s string) bool {
		switch strings.ToLower(s) {
		case "*":
			return true
		case "virtualnetwork":
			return inside
		case "internet":
			return !inside
		case "azurecloud":
			return !inside && c.Cloud
		}
		prefix, err := parsePrefix(s)
		return err == nil && prefix.Contains(ip)
	})
}
