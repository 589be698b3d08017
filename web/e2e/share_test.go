package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// shared presses Share and reads the link.
func shared(link *string) chromedp.Action {
	return chromedp.Tasks{
		chromedp.Click(`//button[text()="Share"]`, chromedp.BySearch), limitedTo(chromedp.WaitVisible("#lab-link", chromedp.ByQuery)),
		chromedp.Value("#lab-link", link, chromedp.ByQuery),
	}
}

func shareLink(t *testing.T) {
	ctx, origin := browser(t, 1440, 1000)
	var link, commands string
	inTurn(t, ctx, chromedp.Navigate(origin+lessonPath), prompt(), identityOn(), typeCommand("x=shared; echo '<b id=bold>bold</b>'", "1"), shared(&link))
	picture(t, ctx, "share")
	axe(t, ctx, "a link that is shared")
	inTurn(t, ctx, chromedp.Click(`//*[contains(@class, "share")]//button[text()="Close"]`, chromedp.BySearch), typeCommand("x=mine", "2"))
	if !strings.HasPrefix(link, origin+lessonPath+"#lab=") {
		t.Fatalf("the link is %.200s", link)
	}
	t.Logf("the link has %d characters", len(link))
	// The copy is as the lab was, and nothing was run in it.
	inTurn(t, ctx, chromedp.Navigate(link), says(".copy", "copy of a lab that was shared"), done("identity"), prompt(), says(".log", "<b id=bold>bold</b>"), chromedp.Text(".log", &commands, chromedp.ByQuery),
		gone("#bold"), typeCommand("echo $x; x=theirs", "2"), says(".block:nth-child(2) .out", "shared"))
	if strings.Contains(commands, "mine") || strings.Count(commands, "azureuser@myVM") != 1 {
		t.Errorf("the copy shows %q", commands)
	}
	picture(t, ctx, "shared-copy")
	// It goes on after a reload, and the person's own lab is untouched.
	inTurn(t, ctx, chromedp.Reload(), says(".copy", "copy of a lab"), prompt(), says(".log", "x=theirs"),
		chromedp.Click(`//button[text()="Go to my own lab"]`, chromedp.BySearch), gone(".copy"), prompt(), says(".log", "x=mine"), typeCommand("echo $x", "3"), says(".block:nth-child(3) .out", "mine"))
}

func brokenLink(t *testing.T) {
	ctx, origin := browser(t, 1440, 1000)
	var good, bomb string
	inTurn(t, ctx, chromedp.Navigate(origin+lessonPath), prompt(), typeCommand("x=mine", "1"), shared(&good), chromedp.Evaluate(`skylabPack("0".repeat(40 * 1048576))`, &bomb, settle))
	pack := func(text string) (packed string) {
		inTurn(t, ctx, chromedp.Evaluate(`skylabPack(`+quoteJS(text)+`)`, &packed, settle))
		return packed
	}
	for name, fragment := range map[string]string{
		"cut off":       good[strings.Index(good, "#")+1 : len(good)/2],
		"not base64":    "lab=!!!",
		"not deflated":  "lab=AAAA",
		"empty":         "lab=",
		"no JSON":       "lab=" + pack("hello"),
		"no lab":        "lab=" + pack(`{"format": "else"}`),
		"a broken lab":  "lab=" + pack(`{"format": "skylab-lab", "version": 1, "scenario": "linux-vm", "machines": {"myVM": {}}}`),
		"of the future": "lab=" + pack(`{"format": "skylab-lab", "version": 99}`),
		"far too large": "lab=" + bomb,
	} {
		t.Log(name)
		inTurn(t, ctx, chromedp.Evaluate(`location.hash = `+quoteJS(fragment)+`, 1`, nil))
		if name != "empty" { // which asks for nothing
			inTurn(t, ctx, says(".refused", "cannot be opened"))
		}
		inTurn(t, ctx, prompt(), says(".log", "x=mine"))
		if name != "empty" {
			inTurn(t, ctx, limitedTo(chromedp.Click(".refused button", chromedp.ByQuery)), gone(".refused"))
		}
	}
	// As the first thing that the tab is asked for, too.
	inTurn(t, ctx, chromedp.Navigate("about:blank"), chromedp.Navigate(origin+lessonPath+"#lab=AAAA"), says(".refused", "cannot be opened"), prompt(), says(".log", "x=mine"))
	picture(t, ctx, "broken-link")
	axe(t, ctx, "a broken link")
}

func shareFile(t *testing.T) {
	ctx, origin := browser(t, 1440, 1000)
	dir := t.TempDir()
	saved := make(chan struct{}, 1)
	chromedp.ListenTarget(ctx, func(ev any) {
		if e, ok := ev.(*cdpbrowser.EventDownloadProgress); ok && e.State == cdpbrowser.DownloadProgressStateCompleted {
			saved <- struct{}{}
		}
	})
	c := chromedp.FromContext(ctx)
	allow := chromedp.ActionFunc(func(ctx context.Context) error {
		return cdpbrowser.SetDownloadBehavior(cdpbrowser.SetDownloadBehaviorBehaviorAllow).WithBrowserContextID(c.BrowserContextID).WithDownloadPath(dir).WithEventsEnabled(true).Do(cdp.WithExecutor(ctx, c.Target))
	})
	inTurn(t, ctx, allow, chromedp.Navigate(origin+lessonPath), prompt(), typeCommand(`awk 'BEGIN { srand(7); for (i = 0; i < 30000; i++) print rand() }' > numbers; x=large`, "1"),
		chromedp.Click(`//button[text()="Share"]`, chromedp.BySearch), says(".share", "too large for a link"))
	picture(t, ctx, "share-too-large")
	inTurn(t, ctx, chromedp.Click(`//button[text()="Save as a file"]`, chromedp.BySearch))
	<-saved
	file := filepath.Join(dir, "skylab-lab.json")
	if data, err := os.ReadFile(file); err != nil || !strings.Contains(string(data[:100]), "skylab-lab") {
		t.Fatalf("%.100s, %v", data, err)
	}
	inTurn(t, ctx, typeCommand("x=mine", "2"), chromedp.SetUploadFiles("#lab-file", []string{file}, chromedp.ByQuery), says(".copy", "copy of a lab"), prompt(), typeCommand("echo $x; wc -l < numbers", "2"), says(".block:nth-child(2) .out", "large\n30000"),
		chromedp.Reload(), says(".copy", "copy of a lab"), prompt(), says(".log", "30000"))
	bad := filepath.Join(dir, "bad.json")
	if err := os.WriteFile(bad, []byte("\x00\xff<script>"), 0o644); err != nil {
		t.Fatal(err)
	}
	inTurn(t, ctx, chromedp.Click(`//button[text()="Share"]`, chromedp.BySearch), chromedp.SetUploadFiles("#lab-file", []string{bad}, chromedp.ByQuery), says(".refused", "cannot be opened"), prompt(), says(".log", "x=mine"))
}
