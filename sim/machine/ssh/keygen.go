package ssh

import (
	"context"
	"encoding/binary"
	"fmt"
	"path"
	"slices"
	"strings"

	"skylab/sim/machine/tool"
	"skylab/sim/machine/vfs"
)

var keygenOptions = []tool.Option{
	{Short: "t", Arg: "TYPE", Help: "the kind of key: ed25519, which is also meant without it"},
	{Short: "f", Arg: "FILE", Help: "the key's file (~/.ssh/id_ed25519), or the known_hosts file"},
	{Short: "C", Arg: "COMMENT", Help: "the key's comment (user@machine)"},
	{Short: "N", Arg: "PASSPHRASE", Help: "the passphrase; only '' is simulated"},
	{Short: "b", Arg: "BITS", Help: "the length, which ed25519 fixes"},
	{Short: "q", Help: "print nothing"},
	{Short: "y", Help: "print the public half of a private key"},
	{Short: "l", Help: "print a key's fingerprint"},
	{Short: "v", Help: "with -l, its picture too"},
	{Short: "F", Arg: "HOST", Help: "find a host in known_hosts"},
	{Short: "R", Arg: "HOST", Help: "remove a host from known_hosts"},
	{Short: "p", Real: true}, {Short: "e", Real: true}, {Short: "i", Real: true}, {Short: "c", Real: true}, {Short: "H", Real: true}, {Short: "B", Real: true}, {Short: "A", Real: true}, {Short: "K", Real: true},
	{Short: "m", Arg: "FORMAT", Real: true}, {Short: "s", Arg: "KEY", Real: true}, {Short: "E", Arg: "HASH", Real: true}, {Short: "Y", Arg: "ACTION", Real: true}, {Short: "a", Arg: "ROUNDS", Real: true}, {Short: "O", Arg: "OPTION", Real: true},
}

func keygen() tool.Program {
	p := tool.Program{Name: "ssh-keygen", Usage: "[OPTION]...", Summary: "Make and look at ssh keys", Options: keygenOptions}
	p.Run = func(_ context.Context, proc *tool.Process) int {
		if len(proc.Args) == 2 && proc.Args[1] == "--help" {
			tool.Help(proc.Stdout, p)
			return 0
		}
		g := &generator{call: call{Process: proc, home: homeOf(proc)}}
		var err error
		if g.opts, err = tool.Parse(keygenOptions, proc.Args[1:], tool.Permute); err != nil {
			fmt.Fprintln(proc.Stderr, optionError(err.Error()))
			return 1
		}
		if len(g.opts.Args) > 0 {
			fmt.Fprintln(proc.Stderr, "Too many arguments.\nusage: ssh-keygen [OPTION]...")
			return 1
		}
		return g.run()
	}
	return p
}

// generator is one run of ssh-keygen.
type generator struct{ call }

func (g *generator) fail(format string, args ...any) int {
	fmt.Fprintf(g.Stderr, format+"\n", args...)
	return 1
}

func (g *generator) run() int {
	file, named := g.opts.Lookup("f")
	host, find := g.opts.Lookup("F")
	gone, removing := g.opts.Lookup("R")
	kind, typed := g.opts.Lookup("t")
	switch {
	case find:
		return g.find(host, file)
	case removing:
		return g.remove(gone, file)
	case g.opts.Has("y"):
		return g.public(file, named)
	case g.opts.Has("l"):
		return g.fingerprint(file, named)
	case typed && slices.Contains([]string{"rsa", "ecdsa", "dsa", "ecdsa-sk", "ed25519-sk"}, kind):
		return g.fail("%s", tool.NotSimulated("ssh-keygen -t "+kind))
	case typed && kind != "ed25519":
		return g.fail("unknown key type %s", kind)
	}
	return g.generate(file, named)
}

// question asks the person and returns the line that was typed.
func (g *generator) question(text string) (string, bool) {
	fmt.Fprint(g.Stdout, text)
	if g.Person != nil {
		line, err := g.Person.Line()
		return line, err == nil
	}
	line, err := readLine(g.Stdin)
	return line, err == nil || line != ""
}

// secret asks for what must not be shown.
func (g *generator) secret(text string) string {
	if g.Person == nil {
		line, _ := g.question(text)
		return line
	}
	fmt.Fprint(g.Stdout, text)
	line, _ := g.Person.Secret()
	fmt.Fprintln(g.Stdout)
	return line
}

func (g *generator) generate(file string, named bool) int {
	quiet := g.opts.Has("q")
	if !quiet {
		fmt.Fprintln(g.Stdout, "Generating public/private ed25519 key pair.")
	}
	if !named {
		file = g.home + "/.ssh/id_ed25519"
		answer, _ := g.question(fmt.Sprintf("Enter file in which to save the key (%s): ", file))
		if answer != "" {
			file = answer
		}
	}
	full := g.expand(file)
	if _, err := g.FS.Stat(full); err == nil {
		fmt.Fprintf(g.Stdout, "%s already exists.\n", file)
		if answer, _ := g.question("Overwrite (y/n)? "); !strings.HasPrefix(strings.ToLower(answer), "y") {
			return 1
		}
	}
	pass, given := g.opts.Lookup("N")
	if !given {
		pass = g.secret("Enter passphrase (empty for no passphrase): ")
		if g.secret("Enter same passphrase again: ") != pass {
			return g.fail("Passphrases do not match.  Try again.")
		}
	}
	if pass != "" {
		return g.fail("%s", tool.NotSimulated("a key with a passphrase"))
	}
	comment, ok := g.opts.Lookup("C")
	if !ok {
		comment = g.FS.Who().User + "@" + g.Host.Hostname
	}
	key := NewKey(g.IDs.Bytes("ssh.key", 32), comment)
	if dir := path.Dir(full); dir == g.home+"/.ssh" {
		if err := g.FS.MkdirAll(dir, 0o700); err != nil {
			return g.fail("Could not create directory '%s': %s", dir, vfs.Errno(err))
		}
	}
	if err := WriteKey(g.FS, full, key, binary.BigEndian.Uint32(g.IDs.Bytes("ssh.check", 4))); err != nil {
		return g.fail("Saving key \"%s\" failed: %s", file, vfs.Errno(err))
	}
	if !quiet {
		fmt.Fprintf(g.Stdout, "Your identification has been saved in %s\nYour public key has been saved in %s.pub\nThe key fingerprint is:\n%s %s\nThe key's randomart image is:\n%s", file, file, key.Public().Fingerprint(), comment, key.Public().Art())
	}
	return 0
}

// WriteKey writes a key pair as ssh-keygen does: the private file for its owner
// alone, and beside it NAME.pub.
func WriteKey(v *vfs.View, name string, k Key, check uint32) error {
	if err := v.WriteFile(name, k.MarshalPrivate(check), 0o600); err != nil {
		return err
	}
	if err := v.Chmod(name, 0o600); err != nil {
		return err
	}
	return v.WriteFile(name+".pub", []byte(k.Public().String()+"\n"), 0o644)
}

// file is the key file to look at.
func (g *generator) file(name string, named bool) string {
	if !named {
		name = g.home + "/.ssh/id_ed25519"
		if answer, _ := g.question(fmt.Sprintf("Enter file in which the key is (%s): ", name)); answer != "" {
			name = answer
		}
	}
	return name
}

func (g *generator) public(name string, named bool) int {
	name = g.file(name, named)
	data, err := g.FS.ReadFile(g.expand(name))
	if err != nil {
		return g.fail("%s: %s", name, vfs.Errno(err))
	}
	key, err := ParsePrivate(data)
	if err != nil {
		return g.fail("Load key \"%s\": %v", name, err)
	}
	fmt.Fprintln(g.Stdout, key.Public())
	return 0
}

func (g *generator) fingerprint(name string, named bool) int {
	name = g.file(name, named)
	data, err := g.FS.ReadFile(g.expand(name))
	if err != nil {
		return g.fail("%s: %s", name, vfs.Errno(err))
	}
	var keys []PublicKey
	if key, err := ParsePrivate(data); err == nil {
		keys = append(keys, key.Public())
	} else {
		for _, a := range parseAuthorized(string(data)) {
			keys = append(keys, a.key)
		}
		if len(keys) == 0 {
			for _, k := range parseKnown(string(data)) {
				k.key.Comment = strings.Join(k.hosts, ",")
				keys = append(keys, k.key)
			}
		}
	}
	if len(keys) == 0 {
		return g.fail("%s is not a public key file.", name)
	}
	for _, k := range keys {
		comment := k.Comment
		if comment == "" {
			comment = "no comment"
		}
		fmt.Fprintf(g.Stdout, "256 %s %s (ED25519)\n", k.Fingerprint(), comment)
		if g.opts.Has("v") {
			fmt.Fprint(g.Stdout, k.Art())
		}
	}
	return 0
}

func (g *generator) knownHosts(file string) (name string, lines []string, status int) {
	if file == "" {
		file = g.home + "/.ssh/known_hosts"
	}
	data, err := g.FS.ReadFile(g.expand(file))
	if err != nil {
		return file, nil, g.fail("Cannot stat %s: %s", file, vfs.Errno(err))
	}
	return file, strings.Split(strings.TrimSuffix(string(data), "\n"), "\n"), 0
}

// holds reports whether a line of known_hosts is of a host.
func holds(line, host string) bool {
	k := parseKnown(line)
	return len(k) == 1 && slices.Contains(k[0].hosts, strings.ToLower(host))
}

func (g *generator) find(host, file string) int {
	_, lines, status := g.knownHosts(file)
	if status != 0 {
		return status
	}
	status = 1
	for i, line := range lines {
		if holds(line, host) {
			fmt.Fprintf(g.Stdout, "# Host %s found: line %d \n%s\n", host, i+1, line)
			status = 0
		}
	}
	return status
}

func (g *generator) remove(host, file string) int {
	file, lines, status := g.knownHosts(file)
	if status != 0 {
		return status
	}
	var kept []string
	for i, line := range lines {
		if holds(line, host) {
			fmt.Fprintf(g.Stdout, "# Host %s found: line %d\n", host, i+1)
			continue
		}
		kept = append(kept, line+"\n")
	}
	if len(kept) == len(lines) {
		return g.fail("Host %s not found in %s", host, file)
	}
	full := g.expand(file)
	err := g.FS.Rename(full, full+".old")
	if err == nil {
		err = g.FS.WriteFile(full, []byte(strings.Join(kept, "")), 0o600)
	}
	if err != nil {
		return g.fail("%s: %s", file, vfs.Errno(err))
	}
	fmt.Fprintf(g.Stdout, "%s updated.\nOriginal contents retained as %s.old\n", file, file)
	return 0
}
