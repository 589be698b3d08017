//go:build js

package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall/js"
)

// store keeps labs in the browser's own database, IndexedDB; who has a lab open
// is told by its locks. Where there are none, as on plain http, nobody is asked.
type store struct {
	mu   sync.Mutex
	db   js.Value
	ours map[string]bool
}

const (
	database = "skylab"
	labs     = "labs"
	// patience is how long, in milliseconds, a page waits for another to let a
	// lab go before it says that the lab is open there.
	patience = 1000
)

func problem(e js.Value) error {
	if e.Truthy() && e.Get("message").Truthy() {
		return errors.New(e.Get("message").String())
	}
	return errors.New("the browser gave no reason")
}

// wait waits for one of two events of a request or a transaction of the
// database; the second is its failure.
func wait(on js.Value, good, bad string) error {
	end := make(chan error, 1)
	yes := js.FuncOf(func(js.Value, []js.Value) any { end <- nil; return nil })
	defer yes.Release()
	no := js.FuncOf(func(js.Value, []js.Value) any { end <- problem(on.Get("error")); return nil })
	defer no.Release()
	on.Set(good, yes)
	on.Set(bad, no)
	return <-end
}

// begin opens a transaction on the place of the labs.
func (s *store) begin(mode string) (js.Value, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db.IsUndefined() {
		factory := js.Global().Get("indexedDB")
		if !factory.Truthy() {
			return factory, errors.New("this browser has no database for pages")
		}
		request, err := try(factory, "open", database, 1)
		if err != nil {
			return request, err
		}
		create := js.FuncOf(func(js.Value, []js.Value) any {
			request.Get("result").Call("createObjectStore", labs)
			return nil
		})
		defer create.Release()
		request.Set("onupgradeneeded", create)
		if err := wait(request, "onsuccess", "onerror"); err != nil {
			return js.Undefined(), err
		}
		s.db = request.Get("result")
		// Whoever deletes all labs does not have to wait for this page.
		db := s.db
		s.db.Set("onversionchange", js.FuncOf(func(js.Value, []js.Value) any {
			db.Call("close")
			s.mu.Lock()
			defer s.mu.Unlock()
			s.db = js.Undefined()
			return nil
		}))
	}
	t, err := try(s.db, "transaction", labs, mode)
	if err != nil { // the browser closed it; the next one opens it again
		s.db = js.Undefined()
	}
	return t, err
}

// try calls a method; an exception is an error.
func try(v js.Value, method string, args ...any) (result js.Value, err error) {
	defer func() {
		if r := recover(); r != nil {
			result, err = js.Undefined(), fmt.Errorf("%v", r)
		}
	}()
	return v.Call(method, args...), nil
}

func (s *store) Load(_ context.Context, key string) ([]byte, error) {
	t, err := s.begin("readonly")
	if err != nil {
		return nil, err
	}
	request := t.Call("objectStore", labs).Call("get", key)
	if err := wait(request, "onsuccess", "onerror"); err != nil {
		return nil, err
	}
	v := request.Get("result")
	if !v.Truthy() {
		return nil, nil
	}
	data := make([]byte, v.Get("length").Int())
	js.CopyBytesToGo(data, v)
	return data, nil
}

func (s *store) Save(_ context.Context, key string, data []byte) error {
	t, err := s.begin("readwrite")
	if err != nil {
		return err
	}
	bytes := js.Global().Get("Uint8Array").New(len(data))
	js.CopyBytesToJS(bytes, data)
	t.Call("objectStore", labs).Call("put", bytes, key)
	return wait(t, "oncomplete", "onabort") // a full disk shows at the end
}

func (s *store) Claim(_ context.Context, key string, take bool, lost func()) (bool, error) {
	locks := js.Global().Get("navigator").Get("locks")
	if !locks.Truthy() || s.ours[key] {
		return true, nil
	}
	got := make(chan bool, 1)
	options := map[string]any{"steal": true}
	if !take { // a page that was just left gives its lock back soon
		options = map[string]any{"signal": js.Global().Get("AbortSignal").Call("timeout", patience)}
	}
	// The lock is held until the promise that its holder returns ends: never.
	forever := js.Global().Get("Promise").New(js.FuncOf(func(js.Value, []js.Value) any { return nil }))
	held := locks.Call("request", "skylab:"+key, options, js.FuncOf(func(js.Value, []js.Value) any { got <- true; return forever }))
	held.Call("catch", js.FuncOf(func(js.Value, []js.Value) any { // not given, or taken by another page
		if !s.ours[key] {
			got <- false
			return nil
		}
		delete(s.ours, key)
		go lost()
		return nil
	}))
	s.ours[key] = <-got
	return s.ours[key], nil
}
