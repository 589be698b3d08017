package vnet

import (
	"encoding/json"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"skylab/sim/cloud/arm"
	"skylab/sim/ojson"
)

// defaultRules are what every security group ends with.
var defaultRules = []struct{ name, description, priority, access, direction, source, destination string }{
	{"AllowVnetInBound", "Allow inbound traffic from all VMs in VNET", "65000", "Allow", "Inbound", "VirtualNetwork", "VirtualNetwork"},
	{"AllowAzureLoadBalancerInBound", "Allow inbound traffic from azure load balancer", "65001", "Allow", "Inbound", "AzureLoadBalancer", "*"},
	{"DenyAllInBound", "Deny all inbound traffic", "65500", "Deny", "Inbound", "*", "*"},
	{"AllowVnetOutBound", "Allow outbound traffic from all VMs to all VMs in VNET", "65000", "Allow", "Outbound", "VirtualNetwork", "VirtualNetwork"},
	{"AllowInternetOutBound", "Allow outbound traffic from all VMs to Internet", "65001", "Allow", "Outbound", "*", "Internet"},
	{"DenyAllOutBound", "Deny all outbound traffic", "65500", "Deny", "Outbound", "*", "*"},
}

func defaultsOf(id string) []*ojson.Object {
	var out []*ojson.Object
	for _, d := range defaultRules {
		out = append(out, ojson.Obj("name", d.name, "id", id+"/defaultSecurityRules/"+d.name, "properties", ojson.Obj("description", d.description, "protocol", "*", "sourcePortRange", "*", "destinationPortRange", "*",
			"sourceAddressPrefix", d.source, "destinationAddressPrefix", d.destination, "access", d.access, "priority", json.Number(d.priority), "direction", d.direction)))
	}
	return out
}

// oneOf are the values that a rule's properties may have, and how they are kept.
var oneOf = []struct {
	property string
	values   []string
}{
	{"protocol", []string{"*", "Tcp", "Udp", "Icmp", "Esp", "Ah"}},
	{"access", []string{"Allow", "Deny"}},
	{"direction", []string{"Inbound", "Outbound"}},
}

// putGroup checks the rules of a security group.
func putGroup(a *arm.ARM, _ *arm.Request, old, r *arm.Resource) error {
	rules := r.Properties.Objects("securityRules")
	taken := map[string]string{}
	for _, rule := range rules {
		if rule.Str("name") == "" {
			return fail("InvalidRequestFormat", "A rule of the security group '%s' has no name.", r.Name)
		}
		p := rule.Obj("properties")
		for _, one := range oneOf {
			got, ok := p.GetFold(one.property)
			text, _ := got.(string)
			i := 0
			for i < len(one.values) && !strings.EqualFold(one.values[i], text) {
				i++
			}
			if !ok || i == len(one.values) {
				return fail("SecurityRuleParameterContainsUnsupportedValue", "Security rule parameter %s for rule with Id %s/securityRules/%s contains an unsupported value '%s'. Supported values are %s.", one.property, r.ID, rule.Str("name"), text, strings.Join(one.values, ", "))
			}
			p.Set(one.property, one.values[i])
		}
		priority, ok := whole(p.At("priority"))
		if !ok || priority < 100 || priority > 4096 {
			return fail("SecurityRuleInvalidPriority", "Security rule has invalid Priority. Value provided: %d Allowed range 100-4096.", priority)
		}
		key := p.Str("direction") + strconv.Itoa(priority)
		if other := taken[key]; other != "" {
			return fail("SecurityRuleConflict", "Security rule %s conflicts with rule %s. Rules cannot have the same Priority and Direction. To learn more about conflicting rules, see aka.ms/nsgrules.", rule.Str("name"), other)
		}
		taken[key] = rule.Str("name")
		for _, side := range []string{"source", "destination"} {
			for _, v := range both(p, side+"PortRange") {
				if _, _, ok := ports(v); !ok {
					return fail("SecurityRuleInvalidPortRange", "Security rule has invalid Port range. Value provided: %s. Value should be an integer OR integer range with '-' delimiter. Valid range 0-65535.", v)
				}
			}
			for _, v := range both(p, side+"AddressPrefix") {
				if !validPrefix(v) {
					return fail("SecurityRuleInvalidAddressPrefix", "Security rule has invalid Address prefix. Value provided: %s", v)
				}
			}
			p.Fill(side+"AddressPrefixes", []any{}, side+"PortRanges", []any{})
		}
		if len(both(p, "destinationPortRange")) == 0 || len(both(p, "sourcePortRange")) == 0 {
			return fail("SecurityRuleParameterContainsUnsupportedValue", "Security rule %s/securityRules/%s must name its ports.", r.ID, rule.Str("name"))
		}
		p.Delete("provisioningState")
		rule.Set("id", r.ID+"/securityRules/"+rule.Str("name"))
	}
	if r.Properties.At("securityRules") == nil {
		r.Properties.Set("securityRules", []any{})
	}
	r.Properties.Delete("defaultSecurityRules")
	settled(a, old, r)
	return nil
}

// whole reads a JSON number without a fraction.
func whole(v any) (int, bool) {
	switch n := v.(type) {
	case json.Number:
		i, err := strconv.Atoi(n.String())
		return i, err == nil
	case int:
		return n, true
	}
	return 0, false
}

// both are the values of a property and of its plural.
func both(p *ojson.Object, name string) []string {
	var out []string
	if s := p.Str(name); s != "" {
		out = append(out, s)
	}
	plural := name + "s"
	if strings.HasSuffix(name, "Prefix") {
		plural = name + "es"
	}
	list, _ := p.At(plural).([]any)
	for _, v := range list {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// ports reads a port, a range of ports or "*".
func ports(s string) (low, high int, ok bool) {
	if s == "*" {
		return 0, 65535, true
	}
	a, b, isRange := strings.Cut(s, "-")
	low, err := strconv.Atoi(strings.TrimSpace(a))
	if err != nil {
		return 0, 0, false
	}
	high = low
	if isRange {
		if high, err = strconv.Atoi(strings.TrimSpace(b)); err != nil {
			return 0, 0, false
		}
	}
	return low, high, low >= 0 && low <= high && high <= 65535
}

var tag = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9.]*$`)

func validPrefix(s string) bool {
	_, err := parsePrefix(s)
	return s == "*" || err == nil || tag.MatchString(s)
}

func parsePrefix(s string) (netip.Prefix, error) {
	if ip, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(ip, ip.BitLen()), nil
	}
	return netip.ParsePrefix(s)
}

func deleteGroup(a *arm.ARM, _ *arm.Request, r arm.Resource) error {
	if by := usesOf(a)[strings.ToLower(r.ID)]; len(by) > 0 {
		return fail("InUseNetworkSecurityGroupCannotBeDeleted", "Network security group %s cannot be deleted because it is in use by the following resources: %s. In order to delete the Network security group, remove the association with the resource(s). To learn how to do this, see aka.ms/deletensg.", r.ID, strings.Join(by, ", "))
	}
	return nil
}

func renderGroup(a *arm.ARM, _ *arm.Request, r arm.Resource) *ojson.Object {
	p := r.Properties.Clone()
	state := p.Str("provisioningState")
	list := func(rules []*ojson.Object, kind string) []any {
		out := []any{}
		for _, rule := range rules {
			rp := rule.Obj("properties").Clone()
			rp.Set("provisioningState", state)
			out = append(out, ojson.Obj("name", rule.Str("name"), "id", rule.Str("id"), "etag", etag(a, r), "type", GroupType+"/"+kind, "properties", first(rp, "provisioningState")))
		}
		return out
	}
	p.Set("securityRules", list(r.Properties.Objects("securityRules"), "securityRules"))
	p.Set("defaultSecurityRules", list(defaultsOf(r.ID), "defaultSecurityRules"))
	var nics, subnets []string
	for _, id := range usesOf(a)[strings.ToLower(r.ID)] {
		if strings.Contains(id, "/subnets/") {
			subnets = append(subnets, id)
		} else {
			nics = append(nics, id)
		}
	}
	if len(nics) > 0 {
		p.Set("networkInterfaces", ids(nics))
	}
	if len(subnets) > 0 {
		p.Set("subnets", ids(subnets))
	}
	return body(a, r, first(p, "provisioningState", "resourceGuid"), "name id etag type location tags properties")
}
