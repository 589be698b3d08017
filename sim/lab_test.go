package sim

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"skylab/sim/kit/full"
	"skylab/sim/machine/shell"
)

var instant = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

func newLab(t testing.TB, seed string) *Lab {
	t.Helper()
	l, err := New(context.Background(), Options{Seed: seed, At: instant, Kit: full.Kit()})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func script(t testing.TB, l *Lab, machine, text string) string {
	t.Helper()
	var out bytes.Buffer
	if _, err := l.Script(context.Background(), machine, text, shell.Streams{Out: &out, Err: &out}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

const (
	imdsURL  = `'http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.azure.com/'`
	getToken = `curl -s ` + imdsURL + ` -H Metadata:true`
)

func TestTheMetadataServiceFromBash(t *testing.T) {
	l := newLab(t, "a")
	if got := script(t, l, "myVM", "curl -s "+imdsURL); got != `{"error":"invalid_request","error_description":"Required metadata header not specified"}` {
		t.Errorf("without the header: %s", got)
	}
	if got := script(t, l, "myVM", getToken); !strings.HasPrefix(got, `{"access_token":"eyJ`) {
		t.Errorf("with the header: %s", got)
	}
	if got := script(t, l, Laptop, `curl -sS --connect-timeout 2 `+imdsURL+`; echo $?`); !strings.HasSuffix(got, "28\n") {
		t.Errorf("from the laptop: %s", got)
	}
	got := script(t, l, "myVM", `token=$(`+getToken+` | cut -d'"' -f4); sub=$(curl -s -H Metadata:true 'http://169.254.169.254/metadata/instance/compute/subscriptionId?api-version=2021-02-01&format=text')
curl -si "https://management.azure.com/subscriptions/$sub/resourceGroups/myResourceGroup?api-version=2016-09-01" -H "Authorization: Bearer $token"`)
	form := `^HTTP/1.1 403 Forbidden\r\nCache-Control: no-cache\r\nPragma: no-cache\r\nContent-Type: application/json; charset=utf-8\r\nExpires: -1\r\nx-ms-failure-cause: gateway\r\nx-ms-request-id: [0-9a-f-]{36}\r\nx-ms-correlation-request-id: [0-9a-f-]{36}\r\nx-ms-routing-request-id: WESTUS:\d{8}T\d{6}Z:[0-9a-f-]{36}\r\nStrict-Transport-Security: max-age=31536000; includeSubDomains\r\nX-Content-Type-Options: nosniff\r\nDate: [^\r]+\r\nContent-Length: \d+\r\n\r\n\{"error":\{"code":"AuthorizationFailed"`
	if !regexp.MustCompile(form).MatchString(got) {
		t.Errorf("the resource group: %s", got)
	}
}

func TestTheSameSeedGivesTheSameBytes(t *testing.T) {
	run := func(seed string) string {
		l := newLab(t, seed)
		return script(t, l, "myVM", getToken+"; date; curl -sv https://management.azure.com/subscriptions?api-version=2020-01-01")
	}
	a, b := run("a"), run("a")
	if a != b {
		t.Errorf("two runs differ:\n%s\n%s", a, b)
	}
	if a == run("b") {
		t.Error("another seed gave the same bytes")
	}
}

// golden is what the same commands print at the same seed and instant, natively
// and in wasm.
//
//go:embed testdata/golden.txt
var golden string

// everywhere are commands of every tool; each begins with its prompt in what is
// compared.
var everywhere = []string{
	getToken, `date`, `ls -la`, `curl -si https://management.azure.com/subscriptions?api-version=2020-01-01`, `a=(3 1 2); printf '%s\n' "${a[@]}" | sort | tr '\n' ' '`, `nosuch`, `sleep 3600; date +%s`,
	`curl -sv http://169.254.169.254/metadata/versions -H Metadata:true`, `curl -s --trace-ascii - --trace-time http://169.254.169.254/metadata/versions -H Metadata:true`, `curl -sS http://nosuch.invalid http://localhost:1 http://10.9.9.9 --connect-timeout 2`, `curl -so f -w '%{json}\n' http://169.254.169.254/`,
	`echo '{"b":[1,2.5,1e300,"é\u0000"],"a":null}' | jq -c '., keys, (.b|map(tostring)), (.b[2]*10), (1/3), now'`, `jq -n '[limit(5; range(1;1e9))] | add, (map(. / 7) | join(" "))'`,
	`awk 'BEGIN { srand(1); printf "%.6f %d %s %e\n", 1/3, 2^31, 1e6, 12345.678; for (i = 0; i < 3; i++) print sin(i), exp(i), int(rand() * 100) }'`,
	"python3 -c 'import json, hashlib, base64; print(1/3, 2**100, 1e22, round(2.675, 2), json.dumps({\"a\": [1, 2.0, None]}), hashlib.sha256(b\"x\").hexdigest(), \"%.3e\" % 12345.678, f\"{3.14159:>10.2f}\"); print({}[\"k\"])'",
	`head -c 16 /dev/urandom | base64; uuidgen; echo $RANDOM $RANDOM; head -c 4 /dev/zero | xxd`, `seq 0.1 0.1 0.5; seq -w 8 11 | paste -sd,`, `printf '%s\n' b10 b9 a | sort -V; printf '1.5\n-2\n1e3\n' | sort -g; printf '2K\n1M\n' | sort -h`,
	`date -u -d '2024-02-29 +1 year' '+%F %V %j %s'; date -d 'next monday' +%A; touch -d '2 hours ago' f; ls -l --time-style=full-iso f; find . -name f -printf '%p %s %m %TY\n'`, `echo 'one two' | sed -E 's/(\w+) (\w+)/\u\2 \U\1/;l'; echo abc | sed 'y/abc/xyz/;s/./&&/2g'`,
	`for i in {1..3}; do (exit $i); echo -n "$? "; done; echo; declare -A m=([x]=1 [y]=2); echo ${#m[@]} ${!m[@]}; printf -v v '%05.2f|%q' 3.14159 "a b"; echo "$v"; echo $((2**62)) $((7/-2)) $((-7%3))`, `[[ abc123 =~ ([a-z]+)([0-9]+) ]] && echo "${BASH_REMATCH[@]}"; true | false | true; echo ${PIPESTATUS[@]}; mapfile -t l < <(seq 3); echo ${l[@]}`,
	`grep -rn root /etc/passwd; diff <(seq 3) <(seq 2 4); md5sum /etc/hostname; stat -c '%n %s %a %U %Y' /etc/passwd; df; du -s /etc`, `yes | head -2; seq 100000 | tail -1; tr -dc a-f < /dev/urandom | head -c 8; echo`, `sleep 1 & wait; jobs; kill -l | head -1; trap 'echo bye' EXIT; umask; ulimit -n; type cd ls; history | tail -1`,
	`az version -o tsv; az login --identity -o none; az account show -o json; az group show -n myResourceGroup; az vm list -o table; az nosuch`, `ssh-keygen -q -t ed25519 -N '' -f k; cut -d' ' -f1,2 k.pub; ssh -o BatchMode=yes nobody@localhost true`, `wget x; cat /etc/os-release | head -2; uname -a; id; env | sort; man seq | head -4; ls --help | head -3`,
}

func TestTheSameBytesEverywhere(t *testing.T) {
	var all strings.Builder
	l := newLab(t, "golden")
	for _, line := range everywhere {
		all.WriteString("$ " + line + "\n" + script(t, l, "myVM", line) + "\n")
	}
	got := all.String()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile("testdata/golden.txt", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got != golden {
		gotLines, wantLines := strings.Split(got, "\n"), strings.Split(golden, "\n")
		for i := range min(len(gotLines), len(wantLines)) {
			if gotLines[i] != wantLines[i] {
				t.Errorf("line %d\n got %s\nwant %s", i+1, gotLines[i], wantLines[i])
			}
		}
		t.Errorf("%d lines, want %d", len(gotLines), len(wantLines))
	}
}

func TestSnapshotGoesOnWhereItStood(t *testing.T) {
	l := newLab(t, "a")
	s, err := l.At("myVM")
	if err != nil {
		t.Fatal(err)
	}
	var sink bytes.Buffer
	s.Run(context.Background(), "x=7; f() { echo f$x; }; mkdir d; cd d; echo data > file; "+getToken, shell.Streams{Out: &sink, Err: &sink})
	fork, err := l.Fork()
	if err != nil {
		t.Fatal(err)
	}
	const more = "f; cat file; pwd; date +%s; " + getToken
	var outs []string
	for _, lab := range []*Lab{l, fork} {
		s, err := lab.At("myVM")
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		s.Run(context.Background(), more, shell.Streams{Out: &out, Err: &out})
		outs = append(outs, out.String())
	}
	if outs[0] != outs[1] || !strings.HasPrefix(outs[0], "f7\ndata\n/home/azureuser/d\n") {
		t.Errorf("the lab and its fork differ:\n%s\n%s", outs[0], outs[1])
	}
	if n := len(fork.Exchanges().State().Exchanges); n != len(l.Exchanges().State().Exchanges) || n == 0 {
		t.Errorf("%d exchanges", n)
	}
}

func TestBadInput(t *testing.T) {
	if _, err := New(context.Background(), Options{Scenario: "none"}); !errors.Is(err, ErrNoScenario) || !strings.Contains(err.Error(), "linux-vm") {
		t.Errorf("%v", err)
	}
	for _, data := range []string{"", "{}", "[]", `{"format":"skylab-lab","version":99}`, `{"format":"skylab-lab","version":1,"scenario":"none"}`, `{"format":"skylab-lab","version":1,"scenario":"linux-vm","machines":{"myVM":{}}}`} {
		if _, err := Load([]byte(data), full.Kit()); !errors.Is(err, ErrSnapshot) {
			t.Errorf("%q: %v", data, err)
		}
	}
	if _, err := newLab(t, "").Script(context.Background(), "nowhere", "true", shell.Streams{}); err == nil {
		t.Error("a script ran on no machine")
	}
}

func FuzzLoad(f *testing.F) {
	l, err := New(context.Background(), Options{Kit: full.Kit(), At: instant, Scenario: "no-vm"})
	if err != nil {
		f.Fatal(err)
	}
	data, err := l.Snapshot()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"format":"skylab-lab","version":1,"scenario":"no-vm","consoles":[{"id":"laptop","home":"laptop","stack":[{"login":{"machine":"laptop","user":"learner"},"shell":{"vars":{"a b":{}}}}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if l, err := Load(data, full.Kit()); err == nil {
			if _, err := l.Snapshot(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
