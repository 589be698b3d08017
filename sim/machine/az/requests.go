package az

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"skylab/sim/machine/az/model"
	"skylab/sim/machine/jmespath"
	"skylab/sim/ojson"
)

// request performs a command that the table describes as one request.
func (c *call) request() (any, error) {
	r := c.cmd.Request
	path, err := c.requestPath(r.Path)
	if err != nil {
		return nil, err
	}
	path = join(r.Version, path)
	if e := c.str("expand"); e != "" && r.Kind == "show" {
		path += "&$expand=" + pathSegment(e)
	}
	switch r.Kind {
	case "list", "root":
		list, err := c.all(path)
		return c.views(r.Shape, list), err
	case "flatlist":
		list, err := c.all(path)
		return model.Flat(list), err
	case "flat":
		v, err := c.get(path)
		return model.Flat(v), err
	case "show":
		v, err := c.get(path)
		return c.view(r.Shape, v), err
	case "delete":
		_, err := c.long(http.MethodDelete, path, nil, c.flag("no_wait"))
		return nil, err
	case "post":
		_, err := c.long(http.MethodPost, path, nil, c.flag("no_wait"))
		return nil, err
	case "postshow":
		res, err := c.arm(http.MethodPost, path, nil)
		if err != nil {
			return nil, err
		}
		return res.object().At("template"), nil
	case "update":
		return c.update(r.Shape, path, nil)
	case "wait":
		return nil, c.wait(r.Shape, func() (*response, error) { return c.arm(http.MethodGet, path, nil) })
	}
	return nil, notSimulated("az " + c.cmd.Path)
}

var placeholder = regexp.MustCompile(`\{(\w+)\}`)

// requestPath fills a path of the table: {rg} is the resource group, other names
// are arguments, and what stands in brackets is left out without its value.
func (c *call) requestPath(path string) (string, error) {
	if a := strings.IndexByte(path, '['); a >= 0 {
		b := strings.IndexByte(path, ']')
		part := path[a+1 : b]
		if part == "{rg}" && c.group() == "" {
			part = ""
		}
		path = path[:a] + part + path[b+1:]
	}
	path = placeholder.ReplaceAllStringFunc(path, func(s string) string {
		if s == "{rg}" {
			return "/resourceGroups/" + pathSegment(c.group())
		}
		return pathSegment(c.str(strings.Trim(s, "{}")))
	})
	if c.cmd.Request.Kind == "root" {
		return path, nil
	}
	sub, err := c.subscriptionPath()
	return sub + path, err
}

// shapesOf are the sections in which the shapes of the table stand.
var shapesOf = map[string]string{"VirtualMachine": "compute", "VirtualMachineSize": "compute", "Location": "subscriptions", "Identity": "msi", "FederatedIdentityCredential": "msi", "AzureResource": "msi", "Operation": "msi",
	"RoleAssignment": "authorization", "RoleDefinition": "authorization", "StorageAccount": "storage", "StorageAccountKey": "storage", "CheckNameAvailabilityResult": "storage", "Vault": "keyvault", "DeletedVault": "keyvault", "NetworkInterface": "network"}

// shape finds a shape; those of resources need no entry.
func shape(name string) *model.Shape {
	section := shapesOf[name]
	if section == "" {
		section = "resources"
	}
	s, _ := model.Find(section + "." + name)
	return s
}

// view is an answer as az shows it.
func (c *call) view(name string, v any) any {
	if s := shape(name); s != nil && v != nil {
		return s.View(v)
	}
	return v
}

func (c *call) views(name string, list []any) any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = c.view(name, v)
	}
	return out
}

// update gets a resource, changes it as the generic arguments say and as more
// does, and writes it.
func (c *call) update(name, path string, more func(*ojson.Object) error) (any, error) {
	v, err := c.get(path)
	if err != nil {
		return nil, err
	}
	s := shape(name)
	x := &model.Instance{Value: v, Shape: s, Warn: func(t string) { c.warn("%s", t) }}
	if s != nil {
		x.Value = s.View(v)
	}
	if o, ok := x.Value.(*ojson.Object); ok && more != nil {
		if err := more(o); err != nil {
			return nil, err
		}
	}
	if err := c.apply(x); err != nil {
		return nil, err
	}
	body := x.Value
	if s != nil {
		body = s.Body(x.Value)
	}
	res, err := c.long(http.MethodPut, path, body, c.flag("no_wait"))
	if err != nil || res == nil {
		return nil, err
	}
	return c.view(name, res.json()), nil
}

// apply does what --set, --add and --remove ask, in the order in which they
// stand.
func (c *call) apply(x *model.Instance) error {
	force := c.flag("force_string")
	for _, u := range c.line.Uses {
		var err error
		switch u.Arg.Dest {
		case "properties_to_set":
			for _, w := range u.Words {
				if err = x.Set(w, force); err != nil {
					break
				}
			}
		case "properties_to_add":
			err = x.Add(u.Words, force)
		case "properties_to_remove":
			err = x.Remove(u.Words)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// wait looks at a resource until it is in the state that is asked for.
func (c *call) wait(name string, look func() (*response, error)) error {
	created, updated, deleted, exists, custom := c.flag("created"), c.flag("updated"), c.flag("deleted"), c.flag("exists"), c.str("custom")
	if !created && !updated && !deleted && !exists && custom == "" {
		return usage("incorrect usage: --created | --updated | --deleted | --exists | --custom JMESPATH")
	}
	interval, timeout := time.Duration(c.number("interval", 30))*time.Second, time.Duration(c.number("timeout", 3600))*time.Second
	var condition *jmespath.Expression
	if custom != "" {
		var err error
		if condition, err = jmespath.Parse(custom); err != nil {
			return failf("%s", err)
		}
	}
	bar := c.progress()
	defer bar.stop()
	for waited := time.Duration(0); waited <= timeout; waited += interval {
		res, err := look()
		switch {
		case statusOf(err) == http.StatusNotFound:
			if deleted {
				return nil
			}
			if !created && !exists {
				return err
			}
		case err != nil:
			return err
		case exists:
			return nil
		default:
			v := c.view(name, res.json())
			state := provisioningState(v)
			switch {
			case strings.EqualFold(state, "Succeeded") && (created || updated):
				return nil
			case strings.EqualFold(state, "Failed") || state == "" && (created || updated):
				if created || updated {
					return failf("The operation failed")
				}
			}
			if condition != nil {
				got, err := condition.Search(v)
				if err != nil {
					return failf("%s", err)
				}
				if truthy(got) {
					return nil
				}
			}
		}
		bar.step()
		if err := c.p.Clock.Sleep(c.ctx, interval); err != nil {
			return err
		}
	}
	return failf("Wait operation timed-out after %d seconds", int(timeout/time.Second))
}

func provisioningState(v any) string {
	o, _ := v.(*ojson.Object)
	if s := o.Str("provisioningState"); s != "" {
		return s
	}
	return o.Str("properties", "provisioningState")
}

// truthy is what Python takes for true.
func truthy(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	case *ojson.Object:
		return v.Len() > 0
	}
	return true
}
