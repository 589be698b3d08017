package template

import (
	"strconv"
	"strings"
	"time"

	"skylab/sim/ojson"
)

// World is what an expression may ask of the cloud. A nil function is not
// expected where the expression stands.
type World struct {
	// Fact returns "resourceGroup", "subscription", "tenant", "deployment" or
	// "deployer"; nil is not expected here.
	Fact func(name string) *ojson.Object
	// Scope is the ARM id of what is deployed to, which functions mean. Target is
	// where resources go, if that is not the same: a nested template whose
	// expressions are evaluated by its parent.
	Scope, Target string
	Now           time.Time
	NewGUID       func() string
	// Reference returns the properties of a resource, or all of it. version is
	// the api-version.
	Reference func(id, version string, full bool) (any, error)
	// List calls an action of a resource whose name begins with "list".
	List func(function, id, version string, body *ojson.Object) (any, error)
}

// place is where an expression stands, for some functions are not expected
// everywhere.
type place int

const (
	inDefault  place = iota // a parameter's default value
	inVariable              // a variable
	inFunction              // a function of the template's own
	inHeader                // what must be known before anything is deployed: names, conditions, counts
	inBody                  // the rest of a resource
	inOutput
)

// scope is what the names in an expression mean.
type scope struct {
	t     *Template
	world *World
	place place
	loops []loop
	// locals are the variables of lambdas and the parameters of the template's own
	// functions.
	locals map[string]any
	params map[string]any // of the template, by lower-case name
	vars   *variables
	// refer resolves the first argument of reference and list functions to an ARM
	// id and, for a resource of the template, its api-version.
	refer func(name string) (id, version string, own bool)
	steps *int // left before an expression is given up
}

// loop is a copy loop that goes on.
type loop struct {
	name  string
	index int64
}

// maxSteps is how many calls the evaluation of one template may make.
const maxSteps = 500_000

// variables are a template's variables, evaluated when first asked for.
type variables struct {
	done map[string]any
	busy map[string]bool
}

// text evaluates a string of the template.
func (s *scope) text(text string) (any, error) {
	inner, ok := IsExpression(text)
	if !ok {
		return inner, nil
	}
	e, err := Parse(inner)
	if err != nil {
		return nil, err
	}
	return s.eval(e)
}

func (s *scope) eval(e Expr) (any, error) {
	if err := s.step(); err != nil {
		return nil, err
	}
	switch e := e.(type) {
	case Literal:
		return e.Value, nil
	case *Property:
		return s.property(e)
	}
	c := e.(*Call)
	if c.Namespace != "" {
		return s.own(c)
	}
	f := functions[strings.ToLower(c.Name)]
	if f == nil {
		if list, ok := listFunction(c.Name); ok {
			f = list
		} else {
			return nil, failf("The template function '%s' is not valid."+usage, c.Name)
		}
	}
	if f.absent {
		return nil, &Error{Code: NotSimulated, Message: "skylab: the template function " + f.Name + " is real but not simulated here"}
	}
	if len(c.Args) < f.Min || f.Max >= 0 && len(c.Args) > f.Max {
		return nil, f.arity(len(c.Args))
	}
	call := &call{scope: s, f: f, exprs: c.Args}
	if f.lazy {
		return f.eval(call)
	}
	for _, a := range c.Args {
		v, err := s.eval(a)
		if err != nil {
			return nil, err
		}
		call.args = append(call.args, v)
	}
	v, err := f.eval(call)
	switch v := v.(type) { // what is made counts too
	case []any:
		*s.steps -= len(v) / 10
	case string:
		*s.steps -= len(v) / 100
	}
	return v, err
}

// NotSimulated is the code of errors for what is real and absent here.
const NotSimulated = "NotSimulated"

func (s *scope) property(p *Property) (any, error) {
	of, err := s.eval(p.Of)
	if err != nil {
		return nil, err
	}
	var key any = p.Name
	if p.At != nil {
		if key, err = s.eval(p.At); err != nil {
			return nil, err
		}
	}
	switch of := of.(type) {
	case *ojson.Object:
		name, ok := key.(string)
		if !ok {
			return nil, failf("The language expression property '%s' can't be evaluated, property name must be a string."+usage, printed(key))
		}
		v, ok := of.GetFold(name)
		if !ok {
			return nil, failf("The language expression property '%s' doesn't exist, available properties are '%s'."+usage, name, strings.Join(of.Keys(), ", "))
		}
		return v, nil
	case []any:
		i, ok := key.(int64)
		if !ok {
			return nil, failf("The language expression property '%s' can't be evaluated, property name must be an integer."+usage, printed(key))
		}
		if i < 0 || i >= int64(len(of)) {
			return nil, failf("The language expression property array index '%d' is out of bounds."+usage, i)
		}
		return of[i], nil
	}
	return nil, failf("The language expression property '%s' can't be evaluated."+usage, printed(key))
}

// own calls a function that the template defines.
func (s *scope) own(c *Call) (any, error) {
	full := c.Namespace + "." + c.Name
	d := s.t.function(full)
	if d == nil {
		return nil, failf("The template function '%s' is not valid."+usage, full)
	}
	if s.place == inFunction && s.t.LanguageVersion == "" {
		return nil, notExpected(full)
	}
	if len(c.Args) != len(d.params) {
		return nil, failf("Unable to evaluate template language function '%s': function requires %d argument(s) while %d were provided."+usage, full, len(d.params), len(c.Args))
	}
	in := *s
	in.place, in.locals, in.loops = inFunction, map[string]any{}, nil
	for i, a := range c.Args {
		v, err := s.eval(a)
		if err != nil {
			return nil, err
		}
		if want := d.params[i]; want.kind != "" && !fits(want.kind, v) {
			return nil, failf("Unable to evaluate template language function '%s': the parameter '%s' expects a value of type '%s' but got '%s'."+usage, full, want.name, want.kind, kindOf(v))
		}
		if err := bound(v); err != nil {
			return nil, err
		}
		in.locals["p:"+strings.ToLower(d.params[i].name)] = v
	}
	return in.node(d.value)
}

func notExpected(name string) error {
	return failf("The template function '%s' is not expected at this location."+usage, name)
}

// step counts what is evaluated.
func (s *scope) step() error {
	if *s.steps--; *s.steps < 0 {
		return failf("The template language expressions take too many steps to be evaluated." + usage)
	}
	return nil
}

// maxWeight is how many values may lie in one that gets a name. Values with
// names are shared, and without a limit a few lines would double one to no end.
const maxWeight = 200_000

// bound checks a value that gets a name.
func bound(v any) error {
	budget := maxWeight
	if !weigh(v, &budget) {
		return failf("The value of a template language expression is too large." + usage)
	}
	return nil
}

func weigh(v any, budget *int) bool {
	*budget--
	switch v := v.(type) {
	case string:
		*budget -= len(v) / 64
	case []any:
		for _, e := range v {
			if *budget < 0 || !weigh(e, budget) {
				return false
			}
		}
	case *ojson.Object:
		for _, m := range v.Members() {
			if *budget < 0 || !weigh(m.Value, budget) {
				return false
			}
		}
	}
	return *budget >= 0
}

// node evaluates a value of the template with all that lies in it.
func (s *scope) node(n *Node) (any, error) {
	if err := s.step(); err != nil {
		return nil, err
	}
	switch {
	case n == nil:
		return nil, nil
	case n.Kind == String:
		return s.text(n.Value.(string))
	case n.Kind == Array:
		list := make([]any, 0, len(n.Items))
		for _, item := range n.Items {
			v, err := s.node(item)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case n.Kind == Object:
		return s.object(n)
	}
	return n.Value, nil
}

// object evaluates an object, its copy loops and the expressions in names.
func (s *scope) object(n *Node) (any, error) {
	o := &ojson.Object{}
	for _, f := range n.Fields {
		if strings.EqualFold(f.Name, "copy") && isLoops(f.Value) {
			if err := s.copies(o, f.Value); err != nil {
				return nil, err
			}
			continue
		}
		name := f.Name
		if _, ok := IsExpression(name); ok {
			v, err := s.text(name)
			if err != nil {
				return nil, err
			}
			if name, ok = v.(string); !ok {
				return nil, failf("The language expression '%s' in a property name must be a string.", f.Name)
			}
		} else {
			name, _ = IsExpression(name)
		}
		v, err := s.node(f.Value)
		if err != nil {
			return nil, err
		}
		o.Set(name, v)
	}
	return o, nil
}

// isLoops tells a copy element from a property that has its name.
func isLoops(n *Node) bool {
	if n.Kind != Array || len(n.Items) == 0 {
		return false
	}
	for _, i := range n.Items {
		if i.Kind != Object || !i.has("name") || !i.has("count") || i.Get("input") == nil {
			return false
		}
	}
	return true
}

// copies evaluates the copy loops of properties.
func (s *scope) copies(o *ojson.Object, loops *Node) error {
	for _, l := range loops.Items {
		name := l.Text("name")
		list, err := s.repeat(l, name)
		if err != nil {
			return err
		}
		o.Set(name, list)
	}
	return nil
}

// repeat evaluates the input of a copy loop count times.
func (s *scope) repeat(l *Node, name string) ([]any, error) {
	count, err := s.count(l.Get("count"))
	if err != nil {
		return nil, err
	}
	list := make([]any, 0, count)
	for i := range count {
		in := *s
		in.loops = append(append([]loop(nil), s.loops...), loop{name, i})
		v, err := in.node(l.Get("input"))
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// maxCopies is how often a copy loop may go round.
const maxCopies = 800

func (s *scope) count(n *Node) (int64, error) {
	v, err := s.node(n)
	if err != nil {
		return 0, err
	}
	i, ok := v.(int64)
	if !ok || i < 0 || i > maxCopies {
		return 0, failf("The copy count must be a positive integer value and cannot exceed '%d'. Actual value is '%s'. Please see https://aka.ms/arm-resource-loops for usage details.", maxCopies, printed(v))
	}
	return i, nil
}

// variable evaluates a variable of the template.
func (s *scope) variable(name string) (any, error) {
	key := strings.ToLower(name)
	if v, ok := s.vars.done[key]; ok {
		return v, nil
	}
	n, loop := s.t.variable(name)
	if n == nil {
		return nil, failf("The template variable '%s' is not found. Please see https://aka.ms/arm-syntax-variables for usage details.", name)
	}
	if s.vars.busy[key] {
		return nil, failf("The template variable '%s' is not valid: it refers to itself."+usage, name)
	}
	s.vars.busy[key] = true
	defer delete(s.vars.busy, key)
	in := *s
	in.place, in.locals, in.loops = inVariable, nil, nil
	var v any
	var err error
	if loop {
		v, err = in.repeat(n, name)
	} else {
		v, err = in.node(n)
	}
	if err == nil {
		err = bound(v)
	}
	if err != nil {
		return nil, err
	}
	s.vars.done[key] = v
	return v, nil
}

// parameter returns a parameter of the template, or of its function.
func (s *scope) parameter(name string) (any, error) {
	if s.place == inFunction {
		if v, ok := s.locals["p:"+strings.ToLower(name)]; ok {
			return v, nil
		}
	} else if v, ok := s.params[strings.ToLower(name)]; ok {
		return v, nil
	} else if s.place == inDefault {
		if d := s.t.parameter(name); d != nil {
			return s.defaultOf(d)
		}
	}
	return nil, failf("The template parameter '%s' is not found. Please see https://aka.ms/arm-syntax-parameters for usage details.", name)
}

// printed is a value as a message shows it.
func printed(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		if v {
			return "True"
		}
		return "False"
	case int64:
		return strconv.FormatInt(v, 10)
	}
	b, err := ojson.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}
