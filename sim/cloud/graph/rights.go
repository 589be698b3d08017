package graph

import (
	"fmt"
	"slices"
	"strings"

	"skylab/sim/cloud/entra"
	"skylab/sim/exchange"
	"skylab/sim/network"
)

// right is what a change needs: one of the permissions in the token and, where
// an application acts for a person, that the person may do it too.
type right struct {
	access
	// roles are the directory roles with which a person may, beside Global
	// Administrator.
	roles []string
	// anyone: every member of the tenant may, by its default settings.
	anyone bool
	// owned are application permissions for objects that the caller owns.
	owned []string
}

// throughout are the permissions that change everything in the directory.
var throughout = []string{"Directory.ReadWrite.All", "Directory.AccessAsUser.All"}

func changes(what string, permissions ...string) access {
	return access{what, slices.Concat(permissions, throughout), append(slices.Clone(permissions), throughout[0])}
}

// The rights to change each kind of object (the reference of Microsoft Graph,
// and the default permissions of a tenant's members).
var (
	usersRight        = right{access: changes("users", "User.ReadWrite.All"), roles: []string{entra.UserAdministrator}}
	groupsRight       = right{access: changes("groups", "Group.ReadWrite.All"), roles: []string{entra.GroupsAdministrator, entra.UserAdministrator}}
	newGroupRight     = right{access: changes("groups", "Group.ReadWrite.All", "Group.Create"), roles: groupsRight.roles, anyone: true}
	membersRight      = right{access: changes("group members", "GroupMember.ReadWrite.All", "Group.ReadWrite.All"), roles: groupsRight.roles}
	applicationsRight = right{access: changes("applications and service principals", "Application.ReadWrite.All"), roles: []string{entra.ApplicationAdministrator, entra.CloudApplicationAdministrator},
		owned: []string{"Application.ReadWrite.OwnedBy"}}
	newApplicationRight = right{access: changes("applications and service principals", "Application.ReadWrite.All", "Application.ReadWrite.OwnedBy"), roles: applicationsRight.roles, anyone: true}
	appRolesRight       = right{access: access{"app role assignments", []string{"AppRoleAssignment.ReadWrite.All", "Directory.AccessAsUser.All"}, []string{"AppRoleAssignment.ReadWrite.All"}},
		roles: []string{entra.PrivilegedRoleAdministrator}}
)

// may refuses a caller who must not make a change; o is the object that is
// changed, nil if there is none yet. It tells the inspector why.
func (c *call) may(r right, o *object) error {
	owns := o != nil && slices.Contains(o.owners(), c.claims.ObjectID)
	kind, accepted := "delegated", r.delegated
	if c.claims.App {
		kind, accepted = "application", r.application
	}
	permission := c.held(r.access)
	if i := slices.IndexFunc(r.owned, func(p string) bool { return slices.Contains(c.claims.Roles, p) }); permission == "" && c.claims.App && owns && i >= 0 {
		permission = r.owned[i]
	}
	if permission == "" {
		network.AddNote(c.r.Context(), exchange.Note{Kind: "graph.refused", Text: fmt.Sprintf("To change %s the token needs one of the %s permissions %s; it has %s.", r.what, kind, strings.Join(accepted, ", "), c.has()),
			Data: map[string]any{"needs": slices.Clone(accepted), "kind": kind}})
		return denied()
	}
	if !c.claims.App && !r.anyone && !owns && !slices.ContainsFunc(slices.Concat(r.roles, []string{entra.GlobalAdministrator}), func(id string) bool { return slices.Contains(c.claims.DirRoles, id) }) {
		network.AddNote(c.r.Context(), exchange.Note{Kind: "graph.refused", Text: fmt.Sprintf("The permission %s would do, but it only lets the application do what the person may: %s has no directory role that changes %s and does not own the object.", permission, c.claims.UPN, r.what)})
		return denied()
	}
	network.AddNote(c.r.Context(), exchange.Note{Kind: "graph.permission", Text: fmt.Sprintf("The %s permission %s allows changing %s.", kind, permission, r.what), Data: map[string]any{"permission": permission, "kind": kind}})
	return nil
}
