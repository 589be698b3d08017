package az

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"skylab/sim/ojson"
)

func base64Text(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

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
	if !c.line.Has("public_ip_sku") {
		c.warn("It is recommended to use parameter \"--public-ip-sku Standard\" to create new VM with Standard public IP. Please note that the default public IP used for VM creation will be changed from Basic to Standard in the future.")
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
