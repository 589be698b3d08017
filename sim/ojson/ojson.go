// Package ojson is JSON whose objects keep the order of their members.
//
// Azure's services, jq and az print members in a meaningful order which Go's
// maps lose. A decoded value is nil, bool, json.Number, string, []any or
// *Object; an encoder also takes Go's numbers, map[string]any (printed with
// sorted keys) and anything encoding/json can marshal. The package must not
// know what the JSON describes.
package ojson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxDepth is how deeply arrays and objects may nest in what Decode reads.
const MaxDepth = 256

// ErrDepth is what Decode returns for JSON that nests deeper than [MaxDepth].
var ErrDepth = errors.New("JSON nests too deeply")

// Member is one name and its value.
type Member struct {
	Key   string
	Value any
}

// Object is a JSON object in the order in which its members were set. The zero
// value is empty and ready to use. A nil *Object reads as empty.
type Object struct {
	members []Member
	index   map[string]int // by name; nil while there are few members
}

// few is how many members are looked through without an index.
const few = 12

// find returns where a name stands, or -1.
func (o *Object) find(key string) int {
	if o.index != nil {
		if i, ok := o.index[key]; ok {
			return i
		}
		return -1
	}
	for i := range o.members {
		if o.members[i].Key == key {
			return i
		}
	}
	return -1
}

// New returns an object with the given members; a later member of the same name
// replaces the value of the earlier one in its place.
func New(members ...Member) *Object {
	o := &Object{}
	for _, m := range members {
		o.Set(m.Key, m.Value)
	}
	return o
}

// Obj builds an object from alternating keys and values: Obj("a", 1, "b", 2).
// It panics if a key is not a string or has no value, for that is a mistake in
// the program.
func Obj(kv ...any) *Object {
	if len(kv)%2 != 0 {
		panic("ojson.Obj: odd number of arguments")
	}
	o := &Object{}
	for i := 0; i < len(kv); i += 2 {
		o.Set(kv[i].(string), kv[i+1])
	}
	return o
}

// Len returns the number of members.
func (o *Object) Len() int {
	if o == nil {
		return 0
	}
	return len(o.members)
}

// Members returns the members in order. The slice must not be changed.
func (o *Object) Members() []Member {
	if o == nil {
		return nil
	}
	return o.members
}

// Keys returns the names in order.
func (o *Object) Keys() []string {
	keys := make([]string, 0, o.Len())
	for _, m := range o.Members() {
		keys = append(keys, m.Key)
	}
	return keys
}

// Get returns the value of a name, and whether there is one.
func (o *Object) Get(key string) (any, bool) {
	if o == nil {
		return nil, false
	}
	i := o.find(key)
	if i < 0 {
		return nil, false
	}
	return o.members[i].Value, true
}

// GetFold returns the value of a name compared without regard to case, as Azure
// reads property names, preferring an exact match.
func (o *Object) GetFold(key string) (any, bool) {
	if v, ok := o.Get(key); ok {
		return v, true
	}
	for _, m := range o.Members() {
		if strings.EqualFold(m.Key, key) {
			return m.Value, true
		}
	}
	return nil, false
}

// Str returns the string at a path of member names (compared as in GetFold), or
// "" if there is none.
func (o *Object) Str(path ...string) string {
	s, _ := o.At(path...).(string)
	return s
}

// Obj returns the object at a path, or nil, which reads as empty.
func (o *Object) Obj(path ...string) *Object {
	c, _ := o.At(path...).(*Object)
	return c
}

// Objects returns the objects of the list at a path; what is none is left out.
func (o *Object) Objects(path ...string) []*Object {
	list, _ := o.At(path...).([]any)
	var out []*Object
	for _, v := range list {
		if e, ok := v.(*Object); ok {
			out = append(out, e)
		}
	}
	return out
}

// Fill sets those of the given names and values that the object has under no
// case of the name.
func (o *Object) Fill(kv ...any) {
	for i := 0; i < len(kv); i += 2 {
		if _, ok := o.GetFold(kv[i].(string)); !ok {
			o.Set(kv[i].(string), kv[i+1])
		}
	}
}

// At returns the value at a path of member names, or nil.
func (o *Object) At(path ...string) any {
	var v any = o
	for _, k := range path {
		c, ok := v.(*Object)
		if !ok {
			return nil
		}
		if v, ok = c.GetFold(k); !ok {
			return nil
		}
	}
	return v
}

// Set gives a name a value: in its place if the name exists, otherwise last.
func (o *Object) Set(key string, v any) {
	if i := o.find(key); i >= 0 {
		o.members[i].Value = v
		return
	}
	o.members = append(o.members, Member{key, v})
	switch {
	case o.index != nil:
		o.index[key] = len(o.members) - 1
	case len(o.members) > few:
		o.index = make(map[string]int, 2*few)
		for i, m := range o.members {
			o.index[m.Key] = i
		}
	}
}

// Delete removes a name and reports whether it was there.
func (o *Object) Delete(key string) bool {
	if o == nil {
		return false
	}
	i := o.find(key)
	if i < 0 {
		return false
	}
	o.members = slices.Delete(o.members, i, i+1)
	delete(o.index, key)
	for k, j := range o.index {
		if j > i {
			o.index[k] = j - 1
		}
	}
	return true
}

// Clone returns a deep copy of a value.
func Clone(v any) any {
	switch v := v.(type) {
	case *Object:
		return v.Clone()
	case []any:
		c := make([]any, len(v))
		for i, e := range v {
			c[i] = Clone(e)
		}
		return c
	default:
		return v
	}
}

// Clone returns a deep copy; of nil, an empty object.
func (o *Object) Clone() *Object {
	c := &Object{}
	for _, m := range o.Members() {
		c.Set(m.Key, Clone(m.Value))
	}
	return c
}

// MarshalJSON prints the object compactly, without escaping HTML characters.
func (o *Object) MarshalJSON() ([]byte, error) { return Marshal(o) }

// UnmarshalJSON reads one JSON object.
func (o *Object) UnmarshalJSON(b []byte) error {
	v, err := Decode(b)
	if err != nil {
		return err
	}
	if v == nil {
		return nil
	}
	c, ok := v.(*Object)
	if !ok {
		return fmt.Errorf("JSON %T where an object was expected", v)
	}
	*o = *c
	return nil
}

// Decode reads exactly one JSON value.
func Decode(data []byte) (any, error) {
	if json.Valid(data) {
		return (&valid{text: data}).value(0)
	}
	d := NewDecoder(bytes.NewReader(data))
	v, err := d.Next()
	if err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	if _, err := d.Next(); err != io.EOF {
		if err == nil {
			err = errors.New("more than one JSON value")
		}
		return nil, err
	}
	return v, nil
}

// Decoder reads a stream of JSON values.
type Decoder struct{ d *json.Decoder }

// NewDecoder returns a decoder of r.
func NewDecoder(r io.Reader) *Decoder {
	d := json.NewDecoder(r)
	d.UseNumber()
	return &Decoder{d}
}

// Next returns the next value, or io.EOF after the last.
func (d *Decoder) Next() (any, error) {
	t, err := d.d.Token()
	if err != nil {
		return nil, err
	}
	return d.value(t, 0)
}

// Offset returns how many bytes the values read so far took.
func (d *Decoder) Offset() int64 { return d.d.InputOffset() }

func (d *Decoder) value(t json.Token, depth int) (any, error) {
	delim, ok := t.(json.Delim)
	if !ok {
		return t, nil
	}
	if depth >= MaxDepth {
		return nil, ErrDepth
	}
	if delim == '[' {
		list := []any{}
		for d.d.More() {
			v, err := d.token(depth)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.d.Token()
		return list, inside(err)
	}
	o := &Object{}
	for d.d.More() {
		k, err := d.d.Token()
		if err != nil {
			return nil, inside(err)
		}
		v, err := d.token(depth)
		if err != nil {
			return nil, err
		}
		o.Set(k.(string), v)
	}
	_, err := d.d.Token()
	return o, inside(err)
}

func (d *Decoder) token(depth int) (any, error) {
	t, err := d.d.Token()
	if err != nil {
		return nil, inside(err)
	}
	return d.value(t, depth+1)
}

// inside turns the end of input within a value into the error it is.
func inside(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Marshal prints a value compactly, without escaping HTML characters.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	err := write(&b, v, "", "", "")
	return b.Bytes(), err
}

// Indent prints a value over several lines: indent is added per level, newline
// ends each line ("\n", or "\r\n" as Compute does), and no newline follows the
// value. Empty arrays and objects stay on one line.
func Indent(v any, indent, newline string) ([]byte, error) {
	var b bytes.Buffer
	err := write(&b, v, indent, newline, newline)
	return b.Bytes(), err
}

// write prints v. nl is the newline with the current indentation, or "" for the
// compact form.
func write(b *bytes.Buffer, v any, indent, newline, nl string) error {
	deeper := nl
	colon := ":"
	if newline != "" {
		deeper += indent
		colon = ": "
	}
	switch v := v.(type) {
	case *Object:
		if v == nil {
			b.WriteString("null")
			return nil
		}
		b.WriteByte('{')
		for i, m := range v.members {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(deeper)
			writeString(b, m.Key)
			b.WriteString(colon)
			if err := write(b, m.Value, indent, newline, deeper); err != nil {
				return err
			}
		}
		if len(v.members) > 0 {
			b.WriteString(nl)
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(deeper)
			if err := write(b, e, indent, newline, deeper); err != nil {
				return err
			}
		}
		if len(v) > 0 {
			b.WriteString(nl)
		}
		b.WriteByte(']')
	case nil:
		b.WriteString("null")
	case string:
		writeString(b, v)
	case bool, json.Number, int, int64, float64:
		return writePlain(b, v)
	default:
		return writeOther(b, v, indent, newline, nl)
	}
	return nil
}

// writeOther prints a Go value by way of encoding/json, in this package's form.
func writeOther(b *bytes.Buffer, v any, indent, newline, nl string) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	again, err := Decode(data)
	if err != nil {
		return err
	}
	return write(b, again, indent, newline, nl)
}

func writePlain(b *bytes.Buffer, v any) error {
	switch v := v.(type) {
	case bool:
		b.Write(strconv.AppendBool(b.AvailableBuffer(), v))
	case int:
		b.Write(strconv.AppendInt(b.AvailableBuffer(), int64(v), 10))
	case int64:
		b.Write(strconv.AppendInt(b.AvailableBuffer(), v, 10))
	default:
		data, err := json.Marshal(v)
		b.Write(data)
		return err
	}
	return nil
}

func writeString(b *bytes.Buffer, s string) {
	if plain(s) {
		b.WriteByte('"')
		b.WriteString(s)
		b.WriteByte('"')
		return
	}
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s)         // a string always encodes
	b.Truncate(b.Len() - 1) // the newline that Encode adds
}

// plain reports whether a string is printed as it is: of ASCII, nothing in it
// escaped.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
