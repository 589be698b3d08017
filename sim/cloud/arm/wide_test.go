package arm

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"skylab/sim/cloud/rbac"
	"skylab/sim/exchange"
	"skylab/sim/network"
	"skylab/sim/ojson"
)

// kiln is a type whose writes and deletions take their time, as Compute's do.
func kiln(gone *[]string) *Type {
	return &Type{Namespace: "Microsoft.Example", Name: "kilns", Versions: []string{"2024-01-01"},
		Async: &Async{Create: 20 * time.Second, Update: 10 * time.Second, Delete: 30 * time.Second, Retry: 10, Notify: true, Timed: true},
		Gone:  func(_ *ARM, r Resource) { *gone = append(*gone, r.Name) },
		Actions: map[string]Action{"fire": {Name: "fire", Takes: 5 * time.Second, Do: func(_ *ARM, x *Request, _ *Resource) error {
			x.Then.Private = ojson.Obj("hot", "yes")
			return nil
		}}},
	}
}

const (
	rgPath    = "/subscriptions/{s}/resourceGroups/myResourceGroup"
	kilnPath  = rgPath + "/providers/Microsoft.Example/kilns/k"
	kilnURL   = kilnPath + "?api-version=2024-01-01"
	resources = "/resources?api-version=2021-04-01"
)

// path makes an address of an answer's header one that do takes.
func path(address string) string { return strings.TrimPrefix(address, "https://management.azure.com") }

func TestOperationsTakeTheLabsTime(t *testing.T) {
	w := newWorld(t)
	var gone []string
	w.arm.Register(kiln(&gone))
	const owner = "Bearer owner"
	steps := []struct {
		name, method, path, body string
		status                   int
		state                    string // provisioningState of the answer
		takes                    time.Duration
		location                 bool
	}{
		{"create", "PUT", kilnURL, `{"location":"westus"}`, 201, "Creating", 20 * time.Second, false},
		{"update", "PUT", kilnURL, `{"location":"westus"}`, 200, "Updating", 10 * time.Second, false},
		{"patch", "PATCH", kilnURL, `{"tags":{"a":"b"}}`, 200, "Updating", 10 * time.Second, false},
		{"action", "POST", kilnPath + "/fire?api-version=2024-01-01", "", 202, "", 5 * time.Second, true},
		{"delete", "DELETE", kilnURL, "", 202, "", 30 * time.Second, true},
	}
	for _, s := range steps {
		res, body := w.do(t, s.method, s.path, owner, s.body)
		poll, location := res.Header.Get("Azure-AsyncOperation"), res.Header.Get("Location")
		if res.StatusCode != s.status || !strings.Contains(body, s.state) || (s.state == "") != (body == "") || res.Header.Get("Azure-AsyncNotification") != "Enabled" || res.Header.Get("Retry-After") != "10" ||
			!strings.HasPrefix(poll, "https://management.azure.com/subscriptions/"+w.sub+"/providers/Microsoft.Example/locations/westus/operations/") || (location != "") != s.location {
			t.Fatalf("%s: %s %s %v", s.name, res.Status, body, res.Header)
		}
		if s.location && location != strings.Replace(poll, "?", "?monitor=true&", 1) {
			t.Errorf("%s: Location %s beside %s", s.name, location, poll)
		}
		if res, body := w.do(t, "GET", path(poll), owner, ""); res.StatusCode != 200 || !strings.HasPrefix(body, "{\r\n  \"startTime\": \"2026-") || !strings.Contains(body, `"status": "InProgress",`) || res.Header.Get("Retry-After") != "10" {
			t.Errorf("%s: running: %s %s", s.name, res.Status, body)
		}
		if s.location {
			if res, body := w.do(t, "GET", path(location), owner, ""); res.StatusCode != 202 || body != "" || res.Header.Get("Location") != location {
				t.Errorf("%s: monitored: %s %s", s.name, res.Status, body)
			}
		}
		w.arm.Clock.Advance(s.takes)
		if res, body := w.do(t, "GET", path(poll), owner, ""); !strings.Contains(body, `"endTime"`) || !strings.Contains(body, `"status": "Succeeded"`) || res.Header.Get("Retry-After") != "" {
			t.Errorf("%s: ended: %s %s", s.name, res.Status, body)
		}
		if s.location {
			if res, _ := w.do(t, "GET", path(location), owner, ""); res.StatusCode != 200 {
				t.Errorf("%s: monitored to the end: %s", s.name, res.Status)
			}
		}
		if s.name == "delete" {
			continue
		}
		if _, body := w.do(t, "GET", kilnURL, owner, ""); !strings.Contains(body, `"Succeeded"`) {
			t.Errorf("%s: afterwards %s", s.name, body)
		}
	}
	if res, _ := w.do(t, "GET", kilnURL, owner, ""); res.StatusCode != 404 || len(gone) != 1 {
		t.Errorf("after the deletion: %s, gone %v", res.Status, gone)
	}
	if res, _ := w.do(t, "GET", "/subscriptions/{s}/providers/Microsoft.Example/locations/westus/operations/x?api-version=2024-01-01", owner, ""); res.StatusCode != 404 {
		t.Errorf("an unknown operation: %s", res.Status)
	}
}

func TestAnOperationOutlivesASnapshot(t *testing.T) {
	w := newWorld(t)
	var gone []string
	w.arm.Register(kiln(&gone))
	res, _ := w.do(t, "PUT", kilnURL, "Bearer owner", `{"location":"westus"}`)
	data, err := json.Marshal(w.arm.State())
	if err != nil {
		t.Fatal(err)
	}
	var s State
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	again := newWorld(t)
	again.arm.Register(kiln(&gone))
	again.arm.Restore(s)
	for _, want := range []string{"InProgress", "Succeeded"} {
		if _, body := again.do(t, "GET", path(res.Header.Get("Azure-AsyncOperation")), "Bearer owner", ""); !strings.Contains(body, want) {
			t.Errorf("want %s: %s", want, body)
		}
		again.arm.Clock.Advance(time.Minute)
	}
}

func TestAGroupGoesWithAllInIt(t *testing.T) {
	w := newWorld(t)
	var gone []string
	w.arm.Register(kiln(&gone))
	const owner, group = "Bearer owner", rgPath + "?api-version=2021-04-01"
	w.do(t, "PUT", kilnURL, owner, `{"location":"westus"}`)
	if _, err := w.arm.Access.Assign(rbac.Assignment{Name: "r", Scope: strings.ReplaceAll(rgPath, "{s}", w.sub), RoleID: "acdd72a7-3385-48ef-bd42-f606fba81ae7", PrincipalID: "app"}, "owner"); err != nil {
		t.Fatal(err)
	}
	if res, _ := w.do(t, "DELETE", group, "Bearer app", ""); res.StatusCode != 403 {
		t.Errorf("a reader deletes: %s", res.Status)
	}
	res, body := w.do(t, "DELETE", group, owner, "")
	location := res.Header.Get("Location")
	if res.StatusCode != 202 || body != "" || res.Header.Get("Retry-After") != "15" || !strings.HasPrefix(location, "https://management.azure.com/subscriptions/"+w.sub+"/operationresults/") {
		t.Fatalf("%s %s %v", res.Status, body, res.Header)
	}
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", path(location), "", 202, ""},
		{"GET", group, "", 200, `"provisioningState":"Deleting"`},
		{"PUT", group, `{"location":"westus"}`, 409, "ResourceGroupBeingDeleted"},
		{"PUT", kilnURL, `{"location":"westus"}`, 409, "ResourceGroupBeingDeleted"},
		{"DELETE", group, "", 202, ""},
		{"GET", "/subscriptions/{s}/operationresults/bm8?api-version=2021-04-01", "", 404, "JobNotFound"},
	} {
		if res, body := w.do(t, c.method, c.path, owner, c.body); res.StatusCode != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s %s: %s %s", c.method, c.path, res.Status, body)
		}
	}
	w.arm.Clock.Advance(time.Minute)
	for p, want := range map[string]int{path(location): 200, group: 404, kilnURL: 404} {
		if res, body := w.do(t, "GET", p, owner, ""); res.StatusCode != want {
			t.Errorf("gone, GET %s: %s %s", p, res.Status, body)
		}
	}
	if len(gone) != 1 || len(w.arm.Access.Assignments()) != 1 {
		t.Errorf("gone %v, assignments %v", gone, w.arm.Access.Assignments())
	}
}

// shelf makes a world with lamps a, b and c, of which b has tags and c an
// identity.
func shelf(t *testing.T) *world {
	w := newWorld(t)
	w.arm.Register(lamp)
	for name, more := range map[string]string{"a": "", "b": `,"tags":{"env":"it's","team":"x"}`, "c": `,"tags":{"env":"prod"},"identity":{"type":"SystemAssigned","principalId":"p"}`} {
		if res, body := w.do(t, "PUT", rgPath+"/providers/Microsoft.Example/lamps/"+name+"?api-version=2024-01-01", "Bearer owner", `{"location":"westus","properties":{"colour":"red"}`+more+`}`); res.StatusCode != 201 {
			t.Fatalf("%s: %s %s", name, res.Status, body)
		}
	}
	return w
}

func TestListsOfResources(t *testing.T) {
	w := shelf(t)
	for _, c := range []struct {
		filter, want string // names, or an error's code
	}{
		{"", "a b c"},
		{"name eq 'B'", "b"},
		{"name ne 'b'", "a c"},
		{"resourceType eq 'microsoft.example/lamps' and (name eq 'a' or name eq 'c')", "a c"},
		{"tagName eq 'env' and tagValue eq 'it''s'", "b"},
		{"tagName eq null", "a"},
		{"tagName ne null", "b c"},
		{"substringof('B', name)", "b"},
		{"startswith(tagName, 'te')", "b"},
		{"identity/principalId eq 'p'", "c"},
		{"resourceGroup eq 'myresourcegroup' and location eq 'westus'", "a b c"},
		{"colour eq 'red'", ""},
		{"name eq", "InvalidFilterInQueryString"},
		{"name eq 'a", "InvalidFilterInQueryString"},
		{"name gt 'a'", "InvalidFilterInQueryString"},
		{"(name eq 'a'", "InvalidFilterInQueryString"},
		{"endswith(name, 'a')", "InvalidFilterInQueryString"},
		{strings.Repeat("(", 100), "InvalidFilterInQueryString"},
	} {
		for _, scope := range []string{"/subscriptions/{s}", rgPath} {
			_, body := w.do(t, "GET", scope+resources+"&$filter="+strings.NewReplacer(" ", "%20", "'", "%27").Replace(c.filter), "Bearer owner", "")
			var got struct {
				Value []struct{ Name string }
				Error struct{ Code string }
			}
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Fatalf("%s: %v: %s", c.filter, err, body)
			}
			var names []string
			for _, v := range got.Value {
				names = append(names, v.Name)
			}
			if s := strings.Join(names, " ") + got.Error.Code; s != c.want {
				t.Errorf("%s: %q, want %q", c.filter, s, c.want)
			}
		}
	}
	_, body := w.do(t, "GET", rgPath+resources+"&$expand=createdTime,provisioningState&$filter=name%20eq%20%27c%27", "Bearer owner", "")
	want := `{"value":[{"id":"/subscriptions/` + w.sub + `/resourceGroups/myResourceGroup/providers/Microsoft.Example/lamps/c","name":"c","type":"Microsoft.Example/lamps","location":"westus","identity":{"type":"SystemAssigned","principalId":"p"},"tags":{"env":"prod"},"createdTime":"2026-11-24T`
	if !strings.HasPrefix(body, want) || !strings.Contains(body, `"provisioningState":"Succeeded"}],"nextLink":`) || strings.Contains(body, "colour") {
		t.Errorf("expanded: %s", body)
	}
}

func TestListsComeInPages(t *testing.T) {
	w := shelf(t)
	next, names := rgPath+resources+"&$top=2", []string{}
	pages := 0
	for ; next != ""; pages++ {
		if pages > 5 {
			t.Fatal("the pages have no end")
		}
		_, body := w.do(t, "GET", next, "Bearer owner", "")
		var got struct {
			Value    []struct{ Name string }
			NextLink string
		}
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatal(err)
		}
		for _, v := range got.Value {
			names = append(names, v.Name)
		}
		next = path(got.NextLink)
	}
	if fmt.Sprint(names) != "[a b c]" || pages != 2 {
		t.Errorf("%v in %d pages", names, pages)
	}
	for q, code := range map[string]string{"$top=0": "InvalidTopInQueryString", "$top=x": "InvalidTopInQueryString", "$skiptoken=*": "InvalidSkipTokenInQueryString"} {
		if res, body := w.do(t, "GET", rgPath+resources+"&"+q, "Bearer owner", ""); res.StatusCode != 400 || !strings.Contains(body, code) {
			t.Errorf("%s: %s %s", q, res.Status, body)
		}
	}
}

func TestListsShowWhatTheCallerMayRead(t *testing.T) {
	w := shelf(t)
	const groups = "/subscriptions/{s}/resourcegroups?api-version=2021-04-01"
	for _, p := range []string{"/subscriptions/{s}" + resources, groups} {
		if res, _ := w.do(t, "GET", p, "Bearer app", ""); res.StatusCode != 403 {
			t.Errorf("no role, %s: %s", p, res.Status)
		}
	}
	if _, err := w.arm.Access.Assign(rbac.Assignment{Name: "r", Scope: strings.ReplaceAll(rgPath, "{s}", w.sub) + "/providers/Microsoft.Example/lamps/b", RoleID: "acdd72a7-3385-48ef-bd42-f606fba81ae7", PrincipalID: "app"}, "owner"); err != nil {
		t.Fatal(err)
	}
	if res, body := w.do(t, "GET", "/subscriptions/{s}"+resources, "Bearer app", ""); res.StatusCode != 200 || strings.Count(body, `"location"`) != 1 || !strings.Contains(body, `lamps/b"`) {
		t.Errorf("a role at one: %s %s", res.Status, body)
	}
	if res, body := w.do(t, "GET", groups, "Bearer app", ""); res.StatusCode != 200 || body != `{"value":[]}` {
		t.Errorf("groups: %s %s", res.Status, body)
	}
}

func TestTags(t *testing.T) {
	w := shelf(t)
	const at = "/providers/Microsoft.Resources/tags/default?api-version=2021-04-01"
	many := &strings.Builder{}
	for i := range maxTags + 1 {
		fmt.Fprintf(many, `,"t%d":""`, i)
	}
	put := func(tags string) string { return `{"properties":{"tags":` + tags + `}}` }
	patch := func(op, tags string) string {
		return `{"operation":"` + op + `","properties":{"tags":` + tags + `}}`
	}
	for _, c := range []struct {
		method, scope, who, body string
		status                   int
		want                     string
	}{
		{"GET", rgPath, "owner", "", 200, `"properties":{"tags":{}}`},
		{"PUT", rgPath, "app", put(`{}`), 403, `Microsoft.Resources/tags/write`},
		{"PUT", rgPath, "owner", put(`{"a":"1"}`), 200, `{"id":"/subscriptions/` + w.sub + `/resourceGroups/myResourceGroup/providers/Microsoft.Resources/tags/default","name":"default","type":"Microsoft.Resources/tags","properties":{"tags":{"a":"1"}}}`},
		{"PATCH", rgPath, "owner", patch("Merge", `{"A":"2","b":"3"}`), 200, `"tags":{"a":"2","b":"3"}`},
		{"PATCH", rgPath, "owner", patch("delete", `{"a":"1","B":"3"}`), 200, `"tags":{"a":"2"}`},
		{"PATCH", rgPath, "owner", patch("Replace", `{"z":"9"}`), 200, `"tags":{"z":"9"}`},
		{"PATCH", rgPath, "owner", patch("Add", `{}`), 400, `Replace, Merge, Delete`},
		{"PUT", rgPath, "owner", `{}`, 400, `properties.tags`},
		{"PUT", rgPath, "owner", put(`{"a":1}`), 400, `must be a string`},
		{"PUT", rgPath, "owner", put(`{"a/b":""}`), 400, `InvalidTagNameCharacters`},
		{"PUT", rgPath, "owner", put(`{"a":"` + strings.Repeat("x", 257) + `"}`), 400, `InvalidTagValueLength`},
		{"PUT", rgPath, "owner", put(`{` + many.String()[1:] + `}`), 400, `TagsLimitExceeded`},
		{"GET", rgPath, "owner", "", 200, `"tags":{"z":"9"}`},
		{"PUT", rgPath + "/providers/Microsoft.Example/lamps/a", "owner", put(`{"z":"8"}`), 200, `"tags":{"z":"8"}`},
		{"PUT", rgPath + "/providers/Microsoft.Example/lamps/none", "owner", put(`{}`), 404, `ResourceNotFound`},
		{"PUT", "/subscriptions/{s}", "owner", put(`{"s":"1"}`), 200, `"tags":{"s":"1"}`},
		{"DELETE", "/subscriptions/{s}", "owner", "", 200, ``},
		{"POST", rgPath, "owner", "{}", 405, `HttpMethodNotAllowed`},
	} {
		if res, body := w.do(t, c.method, c.scope+at, "Bearer "+c.who, c.body); res.StatusCode != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s %s %s: %s %s", c.method, c.scope, c.body, res.Status, body)
		}
	}
	_, body := w.do(t, "GET", "/subscriptions/{s}/tagNames?api-version=2021-04-01", "Bearer owner", "")
	if !strings.Contains(body, `"tagName":"z","count":{"type":"Total","value":2}`) {
		t.Errorf("names: %s", body)
	}
	const names = "/subscriptions/{s}/tagNames"
	for _, c := range []struct {
		method, path, who string
		status            int
		want              string
	}{
		{"PUT", names + "/fresh", "app", 403, `tagNames/write`},
		{"PUT", names + "/fresh", "owner", 201, `"tagName":"fresh","count":{"type":"Total","value":0},"values":[]`},
		{"PUT", names + "/FRESH", "owner", 200, `"tagName":"fresh"`},
		{"PUT", names + "/fresh/tagValues/dev", "owner", 201, `"tagValue":"dev","count":{"type":"Total","value":0}`},
		{"PUT", names + "/none/tagValues/dev", "owner", 404, `TagNameNotFound`},
		{"DELETE", names + "/fresh", "owner", 409, `has values or is in use`},
		{"GET", names, "owner", 200, `/tagNames/fresh/tagValues/dev"`},
		{"DELETE", names + "/fresh/tagValues/dev", "owner", 200, ``},
		{"DELETE", names + "/fresh/tagValues/dev", "owner", 204, ``},
		{"DELETE", names + "/fresh", "owner", 200, ``},
		{"DELETE", names + "/fresh", "owner", 204, ``},
		{"DELETE", names + "/z", "owner", 409, `in use`},
	} {
		if res, body := w.do(t, c.method, c.path+"?api-version=2021-04-01", "Bearer "+c.who, ""); res.StatusCode != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s %s: %s %s", c.method, c.path, res.Status, body)
		}
	}
	if res, body := w.do(t, "PUT", rgPath+"/providers/Microsoft.Example/lamps/x?api-version=2024-01-01", "Bearer owner", `{"location":"westus","tags":{"a/b":""},"properties":{"colour":"red"}}`); res.StatusCode != 400 || !strings.Contains(body, "InvalidTagNameCharacters") {
		t.Errorf("a resource's own tags: %s %s", res.Status, body)
	}
}

func TestProvidersLocationsAndTheCloud(t *testing.T) {
	w := shelf(t)
	const v = "?api-version=2021-04-01"
	for _, c := range []struct {
		method, path, auth string
		status             int
		want               string
	}{
		{"GET", "/subscriptions/{s}/providers/microsoft.example" + v, "Bearer owner", 200, `"namespace":"Microsoft.Example","resourceTypes":[{"resourceType":"lamps","locations":["West US"],"apiVersions":["2024-01-01","2023-01-01"]`},
		{"GET", "/subscriptions/{s}/providers/Microsoft.Batch" + v, "Bearer owner", 200, `"registrationState":"NotRegistered"`},
		{"POST", "/subscriptions/{s}/providers/Microsoft.Batch/register" + v, "Bearer app", 403, `Microsoft.Batch/register/action`},
		{"POST", "/subscriptions/{s}/providers/Microsoft.Batch/register" + v, "Bearer owner", 200, `"registrationState":"Registered"`},
		{"GET", "/subscriptions/{s}/providers" + v, "Bearer owner", 200, `"namespace":"Microsoft.Web"`},
		{"GET", "/subscriptions/{s}/providers/Contoso.Nothing" + v, "Bearer owner", 404, `InvalidResourceNamespace`},
		{"POST", "/subscriptions/{s}/providers/Microsoft.Example/unregister" + v, "Bearer owner", 409, `such as '/subscriptions/` + w.sub + `/resourceGroups/myResourceGroup/providers/Microsoft.Example/lamps/a'`},
		{"GET", "/subscriptions/{s}/locations" + v, "Bearer owner", 200, `"name":"westus","type":"Region","displayName":"West US"`},
		{"GET", "/tenants" + v, "Bearer owner", 200, `"tenantId":"11111111-1111-4111-8111-111111111111"`},
		{"GET", "/metadata/endpoints?api-version=2015-01-01", "", 200, `{"galleryEndpoint":`},
		{"GET", "/metadata/endpoints?api-version=2019-05-01", "", 200, `[{"portal":`},
		{"GET", "/metadata/endpoints?api-version=2022-09-01", "", 200, `{"portal":`},
		{"GET", "/subscriptions/{s}/providers/Microsoft.Compute/toasters" + v, "Bearer owner", 404, `"InvalidResourceType","message":"The resource type could not be found in the namespace 'Microsoft.Compute' for api version '2021-04-01'."`},
		{"GET", "/subscriptions/{s}/providers/Microsoft.Compute/galleries" + v, "Bearer owner", 501, `skylab: Microsoft.Compute/galleries is real but not simulated here`},
	} {
		if res, body := w.do(t, c.method, c.path, c.auth, ""); res.StatusCode != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s %s: %s %.300s", c.method, c.path, res.Status, body)
		}
	}
	empty := newWorld(t)
	empty.arm.Register(lamp)
	empty.do(t, "POST", "/subscriptions/{s}/providers/Microsoft.Example/unregister"+v, "Bearer owner", "")
	if res, body := empty.do(t, "PUT", rgPath+"/providers/Microsoft.Example/lamps/a?api-version=2024-01-01", "Bearer owner", `{}`); res.StatusCode != 409 || !strings.Contains(body, "MissingSubscriptionRegistration") {
		t.Errorf("unregistered: %s %s", res.Status, body)
	}
}

func TestTheFrameIsRefusedBeforeResourceManager(t *testing.T) {
	bare := exchange.Fields{{Name: "Host", Value: "management.azure.com"}, {Name: "Authorization", Value: "Bearer owner"}}
	for name, c := range map[string]struct {
		method, path string
		fields       exchange.Fields // nil leaves them to the client's library
		status       int
		want         string
	}{
		"a POST without a length":       {"POST", groupURL, bare, 411, "<hr><p>HTTP Error 411. The request must be chunked or have a content length.</p>"},
		"a PUT without a length":        {"PUT", groupURL, bare, 411, "Length Required"},
		"a POST of length 0":            {"POST", groupURL, append(bare[:2:2], exchange.Field{Name: "Content-Length", Value: "0"}), 405, "HttpMethodNotAllowed"},
		"a POST in chunks":              {"POST", groupURL, append(bare[:2:2], exchange.Field{Name: "Transfer-Encoding", Value: "chunked"}), 405, "HttpMethodNotAllowed"},
		"a library's POST without body": {"POST", groupURL, nil, 405, "HttpMethodNotAllowed"},
		"a GET":                         {"GET", groupURL, bare, 200, "myResourceGroup"},
		"a DELETE":                      {"DELETE", groupURL, bare, 202, ""},
		"a long URL":                    {"GET", groupURL + "&x=" + strings.Repeat("x", maxURL), bare, 414, "Request URL Too Long"},
		"a control character":           {"GET", "/subscriptions/%01?api-version=2021-04-01", bare, 400, "Bad Request - Invalid URL"},
	} {
		w := newWorld(t)
		req, err := http.NewRequest(c.method, "https://management.azure.com"+strings.ReplaceAll(c.path, "{s}", w.sub), nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.fields != nil {
			req = req.WithContext(network.WithFields(req.Context(), c.fields))
		} else {
			req.Header.Set("Authorization", "Bearer owner")
		}
		res, err := w.card.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 4096)
		n, _ := res.Body.Read(b)
		if res.StatusCode != c.status || !strings.Contains(string(b[:n]), c.want) {
			t.Errorf("%s: %s %s", name, res.Status, b[:n])
		}
		if log := w.arm.State().Log; (len(log) > 0) != (c.method == "DELETE") {
			t.Errorf("%s: the activity log tells %+v", name, log)
		}
	}
}

func TestTheActivityLog(t *testing.T) {
	w := shelf(t)
	var gone []string
	w.arm.Register(kiln(&gone))
	w.do(t, "PUT", kilnURL, "Bearer owner", `{"location":"westus"}`)
	w.do(t, "DELETE", groupURL, "Bearer app", "")
	w.do(t, "GET", groupURL, "Bearer owner", "")
	w.arm.Clock.Advance(time.Minute)
	const log = "/subscriptions/{s}/providers/Microsoft.Insights/eventtypes/management/values?api-version=2015-04-01&$filter="
	const from = "eventTimestamp ge '2026-11-24T00:00:00Z'"
	for _, c := range []struct {
		filter string
		status int
		want   string // operation:status, newest first, or a part of the error
	}{
		{from + " and resourceUri eq '" + strings.ReplaceAll(kilnPath, "{s}", w.sub) + "'", 200, "Microsoft.Example/kilns/write:Succeeded Microsoft.Example/kilns/write:Accepted Microsoft.Example/kilns/write:Started"},
		{from + " and status eq 'failed'", 200, "Microsoft.Resources/subscriptions/resourceGroups/delete:Failed"},
		{from + " and caller eq 'app' and status eq 'Started'", 200, "Microsoft.Resources/subscriptions/resourceGroups/delete:Started"},
		{from + " and resourceProvider eq 'Microsoft.Example' and status eq 'Succeeded'", 200, "Microsoft.Example/kilns/write:Succeeded Microsoft.Example/lamps/write:Succeeded Microsoft.Example/lamps/write:Succeeded Microsoft.Example/lamps/write:Succeeded"},
		{from + " and eventTimestamp le '2026-11-24T01:00:00Z'", 200, ""},
		{from + " and resourceGroupName eq 'other'", 200, ""},
		{"", 400, "must give the beginning"},
		{"eventTimestamp ge 'soon'", 400, "no valid time"},
		{"colour eq 'red'", 400, "not supported"},
	} {
		res, body := w.do(t, "GET", log+strings.NewReplacer(" ", "%20", "'", "%27").Replace(c.filter), "Bearer owner", "")
		var got struct {
			Value []struct {
				OperationName, Status struct{ Value string }
			}
			Error struct{ Message string }
		}
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, e := range got.Value {
			lines = append(lines, e.OperationName.Value+":"+e.Status.Value)
		}
		s := strings.Join(lines, " ")
		if res.StatusCode != c.status || c.status == 200 && s != c.want || !strings.Contains(s+got.Error.Message, c.want) {
			t.Errorf("%s: %s\n%s\nwant %s", c.filter, res.Status, s+got.Error.Message, c.want)
		}
	}
	if res, _ := w.do(t, "GET", strings.TrimSuffix(log, "&$filter="), "Bearer app", ""); res.StatusCode != 403 {
		t.Errorf("without a role: %s", res.Status)
	}
}

func FuzzFilter(f *testing.F) {
	for _, s := range []string{"", "name eq 'a'", "tagName eq 'it''s' and (a ne null or substringof('x',name))", "startswith(name,'", "((("} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		keep, err := parseFilter(text)
		if (keep == nil) != (err != nil) {
			t.Fatalf("%q: a filter and an error, or neither: %v", text, err)
		}
		if keep != nil {
			keep(Resource{Name: "a", Tags: ojson.Obj("k", "v")}.values)
		}
	})
}
