// Package tool is what a program on a simulated machine is: how a shell calls
// it, and the table of options from which its parsing, --help, man page and
// completion derive. The package must not know any shell nor any one program.
package tool

import (
	"context"
	"io"
	"net"
	"net/http"

	"skylab/sim/clock"
	"skylab/sim/exchange"
	"skylab/sim/ids"
	"skylab/sim/machine/vfs"
)

// Card is a machine's network card as its programs see it.
type Card interface {
	http.RoundTripper
	Dial(ctx context.Context, host, port string) (net.Conn, error)
	Resolve(host string) (string, error)
	Caller() exchange.Caller
}

// Terminal says which of a process's streams are a terminal, and its size.
type Terminal struct {
	In, Out, Err  bool
	Columns, Rows int
}

// Process is a program that runs: its arguments, environment and streams, and
// the machine around it.
type Process struct {
	Args    []string // Args[0] is the name it was called by
	Environ []string // "NAME=value", exported variables only
	Dir     string   // working directory, absolute
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	TTY     Terminal
	FS      *vfs.View // with the permissions of the user it runs as
	Card    Card
	Clock   *clock.Clock
	IDs     *ids.Source
	Host    Host
	// Person is what the person at the terminal types, whatever Stdin is
	// (/dev/tty); nil where nobody looks.
	Person Person
	// Login, if set, makes the console go on with a shell elsewhere when the
	// command has ended; it is nil where no console is held, as in scripts.
	Login func(Login)
	// Edit opens a text in the person's editor; it is nil where nobody looks.
	Edit Edit
	// Elsewhere waits until the person did something elsewhere in the lab, such as
	// in the portal, and returns the context's error when that ends first; it is
	// nil where they cannot.
	Elsewhere func(ctx context.Context) error
	// Yield parks for a moment so that the rest of a wasm program can run, and
	// returns the context's error when the process must end. Long loops call it.
	Yield func(ctx context.Context) error
	// Exec runs another program of the machine, as sudo, env, xargs and time
	// do, with p's streams replaced by those of the process given. It returns -1
	// when there is no such program.
	Exec func(ctx context.Context, p *Process) int
}

// Edit opens the text of a file in an editor and returns when the person closes
// it, or with the context's error. save is called each time the person saves;
// its error is told to them.
type Edit func(ctx context.Context, program, name string, text []byte, isNew bool, save func([]byte) error) error

// Person is whoever sits at the terminal.
type Person interface {
	io.Reader
	// Line waits for a line, and returns it without its end; Secret does not show
	// what is typed. Their error is io.EOF after Ctrl-D, or the context's.
	Line() (string, error)
	Secret() (string, error)
}

// Login is a shell to which a program connected a console.
type Login struct {
	Machine string   `json:"machine"` // its name in the lab
	User    string   `json:"user"`
	Host    string   `json:"host"` // as the person called it
	Environ []string `json:"environ,omitempty"`
	Dir     string   `json:"dir,omitempty"`    // where it begins; "" is the user's home
	Nested  bool     `json:"nested,omitempty"` // a shell on the same machine, without a connection
	Shell   string   `json:"shell,omitempty"`  // which one; "" is the machine's own
}

// Getenv returns the value of an environment variable, or "".
func (p *Process) Getenv(name string) string {
	for i := len(p.Environ) - 1; i >= 0; i-- {
		if k, v, ok := cut(p.Environ[i]); ok && k == name {
			return v
		}
	}
	return ""
}

func cut(kv string) (string, string, bool) {
	for i := 0; i < len(kv); i++ {
		if kv[i] == '=' {
			return kv[:i], kv[i+1:], true
		}
	}
	return kv, "", false
}

// Host is what programs can learn of the machine they run on.
type Host struct {
	Hostname string
	OS       string // "Linux", "Windows"
	User     User
	Users    []User
	Programs func() []Program // all programs of the machine, for man, which, help
}

// User is an account of a machine.
type User struct {
	Name   string   `json:"name"`
	UID    int      `json:"uid"`
	GID    int      `json:"gid"`
	Groups []string `json:"groups"` // primary group first
	Home   string   `json:"home"`
	Shell  string   `json:"shell"`
	Sudo   bool     `json:"sudo,omitempty"`
}

// Option is one option of a program.
type Option struct {
	Short string // one letter, without dash; "" if there is none
	Long  string // without dashes; "" if there is none
	Arg   string // name of its argument in help: "FILE"; "" if it takes none
	// Optional says that the argument may be left out; then it must be attached.
	Optional bool
	Help     string // one line, our words
	// Real marks an option that exists in reality and is not simulated here.
	Real bool
}

// Program is a program of a machine.
type Program struct {
	Name    string
	Summary string // one line, our words: for man -k and help
	Usage   string // "[OPTION]... [FILE]..."
	Options []Option
	Manual  string // paragraphs for man, our words; may be empty
	// Run does the program's work and returns its exit status. It must end soon
	// after ctx does.
	Run func(ctx context.Context, p *Process) int
	// Complete proposes words for the argument being typed; nil means files.
	Complete func(p *Process, words []string) []string
	// Builtin marks what the shell itself provides; it has a manual and no Run.
	Builtin bool
}

// NotSimulated is the sentence for what exists in reality and not here.
func NotSimulated(name string) string {
	return "skylab: " + name + " is real but not simulated here"
}

// Stream returns the stream of the process that a path names, such as
// /dev/stdin; both are nil for other paths.
func (p *Process) Stream(path string) (r io.Reader, w io.Writer) {
	switch path {
	case "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0":
		return p.Stdin, nil
	case "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1":
		return nil, p.Stdout
	case "/dev/stderr", "/dev/fd/2", "/proc/self/fd/2":
		return nil, p.Stderr
	}
	return nil, nil
}

// Streaming returns a process's input for a program that keeps nothing of what
// it reads; for others, a shell bounds how much they may take.
func Streaming(r io.Reader) io.Reader {
	if s, ok := r.(interface{ Streaming() io.Reader }); ok {
		return s.Streaming()
	}
	return r
}
