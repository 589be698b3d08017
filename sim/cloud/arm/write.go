package arm

import (
	"net/http"
	"slices"
	"strings"

	"skylab/sim/ojson"
)

// write is PUT, and PATCH of what is there.
func (a *ARM) write(x *Request, t *Type) error {
	body, err := x.Body()
	if err != nil {
		return err
	}
	group, ok := a.groupAt(x.Scope)
	switch {
	case !ok && groupOf(x.Scope) == "":
		return failf(http.StatusNotFound, "InvalidResourceType", "The resource type could not be found in the namespace '%s' for api version '%s'.", t.Namespace, x.Version)
	case !ok:
		return failf(http.StatusNotFound, "ResourceGroupNotFound", "Resource group '%s' could not be found.", groupOf(x.Scope))
	case group.Deleting:
		return failf(http.StatusConflict, "ResourceGroupBeingDeleted", "The resource group '%s' is in deprovisioning state and cannot perform this operation.", group.Name)
	}
	id := group.ID + x.ID[len(x.Scope):]
	if len(x.Parents) > 0 {
		parent, ok := a.Resource(id[:strings.LastIndexByte(id[:strings.LastIndexByte(id, '/')], '/')])
		if !ok {
			return failf(http.StatusNotFound, "ParentResourceNotFound", "Can not perform requested operation on nested resource. Parent resource '%s' not found.", strings.Join(x.Parents, "/"))
		}
		id = parent.ID + id[len(parent.ID):]
		if t.Part != "" {
			return a.writePart(x, t, body, id)
		}
	}
	if err := a.free(x, t, id); err != nil {
		return err
	}
	var old *Resource
	if r, ok := a.Resource(id); ok {
		old = &r
	}
	if x.Method == http.MethodPatch && old == nil {
		_, err := a.find(x.ID, t)
		return err
	}
	r, err := a.asked(x, t, body, id, group, old)
	if err != nil {
		return err
	}
	if err := checkTags(r.Tags); err != nil {
		return err
	}
	if t.LowerGroups {
		r.ID = strings.Replace(r.ID, "/resourceGroups/", "/resourcegroups/", 1)
	}
	if t.Put != nil {
		if err := t.Put(a, x, old, &r); err != nil {
			return t.own(err)
		}
	}
	r.Changed = a.Clock.Now()
	if old == nil {
		r.Created = r.Changed
	}
	accepted := t.Async != nil && a.startAsync(x, t, old, &r)
	a.Keep(r)
	if t.After != nil {
		t.After(a, x, old, r)
	}
	status := http.StatusOK
	switch {
	case accepted:
		x.W.Header().Set("Content-Type", "text/plain; charset=utf-8")
		x.W.WriteHeader(http.StatusAccepted)
		return nil
	case t.Async != nil && t.Async.Status != 0:
		status = t.Async.Status
	case old == nil:
		status = http.StatusCreated
	}
	a.show(x, t, status, r)
	return nil
}

// asked is the resource that a PUT or PATCH asks for.
func (a *ARM) asked(x *Request, t *Type, body *ojson.Object, id string, group Group, old *Resource) (Resource, error) {
	r := Resource{ID: id, Type: t.full(), Name: x.Name, Location: normalLocation(body.Str("location")), Kind: body.Str("kind"), SKU: body.Obj("sku"), Properties: body.Obj("properties"), Tags: body.Obj("tags"), Identity: body.Obj("identity")}
	r.Zones, _ = body.At("zones").([]any)
	switch {
	case x.Method == http.MethodPatch:
		r = old.clone()
		if tags, ok := body.GetFold("tags"); ok {
			r.Tags, _ = tags.(*ojson.Object)
		}
		if i, ok := body.GetFold("identity"); ok {
			r.Identity, _ = i.(*ojson.Object)
		}
		if s := body.Obj("sku"); s != nil {
			r.SKU = s
		}
		r.Properties = merged(r.Properties, body.Obj("properties"))
	case t.Proxy:
		r.Location, r.Tags, r.Identity = "", nil, nil
	case r.Location == "":
		return r, failf(http.StatusBadRequest, "LocationRequired", "The location property is required for this definition.")
	case old != nil && old.Location != r.Location:
		return r, failf(http.StatusConflict, "InvalidResourceLocation", "The resource '%s' already exists in location '%s' in resource group '%s'. A resource with the same name cannot be created in location '%s'. Please select a new resource name.", x.Name, old.Location, group.Name, r.Location)
	case !a.allowed(t, r.Location):
		return r, t.notThere(body.Str("location"))
	}
	if old != nil {
		r.ID, r.Name, r.Private, r.Created, r.ManagedBy = old.ID, old.Name, old.clone().Private, old.Created, old.ManagedBy
	}
	if r.Properties == nil {
		r.Properties = &ojson.Object{}
	}
	return r, nil
}

func (t *Type) notThere(location string) error {
	return failf(http.StatusBadRequest, "LocationNotAvailableForResourceType", "The provided location '%s' is not available for resource type '%s'. List of available regions for the resource type is '%s'.", location, t.full(), strings.Join(t.places(), ","))
}

// places are the locations of a type.
func (t *Type) places() []string {
	if len(t.Locations) > 0 {
		return t.Locations
	}
	return locationNames
}

func (a *ARM) allowed(t *Type, location string) bool {
	return slices.ContainsFunc(t.places(), func(l string) bool { return normalLocation(l) == location })
}

// merged is RFC 7396 but for null, which Resource Manager's providers keep as
// it is, and for keys, which are the same in any case.
func merged(old, change *ojson.Object) *ojson.Object {
	out := old.Clone()
	if out == nil {
		out = &ojson.Object{}
	}
	for _, m := range change.Members() {
		key := m.Key
		for _, k := range out.Keys() {
			if strings.EqualFold(k, key) {
				key = k
			}
		}
		was, _ := out.Get(key)
		if a, ok := was.(*ojson.Object); ok {
			if b, ok := m.Value.(*ojson.Object); ok {
				out.Set(key, merged(a, b))
				continue
			}
		}
		out.Set(key, ojson.Clone(m.Value))
	}
	return out
}

// free makes a resource ready for a change: what still runs on it ends, for a
// newer request takes its place; but nothing ends its deletion.
func (a *ARM) free(x *Request, t *Type, id string) error {
	if op, ok := a.deletion(id); ok {
		if t.Busy != nil {
			return t.own(t.Busy(x, op))
		}
		return failf(http.StatusConflict, "Conflict", "The resource '%s' is being deleted and cannot be changed.", x.Name)
	}
	a.hurry(id)
	return nil
}

func (a *ARM) remove(x *Request, t *Type) error {
	r, ok := a.Resource(x.ID)
	if !ok {
		x.W.WriteHeader(http.StatusNoContent)
		return nil
	}
	if t.Part != "" {
		if t.Delete != nil {
			if err := t.Delete(a, x, r); err != nil {
				return t.own(err)
			}
		}
		return a.removePart(x, t, r)
	}
	if op, ok := a.deletion(r.ID); ok { // asked again while it runs
		x.call.op = op.ID
		a.follow(x, t, r, op, true)
		x.W.WriteHeader(http.StatusAccepted)
		return nil
	}
	a.hurry(x.ID)
	r, _ = a.Resource(x.ID)
	if t.Delete != nil {
		if err := t.Delete(a, x, r); err != nil {
			return t.own(err)
		}
	}
	if t.Async != nil && t.Async.Delete > 0 {
		r.Properties.Set("provisioningState", "Deleting")
		a.Keep(r)
		x.Then.Delete = true
		a.accept(x, t, r, t.Async.Delete, x.Then)
		return nil
	}
	a.Remove(r.ID)
	x.W.WriteHeader(http.StatusOK)
	return nil
}
