package cloud

import (
	"strings"

	"skylab/sim/cloud/deployments/kind"
	"skylab/sim/ojson"
	"skylab/sim/view"
)

// FillView adds what the cloud holds to a view: resources, assignments and
// principals.
func (c *Cloud) FillView(v *view.View) {
	v.Resources = map[string]any{}
	st := c.ARM.State()
	for key, g := range st.Groups {
		v.Resources[key] = ojson.Obj("id", g.ID, "name", g.Name, "type", "Microsoft.Resources/resourceGroups", "location", g.Location, "tags", g.Tags)
	}
	for id, s := range st.Subscriptions {
		v.Resources["/subscriptions/"+id] = ojson.Obj("id", "/subscriptions/"+id, "subscriptionId", id, "displayName", s.Name, "type", "Microsoft.Resources/subscriptions")
	}
	for key, r := range st.Resources {
		if strings.EqualFold(r.Type, kind.FullType) { // a record of what was done, not part of what is there
			continue
		}
		o := ojson.Obj("id", r.ID, "name", r.Name, "type", r.Type, "location", r.Location, "tags", r.Tags, "properties", r.Properties)
		if r.Identity != nil {
			o.Set("identity", r.Identity)
		}
		v.Resources[key] = o
	}
	v.Assigns = []view.Assignment{}
	for _, a := range c.Access.Assignments() {
		role, _ := c.Access.Role(a.RoleID)
		v.Assigns = append(v.Assigns, view.Assignment{ID: a.ID(), Scope: strings.ToLower(a.Scope), PrincipalID: a.PrincipalID, PrincipalType: a.PrincipalType, RoleID: a.RoleID, Role: role.Name})
	}
	v.Principals = map[string]view.Principal{}
	for id, p := range c.Entra.State().Principals {
		v.Principals[id] = view.Principal{ID: id, Kind: p.Kind, Type: p.SPType, DisplayName: p.DisplayName, AppID: p.AppID, ResourceID: strings.ToLower(p.ResourceID), Groups: c.Entra.Groups(id)}
	}
}
