package template

import (
	"fmt"
	"slices"
	"strings"

	"skylab/sim/ojson"
)

// notBody are the members of a resource that are not part of its body.
var notBody = strings.Fields("apiVersion comments condition copy dependsOn existing import metadata name resourceGroup resources scope subscriptionId type")

// Body evaluates the body of a resource's request. Of a nested deployment whose
// expressions are its own, the template stays as it is.
func (p *Plan) Body(r *Resource, w *World) (*ojson.Object, error) {
	s := p.at(r, w)
	o := &ojson.Object{}
	for _, f := range r.node.Fields {
		if containsFold(notBody, f.Name) {
			continue
		}
		var v any
		var err error
		if r.Nested() && strings.EqualFold(f.Name, "properties") {
			v, err = s.nested(f.Value)
		} else {
			v, err = s.node(f.Value)
		}
		if err != nil {
			return nil, p.unprocessed(r, err)
		}
		o.Set(f.Name, v)
	}
	return o, nil
}

// at is the scope of a resource's body.
func (p *Plan) at(r *Resource, w *World) *scope {
	s := *p.scope
	s.world, s.place, s.loops = w, inBody, r.loops
	return &s
}

// Draft is a body of which what asks for resources at run time stays as it is
// in the template.
func (p *Plan) Draft(r *Resource, w *World) (*ojson.Object, error) {
	s := p.at(r, w)
	o := &ojson.Object{}
	for _, f := range r.node.Fields {
		if containsFold(notBody, f.Name) {
			continue
		}
		v, err := s.draft(f.Value)
		if err != nil {
			return nil, p.unprocessed(r, err)
		}
		o.Set(f.Name, v)
	}
	return o, nil
}

func (s *scope) draft(n *Node) (any, error) {
	switch n.Kind {
	case Array:
		list := []any{}
		for _, i := range n.Items {
			v, err := s.draft(i)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case Object:
		o := &ojson.Object{}
		for _, f := range n.Fields {
			if strings.EqualFold(f.Name, "copy") && isLoops(f.Value) {
				if err := s.copies(o, f.Value); err != nil {
					o.Set(f.Name, f.Value.Plain())
				}
				continue
			}
			key := f.Name
			if k, err := s.text(f.Name); err == nil {
				key = printed(k)
			}
			v, err := s.draft(f.Value)
			if err != nil {
				return nil, err
			}
			o.Set(key, v)
		}
		return o, nil
	}
	if text, ok := n.Value.(string); ok && s.runsLater(text) {
		return text, nil
	}
	return s.node(n)
}

// runsLater tells whether an expression asks for resources at run time.
func (s *scope) runsLater(text string) bool {
	later := false
	walkCalls(&Node{Kind: String, Value: text}, func(c *Call) {
		_, list := listFunction(c.Name)
		later = later || c.Namespace == "" && (list || strings.EqualFold(c.Name, "reference"))
	})
	return later
}

// unprocessed is the error of a body at run time.
func (p *Plan) unprocessed(r *Resource, err error) error {
	e, ok := err.(*Error)
	if !ok || e.Code != "" {
		return err
	}
	return &Error{Message: fmt.Sprintf("Unable to process template language expressions for resource '%s' at line '%d' and column '%d'. '%s'", r.ID, r.Line, r.Column, e.Message), Line: r.Line, Column: r.Column, Path: strings.TrimSuffix(r.Path, ".type")}
}

// Mask puts asterisks in the place of secrets, for bodies that are only shown.
func (p *Plan) Mask() {
	for _, v := range p.Parameters {
		if Secure(v.Type) && fits(v.Type, "") {
			p.scope.params[strings.ToLower(v.Name)] = "*******"
		}
	}
	clear(p.scope.vars.done)
}

// Check evaluates what of the bodies is known before anything is deployed: all
// expressions but those that ask for what resources are at run time.
func (p *Plan) Check(w *World) error {
	for _, r := range p.Resources {
		if !r.Condition || r.Existing {
			continue
		}
		s := p.at(r, w)
		for _, f := range r.node.Fields {
			if containsFold(notBody, f.Name) {
				continue
			}
			if err := s.check(f.Value, r.Nested()); err != nil {
				return p.wrap(r.node, r.loops, err)
			}
		}
	}
	return nil
}

func (s *scope) check(n *Node, nested bool) error {
	switch n.Kind {
	case String:
		return s.checkText(n.Value.(string))
	case Array:
		for _, i := range n.Items {
			if err := s.check(i, nested); err != nil {
				return err
			}
		}
	case Object:
		for _, f := range n.Fields {
			switch {
			case nested && strings.EqualFold(f.Name, "template"):
				continue
			case strings.EqualFold(f.Name, "copy") && isLoops(f.Value):
				// Its input is evaluated with the loop; here only how often.
				for _, l := range f.Value.Items {
					if _, err := s.count(l.Get("count")); err != nil {
						return err
					}
				}
				continue
			}
			if err := s.checkText(f.Name); err != nil {
				return err
			}
			if err := s.check(f.Value, nested); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *scope) checkText(text string) error {
	inner, ok := IsExpression(text)
	if !ok {
		return nil
	}
	e, err := Parse(inner)
	if err != nil || s.runsLater(text) {
		return err
	}
	_, err = s.eval(e)
	return err
}

func containsFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(l string) bool { return strings.EqualFold(l, s) })
}

// Outputs evaluates the outputs. Those that fail are the details of the error.
func (p *Plan) Outputs(w *World) ([]Value, error) {
	s := *p.scope
	s.world, s.place = w, inOutput
	if s.t.outputs == nil {
		return nil, nil
	}
	var out []Value
	failed := &Error{Code: "DeploymentOutputEvaluationFailed"}
	var names []string
	for _, f := range s.t.outputs.Fields {
		v, there, err := s.output(f)
		var e *Error
		switch {
		case err == nil && there:
			out = append(out, v)
		case err == nil:
		default:
			e, _ = err.(*Error)
			if e == nil || e.Code != "" {
				return nil, err
			}
			names = append(names, f.Name)
			failed.Details = append(failed.Details, &Error{Code: failed.Code, Target: f.Name, Message: fmt.Sprintf("The template output '%s' is not valid: %s."+usage, f.Name, e.Message)})
		}
	}
	if len(names) > 0 {
		failed.Message = fmt.Sprintf("Unable to evaluate template outputs: '%s'. Please see error details and deployment operations. Please see https://aka.ms/arm-common-errors for usage details.", strings.Join(names, ","))
		return nil, failed
	}
	return out, nil
}

func (s *scope) output(f Field) (v Value, there bool, err error) {
	typ, err := s.t.typeOf(f.Value, 0)
	if err != nil {
		return v, false, err
	}
	if typ == "" {
		return v, false, failf("the type property is missing or not one of 'Array,Bool,Int,Object,SecureObject,SecureString,String'")
	}
	v = Value{Name: f.Name, Type: typ}
	if c := f.Value.Get("condition"); c != nil {
		is, err := s.node(c)
		if b, ok := is.(bool); err != nil || !ok || !b {
			return v, false, err
		}
	}
	if c := f.Value.Get("copy"); c != nil && c.Kind == Object {
		v.Value, err = s.repeat(c, f.Name)
	} else {
		v.Value, err = s.node(f.Value.Get("value"))
	}
	nullable, _ := f.Value.Get("nullable").value().(bool)
	if err == nil && !fits(typ, v.Value) && !(nullable && v.Value == nil) {
		err = failf("Template output JToken type is not valid. Expected '%s'. Actual '%s'. Please see https://aka.ms/arm-syntax-outputs for usage details.", wanted[jsonKinds[typ]], kindOf(v.Value))
	}
	return v, err == nil, err
}
