package az

import (
	"net/http"
	"strings"

	"skylab/sim/ojson"
)

// network adds what the machine needs of a network to the template: nothing
// where interfaces are given.
func (c *call) network(t *template, vm, location string, windows bool, tags *ojson.Object) (nics, depends []any, err error) {
	sub, err := c.subscriptionPath()
	if err != nil {
		return nil, nil, err
	}
	group := sub + "/resourceGroups/" + c.group()
	provider := group + "/providers/Microsoft.Network/"
	id := func(typ, name string) string {
		if _, ok := parseID(name); ok {
			return name
		}
		return provider + typ + "/" + name
	}
	if given := c.list("nics"); len(given) > 0 {
		for i, n := range given {
			nics = append(nics, ojson.Obj("id", id("networkInterfaces", n), "properties", ojson.Obj("primary", i == 0)))
		}
		return nics, []any{}, nil
	}
	depends = []any{}
	var nicDepends []any = []any{}
	subnet, vnet := or(c.str("subnet"), vm+"Subnet"), c.str("vnet_name")
	subnetID := ""
	if _, ok := parseID(subnet); ok {
		subnetID = subnet
	} else {
		found, err := c.existingNetwork(vnet, c.str("subnet"), location)
		if err != nil {
			return nil, nil, err
		}
		if found != "" {
			subnetID = found
		} else {
			vnet = or(vnet, vm+"VNET")
			subnetID = id("virtualNetworks", vnet) + "/subnets/" + subnet
			t.add("Microsoft.Network/virtualNetworks", "2015-06-15", vnet, location, tags, []any{}, "properties", ojson.Obj(
				"addressSpace", ojson.Obj("addressPrefixes", []any{or(c.str("vnet_address_prefix"), "10.0.0.0/16")}),
				"subnets", []any{ojson.Obj("name", subnet, "properties", ojson.Obj("addressPrefix", or(c.str("subnet_address_prefix"), "10.0.0.0/24")))}))
			nicDepends = append(nicDepends, "Microsoft.Network/virtualNetworks/"+vnet)
		}
	}
	nsgID := ""
	if nsg := c.str("nsg"); nsg != "" || !c.line.Has("nsg") {
		name := or(nsg, vm+"NSG")
		nsgID = id("networkSecurityGroups", name)
		there, err := c.exists(networkVersion, nsgID)
		if err != nil {
			return nil, nil, err
		}
		if !there {
			t.add("Microsoft.Network/networkSecurityGroups", "2015-06-15", name, location, tags, []any{}, "properties", ojson.Obj("securityRules", signInRule(or(c.str("nsg_rule"), ruleFor(windows)))))
			nicDepends = append(nicDepends, "Microsoft.Network/networkSecurityGroups/"+name)
		}
	}
	ip := ojson.Obj("privateIPAllocationMethod", "Dynamic", "subnet", ojson.Obj("id", subnetID))
	if a := c.str("private_ip_address"); a != "" {
		ip.Set("privateIPAllocationMethod", "Static")
		ip.Set("privateIPAddress", a)
	}
	if public := c.str("public_ip_address"); public != "" || !c.line.Has("public_ip_address") {
		name := or(public, vm+"PublicIP")
		ipID := id("publicIPAddresses", name)
		there, err := c.exists(networkVersion, ipID)
		if err != nil {
			return nil, nil, err
		}
		if !there {
			sku := c.str("public_ip_sku")
			if z := c.str("zone"); z != "" {
				sku = "Standard"
			}
			p := ojson.Obj("publicIPAllocationMethod", allocation(c.str("public_ip_address_allocation"), sku))
			if label := c.str("public_ip_address_dns_name"); label != "" {
				p.Set("dnsSettings", ojson.Obj("domainNameLabel", label))
			}
			r := t.add("Microsoft.Network/publicIPAddresses", networkVersion, name, location, tags, []any{}, "properties", p)
			if sku != "" {
				r.Set("sku", ojson.Obj("name", sku))
			}
			if z := c.str("zone"); z != "" {
				r.Set("zones", []any{z})
			}
			nicDepends = append(nicDepends, "Microsoft.Network/publicIpAddresses/"+name)
		}
		ip.Set("publicIPAddress", ojson.Obj("id", ipID))
	}
	nic := vm + "VMNic"
	p := ojson.Obj("ipConfigurations", []any{ojson.Obj("name", "ipconfig"+vm, "properties", ip)})
	if nsgID != "" {
		p.Set("networkSecurityGroup", ojson.Obj("id", nsgID))
	}
	t.add("Microsoft.Network/networkInterfaces", "2015-06-15", nic, location, tags, nicDepends, "properties", p)
	return []any{ojson.Obj("id", id("networkInterfaces", nic))}, append(depends, "Microsoft.Network/networkInterfaces/"+nic), nil
}

// existingNetwork is the id of a subnet that the machine can use: the one that is
// named, or any in the group where none is.
func (c *call) existingNetwork(vnet, subnet, location string) (string, error) {
	group, err := c.groupPath()
	if err != nil {
		return "", err
	}
	list, err := c.all(join(networkVersion, group, "/providers/Microsoft.Network/virtualNetworks"))
	if err != nil {
		return "", err
	}
	for _, e := range list {
		n := e.(*ojson.Object)
		if vnet != "" && !strings.EqualFold(n.Str("name"), vnet) || !strings.EqualFold(n.Str("location"), location) {
			continue
		}
		for _, s := range objectsAt(n, "properties", "subnets") {
			if subnet == "" && vnet == "" && strings.EqualFold(s.Str("name"), "GatewaySubnet") || subnet != "" && !strings.EqualFold(s.Str("name"), subnet) {
				continue
			}
			return s.Str("id"), nil
		}
		if vnet != "" && subnet != "" {
			return "", failf("Subnet '%s' does not exist.", subnet)
		}
	}
	return "", nil
}

// exists asks whether a resource is there.
func (c *call) exists(version, id string) (bool, error) {
	_, err := c.arm(http.MethodGet, join(version, id), nil)
	if statusOf(err) == http.StatusNotFound {
		return false, nil
	}
	return err == nil, err
}

func ruleFor(windows bool) string {
	if windows {
		return "RDP"
	}
	return "SSH"
}

// signInRule lets the machine's user in.
func signInRule(kind string) []any {
	name, port := "default-allow-ssh", "22"
	switch kind {
	case "NONE":
		return []any{}
	case "RDP":
		name, port = "rdp", "3389"
	}
	return []any{ojson.Obj("name", name, "properties", ojson.Obj("protocol", "Tcp", "sourcePortRange", "*", "destinationPortRange", port, "sourceAddressPrefix", "*",
		"destinationAddressPrefix", "*", "access", "Allow", "priority", 1000, "direction", "Inbound"))}
}
