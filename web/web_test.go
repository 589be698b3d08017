package web

import (
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"skylab/tutorials/lesson"
)

// small is a built site with as little as there can be.
func small(t *testing.T) fs.FS {
	t.Helper()
	data := func(v any) *fstest.MapFile {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return &fstest.MapFile{Data: b}
	}
	return fstest.MapFS{
		Marker:          {Data: []byte("1 texts 4")},
		"b/1/ui.wasm":   {Data: []byte("wasm")},
		"b/1/x.js":      {Data: []byte("js")},
		"b/1/x.js.br":   {Data: []byte("br js")},
		"b/1/x.js.gz":   {Data: []byte("gz js")},
		"b/1/boot.js":   {Data: []byte("boot")},
		"b/1/style.css": {Data: []byte("style")},
		"lessons/first.json": data(lesson.Lesson{ID: "first", Title: "The first <lesson>", Description: "What it is.", Variants: []lesson.Variant{{ID: "x"}},
			Intro: []lesson.Block{{HTML: "<p>Begin &amp; read.</p>"}}, Steps: []lesson.Step{{Title: "Do it", Blocks: []lesson.Block{{Snippet: &lesson.Snippet{Parts: []lesson.Part{{Text: "a < b"}}}}}}}}),
		"documents/about.json": data(Document{ID: "about", Title: "About", Description: "Of it.", Sections: []Section{{Blocks: []lesson.Block{{HTML: "<p>It is.</p>"}}}, {Heading: "More", Blocks: []lesson.Block{{HTML: "<p>So.</p>"}}}}}),
	}
}

func newSite(t *testing.T, o Options) *Site {
	t.Helper()
	s, err := New(small(t), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func get(h http.Handler, method, path string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, "http://x/", nil)
	path, r.URL.RawQuery, _ = strings.Cut(path, "?")
	r.URL.Path = path
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func text(t *testing.T, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestHandler(t *testing.T) {
	const html, plain, js = "text/html; charset=utf-8", "text/plain; charset=utf-8", "text/javascript; charset=utf-8"
	h := newSite(t, Options{Base: "/in/"}).Handler()
	for _, c := range []struct {
		method, path, accept   string
		status                 int
		has, kind, coding, way string
		immutable              bool
	}{
		{method: "GET", path: "/in/", status: 200, has: "<h1>Azure", kind: html},
		{method: "HEAD", path: "/in/", status: 200, kind: html},
		{method: "GET", path: "/in/", accept: "gzip, br", status: 200, kind: html, coding: "br"},
		{method: "GET", path: "/in/", accept: "gzip, br;q=0", status: 200, kind: html, coding: "gzip"},
		{method: "GET", path: "/in/lessons/first", status: 200, has: "<h1>The first &lt;lesson&gt;</h1>", kind: html},
		{method: "GET", path: "/in/lessons/first/", status: 301, kind: html, way: "/in/lessons/first"},
		{method: "GET", path: "/in/lessons/first/?a=b", status: 301, kind: html, way: "/in/lessons/first?a=b"},
		{method: "GET", path: "/in/lessons/first/index.html", status: 301, kind: html, way: "/in/lessons/first"},
		{method: "GET", path: "/in/index.html", status: 301, kind: html, way: "/in/"},
		{method: "GET", path: "/in", status: 301, kind: html, way: "/in/"},
		{method: "GET", path: "/in/sandbox/linux-vm", status: 200, has: "Sandbox: linux-vm", kind: html},
		{method: "GET", path: "/in/about", status: 200, has: "<h2>More</h2><p>So.</p>", kind: html},
		{method: "GET", path: "/in/b/1/ui.wasm", accept: "br", status: 200, has: "wasm", kind: "application/wasm", immutable: true},
		{method: "GET", path: "/in/b/1/x.js", accept: "br", status: 200, has: "br js", kind: js, coding: "br", immutable: true},
		{method: "GET", path: "/in/b/1/x.js", accept: "gzip", status: 200, has: "gz js", kind: js, coding: "gzip", immutable: true},
		{method: "GET", path: "/in/b/1/x.js", status: 200, has: "js", kind: js, immutable: true},
		{method: "GET", path: "/in/sw.js", status: 200, has: `"pages":{`, kind: js},
		{method: "GET", path: "/in/manifest.webmanifest", status: 200, has: `"scope":"./"`, kind: "application/manifest+json"},
		{method: "GET", path: "/robots.txt", status: 200, has: "Allow: /", kind: plain},
		{method: "GET", path: "/healthz", status: 200, has: "ok\n", kind: plain},
		{method: "GET", path: "/in/sitemap.xml", status: 404, has: "no such file", kind: plain},
		{method: "GET", path: "/in/b/1", status: 404, has: "no such file", kind: plain},
		{method: "GET", path: "/in/b/1/x.js.br", status: 404, has: "no such file", kind: plain},
		{method: "GET", path: "/in/build", status: 404, has: "no such file", kind: plain},
		{method: "GET", path: "/in/lessons/none", status: 404, has: "no such file", kind: plain},
		{method: "GET", path: "/elsewhere", status: 404, has: "the site is at /in/", kind: plain},
		{method: "POST", path: "/in/", status: 405, has: "Method Not Allowed", kind: plain},
	} {
		res := get(h, c.method, c.path, "Accept-Encoding", c.accept)
		body := text(t, res)
		if res.StatusCode != c.status || !strings.Contains(body, c.has) || res.Header.Get("Content-Type") != c.kind || res.Header.Get("Content-Encoding") != c.coding || res.Header.Get("Location") != c.way {
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

// TestPathsStayInside asks for what lies outside of the site.
func TestPathsStayInside(t *testing.T) {
	for _, base := range []string{"/", "/in/"} {
		h := newSite(t, Options{Base: base}).Handler()
		for _, path := range []string{"/b/../../etc/passwd", "/in/../../etc/passwd", base + "..", base + "%2e%2e/x", base + "b/1/../../build", "//etc/passwd", base + "\x00", base + strings.Repeat("a/", 1000)} {
			switch res := get(h, "GET", path); res.StatusCode {
			case http.StatusNotFound, http.StatusMovedPermanently, http.StatusTemporaryRedirect:
				if way := res.Header.Get("Location"); strings.HasPrefix(way, "//") {
					t.Errorf("%q leads to %q", path, way)
				}
			default:
				t.Errorf("%q: %d", path, res.StatusCode)
			}
		}
	}
}

func TestWhatIsUnchangedIsNotSentAgain(t *testing.T) {
	h := newSite(t, Options{Base: "/"}).Handler()
	for _, path := range []string{"/", "/lessons/first", "/b/1/x.js", "/sw.js", "/robots.txt"} {
		for _, coding := range []string{"", "gzip", "br"} {
			first := get(h, "GET", path, "Accept-Encoding", coding)
			tag := first.Header.Get("ETag")
			again := get(h, "GET", path, "Accept-Encoding", coding, "If-None-Match", tag)
			if tag == "" || again.StatusCode != http.StatusNotModified || text(t, again) != "" || again.Header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s (%s): %q, then %d %v", path, coding, tag, again.StatusCode, again.Header)
			}
			if res := get(h, "GET", path, "Accept-Encoding", coding, "If-None-Match", `"other"`); res.StatusCode != http.StatusOK {
				t.Errorf("%s, changed: %d", path, res.StatusCode)
			}
		}
	}
}

func TestAWrongAddressIsHelped(t *testing.T) {
	h := newSite(t, Options{Base: "/in/"}).Handler()
	for _, path := range []string{"/in/lessons/none", "/in/b/0/ui.wasm", "/", "/in/404/"} {
		res := get(h, "GET", path, "Accept", "text/html,*/*")
		if body := text(t, res); res.StatusCode != http.StatusNotFound || !strings.Contains(body, `href="/in/lessons/first"`) || res.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d %v %s", path, res.StatusCode, res.Header, body)
		}
	}
}

func TestPagesHaveTheirOwnNames(t *testing.T) {
	s := newSite(t, Options{Base: "/in/", Origin: "https://docs.example"})
	seen := map[string]string{}
	for _, p := range s.pages {
		body := text(t, get(s.Handler(), "GET", "/in/"+p.path, "Accept", "text/html"))
		for _, pattern := range []string{`<title>(.+?)</title>`, `<meta name="description" content="(.+?)">`, `<link rel="canonical" href="(.+?)">`} {
			m := regexp.MustCompile(pattern).FindStringSubmatch(body)
			if p.path == notFoundPage && strings.Contains(pattern, "canonical") {
				continue
			}
			if m == nil {
				t.Errorf("%q has no %s", p.path, pattern)
				continue
			}
			if other, ok := seen[m[0]]; ok {
				t.Errorf("%q and %q both have %s", p.path, other, m[0])
			}
			seen[m[0]] = p.path
		}
	}
	if seen[`<link rel="canonical" href="https://docs.example/in/lessons/first">`] != "lessons/first" {
		t.Errorf("%v", seen)
	}
	sitemap := text(t, get(s.Handler(), "GET", "/in/sitemap.xml"))
	if !strings.Contains(sitemap, "<loc>https://docs.example/in/lessons/first</loc>") || strings.Contains(sitemap, "404") {
		t.Errorf("%s", sitemap)
	}
	if robots := text(t, get(s.Handler(), "GET", "/robots.txt")); !strings.Contains(robots, "Sitemap: https://docs.example/in/sitemap.xml") {
		t.Errorf("%s", robots)
	}
}

// TestTheVersionNamesTheContent changes one thing at a time.
func TestTheVersionNamesTheContent(t *testing.T) {
	versions := map[string]string{}
	for name, o := range map[string]Options{
		"plain": {Base: "/"}, "elsewhere": {Base: "/in/"},
		"with a lesson": {Base: "/", Lessons: []*lesson.Lesson{{ID: "own", Title: "Own"}}},
		"with another":  {Base: "/", Lessons: []*lesson.Lesson{{ID: "own", Title: "Own", Outro: []lesson.Block{{HTML: "<p>More</p>"}}}}},
	} {
		s := newSite(t, o)
		if s.version != newSite(t, o).version {
			t.Errorf("%s: made twice it has two versions", name)
		}
		if other, ok := versions[s.version]; ok {
			t.Errorf("%s and %s have one version", name, other)
		}
		versions[s.version] = name
		if body := text(t, get(s.Handler(), "GET", o.Base)); !strings.Contains(body, `"`+s.version+`"`) {
			t.Errorf("%s: the page does not tell its version", name)
		}
	}
}

func TestLessonsOfOnesOwn(t *testing.T) {
	s := newSite(t, Options{Base: "/", Lessons: []*lesson.Lesson{{ID: "own", Title: "My own", Description: "Mine."}}})
	h := s.Handler()
	for path, want := range map[string]string{"/": "My own", "/lessons/own": "<h1>My own</h1>", "/" + s.lessons + "index.json": `"id":"own"`, "/" + s.lessons + "own.json": `"title":"My own"`, "/sw.js": s.lessons + "own.json"} {
		if got := text(t, get(h, "GET", path)); !strings.Contains(got, want) {
			t.Errorf("%s: %s", path, got)
		}
	}
	if _, err := New(small(t), Options{Base: "/", Lessons: []*lesson.Lesson{{ID: "first"}}}); err == nil || !strings.Contains(err.Error(), `two lessons "first"`) {
		t.Errorf("%v", err)
	}
}

func TestExport(t *testing.T) {
	s := newSite(t, Options{})
	dir := filepath.Join(t.TempDir(), "out")
	for range 2 { // over an earlier export, too
		if err := s.Export(dir); err != nil {
			t.Fatal(err)
		}
	}
	links := regexp.MustCompile(`(?:href|src|content)="([./][^"]*)"`)
	for _, name := range []string{"index.html", "lessons/first/index.html", "sandbox/no-vm/index.html", "about/index.html"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(data), `http-equiv="Content-Security-Policy"`) {
			t.Errorf("%s has no policy", name)
		}
		for _, m := range links.FindAllStringSubmatch(string(data), -1) {
			to := filepath.Join(dir, filepath.Dir(name), m[1])
			if strings.HasPrefix(m[1], "/") || !strings.HasPrefix(to, dir) {
				t.Errorf("%s leads out of the site: %s", name, m[1])
			} else if _, err := os.Stat(to); err != nil && !slices.Contains([]string{"icon.svg", "icon-180.png", "wasm_exec.js", "share.js"}, filepath.Base(to)) {
				t.Errorf("%s leads to what is not there: %s", name, m[1])
			}
		}
	}
	for _, name := range []string{"404.html", "sw.js", "sw.js.br", "robots.txt", "b/1/ui.wasm", s.lessons + "first.json.gz"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "mine"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := s.Export(full); err == nil || !strings.Contains(err.Error(), "other files") {
		t.Errorf("into a folder with other files: %v", err)
	}
}

func TestBadInput(t *testing.T) {
	if _, err := New(fstest.MapFS{}, Options{Base: "/"}); err != ErrNotBuilt {
		t.Errorf("%v", err)
	}
	if _, err := New(small(t), Options{Base: "/in"}); err == nil {
		t.Error("a base without a slash at its end")
	}
}
