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
	listen(on, good, bad, end)
	return <-end
}

// listen is wait for who does not: end gets the outcome.
func listen(on js.Value, good, bad string, end chan<- error) {
	var yes, no js.Func
	told := func(err func() error) js.Func {
		return js.FuncOf(func(js.Value, []js.Value) any {
			end <- err()
			yes.Release()
			no.Release()
			return nil
		})
	}
	yes = told(func() error { return nil })
	no = told(func() error { return problem(on.Get("error")) })
	on.Set(good, yes)
	on.Set(bad, no)
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
	// What is kept need not be on the disk before the next command.
	t, err := try(s.db, "transaction", labs, mode, map[string]any{"durability": "relaxed"})
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

func (s *store) Load(_ context.Context, keys ...string) ([][]byte, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	t, err := s.begin("readonly")
	if err != nil {
		return nil, err
	}
	labs := t.Call("objectStore", labs)
	requests := make([]js.Value, len(keys))
	for i, key := range keys {
		requests[i] = labs.Call("get", key)
	}
	if err := wait(t, "oncomplete", "onabort"); err != nil {
		return nil, err
	}
	out := make([][]byte, len(keys))
	for i, r := range requests {
		if v := r.Get("result"); v.Truthy() {
			out[i] = make([]byte, v.Get("length").Int())
			js.CopyBytesToGo(out[i], v)
		}
	}
	return out, nil
}

// Save asks the browser for all of it before it returns, so that not even a page
// that is left at once loses it.
func (s *store) Save(_ context.Context, data map[string][]byte, done func(error)) {
	t, err := s.begin("readwrite")
	if err != nil {
		done(err)
		return
	}
	labs := t.Call("objectStore", labs)
	for key, text := range data {
		if text == nil {
			labs.Call("delete", key)
			continue
		}
		bytes := js.Global().Get("Uint8Array").New(len(text))
		js.CopyBytesToJS(bytes, text)
		labs.Call("put", bytes, key)
	}
	end := make(chan error, 1)
	listen(t, "oncomplete", "onabort", end) // a full disk shows at the end
	if t.Get("commit").Truthy() {
		t.Call("commit")
	}
	go func() { done(<-end) }()
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
