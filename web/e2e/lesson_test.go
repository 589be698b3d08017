package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// chooseIn clicks something of the portal and waits for what must follow.
func chooseIn(target, follows string) chromedp.Action {
	return chromedp.Tasks{
		chromedp.Click(fmt.Sprintf(`[data-target=%q]`, target), chromedp.ByQuery),
		chromedp.WaitVisible(follows, chromedp.ByQuery),
	}
}

// target is the selector of something in the portal.
func target(name string) string { return fmt.Sprintf(`[data-target=%q]`, name) }

// gone waits until nothing fits the selector: what lies over a button takes its
// clicks.
func gone(selector string) chromedp.Action {
	return chromedp.WaitNotPresent(selector, chromedp.ByQuery)
}

// done waits until a step is done.
func done(step string) chromedp.Action {
	return chromedp.WaitVisible(fmt.Sprintf(`[data-step=%q].done`, step), chromedp.ByQuery)
}

// runSnippet presses Run on the snippet of a step, when nothing runs any more.
func runSnippet(step string) chromedp.Action {
	return chromedp.Tasks{eventually(`!document.querySelector(".line button:not(.run)")`), chromedp.Click(fmt.Sprintf(`[data-step=%q] .snippet .run`, step), chromedp.ByQuery)}
}

func lessonByMouse(t *testing.T) {
	ctx, origin := browser(t, 1440, 1000)
	var notYet, finished string
	steps := []chromedp.Action{
		network.Enable(), log.Enable(), chromedp.Navigate(origin + "/lessons/linux-vm-access-arm"),
		chromedp.WaitVisible(`[data-step="identity"].now .notyet`, chromedp.ByQuery),
		chromedp.Text(`[data-step="identity"] .notyet`, &notYet, chromedp.ByQuery),
		chromedp.Click(`[data-tab="Portal"]`, chromedp.ByQuery), chromedp.WaitVisible(target("nav.vms"), chromedp.ByQuery),
		chooseIn("nav.vms", target("vm.myVM")), chooseIn("vm.myVM", target("menu.identity")), chooseIn("menu.identity", target("identity.off")), done("identity"),
		chooseIn("nav.groups", "td "+target("group.myResourceGroup")), chooseIn("group.myResourceGroup", target("menu.access")), chooseIn("menu.access", target("access.add")),
		chooseIn("access.add", target("role.Reader")), chooseIn("role.Reader", "tr.selected"), chooseIn("wizard.next", target("members.kind.identity")),
		chooseIn("members.kind.identity", target("members.kind.identity")+`[aria-checked="true"]`), chooseIn("members.select", target("member.myVM")), chooseIn("member.myVM", target("member.myVM")+`[aria-pressed="true"]`),
		chromedp.Click(target("members.done"), chromedp.ByQuery), gone(target("members.done")), chooseIn("wizard.next", target("review.assign")+":not([disabled])"),
	}
	for i, step := range steps {
		if err := chromedp.Run(ctx, limitedTo(step)); err != nil {
			picture(t, ctx, "lesson-stuck")
			t.Fatalf("act %d: %v", i, err)
		}
	}
	picture(t, ctx, "lesson-portal")
	inTurn(t, ctx, chooseIn("review.assign", ".notice.done"), done("access"),
		chromedp.WaitVisible(`[data-step="connected"].now .field.known`, chromedp.ByQuery), runSnippet("connected"), chromedp.WaitVisible(".block .err", chromedp.ByQuery),
		chromedp.SendKeys("#prompt", "yes"+kb.Enter, chromedp.ByQuery), done("connected"),
		chromedp.WaitVisible(`[data-step="token"].now`, chromedp.ByQuery), runSnippet("token"), done("token"),
		chromedp.WaitVisible(`[data-step="call"] .field.known`, chromedp.ByQuery), runSnippet("call"), done("call"),
		chromedp.WaitVisible(".finished", chromedp.ByQuery), chromedp.Text(".finished", &finished, chromedp.ByQuery))
	picture(t, ctx, "lesson-done")
	if !strings.Contains(notYet, "Nobody has looked at the identity") || !strings.Contains(finished, "You have done it all") {
		t.Errorf("%q, %q", notYet, finished)
	}
	// Undo takes the last step back, and redo does it again.
	inTurn(t, ctx, chromedp.Click(`.undo`, chromedp.ByQuery), chromedp.WaitVisible(`[data-step="call"].now`, chromedp.ByQuery),
		chromedp.Click(`.redo`, chromedp.ByQuery), done("call"))
}

func TestAMistakeIsNamed(t *testing.T) {
	ctx, origin := browser(t, 1440, 1000)
	var said string
	err := chromedp.Run(ctx, network.Enable(), log.Enable(), chromedp.Navigate(origin+"/lessons/linux-vm-access-arm"), chromedp.WaitVisible("#prompt", chromedp.ByQuery),
		chromedp.Click(`[data-tab="Portal"]`, chromedp.ByQuery), chromedp.WaitVisible(target("nav.vms"), chromedp.ByQuery),
		chooseIn("nav.vms", target("vm.myVM")), chooseIn("vm.myVM", target("menu.identity")), chooseIn("menu.identity", target("identity.off")), done("identity"),
		chromedp.Click(`[data-tab="myVM"]`, chromedp.ByQuery), chromedp.WaitVisible("#prompt", chromedp.ByQuery),
		typeCommand(`t=$(`+imds+` -H Metadata:true | cut -d'"' -f4); curl -s "https://management.azure.com/subscriptions/$(curl -s -H Metadata:true 'http://169.254.169.254/metadata/instance/compute/subscriptionId?api-version=2021-02-01&format=text')/resourceGroups/myResourceGroup?api-version=2016-09-01" -H "Authorization: Bearer $t"`, "1"),
		chromedp.WaitVisible(`[data-mistake="no-role"]`, chromedp.ByQuery), chromedp.Text(`[data-mistake="no-role"]`, &said, chromedp.ByQuery))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(said, "Give it Reader first") {
		t.Errorf("%q", said)
	}
	picture(t, ctx, "lesson-mistake")
}

func TestFromTheFirstPageToALessonAndBack(t *testing.T) {
	ctx, origin := browser(t, 1280, 900)
	err := chromedp.Run(ctx, network.Enable(), log.Enable(), chromedp.Navigate(origin), chromedp.WaitVisible("#prompt", chromedp.ByQuery),
		chromedp.Click(`.lessons a`, chromedp.ByQuery), limitedTo(chromedp.WaitVisible(`[data-step="identity"].now .notyet`, chromedp.ByQuery)), limitedTo(chromedp.WaitVisible("#prompt", chromedp.ByQuery)),
		chromedp.NavigateBack(), limitedTo(chromedp.WaitVisible(`.lessons a`, chromedp.ByQuery)), limitedTo(chromedp.WaitVisible("#prompt", chromedp.ByQuery)))
	if err != nil {
		picture(t, ctx, "navigation-stuck")
		t.Fatal(err)
	}
}
