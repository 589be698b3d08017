package python

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"skylab/sim/clock"
	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

// result is what a program printed and how it ended.
type result struct {
	Out, Err string
	Status   int
}

const jwt = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL21hbmFnZW1lbnQuYXp1cmUuY29tLyIsIm9pZCI6IjEifQ.c2ln"

const answer = `{"access_token":"` + jwt + `","expires_in":"86399","list":[1,2.5,true,null,"é\n"],"nested":{"b":{},"a":[]}}`

// oneLiners run with the answer on standard input.
var oneLiners = []string{
	`import sys, json; print(json.load(sys.stdin)["access_token"])`, `import sys, json; print (json.load(sys.stdin)['nope'])`, `import json,sys; d=json.load(sys.stdin); print(d["list"], d['nested'], len(d))`,
	`import json,sys; print(json.dumps(json.load(sys.stdin), indent=2, sort_keys=True))`, `import json,sys; print(json.dumps(json.load(sys.stdin)["list"], ensure_ascii=False))`,
	`import sys,json,base64; t=json.load(sys.stdin)["access_token"]; p=t.split(".")[1]; p+="="*(-len(p)%4); print(json.loads(base64.urlsafe_b64decode(p))["aud"])`,
	`import base64; print(base64.b64decode("abc"))`, `import base64; base64.urlsafe_b64decode("abc")`, `import base64; print(base64.b64encode(b"hi\xff").decode())`, `import base64; base64.b64encode("x")`,
	`import urllib.parse; print(urllib.parse.quote("https://management.azure.com/ x"), urllib.parse.quote("a/b", safe=""), urllib.parse.quote_plus("a b&c"))`, `from urllib.parse import urlencode, urlparse as u; print(urlencode({"a": "b c", "d": 1}), u("https://h:1/p?q=1").netloc)`, `import urllib.parse; urllib.parse.quote(1)`,
	`import os; print(os.environ["NOPE"])`, `import os; print(os.environ.get("NOPE", "none"), os.getenv("A"), "A" in os.environ, os.path.join("a", "b"))`,
	`x = 5; print(f"{x} {x:>4} {x!r} {x=} {x/3:.2f} {{}} {'a' if x else 'b'}")`, `print("{:>5}|{n:<4}|{x[a]}".format("a", n=2, x={"a": 1}))`, `print("%s %d %5.1f%% %r" % ("a", 3, 2.55, "q"))`,
	`print([x*2 for x in range(5) if x % 2], {k: v for k, v in [("a", 1)]}, {1, 2} & {2}, (1,), ())`, `print(sorted([3,1,2], reverse=True), max("abc"), sum([1,2]), any([]), list(zip("ab", [1,2])), list(enumerate("xy", 1)))`,
	"for i in range(3):\n  if i == 1: continue\n  print(i, end=' ')\nelse:\n  print('done')", "def f(a, b=2, *c, **d):\n  return a, b, c, d\nprint(f(1), f(1, 3, 4, x=5))", "try:\n  1/0\nexcept ZeroDivisionError as e:\n  print('no', e)\nfinally:\n  print('end')",
	"try:\n  1/0\nexcept ValueError: pass", "try:\n  1/0\nexcept ZeroDivisionError as e:\n  raise KeyError('x')", "i = 0\nwhile True:\n  i += 1\n  if i > 3: break\nprint(i)", `print(undefined)`, `import json; print(jsn)`, `pritn(1)`, `"a" + 1`, `1 + "a"`, `[1][5]`, `{}["a"]`, `int("x")`, `float("y")`, `None.x`, `"x".foo()`, `"x".uper()`, `len(5)`, `import nosuch`, `import nosuch.x`, `from json import nope`, `a, b = 1`, `a, b = [1]`, `a, b = 1, 2, 3`,
	`print "x"`, `print(x`, "if True:\nprint(1)", `x = "abc`, `print(1))`, `a b`, `for x in 1 2: pass`, `x = = 1`, ` x=1`, `import`, `if x print(1)`, `print("a" "b" c)`, `1 = x`, `f() = 1`, `((`, `(]`, `x = 09`, `1a`, `if x = 1: pass`, `for x in y`, `return 1`, `break`, `x = $a`, `else: pass`, "try:\n  pass\nx=1", `None = 1`, `print("%d" % "a")`, `print(json.load(sys.stdin))`,
	`import sys; sys.exit("bye")`, `import sys; sys.exit(3)`, `raise SystemExit`, `exit(4)`, `open("nosuch")`, `print(open("f.txt").read(), end="")`, "with open('f.txt') as f:\n  for l in f: print(l.strip())", `import json; json.dumps({1,2})`, `import json; json.loads("")`, `import json; json.loads("{'a':1}")`, `import json; json.loads('{"a":1} x')`, `import json; json.loads('{"a":1,}')`, `import json; json.loads(None)`, `import json; print(json.loads('{"a": 1e3, "b": -0.5, "c": 12345678901234567890}'))`,
	`print(10**20, -7//2, -7%3, 7/2, 2**-1, 1e16, 1e-5, 0.1+0.2, 5.0, round(2.567, 2), int("ff", 16), hex(255), abs(-3))`, `print("a,b".split(","), " x ".strip(), "abc"[::-1], "abc"[1:], "abc"[-1], "A".lower(), "x".join(["1","2"]), "abc".replace("b", ""), "a" in "abc", "é".encode(), b"x".decode(), "ab".upper().title())`,
	`print(True and 1, None or "x", not 1, 1 < 2 < 3, 2 not in [1], 1 if 0 else 2, (lambda x: x+1)(2))`, `a = [1, 2]; a.append(3); a[0] = 9; b, *c = a; print(a, b, c, a.pop(), a.index(2))`, `d = {"a": 1}; d["b"] = 2; del d["a"]; print(d, list(d.items()), d.keys(), d.get("z"))`,
	`print(type(1), type("").__name__, isinstance(1, int), repr("it's"), str(None), bool(""), [None, True])`, `import re; m = re.search(r"(\d+)-(\w+)", "x 12-ab"); print(m.group(1), m.groups(), re.sub(r"\d", "#", "a1"), re.findall("a.", "abac"))`, `import hashlib; print(hashlib.sha256(b"x").hexdigest())`, `print(*[1, 2], sep="-")`, `import sys; print(sys.argv, file=sys.stderr)`, `import sys; print(len(sys.stdin.read()))`, `import sys; [print(l[:5]) for l in sys.stdin]`, `assert 1 == 2, "no"`, `raise ValueError("bad", 1)`, `x = [1,2,3`, `print(1);; print(2)`, `print('a' 'b'); x = 1; x += 2; print(x)`, `sorted([1, "a"])`, `"x".join([1])`, `b"\xff".decode()`, `f = lambda: f(); print(callable(f))`, "def f(a): pass\nf()", "def f(a): pass\nf(1, 2)", "def f():\n  return g()\ndef g():\n  return {}['k']\nf()", `[1/0 for x in [1]]`, `print(input())`, `import datetime; print(datetime.datetime.utcfromtimestamp(0), datetime.datetime.fromtimestamp(86399, datetime.timezone.utc).isoformat())`, `import time; print(time.strftime("%Y-%m-%d", time.gmtime(0)))`, "x = 1\ndef f():\n  print(x)\n  x = 2\nf()", `print("é"*3, len("é"), ord("é"), chr(233), "%c" % 65)`, `print({"b": 1, "a": [1, {"c": None}]})`, `x: int = 5; print(x)`, `print(f"{3.14159:.2f} {1000000:,} {255:#x} {5:03d} {'a':^5}|")`,
}

// scripts run as files, with their lines in the tracebacks.
var scripts = []string{
	"import sys\ndef f(a):\n  return a['k']+1\nprint(f({'b':1}))\n", "x = 1 + 'a'\n", "print(len(5), 1)\n", "d = {}\nif d['x'] == 1:\n    pass\n", "a = None\nprint(a.b.c)\n", "raise ValueError('x')\n", "import json\njson.loads('x')\n", "x = undefined_name\n", "print('ok')\n", "y = [1, 2][7] + 3\n", "def f():\n    return (1 +\n        'a')\nf()\n",
}

var toolCases = [][2]string{
	{"", answer}, {"--sort-keys", answer}, {"--no-ensure-ascii", answer}, {"--indent 2", answer}, {"--tab", answer}, {"--compact", answer}, {"--no-indent", answer}, {"--json-lines", "{\"a\":1}\n[]\n"}, {"--json-lines --compact", "{\"a\":1}\n[1, 2]\n"}, {"f.txt", ""}, {"ok.json", ""}, {"ok.json out.json", ""}, {"nosuch", ""},
	{"--indent x", "{}"}, {"--indent", "{}"}, {"--tab --compact", "{}"}, {"--bad", "{}"}, {"", ""}, {"", "{"}, {"", `{"a":`}, {"", `{"a" 1}`}, {"", `{a:1}`}, {"", `[1 2]`}, {"", `[1,]`}, {"", `"x`}, {"", `"\x"`}, {"", "\"a\nb\""}, {"", `{"a":1} x`}, {"", `nul`}, {"", `"\ud83d\ude00"`}, {"", `{}`}, {"", `[]`}, {"", `1.50`}, {"", `"\u00e9"`}, {"", "<html>"}, {"", "{\"a\":1,\n\"b\":}"}, {"--json-lines", "{\"a\":1} {"},
}

var workFiles = map[string]string{"f.txt": "one\ntwo\n", "ok.json": `{"a":[1]}`}

type testCase struct {
	argv  []string
	stdin string
}

func cases() []testCase {
	var out []testCase
	for _, c := range oneLiners {
		out = append(out, testCase{[]string{"-c", c}, answer})
	}
	for _, s := range scripts {
		out = append(out, testCase{[]string{"script.py"}, s}, testCase{nil, s})
	}
	for _, c := range toolCases {
		out = append(out, testCase{append([]string{"-m", "json.tool"}, strings.Fields(c[0])...), c[1]})
	}
	for _, argv := range [][]string{{"-V"}, {"--version"}, {"-z"}, {"--bad"}, {"-c"}, {"-m"}, {"-m", "nosuch"}, {"nosuch.py"}} {
		out = append(out, testCase{argv, ""})
	}
	return out
}

func simulate(t testing.TB, ctx context.Context, c testCase) result {
	t.Helper()
	k := clock.New(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
	f := vfs.New(k.Now, 0).As(vfs.Who{User: "root", Root: true})
	if err := f.MkdirAll("/w", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range workFiles {
		if err := f.WriteFile("/w/"+name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.argv) > 0 && c.argv[0] == "script.py" {
		if err := f.WriteFile("/w/script.py", []byte(c.stdin), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	p := &tool.Process{Args: append([]string{"python3"}, c.argv...), Environ: []string{"A=1", "HOME=/w"}, Dir: "/w", Stdin: strings.NewReader(c.stdin), Stdout: &out, Stderr: &errs, FS: f, Clock: k}
	status := run(ctx, p)
	return result{out.String(), errs.String(), status}
}

// recorded makes the golden answers with Debian's Python 3.11.
func recorded(t *testing.T, c testCase) result {
	t.Helper()
	dir := t.TempDir()
	for name, text := range workFiles {
		if err := os.WriteFile(dir+"/"+name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.argv) > 0 && c.argv[0] == "script.py" {
		if err := os.WriteFile(dir+"/script.py", []byte(c.stdin), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("/usr/bin/python3.11", c.argv...)
	cmd.Dir, cmd.Stdin, cmd.Env = dir, strings.NewReader(c.stdin), []string{"A=1", "HOME=/w", "LC_ALL=C.UTF-8", "COLUMNS=80", "TZ=UTC"}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run()
	clean := strings.NewReplacer(dir, "/w", "/usr/bin/python3.11", exe)
	return result{clean.Replace(out.String()), clean.Replace(errs.String()), cmd.ProcessState.ExitCode()}
}

const golden = "testdata/golden.json"

// TestAgainstPython compares with what Debian's Python 3.11 printed;
// UPDATE_GOLDEN=1 records it anew where it is installed.
func TestAgainstPython(t *testing.T) {
	want := map[string]result{}
	if os.Getenv("UPDATE_GOLDEN") == "1" {
		for _, c := range cases() {
			want[strings.Join(c.argv, "\x00")+"\x01"+c.stdin] = recorded(t, c)
		}
		data, err := json.MarshalIndent(want, "", " ")
		if err == nil {
			err = os.WriteFile(golden, append(data, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(golden)
	if err == nil {
		err = json.Unmarshal(data, &want)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases() {
		w, ok := want[strings.Join(c.argv, "\x00")+"\x01"+c.stdin]
		if !ok {
			t.Errorf("%q is not in %s", c.argv, golden)
			continue
		}
		if got := simulate(t, context.Background(), c); got != w {
			t.Errorf("python3 %q\n got %d %s%s\nwant %d %s%s", c.argv, got.Status, got.Out, got.Err, w.Status, w.Out, w.Err)
		}
	}
}

func TestWhatIsAbsentSaysSo(t *testing.T) {
	for src, want := range map[string]string{
		"import subprocess": "module subprocess", "import requests": "module requests", "class A: pass": "class", "import os; os.system('x')": "os.system", `"a".translate({})`: "str.translate", "eval('1')": "eval()", "import math": "module math",
	} {
		if got := simulate(t, context.Background(), testCase{[]string{"-c", src}, ""}); got.Err != "skylab: python3 "+want+" is real but not simulated here\n" || got.Status != 1 {
			t.Errorf("%s: %+v", src, got)
		}
	}
}

func TestEndlessLoopsAndGreedEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if got := simulate(t, ctx, testCase{[]string{"-c", "while True: pass"}, ""}); got.Status != 130 {
		t.Errorf("%+v", got)
	}
	for _, src := range []string{"'x'*10**10", "2**10**9", "[0]*10**9", "list(range(10**8))"} {
		if got := simulate(t, context.Background(), testCase{[]string{"-c", src}, ""}); !strings.HasSuffix(got.Err, "MemoryError\n") {
			t.Errorf("%s: %+v", src, got)
		}
	}
	if got := simulate(t, context.Background(), testCase{[]string{"-c", "def f(): f()\nf()"}, ""}); !strings.Contains(got.Err, "RecursionError: maximum recursion depth exceeded") {
		t.Errorf("%+v", got)
	}
}

func FuzzPython(f *testing.F) {
	for _, c := range oneLiners {
		f.Add(c)
	}
	f.Fuzz(func(t *testing.T, src string) {
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		simulate(t, ctx, testCase{[]string{"-c", src}, answer})
	})
}

func FuzzJSONTool(f *testing.F) {
	for _, c := range toolCases {
		f.Add(c[1])
	}
	f.Fuzz(func(t *testing.T, text string) {
		simulate(t, context.Background(), testCase{[]string{"-m", "json.tool"}, text})
	})
}
