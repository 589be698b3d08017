// Package vnet is the part of Microsoft.Network that a virtual machine needs:
// virtual networks, interfaces, public addresses and security groups.
package vnet

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"

	"skylab/sim/cloud/arm"
	"skylab/sim/ojson"
)

var versions = strings.Fields("2024-05-01 2024-03-01 2024-01-01 2023-11-01 2023-09-01 2023-06-01 2023-04-01 2023-02-01 2022-11-01 2022-07-01 2022-05-01 2022-01-01 2021-08-01 2021-05-01 2021-03-01 2021-02-01 2020-11-01 2020-08-01 2020-07-01 2020-06-01 2020-05-01 2020-04-01 2019-12-01 2019-11-01 2019-09-01 2019-06-01 2019-04-01 2019-02-01 2018-12-01 2018-11-01 2018-10-01 2018-08-01 2018-07-01 2018-06-01 2018-04-01 2018-02-01 2018-01-01 2017-10-01 2017-09-01 2017-06-01 2017-03-30 2016-03-30 2015-06-15")

// Types returns the resource types of the namespace.
func Types() []*arm.Type {
	typ := func(name string, put func(a *arm.ARM, x *arm.Request, old, r *arm.Resource) error) *arm.Type {
		return &arm.Type{Namespace: "Microsoft.Network", Name: name, Versions: versions, Pretty: true, Put: put}
	}
	return []*arm.Type{typ("virtualNetworks", putNetwork), typ("networkInterfaces", putInterface), typ("publicIPAddresses", putAddress), typ("networkSecurityGroups", succeed)}
}

func succeed(_ *arm.ARM, _ *arm.Request, _, r *arm.Resource) error {
	r.Properties.Set("provisioningState", "Succeeded")
	return nil
}

func fail(code, format string, args ...any) error {
	return &arm.Error{Status: http.StatusBadRequest, Code: code, Message: fmt.Sprintf(format, args...)}
}

// putNetwork gives each subnet its ARM id.
func putNetwork(_ *arm.ARM, _ *arm.Request, _, r *arm.Resource) error {
	prefixes, _ := r.Properties.At("addressSpace", "addressPrefixes").([]any)
	if len(prefixes) == 0 {
		return fail("InvalidRequestFormat", "The address space of the virtual network '%s' must have at least one prefix.", r.Name)
	}
	subnets, _ := r.Properties.At("subnets").([]any)
	for _, s := range subnets {
		o, ok := s.(*ojson.Object)
		if !ok || o.Str("name") == "" {
			return fail("InvalidRequestFormat", "A subnet of the virtual network '%s' has no name.", r.Name)
		}
		if _, err := netip.ParsePrefix(o.Str("properties", "addressPrefix")); err != nil {
			return fail("InvalidCIDRNotation", "The address prefix %s in resource %s/subnets/%s has an invalid CIDR notation.", o.Str("properties", "addressPrefix"), r.ID, o.Str("name"))
		}
		o.Set("id", r.ID+"/subnets/"+o.Str("name"))
	}
	return succeed(nil, nil, nil, r)
}

// Subnet finds a subnet by its ARM id and returns its prefix.
func Subnet(a *arm.ARM, id string) (netip.Prefix, bool) {
	network, name, ok := strings.Cut(strings.ToLower(id), "/subnets/")
	if !ok {
		return netip.Prefix{}, false
	}
	r, _ := a.Resource(network)
	subnets, _ := r.Properties.At("subnets").([]any)
	for _, s := range subnets {
		if o, ok := s.(*ojson.Object); ok && strings.EqualFold(o.Str("name"), name) {
			p, err := netip.ParsePrefix(o.Str("properties", "addressPrefix"))
			return p, err == nil
		}
	}
	return netip.Prefix{}, false
}

// Configurations returns the IP configurations of an interface.
func Configurations(r arm.Resource) []*ojson.Object {
	list, _ := r.Properties.At("ipConfigurations").([]any)
	var out []*ojson.Object
	for _, c := range list {
		if o, ok := c.(*ojson.Object); ok {
			out = append(out, o)
		}
	}
	return out
}

// putInterface gives each configuration an address of its subnet: the first
// four are Azure's own, so an empty 10.0.0.0/24 begins with 10.0.0.4.
func putInterface(a *arm.ARM, _ *arm.Request, old, r *arm.Resource) error {
	configs := Configurations(*r)
	if len(configs) == 0 {
		return fail("InvalidRequestFormat", "The network interface '%s' must have one or more IP configurations.", r.Name)
	}
	taken := map[string]bool{}
	for _, other := range a.ResourcesOf("Microsoft.Network/networkInterfaces") {
		for _, c := range Configurations(other) {
			if !strings.EqualFold(other.ID, r.ID) {
				taken[c.Str("properties", "privateIPAddress")] = true
			}
		}
	}
	for _, c := range configs {
		p := c.Obj("properties")
		prefix, ok := Subnet(a, p.Str("subnet", "id"))
		if !ok {
			return fail("InvalidResourceReference", "Resource %s referenced by resource %s was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.", p.Str("subnet", "id"), r.ID)
		}
		if p.Str("privateIPAddress") == "" {
			ip := prefix.Masked().Addr()
			for range 4 {
				ip = ip.Next()
			}
			for taken[ip.String()] {
				ip = ip.Next()
			}
			if !prefix.Contains(ip) {
				return fail("SubnetIsFull", "Subnet %s with address prefix %s does not have enough capacity for 1 IP addresses.", p.Str("subnet", "id"), prefix)
			}
			p.Set("privateIPAddress", ip.String())
			p.Set("privateIPAllocationMethod", "Dynamic")
		}
		taken[p.Str("privateIPAddress")] = true
	}
	if old != nil && old.Properties.Str("macAddress") != "" {
		r.Properties.Set("macAddress", old.Properties.Str("macAddress"))
	} else {
		hex := strings.ToUpper(a.IDs.Hex("vnet.mac", 3))
		r.Properties.Set("macAddress", "00-0D-3A-"+hex[:2]+"-"+hex[2:4]+"-"+hex[4:])
	}
	return succeed(nil, nil, nil, r)
}

// putAddress gives a public address and, with a label, its name.
func putAddress(a *arm.ARM, _ *arm.Request, old, r *arm.Resource) error {
	if old != nil && old.Properties.Str("ipAddress") != "" {
		r.Properties.Set("ipAddress", old.Properties.Str("ipAddress"))
	} else {
		b := a.IDs.Bytes("vnet.address", 2)
		r.Properties.Set("ipAddress", fmt.Sprintf("13.64.%d.%d", b[0], b[1]|1))
	}
	if dns := r.Properties.Obj("dnsSettings"); dns.Str("domainNameLabel") != "" {
		dns.Set("fqdn", dns.Str("domainNameLabel")+"."+r.Location+".cloudapp.azure.com")
	}
	return succeed(nil, nil, nil, r)
}
