package template

import (
	"slices"
	"strings"
)

// order fills in what each resource needs: what it says it depends on, and what
// it refers to.
func (p *Plan) order() error {
	for i, r := range p.Resources {
		if r.Existing {
			continue
		}
		s := *p.scope
		s.place, s.loops = inHeader, r.loops
		if deps := r.node.Get("dependsOn"); deps != nil {
			for _, d := range deps.Items {
				v, err := s.node(d)
				if err != nil {
					return p.wrap(r.node, r.loops, err)
				}
				name, _ := v.(string)
				found, ok := p.find(name)
				if !ok {
					return invalid(nil, "The resource '%s' is not defined in the template. Please see https://aka.ms/arm-syntax for usage details.", short(name))
				}
				r.Needs = append(r.Needs, found...)
			}
		}
		if err := p.implied(r, &s); err != nil {
			return err
		}
		slices.Sort(r.Needs)
		r.Needs = slices.Compact(r.Needs)
		if slices.Contains(r.Needs, i) {
			return invalid(r.node, "The template resource '%s' cannot reference itself. Please see https://aka.ms/arm-function-reference for usage details.", r.Name)
		}
	}
	return p.acyclic()
}

// implied adds what the reference functions of a resource's body speak of: a
// resource by its name, or by its id without an api-version.
func (p *Plan) implied(r *Resource, s *scope) error {
	for _, f := range r.node.Fields {
		if containsFold(notBody, f.Name) {
			continue
		}
		value := f.Value
		if r.Nested() && strings.EqualFold(f.Name, "properties") {
			value = &Node{Kind: Object}
			for _, m := range f.Value.Fields {
				if !strings.EqualFold(m.Name, "template") {
					value.Fields = append(value.Fields, m)
				}
			}
		}
		var bad error
		walkCalls(value, func(c *Call) {
			_, list := listFunction(c.Name)
			if c.Namespace != "" || len(c.Args) == 0 || !list && !strings.EqualFold(c.Name, "reference") {
				return
			}
			v, err := s.eval(c.Args[0])
			name, ok := v.(string)
			if err != nil || !ok {
				return // known at run time only, or wrong, which Check finds
			}
			byID := strings.HasPrefix(name, "/")
			if byID && len(c.Args) > 1 {
				return
			}
			found, ok := p.find(name)
			if !ok {
				if len(c.Args) == 1 && !list && bad == nil {
					bad = invalid(nil, "The template reference '%s' is not valid: could not find template resource or resource copy with this name. Please see https://aka.ms/arm-function-reference for usage details.", name)
				}
				return
			}
			r.Needs = append(r.Needs, found...)
		})
		if bad != nil {
			return bad
		}
	}
	return nil
}

// find returns the resources that a text means: a symbolic name, the name of a
// copy loop, an id, a type with a name, or a name.
func (p *Plan) find(text string) ([]int, bool) {
	low := strings.ToLower(strings.Trim(text, "/"))
	if found, ok := p.raw[low]; ok {
		return found, true
	}
	var out []int
	for i, r := range p.Resources {
		kinds := strings.Split(r.Type, "/")
		names := strings.Split(r.Name, "/")
		for _, form := range []string{r.ID, r.Type + "/" + r.Name, kinds[0] + interleave(kinds[1:], names), r.Name} {
			if strings.ToLower(strings.Trim(form, "/")) == low {
				out = append(out, i)
				break
			}
		}
	}
	return out, len(out) > 0
}

// short is an id as the error about it shows it: its type and name.
func short(text string) string {
	low := strings.ToLower(text)
	at := strings.LastIndex(low, "/providers/")
	if at < 0 || !strings.HasPrefix(text, "/") {
		return text
	}
	parts := strings.Split(text[at+len("/providers/"):], "/")
	kinds, names := parts[:1:1], []string{}
	for i, part := range parts[1:] {
		if i%2 == 0 {
			kinds = append(kinds, part)
		} else {
			names = append(names, part)
		}
	}
	return strings.Join(append(kinds, names...), "/")
}

// refer resolves the first argument of a reference function.
func (p *Plan) refer(name string) (id, version string, own bool) {
	if found, ok := p.find(name); ok && len(found) > 0 {
		r := p.Resources[found[0]]
		return r.ID, r.Version, true
	}
	if strings.HasPrefix(name, "/") {
		return name, "", false
	}
	return "", "", false
}

// acyclic refuses a plan in which a resource needs itself in the end.
func (p *Plan) acyclic() error {
	state := make([]byte, len(p.Resources)) // 1 being visited, 2 done
	var visit func(i int) error
	visit = func(i int) error {
		state[i] = 1
		for _, n := range p.Resources[i].Needs {
			switch state[n] {
			case 1:
				r := p.Resources[n]
				return invalid(r.node, "Circular dependency detected on resource: '%s'. Please see https://aka.ms/arm-syntax-resources for usage details.", r.ID)
			case 0:
				if err := visit(n); err != nil {
					return err
				}
			}
		}
		state[i] = 2
		return nil
	}
	for i := range p.Resources {
		if state[i] == 0 {
			if err := visit(i); err != nil {
				return err
			}
		}
	}
	return nil
}
