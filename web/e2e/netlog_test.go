package e2e

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// loggedBrowser is a browser of its own that logs its network to a file, which
// is whole when it has ended.
func loggedBrowser(t *testing.T) (file string, ctx context.Context, end func()) {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("Chromium is not on this machine; make test installs it")
	}
	file = filepath.Join(t.TempDir(), "net.json")
	limited, cancel := context.WithTimeout(context.Background(), limit)
	t.Cleanup(cancel)
	alloc, cancelAlloc := chromedp.NewExecAllocator(limited, append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1440, 1000), chromedp.Flag("log-net-log", file))...)
	t.Cleanup(cancelAlloc)
	ctx, _ = chromedp.NewContext(alloc)
	return file, ctx, func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Error(err)
		}
	}
}

// request is a request that a browser made, and the origin that made it do so.
type request struct{ url, initiator string }

// requests reads a browser's log of its network.
func requests(t *testing.T, file string) []request {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var log struct {
		Constants struct {
			LogEventTypes map[string]int
		}
		Events []struct {
			Type   int
			Params struct{ URL, Initiator string }
		}
	}
	if err := json.Unmarshal(data, &log); err != nil {
		t.Fatal(err)
	}
	var all []request
	for _, e := range log.Events {
		if e.Type == log.Constants.LogEventTypes["URL_REQUEST_START_JOB"] && e.Params.URL != "" {
			all = append(all, request{e.Params.URL, e.Params.Initiator})
		}
	}
	return all
}
