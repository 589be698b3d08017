package cloud

import (
	"strings"
	"testing"

	"skylab/sim/exchange"
)

func (w *world) caller() exchange.Caller {
	return exchange.Caller{Machine: "myVM", Address: "10.0.0.4", Resource: w.vm.ID}
}

func TestNetworkResourcesHoldTogether(t *testing.T) {
	w := newWorld(t, "linux-vm")
	const vnet, nsg, nic, ip = netPath + "virtualNetworks/", netPath + "networkSecurityGroups/", netPath + "networkInterfaces/", netPath + "publicIPAddresses/"
	const subnet = vnet + "myVM-vnet/subnets/"
	rule := func(properties string) string {
		return `{"properties":{"access":"allow","direction":"inbound","sourceAddressPrefix":"*","sourcePortRange":"*","destinationAddressPrefix":"*",` + properties + `}}`
	}
	w.play(t, []row{
		{"a subnet", "GET", subnet + "default" + netV, "", 200, `{ "name": "default", "id": "{s}` + subnet + `default", "etag": "W/\"`},
		{"who is in it", "GET", subnet + "default" + netV, "", 200, `"ipConfigurations": [ { "id": "{s}` + nic + `myVM-nic/ipConfigurations/ipconfig1" } ]`},
		{"a new subnet", "PUT", subnet + "more" + netV, `{"properties":{"addressPrefix":"10.0.1.0/24"}}`, 201, `"provisioningState": "Updating"`},
		{"its network shows it", "GET", vnet + "myVM-vnet" + netV, "", 200, `"name": "more", "id": "{s}` + subnet + `more"`},
		{"all of them", "GET", vnet + "myVM-vnet/subnets" + netV, "", 200, `"name": "more"`},
		{"changed", "PUT", subnet + "more" + netV, `{"properties":{"addressPrefix":"10.0.2.0/24"}}`, 200, `"addressPrefix": "10.0.2.0/24"`},
		{"overlapping", "PUT", subnet + "bad" + netV, `{"properties":{"addressPrefix":"10.0.2.0/25"}}`, 400, `"code": "NetcfgSubnetRangesOverlap"`},
		{"outside", "PUT", subnet + "bad" + netV, `{"properties":{"addressPrefix":"10.9.0.0/24"}}`, 400, `"code": "NetcfgInvalidSubnet"`},
		{"host bits", "PUT", subnet + "bad" + netV, `{"properties":{"addressPrefix":"10.0.3.1/24"}}`, 400, `For the given prefix length, the address prefix should be 10.0.3.0/24.`},
		{"no prefix", "PUT", subnet + "bad" + netV, `{}`, 400, `InvalidCIDRNotation`},
		{"no network", "PUT", vnet + "none/subnets/x" + netV, `{"properties":{"addressPrefix":"10.0.3.0/24"}}`, 404, `ParentResourceNotFound`},
		{"no subnet", "GET", subnet + "bad" + netV, "", 404, `The Resource 'Microsoft.Network/virtualNetworks/subnets/myVM-vnet/bad' under resource group 'myResourceGroup' was not found.`},
		{"a used subnet", "DELETE", subnet + "default" + netV, "", 400, `"code": "InUseSubnetCannotBeDeleted", "message": "Subnet default is in use by {s}` + nic + `myVM-nic/ipConfigurations/ipconfig1 and cannot be deleted.`},
		{"a used network", "DELETE", vnet + "myVM-vnet" + netV, "", 400, `InUseSubnetCannotBeDeleted`},
		{"a body without it", "PUT", vnet + "myVM-vnet" + netV, `{"location":"westus","properties":{"addressSpace":{"addressPrefixes":["10.0.0.0/16"]},"subnets":[]}}`, 400, `InUseSubnetCannotBeDeleted`},
		{"a free subnet", "DELETE", subnet + "more" + netV, "", 202, ``},
		{"it has gone", "GET", subnet + "more" + netV, "", 404, `ResourceNotFound`},
		{"again", "DELETE", subnet + "more" + netV, "", 204, ``},

		{"a rule", "GET", nsg + "myVM-nsg/securityRules/ssh" + netV, "", 200, `"name": "SSH"`},
		{"a new rule", "PUT", nsg + "myVM-nsg/securityRules/web" + netV, rule(`"protocol":"tcp","priority":310,"destinationPortRanges":["80","8080-8090"]`), 201, `"protocol": "Tcp"`},
		{"in the group", "GET", nsg + "myVM-nsg" + netV, "", 200, `"name": "web", "id": "{s}` + nsg + `myVM-nsg/securityRules/web"`},
		{"the group's users", "GET", nsg + "myVM-nsg" + netV, "", 200, `"networkInterfaces": [ { "id": "{s}` + nic + `myVM-nic" } ]`},
		{"the default rules", "GET", nsg + "myVM-nsg" + netV, "", 200, `"name": "DenyAllInBound"`},
		{"the same priority", "PUT", nsg + "myVM-nsg/securityRules/x" + netV, rule(`"protocol":"*","priority":310,"destinationPortRange":"1"`), 400, `"code": "SecurityRuleConflict", "message": "Security rule x conflicts with rule web.`},
		{"a low priority", "PUT", nsg + "myVM-nsg/securityRules/x" + netV, rule(`"protocol":"*","priority":99,"destinationPortRange":"1"`), 400, `Security rule has invalid Priority. Value provided: 99 Allowed range 100-4096.`},
		{"a port too high", "PUT", nsg + "myVM-nsg/securityRules/x" + netV, rule(`"protocol":"*","priority":400,"destinationPortRange":"70000"`), 400, `SecurityRuleInvalidPortRange`},
		{"a protocol", "PUT", nsg + "myVM-nsg/securityRules/x" + netV, rule(`"protocol":"ssh","priority":400,"destinationPortRange":"1"`), 400, `SecurityRuleParameterContainsUnsupportedValue`},
		{"an address", "PUT", nsg + "myVM-nsg/securityRules/x" + netV, strings.Replace(rule(`"protocol":"*","priority":400,"destinationPortRange":"1"`), `"sourceAddressPrefix":"*"`, `"sourceAddressPrefix":"1.2.3"`, 1), 400, `SecurityRuleInvalidAddressPrefix`},
		{"a used group", "DELETE", nsg + "myVM-nsg" + netV, "", 400, `"code": "InUseNetworkSecurityGroupCannotBeDeleted"`},

		{"a used address", "DELETE", ip + "myVM-ip" + netV, "", 400, `"code": "PublicIPAddressCannotBeDeleted", "message": "Public IP address {s}` + ip + `myVM-ip can not be deleted since it is still allocated to resource {s}` + nic + `myVM-nic/ipConfigurations/ipconfig1.`},
		{"whose it is", "GET", ip + "myVM-ip" + netV, "", 200, `"ipConfiguration": { "id": "{s}` + nic + `myVM-nic/ipConfigurations/ipconfig1" }`},
		{"a label that is taken", "PUT", ip + "b" + netV, `{"location":"westus","properties":{"dnsSettings":{"domainNameLabel":"myvm"}}}`, 400, `DnsRecordInUse`},
		{"a dynamic Standard one", "PUT", ip + "b" + netV, `{"location":"westus","sku":{"name":"Standard"}}`, 400, `StandardSkuPublicIPAddressMustBeStatic`},
		{"an address twice", "PUT", nic + "two" + netV, strings.Replace(nicBody, `"subnet"`, `"publicIPAddress":{"id":"{s}`+ip+`myVM-ip"},"subnet"`, 1), 400, `PublicIPAddressInUse`},
		{"an address that is none", "PUT", nic + "two" + netV, strings.Replace(nicBody, `"subnet"`, `"publicIPAddress":{"id":"{s}`+ip+`none"},"subnet"`, 1), 400, `"code": "InvalidResourceReference", "message": "Resource {s}` + ip + `none referenced by resource {s}` + nic + `two was not found.`},
		{"a static address", "PUT", nic + "two" + netV, strings.Replace(nicBody, `"subnet"`, `"privateIPAllocationMethod":"Static","privateIPAddress":"10.0.0.9","subnet"`, 1), 201, `"privateIPAddress": "10.0.0.9"`},
		{"a used one", "PUT", nic + "three" + netV, strings.Replace(nicBody, `"subnet"`, `"privateIPAllocationMethod":"Static","privateIPAddress":"10.0.0.9","subnet"`, 1), 400, `PrivateIPAddressInUse`},
		{"a reserved one", "PUT", nic + "three" + netV, strings.Replace(nicBody, `"subnet"`, `"privateIPAllocationMethod":"Static","privateIPAddress":"10.0.0.2","subnet"`, 1), 400, `PrivateIPAddressInReservedRange`},
		{"one elsewhere", "PUT", nic + "three" + netV, strings.Replace(nicBody, `"subnet"`, `"privateIPAllocationMethod":"Static","privateIPAddress":"10.1.0.9","subnet"`, 1), 400, `PrivateIPAddressNotInSubnet`},
		{"no configuration", "PUT", nic + "three" + netV, `{"location":"westus","properties":{}}`, 400, `AtleastOneIpConfiguration`},
		{"an address without use", "PUT", ip + "b" + netV, `{"location":"westus"}`, 201, `"sku": { "name": "Basic", "tier": "Regional" }`},
		{"while it goes", "DELETE", ip + "b" + netV, "", 202, ``},
		{"no change now", "PUT", ip + "b" + netV, `{"location":"westus"}`, 429, `AnotherOperationInProgress`},
	})
}

func TestJoiningNeedsItsOwnRight(t *testing.T) {
	w := newWorld(t, "linux-vm")
	token := w.token(t, forARM)
	const operators = "/resourceGroups/otherResourceGroup"
	grant := func(name, scope, role string) {
		t.Helper()
		if status, body := w.do(t, "PUT", scope+"/providers/Microsoft.Authorization/roleAssignments/"+name+"?api-version=2022-04-01", w.admin, `{"properties":{"roleDefinitionId":"/providers/Microsoft.Authorization/roleDefinitions/`+role+`","principalId":"`+w.vm.System.PrincipalID+`"}}`); status != 201 {
			t.Fatalf("%d %s", status, body)
		}
	}
	grant("11111111-1111-4111-8111-111111111111", operators, "b24988ac-6180-42a0-ab88-20f7382dd24c")
	status, body := w.do(t, "PUT", strings.Replace(netPath, "myResourceGroup", "otherResourceGroup", 1)+"networkInterfaces/n"+netV, token, strings.ReplaceAll(nicBody, "{s}", w.sub))
	want := "The client '" + w.vm.System.ClientID + "' with object id '" + w.vm.System.PrincipalID + "' has permission to perform action 'Microsoft.Network/networkInterfaces/write' on scope '" + w.sub + "/resourceGroups/otherResourceGroup/providers/Microsoft.Network/networkInterfaces/n'; however, it does not have permission to perform action 'Microsoft.Network/virtualNetworks/subnets/join/action' on the linked scope(s) '" + w.sub + netPath + "virtualNetworks/myVM-vnet/subnets/default' or the linked scope(s) are invalid."
	if status != 403 || body != `{"error":{"code":"LinkedAuthorizationFailed","message":"`+want+`"}}` {
		t.Errorf("%d %s", status, body)
	}
	grant("22222222-1111-4111-8111-111111111111", netPath+"virtualNetworks/myVM-vnet/subnets/default", "4d97b98b-1d4f-4787-a291-c67834d212e7")
	if status, body := w.do(t, "PUT", strings.Replace(netPath, "myResourceGroup", "otherResourceGroup", 1)+"networkInterfaces/n"+netV, token, strings.ReplaceAll(nicBody, "{s}", w.sub)); status != 201 {
		t.Errorf("with a role at the subnet: %d %s", status, body)
	}
}

func TestRulesLetConnectionsThroughOrNot(t *testing.T) {
	laptop := exchange.Caller{Machine: "laptop", Address: "192.168.1.20"}
	rule := func(name, access, priority, more string) string {
		return `{"name":"` + name + `","properties":{"access":"` + access + `","direction":"Inbound","protocol":"Tcp","priority":` + priority + `,"sourcePortRange":"*","destinationAddressPrefix":"*",` + more + `}}`
	}
	const all, ssh = `"sourceAddressPrefix":"*"`, `"destinationPortRange":"22"`
	for name, c := range map[string]struct {
		rules  []string
		from   exchange.Caller
		port   string
		inside bool
		want   bool
		why    string
	}{
		"allowed":               {[]string{rule("a", "Allow", "300", all+","+ssh)}, laptop, "22", false, true, "The rule a of the network security group myVM-nsg allows port 22."},
		"no rule":               {nil, laptop, "22", false, false, "The rule DenyAllInBound of the network security group myVM-nsg denies port 22."},
		"another port":          {[]string{rule("a", "Allow", "300", all+","+ssh)}, laptop, "80", false, false, "DenyAllInBound"},
		"a range":               {[]string{rule("a", "Allow", "300", all+`,"destinationPortRanges":["10-30"]`)}, laptop, "22", false, true, ""},
		"denied before":         {[]string{rule("a", "Allow", "300", all+","+ssh), rule("b", "Deny", "200", all+","+ssh)}, laptop, "22", false, false, "The rule b"},
		"denied after":          {[]string{rule("a", "Allow", "300", all+","+ssh), rule("b", "Deny", "400", all+","+ssh)}, laptop, "22", false, true, "The rule a"},
		"only from elsewhere":   {[]string{rule("a", "Allow", "300", `"sourceAddressPrefix":"203.0.113.7",`+ssh)}, laptop, "22", false, false, "DenyAllInBound"},
		"from here":             {[]string{rule("a", "Allow", "300", `"sourceAddressPrefixes":["192.168.1.0/24"],`+ssh)}, laptop, "22", false, true, ""},
		"the internet":          {[]string{rule("a", "Allow", "300", `"sourceAddressPrefix":"Internet",`+ssh)}, laptop, "22", false, true, ""},
		"the network, outside":  {[]string{rule("a", "Allow", "300", `"sourceAddressPrefix":"VirtualNetwork",`+ssh)}, laptop, "22", false, false, ""},
		"inside, by default":    {nil, exchange.Caller{}, "22", true, true, "AllowVnetInBound"},
		"outbound rules do not": {[]string{strings.Replace(rule("a", "Allow", "300", all+","+ssh), "Inbound", "Outbound", 1)}, laptop, "22", false, false, ""},
	} {
		w := newWorld(t, "linux-vm")
		w.play(t, []row{{name, "PUT", netPath + "networkSecurityGroups/myVM-nsg" + netV, `{"location":"westus","properties":{"securityRules":[` + strings.Join(c.rules, ",") + `]}}`, 200, ""}})
		address := w.vm.Address
		if c.inside {
			address, c.from = w.vm.Network[0].PrivateIP, w.caller()
		}
		reached, got, why := w.VMs().Admits(w.vm, c.from, address, c.port)
		if !reached || got != c.want || !strings.Contains(why, c.why) {
			t.Errorf("%s: %v %v %s", name, reached, got, why)
		}
	}
	w := newWorld(t, "linux-vm")
	if reached, _, _ := w.VMs().Admits(w.vm, laptop, w.vm.Network[0].PrivateIP, "22"); reached {
		t.Error("a private address is reached from outside")
	}
}
