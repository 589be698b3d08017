package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"skylab/sim"
	"skylab/sim/cloud"
	"skylab/sim/exchange"
	"skylab/sim/kit/full"
	"skylab/sim/machine/shell"
)

// shellOptions are the options of skylab shell.
type shellOptions struct {
	scenario, machine, shell, command, seed, at, state, har string
	list, trace, hasCommand, tokens                         bool
}

func runShell(ctx context.Context, args []string, std streams) int {
	var o shellOptions
	f := flag.NewFlagSet("skylab shell", flag.ContinueOnError)
	f.StringVar(&o.scenario, "scenario", "", "the world to start from (linux-vm); --list names them")
	f.StringVar(&o.machine, "machine", "", "the machine to work on (the scenario's VM)")
	f.StringVar(&o.shell, "shell", "", "the shell: bash, pwsh or powershell (the machine's own)")
	f.Func("c", "run `SCRIPT` and end with its status", func(s string) error { o.command, o.hasCommand = s, true; return nil })
	f.StringVar(&o.seed, "seed", "", "what all ids and keys are made from")
	f.StringVar(&o.at, "at", "", "when the lab begins, as 2026-11-24T10:00:00Z (now)")
	f.StringVar(&o.state, "state", "", "keep the lab in `DIR` between calls")
	f.StringVar(&o.har, "har", "", "write every exchange to `FILE` as HAR 1.2")
	f.BoolVar(&o.tokens, "har-tokens", false, "keep tokens and secrets in the HAR")
	f.BoolVar(&o.trace, "trace", false, "print each exchange with the server's notes on standard error")
	f.BoolVar(&o.list, "list", false, "name the scenarios and their machines")
	f.Usage = func() {
		fmt.Fprint(f.Output(), "Usage: skylab shell [OPTION]... [-c SCRIPT | FILE | -]\n\nOpens a shell on a simulated machine. With -c, a file, or - for standard input,\nruns a script and prints exactly what the simulated shell prints. In a script a\nline '#@ NAME' goes on with another machine, '#@ NAME SHELL' in a shell of it.\n\nOptions:\n")
		f.PrintDefaults()
	}
	if code, ok := parseFlags(f, args, std); !ok {
		return code
	}
	if o.list {
		return listScenarios(ctx, std)
	}
	lab, err := openLab(ctx, o)
	if err != nil {
		return fail(std, err)
	}
	if o.machine == "" {
		o.machine = lab.DefaultMachine()
	}
	if o.trace {
		lab.Exchanges().Watch(func(e exchange.Exchange) { trace(std.err, e) })
	}
	code, err := play(ctx, lab, o, f.Args(), std)
	if err != nil {
		return fail(std, err)
	}
	if err := finish(lab, o); err != nil {
		return fail(std, err)
	}
	return code
}

// play runs what the command line asks for.
func play(ctx context.Context, lab *sim.Lab, o shellOptions, args []string, std streams) (int, error) {
	switch {
	case o.hasCommand && len(args) > 0:
		return 0, fmt.Errorf("-c and the file %s exclude each other", args[0])
	case len(args) > 1:
		return 0, fmt.Errorf("one script at a time; %q is too many", args[1])
	case o.hasCommand:
		return lab.ScriptIn(ctx, o.machine, o.shell, o.command, shell.Streams{In: std.in, Out: std.out, Err: std.err})
	case len(args) == 0:
		return interact(ctx, lab, o.machine, o.shell, std)
	}
	var text []byte
	var err error
	if args[0] == "-" {
		text, err = io.ReadAll(std.in)
	} else {
		text, err = os.ReadFile(args[0])
	}
	if err != nil {
		return 0, fmt.Errorf("read the script: %w", err)
	}
	status := 0
	for _, part := range splitScript(string(text), part{machine: o.machine, shell: o.shell}) {
		if status, err = lab.ScriptIn(ctx, part.machine, part.shell, part.text, shell.Streams{Out: std.out, Err: std.err}); err != nil {
			return 0, err
		}
	}
	return status, nil
}

// part is a stretch of a script that runs on one machine.
type part struct{ machine, shell, text string }

// splitScript takes a script apart at its lines "#@ NAME", which may name a shell
// too.
func splitScript(text string, current part) []part {
	var parts []part
	flush := func() {
		if strings.TrimSpace(current.text) != "" {
			parts = append(parts, current)
		}
	}
	for _, line := range strings.SplitAfter(text, "\n") {
		if name, ok := strings.CutPrefix(line, "#@ "); ok {
			flush()
			f := append(strings.Fields(name), "", "")
			current = part{machine: f[0], shell: f[1]}
			continue
		}
		current.text += line
	}
	flush()
	return parts
}

// stateFile is where --state keeps a lab.
const stateFile = "lab.json"

// openLab loads the lab of --state, or makes a new one.
func openLab(ctx context.Context, o shellOptions) (*sim.Lab, error) {
	if o.state != "" {
		name := filepath.Join(o.state, stateFile)
		data, err := os.ReadFile(name)
		switch {
		case err == nil:
			lab, err := sim.Load(data, full.Kit())
			if err != nil {
				return nil, fmt.Errorf("%s: %w; nothing was changed", name, err)
			}
			return lab, nil
		case !errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("read the saved lab: %w", err)
		}
	}
	at := time.Now().UTC().Truncate(time.Second)
	if o.at != "" {
		var err error
		if at, err = time.Parse(time.RFC3339, o.at); err != nil {
			return nil, fmt.Errorf("--at %s is not a time like 2026-11-24T10:00:00Z", o.at)
		}
	}
	seed := o.seed
	if seed == "" && o.at == "" {
		seed = at.Format(time.RFC3339)
	}
	return sim.New(ctx, sim.Options{Kit: full.Kit(), Scenario: o.scenario, Seed: seed, At: at})
}

// finish writes what the options ask to keep.
func finish(lab *sim.Lab, o shellOptions) error {
	if o.har != "" {
		data, err := exchange.HAR(lab.Exchanges().State().Exchanges, o.tokens)
		if err == nil {
			err = os.WriteFile(o.har, data, 0o600)
		}
		if err != nil {
			return fmt.Errorf("write the HAR: %w", err)
		}
	}
	if o.state == "" {
		return nil
	}
	data, err := lab.Snapshot()
	if err == nil {
		err = os.MkdirAll(o.state, 0o700)
	}
	name := filepath.Join(o.state, stateFile)
	if err == nil { // by way of another file, so that a full disk loses nothing
		err = os.WriteFile(name+".new", data, 0o600)
	}
	if err == nil {
		err = os.Rename(name+".new", name)
	}
	if err != nil {
		return fmt.Errorf("keep the lab: %w", err)
	}
	return nil
}

// trace prints an exchange with the server's notes.
func trace(w io.Writer, e exchange.Exchange) {
	result := e.Failure
	if e.Response != nil {
		result = fmt.Sprintf("%d %s", e.Response.Status, e.Response.Reason)
	}
	fmt.Fprintf(w, "[%d] %s → %s: %s %s: %s\n", e.ID, e.Caller.Machine, e.Service, e.Request.Method, exchange.Masked(e).Request.URL, result)
	for _, n := range e.Notes {
		fmt.Fprintf(w, "    %s: %s\n", n.Kind, n.Text)
	}
}

func listScenarios(ctx context.Context, std streams) int {
	for _, s := range cloud.Scenarios {
		lab, err := sim.New(ctx, sim.Options{Kit: full.Kit(), Scenario: s.Name})
		if err != nil {
			return fail(std, err)
		}
		fmt.Fprintf(std.out, "%-10s %s\n           machines: %s\n", s.Name, s.Description, strings.Join(lab.MachineNames(), ", "))
	}
	return exitFine
}
