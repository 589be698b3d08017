package pwsh

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"

	"skylab/sim/machine"
	"skylab/sim/machine/powershell"
	"skylab/sim/machine/shell"
	"skylab/sim/machine/tool"
)

// option is an option of the program: how it is written, the shortest form
// that is understood, and the name of what it takes.
type option struct{ name, short, arg, help string }

// options of both programs; the first two take all that follows.
var options = []option{
	{"Command", "c", "TEXT", "run the text, or what is read with \"-\", and end with its status"},
	{"File", "f", "FILE", "run a script file; what follows are its arguments"},
	{"EncodedCommand", "e", "BASE64", "run a text that is written in UTF-16LE and base64"},
	{"ExecutionPolicy", "ex", "POLICY", "accepted; scripts run in any case"},
	{"WorkingDirectory", "wd", "DIR", "begin in a directory (pwsh)"},
	{"NoProfile", "nop", "", "do not read the profile; there is none here"},
	{"NonInteractive", "noni", "", "never ask"},
	{"NoLogo", "nol", "", "do not greet"},
	{"NoExit", "noe", "", "stay after the command"},
	{"Login", "l", "", "begin as a login shell (pwsh)"},
	{"Version", "v", "", "print the version"},
	{"Help", "h", "", "print this"},
}

// program describes the shell as a program.
func program(name string, edition powershell.Edition) tool.Program {
	p := tool.Program{Summary: "PowerShell 7", Usage: "[-File FILE [ARG...] | -Command TEXT | -] [OPTION...]"}
	if edition == powershell.Desktop {
		p.Summary, p.Usage = "Windows PowerShell 5.1", "[-Command TEXT | -File FILE [ARG...]] [OPTION...]"
	}
	for _, o := range options {
		p.Options = append(p.Options, tool.Option{Long: strings.ToLower(o.name), Arg: o.arg, Help: o.help})
	}
	return p
}

// findOption finds an option by what is typed after its dash: a beginning of its
// name that is no shorter than the shortest.
func findOption(a string) (option, bool) {
	a = strings.ToLower(strings.TrimLeft(a, "-/"))
	if a == "?" {
		a = "h"
	}
	if a == "ep" {
		a = "ex"
	}
	for _, o := range options {
		if a == o.short || len(a) >= len(o.short) && strings.HasPrefix(strings.ToLower(o.name), a) {
			return o, true
		}
	}
	return option{}, false
}

// run is the shell as a program: with a text, a file, its input, or as a console
// on top of the one that started it.
func run(ctx context.Context, name string, edition powershell.Edition, m *machine.Machine, u tool.User, p *tool.Process) int {
	old := edition == powershell.Desktop
	text, file := "", ""
	var params []string
	has, stay := false, false
	o := machine.ShellOptions{Machine: m, User: u, Environ: p.Environ, Dir: p.Dir, Nested: true}
	args := p.Args[1:]
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a == "-" {
			break
		}
		if !strings.HasPrefix(a, "-") && !(old && strings.HasPrefix(a, "/")) {
			if old {
				text, has = strings.Join(args[i:], " "), true
			} else {
				file, params = a, args[i+1:]
			}
			break
		}
		opt, ok := findOption(a)
		if !ok {
			if old {
				text, has = strings.Join(args[i:], " "), true
				break
			}
			fmt.Fprintf(p.Stderr, "The argument '%s' is not recognized as the name of a script file. Check the spelling of the name, or if a path was included, verify that the path is correct and try again.\n", a)
			return 64
		}
		value := ""
		if opt.arg != "" {
			if i+1 >= len(args) {
				fmt.Fprintf(p.Stderr, "Cannot process the command because of a missing parameter. A command must follow -%s.\n", opt.name)
				return 64
			}
			i++
			value = args[i]
		}
		switch opt.name {
		case "Command":
			has = true
			text = strings.Join(args[i:], " ")
			if text == "-" {
				has = false
			}
		case "File":
			file, params = value, args[i+1:]
		case "EncodedCommand":
			t, err := decodeCommand(value)
			if err != nil {
				fmt.Fprintf(p.Stderr, "Cannot process the command because the value specified with -EncodedCommand is not properly encoded. The value must be Base64 encoded.\n")
				return 64
			}
			text, has = t, true
		case "WorkingDirectory":
			o.Dir = value
		case "NoExit":
			stay = true
		case "Version":
			if !old {
				fmt.Fprintln(p.Stdout, "PowerShell 7.6.5")
				return 0
			}
		case "Help":
			tool.Help(p.Stdout, tool.Program{Name: name, Summary: program(name, edition).Summary, Usage: program(name, edition).Usage, Options: program(name, edition).Options})
			return 0
		}
		if opt.name == "Command" || opt.name == "File" {
			break
		}
	}
	if (stay || !has && file == "") && p.Login != nil && p.Person != nil {
		p.Login(tool.Login{Machine: m.Name, User: u.Name, Environ: p.Environ, Dir: p.Dir, Nested: true, Shell: name})
		return 0
	}
	s := newSession(o, edition)
	st := shell.Streams{In: p.Stdin, Out: p.Stdout, Err: p.Stderr, Columns: p.TTY.Columns}
	switch {
	case file != "":
		return s.runFile(ctx, file, params, st)
	case !has:
		data, err := io.ReadAll(p.Stdin)
		if err != nil {
			return 1
		}
		text, st.In = string(data), nil
	}
	return s.Run(ctx, text, st).Status
}

// runFile runs a script file as -File does.
func (s *Session) runFile(ctx context.Context, file string, params []string, st shell.Streams) int {
	name := s.ps.Path(file)
	if i, err := (files{s}).Stat(name); err != nil || i.IsDir() || !strings.HasSuffix(strings.ToLower(file), ".ps1") && s.ps.Old() {
		if s.ps.Old() {
			fmt.Fprintf(orDiscard(st.Err), "The argument '%s' to the -File parameter does not exist. Provide the path to an existing '.ps1' file as an argument to the -File parameter.\n", file)
			return -196608 & 0xff
		}
		fmt.Fprintf(orDiscard(st.Err), "The argument '%[1]s' is not recognized as the name of a script file. Check the spelling of the name, or if a path was included, verify that the path is correct and try again.\n", file)
		return 64
	}
	text := "& " + quoted(s.ps.Native(name))
	for _, a := range params {
		if strings.HasPrefix(a, "-") && len(a) > 1 {
			text += " " + a
			continue
		}
		text += " " + quoted(a)
	}
	r := s.Run(ctx, text, st)
	return r.Status
}

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func decodeCommand(s string) (string, error) {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return "", err
	}
	if len(b)%2 != 0 {
		return "", errors.New("an odd number of bytes")
	}
	u := make([]uint16, len(b)/2)
	for i := range u {
		u[i] = uint16(b[2*i]) | uint16(b[2*i+1])<<8
	}
	return string(utf16.Decode(u)), nil
}

// bash runs bash as a program of a Linux machine.
func (s *Session) bash(ctx context.Context, q *tool.Process) int {
	switch {
	case len(q.Args) == 1 && q.Login != nil && q.Person != nil:
		q.Login(tool.Login{Machine: s.m.Name, User: s.o.User.Name, Environ: q.Environ, Dir: q.Dir, Nested: true, Shell: "bash"})
		return 0
	case len(q.Args) < 3 || q.Args[1] != "-c":
		fmt.Fprintln(q.Stderr, tool.NotSimulated(strings.Join(q.Args, " ")+" from PowerShell"))
		return 1
	}
	b, err := s.m.Start("bash", machine.ShellOptions{User: s.o.User, Nested: true, Dir: q.Dir, Environ: q.Environ})
	if err != nil {
		fmt.Fprintln(q.Stderr, err)
		return 1
	}
	return b.Run(ctx, q.Args[2], shell.Streams{In: q.Stdin, Out: q.Stdout, Err: q.Stderr}).Status
}
