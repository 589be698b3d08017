package az

import (
	"fmt"
	"slices"
	"strings"

	"skylab/sim/machine/az/output"
	"skylab/sim/ojson"
)

// whatIf prints what deploying a template would change.
type whatIf struct {
	colour bool
	scope  string
}

// paint colours a text by a kind of change.
func (w whatIf) paint(kind, text string) string {
	_, colour := symbol(kind)
	if !w.colour || colour == "" {
		return text
	}
	return colour + text + reset
}

func (w whatIf) text(list []*ojson.Object) string {
	var b strings.Builder
	b.WriteString("Note: The result may contain false positive predictions (noise).\nYou can help us improve the accuracy of the result by opening an issue here: https://aka.ms/WhatIfIssues\n\n")
	if len(list) == 0 {
		return b.String() + "Resource changes: no change.\n"
	}
	seen := map[string]int{}
	for _, o := range list {
		seen[strings.ToLower(o.Str("changeType"))]++
		for _, d := range objectsAt(o, "delta") {
			w.count(d, seen)
		}
	}
	counts := map[string]int{}
	for _, o := range list {
		counts[strings.ToLower(o.Str("changeType"))]++
	}
	b.WriteString("Resource and property changes are indicated with these symbols:\n")
	for _, x := range changes {
		if seen[strings.ToLower(x.name)] > 0 {
			b.WriteString("  " + w.paint(x.name, x.symbol) + " " + x.name + "\n")
		}
	}
	var scopes []string
	of := func(o *ojson.Object) string {
		r, ok := parseID(o.Str("resourceId"))
		if !ok || r.group == "" {
			return w.scope
		}
		return "/subscriptions/" + r.sub + "/resourceGroups/" + r.group
	}
	for _, o := range list {
		if s := of(o); !slices.Contains(scopes, s) {
			scopes = append(scopes, s)
		}
	}
	slices.Sort(scopes)
	plural := ""
	if len(scopes) > 1 {
		plural = "s"
	}
	b.WriteString("\nThe deployment will update the following scope" + plural + ":\n")
	order := func(o *ojson.Object) int {
		return slices.IndexFunc(changes, func(x struct{ name, symbol, colour string }) bool {
			return strings.EqualFold(x.name, o.Str("changeType"))
		})
	}
	for _, s := range scopes {
		b.WriteString("\nScope: " + s + "\n")
		var here []*ojson.Object
		for _, o := range list {
			if of(o) == s {
				here = append(here, o)
			}
		}
		slices.SortStableFunc(here, func(a, b *ojson.Object) int { return order(a) - order(b) })
		for _, o := range here {
			w.change(&b, o, s)
		}
	}
	var summary []string
	for _, x := range []struct{ kind, words string }{{"create", "to create"}, {"delete", "to delete"}, {"deploy", "to deploy"}, {"modify", "to modify"}, {"nochange", "no change"}, {"ignore", "to ignore"}, {"unsupported", "unsupported"}} {
		if n := counts[x.kind]; n > 0 {
			summary = append(summary, fmt.Sprintf("%d %s", n, x.words))
		}
	}
	b.WriteString("\nResource changes: " + strings.Join(summary, ", ") + ".\n")
	return b.String()
}

func (w whatIf) count(d *ojson.Object, seen map[string]int) {
	if k := strings.ToLower(d.Str("propertyChangeType")); k != "array" {
		seen[k]++
	}
	for _, c := range objectsAt(d, "children") {
		w.count(c, seen)
	}
}

// change prints one resource.
func (w whatIf) change(b *strings.Builder, o *ojson.Object, scope string) {
	kind := o.Str("changeType")
	mark, _ := symbol(kind)
	id := strings.TrimPrefix(o.Str("resourceId"), scope)
	id = strings.TrimPrefix(id, "/providers/")
	version := or(o.Str("after", "apiVersion"), o.Str("before", "apiVersion"))
	head := mark + " " + id
	if version != "" {
		head += " [" + version + "]"
	}
	b.WriteString("\n  " + w.paint(kind, head) + "\n")
	switch {
	case strings.EqualFold(kind, "Create"), strings.EqualFold(kind, "Delete"):
		body := o.Obj("after")
		if strings.EqualFold(kind, "Delete") {
			body = o.Obj("before")
		}
		if body.Len() > 0 {
			b.WriteByte('\n')
			w.body(b, kind, body, 6)
		}
	case len(objectsAt(o, "delta")) > 0:
		for _, d := range objectsAt(o, "delta") {
			w.property(b, d, 4)
		}
	}
}

// body prints a whole object, its members aligned.
func (w whatIf) body(b *strings.Builder, kind string, o *ojson.Object, indent int) {
	widest := 0
	for _, k := range o.Keys() {
		widest = max(widest, len(k))
	}
	keys := o.Keys()
	slices.Sort(keys)
	for _, k := range keys {
		v, _ := o.Get(k)
		if v == nil {
			continue
		}
		text := strings.Repeat(" ", indent) + k + ":"
		switch v := v.(type) {
		case *ojson.Object:
			b.WriteString(w.paint(kind, text) + "\n\n")
			w.body(b, kind, v, indent+2)
			b.WriteByte('\n')
		case []any:
			b.WriteString(w.paint(kind, text+" ["))
			for i, e := range v {
				if o, ok := e.(*ojson.Object); ok {
					fmt.Fprintf(b, "\n%s%d:\n\n", strings.Repeat(" ", indent+2), i)
					w.body(b, kind, o, indent+4)
				} else {
					fmt.Fprintf(b, "\n%s%d: %s", strings.Repeat(" ", indent+2), i, scalarText(e))
				}
			}
			b.WriteString(w.paint(kind, "\n"+strings.Repeat(" ", indent)+"]") + "\n")
		default:
			b.WriteString(w.paint(kind, text+strings.Repeat(" ", widest-len(k)+1)+scalarText(v)) + "\n")
		}
	}
}

func scalarText(v any) string { return strings.TrimSpace(output.JSON(v)) }

// property prints a property that changes.
func (w whatIf) property(b *strings.Builder, d *ojson.Object, indent int) {
	kind := d.Str("propertyChangeType")
	mark, _ := symbol(kind)
	pad := strings.Repeat(" ", indent)
	if strings.EqualFold(kind, "Array") {
		mark = "~"
	}
	head := pad + w.paint(kind, mark+" "+d.Str("path")+":")
	before, after := d.At("before"), d.At("after")
	switch {
	case len(objectsAt(d, "children")) > 0:
		b.WriteString(head)
		if strings.EqualFold(kind, "Array") {
			b.WriteString(" [")
		}
		b.WriteByte('\n')
		for _, c := range objectsAt(d, "children") {
			w.property(b, c, indent+2)
		}
		if strings.EqualFold(kind, "Array") {
			b.WriteString(pad + "  ]\n")
		}
	case strings.EqualFold(kind, "Create"):
		b.WriteString(head + " " + w.paint(kind, scalarText(after)) + "\n")
	case strings.EqualFold(kind, "Delete"):
		b.WriteString(head + " " + w.paint(kind, scalarText(before)) + "\n")
	default:
		b.WriteString(head + " " + w.paint("Delete", scalarText(before)) + " => " + w.paint("Create", scalarText(after)) + "\n")
	}
}
