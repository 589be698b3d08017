package ssh

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// keyType is the kind of key that is made here; those of RSA are read.
const keyType = "ssh-ed25519"

// Key is a key pair, of ed25519 or RSA, with its comment.
type Key struct {
	private ed25519.PrivateKey
	rsa     *rsa.PrivateKey // nil for ed25519
	Comment string
}

// NewKey makes the key of a 32-byte seed.
func NewKey(seed []byte, comment string) Key {
	return Key{private: ed25519.NewKeyFromSeed(seed), Comment: comment}
}

// Public returns the public half.
func (k Key) Public() PublicKey {
	if k.rsa != nil {
		return PublicKey{rsaBlob(&k.rsa.PublicKey), k.Comment}
	}
	return PublicKey{wire(keyType, string(k.private.Public().(ed25519.PublicKey))), k.Comment}
}

// Sign signs a message.
func (k Key) Sign(message []byte) []byte {
	if k.rsa != nil {
		return signRSA(k.rsa, message)
	}
	return ed25519.Sign(k.private, message)
}

// PublicKey is a public key in the form of the SSH protocol (RFC 4253 §6.6).
type PublicKey struct {
	Blob    []byte
	Comment string
}

// String is the line of a .pub file, without its end.
func (p PublicKey) String() string {
	return strings.TrimSpace(p.Type() + " " + base64.StdEncoding.EncodeToString(p.Blob) + " " + p.Comment)
}

// Type is the kind of key, "ssh-ed25519"; "" if the blob cannot be read.
func (p PublicKey) Type() string {
	t, _, _ := cutString(p.Blob)
	return string(t)
}

// Fingerprint is "SHA256:" and the hash in unpadded base64.
func (p PublicKey) Fingerprint() string {
	sum := sha256.Sum256(p.Blob)
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// Verify reports whether the key made a signature.
func (p PublicKey) Verify(message, signature []byte) bool {
	if p.Type() == rsaType {
		return p.verifyRSA(message, signature)
	}
	_, rest, _ := cutString(p.Blob)
	raw, _, err := cutString(rest)
	return err == nil && p.Type() == keyType && len(raw) == ed25519.PublicKeySize && ed25519.Verify(raw, message, signature)
}

// Equal reports whether two keys are the same, whatever their comments.
func (p PublicKey) Equal(q PublicKey) bool { return bytes.Equal(p.Blob, q.Blob) }

// Errors of key files, in OpenSSH's words.
var (
	ErrFormat    = errors.New("invalid format")
	ErrEncrypted = errors.New("encrypted")
)

// ParsePublic reads a line "TYPE BASE64 COMMENT".
func ParsePublic(line string) (PublicKey, error) {
	fields := strings.SplitN(strings.TrimSpace(line), " ", 3)
	if len(fields) < 2 {
		return PublicKey{}, ErrFormat
	}
	blob, err := base64.StdEncoding.DecodeString(fields[1])
	if err != nil {
		return PublicKey{}, ErrFormat
	}
	p := PublicKey{Blob: blob}
	if p.Type() == "" || p.Type() != fields[0] {
		return PublicKey{}, ErrFormat
	}
	if len(fields) == 3 {
		p.Comment = strings.TrimSpace(fields[2])
	}
	return p, nil
}

// wire joins strings as the SSH protocol does: each behind its length.
func wire(parts ...string) []byte {
	var b []byte
	for _, p := range parts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(p)))
		b = append(b, p...)
	}
	return b
}

func cutString(b []byte) (s, rest []byte, err error) {
	if len(b) < 4 {
		return nil, nil, ErrFormat
	}
	n := binary.BigEndian.Uint32(b)
	if uint64(n) > uint64(len(b)-4) {
		return nil, nil, ErrFormat
	}
	return b[4 : 4+n], b[4+n:], nil
}

// magic begins a private key file's content (OpenSSH's PROTOCOL.key).
const magic = "openssh-key-v1\x00"

const pemType = "OPENSSH PRIVATE KEY"

// MarshalPrivate returns the private key file that ssh-keygen writes without a
// passphrase. check is its check number, otherwise random.
func (k Key) MarshalPrivate(check uint32) []byte {
	pub := k.Public().Blob
	number := binary.BigEndian.AppendUint32(nil, check)
	section := append(append(number, number...), wire(keyType, string(k.private.Public().(ed25519.PublicKey)), string(k.private), k.Comment)...)
	for i := byte(1); len(section)%8 != 0; i++ {
		section = append(section, i)
	}
	b := append([]byte(magic), wire("none", "none", "")...)
	b = binary.BigEndian.AppendUint32(b, 1)
	b = append(b, wire(string(pub), string(section))...)
	text := base64.StdEncoding.EncodeToString(b)
	var out strings.Builder
	fmt.Fprintf(&out, "-----BEGIN %s-----\n", pemType)
	for len(text) > 0 {
		n := min(70, len(text))
		out.WriteString(text[:n] + "\n")
		text = text[n:]
	}
	fmt.Fprintf(&out, "-----END %s-----\n", pemType)
	return []byte(out.String())
}

// ParsePrivate reads a private key file. Its error is [ErrFormat] or
// [ErrEncrypted].
func ParsePrivate(data []byte) (Key, error) {
	block, _ := pem.Decode(data)
	if block != nil && block.Type == rsaPEM {
		return parseRSA(block.Bytes)
	}
	if block == nil || block.Type != pemType {
		return Key{}, ErrFormat
	}
	rest, ok := bytes.CutPrefix(block.Bytes, []byte(magic))
	if !ok {
		return Key{}, ErrFormat
	}
	var parts [3][]byte
	var err error
	for i := range parts { // cipher, key derivation, its options
		if parts[i], rest, err = cutString(rest); err != nil {
			return Key{}, err
		}
	}
	if string(parts[0]) != "none" {
		return Key{}, ErrEncrypted
	}
	if len(rest) < 4 || binary.BigEndian.Uint32(rest) != 1 {
		return Key{}, ErrFormat
	}
	_, rest, err = cutString(rest[4:])
	if err != nil {
		return Key{}, err
	}
	section, _, err := cutString(rest)
	if err != nil || len(section) < 8 || !bytes.Equal(section[:4], section[4:8]) {
		return Key{}, ErrFormat
	}
	var fields [4][]byte // type, public, private, comment
	rest = section[8:]
	for i := range fields {
		if fields[i], rest, err = cutString(rest); err != nil {
			return Key{}, err
		}
	}
	if string(fields[0]) != keyType || len(fields[2]) != ed25519.PrivateKeySize {
		return Key{}, ErrFormat
	}
	k := NewKey(fields[2][:ed25519.SeedSize], string(fields[3]))
	if !bytes.Equal(k.private, fields[2]) {
		return Key{}, ErrFormat
	}
	return k, nil
}

// Art is the picture that ssh-keygen draws of a key (the "drunken bishop" walks
// over a board by the bits of the fingerprint).
func (p PublicKey) Art() string {
	const width, height = 17, 9
	const marks = " .o+=*BOX@%&#/^SE"
	var board [width][height]int
	sum := sha256.Sum256(p.Blob)
	x, y := width/2, height/2
	for _, b := range sum {
		for range 4 {
			x = min(max(x+int(b&1)*2-1, 0), width-1)
			y = min(max(y+int(b>>1&1)*2-1, 0), height-1)
			if board[x][y] < len(marks)-3 {
				board[x][y]++
			}
			b >>= 2
		}
	}
	board[width/2][height/2] = len(marks) - 2
	board[x][y] = len(marks) - 1
	var out strings.Builder
	out.WriteString("+--[ED25519 256]--+\n")
	for y := range height {
		out.WriteByte('|')
		for x := range width {
			out.WriteByte(marks[board[x][y]])
		}
		out.WriteString("|\n")
	}
	out.WriteString("+----[SHA256]-----+\n")
	return out.String()
}
