package ssh

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"math/big"
)

// rsaType is the kind of key that az makes, as it stands in files; signatures are
// of the kind rsa-sha2-512 (RFC 8332).
const rsaType = "ssh-rsa"

const rsaPEM = "RSA PRIVATE KEY"

// mpint is a positive number in the form of RFC 4251 §5, without its length.
func mpint(n *big.Int) string {
	b := n.Bytes()
	if len(b) > 0 && b[0]&0x80 != 0 {
		b = append([]byte{0}, b...)
	}
	return string(b)
}

func rsaBlob(k *rsa.PublicKey) []byte {
	return wire(rsaType, mpint(big.NewInt(int64(k.E))), mpint(k.N))
}

// RSAKey is a key pair of RSA with its comment.
func RSAKey(k *rsa.PrivateKey, comment string) Key { return Key{rsa: k, Comment: comment} }

func signRSA(k *rsa.PrivateKey, message []byte) []byte {
	sum := sha512.Sum512(message)
	sig, err := rsa.SignPKCS1v15(nil, k, crypto.SHA512, sum[:])
	if err != nil {
		return nil // a key too short to sign; the server refuses
	}
	return sig
}

func (p PublicKey) verifyRSA(message, signature []byte) bool {
	_, rest, _ := cutString(p.Blob)
	e, rest, err := cutString(rest)
	if err != nil {
		return false
	}
	n, _, err := cutString(rest)
	if err != nil || len(e) > 4 || len(n) < 128 || len(n) > 1025 {
		return false
	}
	sum := sha512.Sum512(message)
	k := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
	return rsa.VerifyPKCS1v15(k, crypto.SHA512, sum[:], signature) == nil
}

func parseRSA(der []byte) (Key, error) {
	k, err := x509.ParsePKCS1PrivateKey(der)
	if err != nil {
		return Key{}, ErrFormat
	}
	return Key{rsa: k}, nil
}
