package graph

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"skylab/sim/cloud/entra"
	"skylab/sim/ojson"
)

// noID stands in a sample object for an id.
const noID = "00000000-0000-0000-0000-000000000000"

// sample is an object of a set with all its properties, to read their names and
// types from.
func (s *set) sample(g *Graph) *ojson.Object {
	return s.properties(g, object{id: noID, set: s, principal: entra.Principal{ID: noID}, app: entra.Application{ID: noID}})
}

// filter reads $filter and returns what tells whether an object is meant.
func (c *call) filter(s *set) (func(*ojson.Object) bool, error) {
	if c.query.filter == "" {
		return func(*ojson.Object) bool { return true }, nil
	}
	p := &parser{text: c.query.filter, set: s, sample: s.sample(c.Graph), advanced: c.query.eventual && c.query.count}
	e, err := p.parse()
	if err != nil {
		return nil, err
	}
	return func(o *ojson.Object) bool { return e(scope{object: o}) }, nil
}

// scope is what a filter is applied to: an object, and within any() an item.
type scope struct {
	object   *ojson.Object
	variable string
	item     any
}

func (s scope) at(path []string) any {
	if s.variable != "" && path[0] == s.variable {
		o, ok := s.item.(*ojson.Object)
		if len(path) == 1 || !ok {
			return s.item
		}
		return o.At(path[1:]...)
	}
	return s.object.At(path...)
}

// condition is a parsed filter or a part of one.
type condition func(scope) bool

func (p *parser) parse() (condition, error) {
	if len(p.text) > longestFilter {
		return nil, invalid("the filter is longer than %d characters.", longestFilter)
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	e, err := p.or()
	if err == nil && p.kind != end {
		err = p.syntax()
	}
	return e, err
}

func (p *parser) or() (condition, error) {
	if p.depth++; p.depth > deepestFilter {
		return nil, invalid("Recursion depth exceeded allowed limit.")
	}
	defer func() { p.depth-- }()
	left, err := p.and()
	for err == nil && p.is(word, "or") {
		var right condition
		if err = p.advance(); err != nil {
			break
		}
		if right, err = p.and(); err == nil {
			l := left
			left = func(s scope) bool { return l(s) || right(s) }
		}
	}
	return left, err
}

func (p *parser) and() (condition, error) {
	left, err := p.unary()
	for err == nil && p.is(word, "and") {
		var right condition
		if err = p.advance(); err != nil {
			break
		}
		if right, err = p.unary(); err == nil {
			l := left
			left = func(s scope) bool { return l(s) && right(s) }
		}
	}
	return left, err
}

func (p *parser) unary() (condition, error) {
	switch {
	case p.is(word, "not"):
		if !p.advanced {
			return nil, unsupported("Unsupported Query.")
		}
		if p.depth++; p.depth > deepestFilter {
			return nil, invalid("Recursion depth exceeded allowed limit.")
		}
		defer func() { p.depth-- }()
		if err := p.advance(); err != nil {
			return nil, err
		}
		e, err := p.unary()
		return func(s scope) bool { return !e(s) }, err
	case p.is(mark, "("):
		if err := p.advance(); err != nil {
			return nil, err
		}
		e, err := p.or()
		if err != nil {
			return nil, err
		}
		return e, p.expect(")")
	case p.kind != word:
		return nil, p.syntax()
	}
	return p.term()
}

// term reads a function, a comparison, any(…) or a property that is a boolean.
func (p *parser) term() (condition, error) {
	path, err := p.path()
	if err != nil {
		return nil, err
	}
	if len(path) == 1 && p.is(mark, "(") {
		return p.function(path[0])
	}
	if p.is(mark, "(") { // path/any(
		last := len(path) - 1
		if path[last] != "any" {
			return nil, notSimulated("the filter function " + path[last] + " of Microsoft Graph")
		}
		return p.any(path[:last])
	}
	edm, err := p.property(path)
	if err != nil {
		return nil, err
	}
	if p.kind != word || p.token == "and" || p.token == "or" {
		if edm != "Edm.Boolean" {
			return nil, invalid("The $filter expression must evaluate to a single boolean value.")
		}
		return func(s scope) bool { return s.at(path) == true }, nil
	}
	return p.compare(path, edm)
}

func (p *parser) path() ([]string, error) {
	var path []string
	for {
		if p.kind != word {
			return nil, p.syntax()
		}
		path = append(path, p.token)
		if err := p.advance(); err != nil {
			return nil, err
		}
		if !p.is(mark, "/") {
			return path, nil
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
}

// property checks that a path is a property that can be filtered, spells it as
// the service does and returns its type.
func (p *parser) property(path []string) (string, error) {
	if p.variable != "" && path[0] == p.variable {
		return "Edm.String", nil
	}
	name, ok := canonical(p.sample, path[0])
	if !ok {
		return "", invalid("Could not find a property named '%s' on type 'microsoft.graph.%s'.", path[0], p.set.typeName)
	}
	path[0] = name
	if !slices.Contains(p.set.filters, name) {
		return "", unsupported("Unsupported or invalid query filter clause specified for property '%s' of resource '%s'.", name, p.set.resource)
	}
	switch v, _ := p.sample.Get(name); v.(type) {
	case bool:
		return "Edm.Boolean", nil
	case []any:
		return "Collection", nil
	}
	switch {
	case strings.HasSuffix(name, "DateTime"):
		return "Edm.DateTimeOffset", nil
	case name == "appOwnerOrganizationId":
		return "Edm.Guid", nil
	case name == "onPremisesSyncEnabled" || name == "isAssignableToRole":
		return "Edm.Boolean", nil
	}
	return "Edm.String", nil
}

var (
	guidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)
	timeForm = regexp.MustCompile(`^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$`)
)

// literal reads a constant and its type; null fits all types.
func (p *parser) literal() (value any, edm string, err error) {
	switch {
	case p.kind == quoted:
		value, edm = p.token, "Edm.String"
	case p.kind != word:
		return nil, "", p.syntax()
	case p.token == "null":
	case p.token == "true" || p.token == "false":
		value, edm = p.token == "true", "Edm.Boolean"
	case guidForm.MatchString(p.token):
		value, edm = p.token, "Edm.Guid"
	case timeForm.MatchString(p.token):
		value, edm = p.token, "Edm.DateTimeOffset"
	default:
		if _, err := strconv.ParseInt(p.token, 10, 32); err != nil {
			return nil, "", invalid("Could not find a property named '%s' on type 'microsoft.graph.%s'.", p.token, p.set.typeName)
		}
		value, edm = json.Number(p.token), "Edm.Int32"
	}
	return value, edm, p.advance()
}

// operators are those of comparisons, with their names in errors.
var operators = map[string]string{"eq": "Equal", "ne": "NotEqual", "gt": "GreaterThan", "ge": "GreaterThanOrEqual", "lt": "LessThan", "le": "LessThanOrEqual"}

func (p *parser) compare(path []string, edm string) (condition, error) {
	op := p.token
	named, ok := operators[op]
	if !ok && op != "in" {
		return nil, p.syntax()
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if op == "in" {
		return p.in(path)
	}
	value, of, err := p.literal()
	if err != nil {
		return nil, err
	}
	if of != "" && of != edm {
		return nil, invalid("A binary operator with incompatible types was detected. Found operand types '%s' and '%s' for operator kind '%s'.", edm, of, named)
	}
	if op == "ne" && !p.advanced {
		return nil, unsupported("Unsupported property filter clause operator 'NotEqualsMatch'.")
	}
	return func(s scope) bool {
		n, comparable := order(s.at(path), value)
		switch op {
		case "eq":
			return comparable && n == 0
		case "ne":
			return !comparable || n != 0
		case "gt":
			return comparable && n > 0
		case "ge":
			return comparable && n >= 0
		case "lt":
			return comparable && n < 0
		}
		return comparable && n <= 0
	}, nil
}

// order compares two values; texts without regard to case, times as times.
func order(a, b any) (n int, comparable bool) {
	x, isText := a.(string)
	y, alsoText := b.(string)
	if !isText || !alsoText {
		return 0, fmt.Sprint(a) == fmt.Sprint(b) && (a == nil) == (b == nil)
	}
	s, err1 := readTime(x)
	t, err2 := readTime(y)
	if err1 == nil && err2 == nil {
		return s.Compare(t), true
	}
	return strings.Compare(strings.ToLower(x), strings.ToLower(y)), true
}

func readTime(s string) (time.Time, error) {
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(form, s); err == nil {
			return t, nil
		}
	}
	return time.Parse(time.DateOnly, s)
}

func (p *parser) in(path []string) (condition, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var list []any
	for {
		value, _, err := p.literal()
		if err != nil {
			return nil, err
		}
		list = append(list, value)
		if !p.is(mark, ",") {
			break
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	return func(s scope) bool {
		return slices.ContainsFunc(list, func(v any) bool { n, ok := order(s.at(path), v); return ok && n == 0 })
	}, p.expect(")")
}

// function reads startswith(property,'text') and its like.
func (p *parser) function(called string) (condition, error) {
	name := strings.ToLower(called)
	switch name {
	case "startswith", "endswith", "contains":
	default:
		return nil, invalid("An unknown function with name '%s' was found. This may also be a function import or a key lookup on a navigation property, which is not allowed.", called)
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	path, err := p.path()
	if err != nil {
		return nil, err
	}
	if _, err := p.property(path); err != nil {
		return nil, err
	}
	if err := p.expect(","); err != nil {
		return nil, err
	}
	if p.kind != quoted {
		return nil, p.syntax()
	}
	text := strings.ToLower(p.token)
	if err := p.advance(); err != nil {
		return nil, err
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	if p.is(word, "eq") { // startswith(…) eq true
		if err := p.advance(); err != nil {
			return nil, err
		}
		if !p.is(word, "true") {
			return nil, unsupported("Unsupported Query.")
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	if name == "contains" || name == "endswith" && !p.advanced {
		return nil, unsupported("Unsupported Query.")
	}
	test := strings.HasPrefix
	if name == "endswith" {
		test = strings.HasSuffix
	}
	return func(s scope) bool {
		v, _ := s.at(path).(string)
		return v != "" && test(strings.ToLower(v), text)
	}, nil
}

// any reads property/any(x:condition on x).
func (p *parser) any(path []string) (condition, error) {
	edm, err := p.property(path)
	if err != nil {
		return nil, err
	}
	if edm != "Collection" || p.variable != "" {
		return nil, p.syntax()
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.kind != word {
		return nil, p.syntax()
	}
	name := p.token
	if err := p.advance(); err != nil {
		return nil, err
	}
	if err := p.expect(":"); err != nil {
		return nil, err
	}
	p.variable = name
	e, err := p.or()
	p.variable = ""
	if err != nil {
		return nil, err
	}
	return func(s scope) bool {
		list, _ := s.at(path).([]any)
		return slices.ContainsFunc(list, func(v any) bool { return e(scope{s.object, name, v}) })
	}, p.expect(")")
}
