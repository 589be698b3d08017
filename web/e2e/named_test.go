package e2e

import "testing"

// TestPage is what the page promises, each promise a result with its name.
func TestPage(t *testing.T) {
	for _, c := range []struct {
		name string
		test func(*testing.T)
	}{
		{"lesson by mouse", lessonByMouse},
		{"lesson by keyboard only", lessonByKeyboard},
		{"lesson on a phone by touch", lessonByTouch},
		{"offline with the server stopped", offline},
		{"what the wider lab does, first thing and offline", widerLab},
		{"a lab of Windows begins with the wider module", windowsLab},
		{"the wider lab cannot be loaded, or is given up", noWiderLab},
		{"reload in the middle", reloadInTheMiddle},
		{"undo steps after a reload", undoAfterAReload},
		{"tab killed while a command runs", tabKilled},
		{"undo and redo across a grant", undoAcrossAGrant},
		{"endless loop stopped with Ctrl-C, its variables kept", endlessLoop},
		{"tight loop stopped by the button within a second", tightLoop},
		{"worker ended by the browser", workerEnded},
		{"second tab", secondTab},
		{"full storage", fullStorage},
		{"broken saved state", brokenState},
		{"old snapshot", oldSnapshot},
		{"start over everything", startOverEverything},
		{"new build while open", newBuild},
		{"page and lab of different builds", mixedBuilds},
		{"share link", shareLink},
		{"broken share link", brokenLink},
		{"lab too large for a link, as a file", shareFile},
		{"static export under a sub-path", staticExport},
		{"plain http on another host", plainHTTP},
		{"lesson that does not exist", unknownLesson},
		{"wasm that does not load", wasmDoesNotLoad},
		{"browser without wasm or workers", withoutWasm},
		{"anything pasted is text", pasted},
		{"pages readable without wasm", readable},
		{"first steps in Firefox, offline", inFirefox},
		{"no violation of axe on every page, state and theme", everyState},
		{"no request leaves the origin", noRequestLeaves},
		{"no violation of the content security policy", noViolation},
	} {
		t.Run(c.name, c.test)
	}
}
