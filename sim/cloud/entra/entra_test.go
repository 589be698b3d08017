package entra

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"skylab/sim/clock"
	"skylab/sim/cloud/identity"
	"skylab/sim/ids"
	"skylab/sim/ojson"
)

const armAudience = "https://management.azure.com/"

func newTenant(t *testing.T) (*Entra, Principal, *clock.Clock) {
	t.Helper()
	c := clock.New(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
	e, err := New(Options{Clock: c, IDs: ids.New("test")})
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.CreateManagedIdentity("myVM", "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/myVM", false)
	if err != nil {
		t.Fatal(err)
	}
	return e, e.State().Principals[p.ID], c
}

func TestTokenFormAndOrder(t *testing.T) {
	e, p, _ := newTenant(t)
	tok, err := e.appToken(p, armAudience, proof{acr: "2"})
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(tok.token, ".")
	head, _ := segment(parts[0])
	body, _ := segment(parts[1])
	if got := strings.Join(head.Keys(), " "); got != "typ alg x5t kid" || head.Str("x5t") != head.Str("kid") {
		t.Errorf("header %s", got)
	}
	if got := strings.Join(body.Keys(), " "); got != "aud iss iat nbf exp aio appid appidacr idp idtyp oid rh sub tid uti ver xms_mirid xms_tcdt" {
		t.Errorf("claims %s", got)
	}
	if body.Str("xms_mirid") != "/subscriptions/s/resourcegroups/g/providers/Microsoft.Compute/virtualMachines/myVM" || body.Str("appidacr") != "2" {
		t.Errorf("claims %v", body)
	}
	if life := tok.expires.Sub(tok.notBefore); life != 86700*time.Second {
		t.Errorf("valid for %v", life)
	}
}

// forge makes a token of changed claims, signed by a key.
func forge(t *testing.T, k *Key, body *ojson.Object, change func(*ojson.Object)) string {
	t.Helper()
	b := body.Clone()
	change(b)
	s, err := k.Sign(b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func TestForgedTokensAreRefused(t *testing.T) {
	e, p, c := newTenant(t)
	tok, _ := e.appToken(p, armAudience, proof{acr: "2"})
	good := tok.token
	parts := strings.Split(good, ".")
	body, _ := segment(parts[1])
	other, err := FabricKey()
	if err != nil {
		t.Fatal(err)
	}
	other = &Key{Private: other.Private, Cert: other.Cert, ID: other.ID}
	sameName := *other
	sameName.ID = e.key.ID
	set := func(k string, v any) func(*ojson.Object) { return func(o *ojson.Object) { o.Set(k, v) } }
	hs := hmac.New(sha256.New, e.key.Cert)
	hsHead := b64(`{"alg":"HS256","kid":"` + e.key.ID + `"}`)
	hs.Write([]byte(hsHead + "." + parts[1]))
	for name, x := range map[string]struct {
		token string
		want  identity.Reason
	}{
		"alg none":          {b64(`{"alg":"none"}`) + "." + parts[1] + ".", identity.Malformed},
		"alg None":          {b64(`{"alg":"None","kid":"`+e.key.ID+`"}`) + "." + parts[1] + "." + parts[2], identity.Malformed},
		"HMAC with the key": {hsHead + "." + parts[1] + "." + base64.RawURLEncoding.EncodeToString(hs.Sum(nil)), identity.Malformed},
		"another key":       {forge(t, other, body, func(*ojson.Object) {}), identity.BadKey},
		"another key named": {forge(t, &sameName, body, func(*ojson.Object) {}), identity.BadSign},
		"changed payload":   {parts[0] + "." + b64(strings.Replace(string(must(base64.RawURLEncoding.DecodeString(parts[1]))), p.ID, strings.Repeat("0", 36), 1)) + "." + parts[2], identity.BadSign},
		"wrong audience":    {forge(t, e.key, body, set("aud", "https://vault.azure.net")), identity.BadAudience},
		"wrong issuer":      {forge(t, e.key, body, set("iss", "https://sts.windows.net/00000000-0000-0000-0000-000000000000/")), identity.BadIssuer},
		"not yet valid":     {forge(t, e.key, body, set("nbf", c.Now().Unix()+60)), identity.NotYet},
		"expired":           {forge(t, e.key, body, set("exp", c.Now().Unix())), identity.Expired},
		"exp is no number":  {forge(t, e.key, body, set("exp", "tomorrow")), identity.Expired},
		"no such principal": {forge(t, e.key, body, set("oid", "nobody")), identity.NoPrincipal},
		"two parts":         {parts[0] + "." + parts[1], identity.Malformed},
		"empty":             {"", identity.Malformed},
		"no signature":      {parts[0] + "." + parts[1] + ".", identity.BadSign},
		"cut short":         {good[:len(good)-20], identity.BadSign},
	} {
		_, err := e.Verify(context.Background(), x.token, []string{armAudience})
		var te *identity.TokenError
		if !errors.As(err, &te) || te.Reason != x.want {
			t.Errorf("%s: %v, want %s", name, err, x.want)
		}
	}
	if cl, err := e.Verify(context.Background(), good, []string{armAudience}); err != nil || cl.ObjectID != p.ID || !cl.App {
		t.Errorf("the good token: %+v, %v", cl, err)
	}
	c.Advance(24 * time.Hour)
	if _, err := e.Verify(context.Background(), good, []string{armAudience}); err == nil {
		t.Error("a token outlived its time")
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestGroupsAreTransitive(t *testing.T) {
	e, p, _ := newTenant(t)
	inner := e.CreateGroup("inner", p.ID)
	outer := e.CreateGroup("outer", inner.ID)
	e.CreateGroup("elsewhere")
	if got := e.Groups(p.ID); len(got) != 2 {
		t.Errorf("groups %v", got)
	}
	e.DeletePrincipal(inner.ID)
	if got := e.Groups(p.ID); len(got) != 0 || len(e.State().Principals[outer.ID].Members) != 0 {
		t.Errorf("after the inner group is gone: %v", got)
	}
}

func TestSnapshotIsPlainData(t *testing.T) {
	e, p, c := newTenant(t)
	data, err := json.Marshal(e.State())
	if err != nil {
		t.Fatal(err)
	}
	var s State
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	again, err := New(Options{Clock: c, IDs: ids.New("other")})
	if err != nil {
		t.Fatal(err)
	}
	again.Restore(s)
	if got, ok := again.Lookup(p.ID); !ok || got.AppID != p.AppID || again.TenantID() != e.TenantID() {
		t.Errorf("restored %+v", got)
	}
}

func FuzzVerify(f *testing.F) {
	c := clock.New(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
	e, err := New(Options{Clock: c, IDs: ids.New("test")})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("a.b.c")
	f.Add(b64(`{"alg":"RS256"}`) + "." + b64(`{"exp":1e400}`) + ".")
	f.Fuzz(func(t *testing.T, raw string) {
		if _, err := e.Verify(context.Background(), raw, []string{armAudience}); err == nil {
			t.Fatalf("%q was accepted", raw)
		}
	})
}
