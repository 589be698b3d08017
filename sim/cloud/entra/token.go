package entra

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"skylab/sim/cloud/identity"
	"skylab/sim/exchange"
	"skylab/sim/network"
	"skylab/sim/ojson"
)

// Lifetimes beyond the five minutes by which tokens are dated back
// (facts/azure-wire.md §3.2).
const (
	backdated        = 300 * time.Second
	appLifetime      = time.Hour
	identityLifetime = 24 * time.Hour
)

// encode makes a segment of a token.
func encode(v any) (string, error) {
	b, err := ojson.Marshal(v)
	return base64.RawURLEncoding.EncodeToString(b), err
}

// Sign makes an RS256 token of claims in their order.
func (k *Key) Sign(claims *ojson.Object) (string, error) {
	return k.sign(ojson.Obj("typ", "JWT", "alg", "RS256", "x5t", k.ID, "kid", k.ID), claims)
}

func (k *Key) sign(header, claims *ojson.Object) (string, error) {
	head, err := encode(header)
	if err != nil {
		return "", err
	}
	body, err := encode(claims)
	if err != nil {
		return "", err
	}
	sig, err := jwt.SigningMethodRS256.Sign(head+"."+body, k.Private)
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return head + "." + body + "." + base64.RawURLEncoding.EncodeToString(sig), nil
}

// issuer returns the issuer of v1 tokens.
func (e *Entra) issuer() string { return "https://sts.windows.net/" + e.TenantID() + "/" }

// issued is a new token with its times.
type issued struct {
	token              string
	notBefore, expires time.Time
}

// proof is how a client proved itself.
type proof struct {
	acr string // claim appidacr: "1" by a secret, "2" by a signature
	vm  string // of a managed identity: the ARM id of the machine that asked
}

// appToken issues a v1 app-only token of a service principal for an audience
// (facts/azure-wire.md §3.2).
func (e *Entra) appToken(p Principal, audience string, by proof) (issued, error) {
	now := e.clock.Now().Truncate(time.Second)
	nbf := now.Add(-backdated)
	managed := p.SPType == managedType
	life := appLifetime
	if managed {
		life = identityLifetime
	}
	exp := now.Add(life)
	res, _ := e.findResource(audience)
	graph := res.appID == GraphApp
	c := ojson.Obj("aud", audience, "iss", e.issuer(), "iat", nbf.Unix(), "nbf", nbf.Unix(), "exp", exp.Unix(), "aio", e.ids.Base64URL("entra.aio", 34))
	if graph {
		c.Set("app_displayname", p.DisplayName)
	}
	set(c, "appid", p.AppID, "appidacr", by.acr, "idp", e.issuer(), "idtyp", "app", "oid", p.ID, "rh", "1."+e.ids.Base64URL("entra.rh", 45)+".")
	if roles := e.rolesIn(p.ID, res.appID); len(roles) > 0 {
		c.Set("roles", strs(roles...))
	}
	c.Set("sub", p.ID)
	if graph {
		c.Set("tenant_region_scope", "NA")
	}
	set(c, "tid", e.TenantID(), "uti", e.ids.Base64URL("entra.uti", 16), "ver", "1.0")
	if graph {
		c.Set("wids", []any{noDirectoryRole})
	}
	if managed {
		c.Set("xms_mirid", lowerGroups(p.ResourceID))
		if p.Explicit && by.vm != "" {
			c.Set("xms_az_rid", lowerGroups(by.vm))
		}
	}
	e.mu.RLock()
	c.Set("xms_tcdt", e.state.Created.Unix())
	e.mu.RUnlock()
	t, err := e.key.Sign(c)
	return issued{t, nbf, exp}, err
}

// set adds members to a token's claims.
func set(c *ojson.Object, kv ...any) {
	for _, m := range ojson.Obj(kv...).Members() {
		c.Set(m.Key, m.Value)
	}
}

// lowerGroups spells the segment as these claims have it.
func lowerGroups(id string) string {
	return strings.Replace(id, "/resourceGroups/", "/resourcegroups/", 1)
}

// Verify implements identity.Verifier.
func (e *Entra) Verify(ctx context.Context, raw string, audiences []string) (*identity.Claims, error) {
	c, err := e.verify(raw, audiences)
	note := exchange.Note{Kind: "token", Text: "The token is right: signature, issuer, audience and times."}
	if err != nil {
		note.Text = "The token was refused: " + err.Detail + "."
		note.Data = map[string]any{"reason": string(err.Reason)}
	}
	network.AddNote(ctx, note)
	if err != nil {
		return c, err
	}
	return c, nil
}

func (e *Entra) verify(raw string, audiences []string) (*identity.Claims, *identity.TokenError) {
	fail := func(c *identity.Claims, r identity.Reason, format string, args ...any) (*identity.Claims, *identity.TokenError) {
		return nil, &identity.TokenError{Reason: r, Claims: c, Detail: fmt.Sprintf(format, args...)}
	}
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return fail(nil, identity.Malformed, "it does not have three parts")
	}
	head, err1 := segment(parts[0])
	body, err2 := segment(parts[1])
	sig, err3 := base64.RawURLEncoding.DecodeString(parts[2])
	if err1 != nil || err2 != nil || err3 != nil {
		return fail(nil, identity.Malformed, "its parts cannot be decoded")
	}
	c := claims(body)
	if alg := head.Str("alg"); alg != "RS256" {
		return fail(c, identity.Malformed, "it is signed with %q instead of RS256", alg)
	}
	if kid := head.Str("kid"); kid != e.key.ID {
		return fail(c, identity.BadKey, "no published key is named %q", kid)
	}
	if jwt.SigningMethodRS256.Verify(parts[0]+"."+parts[1], sig, e.key.public()) != nil {
		return fail(c, identity.BadSign, "the signature does not fit what it says")
	}
	if want := e.issuer(); c.Issuer != want {
		return fail(c, identity.BadIssuer, "it was issued by %s, not by %s", c.Issuer, want)
	}
	if !slices.Contains(audiences, c.Audience) {
		return fail(c, identity.BadAudience, "it is meant for %s", c.Audience)
	}
	now := e.clock.Now()
	if now.Before(c.NotBefore) {
		return fail(c, identity.NotYet, "it is not valid before %s", c.NotBefore.Format(time.RFC3339))
	}
	if !now.Before(c.Expires) {
		return fail(c, identity.Expired, "it expired at %s", c.Expires.Format(time.RFC3339))
	}
	if _, ok := e.Lookup(c.ObjectID); !ok {
		return fail(c, identity.NoPrincipal, "its principal %s is no longer in the directory", c.ObjectID)
	}
	return c, nil
}

func segment(s string) (*ojson.Object, error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil, err
	}
	v, err := ojson.Decode(b)
	if err != nil {
		return nil, err
	}
	o, ok := v.(*ojson.Object)
	if !ok {
		return nil, fmt.Errorf("not an object")
	}
	return o, nil
}

func claims(o *ojson.Object) *identity.Claims {
	c := &identity.Claims{
		Raw: o, Audience: o.Str("aud"), Issuer: o.Str("iss"), TenantID: o.Str("tid"), ObjectID: o.Str("oid"), AppID: o.Str("appid"),
		UPN: o.Str("upn"), Name: o.Str("name"), App: o.Str("idtyp") == "app", NotBefore: unix(o.At("nbf")), Expires: unix(o.At("exp")),
	}
	if scp := o.Str("scp"); scp != "" {
		c.Scopes = strings.Fields(scp)
	}
	c.Roles, c.DirRoles = list(o.At("roles")), list(o.At("wids"))
	return c
}

// unix reads a numeric date. One that is missing or no number is the zero time,
// at which no token is valid.
func unix(v any) time.Time {
	n, _ := v.(json.Number)
	sec, err := strconv.ParseInt(string(n), 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(sec, 0).UTC()
}

func list(v any) []string {
	var out []string
	items, _ := v.([]any)
	for _, x := range items {
		if s, ok := x.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// Template ids of directory roles, as the claim wids names them.
const (
	GlobalAdministrator = "62e90394-69f5-4237-9190-012177145e10"
	memberUser          = "b79fbf4d-3ef9-4689-8143-76b194e85509" // every user that is no guest
	noDirectoryRole     = "0997a1d0-0d1d-4acb-b408-d5ca73121e90" // an application
)

// mostGroups is how many groups a token names; a user of more has to be looked
// up in Graph.
const mostGroups = 200

// UserToken issues a v1 token in which an application acts for a signed-in user.
// Tokens for Resource Manager name the user's groups.
func (e *Entra) UserToken(objectID, clientID, audience string, scopes ...string) (string, error) {
	p, ok := e.Principal(objectID)
	if !ok || p.Kind != identity.KindUser {
		return "", fmt.Errorf("issue a token: no user %s", objectID)
	}
	_, created := e.Tenant()
	nbf := e.clock.Now().Truncate(time.Second).Add(-backdated)
	exp := nbf.Add(backdated + appLifetime)
	c := ojson.Obj("aud", audience, "iss", e.issuer(), "iat", nbf.Unix(), "nbf", nbf.Unix(), "exp", exp.Unix(), "acr", "1",
		"aio", e.ids.Base64URL("entra.aio", 34), "amr", []any{"pwd", "mfa"}, "appid", clientID, "appidacr", "0")
	if p.Surname != "" {
		c.Set("family_name", p.Surname)
	}
	if p.GivenName != "" {
		c.Set("given_name", p.GivenName)
	}
	res, _ := e.findResource(audience)
	own, _ := e.applicationByApp(res.appID)
	if res.appID == armApp || own.GroupClaims != "" {
		e.addGroups(c, p.ID)
	}
	set(c, "idtyp", "user", "name", p.DisplayName, "oid", p.ID, "rh", "1."+e.ids.Base64URL("entra.rh", 45)+".", "scp", strings.Join(scopes, " "), "sub", e.pairwise(p.ID, res.appID),
		"tid", e.TenantID(), "unique_name", p.UPN, "upn", p.UPN, "uti", e.ids.Base64URL("entra.uti", 16), "ver", "1.0", "wids", strs(append(p.DirectoryRoles, memberUser)...), "xms_tcdt", created.Unix())
	return e.key.Sign(c)
}

// pairwise is the subject of a user's tokens for an application: always the
// same, and another for each application.
func (e *Entra) pairwise(user, appID string) string {
	return base64.RawURLEncoding.EncodeToString(e.ids.Named("entra.sub", user+" "+appID, 32))
}

// addGroups adds the claim groups, or where it would be too long the claims that
// point to Graph instead.
func (e *Entra) addGroups(c *ojson.Object, user string) {
	switch groups := e.Groups(user); {
	case len(groups) > mostGroups:
		c.Set("_claim_names", ojson.Obj("groups", "src1"))
		c.Set("_claim_sources", ojson.Obj("src1", ojson.Obj("endpoint", "https://graph.windows.net/"+e.TenantID()+"/users/"+user+"/getMemberObjects")))
	case len(groups) > 0:
		c.Set("groups", strs(groups...))
	}
}
