package arm

import (
	"net/http"
	"slices"
	"strings"

	"skylab/sim/ojson"
)

// States of a resource provider in a subscription.
const (
	isRegistered  = "Registered"
	notRegistered = "NotRegistered"
	unregistered  = "Unregistered"
)

// simulated tells whether a type of a namespace is served here.
func (a *ARM) simulated(namespace string) bool {
	for key := range a.types {
		if strings.HasPrefix(key, strings.ToLower(namespace)+"/") {
			return true
		}
	}
	return false
}

// registration is a provider's state in the subscription. What is simulated is
// registered from the beginning.
func (a *ARM) registration(namespace string) string {
	a.mu.RLock()
	s, ok := a.state.Providers[strings.ToLower(namespace)]
	a.mu.RUnlock()
	switch {
	case ok:
		return s
	case a.simulated(namespace), strings.EqualFold(namespace, "Microsoft.Resources"), strings.EqualFold(namespace, "Microsoft.Insights"):
		return isRegistered
	}
	return notRegistered
}

// registered refuses writes to a provider that the subscription has given up.
func (a *ARM) registered(c *call, namespace string) error {
	if c.Method == http.MethodGet || c.Method == http.MethodHead || c.Method == http.MethodDelete || a.registration(namespace) == isRegistered {
		return nil
	}
	return failf(http.StatusConflict, "MissingSubscriptionRegistration", "The subscription is not registered to use namespace '%s'. See https://aka.ms/rps-not-found for how to register subscriptions.", namespace)
}

// findNamespace returns a namespace in its own spelling.
func (a *ARM) findNamespace(name string) (string, bool) {
	for _, t := range a.types {
		if strings.EqualFold(t.Namespace, name) {
			return t.Namespace, true
		}
	}
	i := slices.IndexFunc(namespaces, func(n string) bool { return strings.EqualFold(n, name) })
	if i < 0 {
		return "", false
	}
	return namespaces[i], true
}

// providerBody is a provider; of a tenant's list it has no registration.
func (a *ARM) providerBody(c *call, namespace string) *ojson.Object {
	names := slices.Clone(realTypes[strings.ToLower(namespace)])
	byName := map[string]*Type{}
	for _, t := range a.types {
		if strings.EqualFold(t.Namespace, namespace) {
			byName[strings.ToLower(t.Name)] = t
			if !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, t.Name) }) {
				names = append(names, t.Name)
			}
		}
	}
	slices.SortFunc(names, func(x, y string) int { return strings.Compare(strings.ToLower(x), strings.ToLower(y)) })
	types := []any{}
	for _, n := range names {
		places, versions := []any{}, []any{}
		if t := byName[strings.ToLower(n)]; t != nil {
			n = t.Name
			if !t.Extension {
				for _, r := range regions {
					if a.allowed(t, r.name) {
						places = append(places, r.display)
					}
				}
			}
			for _, v := range t.Versions {
				versions = append(versions, v)
			}
		}
		types = append(types, ojson.Obj("resourceType", n, "locations", places, "apiVersions", versions, "capabilities", "None"))
	}
	id := "/providers/" + namespace
	if c.sub.ID != "" {
		id = "/subscriptions/" + c.sub.ID + id
	}
	o := ojson.Obj("id", id, "namespace", namespace, "resourceTypes", types)
	if c.sub.ID != "" {
		o.Set("registrationState", a.registration(namespace))
		o.Set("registrationPolicy", "RegistrationRequired")
	}
	return o
}

func (a *ARM) listProviders(c *call) error {
	names := slices.Clone(namespaces)
	for _, t := range a.types {
		if !slices.Contains(names, t.Namespace) {
			names = append(names, t.Namespace)
		}
	}
	slices.Sort(names)
	list := []any{}
	for _, n := range names {
		list = append(list, a.providerBody(c, n))
	}
	writeJSON(c.w, http.StatusOK, value(list))
	return nil
}

func (a *ARM) provider(c *call) (string, error) {
	name, ok := a.findNamespace(c.vars["namespace"])
	if !ok {
		return "", failf(http.StatusNotFound, "InvalidResourceNamespace", "The resource namespace '%s' is invalid.", c.vars["namespace"])
	}
	return name, nil
}

func (a *ARM) getProvider(c *call) error {
	name, err := a.provider(c)
	if err != nil {
		return err
	}
	writeJSON(c.w, http.StatusOK, a.providerBody(c, name))
	return nil
}

func (a *ARM) setProvider(c *call, verb, state string) error {
	name, err := a.provider(c)
	if err != nil {
		return err
	}
	scope := "/subscriptions/" + c.sub.ID
	if err := a.authorize(c, name+"/"+verb+"/action", scope); err != nil {
		return err
	}
	if state != isRegistered {
		for _, r := range a.Resources() {
			if strings.HasPrefix(strings.ToLower(r.Type), strings.ToLower(name)+"/") {
				return failf(http.StatusConflict, "Conflict", "The subscription cannot be unregistered from the namespace '%s' because it still has resources of it, such as '%s'.", name, r.ID)
			}
		}
	}
	a.mu.Lock()
	a.state.Providers[strings.ToLower(name)] = state
	a.mu.Unlock()
	writeJSON(c.w, http.StatusOK, a.providerBody(c, name))
	return nil
}

func (a *ARM) registerProvider(c *call) error { return a.setProvider(c, "register", isRegistered) }

func (a *ARM) unregisterProvider(c *call) error { return a.setProvider(c, "unregister", unregistered) }

func (a *ARM) listLocations(c *call) error {
	list := []any{}
	for _, r := range regions {
		scope := "/subscriptions/" + c.sub.ID + "/locations/"
		list = append(list, ojson.Obj("id", scope+r.name, "name", r.name, "type", "Region", "displayName", r.display, "regionalDisplayName", r.regional,
			"metadata", ojson.Obj("regionType", "Physical", "regionCategory", "Recommended", "geography", r.geography, "geographyGroup", r.group, "longitude", r.longitude, "latitude", r.latitude,
				"physicalLocation", r.physical, "pairedRegion", []any{ojson.Obj("name", r.paired, "id", scope+r.paired)})))
	}
	writeJSON(c.w, http.StatusOK, value(list))
	return nil
}

// listEndpoints is the metadata of the cloud, in the shapes of its three
// generations (facts/recorded.md §5.1).
func (a *ARM) listEndpoints(c *call) error {
	audiences := []any{"https://management.core.windows.net/", "https://management.azure.com/"}
	const login = "https://login.microsoftonline.com"
	if c.version < "2019-05-01" {
		writeJSON(c.w, http.StatusOK, ojson.Obj("galleryEndpoint", "https://gallery.azure.com/", "graphEndpoint", "https://graph.windows.net/", "portalEndpoint", "https://portal.azure.com/",
			"authentication", ojson.Obj("loginEndpoint", login+"/", "audiences", audiences)))
		return nil
	}
	o := ojson.Obj("portal", "https://portal.azure.com",
		"authentication", ojson.Obj("loginEndpoint", login, "audiences", audiences, "tenant", "common", "identityProvider", "AAD"),
		"media", "https://rest.media.azure.net", "graphAudience", "https://graph.windows.net/", "graph", "https://graph.windows.net/", "name", "AzureCloud",
		"suffixes", ojson.Obj("azureDataLakeStoreFileSystem", "azuredatalakestore.net", "acrLoginServer", "azurecr.io", "sqlServerHostname", "database.windows.net",
			"azureDataLakeAnalyticsCatalogAndJob", "azuredatalakeanalytics.net", "keyVaultDns", "vault.azure.net", "storage", "core.windows.net", "azureFrontDoorEndpointSuffix", "azurefd.net"),
		"batch", "https://batch.core.windows.net/", "resourceManager", "https://management.azure.com/",
		"vmImageAliasDoc", "https://raw.githubusercontent.com/Azure/azure-rest-api-specs/master/arm-compute/quickstart-templates/aliases.json",
		"activeDirectoryDataLake", "https://datalake.azure.net/", "sqlManagement", "https://management.core.windows.net:8443/", "gallery", "https://gallery.azure.com/",
		"microsoftGraphResourceId", "https://graph.microsoft.com/")
	if c.version < "2022-09-01" {
		writeJSON(c.w, http.StatusOK, []any{o})
		return nil
	}
	writeJSON(c.w, http.StatusOK, o)
	return nil
}
