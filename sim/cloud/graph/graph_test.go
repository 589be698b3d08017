package graph

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"skylab/sim/clock"
	"skylab/sim/cloud/entra"
	"skylab/sim/exchange"
	"skylab/sim/ids"
	"skylab/sim/network"
)

type world struct {
	*entra.Entra
	clock  *clock.Clock
	ring   *exchange.Ring
	card   *network.Card
	names  *strings.Replacer // {ann} and its like for object ids
	tokens map[string]string
	graph  *Graph
	kept   []string // what play kept, as for a strings.Replacer
}

const arm = "https://management.azure.com/"

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{clock: clock.New(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)), ring: exchange.NewRing(300)}
	source := ids.New("test")
	var err error
	if w.Entra, err = entra.New(entra.Options{Clock: w.clock, IDs: source}); err != nil {
		t.Fatal(err)
	}
	n := network.New(w.clock, w.ring)
	w.graph = New(Options{Clock: w.clock, IDs: source, Directory: w.Entra})
	n.Attach(w.graph.Host())
	for _, h := range w.Hosts() {
		n.Attach(h)
	}
	w.card = n.Card(exchange.Caller{Machine: "laptop"})
	ann := w.CreateUser("ann", "Ann O'Hara", entra.GlobalAdministrator)
	bob := w.CreateUser("bob", "Bob Bobson")
	vm, err := w.CreateManagedIdentity("myVM", "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/myVM", false)
	if err != nil {
		t.Fatal(err)
	}
	inner := w.CreateGroup("Inner circle", vm.ID, bob.ID)
	outer := w.CreateGroup("Outer circle", inner.ID)
	app, sp := w.CreateApplication("Reporting", func(a *entra.Application) { a.IdentifierURIs = []string{"api://reporting"} })
	if _, err := w.AddPassword(app.ID, "first", 24*time.Hour); err != nil {
		t.Fatal(err)
	}
	w.names = strings.NewReplacer("{ann}", ann.ID, "{bob}", bob.ID, "{vm}", vm.ID, "{inner}", inner.ID, "{outer}", outer.ID, "{app}", app.ID, "{appid}", app.AppID, "{sp}", sp.ID,
		"{vmapp}", vm.AppID, "{tenant}", w.TenantID(), "{none}", "99999999-1111-4111-8111-111111111111")
	user := func(id, audience string, scopes ...string) string {
		s, err := w.UserToken(id, entra.CLIApp, audience, scopes...)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	const aud = "https://graph.microsoft.com"
	w.tokens = map[string]string{
		"admin": user(ann.ID, aud+"/", "Directory.AccessAsUser.All"), "bob": user(bob.ID, aud, "User.Read"), "bob as user": user(bob.ID, aud, "Directory.AccessAsUser.All"), "basic": user(bob.ID, entra.GraphApp, "User.Read", "User.ReadBasic.All"),
		"groups": user(bob.ID, aud, "GroupMember.Read.All"), "arm": user(ann.ID, arm, "user_impersonation"), "none": "", "junk": "junk", "a.b.c": "a.b.c",
	}
	w.tokens["vm"] = w.appToken(t, vm.AppID)
	if err := w.AssignAppRole(vm.ID, entra.GraphApp, "Directory.Read.All"); err != nil {
		t.Fatal(err)
	}
	w.tokens["vm with role"] = w.appToken(t, vm.AppID)
	return w
}

// appToken asks Entra for a managed identity's token for Graph, as the platform
// does.
func (w *world) appToken(t testing.TB, appID string) string {
	t.Helper()
	key, err := entra.FabricKey()
	if err != nil {
		t.Fatal(err)
	}
	endpoint := "https://login.microsoftonline.com/" + w.TenantID() + "/oauth2/token"
	proof, err := entra.Assertion(key, appID, "", endpoint, "1", w.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {appID}, "resource": {"https://graph.microsoft.com"}, "client_assertion": {proof}, "client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}}
	req, _ := http.NewRequest("POST", endpoint, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := w.card.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	var x struct {
		Token string `json:"access_token"`
	}
	data, _ := io.ReadAll(res.Body)
	if json.Unmarshal(data, &x); x.Token == "" {
		t.Fatalf("no token: %s", data)
	}
	return x.Token
}

func (w *world) do(t testing.TB, as, request string, header ...string) (*http.Response, string) {
	t.Helper()
	request = w.names.Replace(request)
	method, rest, _ := strings.Cut(request, " ")
	path, body, _ := strings.Cut(rest, " ")
	req, err := http.NewRequest(method, "https://graph.microsoft.com"+strings.NewReplacer("~", "%20").Replace(path), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token := w.tokens[as]; token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := w.card.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	data, _ := io.ReadAll(res.Body)
	return res, string(data)
}

const context = `{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#`

func refused(code, text string) string { return `{"error":{"code":"` + code + `","message":"` + text }

// annShort is a user as lists show one.
const annShort = `{"businessPhones":[],"displayName":"Ann O'Hara","givenName":"Ann","jobTitle":null,"mail":"ann@contoso.onmicrosoft.com","mobilePhone":null,"officeLocation":null,"preferredLanguage":null,"surname":"O'Hara","userPrincipalName":"ann@contoso.onmicrosoft.com","id":"{ann}"}`

func TestAnswers(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		as, request string
		status      int
		want        string // the body's beginning; what follows … is in the rest
	}{
		{"admin", "GET /v1.0/me", 200, context + `users/$entity",` + annShort[1:]},
		{"bob", "GET /v1.0/me?$select=displayName,id", 200, context + `users(displayName,id)/$entity","displayName":"Bob Bobson","id":"{bob}"}`},
		{"vm with role", "GET /v1.0/me", 400, refused("BadRequest", "/me request is only valid with delegated authentication flow.")},
		{"bob", "GET /v1.0/users/{bob}", 200, context + `users/$entity","businessPhones"`},
		{"bob", "GET /v1.0/users/{ann}", 403, refused("Authorization_RequestDenied", "Insufficient privileges to complete the operation.")},
		{"bob", "GET /v1.0/users", 403, refused("Authorization_RequestDenied", "")},
		{"basic", "GET /v1.0/users/{ann}?$select=displayName,accountEnabled", 200, context + `users(displayName,accountEnabled)/$entity","displayName":"Ann O'Hara","accountEnabled":null}`},
		{"admin", "GET /v1.0/users?$filter=startswith(displayName,'ann')", 200, context + `users","value":[` + annShort + `]}`},
		{"admin", "GET /v1.0/users('ann@contoso.onmicrosoft.com')", 200, context + `users/$entity",` + annShort[1:]},
		{"admin", "GET /v1.0/users(userPrincipalName='ANN@contoso.onmicrosoft.com')", 200, context + `users/$entity",` + annShort[1:]},
		{"admin", "GET /v1.0/Users/ann@contoso.onmicrosoft.com", 200, context + `users/$entity",`},
		{"admin", "GET /v1.0/users/nobody", 404, refused("Request_ResourceNotFound", "Resource 'nobody' does not exist or one of its queried reference-property objects are not present.")},
		{"admin", "GET /v1.0/users?$select=id&$top=1", 200, context + `users(id)","@odata.nextLink":"https://graph.microsoft.com/v1.0/users?$select=id&$top=1&$skiptoken=`},
		{"admin", "GET /v1.0/users?$top=1000", 400, refused("Request_UnsupportedQuery", "Invalid page size specified: '1000'. Must be between 1 and 999 inclusive.")},
		{"admin", "GET /v1.0/users?$select=nope", 400, refused("BadRequest", "Parsing OData Select and Expand failed: Could not find a property named 'nope' on type 'microsoft.graph.user'.")},
		{"admin", "GET /v1.0/users?$select=id&$select=id", 400, refused("BadRequest", "Query option '$select' was specified more than once")},
		{"admin", "GET /v1.0/users?$skip=1", 400, refused("Request_UnsupportedQuery", "'$skip' is not supported by the service.")},
		{"admin", "GET /v1.0/users?$nope=1", 400, refused("BadRequest", "The query parameter '$nope' is not supported.")},
		{"admin", "GET /v1.0/users?$expand=manager", 501, refused("NotSimulated", "skylab: $expand of Microsoft Graph is real but not simulated here")},
		{"admin", "GET /v1.0/users?$search=\"displayName:bob\"", 400, refused("Request_UnsupportedQuery", "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'")},
		{"admin", "GET /v1.0/users/$count", 400, refused("Request_BadRequest", "$count is not currently supported.")},
		{"admin", "GET /v1.0/users?$orderby=displayName~desc&$select=id", 200, context + `users(id)","value":[{"id":"{bob}"},{"id":"{ann}"}]}`},
		{"admin", "GET /v1.0/users?$orderby=mail", 400, refused("Request_UnsupportedQuery", "Sorting not supported for current query.")},
		{"groups", "GET /v1.0/groups?$filter=displayName~eq~'inner~circle'&$select=id", 200, context + `groups(id)","value":[{"id":"{inner}"}]}`},
		{"groups", "GET /v1.0/groups/{inner}", 200, context + `groups/$entity","id":"{inner}","deletedDateTime":null,"classification":null,"createdDateTime":"2026-11-24T00:00:00Z","creationOptions":[]…"securityEnabled":true,"securityIdentifier":"S-1-12-1-`},
		{"bob", "GET /v1.0/groups", 403, refused("Authorization_RequestDenied", "")},
		{"groups", "GET /v1.0/groups/{inner}/members?$select=id,displayName", 200, context + `directoryObjects(id,displayName)","value":[{"@odata.type":"#microsoft.graph.`},
		{"admin", "GET /v1.0/groups/{outer}/members", 200, context + `directoryObjects","value":[{"@odata.type":"#microsoft.graph.group","id":"{inner}","deletedDateTime":null`},
		{"admin", "GET /v1.0/groups/{outer}/transitiveMembers/microsoft.graph.user?$select=id", 200, context + `users(id)","value":[{"id":"{bob}"}]}`},
		{"admin", "GET /v1.0/groups/nope", 400, refused("Request_BadRequest", "Invalid object identifier 'nope'.")},
		{"admin", "GET /v1.0/groups/{none}", 404, refused("Request_ResourceNotFound", "Resource '{none}' does not exist")},
		{"admin", "GET /v1.0/users/{bob}/memberOf?$select=displayName", 200, context + `directoryObjects(displayName)","value":[{"@odata.type":"#microsoft.graph.group","displayName":"Inner circle"}]}`},
		{"vm with role", "POST /v1.0/servicePrincipals/{vm}/getMemberGroups {\"securityEnabledOnly\":false}", 200, context + `Collection(Edm.String)","value":["`},
		{"vm", "POST /v1.0/servicePrincipals/{vm}/getMemberGroups {\"securityEnabledOnly\":false}", 403, refused("Authorization_RequestDenied", "")},
		{"admin", "POST /v1.0/users/{bob}/checkMemberGroups {\"groupIds\":[\"{outer}\",\"{none}\"]}", 200, context + `Collection(Edm.String)","value":["{outer}"]}`},
		{"vm", "GET /v1.0/servicePrincipals", 403, refused("Authorization_RequestDenied", "Insufficient privileges to complete the operation.")},
		{"vm with role", "GET /v1.0/servicePrincipals?$filter=servicePrincipalType~eq~'ManagedIdentity'", 200, context + `servicePrincipals","value":[{"id":"{vm}","deletedDateTime":null,"accountEnabled":true,"alternativeNames":["isExplicit=False","/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/myVM"],"appDisplayName":null,"appDescription":null,"appId":"{vmapp}","applicationTemplateId":null,"appOwnerOrganizationId":null…"servicePrincipalNames":["{vmapp}","https://identity.azure.net/`},
		{"admin", "GET /v1.0/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')", 200, context + `servicePrincipals/$entity","id":"…"displayName":"Microsoft Graph"…{"allowedMemberTypes":["Application"],"description":"Read directory data","displayName":"Read directory data","id":"7ab1d382-f21e-4acd-a863-ba3e13f7da61","isEnabled":true,"origin":"Application","value":"Directory.Read.All"}`},
		{"admin", "GET /v1.0/servicePrincipals(appId='nope')", 404, refused("Request_ResourceNotFound", "Resource 'nope' does not exist")},
		{"admin", "GET /v1.0/servicePrincipals(nope='x')", 400, refused("BadRequest", "The key property 'nope' does not exist")},
		{"admin", "GET /v1.0/servicePrincipals(appId=x)", 400, refused("BadRequest", "Bad Request - Error in query syntax.")},
		{"admin", "GET /v1.0/servicePrincipals/{vm}/appRoleAssignments", 200, context + `servicePrincipals('{vm}')/appRoleAssignments","value":[{"id":"…"appRoleId":"7ab1d382-f21e-4acd-a863-ba3e13f7da61","createdDateTime":"2026-11-24T00:00:00Z","principalDisplayName":"myVM","principalId":"{vm}","principalType":"ServicePrincipal","resourceDisplayName":"Microsoft Graph","resourceId":"`},
		{"admin", "POST /v1.0/servicePrincipals/{vm}/appRoleAssignments {}", 400, refused("Request_BadRequest", "One or more properties are invalid.")},
		{"admin", "PUT /v1.0/servicePrincipals/{vm}/appRoleAssignments {}", 405, refused("Request_BadRequest", "Specified HTTP method is not allowed for the request target.")},
		{"admin", "GET /v1.0/applications?$filter=appId~eq~'{appid}'", 200, context + `applications","value":[{"id":"{app}","deletedDateTime":null,"appId":"{appid}"…"identifierUris":["api://reporting"]…"passwordCredentials":[{"customKeyIdentifier":null,"displayName":"first","endDateTime":"2026-11-25T00:00:00Z","hint":"`},
		{"admin", "GET /v1.0/applications(appId='{appid}')?$select=displayName", 200, context + `applications(displayName)/$entity","displayName":"Reporting"}`},
		{"admin", "GET /v1.0/directoryObjects/{sp}", 200, context + `directoryObjects/$entity","@odata.type":"#microsoft.graph.servicePrincipal","id":"{sp}"`},
		{"admin", "POST /v1.0/directoryObjects/getByIds {\"ids\":[\"{bob}\",\"{none}\",\"{vm}\"],\"types\":[\"user\",\"group\"]}", 200, context + `directoryObjects","value":[{"@odata.type":"#microsoft.graph.user","id":"{bob}","businessPhones":[],"displayName":"Bob Bobson"`},
		{"admin", "POST /v1.0/directoryObjects/getByIds {\"ids\":[\"nope\"]}", 400, refused("Request_BadRequest", "Invalid GUID:nope")},
		{"admin", "POST /v1.0/directoryObjects/getByIds {", 400, refused("BadRequest", "Unable to read JSON request payload.")},
		{"admin", "POST /v1.0/directoryObjects/getByIds", 400, refused("BadRequest", "Empty Payload. JSON content expected.")},
		{"bob", "POST /v1.0/directoryObjects/getByIds {\"ids\":[\"{bob}\"]}", 403, refused("Authorization_RequestDenied", "")},
		{"admin", "GET /v1.0/organization", 200, context + `organization","value":[{"id":"{tenant}","deletedDateTime":null,"businessPhones":[]…"displayName":"Contoso"…"verifiedDomains":[{"capabilities":"Email, OfficeCommunicationsOnline","isDefault":true,"isInitial":true,"name":"contoso.onmicrosoft.com","type":"Managed"}]}]}`},
		{"admin", "GET /v1.0/organization/{tenant}?$select=id", 200, context + `organization(id)/$entity","id":"{tenant}"}`},
		{"admin", "GET /v1.0/nope", 400, refused("BadRequest", "Resource not found for the segment 'nope'.")},
		{"admin", "GET /v1.0/users/{bob}/nope", 400, refused("BadRequest", "Resource not found for the segment 'nope'.")},
		{"admin", "GET /v1.0/users/{bob}/messages", 501, refused("NotSimulated", "skylab: /users/{id}/messages of Microsoft Graph is real but not simulated here")},
		{"admin", "GET /v1.0/devices", 501, refused("NotSimulated", "skylab: /devices of Microsoft Graph is real but not simulated here")},
		{"admin", "POST /v1.0/users {}", 400, refused("Request_BadRequest", "A value is required for property 'accountEnabled' of resource 'User'.")},
		{"admin", "PUT /v1.0/users {}", 405, refused("Request_BadRequest", "Specified HTTP method")},
		{"admin", "GET /beta/users", 501, refused("NotSimulated", "")},
		{"admin", "GET /v2.0/users", 400, refused("BadRequest", "Invalid version: v2.0.")},
		{"none", "GET /v1.0/me", 401, refused("InvalidAuthenticationToken", "Access token is empty.")},
		{"junk", "GET /v1.0/me", 401, refused("InvalidAuthenticationToken", "IDX14100: JWT is not well formed, there are no dots (.).")},
		{"a.b.c", "GET /v1.0/me", 401, refused("InvalidAuthenticationToken", "CompactToken parsing failed with error code: 80049217")},
		{"arm", "GET /v1.0/me", 401, refused("InvalidAuthenticationToken", "Access token validation failure. Invalid audience.")},
	} {
		res, body := w.do(t, c.as, c.request)
		parts := strings.Split(w.names.Replace(c.want), "…")
		ok := res.StatusCode == c.status && strings.HasPrefix(body, parts[0])
		for rest := body; ok && len(parts) > 1; parts = parts[1:] {
			_, rest, ok = strings.Cut(rest, parts[1])
		}
		if !ok {
			t.Errorf("%s as %s: %d %s", c.request, c.as, res.StatusCode, body)
		}
	}
}

func TestFilters(t *testing.T) {
	w := newWorld(t)
	const n = "Invalid filter clause: "
	for _, c := range []struct{ set, filter, advanced, want string }{
		{"users", "userPrincipalName eq 'ann@contoso.onmicrosoft.com'", "", "Ann O'Hara"},
		{"users", "displayName eq 'Ann O''Hara'", "", "Ann O'Hara"},
		{"users", "DISPLAYNAME eq 'bob bobson'", "", "Bob Bobson"},
		{"users", "startswith(displayName,'b') or startswith(mail,'ann')", "", "Ann O'Hara,Bob Bobson"},
		{"users", "startswith(displayName,'b') and (givenName eq 'x' or surname eq 'bobson')", "", "Bob Bobson"},
		{"users", "startswith(displayName,'b') eq true", "", "Bob Bobson"},
		{"users", "displayName in ('Bob Bobson', 'x')", "", "Bob Bobson"},
		{"users", "accountEnabled eq false", "", ""},
		{"users", "accountEnabled", "", "Ann O'Hara,Bob Bobson"},
		{"users", "jobTitle eq null", "", "Ann O'Hara,Bob Bobson"},
		{"users", "createdDateTime ge 2026-11-24T00:00:00Z and createdDateTime lt 2026-11-25", "", "Ann O'Hara,Bob Bobson"},
		{"users", "proxyAddresses/any(p:p eq 'smtp:bob@contoso.onmicrosoft.com')", "", "Bob Bobson"},
		{"users", "proxyAddresses/any(p:startswith(p,'smtp:a'))", "", "Ann O'Hara"},
		{"users", "displayName ne 'Bob Bobson'", "advanced", "Ann O'Hara"},
		{"users", "not startswith(displayName,'Bob')", "advanced", "Ann O'Hara"},
		{"users", "endswith(mail,'contoso.onmicrosoft.com')", "advanced", "Ann O'Hara,Bob Bobson"},
		{"servicePrincipals", "servicePrincipalNames/any(c:c eq 'https://vault.azure.net')", "", "Azure Key Vault"},
		{"servicePrincipals", "appOwnerOrganizationId eq {tenant}", "", "Reporting"},
		{"servicePrincipals", "ServicePrincipalNames/any(s:s eq '{vmapp}')", "", "myVM"},
		{"servicePrincipals", "AppId eq '{vmapp}'", "", "myVM"},
		{"servicePrincipals", "startsWith(DisplayName, 'myV')", "", "myVM"},
		{"applications", "identifierUris/any(s:s eq 'api://reporting')", "", "Reporting"},
		{"users", "displayName ne 'x'", "", "!Request_UnsupportedQuery Unsupported property filter clause operator 'NotEqualsMatch'."},
		{"users", "endswith(mail,'x')", "", "!Request_UnsupportedQuery Unsupported Query."},
		{"users", "contains(displayName,'x')", "advanced", "!Request_UnsupportedQuery Unsupported Query."},
		{"users", "not accountEnabled", "", "!Request_UnsupportedQuery Unsupported Query."},
		{"users", "passwordPolicies eq 'x'", "", "!Request_UnsupportedQuery Unsupported or invalid query filter clause specified for property 'passwordPolicies' of resource 'User'."},
		{"users", "nope eq 'x'", "", "!BadRequest " + n + "Could not find a property named 'nope' on type 'microsoft.graph.user'."},
		{"users", "displayName eq x", "", "!BadRequest " + n + "Could not find a property named 'x' on type 'microsoft.graph.user'."},
		{"users", "displayName eq", "", "!BadRequest " + n + "Syntax error at position 14 in 'displayName eq'."},
		{"users", "displayName eq 'x", "", "!BadRequest " + n + "There is an unterminated string literal at position 17 in 'displayName eq 'x'."},
		{"users", "displayName eq true", "", "!BadRequest " + n + "A binary operator with incompatible types was detected. Found operand types 'Edm.String' and 'Edm.Boolean' for operator kind 'Equal'."},
		{"users", "displayName", "", "!BadRequest " + n + "The $filter expression must evaluate to a single boolean value."},
		{"users", "displayName eq 'x')", "", "!BadRequest " + n + "Syntax error at position 18 in 'displayName eq 'x')'."},
		{"users", "(displayName eq 'x'", "", "!BadRequest " + n + "Syntax error at position 19"},
		{"users", "displayName == 'x'", "", "!BadRequest " + n + "Syntax error: character '=' is not valid at position 12 in"},
		{"users", "soundex(displayName,'x')", "", "!BadRequest " + n + "An unknown function with name 'soundex' was found."},
		{"users", strings.Repeat("(", 200) + "accountEnabled" + strings.Repeat(")", 200), "", "!BadRequest " + n + "Recursion depth exceeded allowed limit."},
	} {
		path := "/v1.0/" + c.set + "?$orderby=displayName&$filter=" + url.QueryEscape(w.names.Replace(c.filter))
		header := []string{}
		if c.advanced != "" {
			path, header = path+"&$count=true", []string{"ConsistencyLevel", "eventual"}
		} else {
			path = strings.Replace(path, "$orderby=displayName&", "", 1)
		}
		_, body := w.do(t, "admin", "GET "+path, header...)
		var x struct {
			Error struct{ Code, Message string }
			Value []struct{ DisplayName string }
		}
		if err := json.Unmarshal([]byte(body), &x); err != nil {
			t.Fatalf("%s: %s", c.filter, body)
		}
		if want, ok := strings.CutPrefix(c.want, "!"); ok {
			if got := x.Error.Code + " " + x.Error.Message; !strings.HasPrefix(got, want) {
				t.Errorf("%s: %s", c.filter, got)
			}
			continue
		}
		names := map[string]bool{}
		for _, v := range x.Value {
			names[v.DisplayName] = true
		}
		for _, name := range strings.Split(c.want, ",") {
			if name != "" && !names[name] {
				t.Errorf("%s: %s is missing in %s", c.filter, name, body)
			}
			delete(names, name)
		}
		if len(names) > 0 || x.Error.Code != "" {
			t.Errorf("%s: %s", c.filter, body)
		}
	}
}

func TestSearchCountAndPages(t *testing.T) {
	w := newWorld(t)
	for search, want := range map[string]string{
		`"displayName:bob"`: "1", `"displayName:hara"`: "1", `"displayName:ob"`: "0", `"displayName:bob" OR "mail:ann"`: "2", `"displayName:bob" AND "mail:ann"`: "0", `"displayName:bob bobs"`: "1",
	} {
		if _, body := w.do(t, "admin", "GET /v1.0/users/$count?$search="+url.QueryEscape(search), "ConsistencyLevel", "eventual"); body != want {
			t.Errorf("%s: %s", search, body)
		}
	}
	for _, search := range []string{"bob", `"displayName:bob`, `"bob"`, `"jobTitle:x"`, `"displayName:bob"x`} {
		if res, body := w.do(t, "admin", "GET /v1.0/users?$search="+url.QueryEscape(search), "ConsistencyLevel", "eventual"); res.StatusCode != 400 {
			t.Errorf("%s: %s", search, body)
		}
	}
	link, seen := "/v1.0/servicePrincipals?$select=id&$top=5&$count=true", 0
	for pages := 0; link != ""; pages++ {
		_, body := w.do(t, "admin", "GET "+link, "ConsistencyLevel", "eventual")
		var x struct {
			Next  string `json:"@odata.nextLink"`
			Count int    `json:"@odata.count"`
			Value []any
		}
		if err := json.Unmarshal([]byte(body), &x); err != nil || x.Count != 13 || len(x.Value) > 5 || pages > 3 {
			t.Fatalf("%v %s", err, body)
		}
		seen, link = seen+len(x.Value), strings.TrimPrefix(x.Next, "https://graph.microsoft.com")
	}
	if seen != 13 {
		t.Errorf("%d service principals on all pages", seen)
	}
}

func TestHeadersAndNotes(t *testing.T) {
	w := newWorld(t)
	res, _ := w.do(t, "vm", "GET /v1.0/servicePrincipals", "client-request-id", "mine")
	var names []string
	for _, f := range network.ResponseFields(res) {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "Cache-Control Content-Type Vary Strict-Transport-Security request-id client-request-id x-ms-ags-diagnostic Date Content-Length" {
		t.Errorf("headers %s", got)
	}
	if res.Header.Get("client-request-id") != "mine" || res.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%v", res.Header)
	}
	all := w.ring.State().Exchanges
	notes := all[len(all)-1].Notes
	if len(notes) != 2 || notes[0].Kind != "token" || notes[1].Kind != "graph.refused" || !strings.Contains(notes[1].Text, "Application.Read.All") {
		t.Errorf("notes %+v", notes)
	}
	res, body := w.do(t, "vm with role", "GET /v1.0/servicePrincipals")
	if res.Header.Get("OData-Version") != "4.0" || res.Header.Get("Content-Type") != "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8" {
		t.Errorf("%v %s", res.Header, body)
	}
	all = w.ring.State().Exchanges
	if notes = all[len(all)-1].Notes; len(notes) != 2 || notes[1].Data["permission"] != "Directory.Read.All" {
		t.Errorf("notes %+v", notes)
	}
	if res, _ := w.do(t, "none", "GET /v1.0/me"); !strings.HasPrefix(res.Header.Get("WWW-Authenticate"), `Bearer realm="", authorization_uri=`) {
		t.Errorf("%v", res.Header)
	}
	w.clock.Advance(2 * time.Hour)
	if _, body := w.do(t, "admin", "GET /v1.0/me"); !strings.HasPrefix(body, refused("InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.")) {
		t.Errorf("an old token: %s", body)
	}
}

func FuzzFilter(f *testing.F) {
	w := newWorld(f)
	for _, s := range []string{"displayName eq 'x'", "not (a/b in ('x',1))", "proxyAddresses/any(c:c eq 'x')", "startswith(mail,'')", "createdDateTime lt 2026-11-24T00:00:00Z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := &call{Graph: w.graph, query: query{filter: text, eventual: true, count: true}}
		for _, s := range sets {
			keep, err := c.filter(s)
			if err != nil {
				if _, ok := err.(*refusal); !ok {
					t.Fatalf("%q: %v", text, err)
				}
				continue
			}
			for _, o := range s.list(w.graph) {
				keep(s.properties(w.graph, o))
			}
		}
	})
}

func FuzzRequest(f *testing.F) {
	w := newWorld(f)
	f.Add("users/x/memberOf", "$select=a,b&$top=3", "displayName:x")
	f.Add("servicePrincipals(appId='x')", "$skiptoken=RFNwdAAx", `"mail:x" OR "mail:y"`)
	f.Fuzz(func(t *testing.T, path, query, search string) {
		u := &url.URL{Scheme: "https", Host: "graph.microsoft.com", Path: "/v1.0/" + path, RawQuery: query + "&$search=" + url.QueryEscape(search)}
		req, err := http.NewRequest("GET", u.String(), nil)
		if err != nil {
			return
		}
		req.Header.Set("Authorization", "Bearer "+w.tokens["admin"])
		req.Header.Set("ConsistencyLevel", "eventual")
		res, err := w.card.RoundTrip(req)
		if err != nil {
			return // what the network refuses
		}
		if data, _ := io.ReadAll(res.Body); res.StatusCode >= 500 && res.StatusCode != 501 {
			t.Fatalf("%s: %d %s", u, res.StatusCode, data)
		}
	})
}

func TestSecurityIdentifier(t *testing.T) {
	if got := sid("73d664e4-0886-4a73-b745-c694da45ddb4"); got != "S-1-12-1-1943430372-1249052806-2496021943-3034400218" {
		t.Error(got)
	}
}
