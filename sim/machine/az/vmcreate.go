package az

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"path"
	"slices"
	"strings"

	"skylab/sim/ojson"
)

func base64Text(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// image is an alias of an image: az reads the list from GitHub, which no lab
// reaches. Those of 2.45 and those of today stand here together.
type image struct{ alias, os, urn string }

var imageAliases = []image{
	{"CentOS", "Linux", "OpenLogic:CentOS:7.5:latest"},
	{"CentOS85Gen2", "Linux", "OpenLogic:CentOS:8_5-gen2:latest"},
	{"Debian", "Linux", "Debian:debian-10:10:latest"},
	{"Debian11", "Linux", "Debian:debian-11:11-backports-gen2:latest"},
	{"Flatcar", "Linux", "kinvolk:flatcar-container-linux-free:stable:latest"},
	{"FlatcarLinuxFreeGen2", "Linux", "kinvolk:flatcar-container-linux-free:stable-gen2:latest"},
	{"openSUSE-Leap", "Linux", "SUSE:openSUSE-leap-15-4:gen1:latest"},
	{"OpenSuseLeap154Gen2", "Linux", "SUSE:openSUSE-leap-15-4:gen2:latest"},
	{"RHEL", "Linux", "RedHat:RHEL:7-LVM:latest"},
	{"RHELRaw8LVMGen2", "Linux", "RedHat:RHEL:8-lvm-gen2:latest"},
	{"SLES", "Linux", "SUSE:sles-15-sp3:gen1:latest"},
	{"SuseSles15SP5", "Linux", "SUSE:sles-15-sp5:gen2:latest"},
	{"UbuntuLTS", "Linux", "Canonical:UbuntuServer:18.04-LTS:latest"},
	{"Ubuntu2204", "Linux", "Canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2:latest"},
	{"Ubuntu2404", "Linux", "Canonical:ubuntu-24_04-lts:server:latest"},
	{"Ubuntu2404Pro", "Linux", "Canonical:ubuntu-24_04-lts:ubuntu-pro:latest"},
	{"Win2022Datacenter", "Windows", "MicrosoftWindowsServer:WindowsServer:2022-datacenter-g2:latest"},
	{"Win2022AzureEditionCore", "Windows", "MicrosoftWindowsServer:WindowsServer:2022-datacenter-azure-edition-core:latest"},
	{"Win2019Datacenter", "Windows", "MicrosoftWindowsServer:WindowsServer:2019-datacenter-gensecond:latest"},
	{"Win2016Datacenter", "Windows", "MicrosoftWindowsServer:WindowsServer:2016-datacenter-gensecond:latest"},
	{"Win2012R2Datacenter", "Windows", "MicrosoftWindowsServer:WindowsServer:2012-R2-Datacenter:latest"},
	{"Win2012Datacenter", "Windows", "MicrosoftWindowsServer:WindowsServer:2012-Datacenter:latest"},
	{"Win2008R2SP1", "Windows", "MicrosoftWindowsServer:WindowsServer:2008-R2-SP1:latest"},
}

// findImage is the image of --image: an alias or PUBLISHER:OFFER:SKU:VERSION.
func findImage(name string) (urn []string, windows bool, err error) {
	for _, i := range imageAliases {
		if strings.EqualFold(i.alias, name) {
			return strings.Split(i.urn, ":"), i.os == "Windows", nil
		}
	}
	urn = strings.Split(name, ":")
	if len(urn) == 4 {
		return urn, strings.Contains(strings.ToLower(urn[0]+urn[1]), "windows"), nil
	}
	if r, ok := parseID(name); ok && r.name != "" {
		return nil, false, notSimulated("az vm create --image RESOURCE_ID")
	}
	var names []string
	for _, i := range imageAliases {
		names = append(names, i.alias)
	}
	return nil, false, failf("Invalid image \"%s\". Use a valid image URN, custom image name, custom image id, VHD blob URI, or pick an image from ['%s'].\nSee vm create -h for more information on specifying an image.", name, strings.Join(names, "', '"))
}

// forbiddenNames are user names that no machine may have.
var forbiddenNames = strings.Fields("administrator admin user user1 test user2 test1 user3 admin1 1 123 a actuser adm admin2 aspnet backup console guest owner root server sql support support_388945a0 sys test2 test3 user4 user5")

// template is a deployment template that is being built.
type template struct {
	resources  []any
	parameters *ojson.Object // as declared
	values     *ojson.Object
}

func (t *template) add(typ, version, name, location string, tags *ojson.Object, depends []any, more ...any) *ojson.Object {
	o := ojson.Obj("name", name, "type", typ, "location", location, "apiVersion", version, "dependsOn", depends)
	for i := 0; i+1 < len(more); i += 2 {
		o.Set(more[i].(string), more[i+1])
	}
	o.Set("tags", tags)
	t.resources = append(t.resources, o)
	return o
}

func cmdVMCreate(c *call) (any, error) {
	name, group := c.str("vm_name"), c.group()
	if !c.line.Has("image") {
		return nil, &fault{text: "usage error: the following arguments are required: --image", exit: 2}
	}
	if c.line.Has("nics") && (c.line.Has("vnet_name") || c.line.Has("subnet") || c.line.Has("nsg") || c.line.Has("public_ip_address")) {
		return nil, &fault{text: "usage error: --nics cannot be combined with --vnet-name, --subnet, --nsg or --public-ip-address", exit: 2}
	}
	urn, windows, err := findImage(c.str("image"))
	if err != nil {
		return nil, err
	}
	if strings.EqualFold(c.str("image"), "UbuntuLTS") {
		c.warn("Ubuntu 18.04 LTS ends its support on May 31st, 2023. Use another image, such as Ubuntu2204.")
	}
	location, err := c.location()
	if err != nil {
		return nil, err
	}
	assigned, err := c.identityIDs(c.list("assign_identity"))
	if err != nil {
		return nil, err
	}
	role, err := c.roleOfIdentity(assigned)
	if err != nil {
		return nil, err
	}
	if c.line.Has("assign_identity") && len(assigned) == 0 {
		assigned = []string{systemIdentity}
	} else if !c.line.Has("assign_identity") && c.line.Has("identity_scope") {
		return nil, &fault{text: "usage error: --assign-identity [--scope SCOPE] [--role ROLE]", exit: 2}
	}
	user, how, password, keys, err := c.credentials(windows)
	if err != nil {
		return nil, err
	}
	tags, _ := c.tags()
	if tags == nil {
		tags = ojson.New()
	}
	t := &template{parameters: ojson.New(), values: ojson.New()}
	nics, depends, err := c.network(t, name, location, windows, tags)
	if err != nil {
		return nil, err
	}
	profile := ojson.Obj("computerName", or(c.str("computer_name"), plainName(name)), "adminUsername", user)
	if password != "" {
		t.parameters.Set("adminPassword", ojson.Obj("type", "securestring", "metadata", ojson.Obj("description", "Secure adminPassword")))
		t.values.Set("adminPassword", ojson.Obj("value", password))
		profile.Set("adminPassword", "[parameters('adminPassword')]")
	}
	if data := c.str("custom_data"); data != "" {
		if text, err := c.readText(data); err == nil {
			data = text
		}
		profile.Set("customData", base64Text(data))
	}
	if len(keys) > 0 {
		list := []any{}
		for _, k := range keys {
			list = append(list, ojson.Obj("keyData", k, "path", or(c.str("ssh_dest_key_path"), "/home/"+user+"/.ssh/authorized_keys")))
		}
		profile.Set("linuxConfiguration", ojson.Obj("disablePasswordAuthentication", how == "ssh", "ssh", ojson.Obj("publicKeys", list)))
	}
	managed := ojson.New()
	if s := c.list("storage_sku"); len(s) > 0 {
		_, sku, pair := strings.Cut(s[0], "=")
		if !pair {
			sku = s[0]
		}
		managed.Set("storageAccountType", sku)
	} else {
		managed.Set("storageAccountType", nil)
	}
	disk := ojson.Obj("createOption", "fromImage", "name", none(c.str("os_disk_name")), "caching", or(c.str("os_caching"), "ReadWrite"), "managedDisk", managed)
	if n := c.number("os_disk_size_gb", 0); n > 0 {
		disk.Set("diskSizeGb", n)
	}
	storage := ojson.Obj("osDisk", disk, "imageReference", ojson.Obj("publisher", urn[0], "offer", urn[1], "sku", urn[2], "version", urn[3]))
	properties := ojson.Obj("hardwareProfile", ojson.Obj("vmSize", c.str("size")), "networkProfile", ojson.Obj("networkInterfaces", nics), "storageProfile", storage, "osProfile", profile)
	if u := c.str("user_data"); u != "" {
		properties.Set("userData", base64Text(u))
	}
	vm := t.add("Microsoft.Compute/virtualMachines", computeVersion, name, location, tags, depends, "properties", properties)
	if z := c.str("zone"); z != "" {
		vm.Set("zones", []any{z})
	}
	if len(assigned) > 0 {
		vm.Set("identity", identityOf(assigned))
	}
	if scope := c.str("identity_scope"); scope != "" {
		if err := c.roleInTemplate(t, name, role, scope); err != nil {
			return nil, err
		}
	}
	return c.deployVM(t, name, group, role, len(assigned) > 0)
}

// plainName is a machine's name as a computer may be called.
func plainName(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("`~!@#$%^&*()=+_[]{}\\|;:'\",<>/?", r) {
			return -1
		}
		return r
	}, s)
}

// identityOf is the identity property for identities of a command line.
func identityOf(assigned []string) *ojson.Object {
	external := slices.DeleteFunc(slices.Clone(assigned), func(s string) bool { return s == systemIdentity })
	kind := "systemAssigned"
	if len(external) > 0 {
		if kind = "userAssigned"; len(external) < len(assigned) {
			kind = "systemAssigned, userAssigned"
		}
	}
	o := ojson.Obj("type", kind)
	if len(external) > 0 {
		ids := ojson.New()
		for _, id := range external {
			ids.Set(id, ojson.New())
		}
		o.Set("userAssignedIdentities", ids)
	}
	return o
}

// roleInTemplate adds the role of the machine's own identity.
func (c *call) roleInTemplate(t *template, vm, role, scope string) error {
	id, err := c.roleID(role, scope)
	if err != nil {
		return err
	}
	group, err := c.groupPath()
	if err != nil {
		return err
	}
	r, _ := parseID(scope)
	name, typ := c.p.IDs.GUID("az.assignment"), "Microsoft.Authorization/roleAssignments"
	if r.name != "" {
		name, typ = r.name+"/Microsoft.Authorization/"+name, r.namespace+"/"+r.typ+"/providers/roleAssignments"
	}
	t.resources = append(t.resources, ojson.Obj("name", name, "type", typ, "apiVersion", "2015-07-01", "dependsOn", []any{"Microsoft.Compute/virtualMachines/" + vm},
		"properties", ojson.Obj("roleDefinitionId", id, "principalId", "[reference('"+group+vms+"/"+vm+"', '"+computeVersion+"', 'Full').identity.principalId]", "scope", scope)))
	return nil
}

// credentials are the machine's user and how they sign in.
func (c *call) credentials(windows bool) (user, how, password string, keys []string, err error) {
	user = c.str("admin_username")
	if user == "" {
		if user = c.p.Host.User.Name; slices.Contains(forbiddenNames, strings.ToLower(user)) {
			c.warn("Default username %s is a reserved username. Use azureuser instead.", user)
			user = "azureuser"
		}
	}
	if slices.Contains(forbiddenNames, strings.ToLower(user)) {
		return "", "", "", nil, failf("This user name '%s' meets the general requirements, but is specifically disallowed for this image. Please try a different value.", user)
	}
	how = c.str("authentication_type")
	if how == "" {
		switch {
		case windows || c.line.Has("admin_password") && !c.line.Has("ssh_key_value") && !c.line.Has("generate_ssh_keys"):
			how = "password"
		case c.line.Has("admin_password"):
			how = "all"
		default:
			how = "ssh"
		}
	}
	if windows && how != "password" {
		return "", "", "", nil, &fault{text: "SSH not supported for Windows VMs. Use password authentication.", exit: 1}
	}
	if how != "ssh" {
		if password = c.str("admin_password"); password == "" {
			if password, err = c.prompt("Admin Password: "); err != nil {
				return "", "", "", nil, failf("Please specify password in non-interactive mode.")
			}
		}
		if err = checkPassword(password, windows); err != nil {
			return "", "", "", nil, err
		}
	}
	if how != "password" {
		keys, err = c.sshKeys()
	}
	return user, how, password, keys, err
}

func checkPassword(p string, windows bool) error {
	least, most := 12, 72
	if windows {
		most = 123
	}
	if n := len([]rune(p)); n < least || n > most {
		return failf("The password length must be between %d and %d", least, most)
	}
	kinds := 0
	for _, in := range []func(rune) bool{
		func(r rune) bool { return r >= 'a' && r <= 'z' }, func(r rune) bool { return r >= 'A' && r <= 'Z' },
		func(r rune) bool { return r >= '0' && r <= '9' }, func(r rune) bool { return strings.ContainsRune("!@#$%^&*()_+-=[]{}|;:,.<>?/~`'\"\\ ", r) },
	} {
		if strings.ContainsFunc(p, in) {
			kinds++
		}
	}
	if kinds < 3 {
		return failf("Password must have the 3 of the following: 1 lower case character, 1 upper case character, 1 number and 1 special character")
	}
	return nil
}

// sshKeys are the public keys that the machine gets: those given, or that of
// ~/.ssh, which is made if that is asked for.
func (c *call) sshKeys() ([]string, error) {
	given := c.list("ssh_key_value")
	home := c.p.Host.User.Home
	file := path.Join(home, ".ssh", "id_rsa.pub")
	if len(given) == 0 {
		given = []string{file}
	}
	var out []string
	for _, k := range given {
		text := k
		if data, err := c.readText(k); err == nil {
			c.info("Use existing SSH public key file: %s", k)
			text = data
		} else if c.flag("generate_ssh_keys") {
			public := c.path(k)
			if !strings.HasSuffix(public, ".pub") {
				public += ".pub"
			}
			made, err := c.generateKey(strings.TrimSuffix(public, ".pub"))
			if err != nil {
				return nil, failf("%s", err)
			}
			text = made
		}
		if text = strings.TrimSpace(text); !isPublicKey(text) {
			return nil, failf("An RSA key file or key value must be supplied to SSH Key Value. You can use --generate-ssh-keys to let CLI generate one for you")
		}
		out = append(out, text)
	}
	return out, nil
}

func isPublicKey(s string) bool {
	f := strings.Fields(s)
	if len(f) < 2 || !strings.HasPrefix(f[0], "ssh-") {
		return false
	}
	_, err := base64.StdEncoding.DecodeString(f[1])
	return err == nil
}

// generateKey makes a pair of RSA keys in two files and returns the public one.
// Its randomness is the lab's.
func (c *call) generateKey(private string) (string, error) {
	key, err := rsaKey(c.p.IDs.Bytes)
	if err != nil {
		return "", fmt.Errorf("make an SSH key: %w", err)
	}
	var b []byte
	put := func(data []byte) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(data)))
		b = append(b, data...)
	}
	mpint := func(n *big.Int) []byte {
		data := n.Bytes()
		if len(data) > 0 && data[0]&0x80 != 0 {
			data = append([]byte{0}, data...)
		}
		return data
	}
	put([]byte("ssh-rsa"))
	put(mpint(big.NewInt(int64(key.E))))
	put(mpint(key.N))
	public := "ssh-rsa " + base64.StdEncoding.EncodeToString(b)
	if err := c.p.FS.MkdirAll(path.Dir(private), 0o700); err != nil {
		return "", err
	}
	if err := c.p.FS.WriteFile(private, pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}), 0o600); err != nil {
		return "", err
	}
	if err := c.p.FS.WriteFile(private+".pub", []byte(public), 0o644); err != nil {
		return "", err
	}
	c.warn("SSH key files '%s' and '%s.pub' have been generated under ~/.ssh to allow SSH access to the VM. If using machines without permanent storage, back up your keys to a safe location.", private, private)
	return public, nil
}

// rsaKey makes a key of 2048 bits from the lab's randomness, so that the same lab
// makes the same key.
func rsaKey(random func(stream string, n int) []byte) (*rsa.PrivateKey, error) {
	prime := func() *big.Int {
		for {
			b := random("az.sshkey", 128)
			b[0] |= 0xc0
			b[127] |= 1
			p := new(big.Int).SetBytes(b)
			for range 2000 {
				if p.ProbablyPrime(10) && new(big.Int).Mod(new(big.Int).Sub(p, big.NewInt(1)), big.NewInt(65537)).Sign() != 0 {
					return p
				}
				p.Add(p, big.NewInt(2))
			}
		}
	}
	p, q := prime(), prime()
	one := big.NewInt(1)
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537}, D: new(big.Int).ModInverse(big.NewInt(65537), phi), Primes: []*big.Int{p, q}}
	key.Precompute()
	return key, key.Validate()
}

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
			sku := or(c.str("public_ip_sku"), "Standard")
			method := c.str("public_ip_address_allocation")
			if method == "" {
				if method = "Static"; sku == "Basic" {
					method = "Dynamic"
				}
			}
			p := ojson.Obj("publicIPAllocationMethod", strings.ToUpper(method[:1])+method[1:])
			if label := c.str("public_ip_address_dns_name"); label != "" {
				p.Set("dnsSettings", ojson.Obj("domainNameLabel", label))
			}
			r := t.add("Microsoft.Network/publicIPAddresses", networkVersion, name, location, tags, []any{}, "properties", p, "sku", ojson.Obj("name", sku))
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

const templateSchema = "https://schema.management.azure.com/schemas/2015-01-01/deploymentTemplate.json#"

// deployVM deploys the template and tells of the machine.
func (c *call) deployVM(t *template, vm, group, role string, identity bool) (any, error) {
	name := "vm_deploy_" + c.randomName()
	at, err := c.groupPath()
	if err != nil {
		return nil, err
	}
	body := ojson.Obj("properties", ojson.Obj("template", ojson.Obj("$schema", templateSchema, "contentVersion", "1.0.0.0", "parameters", t.parameters, "variables", ojson.New(), "resources", t.resources, "outputs", ojson.New()),
		"parameters", t.values, "mode", "incremental"))
	res, err := c.long(http.MethodPut, join(resourcesVersion, at, "/providers/Microsoft.Resources/deployments/", name), body, c.flag("no_wait"))
	if err != nil || res == nil {
		return nil, err
	}
	d, err := c.details(group, vm)
	if err != nil {
		return nil, err
	}
	zones, _ := d.At("zones").([]any)
	zone := any("")
	if len(zones) > 0 {
		zone = zones[0]
	}
	out := ojson.Obj("id", d.Str("id"), "resourceGroup", group, "powerState", d.Str("powerState"), "publicIpAddress", d.Str("publicIps"), "fqdns", d.Str("fqdns"),
		"privateIpAddress", d.Str("privateIps"), "macAddress", d.Str("macAddresses"), "location", d.Str("location"))
	if identity {
		out.Set("identity", c.identityInfo(d.Obj("identity"), c.str("identity_scope"), role))
	}
	out.Set("zones", zone)
	c.ordered = true
	return out, nil
}

// randomName is the random end of a deployment's name.
func (c *call) randomName() string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghijklmnopqrstuvwxyz"
	b := c.p.IDs.Bytes("az.deployment", 32)
	for i := range b {
		b[i] = letters[int(b[i])%len(letters)]
	}
	return string(b)
}
