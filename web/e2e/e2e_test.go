// Package e2e uses the page in real Chromium, as a learner would.
package e2e

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdptarget "github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"skylab/web"
)

// limit is how long a test may take in all before it is given up.
const limit = 5 * time.Minute

// atOnce is how many tests run at a time. Each has a browser to itself, for a
// window that is not in front misses keys, and storage of its own in it.
const atOnce = 2

// browsers are those that no test uses just now; nil is one to be started.
var browsers = make(chan context.Context, atOnce)

// TestMain ends the browsers that the tests have used one after the other.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", fmt.Sprint(atOnce)); err != nil {
		panic(err)
	}
	for range atOnce {
		browsers <- nil
	}
	code := m.Run()
	for range atOnce {
		if ctx := <-browsers; ctx != nil {
			if err := chromedp.Cancel(ctx); err != nil { // waits for the browser's end
				fmt.Fprintln(os.Stderr, err)
				code = 1
			}
		}
	}
	os.Exit(code)
}

// theBrowser takes a browser for a test, which runs beside others from here on.
func theBrowser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("Chromium is not on this machine; make test installs it")
	}
	t.Parallel()
	ctx := <-browsers
	if ctx == nil {
		if ctx, err = startChromium(path); err != nil {
			browsers <- nil
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { browsers <- ctx })
	return ctx
}

// startChromium starts a browser, which ends with its context.
func startChromium(path string) (context.Context, error) {
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		// A host that is not this machine's own, to the browser.
		chromedp.Flag("host-resolver-rules", "MAP "+otherHost+" 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"))
	alloc, _ := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, _ := chromedp.NewContext(alloc)
	return ctx, chromedp.Run(ctx)
}

// openTab opens a tab in a browser, with storage of its own. Its time is limited
// by the parent's, which must be the browser's or made from it.
func openTab(parent context.Context, width, height int) (context.Context, func(), error) {
	asBrowser := cdp.WithExecutor(parent, chromedp.FromContext(parent).Browser)
	storage, err := cdptarget.CreateBrowserContext().Do(asBrowser)
	if err != nil {
		return nil, nil, err
	}
	window, err := cdptarget.CreateTarget("about:blank").WithBrowserContextID(storage).WithNewWindow(true).WithWidth(int64(width)).WithHeight(int64(height)).Do(asBrowser)
	if err != nil {
		return nil, nil, err
	}
	ctx, closeTab := chromedp.NewContext(parent, chromedp.WithTargetID(window))
	chromedp.FromContext(ctx).BrowserContextID = storage // for further tabs
	return ctx, func() {
		closeTab()
		// The tests that follow tell of a browser that has ended.
		_ = cdptarget.DisposeBrowserContext(storage).Do(cdp.WithExecutor(context.WithoutCancel(parent), chromedp.FromContext(parent).Browser))
	}, nil
}

// otherHost leads to this machine, but the browser does not trust plain http
// from it.
const otherHost = "skylab.test"

// sites are those that tests serve, by their base, made once.
var sites sync.Map

// site makes the site that is built in, with a base; "" is a static copy.
func site(t *testing.T, base string) *web.Site {
	t.Helper()
	if s, ok := sites.Load(base); ok {
		return s.(*web.Site)
	}
	built, err := web.Built()
	if errors.Is(err, web.ErrNotBuilt) {
		t.Skip("the site is not built; make test builds it")
	}
	if err != nil {
		t.Fatal(err)
	}
	s, err := web.New(built, web.Options{Base: base})
	if err != nil {
		t.Fatal(err)
	}
	sites.Store(base, s)
	return s
}

// browser serves the site and opens a tab of a size, with storage of its own.
func browser(t *testing.T, width, height int) (ctx context.Context, origin string) {
	t.Helper()
	ctx, server := tab(t, width, height, site(t, "/").Handler())
	return ctx, server.URL
}

// tab opens a tab of a size, with storage of its own, and a server for it. The
// test runs beside others from here on.
func tab(t *testing.T, width, height int, h http.Handler, allowed ...string) (context.Context, *httptest.Server) {
	t.Helper()
	main := theBrowser(t)
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	limited, cancel := context.WithTimeout(main, limit)
	t.Cleanup(cancel)
	ctx, closeTab, err := openTab(limited, width, height)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(closeTab)
	watch(t, ctx, server.URL, allowed...)
	if err := chromedp.Run(ctx, network.Enable(), log.Enable(), emulation.SetFocusEmulationEnabled(true), chromedp.EmulateViewport(int64(width), int64(height))); err != nil {
		t.Fatal(err)
	}
	return ctx, server
}

// watch fails the test when a request leaves the origin, or the browser
// complains of something that is not allowed, such as a page that breaks its own
// content security policy.
func watch(t *testing.T, ctx context.Context, origin string, allowed ...string) {
	var mu sync.Mutex
	var wrong []string
	chromedp.ListenTarget(ctx, func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := ev.(type) {
		case *network.EventRequestWillBeSent:
			if u := e.Request.URL; !strings.HasPrefix(u, origin) && !strings.HasPrefix(u, "data:") && !strings.HasPrefix(u, "blob:") && !strings.HasPrefix(u, "http://"+otherHost+":") {
				wrong = append(wrong, "a request left the origin: "+u)
			}
		case *log.EventEntryAdded:
			if e.Entry.Level == log.LevelError && !slices.ContainsFunc(allowed, func(a string) bool { return strings.Contains(e.Entry.Text, a) }) {
				wrong = append(wrong, "the browser complains: "+e.Entry.Text+" "+e.Entry.URL)
			}
		}
	})
	t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		for _, w := range wrong {
			t.Error(w)
		}
	})
}

// screens is where the run leaves its screenshots.
var screens = cmp.Or(os.Getenv("SKYLAB_SCREENSHOTS"), filepath.Join("..", "..", ".cache", "screens"))

// picture keeps a screenshot.
func picture(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	var png []byte
	err := chromedp.Run(ctx, chromedp.FullScreenshot(&png, 100))
	if err == nil {
		err = os.MkdirAll(screens, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(screens, strings.ReplaceAll(name, "/", "-")+".png"), png, 0o644)
	}
	if err != nil {
		t.Error(err)
	}
}

const imds = `curl -s 'http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.azure.com/'`

// limitedTo gives an act a minute, so that a test that is stuck says where.
func limitedTo(a chromedp.Action) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
		defer cancel()
		return a.Do(ctx)
	})
}

// typeCommand types a command at the prompt and waits until it has ended.
func typeCommand(text string, nth string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		return chromedp.Run(ctx,
			chromedp.SendKeys("#prompt", text+kb.Enter, chromedp.ByQuery),
			eventually(`document.querySelectorAll(".block .state").length >= `+nth+` && document.querySelectorAll(".block .state")[`+nth+`-1].textContent !== ""`))
	})
}

func TestThinLine(t *testing.T) {
	ctx, origin := browser(t, 1280, 900)
	var refused, token, who, loop string
	err := chromedp.Run(ctx, network.Enable(), log.Enable(), chromedp.Navigate(origin), chromedp.WaitVisible("#prompt", chromedp.ByQuery),
		typeCommand(imds, "1"), chromedp.Text(".block:nth-child(1) .out", &refused, chromedp.ByQuery),
		typeCommand(imds+" -H Metadata:true", "2"), chromedp.Text(".block:nth-child(2) .out", &token, chromedp.ByQuery),
		eventually(`document.querySelectorAll(".exchange").length === 3`),
		chromedp.Click(".exchange:first-of-type button", chromedp.ByQuery), chromedp.WaitVisible(".exchange:first-of-type button[aria-pressed=true]", chromedp.ByQuery), chromedp.Text(".detail .notes", &who, chromedp.ByQuery),
	)
	if err != nil {
		t.Fatal(err)
	}
	if refused != `{"error":"invalid_request","error_description":"Required metadata header not specified"}` {
		t.Errorf("without the header: %s", refused)
	}
	if !strings.HasPrefix(token, `{"access_token":"eyJ`) {
		t.Errorf("with the header: %s", token)
	}
	if !strings.Contains(who, "Metadata: true") {
		t.Errorf("the server's reason: %s", who)
	}
	picture(t, ctx, "thin-line")
	// An endless loop ends with Ctrl-C and keeps its variables.
	err = chromedp.Run(ctx,
		chromedp.SendKeys("#prompt", "while :; do x=2; test $said || { said=1; echo go; }; done"+kb.Enter, chromedp.ByQuery),
		eventually(`document.querySelectorAll(".block").length === 3 && document.querySelectorAll(".block")[2].querySelector(".out") !== null`),
		chromedp.KeyEvent("c", chromedp.KeyModifiers(2)),
		eventually(`document.querySelectorAll(".block .state")[2].textContent === "exit status 130"`),
		typeCommand("echo $x", "4"), chromedp.Text(".block:nth-child(4) .out", &loop, chromedp.ByQuery))
	if err != nil || strings.TrimSpace(loop) != "2" {
		t.Errorf("after Ctrl-C: %q, %v", loop, err)
	}
}

func TestOnAPhone(t *testing.T) {
	ctx, origin := browser(t, 320, 640)
	var wide bool
	err := chromedp.Run(ctx, network.Enable(), log.Enable(), chromedp.EmulateViewport(320, 640), chromedp.Navigate(origin), chromedp.WaitVisible("#prompt", chromedp.ByQuery),
		typeCommand(imds+" -H Metadata:true", "1"),
		chromedp.Evaluate(`document.documentElement.scrollWidth > document.documentElement.clientWidth`, &wide))
	if err != nil {
		t.Fatal(err)
	}
	if wide {
		t.Error("the page is wider than the screen")
	}
	picture(t, ctx, "phone")
}
