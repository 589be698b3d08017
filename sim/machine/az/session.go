package az

import (
	"path"
	"strings"

	"skylab/sim/machine/vfs"
	"skylab/sim/ojson"
)

// Session is who is signed in on a machine, as a sign-in leaves it: a user with a
// refresh token, and the subscriptions that they see.
type Session struct {
	Username, ObjectID, Tenant string
	Refresh                    string // of [ClientID]
	Subscriptions              []Subscription
	Installation               string // GUID
}

// Subscription is a subscription that an account sees.
type Subscription struct{ ID, Name string }

// ClientID is the application as which the tool signs people in.
const ClientID = cliApp

// Write writes the files of a session into a user's home.
func (s Session) Write(v *vfs.View, home string) error {
	dir := path.Join(home, ".azure")
	if err := v.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var subs []any
	for i, x := range s.Subscriptions {
		subs = append(subs, ojson.Obj("id", x.ID, "name", x.Name, "state", "Enabled", "user", ojson.Obj("name", s.Username, "type", "user"), "isDefault", i == 0,
			"tenantId", s.Tenant, "environmentName", "AzureCloud", "homeTenantId", s.Tenant, "managedByTenants", []any{}))
	}
	profile, err := ojson.Marshal(ojson.Obj("installationId", s.Installation, "subscriptions", subs))
	if err != nil {
		return err
	}
	account := s.ObjectID + "." + s.Tenant
	key := func(parts ...string) string {
		return strings.ToLower(account + "-" + loginEnvironment + "-" + strings.Join(parts, "-"))
	}
	cache, err := ojson.Indent(ojson.Obj(
		"AccessToken", ojson.New(),
		"Account", ojson.Obj(key(s.Tenant), ojson.Obj("home_account_id", account, "environment", loginEnvironment, "realm", s.Tenant, "local_account_id", s.ObjectID, "username", s.Username, "authority_type", "MSSTS")),
		"RefreshToken", ojson.Obj(key("refreshtoken", cliApp, "", ""), ojson.Obj("credential_type", "RefreshToken", "secret", s.Refresh, "home_account_id", account, "environment", loginEnvironment,
			"client_id", cliApp, "target", armResource+"/.default", "family_id", "1")),
	), "    ", "\n")
	if err != nil {
		return err
	}
	if err := v.WriteFile(path.Join(dir, "azureProfile.json"), append([]byte("\ufeff"), pythonJSON(profile)...), 0o600); err != nil {
		return err
	}
	return v.WriteFile(path.Join(dir, cacheFile), cache, 0o600)
}
