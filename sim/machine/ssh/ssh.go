// Package ssh is OpenSSH on simulated machines: the programs ssh and ssh-keygen,
// and the server side of port 22. Keys are files in OpenSSH's formats, ed25519
// alone; the texts are those of 8.9p1 (Ubuntu 22.04). What passes between the two
// sides is a protocol of our own behind an SSH-2.0 banner.
//
// Where OpenSSH leaves a choice: known_hosts is written unhashed; ssh-keygen
// without -t makes an ed25519 key, as from 9.5 on; input is sent only when the
// remote command asks for it, so ssh in a loop does not eat the loop's input.
// The package must not know any shell, the lab, or the cloud.
package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"skylab/sim/machine/tool"
	"skylab/sim/network"
)

// Programs returns the client's programs.
func Programs() []tool.Program {
	return append([]tool.Program{client(), keygen()}, absent()...)
}

// absent are the programs of the same family that are not simulated.
func absent() []tool.Program {
	var out []tool.Program
	for name, summary := range map[string]string{"scp": "Copy files over ssh", "sftp": "Transfer files over ssh", "ssh-add": "Give keys to the agent", "ssh-agent": "Keep keys at hand", "ssh-copy-id": "Put your key on another machine"} {
		out = append(out, tool.Program{Name: name, Summary: summary + ", which is not simulated", Run: func(_ context.Context, p *tool.Process) int {
			fmt.Fprintln(p.Stderr, tool.NotSimulated(name))
			return 1
		}})
	}
	return out
}

// failed is what ssh ends with for any error of its own.
const failed = 255

var clientOptions = []tool.Option{
	{Short: "p", Arg: "PORT", Help: "the port to connect to (22)"},
	{Short: "l", Arg: "USER", Help: "the account there"},
	{Short: "i", Arg: "FILE", Help: "the private key to log in with"},
	{Short: "o", Arg: "OPTION", Help: "an option as in ~/.ssh/config, as NAME=VALUE"},
	{Short: "v", Help: "tell what happens"},
	{Short: "q", Help: "no warnings"},
	{Short: "n", Help: "give the command no input"},
	{Short: "t", Help: "give the command a terminal"},
	{Short: "T", Help: "give it none"},
	{Short: "V", Help: "print the version"},
	{Short: "4", Help: "IPv4 only"},
	{Short: "a", Help: "no agent, as always here"},
	{Short: "x", Help: "no X11, as always here"},
	{Short: "6", Real: true}, {Short: "A", Real: true}, {Short: "B", Arg: "INTERFACE", Real: true}, {Short: "b", Arg: "ADDRESS", Real: true}, {Short: "C", Real: true}, {Short: "c", Arg: "CIPHERS", Real: true},
	{Short: "D", Arg: "PORT", Real: true}, {Short: "E", Arg: "FILE", Real: true}, {Short: "e", Arg: "CHAR", Real: true}, {Short: "F", Arg: "FILE", Real: true}, {Short: "f", Real: true}, {Short: "G", Real: true},
	{Short: "g", Real: true}, {Short: "I", Arg: "LIBRARY", Real: true}, {Short: "J", Arg: "HOST", Real: true}, {Short: "K", Real: true}, {Short: "k", Real: true}, {Short: "L", Arg: "ADDRESS", Real: true},
	{Short: "M", Real: true}, {Short: "m", Arg: "MACS", Real: true}, {Short: "N", Real: true}, {Short: "O", Arg: "COMMAND", Real: true}, {Short: "Q", Arg: "QUERY", Real: true}, {Short: "R", Arg: "ADDRESS", Real: true},
	{Short: "S", Arg: "PATH", Real: true}, {Short: "s", Real: true}, {Short: "W", Arg: "HOST:PORT", Real: true}, {Short: "w", Arg: "TUN", Real: true}, {Short: "X", Real: true}, {Short: "Y", Real: true}, {Short: "y", Real: true},
}

const clientUsage = "[OPTION]... [USER@]HOST [COMMAND [ARG]...]"

func client() tool.Program {
	p := tool.Program{Name: "ssh", Usage: clientUsage, Summary: "Log in to another machine, or run a command there", Options: clientOptions,
		Manual: "ssh connects to port 22 of a machine, checks that it is the machine it was before (~/.ssh/known_hosts), and logs in with your key (~/.ssh/id_ed25519).\n\nWithout a command you get a shell there; exit comes back. With a command, ssh ends with the command's status, or with 255 when it could not run it."}
	p.Run = func(ctx context.Context, proc *tool.Process) int { return runClient(ctx, p, proc) }
	return p
}

// call is one run of ssh.
type call struct {
	*tool.Process
	opts    tool.Parsed
	config  *config
	home    string
	host    string // as it is called
	port    string
	user    string
	address string
	command string
}

func runClient(ctx context.Context, prog tool.Program, p *tool.Process) int {
	c := &call{Process: p, home: homeOf(p)}
	words := p.Args[1:]
	if len(words) == 1 && words[0] == "--help" {
		tool.Help(p.Stdout, prog)
		return 0
	}
	// Options may stand before the host and right behind it.
	var rest []string
	target := ""
	for range 2 {
		got, err := tool.Parse(clientOptions, words, tool.FirstArg)
		if err != nil {
			return c.usage(err.Error())
		}
		c.opts.Opts = append(c.opts.Opts, got.Opts...)
		rest = got.Args
		if target != "" || len(rest) == 0 {
			break
		}
		target, words = rest[0], rest[1:]
		rest = nil
	}
	if c.opts.Has("V") {
		fmt.Fprintln(p.Stderr, "OpenSSH_8.9p1 Ubuntu-3ubuntu0.10, OpenSSL 3.0.2 15 Mar 2022")
		return 0
	}
	if target == "" {
		return c.usage("")
	}
	c.command = strings.Join(rest, " ")
	if err := c.configure(target); err != nil {
		fmt.Fprintln(p.Stderr, err)
		return failed
	}
	return c.run(ctx)
}

func (c *call) usage(problem string) int {
	if problem != "" {
		fmt.Fprintln(c.Stderr, optionError(problem))
		if strings.HasPrefix(problem, "skylab: ") {
			return failed
		}
	}
	fmt.Fprintln(c.Stderr, "usage: ssh "+clientUsage)
	return failed
}

// optionError words a wrong option as OpenSSH's own getopt does.
func optionError(text string) string {
	return strings.ReplaceAll(strings.Replace(text, "invalid option", "unknown option", 1), "'", "")
}

// homeOf is the home directory of the user that a process runs as.
func homeOf(p *tool.Process) string {
	who := p.FS.Who()
	if who.Root {
		return Root.Home
	}
	for _, u := range p.Host.Users {
		if u.Name == who.User {
			return u.Home
		}
	}
	return p.Host.User.Home
}

func (c *call) configure(target string) error {
	c.config = newConfig()
	for _, o := range c.opts.Opts {
		switch o.Name {
		case "o":
			if err := c.config.set("command-line: line 0", o.Value); err != nil {
				return err
			}
		case "p", "l":
			c.config.put(map[string]string{"p": "port", "l": "user"}[o.Name], o.Value)
		case "i":
			name := c.expand(o.Value)
			if _, err := c.FS.Stat(name); err != nil {
				fmt.Fprintf(c.Stderr, "Warning: Identity file %s not accessible: No such file or directory.\n", o.Value)
				continue
			}
			c.config.identities = append(c.config.identities, name)
		}
	}
	target = strings.TrimPrefix(target, "ssh://")
	if at := strings.LastIndexByte(target, '@'); at >= 0 {
		c.config.put("user", target[:at])
		target = target[at+1:]
	}
	c.host = target
	if data, err := c.FS.ReadFile(c.home + "/.ssh/config"); err == nil {
		if err := c.config.read(c.home+"/.ssh/config", string(data), target); err != nil {
			return err
		}
	}
	c.host = c.config.get("hostname", c.host)
	c.user = c.config.get("user", c.FS.Who().User)
	c.port = c.config.get("port", "22")
	if n, err := strconv.Atoi(c.port); err != nil || n < 1 || n > 65535 {
		return fmt.Errorf("Bad port '%s'", c.port) //lint:ignore ST1005 OpenSSH's own words
	}
	if c.host == "" {
		return errors.New("ssh: Could not resolve hostname : Name or service not known")
	}
	return nil
}

// expand makes a file name absolute, ~ being the home directory.
func (c *call) expand(name string) string {
	switch {
	case name == "~" || strings.HasPrefix(name, "~/"):
		return c.home + name[1:]
	case strings.HasPrefix(name, "/"):
		return name
	}
	return c.Dir + "/" + name
}

func (c *call) debug(format string, args ...any) {
	if c.opts.Has("v") {
		fmt.Fprintf(c.Stderr, "debug1: "+format+"\n", args...)
	}
}

// warn prints what -q keeps quiet.
func (c *call) warn(format string, args ...any) {
	if !c.opts.Has("q") {
		fmt.Fprintf(c.Stderr, format+"\n", args...)
	}
}

func (c *call) run(ctx context.Context) int {
	conn, err := c.dial(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return 130
		}
		fmt.Fprintln(c.Stderr, err)
		return failed
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	st, err := greet(conn, false)
	if err != nil {
		fmt.Fprintf(c.Stderr, "kex_exchange_identification: Connection closed by remote host\nConnection closed by %s port %s\n", c.address, c.port)
		return failed
	}
	nonce := c.IDs.Bytes("ssh.nonce", 16)
	if !c.knowHost(st, nonce) || !c.logIn(st, nonce) {
		return c.broken(ctx, failed)
	}
	status, err := c.session(st)
	if err != nil {
		if ctx.Err() == nil {
			fmt.Fprintf(c.Stderr, "Connection to %s closed by remote host.\n", c.host)
		}
		return c.broken(ctx, failed)
	}
	return status
}

// broken is the status of a call that did not come to its end.
func (c *call) broken(ctx context.Context, status int) int {
	if ctx.Err() != nil {
		return 130
	}
	return status
}

// dial connects; its error is the line that ssh prints.
func (c *call) dial(ctx context.Context) (net.Conn, error) {
	if c.opts.Has("v") {
		fmt.Fprintln(c.Stderr, "OpenSSH_8.9p1 Ubuntu-3ubuntu0.10, OpenSSL 3.0.2 15 Mar 2022")
	}
	var ne *network.Error
	address, err := c.Card.Resolve(c.host)
	if err == nil {
		c.address = address
		c.debug("Connecting to %s [%s] port %s.", c.host, c.address, c.port)
		if n, err := strconv.Atoi(c.config.get("connecttimeout", "")); err == nil && n > 0 {
			ctx = network.WithPatience(ctx, time.Duration(n)*time.Second)
		}
		var conn net.Conn
		if conn, err = c.Card.Dial(ctx, c.host, c.port); err == nil {
			c.debug("Connection established.")
			return conn, nil
		}
		if !errors.As(err, &ne) {
			return nil, fmt.Errorf("ssh: connect to host %s port %s: %w", c.host, c.port, err)
		}
		text := map[network.Kind]string{network.Refused: "Connection refused", network.TimedOut: "Connection timed out", network.Reset: "Connection reset by peer"}[ne.Kind]
		if text != "" {
			return nil, fmt.Errorf("ssh: connect to host %s port %s: %s", c.host, c.port, text)
		}
	}
	return nil, fmt.Errorf("ssh: Could not resolve hostname %s: Name or service not known", strings.ToLower(c.host))
}

// session runs the command or shell and returns its status.
func (c *call) session(st *stream) (int, error) {
	m := message{Kind: kindExec, Command: c.command, Columns: c.TTY.Columns, Terminal: c.opts.Has("t") && c.TTY.In && !c.opts.Has("T")}
	switch {
	case c.command != "":
	case c.Login != nil && !c.opts.Has("T") && !c.opts.Has("n"):
		m.Kind, m.Terminal = kindAttach, true
	default:
		m.Kind = kindShell
		if !c.TTY.In && !c.opts.Has("T") {
			c.warn("Pseudo-terminal will not be allocated because stdin is not a terminal.")
		}
	}
	if err := st.send(m); err != nil {
		return 0, err
	}
	for {
		m, err := st.expect(kindOut, kindErr, kindWant, kindExit, kindAttached)
		if err != nil {
			return 0, err
		}
		switch m.Kind {
		case kindOut:
			_, err = c.Stdout.Write(m.Data)
		case kindErr:
			_, err = c.Stderr.Write(m.Data)
		case kindWant:
			err = c.giveInput(st)
		case kindExit:
			return m.Status, nil
		case kindAttached:
			if c.Login == nil {
				return 0, errProtocol
			}
			c.Login(tool.Login{Machine: m.Machine, User: m.User, Host: c.host, Environ: m.Environ})
			return 0, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

func (c *call) giveInput(st *stream) error {
	if c.opts.Has("n") {
		return st.send(message{Kind: kindEOF})
	}
	buf := make([]byte, maxChunk)
	n, err := c.Stdin.Read(buf)
	if n > 0 {
		return st.send(message{Kind: kindIn, Data: buf[:n]})
	}
	if err == nil || errors.Is(err, io.EOF) {
		return st.send(message{Kind: kindEOF})
	}
	return err
}
