package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// BenchmarkPageAz measures commands of the Azure CLI in the tab, from the request
// to the lab to its reply, and completion. Like BenchmarkPage it runs once, prints
// what it measured and asserts nothing.
func BenchmarkPageAz(b *testing.B) {
	if b.N > 1 {
		return
	}
	t := bench(b)
	ctx, closeTab := t.open()
	defer closeTab()
	timed := strings.Replace(timeMessages, `r.op === "portal"`, `r.op === "portal" || r.op === "complete"`, 1)
	if timed == timeMessages || !t.run(ctx, addScript(timed), chromedp.Navigate(t.server+"/lessons/user-assigned-cli"), eventually(`document.querySelector("#prompt")`)) {
		return
	}
	row := func(what, aim string, act func()) {
		t.run(ctx, chromedp.Evaluate(`asked.length = 0, 1`, nil))
		for range 20 {
			act()
		}
		var ms []float64
		t.run(ctx, chromedp.Evaluate(`asked.sort((a, b) => a - b), [asked[asked.length >> 1], asked[asked.length - 1]]`, &ms))
		if len(ms) == 2 {
			fmt.Printf("%-56s %7.1f, %5.1f   %s\n", what, ms[0], ms[1], aim)
		}
	}
	fmt.Printf("\n%-56s %14s   %s\n", "The Azure CLI in Chromium", "median, most", "aim")
	for _, text := range []string{
		"true", "az group list", "az identity list -g myResourceGroup -o table", `az resource list --query "[].id" -o tsv`, "az vm list -d", "az role assignment list --all", "az ad sp list --all -o none", "az vm create --help",
	} {
		row(text, "≤ 30 ms", func() { t.command(ctx, text) })
	}
	for _, text := range []string{"az vm ", "az vm create --", "az group show -n my"} {
		row("completion of "+text, "≤ 20 ms", func() {
			t.run(ctx, chromedp.Evaluate(fmt.Sprintf(`((n) => new Promise(done => { const p = document.querySelector("#prompt"); p.value = %s; p.setSelectionRange(p.value.length, p.value.length); p.dispatchEvent(new KeyboardEvent("keydown", {key: "Tab", bubbles: true, cancelable: true}));
				const look = () => asked.length > n ? done(1) : setTimeout(look, 1); look(); }))(asked.length)`, quoteJS(text)), nil, settle))
		})
	}
}
