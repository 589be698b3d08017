package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"skylab/sim/ojson"
)

// Function is a function of the template language.
type Function struct {
	Name     string
	Min, Max int    // how many arguments; Max -1 is any number
	Usage    string // "(stringToParse, startIndex, length)"
	Doc      string
	eval     func(*call) (any, error)
	lazy     bool // eval evaluates its arguments itself
	absent   bool // real, but not simulated
}

// functions are all of them by lower-case name. They are filled in by init, for
// some of them evaluate expressions and so refer to the table.
var functions = map[string]*Function{}

func init() {
	for _, table := range [][]Function{logicFunctions(), stringFunctions(), encodingFunctions(), numberFunctions(), collectionFunctions(), lambdaFunctions(), dateFunctions(), templateFunctions(), resourceFunctions()} {
		for i := range table {
			functions[strings.ToLower(table[i].Name)] = &table[i]
		}
	}
	for _, name := range strings.Fields("managementGroup pickZones providers toLogicalZone toLogicalZones toPhysicalZone toPhysicalZones buildUri parseUri externalInput") {
		functions[strings.ToLower(name)] = &Function{Name: name, Max: -1, Doc: "is real but not simulated here", absent: true}
	}
}

// Functions returns all functions by name.
func Functions() []Function {
	var out []Function
	for _, f := range functions {
		out = append(out, *f)
	}
	slices.SortFunc(out, func(x, y Function) int { return strings.Compare(strings.ToLower(x.Name), strings.ToLower(y.Name)) })
	return out
}

// arity is the error for a wrong number of arguments.
func (f *Function) arity(given int) error {
	link := fmt.Sprintf(" Please see https://aka.ms/arm-functions#%s for usage details.", strings.ToLower(f.Name))
	switch {
	case f.Max < 0 && f.Min == 1:
		return failf("Unable to evaluate template language function '%s'. At least one parameter should be provided."+usage, f.Name)
	case f.Max < 0:
		return failf("Unable to evaluate template language function '%s': function requires at least %d argument(s) while %d were provided."+link, f.Name, f.Min, given)
	case f.Min == f.Max:
		return failf("Unable to evaluate template language function '%s': function requires %d argument(s) while %d were provided."+link, f.Name, f.Min, given)
	}
	return failf("Unable to evaluate template language function '%s': function requires between %d and %d argument(s) while %d were provided."+link, f.Name, f.Min, f.Max, given)
}

// call is one call of a function.
type call struct {
	*scope
	f     *Function
	exprs []Expr
	args  []any
}

var ordinals = []string{"first", "second", "third", "fourth", "fifth"}

// expects is the error for an argument of a wrong type.
func (c *call) expects(i int, what string) error {
	which := ""
	if len(c.args) > 1 {
		which = "next "
		if i < len(ordinals) {
			which = ordinals[i] + " "
		}
	}
	return failf("The template language function '%s' expects its %sparameter to be %s. The provided value is of type '%s'. Please see https://aka.ms/arm-functions#%s for usage details.",
		c.f.Name, which, what, kindOf(c.args[i]), strings.ToLower(c.f.Name))
}

// invalid is the error for an argument of a wrong value.
func (c *call) invalid(format string, args ...any) error {
	return failf("The template language function '%s' "+format+" Please see https://aka.ms/arm-functions#%s for usage details.", append(append([]any{c.f.Name}, args...), strings.ToLower(c.f.Name))...)
}

func (c *call) str(i int) (string, error) {
	s, ok := c.args[i].(string)
	if !ok {
		return "", c.expects(i, "a string")
	}
	return s, nil
}

// strs are all arguments as strings.
func (c *call) strs() ([]string, error) {
	out := make([]string, len(c.args))
	for i := range c.args {
		var err error
		if out[i], err = c.str(i); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *call) integer(i int) (int64, error) {
	n, ok := c.args[i].(int64)
	if !ok {
		return 0, c.expects(i, "an integer")
	}
	return n, nil
}

func (c *call) boolean(i int) (bool, error) {
	b, ok := c.args[i].(bool)
	if !ok {
		return false, c.expects(i, "a boolean")
	}
	return b, nil
}

func (c *call) array(i int) ([]any, error) {
	a, ok := c.args[i].([]any)
	if !ok {
		return nil, c.expects(i, "an array")
	}
	return a, nil
}

func (c *call) object(i int) (*ojson.Object, error) {
	o, ok := c.args[i].(*ojson.Object)
	if !ok {
		return nil, c.expects(i, "an object")
	}
	return o, nil
}

// arg evaluates an argument of a lazy function.
func (c *call) arg(i int) (any, error) {
	v, err := c.eval(c.exprs[i])
	for len(c.args) <= i {
		c.args = append(c.args, nil)
	}
	c.args[i] = v
	return v, err
}

// text1 makes a function of one string.
func text1(f func(string) (any, error)) func(*call) (any, error) {
	return func(c *call) (any, error) {
		s, err := c.str(0)
		if err != nil {
			return nil, err
		}
		return f(s)
	}
}

// text2 makes a function of two strings.
func text2(f func(a, b string) any) func(*call) (any, error) {
	return func(c *call) (any, error) {
		s, err := c.strs()
		if err != nil {
			return nil, err
		}
		return f(s[0], s[1]), nil
	}
}

func pure(f func(string) string) func(*call) (any, error) {
	return text1(func(s string) (any, error) { return f(s), nil })
}

// equal compares two values as the function equals does.
func equal(a, b any) bool {
	switch a := a.(type) {
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, equal)
	case *ojson.Object:
		b, ok := b.(*ojson.Object)
		if !ok || a.Len() != b.Len() {
			return false
		}
		for _, m := range a.Members() {
			v, there := b.Get(m.Key)
			if !there || !equal(m.Value, v) {
				return false
			}
		}
		return true
	}
	switch b.(type) {
	case []any, *ojson.Object:
		return false
	}
	return a == b
}

func logicFunctions() []Function {
	constant := func(v any) func(*call) (any, error) { return func(*call) (any, error) { return v, nil } }
	compare := func(ok func(int) bool) func(*call) (any, error) {
		return func(c *call) (any, error) {
			switch a := c.args[0].(type) {
			case int64:
				b, err := c.integer(1)
				return ok(compareInts(a, b)), err
			case string:
				b, err := c.str(1)
				return ok(strings.Compare(a, b)), err
			}
			return nil, c.expects(0, "an integer or a string")
		}
	}
	// until evaluates booleans until one is stop.
	until := func(stop bool) func(*call) (any, error) {
		return func(c *call) (any, error) {
			for i := range c.exprs {
				if _, err := c.arg(i); err != nil {
					return nil, err
				}
				b, err := c.boolean(i)
				if err != nil || b == stop {
					return stop, err
				}
			}
			return !stop, nil
		}
	}
	return []Function{
		{Name: "and", Min: 2, Max: -1, Usage: "(arg1, arg2, ...)", Doc: "whether all are true", lazy: true, eval: until(false)},
		{Name: "or", Min: 2, Max: -1, Usage: "(arg1, arg2, ...)", Doc: "whether one is true", lazy: true, eval: until(true)},
		{Name: "not", Min: 1, Max: 1, Usage: "(arg)", Doc: "the opposite", eval: func(c *call) (any, error) { b, err := c.boolean(0); return !b, err }},
		{Name: "true", Usage: "()", Doc: "true", eval: constant(true)},
		{Name: "false", Usage: "()", Doc: "false", eval: constant(false)},
		{Name: "null", Usage: "()", Doc: "null", eval: constant(nil)},
		{Name: "if", Min: 3, Max: 3, Usage: "(condition, trueValue, falseValue)", Doc: "one of two values", lazy: true, eval: func(c *call) (any, error) {
			if _, err := c.arg(0); err != nil {
				return nil, err
			}
			b, ok := c.args[0].(bool)
			if !ok {
				return nil, c.expects(0, "a boolean")
			}
			if b {
				return c.arg(1)
			}
			return c.arg(2)
		}},
		{Name: "bool", Min: 1, Max: 1, Usage: "(arg)", Doc: "a boolean of a string or number", eval: toBool},
		{Name: "coalesce", Min: 1, Max: -1, Usage: "(arg1, arg2, ...)", Doc: "the first that is not null", lazy: true, eval: func(c *call) (any, error) {
			for i := range c.exprs {
				if v, err := c.arg(i); v != nil || err != nil {
					return v, err
				}
			}
			return nil, nil
		}},
		{Name: "equals", Min: 2, Max: 2, Usage: "(arg1, arg2)", Doc: "whether two values are the same", eval: func(c *call) (any, error) { return equal(c.args[0], c.args[1]), nil }},
		{Name: "less", Min: 2, Max: 2, Usage: "(arg1, arg2)", Doc: "whether the first is less", eval: compare(func(n int) bool { return n < 0 })},
		{Name: "lessOrEquals", Min: 2, Max: 2, Usage: "(arg1, arg2)", Doc: "whether the first is not greater", eval: compare(func(n int) bool { return n <= 0 })},
		{Name: "greater", Min: 2, Max: 2, Usage: "(arg1, arg2)", Doc: "whether the first is greater", eval: compare(func(n int) bool { return n > 0 })},
		{Name: "greaterOrEquals", Min: 2, Max: 2, Usage: "(arg1, arg2)", Doc: "whether the first is not less", eval: compare(func(n int) bool { return n >= 0 })},
		{Name: "fail", Min: 1, Max: 1, Usage: "(message)", Doc: "ends the evaluation with an error", eval: func(c *call) (any, error) {
			s, err := c.str(0)
			if err != nil {
				return nil, err
			}
			return nil, failf("%s", s)
		}},
	}
}

func toBool(c *call) (any, error) {
	switch v := c.args[0].(type) {
	case bool:
		return v, nil
	case int64:
		return v != 0, nil
	case string:
		switch strings.ToLower(v) {
		case "true", "1":
			return true, nil
		case "false", "0":
			return false, nil
		}
		return nil, c.invalid("was invoked with a parameter that is not valid. The value '%s' cannot be converted to a boolean.", v)
	}
	return nil, c.expects(0, "a string or an integer")
}

func compareInts(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// templateFunctions are about the template and the deployment.
func templateFunctions() []Function {
	fact := func(c *call) (any, error) {
		if c.world.Fact != nil {
			if o := c.world.Fact(c.f.Name); o != nil {
				return o, nil
			}
		}
		return nil, notExpected(strings.ToUpper(c.f.Name))
	}
	return []Function{
		{Name: "parameters", Min: 1, Max: 1, Usage: "(parameterName)", Doc: "a parameter", eval: text1nil(func(c *call, s string) (any, error) { return c.parameter(s) })},
		{Name: "variables", Min: 1, Max: 1, Usage: "(variableName)", Doc: "a variable", eval: text1nil(func(c *call, s string) (any, error) {
			if c.place == inDefault || c.place == inFunction {
				return nil, notExpected(c.f.Name)
			}
			return c.variable(s)
		})},
		{Name: "copyIndex", Min: 0, Max: 2, Usage: "([loopName], [offset])", Doc: "where a copy loop is", eval: copyIndex},
		{Name: "deployment", Usage: "()", Doc: "this deployment", eval: fact},
		{Name: "deployer", Usage: "()", Doc: "who deploys", eval: fact},
		{Name: "resourceGroup", Usage: "()", Doc: "the resource group that is deployed to", eval: fact},
		{Name: "subscription", Usage: "()", Doc: "the subscription that is deployed to", eval: fact},
		{Name: "tenant", Usage: "()", Doc: "the tenant", eval: fact},
		{Name: "environment", Usage: "()", Doc: "the cloud's addresses", eval: func(*call) (any, error) { return environment(), nil }},
		{Name: "newGuid", Usage: "()", Doc: "a new GUID, in default values of parameters only", eval: func(c *call) (any, error) {
			if c.place != inDefault || c.world.NewGUID == nil {
				return nil, notExpected(c.f.Name)
			}
			return c.world.NewGUID(), nil
		}},
	}
}

func text1nil(f func(c *call, s string) (any, error)) func(*call) (any, error) {
	return func(c *call) (any, error) {
		s, err := c.str(0)
		if err != nil {
			return nil, err
		}
		return f(c, s)
	}
}

func copyIndex(c *call) (any, error) {
	var offset int64
	name := ""
	for _, a := range c.args {
		switch a := a.(type) {
		case int64:
			offset = a
		case string:
			name = a
		}
	}
	if len(c.loops) == 0 {
		return nil, failf("The template function 'copyIndex' is not expected at this location. The function can only be used in a resource with copy specified. Please see https://aka.ms/arm-copy for usage details.")
	}
	if name == "" {
		// A loop of a property needs its name; without one the resource's is meant.
		return c.loops[0].index + offset, nil
	}
	for _, l := range slices.Backward(c.loops) {
		if strings.EqualFold(l.name, name) {
			return l.index + offset, nil
		}
	}
	return nil, failf("The template function 'copyIndex' refers to the copy loop '%s', which is not one that it stands in. Please see https://aka.ms/arm-copy for usage details.", name)
}

// environment is the public cloud (public reference of the function).
func environment() *ojson.Object {
	return ojson.Obj("name", "AzureCloud", "gallery", "https://gallery.azure.com/", "graph", "https://graph.windows.net/", "portal", "https://portal.azure.com", "graphAudience", "https://graph.windows.net/",
		"activeDirectoryDataLake", "https://datalake.azure.net/", "batch", "https://batch.core.windows.net/", "media", "https://rest.media.azure.net", "sqlManagement", "https://management.core.windows.net:8443/",
		"vmImageAliasDoc", "https://raw.githubusercontent.com/Azure/azure-rest-api-specs/master/arm-compute/quickstart-templates/aliases.json", "resourceManager", "https://management.azure.com/",
		"authentication", ojson.Obj("loginEndpoint", "https://login.microsoftonline.com/", "audiences", []any{"https://management.core.windows.net/", "https://management.azure.com/"}, "tenant", "common", "identityProvider", "AAD"),
		"suffixes", ojson.Obj("acrLoginServer", ".azurecr.io", "azureDatalakeAnalyticsCatalogAndJob", "azuredatalakeanalytics.net", "azureDatalakeStoreFileSystem", "azuredatalakestore.net",
			"azureFrontDoorEndpointSuffix", "azurefd.net", "keyvaultDns", ".vault.azure.net", "sqlServerHostname", ".database.windows.net", "storage", "core.windows.net"))
}

// cloneLocals adds names to the variables of lambdas.
func cloneLocals(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return maps.Clone(m)
}
