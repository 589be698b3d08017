// Package labapi is the messages between a page and a lab. The page sends
// requests and gets one reply to each; the lab sends events in between. All of
// it is JSON; the package must not know how messages travel, nor link what a
// page does not need.
package labapi

import (
	"encoding/json"
	"time"

	"skylab/sim/exchange"
	"skylab/sim/machine/portal/blade"
)

// Version changes when the messages do; page and lab must agree on it.
const Version = 1

// Operations of a [Request], with the types of their arguments and results.
const (
	OpOpen      = "open"      // Open → Lab
	OpConsole   = "console"   // NewConsole → Console
	OpRun       = "run"       // Run → Result; output comes as events
	OpInput     = "input"     // Input → nothing
	OpInterrupt = "interrupt" // ConsoleRef → nothing: Ctrl-C
	OpComplete  = "complete"  // Complete → Completion
	OpPortal    = "portal"    // blade.Action → blade.Blade
	OpExchanges = "exchanges" // Since → []exchange.Exchange
	OpUndo      = "undo"      // nothing → Lab
	OpRedo      = "redo"      // nothing → Lab
	OpSnapshot  = "snapshot"  // nothing → json.RawMessage
	OpAdvance   = "advance"   // Advance → Lab
	OpHAR       = "har"       // HAR → json.RawMessage
	OpClose     = "close"     // ConsoleRef → nothing: its shells end
	OpRename    = "rename"    // Rename → nothing
	OpList      = "list"      // File → Folder
	OpRead      = "read"      // File → File
	OpWrite     = "write"     // File → Lab
	OpEdited    = "edited"    // Edited → nothing; an error if it could not be saved
	// OpUnreadable has no argument and returns, as a string, the kept lab that
	// could not be read.
	OpUnreadable = "unreadable"
)

// Request asks the lab for something. Args is the operation's argument.
type Request struct {
	ID   int             `json:"id"`
	Op   string          `json:"op"`
	Args json.RawMessage `json:"args,omitempty"`
}

// Message is what a lab sends: the reply to a request (ID set), or an event.
type Message struct {
	ID     int             `json:"id,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"` // a sentence for the person
	// Wider refuses a request: it needs the wider module of the lab. The lab is as
	// it was before; the same request to the wider one, which opens the lab from
	// where this one is kept, or from its snapshot, gives what was asked.
	Wider bool   `json:"wider,omitempty"`
	Event *Event `json:"event,omitempty"`
}

// Event is something that happened; exactly one field is set.
type Event struct {
	Ready    *Ready             `json:"ready,omitempty"`
	Output   *Output            `json:"output,omitempty"`
	Prompt   *Prompt            `json:"prompt,omitempty"`
	Exchange *exchange.Exchange `json:"exchange,omitempty"`
	Steps    *Progress          `json:"steps,omitempty"`
	Kept     *Kept              `json:"kept,omitempty"`
	Edit     *Edit              `json:"edit,omitempty"`
	// Ended is sent by the script that runs the lab's program: the program could
	// not be loaded, or ended, and why.
	Ended *string `json:"ended,omitempty"`
}

// Edit says that a running command, as nano, opened a file in an editor. It
// runs until an [Edited] closes it.
type Edit struct {
	Console string `json:"console"`
	Program string `json:"program"`
	Path    string `json:"path"` // as the command named it
	Text    string `json:"text"`
	New     bool   `json:"new,omitempty"` // the file does not exist yet
}

// Edited is what the person does in an editor: saves the text, closes it, or
// both.
type Edited struct {
	Console string `json:"console"`
	Text    string `json:"text,omitempty"`
	Save    bool   `json:"save,omitempty"`
	Close   bool   `json:"close,omitempty"`
}

// File is a file of the machine that a console is on, seen by the console's
// user. A path that is not absolute starts at the console's working directory.
type File struct {
	Console string `json:"console"`
	Path    string `json:"path,omitempty"`
	Data    []byte `json:"data,omitempty"`
}

// Folder is what lies in a directory.
type Folder struct {
	Path    string  `json:"path"` // absolute
	Entries []Entry `json:"entries"`
}

// Entry is a file or a directory in one.
type Entry struct {
	Name string `json:"name"`
	Dir  bool   `json:"dir,omitempty"`
	Size int64  `json:"size"` // bytes
}

// Rename gives a console a name of the person's own; "" takes it away.
type Rename struct {
	Console string `json:"console"`
	Title   string `json:"title"`
}

// Kept tells of the place where labs are kept: that it refused, said once, or
// that another page took this lab.
type Kept struct {
	Problem string `json:"problem,omitempty"`
	Taken   bool   `json:"taken,omitempty"`
}

// Ready says that the worker runs and of which build it is.
type Ready struct {
	Version int    `json:"version"`
	Build   string `json:"build"`
}

// Open starts a lab: for a lesson, for a scenario, or from a snapshot.
type Open struct {
	Lesson   string          `json:"lesson,omitempty"`
	Variant  string          `json:"variant,omitempty"`
	Scenario string          `json:"scenario,omitempty"`
	Seed     string          `json:"seed,omitempty"`
	At       time.Time       `json:"at,omitzero"`
	Snapshot json.RawMessage `json:"snapshot,omitempty"`
	// Key is where the lab is kept between visits; "" keeps it nowhere. The lab
	// that is kept there goes on, unless Fresh says to begin anew: from the
	// snapshot, if there is one. Take takes it
	// from another page that has it open.
	Key   string `json:"key,omitempty"`
	Fresh bool   `json:"fresh,omitempty"`
	Take  bool   `json:"take,omitempty"`
	// Wider says that the lab needed the wider module, which is kept with it.
	Wider bool `json:"wider,omitempty"`
	// Data is the lesson's ready-made data (tutorials/lesson.Lesson).
	Data json.RawMessage `json:"data,omitempty"`
}

// Lab is a lab as the page shows it.
type Lab struct {
	Scenario string            `json:"scenario"`
	Now      time.Time         `json:"now"`
	Machines []Machine         `json:"machines"`
	Consoles []Console         `json:"consoles"`
	Blade    blade.Blade       `json:"blade"`
	Progress *Progress         `json:"progress,omitempty"`
	Undo     string            `json:"undo,omitempty"` // the command that undo takes back
	Redo     string            `json:"redo,omitempty"`
	Values   map[string]string `json:"values,omitempty"` // placeholders known so far
	// Kept says that the lab goes on from an earlier visit; Unreadable, why the
	// one that was kept could not; Elsewhere, that another page has it open, and
	// no lab was opened.
	Kept       bool   `json:"kept,omitempty"`
	Unreadable string `json:"unreadable,omitempty"`
	Elsewhere  bool   `json:"elsewhere,omitempty"`
	// Wider says that the lab needed the wider module once.
	Wider bool `json:"wider,omitempty"`
}

// Machine is a machine of the lab.
type Machine struct {
	Name   string   `json:"name"`
	OS     string   `json:"os"`
	Shells []string `json:"shells"` // "bash", "powershell", "pwsh"; the first is its own
	// Tools are those of az, curl, nano and the like that the machine has: what
	// the page offers there depends on them.
	Tools []string `json:"tools,omitempty"`
}

// NewConsole opens a console on a machine.
type NewConsole struct {
	Machine string `json:"machine"`
	Shell   string `json:"shell,omitempty"`
	// New opens another one even if the lab has one that the page has not asked
	// for yet.
	New bool `json:"new,omitempty"`
}

// ConsoleRef names a console.
type ConsoleRef struct {
	Console string `json:"console"`
}

// Console is a shell session with what it showed.
type Console struct {
	ID      string `json:"id"`
	Home    string `json:"home"`    // the machine it was opened on
	Machine string `json:"machine"` // the one that takes the next command
	Title   string `json:"title,omitempty"`
	Shell   string `json:"shell"`
	// Banner is what stands above all of it.
	Banner  string   `json:"banner,omitempty"`
	Prompt  string   `json:"prompt"`
	History []string `json:"history,omitempty"`
	Blocks  []Block  `json:"blocks,omitempty"`
}

// Block is a command with its output.
type Block struct {
	Prompt   string        `json:"prompt"`
	Text     string        `json:"text"`
	Output   []Output      `json:"output,omitempty"`
	Done     bool          `json:"done"`
	Status   int           `json:"status"`
	Duration time.Duration `json:"duration"` // on the lab's clock
}

// Run runs a command in a console.
type Run struct {
	Console string `json:"console"`
	Text    string `json:"text"`
	Columns int    `json:"columns,omitempty"`
}

// Result is how a command ended. Incomplete means that nothing ran: the text
// needs another line.
type Result struct {
	Status     int           `json:"status"`
	Incomplete bool          `json:"incomplete,omitempty"`
	Prompt     string        `json:"prompt"` // the console's next prompt
	Machine    string        `json:"machine"`
	Duration   time.Duration `json:"duration"`
	Clear      bool          `json:"clear,omitempty"`  // the command cleared the screen
	Closed     bool          `json:"closed,omitempty"` // the console's last shell ended
	Lab        *Lab          `json:"lab,omitempty"`    // without consoles' blocks
}

// Output is a piece of what a command printed.
type Output struct {
	Console string `json:"console,omitempty"`
	Stream  string `json:"stream"` // "out", "err"; "in" is a line that the person typed for the command
	Text    string `json:"text"`
}

// Prompt says that a running command waits for a line of input.
type Prompt struct {
	Console string `json:"console"`
	Secret  bool   `json:"secret,omitempty"` // do not show what is typed
}

// Input is a line for a command that waits; End closes its input (Ctrl-D).
type Input struct {
	Console string `json:"console"`
	Text    string `json:"text"`
	End     bool   `json:"end,omitempty"`
}

// Complete asks what could stand at a position of a line; Pos counts bytes.
type Complete struct {
	Console string `json:"console"`
	Text    string `json:"text"`
	Pos     int    `json:"pos"`
}

// Completion replaces the bytes from Start to End by one of Words.
type Completion struct {
	Start int      `json:"start"`
	End   int      `json:"end"`
	Words []string `json:"words"`
}

// Since asks for the exchanges with an id above Last.
type Since struct {
	Last int `json:"last"`
}

// Advance moves the lab's clock forward.
type Advance struct {
	By time.Duration `json:"by"`
}

// HAR asks for the exchanges as HAR 1.2; Tokens keeps what is otherwise masked.
type HAR struct {
	Tokens bool `json:"tokens,omitempty"`
}

// Progress is how far a lesson is.
type Progress struct {
	Steps []Step `json:"steps"`
	Done  bool   `json:"done"`
}

// Step is the state of one step. Missing says in words what is not yet true;
// Mistake, what the last thing done got wrong.
type Step struct {
	ID        string `json:"id"`
	Done      bool   `json:"done"`
	Missing   string `json:"missing,omitempty"`
	Mistake   string `json:"mistake,omitempty"`
	MistakeID string `json:"mistakeId,omitempty"`
	Result    string `json:"result,omitempty"` // what to say once it is done
}
