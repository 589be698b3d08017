package cloud

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// bodies are writes that the services take.
var bodies = []struct{ method, path, body string }{
	{"PUT", netPath + "virtualNetworks/n" + netV, `{"location":"westus","tags":{"a":"b"},"properties":{"addressSpace":{"addressPrefixes":["10.0.0.0/16"]},"subnets":[{"name":"s","properties":{"addressPrefix":"10.0.0.0/24","networkSecurityGroup":{"id":"{s}/resourceGroups/myResourceGroup/providers/Microsoft.Network/networkSecurityGroups/myVM-nsg"}}}]}}`},
	{"PUT", netPath + "virtualNetworks/myVM-vnet/subnets/s" + netV, `{"properties":{"addressPrefix":"10.0.7.0/24"}}`},
	{"PUT", netPath + "networkSecurityGroups/g" + netV, `{"location":"westus","properties":{"securityRules":[{"name":"r","properties":{"priority":300,"protocol":"TCP","access":"Allow","direction":"Inbound","sourceAddressPrefix":"*","sourcePortRange":"*","destinationAddressPrefixes":["10.0.0.4"],"destinationPortRanges":["22","80-90"]}}]}}`},
	{"PUT", netPath + "networkSecurityGroups/myVM-nsg/securityRules/r" + netV, `{"properties":{"priority":310,"protocol":"TCP","access":"Allow","direction":"Inbound","sourceAddressPrefix":"*","sourcePortRange":"*","destinationAddressPrefix":"*","destinationPortRange":"22"}}`},
	{"PUT", netPath + "publicIPAddresses/i" + netV, `{"location":"westus","zones":["1"],"sku":{"name":"Standard"},"properties":{"publicIPAllocationMethod":"Static","dnsSettings":{"domainNameLabel":"other"}}}`},
	{"PUT", netPath + "networkInterfaces/n" + netV, strings.Replace(nicBody, `"subnet"`, `"privateIPAllocationMethod":"Static","privateIPAddress":"10.0.0.77","subnet"`, 1)},
	{"PUT", vmPath + "new" + vmV, vmBody("/two", "/free", `"FromImage"}`, `"FromImage","managedDisk":{"storageAccountType":"Premium_LRS"}},"dataDisks":[{"lun":0,"createOption":"Empty","diskSizeGB":4}]`, `"adminPassword":"Pa55word!x"`, `"adminPassword":"Pa55word!x","linuxConfiguration":{"disablePasswordAuthentication":true,"ssh":{"publicKeys":[{"path":"/home/azureuser/.ssh/authorized_keys","keyData":"ssh-rsa A"}]}}`)},
	{"PATCH", vmPath + "myVM" + vmV, `{"tags":{"a":"b"},"identity":{"type":"SystemAssigned, UserAssigned","userAssignedIdentities":{"{s}/resourceGroups/myResourceGroup/providers/Microsoft.ManagedIdentity/userAssignedIdentities/otherIdentity":{}}},"properties":{"hardwareProfile":{"vmSize":"Standard_B2s"},"storageProfile":{"osDisk":{"caching":"None","createOption":"FromImage"}},"osProfile":{"computerName":"myVM"},"networkProfile":{"networkInterfaces":[{"id":"{s}/resourceGroups/myResourceGroup/providers/Microsoft.Network/networkInterfaces/myVM-nic","properties":{"primary":true}}]}}}`},
	{"PUT", rg + "/providers/Microsoft.Compute/disks/d" + diskV, `{"location":"westus","sku":{"name":"Premium_LRS"},"properties":{"creationData":{"createOption":"Empty"},"diskSizeGB":4}}`},
	{"PUT", uaPath + "one" + uaV, `{"location":"westus","tags":{"a":"b"}}`},
	{"PUT", uaPath + "otherIdentity/federatedIdentityCredentials/one" + uaV, `{"properties":{"issuer":"https://i.example","subject":"s","audiences":["a"]}}`},
	{"PUT", rg + authPath + "roleAssignments/11111111-1111-4111-8111-111111111111" + authV, `{` + reader + `99999999-1111-4111-8111-111111111111","principalType":"User","description":"d","condition":"c","conditionVersion":"2.0"}}`},
	{"PUT", ownRole, `{"properties":{"roleName":"Mine","description":"d","type":"CustomRole","permissions":[{"actions":["*/read"],"notActions":["Microsoft.Network/*"],"dataActions":["Microsoft.Storage/*/read"],"notDataActions":[]}],"assignableScopes":["{s}"]}}`},
	{"PUT", accounts + "one" + storeV, `{"location":"westus","kind":"StorageV2","sku":{"name":"Standard_LRS"},"identity":{"type":"SystemAssigned"},"properties":{"accessTier":"Hot","encryption":{"keySource":"Microsoft.Storage"},"networkAcls":{"defaultAction":"Allow"}}}`},
	{"POST", accounts + "kept/listServiceSas" + storeV, `{"canonicalizedResource":"/blob/kept/c","signedResource":"c","signedPermission":"r","signedStart":"2026-01-01","signedExpiry":"2027-09-23T00:00:00Z","keyToSign":"key2","rscd":"x"}`},
	{"POST", accounts + "kept/regenerateKey" + storeV, `{"keyName":"key1"}`},
	{"PUT", rg + "/providers/Microsoft.KeyVault/vaults/one?api-version=2022-07-01", `{"location":"westus","properties":{"tenantId":"11111111-1111-4111-8111-111111111111","createMode":"default","sku":{"family":"A","name":"standard"},"enableRbacAuthorization":false,"softDeleteRetentionInDays":7,"accessPolicies":[{"tenantId":"11111111-1111-4111-8111-111111111111","objectId":"11111111-1111-4111-8111-111111111111","permissions":{"secrets":["get"],"keys":["list"]}}]}}`},
	{"PUT", rg + "/providers/Microsoft.KeyVault/vaults/kept/accessPolicies/add?api-version=2022-07-01", `{"properties":{"accessPolicies":[{"tenantId":"11111111-1111-4111-8111-111111111111","objectId":"11111111-1111-4111-8111-111111111111","permissions":{"secrets":["get"]}}]}}`},
}

// spoilt returns a value in all ways in which one part of it is something else.
func spoilt(v any, others []any) []any {
	var out []any
	switch x := v.(type) {
	case map[string]any:
		for k, member := range x {
			with := func(other any) any {
				c := map[string]any{}
				for k2, v2 := range x {
					c[k2] = v2
				}
				c[k] = other
				return c
			}
			for _, o := range others {
				out = append(out, with(o))
			}
			for _, s := range spoilt(member, others) {
				out = append(out, with(s))
			}
		}
	case []any:
		for i, e := range x {
			with := func(other any) any {
				c := append([]any{}, x...)
				c[i] = other
				return c
			}
			for _, o := range others {
				out = append(out, with(o))
			}
			for _, s := range spoilt(e, others) {
				out = append(out, with(s))
			}
		}
	}
	return out
}

// try is do, with 599 and the reason for a connection that breaks.
func (w *world) try(t *testing.T, method, path, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(method, "https://management.azure.com"+w.sub+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+w.admin)
	res, err := w.net.Card(w.caller()).RoundTrip(req)
	if err != nil {
		all := w.ring.State().Exchanges
		return 599, fmt.Sprint(all[len(all)-1].Notes)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// TestNoBodyBreaksAService sends every body with every part of it replaced by
// what does not belong there: each answer is one of the service's, and what it
// kept can be read, listed and deleted.
func TestNoBodyBreaksAService(t *testing.T) {
	w := newWorld(t, "linux-vm")
	w.play(t, []row{
		{"an interface", "PUT", netPath + "networkInterfaces/free" + netV, nicBody, 201, ``},
		{"an account", "PUT", accounts + "kept" + storeV, `{"location":"westus","kind":"StorageV2","sku":{"name":"Standard_LRS"}}`, 202, ``},
		{"a vault", "PUT", rg + "/providers/Microsoft.KeyVault/vaults/kept?api-version=2022-07-01", `{"location":"westus","properties":{"tenantId":"11111111-1111-4111-8111-111111111111","sku":{"family":"A","name":"standard"},"accessPolicies":[]}}`, 200, ``},
	})
	start := w.State()
	others := []any{nil, "", "x", -1, true, []any{}, []any{nil}, map[string]any{}}
	n := 0
	for _, b := range bodies {
		var whole any
		if err := json.Unmarshal([]byte(strings.ReplaceAll(b.body, "{s}", w.sub)), &whole); err != nil {
			t.Fatal(err)
		}
		for i, v := range append([]any{whole}, spoilt(whole, others)...) {
			n++
			text, _ := json.Marshal(v)
			status, answer := w.try(t, b.method, b.path, string(text))
			if status >= 500 && status != 501 || i == 0 && status >= 300 && !strings.Contains(answer, "PrincipalNotFound") {
				t.Errorf("%s %s %s: %d %s", b.method, b.path, text, status, answer)
			}
			if status >= 300 {
				continue
			}
			w.ARM.Finish()
			path, query, _ := strings.Cut(b.path, "?")
			if b.method != "POST" && !strings.Contains(path, "accessPolicies") {
				if status, answer := w.do(t, "GET", path+"?"+query, w.admin, ""); status != 200 {
					t.Errorf("%s after %s: %d %s", path, text, status, answer)
				}
				w.VMs().All()
				if b.method == "PUT" {
					if status, answer := w.do(t, "DELETE", path+"?"+query, w.admin, ""); status >= 300 {
						t.Errorf("delete %s after %s: %d %s", path, text, status, answer)
					}
				}
			}
			w.Restore(start)
		}
	}
	if n < 1000 {
		t.Errorf("only %d bodies", n)
	}
}
