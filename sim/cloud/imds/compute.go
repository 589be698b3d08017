package imds

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"skylab/sim/ojson"
	"skylab/sim/sorting"
)

// Compute is what the category compute tells, but for what derives from it.
type Compute struct {
	Name, Location, ResourceGroup, SubscriptionID, VMID, Size, OSType string
	Publisher, Offer, SKU, Version                                    string
	Zone, AdminUser, ComputerName                                     string
	LicenseType, Priority, EvictionPolicy                             string
	HostID, HostGroupID, ScaleSetID                                   string // ARM ids
	SecurityType                                                      string // "TrustedLaunch"
	EncryptionAtHost, SecureBoot, VTPM, Hibernation                   bool
	Plan                                                              Plan
	PublicKeys                                                        []string
	Tags                                                              [][2]string // in order
	UserData                                                          string      // base64
	// Storage is the VM's storageProfile as Resource Manager has it; nil is none.
	Storage *ojson.Object
}

// Plan is the Marketplace plan of a VM's image.
type Plan struct{ Name, Product, Publisher string }

func (p Plan) object() *ojson.Object {
	return ojson.Obj("name", p.Name, "product", p.Product, "publisher", p.Publisher)
}

// Interface is a network interface of a VM.
type Interface struct {
	PrivateIP, PublicIP, Subnet, Prefix, MAC string
	// Standard says that the public address is of the Standard SKU: the category
	// loadbalancer tells it then, and the category instance does not.
	Standard bool
}

// field is one field of compute with the version that brought it
// (facts/azure-wire.md §1.4).
type field struct {
	since string
	name  string
	value func(vm VM, version string) any
}

func constant(v any) func(VM, string) any { return func(VM, string) any { return v } }

// text is a field that is a string of the VM's.
func text(f func(c Compute) string) func(VM, string) any {
	return func(vm VM, _ string) any { return f(vm.Compute) }
}

// fields makes an object of those rows that an api-version knows.
func fields(vm VM, version string, rows []field) *ojson.Object {
	o := &ojson.Object{}
	for _, f := range rows {
		if version >= f.since {
			o.Set(f.name, f.value(vm, version))
		}
	}
	return o
}

// nested is a field that is an object of fields with versions of their own.
func nested(rows ...field) func(VM, string) any {
	return func(vm VM, version string) any { return fields(vm, version, rows) }
}

// computeFields are in the order of the answer, which is alphabetical.
var computeFields = []field{
	{"2021-11-01", "additionalCapabilities", nested(field{"", "hibernationEnabled", text(func(c Compute) string { return strconv.FormatBool(c.Hibernation) })})},
	{"2018-10-01", "azEnvironment", constant("AzurePublicCloud")},
	{"2019-02-01", "customData", constant("")}, // the service no longer tells it
	{"2020-12-01", "evictionPolicy", text(func(c Compute) string { return c.EvictionPolicy })},
	{"2021-03-01", "extendedLocation", constant(ojson.Obj("name", "", "type", ""))},
	{"2021-11-15", "host", nested(field{"", "id", text(func(c Compute) string { return c.HostID })})},
	{"2021-11-15", "hostGroup", nested(field{"", "id", text(func(c Compute) string { return c.HostGroupID })})},
	{"2020-06-01", "isHostCompatibilityLayerVm", constant("false")},
	{"2020-09-01", "licenseType", text(func(c Compute) string { return c.LicenseType })},
	{"2017-04-02", "location", text(func(c Compute) string { return c.Location })},
	{"2017-04-02", "name", text(func(c Compute) string { return c.Name })},
	{"2017-04-02", "offer", text(func(c Compute) string { return c.Offer })},
	{"2020-07-15", "osProfile", osProfile},
	{"2017-04-02", "osType", text(func(c Compute) string { return c.OSType })},
	{"2023-11-15", "physicalZone", constant("")},
	{"2017-08-01", "placementGroupId", constant("")},
	{"2018-04-02", "plan", func(vm VM, _ string) any { return vm.Compute.Plan.object() }},
	{"2017-04-02", "platformFaultDomain", constant("0")},
	{"2021-10-01", "platformSubFaultDomain", constant("")},
	{"2017-04-02", "platformUpdateDomain", constant("0")},
	{"2020-12-01", "priority", text(func(c Compute) string { return c.Priority })},
	{"2018-10-01", "provider", constant("Microsoft.Compute")},
	{"2018-04-02", "publicKeys", func(vm VM, _ string) any {
		keys := []any{}
		for _, k := range vm.Compute.PublicKeys {
			keys = append(keys, ojson.Obj("keyData", k, "path", "/home/"+vm.Compute.AdminUser+"/.ssh/authorized_keys"))
		}
		return keys
	}},
	{"2017-04-02", "publisher", text(func(c Compute) string { return c.Publisher })},
	{"2017-08-01", "resourceGroupName", text(func(c Compute) string { return c.ResourceGroup })},
	{"2019-03-11", "resourceId", func(vm VM, _ string) any { return vm.ID }},
	{"2020-06-01", "securityProfile", nested(
		field{"2021-11-01", "encryptionAtHost", text(func(c Compute) string { return strconv.FormatBool(c.EncryptionAtHost) })},
		field{"", "secureBootEnabled", text(func(c Compute) string { return strconv.FormatBool(c.SecureBoot) })},
		field{"2021-12-13", "securityType", text(func(c Compute) string { return c.SecurityType })},
		field{"", "virtualTpmEnabled", text(func(c Compute) string { return strconv.FormatBool(c.VTPM) })})},
	{"2017-04-02", "sku", text(func(c Compute) string { return c.SKU })},
	{"2019-06-01", "storageProfile", storageProfile},
	{"2017-08-01", "subscriptionId", text(func(c Compute) string { return c.SubscriptionID })},
	{"2017-08-01", "tags", func(vm VM, _ string) any {
		var parts []string
		for _, t := range vm.Compute.Tags {
			parts = append(parts, t[0]+":"+t[1])
		}
		return strings.Join(parts, ";")
	}},
	{"2019-06-04", "tagsList", func(vm VM, _ string) any {
		list := []any{}
		for _, t := range vm.Compute.Tags {
			list = append(list, ojson.Obj("name", t[0], "value", t[1]))
		}
		return list
	}},
	{"2021-01-01", "userData", text(func(c Compute) string { return c.UserData })},
	{"2017-04-02", "version", text(func(c Compute) string { return c.Version })},
	{"2021-03-01", "virtualMachineScaleSet", nested(field{"", "id", text(func(c Compute) string { return c.ScaleSetID })})},
	{"2017-04-02", "vmId", text(func(c Compute) string { return c.VMID })},
	{"2017-12-01", "vmScaleSetName", text(func(c Compute) string { return c.ScaleSetID[strings.LastIndexByte(c.ScaleSetID, '/')+1:] })},
	{"2017-04-02", "vmSize", text(func(c Compute) string { return c.Size })},
	{"2017-12-01", "zone", text(func(c Compute) string { return c.Zone })},
}

// osProfile tells of a password's absence on Linux only.
func osProfile(vm VM, version string) any {
	o := ojson.Obj("adminUsername", vm.Compute.AdminUser, "computerName", vm.Compute.ComputerName)
	if version >= "2020-10-01" && vm.Compute.OSType == "Linux" {
		o.Set("disablePasswordAuthentication", strconv.FormatBool(len(vm.Compute.PublicKeys) > 0))
	}
	return o
}

// storageProfile has the fields and the order of an answer recorded in 2023
// (api-version 2021-12-13), less what earlier versions lack.
func storageProfile(vm VM, version string) any {
	s := vm.Compute.Storage
	disks := []any{}
	list, _ := s.At("dataDisks").([]any)
	for _, d := range list {
		if o, ok := d.(*ojson.Object); ok {
			disks = append(disks, disk(o, ojson.Obj("lun", str(o, "lun"))))
		}
	}
	image := s.Obj("imageReference")
	ref := ojson.Obj("id", str(image, "id"), "offer", vm.Compute.Offer, "publisher", vm.Compute.Publisher, "sku", vm.Compute.SKU, "version", vm.Compute.Version)
	if version >= "2023-07-01" {
		for _, name := range []string{"communityGalleryImageId", "exactVersion", "sharedGalleryImageId"} {
			ref.Set(name, str(image, name))
		}
		ref = sorted(ref)
	}
	os := s.Obj("osDisk")
	own := ojson.Obj("diffDiskSettings", ojson.Obj("option", str(os, "diffDiskSettings", "option")), "osType", vm.Compute.OSType)
	if version >= "2021-11-01" {
		vault := ojson.Obj("id", "")
		own.Set("encryptionSettings", ojson.Obj("diskEncryptionKey", ojson.Obj("secretUrl", "", "sourceVault", vault), "enabled", "false", "keyEncryptionKey", ojson.Obj("keyUrl", "", "sourceVault", vault)))
	}
	out := ojson.Obj("dataDisks", disks, "imageReference", ref, "osDisk", disk(os, own))
	if version >= "2021-02-01" {
		out.Set("resourceDisk", ojson.Obj("size", "16384"))
	}
	return out
}

// disk is what every disk tells, with what its kind adds, in alphabetical order.
func disk(d, own *ojson.Object) *ojson.Object {
	accelerated, _ := d.At("writeAcceleratorEnabled").(bool)
	o := ojson.Obj("caching", str(d, "caching"), "createOption", str(d, "createOption"), "diskSizeGB", str(d, "diskSizeGB"), "image", ojson.Obj("uri", str(d, "image", "uri")),
		"managedDisk", ojson.Obj("id", str(d, "managedDisk", "id"), "storageAccountType", str(d, "managedDisk", "storageAccountType")), "name", str(d, "name"),
		"vhd", ojson.Obj("uri", str(d, "vhd", "uri")), "writeAcceleratorEnabled", strconv.FormatBool(accelerated))
	for _, m := range own.Members() {
		o.Set(m.Key, m.Value)
	}
	return sorted(o)
}

func sorted(o *ojson.Object) *ojson.Object {
	members := slices.Clone(o.Members())
	sorting.By(members, func(a, b ojson.Member) int { return strings.Compare(a.Key, b.Key) })
	return ojson.New(members...)
}

// str reads a string or a number as this service prints it: as a string, ""
// where it is missing.
func str(o *ojson.Object, path ...string) string {
	switch v := o.At(path...).(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// Tree returns all that /metadata/instance tells at an api-version.
func (vm VM) Tree(version string) *ojson.Object {
	list := []any{}
	for _, n := range vm.Network {
		public := n.PublicIP
		if n.Standard {
			public = ""
		}
		list = append(list, ojson.Obj(
			"ipv4", ojson.Obj("ipAddress", []any{ojson.Obj("privateIpAddress", n.PrivateIP, "publicIpAddress", public)}, "subnet", []any{ojson.Obj("address", n.Subnet, "prefix", n.Prefix)}),
			"ipv6", ojson.Obj("ipAddress", []any{}), "macAddress", n.MAC))
	}
	return ojson.Obj("compute", fields(vm, version, computeFields), "network", ojson.Obj("interface", list))
}
