package bash

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"skylab/sim/machine/vfs"
)

// real is a path without its symbolic links.
func (f *frame) real(name string) string {
	full := path.Clean(f.abs(name))
	out := "/"
	for n, part := range strings.Split(strings.Trim(full, "/"), "/") {
		next := path.Join(out, part)
		if i, err := f.files().Lstat(next); err == nil && i.Target != "" && n < 64 {
			if path.IsAbs(i.Target) {
				next = i.Target
			} else {
				next = path.Join(out, i.Target)
			}
		}
		out = next
	}
	return path.Clean(out)
}

// enter makes a directory the shell's; the error is bash's.
func (f *frame) enter(name string) error {
	full := path.Clean(f.abs(name))
	v := f.files()
	i, err := v.Stat(full)
	switch {
	case err != nil:
		return assignError(name + ": " + vfs.Errno(err))
	case !i.IsDir():
		return assignError(name + ": Not a directory")
	case v.Access(full, vfs.Exec) != nil:
		return assignError(name + ": Permission denied")
	}
	f.put("OLDPWD", f.dir)
	f.dir = full
	f.put("PWD", full)
	for _, name := range []string{"PWD", "OLDPWD"} {
		x := f.vars[name]
		x.Exported = true
		f.vars[name] = x
	}
	return nil
}

func cdBuiltin(f *frame, _ context.Context, args []string) int {
	given, rest, ok := f.letters(args, "LPe@")
	if !ok {
		return 2
	}
	to, show := "", false
	switch {
	case len(rest) > 1:
		f.complain("cd: too many arguments")
		return 1
	case len(rest) == 0:
		if to = f.text("HOME"); to == "" {
			f.complain("cd: HOME not set")
			return 1
		}
	case rest[0] == "-":
		if to = f.text("OLDPWD"); to == "" {
			f.complain("cd: OLDPWD not set")
			return 1
		}
		show = true
	case rest[0] == "":
		return 0
	default:
		to = rest[0]
		for _, dir := range strings.Split(f.text("CDPATH"), ":") {
			if dir == "" || strings.HasPrefix(to, "/") || strings.HasPrefix(to, "./") || strings.HasPrefix(to, "../") || to == "." || to == ".." {
				continue
			}
			if i, err := f.files().Stat(f.abs(path.Join(dir, to))); err == nil && i.IsDir() {
				to, show = path.Join(f.abs(dir), to), true
				break
			}
		}
	}
	if given['P'] || f.options["physical"] {
		to = f.real(to)
	}
	if err := f.enter(to); err != nil {
		f.complain("cd: %v", err)
		return 1
	}
	if show {
		fmt.Fprintln(f.out(), f.dir)
	}
	return 0
}

func pwdBuiltin(f *frame, _ context.Context, args []string) int {
	given, _, ok := f.letters(args, "LP")
	if !ok {
		return 2
	}
	dir := f.dir
	if given['P'] || f.options["physical"] && !given['L'] {
		dir = f.real(dir)
	}
	fmt.Fprintln(f.out(), dir)
	return 0
}

// dirs are the directories that pushd keeps, the present one first.
func (f *frame) dirs() []string {
	out := slices.Clone(f.stack)
	slices.Reverse(out)
	return append([]string{f.dir}, out...)
}

func (f *frame) showDirs() {
	list := f.dirs()
	for i := range list {
		list[i] = f.tilde(list[i])
	}
	fmt.Fprintln(f.out(), strings.Join(list, " "))
}

func (f *frame) tilde(dir string) string {
	home := f.text("HOME")
	if rest, ok := strings.CutPrefix(dir, home); ok && home != "" && (rest == "" || rest[0] == '/') {
		return "~" + rest
	}
	return dir
}

// rotation reads +N or -N of pushd and popd.
func (f *frame) rotation(name, a string) (at int, ok bool) {
	n, err := strconv.Atoi(a[1:])
	if err != nil {
		f.complain("%s: %s: invalid number\n%s: usage: %s %s", name, a, name, name, usages[name])
		return 0, false
	}
	count := len(f.stack) + 1
	if a[0] == '-' {
		n = count - 1 - n
	}
	if n < 0 || n >= count {
		if count == 1 {
			f.complain("%s: directory stack empty", name)
		} else {
			f.complain("%s: %s: directory stack index out of range", name, a)
		}
		return 0, false
	}
	return n, true
}

func isRotation(a string) bool { return len(a) > 1 && (a[0] == '+' || a[0] == '-') }

func (f *frame) setDirs(list []string) {
	f.stack = slices.Clone(list[1:])
	slices.Reverse(f.stack)
}

func pushdBuiltin(f *frame, _ context.Context, args []string) int {
	args = args[1:]
	stay := len(args) > 0 && args[0] == "-n"
	if stay {
		args = args[1:]
	}
	list := f.dirs()
	switch {
	case len(args) == 0:
		if len(list) == 1 {
			f.complain("pushd: no other directory")
			return 1
		}
		list[0], list[1] = list[1], list[0]
	case isRotation(args[0]):
		n, ok := f.rotation("pushd", args[0])
		if !ok {
			return 1
		}
		list = append(slices.Clone(list[n:]), list[:n]...)
	case stay:
		list = slices.Insert(list, 1, args[0])
	default:
		if err := f.enter(args[0]); err != nil {
			f.complain("pushd: %v", err)
			return 1
		}
		list = append([]string{f.dir}, list...)
	}
	if !stay && list[0] != f.dir {
		if err := f.enter(list[0]); err != nil {
			f.complain("pushd: %v", err)
			return 1
		}
	}
	f.setDirs(list)
	f.showDirs()
	return 0
}

func popdBuiltin(f *frame, _ context.Context, args []string) int {
	args = args[1:]
	stay := len(args) > 0 && args[0] == "-n"
	if stay {
		args = args[1:]
	}
	list := f.dirs()
	at := 0
	if len(args) > 0 {
		if !isRotation(args[0]) {
			f.complain("popd: %s: invalid argument\npopd: usage: popd %s", args[0], usages["popd"])
			return 2
		}
		var ok bool
		if at, ok = f.rotation("popd", args[0]); !ok {
			return 1
		}
	}
	if len(list) == 1 {
		f.complain("popd: directory stack empty")
		return 1
	}
	if stay && at == 0 {
		at = 1
	}
	list = slices.Delete(list, at, at+1)
	if at == 0 {
		if err := f.enter(list[0]); err != nil {
			f.complain("popd: %v", err)
			return 1
		}
	}
	f.setDirs(list)
	f.showDirs()
	return 0
}

func dirsBuiltin(f *frame, _ context.Context, args []string) int {
	var rest []string
	given := map[byte]bool{}
	for _, a := range args[1:] {
		if isRotation(a) && (a[0] == '+' || a[1] >= '0' && a[1] <= '9') {
			rest = append(rest, a)
			continue
		}
		for i := 1; i < len(a); i++ {
			if strings.IndexByte("clpv", a[i]) < 0 {
				return f.wrongOption("dirs", a)
			}
			given[a[i]] = true
		}
	}
	list := f.dirs()
	if given['c'] {
		f.stack = nil
		return 0
	}
	if len(rest) > 0 {
		n, ok := f.rotation("dirs", rest[0])
		if !ok {
			return 1
		}
		list = list[n : n+1]
	}
	for i, d := range list {
		if !given['l'] {
			list[i] = f.tilde(d)
		}
	}
	switch {
	case given['v']:
		for i, d := range list {
			fmt.Fprintf(f.out(), "%2d  %s\n", i, d)
		}
	case given['p']:
		fmt.Fprintln(f.out(), strings.Join(list, "\n"))
	default:
		fmt.Fprintln(f.out(), strings.Join(list, " "))
	}
	return 0
}
