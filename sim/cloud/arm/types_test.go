package arm

import (
	"net/http"
	"strings"
	"testing"

	"skylab/sim/ojson"
)

// lamp is the worked example of adding a resource type: a table, a hook that
// refuses and fills in, an action and a further read.
var lamp = &Type{
	Namespace: "Microsoft.Example", Name: "lamps", Versions: []string{"2024-01-01", "2023-01-01"}, Locations: []string{"westus"},
	Put: func(_ *ARM, _ *Request, old, r *Resource) error {
		if r.Properties.Str("colour") == "" {
			return &Error{Status: http.StatusBadRequest, Code: "InvalidParameter", Message: "Required parameter 'colour' is missing (null)."}
		}
		if old == nil {
			r.Private = ojson.Obj("on", "false")
		}
		r.Properties.Set("provisioningState", "Succeeded")
		return nil
	},
	Actions: map[string]Action{"switchon": {Name: "switchOn", Do: func(_ *ARM, x *Request, r *Resource) error {
		r.Private.Set("on", "true")
		x.W.WriteHeader(http.StatusOK)
		return nil
	}}},
	Reads: map[string]Read{"state": {Do: func(_ *ARM, x *Request, r Resource) error {
		x.Answer(http.StatusOK, ojson.Obj("on", r.Private.Str("on")))
		return nil
	}}},
}

func TestAResourceTypeIsATable(t *testing.T) {
	w := newWorld(t)
	w.arm.Register(lamp)
	const base = "/subscriptions/{s}/resourceGroups/myResourceGroup/providers/Microsoft.Example/lamps"
	const one, v = base + "/desk", "?api-version=2024-01-01"
	want := `{"id":"/subscriptions/` + w.sub + `/resourceGroups/myResourceGroup/providers/Microsoft.Example/lamps/desk","name":"desk","type":"Microsoft.Example/lamps","location":"westus","properties":{"colour":"red","provisioningState":"Succeeded"}}`
	for _, c := range []struct {
		method, path, who, body string
		status                  int
		want                    string
	}{
		{"GET", one + v, "owner", "", 404, `{"error":{"code":"ResourceNotFound"`},
		{"PUT", one + v, "owner", `{"location":"westus"}`, 400, `{"error":{"code":"InvalidParameter"`},
		{"PUT", one + v, "owner", `{"properties":{"colour":"red"}}`, 400, `{"error":{"code":"LocationRequired"`},
		{"PUT", one + v, "app", `{"location":"West US","properties":{"colour":"red"}}`, 403, `{"error":{"code":"AuthorizationFailed","message":"The client 'app-id' with object id 'app' does not have authorization to perform action 'Microsoft.Example/lamps/write'`},
		{"PUT", one + v, "owner", `{"location":"West US","properties":{"colour":"red"}}`, 201, want},
		{"PUT", one + v, "owner", `{"location":"westus","properties":{"colour":"red"}}`, 200, want},
		{"PUT", one + v, "owner", `{"location":"eastus","properties":{"colour":"red"}}`, 409, `{"error":{"code":"InvalidResourceLocation"`},
		{"PATCH", one + v, "owner", `{"tags":{"a":"b"},"properties":{"Colour":"blue"}}`, 200, strings.Replace(strings.Replace(want, "red", "blue", 1), `"properties"`, `"tags":{"a":"b"},"properties"`, 1)},
		{"PATCH", base + "/none" + v, "owner", `{}`, 404, `{"error":{"code":"ResourceNotFound"`},
		{"GET", strings.ToUpper(strings.ReplaceAll(one, "{s}", w.sub)) + v, "owner", "", 200, strings.Replace(strings.Replace(want, "red", "blue", 1), `"properties"`, `"tags":{"a":"b"},"properties"`, 1)},
		{"GET", one + "?api-version=2000-01-01", "owner", "", 400, `{"error":{"code":"NoRegisteredProviderFound","message":"No registered resource provider found for location 'westus' and API version '2000-01-01' for type 'lamps'. The supported api-versions are '2023-01-01, 2024-01-01'. The supported locations are 'westus'."}}`},
		{"GET", one + "/state" + v, "owner", "", 200, `{"on":"false"}`},
		{"POST", one + "/switchOn" + v, "app", "", 403, `{"error":{"code":"AuthorizationFailed","message":"The client 'app-id' with object id 'app' does not have authorization to perform action 'Microsoft.Example/lamps/switchOn/action'`},
		{"POST", one + "/switchon" + v, "owner", "", 200, ""},
		{"GET", one + "/state" + v, "owner", "", 200, `{"on":"true"}`},
		{"POST", one + "/dance" + v, "owner", "", 501, `{"error":{"code":"NotSimulated","message":"skylab: Microsoft.Example/lamps/dance is real but not simulated here"}}`},
		{"GET", "/subscriptions/{s}/providers/Microsoft.Example/lamps" + v, "owner", "", 200, `{"value":[{"id":`},
		{"GET", base + v, "app", "", 403, `{"error":{"code":"AuthorizationFailed"`},
		{"DELETE", one + v, "owner", "", 200, ""},
		{"DELETE", one + v, "owner", "", 204, ""},
		{"PUT", "/subscriptions/{s}/resourceGroups/none/providers/Microsoft.Example/lamps/x" + v, "owner", `{"location":"westus"}`, 404, `{"error":{"code":"ResourceGroupNotFound"`},
	} {
		res, body := w.do(t, c.method, c.path, "Bearer "+c.who, c.body)
		if res.StatusCode != c.status || !strings.HasPrefix(body, c.want) || c.want == "" && body != "" {
			t.Errorf("%s %s by %s: %d %s", c.method, c.path, c.who, res.StatusCode, body)
		}
	}
}
