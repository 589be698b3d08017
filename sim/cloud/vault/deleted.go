package vault

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"skylab/sim/cloud/arm"
	"skylab/sim/ojson"
)

// gone keeps a vault that was deleted, alone or with its group, unless it was
// made without soft delete.
func gone(a *arm.ARM, r arm.Resource) {
	if soft, _ := r.Properties.At("enableSoftDelete").(bool); !soft {
		return
	}
	n, _ := r.Properties.At("softDeleteRetentionInDays").(json.Number)
	days, _ := n.Int64()
	now := a.Clock.Now()
	stamp := func(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
	p := ojson.Obj("vaultId", r.ID, "location", r.Location, "tags", r.Tags, "deletionDate", stamp(now), "scheduledPurgeDate", stamp(now.AddDate(0, 0, int(days))))
	if on, told := r.Properties.Get("enablePurgeProtection"); told {
		p.Set("purgeProtectionEnabled", on)
	}
	sub := strings.Join(strings.Split(r.ID, "/")[:3], "/")
	a.Keep(arm.Resource{ID: sub + "/providers/" + namespace + "/locations/" + r.Location + "/deletedVaults/" + r.Name, Type: deletedType, Name: r.Name, Properties: p, Created: now, Changed: now,
		Private: ojson.Obj("properties", r.Properties, "tags", r.Tags)})
}

// deleted finds a deleted vault by its name. One whose time has passed is no
// longer there.
func deleted(a *arm.ARM, name string, now time.Time) (arm.Resource, bool) {
	for _, r := range allDeleted(a, now) {
		if strings.EqualFold(r.Name, name) {
			return r, true
		}
	}
	return arm.Resource{}, false
}

func allDeleted(a *arm.ARM, now time.Time) []arm.Resource {
	var out []arm.Resource
	for _, r := range a.ResourcesOf(deletedType) {
		if end, err := time.Parse(time.RFC3339, r.Properties.Str("scheduledPurgeDate")); err == nil && !now.Before(end) {
			a.Remove(r.ID)
			continue
		}
		out = append(out, r)
	}
	return out
}

// recoverVault brings a deleted vault back under its own id.
func recoverVault(a *arm.ARM, x *arm.Request, r *arm.Resource) error {
	d, ok := deleted(a, r.Name, x.At())
	if !ok || !strings.EqualFold(d.Properties.Str("vaultId"), r.ID) {
		return fail(http.StatusNotFound, "DeletedVaultNotFound", "The specified deleted vault '%s' does not exist.", r.Name)
	}
	r.Properties = d.Private.Obj("properties").Clone()
	if r.Tags == nil {
		r.Tags = d.Private.Obj("tags").Clone()
	}
	register(x, r)
	a.Remove(d.ID)
	return nil
}

func deletedBody(r arm.Resource) *ojson.Object {
	return ojson.Obj("id", r.ID, "name", r.Name, "type", namespace+"/deletedVaults", "properties", r.Properties)
}

// listDeleted lists the deleted vaults of a subscription.
func listDeleted(a *arm.ARM, x *arm.Request) error {
	if x.Method != http.MethodGet || x.Name != "" {
		return notAllowed()
	}
	if err := a.Authorize(x, namespace+"/deletedVaults/read", x.Scope); err != nil {
		return err
	}
	list := []any{}
	for _, r := range allDeleted(a, x.At()) {
		if strings.HasPrefix(strings.ToLower(r.ID), strings.ToLower(x.Scope)+"/") {
			list = append(list, deletedBody(r))
		}
	}
	x.Answer(http.StatusOK, ojson.Obj("value", list))
	return nil
}

// serveDeleted shows a deleted vault and purges it.
func serveDeleted(a *arm.ARM, x *arm.Request) error {
	purge := x.Method == http.MethodPost && len(x.Rest) == 1 && strings.EqualFold(x.Rest[0], "purge")
	if x.Name == "" || !purge && (x.Method != http.MethodGet || len(x.Rest) > 0) {
		return notAllowed()
	}
	action := namespace + "/locations/deletedVaults/read"
	if purge {
		action = namespace + "/locations/deletedVaults/purge/action"
	}
	if err := a.Authorize(x, action, x.Scope); err != nil {
		return err
	}
	r, ok := deleted(a, x.Name, x.At())
	if !ok || !strings.EqualFold(r.ID, x.ID) {
		return fail(http.StatusNotFound, "DeletedVaultNotFound", "The specified deleted vault '%s' does not exist.", x.Name)
	}
	if !purge {
		x.Answer(http.StatusOK, deletedBody(r))
		return nil
	}
	if on, _ := r.Properties.At("purgeProtectionEnabled").(bool); on {
		return fail(http.StatusBadRequest, "DeletedVaultPurge", "DeletedVaultPurge: The vault '%s' is protected from purging until %s.", r.Name, r.Properties.Str("scheduledPurgeDate"))
	}
	op := a.Begin(x, arm.Operation{Target: r.ID, Retry: 5, Then: arm.Effect{Delete: true}}, 15*time.Second)
	parts := strings.Split(r.ID, "/")
	x.W.Header().Set("Location", "https://management.azure.com/subscriptions/"+parts[2]+"/providers/"+namespace+"/locations/"+parts[6]+"/operationResults/"+op.ID+"?api-version="+x.Version)
	x.W.Header().Set("Retry-After", "5")
	x.W.WriteHeader(http.StatusAccepted)
	return nil
}
