package sim

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"skylab/sim/kit/full"
	"skylab/sim/labapi"
	"skylab/sim/machine/portal/blade"
)

// client speaks to a service as a page does.
type client struct {
	t        testing.TB
	s        *Service
	messages chan labapi.Message
	last     int
	replies  map[int]labapi.Message // that came while another was awaited
	output   strings.Builder
	seen     []labapi.Event
	prompts  []labapi.Prompt // not yet answered; one may come before the reply to the last answer
}

func newClient(t testing.TB) *client {
	c := &client{t: t, messages: make(chan labapi.Message, 1000), replies: map[int]labapi.Message{}}
	c.s = NewService(full.Kit(), func() time.Time { return instant }, nil, func(m labapi.Message) { c.messages <- m })
	return c
}

func (c *client) start(op string, a any) int {
	c.t.Helper()
	raw, err := json.Marshal(a)
	if err != nil {
		c.t.Fatal(err)
	}
	c.last++
	c.s.Handle(labapi.Request{ID: c.last, Op: op, Args: raw})
	return c.last
}

// wait returns the reply to a request, taking in the events before it.
func (c *client) wait(id int) labapi.Message {
	for {
		if m, ok := c.replies[id]; ok {
			delete(c.replies, id)
			return m
		}
		m := <-c.messages
		if m.Event != nil {
			c.take(*m.Event)
		} else {
			c.replies[m.ID] = m
		}
	}
}

func (c *client) take(e labapi.Event) {
	c.seen = append(c.seen, e)
	if e.Output != nil {
		c.output.WriteString(e.Output.Text)
	}
	if e.Prompt != nil {
		c.prompts = append(c.prompts, *e.Prompt)
	}
}

// awaitPrompt waits until a command waits for a line, and says whether it is
// secret.
func (c *client) awaitPrompt() bool {
	c.t.Helper()
	for len(c.prompts) == 0 {
		m := <-c.messages
		if m.Event != nil {
			c.take(*m.Event)
			continue
		}
		c.replies[m.ID] = m
		if m.Error != "" || len(m.Result) > 0 {
			c.t.Fatalf("the command ended: %s %s; output %q", m.Result, m.Error, c.output.String())
		}
	}
	secret := c.prompts[0].Secret
	c.prompts = c.prompts[1:]
	return secret
}

func decode[T any](t testing.TB, m labapi.Message) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(m.Result, &v); err != nil || m.Error != "" {
		t.Fatalf("%v %s", err, m.Error)
	}
	return v
}

func do[T any](c *client, op string, a any) T {
	c.t.Helper()
	var v T
	m := c.wait(c.start(op, a))
	if m.Error != "" {
		c.t.Fatalf("%s: %s", op, m.Error)
	}
	if len(m.Result) > 0 {
		if err := json.Unmarshal(m.Result, &v); err != nil {
			c.t.Fatal(err)
		}
	}
	return v
}

func TestAPageWorksOnALab(t *testing.T) {
	c := newClient(t)
	lab := do[labapi.Lab](c, labapi.OpOpen, labapi.Open{Seed: "a"})
	if lab.Scenario != "linux-vm" || len(lab.Machines) != 3 || !lab.Now.Equal(instant) {
		t.Errorf("%+v", lab)
	}
	con := do[labapi.Console](c, labapi.OpConsole, labapi.NewConsole{})
	if con.Prompt != "azureuser@myVM:~$ " {
		t.Errorf("%+v", con)
	}
	r := do[labapi.Result](c, labapi.OpRun, labapi.Run{Console: con.ID, Text: "cd /tmp; " + getToken})
	if r.Status != 0 || r.Prompt != "azureuser@myVM:/tmp$ " || r.Duration <= 0 || !strings.HasPrefix(c.output.String(), `{"access_token"`) {
		t.Errorf("%+v %s", r, c.output.String())
	}
	exchanges := 0
	for _, e := range c.seen {
		if e.Exchange != nil {
			exchanges++
		}
	}
	if exchanges != 2 {
		t.Errorf("%d exchanges were told", exchanges)
	}
	if r := do[labapi.Result](c, labapi.OpRun, labapi.Run{Console: con.ID, Text: "for i in 1"}); !r.Incomplete || r.Prompt != "> " {
		t.Errorf("%+v", r)
	}
	if w := do[labapi.Completion](c, labapi.OpComplete, labapi.Complete{Console: con.ID, Text: "whoa", Pos: 4}); len(w.Words) != 1 || w.Words[0] != "whoami" {
		t.Errorf("%+v", w)
	}
	if l := do[labapi.Lab](c, labapi.OpAdvance, labapi.Advance{By: time.Hour}); l.Now.Sub(instant) < time.Hour {
		t.Errorf("%v", l.Now)
	}
	if b := do[blade.Blade](c, labapi.OpPortal, blade.Action{Path: "/groups"}); b.Title != "Resource groups" || len(b.Sections[0].Table.Rows) != 1 {
		t.Errorf("%+v", b)
	}
	snapshot := do[json.RawMessage](c, labapi.OpSnapshot, nil)
	again := newClient(t)
	if l := do[labapi.Lab](again, labapi.OpOpen, labapi.Open{Snapshot: snapshot}); l.Now.Sub(instant) < time.Hour {
		t.Errorf("%v", l.Now)
	}
	if har := do[json.RawMessage](c, labapi.OpHAR, labapi.HAR{}); !strings.Contains(string(har), `"1.2"`) {
		t.Errorf("HAR %s", har)
	}
	if r := do[labapi.Result](c, labapi.OpRun, labapi.Run{Console: con.ID, Text: "exit"}); !r.Closed {
		t.Errorf("%+v", r)
	}
}

func TestInterruptAndInput(t *testing.T) {
	c := newClient(t)
	do[labapi.Lab](c, labapi.OpOpen, labapi.Open{})
	con := do[labapi.Console](c, labapi.OpConsole, labapi.NewConsole{Machine: Laptop})
	id := c.start(labapi.OpRun, labapi.Run{Console: con.ID, Text: "while :; do x=2; test $said || { said=1; echo ready; }; done"})
	for m := range c.messages { // until the loop runs
		if m.Event != nil && m.Event.Output != nil {
			break
		}
	}
	c.wait(c.start(labapi.OpInterrupt, labapi.ConsoleRef{Console: con.ID}))
	var r labapi.Result
	if err := json.Unmarshal(c.wait(id).Result, &r); err != nil || r.Status != 130 {
		t.Errorf("%+v, %v", r, err)
	}
	do[labapi.Result](c, labapi.OpRun, labapi.Run{Console: con.ID, Text: "echo x=$x"})
	if !strings.HasSuffix(c.output.String(), "x=2\n") {
		t.Errorf("output %q", c.output.String())
	}
	id = c.start(labapi.OpRun, labapi.Run{Console: con.ID, Text: "echo name?; read n; echo hello $n"})
	for m := range c.messages {
		if m.Event != nil && m.Event.Output != nil {
			break
		}
	}
	do[any](c, labapi.OpInput, labapi.Input{Console: con.ID, Text: "Ada"})
	c.wait(id)
	if !strings.HasSuffix(c.output.String(), "hello Ada\n") {
		t.Errorf("output %q", c.output.String())
	}
}

func TestRequestsThatCannotBe(t *testing.T) {
	c := newClient(t)
	for _, x := range []struct {
		op   string
		args any
		want string
	}{
		{labapi.OpRun, labapi.Run{}, "no lab is open yet"},
		{labapi.OpOpen, labapi.Open{Scenario: "none"}, "no such scenario"},
		{labapi.OpOpen, []int{1}, "cannot be read"},
		{labapi.OpOpen, labapi.Open{Snapshot: json.RawMessage(`{}`)}, "the saved lab cannot be read"},
		{labapi.OpInput, labapi.Input{Console: "1"}, "no command waits for input"},
	} {
		if m := c.wait(c.start(x.op, x.args)); !strings.Contains(m.Error, x.want) {
			t.Errorf("%s: %+v", x.op, m)
		}
	}
	do[labapi.Lab](c, labapi.OpOpen, labapi.Open{})
	for op, a := range map[string]any{labapi.OpRun: labapi.Run{Console: "9"}, labapi.OpConsole: labapi.NewConsole{Machine: "none"}, "dance": nil} {
		if m := c.wait(c.start(op, a)); m.Error == "" {
			t.Errorf("%s was answered: %s", op, m.Result)
		}
	}
}

// TestADeviceCodeIsEnteredWhileAzWaits signs in on the laptop: the portal works
// while the command waits, anything else waits for its end.
func TestADeviceCodeIsEnteredWhileAzWaits(t *testing.T) {
	c := newClient(t)
	do[labapi.Lab](c, labapi.OpOpen, labapi.Open{Seed: "a"})
	con := do[labapi.Console](c, labapi.OpConsole, labapi.NewConsole{Machine: Laptop})
	login := c.start(labapi.OpRun, labapi.Run{Console: con.ID, Text: "az login --query '[].user.name' -o tsv"})
	code := ""
	for code == "" {
		m := <-c.messages
		if m.Event != nil {
			c.take(*m.Event)
		}
		if _, after, ok := strings.Cut(c.output.String(), "enter the code "); ok && len(after) >= 9 {
			code = after[:9]
		}
	}
	later := c.start(labapi.OpRun, labapi.Run{Console: con.ID, Text: "echo later"})
	do[blade.Blade](c, labapi.OpPortal, blade.Action{Path: "/devicelogin"})
	do[blade.Blade](c, labapi.OpPortal, blade.Action{Target: "device.next", Values: map[string]string{"code": code}})
	if r := decode[labapi.Result](t, c.wait(login)); r.Status != 0 || !strings.Contains(c.output.String(), "admin@contoso.onmicrosoft.com\n") {
		t.Errorf("%+v %s", r, c.output.String())
	}
	decode[labapi.Result](t, c.wait(later))
	if out := c.output.String(); !strings.HasSuffix(out, "later\n") {
		t.Errorf("what came later came %q", out)
	}
	// Ctrl-C ends the waiting.
	again := c.start(labapi.OpRun, labapi.Run{Console: con.ID, Text: "az login"})
	for before := strings.Count(c.output.String(), "enter the code "); strings.Count(c.output.String(), "enter the code ") == before; {
		if m := <-c.messages; m.Event != nil {
			c.take(*m.Event)
		}
	}
	c.wait(c.start(labapi.OpInterrupt, labapi.ConsoleRef{Console: con.ID}))
	if r := decode[labapi.Result](t, c.wait(again)); r.Status != 130 {
		t.Errorf("after Ctrl-C: %+v", r)
	}
}
