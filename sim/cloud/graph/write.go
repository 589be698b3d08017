package graph

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"skylab/sim/cloud/entra"
	"skylab/sim/ojson"
	"skylab/sim/sorting"
)

// draft is an object while it is made or changed, within a change of the
// directory: nothing that works on it may ask the directory.
type draft struct {
	*call
	set     *set
	fresh   bool // it is being made
	p       entra.Principal
	a       entra.Application
	objects *entra.Objects
	tenant  string
	domain  string
	names   []string // of all properties
	// secrets are the texts of new passwords by their key ids: shown once.
	secrets map[string]string
}

func (c *call) draft(s *set) *draft {
	return &draft{call: c, set: s, tenant: c.Directory.TenantID(), domain: c.domain(), names: s.sample(c.Graph).Keys(), secrets: map[string]string{}}
}

// registers tells whether the draft is an application, not a principal.
func (d *draft) registers() bool { return d.set.kind == "" }

// keep stores a property that has no effect here, as it was sent; null is
// forgotten.
func (d *draft) keep(name string, v any) {
	extra := &d.p.Extra
	if d.registers() {
		extra = &d.a.Extra
	}
	if *extra == nil {
		*extra = ojson.New()
	}
	if v == nil {
		(*extra).Delete(name)
		return
	}
	(*extra).Set(name, v)
}

// take applies a body's properties.
func (d *draft) take(body *ojson.Object) error {
	if d.fresh {
		for _, name := range d.set.required {
			if v, _ := body.Get(name); v == nil || v == "" {
				return &refusal{http.StatusBadRequest, "Request_BadRequest", "A value is required for property '" + name + "' of resource '" + d.set.resource + "'.", "MissingProperty", name}
			}
		}
	}
	for _, m := range body.Members() {
		if strings.HasPrefix(m.Key, "@odata.") {
			continue
		}
		i := slices.IndexFunc(d.set.fields, func(f field) bool { return f.name == m.Key })
		if i < 0 {
			if slices.Contains(d.names, m.Key) {
				return requestBad("Property '%s' is read-only and cannot be set.", m.Key)
			}
			return requestBad("Invalid property '%s'.", m.Key)
		}
		f := d.set.fields[i]
		if err := f.check(d.set, m.Value); err != nil {
			return err
		}
		if f.set == nil {
			d.keep(f.name, m.Value)
			continue
		}
		if err := f.set(d, m.Value); err != nil {
			return err
		}
	}
	return nil
}

// invalidValue refuses what a property cannot be.
func (d *draft) invalidValue(name string) error {
	return &refusal{http.StatusBadRequest, "Request_BadRequest", "Invalid value specified for property '" + name + "' of resource '" + d.set.resource + "'.", "InvalidValue", name}
}

// conflict refuses a value that another object has.
func conflict(name string) error {
	return &refusal{http.StatusBadRequest, "Request_BadRequest", "Another object with the same value for property " + name + " already exists.", "ObjectConflict", name}
}

// create answers POST to a collection.
func (c *call) create(s *set) (answer, error) {
	if err := c.may(s.create, nil); err != nil {
		return answer{}, err
	}
	body, err := c.body()
	if err != nil {
		return answer{}, err
	}
	d := c.draft(s)
	d.fresh = true
	id, now := c.IDs.GUID("entra.object"), c.Clock.Now()
	if s == applications {
		d.a = entra.Application{ID: id, AppID: c.IDs.GUID("entra.app"), Created: now, Owners: []string{c.claims.ObjectID}}
	} else {
		d.p = entra.Principal{ID: id, Kind: s.kind, Profile: entra.Profile{Created: now}}
		if s == groups || s == servicePrincipals && c.claims.App {
			d.p.Owners = []string{c.claims.ObjectID}
		}
	}
	err = c.Directory.Change(func(o *entra.Objects) error {
		d.objects = o
		if err := d.take(body); err != nil {
			return err
		}
		d.store()
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	made := object{id: id, set: s, principal: d.p, app: d.a}
	shown := c.show(made, s.defaults, false)
	if s == applications {
		shown.Set("createdDateTime", now.UTC().Format("2006-01-02T15:04:05.9999999Z"))
		d.reveal(shown)
	}
	// The id of a new object stands first, wherever it stands later.
	out := ojson.Obj("@odata.context", metadata+s.name+"/$entity", "id", id)
	return answer{status: http.StatusCreated, location: c.directoryURL(made), body: with(out, shown)}, nil
}

// store puts a draft back among the objects.
func (d *draft) store() {
	if !d.registers() {
		d.objects.Principals[d.p.ID] = d.p
		return
	}
	d.objects.Applications[d.a.ID] = d.a
	for id, p := range d.objects.Principals {
		if p.AppID == d.a.AppID && p.Owner == d.tenant && p.DisplayName != d.a.DisplayName {
			p.DisplayName = d.a.DisplayName
			d.objects.Principals[id] = p
		}
	}
}

// reveal puts the texts of new passwords into an answer.
func (d *draft) reveal(shown *ojson.Object) {
	list, _ := shown.At("passwordCredentials").([]any)
	for _, v := range list {
		if x, ok := v.(*ojson.Object); ok && d.secrets[x.Str("keyId")] != "" {
			x.Set("secretText", d.secrets[x.Str("keyId")])
		}
	}
}

// edit changes an object that there is.
func (c *call) edit(o object, do func(*draft) error) error {
	d := c.draft(o.set)
	return c.Directory.Change(func(all *entra.Objects) error {
		d.objects = all
		var ok bool
		if o.set == applications {
			d.a, ok = all.Applications[o.id]
			if d.a.Extra != nil {
				d.a.Extra = d.a.Extra.Clone()
			}
		} else {
			d.p, ok = all.Principals[o.id]
			if d.p.Extra != nil {
				d.p.Extra = d.p.Extra.Clone()
			}
		}
		if !ok {
			return notFound(o.id)
		}
		if err := do(d); err != nil {
			return err
		}
		d.store()
		return nil
	})
}

// update answers PATCH of an object.
func (c *call) update(o object) (answer, error) {
	if err := c.may(o.set.change, &o); err != nil {
		return answer{}, err
	}
	if o.protected() {
		return answer{}, denied()
	}
	body, err := c.body()
	if err != nil {
		return answer{}, err
	}
	return done, c.edit(o, func(d *draft) error { return d.take(body) })
}

// protected tells whether nobody changes an object through Graph: the platform's
// own service principals, and those of Microsoft's applications.
func (o object) protected() bool {
	return o.set == servicePrincipals && (o.principal.SPType == "ManagedIdentity" || o.principal.Owner == entra.MicrosoftTenant)
}

// remove answers DELETE of an object.
func (c *call) remove(o object) (answer, error) {
	if err := c.may(o.set.change, &o); err != nil {
		return answer{}, err
	}
	if o.protected() || o.id == c.claims.ObjectID && !c.claims.App {
		return answer{}, denied()
	}
	return done, c.Directory.Change(func(all *entra.Objects) error {
		all.Remove(o.id)
		return nil
	})
}

// v2 begins the addresses by which the service names what it made.
func (c *call) v2() string {
	return "https://" + hostName + "/v2/" + c.Directory.TenantID() + "/"
}

func (c *call) directoryURL(o object) string {
	return c.v2() + "directoryObjects/" + o.id + "/Microsoft.DirectoryServices." + o.set.resource
}

// directory answers /directory: its recycle bin.
func (c *call) directory(key string, rest []string) (answer, error) {
	if !strings.EqualFold(key, "deletedItems") {
		return answer{}, notSimulated("/directory/" + key + " of Microsoft Graph")
	}
	bin := c.binned()
	if len(rest) == 0 || strings.HasPrefix(strings.ToLower(rest[0]), "microsoft.graph.") {
		may := anyAccess
		var only *set
		if len(rest) > 0 {
			cast := rest[0][len("microsoft.graph."):]
			i := slices.IndexFunc(sets, func(s *set) bool { return strings.EqualFold(s.typeName, cast) })
			if i < 0 {
				return answer{}, notSimulated("deleted objects of the type " + cast)
			}
			only = sets[i]
			may = only.read
		}
		if err := c.method(http.MethodGet); err != nil {
			return answer{}, err
		}
		if err := c.need(may); err != nil {
			return answer{}, err
		}
		if only == nil {
			return c.page(groups, bin, "directoryObjects", true)
		}
		return c.page(only, slices.DeleteFunc(bin, func(o object) bool { return o.set != only }), only.name, false)
	}
	i := slices.IndexFunc(bin, func(o object) bool { return o.id == strings.ToLower(rest[0]) })
	if i < 0 {
		return answer{}, notFound(rest[0])
	}
	o := bin[i]
	action := ""
	if len(rest) > 1 {
		action = strings.TrimPrefix(strings.ToLower(rest[1]), "microsoft.graph.")
	}
	switch {
	case action == "" && c.r.Method == http.MethodGet:
		if err := c.need(o.set.read); err != nil {
			return answer{}, err
		}
		return answer{body: with(ojson.Obj("@odata.context", metadata+"directoryObjects/$entity"), c.show(o, nil, true))}, nil
	case action == "" && c.r.Method == http.MethodDelete:
		if err := c.may(o.set.change, &o); err != nil {
			return answer{}, err
		}
		return done, c.Directory.Change(func(all *entra.Objects) error {
			delete(all.Deleted, o.id)
			return nil
		})
	case action == "restore" && c.r.Method == http.MethodPost:
		if err := c.may(o.set.change, &o); err != nil {
			return answer{}, err
		}
		if err := c.Directory.Change(func(all *entra.Objects) error {
			all.Restore(o.id)
			return nil
		}); err != nil {
			return answer{}, err
		}
		o.deleted = time.Time{}
		return acted(with(ojson.Obj("@odata.context", metadata+"directoryObjects/$entity"), c.show(o, nil, true))), nil
	case action == "" || action == "restore":
		return answer{}, notAllowed()
	}
	return answer{}, noSegment(rest[1])
}

// binned are the objects in the recycle bin, ordered by their ids.
func (c *call) binned() []object {
	var out []object
	for id, d := range c.Directory.Bin() {
		o := object{id: id, set: applications, deleted: d.At}
		if d.Application != nil {
			o.app = *d.Application
		} else {
			o = principalObject(*d.Principal)
			o.deleted = d.At
		}
		out = append(out, o)
	}
	sorting.By(out, func(a, b object) int { return strings.Compare(a.id, b.id) })
	return out
}
