package e2e

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// once waits until a command shows an output, and nothing else.
func once(block, text string) chromedp.Action {
	return eventually(`document.querySelector(".block:nth-child(` + block + `) .out")?.textContent.trim() === ` + quoteJS(text))
}

func widerLab(t *testing.T) {
	ctx, server := tab(t, 1280, 900, site(t, "/").Handler(), refusedConnections)
	inTurn(t, ctx, chromedp.Navigate(server.URL+"/sandbox/linux-vm"), prompt(), typeCommand("python3 -c 'print(1+1)'", "1"), once("1", "2"),
		typeCommand("x=kept; curl -s -H Metadata:true 'http://169.254.169.254/metadata/instance/compute/name?api-version=2021-02-01&format=text' | python3 -c 'import sys; print(sys.stdin.read())'", "2"), once("2", "myVM"),
		kept(), chromedp.Reload(), says(".keeping", "goes on where you left it"), prompt(), once("1", "2"),
		typeCommand("python3 -c 'print(3)'; echo $x", "3"), once("3", "3\nkept"))
	server.CloseClientConnections()
	server.Close()
	inTurn(t, ctx, chromedp.Reload(), prompt(), typeCommand("echo 4 | awk '{print $1}'", "4"), once("4", "4"),
		chromedp.Click(".undo", chromedp.ByQuery), eventually(`document.querySelectorAll(".block").length === 3`), chromedp.Click(".redo", chromedp.ByQuery), once("4", "4"),
		// Another lab needs it for the first time, without the site.
		chromedp.Navigate(server.URL+"/sandbox/no-vm"), prompt(), begin("read x; echo got $x; python3 -c 'print(5)'", "1"), chromedp.SendKeys("#prompt", "that"+kb.Enter, chromedp.ByQuery),
		says(".block .piece:last-child .out", "got that\n5"), typeCommand("echo $x", "2"), once("2", "that"))
}

func noWiderLab(t *testing.T) {
	good := site(t, "/").Handler()
	asked, held := make(chan bool, 9), make(chan bool)
	ctx, s := tab(t, 1280, 900, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/sw.js"):
			http.NotFound(w, r)
		case strings.HasSuffix(r.URL.Path, "/wide.wasm"):
			select {
			case asked <- true:
			default:
			}
			select {
			case <-held:
			case <-r.Context().Done():
			}
			http.NotFound(w, r)
		default:
			good.ServeHTTP(w, r)
		}
	}), "status of 404", "A bad HTTP response code")
	inTurn(t, ctx, chromedp.Navigate(s.URL), prompt(), typeCommand("x=1", "1"), begin("echo shown; x=2; python3 -V", "2"), says(".keeping.wider", "Loading a further part"))
	picture(t, ctx, "wider-loading")
	axe(t, ctx, "the wider lab is loaded")
	inTurn(t, ctx, chromedp.KeyEvent("c", chromedp.KeyModifiers(2)), says(".block:nth-child(2) .state", "exit status 130"), typeCommand("echo $x", "3"), once("3", "1"))
	close(held)
	inTurn(t, ctx, typeCommand("x=3; python3 -V", "4"), says(".problem", "could not be loaded"), typeCommand("echo $x", "5"), once("5", "1"))
	picture(t, ctx, "wider-missing")
	axe(t, ctx, "the wider lab is not there")
}

// windowsLab is a lab that the small module is never asked for.
func windowsLab(t *testing.T) {
	good := site(t, "/").Handler()
	var small atomic.Int32
	ctx, s := tab(t, 1280, 900, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/lab.wasm") && r.Header.Get("Sec-Fetch-Dest") != "" && strings.Contains(r.Referer(), "worker.js") {
			small.Add(1)
		}
		good.ServeHTTP(w, r)
	}))
	inTurn(t, ctx, chromedp.Navigate(s.URL+"/sandbox/windows-vm"), prompt(), typeCommand("$x = 1 + 1; \"it is $x in $PWD\"", "1"), once("1", `it is 2 in C:\Users\azureuser`),
		typeCommand("1/0", "2"), says(".block:nth-child(2)", "Attempted to divide by zero."),
		kept(), chromedp.Reload(), prompt(), typeCommand("$x", "3"), once("3", "2"))
	picture(t, ctx, "powershell")
	axe(t, ctx, "a console of PowerShell")
	if small.Load() > 0 {
		t.Error("the small module was loaded, too")
	}
}
