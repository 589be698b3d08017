package compute

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"skylab/sim/cloud/arm"
	"skylab/sim/ojson"
)

// size is a size of virtual machines.
type size struct {
	name     string
	family   string // without "standard" and "Family"
	cores    int
	memoryMB int
	tempMB   int // of the temporary disk; 0 is none
	disks    int // data disks at most
	premium  bool
}

// sizes are those that learners choose from (public list of VM sizes).
var sizes = []size{
	{"Standard_B1ls", "BS", 1, 512, 4096, 2, true}, {"Standard_B1s", "BS", 1, 1024, 4096, 2, true}, {"Standard_B1ms", "BS", 1, 2048, 4096, 2, true},
	{"Standard_B2s", "BS", 2, 4096, 8192, 4, true}, {"Standard_B2ms", "BS", 2, 8192, 16384, 4, true}, {"Standard_B4ms", "BS", 4, 16384, 32768, 8, true}, {"Standard_B8ms", "BS", 8, 32768, 65536, 16, true},
	{"Standard_B2ats_v2", "Basv2", 2, 1024, 0, 4, true}, {"Standard_B2als_v2", "Basv2", 2, 4096, 0, 4, true}, {"Standard_B2as_v2", "Basv2", 2, 8192, 0, 4, true}, {"Standard_B2ts_v2", "Bsv2", 2, 1024, 0, 4, true}, {"Standard_B2ls_v2", "Bsv2", 2, 4096, 0, 4, true}, {"Standard_B2s_v2", "Bsv2", 2, 8192, 0, 4, true},
	{"Standard_A1_v2", "Av2", 1, 2048, 10240, 2, false}, {"Standard_A2_v2", "Av2", 2, 4096, 20480, 4, false}, {"Standard_A4_v2", "Av2", 4, 8192, 40960, 8, false},
	{"Standard_D1_v2", "Dv2", 1, 3584, 51200, 4, false}, {"Standard_D2_v2", "Dv2", 2, 7168, 102400, 8, false}, {"Standard_D3_v2", "Dv2", 4, 14336, 204800, 16, false},
	{"Standard_DS1_v2", "DSv2", 1, 3584, 7168, 4, true}, {"Standard_DS2_v2", "DSv2", 2, 7168, 14336, 8, true}, {"Standard_DS3_v2", "DSv2", 4, 14336, 28672, 16, true},
	{"Standard_D2_v3", "Dv3", 2, 8192, 51200, 4, false}, {"Standard_D4_v3", "Dv3", 4, 16384, 102400, 8, false}, {"Standard_D2s_v3", "DSv3", 2, 8192, 16384, 4, true}, {"Standard_D4s_v3", "DSv3", 4, 16384, 32768, 8, true}, {"Standard_D8s_v3", "DSv3", 8, 32768, 65536, 16, true},
	{"Standard_D2s_v4", "DSv4", 2, 8192, 0, 4, true}, {"Standard_D4s_v4", "DSv4", 4, 16384, 0, 8, true}, {"Standard_D2s_v5", "DSv5", 2, 8192, 0, 4, true}, {"Standard_D4s_v5", "DSv5", 4, 16384, 0, 8, true}, {"Standard_D8s_v5", "DSv5", 8, 32768, 0, 16, true},
	{"Standard_D2as_v4", "DASv4", 2, 8192, 16384, 4, true}, {"Standard_D2as_v5", "DASv5", 2, 8192, 0, 4, true}, {"Standard_D4as_v5", "DASv5", 4, 16384, 0, 8, true}, {"Standard_D2ds_v5", "DDSv5", 2, 8192, 76800, 4, true}, {"Standard_D2ls_v5", "DLSv5", 2, 4096, 0, 4, true},
	{"Standard_E2s_v3", "ESv3", 2, 16384, 32768, 4, true}, {"Standard_E2s_v5", "ESv5", 2, 16384, 0, 4, true}, {"Standard_E4s_v5", "ESv5", 4, 32768, 0, 8, true}, {"Standard_E2as_v5", "EASv5", 2, 16384, 0, 4, true},
	{"Standard_F1s", "FS", 1, 2048, 4096, 4, true}, {"Standard_F2s", "FS", 2, 4096, 8192, 8, true}, {"Standard_F2s_v2", "FSv2", 2, 4096, 16384, 4, true}, {"Standard_F4s_v2", "FSv2", 4, 8192, 32768, 8, true},
}

// number prints a whole number as JSON keeps it.
func number(n int) json.Number { return json.Number(strconv.Itoa(n)) }

func sizeBodies() []any {
	list := []any{}
	for _, s := range sizes {
		list = append(list, ojson.Obj("name", s.name, "numberOfCores", number(s.cores), "osDiskSizeInMB", number(1047552), "resourceDiskSizeInMB", number(s.tempMB), "memoryInMB", number(s.memoryMB), "maxDataDiskCount", number(s.disks)))
	}
	return list
}

// skuBody is a size as the list of SKUs has it.
func (s size) skuBody(location string) *ojson.Object {
	trait := func(name, value string) any { return ojson.Obj("name", name, "value", value) }
	yes := func(b bool) string { return map[bool]string{true: "True", false: "False"}[b] }
	fast := s.cores >= 2 && !strings.HasPrefix(s.family, "B") && s.family != "Av2"
	gb := strconv.FormatFloat(float64(s.memoryMB)/1024, 'g', -1, 64)
	_, short, _ := strings.Cut(s.name, "_")
	return ojson.Obj("resourceType", "virtualMachines", "name", s.name, "tier", "Standard", "size", short, "family", "standard"+s.family+"Family", "locations", []any{location},
		"locationInfo", []any{ojson.Obj("location", location, "zones", zonesOf(location), "zoneDetails", []any{})},
		"capabilities", []any{trait("MaxResourceVolumeMB", strconv.Itoa(s.tempMB)), trait("OSVhdSizeMB", "1047552"), trait("vCPUs", strconv.Itoa(s.cores)), trait("MemoryPreservingMaintenanceSupported", "True"), trait("HyperVGenerations", "V1,V2"), trait("MemoryGB", gb),
			trait("MaxDataDiskCount", strconv.Itoa(s.disks)), trait("CpuArchitectureType", "x64"), trait("LowPriorityCapable", yes(!strings.HasPrefix(s.family, "BS"))), trait("PremiumIO", yes(s.premium)), trait("VMDeploymentTypes", "IaaS"), trait("vCPUsAvailable", strconv.Itoa(s.cores)),
			trait("EncryptionAtHostSupported", yes(s.premium)), trait("CapacityReservationSupported", "False"), trait("AcceleratedNetworkingEnabled", yes(fast)), trait("RdmaEnabled", "False"), trait("MaxNetworkInterfaces", strconv.Itoa(max(2, s.cores)))},
		"restrictions", []any{})
}

// zoned are regions with availability zones, of those in Resource Manager's
// table.
var zoned = strings.Fields("australiaeast brazilsouth canadacentral centralindia centralus eastasia eastus eastus2 francecentral germanywestcentral japaneast koreacentral northeurope norwayeast southafricanorth southcentralus southeastasia swedencentral switzerlandnorth uaenorth uksouth westeurope westus2 westus3")

func zonesOf(location string) []any {
	if slices.Contains(zoned, location) {
		return []any{"1", "2", "3"}
	}
	return []any{}
}

var locationIs = regexp.MustCompile(`(?i)^\s*location\s+eq\s+'([^']*)'\s*$`)

// listSKUs is the list of SKUs, of one location where the filter names one.
func listSKUs(a *arm.ARM, x *arm.Request) error {
	if err := only(a, x, http.MethodGet, namespace+"/skus/read"); err != nil {
		return err
	}
	places := arm.Locations()
	if filter := x.URL.Query().Get("$filter"); filter != "" {
		m := locationIs.FindStringSubmatch(filter)
		if m == nil {
			return fail(http.StatusBadRequest, "BadRequest", "The filter '%s' is not supported: only location eq '{name}' is.", filter)
		}
		want := strings.ToLower(strings.ReplaceAll(m[1], " ", ""))
		places = slices.DeleteFunc(places, func(l string) bool { return l != want })
	}
	list := []any{}
	for _, place := range places {
		info := []any{ojson.Obj("location", place, "zones", zonesOf(place), "zoneDetails", []any{})}
		for _, name := range []string{"Classic", "Aligned"} {
			list = append(list, ojson.Obj("resourceType", "availabilitySets", "name", name, "locations", []any{place}, "locationInfo", []any{ojson.Obj("location", place, "zones", []any{}, "zoneDetails", []any{})},
				"capabilities", []any{ojson.Obj("name", "MaximumPlatformFaultDomainCount", "value", "3")}, "restrictions", []any{}))
		}
		for _, d := range diskSKUs {
			list = append(list, ojson.Obj("resourceType", "disks", "name", d[0], "tier", d[1], "locations", []any{place}, "locationInfo", info, "capabilities", []any{}, "restrictions", []any{}))
		}
		for _, s := range sizes {
			list = append(list, s.skuBody(place))
		}
	}
	x.Answer(http.StatusOK, ojson.Obj("value", list))
	return nil
}

// only lets a method pass whose caller may do an action in the subscription.
func only(a *arm.ARM, x *arm.Request, method, action string) error {
	if len(x.Rest) > 0 {
		return arm.NotSimulated(namespace + "/locations/" + strings.Join(x.Rest, "/"))
	}
	if x.Method != method {
		return fail(http.StatusMethodNotAllowed, "HttpMethodNotAllowed", "The HTTP method is not allowed for this resource.")
	}
	return a.Authorize(x, action, x.Scope)
}

// place is the location that a path names, checked.
func place(x *arm.Request) (string, error) {
	name := strings.ToLower(strings.ReplaceAll(x.Parents[0], " ", ""))
	if !slices.Contains(arm.Locations(), name) {
		return "", fail(http.StatusBadRequest, "NoRegisteredProviderFound", "No registered resource provider found for location '%s' and API version '%s' for type '%s'. The supported api-versions are '%s'. The supported locations are '%s'.",
			x.Parents[0], x.Version, "locations", strings.Join(versions, ", "), strings.Join(arm.Locations(), ", "))
	}
	return name, nil
}

// catalogue are the types that only tell what there is to choose from.
func catalogue() []*arm.Type {
	typ := func(name string, serve func(*arm.ARM, *arm.Request) error) *arm.Type {
		return &arm.Type{Namespace: namespace, Name: name, Versions: versions, Pretty: true, Header: map[string]string{"Server": "Microsoft-HTTPAPI/2.0"}, Proxy: true, Serve: serve}
	}
	skus := typ("skus", listSKUs)
	skus.Versions = strings.Fields("2021-07-01 2019-04-01 2017-09-01")
	types := []*arm.Type{skus, typ("locations/vmSizes", func(a *arm.ARM, x *arm.Request) error {
		if err := only(a, x, http.MethodGet, namespace+"/locations/vmSizes/read"); err != nil {
			return err
		}
		if _, err := place(x); err != nil {
			return err
		}
		x.Answer(http.StatusOK, ojson.Obj("value", sizeBodies()))
		return nil
	})}
	for _, level := range levels {
		types = append(types, typ(level.path, serveImages(level)))
	}
	return types
}
