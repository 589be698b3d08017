// Package curl is curl 7.88.1 on a simulated machine: its options, its messages
// and its exit codes, over the machine's network card (facts/curl.md). It must
// not know any server.
package curl

import (
	"context"
	"errors"
	"fmt"
	"io"

	"skylab/sim/machine/tool"
)

// Program returns the program.
func Program() tool.Program {
	return tool.Program{
		Name: "curl", Usage: "[options...] <url>", Summary: "Send requests to servers and print the answers", Options: options, Run: run,
		Manual: "curl sends one request for each URL and prints the body of the answer. With -i the answer's header is printed too, with -v the whole conversation.\n\nWithout -s, and when the body does not go to a terminal, a progress meter is printed on standard error.",
	}
}

// failure is an error with curl's exit code and text.
type failure struct {
	code int
	text string
}

func (f *failure) Error() string { return f.text }

func failf(code int, format string, args ...any) error {
	return &failure{code, fmt.Sprintf(format, args...)}
}

// again is what curl says behind a wrong command line.
const again = "curl: try 'curl --help' or 'curl --manual' for more information"

func run(ctx context.Context, p *tool.Process) int {
	c, err := parse(p)
	if err != nil {
		var f *failure
		if errors.As(err, &f) && f.text != "" {
			fmt.Fprintf(p.Stderr, "curl: %s\n", f.text)
		}
		if f != nil && f.code == 2 && !isNotSimulated(f.text) {
			fmt.Fprintln(p.Stderr, again)
		}
		return f.code
	}
	switch {
	case c.has("help"):
		tool.Help(p.Stdout, Program())
		return 0
	case c.has("manual"):
		tool.Manual(p.Stdout, Program())
		return 0
	case c.has("version"):
		io.WriteString(p.Stdout, version)
		return 0
	case len(c.urls) == 0:
		if len(p.Args) > 1 {
			fmt.Fprintln(p.Stderr, "curl: no URL specified!")
		}
		fmt.Fprintln(p.Stderr, again)
		return 2
	}
	status := 0
	for i, u := range c.urls {
		list, err := glob(u)
		if c.has("globoff") {
			list, err = []string{u}, nil
		}
		if err != nil {
			status = c.report(err)
			continue
		}
		for _, one := range list {
			if status = c.report(c.transfer(ctx, i, one)); ctx.Err() != nil {
				return 130
			}
		}
	}
	return status
}

// report prints an error as -s and -S allow and returns the exit code.
func (c *command) report(err error) int {
	if err == nil {
		return 0
	}
	var f *failure
	if !errors.As(err, &f) {
		f = &failure{1, err.Error()}
	}
	if f.text != "" && (!c.has("silent") || c.has("show-error")) {
		fmt.Fprintf(c.p.Stderr, "curl: (%d) %s\n", f.code, f.text)
	}
	return f.code
}

const version = `curl 7.88.1 (x86_64-pc-linux-gnu) libcurl/7.88.1 OpenSSL/3.0.15 (simulated)
Release-Date: 2023-02-20
Protocols: http https
Features: HTTPS-proxy
`

// readArg returns the content of a file named in an argument, or of standard
// input for "-".
func (c *command) readArg(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(c.p.Stdin)
	}
	return c.p.FS.ReadFile(c.abs(name))
}

func (c *command) abs(name string) string {
	if len(name) > 0 && name[0] == '/' {
		return name
	}
	return c.p.Dir + "/" + name
}
