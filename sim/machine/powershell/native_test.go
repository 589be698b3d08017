package powershell_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"skylab/sim/clock"
	"skylab/sim/machine/powershell"
	"skylab/sim/machine/powershell/cmdlet"
	"skylab/sim/machine/powershell/format"
)

var instant = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// echoArgs is a program that prints its arguments, each between < and >.
type echoArgs struct{}

func (echoArgs) Find(name string) string {
	if name == "args" {
		return name
	}
	return ""
}

func (echoArgs) Run(_ context.Context, p powershell.Process) (int, error) {
	var words []string
	for _, a := range p.Args {
		words = append(words, "<"+a+">")
	}
	line := strings.Join(words, " ")
	if p.Piped {
		line += fmt.Sprintf(" in %q", p.Stdin)
	}
	p.Out(line)
	if p.Err != nil {
		p.Err("warned")
	}
	return 3, nil
}

func TestNativeArguments(t *testing.T) {
	run := func(windows bool, edition powershell.Edition, text string) string {
		var b strings.Builder
		s := powershell.New(powershell.Config{Edition: edition, Windows: windows, Commands: cmdlet.All(edition), Format: format.New, Dir: "C:/x", Home: "/root", Files: newMemory("/root"), Programs: echoArgs{}, Clock: clock.New(instant), Environ: []string{"NAME=v v"}})
		s.Run(context.Background(), text, powershell.Run{Out: func(t string) { b.WriteString(t) }})
		return strings.TrimSuffix(b.String(), "\n")
	}
	for _, c := range []struct{ text, linux, old, windows string }{
		{`args a 'b c' "d"`, "<a> <b c> <d>", "<a> <b c> <d>", "<a> <b c> <d>"},
		{`args 'say "hi"'`, `<say "hi">`, `<say hi>`, `<say "hi">`},
		{`args '{"a":"b"}'`, `<{"a":"b"}>`, `<{a:b}>`, `<{"a":"b"}>`},
		{`args 'a "b c" d'`, `<a "b c" d>`, `<a b> <c d>`, `<a "b c" d>`},
		{`args '' x`, "<> <x>", "<x>", "<> <x>"},
		{`args 'C:\p q\'`, `<C:\p q\>`, `<C:\p q">`, `<C:\p q\>`},
		{`args -x:5 -Name 'y z' --long=1`, "<-x:5> <-Name> <y z> <--long=1>", "<-x:5> <-Name> <y z> <--long=1>", "<-x:5> <-Name> <y z> <--long=1>"},
		{`$a = 1, 'b c'; args $a a,b`, "<1> <b c> <a,b>", "<1> <b c> <a,b>", "<1> <b c> <a,b>"},
		{`args 1.50 0x10`, "<1.50> <0x10>", "<1.50> <0x10>", "<1.50> <0x10>"},
		{`args --% /c "x %NAME%" y`, "</c> <x v v> <y>", "</c> <x v v> <y>", "</c> <x v v> <y>"},
		{`1, 'b' | args`, ` in "1\nb\n"`, ` in "1\r\nb\r\n"`, ` in "1\r\nb\r\n"`},
		{`$null = args; "$LASTEXITCODE $?"`, "3 False", "3 False", "3 False"},
		{`args ~/a ~ '~'`, "</root/a> </root> <~>", "<~/a> <~> <~>", "<~/a> <~> <~>"},
	} {
		for _, x := range []struct {
			what, got, want string
		}{{"7 on Linux", run(false, powershell.Core, c.text), c.linux}, {"5.1", run(true, powershell.Desktop, c.text), c.old}, {"7 on Windows", run(true, powershell.Core, c.text), c.windows}} {
			if x.got != x.want {
				t.Errorf("%s: %s: %s, want %s", x.what, c.text, x.got, x.want)
			}
		}
	}
	if got, want := run(true, powershell.Desktop, `$x = args 2>&1; $x[1].GetType().Name; $x[1].FullyQualifiedErrorId`), "ErrorRecord\nNativeCommandError"; got != want {
		t.Errorf("standard error: %q", got)
	}
}
