package az

import (
	"path"

	"skylab/sim/machine/vfs"
	"skylab/sim/ojson"
)

// Session is who is signed in on Cloud Shell: its user, whose tokens come from
// the machine's endpoint (MSI_ENDPOINT), and the subscriptions that they see.
type Session struct {
	Username, Tenant string
	Subscriptions    []Subscription
	Installation     string // GUID
}

// Subscription is a subscription that an account sees.
type Subscription struct{ ID, Name string }

// Write writes the profile of a session into a user's home.
func (s Session) Write(v *vfs.View, home string) error {
	var subs []any
	for i, x := range s.Subscriptions {
		subs = append(subs, ojson.Obj("id", x.ID, "name", x.Name, "state", "Enabled", "user", ojson.Obj("name", s.Username, "type", "user", "cloudShellID", true), "isDefault", i == 0,
			"tenantId", s.Tenant, "environmentName", "AzureCloud", "homeTenantId", s.Tenant, "managedByTenants", []any{}))
	}
	profile, err := ojson.Marshal(ojson.Obj("installationId", s.Installation, "subscriptions", subs))
	if err != nil {
		return err
	}
	dir := path.Join(home, ".azure")
	if err := v.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return v.WriteFile(path.Join(dir, "azureProfile.json"), append([]byte("\ufeff"), pythonJSON(profile)...), 0o600)
}
