package windows

import (
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"skylab/sim/machine"
)

type builtin func(c *Cmd, rest string, in io.Reader, out, errs io.Writer) int

// builtins are cmd's own commands that are simulated, realCommands those that are
// not.
var (
	builtins     map[string]builtin
	realCommands = []string{"assoc", "bcdedit", "break", "call", "color", "for", "ftype", "goto", "if", "mklink", "popd", "prompt", "pushd", "shift", "setlocal", "endlocal", "start", "verify", "net", "netsh", "ping", "nslookup", "tracert", "tasklist", "taskkill", "systeminfo", "reg", "sc", "schtasks", "findstr", "find", "more", "sort", "xcopy", "robocopy", "icacls", "shutdown", "wmic", "notepad", "ssh", "certutil", "tree"}
)

func init() {
	builtins = map[string]builtin{
		"cd": cd, "chdir": cd, "dir": dir, "type": typeFiles, "echo": echo, "set": set, "cls": func(c *Cmd, _ string, _ io.Reader, _, _ io.Writer) int { c.cleared = true; return 0 },
		"ver": func(_ *Cmd, _ string, _ io.Reader, out, _ io.Writer) int {
			fmt.Fprint(out, "\nMicrosoft Windows [Version 10.0.20348.3692]\n")
			return 0
		},
		"exit": exit, "rem": func(c *Cmd, _ string, _ io.Reader, _, _ io.Writer) int { return c.level }, "title": func(*Cmd, string, io.Reader, io.Writer, io.Writer) int { return 0 },
		"md": mkdir, "mkdir": mkdir, "del": del, "erase": del, "rd": rmdir, "rmdir": rmdir, "copy": copyFile, "ren": rename, "rename": rename, "move": rename,
		"path": func(c *Cmd, _ string, _ io.Reader, out, _ io.Writer) int {
			v, _ := c.get("Path")
			fmt.Fprintln(out, "PATH="+v)
			return 0
		},
	}
}

func cd(c *Cmd, rest string, _ io.Reader, out, errs io.Writer) int {
	rest = strings.TrimSpace(rest)
	if f := strings.Fields(rest); len(f) > 0 && strings.EqualFold(f[0], "/d") {
		rest = strings.TrimSpace(rest[2:])
	}
	if rest == "" {
		fmt.Fprintln(out, machine.WindowsPath(c.dir))
		return 0
	}
	full := c.abs(rest)
	if full == "/" {
		full = c.dir[:3]
	}
	i, err := c.files().Stat(full)
	switch {
	case err != nil:
		return c.fail(errs, "The system cannot find the path specified.")
	case !i.IsDir():
		return c.fail(errs, "The directory name is invalid.")
	}
	c.dir = c.proper(full)
	return 0
}

// proper is a path with the case of what is on the disk.
func (c *Cmd) proper(full string) string {
	out := "/"
	for _, part := range strings.Split(strings.Trim(full, "/"), "/") {
		if i, err := c.files().Stat(path.Join(out, part)); err == nil {
			part = i.Name()
		}
		out = path.Join(out, part)
	}
	return out
}

func dir(c *Cmd, rest string, _ io.Reader, out, errs io.Writer) int {
	bare, all := false, false
	var names []string
	for _, w := range splitLine(rest) {
		switch l := strings.ToLower(w); {
		case l == "/b":
			bare = true
		case strings.HasPrefix(l, "/a"):
			all = true
		case strings.HasPrefix(l, "/"):
			fmt.Fprintln(errs, "skylab: dir "+w+" is real but not simulated here")
			return 1
		default:
			names = append(names, w)
		}
	}
	_ = all
	if len(names) == 0 {
		names = []string{"."}
	}
	full := c.proper(c.abs(names[0]))
	pattern := ""
	i, err := c.files().Stat(full)
	if err != nil || !i.IsDir() {
		full, pattern = path.Dir(full), path.Base(full)
	}
	if !bare {
		fmt.Fprintf(out, " Volume in drive C is Windows\n Volume Serial Number is 5C1D-E3A7\n\n Directory of %s\n\n", machine.WindowsPath(full))
	}
	list, err := c.files().ReadDir(full)
	if err != nil {
		return c.fail(errs, "File Not Found")
	}
	files, dirs, bytes := 0, 0, int64(0)
	line := func(name, what string, at interface{ Format(string) string }) {
		if bare {
			if name != "." && name != ".." {
				fmt.Fprintln(out, name)
			}
			return
		}
		fmt.Fprintf(out, "%s    %-14s %s\n", at.Format("01/02/2006  03:04 PM"), what, name)
	}
	if self, err := c.files().Stat(full); err == nil && pattern == "" && len(full) > 4 {
		line(".", "<DIR>", self.ModTime())
		line("..", "<DIR>", self.ModTime())
		dirs += 2
	}
	for _, x := range list {
		if ok, _ := path.Match(strings.ToLower(pattern), strings.ToLower(x.Name())); pattern != "" && !ok {
			continue
		}
		if x.IsDir() {
			dirs++
			line(x.Name(), "<DIR>", x.ModTime())
			continue
		}
		files++
		bytes += x.Size()
		line(x.Name(), fmt.Sprintf("%14s", grouped(x.Size())), x.ModTime())
	}
	if files+dirs == 0 {
		return c.fail(errs, "File Not Found")
	}
	if !bare {
		fmt.Fprintf(out, "%16d File(s) %14s bytes\n%16d Dir(s)  %s bytes free\n", files, grouped(bytes), dirs, grouped(115_000_000_000))
	}
	return 0
}

// grouped writes a number with commas.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func typeFiles(c *Cmd, rest string, _ io.Reader, out, errs io.Writer) int {
	names := splitLine(rest)
	if len(names) == 0 {
		return c.fail(errs, "The syntax of the command is incorrect.")
	}
	for _, n := range names {
		data, err := c.files().ReadFile(c.abs(n))
		if err != nil {
			return c.fail(errs, "The system cannot find the file specified.")
		}
		fmt.Fprint(out, strings.ReplaceAll(decodeText(data), "\r\n", "\n"))
	}
	return 0
}

func echo(_ *Cmd, rest string, _ io.Reader, out, _ io.Writer) int {
	switch strings.ToLower(strings.TrimSpace(rest)) {
	case "":
		fmt.Fprintln(out, "ECHO is on.")
	case "on", "off":
	default:
		fmt.Fprintln(out, rest)
	}
	return 0
}

func set(c *Cmd, rest string, _ io.Reader, out, errs io.Writer) int {
	rest = strings.TrimSpace(rest)
	if strings.HasPrefix(strings.ToLower(rest), "/a") || strings.HasPrefix(strings.ToLower(rest), "/p") {
		fmt.Fprintln(errs, "skylab: set "+rest[:2]+" is real but not simulated here")
		return 1
	}
	if len(rest) > 1 && rest[0] == '"' && strings.HasSuffix(rest, `"`) {
		rest = rest[1 : len(rest)-1]
	}
	if name, value, ok := strings.Cut(rest, "="); ok {
		c.set(name, value)
		return 0
	}
	names := slices.SortedFunc(maps.Keys(c.env), func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	found := false
	for _, k := range names {
		if strings.HasPrefix(strings.ToLower(k), strings.ToLower(rest)) {
			fmt.Fprintln(out, k+"="+c.env[k])
			found = true
		}
	}
	if !found {
		return c.fail(errs, "Environment variable "+rest+" not defined")
	}
	return 0
}

func exit(c *Cmd, rest string, _ io.Reader, _, _ io.Writer) int {
	c.exited = true
	f := strings.Fields(rest)
	if len(f) > 0 && strings.EqualFold(f[0], "/b") {
		f = f[1:]
	}
	if len(f) > 0 {
		if n, err := strconv.Atoi(f[0]); err == nil {
			return n
		}
	}
	return c.level
}

func mkdir(c *Cmd, rest string, _ io.Reader, _, errs io.Writer) int {
	for _, n := range splitLine(rest) {
		if _, err := c.files().Stat(c.abs(n)); err == nil {
			return c.fail(errs, "A subdirectory or file "+n+" already exists.")
		}
		if err := c.files().MkdirAll(c.abs(n), 0o755); err != nil {
			return c.fail(errs, "Access is denied.")
		}
	}
	return 0
}

func del(c *Cmd, rest string, _ io.Reader, _, errs io.Writer) int {
	for _, n := range splitLine(rest) {
		if strings.HasPrefix(n, "/") {
			continue
		}
		if i, err := c.files().Stat(c.abs(n)); err != nil || i.IsDir() {
			fmt.Fprintf(errs, "Could Not Find %s\n", machine.WindowsPath(c.abs(n)))
			continue
		}
		if c.files().Remove(c.abs(n)) != nil {
			return c.fail(errs, "Access is denied.")
		}
	}
	return 0
}

func rmdir(c *Cmd, rest string, _ io.Reader, _, errs io.Writer) int {
	all := false
	for _, n := range splitLine(rest) {
		if strings.HasPrefix(n, "/") {
			all = all || strings.EqualFold(n, "/s")
			continue
		}
		i, err := c.files().Stat(c.abs(n))
		switch {
		case err != nil:
			return c.fail(errs, "The system cannot find the file specified.")
		case !i.IsDir():
			return c.fail(errs, "The directory name is invalid.")
		case all:
			err = c.files().RemoveAll(c.abs(n))
		default:
			err = c.files().Remove(c.abs(n))
		}
		if err != nil {
			return c.fail(errs, "The directory is not empty.")
		}
	}
	return 0
}

func copyFile(c *Cmd, rest string, _ io.Reader, out, errs io.Writer) int {
	w := splitLine(rest)
	if len(w) != 2 {
		return c.fail(errs, "The syntax of the command is incorrect.")
	}
	data, err := c.files().ReadFile(c.abs(w[0]))
	if err != nil {
		return c.fail(errs, "The system cannot find the file specified.")
	}
	to := c.abs(w[1])
	if i, err := c.files().Stat(to); err == nil && i.IsDir() {
		to = path.Join(to, path.Base(c.abs(w[0])))
	}
	if c.files().WriteFile(to, data, 0o644) != nil {
		return c.fail(errs, "The system cannot find the path specified.")
	}
	fmt.Fprintln(out, "        1 file(s) copied.")
	return 0
}

func rename(c *Cmd, rest string, _ io.Reader, _, errs io.Writer) int {
	w := splitLine(rest)
	if len(w) != 2 {
		return c.fail(errs, "The syntax of the command is incorrect.")
	}
	from, to := c.abs(w[0]), c.abs(w[1])
	if i, err := c.files().Stat(to); err == nil && i.IsDir() {
		to = path.Join(to, path.Base(from))
	}
	if c.files().Rename(from, to) != nil {
		return c.fail(errs, "The system cannot find the file specified.")
	}
	return 0
}
