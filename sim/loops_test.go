package sim

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"skylab/sim/kit/full"
	"skylab/sim/machine/shell"
)

// endless never end by themselves. Interrupted, they must: in WebAssembly only
// what parks can be interrupted at all.
var endless = []string{
	`while :; do :; done`, `while ((1)); do ((i++)); done`, `for ((;;)); do ((x++)); done`, `until false; do x=a; done`, `while true; do echo x > /dev/null; done`, `f() { g; }; g() { :; }; while f; do f; done`, `while [[ a == a ]]; do :; done`,
	`yes > /dev/null`, `yes | cat > /dev/null`, `yes | while read x; do :; done`, `while :; do x=$(echo a); done`, `while :; do (true); done`, `while :; do true | true; done`, `while :; do true & wait; done`, `while :; do sleep 100; done`, `eval 'while :; do :; done'`, `bash -c 'while :; do :; done'`, `trap : INT; while :; do :; done`,
	`awk 'BEGIN { while (1) x++ }'`, `awk 'BEGIN { for (;;) f() } function f() { return 1 }'`, `jq -n 'def f: f; f'`, `jq -n 'last(range(1e18))'`, `jq -n 'reduce repeat(1) as $x (0; . + $x)'`, `jq -n '0 | until(false; . + 1)'`,
	"python3 -c 'while True: pass'", "python3 -c '\nx = 0\nwhile True:\n  x += 1'", "python3 -c 'def f(): return 1\nwhile f(): f()'",
	`echo x | sed ':a;ba'`, `echo x | sed ':a;s/x/x/;ta'`, `seq 1 0.0000001 1000000000 > /dev/null`, `while :; do echo /*/* > /dev/null; done`, `for i in {1..100}; do while :; do for f in /usr/bin/*; do :; done; done; done`,
}

func TestEndlessCommandsCanBeInterrupted(t *testing.T) {
	l, err := New(context.Background(), Options{At: instant, Kit: full.Kit()})
	if err != nil {
		t.Fatal(err)
	}
	c, err := l.At("myVM")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range endless {
		c.Run(context.Background(), "kept=yes", shell.Streams{})
		ctx, cancel := context.WithTimeout(context.Background(), 60*time.Millisecond)
		began := time.Now()
		r := c.Run(ctx, text, shell.Streams{})
		cancel()
		if took := time.Since(began); r.Status != 130 || took > 5*time.Second {
			t.Errorf("%s: status %d after %v", text, r.Status, took)
		}
		var out bytes.Buffer
		if c.Run(context.Background(), `trap - INT; echo "$kept"; unset kept x i`, shell.Streams{Out: &out}); out.String() != "yes\n" {
			t.Errorf("%s: the shell lost its variables: %q", text, out.String())
		}
	}
}

// TestWhatGrowsWithoutEndIsStopped holds the bounds of memory: each ends by
// itself with the tool's own error.
func TestWhatGrowsWithoutEndIsStopped(t *testing.T) {
	for _, x := range []struct{ text, want string }{
		{`x=a; while :; do x=$x$x; done`, "-bash: xrealloc: cannot allocate 33554432 bytes\n"}, {`x=aaaaaaaa; while :; do x+=$x; done`, "cannot allocate"},
		{`long=$(printf %01000d 1); x=$(yes $long)`, "cannot allocate"}, {`f() { f; }; f`, "-bash: f: maximum function nesting level exceeded (1000)\n"}, {`echo {1..1000000000}`, "brace"}, {`printf '%0999999999d' 1 | wc -c`, "65536\n"},
		{`yes $(printf %01000d 1) > f; rm f`, "yes: standard output: No space left on device\n"}, {`yes $(printf %01000d 1)`, "skylab: the command printed too much; the rest is left out\n"}, {`long=$(printf %09000d 1); while :; do echo $long; done`, "skylab: the command printed too much; the rest is left out\n"},
		{`yes $(printf %09000d 1) | sort`, "sort: cannot read: -: Cannot allocate memory\n"}, {`yes | head -1`, "y\n"},
		{`x=$(printf '%100000s' a); y=${x// /$x}; echo ${#y}`, "xrealloc: cannot allocate "}, {`set -- x; while :; do set -- "$@" "$@"; done`, "xmalloc: cannot allocate "}, {`a=(x); while :; do a=("${a[@]}" "${a[@]}"); done`, "cannot allocate "},
		{`awk 'BEGIN { x = "a"; while (1) x = x x }'; echo $?`, "awk: run time error: out of memory\n2\n"}, {`awk 'BEGIN { for (;;) $0 = $0 $0 "x" }'`, "Killed\n"}, {`awk 'function f(s) { return f(s s) } BEGIN { f("a") }'`, "Killed\n"}, {`yes | awk '{ x = x x $0 }'`, "out of memory"},
		{`head -c 10G /dev/zero > f; rm f`, "head: write error: No space left on device\n"}, {`head -c 300M /dev/zero | wc -c`, "314572800\n"}, {`sort /dev/zero`, "sort: cannot read: /dev/zero: Cannot allocate memory\n"}, {`grep x /dev/zero`, "grep: memory exhausted\n"}, {`sed p /dev/zero`, "memory exhausted"}, {`xargs < /dev/zero`, "xargs: memory exhausted\n"}, {`x=$(</dev/zero)`, "Cannot allocate memory\n"}, {`source /dev/zero`, "Cannot allocate memory\n"},
		{`tail -c 1G /dev/zero`, "tail: memory exhausted\n"}, {`yes | tail -n 100000000`, "tail: memory exhausted\n"}, {`echo x | sed ':a;s/.*/&&/;ta'`, "sed: memory exhausted\n"}, {`tr -dc a-z < /dev/urandom | head -c 8 | wc -c`, "8\n"}, {`yes | grep -m1 y`, "y\n"}, {`yes | sed 3q | wc -l`, "3\n"}, {`yes | tr y n | head -1`, "n\n"}, {`yes | awk 'NR == 3 { print NR; exit }'`, "3\n"}, {`seq inf | head -3 | tail -1`, "3\n"}, {`seq 2000000 | tail -1`, "2000000\n"},
		{`jq -n 'reduce range(40) as $i (1; [., .])'`, "printed too much"}, {`jq -n '"a" * 1e10'`, "repeat string result too large"}, {"python3 -c 'print(len((\"b\" * 10**5).join([\"a\"] * 10**5)))'", "MemoryError"}, {"python3 -c 'open(\"/dev/zero\").read()'", "MemoryError"}, {"python3 -c 'print(\"1\".zfill(10**10))'", "MemoryError"}, {"python3 -c 'print(10**10**10)'", "MemoryError"}, {"python3 -c 'x = \"a\" * 10**12'", "MemoryError"},
		{`curl -s -d @/dev/zero http://169.254.169.254/`, ""}, {`curl -s 'http://169.254.169.254/[1-1000000000]'; echo $?`, "3\n"}, {`:(){ :|:& };:`, ""}, {`x='$(eval "$x")'; eval "$x"`, "fork: retry: Resource temporarily unavailable\n"}, {`while :; do mkdir x || break; cd x || break; done`, "File name too long"}, {`touch $(printf '%0300d' 1)`, "File name too long"},
		{`jq -n '"a" | until(false; . + .)'`, "Killed\n"}, {"python3 -c '\ns = \"a\"\nwhile True: s += s'", "MemoryError"}, {"python3 -c 'print([0] * 10**12)'", "MemoryError"}, {"python3 -c '\na = []\nwhile True: a += [a] * 100000'", "MemoryError"},
	} {
		l, err := New(context.Background(), Options{At: instant, Kit: full.Kit()})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		var out, errs bytes.Buffer
		began := time.Now()
		_, err = l.Run(ctx, "myVM", x.text, shell.Streams{Out: &out, Err: &errs})
		if err != nil || ctx.Err() != nil || !strings.Contains(errs.String()+tail(out.String()), x.want) {
			t.Errorf("%s: %v %v; after %v %q %q", x.text, err, ctx.Err(), time.Since(began), tail(out.String()), tail(errs.String()))
		}
		cancel()
	}
}

func tail(s string) string { return s[max(len(s)-300, 0):] }
