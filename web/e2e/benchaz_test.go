package e2e

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// BenchmarkPageAz measures commands of the Azure CLI in the tab, from the request
// to the lab to its reply, beside a command that does nothing in the same lab;
// and completion. Like BenchmarkPage it runs once, prints what it measured and
// asserts nothing.
func BenchmarkPageAz(b *testing.B) {
	if b.N > 1 {
		return
	}
	t := bench(b)
	timed := strings.Replace(timeMessages, `r.op === "portal"`, `r.op === "portal" || r.op === "complete"`, 1)
	// in does acts in a tab of their own and returns the median time of each.
	in := func(acts ...func(ctx context.Context)) []float64 {
		ctx, closeTab := t.open()
		defer closeTab()
		if timed == timeMessages || !t.run(ctx, addScript(timed), chromedp.Navigate(t.server+"/lessons/user-assigned-cli"), eventually(`document.querySelector("#prompt")`)) {
			return make([]float64, len(acts))
		}
		for _, act := range acts { // what is made at first use
			act(ctx)
		}
		t.run(ctx, chromedp.Evaluate(`asked.length = 0, 1`, nil))
		for range 11 {
			for _, act := range acts {
				act(ctx)
			}
		}
		var all []float64
		t.run(ctx, chromedp.Evaluate(`asked`, &all))
		out := make([]float64, len(acts))
		for i := range acts {
			var own []float64
			for at := i; at < len(all); at += len(acts) {
				own = append(own, all[at])
			}
			if slices.Sort(own); len(own) > 0 {
				out[i] = own[len(own)/2]
			}
		}
		return out
	}
	fmt.Printf("\n%-56s %14s   %s\n", "The Azure CLI in Chromium", "beside \"true\"", "aim")
	run := func(text string) func(context.Context) {
		return func(ctx context.Context) { t.command(ctx, text) }
	}
	for _, text := range []string{
		"az group list", "az identity list -g myResourceGroup -o table", `az resource list --query "[].id" -o tsv`, "az role assignment list --all -o table", "az ad sp list --all -o none", "az vm create --help",
	} {
		ms := in(run(text), run("true"))
		fmt.Printf("%-56s %5.1f + %4.1f ms   %s\n", text, max(0, ms[0]-ms[1]), ms[1], "≤ 30 ms")
	}
	for _, text := range []string{"az vm ", "az vm create --", "az group show -n my"} {
		ms := in(func(ctx context.Context) {
			t.run(ctx, chromedp.Evaluate(fmt.Sprintf(`((n) => new Promise(done => { const p = document.querySelector("#prompt"), key = (k) => p.dispatchEvent(new KeyboardEvent("keydown", {key: k, bubbles: true, cancelable: true})); key("Escape"); p.value = %s; p.dispatchEvent(new Event("input", {bubbles: true})); p.setSelectionRange(p.value.length, p.value.length); setTimeout(() => key("Tab"), 20);
				const end = Date.now() + 2000, look = () => asked.length > n || Date.now() > end ? done(1) : setTimeout(look, 1); look(); }))(asked.length)`, quoteJS(text)), nil, settle))
		})
		fmt.Printf("%-56s %11.1f ms   %s\n", "completion of "+text, ms[0], "≤ 20 ms")
	}
}
