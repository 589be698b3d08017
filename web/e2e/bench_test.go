package e2e

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"skylab/web"
)

// pyodideDir is where npm puts Pyodide.
const pyodideDir = "../../assets/node_modules/pyodide"

// BenchmarkPage measures the page once, beside a page that loads Pyodide, and
// prints what it measured with what it aims at. It asserts nothing.
func BenchmarkPage(b *testing.B) {
	if b.N > 1 {
		return
	}
	t := bench(b)
	row := func(what, measured, aim string) { fmt.Printf("%-56s %14s   %s\n", what, measured, aim) }
	fmt.Println()
	row("The page in Chromium", "measured", "aim")

	page, lab := t.wireBytes("ui.wasm"), t.wireBytes("lab.wasm")
	row("bytes over the wire, page", fmt.Sprintf("%.2f MB", page/1e6), "≤ 1.7 MB")
	row("bytes over the wire, lab", fmt.Sprintf("%.2f MB", lab/1e6), "≤ 3.4 MB")

	ours := t.median(3, func(ctx context.Context) float64 {
		return t.cold(ctx, t.server+lessonPath, `document.querySelector("#prompt")`)
	})
	row("cold load to a working prompt", fmt.Sprintf("%.0f ms", ours), "≤ 900 ms")
	if theirs := t.median(3, func(ctx context.Context) float64 { return t.cold(ctx, t.server+"/pyodide/", `window.ready`) }); theirs > 0 {
		row("the same of Pyodide", fmt.Sprintf("%.0f ms", theirs), "")
		row("share of Pyodide's", fmt.Sprintf("%.0f %%", 100*ours/theirs), "≤ 20 %")
	} else {
		row("the same of Pyodide", "not installed", "")
	}
	row("text readable", fmt.Sprintf("%.0f ms", t.median(3, func(ctx context.Context) float64 { return t.readable(ctx, false) })), "before any wasm")
	row("text readable, 4 × slower at 1.6 Mbit/s", fmt.Sprintf("%.0f ms", t.median(3, func(ctx context.Context) float64 { return t.readable(ctx, true) })), "≤ 1500 ms")
	t.inTheTab(row)
}

// bencher drives one browser.
type bencher struct {
	*testing.B
	site   *web.Site
	server string
	open   func() (ctx context.Context, closeTab func())
}

func bench(b *testing.B) *bencher {
	built, err := web.Built()
	if err != nil {
		b.Skip("the site is not built; make bench builds it")
	}
	site, err := web.New(built, web.Options{Base: "/"})
	if err != nil {
		b.Fatal(err)
	}
	t := &bencher{B: b, site: site}
	mux := http.NewServeMux()
	mux.Handle("/", site.Handler())
	mux.Handle("/pyodide/", http.StripPrefix("/pyodide/", pyodidePage()))
	t.server = serveFor(b, mux)
	t.open = newTabs(b)
	return t
}

// serveFor serves until the benchmark ends.
func serveFor(b *testing.B, h http.Handler) string {
	s := httptest.NewServer(h)
	b.Cleanup(s.Close)
	return s.URL
}

// newTabs starts a browser, in which each tab has storage of its own.
func newTabs(b *testing.B) func() (context.Context, func()) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		b.Skip("Chromium is not on this machine; make bench installs it")
	}
	main, err := startChromium(path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { chromedp.Cancel(main) })
	return func() (context.Context, func()) {
		limited, cancel := context.WithTimeout(main, limit)
		ctx, closeTab, err := openTab(limited, 1440, 1000)
		if err != nil {
			b.Fatal(err)
		}
		return ctx, func() { closeTab(); cancel() }
	}
}

// pyodidePage serves a page that loads Pyodide and runs a line of Python,
// compressed as ours is.
func pyodidePage() http.Handler {
	const html = `<!doctype html><title>Pyodide</title><script type="module">import { loadPyodide } from "./pyodide.mjs"; const p = await loadPyodide({ indexURL: "./" }); window.ready = p.runPython("1 + 1") === 2;</script>`
	compressed := map[string][]byte{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "" {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, html)
			return
		}
		name := filepath.Base(r.URL.Path)
		data, err := os.ReadFile(filepath.Join(pyodideDir, name))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		if compressed[name] == nil { // at a level that its maker's hosts use
			compressed[name], _, _ = web.Compress(data, 6)
		}
		kind := map[string]string{".mjs": "text/javascript", ".wasm": "application/wasm", ".json": "application/json"}[filepath.Ext(name)]
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Content-Encoding", "br")
		w.Write(compressed[name])
	})
}

// wireBytes is what a file of the site weighs as browsers get it.
func (t *bencher) wireBytes(name string) float64 {
	built, _ := web.Built()
	files, _ := fs.Glob(built, "b/*/"+name+".br")
	if len(files) != 1 {
		return 0
	}
	info, err := fs.Stat(built, files[0])
	if err != nil {
		return 0
	}
	return float64(info.Size())
}

// median measures several times, each in a tab with nothing kept.
func (t *bencher) median(n int, measure func(context.Context) float64) float64 {
	var all []float64
	for range n {
		ctx, closeTab := t.open()
		if v := measure(ctx); v > 0 {
			all = append(all, v)
		}
		closeTab()
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}

func (t *bencher) run(ctx context.Context, acts ...chromedp.Action) bool {
	if err := chromedp.Run(ctx, acts...); err != nil {
		t.Error(err)
		return false
	}
	return true
}

// cold is how many milliseconds pass from the navigation until an expression is
// true, of the page's own clock.
func (t *bencher) cold(ctx context.Context, url, expression string) (ms float64) {
	if url == t.server+"/pyodide/" {
		if _, err := os.Stat(pyodideDir); err != nil {
			return 0
		}
	}
	watch := `new Promise(done => { const look = () => (` + expression + `) ? done(performance.now()) : setTimeout(look, 4); look(); })`
	t.run(ctx, chromedp.Navigate(url), chromedp.Evaluate(watch, &ms, settle))
	return ms
}

// readable is when the page's text was painted.
func (t *bencher) readable(ctx context.Context, slow bool) (ms float64) {
	acts := chromedp.Tasks{network.Enable()}
	if slow {
		acts = append(acts, emulation.SetCPUThrottlingRate(4), network.EmulateNetworkConditions(false, 150, 1.6e6/8, 750e3/8))
	}
	const painted = `new Promise(done => new PerformanceObserver(list => list.getEntriesByName("first-contentful-paint").forEach(e => done(e.startTime))).observe({type: "paint", buffered: true}))`
	go chromedp.Run(ctx, append(acts, chromedp.Navigate(t.server+lessonPath))...)
	for ms == 0 && ctx.Err() == nil {
		var here string
		if chromedp.Run(ctx, chromedp.Location(&here)) == nil && strings.HasPrefix(here, t.server) {
			chromedp.Run(ctx, chromedp.Evaluate(painted, &ms, settle))
		}
		time.Sleep(20 * time.Millisecond)
	}
	return ms
}

// command runs a command at the prompt and waits for its end.
func (t *bencher) command(ctx context.Context, text string) {
	const done = `((n, text) => new Promise(done => { const p = document.querySelector("#prompt"); p.value = text; p.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true}));
		const look = () => { const b = document.querySelectorAll(".block"), s = b.length && b[b.length - 1].querySelector(".state"); b.length !== n && s && s.textContent !== "" && document.querySelector(".line .run") ? done(1) : setTimeout(look, 1); }; look(); }))(document.querySelectorAll(".block").length, %s)`
	t.run(ctx, chromedp.Evaluate(fmt.Sprintf(done, quoteJS(text)), nil, settle))
}

// inTheTab measures what goes on once the page is there.
func (t *bencher) inTheTab(row func(what, measured, aim string)) {
	ctx, closeTab := t.open()
	defer closeTab()
	command := func(text string) { t.command(ctx, text) }
	if !t.run(ctx, addScript(timeMessages), chromedp.Navigate(t.server+lessonPath), eventually(`document.querySelector("#prompt")`)) {
		return
	}
	began := time.Now()
	t.run(ctx, identityOn(), chromedp.Click(`[data-tab="Portal"]`, chromedp.ByQuery), grantReader(), runSnippet("connected"), eventually(`document.querySelector(".block .err")`), chromedp.SendKeys("#prompt", "yes"+kb.Enter, chromedp.ByQuery), done("connected"),
		runSnippet("token"), done("token"), runSnippet("call"), eventually(`document.querySelector(".finished")`))
	total := time.Since(began)
	var asked float64
	t.run(ctx, chromedp.Evaluate(`asked.reduce((a, b) => a + b, 0)`, &asked))
	row("the lesson's whole solution, in the lab", fmt.Sprintf("%.0f ms", asked), "≤ 1000 ms")
	row("the same as a person clicks it, driven", fmt.Sprintf("%.0f ms", float64(total.Milliseconds())), "")

	each := func(path string) (ms float64) {
		t.run(ctx, chromedp.Navigate(t.server+path), eventually(`document.querySelector("#prompt")`), chromedp.Evaluate(`asked.length = 0, 1`, nil))
		for range 40 {
			command("true")
		}
		t.run(ctx, chromedp.Evaluate(`asked.sort((a, b) => a - b)[asked.length >> 1]`, &ms))
		return ms
	}
	without, with := each("/sandbox/linux-vm"), each(lessonPath)
	row("a command, from Enter to its end, kept", fmt.Sprintf("%.1f ms", with), "")
	row("a check", fmt.Sprintf("%.1f ms", max(0, with-without)), "≤ 5 ms")

	command("seq 1 10000")
	t.run(ctx, chromedp.Evaluate(`document.querySelector(".fold")?.click(), 1`, nil), chromedp.Click("#prompt", chromedp.ByQuery), chromedp.Evaluate(timeKeys, nil))
	for range 60 {
		t.run(ctx, chromedp.KeyEvent("x"))
	}
	var keys []float64
	t.run(ctx, chromedp.Evaluate(`new Promise(done => requestAnimationFrame(() => setTimeout(() => done(keys), 0)))`, &keys, settle))
	if slices.Sort(keys); len(keys) > 0 {
		row("a keystroke to its echo, 95th percentile, 10,000 lines", fmt.Sprintf("%.1f ms", keys[len(keys)*95/100]), "≤ 16 ms")
	}
	t.run(ctx, chromedp.Evaluate(`document.querySelector("#prompt").value = "", 1`, nil))
	for i := range 1000 {
		command(fmt.Sprintf("echo %d", i))
	}
	row("memory of the page after 1,000 commands", t.memory(ctx), "")
}

// timeMessages notes how long each command and click of the portal takes, from
// the request to the reply.
const timeMessages = `window.asked = []; { const Plain = Worker; window.Worker = class extends Plain {
	constructor(...args) { super(...args); this.began = new Map(); this.addEventListener("message", (e) => { if (e.data[0] !== "{") return; const m = JSON.parse(e.data); if (this.began.has(m.id)) { asked.push(performance.now() - this.began.get(m.id)); this.began.delete(m.id); } }); }
	postMessage(text) { if (text[0] === "{") { const r = JSON.parse(text); if (r.op === "run" || r.op === "portal") this.began.set(r.id, performance.now()); } super.postMessage(text); } }; }`

// timeKeys notes how long it takes from a key to the frame that shows it.
const timeKeys = `window.keys = []; document.querySelector("#prompt").addEventListener("keydown", (e) => { const began = e.timeStamp; requestAnimationFrame(() => { const c = new MessageChannel(); c.port1.onmessage = () => keys.push(performance.now() - began); c.port2.postMessage(0); }); }, true); 1`

// memory is that of the page and its worker, as far as the browser tells.
func (t *bencher) memory(ctx context.Context) string {
	var heap float64
	err := chromedp.Run(ctx, chromedp.ActionFunc(func(ctx context.Context) error {
		used, _, _, backing, err := runtime.GetHeapUsage().Do(ctx)
		heap = used + backing
		return err
	}))
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%.0f MB", heap/1e6)
}
