package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func unknownLesson(t *testing.T) {
	ctx, s := tab(t, 1280, 900, site(t, "/").Handler(), "status of 404")
	for _, path := range []string{"/lessons/none", "/lessons/none/", "/lessons/", "/nothing/at/all", "/lessons/%2e%2e%2fx", "/sandbox/none"} {
		inTurn(t, ctx, chromedp.Navigate(s.URL+path), says("main h1", "There is no such page here"), chromedp.WaitVisible(`main a[href="`+lessonPath+`"]`, chromedp.ByQuery))
	}
	picture(t, ctx, "not-found")
	axe(t, ctx, "not found")
	inTurn(t, ctx, chromedp.Click(`main a[href="`+lessonPath+`"]`, chromedp.ByQuery), prompt())
	// By a link inside of the running page, too.
	inTurn(t, ctx, chromedp.Evaluate(`goappNav("/nothing"), 1`, nil), says("main h1", "There is no such page here"))
}

func wasmDoesNotLoad(t *testing.T) {
	good := site(t, "/").Handler()
	for name, c := range map[string]struct{ file, selector, says string }{
		"page, gone":   {"ui.wasm", "#loading", "could not be started: the server answered 404"},
		"page, broken": {"ui.wasm", "#loading", "could not be started"},
		"lab, gone":    {"lab.wasm", ".problem", "could not start: the server answered 404"},
		"lab, broken":  {"lab.wasm", ".problem", "could not start"},
		"lab, script":  {"worker.js", ".problem", "its script did not load"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, s := tab(t, 1280, 900, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case !strings.HasSuffix(r.URL.Path, "/"+c.file):
					good.ServeHTTP(w, r)
				case strings.HasSuffix(name, "broken"):
					w.Header().Set("Content-Type", "application/wasm")
					w.Write([]byte("\x00asm\x01\x00\x00\x00 and then something else"))
				default:
					http.NotFound(w, r)
				}
			}), "status of 404")
			inTurn(t, ctx, chromedp.Navigate(s.URL+lessonPath), says(c.selector, c.says), says(c.selector, "Reload"), says("body", "Get a token on the machine"))
			picture(t, ctx, "does-not-load-"+name)
		})
	}
}

func withoutWasm(t *testing.T) {
	for _, missing := range []string{"WebAssembly", "Worker"} {
		t.Run(missing, func(t *testing.T) {
			ctx, origin := browser(t, 1280, 900)
			inTurn(t, ctx, addScript(`delete window.`+missing), chromedp.Navigate(origin+lessonPath), says("#loading", "Any current browser will do"), says("main", "Get a token on the machine"))
			picture(t, ctx, "without-"+missing)
		})
	}
}

func pasted(t *testing.T) {
	ctx, origin := browser(t, 1280, 900)
	paste := func(text string) chromedp.Action {
		return chromedp.Tasks{chromedp.Focus("#prompt", chromedp.ByQuery), input.InsertText(text)}
	}
	const markup = `echo '<img src=x onerror="document.title=1"><script>document.title=1</script><b id=pasted>'`
	var title string
	inTurn(t, ctx, chromedp.Navigate(origin+lessonPath), prompt(), paste(markup), typeCommand("", "1"), says(".block .out", `<img src=x onerror="document.title=1"><script>`), gone("#pasted"), chromedp.Title(&title))
	if title == "1" {
		t.Error("what was pasted ran")
	}
	// Control characters stay what they are, and do nothing to the page.
	inTurn(t, ctx, chromedp.Evaluate(`{ const p = document.querySelector("#prompt"); p.value = "printf '%s' '\u0007\u001b[31m\u202ered' | wc -c"; p.dispatchEvent(new Event("input")); }`, nil), typeCommand("", "2"), says(".block:nth-child(2) .out", "12"))
	// 10 MB are too much, and told; nothing is lost, and the page goes on.
	long := func(bytes int) chromedp.Action {
		return chromedp.Evaluate(fmt.Sprintf(`{ const p = document.querySelector("#prompt"); p.value = "echo " + "a".repeat(%d) + " | wc -c"; p.dispatchEvent(new Event("input")); }`, bytes), nil)
	}
	inTurn(t, ctx, long(10<<20), chromedp.KeyEvent(kb.Enter), says(".problem", "too long"), eventually(`document.querySelector("#prompt").value.length > 10 * 1048576`))
	inTurn(t, ctx, long(200<<10), typeCommand("", "3"), says(".block:nth-child(3) .out", "204801"), gone(".problem"), typeCommand("echo still here", "4"), says(".block:nth-child(4) .out", "still here"))
}

func noViolation(t *testing.T) {
	ctx, s := tab(t, 1440, 1000, site(t, "/").Handler(), "Content Security Policy", "status of 404")
	const listen = `window.violations = []; document.addEventListener("securitypolicyviolation", (e) => violations.push(e.violatedDirective + " " + e.blockedURI));`
	var seen []string
	inTurn(t, ctx, addScript(listen))
	for _, path := range []string{"/", lessonPath, "/sandbox/no-vm", "/about", "/limits", "/privacy", "/nothing"} {
		acts := chromedp.Tasks{chromedp.Navigate(s.URL + path)}
		if strings.Count(path, "/") > 1 || path == "/" {
			acts = append(acts, prompt(), typeCommand("echo '<style>*{}</style>'", "1"))
		}
		if path == lessonPath {
			acts = append(acts, chromedp.Click(`[data-tab="Portal"]`, chromedp.ByQuery), chromedp.WaitVisible(target("nav.vms"), chromedp.ByQuery))
		}
		inTurn(t, ctx, append(acts, chromedp.Evaluate(`violations`, &seen))...)
		if len(seen) > 0 {
			t.Errorf("%s: %v", path, seen)
		}
	}
	// That the browser would have told, too.
	inTurn(t, ctx, chromedp.Evaluate(`fetch("https://example.com/").catch(() => 1)`, nil, settle), chromedp.Evaluate(`violations`, &seen))
	if len(seen) != 1 || !strings.Contains(seen[0], "connect-src") {
		t.Errorf("a request to another site was answered with %v", seen)
	}
}
