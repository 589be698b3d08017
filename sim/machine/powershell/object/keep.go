package object

import "math/big"

// Known reports whether a type is one of the table, or made of such: there is
// one of it, found by name. The others are a script's own.
func (t *Type) Known() bool {
	if t.Elem != nil {
		return t.Elem.Known()
	}
	for _, a := range t.Args {
		if !a.Known() {
			return false
		}
	}
	return len(t.Args) > 0 || types.find(t.Name) == t
}

// TypeName is what a type is known by.
type TypeName struct {
	Name string
	Args []*Type
	Elem *Type
	Rank int
}

// Naming returns what the type is known by.
func (t *Type) Naming() TypeName {
	if t.Elem != nil {
		return TypeName{Elem: t.Elem, Rank: t.Rank}
	}
	return TypeName{Name: t.Name, Args: t.Args}
}

// Type returns the type that is known by the name, nil if there is none.
func (n TypeName) Type() *Type {
	switch {
	case n.Elem != nil:
		return n.Elem.ArrayOf(n.Rank)
	case len(n.Args) > 0:
		return Generic(n.Name, n.Args...)
	}
	return types.find(n.Name)
}

// DictContent is what a dictionary holds.
type DictContent struct {
	Type    *Type
	Exact   bool
	Entries []Entry
}

// Content returns what the dictionary holds; Fill makes it so.
func (d *Dict) Content() DictContent { return DictContent{d.Type, d.Exact, d.Entries()} }

// Fill gives the dictionary a content.
func (d *Dict) Fill(c DictContent) {
	d.Type, d.Exact = c.Type, c.Exact
	d.Clear()
	for _, e := range c.Entries {
		d.Set(e.Key, e.Value)
	}
}

// Kinds returns a zero value of each type of this package, and of those below
// it, that values are made of.
func Kinds() []any {
	return []any{
		Char(0), Enum{}, Guid{}, (*Version)(nil), (*URI)(nil), (*IPAddress)(nil), (*Array)(nil), (*List)(nil), (*Object)(nil), (*Member)(nil), (*ScriptBlock)(nil), Switch(false), Entry{},
		(*Regex)(nil), (*Match)(nil), (*Group)(nil), (*GroupList)(nil), (*big.Int)(nil),
	}
}
