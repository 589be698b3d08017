package bash

import (
	"bytes"
	"context"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"skylab/sim/clock"
	"skylab/sim/ids"
	"skylab/sim/machine"
	"skylab/sim/machine/coreutils"
	"skylab/sim/machine/shell"
	"skylab/sim/machine/tool"
)

func newSession(t testing.TB, interactive bool) *Session {
	t.Helper()
	u := tool.User{Name: "azureuser", UID: 1000, GID: 1000, Groups: []string{"azureuser", "sudo"}, Home: "/home/azureuser", Shell: "/bin/bash", Sudo: true}
	m, err := machine.New(machine.Config{Name: "myVM", OS: "Linux", Users: []tool.User{u}, Programs: append(coreutils.Programs(), coreutils.Wider()...), Clock: clock.New(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)), IDs: ids.New("test")})
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Options{Machine: m, User: u, Interactive: interactive})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func run(s *Session, text string) (string, string, int) {
	var out, errs bytes.Buffer
	r := s.Run(context.Background(), text, shell.Streams{Out: &out, Err: &errs})
	return out.String(), errs.String(), r.Status
}

// scripts must print what bash 5.2 prints with -c, to the byte.
var scripts = []string{
	`echo hello world`, `echo "a  b" c`, `echo $((1+2*3))`, `x=1; echo $x ${x:-2} ${y:-2}`, `echo {a,b}{1,2}`, `for i in 1 2 3; do echo $i; done`,
	`i=0; while [ $i -lt 3 ]; do i=$((i+1)); echo $i; done`, `f() { echo "in $1"; return 3; }; f x; echo $?`, `a=(1 2 3); echo ${#a[@]} ${a[1]} "${a[@]}"`,
	`echo one | tr a-z A-Z`, `printf '%s-%d\n' a 5`, `cat <<EOF
x $((1+1))
EOF`, `cat <<'EOF'
$x
EOF`, `read a b <<< "1 2 3"; echo "$a/$b"`, `[[ abc =~ ^a(.)c$ ]] && echo ${BASH_REMATCH[1]}`, `case abc in a*) echo yes;; *) echo no;; esac`,
	`nosuchcommand`, `nosuchcommand; echo $?`, `cd /nosuch`, `cd /nosuch; echo $?`, `cat < /nosuch`, `cat < /nosuch; echo $?`, `echo x > /nosuch/y`, `false || echo or`, `true && echo and`,
	`echo "unclosed`, `echo 'unclosed`, `if true; then echo x`, `echo )`, `echo a; )`, `for`, `curl https://x/<SUBSCRIPTION-ID>/y`, `echo <A> b`, `echo a |`, `echo a &&`, `fi`, `done`, `;`, `echo a;;`,
	`token=$(echo abc); echo ${#token}`, `echo ${token:-none}`, `s=hello; echo ${s:1:3} ${s/l/L} ${s//l/L} ${s^^} ${s%o} ${s#h}`, `set -e; false; echo no`, `echo "$@"`,
	`(exit 5); echo $?`, `exit 7`, `x=5; (x=6); echo $x`, `echo $(echo a; echo b)`, `echo "$(printf 'a\nb')"`, `let x=3+4; echo $x`, `((x=2)); echo $x`, `echo -e 'a\tb'`, `echo -n x`,
	`export A=1; printenv A`, `A=2 printenv A`, `unset HOME; echo ${HOME:-gone}`, `type nosuch`, `command -v nosuch; echo $?`, `command -v echo`, `type cd`, `true; echo $?`, `! true; echo $?`,
	`mkdir -p d/e; cd d/e; pwd | rev | cut -c1-3; cd ..; ls`, `echo hi > f; cat f; cat < f; echo ho >> f; wc -l < f`, `ls /nosuch 2>&1`, `ls /nosuch 2>/dev/null || echo failed`, `echo a >&2`, `for f in *.none; do echo "$f"; done`,
	`seq 3 | while read n; do echo "<$n>"; done`, `trap 'echo bye' EXIT; echo hi`, `declare -A m; m[k]=v; echo ${m[k]} ${!m[@]}`, `IFS=,; x="a,b"; set -- $x; echo $2`, `test -f /nosuch; echo $?`, `[ -d / ] && echo dir`, `eval 'echo x'`,
	`until true; do :; done; echo ok`, `select`, `x=$'a\nb'; echo "$x"`, `echo \$HOME`, `echo ~root`, `a=1 b=2; echo $a$b`, `echo $?`, `x=; echo "[${x:+set}]"`,
	`cat <(echo x)`, `cat <(echo a) <(echo b)`, `while read n; do x=$n; done < <(seq 3); echo $x`, `mapfile -t a < <(seq 3); echo ${#a[@]}`, `echo a | tee >(tr a b > /dev/null)`, `! grep -q b <(echo a); echo $?`, `f() { cat <(echo $1); }; f y`,
	`echo a | read x; echo "[$x]"`, `echo a | { read x; echo "in $x"; }; echo "[$x]"`, `echo a | exit 3; echo $?`, `seq 3 | while read n; do x=$n; done; echo "[$x]"`, `false | true; echo $?`, `set -o pipefail; false | true; echo $?`,
	`bash -c 'echo "$0 $1"' a b`, `bash -c 'exit 3'; echo $?`, `sh -c 'echo sh'`, `echo 'echo from $0 $1' > s; bash s x; sh s y`, `echo 'y=1; echo in $1' > s; source ./s a; echo $y; . ./s b`, `echo 'echo stdin' | bash`, `bash /nosuch; echo $?`, `x=1; bash -c 'echo "[$x]"'; export x; bash -c 'echo "[$x]"'`,
	`set -u; echo $x; echo no`, `echo ${x?}; echo no`, `echo ${x:?}`, `x=; echo ${x:?is empty}`, `a=${x?m}`, `set -u
echo a $b`, `printf 'echo\necho ${y?no}\n' > s; bash s; echo $?`, `printf 'set -u\n\necho $z\n' > s; bash s`, `echo "x: unbound variable" >&2; echo $?`, `set -u; x=1; echo $x ${y:-d}`,
	`bash -c 'nosuch'; echo $?`, `bash -e -c 'false; echo no'; echo $?`, `printf '1\n2\n' | { read a; read b; echo "$a $b"; }`, `echo data | bash -c 'read x; echo "<$x>"'`,
}

func TestAgainstRealBash(t *testing.T) {
	real, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not on this machine")
	}
	later := slices.Concat(slices.Collect(maps.Values(laterDiffers))...)
	for _, script := range slices.Concat(scripts, moreScripts, evenMoreScripts) {
		if differs[script] != "" || slices.Contains(later, script) {
			continue
		}
		// What ignored signals the test inherits, as from nohup, is none of the script's.
		cmd := exec.Command("env", "--default-signal", real, "-c", script)
		cmd.Dir = t.TempDir()
		cmd.Env = []string{"HOME=/home/azureuser", "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"}
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		_ = cmd.Run()
		wantErr := strings.ReplaceAll(errs.String(), real+":", "bash:")
		gotOut, gotErr, status := run(newSession(t, false), script)
		if gotOut != strings.ReplaceAll(out.String(), real, "bash") || gotErr != wantErr || status != cmd.ProcessState.ExitCode() {
			t.Errorf("%s\n got %q %q %d\nwant %q %q %d", script, gotOut, gotErr, status, out.String(), wantErr, cmd.ProcessState.ExitCode())
		}
	}
}

func TestWordsAreExpandedOnce(t *testing.T) {
	for _, script := range []string{"true $(echo a >> f) x", "echo \"$(echo a >> f)\" b > /dev/null", "true `echo a >> f` x", "[ $((++n)) -gt 0 ]; echo $n >> f", "x=$(echo a >> f)", "set -x; true $(echo a >> f) x 2> /dev/null", "declare d=$(echo a >> f)", "for i in $(echo a >> f) b; do :; done", "cat <<< $(echo a >> f) > /dev/null", "case $(echo a >> f) in *) ;; esac", "a=($(echo a >> f) b)", "[[ $(echo a >> f) == x ]]", "trap : DEBUG; true $(echo a >> f) x"} {
		if out, _, _ := run(newSession(t, false), script+"\nwc -l < f; tail -1 f"); out != "1\na\n" && out != "1\n1\n" {
			t.Errorf("%s: %q", script, out)
		}
	}
}

func TestSessionKeepsItsState(t *testing.T) {
	s := newSession(t, true)
	run(s, `x=1; y="two words"; export z=3; a=(1 2); declare -A m; m[k]=v; f() { echo "f $1"; }; alias hi='echo hello'; mkdir d; cd d`)
	raw, err := s.State()
	if err != nil {
		t.Fatal(err)
	}
	again := newSession(t, true)
	again.m = s.m
	if err := again.Restore(raw); err != nil {
		t.Fatal(err)
	}
	for _, session := range []*Session{s, again} {
		out, errs, _ := run(session, `echo $x "$y" ${a[1]} ${m[k]}; f 9; printenv z; hi you; pwd`)
		if want := "1 two words 2 v\nf 9\n3\nhello you\n/home/azureuser/d\n"; out != want || errs != "" {
			t.Errorf("%q %q", out, errs)
		}
	}
	if again.Vars()["y"] != "two words" || again.Vars()["HOME"] != "" || len(again.History()) != 2 {
		t.Errorf("vars %v, history %v", again.Vars(), again.History())
	}
}

func TestInteractive(t *testing.T) {
	s := newSession(t, true)
	if s.Prompt() != "azureuser@myVM:~$ " {
		t.Errorf("prompt %q", s.Prompt())
	}
	if _, errs, status := run(s, "nosuch"); errs != "-bash: nosuch: command not found\n" || status != 127 {
		t.Errorf("%q %d", errs, status)
	}
	if out, _, _ := run(s, "echo $?"); out != "127\n" {
		t.Errorf("$? is %q", out)
	}
	run(s, "cd /tmp")
	if s.Prompt() != "azureuser@myVM:/tmp$ " || s.Dir() != "/tmp" {
		t.Errorf("prompt %q", s.Prompt())
	}
	if _, more := s.Incomplete("for i in 1; do"); !more {
		t.Error("an open loop is not incomplete")
	}
	if _, more := s.Incomplete("cat <<E\nx"); !more {
		t.Error("an open here-document is not incomplete")
	}
	if _, more := s.Incomplete("cat <<E\nx\nE"); more {
		t.Error("a closed here-document is incomplete")
	}
	if _, more := s.Incomplete("echo )"); more {
		t.Error("a mistake is incomplete")
	}
	if r := s.Run(context.Background(), "exit 4", shell.Streams{Out: new(bytes.Buffer), Err: new(bytes.Buffer)}); !r.Exited || r.Status != 4 {
		t.Errorf("exit: %+v", r)
	}
}

func TestAnUnsetParameterDoesNotEndThePrompt(t *testing.T) {
	s := newSession(t, true)
	var errs bytes.Buffer
	r := s.Run(context.Background(), "set -u; echo $nosuch; echo no", shell.Streams{Out: new(bytes.Buffer), Err: &errs})
	if r.Exited || r.Status != 1 || errs.String() != "-bash: nosuch: unbound variable\n" {
		t.Errorf("%+v %q", r, errs.String())
	}
	if out, _, _ := run(s, "echo on $?"); out != "on 1\n" {
		t.Errorf("%q", out)
	}
}

func TestTimeGoesToStandardErrorByTheLabsClock(t *testing.T) {
	for script, want := range map[string]string{
		"time sleep 61": "\nreal\t1m1.002s\nuser\t0m0.000s\nsys\t0m0.000s\n", "time -p true": "real 0.00\nuser 0.00\nsys 0.00\n", "time (exit 3)": "\nreal\t0m0.000s\nuser\t0m0.000s\nsys\t0m0.000s\n",
	} {
		out, errs, status := run(newSession(t, false), script+"; echo $?")
		if wantOut := map[bool]string{true: "3\n", false: "0\n"}[strings.Contains(script, "exit")]; errs != want || out != wantOut || status != 0 {
			t.Errorf("%s: %q %q %d", script, out, errs, status)
		}
	}
	if out, _, _ := run(newSession(t, false), "type -t time; command -v time"); out != "keyword\ntime\n" {
		t.Errorf("%q", out)
	}
}

func TestHistoryExpansion(t *testing.T) {
	s := newSession(t, true)
	for _, c := range []struct{ in, out, errs string }{
		{"echo one two", "one two\n", ""}, {"!!", "one two\n", "echo one two\n"}, {"echo !$", "two\n", "echo two\n"}, {"!1 three", "one two three\n", "echo one two three\n"},
		{"!ec", "one two three\n", "echo one two three\n"}, {"!-1", "one two three\n", "echo one two three\n"}, {"!99", "", "-bash: !99: event not found\n"}, {"!nosuch; x", "", "-bash: !nosuch: event not found\n"},
		{"echo '!!' hi! \\!x", "!! hi! !x\n", ""}, {"x=5; echo ${!x} $! [!a]", "[!a]\n", ""}, {"! false", "", ""},
	} {
		if out, errs, _ := run(s, c.in); out != c.out || errs != c.errs {
			t.Errorf("%s: %q %q, want %q %q", c.in, out, errs, c.out, c.errs)
		}
	}
}

func TestOptionsAndTrapsAreKept(t *testing.T) {
	s := newSession(t, true)
	run(s, "set -u; set -o pipefail; shopt -s nullglob; trap 'echo bye' EXIT; false")
	raw, err := s.State()
	if err != nil {
		t.Fatal(err)
	}
	if out, _, _ := run(s, "echo $?"); out != "1\n" {
		t.Errorf("keeping the state changed $? to %q", out)
	}
	again := newSession(t, true)
	if err := again.Restore(raw); err != nil {
		t.Fatal(err)
	}
	out, _, _ := run(again, "echo $-; echo *.none; true | false | true; echo $?; exit")
	if want := "himuBHs\n\n1\nbye\n"; out != want {
		t.Errorf("%q, want %q", out, want)
	}
}

func TestEndlessLoopEndsAndKeepsVariables(t *testing.T) {
	s := newSession(t, true)
	ctx, cancel := context.WithCancel(context.Background())
	var out stopAfter
	out.n, out.stop = 9, cancel
	r := s.Run(ctx, "i=0; while :; do i=$((i+1)); echo $i; done", shell.Streams{Out: &out, Err: new(bytes.Buffer)})
	if r.Status != 130 {
		t.Errorf("status %d", r.Status)
	}
	if got, _, _ := run(s, `[ "$i" -ge 3 ] && echo kept`); got != "kept\n" {
		t.Errorf("the variable is lost: %q", got)
	}
}

// stopAfter calls stop at its nth write.
type stopAfter struct {
	n    int
	stop func()
}

func (w *stopAfter) Write(p []byte) (int, error) {
	if w.n--; w.n == 0 {
		w.stop()
	}
	return len(p), nil
}

func TestComplete(t *testing.T) {
	s := newSession(t, true)
	run(s, "touch 'a file' other; mkdir dir; token=x")
	for in, want := range map[string]string{
		"whoa": "whoami", "ls ot": "other", "cat a": `a\ file`, "cd di": "dir/", "echo $tok": "$token", "echo ${tok": "${token}",
		"base64 --dec": "--decode", "ls | whoa": "whoami", "x=$(hostn": "hostname",
	} {
		c := s.Complete(in, len(in))
		if len(c.Words) != 1 || c.Words[0] != want {
			t.Errorf("%q: %v", in, c.Words)
		}
	}
}

func FuzzRun(f *testing.F) {
	for _, s := range scripts {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, script string) {
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		s := newSession(t, true)
		s.Run(ctx, script, shell.Streams{Out: new(bytes.Buffer), Err: new(bytes.Buffer)})
		s.Complete(script, len(script)/2)
		if _, err := s.State(); err != nil {
			t.Fatal(err)
		}
	})
}
