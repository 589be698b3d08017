package network_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"skylab/sim/exchange"
	"skylab/sim/network"
)

func TestABodysFramingIsTheLibrarysUnlessTheClientSpeaks(t *testing.T) {
	given := exchange.Fields{{Name: "Host", Value: "a.test"}}
	for name, c := range map[string]struct {
		method string
		body   io.Reader
		header string // Content-Length given by hand
		fields exchange.Fields
		want   string
	}{
		"GET":                       {"GET", nil, "", nil, ""},
		"DELETE":                    {"DELETE", http.NoBody, "", nil, ""},
		"POST without body":         {"POST", nil, "", nil, "Content-Length: 0"},
		"PUT of an empty string":    {"PUT", strings.NewReader(""), "", nil, "Content-Length: 0"},
		"PATCH with a body":         {"PATCH", strings.NewReader("abc"), "", nil, "Content-Length: 3"},
		"POST of unknown length":    {"POST", io.MultiReader(strings.NewReader("abc")), "", nil, "Transfer-Encoding: chunked"},
		"a length by hand":          {"POST", strings.NewReader("abc"), "3", nil, "Content-Length: 3"},
		"curl -X POST, no -d":       {"POST", strings.NewReader(""), "", given, ""},
		"fields with a body and no": {"POST", strings.NewReader("abc"), "", given, ""},
	} {
		req, err := http.NewRequest(c.method, "http://a.test/", c.body)
		if err != nil {
			t.Fatal(err)
		}
		if c.header != "" {
			req.Header.Set("Content-Length", c.header)
		}
		if c.fields != nil {
			req = req.WithContext(network.WithFields(context.Background(), c.fields))
		}
		var got []string
		for _, f := range network.RequestFields(req) {
			if f.Name != "Host" {
				got = append(got, f.Name+": "+f.Value)
			}
		}
		if s := strings.Join(got, "; "); s != c.want {
			t.Errorf("%s: %q, want %q", name, s, c.want)
		}
		if c.header == "" && req.Header.Get("Content-Length") != "" {
			t.Errorf("%s: the request's own header was changed", name)
		}
	}
}
