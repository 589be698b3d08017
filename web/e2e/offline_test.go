package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"skylab/web"
)

// settle waits for a promise.
func settle(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// kept waits until the site is kept for use offline and the page is answered
// from there.
func kept() chromedp.Action {
	return eventually(`navigator.serviceWorker.controller`)
}

// poll asks again and again until it is told yes; no is what the error says if it
// never is.
func poll(ctx context.Context, ask func() (yes bool, no string)) error {
	for {
		yes, no := ask()
		if yes {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", no, ctx.Err())
		case <-time.After(30 * time.Millisecond):
		}
	}
}

// eventually waits until an expression is true, on whatever page the tab shows
// by then.
func eventually(expression string) chromedp.Action {
	return limitedTo(chromedp.ActionFunc(func(ctx context.Context) error {
		return poll(ctx, func() (bool, string) {
			var is bool
			err := chromedp.Evaluate(`Boolean(`+expression+`)`, &is).Do(ctx)
			return err == nil && is, fmt.Sprintf("%s never came true (%v)", expression, err)
		})
	}))
}

// says waits until an element shows a text.
func says(selector, text string) chromedp.Action {
	return eventually(`document.querySelector(` + quoteJS(selector) + `)?.textContent.includes(` + quoteJS(text) + `)`)
}

// prompt waits until a command can be typed.
func prompt() chromedp.Action {
	return eventually(`document.querySelector("#prompt")?.checkVisibility()`)
}

// refusedConnections is what the browser says when the server is gone.
const refusedConnections = "net::ERR_CONNECTION_REFUSED"

func offline(t *testing.T) {
	ctx, server := tab(t, 1440, 1000, site(t, "/").Handler(), refusedConnections, "status of 404")
	inTurn(t, ctx, chromedp.Navigate(server.URL), prompt(), kept())
	server.CloseClientConnections()
	server.Close()
	// Nothing but the first page was visited before.
	inTurn(t, ctx, chromedp.Navigate(server.URL+lessonPath), prompt(), identityOn(), typeCommand(imds+" -H Metadata:true", "1"), says(".block .out", "access_token"),
		chromedp.Reload(), says(".keeping", "goes on where you left it"), done("identity"),
		chromedp.Navigate(server.URL+"/limits"), says("main", "is real but not simulated here"),
		chromedp.Navigate(server.URL+"/lessons/none"), says("main", "There is no such page here"),
		chromedp.Click(`a[href="`+lessonPath+`"]`, chromedp.ByQuery), prompt())
}

// switched is a handler that can be exchanged.
type switched struct{ now atomic.Pointer[http.Handler] }

func (s *switched) to(h http.Handler) { s.now.Store(&h) }

func (s *switched) ServeHTTP(w http.ResponseWriter, r *http.Request) { (*s.now.Load()).ServeHTTP(w, r) }

// another is the site that is built in, as if it were of another build: its
// modules know another name.
func another(t *testing.T) (s *web.Site, lab []byte) {
	t.Helper()
	built, err := web.Built()
	if err != nil {
		t.Skip("the site is not built; make test builds it")
	}
	marker, err := fs.ReadFile(built, web.Marker)
	if err != nil {
		t.Fatal(err)
	}
	id, rest, _ := strings.Cut(string(marker), " ")
	other := strings.Repeat("0", len(id))
	files := fstest.MapFS{web.Marker: {Data: []byte(other + " " + rest)}}
	err = fs.WalkDir(built, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || name == web.Marker || strings.HasSuffix(name, ".br") || strings.HasSuffix(name, ".gz") {
			return err
		}
		data, err := fs.ReadFile(built, name)
		if strings.HasSuffix(name, ".wasm") {
			renamed := bytes.ReplaceAll(data, []byte(id), []byte(other))
			if bytes.Equal(renamed, data) {
				t.Errorf("%s does not know its build", name)
			}
			data = renamed
		}
		files[strings.Replace(name, id, other, 1)] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if s, err = web.New(files, web.Options{Base: "/"}); err != nil {
		t.Fatal(err)
	}
	return s, files["b/"+other+"/lab.wasm"].Data
}

const version = `document.querySelector('meta[name="skylab-version"]').content`

func newBuild(t *testing.T) {
	second, _ := another(t)
	var server switched
	server.to(site(t, "/").Handler())
	ctx, s := tab(t, 1280, 900, &server)
	var first, other, after string
	inTurn(t, ctx, chromedp.Navigate(s.URL+lessonPath), prompt(), kept(), chromedp.Evaluate(version, &first), typeCommand("x=first", "1"))
	beside, cancel := chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	watch(t, beside, s.URL)

	server.to(second.Handler())
	const look = `navigator.serviceWorker.getRegistration().then(r => r.update()).then(() => 1)`
	inTurn(t, ctx, chromedp.Evaluate(look, nil, settle), limitedTo(chromedp.WaitVisible(".update .run", chromedp.ByQuery)))
	picture(t, ctx, "update")
	axe(t, ctx, "an update is offered")
	// Until it is asked for, this page and a new one are of the first build.
	inTurn(t, ctx, typeCommand("x=$x-second", "2"))
	inTurn(t, beside, network.Enable(), log.Enable(), chromedp.Navigate(s.URL), prompt(), chromedp.Evaluate(version, &other), typeCommand("y=beside", "1"))
	if other != first {
		t.Errorf("a new page is of version %s before the update was asked for", other)
	}
	inTurn(t, ctx, chromedp.Click(".update .run", chromedp.ByQuery), eventually(version+` !== `+quoteJS(first)), prompt(), chromedp.Evaluate(version, &after),
		typeCommand("echo $x", "3"), says(".block:nth-child(3) .out", "first-second"))
	// The page beside is left alone, and what it needs of its build is there,
	// though the server no longer has it: here, another lab.
	inTurn(t, beside, typeCommand("echo $y", "2"), says(".block:nth-child(2) .out", "beside"), chromedp.Click(`.lessons a`, chromedp.ByQuery),
		limitedTo(chromedp.WaitVisible(".keeping .run", chromedp.ByQuery)), chromedp.Evaluate(version, &other))
	if other != first {
		t.Errorf("the page beside changed from %s to %s", first, other)
	}
}

func mixedBuilds(t *testing.T) {
	_, lab := another(t)
	good := site(t, "/").Handler()
	ctx, s := tab(t, 1280, 900, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/lab.wasm") {
			w.Header().Set("Content-Type", "application/wasm")
			w.Write(lab)
			return
		}
		good.ServeHTTP(w, r)
	}))
	inTurn(t, ctx, chromedp.Navigate(s.URL+lessonPath), says(".problem", "of different builds"))
	picture(t, ctx, "different-builds")
}

func staticExport(t *testing.T) {
	const below = "/deep/er/"
	dir := t.TempDir()
	if err := site(t, "").Export(dir); err != nil {
		t.Fatal(err)
	}
	ctx, s := tab(t, 1440, 1000, http.StripPrefix(strings.TrimSuffix(below, "/"), http.FileServer(http.Dir(dir))), refusedConnections)
	inside := func(where string) chromedp.Action {
		return chromedp.ActionFunc(func(ctx context.Context) error {
			var out []string
			err := chromedp.Evaluate(`[...document.querySelectorAll("a[href]")].map(a => a.href).filter(h => h.startsWith(location.origin) && !h.startsWith(location.origin + `+quoteJS(below)+`))`, &out).Do(ctx)
			if len(out) > 0 {
				t.Errorf("%s leads out of the site: %v", where, out)
			}
			return err
		})
	}
	inTurn(t, ctx, chromedp.Navigate(s.URL+below), prompt(), inside("the first page"), chromedp.Click(`.lessons a`, chromedp.ByQuery), prompt(), inside("the lesson"), identityOn(),
		kept(), chromedp.Reload(), says(".keeping", "goes on where you left it"), done("identity"),
		chromedp.Navigate(s.URL+below+"about"), says("main", "About Skylab"), inside("about"),
		chromedp.Click(`a.logo`, chromedp.ByQuery), prompt())
	s.CloseClientConnections()
	s.Close()
	inTurn(t, ctx, chromedp.Navigate(s.URL+below+"sandbox/no-vm"), prompt(), typeCommand("echo offline", "1"))
}

func plainHTTP(t *testing.T) {
	ctx, s := tab(t, 1280, 900, site(t, "/").Handler())
	address := strings.Replace(s.URL, "127.0.0.1", otherHost, 1)
	var workers bool
	inTurn(t, ctx, chromedp.Navigate(address+lessonPath), prompt(), says(".plain", "plain http"), chromedp.Evaluate(`"serviceWorker" in navigator || isSecureContext`, &workers),
		identityOn(), typeCommand("x=kept; echo before", "1"), chromedp.Reload(), done("identity"), prompt(), says(".log", "echo before"))
	if workers {
		t.Error("the browser trusts this address; the test proves nothing")
	}
	picture(t, ctx, "plain-http")
	inTurn(t, ctx, chromedp.Click(".plain button", chromedp.ByQuery), gone(".plain"), chromedp.Reload(), prompt(), gone(".plain"))
}

func readable(t *testing.T) {
	good := site(t, "/").Handler()
	ctx, s := tab(t, 1280, 900, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".wasm") || strings.HasSuffix(r.URL.Path, ".js") {
			http.Error(w, "not now", http.StatusServiceUnavailable)
			return
		}
		good.ServeHTTP(w, r)
	}), "503", "Refused to execute script")
	for path, text := range map[string]string{"/": "Azure's managed identities", lessonPath: "Get a token on the machine", "/sandbox/no-vm": "a resource group", "/about": "How it works", "/limits": "One sentence", "/privacy": "cookies"} {
		inTurn(t, ctx, chromedp.Navigate(s.URL+path), says("main", text))
		picture(t, ctx, "readable"+path)
	}
}

// noRequestLeaves asks the browser's own log of its network, which knows of
// workers, too.
func noRequestLeaves(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(site(t, "/").Handler())
	t.Cleanup(server.Close)
	file, ctx, end := loggedBrowser(t)
	inTurn(t, ctx, chromedp.Navigate(server.URL), prompt(), kept(), chromedp.Navigate(server.URL+lessonPath), prompt(), identityOn(), typeCommand(imds+" -H Metadata:true", "1"),
		typeCommand("curl -s https://example.com/ https://management.azure.com/", "2"))
	end()
	asked := requests(t, file)
	own := 0
	for _, r := range asked {
		switch {
		case strings.HasPrefix(r.url, server.URL):
			own++
		case strings.HasPrefix(r.initiator, "http://127.0.0.1"):
			t.Errorf("the page asked for %s", r.url)
		}
	}
	if own < 10 {
		t.Errorf("the log has %d requests of the page; it proves nothing: %v", own, asked)
	}
}
