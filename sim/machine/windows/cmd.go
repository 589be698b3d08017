package windows

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"skylab/sim/machine"
	"skylab/sim/machine/shell"
	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

// Cmd is a cmd at work. It implements shell.Session.
type Cmd struct {
	m       *machine.Machine
	user    tool.User
	prompts bool
	dir     string            // as the machine's files have it: "/C:/Users"
	env     map[string]string // by name as given
	level   int               // %ERRORLEVEL%
	history []string
	streams shell.Streams
	cleared bool
	exited  bool
	login   *tool.Login
	last    time.Time // when it last parked
}

func newCmd(o machine.ShellOptions) *Cmd {
	c := &Cmd{m: o.Machine, user: o.User, prompts: o.Interactive, dir: o.Dir, env: map[string]string{}}
	if c.dir == "" {
		c.dir = o.User.Home
	}
	for _, e := range append(o.Machine.Environ(o.User), o.Environ...) {
		if k, v, ok := strings.Cut(e, "="); ok {
			c.set(k, v)
		}
	}
	return c
}

// cmdProgram is cmd as a program. PowerShell gives it its line as one argument.
func cmdProgram(ctx context.Context, m *machine.Machine, u tool.User, p *tool.Process) int {
	line := strings.TrimSpace(strings.Join(p.Args[1:], " "))
	low := strings.ToLower(line)
	switch {
	case strings.HasPrefix(low, "/c"), strings.HasPrefix(low, "/s /c"), strings.HasPrefix(low, "/d /c"):
		line = strings.TrimSpace(line[strings.Index(low, "/c")+2:])
		if len(line) > 1 && line[0] == '"' && line[len(line)-1] == '"' && (strings.Count(line, `"`) > 2 || strings.ContainsAny(line, " &|<>")) {
			line = line[1 : len(line)-1]
		}
	case line == "" && p.Login != nil && p.Person != nil:
		p.Login(tool.Login{Machine: m.Name, User: u.Name, Environ: p.Environ, Dir: p.Dir, Nested: true, Shell: "cmd"})
		return 0
	case line == "":
		data, err := io.ReadAll(p.Stdin)
		if err != nil {
			return 1
		}
		line = string(data)
	case low == "/?":
		fmt.Fprint(p.Stdout, "cmd [/c TEXT]: runs a text, or asks for commands.\n")
		return 0
	default:
		fmt.Fprintln(p.Stderr, tool.NotSimulated("cmd "+line))
		return 1
	}
	c := newCmd(machine.ShellOptions{Machine: m, User: u, Environ: p.Environ, Dir: p.Dir})
	return c.Run(ctx, line, shell.Streams{In: p.Stdin, Out: p.Stdout, Err: p.Stderr}).Status
}

func (c *Cmd) set(name, value string) {
	for k := range c.env {
		if strings.EqualFold(k, name) {
			name = k
		}
	}
	if value == "" {
		delete(c.env, name)
		return
	}
	c.env[name] = value
}

func (c *Cmd) get(name string) (string, bool) {
	switch strings.ToLower(name) {
	case "cd":
		return machine.WindowsPath(c.dir), true
	case "errorlevel":
		return fmt.Sprint(c.level), true
	}
	for k, v := range c.env {
		if strings.EqualFold(k, name) {
			return v, true
		}
	}
	return "", false
}

// Prompt implements shell.Session.
func (c *Cmd) Prompt() string { return machine.WindowsPath(c.dir) + ">" }

// Incomplete implements shell.Session.
func (c *Cmd) Incomplete(text string) (string, bool) {
	if strings.HasSuffix(text, "^") {
		return "More? ", true
	}
	return "", false
}

// Run implements shell.Session.
func (c *Cmd) Run(ctx context.Context, text string, s shell.Streams) shell.Result {
	if s.Out == nil {
		s.Out = io.Discard
	}
	if s.Err == nil {
		s.Err = io.Discard
	}
	if s.In == nil {
		s.In = strings.NewReader("")
	}
	if k, ok := s.In.(*shell.Keyboard); ok {
		defer k.During(ctx)()
	}
	c.streams, c.cleared, c.exited, c.login = s, false, false, nil
	if c.prompts && strings.TrimSpace(text) != "" {
		c.history = append(c.history, text)
	}
	text = strings.ReplaceAll(text, "^\n", "")
	for _, line := range strings.Split(text, "\n") {
		if c.exited || ctx.Err() != nil {
			break
		}
		c.line(ctx, strings.TrimSuffix(line, "\r"))
	}
	if ctx.Err() != nil {
		return shell.Result{Status: 130}
	}
	return shell.Result{Status: c.level, Exited: c.exited, Clear: c.cleared, Login: c.login}
}

// line runs a line: commands joined by &, &&, || and |.
func (c *Cmd) line(ctx context.Context, text string) {
	text = c.expand(text)
	run := true
	for {
		part, op, rest := cut(text)
		if run && strings.TrimSpace(part) != "" {
			var pipe []string
			pipe = append(pipe, part)
			for op == "|" {
				part, op, rest = cut(rest)
				pipe = append(pipe, part)
			}
			c.pipe(ctx, pipe)
		}
		if op == "" || c.exited || ctx.Err() != nil {
			return
		}
		run = op == "&" || op == "&&" && c.level == 0 || op == "||" && c.level != 0
		text = rest
	}
}

// cut takes the first command off a line.
func cut(text string) (part, op, rest string) {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch ch := text[i]; {
		case ch == '"':
			quoted = !quoted
		case ch == '^' && !quoted:
			i++
		case (ch == '&' || ch == '|') && !quoted && !(i > 0 && text[i-1] == '>'):
			n := 1
			if i+1 < len(text) && text[i+1] == ch {
				n = 2
			}
			return text[:i], text[i : i+n], text[i+n:]
		}
	}
	return text, "", ""
}

// expand puts variables in the place of %NAME%.
func (c *Cmd) expand(text string) string {
	var b strings.Builder
	for {
		name, rest, ok := "", "", false
		before, after, found := strings.Cut(text, "%")
		if found {
			name, rest, ok = strings.Cut(after, "%")
		}
		if !ok {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(before)
		if v, known := c.get(name); known {
			b.WriteString(v)
			text = rest
		} else {
			b.WriteString("%" + name)
			text = "%" + rest
		}
	}
}

func (c *Cmd) pipe(ctx context.Context, parts []string) {
	in := c.streams.In
	for i, p := range parts {
		out := c.streams.Out
		var buf bytes.Buffer
		if i+1 < len(parts) {
			out = &buf
		}
		c.command(ctx, p, in, out, c.streams.Err)
		in = &buf
	}
}

// redirects takes redirections out of a command.
func redirects(text string) (rest string, list [][2]string) {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(text); i++ {
		ch := text[i]
		switch {
		case ch == '"':
			quoted = !quoted
		case ch == '^' && !quoted && i+1 < len(text):
			i++
			b.WriteByte(text[i])
			continue
		case !quoted && (ch == '>' || ch == '<'):
			op := string(ch)
			s := b.String()
			if n := len(s); n > 0 && (s[n-1] == '1' || s[n-1] == '2') && (n == 1 || s[n-2] == ' ') {
				op = s[n-1:] + op
				b.Reset()
				b.WriteString(s[:n-1])
			}
			if i+1 < len(text) && text[i+1] == '>' {
				op += ">"
				i++
			}
			i++
			for i < len(text) && text[i] == ' ' {
				i++
			}
			j := i
			for q := false; j < len(text) && (q || !strings.ContainsRune(" <>", rune(text[j]))); j++ {
				if text[j] == '"' {
					q = !q
				}
			}
			list = append(list, [2]string{op, strings.Trim(text[i:j], `"`)})
			i = j - 1
			continue
		}
		b.WriteByte(ch)
	}
	return b.String(), list
}

func (c *Cmd) files() *vfs.View { return c.m.Files(c.user) }

func (c *Cmd) abs(name string) string {
	name = strings.ReplaceAll(strings.Trim(name, `"`), `\`, "/")
	if len(name) > 1 && name[1] == ':' {
		return "/" + path.Clean(name)
	}
	if strings.HasPrefix(name, "/") {
		return path.Join(c.dir[:3], name)
	}
	return path.Join(c.dir, name)
}

// dos writes text as a file of Windows has it.
func dos(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) }

func (c *Cmd) command(ctx context.Context, text string, in io.Reader, out, errs io.Writer) {
	c.m.Clock.Spend(2 * time.Millisecond)
	text, list := redirects(strings.TrimLeft(text, " @\t("))
	for _, r := range list {
		switch op, name := r[0], r[1]; {
		case op == "<":
			data, err := c.files().ReadFile(c.abs(name))
			if err != nil {
				c.fail(errs, "The system cannot find the file specified.")
				return
			}
			in = bytes.NewReader(data)
		case op == "2>" && name == "&1":
			errs = out
		case op == "1>" && name == "&2":
			out = errs
		default:
			var buf bytes.Buffer
			if !strings.EqualFold(name, "nul") {
				full, appends := c.abs(name), strings.HasSuffix(op, ">>")
				defer func() {
					data := dos(buf.Bytes())
					if appends {
						old, _ := c.files().ReadFile(full)
						data = append(old, data...)
					}
					if c.files().WriteFile(full, data, 0o644) != nil {
						c.fail(c.streams.Err, "The system cannot find the path specified.")
					}
				}()
			}
			if strings.HasPrefix(op, "2") {
				errs = &buf
			} else {
				out = &buf
			}
		}
	}
	text = strings.TrimRight(strings.TrimLeft(text, " \t"), "\t")
	name, rest := text, ""
	if i := strings.IndexAny(text, " \t=,;"); i >= 0 && !strings.HasPrefix(text, `"`) {
		name, rest = text[:i], text[i:]
	} else if strings.HasPrefix(text, `"`) {
		if i := strings.IndexByte(text[1:], '"'); i >= 0 {
			name, rest = text[1:i+1], text[i+2:]
		}
	}
	low := strings.ToLower(name)
	for _, b := range []string{"echo", "cd"} { // echo. and cd.. need no blank
		if strings.HasPrefix(low, b) && len(low) > len(b) && strings.ContainsRune(`.\/:`, rune(low[len(b)])) {
			low, rest = b, text[len(b):]
			if b == "echo" {
				rest = " " + rest[1:]
				if strings.TrimSpace(rest) == "" {
					fmt.Fprintln(out)
					c.level = 0
					return
				}
			}
		}
	}
	if f, ok := builtins[low]; ok {
		c.level = f(c, strings.TrimPrefix(rest, " "), in, out, errs)
		return
	}
	if slices.Contains(realCommands, low) {
		fmt.Fprintln(errs, tool.NotSimulated(low))
		c.level = 1
		return
	}
	base := strings.TrimSuffix(path.Base(strings.ReplaceAll(low, `\`, "/")), ".exe")
	if prog, ok := c.m.Program(base); ok && prog.Run != nil {
		args := append([]string{base}, splitLine(rest)...)
		if base == "cmd" {
			args = []string{"cmd", strings.TrimSpace(rest)}
		}
		p := &tool.Process{Args: args, Environ: c.environ(), Dir: c.dir, Stdin: in, Stdout: out, Stderr: errs, Yield: c.yield, TTY: tool.Terminal{Columns: 120, Rows: 24}}
		if k, ok := in.(*shell.Keyboard); ok {
			p.Person, p.TTY.In, p.TTY.Err = k, true, true
			if c.prompts {
				p.Login = func(l tool.Login) { c.login = &l }
			}
		}
		c.level, _ = c.m.Exec(ctx, c.user, p)
		return
	}
	fmt.Fprintf(errs, "'%s' is not recognized as an internal or external command,\noperable program or batch file.\n", name)
	c.level = 1
	if c.prompts {
		c.level = 9009
	}
}

// splitLine takes a command line apart as the C library does.
func splitLine(line string) (words []string) {
	var b strings.Builder
	in, quoted := false, false
	for i := 0; i < len(line); i++ {
		switch ch := line[i]; {
		case ch == '\\' && i+1 < len(line) && line[i+1] == '"':
			b.WriteByte('"')
			i++
			in = true
		case ch == '"':
			quoted, in = !quoted, true
		case (ch == ' ' || ch == '\t') && !quoted:
			if in {
				words = append(words, b.String())
				b.Reset()
				in = false
			}
		default:
			b.WriteByte(ch)
			in = true
		}
	}
	if in {
		words = append(words, b.String())
	}
	return words
}

func (c *Cmd) environ() (list []string) {
	for _, k := range slices.Sorted(maps.Keys(c.env)) {
		list = append(list, k+"="+c.env[k])
	}
	return list
}

// yield parks now and then, so that the rest of a wasm program can run.
func (c *Cmd) yield(ctx context.Context) error {
	if time.Since(c.last) > 16*time.Millisecond {
		time.Sleep(time.Millisecond)
		c.last = time.Now()
	}
	return ctx.Err()
}

func (c *Cmd) fail(w io.Writer, text string) int {
	fmt.Fprintln(w, text)
	c.level = 1
	return 1
}

// Complete implements shell.Session.
func (c *Cmd) Complete(text string, pos int) shell.Completion {
	return shell.Completion{Start: pos, End: pos}
}

// History implements shell.Session.
func (c *Cmd) History() []string { return slices.Clone(c.history) }

// Dir implements shell.Session.
func (c *Cmd) Dir() string { return c.dir }

// User implements shell.Session.
func (c *Cmd) User() string { return c.user.Name }

// Vars implements shell.Session.
func (c *Cmd) Vars() map[string]string { return maps.Clone(c.env) }

// Return implements shell.Returner.
func (c *Cmd) Return(status int) { c.level = status }

type cmdState struct {
	Dir     string            `json:"dir"`
	Env     map[string]string `json:"env"`
	Level   int               `json:"level,omitempty"`
	History []string          `json:"history,omitempty"`
}

// State implements shell.Session.
func (c *Cmd) State() (json.RawMessage, error) {
	return json.Marshal(cmdState{c.dir, c.env, c.level, c.history})
}

// Restore implements shell.Session.
func (c *Cmd) Restore(raw json.RawMessage) error {
	var st cmdState
	if err := json.Unmarshal(raw, &st); err != nil {
		return fmt.Errorf("restore a cmd session: %w", err)
	}
	c.dir, c.env, c.level, c.history = st.Dir, st.Env, st.Level, st.History
	if c.env == nil {
		c.env = map[string]string{}
	}
	return nil
}
