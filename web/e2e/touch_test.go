package e2e

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// tap touches the middle of an element once it stands still, the portal waits for
// nothing, and no other element lies over it.
func tap(selector string) chromedp.Action {
	type place struct {
		X, Y float64
		Hit  bool
	}
	find := `(e => { if (!e || !e.getClientRects().length || document.querySelector("[aria-busy=true]")) return null; e.scrollIntoView({block: "center", behavior: "instant"}); const b = e.getBoundingClientRect(), x = b.x + b.width / 2, y = b.y + b.height / 2, h = document.elementFromPoint(x, y); return {X: x, Y: y, Hit: h !== null && (e.contains(h) || h.contains(e))}; })(document.querySelector(` + quoteJS(selector) + `))`
	return limitedTo(chromedp.ActionFunc(func(ctx context.Context) error {
		var before, at *place
		err := poll(ctx, func() (bool, string) {
			before, at = at, nil
			err := chromedp.Evaluate(find, &at).Do(ctx)
			return at != nil && at.Hit && before != nil && *before == *at, fmt.Sprintf("a finger does not reach %s, last at %+v (%v)", selector, at, err)
		})
		if err != nil {
			return err
		}
		if err := input.DispatchTouchEvent(input.TouchStart, []*input.TouchPoint{{X: at.X, Y: at.Y}}).Do(ctx); err != nil {
			return err
		}
		return input.DispatchTouchEvent(input.TouchEnd, []*input.TouchPoint{}).Do(ctx)
	}))
}

func lessonByTouch(t *testing.T) {
	ctx, origin := browser(t, 360, 740)
	visible := func(selector string) chromedp.Action {
		return limitedTo(chromedp.WaitVisible(selector, chromedp.ByQuery))
	}
	inTurn(t, ctx, chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch), emulation.SetTouchEmulationEnabled(true), chromedp.Navigate(origin+lessonPath), visible(".notyet"),
		tap(`[data-room="work"]`), prompt(), tap(`[data-tab="Portal"]`), tap(target("nav.vms")), tap(target("vm.myVM")), tap(target("menu.identity")), tap(target("identity.off")),
		tap(`[data-room="lesson"]`), done("identity"))
	picture(t, ctx, "touch-lesson")
	inTurn(t, ctx, tap(`[data-room="work"]`), tap(target("nav.groups")), tap(target("group.myResourceGroup")), tap(target("menu.access")), tap(target("access.add")), tap(target("role.Reader")), visible("tr.selected"),
		tap(target("wizard.next")), tap(target("members.kind.identity")), visible(target("members.kind.identity")+`[aria-checked="true"]`), tap(target("members.select")), tap(target("member.myVM")), visible(target("member.myVM")+`[aria-pressed="true"]`),
		tap(target("members.done")), limitedTo(gone(target("members.done"))), tap(target("wizard.next")), tap(target("review.assign")+":not([disabled])"), visible(".notice.done"))
	picture(t, ctx, "touch-portal")
	inTurn(t, ctx, tap(`[data-room="lesson"]`), done("access"), tap(`[data-step="connected"] .snippet .run`), visible(".block .err"), tap("#prompt"), chromedp.SendKeys("#prompt", "yes", chromedp.ByQuery), chromedp.KeyEvent(kb.Enter),
		tap(`[data-room="lesson"]`), done("connected"), tap(`[data-step="token"] .snippet .run`), says(".block:nth-child(1) .state", "ok"), tap(`[data-room="lesson"]`), done("token"),
		tap(`[data-step="call"] .snippet .run`), eventually(`[...document.querySelectorAll(".block")].some(b => b.textContent.includes("provisioningState"))`), tap(`[data-room="lesson"]`), visible(".finished"))
	picture(t, ctx, "touch-done")
}

// keys drives the page by the keyboard alone.
type keys struct {
	t   *testing.T
	ctx context.Context
}

// to presses Tab until the focus is on what a selector names.
func (k keys) to(selector string) {
	k.t.Helper()
	for range 400 {
		var there bool
		if err := chromedp.Run(k.ctx, chromedp.Evaluate(`document.activeElement.matches(`+quoteJS(selector)+`)`, &there)); err != nil {
			k.t.Fatal(err)
		}
		if there {
			return
		}
		if err := chromedp.Run(k.ctx, chromedp.KeyEvent(kb.Tab)); err != nil {
			k.t.Fatal(err)
		}
	}
	picture(k.t, k.ctx, k.t.Name()+"-stuck")
	k.t.Fatalf("Tab never reaches %s", selector)
}

// portal goes to the portal's tab, the last: Tab reaches the one that is shown.
func (k keys) portal(follows string) {
	k.t.Helper()
	k.to(`[role="tab"][aria-selected="true"]`)
	inTurn(k.t, k.ctx, chromedp.KeyEvent(kb.End), limitedTo(chromedp.WaitVisible(follows, chromedp.ByQuery)))
}

// chooseAccess makes myVM a Reader of myResourceGroup in the portal, up to the
// last button.
func (k keys) chooseAccess() {
	k.t.Helper()
	for _, step := range [][2]string{{"nav.groups", "group.myResourceGroup"}, {"group.myResourceGroup", "menu.access"}, {"menu.access", "access.add"}, {"access.add", "role.Reader"}} {
		k.press(target(step[0]), target(step[1]))
	}
	k.press(target("role.Reader"), "tr.selected")
	k.press(target("wizard.next"), target("members.kind.identity"))
	k.press(target("members.kind.identity"), target("members.kind.identity")+`[aria-checked="true"]`)
	k.press(target("members.select"), target("member.myVM"))
	k.press(target("member.myVM"), target("member.myVM")+`[aria-pressed="true"]`)
	k.press(target("wizard.next"), target("review.assign")+":not([disabled])")
}

// press goes to what a selector names, presses Enter and waits for what follows.
func (k keys) press(selector, follows string) {
	k.t.Helper()
	k.to(selector)
	inTurn(k.t, k.ctx, chromedp.KeyEvent(kb.Enter), limitedTo(chromedp.WaitVisible(follows, chromedp.ByQuery)))
}

func lessonByKeyboard(t *testing.T) {
	ctx, origin := browser(t, 1440, 1000)
	k := keys{t, ctx}
	inTurn(t, ctx, chromedp.Navigate(origin+lessonPath), limitedTo(chromedp.WaitVisible(".notyet", chromedp.ByQuery)), prompt())
	k.portal(target("nav.vms"))
	for _, step := range [][2]string{{"nav.vms", "vm.myVM"}, {"vm.myVM", "menu.identity"}, {"menu.identity", "identity.off"}} {
		k.press(target(step[0]), target(step[1]))
	}
	k.press(target("identity.off"), `[data-step="identity"].done`)
	k.chooseAccess()
	k.press(target("review.assign"), `[data-step="access"].done`)
	k.press(`[data-step="connected"] .snippet .run`, ".block .err")
	k.to("#prompt")
	inTurn(t, ctx, chromedp.KeyEvent("yes"), chromedp.KeyEvent(kb.Enter), done("connected"))
	atPrompt := eventually(`document.activeElement.id === "prompt" && document.querySelector(".line .run") !== null`) // where a command's end leads
	inTurn(t, ctx, atPrompt)
	k.press(`[data-step="token"] .snippet .run`, `[data-step="token"].done`)
	inTurn(t, ctx, atPrompt)
	k.press(`[data-step="call"] .snippet .run`, ".finished")
	// Nothing holds the focus: Tab comes around, and Shift-Tab goes back.
	k.to("#prompt")
	inTurn(t, ctx, chromedp.KeyEvent(kb.Tab, chromedp.KeyModifiers(input.ModifierShift)))
	k.to("#prompt")
}
