package arm

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"skylab/sim/ojson"
)

// route is a row of the table of what Resource Manager serves itself.
type route struct {
	method, path string
	// action is what the access check asks for, at the scope that the path names
	// up to the route's last variable; "" asks for nothing.
	action string
	// open routes need no token.
	open     bool
	versions []string // newest first; nil takes any
	handle   func(*ARM, *call) error
	parts    []string // of path
}

// resourceVersions are the api-versions of Microsoft.Resources that the lessons
// and ordinary clients use, newest first.
var resourceVersions = strings.Fields(`2024-11-01 2024-03-01 2023-07-01 2022-12-01 2022-09-01 2022-06-01 2022-05-01 2022-03-01-preview 2022-01-01 2021-04-01 2021-01-01
	2020-10-01 2020-09-01 2020-08-01 2020-07-01 2020-06-01 2020-05-01 2020-01-01 2019-11-01 2019-10-01 2019-09-01 2019-08-01 2019-07-01 2019-06-01 2019-05-10
	2019-05-01 2019-03-01 2018-11-01 2018-09-01 2018-08-01 2018-07-01 2018-06-01 2018-05-01 2018-02-01 2018-01-01 2017-12-01 2017-08-01 2017-06-01 2017-05-10
	2017-05-01 2017-03-01 2016-09-01 2016-07-01 2016-06-01 2016-02-01 2015-11-01 2015-01-01 2014-04-01-preview 2014-04-01 2014-01-01 2013-03-01 2014-02-26 2014-04`)

const (
	subPath   = "/subscriptions/{subscription}"
	groupPath = subPath + "/resourcegroups/{group}"

	readSub    = "Microsoft.Resources/subscriptions/read"
	readGroups = "Microsoft.Resources/subscriptions/resourceGroups/read"
	writeGroup = "Microsoft.Resources/subscriptions/resourceGroups/write"
)

// routes is in the order in which a path is looked up. Lists whose action is ""
// show what the caller may see.
var routes = parsed([]route{
	{method: http.MethodGet, path: "/subscriptions", versions: resourceVersions, handle: (*ARM).listSubscriptions},
	{method: http.MethodGet, path: subPath, action: readSub, versions: resourceVersions, handle: (*ARM).getSubscription},
	{method: http.MethodGet, path: subPath + "/locations", action: "Microsoft.Resources/subscriptions/locations/read", versions: resourceVersions, handle: (*ARM).listLocations},
	{method: http.MethodGet, path: subPath + "/tagNames", action: readTagNames, versions: resourceVersions, handle: (*ARM).listTagNames},
	{method: http.MethodPut, path: subPath + "/tagNames/{tag}", action: writeTagNames, versions: resourceVersions, handle: (*ARM).putTagName},
	{method: http.MethodDelete, path: subPath + "/tagNames/{tag}", action: deleteTagNames, versions: resourceVersions, handle: (*ARM).deleteTagName},
	{method: http.MethodPut, path: subPath + "/tagNames/{tag}/tagValues/{value}", action: writeTagValue, versions: resourceVersions, handle: (*ARM).putTagValue},
	{method: http.MethodDelete, path: subPath + "/tagNames/{tag}/tagValues/{value}", action: deleteTagValue, versions: resourceVersions, handle: (*ARM).deleteTagValue},
	{method: http.MethodGet, path: subPath + "/resources", versions: resourceVersions, handle: (*ARM).listResources},
	{method: http.MethodGet, path: subPath + "/operationresults/{operation}", handle: (*ARM).pollGroup},
	{method: http.MethodGet, path: "/tenants", versions: resourceVersions, handle: (*ARM).listTenants},
	{method: http.MethodGet, path: "/metadata/endpoints", open: true, handle: (*ARM).listEndpoints},
	{method: http.MethodGet, path: "/providers", versions: resourceVersions, handle: (*ARM).listProviders},
	{method: http.MethodGet, path: "/providers/{namespace}", versions: resourceVersions, handle: (*ARM).getProvider},
	{method: http.MethodGet, path: subPath + "/providers", action: readSub, versions: resourceVersions, handle: (*ARM).listProviders},
	{method: http.MethodGet, path: subPath + "/providers/{namespace}", action: readSub, versions: resourceVersions, handle: (*ARM).getProvider},
	{method: http.MethodPost, path: subPath + "/providers/{namespace}/register", versions: resourceVersions, handle: (*ARM).registerProvider},
	{method: http.MethodPost, path: subPath + "/providers/{namespace}/unregister", versions: resourceVersions, handle: (*ARM).unregisterProvider},
	{method: http.MethodGet, path: subPath + "/providers/Microsoft.Insights/eventtypes/management/values", action: "Microsoft.Insights/eventtypes/values/read", versions: activityVersions, handle: (*ARM).listActivity},
	{method: http.MethodGet, path: subPath + "/providers/{namespace}/locations/{location}/operations/{operation}", handle: (*ARM).pollOperation},
	{method: http.MethodGet, path: subPath + "/providers/{namespace}/locations/{location}/asyncoperations/{operation}", handle: (*ARM).pollOperation},
	{method: http.MethodGet, path: subPath + "/providers/{namespace}/locations/{location}/operationResults/{operation}", handle: (*ARM).pollResult},
	{method: http.MethodGet, path: subPath + "/resourcegroups", versions: resourceVersions, handle: (*ARM).listGroups},
	{method: http.MethodGet, path: groupPath, action: readGroups, versions: resourceVersions, handle: (*ARM).getGroup},
	{method: http.MethodHead, path: groupPath, action: readGroups, versions: resourceVersions, handle: (*ARM).headGroup},
	{method: http.MethodPut, path: groupPath, action: writeGroup, versions: resourceVersions, handle: (*ARM).putGroup},
	{method: http.MethodPatch, path: groupPath, action: writeGroup, versions: resourceVersions, handle: (*ARM).patchGroup},
	{method: http.MethodDelete, path: groupPath, action: "Microsoft.Resources/subscriptions/resourceGroups/delete", versions: resourceVersions, handle: (*ARM).deleteGroup},
	{method: http.MethodGet, path: groupPath + "/resources", versions: resourceVersions, handle: (*ARM).listResources},
	lacks(http.MethodPost, groupPath+"/moveResources"),
	lacks(http.MethodPost, groupPath+"/validateMoveResources"),
	lacks(http.MethodPost, groupPath+"/exportTemplate"),
	lacks(http.MethodGet, subPath+"/providers/{namespace}/resourceTypes"),
	lacks(http.MethodGet, subPath+"/providers/{namespace}/providerPermissions"),
	lacks(http.MethodGet, subPath+"/operationstatuses/{operation}"),
	lacks(http.MethodGet, subPath+"/policies"),
	lacks(http.MethodPost, "/batch"),
})

// lacks is the route of an operation of Resource Manager's own that is not
// simulated.
func lacks(method, path string) route {
	name := path[strings.LastIndexByte(path, '/')+1:]
	if isVar(name) {
		name = strings.Split(strings.TrimPrefix(path, subPath+"/"), "/")[0]
	}
	return route{method: method, path: path, handle: func(*ARM, *call) error { return NotSimulated("Microsoft.Resources " + name) }}
}

func parsed(rs []route) []route {
	for i := range rs {
		rs[i].parts = splitPath(rs[i].path)
	}
	return rs
}

// splitPath takes a path apart; doubled and trailing slashes do not count.
func splitPath(path string) []string {
	return slices.DeleteFunc(strings.Split(path, "/"), func(s string) bool { return s == "" })
}

func isVar(s string) bool { return strings.HasPrefix(s, "{") }

// match finds the route of a path and method; methods are those that the path
// knows.
func match(segments []string, method string) (found *route, methods []string) {
	for i := range routes {
		r := &routes[i]
		if len(r.parts) != len(segments) {
			continue
		}
		fits := true
		for j, p := range r.parts {
			fits = fits && (isVar(p) || strings.EqualFold(p, segments[j]))
		}
		if !fits {
			continue
		}
		if r.method == method {
			return r, nil
		}
		methods = append(methods, r.method)
	}
	return nil, methods
}

// bind returns the values of a route's variables.
func (r *route) bind(segments []string) map[string]string {
	vars := map[string]string{}
	for i, p := range r.parts {
		if isVar(p) {
			vars[strings.Trim(p, "{}")] = segments[i]
		}
	}
	return vars
}

// scope is the ARM id that a route's access check is about.
func (r *route) scope(vars map[string]string) string {
	scope := "/subscriptions/" + vars["subscription"]
	if g, ok := vars["group"]; ok {
		scope += "/resourceGroups/" + g
	}
	return scope
}

// unknownRoute answers for a path that no row serves: what Azure does not have
// with Azure's errors, what Azure has and this package does not with the honest
// sentence.
func unknownRoute(c *call, segments, methods []string) error {
	if len(methods) > 0 {
		c.w.Header().Set("Allow", strings.Join(methods, ","))
		return methodNotAllowed()
	}
	at := providersAt(segments)
	if at < 0 {
		at = slices.IndexFunc(segments, func(s string) bool { return strings.EqualFold(s, "providers") })
	}
	if at < 0 || at+1 >= len(segments) {
		return failf(http.StatusNotFound, "NotFound", "The requested path '/%s' was not found.", strings.Join(segments, "/"))
	}
	names := segments[at+1 : at+2 : at+2]
	for j := at + 2; j < len(segments); j += 2 {
		names = append(names, segments[j])
	}
	return unknownType(names, c.version)
}

// unknownType is the error for a type that is not served, in parts: what Azure
// has is not simulated, the rest does not exist.
func unknownType(names []string, version string) error {
	switch {
	case !KnownNamespace(names[0]):
		return failf(http.StatusNotFound, "InvalidResourceNamespace", "The resource namespace '%s' is invalid.", names[0])
	case len(names) > 1 && !knownType(names[0], names[1]):
		return failf(http.StatusNotFound, "InvalidResourceType", "The resource type could not be found in the namespace '%s' for api version '%s'.", names[0], version)
	}
	return NotSimulated(strings.Join(names, "/"))
}

// queryFold returns a query parameter by its name without regard to case.
func queryFold(r *http.Request, name string) string {
	q, _ := url.ParseQuery(r.URL.RawQuery)
	for k, v := range q {
		if strings.EqualFold(k, name) && len(v) > 0 {
			return v[0]
		}
	}
	return ""
}

func value(list []any) *ojson.Object { return ojson.Obj("value", list) }
