package member

import (
	"hash/fnv"
	"strings"

	"skylab/sim/machine/powershell/datetime"
	"skylab/sim/machine/powershell/object"
)

// method calls an instance method; name is in lower case, arguments have the
// types of its signature where there is one.
func (e *Env) method(b any, name string, a []any) (v any, ok bool, err error) {
	switch x := b.(type) {
	case string:
		v, ok, err = e.stringMethod(x, name, a)
	case *object.Array:
		v, ok, err = e.arrayMethod(x, name, a)
	case *object.List:
		v, ok, err = e.listMethod(x, name, a)
	case *object.Dict:
		v, ok, err = e.dictMethod(x, name, a)
	case datetime.DateTime:
		v, ok, err = e.dateMethod(x, name, a)
	case datetime.Offset:
		v, ok, err = e.offsetMethod(x, name, a)
	case datetime.Span:
		v, ok, err = e.spanMethod(x, name, a)
	case *object.Regex, *object.Match, *object.Group, *object.GroupList:
		v, ok, err = e.regexMethod(b, name, a)
	case object.Enum:
		switch name {
		case "hasflag":
			if o, isEnum := a[0].(object.Enum); isEnum {
				return x.Value&o.Value == o.Value, true, nil
			}
		}
	case *object.Type:
		v, ok, err = e.typeMethod(x, name, a)
	case *object.URI:
		switch name {
		case "getleftpart":
			return e.uriLeft(x, a), true, nil
		case "isbaseof", "makerelativeuri":
			return nil, true, notSimulated(object.URIType, name)
		}
	case *object.Version:
		if name == "compareto" {
			if o, isVersion := object.Base(a[0]).(*object.Version); isVersion {
				return int32(x.Compare(o)), true, nil
			}
		}
	case *object.Object:
		v, ok, err = e.objectMethod(x, name, a)
	}
	if ok || err != nil {
		return v, ok, err
	}
	switch name {
	case "gettype":
		return object.TypeOf(b), true, nil
	case "tostring":
		if len(a) > 0 {
			return e.formatted(b, a)
		}
		return e.Display(b), true, nil
	case "equals":
		if len(a) == 1 {
			return object.TypeOf(b) == object.TypeOf(a[0]) && e.Ops.Equal(b, a[0], false), true, nil
		}
	case "gethashcode":
		h := fnv.New32a()
		h.Write([]byte(e.Display(b)))
		if n, _, isInt := object.Integer(b); isInt {
			return int32(n), true, nil
		}
		return int32(h.Sum32()), true, nil
	case "compareto":
		c, err := e.Ops.Compare(b, a[0], false)
		if err != nil {
			return nil, true, object.Throw("System.ArgumentException", "Object must be of type %s.", object.TypeOf(b).Short())
		}
		return int32(c), true, nil
	case "gettypecode":
		for i, t := range []*object.Type{nil, nil, nil, object.BoolType, object.CharType, object.SByteType, object.ByteType, object.Int16Type, object.UInt16Type, object.Int32Type, object.UInt32Type, object.Int64Type, object.UInt64Type, object.SingleType, object.DoubleType, object.DecimalType, object.DateTimeType} {
			if t != nil && t == object.TypeOf(b) {
				return enum("System.TypeCode", int64(i)), true, nil
			}
		}
		return enum("System.TypeCode", 1), true, nil
	case "getenumerator":
		if items, many := object.Items(b); many {
			return &enumerator{typ: object.MustType("System.Collections.ArrayListEnumeratorSimple"), items: items}, true, nil
		}
	}
	return nil, false, nil
}

func (e *Env) objectMethod(o *object.Object, name string, a []any) (any, bool, error) {
	if o.Type.Is(object.ExceptionType) {
		switch name {
		case "getbaseexception":
			for {
				in, _ := o.Value("InnerException")
				n, ok := in.(*object.Object)
				if !ok {
					return o, true, nil
				}
				o = n
			}
		}
	}
	return nil, false, nil
}

func (e *Env) find(items []any, v any) int {
	for i, x := range items {
		if x == nil && v == nil || x != nil && v != nil && object.TypeOf(x) == object.TypeOf(v) && e.Ops.Equal(x, v, false) {
			return i
		}
	}
	return -1
}

func (e *Env) arrayMethod(x *object.Array, name string, a []any) (any, bool, error) {
	switch name {
	case "contains":
		return e.find(x.Items, a[0]) >= 0, true, nil
	case "indexof":
		return int32(e.find(x.Items, a[0])), true, nil
	case "getlength", "getupperbound", "getlowerbound", "getlonglength":
		n := len(x.Items)
		if len(x.Dims) > 0 {
			if d := intOf(a[0]); d >= 0 && d < len(x.Dims) {
				n = x.Dims[d]
			}
		}
		switch name {
		case "getupperbound":
			n--
		case "getlowerbound":
			n = 0
		}
		return int32(n), true, nil
	case "getvalue", "get":
		i := intOf(a[0])
		if i < 0 || i >= len(x.Items) {
			return nil, true, object.Throw("System.IndexOutOfRangeException", "Index was outside the bounds of the array.")
		}
		return x.Items[i], true, nil
	case "setvalue":
		i := intOf(a[1])
		if i < 0 || i >= len(x.Items) {
			return nil, true, object.Throw("System.IndexOutOfRangeException", "Index was outside the bounds of the array.")
		}
		x.Items[i] = a[0]
		return Void{}, true, nil
	case "set":
		i := intOf(a[0])
		if i < 0 || i >= len(x.Items) {
			return nil, true, object.Throw("System.IndexOutOfRangeException", "Index was outside the bounds of the array.")
		}
		x.Items[i] = a[1]
		return Void{}, true, nil
	case "clone":
		return &object.Array{Elem: x.Elem, Items: append([]any{}, x.Items...), Dims: x.Dims}, true, nil
	case "copyto":
		d, ok := object.Base(a[0]).(*object.Array)
		if ok {
			i := intOf(a[1])
			if i+len(x.Items) > len(d.Items) {
				return nil, true, object.Throw("System.ArgumentException", "Destination array was not long enough. Check the destination index, length, and the array's lower bounds. (Parameter 'destinationArray')")
			}
			copy(d.Items[i:], x.Items)
		}
		return Void{}, true, nil
	case "add", "remove", "clear", "insert", "removeat":
		if name == "clear" {
			for i := range x.Items {
				x.Items[i] = nil
			}
			return Void{}, true, nil
		}
		return nil, true, object.Throw("System.NotSupportedException", "Collection was of a fixed size.")
	}
	return nil, false, nil
}

func (e *Env) element(l *object.List, v any) (any, error) {
	if len(l.Type.Args) == 1 {
		return e.Convert(v, l.Type.Args[0])
	}
	return v, nil
}

func indexError() error {
	return object.Throw("System.ArgumentOutOfRangeException", "Index was out of range. Must be non-negative and less than the size of the collection. (Parameter 'index')")
}

func (e *Env) listMethod(l *object.List, name string, a []any) (any, bool, error) {
	arrayList := l.Type == object.ArrayListType
	if len(l.Type.Args) == 1 {
		if v, ok, err := e.listDelegate(l, name, a); ok || err != nil {
			return v, ok, err
		}
	}
	switch name {
	case "add":
		v, err := e.element(l, a[0])
		if err != nil {
			return nil, true, err
		}
		l.Items = append(l.Items, v)
		if arrayList {
			return int32(len(l.Items) - 1), true, nil
		}
		return Void{}, true, nil
	case "addrange":
		items, _ := object.Items(a[0])
		for _, x := range items {
			v, err := e.element(l, x)
			if err != nil {
				return nil, true, err
			}
			l.Items = append(l.Items, v)
		}
		return Void{}, true, nil
	case "insert":
		i := intOf(a[0])
		if i < 0 || i > len(l.Items) {
			return nil, true, object.Throw("System.ArgumentOutOfRangeException", "Index must be within the bounds of the List. (Parameter 'index')")
		}
		v, err := e.element(l, a[1])
		if err != nil {
			return nil, true, err
		}
		l.Items = append(l.Items[:i:i], append([]any{v}, l.Items[i:]...)...)
		return Void{}, true, nil
	case "remove":
		i := e.find(l.Items, a[0])
		if i >= 0 {
			l.Items = append(l.Items[:i:i], l.Items[i+1:]...)
		}
		if arrayList {
			return Void{}, true, nil
		}
		return i >= 0, true, nil
	case "removeat":
		i := intOf(a[0])
		if i < 0 || i >= len(l.Items) {
			return nil, true, indexError()
		}
		l.Items = append(l.Items[:i:i], l.Items[i+1:]...)
		return Void{}, true, nil
	case "removerange":
		i, n := intOf(a[0]), intOf(a[1])
		if i < 0 || n < 0 || i+n > len(l.Items) {
			return nil, true, object.Throw("System.ArgumentException", "Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection.")
		}
		l.Items = append(l.Items[:i:i], l.Items[i+n:]...)
		return Void{}, true, nil
	case "clear":
		l.Items = nil
		return Void{}, true, nil
	case "contains":
		return e.find(l.Items, a[0]) >= 0, true, nil
	case "indexof":
		return int32(e.find(l.Items, a[0])), true, nil
	case "toarray":
		t := object.ObjectType
		if len(l.Type.Args) == 1 {
			t = l.Type.Args[0]
		}
		return &object.Array{Elem: t, Items: append([]any{}, l.Items...)}, true, nil
	case "reverse":
		for i, j := 0, len(l.Items)-1; i < j; i, j = i+1, j-1 {
			l.Items[i], l.Items[j] = l.Items[j], l.Items[i]
		}
		return Void{}, true, nil
	case "sort":
		return Void{}, true, e.sort(l.Items)
	case "getrange":
		i, n := intOf(a[0]), intOf(a[1])
		if i < 0 || n < 0 || i+n > len(l.Items) {
			return nil, true, indexError()
		}
		return &object.List{Type: l.Type, Items: append([]any{}, l.Items[i:i+n]...)}, true, nil
	case "clone":
		return &object.List{Type: l.Type, Items: append([]any{}, l.Items...)}, true, nil
	case "item", "get_item":
		i := intOf(a[0])
		if i < 0 || i >= len(l.Items) {
			return nil, true, indexError()
		}
		return l.Items[i], true, nil
	case "copyto":
		if d, ok := object.Base(a[0]).(*object.Array); ok {
			copy(d.Items, l.Items)
		}
		return Void{}, true, nil
	case "push", "enqueue":
		l.Items = append(l.Items, a[0])
		return Void{}, true, nil
	}
	return nil, false, nil
}

func (e *Env) sort(items []any) error {
	var failed error
	sortStable(items, func(a, b any) bool {
		c, err := e.Ops.Compare(a, b, false)
		if err != nil && failed == nil {
			failed = object.Throw("System.InvalidOperationException", "Failed to compare two elements in the array.")
		}
		return c < 0
	})
	return failed
}

// sortStable is insertion and merge sort, stable.
func sortStable(items []any, less func(a, b any) bool) {
	if len(items) < 2 {
		return
	}
	m := len(items) / 2
	l, r := append([]any{}, items[:m]...), append([]any{}, items[m:]...)
	sortStable(l, less)
	sortStable(r, less)
	for i := range items {
		switch {
		case len(l) == 0:
			items[i], r = r[0], r[1:]
		case len(r) == 0 || !less(r[0], l[0]):
			items[i], l = l[0], l[1:]
		default:
			items[i], r = r[0], r[1:]
		}
	}
}

func (e *Env) dictMethod(d *object.Dict, name string, a []any) (any, bool, error) {
	switch name {
	case "add":
		if a[0] == nil {
			return nil, true, argumentNull("key")
		}
		if _, dup := d.Get(a[0]); dup {
			k := e.Display(a[0])
			if strings.HasPrefix(d.Type.Name, "System.Collections.Generic.") {
				return nil, true, object.Throw("System.ArgumentException", "An item with the same key has already been added. Key: %s", k)
			}
			old := k
			for _, en := range d.Entries() {
				if strings.EqualFold(e.Display(en.Key), k) {
					old = e.Display(en.Key)
				}
			}
			return nil, true, object.Throw("System.ArgumentException", "Item has already been added. Key in dictionary: '%s'  Key being added: '%s'", old, k)
		}
		return Void{}, true, e.dictSet(d, a[0], a[1])
	case "contains", "containskey":
		if a[0] == nil {
			return nil, true, argumentNull("key")
		}
		_, has := d.Get(a[0])
		return has, true, nil
	case "containsvalue":
		for _, en := range d.Entries() {
			if e.find([]any{en.Value}, a[0]) == 0 {
				return true, true, nil
			}
		}
		return false, true, nil
	case "remove":
		had := d.Delete(a[0])
		if strings.HasPrefix(d.Type.Name, "System.Collections.Generic.") {
			return had, true, nil
		}
		return Void{}, true, nil
	case "removeat":
		list := d.Entries()
		i := intOf(a[0])
		if i < 0 || i >= len(list) {
			return nil, true, indexError()
		}
		d.Delete(list[i].Key)
		return Void{}, true, nil
	case "insert":
		i := intOf(a[0])
		if i < 0 || i > d.Len() {
			return nil, true, indexError()
		}
		d.Insert(i, a[1], a[2])
		return Void{}, true, nil
	case "clear":
		d.Clear()
		return Void{}, true, nil
	case "clone":
		return d.Clone(), true, nil
	case "getenumerator":
		en := &enumerator{typ: object.MustType("System.Collections.ArrayListEnumeratorSimple")}
		for _, x := range d.Entries() {
			en.items = append(en.items, x)
		}
		return en, true, nil
	case "get_item", "item":
		return e.dictGet(d, a[0]), true, nil
	case "set_item":
		return Void{}, true, e.dictSet(d, a[0], a[1])
	case "trygetvalue":
		v, has := d.Get(a[0])
		if r, ok := a[1].(*object.Ref); ok && has {
			if err := r.Set(v); err != nil {
				return nil, true, err
			}
		}
		return has, true, nil
	}
	return nil, false, nil
}

func (e *Env) dictGet(d *object.Dict, key any) any {
	if v, ok := d.Get(key); ok {
		return v
	}
	if d.Type == object.OrderedType {
		if n, _, ok := object.Integer(object.Base(key)); ok {
			if list := d.Entries(); n >= 0 && int(n) < len(list) {
				return list[n].Value
			}
		}
	}
	return nil
}

// setKey is $dict.name = v.
func (e *Env) setKey(d *object.Dict, name string, v any) error {
	if len(d.Type.Args) == 2 {
		return e.dictSet(d, name, v)
	}
	d.Set(name, v)
	return nil
}

func (e *Env) dictSet(d *object.Dict, key, v any) error {
	if args := d.Type.Args; len(args) == 2 {
		k, err := e.Convert(key, args[0])
		if err != nil {
			return err
		}
		if v, err = e.Convert(v, args[1]); err != nil {
			return err
		}
		key = k
	}
	if d.Type == object.OrderedType {
		if n, _, ok := object.Integer(object.Base(key)); ok {
			if _, has := d.Get(key); !has {
				if list := d.Entries(); n >= 0 && int(n) < len(list) {
					d.Set(list[n].Key, v)
					return nil
				}
			}
		}
	}
	d.Set(object.Base(key), v)
	return nil
}

func (e *Env) typeMethod(t *object.Type, name string, a []any) (any, bool, error) {
	switch name {
	case "isassignablefrom":
		if u, ok := a[0].(*object.Type); ok {
			return u.Is(t), true, nil
		}
	case "issubclassof":
		if u, ok := a[0].(*object.Type); ok {
			return u != t && t.Is(u), true, nil
		}
	case "isinstanceoftype":
		return a[0] != nil && object.TypeOf(a[0]).Is(t), true, nil
	case "getelementtype":
		if t.Elem == nil {
			return nil, true, nil
		}
		return t.Elem, true, nil
	case "getenumnames":
		var names []string
		for _, v := range t.Values {
			names = append(names, v.Name)
		}
		return object.Strings(names), true, nil
	case "getgenericarguments":
		arr := &object.Array{Elem: object.TypeType}
		for _, x := range t.Args {
			arr.Items = append(arr.Items, x)
		}
		return arr, true, nil
	}
	return nil, false, nil
}

func (e *Env) addTicks(d datetime.DateTime, n float64, unit int64) (any, bool, error) {
	r, err := d.Add(int64(n * float64(unit)))
	if err != nil {
		return nil, true, outOfRange("value", "The added or subtracted value results in an un-representable DateTime.")
	}
	return r, true, nil
}

var tickUnits = map[string]int64{"adddays": datetime.TicksPerDay, "addhours": datetime.TicksPerHour, "addminutes": datetime.TicksPerMinute, "addseconds": datetime.TicksPerSecond, "addmilliseconds": datetime.TicksPerMillisecond, "addmicroseconds": 10, "addticks": 1}

func (e *Env) dateMethod(d datetime.DateTime, name string, a []any) (any, bool, error) {
	if unit, ok := tickUnits[name]; ok && len(a) == 1 {
		f, _ := object.Float(a[0])
		return e.addTicks(d, f, unit)
	}
	switch name {
	case "add":
		return e.addTicks(d, float64(a[0].(datetime.Span)), 1)
	case "subtract":
		switch x := a[0].(type) {
		case datetime.DateTime:
			return datetime.Span(d.Ticks - x.Ticks), true, nil
		case datetime.Span:
			return e.addTicks(d, -float64(x), 1)
		}
	case "addmonths", "addyears":
		n := intOf(a[0])
		if name == "addyears" {
			n *= 12
		}
		r, err := d.AddMonths(n)
		if err != nil {
			return nil, true, outOfRange("months", "The added or subtracted value results in an un-representable DateTime.")
		}
		return r, true, nil
	case "touniversaltime":
		return datetime.DateTime{Ticks: d.Ticks, Kind: datetime.UTC}, true, nil
	case "tolocaltime":
		return datetime.DateTime{Ticks: d.Ticks, Kind: datetime.Local}, true, nil
	case "toshortdatestring", "tolongdatestring", "toshorttimestring", "tolongtimestring":
		spec := map[string]string{"toshortdatestring": "d", "tolongdatestring": "D", "toshorttimestring": "t", "tolongtimestring": "T"}[name]
		s, _ := d.Format(spec, e.Culture)
		return s, true, nil
	case "tooadate":
		return float64(d.Ticks-599264352000000000) / datetime.TicksPerDay, true, nil
	case "tofiletime", "tofiletimeutc":
		return d.Ticks - 504911232000000000, true, nil
	case "tobinary":
		return d.Ticks, true, nil
	case "isdaylightsavingtime":
		return false, true, nil
	}
	return nil, false, nil
}

func (e *Env) offsetMethod(o datetime.Offset, name string, a []any) (any, bool, error) {
	if unit, ok := tickUnits[name]; ok && len(a) == 1 {
		f, _ := object.Float(a[0])
		o.Ticks += int64(f * float64(unit))
		return o, true, nil
	}
	switch name {
	case "tounixtimeseconds":
		return datetime.UnixSeconds(o.UTCTicks()), true, nil
	case "tounixtimemilliseconds":
		return (o.UTCTicks() - datetime.UnixEpoch) / datetime.TicksPerMillisecond, true, nil
	case "touniversaltime", "tolocaltime":
		return datetime.Offset{Ticks: o.UTCTicks()}, true, nil
	case "tooffset":
		m := int(int64(a[0].(datetime.Span)) / datetime.TicksPerMinute)
		return datetime.Offset{Ticks: o.UTCTicks() + int64(m)*datetime.TicksPerMinute, Minutes: m}, true, nil
	case "add":
		o.Ticks += int64(a[0].(datetime.Span))
		return o, true, nil
	case "subtract":
		switch x := a[0].(type) {
		case datetime.Offset:
			return datetime.Span(o.UTCTicks() - x.UTCTicks()), true, nil
		case datetime.Span:
			o.Ticks -= int64(x)
			return o, true, nil
		}
	case "addmonths", "addyears":
		n := intOf(a[0])
		if name == "addyears" {
			n *= 12
		}
		d, err := datetime.DateTime{Ticks: o.Ticks}.AddMonths(n)
		if err != nil {
			return nil, true, outOfRange("months", "The added or subtracted value results in an un-representable DateTime.")
		}
		o.Ticks = d.Ticks
		return o, true, nil
	}
	return nil, false, nil
}

func (e *Env) spanMethod(s datetime.Span, name string, a []any) (any, bool, error) {
	switch name {
	case "negate":
		return -s, true, nil
	case "duration":
		if s < 0 {
			return -s, true, nil
		}
		return s, true, nil
	case "add":
		return s + a[0].(datetime.Span), true, nil
	case "subtract":
		return s - a[0].(datetime.Span), true, nil
	case "multiply":
		f, _ := object.Float(a[0])
		return datetime.Span(float64(s) * f), true, nil
	case "divide":
		if x, ok := a[0].(datetime.Span); ok {
			return float64(s) / float64(x), true, nil
		}
		f, _ := object.Float(a[0])
		return datetime.Span(float64(s) / f), true, nil
	}
	return nil, false, nil
}
