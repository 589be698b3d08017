// Package prove plays lessons without a learner: their solutions, and the proof
// that each step and each mistake is told apart (the start does not satisfy a
// step, its solution on every surface does, all surfaces reach the same world,
// each mistake gets its own message, extra state does no harm, undo takes it
// back). It must not know how a world is made.
package prove

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"skylab/sim/labapi"
	"skylab/sim/machine/portal/blade"
	"skylab/sim/view"
	"skylab/tutorials/check"
	"skylab/tutorials/lesson"
)

// World is a lab as the proof uses it.
type World interface {
	// Run runs a command in a machine's shell; what it prints does not matter.
	Run(ctx context.Context, machine, text string) error
	// Click opens or chooses something in the portal.
	Click(ctx context.Context, a blade.Action) error
	Advance(d time.Duration)
	View() view.View
	// Undo takes back the last command or click.
	Undo() error
	// Fork returns a copy that goes its own way.
	Fork() (World, error)
}

// Maker makes the world that a scenario starts from.
type Maker func(ctx context.Context, scenario string) (World, error)

// Row is one thing that was proved, or was not.
type Row struct {
	Lesson  string `json:"lesson"`
	Variant string `json:"variant"`
	Step    string `json:"step"`
	Name    string `json:"name"` // what was proved: "start", "solution on bash", "mistake no-header"
	OK      bool   `json:"ok"`
	Detail  string `json:"detail,omitempty"` // why not
}

// run is a world with the checker that follows it.
type run struct {
	world World
	check *check.Checker
}

func (r run) progress() (labapi.Progress, error) { return r.check.Update(r.world.View()) }

func (r run) fork(l *lesson.Lesson) (run, error) {
	w, err := r.world.Fork()
	if err != nil {
		return run{}, err
	}
	c, err := check.New(l)
	if err != nil {
		return run{}, err
	}
	c.Restore(r.check.State())
	return run{w, c}, nil
}

// act does a list of actions on a machine, checking after each as the page does.
func (r run) act(ctx context.Context, machine string, actions []lesson.Action) (labapi.Progress, error) {
	var p labapi.Progress
	for _, a := range actions {
		var err error
		switch {
		case a.Run != "":
			on := machine
			if a.Machine != "" {
				on = a.Machine
			}
			err = r.world.Run(ctx, on, a.Run)
		case a.Open != "":
			err = r.world.Click(ctx, blade.Action{Path: a.Open})
		case a.Choose != "":
			err = r.world.Click(ctx, blade.Action{Target: a.Choose, Values: a.Values})
		case a.Advance != "":
			var d time.Duration
			if d, err = time.ParseDuration(a.Advance); err == nil {
				r.world.Advance(d)
			}
		}
		if err != nil {
			return p, err
		}
		if p, err = r.progress(); err != nil {
			return p, err
		}
	}
	return p, nil
}

func begin(ctx context.Context, l *lesson.Lesson, v lesson.Variant, make Maker) (run, error) {
	w, err := make(ctx, v.Scenario)
	if err != nil {
		return run{}, err
	}
	c, err := check.New(l)
	return run{w, c}, err
}

// Play plays the first surface's solution of each step and reports whether each
// step is done by it.
func Play(ctx context.Context, l *lesson.Lesson, make Maker) ([]Row, error) {
	var rows []Row
	for _, v := range l.Variants {
		r, err := begin(ctx, l, v, make)
		if err != nil {
			return rows, err
		}
		for i, s := range l.Steps {
			row := Row{Lesson: l.ID, Variant: v.ID, Step: s.ID, Name: "solution on " + s.Surfaces[0].Kind}
			p, err := r.act(ctx, machineOf(s.Surfaces[0], v), s.Surfaces[0].Solution)
			row.OK = err == nil && p.Steps[i].Done
			if !row.OK {
				row.Detail = explain(err, p, i)
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

func machineOf(s lesson.Surface, v lesson.Variant) string {
	if s.Machine != "" {
		return s.Machine
	}
	return v.Machine
}

func explain(err error, p labapi.Progress, step int) string {
	switch {
	case err != nil:
		return err.Error()
	case len(p.Steps) <= step:
		return "nothing was done"
	case p.Steps[step].Mistake != "":
		return p.Steps[step].Mistake
	}
	return p.Steps[step].Missing
}

// Prove makes the whole proof of a lesson.
func Prove(ctx context.Context, l *lesson.Lesson, make Maker) ([]Row, error) {
	var rows []Row
	for _, v := range l.Variants {
		r, err := begin(ctx, l, v, make)
		if err != nil {
			return rows, err
		}
		for i := range l.Steps {
			more, err := proveStep(ctx, l, v, r, i)
			rows = append(rows, more...)
			if err != nil {
				return rows, fmt.Errorf("%s, step %s: %w", l.ID, l.Steps[i].ID, err)
			}
			if _, err := r.act(ctx, machineOf(l.Steps[i].Surfaces[0], v), l.Steps[i].Surfaces[0].Solution); err != nil {
				return rows, fmt.Errorf("%s, step %s: %w", l.ID, l.Steps[i].ID, err)
			}
		}
	}
	return rows, nil
}

// extra is done before a solution to see that other state does no harm.
var extra = []lesson.Action{{Run: "echo unrelated > unrelated.txt; unrelated=1"}, {Open: "/"}, {Open: "/groups"}}

// proveStep proves one step from the world just before it.
func proveStep(ctx context.Context, l *lesson.Lesson, v lesson.Variant, before run, i int) ([]Row, error) {
	s := l.Steps[i]
	var rows []Row
	add := func(name string, ok bool, detail string) {
		if ok {
			detail = ""
		}
		rows = append(rows, Row{l.ID, v.ID, s.ID, name, ok, detail})
	}
	p, err := before.progress()
	if err != nil {
		return rows, err
	}
	add("start does not satisfy it", !p.Steps[i].Done, "the step is done before anything was done for it")
	add("start says what is missing", p.Steps[i].Missing != "" && p.Steps[i].MistakeID == "", "missing: "+p.Steps[i].Missing+"; mistake: "+p.Steps[i].MistakeID)
	var worlds []any
	for _, surface := range s.Surfaces {
		r, err := before.fork(l)
		if err != nil {
			return rows, err
		}
		p, err := r.act(ctx, machineOf(surface, v), surface.Solution)
		add("solution on "+surface.Kind, err == nil && p.Steps[i].Done, explain(err, p, i))
		if later := slices.IndexFunc(p.Steps[min(i+1, len(p.Steps)):], func(s labapi.Step) bool { return s.Done }); err == nil && later >= 0 {
			add("solution on "+surface.Kind+" does no later step", false, "it does "+l.Steps[i+1+later].ID+", too")
		}
		worlds = append(worlds, essence(r.world.View()))
		if err := provedBack(ctx, l, before, r, surface, i, add); err != nil {
			return rows, err
		}
		if r, err = before.fork(l); err != nil {
			return rows, err
		}
		if _, err := r.act(ctx, v.Machine, extra); err != nil {
			return rows, err
		}
		p, err = r.act(ctx, machineOf(surface, v), surface.Solution)
		add("extra state does no harm on "+surface.Kind, err == nil && p.Steps[i].Done, explain(err, p, i))
	}
	for j := 1; j < len(worlds); j++ {
		add("the same world on "+s.Surfaces[j].Kind, reflect.DeepEqual(worlds[0], worlds[j]), fmt.Sprintf("%v\n%v", worlds[0], worlds[j]))
	}
	for _, m := range s.Mistakes {
		r, err := before.fork(l)
		if err != nil {
			return rows, err
		}
		p, err := r.act(ctx, v.Machine, m.Make)
		got := p.Steps
		ok := err == nil && len(got) > i && !got[i].Done && got[i].MistakeID == m.ID && got[i].Mistake != ""
		detail := "the step says: " + explain(err, p, i)
		add("mistake "+m.ID, ok, detail)
	}
	return rows, nil
}

// provedBack undoes a solution and sees the step open again: at once for a
// level, and for an edge when what is remembered is taken back too.
func provedBack(_ context.Context, l *lesson.Lesson, before, after run, surface lesson.Surface, i int, add func(string, bool, string)) error {
	for _, a := range surface.Solution {
		if a.Run == "" && a.Choose == "" {
			continue
		}
		if err := after.world.Undo(); err != nil {
			return err
		}
	}
	c, err := check.New(l)
	if err != nil {
		return err
	}
	c.Restore(before.check.State())
	p, err := c.Update(after.world.View())
	if err != nil {
		return err
	}
	add("undo takes it back on "+surface.Kind, !p.Steps[i].Done, "the step stays done")
	return nil
}

// essence is what two surfaces must agree on: resources, and who has which role
// where; not names that were made, times, nor the record.
func essence(v view.View) any {
	roles := map[string]int{}
	for _, a := range v.Assigns {
		roles[a.PrincipalID+" "+a.Role+" "+a.Scope]++
	}
	resources := map[string]bool{}
	for id := range v.Resources {
		resources[id] = true
	}
	return map[string]any{"roles": roles, "resources": resources}
}

// Print writes rows as a table and reports whether all are proved.
func Print(w io.Writer, rows []Row) bool {
	all := true
	for _, r := range rows {
		mark := "ok  "
		if !r.OK {
			mark, all = "FAIL", false
		}
		fmt.Fprintf(w, "%s  %-22s %-8s %-10s %s\n", mark, r.Lesson, r.Variant, r.Step, r.Name)
		if r.Detail != "" {
			fmt.Fprintf(w, "        %s\n", strings.ReplaceAll(r.Detail, "\n", "\n        "))
		}
	}
	return all
}
