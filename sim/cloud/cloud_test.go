package cloud

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"skylab/sim/clock"
	"skylab/sim/cloud/compute"
	"skylab/sim/cloud/deployments"
	"skylab/sim/cloud/entra"
	"skylab/sim/exchange"
	"skylab/sim/ids"
	"skylab/sim/network"
)

type world struct {
	*Cloud
	clock *clock.Clock
	net   *network.Network
	ring  *exchange.Ring
	admin string // a token
	sub   string // "/subscriptions/…"
	vm    compute.VM
}

func newWorld(t testing.TB, scenario string) *world {
	t.Helper()
	w := &world{clock: clock.New(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)), ring: exchange.NewRing(200)}
	w.net = network.New(w.clock, w.ring)
	var err error
	if w.Cloud, err = New(Options{Clock: w.clock, IDs: ids.New("test"), Network: w.net, Types: deployments.Types()}); err != nil {
		t.Fatal(err)
	}
	s, ok := FindScenario(scenario)
	if !ok {
		t.Fatalf("no scenario %s", scenario)
	}
	s.Puts = append(slices.Clone(s.Puts), Put{"{s}/resourceGroups/otherResourceGroup" + groupV, `{"location":"westus"}`})
	if err := w.Build(context.Background(), s, "ssh-ed25519 AAAA lab"); err != nil {
		t.Fatal(err)
	}
	w.fill(t, s)
	return w
}

// adminToken is a fresh token of the administrator.
func (w *world) adminToken(t testing.TB) string {
	t.Helper()
	for _, p := range w.Entra.State().Principals {
		if p.UPN == w.Admin() {
			token, err := w.Entra.UserToken(p.ID, entra.PortalApp, "https://management.azure.com/")
			if err != nil {
				t.Fatal(err)
			}
			return token
		}
	}
	t.Fatal("there is no administrator")
	return ""
}

// fill notes what a world that was built holds.
func (w *world) fill(t testing.TB, s Scenario) {
	t.Helper()
	w.admin = w.adminToken(t)
	for id := range w.ARM.State().Subscriptions {
		w.sub = "/subscriptions/" + id
	}
	if s.VM != "" {
		w.vm = w.VMs().All()[0]
	}
}

func (w *world) do(t testing.TB, method, url, token, body string, header ...string) (int, string) {
	t.Helper()
	if strings.HasPrefix(url, "/") {
		url = "https://management.azure.com" + w.sub + url
	}
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := w.net.Card(exchange.Caller{Machine: "myVM", Address: "10.0.0.4", Resource: w.vm.ID}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(b)
}

func (w *world) token(t testing.TB, query string) string {
	t.Helper()
	_, body := w.do(t, "GET", "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&"+query, "", "", "Metadata", "true")
	var x struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(body), &x); err != nil || x.Token == "" {
		t.Fatalf("no token: %s", body)
	}
	return x.Token
}

const forARM = "resource=https://management.azure.com/"

const reader = `"properties":{"roleDefinitionId":"/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7","principalId":"`

func TestTheLessonsWay(t *testing.T) {
	w := newWorld(t, "linux-vm")
	if len(w.ring.State().Exchanges) != 0 {
		t.Error("building the world left exchanges behind")
	}
	token := w.token(t, forARM)
	const mine = "/resourceGroups/myResourceGroup?api-version=2016-09-01"
	if status, body := w.do(t, "GET", mine, token, ""); status != 403 || !strings.Contains(body, w.vm.System.ClientID) {
		t.Fatalf("before the grant: %d %s", status, body)
	}
	const assignment = "/resourceGroups/myresourcegroup/providers/Microsoft.Authorization/roleAssignments/11111111-1111-4111-8111-111111111111?api-version=2022-04-01"
	grant := `{` + reader + w.vm.System.PrincipalID + `"}}`
	if status, body := w.do(t, "PUT", assignment, token, grant); status != 403 {
		t.Errorf("the VM granted itself a role: %d %s", status, body)
	}
	status, body := w.do(t, "PUT", assignment, w.admin, grant)
	if status != 201 || !strings.Contains(body, `"principalType":"ServicePrincipal","scope":"`+w.sub+`/resourceGroups/myResourceGroup","condition":null`) || !strings.Contains(body, `"createdBy":null`) {
		t.Fatalf("the grant: %d %s", status, body)
	}
	if status, body := w.do(t, "GET", mine, token, ""); status != 200 || body != `{"id":"`+w.sub+`/resourceGroups/myResourceGroup","name":"myResourceGroup","location":"westus","properties":{"provisioningState":"Succeeded"}}` {
		t.Errorf("after the grant: %d %s", status, body)
	}
	if status, _ := w.do(t, "GET", "/resourceGroups/otherResourceGroup?api-version=2016-09-01", token, ""); status != 403 {
		t.Errorf("another group: %d", status)
	}
	for name, c := range map[string]struct {
		method, path, body string
		status             int
		want               string
	}{
		"again, the same":   {"PUT", assignment, grant, 200, `{"properties"`},
		"under a new name":  {"PUT", strings.Replace(assignment, "1111-4111", "2222-4111", 1), grant, 409, `{"error":{"code":"RoleAssignmentExists","message":"The role assignment already exists. The ID of the existing role assignment is 11111111111141118111111111111111."`},
		"nobody":            {"PUT", strings.Replace(assignment, "1111-4111", "3333-4111", 1), `{` + reader + `99999999-1111-4111-8111-111111111111"}}`, 400, `{"error":{"code":"PrincipalNotFound","message":"Principal 99999999111141118111111111111111 does not exist in the directory `},
		"no guid":           {"PUT", strings.Replace(assignment, "11111111-", "x", 1), grant, 400, `{"error":{"code":"InvalidRoleAssignmentId"`},
		"empty":             {"PUT", assignment, `{}`, 400, `{"error":{"code":"InvalidRequestContent"`},
		"list at the group": {"GET", "/resourceGroups/myResourceGroup/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01&$filter=atScope()", "", 200, `{"value":[{"properties":{"roleDefinitionId":"` + w.sub + `/providers/Microsoft.Authorization/roleDefinitions/8e3af657`},
		"list by principal": {"GET", "/providers/Microsoft.Authorization/roleAssignments?api-version=2015-07-01&$filter=principalId%20eq%20'" + w.vm.System.PrincipalID + "'", "", 200, `{"value":[{"properties":{"roleDefinitionId":"` + w.sub + `/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7","principalId":"` + w.vm.System.PrincipalID + `","scope"`},
		"bad filter":        {"GET", "/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01&$filter=x", "", 400, `{"error":{"code":"BadRequestFormat"`},
		"role by name":      {"GET", "/providers/Microsoft.Authorization/roleDefinitions?api-version=2022-04-01&$filter=roleName%20eq%20'reader'", "", 200, `{"value":[{"properties":{"roleName":"Reader","type":"BuiltInRole"`},
		"unknown role":      {"GET", "/providers/Microsoft.Authorization/roleDefinitions/11111111-1111-4111-8111-111111111111?api-version=2022-04-01", "", 404, `{"error":{"code":"RoleDefinitionDoesNotExist"`},
		"remove":            {"DELETE", assignment, "", 200, `{"properties"`},
	} {
		if name == "remove" {
			continue
		}
		if status, body := w.do(t, c.method, c.path, w.admin, c.body); status != c.status || !strings.HasPrefix(body, c.want) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if status, _ := w.do(t, "DELETE", assignment, w.admin, ""); status != 200 {
		t.Errorf("remove: %d", status)
	}
	if status, _ := w.do(t, "GET", mine, token, ""); status != 403 {
		t.Errorf("after the removal: %d", status)
	}
	w.clock.Advance(25 * time.Hour)
	if status, body := w.do(t, "GET", mine, token, ""); status != 401 || !strings.Contains(body, "ExpiredAuthenticationToken") {
		t.Errorf("a day later: %d %s", status, body)
	}
}

func TestARoleOfAGroupReachesItsMembers(t *testing.T) {
	w := newWorld(t, "linux-vm")
	var dana, team string
	for id, p := range w.Entra.State().Principals {
		switch {
		case strings.HasPrefix(p.UPN, "dana@"):
			dana = id
		case p.DisplayName == "Developers":
			team = id
		}
	}
	token, err := w.Entra.UserToken(dana, entra.CLIApp, "https://management.azure.com/", "user_impersonation")
	if err != nil {
		t.Fatal(err)
	}
	const mine = "/resourceGroups/myResourceGroup?api-version=2021-04-01"
	if status, body := w.do(t, "GET", mine, token, ""); status != 403 {
		t.Errorf("before: %d %s", status, body)
	}
	const assignment = "/resourceGroups/myResourceGroup/providers/Microsoft.Authorization/roleAssignments/44444444-1111-4111-8111-111111111111?api-version=2022-04-01"
	if status, body := w.do(t, "PUT", assignment, w.admin, `{`+reader+team+`"}}`); status != 201 || !strings.Contains(body, `"principalType":"Group"`) {
		t.Fatalf("the grant: %d %s", status, body)
	}
	if status, body := w.do(t, "GET", mine, token, ""); status != 200 {
		t.Errorf("after: %d %s", status, body)
	}
	all := w.ring.State().Exchanges
	told := false
	for _, n := range all[len(all)-1].Notes {
		told = told || strings.Contains(n.Text, "through a group")
	}
	if !told {
		t.Errorf("no note tells of the group: %+v", all[len(all)-1].Notes)
	}
	graph, err := w.Entra.UserToken(dana, entra.CLIApp, "https://graph.microsoft.com", "User.Read")
	if err != nil {
		t.Fatal(err)
	}
	if status, body := w.do(t, "GET", "https://graph.microsoft.com/v1.0/me", graph, ""); status != 200 || !strings.Contains(body, `"displayName":"Dana Young"`) {
		t.Errorf("%d %s", status, body)
	}
}

func TestIdentitiesOfAVM(t *testing.T) {
	w := newWorld(t, "linux-vm")
	const uaPath = "/resourceGroups/myResourceGroup/providers/Microsoft.ManagedIdentity/userAssignedIdentities/"
	for _, name := range []string{"one", "two"} {
		status, body := w.do(t, "PUT", uaPath+name+"?api-version=2022-01-31-preview", w.admin, `{"location":"westus"}`)
		if status != 201 || !strings.HasPrefix(body, `{"id":"`+w.sub+`/resourcegroups/myResourceGroup/providers/Microsoft.ManagedIdentity/userAssignedIdentities/`+name+`","name":"`+name+`","type":"Microsoft.ManagedIdentity/userAssignedIdentities","location":"westus","tags":{},"properties":{"tenantId":`) {
			t.Fatalf("%d %s", status, body)
		}
	}
	const vm = "/resourceGroups/myResourceGroup/providers/Microsoft.Compute/virtualMachines/myVM?api-version="
	one, two := w.sub+uaPath+"one", w.sub+uaPath+"two"
	for _, c := range []struct {
		name, version, body string
		status              int
		want                string // of the identity block, blanks folded
	}{
		{"add one", "2018-06-01", `{"identity":{"type":"SystemAssigned,UserAssigned","userAssignedIdentities":{"` + one + `":{}}}}`, 200, `"type": "SystemAssigned, UserAssigned", "principalId"`},
		{"add two, one stays", "2018-06-01", `{"identity":{"type":"systemassigned, userassigned","userAssignedIdentities":{"` + two + `":{}}}}`, 200, `"userAssignedIdentities": { "` + one + `"`},
		{"remove one by null", "2018-06-01", `{"identity":{"type":"SystemAssigned, UserAssigned","userAssignedIdentities":{"` + one + `":null}}}`, 200, `"userAssignedIdentities": { "` + two + `"`},
		{"a bad value", "2018-06-01", `{"identity":{"type":"UserAssigned","userAssignedIdentities":{"` + one + `":"x"}}}`, 400, `InvalidIdentityValues`},
		{"unknown", "2018-06-01", `{"identity":{"type":"UserAssigned","userAssignedIdentities":{"` + one + `none":{}}}}`, 400, `FailedIdentityOperation`},
		{"bad type", "2018-06-01", `{"identity":{"type":"Both"}}`, 400, `InvalidParameter`},
		{"the old list replaces", "2017-12-01", `{"identity":{"type":"UserAssigned","identityIds":["` + one + `"]}}`, 200, `"identityIds": [ "` + one + `" ]`},
		{"list with system", "2017-12-01", `{"identity":{"type":"SystemAssigned","identityIds":["` + one + `"]}}`, 400, `ResourceIdentity identityIds should not be provided if the type is \"SystemAssigned\".`},
		{"the list in new versions", "2018-06-01", `{"identity":{"type":"UserAssigned","identityIds":["` + one + `"]}}`, 400, `InvalidParameter`},
		{"none", "2018-06-01", `{"identity":{"type":"none"}}`, 200, `"location": "westus", "properties"`},
		{"system again", "2018-06-01", `{"identity":{"type":"SystemAssigned"}}`, 200, `"identity": { "type": "SystemAssigned", "principalId"`},
	} {
		status, body := w.do(t, "PATCH", vm+c.version, w.admin, c.body)
		folded := strings.Join(strings.Fields(body), " ")
		if c.name == "none" {
			_, body = w.do(t, "GET", vm+"2024-07-01", w.admin, "")
			folded = strings.Join(strings.Fields(body), " ")
		}
		if status != c.status || !strings.Contains(folded, c.want) {
			t.Errorf("%s: %d %s", c.name, status, folded)
		}
	}
	after, _ := w.VMs().VM(w.vm.ID)
	if after.System == nil || after.System.PrincipalID == w.vm.System.PrincipalID || len(after.User) != 0 {
		t.Errorf("identities %+v", after)
	}
	if _, ok := w.Entra.Lookup(w.vm.System.PrincipalID); ok {
		t.Error("the first system-assigned principal lives on")
	}
}

func TestTheMachineItself(t *testing.T) {
	w := newWorld(t, "linux-vm")
	if w.vm.Power != "running" || w.vm.Network[0].PrivateIP != "10.0.0.4" || w.vm.Address == "" || w.vm.Compute.AdminUser != "azureuser" {
		t.Errorf("%+v", w.vm)
	}
	const vm = "/resourceGroups/myResourceGroup/providers/Microsoft.Compute/virtualMachines/myVM"
	if status, _ := w.do(t, "POST", vm+"/deallocate?api-version=2024-07-01", w.admin, ""); status != 202 || w.VMs().All()[0].Power != "deallocating" {
		t.Errorf("deallocate: %d", status)
	}
	w.clock.Advance(time.Minute)
	if power := w.VMs().All()[0].Power; power != "deallocated" {
		t.Errorf("a minute later it is %s", power)
	}
	if _, body := w.do(t, "GET", vm+"/instanceView?api-version=2024-07-01", w.admin, ""); !strings.Contains(body, `"PowerState/deallocated"`) {
		t.Errorf("instance view %s", body)
	}
	_, body := w.do(t, "GET", "http://169.254.169.254/metadata/instance/compute?api-version=2021-02-01", "", "", "Metadata", "true")
	if !strings.Contains(body, `"name":"myVM"`) || !strings.Contains(body, `"resourceGroupName":"myResourceGroup"`) {
		t.Errorf("metadata %s", body)
	}
}

func TestPrincipalsGoWithTheirGroup(t *testing.T) {
	w := newWorld(t, "linux-vm")
	status, body := w.do(t, "PUT", "/resourceGroups/myResourceGroup/providers/Microsoft.ManagedIdentity/userAssignedIdentities/one?api-version=2023-01-31", w.admin, `{"location":"westus"}`)
	var made struct{ Properties struct{ PrincipalID string } }
	if err := json.Unmarshal([]byte(body), &made); err != nil || status != 201 {
		t.Fatalf("%d %s", status, body)
	}
	if status, body := w.do(t, "DELETE", "/resourceGroups/myResourceGroup?api-version=2021-04-01", w.admin, ""); status != 202 {
		t.Fatalf("%d %s", status, body)
	}
	for _, there := range []bool{true, false} {
		w.ARM.Settle()
		for _, id := range []string{w.vm.System.PrincipalID, made.Properties.PrincipalID} {
			if _, ok := w.Entra.Lookup(id); ok != there {
				t.Errorf("principal %s: there is %v, want %v", id, ok, there)
			}
		}
		w.clock.Advance(time.Minute)
	}
}

func TestSnapshotIsTheSameCloud(t *testing.T) {
	w := newWorld(t, "linux-vm")
	w.token(t, forARM)
	data, err := json.Marshal(w.State())
	if err != nil {
		t.Fatal(err)
	}
	var s State
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	again := newWorld(t, "no-vm")
	again.Restore(s)
	data2, err := json.Marshal(again.State())
	if err != nil || string(data2) != string(data) {
		t.Errorf("the restored cloud differs: %v", err)
	}
	if vms := again.VMs().All(); len(vms) != 1 || vms[0].System.ClientID != w.vm.System.ClientID {
		t.Errorf("VMs %+v", vms)
	}
}
