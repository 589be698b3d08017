package arm

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"skylab/sim/ojson"
)

// Tag names of a subscription: those in use, and those that were created before
// any use, with the values that were proposed for them.

const (
	readTagNames   = "Microsoft.Resources/subscriptions/tagNames/read"
	writeTagNames  = "Microsoft.Resources/subscriptions/tagNames/write"
	deleteTagNames = "Microsoft.Resources/subscriptions/tagNames/delete"
	writeTagValue  = "Microsoft.Resources/subscriptions/tagNames/tagValues/write"
	deleteTagValue = "Microsoft.Resources/subscriptions/tagNames/tagValues/delete"
)

// tagUse is how often each value of each tag name is in use; what was created
// and is not in use counts 0.
type tagUse map[string]map[string]int

func (u tagUse) name(name string) map[string]int {
	if u[name] == nil {
		u[name] = map[string]int{}
	}
	return u[name]
}

func (a *ARM) tagUse(sub string) tagUse {
	use, scope := tagUse{}, "/subscriptions/"+sub+"/"
	add := func(key string, tags *ojson.Object) {
		if strings.HasPrefix(key, scope) {
			for _, m := range tags.Members() {
				use.name(m.Key)[fmt.Sprint(m.Value)]++
			}
		}
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	for key, g := range a.state.Groups {
		add(key, g.Tags)
	}
	for key, r := range a.state.Resources {
		add(key, r.Tags)
	}
	for name, values := range a.state.Subscriptions[sub].TagNames {
		for _, v := range values {
			use.name(name)[v] += 0
		}
		use.name(name)
	}
	return use
}

func total(n int) *ojson.Object { return ojson.Obj("type", "Total", "value", n) }

func tagValueOf(sub, name, value string, n int) *ojson.Object {
	return ojson.Obj("id", "/subscriptions/"+sub+"/tagNames/"+name+"/tagValues/"+value, "tagValue", value, "count", total(n))
}

func (u tagUse) details(sub, name string) *ojson.Object {
	n, values := 0, []any{}
	for _, v := range slices.Sorted(maps.Keys(u[name])) {
		n += u[name][v]
		values = append(values, tagValueOf(sub, name, v, u[name][v]))
	}
	return ojson.Obj("id", "/subscriptions/"+sub+"/tagNames/"+name, "tagName", name, "count", total(n), "values", values)
}

func (a *ARM) listTagNames(c *call) error {
	use, list := a.tagUse(c.sub.ID), []any{}
	for _, name := range slices.Sorted(maps.Keys(use)) {
		list = append(list, use.details(c.sub.ID, name))
	}
	writeJSON(c.w, http.StatusOK, value(list))
	return nil
}

// changeTagNames changes the names that were created in a subscription.
func (a *ARM) changeTagNames(sub string, change func(names map[string][]string)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.state.Subscriptions[sub]
	s.TagNames = orEmpty(s.TagNames)
	change(s.TagNames)
	a.state.Subscriptions[sub] = s
}

// spelled is a tag's name as it was created, for case makes no difference.
func spelled(names map[string][]string, name string) (string, bool) {
	for n := range names {
		if strings.EqualFold(n, name) {
			return n, true
		}
	}
	return name, false
}

func (a *ARM) putTagName(c *call) error {
	name := c.vars["tag"]
	if err := checkTags(ojson.Obj(name, "")); err != nil {
		return err
	}
	status := http.StatusOK
	a.changeTagNames(c.sub.ID, func(names map[string][]string) {
		var there bool
		if name, there = spelled(names, name); !there {
			names[name], status = nil, http.StatusCreated
		}
	})
	writeJSON(c.w, status, a.tagUse(c.sub.ID).details(c.sub.ID, name))
	return nil
}

func (a *ARM) deleteTagName(c *call) error {
	status := http.StatusNoContent
	name, _ := spelled(c.sub.TagNames, c.vars["tag"])
	if len(a.tagUse(c.sub.ID)[name]) > 0 {
		return failf(http.StatusConflict, "Conflict", "The tag name '%s' has values or is in use. Delete its values and take it from resources first.", name)
	}
	a.changeTagNames(c.sub.ID, func(names map[string][]string) {
		if _, there := names[name]; there {
			delete(names, name)
			status = http.StatusOK
		}
	})
	c.w.WriteHeader(status)
	return nil
}

func (a *ARM) putTagValue(c *call) error {
	v := c.vars["value"]
	name, there := spelled(c.sub.TagNames, c.vars["tag"])
	if !there {
		return failf(http.StatusNotFound, "TagNameNotFound", "The tag name '%s' could not be found.", name)
	}
	if err := checkTags(ojson.Obj(name, v)); err != nil {
		return err
	}
	status := http.StatusOK
	a.changeTagNames(c.sub.ID, func(names map[string][]string) {
		if !slices.Contains(names[name], v) {
			names[name], status = append(slices.Clone(names[name]), v), http.StatusCreated
		}
	})
	writeJSON(c.w, status, tagValueOf(c.sub.ID, name, v, a.tagUse(c.sub.ID)[name][v]))
	return nil
}

func (a *ARM) deleteTagValue(c *call) error {
	status, v := http.StatusNoContent, c.vars["value"]
	name, _ := spelled(c.sub.TagNames, c.vars["tag"])
	if a.tagUse(c.sub.ID)[name][v] > 0 {
		return failf(http.StatusConflict, "Conflict", "The value '%s' of the tag '%s' is in use. Take it from resources first.", v, name)
	}
	a.changeTagNames(c.sub.ID, func(names map[string][]string) {
		if i := slices.Index(names[name], v); i >= 0 {
			names[name], status = slices.Delete(slices.Clone(names[name]), i, i+1), http.StatusOK
		}
	})
	c.w.WriteHeader(status)
	return nil
}
