package app

import (
	"strings"
	"testing"
)

func TestDiff(t *testing.T) {
	for _, c := range []struct{ name, a, b, want string }{
		{"the same", "a\nb\n", "a\nb\n", " a| b"},
		{"one line", "a\nb\nc\n", "a\nx\nc\n", " a|-b|+x| c"},
		{"more", "a\n", "a\nb\n", " a|+b"},
		{"less", "a\nb\n", "b\n", "-a| b"},
		{"kept in the middle", "1\na\nb\n2\n", "3\na\nb\n4\n", "-1|+3| a| b|-2|+4"},
	} {
		var got []string
		for _, x := range diff(c.a, c.b) {
			got = append(got, string(x.mark)+x.line)
		}
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("%s: %s, not %s", c.name, s, c.want)
		}
	}
}

// FuzzDiff asks that both texts can be read out of a comparison.
func FuzzDiff(f *testing.F) {
	f.Add("a\nb", "b\nc")
	f.Add(strings.Repeat("a\n", 2000), strings.Repeat("b\n", 2000))
	f.Fuzz(func(t *testing.T, a, b string) {
		var x, y []string
		for _, c := range diff(a, b) {
			if c.mark != '+' {
				x = append(x, c.line)
			}
			if c.mark != '-' {
				y = append(y, c.line)
			}
		}
		if got := strings.Join(x, "\n"); got != strings.TrimSuffix(a, "\n") {
			t.Errorf("%q became %q", a, got)
		}
		if got := strings.Join(y, "\n"); got != strings.TrimSuffix(b, "\n") {
			t.Errorf("%q became %q", b, got)
		}
	})
}
