package coreutils

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

// destination checks the operands of cp and mv and returns the sources and, for
// each, where it goes.
func (c *call) destination() (sources []string, dest func(string) string, ok bool) {
	if dir, ok := c.Lookup("target-directory"); ok {
		if i, err := c.FS.Stat(c.abs(dir)); err != nil || !i.IsDir() {
			c.fail("target directory '%s': %s", dir, map[bool]string{true: "Not a directory", false: "No such file or directory"}[err == nil])
			return nil, nil, false
		}
		if len(c.Args) == 0 {
			c.missing("file operand")
			return nil, nil, false
		}
		return c.Args, func(src string) string { return strings.TrimSuffix(dir, "/") + "/" + path.Base(src) }, true
	}
	switch len(c.Args) {
	case 0:
		c.missing("file operand")
		return nil, nil, false
	case 1:
		c.usage(fmt.Sprintf("missing destination file operand after '%s'", c.Args[0]))
		return nil, nil, false
	}
	last := c.Args[len(c.Args)-1]
	sources = c.Args[:len(c.Args)-1]
	i, err := c.FS.Stat(c.abs(last))
	isDir := err == nil && i.IsDir()
	if c.Has("no-target-directory") {
		if len(sources) > 1 {
			c.usage(fmt.Sprintf("extra operand '%s'", c.Args[2]))
			return nil, nil, false
		}
		if isDir {
			if from, err := c.FS.Lstat(c.abs(sources[0])); err == nil && !from.IsDir() {
				c.fail("cannot overwrite directory '%s' with non-directory", last)
				return nil, nil, false
			}
		}
		isDir = false
	}
	if len(sources) > 1 && !isDir {
		c.fail("target '%s': %s", last, map[bool]string{true: "Not a directory", false: "No such file or directory"}[err == nil])
		return nil, nil, false
	}
	return sources, func(src string) string {
		if isDir {
			return strings.TrimSuffix(last, "/") + "/" + path.Base(src)
		}
		return last
	}, true
}

func cp(_ context.Context, c *call) int {
	sources, dest, ok := c.destination()
	if !ok {
		return 1
	}
	recursive := c.Has("recursive") || c.Has("R") || c.Has("archive")
	keep := c.Has("preserve") || c.Has("p") || c.Has("archive")
	links := (recursive || c.Has("no-dereference") || c.Has("d")) && !c.Has("dereference")
	seen := map[string]bool{}
	for _, src := range sources {
		to := dest(src)
		i, err := c.FS.Stat(c.abs(src))
		if links {
			i, err = c.FS.Lstat(c.abs(src))
		}
		there, thereErr := c.FS.Stat(c.abs(to))
		if seen[to] && err == nil {
			fmt.Fprintf(c.Stderr, "cp: warning: source file '%s' specified more than once\n", src)
			continue
		}
		seen[to] = true
		switch {
		case err != nil:
			c.fail("cannot stat '%s': %s", src, vfs.Errno(err))
		case i.IsDir() && recursive && thereErr == nil && !there.IsDir():
			c.fail("cannot overwrite non-directory '%s' with directory '%s'", to, src)
		case !i.IsDir() && strings.HasSuffix(to, "/") && thereErr != nil:
			c.fail("cannot create regular file '%s': Not a directory", to)
		case c.Has("update") && thereErr == nil && !i.ModTime().After(there.ModTime()):
		case i.IsDir() && !recursive:
			c.fail("-r not specified; omitting directory '%s'", src)
		case i.IsDir() && strings.HasPrefix(path.Clean(c.abs(to))+"/", path.Clean(c.abs(src))+"/"):
			c.fail("cannot copy a directory, '%s', into itself, '%s'", src, to)
		case path.Clean(c.abs(src)) == path.Clean(c.abs(to)):
			c.fail("'%s' and '%s' are the same file", src, to)
		default:
			c.copyTree(src, to, keep, links)
		}
	}
	return 0
}

func (c *call) copyTree(src, to string, keep, links bool) {
	i, err := c.FS.Stat(c.abs(src))
	if links {
		i, err = c.FS.Lstat(c.abs(src))
	}
	if err != nil {
		c.fail("cannot stat '%s': %s", src, vfs.Errno(err))
		return
	}
	if i.IsDir() {
		if err := c.FS.Mkdir(c.abs(to), i.Mode().Perm()|0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			c.fail("cannot create directory '%s': %s", to, vfs.Errno(err))
			return
		} else if err == nil && c.Has("verbose") {
			fmt.Fprintf(c.Stdout, "'%s' -> '%s'\n", src, to)
		}
		list, err := c.FS.ReadDir(c.abs(src))
		if err != nil {
			c.fail("cannot access '%s': %s", src, vfs.Errno(err))
		}
		for _, e := range list {
			c.copyTree(src+"/"+e.Name(), to+"/"+e.Name(), keep, links)
		}
	} else if i.Target != "" {
		_ = c.FS.Remove(c.abs(to))
		if err := c.FS.Symlink(i.Target, c.abs(to)); err != nil {
			c.fail("cannot create symbolic link '%s': %s", to, vfs.Errno(err))
			return
		}
		keep = false
	} else {
		if _, err := c.FS.Lstat(c.abs(to)); err == nil && (c.Has("no-clobber") || c.Has("interactive") && !c.agreed("overwrite '%s'? ", to)) {
			return
		}
		data, err := c.FS.ReadFile(c.abs(src))
		if err != nil {
			c.fail("cannot open '%s' for reading: %s", src, vfs.Errno(err))
			return
		}
		if err := c.FS.WriteFile(c.abs(to), data, i.Mode().Perm()&^0o022); err != nil {
			c.fail("cannot create regular file '%s': %s", to, vfs.Errno(err))
			return
		}
	}
	if keep {
		_ = c.FS.Chmod(c.abs(to), i.Mode())
		_ = c.FS.Chtimes(c.abs(to), i.ModTime())
	}
	if c.Has("verbose") && !i.IsDir() {
		fmt.Fprintf(c.Stdout, "'%s' -> '%s'\n", src, to)
	}
}

func mv(_ context.Context, c *call) int {
	sources, dest, ok := c.destination()
	if !ok {
		return 1
	}
	for _, src := range sources {
		to := dest(src)
		if _, err := c.FS.Lstat(c.abs(src)); err != nil {
			c.fail("cannot stat '%s': %s", src, vfs.Errno(err))
			continue
		}
		if _, err := c.FS.Lstat(c.abs(to)); err == nil && (c.Has("no-clobber") || c.Has("interactive") && !c.agreed("overwrite '%s'? ", to)) {
			continue
		}
		if path.Clean(c.abs(src)) == path.Clean(c.abs(to)) {
			c.fail("'%s' and '%s' are the same file", src, to)
			continue
		}
		from, _ := c.FS.Lstat(c.abs(src))
		there, err := c.FS.Stat(c.abs(to))
		switch {
		case err != nil && strings.HasSuffix(to, "/") && !from.IsDir():
			c.fail("cannot move '%s' to '%s': Not a directory", src, to)
			continue
		case err == nil && from.IsDir() && !there.IsDir():
			c.fail("cannot overwrite non-directory '%s' with directory '%s'", to, src)
			continue
		case err == nil && c.Has("update") && !from.ModTime().After(there.ModTime()):
			continue
		}
		if err := c.FS.Rename(c.abs(src), c.abs(to)); err != nil {
			if errors.Is(err, fs.ErrInvalid) {
				c.fail("cannot move '%s' to a subdirectory of itself, '%s'", src, to)
				continue
			}
			c.fail("cannot move '%s' to '%s': %s", src, to, vfs.Errno(err))
			continue
		}
		if c.Has("verbose") {
			fmt.Fprintf(c.Stdout, "renamed '%s' -> '%s'\n", src, to)
		}
	}
	return 0
}

func ln(_ context.Context, c *call) int {
	if len(c.Args) == 0 {
		return c.missing("file operand")
	}
	targets, dir := c.Args, ""
	last := c.Args[len(c.Args)-1]
	into, named := c.Lookup("target-directory")
	i, err := c.FS.Stat(c.abs(last))
	isDir := err == nil && i.IsDir() && !c.Has("no-target-directory")
	if c.Has("no-dereference") {
		if l, err := c.FS.Lstat(c.abs(last)); err == nil && l.Target != "" {
			isDir = false
		}
	}
	link := ""
	switch {
	case named:
		dir = into
	case len(c.Args) == 1:
		dir = "."
	case isDir:
		targets, dir = c.Args[:len(c.Args)-1], last
	case len(c.Args) == 2:
		targets, link = c.Args[:1], last
	default:
		return c.fail("target '%s': %s", last, map[bool]string{true: "Not a directory", false: "No such file or directory"}[err == nil])
	}
	for _, target := range targets {
		to := link
		if to == "" {
			to = strings.TrimSuffix(dir, "/") + "/" + path.Base(target)
		}
		if !c.Has("symbolic") {
			switch i, err := c.FS.Lstat(c.abs(target)); {
			case err != nil:
				c.fail("failed to access '%s': %s", target, vfs.Errno(err))
			case i.IsDir():
				c.fail("%s: hard link not allowed for directory", target)
			default:
				c.fail("%s", tool.NotSimulated("a hard link"))
			}
			continue
		}
		if c.Has("force") {
			_ = c.FS.Remove(c.abs(to))
		}
		if err := c.FS.Symlink(target, c.abs(to)); err != nil {
			c.fail("failed to create symbolic link '%s': %s", to, vfs.Errno(err))
		} else if c.Has("verbose") {
			fmt.Fprintf(c.Stdout, "'%s' -> '%s'\n", to, target)
		}
	}
	return 0
}
