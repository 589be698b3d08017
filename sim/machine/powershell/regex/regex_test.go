package regex

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern string
		opt     Options
		text    string
		want    string // matches with their groups
	}{
		{`a(b|c)+d`, 0, "xabcbd abd", "[abcbd b c b][abd b]"},
		{`(?<y>\d{4})-(?<m>\d\d)`, 0, "on 2018-05", "[2018-05 2018 05]"},
		{`(?<=\$)\d+`, 0, "x1 $23", "[23]"},
		{`(?<!a)b`, 0, "ab bb", "[b][b]"},
		{`\bfoo\b`, IgnoreCase, "FOO food foo", "[FOO][foo]"},
		{`(a|ab)(c|bcd)(d*)`, 0, "abcd", "[abcd a bcd ]"},
		{`^\w+$`, Multiline, "one\ntwo", "[one][two]"},
		{`(?>a+)ab`, 0, "aaab", ""},
		{`(.)\1`, 0, "abccd", "[cc c]"},
		{`a.*?c`, 0, "abcabc", "[abc][abc]"},
		{`[a-z-[aeiou]]+`, 0, "hello", "[h][ll]"},
		{`(?(a)ab|cd)`, 0, "ab cd", "[ab][cd]"},
		{`^(?:(?<o>\()|(?<-o>\))|[^()])*(?(o)(?!))$`, 0, "(a(b)c)", "[(a(b)c) ]"},
		{`(?i:A)b`, 0, "ab AB", "[ab]"},
		{`x*`, 0, "ax", "[][x][]"},
		{`\p{Lu}\p{Ll}`, 0, "aBc Ωm", "[Bc][Ωm]"},
		{`a # comment`, IgnoreBlanks, "a", "[a]"},
		{`[^\W\d]+`, 0, "ab1_c", "[ab][_c]"},
		{`(a)|b`, 0, "b", "[b -]"},
		{`\d+`, RightToLeft, "1 22", "[22][1]"},
		{`a{2}`, 0, "aaaaa", "[aa][aa]"},
		{`a{,2}`, 0, "a{,2}", "[a{,2}]"},
	} {
		re, err := Compile(c.pattern, c.opt)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		got := ""
		re.All(NewText(c.text), func(m *Match) bool {
			got += "[" + m.String()
			for g := 1; g < len(m.Groups); g++ {
				if len(m.Groups[g]) == 0 {
					if _, n := re.Groups(); n[g] == fmt.Sprint(g) {
						got += " -"
					} else {
						got += " "
					}
				}
				for _, s := range m.Groups[g] {
					got += " " + m.Text.Slice(s.Start, s.End)
				}
			}
			got += "]"
			return true
		})
		if got != c.want {
			t.Errorf("%s on %q: %s, want %s", c.pattern, c.text, got, c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	for pattern, want := range map[string]string{
		"(": "1. Not enough )'s.", "[a": "2. Unterminated [] set.", "(?<x": "4. Unrecognized grouping construct.", "a**": "3. Nested quantifier '*'.",
		"(?P<n>a)": "3. Unrecognized grouping construct.", "(?<1a>b)": "4. Invalid group name: Group names must begin with a word character.",
		`\k<q>`: "5. Reference to undefined group name 'q'.", "*a": "1. Quantifier '*' following nothing.", ")": "1. Too many )'s.",
		`\`: "1. Illegal \\ at end of pattern.", "{0:N2}|{1}": "8. Quantifier '{' following nothing.", "[z-a]": "4. [z-a] range in reverse order.",
	} {
		_, err := Compile(pattern, 0)
		full := "Invalid pattern '" + pattern + "' at offset " + want
		if err == nil || err.Error() != full {
			t.Errorf("%s: %v, want %s", pattern, err, full)
		}
	}
}

func TestReplace(t *testing.T) {
	for _, c := range []struct{ p, r, in, want string }{
		{`(\w+)@(\w+)`, "$2 at ${1}$$ $&|$3", "a@b", "b at a$ a@b|$3"},
		{`x`, "$`<$'", "axb", "aa<bb"},
		{`(?<n>a)`, "[${n}${m}]", "a", "[a${m}]"},
	} {
		re, _ := Compile(c.p, 0)
		if got, err := re.Replace(c.in, c.r); err != nil || got != c.want {
			t.Errorf("%s: %q %v, want %q", c.p, got, err, c.want)
		}
	}
	re, _ := Compile("(,)", 0)
	if got, _ := re.Split("a,b,c", 0); strings.Join(got, "|") != "a|,|b|,|c" {
		t.Error(got)
	}
}

func TestBounded(t *testing.T) {
	re, _ := Compile(`^(a+)+$`, 0)
	if _, err := re.Find(NewText(strings.Repeat("a", 40)+"b"), 0); !errors.Is(err, ErrSteps) {
		t.Errorf("a bad pattern ended with %v", err)
	}
}

func FuzzCompile(f *testing.F) {
	for _, s := range []string{"(?<a>b)\\k<a>", "[a-z-[b]]", "(?(a)b|c)", "(?i)x{2,}?", "\\p{L}+", "(?<=a)b", "(?<-a>x)"} {
		f.Add(s, "abab")
	}
	f.Fuzz(func(t *testing.T, p, s string) {
		if len(p) > 40 || len(s) > 20 {
			return
		}
		for _, opt := range []Options{0, IgnoreCase | IgnoreBlanks, RightToLeft} {
			re, err := Compile(p, opt)
			if err != nil {
				continue
			}
			re.Replace(s, "<$1>")
		}
	})
}
