package arm

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"skylab/sim/ojson"
)

// serveType serves a request to a resource type.
func (a *ARM) serveType(c *call, p *place) error {
	t := p.typ
	if !t.Extension && !strings.HasPrefix(strings.ToLower(p.scope), "/subscriptions/") {
		return failf(http.StatusNotFound, "MissingSubscription", "The request did not have a subscription or a valid tenant level resource provider.")
	}
	if !t.Extension && strings.Contains(strings.ToLower(p.scope), "/providers/") { // it hangs on no other resource
		return failf(http.StatusNotFound, "InvalidResourceType", "The resource type could not be found in the namespace '%s' for api version '%s'.", t.Namespace, c.version)
	}
	if err := t.takes(c.version, a.locationOf(p.scope)); err != nil {
		return err
	}
	if err := a.registered(c, t.Namespace); err != nil {
		return err
	}
	for name, v := range t.Header {
		c.w.Header().Set(name, v)
	}
	x := &Request{Request: c.Request, W: c.w, Version: c.version, Claims: c.claims, Scope: p.scope, ID: p.id, Name: p.name, Parents: p.parents, Rest: p.rest, call: c, typ: t}
	if t.Serve != nil {
		return t.own(t.Serve(a, x))
	}
	switch {
	case p.name == "" && c.Method == http.MethodGet:
		if err := a.Authorize(x, t.full()+"/read", p.scope); err != nil {
			return err
		}
		return a.listType(x, t)
	case p.name == "":
		return methodNotAllowed()
	case len(p.rest) == 1:
		return a.serveBelow(x, t, p.rest[0])
	case len(p.rest) > 1:
		return t.missing(x, p.rest[0])
	}
	switch c.Method {
	case http.MethodGet, http.MethodHead:
		if err := a.Authorize(x, t.full()+"/read", x.ID); err != nil {
			return err
		}
		r, err := a.find(x.ID, t)
		if err != nil {
			return err
		}
		if c.Method == http.MethodHead {
			c.w.WriteHeader(http.StatusNoContent)
			return nil
		}
		a.show(x, t, http.StatusOK, r)
		return nil
	case http.MethodPut, http.MethodPatch:
		if err := a.Authorize(x, t.full()+"/write", x.ID); err != nil {
			return err
		}
		return a.write(x, t)
	case http.MethodDelete:
		if err := a.Authorize(x, t.full()+"/delete", x.ID); err != nil {
			return err
		}
		return a.remove(x, t)
	}
	return methodNotAllowed()
}

// takes refuses an api-version that a type does not have.
func (t *Type) takes(version, location string) error {
	if slices.Contains(t.Versions, version) {
		return nil
	}
	oldest := slices.Clone(t.Versions)
	slices.Reverse(oldest)
	return failf(http.StatusBadRequest, "NoRegisteredProviderFound", "No registered resource provider found for location '%s' and API version '%s' for type '%s'. The supported api-versions are '%s'. The supported locations are '%s'.",
		location, version, t.Name, strings.Join(oldest, ", "), strings.Join(t.supported(), ", "))
}

// supported are the locations of a type as that error lists them.
func (t *Type) supported() []string {
	if t.Extension || strings.HasPrefix(t.Name, "locations/") {
		return nil
	}
	return t.places()
}

// TypeOf returns the resource type of a full name, "Microsoft.Compute/disks".
// Its error is the *[Error] that a request gets which names a type, an
// api-version or a location that does not exist or is not simulated; an empty
// location is none.
func (a *ARM) TypeOf(fullType, version, location string) (*Type, error) {
	t := a.types[strings.ToLower(fullType)]
	if t == nil {
		return nil, unknownType(strings.Split(strings.Trim(fullType, "/"), "/"), version)
	}
	location = normalLocation(location)
	if err := t.takes(version, location); err != nil {
		return nil, err
	}
	if location != "" && !t.Proxy && !t.Extension && !a.allowed(t, location) {
		return nil, t.notThere(location)
	}
	return t, nil
}

// serveBelow is an action or a further read of a resource.
func (a *ARM) serveBelow(x *Request, t *Type, name string) error {
	switch x.Method {
	case http.MethodPost:
		if act, ok := t.Actions[strings.ToLower(name)]; ok {
			return a.act(x, t, act)
		}
	case http.MethodGet:
		read, ok := t.Reads[strings.ToLower(name)]
		if !ok {
			break
		}
		verb := "read"
		if read.Action != "" {
			verb = read.Action
		}
		if err := a.Authorize(x, t.full()+"/"+verb, x.ID); err != nil {
			return err
		}
		r, err := a.find(x.ID, t)
		if err != nil {
			return err
		}
		return t.own(read.Do(a, x, r))
	}
	return t.missing(x, name)
}

// missing is the error for a name below a resource that is not served.
func (t *Type) missing(x *Request, name string) error {
	real := t.Below == "" || slices.ContainsFunc(strings.Fields(t.Below), func(s string) bool { return strings.EqualFold(s, name) })
	_, acts := t.Actions[strings.ToLower(name)]
	_, reads := t.Reads[strings.ToLower(name)]
	switch {
	case acts || reads:
		return methodNotAllowed()
	case real:
		return NotSimulated(t.full() + "/" + name)
	}
	return failf(http.StatusNotFound, "InvalidResourceType", "The resource type could not be found in the namespace '%s' for api version '%s'.", t.Namespace, x.Version)
}

func (a *ARM) act(x *Request, t *Type, act Action) error {
	if err := a.Authorize(x, t.full()+"/"+act.Name+"/action", x.ID); err != nil {
		return err
	}
	if act.Takes > 0 {
		if err := a.free(x, t, x.ID); err != nil {
			return err
		}
	}
	r, err := a.find(x.ID, t)
	if err != nil {
		return err
	}
	if err := act.Do(a, x, &r); err != nil {
		return t.own(err)
	}
	if act.Reads {
		return nil
	}
	if act.Takes > 0 && t.Async != nil {
		if r.Properties.Str("provisioningState") != "" {
			r.Properties.Set("provisioningState", "Updating")
			x.Then.Settled = true
		}
		a.accept(x, t, r, act.Takes, x.Then)
	}
	a.Keep(r)
	return nil
}

// own marks an error as made by the type's provider, which prints it as it does
// its answers; those that Resource Manager makes for it are left alone.
func (t *Type) own(err error) error {
	var e *Error
	if errors.As(err, &e) && (t.Pretty || t.Header != nil) && !slices.Contains([]string{"AuthorizationFailed", "LinkedAuthorizationFailed", "NotSimulated", "HttpMethodNotAllowed", "InvalidRequestContent", "InvalidIdentityValues", "FailedIdentityOperation"}, e.Code) {
		e.by = t
	}
	return err
}

func methodNotAllowed() error {
	return failf(http.StatusMethodNotAllowed, "HttpMethodNotAllowed", "The HTTP method is not allowed for this resource.")
}

// NotSimulated is the answer for what Azure has and this cloud does not.
func NotSimulated(name string) error {
	return failf(http.StatusNotImplemented, "NotSimulated", "skylab: %s is real but not simulated here", name)
}

// Authorize checks that the caller may do an action at a scope and notes why;
// the error is AuthorizationFailed.
func (a *ARM) Authorize(x *Request, action, scope string) error {
	x.call.will(action, x.ID)
	if err := a.authorize(x.call, action, scope); err != nil {
		return err
	}
	a.count(x.call)
	return nil
}

// Join checks that the caller of a write may also use another resource in it,
// such as a subnet in a network interface; the error is LinkedAuthorizationFailed
// (facts/azure-wire.md §4.3). Whoever writes again what was joined before is not
// asked again: that is up to the type.
func (a *ARM) Join(x *Request, action, linked string) error {
	d := a.Access.Check(x.Claims.ObjectID, action, linked)
	note(x.Context(), "arm.access", d.Why(action, linked), decisionData(d, action, linked, x.Claims.ObjectID))
	if d.Allowed {
		return nil
	}
	doing, at := action, linked
	if e := x.call.event; e != nil {
		doing, at = e.Action, e.Resource
	}
	return failf(http.StatusForbidden, "LinkedAuthorizationFailed", "The client '%s' with object id '%s' has permission to perform action '%s' on scope '%s'; however, it does not have permission to perform action '%s' on the linked scope(s) '%s' or the linked scope(s) are invalid.",
		client(x.Claims), x.Claims.ObjectID, doing, at, action, linked)
}

func (a *ARM) authorize(c *call, action, scope string) error {
	c.will(action, scope)
	d := a.Access.Check(c.claims.ObjectID, action, scope)
	note(c.Context(), "arm.access", d.Why(action, scope), decisionData(d, action, scope, c.claims.ObjectID))
	if !d.Allowed {
		return a.forbidden(c.claims, action, scope)
	}
	return nil
}

func (a *ARM) listType(x *Request, t *Type) error {
	if len(x.Parents) > 0 {
		if _, err := a.find(x.ID[:strings.LastIndexByte(x.ID, '/')], nil); err != nil {
			return err
		}
	} else if g := groupOf(x.Scope); g != "" {
		if _, ok := a.groupAt(x.Scope); !ok {
			return failf(http.StatusNotFound, "ResourceGroupNotFound", "Resource group '%s' could not be found.", g)
		}
	}
	below := strings.ToLower(x.Scope) + "/"
	if len(x.Parents) > 0 {
		below = strings.ToLower(x.ID) + "/"
	}
	list := []any{}
	for _, r := range a.ResourcesOf(t.full()) {
		if strings.HasPrefix(strings.ToLower(r.ID), below) {
			list = append(list, t.body(a, x, r))
		}
	}
	t.print(x.W, http.StatusOK, value(list))
	return nil
}

func (a *ARM) show(x *Request, t *Type, status int, r Resource) {
	t.print(x.W, status, t.body(a, x, r))
}

// print writes a body as the type's provider does.
func (t *Type) print(w http.ResponseWriter, status int, v any) {
	if t.ContentType != "" {
		w.Header().Set("Content-Type", t.ContentType)
	}
	printJSON(w, status, t.Pretty, v)
}

// printJSON writes a body, over several lines with CRLF where it is pretty.
func printJSON(w http.ResponseWriter, status int, pretty bool, v any) {
	if !pretty {
		writeJSON(w, status, v)
		return
	}
	b, err := ojson.Indent(v, "  ", "\r\n")
	if err != nil {
		panic(fmt.Sprintf("arm: print an answer: %v", err)) // our own data
	}
	jsonHeader(w.Header(), status)
	w.WriteHeader(status)
	w.Write(b)
}

// body is a resource in the common form, or in the type's own.
func (t *Type) body(a *ARM, x *Request, r Resource) *ojson.Object {
	if t.Render != nil {
		return t.Render(a, x, r)
	}
	o := ojson.Obj("id", r.ID, "name", r.Name, "type", r.Type)
	if !t.Proxy {
		r.header(o)
	}
	o.Set("properties", r.Properties)
	return o
}

// header sets what a resource has beside its names and properties.
func (r Resource) header(o *ojson.Object) {
	set := func(key string, v any, there bool) {
		if there {
			o.Set(key, v)
		}
	}
	set("kind", r.Kind, r.Kind != "")
	set("sku", r.SKU, r.SKU != nil)
	set("managedBy", r.ManagedBy, r.ManagedBy != "")
	o.Set("location", r.Location)
	set("zones", r.Zones, len(r.Zones) > 0)
	set("tags", r.Tags, r.Tags != nil)
	set("identity", r.Identity, r.Identity != nil)
}
