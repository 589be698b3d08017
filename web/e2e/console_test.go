package e2e

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// typed presses keys at the prompt.
func typed(text string) chromedp.Action { return chromedp.SendKeys("#prompt", text, chromedp.ByQuery) }

// ended waits until the nth command has ended.
func ended(nth string) chromedp.Action {
	return eventually(`document.querySelectorAll(".block .state")[` + nth + `-1]?.textContent`)
}

func TestACommandAsksInItsBlock(t *testing.T) {
	ctx, origin := browser(t, 1280, 900)
	inTurn(t, ctx, visit(origin),
		typed(`read -p "Name? " n; echo "hello $n"`+kb.Enter), eventually(`document.querySelector(".line.reads .prompt")?.textContent === "Name? "`))
	axe(t, ctx, "a command that asks")
	picture(t, ctx, "asks")
	inTurn(t, ctx, typed("Ada"+kb.Enter), ended("1"), says(".block", "hello Ada"),
		typed(`read -s p; echo "$p" | wc -c`+kb.Enter), eventually(`document.querySelector("input#prompt[type=password]")`), typed("secret"+kb.Enter), ended("2"), says(".block:nth-child(2)", "7"),
		eventually(`!document.querySelector(".log").textContent.includes("secret")`))
}

func TestSeveralConsolesByKeyboard(t *testing.T) {
	ctx, origin := browser(t, 1280, 900)
	inTurn(t, ctx, visit(origin), typed("x=first"+kb.Enter), ended("1"),
		chromedp.Click(".plus summary", chromedp.ByQuery), limitedTo(chromedp.WaitVisible(`[data-new="myVM/bash"]`, chromedp.ByQuery)))
	axe(t, ctx, "the list of consoles")
	inTurn(t, ctx, chromedp.Click(`[data-new="myVM/bash"]`, chromedp.ByQuery), limitedTo(chromedp.WaitVisible(`[data-tab="myVM-2"][aria-selected="true"]`, chromedp.ByQuery)), gone(".block"),
		typed("echo other-$x"+kb.Enter), ended("1"), says(".block", "other-"),
		// By keyboard: a new name, the tab beside it, and the end of it.
		chromedp.Focus(`[data-tab="myVM-2"]`, chromedp.ByQuery), chromedp.KeyEvent(kb.F2), limitedTo(chromedp.WaitVisible("#rename", chromedp.ByQuery)), chromedp.KeyEvent("build"+kb.Enter),
		eventually(`document.querySelector('[data-tab="myVM-2"]')?.textContent === "build"`), chromedp.Focus(`[data-tab="myVM-2"]`, chromedp.ByQuery),
		chromedp.KeyEvent(kb.Delete), eventually(`!document.querySelector('[data-tab="myVM-2"]')`),
		chromedp.Click(`[data-tab="myVM"]`, chromedp.ByQuery), limitedTo(chromedp.WaitVisible(`[data-tab="myVM"][aria-selected="true"]`, chromedp.ByQuery)),
		typed("echo still-$x"+kb.Enter), ended("2"), says(".block:nth-child(2)", "still-first"))
}

func TestALongOutputIsFoundAndDoesNotSlowThePrompt(t *testing.T) {
	ctx, origin := browser(t, 1280, 900)
	inTurn(t, ctx, visit(origin), typed("seq 1 100000"+kb.Enter), ended("1"),
		eventually(`document.querySelectorAll(".log pre").length < 10 && document.querySelector(".fold").textContent.includes("99960")`),
		chromedp.KeyEvent("f", chromedp.KeyModifiers(2|8)), limitedTo(chromedp.WaitVisible("#find", chromedp.ByQuery)), chromedp.SendKeys("#find", "77777", chromedp.ByQuery),
		eventually(`document.querySelector("mark.now")?.textContent === "77777"`), says(".finder", "1 of 1"))
	axe(t, ctx, "find")
	picture(t, ctx, "find")
	// All of it at once; what is typed then changes nothing but the prompt.
	inTurn(t, ctx, chromedp.KeyEvent(kb.Escape), gone("#find"), chromedp.Click(".fold", chromedp.ByQuery), eventually(`document.querySelectorAll(".chunk").length === 200`),
		chromedp.Evaluate(`window.changes = 0; new MutationObserver(() => window.changes++).observe(document.querySelector(".log"), {childList: true, subtree: true, attributes: true, characterData: true}); 0`, nil),
		typed("abc"), eventually(`document.querySelector("#prompt").value === "abc"`), eventually(`window.changes === 0`))
}

func TestSeveralPastedLinesRunInTurn(t *testing.T) {
	ctx, origin := browser(t, 1280, 900)
	const paste = `const d = new DataTransfer(); d.setData("text", "echo one\r\ncat <<E\ntwo\nE\necho th"); document.querySelector("#prompt").dispatchEvent(new ClipboardEvent("paste", {clipboardData: d, bubbles: true, cancelable: true})); 0`
	inTurn(t, ctx, visit(origin), chromedp.Focus("#prompt", chromedp.ByQuery), chromedp.Evaluate(paste, nil), ended("2"),
		says(".log", "two"), eventually(`document.querySelectorAll(".block").length === 2 && document.querySelector("#prompt").value === "echo th"`))
}

func TestNanoAndFiles(t *testing.T) {
	ctx, origin := browser(t, 1280, 900)
	inTurn(t, ctx, visit(origin), typed("nano f.txt; cat f.txt"+kb.Enter), limitedTo(chromedp.WaitVisible("#editor[open]", chromedp.ByQuery)), chromedp.SendKeys("#editor-text", "from nano", chromedp.ByQuery))
	axe(t, ctx, "the editor")
	inTurn(t, ctx, chromedp.Click("#editor .run", chromedp.ByQuery), gone("#editor[open]"), ended("1"), says(".block", "from nano"),
		chromedp.Click(`//button[contains(., "Files")]`, chromedp.BySearch), says(".files", "f.txt"))
	axe(t, ctx, "files")
	picture(t, ctx, "files")
	// What is undone is gone from the list, too.
	inTurn(t, ctx, chromedp.Click(".undo", chromedp.ByQuery), eventually(`document.querySelector(".files") && !document.querySelector(".files").textContent.includes("f.txt")`))
}

func TestCompletionsAndHistoryAreLists(t *testing.T) {
	ctx, origin := browser(t, 1280, 900)
	inTurn(t, ctx, visit(origin), typed("echo one"+kb.Enter), ended("1"), typed("echo two"+kb.Enter), ended("2"),
		typed("ls /etc/h"+kb.Tab), eventually(`document.querySelector("#menu") || document.querySelector("#prompt").value.length > 9`),
		chromedp.KeyEvent(kb.Escape), gone("#menu"), chromedp.Evaluate(`document.querySelector("#prompt").value = ""`, nil),
		typed("ech"), chromedp.KeyEvent("r", chromedp.KeyModifiers(2)), limitedTo(chromedp.WaitVisible("#menu", chromedp.ByQuery)))
	axe(t, ctx, "the list of earlier commands")
	inTurn(t, ctx, chromedp.KeyEvent(kb.ArrowDown), eventually(`document.querySelector('#menu [aria-selected="true"]').textContent === "echo one"`), chromedp.KeyEvent(kb.Enter),
		eventually(`document.querySelector("#prompt").value === "echo one"`))
}

func TestFieldsFillAndCompareInTheDark(t *testing.T) {
	ctx, origin := browser(t, 1440, 1000)
	inTurn(t, ctx, emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}), visit(origin),
		typed(imds+kb.Enter), ended("1"), says(".why", "400"), typed(imds+" -H Metadata:true"+kb.Enter), ended("2"),
		chromedp.Click(`[data-step="call"] summary`, chromedp.ByQuery), eventually(`document.querySelector('[data-step="call"] [data-field="SUBSCRIPTION-ID"]')?.value.length === 36`),
		chromedp.Evaluate(`const f = document.querySelector('[data-field="RESOURCE-GROUP"]'); f.value = "mine"; f.dispatchEvent(new Event("change")); 0`, nil),
		eventually(`[...document.querySelectorAll('[data-field="RESOURCE-GROUP"]')].every(f => f.value === "mine")`), limitedTo(chromedp.WaitVisible(".field.own", chromedp.ByQuery)))
	axe(t, ctx, "fields, dark")
	inTurn(t, ctx, chromedp.Click(".field.own button", chromedp.ByQuery), gone(".field.own"),
		chromedp.Click(".why button", chromedp.ByQuery), says(".detail", "400"), chromedp.Click(".compare", chromedp.ByQuery), chromedp.Click(".exchange:nth-child(2) button", chromedp.ByQuery), says(".diff", "+ Metadata: true"))
	axe(t, ctx, "compare, dark")
	picture(t, ctx, "compare")
}
