package object

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"skylab/sim/machine/powershell/syntax"
)

// types.txt lists the known types, one a line: full name, tab, base, tab,
// interfaces; an enum's base is "enum" or "flags" and its third field its
// values. accelerators.txt lists short names.
var (
	//go:embed types.txt
	typeText string
	//go:embed accelerators.txt
	accelText string
)

// Type is a .NET type, or a class or enum of a script. Types are compared by
// pointer: there is one for each.
type Type struct {
	Name       string // full, without arguments: System.Collections.Generic.List`1
	Base       *Type
	Interfaces []string
	Args       []*Type // of a constructed generic
	Elem       *Type   // of an array
	Rank       int
	// Values are an enum's names and numbers, in the order of its numbers.
	Values []EnumValue
	IsEnum bool
	Flags  bool
	// Class is what the evaluator knows of a script's class.
	Class any

	mu     sync.Mutex
	arrays map[int]*Type `keep:"-"`
}

// EnumValue is a name of an enum.
type EnumValue struct {
	Name  string
	Value int64
}

type registry struct {
	byName   map[string]*Type
	lines    map[string][]string
	accel    map[string]string
	generics map[string]*Type
	mu       sync.Mutex
}

var types = loadTypes()

func loadTypes() *registry {
	r := &registry{byName: map[string]*Type{}, lines: map[string][]string{}, accel: map[string]string{}, generics: map[string]*Type{}}
	for _, l := range strings.Split(strings.TrimSpace(typeText), "\n") {
		f := strings.Split(l, "\t")
		r.lines[Fold(f[0])] = f
	}
	for _, l := range strings.Split(strings.TrimSpace(accelText), "\n") {
		short, long, _ := strings.Cut(l, "\t")
		r.accel[Fold(short)] = long
	}
	return r
}

// The types that this package itself speaks of.
var (
	ObjectType           = MustType("System.Object")
	StringType           = MustType("System.String")
	BoolType             = MustType("System.Boolean")
	CharType             = MustType("System.Char")
	SByteType            = MustType("System.SByte")
	ByteType             = MustType("System.Byte")
	Int16Type            = MustType("System.Int16")
	UInt16Type           = MustType("System.UInt16")
	Int32Type            = MustType("System.Int32")
	UInt32Type           = MustType("System.UInt32")
	Int64Type            = MustType("System.Int64")
	UInt64Type           = MustType("System.UInt64")
	SingleType           = MustType("System.Single")
	DoubleType           = MustType("System.Double")
	DecimalType          = MustType("System.Decimal")
	BigIntType           = MustType("System.Numerics.BigInteger")
	DateTimeType         = MustType("System.DateTime")
	DateTimeOffsetType   = MustType("System.DateTimeOffset")
	TimeSpanType         = MustType("System.TimeSpan")
	GuidType             = MustType("System.Guid")
	VersionType          = MustType("System.Version")
	URIType              = MustType("System.Uri")
	IPAddressType        = MustType("System.Net.IPAddress")
	RuntimeType          = MustType("System.RuntimeType")
	TypeType             = MustType("System.Type")
	VoidType             = MustType("System.Void")
	CustomType           = MustType("System.Management.Automation.PSCustomObject")
	PSObjectType         = MustType("System.Management.Automation.PSObject")
	ScriptBlockType      = MustType("System.Management.Automation.ScriptBlock")
	SwitchType           = MustType("System.Management.Automation.SwitchParameter")
	RefType              = MustType("System.Management.Automation.PSReference`1")
	HashtableType        = MustType("System.Collections.Hashtable")
	OrderedType          = MustType("System.Collections.Specialized.OrderedDictionary")
	EntryType            = MustType("System.Collections.DictionaryEntry")
	ArrayListType        = MustType("System.Collections.ArrayList")
	ArrayType            = MustType("System.Array")
	ValueTypeType        = MustType("System.ValueType")
	EnumType             = MustType("System.Enum")
	ExceptionType        = MustType("System.Exception")
	RuntimeExceptionType = MustType("System.Management.Automation.RuntimeException")
	InvalidCastType      = MustType("System.Management.Automation.PSInvalidCastException")
	RegexType            = MustType("System.Text.RegularExpressions.Regex")
	XMLType              = MustType("System.Xml.XmlDocument")
)

// MustType returns a type of the table by its full name.
func MustType(name string) *Type {
	t := types.find(name)
	if t == nil {
		panic("object: no type " + name)
	}
	return t
}

func (r *registry) find(name string) *Type {
	key := Fold(name)
	r.mu.Lock()
	t := r.byName[key]
	r.mu.Unlock()
	if t != nil {
		return t
	}
	f, ok := r.lines[key]
	if !ok {
		return nil
	}
	t = &Type{Name: f[0]}
	base := "System.Object"
	if len(f) > 1 && f[1] != "" {
		base = f[1]
	}
	switch base {
	case "enum", "flags":
		t.IsEnum, t.Flags = true, base == "flags"
		base = "System.Enum"
		t.Values = enumValues(f[2], t.Flags)
	case "none":
		base = ""
	default:
		if len(f) > 2 && f[2] != "" {
			t.Interfaces = strings.Split(f[2], " ")
		}
	}
	if base != "" && key != "system.object" {
		if t.Base = r.find(base); t.Base == nil {
			panic("object: no base " + base + " of " + name)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if old := r.byName[key]; old != nil {
		return old
	}
	r.byName[key] = t
	return t
}

// enumValues reads "A,B,C=5": numbers go on from the last, by doubling in flags.
func enumValues(s string, flags bool) (list []EnumValue) {
	next := int64(0)
	for _, f := range strings.Split(s, ",") {
		name, num, given := strings.Cut(f, "=")
		if given {
			next = 0
			neg := strings.HasPrefix(num, "-")
			for _, c := range strings.TrimPrefix(num, "-") {
				next = next*10 + int64(c-'0')
			}
			if neg {
				next = -next
			}
		}
		list = append(list, EnumValue{name, next})
		if flags && next > 0 {
			next *= 2
		} else {
			next++
		}
	}
	return list
}

// FullName returns the full name: System.Collections.Generic.List`1[[System.String]]
// without assemblies.
func (t *Type) FullName() string {
	if t.Elem != nil {
		return t.Elem.FullName() + "[" + strings.Repeat(",", t.Rank-1) + "]"
	}
	if len(t.Args) == 0 {
		return t.Name
	}
	var b strings.Builder
	b.WriteString(t.Name + "[")
	for i, a := range t.Args {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("[" + a.FullName() + ", " + a.assembly() + "]")
	}
	return b.String() + "]"
}

// assembly returns the name of the assembly that .NET shows inside the name of
// a generic type.
func (t *Type) assembly() string {
	name, version := "System.Private.CoreLib", "10.0.0.0"
	if strings.HasPrefix(t.Name, "System.Management.Automation.") {
		return "System.Management.Automation, Version=7.6.0.500, Culture=neutral, PublicKeyToken=31bf3856ad364e35"
	}
	return name + ", Version=" + version + ", Culture=neutral, PublicKeyToken=7cec85d7bea7798e"
}

// String returns what ToString gives: System.Nullable`1[System.Int32].
func (t *Type) String() string {
	if t.Elem != nil {
		return t.Elem.String() + "[" + strings.Repeat(",", t.Rank-1) + "]"
	}
	s := t.Name
	for i, a := range t.Args {
		if i == 0 {
			s += "["
		} else {
			s += ","
		}
		s += a.String()
	}
	if len(t.Args) > 0 {
		s += "]"
	}
	return s
}

// Short returns the name without namespace: List`1, Int32[].
func (t *Type) Short() string {
	if t.Elem != nil {
		return t.Elem.Short() + "[" + strings.Repeat(",", t.Rank-1) + "]"
	}
	if i := strings.LastIndexAny(t.Name, ".+"); i >= 0 {
		return t.Name[i+1:]
	}
	return t.Name
}

// Namespace returns what stands before the name.
func (t *Type) Namespace() string {
	n := t.Name
	if t.Elem != nil {
		return t.Elem.Namespace()
	}
	if i := strings.LastIndexByte(n, '.'); i >= 0 {
		return n[:i]
	}
	return ""
}

// ArrayOf returns the type of an array of t.
func (t *Type) ArrayOf(rank int) *Type {
	t.mu.Lock()
	defer t.mu.Unlock()
	if a := t.arrays[rank]; a != nil {
		return a
	}
	a := &Type{Name: t.Name + "[]", Base: ArrayType, Elem: t, Rank: rank, Interfaces: []string{"System.Collections.IList", "System.Collections.ICollection", "System.Collections.IEnumerable"}}
	if t.arrays == nil {
		t.arrays = map[int]*Type{}
	}
	t.arrays[rank] = a
	return a
}

// Generic returns a generic type with its arguments.
func Generic(name string, args ...*Type) *Type {
	open := types.find(name)
	if open == nil {
		return nil
	}
	key := open.Name
	for _, a := range args {
		key += "|" + a.FullName()
	}
	types.mu.Lock()
	defer types.mu.Unlock()
	if t := types.generics[key]; t != nil {
		return t
	}
	t := &Type{Name: open.Name, Base: open.Base, Interfaces: open.Interfaces, Args: args}
	types.generics[key] = t
	return t
}

// IsNullable reports whether t is Nullable`1.
func (t *Type) IsNullable() bool { return t.Name == "System.Nullable`1" }

// IsValue reports whether $null is no value of the type.
func (t *Type) IsValue() bool {
	for b := t; b != nil; b = b.Base {
		if b == ValueTypeType {
			return t != ValueTypeType
		}
	}
	return false
}

// IsInterface reports whether t is an interface.
func (t *Type) IsInterface() bool { return t.Base == nil && t != ObjectType && t.Elem == nil }

// Is reports whether a value of t is one of u: the same, a base or an interface.
func (t *Type) Is(u *Type) bool {
	if u == ObjectType || u == PSObjectType && t == CustomType {
		return true
	}
	for b := t; b != nil; b = b.Base {
		if b == u {
			return true
		}
		for _, i := range b.Interfaces {
			if strings.EqualFold(i, u.Name) {
				return true
			}
		}
	}
	if u == TypeType && t == RuntimeType {
		return true
	}
	return t.Elem != nil && u.Elem != nil && t.Rank == u.Rank && !t.Elem.IsValue() && t.Elem.Is(u.Elem)
}

// EnumName returns the name of an enum's value: of flags joined by ", ", or the
// number.
func (e Enum) String() string {
	for _, v := range e.Type.Values {
		if v.Value == e.Value {
			return v.Name
		}
	}
	if e.Type.Flags && e.Value != 0 {
		rest := e.Value
		var names []string
		for i := len(e.Type.Values) - 1; i >= 0; i-- {
			v := e.Type.Values[i]
			if v.Value != 0 && rest&v.Value == v.Value {
				rest &^= v.Value
				names = append([]string{v.Name}, names...)
			}
		}
		if rest == 0 {
			return strings.Join(names, ", ")
		}
	}
	return itoa(e.Value)
}

// EnumOf returns an enum's value by name.
func EnumOf(t *Type, name string) (Enum, bool) {
	for _, v := range t.Values {
		if strings.EqualFold(v.Name, name) {
			return Enum{t, v.Value}, true
		}
	}
	return Enum{}, false
}

// Lookup finds a type by what a script writes: a short or full name, "System."
// left out, arrays and generics included. Own knows the script's classes.
func Lookup(n *syntax.TypeName, own func(name string) *Type) *Type {
	if n.Elem != nil {
		if e := Lookup(n.Elem, own); e != nil {
			return e.ArrayOf(n.Rank)
		}
		return nil
	}
	if len(n.Args) > 0 {
		var args []*Type
		for _, a := range n.Args {
			t := Lookup(a, own)
			if t == nil {
				return nil
			}
			args = append(args, t)
		}
		name := n.Name
		if !strings.Contains(name, "`") {
			name += "`" + itoa(int64(len(args)))
		}
		for _, full := range []string{name, "System." + name, "System.Collections.Generic." + name} {
			if t := Generic(full, args...); t != nil {
				return t
			}
		}
		return nil
	}
	return TypeByName(n.Name, own)
}

// TypeByName finds a type by a plain name.
func TypeByName(name string, own func(string) *Type) *Type {
	if own != nil {
		if t := own(name); t != nil {
			return t
		}
	}
	if long, ok := types.accel[Fold(name)]; ok {
		if t := types.find(long); t != nil {
			return t
		}
	}
	if t := types.find(name); t != nil {
		return t
	}
	return types.find("System." + name)
}

// Accelerators returns the short names of types, in order.
func Accelerators() (list []string) {
	for _, l := range strings.Split(strings.TrimSpace(accelText), "\n") {
		short, _, _ := strings.Cut(l, "\t")
		list = append(list, short)
	}
	slices.Sort(list)
	return list
}

// Accelerator returns the short name of a type, "" if it has none.
func (t *Type) Accelerator() string {
	for _, l := range strings.Split(accelText, "\n") {
		if short, long, _ := strings.Cut(l, "\t"); long == t.Name {
			return short
		}
	}
	return ""
}

// ScriptName returns the type as a script would write it: int, string[],
// System.Collections.Generic.List[string].
func (t *Type) ScriptName() string {
	if t.Elem != nil {
		return t.Elem.ScriptName() + "[" + strings.Repeat(",", t.Rank-1) + "]"
	}
	if len(t.Args) > 0 {
		name, _, _ := strings.Cut(t.Name, "`")
		s := name + "["
		for i, a := range t.Args {
			if i > 0 {
				s += ","
			}
			s += a.ScriptName()
		}
		return s + "]"
	}
	if a := t.Accelerator(); a != "" {
		return a
	}
	return t.FullName()
}

func parseType(s string) (*syntax.TypeName, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil, false
	}
	return syntax.ParseTypeName(s)
}
