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
	"strings"
	"time"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

func filePrograms() []tool.Program {
	force := tool.Option{Short: "f", Long: "force", Help: "do not complain about what is not there"}
	recursive := tool.Option{Short: "r", Long: "recursive", Help: "with all that is below"}
	ask := tool.Option{Short: "i", Long: "interactive", Help: "ask before a file is replaced"}
	into := tool.Option{Short: "t", Long: "target-directory", Arg: "DIRECTORY", Help: "put all into DIRECTORY"}
	as := tool.Option{Short: "T", Long: "no-target-directory", Help: "take the last argument as a file, whatever it is"}
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
			{Short: "p", Help: "keep modes and times"}, {Long: "preserve", Arg: "LIST", Optional: true, Help: "same as -p"}, {Short: "n", Long: "no-clobber", Help: "do not replace files"}, ask, force, verbose, into, as,
			{Short: "u", Long: "update", Help: "only where the source is newer or the file is missing"}, {Short: "P", Long: "no-dereference", Help: "copy links as links"}, {Short: "L", Long: "dereference", Help: "copy what links point to"}, {Short: "d", Help: "same as -P"},
			{Short: "l", Long: "link", Real: true}, {Short: "s", Long: "symbolic-link", Real: true}, {Short: "x", Long: "one-file-system", Help: "taken, without effect"}, {Short: "b", Real: true}, {Long: "backup", Arg: "CONTROL", Optional: true, Real: true}, {Long: "parents", Real: true},
		}}, tool.Permute, cp),
		program(tool.Program{Name: "mv", Usage: "[OPTION]... SOURCE... DEST", Summary: "Move or rename files", Options: []tool.Option{
			{Short: "n", Long: "no-clobber", Help: "do not replace files"}, ask, force, verbose, into, as,
			{Short: "u", Long: "update", Help: "only where the source is newer or the file is missing"}, {Short: "b", Real: true}, {Long: "backup", Arg: "CONTROL", Optional: true, Real: true},
		}}, tool.Permute, mv),
		program(tool.Program{Name: "touch", Usage: "[OPTION]... FILE...", Summary: "Set files' times to now, making those that are not there", Options: []tool.Option{
			{Short: "c", Long: "no-create", Help: "make no files"}, {Short: "a", Help: "only the time of access, which is not kept"}, {Short: "m", Help: "only the time of change"},
			{Short: "d", Long: "date", Arg: "STRING", Help: "set this time: a date, '2 hours ago'"}, {Short: "t", Arg: "STAMP", Help: "set this time: [[CC]YY]MMDDhhmm[.ss]"}, {Short: "r", Long: "reference", Arg: "FILE", Help: "set the time of FILE"},
			{Short: "h", Long: "no-dereference", Real: true}, {Long: "time", Arg: "WORD", Real: true}, {Short: "f", Help: "taken, without effect"},
		}}, tool.Permute, touch),
		program(tool.Program{Name: "ln", Usage: "-s [OPTION]... TARGET [LINK]", Summary: "Make symbolic links", Options: []tool.Option{
			{Short: "s", Long: "symbolic", Help: "make a symbolic link"}, {Short: "f", Long: "force", Help: "replace what is there"}, verbose, into, as,
			{Short: "n", Long: "no-dereference", Help: "take a link to a directory as a file"}, {Short: "r", Long: "relative", Real: true}, {Short: "i", Long: "interactive", Real: true}, {Short: "b", Real: true}, {Short: "L", Long: "logical", Real: true}, {Short: "P", Long: "physical", Real: true},
		}}, tool.Permute, ln),
		withMinusMode(program(tool.Program{Name: "chmod", Usage: "[OPTION]... MODE FILE...", Summary: "Change the permissions of files", Options: []tool.Option{
			{Short: "R", Long: "recursive", Help: "with all that is below"}, verbose, {Short: "c", Long: "changes", Help: "say what was changed"},
			{Short: "f", Long: "quiet", Help: "do not complain"}, {Long: "reference", Arg: "FILE", Help: "the permissions of FILE"},
		}, Manual: "MODE is octal (600) or made of who (u, g, o, a), an operator (+, -, =) and permissions (r, w, x)."}, tool.FirstArg, chmod)),
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
			return c.fail("invalid mode ‘%s’", v)
		}
		mode = m
	}
	for _, name := range c.Args {
		if c.Has("parents") {
			c.makeParents(name, mode)
			continue
		}
		if err := c.FS.Mkdir(c.abs(name), mode); err != nil {
			c.fail("cannot create directory ‘%s’: %s", name, vfs.Errno(err))
		} else if c.Has("verbose") {
			fmt.Fprintf(c.Stdout, "mkdir: created directory '%s'\n", name)
		}
	}
	return 0
}

// makeParents is mkdir -p.
func (c *call) makeParents(name string, mode fs.FileMode) {
	parts := strings.Split(strings.TrimRight(name, "/"), "/")
	for i := range parts {
		at, m, last := strings.Join(parts[:i+1], "/"), fs.FileMode(0o755), i == len(parts)-1
		if at == "" {
			continue
		}
		if last {
			m = mode
		}
		err := c.FS.Mkdir(c.abs(at), m)
		switch info, statErr := c.FS.Stat(c.abs(at)); {
		case err == nil && c.Has("verbose"):
			fmt.Fprintf(c.Stdout, "mkdir: created directory '%s'\n", at)
		case err == nil, statErr == nil && info.IsDir():
		case statErr == nil && !last:
			c.fail("cannot create directory ‘%s’: Not a directory", at)
			return
		default:
			c.fail("cannot create directory ‘%s’: %s", at, vfs.Errno(err))
			return
		}
	}
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
		if base := path.Base(name); (base == "." || base == "..") && name != "" && (recursive || c.Has("dir")) {
			c.fail("refusing to remove '.' or '..' directory: skipping '%s'", name)
			continue
		}
		if recursive && path.Clean(c.abs(name)) == "/" {
			c.fail("it is dangerous to operate recursively on '/'")
			fmt.Fprintln(c.Stderr, "rm: use --no-preserve-root to override this failsafe")
			continue
		}
		i, err := c.FS.Lstat(c.abs(name))
		if name == "" {
			err = fs.ErrNotExist
		}
		if err == nil {
			switch {
			case strings.HasSuffix(name, "/") && !i.IsDir():
				err = vfs.ErrNotDir
			case c.Has("i") && !(i.IsDir() && !recursive && !c.Has("dir")):
				if !c.removeAsking(name) {
					continue
				}
			case i.IsDir() && recursive && c.Has("verbose"):
				c.removeTelling(strings.TrimRight(name, "/"))
				continue
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
		case c.Has("verbose") && i.IsDir():
			fmt.Fprintf(c.Stdout, "removed directory '%s'\n", name)
		case c.Has("verbose"):
			fmt.Fprintf(c.Stdout, "removed '%s'\n", name)
		}
	}
	return 0
}

// removeTelling is rm -rv.
func (c *call) removeTelling(name string) {
	i, err := c.FS.Lstat(c.abs(name))
	if err == nil && i.IsDir() {
		list, _ := c.FS.ReadDir(c.abs(name))
		for _, e := range list {
			c.removeTelling(name + "/" + e.Name())
		}
	}
	if err == nil {
		err = c.FS.Remove(c.abs(name))
	}
	what := "removed"
	switch {
	case err != nil:
		c.cannot("cannot remove", name, err)
		return
	case i.IsDir():
		what = "removed directory"
	}
	fmt.Fprintf(c.Stdout, "%s '%s'\n", what, name)
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

func touch(_ context.Context, c *call) int {
	if len(c.Args) == 0 {
		return c.missing("file operand")
	}
	at := c.Clock.Now()
	given := true
	if v, ok := c.Lookup("date"); ok {
		t, err := parseDate(v, at)
		if err != nil {
			return c.fail("invalid date format ‘%s’", v)
		}
		at = t
	} else if v, ok := c.Lookup("t"); ok {
		t, err := parseStamp(v, at)
		if err != nil {
			return c.fail("invalid date format ‘%s’", v)
		}
		at = t
	} else if v, ok := c.Lookup("reference"); ok {
		i, err := c.FS.Stat(c.abs(v))
		if err != nil {
			return c.fail("failed to get attributes of '%s': %s", v, vfs.Errno(err))
		}
		at = i.ModTime()
	} else {
		given = false
	}
	for _, name := range c.Args {
		_, err := c.FS.Stat(c.abs(name))
		switch {
		case err == nil:
			err = c.FS.Chtimes(c.abs(name), at)
		case c.Has("no-create"):
			continue
		default:
			if _, err = c.FS.OpenFile(c.abs(name), os.O_WRONLY|os.O_CREATE, 0o644); err == nil && given {
				err = c.FS.Chtimes(c.abs(name), at)
			}
		}
		if err != nil {
			c.fail("cannot touch '%s': %s", name, vfs.Errno(err))
		}
	}
	return 0
}

// parseStamp reads the time of touch -t.
func parseStamp(text string, now time.Time) (time.Time, error) {
	layout := map[int]string{8: "01021504", 10: "0601021504", 12: "200601021504"}
	digits, seconds, ok := strings.Cut(text, ".")
	form := layout[len(digits)]
	if form == "" {
		return now, fs.ErrInvalid
	}
	if ok {
		form, digits = form+"05", digits+seconds
	}
	t, err := time.Parse(form, digits)
	if err == nil && t.Year() == 0 {
		t = t.AddDate(now.Year(), 0, 0)
	}
	return t, err
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

func chown(_ context.Context, c *call) int {
	if len(c.Args) == 0 {
		return c.missing("operand")
	}
	if len(c.Args) == 1 {
		return c.usage(fmt.Sprintf("missing operand after ‘%s’", c.Args[0]))
	}
	owner, group, _ := strings.Cut(c.Args[0], ":")
	known := owner == "root"
	for _, u := range c.Host.Users {
		known = known || u.Name == owner
	}
	if owner != "" && !known {
		return c.fail("invalid user: ‘%s’", c.Args[0])
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
