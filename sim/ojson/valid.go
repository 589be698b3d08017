package ojson

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// valid reads JSON that is known to be valid, several times faster than
// encoding/json's tokens do: services, clients and checks read every body anew.
type valid struct {
	text []byte
	at   int
}

// next skips blanks and returns the byte behind them.
func (r *valid) next() byte {
	for {
		switch c := r.text[r.at]; c {
		case ' ', '\t', '\n', '\r':
			r.at++
		default:
			return c
		}
	}
}

func (r *valid) value(depth int) (any, error) {
	switch c := r.next(); c {
	case '{', '[':
		if depth >= MaxDepth {
			return nil, ErrDepth
		}
		r.at++
		if c == '{' {
			return r.object(depth)
		}
		return r.list(depth)
	case '"':
		return r.str()
	case 't':
		r.at += len("true")
		return true, nil
	case 'f':
		r.at += len("false")
		return false, nil
	case 'n':
		r.at += len("null")
		return nil, nil
	}
	from := r.at
	for r.at < len(r.text) && bytes.IndexByte([]byte("+-.0123456789eE"), r.text[r.at]) >= 0 {
		r.at++
	}
	return json.Number(r.text[from:r.at]), nil
}

func (r *valid) object(depth int) (any, error) {
	o := &Object{}
	for r.next() != '}' {
		key, err := r.str()
		if err != nil {
			return nil, err
		}
		r.next()
		r.at++ // the colon
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		o.Set(key, v)
		if r.next() == ',' {
			r.at++
		}
	}
	r.at++
	return o, nil
}

func (r *valid) list(depth int) (any, error) {
	list := []any{}
	for r.next() != ']' {
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		if r.next() == ',' {
			r.at++
		}
	}
	r.at++
	return list, nil
}

// str reads a string. One with escapes, or that is no UTF-8, is encoding/json's
// matter.
func (r *valid) str() (string, error) {
	r.next()
	from, plain := r.at, true
	for r.at++; r.text[r.at] != '"'; r.at++ {
		if r.text[r.at] == '\\' {
			plain = false
			r.at++
		}
	}
	r.at++
	if inner := r.text[from+1 : r.at-1]; plain && utf8.Valid(inner) {
		return string(inner), nil
	}
	var s string
	err := json.Unmarshal(r.text[from:r.at], &s)
	return s, err
}
