package imds

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	_ "embed"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"time"

	"skylab/sim/ojson"
)

// attestedPEM is the key of metadata.azure.com with its certificate, the
// issuing authority's and the root's. All are of the simulation, and published
// with this program: what they sign proves nothing outside a lab.
//
//go:embed attested.pem
var attestedPEM []byte

// signer is who signs attested documents.
type signer struct {
	key   *rsa.PrivateKey
	chain []*x509.Certificate // the signer's own first, the root last
}

var theSigner = sync.OnceValues(func() (*signer, error) {
	s := &signer{}
	for block, rest := pem.Decode(attestedPEM); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case "PRIVATE KEY":
			k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("read the key of attested documents: %w", err)
			}
			s.key, _ = k.(*rsa.PrivateKey)
		case "CERTIFICATE":
			c, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("read a certificate of attested documents: %w", err)
			}
			s.chain = append(s.chain, c)
		}
	}
	if s.key == nil || len(s.chain) != 3 {
		return nil, errors.New("read the key of attested documents: a key and three certificates are needed")
	}
	return s, nil
})

// SimulationRoot returns the certificate, as DER, at which the chains of
// attested documents end: the simulation's own root.
func SimulationRoot() ([]byte, error) {
	s, err := theSigner()
	if err != nil {
		return nil, err
	}
	return s.chain[len(s.chain)-1].Raw, nil
}

// The parts of PKCS #7's signed data (RFC 2315 §9) that an attested document
// has: its content, the certificates, and one signature over the content itself,
// without signed attributes.
type (
	contentInfo struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue `asn1:"explicit,tag:0"`
	}
	signedData struct {
		Version      int
		Digests      []pkix.AlgorithmIdentifier `asn1:"set"`
		Content      contentInfo
		Certificates asn1.RawValue
		Signers      []signerInfo `asn1:"set"`
	}
	signerInfo struct {
		Version   int
		Issuer    issuerAndSerial
		Digest    pkix.AlgorithmIdentifier
		Algorithm pkix.AlgorithmIdentifier
		Signature []byte
	}
	issuerAndSerial struct {
		Name   asn1.RawValue
		Serial *big.Int
	}
)

var (
	oidData       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	// The service names the signature's algorithm where the digest's belongs, as a
	// document recorded in 2023 shows; openssl and .NET put up with it.
	sha256WithRSA = pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, Parameters: asn1.NullRawValue}
	rsaEncryption = pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}, Parameters: asn1.NullRawValue}
)

// pkcs7 signs content and returns the DER of the signed data around it.
func (s *signer) pkcs7(content []byte) ([]byte, error) {
	sum := sha256.Sum256(content)
	signature, err := rsa.SignPKCS1v15(nil, s.key, crypto.SHA256, sum[:])
	if err != nil {
		return nil, fmt.Errorf("sign an attested document: %w", err)
	}
	octets, err := asn1.Marshal(content)
	if err != nil {
		return nil, fmt.Errorf("encode an attested document: %w", err)
	}
	var certificates []byte
	for _, c := range s.chain[:len(s.chain)-1] {
		certificates = append(certificates, c.Raw...)
	}
	body, err := asn1.Marshal(signedData{
		Version: 1, Digests: []pkix.AlgorithmIdentifier{sha256WithRSA},
		Content:      contentInfo{oidData, explicit(octets)},
		Certificates: explicit(certificates),
		Signers:      []signerInfo{{1, issuerAndSerial{asn1.RawValue{FullBytes: s.chain[0].RawIssuer}, s.chain[0].SerialNumber}, sha256WithRSA, rsaEncryption, signature}},
	})
	if err != nil {
		return nil, fmt.Errorf("encode an attested document: %w", err)
	}
	out, err := asn1.Marshal(contentInfo{oidSignedData, explicit(body)})
	if err != nil {
		return nil, fmt.Errorf("encode an attested document: %w", err)
	}
	return out, nil
}

// explicit wraps DER in the context tag 0.
func explicit(der []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: der}
}

// validity is how long an attested document is good (facts/azure-wire.md §1.6).
const validity = 6 * time.Hour

var goodNonce = regexp.MustCompile(`^[A-Za-z0-9]{1,32}$`)

// attested is facts/azure-wire.md §1.6.
func (s *IMDS) attested(w http.ResponseWriter, r *http.Request, vm VM, q url.Values) {
	now := s.Clock.Now().Truncate(time.Second)
	nonce := now.Format("20060102-150405")
	if q.Has("nonce") {
		if nonce = q.Get("nonce"); !goodNonce.MatchString(nonce) {
			plain(w, http.StatusBadRequest, "Bad request. Query parameter 'nonce' must consist of up to 32 letters and digits")
			return
		}
	}
	who, err := theSigner()
	var der []byte
	if err == nil {
		var content []byte
		if content, err = ojson.Marshal(document(vm, q.Get("api-version"), nonce, now)); err == nil {
			der, err = who.pkcs7(content)
		}
	}
	if err != nil {
		note(r, "imds.failure", err.Error(), nil)
		plain(w, http.StatusInternalServerError, "Service error")
		return
	}
	note(r, "imds.attested", "The document is signed with the simulation's certificate for metadata.azure.com and good until "+now.Add(validity).Format(time.RFC3339)+".", map[string]any{"nonce": nonce, "expires": now.Add(validity).Unix()})
	answer(w, http.StatusOK, ojson.Obj("encoding", "pkcs7", "signature", base64.StdEncoding.EncodeToString(der)))
}

// document is what an attested document says at an api-version: its fields in
// alphabetical order, as in a document recorded in 2023.
func document(vm VM, version, nonce string, now time.Time) *ojson.Object {
	const stamp = "01/02/06 15:04:05 -0000"
	o := &ojson.Object{}
	for _, f := range []struct {
		since, name string
		value       any
	}{
		{"2020-09-01", "licenseType", vm.Compute.LicenseType},
		{"", "nonce", nonce},
		{"", "plan", vm.Compute.Plan.object()},
		{"2019-11-01", "sku", vm.Compute.SKU},
		{"2019-04-30", "subscriptionId", vm.Compute.SubscriptionID},
		{"", "timeStamp", ojson.Obj("createdOn", now.Format(stamp), "expiresOn", now.Add(validity).Format(stamp))},
		{"", "vmId", vm.Compute.VMID},
	} {
		if version >= f.since {
			o.Set(f.name, f.value)
		}
	}
	return o
}
