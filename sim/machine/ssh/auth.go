package ssh

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"path"
	"strings"

	"skylab/sim/machine/vfs"
)

const frame = "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@"

// known is a line of known_hosts.
type known struct {
	hosts []string
	key   PublicKey
	line  int // from 1
}

func parseKnown(text string) []known {
	var out []known
	for i, line := range strings.Split(text, "\n") {
		hosts, rest, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || strings.HasPrefix(hosts, "#") || strings.HasPrefix(hosts, "@") {
			continue
		}
		if key, err := ParsePublic(rest); err == nil {
			out = append(out, known{strings.Split(hosts, ","), key, i + 1})
		}
	}
	return out
}

// knownName is how known_hosts calls a host.
func knownName(host, port string) string {
	host = strings.ToLower(host)
	if port == "22" {
		return host
	}
	return "[" + host + "]:" + port
}

// knowHost makes sure that the server is whom it was before.
func (c *call) knowHost(st *stream, nonce []byte) bool {
	fail := func() bool { fmt.Fprintln(c.Stderr, "Host key verification failed."); return false }
	if err := st.send(message{Kind: kindHello, Nonce: nonce}); err != nil {
		return c.closed()
	}
	m, err := st.expect(kindHostKey)
	if err != nil {
		return c.closed()
	}
	key := PublicKey{Blob: m.Key}
	if !key.Verify(nonce, m.Signature) {
		fmt.Fprintln(c.Stderr, "ssh_dispatch_run_fatal: Connection to "+c.address+" port "+c.port+": incorrect signature")
		return false
	}
	c.debug("Server host key: %s %s", key.Type(), key.Fingerprint())
	file := c.expand(c.config.get("userknownhostsfile", "~/.ssh/known_hosts"))
	strict := strings.ToLower(c.config.get("stricthostkeychecking", "ask"))
	name := knownName(c.host, c.port)
	data, err := c.FS.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		c.debug("load_hostkeys: fopen %s: %s", file, vfs.Errno(err))
	}
	var other *known
	for _, k := range parseKnown(string(data)) {
		for _, h := range k.hosts {
			if h != name {
				continue
			}
			if k.key.Equal(key) {
				c.debug("Host '%s' is known and matches the ED25519 host key.", name)
				return true
			}
			other = &k
		}
	}
	if other != nil {
		c.changed(file, name, other.line, key)
		if strict != "no" && strict != "off" {
			fmt.Fprintf(c.Stderr, "Host key for %s has changed and you have requested strict checking.\n", name)
			return fail()
		}
		return true
	}
	switch strict {
	case "yes":
		fmt.Fprintf(c.Stderr, "No ED25519 host key is known for %s and you have requested strict checking.\n", name)
		return fail()
	case "ask":
		if !c.ask(name, key) {
			return fail()
		}
	}
	if err := c.remember(file, name, key); err != nil {
		c.warn("Failed to add the host to the list of known hosts (%s).", file)
	} else {
		c.warn("Warning: Permanently added '%s' (ED25519) to the list of known hosts.", name)
	}
	return true
}

func (c *call) closed() bool {
	fmt.Fprintf(c.Stderr, "Connection closed by %s port %s\n", c.address, c.port)
	return false
}

// changed warns of a server with another key than before.
func (c *call) changed(file, name string, line int, key PublicKey) {
	fmt.Fprintf(c.Stderr, "%s\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n%s\nIT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!\nSomeone could be eavesdropping on you right now (man-in-the-middle attack)!\nIt is also possible that a host key has just been changed.\n"+
		"The fingerprint for the ED25519 key sent by the remote host is\n%s.\nPlease contact your system administrator.\nAdd correct host key in %s to get rid of this message.\nOffending ED25519 key in %s:%d\n  remove with:\n  ssh-keygen -f \"%s\" -R \"%s\"\n",
		frame, frame, key.Fingerprint(), file, file, line, file, name)
}

// ask asks the person whether an unknown server is the right one.
func (c *call) ask(name string, key PublicKey) bool {
	if c.Person == nil || strings.EqualFold(c.config.get("batchmode", "no"), "yes") {
		return false
	}
	shown := name
	if net.ParseIP(c.host) == nil || c.port == "22" {
		shown = name + " (" + c.address + ")"
	}
	fmt.Fprintf(c.Stderr, "The authenticity of host '%s' can't be established.\nED25519 key fingerprint is %s.\nThis key is not known by any other names\nAre you sure you want to continue connecting (yes/no/[fingerprint])? ", shown, key.Fingerprint())
	for {
		answer, err := c.Person.Line()
		if err != nil {
			return false
		}
		switch answer = strings.TrimSpace(answer); {
		case strings.EqualFold(answer, "yes") || answer == key.Fingerprint():
			return true
		case answer == "" || strings.EqualFold(answer, "no"):
			return false
		}
		fmt.Fprint(c.Stderr, "Please type 'yes', 'no' or the fingerprint: ")
	}
}

// readLine reads one line and nothing behind it.
func readLine(r io.Reader) (string, error) {
	var line []byte
	var b [1]byte
	for {
		n, err := r.Read(b[:])
		if n > 0 {
			if b[0] == '\n' {
				return string(line), nil
			}
			line = append(line, b[0])
		}
		if err != nil {
			return string(line), err
		}
	}
}

func (c *call) remember(file, name string, key PublicKey) error {
	if dir := path.Dir(file); dir == c.home+"/.ssh" {
		if err := c.FS.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	data, err := c.FS.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	text := string(data)
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return c.FS.WriteFile(file, []byte(text+name+" "+key.String()+"\n"), 0o600)
}

// identity is a key file that is to be tried.
type identity struct {
	file     string
	explicit bool
}

// logIn offers one key after the other.
func (c *call) logIn(st *stream, nonce []byte) bool {
	var files []identity
	for _, f := range c.config.identities {
		files = append(files, identity{c.expand(f), true})
	}
	if len(files) == 0 {
		files = []identity{{c.home + "/.ssh/id_rsa", false}, {c.home + "/.ssh/id_ed25519", false}}
	}
	offered := false
	for _, f := range files {
		key, ok := c.load(f)
		if !ok {
			continue
		}
		offered = true
		pub := key.Public()
		kind := strings.ToUpper(strings.TrimPrefix(pub.Type(), "ssh-"))
		c.debug("Offering public key: %s %s %s", f.file, kind, pub.Fingerprint())
		if err := st.send(message{Kind: kindAuth, User: c.user, Key: pub.Blob, Signature: key.Sign(signed(nonce, c.user))}); err != nil {
			return c.closed()
		}
		m, err := st.expect(kindAccepted, kindDenied)
		if err != nil {
			return c.closed()
		}
		if m.Kind == kindAccepted {
			c.debug("Server accepts key: %s %s %s", f.file, kind, pub.Fingerprint())
			if c.opts.Has("v") {
				fmt.Fprintf(c.Stderr, "Authenticated to %s ([%s]:%s) using \"publickey\".\n", c.host, c.address, c.port)
			}
			return true
		}
	}
	if !offered { // so that the server can say why
		if st.send(message{Kind: kindAuth, User: c.user}) != nil {
			return c.closed()
		}
		if _, err := st.expect(kindDenied); err != nil {
			return c.closed()
		}
	}
	c.debug("No more authentication methods to try.")
	fmt.Fprintf(c.Stderr, "%s@%s: Permission denied (publickey).\n", c.user, c.host)
	return false
}

// load reads a key file; what is wrong with it is told.
func (c *call) load(f identity) (Key, bool) {
	info, err := c.FS.Stat(f.file)
	if err != nil {
		if f.explicit {
			fmt.Fprintf(c.Stderr, "no such identity: %s: %s\n", f.file, vfs.Errno(err))
		}
		return Key{}, false
	}
	data, err := c.FS.ReadFile(f.file)
	if err != nil {
		fmt.Fprintf(c.Stderr, "Load key \"%s\": %s\n", f.file, vfs.Errno(err))
		return Key{}, false
	}
	if info.Mode()&0o077 != 0 {
		fmt.Fprintf(c.Stderr, "%s\n@         WARNING: UNPROTECTED PRIVATE KEY FILE!          @\n%s\nPermissions %04o for '%s' are too open.\nIt is required that your private key files are NOT accessible by others.\nThis private key will be ignored.\nLoad key \"%s\": bad permissions\n", frame, frame, info.Mode()&fs.ModePerm, f.file, f.file)
		return Key{}, false
	}
	key, err := ParsePrivate(data)
	switch {
	case errors.Is(err, ErrEncrypted):
		fmt.Fprintln(c.Stderr, "Load key \""+f.file+"\": skylab: a key with a passphrase is real but not simulated here")
	case err != nil:
		fmt.Fprintf(c.Stderr, "Load key \"%s\": %v\n", f.file, err)
	}
	return key, err == nil
}
