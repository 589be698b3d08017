package az

import (
	"net/http"
	"slices"
	"strings"

	"skylab/sim/ojson"
)

const (
	storageVersion  = "2022-09-01"
	storageAccounts = "/providers/Microsoft.Storage/storageAccounts/"
)

var storageCommands = map[string]command{
	"storage account create": cmdStorageCreate, "storage account show": cmdStorageShow, "storage account delete": cmdStorageDelete, "storage account check-name": cmdStorageCheck,
	"storage account keys list": cmdStorageKeys, "storage account keys renew": cmdStorageRenew, "storage account show-connection-string": cmdStorageConnection,
}

// located finds a resource of the subscription by its name where no resource
// group was given.
func (c *call) located(typ, name string) (group string, err error) {
	if g := c.group(); g != "" {
		return g, nil
	}
	sub, err := c.subscriptionPath()
	if err != nil {
		return "", err
	}
	list, err := c.all(join(resourcesVersion, sub, "/resources") + "&$filter=" + queryEscape("resourceType eq '"+typ+"' and name eq '"+name+"'"))
	if err != nil {
		return "", err
	}
	for _, e := range list {
		if o, ok := e.(*ojson.Object); ok && strings.EqualFold(o.Str("name"), name) {
			r, _ := parseID(o.Str("id"))
			return r.group, nil
		}
	}
	return "", nil
}

// storagePath is the path of the command's storage account.
func (c *call) storagePath(rest string) (string, error) {
	name := c.str("account_name")
	if name == "" {
		return "", failf("the following arguments are required: --account-name/-n")
	}
	group, err := c.located("Microsoft.Storage/storageAccounts", name)
	if err != nil {
		return "", err
	}
	if group == "" {
		return "", failf("Storage account '%s' not found.", name)
	}
	sub, err := c.subscriptionPath()
	return join(storageVersion, sub, "/resourceGroups/", pathSegment(group), storageAccounts, pathSegment(name), rest), err
}

func cmdStorageCreate(c *call) (any, error) {
	group, err := c.groupPath()
	if err != nil {
		return nil, err
	}
	location, err := c.location()
	if err != nil {
		return nil, err
	}
	if c.line.Has("bypass") && !c.line.Has("default_action") {
		return nil, failf("incorrect usage: --default-action ACTION [--bypass SERVICE ...]")
	}
	body := ojson.Obj("sku", ojson.Obj("name", c.str("sku")), "kind", c.str("kind"), "location", location)
	if tags, ok := c.tags(); ok {
		body.Set("tags", tags)
	}
	kind, user := c.str("identity_type"), c.str("user_identity_id")
	if c.flag("assign_identity") {
		kind = "SystemAssigned"
	}
	if kind != "" {
		identity := ojson.Obj("type", kind)
		if strings.Contains(kind, "UserAssigned") && user != "" {
			identity.Set("userAssignedIdentities", ojson.Obj(user, ojson.New()))
		}
		body.Set("identity", identity)
	}
	p := ojson.Obj("encryption", ojson.Obj("services", ojson.Obj("blob", ojson.New()), "keySource", "Microsoft.Storage"))
	if t := c.str("access_tier"); t != "" {
		p.Set("accessTier", t)
	} else if c.str("kind") == "BlobStorage" {
		return nil, failf("incorrect usage: --access-tier ACCESS_TIER is required for BlobStorage")
	}
	for _, f := range [][2]string{{"https_only", "supportsHttpsTrafficOnly"}, {"enable_hierarchical_namespace", "isHnsEnabled"}, {"allow_blob_public_access", "allowBlobPublicAccess"}, {"allow_shared_key_access", "allowSharedKeyAccess"}} {
		if c.line.Has(f[0]) {
			p.Set(f[1], c.flag(f[0]))
		}
	}
	for _, s := range [][2]string{{"min_tls_version", "minimumTlsVersion"}, {"public_network_access", "publicNetworkAccess"}} {
		if v := c.str(s[0]); v != "" && c.line.Has(s[0]) {
			p.Set(s[1], v)
		}
	}
	if c.line.Has("default_action") {
		rules := ojson.Obj("defaultAction", c.str("default_action"))
		if b := c.list("bypass"); len(b) > 0 {
			rules.Set("bypass", strings.Join(b, ", "))
		}
		p.Set("networkAcls", rules)
	}
	body.Set("properties", p)
	res, err := c.long(http.MethodPut, join(storageVersion, group, storageAccounts, pathSegment(c.str("account_name"))), body, false)
	if err != nil {
		return nil, err
	}
	return c.view("StorageAccount", res.json()), nil
}

func cmdStorageShow(c *call) (any, error) {
	path, err := c.storagePath("")
	if err != nil {
		return nil, err
	}
	v, err := c.get(path)
	return c.view("StorageAccount", v), err
}

func cmdStorageDelete(c *call) (any, error) {
	path, err := c.storagePath("")
	if err == nil {
		_, err = c.arm(http.MethodDelete, path, nil)
	}
	return nil, err
}

func cmdStorageCheck(c *call) (any, error) {
	sub, err := c.subscriptionPath()
	if err != nil {
		return nil, err
	}
	res, err := c.arm(http.MethodPost, join(storageVersion, sub, "/providers/Microsoft.Storage/checkNameAvailability"), ojson.Obj("name", c.str("name"), "type", "Microsoft.Storage/storageAccounts"))
	if err != nil {
		return nil, err
	}
	return c.view("CheckNameAvailabilityResult", res.json()), nil
}

// storageKeys asks for the keys of the account.
func (c *call) storageKeys(action string, body any) ([]any, error) {
	path, err := c.storagePath(action)
	if err != nil {
		return nil, err
	}
	if e := c.str("expand"); e != "" {
		path += "&$expand=" + e
	}
	res, err := c.arm(http.MethodPost, path, body)
	if err != nil {
		return nil, err
	}
	list, _ := res.object().At("keys").([]any)
	return list, nil
}

func cmdStorageKeys(c *call) (any, error) {
	list, err := c.storageKeys("/listKeys", nil)
	return c.views("StorageAccountKey", list), err
}

func cmdStorageRenew(c *call) (any, error) {
	key := c.str("key_name")
	if k, ok := map[string]string{"primary": "key1", "secondary": "key2"}[key]; ok {
		key = k
	}
	list, err := c.storageKeys("/regenerateKey", ojson.Obj("keyName", key))
	return c.views("StorageAccountKey", list), err
}

func cmdStorageConnection(c *call) (any, error) {
	path, err := c.storagePath("")
	if err != nil {
		return nil, err
	}
	v, err := c.get(path)
	if err != nil {
		return nil, err
	}
	keys, err := c.storageKeys("/listKeys", nil)
	if err != nil {
		return nil, err
	}
	at := 0
	if slices.Contains([]string{"secondary", "key2"}, c.str("key_name")) {
		at = 1
	}
	if at >= len(keys) {
		return nil, failf("The storage account has no key '%s'.", c.str("key_name"))
	}
	name, protocol := c.str("account_name"), or(c.str("protocol"), "https")
	text := "DefaultEndpointsProtocol=" + protocol + ";EndpointSuffix=core.windows.net;AccountName=" + name + ";AccountKey=" + keys[at].(*ojson.Object).Str("value")
	for _, service := range []string{"blob", "file", "queue", "table"} {
		if e := v.(*ojson.Object).Str("properties", "primaryEndpoints", service); e != "" {
			text += ";" + strings.ToUpper(service[:1]) + service[1:] + "Endpoint=" + e
		}
	}
	return ojson.Obj("connectionString", text), nil
}
