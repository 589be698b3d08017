package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"

	"skylab/sim/exchange"
	"skylab/sim/sorting"
)

// A lab's undo steps are kept beside it, each under a key of its own, and so is
// each exchange that the lab or one of its steps has on record: a command writes
// only what it adds. The index says what belongs together, and to which lab:
// steps and exchanges of another are forgotten.
type pastState struct {
	Of     string      `json:"of"`
	Record recordState `json:"record"`
	Undo   []stepState `json:"undo,omitempty"`
	Redo   []stepState `json:"redo,omitempty"`
	// From and Next bound the slots of exchanges that may be taken.
	From int `json:"from"`
	Next int `json:"next"`
}

type stepState struct {
	What   string      `json:"what"`
	Slot   int         `json:"slot"`
	Record recordState `json:"record"`
}

// recordState is a record as the slots that its exchanges have, in their order:
// the first and the last of each run.
type recordState struct {
	Last    int      `json:"last"`
	Dropped int      `json:"dropped"`
	Slots   [][2]int `json:"slots,omitempty"`
}

// past is what the service knows of what is kept.
type past struct {
	slots      map[*exchange.Recorded]int // from 1
	from, next int                        // free slots begin at next; below from none is taken
	swept      int                        // how many were taken when the last were freed
	orphans    []int                      // slots that nothing has any more
}

// maxPast is how many bytes of steps are kept; the oldest go first.
const maxPast = 24 << 20

// sweepAfter is how many exchanges are added before the slots of those that
// nothing has any more are freed.
const sweepAfter = 100

func pastKey(key string) string { return key + ".undo" }

func slotKey(key string, slot int) string { return pastKey(key) + "." + strconv.Itoa(slot) }

func exchangeKey(key string, slot int) string { return key + ".exchange." + strconv.Itoa(slot) }

// checksum tells one saved lab from another.
func checksum(data []byte) string {
	return fmt.Sprintf("%d-%08x", len(data), crc32.ChecksumIEEE(data))
}

// keepPast adds to what is saved with the lab, which is now as it is told, its
// steps and its record.
func (s *Service) keepPast(data map[string][]byte, now moment) error {
	l, p := s.lab, &s.past
	index := pastState{Of: checksum(now.text)}
	var err error
	if index.Record, err = p.place(s.key, data, now.record); err != nil {
		return err
	}
	taken := map[int]bool{}
	for _, list := range [][]step{l.undo, l.redo} {
		for _, x := range list {
			taken[x.slot] = true
		}
	}
	size, free, counted := 0, 1, now.record.Exchanges
	// save saves steps from the last to the first, as long as there is room, and
	// returns them in order.
	save := func(list []step) ([]stepState, error) {
		var kept []stepState
		for i := len(list) - 1; i >= 0; i-- {
			x := &list[i]
			if size += x.before.adds(counted); size > maxPast {
				break
			}
			if counted = x.before.record.Exchanges; x.slot == 0 {
				for taken[free] {
					free++
				}
				if x.record, err = p.place(s.key, data, x.before.record); err != nil {
					return nil, err
				}
				data[slotKey(s.key, free)] = x.before.text
				x.slot, taken[free] = free, true
			}
			kept = append(kept, stepState{x.what, x.slot, x.record})
		}
		slices.Reverse(kept)
		return kept, nil
	}
	if index.Undo, err = save(l.undo); err != nil {
		return err
	}
	counted = now.record.Exchanges
	if index.Redo, err = save(l.redo); err != nil {
		return err
	}
	if len(p.slots) >= p.swept+sweepAfter {
		p.sweep(index)
	}
	for _, slot := range p.orphans {
		data[exchangeKey(s.key, slot)] = nil
	}
	p.orphans = nil
	index.From, index.Next = p.from, p.next
	if data[pastKey(s.key)], err = json.Marshal(index); err != nil {
		return fmt.Errorf("keep the undo steps: %w", err)
	}
	return nil
}

// adds is how many bytes a moment needs beside exchanges that are there. Both
// are of one course of events, so what it has alone is at one of its ends.
func (m moment) adds(there []*exchange.Recorded) int {
	size, own := len(m.text), m.record.Exchanges
	if len(there) > 0 {
		first, last := there[0].ID, there[len(there)-1].ID
		own = slices.DeleteFunc(slices.Clone(own), func(x *exchange.Recorded) bool { return x.ID >= first && x.ID <= last })
	}
	for _, x := range own {
		text, _ := x.JSON() // where that fails, saving it will
		size += len(text)
	}
	return size
}

// place gives each exchange of a record its slot, and adds to data those that
// had none.
func (p *past) place(key string, data map[string][]byte, r exchange.Record) (recordState, error) {
	st := recordState{Last: r.Last, Dropped: r.Dropped}
	if p.slots == nil {
		p.slots = map[*exchange.Recorded]int{}
		p.from, p.next = max(p.from, 1), max(p.next, 1)
	}
	for _, x := range r.Exchanges {
		slot := p.slots[x]
		if slot == 0 {
			text, err := x.JSON()
			if err != nil {
				return st, err
			}
			slot = p.next
			p.next++
			p.slots[x], data[exchangeKey(key, slot)] = slot, text
		}
		if n := len(st.Slots); n > 0 && st.Slots[n-1][1] == slot-1 {
			st.Slots[n-1][1] = slot
		} else {
			st.Slots = append(st.Slots, [2]int{slot, slot})
		}
	}
	return st, nil
}

// runs are the slots that an index speaks of, the first and the last of each run.
func (s pastState) runs() [][2]int {
	all := slices.Clone(s.Record.Slots)
	for _, x := range slices.Concat(s.Undo, s.Redo) {
		all = append(all, x.Record.Slots...)
	}
	sorting.By(all, func(a, b [2]int) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(all)
}

// within tells whether a slot is in one of the runs.
func within(runs [][2]int, slot int) bool {
	return slices.ContainsFunc(runs, func(run [2]int) bool { return run[0] <= slot && slot <= run[1] })
}

// sweep frees the slots that nothing has any more.
func (p *past) sweep(index pastState) {
	p.from = p.next
	runs := index.runs()
	for x, slot := range p.slots {
		if !within(runs, slot) {
			p.orphans = append(p.orphans, slot)
			delete(p.slots, x)
			continue
		}
		p.from = min(p.from, slot)
	}
	p.swept = len(p.slots)
}

// forget frees all slots.
func (p *past) forget() {
	for _, slot := range p.slots {
		p.orphans = append(p.orphans, slot)
	}
	p.slots, p.swept = nil, 0
}

// maxSlots is how many slots are looked at of what was kept; a lab and its steps
// have far fewer.
const maxSlots = 100_000

// loadPast gives a lab the record and the steps that were kept with it; text is
// what was kept of the lab itself. Where they cannot be had, it has none: the lab
// is there. A nil lab has none either. What nothing has is removed at the next
// occasion.
func (s *Service) loadPast(ctx context.Context, l *Lab, text []byte) {
	s.past = past{}
	var index pastState
	data, err := s.store.Load(ctx, pastKey(s.key))
	if err != nil || json.Unmarshal(data[0], &index) != nil || index.From < 0 || index.Next < index.From || index.Next-index.From > maxSlots {
		return
	}
	s.past.from, s.past.next = index.From, index.Next
	known := map[int]*exchange.Recorded{} // by slot
	if l != nil && index.Of == checksum(text) {
		known = s.loadExchanges(ctx, index)
		l.ring.SetRecord(index.Record.record(known))
		if undo, ok := s.loadSteps(ctx, index.Undo, known); ok {
			if redo, ok := s.loadSteps(ctx, index.Redo, known); ok {
				l.undo, l.redo = undo, redo
			}
		}
	}
	s.past.slots = map[*exchange.Recorded]int{}
	for slot := index.From; slot < index.Next; slot++ {
		if x := known[slot]; x != nil {
			s.past.slots[x] = slot
		} else {
			s.past.orphans = append(s.past.orphans, slot)
		}
	}
}

// loadExchanges loads the exchanges of an index that can be read.
func (s *Service) loadExchanges(ctx context.Context, index pastState) map[int]*exchange.Recorded {
	var slots []int
	var keys []string
	runs := index.runs()
	for slot := index.From; slot < index.Next; slot++ {
		if within(runs, slot) {
			slots, keys = append(slots, slot), append(keys, exchangeKey(s.key, slot))
		}
	}
	known := map[int]*exchange.Recorded{}
	texts, err := s.store.Load(ctx, keys...)
	if err != nil {
		return known
	}
	for i, text := range texts {
		if x, err := exchange.ReadRecorded(text); err == nil {
			known[slots[i]] = x
		}
	}
	return known
}

func (s *Service) loadSteps(ctx context.Context, list []stepState, known map[int]*exchange.Recorded) (steps []step, ok bool) {
	var keys []string
	for _, x := range list {
		keys = append(keys, slotKey(s.key, x.Slot))
	}
	texts, err := s.store.Load(ctx, keys...)
	if err != nil {
		return nil, false
	}
	for i, x := range list {
		if len(texts[i]) == 0 || x.Slot < 1 {
			return nil, false
		}
		steps = append(steps, step{what: x.What, before: moment{texts[i], x.Record.record(known)}, slot: x.Slot, record: x.Record})
	}
	return steps, true
}

// record is what the slots hold; what is not known is dropped.
func (r recordState) record(known map[int]*exchange.Recorded) exchange.Record {
	out := exchange.Record{Last: r.Last, Dropped: r.Dropped}
	for _, run := range r.Slots {
		for slot := run[0]; slot <= min(run[1], run[0]+maxSlots); slot++ {
			if x := known[slot]; x != nil {
				out.Exchanges = append(out.Exchanges, x)
			} else {
				out.Dropped++
			}
		}
	}
	return out
}
