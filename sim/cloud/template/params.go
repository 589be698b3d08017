package template

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"skylab/sim/ojson"
)

// Value is a parameter or an output with its type in the service's spelling.
type Value struct {
	Name, Type string
	Value      any
}

// Shown is the value as answers show it: of a secure type, the type alone.
func (v Value) Shown() *ojson.Object {
	o := ojson.Obj("type", v.Type)
	if !Secure(v.Type) {
		o.Set("value", v.Value)
	}
	return o
}

// passLink and fileLink are where the service's errors about parameters send.
const (
	passLink = " Please see https://aka.ms/arm-pass-parameter-values for usage details."
	fileLink = " Please see https://aka.ms/arm-create-parameter-file for usage details."
	parLink  = " Please see https://aka.ms/arm-syntax-parameters for usage details."
)

// bind gives the template's parameters their values: those that are given (an
// object of objects with a value), otherwise their defaults.
func (s *scope) bind(given *Node) ([]Value, error) {
	if given != nil && given.Kind != Object && given.Kind != Null {
		return nil, parseFailed(given, "Error reading parameters. Expected an object.")
	}
	if err := s.t.unknownParameters(given); err != nil {
		return nil, err
	}
	values := make([]Value, len(s.t.Parameters))
	var open []int
	for i, p := range s.t.Parameters {
		values[i] = Value{Name: p.Name, Type: p.Type}
		g := given.Get(p.Name)
		switch {
		case g.has("reference"):
			return nil, &Error{Code: NotSimulated, Message: "skylab: a parameter from a key vault is real but not simulated here", Target: p.Name}
		case g.Get("value") != nil && (g.has("value") || !p.hasDefault()):
			values[i].Value = g.Get("value").Plain()
			s.params[strings.ToLower(p.Name)] = values[i].Value
		case p.hasDefault():
			open = append(open, i)
		case p.nullable(s.t):
			s.params[strings.ToLower(p.Name)] = nil
		default:
			return nil, invalid(p.Node, "The value for the template parameter '%s' at line '%d' and column '%d' is not provided."+fileLink, p.Name, p.Node.Line, p.Node.Column)
		}
	}
	for _, i := range open {
		v, err := s.defaultOf(&s.t.Parameters[i])
		if err != nil {
			return nil, within(err, s.t.Parameters[i].Node, "parameter", values[i].Name)
		}
		values[i].Value = v
	}
	for i := range values {
		if err := s.t.check(&s.t.Parameters[i], values[i].Value); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func (t *Template) unknownParameters(given *Node) error {
	if given == nil {
		return nil
	}
	var extra, known []string
	for _, f := range given.Fields {
		if t.parameter(f.Name) == nil {
			extra = append(extra, f.Name)
		} else if f.Value.Kind != Object {
			return parseFailed(f.Value, fmt.Sprintf("Error converting value \"%s\" to type 'DeploymentParameterDefinition'.", printed(f.Value.Plain())))
		}
	}
	if len(extra) == 0 {
		return nil
	}
	for _, p := range t.Parameters {
		known = append(known, p.Name)
	}
	return invalid(nil, "The template parameters '%s' in the parameters file are not valid; they are not present in the original template and can therefore not be provided at deployment time. The only supported parameters for this template are '%s'."+passLink, strings.Join(extra, ", "), strings.Join(known, ", "))
}

func (p *Parameter) hasDefault() bool { return p.Node.Get("defaultValue") != nil }

func (p *Parameter) nullable(t *Template) bool {
	b, _ := t.definition(p.Node).Get("nullable").value().(bool)
	own, _ := p.Node.Get("nullable").value().(bool)
	return b || own
}

// definition is what a parameter's constraints stand in: itself, or what it
// refers to.
func (t *Template) definition(n *Node) *Node {
	for range 20 {
		name, ok := strings.CutPrefix(n.Text("$ref"), "#/definitions/")
		if !ok {
			break
		}
		n = t.definitions.Get(name)
	}
	return n
}

// defaultOf evaluates a parameter's default value.
func (s *scope) defaultOf(p *Parameter) (any, error) {
	key := strings.ToLower(p.Name)
	if v, ok := s.params[key]; ok {
		return v, nil
	}
	if s.vars.busy["p:"+key] {
		return nil, failf("The template parameter '%s' is not valid: its default value refers to itself."+parLink, p.Name)
	}
	if !p.hasDefault() {
		return nil, failf("The template parameter '%s' is not found."+parLink, p.Name)
	}
	s.vars.busy["p:"+key] = true
	defer delete(s.vars.busy, "p:"+key)
	in := *s
	in.place, in.locals, in.loops = inDefault, nil, nil
	v, err := in.node(p.Node.Get("defaultValue"))
	if err == nil {
		err = bound(v)
	}
	if err == nil {
		s.params[key] = v
	}
	return v, err
}

// jsonKinds are the kinds of JSON value that a parameter type takes.
var jsonKinds = map[string]Kind{"String": String, "SecureString": String, "Int": Integer, "Bool": Boolean, "Object": Object, "SecureObject": Object, "Array": Array}

func fits(typ string, v any) bool { return jsonKinds[typ] == kindOf(v) }

// check holds a parameter's value against what its declaration asks.
func (t *Template) check(p *Parameter, v any) error {
	if v == nil && p.nullable(t) {
		return nil
	}
	n := p.Node
	refuse := func(format string, args ...any) error {
		e := invalid(n, format, args...)
		e.(*Error).Target = p.Name
		return e
	}
	if !fits(p.Type, v) {
		return refuse("The provided value for the template parameter '%s' is not valid. Expected a value of type '%s', but received a value of type '%s'."+fileLink, p.Name, wanted[jsonKinds[p.Type]], kindOf(v))
	}
	at := fmt.Sprintf("for the template parameter '%s' at line '%d' and column '%d' is not valid.", p.Name, n.Line, n.Column)
	d := t.definition(n)
	if allowed := n.Get("allowedValues"); allowed != nil || d.Get("allowedValues") != nil {
		if allowed == nil {
			allowed = d.Get("allowedValues")
		}
		list, _ := allowed.Plain().([]any)
		in := func(v any) bool { return slices.ContainsFunc(list, func(a any) bool { return sameText(a, v) }) }
		several, isList := v.([]any)
		if !in(v) && (!isList || slices.ContainsFunc(several, func(v any) bool { return !in(v) })) {
			var texts []string
			for _, a := range list {
				texts = append(texts, printed(a))
			}
			return refuse("The provided value '%s' "+at+" The parameter value is not part of the allowed value(s): '%s'.", hidden(p.Type, printed(v)), strings.Join(texts, ","))
		}
	}
	limit := func(name string) (int64, bool) {
		v, ok := n.Get(name).value().(int64)
		if !ok {
			v, ok = d.Get(name).value().(int64)
		}
		return v, ok
	}
	if size, ok := length(v); ok && jsonKinds[p.Type] != Object {
		if m, ok := limit("minLength"); ok && int64(size) < m {
			return refuse("The provided value "+at+" Length of the value should be greater than or equal to '%d'."+parLink, m)
		}
		if m, ok := limit("maxLength"); ok && int64(size) > m {
			return refuse("The provided value "+at+" Length of the value should be less than or equal to '%d'."+parLink, m)
		}
	}
	if i, ok := v.(int64); ok {
		if m, ok := limit("minValue"); ok && i < m {
			return refuse("The provided value "+at+" The value should be greater than or equal to '%d'."+parLink, m)
		}
		if m, ok := limit("maxValue"); ok && i > m {
			return refuse("The provided value "+at+" The value should be less than or equal to '%d'."+parLink, m)
		}
	}
	return nil
}

// wanted are the kinds as the error about a type lists them.
var wanted = map[Kind]string{String: "String, Uri", Integer: "Integer", Boolean: "Boolean", Object: "Object", Array: "Array"}

func hidden(typ, text string) string {
	if Secure(typ) {
		return "******"
	}
	return text
}

// sameText compares an allowed value with one given: strings in any case.
func sameText(a, b any) bool {
	x, ok := a.(string)
	y, both := b.(string)
	if ok && both {
		return strings.EqualFold(x, y)
	}
	return equal(a, b)
}

// within says where an expression failed: "The template variable 'x' is not
// valid: …". What cannot be parsed names no place.
func within(err error, n *Node, what, name string) error {
	var e *Error
	if !errors.As(err, &e) || e.Code != "" {
		return err
	}
	if e.syntax {
		return &Error{Message: "Deployment template language expression evaluation failed: '" + e.Message + "'." + usage}
	}
	if strings.HasPrefix(e.Message, "Deployment template ") {
		return err
	}
	return invalid(n, "The template %s '%s' is not valid: %s."+usage, what, name, e.Message)
}
