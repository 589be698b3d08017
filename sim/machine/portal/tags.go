package portal

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"skylab/sim/machine/portal/blade"
	"skylab/sim/ojson"
)

const tagsV = "2021-04-01"

// tags is the blade Tags of anything: what is changed is kept until Apply.
func (p *Portal) tags(ctx context.Context, pg *page, id string) error {
	path := id + "/providers/Microsoft.Resources/tags/default"
	o, err := p.arm(ctx, http.MethodGet, path, tagsV, nil, nil)
	if err != nil {
		return err
	}
	saved := map[string]string{}
	var order []string
	for _, m := range o.Obj("properties", "tags").Members() {
		saved[m.Key] = fmt.Sprint(m.Value)
		order = append(order, m.Key)
	}
	now := maps.Clone(saved)
	if p.state.Pending != nil {
		now = maps.Clone(p.state.Pending)
		order = slices.DeleteFunc(order, func(k string) bool { _, ok := now[k]; return !ok })
		for _, k := range slices.Sorted(maps.Keys(now)) {
			if !slices.Contains(order, k) {
				order = append(order, k)
			}
		}
	}
	t := &blade.Table{Columns: []string{"Name", "Value"}, Rows: []blade.Row{}, Empty: "No tags"}
	for _, k := range order {
		remove := "tags.remove." + k
		t.Rows = append(t.Rows, blade.Row{Target: "tag." + k, Key: k, Cells: []string{k, now[k]}, Commands: []blade.Command{{Target: remove, Text: "Delete"}}})
		pg.on(remove, func(context.Context, map[string]string) error {
			delete(now, k)
			p.state.Pending = now
			return nil
		})
	}
	pg.Sections = []blade.Section{{Text: "Tags are name/value pairs by which resources are grouped and billed.", Table: t},
		{Title: "Add a tag", Choices: []blade.Choice{{Target: "tags.name", Name: "name", Label: "Name", Kind: "text"}, {Target: "tags.value", Name: "value", Label: "Value", Kind: "text"}}}}
	add := func(_ context.Context, values map[string]string) error {
		name := values["name"]
		in := tagInputs()
		switch {
		case name == "":
			return fmt.Errorf("%s", emptyValue)
		case in[0].check(name) != "":
			return fmt.Errorf("%s", in[0].check(name))
		case in[1].check(values["value"]) != "":
			return fmt.Errorf("%s", in[1].check(values["value"]))
		}
		now[name] = values["value"]
		p.state.Pending = now
		return nil
	}
	for _, target := range []string{"tags.add", "tags.name", "tags.value"} {
		pg.on(target, add)
	}
	next := ojson.New()
	cli, shell := "", ""
	for _, k := range order {
		next.Set(k, now[k])
		cli += fmt.Sprintf(" %s='%s'", k, now[k])
		shell += fmt.Sprintf("'%s'='%s';", k, now[k])
	}
	body := ojson.Obj("operation", "Replace", "properties", ojson.Obj("tags", next))
	apply := blade.Command{Target: "tags.apply", Text: "Apply", Primary: true, Equivalents: &blade.Equiv{CLI: "az tag update --resource-id " + id + " --operation replace --tags" + cli,
		PowerShell: "Update-AzTag -ResourceId " + id + " -Operation Replace -Tag @{" + shell + "}", REST: curl(http.MethodPatch, path, tagsV, mustJSON(body))}}
	discard := blade.Command{Target: "tags.discard", Text: "Discard changes"}
	if maps.Equal(now, saved) {
		apply.Disabled, discard.Disabled = "Nothing was changed.", "Nothing was changed."
	}
	pg.Commands = []blade.Command{{Target: "tags.add", Text: "Add"}, apply, discard}
	pg.on("tags.apply", func(ctx context.Context, _ map[string]string) error {
		if maps.Equal(now, saved) {
			return fmt.Errorf("nothing was changed")
		}
		_, err := p.operate(ctx, http.MethodPatch, path, tagsV, body, words{"Updating tags of '" + nameOf(id) + "'", "Updated tags of '" + nameOf(id) + "'", "Failed to update tags of '" + nameOf(id) + "'"})
		if err == nil {
			p.state.Pending = nil
		}
		return err
	})
	pg.on("tags.discard", func(context.Context, map[string]string) error { p.state.Pending = nil; return nil })
	pg.Equivalents = &blade.Equiv{CLI: "az tag list --resource-id " + id, PowerShell: "Get-AzTag -ResourceId " + id, REST: curl(http.MethodGet, path, tagsV, "")}
	return nil
}
