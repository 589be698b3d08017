package graph

import (
	"net/http"
	"slices"
	"strings"

	"skylab/sim/cloud/entra"
	"skylab/sim/ojson"
)

// relation is what stands behind an object in a path. rest are the segments
// behind its name.
type relation struct {
	name string
	of   []*set
	do   func(c *call, o object, rest []string) (answer, error)
}

var (
	principals = []*set{users, groups, servicePrincipals}
	ownable    = []*set{applications, servicePrincipals, groups}
	provable   = []*set{applications, servicePrincipals}
)

// relations is the table of what can be reached from an object.
var relations = []relation{
	{"members", []*set{groups}, (*call).groupMembers},
	{"transitiveMembers", []*set{groups}, func(c *call, o object, rest []string) (answer, error) {
		return c.members(membershipAccess(o), c.allMembers(o.id), rest)
	}},
	{"memberOf", principals, func(c *call, o object, rest []string) (answer, error) {
		return c.members(membershipAccess(o), c.directGroups(o.id), rest)
	}},
	{"transitiveMemberOf", principals, func(c *call, o object, rest []string) (answer, error) {
		return c.members(membershipAccess(o), c.Directory.Groups(o.id), rest)
	}},
	{"owners", ownable, (*call).owners},
	{"ownedObjects", []*set{users, servicePrincipals}, func(c *call, o object, rest []string) (answer, error) {
		return c.members(applicationsAccess, c.ownedBy(o.id), rest)
	}},
	{"appRoleAssignments", principals, func(c *call, o object, rest []string) (answer, error) { return c.roleAssignments(o, false, rest) }},
	{"appRoleAssignedTo", []*set{servicePrincipals}, func(c *call, o object, rest []string) (answer, error) { return c.roleAssignments(o, true, rest) }},
	{"getMemberGroups", principals, memberships("getMemberGroups")},
	{"getMemberObjects", principals, memberships("getMemberObjects")},
	{"checkMemberGroups", principals, memberships("checkMemberGroups")},
	{"checkMemberObjects", principals, memberships("checkMemberObjects")},
	{"addPassword", provable, (*call).addPassword},
	{"removePassword", provable, (*call).removePassword},
	{"federatedIdentityCredentials", []*set{applications}, (*call).federated},
}

func memberships(name string) func(*call, object, []string) (answer, error) {
	return func(c *call, o object, rest []string) (answer, error) { return c.memberships(o, name, rest) }
}

// related answers what lies behind an object.
func (c *call) related(o object, rest []string) (answer, error) {
	name := strings.TrimPrefix(rest[0], "microsoft.graph.")
	for _, r := range relations {
		if strings.EqualFold(r.name, name) && slices.Contains(r.of, o.set) {
			return r.do(c, o, rest[1:])
		}
	}
	if slices.ContainsFunc(further, func(s string) bool { return strings.EqualFold(s, name) }) {
		return answer{}, notSimulated("/" + o.set.name + "/{id}/" + name + " of Microsoft Graph")
	}
	return answer{}, noSegment(rest[0])
}

// membershipAccess reads the groups that an object is in.
func membershipAccess(o object) access {
	a := groupsAccess
	a.what = "group memberships"
	if o.set == servicePrincipals {
		a.delegated, a.application = slices.Concat(a.delegated, applicationsAccess.delegated), slices.Concat(a.application, applicationsAccess.application)
	}
	return a
}

// members answers with objects by their ids, of one type if the path casts.
func (c *call) members(may access, ids []string, rest []string) (answer, error) {
	if err := c.method(http.MethodGet); err != nil {
		return answer{}, err
	}
	if err := c.need(may); err != nil {
		return answer{}, err
	}
	list := slices.Sorted(slices.Values(ids))
	var only *set
	for _, segment := range rest {
		cast, ok := strings.CutPrefix(strings.ToLower(segment), "microsoft.graph.")
		i := slices.IndexFunc(sets, func(s *set) bool { return strings.EqualFold(s.typeName, cast) })
		switch {
		case segment == "$count":
		case ok && i < 0:
			return answer{}, notSimulated("the cast " + segment + " of Microsoft Graph")
		case !ok || only != nil:
			return answer{}, noSegment(segment)
		default:
			only = sets[i]
		}
	}
	var objects []object
	for _, id := range list {
		if x, ok := c.find(id); ok && (only == nil || x.set == only) {
			objects = append(objects, x)
		}
	}
	if only != nil {
		return c.page(only, objects, only.name, false)
	}
	// Of mixed objects the properties of a group are the widest that can be filtered.
	return c.page(groups, objects, "directoryObjects", true)
}

func (c *call) directGroups(id string) []string {
	var out []string
	for _, o := range groups.list(c.Graph) {
		if slices.Contains(o.principal.Members, id) {
			out = append(out, o.id)
		}
	}
	return out
}

// allMembers are the members of a group and of the groups in it.
func (c *call) allMembers(id string) []string {
	var out []string
	for wave := []string{id}; len(wave) > 0; {
		var next []string
		for _, g := range wave {
			p, _ := c.Directory.Principal(g)
			for _, m := range p.Members {
				if m != id && !slices.Contains(out, m) {
					out, next = append(out, m), append(next, m)
				}
			}
		}
		wave = next
	}
	return out
}

// groupMembers answers /groups/{id}/members and what changes it.
func (c *call) groupMembers(o object, rest []string) (answer, error) {
	if ref, member := refOf(rest); ref {
		return c.refs(o, "members", membersRight, o.principal.Members, member)
	}
	return c.members(membershipAccess(o), o.principal.Members, rest)
}

// owners answers the owners of an object and what changes them.
func (c *call) owners(o object, rest []string) (answer, error) {
	if ref, owner := refOf(rest); ref {
		return c.refs(o, "owners", o.set.change, o.owners(), owner)
	}
	return c.members(o.set.read, o.owners(), rest)
}

// refOf tells whether a path ends in $ref, and the object before it.
func refOf(rest []string) (ok bool, id string) {
	switch {
	case len(rest) == 1 && rest[0] == "$ref":
		return true, ""
	case len(rest) == 2 && rest[1] == "$ref":
		return true, strings.ToLower(rest[0])
	}
	return false, ""
}

// ownedBy are the objects that a principal owns.
func (c *call) ownedBy(id string) []string {
	var out []string
	for _, s := range ownable {
		for _, o := range s.list(c.Graph) {
			if slices.Contains(o.owners(), id) {
				out = append(out, o.id)
			}
		}
	}
	return out
}

// refs lists, adds and removes references of an object to others.
func (c *call) refs(o object, what string, may right, have []string, id string) (answer, error) {
	switch {
	case id == "" && c.r.Method == http.MethodGet:
		if err := c.need(o.set.read); err != nil {
			return answer{}, err
		}
		value := []any{}
		for _, id := range have {
			if x, ok := c.find(id); ok {
				value = append(value, ojson.Obj("@odata.id", c.directoryURL(x)))
			}
		}
		return answer{body: ojson.Obj("@odata.context", metadata+"Collection($ref)", "value", value)}, nil
	case id == "" && c.r.Method == http.MethodPost:
		if err := c.may(may, &o); err != nil {
			return answer{}, err
		}
		body, err := c.body()
		if err != nil {
			return answer{}, err
		}
		return c.addRef(o, what, body.Str("@odata.id"))
	case id != "" && c.r.Method == http.MethodDelete:
		if err := c.may(may, &o); err != nil {
			return answer{}, err
		}
		return done, c.editRefs(o, what, func(list []string) ([]string, error) {
			i := slices.Index(list, id)
			switch {
			case i < 0:
				return nil, notFound(id)
			case what == "owners" && len(list) == 1 && o.set == groups:
				return nil, requestBad("The group must have at least one owner, hence this owner cannot be removed.")
			}
			return slices.Delete(slices.Clone(list), i, i+1), nil
		})
	}
	return answer{}, notAllowed()
}

func (c *call) addRef(o object, what, address string) (answer, error) {
	id := idIn(address)
	if id == "" {
		return answer{}, requestBad("Invalid URL format specified in payload.")
	}
	x, ok := c.find(id)
	switch {
	case !ok:
		return answer{}, notFound(id)
	case x.set == applications, what == "owners" && x.set == groups:
		return answer{}, requestBad("An invalid operation was included in the following modified references: '%s'.", what)
	}
	return done, c.editRefs(o, what, func(list []string) ([]string, error) {
		if slices.Contains(list, id) {
			return nil, requestBad("One or more added object references already exist for the following modified properties: '%s'.", what)
		}
		return append(slices.Clone(list), id), nil
	})
}

// editRefs replaces the members or the owners of an object.
func (c *call) editRefs(o object, what string, edit func([]string) ([]string, error)) error {
	return c.Directory.Change(func(d *entra.Objects) error {
		if a, ok := d.Applications[o.id]; ok {
			list, err := edit(a.Owners)
			a.Owners = list
			d.Applications[o.id] = a
			return err
		}
		p, ok := d.Principals[o.id]
		if !ok {
			return notFound(o.id)
		}
		field := &p.Members
		if what == "owners" {
			field = &p.Owners
		}
		list, err := edit(*field)
		*field = list
		d.Principals[o.id] = p
		return err
	})
}

// idIn reads the object's id out of the address of a directory object; "" if it
// is none.
func idIn(address string) string {
	rest, ok := strings.CutPrefix(address, "https://"+hostName+"/")
	if !ok {
		return ""
	}
	segments := strings.Split(strings.TrimSuffix(rest, "/"), "/")
	if len(segments) < 2 {
		return ""
	}
	last := segments[len(segments)-1]
	if _, key, err := keyOf(last); err == nil && key != "" {
		last = key
	} else if len(segments) < 3 {
		return ""
	}
	if !guidForm.MatchString(last) {
		return ""
	}
	return strings.ToLower(last)
}

// roleAssignments answers the app roles that a principal was given or, if given
// is true, those that a service principal gave.
func (c *call) roleAssignments(o object, given bool, rest []string) (answer, error) {
	nav := "appRoleAssignments"
	if given {
		nav = "appRoleAssignedTo"
	}
	context := metadata + o.set.name + "('" + o.id + "')/" + nav
	if len(rest) > 1 {
		return answer{}, noSegment(rest[1])
	}
	switch {
	case c.r.Method == http.MethodPost && len(rest) == 0:
		return c.giveRole(o, given, context)
	case c.r.Method == http.MethodDelete && len(rest) == 1:
		if err := c.may(appRolesRight, nil); err != nil {
			return answer{}, err
		}
		return done, c.Directory.Change(func(d *entra.Objects) error {
			i := slices.IndexFunc(d.AppRoles, func(x entra.AppRoleAssignment) bool { return x.ID == rest[0] })
			if i < 0 {
				return notFound(rest[0])
			}
			d.AppRoles = slices.Delete(d.AppRoles, i, i+1)
			return nil
		})
	}
	if err := c.method(http.MethodGet); err != nil {
		return answer{}, err
	}
	if err := c.need(roleAssignmentsAccess); err != nil {
		return answer{}, err
	}
	value := []any{}
	for _, x := range c.Directory.AppRoleAssignments() {
		if !given && x.PrincipalID == o.id || given && x.ResourceID == o.id {
			value = append(value, c.roleAssignment(x))
		}
	}
	if len(rest) == 0 {
		return answer{body: ojson.Obj("@odata.context", context, "value", value)}, nil
	}
	for _, v := range value {
		if x := v.(*ojson.Object); x.Str("id") == rest[0] {
			return answer{body: with(ojson.Obj("@odata.context", context+"/$entity"), x)}, nil
		}
	}
	return answer{}, notFound(rest[0])
}

// noAppRole is the id that gives a principal an application without a role.
const noAppRole = noID

func (c *call) giveRole(o object, given bool, context string) (answer, error) {
	if err := c.may(appRolesRight, nil); err != nil {
		return answer{}, err
	}
	body, err := c.body()
	if err != nil {
		return answer{}, err
	}
	x := entra.AppRoleAssignment{ID: c.IDs.Base64URL("entra.approle", 32), Created: c.Clock.Now()}
	for _, f := range []struct {
		name string
		to   *string
	}{{"principalId", &x.PrincipalID}, {"resourceId", &x.ResourceID}, {"appRoleId", &x.AppRoleID}} {
		if *f.to = strings.ToLower(body.Str(f.name)); !guidForm.MatchString(*f.to) {
			return answer{}, requestBad("One or more properties are invalid.")
		}
	}
	if given && x.ResourceID != o.id || !given && x.PrincipalID != o.id {
		return answer{}, requestBad("One or more properties are invalid.")
	}
	resource, ok := c.find(x.ResourceID)
	if !ok || resource.set != servicePrincipals {
		return answer{}, notFound(x.ResourceID)
	}
	if p, ok := c.find(x.PrincipalID); !ok || p.set == applications {
		return answer{}, notFound(x.PrincipalID)
	}
	offered := c.Directory.RolesOf(resource.principal.AppID)
	if x.AppRoleID != noAppRole && !slices.ContainsFunc(offered, func(r entra.AppRole) bool { return r.ID == x.AppRoleID }) {
		return answer{}, requestBad("Permission being assigned was not found on application")
	}
	err = c.Directory.Change(func(d *entra.Objects) error {
		if slices.ContainsFunc(d.AppRoles, func(y entra.AppRoleAssignment) bool {
			return y.PrincipalID == x.PrincipalID && y.ResourceID == x.ResourceID && y.AppRoleID == x.AppRoleID
		}) {
			return &refusal{http.StatusBadRequest, "Request_BadRequest", "Permission being assigned already exists on the object", "InvalidUpdate", ""}
		}
		d.AppRoles = append(d.AppRoles, x)
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusCreated, location: c.v2() + "appRoleAssignments/" + x.ID, body: with(ojson.Obj("@odata.context", context+"/$entity"), c.roleAssignment(x))}, nil
}
