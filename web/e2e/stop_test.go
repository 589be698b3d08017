package e2e

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// begin types a command that does not end and waits until it runs.
func begin(text, nth string) chromedp.Action {
	return chromedp.Tasks{chromedp.SendKeys("#prompt", text+kb.Enter, chromedp.ByQuery), eventually(`document.querySelectorAll(".block").length === ` + nth + ` && document.querySelector(".line button:not(.run)") !== null`)}
}

func endlessLoop(t *testing.T) {
	ctx, origin := browser(t, 1280, 900)
	inTurn(t, ctx, chromedp.Navigate(origin), prompt(), begin("while :; do x=2; test $said || { said=1; echo go; }; done", "1"), says(".block .out", "go"),
		chromedp.KeyEvent("c", chromedp.KeyModifiers(2)), says(".block .state", "exit status 130"), typeCommand("echo $x-$said", "2"), says(".block:nth-child(2) .out", "2-1"))
}

func tightLoop(t *testing.T) {
	// A worker whose program never lets go of the processor, whatever runs in it.
	good := site(t, "/").Handler()
	ctx, s := tab(t, 1280, 900, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/worker.js") {
			r.Header.Set("Accept-Encoding", "identity")
			w.Header().Set("Content-Type", "text/javascript")
			io.WriteString(w, `self.addEventListener("message", (e) => { if (e.data === "hang") for (;;); });`)
		}
		good.ServeHTTP(w, r)
	}))
	var ms float64
	inTurn(t, ctx, addScript(holdWorkers), chromedp.Navigate(s.URL), prompt(), typeCommand("x=before", "1"), begin("x=lost; while :; do :; done", "2"), chromedp.Evaluate(`workers.at(-1).postMessage("hang")`, nil))
	inTurn(t, ctx, chromedp.Evaluate(`new Promise(done => { const began = performance.now(), look = () => document.querySelector(".revived") ? done(performance.now() - began) : setTimeout(look, 10);
		document.querySelector(".line button:not(.run)").click(); look(); })`, &ms, settle))
	t.Logf("stopped after %.0f ms", ms)
	inTurn(t, ctx, says(".revived", "before that command"), prompt(), typeCommand("echo $x", "2"), says(".block:nth-child(2) .out", "before"))
	picture(t, ctx, "stopped")
}

// addScript runs a script before those of every page.
func addScript(source string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(source).Do(ctx)
		return err
	})
}

// holdWorkers lets a test reach the page's workers.
const holdWorkers = `window.workers = []; { const Plain = Worker; window.Worker = class extends Plain { constructor(...args) { super(...args); workers.push(this); } }; }`

func workerEnded(t *testing.T) {
	ctx, origin := browser(t, 1280, 900)
	inTurn(t, ctx, addScript(holdWorkers), chromedp.Navigate(origin+lessonPath), prompt(), identityOn(), typeCommand("x=kept", "1"),
		chromedp.Evaluate(`workers.at(-1).terminate()`, nil), says(".revived", "The browser ended the lab"), done("identity"), prompt(), typeCommand("echo $x", "2"), says(".block:nth-child(2) .out", "kept"))
	picture(t, ctx, "revived")
	axe(t, ctx, "a lab that was started again")
}

func tabKilled(t *testing.T) {
	ctx, origin := browser(t, 1280, 900)
	inTurn(t, ctx, chromedp.Navigate(origin+lessonPath), prompt(), identityOn(), typeCommand("x=kept", "1"), begin("while :; do :; done", "2"))
	second, cancel := chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	watch(t, second, origin)
	inTurn(t, second, network.Enable(), log.Enable())
	crashed := make(chan struct{})
	chromedp.ListenTarget(ctx, func(ev any) {
		if _, ok := ev.(*inspector.EventTargetCrashed); ok {
			close(crashed)
		}
	})
	go chromedp.Run(ctx, inspector.Enable(), page.Crash()) // it never answers
	select {
	case <-crashed:
	case <-time.After(time.Minute):
		t.Fatal("the tab did not crash")
	}
	inTurn(t, second, chromedp.Navigate(origin+lessonPath), says(".keeping", "goes on where you left it"), done("identity"), prompt(), typeCommand("echo $x", "2"), says(".block:nth-child(2) .out", "kept"))
}
