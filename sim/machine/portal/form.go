package portal

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"skylab/sim/machine/portal/blade"
)

// Form is the open form, as far as it is filled in.
type Form struct {
	Step   string            `json:"step"`
	Values map[string]string `json:"values"`
	Tried  bool              `json:"tried,omitempty"` // its mistakes are shown
	// Passed is set once the service found the whole form right.
	Passed bool     `json:"passed,omitempty"`
	secret []string // names of values that are not kept in a snapshot
}

// kept is the form as a snapshot has it: passwords have to be typed again.
func (f *Form) kept() *Form {
	if f == nil || len(f.secret) == 0 {
		return f
	}
	out := *f
	out.Values = maps.Clone(f.Values)
	for _, name := range f.secret {
		if out.Values[name] != "" {
			out.Values[name], out.Passed = "", false
		}
	}
	return &out
}

// take keeps what was typed.
func (f *Form) take(values map[string]string) {
	for k, v := range values {
		if f.Values[k] != v {
			f.Values[k], f.Passed = v, false
		}
	}
}

// input is a field of a form.
type input struct {
	step, name, label string
	kind              string // as a blade's choice
	help              string
	required          bool
	value             string // at first
	options           []blade.Option
	// check returns what is wrong with a value, in the portal's words; it is not
	// asked about an empty one.
	check func(value string) string
}

// formSpec is a form of the portal: steps with their fields, and what Create
// does. "review" is its last step.
type formSpec struct {
	title  string
	back   blade.Link // where Cancel leads
	crumbs []blade.Link
	steps  []menuEntry
	flat   bool // it has one step alone, without a review
	inputs []input
	button string                                                         // "Create"
	equiv  func(v map[string]string) *blade.Equiv                         // may be nil
	note   func(step string) []blade.Section                              // may be nil
	verify func(ctx context.Context, v map[string]string) error           // may be nil: asks the service before Create
	create func(ctx context.Context, v map[string]string) (string, error) // returns the path to show then
}

const emptyValue = "The value must not be empty."

// review is the last step of every form.
var review = menuEntry{"review", "Review + create"}

// mistakes are what is wrong with the values, by field.
func (s *formSpec) mistakes(v map[string]string) map[string]string {
	out := map[string]string{}
	for _, in := range s.inputs {
		switch value := v[in.name]; {
		case value == "" && in.required:
			out[in.name] = emptyValue
		case value != "" && len(in.options) > 0 && !slices.ContainsFunc(in.options, func(o blade.Option) bool { return o.Value == value }):
			out[in.name] = "The value is not one of the options."
		case value != "" && in.check != nil:
			if text := in.check(value); text != "" {
				out[in.name] = text
			}
		}
	}
	return out
}

// draw makes the blade of a form.
func (p *Portal) draw(pg *page, s *formSpec) error {
	steps := append(slices.Clone(s.steps), review)
	if s.flat {
		steps = s.steps[:1]
	}
	if p.state.Form == nil {
		p.state.Form = &Form{Step: steps[0].name, Values: map[string]string{}}
	}
	f := p.state.Form
	f.secret = nil
	for _, in := range s.inputs {
		if _, ok := f.Values[in.name]; !ok {
			f.Values[in.name] = in.value
		}
		if in.kind == "password" {
			f.secret = append(f.secret, in.name)
		}
	}
	at := max(0, slices.IndexFunc(steps, func(e menuEntry) bool { return e.name == f.Step }))
	f.Step = steps[at].name
	wrong := s.mistakes(f.Values)
	pg.Title, pg.Breadcrumb = s.title, s.crumbs
	panel := &blade.Panel{Title: s.title}
	pg.Panel = panel
	for _, e := range steps {
		if s.flat {
			break
		}
		panel.Steps = append(panel.Steps, blade.Link{Target: "step." + e.name, Text: e.text, Current: e.name == f.Step})
		pg.on("step."+e.name, func(ctx context.Context, _ map[string]string) error { return p.toStep(ctx, s, e.name) })
	}
	if f.Step == review.name {
		panel.Sections = s.reviewed(f, wrong)
	} else {
		section := blade.Section{}
		if s.note != nil {
			panel.Sections = s.note(f.Step)
		}
		for _, in := range s.inputs {
			if in.step == f.Step {
				section.Choices = append(section.Choices, p.choice(pg, in, wrong[in.name]))
			}
		}
		panel.Sections = append(panel.Sections, section)
	}
	if at > 0 {
		panel.Commands = append(panel.Commands, blade.Command{Target: "create.back", Text: "Previous"})
		pg.on("create.back", func(ctx context.Context, _ map[string]string) error { return p.toStep(ctx, s, steps[at-1].name) })
	}
	if at < len(steps)-1 {
		panel.Commands = append(panel.Commands, blade.Command{Target: "create.next", Text: "Next: " + steps[at+1].text, Primary: true})
		pg.on("create.next", func(ctx context.Context, _ map[string]string) error { return p.toStep(ctx, s, steps[at+1].name) })
	} else {
		submit := blade.Command{Target: "create.submit", Text: s.button, Primary: true}
		if s.equiv != nil {
			submit.Equivalents = s.equiv(f.Values)
		}
		if !s.flat && (len(wrong) > 0 || s.verify != nil && !f.Passed) {
			submit.Disabled = "Validation failed. Required information is missing or not valid."
		}
		panel.Commands = append(panel.Commands, submit)
		pg.on("create.submit", func(ctx context.Context, _ map[string]string) error {
			if bad := s.mistakes(f.Values); len(bad) > 0 || s.verify != nil && !f.Passed {
				f.Tried = true
				return fmt.Errorf("validation failed: required information is missing or not valid")
			}
			path, err := s.create(ctx, f.Values)
			if path != "" {
				notices := p.state.Notices
				p.open(path)
				p.state.Notices = notices
			}
			return err
		})
	}
	panel.Commands = append(panel.Commands, blade.Command{Target: "create.cancel", Text: "Cancel"})
	pg.on("create.cancel", func(context.Context, map[string]string) error { p.open(s.back.Path); return nil })
	return nil
}

// toStep goes to another step; at the last one the whole form is checked.
func (p *Portal) toStep(ctx context.Context, s *formSpec, step string) error {
	f := p.state.Form
	f.Step = step
	if step != review.name {
		return nil
	}
	f.Tried = true
	if s.verify == nil || len(s.mistakes(f.Values)) > 0 {
		return nil
	}
	if err := s.verify(ctx, f.Values); err != nil {
		return &failure{"Validation failed", err}
	}
	f.Passed = true
	return nil
}

// reviewed is the last step: what was chosen, and what is wrong with it.
func (s *formSpec) reviewed(f *Form, wrong map[string]string) []blade.Section {
	out := []blade.Section{{Text: "Validation passed"}}
	if len(wrong) > 0 || s.verify != nil && !f.Passed {
		out[0].Text = "Validation failed. Required information is missing or not valid."
	}
	for _, e := range s.steps {
		section := blade.Section{Title: e.text}
		for _, in := range s.inputs {
			value := f.Values[in.name]
			switch {
			case in.step != e.name || value == "" && wrong[in.name] == "":
				continue
			case in.kind == "area" && len(value) > 200:
				value = fmt.Sprintf("%d lines", strings.Count(value, "\n")+1)
			case in.kind == "password" && value != "":
				value = "********"
			}
			for _, o := range in.options {
				if o.Value == value {
					value = o.Text
				}
			}
			if text := wrong[in.name]; text != "" {
				value = strings.TrimSpace(value + " (" + text + ")")
			}
			section.Facts = append(section.Facts, blade.Fact{Target: "review." + in.name, Name: in.label, Value: value})
		}
		if len(section.Facts) > 0 {
			out = append(out, section)
		}
	}
	return out
}

// choice is a field of a form on the blade. Mistakes are shown once the form was
// tried or something was put in.
func (p *Portal) choice(pg *page, in input, wrong string) blade.Choice {
	f := p.state.Form
	c := blade.Choice{Target: "create." + in.name, Name: in.name, Label: in.label, Kind: in.kind, Value: f.Values[in.name], Options: in.options, Required: in.required, Help: in.help}
	if wrong != "" && (f.Tried || c.Value != "") {
		c.Error = wrong
	}
	pg.on(c.Target, func(context.Context, map[string]string) error { return nil }) // what was typed is kept
	for _, o := range in.options {
		pg.on(c.Target+"."+o.Value, func(context.Context, map[string]string) error {
			f.take(map[string]string{in.name: o.Value})
			return nil
		})
	}
	return c
}

// question asks before something is done that cannot be taken back.
type question struct{ title, text, yes string }

// ask puts a question before a target's deed.
func (p *Portal) ask(pg *page, target string, q question, do func(ctx context.Context, values map[string]string) error) {
	pg.on(target, func(context.Context, map[string]string) error { p.state.Asked = target; return nil })
	if p.state.Asked != target {
		return
	}
	pg.Panel = &blade.Panel{Title: q.title, Ask: true, Sections: []blade.Section{{Text: q.text}},
		Commands: []blade.Command{{Target: "confirm.yes", Text: q.yes, Primary: true, Danger: true}, {Target: "confirm.no", Text: "Cancel"}}}
	pg.on("confirm.no", func(context.Context, map[string]string) error { p.state.Asked = ""; return nil })
	pg.on("confirm.yes", func(ctx context.Context, values map[string]string) error {
		p.state.Asked = ""
		return do(ctx, values)
	})
}

// filter is a choice on a blade that lists something; what is chosen is kept
// while the blade is open.
func (p *Portal) filter(pg *page, target, name, label, standard string, options ...blade.Option) (blade.Choice, string) {
	value := p.state.Pending[name]
	if value == "" {
		value = standard
	}
	set := func(v string) {
		pending := maps.Clone(p.state.Pending)
		if pending == nil {
			pending = map[string]string{}
		}
		pending[name] = v
		p.state.Pending = pending
	}
	c := blade.Choice{Target: target, Name: name, Label: label, Kind: "select", Value: value, Options: options}
	if len(options) == 0 {
		c.Kind = "search"
	}
	pg.on(target, func(_ context.Context, values map[string]string) error {
		if v, ok := values[name]; ok {
			set(v)
		}
		return nil
	})
	for _, o := range options {
		pg.on(target+"."+o.Value, func(context.Context, map[string]string) error { set(o.Value); return nil })
	}
	return c, value
}

// has tells whether a text contains another, whatever their case.
func has(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}
