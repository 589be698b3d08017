// Package template is the language of Azure Resource Manager's templates: a
// reader of template JSON that keeps the place of every value, the expressions
// in brackets with their functions, and what a template with parameters comes to:
// resources in an order, each with a body, and outputs. Errors have the service's
// texts and name the template's line.
//
// The package is pure. It must not know HTTP nor where resources are kept: what
// only a cloud can tell, an expression asks of a [World].
package template

import (
	"encoding/json"
	"strings"

	"skylab/sim/ojson"
)

// Kind is the type of a JSON value as the service names it in its errors.
type Kind string

// Kinds of JSON values.
const (
	Null    Kind = "Null"
	Boolean Kind = "Boolean"
	Integer Kind = "Integer"
	Float   Kind = "Float"
	String  Kind = "String"
	Array   Kind = "Array"
	Object  Kind = "Object"
)

// Node is a JSON value and where it stands. Lines and columns count from 1 as
// the service's reader counts them: of an object or array the place of its
// bracket, of anything else the place of its last character.
type Node struct {
	Kind   Kind
	Value  any // nil, bool, int64, json.Number (no integer of 64 bits) or string
	Items  []*Node
	Fields []Field
	Line   int
	Column int
	Path   string // "properties.template.resources[0].name"
	// Start and End are where the value stands in the text, in bytes and without a
	// byte order mark.
	Start, End int
}

// Field is a member of an object. Its place is that of the colon.
type Field struct {
	Name         string
	Value        *Node
	Line, Column int
}

// Get returns the value of a member, or nil. Names are the same in any case, an
// exact one first. Of nil and of what is no object it is nil.
func (n *Node) Get(name string) *Node {
	if f := n.field(name); f != nil {
		return f.Value
	}
	return nil
}

func (n *Node) field(name string) *Field {
	if n == nil {
		return nil
	}
	for i := range n.Fields {
		if n.Fields[i].Name == name {
			return &n.Fields[i]
		}
	}
	for i := range n.Fields {
		if strings.EqualFold(n.Fields[i].Name, name) {
			return &n.Fields[i]
		}
	}
	return nil
}

// Text returns the string of a member, or "".
func (n *Node) Text(name string) string {
	s, _ := n.Get(name).value().(string)
	return s
}

func (n *Node) value() any {
	if n == nil {
		return nil
	}
	return n.Value
}

// is tells whether a member is there and not null.
func (n *Node) has(name string) bool {
	v := n.Get(name)
	return v != nil && v.Kind != Null
}

// Plain returns the value without evaluating anything: what ojson calls a value,
// with int64 for integers. Of nil it is nil.
func (n *Node) Plain() any {
	switch {
	case n == nil:
		return nil
	case n.Kind == Array:
		list := make([]any, 0, len(n.Items))
		for _, item := range n.Items {
			list = append(list, item.Plain())
		}
		return list
	case n.Kind == Object:
		o := &ojson.Object{}
		for _, f := range n.Fields {
			o.Set(f.Name, f.Value.Plain())
		}
		return o
	}
	return n.Value
}

// kindOf is the kind of a value.
func kindOf(v any) Kind {
	switch v.(type) {
	case nil:
		return Null
	case bool:
		return Boolean
	case int64:
		return Integer
	case json.Number:
		return Float
	case string:
		return String
	case []any:
		return Array
	}
	return Object
}

// Normal returns a value of ojson with the types of this package: int64 for
// integers.
func Normal(v any) any {
	switch v := v.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return i
		}
		return v
	case int:
		return int64(v)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = Normal(e)
		}
		return out
	case *ojson.Object:
		out := &ojson.Object{}
		for _, m := range v.Members() {
			out.Set(m.Key, Normal(m.Value))
		}
		return out
	}
	return v
}
