package cmdlet

import (
	"fmt"
	"math"
	"slices"
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
	// What an object holds of its type's own properties is listed with the type.
	defs = slices.DeleteFunc(defs, func(d def) bool {
		return d.kind == "Property" && slices.ContainsFunc(list, func(x [2]string) bool { return x[0] == d.name })
	})
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
