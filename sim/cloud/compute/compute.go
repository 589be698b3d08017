// Package compute is Microsoft.Compute in Resource Manager (facts/azure-wire.md
// §4.6, §4.7): virtual machines with their power and their disks, the sizes and
// images they are made from, and what the metadata service and a lab learn of
// them. It must not know what runs on a machine.
//
// Sizes, SKUs and images are tables (sizes.go, images.go): what Azure has beside
// them answers that it is not simulated.
package compute

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"skylab/sim/cloud/arm"
	"skylab/sim/cloud/vnet"
	"skylab/sim/ojson"
)

const namespace = "Microsoft.Compute"

// Full names of the types.
const (
	FullType = namespace + "/virtualMachines"
	DiskType = namespace + "/disks"
)

// versions of virtual machines, newest first.
var versions = strings.Fields(`2024-11-01 2024-07-01 2024-03-01 2023-09-01 2023-07-01 2023-03-01 2022-11-01 2022-08-01 2022-03-01 2021-11-01 2021-07-01 2021-04-01 2021-03-01
	2020-12-01 2020-06-01 2019-12-01 2019-07-01 2019-03-01 2018-10-01 2018-06-01 2018-04-01 2017-12-01 2017-03-30 2016-04-30-preview 2016-03-30 2015-06-15`)

// async is how long the writes of virtual machines take, and powers how long
// their actions do: usual times of a small machine.
var async = arm.Async{Create: 40 * time.Second, Update: 10 * time.Second, Delete: 40 * time.Second, Retry: 10, Notify: true, Timed: true}

var powers = []struct {
	name, during, after string // after "" leaves the power as it is
	takes               time.Duration
}{
	{"start", "starting", "running", 20 * time.Second},
	{"restart", "starting", "running", 20 * time.Second},
	{"powerOff", "stopping", "stopped", 15 * time.Second},
	{"deallocate", "deallocating", "deallocated", 30 * time.Second},
	{"redeploy", "starting", "running", time.Minute},
	{"reapply", "", "", 10 * time.Second},
}

// Types returns the resource types of the namespace.
func Types() []*arm.Type {
	header := map[string]string{"Server": "Microsoft-HTTPAPI/2.0"}
	vm := &arm.Type{
		Namespace: namespace, Name: "virtualMachines", Versions: versions, Pretty: true, Header: header, Async: &async,
		Put: put, After: after, Delete: remove, Gone: gone, Render: render, Busy: busy, Actions: map[string]arm.Action{},
		Reads: map[string]arm.Read{
			"instanceview": {Action: "instanceView/read", Do: func(_ *arm.ARM, x *arm.Request, r arm.Resource) error {
				x.Answer(http.StatusOK, instanceView(r))
				return nil
			}},
			"vmsizes": {Action: "vmSizes/read", Do: func(_ *arm.ARM, x *arm.Request, _ arm.Resource) error {
				x.Answer(http.StatusOK, ojson.Obj("value", sizeBodies()))
				return nil
			}},
		},
		Below: "assessPatches attachDetachDataDisks capture convertToManagedDisks extensions generalize installPatches migrateToVMScaleSet patchInstallations patchResults performMaintenance reimage retrieveBootDiagnosticsData runCommand runCommands simulateEviction",
	}
	for _, p := range powers {
		vm.Actions[strings.ToLower(p.name)] = arm.Action{Name: p.name, Takes: p.takes, Do: func(_ *arm.ARM, x *arm.Request, r *arm.Resource) error {
			if p.after != "" {
				r.Private.Set("power", p.during)
				x.Then.Private = ojson.Obj("power", p.after)
			}
			return nil
		}}
	}
	types := []*arm.Type{vm, disks(), {
		Namespace: namespace, Name: "sshPublicKeys", Versions: versions[:16], Pretty: true, Header: header, Below: "generateKeyPair",
		Put: func(_ *arm.ARM, _ *arm.Request, _, r *arm.Resource) error {
			if r.Properties.Str("publicKey") == "" {
				r.Properties.Set("publicKey", "")
			}
			return nil
		},
	}}
	return append(types, catalogue()...)
}

func fail(status int, code, format string, args ...any) error {
	return &arm.Error{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// invalid is InvalidParameter with its target (facts/azure-wire.md §4.7).
func invalid(target, format string, args ...any) error {
	return &arm.Error{Status: http.StatusBadRequest, Code: "InvalidParameter", Target: target, Message: fmt.Sprintf(format, args...)}
}

func missing(target string) error {
	return invalid(target, "Required parameter '%s' is missing (null).", target)
}

// busy refuses what is asked of a machine that is being deleted.
func busy(x *arm.Request, _ arm.Operation) error {
	doing := "createOrUpdate"
	if x.Method == http.MethodPost {
		doing = x.Rest[0]
	}
	return fail(http.StatusConflict, "OperationNotAllowed", "Operation '%s' is not allowed on VM '%s' since the VM is marked for deletion. You can only retry the Delete operation (or wait for an ongoing one to complete).", doing, x.Name)
}

func put(a *arm.ARM, x *arm.Request, old, r *arm.Resource) error {
	if err := checkShapes(r.Properties); err != nil {
		return err
	}
	if old == nil {
		if err := create(a, r); err != nil {
			return err
		}
		r.Private = ojson.Obj("power", "starting", "created", x.At().Format("2006-01-02T15:04:05.0000000-07:00"))
		x.Then.Private = ojson.Obj("power", "running")
	} else if err := change(a, old, r); err != nil {
		return err
	}
	if err := settleDisks(a, x, old, r); err != nil {
		return err
	}
	if err := settleInterfaces(a, x, old, r); err != nil {
		return err
	}
	return a.SettleIdentity(x, old, r, x.Version < mapVersion)
}

// change checks what an update changes; what a machine keeps for life stays.
func change(a *arm.ARM, old, r *arm.Resource) error {
	p := r.Properties
	p.Set("vmId", old.Properties.Str("vmId"))
	if size := p.Str("hardwareProfile", "vmSize"); size == "" {
		p.Set("hardwareProfile", old.Properties.Obj("hardwareProfile"))
	} else if err := checkSize(size); err != nil {
		return err
	}
	if p.Obj("storageProfile") == nil {
		p.Set("storageProfile", old.Properties.Obj("storageProfile"))
	}
	if p.Obj("networkProfile") == nil {
		p.Set("networkProfile", old.Properties.Obj("networkProfile"))
	}
	is, was := p.Obj("osProfile"), old.Properties.Obj("osProfile")
	switch {
	case is == nil && was != nil:
		p.Set("osProfile", was)
	case is != nil && was != nil:
		for _, fixed := range []string{"adminUsername", "computerName"} {
			if v := is.Str(fixed); v != "" && v != was.Str(fixed) {
				return fail(http.StatusConflict, "PropertyChangeNotAllowed", "Changing property 'osProfile.%s' is not allowed.", fixed)
			}
			is.Set(fixed, was.Str(fixed))
		}
		hide(is)
	}
	if image := p.Obj("storageProfile", "imageReference"); image != nil && image.Str("offer") != old.Properties.Str("storageProfile", "imageReference", "offer") {
		return fail(http.StatusConflict, "PropertyChangeNotAllowed", "Changing property 'imageReference' is not allowed.")
	}
	return nil
}

// hide takes out of a profile what the service never shows, and forgets it.
func hide(profile *ojson.Object) {
	for _, secret := range []string{"adminPassword", "customData"} {
		for _, k := range profile.Keys() {
			if strings.EqualFold(k, secret) {
				profile.Delete(k)
			}
		}
	}
}

func nicIDs(p *ojson.Object) []string {
	var out []string
	for _, n := range p.Objects("networkProfile", "networkInterfaces") {
		if n.Str("id") != "" {
			out = append(out, n.Str("id"))
		}
	}
	return out
}

// settleInterfaces checks a machine's interfaces: they exist, belong to no other
// machine, and the caller may join those that are new.
func settleInterfaces(a *arm.ARM, x *arm.Request, old, r *arm.Resource) error {
	had := map[string]bool{}
	if old != nil {
		for _, id := range nicIDs(old.Properties) {
			had[strings.ToLower(id)] = true
		}
	}
	for _, id := range nicIDs(r.Properties) {
		nic, ok := a.Resource(id)
		if !ok || !strings.EqualFold(nic.Type, vnet.InterfaceType) {
			return fail(http.StatusNotFound, "NotFound", "Resource '%s' was not found.", id)
		}
		if nic.Location != r.Location {
			return fail(http.StatusBadRequest, "InvalidResourceReference", "Resource %s referenced by resource %s was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.", nic.ID, r.ID)
		}
		if by := vnet.Machine(nic); by != "" && !strings.EqualFold(by, r.ID) {
			return fail(http.StatusBadRequest, "NicInUse", "Network Interface %s is used by existing resource %s. In order to delete the network interface, it must be dissociated from the resource. To learn more, see aka.ms/deletenic.", nic.ID, by)
		}
		if !had[strings.ToLower(id)] {
			if err := a.Join(x, vnet.InterfaceType+"/join/action", nic.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// after gives a machine that was kept its interfaces and disks.
func after(a *arm.ARM, _ *arm.Request, old *arm.Resource, r arm.Resource) {
	if old != nil {
		for _, id := range nicIDs(old.Properties) {
			vnet.Attach(a, id, "")
		}
	}
	for _, id := range nicIDs(r.Properties) {
		vnet.Attach(a, id, r.ID)
	}
	keepDisks(a, old, r)
}

func remove(a *arm.ARM, _ *arm.Request, r arm.Resource) error {
	r.Private.Set("power", "deallocating")
	a.Keep(r)
	return nil
}

// gone cleans up what belonged to a machine: its interfaces and disks go or stay
// as their deleteOption says.
func gone(a *arm.ARM, r arm.Resource) {
	for _, n := range r.Properties.Objects("networkProfile", "networkInterfaces") {
		vnet.Attach(a, n.Str("id"), "")
		if strings.EqualFold(n.Str("properties", "deleteOption"), "Delete") {
			a.Remove(n.Str("id"))
		}
	}
	loseDisks(a, r)
}

// mapVersion is the first api-version with the map userAssignedIdentities.
const mapVersion = "2018-06-01"

// renderIdentity shows an identity block as an api-version has it.
func renderIdentity(kept *ojson.Object, version string) *ojson.Object {
	if kept == nil || version >= mapVersion {
		return kept
	}
	out := kept.Clone()
	out.Delete("userAssignedIdentities")
	if ids := kept.Obj("userAssignedIdentities"); ids.Len() > 0 {
		list := []any{}
		for _, id := range ids.Keys() {
			list = append(list, id)
		}
		out.Set("identityIds", list)
	}
	return out
}

// newOrder is the api-version from which a VM begins with its name and id.
const newOrder = "2019-03-01"

// render is facts/azure-wire.md §4.7.
func render(_ *arm.ARM, x *arm.Request, r arm.Resource) *ojson.Object {
	p := r.Properties.Clone()
	expand := strings.ToLower(x.URL.Query().Get("$expand"))
	if !strings.Contains(expand, "userdata") {
		p.Delete("userData")
	}
	if x.Version >= "2021-11-01" {
		p.Set("timeCreated", r.Private.Str("created"))
	}
	if strings.Contains(expand, "instanceview") && x.Name != "" {
		p.Set("instanceView", instanceView(r))
	}
	id := renderIdentity(r.Identity, x.Version)
	o := &ojson.Object{}
	set := func(key string, v any, show bool) {
		if show {
			o.Set(key, v)
		}
	}
	if x.Version >= newOrder {
		o = ojson.Obj("name", r.Name, "id", r.ID, "type", r.Type, "location", r.Location)
		set("tags", r.Tags, r.Tags != nil)
		set("identity", id, id != nil)
		o.Set("properties", p)
		set("zones", r.Zones, len(r.Zones) > 0)
		return o
	}
	o = ojson.Obj("properties", p, "type", r.Type, "location", r.Location)
	set("tags", r.Tags, r.Tags != nil)
	set("identity", id, id != nil)
	o.Set("id", r.ID)
	o.Set("name", r.Name)
	set("zones", r.Zones, len(r.Zones) > 0)
	return o
}

// displayStates are the words for power states.
var displayStates = map[string]string{"starting": "VM starting", "running": "VM running", "stopping": "VM stopping", "stopped": "VM stopped", "deallocating": "VM deallocating", "deallocated": "VM deallocated"}

func instanceView(r arm.Resource) *ojson.Object {
	at := r.Changed.UTC().Format("2006-01-02T15:04:05.0000000+00:00")
	status := func(code, text, time string) *ojson.Object {
		o := ojson.Obj("code", code, "level", "Info", "displayStatus", text)
		if time != "" {
			o.Set("time", time)
		}
		return o
	}
	o := &ojson.Object{}
	power := r.Private.Str("power")
	if power == "running" && r.Properties.Obj("osProfile") != nil {
		image := imageOf(r)
		o = ojson.Obj("computerName", r.Properties.Str("osProfile", "computerName"), "osName", image.osName, "osVersion", image.osVersion,
			"vmAgent", ojson.Obj("vmAgentVersion", image.agent, "statuses", []any{ojson.Obj("code", "ProvisioningState/succeeded", "level", "Info", "displayStatus", "Ready", "message", image.ready, "time", at)}, "extensionHandlers", []any{}))
	}
	var disks []any
	for _, d := range disksOf(r.Properties) {
		disks = append(disks, ojson.Obj("name", d.Str("name"), "statuses", []any{status("ProvisioningState/succeeded", "Provisioning succeeded", at)}))
	}
	o.Set("disks", disks)
	o.Set("hyperVGeneration", imageOf(r).generation())
	state := r.Properties.Str("provisioningState")
	first := status("ProvisioningState/succeeded", "Provisioning succeeded", at)
	if state != "Succeeded" {
		first = status("ProvisioningState/"+strings.ToLower(state), state, "")
	}
	o.Set("statuses", []any{first, status("PowerState/"+power, displayStates[power], "")})
	return o
}
