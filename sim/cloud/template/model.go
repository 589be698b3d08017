package template

import (
	"fmt"
	"slices"
	"strings"
)

// Template is a template whose parts were found in their places. Nothing in it
// is evaluated.
type Template struct {
	Node            *Node
	ContentVersion  string
	LanguageVersion string // "" or "2.0"
	Parameters      []Parameter
	functions       []function
	variables       *Node
	resources       *Node // an array, or an object by symbolic names
	outputs         *Node
	definitions     *Node
}

// Parameter is a parameter as a template declares it.
type Parameter struct {
	Name string
	Type string // in the service's spelling: "String", "SecureString", "Int"…
	Node *Node
}

// Secure tells whether values of a type are never shown.
func Secure(typ string) bool { return strings.HasPrefix(strings.ToLower(typ), "secure") }

// function is one that the template defines.
type function struct {
	name   string // "contoso.uniqueName"
	params []argument
	value  *Node
	node   *Node
}

type argument struct{ name, kind string }

// members are those that a template may have.
var members = strings.Fields("$schema contentVersion languageVersion apiProfile definitions metadata parameters functions variables resources outputs imports extensions experimentalFeatures asserts")

// schemas are the versions of the template schema that the service knows.
var schemas = strings.Split("2014-04-01-preview,2015-01-01,2018-05-01,2019-04-01,2019-08-01", ",")

// types are the parameter types in the service's spelling.
var types = map[string]string{"string": "String", "securestring": "SecureString", "int": "Int", "bool": "Bool", "object": "Object", "secureobject": "SecureObject", "array": "Array"}

func parseFailed(n *Node, message string) error {
	return &Error{Message: fmt.Sprintf("Deployment template parse failed: '%s Path '%s', line %d, position %d.'.", message, n.Path, n.Line, n.Column), Line: n.Line, Column: n.Column, Path: n.Path}
}

// invalid is the error of a template that can be read and means nothing.
func invalid(n *Node, format string, args ...any) error {
	e := &Error{Message: "Deployment template validation failed: '" + fmt.Sprintf(format, args...) + "'."}
	if n != nil {
		e.Line, e.Column, e.Path = n.Line, n.Column, n.Path
	}
	return e
}

// Load finds the parts of a template. Its errors are of type *[Error].
func Load(n *Node) (*Template, error) {
	if n == nil || n.Kind != Object {
		if n == nil {
			n = &Node{}
		}
		return nil, parseFailed(n, "Error reading template object.")
	}
	for _, f := range n.Fields {
		if !slices.ContainsFunc(members, func(m string) bool { return strings.EqualFold(m, f.Name) }) {
			return nil, parseFailed(&Node{Path: f.Name, Line: f.Line, Column: f.Column}, fmt.Sprintf("Could not find member '%s' on object of type 'Template'.", f.Name))
		}
	}
	for _, name := range []string{"$schema", "contentVersion", "resources"} {
		if !n.has(name) {
			return nil, parseFailed(n, fmt.Sprintf("Required property '%s' not found in JSON.", name))
		}
	}
	t := &Template{Node: n, ContentVersion: n.Text("contentVersion"), LanguageVersion: n.Text("languageVersion"), variables: n.Get("variables"), resources: n.Get("resources"), outputs: n.Get("outputs"), definitions: n.Get("definitions")}
	schema := n.Text("$schema")
	if !slices.ContainsFunc(schemas, func(s string) bool { return strings.Contains(schema, s) }) {
		return nil, invalid(n.Get("$schema"), "Template schema '%s' is not supported. Supported versions are '%s'. Please see https://aka.ms/arm-syntax for usage details.", schema, strings.Join(schemas, ","))
	}
	if v := t.LanguageVersion; v != "" && v != "1.0" && v != "2.0" {
		return nil, &Error{Code: NotSimulated, Message: "skylab: templates of language version " + v + " is real but not simulated here"}
	}
	for _, name := range []string{"imports", "extensions"} {
		if e := n.Get(name); e != nil && len(e.Fields) > 0 {
			return nil, &Error{Code: NotSimulated, Message: "skylab: the template element " + name + " is real but not simulated here"}
		}
	}
	for _, part := range []struct {
		n    *Node
		name string
	}{{n.Get("parameters"), "parameters"}, {t.variables, "variables"}, {t.outputs, "outputs"}} {
		if part.n != nil && part.n.Kind != Object && part.n.Kind != Null {
			return nil, parseFailed(part.n, fmt.Sprintf("Error reading %s. Expected an object.", part.name))
		}
	}
	if t.resources.Kind != Array && (t.resources.Kind != Object || t.LanguageVersion != "2.0") {
		return nil, parseFailed(t.resources, "Error reading resources. Expected an array.")
	}
	if err := t.loadParameters(); err != nil {
		return nil, err
	}
	return t, t.loadFunctions()
}

func (t *Template) loadParameters() error {
	params := t.Node.Get("parameters")
	if params == nil {
		return nil
	}
	for _, f := range params.Fields {
		typ, err := t.typeOf(f.Value, 0)
		if err != nil {
			return err
		}
		if typ == "" {
			return invalid(f.Value, "The template parameter '%s' at line '%d' and column '%d' is not valid. The type property is missing or not one of '%s'. Please see https://aka.ms/arm-syntax-parameters for usage details.",
				f.Name, f.Value.Line, f.Value.Column, "Array,Bool,Int,Object,SecureObject,SecureString,String")
		}
		t.Parameters = append(t.Parameters, Parameter{f.Name, typ, f.Value})
	}
	return nil
}

// typeOf is the type of a parameter, by way of the template's definitions.
func (t *Template) typeOf(n *Node, depth int) (string, error) {
	if ref := n.Text("$ref"); ref != "" {
		name, ok := strings.CutPrefix(ref, "#/definitions/")
		d := t.definitions.Get(name)
		if !ok || d == nil || depth > 20 {
			return "", invalid(n, "The definition reference '%s' at line '%d' and column '%d' is not valid.", ref, n.Line, n.Column)
		}
		return t.typeOf(d, depth+1)
	}
	return types[strings.ToLower(n.Text("type"))], nil
}

func (t *Template) loadFunctions() error {
	list := t.Node.Get("functions")
	if list == nil {
		return nil
	}
	for _, ns := range list.Items {
		members := ns.Get("members")
		if ns.Text("namespace") == "" || members == nil {
			return invalid(ns, "The template functions at line '%d' and column '%d' are not valid. The namespace property cannot be null or empty. Please see https://aka.ms/arm-syntax-functions for usage details.", ns.Line, ns.Column)
		}
		for _, f := range members.Fields {
			fn := function{name: ns.Text("namespace") + "." + f.Name, value: f.Value.Get("output").Get("value"), node: f.Value}
			if p := f.Value.Get("parameters"); p != nil {
				for _, a := range p.Items {
					fn.params = append(fn.params, argument{a.Text("name"), types[strings.ToLower(a.Text("type"))]})
				}
			}
			if bad := forbidden(fn.value, t.LanguageVersion); len(bad) > 0 {
				return invalid(f.Value, "The template function '%s' at line '%d' and column '%d' is not valid. These function calls are not supported in a function definition: '%s'. Please see https://aka.ms/arm-syntax-functions for usage details.", f.Name, f.Value.Line, f.Value.Column, strings.Join(bad, ", "))
			}
			t.functions = append(t.functions, fn)
		}
	}
	return nil
}

// forbidden lists the calls in a function's value that it may not make.
func forbidden(n *Node, version string) []string {
	var out []string
	walkCalls(n, func(c *Call) {
		name := c.Name
		if c.Namespace != "" {
			name = c.Namespace + "." + c.Name
		}
		_, list := listFunction(c.Name)
		if (c.Namespace != "" && version == "" || c.Namespace == "" && (list || strings.EqualFold(name, "variables") || strings.EqualFold(name, "reference"))) && !slices.Contains(out, name) {
			out = append(out, name)
		}
	})
	return out
}

// walkCalls visits every call in the expressions of a value. What cannot be
// parsed is left to the evaluation.
func walkCalls(n *Node, visit func(*Call)) {
	if n == nil {
		return
	}
	text := func(s string) {
		if inner, ok := IsExpression(s); ok {
			if e, err := Parse(inner); err == nil {
				walkExpr(e, visit)
			}
		}
	}
	if s, ok := n.Value.(string); ok {
		text(s)
	}
	for _, i := range n.Items {
		walkCalls(i, visit)
	}
	for _, f := range n.Fields {
		text(f.Name)
		walkCalls(f.Value, visit)
	}
}

func walkExpr(e Expr, visit func(*Call)) {
	switch e := e.(type) {
	case *Call:
		visit(e)
		for _, a := range e.Args {
			walkExpr(a, visit)
		}
	case *Property:
		walkExpr(e.Of, visit)
		if e.At != nil {
			walkExpr(e.At, visit)
		}
	}
}

func (t *Template) function(name string) *function {
	i := slices.IndexFunc(t.functions, func(f function) bool { return strings.EqualFold(f.name, name) })
	if i < 0 {
		return nil
	}
	return &t.functions[i]
}

func (t *Template) parameter(name string) *Parameter {
	i := slices.IndexFunc(t.Parameters, func(p Parameter) bool { return strings.EqualFold(p.Name, name) })
	if i < 0 {
		return nil
	}
	return &t.Parameters[i]
}

// variable finds a variable; a loop is an element of the variables' copy.
func (t *Template) variable(name string) (n *Node, loop bool) {
	if c := t.variables.Get("copy"); c != nil && isLoops(c) {
		for _, l := range c.Items {
			if strings.EqualFold(l.Text("name"), name) {
				return l, true
			}
		}
	}
	return t.variables.Get(name), false
}

// variableNames are the names of all variables in order.
func (t *Template) variableNames() []string {
	var out []string
	if t.variables == nil {
		return nil
	}
	for _, f := range t.variables.Fields {
		if strings.EqualFold(f.Name, "copy") && isLoops(f.Value) {
			for _, l := range f.Value.Items {
				out = append(out, l.Text("name"))
			}
			continue
		}
		out = append(out, f.Name)
	}
	return out
}
