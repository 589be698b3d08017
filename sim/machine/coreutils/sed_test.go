package coreutils

import (
	"context"
	"testing"
	"time"
)

func FuzzSed(f *testing.F) {
	for _, s := range []string{"s/a/b/g", "1,3d", "/x/,$p", "y/ab/cd/", "$!N;s/\\n/ /", "a\\\ntext", "/a/{p;d}", ":a;N;$!ba", "0,/o/s//x/w f", "l;F;z;R f\nT;W f"} {
		f.Add(s, "one\ntwo\n")
	}
	f.Fuzz(func(t *testing.T, script, stdin string) {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond) // scripts may loop
		defer cancel()
		p, _, _ := newProcess(t, []string{"sed", script}, stdin)
		p.Exec(ctx, p)
	})
}
