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

// TestHARIsValid holds what the draft of HAR 1.2 demands of each object.
func TestHARIsValid(t *testing.T) {
	failed := sample()
	failed.Response, failed.Failure = nil, "refused"
	binary := sample()
	binary.Request.Body, binary.Response.Body = Body("\xff\x00"), Body("\xfe")
	data, err := HAR([]Exchange{sample(), failed, binary, {Protocol: "http"}}, false)
	if err != nil {
		t.Fatal(err)
	}
	var har map[string]any
	if err := json.Unmarshal(data, &har); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]func(any) bool{
		"text": func(v any) bool { _, ok := v.(string); return ok }, "number": func(v any) bool { _, ok := v.(float64); return ok },
		"object": func(v any) bool { _, ok := v.(map[string]any); return ok }, "list": func(v any) bool { _, ok := v.([]any); return ok },
	}
	demand := func(where string, v any, fields string) map[string]any {
		t.Helper()
		o, ok := v.(map[string]any)
		if !ok {
			t.Fatalf("%s is no object: %v", where, v)
		}
		for _, f := range strings.Fields(fields) {
			name, kind, _ := strings.Cut(f, ":")
			if x, there := o[name]; !there || !kinds[kind](x) {
				t.Errorf("%s.%s is %v, want a %s", where, name, x, kind)
			}
		}
		return o
	}
	log := demand("log", har["log"], "version:text creator:object entries:list")
	demand("creator", log["creator"], "name:text version:text")
	for _, e := range log["entries"].([]any) {
		entry := demand("entry", e, "startedDateTime:text time:number request:object response:object cache:object timings:object")
		if _, err := time.Parse(time.RFC3339, entry["startedDateTime"].(string)); err != nil {
			t.Error(err)
		}
		timings := demand("timings", entry["timings"], "send:number wait:number receive:number")
		if sum := timings["send"].(float64) + timings["wait"].(float64) + timings["receive"].(float64); sum != entry["time"].(float64) {
			t.Errorf("the timings make %v of %v", sum, entry["time"])
		}
		request := demand("request", entry["request"], "method:text url:text httpVersion:text cookies:list headers:list queryString:list headersSize:number bodySize:number")
		if p, ok := request["postData"]; ok {
			demand("postData", p, "mimeType:text text:text")
		}
		response := demand("response", entry["response"], "status:number statusText:text httpVersion:text cookies:list headers:list content:object redirectURL:text headersSize:number bodySize:number")
		demand("content", response["content"], "size:number mimeType:text")
		for _, list := range []any{request["headers"], request["queryString"], response["headers"]} {
			for _, h := range list.([]any) {
				demand("a header", h, "name:text value:text")
			}
		}
	}
}
