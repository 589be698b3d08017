package entra

import (
	"maps"
	"slices"
	"time"

	"skylab/sim/cloud/identity"
)

// Template ids of further directory roles that let people change the directory.
const (
	ApplicationAdministrator      = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
	CloudApplicationAdministrator = "158c047a-c907-4556-b7ef-446551a6b5f7"
	UserAdministrator             = "fe930be7-5e62-47db-91af-98c3a49a38b1"
	GroupsAdministrator           = "fdd7a751-b60b-444a-984c-02652fe8fa1c"
	PrivilegedRoleAdministrator   = "e8611ab8-c189-46e8-94e1-60213ab1f814"
)

// Deleted is an object in the directory's recycle bin, with what it was part of.
// Exactly one of Principal and Application is set.
type Deleted struct {
	At          time.Time    `json:"at"`
	Principal   *Principal   `json:"principal,omitempty"`
	Application *Application `json:"application,omitempty"`
	// With is the application by whose deletion a service principal went.
	With     string              `json:"with,omitempty"`
	Groups   []string            `json:"groups,omitempty"` // in which it was: object ids
	AppRoles []AppRoleAssignment `json:"appRoles,omitempty"`
}

// binLife is how long a deleted object can be restored.
const binLife = 30 * 24 * time.Hour

// Objects are a directory's objects while they are changed. Their slices are
// shared with the directory: they are replaced, never written into.
type Objects struct {
	Principals   map[string]Principal
	Applications map[string]Application
	AppRoles     []AppRoleAssignment
	Deleted      map[string]Deleted
	now          time.Time
}

// Change lets do change the directory. Either all that it did is kept or, if it
// returns an error, nothing; the error is returned as it is. do must not call
// the directory.
func (e *Entra) Change(do func(*Objects) error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	o := &Objects{maps.Clone(e.state.Principals), maps.Clone(e.state.Applications), slices.Clone(e.state.AppRoles), orEmpty(e.state.Deleted), e.clock.Now()}
	for id, d := range o.Deleted {
		if !o.now.Before(d.At.Add(binLife)) {
			delete(o.Deleted, id)
		}
	}
	if err := do(o); err != nil {
		return err
	}
	e.state.Principals, e.state.Applications, e.state.AppRoles, e.state.Deleted = o.Principals, o.Applications, o.AppRoles, o.Deleted
	return nil
}

// Bin returns what can be restored, by object id.
func (e *Entra) Bin() map[string]Deleted {
	e.mu.RLock()
	defer e.mu.RUnlock()
	out := map[string]Deleted{}
	for id, d := range e.state.Deleted {
		if e.clock.Now().Before(d.At.Add(binLife)) {
			out[id] = d
		}
	}
	return out
}

// Remove takes an object out of the directory: groups and managed identities for
// good, others into the recycle bin, an application with its service principal.
func (o *Objects) Remove(id string) {
	if a, ok := o.Applications[id]; ok {
		delete(o.Applications, id)
		o.Deleted[id] = Deleted{At: o.now, Application: &a}
		for _, p := range o.Principals {
			if p.AppID == a.AppID {
				o.remove(p, id)
			}
		}
		return
	}
	if p, ok := o.Principals[id]; ok {
		o.remove(p, "")
	}
}

func (o *Objects) remove(p Principal, with string) {
	d := Deleted{At: o.now, Principal: &p, With: with}
	delete(o.Principals, p.ID)
	for id, g := range o.Principals {
		if slices.Contains(g.Members, p.ID) {
			d.Groups = append(d.Groups, id)
			g.Members = without(g.Members, p.ID)
		}
		g.Owners = without(g.Owners, p.ID)
		o.Principals[id] = g
	}
	slices.Sort(d.Groups)
	for id, a := range o.Applications {
		a.Owners = without(a.Owners, p.ID)
		o.Applications[id] = a
	}
	var kept []AppRoleAssignment
	for _, x := range o.AppRoles {
		if x.PrincipalID == p.ID || x.ResourceID == p.ID {
			d.AppRoles = append(d.AppRoles, x)
		} else {
			kept = append(kept, x)
		}
	}
	o.AppRoles = kept
	if p.Kind != identity.KindGroup && p.SPType != managedType {
		o.Deleted[p.ID] = d
	}
}

func without(list []string, id string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == id })
}

// Restore brings an object back out of the recycle bin, with its memberships
// and, with an application, the service principal that went by its deletion.
func (o *Objects) Restore(id string) bool {
	d, ok := o.Deleted[id]
	if !ok {
		return false
	}
	delete(o.Deleted, id)
	if d.Application != nil {
		o.Applications[id] = *d.Application
		for other, x := range o.Deleted {
			if x.With == id {
				o.Restore(other)
			}
		}
		return true
	}
	o.Principals[id] = *d.Principal
	for _, g := range d.Groups {
		if p, ok := o.Principals[g]; ok {
			p.Members = append(slices.Clone(p.Members), id)
			o.Principals[g] = p
		}
	}
	for _, x := range d.AppRoles {
		_, there := o.Principals[x.PrincipalID]
		if _, ok := o.Principals[x.ResourceID]; ok && there {
			o.AppRoles = append(o.AppRoles, x)
		}
	}
	return true
}
