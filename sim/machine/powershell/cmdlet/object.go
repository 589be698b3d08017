package cmdlet

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"skylab/sim/machine/powershell/member"
	"skylab/sim/machine/powershell/object"
	"skylab/sim/machine/powershell/syntax"
)

var objectBodies = map[string]body{
	"Select-Object":  {begin: selectBegin, process: selectProcess, end: selectEnd},
	"Sort-Object":    {process: gather, end: sortEnd},
	"Group-Object":   {process: gather, end: groupEnd},
	"Measure-Object": {begin: measureBegin, process: measureProcess, end: measureEnd},
	"Get-Member":     {process: getMember},
	"New-Object":     {process: newObject},
	"Add-Member":     {process: addMember},
	"Get-Unique":     {process: getUnique},
	"Compare-Object": {process: compareGather, end: compareEnd},
	"Tee-Object":     {process: teeProcess, end: teeEnd},
	"Get-Random":     {process: gather, end: getRandom},
	"New-Guid":       {process: newGUID},
}

// property is a property that a parameter names: a name, a script block, or a
// hashtable with name and expression.
type property struct {
	name       string
	block      *object.ScriptBlock
	path       string
	descending *bool
	entries    *object.Dict
}

func properties(i *invocation, list []any) (out []property) {
	c := i.Session().Objects()
	for _, v := range list {
		switch x := object.Base(v).(type) {
		case *object.ScriptBlock:
			out = append(out, property{name: x.Text(), block: x})
		case *object.Dict:
			p := property{entries: x}
			for _, e := range x.Entries() {
				key := strings.ToLower(c.String(e.Key))
				switch {
				case key != "" && (strings.HasPrefix("name", key) || strings.HasPrefix("label", key)):
					p.name = c.String(e.Value)
				case key != "" && strings.HasPrefix("expression", key):
					if sb := block(e.Value); sb != nil {
						p.block = sb
						if p.name == "" {
							p.name = sb.Text()
						}
					} else {
						p.path = c.String(e.Value)
						if p.name == "" {
							p.name = p.path
						}
					}
				case key != "" && strings.HasPrefix("descending", key):
					b := object.Truth(e.Value)
					p.descending = &b
				case key != "" && strings.HasPrefix("ascending", key):
					b := !object.Truth(e.Value)
					p.descending = &b
				}
			}
			out = append(out, p)
		default:
			n := c.String(v)
			out = append(out, property{name: n, path: n})
		}
	}
	return out
}

// value reads the property of an object; a block's error makes it $null.
func (p property) value(i *invocation, v any) any {
	if p.block != nil {
		out, err := i.Values(p.block, v)
		if err != nil {
			return nil
		}
		switch len(out) {
		case 0:
			return nil
		case 1:
			return out[0]
		}
		return object.NewArray(out...)
	}
	if d, ok := object.Base(v).(*object.Dict); ok {
		if x, has := d.Get(p.path); has {
			return x
		}
	}
	x, _ := i.Property(v, p.path)
	return x
}

// gather keeps what is piped in for the end.
func gather(i *invocation) error {
	if !i.Piped && !i.Has("InputObject") {
		return nil
	}
	list, _ := i.State.([]any)
	v := i.Value("InputObject")
	if !i.Piped {
		if items, many := object.Items(v); many {
			i.State = append(list, items...)
			return nil
		}
	}
	i.State = append(list, v)
	return nil
}

func gathered(i *invocation) []any { list, _ := i.State.([]any); return list }

// selection is the state of Select-Object.
type selection struct {
	props          []property
	exclude        []string
	first, skip, n int
	limited        bool
	last, skipLast int
	tail           []any
	unique         []any
	indexes        map[int]bool
}

func selectBegin(i *invocation) error {
	st := &selection{props: properties(i, i.List("Property")), exclude: i.Texts("ExcludeProperty"), skip: i.Int("Skip", 0), last: i.Int("Last", -1), skipLast: i.Int("SkipLast", 0)}
	st.first, st.limited = i.Int("First", 0), i.Has("First")
	if i.Has("Index") || i.Has("SkipIndex") {
		st.indexes = map[int]bool{}
		for _, v := range append(i.List("Index"), i.List("SkipIndex")...) {
			n, _, _ := object.Integer(object.Base(v))
			st.indexes[int(n)] = true
		}
	}
	i.State = st
	if st.limited && st.first == 0 && !i.Has("Last") {
		return i.StopUpstream()
	}
	return nil
}

func selectProcess(i *invocation) error {
	st := i.State.(*selection)
	if !i.Piped && !i.Has("InputObject") {
		return nil
	}
	v := i.Value("InputObject")
	at := st.n
	st.n++
	if st.indexes != nil {
		if st.indexes[at] == i.Has("SkipIndex") {
			return nil
		}
		return st.emit(i, v)
	}
	if st.last >= 0 || st.skipLast > 0 {
		if st.limited && at-st.skip < st.first && at >= st.skip {
			return st.emit(i, v)
		}
		st.tail = append(st.tail, v)
		return nil
	}
	if at < st.skip {
		return nil
	}
	if st.limited {
		if at-st.skip >= st.first {
			return nil
		}
		if err := st.emit(i, v); err != nil {
			return err
		}
		if at-st.skip == st.first-1 && !i.Switch("Wait") {
			return i.StopUpstream()
		}
		return nil
	}
	return st.emit(i, v)
}

func selectEnd(i *invocation) error {
	st := i.State.(*selection)
	tail := st.tail
	if st.skipLast > 0 {
		tail = tail[:max(0, len(tail)-st.skipLast)]
	} else if st.last >= 0 {
		if i.Has("Skip") && !st.limited {
			tail = tail[:max(0, len(tail)-st.skip)]
		}
		tail = tail[max(0, len(tail)-st.last):]
	}
	for _, v := range tail {
		if err := st.emit(i, v); err != nil {
			return err
		}
	}
	for _, v := range st.unique {
		if err := i.Write(v); err != nil {
			return err
		}
	}
	return nil
}

func (st *selection) emit(i *invocation, v any) error {
	out := v
	switch {
	case i.Has("ExpandProperty"):
		return st.expand(i, v)
	case len(st.props) > 0 || len(st.exclude) > 0:
		o, err := st.pick(i, v)
		if err != nil {
			return err
		}
		out = o
	}
	if i.Switch("Unique") {
		e := i.Session().Operators()
		for _, u := range st.unique {
			if same(i, u, out, i.Switch("CaseInsensitive")) {
				return nil
			}
		}
		_ = e
		st.unique = append(st.unique, out)
		return nil
	}
	return i.Write(out)
}

// same compares objects for -Unique: custom ones by their properties.
func same(i *invocation, a, b any, fold bool) bool {
	x, ok1 := a.(*object.Object)
	y, ok2 := b.(*object.Object)
	if ok1 && ok2 && x.Type == object.CustomType && y.Type == object.CustomType {
		if len(x.Members.List) != len(y.Members.List) {
			return false
		}
		for n, m := range x.Members.List {
			o := y.Members.List[n]
			if !strings.EqualFold(m.Name, o.Name) || !same(i, m.Value, o.Value, fold) {
				return false
			}
		}
		return true
	}
	return i.Session().Operators().Equal(a, b, fold)
}

// pick makes the object of the selected properties.
func (st *selection) pick(i *invocation, v any) (*object.Object, error) {
	m := i.Session().Members()
	o := object.NewCustom()
	for _, n := range object.TypeNames(v) {
		o.TypeNames = append(o.TypeNames, "Selected."+n)
		break
	}
	excluded := func(name string) bool { return matches(st.exclude, name) }
	props := st.props
	if len(props) == 0 {
		props = []property{{name: "*", path: "*"}}
	}
	for _, p := range props {
		if p.block == nil && p.entries == nil && object.HasWildcard(p.path) {
			w, _ := object.NewWildcard(p.path, true)
			for _, n := range m.PropertyNames(v) {
				if w != nil && w.Match(n) && !excluded(n) && o.Members.Get(n) == nil {
					x, _, _ := m.GetProperty(v, n)
					o.Set(n, x)
				}
			}
			continue
		}
		if excluded(p.name) {
			continue
		}
		name := p.name
		if p.block == nil && p.entries == nil {
			for _, n := range m.PropertyNames(v) {
				if strings.EqualFold(n, name) {
					name = n
				}
			}
		}
		if o.Members.Get(name) != nil {
			e := &object.Error{Type: object.MustType("System.Management.Automation.PSArgumentException"), Message: fmt.Sprintf("The property cannot be processed because the property \"%s\" already exists.", name)}
			if err := i.WriteError(i.ErrorRecord(e, "AlreadyExistingUserSpecifiedPropertyNoExpand", "InvalidOperation", v)); err != nil {
				return nil, err
			}
			continue
		}
		o.Set(name, p.value(i, v))
	}
	return o, nil
}

func (st *selection) expand(i *invocation, v any) error {
	name := i.Text("ExpandProperty")
	m := i.Session().Members()
	x, ok, err := m.GetProperty(v, name)
	if d, isDict := object.Base(v).(*object.Dict); isDict && !ok {
		x, ok = d.Get(name)
	}
	if err != nil {
		return err
	}
	if !ok {
		e := &object.Error{Type: object.MustType("System.Management.Automation.PSArgumentException"), Message: fmt.Sprintf("Property \"%s\" cannot be found.", name)}
		return i.WriteError(i.ErrorRecord(e, "ExpandPropertyNotFound", "InvalidArgument", v))
	}
	var extra *object.Object
	if len(st.props) > 0 {
		if extra, err = st.pick(i, v); err != nil {
			return err
		}
	}
	items, many := object.Items(x)
	if !many {
		items = []any{x}
	}
	for _, it := range items {
		if extra != nil {
			o, isObj := it.(*object.Object)
			if !isObj {
				o = &object.Object{Type: object.TypeOf(it), Base: it}
			}
			for _, mem := range extra.Members.List {
				o.Set(mem.Name, mem.Value)
			}
			it = o
		}
		if i.Switch("Unique") {
			dup := false
			for _, u := range st.unique {
				dup = dup || same(i, u, it, false)
			}
			if !dup {
				st.unique = append(st.unique, it)
			}
			continue
		}
		if err := i.Write(it); err != nil {
			return err
		}
	}
	return nil
}

// sortKey is an object with the values it is sorted by.
type sortKey struct {
	v    any
	keys []any
	n    int
}

func (i2 *sortKey) less(i *invocation, o *sortKey, props []property, descending, exact bool) bool {
	e := i.Session().Operators()
	for n := range i2.keys {
		a, b := i2.keys[n], o.keys[n]
		c, err := e.Compare(a, b, !exact)
		if err != nil {
			c = 0
			if x, y := e.String(a), e.String(b); x != y {
				c = strings.Compare(strings.ToLower(x), strings.ToLower(y))
			}
		}
		if c == 0 {
			continue
		}
		desc := descending
		if n < len(props) && props[n].descending != nil {
			desc = *props[n].descending
		}
		return (c < 0) != desc
	}
	return false
}

func sortEnd(i *invocation) error {
	items := gathered(i)
	props := properties(i, i.List("Property"))
	keys := make([]*sortKey, len(items))
	for n, v := range items {
		k := &sortKey{v: v, n: n}
		if len(props) == 0 {
			k.keys = []any{v}
		}
		for _, p := range props {
			k.keys = append(k.keys, p.value(i, v))
		}
		keys[n] = k
	}
	desc, exact := i.Switch("Descending"), i.Switch("CaseSensitive")
	sort.SliceStable(keys, func(a, b int) bool { return keys[a].less(i, keys[b], props, desc, exact) })
	if i.Switch("Unique") {
		var out []*sortKey
		for _, k := range keys {
			if n := len(out); n > 0 && !out[n-1].less(i, k, props, desc, exact) && !k.less(i, out[n-1], props, desc, exact) {
				continue
			}
			out = append(out, k)
		}
		keys = out
	}
	top, bottom := i.Int("Top", -1), i.Int("Bottom", -1)
	switch {
	case top >= 0:
		keys = keys[:min(top, len(keys))]
	case bottom >= 0:
		keys = keys[max(0, len(keys)-bottom):]
	}
	for _, k := range keys {
		if err := i.Write(k.v); err != nil {
			return err
		}
	}
	return nil
}

func groupEnd(i *invocation) error {
	items := gathered(i)
	props := properties(i, i.List("Property"))
	type group struct {
		keys  []any
		items []any
		name  string
	}
	var groups []*group
	index := map[string]*group{}
	c := i.Session().Objects()
	for _, v := range items {
		keys := []any{v}
		if len(props) > 0 {
			keys = nil
			for _, p := range props {
				keys = append(keys, p.value(i, v))
			}
		}
		var names []string
		for _, k := range keys {
			names = append(names, c.String(k))
		}
		name := strings.Join(names, ", ")
		id := name
		if !i.Switch("CaseSensitive") {
			id = strings.ToLower(name)
		}
		g := index[id]
		if g == nil {
			g = &group{keys: keys, name: name}
			index[id] = g
			groups = append(groups, g)
		}
		g.items = append(g.items, v)
	}
	if i.Switch("AsHashTable") {
		d := object.NewHashtable()
		for _, g := range groups {
			key := any(g.name)
			if !i.Switch("AsString") && len(g.keys) == 1 {
				key = g.keys[0]
			}
			d.Set(key, &object.List{Type: object.Generic("System.Collections.ObjectModel.Collection`1", object.PSObjectType), Items: g.items})
		}
		return i.Write(d)
	}
	sorted := true
	sort.SliceStable(groups, func(a, b int) bool {
		x, y := &sortKey{keys: groups[a].keys}, &sortKey{keys: groups[b].keys}
		return sorted && x.less(i, y, nil, false, false)
	})
	typ := "Microsoft.PowerShell.Commands.GroupInfo"
	if i.Switch("NoElement") {
		typ = "Microsoft.PowerShell.Commands.GroupInfoNoElement"
	}
	for _, g := range groups {
		o := &object.Object{Type: object.MustType(typ)}
		values := &object.List{Type: object.ArrayListType, Items: g.keys}
		o.SetProperty("Values", values)
		o.SetProperty("Count", int32(len(g.items)))
		members := &object.List{Type: object.Generic("System.Collections.ObjectModel.Collection`1", object.PSObjectType)}
		if !i.Switch("NoElement") {
			members.Items = g.items
		}
		o.SetProperty("Group", members)
		o.SetProperty("Name", g.name)
		o.SetText(typ)
		if err := i.Write(o); err != nil {
			return err
		}
	}
	return nil
}

// measure is the state of Measure-Object.
type measure struct {
	props               []property
	stats               []*stat
	lines, words, chars int64
	text                bool
}

type stat struct {
	name     string
	n        int64
	sum      float64
	values   []float64
	min, max any
}

func measureBegin(i *invocation) error {
	st := &measure{props: properties(i, i.List("Property")), text: i.Has("Line") || i.Has("Word") || i.Has("Character")}
	for _, p := range st.props {
		st.stats = append(st.stats, &stat{name: p.name})
	}
	if len(st.props) == 0 {
		st.stats = []*stat{{}}
	}
	i.State = st
	return nil
}

func measureProcess(i *invocation) error {
	st := i.State.(*measure)
	if !i.Piped && !i.Has("InputObject") {
		return nil
	}
	v := i.Value("InputObject")
	if v == nil {
		return nil
	}
	if st.text {
		s := i.Session().Objects().String(v)
		if len(st.props) > 0 {
			s = i.Session().Objects().String(st.props[0].value(i, v))
		}
		st.lines += int64(strings.Count(s, "\n"))
		if s != "" {
			st.lines++
		}
		st.words += int64(len(strings.Fields(s)))
		if i.Switch("IgnoreWhiteSpace") {
			s = strings.Join(strings.Fields(s), "")
		}
		st.chars += int64(object.Len(s))
		return nil
	}
	wants := i.Switch("Sum") || i.Switch("Average") || i.Switch("StandardDeviation") || i.Switch("AllStats")
	for n, s := range st.stats {
		x := v
		if len(st.props) > 0 {
			m := i.Session().Members()
			val, ok, _ := m.GetProperty(v, st.props[n].path)
			if st.props[n].block != nil {
				val, ok = st.props[n].value(i, v), true
			}
			if d, isDict := object.Base(v).(*object.Dict); isDict {
				val, ok = d.Get(st.props[n].path)
			}
			if !ok || val == nil {
				continue
			}
			x = val
		}
		s.n++
		e := i.Session().Operators()
		if i.Switch("Minimum") || i.Switch("AllStats") {
			if c, err := e.Compare(x, s.min, true); s.min == nil || err == nil && c < 0 {
				s.min = x
			}
		}
		if i.Switch("Maximum") || i.Switch("AllStats") {
			if c, err := e.Compare(x, s.max, true); s.max == nil || err == nil && c > 0 {
				s.max = x
			}
		}
		if !wants {
			continue
		}
		f, err := e.Convert(x, object.DoubleType)
		if err != nil {
			er := &object.Error{Type: object.MustType("System.Management.Automation.PSInvalidCastException"), Message: fmt.Sprintf("Input object \"%s\" is not numeric.", i.Session().Objects().String(x))}
			if werr := i.WriteError(i.ErrorRecord(er, "NonNumericInputObject", "InvalidType", x)); werr != nil {
				return werr
			}
			s.n--
			continue
		}
		s.sum += f.(float64)
		s.values = append(s.values, f.(float64))
	}
	return nil
}

func measureEnd(i *invocation) error {
	st := i.State.(*measure)
	if st.text {
		o := &object.Object{Type: object.MustType("Microsoft.PowerShell.Commands.TextMeasureInfo")}
		for _, x := range []struct {
			name, sw string
			n        int64
		}{{"Lines", "Line", st.lines}, {"Words", "Word", st.words}, {"Characters", "Character", st.chars}} {
			var v any
			if i.Has(x.sw) {
				v = int32(x.n)
			}
			o.SetProperty(x.name, v)
		}
		o.SetProperty("Property", nil)
		return i.Write(o)
	}
	all := i.Switch("AllStats")
	for n, s := range st.stats {
		if len(st.props) > 0 && s.n == 0 {
			e := &object.Error{Type: object.MustType("System.Management.Automation.PSArgumentException"), Message: fmt.Sprintf("The property \"%s\" cannot be found in the input for any objects.", st.props[n].name)}
			if err := i.WriteError(i.ErrorRecord(e, "GenericMeasurePropertyNotFound", "InvalidArgument", nil)); err != nil {
				return err
			}
			continue
		}
		o := &object.Object{Type: object.MustType("Microsoft.PowerShell.Commands.GenericMeasureInfo")}
		o.SetProperty("Count", int32(s.n))
		pick := func(on bool, v any) any {
			if on {
				return v
			}
			return nil
		}
		avg, sd := 0.0, 0.0
		if s.n > 0 {
			avg = s.sum / float64(s.n)
		}
		if s.n > 1 {
			for _, f := range s.values {
				sd += (f - avg) * (f - avg)
			}
			sd = math.Sqrt(sd / float64(s.n-1))
		}
		number := func(v any) any {
			if f, ok := object.Float(object.Base(v)); ok {
				return f
			}
			return v
		}
		o.SetProperty("Average", pick((i.Switch("Average") || all) && s.n > 0, avg))
		o.SetProperty("Sum", pick((i.Switch("Sum") || all) && s.n > 0, s.sum))
		o.SetProperty("Maximum", pick(i.Switch("Maximum") || all, number(s.max)))
		o.SetProperty("Minimum", pick(i.Switch("Minimum") || all, number(s.min)))
		o.SetProperty("StandardDeviation", pick((i.Switch("StandardDeviation") || all) && s.n > 0, sd))
		var name any
		if len(st.props) > 0 {
			name = st.props[n].name
		}
		o.SetProperty("Property", name)
		if err := i.Write(o); err != nil {
			return err
		}
	}
	return nil
}

func newObject(i *invocation) error {
	name := i.Text("TypeName")
	n, ok := syntax.ParseTypeName(name)
	var t *object.Type
	if ok {
		t = object.Lookup(n, i.Session().Objects().Type)
	}
	if i.Has("ComObject") {
		return i.ErrorRecord(object.Fail("", "skylab: New-Object -ComObject is real but not simulated here"), "NotSimulated", "NotImplemented", nil)
	}
	if t == nil {
		e := &object.Error{Type: object.MustType("System.Management.Automation.PSArgumentException"), Message: fmt.Sprintf("Cannot find type [%s]: verify that the assembly containing this type is loaded.", name)}
		return i.ErrorRecord(e, "TypeNotFound", "InvalidType", nil)
	}
	var args []any
	if i.Has("ArgumentList") {
		args = i.List("ArgumentList")
	}
	m := i.Session().Members()
	v, err := m.Construct(t, args)
	if err != nil {
		if oe, isErr := err.(*object.Error); isErr && oe.ID == "MethodCountCouldNotFindBest" {
			msg := "A constructor was not found. Cannot find an appropriate constructor for type " + name + "."
			e := &object.Error{Type: object.MustType("System.Management.Automation.PSArgumentException"), Message: msg}
			return i.ErrorRecord(e, "CannotFindAppropriateCtor", "ObjectNotFound", nil)
		} else if isErr {
			return i.ErrorRecord(oe, "ConstructorInvokedThrowException", "InvalidOperation", nil)
		}
		return err
	}
	if d, ok := object.Base(i.Value("Property")).(*object.Dict); ok {
		for _, e := range d.Entries() {
			key := i.Session().Objects().String(e.Key)
			if o, isObj := v.(*object.Object); isObj && (o.Type == object.CustomType || o.Base != nil) {
				o.Set(key, e.Value)
				continue
			}
			if err := m.Set(v, key, e.Value); err != nil {
				return err
			}
		}
	}
	return i.Write(v)
}

func addMember(i *invocation) error {
	v := i.Value("InputObject")
	o, ok := v.(*object.Object)
	if !ok {
		o = &object.Object{Type: object.TypeOf(v), Base: v}
	}
	if i.Has("TypeName") {
		o.TypeNames = append([]string{i.Text("TypeName")}, o.TypeNames...)
	}
	add := func(m *object.Member) error {
		if old := o.Members.Get(m.Name); old != nil && !i.Switch("Force") {
			e := &object.Error{Type: object.MustType("System.InvalidOperationException"), Message: fmt.Sprintf("Cannot add a member with the name \"%s\" because a member with that name already exists. To overwrite the member anyway, add the Force parameter to your command.", m.Name)}
			return i.WriteError(i.ErrorRecord(e, "MemberAlreadyExists", "InvalidOperation", v))
		}
		o.Members.Add(m)
		return nil
	}
	switch {
	case i.Has("NotePropertyMembers"):
		d, _ := object.Base(i.Value("NotePropertyMembers")).(*object.Dict)
		for _, e := range d.Entries() {
			if err := add(&object.Member{Name: i.Session().Objects().String(e.Key), Value: e.Value}); err != nil {
				return err
			}
		}
	case i.Has("NotePropertyName"):
		if err := add(&object.Member{Name: i.Text("NotePropertyName"), Value: i.Value("NotePropertyValue")}); err != nil {
			return err
		}
	case i.Has("MemberType"):
		m := &object.Member{Name: i.Text("Name"), Value: i.Value("Value"), Setter: i.Value("SecondValue")}
		switch kind := i.Session().Objects().String(i.Value("MemberType")); kind {
		case "NoteProperty":
		case "ScriptProperty":
			m.Kind = object.ScriptProperty
		case "ScriptMethod":
			m.Kind = object.ScriptMethod
		case "AliasProperty":
			m.Kind = object.AliasProperty
			m.Value = i.Text("Value")
		default:
			m.Kind = object.PropertySet
		}
		if err := add(m); err != nil {
			return err
		}
	}
	if i.Switch("PassThru") || !ok && i.Piped && i.Switch("PassThru") {
		return i.Write(o)
	}
	return nil
}

func getUnique(i *invocation) error {
	v := i.Value("InputObject")
	last, had := i.State.([]any)
	if had && len(last) == 1 {
		if i.Switch("OnType") && object.TypeOf(last[0]) == object.TypeOf(v) {
			return nil
		}
		if !i.Switch("OnType") && i.Session().Objects().String(last[0]) == i.Session().Objects().String(v) {
			return nil
		}
	}
	i.State = []any{v}
	return i.Write(v)
}

func compareGather(i *invocation) error {
	list, _ := i.State.([]any)
	i.State = append(list, i.List("DifferenceObject")...)
	return nil
}

func compareEnd(i *invocation) error {
	diff := gathered(i)
	ref := i.List("ReferenceObject")
	props := properties(i, i.List("Property"))
	fold := !i.Switch("CaseSensitive")
	equal := func(a, b any) bool {
		if len(props) == 0 {
			if object.IsNumber(object.Base(a)) || object.TypeOf(a) != object.TypeOf(b) {
				return i.Session().Operators().Equal(a, b, fold)
			}
			x, y := i.Session().Objects().String(a), i.Session().Objects().String(b)
			return x == y || fold && strings.EqualFold(x, y)
		}
		for _, p := range props {
			if !i.Session().Operators().Equal(p.value(i, a), p.value(i, b), fold) {
				return false
			}
		}
		return true
	}
	emit := func(v any, side string) error {
		if side == "==" && !i.Switch("IncludeEqual") || side != "==" && i.Switch("ExcludeDifferent") {
			return nil
		}
		if i.Switch("PassThru") {
			o, ok := v.(*object.Object)
			if !ok {
				o = &object.Object{Type: object.TypeOf(v), Base: v}
			}
			o.Members.Add(&object.Member{Name: "SideIndicator", Value: side, Hidden: o.Base != nil})
			return i.Write(o)
		}
		o := object.NewCustom()
		if len(props) == 0 {
			o.Set("InputObject", v)
		}
		for _, p := range props {
			o.Set(p.name, p.value(i, v))
		}
		o.Set("SideIndicator", side)
		return i.Write(o)
	}
	used := make([]bool, len(diff))
	var left []any
	for _, r := range ref {
		found := false
		for n, d := range diff {
			if !used[n] && equal(r, d) {
				used[n], found = true, true
				if err := emit(r, "=="); err != nil {
					return err
				}
				break
			}
		}
		if !found {
			left = append(left, r)
		}
	}
	for n, d := range diff {
		if !used[n] {
			if err := emit(d, "=>"); err != nil {
				return err
			}
		}
	}
	for _, r := range left {
		if err := emit(r, "<="); err != nil {
			return err
		}
	}
	return nil
}

func teeProcess(i *invocation) error {
	if err := gather(i); err != nil {
		return err
	}
	return i.Write(i.Value("InputObject"))
}

func teeEnd(i *invocation) error {
	if i.Has("Variable") {
		list := gathered(i)
		var v any
		switch len(list) {
		case 0:
		case 1:
			v = list[0]
		default:
			v = object.NewArray(list...)
		}
		return i.SetVariable(i.Text("Variable"), "", v)
	}
	return nil
}

func random(i *invocation) uint64 {
	if r := i.Session().Config().Random; r != nil {
		return r()
	}
	return 4
}

func getRandom(i *invocation) error {
	list := gathered(i)
	if i.Has("InputObject") || i.Piped {
		n := i.Int("Count", 1)
		if i.Switch("Shuffle") {
			n = len(list)
		}
		list = append([]any{}, list...)
		for ; n > 0 && len(list) > 0; n-- {
			k := int(random(i) % uint64(len(list)))
			if err := i.Write(list[k]); err != nil {
				return err
			}
			list = append(list[:k:k], list[k+1:]...)
		}
		return nil
	}
	lo, hi := int64(i.Int("Minimum", 0)), int64(math.MaxInt32)
	if i.Has("Maximum") {
		hi = int64(i.Int("Maximum", math.MaxInt32))
	}
	if lo >= hi {
		e := &object.Error{Type: object.MustType("System.ArgumentException"), Message: fmt.Sprintf("The Minimum value (%d) cannot be greater than or equal to the Maximum value (%d).", lo, hi)}
		return i.ErrorRecord(e, "MinGreaterThanOrEqualMax", "InvalidArgument", nil)
	}
	for n := i.Int("Count", 1); n > 0; n-- {
		if err := i.Write(int32(lo + int64(random(i)%uint64(hi-lo)))); err != nil {
			return err
		}
	}
	return nil
}

func newGUID(i *invocation) error {
	v, err := i.Session().Members().CallStatic(object.GuidType, "NewGuid", nil)
	if err != nil {
		return err
	}
	return i.Write(v)
}

// getMember writes a definition per member, once per type.
func getMember(i *invocation) error {
	v := i.Value("InputObject")
	if v == nil {
		if !i.Piped {
			e := &object.Error{Type: object.MustType("System.InvalidOperationException"), Message: "You must specify an object for the Get-Member cmdlet."}
			return i.WriteError(i.ErrorRecord(e, "NoObjectInGetMember", "CloseError", nil))
		}
		return nil
	}
	types, _ := i.State.(map[string]bool)
	if types == nil {
		types = map[string]bool{}
		i.State = types
	}
	name := object.TypeNames(v)[0]
	t := object.TypeOf(v)
	if st, ok := object.Base(v).(*object.Type); ok && i.Switch("Static") {
		t, name = st, st.FullName()
	}
	if types[name] {
		return nil
	}
	types[name] = true
	type def struct{ name, kind, text string }
	var defs []def
	if o, ok := v.(*object.Object); ok && !i.Switch("Static") {
		for _, m := range o.Members.List {
			if m.Hidden {
				continue
			}
			info := i.Session().Members().PropertyInfo(v, m.Name)
			text := info.ToString(i.Session().Objects())
			switch m.Kind {
			case object.ScriptMethod:
				text = "System.Object " + m.Name + "();"
			case object.AliasProperty:
				text = m.Name + " = " + fmt.Sprint(m.Value)
			case object.ScriptProperty:
				if sb := block(m.Value); sb != nil {
					text = "System.Object " + m.Name + " {get=" + strings.TrimSpace(sb.Text()) + ";}"
				}
			case object.Property:
				text = strings.Replace(text, "{get;set;}", "{get;set;}", 1)
			}
			defs = append(defs, def{m.Name, m.Kind.String(), text})
		}
	}
	var list [][2]string
	if t == object.CustomType {
		list = [][2]string{{"Equals", "bool Equals(System.Object obj)"}, {"GetHashCode", "int GetHashCode()"}, {"GetType", "type GetType()"}, {"ToString", "string ToString()"}}
	} else {
		for b := t; b != nil && len(list) == 0; b = b.Base {
			list = member.Definitions(b, i.Switch("Static"))
		}
	}
	at := map[string]int{}
	for _, d := range list {
		kind := "Method"
		if !strings.Contains(d[1], "(") {
			kind = "Property"
			if strings.Contains(d[1], d[0]+"[") {
				kind = "ParameterizedProperty"
			}
		}
		if n, ok := at[d[0]]; ok && kind == "Method" {
			defs[n].text += ", " + d[1]
			continue
		}
		at[d[0]] = len(defs)
		defs = append(defs, def{d[0], kind, d[1]})
	}
	order := []string{"AliasProperty", "CodeMethod", "Method", "CodeProperty", "NoteProperty", "ParameterizedProperty", "Property", "PropertySet", "ScriptMethod", "ScriptProperty"}
	rank := map[string]int{}
	for n, k := range order {
		rank[k] = n
	}
	sort.SliceStable(defs, func(a, b int) bool {
		if defs[a].kind != defs[b].kind {
			return rank[defs[a].kind] < rank[defs[b].kind]
		}
		return strings.ToLower(defs[a].name) < strings.ToLower(defs[b].name)
	})
	kinds := int64(0)
	if en, ok := i.Value("MemberType").(object.Enum); ok {
		kinds = en.Value
	}
	names := i.Texts("Name")
	for _, d := range defs {
		k, _ := object.EnumOf(object.MustType("System.Management.Automation.PSMemberTypes"), d.kind)
		if kinds != 0 && k.Value&kinds == 0 || len(names) > 0 && !matches(names, d.name) {
			continue
		}
		if (strings.HasPrefix(d.name, "get_") || strings.HasPrefix(d.name, "set_")) && !i.Switch("Force") {
			continue
		}
		o := &object.Object{Type: object.MustType("Microsoft.PowerShell.Commands.MemberDefinition")}
		o.SetProperty("TypeName", name)
		o.SetProperty("Name", d.name)
		o.SetProperty("MemberType", k)
		o.SetProperty("Definition", d.text)
		o.SetText(d.text)
		if err := i.Write(o); err != nil {
			return err
		}
	}
	return nil
}
