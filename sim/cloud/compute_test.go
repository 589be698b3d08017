package cloud

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	rg      = "/resourceGroups/myResourceGroup"
	vmPath  = rg + "/providers/Microsoft.Compute/virtualMachines/"
	netPath = rg + "/providers/Microsoft.Network/"
	vmV     = "?api-version=2024-07-01"
	netV    = "?api-version=2023-09-01"
	diskV   = "?api-version=2023-04-02"
)

// row is a request and what its answer holds, blanks folded.
type row struct {
	name, method, path, body string
	status                   int
	want                     string
}

// play sends rows one after the other as the administrator; {s} is the
// subscription's ARM id.
func (w *world) play(t *testing.T, rows []row) {
	t.Helper()
	for _, r := range rows {
		status, body := w.do(t, r.method, r.path, w.admin, strings.ReplaceAll(r.body, "{s}", w.sub))
		if folded := strings.Join(strings.Fields(body), " "); status != r.status || !strings.Contains(folded, strings.ReplaceAll(r.want, "{s}", w.sub)) {
			t.Errorf("%s: %d %s\nwant %d %s", r.name, status, folded, r.status, r.want)
		}
		if r.status >= 200 && r.status < 300 && !strings.HasPrefix(r.name, "while") {
			w.ARM.Finish()
		}
	}
}

// vmBody is a new machine's body; edits are pairs of old and new text.
func vmBody(edits ...string) string {
	const text = `{"location":"westus","properties":{"hardwareProfile":{"vmSize":"Standard_B1s"},"storageProfile":{"imageReference":{"publisher":"Debian","offer":"debian-12","sku":"12-gen2","version":"latest"},"osDisk":{"createOption":"FromImage"}},` +
		`"osProfile":{"adminUsername":"azureuser","adminPassword":"Pa55word!x"},"networkProfile":{"networkInterfaces":[{"id":"{s}/resourceGroups/myResourceGroup/providers/Microsoft.Network/networkInterfaces/two"}]}}}`
	return strings.NewReplacer(edits...).Replace(text)
}

const nicBody = `{"location":"westus","properties":{"ipConfigurations":[{"name":"c","properties":{"subnet":{"id":"{s}/resourceGroups/myResourceGroup/providers/Microsoft.Network/virtualNetworks/myVM-vnet/subnets/default"}}}]}}`

func TestRefusedMachines(t *testing.T) {
	w := newWorld(t, "linux-vm")
	w.play(t, []row{{"an interface", "PUT", netPath + "networkInterfaces/two" + netV, nicBody, 201, `"provisioningState": "Updating"`}})
	image := `"publisher":"Debian","offer":"debian-12","sku":"12-gen2"`
	for _, r := range []row{
		{"no size", "", "", vmBody(`"vmSize":"Standard_B1s"`, ``), 400, `"code": "InvalidParameter", "message": "Required parameter 'vmSize' is missing (null).", "target": "vmSize"`},
		{"a size of fancy", "", "", vmBody("Standard_B1s", "Huge"), 400, `The value Huge provided for the VM size is not valid. The valid sizes in the current region are: Standard_B1ls,`},
		{"no user", "", "", vmBody(`"adminUsername":"azureuser",`, ``), 400, `"message": "Required parameter 'adminUsername' is missing (null).", "target": "adminUsername"`},
		{"a refused user", "", "", vmBody("azureuser", "admin"), 400, `The Admin Username specified is not allowed.`},
		{"a weak password", "", "", vmBody("Pa55word!x", "password"), 400, `The supplied password must be between 6-72 characters long`},
		{"no way to log in", "", "", vmBody(`,"adminPassword":"Pa55word!x"`, ``), 400, `Authentication using either SSH or by user name and password must be enabled in Linux profile.`},
		{"a long Windows name", "", "", vmBody(image, `"publisher":"MicrosoftWindowsServer","offer":"WindowsServer","sku":"2019-Datacenter"`, `"adminUsername"`, `"computerName":"a-name-of-16-char","adminUsername"`), 400, `Windows computer name cannot be more than 15 characters long`},
		{"an unknown image", "", "", vmBody("12-gen2", "13"), 200, ``},
		{"an unknown publisher", "", "", vmBody(`"Debian"`, `"Contoso"`), 404, `"code": "PlatformImageNotFound", "message": "The platform image 'Contoso:debian-12:12-gen2:latest' is not available.`},
		{"an unknown version", "", "", vmBody("latest", "1.0"), 404, `PlatformImageNotFound`},
		{"a gallery", "", "", vmBody(image, `"id":"/x"`), 501, `skylab: a virtual machine from a gallery or an image of one's own is real but not simulated here`},
		{"no interface", "", "", vmBody("/two", "/none"), 404, `"message": "Resource '{s}/resourceGroups/myResourceGroup/providers/Microsoft.Network/networkInterfaces/none' was not found."`},
		{"another's interface", "", "", vmBody("/two", "/myVM-nic"), 400, `"code": "NicInUse"`},
		{"another place", "", "", vmBody("westus", "eastus"), 400, `InvalidResourceReference`},
		{"a disk that is there", "", "", vmBody(`"FromImage"`, `"FromImage","name":"myVM_OsDisk_1"`), 409, `Disk myVM_OsDisk_1 already exists in resource group MYRESOURCEGROUP. Only CreateOption.Attach is supported.`},
	} {
		if r.name == "an unknown image" { // of a real publisher it may exist
			continue
		}
		r.method, r.path = "PUT", vmPath+"new"+vmV
		w.play(t, []row{r})
	}
	if _, ok := w.ARM.Resource(w.sub + vmPath + "new"); ok {
		t.Error("a refused machine is there")
	}
}

func TestAMachinesLife(t *testing.T) {
	w := newWorld(t, "linux-vm")
	const disk = rg + "/providers/Microsoft.Compute/disks/"
	w.play(t, []row{
		{"an interface", "PUT", netPath + "networkInterfaces/two" + netV, nicBody, 201, `"privateIPAddress": "10.0.0.5"`},
		{"an empty disk", "PUT", disk + "data" + diskV, `{"location":"westus","properties":{"creationData":{"createOption":"Empty"},"diskSizeGB":4}}`, 202, `"provisioningState": "Updating"`},
		{"while it is made", "PUT", vmPath + "new" + vmV, vmBody(`"FromImage"}`, `"FromImage","name":"os","deleteOption":"Delete"},"dataDisks":[{"lun":0,"createOption":"Attach","managedDisk":{"id":"{s}`+disk+`data"}}]`), 201, `"provisioningState": "Creating"`},
		{"while it starts", "GET", vmPath + "new/instanceView" + vmV, "", 200, `{ "code": "ProvisioningState/creating", "level": "Info", "displayStatus": "Creating" }, { "code": "PowerState/starting"`},
	})
	w.clock.Advance(time.Minute)
	status, body := w.do(t, "GET", vmPath+"new"+vmV+"&$expand=instanceView", w.admin, "")
	if status != 200 || strings.Contains(body, "Pa55word") || !strings.Contains(body, `"provisioningState": "Succeeded"`) || !strings.Contains(body, `"code": "PowerState/running"`) || !strings.Contains(body, `"exactVersion": "0.20250428.2096"`) {
		t.Errorf("it is made: %d %s", status, body)
	}
	w.play(t, []row{
		{"its system's disk", "GET", disk + "os" + diskV, "", 200, `"managedBy": "{s}` + vmPath + `new"`},
		{"the other disk", "GET", disk + "data" + diskV, "", 200, `"diskState": "Attached"`},
		{"a disk in use", "DELETE", disk + "data" + diskV, "", 409, `Disk {s}` + disk + `data is attached to VM {s}` + vmPath + `new.`},
		{"an interface in use", "DELETE", netPath + "networkInterfaces/two" + netV, "", 400, `"code": "NicInUse"`},
		{"the interface's machine", "GET", netPath + "networkInterfaces/two" + netV, "", 200, `"virtualMachine": { "id": "{s}` + vmPath + `new" }`},
		{"its sizes", "GET", vmPath + "new/vmSizes" + vmV, "", 200, `{ "name": "Standard_B1ls", "numberOfCores": 1, "osDiskSizeInMB": 1047552, "resourceDiskSizeInMB": 4096, "memoryInMB": 512, "maxDataDiskCount": 2 }`},
		{"another name", "PATCH", vmPath + "new" + vmV, `{"properties":{"osProfile":{"computerName":"other"}}}`, 409, `Changing property 'osProfile.computerName' is not allowed.`},
		{"another size", "PATCH", vmPath + "new" + vmV, `{"properties":{"hardwareProfile":{"vmSize":"Standard_B2s"}}}`, 200, `"vmSize": "Standard_B2s"`},
		{"the disk leaves", "PATCH", vmPath + "new" + vmV, `{"properties":{"storageProfile":{"dataDisks":[]}}}`, 200, `"dataDisks": []`},
		{"a free disk", "GET", disk + "data" + diskV, "", 200, `"diskState": "Unattached"`},
		{"what is real", "POST", vmPath + "new/runCommand" + vmV, `{}`, 501, `skylab: Microsoft.Compute/virtualMachines/runCommand is real but not simulated here`},
		{"an extension", "PUT", vmPath + "new/extensions/x" + vmV, `{}`, 501, `skylab: Microsoft.Compute/virtualMachines/extensions is real but not simulated here`},
		{"what is not", "POST", vmPath + "new/dance" + vmV, `{}`, 404, `InvalidResourceType`},
		{"a GET of an action", "GET", vmPath + "new/start" + vmV, ``, 405, `HttpMethodNotAllowed`},
		{"while it goes", "DELETE", vmPath + "new" + vmV, "", 202, ``},
		{"while it goes, again", "DELETE", vmPath + "new" + vmV, "", 202, ``},
		{"no start now", "POST", vmPath + "new/start" + vmV, "", 409, `"code": "OperationNotAllowed", "message": "Operation 'start' is not allowed on VM 'new' since the VM is marked for deletion. You can only retry the Delete operation (or wait for an ongoing one to complete)."`},
		{"no change now", "PATCH", vmPath + "new" + vmV, `{"tags":{}}`, 409, `OperationNotAllowed`},
		{"while it can be read", "GET", vmPath + "new" + vmV, "", 200, `"provisioningState": "Deleting"`},
	})
	w.clock.Advance(time.Minute)
	w.play(t, []row{
		{"it is gone", "GET", vmPath + "new" + vmV, "", 404, `ResourceNotFound`},
		{"its disk, too", "GET", disk + "os" + diskV, "", 404, `ResourceNotFound`},
		{"the interface stays", "GET", netPath + "networkInterfaces/two" + netV, "", 200, `"privateIPAddress": "10.0.0.5"`},
		{"and can go", "DELETE", netPath + "networkInterfaces/two" + netV, "", 202, ``},
		{"the free disk goes", "DELETE", disk + "data" + diskV, "", 202, ``},
	})
}

func TestPowers(t *testing.T) {
	w := newWorld(t, "linux-vm")
	for _, c := range []struct {
		action, during, after string
		takes                 time.Duration
	}{
		{"powerOff", "stopping", "stopped", 15 * time.Second},
		{"start", "starting", "running", 20 * time.Second},
		{"restart", "starting", "running", 20 * time.Second},
		{"deallocate", "deallocating", "deallocated", 30 * time.Second},
		{"redeploy", "starting", "running", time.Minute},
		{"reapply", "running", "running", 10 * time.Second},
	} {
		req, err := http.NewRequest("POST", "https://management.azure.com"+w.sub+vmPath+"myVM/"+c.action+vmV, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+w.admin)
		res, err := w.net.Card(w.caller()).RoundTrip(req)
		if err != nil || res.StatusCode != 202 || res.Header.Get("Retry-After") != "10" || !strings.Contains(res.Header.Get("Location"), "monitor=true") {
			t.Fatalf("%s: %v %+v", c.action, err, res)
		}
		if got := w.VMs().All()[0].Power; got != c.during {
			t.Errorf("%s: meanwhile it is %s", c.action, got)
		}
		w.clock.Advance(c.takes)
		if got := w.VMs().All()[0].Power; got != c.after {
			t.Errorf("%s: then it is %s", c.action, got)
		}
		status, body := w.do(t, "GET", res.Header.Get("Azure-AsyncOperation"), w.admin, "")
		var op struct{ StartTime, EndTime, Status, Name string }
		if err := json.Unmarshal([]byte(body), &op); err != nil || status != 200 || op.Status != "Succeeded" || op.Name == "" || op.EndTime == "" {
			t.Errorf("%s: %d %s", c.action, status, body)
		}
	}
}

func TestWhatThereIsToChooseFrom(t *testing.T) {
	w := newWorld(t, "linux-vm")
	const at, v = "/providers/Microsoft.Compute/locations/westus/", "?api-version=2022-11-01"
	const images = at + "publishers/Debian/artifacttypes/vmimage/offers"
	w.play(t, []row{
		{"sizes", "GET", at + "vmSizes" + v, "", 200, `"name": "Standard_DS1_v2"`},
		{"nowhere", "GET", "/providers/Microsoft.Compute/locations/mars/vmSizes" + v, "", 400, `NoRegisteredProviderFound`},
		{"publishers", "GET", at + "publishers" + v, "", 200, `[ { "location": "westus", "name": "Canonical", "id": "/Subscriptions/`},
		{"offers", "GET", images + v, "", 200, `"name": "debian-10"`},
		{"SKUs", "GET", images + "/debian-12/skus" + v, "", 200, `"name": "12-gen2"`},
		{"versions", "GET", images + "/debian-12/skus/12-gen2/versions" + v + "&$top=1&$orderby=name%20desc", "", 200, `[ { "location": "westus", "name": "0.20250428.2096", "id": "/Subscriptions/`},
		{"a version", "GET", images + "/debian-12/skus/12-gen2/versions/0.20250428.2096" + v, "", 200, `"osDiskImage": { "operatingSystem": "Linux", "sizeInGb": 30 }`},
		{"no version", "GET", images + "/debian-12/skus/12-gen2/versions/1" + v, "", 404, `Artifact: VMImage was not found.`},
		{"no offer", "GET", images + "/none/skus" + v, "", 404, `Artifact: VMImage was not found.`},
		{"a big publisher", "GET", at + "publishers/MicrosoftSQLServer/artifacttypes/vmimage/offers" + v, "", 501, `skylab: the catalogue of the publisher MicrosoftSQLServer is real but not simulated here`},
		{"extensions", "GET", at + "publishers/x/artifacttypes/vmextension/types" + v, "", 501, `NotSimulated`},
		{"an order", "GET", images + "/debian-12/skus/12-gen2/versions" + v + "&$orderby=size", "", 400, `InvalidParameter`},
		{"all SKUs of a place", "GET", "/providers/Microsoft.Compute/skus?api-version=2021-07-01&$filter=location%20eq%20'westus'", "", 200, `"resourceType": "virtualMachines", "name": "Standard_B1ls", "tier": "Standard", "size": "B1ls", "family": "standardBSFamily", "locations": [ "westus" ]`},
		{"another filter", "GET", "/providers/Microsoft.Compute/skus?api-version=2021-07-01&$filter=size%20eq%20'x'", "", 400, `BadRequest`},
		{"a write", "POST", at + "vmSizes" + v, "", 405, `HttpMethodNotAllowed`},
	})
	if status, body := w.do(t, "GET", at+"vmSizes"+v, w.token(t, forARM), ""); status != 403 || !strings.Contains(body, "Microsoft.Compute/locations/vmSizes/read") {
		t.Errorf("without a role: %d %s", status, body)
	}
}
