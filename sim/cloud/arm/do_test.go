package arm

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"skylab/sim/ojson"
)

// batch is a type that makes one kiln after the other in the name of whoever
// wrote it, as a deployment does: its operation goes on until the last one is
// there.
func batch() *Type {
	return &Type{
		Namespace: "Microsoft.Example", Name: "batches", Versions: []string{"2024-01-01"},
		Async: &Async{Create: time.Second, Update: time.Second, Retry: 5},
		Put: func(_ *ARM, x *Request, _, r *Resource) error {
			as, err := ojson.Decode(must(json.Marshal(x.Caller())))
			r.Private = ojson.Obj("as", as, "left", r.Properties.Str("kilns"), "correlation", x.Correlation())
			return err
		},
		Continue: func(a *ARM, op Operation) (Operation, bool) {
			r, _ := a.Resource(op.Target)
			if id := r.Private.Str("waits"); id != "" {
				if made, ok := a.Operation(id); !ok || made.Failure != nil {
					return op, false
				}
			}
			name, rest, _ := strings.Cut(r.Private.Str("left"), " ")
			if name == "" {
				return op, false
			}
			var as Caller
			if err := json.Unmarshal(must(ojson.Marshal(r.Private.Obj("as"))), &as); err != nil {
				panic(err)
			}
			out := a.Do(context.Background(), Call{Method: "PUT", Path: r.Group() + "/providers/Microsoft.Example/kilns/" + name, Version: "2024-01-01", Body: ojson.Obj("location", r.Location), As: as, Correlation: r.Private.Str("correlation"), At: op.End})
			if out.Err != nil {
				op.Failure = out.Err
				return op, false
			}
			r.Private.Set("left", rest)
			r.Private.Set("waits", out.Operation)
			a.Keep(r)
			made, _ := a.Operation(out.Operation)
			op.End = made.End
			return op, true
		},
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func TestAResourceMakesOthersInItsCallersName(t *testing.T) {
	w := newWorld(t)
	var gone []string
	w.arm.Register(kiln(&gone), batch())
	const url = rgPath + "/providers/Microsoft.Example/batches/b?api-version=2024-01-01"
	put := func(names string) string {
		t.Helper()
		res, body := w.do(t, "PUT", url, "Bearer owner", `{"location":"westus","properties":{"kilns":"`+names+`"}}`)
		if res.StatusCode >= 300 {
			t.Fatalf("%s %s", res.Status, body)
		}
		return path(res.Header.Get("Azure-AsyncOperation"))
	}
	poll := put("one two")
	begun := w.arm.Clock.Now()
	for _, c := range []struct {
		after  time.Duration // since the PUT
		status string
		kilns  int
	}{{0, "InProgress", 0}, {2 * time.Second, "InProgress", 1}, {22 * time.Second, "InProgress", 2}, {42 * time.Second, "Succeeded", 2}} {
		w.arm.Clock.Advance(begun.Add(c.after).Sub(w.arm.Clock.Now()))
		if _, body := w.do(t, "GET", poll, "Bearer owner", ""); !strings.Contains(body, c.status) || len(w.arm.ResourcesOf("Microsoft.Example/kilns")) != c.kilns {
			t.Errorf("after %v: %s, %d kilns", c.after, body, len(w.arm.ResourcesOf("Microsoft.Example/kilns")))
		}
	}
	op, _ := w.arm.Operation(poll[strings.LastIndex(poll, "/")+1 : strings.Index(poll, "?")])
	if got := op.End.Sub(op.Start); got != 41*time.Second {
		t.Errorf("one step of the clock made it last %v", got)
	}
	log := w.arm.State().Log
	if len(log) == 0 || log[0].Correlation != log[len(log)-1].Correlation {
		t.Errorf("the log does not join the calls: %+v", log)
	}
	put("three four")
	w.arm.Clock.Advance(time.Hour)
	w.arm.Settle()
	if n := len(w.arm.ResourcesOf("Microsoft.Example/kilns")); n != 4 {
		t.Errorf("an hour later there are %d kilns", n)
	}
	put("five six")
	w.arm.Finish()
	if n := len(w.arm.ResourcesOf("Microsoft.Example/kilns")); n != 6 {
		t.Errorf("finished at once, there are %d kilns", n)
	}
	poll = put("bad/name")
	w.arm.Finish()
	if _, body := w.do(t, "GET", poll, "Bearer owner", ""); !strings.Contains(body, `"Failed"`) || !strings.Contains(body, `"error": {`) {
		t.Errorf("a call that is refused: %s", body)
	}
}

func TestCalls(t *testing.T) {
	w := newWorld(t)
	var gone []string
	w.arm.Register(kiln(&gone), lamp)
	group := "/subscriptions/" + w.sub + "/resourceGroups/myResourceGroup"
	owner, app := Caller{ObjectID: "owner"}, Caller{ObjectID: "app", AppID: "app-id"}
	lampPath, red := group+"/providers/Microsoft.Example/lamps/my lamp", ojson.Obj("location", "westus", "properties", ojson.Obj("colour", "red"))
	for _, c := range []struct {
		name      string
		call      Call
		status    int
		code      string // of the refusal
		body      string
		operation bool
	}{
		{"no role", Call{Method: "PUT", Path: lampPath, Body: red, As: app}, 403, "AuthorizationFailed", "", false},
		{"no body", Call{Method: "PUT", Path: lampPath, As: owner}, 400, "InvalidRequestContent", "", false},
		{"a PUT", Call{Method: "PUT", Path: lampPath, Body: red, As: owner}, 201, "", `"colour":"red"`, false},
		{"a GET", Call{Method: "GET", Path: lampPath, As: owner}, 200, "", `"name":"my lamp"`, false},
		{"an action", Call{Method: "POST", Path: lampPath + "/switchOn", As: owner}, 200, "", "null", false},
		{"what takes time", Call{Method: "PUT", Path: group + "/providers/Microsoft.Example/kilns/k", Body: red, As: owner}, 201, "", `"Creating"`, true},
		{"unknown to Azure", Call{Method: "PUT", Path: group + "/providers/Microsoft.Nowhere/x/y", Body: red, As: owner}, 404, "InvalidResourceNamespace", "", false},
	} {
		c.call.Version = "2024-01-01"
		left := w.arm.State().Remaining["writes"]
		out := w.arm.Do(t.Context(), c.call)
		code := ""
		if out.Err != nil {
			code = out.Err.Code
		}
		if body := string(must(ojson.Marshal(out.Body))); out.Status != c.status || code != c.code || !strings.Contains(body, c.body) || (out.Operation != "") != c.operation {
			t.Errorf("%s: %+v %s", c.name, out, body)
		}
		if w.arm.State().Remaining["writes"] != left {
			t.Errorf("%s was counted", c.name)
		}
	}
}

func TestTypesByName(t *testing.T) {
	w := newWorld(t)
	w.arm.Register(lamp)
	for _, c := range []struct{ name, version, location, want string }{
		{"microsoft.example/Lamps", "2024-01-01", "West US", ""},
		{"Microsoft.Example/lamps", "2024-01-01", "", ""},
		{"Microsoft.Example/lamps", "2024-01-01", "eastus", "LocationNotAvailableForResourceType"},
		{"Microsoft.Example/lamps", "2020-01-01", "westus", "NoRegisteredProviderFound: No registered resource provider found for location 'westus' and API version '2020-01-01' for type 'lamps'. The supported api-versions are '2023-01-01, 2024-01-01'. The supported locations are 'westus'."},
		{"Microsoft.Nowhere/x", "2024-01-01", "", "InvalidResourceNamespace"},
		{"Microsoft.Compute/nothing", "2024-01-01", "", "InvalidResourceType"},
		{"Microsoft.Web/sites", "2024-01-01", "", "NotSimulated: skylab: Microsoft.Web/sites is real but not simulated here"},
	} {
		got := ""
		if _, err := w.arm.TypeOf(c.name, c.version, c.location); err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

func TestWhatAzureHasAndWeLack(t *testing.T) {
	w := newWorld(t)
	w.arm.Register(lamp)
	const v = "?api-version=2021-04-01"
	for _, c := range []struct {
		method, path string
		status       int
		want         string
	}{
		{"POST", rgPath + "/moveResources" + v, 501, "skylab: Microsoft.Resources moveResources is real but not simulated here"},
		{"POST", rgPath + "/validateMoveResources" + v, 501, "validateMoveResources"},
		{"POST", rgPath + "/exportTemplate" + v, 501, "exportTemplate"},
		{"PUT", rgPath + "/providers/Microsoft.Authorization/locks/l" + v, 501, "skylab: Microsoft.Authorization/locks is real but not simulated here"},
		{"PUT", rgPath + "/providers/Microsoft.Authorization/policyAssignments/p" + v, 501, "Microsoft.Authorization/policyAssignments"},
		{"PUT", rgPath + "/providers/Microsoft.Example/lamps/a/providers/Microsoft.Insights/diagnosticSettings/d" + v, 501, "skylab: Microsoft.Insights/diagnosticSettings is real but not simulated here"},
		{"PUT", rgPath + "/providers/Microsoft.Example/lamps/a/providers/Microsoft.Example/lamps/b?api-version=2024-01-01", 404, "InvalidResourceType"},
		{"GET", "/providers/Microsoft.Management/managementGroups" + v, 501, "skylab: Microsoft.Management/managementGroups is real but not simulated here"},
		{"GET", "/providers/Microsoft.Example/lamps?api-version=2024-01-01", 404, "MissingSubscription"},
		{"GET", rgPath + "/providers/Microsoft.Web/sites/x" + v, 501, "skylab: Microsoft.Web/sites is real but not simulated here"},
		{"GET", rgPath + "/providers/Microsoft.Web/cites/x" + v, 404, "InvalidResourceType"},
		{"GET", "/subscriptions/{s}/nothing" + v, 404, "NotFound"},
		{"GET", rgPath + "/moveResources" + v, 405, "HttpMethodNotAllowed"},
	} {
		if res, body := w.do(t, c.method, c.path, "Bearer owner", "{}"); res.StatusCode != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s %s: %s %s", c.method, c.path, res.Status, body)
		}
	}
}
