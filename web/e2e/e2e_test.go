// Package e2e uses the page in real Chromium, as a learner would.
package e2e

import (
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"skylab/web"
)

// limit is how long a test may take in all before it is given up.
const limit = 90 * time.Second

// browser opens the page of a path and returns what to drive it with.
func browser(t *testing.T, width, height int) (ctx context.Context, origin string) {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("Chromium is not on this machine; make test installs it")
	}
	site, err := web.Site()
	if errors.Is(err, web.ErrNotBuilt) {
		t.Skip("the site is not built; make test builds it")
	}
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(web.Handler(site))
	t.Cleanup(server.Close)
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(width, height),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.UserDataDir(t.TempDir()))
	limited, cancelLimit := context.WithTimeout(context.Background(), limit)
	t.Cleanup(cancelLimit)
	alloc, cancelAlloc := chromedp.NewExecAllocator(limited, opts...)
	t.Cleanup(cancelAlloc)
	ctx, _ = chromedp.NewContext(alloc)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil { // waits for the browser's end
			t.Error(err)
		}
	})
	watch(t, ctx, server.URL)
	return ctx, server.URL
}

// watch fails the test when a request leaves the origin or the page breaks its
// own content security policy.
func watch(t *testing.T, ctx context.Context, origin string) {
	var mu sync.Mutex
	var wrong []string
	chromedp.ListenTarget(ctx, func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := ev.(type) {
		case *network.EventRequestWillBeSent:
			if !strings.HasPrefix(e.Request.URL, origin) && !strings.HasPrefix(e.Request.URL, "data:") {
				wrong = append(wrong, "a request left the origin: "+e.Request.URL)
			}
		case *log.EventEntryAdded:
			if e.Entry.Level == log.LevelError {
				wrong = append(wrong, "the browser complains: "+e.Entry.Text)
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

// picture keeps a screenshot where SKYLAB_SCREENSHOTS names a folder.
func picture(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	dir := os.Getenv("SKYLAB_SCREENSHOTS")
	if dir == "" {
		return
	}
	var png []byte
	err := chromedp.Run(ctx, chromedp.FullScreenshot(&png, 100))
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644)
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
			chromedp.Poll(`document.querySelectorAll(".block .state").length >= `+nth+` && document.querySelectorAll(".block .state")[`+nth+`-1].textContent !== ""`, nil))
	})
}

func TestThinLine(t *testing.T) {
	ctx, origin := browser(t, 1280, 900)
	var refused, token, who, loop string
	err := chromedp.Run(ctx, network.Enable(), log.Enable(), chromedp.Navigate(origin), chromedp.WaitVisible("#prompt", chromedp.ByQuery),
		typeCommand(imds, "1"), chromedp.Text(".block:nth-child(1) .out", &refused, chromedp.ByQuery),
		typeCommand(imds+" -H Metadata:true", "2"), chromedp.Text(".block:nth-child(2) .out", &token, chromedp.ByQuery),
		chromedp.Poll(`document.querySelectorAll(".exchange").length === 3`, nil),
		chromedp.Click(".exchange:last-of-type button", chromedp.ByQuery), chromedp.WaitVisible(".exchange:last-of-type button[aria-pressed=true]", chromedp.ByQuery), chromedp.Text(".detail .notes", &who, chromedp.ByQuery),
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
		chromedp.Poll(`document.querySelectorAll(".block").length === 3 && document.querySelectorAll(".block")[2].querySelector(".out") !== null`, nil),
		chromedp.KeyEvent("c", chromedp.KeyModifiers(2)),
		chromedp.Poll(`document.querySelectorAll(".block .state")[2].textContent === "exit status 130"`, nil),
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
