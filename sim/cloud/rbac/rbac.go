// Package rbac is Azure's role-based access control: role definitions, role
// assignments, and whether a principal may do an action at a scope
// (facts/azure-wire.md §4.3, §4.9). It must not know resource types, tokens or
// HTTP.
package rbac

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"skylab/sim/clock"
	"skylab/sim/cloud/identity"
	"skylab/sim/edition"
	"skylab/sim/sorting"
)

// Permissions are what a role allows. "*" in a pattern stands for any
// characters, slashes included; case does not matter.
type Permissions struct {
	Actions        []string `json:"actions"`
	NotActions     []string `json:"notActions"`
	DataActions    []string `json:"dataActions"`
	NotDataActions []string `json:"notDataActions"`
}

// Role is a role definition.
type Role struct {
	ID          string      `json:"id"` // GUID
	Name        string      `json:"name"`
	Description string      `json:"description"`
	Custom      bool        `json:"custom,omitempty"`
	Scopes      []string    `json:"scopes,omitempty"` // assignable scopes of a custom role
	Permissions Permissions `json:"permissions"`
	CreatedOn   time.Time   `json:"createdOn"`
	UpdatedOn   time.Time   `json:"updatedOn"`
	CreatedBy   string      `json:"createdBy,omitempty"`
	UpdatedBy   string      `json:"updatedBy,omitempty"`
}

// Assignment gives a principal a role at a scope.
type Assignment struct {
	Name          string `json:"name"` // GUID
	Scope         string `json:"scope"`
	RoleID        string `json:"roleId"`
	PrincipalID   string `json:"principalId"`
	PrincipalType string `json:"principalType"`
	Description   string `json:"description,omitempty"`
	// Condition is kept and shown; no check looks at it.
	Condition        string    `json:"condition,omitempty"`
	ConditionVersion string    `json:"conditionVersion,omitempty"`
	CreatedOn        time.Time `json:"createdOn"`
	UpdatedOn        time.Time `json:"updatedOn"`
	CreatedBy        string    `json:"createdBy"`
	UpdatedBy        string    `json:"updatedBy"`
	// Works is when the assignment begins to count.
	Works time.Time `json:"works"`
}

// ID returns the assignment's ARM id.
func (a Assignment) ID() string {
	return strings.TrimSuffix(a.Scope, "/") + "/providers/Microsoft.Authorization/roleAssignments/" + a.Name
}

// State is access control as a snapshot keeps it. Built-in roles are not in it.
type State struct {
	Custom      map[string]Role `json:"custom"`      // by GUID
	Assignments []Assignment    `json:"assignments"` // in the order of creation
	// Delay is how long a new assignment takes to work.
	Delay time.Duration `json:"delay,omitempty"`
}

// Access is the access control of a tenant. It is safe for concurrent use.
type Access struct {
	clock     *clock.Clock
	directory identity.Directory
	mu        edition.Mutex
	text      edition.Text
	state     State
}

// New returns access control without assignments.
func New(c *clock.Clock, d identity.Directory) *Access {
	return &Access{clock: c, directory: d, state: State{Custom: map[string]Role{}}}
}

// State returns the access control as plain data.
func (a *Access) State() State {
	a.mu.RLock()
	defer a.mu.RUnlock()
	s := a.state
	s.Assignments = slices.Clone(s.Assignments)
	s.Custom = map[string]Role{}
	for id, r := range a.state.Custom {
		s.Custom[id] = r
	}
	return s
}

// JSON returns [Access.State] as JSON, which must not be changed.
func (a *Access) JSON() ([]byte, error) {
	return a.text.JSON(&a.mu, func() any { return a.State() })
}

// Restore sets the access control to a saved state.
func (a *Access) Restore(s State) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.state = State{Custom: map[string]Role{}, Assignments: slices.Clone(s.Assignments), Delay: s.Delay}
	for id, r := range s.Custom {
		a.state.Custom[id] = r
	}
}

// Role returns a role definition by its GUID.
func (a *Access) Role(id string) (Role, bool) {
	id = strings.ToLower(id)
	if r, ok := builtin[id]; ok {
		return r, true
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	r, ok := a.state.Custom[id]
	return r, ok
}

// Roles returns all role definitions, built-in ones first, each by name.
func (a *Access) Roles() []Role {
	a.mu.RLock()
	defer a.mu.RUnlock()
	out := slices.Clone(builtinList)
	var custom []Role
	for _, r := range a.state.Custom {
		custom = append(custom, r)
	}
	sorting.By(custom, func(x, y Role) int { return strings.Compare(x.Name, y.Name) })
	return append(out, custom...)
}

// Assignments returns all assignments in the order of their creation.
func (a *Access) Assignments() []Assignment {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return slices.Clone(a.state.Assignments)
}

// Problem is a refusal to write an assignment, by the service's error code.
type Problem struct {
	Code, Text string
}

func (p *Problem) Error() string { return p.Code + ": " + p.Text }

// Assign writes an assignment, filling in its times. Its error is a *Problem:
// PrincipalNotFound, UnmatchedPrincipalType, RoleDefinitionDoesNotExist,
// RoleAssignmentScopeNotAssignableToRoleDefinition, RoleAssignmentExists or
// RoleAssignmentUpdateNotPermitted (facts/azure-wire.md §4.9). Writing an
// assignment again changes its description and condition. Who names the
// principal's type is believed, as by the service, even where the directory does
// not know the principal (yet).
func (a *Access) Assign(x Assignment, by string) (Assignment, error) {
	if _, ok := a.Role(x.RoleID); !ok {
		return x, &Problem{"RoleDefinitionDoesNotExist", fmt.Sprintf("The specified role definition with ID '%s' does not exist.", plain(x.RoleID))}
	}
	role, _ := a.Role(x.RoleID)
	if role.Custom && !slices.ContainsFunc(role.Scopes, func(s string) bool { return Contains(s, x.Scope) }) {
		return x, &Problem{"RoleAssignmentScopeNotAssignableToRoleDefinition", fmt.Sprintf("The assignment scope '%s' is not assignable to role definition '%s'.", x.Scope, role.Name)}
	}
	p, ok := a.directory.Lookup(x.PrincipalID)
	switch {
	case !ok && x.PrincipalType != "":
		p.Kind = x.PrincipalType
	case ok && x.PrincipalType != "" && !strings.EqualFold(x.PrincipalType, p.Kind):
		return x, &Problem{"UnmatchedPrincipalType", fmt.Sprintf("The PrincipalId '%s' has type '%s' , which is different from specified PrinciaplType '%s'.", plain(x.PrincipalID), p.Kind, x.PrincipalType)}
	case !ok:
		return x, &Problem{"PrincipalNotFound", fmt.Sprintf("Principal %s does not exist in the directory %s. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype", plain(x.PrincipalID), a.directory.TenantID())}
	}
	x.PrincipalType = p.Kind
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.clock.Now()
	for i, old := range a.state.Assignments {
		same := strings.EqualFold(old.Scope, x.Scope) && strings.EqualFold(old.PrincipalID, x.PrincipalID) && strings.EqualFold(old.RoleID, x.RoleID)
		named := strings.EqualFold(old.Name, x.Name) && strings.EqualFold(old.Scope, x.Scope)
		switch {
		case named && same:
			if old.Description != x.Description || old.Condition != x.Condition || old.ConditionVersion != x.ConditionVersion {
				old.Description, old.Condition, old.ConditionVersion = x.Description, x.Condition, x.ConditionVersion
				old.UpdatedOn, old.UpdatedBy = now, by
				a.state.Assignments = slices.Clone(a.state.Assignments)
				a.state.Assignments[i] = old
			}
			return old, nil
		case named:
			return x, &Problem{"RoleAssignmentUpdateNotPermitted", "Tenant ID, application ID, principal ID, and scope are not allowed to be updated."}
		case same:
			return x, &Problem{"RoleAssignmentExists", fmt.Sprintf("The role assignment already exists. The ID of the existing role assignment is %s.", plain(old.Name))}
		}
	}
	x.CreatedOn, x.UpdatedOn, x.CreatedBy, x.UpdatedBy = now, now, by, by
	x.Works = now.Add(a.state.Delay)
	a.state.Assignments = append(a.state.Assignments, x)
	return x, nil
}

// MaxCustomRoles is how many roles of its own a tenant has at most.
const MaxCustomRoles = 5000

// PutRole writes a custom role, filling in its times. Its error is a *Problem:
// RoleDefinitionWithSameNameExists, RoleDefinitionUpdateNotAllowed for a
// built-in role, or RoleDefinitionLimitExceeded.
func (a *Access) PutRole(r Role, by string) (role Role, created bool, err error) {
	r.ID, r.Custom = strings.ToLower(r.ID), true
	if _, ok := builtin[r.ID]; ok {
		return r, false, &Problem{"RoleDefinitionUpdateNotAllowed", "A built-in role definition cannot be updated."}
	}
	for _, other := range a.Roles() {
		if other.ID != r.ID && strings.EqualFold(other.Name, r.Name) {
			return r, false, &Problem{"RoleDefinitionWithSameNameExists", "A custom role with the same name already exists in this directory. Use a different name."}
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	old, there := a.state.Custom[r.ID]
	if !there && len(a.state.Custom) >= MaxCustomRoles {
		return r, false, &Problem{"RoleDefinitionLimitExceeded", "Role definition limit exceeded. No more role definitions can be created."}
	}
	now := a.clock.Now()
	r.CreatedOn, r.UpdatedOn, r.CreatedBy, r.UpdatedBy = now, now, by, by
	if there {
		r.CreatedOn, r.CreatedBy = old.CreatedOn, old.CreatedBy
	}
	a.state.Custom[r.ID] = r
	return r, !there, nil
}

// DeleteRole removes a custom role and returns it; false if there is none. Its
// error is a *Problem: RoleDefinitionHasAssignments, or
// RoleDefinitionDeleteNotAllowed for a built-in role.
func (a *Access) DeleteRole(id string) (Role, bool, error) {
	id = strings.ToLower(id)
	if r, ok := builtin[id]; ok {
		return r, true, &Problem{"RoleDefinitionDeleteNotAllowed", "A built-in role definition cannot be deleted."}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	r, ok := a.state.Custom[id]
	if ok && slices.ContainsFunc(a.state.Assignments, func(x Assignment) bool { return strings.EqualFold(x.RoleID, id) }) {
		return r, true, &Problem{"RoleDefinitionHasAssignments", "There are existing role assignments referencing role."}
	}
	delete(a.state.Custom, id)
	return r, ok, nil
}

// plain is a GUID without dashes, as some errors print it.
func plain(guid string) string { return strings.ReplaceAll(strings.ToLower(guid), "-", "") }

// Unassign removes the assignment of a name at a scope and returns it.
func (a *Access) Unassign(scope, name string) (Assignment, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := slices.IndexFunc(a.state.Assignments, func(x Assignment) bool {
		return strings.EqualFold(x.Scope, scope) && strings.EqualFold(x.Name, name)
	})
	if i < 0 {
		return Assignment{}, false
	}
	x := a.state.Assignments[i]
	a.state.Assignments = slices.Delete(slices.Clone(a.state.Assignments), i, i+1)
	return x, true
}

// DeleteBelow removes the assignments at a scope and below it, as when a
// resource goes.
func (a *Access) DeleteBelow(scope string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.state.Assignments = slices.DeleteFunc(slices.Clone(a.state.Assignments), func(x Assignment) bool { return Contains(scope, x.Scope) })
}

// SetDelay sets how long assignments made from now on take to work.
func (a *Access) SetDelay(d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.state.Delay = d
}
