package az

import (
	"net/http"
	"strings"

	"skylab/sim/machine/az/model"
	"skylab/sim/ojson"
)

const networkProvider = "/providers/Microsoft.Network/"

var networkCommands = map[string]command{
	"network nic create": cmdNICCreate, "network vnet create": cmdVnetCreate, "network public-ip create": cmdPublicIPCreate, "network nsg create": cmdNSGCreate,
	"network nsg rule create": cmdRuleCreate, "network nsg rule show": cmdRuleShow, "network nsg rule list": cmdRuleList,
	"network vnet subnet list": cmdSubnetList, "network vnet subnet show": cmdSubnetShow,
}

// networkPath is a path of the command's resource group.
func (c *call) networkPath(version string, parts ...string) (string, error) {
	group, err := c.groupPath()
	return join(version, group, networkProvider, strings.Join(parts, "")), err
}

// putNetwork writes a network resource and prints it under a name, as the
// commands that create do.
func (c *call) putNetwork(path, name string, body *ojson.Object, flat bool) (any, error) {
	if tags, ok := c.tags(); ok {
		body.Set("tags", tags)
	}
	res, err := c.long(http.MethodPut, path, body, c.flag("no_wait"))
	if err != nil || res == nil {
		return nil, err
	}
	v := c.view("NetworkInterface", res.json())
	if flat {
		v = model.Flat(res.json())
	}
	return ojson.Obj(name, v), nil
}

func cmdNICCreate(c *call) (any, error) {
	location, err := c.location()
	if err != nil {
		return nil, err
	}
	group, err := c.groupPath()
	if err != nil {
		return nil, err
	}
	id := func(typ, name string) string {
		if _, ok := parseID(name); ok {
			return name
		}
		return group + networkProvider + typ + "/" + name
	}
	subnet := c.str("subnet")
	if _, ok := parseID(subnet); !ok {
		vnet := c.str("virtual_network_name")
		if vnet == "" {
			return nil, &fault{text: "usage error: --subnet ID | --subnet NAME --vnet-name NAME", exit: 1}
		}
		subnet = id("virtualNetworks", vnet) + "/subnets/" + subnet
	}
	ip := ojson.Obj("privateIPAllocationMethod", "Dynamic", "subnet", ojson.Obj("id", subnet), "privateIPAddressVersion", or(c.str("private_ip_address_version"), "IPv4"))
	if a := c.str("private_ip_address"); a != "" {
		ip.Set("privateIPAllocationMethod", "Static")
		ip.Set("privateIPAddress", a)
	}
	if p := c.str("public_ip_address"); p != "" {
		ip.Set("publicIPAddress", ojson.Obj("id", id("publicIPAddresses", p)))
	}
	p := ojson.New()
	if c.line.Has("enable_ip_forwarding") {
		p.Set("enableIPForwarding", c.flag("enable_ip_forwarding"))
	}
	if c.line.Has("enable_accelerated_networking") {
		p.Set("enableAcceleratedNetworking", c.flag("enable_accelerated_networking"))
	}
	if g := c.str("network_security_group"); g != "" {
		p.Set("networkSecurityGroup", ojson.Obj("id", id("networkSecurityGroups", g)))
	}
	p.Set("ipConfigurations", []any{ojson.Obj("name", "ipconfig1", "properties", ip)})
	dns := ojson.New()
	if servers := c.list("dns_servers"); len(servers) > 0 {
		dns.Set("dnsServers", texts(servers))
	}
	if label := c.str("internal_dns_name_label"); label != "" {
		dns.Set("internalDnsNameLabel", label)
	}
	p.Set("dnsSettings", dns)
	path, err := c.networkPath(networkVersion, "networkInterfaces/", pathSegment(c.str("network_interface_name")))
	if err != nil {
		return nil, err
	}
	return c.putNetwork(path, "NewNIC", ojson.Obj("location", location, "properties", p), false)
}

func cmdVnetCreate(c *call) (any, error) {
	location, err := c.location()
	if err != nil {
		return nil, err
	}
	prefixes := c.list("address_prefixes")
	if len(prefixes) == 0 {
		prefixes = []string{"10.0.0.0/16"}
	}
	p := ojson.Obj("addressSpace", ojson.Obj("addressPrefixes", texts(prefixes)))
	if servers := c.list("dns_servers"); len(servers) > 0 {
		p.Set("dhcpOptions", ojson.Obj("dnsServers", texts(servers)))
	}
	if name := c.str("subnet_name"); name != "" {
		subnet := ojson.New()
		switch s := c.list("subnet_prefixes"); {
		case len(s) == 0:
			address, bits, _ := strings.Cut(prefixes[0], "/")
			if len(bits) == 1 || bits < "24" { // the subnet is no wider than /24
				bits = "24"
			}
			subnet.Set("addressPrefix", address+"/"+bits)
		case len(s) == 1:
			subnet.Set("addressPrefix", s[0])
		default:
			subnet.Set("addressPrefixes", texts(s))
		}
		if g := c.str("subnet_nsg"); g != "" {
			if _, ok := parseID(g); !ok {
				group, err := c.groupPath()
				if err != nil {
					return nil, err
				}
				g = group + networkProvider + "networkSecurityGroups/" + g
			}
			subnet.Set("networkSecurityGroup", ojson.Obj("id", g))
		}
		p.Set("subnets", []any{ojson.Obj("name", name, "properties", subnet)})
	} else if c.line.Has("subnet_prefixes") {
		return nil, &fault{text: "usage error: --subnet-name NAME [--subnet-prefix PREFIX]", exit: 1}
	}
	path, err := c.networkPath(networkVersion, "virtualNetworks/", pathSegment(c.str("name")))
	if err != nil {
		return nil, err
	}
	return c.putNetwork(path, "newVNet", ojson.Obj("location", location, "properties", p), true)
}

func cmdPublicIPCreate(c *call) (any, error) {
	location, err := c.location()
	if err != nil {
		return nil, err
	}
	sku := c.str("sku")
	if sku == "" {
		c.warn("Please note that the default public IP used for creation will be changed from Basic to Standard in the future.")
	}
	p := ojson.Obj("publicIPAllocationMethod", allocation(c.str("allocation_method"), sku), "publicIPAddressVersion", or(c.str("version"), "IPv4"))
	if n := c.number("idle_timeout", 0); n > 0 {
		p.Set("idleTimeoutInMinutes", n)
	}
	if label := c.str("dns_name"); label != "" {
		p.Set("dnsSettings", ojson.Obj("domainNameLabel", label))
	}
	path, err := c.networkPath(networkVersion, "publicIPAddresses/", pathSegment(or(c.str("public_ip_address_name"), c.str("name"))))
	if err != nil {
		return nil, err
	}
	body := ojson.Obj("location", location, "properties", p)
	if sku != "" {
		body.Set("sku", ojson.Obj("name", sku))
	}
	return c.putNetwork(path, "publicIp", body, true)
}

// allocation is how long a public address stays where it is not said.
func allocation(given, sku string) string {
	switch {
	case given != "":
		return strings.ToUpper(given[:1]) + given[1:]
	case strings.EqualFold(sku, "Standard"):
		return "Static"
	}
	return "Dynamic"
}

func cmdNSGCreate(c *call) (any, error) {
	location, err := c.location()
	if err != nil {
		return nil, err
	}
	path, err := c.networkPath(networkVersion, "networkSecurityGroups/", pathSegment(c.str("name")))
	if err != nil {
		return nil, err
	}
	return c.putNetwork(path, "NewNSG", ojson.Obj("location", location, "properties", ojson.New()), true)
}

// rulePath is the path of the command's rule, or of all rules.
func (c *call) rulePath(kind string) (string, error) {
	nsg := or(c.str("nsg_name"), c.str("network_security_group_name"))
	parts := []string{"networkSecurityGroups/", pathSegment(nsg), "/" + kind}
	if name := c.str("name"); name != "" {
		parts = append(parts, "/", pathSegment(name))
	}
	return c.networkPath(networkVersion, parts...)
}

func cmdRuleList(c *call) (any, error) {
	path, err := c.networkPath(networkVersion, "networkSecurityGroups/", pathSegment(or(c.str("nsg_name"), c.str("network_security_group_name"))))
	if err != nil {
		return nil, err
	}
	v, err := c.get(path)
	if err != nil {
		return nil, err
	}
	o, _ := model.Flat(v).(*ojson.Object)
	out := []any{}
	kinds := []string{"securityRules"}
	if c.flag("include_default") {
		kinds = append(kinds, "defaultSecurityRules")
	}
	for _, k := range kinds {
		list, _ := o.At(k).([]any)
		out = append(out, list...)
	}
	return out, nil
}

func cmdRuleShow(c *call) (any, error) {
	path, err := c.rulePath("securityRules")
	if err != nil {
		return nil, err
	}
	v, err := c.get(path)
	return model.Flat(v), err
}

func cmdRuleCreate(c *call) (any, error) {
	path, err := c.rulePath("securityRules")
	if err != nil {
		return nil, err
	}
	p := ojson.Obj("access", or(c.str("access"), "Allow"), "direction", or(c.str("direction"), "Inbound"), "priority", c.number("priority", 0), "protocol", or(c.str("protocol"), "*"))
	if d := c.str("description"); d != "" {
		p.Set("description", d)
	}
	for _, r := range []struct{ dest, one, many, absent string }{
		{"source_address_prefixes", "sourceAddressPrefix", "sourceAddressPrefixes", "*"}, {"source_port_ranges", "sourcePortRange", "sourcePortRanges", "*"},
		{"destination_address_prefixes", "destinationAddressPrefix", "destinationAddressPrefixes", "*"}, {"destination_port_ranges", "destinationPortRange", "destinationPortRanges", "80"},
	} {
		switch w := c.list(r.dest); len(w) {
		case 0:
			p.Set(r.one, r.absent)
		case 1:
			p.Set(r.one, w[0])
		default:
			p.Set(r.many, texts(w))
		}
	}
	res, err := c.long(http.MethodPut, path, ojson.Obj("properties", p), c.flag("no_wait"))
	if err != nil || res == nil {
		return nil, err
	}
	return model.Flat(res.json()), nil
}

func cmdSubnetList(c *call) (any, error) {
	path, err := c.networkPath(networkVersion, "virtualNetworks/", pathSegment(or(c.str("vnet_name"), c.str("virtual_network_name"))), "/subnets")
	if err != nil {
		return nil, err
	}
	list, err := c.all(path)
	return model.Flat(list), err
}

func cmdSubnetShow(c *call) (any, error) {
	path, err := c.networkPath(networkVersion, "virtualNetworks/", pathSegment(or(c.str("vnet_name"), c.str("virtual_network_name"))), "/subnets/", pathSegment(or(c.str("name"), c.str("subnet_name"))))
	if err != nil {
		return nil, err
	}
	v, err := c.get(path)
	return model.Flat(v), err
}
