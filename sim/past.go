package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strconv"
)

// A lab's undo steps are kept beside it, each under a key of its own, so that a
// command writes only the one that it adds. The index names them in order, and
// the lab that they belong to: steps of another are forgotten.
type pastState struct {
	Of   string      `json:"of"`
	Undo []stepState `json:"undo,omitempty"`
	Redo []stepState `json:"redo,omitempty"`
}

type stepState struct {
	What string `json:"what"`
	Slot int    `json:"slot"`
}

// maxPast is how many bytes of steps are kept; the oldest go first.
const maxPast = 24 << 20

func pastKey(key string) string { return key + ".undo" }

func slotKey(key string, slot int) string { return pastKey(key) + "." + strconv.Itoa(slot) }

// checksum tells one saved lab from another.
func checksum(data []byte) string {
	return strconv.FormatUint(uint64(crc32.ChecksumIEEE(data)), 16)
}

// keepPast saves the steps of the lab whose snapshot was saved just now.
func (s *Service) keepPast(ctx context.Context, snapshot []byte) error {
	l := s.lab
	taken := map[int]bool{}
	for _, list := range [][]step{l.undo, l.redo} {
		for _, x := range list {
			taken[x.slot] = true
		}
	}
	index, size, free := pastState{Of: checksum(snapshot)}, 0, 1
	// save saves steps from the last to the first, as long as there is room, and
	// returns them in order.
	save := func(list []step) ([]stepState, error) {
		var kept []stepState
		for i := len(list) - 1; i >= 0; i-- {
			if size += len(list[i].before); size > maxPast {
				break
			}
			if list[i].slot == 0 {
				for taken[free] {
					free++
				}
				if err := s.store.Save(ctx, slotKey(s.key, free), list[i].before); err != nil {
					return nil, err
				}
				list[i].slot, taken[free] = free, true
			}
			kept = append([]stepState{{list[i].what, list[i].slot}}, kept...)
		}
		return kept, nil
	}
	var err error
	if index.Undo, err = save(l.undo); err != nil {
		return err
	}
	if index.Redo, err = save(l.redo); err != nil {
		return err
	}
	data, err := json.Marshal(index)
	if err != nil {
		return fmt.Errorf("keep the undo steps: %w", err)
	}
	return s.store.Save(ctx, pastKey(s.key), data)
}

// loadPast gives a lab the steps that were kept with it. Where they cannot be
// had, it has none: the lab itself is there.
func (s *Service) loadPast(ctx context.Context, l *Lab, snapshot []byte) {
	data, err := s.store.Load(ctx, pastKey(s.key))
	var index pastState
	if err != nil || json.Unmarshal(data, &index) != nil || index.Of != checksum(snapshot) {
		return
	}
	load := func(list []stepState) (steps []step, ok bool) {
		for _, x := range list {
			before, err := s.store.Load(ctx, slotKey(s.key, x.Slot))
			if err != nil || len(before) == 0 || x.Slot < 1 {
				return nil, false
			}
			steps = append(steps, step{what: x.What, before: before, slot: x.Slot})
		}
		return steps, true
	}
	undo, ok := load(index.Undo)
	redo, also := load(index.Redo)
	if ok && also {
		l.undo, l.redo = undo, redo
	}
}
