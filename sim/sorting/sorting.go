// Package sorting sorts with one piece of code for all types. That of package
// slices is compiled for each type of structure anew, 20 kB a time, which a module
// that every page loads cannot afford.
package sorting

import "sort"

// By sorts a list stably, as slices.SortStableFunc does.
func By[E any](list []E, compare func(a, b E) int) { sort.Stable(by[E]{list, compare}) }

type by[E any] struct {
	list    []E
	compare func(a, b E) int
}

func (s by[E]) Len() int           { return len(s.list) }
func (s by[E]) Less(i, j int) bool { return s.compare(s.list[i], s.list[j]) < 0 }
func (s by[E]) Swap(i, j int)      { s.list[i], s.list[j] = s.list[j], s.list[i] }
