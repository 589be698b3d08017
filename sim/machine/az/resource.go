package az

import (
	"net/http"
	"slices"
	"strings"

	"skylab/sim/machine/az/model"
	"skylab/sim/ojson"
)

var resourceCommands = map[string]command{
	"resource list": cmdResourceList, "resource show": cmdResourceShow, "resource update": cmdResourceUpdate, "resource delete": cmdResourceDelete,
	"resource tag": cmdResourceTag, "resource create": cmdResourceCreate, "resource wait": cmdResourceWait,
}

func cmdResourceList(c *call) (any, error) {
	sub, err := c.subscriptionPath()
	if err != nil {
		return nil, err
	}
	filter, err := c.resourceFilter()
	if err != nil {
		return nil, err
	}
	path := join(resourcesVersion, sub, "/resources")
	if filter != "" {
		path += "&$filter=" + queryEscape(filter)
	}
	list, err := c.all(path + "&$expand=createdTime,changedTime,provisioningState")
	return c.views("GenericResourceExpanded", list), err
}

// resourceFilter is what resource list asks for, as a filter.
func (c *call) resourceFilter() (string, error) {
	if tag := c.list("tag"); len(tag) > 0 {
		if c.group() != "" || c.str("name") != "" || c.str("location") != "" || c.str("resource_type") != "" {
			return "", usage("usage error: you cannot use '--tag' with '--resource-group', '--name', '--location', '--resource-type' or '--namespace'")
		}
		o := pairs(tag[:1])
		key := o.Keys()[0]
		if v := o.Str(key); v != "" {
			return "tagname eq '" + key + "' and tagvalue eq '" + v + "'", nil
		}
		return "tagname eq '" + key + "'", nil
	}
	var parts []string
	add := func(what, v string) {
		if v != "" {
			parts = append(parts, what+" eq '"+v+"'")
		}
	}
	add("name", c.str("name"))
	add("location", c.str("location"))
	if typ := c.str("resource_type"); typ != "" {
		if ns := c.str("resource_provider_namespace"); ns != "" {
			typ = ns + "/" + typ
		}
		if !strings.Contains(typ, "/") {
			return "", failf("Malformed resource-type: parameter '--resource-type' must be of the form '<provider-namespace>/<resource-type>'.")
		}
		add("resourceType", typ)
	} else if c.str("resource_provider_namespace") != "" {
		return "", usage("usage error: --resource-type <resource type> is required with --namespace")
	}
	add("resourceGroup", c.group())
	return strings.Join(parts, " and "), nil
}

// resourcePaths are the ids of the resources that the command names.
func (c *call) resourceIDs() ([]string, error) {
	if ids := c.list("resource_ids"); len(ids) > 0 {
		ids = idsOf(ids)
		for _, id := range ids {
			if r, ok := parseID(id); !ok || r.name == "" {
				return nil, failf("Invalid resource ID: %s", id)
			}
		}
		return ids, nil
	}
	if id := c.str("resource_id"); id != "" {
		return []string{id}, nil
	}
	name, typ := c.str("resource_name"), c.str("resource_type")
	if name == "" || typ == "" {
		return nil, failf("(--ids ID [ID ...] | --resource-group NAME --namespace NAMESPACE --name NAME --resource-type TYPE) are required")
	}
	namespace := c.str("resource_provider_namespace")
	if ns, rest, ok := strings.Cut(typ, "/"); ok && namespace == "" {
		namespace, typ = ns, rest
	}
	if namespace == "" {
		return nil, failf("The following arguments are required: --namespace")
	}
	at, err := c.subscriptionPath()
	if err != nil {
		return nil, err
	}
	if g := c.group(); g != "" {
		at += "/resourceGroups/" + g
	}
	parent := c.str("parent_resource_path")
	if parent != "" {
		parent = "/" + strings.Trim(parent, "/")
	}
	return []string{at + "/providers/" + namespace + parent + "/" + typ + "/" + name}, nil
}

// versionOf is the API version for a resource: the one given, or the newest that
// the provider offers for its type.
func (c *call) versionOf(id string) (string, error) {
	if v := c.str("api_version"); v != "" {
		return v, nil
	}
	r, ok := parseID(id)
	if !ok || r.namespace == "" {
		return "", failf("Invalid resource ID: %s", id)
	}
	typ, namespace := r.typ, r.namespace
	if at := strings.LastIndex(strings.ToLower(id), "/providers/"); at >= 0 { // the last provider decides
		parts := strings.Split(id[at+len("/providers/"):], "/")
		namespace, typ = parts[0], ""
		for i := 1; i < len(parts); i += 2 {
			typ = strings.TrimPrefix(typ+"/"+parts[i], "/")
		}
	}
	v, err := c.get(join(resourcesVersion, "/subscriptions/", r.sub, "/providers/", namespace))
	if err != nil {
		return "", err
	}
	for _, t := range objectsAt(v.(*ojson.Object), "resourceTypes") {
		if !strings.EqualFold(t.Str("resourceType"), typ) {
			continue
		}
		var versions []string
		list, _ := t.At("apiVersions").([]any)
		for _, e := range list {
			if s, ok := e.(string); ok {
				versions = append(versions, s)
			}
		}
		if c.flag("latest_include_preview") && len(versions) > 0 {
			return slices.Max(versions), nil
		}
		stable := slices.DeleteFunc(slices.Clone(versions), func(s string) bool { return strings.Contains(strings.ToLower(s), "preview") })
		if len(stable) > 0 {
			return stable[0], nil
		}
		if len(versions) > 0 {
			return versions[0], nil
		}
	}
	return "", failf("Resource type %s not found.", typ)
}

// eachResource does something for each resource that the command names.
func (c *call) eachResource(do func(path string) (any, error)) (any, error) {
	ids, err := c.resourceIDs()
	if err != nil {
		return nil, err
	}
	out := []any{}
	for _, id := range ids {
		v, err := c.versionOf(id)
		if err != nil {
			return nil, err
		}
		r, err := do(join(v, id))
		if err != nil {
			return nil, err
		}
		if r != nil {
			out = append(out, r)
		}
	}
	switch {
	case len(out) == 0:
		return nil, nil
	case len(ids) == 1:
		return out[0], nil
	}
	return out, nil
}

func cmdResourceShow(c *call) (any, error) {
	return c.eachResource(func(path string) (any, error) {
		v, err := c.get(path)
		if c.flag("include_response_body") {
			o, _ := c.view("GenericResource", v).(*ojson.Object)
			o.Set("responseBody", v)
			return o, err
		}
		return c.view("GenericResource", v), err
	})
}

func cmdResourceUpdate(c *call) (any, error) {
	return c.eachResource(func(path string) (any, error) { return c.update("GenericResource", path, nil) })
}

func cmdResourceDelete(c *call) (any, error) {
	return c.eachResource(func(path string) (any, error) {
		_, err := c.long(http.MethodDelete, path, nil, c.flag("no_wait"))
		return nil, err
	})
}

func cmdResourceTag(c *call) (any, error) {
	given, ok := c.tags()
	if !ok {
		given = ojson.New()
	}
	return c.eachResource(func(path string) (any, error) {
		v, err := c.get(path)
		if err != nil {
			return nil, err
		}
		tags := given.Clone()
		if c.flag("is_incremental") {
			tags = v.(*ojson.Object).Obj("tags").Clone()
			for _, m := range given.Members() {
				tags.Set(m.Key, m.Value)
			}
		}
		res, err := c.long(http.MethodPatch, path, ojson.Obj("tags", tags), false)
		if err != nil {
			return nil, err
		}
		return c.view("GenericResource", res.json()), nil
	})
}

func cmdResourceCreate(c *call) (any, error) {
	v, ok := model.Literal(c.str("properties")).(*ojson.Object)
	if !ok {
		var err error
		if v, err = c.json(c.str("properties")); err != nil {
			return nil, err
		}
	}
	body := v
	if !c.flag("is_full_object") {
		location, err := c.location()
		if err != nil {
			return nil, err
		}
		body = ojson.Obj("location", location, "properties", v)
	}
	return c.eachResource(func(path string) (any, error) {
		res, err := c.long(http.MethodPut, path, body, false)
		if err != nil {
			return nil, err
		}
		return c.view("GenericResource", res.json()), nil
	})
}

func cmdResourceWait(c *call) (any, error) {
	return c.eachResource(func(path string) (any, error) {
		return nil, c.wait("GenericResource", func() (*response, error) { return c.arm(http.MethodGet, path, nil) })
	})
}
