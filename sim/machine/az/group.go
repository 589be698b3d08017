package az

import (
	"net/http"
	"strings"

	"skylab/sim/ojson"
)

// resourcesVersion is the API version of Microsoft.Resources that az speaks.
const resourcesVersion = "2021-04-01"

var groupCommands = map[string]command{
	"group list": cmdGroupList, "group create": cmdGroupCreate, "group exists": cmdGroupExists, "group delete": cmdGroupDelete,
	"tag list": cmdTagList, "tag create": cmdTagCreate, "tag delete": cmdTagDelete, "tag update": cmdTagUpdate, "tag add-value": cmdTagAddValue, "tag remove-value": cmdTagRemoveValue,
	"provider list": cmdProviderList, "provider register": cmdProviderRegister,
}

func cmdGroupList(c *call) (any, error) {
	sub, err := c.subscriptionPath()
	if err != nil {
		return nil, err
	}
	path := join(resourcesVersion, sub, "/resourcegroups")
	if tag := c.list("tag"); len(tag) > 0 {
		path += "&$filter=" + tagFilter(tag[0])
	}
	list, err := c.all(path)
	return c.views("ResourceGroup", list), err
}

// tagFilter is a tag as a filter.
func tagFilter(tag string) string {
	name, value, _ := strings.Cut(tag, "=")
	if value == "" {
		return queryEscape("tagname eq '" + name + "'")
	}
	return queryEscape("tagname eq '" + name + "' and tagvalue eq '" + value + "'")
}

func cmdGroupCreate(c *call) (any, error) {
	sub, err := c.subscriptionPath()
	if err != nil {
		return nil, err
	}
	body := ojson.Obj("location", c.str("location"))
	if tags, ok := c.tags(); ok {
		body.Set("tags", tags)
	}
	if m := c.str("managed_by"); m != "" {
		body.Set("managedBy", m)
	}
	res, err := c.arm(http.MethodPut, join(resourcesVersion, sub, "/resourcegroups/", pathSegment(c.str("rg_name"))), body)
	if err != nil {
		return nil, err
	}
	return c.view("ResourceGroup", res.json()), nil
}

func cmdGroupExists(c *call) (any, error) {
	sub, err := c.subscriptionPath()
	if err != nil {
		return nil, err
	}
	_, err = c.arm(http.MethodHead, join(resourcesVersion, sub, "/resourcegroups/", pathSegment(c.group())), nil)
	if statusOf(err) == http.StatusNotFound {
		return false, nil
	}
	return err == nil, err
}

func cmdGroupDelete(c *call) (any, error) {
	sub, err := c.subscriptionPath()
	if err != nil {
		return nil, err
	}
	path := join(resourcesVersion, sub, "/resourcegroups/", pathSegment(c.group()))
	for i, t := range c.list("force_deletion_types") {
		if i == 0 {
			path += "&forceDeletionTypes="
		} else {
			path += ","
		}
		path += t
	}
	_, err = c.long(http.MethodDelete, path, nil, c.flag("no_wait"))
	return nil, err
}

// tagsPath is the path of all tags of a resource.
func tagsPath(id string) string {
	return join(resourcesVersion, id, "/providers/Microsoft.Resources/tags/default")
}

func cmdTagList(c *call) (any, error) {
	if id := c.str("resource_id"); id != "" {
		v, err := c.get(tagsPath(id))
		return c.view("TagsResource", v), err
	}
	sub, err := c.subscriptionPath()
	if err != nil {
		return nil, err
	}
	list, err := c.all(join(resourcesVersion, sub, "/tagNames"))
	return c.views("TagDetails", list), err
}

func cmdTagCreate(c *call) (any, error) {
	id, name := c.str("resource_id"), c.str("tag_name")
	tags, given := c.tags()
	switch {
	case id != "" && given:
		res, err := c.arm(http.MethodPut, tagsPath(id), ojson.Obj("properties", ojson.Obj("tags", tags)))
		if err != nil {
			return nil, err
		}
		return c.view("TagsResource", res.json()), nil
	case name == "" || id != "":
		return nil, usage("usage error: --name | --resource-id RESOURCE_ID --tags TAGS")
	}
	sub, err := c.subscriptionPath()
	if err != nil {
		return nil, err
	}
	res, err := c.arm(http.MethodPut, join(resourcesVersion, sub, "/tagNames/", pathSegment(name)), nil)
	if err != nil {
		return nil, err
	}
	return c.view("TagDetails", res.json()), nil
}

func cmdTagDelete(c *call) (any, error) {
	id, name := c.str("resource_id"), c.str("tag_name")
	if id != "" {
		_, err := c.arm(http.MethodDelete, tagsPath(id), nil)
		return nil, err
	}
	if name == "" {
		return nil, usage("usage error: --name | --resource-id RESOURCE_ID")
	}
	sub, err := c.subscriptionPath()
	if err != nil {
		return nil, err
	}
	_, err = c.arm(http.MethodDelete, join(resourcesVersion, sub, "/tagNames/", pathSegment(name)), nil)
	return nil, err
}

func cmdTagUpdate(c *call) (any, error) {
	tags, _ := c.tags()
	res, err := c.arm(http.MethodPatch, tagsPath(c.str("resource_id")), ojson.Obj("operation", c.str("operation"), "properties", ojson.Obj("tags", tags)))
	if err != nil {
		return nil, err
	}
	return c.view("TagsResource", res.json()), nil
}

// tagValuePath is the path of a value of a tag.
func (c *call) tagValuePath() (string, error) {
	sub, err := c.subscriptionPath()
	return join(resourcesVersion, sub, "/tagNames/", pathSegment(c.str("tag_name")), "/tagValues/", pathSegment(c.str("tag_value"))), err
}

func cmdTagAddValue(c *call) (any, error) {
	path, err := c.tagValuePath()
	if err != nil {
		return nil, err
	}
	res, err := c.arm(http.MethodPut, path, nil)
	if err != nil {
		return nil, err
	}
	return c.view("TagValue", res.json()), nil
}

func cmdTagRemoveValue(c *call) (any, error) {
	path, err := c.tagValuePath()
	if err != nil {
		return nil, err
	}
	_, err = c.arm(http.MethodDelete, path, nil)
	return nil, err
}

func cmdProviderList(c *call) (any, error) {
	sub, err := c.subscriptionPath()
	if err != nil {
		return nil, err
	}
	list, err := c.all(join(resourcesVersion, sub, "/providers"))
	return c.views("Provider", list), err
}

func cmdProviderRegister(c *call) (any, error) {
	sub, err := c.subscriptionPath()
	if err != nil {
		return nil, err
	}
	namespace := c.str("resource_provider_namespace")
	res, err := c.arm(http.MethodPost, join(resourcesVersion, sub, "/providers/", pathSegment(namespace), "/register"), nil)
	if err != nil {
		return nil, err
	}
	if state := res.object().Str("registrationState"); state != "Registered" {
		c.warn("Registering is still on-going. You can monitor using 'az provider show -n %s'", namespace)
	}
	return nil, nil
}
