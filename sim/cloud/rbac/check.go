package rbac

import (
	"fmt"
	"slices"
	"strings"
)

// Considered is an assignment that a check looked at, and what came of it.
type Considered struct {
	Assignment Assignment
	Role       string
	Through    string // the group through which it reaches the principal; "" if directly
	Outcome    string // "allows", "lacks the action", "excludes the action", "does not work yet"
}

// Decision is the result of a check.
type Decision struct {
	Allowed    bool
	By         *Considered  // the assignment that allowed it
	Considered []Considered // those of the principal at the scope or above
}

// Why says in a sentence how the decision came about.
func (d Decision) Why(action, scope string) string {
	if d.By != nil {
		s := fmt.Sprintf("The role %s at %s allows %s.", d.By.Role, d.By.Assignment.Scope, action)
		if d.By.Through != "" {
			s = strings.TrimSuffix(s, ".") + " (through a group)."
		}
		return s
	}
	if len(d.Considered) == 0 {
		return fmt.Sprintf("The principal has no role at %s or above it, so %s is missing.", scope, action)
	}
	var parts []string
	for _, c := range d.Considered {
		parts = append(parts, fmt.Sprintf("%s at %s %s", c.Role, c.Assignment.Scope, c.Outcome))
	}
	return fmt.Sprintf("No role of the principal allows %s at %s: %s.", action, scope, strings.Join(parts, "; "))
}

// Check tells whether a principal may do an action at a scope.
func (a *Access) Check(principalID, action, scope string) Decision {
	return a.check(principalID, action, scope, false)
}

// CheckData is Check for an action on data.
func (a *Access) CheckData(principalID, action, scope string) Decision {
	return a.check(principalID, action, scope, true)
}

func (a *Access) check(principalID, action, scope string, data bool) Decision {
	groups := a.directory.Groups(principalID)
	now := a.clock.Now()
	var d Decision
	for _, x := range a.Assignments() {
		through := ""
		if !strings.EqualFold(x.PrincipalID, principalID) {
			if !slices.Contains(groups, strings.ToLower(x.PrincipalID)) {
				continue
			}
			through = x.PrincipalID
		}
		if !Contains(x.Scope, scope) {
			continue
		}
		role, ok := a.Role(x.RoleID)
		if !ok {
			continue
		}
		c := Considered{Assignment: x, Role: role.Name, Through: through, Outcome: role.Permissions.outcome(action, data)}
		if c.Outcome == allows && now.Before(x.Works) {
			c.Outcome = "does not work yet"
		}
		d.Considered = append(d.Considered, c)
		if c.Outcome == allows && !d.Allowed {
			d.Allowed = true
			d.By = &d.Considered[len(d.Considered)-1]
		}
	}
	if d.By != nil { // the slice may have moved since
		by := *d.By
		d.By = &by
	}
	return d
}

// Effective returns what a principal's roles that work at a scope allow there,
// one after the other.
func (a *Access) Effective(principalID, scope string) []Permissions {
	groups := a.directory.Groups(principalID)
	now := a.clock.Now()
	var out []Permissions
	for _, x := range a.Assignments() {
		mine := strings.EqualFold(x.PrincipalID, principalID) || slices.Contains(groups, strings.ToLower(x.PrincipalID))
		if role, ok := a.Role(x.RoleID); ok && mine && Contains(x.Scope, scope) && !now.Before(x.Works) {
			out = append(out, role.Permissions)
		}
	}
	return out
}

const allows = "allows"

func (p Permissions) outcome(action string, data bool) string {
	yes, no := p.Actions, p.NotActions
	if data {
		yes, no = p.DataActions, p.NotDataActions
	}
	match := func(pattern string) bool { return Match(pattern, action) }
	switch {
	case !slices.ContainsFunc(yes, match):
		return "lacks the action"
	case slices.ContainsFunc(no, match):
		return "excludes the action"
	}
	return allows
}

// Match tells whether an action fits a pattern of a role definition.
func Match(pattern, action string) bool {
	parts := strings.Split(strings.ToLower(pattern), "*")
	action = strings.ToLower(action)
	if len(parts) == 1 {
		return parts[0] == action
	}
	rest, ok := strings.CutPrefix(action, parts[0])
	if !ok {
		return false
	}
	last := parts[len(parts)-1]
	for _, mid := range parts[1 : len(parts)-1] {
		i := strings.Index(rest, mid)
		if i < 0 {
			return false
		}
		rest = rest[i+len(mid):]
	}
	return strings.HasSuffix(rest, last)
}

// Contains tells whether a scope is another one or lies above it. Scopes are
// ARM ids; "/" lies above all.
func Contains(scope, inner string) bool {
	scope, inner = strings.ToLower(strings.TrimRight(scope, "/")), strings.ToLower(strings.TrimRight(inner, "/"))
	return scope == inner || strings.HasPrefix(inner, scope+"/")
}
