package cloud

import (
	"strings"
	"testing"
	"time"
)

func TestVaults(t *testing.T) {
	w := newWorld(t, "linux-vm")
	const at, v = rg + "/providers/Microsoft.KeyVault/vaults/", "?api-version=2022-07-01"
	const gone = "/providers/Microsoft.KeyVault/"
	tenant := w.Entra.TenantID()
	body := func(edits ...string) string {
		return strings.NewReplacer(edits...).Replace(`{"location":"westus","properties":{"tenantId":"` + tenant + `","sku":{"family":"A","name":"Standard"},"accessPolicies":[{"tenantId":"` + tenant + `","objectId":"` + w.vm.System.PrincipalID + `","permissions":{"secrets":["get","list"]}}]}}`)
	}
	policy := func(secrets string) string {
		return `{"properties":{"accessPolicies":[{"tenantId":"` + tenant + `","objectId":"` + w.vm.System.PrincipalID + `","permissions":{"secrets":[` + secrets + `]}}]}}`
	}
	w.play(t, []row{
		{"a bad name", "PUT", at + "a--b" + v, body(), 400, `{"error":{"code":"VaultNameNotValid","message":"The vault name 'a--b' is invalid.`},
		{"no tenant", "PUT", at + "myVault" + v, body(`"tenantId":"`+tenant+`","sku"`, `"sku"`), 400, `An invalid value was provided for 'tenantId'.`},
		{"an SKU", "PUT", at + "myVault" + v, body("Standard", "Gold"), 400, `An invalid value was provided for 'sku'.`},
		{"a permission", "PUT", at + "myVault" + v, body("list", "lisst"), 400, `An invalid value was provided for 'accessPolicies'.`},
		{"retention", "PUT", at + "myVault" + v, body(`"sku"`, `"softDeleteRetentionInDays":3,"sku"`), 400, `softDeleteRetentionInDays`},
		{"while it is made", "PUT", at + "myVault" + v, body(`"sku"`, `"softDeleteRetentionInDays":7,"sku"`), 200, `"sku":{"family":"A","name":"standard"},"tenantId":"` + tenant + `","accessPolicies":[{"tenantId":"` + tenant + `","objectId":"` + w.vm.System.PrincipalID + `","permissions":{"secrets":["get","list"]}}],"enabledForDeployment":false,"enabledForDiskEncryption":false,"enabledForTemplateDeployment":false,"enableSoftDelete":true,"softDeleteRetentionInDays":7,"enableRbacAuthorization":false,"vaultUri":"https://myvault.vault.azure.net","provisioningState":"RegisteringDns"`},
	})
	if _, err := w.net.Resolve("myvault.vault.azure.net"); err == nil {
		t.Error("its name resolves before it is there")
	}
	w.clock.Advance(10 * time.Second)
	if status, text := w.do(t, "GET", "https://myvault.vault.azure.net/secrets/x?api-version=7.4", "", ""); status != 501 || text != `{"error":{"code":"NotSimulated","message":"skylab: the contents of a key vault is real but not simulated here"}}` {
		t.Errorf("its secrets: %d %s", status, text)
	}
	w.play(t, []row{
		{"made", "GET", at + "myVault" + v, "", 200, `"vaultUri":"https://myvault.vault.azure.net/","provisioningState":"Succeeded"`},
		{"an old version", "GET", at + "myVault?api-version=2018-02-14", "", 200, `"enableSoftDelete":true,"vaultUri":"https://myvault.vault.azure.net/","provisioningState":"Succeeded"}`},
		{"elsewhere", "PUT", strings.Replace(at, "myResource", "otherResource", 1) + "MYVAULT" + v, body(), 409, `"code":"VaultAlreadyExists","message":"The vault name 'MYVAULT' is already in use.`},
		{"a taken name", "POST", gone + "checkNameAvailability" + v, `{"name":"myvault","type":"Microsoft.KeyVault/vaults"}`, 200, `{"nameAvailable":false,"reason":"AlreadyExists"`},
		{"a free name", "POST", gone + "checkNameAvailability" + v, `{"name":"yourvault","type":"Microsoft.KeyVault/vaults"}`, 200, `{"nameAvailable":true}`},
		{"one more right", "PUT", at + "myVault/accessPolicies/add" + v, policy(`"set","GET"`), 200, `"permissions":{"secrets":["get","list","set"]}`},
		{"fewer", "PUT", at + "myVault/accessPolicies/remove" + v, policy(`"list","set"`), 200, `"permissions":{"secrets":["get"]}`},
		{"none", "PUT", at + "myVault/accessPolicies/remove" + v, policy(`"get"`), 200, `"accessPolicies":[]`},
		{"others", "PUT", at + "myVault/accessPolicies/replace" + v, policy(`"all"`), 200, `["all"]`},
		{"a verb", "PUT", at + "myVault/accessPolicies/set" + v, policy(`"all"`), 405, `HttpMethodNotAllowed`},
		{"tagged", "PATCH", at + "myVault" + v, `{"tags":{"a":"b"},"properties":{"enablePurgeProtection":true}}`, 200, `"enablePurgeProtection":true`},
		{"protection stays", "PATCH", at + "myVault" + v, `{"properties":{"enablePurgeProtection":false}}`, 400, `irreversible`},
		{"secrets of templates", "PUT", at + "myVault/secrets/s" + v, `{}`, 501, `skylab: Microsoft.KeyVault/vaults/secrets is real but not simulated here`},
		{"deleted", "DELETE", at + "myVault" + v, "", 200, ``},
		{"it can come back", "GET", gone + "deletedVaults" + v, "", 200, `"name":"myVault","type":"Microsoft.KeyVault/deletedVaults","properties":{"vaultId":"{s}` + at + `myVault","location":"westus","tags":{"a":"b"},"deletionDate":"2026-11-24T00:00:`},
		{"its name is not free", "PUT", at + "myVault" + v, body(), 409, `{"error":{"code":"ConflictError","message":"A vault with the same name already exists in deleted state.`},
		{"no purge", "POST", gone + "locations/westus/deletedVaults/myVault/purge" + v, "", 400, `is protected from purging until 2026-12-01T`},
		{"recovered", "PUT", at + "myVault" + v, `{"location":"westus","properties":{"createMode":"recover","sku":{"family":"A","name":"standard"},"tenantId":"` + tenant + `"}}`, 200, `["all"]`},
		{"no longer deleted", "GET", gone + "locations/westus/deletedVaults/myVault" + v, "", 404, `DeletedVaultNotFound`},
		{"without protection", "PUT", at + "other" + v, body(), 200, `RegisteringDns`},
		{"deleted, too", "DELETE", at + "other" + v, "", 200, ``},
		{"purged", "POST", gone + "locations/westus/deletedVaults/other/purge" + v, "", 202, ``},
		{"for good", "GET", gone + "locations/westus/deletedVaults/other" + v, "", 404, `DeletedVaultNotFound`},
		{"its name is free", "PUT", at + "other" + v, body(), 200, `RegisteringDns`},
		{"a resource in its group only", "GET", "/resources?api-version=2021-04-01&$filter=resourceType%20eq%20'Microsoft.KeyVault/vaults'", "", 200, `"name":"myVault"`},
		{"the group goes", "DELETE", rg + "?api-version=2021-04-01", "", 202, ``},
		{"its vaults may come back", "GET", gone + "deletedVaults" + v, "", 200, `"name":"other"`},
	})
	w.clock.Advance(8 * 24 * time.Hour)
	if _, text := w.do(t, "GET", gone+"deletedVaults"+v, w.adminToken(t), ""); strings.Contains(text, "myVault") || !strings.Contains(text, `"name":"other"`) {
		t.Errorf("a week later: %s", text)
	}
}
