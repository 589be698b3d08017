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

func TestTheSameBytesEverywhere(t *testing.T) {
	got := script(t, newLab(t, "golden"), "myVM", getToken+"; echo; date; ls -la; curl -si https://management.azure.com/subscriptions?api-version=2020-01-01; a=(3 1 2); printf '%s\\n' \"${a[@]}\" | sort | tr '\\n' ' '; nosuch; sleep 3600; date +%s")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile("testdata/golden.txt", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got != golden {
		t.Errorf("got\n%s\nwant\n%s", got, golden)
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
