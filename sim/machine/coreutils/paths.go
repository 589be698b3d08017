package coreutils

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

var zero = tool.Option{Short: "z", Long: "zero", Help: "end each with a zero byte instead of a newline"}

func pathPrograms() []tool.Program {
	return []tool.Program{
		program(tool.Program{Name: "basename", Usage: "[OPTION]... NAME [SUFFIX]", Summary: "Print a path's last part", Options: []tool.Option{
			{Short: "a", Long: "multiple", Help: "every argument is a NAME"}, {Short: "s", Long: "suffix", Arg: "SUFFIX", Help: "without SUFFIX; every argument is a NAME"}, zero,
		}}, tool.FirstArg, basename),
		program(tool.Program{Name: "dirname", Usage: "[OPTION]... NAME...", Summary: "Print a path without its last part", Options: []tool.Option{zero}}, tool.Permute, func(_ context.Context, c *call) int {
			if len(c.Args) == 0 {
				return c.missing("operand")
			}
			for _, a := range c.Args {
				io.WriteString(c.Stdout, dirname(a)+c.lineEnd())
			}
			return 0
		}),
		program(tool.Program{Name: "readlink", Usage: "[OPTION]... FILE...", Summary: "Print where a symbolic link points", Options: []tool.Option{
			{Short: "f", Long: "canonicalize", Help: "print the whole path without links"}, {Short: "e", Long: "canonicalize-existing", Help: "the same, if it exists"}, {Short: "m", Long: "canonicalize-missing", Help: "the same, whatever exists"},
			{Short: "n", Long: "no-newline", Help: "without a newline"}, {Short: "v", Long: "verbose", Help: "say what is wrong"}, {Short: "q", Long: "quiet", Help: "say nothing, as it does anyway"}, {Short: "s", Long: "silent", Help: "same as -q"}, zero,
		}}, tool.Permute, readlink),
		program(tool.Program{Name: "realpath", Usage: "[OPTION]... FILE...", Summary: "Print whole paths without links", Options: []tool.Option{
			{Short: "e", Long: "canonicalize-existing", Help: "all of it must exist"}, {Short: "m", Long: "canonicalize-missing", Help: "nothing need exist"}, {Short: "s", Long: "strip", Help: "leave links as they are"}, {Short: "q", Long: "quiet", Help: "say nothing of errors"}, zero,
			{Long: "relative-to", Arg: "DIR", Real: true}, {Long: "relative-base", Arg: "DIR", Real: true}, {Short: "L", Long: "logical", Real: true}, {Short: "P", Long: "physical", Help: "taken, without effect"},
		}}, tool.Permute, realpath),
	}
}

// lineEnd is what ends a result.
func (c *call) lineEnd() string {
	if c.Has("zero") {
		return "\x00"
	}
	return "\n"
}

func basename(_ context.Context, c *call) int {
	suffix, many := c.Lookup("suffix")
	many = many || c.Has("multiple")
	names := c.Args
	switch {
	case len(names) == 0:
		return c.missing("operand")
	case !many && len(names) > 2:
		return c.usage(fmt.Sprintf("extra operand ‘%s’", names[2]))
	case !many && len(names) == 2:
		suffix, names = names[1], names[:1]
	}
	for _, n := range names {
		base := ""
		if n != "" {
			base = path.Base(n)
		}
		if base != suffix {
			base = strings.TrimSuffix(base, suffix)
		}
		io.WriteString(c.Stdout, base+c.lineEnd())
	}
	return 0
}

func dirname(name string) string {
	trimmed := strings.TrimRight(name, "/")
	if trimmed == "" {
		if name == "" {
			return "."
		}
		return "/"
	}
	i := strings.LastIndexByte(trimmed, '/')
	if i < 0 {
		return "."
	}
	if dir := strings.TrimRight(trimmed[:i], "/"); dir != "" {
		return dir
	}
	return "/"
}

func readlink(_ context.Context, c *call) int {
	if len(c.Args) == 0 {
		return c.missing("operand")
	}
	end := c.lineEnd()
	if c.Has("no-newline") && len(c.Args) == 1 {
		end = ""
	}
	for _, a := range c.Args {
		text, err := "", error(nil)
		switch {
		case c.Has("canonicalize"), c.Has("canonicalize-existing"), c.Has("canonicalize-missing"):
			text, err = c.canonical(a, true)
		default:
			i, e := c.FS.Lstat(c.abs(a))
			if err = e; err == nil {
				if text = i.Target; text == "" {
					err = fs.ErrInvalid
				}
			}
		}
		if err != nil {
			if c.status = 1; c.Has("verbose") {
				c.fail("%s: %s", a, vfs.Errno(err))
			}
			continue
		}
		io.WriteString(c.Stdout, text+end)
	}
	return 0
}

func realpath(_ context.Context, c *call) int {
	if len(c.Args) == 0 {
		return c.missing("operand")
	}
	for _, a := range c.Args {
		text, err := c.canonical(a, !c.Has("strip"))
		if err != nil {
			if c.status = 1; !c.Has("quiet") {
				c.fail("%s: %s", a, vfs.Errno(err))
			}
			continue
		}
		io.WriteString(c.Stdout, text+c.lineEnd())
	}
	return 0
}

// canonical is a whole path, which must exist as far as the options ask: all of
// it, none of it, or all but its last part.
func (c *call) canonical(name string, links bool) (string, error) {
	must := c.abs(name)
	switch {
	case name == "":
		return "", fs.ErrNotExist
	case c.Has("canonicalize-missing"):
		must = "/"
	case !c.Has("canonicalize-existing"):
		must = dirname(c.real(name))
	}
	if _, err := c.FS.Stat(must); err != nil {
		return "", err
	}
	if !links {
		return path.Clean(c.abs(name)), nil
	}
	return c.real(name), nil
}

// real resolves the links of a path as far as it exists.
func (c *call) real(name string) string {
	full := path.Clean(c.abs(name))
	out := "/"
	links := 0
	parts := strings.Split(strings.Trim(full, "/"), "/")
	for len(parts) > 0 {
		p := parts[0]
		parts = parts[1:]
		next := path.Join(out, p)
		if i, err := c.FS.Lstat(next); err == nil && i.Target != "" && links < 40 {
			links++
			target := i.Target
			if path.IsAbs(target) {
				out = "/"
			}
			parts = append(strings.Split(strings.Trim(target, "/"), "/"), parts...)
			continue
		}
		out = next
	}
	return out
}

func statProgram() tool.Program {
	return program(tool.Program{Name: "stat", Usage: "[OPTION]... FILE...", Summary: "Show what is known of files", Options: []tool.Option{
		{Short: "c", Long: "format", Arg: "FORMAT", Help: "print FORMAT: %n name, %N quoted with its target, %s size, %a octal mode, %A mode, %U owner, %G group, %Y time, %y time as text, %F type"},
		{Long: "printf", Arg: "FORMAT", Help: "the same, with escapes and no newline"}, {Short: "L", Long: "dereference", Help: "what links point to"},
		{Short: "f", Long: "file-system", Real: true}, {Short: "t", Long: "terse", Real: true},
	}}, tool.Permute, stat)
}

func stat(_ context.Context, c *call) int {
	if len(c.Args) == 0 {
		return c.missing("operand")
	}
	format, given := c.Lookup("format")
	if given {
		format += "\n"
	} else if format, given = c.Lookup("printf"); given {
		format = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\\`, `\`, `\"`, `"`).Replace(format)
	}
	for _, name := range c.Args {
		i, err := c.FS.Lstat(c.abs(name))
		if c.Has("dereference") {
			i, err = c.FS.Stat(c.abs(name))
		}
		if err != nil {
			c.fail("cannot statx %s: %s", shellQuote(name), vfs.Errno(err))
			continue
		}
		kind := map[byte]string{'-': "regular file", 'd': "directory", 'l': "symbolic link", 'c': "character special file"}[modeString(i.Mode())[0]]
		if kind == "regular file" && i.Size() == 0 {
			kind = "regular empty file"
		}
		octal := strconv.FormatUint(uint64(i.Mode().Perm()), 8)
		quoted := shellQuote(name)
		if i.Target != "" {
			quoted += " -> " + shellQuote(i.Target)
		}
		moment := i.ModTime().Format("2006-01-02 15:04:05.000000000 -0700")
		if given {
			seconds := strconv.FormatInt(i.ModTime().Unix(), 10)
			r := strings.NewReplacer("%%", "%", "%n", name, "%N", quoted, "%s", strconv.FormatInt(i.Size(), 10), "%a", octal, "%A", modeString(i.Mode()), "%U", i.Owner, "%G", i.Group,
				"%Y", seconds, "%X", seconds, "%Z", seconds, "%y", moment, "%x", moment, "%z", moment, "%F", kind, "%h", strconv.Itoa(i.Links), "%b", strconv.FormatInt((i.Size()+511)/512, 10), "%B", "512", "%o", "4096", "%m", "/")
			io.WriteString(c.Stdout, r.Replace(format))
			continue
		}
		fmt.Fprintf(c.Stdout, "  File: %s\n  Size: %-10d\tBlocks: %-10d IO Block: 4096   %s\nAccess: (0%s/%s)  Uid: (%8s)   Gid: (%8s)\nModify: %s\n",
			strings.Trim(quoted, "'"), i.Size(), (i.Size()+511)/512, kind, octal, modeString(i.Mode()), i.Owner, i.Group, moment)
	}
	return 0
}
