package exchange

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

const jwt = "eyJ0eXAiOiJKV1QifQ.eyJhdWQiOiJ4In0.c2ln"

func sample() Exchange {
	return Exchange{
		ID: 1, Start: time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC), Duration: 20 * time.Millisecond,
		Caller: Caller{Machine: "myVM"}, Service: "Entra", Address: "20.1.2.3:443", Protocol: "https",
		Request: Request{Method: "POST", URL: "https://h/p?a=1&sig=abc", Fields: Fields{{"Host", "h"}, {"authorization", "Bearer " + jwt}, {"Content-Type", "application/x-www-form-urlencoded"}},
			Body: Body("grant_type=x&client_secret=hush&client_assertion=" + jwt)},
		Response: &Response{Status: 200, Reason: "OK", Fields: Fields{{"x-ms-Id", "1"}, {"Set-Cookie", "fpc=secret; path=/"}}, Body: Body(`{"access_token":"` + jwt + `","n":1}`)},
		Notes:    []Note{{Kind: "k", Text: "why"}},
	}
}

func TestHARMasksUnlessAsked(t *testing.T) {
	plain, err := HAR([]Exchange{sample(), {Protocol: "ssh"}}, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{jwt, "hush", "sig=abc", "fpc=secret"} {
		if strings.Contains(string(plain), secret) {
			t.Errorf("%s is in the HAR", secret)
		}
	}
	full, _ := HAR([]Exchange{sample()}, true)
	if !strings.Contains(string(full), jwt) {
		t.Error("the token was asked for and is not there")
	}
	var h struct {
		Log struct {
			Version string
			Entries []struct {
				StartedDateTime string
				Time            float64
				Request         struct {
					Headers, QueryString []Field
				}
				Response struct {
					Status  int
					Headers []Field
				}
				Notes []Note `json:"_notes"`
			}
		}
	}
	if err := json.Unmarshal(plain, &h); err != nil {
		t.Fatal(err)
	}
	e := h.Log.Entries[0]
	if h.Log.Version != "1.2" || len(h.Log.Entries) != 1 || e.StartedDateTime != "2026-01-02T03:04:05.006Z" || e.Time != 20 ||
		e.Response.Headers[0].Name != "x-ms-Id" || e.Request.QueryString[0].Value != "1" || e.Notes[0].Text != "why" {
		t.Errorf("HAR %+v", h)
	}
}

func TestBodyKeepsBytes(t *testing.T) {
	for _, in := range []string{"", "text", "\x00\xff"} {
		data, err := json.Marshal(Body(in))
		if err != nil {
			t.Fatal(err)
		}
		var b Body
		if err := json.Unmarshal(data, &b); err != nil || string(b) != in {
			t.Errorf("%q became %q, %v", in, b, err)
		}
	}
}

func FuzzHAR(f *testing.F) {
	f.Add("https://h/?a=b", "Name", "value", []byte("body"))
	f.Fuzz(func(t *testing.T, url, name, value string, body []byte) {
		e := sample()
		e.Request.URL, e.Request.Body, e.Response.Body = url, body, body
		e.Request.Fields = Fields{{name, value}}
		for _, tokens := range []bool{true, false} {
			out, err := HAR([]Exchange{e}, tokens)
			if err != nil || !json.Valid(out) {
				t.Fatalf("%v: %s", err, out)
			}
		}
	})
}
