package powershell

import (
	"context"
	"io/fs"
	"net/http"
	"time"

	"skylab/sim/machine/powershell/culture"
	"skylab/sim/machine/powershell/object"
)

// Edition is which PowerShell is spoken.
type Edition uint8

// The editions.
const (
	Core    Edition = iota // PowerShell 7
	Desktop                // Windows PowerShell 5.1
)

// Config is what a session gets of the world. Only Commands is needed; what is
// nil is not there.
type Config struct {
	Edition Edition
	// Windows says that paths have drives and backslashes, and culture data is
	// Windows'.
	Windows bool
	// Commands are the cmdlets; see package cmdlet.
	Commands []*Cmdlet
	// Format shows what a pipeline leaves; see package format.
	Format func(s *Session, width int, write func(text string)) Formatter
	Files  Files
	Card   http.RoundTripper
	Clock  Clock
	Host   Host
	// Programs runs native programs.
	Programs Programs
	// Random returns random numbers; the lab's seed is behind it.
	Random func() uint64
	// Yield is called every few milliseconds of work. It may park, and its error
	// ends the command as Ctrl-C does.
	Yield func(ctx context.Context) error
	// Kinds are zero values of further types that values are made of, so that
	// states keep them.
	Kinds []any
	// Environ are environment variables, "NAME=value"; Dir is the working
	// directory, Home the user's.
	Environ   []string
	Dir, Home string
	User      string
	Computer  string
}

// Files is the file system. Names are absolute with slashes, with a drive first
// on Windows: "C:/Users/x". Errors are those of io/fs.
type Files interface {
	Stat(name string) (fs.FileInfo, error)
	ReadDir(name string) ([]fs.FileInfo, error)
	ReadFile(name string) ([]byte, error)
	WriteFile(name string, data []byte) error
	Append(name string, data []byte) error
	Mkdir(name string) error
	Remove(name string, all bool) error
	Rename(from, to string) error
	Chtimes(name string, mtime time.Time) error
}

// Clock tells time and lets it pass.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error
}

// Host is what a console is: it takes what was shown and asks the person.
type Host interface {
	// Interactive says that a person can be asked.
	Interactive() bool
	// Width is the console's, in columns.
	Width() int
	// ReadLine asks for a line; secret ones are not shown.
	ReadLine(prompt string, secret bool) (string, error)
	// Clear clears the screen.
	Clear()
}

// Programs finds and runs native programs.
type Programs interface {
	// Find returns a program's full name, "" if there is none.
	Find(name string) string
	Run(ctx context.Context, p Process) (status int, err error)
}

// Process is a native program that is to run.
type Process struct {
	Path string
	// Args are its arguments; on Windows, as the C library takes Line apart.
	Args []string
	// Line is the command line behind the program's name, on Windows.
	Line string
	// Piped says that Stdin is its input; otherwise it has the console's.
	Piped bool
	Stdin []byte
	// Its lines go to Out and Err as they come; Err nil is the console's.
	Out, Err func(line string)
}

// Formatter makes text of objects, in the order they come: it begins and ends
// tables as their shape changes.
type Formatter interface {
	Object(v any) error
	// Error shows an error record in the present view.
	Error(record *object.Object) error
	// Flush ends what is open: a table that waits for its width.
	Flush() error
}

// Sink takes the objects of a pipeline one by one. An error stops who writes.
type Sink func(v any) error

// Old reports whether it is Windows PowerShell 5.1.
func (s *Session) Old() bool { return s.cfg.Edition == Desktop }

// Ellipsis is what stands for what was cut off.
func (s *Session) Ellipsis() string { return s.ellipsis() }

// Evaluate runs a block with $_ where code runs just now, for computed columns.
func (s *Session) Evaluate(sb *object.ScriptBlock, v any) (any, error) {
	var out []any
	err := s.active.runBlock(sb, blockArgs{dollar: v, hasDollar: true, inline: true, out: func(x any) error { out = append(out, x); return nil }})
	return null(collected(out)), err
}

func (c *Config) culture() *culture.Culture {
	if c.Windows {
		return culture.Windows
	}
	return culture.Linux
}
