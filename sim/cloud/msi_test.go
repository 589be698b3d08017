package cloud

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

const (
	uaPath = rg + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/"
	uaV    = "?api-version=2023-01-31"
)

func TestFederatedCredentials(t *testing.T) {
	w := newWorld(t, "linux-vm")
	const at = uaPath + "otherIdentity/federatedIdentityCredentials/"
	body := func(issuer, subject, audiences string) string {
		return `{"properties":{"issuer":"` + issuer + `","subject":"` + subject + `","audiences":[` + audiences + `]}}`
	}
	const exchange = `"api://AzureADTokenExchange"`
	w.play(t, []row{
		{"none", "GET", at + uaV, "", 200, `{"value":[]}`},
		{"no identity", "PUT", uaPath + "none/federatedIdentityCredentials/x" + uaV, body("https://i.example", "s", exchange), 404, `ParentResourceNotFound`},
		{"a short name", "PUT", at + "x" + uaV, body("https://i.example", "s", exchange), 400, `{"error":{"code":"BadRequest","message":"Federated Identity Credential name 'x' is invalid."}}`},
		{"no subject", "PUT", at + "one" + uaV, body("https://i.example", "", exchange), 400, `The request format was unexpected. Federated Identity Credential must specify 'issuer', 'subject' and 'audience'.`},
		{"two audiences", "PUT", at + "one" + uaV, body("https://i.example", "s", exchange+`,"b"`), 400, `Federated identity credentials must have exactly one audience.`},
		{"a new one", "PUT", at + "one" + uaV, body("https://i.example", "s", exchange), 201, `{"id":"{s}` + strings.Replace(at, "resourceGroups", "resourcegroups", 1) + `one","name":"one","type":"Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials","properties":{"issuer":"https://i.example","subject":"s","audiences":["api://AzureADTokenExchange"]}}`},
		{"again", "PUT", at + "one" + uaV, body("https://i.example", "s", exchange), 200, `"name":"one"`},
		{"under another name", "PUT", at + "two" + uaV, body("https://i.example", "s", exchange), 409, `{"error":{"code":"Conflict","message":"Issuer and subject combination already exists for this Managed Identity."}}`},
		{"listed", "GET", at + uaV, "", 200, `"name":"one"`},
		{"an old version", "GET", at + "?api-version=2018-11-30", "", 400, `NoRegisteredProviderFound`},
	})
	r, _ := w.ARM.Resource(w.sub + uaPath + "otherIdentity")
	part := func(o any) string {
		b, _ := json.Marshal(o)
		return base64.RawURLEncoding.EncodeToString(b)
	}
	assertion := func(subject string) string {
		now := w.clock.Now().Unix()
		return part(map[string]any{"alg": "RS256", "typ": "JWT", "kid": "k"}) + "." + part(map[string]any{"iss": "https://i.example", "sub": subject, "aud": "api://AzureADTokenExchange", "nbf": now, "iat": now, "exp": now + 600}) + "." + base64.RawURLEncoding.EncodeToString(make([]byte, 256))
	}
	redeem := func(subject, want string) {
		t.Helper()
		form := url.Values{"grant_type": {"client_credentials"}, "client_id": {r.Properties.Str("clientId")}, "scope": {"https://management.azure.com/.default"}, "client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}, "client_assertion": {assertion(subject)}}
		if _, body := w.do(t, "POST", "https://login.microsoftonline.com/"+w.Entra.TenantID()+"/oauth2/v2.0/token", "", form.Encode(), "Content-Type", "application/x-www-form-urlencoded"); !strings.Contains(body, want) {
			t.Errorf("%s: %s\nwant %s", subject, body, want)
		}
	}
	redeem("S", "AADSTS700213: ")
	redeem("s", "AADSTS501661: ") // it fits, and the issuer's keys are asked for
	w.play(t, []row{{"removed", "DELETE", at + "one" + uaV, "", 200, ``}, {"once more", "DELETE", at + "one" + uaV, "", 204, ``}})
	redeem("s", "AADSTS70021: ")
	for i := range 20 {
		w.play(t, []row{{"many", "PUT", fmt.Sprintf("%sname%d%s", at, i, uaV), body("https://i.example", fmt.Sprint(i), exchange), 201, ``}})
	}
	w.play(t, []row{
		{"too many", "PUT", at + "name20" + uaV, body("https://i.example", "x", exchange), 400, `The limit is 20.`},
		{"the identity goes", "DELETE", uaPath + "otherIdentity" + uaV, "", 200, ``},
		{"with all of it", "GET", at + "name1" + uaV, "", 404, `ResourceNotFound`},
	})
}

func TestWhoUsesAnIdentity(t *testing.T) {
	w := newWorld(t, "linux-vm")
	const list = uaPath + "otherIdentity/listAssociatedResources?api-version=2022-01-31-preview"
	const system = vmPath + "myVM/providers/Microsoft.ManagedIdentity/identities/default?api-version=2018-11-30"
	w.play(t, []row{
		{"nobody", "POST", list, "", 200, `{"totalCount":0,"value":[]}`},
		{"attached", "PATCH", vmPath + "myVM" + vmV, `{"identity":{"type":"SystemAssigned, UserAssigned","userAssignedIdentities":{"{s}` + uaPath + `otherIdentity":{}}}}`, 200, `otherIdentity": {} }`},
		{"a machine", "POST", list, "", 200, `{"totalCount":1,"value":[{"id":"{s}` + vmPath + `myVM","name":"myVM","type":"microsoft.compute/virtualmachines","resourceGroup":"myresourcegroup","subscriptionId":"`},
		{"an account with it", "PUT", accounts + "one" + storeV, `{"location":"westus","kind":"StorageV2","sku":{"name":"Standard_LRS"},"identity":{"type":"UserAssigned","userAssignedIdentities":{"{s}` + uaPath + `otherIdentity":{}}}}`, 202, ``},
		{"both", "POST", list, "", 200, `{"totalCount":2,`},
		{"behind it", "POST", list + "&$skip=2", "", 200, `{"totalCount":2,"value":[]}`},
		{"no number", "POST", list + "&$top=x", "", 400, `BadRequest`},
		{"filled in when it is done", "GET", vmPath + "myVM" + vmV, "", 200, `otherIdentity": { "principalId": "`},
		{"the system's own", "GET", system, "", 200, `"properties":{"tenantId":"` + w.Entra.TenantID() + `","principalId":"` + w.vm.System.PrincipalID + `","clientId":"` + w.vm.System.ClientID + `"`},
		{"of what has none", "GET", netPath + "virtualNetworks/myVM-vnet/providers/Microsoft.ManagedIdentity/identities/default?api-version=2018-11-30", "", 404, `ResourceNotFound`},
		{"written", "PUT", system, "{}", 405, `HttpMethodNotAllowed`},
		{"the first generation", "GET", uaPath + "otherIdentity?api-version=2015-08-31-preview", "", 200, `"clientSecretUrl":"https://control-westus.identity.azure.net/subscriptions/`},
	})
}

func TestAnIdentityIsGivenByThoseWhoMay(t *testing.T) {
	w := newWorld(t, "linux-vm")
	token := w.token(t, forARM)
	if status, body := w.do(t, "PUT", vmPath+"myVM/providers/Microsoft.Authorization/roleAssignments/11111111-1111-4111-8111-111111111111?api-version=2022-04-01", w.admin, `{"properties":{"roleDefinitionId":"/providers/Microsoft.Authorization/roleDefinitions/9980e02c-c2be-4d73-94e8-173b1dc7cf3c","principalId":"`+w.vm.System.PrincipalID+`"}}`); status != 201 {
		t.Fatalf("%d %s", status, body)
	}
	attach := `{"identity":{"type":"SystemAssigned, UserAssigned","userAssignedIdentities":{"` + w.sub + uaPath + `otherIdentity":{}}}}`
	status, body := w.do(t, "PATCH", vmPath+"myVM"+vmV, token, attach)
	want := `{"error":{"code":"LinkedAuthorizationFailed","message":"The client '` + w.vm.System.ClientID + `' with object id '` + w.vm.System.PrincipalID + `' has permission to perform action 'Microsoft.Compute/virtualMachines/write' on scope '` + w.sub + vmPath + `myVM'; however, it does not have permission to perform action 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action' on the linked scope(s) '` + w.sub + strings.Replace(uaPath, "resourceGroups", "resourcegroups", 1) + `otherIdentity' or the linked scope(s) are invalid."}}`
	if status != 403 || body != want {
		t.Errorf("%d %s\nwant %s", status, body, want)
	}
}
