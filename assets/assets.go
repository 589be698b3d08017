// Package assets holds the page's style sheet and the two scripts that start
// its wasm modules.
package assets

import "embed"

// FS has the files that stand in the site beside what is compiled.
//
//go:embed boot.js worker.js style.css
var FS embed.FS
