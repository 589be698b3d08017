package e2e

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// inTurn does acts one by one and says at which the test was stuck.
func inTurn(t *testing.T, ctx context.Context, acts ...chromedp.Action) {
	t.Helper()
	for i, a := range acts {
		if err := chromedp.Run(ctx, limitedTo(a)); err != nil {
			picture(t, ctx, t.Name()+"-stuck")
			t.Fatalf("act %d: %v", i, err)
		}
	}
}

func TestAPhoneGoesFromRoomToRoom(t *testing.T) {
	ctx, origin := browser(t, 320, 640)
	room := func(name, shows string) chromedp.Action {
		return chromedp.Tasks{chromedp.Click(`[data-room="`+name+`"]`, chromedp.ByQuery), chromedp.WaitVisible(shows, chromedp.ByQuery)}
	}
	var wide bool
	const tooWide = `document.documentElement.scrollWidth > document.documentElement.clientWidth`
	inTurn(t, ctx, network.Enable(), log.Enable(), chromedp.EmulateViewport(320, 640), chromedp.Navigate(origin+lessonPath), chromedp.WaitVisible(".notyet", chromedp.ByQuery))
	for _, r := range [][2]string{{"work", "#prompt"}, {"inspect", ".exchanges h2"}, {"lesson", ".lesson .title"}} {
		inTurn(t, ctx, room(r[0], r[1]), chromedp.Evaluate(tooWide, &wide))
		if wide {
			t.Errorf("the room %s is wider than the screen", r[0])
		}
		axe(t, ctx, "phone, "+r[0])
		picture(t, ctx, "phone-"+r[0])
	}
	inTurn(t, ctx, room("work", "#prompt"), typeCommand(imds+" -H Metadata:true", "1"), room("inspect", ".detail .notes"))
	picture(t, ctx, "phone-exchange")
}

func TestATokenOpens(t *testing.T) {
	ctx, origin := browser(t, 1440, 1000)
	var says string
	inTurn(t, ctx, visit(origin), typeCommand(imds+" -H Metadata:true", "1"), chromedp.WaitVisible(".chip", chromedp.ByQuery), chromedp.Click(".chip", chromedp.ByQuery),
		chromedp.WaitVisible(".token", chromedp.ByQuery), chromedp.Text(".token", &says, chromedp.ByQuery))
	for _, part := range []string{"Resource Manager would accept this token until", `"alg": "RS256"`, `"aud": "https://management.azure.com/"`, "worth nothing outside"} {
		if !strings.Contains(says, part) {
			t.Errorf("an open token does not say %q: %s", part, says)
		}
	}
	axe(t, ctx, "an open token")
	picture(t, ctx, "token")
}

// TestShowMe follows what it points at, through the first step.
func TestShowMe(t *testing.T) {
	ctx, origin := browser(t, 1440, 1000)
	show := chromedp.Click(".showme", chromedp.ByQuery)
	inTurn(t, ctx, visit(origin))
	for _, points := range []string{"nav.vms", "vm.myVM"} {
		at := target(points) + ".pointed"
		inTurn(t, ctx, show, chromedp.WaitVisible(at, chromedp.ByQuery))
		picture(t, ctx, "show-me")
		inTurn(t, ctx, chromedp.Click(at, chromedp.ByQuery), gone(at))
	}
	// The machine has a menu for access, too, but it is the group's that is meant.
	inTurn(t, ctx, done("identity"), show, chromedp.WaitVisible(target("group.myResourceGroup")+".pointed, "+target("nav.groups")+".pointed", chromedp.ByQuery))
}

func TestThePromptRemembers(t *testing.T) {
	ctx, origin := browser(t, 1280, 900)
	value := func(want string) chromedp.Action {
		return eventually(`document.querySelector("#prompt").value === ` + quoteJS(want))
	}
	key := func(k string, ctrl bool) chromedp.Action {
		if ctrl {
			return chromedp.KeyEvent(k, chromedp.KeyModifiers(2))
		}
		return chromedp.KeyEvent(k)
	}
	inTurn(t, ctx, visit(origin), typeCommand("echo one", "1"), value(""), typeCommand("seq 1 200", "2"), typeCommand("echo two", "3"),
		key(kb.ArrowUp, false), value("echo two"), key(kb.ArrowUp, false), value("seq 1 200"), key(kb.ArrowDown, false), value("echo two"),
		chromedp.SetValue("#prompt", "one", chromedp.ByQuery), key("r", true), limitedTo(chromedp.WaitVisible("#menu", chromedp.ByQuery)), key(kb.Enter, false), value("echo one"),
		chromedp.SetValue("#prompt", "who", chromedp.ByQuery), chromedp.SendKeys("#prompt", "a"+kb.Tab, chromedp.ByQuery), value("whoami "), eventually(`document.activeElement.id === "prompt"`),
		// A long output shows its beginning and its end, and the rest when asked.
		chromedp.Click(".fold", chromedp.ByQuery), eventually(`document.querySelectorAll(".block")[1].textContent.includes("\n100\n")`))
}
