// Package model turns what services answer into the objects that az shows and
// changes, and back: the members of a resource's type stand side by side under
// az's names, those that are missing are null (facts/az-cli.md §D2). It must not
// know commands.
package model

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"skylab/sim/machine/jmespath"
	"skylab/sim/ojson"
)

//go:embed models.txt
var text string

// Shape is a type of object: its members in order.
type Shape struct {
	Name    string
	Members []Member
	section string
}

// Member is a member of a shape.
type Member struct {
	Name string   // as az shows it
	Path []string // as the service has it
	// Type is "" for text, "#" a number, "?" a boolean, "@" a time, "~" a duration,
	// "*" anything, or the name of a shape; List and Map say that there are many.
	Type      string
	List, Map bool
	ReadOnly  bool // never sent
}

var shapes = sync.OnceValue(func() map[string]*Shape {
	out := map[string]*Shape{}
	section := ""
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if line[0] == '[' {
			section = strings.Trim(line, "[]")
			continue
		}
		f := strings.Fields(line)
		s := &Shape{Name: f[0], section: section}
		for _, w := range f[1:] {
			s.Members = append(s.Members, readMember(w))
		}
		out[section+"."+s.Name] = s
	}
	return out
})

// readMember reads name[<path][:type][!].
func readMember(w string) Member {
	m := Member{}
	w, m.ReadOnly = strings.CutSuffix(w, "!")
	head, typ, _ := strings.Cut(w, ":")
	name, path, _ := strings.Cut(head, "<")
	m.Name = name
	switch path {
	case "":
		m.Path = []string{name}
	case ".":
		m.Path = []string{"properties", name}
	default:
		m.Path = strings.Split(path, ".")
	}
	switch {
	case strings.HasPrefix(typ, "["):
		m.List, typ = true, strings.Trim(typ, "[]")
	case strings.HasPrefix(typ, "{"):
		m.Map, typ = true, strings.Trim(typ, "{}")
	}
	m.Type = typ
	return m
}

// Find returns a shape by "section.Name".
func Find(name string) (*Shape, bool) {
	s, ok := shapes()[name]
	return s, ok
}

func (s *Shape) other(name string) *Shape { return shapes()[s.section+"."+name] }

func (s *Shape) member(name string) *Member {
	for i := range s.Members {
		if strings.EqualFold(s.Members[i].Name, name) {
			return &s.Members[i]
		}
	}
	return nil
}

// View is an object of the service as az has it. What the shape does not know at
// its top is kept as it is.
func (s *Shape) View(v any) any {
	o, ok := v.(*ojson.Object)
	if !ok {
		return v
	}
	out := ojson.New()
	known := map[string]bool{}
	for _, m := range s.Members {
		known[strings.ToLower(m.Path[0])] = true
		out.Set(m.Name, s.viewMember(m, o.At(m.Path...)))
	}
	for _, m := range o.Members() {
		if !known[strings.ToLower(m.Key)] {
			out.Set(m.Key, m.Value)
		}
	}
	return out
}

func (s *Shape) viewMember(m Member, v any) any {
	switch {
	case v == nil:
		return nil
	case m.List:
		list, ok := v.([]any)
		if !ok {
			return v
		}
		out := make([]any, len(list))
		for i, e := range list {
			out[i] = s.viewValue(m.Type, e)
		}
		return out
	case m.Map:
		o, ok := v.(*ojson.Object)
		if !ok {
			return v
		}
		out := ojson.New()
		for _, e := range o.Members() {
			out.Set(e.Key, s.viewValue(m.Type, e.Value))
		}
		return out
	}
	return s.viewValue(m.Type, v)
}

func (s *Shape) viewValue(typ string, v any) any {
	switch typ {
	case "", "#", "?", "*":
		return v
	case "@":
		if t, ok := v.(string); ok {
			return Time(t)
		}
		return v
	case "~":
		return v
	}
	if other := s.other(typ); other != nil {
		return other.View(v)
	}
	return v
}

// Time is a time of a service as Python's isoformat writes it: with an offset,
// and fractions of six digits or none.
func Time(s string) string {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return s
	}
	layout := "2006-01-02T15:04:05"
	if t.Nanosecond()/1000 != 0 {
		layout += ".000000"
	}
	return t.Format(layout + "-07:00")
}

// Body is a view as the service takes it: without what is null and what cannot
// be written, text where the shape has text.
func (s *Shape) Body(v any) any {
	o, ok := v.(*ojson.Object)
	if !ok {
		return v
	}
	out := ojson.New()
	for _, e := range o.Members() {
		m := s.member(e.Key)
		switch {
		case m == nil:
			out.Set(e.Key, e.Value)
		case m.ReadOnly || e.Value == nil:
		default:
			put(out, m.Path, s.bodyMember(*m, e.Value))
		}
	}
	return out
}

func put(o *ojson.Object, path []string, v any) {
	for _, k := range path[:len(path)-1] {
		next, ok := o.Get(k)
		child, isObject := next.(*ojson.Object)
		if !ok || !isObject {
			child = ojson.New()
			o.Set(k, child)
		}
		o = child
	}
	o.Set(path[len(path)-1], v)
}

func (s *Shape) bodyMember(m Member, v any) any {
	if list, ok := v.([]any); ok && m.List {
		out := make([]any, len(list))
		for i, e := range list {
			out[i] = s.bodyValue(m.Type, e)
		}
		return out
	}
	if o, ok := v.(*ojson.Object); ok && m.Map {
		out := ojson.New()
		for _, e := range o.Members() {
			out.Set(e.Key, s.bodyValue(m.Type, e.Value))
		}
		return out
	}
	return s.bodyValue(m.Type, v)
}

func (s *Shape) bodyValue(typ string, v any) any {
	switch typ {
	case "":
		switch v := v.(type) {
		case bool, json.Number, int, float64:
			return jmespath.Str(v)
		case *ojson.Object, []any:
			return jmespath.Str(v)
		}
		return v
	case "#", "?", "*", "@", "~":
		return v
	}
	if other := s.other(typ); other != nil {
		if v == nil {
			return nil
		}
		return other.Body(v)
	}
	return v
}

// Flat lifts what lies in "properties" beside the other members, deeply, as
// newer commands of az do; nothing is added.
func Flat(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = Flat(e)
		}
		return out
	case *ojson.Object:
		out := ojson.New()
		for _, m := range v.Members() {
			if p, ok := m.Value.(*ojson.Object); ok && m.Key == "properties" {
				for _, inner := range p.Members() {
					out.Set(inner.Key, Flat(inner.Value))
				}
				continue
			}
			if m.Value != nil {
				out.Set(m.Key, Flat(m.Value))
			}
		}
		return out
	}
	return v
}

// Error is a wrong --set, --add or --remove.
type Error struct{ Text string }

func (e *Error) Error() string { return e.Text }

func failf(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }
