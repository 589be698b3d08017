package az

import (
	"fmt"
	"net/http"
	"slices"

	"skylab/sim/machine/az/model"
	"skylab/sim/ojson"
)

var (
	theApp = located(func(c *call) (string, error) {
		id, err := c.appID(or(c.str("identifier"), c.str("app_identifier")))
		return "/applications/" + id, err
	})
	theSP = located(func(c *call) (string, error) {
		id, err := c.spID(c.str("identifier"))
		return "/servicePrincipals/" + id, err
	})
)

var appCommands = map[string]command{
	"ad app list": cmdAppList, "ad app show": theApp.show, "ad app create": cmdAppCreate, "ad app update": theApp.update((*call).appBody), "ad app delete": theApp.remove,
	"ad sp list": cmdSPList, "ad sp show": theSP.show, "ad sp create": cmdSPCreate, "ad sp update": theSP.update(noBody), "ad sp delete": theSP.remove,
}

// missing is an error for what does not exist, with the exit status of a 404.
func missing(format string, args ...any) error {
	return &fault{text: fmt.Sprintf(format, args...), exit: 3, status: http.StatusNotFound}
}

// having filters by an element of a list.
func having(list, element string) string {
	if element == "" {
		return ""
	}
	return list + "/any(x:x eq " + quoted(element) + ")"
}

// appsNamed are the applications of an application id or an address.
func (c *call) appsNamed(identifier string) ([]*ojson.Object, error) {
	filter := having("identifierUris", identifier)
	if isGUID(identifier) {
		filter = equals("appId", identifier)
	}
	return c.graphList("/applications" + filterQuery(filter))
}

// appID is the object id of an application that is named by its application id,
// an address, or its object id.
func (c *call) appID(identifier string) (string, error) {
	list, err := c.appsNamed(identifier)
	switch {
	case err != nil:
		return "", err
	case len(list) > 0:
		return list[0].Str("id"), nil
	case isGUID(identifier):
		return identifier, nil
	}
	return "", missing("Application with identifier URI '%s' doesn't exist", identifier)
}

// spID is the object id of a service principal that is named by one of its names
// or its object id.
func (c *call) spID(identifier string) (string, error) {
	list, err := c.graphList("/servicePrincipals" + filterQuery(having("servicePrincipalNames", identifier)))
	switch {
	case err != nil:
		return "", err
	case len(list) > 0:
		return list[0].Str("id"), nil
	case isGUID(identifier):
		return identifier, nil
	}
	return "", missing("Service principal '%s' doesn't exist", identifier)
}

// firstHundred is a list that is not filtered as az shows it.
func (c *call) firstHundred(list []*ojson.Object, filter string) any {
	if filter == "" && !c.flag("include_all") && len(list) > 100 {
		c.warn("The result is not complete. You can still use '--all' to get all of them with long latency expected, or provide a filter through command arguments")
		list = list[:100]
	}
	return anys(list)
}

// owned are the objects of a type that the signed-in user owns.
func (c *call) owned(odata string) (any, error) {
	list, err := c.graphList("/me/ownedObjects")
	list = slices.DeleteFunc(list, func(o *ojson.Object) bool { return o.Str("@odata.type") != odata })
	return anys(list), err
}

func cmdAppList(c *call) (any, error) {
	if c.flag("show_mine") {
		return c.owned("#microsoft.graph.application")
	}
	filter := filters(c.str("query_filter"), equals("appId", c.str("app_id")), beginning("displayName", c.str("display_name")), having("identifierUris", c.str("identifier_uri")))
	list, err := c.graphList("/applications" + filterQuery(filter))
	return c.firstHundred(list, filter), err
}

// appBody is an application as the arguments describe it.
func (c *call) appBody() (*ojson.Object, error) {
	o := ojson.New()
	set := func(dest, property string) {
		if v := c.str(dest); v != "" {
			o.Set(property, v)
		}
	}
	set("display_name", "displayName")
	if c.line.Has("identifier_uris") {
		o.Set("identifierUris", texts(c.list("identifier_uris")))
	}
	if c.line.Has("is_fallback_public_client") {
		o.Set("isFallbackPublicClient", c.flag("is_fallback_public_client"))
	}
	set("sign_in_audience", "signInAudience")
	web := ojson.New()
	if v := c.str("web_home_page_url"); v != "" {
		web.Set("homePageUrl", v)
	}
	if c.line.Has("web_redirect_uris") {
		web.Set("redirectUris", texts(c.list("web_redirect_uris")))
	}
	grants := ojson.New()
	for _, g := range [][2]string{{"enable_id_token_issuance", "enableIdTokenIssuance"}, {"enable_access_token_issuance", "enableAccessTokenIssuance"}} {
		if c.line.Has(g[0]) {
			grants.Set(g[1], c.flag(g[0]))
		}
	}
	if grants.Len() > 0 {
		web.Set("implicitGrantSettings", grants)
	}
	if web.Len() > 0 {
		o.Set("web", web)
	}
	if c.line.Has("public_client_redirect_uris") {
		o.Set("publicClient", ojson.Obj("redirectUris", texts(c.list("public_client_redirect_uris"))))
	}
	for _, j := range [][2]string{{"app_roles", "appRoles"}, {"optional_claims", "optionalClaims"}, {"required_resource_accesses", "requiredResourceAccess"}} {
		text := c.str(j[0])
		if text == "" {
			continue
		}
		if data, err := c.readText(text); err == nil {
			text = data
		}
		v := model.Literal(text)
		if _, plain := v.(string); plain {
			return nil, failf("Failed to parse string as JSON:\n%s", text)
		}
		o.Set(j[1], v)
	}
	return o, nil
}

// createApp registers an application, or changes the one of the same name.
func (c *call) createApp(body *ojson.Object) (*ojson.Object, error) {
	list, err := c.graphList("/applications" + filterQuery(equals("displayName", body.Str("displayName"))))
	if err != nil {
		return nil, err
	}
	switch len(list) {
	case 0:
		return c.graphPost("/applications", body)
	case 1:
		id := list[0].Str("id")
		c.warn("Found an existing application instance: (id) %s. We will patch it.", id)
		if _, err := c.graph(http.MethodPatch, "/applications/"+id, body); err != nil {
			return nil, err
		}
		v, err := c.graphGet("/applications/" + id)
		o, _ := v.(*ojson.Object)
		return o, err
	}
	return nil, failf("More than one application have the same display name '%s', please remove them first.", body.Str("displayName"))
}

func cmdAppCreate(c *call) (any, error) {
	body, err := c.appBody()
	if err != nil {
		return nil, err
	}
	o, err := c.createApp(body)
	return object(o), err
}

func noBody(*call) (*ojson.Object, error) { return ojson.New(), nil }

// update sends what the arguments and --set change of the object.
func (at located) update(arguments func(*call) (*ojson.Object, error)) command {
	return func(c *call) (any, error) {
		path, err := at(c)
		if err != nil {
			return nil, err
		}
		body, err := arguments(c)
		if err != nil {
			return nil, err
		}
		v, err := c.graphGet(path)
		if err != nil {
			return nil, err
		}
		x := &model.Instance{Value: v, Warn: func(t string) { c.warn("%s", t) }}
		before := ojson.Clone(v).(*ojson.Object)
		if err := c.apply(x); err != nil {
			return nil, err
		}
		after := x.Value.(*ojson.Object)
		for _, m := range after.Members() {
			old, had := before.Get(m.Key)
			a, _ := ojson.Marshal(old)
			b, _ := ojson.Marshal(m.Value)
			if !had || string(a) != string(b) {
				body.Set(m.Key, m.Value)
			}
		}
		for _, m := range before.Members() {
			if _, there := after.Get(m.Key); !there {
				body.Set(m.Key, nil)
			}
		}
		_, err = c.graph(http.MethodPatch, path, body)
		return nil, err
	}
}

func cmdSPList(c *call) (any, error) {
	if c.flag("show_mine") {
		return c.owned("#microsoft.graph.servicePrincipal")
	}
	filter := filters(c.str("query_filter"), having("servicePrincipalNames", c.str("spn")), beginning("displayName", c.str("display_name")))
	list, err := c.graphList("/servicePrincipals" + filterQuery(filter))
	return c.firstHundred(list, filter), err
}

func cmdSPCreate(c *call) (any, error) {
	identifier := c.str("identifier")
	app := identifier
	list, err := c.appsNamed(identifier)
	if err != nil {
		return nil, err
	}
	if len(list) > 0 {
		app = list[0].Str("appId")
	} else if !isGUID(identifier) {
		return nil, missing("Can't find associated application id from '%s'", identifier)
	}
	o, err := c.graphPost("/servicePrincipals", ojson.Obj("appId", app, "accountEnabled", true))
	return object(o), err
}
