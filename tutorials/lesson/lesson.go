// Package lesson is a lesson as ready-made data: what the page shows and the
// lab checks, with Markdown parsed, code highlighted and conditions compiled to
// their final text when the site was built. It is data alone, light enough for
// the page to link.
package lesson

import "slices"

// Lesson is one lesson.
type Lesson struct {
	ID           string        `json:"id"`
	Title        string        `json:"title"`
	Description  string        `json:"description"`
	Minutes      int           `json:"minutes"`          // how long it takes
	Source       string        `json:"source,omitempty"` // the article it follows
	Teaches      []string      `json:"teaches,omitempty"`
	Variants     []Variant     `json:"variants"` // at least one
	Intro        []Block       `json:"intro"`
	Steps        []Step        `json:"steps"`
	Outro        []Block       `json:"outro,omitempty"`
	Placeholders []Placeholder `json:"placeholders,omitempty"`
	Next         []Link        `json:"next,omitempty"`
	// Pivots are the versions of the text that a learner chooses between; the
	// first is shown if none is chosen.
	Pivots []Pivot `json:"pivots,omitempty"`
}

// Pivot is a version of a lesson's text.
type Pivot struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// Entry is a lesson in the list of lessons.
type Entry struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Minutes     int    `json:"minutes"`
	// Teaches is what one learns; Needs, the kinds of machines it is done on.
	Teaches []string `json:"teaches,omitempty"`
	Needs   []string `json:"needs,omitempty"`
}

// Variant is a world the lesson can be done in.
type Variant struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Scenario string `json:"scenario"`
	Machine  string `json:"machine"` // the console opened first
}

// Step is one thing to do.
type Step struct {
	ID       string    `json:"id"`
	Title    string    `json:"title"`
	Blocks   []Block   `json:"blocks"`
	Surfaces []Surface `json:"surfaces"`
	// Kind is "edge" (it happened once) or "level" (it is true now).
	Kind     string    `json:"kind"`
	Done     string    `json:"done"`             // jq over view.View: true when done
	Result   string    `json:"result,omitempty"` // jq that gives the sentence to show when done
	Missing  []Message `json:"missing"`          // the first whose condition holds speaks
	Mistakes []Mistake `json:"mistakes,omitempty"`
	Hints    []string  `json:"hints"` // HTML, in order; none pastes the answer
}

// Surface is a place where a step can be done, with its solution.
type Surface struct {
	Kind     string   `json:"kind"` // "bash", "portal", "powershell"
	Title    string   `json:"title"`
	Machine  string   `json:"machine,omitempty"` // where its commands run
	Solution []Action `json:"solution"`
}

// Action is one act of a solution: a command, or a thing chosen in the portal,
// or time that passes.
type Action struct {
	Run     string            `json:"run,omitempty"`
	Machine string            `json:"machine,omitempty"` // if not the surface's
	Open    string            `json:"open,omitempty"`    // a portal path
	Choose  string            `json:"choose,omitempty"`  // a portal target
	Values  map[string]string `json:"values,omitempty"`
	Advance string            `json:"advance,omitempty"` // a Go duration
}

// Message is what to say while a condition holds. Say is text with jq in
// \( … ), as in a jq string.
type Message struct {
	When string `json:"when"` // jq; "" always holds
	Say  string `json:"say"`
}

// Mistake is a known mistake: when to recognise it, what to say, how the proof
// makes it.
type Mistake struct {
	ID      string   `json:"id"`
	When    string   `json:"when"` // jq over view.View with $last: the last command's exchanges and log
	Say     string   `json:"say"`
	Make    []Action `json:"make"` // from the world just before this step
	Surface string   `json:"surface,omitempty"`
}

// Block is a piece of the lesson's text.
type Block struct {
	// Pivots are those of the lesson's pivots for which it is shown; none means
	// always.
	Pivots  []string `json:"pivots,omitempty"`
	HTML    string   `json:"html,omitempty"` // sanitised
	Snippet *Snippet `json:"snippet,omitempty"`
	Tabs    []Tab    `json:"tabs,omitempty"`
	List    *List    `json:"list,omitempty"`
}

// List is a list some of whose items hold snippets; a list of mere text is
// HTML.
type List struct {
	Ordered bool      `json:"ordered,omitempty"`
	Start   int       `json:"start,omitempty"` // the first item's number, if ordered
	Items   [][]Block `json:"items"`
}

// Shown reports whether the block is part of a version of the text; a block of
// no version is part of each.
func (b Block) Shown(pivot string) bool {
	return len(b.Pivots) == 0 || slices.Contains(b.Pivots, pivot)
}

// Tab is one of several alternatives.
type Tab struct {
	ID     string  `json:"id"`
	Title  string  `json:"title"`
	Blocks []Block `json:"blocks"`
}

// Snippet is code that can be copied and, on a surface, run.
type Snippet struct {
	Lang    string `json:"lang"`
	Surface string `json:"surface,omitempty"` // "" cannot be run
	Machine string `json:"machine,omitempty"`
	Parts   []Part `json:"parts"`
	// Interactive says that the article offers to run it.
	Interactive bool  `json:"interactive,omitempty"`
	Highlight   []int `json:"highlight,omitempty"` // numbers of lines to stress, from 1
}

// Part is a run of a snippet's characters: plain text with a highlighting
// class, or a placeholder.
type Part struct {
	Text  string `json:"text"`
	Class string `json:"class,omitempty"` // chroma's short class
	Field string `json:"field,omitempty"` // the placeholder's name; Text is as the article has it
}

// Placeholder is a value that a learner fills in, or that fills itself.
type Placeholder struct {
	Name   string `json:"name"` // "SUBSCRIPTION-ID"
	Label  string `json:"label"`
	Value  string `json:"value"`            // jq over view.View that gives the value, or null while it is unknown
	Secret bool   `json:"secret,omitempty"` // a token: show it shortened
}

// Link leads on.
type Link struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}
