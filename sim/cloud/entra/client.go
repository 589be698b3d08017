package entra

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"skylab/sim/exchange"
	"skylab/sim/network"
	"skylab/sim/ojson"
)

// assertionType is what a client sends that proves itself with a signed JWT.
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

func (e *Entra) clientCredentials(w http.ResponseWriter, r *http.Request, form url.Values) {
	v2 := isV2(r)
	id, resource := form.Get("client_id"), form.Get("resource")
	if id == "" {
		id, _ = basic(r)
	}
	need := "resource"
	if v2 {
		need = "scope"
		scope := form.Get("scope")
		var ok bool
		if resource, ok = strings.CutSuffix(scope, "/.default"); !ok && scope != "" {
			e.fail(w, r, oauthError{http.StatusBadRequest, "invalid_scope", 1002012, fmt.Sprintf("The provided value for scope %s is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).", scope)})
			return
		}
	}
	switch {
	case id == "":
		e.fail(w, r, missingParameter("client_id"))
		return
	case resource == "":
		e.fail(w, r, missingParameter(need))
		return
	}
	p, ok := e.principalByApp(id)
	if !ok {
		e.fail(w, r, e.unknownClient(id))
		return
	}
	if p.Disabled {
		e.fail(w, r, oauthError{http.StatusBadRequest, "unauthorized_client", 7000112, fmt.Sprintf("Application '%s'(%s) is disabled.", p.AppID, p.DisplayName)})
		return
	}
	by, problem := e.prove(r, p, form)
	if problem != nil {
		e.fail(w, r, *problem)
		return
	}
	res, ok := e.findResource(resource)
	if !ok {
		e.fail(w, r, e.unknownResource(resource))
		return
	}
	t, err := e.appToken(p, resource, by)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	network.AddNote(r.Context(), exchange.Note{Kind: "entra.token", Text: fmt.Sprintf("A token for %s was issued to %s, valid until %s.", res.name, p.DisplayName, t.expires.Format(time.RFC3339)),
		Data: map[string]any{"principalId": p.ID, "appId": p.AppID, "resource": resource, "expires": t.expires.Unix()}})
	left := int64(t.expires.Sub(e.clock.Now().Truncate(time.Second)) / time.Second)
	if v2 {
		writeJSON(w, http.StatusOK, "no-store, no-cache", ojson.Obj("token_type", "Bearer", "expires_in", left, "ext_expires_in", left, "access_token", t.token))
		return
	}
	seconds := strconv.FormatInt(left, 10)
	writeJSON(w, http.StatusOK, "no-store, no-cache", ojson.Obj("token_type", "Bearer", "expires_in", seconds, "ext_expires_in", seconds,
		"expires_on", strconv.FormatInt(t.expires.Unix(), 10), "not_before", strconv.FormatInt(t.notBefore.Unix(), 10), "resource", resource, "access_token", t.token))
}

func invalidClient(code int, format string, args ...any) *oauthError {
	return &oauthError{http.StatusUnauthorized, "invalid_client", code, fmt.Sprintf(format, args...)}
}

func noProof() oauthError {
	return *invalidClient(7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.")
}

// prove checks how a client proves that it is the application it names: by its
// secret, by a JWT that its certificate signed, by a JWT of an issuer that it
// trusts, or by the platform's signature if it is a managed identity.
func (e *Entra) prove(r *http.Request, p Principal, form url.Values) (proof, *oauthError) {
	secret, assertion := form.Get("client_secret"), form.Get("client_assertion")
	if secret == "" {
		_, secret = basic(r)
	}
	note := func(format string, args ...any) {
		network.AddNote(r.Context(), exchange.Note{Kind: "entra.client", Text: fmt.Sprintf(format, args...)})
	}
	switch {
	case assertion != "" && form.Get("client_assertion_type") == assertionType:
	case secret != "":
		name, problem := e.checkSecret(p, secret)
		if problem == nil {
			note("%s proved itself with its client secret %q.", p.DisplayName, name)
		}
		return proof{acr: "1"}, problem
	default:
		x := noProof()
		return proof{}, &x
	}
	token, claims, err := readAssertion(assertion)
	if err != nil {
		return proof{}, &oauthError{http.StatusBadRequest, "invalid_request", 50027, "JWT token is invalid or malformed."}
	}
	issuer, _ := claims.GetIssuer()
	by := proof{acr: "2"}
	switch {
	case p.SPType == managedType && strings.EqualFold(issuer, p.AppID):
		if by.vm, err = e.checkFabric(p, assertion, endpoint(r)); err != nil {
			return proof{}, invalidClient(700027, "Client assertion failed signature validation.")
		}
		return by, nil
	case strings.EqualFold(issuer, p.AppID):
		name, problem := e.checkCertificate(p, r, token, claims)
		if problem == nil {
			note("%s proved itself with its certificate %s.", p.DisplayName, name)
		}
		return by, problem
	}
	c, problem := e.checkFederated(r.Context(), p, token, claims)
	if problem == nil {
		note("%s proved itself with a token of %s for %s (federated credential %q).", p.DisplayName, c.Issuer, c.Subject, c.Name)
	}
	return by, problem
}

func endpoint(r *http.Request) string { return "https://" + r.Host + r.URL.Path }

// checkSecret returns the name of the secret that fits.
func (e *Entra) checkSecret(p Principal, secret string) (string, *oauthError) {
	a, _ := e.applicationByApp(p.AppID)
	now, hash := e.clock.Now(), hashOf(secret)
	expired := false
	for _, c := range slices.Concat(a.Passwords, p.Passwords) {
		if subtle.ConstantTimeCompare([]byte(c.Hash), []byte(hash)) == 0 {
			continue
		}
		if now.Before(c.End) {
			return c.DisplayName, nil
		}
		expired = true
	}
	if expired {
		return "", invalidClient(7000222, "The provided client secret keys for app '%s' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.", p.AppID)
	}
	return "", invalidClient(7000215, "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '%s'.", p.AppID)
}

// readAssertion reads a JWT without checking it.
func readAssertion(raw string) (*jwt.Token, jwt.MapClaims, error) {
	var c jwt.MapClaims
	t, parts, err := jwt.NewParser().ParseUnverified(raw, &c)
	if err != nil {
		return nil, nil, err
	}
	if len(parts) != 3 {
		return nil, nil, jwt.ErrTokenMalformed
	}
	if t.Signature, err = base64.RawURLEncoding.DecodeString(parts[2]); err != nil {
		return nil, nil, err
	}
	return t, c, nil
}

// signedBy tells whether a key made a JWT's signature, by an RSA algorithm.
func signedBy(t *jwt.Token, key *rsa.PublicKey) bool {
	if alg := t.Method.Alg(); alg != "RS256" && alg != "PS256" {
		return false
	}
	at := strings.LastIndexByte(t.Raw, '.')
	return at > 0 && t.Method.Verify(t.Raw[:at], t.Signature, key) == nil
}

const wireTime = "2006-01-02T15:04:05.0000000Z"

// checkTimes checks that a JWT's times contain the present; exp is needed.
func (e *Entra) checkTimes(c jwt.MapClaims) *oauthError {
	now := e.clock.Now()
	from, to := time.Time{}, time.Time{}
	if d, err := c.GetNotBefore(); err == nil && d != nil {
		from = d.UTC()
	}
	if d, err := c.GetExpirationTime(); err == nil && d != nil {
		to = d.UTC()
	}
	if now.Before(from) || !now.Before(to) {
		return invalidClient(700024, "Client assertion is not within its valid time range. Current time: %s, assertion valid from %s, expiry time of assertion %s. Review the documentation at https://docs.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials .", now.Format(wireTime), from.Format(wireTime), to.Format(wireTime))
	}
	return nil
}

// seeKeys is the end of the texts about keys.
func seeKeys(appID string) string {
	return fmt.Sprintf("Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '%s'. Review the documentation at https://docs.microsoft.com/en-us/graph/deployments to determine the corresponding service endpoint and https://docs.microsoft.com/en-us/graph/api/application-get?view=graph-rest-1.0&tabs=http to build a query request URL, such as 'https://graph.microsoft.com/beta/applications/%s'].", appID, appID)
}

// thumbprint reads which certificate a JWT names: its SHA-1 in upper-case hex,
// or its SHA-256 if sha256 is true.
func thumbprint(t *jwt.Token) (hexText string, isSHA256, ok bool) {
	for _, name := range []string{"x5t", "x5t#S256", "kid"} {
		s, _ := t.Header[name].(string)
		if s == "" {
			continue
		}
		if b, err := hex.DecodeString(s); err == nil && len(b) == 20 {
			return strings.ToUpper(s), false, true
		}
		if b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "=")); err == nil {
			return strings.ToUpper(hex.EncodeToString(b)), len(b) == sha256.Size, true
		}
	}
	return "", false, false
}

// checkCertificate returns the thumbprint of the certificate that fits.
func (e *Entra) checkCertificate(p Principal, r *http.Request, t *jwt.Token, c jwt.MapClaims) (string, *oauthError) {
	a, _ := e.applicationByApp(p.AppID)
	thumb, long, ok := thumbprint(t)
	if !ok {
		return "", &oauthError{http.StatusBadRequest, "invalid_request", 50027, "Invalid JWT token. No certificate thumbprint specified in token header."}
	}
	keys := slices.Concat(a.Keys, p.Keys)
	i := slices.IndexFunc(keys, func(k KeyCredential) bool {
		if long {
			sum := sha256.Sum256(k.Cert)
			return strings.EqualFold(hex.EncodeToString(sum[:]), thumb)
		}
		return k.Thumbprint == thumb
	})
	if i < 0 {
		return "", invalidClient(700027, "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Thumbprint of key used by client: '%s', %s", thumb, seeKeys(p.AppID))
	}
	k := keys[i]
	cert, err := x509.ParseCertificate(k.Cert)
	if err != nil {
		return "", invalidClient(700027, "Client assertion failed signature validation.")
	}
	found := fmt.Sprintf("Thumbprint of key used by client: '%s', Found key 'Start=%s, End=%s', %s", thumb, k.Start.Format("01/02/2006 15:04:05"), k.End.Format("01/02/2006 15:04:05"), seeKeys(p.AppID))
	key, isRSA := cert.PublicKey.(*rsa.PublicKey)
	if !isRSA || !signedBy(t, key) {
		return "", invalidClient(700027, "Client assertion failed signature validation. [Reason - The provided signature value did not match the expected signature value., %s", found)
	}
	if now := e.clock.Now(); now.Before(k.Start) || !now.Before(k.End) {
		return "", invalidClient(700027, "Client assertion failed signature validation. [Reason - The key used is expired., %s", found)
	}
	const see = "Review the documentation at https://docs.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials ."
	audience, _ := c.GetAudience()
	tenant := "https://login.microsoftonline.com/" + e.TenantID()
	accepted := []string{endpoint(r), tenant + "/oauth2/token", tenant + "/oauth2/v2.0/token", tenant + "/v2.0", tenant, e.issuer()}
	if !slices.ContainsFunc(audience, func(s string) bool { return slices.Contains(accepted, s) }) {
		return "", invalidClient(700023, "Client assertion audience claim does not match Realm issuer. %s", see)
	}
	if subject, _ := c.GetSubject(); !strings.EqualFold(subject, p.AppID) {
		return "", invalidClient(700021, "Client assertion application identifier doesn't match 'client_id' parameter. %s", see)
	}
	return thumb, e.checkTimes(c)
}

// checkFabric checks the platform's proof for a managed identity, which has no
// secret of its own, and returns the machine that asks (claim xms_az_rid).
func (e *Entra) checkFabric(p Principal, assertion, endpoint string) (vm string, err error) {
	var c jwt.MapClaims
	_, err = jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithTimeFunc(e.clock.Now), jwt.WithExpirationRequired()).ParseWithClaims(assertion, &c, func(*jwt.Token) (any, error) { return e.fabric, nil })
	if err != nil {
		return "", fmt.Errorf("check the platform's proof: %w", err)
	}
	aud, _ := c.GetAudience()
	sub, _ := c.GetSubject()
	if !slices.Contains(aud, endpoint) || sub != p.AppID {
		return "", fmt.Errorf("check the platform's proof: its audience or subject is another")
	}
	vm, _ = c["xms_az_rid"].(string)
	return vm, nil
}

// Assertion makes the platform's proof that it may ask for a managed identity's
// token: clientID is the identity's application, vm the ARM id of the machine.
func Assertion(key *Key, clientID, vm, endpoint, jti string, now time.Time) (string, error) {
	return key.Sign(ojson.Obj("aud", endpoint, "iss", clientID, "sub", clientID, "jti", jti, "nbf", now.Unix(), "exp", now.Add(10*time.Minute).Unix(), "xms_az_rid", vm))
}
