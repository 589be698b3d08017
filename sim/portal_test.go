package sim

import (
	"encoding/json"
	"strings"
	"testing"

	"skylab/sim/machine/portal/blade"
)

// clicks chooses one target after the other and returns what is shown then.
func clicks(t *testing.T, l *Lab, targets ...string) blade.Blade {
	t.Helper()
	var b blade.Blade
	for _, target := range targets {
		var err error
		if b, err = l.Portal().Do(t.Context(), action(target)); err != nil {
			t.Fatalf("%v\n%s", err, blade.Text(b))
		}
	}
	return b
}

// action opens what begins with a slash and chooses anything else.
func action(target string) blade.Action {
	if strings.HasPrefix(target, "/") {
		return blade.Action{Path: target}
	}
	return blade.Action{Target: target}
}

var grant = []string{"/", "nav.groups", "group.myResourceGroup", "menu.access", "access.add", "role.Reader", "wizard.next", "members.kind.identity", "members.select", "member.myVM", "members.done", "wizard.next", "review.assign"}

func TestThePortalGivesAccess(t *testing.T) {
	l := newLab(t, "a")
	const read = `token=$(` + getToken + ` | cut -d'"' -f4); sub=$(curl -s -H Metadata:true 'http://169.254.169.254/metadata/instance/compute/subscriptionId?api-version=2021-02-01&format=text')
curl -s -o /dev/null -w '%{http_code}' "https://management.azure.com/subscriptions/$sub/resourceGroups/myResourceGroup?api-version=2016-09-01" -H "Authorization: Bearer $token"`
	if got := script(t, l, "myVM", read); got != "403" {
		t.Fatalf("before the grant: %s", got)
	}
	b := clicks(t, l, grant...)
	if len(b.Notices) != 1 || b.Notices[0].Text != "myVM was added as Reader for myResourceGroup." || b.Panel != nil || !strings.Contains(blade.Text(b), "Reader | This resource") {
		t.Errorf("%s", blade.Text(b))
	}
	if got := script(t, l, "myVM", read); got != "200" {
		t.Errorf("after the grant: %s", got)
	}
	b = clicks(t, l, grant...)
	if len(b.Notices) != 1 || b.Notices[0].Kind != "error" || !strings.Contains(b.Notices[0].Text, "RoleAssignmentExists") {
		t.Errorf("the same grant again: %s", blade.Text(b))
	}
	for _, e := range l.Exchanges().State().Exchanges {
		if e.Caller.Machine == "portal" && e.Service != "Entra" && e.Service != "Resource Manager" && e.Service != "Microsoft Graph" {
			t.Errorf("the portal reached %s", e.Service)
		}
	}
}

func TestAccessIsGivenToPeopleAndGroups(t *testing.T) {
	l := newLab(t, "a")
	b := clicks(t, l, "/groups", "group.myResourceGroup", "menu.access")
	if !strings.Contains(blade.Text(b), "Lab Administrator (admin@contoso.onmicrosoft.com) | User | Owner | Inherited from /subscriptions/") {
		t.Errorf("%s", blade.Text(b))
	}
	b = clicks(t, l, "access.add")
	var roles []string
	for _, r := range b.Panel.Sections[1].Table.Rows[:3] {
		roles = append(roles, r.Cells[0])
	}
	if strings.Join(roles, " ") != "Reader Contributor Owner" {
		t.Errorf("the first roles are %s", roles)
	}
	b = clicks(t, l, "role.Contributor", "wizard.next", "members.select")
	text := blade.Text(b)
	for _, want := range []string{"Dana Young (dana@contoso.onmicrosoft.com) | User", "Developers | Group", "Build pipeline | App"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if strings.Contains(text, "Microsoft Graph") || strings.Contains(text, "not simulated") {
		t.Errorf("%s", text)
	}
	search := func(who string) string {
		b, err := l.Portal().Do(t.Context(), blade.Action{Target: "members.search", Values: map[string]string{"who": who}})
		if err != nil {
			t.Fatal(err)
		}
		return blade.Text(b)
	}
	if text := search("microsoft g"); !strings.Contains(text, "Microsoft Graph | App") || strings.Contains(text, "Dana") {
		t.Errorf("%s", text)
	}
	if text := search("o'x"); !strings.Contains(text, "Nobody has this") {
		t.Errorf("%s", text)
	}
	search("dev")
	b = clicks(t, l, "member.Developers", "members.done", "wizard.next", "review.assign")
	if text := blade.Text(b); !strings.Contains(text, "Developers | Group | Contributor | This resource") || len(b.Notices) != 1 || b.Notices[0].Kind != "done" {
		t.Errorf("%s", text)
	}
}

func TestADeviceSignsInThroughThePortal(t *testing.T) {
	l := newLab(t, "a")
	const app = "client_id=04b07795-8ddb-461a-bbee-02f9e1bf7b46"
	out := script(t, l, Laptop, `curl -s https://login.microsoftonline.com/common/oauth2/v2.0/devicecode -d '`+app+`&scope=https://management.azure.com//.default' | jq -r '.user_code, .device_code'`)
	user, device, ok := strings.Cut(strings.TrimSpace(out), "\n")
	if !ok {
		t.Fatal(out)
	}
	poll := `curl -s https://login.microsoftonline.com/common/oauth2/v2.0/token -d '` + app + `&grant_type=urn:ietf:params:oauth:grant-type:device_code&device_code=` + device + `' | jq -r '.error // .token_type'`
	if got := script(t, l, Laptop, poll); got != "authorization_pending\n" {
		t.Errorf("at first: %s", got)
	}
	clicks(t, l, "/devicelogin")
	enter := func(code string) blade.Blade {
		b, err := l.Portal().Do(t.Context(), blade.Action{Target: "device.next", Values: map[string]string{"code": code}})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if b := enter("WRONGCODE"); len(b.Notices) != 1 || b.Notices[0].Kind != "error" || !strings.HasPrefix(b.Notices[0].Text, "AADSTS70018: ") {
		t.Errorf("%s", blade.Text(b))
	}
	if b := enter(user); len(b.Notices) != 1 || b.Notices[0].Kind != "done" || b.Notices[0].Title != "Microsoft Azure CLI" {
		t.Errorf("%s", blade.Text(b))
	}
	if got := script(t, l, Laptop, poll); got != "Bearer\n" {
		t.Errorf("at last: %s", got)
	}
}

func TestAnAssignmentOutlivesItsPrincipal(t *testing.T) {
	l := newLab(t, "a")
	if b := clicks(t, l, grant...); !strings.Contains(blade.Text(b), "myVM | Managed identity | Reader | This resource") {
		t.Errorf("%s", blade.Text(b))
	}
	clicks(t, l, "/", "nav.vms", "vm.myVM", "menu.identity", "identity.off", "identity.save")
	if b := clicks(t, l, "/groups", "group.myResourceGroup", "menu.access"); !strings.Contains(blade.Text(b), "Identity not found. ") {
		t.Errorf("%s", blade.Text(b))
	}
}

func TestBladesOfAVM(t *testing.T) {
	l := newLab(t, "a")
	b := clicks(t, l, "/", "nav.vms", "vm.myVM")
	for _, want := range []string{"Status: running", "Public IP address: 13.64.", "Private IP address: 10.0.0.4", "[vm.stop]", "[menu.identity]"} {
		if !strings.Contains(blade.Text(b), want) {
			t.Errorf("%q is not in\n%s", want, blade.Text(b))
		}
	}
	if b := clicks(t, l, "vm.stop"); !strings.Contains(blade.Text(b), "Status: deallocated") {
		t.Errorf("%s", blade.Text(b))
	}
	if b := clicks(t, l, "menu.connect"); !strings.Contains(blade.Text(b), "Command: ssh azureuser@13.64.") {
		t.Errorf("%s", blade.Text(b))
	}
	b = clicks(t, l, "menu.identity")
	if !strings.Contains(blade.Text(b), "Status: on") || b.Commands[0].Disabled == "" {
		t.Errorf("%s", blade.Text(b))
	}
	if b := clicks(t, l, "identity.off", "identity.save"); !strings.Contains(blade.Text(b), "Status: off") || strings.Contains(blade.Text(b), "Object (principal) ID") {
		t.Errorf("%s", blade.Text(b))
	}
	if got := script(t, l, "myVM", getToken); got != `{"error":"invalid_request","error_description":"Identity not found"}` {
		t.Errorf("without an identity: %s", got)
	}
}

func TestThePortalRefusesWhatIsNotThere(t *testing.T) {
	l := newLab(t, "a")
	if _, err := l.Portal().Do(t.Context(), blade.Action{Target: "nope"}); err == nil {
		t.Error("a target that is not there was chosen")
	}
	for _, path := range []string{"/nowhere", "/subscriptions/x/-/nope", "/subscriptions/x/resourceGroups/y/-/overview", "/-/access"} {
		if b := clicks(t, l, path); b.Title == "" || len(b.Sections) == 0 {
			t.Errorf("%s: %+v", path, b)
		}
	}
	clicks(t, l, "/groups", "group.myResourceGroup", "menu.access", "access.add", "step.review")
	if b := clicks(t, l, "review.assign"); len(b.Notices) != 1 || b.Notices[0].Kind != "error" {
		t.Errorf("%s", blade.Text(b))
	}
}

func TestThePortalOutlivesASnapshot(t *testing.T) {
	l := newLab(t, "a")
	clicks(t, l, grant[:9]...)
	fork, err := l.Fork()
	if err != nil {
		t.Fatal(err)
	}
	if b := clicks(t, fork, grant[9:]...); len(b.Notices) != 1 || b.Notices[0].Kind != "done" {
		t.Errorf("%s", blade.Text(b))
	}
	if data, err := json.Marshal(l.Portal().State()); err != nil || !strings.Contains(string(data), `"step":"members"`) {
		t.Errorf("%s, %v", data, err)
	}
}

func FuzzPortal(f *testing.F) {
	for _, g := range grant {
		f.Add(g, "assignTo", "identity")
	}
	l := newLab(f, "a")
	snapshot := l.Portal().State()
	f.Fuzz(func(t *testing.T, target, key, value string) {
		l.Portal().Restore(snapshot)
		l.Portal().Do(t.Context(), blade.Action{Path: "/groups"})
		for _, a := range []blade.Action{{Target: target, Values: map[string]string{key: value}}, {Path: target}} {
			if b, _ := l.Portal().Do(t.Context(), a); b.Title == "" {
				t.Fatalf("%q leads to a blade without a title", target)
			}
		}
	})
}
