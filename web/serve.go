package web

import (
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"time"
)

// The policy lets a page load its own files and nothing else. Framing is not
// forbidden, for lessons are embedded. Static copies have it in their pages.
const (
	metaPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; img-src 'self' data:; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'"
	policy     = metaPolicy
)

// Handler serves the site below its base, and /healthz beside it.
func (s *Site) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		io.WriteString(w, "ok\n")
	})
	mux.HandleFunc("GET /", s.serve)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		mux.ServeHTTP(w, r)
	})
}

func (s *Site) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/robots.txt" { // robots look nowhere else
		s.files["robots.txt"].send(w, r, http.StatusOK)
		return
	}
	name, below := strings.CutPrefix(r.URL.Path, s.base)
	if !below {
		if r.URL.Path+"/" == s.base {
			redirect(w, r, s.base)
			return
		}
		s.notFound(w, r)
		return
	}
	if f, ok := s.files[name]; ok {
		f.send(w, r, http.StatusOK)
		return
	}
	// A page has one address: without "index.html", without a slash at its end.
	plain := strings.Trim(path.Clean("/"+strings.TrimSuffix(name, "index.html")), "/")
	p, ok := s.rendered[plain]
	switch {
	case name == notFoundPage || name == notFoundPage+".html":
		s.rendered[notFoundPage].send(w, r, http.StatusOK) // for the one that keeps it for use offline
	case !ok || plain == notFoundPage:
		s.notFound(w, r)
	case plain != name:
		redirect(w, r, s.base+plain)
	default:
		p.send(w, r, http.StatusOK)
	}
}

// redirect leads to another path of this server; path is the site's own.
func redirect(w http.ResponseWriter, r *http.Request, path string) {
	if r.URL.RawQuery != "" {
		path += "?" + r.URL.RawQuery
	}
	http.Redirect(w, r, path, http.StatusMovedPermanently)
}

// notFound answers with the page that helps, or with a line of text where no
// page was asked for.
func (s *Site) notFound(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.Header.Get("Accept"), "text/html") {
		s.rendered[notFoundPage].send(w, r, http.StatusNotFound)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	http.Error(w, fmt.Sprintf("there is no such file here; the site is at %s", s.base), http.StatusNotFound)
}

// send answers a request with the file, in the best coding that the client
// takes and the site has.
func (f file) send(w http.ResponseWriter, r *http.Request, status int) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Vary", "Accept-Encoding")
	if f.immutable {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	for _, c := range codings {
		if c.name != "" && !accepts(r, c.name) {
			continue
		}
		body, err := f.open(c.suffix)
		if err != nil {
			continue
		}
		defer body.Close()
		if c.name != "" {
			h.Set("Content-Encoding", c.name)
		}
		if status != http.StatusOK { // neither a part of it nor an unchanged one will do
			w.WriteHeader(status)
			if r.Method != http.MethodHead {
				io.Copy(w, body)
			}
			return
		}
		h.Set("ETag", fmt.Sprintf("%q", f.tag+c.suffix))
		http.ServeContent(w, r, "", time.Time{}, body)
		return
	}
	http.Error(w, "the site is broken: a file of it is missing", http.StatusInternalServerError)
}

// accepts tells whether a client takes a coding.
func accepts(r *http.Request, coding string) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(name, coding) && strings.ReplaceAll(params, " ", "") != "q=0" {
			return true
		}
	}
	return false
}
