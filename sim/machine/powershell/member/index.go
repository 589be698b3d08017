package member

import (
	"fmt"

	"skylab/sim/machine/powershell/object"
)

// Index is target[i].
func (e *Env) Index(target, i any, strict bool) (any, error) {
	b := object.Base(target)
	if b == nil {
		return nil, &object.Error{Type: object.RuntimeExceptionType, ID: "NullArray", Category: "InvalidOperation", Message: "Cannot index into a null array."}
	}
	switch x := b.(type) {
	case *object.Dict:
		if items, many := object.Items(i); many {
			out := object.NewArray()
			for _, k := range items {
				out.Items = append(out.Items, e.dictGet(x, k))
			}
			return out, nil
		}
		if i == nil {
			return nil, &object.Error{Type: object.RuntimeExceptionType, ID: "NullArrayIndex", Category: "InvalidOperation", Message: "Index operation failed; the array index evaluated to null."}
		}
		return e.dictGet(x, i), nil
	case *object.GroupList:
		if items, many := object.Items(i); many {
			out := object.NewArray()
			for _, k := range items {
				out.Items = append(out.Items, e.groupItem(x, k))
			}
			return out, nil
		}
		return e.groupItem(x, i), nil
	case *object.Array:
		if len(x.Dims) > 1 {
			at, err := e.flat(x, i)
			if err != nil || at < 0 {
				return nil, err
			}
			return x.Items[at], nil
		}
		return e.slice(x.Items, i, strict, func(v any) any { return v })
	case *object.List:
		return e.slice(x.Items, i, strict, func(v any) any { return v })
	case string:
		u := object.Units(x)
		items := make([]any, len(u))
		for j, c := range u {
			items[j] = object.Char(c)
		}
		return e.slice(items, i, strict, func(v any) any { return v })
	case Indexer:
		return x.GetIndex(e, i)
	case object.Enumerable:
		return e.slice(x.Items(), i, strict, func(v any) any { return v })
	}
	if n, _, ok := object.Integer(object.Base(i)); ok {
		if n == 0 || n == -1 {
			return target, nil
		}
		if !strict {
			return nil, nil
		}
	}
	if items, many := object.Items(i); many {
		out := object.NewArray()
		for _, k := range items {
			if n, _, ok := object.Integer(object.Base(k)); ok && (n == 0 || n == -1) {
				out.Items = append(out.Items, target)
			}
		}
		return out, nil
	}
	if _, err := e.Convert(i, object.Int32Type); err != nil {
		return nil, &object.Error{Type: object.RuntimeExceptionType, ID: "CannotIndex", Category: "InvalidOperation", Target: i, Message: fmt.Sprintf("Unable to index into an object of type %q.", object.TypeOf(b).FullName())}
	}
	return nil, nil
}

// Indexer is a value of another package that can be indexed.
type Indexer interface {
	GetIndex(e *Env, i any) (any, error)
}

// slice indexes a list with a number, or with several.
func (e *Env) slice(items []any, i any, strict bool, f func(any) any) (any, error) {
	if many, ok := object.Items(i); ok {
		out := object.NewArray()
		for _, k := range many {
			n, err := e.place(k)
			if err != nil {
				return nil, err
			}
			if n < 0 {
				n += len(items)
			}
			if n >= 0 && n < len(items) {
				out.Items = append(out.Items, f(items[n]))
			}
		}
		return out, nil
	}
	n, err := e.place(i)
	if err != nil {
		return nil, err
	}
	at := n
	if n < 0 {
		at += len(items)
	}
	if at < 0 || at >= len(items) {
		if strict {
			return nil, &object.Error{Type: object.MustType("System.IndexOutOfRangeException"), ID: "System.IndexOutOfRangeException", Category: "OperationStopped", Message: "Index was outside the bounds of the array."}
		}
		return nil, nil
	}
	return f(items[at]), nil
}

func (e *Env) place(i any) (int, error) {
	if i == nil {
		return 0, &object.Error{Type: object.RuntimeExceptionType, ID: "NullArrayIndex", Category: "InvalidOperation", Message: "Index operation failed; the array index evaluated to null."}
	}
	n, err := e.Convert(i, object.Int32Type)
	if err != nil {
		return 0, err
	}
	return int(n.(int32)), nil
}

// flat is the place of an element of a multidimensional array, -1 if outside.
func (e *Env) flat(x *object.Array, i any) (int, error) {
	idx, _ := object.Items(i)
	if len(idx) != len(x.Dims) {
		return -1, &object.Error{Type: object.RuntimeExceptionType, ID: "NeedMultidimensionalIndex", Category: "InvalidOperation", Message: fmt.Sprintf("The array must be indexed with %d values.", len(x.Dims))}
	}
	at := 0
	for d, k := range idx {
		n, err := e.place(k)
		if err != nil {
			return -1, err
		}
		if n < 0 || n >= x.Dims[d] {
			return -1, nil
		}
		at = at*x.Dims[d] + n
	}
	return at, nil
}

func outside() error {
	return &object.Error{Type: object.MustType("System.IndexOutOfRangeException"), ID: "System.IndexOutOfRangeException", Category: "OperationStopped", Message: "Index was outside the bounds of the array.", Native: true}
}

// SetIndex is target[i] = v.
func (e *Env) SetIndex(target, i, v any) error {
	b := object.Base(target)
	if b == nil {
		return &object.Error{Type: object.RuntimeExceptionType, ID: "NullArray", Category: "InvalidOperation", Message: "Cannot index into a null array."}
	}
	switch x := b.(type) {
	case *object.Dict:
		if i == nil {
			return &object.Error{Type: object.RuntimeExceptionType, ID: "NullArrayIndex", Category: "InvalidOperation", Message: "Index operation failed; the array index evaluated to null."}
		}
		return e.dictSet(x, i, v)
	case *object.Array:
		var n int
		var err error
		if len(x.Dims) > 1 {
			n, err = e.flat(x, i)
		} else {
			if n, err = e.place(i); err == nil && n < 0 {
				n += len(x.Items)
			}
		}
		if err != nil {
			return err
		}
		if n < 0 || n >= len(x.Items) {
			return outside()
		}
		if x.Elem != object.ObjectType {
			if v, err = e.Convert(v, x.Elem); err != nil {
				return err
			}
		}
		x.Items[n] = v
		return nil
	case *object.List:
		n, err := e.place(i)
		if err != nil {
			return err
		}
		if n < 0 {
			n += len(x.Items)
		}
		if n < 0 || n >= len(x.Items) {
			return indexError()
		}
		if v, err = e.element(x, v); err != nil {
			return err
		}
		x.Items[n] = v
		return nil
	case interface{ SetIndex(e *Env, i, v any) error }:
		return x.SetIndex(e, i, v)
	}
	return &object.Error{Type: object.RuntimeExceptionType, ID: "CannotIndex", Category: "InvalidOperation", Target: i, Message: fmt.Sprintf("Unable to index into an object of type %q.", object.TypeOf(b).FullName())}
}
