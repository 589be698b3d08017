package graph

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"skylab/sim/network"
)

// step is a request and what must come back. A value in the answer is kept as
// {name} by keep: "name=path.to.it".
type step struct {
	as, request string
	status      int
	want        string // as in TestAnswers; … matches anything
	keep        string
}

func (w *world) play(t *testing.T, steps []step) {
	t.Helper()
	kept := []string{}
	names := w.names
	for _, s := range steps {
		replace := strings.NewReplacer(kept...)
		s.request, s.want = replace.Replace(s.request), replace.Replace(s.want)
		w.names = names
		res, body := w.do(t, s.as, s.request)
		parts := strings.Split(names.Replace(s.want), "…")
		ok := res.StatusCode == s.status && strings.HasPrefix(body, parts[0])
		for rest := body; ok && len(parts) > 1; parts = parts[1:] {
			_, rest, ok = strings.Cut(rest, parts[1])
		}
		if s.want == "" && body != "" {
			ok = false
		}
		if !ok {
			t.Fatalf("%s as %s: %d %s\nwant %d %s", s.request, s.as, res.StatusCode, body, s.status, s.want)
		}
		for _, k := range strings.Fields(s.keep) {
			name, path, _ := strings.Cut(k, "=")
			var v map[string]any
			if json.Unmarshal([]byte(body), &v); v[path] == nil {
				t.Fatalf("%s: no %s in %s", s.request, path, body)
			}
			kept = append(kept, "{"+name+"}", v[path].(string))
		}
	}
	w.names = names
	w.kept = kept
}

func (w *world) value(name string) string {
	for i := 0; i < len(w.kept); i += 2 {
		if w.kept[i] == "{"+name+"}" {
			return w.kept[i+1]
		}
	}
	return ""
}

const ctx = context

func x509Thumbprint(der []byte) string {
	sum := sha1.Sum(der)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func TestApplicationsAreManaged(t *testing.T) {
	w := newWorld(t)
	w.play(t, []step{
		{"admin", `POST /v1.0/applications {"displayName":"azure-cli-test","keyCredentials":[]}`, 201, ctx + `applications/$entity","id":"…"deletedDateTime":null,"appId":"…"createdDateTime":"2026-11-24T00:00:0…"displayName":"azure-cli-test","description":null…"signInAudience":"AzureADMyOrg"`, "new=id newapp=appId"},
		{"admin", `GET /v1.0/applications?$filter=startswith(displayName,'azure-cli')`, 200, ctx + `applications","value":[{"id":"{new}"`, ""},
		{"admin", `GET /v1.0/applications/{new}/owners`, 200, ctx + `directoryObjects","value":[{"@odata.type":"#microsoft.graph.user","id":"{ann}"`, ""},
		{"admin", `POST /v1.0/applications/{new}/owners/$ref {"@odata.id":"https://graph.microsoft.com/v1.0/directoryObjects/{bob}"}`, 204, "", ""},
		{"admin", `POST /v1.0/applications/{new}/owners/$ref {"@odata.id":"https://graph.microsoft.com/v1.0/directoryObjects/{bob}"}`, 400, refused("Request_BadRequest", "One or more added object references already exist for the following modified properties: 'owners'."), ""},
		{"bob", `PATCH /v1.0/applications/{new} {"displayName":"x"}`, 403, refused("Authorization_RequestDenied", ""), ""},
		{"bob as user", `PATCH /v1.0/applications/{new} {"description":"mine too"}`, 204, "", ""},
		{"bob as user", `PATCH /v1.0/applications/{app} {"description":"not mine"}`, 403, refused("Authorization_RequestDenied", ""), ""},
		{"admin", `DELETE /v1.0/applications/{new}/owners/{bob}/$ref`, 204, "", ""},
		{"admin", `DELETE /v1.0/applications/{new}/owners/{bob}/$ref`, 404, refused("Request_ResourceNotFound", ""), ""},
		{"admin", `PATCH /v1.0/applications/{new} {"identifierUris":["api://{newapp}"],"web":{"redirectUris":["https://a.example/cb"],"implicitGrantSettings":{"enableIdTokenIssuance":true}},"tags":["one"],"api":{"requestedAccessTokenVersion":2}}`, 204, "", ""},
		{"admin", `GET /v1.0/applications/{new}`, 200, `…"identifierUris":["api://{newapp}"]…"tags":["one"]…"requestedAccessTokenVersion":2,"oauth2PermissionScopes":[]…"web":{"homePageUrl":null,"logoutUrl":null,"redirectUris":["https://a.example/cb"],"implicitGrantSettings":{"enableAccessTokenIssuance":false,"enableIdTokenIssuance":true}`, ""},
		{"admin", `PATCH /v1.0/applications/{new} {"identifierUris":["https://elsewhere.example"]}`, 400, refused("HostNameNotOnVerifiedDomain", "Values of identifierUris property must use a verified domain of the organization or its subdomain: 'https://elsewhere.example'"), ""},
		{"admin", `PATCH /v1.0/applications/{new} {"identifierUris":["no scheme"]}`, 400, refused("Request_BadRequest", "Invalid value specified for property 'identifierUris' of resource 'Application'."), ""},
		{"admin", `PATCH /v1.0/applications/{app} {"identifierUris":["api://{newapp}"]}`, 400, refused("HostNameNotOnVerifiedDomain", ""), ""},
		{"admin", `PATCH /v1.0/applications/{new} {"nope":1}`, 400, refused("Request_BadRequest", "Invalid property 'nope'."), ""},
		{"admin", `PATCH /v1.0/applications/{new} {"publisherDomain":"x"}`, 400, refused("Request_BadRequest", "Property 'publisherDomain' is read-only and cannot be set."), ""},
		{"admin", `PATCH /v1.0/applications/{new} {"displayName":7}`, 400, refused("Request_BadRequest", "Cannot convert a primitive value to the expected type 'Edm.String'."), ""},
		{"admin", `PATCH /v1.0/applications/{new} {"web":"x"}`, 400, refused("Request_BadRequest", "Invalid value specified for property 'web' of resource 'Application'."), ""},
		{"admin", `PATCH /v1.0/applications/{new} {"signInAudience":"Everybody"}`, 400, refused("Request_BadRequest", "Invalid value specified for property 'signInAudience' of resource 'Application'."), ""},
		{"admin", `POST /v1.0/applications {}`, 400, refused("Request_BadRequest", "A value is required for property 'displayName' of resource 'Application'."), ""},
		{"admin", `POST /v1.0/applications [`, 400, refused("BadRequest", "Unable to read JSON request payload."), ""},
		{"admin", `PATCH /v1.0/applications/{new} {"appRoles":[{"id":"11111111-1111-4111-8111-111111111111","displayName":"Readers","description":"d","value":"Read","allowedMemberTypes":["Application"],"isEnabled":true}]}`, 204, "", ""},
		{"admin", `PATCH /v1.0/applications/{new} {"appRoles":[]}`, 400, refused("CannotDeleteOrUpdateEnabledEntitlement", "Permission (scope or role) cannot be deleted or updated unless disabled first."), ""},
		{"admin", `POST /v1.0/servicePrincipals {"appId":"{newapp}","accountEnabled":true}`, 201, ctx + `servicePrincipals/$entity","id":"…"accountEnabled":true,"alternativeNames":[],"appDisplayName":"azure-cli-test"…"appOwnerOrganizationId":"{tenant}"…"servicePrincipalNames":["{newapp}","api://{newapp}"],"servicePrincipalType":"Application"…"appRoles":[{"allowedMemberTypes":["Application"],"description":"d","displayName":"Readers"`, "newsp=id"},
		{"admin", `POST /v1.0/servicePrincipals {"appId":"{newapp}"}`, 409, refused("Request_MultipleObjectsWithSameKeyValue", "The service principal cannot be created, updated, or restored because the service principal name {newapp} is already in use."), ""},
		{"admin", `POST /v1.0/servicePrincipals {"appId":"{none}"}`, 400, refused("Request_BadRequest", "The appId '{none}' of the service principal does not reference a valid application object."), ""},
		{"admin", `GET /v1.0/servicePrincipals/{newsp}/owners`, 200, ctx + `directoryObjects","value":[]}`, ""},
		{"admin", `POST /v1.0/servicePrincipals/{vm}/appRoleAssignments {"principalId":"{vm}","resourceId":"{newsp}","appRoleId":"11111111-1111-4111-8111-111111111111"}`, 201, ctx + `servicePrincipals('{vm}')/appRoleAssignments/$entity","id":"…"principalDisplayName":"myVM","principalId":"{vm}","principalType":"ServicePrincipal","resourceDisplayName":"azure-cli-test"`, "given=id"},
		{"admin", `POST /v1.0/servicePrincipals/{vm}/appRoleAssignments {"principalId":"{vm}","resourceId":"{newsp}","appRoleId":"11111111-1111-4111-8111-111111111111"}`, 400, refused("Request_BadRequest", "Permission being assigned already exists on the object"), ""},
		{"admin", `POST /v1.0/servicePrincipals/{vm}/appRoleAssignments {"principalId":"{vm}","resourceId":"{newsp}","appRoleId":"{none}"}`, 400, refused("Request_BadRequest", "Permission being assigned was not found on application"), ""},
		{"bob as user", `POST /v1.0/servicePrincipals/{vm}/appRoleAssignments {"principalId":"{vm}","resourceId":"{newsp}","appRoleId":"{none}"}`, 403, refused("Authorization_RequestDenied", ""), ""},
		{"admin", `GET /v1.0/servicePrincipals/{newsp}/appRoleAssignedTo/{given}`, 200, ctx + `servicePrincipals('{newsp}')/appRoleAssignedTo/$entity","id":"{given}"`, ""},
		{"admin", `DELETE /v1.0/servicePrincipals/{vm}/appRoleAssignments/{given}`, 204, "", ""},
		{"admin", `PATCH /v1.0/servicePrincipals/{newsp} {"appRoleAssignmentRequired":true,"tags":["WindowsAzureActiveDirectoryIntegratedApp"]}`, 204, "", ""},
		{"admin", `GET /v1.0/servicePrincipals/{newsp}?$select=appRoleAssignmentRequired,tags`, 200, ctx + `servicePrincipals(appRoleAssignmentRequired,tags)/$entity","appRoleAssignmentRequired":true,"tags":["WindowsAzureActiveDirectoryIntegratedApp"]}`, ""},
		{"admin", `DELETE /v1.0/servicePrincipals/{vm}`, 403, refused("Authorization_RequestDenied", ""), ""},
		{"admin", `GET /v1.0/me/ownedObjects`, 200, ctx + `directoryObjects","value":[{"@odata.type":"#microsoft.graph.application","id":"{new}"`, ""},
		{"admin", `DELETE /v1.0/applications/{new}`, 204, "", ""},
		{"admin", `GET /v1.0/applications/{new}`, 404, refused("Request_ResourceNotFound", ""), ""},
		{"admin", `GET /v1.0/servicePrincipals/{newsp}`, 404, refused("Request_ResourceNotFound", ""), ""},
		{"admin", `GET /v1.0/directory/deletedItems/microsoft.graph.application`, 200, ctx + `applications","value":[{"id":"{new}","deletedDateTime":"2026-11-24T00:0`, ""},
		{"admin", `POST /v1.0/directory/deletedItems/{new}/restore {}`, 200, ctx + `directoryObjects/$entity","@odata.type":"#microsoft.graph.application","id":"{new}","deletedDateTime":null`, ""},
		{"admin", `GET /v1.0/servicePrincipals/{newsp}?$select=id`, 200, `…"id":"{newsp}"`, ""},
		{"admin", `DELETE /v1.0/applications(appId='{newapp}')`, 204, "", ""},
		{"admin", `DELETE /v1.0/directory/deletedItems/{new}`, 204, "", ""},
		{"admin", `GET /v1.0/directory/deletedItems/{new}`, 404, refused("Request_ResourceNotFound", ""), ""},
		{"admin", `GET /v1.0/directory/administrativeUnits`, 501, refused("NotSimulated", "skylab: /directory/administrativeUnits of Microsoft Graph is real but not simulated here"), ""},
	})
}

func TestPeopleAndGroupsAreManaged(t *testing.T) {
	w := newWorld(t)
	const newUser = `POST /v1.0/users {"accountEnabled":true,"displayName":"New Hire","mailNickname":"new","userPrincipalName":"new@contoso.onmicrosoft.com","passwordProfile":{"password":"Test1234!!","forceChangePasswordNextSignIn":true}}`
	w.play(t, []step{
		{"admin", newUser, 201, ctx + `users/$entity","id":"…","businessPhones":[],"displayName":"New Hire","givenName":null,"jobTitle":null,"mail":null,"mobilePhone":null,"officeLocation":null,"preferredLanguage":null,"surname":null,"userPrincipalName":"new@contoso.onmicrosoft.com"}`, "new=id"},
		{"admin", newUser, 400, refused("Request_BadRequest", "Another object with the same value for property userPrincipalName already exists."), ""},
		{"admin", strings.Replace(newUser, "new@contoso.onmicrosoft.com", "new@elsewhere.example", 1), 400, refused("Request_BadRequest", "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization."), ""},
		{"admin", strings.Replace(newUser, "Test1234!!", "weak", 1), 400, refused("Request_BadRequest", "Another object"), ""},
		{"admin", strings.NewReplacer("Test1234!!", "weak", "new@", "other@").Replace(newUser), 400, refused("Request_BadRequest", "The specified password does not comply with password complexity requirements. Please provide a different password."), ""},
		{"bob as user", newUser, 403, refused("Authorization_RequestDenied", ""), ""},
		{"admin", `PATCH /v1.0/users/{new} {"displayName":"Newer","accountEnabled":false,"mailNickname":"newer","department":"Labs"}`, 204, "", ""},
		{"admin", `GET /v1.0/users/new@contoso.onmicrosoft.com?$select=displayName,accountEnabled,mailNickname,department,id`, 200, `…"displayName":"Newer","id":"{new}","accountEnabled":false,"department":"Labs","mailNickname":"newer"}`, ""},
		{"admin", `POST /v1.0/groups {"displayName":"Team","mailEnabled":false,"mailNickname":"team","securityEnabled":true,"description":"All of us"}`, 201, ctx + `groups/$entity","id":"…"description":"All of us","displayName":"Team"…"mailNickname":"team"`, "team=id"},
		{"admin", `POST /v1.0/groups {"displayName":"Team"}`, 400, refused("Request_BadRequest", "A value is required for property 'mailEnabled' of resource 'Group'."), ""},
		{"admin", `POST /v1.0/groups {"displayName":"Team","mailEnabled":true,"mailNickname":"m","securityEnabled":true}`, 400, refused("Request_BadRequest", "The service does not currently support writes of mail-enabled groups."), ""},
		{"admin", `POST /v1.0/groups {"displayName":"Team","mailEnabled":false,"mailNickname":"m","securityEnabled":true,"groupTypes":["Unified"]}`, 501, refused("NotSimulated", ""), ""},
		{"admin", `GET /v1.0/groups?$filter=displayName~eq~'Team'~and~mailNickname~eq~'team'&$select=id`, 200, ctx + `groups(id)","value":[{"id":"{team}"}]}`, ""},
		{"admin", `POST /v1.0/groups/{team}/members/$ref {"@odata.id":"https://graph.microsoft.com/v1.0/directoryObjects/{vm}"}`, 204, "", ""},
		{"admin", `POST /v1.0/groups/{team}/members/$ref {"@odata.id":"https://graph.microsoft.com/v1.0/directoryObjects/{vm}"}`, 400, refused("Request_BadRequest", "One or more added object references already exist for the following modified properties: 'members'."), ""},
		{"admin", `POST /v1.0/groups/{team}/members/$ref {"@odata.id":"{vm}"}`, 400, refused("Request_BadRequest", "Invalid URL format specified in payload."), ""},
		{"admin", `POST /v1.0/groups/{team}/members/$ref {"@odata.id":"https://graph.microsoft.com/v1.0/directoryObjects/{none}"}`, 404, refused("Request_ResourceNotFound", "Resource '{none}' does not exist"), ""},
		{"admin", `PATCH /v1.0/groups/{team} {"members@odata.bind":["https://graph.microsoft.com/v1.0/directoryObjects/{new}"]}`, 204, "", ""},
		{"admin", `GET /v1.0/groups/{team}/members/microsoft.graph.user?$select=id`, 200, ctx + `users(id)","value":[{"id":"{new}"}]}`, ""},
		{"admin", `GET /v1.0/groups/{team}/members/$ref`, 200, ctx + `Collection($ref)","value":[{"@odata.id":"https://graph.microsoft.com/v2/{tenant}/directoryObjects/{vm}/Microsoft.DirectoryServices.ServicePrincipal"}`, ""},
		{"admin", `POST /v1.0/groups/{team}/getMemberGroups {"securityEnabledOnly":false}`, 200, ctx + `Collection(Edm.String)","value":[]}`, ""},
		{"admin", `POST /v1.0/directoryObjects/{vm}/checkMemberGroups {"groupIds":["{team}"]}`, 200, ctx + `Collection(Edm.String)","value":["{team}"]}`, ""},
		{"admin", `DELETE /v1.0/groups/{team}/members/{vm}/$ref`, 204, "", ""},
		{"admin", `DELETE /v1.0/groups/{team}/members/{vm}/$ref`, 404, refused("Request_ResourceNotFound", ""), ""},
		{"bob as user", `POST /v1.0/groups/{team}/members/$ref {"@odata.id":"https://graph.microsoft.com/v1.0/directoryObjects/{vm}"}`, 403, refused("Authorization_RequestDenied", ""), ""},
		{"bob as user", `POST /v1.0/groups {"displayName":"Bob's","mailEnabled":false,"mailNickname":"bobs","securityEnabled":true}`, 201, ctx + `groups/$entity","id":"`, "bobs=id"},
		{"bob as user", `POST /v1.0/groups/{bobs}/members/$ref {"@odata.id":"https://graph.microsoft.com/v1.0/directoryObjects/{vm}"}`, 204, "", ""},
		{"admin", `DELETE /v1.0/users/{new}`, 204, "", ""},
		{"admin", `GET /v1.0/groups/{team}/members?$select=id`, 200, ctx + `directoryObjects(id)","value":[]}`, ""},
		{"admin", `POST /v1.0/directory/deletedItems/{new}/restore`, 200, ctx + `directoryObjects/$entity","@odata.type":"#microsoft.graph.user","id":"{new}"`, ""},
		{"admin", `GET /v1.0/users/{new}/memberOf?$select=id`, 200, `…"id":"{team}"`, ""},
		{"admin", `DELETE /v1.0/groups/{team}`, 204, "", ""},
		{"admin", `GET /v1.0/directory/deletedItems/microsoft.graph.group`, 200, ctx + `groups","value":[]}`, ""},
		{"admin", `PUT /v1.0/groups/{bobs}/members/$ref {}`, 405, refused("Request_BadRequest", ""), ""},
	})
}

// signIn asks Entra for a token of an application and returns the status and
// the answer.
func (w *world) signIn(t *testing.T, form url.Values) (int, string) {
	t.Helper()
	form.Set("grant_type", "client_credentials")
	form.Set("scope", "https://management.azure.com/.default")
	req, err := http.NewRequest("POST", "https://login.microsoftonline.com/"+w.TenantID()+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := w.card.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	data, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(data)
}

// TestCredentialsWork proves that what Graph hands out signs in at Entra, and no
// longer when it was taken away.
func TestCredentialsWork(t *testing.T) {
	w := newWorld(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "CLI-Login"}, NotBefore: w.clock.Now().Add(-time.Minute), NotAfter: w.clock.Now().AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`.{64}`).ReplaceAllString(base64.StdEncoding.EncodeToString(der), "$0\\n")
	w.play(t, []step{
		{"admin", `POST /v1.0/applications {"displayName":"job"}`, 201, ctx, "job=id jobapp=appId"},
		{"admin", `POST /v1.0/servicePrincipals {"appId":"{jobapp}"}`, 201, ctx, "jobsp=id"},
		{"admin", `POST /v1.0/applications/{job}/addPassword {"passwordCredential":{"displayName":"rbac","startDateTime":"2026-11-24T00:00:00Z","endDateTime":"2027-11-24T00:00:00Z"}}`, 200, ctx + `microsoft.graph.passwordCredential","customKeyIdentifier":null,"displayName":"rbac","endDateTime":"2027-11-24T00:00:00Z","hint":"…"secretText":"…"startDateTime":"2026-11-24T00:00:00Z"}`, "secret=secretText keyid=keyId"},
		{"admin", `POST /v1.0/servicePrincipals/{jobsp}/addPassword {}`, 200, ctx + `microsoft.graph.passwordCredential","customKeyIdentifier":null,"displayName":null,"endDateTime":"2028-11-24T00:00:0`, "spsecret=secretText"},
		{"admin", `POST /v1.0/applications/{job}/addPassword {"passwordCredential":{"endDateTime":"2020-01-01T00:00:00Z"}}`, 400, refused("Request_BadRequest", "Password credential end date is invalid."), ""},
		{"admin", `POST /v1.0/servicePrincipals/{vm}/addPassword {}`, 403, refused("Authorization_RequestDenied", ""), ""},
		{"admin", `GET /v1.0/applications/{job}?$select=passwordCredentials`, 200, `…"passwordCredentials":[{"customKeyIdentifier":null,"displayName":"rbac","endDateTime":"2027-11-24T00:00:00Z","hint":"…"secretText":null`, ""},
		{"admin", `PATCH /v1.0/applications/{job} {"keyCredentials":[{"@odata.type":"#microsoft.graph.keyCredential","displayName":null,"key":"` + lines + `","keyId":"88888888-0000-4000-8000-000000000001","startDateTime":"2026-11-24T00:00:00Z","endDateTime":"2027-11-23T00:00:00Z","type":"AsymmetricX509Cert","usage":"Verify"}]}`, 204, "", ""},
		{"admin", `GET /v1.0/applications/{job}?$select=keyCredentials`, 200, `…"displayName":"CN=CLI-Login","endDateTime":"2027-11-23T00:00:00Z","key":null,"keyId":"88888888-0000-4000-8000-000000000001"`, ""},
		{"admin", `PATCH /v1.0/applications/{job} {"keyCredentials":[{"key":"bm9uc2Vuc2U=","type":"AsymmetricX509Cert","usage":"Verify"}]}`, 400, refused("Request_BadRequest", "Key value is invalid certificate"), ""},
		{"admin", `PATCH /v1.0/applications/{job} {"keyCredentials":[{"key":"` + lines + `","endDateTime":"2030-01-01T00:00:00Z","type":"AsymmetricX509Cert","usage":"Verify"}]}`, 400, refused("Request_BadRequest", "Key credential end date is invalid."), ""},
		{"admin", `PATCH /v1.0/applications/{job} {"keyCredentials":[{"keyId":"88888888-0000-4000-8000-000000000001","type":"AsymmetricX509Cert","usage":"Verify"}]}`, 204, "", ""},
		{"admin", `POST /v1.0/applications/{job}/federatedIdentityCredentials {"name":"Testing","issuer":"https://issuer.example","subject":"repo:a/b:ref:main","description":"Testing","audiences":["api://AzureADTokenExchange"]}`, 201, ctx + `applications('{job}')/federatedIdentityCredentials/$entity","id":"…","name":"Testing","issuer":"https://issuer.example","subject":"repo:a/b:ref:main","description":"Testing","audiences":["api://AzureADTokenExchange"]}`, "fic=id"},
		{"admin", `POST /v1.0/applications/{job}/federatedIdentityCredentials {"name":"Testing","issuer":"https://issuer.example","subject":"x","audiences":["a"]}`, 409, refused("Request_MultipleObjectsWithSameKeyValue", "FederatedIdentityCredential with name Testing already exists."), ""},
		{"admin", `POST /v1.0/applications/{job}/federatedIdentityCredentials {"name":"Other","issuer":"https://issuer.example","subject":"repo:a/b:ref:main","audiences":["a"]}`, 400, refused("InvalidFederatedIdentityCredentialValue", "The combination of issuer and subject must be unique for the application."), ""},
		{"admin", `POST /v1.0/applications/{job}/federatedIdentityCredentials {"name":"Other"}`, 400, refused("Request_BadRequest", "A value is required for property 'issuer'"), ""},
		{"admin", `PATCH /v1.0/applications/{job}/federatedIdentityCredentials/Testing {"subject":"repo:a/b:ref:dev"}`, 204, "", ""},
		{"admin", `GET /v1.0/applications/{job}/federatedIdentityCredentials/{fic}`, 200, `…"subject":"repo:a/b:ref:dev"`, ""},
		{"admin", `GET /v1.0/applications/{job}/federatedIdentityCredentials?$filter=name~eq~'testing'`, 200, ctx + `applications('{job}')/federatedIdentityCredentials","value":[{"id":"{fic}"`, ""},
	})
	app := w.value("jobapp")
	secret := func(s string) (int, string) {
		return w.signIn(t, url.Values{"client_id": {app}, "client_secret": {s}})
	}
	assertion := func(claims jwt.MapClaims) (int, string) {
		token := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
		thumb := x509Thumbprint(der)
		token.Header["x5t"] = thumb
		signed, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return w.signIn(t, url.Values{"client_id": {app}, "client_assertion": {signed}, "client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}})
	}
	own := jwt.MapClaims{"aud": "https://login.microsoftonline.com/" + w.TenantID() + "/oauth2/v2.0/token", "iss": app, "sub": app, "exp": w.clock.Now().Add(time.Minute * 5).Unix(), "nbf": w.clock.Now().Unix()}
	for what, got := range map[string]func() (int, string){
		"the application's secret":       func() (int, string) { return secret(w.value("secret")) },
		"the service principal's secret": func() (int, string) { return secret(w.value("spsecret")) },
		"the certificate":                func() (int, string) { return assertion(own) },
	} {
		if status, body := got(); status != 200 {
			t.Errorf("%s: %d %s", what, status, body)
		}
	}
	federated := jwt.MapClaims{"aud": "api://AzureADTokenExchange", "iss": "https://issuer.example", "sub": "repo:a/b:ref:dev", "exp": own["exp"]}
	if status, body := assertion(federated); !strings.Contains(body, "501661") { // it matches; the issuer cannot be reached here
		t.Errorf("the federated credential: %d %s", status, body)
	}
	w.play(t, []step{
		{"admin", `POST /v1.0/applications/` + w.value("job") + `/removePassword {"keyId":"` + w.value("keyid") + `"}`, 204, "", ""},
		{"admin", `POST /v1.0/applications/{app}/removePassword {"keyId":"{none}"}`, 400, refused("Request_BadRequest", "No password credential found with keyId."), ""},
	})
	if status, body := secret("wrong"); status != 401 || !strings.Contains(body, "AADSTS7000215") {
		t.Errorf("a wrong secret: %d %s", status, body)
	}
}

func TestALastSecretStopsWorking(t *testing.T) {
	w := newWorld(t)
	w.play(t, []step{
		{"admin", `POST /v1.0/applications {"displayName":"job"}`, 201, ctx, "job=id jobapp=appId"},
		{"admin", `POST /v1.0/servicePrincipals {"appId":"{jobapp}"}`, 201, ctx, "jobsp=id"},
		{"admin", `POST /v1.0/applications/{job}/addPassword {"passwordCredential":{"displayName":"rbac"}}`, 200, ctx, "secret=secretText keyid=keyId"},
	})
	job, form := w.value("job"), func() url.Values {
		return url.Values{"client_id": {w.value("jobapp")}, "client_secret": {w.value("secret")}}
	}
	if status, body := w.signIn(t, form()); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	kept := w.kept
	w.play(t, []step{{"admin", `POST /v1.0/applications/` + job + `/removePassword {"keyId":"` + w.value("keyid") + `"}`, 204, "", ""}})
	w.kept = kept
	if status, body := w.signIn(t, form()); status != 401 || !strings.Contains(body, "AADSTS7000215") {
		t.Errorf("a removed secret: %d %s", status, body)
	}
	w.play(t, []step{{"admin", `DELETE /v1.0/applications/` + job, 204, "", ""}})
	w.kept = kept
	if status, body := w.signIn(t, form()); status != 400 || !strings.Contains(body, "AADSTS700016") {
		t.Errorf("a deleted application: %d %s", status, body)
	}
	w.clock.Advance(31 * 24 * time.Hour)
	if bin := w.Bin(); len(bin) != 0 {
		t.Errorf("%d objects in the bin after 31 days", len(bin))
	}
}

func TestBatch(t *testing.T) {
	w := newWorld(t)
	const bad = `"code":"BadRequest","message":"Invalid batch payload format."`
	w.play(t, []step{
		{"admin", `POST /v1.0/$batch {"requests":[{"id":"1","method":"GET","url":"/users/{bob}?$select=displayName"},{"id":"2","method":"GET","url":"/users/nobody"},{"id":"3","method":"DELETE","url":"/groups/{outer}","dependsOn":["2"]},{"id":"4","method":"POST","url":"/users/{bob}/getMemberGroups","headers":{"Content-Type":"application/json"},"body":{"securityEnabledOnly":false}},{"id":"5","method":"GET","url":"/users/$count","headers":{"ConsistencyLevel":"eventual"}}]}`, 200,
			`{"responses":[{"id":"1","status":200,"headers":{…"body":{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#users(displayName)/$entity","displayName":"Bob Bobson"}},{"id":"2","status":404,…"code":"Request_ResourceNotFound"…{"id":"3","status":424,"body":{"error":{"code":"FailedDependency"…{"id":"4","status":200,"headers":{"Location":"https://graph.microsoft.com"…{"id":"5","status":200,…"body":2}]}`, ""},
		{"admin", `GET /v1.0/groups/{outer}?$select=id`, 200, `…"id":"{outer}"`, ""},
		{"bob", `POST /v1.0/$batch {"requests":[{"id":"1","method":"GET","url":"/groups","headers":{"Authorization":"Bearer x"}}]}`, 200, `{"responses":[{"id":"1","status":403,`, ""},
		{"admin", `POST /v1.0/$batch {"requests":[]}`, 400, `{"error":{` + bad, ""},
		{"admin", `POST /v1.0/$batch {"requests":[{"id":"1","method":"GET","url":"/me"},{"id":"1","method":"GET","url":"/me"}]}`, 400, `{"error":{` + bad, ""},
		{"admin", `POST /v1.0/$batch {"requests":[{"id":"1","method":"POST","url":"/$batch","body":{}}]}`, 400, `{"error":{` + bad, ""},
		{"admin", `POST /v1.0/$batch {"requests":[{"id":"1","method":"GET","url":"/me","dependsOn":["9"]}]}`, 400, `{"error":{` + bad, ""},
		{"admin", `POST /v1.0/$batch {"requests":[` + strings.TrimSuffix(strings.Repeat(`{},`, 21), ",") + `]}`, 400, refused("BadRequest", "Number of batch request steps exceeds the maximum value of 20."), ""},
		{"none", `POST /v1.0/$batch {}`, 401, refused("InvalidAuthenticationToken", ""), ""},
	})
}

func TestHeadersOfChanges(t *testing.T) {
	w := newWorld(t)
	names := func(res *http.Response) string {
		var out []string
		for _, f := range network.ResponseFields(res) {
			out = append(out, f.Name)
		}
		return strings.Join(out, " ")
	}
	res, body := w.do(t, "admin", `POST /v1.0/groups {"displayName":"g","mailEnabled":false,"mailNickname":"g","securityEnabled":true}`)
	var g struct{ ID string }
	if err := json.Unmarshal([]byte(body), &g); err != nil {
		t.Fatal(err)
	}
	if got, want := res.Header.Get("Location"), "https://graph.microsoft.com/v2/"+w.TenantID()+"/directoryObjects/"+g.ID+"/Microsoft.DirectoryServices.Group"; got != want {
		t.Errorf("location %s", got)
	}
	if got := names(res); got != "Cache-Control Content-Type Vary Strict-Transport-Security request-id client-request-id x-ms-ags-diagnostic Location x-ms-resource-unit OData-Version Date Content-Length" {
		t.Errorf("headers of a creation: %s", got)
	}
	res, _ = w.do(t, "admin", "DELETE /v1.0/groups/"+g.ID)
	if got := names(res); res.StatusCode != 204 || got != "Cache-Control Strict-Transport-Security request-id client-request-id x-ms-ags-diagnostic x-ms-resource-unit Date" {
		t.Errorf("headers of a deletion: %d %s", res.StatusCode, got)
	}
}

func FuzzBody(f *testing.F) {
	w := newWorld(f)
	for _, s := range []string{`{"displayName":"x","mailEnabled":false,"securityEnabled":true,"mailNickname":"m"}`, `{"keyCredentials":[{"key":"AA=="}],"displayName":"x"}`, `{"appRoles":[{}],"web":{"redirectUris":[1]}}`, `{"api":{"oauth2PermissionScopes":[null]}}`, `{"owners@odata.bind":["https://graph.microsoft.com/v1.0/x"]}`} {
		f.Add("POST", "applications", s)
		f.Add("PATCH", w.names.Replace("applications/{app}"), s)
		f.Add("POST", w.names.Replace("applications/{app}/federatedIdentityCredentials"), s)
		f.Add("POST", "groups", s)
		f.Add("POST", "$batch", `{"requests":[{"id":"1","method":"POST","url":"/groups","body":`+s+`}]}`)
	}
	f.Fuzz(func(t *testing.T, method, path, body string) {
		req, err := http.NewRequest(method, (&url.URL{Scheme: "https", Host: "graph.microsoft.com", Path: "/v1.0/" + path}).String(), strings.NewReader(body))
		if err != nil {
			return
		}
		req.Header.Set("Authorization", "Bearer "+w.tokens["admin"])
		res, err := w.card.RoundTrip(req)
		if err != nil {
			return // what the network refuses
		}
		if data, _ := io.ReadAll(res.Body); res.StatusCode >= 500 && res.StatusCode != 501 {
			t.Fatalf("%s %s %s: %d %s", method, path, body, res.StatusCode, data)
		}
	})
}
