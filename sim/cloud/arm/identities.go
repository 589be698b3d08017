package arm

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"skylab/sim/ojson"
)

// identityKinds reads the type of an identity block, whatever its case.
func identityKinds(text string) (system, user bool, ok bool) {
	switch strings.ToLower(strings.ReplaceAll(text, " ", "")) {
	case "systemassigned":
		return true, false, true
	case "userassigned":
		return false, true, true
	case "systemassigned,userassigned", "userassigned,systemassigned":
		return true, true, true
	case "none":
		return false, false, true
	}
	return false, false, false
}

// identityType is the type of user-assigned identities.
const identityType = "Microsoft.ManagedIdentity/userAssignedIdentities"

func invalid(target, format string, args ...any) error {
	return &Error{Status: http.StatusBadRequest, Code: "InvalidParameter", Target: target, Message: fmt.Sprintf(format, args...)}
}

// SettleIdentity turns the identity block that a PUT or PATCH asks for into the
// one that is kept in r: it makes and removes the system-assigned principal and
// attaches the user-assigned ones (facts/azure-wire.md §4.7). A body that does
// not speak of identities leaves them alone. list says that the api-version
// takes identityIds, a whole list, in place of the map userAssignedIdentities.
// A type's Put calls it when all else is right. A principal goes with its
// resource by itself.
func (a *ARM) SettleIdentity(x *Request, old, r *Resource, list bool) error {
	var was *ojson.Object
	if old != nil {
		was = old.Identity
	}
	if r.Identity == nil {
		r.Identity = was
		return nil
	}
	var err error
	r.Identity, err = a.settleIdentity(x, r, was, list)
	return err
}

func (a *ARM) settleIdentity(x *Request, r *Resource, was *ojson.Object, list bool) (*ojson.Object, error) {
	kind := r.Identity.Str("type")
	if _, there := r.Identity.Get("type"); !there {
		return nil, failf(http.StatusBadRequest, "InvalidRequestContent", "The request content was invalid and could not be deserialized: 'Required property 'type' not found in JSON. Path 'identity'.'.")
	}
	system, user, ok := identityKinds(kind)
	if !ok {
		return nil, invalid("identity.type", "The value '%s' of parameter 'identity.type' is invalid.", kind)
	}
	listed, err := askedIdentities(x, r.Identity, was, user, list)
	if err != nil {
		return nil, err
	}
	if user && listed.Len() == 0 {
		return nil, invalid("resourceIdentity.identityIds", "The identity ids must not be null or empty for 'UserAssigned' identity type.")
	}
	out := &ojson.Object{}
	var names []string
	had := was.Str("principalId")
	switch {
	case system:
		names = append(names, "SystemAssigned")
	case had != "":
		a.Directory.DeletePrincipal(had)
	}
	if user {
		names = append(names, "UserAssigned")
	}
	if len(names) == 0 {
		return nil, nil
	}
	attached := &ojson.Object{}
	for _, m := range listed.Members() {
		identity, ok := a.Resource(m.Key)
		if !ok || !strings.EqualFold(identity.Type, identityType) {
			return nil, failf(http.StatusBadRequest, "FailedIdentityOperation", "Identity operation for resource '%s' failed with error 'Failed to perform resource identity operation. Status: 'BadRequest'. Response: '{\"error\":{\"code\":\"BadRequest\",\"message\":\"Resource '%s' was not found.\"}}'.'.", r.ID, m.Key)
		}
		if !isAttached(was, m.Key) {
			if err := a.Join(x, identityType+"/assign/action", identity.ID); err != nil {
				return nil, err
			}
		}
		attached.Set(m.Key, ojson.Obj("principalId", identity.Properties.Str("principalId"), "clientId", identity.Properties.Str("clientId")))
	}
	out.Set("type", strings.Join(names, ", "))
	if system {
		if had == "" {
			p, err := a.Directory.CreateManagedIdentity(r.Name, r.ID, false)
			if err != nil {
				return nil, err
			}
			had = p.ID
		}
		out.Set("principalId", had)
		out.Set("tenantId", a.Directory.TenantID())
	}
	if attached.Len() > 0 {
		out.Set("userAssignedIdentities", attached)
	}
	return out, nil
}

func isAttached(was *ojson.Object, id string) bool {
	return slices.ContainsFunc(was.Obj("userAssignedIdentities").Keys(), func(k string) bool { return strings.EqualFold(k, id) })
}

// askedIdentities returns the user-assigned identities that a request ends with: in
// 2017-12-01 the list it gives; later, on PATCH, the ones there with those
// named added and those that are null removed.
func askedIdentities(x *Request, block, was *ojson.Object, user, list bool) (*ojson.Object, error) {
	out := &ojson.Object{}
	ids, hasIDs := block.GetFold("identityIds")
	if list {
		if given, _ := ids.([]any); len(given) > 0 {
			if !user {
				return nil, invalid("resourceIdentity.identityIds", `ResourceIdentity identityIds should not be provided if the type is "SystemAssigned".`)
			}
			for _, id := range given {
				if s, ok := id.(string); ok {
					out.Set(s, nil)
				}
			}
		}
		return out, nil
	}
	if hasIDs {
		return nil, invalid("resourceIdentity.identityIds", "The property 'identityIds' is not valid for api-version %s; use 'userAssignedIdentities'.", x.Version)
	}
	if !user {
		return out, nil
	}
	if x.Method == http.MethodPatch {
		for _, m := range was.Obj("userAssignedIdentities").Members() {
			out.Set(m.Key, nil)
		}
	}
	for _, m := range block.Obj("userAssignedIdentities").Members() {
		key := m.Key
		for _, k := range out.Keys() {
			if strings.EqualFold(k, key) {
				key = k
			}
		}
		switch v := m.Value.(type) {
		case nil:
			out.Delete(key)
		case *ojson.Object:
			if v.Len() > 0 && (v.Str("principalId") == "" || !isAttached(was, m.Key)) {
				return nil, badValue(m.Key)
			}
			out.Set(key, nil)
		default:
			return nil, badValue(m.Key)
		}
	}
	return out, nil
}

func badValue(id string) error {
	return failf(http.StatusBadRequest, "InvalidIdentityValues", "Invalid value for the identities '%s'. The 'UserAssignedIdentities' property keys should only be empty json objects, null or the resource existing property.", id)
}
