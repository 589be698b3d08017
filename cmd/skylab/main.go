// Command skylab runs articles about managed identities against a simulated
// Azure.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Exit codes of every subcommand.
const (
	exitFine   = 0
	exitFailed = 1 // something that was being checked failed
	exitUsage  = 2 // wrong usage, or input that cannot be read
)

// command is a subcommand.
type command struct {
	name, summary string
	run           func(ctx context.Context, args []string, std streams) int
}

// streams are the process's own.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

var commands = []command{
	{"export", "the site as static files", runExport},
	{"run", "play lessons by themselves, or prove them", runRun},
	{"serve", "the site, for a browser", runServe},
	{"shell", "a simulated shell on a machine of a lab", runShell},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, std streams) int {
	if len(args) == 0 {
		usage(std.err)
		return exitUsage
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		usage(std.out)
		return exitFine
	}
	for _, c := range commands {
		if c.name == args[0] {
			return c.run(ctx, args[1:], std)
		}
	}
	fmt.Fprintf(std.err, "skylab: there is no command %q\n\n", args[0])
	usage(std.err)
	return exitUsage
}

func usage(w io.Writer) {
	fmt.Fprint(w, "Usage: skylab COMMAND [OPTION]...\n\nCommands:\n")
	for _, c := range commands {
		fmt.Fprintf(w, "  %-10s %s\n", c.name, c.summary)
	}
	fmt.Fprint(w, "\n'skylab COMMAND --help' tells more.\n")
}

// parseFlags reads a subcommand's options; ok is false when it is over, with
// the exit code.
func parseFlags(f *flag.FlagSet, args []string, std streams) (code int, ok bool) {
	f.SetOutput(std.err)
	for _, a := range args {
		if a == "--help" || a == "-h" || a == "-help" {
			f.SetOutput(std.out)
		}
		if a == "--" {
			break
		}
	}
	switch err := f.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return exitFine, false
	case err != nil:
		return exitUsage, false
	}
	return exitFine, true
}

// fail says why a command ends with wrong usage.
func fail(std streams, err error) int {
	fmt.Fprintf(std.err, "skylab: %v\n", err)
	return exitUsage
}
