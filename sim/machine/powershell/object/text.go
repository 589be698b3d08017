package object

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"skylab/sim/machine/powershell/culture"
	"skylab/sim/machine/powershell/datetime"
	"skylab/sim/machine/powershell/decimal"
	"skylab/sim/machine/powershell/syntax"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// Context is what conversions and string forms depend on.
type Context struct {
	Culture *culture.Culture // of output; casts use the invariant one
	// V5 says that Windows PowerShell 5.1 is spoken.
	V5 bool
	// Now returns the present time in ticks.
	Now func() int64
	// Type finds the script's own classes.
	Type func(name string) *Type
	// Call runs a script property or method of an object, or a class's member;
	// nil where there is no evaluator.
	Call func(sb *ScriptBlock, this any, args []any) (any, error)
	// Construct makes an object: New-Object and [type]::new.
	Construct func(t *Type, args []any) (any, error)
	// SetMember sets a property, for conversions from hashtables.
	SetMember func(target any, name string, v any) error
	// Parse makes a script block of text.
	Parse func(text string) (*ScriptBlock, error)
	// OFS joins the elements of an array in a string: $OFS, a blank by default.
	OFS string
	// Regex compiles a regular expression for a conversion, Make converts to a
	// type that another package implements.
	Make func(c *Context, v any, t *Type) (any, bool, error)
}

// NewContext returns a context without an evaluator.
func NewContext(cul *culture.Culture) *Context {
	return &Context{Culture: cul, OFS: " ", Now: func() int64 { return 0 }}
}

// Char as a string; half of a surrogate pair becomes U+FFFD.
func (c Char) String() string { return string(rune(c)) }

// Len returns the length of a .NET string: its UTF-16 units.
func Len(s string) int { return syntax.UTF16Len(s) }

// Units returns the UTF-16 units of a string.
func Units(s string) []uint16 { return utf16.Encode([]rune(s)) }

// FromUnits makes a string of UTF-16 units.
func FromUnits(u []uint16) string { return string(utf16.Decode(u)) }

// IsASCII reports whether bytes and UTF-16 units of s are the same.
func IsASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// ParseGuid reads a Guid in the forms D, N, B and P.
func ParseGuid(s string) (g Guid, ok bool) {
	s = strings.TrimSpace(s)
	if len(s) == 38 && (s[0] == '{' && s[37] == '}' || s[0] == '(' && s[37] == ')') {
		s = s[1:37]
	}
	switch len(s) {
	case 36:
		if s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
			return g, false
		}
		s = strings.ReplaceAll(s, "-", "")
	case 32:
	default:
		return g, false
	}
	if len(s) != 32 {
		return g, false
	}
	for i := range g {
		b, err := strconv.ParseUint(s[2*i:2*i+2], 16, 8)
		if err != nil {
			return g, false
		}
		g[i] = byte(b)
	}
	return g, true
}

// Format returns the text of a Guid: D, N, B or P.
func (g Guid) Format(spec string) (string, bool) {
	d := fmt.Sprintf("%x-%x-%x-%x-%x", g[0:4], g[4:6], g[6:8], g[8:10], g[10:16])
	switch spec {
	case "", "D", "d":
		return d, true
	case "N", "n":
		return strings.ReplaceAll(d, "-", ""), true
	case "B", "b":
		return "{" + d + "}", true
	case "P", "p":
		return "(" + d + ")", true
	}
	return "", false
}

func (g Guid) String() string { s, _ := g.Format(""); return s }

func (v *Version) String() string {
	s := fmt.Sprintf("%d.%d", v.Major, v.Minor)
	if v.Build >= 0 {
		s += "." + strconv.Itoa(v.Build)
		if v.Revision >= 0 {
			s += "." + strconv.Itoa(v.Revision)
		}
	}
	return s
}

// Compare orders versions.
func (v *Version) Compare(w *Version) int {
	a, b := [4]int{v.Major, v.Minor, v.Build, v.Revision}, [4]int{w.Major, w.Minor, w.Build, w.Revision}
	for i := range a {
		if a[i] != b[i] {
			return sign(a[i] - b[i])
		}
	}
	return 0
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

// Stringer is a Typed value with a text of its own.
type Stringer interface {
	ToString(c *Context) string
}

// ToString is what .NET's ToString() returns in a culture.
func (c *Context) ToString(v any, cul *culture.Culture) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		if v {
			return "True"
		}
		return "False"
	case Switch:
		return c.ToString(bool(v), cul)
	case Char:
		return v.String()
	case int32:
		return itoa(int64(v))
	case int64:
		return itoa(v)
	case *big.Int:
		return v.String()
	case float64, float32, decimal.Decimal, int8, int16, uint8, uint16, uint32, uint64:
		s, _ := cul.Format(v, "")
		return s
	case datetime.DateTime:
		s, _ := v.Format("", cul)
		return s
	case datetime.Offset:
		s, _ := v.Format("", cul)
		return s
	case datetime.Span:
		return v.String()
	case Enum:
		return v.String()
	case Guid:
		return v.String()
	case *Version:
		return v.String()
	case *URI:
		return v.Original
	case *IPAddress:
		return v.Text
	case *Type:
		return v.String()
	case *Ref:
		return RefType.Name
	case *ScriptBlock:
		return v.Text()
	case Entry:
		if c.V5 {
			return "System.Collections.DictionaryEntry"
		}
		return "[" + c.ToString(v.Key, cul) + ", " + c.ToString(v.Value, cul) + "]"
	case *Object:
		return c.objectText(v, cul)
	case Stringer:
		return v.ToString(c)
	}
	return TypeOf(v).String()
}

// objectText is the text of an Object: of its base, of its own ToString, of an
// exception, or of a custom object's properties.
func (c *Context) objectText(o *Object, cul *culture.Culture) string {
	if m := o.Members.Get("ToString"); m != nil && m.Kind == ScriptMethod && c.Call != nil {
		if v, err := c.Call(m.Value.(*ScriptBlock), o, nil); err == nil {
			return c.String(v)
		}
	}
	if o.Type != nil && o.Type.Class != nil {
		if f, ok := o.Type.Class.(interface {
			TextOf(*Object) (string, bool)
		}); ok {
			if s, ok := f.TextOf(o); ok {
				return s
			}
		}
	}
	switch {
	case o.Base != nil:
		return c.ToString(o.Base, cul)
	case o.Type == CustomType:
		return c.customText(o)
	}
	if o.Type.Name == "System.Management.Automation.ErrorCategoryInfo" {
		return c.categoryText(o)
	}
	if o.Type.Name == "System.Management.Automation.ErrorRecord" {
		for _, from := range []string{"ErrorDetails", "Exception"} {
			v, _ := o.Value(from)
			if x, ok := v.(*Object); ok {
				if msg, _ := x.Value("Message"); msg != nil {
					return c.String(msg)
				}
			}
		}
	}
	if m := o.Members.Get("\x00text"); m != nil {
		s, _ := m.Value.(string)
		return s
	}
	if o.Type.Is(ExceptionType) {
		msg, _ := o.Value("Message")
		return o.Type.FullName() + ": " + c.String(msg)
	}
	return o.Type.String()
}

// categoryText is an ErrorCategoryInfo as a line; long names are cut.
func (c *Context) categoryText(o *Object) string {
	get := func(name string) string {
		v, _ := o.Value(name)
		s := c.String(v)
		if name == "Category" || name == "Reason" {
			return s
		}
		u := Units(s)
		switch {
		case len(u) <= 40:
			return s
		case c.V5:
			return FromUnits(u[:15]) + "..." + FromUnits(u[len(u)-15:])
		}
		return FromUnits(u[:19]) + "…" + FromUnits(u[len(u)-19:])
	}
	return get("Category") + ": (" + get("TargetName") + ":" + get("TargetType") + ") [" + get("Activity") + "], " + get("Reason")
}

// SetText gives an object of a .NET type the text that its ToString returns.
func (o *Object) SetText(s string) {
	o.Members.Add(&Member{Name: "\x00text", Value: s, Hidden: true})
}

func (c *Context) customText(o *Object) string {
	var parts []string
	for _, m := range o.Members.List {
		if m.Hidden || m.Kind >= ScriptMethod && m.Kind != CodeProperty {
			continue
		}
		v := m.Value
		switch m.Kind {
		case ScriptProperty:
			v = nil
			if c.Call != nil {
				v, _ = c.Call(m.Value.(*ScriptBlock), o, nil)
			}
		case AliasProperty:
			v, _ = o.Value(m.Value.(string))
		}
		parts = append(parts, m.Name+"="+c.shallow(v))
	}
	if len(parts) == 0 {
		return ""
	}
	return "@{" + strings.Join(parts, "; ") + "}"
}

// shallow is the text of a value inside of a custom object's.
func (c *Context) shallow(v any) string {
	switch b := Base(v).(type) {
	case *Array, *List, *Dict:
		return TypeOf(b).String()
	}
	return c.String(v)
}

// String converts to a string as a cast and "$v" do: in the invariant culture,
// arrays joined by $OFS.
func (c *Context) String(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case float64:
		return doubleText(x)
	case float32:
		s, _ := culture.Invariant.Format(x, "G7")
		return s
	}
	switch b := Base(v).(type) {
	case *Array:
		return c.join(b.Items)
	case *List:
		return c.join(b.Items)
	case float64:
		return doubleText(b)
	case *Type:
		return b.ScriptName()
	case Typed:
		if l, ok := b.(Enumerable); ok {
			if _, text := b.(Stringer); !text {
				return c.join(l.Items())
			}
		}
	}
	return c.ToString(v, culture.Invariant)
}

func doubleText(f float64) string {
	s, _ := culture.Invariant.Format(f, "G15")
	return s
}

func (c *Context) join(items []any) string {
	var b strings.Builder
	for i, x := range items {
		if i > 0 {
			b.WriteString(c.OFS)
		}
		switch y := Base(x).(type) {
		case *Array, *List:
			b.WriteString(TypeOf(y).String())
			continue
		}
		b.WriteString(c.String(x))
	}
	return b.String()
}

// Display is the text in the culture of output, as in a table's cell.
func (c *Context) Display(v any) string { return c.ToString(v, c.Culture) }

// Enumerable is a Typed value that a pipeline takes apart.
type Enumerable interface{ Items() []any }

// Items returns what a pipeline takes a value apart into; ok is false for what
// is one thing: strings, dictionaries, custom objects.
func Items(v any) (items []any, ok bool) {
	switch v := v.(type) {
	case *Array:
		return v.Items, true
	case *List:
		return v.Items, true
	case *Object:
		if v.Base != nil {
			return Items(v.Base)
		}
	case Enumerable:
		return v.Items(), true
	}
	return nil, false
}
