package coreutils

import (
	"context"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

// findTest is one test of find: whether a file passes.
type findTest func(name string, i *vfs.Info, depth int) bool

// findFiles is find: its expression is a list of tests that must all pass.
func findFiles(_ context.Context, p *tool.Process) int {
	prog, _ := find(treePrograms(), "find")
	c := &call{Process: p, prog: prog}
	args := p.Args[1:]
	if len(args) == 1 && args[0] == "--help" {
		tool.Help(p.Stdout, prog)
		return 0
	}
	var roots []string
	for len(args) > 0 && !strings.HasPrefix(args[0], "-") && args[0] != "!" && args[0] != "(" {
		roots, args = append(roots, args[0]), args[1:]
	}
	if len(roots) == 0 {
		roots = []string{"."}
	}
	var tests []findTest
	minDepth, maxDepth, action := 0, 1<<30, "-print"
	negate := false
	for i := 0; i < len(args); i++ {
		name := args[i]
		arg := func() (string, bool) {
			i++
			if i >= len(args) {
				c.fail("missing argument to `%s'", name)
				return "", false
			}
			return args[i], true
		}
		var test findTest
		switch name {
		case "!", "-not":
			negate = !negate
			continue
		case "-print", "-delete", "-print0":
			action = name
			continue
		case "-maxdepth", "-mindepth":
			v, ok := arg()
			n, err := strconv.Atoi(v)
			if !ok || err != nil {
				return c.fail("Expected a positive decimal integer argument to %s, but got '%s'", name, v)
			}
			if name == "-maxdepth" {
				maxDepth = n
			} else {
				minDepth = n
			}
			continue
		case "-name", "-iname", "-path":
			v, ok := arg()
			if !ok {
				return 1
			}
			test = func(full string, i *vfs.Info, _ int) bool {
				subject := path.Base(full)
				switch name {
				case "-iname":
					v, subject = strings.ToLower(v), strings.ToLower(subject)
				case "-path":
					ok, _ := path.Match(strings.ReplaceAll(v, "/", "\x01"), strings.ReplaceAll(full, "/", "\x01"))
					return ok
				}
				ok, _ := path.Match(v, subject)
				return ok
			}
		case "-type":
			v, ok := arg()
			if !ok {
				return 1
			}
			if !strings.Contains("f d l", v) || len(v) != 1 {
				return c.fail("Unknown argument to -type: %s", v)
			}
			test = func(_ string, i *vfs.Info, _ int) bool {
				switch v {
				case "d":
					return i.IsDir()
				case "l":
					return i.Mode()&fs.ModeSymlink != 0
				}
				return i.Mode().IsRegular()
			}
		case "-empty":
			test = func(full string, i *vfs.Info, _ int) bool {
				if i.IsDir() {
					list, _ := c.FS.ReadDir(c.abs(full))
					return len(list) == 0
				}
				return i.Size() == 0
			}
		case "-newer":
			v, ok := arg()
			if !ok {
				return 1
			}
			ref, err := c.FS.Stat(c.abs(v))
			if err != nil {
				return c.fail("'%s': %s", v, vfs.Errno(err))
			}
			test = func(_ string, i *vfs.Info, _ int) bool { return i.ModTime().After(ref.ModTime()) }
		case "-exec", "-o", "-or", "(", "-regex", "-mtime", "-mmin", "-size", "-perm", "-user":
			return c.fail("%s", tool.NotSimulated("find "+name))
		default:
			return c.fail("unknown predicate `%s'", name)
		}
		if negate {
			inner := test
			test = func(n string, i *vfs.Info, d int) bool { return !inner(n, i, d) }
			negate = false
		}
		tests = append(tests, test)
	}
	var visit func(name string, depth int)
	visit = func(name string, depth int) {
		i, err := c.FS.Lstat(c.abs(name))
		if err != nil {
			c.fail("'%s': %s", name, vfs.Errno(err))
			return
		}
		passes := depth >= minDepth
		for _, t := range tests {
			passes = passes && t(name, i, depth)
		}
		if passes && action != "-delete" {
			io.WriteString(c.Stdout, name+map[string]string{"-print": "\n", "-print0": "\x00"}[action])
		}
		if i.IsDir() && depth < maxDepth {
			list, err := c.FS.ReadDir(c.abs(name))
			if err != nil {
				c.fail("'%s': %s", name, vfs.Errno(err))
			}
			for _, e := range list {
				visit(strings.TrimSuffix(name, "/")+"/"+e.Name(), depth+1)
			}
		}
		if passes && action == "-delete" && name != "." {
			if err := c.FS.Remove(c.abs(name)); err != nil {
				c.fail("cannot delete '%s': %s", name, vfs.Errno(err))
			}
		}
	}
	for _, r := range roots {
		visit(r, 0)
	}
	return c.status
}
