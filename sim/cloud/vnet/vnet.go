// Package vnet is the part of Microsoft.Network that a virtual machine needs:
// virtual networks with their subnets, security groups with their rules, public
// addresses and interfaces, and whether they let a connection through
// (facts/azure-wire.md §4.1, §4.6). It must not know machines, nor what listens
// on a port.
//
// Which resource uses which is not kept: it is read from the interfaces
// whenever somebody asks, so that it is always right.
package vnet

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"skylab/sim/cloud/arm"
	"skylab/sim/ojson"
)

var versions = strings.Fields("2024-05-01 2024-03-01 2024-01-01 2023-11-01 2023-09-01 2023-06-01 2023-05-01 2023-04-01 2023-02-01 2022-11-01 2022-09-01 2022-07-01 2022-05-01 2022-01-01 2021-08-01 2021-05-01 2021-03-01 2021-02-01 2020-11-01 2020-08-01 2020-07-01 2020-06-01 2020-05-01 2020-04-01 2020-03-01 2019-12-01 2019-11-01 2019-09-01 2019-08-01 2019-07-01 2019-06-01 2019-04-01 2019-02-01 2018-12-01 2018-11-01 2018-10-01 2018-08-01 2018-07-01 2018-06-01 2018-04-01 2018-02-01 2018-01-01 2017-11-01 2017-10-01 2017-09-01 2017-08-01 2017-06-01 2017-03-30 2017-03-01 2016-12-01 2016-09-01 2016-06-01 2016-03-30 2015-06-15 2015-05-01-preview")

const namespace = "Microsoft.Network"

// Full names of the types.
const (
	NetworkType   = namespace + "/virtualNetworks"
	SubnetType    = NetworkType + "/subnets"
	InterfaceType = namespace + "/networkInterfaces"
	AddressType   = namespace + "/publicIPAddresses"
	GroupType     = namespace + "/networkSecurityGroups"
)

// async is how Microsoft.Network's writes go on; the times are usual ones of the
// service.
var async = arm.Async{Create: 4 * time.Second, Update: 3 * time.Second, Delete: 10 * time.Second, State: "Updating", Retry: 10, Results: "operationResults"}

// Types returns the resource types of the namespace.
func Types() []*arm.Type {
	top := arm.Type{Namespace: namespace, Versions: versions, Pretty: true, Async: &async, Busy: busy, Header: map[string]string{"Server": "Microsoft-HTTPAPI/2.0"}}
	with := func(t arm.Type, name string, change func(*arm.Type)) *arm.Type {
		t.Name = name
		change(&t)
		return &t
	}
	part := top
	part.Proxy, part.Render = true, renderPart
	return []*arm.Type{
		with(top, "virtualNetworks", func(t *arm.Type) {
			t.Put, t.Delete, t.Render = putNetwork, deleteNetwork, renderNetwork
			t.Below = "CheckIPAddressAvailability ddosProtectionStatus listDnsForwardingRulesets listNetworkManagerEffectiveConnectivityConfigurations listNetworkManagerEffectiveSecurityAdminRules taggedTrafficConsumers usages virtualNetworkPeerings virtualNetworkLinks remoteVirtualNetworkPeeringProxies"
		}),
		with(part, "virtualNetworks/subnets", func(t *arm.Type) {
			t.Part, t.Delete = "subnets", deleteSubnet
			t.Below = "contextualServiceEndpointPolicies prepareNetworkPolicies resourceNavigationLinks serviceAssociationLinks unprepareNetworkPolicies"
		}),
		with(top, "networkSecurityGroups", func(t *arm.Type) {
			t.Put, t.Delete, t.Render, t.Below = putGroup, deleteGroup, renderGroup, "defaultSecurityRules"
		}),
		with(part, "networkSecurityGroups/securityRules", func(t *arm.Type) { t.Part = "securityRules" }),
		with(top, "publicIPAddresses", func(t *arm.Type) {
			t.Put, t.Delete, t.Render, t.Below = putAddress, deleteAddress, renderAddress, "dnsAliases ddosProtectionStatus"
		}),
		with(top, "networkInterfaces", func(t *arm.Type) {
			t.Put, t.Delete, t.Gone, t.Render = putInterface, deleteInterface, goneInterface, renderInterface
			t.Below = "diagnosticIdentity effectiveNetworkSecurityGroups effectiveRouteTable ipConfigurations loadBalancers tapConfigurations"
		}),
	}
}

func fail(code, format string, args ...any) error {
	return &arm.Error{Status: http.StatusBadRequest, Code: code, Message: fmt.Sprintf(format, args...)}
}

// busy refuses a change to what is being deleted.
func busy(x *arm.Request, op arm.Operation) error {
	parts := strings.Split(x.ID, "/")
	uri := "https://management.azure.com/subscriptions/" + parts[2] + "/providers/" + namespace + "/operations/" + op.ID + "?api-version=" + x.Version
	return &arm.Error{Status: http.StatusTooManyRequests, Code: "AnotherOperationInProgress", Message: "Another operation on this or dependent resource is in progress. To retrieve status of the operation use uri: " + uri + "."}
}

// reference finds a resource of a type that another one refers to by its id.
func reference(a *arm.ARM, from, id, fullType string) (arm.Resource, error) {
	r, ok := a.Resource(id)
	if !ok || !strings.EqualFold(r.Type, fullType) {
		return r, fail("InvalidResourceReference", "Resource %s referenced by resource %s was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.", id, from)
	}
	return r, nil
}

// settled keeps what every resource of the namespace has: its state, and an id
// of its own.
func settled(a *arm.ARM, old, r *arm.Resource) {
	guid := ""
	if old != nil {
		guid = old.Properties.Str("resourceGuid")
	}
	if guid == "" {
		guid = a.IDs.NamedGUID("vnet.guid", strings.ToLower(r.ID))
	}
	r.Properties.Set("resourceGuid", guid)
	r.Properties.Set("provisioningState", "Succeeded")
}

// etag changes whenever a resource does.
func etag(a *arm.ARM, r arm.Resource) string {
	return `W/"` + a.IDs.NamedGUID("vnet.etag", strings.ToLower(r.ID)+r.Changed.Format(time.RFC3339Nano)+r.Properties.Str("provisioningState")) + `"`
}

// first sets the members of an object in a given order and leaves the others
// behind them.
func first(o *ojson.Object, keys ...string) *ojson.Object {
	out := &ojson.Object{}
	for _, k := range keys {
		if v, ok := o.Get(k); ok {
			out.Set(k, v)
		}
	}
	for _, m := range o.Members() {
		out.Set(m.Key, m.Value)
	}
	return out
}

// body puts a resource together in the order that its type has.
func body(a *arm.ARM, r arm.Resource, p *ojson.Object, order string) *ojson.Object {
	all := map[string]any{"name": r.Name, "id": r.ID, "etag": etag(a, r), "type": r.Type, "properties": p, "location": r.Location}
	if r.Tags != nil {
		all["tags"] = r.Tags
	}
	if len(r.Zones) > 0 {
		all["zones"] = r.Zones
	}
	if r.SKU != nil {
		all["sku"] = r.SKU
	}
	if r.Kind != "" {
		all["kind"] = r.Kind
	}
	o := &ojson.Object{}
	for _, k := range strings.Fields(order) {
		if v, ok := all[k]; ok {
			o.Set(k, v)
		}
	}
	return o
}

// renderPart is a nested resource: a subnet or a rule.
func renderPart(a *arm.ARM, x *arm.Request, r arm.Resource) *ojson.Object {
	p := r.Properties
	if strings.EqualFold(r.Type, SubnetType) {
		p = subnetBody(p, usesOf(a)[strings.ToLower(r.ID)])
	}
	return body(a, r, first(p, "provisioningState"), "name id etag properties type")
}

// ids are references as bodies have them.
func ids(list []string) []any {
	out := []any{}
	for _, id := range list {
		out = append(out, ojson.Obj("id", id))
	}
	return out
}
