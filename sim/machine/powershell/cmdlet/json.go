package cmdlet

import (
	"fmt"
	"math"
	"strings"

	"skylab/sim/machine/powershell/culture"
	"skylab/sim/machine/powershell/datetime"
	"skylab/sim/machine/powershell/decimal"
	"skylab/sim/machine/powershell/object"
)

var (
	nan any = math.NaN()
	inf any = math.Inf(1)
)

var jsonBodies = map[string]body{
	"ConvertTo-Json":   {process: gather, end: toJSON},
	"ConvertFrom-Json": {process: fromJSONGather, end: fromJSON},
}

func fromJSONGather(i *invocation) error {
	list, _ := i.State.([]any)
	i.State = append(list, i.Text("InputObject"))
	return nil
}

func fromJSON(i *invocation) error {
	var lines []string
	for _, v := range gathered(i) {
		lines = append(lines, v.(string))
	}
	if len(lines) == 0 {
		return nil
	}
	depth := i.Int("Depth", 1024)
	one := func(text string) error {
		v, empty, err := readJSON(text, i.Switch("AsHashtable"), depth)
		if err != nil {
			e := err.(*object.Error)
			return i.ErrorRecord(e, e.ID, map[bool]string{true: "NotSpecified", false: "InvalidOperation"}[e.ID == "System.ArgumentException"], nil)
		}
		if empty {
			return i.Write(nil)
		}
		if i.Switch("NoEnumerate") || i.Session().Old() { // 5.1 gives an array as one object
			return i.Write(v)
		}
		return i.WriteEach(v)
	}
	// Several lines are one document, unless the first is one by itself.
	if len(lines) > 1 {
		if _, _, err := readJSON(lines[0], false, depth); err == nil {
			for _, l := range lines {
				if err := one(l); err != nil {
					return err
				}
			}
			return nil
		}
	}
	return one(strings.Join(lines, "\n"))
}

// jsonWriter writes as PowerShell 7 does.
type jsonWriter struct {
	i        *invocation
	b        strings.Builder
	depth    int
	compress bool
	enums    bool
	escape   int64 // 1 non-ASCII, 2 HTML
	cut      bool
	bad      string
}

func toJSON(i *invocation) error {
	items := gathered(i)
	if len(items) == 0 && !i.Has("InputObject") {
		return nil
	}
	var v any
	switch {
	case !i.Piped:
		v = i.Value("InputObject")
		if i.Switch("AsArray") {
			v = object.NewArray(v)
		}
	case len(items) == 1 && !i.Switch("AsArray"):
		v = items[0]
	default:
		v = object.NewArray(items...)
	}
	w := &jsonWriter{i: i, depth: i.Int("Depth", 2), compress: i.Switch("Compress"), enums: i.Switch("EnumsAsStrings")}
	if en, ok := i.Value("EscapeHandling").(object.Enum); ok {
		w.escape = en.Value
	}
	old := i.Session().Old()
	if old {
		w.compress, w.escape = true, 2
	}
	w.value(v, 0)
	if w.bad != "" {
		e := &object.Error{Type: object.MustType("System.InvalidOperationException"), Message: w.bad}
		return i.ErrorRecord(e, "NonStringKeyInDictionary", "InvalidOperation", nil)
	}
	if w.cut && !old {
		if err := i.Warning(fmt.Sprintf("Resulting JSON is truncated as serialization has exceeded the set depth of %d.", w.depth)); err != nil {
			return err
		}
	}
	if old && !i.Switch("Compress") {
		return i.Write(indentOld(w.b.String()))
	}
	return i.Write(w.b.String())
}

func (w *jsonWriter) newline(level int) {
	if !w.compress {
		w.b.WriteString("\n" + strings.Repeat("  ", level))
	}
}

func (w *jsonWriter) value(v any, level int) {
	c := w.i.Session().Objects()
	o, _ := v.(*object.Object)
	b := object.Base(v)
	switch x := b.(type) {
	case nil:
		w.b.WriteString("null")
		return
	case bool:
		fmt.Fprint(&w.b, x)
		return
	case object.Switch:
		if level > w.depth {
			w.str(c.String(x))
			return
		}
		w.object([]string{"IsPresent"}, func(string) any { return bool(x) }, level)
		return
	case string:
		if o != nil && o.Base != nil && len(visible(o)) > 0 {
			w.wrapped(o, level)
			return
		}
		w.str(x)
		return
	case object.Char:
		w.str(x.String())
		return
	case float64:
		w.float(x, 64)
		return
	case float32:
		w.float(float64(x), 32)
		return
	case decimal.Decimal:
		s := x.String()
		if !strings.Contains(s, ".") {
			s += ".0"
		}
		w.b.WriteString(s)
		return
	case object.Enum:
		if w.enums {
			w.str(x.String())
		} else {
			fmt.Fprint(&w.b, x.Value)
		}
		return
	case datetime.DateTime:
		w.str(isoTime(x.Ticks, map[datetime.Kind]string{datetime.UTC: "Z", datetime.Local: "+00:00"}[x.Kind]))
		return
	case datetime.Offset:
		z, _ := x.Format("zzz", culture.Invariant)
		w.str(isoTime(x.Ticks, z))
		return
	case object.Guid:
		w.str(x.String())
		return
	case *object.URI:
		w.str(x.Original)
		return
	case *object.Type, *object.ScriptBlock:
		if level > w.depth {
			w.str(c.String(b))
			return
		}
	}
	if object.IsNumber(b) {
		w.b.WriteString(c.ToString(b, culture.Invariant))
		return
	}
	if level > w.depth {
		w.cut = true
		w.str(c.String(v))
		return
	}
	if d, ok := b.(*object.Dict); ok {
		var keys []string
		values := map[string]any{}
		for _, e := range d.Entries() {
			k, isText := object.Base(e.Key).(string)
			if !isText {
				w.bad = fmt.Sprintf("The type '%s' is not supported for serialization or deserialization of a dictionary. Keys must be strings.", d.Type.FullName())
				return
			}
			keys = append(keys, k)
			values[k] = e.Value
		}
		if o != nil {
			for _, m := range visible(o) {
				keys = append(keys, m.Name)
				values[m.Name] = m.Value
			}
		}
		w.object(keys, func(k string) any { return values[k] }, level)
		return
	}
	if items, many := object.Items(b); many {
		w.array(items, level)
		return
	}
	m := w.i.Session().Members()
	w.object(m.PropertyNames(v), func(k string) any { x, _, _ := m.GetProperty(v, k); return x }, level)
}

func visible(o *object.Object) (list []*object.Member) {
	for _, m := range o.Members.List {
		if !m.Hidden && m.Kind <= object.Property {
			list = append(list, m)
		}
	}
	return list
}

func (w *jsonWriter) wrapped(o *object.Object, level int) {
	names := []string{"value"}
	for _, m := range visible(o) {
		names = append(names, m.Name)
	}
	w.object(names, func(k string) any {
		if k == "value" {
			return o.Base
		}
		v, _ := o.Value(k)
		return v
	}, level)
}

func isoTime(ticks int64, zone string) string {
	s, _ := datetime.DateTime{Ticks: ticks}.Format("yyyy-MM-ddTHH:mm:ss.FFFFFFF", culture.Invariant)
	return s + zone
}

func (w *jsonWriter) float(f float64, bits int) {
	var v any = f
	if bits == 32 {
		v = float32(f)
	}
	s, _ := culture.Invariant.Format(v, "R")
	if _, special := culture.Invariant.Special(f); special {
		w.str(s)
		return
	}
	if !strings.ContainsAny(s, ".E") {
		s += ".0"
	}
	w.b.WriteString(s)
}

func (w *jsonWriter) array(items []any, level int) {
	if len(items) == 0 {
		w.b.WriteString("[]")
		return
	}
	w.b.WriteByte('[')
	for n, x := range items {
		if n > 0 {
			w.b.WriteByte(',')
		}
		w.newline(level + 1)
		w.value(x, level+1)
	}
	w.newline(level)
	w.b.WriteByte(']')
}

func (w *jsonWriter) object(keys []string, get func(string) any, level int) {
	if len(keys) == 0 {
		w.b.WriteString("{}")
		return
	}
	w.b.WriteByte('{')
	for n, k := range keys {
		if n > 0 {
			w.b.WriteByte(',')
		}
		w.newline(level + 1)
		w.str(k)
		w.b.WriteByte(':')
		if !w.compress {
			w.b.WriteByte(' ')
		}
		w.value(get(k), level+1)
	}
	w.newline(level)
	w.b.WriteByte('}')
}

func (w *jsonWriter) str(s string) {
	w.b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"':
			w.b.WriteString(`\"`)
		case r == '\\':
			w.b.WriteString(`\\`)
		case r == '\n':
			w.b.WriteString(`\n`)
		case r == '\r':
			w.b.WriteString(`\r`)
		case r == '\t':
			w.b.WriteString(`\t`)
		case r == '\b':
			w.b.WriteString(`\b`)
		case r == '\f':
			w.b.WriteString(`\f`)
		case r < ' ' || r == 0x85 || r == 0x2028 || r == 0x2029 || w.escape == 1 && r > 126 || w.escape == 2 && strings.ContainsRune("<>&'", r):
			for _, u := range object.Units(string(r)) {
				fmt.Fprintf(&w.b, `\u%04x`, u)
			}
		default:
			w.b.WriteRune(r)
		}
	}
	w.b.WriteByte('"')
}
