package arm

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"skylab/sim/cloud/identity"
	"skylab/sim/ojson"
)

// Type is a resource type: a table and a few hooks. What a type leaves out is
// what plain resources do: any properties are kept and given back.
type Type struct {
	Namespace string   // "Microsoft.Compute"
	Name      string   // "virtualMachines"
	Versions  []string // newest first
	Locations []string // where it can be; empty means anywhere
	// Pretty prints bodies over several lines with CRLF, as Compute does.
	Pretty bool
	// LowerGroups writes "resourcegroups" into ids, as Microsoft.ManagedIdentity does.
	LowerGroups bool
	// Extension types hang on any scope and are served by Serve alone.
	Extension bool
	Serve     func(a *ARM, x *Request) error
	// Put is called with the resource as it would be kept (old is nil for a new
	// one) and may refuse or change it.
	Put func(a *ARM, x *Request, old *Resource, r *Resource) error
	// Delete is called before a resource goes.
	Delete func(a *ARM, x *Request, r Resource) error
	// Render makes the body of an answer; nil is the common form.
	Render func(a *ARM, x *Request, r Resource) *ojson.Object
	// Actions are POSTs on a resource by their names in lower case.
	Actions map[string]Action
	// Reads are further GETs below a resource: "instanceview".
	Reads map[string]Read
}

// Action is a POST on a resource.
type Action struct {
	Name string // "start": the action is Namespace/Type/Name/action
	Do   func(a *ARM, x *Request, r *Resource) error
}

// Read is a GET below a resource; it is allowed to who may read the resource
// where Action is "".
type Read struct {
	Action string // last part of the access check's action: "instanceView/read"
	Do     func(a *ARM, x *Request, r Resource) error
}

func (t *Type) full() string { return t.Namespace + "/" + t.Name }

// Resource is a resource as it is kept.
type Resource struct {
	ID         string        `json:"id"` // in the spelling of its creation
	Type       string        `json:"type"`
	Name       string        `json:"name"`
	Location   string        `json:"location"`
	Tags       *ojson.Object `json:"tags,omitempty"`
	Identity   *ojson.Object `json:"identity,omitempty"`
	Properties *ojson.Object `json:"properties"`
	// Private is what a type keeps and never shows.
	Private *ojson.Object `json:"private,omitempty"`
}

// Group returns the ARM id of the resource's group.
func (r Resource) Group() string {
	parts := strings.SplitN(r.ID, "/", 6)
	return strings.Join(parts[:min(5, len(parts))], "/")
}

// Request is a request to a resource type whose caller was authenticated and,
// but for an extension type, may do what is asked.
type Request struct {
	*http.Request
	W       http.ResponseWriter
	Version string
	Claims  *identity.Claims
	Scope   string // the ARM id before /providers/
	Name    string // "" for a list
	Rest    []string
	call    *call
}

// Body reads the request's JSON object.
func (x *Request) Body() (*ojson.Object, error) { return x.call.body() }

// Answer writes a JSON body.
func (x *Request) Answer(status int, v any) { writeJSON(x.W, status, v) }

// Register adds resource types.
func (a *ARM) Register(types ...*Type) {
	for _, t := range types {
		a.types[strings.ToLower(t.full())] = t
	}
}

// place is where a path below /providers/ leads.
type place struct {
	scope string
	typ   *Type
	name  string
	rest  []string
}

// locate finds the type of a path; nil if no registered type serves it.
func (a *ARM) locate(segments []string) *place {
	at := -1
	for i, s := range segments {
		if strings.EqualFold(s, "providers") && i+2 < len(segments) {
			at = i
		}
	}
	if at < 0 {
		return nil
	}
	t := a.types[strings.ToLower(segments[at+1]+"/"+segments[at+2])]
	if t == nil {
		return nil
	}
	p := &place{scope: "/" + strings.Join(segments[:at], "/"), typ: t}
	if rest := segments[at+3:]; len(rest) > 0 {
		p.name, p.rest = rest[0], rest[1:]
	}
	return p
}

// serveType serves a request to a resource type.
func (a *ARM) serveType(c *call, p *place) error {
	t := p.typ
	if !slices.Contains(t.Versions, c.version) {
		oldest := slices.Clone(t.Versions)
		slices.Reverse(oldest)
		return failf(http.StatusBadRequest, "NoRegisteredProviderFound", "No registered resource provider found for location '%s' and API version '%s' for type '%s'. The supported api-versions are '%s'. The supported locations are '%s'.",
			a.locationOf(p.scope), c.version, t.Name, strings.Join(oldest, ", "), strings.Join(t.Locations, ", "))
	}
	x := &Request{Request: c.Request, W: c.w, Version: c.version, Claims: c.claims, Scope: p.scope, Name: p.name, Rest: p.rest, call: c}
	if t.Extension {
		return t.Serve(a, x)
	}
	id := p.scope + "/providers/" + t.full() + "/" + p.name
	allow := func(verb, scope string) error { return a.Authorize(x, t.full()+"/"+verb, scope) }
	key := strings.ToLower(id)
	switch {
	case p.name == "" && c.Method == http.MethodGet:
		if err := allow("read", p.scope); err != nil {
			return err
		}
		return a.listType(x, t)
	case p.name == "":
		return failf(http.StatusMethodNotAllowed, "HttpMethodNotAllowed", "The HTTP method is not allowed for this resource.")
	case len(p.rest) == 1 && c.Method == http.MethodPost:
		act, ok := t.Actions[strings.ToLower(p.rest[0])]
		if !ok {
			break
		}
		if err := allow(act.Name+"/action", id); err != nil {
			return err
		}
		r, err := a.find(key, t)
		if err != nil {
			return err
		}
		if err := act.Do(a, x, &r); err != nil {
			return err
		}
		a.Keep(r)
		return nil
	case len(p.rest) == 1 && c.Method == http.MethodGet:
		read, ok := t.Reads[strings.ToLower(p.rest[0])]
		if !ok {
			break
		}
		verb := "read"
		if read.Action != "" {
			verb = read.Action
		}
		if err := allow(verb, id); err != nil {
			return err
		}
		r, err := a.find(key, t)
		if err != nil {
			return err
		}
		return read.Do(a, x, r)
	case len(p.rest) > 0:
	case c.Method == http.MethodGet, c.Method == http.MethodHead:
		if err := allow("read", id); err != nil {
			return err
		}
		r, err := a.find(key, t)
		if err != nil {
			return err
		}
		a.show(x, t, http.StatusOK, r)
		return nil
	case c.Method == http.MethodPut, c.Method == http.MethodPatch:
		if err := allow("write", id); err != nil {
			return err
		}
		return a.write(x, t, id)
	case c.Method == http.MethodDelete:
		if err := allow("delete", id); err != nil {
			return err
		}
		return a.remove(x, t, key)
	default:
		return failf(http.StatusMethodNotAllowed, "HttpMethodNotAllowed", "The HTTP method is not allowed for this resource.")
	}
	return failf(http.StatusNotImplemented, "NotSimulated", "skylab: %s/%s is real but not simulated here", t.full(), strings.Join(p.rest, "/"))
}

// Authorize checks that the caller may do an action at a scope and notes why;
// the error is AuthorizationFailed.
func (a *ARM) Authorize(x *Request, action, scope string) error {
	d := a.Access.Check(x.Claims.ObjectID, action, scope)
	note(x.Context(), "arm.access", d.Why(action, scope), decisionData(d, action, scope, x.Claims.ObjectID))
	if !d.Allowed {
		return a.forbidden(x.Claims, action, scope)
	}
	a.count(x.W, x.Method)
	return nil
}

func (a *ARM) locationOf(scope string) string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.state.Groups[strings.ToLower(scope)].Location
}

// find returns a resource, or the error that says what is missing: its group or
// itself.
func (a *ARM) find(key string, t *Type) (Resource, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	r, ok := a.state.Resources[key]
	if ok {
		return r.clone(), nil
	}
	parts := strings.Split(key, "/")
	if len(parts) > 4 {
		if _, ok := a.state.Groups[strings.Join(parts[:5], "/")]; !ok {
			return r, failf(http.StatusNotFound, "ResourceGroupNotFound", "Resource group '%s' could not be found.", parts[4])
		}
		return r, failf(http.StatusNotFound, "ResourceNotFound", "The Resource '%s/%s' under resource group '%s' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix", t.full(), parts[len(parts)-1], parts[4])
	}
	return r, failf(http.StatusNotFound, "ResourceNotFound", "The Resource '%s/%s' was not found.", t.full(), parts[len(parts)-1])
}

func (r Resource) clone() Resource {
	for _, o := range []**ojson.Object{&r.Tags, &r.Identity, &r.Properties, &r.Private} {
		if *o != nil {
			*o = (*o).Clone()
		}
	}
	return r
}

// Resource returns a copy of a resource by its ARM id, whatever its case.
func (a *ARM) Resource(id string) (Resource, bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	r, ok := a.state.Resources[strings.ToLower(id)]
	return r.clone(), ok
}

// ResourcesOf returns copies of all resources of a type, by id.
func (a *ARM) ResourcesOf(fullType string) []Resource {
	a.mu.RLock()
	defer a.mu.RUnlock()
	var out []Resource
	for _, r := range a.state.Resources {
		if strings.EqualFold(r.Type, fullType) {
			out = append(out, r.clone())
		}
	}
	slices.SortFunc(out, func(x, y Resource) int { return strings.Compare(strings.ToLower(x.ID), strings.ToLower(y.ID)) })
	return out
}

// Keep stores a resource, new or changed.
func (a *ARM) Keep(r Resource) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.state.Resources[strings.ToLower(r.ID)] = r.clone()
}

func (a *ARM) listType(x *Request, t *Type) error {
	list := []any{}
	for _, r := range a.ResourcesOf(t.full()) {
		if strings.HasPrefix(strings.ToLower(r.ID), strings.ToLower(x.Scope)+"/") {
			list = append(list, t.body(a, x, r))
		}
	}
	a.print(x, t, http.StatusOK, value(list))
	return nil
}

func (a *ARM) show(x *Request, t *Type, status int, r Resource) {
	a.print(x, t, status, t.body(a, x, r))
}

func (a *ARM) print(x *Request, t *Type, status int, v any) {
	if !t.Pretty {
		writeJSON(x.W, status, v)
		return
	}
	b, err := ojson.Indent(v, "  ", "\r\n")
	if err != nil {
		panic(fmt.Sprintf("arm: print an answer: %v", err)) // our own data
	}
	x.W.Header().Set("Content-Type", "application/json; charset=utf-8")
	x.W.WriteHeader(status)
	x.W.Write(b)
}

// body is a resource in the common form, or in the type's own.
func (t *Type) body(a *ARM, x *Request, r Resource) *ojson.Object {
	if t.Render != nil {
		return t.Render(a, x, r)
	}
	o := ojson.Obj("id", r.ID, "name", r.Name, "type", r.Type, "location", r.Location)
	if r.Tags != nil {
		o.Set("tags", r.Tags)
	}
	if r.Identity != nil {
		o.Set("identity", r.Identity)
	}
	o.Set("properties", r.Properties)
	return o
}

// write is PUT, and PATCH of what is there.
func (a *ARM) write(x *Request, t *Type, id string) error {
	body, err := x.Body()
	if err != nil {
		return err
	}
	group, ok := a.groupOf(x.Scope)
	if !ok {
		return failf(http.StatusNotFound, "ResourceGroupNotFound", "Resource group '%s' could not be found.", x.Scope[strings.LastIndexByte(x.Scope, '/')+1:])
	}
	var old *Resource
	if r, ok := a.Resource(id); ok {
		old = &r
	}
	r := Resource{ID: group.ID + "/providers/" + t.full() + "/" + x.Name, Type: t.full(), Name: x.Name, Location: normalLocation(body.Str("location")), Properties: body.Obj("properties"), Tags: body.Obj("tags"), Identity: body.Obj("identity")}
	switch {
	case x.Method == http.MethodPatch && old == nil:
		_, err := a.find(strings.ToLower(id), t)
		return err
	case x.Method == http.MethodPatch:
		r = old.clone()
		if tags, ok := body.GetFold("tags"); ok {
			r.Tags, _ = tags.(*ojson.Object)
		}
		if i, ok := body.GetFold("identity"); ok {
			r.Identity, _ = i.(*ojson.Object)
		}
		r.Properties = merged(r.Properties, body.Obj("properties"))
	case r.Location == "":
		return failf(http.StatusBadRequest, "LocationRequired", "The location property is required for this definition.")
	case old != nil && old.Location != r.Location:
		return failf(http.StatusConflict, "InvalidResourceLocation", "The resource '%s' already exists in location '%s' in resource group '%s'. A resource with the same name cannot be created in location '%s'. Please select a new resource name.", x.Name, old.Location, group.Name, r.Location)
	case old != nil:
		r.ID, r.Name, r.Private = old.ID, old.Name, old.Private
	}
	if t.LowerGroups {
		r.ID = strings.Replace(r.ID, "/resourceGroups/", "/resourcegroups/", 1)
	}
	if r.Properties == nil {
		r.Properties = &ojson.Object{}
	}
	if t.Put != nil {
		if err := t.Put(a, x, old, &r); err != nil {
			return err
		}
	}
	a.Keep(r)
	status := http.StatusOK
	if old == nil {
		status = http.StatusCreated
	}
	a.show(x, t, status, r)
	return nil
}

func merged(old, change *ojson.Object) *ojson.Object {
	out := old.Clone()
	for _, m := range change.Members() {
		key := m.Key
		for _, k := range out.Keys() {
			if strings.EqualFold(k, key) {
				key = k
			}
		}
		was, _ := out.Get(key)
		if a, ok := was.(*ojson.Object); ok {
			if b, ok := m.Value.(*ojson.Object); ok {
				out.Set(key, merged(a, b))
				continue
			}
		}
		out.Set(key, ojson.Clone(m.Value))
	}
	return out
}

func (a *ARM) groupOf(scope string) (Group, bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	g, ok := a.state.Groups[strings.ToLower(scope)]
	return g, ok
}

func (a *ARM) remove(x *Request, t *Type, key string) error {
	r, ok := a.Resource(key)
	if !ok {
		x.W.WriteHeader(http.StatusNoContent)
		return nil
	}
	if t.Delete != nil {
		if err := t.Delete(a, x, r); err != nil {
			return err
		}
	}
	a.mu.Lock()
	delete(a.state.Resources, key)
	a.mu.Unlock()
	a.Access.DeleteBelow(key)
	x.W.WriteHeader(http.StatusOK)
	return nil
}

// Spelled returns a scope in the spelling of what it names, as far as that
// exists; the rest stays as it is.
func (a *ARM) Spelled(scope string) string {
	if r, ok := a.Resource(scope); ok {
		return r.ID
	}
	if g, ok := a.groupOf(scope); ok {
		return g.ID
	}
	return scope
}
