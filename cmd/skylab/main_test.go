package main

import (
	"bytes"
	"context"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func skylab(t *testing.T, in string, args ...string) (string, string, int) {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(context.Background(), args, streams{strings.NewReader(in), &out, &errs})
	return out.String(), errs.String(), code
}

const tokenURL = "curl -s 'http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.azure.com/'"

func TestShellPrintsExactlyWhatBashPrints(t *testing.T) {
	out, errs, code := skylab(t, "", "shell", "--scenario", "linux-vm", "--machine", "myVM", "-c", tokenURL)
	if out != `{"error":"invalid_request","error_description":"Required metadata header not specified"}` || errs != "" || code != 0 {
		t.Errorf("%q %q %d", out, errs, code)
	}
	out, errs, code = skylab(t, "", "shell", "-c", "echo out; echo err >&2; exit 7")
	if out != "out\n" || errs != "err\n" || code != 7 {
		t.Errorf("%q %q %d", out, errs, code)
	}
}

// TestTokenVerifiesOutsideOurPackages uses what the lab prints and nothing else.
func TestTokenVerifiesOutsideOurPackages(t *testing.T) {
	dir := t.TempDir()
	body, _, _ := skylab(t, "", "shell", "--state", dir, "-c", tokenURL+" -H Metadata:true")
	keys, _, _ := skylab(t, "", "shell", "--state", dir, "-c", "curl -s https://login.microsoftonline.com/common/discovery/keys")
	var answer struct {
		Token string `json:"access_token"`
	}
	var set struct{ Keys []struct{ Kid, N, E string } }
	if json.Unmarshal([]byte(body), &answer) != nil || json.Unmarshal([]byte(keys), &set) != nil || len(set.Keys) == 0 {
		t.Fatalf("%s\n%s", body, keys)
	}
	_, err := jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithAudience("https://management.azure.com/"), jwt.WithTimeFunc(time.Now)).Parse(answer.Token, func(tok *jwt.Token) (any, error) {
		for _, k := range set.Keys {
			if k.Kid == tok.Header["kid"] {
				n, _ := base64.RawURLEncoding.DecodeString(k.N)
				e, _ := base64.RawURLEncoding.DecodeString(k.E)
				return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}, nil
			}
		}
		return nil, jwt.ErrTokenUnverifiable
	})
	if err != nil {
		t.Error(err)
	}
}

func TestScriptsMoveBetweenMachines(t *testing.T) {
	const text = "hostname\n#@ laptop\nhostname\n#@ cloudshell\nwhoami\n"
	file := filepath.Join(t.TempDir(), "script.sh")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"shell", file}, {"shell", "-"}} {
		if out, errs, code := skylab(t, text, args...); out != "myVM\nlaptop\nadmin\n" || errs != "" || code != 0 {
			t.Errorf("%v: %q %q %d", args, out, errs, code)
		}
	}
}

func TestPrompt(t *testing.T) {
	out, errs, code := skylab(t, "x=5\nfor i in 1 2\ndo echo $i$x\ndone\nexit 3\n", "shell")
	if want := "azureuser@myVM:~$ azureuser@myVM:~$ > > 15\n25\nazureuser@myVM:~$ "; out != want || errs != "logout\n" || code != 3 {
		t.Errorf("%q %q %d", out, errs, code)
	}
}

func TestStateGoesOn(t *testing.T) {
	dir := t.TempDir()
	skylab(t, "", "shell", "--state", dir, "--seed", "a", "-c", "echo kept > f")
	if out, errs, _ := skylab(t, "", "shell", "--state", dir, "-c", "cat f"); out != "kept\n" {
		t.Errorf("%q %q", out, errs)
	}
	name := filepath.Join(dir, stateFile)
	if err := os.WriteFile(name, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, errs, code := skylab(t, "", "shell", "--state", dir, "-c", "true")
	if data, _ := os.ReadFile(name); code != exitUsage || strings.Count(errs, "\n") != 1 || string(data) != "broken" {
		t.Errorf("%q %d; the file holds %q", errs, code, data)
	}
}

func TestHARAndTrace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.har")
	_, errs, _ := skylab(t, "", "shell", "--har", file, "--trace", "-c", tokenURL+" -H Metadata:true")
	data, err := os.ReadFile(file)
	if err != nil || !json.Valid(data) || strings.Contains(string(data), `"access_token\":\"eyJ`) {
		t.Errorf("%v %s", err, data)
	}
	if !strings.Contains(errs, "myVM → Metadata service: GET http://169.254.169.254/") || !strings.Contains(errs, "imds.identity: ") {
		t.Errorf("trace %q", errs)
	}
}

func TestUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{nil, 2, "Usage: skylab COMMAND"},
		{[]string{"nope"}, 2, `there is no command "nope"`},
		{[]string{"--help"}, 0, "shell"},
		{[]string{"shell", "--help"}, 0, "-scenario"},
		{[]string{"serve", "--help"}, 0, "-addr"},
		{[]string{"serve", "extra"}, 2, "serve takes no argument"},
		{[]string{"shell", "--list"}, 0, "linux-vm"},
		{[]string{"shell", "--nope"}, 2, "flag provided but not defined"},
		{[]string{"shell", "--scenario", "nope", "-c", "true"}, 2, "there are linux-vm, "},
		{[]string{"shell", "--machine", "nope", "-c", "true"}, 2, "there are myVM, cloudshell, laptop"},
		{[]string{"shell", "--at", "noon", "-c", "true"}, 2, "not a time like"},
		{[]string{"shell", "--shell", "zsh", "-c", "true"}, 2, "there is no shell"},
		{[]string{"shell", "-c", "true", "file"}, 2, "exclude each other"},
		{[]string{"shell", "/nosuch/script"}, 2, "read the script"},
	} {
		out, errs, code := skylab(t, "", c.args...)
		if code != c.code || !strings.Contains(out+errs, c.want) {
			t.Errorf("%v: %q %q %d", c.args, out, errs, code)
		}
		if (code == 0) == (out == "") {
			t.Errorf("%v: help goes to standard output, errors do not: %q %q", c.args, out, errs)
		}
	}
}
