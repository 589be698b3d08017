package template

import (
	"errors"
	"strings"
	"testing"
	"time"

	"skylab/sim/ojson"
)

// eval evaluates an expression in a template with a few parameters and
// variables, at a place.
func evaluate(t *testing.T, at place, expression string) (any, error) {
	t.Helper()
	n, err := Read([]byte(`{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0","resources":[],
		"parameters":{"name":{"type":"string","defaultValue":"web"}},
		"variables":{"port":8080,"tags":{"env":"test"},"list":["a","b"],"copy":[{"name":"disks","count":2,"input":"[concat('disk', copyIndex('disks', 1))]"}],"again":"[variables('port')]"},
		"functions":[{"namespace":"contoso","members":{"double":{"parameters":[{"name":"n","type":"int"}],"output":{"type":"int","value":"[mul(parameters('n'), 2)]"}}}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	tmpl, err := Load(n)
	if err != nil {
		t.Fatal(err)
	}
	w := world()
	p, err := New(tmpl, nil, w)
	if err != nil {
		t.Fatal(err)
	}
	s := *p.scope
	s.place = at
	return s.text(expression)
}

const group = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/myResourceGroup"

// world is a cloud of constants.
func world() *World {
	return &World{
		Scope: group, Now: time.Date(2020, 4, 7, 14, 53, 14, 0, time.UTC), NewGUID: func() string { return "2f0f0c43-0000-4000-8000-000000000001" },
		Fact: func(name string) *ojson.Object {
			switch name {
			case "resourceGroup":
				return ojson.Obj("id", group, "name", "myResourceGroup", "location", "westus")
			case "subscription":
				return ojson.Obj("id", group[:51], "subscriptionId", group[15:51])
			}
			return nil
		},
		Reference: func(id, version string, full bool) (any, error) {
			if full {
				return ojson.Obj("id", id, "apiVersion", version, "identity", ojson.Obj("principalId", "p")), nil
			}
			return ojson.Obj("id", id, "version", version), nil
		},
		List: func(function, id, version string, body *ojson.Object) (any, error) {
			return ojson.Obj("function", function, "id", id, "version", version, "body", body), nil
		},
	}
}

// The values stand in the public reference of the functions, in the tests of
// Bicep, or follow from them.
func TestFunctions(t *testing.T) {
	for _, c := range []struct{ expression, want string }{
		// strings
		{"concat('prefix', '-', 5, true())", `"prefix-5True"`},
		{"concat(createArray('1-1'), createArray('2-1', '2-2'))", `["1-1","2-1","2-2"]`},
		{"toLower('One Two')", `"one two"`}, {"toUpper('One Two')", `"ONE TWO"`}, {"trim('    one two ')", `"one two"`},
		{"startsWith('abcdef', 'AB')", `true`}, {"startsWith('abcdef', 'e')", `false`}, {"endsWith('abcdef', 'EF')", `true`}, {"endsWith('abcdef', 'e')", `false`},
		{"replace('123-123-1234', '-', '')", `"1231231234"`}, {"replace('123-123-1234', '1234', 'xxxx')", `"123-123-xxxx"`},
		{"split('one,two,three', ',')", `["one","two","three"]`}, {"split('one;two,three', createArray(',', ';'))", `["one","two","three"]`},
		{"join(createArray('one','two'), ';')", `"one;two"`}, {"join(createArray(1, true()), ',')", `"1,True"`},
		{"substring('one two three', 4, 3)", `"two"`}, {"substring('one two', 4)", `"two"`}, {"substring('grün', 2, 2)", `"ün"`},
		{"padLeft('123', 10, '0')", `"0000000123"`}, {"padLeft(7, 3)", `"  7"`}, {"padLeft('1234', 2, '0')", `"1234"`},
		{"string(createObject('valueA', 10, 'valueB', 'Example Text'))", `"{\"valueA\":10,\"valueB\":\"Example Text\"}"`},
		{"string(createArray('a','b'))", `"[\"a\",\"b\"]"`}, {"string(5)", `"5"`}, {"string(true())", `"True"`},
		{"format('{0}, {1}. Formatted number: {2:N0}', 'Hello', 'User', 8175133)", `"Hello, User. Formatted number: 8,175,133"`},
		{"format('>{0}<>{1}<>{2}<>{3}<', false(), 12948, createObject('a','b','!c',2), createArray(true(),2893,'abc'))", `">False<>12948<>{'a':'b','!c':2}<>[true,2893,'abc']<"`},
		{"format('{{{0:D3}}} {1,5}|{1,-5}|{2:X2}|{3:000}|{4:F1}|{4:#,##0.0#}', 7, 'ab', 255, 9, 1234.56)", `"{007}    ab|ab   |FF|009|1234.6|1,234.56"`},
		{"indexOf('test', 't')", `0`}, {"indexOf('abcdef', 'CD')", `2`}, {"indexOf('abcdef', 'z')", `-1`}, {"lastIndexOf('test', 't')", `3`}, {"lastIndexOf('abcdef', 'AB')", `0`},
		{"indexOf(createArray('a','b'), 'B')", `-1`}, {"lastIndexOf(createArray(1, 2, 1), 1)", `2`},
		{"uniqueString('/subscriptions/00000000-0000-0000-0000-000000000000', 'resource-id')", `"cwvxuqg24sifi"`},
		{"guid('a', 'b', 'c')", `"a98fa280-e03f-5afa-8d8e-92d0a9c201e8"`},
		// encodings
		{"base64('one, two, three')", `"b25lLCB0d28sIHRocmVl"`}, {"base64ToString('b25lLCB0d28sIHRocmVl')", `"one, two, three"`},
		{`base64ToJson(base64('{"one":"a","two":"b"}')).two`, `"b"`}, {`json('{"a":[1,2.5,null]}').a`, `[1,2.5,null]`}, {`json('null')`, `null`},
		{"dataUri('Hello')", `"data:text/plain;charset=utf8;base64,SGVsbG8="`}, {"dataUriToString('data:;base64,SGVsbG8sIFdvcmxkIQ==')", `"Hello, World!"`}, {"dataUriToString('data:text/plain,a%20b')", `"a b"`},
		{"uri('http://contoso.org/firstpath', 'myscript.sh')", `"http://contoso.org/myscript.sh"`}, {"uri('http://contoso.org/firstpath/', 'myscript.sh')", `"http://contoso.org/firstpath/myscript.sh"`},
		{"uri('http://contoso.org/firstpath/azuredeploy.json/', 'myscript.sh')", `"http://contoso.org/firstpath/azuredeploy.json/myscript.sh"`},
		{"uriComponent('http://contoso.com/resources/nested/azuredeploy.json')", `"http%3A%2F%2Fcontoso.com%2Fresources%2Fnested%2Fazuredeploy.json"`}, {"uriComponent('a b~c')", `"a%20b~c"`},
		{"uriComponentToString('http%3A%2F%2Fcontoso.com')", `"http://contoso.com"`},
		// numbers
		{"add(5, 3)", `8`}, {"sub(7, 3)", `4`}, {"mul(5, 3)", `15`}, {"div(8, 3)", `2`}, {"mod(7, 3)", `1`}, {"div(6, -11)", `0`},
		{"min(0, 3, 2, 5, 4)", `0`}, {"max(createArray(0, 3, 2, 5, 4))", `5`}, {"int('4')", `4`}, {"int(-4)", `-4`}, {"float('3.0')", `3`},
		{"parseCidr('10.144.0.0/20')", `{"network":"10.144.0.0","netmask":"255.255.240.0","broadcast":"10.144.15.255","firstUsable":"10.144.0.1","lastUsable":"10.144.15.254","cidr":20}`},
		{"cidrSubnet('10.144.0.0/20', 24, 1)", `"10.144.1.0/24"`}, {"cidrSubnet('10.0.0.0/16', 28, 17)", `"10.0.1.16/28"`}, {"cidrSubnet('fdad:3236:5555::/48', 64, 1)", `"fdad:3236:5555:1::/64"`},
		{"cidrHost('10.144.3.0/24', 3)", `"10.144.3.4"`}, {"cidrHost('10.0.0.0/16', 255)", `"10.0.1.0"`},
		// logic
		{"and(true(), false())", `false`}, {"or(false(), true(), variables('no such'))", `true`}, {"not(bool('1'))", `false`}, {"bool('false')", `false`}, {"bool(1)", `true`},
		{"if(equals('a', 'a'), 'yes', variables('no such'))", `"yes"`}, {"coalesce(null(), 'string')", `"string"`},
		{"equals(createObject('a', createArray(1)), createObject('a', createArray(1)))", `true`}, {"equals('a', 'A')", `false`}, {"equals(1, '1')", `false`}, {"equals(createArray(1), 1)", `false`},
		{"less(1, 2)", `true`}, {"lessOrEquals('a', 'b')", `true`}, {"greater(123, 456)", `false`}, {"greaterOrEquals('b', 'b')", `true`},
		// arrays and objects
		{"array(1)", `[1]`}, {"array('efgh')", `["efgh"]`}, {"createObject()", `{}`}, {"createArray()", `[]`},
		{"contains('OneTwoThree', 'e')", `true`}, {"contains('OneTwoThree', 'z')", `false`}, {"contains(createObject('one','a'), 'ONE')", `true`}, {"contains(createArray('one'), 'ONE')", `false`}, {"contains('a1', 1)", `true`},
		{"empty(createArray())", `true`}, {"empty('')", `true`}, {"empty(createObject('a', 1))", `false`}, {"empty(null())", `true`}, {"length('One Two Three')", `13`}, {"length(variables('tags'))", `1`},
		{"first('One Two')", `"O"`}, {"last(createArray('one','two'))", `"two"`}, {"first(createArray())", `null`}, {"first('')", `""`},
		{"skip(createArray('one','two','three'), 2)", `["three"]`}, {"skip('one two three', 4)", `"two three"`}, {"take(createArray('one','two','three'), 2)", `["one","two"]`}, {"take('on', 5)", `"on"`}, {"take('abc', -1)", `""`},
		{"range(5, 3)", `[5,6,7]`},
		{"union(createObject('one', createObject('x', 1), 'two', 'b'), createObject('one', createObject('y', 2), 'two', 'c'))", `{"one":{"x":1,"y":2},"two":"c"}`},
		{"union(createArray('one','two'), createArray('two','three'))", `["one","two","three"]`},
		{"intersection(createObject('one','a','three','c'), createObject('one','a','three','d'))", `{"one":"a"}`}, {"intersection(createArray('one','two','three'), createArray('two','three'))", `["two","three"]`},
		{"shallowMerge(createArray(createObject('a',1), createObject('a',2,'b',3)))", `{"a":2,"b":3}`}, {"flatten(createArray(createArray(1), createArray(2, 3)))", `[1,2,3]`},
		{"items(createObject('b', 1, 'A', 2))", `[{"key":"A","value":2},{"key":"b","value":1}]`}, {"objectKeys(createObject('b', 1, 'a', 2))", `["a","b"]`},
		{"tryGet(createObject('a', createArray(1, 2)), 'a', 1)", `2`}, {"tryGet(createObject('a', 1), 'b')", `null`}, {"tryGet(createArray(1), 7)", `null`}, {"tryIndexFromEnd(createArray(1, 2), 1)", `2`}, {"indexFromEnd(createArray(1, 2), 2)", `1`}, {"tryIndexFromEnd(createArray(1), 3)", `null`},
		// lambdas
		{"map(createArray('a','b'), lambda('x', concat('Hi ', lambdaVariables('x'), '!')))", `["Hi a!","Hi b!"]`}, {"map(createArray('a','b'), lambda('x', 'i', lambdaVariables('i')))", `[0,1]`},
		{"filter(range(0, 6), lambda('n', equals(mod(lambdaVariables('n'), 2), 0)))", `[0,2,4]`}, {"reduce(range(1, 5), 1, lambda('a', 'n', mul(lambdaVariables('a'), lambdaVariables('n'))))", `120`},
		{"sort(createArray(8, 3, 10), lambda('a', 'b', less(lambdaVariables('a'), lambdaVariables('b'))))", `[3,8,10]`},
		{"toObject(createArray('a','b'), lambda('x', lambdaVariables('x')), lambda('x', concat(lambdaVariables('x'), '1')))", `{"a":"a1","b":"b1"}`}, {"toObject(createArray('a'), lambda('x', lambdaVariables('x')))", `{"a":"a"}`},
		{"groupBy(createArray('foo','bar','baz'), lambda('x', substring(lambdaVariables('x'), 0, 1)))", `{"f":["foo"],"b":["bar","baz"]}`}, {"mapValues(createObject('a', 1), lambda('v', add(lambdaVariables('v'), 1)))", `{"a":2}`},
		{"map(createArray(1), lambda('x', map(createArray(2), lambda('y', add(lambdaVariables('x'), lambdaVariables('y'))))))", `[[3]]`},
		// dates
		{"dateTimeAdd('2020-04-07 14:53:14Z', 'P3Y')", `"4/7/2023 2:53:14 PM"`}, {"dateTimeAdd('2020-04-07 14:53:14Z', '-P9D')", `"3/29/2020 2:53:14 PM"`}, {"dateTimeAdd('2020-04-07 14:53:14Z', 'PT1H')", `"4/7/2020 3:53:14 PM"`},
		{"dateTimeAdd('2020-01-31T00:00:00Z', 'P1M', 'yyyy-MM-dd')", `"2020-02-29"`}, {"dateTimeAdd('2020-04-07 14:53:14Z', 'PT0.5S', 'o')", `"2020-04-07T14:53:14.5000000Z"`}, {"dateTimeAdd('2020-04-07 14:53:14Z', 'PT0S', 'dddd, d MMMM yy H:mm \"o''clock\"')", `"Tuesday, 7 April 20 14:53 o'clock"`},
		{"dateTimeFromEpoch(1683040573)", `"2023-05-02T15:16:13Z"`}, {"dateTimeToEpoch('2023-05-02T15:16:13Z')", `1683040573`}, {"dateTimeToEpoch(dateTimeAdd('2020-04-07T14:53:14Z', 'P1Y'))", `1617807194`},
		// the template
		{"parameters('NAME')", `"web"`}, {"variables('disks')", `["disk1","disk2"]`}, {"variables('again')", `8080`}, {"variables('list')[1]", `"b"`}, {"variables('tags').ENV", `"test"`}, {"variables('tags')['env']", `"test"`}, {"contoso.double(21)", `42`},
		{"resourceGroup().location", `"westus"`}, {"environment().suffixes.storage", `"core.windows.net"`},
		// resources
		{"resourceId('Microsoft.ManagedIdentity/userAssignedIdentities/', 'id')", `"` + group + `/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id"`},
		{"resourceID('other', 'A.B/c/d', 'x', 'y')", `"/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/other/providers/A.B/c/x/d/y"`},
		{"resourceId('22222222-2222-2222-2222-222222222222', 'other', 'A.B/c', 'x')", `"/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/other/providers/A.B/c/x"`},
		{"subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'acdd72a7-3385-48ef-bd42-f606fba81ae7')", `"/subscriptions/11111111-1111-1111-1111-111111111111/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"`},
		{"tenantResourceId('A.B/c', 'x')", `"/providers/A.B/c/x"`}, {"extensionResourceId('/x', 'A.B/c', 'y')", `"/x/providers/A.B/c/y"`}, {"managementGroupResourceId('mg', 'A.B/c', 'y')", `"/providers/Microsoft.Management/managementGroups/mg/providers/A.B/c/y"`},
		{"reference('/x', '2020-01-01')", `{"id":"/x","version":"2020-01-01"}`}, {"reference('/x', '2017-12-01', 'Full').identity.principalId", `"p"`}, {"listKeys('/x', '2020-01-01').function", `"listKeys"`},
	} {
		v, err := evaluate(t, inBody, "["+c.expression+"]")
		if err != nil {
			t.Errorf("%s: %v", c.expression, err)
			continue
		}
		if got, err := ojson.Marshal(v); err != nil || string(got) != c.want {
			t.Errorf("%s = %s %v, want %s", c.expression, got, err, c.want)
		}
	}
	for expression, want := range map[string]string{"[utcNow()]": "20200407T145314Z", "[utcNow('yyyy-MM-dd')]": "2020-04-07", "[utcNow('d')]": "4/7/2020", "[newGuid()]": "2f0f0c43-0000-4000-8000-000000000001", "[[escaped]": "[escaped]", "[x": "[x", "plain": "plain"} {
		if v, err := evaluate(t, inDefault, expression); err != nil || v != want {
			t.Errorf("%s = %v %v, want %s", expression, v, err, want)
		}
	}
}

// The texts are those that people pasted from the service, but for the name of
// the page that they send to.
func TestFunctionErrors(t *testing.T) {
	const link = " Please see https://aka.ms/arm-functions for usage details."
	for _, c := range []struct {
		at               place
		expression, want string
	}{
		{inBody, "nope(1)", "The template function 'nope' is not valid." + link},
		{inBody, "contoso.nope(1)", "The template function 'contoso.nope' is not valid." + link},
		{inBody, "concat('ai-', uniqueString(resourceGroup().id)", "Unable to parse language expression 'concat('ai-', uniqueString(resourceGroup().id)': expected token 'RightParenthesis' and actual 'EndOfData'."},
		{inBody, "", "Unable to parse language expression '': expected token 'Identifier' and actual 'EndOfData'."},
		{inBody, "concat('a'))", "Unable to parse language expression 'concat('a'))': expected token 'EndOfData' and actual 'RightParenthesis'."},
		{inBody, "bad-expression", "The language expression 'bad-expression' is not valid: the string character 'x' at position '5' is not expected."},
		{inBody, "json(@{body('Get_blob_content')})", "The language expression 'json(@{body('Get_blob_content')})' is not valid: the string character '@' at position '5' is not expected."},
		{inBody, "parameters(Location')", "The language expression 'parameters(Location')' is not valid: the string character ''' at position '19' is not expected."},
		{inBody, "empty()", "Unable to evaluate template language function 'empty': function requires 1 argument(s) while 0 were provided. Please see https://aka.ms/arm-functions#empty for usage details."},
		{inBody, "toObject(createArray())", "Unable to evaluate template language function 'toObject': function requires between 2 and 3 argument(s) while 1 were provided. Please see https://aka.ms/arm-functions#toobject for usage details."},
		{inBody, "concat()", "Unable to evaluate template language function 'concat'. At least one parameter should be provided." + link},
		{inBody, "base64(100)", "The template language function 'base64' expects its parameter to be of type 'String'. The provided value is of type 'Integer'." + link},
		{inBody, "base64ToString(createArray(''))", "The template language function 'base64ToString' expects its parameter to be a string. The provided value is of type 'Array'. Please see https://aka.ms/arm-functions#base64tostring for usage details."},
		{inBody, "resourceId('Microsoft.Storage/storageAccounts')", "Unable to evaluate template language function 'resourceId': function requires at least 2 argument(s) while 1 were provided. Please see https://aka.ms/arm-functions#resourceid for usage details."},
		{inBody, "resourceId('Microsoft.Storage/storageAccounts', 'a', 'b')", "Unable to evaluate template language function 'resourceId': the type 'Microsoft.Storage/storageAccounts' requires '1' resource name argument(s). Please see https://aka.ms/arm-functions#resourceid for usage details."},
		{inBody, "resourceId('sentia-assessment', 'rg', 'A.B/c', 'x')", "The provided value 'sentia-assessment' is not valid subscription identifier. Please see https://aka.ms/arm-functions#resourceid for usage details."},
		{inBody, "variables('list')[2]", "The language expression property array index '2' is out of bounds." + link},
		{inBody, "resourceGroup().colour", "The language expression property 'colour' doesn't exist, available properties are 'id, name, location'." + link},
		{inBody, "variables('port')[0]", "The language expression property '0' can't be evaluated." + link},
		{inBody, "variables('tags')[0]", "The language expression property '0' can't be evaluated, property name must be a string." + link},
		{inBody, "parameters('nope')", "The template parameter 'nope' is not found. Please see https://aka.ms/arm-syntax-parameters for usage details."},
		{inBody, "variables('nope')", "The template variable 'nope' is not found. Please see https://aka.ms/arm-syntax-variables for usage details."},
		{inBody, "utcNow()", "The template function 'utcNow' is not expected at this location." + link},
		{inBody, "newGuid()", "The template function 'newGuid' is not expected at this location." + link},
		{inBody, "tenant()", "The template function 'TENANT' is not expected at this location." + link},
		{inVariable, "reference('/x', '2020-01-01')", "The template function 'reference' is not expected at this location." + link},
		{inHeader, "listKeys('/x', '2020-01-01')", "The template function 'listKeys' is not expected at this location." + link},
		{inDefault, "variables('port')", "The template function 'variables' is not expected at this location." + link},
		{inBody, "copyIndex()", "The template function 'copyIndex' is not expected at this location. The function can only be used in a resource with copy specified. Please see https://aka.ms/arm-copy for usage details."},
		{inBody, "dateTimeAdd('2020-04-07 14:53:14Z', 'PTASDIONS1D')", "The template function 'dateTimeAdd' has an invalid parameter. The second parameter 'PTASDIONS1D' is not a valid ISO8601 Duration string. Please see https://aka.ms/arm-syntax-functions ."},
		{inBody, "format('{1}', 'a')", "Unable to evaluate language function 'format': the format is invalid: 'Index (zero based) must be greater than or equal to zero and less than the size of the argument list.'. Please see https://aka.ms/arm-function-format for usage details."},
		{inBody, "dataUriToString('github.com')", "The template language function 'dataUriToString' expects its parameter to be formatted as a valid data URI. The provided value is 'github.com'. Please see https://aka.ms/arm-function-datauri for usage details."},
		{inBody, "reference('nope')", "The template reference 'nope' is not valid: could not find template resource or resource copy with this name. Please see https://aka.ms/arm-function-reference for usage details."},
		{inBody, "contoso.double('x')", "Unable to evaluate template language function 'contoso.double': the parameter 'n' expects a value of type 'Int' but got 'String'." + link},
		{inBody, "pickZones('Microsoft.Compute', 'virtualMachines', 'westus2')", "skylab: the template function pickZones is real but not simulated here"},
		{inBody, "format('{0:C}', 5)", "skylab: the format 'C' of the template function format is real but not simulated here"},
		{inBody, "div(1, 0)", "The template language function 'div' cannot divide by zero. Please see https://aka.ms/arm-functions#div for usage details."},
		{inBody, "fail('stop here')", "stop here"},
	} {
		v, err := evaluate(t, c.at, "["+c.expression+"]")
		var e *Error
		if !errors.As(err, &e) || e.Message != c.want {
			t.Errorf("%s:\n got %v %v\nwant %s", c.expression, v, err, c.want)
		}
		if (e != nil && e.Code == NotSimulated) != strings.HasPrefix(c.want, "skylab: ") {
			t.Errorf("%s: code %s", c.expression, e.Code)
		}
	}
}

func TestEveryFunctionIsDescribed(t *testing.T) {
	for _, f := range Functions() {
		if f.Name == "" || f.Doc == "" || !f.absent && (f.Usage == "" || f.eval == nil) || f.Max >= 0 && f.Max < f.Min {
			t.Errorf("%+v", f)
		}
	}
}

func TestHashes(t *testing.T) {
	// Recorded by the Azure CLI, and the example of the REST reference.
	for text, want := range map[string]string{
		`{"$schema": "https://schema.management.azure.com/schemas/2015-01-01/deploymentParameters.json#", "contentVersion": "1.0.0.0", "resources": [] // comment
		}`: "3965660584125802942",
		`{"$schema":"http://schemas.management.azure.com/deploymentTemplate?api-version=2014-04-01-preview","contentVersion":"1.0.0.0","parameters":{"string":{"type":"string"}},
			"variables":{"string":"string","int":42,"bool":true,"array":[1,2,3,4],"object":{"object":{"vmSize":"Large","location":"West US"}}},"resources":[],"outputs":{"string":{"type":"string","value":"myvalue"}}}`: "695440707931307747",
	} {
		n, err := Read([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Hash(n); err != nil || got != want {
			t.Errorf("hash %s %v, want %s", got, err, want)
		}
	}
}
