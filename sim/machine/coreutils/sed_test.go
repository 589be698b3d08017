package coreutils

import "testing"

func FuzzSed(f *testing.F) {
	for _, s := range []string{"s/a/b/g", "1,3d", "/x/,$p", "y/ab/cd/", "$!N;s/\\n/ /", "a\\\ntext", "/a/{p;d}", ":a;N;$!ba"} {
		f.Add(s, "one\ntwo\n")
	}
	f.Fuzz(func(t *testing.T, script, stdin string) { run(t, []string{"sed", script}, stdin) })
}
