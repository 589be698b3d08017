package member

import (
	"strings"

	"skylab/sim/machine/powershell/object"
)

// keyList is a dictionary's Keys or Values: it shows what the dictionary has
// now.
type keyList struct {
	Dict   *object.Dict
	Values bool
}

// NetType implements object.Typed.
func (k *keyList) NetType() *object.Type {
	name := "KeyCollection"
	if k.Values {
		name = "ValueCollection"
	}
	t := k.Dict.Type
	switch {
	case t.Is(object.OrderedType):
		return object.MustType("System.Collections.Specialized.OrderedDictionary+OrderedDictionaryKeyValueCollection")
	case len(t.Args) == 2:
		if g := object.Generic(t.Name+"+"+name, t.Args...); g != nil {
			return g
		}
	}
	return object.MustType("System.Collections.Hashtable+" + name)
}

// Items implements object.Enumerable.
func (k *keyList) Items() []any {
	list := k.Dict.Entries()
	out := make([]any, len(list))
	for i, e := range list {
		if out[i] = e.Key; k.Values {
			out[i] = e.Value
		}
	}
	return out
}

// Changes implements object.Changing.
func (k *keyList) Changes() int { return k.Dict.Changes() }

// GetMember implements Dynamic.
func (k *keyList) GetMember(name string) (any, bool) {
	switch strings.ToLower(name) {
	case "count":
		return int32(k.Dict.Len()), true
	case "issynchronized":
		return false, true
	case "syncroot":
		return k.Dict, true
	}
	return nil, false
}

// CallMember implements Dynamic.
func (k *keyList) CallMember(name string, a []any) (any, bool, error) {
	switch strings.ToLower(name) {
	case "contains":
		for _, x := range k.Items() {
			if len(a) == 1 && object.Base(x) == object.Base(a[0]) {
				return true, true, nil
			}
		}
		return false, true, nil
	case "copyto":
		if d, ok := object.Base(a[0]).(*object.Array); ok && len(a) == 2 {
			copy(d.Items[min(len(d.Items), max(0, intOf(a[1]))):], k.Items())
		}
		return Void{}, true, nil
	}
	return nil, false, nil
}
