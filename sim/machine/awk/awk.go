// Package awk is the program awk on a simulated machine: goawk without leave to
// reach files or programs of its own. The package must not know any shell.
package awk

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
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
	open := func(name string) (io.Reader, error) {
		if r, _ := p.Stream(name); r != nil || name == "-" {
			return tool.Streaming(p.Stdin), nil
		}
		if !path.IsAbs(name) {
			name = p.Dir + "/" + name
		}
		return p.FS.OpenFile(name, os.O_RDONLY, 0)
	}
	opts, err := tool.Parse(manual.Program().Options, p.Args[1:], tool.FirstArg)
	if err != nil {
		return fail("%v", err)
	}
	args := opts.Args
	src := ""
	if file, ok := opts.Lookup("f"); ok {
		r, err := open(file)
		if err != nil {
			return fail("cannot open %s (%s)", file, vfs.Errno(err))
		}
		data, err := io.ReadAll(io.LimitReader(r, maxProgram))
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
	funcs := map[string]any{guardName: guard(ctx, p)}
	if again, err := parser.ParseProgram([]byte(guarded(src)), &parser.ParserConfig{Funcs: funcs}); err == nil {
		parsed = again
	}
	conf := &interp.Config{Funcs: funcs, Output: p.Stdout, Error: p.Stderr, Argv0: "awk", NoExec: true, NoFileWrites: true, NoFileReads: true, NoArgVars: true, Environ: []string{}}
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
	input := tool.Streaming(p.Stdin)
	if len(args) > 0 {
		var all []io.Reader
		for _, name := range args {
			r, err := open(name)
			if err != nil {
				return fail("cannot open %q (%s)", name, vfs.Errno(err))
			}
			all = append(all, &ended{r: r})
		}
		input = io.MultiReader(all...)
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
	if err != nil && !errors.Is(err, errMemory) && p.Yield != nil && p.Yield(ctx) != nil { // the shell says that it was killed
		return 137
	}
	if err != nil {
		return fail("%v", err)
	}
	return status
}

// maxProgram bounds the program that -f names, in bytes.
const maxProgram = 1 << 20

// ended is a file whose last line has an end, though the file may lack it.
type ended struct {
	r    io.Reader
	last byte
	done bool
}

func (e *ended) Read(p []byte) (int, error) {
	if e.done || len(p) == 0 {
		return 0, io.EOF
	}
	n, err := e.r.Read(p)
	if n > 0 {
		e.last = p[n-1]
	}
	if err != io.EOF {
		return n, err
	}
	if n == 0 && e.last != 0 && e.last != '\n' {
		e.done = true
		p[0] = '\n'
		return 1, nil
	}
	e.done = n == 0
	if n > 0 {
		err = nil
	}
	return n, err
}
