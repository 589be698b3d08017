package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// openLesson opens a lesson and waits until its first step can be done.
func openLesson(origin, id, first string) chromedp.Action {
	return chromedp.Tasks{network.Enable(), log.Enable(), chromedp.Navigate(origin + "/lessons/" + id), limitedTo(chromedp.WaitVisible(`[data-step="`+first+`"].now .notyet`, chromedp.ByQuery)), prompt()}
}

// finished waits for the end of a lesson.
func finished() chromedp.Action {
	return limitedTo(chromedp.WaitVisible(".finished", chromedp.ByQuery))
}

// filledIn types into a field of the portal.
func filledIn(name, text string) chromedp.Action {
	field := target(name)
	return chromedp.Tasks{
		limitedTo(chromedp.WaitVisible(field, chromedp.ByQuery)),
		chromedp.Evaluate(`{ const f = document.querySelector(`+quoteJS(field)+`); const i = f.matches("input, textarea") ? f : f.querySelector("input, textarea"); i.value = `+quoteJS(text)+`; i.dispatchEvent(new Event("input", {bubbles: true})); i.dispatchEvent(new Event("change", {bubbles: true})) }`, nil),
	}
}

// TestALessonOfTheCLI does a lesson of the Azure CLI with the snippets' buttons.
func TestALessonOfTheCLI(t *testing.T) {
	ctx, origin := browser(t, 1440, 1000)
	inTurn(t, ctx, openLesson(origin, "vm-identity-cli", "system-on"))
	for _, step := range []string{"system-on", "create", "user-add", "user-remove", "system-off"} {
		inTurn(t, ctx, limitedTo(chromedp.WaitVisible(`[data-step="`+step+`"].now`, chromedp.ByQuery)), runSnippet(step), done(step))
	}
	inTurn(t, ctx, finished())
	axe(t, ctx, "a lesson of the Azure CLI, done")
	picture(t, ctx, "lesson-cli")
}

// TestALessonOfTemplates deploys a template with the portal's form, writes another
// one in the editor and deploys it with the Azure CLI, and deletes what they made.
func TestALessonOfTemplates(t *testing.T) {
	ctx, origin := browser(t, 1440, 1000)
	var first, second string
	inTurn(t, ctx, openLesson(origin, "user-assigned-template", "create"),
		chromedp.Evaluate(`document.querySelector('[data-step="create"] .snippet pre').textContent`, &first), chromedp.Evaluate(`document.querySelector('[data-step="role"] .snippet pre').textContent`, &second))
	if !strings.Contains(first, `"outputs"`) || !strings.Contains(second, `"dependsOn"`) {
		t.Fatalf("the lesson's templates: %s\n%s", first, second)
	}
	inTurn(t, ctx,
		chromedp.Click(`[data-tab="Portal"]`, chromedp.ByQuery), limitedTo(chromedp.WaitVisible(target("nav.deploy"), chromedp.ByQuery)), chooseIn("nav.deploy", target("create.template")),
		filledIn("create.template", first), chooseIn("create.next", target("create.group.myResourceGroup")))
	picture(t, ctx, "template-form")
	axe(t, ctx, "the form of a template")
	inTurn(t, ctx,
		chooseIn("create.group.myResourceGroup", target("create.group.myResourceGroup")+`[aria-checked="true"]`), filledIn("create.parameter:resourceName", "ID1"),
		chooseIn("create.next", target("create.submit")+":not([disabled])"), chooseIn("create.submit", ".notice.done"), done("create"),
		// The second template is a file, which the Azure CLI deploys.
		chromedp.Click(`[data-tab="cloudshell"]`, chromedp.ByQuery), prompt(), typed("nano both.json"+kb.Enter), limitedTo(chromedp.WaitVisible("#editor[open]", chromedp.ByQuery)),
		chromedp.SetValue("#editor-text", second, chromedp.ByQuery), chromedp.Click("#editor .run", chromedp.ByQuery), gone("#editor[open]"), ended("1"),
		typeCommand("az deployment group create -g myResourceGroup --template-file both.json --parameters resourceName=ID1", "2"), done("role"),
		limitedTo(chromedp.WaitVisible(`[data-step="delete"].now`, chromedp.ByQuery)), runSnippet("delete"), done("delete"), finished())
	picture(t, ctx, "lesson-template")
}

// TestALessonOfREST does a lesson with curl: the token of one snippet's answer
// fills the others.
func TestALessonOfREST(t *testing.T) {
	ctx, origin := browser(t, 1440, 1000)
	inTurn(t, ctx, openLesson(origin, "user-assigned-rest", "create"), limitedTo(chromedp.WaitVisible(`[data-step="create"] .field:not(.known)`, chromedp.ByQuery)),
		runSnippet("create"), ended("1"), gone(`[data-step="create"] .field:not(.known)`),
		chromedp.Click(`[data-step="create"] .snippet:has(.field) .run`, chromedp.ByQuery), done("create"))
	for _, step := range []string{"list", "delete"} {
		inTurn(t, ctx, limitedTo(chromedp.WaitVisible(`[data-step="`+step+`"].now`, chromedp.ByQuery)), runSnippet(step), done(step))
	}
	inTurn(t, ctx, finished())
	picture(t, ctx, "lesson-rest")
}
