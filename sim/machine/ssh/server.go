package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"path"
	"strings"

	"skylab/sim/exchange"
	"skylab/sim/machine"
	"skylab/sim/machine/shell"
	"skylab/sim/machine/tool"
	"skylab/sim/network"
)

// HostKeyFile is where a machine that serves ssh keeps its private key.
const HostKeyFile = "/etc/ssh/ssh_host_ed25519_key"

// Server is the server side of port 22 of a machine. Its keys are files of the
// machine: the host's key in [HostKeyFile], and who may log in in each home's
// .ssh/authorized_keys.
type Server struct {
	Machine *machine.Machine
	// Run runs a text in a shell of a user as bash -c does, with variables added
	// to the environment, and returns its status.
	Run func(ctx context.Context, u tool.User, environ []string, text string, s shell.Streams) int
}

// Serve speaks with one client until it has what it came for.
func (s *Server) Serve(ctx context.Context, conn net.Conn, caller exchange.Caller) {
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	err := s.serve(ctx, conn, caller)
	gone := errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe) || errors.Is(err, io.ErrUnexpectedEOF)
	if err != nil && !gone { // a client that goes away has recorded its exchange already
		network.AddNote(ctx, exchange.Note{Kind: "ssh.closed", Text: "the connection ended early: " + err.Error()})
	}
}

func (s *Server) serve(ctx context.Context, conn net.Conn, caller exchange.Caller) error {
	st, err := greet(conn, true)
	if err != nil {
		return err
	}
	hello, err := st.expect(kindHello)
	if err != nil {
		return err
	}
	root := s.Machine.Files(Root)
	data, err := root.ReadFile(HostKeyFile)
	if err != nil {
		return fmt.Errorf("no hostkeys available: %w", err)
	}
	host, err := ParsePrivate(data)
	if err != nil {
		return fmt.Errorf("no hostkeys available: %w", err)
	}
	if err := st.send(message{Kind: kindHostKey, Key: host.Public().Blob, Signature: host.Sign(hello.Nonce)}); err != nil {
		return err
	}
	for tries := 0; ; tries++ {
		m, err := st.expect(kindAuth)
		if err != nil {
			return err
		}
		user, line, ok := s.admit(ctx, m, hello.Nonce)
		if ok {
			if err := st.send(message{Kind: kindAccepted}); err != nil {
				return err
			}
			return s.session(ctx, st, user, line, caller)
		}
		if tries >= maxTries {
			return fmt.Errorf("too many authentication failures for %q", m.User)
		}
		if err := st.send(message{Kind: kindDenied}); err != nil {
			return err
		}
	}
}

// maxTries is sshd's MaxAuthTries.
const maxTries = 6

// Root is a machine's root account.
var Root = tool.User{Name: "root", Groups: []string{"root"}, Home: "/root", Shell: "/bin/bash"}

// admit decides about one key, and says why.
func (s *Server) admit(ctx context.Context, m message, nonce []byte) (tool.User, authorized, bool) {
	key := PublicKey{Blob: m.Key}
	say := func(ok bool, why string) {
		data := map[string]any{"user": m.User, "accepted": ok, "machine": s.Machine.Name}
		text := fmt.Sprintf("%s is not let in: %s", m.User, why)
		if ok {
			text = fmt.Sprintf("%s is let in: %s", m.User, why)
		}
		if len(m.Key) > 0 {
			data["key"] = key.Fingerprint()
		}
		network.AddNote(ctx, exchange.Note{Kind: "ssh.auth", Text: text, Data: data})
	}
	user, known := s.Machine.User(m.User)
	if m.User == Root.Name {
		user, known = Root, true
	}
	switch {
	case len(m.Key) == 0:
		say(false, "the client has no key to offer, and passwords are not accepted")
		return user, authorized{}, false
	case !known:
		say(false, "there is no such account on "+s.Machine.Name)
		return user, authorized{}, false
	case !key.Verify(signed(nonce, m.User), m.Signature):
		say(false, "the signature is not of that key")
		return user, authorized{}, false
	}
	file := path.Join(user.Home, ".ssh/authorized_keys")
	files := s.Machine.Files(Root)
	for _, name := range []string{user.Home, path.Dir(file), file} {
		i, err := files.Stat(name)
		if err != nil {
			say(false, file+" is not there")
			return user, authorized{}, false
		}
		if i.Mode()&0o022 != 0 {
			say(false, fmt.Sprintf("bad ownership or modes for %s: others may write to it (%04o)", name, i.Mode()&fs.ModePerm))
			return user, authorized{}, false
		}
	}
	data, err := files.ReadFile(file)
	if err != nil {
		say(false, file+" cannot be read")
		return user, authorized{}, false
	}
	for _, a := range parseAuthorized(string(data)) {
		if a.key.Equal(key) {
			say(true, "its key stands in "+file)
			return user, a, true
		}
	}
	say(false, "the offered key does not stand in "+file)
	return user, authorized{}, false
}

// signed is what a client signs to log in.
func signed(nonce []byte, user string) []byte { return wire(string(nonce), user, "ssh-connection") }

// authorized is one line of authorized_keys.
type authorized struct {
	key     PublicKey
	command string // what runs whatever the client asks for; "" for none
}

// parseAuthorized reads an authorized_keys file; lines that cannot be read are
// passed over, as sshd does.
func parseAuthorized(text string) []authorized {
	var out []authorized
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if key, err := ParsePublic(line); err == nil {
			out = append(out, authorized{key: key})
			continue
		}
		options, rest := cutOptions(line)
		if key, err := ParsePublic(rest); err == nil {
			out = append(out, authorized{key, options["command"]})
		}
	}
	return out
}

// cutOptions takes off the options before a key: words with commas between
// them, whose values may be quoted.
func cutOptions(line string) (options map[string]string, rest string) {
	options = map[string]string{}
	var word strings.Builder
	quoted := false
	add := func() {
		name, value, _ := strings.Cut(word.String(), "=")
		options[strings.ToLower(name)] = value
		word.Reset()
	}
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && quoted && i+1 < len(line) && line[i+1] == '"':
			word.WriteByte('"')
			i++
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			add()
		case (c == ' ' || c == '\t') && !quoted:
			add()
			return options, strings.TrimSpace(line[i:])
		default:
			word.WriteByte(c)
		}
	}
	return options, ""
}

// session does what a client that is logged in asks for.
func (s *Server) session(ctx context.Context, st *stream, u tool.User, line authorized, caller exchange.Caller) error {
	m, err := st.expect(kindExec, kindShell, kindAttach)
	if err != nil {
		return err
	}
	note := exchange.Note{Kind: "ssh.session", Text: fmt.Sprintf("%s has a shell on %s", u.Name, s.Machine.Name), Data: map[string]any{"user": u.Name, "machine": s.Machine.Name}}
	if line.command != "" {
		m.Kind, m.Command = kindExec, line.command
		note.Text = fmt.Sprintf("the key may only run one command on %s", s.Machine.Name)
		note.Data["forced"] = true
	} else if m.Kind == kindExec {
		note.Text = fmt.Sprintf("%s runs a command on %s", u.Name, s.Machine.Name)
	}
	if m.Kind == kindExec {
		note.Data["command"] = m.Command
	}
	network.AddNote(ctx, note)
	own := "10.0.0.4"
	if s.Machine.Card != nil {
		own = s.Machine.Card.Caller().Address
	}
	environ := []string{"SSH_CLIENT=" + caller.Address + " 49152 22", "SSH_CONNECTION=" + caller.Address + " 49152 " + own + " 22"}
	if m.Terminal {
		environ = append(environ, "SSH_TTY=/dev/pts/0")
	}
	out, errs, in := sendWriter{st, kindOut}, sendWriter{st, kindErr}, &wantReader{s: st}
	if m.Kind != kindExec {
		if _, err := fmt.Fprintf(out, "Welcome to %s (GNU/Linux 6.8.0-1015-azure x86_64)\n\n", s.release()); err != nil {
			return err
		}
	}
	status := 0
	switch m.Kind {
	case kindAttach:
		return st.send(message{Kind: kindAttached, Machine: s.Machine.Name, User: u.Name, Environ: environ})
	case kindShell:
		text, err := in.all()
		if err != nil {
			return err
		}
		status = s.Run(ctx, u, environ, text, shell.Streams{Out: out, Err: errs})
	default:
		var errStream = errs
		if m.Terminal { // a terminal has one output
			errStream = out
		}
		status = s.Run(ctx, u, environ, m.Command, shell.Streams{In: in, Out: out, Err: errStream, Terminal: m.Terminal, Columns: m.Columns})
	}
	return st.send(message{Kind: kindExit, Status: status & 0xff})
}

// release is the system's name for people.
func (s *Server) release() string {
	data, _ := s.Machine.Files(Root).ReadFile("/etc/os-release")
	for _, line := range strings.Split(string(data), "\n") {
		if v, ok := strings.CutPrefix(line, "PRETTY_NAME="); ok {
			return strings.Trim(v, `"`)
		}
	}
	return "Linux"
}
