package imds

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"skylab/sim/ojson"
)

// Compute is what the category compute tells, but for what derives from it.
type Compute struct {
	Name, Location, ResourceGroup, SubscriptionID, VMID, Size, OSType string
	Publisher, Offer, SKU, Version                                    string
	Zone, AdminUser, ComputerName                                     string
	PublicKeys                                                        []string
	Tags                                                              [][2]string // in order
	UserData, CustomData                                              string      // base64
}

// Interface is a network interface of a VM.
type Interface struct {
	PrivateIP, PublicIP, Subnet, Prefix, MAC string
}

// field is one field of compute with the version that brought it
// (facts/azure-wire.md §1.4).
type field struct {
	since string
	name  string
	value func(vm VM) any
}

func constant(v any) func(VM) any { return func(VM) any { return v } }

// computeFields are in the order of the answer, which is alphabetical.
var computeFields = []field{
	{"2021-11-01", "additionalCapabilities", constant(ojson.Obj("hibernationEnabled", "false"))},
	{"2018-10-01", "azEnvironment", constant("AzurePublicCloud")},
	{"2019-02-01", "customData", constant("")},
	{"2020-12-01", "evictionPolicy", constant("")},
	{"2021-03-01", "extendedLocation", constant(ojson.Obj("name", "", "type", ""))},
	{"2021-11-15", "host", constant(ojson.Obj("id", ""))},
	{"2021-11-15", "hostGroup", constant(ojson.Obj("id", ""))},
	{"2020-06-01", "isHostCompatibilityLayerVm", constant("false")},
	{"2020-09-01", "licenseType", constant("")},
	{"2017-04-02", "location", func(vm VM) any { return vm.Compute.Location }},
	{"2017-04-02", "name", func(vm VM) any { return vm.Compute.Name }},
	{"2017-04-02", "offer", func(vm VM) any { return vm.Compute.Offer }},
	{"2020-07-15", "osProfile", func(vm VM) any {
		return ojson.Obj("adminUsername", vm.Compute.AdminUser, "computerName", vm.Compute.ComputerName, "disablePasswordAuthentication", strconv.FormatBool(vm.Compute.OSType == "Linux"))
	}},
	{"2017-04-02", "osType", func(vm VM) any { return vm.Compute.OSType }},
	{"2023-11-15", "physicalZone", constant("")},
	{"2017-08-01", "placementGroupId", constant("")},
	{"2018-04-02", "plan", constant(ojson.Obj("name", "", "product", "", "publisher", ""))},
	{"2017-04-02", "platformFaultDomain", constant("0")},
	{"2021-10-01", "platformSubFaultDomain", constant("")},
	{"2017-04-02", "platformUpdateDomain", constant("0")},
	{"2020-12-01", "priority", constant("")},
	{"2018-10-01", "provider", constant("Microsoft.Compute")},
	{"2018-04-02", "publicKeys", func(vm VM) any {
		keys := []any{}
		for _, k := range vm.Compute.PublicKeys {
			keys = append(keys, ojson.Obj("keyData", k, "path", "/home/"+vm.Compute.AdminUser+"/.ssh/authorized_keys"))
		}
		return keys
	}},
	{"2017-04-02", "publisher", func(vm VM) any { return vm.Compute.Publisher }},
	{"2017-08-01", "resourceGroupName", func(vm VM) any { return vm.Compute.ResourceGroup }},
	{"2019-03-11", "resourceId", func(vm VM) any { return vm.ID }},
	{"2020-06-01", "securityProfile", constant(ojson.Obj("encryptionAtHost", "false", "secureBootEnabled", "false", "securityType", "", "virtualTpmEnabled", "false"))},
	{"2017-04-02", "sku", func(vm VM) any { return vm.Compute.SKU }},
	{"2019-06-01", "storageProfile", func(vm VM) any {
		return ojson.Obj("dataDisks", []any{}, "imageReference", ojson.Obj("id", "", "offer", vm.Compute.Offer, "publisher", vm.Compute.Publisher, "sku", vm.Compute.SKU, "version", "latest"),
			"osDisk", ojson.Obj("caching", "ReadWrite", "createOption", "FromImage", "name", vm.Compute.Name+"_OsDisk_1", "osType", vm.Compute.OSType), "resourceDisk", ojson.Obj("size", "16384"))
	}},
	{"2017-08-01", "subscriptionId", func(vm VM) any { return vm.Compute.SubscriptionID }},
	{"2017-08-01", "tags", func(vm VM) any {
		var parts []string
		for _, t := range vm.Compute.Tags {
			parts = append(parts, t[0]+":"+t[1])
		}
		return strings.Join(parts, ";")
	}},
	{"2019-06-04", "tagsList", func(vm VM) any {
		list := []any{}
		for _, t := range vm.Compute.Tags {
			list = append(list, ojson.Obj("name", t[0], "value", t[1]))
		}
		return list
	}},
	{"2021-01-01", "userData", func(vm VM) any { return vm.Compute.UserData }},
	{"2017-04-02", "version", func(vm VM) any { return vm.Compute.Version }},
	{"2021-03-01", "virtualMachineScaleSet", constant(ojson.Obj("id", ""))},
	{"2017-04-02", "vmId", func(vm VM) any { return vm.Compute.VMID }},
	{"2017-12-01", "vmScaleSetName", constant("")},
	{"2017-04-02", "vmSize", func(vm VM) any { return vm.Compute.Size }},
	{"2017-12-01", "zone", func(vm VM) any { return vm.Compute.Zone }},
}

// Tree returns all that /metadata/instance tells at an api-version.
func (vm VM) Tree(version string) *ojson.Object {
	compute := &ojson.Object{}
	for _, f := range computeFields {
		if version >= f.since {
			compute.Set(f.name, f.value(vm))
		}
	}
	var list []any
	for _, n := range vm.Network {
		list = append(list, ojson.Obj(
			"ipv4", ojson.Obj("ipAddress", []any{ojson.Obj("privateIpAddress", n.PrivateIP, "publicIpAddress", n.PublicIP)}, "subnet", []any{ojson.Obj("address", n.Subnet, "prefix", n.Prefix)}),
			"ipv6", ojson.Obj("ipAddress", []any{}), "macAddress", n.MAC))
	}
	return ojson.Obj("compute", compute, "network", ojson.Obj("interface", list))
}

// instance is facts/azure-wire.md §1.4.
func (s *IMDS) instance(w http.ResponseWriter, r *http.Request, vm VM, q url.Values) {
	version := q.Get("api-version")
	if version < "2017-04-02" {
		badVersion(w)
		return
	}
	var node any = vm.Tree(version)
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	for _, p := range parts[2:] {
		switch n := node.(type) {
		case *ojson.Object:
			node, _ = n.GetFold(p)
		case []any:
			i, err := strconv.Atoi(p)
			if err != nil || i < 0 || i >= len(n) {
				node = nil
			} else {
				node = n[i]
			}
		default:
			node = nil
		}
		if node == nil {
			plain(w, http.StatusNotFound, "Not found. Invalid resource requested")
			return
		}
	}
	text := false
	switch f := strings.ToLower(q.Get("format")); f {
	case "", "json":
	case "text":
		text = true
	default:
		plain(w, http.StatusBadRequest, "Bad request. Format "+f+" is not supported")
		return
	}
	leaf, isLeaf := node.(string)
	switch {
	case text && isLeaf:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Write([]byte(leaf))
	case text:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Write([]byte(strings.Join(names(node), "\n")))
	case isLeaf:
		plain(w, http.StatusBadRequest, "Bad request. JSON output is not supported for leaf nodes")
	default:
		answer(w, http.StatusOK, node)
	}
}

// names lists the children of a node, containers with a slash.
func names(node any) []string {
	var out []string
	add := func(name string, v any) {
		if _, leaf := v.(string); !leaf {
			name += "/"
		}
		out = append(out, name)
	}
	switch n := node.(type) {
	case *ojson.Object:
		for _, m := range n.Members() {
			add(m.Key, m.Value)
		}
	case []any:
		for i, v := range n {
			add(strconv.Itoa(i), v)
		}
	}
	return out
}
