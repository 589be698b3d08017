package coreutils

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

func filePrograms() []tool.Program {
	force := tool.Option{Short: "f", Long: "force", Help: "do not complain about what is not there"}
	recursive := tool.Option{Short: "r", Long: "recursive", Help: "with all that is below"}
	ask := tool.Option{Short: "i", Long: "interactive", Help: "ask before a file is replaced"}
	verbose := tool.Option{Short: "v", Long: "verbose", Help: "say what is done"}
	return []tool.Program{
		program(tool.Program{Name: "mkdir", Usage: "[OPTION]... DIRECTORY...", Summary: "Make directories", Options: []tool.Option{
			{Short: "p", Long: "parents", Help: "make those above it too; no error if it is there"},
			{Short: "m", Long: "mode", Arg: "MODE", Help: "with these permissions, as for chmod"}, verbose,
		}}, tool.Permute, mkdir),
		program(tool.Program{Name: "rmdir", Usage: "DIRECTORY...", Summary: "Remove empty directories"}, tool.Permute, func(_ context.Context, c *call) int {
			if len(c.Args) == 0 {
				return c.missing("operand")
			}
			for _, name := range c.Args {
				i, err := c.FS.Lstat(c.abs(name))
				if err == nil && !i.IsDir() {
					err = &fs.PathError{Err: vfs.ErrNotDir}
				}
				if err == nil {
					err = c.FS.Remove(c.abs(name))
				}
				if err != nil {
					c.cannot("failed to remove", name, err)
				}
			}
			return 0
		}),
		program(tool.Program{Name: "rm", Usage: "[OPTION]... FILE...", Summary: "Remove files", Options: []tool.Option{
			force, recursive, {Short: "R", Help: "same as -r"}, {Short: "d", Long: "dir", Help: "remove empty directories too"},
			{Short: "i", Help: "ask before each"}, {Short: "I", Help: "ask once before three files or more, or a directory"}, verbose,
		}}, tool.Permute, rm),
		program(tool.Program{Name: "cp", Usage: "[OPTION]... SOURCE... DEST", Summary: "Copy files", Options: []tool.Option{
			recursive, {Short: "R", Help: "same as -r"}, {Short: "a", Long: "archive", Help: "same as -r, keeping modes and times"},
			{Short: "p", Long: "preserve", Help: "keep modes and times"}, {Short: "n", Long: "no-clobber", Help: "do not replace files"}, ask, force, verbose,
		}}, tool.Permute, cp),
		program(tool.Program{Name: "mv", Usage: "[OPTION]... SOURCE... DEST", Summary: "Move or rename files", Options: []tool.Option{
			{Short: "n", Long: "no-clobber", Help: "do not replace files"}, ask, force, verbose,
		}}, tool.Permute, mv),
		program(tool.Program{Name: "touch", Usage: "[OPTION]... FILE...", Summary: "Set files' times to now, making those that are not there", Options: []tool.Option{
			{Short: "c", Long: "no-create", Help: "make no files"}, {Short: "a", Help: "only the time of access, which is not kept"}, {Short: "m", Help: "only the time of change"},
			{Short: "d", Long: "date", Real: true}, {Short: "t", Real: true}, {Short: "r", Long: "reference", Real: true},
		}}, tool.Permute, touch),
		program(tool.Program{Name: "ln", Usage: "-s [OPTION]... TARGET [LINK]", Summary: "Make symbolic links", Options: []tool.Option{
			{Short: "s", Long: "symbolic", Help: "make a symbolic link"}, force, verbose,
		}}, tool.Permute, ln),
		program(tool.Program{Name: "chmod", Usage: "[OPTION]... MODE FILE...", Summary: "Change the permissions of files", Options: []tool.Option{
			{Short: "R", Long: "recursive", Help: "with all that is below"}, verbose,
		}, Manual: "MODE is octal (600) or made of who (u, g, o, a), an operator (+, -, =) and permissions (r, w, x)."}, tool.FirstArg, chmod),
		program(tool.Program{Name: "chown", Usage: "[OPTION]... OWNER[:GROUP] FILE...", Summary: "Change the owner of files", Options: []tool.Option{
			{Short: "R", Long: "recursive", Help: "with all that is below"},
		}}, tool.Permute, chown),
	}
}

func mkdir(_ context.Context, c *call) int {
	if len(c.Args) == 0 {
		return c.missing("operand")
	}
	mode := fs.FileMode(0o755)
	if v, ok := c.Lookup("mode"); ok {
		m, err := parseMode(v, 0o777)
		if err != nil {
			return c.fail("invalid mode '%s'", v)
		}
		mode = m
	}
	for _, name := range c.Args {
		var err error
		if c.Has("parents") {
			err = c.FS.MkdirAll(c.abs(name), mode)
		} else {
			err = c.FS.Mkdir(c.abs(name), mode)
		}
		if err != nil {
			c.fail("cannot create directory '%s': %s", name, vfs.Errno(err))
		} else if c.Has("verbose") {
			fmt.Fprintf(c.Stdout, "mkdir: created directory '%s'\n", name)
		}
	}
	return 0
}

func rm(_ context.Context, c *call) int {
	if len(c.Args) == 0 && !c.Has("force") {
		return c.missing("operand")
	}
	recursive := c.Has("recursive") || c.Has("R")
	if c.Has("I") && (len(c.Args) > 3 || recursive) {
		text := fmt.Sprintf("remove %d arguments", len(c.Args))
		if len(c.Args) == 1 {
			text = "remove 1 argument"
		}
		if recursive {
			text += " recursively"
		}
		if !c.agreed("%s? ", text) {
			return 0
		}
	}
	for _, name := range c.Args {
		if base := path.Base(name); base == "." || base == ".." {
			c.fail("refusing to remove '.' or '..' directory: skipping '%s'", name)
			continue
		}
		if recursive && path.Clean(c.abs(name)) == "/" {
			c.fail("it is dangerous to operate recursively on '/'")
			fmt.Fprintln(c.Stderr, "rm: use --no-preserve-root to override this failsafe")
			continue
		}
		i, err := c.FS.Lstat(c.abs(name))
		if err == nil {
			switch {
			case c.Has("i") && !(i.IsDir() && !recursive && !c.Has("dir")):
				if !c.removeAsking(name) {
					continue
				}
			case i.IsDir() && recursive:
				err = c.FS.RemoveAll(c.abs(name))
			case i.IsDir() && !c.Has("dir"):
				err = &fs.PathError{Err: vfs.ErrIsDir}
			default:
				err = c.FS.Remove(c.abs(name))
			}
		}
		switch {
		case errors.Is(err, fs.ErrNotExist) && c.Has("force"):
		case err != nil:
			c.cannot("cannot remove", name, err)
		case c.Has("verbose"):
			fmt.Fprintf(c.Stdout, "removed '%s'\n", name)
		}
	}
	return 0
}

// agreed asks the person, and is true if the answer begins with y.
func (c *call) agreed(format string, args ...any) bool {
	fmt.Fprintf(c.Stderr, c.prog.Name+": "+format, args...)
	in, ok := c.Stdin.(io.ByteReader)
	if !ok {
		in = bufio.NewReader(c.Stdin)
	}
	var line []byte
	for {
		b, err := in.ReadByte()
		if err != nil || b == '\n' {
			break
		}
		line = append(line, b)
	}
	answer := strings.TrimLeft(string(line), " \t")
	return strings.HasPrefix(answer, "y") || strings.HasPrefix(answer, "Y")
}

// removeAsking removes what the person agrees to, and reports whether all of it
// is gone.
func (c *call) removeAsking(name string) bool {
	i, err := c.FS.Lstat(c.abs(name))
	if err != nil {
		c.cannot("cannot remove", name, err)
		return false
	}
	kind := "regular file"
	switch {
	case i.IsDir():
		kind = "directory"
		list, err := c.FS.ReadDir(c.abs(name))
		if err != nil {
			c.cannot("cannot remove", name, err)
			return false
		}
		if len(list) > 0 {
			if !c.agreed("descend into directory '%s'? ", name) {
				return false
			}
			gone := true
			for _, e := range list {
				gone = c.removeAsking(path.Join(name, e.Name())) && gone
			}
			if !gone {
				return false
			}
		}
	case i.Target != "":
		kind = "symbolic link"
	case i.Size() == 0:
		kind = "regular empty file"
	}
	if !c.agreed("remove %s '%s'? ", kind, name) {
		return false
	}
	if err := c.FS.Remove(c.abs(name)); err != nil {
		c.cannot("cannot remove", name, err)
		return false
	}
	return true
}

// destination checks the operands of cp and mv and returns the sources and, for
// each, where it goes.
func (c *call) destination() (sources []string, dest func(string) string, ok bool) {
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
	keep := c.Has("preserve") || c.Has("archive")
	for _, src := range sources {
		to := dest(src)
		i, err := c.FS.Stat(c.abs(src))
		switch {
		case err != nil:
			c.fail("cannot stat '%s': %s", src, vfs.Errno(err))
		case i.IsDir() && !recursive:
			c.fail("-r not specified; omitting directory '%s'", src)
		case i.IsDir() && strings.HasPrefix(path.Clean(c.abs(to))+"/", path.Clean(c.abs(src))+"/"):
			c.fail("cannot copy a directory, '%s', into itself, '%s'", src, to)
		case path.Clean(c.abs(src)) == path.Clean(c.abs(to)):
			c.fail("'%s' and '%s' are the same file", src, to)
		default:
			c.copyTree(src, to, keep)
		}
	}
	return 0
}

func (c *call) copyTree(src, to string, keep bool) {
	i, err := c.FS.Stat(c.abs(src))
	if err != nil {
		c.fail("cannot stat '%s': %s", src, vfs.Errno(err))
		return
	}
	if i.IsDir() {
		if err := c.FS.Mkdir(c.abs(to), i.Mode().Perm()|0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			c.fail("cannot create directory '%s': %s", to, vfs.Errno(err))
			return
		}
		list, err := c.FS.ReadDir(c.abs(src))
		if err != nil {
			c.fail("cannot access '%s': %s", src, vfs.Errno(err))
		}
		for _, e := range list {
			c.copyTree(src+"/"+e.Name(), to+"/"+e.Name(), keep)
		}
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
	if c.Has("verbose") {
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

func touch(_ context.Context, c *call) int {
	if len(c.Args) == 0 {
		return c.missing("file operand")
	}
	for _, name := range c.Args {
		_, err := c.FS.Stat(c.abs(name))
		switch {
		case err == nil:
			err = c.FS.Chtimes(c.abs(name), c.Clock.Now())
		case c.Has("no-create"):
			continue
		default:
			_, err = c.FS.OpenFile(c.abs(name), os.O_WRONLY|os.O_CREATE, 0o644)
		}
		if err != nil {
			c.fail("cannot touch '%s': %s", name, vfs.Errno(err))
		}
	}
	return 0
}

func ln(_ context.Context, c *call) int {
	if !c.Has("symbolic") {
		return c.fail("%s", tool.NotSimulated("a hard link"))
	}
	if len(c.Args) == 0 {
		return c.missing("file operand")
	}
	target, link := c.Args[0], path.Base(c.Args[0])
	if len(c.Args) > 1 {
		link = c.Args[1]
	}
	if i, err := c.FS.Stat(c.abs(link)); err == nil && i.IsDir() {
		link += "/" + path.Base(target)
	}
	if c.Has("force") {
		_ = c.FS.Remove(c.abs(link))
	}
	if err := c.FS.Symlink(target, c.abs(link)); err != nil {
		return c.fail("failed to create symbolic link '%s': %s", link, vfs.Errno(err))
	}
	return 0
}

// walkTree calls f for a path and, if it is a directory, all below it.
func (c *call) walkTree(name string, recursive bool, f func(name string)) {
	f(name)
	if i, err := c.FS.Lstat(c.abs(name)); recursive && err == nil && i.IsDir() {
		list, _ := c.FS.ReadDir(c.abs(name))
		for _, e := range list {
			c.walkTree(name+"/"+e.Name(), true, f)
		}
	}
}

func chmod(_ context.Context, c *call) int {
	if len(c.Args) == 0 {
		return c.missing("operand")
	}
	if len(c.Args) == 1 {
		return c.usage(fmt.Sprintf("missing operand after '%s'", c.Args[0]))
	}
	if _, err := parseMode(c.Args[0], 0); err != nil {
		return c.usage(fmt.Sprintf("invalid mode: '%s'", c.Args[0]))
	}
	for _, name := range c.Args[1:] {
		c.walkTree(name, c.Has("recursive"), func(name string) {
			i, err := c.FS.Stat(c.abs(name))
			if err != nil {
				c.fail("cannot access '%s': %s", name, vfs.Errno(err))
				return
			}
			mode, _ := parseMode(c.Args[0], i.Mode())
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

func chown(_ context.Context, c *call) int {
	if len(c.Args) == 0 {
		return c.missing("operand")
	}
	if len(c.Args) == 1 {
		return c.usage(fmt.Sprintf("missing operand after '%s'", c.Args[0]))
	}
	owner, group, _ := strings.Cut(c.Args[0], ":")
	known := owner == "root"
	for _, u := range c.Host.Users {
		known = known || u.Name == owner
	}
	if owner != "" && !known {
		return c.fail("invalid user: '%s'", c.Args[0])
	}
	for _, name := range c.Args[1:] {
		c.walkTree(name, c.Has("recursive"), func(name string) {
			err := c.FS.Chown(c.abs(name), owner, group)
			switch {
			case errors.Is(err, fs.ErrPermission):
				c.fail("changing ownership of '%s': Operation not permitted", name)
			case err != nil:
				c.fail("cannot access '%s': %s", name, vfs.Errno(err))
			}
		})
	}
	return 0
}

// recent is the half year in which ls shows a time of day.
const recent = 182 * 24 * time.Hour
