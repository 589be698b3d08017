package az

import (
	"net/http"
	"slices"
	"strings"

	"skylab/sim/ojson"
)

const (
	keyvaultVersion = "2022-07-01"
	vaults          = "/providers/Microsoft.KeyVault/vaults"
)

var keyvaultCommands = map[string]command{
	"keyvault create": cmdVaultCreate, "keyvault list": cmdVaultList, "keyvault show": cmdVaultShow, "keyvault delete": cmdVaultDelete,
	"keyvault set-policy": cmdVaultSetPolicy, "keyvault delete-policy": cmdVaultDeletePolicy, "keyvault list-deleted": cmdVaultListDeleted, "keyvault purge": cmdVaultPurge,
}

// vaultPath is the path of the command's vault.
func (c *call) vaultPath() (string, error) {
	name := c.str("vault_name")
	if name == "" {
		return "", failf("Please specify --name or --hsm-name.")
	}
	group, err := c.located("Microsoft.KeyVault/vaults", name)
	if err != nil {
		return "", err
	}
	if group == "" {
		return "", failf("The Vault '%s' not found within subscription.", name)
	}
	sub, err := c.subscriptionPath()
	return join(keyvaultVersion, sub, "/resourceGroups/", pathSegment(group), vaults, "/", pathSegment(name)), err
}

func cmdVaultCreate(c *call) (any, error) {
	if c.str("vault_name") == "" {
		return nil, failf("Please specify --name or --hsm-name.")
	}
	group, err := c.groupPath()
	if err != nil {
		return nil, err
	}
	path := join(keyvaultVersion, group, vaults, "/", pathSegment(c.str("vault_name")))
	location, err := c.location()
	if err != nil {
		return nil, err
	}
	if there, err := c.exists(keyvaultVersion, strings.TrimSuffix(path, "?api-version="+keyvaultVersion)); err == nil && there {
		return nil, failf("The specified vault: %s already exists", c.str("vault_name"))
	}
	tenant := c.tenant()
	policies := []any{}
	if !c.flag("no_self_perms") && !c.flag("enable_rbac_authorization") {
		me, err := c.myID()
		if err != nil {
			return nil, err
		}
		policies = append(policies, ojson.Obj("tenantId", tenant, "objectId", me, "permissions", ojson.Obj("keys", []any{"all"}, "secrets", []any{"all"}, "certificates", []any{"all"}, "storage", []any{"all"})))
	}
	p := ojson.Obj("tenantId", tenant, "sku", ojson.Obj("family", "A", "name", or(c.str("sku"), "standard")), "accessPolicies", policies)
	for _, f := range [][2]string{{"enabled_for_deployment", "enabledForDeployment"}, {"enabled_for_disk_encryption", "enabledForDiskEncryption"}, {"enabled_for_template_deployment", "enabledForTemplateDeployment"},
		{"enable_rbac_authorization", "enableRbacAuthorization"}, {"enable_purge_protection", "enablePurgeProtection"}} {
		if c.line.Has(f[0]) {
			p.Set(f[1], c.flag(f[0]))
		}
	}
	p.Set("softDeleteRetentionInDays", c.number("retention_days", 90))
	if a := c.str("public_network_access"); a != "" && c.line.Has("public_network_access") {
		p.Set("publicNetworkAccess", a)
	}
	body := ojson.Obj("location", location)
	if tags, ok := c.tags(); ok {
		body.Set("tags", tags)
	}
	body.Set("properties", p)
	return c.putVault(path, body)
}

func (c *call) putVault(path string, body *ojson.Object) (any, error) {
	res, err := c.long(http.MethodPut, path, body, c.flag("no_wait"))
	if err != nil || res == nil {
		return nil, err
	}
	return c.view("Vault", res.json()), nil
}

// myID is the object id of who is signed in: a user asks Graph, another looks for
// its own principal.
func (c *call) myID() (string, error) {
	a, err := c.account("")
	if err != nil {
		return "", err
	}
	if a.Str("user", "type") == "user" {
		v, err := c.graphGet("/me")
		o, _ := v.(*ojson.Object)
		return o.Str("id"), err
	}
	t, err := c.token(armResource, "", "")
	return claims(t.access).Str("oid"), err
}

func cmdVaultList(c *call) (any, error) {
	path, err := c.subscriptionPath()
	if c.group() != "" {
		path, err = c.groupPath()
	}
	if err != nil {
		return nil, err
	}
	if c.str("resource_type") == "hsm" {
		return nil, notSimulated("Microsoft.KeyVault/managedHSMs")
	}
	if c.group() == "" { // the list of a subscription comes from Resource Manager
		list, err := c.all(join("2015-11-01", path, "/resources") + "&$filter=" + queryEscape("resourceType eq 'Microsoft.KeyVault/vaults'"))
		out := []any{}
		for _, e := range list {
			o := e.(*ojson.Object)
			tags, _ := o.Get("tags")
			if tags == nil {
				tags = ojson.New()
			}
			out = append(out, ojson.Obj("id", o.Str("id"), "location", o.Str("location"), "name", o.Str("name"), "tags", tags, "type", o.Str("type")))
		}
		return out, err
	}
	list, err := c.all(join(keyvaultVersion, path, vaults))
	return c.views("Vault", list), err
}

func cmdVaultShow(c *call) (any, error) {
	path, err := c.vaultPath()
	if err != nil {
		return nil, err
	}
	v, err := c.get(path)
	return c.view("Vault", v), err
}

func cmdVaultDelete(c *call) (any, error) {
	path, err := c.vaultPath()
	if err != nil {
		return nil, err
	}
	_, err = c.arm(http.MethodDelete, path, nil)
	return nil, err
}

// policyOwner is the object id that a policy command names.
func (c *call) policyOwner() (string, error) {
	switch id, spn, upn := c.str("object_id"), c.str("spn"), c.str("upn"); {
	case id != "":
		return id, nil
	case spn != "":
		list, err := c.graphList("/servicePrincipals" + filterQuery("servicePrincipalNames/any(c:c eq "+quoted(spn)+")"))
		if err != nil {
			return "", err
		}
		if len(list) == 0 {
			return "", failf("Unable to get object id from principal name.")
		}
		return list[0].Str("id"), nil
	case upn != "":
		list, err := c.graphList("/users" + filterQuery(equals("userPrincipalName", upn)))
		if err != nil {
			return "", err
		}
		if len(list) == 0 {
			return "", failf("Unable to get object id from principal name.")
		}
		return list[0].Str("id"), nil
	}
	return "", &fault{text: "one of --object-id, --spn, or --upn is required", exit: 1}
}

// changePolicies gets the command's vault, changes its access policies, and puts
// it back.
func (c *call) changePolicies(what string, change func(list []any, tenant, object string) ([]any, error)) (any, error) {
	object, err := c.policyOwner()
	if err != nil {
		return nil, err
	}
	path, err := c.vaultPath()
	if err != nil {
		return nil, err
	}
	v, err := c.get(path)
	if err != nil {
		return nil, err
	}
	o := v.(*ojson.Object)
	p := o.Obj("properties").Clone()
	if p.At("enableRbacAuthorization") == true {
		return nil, failf("Cannot %s policies to a vault with '--enable-rbac-authorization' specified", what)
	}
	list, _ := p.At("accessPolicies").([]any)
	if list, err = change(list, p.Str("tenantId"), object); err != nil {
		return nil, err
	}
	p.Set("accessPolicies", list)
	p.Delete("provisioningState")
	p.Delete("hsmPoolResourceId")
	body := ojson.Obj("location", o.Str("location"))
	if tags, ok := o.Get("tags"); ok {
		body.Set("tags", tags)
	}
	body.Set("properties", p)
	return c.putVault(path, body)
}

// isPolicy reports whether an access policy is that of someone.
func (c *call) isPolicy(e any, tenant, object string) bool {
	p, ok := e.(*ojson.Object)
	return ok && strings.EqualFold(p.Str("objectId"), object) && strings.EqualFold(p.Str("applicationId"), c.str("application_id")) && strings.EqualFold(p.Str("tenantId"), tenant)
}

func cmdVaultSetPolicy(c *call) (any, error) {
	return c.changePolicies("set", func(list []any, tenant, object string) ([]any, error) {
		at := slices.IndexFunc(list, func(e any) bool { return c.isPolicy(e, tenant, object) })
		before := ojson.New()
		if at >= 0 {
			before = list[at].(*ojson.Object).Obj("permissions")
		}
		permissions := ojson.New()
		for _, kind := range [][2]string{{"key_permissions", "keys"}, {"secret_permissions", "secrets"}, {"certificate_permissions", "certificates"}, {"storage_permissions", "storage"}} {
			if c.line.Has(kind[0]) {
				words := slices.Clone(c.list(kind[0]))
				slices.Sort(words)
				permissions.Set(kind[1], texts(slices.Compact(words)))
			} else if old, ok := before.Get(kind[1]); ok {
				permissions.Set(kind[1], old)
			}
		}
		entry := ojson.Obj("tenantId", tenant, "objectId", object)
		if app := c.str("application_id"); app != "" {
			entry.Set("applicationId", app)
		}
		entry.Set("permissions", permissions)
		list = slices.Clone(list)
		if at >= 0 {
			list[at] = entry
			return list, nil
		}
		return append(list, entry), nil
	})
}

func cmdVaultDeletePolicy(c *call) (any, error) {
	return c.changePolicies("delete", func(list []any, tenant, object string) ([]any, error) {
		left := slices.DeleteFunc(slices.Clone(list), func(e any) bool { return c.isPolicy(e, tenant, object) })
		if len(left) == len(list) {
			return nil, failf("No matching policies found")
		}
		return left, nil
	})
}

func (c *call) deletedVaults() ([]any, error) {
	sub, err := c.subscriptionPath()
	if err != nil {
		return nil, err
	}
	return c.all(join(keyvaultVersion, sub, "/providers/Microsoft.KeyVault/deletedVaults"))
}

func cmdVaultListDeleted(c *call) (any, error) {
	list, err := c.deletedVaults()
	return c.views("DeletedVault", list), err
}

func cmdVaultPurge(c *call) (any, error) {
	name, location := c.str("vault_name"), c.str("location")
	if location == "" {
		list, err := c.deletedVaults()
		if err != nil {
			return nil, err
		}
		for _, e := range list {
			if o := e.(*ojson.Object); strings.EqualFold(o.Str("name"), name) {
				location = o.Str("properties", "location")
			}
		}
		if location == "" {
			return nil, failf("No deleted Vault or HSM was found with name %s ", name)
		}
	}
	sub, err := c.subscriptionPath()
	if err != nil {
		return nil, err
	}
	_, err = c.long(http.MethodPost, join(keyvaultVersion, sub, "/providers/Microsoft.KeyVault/locations/", pathSegment(location), "/deletedVaults/", pathSegment(name), "/purge"), nil, c.flag("no_wait"))
	return nil, err
}
