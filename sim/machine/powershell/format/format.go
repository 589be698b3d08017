// Package format shows objects as PowerShell's console does: tables, lists,
// wide and custom views, by views.txt or by what properties an object has, and
// error records in both views.
//
// A format command makes [Data] of objects; whatever prints ([Printer], behind
// Out-Default, Out-String, files) lays Data out in its own width, and makes Data
// itself of objects that are none.
package format

import (
	"strings"

	"skylab/sim/machine/powershell"
	"skylab/sim/machine/powershell/object"
)

// Kind is a form of display.
type Kind uint8

// The forms.
const (
	None Kind = iota
	Table
	List
	Wide
	Custom
)

type align uint8

const (
	byValue align = iota // right for numbers and the like
	left
	right
	center
)

// Column is a column of a table or a line of a list.
type Column struct {
	Label string
	// Name is the property; Block computes the value instead; Function does it in
	// Go.
	Name     string
	Block    *object.ScriptBlock
	Function func(f *Shaper, v any) any
	Format   string // of FormatString
	width    int
	align    align
	given    bool // by -Property: shown even where it is missing
}

// Layout is how objects are shown.
type Layout struct {
	kind             Kind
	columns          []Column
	auto, wrap, hide bool
	perRow           int // of a wide view
	group            *Column
	generic          bool // made of the object's properties
	types            []string
}

// Data is what a format command writes: the stages of a display.
type Data struct {
	part  part
	lay   *Layout
	cells []string
	text  string
	aside bool // out of band: printed where it comes, whatever is open
}

type part uint8

const (
	start part = iota
	groupStart
	entry
	groupEnd
	end
)

var dataNames = [...]string{"FormatStartData", "GroupStartData", "FormatEntryData", "GroupEndData", "FormatEndData"}

// NetType implements object.Typed.
func (d *Data) NetType() *object.Type {
	return object.MustType("Microsoft.PowerShell.Commands.Internal.Format." + dataNames[d.part])
}

// ToString is the type's name.
func (d *Data) ToString(*object.Context) string { return d.NetType().FullName() }

// Shaper makes Data of objects.
type Shaper struct {
	s *powershell.Session
	// Eval runs a computed property's block.
	Eval    func(sb *object.ScriptBlock, v any) (any, error)
	lay     *Layout
	want    Kind     // None: by the object
	fixed   []Column // of -Property
	opts    Layout
	force   bool
	open    bool
	grouped bool
	key     string
	out     func(*Data) error
}

// NewShaper returns a shaper that writes to out.
func NewShaper(s *powershell.Session, out func(*Data) error) *Shaper {
	return &Shaper{s: s, out: out}
}

// Object adds an object. One that can be enumerated is.
func (f *Shaper) Object(v any) error {
	if d, ok := v.(*Data); ok {
		if err := f.End(); err != nil {
			return err
		}
		return f.out(d)
	}
	if items, ok := enumerable(v); ok {
		for _, x := range items {
			if err := f.one(x); err != nil {
				return err
			}
		}
		return nil
	}
	return f.one(v)
}

func enumerable(v any) ([]any, bool) {
	if o, ok := v.(*object.Object); ok && o.Base == nil {
		return nil, false
	}
	if d, ok := object.Base(v).(*object.Dict); ok {
		var items []any
		for _, e := range d.Entries() {
			items = append(items, e)
		}
		return items, true
	}
	return object.Items(v)
}

func (f *Shaper) one(v any) error {
	if v == nil {
		return nil
	}
	if text, ok := f.aside(v); ok {
		return f.out(&Data{part: entry, aside: true, text: text})
	}
	if f.open && !f.fits(v) {
		l := f.properties(v, true)
		l.kind = List
		cells := f.cells(l, v)
		return f.out(&Data{part: entry, aside: true, lay: l, cells: cells})
	}
	if !f.open {
		f.lay = f.choose(v)
		f.open = true
		if err := f.out(&Data{part: start, lay: f.lay}); err != nil {
			return err
		}
	}
	if f.lay.group != nil {
		key := f.display(f.value(f.lay.group, v))
		if !f.grouped || key != f.key {
			if f.grouped {
				if err := f.out(&Data{part: groupEnd, lay: f.lay}); err != nil {
					return err
				}
			}
			if f.opts.group != nil {
				// A table made of properties looks at each group anew.
				if l := f.choose(v); l.kind == f.lay.kind {
					f.lay = l
				}
			}
			f.grouped, f.key = true, key
			if err := f.out(&Data{part: groupStart, lay: f.lay, text: f.lay.group.Label + ": " + key}); err != nil {
				return err
			}
		}
	} else if !f.grouped {
		f.grouped = true
		if err := f.out(&Data{part: groupStart, lay: f.lay}); err != nil {
			return err
		}
	}
	if f.lay.kind == Custom {
		return f.out(&Data{part: entry, lay: f.lay, text: f.custom(v)})
	}
	return f.out(&Data{part: entry, lay: f.lay, cells: f.cells(f.lay, v)})
}

// End ends what is open.
func (f *Shaper) End() error {
	if !f.open {
		return nil
	}
	f.open, f.grouped = false, false
	if err := f.out(&Data{part: groupEnd, lay: f.lay}); err != nil {
		return err
	}
	return f.out(&Data{part: end, lay: f.lay})
}

// aside returns the text of what is no object to take apart: strings, numbers,
// errors, things without properties.
func (f *Shaper) aside(v any) (string, bool) {
	if isScalar(v) {
		o, isObj := v.(*object.Object)
		if !isObj || len(o.TypeNames) == 0 {
			return f.s.Objects().String(number(f, v)), true
		}
	}
	switch x := object.Base(v).(type) {
	case *object.ScriptBlock:
		return x.Text(), true
	case *object.Object:
		if x.Type.Is(errorRecordType) {
			return strings.TrimSuffix(ErrorText(f.s, x), "\n"), true
		}
		if len(x.Members.List) == 0 && f.want == None {
			if x.Type == object.CustomType {
				return "", false
			}
			return f.s.Objects().Display(v), true
		}
	}
	if f.force || f.viewOf(v, None) != nil {
		return "", false
	}
	if o, ok := v.(*object.Object); !ok || o.Base != nil {
		if len(f.s.Members().PropertyNames(v)) == 0 {
			return f.s.Objects().Display(v), true
		}
	}
	return "", false
}

// fits reports whether an object goes on with the layout that is open.
func (f *Shaper) fits(v any) bool {
	if f.lay.types == nil {
		return true
	}
	for _, n := range object.TypeNames(v) {
		for _, t := range f.lay.types {
			if n == t {
				return true
			}
		}
	}
	return false
}

// choose finds the layout for a first object.
func (f *Shaper) choose(v any) *Layout {
	var l *Layout
	switch {
	case f.fixed != nil:
		l = &Layout{kind: f.want, generic: true}
		if l.kind == None {
			l.kind = Table
		}
		l.columns = f.expand(v)
		if f.want == Wide && len(l.columns) > 1 {
			l.columns = l.columns[:1]
		}
	default:
		if view := f.viewOf(v, f.want); view != nil {
			c := *view
			l = &c
		} else {
			l = f.properties(v, f.want == List)
			if f.want != None {
				l.kind = f.want
			}
			if l.kind == Wide {
				l.columns = wideColumn(l.columns)
			}
			if l.kind == Table && len(l.columns) > 10 {
				l.columns = l.columns[:10]
			}
		}
	}
	l.auto = l.auto || f.opts.auto
	l.wrap, l.hide = f.opts.wrap, l.hide || f.opts.hide
	if f.opts.group != nil {
		l.group = f.opts.group
	}
	if f.opts.perRow > 0 {
		l.perRow = f.opts.perRow
	}
	if l.kind == Table {
		for i := range l.columns {
			c := &l.columns[i]
			if c.align == byValue && l.generic && rightAligned(f.value(c, v)) {
				c.align = right
			}
		}
		if !l.auto && (len(l.columns) > 0 && l.columns[0].width == 0) {
			l.auto = true
		}
	}
	return l
}

func wideColumn(cols []Column) []Column {
	for _, c := range cols {
		switch strings.ToLower(c.Name) {
		case "name", "displayname":
			return []Column{c}
		}
	}
	if len(cols) > 1 {
		cols = cols[:1]
	}
	return cols
}

// properties lays an object out by what properties it has.
func (f *Shaper) properties(v any, all bool) *Layout {
	l := &Layout{kind: Table, generic: true}
	for _, n := range f.display0(v) {
		l.columns = append(l.columns, Column{Label: n, Name: n})
	}
	if len(l.columns) > 4 || all {
		l.kind = List
	}
	return l
}

// display0 returns the properties that are shown: the type's display set if it
// has one.
func (f *Shaper) display0(v any) []string {
	if o, ok := v.(*object.Object); ok {
		if m := o.Members.Get("PSStandardMembers"); m != nil {
			if set, ok := m.Value.(*object.Object); ok {
				if d := set.Members.Get("DefaultDisplayPropertySet"); d != nil {
					if items, ok := object.Items(d.Value); ok {
						var names []string
						for _, x := range items {
							names = append(names, f.s.Objects().String(x))
						}
						return names
					}
				}
			}
		}
	}
	if names, ok := displaySets()[firstName(v)]; ok {
		return names
	}
	return f.s.Members().PropertyNames(v)
}

func firstName(v any) string {
	if n := object.TypeNames(v); len(n) > 0 {
		return n[0]
	}
	return ""
}

// expand resolves -Property against an object: wildcards, names as they are
// written there.
func (f *Shaper) expand(v any) (cols []Column) {
	for _, c := range f.fixed {
		if c.Block != nil || c.Name == "" {
			cols = append(cols, c)
			continue
		}
		names := f.s.Members().PropertyNames(v)
		if strings.ContainsAny(c.Name, "*?[") {
			w, ok := object.NewWildcard(c.Name, true)
			for _, n := range names {
				if ok && w.Match(n) {
					cols = append(cols, Column{Label: n, Name: n})
				}
			}
			continue
		}
		if c.Label == "" {
			c.Label = c.Name
			for _, n := range names {
				if strings.EqualFold(n, c.Name) {
					c.Label = n
				}
			}
		}
		c.given = true
		if f.want == List {
			if _, ok, _ := f.s.Members().Get(v, c.Name); !ok {
				continue
			}
		}
		cols = append(cols, c)
	}
	return cols
}

func (f *Shaper) value(c *Column, v any) any {
	switch {
	case c.Function != nil:
		return c.Function(f, v)
	case c.Block != nil:
		if f.Eval == nil {
			return nil
		}
		r, err := f.Eval(c.Block, v)
		if err != nil {
			return nil
		}
		return r
	}
	r, _, err := f.s.Members().Get(v, c.Name)
	if err != nil {
		return nil
	}
	return r
}

func (f *Shaper) cells(l *Layout, v any) []string {
	out := make([]string, len(l.columns))
	for i := range l.columns {
		c := &l.columns[i]
		x := f.value(c, v)
		switch {
		case c.Format != "":
			spec := c.Format
			if !strings.Contains(spec, "{") {
				spec = "{0:" + spec + "}"
			}
			t, ok := f.composite(spec, x)
			if !ok {
				t = f.display(x)
			}
			out[i] = t
		case l.kind == Table:
			out[i] = f.cell(x)
		default:
			out[i] = f.display(x)
		}
	}
	return out
}

// Options are what a format command was given.
type Options struct {
	Kind                    Kind
	Properties              []Column
	Group                   *Column
	Auto, Wrap, HideHeaders bool
	Columns                 int // of a wide view
	Force                   bool
	All                     bool // -Property *
}

// Set makes the shaper work as a format command was told to.
func (f *Shaper) Set(o Options) {
	f.want, f.fixed, f.force = o.Kind, o.Properties, o.Force
	f.opts = Layout{auto: o.Auto, wrap: o.Wrap, hide: o.HideHeaders, perRow: o.Columns}
	if o.Group != nil {
		g := *o.Group
		if g.Label == "" {
			g.Label = g.Name
		}
		f.opts.group = &g
	}
}

// SetWidth fixes a column's width.
func (c *Column) SetWidth(n int) { c.width = n }

// SetAlign sets a column's alignment: "left", "center", "right" or a start of it.
func (c *Column) SetAlign(s string) {
	switch {
	case s == "":
	case strings.HasPrefix("left", s):
		c.align = left
	case strings.HasPrefix("center", s):
		c.align = center
	case strings.HasPrefix("right", s):
		c.align = right
	}
}
