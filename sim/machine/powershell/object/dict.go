package object

import (
	"math/big"

	"skylab/sim/machine/powershell/decimal"
)

// Dict is a Hashtable, an OrderedDictionary or a Dictionary`2, by Type. It keeps
// the order in which keys came, whichever it is.
type Dict struct {
	Type *Type
	// Exact says that keys differ by case.
	Exact   bool
	entries []Entry
	index   map[any]int
	holes   int
	changes int
}

// Changing is a collection that must not change while it is enumerated.
type Changing interface{ Changes() int }

// Changes counts what was put in and taken out.
func (d *Dict) Changes() int { return d.changes }

// Entry is a DictionaryEntry.
type Entry struct{ Key, Value any }

type hole struct{}

// NewHashtable returns a Hashtable as @{} makes one.
func NewHashtable() *Dict { return &Dict{Type: HashtableType} }

// NewOrdered returns an OrderedDictionary.
func NewOrdered() *Dict { return &Dict{Type: OrderedType} }

// hash returns what equal keys have in common.
func (d *Dict) hash(key any) any {
	switch k := Base(key).(type) {
	case string:
		if d.Exact {
			return k
		}
		return Fold(k)
	case decimal.Decimal:
		return k.Trim()
	case *big.Int:
		return "big:" + k.String()
	case *Version:
		return *k
	case *URI:
		return "uri:" + k.Original
	default:
		return k
	}
}

// Len returns how many keys there are.
func (d *Dict) Len() int { return len(d.entries) - d.holes }

// Get returns a key's value.
func (d *Dict) Get(key any) (any, bool) {
	i, ok := d.index[d.hash(key)]
	if !ok {
		return nil, false
	}
	return d.entries[i].Value, true
}

// Set sets a key's value.
func (d *Dict) Set(key, value any) {
	h := d.hash(key)
	if i, ok := d.index[h]; ok {
		d.entries[i].Value = value
		if len(d.Type.Args) == 0 {
			d.changes++
		}
		return
	}
	d.changes++
	if d.index == nil {
		d.index = map[any]int{}
	}
	d.index[h] = len(d.entries)
	d.entries = append(d.entries, Entry{key, value})
}

// Delete takes a key away.
func (d *Dict) Delete(key any) bool {
	h := d.hash(key)
	i, ok := d.index[h]
	if !ok {
		return false
	}
	delete(d.index, h)
	if len(d.Type.Args) == 0 {
		d.changes++
	}
	d.entries[i] = Entry{Key: hole{}}
	if d.holes++; d.holes > 8 && d.holes > len(d.entries)/2 || d.Type == OrderedType {
		d.compact()
	}
	return true
}

func (d *Dict) compact() {
	list := d.Entries()
	d.entries, d.index, d.holes = nil, make(map[any]int, len(list)), 0
	for _, e := range list {
		d.index[d.hash(e.Key)] = len(d.entries)
		d.entries = append(d.entries, e)
	}
}

// Insert puts a key at a place of the order.
func (d *Dict) Insert(at int, key, value any) {
	list := d.Entries()
	list = append(list[:at:at], append([]Entry{{key, value}}, list[at:]...)...)
	d.entries, d.holes = list, 0
	d.compact()
}

// Clear takes all keys away.
func (d *Dict) Clear() { d.changes++; d.entries, d.index, d.holes = nil, nil, 0 }

// Entries returns the entries in order, as a slice of its own.
func (d *Dict) Entries() []Entry {
	list := make([]Entry, 0, d.Len())
	for _, e := range d.entries {
		if _, gone := e.Key.(hole); !gone {
			list = append(list, e)
		}
	}
	return list
}

// Clone returns a copy with the same keys and values.
func (d *Dict) Clone() *Dict {
	c := &Dict{Type: d.Type, Exact: d.Exact}
	for _, e := range d.Entries() {
		c.Set(e.Key, e.Value)
	}
	return c
}
