package sim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"skylab/sim/labapi"
)

// Store keeps labs from one visit of a page to the next.
type Store interface {
	// Claim makes a lab this page's own. It is false while another page has it,
	// unless take says to take it away from there. lost is called when another
	// page takes it.
	Claim(ctx context.Context, key string, take bool, lost func()) (bool, error)
	// Load returns what was saved last, or nil.
	Load(ctx context.Context, key string) ([]byte, error)
	Save(ctx context.Context, key string, data []byte) error
}

// asideKey is where a kept lab that cannot be read is put, so that nothing is
// lost with it.
func asideKey(key string) string { return key + ".unreadable" }

// KeepIn makes the service keep its labs. It must be called before the first
// request.
func (s *Service) KeepIn(store Store) { s.store = store }

// claim readies the place where a lab is kept. It returns the lab as it was
// left there; nil to begin anew. elsewhere means that another page has it.
func (s *Service) claim(ctx context.Context, a labapi.Open) (data []byte, elsewhere bool, err error) {
	s.mu.Lock()
	s.key, s.lost = "", false
	s.mu.Unlock()
	if s.store == nil || a.Key == "" {
		return nil, false, nil
	}
	ours, err := s.store.Claim(ctx, a.Key, a.Take, s.lose)
	if err != nil {
		s.tellKept(err)
		return nil, false, nil
	}
	if !ours {
		return nil, true, nil
	}
	s.key = a.Key
	if a.Fresh {
		return nil, false, nil
	}
	if data, err = s.store.Load(ctx, a.Key); err != nil {
		s.tellKept(err)
		return nil, false, nil
	}
	return data, false, nil
}

// putAside saves a lab that cannot be read where [labapi.OpUnreadable] finds it.
func (s *Service) putAside(ctx context.Context, data []byte) {
	if err := s.store.Save(ctx, asideKey(s.key), data); err != nil {
		s.tellKept(err)
	}
}

// unreadable returns what was put aside.
func (s *Service) unreadable(ctx context.Context) (string, error) {
	if s.store == nil || s.key == "" {
		return "", errors.New("nothing was put aside")
	}
	data, err := s.store.Load(ctx, asideKey(s.key))
	if err == nil && data == nil {
		err = errors.New("nothing was put aside")
	}
	return string(data), err
}

// lose stops keeping a lab that another page took.
func (s *Service) lose() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost = true
	s.send(labapi.Message{Event: &labapi.Event{Kept: &labapi.Kept{Taken: true}}})
}

// keep saves the lab as it is. A storage that refuses is told once; work goes
// on without it.
func (s *Service) keep() error {
	s.mu.Lock()
	blocks, err := s.blocksJSON()
	lost := s.lost
	s.mu.Unlock()
	if err != nil {
		return fmt.Errorf("keep the consoles: %w", err)
	}
	s.setExtra(extraBlocks, blocks)
	if s.wider {
		s.setExtra(extraWider, json.RawMessage("true"))
	}
	if s.key == "" || lost {
		return nil
	}
	data, err := s.lab.Snapshot()
	if err != nil {
		return fmt.Errorf("keep the lab: %w", err)
	}
	if err = s.store.Save(context.Background(), s.key, data); err == nil {
		err = s.keepPast(context.Background(), data)
	}
	if err != nil {
		s.tellKept(err)
	}
	return nil
}

func (s *Service) tellKept(err error) {
	if s.unkept {
		return
	}
	s.unkept = true
	s.send(labapi.Message{Event: &labapi.Event{Kept: &labapi.Kept{Problem: err.Error()}}})
}

func (s *Service) setExtra(name string, data json.RawMessage) {
	if s.lab.Extra == nil {
		s.lab.Extra = map[string]json.RawMessage{}
	}
	s.lab.Extra[name] = data
}
