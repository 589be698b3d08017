// Package storage is Microsoft.Storage in Resource Manager: storage accounts,
// their keys and the shared access signatures that it makes with them
// (facts/azure-wire.md §4.10, §5.4). It must not know what lies in an account:
// a data plane reads accounts and keys from here by [Accounts].
package storage

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"skylab/sim/cloud/arm"
	"skylab/sim/ojson"
)

const namespace = "Microsoft.Storage"

// AccountType is the type of storage accounts.
const AccountType = namespace + "/storageAccounts"

var versions = strings.Fields("2024-01-01 2023-05-01 2023-04-01 2023-01-01 2022-09-01 2022-05-01 2021-09-01 2021-08-01 2021-06-01 2021-04-01 2021-02-01 2021-01-01 2020-08-01-preview 2019-06-01 2019-04-01 2018-11-01 2018-07-01 2018-03-01-preview 2018-02-01 2017-10-01 2017-06-01 2016-12-01 2016-05-01 2016-01-01")

// server is how this provider names itself.
const server = "Microsoft-Azure-Storage-Resource-Provider/1.0,Microsoft-HTTPAPI/2.0 Microsoft-HTTPAPI/2.0"

// Types returns the resource types of the namespace.
func Types() []*arm.Type {
	typ := func(name string) *arm.Type {
		return &arm.Type{Namespace: namespace, Name: name, Versions: versions, ContentType: "application/json", Header: map[string]string{"Server": server}}
	}
	accounts := typ("storageAccounts")
	accounts.Async = &arm.Async{Create: 20 * time.Second, Retry: 17, Accepted: true, Collection: "asyncoperations"}
	accounts.Put, accounts.Render = put, render
	accounts.Actions = map[string]arm.Action{
		"listkeys":       {Name: "listKeys", Reads: true, Do: listKeys},
		"regeneratekey":  {Name: "regenerateKey", Do: regenerateKey},
		"listservicesas": {Name: "listServiceSas", Reads: true, Do: listServiceSAS},
		"listaccountsas": {Name: "listAccountSas", Reads: true, Do: listAccountSAS},
	}
	accounts.Below = "abortHierarchicalNamespaceMigration accountMigrations blobServices encryptionScopes failover fileServices hierarchicalNamespaceMigration inventoryPolicies localUsers managementPolicies networkSecurityPerimeterConfigurations objectReplicationPolicies privateEndpointConnections privateLinkResources queueServices restoreBlobRanges revokeUserDelegationKeys startAccountMigration tableServices"
	names := typ("checkNameAvailability")
	names.Proxy, names.Serve = true, checkName
	skus := typ("skus")
	skus.Proxy, skus.Serve = true, listSKUs
	usages := typ("locations/usages")
	usages.Proxy, usages.Serve = true, listUsages
	return []*arm.Type{accounts, names, skus, usages}
}

func fail(status int, code, format string, args ...any) error {
	return &arm.Error{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

func badValue(parameter string) error {
	return fail(http.StatusBadRequest, "InvalidValuesForRequestParameters", "Values for request parameters are invalid: %s.", parameter)
}

var validName = regexp.MustCompile(`^[a-z0-9]{3,24}$`)

func nameError(name string) error {
	if validName.MatchString(name) {
		return nil
	}
	return fail(http.StatusBadRequest, "AccountNameInvalid", "%s is not a valid storage account name. Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only.", name)
}

// redundancy is an SKU: its tier, whether the account has a second region,
// whether that can be read, and the kinds of accounts that can have it.
type redundancy struct {
	name, tier   string
	second, read bool
	kinds        string
}

var skus = []redundancy{
	{"Standard_LRS", "Standard", false, false, "Storage StorageV2 BlobStorage"}, {"Standard_ZRS", "Standard", false, false, "StorageV2"},
	{"Standard_GRS", "Standard", true, false, "Storage StorageV2 BlobStorage"}, {"Standard_RAGRS", "Standard", true, true, "Storage StorageV2 BlobStorage"},
	{"Standard_GZRS", "Standard", true, false, "StorageV2"}, {"Standard_RAGZRS", "Standard", true, true, "StorageV2"},
	{"Premium_LRS", "Premium", false, false, "Storage StorageV2 FileStorage BlockBlobStorage"}, {"Premium_ZRS", "Premium", false, false, "FileStorage BlockBlobStorage"},
}

var kinds = strings.Fields("Storage StorageV2 BlobStorage FileStorage BlockBlobStorage")

// find returns an account by its name, wherever it lies.
func find(a *arm.ARM, name string) (arm.Resource, bool) {
	for _, r := range a.ResourcesOf(AccountType) {
		if strings.EqualFold(r.Name, name) {
			return r, true
		}
	}
	return arm.Resource{}, false
}

func put(a *arm.ARM, x *arm.Request, old, r *arm.Resource) error {
	if old == nil {
		if err := nameError(r.Name); err != nil {
			return err
		}
		if other, taken := find(a, r.Name); taken {
			if strings.EqualFold(strings.Split(other.ID, "/")[2], strings.Split(r.ID, "/")[2]) {
				return fail(http.StatusConflict, "StorageAccountInAnotherResourceGroup", "The account %s is already in another resource group in this subscription.", r.Name)
			}
			return fail(http.StatusConflict, "StorageAccountAlreadyTaken", "The storage account named %s is already taken.", r.Name)
		}
	}
	if r.SKU == nil && old != nil {
		r.SKU = old.SKU
	}
	if r.Kind == "" && old != nil {
		r.Kind = old.Kind
	}
	i := slices.IndexFunc(kinds, func(k string) bool { return strings.EqualFold(k, r.Kind) })
	if i < 0 {
		return badValue("kind")
	}
	r.Kind = kinds[i]
	i = slices.IndexFunc(skus, func(s redundancy) bool { return strings.EqualFold(s.name, r.SKU.Str("name")) })
	if i < 0 || !slices.Contains(strings.Fields(skus[i].kinds), r.Kind) {
		return badValue("sku")
	}
	sku := skus[i]
	r.SKU = ojson.Obj("name", sku.name, "tier", sku.tier)
	if r.Tags == nil {
		r.Tags = &ojson.Object{}
	}
	now := stamp(x.At())
	if old == nil {
		r.Private = ojson.Obj("key1", newKey(a), "key2", newKey(a), "created1", now, "created2", now)
		r.Properties.Set("creationTime", now)
	} else {
		for _, m := range old.Properties.Members() {
			r.Properties.Fill(m.Key, m.Value)
		}
		for _, fixed := range []string{"creationTime", "isHnsEnabled"} {
			if v, ok := old.Properties.Get(fixed); ok {
				r.Properties.Set(fixed, v)
			}
		}
	}
	p := r.Properties
	if t, ok := p.GetFold("accessTier"); ok && t != "Hot" && t != "Cool" && t != "Cold" && t != "Premium" {
		return badValue("accessTier")
	}
	p.Fill("minimumTlsVersion", "TLS1_0", "allowBlobPublicAccess", false, "networkAcls", ojson.Obj("bypass", "AzureServices", "virtualNetworkRules", []any{}, "ipRules", []any{}, "defaultAction", "Allow"), "supportsHttpsTrafficOnly", true)
	if r.Kind != "Storage" && r.Kind != "FileStorage" {
		p.Fill("accessTier", map[bool]string{true: "Premium", false: "Hot"}[sku.tier == "Premium"])
	}
	on := func() *ojson.Object {
		return ojson.Obj("keyType", "Account", "enabled", true, "lastEnabledTime", p.Str("creationTime"))
	}
	if e := p.Obj("encryption"); e != nil && !strings.EqualFold(e.Str("keySource"), namespace) && e.Str("keySource") != "" {
		return arm.NotSimulated("encryption with a key of one's own")
	}
	p.Set("encryption", ojson.Obj("services", ojson.Obj("file", on(), "blob", on()), "keySource", namespace))
	p.Set("primaryEndpoints", endpoints(r.Name, r.Kind, ""))
	p.Set("primaryLocation", r.Location)
	p.Set("statusOfPrimary", "available")
	for _, k := range []string{"secondaryLocation", "statusOfSecondary", "secondaryEndpoints"} {
		p.Delete(k)
	}
	if sku.second {
		p.Set("secondaryLocation", arm.Paired(r.Location))
		p.Set("statusOfSecondary", "available")
		if sku.read {
			p.Set("secondaryEndpoints", endpoints(r.Name, r.Kind, "-secondary"))
		}
	}
	return a.SettleIdentity(x, old, r, false)
}

// stamp prints a time as this provider does: seven decimals.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.0000000Z") }

// services are an account's services in the order of its endpoints, and which
// kinds of accounts have them ("" is all but FileStorage).
var services = []struct{ name, host, kinds string }{
	{"dfs", "dfs.core.windows.net", "StorageV2 BlobStorage BlockBlobStorage"}, {"web", "z22.web.core.windows.net", "StorageV2 BlockBlobStorage"},
	{"blob", "blob.core.windows.net", "Storage StorageV2 BlobStorage BlockBlobStorage"}, {"queue", "queue.core.windows.net", "Storage StorageV2"},
	{"table", "table.core.windows.net", "Storage StorageV2 BlobStorage"}, {"file", "file.core.windows.net", "Storage StorageV2 FileStorage"},
}

func endpoints(account, kind, suffix string) *ojson.Object {
	o := &ojson.Object{}
	for _, s := range services {
		if slices.Contains(strings.Fields(s.kinds), kind) && (suffix == "" || s.name != "file") {
			o.Set(s.name, "https://"+account+suffix+"."+s.host+"/")
		}
	}
	return o
}

func render(_ *arm.ARM, x *arm.Request, r arm.Resource) *ojson.Object {
	o := &ojson.Object{}
	if r.Identity != nil {
		o.Set("identity", r.Identity)
	}
	for _, m := range ojson.Obj("sku", r.SKU, "kind", r.Kind, "id", r.ID, "name", r.Name, "type", r.Type, "location", r.Location, "tags", r.Tags).Members() {
		o.Set(m.Key, m.Value)
	}
	p := &ojson.Object{}
	take := func(names string) {
		for _, n := range strings.Fields(names) {
			if v, ok := r.Properties.Get(n); ok {
				p.Set(n, v)
			}
		}
	}
	if x.Version >= "2021-01-01" {
		p.Set("keyCreationTime", ojson.Obj("key1", r.Private.Str("created1"), "key2", r.Private.Str("created2")))
		take("defaultToOAuthAuthentication allowCrossTenantReplication")
	}
	p.Set("privateEndpointConnections", []any{})
	if x.Version >= "2019-06-01" {
		take("minimumTlsVersion allowBlobPublicAccess allowSharedKeyAccess publicNetworkAccess")
	}
	take("isHnsEnabled networkAcls supportsHttpsTrafficOnly encryption accessTier provisioningState creationTime")
	for _, m := range r.Properties.Members() {
		if !slices.Contains([]string{"minimumTlsVersion", "allowBlobPublicAccess", "allowSharedKeyAccess", "publicNetworkAccess", "defaultToOAuthAuthentication", "allowCrossTenantReplication", "privateEndpointConnections", "keyCreationTime"}, m.Key) {
			p.Set(m.Key, m.Value)
		}
	}
	o.Set("properties", p)
	return o
}

// newKey is an access key: 64 bytes in base64, with the mark by which scanners
// know a storage account's key.
func newKey(a *arm.ARM) string {
	k := base64.StdEncoding.EncodeToString(a.IDs.Bytes("storage.key", 64))
	return k[:76] + "+ASt" + k[80:]
}

func keysBody(r arm.Resource, version string) *ojson.Object {
	list := []any{}
	for _, n := range []string{"1", "2"} {
		value := r.Private.Str("key" + n)
		o := ojson.Obj("keyName", "key"+n, "value", value, "permissions", "FULL")
		switch {
		case version <= "2016-12-01":
			o = ojson.Obj("keyName", "key"+n, "permissions", "Full", "value", value)
		case version >= "2021-01-01":
			o = ojson.New(append([]ojson.Member{{Key: "creationTime", Value: r.Private.Str("created" + n)}}, o.Members()...)...)
		}
		list = append(list, o)
	}
	return ojson.Obj("keys", list)
}

func listKeys(_ *arm.ARM, x *arm.Request, r *arm.Resource) error {
	x.Answer(http.StatusOK, keysBody(*r, x.Version))
	return nil
}

func regenerateKey(a *arm.ARM, x *arm.Request, r *arm.Resource) error {
	body, err := x.Body()
	if err != nil {
		return err
	}
	n, ok := strings.CutPrefix(strings.ToLower(body.Str("keyName")), "key")
	if !ok || n != "1" && n != "2" {
		return badValue("keyName")
	}
	r.Private.Set("key"+n, newKey(a))
	r.Private.Set("created"+n, stamp(x.At()))
	x.Answer(http.StatusOK, keysBody(*r, x.Version))
	return nil
}

// checkName tells whether a name is free.
func checkName(a *arm.ARM, x *arm.Request) error {
	if x.Method != http.MethodPost || x.Name != "" {
		return fail(http.StatusMethodNotAllowed, "HttpMethodNotAllowed", "The HTTP method is not allowed for this resource.")
	}
	if err := a.Authorize(x, namespace+"/checknameavailability/read", x.Scope); err != nil {
		return err
	}
	body, err := x.Body()
	if err != nil {
		return err
	}
	name := body.Str("name")
	if !strings.EqualFold(body.Str("type"), AccountType) {
		return badValue("type")
	}
	o := ojson.Obj("nameAvailable", true)
	if err, bad := nameError(name).(*arm.Error); bad {
		o = ojson.Obj("nameAvailable", false, "reason", err.Code, "message", err.Message)
	} else if _, taken := find(a, name); taken {
		o = ojson.Obj("nameAvailable", false, "reason", "AlreadyExists", "message", "The storage account named "+name+" is already taken.")
	}
	x.Answer(http.StatusOK, o)
	return nil
}

func listSKUs(a *arm.ARM, x *arm.Request) error {
	if err := get(a, x, "skus/read"); err != nil {
		return err
	}
	list := []any{}
	for _, s := range skus {
		for _, kind := range strings.Fields(s.kinds) {
			for _, at := range arm.Locations() {
				list = append(list, ojson.Obj("resourceType", "storageAccounts", "name", s.name, "tier", s.tier, "kind", kind, "locations", []any{at}, "capabilities", []any{}, "restrictions", []any{}))
			}
		}
	}
	x.Answer(http.StatusOK, ojson.Obj("value", list))
	return nil
}

func listUsages(a *arm.ARM, x *arm.Request) error {
	if err := get(a, x, "locations/usages/read"); err != nil {
		return err
	}
	n := 0
	for _, r := range a.ResourcesOf(AccountType) {
		if strings.EqualFold(r.Location, x.Parents[0]) {
			n++
		}
	}
	x.Answer(http.StatusOK, ojson.Obj("value", []any{ojson.Obj("unit", "Count", "currentValue", n, "limit", 250, "name", ojson.Obj("value", "StorageAccounts", "localizedValue", "Storage Accounts"))}))
	return nil
}

func get(a *arm.ARM, x *arm.Request, action string) error {
	if x.Method != http.MethodGet || x.Name != "" {
		return fail(http.StatusMethodNotAllowed, "HttpMethodNotAllowed", "The HTTP method is not allowed for this resource.")
	}
	return a.Authorize(x, namespace+"/"+action, x.Scope)
}
