package az

import (
	"net/http"
	"net/url"
	"strings"

	"skylab/sim/ojson"
)

// msiVersion is the API version of Microsoft.ManagedIdentity that az speaks.
const msiVersion = "2022-01-31-preview"

const identities = "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/"

var identityCommands = map[string]command{
	"identity create": cmdIdentityCreate, "identity list-resources": cmdIdentityResources,
	"identity federated-credential create": cmdFederatedPut, "identity federated-credential update": cmdFederatedPut,
}

func queryEscape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// location is --location, or where the resource group is.
func (c *call) location() (string, error) {
	if l := c.str("location"); l != "" {
		return l, nil
	}
	group, err := c.groupPath()
	if err != nil {
		return "", err
	}
	v, err := c.get(join(resourcesVersion, group))
	o, _ := v.(*ojson.Object)
	return o.Str("location"), err
}

func cmdIdentityCreate(c *call) (any, error) {
	location, err := c.location()
	if err != nil {
		return nil, err
	}
	group, err := c.groupPath()
	if err != nil {
		return nil, err
	}
	tags, _ := c.tags()
	if tags == nil {
		tags = ojson.New()
	}
	res, err := c.arm(http.MethodPut, join(msiVersion, group, identities, pathSegment(c.str("resource_name"))), ojson.Obj("location", location, "tags", tags))
	if err != nil {
		return nil, err
	}
	return c.view("Identity", res.json()), nil
}

func cmdIdentityResources(c *call) (any, error) {
	group, err := c.groupPath()
	if err != nil {
		return nil, err
	}
	path := join("2021-09-30-preview", group, identities, pathSegment(c.str("resource_name")), "/listAssociatedResources")
	for _, p := range [][2]string{{"filter", "$filter"}, {"orderby", "$orderby"}, {"top", "$top"}, {"skip", "$skip"}, {"skiptoken", "$skiptoken"}} {
		if v := c.str(p[0]); v != "" {
			path += "&" + p[1] + "=" + queryEscape(v)
		}
	}
	out := []any{}
	for path != "" {
		res, err := c.arm(http.MethodPost, path, nil)
		if err != nil {
			return nil, err
		}
		list, _ := res.object().At("value").([]any)
		out = append(out, list...)
		path = strings.TrimPrefix(res.object().Str("nextLink"), armHost)
	}
	return c.views("AzureResource", out), nil
}

func cmdFederatedPut(c *call) (any, error) {
	group, err := c.groupPath()
	if err != nil {
		return nil, err
	}
	path := join(msiVersion, group, identities, pathSegment(c.str("identity_name")), "/federatedIdentityCredentials/", pathSegment(c.str("federated_credential_name")))
	audiences := []any{}
	for _, a := range c.list("audiences") {
		audiences = append(audiences, a)
	}
	if len(audiences) == 0 {
		audiences = append(audiences, "api://AzureADTokenExchange")
	}
	body := ojson.New()
	for _, name := range []string{"issuer", "subject"} {
		if v := c.str(name); v != "" {
			body.Set(name, v)
		}
	}
	body.Set("audiences", audiences)
	res, err := c.arm(http.MethodPut, path, ojson.Obj("properties", body))
	if err != nil {
		return nil, err
	}
	return c.view("FederatedIdentityCredential", res.json()), nil
}
