package model

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"skylab/sim/machine/jmespath"
	"skylab/sim/ojson"
)

// Instance is an object that is being changed: a view and its shape, nil for one
// whose members are not known.
type Instance struct {
	Value any
	Shape *Shape
	// Warn is told what az warns of.
	Warn func(text string)
}

var (
	segment = regexp.MustCompile(`(\[.*?\])|([^.]+)`)
	bracket = regexp.MustCompile(`^\[(.*)\]`)
)

// split takes a path apart: a.b[0].c is a, b, [0], c.
func split(path string) []string {
	path = strings.ReplaceAll(strings.ReplaceAll(path, ".[", "["), "[", ".[")
	return segment.FindAllString(path, -1)
}

// cutAssignment cuts at the first = that does not stand in brackets.
func cutAssignment(expression string) (key, value string) {
	inside := false
	for i, c := range expression {
		switch {
		case c == '[':
			inside = true
		case c == ']':
			inside = false
		case c == '=' && (!inside || strings.Count(expression, "=") == 1):
			return expression[:i], expression[i+1:]
		}
	}
	return expression, ""
}

// Literal reads a value as az does: JSON where it is JSON, also with single
// quotes as in Python, otherwise text.
func Literal(s string) any {
	if v, err := ojson.Decode([]byte(s)); err == nil {
		return v
	}
	if t := strings.TrimSpace(s); t != "" && strings.ContainsRune("{['", rune(t[0])) {
		if v, err := ojson.Decode([]byte(pythonLiteral(t))); err == nil {
			return v
		}
	}
	switch s {
	case "True":
		return true
	case "False":
		return false
	case "None":
		return nil
	}
	return s
}

// pythonLiteral writes Python's literals as JSON.
func pythonLiteral(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '\'' && c != '"' {
			b.WriteByte(c)
			continue
		}
		j := i + 1
		var text strings.Builder
		for ; j < len(s) && s[j] != c; j++ {
			if s[j] == '\\' && j+1 < len(s) {
				j++
			}
			text.WriteByte(s[j])
		}
		data, _ := ojson.Marshal(text.String())
		b.Write(data)
		i = j
	}
	out := b.String()
	for _, r := range [][2]string{{"True", "true"}, {"False", "false"}, {"None", "null"}} {
		out = regexp.MustCompile(`\b`+r[0]+`\b`).ReplaceAllString(out, r[1])
	}
	return out
}

// node is a value inside an instance with its shape and how to replace it.
type node struct {
	value any
	shape *Shape  // of an object with known members
	of    *Member // what a list or map holds, with its shape
	in    *Shape
	set   func(any)
}

// root is the whole instance.
func (x *Instance) root() *node {
	return &node{value: x.Value, shape: x.Shape, set: func(v any) { x.Value = v }}
}

func (n *node) child(m *Member, in *Shape, v any, set func(any)) *node {
	c := &node{value: v, set: set}
	if m != nil {
		if m.List || m.Map {
			c.of, c.in = m, in
		} else if in != nil {
			c.shape = in.other(m.Type)
		}
	}
	return c
}

// element is a list's or map's element.
func (n *node) element(v any, set func(any)) *node {
	c := &node{value: v, set: set}
	if n.of != nil && n.in != nil {
		c.shape = n.in.other(n.of.Type)
	}
	return c
}

// step goes one segment deeper. A missing property is nil; an error lists what
// there is.
func (n *node) step(part string, path []string) (*node, error) {
	if g := bracket.FindStringSubmatch(part); g != nil {
		list, ok := n.value.([]any)
		if !ok {
			return nil, n.options(part, path)
		}
		if key, want, ok := strings.Cut(g[1], "="); ok {
			return n.filtered(list, key, want, path)
		}
		i, err := strconv.Atoi(g[1])
		if err != nil {
			return nil, n.options(part, path)
		}
		at := i
		if at < 0 {
			at += len(list)
		}
		if at < 0 || at >= len(list) {
			return nil, failf("index %d doesn't exist on %s", i, before(path))
		}
		return n.element(list[at], func(v any) { list[at] = v }), nil
	}
	o, ok := n.value.(*ojson.Object)
	if !ok {
		return nil, n.options(part, path)
	}
	if n.shape == nil {
		v, ok := o.Get(part)
		if !ok {
			return nil, n.options(part, path)
		}
		return n.element(v, func(v any) { o.Set(part, v) }), nil
	}
	m := n.shape.named(part)
	if m == nil {
		if v, ok := o.Get(part); ok {
			return &node{value: v, set: func(v any) { o.Set(part, v) }}, nil
		}
		return nil, n.options(part, path)
	}
	v, _ := o.Get(m.Name)
	return n.child(m, n.shape, v, func(v any) { o.Set(m.Name, v) }), nil
}

func before(path []string) string {
	if len(path) < 2 {
		return ""
	}
	return path[len(path)-2]
}

func (n *node) filtered(list []any, key, want string, path []string) (*node, error) {
	value := Literal(want)
	var found []int
	for i, e := range list {
		if o, ok := e.(*ojson.Object); ok {
			if v, ok := o.Get(key); ok && jmespath.Equal(v, value) {
				found = append(found, i)
			}
		}
	}
	switch len(found) {
	case 1:
		at := found[0]
		return n.element(list[at], func(v any) { list[at] = v }), nil
	case 0:
		return nil, failf("item with value '%s' doesn't exist for key '%s' on %s", jmespath.Str(value), key, before(path))
	}
	return nil, failf("non-unique key '%s' found multiple matches on %s. Key must be unique.", key, before(path))
}

var (
	snake1 = regexp.MustCompile(`(.)([A-Z][a-z]+)`)
	snake2 = regexp.MustCompile(`([a-z0-9])([A-Z])`)
)

// snake is a name as Python's models have it.
func snake(s string) string {
	return strings.ToLower(snake2.ReplaceAllString(snake1.ReplaceAllString(s, `${1}_${2}`), `${1}_${2}`))
}

// named finds a member as az does, by its name in Python.
func (s *Shape) named(name string) *Member {
	for i := range s.Members {
		if snake(s.Members[i].Name) == snake(name) {
			return &s.Members[i]
		}
	}
	return nil
}

// options is the error for a part that is not there.
func (n *node) options(part string, path []string) error {
	parent := strings.ReplaceAll(strings.Join(path[:max(0, len(path)-1)], "."), ".[", "[")
	text := "Couldn't find '" + part + "' in '" + parent + "'."
	switch v := n.value.(type) {
	case *ojson.Object:
		keys := v.Keys()
		if n.shape != nil {
			keys = append(keys, "additionalProperties")
		}
		slices.Sort(keys)
		list := make([]any, len(keys))
		for i, k := range keys {
			list[i] = k
		}
		return failf("%s Available options: %s", text, jmespath.Repr(list))
	case []any:
		return failf("%s Available options: index into the collection '%s' with [<index>] or [<key=value>]", text, parent)
	}
	return failf("%s '%s' does not support further indexing.", text, parent)
}

// walk goes along a path.
func (x *Instance) walk(path []string) (*node, error) {
	n := x.root()
	for _, part := range path {
		var err error
		if n, err = n.step(part, path); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// Set does what --set PATH=VALUE asks. Its error is an *Error.
func (x *Instance) Set(expression string, forceString bool) error {
	key, text := cutAssignment(expression)
	if strings.TrimSpace(key) == "" {
		return failf("usage error: Empty key in --set. Correct syntax: --set KEY=VALUE [KEY=VALUE ...]")
	}
	var value any = text
	if !forceString {
		value = Literal(text)
	}
	return x.set(split(key), value)
}

func (x *Instance) set(full []string, value any) error {
	if len(full) == 0 {
		return failf("usage error: Empty key in --set. Correct syntax: --set KEY=VALUE [KEY=VALUE ...]")
	}
	name, path := full[len(full)-1], full[:len(full)-1]
	parent, err := x.walk(path)
	if err != nil {
		return err
	}
	if parent.value == nil && len(path) > 0 { // what is missing in between is made
		if err := x.set(path, ojson.New()); err != nil {
			return err
		}
		if parent, err = x.walk(path); err != nil {
			return err
		}
	}
	if g := bracket.FindStringSubmatch(name); g != nil {
		list, ok := parent.value.([]any)
		i, err := strconv.Atoi(g[1])
		if !ok || err != nil {
			return parent.options(name, full)
		}
		if i < 0 {
			i += len(list)
		}
		if i < 0 || i >= len(list) {
			return failf("index %s doesn't exist on %s", g[1], name)
		}
		list[i] = value
		return nil
	}
	o, ok := parent.value.(*ojson.Object)
	if !ok {
		return parent.options(name, full)
	}
	if parent.shape == nil {
		o.Set(name, value)
		return nil
	}
	if m := parent.shape.named(name); m != nil {
		o.Set(m.Name, value)
		return nil
	}
	on := "root"
	if len(path) > 0 {
		on = path[len(path)-1]
	}
	o.Set(name, value)
	if x.Warn != nil {
		x.Warn("Property '" + name + "' not found on " + on + ". Send it as an additional property .")
	}
	return nil
}

// usage is what az says to arguments of --add and --remove that it cannot use.
const (
	addUsage    = "--add property.listProperty <key=value, string or JSON string>"
	removeUsage = "--remove property.list <indexToRemove> OR --remove propertyToRemove"
)

// Add does what --add PATH VALUE... asks. Its error is an *Error.
func (x *Instance) Add(words []string, forceString bool) error {
	path := split(words[0])
	n, err := x.walk(path)
	if err != nil {
		return err
	}
	if n.value == nil {
		if err := x.set(path, []any{}); err != nil {
			return err
		}
		if n, err = x.walk(path); err != nil {
			return err
		}
	}
	list, ok := n.value.([]any)
	if !ok {
		return failf("invalid syntax: %s", addUsage)
	}
	list = slices.Clone(list)
	var entry *ojson.Object
	flush := func() {
		if entry != nil {
			list = append(list, entry)
			entry = nil
		}
	}
	for _, w := range words[1:] {
		if key, value, pair := strings.Cut(w, "="); pair {
			if entry == nil {
				entry = ojson.New()
			}
			entry.Set(key, value)
			continue
		}
		flush()
		if forceString {
			list = append(list, w)
		} else {
			list = append(list, Literal(w))
		}
	}
	flush()
	n.set(list)
	return nil
}

// Remove does what --remove PATH [INDEX] asks. Its error is an *Error.
func (x *Instance) Remove(words []string) error {
	path := split(words[0])
	if len(path) == 0 {
		return failf("invalid syntax: %s", removeUsage)
	}
	last := path[len(path)-1]
	n, err := x.walk(path)
	if err != nil {
		return err
	}
	if len(words) > 1 && words[1] != "" {
		list, ok := n.value.([]any)
		if !ok {
			return failf("%s doesn't exist", last)
		}
		i, err := strconv.Atoi(words[1])
		if err != nil {
			return failf("invalid syntax: %s", removeUsage)
		}
		at := i
		if at < 0 {
			at += len(list)
		}
		if at < 0 || at >= len(list) {
			return failf("index %d doesn't exist on %s", i, last)
		}
		n.set(slices.Delete(slices.Clone(list), at, at+1))
		return nil
	}
	parent, err := x.walk(path[:len(path)-1])
	if err != nil {
		return err
	}
	o, ok := parent.value.(*ojson.Object)
	switch {
	case !ok:
		return failf("invalid syntax: %s", removeUsage)
	case parent.shape == nil:
		o.Delete(last)
	default:
		if _, list := n.value.([]any); list {
			n.set([]any{})
		} else {
			n.set(nil)
		}
	}
	return nil
}

// Number is an int as ojson has it.
func Number(i int) json.Number { return json.Number(strconv.Itoa(i)) }
