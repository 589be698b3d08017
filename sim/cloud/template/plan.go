package template

import (
	"strconv"
	"strings"

	"skylab/sim/ojson"
)

// Plan is what a template with parameters comes to.
type Plan struct {
	Parameters []Value
	Resources  []*Resource
	scope      *scope
	raw        map[string][]int // resources by copy loop and by symbol, in lower case
}

// Resource is a resource of a plan: all of it that is known before anything is
// deployed.
type Resource struct {
	Symbol       string // of a template of language version 2.0; of a loop's element "name[0]"
	Name, Type   string
	Version      string // api-version
	ID           string
	Into         string // the ARM id that it lies in
	Location     string
	Condition    bool // false means that it is not deployed
	Existing     bool // only spoken of
	Needs        []int
	Line, Column int
	Path         string // of its type in the template
	node         *Node
	loops        []loop
}

// Nested tells whether the resource is a deployment within the deployment.
func (r *Resource) Nested() bool {
	return strings.EqualFold(r.Type, "Microsoft.Resources/deployments")
}

// New makes a plan of a template. given are the parameters as a deployment has
// them; nil is none. Errors are of type *[Error].
func New(t *Template, given *Node, w *World) (*Plan, error) {
	steps := maxSteps
	s := &scope{t: t, world: w, params: map[string]any{}, vars: &variables{map[string]any{}, map[string]bool{}}, steps: &steps}
	p := &Plan{scope: s, raw: map[string][]int{}}
	s.refer = p.refer
	var err error
	if p.Parameters, err = s.bind(given); err != nil {
		return nil, err
	}
	for _, name := range t.variableNames() {
		n, _ := t.variable(name)
		if _, err := s.variable(name); err != nil {
			return nil, within(err, n, "variable", name)
		}
	}
	for _, f := range symbols(t.resources) {
		if err := p.add(f.Name, f.Value, nil); err != nil {
			return nil, err
		}
	}
	if err := p.unique(); err != nil {
		return nil, err
	}
	return p, p.order()
}

// symbols are the elements of resources with their symbolic names.
func symbols(n *Node) []Field {
	if n.Kind == Object {
		return n.Fields
	}
	var out []Field
	for _, i := range n.Items {
		out = append(out, Field{Value: i})
	}
	return out
}

// parent is the resource around a nested one.
type parent struct {
	typ, name string
	loops     []loop
}

// add adds a resource of the template, as often as its copy loop says, and the
// resources nested in it.
func (p *Plan) add(symbol string, n *Node, in *parent) error {
	if n.Kind != Object {
		return parseFailed(n, "Error reading a template resource. Expected an object.")
	}
	s := *p.scope
	s.place = inHeader
	if in != nil {
		s.loops = in.loops
	}
	c := n.Get("copy")
	if c == nil || c.Kind != Object {
		return p.one(symbol, n, in, s)
	}
	name := c.Text("name")
	if name == "" && symbol != "" {
		name = symbol
	}
	if name == "" {
		return p.fail(n, n, s.loops, "The copy name property cannot be null or empty. Please see https://aka.ms/arm-resource-loops for usage details.")
	}
	if in != nil {
		return p.fail(n, n, s.loops, "Copy is not supported on a nested resource. Please see https://aka.ms/arm-resource-loops for usage details.")
	}
	count, err := s.count(c.Get("count"))
	if err != nil {
		return p.wrap(n, s.loops, err)
	}
	serial := strings.EqualFold(c.Text("mode"), "serial")
	batch := int64(1)
	if b := c.Get("batchSize"); b != nil {
		v, err := s.node(b)
		if err != nil {
			return p.wrap(n, s.loops, err)
		}
		if size, ok := v.(int64); ok && size > 0 {
			batch = size
		}
	}
	var before, now []int
	for i := range count {
		at := s
		at.loops = []loop{{name, i}}
		element := ""
		if symbol != "" {
			element = symbol + "[" + strconv.FormatInt(i, 10) + "]"
		}
		first := len(p.Resources)
		if err := p.one(element, n, nil, at); err != nil {
			return err
		}
		if serial && i%batch == 0 {
			before, now = now, nil
		}
		for j := first; j < len(p.Resources); j++ {
			p.Resources[j].Needs = append(p.Resources[j].Needs, before...)
			now = append(now, j)
		}
		p.raw[strings.ToLower(name)] = append(p.raw[strings.ToLower(name)], first)
		if symbol != "" && !strings.EqualFold(symbol, name) {
			p.raw[strings.ToLower(symbol)] = append(p.raw[strings.ToLower(symbol)], first)
		}
	}
	if count == 0 {
		p.raw[strings.ToLower(name)] = nil
	}
	return nil
}

// one adds one resource and what is nested in it.
func (p *Plan) one(symbol string, n *Node, in *parent, s scope) error {
	r := &Resource{Symbol: symbol, Line: n.Line, Column: n.Column, Path: n.Path + ".type", Condition: true, node: n, loops: s.loops}
	typ := n.Get("type")
	if typ == nil || typ.Kind != String {
		return p.fail(n, n, s.loops, "The type property cannot be null or empty. Please see https://aka.ms/arm-syntax-resources for usage details.")
	}
	if r.Type, _ = typ.Value.(string); strings.HasPrefix(r.Type, "[") {
		return p.fail(n, n, s.loops, "The type property cannot be an expression. Please see https://aka.ms/arm-syntax-resources for usage details.")
	}
	r.Type = strings.Trim(r.Type, "/")
	name, err := s.text1(n, "name")
	if err != nil {
		return p.wrap(n, s.loops, err)
	}
	if name == "" {
		at := n.Get("name")
		if at == nil {
			at = n
		}
		return p.fail(at, n, s.loops, "The name property cannot be null or empty. Please see https://aka.ms/arm-syntax-resources for usage details.")
	}
	r.Name = name
	if in != nil {
		if !strings.Contains(r.Type, "/") || !strings.HasPrefix(strings.ToLower(r.Type), strings.ToLower(in.typ)+"/") {
			r.Type = in.typ + "/" + r.Type
		}
		r.Name = in.name + "/" + r.Name
	}
	if strings.Count(r.Type, "/") < 1 || strings.Count(r.Type, "/") != strings.Count(r.Name, "/")+1 || strings.Contains("/"+r.Name+"/", "//") {
		return invalid(typ, "The template resource '%s' for type '%s' at line '%d' and column '%d' has incorrect segment lengths. A nested resource type must have identical number of segments as its resource name. A root resource type must have segment length one greater than its resource name. Please see https://aka.ms/arm-syntax-resources for usage details.", r.Name, r.Type, typ.Line, typ.Column)
	}
	for _, h := range []struct {
		name string
		to   *string
	}{{"apiVersion", &r.Version}, {"location", &r.Location}} {
		if *h.to, err = s.text1(n, h.name); err != nil {
			return p.wrap(n, s.loops, err)
		}
	}
	if r.Version == "" {
		if r.Version = p.apiProfile(); r.Version == "" {
			return p.fail(n, n, s.loops, "The apiVersion property cannot be null or empty. Please see https://aka.ms/arm-syntax-resources for usage details.")
		}
	}
	if c := n.Get("condition"); c != nil {
		v, err := s.node(c)
		if err != nil {
			return p.wrap(n, s.loops, err)
		}
		ok := false
		if r.Condition, ok = v.(bool); !ok {
			return p.fail(n, n, s.loops, "The template resource condition must be a boolean. The value is of type '%s'. Please see https://aka.ms/arm-syntax-resources for usage details.", kindOf(v))
		}
	}
	r.Existing, _ = n.Get("existing").value().(bool)
	if err := p.place(r, n, &s); err != nil {
		return p.wrap(n, s.loops, err)
	}
	p.Resources = append(p.Resources, r)
	if symbol != "" {
		key := strings.ToLower(symbol)
		p.raw[key] = append(p.raw[key], len(p.Resources)-1)
	}
	children := n.Get("resources")
	if children == nil || children.Kind == Null {
		return nil
	}
	for _, f := range symbols(children) {
		if err := p.add(f.Name, f.Value, &parent{r.Type, r.Name, s.loops}); err != nil {
			return err
		}
	}
	return nil
}

// apiProfile is the api-version of resources without one.
func (p *Plan) apiProfile() string { return p.scope.t.Node.Text("apiProfile") }

// place finds where a resource lies and its id.
func (p *Plan) place(r *Resource, n *Node, s *scope) error {
	w := s.world
	r.Into = w.Scope
	if w.Target != "" {
		r.Into = w.Target
	}
	sub, err := s.text1(n, "subscriptionId")
	if err != nil {
		return err
	}
	group, err := s.text1(n, "resourceGroup")
	if err != nil {
		return err
	}
	scope, err := s.text1(n, "scope")
	if err != nil {
		return err
	}
	switch {
	case scope == "/":
		r.Into = ""
	case strings.HasPrefix(scope, "/"):
		r.Into = strings.TrimSuffix(scope, "/")
	case scope != "":
		parts := strings.Split(scope, "/")
		if len(parts)%2 == 0 || len(parts) < 3 {
			return failf("The scope '%s' is not valid. Please see https://aka.ms/arm-syntax-resources for usage details.", scope)
		}
		r.Into += "/providers/" + scope
	case r.Nested() && (sub != "" || group != ""):
		if sub == "" {
			sub = strings.TrimPrefix(subscriptionOf(r.Into), "/subscriptions/")
		}
		r.Into = "/subscriptions/" + sub
		if group != "" {
			r.Into += "/resourceGroups/" + group
		}
	}
	if strings.EqualFold(r.Type, "Microsoft.Resources/resourceGroups") {
		r.Into = subscriptionOf(r.Into)
		r.ID = r.Into + "/resourceGroups/" + r.Name
		return nil
	}
	kinds := strings.Split(r.Type, "/")
	r.ID = r.Into + "/providers/" + kinds[0] + interleave(kinds[1:], strings.Split(r.Name, "/"))
	return nil
}

// text1 evaluates a member that is a string.
func (s *scope) text1(n *Node, name string) (string, error) {
	v, err := s.node(n.Get(name))
	if err != nil {
		return "", err
	}
	switch v.(type) {
	case []any, *ojson.Object:
		return "", failf("The %s property must be a string. The value is of type '%s'.", name, kindOf(v))
	}
	return printed(v), nil
}

// called is a resource's name as its errors show it: as it stands in the
// template if it cannot be evaluated.
func (p *Plan) called(n *Node, loops []loop) string {
	s := *p.scope
	s.place, s.loops = inHeader, loops
	if name, err := s.text1(n, "name"); err == nil {
		return name
	}
	return n.Text("name")
}

// fail is the error that a resource is not valid, at the place of a node.
func (p *Plan) fail(at, n *Node, loops []loop, format string, args ...any) error {
	return invalid(at, "The template resource '%s' at line '%d' and column '%d' is not valid. "+format, append([]any{p.called(n, loops), at.Line, at.Column}, args...)...)
}

// wrap is the error that an expression of a resource failed.
func (p *Plan) wrap(n *Node, loops []loop, err error) error {
	e, ok := err.(*Error)
	if !ok || e.Code != "" || strings.HasPrefix(e.Message, "Deployment template ") {
		return err
	}
	return invalid(n, "The template resource '%s' at line '%d' and column '%d' is not valid: %s."+usage, p.called(n, loops), n.Line, n.Column, e.Message)
}

// unique refuses a resource that stands twice in the template.
func (p *Plan) unique() error {
	seen := map[string]bool{}
	for _, r := range p.Resources {
		if !r.Condition || r.Existing {
			continue
		}
		key := strings.ToLower(r.ID)
		if seen[key] {
			return invalid(r.node, "The resource '%s/%s' at line '%d' and column '%d' is defined multiple times in a template. Please see https://aka.ms/arm-syntax-resources for usage details.", r.Type, r.Name, r.Line, r.Column)
		}
		seen[key] = true
	}
	return nil
}
