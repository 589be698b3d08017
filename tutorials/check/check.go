// Package check tells how far a lesson is: it evaluates the lesson's jq
// conditions over the view of a lab. It must not know how the lab came to be as
// it is, nor how a lesson is written down.
//
// A condition sees the view ([view.View] as JSON), the variable $last (the last
// finished command with the exchanges it made, or null) and the functions of
// prelude.jq.
package check

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/itchyny/gojq"

	"skylab/sim/labapi"
	"skylab/sim/view"
	"skylab/tutorials/lesson"
)

//go:embed prelude.jq
var prelude string

// Compile checks that a jq expression can be run as a condition.
func Compile(expression string) (*gojq.Code, error) {
	q, err := gojq.Parse(prelude + "\n" + expression)
	if err != nil {
		return nil, err
	}
	return gojq.Compile(q, gojq.WithVariables([]string{"$last"}))
}

// Template turns a text with jq in \( … ) into an expression that gives the
// text; what stands outside is taken as it is.
func Template(text string) (string, error) {
	var parts []string
	rest := text
	for {
		at := strings.Index(rest, `\(`)
		if at < 0 {
			break
		}
		parts = append(parts, quote(rest[:at]))
		depth, end := 1, at+2
		for ; end < len(rest) && depth > 0; end++ {
			switch rest[end] {
			case '(':
				depth++
			case ')':
				depth--
			}
		}
		if depth > 0 {
			return "", fmt.Errorf("a \\( in %q has no end", text)
		}
		parts = append(parts, "("+rest[at+2:end-1]+" | tostring)")
		rest = rest[end:]
	}
	return strings.Join(append(parts, quote(rest)), " + "), nil
}

func quote(s string) string {
	b, _ := json.Marshal(s) // a string always marshals
	return string(b)
}

// rule is a compiled condition with what to say.
type rule struct {
	id   string
	when *gojq.Code // nil always holds
	say  *gojq.Code
}

type step struct {
	lesson.Step
	done     *gojq.Code
	result   *gojq.Code
	missing  []rule
	mistakes []rule
}

// Checker follows one learner through one lesson.
type Checker struct {
	steps  []step
	state  State
	values []rule // placeholders
	// What never changes is converted for jq once: exchanges by id, and commands in
	// their order.
	convert   converter
	exchanges map[int]any
	commands  []command
}

// command is a command that ended, and as jq knows it.
type command struct {
	view.Command
	plain any
}

// State is what a checker remembers: the edges that have happened.
type State struct {
	Done map[string]bool `json:"done"`
}

// New compiles a lesson's conditions.
func New(l *lesson.Lesson) (*Checker, error) {
	c := &Checker{state: State{Done: map[string]bool{}}, convert: newConverter()}
	for _, s := range l.Steps {
		x := step{Step: s}
		var err error
		if x.done, err = Compile(s.Done); err != nil {
			return nil, fmt.Errorf("step %s: done: %w", s.ID, err)
		}
		if s.Result != "" {
			if x.result, err = text(s.Result); err != nil {
				return nil, fmt.Errorf("step %s: result: %w", s.ID, err)
			}
		}
		for i, m := range s.Missing {
			r, err := newRule("", m.When, m.Say)
			if err != nil {
				return nil, fmt.Errorf("step %s: missing %d: %w", s.ID, i+1, err)
			}
			x.missing = append(x.missing, r)
		}
		for _, m := range s.Mistakes {
			r, err := newRule(m.ID, m.When, m.Say)
			if err != nil {
				return nil, fmt.Errorf("step %s: mistake %s: %w", s.ID, m.ID, err)
			}
			x.mistakes = append(x.mistakes, r)
		}
		c.steps = append(c.steps, x)
	}
	for _, p := range l.Placeholders {
		code, err := Compile(p.Value)
		if err != nil {
			return nil, fmt.Errorf("placeholder %s: %w", p.Name, err)
		}
		c.values = append(c.values, rule{id: p.Name, say: code})
	}
	return c, nil
}

func newRule(id, when, say string) (r rule, err error) {
	r.id = id
	if when != "" {
		if r.when, err = Compile(when); err != nil {
			return r, err
		}
	}
	r.say, err = text(say)
	return r, err
}

func text(template string) (*gojq.Code, error) {
	expression, err := Template(template)
	if err != nil {
		return nil, err
	}
	return Compile(expression)
}

// State returns what the checker remembers as plain data.
func (c *Checker) State() State {
	s := State{Done: map[string]bool{}}
	for k, v := range c.state.Done {
		s.Done[k] = v
	}
	return s
}

// Restore sets the checker to a saved state.
func (c *Checker) Restore(s State) {
	c.state = State{Done: map[string]bool{}}
	for k, v := range s.Done {
		c.state.Done[k] = v
	}
	c.exchanges, c.commands = nil, nil
}

// Update evaluates the lesson over a view. The first step that is not done says
// what is missing and which mistake was made.
func (c *Checker) Update(v view.View) (labapi.Progress, error) {
	input, last, err := c.input(v)
	if err != nil {
		return labapi.Progress{}, err
	}
	return c.update(input, last)
}

func (c *Checker) update(input, last any) (labapi.Progress, error) {
	p := labapi.Progress{Done: true}
	current := true
	for _, s := range c.steps {
		done, err := holds(s.done, input, last)
		if err != nil {
			return p, fmt.Errorf("step %s: done: %w", s.ID, err)
		}
		if s.Kind == "edge" {
			done = done || c.state.Done[s.ID]
			c.state.Done[s.ID] = done
		}
		out := labapi.Step{ID: s.ID, Done: done}
		switch {
		case done && s.result != nil:
			if out.Result, err = says(s.result, input, last); err != nil {
				return p, fmt.Errorf("step %s: result: %w", s.ID, err)
			}
		case !done && current:
			if err := s.explain(&out, input, last); err != nil {
				return p, fmt.Errorf("step %s: %w", s.ID, err)
			}
		}
		current = current && done
		p.Done = p.Done && done
		p.Steps = append(p.Steps, out)
	}
	return p, nil
}

// explain fills in what is missing, and the first mistake that was made.
func (s step) explain(out *labapi.Step, input, last any) error {
	for _, m := range s.missing {
		ok, err := holds(m.when, input, last)
		if err != nil {
			return fmt.Errorf("missing: %w", err)
		}
		if ok {
			if out.Missing, err = says(m.say, input, last); err != nil {
				return fmt.Errorf("missing: %w", err)
			}
			break
		}
	}
	for _, m := range s.mistakes {
		ok, err := holds(m.when, input, last)
		if err != nil {
			return fmt.Errorf("mistake %s: %w", m.id, err)
		}
		if ok {
			out.MistakeID = m.id
			if out.Mistake, err = says(m.say, input, last); err != nil {
				return fmt.Errorf("mistake %s: %w", m.id, err)
			}
			break
		}
	}
	return nil
}

// Values returns the placeholders that are known, by name.
func (c *Checker) Values(v view.View) (map[string]string, error) {
	input, last, err := c.input(v)
	if err != nil {
		return nil, err
	}
	return c.known(input, last)
}

func (c *Checker) known(input, last any) (map[string]string, error) {
	out := map[string]string{}
	for _, r := range c.values {
		x, err := first(r.say, input, last)
		if err != nil {
			return nil, fmt.Errorf("placeholder %s: %w", r.id, err)
		}
		if s, ok := x.(string); ok && s != "" {
			out[r.id] = s
		}
	}
	return out, nil
}

// input makes jq's form of a view, and of its last command.
func (c *Checker) input(v view.View) (input map[string]any, last any, err error) {
	exchanges, seen := make([]any, len(v.Exchanges)), make(map[int]any, len(v.Exchanges))
	for i, e := range v.Exchanges {
		x, ok := c.exchanges[e.ID]
		if !ok {
			if x, err = c.convert.plain(e); err != nil {
				return nil, nil, err
			}
		}
		exchanges[i], seen[e.ID] = x, x
	}
	c.exchanges = seen
	// The log grows at its end and is cut at its beginning.
	commands, kept, before := make([]any, len(v.Commands)), make([]command, len(v.Commands)), c.commands
	for i, cmd := range v.Commands {
		for len(before) > 0 && before[0].Command != cmd {
			before = before[1:]
		}
		if len(before) > 0 {
			kept[i], before = before[0], before[1:]
		} else {
			x, err := c.convert.plain(cmd)
			if err != nil {
				return nil, nil, err
			}
			kept[i] = command{cmd, x}
		}
		commands[i] = kept[i].plain
	}
	c.commands = kept
	v.Exchanges, v.Commands = nil, nil
	rest, err := c.convert.plain(v)
	if err != nil {
		return nil, nil, err
	}
	input = rest.(map[string]any)
	input["exchanges"], input["commands"] = exchanges, commands
	if n := len(kept); n > 0 {
		cmd := kept[n-1]
		made := []any{}
		for id := cmd.First; id <= cmd.Last; id++ {
			if x, ok := seen[id]; ok {
				made = append(made, x)
			}
		}
		last = map[string]any{"text": cmd.Text, "machine": cmd.Machine, "status": cmd.Status, "stdout": valid(cmd.Stdout), "stderr": valid(cmd.Stderr), "exchanges": made}
	}
	return input, last, nil
}

func first(code *gojq.Code, input, last any) (any, error) {
	v, ok := code.Run(input, last).Next()
	if !ok {
		return nil, nil
	}
	if err, isErr := v.(error); isErr {
		return nil, err
	}
	return v, nil
}

// holds reports whether a condition's first result is true; nil always holds.
func holds(code *gojq.Code, input, last any) (bool, error) {
	if code == nil {
		return true, nil
	}
	v, err := first(code, input, last)
	return v == true, err
}

func says(code *gojq.Code, input, last any) (string, error) {
	v, err := first(code, input, last)
	s, _ := v.(string)
	return s, err
}

// Follower is a checker as a lab follows a lesson with it.
type Follower struct{ c *Checker }

// Follow reads a lesson's ready-made data and follows it.
func Follow(data json.RawMessage) (*Follower, error) {
	var l lesson.Lesson
	if err := json.Unmarshal(data, &l); err != nil {
		return nil, fmt.Errorf("read the lesson: %w", err)
	}
	c, err := New(&l)
	if err != nil {
		return nil, err
	}
	return &Follower{c}, nil
}

// Update returns the progress and the placeholders that are known.
func (f *Follower) Update(v view.View) (labapi.Progress, map[string]string, error) {
	input, last, err := f.c.input(v)
	if err != nil {
		return labapi.Progress{}, nil, err
	}
	p, err := f.c.update(input, last)
	if err != nil {
		return p, nil, err
	}
	values, err := f.c.known(input, last)
	return p, values, err
}

// State returns what the follower remembers.
func (f *Follower) State() (json.RawMessage, error) { return json.Marshal(f.c.State()) }

// Restore sets the follower to a saved state; of nothing, to its beginning.
func (f *Follower) Restore(raw json.RawMessage) error {
	var s State
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &s); err != nil {
			return fmt.Errorf("restore the lesson's state: %w", err)
		}
	}
	f.c.Restore(s)
	return nil
}
