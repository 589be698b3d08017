package bash

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

// abs makes a path absolute by a handler's directory.
func abs(dir, name string) string {
	if path.IsAbs(name) {
		return name
	}
	return dir + "/" + name
}

// pathError words an error so that the interpreter prints it as bash does:
// "bash: line 1: name: No such file or directory".
func (s *Session) pathError(pos syntax.Pos, name string, err error) error {
	return &fs.PathError{Op: strings.TrimSuffix(s.prefix(pos), ": ") + ":", Path: name, Err: errors.New(vfs.Errno(err))}
}

func (s *Session) open(ctx context.Context, name string, flag int, perm os.FileMode) (io.ReadWriteCloser, error) {
	hc := interp.HandlerCtx(ctx)
	f, err := s.m.Files(s.user).OpenFile(abs(hc.Dir, name), flag, perm&^0o022)
	if err != nil {
		return nil, s.pathError(hc.Pos, name, err)
	}
	return f, nil
}

func (s *Session) stat(ctx context.Context, name string, follow bool) (fs.FileInfo, error) {
	full := abs(interp.HandlerCtx(ctx).Dir, name)
	if follow {
		return s.m.Files(s.user).Stat(full)
	}
	return s.m.Files(s.user).Lstat(full)
}

func (s *Session) readDir(ctx context.Context, name string) ([]fs.DirEntry, error) {
	list, err := s.m.Files(s.user).ReadDir(abs(interp.HandlerCtx(ctx).Dir, name))
	if err != nil {
		return nil, err
	}
	out := make([]fs.DirEntry, len(list))
	for i, e := range list {
		out[i] = e
	}
	return out, nil
}

func (s *Session) access(ctx context.Context, name string, mode interp.AccessMode) error {
	return s.m.Files(s.user).Access(abs(interp.HandlerCtx(ctx).Dir, name), fs.FileMode(mode))
}

// call sees every simple command before it runs. It replaces the builtins that
// the interpreter lacks or that would look at the host's files, and lets the
// rest of the program run now and then.
func (s *Session) call(ctx context.Context, args []string) ([]string, error) {
	if err := s.budget.yield(ctx); err != nil {
		return nil, err
	}
	if len(args) == 0 {
		return args, nil
	}
	hc := interp.HandlerCtx(ctx)
	if s.in.is(hc.Stdin) {
		s.in.beforeRead(args)
	}
	switch name := args[0]; name {
	case "cd":
		if len(args) == 2 && args[1] != "-" && args[1] != "" {
			if problem := s.cannotEnter(abs(hc.Dir, args[1])); problem != "" {
				fmt.Fprintf(hc.Stderr, "%scd: %s: %s\n", s.prefix(hc.Pos), args[1], problem)
				return []string{"false"}, nil
			}
		}
		if len(args) > 2 {
			fmt.Fprintf(hc.Stderr, "%scd: too many arguments\n", s.prefix(hc.Pos))
			return []string{"false"}, nil
		}
	case "command":
		if len(args) > 2 && (args[1] == "-v" || args[1] == "-V") {
			return append([]string{ownPrefix + "command"}, args[1:]...), nil
		}
	case "exit":
		if s.interactive && s.name == "bash" {
			fmt.Fprintln(hc.Stderr, "exit")
		} else if s.interactive {
			fmt.Fprintln(hc.Stderr, "logout")
		}
	case "trap":
		s.rememberTrap(args[1:])
	case "logout":
		if s.interactive {
			fmt.Fprintln(hc.Stderr, "logout")
		}
		return append([]string{"exit"}, args[1:]...), nil
	default:
		if _, ok := own[ownPrefix+name]; ok && s.runner.Funcs[name] == nil {
			return append([]string{ownPrefix + name}, args[1:]...), nil
		}
	}
	return args, nil
}

func (s *Session) cannotEnter(dir string) string {
	v := s.m.Files(s.user)
	i, err := v.Stat(dir)
	switch {
	case err != nil:
		return vfs.Errno(err)
	case !i.IsDir():
		return "Not a directory"
	case v.Access(dir, vfs.Exec) != nil:
		return "Permission denied"
	}
	return ""
}

// execFile runs a script by its path, or a program of the machine.
func (s *Session) execFile(ctx context.Context, hc interp.HandlerContext, p *tool.Process) error {
	name := p.Args[0]
	full := path.Clean(abs(hc.Dir, name))
	fail := func(status uint8, text string) error {
		fmt.Fprintf(hc.Stderr, "%s%s: %s\n", s.prefix(hc.Pos), name, text)
		return exitStatus(int(status))
	}
	i, err := p.FS.Stat(full)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fail(127, "No such file or directory")
	case err != nil:
		return fail(126, vfs.Errno(err))
	case i.IsDir():
		return fail(126, "Is a directory")
	case p.FS.Access(full, vfs.Exec) != nil:
		return fail(126, "Permission denied")
	}
	if _, ok := s.m.Program(path.Base(full)); ok && path.Dir(full) == "/usr/bin" || path.Dir(full) == "/bin" {
		p.Args[0] = path.Base(full)
		status, _ := s.m.Exec(ctx, s.user, p)
		return exitStatus(status)
	}
	data, err := p.FS.ReadFile(full)
	if err != nil {
		return fail(126, vfs.Errno(err))
	}
	if strings.HasPrefix(string(data), "#!") && !strings.Contains(strings.SplitN(string(data), "\n", 2)[0], "sh") {
		return fail(126, tool.NotSimulated("the interpreter that "+name+" names"))
	}
	return exitStatus(s.scriptWith(ctx, p, name, string(data), p.Args[1:], nil))
}

// rememberTrap keeps what trap sets, for the interpreter does not tell.
func (s *Session) rememberTrap(args []string) {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) < 2 {
		return
	}
	for _, signal := range args[1:] {
		if args[0] == "-" {
			delete(s.traps, signal)
		} else {
			s.traps[signal] = args[0]
		}
	}
}
