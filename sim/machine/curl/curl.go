// Package curl is curl 7.88.1 on a simulated machine: its options, its messages
// and its exit codes, over the machine's network card (facts/curl.md). It must
// not know any server.
package curl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"skylab/sim/machine/tool"
)

// Program returns the program.
func Program() tool.Program {
	return tool.Program{
		Name: "curl", Usage: "[options...] <url>", Summary: "Send requests to servers and print the answers", Options: options(), Run: run,
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
	first := &command{p: p, shared: new([]tool.Opt), jar: &jar{}, random: digits(p), connections: &pool{open: map[string]int{}, told: map[string]bool{}}}
	var all []*command
	var err error
	if len(p.Args) < 2 || p.Args[1] != "-q" && p.Args[1] != "--disable" {
		err = first.home()
	}
	if err == nil {
		all, err = parse(first, p.Args[1:])
	}
	if err != nil {
		var f *failure
		if !errors.As(err, &f) {
			f = &failure{2, err.Error()}
		}
		if isNotSimulated(f.text) {
			fmt.Fprintln(p.Stderr, f.text)
			return f.code
		}
		fmt.Fprintf(p.Stderr, "curl: %s\n%s\n", f.text, again)
		return f.code
	}
	if name, ok := first.lookup("stderr"); ok {
		if p, err = elsewhere(p, name); err != nil {
			first.warn("Failed to open %s!", name)
		}
		for _, c := range all {
			c.p = p
		}
	}
	switch {
	case first.has("help"):
		tool.Help(p.Stdout, Program())
		return 0
	case first.has("manual"):
		tool.Manual(p.Stdout, Program())
		return 0
	case first.has("version"):
		io.WriteString(p.Stdout, version)
		return 0
	}
	status := 0
	first.openTrace()
	for _, c := range all {
		c.trace = first.trace
		if len(c.urls) == 0 {
			if len(p.Args) > 1 {
				fmt.Fprintln(p.Stderr, "curl: no URL specified!")
			}
			fmt.Fprintln(p.Stderr, again)
			return 2
		}
		if conflict := c.methods(); conflict != "" {
			c.warn("%s", conflict)
			return 2
		}
		c.loadCookies()
		status = c.transfers(ctx)
		c.saveCookies()
		if ctx.Err() != nil || status != 0 && first.has("fail-early") {
			break
		}
	}
	return status
}

// transfers does all that is asked before the next --next.
func (c *command) transfers(ctx context.Context) int {
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
			if status != 0 && c.has("fail-early") {
				return status
			}
		}
	}
	return status
}

// methods says which two request methods the options ask for, if they do.
func (c *command) methods() string {
	var names []string
	ask := func(when bool, name string) {
		if when {
			names = append(names, name)
		}
	}
	ask(c.has("head"), "HEAD (-I, --head)")
	ask(c.has("form") || c.has("form-string"), "multipart formpost (-F, --form)")
	ask(!c.has("get") && (c.has("data") || c.has("data-ascii") || c.has("data-raw") || c.has("data-binary") || c.has("data-urlencode") || c.has("json")), "POST (-d, --data)")
	ask(c.has("upload-file"), "PUT (-T, --upload-file)")
	if len(names) < 2 {
		return ""
	}
	return fmt.Sprintf("You can only select one HTTP request method! You asked for both %s and %s.", names[1], names[0])
}

// digits makes the digits of a form's boundary from the lab's ids.
func digits(p *tool.Process) func(n int) string {
	return func(n int) string {
		if p.IDs == nil {
			return strings.Repeat("0", n)
		}
		return p.IDs.Hex("curl.boundary", n/2)
	}
}

// elsewhere returns the process with its errors going to a file, or to standard
// output for "-".
func elsewhere(p *tool.Process, name string) (*tool.Process, error) {
	q := *p
	q.TTY.Err = false
	if name == "-" {
		q.Stderr = p.Stdout
		return &q, nil
	}
	c := command{p: p}
	if _, w := p.Stream(name); w != nil {
		q.Stderr = w
		return &q, nil
	}
	f, err := p.FS.OpenFile(c.abs(name), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return p, err
	}
	q.Stderr = f
	return &q, nil
}

// complain prints an error that has no number, unless -s.
func (c *command) complain(format string, args ...any) {
	if c.has("silent") {
		return
	}
	fmt.Fprintf(c.p.Stderr, "curl: "+format+"\n", args...)
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
	switch {
	case isNotSimulated(f.text):
		fmt.Fprintln(c.p.Stderr, f.text)
	case f.text != "" && (!c.has("silent") || c.has("show-error")):
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
	if r, _ := c.p.Stream(name); r != nil {
		return io.ReadAll(r)
	}
	return c.p.FS.ReadFile(c.abs(name))
}

func (c *command) abs(name string) string {
	if len(name) > 0 && name[0] == '/' {
		return name
	}
	return c.p.Dir + "/" + name
}
