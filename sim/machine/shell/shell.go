// Package shell is what a console needs of a shell, be it bash or PowerShell.
// It must not know either of them.
package shell

import (
	"context"
	"encoding/json"
	"io"

	"skylab/sim/machine/tool"
)

// Streams are a running command's input and output.
type Streams struct {
	// In is what commands read; nil is empty input. With Terminal it is a
	// [*Keyboard], or becomes the source of one.
	In       io.Reader
	Out, Err io.Writer
	// Terminal says that a person looks: prompts, progress meters and colours
	// are as on a terminal of Columns columns. Without it, as with -c.
	Terminal bool
	Columns  int
	// Resumed says that the text is the rest of one that was typed before.
	Resumed bool
	// Edit, if set, opens a text in an editor; see [tool.Process].
	Edit tool.Edit
	// Elsewhere, if set, waits until the person did something elsewhere in the
	// lab; see [tool.Process].
	Elsewhere func(ctx context.Context) error
}

// Result is how a command text ended.
type Result struct {
	Status int
	Exited bool // the shell itself ended: exit, Ctrl-D
	Clear  bool // the screen was cleared
	// Login, if set, is the shell with which the console goes on: a program, as
	// ssh does, connected it to another machine.
	Login *tool.Login
	// Rest is what of the text has not run yet because of Login; it goes on when
	// that shell has ended.
	Rest string
}

// Completion is what could replace the bytes from Start to End.
type Completion struct {
	Start, End int
	Words      []string
}

// Session is one shell at work. Its methods are called one at a time, but for
// what ends a command: the context of Run.
type Session interface {
	// Prompt returns what stands before the next command.
	Prompt() string
	// Incomplete reports whether the text needs more lines, and the prompt for
	// the next of them.
	Incomplete(text string) (prompt string, incomplete bool)
	// Run runs a complete command text to its end. When ctx ends the command is
	// interrupted as by Ctrl-C: what it had set and printed stays, the status is
	// 130.
	Run(ctx context.Context, text string, s Streams) Result
	Complete(text string, pos int) Completion
	History() []string
	// Dir is the working directory, User the account it runs as.
	Dir() string
	User() string
	// Vars returns the scalar variables that were set since the session began.
	Vars() map[string]string
	// State returns the session as plain data; Restore makes it so again.
	State() (json.RawMessage, error)
	Restore(json.RawMessage) error
}

// Returner is a session that can take the status of what had its console.
type Returner interface{ Return(status int) }
