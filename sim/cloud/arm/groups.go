package arm

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"skylab/sim/cloud/rbac"
	"skylab/sim/ojson"
	"skylab/sim/sorting"
)

// subscriptionBody is facts/azure-wire.md §4.5.
func (a *ARM) subscriptionBody(s Subscription) *ojson.Object {
	return ojson.Obj("id", "/subscriptions/"+s.ID, "authorizationSource", "RoleBased", "managedByTenants", []any{}, "subscriptionId", s.ID, "tenantId", a.Directory.TenantID(),
		"displayName", s.Name, "state", "Enabled", "subscriptionPolicies", ojson.Obj("locationPlacementId", "Public_2014-09-01", "quotaId", "PayAsYouGo_2014-09-01", "spendingLimit", "Off"))
}

func (a *ARM) subscriptions() []Subscription {
	a.mu.RLock()
	defer a.mu.RUnlock()
	var out []Subscription
	for _, s := range a.state.Subscriptions {
		out = append(out, s)
	}
	sorting.By(out, func(x, y Subscription) int { return strings.Compare(x.Name+x.ID, y.Name+y.ID) })
	return out
}

// listSubscriptions shows those in which the caller has any role: a caller
// without one gets an empty list, not an error.
func (a *ARM) listSubscriptions(c *call) error {
	list := []any{}
	for _, s := range a.subscriptions() {
		if a.hasRoleIn(c.claims.ObjectID, "/subscriptions/"+s.ID) {
			list = append(list, a.subscriptionBody(s))
		}
	}
	body := value(list)
	body.Set("count", ojson.Obj("type", "Total", "value", len(list)))
	writeJSON(c.w, http.StatusOK, body)
	return nil
}

func (a *ARM) hasRoleIn(principal, scope string) bool {
	groups := a.Directory.Groups(principal)
	for _, x := range a.Access.Assignments() {
		mine := strings.EqualFold(x.PrincipalID, principal) || slices.Contains(groups, strings.ToLower(x.PrincipalID))
		if mine && (rbac.Contains(scope, x.Scope) || rbac.Contains(x.Scope, scope)) {
			return true
		}
	}
	return false
}

func (a *ARM) getSubscription(c *call) error {
	writeJSON(c.w, http.StatusOK, a.subscriptionBody(c.sub))
	return nil
}

func (a *ARM) listTenants(c *call) error {
	id := a.Directory.TenantID()
	writeJSON(c.w, http.StatusOK, value([]any{ojson.Obj("id", "/tenants/"+id, "tenantId", id)}))
	return nil
}

// typeSince is the api-version from which a group says its type
// (facts/azure-wire.md §4.5: absent in 2017-05-10, there in 2020-06-01).
const typeSince = "2019-05-01"

func (g Group) body(version string) *ojson.Object {
	o := ojson.Obj("id", g.ID, "name", g.Name)
	if version >= typeSince {
		o.Set("type", "Microsoft.Resources/resourceGroups")
	}
	o.Set("location", g.Location)
	if g.Tags != nil {
		o.Set("tags", g.Tags)
	}
	state := "Succeeded"
	if g.Deleting {
		state = "Deleting"
	}
	o.Set("properties", ojson.Obj("provisioningState", state))
	return o
}

func groupKey(subscription, name string) string {
	return strings.ToLower("/subscriptions/" + subscription + "/resourceGroups/" + name)
}

func (a *ARM) group(c *call) (Group, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	g, ok := a.state.Groups[groupKey(c.sub.ID, c.vars["group"])]
	if !ok {
		return g, failf(http.StatusNotFound, "ResourceGroupNotFound", "Resource group '%s' could not be found.", c.vars["group"])
	}
	return g, nil
}

// listGroups shows the groups that the caller may read.
func (a *ARM) listGroups(c *call) error {
	scope := "/subscriptions/" + c.sub.ID
	all, err := a.listable(c, readGroups, scope)
	if err != nil {
		return err
	}
	keep, err := parseFilter(queryFold(c.Request, "$filter"))
	if err != nil {
		return err
	}
	a.mu.RLock()
	var found []Resource
	bodies := map[string]*ojson.Object{}
	for _, g := range a.state.Groups {
		if rbac.Contains(scope, g.ID) {
			found = append(found, Resource{ID: g.ID, Name: g.Name, Location: g.Location, Tags: g.Tags})
			bodies[g.ID] = g.body(c.version)
		}
	}
	a.mu.RUnlock()
	found = slices.DeleteFunc(found, func(r Resource) bool { return !keep(r.values) || !all && !a.visible(c, readGroups, r.ID) })
	sorting.By(found, func(x, y Resource) int { return strings.Compare(strings.ToLower(x.ID), strings.ToLower(y.ID)) })
	body, err := a.pageOf(c, found, false, func(r Resource) any { return bodies[r.ID] })
	if err != nil {
		return err
	}
	writeJSON(c.w, http.StatusOK, body)
	return nil
}

func (a *ARM) getGroup(c *call) error {
	g, err := a.group(c)
	if err != nil {
		return err
	}
	writeJSON(c.w, http.StatusOK, g.body(c.version))
	return nil
}

func (a *ARM) headGroup(c *call) error {
	status := http.StatusNoContent
	if _, err := a.group(c); err != nil {
		status = http.StatusNotFound
	}
	c.w.WriteHeader(status)
	return nil
}

var groupName = regexp.MustCompile(`^[\pL\pN_().-]{0,89}[\pL\pN_()-]$`)

// CreateGroup adds a resource group, or changes the tags of the one there.
func (a *ARM) CreateGroup(subscription, name, location string, tags *ojson.Object) (g Group, created bool, err error) {
	if !groupName.MatchString(name) {
		return g, false, failf(http.StatusBadRequest, "InvalidResourceGroup", "The provided resource group name '%s' has these invalid characters or ends with a period. The name can only be a letter, digit, '-', '.', '(', ')' or '_'.", name)
	}
	if err := checkTags(tags); err != nil {
		return g, false, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	key := groupKey(subscription, name)
	g, there := a.state.Groups[key]
	switch {
	case there && g.Deleting:
		return g, false, failf(http.StatusConflict, "ResourceGroupBeingDeleted", "The resource group '%s' is in deprovisioning state and cannot perform this operation.", g.Name)
	case !there && !slices.Contains(locationNames, location):
		return g, false, failf(http.StatusBadRequest, "LocationNotAvailableForResourceGroup", "The provided location '%s' is not available for resource group. List of available regions is '%s'.", location, strings.Join(locationNames, ","))
	case !there:
		g = Group{ID: "/subscriptions/" + subscription + "/resourceGroups/" + name, Name: name, Location: location}
	case !strings.EqualFold(g.Location, location):
		return g, false, failf(http.StatusConflict, "InvalidResourceGroupLocation", "Invalid resource group location '%s'. The Resource group already exists in location '%s'.", location, g.Location)
	}
	g.Tags = tags
	a.state.Groups[key] = g
	return g, !there, nil
}

func (a *ARM) putGroup(c *call) error {
	body, err := c.body()
	if err != nil {
		return err
	}
	location := normalLocation(body.Str("location"))
	if location == "" {
		return failf(http.StatusBadRequest, "LocationRequired", "The location property is required for this definition.")
	}
	g, created, err := a.CreateGroup(c.sub.ID, c.vars["group"], location, body.Obj("tags"))
	if err != nil {
		return err
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	writeJSON(c.w, status, g.body(c.version))
	return nil
}

// normalLocation turns "West US" into "westus".
func normalLocation(s string) string { return strings.ToLower(strings.ReplaceAll(s, " ", "")) }

func (a *ARM) patchGroup(c *call) error {
	g, err := a.group(c)
	if err != nil {
		return err
	}
	body, err := c.body()
	if err != nil {
		return err
	}
	tags := g.Tags
	if t, ok := body.GetFold("tags"); ok {
		tags, _ = t.(*ojson.Object)
	}
	if g, _, err = a.CreateGroup(c.sub.ID, g.Name, g.Location, tags); err != nil {
		return err
	}
	writeJSON(c.w, http.StatusOK, g.body(c.version))
	return nil
}
