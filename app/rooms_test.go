package app

import (
	"strings"
	"testing"

	"skylab/sim/exchange"
	"skylab/sim/machine/portal/blade"
	"skylab/tutorials/lesson"
)

func TestWhatShowMePointsAt(t *testing.T) {
	solution := []lesson.Action{{Open: "/groups"}, {Choose: "group.g"}, {Choose: "menu.access"}, {Choose: "access.add"}, {Choose: "role.Reader"}, {Choose: "wizard.next"}}
	home := blade.Blade{Menu: []blade.Link{{Target: "nav.groups", Path: "/groups"}}}
	for _, c := range []struct {
		name, want string
		on         blade.Blade
	}{
		{"the way in", "nav.groups", home},
		{"a row", "group.g", blade.Blade{Menu: home.Menu, Sections: []blade.Section{{Table: &blade.Table{Rows: []blade.Row{{Target: "group.g"}}}}}}},
		{"where one is already", "nav.groups", blade.Blade{Menu: append([]blade.Link{{Target: "menu.access", Current: true}}, home.Menu...)}},
		{"a chosen row leads to the next", "wizard.next", blade.Blade{Title: "g | Access control (IAM)", Panel: &blade.Panel{Commands: []blade.Command{{Target: "wizard.next"}}, Sections: []blade.Section{{Table: &blade.Table{Rows: []blade.Row{{Target: "role.Reader", Selected: true}}}}}}}},
		{"what is disabled is not it", "role.Reader", blade.Blade{Title: "g | Access control (IAM)", Panel: &blade.Panel{Commands: []blade.Command{{Target: "wizard.next", Disabled: "choose a role"}}, Sections: []blade.Section{{Table: &blade.Table{Rows: []blade.Row{{Target: "role.Reader"}}}}}}}},
		{"another resource's menu is not it", "group.g", blade.Blade{Title: "vm", Breadcrumb: []blade.Link{{Target: "group.g"}}, Menu: append([]blade.Link{{Target: "menu.access"}}, home.Menu...)}},
		{"the resource's own menu", "menu.access", blade.Blade{Title: "g | Overview", Menu: append([]blade.Link{{Target: "menu.access"}}, home.Menu...)}},
		{"nothing", "", blade.Blade{}},
	} {
		if got := next(c.on, solution); got != c.want {
			t.Errorf("%s: %q, not %q", c.name, got, c.want)
		}
	}
}

func TestTheFlowLeavesOutWhatThePortalReads(t *testing.T) {
	w := Workspace{exchanges: []exchange.Exchange{
		{ID: 1, Caller: exchange.Caller{Machine: "portal"}, Service: "Resource Manager", Request: exchange.Request{Method: "GET"}},
		{ID: 2, Caller: exchange.Caller{Machine: "portal"}, Service: "Resource Manager", Request: exchange.Request{Method: "PUT"}},
		{ID: 3, Caller: exchange.Caller{Machine: "myVM"}, Service: "Metadata service", Request: exchange.Request{Method: "GET"}},
		{ID: 4, Parent: 3, Caller: exchange.Caller{Machine: "metadata service"}, Service: "Entra", Request: exchange.Request{Method: "POST"}},
	}}
	list, hidden := w.flow()
	if len(list) != 3 || hidden != 1 {
		t.Errorf("%d shown, %d hidden", len(list), hidden)
	}
	if got := strings.Join(w.lanes(list), ","); got != "portal,myVM,Resource Manager,Metadata service,Entra" {
		t.Errorf("lanes %s", got)
	}
	w.exchanges[1].Request = exchange.Request{Method: "POST", URL: "https://graph.microsoft.com/v1.0/directoryObjects/getByIds"}
	if _, hidden := w.flow(); hidden != 2 {
		t.Error("a question that is too long for an address is a read")
	}
	if w.inspector.reads = true; len(first(w.flow())) != 4 {
		t.Error("asked for, all are shown")
	}
}

func first(list []exchange.Exchange, _ int) []exchange.Exchange { return list }

func TestAsCurl(t *testing.T) {
	e := exchange.Exchange{Request: exchange.Request{Method: "PUT", URL: "https://x/a?b='c'", Fields: exchange.Fields{{Name: "Host", Value: "x"}, {Name: "Metadata", Value: "true"}}, Body: exchange.Body(`{"a":1}`)}}
	want := `curl 'https://x/a?b='\''c'\''' -X PUT \
  -H 'Metadata: true' \
  --data-raw '{"a":1}'`
	if got := asCurl(e); got != want {
		t.Errorf("%s", got)
	}
}
