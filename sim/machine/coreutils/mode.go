package coreutils

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

// withMinusMode lets chmod take a MODE that begins with "-".
func withMinusMode(p tool.Program) tool.Program {
	inner := p.Run
	p.Run = func(ctx context.Context, proc *tool.Process) int {
		for i := 1; i < len(proc.Args) && strings.HasPrefix(proc.Args[i], "-"); i++ {
			if a := proc.Args[i]; len(a) > 1 && strings.Trim(a[1:], "rwxXstugo,+-=") == "" {
				again := *proc
				again.Args = slices.Insert(slices.Clone(proc.Args), i, "--")
				return inner(ctx, &again)
			}
		}
		return inner(ctx, proc)
	}
	return p
}

func chmod(_ context.Context, c *call) int {
	if ref, ok := c.Lookup("reference"); ok {
		i, err := c.FS.Stat(c.abs(ref))
		if err != nil {
			return c.fail("failed to get attributes of '%s': %s", ref, vfs.Errno(err))
		}
		c.Args = append([]string{strconv.FormatUint(uint64(i.Mode().Perm()), 8)}, c.Args...)
	}
	if len(c.Args) == 0 {
		return c.missing("operand")
	}
	if len(c.Args) == 1 {
		return c.usage(fmt.Sprintf("missing operand after ‘%s’", c.Args[0]))
	}
	if _, err := parseMode(c.Args[0], 0); err != nil {
		return c.usage(fmt.Sprintf("invalid mode: ‘%s’", c.Args[0]))
	}
	for _, name := range c.Args[1:] {
		c.walkTree(name, c.Has("recursive"), func(name string) {
			i, err := c.FS.Stat(c.abs(name))
			if err != nil {
				c.fail("cannot access '%s': %s", name, vfs.Errno(err))
				return
			}
			mode, _ := parseMode(c.Args[0], i.Mode())
			defer func() {
				now, err := c.FS.Stat(c.abs(name))
				if err != nil || !c.Has("verbose") && !c.Has("changes") {
					return
				}
				was, is := fmt.Sprintf("%04o (%s)", i.Mode().Perm(), modeString(i.Mode())[1:]), fmt.Sprintf("%04o (%s)", now.Mode().Perm(), modeString(now.Mode())[1:])
				if was != is {
					fmt.Fprintf(c.Stdout, "mode of '%s' changed from %s to %s\n", name, was, is)
				} else if c.Has("verbose") {
					fmt.Fprintf(c.Stdout, "mode of '%s' retained as %s\n", name, is)
				}
			}()
			if err := c.FS.Chmod(c.abs(name), mode); err != nil {
				what := "Operation not permitted"
				if !errors.Is(err, fs.ErrPermission) {
					what = vfs.Errno(err)
				}
				c.fail("changing permissions of '%s': %s", name, what)
			}
		})
	}
	return 0
}

// parseMode reads chmod's MODE against the mode a file has.
func parseMode(text string, old fs.FileMode) (fs.FileMode, error) {
	if n, err := strconv.ParseUint(text, 8, 12); err == nil {
		mode := fs.FileMode(n & 0o777)
		if n&0o1000 != 0 {
			mode |= fs.ModeSticky
		}
		return mode, nil
	}
	mode := old.Perm()
	for _, clause := range strings.Split(text, ",") {
		i := strings.IndexAny(clause, "+-=")
		if i < 0 {
			return 0, fs.ErrInvalid
		}
		var who, perm fs.FileMode
		for _, w := range clause[:i] {
			switch w {
			case 'u':
				who |= 0o700
			case 'g':
				who |= 0o070
			case 'o':
				who |= 0o007
			case 'a':
				who |= 0o777
			default:
				return 0, fs.ErrInvalid
			}
		}
		if i == 0 {
			who = 0o777
		}
		for _, p := range clause[i+1:] {
			switch p {
			case 'r':
				perm |= 0o444
			case 'w':
				perm |= 0o222
			case 'x':
				perm |= 0o111
			case 'u', 'g', 'o':
				bits := old.Perm() >> map[rune]uint{'u': 6, 'g': 3, 'o': 0}[p] & 7
				perm |= bits | bits<<3 | bits<<6
			case 's', 't':
			case 'X':
				if old.IsDir() || old&0o111 != 0 {
					perm |= 0o111
				}
			default:
				return 0, fs.ErrInvalid
			}
		}
		switch clause[i] {
		case '+':
			mode |= who & perm
		case '-':
			mode &^= who & perm
		default:
			mode = mode&^who | who&perm
		}
	}
	return mode, nil
}
