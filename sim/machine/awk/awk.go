// Package awk is the program awk on a simulated machine: goawk without leave to
// reach files or programs of its own. The package must not know any shell.
package awk

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/benhoyt/goawk/interp"
	"github.com/benhoyt/goawk/parser"

	"skylab/sim/machine/awk/manual"
	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

// Program returns the program.
func Program() tool.Program {
	p := manual.Program()
	p.Run = run
	return p
}

// run runs goawk without leave to reach files or programs of its own.
func run(ctx context.Context, p *tool.Process) int {
	fail := func(format string, args ...any) int {
		fmt.Fprintf(p.Stderr, "awk: "+format+"\n", args...)
		return 2
	}
	read := func(name string) ([]byte, error) {
		switch {
		case name == "-":
			return io.ReadAll(p.Stdin)
		case !path.IsAbs(name):
			name = p.Dir + "/" + name
		}
		return p.FS.ReadFile(name)
	}
	opts, err := tool.Parse(manual.Program().Options, p.Args[1:], tool.FirstArg)
	if err != nil {
		return fail("%v", err)
	}
	args := opts.Args
	src := ""
	if file, ok := opts.Lookup("f"); ok {
		data, err := read(file)
		if err != nil {
			return fail("cannot open %s (%s)", file, vfs.Errno(err))
		}
		src = string(data)
	} else {
		if len(args) == 0 {
			fmt.Fprintln(p.Stderr, "usage: awk [-F fs][-v var=value][prog | -f progfile][file ...]")
			return 2
		}
		src, args = args[0], args[1:]
	}
	parsed, err := parser.ParseProgram([]byte(src), nil)
	if err != nil {
		return fail("%v", err)
	}
	conf := &interp.Config{Output: p.Stdout, Error: p.Stderr, Argv0: "awk", NoExec: true, NoFileWrites: true, NoFileReads: true, NoArgVars: true, Environ: []string{}}
	for _, kv := range p.Environ {
		k, v, _ := strings.Cut(kv, "=")
		conf.Environ = append(conf.Environ, k, v)
	}
	if fs, ok := opts.Lookup("F"); ok {
		conf.Vars = append(conf.Vars, "FS", fs)
	}
	for _, v := range opts.Values("v") {
		name, value, _ := strings.Cut(v, "=")
		conf.Vars = append(conf.Vars, name, value)
	}
	input := p.Stdin
	if len(args) > 0 {
		var all bytes.Buffer
		for _, name := range args {
			data, err := read(name)
			if err != nil {
				return fail("cannot open %q (%s)", name, vfs.Errno(err))
			}
			all.Write(data)
			if len(data) > 0 && data[len(data)-1] != '\n' {
				all.WriteByte('\n')
			}
		}
		input = &all
	}
	conf.Stdin = bufio.NewReader(input)
	program, err := interp.New(parsed)
	if err != nil {
		return fail("%v", err)
	}
	status, err := program.ExecuteContext(p.ParkingErr(ctx), conf)
	if ctx.Err() != nil {
		return 130
	}
	if err != nil {
		return fail("%v", err)
	}
	return status
}
