// Package compute is Microsoft.Compute's virtual machines in Resource Manager
// (facts/azure-wire.md §4.6, §4.7), and what the metadata service and a lab
// learn of them. It must not know what runs on a machine.
package compute

import (
	"fmt"
	"net/http"
	"strings"

	"skylab/sim/cloud/arm"
	"skylab/sim/ojson"
)

// FullType is the type of virtual machines.
const FullType = "Microsoft.Compute/virtualMachines"

// versions of virtual machines, newest first.
var versions = strings.Fields(`2024-11-01 2024-07-01 2024-03-01 2023-09-01 2023-07-01 2023-03-01 2022-11-01 2022-08-01 2022-03-01 2021-11-01 2021-07-01 2021-04-01 2021-03-01
	2020-12-01 2020-06-01 2019-12-01 2019-07-01 2019-03-01 2018-10-01 2018-06-01 2018-04-01 2017-12-01 2017-03-30 2016-04-30-preview 2016-03-30 2015-06-15`)

// Types returns the resource types of the namespace.
func Types() []*arm.Type {
	power := func(name, state string) arm.Action {
		return arm.Action{Name: name, Do: func(_ *arm.ARM, x *arm.Request, r *arm.Resource) error {
			r.Private.Set("power", state)
			x.W.WriteHeader(http.StatusOK)
			return nil
		}}
	}
	return []*arm.Type{{
		Namespace: "Microsoft.Compute", Name: "virtualMachines", Versions: versions, Pretty: true, Put: put, Gone: gone, Render: render,
		Actions: map[string]arm.Action{
			"start": power("start", "running"), "restart": power("restart", "running"), "poweroff": power("powerOff", "stopped"), "deallocate": power("deallocate", "deallocated"),
		},
		Reads: map[string]arm.Read{"instanceview": {Action: "instanceView/read", Do: func(a *arm.ARM, x *arm.Request, r arm.Resource) error {
			x.Answer(http.StatusOK, instanceView(r, x))
			return nil
		}}},
	}}
}

func fail(status int, code, format string, args ...any) error {
	return &arm.Error{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

func put(a *arm.ARM, x *arm.Request, old, r *arm.Resource) error {
	if old == nil {
		os := r.Properties.Obj("osProfile")
		switch {
		case r.Properties.Str("hardwareProfile", "vmSize") == "":
			return fail(http.StatusBadRequest, "InvalidParameter", "Required parameter 'vmSize' is missing (null).")
		case r.Properties.Obj("storageProfile").Len() == 0:
			return fail(http.StatusBadRequest, "InvalidParameter", "Required parameter 'storageProfile' is missing (null).")
		case os.Str("adminUsername") == "":
			return fail(http.StatusBadRequest, "InvalidParameter", "Required parameter 'adminUsername' is missing (null).")
		case len(nicIDs(r.Properties)) == 0:
			return fail(http.StatusBadRequest, "InvalidParameter", "Required parameter 'networkProfile' is missing (null).")
		}
		if os.Str("computerName") == "" {
			os.Set("computerName", r.Name)
		}
		r.Private = ojson.Obj("power", "running", "created", a.Clock.Now().Format("2006-01-02T15:04:05.0000000-07:00"))
		r.Properties.Set("vmId", a.IDs.GUID("compute.vm"))
		if disk := r.Properties.Obj("storageProfile", "osDisk"); disk != nil && disk.Str("osType") == "" {
			disk.Set("osType", osType(*r))
		}
	} else if x.Method == http.MethodPut {
		r.Properties.Set("vmId", old.Properties.Str("vmId"))
	}
	for _, id := range nicIDs(r.Properties) {
		if _, ok := a.Resource(id); !ok {
			return fail(http.StatusBadRequest, "NetworkingInternalOperationError", "The network interface '%s' was not found.", id)
		}
	}
	var was *ojson.Object
	if old != nil {
		was = old.Identity
	}
	if r.Identity == nil {
		r.Identity = was // a PUT that does not speak of identities leaves them alone
	} else {
		var err error
		if r.Identity, err = settleIdentity(a, x, r, was); err != nil {
			return err
		}
	}
	r.Properties.Set("provisioningState", "Succeeded")
	return nil
}

func nicIDs(p *ojson.Object) []string {
	list, _ := p.At("networkProfile", "networkInterfaces").([]any)
	var out []string
	for _, n := range list {
		if o, ok := n.(*ojson.Object); ok && o.Str("id") != "" {
			out = append(out, o.Str("id"))
		}
	}
	return out
}

// osType tells "Linux" from "Windows" by what a VM is made from.
func osType(r arm.Resource) string {
	image := r.Properties.Obj("storageProfile", "imageReference")
	if r.Properties.Obj("osProfile", "windowsConfiguration") != nil || strings.Contains(strings.ToLower(image.Str("publisher")+image.Str("offer")), "windows") {
		return "Windows"
	}
	return "Linux"
}

func gone(a *arm.ARM, r arm.Resource) {
	if id := r.Identity.Str("principalId"); id != "" {
		a.Directory.DeletePrincipal(id)
	}
}

// newOrder is the api-version from which a VM begins with its name and id.
const newOrder = "2019-03-01"

// render is facts/azure-wire.md §4.7.
func render(a *arm.ARM, x *arm.Request, r arm.Resource) *ojson.Object {
	p := r.Properties.Clone()
	if x.Version >= "2021-11-01" {
		p.Set("timeCreated", r.Private.Str("created"))
	}
	if strings.EqualFold(x.URL.Query().Get("$expand"), "instanceView") && x.Name != "" {
		p.Set("instanceView", instanceView(r, x))
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
		return o
	}
	o = ojson.Obj("properties", p, "type", r.Type, "location", r.Location)
	set("tags", r.Tags, r.Tags != nil)
	set("identity", id, id != nil)
	o.Set("id", r.ID)
	o.Set("name", r.Name)
	return o
}

// displayStates are the words for power states.
var displayStates = map[string]string{"running": "VM running", "stopped": "VM stopped", "deallocated": "VM deallocated"}

func instanceView(r arm.Resource, _ *arm.Request) *ojson.Object {
	power := r.Private.Str("power")
	status := func(code, text string) *ojson.Object {
		return ojson.Obj("code", code, "level", "Info", "displayStatus", text)
	}
	return ojson.Obj("statuses", []any{status("ProvisioningState/succeeded", "Provisioning succeeded"), status("PowerState/"+power, displayStates[power])})
}
