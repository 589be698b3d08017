package member

import (
	"strings"

	"skylab/sim/machine/powershell/object"
)

// psObject is what .psobject gives: the members of a value.
type psObject struct {
	env *Env
	v   any
}

// NetType implements object.Typed.
func (*psObject) NetType() *object.Type { return object.PSObjectType }

// ToString implements object.Stringer.
func (p *psObject) ToString(c *object.Context) string { return c.String(p.v) }

// GetMember implements Dynamic.
func (p *psObject) GetMember(name string) (any, bool) {
	switch strings.ToLower(name) {
	case "properties":
		l := &memberList{env: p.env, owner: p.v}
		for _, n := range p.env.PropertyNames(p.v) {
			l.list = append(l.list, p.env.PropertyInfo(p.v, n))
		}
		return l, true
	case "members":
		l := &memberList{env: p.env, owner: p.v}
		for _, n := range p.env.PropertyNames(p.v) {
			l.list = append(l.list, p.env.PropertyInfo(p.v, n))
		}
		return l, true
	case "methods":
		return &memberList{env: p.env, owner: p.v}, true
	case "typenames":
		return p.env.typeNames(p.v), true
	case "baseobject", "immediatebaseobject":
		return object.Base(p.v), true
	}
	return nil, false
}

// CallMember implements Dynamic.
func (p *psObject) CallMember(name string, args []any) (any, bool, error) {
	switch strings.ToLower(name) {
	case "copy":
		if o, ok := p.v.(*object.Object); ok {
			n := &object.Object{Type: o.Type, Base: o.Base, TypeNames: append([]string{}, o.TypeNames...)}
			for _, m := range o.Members.List {
				c := *m
				n.Members.Add(&c)
			}
			return n, true, nil
		}
		return p.v, true, nil
	}
	return nil, false, nil
}

// typeNameList is .pstypenames: changing it changes the object.
func (e *Env) typeNames(v any) any {
	l := &object.List{Type: object.Generic("System.Collections.ObjectModel.Collection`1", object.StringType)}
	for _, n := range object.TypeNames(v) {
		l.Items = append(l.Items, n)
	}
	if o, ok := v.(*object.Object); ok {
		return &typeNameList{o: o}
	}
	return l
}

type typeNameList struct{ o *object.Object }

// NetType implements object.Typed.
func (*typeNameList) NetType() *object.Type {
	return object.Generic("System.Collections.ObjectModel.Collection`1", object.StringType)
}

// Items implements object.Enumerable.
func (l *typeNameList) Items() []any {
	var out []any
	for _, n := range object.TypeNames(l.o) {
		out = append(out, n)
	}
	return out
}

// GetMember implements Dynamic.
func (l *typeNameList) GetMember(name string) (any, bool) {
	if strings.EqualFold(name, "Count") {
		return int32(len(l.Items())), true
	}
	return nil, false
}

// CallMember implements Dynamic.
func (l *typeNameList) CallMember(name string, a []any) (any, bool, error) {
	switch strings.ToLower(name) {
	case "insert":
		i := min(intOf(a[0]), len(l.o.TypeNames))
		n := textOf(a[1])
		l.o.TypeNames = append(l.o.TypeNames[:i:i], append([]string{n}, l.o.TypeNames[i:]...)...)
		return Void{}, true, nil
	case "add":
		l.o.TypeNames = append(l.o.TypeNames, textOf(a[0]))
		return Void{}, true, nil
	case "clear":
		l.o.TypeNames = nil
		return Void{}, true, nil
	case "contains":
		for _, n := range object.TypeNames(l.o) {
			if n == textOf(a[0]) {
				return true, true, nil
			}
		}
		return false, true, nil
	case "remove":
		for i, n := range l.o.TypeNames {
			if n == textOf(a[0]) {
				l.o.TypeNames = append(l.o.TypeNames[:i:i], l.o.TypeNames[i+1:]...)
				return true, true, nil
			}
		}
		return false, true, nil
	}
	return nil, false, nil
}

// Info describes a property of a value: what .psobject.Properties holds.
type Info struct {
	env   *Env
	owner any
	Name  string
	Kind  object.MemberKind
	own   *object.Member
}

var infoTypes = map[object.MemberKind]string{object.NoteProperty: "PSNoteProperty", object.Property: "PSProperty", object.AliasProperty: "PSAliasProperty", object.ScriptProperty: "PSScriptProperty", object.ScriptMethod: "PSScriptMethod"}

// NetType implements object.Typed.
func (i *Info) NetType() *object.Type {
	n := infoTypes[i.Kind]
	if n == "" {
		n = "PSProperty"
	}
	return object.MustType("System.Management.Automation." + n)
}

// Value reads the property.
func (i *Info) Value() any {
	v, _, _ := i.env.GetProperty(i.owner, i.Name)
	return v
}

// ToString implements object.Stringer.
func (i *Info) ToString(c *object.Context) string {
	v := i.Value()
	t := "object"
	if v != nil {
		t = object.TypeOf(v).ScriptName()
	}
	if i.Kind == object.NoteProperty {
		return t + " " + i.Name + "=" + c.String(v)
	}
	return t + " " + i.Name + " {get;set;}"
}

// GetMember implements Dynamic.
func (i *Info) GetMember(name string) (any, bool) {
	switch strings.ToLower(name) {
	case "name":
		return i.Name, true
	case "value":
		return i.Value(), true
	case "membertype":
		kind := i.Kind.String()
		v, _ := object.EnumOf(object.MustType("System.Management.Automation.PSMemberTypes"), kind)
		return v, true
	case "issettable":
		return i.Kind <= object.Property, true
	case "isgettable", "isinstance":
		return true, true
	case "typenameofvalue":
		if v := i.Value(); v != nil {
			return object.TypeOf(v).FullName(), true
		}
		return "System.Object", true
	case "referencedmembername":
		if i.own != nil && i.Kind == object.AliasProperty {
			return i.own.Value, true
		}
	}
	return nil, false
}

// SetMember sets Value.
func (i *Info) SetMember(e *Env, name string, v any) (bool, error) {
	if strings.EqualFold(name, "Value") {
		return true, e.Set(i.owner, i.Name, v)
	}
	return false, nil
}

// CallMember implements Dynamic.
func (i *Info) CallMember(string, []any) (any, bool, error) { return nil, false, nil }

// PropertyInfo describes one property of a value.
func (e *Env) PropertyInfo(v any, name string) *Info {
	i := &Info{env: e, owner: v, Name: name, Kind: object.Property}
	if o, ok := v.(*object.Object); ok {
		if m := o.Members.Get(name); m != nil {
			i.Kind, i.own, i.Name = m.Kind, m, m.Name
		}
	}
	if _, ok := object.Base(v).(*object.Dict); ok {
		i.Kind = object.Property
	}
	return i
}

// PropertyNames returns the names of a value's properties, in order: those of
// its type, then its own.
func (e *Env) PropertyNames(v any) []string {
	var names []string
	o, isObj := v.(*object.Object)
	if !isObj || o.Base != nil {
		b := object.Base(v)
		if p, ok := b.(interface{ PropertyNames() []string }); ok {
			names = append(names, p.PropertyNames()...)
		} else if b != nil {
			names = append(names, typeProperties(object.TypeOf(b))...)
		}
	}
	if isObj {
		for _, m := range o.Members.List {
			if m.Hidden || m.Kind == object.ScriptMethod || m.Kind == object.PropertySet {
				continue
			}
			names = append(names, m.Name)
		}
	}
	return names
}

// typeProperties returns a type's own properties, its bases' last.
func typeProperties(t *object.Type) (names []string) {
	for ; t != nil; t = t.Base {
		for _, d := range Definitions(t, false) {
			if !strings.Contains(d[1], "{") || strings.Contains(d[1], "[") && strings.Contains(d[1], "] {") && strings.Contains(strings.SplitN(d[1], "{", 2)[0], d[0]+"[") {
				continue
			}
			names = append(names, d[0])
		}
		if len(names) > 0 {
			break
		}
	}
	return names
}

// memberList is a collection of members, indexed by name.
type memberList struct {
	env   *Env
	owner any
	list  []any
}

// NetType implements object.Typed.
func (*memberList) NetType() *object.Type {
	return object.Generic("System.Collections.ObjectModel.Collection`1", object.MustType("System.Management.Automation.PSPropertyInfo"))
}

// Items implements object.Enumerable.
func (l *memberList) Items() []any { return l.list }

func (l *memberList) find(name string) any {
	for _, x := range l.list {
		if i := x.(*Info); strings.EqualFold(i.Name, name) {
			return i
		}
	}
	return nil
}

// GetIndex implements Indexer.
func (l *memberList) GetIndex(e *Env, i any) (any, error) {
	if s, ok := object.Base(i).(string); ok {
		return l.find(s), nil
	}
	return e.slice(l.list, i, false, func(v any) any { return v })
}

// GetMember implements Dynamic.
func (l *memberList) GetMember(name string) (any, bool) {
	return nil, false
}

// CallMember implements Dynamic.
func (l *memberList) CallMember(name string, a []any) (any, bool, error) {
	switch strings.ToLower(name) {
	case "match":
		w, ok := object.NewWildcard(textOf(a[0]), true)
		out := &memberList{env: l.env, owner: l.owner}
		for _, x := range l.list {
			if ok && w.Match(x.(*Info).Name) {
				out.list = append(out.list, x)
			}
		}
		return out, true, nil
	case "remove":
		if o, ok := l.owner.(*object.Object); ok {
			o.Members.Remove(textOf(a[0]))
		}
		return Void{}, true, nil
	case "add":
		o, ok := l.owner.(*object.Object)
		i, isInfo := object.Base(a[0]).(*Info)
		if ok && isInfo && i.own != nil {
			o.Members.Add(i.own)
		}
		if ok {
			if n, isNote := object.Base(a[0]).(*object.Object); isNote {
				name, _ := n.Value("Name")
				v, _ := n.Value("Value")
				o.Set(textOf(name), v)
			}
		}
		return Void{}, true, nil
	}
	return nil, false, nil
}
