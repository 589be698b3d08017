package sim

import (
	"fmt"
	"strings"
	"testing"

	"skylab/sim/labapi"
)

func opened(t *testing.T) (*client, string) {
	t.Helper()
	c := newClient(t)
	do[labapi.Lab](c, labapi.OpOpen, labapi.Open{})
	return c, do[labapi.Console](c, labapi.OpConsole, labapi.NewConsole{}).ID
}

func TestFilesGoInAndOut(t *testing.T) {
	c, id := opened(t)
	do[labapi.Lab](c, labapi.OpWrite, labapi.File{Console: id, Path: "up.bin", Data: []byte("a\x00\xff")})
	do[labapi.Result](c, labapi.OpRun, labapi.Run{Console: id, Text: "mkdir sub; wc -c <up.bin; cd sub"})
	if got := strings.TrimSpace(c.output.String()); got != "3" {
		t.Errorf("the shell sees %q", got)
	}
	f := do[labapi.Folder](c, labapi.OpList, labapi.File{Console: id, Path: ".."})
	if f.Path != "/home/azureuser" || !strings.Contains(fmt.Sprint(f.Entries), "{sub true ") || !strings.Contains(fmt.Sprint(f.Entries), "{up.bin false 3}") {
		t.Errorf("%+v", f)
	}
	if got := do[labapi.File](c, labapi.OpRead, labapi.File{Console: id, Path: "../up.bin"}); string(got.Data) != "a\x00\xff" || got.Path != "/home/azureuser/up.bin" {
		t.Errorf("%+v", got)
	}
	for _, op := range []string{labapi.OpRead, labapi.OpWrite, labapi.OpList} {
		if m := c.wait(c.start(op, labapi.File{Console: id, Path: "/root/x"})); !strings.Contains(m.Error, "ermission denied") {
			t.Errorf("%s what only root may: %q", op, m.Error)
		}
	}
	// An upload can be taken back; one that failed is nothing to take back.
	do[labapi.Result](c, labapi.OpRun, labapi.Run{Console: id, Text: "cd"})
	do[labapi.Lab](c, labapi.OpWrite, labapi.File{Console: id, Path: "up.bin", Data: []byte("other")})
	do[labapi.Lab](c, labapi.OpUndo, struct{}{})
	if got := do[labapi.File](c, labapi.OpRead, labapi.File{Console: id, Path: "up.bin"}); string(got.Data) != "a\x00\xff" {
		t.Errorf("after undo: %q", got.Data)
	}
}

func TestNanoEditsInThePage(t *testing.T) {
	c, id := opened(t)
	run := c.start(labapi.OpRun, labapi.Run{Console: id, Text: "echo old >f; nano f; cat f"})
	var e *labapi.Edit
	for e == nil {
		m := <-c.messages
		if m.Event != nil {
			c.take(*m.Event)
			e = m.Event.Edit
		}
	}
	if e.Path != "f" || e.Text != "old\n" || e.Program != "nano" || e.New {
		t.Errorf("%+v", e)
	}
	c.wait(c.start(labapi.OpEdited, labapi.Edited{Console: id, Text: "new\n", Save: true}))
	if m := c.wait(c.start(labapi.OpEdited, labapi.Edited{Console: id, Close: true})); m.Error != "" {
		t.Error(m.Error)
	}
	c.wait(run)
	if got := c.output.String(); got != "new\n" {
		t.Errorf("%q", got)
	}
	if m := c.wait(c.start(labapi.OpEdited, labapi.Edited{Console: id, Close: true})); !strings.Contains(m.Error, "has ended") {
		t.Errorf("with no editor open: %q", m.Error)
	}
	// What cannot be saved is told to the person, and the editor stays open.
	run = c.start(labapi.OpRun, labapi.Run{Console: id, Text: "nano /etc/none"})
	for e = nil; e == nil; {
		if m := <-c.messages; m.Event != nil {
			e = m.Event.Edit
		}
	}
	if m := c.wait(c.start(labapi.OpEdited, labapi.Edited{Console: id, Text: "x", Save: true, Close: true})); !strings.Contains(m.Error, "ermission denied") || !e.New {
		t.Errorf("%q, %+v", m.Error, e)
	}
	c.wait(c.start(labapi.OpInterrupt, labapi.ConsoleRef{Console: id}))
	c.wait(run)
}

func TestMoreConsoles(t *testing.T) {
	c, id := opened(t)
	second := do[labapi.Console](c, labapi.OpConsole, labapi.NewConsole{Machine: "myVM", New: true})
	if second.ID == id || second.Home != "myVM" {
		t.Errorf("%+v", second)
	}
	do[any](c, labapi.OpRename, labapi.Rename{Console: second.ID, Title: "build"})
	l := do[labapi.Lab](c, labapi.OpAdvance, labapi.Advance{})
	if len(l.Consoles) != 2 || l.Consoles[1].Title != "build" {
		t.Errorf("%+v", l.Consoles)
	}
	do[any](c, labapi.OpClose, labapi.ConsoleRef{Console: second.ID})
	if m := c.wait(c.start(labapi.OpRun, labapi.Run{Console: second.ID, Text: "true"})); m.Error == "" {
		t.Error("a closed console still runs commands")
	}
}

func TestOutputComesInPieces(t *testing.T) {
	c, id := opened(t)
	do[labapi.Result](c, labapi.OpRun, labapi.Run{Console: id, Text: `seq 1 20000; echo bad >&2; for i in $(seq 5000); do printf ü; done`})
	n, text := 0, ""
	for _, e := range c.seen {
		if e.Output != nil {
			n++
			text += e.Output.Text
		}
	}
	if n > 200 || strings.ContainsRune(text, '�') || strings.Count(text, "ü") != 5000 || !strings.Contains(text, "20000\nbad\nü") {
		t.Errorf("%d pieces, %d bytes", n, len(text))
	}
}
