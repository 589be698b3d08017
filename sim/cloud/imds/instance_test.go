package imds_test

import (
	"net/http"
	"strings"
	"testing"

	"skylab/sim/cloud/imds"
	"skylab/sim/ojson"
)

// introduced is facts/azure-wire.md §1.4: the fields by the api-version that
// brought them.
const introduced = `2017-04-02 location name offer osType platformFaultDomain platformUpdateDomain publisher sku version vmId vmSize
2017-08-01 placementGroupId resourceGroupName subscriptionId tags
2017-12-01 vmScaleSetName zone
2018-04-02 plan.name plan.product plan.publisher publicKeys
2018-10-01 azEnvironment provider
2019-02-01 customData
2019-03-11 resourceId
2019-06-01 storageProfile.dataDisks storageProfile.imageReference.id storageProfile.osDisk.managedDisk.id storageProfile.osDisk.osType
2019-06-04 tagsList
2020-06-01 isHostCompatibilityLayerVm securityProfile.secureBootEnabled securityProfile.virtualTpmEnabled
2020-07-15 osProfile.adminUsername osProfile.computerName
2020-09-01 licenseType
2020-10-01 osProfile.disablePasswordAuthentication
2020-12-01 evictionPolicy priority
2021-01-01 userData
2021-02-01 storageProfile.resourceDisk.size
2021-03-01 extendedLocation.name virtualMachineScaleSet.id
2021-10-01 platformSubFaultDomain
2021-11-01 additionalCapabilities.hibernationEnabled securityProfile.encryptionAtHost storageProfile.osDisk.encryptionSettings.enabled
2021-11-15 host.id hostGroup.id
2021-12-13 securityProfile.securityType
2023-07-01 storageProfile.imageReference.communityGalleryImageId storageProfile.imageReference.sharedGalleryImageId storageProfile.imageReference.exactVersion
2023-11-15 physicalZone`

func TestFieldsComeWithTheirVersions(t *testing.T) {
	vm := newWorld(t, true, 0).vm
	var versions []string
	for _, line := range strings.Split(introduced, "\n") {
		versions = append(versions, strings.Fields(line)[0])
	}
	for i, line := range strings.Split(introduced, "\n") {
		words := strings.Fields(line)
		before := ""
		if i > 0 {
			before = versions[i-1]
		}
		for _, name := range words[1:] {
			path := append([]string{"compute"}, strings.Split(name, ".")...)
			if vm.Tree(words[0]).At(path...) == nil {
				t.Errorf("%s has no %s", words[0], name)
			}
			if before != "" && vm.Tree(before).At(path...) != nil {
				t.Errorf("%s has %s already", before, name)
			}
		}
	}
	var check func(o *ojson.Object, at string)
	check = func(o *ojson.Object, at string) {
		last := ""
		for _, m := range o.Members() {
			if m.Key < last {
				t.Errorf("%s%s stands after %s", at, m.Key, last)
			}
			last = m.Key
			if c, ok := m.Value.(*ojson.Object); ok {
				check(c, at+m.Key+".")
			} else if _, list := m.Value.([]any); !list {
				if _, text := m.Value.(string); !text {
					t.Errorf("%s%s is a %T: every primitive must be a string", at, m.Key, m.Value)
				}
			}
		}
	}
	check(vm.Tree("2025-04-07").Obj("compute"), "")
}

func TestComputeFollowsTheResource(t *testing.T) {
	storage, err := ojson.Decode([]byte(`{"imageReference":{"exactVersion":"1.2"},"osDisk":{"name":"os","caching":"ReadWrite","createOption":"FromImage","diskSizeGB":30,"managedDisk":{"id":"/d","storageAccountType":"Premium_LRS"}},
		"dataDisks":[{"lun":0,"name":"data","createOption":"Empty","diskSizeGB":1024,"writeAcceleratorEnabled":true}]}`))
	if err != nil {
		t.Fatal(err)
	}
	vm := imds.VM{Compute: imds.Compute{OSType: "Windows", LicenseType: "Windows_Server", Priority: "Spot", EvictionPolicy: "Deallocate", ScaleSetID: "/x/virtualMachineScaleSets/mySet",
		SecurityType: "TrustedLaunch", SecureBoot: true, Plan: imds.Plan{Name: "n"}, Storage: storage.(*ojson.Object)}}
	compute := vm.Tree("2025-04-07").Obj("compute")
	for path, want := range map[string]string{
		"licenseType": `"Windows_Server"`, "priority": `"Spot"`, "evictionPolicy": `"Deallocate"`, "vmScaleSetName": `"mySet"`, "virtualMachineScaleSet.id": `"/x/virtualMachineScaleSets/mySet"`,
		"securityProfile": `{"encryptionAtHost":"false","secureBootEnabled":"true","securityType":"TrustedLaunch","virtualTpmEnabled":"false"}`,
		"osProfile":       `{"adminUsername":"","computerName":""}`,
		"plan":            `{"name":"n","product":"","publisher":""}`,
		"storageProfile.imageReference.exactVersion": `"1.2"`,
		"storageProfile.osDisk":                      `{"caching":"ReadWrite","createOption":"FromImage","diffDiskSettings":{"option":""},"diskSizeGB":"30","encryptionSettings":{"diskEncryptionKey":{"secretUrl":"","sourceVault":{"id":""}},"enabled":"false","keyEncryptionKey":{"keyUrl":"","sourceVault":{"id":""}}},"image":{"uri":""},"managedDisk":{"id":"/d","storageAccountType":"Premium_LRS"},"name":"os","osType":"Windows","vhd":{"uri":""},"writeAcceleratorEnabled":"false"}`,
		"storageProfile.dataDisks":                   `[{"caching":"","createOption":"Empty","diskSizeGB":"1024","image":{"uri":""},"lun":"0","managedDisk":{"id":"","storageAccountType":""},"name":"data","vhd":{"uri":""},"writeAcceleratorEnabled":"true"}]`,
	} {
		got, err := ojson.Marshal(compute.At(strings.Split(path, ".")...))
		if err != nil || string(got) != want {
			t.Errorf("%s: %s, %v", path, got, err)
		}
	}
	if len(vm.Tree("2021-02-01").Obj("network").Keys()) != 1 {
		t.Error("a VM without interfaces has no network")
	}
}

// FuzzServe sends the service any path, query and header.
func FuzzServe(f *testing.F) {
	f.Add("GET", "/metadata/attested/document", "api-version=2021-02-01&nonce=1", "true", "")
	f.Add("POST", "/metadata/scheduledevents", "api-version=2020-07-01", "true", `{"StartRequests":[]}`)
	f.Add("GET", "/metadata/instance/compute/tagsList/0", "api-version=2021-02-01&format=text", "True", "")
	f.Fuzz(func(t *testing.T, method, path, query, header, body string) {
		w := newWorld(t, true, 1)
		req, err := http.NewRequest(method, "http://169.254.169.254/", strings.NewReader(body))
		if err != nil {
			return
		}
		req.URL.Path, req.URL.RawQuery = "/"+path, query
		req.Header["Metadata"] = []string{header}
		res, err := w.card().RoundTrip(req)
		if err == nil && (res.StatusCode < 200 || res.StatusCode > 501) {
			t.Fatalf("%s %q?%q: %s", method, path, query, res.Status)
		}
	})
}
