package ssh

import (
	"bytes"
	"encoding/base64"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func testKey() Key { return NewKey(bytes.Repeat([]byte{7}, 32), "learner@laptop") }

func TestKeysAreOpenSSHs(t *testing.T) {
	real, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Skip("ssh-keygen is not on this machine")
	}
	file := filepath.Join(t.TempDir(), "key")
	k := testKey()
	if err := os.WriteFile(file, k.MarshalPrivate(12345), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file+".pub", []byte(k.Public().String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	public, err := exec.Command(real, "-y", "-f", file).Output()
	if err != nil || strings.TrimSpace(string(public)) != k.Public().String() {
		t.Errorf("%v: the real ssh-keygen reads %q, want %q", err, public, k.Public())
	}
	out, err := exec.Command(real, "-lv", "-f", file+".pub").Output()
	if want := "256 " + k.Public().Fingerprint() + " learner@laptop (ED25519)\n" + k.Public().Art(); err != nil || string(out) != want {
		t.Errorf("%v: the real ssh-keygen prints\n%s, want\n%s", err, out, want)
	}
	made := filepath.Join(t.TempDir(), "made")
	if err := exec.Command(real, "-q", "-t", "ed25519", "-N", "", "-C", "x y", "-f", made).Run(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(made)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParsePrivate(data)
	if err != nil {
		t.Fatal(err)
	}
	if pub, err := os.ReadFile(made + ".pub"); err != nil || strings.TrimSpace(string(pub)) != got.Public().String() {
		t.Errorf("%v: %s is not %s", err, got.Public(), pub)
	}
	locked := filepath.Join(t.TempDir(), "locked")
	if err := exec.Command(real, "-q", "-t", "ed25519", "-N", "secret", "-f", locked).Run(); err != nil {
		t.Fatal(err)
	}
	if data, err = os.ReadFile(locked); err != nil {
		t.Fatal(err)
	}
	if _, err := ParsePrivate(data); !errors.Is(err, ErrEncrypted) {
		t.Errorf("a key with a passphrase: %v", err)
	}
}

func TestSignatures(t *testing.T) {
	k := testKey()
	sig := k.Sign([]byte("m"))
	p, err := ParsePublic(k.Public().String())
	if err != nil || p.Comment != "learner@laptop" || !p.Verify([]byte("m"), sig) || p.Verify([]byte("n"), sig) {
		t.Errorf("%+v %v", p, err)
	}
	if (PublicKey{}).Verify(nil, nil) || (PublicKey{Blob: wire(keyType, "short")}).Verify([]byte("m"), sig) {
		t.Error("a broken key verifies")
	}
}

func TestAuthorizedKeys(t *testing.T) {
	line := testKey().Public().String()
	for text, want := range map[string]string{
		line: "", "# " + line: "!", "": "!", "ssh-ed25519 !!! x": "!", "ssh-rsa " + base64.StdEncoding.EncodeToString(wire(keyType, "x")): "!",
		`no-pty,command="echo \"a, b\"; exit" ` + line: `echo "a, b"; exit`, `from="*" ` + line: "", "\n\n" + line + "\n": "", "no-pty": "!",
	} {
		got := parseAuthorized(text)
		switch {
		case want == "!" && len(got) > 0:
			t.Errorf("%q was read as %+v", text, got)
		case want != "!" && (len(got) != 1 || got[0].command != want || !got[0].key.Equal(testKey().Public())):
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func TestConfig(t *testing.T) {
	c := newConfig()
	const text = "# mine\nHost vm *.example !bad.example\n  HostName 10.0.0.4\n  User=ada\n  IdentityFile ~/.ssh/k\nHost *\n  User bob\n  Port 2222\n"
	if err := c.read("config", text, "vm"); err != nil || c.get("hostname", "") != "10.0.0.4" || c.get("user", "") != "ada" || c.get("port", "") != "2222" || len(c.identities) != 1 {
		t.Errorf("%+v %v", c, err)
	}
	c = newConfig()
	if err := c.read("config", text, "bad.example"); err != nil || c.get("hostname", "") != "" || c.get("user", "") != "bob" {
		t.Errorf("%+v %v", c, err)
	}
	for in, want := range map[string]string{
		"Foo=bar": "where: Bad configuration option: foo", "ProxyJump x": "skylab: ssh's option ProxyJump is real but not simulated here",
		"Port": `where: no argument after keyword "port"`, "StrictHostKeyChecking maybe": `where: unsupported option "maybe".`, "ForwardAgent yes": "",
	} {
		got := ""
		if err := newConfig().set("where", in); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func FuzzParsePrivate(f *testing.F) {
	f.Add(testKey().MarshalPrivate(1))
	f.Add([]byte("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if k, err := ParsePrivate(data); err == nil {
			if again, err := ParsePrivate(k.MarshalPrivate(1)); err != nil || !again.Public().Equal(k.Public()) {
				t.Errorf("%v", err)
			}
		}
	})
}

func FuzzText(f *testing.F) {
	f.Add(`command="x\"y",no-pty ` + testKey().Public().String())
	f.Add("Host a\nPort 1")
	f.Fuzz(func(t *testing.T, text string) {
		parseAuthorized(text)
		parseKnown(text)
		_ = newConfig().read("config", text, "host")
	})
}

func FuzzStream(f *testing.F) {
	f.Add([]byte(version + "\r\n\x00\x00\x00\x10{\"kind\":\"hello\"}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		near, far := net.Pipe()
		go func() {
			near.Write(data)
			near.Close()
		}()
		go func() { // what the other side says
			var b [512]byte
			for {
				if _, err := near.Read(b[:]); err != nil {
					return
				}
			}
		}()
		s, err := greet(far, true)
		for err == nil {
			_, err = s.receive()
		}
		far.Close()
	})
}
