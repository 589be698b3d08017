package cloud

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"skylab/sim/clock"
	"skylab/sim/cloud/deployments"
	"skylab/sim/exchange"
	"skylab/sim/ids"
	"skylab/sim/network"
)

const (
	authPath = "/providers/Microsoft.Authorization/"
	authV    = "?api-version=2022-04-01"
	ownRole  = authPath + "roleDefinitions/aaaaaaaa-1111-4111-8111-111111111111" + authV
)

func TestCustomRoles(t *testing.T) {
	w := newWorld(t, "linux-vm")
	role := func(edits ...string) string {
		return strings.NewReplacer(edits...).Replace(`{"properties":{"roleName":"VM Starter","description":"d","type":"CustomRole","permissions":[{"actions":["Microsoft.Compute/virtualMachines/start/action","*/read"],"notActions":["Microsoft.Network/*/read"]}],"assignableScopes":["{s}/resourceGroups/myresourcegroup"]}}`)
	}
	assign := func(scope string) row {
		return row{"assign at " + scope, "PUT", scope + authPath + "roleAssignments/bbbbbbbb-1111-4111-8111-111111111111" + authV, `{"properties":{"roleDefinitionId":"{s}/providers/Microsoft.Authorization/roleDefinitions/aaaaaaaa-1111-4111-8111-111111111111","principalId":"` + w.vm.System.PrincipalID + `"}}`, 201, `aaaaaaaa-1111`}
	}
	nowhere := assign("/resourceGroups/myResourceGroup%20")
	nowhere.status, nowhere.want = 404, `{"error":{"code":"ResourceGroupNotFound","message":"Resource group 'myResourceGroup ' could not be found."}}`
	elsewhere := assign("/resourceGroups/otherResourceGroup")
	elsewhere.status, elsewhere.want = 400, `{"error":{"code":"RoleAssignmentScopeNotAssignableToRoleDefinition","message":"The assignment scope '{s}/resourceGroups/otherResourceGroup' is not assignable to role definition 'VM Starter'."}}`
	w.play(t, []row{
		{"no GUID", "PUT", authPath + "roleDefinitions/mine" + authV, role(), 400, `InvalidRoleDefinitionId`},
		{"a built-in name", "PUT", ownRole, role("VM Starter", "reader"), 409, `{"error":{"code":"RoleDefinitionWithSameNameExists","message":"A custom role with the same name already exists in this directory. Use a different name."}}`},
		{"a built-in role", "PUT", authPath + "roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7" + authV, role(), 400, `RoleDefinitionUpdateNotAllowed`},
		{"an unknown action", "PUT", ownRole, role("Microsoft.Compute/virtualMachines/start/action", "Microsoft.Nothing/x/read"), 400, `{"error":{"code":"InvalidActionOrNotAction","message":"'Microsoft.Nothing/x/read' does not match any of the actions supported by the providers."}}`},
		{"an action without verb", "PUT", ownRole, role("/start/action", "/start"), 400, `InvalidActionOrNotAction`},
		{"no permissions", "PUT", ownRole, `{"properties":{"roleName":"x","assignableScopes":["{s}"]}}`, 400, `InvalidRequestContent`},
		{"no scope", "PUT", ownRole, role(`"{s}/resourceGroups/myresourcegroup"`, ``), 400, `InvalidRequestContent`},
		{"the root", "PUT", ownRole, role(`{s}/resourceGroups/myresourcegroup`, `/`), 400, `{"error":{"code":"LinkedInvalidPropertyId","message":"Property id '/' at path 'properties.assignableScopes[0]' is invalid. Expect fully qualified resource Id that start with '/subscriptions/{subscriptionId}' or '/providers/{resourceProviderNamespace}/'."}}`},
		{"another's subscription", "PUT", ownRole, role(`{s}/resourceGroups/myresourcegroup`, `/subscriptions/99999999-1111-4111-8111-111111111111`), 403, `LinkedAuthorizationFailed`},
		{"a role", "PUT", ownRole, role(), 201, `{"properties":{"roleName":"VM Starter","type":"CustomRole","description":"d","assignableScopes":["{s}/resourceGroups/myResourceGroup"],"permissions":[{"actions":["Microsoft.Compute/virtualMachines/start/action","*/read"],"notActions":["Microsoft.Network/*/read"],"dataActions":[],"notDataActions":[]}],"createdOn":"`},
		{"again", "PUT", ownRole, role(`"d"`, `"e"`), 200, `"description":"e"`},
		{"at the subscription", "GET", authPath + "roleDefinitions" + authV + "&$filter=type%20eq%20'CustomRole'", "", 200, `{"value":[]}`},
		{"at it and below", "GET", authPath + "roleDefinitions" + authV + "&$filter=atScopeAndBelow()%20and%20type%20eq%20'CustomRole'", "", 200, `VM Starter`},
		{"at its group", "GET", rg + authPath + "roleDefinitions" + authV + "&$filter=roleName%20eq%20'vm%20starter'", "", 200, `VM Starter`},
		nowhere, elsewhere, assign(rg),
		{"in use", "DELETE", ownRole, "", 400, `{"error":{"code":"RoleDefinitionHasAssignments","message":"There are existing role assignments referencing role."}}`},
		{"built in", "DELETE", authPath + "roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7" + authV, "", 400, `RoleDefinitionDeleteNotAllowed`},
	})
	token := w.token(t, forARM)
	for path, want := range map[string]int{
		"GET " + vmPath + "myVM" + vmV: 200, "POST " + vmPath + "myVM/start" + vmV: 202, "POST " + vmPath + "myVM/deallocate" + vmV: 403,
		"GET " + netPath + "virtualNetworks/myVM-vnet" + netV: 403, "GET /resourceGroups/otherResourceGroup?api-version=2021-04-01": 403,
	} {
		method, path, _ := strings.Cut(path, " ")
		if status, body := w.do(t, method, path, token, ""); status != want {
			t.Errorf("%s %s: %d %s", method, path, status, body)
		}
	}
	if status, body := w.do(t, "GET", rg+authPath+"permissions"+authV, token, ""); status != 200 || body != `{"value":[{"actions":["Microsoft.Compute/virtualMachines/start/action","*/read"],"notActions":["Microsoft.Network/*/read"],"dataActions":[],"notDataActions":[]}]}` {
		t.Errorf("permissions: %d %s", status, body)
	}
	w.play(t, []row{
		{"the assignment goes", "DELETE", rg + authPath + "roleAssignments/bbbbbbbb-1111-4111-8111-111111111111" + authV, "", 200, `"createdBy":"`},
		{"the role goes", "DELETE", ownRole, "", 200, `VM Starter`},
		{"again", "DELETE", ownRole, "", 204, ``},
		{"it has gone", "GET", ownRole, "", 404, `RoleDefinitionDoesNotExist`},
	})
}

func TestAssignmentsSayWhatTheyWereTold(t *testing.T) {
	w := newWorld(t, "linux-vm")
	const at = rg + authPath + "roleAssignments/cccccccc-1111-4111-8111-111111111111" + authV
	with := func(principal, more string) string {
		return `{` + reader + principal + `"` + more + `}}`
	}
	mine := w.vm.System.PrincipalID
	var dana, team string
	for id, p := range w.Entra.State().Principals {
		switch p.DisplayName {
		case "Dana Young":
			dana = id
		case "Developers":
			team = id
		}
	}
	list := rg + authPath + "roleAssignments" + authV + "&$filter="
	w.play(t, []row{
		{"another type", "PUT", at, with(mine, `,"principalType":"User"`), 400, `{"error":{"code":"UnmatchedPrincipalType","message":"The PrincipalId '` + strings.ReplaceAll(mine, "-", "") + `' has type 'ServicePrincipal' , which is different from specified PrinciaplType 'User'."}}`},
		{"a type that is none", "PUT", at, with(mine, `,"principalType":"Robot"`), 400, `InvalidPrincipalType`},
		{"all of it", "PUT", at, with(mine, `,"principalType":"serviceprincipal","description":"why","condition":"true","conditionVersion":"2.0"`), 201, `"principalType":"ServicePrincipal","scope":"{s}` + rg + `","condition":"true","conditionVersion":"2.0"`},
		{"another description", "PUT", at, with(mine, `,"description":"because"`), 200, `"condition":null`},
		{"kept", "GET", at, "", 200, `"description":"because"`},
		{"not there yet", "PUT", strings.Replace(at, "cccccccc", "dddddddd", 1), with("99999999-1111-4111-8111-111111111111", `,"principalType":"ServicePrincipal"`), 201, `"principalType":"ServicePrincipal"`},
		{"a group", "PUT", strings.Replace(at, "cccccccc", "eeeeeeee", 1), with(team, ""), 201, `"principalType":"Group"`},
		{"what a member has", "GET", list + "assignedTo('" + dana + "')", "", 200, `{"value":[{"properties":{"roleDefinitionId":"{s}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7","principalId":"` + team},
		{"here and above", "GET", list + "atScope()%20and%20assignedTo('" + dana + "')", "", 200, team},
		{"itself", "GET", list + "principalId%20eq%20'" + dana + "'", "", 200, `{"value":[]}`},
		{"a schedule", "GET", rg + authPath + "roleAssignmentScheduleInstances?api-version=2020-10-01", "", 501, `skylab: Microsoft.Authorization/roleAssignmentScheduleInstances is real but not simulated here`},
		{"eligibility", "PUT", authPath + "roleEligibilityScheduleRequests/x?api-version=2020-10-01", "{}", 501, `NotSimulated`},
		{"locks", "GET", rg + authPath + "locks?api-version=2016-09-01", "", 501, `skylab: Microsoft.Authorization/locks is real but not simulated here`},
		{"policies", "GET", rg + authPath + "policyAssignments?api-version=2021-06-01", "", 501, `NotSimulated`},
		{"no denials", "GET", rg + authPath + "denyAssignments" + authV, "", 200, `{"value":[]}`},
		{"a denial", "PUT", rg + authPath + "denyAssignments/x" + authV, "{}", 405, `HttpMethodNotAllowed`},
	})
}

func TestARoleTakesItsTime(t *testing.T) {
	s, _ := FindScenario("linux-vm")
	s.RoleDelay = 5 * time.Minute
	w := &world{clock: clock.New(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)), ring: exchange.NewRing(50)}
	w.net = network.New(w.clock, w.ring)
	var err error
	if w.Cloud, err = New(Options{Clock: w.clock, IDs: ids.New("test"), Network: w.net, Types: deployments.Types()}); err == nil {
		err = w.Build(context.Background(), s, "ssh-ed25519 AAAA lab")
	}
	if err != nil {
		t.Fatal(err)
	}
	w.fill(t, s)
	token := w.token(t, forARM)
	if status, body := w.do(t, "PUT", rg+authPath+"roleAssignments/cccccccc-1111-4111-8111-111111111111"+authV, w.admin, `{`+reader+w.vm.System.PrincipalID+`"}}`); status != 201 {
		t.Fatalf("%d %s", status, body)
	}
	data, err := json.Marshal(w.State())
	if err != nil || !strings.Contains(string(data), `"delay":300000000000`) {
		t.Errorf("the snapshot lacks the delay: %v", err)
	}
	for _, want := range []int{403, 200} {
		if status, body := w.do(t, "GET", rg+"?api-version=2021-04-01", token, ""); status != want {
			t.Errorf("want %d: %d %s", want, status, body)
		}
		w.clock.Advance(5 * time.Minute)
	}
}
