package arm

import (
	"net/http"
	"strings"

	"skylab/sim/ojson"
	"skylab/sim/sorting"
)

func (a *ARM) locationOf(scope string) string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.state.Groups[strings.ToLower(scope)].Location
}

// groupAt returns the group whose ARM id a scope is.
func (a *ARM) groupAt(scope string) (Group, bool) {
	a.Settle()
	a.mu.RLock()
	defer a.mu.RUnlock()
	g, ok := a.state.Groups[strings.ToLower(scope)]
	return g, ok
}

// find returns a resource, or the error that says what is missing: its group or
// itself. A nil type leaves the type to the id.
func (a *ARM) find(id string, t *Type) (Resource, error) {
	if r, ok := a.Resource(id); ok {
		return r, nil
	}
	parts := strings.Split(strings.TrimPrefix(id, "/"), "/")
	what := id
	if at := providersAt(parts); at >= 0 {
		kinds, names := []string{parts[at+1]}, []string{}
		for i, s := range parts[at+2:] {
			if i%2 == 0 {
				kinds = append(kinds, s)
			} else {
				names = append(names, s)
			}
		}
		what = strings.Join(kinds, "/") + "/" + strings.Join(names, "/")
		if t != nil {
			what = t.full() + "/" + strings.Join(names, "/")
		}
	}
	const help = " For more details please go to https://aka.ms/ARMResourceNotFoundFix"
	if g := groupOf(id); g != "" {
		if _, ok := a.groupAt("/" + strings.Join(parts[:4], "/")); !ok {
			return Resource{}, failf(http.StatusNotFound, "ResourceGroupNotFound", "Resource group '%s' could not be found.", g)
		}
		return Resource{}, failf(http.StatusNotFound, "ResourceNotFound", "The Resource '%s' under resource group '%s' was not found."+help, what, g)
	}
	return Resource{}, failf(http.StatusNotFound, "ResourceNotFound", "The Resource '%s' was not found."+help, what)
}

// CheckGroup is the service's error if the resource group in an ARM id does not
// exist; an id without one passes.
func (a *ARM) CheckGroup(id string) error {
	g := groupOf(id)
	if g == "" {
		return nil
	}
	if _, ok := a.groupAt(strings.Join(strings.Split(id, "/")[:5], "/")); !ok {
		return failf(http.StatusNotFound, "ResourceGroupNotFound", "Resource group '%s' could not be found.", g)
	}
	return nil
}

func (r Resource) clone() Resource {
	for _, o := range []**ojson.Object{&r.SKU, &r.Tags, &r.Identity, &r.Properties, &r.Private} {
		if *o != nil {
			*o = (*o).Clone()
		}
	}
	return r
}

// Resource returns a copy of a resource by its ARM id, whatever its case.
func (a *ARM) Resource(id string) (Resource, bool) {
	a.Settle()
	a.mu.RLock()
	defer a.mu.RUnlock()
	key := strings.ToLower(id)
	r, ok := a.state.Resources[key]
	if !ok {
		r, ok = a.part(key)
	}
	return r.clone(), ok
}

// ResourcesOf returns copies of all resources of a type, by id.
func (a *ARM) ResourcesOf(fullType string) []Resource {
	a.Settle()
	a.mu.RLock()
	defer a.mu.RUnlock()
	var out []Resource
	if t := a.types[strings.ToLower(fullType)]; t != nil && t.Part != "" {
		out = a.parts(t)
	}
	for _, r := range a.state.Resources {
		if strings.EqualFold(r.Type, fullType) {
			out = append(out, r.clone())
		}
	}
	sorting.By(out, func(x, y Resource) int { return strings.Compare(strings.ToLower(x.ID), strings.ToLower(y.ID)) })
	return out
}

// Keep stores a resource, new or changed.
func (a *ARM) Keep(r Resource) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.state.Resources[strings.ToLower(r.ID)] = r.clone()
}

// Remove takes a resource away at once, with what is below it and the
// assignments there.
func (a *ARM) Remove(id string) {
	key := strings.ToLower(id)
	a.mu.Lock()
	gone := a.drop(key)
	a.mu.Unlock()
	for _, r := range gone {
		a.left(r)
	}
	a.Access.DeleteBelow(key)
}

// Spelled returns a scope in the spelling of what it names, as far as that
// exists; the rest stays as it is.
func (a *ARM) Spelled(scope string) string {
	if r, ok := a.Resource(scope); ok {
		return r.ID
	}
	if g, ok := a.groupAt(scope); ok {
		return g.ID
	}
	return scope
}
