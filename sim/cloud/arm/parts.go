package arm

import (
	"net/http"
	"slices"
	"strings"

	"skylab/sim/ojson"
)

// leaf is the last part of a type's name: "subnets".
func (t *Type) leaf() string { return t.Name[strings.LastIndexByte(t.Name, '/')+1:] }

// cut takes the last name and the kind before it off an ARM id.
func cut(id string) (parent, kind, name string) {
	i := strings.LastIndexByte(id, '/')
	if i < 0 {
		return "", "", ""
	}
	j := strings.LastIndexByte(id[:i], '/')
	if j < 0 {
		return "", "", ""
	}
	return id[:j], id[j+1 : i], id[i+1:]
}

// part finds a resource that is a member of its parent's list (see [Type.Part])
// by its ARM id in lower case; the caller holds mu.
func (a *ARM) part(key string) (Resource, bool) {
	up, kind, name := cut(key)
	parent, ok := a.state.Resources[up]
	if !ok {
		return Resource{}, false
	}
	t := a.types[strings.ToLower(parent.Type)+"/"+kind]
	if t == nil || t.Part == "" {
		return Resource{}, false
	}
	for _, e := range parent.Properties.Objects(t.Part) {
		if strings.EqualFold(e.Str("name"), name) {
			return t.member(parent, e), true
		}
	}
	return Resource{}, false
}

// member is an element of a parent's list as a resource of its own: its state is
// its parent's.
func (t *Type) member(parent Resource, e *ojson.Object) Resource {
	r := Resource{ID: parent.ID + "/" + t.leaf() + "/" + e.Str("name"), Type: t.full(), Name: e.Str("name"), Properties: e.Obj("properties").Clone(), Created: parent.Created, Changed: parent.Changed}
	if r.Properties == nil {
		r.Properties = &ojson.Object{}
	}
	if s := parent.Properties.Str("provisioningState"); s != "" {
		r.Properties.Set("provisioningState", s)
	}
	return r
}

// parts are all resources of a type that lies in its parents' lists; the caller
// holds mu.
func (a *ARM) parts(t *Type) []Resource {
	var out []Resource
	for _, parent := range a.state.Resources {
		if !strings.EqualFold(parent.Type+"/"+t.leaf(), t.full()) {
			continue
		}
		for _, e := range parent.Properties.Objects(t.Part) {
			out = append(out, t.member(parent, e))
		}
	}
	return out
}

// writePart writes a member of its parent's list by way of the parent's own Put.
func (a *ARM) writePart(x *Request, t *Type, body *ojson.Object, id string) error {
	up, _, _ := cut(id)
	old, had := a.Resource(id)
	if x.Method == http.MethodPatch && !had {
		_, err := a.find(x.ID, t)
		return err
	}
	e := ojson.Obj("name", x.Name, "properties", body.Obj("properties"))
	switch {
	case x.Method == http.MethodPatch:
		e.Set("name", old.Name)
		e.Set("properties", merged(old.Properties, body.Obj("properties")))
	case had:
		e.Set("name", old.Name)
	}
	if e.Obj("properties") == nil {
		e.Set("properties", &ojson.Object{})
	}
	parent, err := a.rewrite(x, t, up, func(list []any) []any {
		i := slices.IndexFunc(list, func(v any) bool { return named(v, x.Name) })
		if i < 0 {
			return append(list, e)
		}
		list[i] = e
		return list
	})
	if err != nil {
		return err
	}
	status := http.StatusOK
	if !had {
		status = http.StatusCreated
	}
	if pt := a.types[strings.ToLower(parent.Type)]; pt.Async != nil {
		was := parent
		if !had {
			a.startAsync(x, pt, nil, &parent)
		} else {
			a.startAsync(x, pt, &was, &parent)
		}
	}
	a.Keep(parent)
	r, err := a.find(id, t)
	if err != nil {
		return err
	}
	a.show(x, t, status, r)
	return nil
}

func named(v any, name string) bool {
	o, ok := v.(*ojson.Object)
	return ok && strings.EqualFold(o.Str("name"), name)
}

// rewrite returns a parent with another list, as its own type takes it.
func (a *ARM) rewrite(x *Request, t *Type, up string, change func([]any) []any) (Resource, error) {
	parent, err := a.find(up, nil)
	if err != nil {
		return parent, err
	}
	pt := a.types[strings.ToLower(parent.Type)]
	if err := a.free(x, pt, parent.ID); err != nil {
		return parent, err
	}
	parent, _ = a.Resource(parent.ID)
	next := parent.clone()
	list, _ := next.Properties.At(t.Part).([]any)
	next.Properties.Set(t.Part, change(slices.Clone(list)))
	if pt.Put != nil {
		px := *x
		px.ID, px.Name, px.Parents = parent.ID, parent.Name, nil
		if err := pt.Put(a, &px, &parent, &next); err != nil {
			return parent, pt.own(err)
		}
	}
	next.Changed = x.At()
	return next, nil
}

// removePart takes a member out of its parent's list.
func (a *ARM) removePart(x *Request, t *Type, r Resource) error {
	up, _, _ := cut(r.ID)
	parent, err := a.rewrite(x, t, up, func(list []any) []any {
		return slices.DeleteFunc(list, func(v any) bool { return named(v, r.Name) })
	})
	if err != nil {
		return err
	}
	pt := a.types[strings.ToLower(parent.Type)]
	if pt.Async == nil || pt.Async.Delete == 0 {
		a.Keep(parent)
		x.W.WriteHeader(http.StatusOK)
	} else {
		parent.Properties.Set("provisioningState", "Updating")
		a.Keep(parent)
		a.accept(x, pt, parent, pt.Async.Delete, Effect{Settled: true})
	}
	a.Access.DeleteBelow(r.ID)
	return nil
}
