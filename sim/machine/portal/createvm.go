package portal

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"skylab/sim/machine/portal/blade"
	"skylab/sim/ojson"
)

// vmImage is an image that the form offers.
type vmImage struct {
	value, text            string
	windows                bool
	publisher, offer, plan string
}

func (i vmImage) urn() string { return i.publisher + ":" + i.offer + ":" + i.plan + ":latest" }

// door is the service by which people get in, port where it listens.
func (i vmImage) door() string {
	if i.windows {
		return "RDP"
	}
	return "SSH"
}

func (i vmImage) port() string {
	if i.windows {
		return "3389"
	}
	return "22"
}

var vmImages = []vmImage{
	{"ubuntu2204", "Ubuntu Server 22.04 LTS - x64 Gen2", false, "Canonical", "0001-com-ubuntu-server-jammy", "22_04-lts-gen2"},
	{"ubuntu2404", "Ubuntu Server 24.04 LTS - x64 Gen2", false, "Canonical", "ubuntu-24_04-lts", "server"},
	{"debian11", "Debian 11 \"Bullseye\" - x64 Gen2", false, "Debian", "debian-11", "11-backports-gen2"},
	{"windows2022", "Windows Server 2022 Datacenter: Azure Edition - x64 Gen2", true, "MicrosoftWindowsServer", "WindowsServer", "2022-datacenter-azure-edition"},
	{"windows2019", "Windows Server 2019 Datacenter - x64 Gen2", true, "MicrosoftWindowsServer", "WindowsServer", "2019-datacenter-gensecond"},
}

func imageOf(v map[string]string) vmImage {
	i := slices.IndexFunc(vmImages, func(i vmImage) bool { return i.value == v["image"] })
	return vmImages[max(0, i)]
}

// vmSizes are the sizes that the form offers, of those that the service has.
var vmSizes = []blade.Option{{Value: "Standard_B1s", Text: "Standard_B1s - 1 vcpu, 1 GiB memory"}, {Value: "Standard_B2s", Text: "Standard_B2s - 2 vcpus, 4 GiB memory"},
	{Value: "Standard_DS1_v2", Text: "Standard_DS1_v2 - 1 vcpu, 3.5 GiB memory"}, {Value: "Standard_D2s_v3", Text: "Standard_D2s_v3 - 2 vcpus, 8 GiB memory"}}

var (
	machineName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)
	sshKey      = regexp.MustCompile(`^ssh-(rsa|ed25519) [A-Za-z0-9+/=]+( .*)?$`)
)

// checkMachine returns what is wrong with a machine's name.
func checkMachine(windows bool) func(string) string {
	most := 64
	if windows {
		most = 15
	}
	return func(v string) string {
		switch {
		case len(v) > most:
			return fmt.Sprintf("The value must have a length of at most %d.", most)
		case !machineName.MatchString(v):
			return "The name can only contain letters, numbers, '.' and '-', and must begin and end with a letter or a number."
		}
		return ""
	}
}

// signInInputs are the fields of how the machine's user signs in, by what was
// chosen so far.
func signInInputs(v map[string]string, windows bool) []input {
	const step = "basics"
	user := input{step: step, name: "user", label: "Username", kind: "text", required: true, value: "azureuser", check: func(v string) string {
		if strings.ContainsAny(v, `\/"[]:|<>+=;,?*@ `) || len(v) > 64 {
			return "The username can only contain letters, numbers, hyphens and underscores, and at most 64 of them."
		}
		return ""
	}}
	password := []input{
		{step: step, name: "password", label: "Password", kind: "password", required: true, check: func(v string) string {
			if n := len([]rune(v)); n < 12 || n > 72 {
				return "The value must be between 12 and 72 characters long."
			}
			return ""
		}},
		{step: step, name: "again", label: "Confirm password", kind: "password", required: true, check: func(again string) string {
			if again != v["password"] {
				return "Password and confirm password must match."
			}
			return ""
		}},
	}
	if windows {
		return append([]input{user}, password...)
	}
	how := input{step: step, name: "authentication", label: "Authentication type", kind: "radio", required: true, value: "key", options: []blade.Option{{Value: "key", Text: "SSH public key"}, {Value: "password", Text: "Password"}}}
	if v["authentication"] == "password" {
		return append([]input{how, user}, password...)
	}
	return []input{how, user, {step: step, name: "key", label: "SSH public key", kind: "area", required: true, help: "The public key of whoever signs in, such as the content of ~/.ssh/id_ed25519.pub.", check: func(v string) string {
		if !sshKey.MatchString(strings.TrimSpace(v)) {
			return "The key must be in the one-line form of OpenSSH: ssh-rsa or ssh-ed25519, and the key."
		}
		return ""
	}}}
}

// vmForm is "Create a virtual machine": the portal deploys a template with the
// machine and a network for it.
func (p *Portal) vmForm(ctx context.Context) (*formSpec, error) {
	v := map[string]string{}
	if p.state.Form != nil {
		v = p.state.Form.Values
	}
	image := imageOf(v)
	var images []blade.Option
	for _, i := range vmImages {
		images = append(images, blade.Option{Value: i.value, Text: i.text})
	}
	door := input{step: "basics", name: "port", label: "Select inbound ports", kind: "select", value: "open", options: []blade.Option{{Value: "open", Text: image.door() + " (" + image.port() + ")"}, {Value: "none", Text: "None"}}}
	inputs := slices.Concat([]input{
		{step: "basics", name: "image", label: "Image", kind: "select", required: true, value: vmImages[0].value, options: images},
		{step: "basics", name: "size", label: "Size", kind: "select", required: true, value: "Standard_DS1_v2", options: vmSizes},
	}, signInInputs(v, image.windows), []input{door,
		{step: "management", name: "identity", label: "Enable system assigned managed identity", kind: "toggle", value: "off", options: onOff, help: "The machine gets an identity of its own, with which its programs get tokens without a secret."},
	})
	s, err := p.resourceForm(ctx, resourceForm{resource: "Microsoft.Compute/virtualMachines", title: "Create a virtual machine", name: "Virtual machine name", steps: []menuEntry{{"management", "Management"}}, inputs: inputs, check: checkMachine(image.windows),
		body: func(map[string]string) *ojson.Object { return ojson.New() }, equiv: vmEquiv})
	if err != nil {
		return nil, err
	}
	sub, _, err := p.subscription(ctx)
	if err != nil {
		return nil, err
	}
	deployment := "CreateVm-" + image.publisher + "." + image.offer + "-" + p.Clock.Now().Format("20060102150405")
	at := func(v map[string]string) string {
		return sub + "/resourceGroups/" + v["group"] + deploymentsPath + "/" + deployment
	}
	machine := func(v map[string]string) string {
		return sub + "/resourceGroups/" + v["group"] + "/providers/Microsoft.Compute/virtualMachines/" + v["name"]
	}
	plain := s.equiv
	s.equiv = func(v map[string]string) *blade.Equiv {
		e := plain(v)
		e.REST = curl(http.MethodPut, at(v), deploymentsV, mustJSON(vmDeployment(v, true)))
		return e
	}
	s.verify = func(ctx context.Context, v map[string]string) error {
		if _, err := p.arm(ctx, http.MethodGet, machine(v), computeV, nil, nil); err == nil {
			return fmt.Errorf("the resource group has a virtual machine named '%s' already", v["name"])
		}
		return p.validate(ctx, at(v), vmDeployment(v, false))
	}
	s.create = func(ctx context.Context, v map[string]string) (string, error) {
		return p.deploy(ctx, at(v), v["group"], vmDeployment(v, false))
	}
	return s, nil
}

// byPassword tells whether the machine's user signs in with a password.
func byPassword(v map[string]string) bool {
	return imageOf(v).windows || v["authentication"] == "password"
}

func vmEquiv(v map[string]string) (cli, powershell string) {
	image := imageOf(v)
	cli = fmt.Sprintf("az vm create -g %s -n %s -l %s --image %s --size %s --admin-username %s", v["group"], v["name"], v["region"], image.urn(), v["size"], v["user"])
	powershell = fmt.Sprintf("New-AzVM -ResourceGroupName %s -Name %s -Location %s -Image %s -Size %s -Credential (Get-Credential %s)", v["group"], v["name"], v["region"], image.urn(), v["size"], v["user"])
	if byPassword(v) {
		cli += " --authentication-type password"
	} else {
		cli += " --ssh-key-values '" + strings.TrimSpace(v["key"]) + "'"
	}
	if v["port"] == "none" {
		cli += " --nsg-rule NONE"
	} else {
		powershell += " -OpenPorts " + image.port()
	}
	if v["identity"] == "on" {
		cli, powershell = cli+" --assign-identity", powershell+" -SystemAssignedIdentity"
	}
	return cli, powershell
}

// vmDeployment is the deployment of a machine with its network; shown leaves the
// password out.
func vmDeployment(v map[string]string, shown bool) *ojson.Object {
	name, image := v["name"], imageOf(v)
	const network = "2023-09-01"
	id := func(kind, name string) string {
		return "[resourceId('Microsoft.Network/" + kind + "', '" + name + "')]"
	}
	resource := func(typ, version, name string, properties *ojson.Object, needs ...any) *ojson.Object {
		return withTags(ojson.Obj("type", typ, "apiVersion", version, "name", name, "location", v["region"], "dependsOn", needs, "properties", properties), v)
	}
	rules := []any{}
	if v["port"] != "none" {
		rules = append(rules, ojson.Obj("name", image.door(), "properties", ojson.Obj("priority", 300, "protocol", "TCP", "access", "Allow", "direction", "Inbound", "sourceAddressPrefix", "*", "sourcePortRange", "*", "destinationAddressPrefix", "*", "destinationPortRange", image.port())))
	}
	address := resource("Microsoft.Network/publicIPAddresses", network, name+"-ip", ojson.Obj("publicIPAllocationMethod", "Static"))
	address.Set("sku", ojson.Obj("name", "Standard"))
	profile := ojson.Obj("computerName", name, "adminUsername", v["user"])
	template := ojson.Obj("$schema", "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "contentVersion", "1.0.0.0")
	values := ojson.New()
	if byPassword(v) {
		template.Set("parameters", ojson.Obj("adminPassword", ojson.Obj("type", "securestring")))
		profile.Set("adminPassword", "[parameters('adminPassword')]")
		secret := v["password"]
		if shown {
			secret = "…"
		}
		values.Set("adminPassword", ojson.Obj("value", secret))
	} else {
		profile.Set("linuxConfiguration", ojson.Obj("disablePasswordAuthentication", true, "ssh", ojson.Obj("publicKeys", []any{ojson.Obj("path", "/home/"+v["user"]+"/.ssh/authorized_keys", "keyData", strings.TrimSpace(v["key"]))})))
	}
	vm := resource("Microsoft.Compute/virtualMachines", computeV, name, ojson.Obj("hardwareProfile", ojson.Obj("vmSize", v["size"]),
		"storageProfile", ojson.Obj("imageReference", ojson.Obj("publisher", image.publisher, "offer", image.offer, "sku", image.plan, "version", "latest"), "osDisk", ojson.Obj("createOption", "FromImage", "managedDisk", ojson.Obj("storageAccountType", "Premium_LRS"))),
		"osProfile", profile, "networkProfile", ojson.Obj("networkInterfaces", []any{ojson.Obj("id", id("networkInterfaces", name+"-nic"))})), id("networkInterfaces", name+"-nic"))
	if v["identity"] == "on" {
		vm.Set("identity", ojson.Obj("type", "SystemAssigned"))
	}
	template.Set("resources", []any{
		resource("Microsoft.Network/networkSecurityGroups", network, name+"-nsg", ojson.Obj("securityRules", rules)),
		resource("Microsoft.Network/virtualNetworks", network, name+"-vnet", ojson.Obj("addressSpace", ojson.Obj("addressPrefixes", []any{"10.0.0.0/16"}), "subnets", []any{ojson.Obj("name", "default", "properties", ojson.Obj("addressPrefix", "10.0.0.0/24"))})),
		address,
		resource("Microsoft.Network/networkInterfaces", network, name+"-nic", ojson.Obj("networkSecurityGroup", ojson.Obj("id", id("networkSecurityGroups", name+"-nsg")), "ipConfigurations", []any{ojson.Obj("name", "ipconfig1", "properties",
			ojson.Obj("subnet", ojson.Obj("id", "[resourceId('Microsoft.Network/virtualNetworks/subnets', '"+name+"-vnet', 'default')]"), "publicIPAddress", ojson.Obj("id", id("publicIPAddresses", name+"-ip"))))}),
			id("networkSecurityGroups", name+"-nsg"), id("virtualNetworks", name+"-vnet"), id("publicIPAddresses", name+"-ip")),
		vm,
	})
	return ojson.Obj("properties", ojson.Obj("mode", "Incremental", "template", template, "parameters", values))
}
