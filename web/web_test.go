package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func TestHandler(t *testing.T) {
	site := fstest.MapFS{
		"index.html": {Data: []byte("page")}, "index.html.br": {Data: []byte("br page")}, "index.html.gz": {Data: []byte("gz page")},
		"b/1/ui.wasm": {Data: []byte("wasm")}, "b/1/x.js": {Data: []byte("js")}, "build": {Data: []byte("1")},
	}
	h := Handler(site)
	for _, c := range []struct {
		method, path, accept string
		status               int
		body, kind, coding   string
		immutable            bool
	}{
		{"GET", "/", "", 200, "page", "text/html; charset=utf-8", "", false},
		{"GET", "/", "gzip, br", 200, "br page", "text/html; charset=utf-8", "br", false},
		{"GET", "/", "gzip, br;q=0", 200, "gz page", "text/html; charset=utf-8", "gzip", false},
		{"GET", "/b/1/ui.wasm", "br", 200, "wasm", "application/wasm", "", true},
		{"GET", "/b/1/x.js", "", 200, "js", "text/javascript; charset=utf-8", "", true},
		{"GET", "/healthz", "", 200, "ok\n", "text/plain; charset=utf-8", "", false},
		{"GET", "/b/1", "", 404, "404 page not found\n", "text/plain; charset=utf-8", "", false},
		{"GET", "/index.html.br", "", 404, "404 page not found\n", "text/plain; charset=utf-8", "", false},
		{"GET", "/build", "", 404, "404 page not found\n", "text/plain; charset=utf-8", "", false},
		{"GET", "/b/../../etc/passwd", "", 404, "", "", "", false},
		{"POST", "/", "", 405, "Method Not Allowed\n", "text/plain; charset=utf-8", "", false},
	} {
		r := httptest.NewRequest(c.method, "http://x/", nil)
		r.URL.Path = c.path
		r.Header.Set("Accept-Encoding", c.accept)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		res := w.Result()
		body, _ := io.ReadAll(res.Body)
		if c.path == "/b/../../etc/passwd" { // cleaned by a redirect or not found, never served
			if res.StatusCode == http.StatusOK {
				t.Errorf("%s was served: %s", c.path, body)
			}
			continue
		}
		if res.StatusCode != c.status || string(body) != c.body || res.Header.Get("Content-Type") != c.kind || res.Header.Get("Content-Encoding") != c.coding {
			t.Errorf("%s %s (%s): %d %q %v", c.method, c.path, c.accept, res.StatusCode, body, res.Header)
		}
		if strings.Contains(res.Header.Get("Cache-Control"), "immutable") != c.immutable {
			t.Errorf("%s: Cache-Control %q", c.path, res.Header.Get("Cache-Control"))
		}
		if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe-inline") {
			t.Errorf("%s: policy %q", c.path, csp)
		}
	}
}
