package e2e

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// looks are the ways in which a person may see the page.
var looks = []struct {
	name          string
	width, height int
	features      []*emulation.MediaFeature
}{
	{"light", 1440, 1000, []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "light"}}},
	{"dark", 1440, 1000, []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}},
	{"phone", 320, 640, []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "light"}, {Name: "prefers-reduced-motion", Value: "reduce"}}},
	{"contrast", 1280, 900, []*emulation.MediaFeature{{Name: "prefers-contrast", Value: "more"}, {Name: "forced-colors", Value: "active"}}},
}

// everyState judges every page and state of the page in every look, and leaves a
// picture of each.
func everyState(t *testing.T) {
	for _, look := range looks {
		t.Run(look.name, func(t *testing.T) {
			ctx, s := tab(t, look.width, look.height, site(t, "/").Handler(), "status of 404")
			phone := look.name == "phone"
			room := func(name string) chromedp.Action {
				if !phone {
					return chromedp.Tasks{}
				}
				return limitedTo(chromedp.Click(`[data-room="`+name+`"]`, chromedp.ByQuery))
			}
			open := func(path string) chromedp.Action { return chromedp.Navigate(s.URL + path) }
			press := func(text string) chromedp.Action {
				return limitedTo(chromedp.Click(`//button[text()="`+text+`"]`, chromedp.BySearch))
			}
			shows := func(selector string) chromedp.Action {
				return limitedTo(chromedp.WaitVisible(selector, chromedp.ByQuery))
			}
			inTurn(t, ctx, emulation.SetEmulatedMedia().WithFeatures(look.features))
			for _, state := range []struct {
				name string
				acts []chromedp.Action
			}{
				{"about", []chromedp.Action{open("/about"), says("main", "How it works")}},
				{"limits", []chromedp.Action{open("/limits"), says("main", "One sentence")}},
				{"privacy", []chromedp.Action{open("/privacy"), says("main", "cookies")}},
				{"not-found", []chromedp.Action{open("/lessons/none"), says("main", "There is no such page here")}},
				{"first-page", []chromedp.Action{open("/"), prompt()}},
				{"sandbox", []chromedp.Action{open("/sandbox/no-vm"), prompt(), typeCommand("echo hello; false", "1")}},
				{"lesson", []chromedp.Action{open(lessonPath), eventually(`document.querySelector(".notyet")`)}},
				{"command-refused", []chromedp.Action{room("work"), prompt(), typeCommand(imds, "1")}},
				{"exchange", []chromedp.Action{room("inspect"), shows(".detail .notes")}},
				{"token", []chromedp.Action{room("work"), typeCommand(imds+" -H Metadata:true", "2"), limitedTo(chromedp.Click(".log .chip", chromedp.ByQuery)), shows(".token")}},
				{"portal", []chromedp.Action{limitedTo(chromedp.Click(`[data-tab="Portal"]`, chromedp.ByQuery)), shows(target("nav.vms"))}},
				{"portal-panel", []chromedp.Action{limitedTo(chooseIn("nav.groups", target("group.myResourceGroup"))), limitedTo(chooseIn("group.myResourceGroup", target("menu.access"))), limitedTo(chooseIn("menu.access", target("access.add"))), limitedTo(chooseIn("access.add", target("role.Reader")))}},
				{"share", []chromedp.Action{press("Share"), shows("#lab-link")}},
				{"start-over", []chromedp.Action{limitedTo(chromedp.Click(`//*[contains(@class, "share")]//button[text()="Close"]`, chromedp.BySearch)), press("Start over"), shows(".keeping .run")}},
				{"restored", []chromedp.Action{chromedp.Reload(), says(".keeping", "goes on where you left it")}},
				{"broken-link", []chromedp.Action{chromedp.Navigate("about:blank"), open(lessonPath + "#lab=AAAA"), says(".refused", "cannot be opened")}},
			} {
				inTurn(t, ctx, state.acts...)
				axe(t, ctx, look.name+", "+state.name)
				picture(t, ctx, "state-"+state.name+"-"+look.name)
				var wide bool
				inTurn(t, ctx, chromedp.Evaluate(`document.documentElement.scrollWidth > document.documentElement.clientWidth`, &wide))
				if wide {
					t.Errorf("%s, %s: the page is wider than the screen", look.name, state.name)
				}
			}
		})
	}
}
