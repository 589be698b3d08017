// Package graph writes Go values that point at each other as JSON and reads them
// back: what was shared is shared again, cycles included. It keeps unexported
// fields too, for what scripts hold are the private structs of several packages.
// It knows nothing of PowerShell.
package graph

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// Kinds are the types that may stand in an interface, and how pointers of some
// types are kept.
type Kinds struct {
	names  map[reflect.Type]string
	types  map[string]reflect.Type
	custom map[reflect.Type]Custom
	// Lost makes what stands in the place of a value that cannot be kept; it is
	// given what Save of the lost value said, or its type's name.
	Lost func(what string) any
	// Describe names a value that cannot be kept; nil names its type.
	Describe func(v any) string
}

// Custom keeps a pointer type in its own way. Save returns plain values, which
// may hold further pointers; ok false keeps this one as any other. Load makes the
// pointer from what Save returned, decoded into a new value of the same type.
type Custom struct {
	Save func(v any) (plain any, ok bool)
	Load func(plain any) (any, error)
	// Plain is a zero value of what Save returns.
	Plain any
	// Into, instead of Load, fills a new pointer when everything else is there.
	Into func(pointer, plain any) error
}

// NewKinds returns the kinds of the given zero values: of pointers, those to the
// struct.
func NewKinds(zero ...any) *Kinds {
	k := &Kinds{names: map[reflect.Type]string{}, types: map[string]reflect.Type{}, custom: map[reflect.Type]Custom{}}
	for _, z := range []any{false, "", int(0), int8(0), int16(0), int32(0), int64(0), uint8(0), uint16(0), uint32(0), uint64(0), float32(0), float64(0), []any(nil), []string(nil), []byte(nil)} {
		k.add(reflect.TypeOf(z))
	}
	k.Add(zero...)
	return k
}

// Add adds kinds.
func (k *Kinds) Add(zero ...any) {
	for _, z := range zero {
		k.add(reflect.TypeOf(z))
	}
}

func (k *Kinds) add(t reflect.Type) {
	name := t.String()
	if old, ok := k.types[name]; ok && old != t {
		panic("graph: two types are called " + name)
	}
	k.types[name], k.names[t] = t, name
}

// Keep sets how a pointer type is kept; pointer is a nil pointer of it.
func (k *Kinds) Keep(pointer any, c Custom) {
	t := reflect.TypeOf(pointer)
	k.add(t)
	k.custom[t] = c
}

// node is a value that others point at.
type node struct {
	Type  string          `json:"t"`
	Value json.RawMessage `json:"v,omitempty"`
	// How says otherwise: "c" for a custom way, "x" for lost.
	How string `json:"h,omitempty"`
}

type document struct {
	Nodes []node          `json:"nodes"`
	Root  json.RawMessage `json:"root"`
}

// errLost says that a value holds what cannot be kept.
var errLost = errors.New("graph: cannot be kept")

type encoder struct {
	k     *Kinds
	index map[unsafe.Pointer]map[reflect.Type]int
	nodes []node
	queue []reflect.Value
}

// Marshal writes a value: a pointer to a struct of plain fields.
func (k *Kinds) Marshal(root any) ([]byte, error) {
	e := &encoder{k: k, index: map[unsafe.Pointer]map[reflect.Type]int{}}
	v := reflect.ValueOf(root).Elem()
	raw, err := e.value(v)
	if err != nil {
		return nil, fmt.Errorf("keep %T: %w", root, err)
	}
	for i := 0; i < len(e.queue); i++ {
		e.fill(i)
	}
	return json.Marshal(document{e.nodes, raw})
}

// fill writes the node of a pointer.
func (e *encoder) fill(i int) {
	p := e.queue[i]
	if c, ok := e.k.custom[p.Type()]; ok && c.Save != nil {
		if plain, yes := c.Save(p.Interface()); yes {
			v := reflect.New(reflect.TypeOf(plain)).Elem()
			v.Set(reflect.ValueOf(plain))
			raw, err := e.value(v)
			if err != nil {
				e.lose(i, p)
				return
			}
			e.nodes[i] = node{Type: e.k.names[p.Type()], How: "c", Value: raw}
			return
		}
	}
	name, ok := e.k.names[p.Type()]
	if !ok {
		e.lose(i, p)
		return
	}
	raw, err := e.value(p.Elem())
	if err != nil {
		e.lose(i, p)
		return
	}
	e.nodes[i] = node{Type: name, Value: raw}
}

func (e *encoder) lose(i int, p reflect.Value) {
	what := p.Type().String()
	if e.k.Describe != nil {
		what = e.k.Describe(p.Interface())
	}
	e.nodes[i] = node{Type: what, How: "x"}
}

// open makes an unexported field's value one that can be read and set.
func open(v reflect.Value) reflect.Value {
	if v.CanInterface() {
		return v
	}
	return reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
}

// addressable returns a copy of a value that has an address.
func addressable(v reflect.Value) reflect.Value {
	if v.CanAddr() {
		return v
	}
	n := reflect.New(v.Type()).Elem()
	n.Set(v)
	return n
}

var null = json.RawMessage("null")

func (e *encoder) value(v reflect.Value) (json.RawMessage, error) {
	switch v.Kind() {
	case reflect.Bool:
		return json.RawMessage(strconv.FormatBool(v.Bool())), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return json.RawMessage(strconv.FormatInt(v.Int(), 10)), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return json.RawMessage(strconv.FormatUint(v.Uint(), 10)), nil
	case reflect.Float32, reflect.Float64:
		f := v.Float()
		if math.IsInf(f, 0) || math.IsNaN(f) || f == 0 && math.Signbit(f) {
			return json.RawMessage(strconv.Quote(strconv.FormatFloat(f, 'g', -1, 64))), nil
		}
		return json.RawMessage(strconv.FormatFloat(f, 'g', -1, 64)), nil
	case reflect.String:
		s := v.String()
		if !utf8.ValidString(s) { // a lone surrogate
			raw, err := json.Marshal(struct {
				B []byte `json:"b"`
			}{[]byte(s)})
			return raw, err
		}
		return json.Marshal(s)
	case reflect.Interface:
		if v.IsNil() {
			return null, nil
		}
		x := v.Elem()
		if x.Kind() == reflect.Pointer {
			return e.pointer(x)
		}
		name, ok := e.k.names[x.Type()]
		if !ok {
			return nil, errLost
		}
		switch x.Kind() { // the most frequent ones without their names
		case reflect.String:
			if x.Type().Name() == "string" {
				return e.value(x)
			}
		case reflect.Bool:
			if x.Type().Name() == "bool" {
				return e.value(x)
			}
		}
		raw, err := e.value(addressable(x))
		if err != nil {
			return nil, err
		}
		return json.Marshal([]any{name, raw})
	case reflect.Pointer:
		if v.IsNil() {
			return null, nil
		}
		if _, ok := e.k.names[v.Type()]; !ok { // a field must have its own type back
			return nil, errLost
		}
		return e.pointer(v)
	case reflect.Slice:
		if v.IsNil() {
			return null, nil
		}
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return json.Marshal(v.Bytes())
		}
		fallthrough
	case reflect.Array:
		list := make([]json.RawMessage, v.Len())
		for i := range list {
			raw, err := e.value(v.Index(i))
			if err != nil {
				return nil, err
			}
			list[i] = raw
		}
		return json.Marshal(list)
	case reflect.Map:
		if v.IsNil() {
			return null, nil
		}
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		list := make([][2]json.RawMessage, len(keys))
		for i, key := range keys {
			a, err := e.value(addressable(key))
			if err != nil {
				return nil, err
			}
			b, err := e.value(addressable(v.MapIndex(key)))
			if err != nil {
				return nil, err
			}
			list[i] = [2]json.RawMessage{a, b}
		}
		return json.Marshal(list)
	case reflect.Struct:
		return e.fields(addressable(v))
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		if v.IsNil() {
			return null, nil
		}
	}
	return nil, errLost
}

// pointer returns the number of the node of a pointer.
func (e *encoder) pointer(v reflect.Value) (json.RawMessage, error) {
	if v.IsNil() {
		return null, nil
	}
	p := v.UnsafePointer()
	i, ok := e.index[p][v.Type()]
	if !ok {
		i = len(e.nodes)
		if e.index[p] == nil {
			e.index[p] = map[reflect.Type]int{}
		}
		e.index[p][v.Type()] = i
		e.nodes, e.queue = append(e.nodes, node{}), append(e.queue, v)
	}
	return json.RawMessage(strconv.Itoa(i)), nil
}

// fields writes the fields of a struct that are not zero. Those marked keep:"-"
// are left out.
func (e *encoder) fields(v reflect.Value) (json.RawMessage, error) {
	var b strings.Builder
	b.WriteByte('{')
	for i := range v.NumField() {
		f := v.Type().Field(i)
		x := open(v.Field(i))
		if f.Tag.Get("keep") == "-" || x.IsZero() || f.Type.PkgPath() == "sync" {
			continue
		}
		raw, err := e.value(x)
		if err != nil {
			return nil, err
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Quote(f.Name) + ":")
		b.Write(raw)
	}
	b.WriteByte('}')
	return json.RawMessage(b.String()), nil
}
