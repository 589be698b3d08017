package template

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"skylab/sim/ojson"
)

const head = `{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0",`

func planned(t testing.TB, text, params string) (*Plan, error) {
	t.Helper()
	n, err := Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var given *Node
	if params != "" {
		if given, err = Read([]byte(params)); err != nil {
			t.Fatal(err)
		}
	}
	tmpl, err := Load(n)
	if err != nil {
		return nil, err
	}
	p, err := New(tmpl, given, world())
	if err == nil {
		err = p.Check(world())
	}
	return p, err
}

// shape prints a plan: each resource's type and name and what it needs.
func shape(p *Plan) string {
	var out []string
	for i, r := range p.Resources {
		s := fmt.Sprintf("%d %s %s", i, strings.TrimPrefix(r.ID, group+"/providers/"), strings.Trim(fmt.Sprint(r.Needs), "[]"))
		s = strings.TrimSpace(s)
		if !r.Condition {
			s += " off"
		}
		if r.Existing {
			s += " existing"
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}

func TestPlans(t *testing.T) {
	for _, c := range []struct{ name, resources, want string }{
		{"names, types with names and ids", `[{"type":"A.B/c","apiVersion":"1","name":"x"},{"type":"A.B/c/d","apiVersion":"1","name":"x/y","dependsOn":["x"]},{"type":"A.B/c","apiVersion":"1","name":"z","dependsOn":["A.B/c/x","[resourceId('A.B/c/d','x','y')]"]}]`,
			"0 A.B/c/x; 1 A.B/c/x/d/y 0; 2 A.B/c/z 0 1"},
		{"children", `[{"type":"A.B/c","apiVersion":"1","name":"x","resources":[{"type":"d","apiVersion":"1","name":"y","dependsOn":["x"],"resources":[{"type":"e","apiVersion":"1","name":"z","dependsOn":["A.B/c/x/d/y"]}]}]}]`,
			"0 A.B/c/x; 1 A.B/c/x/d/y 0; 2 A.B/c/x/d/y/e/z 1"},
		{"what reference implies", `[{"type":"A.B/c","apiVersion":"1","name":"x","properties":{"v":"[reference('y').v]"}},{"type":"A.B/c","apiVersion":"1","name":"y","properties":{"v":"[reference(resourceId('A.B/c','z')).v]","w":"[reference(resourceId('A.B/c','x'),'1').v]"}},{"type":"A.B/c","apiVersion":"1","name":"z"}]`,
			"0 A.B/c/x 1; 1 A.B/c/y 2; 2 A.B/c/z"},
		{"loops", `[{"type":"A.B/c","apiVersion":"1","name":"[concat('x', copyIndex())]","copy":{"name":"many","count":3,"mode":"Serial"}},{"type":"A.B/c","apiVersion":"1","name":"z","dependsOn":["many"]},{"type":"A.B/c","apiVersion":"1","name":"none","copy":{"name":"empty","count":0}},{"type":"A.B/c","apiVersion":"1","name":"last","dependsOn":["empty"]}]`,
			"0 A.B/c/x0; 1 A.B/c/x1 0; 2 A.B/c/x2 1; 3 A.B/c/z 0 1 2; 4 A.B/c/last"},
		{"conditions", `[{"type":"A.B/c","apiVersion":"1","name":"x","condition":"[equals(1, 2)]"},{"type":"A.B/c","apiVersion":"1","name":"y","dependsOn":["x"]}]`, "0 A.B/c/x off; 1 A.B/c/y 0"},
		{"extensions", `[{"type":"A.B/c","apiVersion":"1","name":"x"},{"type":"M.A/locks","apiVersion":"1","name":"l","scope":"A.B/c/x","dependsOn":["x"]},{"type":"A.B/c/providers/locks","apiVersion":"1","name":"x/M.A/m"}]`,
			"0 A.B/c/x; 1 A.B/c/x/providers/M.A/locks/l 0; 2 A.B/c/x/providers/M.A/locks/m"},
	} {
		p, err := planned(t, head+`"resources":`+c.resources+`}`, "")
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if got := shape(p); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
	p, err := planned(t, head+`"languageVersion":"2.0","definitions":{"short":{"type":"string","maxLength":3}},"parameters":{"n":{"$ref":"#/definitions/short","defaultValue":"abc"},"o":{"type":"object","nullable":true}},
		"resources":{"old":{"existing":true,"type":"A.B/c","apiVersion":"1","name":"x"},"new":{"type":"A.B/c","apiVersion":"1","name":"[parameters('n')]","dependsOn":["old"],"properties":{"v":"[reference('old').id]"}},"many":{"copy":{"name":"many","count":2},"type":"A.B/c","apiVersion":"1","name":"[concat('m', copyIndex())]","dependsOn":["new"]}}}`, "")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := shape(p), "0 A.B/c/x existing; 1 A.B/c/abc 0; 2 A.B/c/m0 1; 3 A.B/c/m1 1"; got != want {
		t.Errorf("symbolic names: %s", got)
	}
	body, err := p.Body(p.Resources[1], world())
	if got, _ := ojson.Marshal(body); err != nil || string(got) != `{"properties":{"v":"`+group+`/providers/A.B/c/x"}}` {
		t.Errorf("body %s %v", got, err)
	}
}

func TestBodiesAndOutputs(t *testing.T) {
	p, err := planned(t, head+`"parameters":{"secret":{"type":"secureString"},"size":{"type":"int","defaultValue":2,"minValue":1,"maxValue":3}},
		"resources":[{"type":"A.B/c","apiVersion":"1","name":"x","location":"westus","comments":"none","tags":{"[concat('a','b')]":"[[literal]"},"properties":{"copy":[{"name":"disks","count":"[parameters('size')]","input":{"lun":"[copyIndex('disks')]"}}],"p":"[parameters('secret')]"}}],
		"outputs":{"one":{"type":"string","value":"[reference('x').id]"},"off":{"type":"string","condition":false,"value":"x"},"list":{"type":"array","copy":{"count":2,"input":"[copyIndex(1)]"}}}}`, `{"secret":{"value":"s3cret"}}`)
	if err != nil {
		t.Fatal(err)
	}
	body, err := p.Body(p.Resources[0], world())
	if got, _ := ojson.Marshal(body); err != nil || string(got) != `{"location":"westus","tags":{"ab":"[literal]"},"properties":{"disks":[{"lun":0},{"lun":1}],"p":"s3cret"}}` {
		t.Errorf("body %s %v", got, err)
	}
	outputs, err := p.Outputs(world())
	if err != nil || len(outputs) != 2 || outputs[0].Value != group+"/providers/A.B/c/x" || outputs[1].Type != "Array" {
		t.Errorf("outputs %v %v", outputs, err)
	}
	if got, _ := ojson.Marshal(p.Parameters[0].Shown()); string(got) != `{"type":"SecureString"}` {
		t.Errorf("a secret is shown: %s", got)
	}
	p.Mask()
	if body, err := p.Body(p.Resources[0], world()); err != nil || body.Str("properties", "p") != "*******" {
		t.Errorf("masked: %v %v", body, err)
	}
	p, err = planned(t, head+`"resources":[],"outputs":{"test-output":{"type":"string","value":"[base64(100)]"},"kind":{"type":"int","value":"x"}}}`, "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Outputs(world())
	var e *Error
	if !errors.As(err, &e) || e.Code != "DeploymentOutputEvaluationFailed" || e.Message != "Unable to evaluate template outputs: 'test-output,kind'. Please see error details and deployment operations. Please see https://aka.ms/arm-common-errors for usage details." ||
		e.Details[0].Message != "The template output 'test-output' is not valid: The template language function 'base64' expects its parameter to be of type 'String'. The provided value is of type 'Integer'. Please see https://aka.ms/arm-functions for usage details.. Please see https://aka.ms/arm-functions for usage details." {
		t.Errorf("%v %v", err, e)
	}
}

func TestPlanErrors(t *testing.T) {
	for _, c := range []struct{ text, params, want string }{
		{head + `"resources":[{"type":"A.B/c","apiVersion":"1","name":""}]}`, "", "Deployment template validation failed: 'The template resource '' at line '1' and column '175' is not valid. The name property cannot be null or empty. Please see https://aka.ms/arm-syntax-resources for usage details.'."},
		{head + `"resources":[{"type":"[x]","apiVersion":"1","name":"a"}]}`, "", "The type property cannot be an expression."},
		{head + `"resources":[{"type":"A.B/c","name":"a"}]}`, "", "The apiVersion property cannot be null or empty."},
		{head + `"resources":[{"type":"A.B/c","apiVersion":"1","name":"a","copy":{"name":"l","count":801}}]}`, "", "The copy count must be a positive integer value and cannot exceed '800'. Actual value is '801'."},
		{head + `"resources":[{"type":"A.B/c","apiVersion":"1","name":"[reference('b').x]"}]}`, "", "'The template resource '[reference('b').x]' at line '1' and column '134' is not valid: The template function 'reference' is not expected at this location. Please see https://aka.ms/arm-functions for usage details.. Please see https://aka.ms/arm-functions for usage details.'."},
		{head + `"resources":[{"type":"A.B/c","apiVersion":"1","name":"a","properties":{"v":"[reference('b').x]"}}]}`, "", "'The template reference 'b' is not valid: could not find template resource or resource copy with this name. Please see https://aka.ms/arm-function-reference for usage details.'."},
		{head + `"resources":[{"type":"A.B/c","apiVersion":"1","name":"a","dependsOn":["a"]}]}`, "", "The template resource 'a' cannot reference itself."},
		{head + `"variables":{"v":"[variables('w')]","w":"[variables('v')]"},"resources":[]}`, "", "it refers to itself"},
		{head + `"variables":{"v":"[concat('a'"},"resources":[]}`, "", ""},
		{head + `"variables":{"v":"[concat('a']"},"resources":[]}`, "", "Deployment template language expression evaluation failed: 'Unable to parse language expression 'concat('a'': expected token 'RightParenthesis' and actual 'EndOfData'.'. Please see https://aka.ms/arm-functions for usage details."},
		{head + `"parameters":{"p":{"type":"text"}},"resources":[]}`, "", "The type property is missing or not one of"},
		{head + `"parameters":{"p":{"type":"int","minValue":5}},"resources":[]}`, `{"p":{"value":4}}`, "The value should be greater than or equal to '5'."},
		{head + `"parameters":{"p":{"type":"string","defaultValue":"[parameters('p')]"}},"resources":[]}`, "", "its default value refers to itself"},
		{head + `"parameters":{"p":{"type":"string"}},"resources":[]}`, `{"p":{"reference":{"keyVault":{"id":"/x"},"secretName":"s"}}}`, "skylab: a parameter from a key vault is real but not simulated here"},
		{head + `"functions":[{"namespace":"f","members":{"a":{"output":{"type":"string","value":"[variables('v')]"}}}}],"resources":[]}`, "", "These function calls are not supported in a function definition: 'variables'."},
		{`{"$schema":"https://schema.management.azure.com/schemas/2015-01-02/deploymentTemplate.json#","contentVersion":"1.0.0.0","resources":[]}`, "", "Template schema 'https://schema.management.azure.com/schemas/2015-01-02/deploymentTemplate.json#' is not supported. Supported versions are '2014-04-01-preview,2015-01-01,2018-05-01,2019-04-01,2019-08-01'."},
		{head + `"variables":{"a":"[range(0,100)]","b":"[map(range(0,100), lambda('x', variables('a')))]","c":"[map(range(0,100), lambda('x', variables('b')))]"},"resources":[]}`, "", "is too large"},
		{head + `"variables":{"v":"[reduce(range(0,60), 1, lambda('a', 'b', createArray(lambdaVariables('a'), lambdaVariables('a'))))]"},"resources":[]}`, "", "is too large"},
		{head + `"variables":{"copy":[{"name":"a","count":800,"input":{"copy":[{"name":"b","count":800,"input":{"copy":[{"name":"c","count":800,"input":1}]}}]}}]},"resources":[]}`, "", "take too many steps"},
		{head + `"variables":{"v":"[length(map(range(0,10000), lambda('x', range(0,10000))))]"},"resources":[]}`, "", "take too many steps"},
		{`[]`, "", "Deployment template parse failed"},
	} {
		_, err := planned(t, c.text, c.params)
		var e *Error
		if (c.want == "") != (err == nil) || err != nil && (!errors.As(err, &e) || !strings.Contains(e.Message, c.want)) {
			t.Errorf("%s:\n got %v\nwant %s", c.text[min(len(c.text), len(head)):], err, c.want)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	f.Add(`"parameters":{"p":{"type":"string","defaultValue":"x"}},"resources":[{"type":"A.B/c","apiVersion":"1","name":"[parameters('p')]","copy":{"name":"l","count":2},"dependsOn":["x"],"properties":{"a":"[reference('x')]"}}],"outputs":{"o":{"type":"string","value":"a"}}`)
	f.Add(`"variables":{"copy":[{"name":"a","count":3,"input":"[copyIndex('a')]"}]},"functions":[{"namespace":"n","members":{"f":{"parameters":[{"name":"a","type":"int"}],"output":{"value":"[parameters('a')]","type":"int"}}}}],"resources":[]`)
	f.Add(`"languageVersion":"2.0","resources":{"a":{"existing":true,"type":"A.B/c","name":"x","apiVersion":"1"}}`)
	f.Add(`"resources":[{"type":"Microsoft.Resources/deployments","apiVersion":"1","name":"n","properties":{"template":{"resources":["[parameters('a')]"]}}}]`)
	f.Fuzz(func(t *testing.T, s string) {
		n, err := Read([]byte(head + s + "}"))
		if err != nil {
			return
		}
		tmpl, err := Load(n)
		if err != nil {
			return
		}
		p, err := New(tmpl, nil, world())
		if err != nil {
			return
		}
		_ = p.Check(world())
		for _, r := range p.Resources {
			_, _ = p.Body(r, world())
			_, _ = p.Draft(r, world())
		}
		_, _ = p.Outputs(world())
	})
}
