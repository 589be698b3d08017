package tool

import (
	"fmt"
	"strings"
	"testing"
)

var table = []Option{
	{Short: "a", Long: "all", Help: "everything"},
	{Short: "n", Long: "lines", Arg: "NUM", Help: "how many"},
	{Short: "i", Arg: "SUFFIX", Optional: true, Help: "in place"},
	{Long: "color", Arg: "WHEN", Optional: true, Help: "colours"},
	{Long: "columns", Help: "columns"},
	{Short: "Z", Long: "context", Real: true},
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"x -a y", "all= | x y"},
		{"-an5 x", "all= lines=5 | x"},
		{"-n 5 -- -a", "lines=5 | -a"},
		{"--lines=5 --lin 6 -", "lines=5 lines=6 | -"},
		{"-i x -i.bak", "i= i=.bak | x"},
		{"--color --color=no", "color= color=no |"},
		{"-q", "! invalid option -- 'q'"},
		{"-n", "! option requires an argument -- 'n'"},
		{"--lines", "! option '--lines' requires an argument"},
		{"--all=1", "! option '--all' doesn't allow an argument"},
		{"--nope", "! unrecognized option '--nope'"},
		{"--co", "! option '--co' is ambiguous; possibilities: '--color' '--columns' '--context'"},
		{"-Z", "! skylab: -Z is real but not simulated here"},
	} {
		p, err := Parse(table, strings.Fields(c.in), Permute)
		var got []string
		for _, o := range p.Opts {
			got = append(got, o.Name+"="+o.Value)
		}
		s := strings.TrimSpace(strings.Join(got, " ") + " | " + strings.Join(p.Args, " "))
		if err != nil {
			s = "! " + err.Error()
		}
		if s != c.want {
			t.Errorf("%s: %s, want %s", c.in, s, c.want)
		}
	}
	p, _ := Parse(table, []string{"cmd", "-a"}, FirstArg)
	if fmt.Sprint(p.Args) != "[cmd -a]" {
		t.Errorf("FirstArg: %v", p.Args)
	}
}

func TestHelpNamesEveryOption(t *testing.T) {
	var help, manual strings.Builder
	prog := Program{Name: "x", Usage: "[OPTION]...", Summary: "Do it", Options: table, Manual: "One.\n\nTwo."}
	Help(&help, prog)
	Manual(&manual, prog)
	for _, o := range table {
		for _, text := range []string{help.String(), manual.String()} {
			if !strings.Contains(text, "-"+o.name()) || !strings.Contains(text, o.Help) {
				t.Errorf("%q is not in\n%s", o.name(), text)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("-an5 --lines=3 x")
	f.Fuzz(func(t *testing.T, in string) { _, _ = Parse(table, strings.Fields(in), Permute) })
}
