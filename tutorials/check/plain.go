package check

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"skylab/sim/ojson"
)

// converter makes values as jq knows them of Go's, as encoding/json would by way
// of a text, many times faster: a lesson is checked after each command. Whole
// numbers stay whole.
type converter struct{ fields map[reflect.Type][]field }

// field is a member of a struct as encoding/json names it.
type field struct {
	name      string
	at        int
	omitEmpty bool
}

func newConverter() converter { return converter{map[reflect.Type][]field{}} }

// plain converts a value; what it does not know goes by way of a text. A list is
// one even if it is nil.
func (c converter) plain(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, int:
		return v, nil
	case string:
		return valid(v), nil
	case json.Number:
		return number(v), nil
	case *ojson.Object:
		if v == nil {
			return nil, nil
		}
		out := make(map[string]any, v.Len())
		for _, m := range v.Members() {
			x, err := c.plain(m.Value)
			if err != nil {
				return nil, err
			}
			out[valid(m.Key)] = x
		}
		return out, nil
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			var err error
			if out[i], err = c.plain(e); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]string:
		if v == nil {
			return nil, nil
		}
		out := make(map[string]any, len(v))
		for k, s := range v {
			out[valid(k)] = valid(s)
		}
		return out, nil
	}
	return c.reflected(reflect.ValueOf(v))
}

func (c converter) reflected(v reflect.Value) (any, error) {
	if _, ok := v.Interface().(json.Marshaler); ok {
		return byText(v)
	}
	switch v.Kind() {
	case reflect.Int, reflect.Int64:
		return int(v.Int()), nil
	case reflect.String:
		return valid(v.String()), nil
	case reflect.Pointer:
		if v.IsNil() {
			return nil, nil
		}
		return c.plain(v.Elem().Interface())
	case reflect.Slice:
		if v.IsNil() || v.Type().Elem().Kind() == reflect.Uint8 {
			return byText(v)
		}
		out := make([]any, v.Len())
		for i := range out {
			var err error
			if out[i], err = c.plain(v.Index(i).Interface()); err != nil {
				return nil, err
			}
		}
		return out, nil
	case reflect.Map:
		if v.IsNil() || v.Type().Key().Kind() != reflect.String {
			return byText(v)
		}
		out := make(map[string]any, v.Len())
		for i := v.MapRange(); i.Next(); {
			x, err := c.plain(i.Value().Interface())
			if err != nil {
				return nil, err
			}
			out[valid(i.Key().String())] = x
		}
		return out, nil
	case reflect.Struct:
		return c.members(v)
	}
	return byText(v)
}

func (c converter) members(v reflect.Value) (any, error) {
	fields, ok := c.fields[v.Type()]
	if !ok {
		for i := range v.NumField() {
			f := v.Type().Field(i)
			name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "" || name == "-" || f.Anonymous || options != "" && options != "omitempty" {
				return byText(v)
			}
			fields = append(fields, field{name, i, options != ""})
		}
		c.fields[v.Type()] = fields
	}
	out := make(map[string]any, len(fields))
	for _, f := range fields {
		m := v.Field(f.at)
		if f.omitEmpty && empty(m) {
			continue
		}
		x, err := c.plain(m.Interface())
		if err != nil {
			return nil, err
		}
		out[f.name] = x
	}
	return out, nil
}

// empty is what omitempty leaves out.
func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.Array:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// byText converts by way of a text.
func byText(v reflect.Value) (any, error) {
	b, err := json.Marshal(v.Interface())
	if err != nil {
		return nil, fmt.Errorf("make the view: %w", err)
	}
	var out any
	if err := json.Unmarshal(b, &out); err != nil {
		return nil, fmt.Errorf("make the view: %w", err)
	}
	return out, nil
}

// valid is a string as a text holds it: of UTF-8.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}

func number(n json.Number) any {
	if i, err := n.Int64(); err == nil {
		return int(i)
	}
	f, _ := n.Float64()
	return f
}
