package e2e

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// axeFile is where npm puts axe.
const axeFile = "../../assets/node_modules/axe-core/axe.min.js"

// axe fails the test for each violation on the page as it stands.
func axe(t *testing.T, ctx context.Context, where string) {
	t.Helper()
	source, err := os.ReadFile(axeFile)
	if err != nil {
		t.Skip("axe is not installed; make test installs it")
	}
	var out string
	err = chromedp.Run(ctx, chromedp.Evaluate(string(source)+";0", nil),
		// What is still fading in has no colours of its own yet.
		chromedp.Evaluate(`Promise.allSettled(document.getAnimations().filter(a => isFinite(a.effect.getComputedTiming().endTime)).map(a => a.finished)).then(() => axe.run()).then(r => JSON.stringify(r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.map(n => n.html.slice(0, 200) + " " + n.failureSummary)}))))`, &out,
			func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	if err != nil {
		t.Fatal(err)
	}
	var violations []struct {
		ID, Help string
		Nodes    []string
	}
	if err := json.Unmarshal([]byte(out), &violations); err != nil {
		t.Fatal(err)
	}
	for _, v := range violations {
		t.Errorf("%s: %s (%s): %s", where, v.Help, v.ID, strings.Join(v.Nodes[:min(2, len(v.Nodes))], "\n   "))
	}
}

func TestAxe(t *testing.T) {
	for _, theme := range []string{"light", "dark"} {
		// In a browser of its own: a portal that was kept would begin elsewhere.
		t.Run(theme, func(t *testing.T) {
			ctx, origin := browser(t, 1440, 1000)
			err := chromedp.Run(ctx, network.Enable(), log.Enable(), emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}),
				chromedp.Navigate(origin+"/lessons/linux-vm-access-arm"), chromedp.WaitVisible(`.notyet`, chromedp.ByQuery), chromedp.WaitVisible("#prompt", chromedp.ByQuery),
				typeCommand(imds, "1"))
			if err != nil {
				t.Fatal(err)
			}
			axe(t, ctx, "lesson and console")
			picture(t, ctx, "lesson-"+theme)
			for i, act := range []chromedp.Action{chromedp.Click(`[data-tab="Portal"]`, chromedp.ByQuery), chromedp.WaitVisible(target("nav.groups"), chromedp.ByQuery),
				chooseIn("nav.groups", target("group.myResourceGroup")), chooseIn("group.myResourceGroup", target("menu.access")), chooseIn("menu.access", target("access.add")), chooseIn("access.add", target("role.Reader"))} {
				if err := chromedp.Run(ctx, limitedTo(act)); err != nil {
					picture(t, ctx, "axe-stuck")
					t.Fatalf("act %d: %v", i, err)
				}
			}
			axe(t, ctx, "portal")
			picture(t, ctx, "portal-"+theme)
		})
	}
}

func TestAxeOnTheFirstPage(t *testing.T) {
	ctx, origin := browser(t, 320, 700)
	if err := chromedp.Run(ctx, chromedp.EmulateViewport(320, 700), chromedp.Navigate(origin), chromedp.WaitVisible("#prompt", chromedp.ByQuery)); err != nil {
		t.Fatal(err)
	}
	axe(t, ctx, "first page")
}

// TestByKeyboard gives the role with Tab and Enter alone.
func TestByKeyboard(t *testing.T) {
	ctx, origin := browser(t, 1440, 1000)
	if err := chromedp.Run(ctx, chromedp.Navigate(origin+"/lessons/linux-vm-access-arm"), chromedp.WaitVisible("#prompt", chromedp.ByQuery)); err != nil {
		t.Fatal(err)
	}
	k := keys{t, ctx}
	k.portal(target("nav.groups"))
	k.chooseAccess()
	k.press(target("review.assign"), ".notice.done")
}

func quoteJS(s string) string {
	b, _ := json.Marshal(s) // a string always marshals
	return string(b)
}
