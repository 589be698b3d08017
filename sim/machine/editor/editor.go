// Package editor is the programs that open a file for a person to change: nano,
// and code where the machine has it. The editor itself is whoever holds the
// console ([tool.Process].Edit); the package must not know who that is.
package editor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"unicode/utf8"

	"skylab/sim/machine/tool"
)

// Nano is nano.
func Nano() tool.Program {
	return program("nano", "edit a text file", []tool.Option{
		{Short: "l", Long: "linenumbers", Help: "number the lines", Real: true},
		{Short: "v", Long: "view", Help: "look at it without changing it", Real: true},
		{Short: "B", Long: "backup", Help: "keep a backup of the file", Real: true},
		{Short: "w", Long: "nowrap", Help: "do not break long lines; so it is here anyway"},
		{Short: "m", Long: "mouse", Help: "use the mouse; so it is here anyway"},
	})
}

// Code is the editor of Cloud Shell.
func Code() tool.Program {
	return program("code", "open a file in the editor", []tool.Option{
		{Short: "d", Long: "diff", Help: "compare two files", Real: true},
		{Short: "w", Long: "wait", Help: "wait until the file is closed; so it is here anyway"},
	})
}

func program(name, summary string, options []tool.Option) tool.Program {
	p := tool.Program{Name: name, Usage: "[OPTION]... FILE", Summary: summary, Options: append(options, tool.Option{Long: "help", Help: "print this help"}),
		Manual: name + " opens FILE in a plain editor beside the console. The command ends when the editor is closed."}
	p.Run = func(ctx context.Context, at *tool.Process) int { return run(ctx, p, at) }
	return p
}

func run(ctx context.Context, self tool.Program, p *tool.Process) int {
	fail := func(format string, a ...any) int {
		fmt.Fprintf(p.Stderr, format+"\n", a...)
		return 1
	}
	opts, err := tool.Parse(self.Options, p.Args[1:], tool.Permute)
	switch {
	case err != nil:
		return fail("%s: %v", self.Name, err)
	case opts.Has("help"):
		tool.Help(p.Stdout, self)
		return 0
	case p.Edit == nil:
		return fail("%s", tool.NotSimulated(self.Name))
	case len(opts.Args) != 1:
		return fail("%s", tool.NotSimulated(self.Name+" with other than one FILE"))
	}
	name := opts.Args[0]
	full := name
	if !path.IsAbs(full) {
		full = path.Join(p.Dir, name)
	}
	if info, err := p.FS.Stat(full); err == nil && info.IsDir() {
		return fail("%s: %s is a directory", self.Name, name)
	}
	text, err := p.FS.ReadFile(full)
	isNew := errors.Is(err, fs.ErrNotExist)
	switch {
	case err != nil && !isNew:
		return fail("%s: %v", self.Name, err)
	case !utf8.Valid(text):
		return fail("%s", tool.NotSimulated(self.Name+" of a file that is not UTF-8 text"))
	}
	if err := p.Edit(ctx, self.Name, name, text, isNew, func(data []byte) error { return p.FS.WriteFile(full, data, 0o644) }); err != nil {
		return 130
	}
	return 0
}
