package e2e

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

const lessonPath = "/lessons/linux-vm-access-arm"

// visit opens the first lesson and waits for its prompt.
func visit(origin string) chromedp.Tasks {
	return chromedp.Tasks{network.Enable(), log.Enable(), chromedp.Navigate(origin + lessonPath), chromedp.WaitVisible("#prompt", chromedp.ByQuery)}
}

// identityOn does the first step, by way of the portal, and goes back to the
// console.
func identityOn() chromedp.Tasks {
	return chromedp.Tasks{chromedp.Click(`[data-tab="Portal"]`, chromedp.ByQuery), chromedp.WaitVisible(target("nav.vms"), chromedp.ByQuery),
		chooseIn("nav.vms", target("vm.myVM")), chooseIn("vm.myVM", target("menu.identity")), chooseIn("menu.identity", target("identity.off")), done("identity"),
		chromedp.Click(`[data-tab="myVM"]`, chromedp.ByQuery), chromedp.WaitVisible("#prompt", chromedp.ByQuery)}
}

func reloadInTheMiddle(t *testing.T) {
	ctx, origin := browser(t, 1440, 1000)
	var said, kept, list string
	err := chromedp.Run(ctx, visit(origin), identityOn(), typeCommand("x=kept; echo before", "1"),
		chromedp.Reload(), limitedTo(chromedp.WaitVisible(".keeping", chromedp.ByQuery)), limitedTo(done("identity")),
		chromedp.Text(".keeping", &said, chromedp.ByQuery), limitedTo(chromedp.WaitVisible(".block .out", chromedp.ByQuery)), chromedp.Text(".log", &kept, chromedp.ByQuery),
		limitedTo(typeCommand("echo $x-$x", "2")), chromedp.WaitVisible(".block:nth-child(2) .out", chromedp.ByQuery))
	picture(t, ctx, "kept")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(said, "goes on where you left it") || !strings.Contains(kept, "echo before") {
		t.Errorf("%q, %q", said, kept)
	}
	// The list of lessons tells how far this one is; starting over asks first.
	err = chromedp.Run(ctx, chromedp.Text(".log", &kept, chromedp.ByQuery), chromedp.Navigate(origin), limitedTo(chromedp.WaitVisible(".lessons .word", chromedp.ByQuery)), chromedp.Text(".lessons", &list, chromedp.ByQuery),
		chromedp.Navigate(origin+lessonPath), limitedTo(done("identity")), chromedp.Click(".over", chromedp.ByQuery), limitedTo(chromedp.WaitVisible(".keeping .run", chromedp.ByQuery)),
		chromedp.Click(".keeping .run", chromedp.ByQuery), limitedTo(chromedp.WaitVisible(`[data-step="identity"].now`, chromedp.ByQuery)), gone(".block"))
	if err != nil {
		picture(t, ctx, "start-over-stuck")
		t.Fatal(err)
	}
	if !strings.Contains(kept, "kept-kept") || !strings.Contains(list, "1 of 5 steps done") {
		t.Errorf("%q, %q", kept, list)
	}
}

func secondTab(t *testing.T) {
	ctx, origin := browser(t, 1280, 900)
	if err := chromedp.Run(ctx, visit(origin), typeCommand("x=first", "1")); err != nil {
		t.Fatal(err)
	}
	second, cancel := chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	watch(t, second, origin)
	var said, lost, value string
	err := chromedp.Run(second, network.Enable(), log.Enable(), chromedp.Navigate(origin+lessonPath), limitedTo(chromedp.WaitVisible(".keeping .run", chromedp.ByQuery)), chromedp.Text(".keeping", &said, chromedp.ByQuery))
	picture(t, second, "second-tab")
	if err == nil {
		err = chromedp.Run(second, chromedp.Click(".keeping .run", chromedp.ByQuery), limitedTo(chromedp.WaitVisible("#prompt", chromedp.ByQuery)), typeCommand("echo $x", "2"), chromedp.Text(".block:nth-child(2) .out", &value, chromedp.ByQuery))
	}
	if err == nil {
		err = chromedp.Run(ctx, limitedTo(chromedp.WaitVisible(".keeping .run", chromedp.ByQuery)), chromedp.Text(".keeping", &lost, chromedp.ByQuery))
	}
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(said, "open in another tab") || strings.TrimSpace(value) != "first" || !strings.Contains(lost, "took this lab over") {
		t.Errorf("%q, %q, %q", said, value, lost)
	}
}

func brokenState(t *testing.T) {
	ctx, origin := browser(t, 1280, 900)
	const spoil = `new Promise((yes, no) => { const r = indexedDB.open("skylab", 1); r.onerror = no; r.onsuccess = () => {
		const t = r.result.transaction("labs", "readwrite"); t.objectStore("labs").put(new TextEncoder().encode("{}"), "lesson/linux-vm-access-arm"); t.oncomplete = () => { r.result.close(); yes(1); }; }; })`
	var said string
	await := func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }
	err := chromedp.Run(ctx, visit(origin), typeCommand("true", "1"), chromedp.Evaluate(spoil, nil, await), chromedp.Reload(),
		limitedTo(chromedp.WaitVisible(".keeping button", chromedp.ByQuery)), chromedp.Text(".keeping", &said, chromedp.ByQuery), chromedp.WaitVisible("#prompt", chromedp.ByQuery))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(said, "could not be read") || !strings.Contains(said, "begins anew") {
		t.Errorf("%q", said)
	}
	picture(t, ctx, "unreadable")
}

// store puts data into the browser's database in the place of a kept lab.
func store(key string, data []byte) chromedp.Action {
	const put = `new Promise((yes, no) => { const r = indexedDB.open("skylab", 1); r.onerror = no; r.onupgradeneeded = () => r.result.createObjectStore("labs"); r.onsuccess = () => {
		const t = r.result.transaction("labs", "readwrite"); t.objectStore("labs").put(new TextEncoder().encode(%s), %s); t.onerror = no; t.oncomplete = () => { r.result.close(); yes(1); }; }; })`
	return chromedp.Evaluate(fmt.Sprintf(put, quoteJS(string(data)), quoteJS(key)), nil, settle)
}

func oldSnapshot(t *testing.T) {
	names, err := filepath.Glob("testdata/*-lesson.json.gz")
	if err != nil || len(names) == 0 {
		t.Fatalf("%v, %v", names, err)
	}
	ctx, origin := browser(t, 1440, 1000)
	for _, name := range names {
		packed, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer packed.Close()
		z, err := gzip.NewReader(packed)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		inTurn(t, ctx, chromedp.Navigate(origin+"/about"), store("lesson/linux-vm-access-arm", data), chromedp.Navigate(origin+lessonPath), says(".keeping", "goes on where you left it"), done("identity"),
			prompt(), says(".log", "from an earlier build"), typeCommand("echo $x $(wc -l < token.json)", "3"), says(".block:nth-child(3) .out", "kept 0"))
	}
}

func fullStorage(t *testing.T) {
	ctx, origin := browser(t, 1280, 900)
	var notices int
	inTurn(t, ctx, storage.OverrideQuotaForOrigin(origin).WithQuotaSize(1), chromedp.Navigate(origin+lessonPath), prompt(), typeCommand("x=1", "1"), says(".keeping", "keeps nothing for the page"))
	picture(t, ctx, "full-storage")
	inTurn(t, ctx, typeCommand("x=$x-2", "2"), typeCommand("echo $x", "3"), says(".block:nth-child(3) .out", "1-2"), chromedp.Evaluate(`document.querySelectorAll(".keeping").length`, &notices))
	if notices != 1 {
		t.Errorf("it is said %d times", notices)
	}
}

func startOverEverything(t *testing.T) {
	ctx, origin := browser(t, 1440, 1000)
	inTurn(t, ctx, chromedp.Navigate(origin), prompt(), typeCommand("x=sandbox", "1"), chromedp.Navigate(origin+lessonPath), prompt(), identityOn(), chromedp.Navigate(origin), says(".lessons", "1 of 5 steps done"), prompt(), says(".log", "x=sandbox"),
		chromedp.Click(".over", chromedp.ByQuery), limitedTo(chromedp.WaitVisible(`//button[text()="Start over everything"]`, chromedp.BySearch)))
	picture(t, ctx, "start-over")
	axe(t, ctx, "starting over")
	inTurn(t, ctx, chromedp.Click(`//button[text()="Start over everything"]`, chromedp.BySearch), gone(".block"), gone(".lessons .progressed"), prompt(), chromedp.Navigate(origin+lessonPath), limitedTo(chromedp.WaitVisible(`[data-step="identity"].now .notyet`, chromedp.ByQuery)))
}

func undoAfterAReload(t *testing.T) {
	ctx, origin := browser(t, 1440, 1000)
	inTurn(t, ctx, chromedp.Navigate(origin+lessonPath), prompt(), identityOn(), typeCommand("x=1", "1"), typeCommand("x=2", "2"), chromedp.Click(".undo", chromedp.ByQuery), limitedTo(chromedp.WaitVisible(".redo", chromedp.ByQuery)),
		chromedp.Reload(), says(".keeping", "goes on where you left it"), prompt(), limitedTo(chromedp.Click(".redo", chromedp.ByQuery)), says(".log", "x=2"), typeCommand("echo $x", "3"), says(".block:nth-child(3) .out", "2"))
	for range 8 { // back before the identity was switched on
		inTurn(t, ctx, limitedTo(chromedp.Click(".undo", chromedp.ByQuery)))
		var off bool
		if inTurn(t, ctx, chromedp.Sleep(0), chromedp.Evaluate(`document.querySelector('[data-step="identity"].now') !== null`, &off)); off {
			return
		}
	}
	inTurn(t, ctx, limitedTo(chromedp.WaitVisible(`[data-step="identity"].now`, chromedp.ByQuery)))
}

func undoAcrossAGrant(t *testing.T) {
	ctx, origin := browser(t, 1440, 1000)
	const read = `curl -s -o /dev/null -w '%{http_code}' "https://management.azure.com$(curl -s -H Metadata:true 'http://169.254.169.254/metadata/instance/compute/resourceId?api-version=2021-02-01&format=text' | cut -d/ -f1-5)?api-version=2021-04-01" -H "Authorization: Bearer $(curl -s -H Metadata:true 'http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.azure.com/' | cut -d'"' -f4)"; echo`
	inTurn(t, ctx, chromedp.Navigate(origin+lessonPath), prompt(), identityOn(), typeCommand(read, "1"), says(".block:nth-child(1) .out", "403"), chromedp.Click(`[data-tab="Portal"]`, chromedp.ByQuery), grantReader(), done("access"),
		chromedp.Click(`[data-tab="myVM"]`, chromedp.ByQuery), prompt(), typeCommand(read, "2"), says(".block:nth-child(2) .out", "200"))
	back := limitedTo(chromedp.Click(".undo", chromedp.ByQuery))
	inTurn(t, ctx, back, eventually(`document.querySelectorAll(".block").length === 1`), back, limitedTo(chromedp.WaitVisible(`[data-step="access"].now`, chromedp.ByQuery)), typeCommand(read, "2"), says(".block:nth-child(2) .out", "403"),
		back, eventually(`document.querySelectorAll(".block").length === 1`))
}

// grantReader gives the machine the role by mouse, from the portal's first page
// on.
func grantReader() chromedp.Tasks {
	var acts chromedp.Tasks
	for _, a := range []chromedp.Action{
		chromedp.WaitVisible(target("nav.groups"), chromedp.ByQuery), chooseIn("nav.groups", "td "+target("group.myResourceGroup")), chooseIn("group.myResourceGroup", target("menu.access")), chooseIn("menu.access", target("access.add")),
		chooseIn("access.add", target("role.Reader")), chooseIn("role.Reader", "tr.selected"), chooseIn("wizard.next", target("members.kind.identity")),
		chooseIn("members.kind.identity", target("members.kind.identity")+`[aria-checked="true"]`), chooseIn("members.select", target("member.myVM")), chooseIn("member.myVM", target("member.myVM")+`[aria-pressed="true"]`),
		chromedp.Click(target("members.done"), chromedp.ByQuery), gone(target("members.done")), chooseIn("wizard.next", target("review.assign")+":not([disabled])"), chooseIn("review.assign", ".notice.done"),
	} {
		acts = append(acts, limitedTo(a))
	}
	return acts
}
