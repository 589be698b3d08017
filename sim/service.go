package sim

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"skylab/sim/exchange"
	"skylab/sim/kit"
	"skylab/sim/labapi"
	"skylab/sim/machine/portal/blade"
	"skylab/sim/machine/shell"
	"skylab/sim/view"
)

// Follower tells how far a lesson is. Its state is plain data, kept with the lab.
type Follower interface {
	// Update looks at the lab and returns the progress and the placeholders that
	// are known.
	Update(v view.View) (labapi.Progress, map[string]string, error)
	State() (json.RawMessage, error)
	Restore(json.RawMessage) error
}

// Follow makes the follower of a lesson from its ready-made data.
type Follow func(data json.RawMessage) (Follower, error)

// extraLesson is where a lab keeps its follower's state.
const extraLesson = "lesson"

// Service answers a page's requests with a lab of its own. Requests may come
// while a command runs: the one that interrupts it is answered at once, the
// others wait for its end.
type Service struct {
	send func(labapi.Message)
	now  func() time.Time
	// follow makes followers; nil where lessons are not followed.
	follow Follow
	kit    kit.Kit
	wider  bool // the lab has needed the whole kit

	turn sync.Mutex // held while the lab is used
	// held is closed when the person did something for which a running command
	// waits and gave its turn away; nil while none does. free tells of its end.
	held chan struct{}
	free *sync.Cond
	lab  *Lab
	open []string // consoles that the page has, by id
	// follower is of the lesson that is open, or nil; progress is what it said.
	follower Follower
	progress labapi.Progress
	values   map[string]string
	blocks   map[string][]block // what the consoles showed, by id
	store    Store              // nil where labs are not kept
	key      string             // where this one is kept; "" for nowhere
	past     past               // what is kept there beside it

	mu     sync.Mutex
	lost   bool                          // another page took the lab
	unkept bool                          // the page was told that nothing is kept
	again  bool                          // what was to be kept may not be there
	cancel map[string]context.CancelFunc // of running commands, by console
	input  map[string]*keyboard          // of running commands, by console
	edit   map[string]openEditor         // of commands that hold an editor, by console
}

// NewService returns a service without a lab. Replies and events go to send,
// which may be called from several goroutines; now is the real time, at which
// labs begin that name no instant; k is what its labs can do. follow may be nil.
func NewService(k kit.Kit, now func() time.Time, follow Follow, send func(labapi.Message)) *Service {
	s := &Service{send: send, now: now, follow: follow, kit: k, cancel: map[string]context.CancelFunc{}, input: map[string]*keyboard{}, edit: map[string]openEditor{}}
	s.free = sync.NewCond(&s.turn)
	return s
}

// Handle answers one request, in the end, by one message with its id.
func (s *Service) Handle(r labapi.Request) {
	go func() {
		m := labapi.Message{ID: r.ID}
		result, err := s.answer(r)
		if err == nil && result != nil {
			m.Result, err = json.Marshal(result)
		}
		switch {
		case errors.Is(err, ErrWider):
			m.Wider = true
		case err != nil:
			m.Error = err.Error()
		}
		s.send(m)
	}()
}

// args reads an operation's argument.
func args[T any](r labapi.Request) (T, error) {
	var v T
	if len(r.Args) == 0 {
		return v, nil
	}
	if err := json.Unmarshal(r.Args, &v); err != nil {
		return v, fmt.Errorf("the request %q cannot be read: %w", r.Op, err)
	}
	return v, nil
}

func (s *Service) answer(r labapi.Request) (any, error) {
	switch r.Op { // those that do not wait for a running command
	case labapi.OpInterrupt:
		a, err := args[labapi.ConsoleRef](r)
		if err == nil {
			s.interrupt(a.Console)
		}
		return nil, err
	case labapi.OpInput:
		a, err := args[labapi.Input](r)
		if err == nil {
			err = s.feed(a)
		}
		return nil, err
	case labapi.OpEdited:
		a, err := args[labapi.Edited](r)
		if err == nil {
			err = s.edited(a)
		}
		return nil, err
	}
	s.turn.Lock()
	defer s.turn.Unlock()
	for s.held != nil && !slices.Contains(whileHeld, r.Op) {
		s.free.Wait()
	}
	if r.Op == labapi.OpOpen {
		a, err := args[labapi.Open](r)
		if err != nil {
			return nil, err
		}
		return s.openLab(a)
	}
	if s.lab == nil {
		return nil, fmt.Errorf("no lab is open yet")
	}
	switch r.Op {
	case labapi.OpConsole:
		a, err := args[labapi.NewConsole](r)
		if err != nil {
			return nil, err
		}
		return s.console(a)
	case labapi.OpRun:
		a, err := args[labapi.Run](r)
		if err != nil {
			return nil, err
		}
		return s.run(a)
	case labapi.OpComplete:
		a, err := args[labapi.Complete](r)
		if err != nil {
			return nil, err
		}
		c, err := s.find(a.Console)
		if err != nil {
			return nil, err
		}
		w := c.Session().Complete(a.Text, a.Pos)
		return labapi.Completion{Start: w.Start, End: w.End, Words: w.Words}, nil
	case labapi.OpPortal:
		a, err := args[blade.Action](r)
		if err != nil {
			return nil, err
		}
		b, err := s.lab.Click(context.Background(), a)
		if err != nil {
			return nil, s.before(err)
		}
		if err := s.update(); err != nil || a.Target == "" {
			return b, err
		}
		s.done()
		return b, s.keep()
	case labapi.OpExchanges:
		a, err := args[labapi.Since](r)
		if err != nil {
			return nil, err
		}
		return append([]exchange.Exchange{}, s.lab.ring.Since(a.Last)...), nil
	case labapi.OpAdvance:
		a, err := args[labapi.Advance](r)
		if err != nil {
			return nil, err
		}
		s.lab.clock.Advance(a.By)
		if err := s.update(); err != nil {
			return nil, err
		}
		return s.view(), s.keep()
	case labapi.OpHAR:
		a, err := args[labapi.HAR](r)
		if err != nil {
			return nil, err
		}
		data, err := exchange.HAR(s.lab.ring.State().Exchanges, a.Tokens)
		return json.RawMessage(data), err
	case labapi.OpUndo, labapi.OpRedo:
		move := s.lab.Undo
		if r.Op == labapi.OpRedo {
			move = s.lab.Redo
		}
		if _, err := move(); err != nil {
			return nil, err
		}
		if err := s.became(); err != nil {
			return nil, err
		}
		return s.whole(), s.keep()
	case labapi.OpClose:
		a, err := args[labapi.ConsoleRef](r)
		if err != nil {
			return nil, err
		}
		s.close(a.Console)
		return nil, s.keep()
	case labapi.OpRename:
		a, err := args[labapi.Rename](r)
		if err != nil {
			return nil, err
		}
		c, err := s.find(a.Console)
		if err != nil {
			return nil, err
		}
		c.Title = a.Title
		return nil, s.keep()
	case labapi.OpList, labapi.OpRead, labapi.OpWrite:
		a, err := args[labapi.File](r)
		if err != nil {
			return nil, err
		}
		return s.file(r.Op, a)
	case labapi.OpUnreadable:
		return s.unreadable(context.Background())
	case labapi.OpSnapshot:
		data, err := s.lab.Snapshot()
		return json.RawMessage(data), err
	}
	return nil, fmt.Errorf("there is no operation %q", r.Op)
}

// became takes in that the lab is another than before: its watcher, the lesson and
// what the consoles showed.
func (s *Service) became() error {
	s.watch()
	if s.follower != nil {
		if err := s.follower.Restore(s.lab.Extra[extraLesson]); err != nil {
			return err
		}
	}
	s.shownBefore()
	return s.update()
}

// before takes in an error of the lab. Where the lab has become what it was, that
// is what is kept, for one with the whole kit to go on from.
func (s *Service) before(err error) error {
	if !errors.Is(err, ErrWider) || s.held != nil { // held: the command that waits becomes that
		return err
	}
	if err := s.became(); err != nil {
		return err
	}
	return cmp.Or(s.keep(), err)
}

func (s *Service) openLab(a labapi.Open) (any, error) {
	kept, elsewhere, err := s.claim(context.Background(), a)
	if err != nil || elsewhere {
		return labapi.Lab{Elsewhere: elsewhere}, err
	}
	var lab *Lab
	var follower Follower
	problem := ""
	if kept != nil {
		switch lab, follower, err = s.load(kept, a); {
		case errors.Is(err, ErrWider):
			return nil, err
		case err != nil:
			lab, problem = nil, err.Error()
			s.putAside(context.Background(), kept)
		}
	}
	if s.key != "" {
		s.loadPast(context.Background(), lab, kept)
	}
	if lab == nil {
		if lab, follower, err = s.load(a.Snapshot, a); err != nil {
			return nil, err
		}
	}
	s.lab, s.open, s.follower = lab, nil, follower
	_, s.wider = lab.Extra[extraWider]
	s.wider = s.wider || a.Wider
	s.shownBefore()
	s.watch()
	if err := s.update(); err != nil {
		return nil, err
	}
	v := s.whole()
	v.Kept, v.Unreadable = kept != nil && problem == "", problem
	return v, s.keep()
}

// load makes a lab from its snapshot, or a new one where there is none, with the
// follower of the lesson that is open.
func (s *Service) load(snapshot []byte, a labapi.Open) (lab *Lab, follower Follower, err error) {
	if len(snapshot) > 0 {
		// It may come from anybody, and fit together less than its parts do.
		defer func() {
			if r := recover(); r != nil {
				lab, follower, err = nil, nil, fmt.Errorf("%w: %v", ErrSnapshot, r)
			}
		}()
		if lab, err = Load(snapshot, s.kit); err == nil {
			lab.View()
		}
	} else {
		at := a.At
		if at.IsZero() {
			at = s.now().UTC().Truncate(time.Second)
		}
		lab, err = New(context.Background(), Options{Scenario: a.Scenario, Seed: a.Seed, At: at, Kit: s.kit})
	}
	if err != nil || len(a.Data) == 0 || s.follow == nil {
		return lab, nil, err
	}
	if follower, err = s.follow(a.Data); err != nil {
		return nil, nil, err
	}
	if raw, ok := lab.Extra[extraLesson]; ok {
		err = follower.Restore(raw)
	}
	return lab, follower, err
}

// update asks the follower how far the lesson is and tells the page.
func (s *Service) update() error {
	if s.follower == nil {
		return nil
	}
	var err error
	if s.progress, s.values, err = s.follower.Update(s.lab.View()); err != nil {
		return fmt.Errorf("check the lesson: %w", err)
	}
	raw, err := s.follower.State()
	if err != nil {
		return fmt.Errorf("keep the lesson's state: %w", err)
	}
	s.setExtra(extraLesson, raw)
	p := s.progress
	s.send(labapi.Message{Event: &labapi.Event{Steps: &p}})
	return nil
}

// watch tells the page of each exchange.
func (s *Service) watch() {
	s.lab.ring.Watch(func(e exchange.Exchange) { s.send(labapi.Message{Event: &labapi.Event{Exchange: &e}}) })
}

// whole is the lab with what its consoles showed.
func (s *Service) whole() labapi.Lab {
	l := s.view()
	for i, c := range l.Consoles {
		l.Consoles[i].Blocks = s.shown(c.ID)
	}
	return l
}

// view is the lab as the page shows it.
func (s *Service) view() labapi.Lab {
	l := labapi.Lab{Scenario: s.lab.scenario.Name, Now: s.lab.clock.Now()}
	for _, c := range s.lab.consoles {
		l.Consoles = append(l.Consoles, shown(c))
	}
	l.Values, l.Wider = s.values, s.wider
	if s.follower != nil {
		p := s.progress
		l.Progress = &p
	}
	if n := len(s.lab.undo); n > 0 {
		l.Undo = s.lab.undo[n-1].what
	}
	if n := len(s.lab.redo); n > 0 {
		l.Redo = s.lab.redo[n-1].what
	}
	for _, name := range s.lab.MachineNames() {
		m := s.lab.machines[name]
		x := labapi.Machine{Name: name, OS: m.OS, Shells: m.ShellNames()}
		for _, tool := range offered {
			if _, ok := m.Program(tool); ok {
				x.Tools = append(x.Tools, tool)
			}
		}
		l.Machines = append(l.Machines, x)
	}
	return l
}

// offered are the tools that make a difference to what a page offers.
var offered = []string{"az", "curl", "nano", "code"}

// shown is a console as the page shows it.
func shown(c *Console) labapi.Console {
	return labapi.Console{ID: c.ID(), Home: c.Home(), Machine: c.Machine(), Title: c.Title, Shell: c.Shell(), Banner: c.Banner(), Prompt: c.Session().Prompt(), History: c.Session().History()}
}

// console opens a console: one of the lab that the page does not have yet, as
// after a reload, otherwise a new one.
func (s *Service) console(a labapi.NewConsole) (any, error) {
	if a.Machine == "" {
		a.Machine = s.lab.DefaultMachine()
	}
	for _, c := range s.lab.consoles {
		if !a.New && c.Home() == a.Machine && (a.Shell == "" || a.Shell == c.Shell()) && !slices.Contains(s.open, c.ID()) {
			s.open = append(s.open, c.ID())
			x := shown(c)
			x.Blocks = s.shown(c.ID())
			return x, nil
		}
	}
	c, err := s.lab.OpenIn(a.Machine, a.Shell)
	if err != nil {
		return nil, err
	}
	s.open = append(s.open, c.ID())
	return shown(c), nil
}

// find returns a console of the lab; the page has it from now on.
func (s *Service) find(id string) (*Console, error) {
	c, ok := s.lab.Console(id)
	if !ok {
		return nil, fmt.Errorf("there is no console %q", id)
	}
	if !slices.Contains(s.open, id) {
		s.open = append(s.open, id)
	}
	return c, nil
}

func (s *Service) run(a labapi.Run) (any, error) {
	c, err := s.find(a.Console)
	if err != nil {
		return nil, err
	}
	if prompt, incomplete := c.Session().Incomplete(a.Text); incomplete {
		return labapi.Result{Incomplete: true, Prompt: prompt}, nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	out := &printer{s: s, console: a.Console}
	in := s.keyboard(a.Console, out)
	s.mu.Lock()
	s.cancel[a.Console], s.input[a.Console] = cancel, in
	s.mu.Unlock()
	began := s.lab.clock.Now()
	s.begin(a.Console, c.Session().Prompt(), a.Text)
	elsewhere := func(ctx context.Context) error {
		out.flush()
		return s.elsewhere(ctx)
	}
	r, err := s.lab.RunIn(ctx, c, a.Text, shell.Streams{In: in.Keyboard, Out: out.stream("out"), Err: out.stream("err"), Terminal: true, Columns: a.Columns, Edit: s.editor(a.Console, out), Elsewhere: elsewhere})
	out.flush()
	s.mu.Lock()
	delete(s.cancel, a.Console)
	delete(s.input, a.Console)
	s.mu.Unlock()
	cancel()
	if err != nil {
		return nil, s.before(err)
	}
	result := labapi.Result{Status: r.Status, Machine: c.Machine(), Duration: s.lab.clock.Now().Sub(began), Clear: r.Clear}
	if r.Exited {
		s.open = slices.DeleteFunc(s.open, func(id string) bool { return id == c.ID() })
		result.Closed = true
	} else {
		result.Prompt = c.Session().Prompt()
	}
	s.end(a.Console, result)
	if err := s.update(); err != nil {
		return nil, err
	}
	v := s.view()
	result.Lab = &v
	return result, s.keep()
}

// whileHeld are the operations that are done while a command waits for the
// person; the others wait for its end.
var whileHeld = []string{labapi.OpPortal, labapi.OpExchanges, labapi.OpHAR, labapi.OpSnapshot}

// elsewhere gives a running command's turn away until the person did something
// in the portal.
func (s *Service) elsewhere(ctx context.Context) error {
	done := make(chan struct{})
	s.held = done
	s.turn.Unlock()
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = ctx.Err()
	}
	s.turn.Lock()
	s.held = nil
	s.free.Broadcast()
	return err
}

// done tells the command that waits for the person that they did something.
func (s *Service) done() {
	if s.held == nil {
		return
	}
	select {
	case <-s.held: // it knows already
	default:
		close(s.held)
	}
}

// interrupt is Ctrl-C.
func (s *Service) interrupt(console string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel := s.cancel[console]; cancel != nil {
		cancel()
	}
}
