package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

// firefox is Firefox, driven by WebDriver BiDi, the W3C's protocol.
type firefox struct {
	ctx     context.Context
	socket  interface{ Close() error }
	send    func([]byte) error
	receive func() ([]byte, error)
	last    int
	tab     string
}

var listening = regexp.MustCompile(`WebDriver BiDi listening on (ws://127\.0\.0\.1:\d+)`)

// startFirefox starts Firefox with a profile of its own.
func startFirefox(t *testing.T) *firefox {
	t.Helper()
	path, err := exec.LookPath("firefox-esr")
	if err != nil {
		t.Skip("Firefox ESR is not on this machine; make test installs it")
	}
	profile := t.TempDir()
	// It asks its maker for nothing while it is tested.
	const prefs = `user_pref("app.update.enabled", false); user_pref("browser.safebrowsing.update.enabled", false); user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("network.captive-portal-service.enabled", false); user_pref("network.connectivity-service.enabled", false); user_pref("services.settings.server", "data:,");`
	if err := os.WriteFile(filepath.Join(profile, "user.js"), []byte(prefs), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	cmd := exec.CommandContext(ctx, path, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0", "about:blank")
	cmd.Env = append(os.Environ(), "HOME="+profile)
	out, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); cmd.Wait() })
	var address string
	lines := bufio.NewScanner(out)
	for address == "" && lines.Scan() {
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			address = m[1]
		}
	}
	if address == "" {
		t.Fatalf("Firefox ended before it could be driven: %v", lines.Err())
	}
	go func() {
		for lines.Scan() { // so that it is never held up
		}
	}()
	conn, _, _, err := ws.Dial(ctx, address+"/session")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	f := &firefox{ctx: ctx, socket: conn, send: func(b []byte) error { return wsutil.WriteClientText(conn, b) }, receive: func() ([]byte, error) { return wsutil.ReadServerText(conn) }}
	if deadline, ok := ctx.Deadline(); ok {
		conn.SetDeadline(deadline)
	}
	f.must(t, "session.new", map[string]any{"capabilities": map[string]any{}}, nil)
	var tree struct{ Contexts []struct{ Context string } }
	f.must(t, "browsingContext.getTree", map[string]any{}, &tree)
	f.tab = tree.Contexts[0].Context
	return f
}

// call sends a command and reads its answer.
func (f *firefox) call(method string, params, result any) error {
	f.last++
	data, err := json.Marshal(map[string]any{"id": f.last, "method": method, "params": params})
	if err == nil {
		err = f.send(data)
	}
	for err == nil {
		if data, err = f.receive(); err != nil {
			break
		}
		var m struct {
			ID             int
			Result         json.RawMessage
			Error, Message string
		}
		switch err = json.Unmarshal(data, &m); {
		case err != nil || m.ID != f.last:
		case m.Error != "":
			return fmt.Errorf("%s: %s: %s", method, m.Error, m.Message)
		case result == nil:
			return nil
		default:
			return json.Unmarshal(m.Result, result)
		}
	}
	return fmt.Errorf("%s: %w", method, err)
}

func (f *firefox) must(t *testing.T, method string, params, result any) {
	t.Helper()
	if err := f.call(method, params, result); err != nil {
		t.Fatal(err)
	}
}

func (f *firefox) open(t *testing.T, url string) {
	t.Helper()
	f.must(t, "browsingContext.navigate", map[string]any{"context": f.tab, "url": url, "wait": "interactive"}, nil)
}

// until waits until an expression is true in the page.
func (f *firefox) until(t *testing.T, expression string) {
	t.Helper()
	var last error
	for began := time.Now(); time.Since(began) < time.Minute; time.Sleep(50 * time.Millisecond) {
		var r struct{ Result struct{ Value bool } }
		if last = f.call("script.evaluate", map[string]any{"expression": "Boolean(" + expression + ")", "target": map[string]any{"context": f.tab}, "awaitPromise": true}, &r); last == nil && r.Result.Value {
			return
		}
		if f.ctx.Err() != nil {
			last = errors.Join(last, f.ctx.Err())
			break
		}
	}
	t.Fatalf("%s never came true: %v", expression, last)
}

// click waits for an element and clicks it.
func (f *firefox) click(t *testing.T, selector string) {
	t.Helper()
	find := `document.querySelector(` + quoteJS(selector) + `)`
	f.until(t, find)
	var r struct {
		Result struct{ SharedID string }
	}
	f.must(t, "script.evaluate", map[string]any{"expression": find, "target": map[string]any{"context": f.tab}, "awaitPromise": false}, &r)
	f.must(t, "script.callFunction", map[string]any{"functionDeclaration": `(e) => e.scrollIntoView({block: "center"})`, "arguments": []any{map[string]any{"sharedId": r.Result.SharedID}}, "target": map[string]any{"context": f.tab}, "awaitPromise": false}, nil)
	f.must(t, "input.performActions", map[string]any{"context": f.tab, "actions": []any{map[string]any{"type": "pointer", "id": "mouse", "actions": []any{
		map[string]any{"type": "pointerMove", "x": 0, "y": 0, "origin": map[string]any{"type": "element", "element": map[string]any{"sharedId": r.Result.SharedID}}},
		map[string]any{"type": "pointerDown", "button": 0}, map[string]any{"type": "pointerUp", "button": 0}}}}}, nil)
}

// write types a text and Enter.
func (f *firefox) write(t *testing.T, text string) {
	t.Helper()
	var keys []any
	for _, r := range text + "\ue007" {
		keys = append(keys, map[string]any{"type": "keyDown", "value": string(r)}, map[string]any{"type": "keyUp", "value": string(r)})
	}
	f.must(t, "input.performActions", map[string]any{"context": f.tab, "actions": []any{map[string]any{"type": "key", "id": "keyboard", "actions": keys}}}, nil)
}

// inFirefox does the lesson's first steps in Firefox, with the server stopped.
func inFirefox(t *testing.T) {
	s := site(t, "/")
	t.Parallel()
	f := startFirefox(t)
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	f.open(t, server.URL)
	f.until(t, `document.querySelector("#prompt") && navigator.serviceWorker.controller`)
	server.CloseClientConnections()
	server.Close()
	f.open(t, server.URL+lessonPath)
	f.click(t, `[data-tab="Portal"]`)
	for _, name := range []string{"nav.vms", "vm.myVM", "menu.identity"} {
		f.click(t, target(name))
	}
	f.until(t, `document.querySelector('[data-step="identity"].done')`)
	f.click(t, `[data-tab="myVM"]`)
	f.click(t, "#prompt")
	f.write(t, "curl -s -H Metadata:true 'http://169.254.169.254/metadata/instance/compute/name?api-version=2021-02-01&format=text'; echo")
	f.until(t, `document.querySelector(".block .out")?.textContent.includes("myVM")`)
	f.open(t, server.URL+lessonPath) // a reload
	f.until(t, `document.querySelector(".keeping")?.textContent.includes("goes on where you left it") && document.querySelector(".block .out") && document.querySelector('[data-step="identity"].done')`)
}
