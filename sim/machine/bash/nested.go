package bash

import (
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"skylab/sim/machine/shell"
	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

// Programs returns bash and sh as programs. The shell that calls them runs them
// itself.
func Programs() []tool.Program {
	const usage = "[OPTION]... [-c TEXT [NAME [ARG]...] | FILE [ARG]...]"
	return []tool.Program{{Name: "bash", Usage: usage, Summary: "Run commands in a shell of their own"}, {Name: "sh", Usage: usage, Summary: "Run commands in a shell of their own"}}
}

// isBash reports whether a command is bash or sh, by name or path.
func isBash(name string) bool {
	base := path.Base(name)
	dir := path.Dir(name)
	return (base == "bash" || base == "sh") && (name == base || dir == "/bin" || dir == "/usr/bin")
}

// nested runs bash as a program: -c TEXT, a file, its input, or at a prompt a
// shell on top of this one.
func (f *frame) nested(ctx context.Context, p *tool.Process) int {
	name := path.Base(p.Args[0])
	var set []string
	text, hasText := "", false
	args := p.Args[1:]
options:
	for len(args) > 0 {
		switch a := args[0]; {
		case a == "--version":
			fmt.Fprintln(p.Stdout, "GNU bash, version 5.1.16(1)-release (x86_64-pc-linux-gnu)")
			return 0
		case a == "--help":
			tool.Help(p.Stdout, Programs()[0])
			return 0
		case a == "--" || a == "-":
			args = args[1:]
			break options
		case slices.Contains([]string{"--login", "--norc", "--noprofile", "--posix"}, a):
		case a == "-o" && len(args) > 1:
			set = append(set, args[1])
			args = args[1:]
		case strings.HasPrefix(a, "--") || !strings.HasPrefix(a, "-"):
			if strings.HasPrefix(a, "-") {
				fmt.Fprintf(p.Stderr, "%s: %s: invalid option\n", name, a)
				return 2
			}
			break options
		default:
			for _, r := range a[1:] {
				switch {
				case r == 'c':
					hasText = true
				case strings.ContainsRune("aefnuvx", r):
					for _, o := range optionLetters {
						if rune(o.letter) == r {
							set = append(set, o.name)
						}
					}
				case !strings.ContainsRune("ils", r):
					fmt.Fprintf(p.Stderr, "%s: %s: invalid option\n", name, a)
					return 2
				}
			}
		}
		args = args[1:]
	}
	switch {
	case hasText && len(args) == 0:
		fmt.Fprintf(p.Stderr, "%s: -c: option requires an argument\n", name)
		return 2
	case hasText:
		if text, args = args[0], args[1:]; len(args) > 0 {
			name, args = args[0], args[1:]
		}
	case len(args) > 0:
		data, err := p.FS.ReadFile(f.abs(args[0]))
		if err != nil {
			fmt.Fprintf(p.Stderr, "%s: %s: %s\n", name, args[0], vfs.Errno(err))
			return 127
		}
		text, name, args = string(data), args[0], args[1:]
	case p.Login != nil && p.Person != nil:
		p.Login(tool.Login{Machine: f.m.Name, User: p.FS.Who().User, Environ: p.Environ, Dir: p.Dir, Nested: true})
		return 0
	default:
		data, err := io.ReadAll(p.Stdin)
		if err != nil {
			return 1
		}
		text = string(data)
		p.Stdin = strings.NewReader("")
	}
	return f.scriptWith(ctx, p, name, text, args, set)
}

// userOf is the account that a process runs as.
func (f *frame) userOf(p *tool.Process) tool.User {
	who := p.FS.Who()
	if who.Root && f.user.UID != 0 {
		return tool.User{Name: "root", Groups: []string{"root"}, Home: "/root", Shell: "/bin/bash"}
	}
	if u, ok := f.m.User(who.User); ok {
		return u
	}
	return f.user
}

// scriptWith runs a text in a bash of its own, with p's environment, streams and
// user, and with options set; a name of bash's own is that of -c.
func (f *frame) scriptWith(ctx context.Context, p *tool.Process, name, text string, params, set []string) int {
	child := &Session{m: f.m, user: f.userOf(p), name: name, hasC: name == "bash" || name == "sh", turns: f.turns, budget: f.budget, connect: f.connect, under: p, lastPID: f.lastPID + 1}
	f.lastPID++
	child.pid = f.lastPID
	child.lastPID = child.pid
	child.start(p.Environ, p.Dir)
	for _, option := range set {
		child.top.options[option] = true
	}
	child.top.params = params
	r := child.runText(ctx, text, shell.Streams{In: p.Stdin, Out: p.Stdout, Err: p.Stderr})
	f.lastPID = max(f.lastPID, child.lastPID)
	return r.Status
}
