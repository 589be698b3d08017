// Package vault is Microsoft.KeyVault in Resource Manager: vaults with their
// access policies, and those that were deleted and can come back
// (facts/azure-wire.md §4.11). It must not know what lies in a vault: a data
// plane finds vaults here by [Vaults].
package vault

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"skylab/sim/cloud/arm"
	"skylab/sim/ojson"
)

const namespace = "Microsoft.KeyVault"

// Full names of the types.
const (
	VaultType   = namespace + "/vaults"
	deletedType = namespace + "/locations/deletedVaults"
)

// suffix is behind a vault's name in its host name.
const suffix = ".vault.azure.net"

var versions = strings.Fields("2024-11-01 2023-07-01 2023-02-01 2022-11-01 2022-07-01 2022-02-01-preview 2021-10-01 2021-06-01-preview 2021-04-01-preview 2020-04-01-preview 2019-09-01 2018-02-14 2018-02-14-preview 2016-10-01 2015-06-01")

// rbacSince is the first api-version whose new vaults use roles unless told
// otherwise.
const rbacSince = "2026-02-01"

// Types returns the resource types of the namespace.
func Types() []*arm.Type {
	typ := func(name string) *arm.Type {
		return &arm.Type{Namespace: namespace, Name: name, Versions: versions, Header: map[string]string{"x-ms-keyvault-service-version": "1.5.1455.0"}}
	}
	vaults := typ("vaults")
	vaults.Async = &arm.Async{Create: 10 * time.Second, State: "RegisteringDns", Status: http.StatusOK, Quiet: true}
	vaults.Put, vaults.Gone, vaults.Render = put, gone, render
	vaults.Below = "deploy eventGridFilters keys privateEndpointConnections privateLinkResources secrets"
	policies := typ("vaults/accessPolicies")
	policies.Proxy, policies.Serve = true, servePolicies
	serve := func(name string, do func(*arm.ARM, *arm.Request) error) *arm.Type {
		t := typ(name)
		t.Proxy, t.Serve = true, do
		return t
	}
	return []*arm.Type{vaults, policies, serve("checkNameAvailability", checkName), serve("deletedVaults", listDeleted), serve("locations/deletedVaults", serveDeleted)}
}

func fail(status int, code, format string, args ...any) error {
	return &arm.Error{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

func badValue(name string) error {
	return fail(http.StatusBadRequest, "BadRequest", "An invalid value was provided for '%s'.", name)
}

func notAllowed() error {
	return fail(http.StatusMethodNotAllowed, "HttpMethodNotAllowed", "The HTTP method is not allowed for this resource.")
}

var validName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]$`)

func nameIsValid(name string) bool {
	return validName.MatchString(name) && !strings.Contains(name, "--")
}

const (
	nameRule  = "A vault's name must be between 3-24 alphanumeric characters. The name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens."
	nameTaken = "The vault name '%s' is already in use. Vault names are globally unique so it is possible that the name is already taken. If you are sure that the vault name was not taken then it is possible that a vault with the same name was recently deleted but not purged after being placed in a recoverable state. If the vault is in a recoverable state then the vault will need to be purged before reusing the name. For more information about VaultAlreadyExists, follow this link https://go.microsoft.com/fwlink/?linkid=2147740"
)

func find(a *arm.ARM, name string) (arm.Resource, bool) {
	for _, r := range a.ResourcesOf(VaultType) {
		if strings.EqualFold(r.Name, name) {
			return r, true
		}
	}
	return arm.Resource{}, false
}

// orders are the permissions of an access policy, by kind.
var orders = []struct{ kind, permissions string }{
	{"keys", "all encrypt decrypt wrapKey unwrapKey sign verify get list create update import delete backup restore recover purge release rotate getrotationpolicy setrotationpolicy"},
	{"secrets", "all get list set delete backup restore recover purge"},
	{"certificates", "all get list delete create import update managecontacts getissuers listissuers setissuers deleteissuers manageissuers recover purge backup restore"},
	{"storage", "all get list delete set update regeneratekey recover purge backup restore setsas listsas getsas deletesas"},
}

var guid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// checkPolicies checks access policies and puts them into the service's order.
func checkPolicies(list any) ([]any, error) {
	all, ok := list.([]any)
	if list != nil && !ok {
		return nil, badValue("accessPolicies")
	}
	if len(all) > 1024 {
		return nil, fail(http.StatusBadRequest, "BadRequest", "The number of access policies must not exceed 1024.")
	}
	out := []any{}
	for _, v := range all {
		p, _ := v.(*ojson.Object)
		if !guid.MatchString(p.Str("tenantId")) || !guid.MatchString(p.Str("objectId")) || p.Obj("permissions") == nil {
			return nil, badValue("accessPolicies")
		}
		given := &ojson.Object{}
		for _, o := range orders {
			list, there := p.Obj("permissions").GetFold(o.kind)
			if !there || list == nil {
				continue
			}
			names, ok := list.([]any)
			if !ok {
				return nil, badValue("accessPolicies")
			}
			for _, n := range names {
				s, _ := n.(string)
				if !slices.ContainsFunc(strings.Fields(o.permissions), func(known string) bool { return strings.EqualFold(known, s) }) {
					return nil, badValue("accessPolicies")
				}
			}
			given.Set(o.kind, list)
		}
		one := ojson.Obj("tenantId", p.Str("tenantId"), "objectId", p.Str("objectId"))
		if app := p.Str("applicationId"); app != "" {
			one.Set("applicationId", app)
		}
		one.Set("permissions", given)
		out = append(out, one)
	}
	return out, nil
}

func put(a *arm.ARM, x *arm.Request, old, r *arm.Resource) error {
	p := r.Properties
	switch mode := strings.ToLower(p.Str("createMode")); {
	case mode != "" && mode != "default" && mode != "recover":
		return badValue("createMode")
	case old == nil && mode == "recover":
		return recoverVault(a, x, r)
	}
	p.Delete("createMode")
	if old == nil {
		if err := free(a, x, r); err != nil {
			return err
		}
	} else {
		for _, m := range old.Properties.Members() {
			p.Fill(m.Key, m.Value)
		}
		p.Set("vaultUri", old.Properties.Str("vaultUri"))
		if on, _ := old.Properties.At("enablePurgeProtection").(bool); on && p.At("enablePurgeProtection") != true {
			return fail(http.StatusBadRequest, "BadRequest", `The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.`)
		}
		if on, _ := old.Properties.At("enableSoftDelete").(bool); on && p.At("enableSoftDelete") == false {
			return fail(http.StatusBadRequest, "BadRequest", `The property "enableSoftDelete" can be set to false only for creating new vault. Enabling the 'soft delete' functionality is an irreversible action.`)
		}
	}
	family, sku := p.Str("sku", "family"), strings.ToLower(p.Str("sku", "name"))
	switch {
	case p.Str("tenantId") == "" || !guid.MatchString(p.Str("tenantId")):
		return badValue("tenantId")
	case family != "A" || sku != "standard" && sku != "premium":
		return badValue("sku")
	}
	p.Set("sku", ojson.Obj("family", "A", "name", sku))
	roles, _ := p.At("enableRbacAuthorization").(bool)
	if _, told := p.GetFold("enableRbacAuthorization"); !told && old == nil && x.Version >= rbacSince {
		roles = true
	}
	if p.At("accessPolicies") == nil && old == nil && !roles {
		return fail(http.StatusBadRequest, "BadRequest", "The parameter accessPolicies is not specified.")
	}
	policies, err := checkPolicies(p.At("accessPolicies"))
	if err != nil {
		return err
	}
	p.Set("accessPolicies", policies)
	days := 90
	if v, told := p.GetFold("softDeleteRetentionInDays"); told {
		n, _ := v.(json.Number)
		d, err := strconv.Atoi(n.String())
		if err != nil || d < 7 || d > 90 {
			return badValue("softDeleteRetentionInDays")
		}
		days = d
	}
	p.Set("enableRbacAuthorization", roles)
	p.Fill("enabledForDeployment", false, "enabledForDiskEncryption", false, "enabledForTemplateDeployment", false, "enableSoftDelete", true)
	p.Set("softDeleteRetentionInDays", json.Number(strconv.Itoa(days)))
	p.Fill("publicNetworkAccess", "Enabled")
	if r.Tags == nil {
		r.Tags = &ojson.Object{}
	}
	if old == nil {
		register(x, r)
		return nil
	}
	p.Set("provisioningState", "Succeeded")
	return nil
}

// register begins to give a vault its host name: until that is done, its address
// has no slash at the end.
func register(x *arm.Request, r *arm.Resource) {
	uri := "https://" + strings.ToLower(r.Name) + suffix
	r.Properties.Set("vaultUri", uri)
	x.Then.Properties = ojson.Obj("vaultUri", uri+"/")
}

// free checks that a new vault's name is valid and taken by no other, a deleted
// one included.
func free(a *arm.ARM, x *arm.Request, r *arm.Resource) error {
	if !nameIsValid(r.Name) {
		return fail(http.StatusBadRequest, "VaultNameNotValid", "The vault name '%s' is invalid. %s Follow this link for more information: https://go.microsoft.com/fwlink/?linkid=2147742", r.Name, nameRule)
	}
	if _, taken := find(a, r.Name); taken {
		return fail(http.StatusConflict, "VaultAlreadyExists", nameTaken, r.Name)
	}
	if d, ok := deleted(a, r.Name, x.At()); ok {
		if strings.HasPrefix(strings.ToLower(d.ID), strings.ToLower(strings.Join(strings.Split(r.ID, "/")[:3], "/"))+"/") {
			return fail(http.StatusConflict, "ConflictError", "A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete.")
		}
		return fail(http.StatusConflict, "VaultAlreadyExists", nameTaken, r.Name)
	}
	return nil
}

func render(_ *arm.ARM, x *arm.Request, r arm.Resource) *ojson.Object {
	p := &ojson.Object{}
	for _, n := range strings.Fields("sku tenantId networkAcls accessPolicies enabledForDeployment enabledForDiskEncryption enabledForTemplateDeployment enableSoftDelete softDeleteRetentionInDays enableRbacAuthorization enablePurgeProtection vaultUri provisioningState publicNetworkAccess") {
		late := n == "softDeleteRetentionInDays" || n == "enableRbacAuthorization"
		if v, ok := r.Properties.Get(n); ok && !(late && x.Version < "2019-09-01") && !(n == "publicNetworkAccess" && x.Version < "2021-04-01-preview") {
			p.Set(n, v)
		}
	}
	return ojson.Obj("id", r.ID, "name", r.Name, "type", r.Type, "location", r.Location, "tags", r.Tags, "properties", p)
}

// servePolicies adds to a vault's access policies, replaces them or takes some
// away: PUT {vault}/accessPolicies/add.
func servePolicies(a *arm.ARM, x *arm.Request) error {
	kind := strings.ToLower(x.Name)
	if x.Method != http.MethodPut || len(x.Rest) > 0 || kind != "add" && kind != "replace" && kind != "remove" {
		return notAllowed()
	}
	if err := a.Authorize(x, VaultType+"/accessPolicies/write", x.ID); err != nil {
		return err
	}
	body, err := x.Body()
	if err != nil {
		return err
	}
	r, ok := a.Resource(x.Scope + "/providers/" + VaultType + "/" + x.Parents[0])
	if !ok {
		return fail(http.StatusNotFound, "ParentResourceNotFound", "Can not perform requested operation on nested resource. Parent resource '%s' not found.", x.Parents[0])
	}
	given, err := checkPolicies(body.At("properties", "accessPolicies"))
	if err != nil {
		return err
	}
	now, _ := r.Properties.At("accessPolicies").([]any)
	if kind == "replace" {
		now = nil
	}
	for _, v := range given {
		p := v.(*ojson.Object)
		i := slices.IndexFunc(now, func(v any) bool {
			o, _ := v.(*ojson.Object)
			return strings.EqualFold(o.Str("objectId"), p.Str("objectId")) && strings.EqualFold(o.Str("tenantId"), p.Str("tenantId")) && strings.EqualFold(o.Str("applicationId"), p.Str("applicationId"))
		})
		switch {
		case i < 0 && kind != "remove":
			now = append(now, p)
		case i >= 0:
			if change(now[i].(*ojson.Object), p, kind == "remove") {
				now = slices.Delete(now, i, i+1)
			}
		}
	}
	if now == nil {
		now = []any{}
	}
	r.Properties.Set("accessPolicies", now)
	r.Changed = x.At()
	a.Keep(r)
	x.Answer(http.StatusOK, ojson.Obj("id", r.ID+"/accessPolicies/", "type", VaultType+"/accessPolicies", "properties", ojson.Obj("accessPolicies", now)))
	return nil
}

// change adds permissions to a policy or takes them away, and reports whether
// none is left.
func change(policy, by *ojson.Object, remove bool) (empty bool) {
	has := policy.Obj("permissions")
	left := 0
	for _, o := range orders {
		list, _ := has.At(o.kind).([]any)
		list = slices.Clone(list)
		more, _ := by.At("permissions", o.kind).([]any)
		for _, m := range more {
			text, _ := m.(string)
			same := func(v any) bool { s, _ := v.(string); return strings.EqualFold(s, text) }
			switch there := slices.ContainsFunc(list, same); {
			case remove:
				list = slices.DeleteFunc(list, same)
			case !there:
				list = append(list, m)
			}
		}
		if _, had := has.Get(o.kind); had || len(list) > 0 {
			has.Set(o.kind, list)
		}
		left += len(list)
	}
	return remove && left == 0
}

// checkName tells whether a name is free.
func checkName(a *arm.ARM, x *arm.Request) error {
	if x.Method != http.MethodPost || x.Name != "" {
		return notAllowed()
	}
	if err := a.Authorize(x, namespace+"/checkNameAvailability/read", x.Scope); err != nil {
		return err
	}
	body, err := x.Body()
	if err != nil {
		return err
	}
	name := body.Str("name")
	if !strings.EqualFold(body.Str("type"), VaultType) {
		return badValue("type")
	}
	_, taken := find(a, name)
	if !taken {
		_, taken = deleted(a, name, x.At())
	}
	o := ojson.Obj("nameAvailable", true)
	switch {
	case !nameIsValid(name):
		o = ojson.Obj("nameAvailable", false, "reason", "AccountNameInvalid", "message", nameRule)
	case taken:
		o = ojson.Obj("nameAvailable", false, "reason", "AlreadyExists", "message", fmt.Sprintf(nameTaken, name))
	}
	x.Answer(http.StatusOK, o)
	return nil
}
