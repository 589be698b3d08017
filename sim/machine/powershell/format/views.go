package format

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"

	"skylab/sim/machine/powershell/object"
)

// views.txt, a view a line: kind (T, L, W, C), types, name, flags (a autosize, h
// no header), group (PROPERTY:LABEL), columns NAME:LABEL:WIDTH+ALIGN or, for a
// list, NAME:LABEL. A name "?" is computed, see computed.
//
//go:embed views.txt
var viewText string

// display.txt: type, tab, the properties of its default display set.
//
//go:embed display.txt
var displayText string

type view struct {
	types []string // a name with "@5" is of 5.1 alone
	lay   *Layout
}

var views = sync.OnceValue(func() map[string][]*view {
	byType := map[string][]*view{}
	for _, l := range strings.Split(strings.TrimSpace(viewText), "\n") {
		f := append(strings.Split(l, "\t"), "", "", "", "", "", "")
		v := &view{types: strings.Split(f[1], ",")}
		lay := &Layout{types: strings.Split(strings.ReplaceAll(f[1], "@5", ""), ","), auto: strings.Contains(f[3], "a"), hide: strings.Contains(f[3], "h")}
		lay.kind = map[string]Kind{"T": Table, "L": List, "W": Wide, "C": Custom}[f[0]]
		if f[4] != "" {
			n, label, _ := strings.Cut(f[4], ":")
			if label == "" {
				label = n
			}
			lay.group = &Column{Name: n, Label: label}
			if g := groups[n]; g != nil {
				*lay.group = *g
			}
		}
		if f[5] != "" {
			for _, c := range strings.Split(f[5], "|") {
				p := append(strings.Split(c, ":"), "", "")
				col := Column{Name: p[0], Label: p[1]}
				if col.Label == "" {
					col.Label = p[0]
				}
				w := p[2]
				if n := len(w); n > 0 {
					switch w[n-1] {
					case 'l':
						col.align, w = left, w[:n-1]
					case 'r':
						col.align, w = right, w[:n-1]
					case 'c':
						col.align, w = center, w[:n-1]
					}
				}
				col.width, _ = strconv.Atoi(w)
				if p[0] == "?" {
					col.Name = ""
					col.Function = computed[p[1]]
				}
				lay.columns = append(lay.columns, col)
			}
		}
		v.lay = lay
		for _, t := range v.types {
			byType[t] = append(byType[t], v)
		}
	}
	return byType
})

var displaySets = sync.OnceValue(func() map[string][]string {
	m := map[string][]string{}
	for _, l := range strings.Split(strings.TrimSpace(displayText), "\n") {
		if t, names, ok := strings.Cut(l, "\t"); ok {
			m[t] = strings.Split(names, ",")
		}
	}
	return m
})

// groups are the headings of views that compute theirs.
var groups = map[string]*Column{
	"PSParentPath": {Label: "Directory", Function: func(f *Shaper, v any) any {
		p, _, _ := f.s.Members().Get(v, "PSParentPath")
		s := f.s.Objects().String(p)
		return s[strings.Index(s, "::")+max(2*min(1, strings.Index(s, "::")+1), 0):]
	}},
}

// computed are the columns that views compute, by label.
var computed = map[string]func(f *Shaper, v any) any{
	"Name": func(f *Shaper, v any) any {
		get := func(n string) string {
			x, _, _ := f.s.Members().Get(v, n)
			return f.s.Objects().String(x)
		}
		if get("CommandType") == "Alias" {
			return get("Name") + " -> " + get("Definition")
		}
		return get("Name")
	},
	"LastWriteTime": func(f *Shaper, v any) any {
		t, _, _ := f.s.Members().Get(v, "LastWriteTime")
		s, _ := f.composite("{0:d} {0:HH}:{0:mm}", t)
		return s
	},
	"Content": func(f *Shaper, v any) any {
		x, _, _ := f.s.Members().Get(v, "Content")
		return f.cut(f.s.Objects().String(x))
	},
	"RawContent": func(f *Shaper, v any) any {
		x, _, _ := f.s.Members().Get(v, "RawContent")
		return f.cut(f.s.Objects().String(x))
	},
}

// cut is as much of a text as the views of answers show.
func (f *Shaper) cut(s string) string {
	if u := object.Units(s); len(u) >= 200 {
		return object.FromUnits(u[:200]) + f.s.Ellipsis()
	}
	return s
}

// viewOf finds the view of an object, of a kind or the first of all.
func (f *Shaper) viewOf(v any, kind Kind) *Layout {
	if o, ok := v.(*object.Object); ok && o.Base == nil && o.Type == object.CustomType && len(o.TypeNames) == 0 {
		return nil
	}
	all := views()
	for _, n := range object.TypeNames(v) {
		list := all[n]
		if own := all[n+"@5"]; f.s.Old() && own != nil {
			list = own
		}
		for _, w := range list {
			if kind == None || w.lay.kind == kind {
				return w.lay
			}
		}
	}
	return nil
}
