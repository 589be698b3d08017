package awk

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"skylab/sim/clock"
	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

func TestPrograms(t *testing.T) {
	for _, c := range []struct {
		args     string // \x1f for a blank inside one
		out, err string
		status   int
	}{
		{"{print\x1f$2} /w/a", "1\n2\n", "", 0},
		{"{print\x1f$2} a", "1\n2\n", "", 0},
		{"-F, {print\x1f$2} csv", "b\nd\n", "", 0},
		{"-v x=3 BEGIN{print\x1fx*2}", "6\n", "", 0},
		{"-f prog a", "one\n", "", 0},
		{"END{print\x1fNR}", "1\n", "", 0},
		{"{print} -", "in\n", "", 0},
		{"BEGIN{exit\x1f3}", "", "", 3},
		{"BEGIN{print\x1fENVIRON[\"A\"]}", "1\n", "", 0},
		{"{print} none", "", "awk: cannot open \"none\" (No such file or directory)\n", 2},
		{"-f none", "", "awk: cannot open none (No such file or directory)\n", 2},
		{"", "", "usage: awk [-F fs][-v var=value][prog | -f progfile][file ...]\n", 2},
	} {
		k := clock.New(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
		files := vfs.New(k.Now, 0).As(vfs.Who{User: "root", Root: true})
		for name, text := range map[string]string{"a": "one 1\ntwo 2\n", "csv": "a,b\nc,d\n", "prog": "NR == 1 { print $1 }"} {
			if err := files.MkdirAll("/w", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := files.WriteFile("/w/"+name, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		p := Program()
		args := []string{"awk"}
		for _, a := range strings.Fields(c.args) {
			args = append(args, strings.ReplaceAll(a, "\x1f", " "))
		}
		var out, errs bytes.Buffer
		status := p.Run(context.Background(), &tool.Process{Args: args, Environ: []string{"A=1"}, Dir: "/w", Stdin: strings.NewReader("in\n"), Stdout: &out, Stderr: &errs, FS: files, Clock: k})
		if out.String() != c.out || errs.String() != c.err || status != c.status {
			t.Errorf("awk %q: %d %q %q", args, status, out.String(), errs.String())
		}
	}
}

func TestGuarded(t *testing.T) {
	const g = guardName + "()"
	for _, c := range [][2]string{
		{"{ print }", "{" + g + "; print }"},
		{"BEGIN { while (1) x = x x }", "BEGIN {" + g + "; while (" + g + " && (1)) x = x x }"},
		{"BEGIN { for (;;) f() } function f() { return 1 }", "BEGIN {" + g + "; for (;" + g + ";) f() } function f() {" + g + "; return 1 }"},
		{"{ for (i = 0; i < (3); i++) { x } }", "{" + g + "; for (i = 0;" + g + " && ( i < (3)); i++) { x } }"},
		{"{ for (k in a) print }", "{" + g + "; for (k in a) print }"},
		{"{ do x++; while (x < 3) }", "{" + g + "; do x++; while (" + g + " && (x < 3)) }"},
		{"/while (/ { x = 4 / 2 / y }", "/while (/ {" + g + "; x = 4 / 2 / y }"},
		{"# while (1)\n{ print }", "# while (1)\n{" + g + "; print }"},
		{"/x/", "/x/"}, {"", ""}, {"{ while (", "{" + g + "; while ("},
	} {
		if got := guarded(c[0]); got != c[1] {
			t.Errorf("%s\n got %s\nwant %s", c[0], got, c[1])
		}
	}
}

func FuzzGuarded(f *testing.F) {
	f.Add("BEGIN { while (1) x = x x }")
	f.Add("/a/ { for (i = 0; i < 3; i++) print $i / 2 }")
	f.Fuzz(func(t *testing.T, src string) {
		if strings.Contains(src, guardName) {
			return
		}
		if got := strings.NewReplacer(guardName+"();", "", guardName+"() && (", "(", guardName+"()", "").Replace(guarded(src)); len(got) < len(src) {
			t.Errorf("%q lost something: %q", src, got)
		}
	})
}
