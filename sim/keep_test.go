package sim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"skylab/sim/exchange"
	"skylab/sim/labapi"
	"skylab/sim/machine/portal/blade"
)

// shelf keeps labs in memory for several pages.
type shelf struct {
	data   map[string][]byte
	owner  map[string]*page
	refuse error
	saves  int
}

// page is one page's side of a shelf.
type page struct {
	*shelf
	lost func()
}

func newShelf() *shelf { return &shelf{data: map[string][]byte{}, owner: map[string]*page{}} }

func (p *page) Claim(_ context.Context, key string, take bool, lost func()) (bool, error) {
	if other := p.owner[key]; other != nil && other != p {
		if !take {
			return false, nil
		}
		other.lost()
	}
	p.owner[key], p.lost = p, lost
	return true, nil
}

func (p *page) Load(_ context.Context, keys ...string) (out [][]byte, err error) {
	for _, key := range keys {
		out = append(out, p.data[key])
	}
	return out, p.refuse
}

func (p *page) Save(_ context.Context, data map[string][]byte, done func(error)) {
	for key, text := range data {
		switch {
		case p.refuse != nil:
		case text == nil:
			delete(p.data, key)
		default:
			p.data[key] = text
		}
	}
	p.saves++
	done(p.refuse)
}

// visit is a page that keeps its labs on a shelf.
func visit(t testing.TB, on *shelf) *client {
	c := newClient(t)
	c.s.KeepIn(&page{shelf: on})
	return c
}

func (c *client) kept() (all []labapi.Kept) {
	for _, e := range c.seen {
		if e.Kept != nil {
			all = append(all, *e.Kept)
		}
	}
	return all
}

func TestALabGoesOnAtTheNextVisit(t *testing.T) {
	on := newShelf()
	open := labapi.Open{Key: "a", Seed: "s"}
	first := visit(t, on)
	if l := do[labapi.Lab](first, labapi.OpOpen, open); l.Kept {
		t.Error("a first visit has nothing kept")
	}
	con := do[labapi.Console](first, labapi.OpConsole, labapi.NewConsole{})
	do[labapi.Result](first, labapi.OpRun, labapi.Run{Console: con.ID, Text: "x=5; cd /tmp; echo one; echo two >&2; echo three"})
	do[labapi.Result](first, labapi.OpRun, labapi.Run{Console: con.ID, Text: "false"})

	second := visit(t, on)
	open.Take = true
	if l := do[labapi.Lab](second, labapi.OpOpen, open); !l.Kept || l.Unreadable != "" || len(l.Consoles) != 1 {
		t.Errorf("%+v", l)
	}
	con = do[labapi.Console](second, labapi.OpConsole, labapi.NewConsole{})
	if con.Prompt != "azureuser@myVM:/tmp$ " || len(con.Blocks) != 2 || len(con.Blocks[0].Output) != 3 || con.Blocks[0].Output[2].Text != "three\n" || con.Blocks[1].Status != 1 {
		t.Errorf("%+v", con)
	}
	do[labapi.Result](second, labapi.OpRun, labapi.Run{Console: con.ID, Text: "echo $x"})
	if got := second.output.String(); got != "5\n" {
		t.Errorf("%q", got)
	}
	l := do[labapi.Lab](second, labapi.OpUndo, nil)
	if len(l.Consoles) != 1 || len(l.Consoles[0].Blocks) != 2 {
		t.Errorf("undo takes the block back, too: %+v", l.Consoles)
	}
	do[labapi.Result](first, labapi.OpRun, labapi.Run{Console: con.ID, Text: "echo nobody keeps this"})
	if k := first.kept(); len(k) != 1 || !k[0].Taken {
		t.Errorf("the first page was told %+v", k)
	}
	third := visit(t, on)
	if l := do[labapi.Lab](third, labapi.OpOpen, labapi.Open{Key: "a"}); !l.Elsewhere {
		t.Errorf("%+v", l)
	}
	if l := do[labapi.Lab](third, labapi.OpOpen, labapi.Open{Key: "a", Take: true, Fresh: true}); l.Kept || len(l.Consoles) != 0 {
		t.Errorf("%+v", l)
	}
}

func TestAKeptLabThatCannotBeReadIsPutAside(t *testing.T) {
	on := newShelf()
	on.data["a"] = []byte(`{"format": "something else"}`)
	c := visit(t, on)
	if l := do[labapi.Lab](c, labapi.OpOpen, labapi.Open{Key: "a"}); l.Unreadable == "" || l.Kept || l.Scenario == "" {
		t.Errorf("%+v", l)
	}
	if got := do[string](c, labapi.OpUnreadable, nil); got != `{"format": "something else"}` {
		t.Errorf("%q", got)
	}
}

func TestAStorageThatRefusesIsToldOnce(t *testing.T) {
	on := newShelf()
	on.refuse = errors.New("the disk is full")
	c := visit(t, on)
	do[labapi.Lab](c, labapi.OpOpen, labapi.Open{Key: "a"})
	con := do[labapi.Console](c, labapi.OpConsole, labapi.NewConsole{})
	do[labapi.Result](c, labapi.OpRun, labapi.Run{Console: con.ID, Text: "echo on"})
	if k := c.kept(); len(k) != 1 || k[0].Problem != "the disk is full" || c.output.String() != "on\n" {
		t.Errorf("%+v %q", k, c.output.String())
	}
}

func TestWhatIsKeptOfAConsoleIsBounded(t *testing.T) {
	c := visit(t, newShelf())
	do[labapi.Lab](c, labapi.OpOpen, labapi.Open{Key: "a"})
	con := do[labapi.Console](c, labapi.OpConsole, labapi.NewConsole{})
	for range 12 {
		do[labapi.Result](c, labapi.OpRun, labapi.Run{Console: con.ID, Text: "seq 1 10000"})
	}
	size := 0
	for _, b := range c.s.blocks[con.ID] {
		for _, o := range b.Output {
			size += len(o.Text)
		}
	}
	if size < maxShown || size > maxShown+100_000 {
		t.Errorf("%d bytes are kept", size)
	}
}

func TestUndoStepsGoOnAtTheNextVisit(t *testing.T) {
	on := newShelf()
	open := labapi.Open{Key: "a", Seed: "s", Take: true}
	first := visit(t, on)
	do[labapi.Lab](first, labapi.OpOpen, open)
	con := do[labapi.Console](first, labapi.OpConsole, labapi.NewConsole{})
	for i := range maxUndo + 5 {
		do[labapi.Result](first, labapi.OpRun, labapi.Run{Console: con.ID, Text: fmt.Sprintf("x=%d", i)})
	}
	do[labapi.Lab](first, labapi.OpUndo, nil)

	second := visit(t, on)
	if l := do[labapi.Lab](second, labapi.OpOpen, open); l.Undo != "x=33" || l.Redo != "x=34" {
		t.Fatalf("undo %q, redo %q", l.Undo, l.Redo)
	}
	do[labapi.Lab](second, labapi.OpRedo, nil)
	do[labapi.Console](second, labapi.OpConsole, labapi.NewConsole{})
	do[labapi.Result](second, labapi.OpRun, labapi.Run{Console: con.ID, Text: "echo $x"})
	if got := second.output.String(); got != "34\n" {
		t.Errorf("after redo: %q", got)
	}
	n := 0
	for l := (labapi.Lab{Undo: "x"}); l.Undo != ""; n++ {
		l = do[labapi.Lab](second, labapi.OpUndo, nil)
	}
	if n != maxUndo {
		t.Errorf("%d steps were kept", n)
	}
	if len(on.data) > 3+2*maxUndo {
		t.Errorf("%d things are kept for one lab", len(on.data))
	}

	// Steps of another state, or broken ones, are forgotten; the lab is not.
	for name, spoil := range map[string]func(){
		"of another lab": func() { on.data[pastKey("a")] = []byte(`{"of":"1","undo":[{"what":"x","slot":1}]}`) },
		"no JSON":        func() { on.data[pastKey("a")] = []byte(`{`) },
		"a step is gone": func() { delete(on.data, slotKey("a", 1)) },
		"a negative slot": func() {
			on.data[pastKey("a")] = []byte(`{"of":"` + checksum(on.data["a"]) + `","undo":[{"what":"x","slot":-1}]}`)
		},
	} {
		c := visit(t, on)
		do[labapi.Lab](c, labapi.OpOpen, open)
		con := do[labapi.Console](c, labapi.OpConsole, labapi.NewConsole{})
		do[labapi.Result](c, labapi.OpRun, labapi.Run{Console: con.ID, Text: "true"})
		spoil()
		if l := do[labapi.Lab](visit(t, on), labapi.OpOpen, open); !l.Kept || l.Undo != "" && name != "a step is gone" {
			t.Errorf("%s: kept %v, undo %q", name, l.Kept, l.Undo)
		}
	}
}

// TestExchangesAreKeptOnce: a command saves in one go, and only the exchanges that
// it added; undo and redo have theirs at the next visit, also when others took
// their numbers meanwhile; and what nothing has any more is removed.
func TestExchangesAreKeptOnce(t *testing.T) {
	on := newShelf()
	open := labapi.Open{Key: "a", Seed: "s", Take: true}
	c := visit(t, on)
	do[labapi.Lab](c, labapi.OpOpen, open)
	con := do[labapi.Console](c, labapi.OpConsole, labapi.NewConsole{})
	const ask = "curl -s -H Metadata:true http://169.254.169.254/metadata/versions?n="
	run := func(text string) { do[labapi.Result](c, labapi.OpRun, labapi.Run{Console: con.ID, Text: text}) }
	// urls are the queries of the exchanges on record.
	urls := func() (list []string) {
		for _, e := range do[[]exchange.Exchange](c, labapi.OpExchanges, labapi.Since{}) {
			_, n, _ := strings.Cut(e.Request.URL, "?n=")
			list = append(list, n)
		}
		return list
	}
	kept := func() (n int) {
		for key := range on.data {
			if strings.HasPrefix(key, "a.exchange.") {
				n++
			}
		}
		return n
	}
	again := func() {
		c = visit(t, on)
		do[labapi.Lab](c, labapi.OpOpen, open)
		do[labapi.Console](c, labapi.OpConsole, labapi.NewConsole{})
	}
	run(ask + "1")
	saves := on.saves
	run(ask + "2")
	if kept() != 2 || on.saves != saves+1 {
		t.Errorf("%d exchanges are kept after %d savings", kept(), on.saves-saves)
	}
	again()
	if got := urls(); !slices.Equal(got, []string{"1", "2"}) || kept() != 2 {
		t.Errorf("at the next visit %q, %d kept", got, kept())
	}
	do[labapi.Lab](c, labapi.OpUndo, nil)
	// The portal's calls are no step: what was undone can still be done again.
	do[blade.Blade](c, labapi.OpPortal, blade.Action{Path: "/"})
	do[labapi.Result](c, labapi.OpRun, labapi.Run{Console: con.ID, Text: "("}) // incomplete, and no step either
	other := urls()
	again()
	if got := urls(); !slices.Equal(got, other) || got[0] != "1" || slices.Contains(got, "2") {
		t.Errorf("after undo %q, before the visit %q", got, other)
	}
	do[labapi.Lab](c, labapi.OpRedo, nil)
	if got := urls(); !slices.Equal(got, []string{"1", "2"}) {
		t.Errorf("after redo %q", got)
	}
	for range 12 {
		run("for i in $(seq 100); do " + ask + "$i; done >/dev/null")
	}
	if n := len(urls()); n != exchange.DefaultRing {
		t.Errorf("%d on record", n)
	}
	before := urls()
	again()
	if got := urls(); !slices.Equal(got, before) {
		t.Errorf("%q, before the visit %q", got, before)
	}
	for range maxUndo {
		run("x=1")
	}
	run("for i in $(seq 100); do " + ask + "$i; done >/dev/null")
	run("x=1")
	if n := kept(); n < exchange.DefaultRing || n > exchange.DefaultRing+2*sweepAfter {
		t.Errorf("%d exchanges are kept", n)
	}
	delete(on.data, exchangeKey("a", c.s.past.next-1))
	again()
	if l := c.s.lab.ring.Record(); len(l.Exchanges) != exchange.DefaultRing-1 || l.Dropped == 0 {
		t.Errorf("without its last exchange: %d, dropped %d", len(l.Exchanges), l.Dropped)
	}
	open.Fresh = true
	again()
	run("true")
	if kept() != len(urls()) {
		t.Errorf("a new lab keeps %d exchanges of the old", kept())
	}
}

// TestASavingThatFailedIsMadeUpFor: what was not saved is not taken to be there.
func TestASavingThatFailedIsMadeUpFor(t *testing.T) {
	on := newShelf()
	open := labapi.Open{Key: "a", Seed: "s", Take: true}
	c := visit(t, on)
	do[labapi.Lab](c, labapi.OpOpen, open)
	con := do[labapi.Console](c, labapi.OpConsole, labapi.NewConsole{})
	run := func(text string) { do[labapi.Result](c, labapi.OpRun, labapi.Run{Console: con.ID, Text: text}) }
	const ask = "curl -s -H Metadata:true http://169.254.169.254/metadata/versions"
	run(ask)
	on.refuse = errors.New("the disk is full")
	run(ask + "; x=1")
	on.refuse = nil
	run("x=2")
	c = visit(t, on)
	l := do[labapi.Lab](c, labapi.OpOpen, open)
	if n := len(c.s.lab.ring.Record().Exchanges); n != 2 || l.Undo != "x=2" {
		t.Errorf("%d exchanges, undo %q", n, l.Undo)
	}
	l = do[labapi.Lab](c, labapi.OpUndo, nil)
	if n := len(c.s.lab.ring.Record().Exchanges); n != 2 || l.Undo != ask+"; x=1" {
		t.Errorf("a step back %d exchanges, undo %q", n, l.Undo)
	}
}

func TestAKeptLabGoesOnAndNotItsSnapshot(t *testing.T) {
	on := newShelf()
	source := newClient(t)
	do[labapi.Lab](source, labapi.OpOpen, labapi.Open{Seed: "s"})
	con := do[labapi.Console](source, labapi.OpConsole, labapi.NewConsole{})
	do[labapi.Result](source, labapi.OpRun, labapi.Run{Console: con.ID, Text: "x=given"})
	given := do[json.RawMessage](source, labapi.OpSnapshot, nil)
	for _, step := range []struct {
		fresh bool
		want  string
	}{{false, "given\n"}, {false, "given-more\n"}, {true, "given\n"}} {
		c := visit(t, on)
		do[labapi.Lab](c, labapi.OpOpen, labapi.Open{Key: "copy", Take: true, Fresh: step.fresh, Snapshot: given})
		con := do[labapi.Console](c, labapi.OpConsole, labapi.NewConsole{})
		do[labapi.Result](c, labapi.OpRun, labapi.Run{Console: con.ID, Text: "echo $x; x=$x-more"})
		if got := c.output.String(); got != step.want {
			t.Errorf("%q, not %q", got, step.want)
		}
	}
}
