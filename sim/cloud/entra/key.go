package entra

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	_ "embed"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"fmt"

	"skylab/sim/ojson"
)

//go:embed signing.pem
var signingPEM []byte

//go:embed fabric.pem
var fabricPEM []byte

// Key is a private key with its certificate.
type Key struct {
	Private *rsa.PrivateKey
	Cert    []byte // DER
	ID      string // x5t and kid: base64url of the certificate's SHA-1
}

// SimulationKey returns the key that signs tokens in a tab. It is published
// with this program, so what it signs is worth nothing outside a lab.
func SimulationKey() (*Key, error) { return ParseKey(signingPEM) }

// FabricKey returns the key with which the simulated platform proves to Entra
// that it asks on behalf of a machine. It is as public as [SimulationKey].
func FabricKey() (*Key, error) { return ParseKey(fabricPEM) }

// ParseKey reads a PKCS#8 RSA key and its certificate from PEM.
func ParseKey(data []byte) (*Key, error) {
	k := &Key{}
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case "PRIVATE KEY":
			any, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("read a private key: %w", err)
			}
			private, ok := any.(*rsa.PrivateKey)
			if !ok {
				return nil, fmt.Errorf("read a private key: %T is not an RSA key", any)
			}
			k.Private = private
		case "CERTIFICATE":
			k.Cert = block.Bytes
			sum := sha1.Sum(block.Bytes)
			k.ID = base64.RawURLEncoding.EncodeToString(sum[:])
		}
	}
	if k.Private == nil || k.Cert == nil {
		return nil, fmt.Errorf("read a key: PRIVATE KEY and CERTIFICATE are both needed")
	}
	return k, nil
}

// jwk is the public half as the discovery document prints it.
func (k *Key) jwk(issuer string) *ojson.Object {
	e := binary.BigEndian.AppendUint32(nil, uint32(k.Private.E))
	for len(e) > 1 && e[0] == 0 {
		e = e[1:]
	}
	o := ojson.Obj("kty", "RSA", "use", "sig", "kid", k.ID, "x5t", k.ID,
		"n", base64.RawURLEncoding.EncodeToString(k.Private.N.Bytes()), "e", base64.RawURLEncoding.EncodeToString(e),
		"x5c", []any{base64.StdEncoding.EncodeToString(k.Cert)})
	if issuer != "" {
		o.Set("issuer", issuer)
	}
	return o
}

func (k *Key) public() crypto.PublicKey { return &k.Private.PublicKey }
