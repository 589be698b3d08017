package cloud

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"skylab/sim/cloud/rbac"
	"skylab/sim/exchange"
	"skylab/sim/ojson"
)

const (
	inGroup   = "/resourceGroups/myResourceGroup/providers/Microsoft.Resources/deployments/"
	atVersion = "?api-version=2021-04-01"
)

// deployment is the body of a deployment, in the form of the Azure CLI, whose
// member template has no quotes.
func deployment(template, parameters, mode string) string {
	return `{"properties": {"parameters": ` + parameters + `, "mode": "` + mode + `", template:` + template + `}}`
}

func fixture(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "templates", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func object(t testing.TB, body string) *ojson.Object {
	t.Helper()
	o := &ojson.Object{}
	if err := o.UnmarshalJSON([]byte(body)); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return o
}

// deploy puts a deployment, lets ten minutes pass and returns it.
func (w *world) deploy(t testing.TB, name, template, parameters, mode string) *ojson.Object {
	t.Helper()
	status, body := w.do(t, "PUT", inGroup+name+atVersion, w.adminToken(t), deployment(template, parameters, mode))
	if status != http.StatusCreated && status != http.StatusOK {
		t.Fatalf("PUT %s: %d %s", name, status, body)
	}
	w.clock.Advance(10 * time.Minute)
	_, body = w.do(t, "GET", inGroup+name+atVersion, w.adminToken(t), "")
	return object(t, body)
}

func bare(resources string) string {
	return `{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0","resources":[` + resources + `]}`
}

func mi(name, more string) string {
	return `{"type":"Microsoft.ManagedIdentity/userAssignedIdentities","apiVersion":"2023-01-31","name":"` + name + `","location":"westus"` + more + `}`
}

func TestADeploymentFromItsBeginningToItsEnd(t *testing.T) {
	w := newWorld(t, "no-vm")
	body := deployment(fixture(t, "article-identity.json"), `{"resourceName":{"value":"tplIdentity"}}`, "Incremental")
	req := w.request(t, "PUT", inGroup+"first"+atVersion, body)
	poll := req.Header.Get("Azure-AsyncOperation")
	if req.StatusCode != 201 || !strings.HasPrefix(poll, "https://management.azure.com"+w.sub+inGroup+"first/operationStatuses/0858") {
		t.Fatalf("%d %v", req.StatusCode, req.Header)
	}
	p := object(t, req.body).Obj("properties")
	if got := strings.Join(p.Keys(), " "); got != "templateHash parameters mode provisioningState timestamp duration correlationId providers dependencies" || p.Str("provisioningState") != "Accepted" {
		t.Errorf("the answer to PUT has %s: %s", got, req.body)
	}
	var states []string
	for range 10 {
		_, b := w.do(t, "GET", poll, w.adminToken(t), "")
		s := object(t, b).Str("status")
		if len(states) == 0 || states[len(states)-1] != s {
			states = append(states, s)
		}
		w.clock.Advance(time.Second)
	}
	if got := strings.Join(states, " "); got != "Accepted Running Succeeded" {
		t.Errorf("it went through %s", got)
	}
	_, b := w.do(t, "GET", inGroup+"first"+atVersion, w.adminToken(t), "")
	o := object(t, b)
	want := `{"resourceName":{"type":"String","value":"tplIdentity"}}|{"identityName":{"type":"String","value":"tplIdentity"}}`
	params, _ := ojson.Marshal(o.At("properties", "parameters"))
	outputs, _ := ojson.Marshal(o.At("properties", "outputs"))
	if got := string(params) + "|" + string(outputs); got != want {
		t.Errorf("got %s", got)
	}
	resources, _ := ojson.Marshal(o.At("properties", "outputResources"))
	if !strings.Contains(string(resources), "/userAssignedIdentities/tplIdentity") || o.Str("properties", "duration") == "PT0S" {
		t.Errorf("%s", b)
	}
	// The CLI leaves the provider out of this address.
	_, b = w.do(t, "GET", "/resourcegroups/myResourceGroup/deployments/first/operations"+atVersion, w.adminToken(t), "")
	ops := object(t, b)
	list, _ := ops.At("value").([]any)
	if len(list) != 2 || !strings.Contains(b, `"provisioningOperation":"Create","provisioningState":"Succeeded"`) || !strings.Contains(b, `"statusCode":"Created"`) || !strings.Contains(b, "EvaluateDeploymentOutput") {
		t.Fatalf("operations: %s", b)
	}
	id := list[0].(*ojson.Object).Str("operationId")
	if s, b := w.do(t, "GET", inGroup+"first/operations/"+id+atVersion, w.adminToken(t), ""); s != 200 || !strings.Contains(b, id) {
		t.Errorf("one operation: %d %s", s, b)
	}
	for _, c := range []struct {
		method, path string
		status       int
		text         string
	}{
		{"HEAD", "first", 204, ""}, {"HEAD", "none", 404, ""}, {"GET", "none", 404, "DeploymentNotFound"},
		{"POST", "first/exportTemplate", 200, `"contentVersion":"1.0.0.0"`}, {"POST", "first/cancel", 409, "DeploymentCannotBeCancelled"},
		{"GET", "first/operationStatuses/1", 404, "DeploymentOperationNotFound"}, {"PATCH", "first", 405, "HttpMethodNotAllowed"},
	} {
		if s, b := w.do(t, c.method, inGroup+c.path+atVersion, w.adminToken(t), ""); s != c.status || !strings.Contains(b, c.text) {
			t.Errorf("%s %s: %d %s", c.method, c.path, s, b)
		}
	}
	if _, b := w.do(t, "GET", strings.TrimSuffix(inGroup, "/")+atVersion+"&$filter=provisioningState+eq+'Failed'", w.adminToken(t), ""); b != `{"value":[]}` {
		t.Errorf("failed ones: %s", b)
	}
	if _, b := w.do(t, "GET", inGroup+atVersion+"&$top=1", w.adminToken(t), ""); !strings.Contains(b, `"name":"first"`) {
		t.Errorf("all: %s", b)
	}
	if _, b := w.do(t, "GET", "/resources?api-version=2021-04-01", w.adminToken(t), ""); strings.Contains(b, "deployments") {
		t.Errorf("a list of resources shows deployments: %s", b)
	}
	res := w.request(t, "DELETE", inGroup+"first"+atVersion, "")
	if res.StatusCode != 202 {
		t.Errorf("DELETE: %d %s", res.StatusCode, res.body)
	}
	w.clock.Advance(time.Minute)
	if s, _ := w.do(t, "GET", inGroup+"first"+atVersion, w.adminToken(t), ""); s != 404 {
		t.Errorf("deleted, it answers %d", s)
	}
	if s, _ := w.do(t, "GET", "/resourceGroups/myResourceGroup/providers/Microsoft.ManagedIdentity/userAssignedIdentities/tplIdentity?api-version=2023-01-31", w.adminToken(t), ""); s != 200 {
		t.Errorf("its resource went with it: %d", s)
	}
}

// result is an answer with its headers.
type result struct {
	*http.Response
	body string
}

func (w *world) request(t testing.TB, method, url, body string) result {
	t.Helper()
	if strings.HasPrefix(url, "/") {
		url = "https://management.azure.com" + w.sub + url
	}
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+w.adminToken(t))
	res, err := w.net.Card(exchange.Caller{Machine: "laptop"}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return result{res, string(data)}
}

func TestTheArticlesTemplates(t *testing.T) {
	w := newWorld(t, "no-vm")
	o := w.deploy(t, "vm", fixture(t, "article-vm.json"), `{"vmName":{"value":"tplVM"},"rbacGuid":{"value":"8a4de8f8-095c-47e0-a96e-a75130c61d53"}}`, "Incremental")
	if o.Str("properties", "provisioningState") != "Succeeded" {
		b, _ := ojson.Marshal(o)
		t.Fatalf("%s", b)
	}
	principal := o.Str("properties", "outputs", "principalId", "value")
	found := false
	for _, x := range w.Access.Assignments() {
		found = found || x.Name == "8a4de8f8-095c-47e0-a96e-a75130c61d53" && x.PrincipalID == principal && strings.HasSuffix(x.Scope, "/resourceGroups/myResourceGroup")
	}
	if principal == "" || !found {
		t.Errorf("principal %q has no role", principal)
	}
	// A state between is plain data: a lab that is restored goes on.
	if _, err := json.Marshal(w.State()); err != nil {
		t.Fatal(err)
	}
	w = newWorld(t, "linux-vm")
	o = w.deploy(t, "extension", fixture(t, "article-extension.json"), `{}`, "Incremental")
	b, _ := ojson.Marshal(o.Obj("properties", "error"))
	if o.Str("properties", "provisioningState") != "Failed" || !strings.Contains(string(b), "skylab: Microsoft.Compute/virtualMachines/extensions is real but not simulated here") {
		t.Errorf("an extension: %s", b)
	}
}

func TestAFailedDeploymentCanBeRunAgain(t *testing.T) {
	w := newWorld(t, "no-vm")
	template := bare(mi("before", "") + `,{"type":"Microsoft.Network/networkInterfaces","apiVersion":"2023-09-01","name":"n","location":"westus","dependsOn":["before"],"properties":{"ipConfigurations":[{"name":"i","properties":{"subnet":{"id":"[resourceId('Microsoft.Network/virtualNetworks/subnets','v','s')]"}}}]}},` + mi("after", `,"dependsOn":["n"]`))
	o := w.deploy(t, "again", template, `{}`, "Incremental")
	problem, _ := ojson.Marshal(o.Obj("properties", "error"))
	if o.Str("properties", "provisioningState") != "Failed" || !strings.HasPrefix(string(problem), `{"code":"DeploymentFailed","message":"At least one resource deployment operation failed. Please list deployment operations for details. Please see https://aka.ms/arm-deployment-operations for usage details.","target":"`+w.sub+inGroup+`again","details":[{"code":"InvalidResourceReference"`) {
		t.Fatalf("%s", problem)
	}
	_, ops := w.do(t, "GET", inGroup+"again/operations"+atVersion, w.adminToken(t), "")
	if strings.Count(ops, `"provisioningState":"Succeeded"`) != 1 || strings.Count(ops, `"provisioningState":"Failed"`) != 1 || strings.Contains(ops, "after") || !strings.Contains(ops, `"statusCode":"BadRequest","statusMessage":{"error":{"code":"InvalidResourceReference"`) {
		t.Errorf("operations: %s", ops)
	}
	exists := func(name string) bool {
		s, _ := w.do(t, "GET", "/resourceGroups/myResourceGroup/providers/Microsoft.ManagedIdentity/userAssignedIdentities/"+name+"?api-version=2023-01-31", w.adminToken(t), "")
		return s == 200
	}
	if !exists("before") || exists("after") {
		t.Error("what was made is gone, or more was made")
	}
	if s, b := w.do(t, "PUT", "/resourceGroups/myResourceGroup/providers/Microsoft.Network/virtualNetworks/v?api-version=2023-09-01", w.adminToken(t), `{"location":"westus","properties":{"addressSpace":{"addressPrefixes":["10.0.0.0/16"]},"subnets":[{"name":"s","properties":{"addressPrefix":"10.0.0.0/24"}}]}}`); s >= 300 {
		t.Fatal(b)
	}
	w.clock.Advance(time.Minute)
	if o = w.deploy(t, "again", template, `{}`, "Incremental"); o.Str("properties", "provisioningState") != "Succeeded" || !exists("after") {
		b, _ := ojson.Marshal(o)
		t.Errorf("run again: %s", b)
	}
}

func TestCompleteModeDeletesTheRest(t *testing.T) {
	w := newWorld(t, "linux-vm")
	o := w.deploy(t, "all", bare(mi("only", "")), `{}`, "Complete")
	if o.Str("properties", "provisioningState") != "Succeeded" {
		b, _ := ojson.Marshal(o)
		t.Fatalf("%s", b)
	}
	_, b := w.do(t, "GET", "/resourceGroups/myResourceGroup/resources?api-version=2021-04-01", w.adminToken(t), "")
	if list, _ := object(t, b).At("value").([]any); len(list) != 1 || !strings.Contains(b, "/only") {
		t.Errorf("left: %s", b)
	}
	if _, ops := w.do(t, "GET", inGroup+"all/operations"+atVersion, w.adminToken(t), ""); !strings.Contains(ops, `"provisioningOperation":"Delete"`) {
		t.Errorf("operations: %s", ops)
	}
}

func TestWhatIf(t *testing.T) {
	w := newWorld(t, "no-vm")
	template := bare(mi("otherId", `,"tags":{"a":"2"}`) + "," + mi("fresh", "") + `,{"type":"Microsoft.Web/sites","apiVersion":"2022-03-01","name":"site","location":"westus","properties":{}}`)
	w.deploy(t, "base", bare(mi("otherId", `,"tags":{"a":"1","b":"x"}`)+","+mi("rest", "")), `{}`, "Incremental")
	whatIf := func(mode string) *ojson.Object {
		res := w.request(t, "POST", inGroup+"x/whatIf"+atVersion, deployment(template, `{}`, mode))
		at := res.Header.Get("Location")
		if res.StatusCode != 202 || res.body != "" || at == "" {
			t.Fatalf("%d %s %v", res.StatusCode, res.body, res.Header)
		}
		if s, b := w.do(t, "GET", at, w.adminToken(t), ""); s != 202 || b != "" {
			t.Errorf("at once: %d %s", s, b)
		}
		w.clock.Advance(time.Minute)
		s, b := w.do(t, "GET", at, w.adminToken(t), "")
		if s != 200 {
			t.Fatalf("%d %s", s, b)
		}
		return object(t, b)
	}
	for mode, want := range map[string]string{"Incremental": "Modify otherId, Create fresh, Unsupported site, Ignore rest", "Complete": "Modify otherId, Create fresh, Unsupported site, Delete rest"} {
		o := whatIf(mode)
		var got []string
		changes, _ := o.At("properties", "changes").([]any)
		for _, c := range changes {
			id := c.(*ojson.Object).Str("resourceId")
			got = append(got, c.(*ojson.Object).Str("changeType")+" "+id[strings.LastIndex(id, "/")+1:])
		}
		if o.Str("status") != "Succeeded" || strings.Join(got, ", ") != want {
			t.Errorf("%s: %v", mode, got)
		}
		delta, _ := ojson.Marshal(changes[0].(*ojson.Object).At("delta"))
		if string(delta) != `[{"path":"tags.a","propertyChangeType":"Modify","before":"1","after":"2"},{"path":"tags.b","propertyChangeType":"Delete","before":"x"}]` {
			t.Errorf("delta %s", delta)
		}
	}
	template = bare(mi("rest", ""))
	if b, _ := ojson.Marshal(whatIf("Incremental")); !strings.Contains(string(b), `userAssignedIdentities/rest","changeType":"NoChange"`) {
		t.Errorf("the same again: %s", b)
	}
	template = bare(mi("[nope()]", ""))
	if b, _ := ojson.Marshal(whatIf("Incremental")); !strings.HasPrefix(string(b), `{"status":"Failed","error":{"code":"InvalidTemplate","message":"Deployment template validation failed: 'The template resource '[nope()]' at line '1' and column '`) {
		t.Errorf("a bad template: %s", b)
	}
}

func TestRefusedDeployments(t *testing.T) {
	w := newWorld(t, "no-vm")
	const schema = `{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0",`
	param := func(p string) string { return schema + `"parameters":{"p":` + p + `},"resources":[]}` }
	for _, c := range []struct {
		name, body string
		status     int
		code, text string
	}{
		{"no body", "", 400, "InvalidRequestContent", ""},
		{"broken JSON", `{"properties": {"mode": "Incremental" "template": {}}}`, 400, "InvalidRequestContent", `The request content was invalid and could not be deserialized: 'After parsing a value an unexpected character was encountered: \". Path 'properties.mode', line 1, position 38.'.`},
		{"no template", `{"properties":{"mode":"Incremental"}}`, 400, "InvalidDeployment", "The deployment 'x' must have either the TemplateLink or Template property set. Please see https://aka.ms/arm-deploy for usage details."},
		{"a link", `{"properties":{"templateLink":{"uri":"https://a/b"},"mode":"Incremental"}}`, 501, "NotSimulated", "skylab: deploying a template by link is real but not simulated here"},
		{"a location", `{"location":"westus","properties":{"template":` + bare("") + `}}`, 400, "InvalidDeployment", "The 'location' property is not allowed for 'x' at resource group scope. Please see https://aka.ms/deploy-to-subscription for usage details."},
		{"no resources", deployment(schema+`}`, `{}`, "Incremental"), 400, "InvalidTemplate", "Deployment template parse failed: 'Required property 'resources' not found in JSON. Path 'properties.template', line 1, position 67.'."},
		{"an unknown member", deployment(schema+`"resources":[],"parameters2":{}}`, `{}`, "Incremental"), 400, "InvalidTemplate", "Deployment template parse failed: 'Could not find member 'parameters2' on object of type 'Template'."},
		{"no value", deployment(param(`{"type":"string"}`), `{}`, "Incremental"), 400, "InvalidTemplate", `Deployment template validation failed: 'The value for the template parameter 'p' at line '1' and column '205' is not provided. Please see https://aka.ms/arm-create-parameter-file for usage details.'.","additionalInfo":[{"type":"TemplateViolation","info":{"lineNumber":1,"linePosition":205,"path":"properties.template.parameters.p"}}]`},
		{"too many", deployment(param(`{"type":"string"}`), `{"p":{"value":"a"},"q":{"value":1}}`, "Incremental"), 400, "InvalidTemplate", "The template parameters 'q' in the parameters file are not valid; they are not present in the original template and can therefore not be provided at deployment time. The only supported parameters for this template are 'p'. Please see https://aka.ms/arm-pass-parameter-values for usage details."},
		{"a wrong type", deployment(param(`{"type":"object"}`), `{"p":{"value":"a"}}`, "Incremental"), 400, "InvalidTemplate", "The provided value for the template parameter 'p' is not valid. Expected a value of type 'Object', but received a value of type 'String'. Please see https://aka.ms/arm-create-parameter-file for usage details."},
		{"not allowed", deployment(param(`{"type":"string","allowedValues":["a","b"]}`), `{"p":{"value":"c"}}`, "Incremental"), 400, "InvalidTemplate", "The provided value 'c' for the template parameter 'p' at line '1' and column '222' is not valid. The parameter value is not part of the allowed value(s): 'a,b'."},
		{"too long", deployment(param(`{"type":"securestring","maxLength":2}`), `{"p":{"value":"secret"}}`, "Incremental"), 400, "InvalidTemplate", "is not valid. Length of the value should be less than or equal to '2'."},
		{"a cycle", deployment(bare(mi("a11", `,"dependsOn":["b11"]`)+","+mi("b11", `,"dependsOn":["a11"]`)), `{}`, "Incremental"), 400, "InvalidTemplate", "Circular dependency detected on resource: '" + w.sub + "/resourceGroups/myResourceGroup/providers/Microsoft.ManagedIdentity/userAssignedIdentities/a11'. Please see https://aka.ms/arm-syntax-resources for usage details."},
		{"nothing to depend on", deployment(bare(mi("a11", `,"dependsOn":["[resourceId('Microsoft.Web/sites', 'func-xyz')]"]`)), `{}`, "Incremental"), 400, "InvalidTemplate", `Deployment template validation failed: 'The resource 'Microsoft.Web/sites/func-xyz' is not defined in the template. Please see https://aka.ms/arm-syntax for usage details.'.","additionalInfo":[{"type":"TemplateViolation","info":{"lineNumber":0,"linePosition":0,"path":""}}]`},
		{"twice", deployment(bare(mi("a11", "")+","+mi("a11", "")), `{}`, "Incremental"), 400, "InvalidTemplate", "is defined multiple times in a template. Please see https://aka.ms/arm-syntax-resources for usage details."},
		{"segments", deployment(bare(`{"type":"A.B/c/d","apiVersion":"2020-01-01","name":"x"}`), `{}`, "Incremental"), 400, "InvalidTemplate", "The template resource 'x' for type 'A.B/c/d' at line '1' and column '216' has incorrect segment lengths. A nested resource type must have identical number of segments as its resource name. A root resource type must have segment length one greater than its resource name."},
		{"the article's quote", deployment(bare(`{"type":"A.B/c","apiVersion":"2020-01-01","name":"x","location":"[parameters(Location')]"}`), `{}`, "Incremental"), 400, "InvalidTemplate", "Deployment template validation failed: 'The template resource 'x' at line '1' and column '200' is not valid: The language expression 'parameters(Location')' is not valid: the string character ''' at position '19' is not expected.. Please see https://aka.ms/arm-functions for usage details.'."},
		{"a variable", deployment(schema+`"variables":{"v":"[resourceGroup().colour]"},"resources":[]}`, `{}`, "Incremental"), 400, "InvalidTemplate", "Deployment template validation failed: 'The template variable 'v' is not valid: The language expression property 'colour' doesn't exist, available properties are 'id, name, type, location, properties'."},
	} {
		for _, verb := range []string{"", "/validate"} {
			method := "PUT"
			if verb != "" {
				method = "POST"
			}
			s, b := w.do(t, method, inGroup+"x"+verb+atVersion, w.adminToken(t), c.body)
			if s != c.status || !strings.Contains(b, `"code":"`+c.code+`"`) || !strings.Contains(b, c.text) {
				t.Errorf("%s%s: %d %s", c.name, verb, s, b)
			}
			if strings.Contains(b, "secret") && c.name == "too long" {
				t.Errorf("a secret is shown: %s", b)
			}
		}
	}
}

// A caller needs the right to deploy and the right to each resource.
func TestDeploymentsAskForEachRight(t *testing.T) {
	w := newWorld(t, "no-vm")
	user := w.Entra.CreateUser("eve", "Eve")
	grant := func(role, name string) {
		if _, err := w.Access.Assign(rbac.Assignment{Name: name, Scope: w.sub + "/resourceGroups/myResourceGroup", RoleID: role, PrincipalID: user.ID}, "x"); err != nil {
			t.Fatal(err)
		}
	}
	token, err := w.Entra.UserToken(user.ID, "c44b4083-3bb0-49c1-b47d-974e53cbdf3c", "https://management.azure.com/")
	if err != nil {
		t.Fatal(err)
	}
	try := func() (int, string) {
		return w.do(t, "PUT", inGroup+"x"+atVersion, token, deployment(bare(mi("mine", "")), `{}`, "Incremental"))
	}
	if s, b := try(); s != 403 || !strings.Contains(b, "Microsoft.Resources/deployments/write") {
		t.Errorf("without a role: %d %s", s, b)
	}
	grant("9980e02c-c2be-4d73-94e8-173b1dc7cf3c", "11111111-1111-4111-8111-111111111111") // Virtual Machine Contributor
	w.clock.Advance(time.Hour / 6)
	if s, b := try(); s != 400 || !strings.Contains(b, `{"error":{"code":"InvalidTemplateDeployment","message":"The template deployment failed with error: 'Authorization failed for template resource 'mine' of type 'Microsoft.ManagedIdentity/userAssignedIdentities'. The client 'eve@`) || !strings.Contains(b, "does not have permission to perform action 'Microsoft.ManagedIdentity/userAssignedIdentities/write' at scope '"+w.sub+"/resourceGroups/myResourceGroup/providers/Microsoft.ManagedIdentity/userAssignedIdentities/mine'.'.") {
		t.Errorf("with one: %d %s", s, b)
	}
	grant("e40ec5ca-96e0-45a2-b4ff-59039f2c2b59", "22222222-2222-4222-8222-222222222222") // Managed Identity Contributor
	w.clock.Advance(time.Hour / 6)
	if s, b := try(); s != 201 {
		t.Errorf("with both: %d %s", s, b)
	}
}

func TestNestedAndLooped(t *testing.T) {
	w := newWorld(t, "no-vm")
	template := `{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0",
	"parameters":{"prefix":{"type":"string"},"password":{"type":"securestring"}},"variables":{"tags":{"env":"[concat('x', '-', parameters('prefix'))]"}},
	"resources":[
	 {"type":"Microsoft.ManagedIdentity/userAssignedIdentities","apiVersion":"2023-01-31","name":"[concat(parameters('prefix'), copyIndex(1))]","location":"[resourceGroup().location]","copy":{"name":"ids","count":3,"mode":"serial","batchSize":2}},
	 {"type":"Microsoft.ManagedIdentity/userAssignedIdentities","apiVersion":"2023-01-31","name":"never","location":"westus","condition":"[equals(length('a'), 2)]"},
	 {"type":"Microsoft.Resources/deployments","apiVersion":"2021-04-01","name":"outer","dependsOn":["ids"],"properties":{"mode":"Incremental","template":{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0","resources":[
	   {"type":"Microsoft.ManagedIdentity/userAssignedIdentities","apiVersion":"2023-01-31","name":"[concat(parameters('prefix'), 'outer')]","location":"westus","tags":"[variables('tags')]"}]}}},
	 {"type":"Microsoft.Resources/deployments","apiVersion":"2021-04-01","name":"inner","resourceGroup":"otherResourceGroup","properties":{"expressionEvaluationOptions":{"scope":"inner"},"mode":"Incremental","parameters":{"n":{"value":"[concat(parameters('prefix'), 'inner')]"}},"template":{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0","parameters":{"n":{"type":"string"}},"resources":[
	   {"type":"Microsoft.ManagedIdentity/userAssignedIdentities","apiVersion":"2023-01-31","name":"[parameters('n')]","location":"westus"}],"outputs":{"made":{"type":"string","value":"[resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', parameters('n'))]"}}}}}
	],
	"outputs":{"names":{"type":"array","copy":{"count":3,"input":"[concat(parameters('prefix'), copyIndex())]"}},"made":{"type":"string","value":"[reference('inner').outputs.made.value]"},"secret":{"type":"securestring","value":"[parameters('password')]"}}}`
	o := w.deploy(t, "n", template, `{"prefix":{"value":"loop"},"password":{"value":"hunter22"}}`, "Incremental")
	b, _ := ojson.Marshal(o)
	text := string(b)
	if o.Str("properties", "provisioningState") != "Succeeded" || !strings.Contains(text, `"names":{"type":"Array","value":["loop0","loop1","loop2"]}`) ||
		!strings.Contains(text, `"made":{"type":"String","value":"`+w.sub+`/resourceGroups/otherResourceGroup/providers/Microsoft.ManagedIdentity/userAssignedIdentities/loopinner"}`) || !strings.Contains(text, `"secret":{"type":"SecureString"}`) || !strings.Contains(text, `"password":{"type":"SecureString"}`) {
		t.Fatalf("%s", text)
	}
	var names []string
	for _, r := range w.ARM.ResourcesOf("Microsoft.ManagedIdentity/userAssignedIdentities") {
		names = append(names, r.Name)
	}
	if got := strings.Join(names, " "); !strings.Contains(got, "loop1 loop2 loop3 loopouter") || !strings.Contains(got, "loopinner") || strings.Contains(got, "never") {
		t.Errorf("made %s", got)
	}
	if state, _ := json.Marshal(w.State()); strings.Contains(string(state), "hunter22") {
		t.Error("the state keeps a secret after the end")
	}
	_, tags := w.do(t, "GET", "/resourceGroups/myResourceGroup/providers/Microsoft.ManagedIdentity/userAssignedIdentities/loopouter?api-version=2023-01-31", w.adminToken(t), "")
	if !strings.Contains(tags, `"env":"x-loop"`) {
		t.Errorf("tags: %s", tags)
	}
}

func TestSubscriptionDeployments(t *testing.T) {
	w := newWorld(t, "no-vm")
	const at = "/providers/Microsoft.Resources/deployments/sub"
	template := `{"$schema":"https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#","contentVersion":"1.0.0.0","resources":[
	 {"type":"Microsoft.Resources/resourceGroups","apiVersion":"2021-04-01","name":"made","location":"eastus","properties":{}},
	 {"type":"Microsoft.Resources/deployments","apiVersion":"2021-04-01","name":"in","resourceGroup":"made","dependsOn":["made"],"properties":{"mode":"Incremental","template":` + bare(mi("within", "")) + `}}]}`
	if s, b := w.do(t, "PUT", at+atVersion, w.admin, deployment(template, `{}`, "Incremental")); s != 400 || !strings.Contains(b, "The 'location' property must be specified for 'sub'. Please see https://aka.ms/deploy-to-subscription for usage details.") {
		t.Errorf("%d %s", s, b)
	}
	s, b := w.do(t, "PUT", at+atVersion, w.admin, `{"location":"West US",`+strings.TrimPrefix(deployment(template, `{}`, "Incremental"), "{"))
	if s != 201 || !strings.Contains(b, `"type":"Microsoft.Resources/deployments","location":"westus"`) {
		t.Fatalf("%d %s", s, b)
	}
	w.clock.Advance(time.Hour / 2)
	_, b = w.do(t, "GET", at+atVersion, w.admin, "")
	if _, ok := w.ARM.Resource(w.sub + "/resourceGroups/made/providers/Microsoft.ManagedIdentity/userAssignedIdentities/within"); !ok || !strings.Contains(b, `"provisioningState":"Succeeded"`) {
		t.Errorf("%s", b)
	}
}

func TestAnActiveDeployment(t *testing.T) {
	w := newWorld(t, "no-vm")
	body := deployment(bare(mi("a11", "")+","+mi("b11", `,"dependsOn":["a11"]`)), `{}`, "Incremental")
	w.do(t, "PUT", inGroup+"x"+atVersion, w.admin, body)
	if s, b := w.do(t, "PUT", inGroup+"x"+atVersion, w.admin, body); s != 409 || !strings.Contains(b, `"code":"DeploymentActive","message":"Unable to edit or replace deployment 'x': previous deployment from '11/24/2026 `) {
		t.Errorf("%d %s", s, b)
	}
	// A lab restored from plain data goes on.
	data, err := json.Marshal(w.State())
	if err != nil {
		t.Fatal(err)
	}
	var st State
	if err := json.Unmarshal(data, &st); err != nil {
		t.Fatal(err)
	}
	w.Restore(st)
	w.clock.Advance(1500 * time.Millisecond)
	if s, _ := w.do(t, "POST", inGroup+"x/cancel"+atVersion, w.admin, ""); s != 204 {
		t.Errorf("cancel: %d", s)
	}
	w.clock.Advance(time.Minute)
	_, b := w.do(t, "GET", inGroup+"x"+atVersion, w.admin, "")
	if _, ok := w.ARM.Resource(w.sub + "/resourceGroups/myResourceGroup/providers/Microsoft.ManagedIdentity/userAssignedIdentities/b11"); ok || !strings.Contains(b, `"Canceled"`) {
		t.Errorf("cancelled: %s", b)
	}
	if o := w.deploy(t, "x", bare(mi("b11", "")), `{}`, "Incremental"); o.Str("properties", "provisioningState") != "Succeeded" {
		t.Errorf("after that: %v", o)
	}
}

// TestSecretsOfARunningDeployment looks for the values of secure parameters in
// all that is kept of a deployment: its state while it runs and at the end, and
// the record of the exchange that began it. It goes on after a reload all the same.
func TestSecretsOfARunningDeployment(t *testing.T) {
	w := newWorld(t, "no-vm")
	template := `{"contentVersion":"1.0.0.0","$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
"parameters":{"pw":{"type":"securestring"},"more":{"type":"SecureObject"},"open":{"type":"string"}},"resources":[` + mi("a11", "") + "," + mi("b11", `,"dependsOn":["a11"]`) + `],
"outputs":{"length":{"type":"int","value":"[length(parameters('pw'))]"},"more":{"type":"string","value":"[parameters('open')]"}}}`
	body := deployment(template, `{"PW":{"value":"Hunter2\"ä"},"more":{"value":{"deep":["Hunter2"]}},"open":{"value":"seen"}}`, "Incremental")
	if s, b := w.do(t, "PUT", inGroup+"x"+atVersion, w.admin, body); s != 201 {
		t.Fatal(s, b)
	}
	w.clock.Advance(1500 * time.Millisecond)
	kept := func() string {
		data, err := json.Marshal(struct {
			State State
			Ring  exchange.RingState
		}{w.State(), w.ring.State()})
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	running := kept()
	if strings.Contains(running, "Hunter2") || !strings.Contains(running, `"sealed":`) {
		t.Errorf("while it runs: %s", running)
	}
	if all := w.ring.State().Exchanges; !strings.Contains(string(all[len(all)-1].Request.Body), `{"PW":{"value":"(masked)"},"more":{"value":"(masked)"},"open":{"value":"seen"}}`) {
		t.Errorf("the record: %s", all[len(all)-1].Request.Body)
	}
	var st struct{ State State }
	if err := json.Unmarshal([]byte(running), &st); err != nil {
		t.Fatal(err)
	}
	w.Restore(st.State)
	w.clock.Advance(time.Minute)
	_, b := w.do(t, "GET", inGroup+"x"+atVersion, w.admin, "")
	if o := object(t, b); o.Str("properties", "provisioningState") != "Succeeded" || !strings.Contains(b, `"length":{"type":"Int","value":9}`) {
		t.Errorf("at the end: %s", b)
	}
	if done := kept(); strings.Contains(done, "Hunter2") || strings.Contains(done, `"sealed":`) {
		t.Errorf("at the end: %s", done)
	}
}

func TestCalculateTemplateHash(t *testing.T) {
	w := newWorld(t, "no-vm")
	s, b := w.do(t, "POST", "https://management.azure.com/providers/Microsoft.Resources/calculateTemplateHash?api-version=2021-04-01", w.admin, `{"$schema":"https://schema.management.azure.com/schemas/2015-01-01/deploymentParameters.json#","contentVersion":"1.0.0.0","resources":[]}`)
	if want := `{"minifiedTemplate":"{\"$SCHEMA\":\"HTTPS://SCHEMA.MANAGEMENT.AZURE.COM/SCHEMAS/2015-01-01/DEPLOYMENTPARAMETERS.JSON#\",\"CONTENTVERSION\":\"1.0.0.0\",\"RESOURCES\":[]}","templateHash":"3965660584125802942"}`; s != 200 || b != want {
		t.Errorf("%d %s", s, b)
	}
}

// A template in the form in which the Azure CLI creates a VM with --assign-identity,
// --role and --scope (azure-cli, command_modules/vm/_template_builder.py).
func TestATemplateOfTheAzureCLI(t *testing.T) {
	w := newWorld(t, "no-vm")
	template := strings.NewReplacer("GROUP", w.sub+"/resourceGroups/myResourceGroup", "SUB", w.sub).Replace(fixture(t, "az-vm-create.json"))
	o := w.deploy(t, "vm_deploy_x", template, `{"adminPassword":{"value":"Hunter2hunter2!"}}`, "incremental")
	b, _ := ojson.Marshal(o)
	if o.Str("properties", "provisioningState") != "Succeeded" || o.Str("properties", "mode") != "Incremental" {
		t.Fatalf("%s", b)
	}
	_, vm := w.do(t, "GET", "/resourceGroups/myResourceGroup/providers/Microsoft.Compute/virtualMachines/vm2?api-version=2024-07-01", w.adminToken(t), "")
	principal := object(t, vm).Str("identity", "principalId")
	scopes := map[string]bool{}
	for _, x := range w.Access.Assignments() {
		if x.PrincipalID == principal {
			scopes[strings.TrimPrefix(x.Scope, w.sub+"/resourceGroups/myResourceGroup")] = true
		}
	}
	if principal == "" || !scopes[""] || !scopes["/providers/Microsoft.Compute/virtualMachines/vm2"] {
		t.Errorf("roles of %q at %v", principal, scopes)
	}
	for _, text := range []string{string(b), vm} {
		if strings.Contains(text, "Hunter2") {
			t.Errorf("the password is shown: %s", text)
		}
	}
	_, log := w.do(t, "GET", "/providers/Microsoft.Insights/eventtypes/management/values?api-version=2015-04-01&$filter=eventTimestamp+ge+'2026-11-23T00:00:00Z'+and+correlationId+eq+'"+o.Str("properties", "correlationId")+"'", w.adminToken(t), "")
	for _, action := range []string{"Microsoft.Resources/deployments/write", "Microsoft.Compute/virtualMachines/write", "Microsoft.Authorization/roleAssignments/write"} {
		if !strings.Contains(log, action) {
			t.Errorf("the activity log has no %s of this deployment", action)
		}
	}
}
