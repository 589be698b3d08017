package member

import (
	"fmt"
	"math"
	"strings"

	"skylab/sim/machine/powershell/datetime"
	"skylab/sim/machine/powershell/decimal"
	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/regex"
)

func newArray(t *object.Type, n int) *object.Array {
	a := &object.Array{Elem: t, Items: make([]any, n)}
	for i := range a.Items {
		a.Items[i] = zeroOf(t)
	}
	return a
}

func zeroOf(t *object.Type) any {
	switch {
	case t.IsNumeric():
		v, _ := object.ToNumber(int32(0), t)
		return v
	case t == object.BoolType:
		return false
	case t == object.CharType:
		return object.Char(0)
	case t.IsEnum:
		return object.Enum{Type: t}
	}
	return defaultOf(t)
}

func noConstructor(t *object.Type, n int) error {
	return &object.Error{Type: object.MustType("System.Management.Automation.MethodException"), ID: "MethodCountCouldNotFindBest", Category: "NotSpecified", Message: fmt.Sprintf(`Cannot find an overload for "%s" and the argument count: "%d".`, t.Short(), n)}
}

// Construct makes an object: [type]::new and New-Object.
func (e *Env) Construct(t *object.Type, args []any) (made any, err error) {
	defer arity(t.Short(), len(args), &err)
	if cl := classOf(t); cl != nil {
		return cl.New(args)
	}
	conv := args
	if sigs := e.signatures(t, ".ctor", false); len(sigs) > 0 && len(args) > 0 {
		_, c, err := e.choose(t.Short(), sigs, args)
		if err != nil {
			return nil, err
		}
		conv = c
	}
	v, ok, err := e.construct(t, conv)
	if err != nil {
		return nil, thrown(".ctor", len(args), err)
	}
	if !ok {
		return nil, noConstructor(t, len(args))
	}
	return v, nil
}

func (e *Env) construct(t *object.Type, a []any) (any, bool, error) {
	if t.Elem != nil {
		if len(a) == 1 {
			return newArray(t.Elem, intOf(a[0])), true, nil
		}
		return nil, false, nil
	}
	if t.Is(object.ExceptionType) {
		o := &object.Object{Type: t}
		msg := any("Exception of type '" + t.FullName() + "' was thrown.")
		if len(a) > 0 {
			msg = e.String(a[0])
		}
		o.SetProperty("Message", msg)
		var inner any
		if len(a) > 1 {
			if x, ok := object.Base(a[1]).(*object.Object); ok && x.Type.Is(object.ExceptionType) {
				inner = x
			}
		}
		o.SetProperty("InnerException", inner)
		o.SetProperty("Data", &object.Dict{Type: object.HashtableType, Exact: true})
		o.SetProperty("HResult", int32(-2146233088))
		o.SetProperty("HelpLink", nil)
		o.SetProperty("Source", nil)
		o.SetProperty("StackTrace", nil)
		o.SetProperty("TargetSite", nil)
		return o, true, nil
	}
	switch t {
	case object.StringType:
		switch x := a[0].(type) {
		case object.Char:
			return strings.Repeat(x.String(), intOf(a[1])), true, nil
		case *object.Array:
			s := chars(x)
			if len(a) == 3 {
				s = e.cut(s, intOf(a[1]), intOf(a[2]))
			}
			return s, true, nil
		}
	case object.DateTimeType:
		return e.newDate(a)
	case object.DateTimeOffsetType:
		switch x := a[0].(type) {
		case datetime.DateTime:
			m := 0
			if len(a) > 1 {
				m = int(int64(a[1].(datetime.Span)) / datetime.TicksPerMinute)
			}
			return datetime.Offset{Ticks: x.Ticks, Minutes: m}, true, nil
		case int64:
			return datetime.Offset{Ticks: x, Minutes: int(int64(a[1].(datetime.Span)) / datetime.TicksPerMinute)}, true, nil
		}
		d, ok, err := e.newDate(a[:len(a)-1])
		if !ok || err != nil {
			return nil, ok, err
		}
		return datetime.Offset{Ticks: d.(datetime.DateTime).Ticks, Minutes: int(int64(a[len(a)-1].(datetime.Span)) / datetime.TicksPerMinute)}, true, nil
	case object.TimeSpanType:
		var n [6]int64
		for i, x := range a {
			n[i], _, _ = object.Integer(x)
		}
		switch len(a) {
		case 0:
			return datetime.Span(0), true, nil
		case 1:
			return datetime.Span(n[0]), true, nil
		case 3:
			return datetime.Span(n[0]*datetime.TicksPerHour + n[1]*datetime.TicksPerMinute + n[2]*datetime.TicksPerSecond), true, nil
		case 4, 5, 6:
			return datetime.Span(n[0]*datetime.TicksPerDay + n[1]*datetime.TicksPerHour + n[2]*datetime.TicksPerMinute + n[3]*datetime.TicksPerSecond + n[4]*datetime.TicksPerMillisecond), true, nil
		}
	case object.GuidType, object.VersionType, object.URIType:
		if len(a) == 0 && t == object.GuidType {
			return object.Guid{}, true, nil
		}
		if t == object.VersionType && len(a) > 1 {
			v := &object.Version{Build: -1, Revision: -1}
			for i, p := range []*int{&v.Major, &v.Minor, &v.Build, &v.Revision} {
				if i < len(a) {
					*p = intOf(a[i])
				}
			}
			return v, true, nil
		}
		if t == object.URIType {
			u := &object.URI{Original: e.String(a[0])}
			if base, ok := object.Base(a[0]).(*object.URI); ok && len(a) > 1 {
				u.Original = joinURI(base, e.String(a[1]))
			} else if _, abs := parts(u); !abs && (len(a) < 2 || intOf(a[1]) == 1) {
				return nil, true, object.Throw("System.UriFormatException", "Invalid URI: The format of the URI could not be determined.")
			}
			return u, true, nil
		}
		return e.parse(t, false, a)
	case object.RegexType:
		opt := regex.Options(0)
		if len(a) > 1 {
			if en, ok := a[1].(object.Enum); ok {
				opt = regex.Options(en.Value)
			}
		}
		re, bad := object.CompileRegex(e.String(a[0]), opt)
		if bad != nil {
			return nil, true, bad
		}
		return re, true, nil
	case object.DecimalType:
		if len(a) == 1 {
			v, err := e.Convert(a[0], t)
			return v, true, err
		}
		return decimal.Decimal{}, len(a) == 0, nil
	case object.PSObjectType, object.CustomType:
		if len(a) == 1 {
			if o, ok := a[0].(*object.Object); ok {
				return o, true, nil
			}
			return &object.Object{Type: object.TypeOf(a[0]), Base: a[0]}, true, nil
		}
		return object.NewCustom(), true, nil
	case object.ObjectType:
		return &object.Object{Type: object.ObjectType}, true, nil
	case object.HashtableType:
		d := &object.Dict{Type: t, Exact: true}
		if len(a) > 0 {
			if src, ok := object.Base(a[0]).(*object.Dict); ok {
				for _, en := range src.Entries() {
					d.Set(en.Key, en.Value)
				}
			} else {
				for _, x := range a {
					if o, ok := x.(*comparer); ok {
						d.Exact = !o.ignore
					}
				}
			}
		}
		return d, true, nil
	case object.OrderedType:
		return &object.Dict{Type: t, Exact: true}, true, nil
	}
	switch t.Name {
	case "System.Collections.ArrayList", "System.Collections.Generic.List`1", "System.Collections.ObjectModel.Collection`1":
		l := &object.List{Type: t}
		if len(a) > 0 {
			items, many := object.Items(a[0])
			if many {
				for _, x := range items {
					v, err := e.element(l, x)
					if err != nil {
						return nil, true, err
					}
					l.Items = append(l.Items, v)
				}
			}
		}
		return l, true, nil
	case "System.Collections.Generic.Dictionary`2", "System.Collections.Generic.SortedDictionary`2":
		d := &object.Dict{Type: t, Exact: true}
		for _, x := range a {
			switch y := object.Base(x).(type) {
			case *comparer:
				d.Exact = !y.ignore
			case *object.Dict:
				for _, en := range y.Entries() {
					d.Set(en.Key, en.Value)
				}
			}
		}
		return d, true, nil
	case "System.Collections.Generic.HashSet`1", "System.Collections.Generic.SortedSet`1", "System.Collections.Generic.Stack`1", "System.Collections.Generic.Queue`1", "System.Collections.Stack", "System.Collections.Queue":
		s := newSet(t)
		for _, x := range a {
			switch y := object.Base(x).(type) {
			case *comparer:
				s.ignore = y.ignore
			default:
				items, _ := object.Items(y)
				for _, it := range items {
					if _, _, err := s.CallMember("add", []any{it}); err != nil {
						return nil, true, err
					}
				}
			}
		}
		return s, true, nil
	case "System.Text.StringBuilder":
		sb := &StringBuilder{}
		for _, x := range a {
			switch y := object.Base(x).(type) {
			case string:
				sb.Text = y
			case int32:
				if y < 0 {
					return nil, true, outOfRange2("capacity", int64(y))
				}
			}
		}
		return sb, true, nil
	case "System.Text.UTF8Encoding", "System.Text.ASCIIEncoding", "System.Text.UnicodeEncoding", "System.Text.UTF32Encoding":
		k := map[string]string{"System.Text.UTF8Encoding": "utf8", "System.Text.ASCIIEncoding": "ascii", "System.Text.UnicodeEncoding": "unicode", "System.Text.UTF32Encoding": "utf32"}[t.Name]
		return &Encoding{encodings[k]}, true, nil
	case "System.Random":
		r := &random{env: e}
		if len(a) == 1 {
			r.state = uint64(intOf(a[0])) + 1
		}
		return r, true, nil
	}
	return nil, false, nil
}

func outOfRange2(name string, n int64) error {
	return object.Throw("System.ArgumentOutOfRangeException", "%s ('%d') must be a non-negative value. (Parameter '%s')\nActual value was %d.", name, n, name, n)
}

func joinURI(base *object.URI, rel string) string {
	p, ok := parts(base)
	if !ok {
		return rel
	}
	r, err := p.Parse(rel)
	if err != nil {
		return rel
	}
	return r.String()
}

func (e *Env) newDate(a []any) (any, bool, error) {
	kind := datetime.Unspecified
	if n := len(a); n > 0 {
		if en, ok := a[n-1].(object.Enum); ok {
			kind = datetime.Kind(en.Value)
			a = a[:n-1]
		}
	}
	if len(a) == 0 {
		return datetime.DateTime{}, true, nil
	}
	if len(a) == 1 {
		n, _, ok := object.Integer(a[0])
		if !ok {
			return nil, false, nil
		}
		if n < 0 || n > datetime.MaxTicks {
			return nil, true, outOfRange("ticks", "Ticks must be between DateTime.MinValue.Ticks and DateTime.MaxValue.Ticks.")
		}
		return datetime.DateTime{Ticks: n, Kind: kind}, true, nil
	}
	var n [8]int
	for i, x := range a {
		if i < len(n) {
			n[i] = intOf(x)
		}
	}
	day, ok := datetime.Date(n[0], n[1], n[2])
	if !ok || len(a) < 3 {
		return nil, true, object.Throw("System.ArgumentOutOfRangeException", "Year, Month, and Day parameters describe an un-representable DateTime.")
	}
	if n[3] < 0 || n[3] > 23 || n[4] < 0 || n[4] > 59 || n[5] < 0 || n[5] > 59 {
		return nil, true, object.Throw("System.ArgumentOutOfRangeException", "Hour, Minute, and Second parameters describe an un-representable DateTime.")
	}
	day += int64(n[3])*datetime.TicksPerHour + int64(n[4])*datetime.TicksPerMinute + int64(n[5])*datetime.TicksPerSecond + int64(n[6])*datetime.TicksPerMillisecond
	return datetime.DateTime{Ticks: day, Kind: kind}, true, nil
}

// make converts to types that this package implements, by their constructors.
func (e *Env) make(c *object.Context, v any, t *object.Type) (any, bool, error) {
	if sb, ok := v.(*object.ScriptBlock); ok && t.Is(delegateType) {
		return &Delegate{Type: t, Block: sb, env: e}, true, nil
	}
	if cl := classOf(t); cl != nil {
		return e.makeClass(c, v, t)
	}
	switch t.Name {
	case "System.Text.StringBuilder":
		switch x := v.(type) {
		case string, float64, float32, decimal.Decimal:
			return &StringBuilder{Text: c.String(x)}, true, nil
		case uint8, int32, int64, int16, object.Char:
			if n, _, _ := object.Integer(x); n < 0 {
				err := outOfRange2("capacity", n)
				return nil, false, &object.Error{Type: object.InvalidCastType, ID: "InvalidCastConstructorException", Category: "InvalidArgument", Message: fmt.Sprintf(`Cannot convert value "%s" to type "%s". Error: "%s"`, c.Display(v), t.FullName(), err)}
			}
			return &StringBuilder{}, true, nil
		}
	case "System.Text.Encoding":
		if s, ok := v.(string); ok {
			if enc, ok := encodingNamed(s); ok {
				return enc, true, nil
			}
		}
	case "System.Management.Automation.SemanticVersion":
		if s, ok := v.(string); ok {
			o := &object.Object{Type: t}
			x, msg := object.ParseVersion(s)
			if msg == "" {
				o.SetProperty("Major", int32(x.Major))
				o.SetProperty("Minor", int32(x.Minor))
				o.SetProperty("Patch", int32(max(0, x.Build)))
				o.SetText(s)
				return o, true, nil
			}
		}
	}
	if t.Is(object.ExceptionType) {
		if s, ok := v.(string); ok {
			o, err := e.Construct(t, []any{s})
			return o, true, err
		}
	}
	return nil, false, nil
}

// random is System.Random.
type random struct {
	env   *Env
	state uint64
}

// NetType implements object.Typed.
func (*random) NetType() *object.Type { return object.MustType("System.Random") }

func (r *random) next() uint64 {
	if r.state == 0 {
		return r.env.random()
	}
	r.state += 0x9e3779b97f4a7c15
	z := r.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// GetMember implements Dynamic.
func (*random) GetMember(string) (any, bool) { return nil, false }

// CallMember implements Dynamic.
func (r *random) CallMember(name string, a []any) (any, bool, error) {
	switch strings.ToLower(name) {
	case "next":
		lo, hi := int64(0), int64(math.MaxInt32)
		if len(a) == 1 {
			hi = int64(intOf(a[0]))
		} else if len(a) == 2 {
			lo, hi = int64(intOf(a[0])), int64(intOf(a[1]))
		}
		if hi <= lo {
			return int32(lo), true, nil
		}
		return int32(lo + int64(r.next()%uint64(hi-lo))), true, nil
	case "nextdouble":
		return float64(r.next()>>11) / (1 << 53), true, nil
	case "nextbytes":
		if b, ok := object.Base(a[0]).(*object.Array); ok {
			for i := range b.Items {
				b.Items[i] = byte(r.next())
			}
		}
		return Void{}, true, nil
	}
	return nil, false, nil
}
