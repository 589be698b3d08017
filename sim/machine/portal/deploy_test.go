package portal

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"skylab/sim/clock"
	"skylab/sim/ids"
	"skylab/sim/machine/portal/blade"
	"skylab/sim/ojson"
)

// azure is the part of Azure that a deployment needs, as facts/azure-wire.md
// §4.6 and §4.13 give it, so that the blades stand on the contract alone.
type azure struct {
	t *testing.T
	// deployments are the bodies of those that were put, by name; fails is what
	// goes wrong with them.
	deployments map[string]*ojson.Object
	fails       string // "", "validation", "deployment", "refused"
	polls       int
	asked       []string // method and path of each request
}

const at = "/subscriptions/11111111-1111-4111-8111-111111111111"

func (a *azure) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	body := ""
	if r.Body != nil {
		data, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		body = string(data)
	}
	w.Header().Set("Content-Type", "application/json")
	a.asked = append(a.asked, r.Method+" "+r.URL.Path)
	name, sub := "", ""
	if rest, ok := strings.CutPrefix(strings.ToLower(r.URL.Path), strings.ToLower(at+"/resourceGroups/rg"+deploymentsPath)); ok {
		name, sub, _ = strings.Cut(strings.TrimPrefix(r.URL.Path[len(r.URL.Path)-len(rest):], "/"), "/")
	}
	switch {
	case strings.HasSuffix(r.URL.Path, "/authorize"):
		w.Header().Set("Location", redirect+"?code=c&state="+r.URL.Query().Get("state"))
		w.WriteHeader(302)
	case strings.HasSuffix(r.URL.Path, "/token"):
		fmt.Fprint(w, `{"access_token":"t","refresh_token":"r","expires_in":3600}`)
	case r.URL.Path == "/subscriptions":
		fmt.Fprintf(w, `{"value":[{"id":%q,"displayName":"Mine"}]}`, at)
	case strings.HasSuffix(r.URL.Path, "/resourcegroups"):
		fmt.Fprintf(w, `{"value":[{"id":"%s/resourceGroups/rg","name":"rg"}]}`, at)
	case sub == "validate":
		if a.fails == "validation" {
			w.WriteHeader(400)
			fmt.Fprint(w, `{"error":{"code":"InvalidTemplate","message":"Deployment template validation failed: 'x'."}}`)
			break
		}
		fmt.Fprint(w, `{"properties":{}}`)
	case sub == "operations":
		fmt.Fprintf(w, `{"value":[{"id":"o1","operationId":"1","properties":{"provisioningOperation":"Create","provisioningState":%q,"statusCode":"Conflict","statusMessage":{"error":{"code":"SkuNotAvailable","message":"not here"}},"targetResource":{"id":"%s/resourceGroups/rg/providers/A/b/c","resourceType":"A/b","resourceName":"c"}}},{"id":"o2","operationId":"2","properties":{"provisioningOperation":"EvaluateDeploymentOutput","provisioningState":"Succeeded","statusCode":"OK"}}]}`, a.state(), at)
	case sub == "exportTemplate":
		fmt.Fprintf(w, `{"template":%s}`, mustJSON(a.deployments[name].At("properties", "template")))
	case strings.HasPrefix(sub, "operationStatuses"):
		a.polls++
		switch {
		case a.polls < 3:
			fmt.Fprint(w, `{"status":"Running"}`)
		case a.fails == "deployment":
			fmt.Fprint(w, `{"status":"Failed","error":{"code":"DeploymentFailed","message":"At least one resource deployment operation failed.","details":[{"code":"SkuNotAvailable","message":"not here","details":[{"code":"Deeper","message":"no"}]}]}}`)
		default:
			fmt.Fprint(w, `{"status":"Succeeded"}`)
		}
	case name == "" && strings.Contains(r.URL.Path, "/deployments"):
		var list []any
		for name := range a.deployments {
			list = append(list, a.shown(name))
		}
		fmt.Fprint(w, mustJSON(ojson.Obj("value", list)))
	case name != "" && r.Method == "PUT":
		if a.fails == "refused" {
			w.WriteHeader(403)
			fmt.Fprint(w, `{"error":{"code":"AuthorizationFailed","message":"no"}}`)
			break
		}
		o := &ojson.Object{}
		if err := o.UnmarshalJSON([]byte(body)); err != nil {
			a.t.Errorf("the body %s: %v", body, err)
		}
		a.deployments[name] = o
		w.Header().Set("Azure-AsyncOperation", managementHost+r.URL.Path+"/operationStatuses/1?api-version="+deploymentsV)
		w.WriteHeader(201)
		fmt.Fprint(w, mustJSON(a.shown(name)))
	case name != "" && r.Method == "DELETE":
		delete(a.deployments, name)
		w.Header().Set("Location", managementHost+at+"/operationresults/x?api-version="+deploymentsV)
		w.WriteHeader(202)
	case strings.Contains(r.URL.Path, "/operationresults/"):
		if a.polls++; a.polls < 5 {
			w.WriteHeader(202)
		} else {
			w.WriteHeader(204)
		}
	case name != "" && a.deployments[name] != nil:
		fmt.Fprint(w, mustJSON(a.shown(name)))
	default:
		w.WriteHeader(404)
		fmt.Fprint(w, `{"error":{"code":"DeploymentNotFound","message":"gone"}}`)
	}
	return w.Result(), nil
}

func (a *azure) state() string {
	if a.fails == "deployment" {
		return "Failed"
	}
	return "Succeeded"
}

func (a *azure) shown(name string) *ojson.Object {
	p := ojson.Obj("parameters", ojson.Obj("size", ojson.Obj("type", "Int", "value", json.Number("2")), "secret", ojson.Obj("type", "SecureString")), "mode", "Incremental", "provisioningState", a.state(), "timestamp", "2026-11-24T10:00:00Z", "duration", "PT20S", "correlationId", "c",
		"outputs", ojson.Obj("id", ojson.Obj("type", "String", "value", "made"), "list", ojson.Obj("type", "Array", "value", []any{json.Number("1")})))
	if a.fails == "deployment" {
		p.Set("error", ojson.Obj("code", "DeploymentFailed", "message", "At least one resource deployment operation failed.", "details", []any{ojson.Obj("code", "SkuNotAvailable", "message", "not here")}))
	}
	return ojson.Obj("id", at+"/resourceGroups/rg"+deploymentsPath+"/"+name, "name", name, "properties", p)
}

const sample = `{ // made by hand
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0",
  "parameters": {
    "name": {"type": "string", "minLength": 3, "maxLength": 5, "metadata": {"description": "What it is called"}},
    "size": {"type": "int", "defaultValue": 2, "minValue": 1, "maxValue": 3},
    "place": {"type": "String", "defaultValue": "[resourceGroup().location]"},
    "tier": {"type": "string", "allowedValues": ["Basic", "Standard"], "defaultValue": "Basic"},
    "big": {"type": "bool", "defaultValue": false},
    "secret": {"type": "secureString"},
    "more": {"type": "object", "defaultValue": {}}
  }, /* nothing */ "resources": [], "variables": {"a": "// no comment"} }`

func newPortal(t *testing.T, fails string) (*Portal, *azure) {
	a := &azure{t: t, deployments: map[string]*ojson.Object{}, fails: fails}
	return New(Config{Transport: a, Clock: clock.New(time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)), IDs: ids.New("t"), Account: "admin@contoso.com"}), a
}

func walk(t *testing.T, p *Portal, steps ...string) string {
	t.Helper()
	var b blade.Blade
	for _, step := range steps {
		parts := strings.Split(step, "|")
		a := blade.Action{Target: parts[0], Values: map[string]string{}}
		if strings.HasPrefix(parts[0], "/") {
			a = blade.Action{Path: parts[0]}
		}
		for _, kv := range parts[1:] {
			k, v, _ := strings.Cut(kv, "=")
			a.Values[k] = v
		}
		var err error
		if b, err = p.Do(t.Context(), a); err != nil {
			t.Fatalf("%s: %v\n%s", step, err, blade.Text(b))
		}
	}
	return blade.Text(b)
}

var filled = []string{"/create/deployment", "create.next|template=" + sample, "create.group.rg", "create.parameter:tier.Standard", "create.next|parameter:name=abc|parameter:secret=s3cret"}

func TestATemplateIsDeployed(t *testing.T) {
	p, a := newPortal(t, "")
	text := walk(t, p, filled[:2]...)
	for _, want := range []string{"name:  [create.parameter:name]", "size: 2 [create.parameter:size]", "place: [resourceGroup().location]", "tier: Basic [create.parameter:tier] .Basic .Standard", "big: false [create.parameter:big] .true .false"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	text = walk(t, p, filled[2:]...)
	for _, want := range []string{"Validation passed", "secret: ********", "tier: Standard", "< Create > [create.submit]\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if strings.Contains(text, "s3cret") {
		t.Error("the secret is shown")
	}
	text = walk(t, p, "create.submit")
	for _, want := range []string{"(done) Deployed to resource group 'rg': Successfully deployed to resource group 'rg'. It took 30s.", "Your deployment is complete", "EvaluateDeploymentOutput", "Duration: PT20S"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	for name, o := range a.deployments {
		if !strings.HasPrefix(name, "Microsoft.Template-20261124") {
			t.Errorf("the deployment is named %s", name)
		}
		if got := mustJSON(o.At("properties", "parameters")); got != `{"name":{"value":"abc"},"tier":{"value":"Standard"},"secret":{"value":"s3cret"}}` {
			t.Errorf("parameters %s", got)
		}
		if o.Str("properties", "mode") != "Incremental" || o.Str("properties", "template", "variables", "a") != "// no comment" {
			t.Errorf("%s", mustJSON(o))
		}
	}
	for target, want := range map[string]string{"deployment.tab.outputs": "id: made\n  list: [1]", "deployment.tab.inputs": "size: 2\n  secret: (secure)", "deployment.tab.template": `"a": "// no comment"`} {
		if text := walk(t, p, target); !strings.Contains(text, want) {
			t.Errorf("%s: %q is not in\n%s", target, want, text)
		}
	}
	if text := walk(t, p, "menu.deployments"); !strings.Contains(text, "| Succeeded | 2026-11-24T10:00:00Z | PT20S [deployment.Microsoft.Template-") {
		t.Errorf("the history\n%s", text)
	}
	var name string
	for name = range a.deployments {
	}
	if text := walk(t, p, "deployment."+name, "deployment.delete", "confirm.yes"); !strings.Contains(text, "(done) Deleted deployment") || !strings.Contains(text, "No deployments to display") {
		t.Errorf("after the deletion\n%s", text)
	}
}

func TestDeploymentsThatFail(t *testing.T) {
	for _, c := range []struct {
		fails string
		steps []string
		want  []string
	}{
		{"", []string{"/create/deployment", "step.review|template={"}, []string{"Unable to parse the template: the template is not valid JSON"}},
		{"", []string{"/create/deployment", "step.review|template=[]"}, []string{"the template is not a JSON object"}},
		{"", []string{"/create/deployment", "step.review|template={}"}, []string{`the template has no "$schema"`}},
		{"", []string{"/create/deployment", "step.review|template=" + strings.Replace(sample, `{"type": "secureString"}`, "1", 1)}, []string{`the parameter "secret" of the template is not an object`}},
		{"", []string{"/create/deployment", "step.review|template=" + sample}, []string{"Validation failed.", "Resource group: (The value must not be empty.)", "name: (The value must not be empty.)", "secret: (The value must not be empty.)"}},
		{"", append(filled[:3:3], "create.parameter:name|parameter:name=ab"), []string{"! The value must have a length of at least 3."}},
		{"", append(filled[:3:3], "create.parameter:name|parameter:name=abcdef"), []string{"! The value must have a length of at most 5."}},
		{"", append(filled[:3:3], "create.parameter:size|parameter:size=x"), []string{"! The value must be an integer."}},
		{"", append(filled[:3:3], "create.parameter:size|parameter:size=0"), []string{"! The value must be greater than or equal to 1."}},
		{"", append(filled[:3:3], "create.parameter:size|parameter:size=4"), []string{"! The value must be less than or equal to 3."}},
		{"", append(filled[:3:3], "create.parameter:more|parameter:more=[]"), []string{"more: [] [create.parameter:more]"}},
		{"", append(filled[:3:3], "create.parameter:more|parameter:more=x"), []string{"! The value must be valid JSON."}},
		{"", append(filled[:3:3], "create.parameter:tier|parameter:tier=Huge"), []string{"! The value is not one of the options."}},
		{"validation", filled, []string{"(error) Validation failed: InvalidTemplate: Deployment template validation failed: 'x'.", "(Validation failed."}},
		{"deployment", append(filled[:5:5], "create.submit"), []string{"(error) Deployment failed: DeploymentFailed: At least one resource deployment operation failed.\nSkuNotAvailable: not here\nDeeper: no", "Your deployment failed", "Error details", "Details: SkuNotAvailable: not here", "c | A/b | Conflict | Failed: SkuNotAvailable: not here"}},
		{"refused", append(filled[:5:5], "create.submit"), []string{"(error) Deployment failed: AuthorizationFailed: no", "[create.submit]"}},
		{"", []string{at + "/resourceGroups/rg/-/deployments/none"}, []string{"DeploymentNotFound: gone"}},
	} {
		p, _ := newPortal(t, c.fails)
		text := walk(t, p, c.steps...)
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s %s: %q is not in\n%s", c.fails, c.steps[len(c.steps)-1], want, text)
			}
		}
	}
}

// TestOperationsOfElsewhereAreNotFollowed: a token is not sent to a host that an
// answer names.
func TestOperationsOfElsewhereAreNotFollowed(t *testing.T) {
	p, _ := newPortal(t, "")
	p.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		switch {
		case strings.HasSuffix(r.URL.Path, "/authorize"), strings.HasSuffix(r.URL.Path, "/token"):
			a := &azure{t: t}
			return a.RoundTrip(r)
		case r.URL.Host != "management.azure.com":
			t.Errorf("the portal went to %s with its token", r.URL)
		default:
			w.Header().Set("Azure-AsyncOperation", "https://elsewhere.example/x")
			w.WriteHeader(202)
		}
		return w.Result(), nil
	})
	if _, err := p.run(t.Context(), "POST", managementHost+"/x", nil); err == nil || !strings.Contains(err.Error(), "elsewhere.example") {
		t.Errorf("%v", err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func FuzzTemplate(f *testing.F) {
	f.Add(sample)
	f.Add(`{"$schema":"","contentVersion":"","resources":[],"parameters":{"a":{"type":"int","defaultValue":null,"allowedValues":[null]}}}`)
	f.Add(`/* { "a" */ // "`)
	f.Fuzz(func(t *testing.T, text string) {
		if got := withoutComments(text); len(got) != len(text) || withoutComments(got) != got {
			t.Fatalf("%q becomes %q", text, got)
		}
		_, parameters, inputs, err := template(text)
		if err != nil {
			return
		}
		if len(parameters) != len(inputs) {
			t.Fatalf("%d parameters, %d fields", len(parameters), len(inputs))
		}
		for i, p := range parameters {
			inputs[i].check(inputs[i].value)
			inputs[i].check(text)
			p.value(text)
			if _, sent := p.value(inputs[i].value); sent && p.standard != nil {
				t.Fatalf("the default of %q is sent", p.name)
			}
		}
	})
}
