package entra

import (
	"context"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"skylab/sim/ojson"
)

// seeFederation ends the texts about federated credentials.
const seeFederation = "Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation"

// checkFederated checks a JWT of another issuer against an application's
// federated credentials: issuer, subject and audience as they are, then the
// signature by the keys that the issuer publishes, then the times. An
// application without any such credential gets the older text that names all
// three; otherwise the service says today which of them has no match.
func (e *Entra) checkFederated(ctx context.Context, p Principal, t *jwt.Token, c jwt.MapClaims) (FederatedCredential, *oauthError) {
	list := p.Federated
	if a, ok := e.applicationByApp(p.AppID); ok {
		list = a.Federated
	}
	issuer, _ := c.GetIssuer()
	subject, _ := c.GetSubject()
	audiences, _ := c.GetAudience()
	audience := strings.Join(audiences, ", ")
	if len(list) == 0 {
		return FederatedCredential{}, &oauthError{http.StatusBadRequest, "invalid_request", 70021, fmt.Sprintf("No matching federated identity record found for presented assertion. Assertion Issuer: '%s'. Assertion Subject: '%s'. Assertion Audience: '%s'. https://docs.microsoft.com/en-us/azure/active-directory/develop/workload-identity-federation", issuer, subject, audience)}
	}
	for _, step := range []struct {
		code       int
		what, said string
		fits       func(FederatedCredential) bool
	}{
		{700211, "issuer", issuer, func(f FederatedCredential) bool { return f.Issuer == issuer }},
		{700213, "subject", subject, func(f FederatedCredential) bool { return f.Subject == subject }},
		{700212, "audience", audience, func(f FederatedCredential) bool { return slices.Contains(audiences, f.Audience) }},
	} {
		if list = slices.DeleteFunc(slices.Clone(list), func(f FederatedCredential) bool { return !step.fits(f) }); len(list) == 0 {
			return FederatedCredential{}, invalidClient(step.code, "No matching federated identity record found for presented assertion %s '%s'. %s", step.what, step.said, seeFederation)
		}
	}
	keys, err := e.issuerKeys(ctx, issuer)
	if err != nil {
		return FederatedCredential{}, &oauthError{http.StatusBadRequest, "invalid_request", 501661, "Request to External OIDC endpoint failed."}
	}
	kid, _ := t.Header["kid"].(string)
	key, ok := keys[kid]
	if !ok {
		return FederatedCredential{}, invalidClient(50013, "Assertion failed signature validation. [Reason - The key was not found., Thumbprint of key used by client: '%s']", kid)
	}
	if !signedBy(t, key) {
		return FederatedCredential{}, invalidClient(50013, "Assertion failed signature validation. [Reason - The provided signature value did not match the expected signature value., Thumbprint of key used by client: '%s']", kid)
	}
	return list[0], e.checkTimes(c)
}

// issuerKeys reads the keys that an issuer publishes, by their ids.
func (e *Entra) issuerKeys(ctx context.Context, issuer string) (map[string]*rsa.PublicKey, error) {
	config, err := e.read(ctx, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration")
	if err != nil {
		return nil, err
	}
	if config.Str("issuer") != issuer {
		return nil, fmt.Errorf("read the keys of %s: its configuration is that of %s", issuer, config.Str("issuer"))
	}
	set, err := e.read(ctx, config.Str("jwks_uri"))
	if err != nil {
		return nil, err
	}
	keys := map[string]*rsa.PublicKey{}
	list, _ := set.At("keys").([]any)
	for _, v := range list {
		k, _ := v.(*ojson.Object)
		n, err1 := base64.RawURLEncoding.DecodeString(k.Str("n"))
		x, err2 := base64.RawURLEncoding.DecodeString(k.Str("e"))
		if k.Str("kty") != "RSA" || err1 != nil || err2 != nil || len(n) < 256 || len(n) > 1024 || len(x) == 0 || len(x) > 4 {
			continue // a key of another kind
		}
		keys[k.Str("kid")] = &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(x).Int64())}
	}
	return keys, nil
}

// maxDocument is the most that is read of an issuer's document.
const maxDocument = 256 << 10

// read fetches a JSON object by https.
func (e *Entra) read(ctx context.Context, address string) (*ojson.Object, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || e.reach == nil {
		return nil, fmt.Errorf("read %q: an issuer is reached by https alone", address)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", address, err)
	}
	res, err := e.reach.RoundTrip(req)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", address, err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, maxDocument+1))
	if err != nil || res.StatusCode != http.StatusOK || len(data) > maxDocument {
		return nil, fmt.Errorf("read %s: the answer is %s", address, res.Status)
	}
	o := &ojson.Object{}
	if err := o.UnmarshalJSON(data); err != nil {
		return nil, fmt.Errorf("read %s: %w", address, err)
	}
	return o, nil
}
