// Package object is PowerShell's view of values: which Go value stands for
// which .NET type, how values convert into each other, what they read as, and
// how composite format strings show them. It runs nothing: operators, members
// and commands are packages of their own.
//
// These Go values are .NET values: nil ($null), bool, string, [Char], the sized
// integers, float32, float64, decimal.Decimal, *big.Int, the types of package
// datetime, [Enum], [Guid], *[Type], and pointers to the structs of this package. A string
// is UTF-8; lengths and indexes that scripts see count UTF-16 units.
package object

import (
	"fmt"
	"math/big"
	"strings"

	"skylab/sim/machine/powershell/datetime"
	"skylab/sim/machine/powershell/decimal"
	"skylab/sim/machine/powershell/syntax"
)

// Char is System.Char, a UTF-16 unit.
type Char uint16

// Enum is a value of an enumeration.
type Enum struct {
	Type  *Type
	Value int64
}

// Guid is System.Guid.
type Guid [16]byte

// Version is System.Version; Build and Revision are -1 where they are not given.
type Version struct{ Major, Minor, Build, Revision int }

// URI is System.Uri: the text as it was given.
type URI struct{ Original string }

// IPAddress is System.Net.IPAddress.
type IPAddress struct{ Text string }

// Array is an array: of Elem, in Items; Dims are the lengths of a
// multidimensional one.
type Array struct {
	Elem  *Type
	Items []any
	Dims  []int
}

// NewArray returns an object[].
func NewArray(items ...any) *Array { return &Array{Elem: ObjectType, Items: items} }

// Strings returns a string[].
func Strings(items []string) *Array {
	a := &Array{Elem: StringType}
	for _, s := range items {
		a.Items = append(a.Items, s)
	}
	return a
}

// List is a growing list: ArrayList, List`1, Collection`1, by Type.
type List struct {
	Type  *Type
	Items []any
}

// Object is a PSObject: a PSCustomObject, a .NET object made of properties
// (an exception, an error record, a file), an instance of a script's class, or
// with Base a value of another kind that carries members of its own.
type Object struct {
	Type *Type
	Base any
	// TypeNames were put before the type's own names, the first wins.
	TypeNames []string
	Members   Members
}

// NewCustom returns an empty PSCustomObject.
func NewCustom() *Object { return &Object{Type: CustomType} }

// MemberKind is PSMemberTypes.
type MemberKind uint8

// The kinds of members an object can carry.
const (
	NoteProperty MemberKind = iota
	Property
	AliasProperty
	ScriptProperty
	ScriptMethod
	CodeProperty
	PropertySet
)

var memberKinds = [...]string{"NoteProperty", "Property", "AliasProperty", "ScriptProperty", "ScriptMethod", "CodeProperty", "PropertySet"}

func (k MemberKind) String() string { return memberKinds[k] }

// Member is one member of an object. Value is a note's value, an alias's
// target (string), a getter or a method (*ScriptBlock); Setter sets a script
// property.
type Member struct {
	Name   string
	Kind   MemberKind
	Value  any
	Setter any
	Hidden bool
	// Fixed says that a property cannot be set; Type, if set, is what its values
	// are converted to.
	Fixed bool
	Type  *Type
}

// Members are an object's own members, in order, found without regard to case.
type Members struct {
	List  []*Member
	index map[string]int `keep:"-"`
}

const indexFrom = 8 // shorter lists are searched

// Get returns a member, nil if there is none.
func (m *Members) Get(name string) *Member {
	if len(m.List) < indexFrom {
		for _, x := range m.List {
			if strings.EqualFold(x.Name, name) {
				return x
			}
		}
		return nil
	}
	if m.index == nil {
		m.index = make(map[string]int, len(m.List))
		for i, x := range m.List {
			m.index[Fold(x.Name)] = i
		}
	}
	if i, ok := m.index[Fold(name)]; ok {
		return m.List[i]
	}
	return nil
}

// Add adds a member, or replaces the one of the same name.
func (m *Members) Add(x *Member) {
	if old := m.Get(x.Name); old != nil {
		*old = *x
		return
	}
	m.List = append(m.List, x)
	if m.index != nil {
		m.index[Fold(x.Name)] = len(m.List) - 1
	}
}

// Remove takes a member away.
func (m *Members) Remove(name string) {
	for i, x := range m.List {
		if strings.EqualFold(x.Name, name) {
			m.List = append(m.List[:i:i], m.List[i+1:]...)
			m.index = nil
			return
		}
	}
}

// Set sets a note property.
func (o *Object) Set(name string, v any) {
	if m := o.Members.Get(name); m != nil {
		m.Value = v
		return
	}
	o.Members.Add(&Member{Name: name, Value: v})
}

// SetProperty sets a property of the object's .NET type.
func (o *Object) SetProperty(name string, v any) {
	o.Set(name, v)
	o.Members.Get(name).Kind = Property
}

// Value returns a note's or property's value.
func (o *Object) Value(name string) (any, bool) {
	if m := o.Members.Get(name); m != nil && m.Kind <= Property {
		return m.Value, true
	}
	return nil, false
}

// Fold returns a name as it is compared: without regard to case.
func Fold(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= 'A' && c <= 'Z' || c >= 0x80 {
			return strings.ToLower(s)
		}
	}
	return s
}

// ScriptBlock is a script block: code, and the module or closure it belongs to.
type ScriptBlock struct {
	Body *syntax.ScriptBlock
	// Scope is the scope of its closure or module, nil for an open one. It
	// belongs to the evaluator.
	Scope any
	// Class is the class whose method it is.
	Class *Type
}

// Text returns what stands between the braces.
func (s *ScriptBlock) Text() string {
	t := s.Body.Source.Slice(s.Body.Span)
	if strings.HasPrefix(t, "{") && strings.HasSuffix(t, "}") {
		return t[1 : len(t)-1]
	}
	return t
}

// Ref is a PSReference: [ref]$x. Get and Set reach the variable; Var is it, for
// the evaluator, where it is one.
type Ref struct {
	Var any
	Get func() any
	Set func(any) error
}

// Switch is a SwitchParameter.
type Switch bool

// Typed is a Go value that is a .NET object of a kind of its own.
type Typed interface{ NetType() *Type }

// Base returns the value an Object wraps, or v itself.
func Base(v any) any {
	if o, ok := v.(*Object); ok && o.Base != nil {
		return o.Base
	}
	return v
}

// TypeOf returns the .NET type of a value; nil for $null.
func TypeOf(v any) *Type {
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		return StringType
	case int32:
		return Int32Type
	case bool:
		return BoolType
	case float64:
		return DoubleType
	case int64:
		return Int64Type
	case Char:
		return CharType
	case *Object:
		if v.Base != nil {
			return TypeOf(v.Base)
		}
		return v.Type
	case *Array:
		return v.Elem.ArrayOf(max(1, len(v.Dims)))
	case *Dict:
		return v.Type
	case *List:
		return v.Type
	case *ScriptBlock:
		return ScriptBlockType
	case *Type:
		return RuntimeType
	case Enum:
		return v.Type
	case int8:
		return SByteType
	case int16:
		return Int16Type
	case uint8:
		return ByteType
	case uint16:
		return UInt16Type
	case uint32:
		return UInt32Type
	case uint64:
		return UInt64Type
	case float32:
		return SingleType
	case decimal.Decimal:
		return DecimalType
	case *big.Int:
		return BigIntType
	case datetime.DateTime:
		return DateTimeType
	case datetime.Span:
		return TimeSpanType
	case datetime.Offset:
		return DateTimeOffsetType
	case Guid:
		return GuidType
	case *Version:
		return VersionType
	case *URI:
		return URIType
	case *IPAddress:
		return IPAddressType
	case *Ref:
		return RefType
	case Switch:
		return SwitchType
	case Entry:
		return EntryType
	case Typed:
		return v.NetType()
	}
	panic(fmt.Sprintf("object: %T is no value", v))
}

// TypeNames returns the names by which views and members are found: those put
// before, then the type and its bases.
func TypeNames(v any) []string {
	var names []string
	if o, ok := v.(*Object); ok {
		names = append(names, o.TypeNames...)
	}
	for t := TypeOf(v); t != nil; t = t.Base {
		names = append(names, t.FullName())
	}
	return names
}
