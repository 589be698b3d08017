package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
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

func TestAReloadLosesNothing(t *testing.T) {
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

func TestTheSameLessonInTwoTabs(t *testing.T) {
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

func TestAKeptLabThatCannotBeRead(t *testing.T) {
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
