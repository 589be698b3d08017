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
	// Load returns what was saved last under each key; nil for nothing.
	Load(ctx context.Context, keys ...string) ([][]byte, error)
	// Save begins to save data by key, and to remove what is nil: all of it or
	// nothing, in the order of the calls. done is called at the end, from
	// anywhere. Until then the data must not be changed.
	Save(ctx context.Context, data map[string][]byte, done func(error))
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
	texts, err := s.store.Load(ctx, a.Key)
	if err != nil {
		s.tellKept(err)
		return nil, false, nil
	}
	return texts[0], false, nil
}

// putAside saves a lab that cannot be read where [labapi.OpUnreadable] finds it.
func (s *Service) putAside(ctx context.Context, data []byte) {
	s.store.Save(ctx, map[string][]byte{asideKey(s.key): data}, s.saved)
}

// unreadable returns what was put aside.
func (s *Service) unreadable(ctx context.Context) (string, error) {
	if s.store == nil || s.key == "" {
		return "", errors.New("nothing was put aside")
	}
	texts, err := s.store.Load(ctx, asideKey(s.key))
	if err == nil && texts[0] == nil {
		err = errors.New("nothing was put aside")
	}
	if err != nil {
		return "", err
	}
	return string(texts[0]), nil
}

// lose stops keeping a lab that another page took.
func (s *Service) lose() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost = true
	s.send(labapi.Message{Event: &labapi.Event{Kept: &labapi.Kept{Taken: true}}})
}

// keep begins to save the lab as it is; nobody waits for its end. A storage that
// refuses is told once; work goes on without it.
func (s *Service) keep() error {
	s.mu.Lock()
	blocks, err := s.blocksJSON()
	lost, again := s.lost, s.again
	s.again = false
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
	if again {
		s.past.forget()
		for _, list := range [][]step{s.lab.undo, s.lab.redo} {
			for i := range list {
				list[i].slot = 0
			}
		}
	}
	now, err := s.lab.moment()
	if err != nil {
		return fmt.Errorf("keep the lab: %w", err)
	}
	data := map[string][]byte{s.key: now.text}
	if err := s.keepPast(data, now); err != nil {
		return err
	}
	s.store.Save(context.Background(), data, s.saved)
	return nil
}

// saved takes in how saving ended. After a failure nothing is taken to be there.
func (s *Service) saved(err error) {
	if err == nil {
		return
	}
	s.mu.Lock()
	s.again = true
	s.mu.Unlock()
	s.tellKept(err)
}

func (s *Service) tellKept(err error) {
	s.mu.Lock()
	told := s.unkept
	s.unkept = true
	s.mu.Unlock()
	if !told {
		s.send(labapi.Message{Event: &labapi.Event{Kept: &labapi.Kept{Problem: err.Error()}}})
	}
}

func (s *Service) setExtra(name string, data json.RawMessage) {
	if s.lab.Extra == nil {
		s.lab.Extra = map[string]json.RawMessage{}
	}
	s.lab.Extra[name] = data
}
