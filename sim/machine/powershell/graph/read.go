package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
)

type decoder struct {
	k     *Kinds
	nodes []node
	made  []reflect.Value // of each node, once it is asked for
	busy  []bool          // a custom one that is being made
	late  []func() error  // what is yet to be filled
	last  []func() error  // what is to be done when all is filled
	depth int
}

// errShape says that a document is not of the form that Marshal writes.
var errShape = errors.New("graph: the kept values are damaged")

// Unmarshal reads what Marshal wrote into a value of the same type.
func (k *Kinds) Unmarshal(data []byte, root any) error {
	var doc document
	if err := json.Unmarshal(data, &doc); err != nil {
		return fmt.Errorf("%w: %v", errShape, err)
	}
	d := &decoder{k: k, nodes: doc.Nodes, made: make([]reflect.Value, len(doc.Nodes)), busy: make([]bool, len(doc.Nodes))}
	if err := d.value(doc.Root, reflect.ValueOf(root).Elem()); err != nil {
		return err
	}
	for len(d.late) > 0 {
		list := d.late
		d.late = nil
		for _, f := range list {
			if err := f(); err != nil {
				return err
			}
		}
	}
	for _, f := range d.last {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

// node returns the pointer of a node.
func (d *decoder) node(i int) (reflect.Value, error) {
	if i < 0 || i >= len(d.nodes) {
		return reflect.Value{}, errShape
	}
	if d.made[i].IsValid() {
		return d.made[i], nil
	}
	n := d.nodes[i]
	if n.How == "x" {
		if d.k.Lost == nil {
			return reflect.Value{}, fmt.Errorf("%w: %s was lost", errShape, n.Type)
		}
		d.made[i] = reflect.ValueOf(d.k.Lost(n.Type))
		return d.made[i], nil
	}
	t, ok := d.k.types[n.Type]
	if !ok || t.Kind() != reflect.Pointer {
		return reflect.Value{}, fmt.Errorf("%w: there is no type %q", errShape, n.Type)
	}
	if n.How == "c" {
		return d.custom(i, t)
	}
	p := reflect.New(t.Elem())
	d.made[i] = p
	// Later, so that long chains of pointers need no deep stack.
	d.late = append(d.late, func() error { return d.value(n.Value, p.Elem()) })
	return p, nil
}

func (d *decoder) custom(i int, t reflect.Type) (reflect.Value, error) {
	c, ok := d.k.custom[t]
	if !ok || c.Plain == nil || d.busy[i] {
		return reflect.Value{}, errShape
	}
	plain := reflect.New(reflect.TypeOf(c.Plain)).Elem()
	if c.Into != nil { // filled when all is there
		p := reflect.New(t.Elem())
		d.made[i] = p
		d.late = append(d.late, func() error { return d.value(d.nodes[i].Value, plain) })
		d.last = append(d.last, func() error { return c.Into(p.Interface(), plain.Interface()) })
		return p, nil
	}
	d.busy[i] = true
	defer func() { d.busy[i] = false }()
	if err := d.value(d.nodes[i].Value, plain); err != nil {
		return reflect.Value{}, err
	}
	v, err := c.Load(plain.Interface())
	if err != nil {
		return reflect.Value{}, err
	}
	d.made[i] = reflect.ValueOf(v)
	return d.made[i], nil
}

const maxDepth = 500

func (d *decoder) value(raw json.RawMessage, into reflect.Value) error {
	if d.depth++; d.depth > maxDepth {
		return errShape
	}
	defer func() { d.depth-- }()
	isNull := len(raw) == 0 || string(raw) == "null"
	bad := func(err error) error {
		if err == nil {
			return nil
		}
		return fmt.Errorf("%w: %s: %v", errShape, into.Type(), err)
	}
	switch into.Kind() {
	case reflect.Bool:
		into.SetBool(string(raw) == "true")
		return nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(string(raw), 10, into.Type().Bits())
		into.SetInt(n)
		return bad(err)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n, err := strconv.ParseUint(string(raw), 10, into.Type().Bits())
		into.SetUint(n)
		return bad(err)
	case reflect.Float32, reflect.Float64:
		f, err := strconv.ParseFloat(string(bytes.Trim(raw, `"`)), 64)
		if err != nil {
			return bad(err)
		}
		into.SetFloat(f)
		return nil
	case reflect.String:
		if bytes.HasPrefix(raw, []byte("{")) {
			var b struct {
				B []byte `json:"b"`
			}
			if err := json.Unmarshal(raw, &b); err != nil {
				return bad(err)
			}
			into.SetString(string(b.B))
			return nil
		}
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return bad(err)
		}
		into.SetString(s)
		return nil
	case reflect.Interface:
		if isNull {
			into.SetZero()
			return nil
		}
		x, err := d.any(raw)
		if err != nil {
			return err
		}
		if !x.Type().AssignableTo(into.Type()) {
			return bad(errors.New(x.Type().String()))
		}
		into.Set(x)
		return nil
	case reflect.Pointer:
		if isNull {
			into.SetZero()
			return nil
		}
		i, err := strconv.Atoi(string(raw))
		if err != nil {
			return bad(err)
		}
		p, err := d.node(i)
		if err != nil {
			return err
		}
		if p.Type() != into.Type() {
			if d.nodes[i].How == "x" { // nothing of its kind can stand here
				return nil
			}
			return bad(errors.New(p.Type().String()))
		}
		into.Set(p)
		return nil
	case reflect.Slice:
		if isNull {
			into.SetZero()
			return nil
		}
		if into.Type().Elem().Kind() == reflect.Uint8 {
			var b []byte
			if err := json.Unmarshal(raw, &b); err != nil {
				return bad(err)
			}
			into.SetBytes(b)
			return nil
		}
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			return bad(err)
		}
		into.Set(reflect.MakeSlice(into.Type(), len(list), len(list)))
		return d.items(list, into)
	case reflect.Array:
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil || len(list) != into.Len() {
			return bad(errors.New("wrong length"))
		}
		return d.items(list, into)
	case reflect.Map:
		if isNull {
			into.SetZero()
			return nil
		}
		var list [][2]json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			return bad(err)
		}
		if into.IsNil() {
			into.Set(reflect.MakeMapWithSize(into.Type(), len(list)))
		}
		for _, pair := range list {
			key, x := reflect.New(into.Type().Key()).Elem(), reflect.New(into.Type().Elem()).Elem()
			if err := d.value(pair[0], key); err != nil {
				return err
			}
			if !key.Comparable() {
				return bad(errors.New("a key that cannot be one"))
			}
			if err := d.value(pair[1], x); err != nil {
				return err
			}
			into.SetMapIndex(key, x)
		}
		return nil
	case reflect.Struct:
		var m map[string]json.RawMessage
		if err := json.Unmarshal(raw, &m); err != nil {
			return bad(err)
		}
		for i := range into.NumField() {
			f := into.Type().Field(i)
			if x, ok := m[f.Name]; ok && f.Tag.Get("keep") != "-" && f.Type.PkgPath() != "sync" {
				if err := d.value(x, open(into.Field(i))); err != nil {
					return err
				}
			}
		}
		return nil
	}
	if isNull {
		return nil
	}
	return bad(errors.New("not a kind that is kept"))
}

func (d *decoder) items(list []json.RawMessage, into reflect.Value) error {
	for i, raw := range list {
		if err := d.value(raw, into.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

// any reads the value of an interface.
func (d *decoder) any(raw json.RawMessage) (reflect.Value, error) {
	switch c := raw[0]; {
	case c == '"' || c == '{':
		v := reflect.New(reflect.TypeFor[string]()).Elem()
		return v, d.value(raw, v)
	case c == 't' || c == 'f':
		v := reflect.New(reflect.TypeFor[bool]()).Elem()
		return v, d.value(raw, v)
	case c == '[':
		var pair []json.RawMessage
		var name string
		if err := json.Unmarshal(raw, &pair); err != nil || len(pair) != 2 || json.Unmarshal(pair[0], &name) != nil {
			return reflect.Value{}, errShape
		}
		t, ok := d.k.types[name]
		if !ok || t.Kind() == reflect.Pointer {
			return reflect.Value{}, fmt.Errorf("%w: there is no type %q", errShape, name)
		}
		v := reflect.New(t).Elem()
		return v, d.value(pair[1], v)
	}
	i, err := strconv.Atoi(string(raw))
	if err != nil {
		return reflect.Value{}, errShape
	}
	return d.node(i)
}
