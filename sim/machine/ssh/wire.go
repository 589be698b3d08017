package ssh

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
)

// version is what each side calls itself first.
const version = "SSH-2.0-OpenSSH_8.9p1 Ubuntu-3ubuntu0.10"

// message is one step of our protocol behind the banner. It stands for what SSH
// encrypts; the signatures in it are real. Exactly what Kind needs is set.
type message struct {
	Kind      string   `json:"kind"`
	Nonce     []byte   `json:"nonce,omitempty"`     // hello: the server signs it with its host key
	Key       []byte   `json:"key,omitempty"`       // hostkey, auth: a public key's blob
	Signature []byte   `json:"signature,omitempty"` // hostkey, auth
	User      string   `json:"user,omitempty"`      // auth
	Command   string   `json:"command,omitempty"`   // exec
	Terminal  bool     `json:"terminal,omitempty"`  // exec, shell
	Columns   int      `json:"columns,omitempty"`
	Machine   string   `json:"machine,omitempty"` // attached: where the shell is
	Environ   []string `json:"environ,omitempty"` // attached: what the login adds
	Data      []byte   `json:"data,omitempty"`    // out, err, in
	Status    int      `json:"status,omitempty"`  // exit
}

// Kinds of messages, in the order in which they pass.
const (
	kindHello    = "hello"    // client: its nonce
	kindHostKey  = "hostkey"  // server: its key, and the nonce signed
	kindAuth     = "auth"     // client: user, and a key with a signature if it has one
	kindDenied   = "denied"   // server: not with this key
	kindAccepted = "accepted" // server: logged in
	kindExec     = "exec"     // client: run a command
	kindShell    = "shell"    // client: a shell that reads commands from its input
	kindAttach   = "attach"   // client: a shell for the console that it runs in
	kindAttached = "attached" // server: the console goes on there
	kindWant     = "want"     // server: the command waits for input
	kindIn       = "in"       // client: input
	kindEOF      = "eof"      // client: the input has ended
	kindOut      = "out"      // server: output
	kindErr      = "err"      // server: error output
	kindExit     = "exit"     // server: the command has ended
)

// maxMessage is the most bytes of a message, and maxBanner of the first line.
const (
	maxMessage = 1 << 20
	maxBanner  = 255
)

var errProtocol = errors.New("invalid packet")

// stream is a connection as messages.
type stream struct {
	conn net.Conn
	in   *bufio.Reader
	mu   sync.Mutex // of writes
}

// greet exchanges banners: the server speaks first, for both ends of the pipe
// wait for each other.
func greet(conn net.Conn, server bool) (*stream, error) {
	s := &stream{conn: conn, in: bufio.NewReader(conn)}
	say := func() error { _, err := io.WriteString(conn, version+"\r\n"); return err }
	if server {
		if err := say(); err != nil {
			return nil, err
		}
	}
	line, err := s.banner()
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(line, "SSH-2.0-") {
		return nil, fmt.Errorf("%w: banner %q", errProtocol, line)
	}
	if server {
		return s, nil
	}
	return s, say()
}

func (s *stream) banner() (string, error) {
	var line []byte
	for len(line) < maxBanner {
		b, err := s.in.ReadByte()
		if err != nil {
			return "", err
		}
		if b == '\n' {
			return strings.TrimSuffix(string(line), "\r"), nil
		}
		line = append(line, b)
	}
	return "", errProtocol
}

func (s *stream) send(m message) error {
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err = s.conn.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), data...))
	return err
}

func (s *stream) receive() (message, error) {
	var m message
	var head [4]byte
	if _, err := io.ReadFull(s.in, head[:]); err != nil {
		return m, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > maxMessage {
		return m, errProtocol
	}
	data := make([]byte, n)
	if _, err := io.ReadFull(s.in, data); err != nil {
		return m, err
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return m, fmt.Errorf("%w: %v", errProtocol, err)
	}
	return m, nil
}

// expect receives a message of one of the kinds.
func (s *stream) expect(kinds ...string) (message, error) {
	m, err := s.receive()
	if err != nil {
		return m, err
	}
	for _, k := range kinds {
		if m.Kind == k {
			return m, nil
		}
	}
	return m, fmt.Errorf("%w: %q", errProtocol, m.Kind)
}

// sendWriter sends what is written to it as messages of a kind.
type sendWriter struct {
	s    *stream
	kind string
}

const maxChunk = 32 << 10

func (w sendWriter) Write(p []byte) (int, error) {
	for done := 0; done < len(p); {
		n := min(maxChunk, len(p)-done)
		if err := w.s.send(message{Kind: w.kind, Data: p[done : done+n]}); err != nil {
			return done, err
		}
		done += n
	}
	return len(p), nil
}

// wantReader asks the client for input when something reads it: what nobody
// reads stays with the client.
type wantReader struct {
	s    *stream
	mu   sync.Mutex
	rest []byte
	err  error
}

func (r *wantReader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.rest) == 0 && r.err == nil {
		r.err = r.s.send(message{Kind: kindWant})
		if r.err == nil {
			var m message
			m, r.err = r.s.expect(kindIn, kindEOF)
			if r.rest = m.Data; r.err == nil && m.Kind == kindEOF {
				r.err = io.EOF
			}
		}
	}
	n := copy(p, r.rest)
	if r.rest = r.rest[n:]; n > 0 {
		return n, nil
	}
	return 0, r.err
}

// maxScript is the most bytes of a script that a shell reads from its input.
const maxScript = 1 << 20

// all reads the input to its end.
func (r *wantReader) all() (string, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxScript))
	return string(data), err
}
