package rbac

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"skylab/sim/clock"
	"skylab/sim/cloud/identity"
)

// directory knows the principals p and q; q is in the group g.
type directory struct{ identity.Directory }

func (directory) TenantID() string { return "tenant" }
func (directory) Lookup(id string) (identity.Principal, bool) {
	kinds := map[string]string{"p": identity.KindServicePrincipal, "q": identity.KindUser, "g": identity.KindGroup}
	return identity.Principal{ID: id, Kind: kinds[id]}, kinds[id] != ""
}
func (directory) Groups(id string) []string {
	if id == "q" {
		return []string{"g"}
	}
	return nil
}

const (
	sub       = "/subscriptions/s"
	group     = sub + "/resourceGroups/myResourceGroup"
	vm        = group + "/providers/Microsoft.Compute/virtualMachines/myVM"
	readGroup = "Microsoft.Resources/subscriptions/resourceGroups/read"
)

func roleID(t testing.TB, name string) string {
	t.Helper()
	for _, r := range builtinList {
		if r.Name == name {
			return r.ID
		}
	}
	t.Fatalf("no role %s", name)
	return ""
}

func newAccess() (*Access, *clock.Clock) {
	c := clock.New(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
	return New(c, directory{}), c
}

func TestCheckAgainstRoleDefinitions(t *testing.T) {
	for _, c := range []struct {
		role, at, who, action, scope string
		data, want                   bool
	}{
		{"Reader", group, "p", readGroup, group, false, true},
		{"Reader", group, "p", readGroup, sub + "/resourcegroups/MYRESOURCEGROUP", false, true},
		{"Reader", group, "p", readGroup, sub, false, false},
		{"Reader", group, "p", readGroup, group + "2", false, false},
		{"Reader", sub, "p", "Microsoft.Compute/virtualMachines/read", vm, false, true},
		{"Reader", "/", "p", "Microsoft.Compute/virtualMachines/read", vm, false, true},
		{"Reader", vm, "p", "Microsoft.Compute/virtualMachines/read", vm, false, true},
		{"Reader", vm, "p", readGroup, group, false, false},
		{"Reader", group, "p", "Microsoft.Compute/virtualMachines/write", vm, false, false},
		{"Reader", group, "p", "Microsoft.Storage/storageAccounts/listKeys/action", group, false, false},
		{"Reader", group, "g", readGroup, group, false, true},
		{"Contributor", group, "p", "Microsoft.Compute/virtualMachines/delete", vm, false, true},
		{"Contributor", group, "p", "Microsoft.Authorization/roleAssignments/write", group, false, false},
		{"Contributor", group, "p", "Microsoft.Authorization/roleAssignments/read", group, false, true},
		{"User Access Administrator", group, "p", "Microsoft.Authorization/roleAssignments/write", group, false, true},
		{"Storage Account Key Operator Service Role", group, "p", "Microsoft.Storage/storageAccounts/listKeys/action", group, false, true},
		{"Storage Blob Data Reader", group, "p", "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read", group, true, true},
		{"Storage Blob Data Reader", group, "p", "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read", group, false, false},
		{"Owner", group, "p", "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read", group, true, false},
		{"Cosmos DB Operator", group, "p", "Microsoft.DocumentDB/databaseAccounts/listKeys/action", group, false, false},
		{"Managed Identity Operator", group, "p", "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action", group, false, false},
		{"Managed Identity Operator", group, "p", "Microsoft.ManagedIdentity/userAssignedIdentities/x/assign/action", group, false, true},
	} {
		a, _ := newAccess()
		if _, err := a.Assign(Assignment{Name: "n", Scope: c.at, RoleID: roleID(t, c.role), PrincipalID: c.who}, "q"); err != nil {
			t.Fatal(err)
		}
		check := a.Check
		if c.data {
			check = a.CheckData
		}
		who := c.who
		if who == "g" {
			who = "q"
		}
		d := check(who, c.action, c.scope)
		if d.Allowed != c.want || d.Allowed != (d.By != nil) || d.Why(c.action, c.scope) == "" {
			t.Errorf("%s at %s, %s at %s: %+v", c.role, c.at, c.action, c.scope, d)
		}
		if check("nobody", c.action, c.scope).Allowed {
			t.Errorf("%s is allowed to nobody", c.action)
		}
	}
}

func TestAssignmentErrors(t *testing.T) {
	a, _ := newAccess()
	reader := roleID(t, "Reader")
	first := Assignment{Name: "n1", Scope: group, RoleID: reader, PrincipalID: "p"}
	if _, err := a.Assign(first, "q"); err != nil {
		t.Fatal(err)
	}
	for want, x := range map[string]Assignment{
		"":                                 first,
		"RoleAssignmentExists":             {Name: "n2", Scope: sub + "/RESOURCEGROUPS/myresourcegroup", RoleID: reader, PrincipalID: "p"},
		"RoleAssignmentUpdateNotPermitted": {Name: "n1", Scope: group, RoleID: reader, PrincipalID: "q"},
		"PrincipalNotFound":                {Name: "n3", Scope: group, RoleID: reader, PrincipalID: "11111111-2222"},
		"RoleDefinitionDoesNotExist":       {Name: "n4", Scope: group, RoleID: "none", PrincipalID: "p"},
	} {
		_, err := a.Assign(x, "q")
		var p *Problem
		if errors.As(err, &p) != (want != "") || p != nil && p.Code != want {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	if _, ok := a.Unassign(group, "N1"); !ok || len(a.Assignments()) != 0 {
		t.Error("the assignment stays")
	}
	if _, ok := a.Unassign(group, "n1"); ok {
		t.Error("removed twice")
	}
}

func TestANewAssignmentWorksAfterItsDelay(t *testing.T) {
	a, c := newAccess()
	a.SetDelay(5 * time.Minute)
	if _, err := a.Assign(Assignment{Name: "n", Scope: group, RoleID: roleID(t, "Reader"), PrincipalID: "p"}, "q"); err != nil {
		t.Fatal(err)
	}
	if d := a.Check("p", readGroup, group); d.Allowed || len(d.Considered) != 1 {
		t.Errorf("at once: %+v", d)
	}
	c.Advance(5 * time.Minute)
	if !a.Check("p", readGroup, group).Allowed {
		t.Error("not after its delay either")
	}
}

func TestAnotherAssignmentNeverTakesAccessAway(t *testing.T) {
	for _, r := range builtinList {
		a, _ := newAccess()
		a.Assign(Assignment{Name: "n", Scope: group, RoleID: roleID(t, "Reader"), PrincipalID: "p"}, "q")
		a.Assign(Assignment{Name: "m", Scope: group, RoleID: r.ID, PrincipalID: "p"}, "q")
		if !a.Check("p", readGroup, vm).Allowed {
			t.Errorf("%s took access away", r.Name)
		}
	}
}

func TestSnapshot(t *testing.T) {
	a, c := newAccess()
	a.Assign(Assignment{Name: "n", Scope: group, RoleID: roleID(t, "Reader"), PrincipalID: "p"}, "q")
	data, err := json.Marshal(a.State())
	if err != nil {
		t.Fatal(err)
	}
	var s State
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	again := New(c, directory{})
	again.Restore(s)
	if !again.Check("p", readGroup, group).Allowed {
		t.Error("the restored assignment does not count")
	}
	again.DeleteBelow(sub)
	if len(again.Assignments()) != 0 || len(a.Assignments()) != 1 {
		t.Error("DeleteBelow left something or reached another state")
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("Microsoft.*/read", "microsoft.compute/read")
	f.Add("*", "")
	f.Fuzz(func(t *testing.T, pattern, action string) {
		if Match(pattern, action) && !Match("*", action) {
			t.Fatal("* does not match")
		}
		if Match(action, action) != true && !containsStar(action) {
			t.Fatalf("%q does not match itself", action)
		}
	})
}

func containsStar(s string) bool {
	for _, r := range s {
		if r == '*' {
			return true
		}
	}
	return false
}
