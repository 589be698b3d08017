package imds_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"skylab/sim/cloud/imds"
)

// attested asks for a document and returns its DER.
func attested(t *testing.T, w *world, query string) []byte {
	t.Helper()
	_, body := w.get(t, "/metadata/attested/document?"+query, "Metadata", "true")
	var x struct{ Encoding, Signature string }
	if err := json.Unmarshal([]byte(body), &x); err != nil || x.Encoding != "pkcs7" || !strings.HasPrefix(body, `{"encoding":"pkcs7","signature":"MII`) {
		t.Fatalf("%v: %s", err, body)
	}
	der, err := base64.StdEncoding.DecodeString(x.Signature)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// opened is what a reader of our own finds in signed data; it shares nothing
// with the writer.
func opened(t *testing.T, der []byte) (content []byte, chain []*x509.Certificate) {
	t.Helper()
	var outer struct {
		Type asn1.ObjectIdentifier
		Data struct {
			Version int
			Digests []pkix.AlgorithmIdentifier `asn1:"set"`
			Content struct {
				Type  asn1.ObjectIdentifier
				Bytes []byte `asn1:"explicit,tag:0"`
			}
			Certificates asn1.RawValue `asn1:"tag:0"`
			Signers      []struct {
				Version int
				Issuer  struct {
					Name   asn1.RawValue
					Serial *big.Int
				}
				Digest, Algorithm pkix.AlgorithmIdentifier
				Signature         []byte
			} `asn1:"set"`
		} `asn1:"explicit,tag:0"`
	}
	rest, err := asn1.Unmarshal(der, &outer)
	if err != nil || len(rest) > 0 || outer.Type.String() != "1.2.840.113549.1.7.2" || outer.Data.Content.Type.String() != "1.2.840.113549.1.7.1" {
		t.Fatalf("%v, %d bytes left, %v", err, len(rest), outer.Type)
	}
	chain, err = x509.ParseCertificates(outer.Data.Certificates.Bytes)
	if err != nil || len(chain) == 0 || len(outer.Data.Signers) != 1 {
		t.Fatalf("%d certificates, %d signers, %v", len(chain), len(outer.Data.Signers), err)
	}
	s := outer.Data.Signers[0]
	if s.Issuer.Serial.Cmp(chain[0].SerialNumber) != 0 || string(s.Issuer.Name.FullBytes) != string(chain[0].RawIssuer) {
		t.Error("the signature names another certificate than the first")
	}
	sum := sha256.Sum256(outer.Data.Content.Bytes)
	if err := rsa.VerifyPKCS1v15(chain[0].PublicKey.(*rsa.PublicKey), crypto.SHA256, sum[:], s.Signature); err != nil {
		t.Error(err)
	}
	return outer.Data.Content.Bytes, chain
}

func TestAttestedDocument(t *testing.T) {
	w := newWorld(t, true, 0)
	w.vm.Compute.SubscriptionID, w.vm.Compute.SKU = "s", "22_04-lts-gen2"
	der := attested(t, w, "api-version=2021-02-01&nonce=1234567890")
	content, chain := opened(t, der)
	const plan = `"plan":{"name":"","product":"","publisher":""},`
	const times = `"timeStamp":{"createdOn":"11/24/26 00:00:00 -0000","expiresOn":"11/24/26 06:00:00 -0000"},"vmId":"vm-guid"}`
	if string(content) != `{"licenseType":"","nonce":"1234567890",`+plan+`"sku":"22_04-lts-gen2","subscriptionId":"s",`+times {
		t.Errorf("%s", content)
	}
	root, err := imds.SimulationRoot()
	if err != nil {
		t.Fatal(err)
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	top, err := x509.ParseCertificate(root)
	if err != nil {
		t.Fatal(err)
	}
	roots.AddCert(top)
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	chains, err := chain[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: w.clock.Now(), DNSName: "westus.metadata.azure.com", KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if err != nil || len(chains[0]) != 3 || chain[0].Subject.CommonName != "metadata.azure.com" {
		t.Errorf("the chain of %s: %v", chain[0].Subject, err)
	}
	for _, c := range append(chain, top) {
		if !strings.Contains(c.Issuer.String(), "Skylab Simulation") {
			t.Errorf("%s does not say that it is the simulation's", c.Issuer)
		}
	}

	w = newWorld(t, true, 0)
	if content, _ := opened(t, attested(t, w, "api-version=2018-10-01")); string(content) != `{"nonce":"20261124-000000",`+plan+times {
		t.Errorf("the first version: %s", content)
	}
	if changed := []byte(strings.Replace(string(der), "1234567890", "1234567891", 1)); string(changed) == string(der) {
		t.Error("the nonce does not stand in the document as it is")
	}
}

// TestOpenSSLVerifies goes the documented way with the real openssl.
func TestOpenSSLVerifies(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	der := attested(t, newWorld(t, true, 0), "api-version=2021-02-01&nonce=abc")
	root, err := imds.SimulationRoot()
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"doc": der, "changed": []byte(strings.Replace(string(der), `"abc"`, `"abd"`, 1)), "root.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root})} {
		if err := os.WriteFile(at(name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) (string, error) {
		out, err := exec.Command(openssl, args...).CombinedOutput()
		return string(out), err
	}
	if out, err := run("smime", "-verify", "-inform", "DER", "-in", at("doc"), "-noverify"); err != nil || !strings.Contains(out, "Verification successful") || !strings.Contains(out, `"nonce":"abc"`) {
		t.Errorf("%v: %s", err, out)
	}
	if out, err := run("smime", "-verify", "-inform", "DER", "-in", at("doc"), "-CAfile", at("root.pem"), "-purpose", "any"); err != nil {
		t.Errorf("with the root: %v: %s", err, out)
	}
	if out, err := run("smime", "-verify", "-inform", "DER", "-in", at("changed"), "-noverify"); err == nil {
		t.Errorf("a changed document: %s", out)
	}
	if out, err := run("pkcs7", "-in", at("doc"), "-inform", "DER", "-print_certs"); err != nil || !strings.Contains(out, "metadata.azure.com") {
		t.Errorf("certificates: %v: %s", err, out)
	}
}

func TestAcknowledgements(t *testing.T) {
	w := newWorld(t, true, 0)
	const events = "http://169.254.169.254/metadata/scheduledevents?api-version=2020-07-01"
	for body, want := range map[string]struct {
		status int
		text   string
	}{
		`{"StartRequests":[]}`:                  {200, ""},
		`{"StartRequests":[{"EventId":"x"}]}`:   {400, `{ "error": "Bad request. EventId 'x' was not found" }`},
		`{"StartRequests":[1]}`:                 {400, `{ "error": "Bad request. EventId '' was not found" }`},
		`{}`:                                    {400, `{ "error": "Bad request. The body must be an object with the array 'StartRequests'" }`},
		`[`:                                     {400, `{ "error": "Bad request. The body must be an object with the array 'StartRequests'" }`},
		`"` + strings.Repeat("x", 70<<10) + `"`: {400, `{ "error": "Bad request. The body must be an object with the array 'StartRequests'" }`},
	} {
		w.clock.Advance(1e9)
		res, got := w.send(t, "POST", events, body, "Metadata", "true")
		if res.StatusCode != want.status || got != want.text {
			t.Errorf("%.40s: %s %s", body, res.Status, got)
		}
	}
	if res, _ := w.send(t, "POST", events, `{"StartRequests":[]}`); res.StatusCode != 400 {
		t.Errorf("without the header: %s", res.Status)
	}
	if res, _ := w.send(t, "PUT", events, "", "Metadata", "true"); res.StatusCode != 405 {
		t.Errorf("PUT: %s", res.Status)
	}
	w.vm.Network = nil
	for path, want := range map[string]string{
		"GET":  `404 Not Found { "error": "No load balancer metadata is found. Please check if your VM is using any non-basic SKU load balancer and retry later." }`,
		"POST": `405 Method Not Allowed { "error": "Http method is not allowed: Path = \"/metadata/loadbalancer\", Method = \"POST\"" }`,
	} {
		w.clock.Advance(1e9)
		if res, got := w.send(t, path, "http://169.254.169.254/metadata/loadbalancer?api-version=2020-10-01", "", "Metadata", "true"); res.Status+" "+got != want {
			t.Errorf("%s: %s %s", path, res.Status, got)
		}
	}
}

// TestOtherCategoriesHaveTheirOwnRate also checks that tokens are not counted
// with them.
func TestOtherCategoriesHaveTheirOwnRate(t *testing.T) {
	w := newWorld(t, true, 0)
	at := w.clock.State()
	refused := 0
	for range imds.OtherRate + 3 {
		w.clock.Restore(at)
		res, body := w.get(t, "/metadata/versions", "Metadata", "true")
		if res.StatusCode == 429 && body == `{ "error": "Too many requests" }` {
			refused++
		}
	}
	w.clock.Restore(at)
	if res, _ := w.get(t, tokenPath+"https://vault.azure.net", "Metadata", "true"); refused != 3 || res.StatusCode != 200 {
		t.Errorf("%d were refused; a token: %s", refused, res.Status)
	}
}
